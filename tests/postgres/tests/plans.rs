//! Every statement finds its rows by an index, at a size at which reading a table would hurt.
//!
//! `POSTGRES_PLAN_ROWS=1000000` says how many rows each table has; 20,000 unless it is set. The
//! planner's settings are the server's defaults; plans are read as the server would make them for
//! these parameters, and for parameters that it does not know yet.

use std::fmt::Write;

use correspond::adapter::postgres::PostgresStore;
use correspond_postgres_tests::{connect, with_store};
use tokio_postgres::Client;

fn rows() -> u32 {
    std::env::var("POSTGRES_PLAN_ROWS").map_or(20_000, |rows| rows.parse().expect("a number"))
}

/// Fills each table; most rows are one tenant's, and keys are as common as keys are: most of them
/// rare, a few on every tenth row.
fn fill(rows: u32) -> String {
    let id = |salt: &str| format!("md5('{salt}' || n)::uuid");
    let tenant = "md5((case when n % 10 = 0 then n % 1000 else 0 end)::text)::uuid";
    let common =
        |salt: &str| format!("md5('{salt}' || case when n % 10 = 0 then n % 7 else n end)::uuid");
    let columns = [
        (
            "mail (tenant, id, created, conversation, keys)",
            format!("{tenant}, {}, n, {}, ''", id("m"), id("m")),
        ),
        (
            "mail_key (tenant, kind, hash, created, id)",
            format!(
                "{tenant}, case when n % 10 = 0 then 0 else 1 + n % 6 end, {}, n, {}",
                common("k"),
                id("m")
            ),
        ),
        (
            "record (tenant, kind, id, version, modified, active, unique_keys, lookup_keys, body)",
            format!(
                "{tenant}, 100 + n % 3, {}, {}, n, true, '', '', '{{\"name\":\"somebody\"}}'",
                id("r"),
                id("v")
            ),
        ),
        (
            "unique_key (tenant, space, hash, kind, id)",
            format!("{tenant}, 1 + n % 5, {}, 100 + n % 3, {}", id("u"), id("r")),
        ),
        (
            "lookup_key (tenant, sort, hash, modified, id, kind)",
            format!("{tenant}, 1 + n % 3, {}, n, {}, 100 + n % 3", common("l"), id("r")),
        ),
        (
            "send_claim (tenant, message, journey, tile, recipient, claimant, at, state)",
            format!(
                "{tenant}, md5('s' || n % 50)::uuid, md5('j')::uuid, md5('t')::uuid, \
             decode(md5('c' || n), 'hex'), {}, n, case when n % 100 = 0 then 0 else 1 end",
                id("b")
            ),
        ),
        (
            "registration (space, name, tenant, until)",
            format!("1, n || '.example', {tenant}, null"),
        ),
        ("number_sequence (tenant, sort, id, next)", format!("{tenant}, 2, {}, n", id("q"))),
    ];
    let mut sql = String::new();
    for (table, values) in columns {
        write!(sql, "insert into @{table} select {values} from generate_series(1, {rows}) as n;")
            .unwrap();
    }
    sql
}

/// A value of this type; of an array, so many.
fn value(kind: &str, length: usize) -> String {
    let element = |kind: &str, n: usize| match kind {
        "uuid" => format!("{:032x}", n * 7_919),
        "bytea" => format!("\\\\x{n:08x}"),
        "boolean" => "t".into(),
        "text" => format!("{n}.example"),
        // Small, as kinds and states are.
        _ => (n % 3).to_string(),
    };
    match kind.strip_suffix("[]") {
        Some(kind) => {
            let elements: Vec<_> =
                (0..length).map(|n| format!("\"{}\"", element(kind, n))).collect();
            format!("'{{{}}}'", elements.join(","))
        }
        None => format!("'{}'", element(kind, 1).replace("\\\\", "\\")),
    }
}

async fn plan(client: &Client, name: &str, types: &[String], length: usize) -> String {
    let values: Vec<_> = types.iter().map(|kind| value(kind, length)).collect();
    let sql = format!("explain execute {name} ({})", values.join(", "));
    let rows = client.query(sql.as_str(), &[]).await.unwrap();
    rows.iter().map(|row| row.get::<_, String>(0) + "\n").collect()
}

/// The plans in which a table is read, over all statements, kinds of plan and lengths of lists.
async fn scans(client: &Client, store: &PostgresStore) -> String {
    let (mut bad, mut read) = (String::new(), 0);
    client.batch_execute("deallocate all").await.unwrap();
    // Tables of a row or two are read as they are; `truncate` reads nothing.
    let small = [".property", ".migration", "truncate"];
    let statements = store.statements();
    for (name, sql) in statements.filter(|(_, sql)| !small.iter().any(|s| sql.contains(s))) {
        client.batch_execute(&format!("prepare {name} as {sql}")).await.unwrap();
        let types = "select parameter_types::text[] from pg_prepared_statements where name = $1";
        let types: Vec<String> = client.query_one(types, &[&name]).await.unwrap().get(0);
        for mode in ["force_custom_plan", "force_generic_plan"] {
            client.batch_execute(&format!("set plan_cache_mode = {mode}")).await.unwrap();
            for length in [1, 16, 256, 1_000] {
                let plan = plan(client, name, &types, length).await;
                read += 1;
                if plan.contains("Seq Scan") {
                    writeln!(bad, "{name}, {mode}, {length} of each:\n{plan}").unwrap();
                }
                if std::env::var("POSTGRES_PLANS").is_ok() && length == 16 {
                    println!("{name}, {mode}:\n{plan}");
                }
            }
        }
    }
    assert!(read > 200, "{read}");
    bad
}

#[test]
fn every_statement_uses_an_index() {
    with_store(async |url, store| {
        let rows = rows();
        let client = connect(url).await;
        // Plans are kept, so they must be right before the tables have grown.
        let bad = scans(&client, &store).await;
        assert!(bad.is_empty(), "in a new store:\n{bad}");
        let sql = fill(rows).replace('@', &format!("{}.", store.schema()));
        client.batch_execute(&sql).await.unwrap();
        let bad = scans(&client, &store).await;
        assert!(bad.is_empty(), "before the first analyze:\n{bad}");
        client.batch_execute("vacuum analyze").await.unwrap();
        let bad = scans(&client, &store).await;
        assert!(bad.is_empty(), "at {rows} rows:\n{bad}");
        // What the reading above would say of a statement that has no index.
        let scan = format!("explain select 1 from {}.mail where created = 1", store.schema());
        let plan = client.query(scan.as_str(), &[]).await.unwrap();
        assert!(plan.iter().any(|row| row.get::<_, String>(0).contains("Seq Scan")));
    });
}

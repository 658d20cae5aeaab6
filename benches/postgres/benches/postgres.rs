//! The store beside bare tokio-postgres.
//!
//! ```sh
//! DATABASE_URL=$(bash .ci/postgres start) cargo bench --package correspond-postgres-benches
//! ```
//!
//! Both send the same statements, in the same order and as much at once, over one connection each;
//! the bare one decides nothing, retries nothing and has no pool. They take turns, so that whatever
//! else the machine does falls on both; what is printed are medians. `-- --test` does each once.

mod bare;

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use bare::Bare;
use chrono::{DateTime, TimeDelta};
use correspond::adapter::postgres::{NoTls, Options, PostgresStore, SchemaName};
use correspond::id::{RecordId, TenantId};
use correspond::index::{IndexKind, Keyer, Kinds, Lookup, MessageQuery, MessageRow};
use correspond::store::{Batch, Change, MessageIndex, Store};

type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

const TENANT: TenantId = TenantId::new(1);

/// A mail with as many keys as mails have: its own id, four references, three addresses, four words
/// and what comes once.
fn mail(keyer: &Keyer, number: u128) -> MessageRow {
    let key = |kind, n: u128| keyer.key(kind, &n.to_le_bytes());
    let mut keys = vec![
        key(IndexKind::MessageId, number),
        key(IndexKind::Subject, number / 3),
        key(IndexKind::Keywords, number / 3),
        key(IndexKind::ThreadRoot, number / 3),
    ];
    keys.extend((1..5).map(|n| key(IndexKind::Reference, number.wrapping_sub(n))));
    keys.extend((0..3).map(|n| key(IndexKind::Address, number * 7 % (1_000 + n))));
    keys.extend((0..4).map(|n| key(IndexKind::Word, (number + n) % 5_000)));
    let created = DateTime::UNIX_EPOCH + TimeDelta::seconds(number as i64);
    let id = RecordId::new(number);
    MessageRow::new(id, created, id, keys)
}

/// The look-ups of one mail: its references, its addresses, its subject.
fn query(keyer: &Keyer, number: u128) -> MessageQuery {
    let mut query = MessageQuery::default();
    let row = mail(keyer, number);
    let carry = Kinds::NONE.with(IndexKind::Address).with(IndexKind::Word);
    for key in row.keys().iter().filter(|key| key.kind().is_looked_up()) {
        let lookup = if key.kind() == IndexKind::Reference {
            Lookup::new(key.as_kind(IndexKind::MessageId))
        } else {
            Lookup::new(*key).rows(8).carrying(carry)
        };
        let _ = query.push(lookup);
    }
    query
}

fn batch(rows: Vec<MessageRow>) -> Result<Batch> {
    let mut batch = Batch::new(TENANT);
    for row in rows {
        batch.push(Change::File(row))?;
    }
    Ok(batch)
}

#[expect(clippy::disallowed_methods, reason = "a program that measures")]
fn now() -> Instant {
    Instant::now()
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e6
}

fn report(what: &str, bare: Vec<Duration>, store: Vec<Duration>, each: u32) {
    let rounds = bare.len();
    let (bare, store) = (median(bare), median(store));
    println!(
        "{what:<22} bare {:>9.1} us   store {:>9.1} us   ratio {:.3}   ({rounds} rounds)",
        bare / f64::from(each),
        store / f64::from(each),
        store / bare
    );
}

/// Numbers that no mail before had.
struct Numbers(u128);

impl Numbers {
    fn rows(&mut self, keyer: &Keyer, count: usize) -> Vec<MessageRow> {
        let first = self.0;
        self.0 += count as u128;
        (first..self.0).map(|number| mail(keyer, number)).collect()
    }
}

async fn side_by_side(url: &str, schema: &SchemaName, scale: u32) -> Result<()> {
    let options = Options::default().schema(schema.clone()).connections(NonZeroUsize::MIN);
    let store = PostgresStore::connect(url, NoTls, &options).await?;
    let bare = Bare::connect(url, &store).await?;
    let mut numbers = Numbers(1_000);
    for (what, mails, rounds) in [("file 1 mail", 1, 20), ("file 100 mails", 100, 5)] {
        let (mut times, mut bare_times) = (Vec::new(), Vec::new());
        for _ in 0..(rounds * scale).max(1) {
            let rows = numbers.rows(store.keyer(), mails);
            let begun = now();
            bare.file(&rows).await?;
            bare_times.push(begun.elapsed());
            let batch = batch(numbers.rows(store.keyer(), mails))?;
            let begun = now();
            let commit = store.commit(&batch).await?;
            times.push(begun.elapsed());
            assert!(commit.is_applied(), "{commit:?}");
        }
        report(what, bare_times, times, 1);
    }
    let (mut times, mut bare_times) = (Vec::new(), Vec::new());
    for round in 0..(20 * scale).max(1) {
        let (one, other) = (u128::from(round) * 2 + 1_100, u128::from(round) * 2 + 1_101);
        let asked = query(store.keyer(), one);
        let begun = now();
        let rows = bare.find(&asked).await?;
        bare_times.push(begun.elapsed());
        let asked = query(store.keyer(), other);
        let begun = now();
        let answer = store.find(TENANT, &asked).await?;
        times.push(begun.elapsed());
        assert!(rows > 0 && answer.newest(0).is_some());
    }
    report("10 look-ups of mail", bare_times, times, 1);
    Ok(())
}

/// Mails a second by tasks that each have a connection.
async fn throughput(url: &str, schema: &SchemaName, scale: u32) -> Result<()> {
    for (what, mails) in [("1 mail", 1_usize), ("100 mails", 100)] {
        for connections in [1, 4, 16_usize] {
            let options = Options::default()
                .schema(schema.clone())
                .connections(NonZeroUsize::new(connections).unwrap_or(NonZeroUsize::MIN));
            let store = PostgresStore::connect(url, NoTls, &options).await?;
            let rounds = (if mails == 1 { 10 } else { 2 } * scale).max(1);
            let begun = now();
            let working: Vec<_> = (0..connections)
                .map(|task| {
                    let store = store.clone();
                    // Ids of the task's own, but the same addresses and words as all others.
                    let first = ((connections * 100 + task + 1) * 2 + mails % 2) as u128;
                    let mut numbers = Numbers(first * 1_000_000_000);
                    tokio::spawn(async move {
                        for _ in 0..rounds {
                            let batch = batch(numbers.rows(store.keyer(), mails))?;
                            assert!(store.commit(&batch).await?.is_applied());
                        }
                        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
                    })
                })
                .collect();
            for task in working {
                task.await??;
            }
            let time = begun.elapsed().as_secs_f64();
            let commits = f64::from(rounds) * connections as f64;
            println!(
                "commits of {what:<10} {connections:>2} connections   {:>8.0} commits/s {:>8.0} \
                 mails/s",
                commits / time,
                commits * mails as f64 / time
            );
        }
    }
    Ok(())
}

fn main() -> Result<()> {
    // `--test` asserts and does not measure; `cargo bench` says `--bench`.
    let scale = if std::env::args().any(|argument| argument == "--test") { 0 } else { 50 };
    let Ok(url) = std::env::var("DATABASE_URL") else {
        eprintln!(
            "SKIPPED: no server; `bash .ci/postgres start` makes one and prints DATABASE_URL"
        );
        return Ok(());
    };
    let schema: SchemaName = format!("bench_{}", std::process::id()).parse()?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        side_by_side(&url, &schema, scale).await?;
        throughput(&url, &schema, scale).await?;
        let bare = tokio_postgres::connect(&url, NoTls).await?;
        tokio::spawn(bare.1);
        Ok(bare.0.batch_execute(&format!("drop schema {schema} cascade")).await?)
    })
}

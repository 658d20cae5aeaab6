//! A bulk match beside a join written by hand: whose are 100,000 submissions among 1,000,000 contacts?
//!
//! ```sh
//! export DATABASE_URL=$(bash .ci/postgres start)
//! cargo bench --package correspond-postgres-benches --bench matching
//! ```
//!
//! The store is asked by queries of 1,000 look-ups, as many as one holds; the join gets the same
//! thousands, in the same order, over as many connections. They take turns, pass by pass, and who
//! goes first changes; what is printed are medians of passes. `-- --test` does it once with few.
//! `POSTGRES_MATCH_SCHEMA` names a schema that is filled where it is not there, and kept;
//! `POSTGRES_MATCH_CONTACTS` says how many contacts there are instead.

mod join;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta};
use correspond::adapter::postgres::{NoTls, Options, PostgresStore, SchemaName};
use correspond::id::{RecordId, TenantId};
use correspond::index::Keyer;
use correspond::record::{
    LookupKey, LookupKind, Record, RecordKind, RecordLookup, RecordPageQuery, RecordQuery, Space,
    UniqueKey, Version,
};
use correspond::store::{Batch, Change, Directory, Expect, Records, Store};
use join::{Client, Join};

type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

const TENANT: TenantId = TenantId::new(1);

/// How much of everything.
#[derive(Clone, Copy)]
struct Scale {
    contacts: u64,
    submissions: u64,
    passes: usize,
}

const FULL: Scale = Scale { contacts: 1_000_000, submissions: 100_000, passes: 15 };
const TEST: Scale = Scale { contacts: 2_000, submissions: 3_000, passes: 1 };

/// SplitMix64: the same numbers in each run.
fn mixed(number: u64) -> u64 {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// Whose the contact is: of 200 contacts, two are the same person, and three are another.
fn person(contact: u64) -> u64 {
    match contact % 200 {
        1 => contact - 1,
        3 | 4 => contact - contact % 200 + 2,
        _ => contact,
    }
}

fn email(person: u64) -> String {
    format!("person.{person}@home-{}.example", person % 977)
}

/// What a form's matching strategy compares: address and last name.
fn match_key(keyer: &Keyer, person: u64) -> LookupKey {
    let text = format!("contact\0emailaddress1\0{}\0lastname\0name {person}", email(person));
    LookupKey::new(keyer, LookupKind::Match, text.as_bytes())
}

/// A contact with as much as contacts have: some attributes, and both keys.
fn contact(keyer: &Keyer, number: u64) -> Result<Record> {
    let person = person(number);
    let email = email(person);
    let body = format!(
        "{{\"emailaddress1\":\"{email}\",\"firstname\":\"Given {person}\",\"lastname\":\"Name \
         {person}\",\"jobtitle\":\"Head of Procurement\",\"telephone1\":\"+49 30 {:08}\",\
         \"address1_city\":\"Berlin\",\"address1_country\":\"DE\",\"donotbulkemail\":false}}",
        mixed(number) % 100_000_000
    );
    // Ids as a service draws them: at random.
    let id = u128::from(mixed(number)) << 64 | u128::from(mixed(!number));
    let modified = DateTime::UNIX_EPOCH + TimeDelta::microseconds(mixed(number) as i64 >> 14);
    let key = match_key(keyer, person);
    let mut record = Record::new(RecordKind::Contact.of(RecordId::new(id)), modified, body)?
        .with_keys([key, LookupKey::new(keyer, LookupKind::Address, email.as_bytes())])?;
    if person == number {
        let text = person.to_be_bytes();
        record = record.with_unique([UniqueKey::new(keyer, Space::Match, &text)])?;
    }
    Ok(record)
}

async fn fill(store: &PostgresStore, contacts: u64) -> Result<()> {
    const EACH: u64 = 2_000;
    const TASKS: u64 = 4;
    let filling: Vec<_> = (0..TASKS)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                for first in (0..contacts).step_by(EACH as usize).skip(task as usize) {
                    if first / EACH % TASKS != task {
                        continue;
                    }
                    let mut batch = Batch::new(TENANT);
                    for number in first..(first + EACH).min(contacts) {
                        let record = contact(store.keyer(), number)?;
                        let version = Version::new(record.reference().id().get());
                        batch.push(Change::Put { record, version, expect: Expect::Absent })?;
                    }
                    assert!(store.commit(&batch).await?.is_applied());
                }
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
            })
        })
        .collect();
    for task in filling {
        task.await??;
    }
    Ok(())
}

/// The submissions by thousands: 70 % are of somebody who is there.
fn submissions(keyer: &Keyer, scale: Scale, rows: u8) -> Vec<RecordQuery> {
    let lookups: Vec<_> = (0..scale.submissions)
        .map(|number| {
            let drawn = mixed(number.wrapping_mul(3));
            let known = drawn % 10 < 7;
            let who = drawn / 10 % scale.contacts;
            let who = if known { person(who) } else { scale.contacts + who };
            RecordLookup::new(match_key(keyer, who)).rows(rows)
        })
        .collect();
    let thousands = lookups.chunks(RecordQuery::MAX_LOOKUPS);
    thousands.map(|lookups| lookups.iter().copied().collect()).collect()
}

/// What a pass came to: for both the same, or the comparison is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Found {
    /// Submissions that match somebody.
    matched: usize,
    /// Records that came.
    records: usize,
    /// Octets of their bodies.
    octets: usize,
}

impl Found {
    fn add(self, other: Self) -> Self {
        Self {
            matched: self.matched + other.matched,
            records: self.records + other.records,
            octets: self.octets + other.octets,
        }
    }
}

async fn ask(store: &PostgresStore, query: &RecordQuery) -> Result<Found> {
    let answer = store.find_records(TENANT, query).await?;
    let mut sum = Found::default();
    for lookup in 0..answer.lookups() {
        let found = answer.found(lookup);
        sum.matched += usize::from(!found.is_empty());
        sum.records += found.len();
        sum.octets += found.iter().map(|found| found.record.body().len()).sum::<usize>();
    }
    Ok(sum)
}

#[expect(clippy::disallowed_methods, reason = "a program that measures")]
fn now() -> Instant {
    Instant::now()
}

/// One pass of the store over all submissions.
async fn store_pass(
    store: &PostgresStore,
    queries: &Arc<Vec<RecordQuery>>,
    tasks: usize,
) -> Result<(Duration, Found)> {
    let begun = now();
    let asking: Vec<_> = (0..tasks)
        .map(|task| {
            let (store, queries) = (store.clone(), Arc::clone(queries));
            tokio::spawn(async move {
                let mut sum = Found::default();
                for query in queries.iter().skip(task).step_by(tasks) {
                    sum = sum.add(ask(&store, query).await?);
                }
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(sum)
            })
        })
        .collect();
    let mut sum = Found::default();
    for task in asking {
        sum = sum.add(task.await??);
    }
    Ok((begun.elapsed(), sum))
}

/// One pass of the join.
async fn join_pass(
    clients: &[Arc<Client>],
    join: Join,
    queries: &Arc<Vec<RecordQuery>>,
) -> Result<(Duration, Found)> {
    let tasks = clients.len();
    let begun = now();
    let asking: Vec<_> = clients
        .iter()
        .enumerate()
        .map(|(task, client)| {
            let (client, queries) = (Arc::clone(client), Arc::clone(queries));
            tokio::spawn(async move {
                let mut sum = Found::default();
                for query in queries.iter().skip(task).step_by(tasks) {
                    sum = sum.add(client.ask(join, query).await?);
                }
                Ok::<_, Box<dyn std::error::Error + Send + Sync>>(sum)
            })
        })
        .collect();
    let mut sum = Found::default();
    for task in asking {
        sum = sum.add(task.await??);
    }
    Ok((begun.elapsed(), sum))
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

async fn compare(url: &str, options: &Options, scale: Scale, tasks: usize, rows: u8) -> Result<()> {
    let connections = NonZeroUsize::new(tasks).unwrap_or(NonZeroUsize::MIN);
    let store =
        PostgresStore::connect(url, NoTls, &options.clone().connections(connections)).await?;
    let mut clients = Vec::new();
    for _ in 0..tasks {
        clients.push(Arc::new(Client::connect(url, store.schema()).await?));
    }
    let queries = Arc::new(submissions(store.keyer(), scale, rows));
    let joins = Join::of(rows);
    let mut times = vec![Vec::new(); joins.len() + 1];
    let mut found = Found::default();
    // The first pass of each is not counted: it plans.
    for pass in 0..=scale.passes {
        for turn in 0..=joins.len() {
            let who = (pass + turn) % (joins.len() + 1);
            let (time, sum) = match joins.get(who) {
                Some(join) => join_pass(&clients, *join, &queries).await?,
                None => store_pass(&store, &queries, tasks).await?,
            };
            if pass > 0 {
                times[who].push(time);
                assert_eq!(sum, found, "all have the same answer");
            }
            found = sum;
        }
    }
    let each = 1e6 / scale.submissions as f64;
    let ours = median(times.pop().unwrap_or_default());
    println!(
        "{tasks} connections, {rows:>2} rows: {} of {} matched, {} records; store {:>6.2} us a \
         submission",
        found.matched,
        scale.submissions,
        found.records,
        ours * each
    );
    for (join, times) in joins.iter().zip(times) {
        let theirs = median(times);
        println!("    {:<28} {:>6.2} us   ratio {:.3}", join.name(), theirs * each, ours / theirs);
    }
    Ok(())
}

async fn measure(url: &str, scale: Scale) -> Result<()> {
    let kept = std::env::var("POSTGRES_MATCH_SCHEMA").ok();
    let own = || format!("bench_match_{}", std::process::id());
    let schema: SchemaName = kept.clone().unwrap_or_else(own).parse()?;
    let options = Options::default().schema(schema.clone());
    let store = PostgresStore::connect(url, NoTls, &options).await?;
    let page = RecordPageQuery::new(RecordKind::Contact).limit(1);
    if store.list(TENANT, &page).await?.items.is_empty() {
        let begun = now();
        fill(&store, scale.contacts).await?;
        println!("{} contacts written in {:.0} s", scale.contacts, begun.elapsed().as_secs_f64());
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        for table in ["record", "lookup_key", "unique_key"] {
            // As the server itself does in time.
            client.batch_execute(&format!("vacuum analyze {schema}.{table}")).await?;
        }
    }
    drop(store);
    for tasks in [1, 4] {
        for rows in [1, 64] {
            compare(url, &options, scale, tasks, rows).await?;
        }
    }
    if kept.is_none() {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        client.batch_execute(&format!("drop schema {schema} cascade")).await?;
    }
    Ok(())
}

fn main() -> Result<()> {
    // `--test` asserts and does not measure; `cargo bench` says `--bench`.
    let test = std::env::args().any(|argument| argument == "--test");
    let Ok(url) = std::env::var("DATABASE_URL") else {
        eprintln!(
            "SKIPPED: no server; `bash .ci/postgres start` makes one and prints DATABASE_URL"
        );
        return Ok(());
    };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut scale = if test { TEST } else { FULL };
    if let Ok(contacts) = std::env::var("POSTGRES_MATCH_CONTACTS") {
        scale.contacts = contacts.parse()?;
    }
    runtime.block_on(measure(&url, scale))
}

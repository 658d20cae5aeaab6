//! Connections that are lost, futures that are dropped, statements that take too long.

use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use chrono::DateTime;
use correspond::adapter::postgres::{NoTls, Options, PostgresStore};
use correspond::id::{RecordId, TenantId};
use correspond::index::{IndexKind, Lookup, MessageQuery, MessageRow};
use correspond::record::{Record, RecordKind, RecordRef, Space, UniqueKey, Version};
use correspond::store::{
    Batch, Change, Expect, MessageIndex, Reason, SequenceKey, Sequences, Store, StoreErrorKind,
};
use correspond_postgres_tests::{block_on, connect, with_store};

const TENANT: TenantId = TenantId::new(7);

fn mail(store: &PostgresStore, number: u128) -> Change {
    let keys = [IndexKind::MessageId, IndexKind::Address]
        .map(|kind| store.keyer().key(kind, &number.to_le_bytes()));
    let id = RecordId::new(number);
    Change::File(MessageRow::new(id, DateTime::UNIX_EPOCH, id, keys.into()))
}

async fn filed(store: &PostgresStore, number: u128) -> u8 {
    let mut query = MessageQuery::default();
    let key = store.keyer().key(IndexKind::Address, &number.to_le_bytes());
    assert!(query.push(Lookup::new(key)));
    store.find(TENANT, &query).await.unwrap().count(0)
}

fn contact(number: u128) -> RecordRef {
    RecordKind::Contact.of(RecordId::new(number))
}

fn put(number: u128, version: u128, expect: Expect) -> Change {
    let record = Record::new(contact(number), DateTime::UNIX_EPOCH, "{}").unwrap();
    Change::Put { record, version: Version::new(version), expect }
}

#[test]
fn a_lost_connection_is_transient_and_the_pool_recovers() {
    with_store(async |url, store| {
        assert!(store.commit(&Batch::of(TENANT, mail(&store, 1))).await.unwrap().is_applied());
        let client = connect(url).await;
        // Somebody else's lock keeps a commit in its transaction while its connection is cut.
        let lock = format!("begin; lock table {}.mail", store.schema());
        client.batch_execute(&lock).await.unwrap();
        let committing = tokio::spawn({
            let store = store.clone();
            async move { store.commit(&Batch::of(TENANT, mail(&store, 2))).await }
        });
        wait_for_a_lock(url, store.schema().as_str()).await;
        let other = connect(url).await;
        let cut = format!(
            "select pg_terminate_backend(pid) from pg_stat_activity \
             where wait_event_type = 'Lock' and query like '%{}%'",
            store.schema()
        );
        other.query_one(cut.as_str(), &[]).await.unwrap();
        let error = committing.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
        assert!(error.is_transient());
        client.batch_execute("rollback").await.unwrap();
        assert_eq!(filed(&store, 2).await, 0);
        assert!(store.commit(&Batch::of(TENANT, mail(&store, 2))).await.unwrap().is_applied());
        assert_eq!(filed(&store, 2).await, 1);
    });
}

/// A commit is dropped after each number of polls that it takes to be ready: nothing or all of it is
/// there, and the pool, of one connection, serves whoever comes next.
#[test]
fn a_dropped_commit_leaves_all_or_nothing_and_a_pool_that_works() {
    with_store(async |url, store| {
        let options = Options::default()
            .schema(store.schema().clone())
            .connections(NonZeroUsize::MIN)
            .patience(Duration::from_secs(20));
        let store = PostgresStore::connect(url, NoTls, &options).await.unwrap();
        let (mut done, mut nothing, mut all) = (0, 0, 0);
        for round in 0..60_u128 {
            // A mail that is new beside a record that changes: the long way.
            let mut batch = Batch::of(TENANT, put(round, 1, Expect::Absent));
            assert!(store.commit(&batch).await.unwrap().is_applied());
            batch = Batch::of(TENANT, mail(&store, round));
            batch.push(put(round, 2, Expect::At(Version::new(1)))).unwrap();
            let polls = round / 3;
            let mut commit = Box::pin(store.commit(&batch));
            let mut polled = 0;
            let finished = std::future::poll_fn(|context| {
                polled += 1;
                if polled > polls {
                    return std::task::Poll::Ready(false);
                }
                commit.as_mut().poll(context).map(|result| result.unwrap().is_applied())
            })
            .await;
            drop(commit);
            done += u32::from(finished);
            // What was sent may still be at work. Writing the record waits for its end.
            let again = put(round, 3, Expect::At(Version::new(1)));
            let after = store.commit(&Batch::of(TENANT, again)).await.unwrap();
            match (after.refusals(), filed(&store, round).await) {
                ([], 0) => nothing += 1,
                ([refusal], 1) => {
                    let stale = Reason::Stale { found: Some(Version::new(2)) };
                    assert_eq!(refusal.reason, stale);
                    all += 1;
                }
                other => panic!("round {round}: half a batch {other:?}"),
            }
            assert!(!finished || !after.is_applied(), "round {round}: lost after `Applied`");
        }
        assert!(done > 0 && nothing > 0, "{done} finished, {nothing} undone, {all} written");
    });
}

#[test]
fn a_statement_that_takes_too_long_is_given_up() {
    with_store(async |url, store| {
        let options = Options::default()
            .schema(store.schema().clone())
            .statement_timeout(Duration::from_millis(100));
        let hasty = PostgresStore::connect(url, NoTls, &options).await.unwrap();
        let client = connect(url).await;
        let lock = format!("begin; lock table {}.mail", store.schema());
        client.batch_execute(&lock).await.unwrap();
        let error = hasty.commit(&Batch::of(TENANT, mail(&store, 1))).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
        client.batch_execute("rollback").await.unwrap();
        assert!(hasty.commit(&Batch::of(TENANT, mail(&store, 1))).await.unwrap().is_applied());
    });
}

#[test]
fn a_server_that_is_not_there_is_transient() {
    block_on(async {
        let options = Options::default().patience(Duration::from_secs(2));
        let url = "postgres://nobody@127.0.0.1:1/none";
        let error = PostgresStore::connect(url, NoTls, &options).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error:?}");
        let error = PostgresStore::connect("no url", NoTls, &options).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Other, "{error:?}");
    });
}

/// The lock that a commit waits for is released by a commit that changed the row: it is judged by
/// what the other wrote, not by what it saw before it waited.
#[test]
fn a_record_is_judged_as_it_is_when_it_is_locked() {
    with_store(async |url, store| {
        let batch = Batch::of(TENANT, put(1, 1, Expect::Absent));
        assert!(store.commit(&batch).await.unwrap().is_applied());
        let client = connect(url).await;
        let table = format!("{}.record", store.schema());
        let change = "set version = '00000000-0000-0000-0000-000000000009'";
        client.batch_execute(&format!("begin; update {table} {change}")).await.unwrap();
        let committing = tokio::spawn({
            let store = store.clone();
            let batch = Batch::of(TENANT, put(1, 2, Expect::At(Version::new(1))));
            async move { store.commit(&batch).await.unwrap() }
        });
        wait_for_a_lock(url, store.schema().as_str()).await;
        client.batch_execute("commit").await.unwrap();
        let commit = committing.await.unwrap();
        let stale = Reason::Stale { found: Some(Version::new(9)) };
        assert_eq!(commit.refusals().first().map(|refusal| refusal.reason.clone()), Some(stale));
    });
}

/// Two batches that free each other's unique keys may wait in a circle; the server undoes one, which
/// is tried again and answered.
#[test]
fn a_circle_of_waiting_is_broken() {
    with_store(async |url, store| {
        let key = |n: u8| UniqueKey::new(store.keyer(), Space::Name, &[n]);
        let with = |number, version, expect, keys: &[u8]| {
            let record = Record::new(contact(number), DateTime::UNIX_EPOCH, "{}").unwrap();
            let record = record.with_unique(keys.iter().map(|n| key(*n))).unwrap();
            Change::Put { record, version: Version::new(version), expect }
        };
        let batch = Batch::of(TENANT, with(1, 1, Expect::Absent, &[1]));
        assert!(store.commit(&batch).await.unwrap().is_applied());
        // Another session holds a new record 2 and waits for record 1; the store has locked 1 and
        // inserts 2.
        let client = connect(url).await;
        let table = format!("{}.record", store.schema());
        let insert = format!(
            "begin; insert into {table} select modified, tenant, \
             '00000000-0000-0000-0000-000000000002', version, kind, active, unique_keys, \
             lookup_keys, body from {table}"
        );
        client.batch_execute(&insert).await.unwrap();
        let committing = tokio::spawn({
            let store = store.clone();
            let mut batch = Batch::of(TENANT, with(1, 2, Expect::At(Version::new(1)), &[2]));
            batch.push(with(2, 1, Expect::Absent, &[])).unwrap();
            async move { store.commit(&batch).await.unwrap() }
        });
        wait_for_a_lock(url, store.schema().as_str()).await;
        let circle = format!("update {table} set active = active where id::text like '%1'");
        let broken = client.batch_execute(&circle).await;
        client.batch_execute(if broken.is_ok() { "commit" } else { "rollback" }).await.unwrap();
        let commit = committing.await.unwrap();
        assert_eq!(commit.is_applied(), broken.is_err(), "{commit:?} after {broken:?}");
    });
}

/// A server that isolates more strictly undoes what meets (40001); that is tried again, unseen.
#[test]
fn what_a_stricter_server_undoes_is_done_again() {
    with_store(async |url, store| {
        let client = connect(url).await;
        let role = format!("{}_strict", store.schema());
        let sql = format!(
            "create role {role} login superuser; \
             alter role {role} set default_transaction_isolation = 'serializable'"
        );
        client.batch_execute(&sql).await.unwrap();
        let config: tokio_postgres::Config = url.parse().unwrap();
        let strict =
            url.replace(&format!("//{}@", config.get_user().unwrap()), &format!("//{role}@"));
        assert_ne!(strict, url);
        let options = Options::default().schema(store.schema().clone());
        let strict = PostgresStore::connect(&strict, NoTls, &options).await.unwrap();
        let allocate = |store: PostgresStore| async move {
            let block = store.allocate(TENANT, SequenceKey::UserNumbers, NonZeroU32::MIN).await;
            block.unwrap().first()
        };
        assert_eq!(allocate(strict.clone()).await, 1);
        // The row is written by somebody else while the statement waits for it: at this isolation
        // the server undoes the statement.
        let table = format!("{}.number_sequence", store.schema());
        client.batch_execute(&format!("begin; update {table} set next = 100")).await.unwrap();
        let allocating = tokio::spawn(allocate(strict));
        wait_for_a_lock(url, store.schema().as_str()).await;
        client.batch_execute("commit").await.unwrap();
        assert_eq!(allocating.await.unwrap(), 100);
        client.batch_execute(&format!("drop role {role}")).await.unwrap();
    });
}

async fn wait_for_a_lock(url: &str, schema: &str) {
    let client = connect(url).await;
    let waiting = format!(
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%{schema}%'"
    );
    for _ in 0..4_000 {
        if client.query_opt(waiting.as_str(), &[]).await.unwrap().is_some() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("nobody waits for a lock");
}

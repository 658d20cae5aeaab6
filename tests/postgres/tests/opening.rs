//! The tables come to be, once.

use std::error::Error;

use chrono::DateTime;
use correspond::adapter::postgres::{NoTls, Options, PostgresStore};
use correspond::id::{RecordId, TenantId};
use correspond::index::{IndexKind, Keyer, Lookup, MessageQuery, MessageRow};
use correspond::record::{
    LookupKey, LookupKind, Record, RecordKind, RecordLookup, RecordQuery, Space, UniqueKey,
    Version, Versioned,
};
use correspond::store::{
    Batch, Change, Directory, Expect, MessageIndex, Records, Store, StoreErrorKind,
};
use correspond_postgres_tests::{block_on, connect, fresh_name, remove, server, with_store};

#[test]
fn many_may_open_at_once() {
    let Some(url) = server() else { return };
    block_on(async {
        for _ in 0..5 {
            let schema = fresh_name();
            let options = Options::default().schema(schema.clone());
            let opening = (0..10).map(|_| {
                let (url, options) = (url.clone(), options.clone());
                tokio::spawn(async move { PostgresStore::connect(&url, NoTls, &options).await })
            });
            let opening: Vec<_> = opening.collect();
            let mut stamps = Vec::new();
            for store in opening {
                stamps.push(store.await.unwrap().unwrap().keyer().stamp());
            }
            stamps.dedup();
            assert_eq!(stamps.len(), 1, "all have one secret");
            remove(&url, &schema).await;
        }
    });
}

#[test]
fn a_store_of_another_version_is_refused() {
    with_store(async |url, store| {
        let options = Options::default().schema(store.schema().clone());
        let client = connect(url).await;
        let change = async |sql: &str| {
            let sql = sql.replace('@', &format!("{}.", store.schema()));
            client.batch_execute(&sql).await.unwrap();
        };
        let refused = async |kind, text: &str| {
            let error = PostgresStore::connect(url, NoTls, &options).await.unwrap_err();
            assert_eq!(error.kind(), kind);
            assert!(error.to_string().starts_with("opening the store: "), "{error}");
            assert!(error.source().unwrap().to_string().contains(text), "{error:?}");
        };
        change("insert into @migration values (1000000)").await;
        refused(StoreErrorKind::Corrupt, "found version 1000000 of a later build").await;
        change("delete from @migration where version = 1000000").await;
        change("update @property set value = '\\x00000000' || substr(value, 5)").await;
        refused(StoreErrorKind::Outdated, "keys were made by version 0 of folding").await;
        refused(StoreErrorKind::Outdated, "--store postgres:URL --rebuild MAIL").await;
        change("update @property set value = '\\x00'").await;
        refused(StoreErrorKind::Outdated, "expected 20 octets, found 1").await;
    });
}

#[test]
fn a_role_that_may_not_create_needs_tables_that_are_there() {
    let Some(url) = server() else { return };
    block_on(async {
        let options = Options::default().schema(fresh_name()).migrate(false);
        let error = PostgresStore::connect(&url, NoTls, &options).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Outdated);
        assert!(error.source().unwrap().to_string().contains("found none"), "{error:?}");
    });
    with_store(async |url, store| {
        let options = Options::default().schema(store.schema().clone()).migrate(false);
        let again = PostgresStore::connect(url, NoTls, &options).await.unwrap();
        assert_eq!(again.keyer().stamp(), store.keyer().stamp());
    });
}

const TENANTS: [TenantId; 2] = [TenantId::new(1), TenantId::new(2)];

fn lead(keyer: &Keyer, number: u128, name: &str) -> Record {
    let record = RecordKind::Lead.of(RecordId::new(number));
    let record = Record::new(record, DateTime::UNIX_EPOCH, name).unwrap();
    let text = format!("{name} {number}");
    let unique = UniqueKey::new(keyer, Space::Match, text.as_bytes());
    let key = LookupKey::new(keyer, LookupKind::Address, name.as_bytes());
    record.with_unique([unique]).unwrap().with_keys([key]).unwrap()
}

#[test]
fn rebuilding_drops_mail_and_rekeys_records() {
    with_store(async |url, store| {
        for tenant in TENANTS {
            let mut batch = Batch::new(tenant);
            for number in 0..700 {
                let record = lead(store.keyer(), number, "Ann");
                let version = Version::new(number);
                batch.push(Change::Put { record, version, expect: Expect::Absent }).unwrap();
            }
            let key = store.keyer().key(IndexKind::MessageId, b"1@a.example");
            let id = RecordId::new(1);
            let row = MessageRow::new(id, DateTime::UNIX_EPOCH, id, vec![key]);
            batch.push(Change::File(row)).unwrap();
            assert!(store.commit(&batch).await.unwrap().is_applied());
        }
        let client = connect(url).await;
        let sql = "update @property set value = '\\x00000000' || substr(value, 5)";
        client.batch_execute(&sql.replace('@', &format!("{}.", store.schema()))).await.unwrap();
        let options = Options::default().schema(store.schema().clone());
        let pool = || options.pool(url, NoTls).unwrap();

        // What fails changes nothing.
        let error = PostgresStore::rebuild(pool(), &options, |found, keyer| {
            let number = found.record.reference().id().get();
            if number == 650 { Err("no idea".into()) } else { Ok(lead(keyer, number, "Ben")) }
        });
        let error = error.await.unwrap_err();
        assert_eq!(error.source().unwrap().to_string(), "no idea");
        let same = |_: &Versioned, keyer: &Keyer| Ok(lead(keyer, 1, "Ben"));
        let error = PostgresStore::rebuild(pool(), &options, same).await.unwrap_err();
        assert!(error.source().unwrap().to_string().starts_with("expected Lead"), "{error:?}");
        let one_key = |found: &Versioned, keyer: &Keyer| {
            let unique = UniqueKey::new(keyer, Space::Name, b"x");
            let number = found.record.reference().id().get();
            Ok(lead(keyer, number, "Ben")
                .with_unique(number.is_multiple_of(600).then_some(unique))?)
        };
        let error = PostgresStore::rebuild(pool(), &options, one_key).await.unwrap_err();
        assert!(error.source().unwrap().to_string().contains("that another has"), "{error:?}");
        let key = |name: &str| LookupKey::new(store.keyer(), LookupKind::Address, name.as_bytes());
        let query: RecordQuery =
            ["Ann", "Ben"].map(|name| RecordLookup::new(key(name))).into_iter().collect();
        let answer = store.find_records(TENANTS[0], &query).await.unwrap();
        assert_eq!((answer.count(0), answer.count(1)), (64, 0));

        let mut asked = 0;
        let rebuilt = PostgresStore::rebuild(pool(), &options, |found, keyer| {
            asked += 1;
            assert_eq!(found.record.body(), "Ann");
            Ok(lead(keyer, found.record.reference().id().get(), "Ben"))
        });
        let rebuilt = rebuilt.await.unwrap();
        assert_eq!(asked, 1_400);
        assert_eq!(rebuilt.keyer().stamp(), store.keyer().stamp(), "the secret stays");
        for tenant in TENANTS {
            let answer = rebuilt.find_records(tenant, &query).await.unwrap();
            assert_eq!((answer.count(0), answer.count(1)), (0, 64));
            let holder = UniqueKey::new(rebuilt.keyer(), Space::Match, b"Ben 699");
            let gone = UniqueKey::new(rebuilt.keyer(), Space::Match, b"Ann 699");
            let lead = RecordKind::Lead.of(RecordId::new(699));
            let holders = rebuilt.holders(tenant, &[holder, gone]).await.unwrap();
            assert_eq!(holders, [Some(lead), None]);
            let loaded = rebuilt.load(tenant, &[lead]).await.unwrap();
            assert_eq!(loaded[0].as_ref().unwrap().version, Version::new(699));
            let mut query = MessageQuery::default();
            let key = rebuilt.keyer().key(IndexKind::MessageId, b"1@a.example");
            assert!(query.push(Lookup::new(key)));
            assert_eq!(rebuilt.find(tenant, &query).await.unwrap().count(0), 0);
        }
    });
}

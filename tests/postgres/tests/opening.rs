//! The tables come to be, once.

use std::error::Error;

use correspond::adapter::postgres::{NoTls, Options, PostgresStore};
use correspond::store::{Store, StoreErrorKind};
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

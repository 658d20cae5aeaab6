//! The conformance kit, over handles that share nothing but the server.

use std::sync::Mutex;

use correspond::adapter::postgres::{NoTls, Options, PostgresStore, SchemaName};
use correspond::conformance::{Harness, cases};
use correspond_postgres_tests::{fresh_name, remove, server};
use tokio::runtime::Runtime;

struct Server {
    url: String,
    runtime: Runtime,
    made: Mutex<Vec<SchemaName>>,
}

impl Server {
    fn open(&self, schema: SchemaName) -> PostgresStore {
        let options = Options::default().schema(schema);
        self.runtime.block_on(PostgresStore::connect(&self.url, NoTls, &options)).expect("a store")
    }
}

impl Harness for Server {
    type Store = PostgresStore;

    fn fresh(&self) -> PostgresStore {
        let schema = fresh_name();
        self.made.lock().unwrap().push(schema.clone());
        self.open(schema)
    }

    fn block_on<T: Send>(&self, future: impl Future<Output = T> + Send) -> T {
        self.runtime.block_on(future)
    }

    /// A pool of its own, as a second process has it: the adapter keeps nothing beside its pools.
    fn another(&self, store: &PostgresStore) -> Option<PostgresStore> {
        Some(self.open(store.schema().clone()))
    }

    fn reopen(&self, store: PostgresStore) -> Option<PostgresStore> {
        let schema = store.schema().clone();
        store.pool().close();
        drop(store);
        Some(self.open(schema))
    }

    fn rounds(&self) -> u32 {
        10
    }
}

/// One test for all cases, as a test cannot be skipped where there is no server.
#[test]
fn the_kit() {
    let Some(url) = server() else { return };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let server = Server { url, runtime: runtime.unwrap(), made: Mutex::default() };
    let mut broken = Vec::new();
    for case in cases::<Server>() {
        match case.check(&server) {
            Ok(outcome) => println!("{}: {outcome:?}", case.name()),
            Err(violation) => {
                println!("{}: {violation}", case.name());
                broken.push(case.name());
            }
        }
        let made = std::mem::take(&mut *server.made.lock().unwrap());
        for schema in made {
            server.runtime.block_on(remove(&server.url, &schema));
        }
    }
    assert!(broken.is_empty(), "{broken:?}");
}

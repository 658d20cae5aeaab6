//! A store for a test: in a schema of its own, on the server that `DATABASE_URL` names.

use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use correspond::adapter::postgres::{NoTls, Options, PostgresStore, SchemaName};
use tokio_postgres::Client;

pub mod random;
#[allow(dead_code, reason = "an example that is its own program, of which the store is used")]
#[path = "../../../examples/your_own_store.rs"]
pub mod your_own_store;

/// The server of the tests; says aloud where there is none.
pub fn server() -> Option<String> {
    let url = std::env::var("DATABASE_URL").ok();
    if url.is_none() {
        // Not `eprintln!`, which the harness of the tests keeps to itself.
        let say = "SKIPPED: no server; `bash .ci/postgres start` makes one and prints DATABASE_URL";
        let _ = writeln!(std::io::stderr(), "{say}");
    }
    url
}

/// A runtime with as many threads as a service would have here.
pub fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(future)
}

/// The name of a schema that no other test has.
pub fn fresh_name() -> SchemaName {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    format!("test_{}_{number}", std::process::id()).parse().expect("a plain name")
}

/// A connection of the test's own.
pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the server");
    tokio::spawn(connection);
    client
}

/// Removes a schema with all that is in it.
pub async fn remove(url: &str, schema: &SchemaName) {
    let client = connect(url).await;
    client.batch_execute(&format!("drop schema \"{schema}\" cascade")).await.expect("dropped");
}

const PATIENCE: Duration = Duration::from_secs(900);

/// Runs a test over a store of its own and removes the store, unless the test fails.
pub fn with_store(test: impl AsyncFnOnce(&str, PostgresStore)) {
    let Some(url) = server() else { return };
    block_on(async {
        let schema = fresh_name();
        let options = Options::default().schema(schema.clone());
        let store = PostgresStore::connect(&url, NoTls, &options).await.expect("a store");
        // A store that waits for ever is a failure, not a pause.
        tokio::time::timeout(PATIENCE, test(&url, store)).await.expect("an end within minutes");
        remove(&url, &schema).await;
    });
}

//! PostgreSQL: the same contract where one machine is too small.
//!
//! Any number of processes open one schema of one database; the database decides every race. What a
//! commit does is one transaction of two or three round trips, every read is one. The tables, what
//! they cost, other engines, backup and upgrade are in the guide.
//!
//! ```no_run
//! use correspond::adapter::postgres::{NoTls, Options, PostgresStore};
//!
//! # async fn open() -> Result<(), Box<dyn std::error::Error>> {
//! let options = Options::default().schema("crm".parse()?);
//! let store = PostgresStore::connect("postgres://crm@db.example/crm", NoTls, &options).await?;
//! # drop(store);
//! # Ok(())
//! # }
//! ```
//!
//! The futures need a tokio runtime with time and I/O. Dropping one is safe at any point: a
//! transaction that was under way is undone by the server, and its connection is not used again.
//!
//! # Musts
//!
//! All of the contract but C-IMM-1: it waits for a server.

mod commit;
mod failure;
mod ledger;
mod messages;
mod migration;
mod options;
mod present;
mod records;
mod register;
mod sequences;
mod session;
mod statement;
mod value;
mod write;

use std::fmt;
use std::sync::Arc;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts,
};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Config, Row, Socket};

pub use options::{Options, SchemaName, SchemaNameError};
/// No encryption: for a server on the same machine or a network of one's own.
pub use tokio_postgres::NoTls;

use crate::index::Keyer;
use crate::record::Areas;
use crate::store::{Batch, Commit, Store, StoreError, StoreErrorKind};
use failure::{Attempts, Failure};
use session::{Call, Session};
use statement::Statements;

/// A store in a schema of a PostgreSQL database. Clones share the pool.
#[derive(Clone)]
pub struct PostgresStore {
    inner: Arc<Inner>,
}

struct Inner {
    pool: Pool,
    schema: SchemaName,
    sql: Statements,
    keyer: Keyer,
}

impl PostgresStore {
    /// Opens the store at `url` (`postgres://user:password@host:port/database?..`, or `key=value`
    /// pairs, as `tokio-postgres` reads them) over a pool of its own, and creates its tables where
    /// they are not there. Any number of processes may do so at once.
    ///
    /// `tls` is [`NoTls`], or the connector of a crate such as `tokio-postgres-rustls`; whether it
    /// is used says `sslmode` in the URL.
    ///
    /// # Errors
    ///
    /// The URL is none; the server cannot be reached
    /// ([`Unavailable`](StoreErrorKind::Unavailable)); the tables are of another version, or their
    /// keys of another version of folding ([`Outdated`](StoreErrorKind::Outdated),
    /// [`Corrupt`](StoreErrorKind::Corrupt) where it is a later one).
    pub async fn connect<T>(url: &str, tls: T, options: &Options) -> Result<Self, StoreError>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + Sync,
        T::TlsConnect: Send + Sync,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        const ATTEMPT: &str = "connecting to PostgreSQL";
        let other = |error| StoreError::new(StoreErrorKind::Other, ATTEMPT).because(error);
        let config: Config = url.parse().map_err(other)?;
        let manager = ManagerConfig {
            // A connection that was lost is known as such when its socket closes; asking the server
            // at each hand-out would double the round trips of a read.
            recycling_method: RecyclingMethod::Fast,
        };
        let manager = Manager::from_config(config, tls, manager);
        let patience = Some(options.patience);
        let timeouts = Timeouts { wait: patience, create: patience, recycle: patience };
        let mut pool = Pool::builder(manager)
            .max_size(options.connections.get())
            .timeouts(timeouts)
            .runtime(Runtime::Tokio1);
        if let Some(timeout) = options.statement_timeout {
            // Portability: PostgreSQL, YugabyteDB, Citus and CockroachDB (untested but the first)
            // read a number as milliseconds; 0 would mean none.
            let millis = timeout.as_millis().clamp(1, i32::MAX as u128);
            let sql = format!("set statement_timeout = {millis}");
            pool = pool.post_create(Hook::async_fn(move |client, _| {
                let sql = sql.clone();
                Box::pin(
                    async move { client.batch_execute(&sql).await.map_err(HookError::Backend) },
                )
            }));
        }
        let pool = pool
            .build()
            .map_err(|error| StoreError::new(StoreErrorKind::Other, ATTEMPT).because(error))?;
        Self::open(pool, options).await
    }

    /// Opens the store over a pool that is there already, with whatever TLS, time-outs and recycling
    /// it has. Of `options` only the schema and whether to migrate are read.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect), but for the URL.
    pub async fn open(pool: Pool, options: &Options) -> Result<Self, StoreError> {
        let keyer = migration::open(&pool, options).await;
        let keyer = keyer.map_err(|failure| failure.into_store_error("opening the store"))?;
        let schema = options.schema.clone();
        let sql = Statements::new(&schema);
        Ok(Self { inner: Arc::new(Inner { pool, schema, sql, keyer }) })
    }

    /// The pool.
    #[must_use]
    pub fn pool(&self) -> &Pool {
        &self.inner.pool
    }

    /// The schema that holds the tables.
    #[must_use]
    pub fn schema(&self) -> &SchemaName {
        &self.inner.schema
    }

    /// Every statement that the store sends once it is open, by name: for whoever reads their plans
    /// or looks for one in a log.
    pub fn statements(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.inner.sql.iter()
    }

    fn sql(&self) -> &Statements {
        &self.inner.sql
    }

    /// Runs one statement that is whole by itself and reads its rows; again where the server undid it
    /// to let somebody else pass.
    async fn ask(
        &self,
        attempt: &'static str,
        call: &Call<'_>,
        mut read: impl FnMut(&Row) -> Result<(), Failure> + Send,
    ) -> Result<(), StoreError> {
        let mut attempts = Attempts::default();
        let outcome = loop {
            let result = match Session::start(self.pool()).await {
                Ok(session) => session.run(call).await,
                Err(failure) => Err(failure),
            };
            match result {
                Ok(outcome) => break outcome,
                Err(Failure::Again(_)) if attempts.next().await => {}
                Err(failure) => return Err(failure.into_store_error(attempt)),
            }
        };
        let rows = outcome.rows.iter().try_for_each(&mut read);
        rows.map_err(|failure| failure.into_store_error(attempt))
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("PostgresStore");
        debug.field("schema", &self.inner.schema.as_str()).finish_non_exhaustive()
    }
}

impl Store for PostgresStore {
    fn keyer(&self) -> &Keyer {
        &self.inner.keyer
    }

    fn areas(&self) -> Areas {
        Areas::ALL
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        commit::commit(self, batch).await
    }
}

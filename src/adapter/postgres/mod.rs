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
mod rebuild;
mod records;
mod register;
mod sequences;
mod session;
mod statement;
mod value;
mod write;

use std::fmt;
use std::sync::Arc;

use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Row, Socket};

pub use deadpool_postgres::Pool;
pub use options::{Options, SchemaName, SchemaNameError};
/// No encryption: for a server on the same machine or a network of one's own.
pub use tokio_postgres::NoTls;

pub use rebuild::Rekeyed;

use crate::index::Keyer;
use crate::record::{Areas, Versioned};
use crate::store::{Batch, Commit, Store, StoreError};
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
    /// * [`Unavailable`](crate::store::StoreErrorKind::Unavailable): the server cannot be reached now.
    /// * [`Outdated`](crate::store::StoreErrorKind::Outdated): the tables are of an earlier version
    ///   and may not be brought up to date, or their keys were made by another version of folding.
    ///   The source names both, and the command that [rebuilds](Self::rebuild) them.
    /// * [`Corrupt`](crate::store::StoreErrorKind::Corrupt): the tables are of a later version.
    /// * [`Other`](crate::store::StoreErrorKind::Other): the URL is none, or the server refused.
    pub async fn connect<T>(url: &str, tls: T, options: &Options) -> Result<Self, StoreError>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + Sync,
        T::TlsConnect: Send + Sync,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        Self::open(options.pool(url, tls)?, options).await
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

    /// Makes a store whose keys were made by another version of folding usable by this build, or
    /// begins the index of mail anew; then opens it.
    ///
    /// Mail and its keys are dropped: file the mails again. Claims, the register and sequences stay
    /// as they are. Of every record `rekey` is asked what it shall be under the key maker given,
    /// which has the secret of before; the version stays. It must not become another record.
    ///
    /// One transaction; whatever fails or crashes leaves the store of before. No other process may
    /// have the store open: it would go on making keys as before.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), but for keys of another version. And where `rekey` fails, makes
    /// another record, or gives one unique key to two: then nothing was changed.
    pub async fn rebuild(
        pool: Pool,
        options: &Options,
        rekey: impl FnMut(&Versioned, &Keyer) -> Rekeyed + Send,
    ) -> Result<Self, StoreError> {
        let rebuilt = rebuild::rebuild(&pool, options, rekey).await;
        rebuilt.map_err(|failure| failure.into_store_error("rebuilding the store"))?;
        Self::open(pool, options).await
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

//! How to reach the server, and where in the database to live.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use deadpool_postgres::{
    Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts,
};
use tokio_postgres::tls::{MakeTlsConnect, TlsConnect};
use tokio_postgres::{Config, Socket};

use crate::store::{StoreError, StoreErrorKind};

/// How a [`PostgresStore`](super::PostgresStore) is opened.
///
/// ```
/// use std::time::Duration;
/// use correspond::adapter::postgres::Options;
///
/// let options = Options::default()
///     .schema("crm".parse()?)
///     .statement_timeout(Duration::from_secs(5));
/// # Ok::<(), correspond::adapter::postgres::SchemaNameError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    pub(super) schema: SchemaName,
    pub(super) connections: NonZeroUsize,
    pub(super) patience: Duration,
    pub(super) statement_timeout: Option<Duration>,
    pub(super) migrate: bool,
}

impl Options {
    /// Connections a store keeps at most unless told otherwise. A commit occupies one for two or
    /// three round trips, a read for one.
    pub const DEFAULT_CONNECTIONS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);

    /// The schema that holds the tables; `correspond` unless told otherwise. Two stores in two
    /// schemas have nothing in common.
    #[must_use]
    pub fn schema(mut self, schema: SchemaName) -> Self {
        self.schema = schema;
        self
    }

    /// At most this many connections; they are made when they are needed. For a store that makes its
    /// own pool.
    #[must_use]
    pub const fn connections(mut self, connections: NonZeroUsize) -> Self {
        self.connections = connections;
        self
    }

    /// How long a call waits for a free connection, and a connection for the server, before it is
    /// [`Unavailable`](crate::store::StoreErrorKind::Unavailable); 30 seconds unless told otherwise.
    /// For a store that makes its own pool.
    #[must_use]
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How long the server works on one statement, waiting for locks included, before it gives up
    /// with [`Unavailable`](crate::store::StoreErrorKind::Unavailable): PostgreSQL's
    /// `statement_timeout`, to the millisecond, at least one. As the server is configured unless
    /// told otherwise. For a store that makes its own pool.
    #[must_use]
    pub const fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement_timeout = Some(timeout);
        self
    }

    /// Whether opening creates the tables and brings them up to date; it does unless told otherwise.
    /// Where it may not, the tables have to be there: for a role that may not create any.
    #[must_use]
    pub const fn migrate(mut self, migrate: bool) -> Self {
        self.migrate = migrate;
        self
    }

    /// A pool of connections to the server at `url`, as these options want it; makes no connection
    /// yet.
    ///
    /// # Errors
    ///
    /// `url` is none.
    pub fn pool<T>(&self, url: &str, tls: T) -> Result<Pool, StoreError>
    where
        T: MakeTlsConnect<Socket> + Clone + Send + Sync + 'static,
        T::Stream: Send + Sync,
        T::TlsConnect: Send + Sync,
        <T::TlsConnect as TlsConnect<Socket>>::Future: Send,
    {
        const ATTEMPT: &str = "preparing connections to PostgreSQL";
        let config: Config = url
            .parse()
            .map_err(|error| StoreError::new(StoreErrorKind::Other, ATTEMPT).because(error))?;
        // A connection that was lost is known as such when its socket closes; asking the server at
        // each hand-out would double the round trips of a read.
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_config(config, tls, recycling);
        let patience = Some(self.patience);
        let mut pool = Pool::builder(manager)
            .max_size(self.connections.get())
            .timeouts(Timeouts { wait: patience, create: patience, recycle: patience })
            .runtime(Runtime::Tokio1);
        if let Some(timeout) = self.statement_timeout {
            // Portability: every engine takes milliseconds here (untested but for PostgreSQL); 0
            // would mean none.
            let millis = timeout.as_millis().clamp(1, i32::MAX as u128);
            let sql = format!("set statement_timeout = {millis}");
            pool = pool.post_create(Hook::async_fn(move |client, _| {
                let sql = sql.clone();
                Box::pin(
                    async move { client.batch_execute(&sql).await.map_err(HookError::Backend) },
                )
            }));
        }
        pool.build().map_err(|error| StoreError::new(StoreErrorKind::Other, ATTEMPT).because(error))
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            schema: SchemaName("correspond".into()),
            connections: Self::DEFAULT_CONNECTIONS,
            patience: Duration::from_secs(30),
            statement_timeout: None,
            migrate: true,
        }
    }
}

/// The name of a schema: a lower-case letter or `_`, then up to 62 of these and digits; not `pg_...`,
/// which belongs to the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SchemaName(Box<str>);

impl SchemaName {
    /// The name.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SchemaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SchemaName {
    type Err = SchemaNameError;

    fn from_str(name: &str) -> Result<Self, SchemaNameError> {
        // The name goes into statements: nothing in it may need quotes.
        let plain = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '_');
        let begins = name.starts_with(|c: char| plain(c) && !c.is_ascii_digit());
        if !begins || name.len() > 63 || !name.chars().all(plain) || name.starts_with("pg_") {
            return Err(SchemaNameError { found: name.chars().take(64).collect() });
        }
        Ok(Self(name.into()))
    }
}

/// A text is no name of a schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "schema name: expected 1 to 63 of a-z, 0-9 and _, no digit first, not pg_..., found {found:?}"
)]
pub struct SchemaNameError {
    found: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_name_needs_no_quotes() {
        for name in ["correspond", "_", "a1_2", &"x".repeat(63)] {
            assert_eq!(name.parse::<SchemaName>().unwrap().as_str(), name);
        }
        for name in ["", "1a", "A", "a-b", "a\"b", "pg_x", "ä", "a b", "a;b", &"x".repeat(64)] {
            assert!(name.parse::<SchemaName>().is_err(), "{name:?}");
        }
        assert_eq!(
            "a\"".parse::<SchemaName>().unwrap_err().to_string(),
            "schema name: expected 1 to 63 of a-z, 0-9 and _, no digit first, not pg_..., found \
             \"a\\\"\""
        );
    }
}

//! The tables, from version to version.

use deadpool_postgres::{Object, Pool};
use tokio_postgres::error::SqlState;

use super::failure::{Attempts, Failure};
use super::options::{Options, SchemaName};
use crate::index::Keyer;
use crate::store::StoreErrorKind;

/// Each brings the tables from the version before to its own, which is its place, from 1. They say
/// `if not exists`, for engines that do not undo a change of tables; one that was shipped never
/// changes.
const MIGRATIONS: [&str; 1] = [include_str!("migrations/0001.sql")];

/// The version of the tables that this build reads and writes.
pub(super) const VERSION: i32 = MIGRATIONS.len() as i32;

/// Sees to it that the tables are there, and makes the key maker.
pub(super) async fn open(pool: &Pool, options: &Options) -> Result<Keyer, Failure> {
    let schema = &options.schema;
    prepare(pool, options).await?;
    let stamp = stamp(&pool.get().await?, schema).await?;
    Keyer::from_stamp(&stamp).map_err(|error| {
        let text = format!(
            "schema {schema}: {error}, with `PostgresStore::rebuild`, or with `correlate_mailbox \
             --store postgres:URL --rebuild MAIL ...`"
        );
        Failure::Lasting(StoreErrorKind::Outdated, text.into())
    })
}

/// Sees to it that the tables are there, and of the version of this build.
pub(super) async fn prepare(pool: &Pool, options: &Options) -> Result<(), Failure> {
    let schema = &options.schema;
    // The usual case needs no right to create anything and no lock.
    let mut found = version(&pool.get().await?, schema).await?;
    if options.migrate && found.is_none_or(|found| found < VERSION) {
        let client = pool.get().await?;
        create(&client, schema).await?;
        migrate(client, schema).await?;
        found = version(&pool.get().await?, schema).await?;
    }
    match found {
        Some(VERSION) => Ok(()),
        Some(later) if later > VERSION => Err(Failure::corrupt(format!(
            "schema {schema}: expected tables of version {VERSION}, found version {later} of a later \
             build"
        ))),
        other => Err(outdated(other)),
    }
}

fn outdated(found: Option<i32>) -> Failure {
    let found = found.map_or_else(|| "none".into(), |found| format!("version {found}"));
    let text = format!(
        "expected tables of version {VERSION}, found {found}: open the store once as a role that may \
         create them, with `Options::migrate`"
    );
    Failure::Lasting(StoreErrorKind::Outdated, text.into())
}

/// The version of the tables; `None` where there are none.
async fn version(client: &Object, schema: &SchemaName) -> Result<Option<i32>, Failure> {
    // Portability: `max` over a handful of rows, everywhere.
    let sql = format!("select max(version) from \"{schema}\".migration");
    match client.query_one(sql.as_str(), &[]).await {
        Ok(row) => Ok(row.try_get(0).map_err(Failure::corrupt)?),
        Err(error)
            if [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME]
                .iter()
                .any(|code| error.code() == Some(code)) =>
        {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes the schema, the table of versions and the row in it that is the lock.
async fn create(client: &Object, schema: &SchemaName) -> Result<(), Failure> {
    // Portability: as everywhere; `if not exists` is not safe against others who do the same at the
    // same moment, hence the attempts.
    let sql = [
        format!("create schema if not exists \"{schema}\""),
        format!(
            "create table if not exists \"{schema}\".migration \
             (version integer not null, primary key (version))"
        ),
        format!("insert into \"{schema}\".migration (version) values (0) on conflict do nothing"),
    ];
    for sql in sql {
        let mut attempts = Attempts::default();
        while let Err(error) = client.batch_execute(&sql).await {
            if !is_collision(&error) || !attempts.next().await {
                return Err(error.into());
            }
        }
    }
    Ok(())
}

/// Is it how a server says that another session is creating the same thing?
fn is_collision(error: &tokio_postgres::Error) -> bool {
    [
        // A row of its own catalogue is there already.
        SqlState::UNIQUE_VIOLATION,
        SqlState::DUPLICATE_SCHEMA,
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_OBJECT,
        // "tuple concurrently updated".
        SqlState::INTERNAL_ERROR,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
    ]
    .iter()
    .any(|code| error.code() == Some(code))
}

/// Applies what is missing, one process at a time.
async fn migrate(client: Object, schema: &SchemaName) -> Result<(), Failure> {
    // Not from the pool: a session that fails or is dropped here must not be used again.
    let mut client = Object::take(client);
    let mut attempts = Attempts::default();
    loop {
        match migrate_once(&mut client, schema).await {
            Ok(()) => return Ok(()),
            Err(error) if is_collision(&error) && attempts.next().await => {}
            Err(error) => return Err(error.into()),
        }
    }
}

async fn migrate_once(
    client: &mut deadpool_postgres::ClientWrapper,
    schema: &SchemaName,
) -> Result<(), tokio_postgres::Error> {
    let transaction = client.transaction().await?;
    // Portability: a row lock is what every engine has; the search path of one transaction too.
    let lock = format!("select version from \"{schema}\".migration where version = 0 for update");
    transaction.query_one(lock.as_str(), &[]).await?;
    let last = format!("select max(version) from \"{schema}\".migration");
    let last: i32 = transaction.query_one(last.as_str(), &[]).await?.try_get(0)?;
    transaction.batch_execute(&format!("set local search_path to \"{schema}\"")).await?;
    for (sql, number) in MIGRATIONS.iter().zip(1..).filter(|(_, number)| *number > last) {
        transaction.batch_execute(sql).await?;
        let done = format!("insert into \"{schema}\".migration (version) values ({number})");
        transaction.batch_execute(&done).await?;
    }
    transaction.commit().await
}

/// The stamp of the store's key maker, made where there is none; of several who make one, one wins.
async fn stamp(client: &Object, schema: &SchemaName) -> Result<Vec<u8>, Failure> {
    let read = format!("select value from \"{schema}\".property where name = 'stamp'");
    if let Some(row) = client.query_opt(read.as_str(), &[]).await? {
        return row.try_get(0).map_err(Failure::corrupt);
    }
    let mut secret = [0; 16];
    getrandom::fill(&mut secret)
        .map_err(|error| Failure::Lasting(StoreErrorKind::Other, error.to_string().into()))?;
    let stamp = Keyer::from_secret(secret).stamp().to_vec();
    let write = format!(
        "insert into \"{schema}\".property (name, value) values ('stamp', $1) on conflict do nothing"
    );
    client.execute(write.as_str(), &[&stamp]).await?;
    let row = client.query_one(read.as_str(), &[]).await?;
    row.try_get(0).map_err(Failure::corrupt)
}

//! Keys of another version of folding, made anew.

use std::collections::BTreeMap;
use std::error::Error;

use deadpool_postgres::Pool;

use super::commit::write;
use super::failure::Failure;
use super::migration;
use super::options::Options;
use super::present::Shown;
use super::session::{Call, Param, Session};
use super::statement::Statements;
use super::value::{column, number, uuid, versioned};
use super::write::writes;
use crate::id::TenantId;
use crate::index::Keyer;
use crate::record::{Record, Versioned};
use crate::store::{Batch, Change, Expect, StoreErrorKind};

/// What a record is to be under other keys, or why it cannot be.
pub type Rekeyed = Result<Record, Box<dyn Error + Send + Sync>>;

/// So many records are read and written at a time.
const PAGE: i64 = 500;

/// One transaction: a crash leaves the store of before.
pub(super) async fn rebuild(
    pool: &Pool,
    options: &Options,
    mut rekey: impl FnMut(&Versioned, &Keyer) -> Rekeyed + Send,
) -> Result<(), Failure> {
    migration::prepare(pool, options).await?;
    let sql = Statements::new(&options.schema);
    let mut session = Session::start(pool).await?;
    session.begin(&[]).await?;
    session.run(&Call::asking(&sql.lock_migrations, Vec::new())).await?;
    let keyer = renew(&session, &sql).await?;
    session.run(&Call::writing(&sql.clear_keys, Vec::new())).await?;
    let mut after: Option<[Param; 3]> = None;
    loop {
        let (text, mut params): (_, Vec<Param>) = match after.take() {
            None => (&sql.all_records, Vec::new()),
            Some(last) => (&sql.all_records_after, last.into()),
        };
        params.insert(0, Box::new(PAGE));
        let page = session.run(&Call::asking(text, params)).await?;
        let mut tenants: BTreeMap<TenantId, Vec<Versioned>> = BTreeMap::new();
        for row in &page.rows {
            let tenant = TenantId::new(number(row, 0)?);
            tenants.entry(tenant).or_default().push(versioned(row, 1)?);
        }
        if let Some(row) = page.rows.last() {
            let (kind, id): (i16, _) = (column(row, 1)?, number(row, 2)?);
            after = Some([Box::new(uuid(number(row, 0)?)), Box::new(kind), Box::new(uuid(id))]);
        }
        for (tenant, records) in tenants {
            add(&mut session, &sql, tenant, &records, |found| rekey(found, &keyer)).await?;
        }
        if after.is_none() {
            return session.commit().await;
        }
    }
}

/// Sets the stamp of this build, under the secret of before: hosts keep keys too.
async fn renew(session: &Session, sql: &Statements) -> Result<Keyer, Failure> {
    let found = session.run(&Call::asking(&sql.read_stamp, Vec::new())).await?;
    let row = found.rows.first().ok_or_else(|| Failure::corrupt("expected a stamp, found none"))?;
    let keyer = Keyer::renew(column(row, 0)?)
        .map_err(|error| Failure::Lasting(StoreErrorKind::Outdated, error.into()))?;
    let stamp = keyer.stamp().to_vec();
    session.run(&Call::writing(&sql.write_stamp, vec![Box::new(stamp)])).await?;
    Ok(keyer)
}

/// Writes records of one tenant again. Their keys are not there: the tables of keys are empty.
async fn add(
    session: &mut Session,
    sql: &Statements,
    tenant: TenantId,
    records: &[Versioned],
    mut rekey: impl FnMut(&Versioned) -> Rekeyed,
) -> Result<(), Failure> {
    let (mut batch, mut shown) = (Batch::new(tenant), Shown::default());
    for found in records {
        let (reference, version) = (found.record.reference(), found.version);
        let record = rekey(found).map_err(refused)?;
        if record.reference() != reference {
            return Err(refused(format!("expected {reference}, found {}", record.reference())));
        }
        shown.without_keys(reference);
        let change = Change::Put { record, version, expect: Expect::At(version) };
        batch.push(change).map_err(|_| refused(format!("{reference}: {TWICE}")))?;
    }
    let (first, tenant) = (records.first().map(|found| found.record.reference()), tenant.get());
    if !write(session, writes(sql, &batch, &shown), false).await? {
        let from = first.map(|first| first.to_string()).unwrap_or_default();
        return Err(refused(format!("tenant {tenant:x}, records from {from} on: {TWICE}")));
    }
    Ok(())
}

const TWICE: &str = "expected unique keys that no other record has, found one that another has";

fn refused(error: impl Into<Box<dyn Error + Send + Sync>>) -> Failure {
    Failure::Lasting(StoreErrorKind::Other, error.into())
}

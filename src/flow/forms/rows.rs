//! Rows that the host writes itself.

use std::collections::HashSet;

use super::bulk::load;
use super::keyed::{DirectoryKeys, claiming, follow, still_claimed};
use crate::flow::FlowError;
use crate::form::MatchPlan;
use crate::id::TenantId;
use crate::party::{Party, PartyError};
use crate::record::{Area, RecordRef, Version, Versioned, Versions};
use crate::store::{Batch, Change, Commit, Expect, Reason, Records, Store};

/// At most this many rows a batch.
const ROWS_PER_BATCH: usize = 500;

/// What became of the rows that a host wrote.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "rows may have been lost to a race"]
#[non_exhaustive]
pub struct RowsWritten {
    /// How many were written.
    pub written: u64,
    /// Those that were not, by their place.
    pub unwritten: Vec<UnwrittenRow>,
}

/// A row that was not written.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UnwrittenRow {
    /// Its place in what was handed in; the first row has 0.
    pub place: u64,
    /// Which row.
    pub row: RecordRef,
    /// Why.
    pub why: UnwrittenBecause,
}

/// Why a row was not written.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum UnwrittenBecause {
    /// It is not there as expected: somebody else was faster.
    Stale {
        /// The version that is there; `None` where there is no row.
        found: Option<Version>,
    },
    /// It is no record of the directory.
    Kind,
    /// It has no room for its values, or for its keys.
    Unfit(PartyError),
}

/// Writes rows of the directory as the host has them: a contact that somebody typed in or changed on
/// a screen, what a synchronization brings, a table that moves in.
///
/// Write contacts, leads and accounts through it and not by batches of your own: it gives them the
/// match keys of the strategies, those too that [`key_directory`](super::key_directory) is about to
/// introduce, and the keys of their addresses. A row without them is found by no submission.
///
/// Nothing is matched, and a new row claims nothing: two of them may be the same person. What shall be
/// matched is an [import](super::Submissions::import_step). A row that is there keeps, of what it
/// claimed when a submission made it, what its values still make; keys that are none of these stay.
///
/// Up to 500 rows are one batch. Each says what must be there ([`Expect`]); one that is not there so is
/// reported and holds up no other. A row that comes twice is written twice, one after the other: the
/// second time it expects what the first one left, and is lost.
///
/// ```
/// # use chrono::DateTime;
/// # use correspond::adapter::memory::MemoryStore;
/// # use correspond::flow::forms::{key_directory, write_rows};
/// # use correspond::form::{MatchPlan, MatchScope};
/// # use correspond::id::{RecordId, TenantId};
/// # use correspond::party::{Attributes, Party, Value};
/// # use correspond::record::{RecordKind, Versions};
/// # use correspond::store::{Blocking, Expect};
/// # let (now, tenant) = (DateTime::UNIX_EPOCH, TenantId::new(1));
/// # let (store, versions) = (Blocking::new(MemoryStore::default()), Versions::default());
/// # let plan = MatchPlan::new(&[], &MatchScope::default())?;
/// let mut attributes = Attributes::default();
/// attributes.set("emailaddress1", Value::Text("ann@home.example".into()))?;
/// let ann = Party::new(RecordKind::Contact.of(RecordId::new(7)), now, attributes);
/// let rows = [(ann, Expect::Absent)];
/// let done = store.run(async |s| write_rows(s, &versions, tenant, &plan, rows).await)??;
/// assert_eq!((done.written, done.unwritten.len()), (1, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The store failed: batches before are written, and of the last one all or nothing. The same call
/// again tells, as what is written is not as it expects.
pub async fn write_rows<S, I>(
    store: &S,
    versions: &Versions,
    tenant: TenantId,
    plan: &MatchPlan,
    rows: I,
) -> Result<RowsWritten, FlowError>
where
    S: Store + Records,
    I: IntoIterator<Item = (Party, Expect)>,
    I::IntoIter: Send,
{
    let mut done = RowsWritten::default();
    let mut waiting: Vec<Row> = Vec::new();
    let mut references = HashSet::new();
    let writer = Writer { store, versions, tenant, plan };
    for (place, (party, expect)) in (0_u64..).zip(rows) {
        let again = !references.insert(party.reference());
        if again || waiting.len() >= ROWS_PER_BATCH {
            writer.write(std::mem::take(&mut waiting), &mut done).await?;
            references = HashSet::from([party.reference()]);
        }
        waiting.push(Row { place, party, expect });
    }
    writer.write(waiting, &mut done).await?;
    done.unwritten.sort_by_key(|row| row.place);
    Ok(done)
}

struct Row {
    place: u64,
    party: Party,
    expect: Expect,
}

struct Writer<'a, S> {
    store: &'a S,
    versions: &'a Versions,
    tenant: TenantId,
    plan: &'a MatchPlan,
}

impl<S: Store + Records> Writer<'_, S> {
    /// Writes what applies of these rows, each of another record.
    async fn write(&self, mut rows: Vec<Row>, done: &mut RowsWritten) -> Result<(), FlowError> {
        // Whatever was lost is reported and gone, so that every round has fewer rows.
        while !rows.is_empty() {
            let (keys, found) = self.load(rows.iter().map(|row| row.party.reference())).await?;
            let mut batch = Batch::new(self.tenant);
            let mut tried = Vec::with_capacity(rows.len());
            for (row, before) in rows.into_iter().zip(&found) {
                match self.put(&row, before.as_ref(), &keys) {
                    Ok(put) => {
                        batch.push(put)?;
                        tried.push(row);
                    }
                    Err(why) => done.unwritten.push(row.unwritten(why)),
                }
            }
            let refused = match self.store.commit(&batch).await? {
                Commit::Applied => {
                    done.written += tried.len() as u64;
                    return follow(self.store, self.versions, self.plan, &keys, &batch).await;
                }
                Commit::Refused(refused) => refused,
            };
            rows = Vec::with_capacity(tried.len());
            let mut lost = false;
            for (place, row) in tried.into_iter().enumerate() {
                let reason = refused.iter().find(|refusal| refusal.change == place);
                match reason.map(|refusal| &refusal.reason) {
                    Some(Reason::Stale { found }) => {
                        lost = true;
                        done.unwritten
                            .push(row.unwritten(UnwrittenBecause::Stale { found: *found }));
                    }
                    _ => rows.push(row),
                }
            }
            if !lost {
                return Err(FlowError::contended());
            }
        }
        Ok(())
    }

    fn put(
        &self,
        row: &Row,
        before: Option<&Versioned>,
        keys: &DirectoryKeys,
    ) -> Result<Change, UnwrittenBecause> {
        if row.party.reference().kind().area() != Area::Directory {
            return Err(UnwrittenBecause::Kind);
        }
        let found = before.map(|kept| kept.version);
        if row.expect != found.map_or(Expect::Absent, Expect::At) {
            return Err(UnwrittenBecause::Stale { found });
        }
        let claims = self.plan.claims(&row.party, self.store.keyer());
        let unique = before.map(|kept| still_claimed(kept.record.unique(), &claims));
        let (before, made) = (before.map(|kept| &kept.record), keys.of_row(&row.party, self.store));
        let record = claiming(&row.party, before, made, unique.unwrap_or_default())
            .map_err(UnwrittenBecause::Unfit)?;
        Ok(Change::Put { record, version: self.versions.next(), expect: row.expect })
    }

    async fn load(
        &self,
        rows: impl Iterator<Item = RecordRef>,
    ) -> Result<(DirectoryKeys, Vec<Option<Versioned>>), FlowError> {
        let wanted = [DirectoryKeys::reference(self.tenant)].into_iter().chain(rows);
        let mut found = load(self.store, self.tenant, wanted).await?.into_iter();
        let keys = DirectoryKeys::found(found.next().flatten().as_ref())?;
        Ok((keys, found.collect()))
    }
}

impl Row {
    fn unwritten(self, why: UnwrittenBecause) -> UnwrittenRow {
        UnwrittenRow { place: self.place, row: self.party.reference(), why }
    }
}

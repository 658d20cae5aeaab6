//! Does a batch apply? The rules of [`Change`], once for every store.

use std::collections::HashSet;

use super::batch::Batch;
use super::change::{Change, Expect};
use super::commit::{Commit, Reason, Refusal};
use super::error::StoreError;
use crate::claim::{ClaimId, ClaimState, Claimant, RegisterName, Registration, SendClaim};
use crate::id::{RecordId, TenantId};
use crate::index::{IndexKey, IndexKind};
use crate::record::{RecordRef, UniqueKey, Version};

/// What a store holds of one tenant, as far as the conditions of changes ask: what [`judge`](judge()) looks
/// at. It must not change between judging and writing: judge under the lock, or in the transaction,
/// in which the batch is written.
pub trait Present {
    /// Is a mail filed under this id?
    ///
    /// # Errors
    ///
    /// The store failed.
    fn has_mail(&self, id: RecordId) -> Result<bool, StoreError>;

    /// A mail that carries this key of kind [`MessageId`](IndexKind::MessageId).
    ///
    /// # Errors
    ///
    /// The store failed.
    fn mail_with(&self, key: &IndexKey) -> Result<Option<RecordId>, StoreError>;

    /// The version of a record; `None` where there is no record.
    ///
    /// # Errors
    ///
    /// The store failed.
    fn version(&self, record: RecordRef) -> Result<Option<Version>, StoreError>;

    /// The record that has a unique key.
    ///
    /// # Errors
    ///
    /// The store failed.
    fn holder(&self, key: &UniqueKey) -> Result<Option<RecordRef>, StoreError>;

    /// The claim of a send.
    ///
    /// # Errors
    ///
    /// The store failed.
    fn claim(&self, id: &ClaimId) -> Result<Option<SendClaim>, StoreError>;

    /// The registration of a name, whichever tenant's it is.
    ///
    /// # Errors
    ///
    /// The store failed.
    fn registration(&self, name: &RegisterName) -> Result<Option<Registration>, StoreError>;
}

/// Does the batch apply to what is present? Says what [`Store::commit`](super::Store::commit) has to
/// answer, and writes nothing: [`Commit::Applied`] means that the store may go and write.
///
/// Every change is judged as if all others applied, so that keys may move within a batch, and every
/// one that does not apply is named (C-REF-1). Which areas the store supports is not asked: one that
/// keeps only part looks at [`Change::area`] first (C-SUP-1).
///
/// # Errors
///
/// What is present could not be read.
pub fn judge(batch: &Batch, present: &impl Present) -> Result<Commit, StoreError> {
    let mut judge = Judge { batch, present, written: None, forgotten: None };
    let mut refusals = Vec::new();
    for (change, what) in batch.changes().iter().enumerate() {
        if let Some(reason) = judge.objection(what)? {
            refusals.push(Refusal { change, reason });
        }
    }
    Ok(if refusals.is_empty() { Commit::Applied } else { Commit::Refused(refusals) })
}

struct Judge<'a, P> {
    batch: &'a Batch,
    present: &'a P,
    /// The records that the batch writes or deletes, once somebody asked.
    written: Option<HashSet<RecordRef>>,
    /// The mails that it forgets, likewise.
    forgotten: Option<HashSet<RecordId>>,
}

impl<P: Present> Judge<'_, P> {
    fn objection(&mut self, change: &Change) -> Result<Option<Reason>, StoreError> {
        Ok(match change {
            Change::File(row) => {
                let filed = |holder| Some(Reason::Filed { holder });
                if self.present.has_mail(row.id())? {
                    return Ok(filed(row.id()));
                }
                for key in row.keys().iter().filter(|key| key.kind() == IndexKind::MessageId) {
                    let holder = self.present.mail_with(key)?;
                    if let Some(holder) = holder.filter(|holder| !self.forgets(*holder)) {
                        return Ok(filed(holder));
                    }
                }
                None
            }
            Change::Forget(_) => None,
            Change::Put { record, expect, .. } => {
                let expected = match expect {
                    Expect::Absent => None,
                    Expect::At(version) => Some(*version),
                };
                match self.stale(record.reference(), expected)? {
                    Some(stale) => Some(stale),
                    None => self.taken(record.reference(), record.unique())?,
                }
            }
            Change::Delete { record, expect } => self.stale(*record, Some(*expect))?,
            Change::Claim { id, .. } => {
                self.present.claim(id)?.map(|claim| Reason::Claimed { claim })
            }
            Change::Settle { id, by, .. }
            | Change::Release { id, by }
            | Change::TakeOver { id, from: by, .. } => self.unclaimed(id, *by)?,
            Change::Register { name, now, .. } => {
                self.registered(name, |found| found.holds_at(*now))?
            }
            Change::Unregister { name } => self.registered(name, |_| true)?,
        })
    }

    fn stale(
        &self,
        record: RecordRef,
        expected: Option<Version>,
    ) -> Result<Option<Reason>, StoreError> {
        let found = self.present.version(record)?;
        Ok((found != expected).then_some(Reason::Stale { found }))
    }

    fn taken(
        &mut self,
        record: RecordRef,
        keys: &[UniqueKey],
    ) -> Result<Option<Reason>, StoreError> {
        for key in keys {
            let Some(holder) = self.present.holder(key)? else { continue };
            // Another record that the batch writes does not keep the key: no two changes of a batch
            // name the same one.
            if holder != record && !self.writes(holder) {
                return Ok(Some(Reason::Taken { key: *key, holder }));
            }
        }
        Ok(None)
    }

    fn forgets(&mut self, mail: RecordId) -> bool {
        let changes = self.batch.changes();
        let forgotten = self.forgotten.get_or_insert_with(|| {
            let mails = changes.iter().filter_map(|change| match change {
                Change::Forget(id) => Some(*id),
                _ => None,
            });
            mails.collect()
        });
        forgotten.contains(&mail)
    }

    fn writes(&mut self, record: RecordRef) -> bool {
        let changes = self.batch.changes();
        let written = self.written.get_or_insert_with(|| {
            let records = changes.iter().filter_map(|change| match change {
                Change::Put { record, .. } => Some(record.reference()),
                Change::Delete { record, .. } => Some(*record),
                _ => None,
            });
            records.collect()
        });
        written.contains(&record)
    }

    fn unclaimed(&self, id: &ClaimId, by: Claimant) -> Result<Option<Reason>, StoreError> {
        let found = self.present.claim(id)?;
        let open = found.is_some_and(|claim| claim.state() == ClaimState::Open && claim.by() == by);
        Ok((!open).then_some(Reason::Unclaimed { found }))
    }

    fn registered(
        &self,
        name: &RegisterName,
        holds: impl FnOnce(&Registration) -> bool,
    ) -> Result<Option<Reason>, StoreError> {
        let tenant: TenantId = self.batch.tenant();
        let found = self.present.registration(name)?;
        let other = found.filter(|found| found.tenant() != tenant).filter(holds);
        Ok(other.map(|found| Reason::Registered { tenant: found.tenant(), until: found.until() }))
    }
}

//! What one tenant has, and how a batch changes it.

use std::num::NonZeroU32;

use super::ledger::Claims;
use super::messages::Messages;
use super::records::{RecordTable, Row};
use crate::claim::{ClaimId, RecipientKey, RegisterName, Registration, SendClaim};
use crate::id::RecordId;
use crate::index::IndexKey;
use crate::record::{Record, RecordRef, UniqueKey, Version, Versioned};
use crate::store::{Batch, Change, Present, StoreError, StoreErrorKind};

/// Everything of one tenant, under one lock.
#[derive(Debug, Default)]
pub(super) struct Tenant {
    pub(super) messages: Messages,
    pub(super) records: RecordTable,
    pub(super) claims: Claims,
}

/// What of a batch the store keeps, copied before its tenant is locked; and in exchange what it does
/// not keep any more, to be dropped after.
#[derive(Debug)]
pub(super) struct Copies {
    records: Vec<Versioned>,
    claims: Vec<ClaimId>,
    dropped: Vec<Record>,
    dropped_recipients: Vec<RecipientKey>,
    /// The keys of the mails to be filed.
    keys: usize,
    /// Records that are written or deleted.
    changed: usize,
}

impl Copies {
    pub(super) fn of(batch: &Batch) -> Self {
        let mut copies = Self {
            records: Vec::new(),
            claims: Vec::new(),
            dropped: Vec::new(),
            dropped_recipients: Vec::new(),
            keys: 0,
            changed: 0,
        };
        // From the last to the first, so that each is taken off the end when its turn comes.
        for change in batch.changes().iter().rev() {
            match change {
                Change::File(row) => copies.keys += row.keys().len(),
                Change::Put { record, version, .. } => {
                    copies.records.push(Versioned { record: record.clone(), version: *version });
                    copies.changed += 1;
                }
                Change::Delete { .. } => copies.changed += 1,
                Change::Claim { id, .. } => copies.claims.push(id.clone()),
                _ => {}
            }
        }
        copies.dropped.reserve(copies.changed);
        copies
    }

    /// Does the batch write or delete any?
    pub(super) fn has_records(&self) -> bool {
        self.changed > 0
    }
}

impl Tenant {
    /// Reads what [judging](crate::store::judge) and [applying](Self::apply) the batch will read of
    /// records, while others may read too.
    pub(super) fn look_ahead(&self, batch: &Batch) {
        self.records.look_ahead_to_write(batch.changes().iter().filter_map(
            |change| match change {
                Change::Put { record, .. } => Some((record.reference(), Some(record))),
                Change::Delete { record, .. } => Some((*record, None)),
                _ => None,
            },
        ));
    }

    /// Is there room for whatever the batch adds?
    pub(super) fn room(&self, copies: &Copies) -> Result<(), StoreError> {
        let full = |attempt| Err(StoreError::new(StoreErrorKind::Full, attempt));
        if !self.messages.has_room(copies.keys) {
            return full("filing a mail");
        }
        if !self.records.has_room(copies.records.len()) {
            return full("writing a record");
        }
        if !self.claims.has_room(copies.claims.len()) {
            return full("claiming a send");
        }
        Ok(())
    }

    /// Does the whole batch, which was [judged](crate::store::judge) to apply and for which there [is
    /// room](Self::room): what it frees first, then what it adds.
    pub(super) fn apply(&mut self, batch: &Batch, copies: &mut Copies, rows: NonZeroU32) {
        for change in batch.changes() {
            match change {
                Change::Forget(id) => self.messages.forget(*id),
                Change::Put { record, .. } => {
                    self.records.release(record.reference(), record.unique());
                }
                Change::Delete { record, .. } => {
                    self.records.release(*record, &[]);
                    copies.dropped.extend(self.records.delete(*record));
                }
                _ => {}
            }
        }
        for change in batch.changes() {
            match change {
                Change::File(row) => {
                    self.messages.file(row, rows);
                }
                Change::Put { .. } => {
                    let new = copies.records.pop();
                    copies.dropped.extend(new.and_then(|new| self.records.put(new)));
                }
                Change::Claim { .. }
                | Change::Settle { .. }
                | Change::Release { .. }
                | Change::TakeOver { .. } => self.send(change, copies),
                _ => {}
            }
        }
    }

    fn send(&mut self, change: &Change, copies: &mut Copies) {
        let Some((id, claim)) = change.claim_after() else { return };
        match (change, claim) {
            (Change::Claim { .. }, Some(claim)) => {
                if let Some(id) = copies.claims.pop() {
                    self.claims.add(id, claim);
                }
            }
            (_, Some(claim)) => self.claims.change(id, claim),
            (_, None) => copies.dropped_recipients.extend(self.claims.remove(id)),
        }
    }
}

impl Present for Tenant {
    fn has_mail(&self, id: RecordId) -> Result<bool, StoreError> {
        Ok(self.messages.contains(id))
    }

    fn mail_with(&self, key: &IndexKey) -> Result<Option<RecordId>, StoreError> {
        Ok(self.messages.holder(key))
    }

    fn version(&self, record: RecordRef) -> Result<Option<Version>, StoreError> {
        Ok(self.records.get(record).map(Row::version))
    }

    fn holder(&self, key: &UniqueKey) -> Result<Option<RecordRef>, StoreError> {
        Ok(self.records.holder(key))
    }

    fn claim(&self, id: &ClaimId) -> Result<Option<SendClaim>, StoreError> {
        Ok(self.claims.get(&id.scope, &id.recipient))
    }

    /// Names are of all tenants, and kept elsewhere.
    fn registration(&self, _: &RegisterName) -> Result<Option<Registration>, StoreError> {
        Ok(None)
    }
}

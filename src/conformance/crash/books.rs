//! What must be in the store.

use std::collections::{BTreeMap, BTreeSet};

use crate::claim::{ClaimId, RegisterName, Registration, SendClaim};
use crate::id::RecordId;
use crate::index::{IndexKey, MessageRow};
use crate::record::{RecordRef, UniqueKey, Versioned};
use crate::store::{Batch, Change};

/// What a store holds that applied some batches, and what it held once: kept as simply as can be, so
/// that it is right.
#[derive(Clone, Debug)]
pub(super) struct Books {
    everywhere: IndexKey,
    mails: BTreeMap<RecordId, MessageRow>,
    records: BTreeMap<RecordRef, Versioned>,
    holders: BTreeMap<UniqueKey, RecordRef>,
    claims: BTreeMap<ClaimId, SendClaim>,
    names: BTreeMap<RegisterName, Registration>,
    gone: Gone,
}

/// What must not be in the store any more.
#[derive(Clone, Debug, Default)]
pub(super) struct Gone {
    pub(super) mails: Vec<MessageRow>,
    pub(super) records: BTreeSet<RecordRef>,
    pub(super) unique: BTreeSet<UniqueKey>,
    pub(super) claims: BTreeSet<ClaimId>,
}

impl Books {
    /// Nothing. Every mail will carry the key `everywhere`.
    pub(super) fn new(everywhere: IndexKey) -> Self {
        Self {
            everywhere,
            mails: BTreeMap::new(),
            records: BTreeMap::new(),
            holders: BTreeMap::new(),
            claims: BTreeMap::new(),
            names: BTreeMap::new(),
            gone: Gone::default(),
        }
    }

    pub(super) const fn everywhere(&self) -> IndexKey {
        self.everywhere
    }

    pub(super) const fn mails(&self) -> &BTreeMap<RecordId, MessageRow> {
        &self.mails
    }

    pub(super) const fn records(&self) -> &BTreeMap<RecordRef, Versioned> {
        &self.records
    }

    pub(super) const fn holders(&self) -> &BTreeMap<UniqueKey, RecordRef> {
        &self.holders
    }

    pub(super) const fn claims(&self) -> &BTreeMap<ClaimId, SendClaim> {
        &self.claims
    }

    pub(super) const fn names(&self) -> &BTreeMap<RegisterName, Registration> {
        &self.names
    }

    pub(super) const fn gone(&self) -> &Gone {
        &self.gone
    }

    /// Enters a batch that was applied.
    pub(super) fn apply(&mut self, batch: &Batch) {
        // A key may move from a record that is written later to one that is written earlier.
        for change in batch.changes() {
            match change {
                Change::Put { record, .. } => self.take_out(record.reference()),
                Change::Delete { record, .. } => {
                    self.take_out(*record);
                    self.gone.records.insert(*record);
                }
                _ => {}
            }
        }
        for change in batch.changes() {
            match change {
                Change::File(row) => {
                    self.mails.insert(row.id(), row.clone());
                }
                Change::Forget(id) => self.gone.mails.extend(self.mails.remove(id)),
                Change::Put { record, version, .. } => {
                    let reference = record.reference();
                    for key in record.unique() {
                        self.gone.unique.remove(key);
                        self.holders.insert(*key, reference);
                    }
                    let versioned = Versioned { record: record.clone(), version: *version };
                    self.records.insert(reference, versioned);
                }
                Change::Delete { .. } => {}
                Change::Claim { .. }
                | Change::Settle { .. }
                | Change::Release { .. }
                | Change::TakeOver { .. } => self.enter_claim(change),
                Change::Register { name, until, .. } => {
                    let registration = Registration::new(batch.tenant(), *until);
                    self.names.insert(name.clone(), registration);
                }
                Change::Unregister { name } => {
                    self.names.remove(name);
                }
            }
        }
    }

    fn enter_claim(&mut self, change: &Change) {
        let Some((id, claim)) = change.claim_after() else { return };
        match claim {
            Some(claim) => {
                self.gone.claims.remove(id);
                self.claims.insert(id.clone(), claim);
            }
            None => {
                self.claims.remove(id);
                self.gone.claims.insert(id.clone());
            }
        }
    }

    fn take_out(&mut self, record: RecordRef) {
        let Some(before) = self.records.remove(&record) else { return };
        for key in before.record.unique() {
            self.holders.remove(key);
            self.gone.unique.insert(*key);
        }
    }
}

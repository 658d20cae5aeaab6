//! What one tenant has, and how a batch changes it.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::num::NonZeroU32;

use super::ledger::Claims;
use super::messages::Messages;
use super::records::RecordTable;
use crate::claim::{ClaimId, ClaimState, Claimant, RecipientKey, SendClaim};
use crate::id::RecordId;
use crate::index::{IndexKind, MessageRow};
use crate::record::{Record, RecordRef, Version, Versioned};
use crate::store::{Batch, Change, Expect, Reason, Refusal, StoreError, StoreErrorKind};

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
    dropped: Vec<Versioned>,
    dropped_recipients: Vec<RecipientKey>,
    /// The keys of the mails to be filed.
    keys: usize,
}

impl Copies {
    pub(super) fn of(batch: &Batch) -> Self {
        let mut copies = Self {
            records: Vec::new(),
            claims: Vec::new(),
            dropped: Vec::new(),
            dropped_recipients: Vec::new(),
            keys: 0,
        };
        let mut gone = 0;
        // From the last to the first, so that each is taken off the end when its turn comes.
        for change in batch.changes().iter().rev() {
            match change {
                Change::File(row) => copies.keys += row.keys().len(),
                Change::Put { record, version, .. } => {
                    copies.records.push(Versioned { record: record.clone(), version: *version });
                    gone += 1;
                }
                Change::Delete { .. } => gone += 1,
                Change::Claim { id, .. } => copies.claims.push(id.clone()),
                _ => {}
            }
        }
        copies.dropped.reserve(gone);
        copies
    }
}

impl Tenant {
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

    /// The changes that do not apply, in ascending order.
    pub(super) fn refusals(&self, batch: &Batch) -> Vec<Refusal> {
        let changing = Changing { batch, records: OnceCell::new(), forgotten: OnceCell::new() };
        let changes = batch.changes().iter().enumerate();
        changes
            .filter_map(|(change, what)| {
                self.reason(what, &changing).map(|reason| Refusal { change, reason })
            })
            .collect()
    }

    fn reason(&self, change: &Change, changing: &Changing<'_>) -> Option<Reason> {
        match change {
            Change::File(row) => self.filed(row, changing),
            Change::Put { record, expect, .. } => {
                let found = self.records.version(record.reference());
                let expected = match expect {
                    Expect::Absent => None,
                    Expect::At(version) => Some(*version),
                };
                stale(found, expected).or_else(|| self.taken(record, changing))
            }
            Change::Delete { record, expect } => {
                stale(self.records.version(*record), Some(*expect))
            }
            Change::Claim { id, .. } => self.claim(id).map(|claim| Reason::Claimed { claim }),
            Change::Settle { id, by, .. }
            | Change::Release { id, by }
            | Change::TakeOver { id, from: by, .. } => unclaimed(self.claim(id), *by),
            // The one applies always, the others are alone in their batch, which does not come here.
            Change::Forget(_) | Change::Register { .. } | Change::Unregister { .. } => None,
        }
    }

    fn claim(&self, id: &ClaimId) -> Option<SendClaim> {
        self.claims.get(&id.scope, &id.recipient)
    }

    /// The mail that stands in the way of this one.
    fn filed(&self, row: &MessageRow, changing: &Changing<'_>) -> Option<Reason> {
        if self.messages.contains(row.id()) {
            return Some(Reason::Filed { holder: row.id() });
        }
        let ids = row.keys().iter().filter(|key| key.kind() == IndexKind::MessageId);
        let mut holders = ids.filter_map(|id| self.messages.holder(id));
        let holder = holders.find(|holder| !changing.forgets(*holder))?;
        Some(Reason::Filed { holder })
    }

    /// The first unique key of the record that another one has and keeps.
    fn taken(&self, record: &Record, changing: &Changing<'_>) -> Option<Reason> {
        record.unique().iter().find_map(|key| {
            let holder = self.records.holder(key)?;
            // No two changes of a batch give one key: another that is written gives this one up.
            let free = holder == record.reference() || changing.writes(holder);
            (!free).then_some(Reason::Taken { key: *key, holder })
        })
    }

    /// Does the whole batch, nothing of which is [refused](Self::refusals) and for which there [is
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
                Change::Claim { by, at, .. } => {
                    if let Some(id) = copies.claims.pop() {
                        self.claims.add(id, SendClaim::new(*by, *at, ClaimState::Open));
                    }
                }
                Change::Settle { id, by, at } => {
                    self.claims.change(id, SendClaim::new(*by, *at, ClaimState::Sent));
                }
                Change::TakeOver { id, by, at, .. } => {
                    self.claims.change(id, SendClaim::new(*by, *at, ClaimState::Open));
                }
                Change::Release { id, .. } => {
                    copies.dropped_recipients.extend(self.claims.remove(id));
                }
                _ => {}
            }
        }
    }
}

fn stale(found: Option<Version>, expected: Option<Version>) -> Option<Reason> {
    (found != expected).then_some(Reason::Stale { found })
}

fn unclaimed(found: Option<SendClaim>, by: Claimant) -> Option<Reason> {
    let open = found.is_some_and(|claim| claim.by() == by && claim.state() == ClaimState::Open);
    (!open).then_some(Reason::Unclaimed { found })
}

/// What else a batch changes: gone through once, and only where a change is in the way of another.
struct Changing<'a> {
    batch: &'a Batch,
    records: OnceCell<HashSet<RecordRef>>,
    forgotten: OnceCell<HashSet<RecordId>>,
}

impl Changing<'_> {
    fn writes(&self, record: RecordRef) -> bool {
        let records = self.records.get_or_init(|| {
            let records = self.batch.changes().iter().filter_map(|change| match change {
                Change::Put { record, .. } => Some(record.reference()),
                Change::Delete { record, .. } => Some(*record),
                _ => None,
            });
            records.collect()
        });
        records.contains(&record)
    }

    fn forgets(&self, mail: RecordId) -> bool {
        let forgotten = self.forgotten.get_or_init(|| {
            let forgotten = self.batch.changes().iter().filter_map(|change| match change {
                Change::Forget(id) => Some(*id),
                _ => None,
            });
            forgotten.collect()
        });
        forgotten.contains(&mail)
    }
}

//! How a store with a fault commits.

use std::sync::atomic::Ordering;

use super::Fault;
use super::distort::Distort;
use super::store::{Faulty, yield_once};
use super::tables::Tables;
use super::verdict::verdict;
use crate::record::Versioned;
use crate::store::{Batch, Change, Commit, Expect, Refusal, Store, StoreError, StoreErrorKind};

impl Faulty {
    pub(super) async fn write(&self, batch: &Batch) -> Result<Commit, StoreError> {
        if batch.changes().iter().any(|change| !self.areas().contains(change.area())) {
            return self.unsupported(batch);
        }
        let shared = self.shared();
        if self.is(Fault::DropsLock) {
            if shared.locked.swap(true, Ordering::SeqCst) {
                return Err(StoreError::new(StoreErrorKind::Unavailable, "committing"));
            }
            yield_once().await;
            shared.locked.store(false, Ordering::SeqCst);
        }
        if self.is(Fault::WritesInPieces) && batch.changes().len() > 100 {
            return self.in_pieces(batch);
        }
        let found = verdict(&self.lock().tables, self.fault(), batch)?;
        if !found.is_applied() {
            self.leave(batch);
            return Ok(found);
        }
        if self.races(batch) {
            // It was seen that the batch applies; until it is written, another sees the same.
            shared.meeting.meet();
            // What is not raced for is looked at again.
            let blind = self.fault().and_then(blind);
            let mut state = self.lock();
            let found = verdict(&state.tables, blind, batch)?;
            if blind.is_some() && !found.is_applied() {
                return Ok(found);
            }
            state.begin(self.handle());
            self.apply(&mut state.tables, batch, batch.changes());
            return Ok(Commit::Applied);
        }
        let (first, rest) = self.halves(batch);
        if self.is(Fault::DropsKeys) {
            self.reserve(batch);
            yield_once().await;
        }
        {
            // Judged again where it had to wait: nothing may have changed since.
            let mut state = self.lock();
            let found = verdict(&state.tables, self.fault(), batch)?;
            if !found.is_applied() {
                return Ok(found);
            }
            state.begin(self.handle());
            self.apply(&mut state.tables, batch, &first);
        }
        if !rest.is_empty() {
            if self.is(Fault::DropsHalf) {
                yield_once().await;
            } else {
                // One of two readers sees everything once in so many reads.
                shared.reads.wait(16);
            }
            self.apply(&mut self.lock().tables, batch, &rest);
        }
        shared.commits.step();
        Ok(Commit::Applied)
    }

    fn apply<'a>(
        &self,
        tables: &mut Tables,
        batch: &Batch,
        changes: impl IntoIterator<Item = &'a Change>,
    ) {
        let changes = changes.into_iter();
        changes.for_each(|change| tables.apply(self.fault(), batch.tenant(), change));
    }

    fn unsupported(&self, batch: &Batch) -> Result<Commit, StoreError> {
        match self.fault() {
            Some(Fault::IgnoresUnsupported) => return Ok(Commit::Applied),
            Some(Fault::FailsUnsupported) => {
                return Err(StoreError::new(StoreErrorKind::Other, "committing"));
            }
            Some(Fault::WritesBesideUnsupported) => {
                let supported =
                    batch.changes().iter().filter(|change| self.areas().contains(change.area()));
                self.apply(&mut self.lock().tables, batch, supported);
            }
            _ => {}
        }
        Err(StoreError::unsupported("committing"))
    }

    /// Judges and writes a hundred changes at a time.
    fn in_pieces(&self, batch: &Batch) -> Result<Commit, StoreError> {
        let mut state = self.lock();
        state.begin(self.handle());
        for (piece, changes) in batch.changes().chunks(100).enumerate() {
            for (place, change) in changes.iter().enumerate() {
                let alone = Batch::of(batch.tenant(), change.clone());
                if let Commit::Refused(refusals) = verdict(&state.tables, self.fault(), &alone)? {
                    let change = piece * 100 + place;
                    let found = refusals.into_iter().map(|refusal| Refusal { change, ..refusal });
                    return Ok(Commit::Refused(found.collect()));
                }
            }
            self.apply(&mut state.tables, batch, changes);
        }
        Ok(Commit::Applied)
    }

    /// What a refused batch leaves behind.
    fn leave(&self, batch: &Batch) {
        let mut state = self.lock();
        let tables = &mut state.tables;
        let tenant = Distort(self.fault()).tenant(batch.tenant());
        for change in batch.changes() {
            let alone = Batch::of(batch.tenant(), change.clone());
            let applies = verdict(tables, None, &alone).is_ok_and(|found| found.is_applied());
            let leaves = match (self.fault(), change) {
                (Some(Fault::LeavesMails), Change::File(_))
                | (Some(Fault::LeavesForgotten), Change::Forget(_))
                | (Some(Fault::LeavesUpdated), Change::Put { expect: Expect::At(_), .. })
                | (Some(Fault::LeavesDeleted), Change::Delete { .. })
                | (Some(Fault::LeavesClaimed), Change::Claim { .. })
                | (
                    Some(Fault::LeavesSettled),
                    Change::Settle { .. } | Change::Release { .. } | Change::TakeOver { .. },
                ) => applies,
                // It may need a key that another change of the batch would give up.
                (
                    Some(Fault::LeavesCreated),
                    Change::Put { record, expect: Expect::Absent, .. },
                ) => !tables.records.contains_key(&(tenant, record.reference())),
                _ => false,
            };
            if leaves {
                tables.apply(self.fault(), batch.tenant(), change);
            }
            let Change::Put { record, version, expect } = change else { continue };
            let key = (tenant, record.reference());
            if self.is(Fault::LeavesVersions) && applies && matches!(expect, Expect::At(_)) {
                let found = tables.records.get(&key).map(|found| found.record.clone());
                if let Some(record) = found {
                    tables.records.insert(key, Versioned { record, version: *version });
                }
            }
            if self.is(Fault::LeavesUniqueKeys) {
                let keys = record.unique().iter().map(|key| ((tenant, *key), record.reference()));
                tables.taken.extend(keys);
            }
        }
    }

    fn reserve(&self, batch: &Batch) {
        let tenant = batch.tenant();
        let tables = &mut self.lock().tables;
        for change in batch.changes() {
            let Change::Put { record, .. } = change else { continue };
            for key in record.unique() {
                tables.taken.insert((tenant, *key), record.reference());
            }
        }
    }

    /// Is the batch of the sort that the fault looks at first and writes then?
    fn races(&self, batch: &Batch) -> bool {
        batch.changes().iter().any(|change| match self.fault() {
            Some(Fault::RacesMessageIds | Fault::RacesMailIds) => matches!(change, Change::File(_)),
            Some(Fault::RacesUniqueKeys | Fault::RacesUpdates) => {
                matches!(change, Change::Put { .. })
            }
            Some(Fault::RacesClaims) => matches!(change, Change::Claim { .. }),
            Some(Fault::RacesTakeOvers) => matches!(change, Change::TakeOver { .. }),
            Some(Fault::RacesNames) => matches!(change, Change::Register { .. }),
            _ => false,
        })
    }

    /// The changes that are written first, and those that are written a while after.
    fn halves(&self, batch: &Batch) -> (Vec<Change>, Vec<Change>) {
        let changes = batch.changes().to_vec();
        let sort: fn(&Change) -> bool = match self.fault() {
            Some(Fault::DropsHalf) => |_| true,
            Some(Fault::ShowsHalfOfMails) => {
                |change| matches!(change, Change::File(_) | Change::Forget(_))
            }
            Some(Fault::ShowsHalfOfRecords) => |change| matches!(change, Change::Put { .. }),
            Some(Fault::ShowsHalfOfClaims) => |change| matches!(change, Change::TakeOver { .. }),
            _ => return (changes, Vec::new()),
        };
        let (mut first, mut rest): (Vec<_>, Vec<_>) = changes.into_iter().partition(sort);
        rest.extend(first.split_off(first.len() / 2));
        (first, rest)
    }
}

/// What a store is blind to that races: the fault that it has while it writes.
const fn blind(fault: Fault) -> Option<Fault> {
    match fault {
        Fault::RacesMessageIds => Some(Fault::FilesMessageIdTwice),
        Fault::RacesMailIds => Some(Fault::FilesIdTwice),
        Fault::RacesUniqueKeys => Some(Fault::IgnoresUniqueKeys),
        Fault::RacesUpdates => Some(Fault::IgnoresVersions),
        _ => None,
    }
}

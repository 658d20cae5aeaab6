//! The store as the worker of one delivery has it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use correspond::id::{RecordId, TenantId};
use correspond::index::Keyer;
use correspond::record::{
    Areas, Page, RecordAnswer, RecordKind, RecordPageQuery, RecordQuery, RecordRef, Space,
    UniqueKey, Versioned,
};
use correspond::store::{
    Batch, Change, Commit, Directory, Records, Store, StoreError, StoreErrorKind,
};

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    None,
    /// New rows claim nothing.
    Unclaimed,
    /// The receipt is in a batch of its own, behind the rows.
    TwoBatches,
}

impl Fault {
    /// The fault of this name.
    pub fn named(name: &str) -> Result<Self, String> {
        match name {
            "" | "none" => Ok(Self::None),
            "unclaimed" => Ok(Self::Unclaimed),
            "two-batches" => Ok(Self::TwoBatches),
            other => Err(format!("expected a fault, found {other:?}")),
        }
    }
}

/// Where workers wait for one another: nobody writes before all have decided what to write.
#[derive(Debug)]
pub struct Meeting {
    expected: Mutex<usize>,
    all: Condvar,
}

impl Meeting {
    /// A meeting of so many.
    pub const fn new(expected: usize) -> Self {
        Self { expected: Mutex::new(expected), all: Condvar::new() }
    }

    fn arrive(&self) {
        let mut expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        *expected = expected.saturating_sub(1);
        if *expected == 0 {
            self.all.notify_all();
        }
    }

    fn wait(&self) {
        let expected = self.expected.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.all.wait_while(expected, |expected| *expected > 0));
    }
}

/// The store for one delivery.
pub struct Seat<'a, S> {
    store: &'a S,
    meeting: Option<&'a Meeting>,
    arrived: AtomicBool,
    fault: Fault,
    /// Is the answer to the first commit lost?
    loses: bool,
    lost: AtomicBool,
}

impl<'a, S> Seat<'a, S> {
    pub const fn new(
        store: &'a S,
        meeting: Option<&'a Meeting>,
        fault: Fault,
        loses: bool,
    ) -> Self {
        let (arrived, lost) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { store, meeting, arrived, fault, loses, lost }
    }

    /// Was an answer lost?
    pub fn has_lost(&self) -> bool {
        self.lost.load(Ordering::SeqCst)
    }

    /// Is it the first time?
    fn arrive(&self) -> bool {
        let first = !self.arrived.swap(true, Ordering::SeqCst);
        if let Some(meeting) = self.meeting.filter(|_| first) {
            meeting.arrive();
        }
        first
    }

    fn lose(&self) -> StoreError {
        self.lost.store(true, Ordering::SeqCst);
        StoreError::new(StoreErrorKind::Unavailable, "waiting for an answer")
    }
}

/// Whoever had nothing to write has come too.
impl<S> Drop for Seat<'_, S> {
    fn drop(&mut self) {
        self.arrive();
    }
}

/// The batch without claims.
fn unclaimed(batch: &Batch) -> Batch {
    let changes = batch.changes().iter().cloned().map(|change| match change {
        Change::Put { record, version, expect } => {
            let keys = record.unique().iter().filter(|key| key.space() != Space::Match);
            let keys: Vec<UniqueKey> = keys.copied().collect();
            let record = record.with_unique(keys).expect("fewer keys than before");
            Change::Put { record, version, expect }
        }
        other => other,
    });
    of(batch.tenant(), changes)
}

/// What is about submissions themselves, or what is not.
fn part(batch: &Batch, receipts: bool) -> Batch {
    let of_part = |change: &&Change| {
        let is_receipt = matches!(change, Change::Put { record, .. }
            if record.reference().kind() == RecordKind::Submission);
        is_receipt == receipts
    };
    of(batch.tenant(), batch.changes().iter().filter(of_part).cloned())
}

fn of(tenant: TenantId, changes: impl Iterator<Item = Change>) -> Batch {
    let mut batch = Batch::new(tenant);
    for change in changes {
        batch.push(change).expect("changes that were in one batch");
    }
    batch
}

impl<S: Store> Store for Seat<'_, S> {
    fn keyer(&self) -> &Keyer {
        self.store.keyer()
    }

    fn areas(&self) -> Areas {
        self.store.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        let first = self.arrive();
        if let Some(meeting) = self.meeting.filter(|_| first) {
            meeting.wait();
        }
        let loses = first && self.loses;
        let commit = match self.fault {
            Fault::None => self.store.commit(batch).await?,
            Fault::Unclaimed => self.store.commit(&unclaimed(batch)).await?,
            Fault::TwoBatches => {
                let rows = part(batch, false);
                if !rows.changes().is_empty() {
                    let commit = self.store.commit(&rows).await?;
                    if !commit.is_applied() || loses {
                        return if loses { Err(self.lose()) } else { Ok(commit) };
                    }
                }
                self.store.commit(&part(batch, true)).await?
            }
        };
        if loses { Err(self.lose()) } else { Ok(commit) }
    }
}

impl<S: Records> Records for Seat<'_, S> {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.store.load(tenant, records).await
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        self.store.holders(tenant, keys).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        self.store.list(tenant, query).await
    }
}

impl<S: Directory> Directory for Seat<'_, S> {
    async fn find_records(
        &self,
        tenant: TenantId,
        query: &RecordQuery,
    ) -> Result<RecordAnswer, StoreError> {
        self.store.find_records(tenant, query).await
    }
}

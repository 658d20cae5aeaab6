//! The store, right but for its fault.

use std::collections::{BTreeMap, BTreeSet};
use std::future::poll_fn;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use super::Fault;
use super::distort::Distort;
use super::meeting::{Meeting, Progress};
use super::method::Read;
use super::tables::Tables;
use crate::conformance::Harness;
use crate::id::{RecordId, TenantId};
use crate::index::{Keyer, MessageRow};
use crate::record::{Area, Areas};
use crate::store::{
    Batch, Block, Commit, Immediate, SequenceKey, Sequences, Store, StoreError, StoreErrorKind,
};

/// A store over sorted maps with one fault, or with none.
#[derive(Debug)]
pub struct Faulty {
    fault: Option<Fault>,
    keyer: Keyer,
    shared: Arc<Shared>,
    handle: u64,
    /// What this handle has counted, where each counts by itself.
    counted: Mutex<BTreeMap<(TenantId, SequenceKey), u64>>,
}

/// What the handles of one store share.
#[derive(Debug, Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    handles: AtomicU64,
    pub(super) locked: AtomicBool,
    pub(super) meeting: Meeting,
    pub(super) reads: Progress,
    pub(super) commits: Progress,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) tables: Tables,
    /// The state before the last commit.
    pub(super) older: Tables,
    /// The reads to which the last commit was not shown yet.
    pub(super) late: BTreeSet<Read>,
    pub(super) calls: BTreeMap<Read, u64>,
    /// Who committed last.
    pub(super) writer: u64,
    /// How many items lie before a cursor, where pages are found by that.
    pub(super) skipped: BTreeMap<Vec<u8>, usize>,
    lent: BTreeMap<(TenantId, SequenceKey, NonZeroU32), u64>,
    blocks: u64,
}

impl State {
    /// A commit of this handle begins to write.
    pub(super) fn begin(&mut self, handle: u64) {
        self.older = self.tables.clone();
        self.late = Read::ALL.into_iter().collect();
        self.writer = handle;
    }
}

impl Faulty {
    fn new(fault: Option<Fault>) -> Self {
        let keyer = Keyer::from_secret(*b"the kit's proof!");
        Self { fault, keyer, shared: Arc::default(), handle: 0, counted: Mutex::default() }
    }

    fn another(&self) -> Self {
        let handle = self.shared.handles.fetch_add(1, Ordering::SeqCst) + 1;
        let shared = Arc::clone(&self.shared);
        Self {
            fault: self.fault,
            keyer: self.keyer.clone(),
            shared,
            handle,
            counted: Mutex::default(),
        }
    }

    /// Closes it and opens it again: what it holds is what is kept.
    fn reopened(self) -> Self {
        let state = self.lock();
        let (mut tables, older) = (state.tables.clone(), state.older.clone());
        drop(state);
        let mut again = Self::new(self.fault);
        match self.fault {
            Some(Fault::ForgetsLast) => tables = older,
            Some(Fault::ForgetsKeyer) => again.keyer = Keyer::from_secret([0; 16]),
            Some(Fault::ForgetsNames) => tables.names.clear(),
            Some(Fault::ForgetsClaims) => tables.claims.clear(),
            Some(Fault::ForgetsUniqueKeys) => tables.lost_uniques = true,
            Some(Fault::ForgetsMailKeys) => {
                for row in tables.mails.values_mut() {
                    *row = MessageRow::new(row.id(), row.created(), row.conversation(), vec![]);
                }
            }
            Some(Fault::RestartsNumbers) => tables.sequences.clear(),
            Some(Fault::RepeatsLastBlock) => {
                tables
                    .sequences
                    .values_mut()
                    .for_each(|next| *next = next.saturating_sub(1).max(1));
            }
            _ => {}
        }
        again.lock().tables = tables;
        again
    }

    pub(super) const fn fault(&self) -> Option<Fault> {
        self.fault
    }

    pub(super) fn is(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    pub(super) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(super) const fn handle(&self) -> u64 {
        self.handle
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) async fn wait_if(&self, fault: Fault) {
        if self.is(fault) {
            yield_once().await;
        }
    }

    fn next(&self, tenant: TenantId, sequence: SequenceKey, len: NonZeroU32) -> Option<Block> {
        let count = u64::from(len.get());
        let first = u64::from(!self.is(Fault::StartsAtZero));
        let key = (tenant, sequence);
        if self.is(Fault::CountsByHandle) {
            let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
            let next = counted.entry(key).or_insert(1);
            *next += count;
            return Some(Block::new(*next - count, len));
        }
        let mut state = self.lock();
        let next = *state.tables.sequences.get(&key).unwrap_or(&first);
        let (mut after, mut block) = (next.checked_add(count)?, Block::new(next, len));
        match self.fault {
            Some(Fault::RacesNumbers) => {
                drop(state);
                self.shared.meeting.meet();
                state = self.lock();
            }
            Some(Fault::CountsCalls) => after = next + 1,
            Some(Fault::ShortensBlocks) if count > 100 => {
                block = Block::new(next, NonZeroU32::new(len.get() - 1)?);
            }
            Some(Fault::LendsBackwards) => match state.lent.remove(&(tenant, sequence, len)) {
                Some(lower) => return Some(Block::new(lower, len)),
                None => {
                    state.lent.insert((tenant, sequence, len), next);
                    (after, block) = (after + count, Block::new(after, len));
                }
            },
            Some(Fault::LendsToThreads) => {
                state.blocks += 1;
                if state.blocks.is_multiple_of(2) {
                    let far = 1_000_000
                        + *state.lent.get(&(tenant, sequence, NonZeroU32::MIN)).unwrap_or(&0);
                    state.lent.insert((tenant, sequence, NonZeroU32::MIN), far - 1_000_000 + count);
                    return Some(Block::new(far, len));
                }
            }
            _ => {}
        }
        state.tables.sequences.insert(key, after);
        Some(block)
    }
}

/// Is not ready once, and asks to be polled again.
pub(super) async fn yield_once() {
    let mut yielded = false;
    poll_fn(move |context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// What it does not support where its fault is about that.
const UNSUPPORTED: [Area; 3] = [Area::Consent, Area::Register, Area::Sequences];

impl Immediate for Faulty {}

impl Store for Faulty {
    fn keyer(&self) -> &Keyer {
        &self.keyer
    }

    fn areas(&self) -> Areas {
        match self.fault {
            Some(
                Fault::IgnoresUnsupported
                | Fault::WritesBesideUnsupported
                | Fault::FailsUnsupported
                | Fault::CountsUnsupported,
            ) => UNSUPPORTED.into_iter().fold(Areas::ALL, Areas::without),
            _ => Areas::ALL,
        }
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        self.wait_if(Fault::WaitsCommit).await;
        self.write(batch).await
    }
}

impl Sequences for Faulty {
    async fn allocate(
        &self,
        tenant: TenantId,
        sequence: SequenceKey,
        len: NonZeroU32,
    ) -> Result<Block, StoreError> {
        self.wait_if(Fault::WaitsAllocate).await;
        if !self.areas().contains(Area::Sequences) && !self.is(Fault::CountsUnsupported) {
            return Err(StoreError::unsupported("allocating numbers"));
        }
        let tenant = Distort(self.fault).tenant(tenant);
        let tenant = if self.is(Fault::SharesSequences) { TenantId::new(0) } else { tenant };
        let sequence = match (self.fault, sequence) {
            (Some(Fault::CountsTogether), _) => SequenceKey::UserNumbers,
            (Some(Fault::CutsUsers), SequenceKey::TokenCounter(user)) => {
                SequenceKey::TokenCounter(RecordId::new(u128::from(user.get() as u64)))
            }
            _ => sequence,
        };
        let full = || StoreError::new(StoreErrorKind::Full, "allocating numbers");
        self.next(tenant, sequence, len).ok_or_else(full)
    }
}

/// Makes stores with one fault.
#[derive(Clone, Copy, Debug)]
pub struct FaultyHarness {
    fault: Option<Fault>,
}

impl FaultyHarness {
    /// Of stores with this fault; with `None` of stores that are right.
    #[must_use]
    pub const fn new(fault: Option<Fault>) -> Self {
        Self { fault }
    }
}

impl Harness for FaultyHarness {
    type Store = Faulty;

    fn fresh(&self) -> Faulty {
        Faulty::new(self.fault)
    }

    fn another(&self, store: &Faulty) -> Option<Faulty> {
        Some(store.another())
    }

    fn reopen(&self, store: Faulty) -> Option<Faulty> {
        Some(store.reopened())
    }

    fn rounds(&self) -> u32 {
        20
    }
}

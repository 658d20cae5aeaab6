//! A store in which something happens before each call, until a batch is applied.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use correspond::adapter::memory::MemoryStore;
use correspond::id::{RecordId, TenantId};
use correspond::index::Keyer;
use correspond::record::{
    Areas, Page, RecordAnswer, RecordPageQuery, RecordQuery, RecordRef, UniqueKey, Versioned,
};
use correspond::store::{AnyStore, Batch, Commit, Directory, Records, Store, StoreError};

/// What is asked of a store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Call {
    Read,
    Commit,
}

pub struct Stage<'a> {
    store: &'a AnyStore,
    before: Box<dyn Fn(Call) + Send + Sync + 'a>,
    applied: AtomicBool,
}

impl<'a> Stage<'a> {
    /// One on which this happens before each call, until a batch is applied through it.
    pub fn before(store: &'a AnyStore, act: impl Fn(Call) + Send + Sync + 'a) -> Self {
        Self { store, before: Box::new(act), applied: AtomicBool::new(false) }
    }

    fn call(&self, call: Call) {
        if !self.applied.load(Ordering::SeqCst) {
            (self.before)(call);
        }
    }

    /// One in which the first `n` commits wait for one another.
    pub fn meeting(store: &'a AnyStore, n: usize) -> Self {
        let (barrier, left) = (Barrier::new(n), AtomicUsize::new(n));
        Self::before(store, move |call| {
            let less = |left: usize| left.checked_sub(1);
            if call == Call::Commit
                && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok()
            {
                barrier.wait();
            }
        })
    }
}

/// Lets `act` happen in each gap of a flow, before its first call to the store, before its second and
/// so on up to the commit that is applied, each time in a store of its own; `check` sees each store and what the flow answered.
pub fn in_each_gap<T>(
    prepare: impl Fn(&AnyStore),
    act: impl Fn(&AnyStore) + Sync,
    flow: impl Fn(&Stage<'_>) -> T,
    check: impl Fn(&AnyStore, T),
) {
    for at in 0.. {
        let store = &AnyStore::new(MemoryStore::new([7; 16]));
        prepare(store);
        let calls = &AtomicUsize::new(0);
        let answer = flow(&Stage::before(store, |_| {
            if calls.fetch_add(1, Ordering::SeqCst) == at {
                act(store);
            }
        }));
        if calls.load(Ordering::SeqCst) <= at {
            assert!(at >= 2, "what is asked and written has gaps");
            return;
        }
        check(store, answer);
    }
}

impl Store for Stage<'_> {
    fn keyer(&self) -> &Keyer {
        self.store.keyer()
    }

    fn areas(&self) -> Areas {
        self.store.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        self.call(Call::Commit);
        let commit = self.store.commit(batch).await?;
        self.applied.fetch_or(commit.is_applied(), Ordering::SeqCst);
        Ok(commit)
    }
}

impl Records for Stage<'_> {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.call(Call::Read);
        self.store.load(tenant, records).await
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        self.call(Call::Read);
        self.store.holders(tenant, keys).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        self.call(Call::Read);
        self.store.list(tenant, query).await
    }
}

impl Directory for Stage<'_> {
    async fn find_records(
        &self,
        tenant: TenantId,
        query: &RecordQuery,
    ) -> Result<RecordAnswer, StoreError> {
        self.call(Call::Read);
        self.store.find_records(tenant, query).await
    }
}

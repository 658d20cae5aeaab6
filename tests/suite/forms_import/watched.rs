//! A store that can be disturbed.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use correspond::id::{RecordId, TenantId};
use correspond::index::Keyer;
use correspond::record::{
    Areas, Page, RecordAnswer, RecordPageQuery, RecordQuery, RecordRef, UniqueKey, Versioned,
};
use correspond::store::{
    Batch, Commit, Directory, Reason, Records, Refusal, Store, StoreError, StoreErrorKind,
};

type Disturbance<S> = Box<dyn FnOnce(&S) + Send>;

/// Another store, watched.
pub struct Watched<S> {
    pub inner: S,
    /// What somebody else does before the next commits, the last one first.
    pub before_commit: Mutex<Vec<Disturbance<S>>>,
    /// Batches of more changes lose their race.
    pub largest: AtomicUsize,
    /// Do commits fail, without having done anything?
    pub broken: AtomicBool,
    /// Is every call pending once before it begins, and once when it has ended?
    pub slow: AtomicBool,
    pub loads: AtomicUsize,
    pub finds: AtomicUsize,
    pub commits: AtomicUsize,
}

impl<S> Watched<S> {
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            before_commit: Mutex::default(),
            largest: AtomicUsize::new(usize::MAX),
            broken: AtomicBool::new(false),
            slow: AtomicBool::new(false),
            loads: AtomicUsize::new(0),
            finds: AtomicUsize::new(0),
            commits: AtomicUsize::new(0),
        }
    }

    pub fn before_commit(&self, what: impl FnOnce(&S) + Send + 'static) {
        self.before_commit.lock().unwrap().push(Box::new(what));
    }

    fn pause(&self) -> impl Future<Output = ()> + Send + use<S> {
        let mut paused = !self.slow.load(Ordering::Relaxed);
        std::future::poll_fn(move |_| {
            if std::mem::replace(&mut paused, true) { Poll::Ready(()) } else { Poll::Pending }
        })
    }
}

/// Polls a future at most so often, and drops it then: its output, if it came to an end.
pub fn poll_at_most<F: Future>(times: usize, future: F) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    for _ in 0..times {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
    }
    None
}

impl<S: Store> Store for Watched<S> {
    fn keyer(&self) -> &Keyer {
        self.inner.keyer()
    }

    fn areas(&self) -> Areas {
        self.inner.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        self.pause().await;
        self.commits.fetch_add(1, Ordering::Relaxed);
        if self.broken.load(Ordering::Relaxed) {
            return Err(StoreError::new(StoreErrorKind::Other, "committing"));
        }
        let disturbance = self.before_commit.lock().unwrap().pop();
        if let Some(disturb) = disturbance {
            disturb(&self.inner);
        }
        if batch.changes().len() > self.largest.load(Ordering::Relaxed) {
            let reason = Reason::Stale { found: None };
            return Ok(Commit::Refused(vec![Refusal { change: 0, reason }]));
        }
        let done = self.inner.commit(batch).await;
        self.pause().await;
        done
    }
}

impl<S: Records> Records for Watched<S> {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.pause().await;
        self.loads.fetch_add(1, Ordering::Relaxed);
        self.inner.load(tenant, records).await
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        self.pause().await;
        self.inner.holders(tenant, keys).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        self.pause().await;
        self.inner.list(tenant, query).await
    }
}

impl<S: Directory> Directory for Watched<S> {
    async fn find_records(
        &self,
        tenant: TenantId,
        query: &RecordQuery,
    ) -> Result<RecordAnswer, StoreError> {
        self.pause().await;
        self.finds.fetch_add(1, Ordering::Relaxed);
        self.inner.find_records(tenant, query).await
    }
}

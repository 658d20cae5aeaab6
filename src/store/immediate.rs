//! How does a synchronous caller use the asynchronous contract?

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::error::{StoreError, StoreErrorKind};

/// The promise of a store that each of its futures completes at its first poll (C-IMM-1): it never
/// waits for anything that needs a runtime.
pub trait Immediate {}

/// Polls a future once: its output, or `None` when it was not ready.
///
/// ```
/// assert_eq!(correspond::store::poll_once(async { 7 }), Some(7));
/// assert_eq!(correspond::store::poll_once(std::future::pending::<()>()), None);
/// ```
pub fn poll_once<F: Future>(future: F) -> Option<F::Output> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// A store for callers without a runtime. Exists only for stores that promised to be
/// [`Immediate`]; with any other it does not compile.
///
/// ```
/// use correspond::adapter::memory::MemoryStore;
/// use correspond::id::TenantId;
/// use correspond::index::MessageQuery;
/// use correspond::store::{Blocking, MessageIndex};
///
/// let store = Blocking::new(MemoryStore::new([7; 16]));
/// let query = MessageQuery::default();
/// let answer = store.run(async |store| store.find(TenantId::new(1), &query).await)??;
/// assert_eq!(answer.rows(0).count(), 0);
/// # Ok::<(), correspond::store::StoreError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Blocking<S>(S);

impl<S: Immediate> Blocking<S> {
    /// A facade over `store`.
    pub const fn new(store: S) -> Self {
        Self(store)
    }

    /// Does `work` with the store, now.
    ///
    /// # Errors
    ///
    /// [`StoreErrorKind::BrokenPromise`] when the work had to wait: the store was not immediate
    /// after all, or the work waited for something else.
    pub fn run<T>(&self, work: impl AsyncFnOnce(&S) -> T) -> Result<T, StoreError> {
        poll_once(work(&self.0))
            .ok_or(StoreError::new(StoreErrorKind::BrokenPromise, "working without a runtime"))
    }

    /// The store.
    pub const fn store(&self) -> &S {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Liar;
    impl Immediate for Liar {}

    #[test]
    fn a_broken_promise_is_an_error_and_no_hang() {
        let outcome = Blocking::new(Liar).run(async |_| std::future::pending::<()>().await);
        assert_eq!(outcome.unwrap_err().kind(), StoreErrorKind::BrokenPromise);
    }
}

//! How does the kit come by a store, and how does it wait for one?

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use crate::store::FullStore;

/// Where the kit gets its stores from. An implementor writes one, in some ten lines; see
/// [the module](super).
pub trait Harness: Sync {
    /// What is proved.
    type Store: FullStore;

    /// A store with nothing in it, which shares nothing with those that were made before.
    fn fresh(&self) -> Self::Store;

    /// Waits for a future. By default it is polled on this thread, which sleeps until it is woken; a
    /// store that needs a runtime is waited for on that.
    fn block_on<T: Send>(&self, future: impl Future<Output = T> + Send) -> T {
        block_on(future)
    }

    /// A second handle on the same data, as a second process or a second connection would have it;
    /// `None` where there is no such thing.
    fn another(&self, _store: &Self::Store) -> Option<Self::Store> {
        None
    }

    /// Closes the store and opens it again. `None` says that it is not durable: what must survive is
    /// then left out, aloud.
    fn reopen(&self, _store: Self::Store) -> Option<Self::Store> {
        None
    }

    /// How often a race is run. The default suits a store in memory; one that waits for a disk at
    /// every commit is served with 10: the longer a mistake takes, the fewer rounds show it. One that
    /// is over in nanoseconds is shown by 200 rounds in one run out of two at best, the shortest in
    /// none of twenty: let a nightly run have some thousands.
    fn rounds(&self) -> u32 {
        200
    }
}

/// Waits for a future on this thread, without a runtime.
pub fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

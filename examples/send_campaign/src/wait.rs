//! How does a thread wait for the store?

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// Waits for a future. A store that needs a runtime brings one; for the others there is [`Here`].
pub trait Wait: Sync {
    /// What the future comes to.
    fn wait<F: Future>(&self, future: F) -> F::Output;
}

/// In the thread itself, which sleeps where it has to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Here;

struct Sleeper(Thread);

impl Wake for Sleeper {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl Wait for Here {
    fn wait<F: Future>(&self, future: F) -> F::Output {
        let waker = Waker::from(Arc::new(Sleeper(thread::current())));
        let (mut future, mut context) = (pin!(future), Context::from_waker(&waker));
        loop {
            match future.as_mut().poll(&mut context) {
                Poll::Ready(output) => return output,
                Poll::Pending => thread::park(),
            }
        }
    }
}

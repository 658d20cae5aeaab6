//! Where those meet that must not.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How long anybody waits for another. Who is alone is not kept; of many rounds of a race one in
/// which two come together is enough.
const PATIENCE: Duration = Duration::from_millis(25);

/// Two who race: each waits, between what it read and what it writes, until the other has read too.
#[derive(Debug, Default)]
pub(super) struct Meeting {
    /// Who waits, and how many pairs have met.
    state: Mutex<(bool, u64)>,
    met: Condvar,
}

impl Meeting {
    pub(super) fn meet(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0 {
            *state = (false, state.1 + 1);
            self.met.notify_all();
            return;
        }
        state.0 = true;
        let pairs = state.1;
        let waited = self.met.wait_timeout_while(state, PATIENCE, |state| state.1 == pairs);
        let (mut state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() && state.1 == pairs {
            state.0 = false;
        }
    }
}

/// A count that others wait for: of commits, of reads.
#[derive(Debug, Default)]
pub(super) struct Progress {
    count: Mutex<u64>,
    more: Condvar,
}

impl Progress {
    pub(super) fn step(&self) -> u64 {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        *count += 1;
        self.more.notify_all();
        *count
    }

    /// Waits until so many more have come.
    pub(super) fn wait(&self, more: u64) {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let until = *count + more;
        drop(self.more.wait_timeout_while(count, PATIENCE, |count| *count < until));
    }
}

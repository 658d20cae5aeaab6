//! Where mails wait at the server: for all to begin, and for a kill.

use std::collections::HashSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use correspond_send_campaign::counting::{Coming, Moment, Reply};

/// Who does not come within so long is not waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Which mails go on, and when.
#[derive(Debug, Default)]
pub struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Nobody's mail goes on before so many have one here.
    awaited: usize,
    here: HashSet<String>,
    /// The first mail of this one stops at this moment.
    stops: Option<(String, Moment)>,
    stopped: bool,
    dead: HashSet<String>,
}

impl Gate {
    /// A gate that opens when so many are there, with a mail each.
    pub fn awaiting(runs: usize) -> Self {
        let state = State { awaited: runs, ..State::default() };
        Self { state: Mutex::new(state), ..Self::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A mail comes to the gate: what becomes of it?
    pub fn pass(&self, coming: &Coming<'_>) -> Reply {
        let mut state = self.lock();
        if state.awaited > state.here.len() {
            state.here.insert(coming.hello.to_owned());
            self.changed.notify_all();
            let late = |state: &mut State| state.awaited > state.here.len();
            let waited = self.changed.wait_timeout_while(state, PATIENCE, late);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.awaited = 0;
        }
        let its = |state: &State| {
            let stops = state.stops.as_ref();
            stops.is_some_and(|(who, when)| who == coming.hello && *when == coming.moment)
        };
        if its(&state) {
            state.stopped = true;
            self.changed.notify_all();
            let waited = self.changed.wait_timeout_while(state, PATIENCE, |state| its(state));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        match (state.dead.contains(coming.hello), coming.moment) {
            (false, _) => Reply::Accept,
            (true, Moment::Recipient) => Reply::Forget,
            // What is all there counts, though nobody is there to be told.
            (true, Moment::Content) => Reply::HangUp,
        }
    }

    /// Stops the next mail of `who` at this moment, and waits until it has come, or `ended`.
    pub fn stop(&self, who: &str, when: Moment, mut ended: impl FnMut() -> bool) -> bool {
        let mut state = self.lock();
        state.stops = Some((who.to_owned(), when));
        state.stopped = false;
        while !state.stopped && !ended() {
            let waited = self.changed.wait_timeout(state, Duration::from_millis(20));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.stopped
    }

    /// `who` is dead, and what stopped goes on.
    pub fn kill(&self, who: &str) {
        self.lock().dead.insert(who.to_owned());
        self.go_on();
    }

    /// What stopped goes on.
    pub fn go_on(&self) {
        self.lock().stops = None;
        self.changed.notify_all();
    }
}

//! Where in its writing is a store stopped?

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::line::Line;

/// The write steps of a store: what it does to its medium, counted, so that a kill can be placed
/// between any two of them.
///
/// The store's storage calls [`step`](Self::step) before each effect (a change of length, a sync) and
/// [`write`](Self::write) for each write. In the process that is to be killed, the call at which it is
/// to be killed does not return; in any other, they count and nothing else.
///
/// ```
/// use std::fs::File;
/// use std::io::{self, Write};
/// use correspond::conformance::crash::Steps;
///
/// fn append(mut file: &File, data: &[u8], steps: &Steps) -> io::Result<()> {
///     steps.write(data, |_, part| file.write_all(part))?;
///     steps.step();
///     file.sync_data()
/// }
/// # let steps = Steps::default();
/// # append(&tempfile::tempfile()?, b"ab", &steps)?;
/// # assert_eq!(steps.made(), 3);
/// # Ok::<(), io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Steps(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    made: AtomicU64,
    /// How many were made when the present work began.
    begun: AtomicU64,
    /// The step that is not returned from.
    stop: AtomicU64,
}

impl Default for Steps {
    /// Steps that are counted, and at which nothing stops.
    fn default() -> Self {
        let never = AtomicU64::new(u64::MAX);
        Self(Arc::new(Inner { made: AtomicU64::new(0), begun: AtomicU64::new(0), stop: never }))
    }
}

impl Steps {
    /// Counts a step that is about to be made.
    pub fn step(&self) {
        let made = self.0.made.fetch_add(1, Ordering::SeqCst) + 1;
        if made >= self.0.stop.load(Ordering::SeqCst) {
            Line::Step(self.here()).report();
            Line::wait_for_the_end()
        }
    }

    /// Makes a write, which counts as two steps: a process can be killed before it, and when half of
    /// it is written. `write` is given a part of `data` and where in `data` it begins.
    ///
    /// # Errors
    ///
    /// What `write` answers.
    pub fn write<E>(
        &self,
        data: &[u8],
        mut write: impl FnMut(usize, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.step();
        if !self.stops_next() {
            write(0, data)?;
            self.step();
            return Ok(());
        }
        let (first, rest) = data.split_at_checked(data.len() / 2).unwrap_or((data, &[]));
        write(0, first)?;
        self.step();
        write(first.len(), rest)
    }

    /// How many steps were made.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.0.made.load(Ordering::SeqCst)
    }

    /// Is the next step the one that is not returned from? For storage that lets go of something
    /// just then: what was not synced, as a loss of power does.
    #[must_use]
    pub fn stops_next(&self) -> bool {
        self.made() + 1 >= self.0.stop.load(Ordering::SeqCst)
    }

    /// Some work begins: a commit, say.
    pub(super) fn begin(&self) {
        self.0.begun.store(self.made(), Ordering::SeqCst);
    }

    /// How many steps the present work has made.
    pub(super) fn here(&self) -> u64 {
        self.made() - self.0.begun.load(Ordering::SeqCst)
    }

    /// Stops at the step `number` from here on; the next one is 1.
    pub(super) fn stop_at(&self, number: u64) {
        self.0.stop.store(self.made().saturating_add(number), Ordering::SeqCst);
    }
}

//! Does a durable store survive `kill -9` in the middle of a write (C-DUR-2)?
//!
//! A child process files mails, activities, contacts, claims and names into a store, as a service
//! would, and says what was acknowledged. The parent kills it and keeps the log. Each child goes on
//! where the last one was killed, so that one store lives through all kills of a series. After a
//! kill, everything that was acknowledged must be there, under every key, and nothing else; the batch
//! under way whole or not at all; and no number comes twice.
//!
//! Moments of a kill:
//!
//! * at a write step: the store's storage counts its [`Steps`], and at the step chosen the child stands
//!   still until it is killed. Every step of a commit is chosen in turn, those first that many commits
//!   have;
//! * at a random moment (the same for the same seed, as far as a moment can be);
//! * while the store that the last kill left is opened again, before anybody else opened it;
//! * while a new store is made.
//!
//! After a kill the parent opens the store and compares all that can be read with the log. After one
//! kill of four nobody looks: the next child finds the store as it was left, and commits the batch
//! under way again, which must be applied, or refused by what it left itself.
//!
//! A kill takes nothing back that was handed to the system: that a store syncs before it acknowledges
//! is not shown by it. A storage that holds writes back until they are synced, and loses them at the
//! last step ([`Steps::stops_next`]), shows that too.
//!
//! # A test
//!
//! The child is the same test, run once more by the same binary; it needs no program of its own.
//! [`Crash::in_test`] returns in the parent alone, so the test begins with it: whatever stands before
//! it is done by every child too.
//!
//! ```no_run
//! use std::path::Path;
//! use correspond::conformance::crash::{Crash, Steps};
//! # use correspond::store::{FullStore, StoreError};
//! # fn open_my_store(_: &Path, _: &Steps) -> Result<correspond::store::AnyStore, StoreError> { todo() }
//! # fn todo() -> ! { std::process::exit(1) }
//!
//! # /*
//! #[test]
//! # */
//! fn survives_kills() -> Result<(), Box<dyn std::error::Error>> {
//!     // The full name of this test in its binary, as the test runner prints it.
//!     let case = Crash::in_test("store::survives_kills", open_my_store).kills(12);
//!     println!("{}", case.run(tempfile::tempdir()?.path())?);
//!     Ok(())
//! }
//! ```
//!
//! `open_my_store` opens the store at a path, makes it where there is none, and hands the steps to the
//! storage below. A store that cannot count steps leaves them alone: every kill is then at a random
//! moment. A store that needs a runtime is opened and used within the one that the test entered.
//!
//! That the case can fail is shown by [`FaultyStore`]: around any durable store, it breaks C-DUR-2,
//! and the case finds it out.

mod books;
mod child;
mod error;
mod faulty;
mod figures;
mod filing;
mod inspect;
mod life;
mod line;
mod plan;
mod presence;
mod random;
mod series;
mod steps;

use std::path::Path;

use crate::store::{FullStore, StoreError};

use child::Relaunch;
use series::Series;

pub use error::{CrashError, CrashErrorKind};
pub use faulty::{CrashFault, FaultyStore};
pub use figures::CrashFigures;
pub use steps::Steps;

/// The crash case for a store.
#[derive(Clone, Debug)]
pub struct Crash<F> {
    open: F,
    relaunch: Relaunch,
    seed: u64,
    kills: u64,
}

impl<F, S> Crash<F>
where
    F: Fn(&Path, &Steps) -> Result<S, StoreError>,
    S: FullStore,
{
    /// The case as the test of this name runs it: its full name in the test binary. `open` opens the
    /// store at a path, and makes it where there is none.
    ///
    /// In the child, it files until it is killed, and does not return.
    #[must_use]
    pub fn in_test(name: &str, open: F) -> Self {
        Self::new(Relaunch::test(name), open)
    }

    /// The case in a program of its own, which is started again with the same arguments. In the child
    /// it does not return, as [`in_test`](Self::in_test).
    #[must_use]
    pub fn in_program(open: F) -> Self {
        Self::new(Relaunch::same(), open)
    }

    fn new(relaunch: Relaunch, open: F) -> Self {
        child::obey(&open);
        Self { open, relaunch, seed: 1, kills: 12 }
    }

    /// The same with another seed than 1.
    #[must_use]
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// The same with another number of kills than 12.
    #[must_use]
    pub const fn kills(mut self, kills: u64) -> Self {
        self.kills = kills;
        self
    }

    /// Runs the case with stores below `dir`, which is empty.
    ///
    /// # Errors
    ///
    /// The store did not survive; or the case could not be run
    /// ([`Child`](CrashErrorKind::Child)).
    pub fn run(&self, dir: &Path) -> Result<CrashFigures, CrashError> {
        let mut figures = CrashFigures::default();
        let series = Series::new(&self.open, &self.relaunch, dir.join("store"), self.seed);
        match series.run(dir, self.kills, &mut figures) {
            Ok(()) => Ok(figures),
            Err(error) => Err(CrashError { kills: figures.kills, ..error }),
        }
    }
}

//! Does your store keep the contract?
//!
//! The kit has a case for each must of [`store`](crate::store), and shows of itself that it would
//! notice: [`fault`] holds a store that breaks each must, in every way that a case claims to see.
//!
//! An implementor says where stores come from, and gets one test a case:
//!
//! ```
//! use correspond::adapter::memory::MemoryStore;
//! use correspond::conformance::Harness;
//!
//! struct Memory;
//!
//! impl Harness for Memory {
//!     type Store = MemoryStore;
//!
//!     fn fresh(&self) -> MemoryStore {
//!         MemoryStore::default()
//!     }
//! }
//!
//! correspond::store_conformance!(memory, Memory);
//! correspond::immediate_conformance!(memory_at_once, Memory);
//! ```
//!
//! A durable store says how it is closed and opened again ([`Harness::reopen`]), one that several
//! processes share gives out a second handle ([`Harness::another`]), one that needs a runtime waits
//! on it ([`Harness::block_on`]). A case that does not concern a store is skipped, and says so on
//! standard error, past what a test harness captures.
//!
//! Races are run in threads, which begin at one barrier; what a caller can interleave by himself is
//! interleaved without threads. Other runners than `cargo test` take the list: [`cases`] and
//! [`foreign_cases`].
//!
//! Ids and names of cases are stable. New cases may come in minor versions, and are announced, as
//! they may find fault with a store that passed before.

#[macro_use]
mod macros;

mod atomic;
mod cancel;
mod case;
pub mod crash;
mod directory;
mod durable;
mod exact;
pub mod fault;
mod foreign;
mod harness;
mod immediate;
mod ledger;
mod messages;
mod optimistic;
mod pages;
mod race;
mod readers;
mod refusals;
mod register;
mod sample;
mod sequences;
mod spread;
mod support;
mod tenants;
mod unique;
mod world;

pub use case::{Case, Outcome, Violation};
pub use foreign::{ForeignCase, ForeignHarness};
pub use harness::{Harness, block_on};

use std::io::Write;

use crate::record::Areas;
use crate::store::Immediate;
use world::World;

/// What cases are about.
mod about {
    use crate::record::{Area, Areas};

    pub(super) const ALL: Areas = Areas::ALL;
    pub(super) const MESSAGES: Areas = Areas::NONE.with(Area::Messages);
    pub(super) const DIRECTORY: Areas = Areas::NONE.with(Area::Directory);
    pub(super) const LEDGER: Areas = Areas::NONE.with(Area::Ledger);
    pub(super) const REGISTER: Areas = Areas::NONE.with(Area::Register);
    pub(super) const SEQUENCES: Areas = Areas::NONE.with(Area::Sequences);
    /// Every area whose changes are records.
    pub(super) const RECORDS: Areas = ALL
        .without(Area::Messages)
        .without(Area::Ledger)
        .without(Area::Register)
        .without(Area::Sequences);
    pub(super) const LISTS: Areas = RECORDS.with(Area::Ledger);
    pub(super) const BATCHES: Areas = ALL.without(Area::Sequences);
}

/// Every case for a store, in the order of the musts.
#[must_use]
pub fn cases<H: Harness>() -> Vec<Case<H>> {
    crate::__store_cases! { __case_list [] }
}

/// Every case for a foreign directory.
#[must_use]
pub fn foreign_cases<H: ForeignHarness>() -> Vec<ForeignCase<H>> {
    crate::__foreign_cases! { __foreign_case_list [] }
}

/// Runs the case of this name, as the tests of [`store_conformance!`](crate::store_conformance) do.
///
/// # Panics
///
/// The store breaks the must, or there is no such case.
#[expect(clippy::panic, reason = "it is the body of a test")]
pub fn prove<H: Harness>(harness: &H, name: &str) {
    let case = cases::<H>().into_iter().find(|case| case.name() == name);
    let Some(case) = case else { panic!("no case is called {name}") };
    match case.check(harness) {
        Ok(outcome) => say(name, &outcome),
        Err(violation) => panic!("{violation}\n  a store {}", case.must()),
    }
}

/// Runs the case of this name, as the tests of
/// [`foreign_conformance!`](crate::foreign_conformance) do.
///
/// # Panics
///
/// The directory breaks the must, or there is no such case.
#[expect(clippy::panic, reason = "it is the body of a test")]
pub fn prove_foreign<H: ForeignHarness>(harness: &H, name: &str) {
    let case = foreign_cases::<H>().into_iter().find(|case| case.name() == name);
    let Some(case) = case else { panic!("no case is called {name}") };
    match case.check(harness) {
        Ok(outcome) => say(name, &outcome),
        Err(violation) => panic!("{violation}\n  a foreign directory {}", case.must()),
    }
}

/// Runs C-IMM-1, as the test of [`immediate_conformance!`](crate::immediate_conformance) does.
///
/// # Panics
///
/// A call had to wait.
#[expect(clippy::panic, reason = "it is the body of a test")]
pub fn prove_immediate<H: Harness<Store: Immediate>>(harness: &H) {
    if let Err(violation) = check_immediate(harness) {
        panic!("{violation}");
    }
}

/// Runs C-IMM-1: is every call ready at its first poll?
///
/// # Errors
///
/// A call had to wait.
pub fn check_immediate<H: Harness<Store: Immediate>>(harness: &H) -> Result<Outcome, Violation> {
    immediate::ready(World::new(harness, "C-IMM-1"))
}

/// Says what was left out, past what a test harness captures: a green run must not hide it.
fn say(name: &str, outcome: &Outcome) {
    let said = match outcome {
        Outcome::Held { without } if *without == Areas::NONE => return,
        Outcome::Held { without } => format!("{name}: without {}", case::names(*without)),
        Outcome::Skipped { why } => format!("{name}: skipped, {why}"),
    };
    // Nobody is left to be told that standard error is closed.
    let _ = writeln!(std::io::stderr().lock(), "{said}");
}

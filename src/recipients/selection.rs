//! What became of a segment.

use std::sync::atomic::AtomicU32;

use super::counts::Counts;
use super::outcome::{Outcome, code};

/// What becomes of each row of a segment. Four octets a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    codes: Vec<u32>,
}

impl Selection {
    pub(super) fn new(codes: Vec<AtomicU32>) -> Self {
        let settled = |code: AtomicU32| match code.into_inner() {
            code::FOLLOWED => code::SEND,
            code => code,
        };
        Self { codes: codes.into_iter().map(settled).collect() }
    }

    /// How many rows there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.codes.len()
    }

    /// Are there none?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    /// What becomes of this row, counted from 0; `None` where there is no such row.
    #[must_use]
    pub fn outcome(&self, row: u32) -> Option<Outcome> {
        self.codes.get(row as usize).map(|code| Outcome::from_code(*code))
    }

    /// Does this row get the message?
    #[must_use]
    pub fn is_sent(&self, row: u32) -> bool {
        self.codes.get(row as usize) == Some(&code::SEND)
    }

    /// What becomes of each row, in order.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Outcome> {
        self.codes.iter().map(|code| Outcome::from_code(*code))
    }

    /// The rows that get the message, in order.
    pub fn sent(&self) -> impl Iterator<Item = u32> {
        (0..).zip(&self.codes).filter(|(_, code)| **code == code::SEND).map(|(row, _)| row)
    }

    /// The rows that lost to another, each with the one that it lost to, in order.
    pub fn duplicates(&self) -> impl Iterator<Item = (u32, u32)> {
        (0..).zip(self.iter()).filter_map(|(row, outcome)| match outcome {
            Outcome::Duplicate { of } => Some((row, of)),
            _ => None,
        })
    }

    /// How many, and why: goes through all rows.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        let mut sent = 0;
        for code in &self.codes {
            match *code {
                code::SEND => sent += 1,
                code => counts.add(Outcome::from_code(code)),
            }
        }
        counts.add_many(Outcome::Send, sent);
        counts
    }
}

//! How many, and why.

use std::fmt;

use super::outcome::{Block, Outcome, Stop};
use std::collections::BTreeMap;

/// How many of a segment get the message, and how many do not, for each reason.
///
/// `Sent = Segment - Duplicates - Blocked - Stopped`, as the product's insights have it. `Display`
/// prints it so, in lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    sent: u64,
    duplicates: u64,
    elsewhere: u64,
    blocked: BTreeMap<Block, u64>,
    stopped: BTreeMap<Stop, u64>,
}

impl Counts {
    /// One more with this outcome.
    pub fn add(&mut self, outcome: Outcome) {
        self.add_many(outcome, 1);
    }

    pub(super) fn add_many(&mut self, outcome: Outcome, many: u64) {
        let count = match outcome {
            Outcome::Send => &mut self.sent,
            Outcome::Duplicate { .. } => &mut self.duplicates,
            Outcome::Elsewhere => &mut self.elsewhere,
            Outcome::Blocked(block) => self.blocked.entry(block).or_default(),
            Outcome::Stopped(stop) => self.stopped.entry(stop).or_default(),
        };
        *count = count.saturating_add(many);
    }

    /// One that was counted as `from` is `to`, as the send ledger answered after the run that a row which
    /// was to get the message got it before. Tells whether one was counted so; else nothing changes.
    ///
    /// ```
    /// use correspond::recipients::{Block, Counts, Outcome};
    ///
    /// let mut counts = Counts::default();
    /// counts.add(Outcome::Send);
    /// assert!(counts.recount(Outcome::Send, Outcome::Blocked(Block::AlreadySent)));
    /// assert_eq!((counts.segment(), counts.sent(), counts.blocked()), (1, 0, 1));
    /// assert!(!counts.recount(Outcome::Send, Outcome::Blocked(Block::AlreadySent)));
    /// ```
    pub fn recount(&mut self, from: Outcome, to: Outcome) -> bool {
        let count = match from {
            Outcome::Send => Some(&mut self.sent),
            Outcome::Duplicate { .. } => Some(&mut self.duplicates),
            Outcome::Elsewhere => Some(&mut self.elsewhere),
            Outcome::Blocked(block) => self.blocked.get_mut(&block),
            Outcome::Stopped(stop) => self.stopped.get_mut(&stop),
        };
        let Some(count) = count.filter(|count| **count > 0) else { return false };
        *count -= 1;
        // A reason without anybody is none.
        self.blocked.retain(|_, many| *many > 0);
        self.stopped.retain(|_, many| *many > 0);
        self.add(to);
        true
    }

    /// These and those: of the parts of a segment.
    pub fn merge(&mut self, other: &Self) {
        self.add_many(Outcome::Send, other.sent);
        self.add_many(Outcome::Duplicate { of: 0 }, other.duplicates);
        self.add_many(Outcome::Elsewhere, other.elsewhere);
        for (block, many) in &other.blocked {
            self.add_many(Outcome::Blocked(*block), *many);
        }
        for (stop, many) in &other.stopped {
            self.add_many(Outcome::Stopped(*stop), *many);
        }
    }

    /// How many there are, without those of another part.
    #[must_use]
    pub fn segment(&self) -> u64 {
        self.sent + self.duplicates + self.blocked() + self.stopped()
    }

    /// How many get the message.
    #[must_use]
    pub const fn sent(&self) -> u64 {
        self.sent
    }

    /// How many lost to another one with the same key.
    #[must_use]
    pub const fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// How many are blocked, for whatever reason.
    #[must_use]
    pub fn blocked(&self) -> u64 {
        self.blocked.values().sum()
    }

    /// How many are stopped, for whatever reason.
    #[must_use]
    pub fn stopped(&self) -> u64 {
        self.stopped.values().sum()
    }

    /// How many belong to another part of the segment.
    #[must_use]
    pub const fn elsewhere(&self) -> u64 {
        self.elsewhere
    }

    /// Why they are blocked, and how many each.
    pub fn blocked_by(&self) -> impl Iterator<Item = (Block, u64)> {
        self.blocked.iter().map(|(block, many)| (*block, *many))
    }

    /// Why they are stopped, and how many each.
    pub fn stopped_by(&self) -> impl Iterator<Item = (Stop, u64)> {
        self.stopped.iter().map(|(stop, many)| (*stop, *many))
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:>12} in the segment", self.segment())?;
        writeln!(f, "{:>12} duplicates", self.duplicates)?;
        writeln!(f, "{:>12} blocked", self.blocked())?;
        for (block, many) in self.blocked_by() {
            writeln!(f, "{many:>16} {block}")?;
        }
        writeln!(f, "{:>12} stopped", self.stopped())?;
        for (stop, many) in self.stopped_by() {
            writeln!(f, "{many:>16} {stop}")?;
        }
        write!(f, "{:>12} sent", self.sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_recounted_is_counted_once() {
        let all = [
            Outcome::Send,
            Outcome::Duplicate { of: 1 },
            Outcome::Blocked(Block::Bounced),
            Outcome::Blocked(Block::AlreadySent),
            Outcome::Stopped(Stop::ConsentLevel),
            Outcome::Elsewhere,
        ];
        for from in all {
            for to in all {
                let (mut counts, mut expected) = (Counts::default(), Counts::default());
                for outcome in all.into_iter().filter(|outcome| *outcome != from) {
                    counts.add(outcome);
                    expected.add(outcome);
                }
                let none = counts.clone();
                assert!(!counts.recount(from, to), "{from:?}");
                assert_eq!(counts, none);
                counts.add(from);
                expected.add(to);
                assert!(counts.recount(from, to));
                assert_eq!(counts, expected, "{from:?} is {to:?}");
            }
        }
    }
}

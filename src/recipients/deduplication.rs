//! A segment that can be read again.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

use super::hash::KeyHash;
use super::leaders::Leaders;
use super::outcome::MAX_ROWS;
use super::partition::Partition;
use super::reader::Plan;
use super::recipient::Keep;
use super::scan::{Run, Sizes, all_send};
use super::segment::Segment;
use super::selection::Selection;
use super::suppression::Suppress;
use crate::address::AddressRules;
use crate::mailing::SendOnceTo;

/// Goes through a segment and decides about each row; see the [module](super) for the order.
///
/// ```
/// use correspond::consent::Designation;
/// use correspond::mailing::SendOnceTo;
/// use correspond::recipients::{
///     AddressList, Block, Deduplication, Keep, Lines, Outcome, Suppression,
/// };
///
/// let mut bounced = AddressList::new();
/// bounced.add("bob@example.com")?;
/// let suppression =
///     Suppression::new(Designation::Commercial).with_list(&bounced, Block::Bounced);
/// let segment = Lines::new("ann@example.com\nBob@example.com\n");
/// let selection = Deduplication::new()
///     .once_to(SendOnceTo::Address)
///     .keep(Keep::First)
///     .suppressing(suppression)
///     .run(&segment)?;
/// assert_eq!(selection.outcome(1), Some(Outcome::Blocked(Block::Bounced)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # How it takes so little
///
/// A row is 8 octets while candidates are sought (32 bits of a keyed hash of its key, and its number),
/// and 4 afterwards (its outcome). Rows of one hash are near each other, in parts that fit the
/// processor's cache. What looks equal is read again, and compared to the letter: so nothing rests on
/// the hash. The segment is read twice; where very many rows have an equal, the rows behind them again.
#[derive(Clone, Copy, Debug)]
#[must_use = "it decides nothing before `run`"]
pub struct Deduplication<P = ()> {
    plan: Plan<P>,
    keep: Keep,
    threads: Option<NonZeroUsize>,
}

impl Deduplication {
    /// Once to each address, the first in order, nobody suppressed.
    pub const fn new() -> Self {
        Self { plan: Plan::new(), keep: Keep::First, threads: None }
    }
}

impl Default for Deduplication {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Suppress> Deduplication<P> {
    /// Once to each address, which is the default, or to each contact ("Bypass email deduplication").
    pub const fn once_to(mut self, once_to: SendOnceTo) -> Self {
        self.plan.once_to = once_to;
        self
    }

    /// Which of several recipients with one key gets the message.
    pub const fn keep(mut self, keep: Keep) -> Self {
        self.keep = keep;
        self
    }

    /// Which addresses are valid; by default every one that RFC 5321 allows. The rules concern the
    /// address alone: what stands around it, as a name or spaces, is taken off before, whatever they say
    /// of spaces.
    pub const fn address_rules(mut self, rules: AddressRules) -> Self {
        self.plan.rules = rules;
        self
    }

    /// Only the rows of this part; the others come out as
    /// [`Outcome::Elsewhere`](super::Outcome::Elsewhere). The runs of all parts together decide as one
    /// run of the whole does. Rows without a key are in the part of their contact.
    pub const fn only(mut self, part: Partition) -> Self {
        self.plan.only = Some(part);
        self
    }

    /// With so many threads: by default one for each core, and never more than 64 rows' worth. The
    /// result is the same.
    pub const fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Without those whom `suppress` names.
    pub fn suppressing<Q: Suppress>(self, suppress: Q) -> Deduplication<Q> {
        let Self { plan, keep, threads } = self;
        Deduplication { plan: plan.suppressing(suppress), keep, threads }
    }

    /// Decides about every row.
    ///
    /// # Errors
    ///
    /// The segment could not be read, holds [`MAX_ROWS`] or more, or changed on the way. Then nothing
    /// is decided.
    pub fn run<S: Segment + ?Sized>(&self, segment: &S) -> Result<Selection, RunError<S::Error>> {
        self.run_with(segment, KeyHash::new(), None, Sizes::FAST)
    }

    fn run_with<S: Segment + ?Sized>(
        &self,
        segment: &S,
        hash: KeyHash,
        room: Option<u64>,
        sizes: Sizes,
    ) -> Result<Selection, RunError<S::Error>> {
        let found = segment.rows();
        let rows = u32::try_from(found).ok().filter(|rows| *rows < MAX_ROWS);
        let Some(rows) = rows else { return Err(RunError::TooManyRows { found }) };
        let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let threads = self.threads.map_or_else(cores, NonZeroUsize::get);
        let threads = threads.clamp(1, (rows as usize / 64).max(1)).min(MAX_THREADS);
        let failed = AtomicBool::new(false);
        let mut run = Run { plan: &self.plan, segment, rows, threads, hash, sizes, failed };

        let outcomes = all_send(rows);
        let candidates = run.scan(&outcomes)?;
        // The keys that are held for comparison take no more than the candidates did, and what is
        // compared at a time some ten MiB, but for names around addresses.
        let octets = candidates.octets / candidates.len.max(1);
        let key = octets + if self.keep == Keep::HighestRank { 14 } else { 6 };
        let most = u32::try_from((32 << 20) / key).unwrap_or(u32::MAX);
        run.sizes.compare = sizes.compare.min(most.next_multiple_of(64));
        let room = room.unwrap_or_else(|| (8 * u64::from(rows) / key).max(1024));
        run.search(candidates, &outcomes);
        let leaders = Leaders::of(&outcomes);
        run.verify(&outcomes, &leaders, self.keep, room)?;
        Ok(Selection::new(outcomes))
    }
}

const MAX_THREADS: usize = 256;

/// Why a segment was not deduplicated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError<E> {
    /// A row could not be read.
    #[error("segment: a row could not be read")]
    Segment(#[source] E),
    /// There are too many rows for one run. Split them into several segments, each row by the part that
    /// [`Partition::of`] its key says ([`Recipient::key`](super::Recipient::key)), and run each segment.
    #[error(
        "segment: expected fewer than {MAX_ROWS} rows, found {found}; split the rows into several \
         segments by Partition::of"
    )]
    TooManyRows {
        /// How many there are.
        found: u64,
    },
    /// It did not hold the rows that it said it would.
    #[error("segment: expected rows up to {expected}, found them up to {found}: it changed")]
    Changed {
        /// The end of the rows that were asked for.
        expected: u32,
        /// The end of those that came.
        found: u32,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecordId;
    use crate::recipients::{Block, Outcome, Recipient, SuppressIf, Suppressed};
    use proptest::prelude::*;
    use std::collections::HashMap;

    /// The same in the plainest way.
    fn naive(segment: &[Recipient<'_>], once_to: SendOnceTo, keep: Keep) -> Vec<Outcome> {
        let key = |recipient: &Recipient<'_>| match once_to {
            SendOnceTo::Address => recipient.address().to_ascii_lowercase(),
            SendOnceTo::Contact => recipient.contact().to_string(),
        };
        let mut best: HashMap<String, (i64, usize)> = HashMap::new();
        let takes_part = |r: &Recipient<'_>| !r.address().is_empty() && r.contact().get() != 3;
        for (row, recipient) in segment.iter().enumerate().filter(|(_, r)| takes_part(r)) {
            let best = best.entry(key(recipient)).or_insert_with(|| (recipient.rank(), row));
            if keep == Keep::HighestRank && recipient.rank() > best.0 {
                *best = (recipient.rank(), row);
            }
        }
        let outcome = |(row, recipient): (usize, &Recipient<'_>)| {
            if recipient.contact().get() == 3 {
                return Outcome::Blocked(Block::Excluded);
            }
            match best.get(&key(recipient)) {
                _ if recipient.address().is_empty() => Outcome::Blocked(Block::NoAddress),
                Some((_, best)) if *best != row => Outcome::Duplicate { of: *best as u32 },
                _ => Outcome::Send,
            }
        };
        segment.iter().enumerate().map(outcome).collect()
    }

    fn not_three(recipient: &Recipient<'_>) -> Option<Suppressed> {
        (recipient.contact().get() == 3).then_some(Suppressed::Blocked(Block::Excluded))
    }

    proptest! {
        /// With any number of threads, keys of few rows held at a time, and a hash under which all keys
        /// look equal.
        #[test]
        fn every_way_decides_as_the_plainest(
            rows in proptest::collection::vec((0_u128..40, 0_u32..60, -2_i64..3), 0..700),
            threads in 1_usize..5,
            contacts: bool,
            ranked: bool,
            blind: bool,
            held in 1_u64..200,
            read in 1_u32..100,
            part in 1_u32..50,
            compare in 1_u32..6,
            near in 0_u32..8,
        ) {
            let address = |n: u32| match n {
                0 => String::new(),
                n if n % 3 == 0 => format!("A{}@Home.example", n / 2),
                n => format!("a{}@home.example", n / 2),
            };
            let addresses: Vec<_> = rows.iter().map(|(_, n, _)| address(*n)).collect();
            let segment: Vec<_> = rows.iter().zip(&addresses).map(|((contact, _, rank), address)| {
                Recipient::new(RecordId::new(*contact), address).with_rank(*rank)
            }).collect();
            let once_to = if contacts { SendOnceTo::Contact } else { SendOnceTo::Address };
            let keep = if ranked { Keep::HighestRank } else { Keep::First };
            let run = Deduplication::new()
                .once_to(once_to)
                .keep(keep)
                .threads(NonZeroUsize::new(threads).unwrap())
                .suppressing(SuppressIf::new(not_three));
            let hash = if blind { KeyHash::blind() } else { KeyHash::new() };
            // As if there were room for few.
            let sizes = Sizes { read, part, least: 64, compare: 64 * compare, near };
            let selection = run.run_with(&segment[..], hash, Some(held), sizes).unwrap();
            let expected = naive(&segment, once_to, keep);
            prop_assert_eq!(selection.iter().collect::<Vec<_>>(), expected);
        }
    }

    struct Shrinks(std::sync::atomic::AtomicU32);

    impl Segment for Shrinks {
        type Error = std::convert::Infallible;

        fn rows(&self) -> u64 {
            100
        }

        fn read(
            &self,
            rows: std::ops::Range<u32>,
            mut visit: impl FnMut(Recipient<'_>),
        ) -> Result<(), Self::Error> {
            let there = self.0.fetch_sub(50, std::sync::atomic::Ordering::Relaxed);
            for _ in rows.start..rows.end.min(there) {
                visit(Recipient::new(RecordId::new(1), "ann@home.example"));
            }
            Ok(())
        }
    }

    #[test]
    fn a_segment_that_changes_is_refused() {
        let shrinks = Shrinks(std::sync::atomic::AtomicU32::new(100));
        let one = NonZeroUsize::MIN;
        let error = Deduplication::new().threads(one).run(&shrinks).unwrap_err();
        assert_eq!(
            error.to_string(),
            "segment: expected rows up to 100, found them up to 50: it changed"
        );
    }
    struct Rows(u64);

    impl Segment for Rows {
        type Error = &'static str;

        fn rows(&self) -> u64 {
            self.0
        }

        fn read(
            &self,
            _: std::ops::Range<u32>,
            _: impl FnMut(Recipient<'_>),
        ) -> Result<(), Self::Error> {
            Err("it was read")
        }
    }

    #[test]
    fn too_many_rows_are_refused_before_they_are_read() {
        for found in [MAX_ROWS.into(), u64::from(MAX_ROWS) + 1, u64::MAX] {
            let error = Deduplication::new().run(&Rows(found)).unwrap_err();
            assert_eq!(error, RunError::TooManyRows { found });
            let expected = format!(
                "segment: expected fewer than 4294966272 rows, found {found}; split the rows into \
                 several segments by Partition::of"
            );
            assert_eq!(error.to_string(), expected);
        }
        assert_eq!(Deduplication::new().run(&Rows(1)), Err(RunError::Segment("it was read")));
    }

    #[test]
    fn rules_concern_the_address_alone() {
        let rules = AddressRules::RFC.surrounding_space(false);
        let segment = [" ann@home.example ", "Bob <bob@home.example>"]
            .map(|address| Recipient::new(RecordId::new(1), address));
        let selection = Deduplication::new().address_rules(rules).run(&segment[..]).unwrap();
        assert_eq!(selection.counts().sent(), 2);
    }
}

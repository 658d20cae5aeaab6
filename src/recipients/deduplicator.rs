//! A stream of recipients that comes once.

use std::fmt;

use siphasher::sip128::{Hasher128, SipHasher13};
use std::hash::Hasher;

use super::counts::Counts;
use super::key_table::KeyTable;
use super::outcome::{Block, Outcome, Stop, code};
use super::partition::Partition;
use super::reader::Plan;
use super::recipient::Recipient;
use super::suppression::Suppress;
use crate::address::AddressRules;
use crate::index::process_secret;
use crate::mailing::SendOnceTo;

/// Goes through recipients that come once, such as those of a queue, and decides about each at once: the
/// first one with a key gets the message.
///
/// ```
/// use correspond::id::RecordId;
/// use correspond::recipients::{Deduplicator, Pushed, Recipient};
///
/// let mut seen = Deduplicator::exact();
/// let ann = |id, address| Recipient::new(RecordId::new(id), address);
/// assert_eq!(seen.push(&ann(7, "ann@example.com")), Pushed::Send);
/// assert_eq!(seen.push(&ann(3, "ANN@Example.com")), Pushed::Duplicate { of: Some(0) });
/// assert_eq!(seen.counts().sent(), 1);
/// ```
///
/// # What it takes
///
/// It keeps something of each address that it lets through: [`exact`](Self::exact) the key, which for an
/// address of 28 octets is at most 60 with all around it; [`keyed`](Self::keyed) 128 bits of it, at most
/// 36 octets. Where a segment can be read again, [`Deduplication`](super::Deduplication) takes less and
/// is faster. [`Partition`] splits what does not fit.
pub struct Deduplicator<P = ()> {
    plan: Plan<P>,
    seen: Seen,
    rows: u64,
    counts: Counts,
    room: String,
}

enum Seen {
    Keys(KeyTable),
    Hashes(HashTable),
}

/// What becomes of a recipient of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "it says who gets the message"]
#[non_exhaustive]
pub enum Pushed {
    /// It gets the message.
    Send,
    /// One with the same key came before.
    Duplicate {
        /// Which one, counted from 0; `None` where [only hashes](Deduplicator::keyed) are kept.
        of: Option<u64>,
    },
    /// It must not get it, or cannot.
    Blocked(Block),
    /// The journey has stopped for this contact.
    Stopped(Stop),
    /// Its key belongs to another part ([`Deduplicator::only`]).
    Elsewhere,
}

impl Pushed {
    /// Does it get the message?
    #[must_use]
    pub const fn is_send(self) -> bool {
        matches!(self, Self::Send)
    }
}

impl Deduplicator {
    /// Keeps the keys, and is exact. Of rows, counted from 0, the first 2^40 can be told.
    #[must_use]
    pub fn exact() -> Self {
        Self::of(Seen::Keys(KeyTable::new()))
    }

    /// Keeps a keyed hash of 128 bits (SipHash-1-3 under a secret of this one) in place of each key.
    ///
    /// Two addresses with one hash would be taken for one, so that one of them got nothing. Among n
    /// distinct addresses the odds of that happening anywhere are n²/2¹²⁹: for a hundred million
    /// addresses 1.5 in 10²³ runs. Nobody who does not know the secret can do better.
    #[must_use]
    pub fn keyed() -> Self {
        Self::of(Seen::Hashes(HashTable::new()))
    }

    fn of(seen: Seen) -> Self {
        Self { plan: Plan::new(), seen, rows: 0, counts: Counts::default(), room: String::new() }
    }
}

impl<P: Suppress> Deduplicator<P> {
    /// Once to each address, which is the default, or to each contact.
    #[must_use]
    pub const fn once_to(mut self, once_to: SendOnceTo) -> Self {
        self.plan.once_to = once_to;
        self
    }

    /// Which addresses are valid; by default every one that RFC 5321 allows. The rules concern the
    /// address alone, not what stands around it.
    #[must_use]
    pub const fn address_rules(mut self, rules: AddressRules) -> Self {
        self.plan.rules = rules;
        self
    }

    /// Only those of this part; the others come out as [`Pushed::Elsewhere`].
    #[must_use]
    pub const fn only(mut self, part: Partition) -> Self {
        self.plan.only = Some(part);
        self
    }

    /// Without those whom `suppress` names.
    #[must_use]
    pub fn suppressing<Q: Suppress>(self, suppress: Q) -> Deduplicator<Q> {
        let Self { plan, seen, rows, counts, room } = self;
        Deduplicator { plan: plan.suppressing(suppress), seen, rows, counts, room }
    }

    /// What becomes of the next recipient.
    pub fn push(&mut self, recipient: &Recipient<'_>) -> Pushed {
        let row = self.rows;
        self.rows += 1;
        let pushed = match self.plan.judge(recipient, &mut self.room) {
            Err(code) => of_code(code),
            Ok(key) => match &mut self.seen {
                Seen::Keys(table) => match table.insert(key.as_bytes(), row) {
                    None => Pushed::Send,
                    first => Pushed::Duplicate { of: first },
                },
                Seen::Hashes(table) => match table.insert(key.as_bytes()) {
                    true => Pushed::Send,
                    false => Pushed::Duplicate { of: None },
                },
            },
        };
        self.counts.add(match pushed {
            Pushed::Send => Outcome::Send,
            Pushed::Duplicate { .. } => Outcome::Duplicate { of: 0 },
            Pushed::Blocked(block) => Outcome::Blocked(block),
            Pushed::Stopped(stop) => Outcome::Stopped(stop),
            Pushed::Elsewhere => Outcome::Elsewhere,
        });
        pushed
    }

    /// How many came so far, and what became of them.
    #[must_use]
    pub const fn counts(&self) -> &Counts {
        &self.counts
    }
}

fn of_code(code: u32) -> Pushed {
    match Outcome::from_code(code) {
        Outcome::Blocked(block) => Pushed::Blocked(block),
        Outcome::Stopped(stop) => Pushed::Stopped(stop),
        Outcome::Elsewhere => Pushed::Elsewhere,
        // Nobody is turned away for being a duplicate before it was looked for.
        Outcome::Send | Outcome::Duplicate { .. } => of_code(code::INVALID_ADDRESS),
    }
}

impl<P> fmt::Debug for Deduplicator<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deduplicator").field("counts", &self.counts).finish_non_exhaustive()
    }
}

/// Hashes of keys, each once. Parts grow by half, each on its own: a part is small, so growing takes
/// little room beside what is there.
struct HashTable {
    secret: [u8; 16],
    parts: Vec<HashPart>,
}

/// 0, or a hash; in the order of their lower halves, but for those that were pushed on.
#[derive(Clone, Default)]
struct HashPart {
    slots: Vec<u128>,
    taken: usize,
}

const PARTS: usize = 1024;

impl HashTable {
    fn new() -> Self {
        Self { secret: process_secret(), parts: vec![HashPart::default(); PARTS] }
    }

    /// Is this key new?
    fn insert(&mut self, key: &[u8]) -> bool {
        let mut hasher = SipHasher13::new_with_key(&self.secret);
        hasher.write(key);
        // No hash is 0, which an empty slot has: one of 2^128 counts twice.
        let hash = hasher.finish128().as_u128().max(1);
        let part = self.parts.get_mut((hash >> 64) as usize % PARTS);
        part.is_some_and(|part| part.insert(hash))
    }
}

impl HashPart {
    fn insert(&mut self, hash: u128) -> bool {
        // At most five of six are taken.
        if (self.taken + 1) * 6 > self.slots.len() * 5 {
            let larger = (self.slots.len() * 3 / 2).max(8);
            let old = std::mem::replace(&mut self.slots, vec![0; larger]);
            for hash in old.into_iter().filter(|hash| *hash != 0) {
                self.put(hash);
            }
        }
        let new = self.put(hash);
        self.taken += usize::from(new);
        new
    }

    /// Puts a hash into the first free slot from its home on; not where it is there already.
    fn put(&mut self, hash: u128) -> bool {
        let home = ((u128::from(hash as u64) * self.slots.len() as u128) >> 64) as usize;
        let Some((before, behind)) = self.slots.split_at_mut_checked(home) else { return false };
        // Some slots are always free.
        match behind.iter_mut().chain(before).find(|slot| **slot == 0 || **slot == hash) {
            Some(slot) if *slot == 0 => {
                *slot = hash;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    proptest! {
        #[test]
        fn hashes_tell_what_is_new(keys in proptest::collection::vec("[a-c]{0,4}", 0..300)) {
            let (mut table, mut set) = (HashTable::new(), HashSet::new());
            for key in &keys {
                prop_assert_eq!(table.insert(key.as_bytes()), set.insert(key));
            }
        }
    }

    #[test]
    fn many_hashes_are_kept() {
        let mut table = HashTable::new();
        let keys = || (0..100_000_u32).map(u32::to_le_bytes);
        assert!(keys().all(|key| table.insert(&key)));
        assert!(!keys().any(|key| table.insert(&key)));
        let slots: usize = table.parts.iter().map(|part| part.slots.len()).sum();
        assert!(slots * 16 < 36 * 100_000, "{slots}");
    }
}

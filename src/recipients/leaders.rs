//! Whose keys others are compared with.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use super::outcome::code;

/// The rows with whose fingerprint another one came later: a bit a row.
pub(super) struct Leaders {
    words: Vec<u64>,
}

impl Leaders {
    /// Of the outcomes of all rows, or of some that begin at a multiple of 64.
    pub(super) fn of(outcomes: &[AtomicU32]) -> Self {
        let word = |rows: &[AtomicU32]| {
            rows.iter().zip(0..).fold(0, |word, (outcome, bit)| {
                let followed = outcome.load(Ordering::Relaxed) == code::FOLLOWED;
                word | u64::from(followed) << bit
            })
        };
        Self { words: outcomes.chunks(64).map(word).collect() }
    }

    #[inline]
    fn word(&self, number: usize) -> u64 {
        self.words.get(number).copied().unwrap_or(0)
    }

    /// The row behind so many leaders from `start` on, at the end of a word; or the end.
    pub(super) fn after(&self, start: u32, many: u64, rows: u32) -> u32 {
        let mut left = many;
        for number in start as usize / 64..self.words.len() {
            let here = u64::from(self.word(number).count_ones());
            if here > left {
                // At least one word, so that there is an end.
                return ((number as u32) * 64).max(start + 64).min(rows);
            }
            left -= here;
        }
        rows
    }
}

/// The keys of the leaders among some rows.
pub(super) struct Held {
    pub(super) rows: Range<u32>,
    /// For each 64 rows: where their keys begin, and how many leaders were before.
    words: Vec<(u64, u32)>,
    /// Of each leader: its place behind that beginning. 64 keys are well below 64 KiB.
    places: Vec<u16>,
    /// Each key behind its length.
    keys: Vec<u8>,
    /// Of each leader its rank, where ranks count.
    ranks: Vec<i64>,
}

/// Where the key of a leader is held.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    /// The number of the leader among those held.
    index: usize,
    key: usize,
}

impl Held {
    pub(super) fn new(rows: Range<u32>, leaders: &Leaders) -> Self {
        let words = rows.start as usize / 64..(rows.end as usize).div_ceil(64);
        let count = words.clone().map(|number| leaders.word(number).count_ones() as usize).sum();
        Self {
            rows,
            words: Vec::with_capacity(words.len()),
            places: Vec::with_capacity(count),
            // Room for what most keys have; where that does not do, it grows.
            keys: Vec::with_capacity(count.saturating_mul(28)),
            ranks: Vec::new(),
        }
    }

    /// The leaders that follow are of the next 64 rows.
    pub(super) fn next_word(&mut self) {
        self.words.push((self.keys.len() as u64, self.places.len() as u32));
    }

    pub(super) fn push(&mut self, key: &[u8], rank: Option<i64>) {
        let begin = self.words.last().map_or(0, |(begin, _)| *begin);
        // Keys have less than 512 octets, as the reader sees to.
        self.places.push((self.keys.len() as u64 - begin) as u16);
        self.keys.extend_from_slice(&(key.len() as u16).to_le_bytes());
        self.keys.extend_from_slice(key);
        self.ranks.extend(rank);
    }

    #[inline]
    pub(super) fn place(&self, leaders: &Leaders, leader: u32) -> Option<Place> {
        let number = leader as usize / 64;
        let word = number.checked_sub(self.rows.start as usize / 64)?;
        let (begin, before) = self.words.get(word)?;
        let behind = leaders.word(number) & ((1 << (leader % 64)) - 1);
        let index = *before as usize + behind.count_ones() as usize;
        Some(Place { index, key: *begin as usize + usize::from(*self.places.get(index)?) })
    }

    /// Some octet of the key, which must have been read to tell it.
    #[inline]
    pub(super) fn touch(&self, place: Place) -> u8 {
        self.keys.get(place.key).copied().unwrap_or(0)
    }

    #[inline]
    pub(super) fn key(&self, place: Place) -> Option<&[u8]> {
        let (len, rest) = self.keys.get(place.key..)?.split_first_chunk::<2>()?;
        rest.get(..usize::from(u16::from_le_bytes(*len)))
    }

    /// The rank, where ranks count.
    #[inline]
    pub(super) fn rank(&self, place: Place) -> Option<i64> {
        self.ranks.get(place.index).copied()
    }
}

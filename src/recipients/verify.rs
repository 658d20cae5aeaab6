//! Are those that look equal equal?

use std::collections::HashMap;
use std::ops::Range;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::deduplication::RunError;
use super::outcome::{MAX_ROWS, code};
use super::recipient::Keep;
use super::scan::Run;
use super::segment::Segment;
use super::suppression::Suppress;
use crate::mailing::SendOnceTo;

/// The rows with whose fingerprint another one came later: a bit a row.
pub(super) struct Leaders {
    words: Vec<AtomicU64>,
}

impl Leaders {
    pub(super) fn new(rows: u32) -> Self {
        Self { words: (0..rows.div_ceil(64)).map(|_| AtomicU64::new(0)).collect() }
    }

    #[inline]
    pub(super) fn mark(&self, row: u32) {
        let bit = 1 << (row % 64);
        if let Some(word) = self.words.get(row as usize / 64)
            && word.load(Ordering::Relaxed) & bit == 0
        {
            word.fetch_or(bit, Ordering::Relaxed);
        }
    }

    #[inline]
    fn word(&self, number: usize) -> u64 {
        self.words.get(number).map_or(0, |word| word.load(Ordering::Relaxed))
    }

    #[inline]
    fn has(&self, row: u32) -> bool {
        self.word(row as usize / 64) >> (row % 64) & 1 == 1
    }

    /// The row behind so many leaders from `start` on, at the end of a word; or the end.
    fn after(&self, start: u32, many: u64, rows: u32) -> u32 {
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
struct Held {
    rows: Range<u32>,
    /// For each 64 rows: where their keys begin, and how many leaders were before.
    words: Vec<(u64, u32)>,
    /// Of each leader: its place behind that beginning. 64 keys are well below 64 KiB.
    places: Vec<u16>,
    /// Each key behind its length.
    keys: Vec<u8>,
    /// Of each leader its rank, where ranks count.
    ranks: Vec<i64>,
}

/// The leaders that are compared with at a time.
struct Window {
    rows: Range<u32>,
    /// By the thread that read them.
    held: Vec<Held>,
}

/// A row that is not equal to its leader, though it looked so.
struct Stranger {
    row: u32,
    key: Box<[u8]>,
    rank: i64,
}

/// A row that outranks its leader.
struct Better {
    leader: u32,
    rank: i64,
    row: u32,
}

#[derive(Default)]
struct Found {
    strangers: Vec<Stranger>,
    better: Vec<Better>,
}

impl<S: Segment + ?Sized, P: Suppress> Run<'_, S, P> {
    /// Reads those that look equal again and compares their keys; then picks the one to keep of each.
    /// Keys are held for no more rows at a time than `room` octets allow.
    pub(super) fn verify(
        &self,
        outcomes: &[AtomicU32],
        leaders: &Leaders,
        keep: Keep,
        room: u64,
    ) -> Result<(), RunError<S::Error>> {
        let mut found = Found::default();
        let mut start = 0;
        // Ends: a window is 64 rows at least.
        while start < self.rows {
            let end = leaders.after(start, room, self.rows);
            let held = Window { rows: start..end, held: self.hold(leaders, start..end, keep)? };
            let parts = self.in_ranges(|_, rows| {
                // Nobody comes before its leader.
                let rows = rows.start.max(start).min(rows.end)..rows.end;
                self.compare(outcomes, leaders, &held, rows, keep)
            })?;
            for part in parts {
                found.strangers.extend(part.strangers);
                found.better.extend(part.better);
            }
            start = end;
        }
        part_strangers(outcomes, found.strangers, keep);
        prefer(outcomes, leaders, found.better);
        Ok(())
    }

    fn hold(
        &self,
        leaders: &Leaders,
        window: Range<u32>,
        keep: Keep,
    ) -> Result<Vec<Held>, RunError<S::Error>> {
        self.in_ranges(|_, rows| {
            let start = rows.start.max(window.start).min(rows.end);
            let end = rows.end.min(window.end).max(start);
            let mut held = Held::new(start..end, leaders);
            let mut key = String::new();
            self.read(start..end, |row, recipient| {
                if row % 64 == 0 {
                    held.words.push((held.keys.len() as u64, held.places.len() as u32));
                }
                if leaders.has(row) {
                    self.plan.key(&recipient, &mut key);
                    held.push(key.as_bytes());
                    if keep == Keep::HighestRank {
                        held.ranks.push(recipient.rank());
                    }
                }
            })?;
            Ok(held)
        })
    }

    fn compare(
        &self,
        outcomes: &[AtomicU32],
        leaders: &Leaders,
        window: &Window,
        rows: Range<u32>,
        keep: Keep,
    ) -> Result<Found, RunError<S::Error>> {
        let mut found = Found::default();
        let mut batch = Batch::default();
        let mut key = String::new();
        self.read(rows, |row, recipient| {
            let leader =
                outcomes.get(row as usize).map_or(code::SEND, |o| o.load(Ordering::Relaxed));
            if leader < MAX_ROWS && window.rows.contains(&leader) {
                // Mostly the address is written as the key of its leader is. The key of a key is that
                // key, so that such an address need not be read.
                let written = recipient.address();
                let is_key =
                    self.plan.once_to == SendOnceTo::Contact || written.len() > MAX_WRITTEN;
                if is_key {
                    self.plan.key(&recipient, &mut key);
                }
                let text = if is_key { &*key } else { written };
                batch.push(row, leader, recipient.rank(), text, is_key);
                if batch.members.len() == Batch::LEN {
                    self.flush(&mut batch, leaders, &window.held, keep, &mut found);
                }
            }
        })?;
        self.flush(&mut batch, leaders, &window.held, keep, &mut found);
        Ok(found)
    }

    fn flush(
        &self,
        batch: &mut Batch,
        leaders: &Leaders,
        held: &[Held],
        keep: Keep,
        found: &mut Found,
    ) {
        batch.fetch(leaders, held);
        let mut start = 0;
        let mut own = String::new();
        for member in batch.members.drain(..) {
            let Member { row, leader, rank, end, is_key, at } = member;
            let text = batch.texts.get(start..end).unwrap_or_default();
            start = end;
            let of_leader = at.and_then(|(which, index, place)| {
                let held = held.get(which)?;
                Some((held.key(place)?, held.ranks.get(index).copied()))
            });
            let as_written = of_leader.is_some_and(|(key, _)| key == text.as_bytes());
            let key = if is_key || as_written {
                text
            } else {
                self.plan.key_of(text, &mut own);
                &own
            };
            match of_leader {
                Some((other, rank_of_leader)) if other == key.as_bytes() => {
                    let outranks = rank_of_leader.is_some_and(|other| rank > other);
                    if keep == Keep::HighestRank && outranks {
                        found.better.push(Better { leader, rank, row });
                    }
                }
                _ => found.strangers.push(Stranger { row, key: key.as_bytes().into(), rank }),
            }
        }
        batch.texts.clear();
    }
}

impl Held {
    fn new(rows: Range<u32>, leaders: &Leaders) -> Self {
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

    fn push(&mut self, key: &[u8]) {
        let begin = self.words.last().map_or(0, |(begin, _)| *begin);
        // Keys have less than 512 octets, as the reader sees to.
        self.places.push((self.keys.len() as u64 - begin) as u16);
        self.keys.extend_from_slice(&(key.len() as u16).to_le_bytes());
        self.keys.extend_from_slice(key);
    }

    /// The number of this leader, and where its key is.
    #[inline]
    fn place(&self, leaders: &Leaders, leader: u32) -> Option<(usize, usize)> {
        let number = leader as usize / 64;
        let word = number.checked_sub(self.rows.start as usize / 64)?;
        let (begin, before) = self.words.get(word)?;
        let behind = leaders.word(number) & ((1 << (leader % 64)) - 1);
        let index = *before as usize + behind.count_ones() as usize;
        Some((index, *begin as usize + usize::from(*self.places.get(index)?)))
    }

    #[inline]
    fn key(&self, place: usize) -> Option<&[u8]> {
        let (len, rest) = self.keys.get(place..)?.split_first_chunk::<2>()?;
        rest.get(..usize::from(u16::from_le_bytes(*len)))
    }
}

/// Some rows to compare.
#[derive(Default)]
struct Batch {
    members: Vec<Member>,
    texts: String,
}

struct Member {
    row: u32,
    leader: u32,
    rank: i64,
    /// Where its text ends in the batch.
    end: usize,
    /// Is its text its key, or the address as it is written?
    is_key: bool,
    /// Which of those held has its leader, the leader's number there, and the place of its key.
    at: Option<(usize, usize, usize)>,
}

/// Octets of an address as written that is kept for comparison; a longer one is read at once.
const MAX_WRITTEN: usize = 256;

impl Batch {
    const LEN: usize = 64;

    #[inline]
    fn push(&mut self, row: u32, leader: u32, rank: i64, text: &str, is_key: bool) {
        self.texts.push_str(text);
        let end = self.texts.len();
        self.members.push(Member { row, leader, rank, end, is_key, at: None });
    }

    /// Finds the keys of the leaders, which lie all over memory: all are asked for before the first is
    /// looked at, so that they come at once rather than one after the other.
    fn fetch(&mut self, leaders: &Leaders, held: &[Held]) {
        for member in &mut self.members {
            let which = held.iter().position(|held| held.rows.contains(&member.leader));
            member.at = which.and_then(|which| {
                let (index, place) = held.get(which)?.place(leaders, member.leader)?;
                Some((which, index, place))
            });
        }
        let touched = self.members.iter().fold(0, |all, member| {
            let octet = member.at.and_then(|(which, _, place)| held.get(which)?.keys.get(place));
            all ^ octet.copied().unwrap_or(0)
        });
        std::hint::black_box(touched);
    }
}

/// Decides among rows that only looked equal to their leaders: they have no equals but one another, for
/// whoever has their key looked equal to the same leader. There is hardly ever one.
fn part_strangers(outcomes: &[AtomicU32], mut strangers: Vec<Stranger>, keep: Keep) {
    strangers.sort_unstable_by_key(|stranger| stranger.row);
    let mut kept: HashMap<&[u8], (i64, u32)> = HashMap::new();
    for Stranger { row, key, rank } in &strangers {
        let best = kept.entry(key).or_insert((*rank, *row));
        if keep == Keep::HighestRank && *rank > best.0 {
            *best = (*rank, *row);
        }
    }
    for Stranger { row, key, .. } in &strangers {
        let best = kept.get(&**key).map_or(*row, |(_, best)| *best);
        let code = if best == *row { code::SEND } else { best };
        if let Some(outcome) = outcomes.get(*row as usize) {
            outcome.store(code, Ordering::Relaxed);
        }
    }
}

/// Puts the best of each leader's followers into its place.
fn prefer(outcomes: &[AtomicU32], leaders: &Leaders, mut better: Vec<Better>) {
    better.sort_unstable_by_key(|b| (b.leader, std::cmp::Reverse(b.rank), b.row));
    better.dedup_by_key(|b| b.leader);
    if better.is_empty() {
        return;
    }
    let best = |leader: u32| {
        let found = better.binary_search_by_key(&leader, |b| b.leader).ok()?;
        better.get(found).map(|b| b.row)
    };
    for (row, outcome) in (0..).zip(outcomes) {
        let now = outcome.load(Ordering::Relaxed);
        let leader = match now {
            code::SEND if leaders.has(row) => row,
            leader if leader < MAX_ROWS => leader,
            _ => continue,
        };
        if let Some(best) = best(leader) {
            outcome.store(if best == row { code::SEND } else { best }, Ordering::Relaxed);
        }
    }
}

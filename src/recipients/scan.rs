//! From rows to candidates, and from candidates to those that look equal.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::thread::ScopedJoinHandle;

use super::deduplication::RunError;
use super::hash::KeyHash;
use super::leaders::Leaders;
use super::outcome::code;
use super::reader::Plan;
use super::segment::Segment;
use super::suppression::Suppress;

/// A segment under way.
pub(super) struct Run<'r, S: ?Sized, P> {
    pub(super) plan: &'r Plan<P>,
    pub(super) segment: &'r S,
    pub(super) rows: u32,
    pub(super) threads: usize,
    pub(super) hash: KeyHash,
}

/// A row that takes part: 32 bits of its key's hash, the *fingerprint*, above its number.
type Candidate = u64;

/// Candidates by the upper bits of their hashes, so that all of one key are in one part; in each part by
/// row, in as many pieces as there are threads.
pub(super) struct Candidates {
    parts: Vec<Mutex<Vec<Vec<Candidate>>>>,
    /// Octets of all their keys.
    pub(super) octets: u64,
    pub(super) len: u64,
}

/// Rows that are read at a time: between two such blocks a failure of another thread is noticed.
const BLOCK: u32 = 1 << 16;
/// Candidates of a part: its table of 128 KiB stays close to the processor.
const PART: u32 = 8192;
const MAX_PARTS: u32 = 8192;
/// No row has this number, so no candidate is it.
const FREE: u64 = u64::MAX;

impl<S: Segment + ?Sized, P: Suppress> Run<'_, S, P> {
    /// Reads every row once. Whoever takes no part has its reason in `outcomes` afterwards.
    pub(super) fn scan(&self, outcomes: &[AtomicU32]) -> Result<Candidates, RunError<S::Error>> {
        let count = (self.rows / PART).next_power_of_two().min(MAX_PARTS);
        let expected = u64::from(self.rows) / u64::from(count) / self.threads as u64;
        // A little more than the mean: hashes spread evenly, but for keys that come very often.
        let room = expected as usize + 6 * (expected as f64).sqrt() as usize + 8;
        let scanned = self.in_ranges(0..self.rows, |rows| {
            let mut parts: Vec<_> = (0..count).map(|_| Vec::with_capacity(room)).collect();
            let (mut octets, mut len) = (0, 0);
            let mut key = String::new();
            self.read(rows, |row, recipient| match self.plan.judge(&recipient, &mut key) {
                Ok(()) => {
                    let hash = self.hash.of(key.as_bytes());
                    let part = ((hash >> 32) * u64::from(count)) >> 32;
                    if let Some(part) = parts.get_mut(part as usize) {
                        part.push(hash << 32 | u64::from(row));
                    }
                    octets += key.len() as u64;
                    len += 1;
                }
                Err(code) => set(outcomes, row, code),
            })?;
            Ok((parts, octets, len))
        })?;
        let mut parts: Vec<Vec<_>> = (0..count).map(|_| Vec::with_capacity(self.threads)).collect();
        let (mut octets, mut len) = (0, 0);
        for (pieces, piece_octets, piece_len) in scanned {
            parts.iter_mut().zip(pieces).for_each(|(part, piece)| part.push(piece));
            octets += piece_octets;
            len += piece_len;
        }
        Ok(Candidates { parts: parts.into_iter().map(Mutex::new).collect(), octets, len })
    }

    /// Notes in `outcomes`, for each candidate, the first one with the same fingerprint where that is
    /// another: it is equal or, in rare cases, only looks so.
    pub(super) fn search(&self, candidates: Candidates, outcomes: &[AtomicU32], leaders: &Leaders) {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut table = Table::new();
            // Ends: there are as many turns as parts.
            while let Some(part) = candidates.parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                let pieces =
                    std::mem::take(&mut *part.lock().unwrap_or_else(PoisonError::into_inner));
                table.clear();
                for candidate in pieces.iter().flatten() {
                    if let Some(leader) = table.insert(*candidate) {
                        set(outcomes, *candidate as u32, leader);
                        leaders.mark(leader);
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.threads {
                scope.spawn(work);
            }
            work();
        });
    }

    /// Hands rows to `visit`, block by block.
    pub(super) fn read(
        &self,
        rows: Range<u32>,
        mut visit: impl FnMut(u32, super::Recipient<'_>),
    ) -> Result<(), RunError<S::Error>> {
        let mut start = rows.start;
        while start < rows.end {
            let end = start.saturating_add(BLOCK).min(rows.end);
            let mut row = start;
            let read = self.segment.read(start..end, |recipient| {
                if row < end {
                    visit(row, recipient);
                }
                row = row.saturating_add(1);
            });
            read.map_err(RunError::Segment)?;
            if row != end {
                return Err(RunError::Changed { expected: end, found: row });
            }
            start = end;
        }
        Ok(())
    }

    /// Does `work` for as many ranges of these rows as there are threads, and brings what it came to in
    /// their order; of several failures the first. The rows begin at a multiple of 64, and so does each
    /// range.
    pub(super) fn in_ranges<T: Send>(
        &self,
        rows: Range<u32>,
        work: impl Fn(Range<u32>) -> Result<T, RunError<S::Error>> + Sync,
    ) -> Result<Vec<T>, RunError<S::Error>> {
        let share = (rows.len() as u64).div_ceil(self.threads as u64).next_multiple_of(64);
        let start =
            |n: usize| (u64::from(rows.start) + n as u64 * share).min(u64::from(rows.end)) as u32;
        let range = |n| start(n)..start(n + 1);
        std::thread::scope(|scope| {
            let work = &work;
            let others: Vec<_> =
                (1..self.threads).map(|n| scope.spawn(move || work(range(n)))).collect();
            let first = work(range(0));
            std::iter::once(first).chain(others.into_iter().map(joined)).collect::<Vec<_>>()
        })
        .into_iter()
        .collect()
    }
}

/// What a thread came to. What the host's own code panicked with goes on to whoever called.
pub(super) fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

#[inline]
fn set(outcomes: &[AtomicU32], row: u32, code: u32) {
    if let Some(outcome) = outcomes.get(row as usize) {
        outcome.store(code, Ordering::Relaxed);
    }
}

pub(super) fn all_send(rows: u32) -> Vec<AtomicU32> {
    (0..rows).map(|_| AtomicU32::new(code::SEND)).collect()
}

/// Candidates by fingerprint, the first of each.
struct Table {
    slots: Vec<Candidate>,
    taken: usize,
}

impl Table {
    fn new() -> Self {
        Self { slots: vec![FREE; 2 * PART as usize], taken: 0 }
    }

    fn clear(&mut self) {
        self.slots.fill(FREE);
        self.taken = 0;
    }

    /// The row of the candidate with the same fingerprint that is there; else it is there now.
    #[inline]
    fn insert(&mut self, candidate: Candidate) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut at = (candidate >> 32) as usize & mask;
        // A third of the slots is free.
        while let Some(slot) = self.slots.get_mut(at) {
            if *slot == FREE {
                *slot = candidate;
                self.taken += 1;
                if self.taken * 3 > self.slots.len() * 2 {
                    self.grow();
                }
                return None;
            }
            if *slot >> 32 == candidate >> 32 {
                return Some(*slot as u32);
            }
            at = (at + 1) & mask;
        }
        None
    }

    #[cold]
    fn grow(&mut self) {
        let old = std::mem::take(&mut self.slots);
        self.slots = vec![FREE; old.len() * 2];
        self.taken = 0;
        for candidate in old.into_iter().filter(|slot| *slot != FREE) {
            self.insert(candidate);
        }
    }
}

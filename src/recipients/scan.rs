//! From rows to candidates, and from candidates to those that look equal.

use std::ops::Range;
use std::panic::resume_unwind;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::thread::Builder;

use super::deduplication::RunError;
use super::hash::KeyHash;
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
    pub(super) sizes: Sizes,
    pub(super) failed: AtomicBool,
}

/// How the work is cut. The result does not depend on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Rows that are read at a time: between two such blocks a failure of another thread is noticed.
    pub(super) read: u32,
    /// Candidates of a part at most, on average: its table of 256 KiB stays close to the processor.
    pub(super) part: u32,
    /// Rows of a range at least.
    pub(super) least: u32,
    /// Rows that are read before those among them that look equal are compared; a multiple of 64.
    pub(super) compare: u32,
    /// Leaders are near each other that differ in so many lower bits alone: their keys stay close to the
    /// processor.
    pub(super) near: u32,
}

impl Sizes {
    pub(super) const FAST: Self =
        Self { read: 1 << 16, part: 1 << 14, least: 1 << 12, compare: 1 << 20, near: 15 };
}

/// Why a thread stopped.
pub(super) enum Halt<E> {
    Failed(RunError<E>),
    /// Another one failed.
    Elsewhere,
}

/// A row that takes part: 32 bits of its key's hash, the *fingerprint*, above its number.
type Candidate = u64;

/// Candidates by the upper bits of their hashes, so that all of one key are in one part; in each part by
/// row, in as many pieces as there were ranges of rows.
pub(super) struct Candidates {
    parts: Vec<Mutex<Vec<Vec<Candidate>>>>,
    /// Octets of all their keys.
    pub(super) octets: u64,
    pub(super) len: u64,
}

const MAX_PARTS: u32 = 8192;
/// No row has this number, so no candidate is it.
const FREE: u64 = u64::MAX;

impl<S: Segment + ?Sized, P: Suppress> Run<'_, S, P> {
    /// Reads every row once. Whoever takes no part has its reason in `outcomes` afterwards.
    pub(super) fn scan(&self, outcomes: &[AtomicU32]) -> Result<Candidates, RunError<S::Error>> {
        let count = (self.rows / self.sizes.part).next_power_of_two().min(MAX_PARTS);
        let ranges = self.ranges(0..self.rows);
        let expected = u64::from(self.rows) / u64::from(count) / ranges.len().max(1) as u64;
        // A little more than the mean: hashes spread evenly, but for keys that come very often.
        let room = expected as usize + 6 * (expected as f64).sqrt() as usize + 8;
        let scanned = self.in_ranges(0..self.rows, |rows| {
            let mut parts = Scatter::new(count as usize, room);
            let (mut octets, mut len) = (0, 0);
            let mut room = String::new();
            self.read(rows, |row, recipient| match self.plan.judge(&recipient, &mut room) {
                Ok(key) => {
                    let hash = self.hash.of(key.as_bytes());
                    let part = ((hash >> 32) * u64::from(count)) >> 32;
                    parts.push(part as usize, hash << 32 | u64::from(row));
                    octets += key.len() as u64;
                    len += 1;
                }
                Err(code) => set(outcomes, row, code),
            })?;
            Ok((parts.finish(), octets, len))
        })?;
        let mut parts: Vec<Vec<_>> = (0..count).map(|_| Vec::with_capacity(ranges.len())).collect();
        let (mut octets, mut len) = (0, 0);
        for (pieces, piece_octets, piece_len) in scanned {
            parts.iter_mut().zip(pieces).for_each(|(part, piece)| part.push(piece));
            octets += piece_octets;
            len += piece_len;
        }
        Ok(Candidates { parts: parts.into_iter().map(Mutex::new).collect(), octets, len })
    }

    /// Notes in `outcomes`, for each candidate, the first one with the same fingerprint where that is
    /// another, and of that one that it is followed: they are equal or, in rare cases, only look so.
    pub(super) fn search(&self, candidates: Candidates, outcomes: &[AtomicU32]) {
        let next = AtomicUsize::new(0);
        let work = || {
            let mut table = Table::new();
            // Ends: there are as many turns as parts.
            while let Some(part) = candidates.parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                let pieces =
                    std::mem::take(&mut *part.lock().unwrap_or_else(PoisonError::into_inner));
                table.clear(pieces.iter().map(Vec::len).sum());
                for candidate in pieces.iter().flatten() {
                    if let Some(leader) = table.insert(*candidate) {
                        set(outcomes, *candidate as u32, leader);
                        set(outcomes, leader, code::FOLLOWED);
                    }
                }
            }
        };
        self.each(&vec![(); self.threads], |()| work());
    }

    /// Hands rows to `visit`, block by block.
    pub(super) fn read(
        &self,
        rows: Range<u32>,
        mut visit: impl FnMut(u32, super::Recipient<'_>),
    ) -> Result<(), Halt<S::Error>> {
        let mut start = rows.start;
        while start < rows.end {
            if self.failed.load(Ordering::Relaxed) {
                return Err(Halt::Elsewhere);
            }
            let end = start.saturating_add(self.sizes.read).min(rows.end);
            let mut row = start;
            let read = self.segment.read(start..end, |recipient| {
                if row < end {
                    visit(row, recipient);
                }
                row = row.saturating_add(1);
            });
            let error = match read {
                Err(error) => Some(RunError::Segment(error)),
                Ok(()) => (row != end).then_some(RunError::Changed { expected: end, found: row }),
            };
            if let Some(error) = error {
                self.failed.store(true, Ordering::Relaxed);
                return Err(Halt::Failed(error));
            }
            start = end;
        }
        Ok(())
    }

    /// Several ranges of these rows for each thread, so that none waits long for another; where there are
    /// many threads one, as each range has a piece of every part. The rows begin at a multiple of 64, and
    /// so does each range.
    fn ranges(&self, rows: Range<u32>) -> Vec<Range<u32>> {
        let threads = self.threads as u64;
        let most = if threads == 1 { 1 } else { (4 * threads).min(threads.max(16)) };
        let share = (rows.len() as u64).div_ceil(most).max(u64::from(self.sizes.least));
        let share = u32::try_from(share.next_multiple_of(64)).unwrap_or(u32::MAX);
        let starts = rows.clone().step_by(share as usize);
        starts.map(|start| start..start.saturating_add(share).min(rows.end)).collect()
    }

    /// Does `work` for ranges of these rows, and brings what it came to in their order; of several
    /// failures the first.
    pub(super) fn in_ranges<T: Send>(
        &self,
        rows: Range<u32>,
        work: impl Fn(Range<u32>) -> Result<T, Halt<S::Error>> + Sync,
    ) -> Result<Vec<T>, RunError<S::Error>> {
        let ranges = self.ranges(rows);
        let (mut done, mut failed) = (Vec::with_capacity(ranges.len()), None);
        for result in self.each(&ranges, |range| work(range.clone())) {
            match result {
                Ok(came) => done.push(came),
                Err(Halt::Failed(error)) => failed = failed.or(Some(error)),
                Err(Halt::Elsewhere) => {}
            }
        }
        failed.map_or(Ok(done), Err)
    }

    /// Does `work` for each of these, by as many threads as there are, and brings what it came to in
    /// their order. Whoever is done takes the next.
    pub(super) fn each<I: Sync, T: Send>(
        &self,
        items: &[I],
        work: impl Fn(&I) -> T + Sync,
    ) -> Vec<T> {
        let next = AtomicUsize::new(0);
        let came: Vec<_> = items.iter().map(|_| Mutex::new(None)).collect();
        let run = || {
            // Ends: there are as many turns as items.
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let (Some(item), Some(place)) = (items.get(number), came.get(number)) else {
                    break;
                };
                let result = work(item);
                *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
            }
        };
        std::thread::scope(|scope| {
            // Where the system has no thread left, the others do the work.
            let threads = (1..self.threads.min(items.len()))
                .filter_map(|_| Builder::new().spawn_scoped(scope, run).ok())
                .collect::<Vec<_>>();
            run();
            for thread in threads {
                // What the host's own code panicked with goes on to whoever called.
                thread.join().unwrap_or_else(|panic| resume_unwind(panic));
            }
        });
        let inner = |place: Mutex<_>| place.into_inner().unwrap_or_else(PoisonError::into_inner);
        came.into_iter().filter_map(inner).collect()
    }
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

/// Distributes candidates to parts. The last few of each part are kept together, where the processor has
/// them at hand: of the parts themselves each is in another place.
struct Scatter {
    last: Vec<[Candidate; Self::LAST]>,
    fill: Vec<u8>,
    parts: Vec<Vec<Candidate>>,
}

impl Scatter {
    /// A line of the cache.
    const LAST: usize = 8;

    fn new(count: usize, room: usize) -> Self {
        Self {
            last: vec![[FREE; Self::LAST]; count],
            fill: vec![0; count],
            parts: (0..count).map(|_| Vec::with_capacity(room)).collect(),
        }
    }

    #[inline]
    fn push(&mut self, part: usize, candidate: Candidate) {
        let (Some(last), Some(fill)) = (self.last.get_mut(part), self.fill.get_mut(part)) else {
            return;
        };
        if let Some(place) = last.get_mut(usize::from(*fill)) {
            *place = candidate;
        }
        *fill += 1;
        if usize::from(*fill) == Self::LAST {
            *fill = 0;
            if let Some(part) = self.parts.get_mut(part) {
                part.extend_from_slice(last);
            }
        }
    }

    fn finish(mut self) -> Vec<Vec<Candidate>> {
        for ((part, last), fill) in self.parts.iter_mut().zip(&self.last).zip(&self.fill) {
            part.extend(last.iter().take(usize::from(*fill)));
        }
        self.parts
    }
}

/// Candidates by fingerprint, the first of each.
struct Table {
    slots: Vec<Candidate>,
    taken: usize,
}

impl Table {
    fn new() -> Self {
        Self { slots: Vec::new(), taken: 0 }
    }

    /// Makes it empty, with room for so many; for more than a part should have, it grows as they come,
    /// which are then mostly the same few.
    fn clear(&mut self, candidates: usize) {
        let slots =
            (candidates.min(2 * Sizes::FAST.part as usize) * 3 / 2).next_power_of_two().max(16);
        self.slots.clear();
        self.slots.resize(slots, FREE);
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

//! Values by a part of a key.

/// A hash table of values, each under 32 bits of a keyed hash, its *tag*: for things that are found
/// under several keys. Several values may have one tag, so whoever asks compares the key itself,
/// where the value leads. Eight octets a slot; it grows without a look at the keys.
///
/// Slots come in lines of the cache: one read of memory answers most questions. Lines come in parts of
/// at most [`LINES`](Self::LINES), and what is full is split alone, so that no writer, and no reader
/// behind it, ever waits for millions of values to move.
#[derive(Debug, Default)]
pub(super) struct TagTable {
    /// The part of each tag, by its upper bits: 2^[`depth`](Self::depth) numbers.
    directory: Vec<u32>,
    depth: u32,
    parts: Vec<Part>,
}

/// A slot is 0, or a tag above a value.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Line([u64; 8]);

/// An open-addressed table of its own. A slot lies in the line that its tag names or, where that one
/// is full, in the first one behind it that is not.
#[derive(Debug)]
struct Part {
    /// A power of two long, at most four fifths full.
    lines: Box<[Line]>,
    len: u32,
    /// So many upper bits are the same in all of its tags.
    depth: u32,
}

/// A value in the table, until the table is changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    part: u32,
    line: u32,
    slot: usize,
}

/// A line of the table, until the table is changed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Home {
    part: u32,
    line: u32,
}

/// The tag of a key: a part of its hash.
pub(super) const fn tag(hash: &[u8; 16]) -> u32 {
    u128::from_le_bytes(*hash) as u32
}

impl TagTable {
    /// 32 KiB: split in some ten microseconds.
    const LINES: usize = 512;

    /// A million parts. What is still not told apart goes into larger parts: nobody can choose tags,
    /// but nothing rests on it.
    const MAX_DEPTH: u32 = 20;

    /// The value under `tag` for which `is` holds, and where it is.
    pub(super) fn find(&self, tag: u32, is: impl Fn(u32) -> bool) -> Option<(Place, u32)> {
        self.find_from(self.home(tag), tag, is)
    }

    fn find_from(&self, home: Home, tag: u32, is: impl Fn(u32) -> bool) -> Option<(Place, u32)> {
        let part = self.parts.get(home.part as usize)?;
        let mut at = home.line as usize;
        // A fifth of the slots is empty: the loop ends before.
        for _ in 0..part.lines.len() {
            let line = part.lines.get(at)?;
            let mut matching = line.matching(tag);
            while matching != 0 {
                let slot = matching.trailing_zeros() as usize;
                matching &= matching - 1;
                let value = line.0.get(slot).map_or(0, |slot| *slot as u32);
                // No value is 0: that slot is empty, and the tag was 0.
                if value != 0 && is(value) {
                    return Some((Place { part: home.part, line: at as u32, slot }, value));
                }
            }
            if !line.is_full() {
                return None;
            }
            at = (at + 1) & part.mask();
        }
        None
    }

    /// The first value under `tag`, whose home this is: mostly the one that `find` will bring, and
    /// none where there is nothing to find.
    pub(super) fn likely(&self, home: Home, tag: u32) -> Option<u32> {
        self.find_from(home, tag, |_| true).map(|(_, value)| value)
    }

    /// The part and the line in which `tag` mostly is.
    pub(super) fn home(&self, tag: u32) -> Home {
        let part = self.part_of(tag).unwrap_or(0);
        let line = self.parts.get(part as usize).map_or(0, |part| part.home(tag));
        Home { part, line: line as u32 }
    }

    /// Some octets of that line: it must have been read to tell them.
    pub(super) fn touch(&self, home: Home) -> u64 {
        let part = self.parts.get(home.part as usize);
        let line = part.and_then(|part| part.lines.get(home.line as usize));
        line.map_or(0, |line| line.0[0])
    }

    /// Adds a value, which is not 0.
    pub(super) fn insert(&mut self, tag: u32, value: u32) {
        if self.parts.is_empty() {
            self.directory.push(0);
            self.parts.push(Part::new(1, 0));
        }
        // Ends: parts grow when they cannot be split.
        while let Some(number) = self.part_of(tag) {
            let Some(part) = self.parts.get_mut(number as usize) else { return };
            if part.has_room() {
                return part.add(u64::from(tag) << 32 | u64::from(value));
            }
            if part.lines.len() < Self::LINES || part.depth >= Self::MAX_DEPTH {
                part.grow();
            } else {
                self.split(tag);
            }
        }
    }

    /// Puts another value, which is not 0, in the place of one.
    pub(super) fn replace(&mut self, place: Place, value: u32) {
        let part = self.parts.get_mut(place.part as usize);
        if let Some(slot) = part.and_then(|part| part.slot(place.line as usize, place.slot)) {
            *slot = *slot >> 32 << 32 | u64::from(value);
        }
    }

    /// Takes a value out and moves those behind it, which it had pushed on, back.
    pub(super) fn remove(&mut self, place: Place) {
        if let Some(part) = self.parts.get_mut(place.part as usize) {
            part.remove(place.line as usize, place.slot);
        }
    }

    fn part_of(&self, tag: u32) -> Option<u32> {
        // In two steps: there may be no upper bit to look at.
        self.directory.get((u64::from(tag) << self.depth >> 32) as usize).copied()
    }

    /// Makes two parts of the one that has this tag: by the next bit of their tags.
    fn split(&mut self, tag: u32) {
        let Some(number) = self.part_of(tag) else { return };
        let Some(part) = self.parts.get_mut(number as usize) else { return };
        if part.depth == self.depth {
            self.directory = self.directory.iter().flat_map(|part| [*part, *part]).collect();
            self.depth += 1;
        }
        let (lines, depth) = (part.lines.len(), part.depth + 1);
        let (mut zeros, mut ones) = (Part::new(lines, depth), Part::new(lines, depth));
        for slot in part.slots() {
            let half = if slot << part.depth >> 63 == 0 { &mut zeros } else { &mut ones };
            half.add(slot);
        }
        *part = zeros;
        // The places that led to the part lie side by side: the second half leads to the new one.
        let places = 1 << (self.depth - depth);
        let pair = (u64::from(tag) << (depth - 1) >> 32) as usize;
        let ones_from = (pair * 2 + 1) * places;
        // There are no more parts than places, of which there are 2^20 at most.
        let new = self.parts.len() as u32;
        self.directory.iter_mut().skip(ones_from).take(places).for_each(|place| *place = new);
        self.parts.push(ones);
    }
}

impl Line {
    /// A bit for each slot with this tag, and for empty ones where the tag is 0.
    #[inline]
    fn matching(&self, tag: u32) -> u32 {
        let bits = self.0.iter().zip(0..);
        bits.fold(0, |all, (slot, bit)| all | u32::from((slot >> 32) as u32 == tag) << bit)
    }

    #[inline]
    fn is_full(&self) -> bool {
        self.0.iter().all(|slot| *slot != 0)
    }
}

impl Part {
    fn new(lines: usize, depth: u32) -> Self {
        Self { lines: vec![Line::default(); lines].into(), len: 0, depth }
    }

    fn has_room(&self) -> bool {
        (self.len as usize + 1) * 5 <= self.lines.len() * 8 * 4
    }

    fn grow(&mut self) {
        let mut larger = Self::new(self.lines.len() * 2, self.depth);
        self.slots().for_each(|slot| larger.add(slot));
        *self = larger;
    }

    /// All that are not empty.
    fn slots(&self) -> impl Iterator<Item = u64> {
        self.lines.iter().flat_map(|line| line.0).filter(|slot| *slot != 0)
    }

    const fn mask(&self) -> usize {
        self.lines.len().wrapping_sub(1)
    }

    const fn home(&self, tag: u32) -> usize {
        tag as usize & self.mask()
    }

    /// Adds a slot for which there is room.
    fn add(&mut self, slot: u64) {
        let mut at = self.home((slot >> 32) as u32);
        while let Some(line) = self.lines.get_mut(at) {
            if let Some(free) = line.0.iter_mut().find(|slot| **slot == 0) {
                *free = slot;
                self.len += 1;
                return;
            }
            at = (at + 1) & self.mask();
        }
    }

    fn slot(&mut self, line: usize, slot: usize) -> Option<&mut u64> {
        self.lines.get_mut(line)?.0.get_mut(slot)
    }

    fn remove(&mut self, line: usize, slot: usize) {
        let (mut hole, mut at) = ((line, slot), line);
        // Nothing was pushed on from a line that is not full; a fifth of the slots is empty.
        while self.lines.get(at).is_some_and(Line::is_full) {
            at = (at + 1) & self.mask();
            if let Some(next) = self.pushed_on(hole.0, at) {
                let moved = self.slot(at, next).map_or(0, |slot| *slot);
                if let Some(hole) = self.slot(hole.0, hole.1) {
                    *hole = moved;
                }
                hole = (at, next);
            }
        }
        if let Some(slot) = self.slot(hole.0, hole.1) {
            *slot = 0;
            self.len -= 1;
        }
    }

    /// A slot in the line `at` that may lie in the line `hole` before it: its home is not between.
    fn pushed_on(&self, hole: usize, at: usize) -> Option<usize> {
        let distance = |from: usize| at.wrapping_sub(from) & self.mask();
        let may_move =
            |slot: &u64| *slot != 0 && distance(self.home((slot >> 32) as u32)) >= distance(hole);
        self.lines.get(at)?.0.iter().position(may_move)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Tags without a pattern, or with one that splitting does not help against.
    fn fills_and_empties(tag: impl Fn(u32) -> u32, most: u32) -> TagTable {
        let mut table = TagTable::default();
        for value in 1..=most {
            table.insert(tag(value), value);
        }
        let find = |table: &TagTable, value| table.find(tag(value), |found| found == value);
        for value in (1..=most).filter(|value| value % 3 == 0) {
            let (place, _) = find(&table, value).unwrap();
            table.remove(place);
        }
        for value in (1..=most).filter(|value| value % 3 == 1) {
            let (place, _) = find(&table, value).unwrap();
            table.replace(place, value + most);
        }
        for value in 1..=most {
            let now = |found| found == value || found == value + most;
            let found = table.find(tag(value), now).map(|(_, found)| found);
            let expected = [None, Some(value + most), Some(value)][value as usize % 3];
            assert_eq!(found, expected);
            assert!(find(&table, value + 2 * most).is_none());
        }
        let len: u32 = table.parts.iter().map(|part| part.len).sum();
        assert_eq!(len, most - most / 3);
        table
    }

    #[test]
    fn parts_are_split_alone() {
        let table = fills_and_empties(|value| value.wrapping_mul(0x9e37_79b9), 100_000);
        assert!(table.parts.len() > 100_000 / (TagTable::LINES * 8));
        assert!(table.parts.iter().all(|part| part.lines.len() == TagTable::LINES));
        let of = |part| table.directory.iter().filter(|number| **number == part).count();
        for (part, number) in table.parts.iter().zip(0..) {
            assert_eq!(of(number), 1 << (table.depth - part.depth), "part {number}");
        }
    }

    #[test]
    fn tags_that_cannot_be_told_apart_are_kept_together() {
        let table = fills_and_empties(|value| value % 3 + 1, 5_000);
        assert_eq!(table.depth, TagTable::MAX_DEPTH);
    }

    proptest! {
        /// Also where many values have one tag.
        #[test]
        fn finds_what_is_in_and_nothing_else(
            steps in prop::collection::vec((0_u8..3, 1_u32..50), 0..300),
            spread in prop::sample::select(vec![1_u32, 0x9e37_79b9]),
        ) {
            let tag = |value: u32| (value / 3).wrapping_mul(spread);
            let mut table = TagTable::default();
            let mut model = std::collections::BTreeSet::new();
            for (step, value) in steps {
                let other = value + 100;
                let found = table.find(tag(value), |found| found == value || found == other);
                prop_assert_eq!(
                    found.map(|(_, found)| found),
                    model.get(&value).or_else(|| model.get(&other)).copied()
                );
                match (step, found) {
                    (0, None) => {
                        table.insert(tag(value), value);
                        model.insert(value);
                    }
                    (1, Some((place, found))) => {
                        table.remove(place);
                        model.remove(&found);
                    }
                    (2, Some((place, found))) => {
                        table.replace(place, other);
                        model.remove(&found);
                        model.insert(other);
                    }
                    _ => {}
                }
            }
        }
    }
}

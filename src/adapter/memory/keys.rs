//! Keys of one tenant, interned, each with the rows that carry it.

use std::collections::VecDeque;

use super::numbers::NumberTable;
use crate::index::{IndexKey, IndexKind, Kinds};

/// The number of a row of the tenant.
pub(super) type RowNumber = u32;

/// The number of an interned key.
type KeyNumber = u32;

/// A key of a row: its number, and its kind above that, so that rows can be asked for the keys of
/// one kind without a look at the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RowKey(u32);

impl RowKey {
    /// Numbers are less: some 537 million keys a tenant.
    const NUMBERS: u32 = 1 << 29;

    const fn new(kind: IndexKind, number: KeyNumber) -> Self {
        Self((kind as u32) << 29 | number)
    }

    const fn number(self) -> KeyNumber {
        self.0 % Self::NUMBERS
    }

    pub(super) fn is_one_of(self, kinds: Kinds) -> bool {
        IndexKind::ALL.get((self.0 >> 29) as usize).is_some_and(|kind| kinds.contains(*kind))
    }
}

/// Set in [`Entry::carriers`] where they are a list: the other bits number it.
const LIST: u32 = 1 << 31;

/// A key and who carries it, 24 octets: most keys have one carrier and need no list.
#[derive(Debug)]
struct Entry {
    hash: [u8; 16],
    /// For kinds that are looked up: none (0), one row (its number + 1), or a list. For the others
    /// the number of rows.
    carriers: u32,
    kind: IndexKind,
}

impl Entry {
    fn is(&self, key: &IndexKey) -> bool {
        self.kind == key.kind() && self.hash == *key.hash()
    }

    fn place(&self) -> u64 {
        place(&self.hash, self.kind)
    }
}

/// What the table of numbers takes for the hash of a key.
fn place(hash: &[u8; 16], kind: IndexKind) -> u64 {
    // Ids and references share hashes: the kind moves them apart.
    u128::from_le_bytes(*hash) as u64 ^ (kind as u64).wrapping_mul(0x9e37_79b9)
}

/// A slab of keys. Their hashes are keyed by whoever made them.
#[derive(Debug, Default)]
pub(super) struct KeyTable {
    numbers: NumberTable,
    entries: Vec<Entry>,
    free_entries: Vec<KeyNumber>,
    lists: Vec<VecDeque<RowNumber>>,
    free_lists: Vec<u32>,
}

/// The rows that carry a key, oldest first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Carriers<'a> {
    None,
    One(RowNumber),
    Many(&'a VecDeque<RowNumber>),
}

impl Carriers<'_> {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::One(_) => 1,
            Self::Many(list) => list.len(),
        }
    }

    pub(super) fn get(&self, at: usize) -> Option<RowNumber> {
        match self {
            Self::None => None,
            Self::One(row) => (at == 0).then_some(*row),
            Self::Many(list) => list.get(at).copied(),
        }
    }

    /// How many rows from the oldest on satisfy `before`, which holds for a first part of them.
    pub(super) fn partition_point(&self, before: impl Fn(RowNumber) -> bool) -> usize {
        match self {
            Self::None => 0,
            Self::One(row) => usize::from(before(*row)),
            Self::Many(list) => list.partition_point(|row| before(*row)),
        }
    }
}

impl KeyTable {
    /// How many more keys can be numbered.
    pub(super) fn room(&self) -> usize {
        (RowKey::NUMBERS as usize).saturating_sub(self.entries.len()) + self.free_entries.len()
    }

    /// The number of a key that may be this one.
    pub(super) fn likely(&self, key: &IndexKey) -> Option<u32> {
        self.numbers.likely(place(key.hash(), key.kind()))
    }

    /// A row that may carry the key of this number.
    pub(super) fn likely_row(&self, number: u32) -> Option<RowNumber> {
        self.entries.get(number as usize)?.carriers.checked_sub(1)
    }

    /// The rows that carry `key`.
    pub(super) fn carriers(&self, key: &IndexKey) -> Carriers<'_> {
        let found = key.kind().is_looked_up().then(|| self.number(key)).flatten();
        let carriers = found.and_then(|number| self.entries.get(number as usize));
        match carriers.map_or(0, |entry| entry.carriers) {
            0 => Carriers::None,
            list if list & LIST != 0 => {
                self.lists.get((list & !LIST) as usize).map_or(Carriers::None, Carriers::Many)
            }
            row => Carriers::One(row - 1),
        }
    }

    /// The key of a row.
    pub(super) fn key(&self, key: RowKey) -> Option<IndexKey> {
        let entry = self.entries.get(key.number() as usize)?;
        Some(IndexKey::from_parts(entry.kind, entry.hash))
    }

    /// Interns `key` and notes that `row` carries it; `older` tells rows that come before `row`.
    /// `None` when the row carries it already.
    pub(super) fn carry(
        &mut self,
        key: &IndexKey,
        row: RowNumber,
        older: impl Fn(RowNumber) -> bool,
    ) -> Option<RowKey> {
        let number = self.intern(key)?;
        let entry = self.entries.get_mut(number as usize)?;
        if !entry.kind.is_looked_up() {
            entry.carriers += 1;
        } else if entry.carriers == 0 {
            entry.carriers = row + 1;
        } else if entry.carriers & LIST == 0 {
            let other = entry.carriers - 1;
            if other == row {
                return None;
            }
            let pair = if older(other) { [other, row] } else { [row, other] };
            let list = match self.free_lists.pop() {
                Some(free) => free,
                None => {
                    self.lists.push(VecDeque::new());
                    u32::try_from(self.lists.len() - 1).ok()?
                }
            };
            // Growing by doubling from two keeps short lists, which are most, small.
            let rows = self.lists.get_mut(list as usize)?;
            rows.reserve_exact(2);
            rows.extend(pair);
            entry.carriers = LIST | list;
        } else {
            let list = self.lists.get_mut((entry.carriers & !LIST) as usize)?;
            match list.back() {
                Some(last) if !older(*last) => {
                    let at = list.partition_point(|other| older(*other));
                    if list.get(at) == Some(&row) {
                        return None;
                    }
                    list.insert(at, row);
                }
                _ => list.push_back(row),
            }
        }
        Some(RowKey::new(key.kind(), number))
    }

    /// Forgets that `row` carries the key; `older` as for [`carry`](Self::carry). A key that nobody
    /// carries any more is removed.
    pub(super) fn drop_carrier(
        &mut self,
        key: RowKey,
        row: RowNumber,
        older: impl Fn(RowNumber) -> bool,
    ) {
        let Some(entry) = self.entries.get_mut(key.number() as usize) else { return };
        if !entry.kind.is_looked_up() {
            entry.carriers = entry.carriers.saturating_sub(1);
        } else if entry.carriers & LIST == 0 {
            entry.carriers = 0;
        } else if let Some(list) = self.lists.get_mut((entry.carriers & !LIST) as usize) {
            let at = list.partition_point(|other| older(*other));
            if list.get(at) == Some(&row) {
                list.remove(at);
            }
            if list.is_empty() {
                *list = VecDeque::new();
                self.free_lists.push(entry.carriers & !LIST);
                entry.carriers = 0;
            }
        }
        if entry.carriers == 0 {
            self.remove(key.number());
        }
    }

    fn number(&self, key: &IndexKey) -> Option<KeyNumber> {
        let is = |number| self.entries.get(number as usize).is_some_and(|entry| entry.is(key));
        self.numbers.find(place(key.hash(), key.kind()), is)
    }

    fn intern(&mut self, key: &IndexKey) -> Option<KeyNumber> {
        if let Some(number) = self.number(key) {
            return Some(number);
        }
        let entry = Entry { hash: *key.hash(), carriers: 0, kind: key.kind() };
        let place = entry.place();
        let free = self.free_entries.pop();
        let number = free.map_or_else(|| u32::try_from(self.entries.len()).ok(), Some)?;
        // Only entries that are free have no carriers.
        let carried = |entry: &Entry| entry.carriers != 0;
        let entries = &self.entries;
        self.numbers.reserve(number, || {
            let carried = entries.iter().zip(0..).filter(|(entry, _)| carried(entry));
            carried.map(|(entry, number)| (entry.place(), number))
        });
        match free {
            Some(free) => *self.entries.get_mut(free as usize)? = entry,
            None => self.entries.push(entry),
        }
        self.numbers.insert(place, number);
        Some(number)
    }

    fn remove(&mut self, number: KeyNumber) {
        let Some(gone) = self.entries.get(number as usize) else { return };
        let place = |number: KeyNumber| self.entries.get(number as usize).map_or(0, Entry::place);
        self.numbers.remove(gone.place(), number, place);
        self.free_entries.push(number);
    }
}

//! Every key once, kept whole.

use super::hash::KeyHash;

/// Keys, each with the number of the row that brought it first. Some 20 octets a key beside its own.
///
/// Keys lie one behind the other in chunks that never move. Slots lead to them: 24 bits of the key's
/// hash, its *tag*, above the place. The table is in parts that grow each on its own and by half, so
/// that growing takes little room and no long pause.
#[derive(Debug)]
pub(super) struct KeyTable {
    hash: KeyHash,
    parts: Vec<Part>,
    chunks: Vec<Vec<u8>>,
    len: u64,
}

/// 0, or a tag above a place, which is counted from 1. A slot lies where its tag says or, where that is
/// taken, in the first free one behind.
#[derive(Clone, Debug, Default)]
struct Part {
    slots: Vec<u64>,
    taken: usize,
}

const PARTS: usize = 1024;
/// Keys are short, so that little is left over at the end of a chunk.
const CHUNK: usize = 1 << 18;
const PLACE_BITS: u32 = 40;
/// Length and row in front of each key.
const HEAD: usize = 7;

impl KeyTable {
    pub(super) fn new() -> Self {
        let parts = vec![Part::default(); PARTS];
        Self { hash: KeyHash::new(), parts, chunks: Vec::new(), len: 0 }
    }

    pub(super) const fn len(&self) -> u64 {
        self.len
    }

    /// The row that brought this key.
    pub(super) fn get(&self, key: &[u8]) -> Option<u64> {
        let (part, tag) = self.place(key);
        self.parts.get(part)?.find(tag, |place| self.row_of(place, key))
    }

    /// The row that brought this key before; now it is there as that of `row`. Rows are kept to 40 bits;
    /// a key of more than 65,535 octets, which no address has, is none.
    pub(super) fn insert(&mut self, key: &[u8], row: u64) -> Option<u64> {
        let len = u16::try_from(key.len()).ok()?;
        let (part, tag) = self.place(key);
        let found = self.parts.get(part)?.find(tag, |place| self.row_of(place, key));
        if found.is_none() {
            let place = self.keep(len, key, row);
            self.parts.get_mut(part)?.add(u64::from(tag) << PLACE_BITS | (place + 1));
            self.len += 1;
        }
        found
    }

    fn place(&self, key: &[u8]) -> (usize, u32) {
        let hash = self.hash.of(key);
        (hash as usize % PARTS, (hash >> PLACE_BITS) as u32)
    }

    /// The row of the key at this place, where it is this key.
    fn row_of(&self, place: u64, key: &[u8]) -> Option<u64> {
        let (chunk, at) = (place as usize / CHUNK, place as usize % CHUNK);
        let entry = self.chunks.get(chunk)?.get(at..)?;
        let (head, rest) = entry.split_first_chunk::<HEAD>()?;
        let [a, b, row @ ..] = *head;
        let found = rest.get(..usize::from(u16::from_le_bytes([a, b])))?;
        let [c, d, e, f, g] = row;
        (found == key).then(|| u64::from_le_bytes([c, d, e, f, g, 0, 0, 0]))
    }

    fn keep(&mut self, len: u16, key: &[u8], row: u64) -> u64 {
        let needed = HEAD + key.len();
        if self.chunks.last().is_none_or(|chunk| chunk.len() + needed > CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let before = (self.chunks.len() - 1) * CHUNK;
        let Some(chunk) = self.chunks.last_mut() else { return 0 };
        let place = before + chunk.len();
        chunk.extend_from_slice(&len.to_le_bytes());
        chunk.extend(row.to_le_bytes().iter().take(HEAD - 2));
        chunk.extend_from_slice(key);
        place as u64
    }
}

impl Part {
    /// What `is` says of the first place under this tag of which it says anything.
    fn find<T>(&self, tag: u32, is: impl Fn(u64) -> Option<T>) -> Option<T> {
        let (before, behind) = self.slots.split_at_checked(self.home(tag))?;
        // Some slots are always free.
        for slot in behind.iter().chain(before) {
            if *slot == 0 {
                return None;
            }
            if (slot >> PLACE_BITS) as u32 == tag
                && let Some(found) = is((slot & ((1 << PLACE_BITS) - 1)) - 1)
            {
                return Some(found);
            }
        }
        None
    }

    fn add(&mut self, slot: u64) {
        // At most thirteen of sixteen are taken.
        if (self.taken + 1) * 16 > self.slots.len() * 13 {
            let larger = (self.slots.len() * 3 / 2).max(8);
            let old = std::mem::replace(&mut self.slots, vec![0; larger]);
            old.into_iter().filter(|slot| *slot != 0).for_each(|slot| self.put(slot));
        }
        self.put(slot);
        self.taken += 1;
    }

    fn put(&mut self, slot: u64) {
        let home = self.home((slot >> PLACE_BITS) as u32);
        if let Some((before, behind)) = self.slots.split_at_mut_checked(home)
            && let Some(free) = behind.iter_mut().chain(before).find(|slot| **slot == 0)
        {
            *free = slot;
        }
    }

    /// Where a tag would lie if it were alone: tags in their order, spread over all slots.
    fn home(&self, tag: u32) -> usize {
        ((u64::from(tag) * self.slots.len() as u64) >> (64 - PLACE_BITS)) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        #[test]
        fn the_table_answers_as_a_map(keys in proptest::collection::vec("[a-c]{0,4}", 0..400)) {
            let (mut table, mut map) = (KeyTable::new(), HashMap::new());
            for (row, key) in keys.iter().enumerate() {
                let found = table.insert(key.as_bytes(), row as u64);
                let expected = map.get(key).copied();
                prop_assert_eq!(found, expected);
                map.entry(key.clone()).or_insert(row as u64);
            }
            prop_assert_eq!(table.len(), map.len() as u64);
            for (key, row) in &map {
                prop_assert_eq!(table.get(key.as_bytes()), Some(*row));
            }
            prop_assert_eq!(table.get(b"x"), None);
        }
    }

    #[test]
    fn parts_grow_and_chunks_follow_each_other() {
        let mut table = KeyTable::new();
        let key = |n: u64| format!("{n:0>40}@home.example");
        let last = (1 << PLACE_BITS) - 1;
        for n in 0..60_000 {
            assert_eq!(table.insert(key(n).as_bytes(), last - n), None);
        }
        assert!(table.chunks.len() > 10);
        for n in 0..60_000 {
            assert_eq!(table.insert(key(n).as_bytes(), 0), Some(last - n));
        }
        let longest = [b'x'; 65_535];
        assert_eq!(table.insert(&longest, 5), None);
        assert_eq!(table.get(&longest), Some(5));
        assert_eq!(table.get(&longest[1..]), None);
    }
}

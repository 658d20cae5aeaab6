//! Values by a part of a key.

/// An open-addressed table of values, each under 32 bits of a keyed hash, its *tag*: for things that
/// are found under several keys. Several values may have one tag, so whoever asks compares the key
/// itself, where the value leads. Eight octets a slot; it grows without a look at the keys.
#[derive(Debug, Default)]
pub(super) struct TagTable {
    /// 0, or a tag above a value; a power of two long, at most three quarters full.
    slots: Vec<u64>,
    len: usize,
}

/// A value in the table, until the table is changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(usize);

/// The tag of a key: a part of its hash.
pub(super) const fn tag(hash: &[u8; 16]) -> u32 {
    u128::from_le_bytes(*hash) as u32
}

impl TagTable {
    const FEWEST: usize = 16;

    /// The value under `tag` for which `is` holds, and where it is.
    pub(super) fn find(&self, tag: u32, is: impl Fn(u32) -> bool) -> Option<(Place, u32)> {
        let mut at = tag as usize & self.mask();
        loop {
            // A quarter of the slots is empty: the loop ends. Where there are none it ends at once.
            let slot = *self.slots.get(at)?;
            if slot == 0 {
                return None;
            }
            let value = slot as u32;
            if (slot >> 32) as u32 == tag && is(value) {
                return Some((Place(at), value));
            }
            at = (at + 1) & self.mask();
        }
    }

    /// The first value under `tag`: mostly the one that `find` will bring, and none where there is
    /// nothing to find.
    pub(super) fn likely(&self, tag: u32) -> Option<u32> {
        self.find(tag, |_| true).map(|(_, value)| value)
    }

    /// Adds a value, which is not 0.
    pub(super) fn insert(&mut self, tag: u32, value: u32) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            let length = (self.slots.len() * 2).max(Self::FEWEST);
            let old = std::mem::replace(&mut self.slots, vec![0; length]);
            old.into_iter().filter(|slot| *slot != 0).for_each(|slot| self.settle(slot));
        }
        self.settle(u64::from(tag) << 32 | u64::from(value));
        self.len += 1;
    }

    /// Puts another value, which is not 0, in the place of one.
    pub(super) fn replace(&mut self, place: Place, value: u32) {
        if let Some(slot) = self.slots.get_mut(place.0) {
            *slot = *slot >> 32 << 32 | u64::from(value);
        }
    }

    /// Takes a value out and moves those behind it, which it had pushed on, back.
    pub(super) fn remove(&mut self, place: Place) {
        let mut hole = place.0;
        let mut at = hole;
        loop {
            at = (at + 1) & self.mask();
            let slot = self.slots.get(at).copied().unwrap_or(0);
            if slot == 0 {
                break;
            }
            let home = (slot >> 32) as usize & self.mask();
            // May it move? Only if its home does not lie between the hole and where it is.
            let distance = |from: usize, to: usize| to.wrapping_sub(from) & self.mask();
            if distance(home, at) >= distance(hole, at) {
                self.slots.swap(hole, at);
                hole = at;
            }
        }
        if let Some(slot) = self.slots.get_mut(hole) {
            *slot = 0;
            self.len -= 1;
        }
    }

    fn settle(&mut self, slot: u64) {
        let mask = self.mask();
        let mut at = (slot >> 32) as usize & mask;
        while let Some(free) = self.slots.get_mut(at) {
            if *free == 0 {
                *free = slot;
                return;
            }
            at = (at + 1) & mask;
        }
    }

    const fn mask(&self) -> usize {
        self.slots.len().wrapping_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

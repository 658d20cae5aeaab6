//! Numbers by hash.

/// An open-addressed table of the numbers of things that are kept elsewhere, each under the one hash
/// of its thing. Hashes are keyed and uniform: a part of each is its place, and linear probing needs
/// no second hash. Four octets a slot.
#[derive(Debug, Default)]
pub(super) struct NumberTable {
    /// 0, or a number + 1 in the low bits and a part of its hash in those that no number needs: it
    /// spares most looks at things that lie beside. A power of two long, at most three quarters full.
    slots: Vec<u32>,
    len: usize,
}

impl NumberTable {
    const FEWEST: usize = 16;

    /// The number under `hash` for which `is` holds.
    pub(super) fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        let (mask, tag) = (self.mask(), self.tag(hash));
        let mut at = self.home(hash);
        loop {
            // A quarter of the slots is empty: the loop ends. Where there are none it ends at once.
            let slot = *self.slots.get(at)?;
            if slot & !mask == tag {
                let number = (slot & mask).checked_sub(1)?;
                if is(number) {
                    return Some(number);
                }
            } else if slot == 0 {
                return None;
            }
            at = (at + 1) & mask as usize;
        }
    }

    /// The first number whose slot looks like `hash`: mostly the one that `find` will bring, and
    /// seldom any where there is nothing to find.
    pub(super) fn likely(&self, hash: u64) -> Option<u32> {
        self.find(hash, |_| true)
    }

    /// Makes room for `number`. `all` goes through the numbers that are in, with their hashes.
    pub(super) fn reserve<I>(&mut self, number: u32, all: impl FnOnce() -> I)
    where
        I: Iterator<Item = (u64, u32)>,
    {
        let mut length = self.slots.len().max(Self::FEWEST);
        // Every number must fit below the mask; freed numbers are used again, so that this asks for
        // no more slots than the load does.
        while (self.len + 1) * 4 > length * 3 || number as usize + 1 >= length {
            length *= 2;
        }
        if length == self.slots.len() {
            return;
        }
        self.slots = vec![0; length];
        self.len = 0;
        // In the order of the things: they are read front to back.
        for (hash, number) in all() {
            self.insert(hash, number);
        }
    }

    /// Adds a number that is not in, for which room was [made](Self::reserve).
    pub(super) fn insert(&mut self, hash: u64, number: u32) {
        let mask = self.mask() as usize;
        let tag = self.tag(hash);
        let mut at = self.home(hash);
        while let Some(slot) = self.slots.get_mut(at) {
            if *slot == 0 {
                *slot = tag | (number + 1);
                self.len += 1;
                return;
            }
            at = (at + 1) & mask;
        }
    }

    /// Takes a number out and moves those behind it, which it had pushed on, back. `hash_of` tells
    /// the hash of a number that is in.
    pub(super) fn remove(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        let mask = self.mask() as usize;
        let sought = self.tag(hash) | (number + 1);
        let mut hole = self.home(hash);
        loop {
            match self.slots.get(hole) {
                Some(slot) if *slot == sought => break,
                None | Some(0) => return,
                Some(_) => hole = (hole + 1) & mask,
            }
        }
        self.len -= 1;
        let mut at = hole;
        loop {
            at = (at + 1) & mask;
            let slot = self.slots.get(at).copied().unwrap_or(0);
            let Some(next) = (slot & self.mask()).checked_sub(1) else { break };
            let home = self.home(hash_of(next));
            // May it move? Only if its home does not lie between the hole and where it is.
            let distance = |from: usize, to: usize| to.wrapping_sub(from) & mask;
            if distance(home, at) >= distance(hole, at) {
                self.slots.swap(hole, at);
                hole = at;
            }
        }
        if let Some(slot) = self.slots.get_mut(hole) {
            *slot = 0;
        }
    }

    const fn mask(&self) -> u32 {
        self.slots.len().wrapping_sub(1) as u32
    }

    const fn home(&self, hash: u64) -> usize {
        hash as usize & self.mask() as usize
    }

    /// The bits above every number, of the half of the hash that is not its place.
    const fn tag(&self, hash: u64) -> u32 {
        (hash >> 32) as u32 & !self.mask()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Whatever the hashes, also where many share a place and a tag.
        #[test]
        fn finds_what_is_in_and_nothing_else(
            steps in prop::collection::vec((any::<bool>(), 0_u32..60), 0..300),
            spread in prop::sample::select(vec![1_u64, 3, 0x9e37_79b9_7f4a_7c15]),
        ) {
            let hash = |number: u32| u64::from(number / 2).wrapping_mul(spread);
            let mut table = NumberTable::default();
            let mut model = std::collections::BTreeSet::new();
            for (add, number) in steps {
                if !add {
                    table.remove(hash(number), number, hash);
                    model.remove(&number);
                } else if model.insert(number) {
                    let others = model.iter().copied().filter(|other| *other != number);
                    table.reserve(number, || others.map(|other| (hash(other), other)));
                    table.insert(hash(number), number);
                }
                for number in 0..60 {
                    let found = table.find(hash(number), |found| found == number);
                    prop_assert_eq!(found.is_some(), model.contains(&number));
                }
            }
        }
    }
}

//! Numbers that look random and are the same for the same seed.

/// SplitMix64: a few lines, and good enough to vary a run.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// The numbers of one item of a run.
    pub(super) fn of(seed: u64, item: u64) -> Self {
        let mut random = Self(seed);
        Self(random.next() ^ item.wrapping_mul(0xd134_2543_de82_ef95))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    pub(super) fn wide(&mut self) -> u128 {
        u128::from(self.next()) << 64 | u128::from(self.next())
    }

    /// A number from 0 up to but not `end`; 0 where there is none.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }

    /// One of `items`.
    pub(super) fn pick<T>(&mut self, items: impl ExactSizeIterator<Item = T>) -> Option<T> {
        let at = self.below(items.len() as u64);
        items.into_iter().nth(usize::try_from(at).ok()?)
    }
}

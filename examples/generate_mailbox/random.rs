//! A small random source with the same numbers on every machine: splitmix64, integers only.

/// Seconds until an answer by rank: (rank of 10,000, seconds). The shape is log-normal, with a
/// median of three hours and a tail of half a year; between two points it is linear.
const LAG: [(u64, u64); 10] = [
    (0, 90),
    (1_000, 600),
    (2_500, 2_400),
    (5_000, 10_800),
    (7_500, 72_000),
    (9_000, 345_600),
    (9_700, 1_728_000),
    (9_900, 4_752_000),
    (9_960, 8_640_000),
    (10_000, 15_552_000),
];

/// A stream of numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// The stream that belongs to one thing: the same seed, role and index give the same stream,
    /// whatever else was drawn before.
    pub(crate) fn of(seed: u64, role: u64, index: u64) -> Self {
        let mut start = Self(seed ^ role.rotate_left(24));
        let mixed = start.next() ^ index.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        let mut stream = Self(mixed);
        stream.next();
        stream
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 where `end` is 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        ((self.next() >> 32) * end) >> 32
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }

    /// True `share` times of a thousand.
    pub(crate) fn chance(&mut self, share: u64) -> bool {
        self.below(1_000) < share
    }

    /// One of the list, which must hold something.
    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let at = self.below(list.len() as u64) as usize;
        list.get(at).unwrap_or_else(|| unreachable!("lists to pick from are never empty"))
    }

    /// One of the list, each as often as its weight says.
    pub(crate) fn weighted<'a, T>(&mut self, list: &'a [T], weight: impl Fn(&T) -> u64) -> &'a T {
        let mut at = self.below(list.iter().map(&weight).sum());
        for item in list {
            let share = weight(item);
            if at < share {
                return item;
            }
            at -= share;
        }
        self.pick(list)
    }

    /// Seconds that an answer takes.
    pub(crate) fn lag(&mut self) -> i64 {
        let rank = self.below(10_000);
        let mut low = (0, 0);
        for high in LAG {
            if rank < high.0 {
                let span = (high.1 - low.1) * (rank - low.0) / (high.0 - low.0);
                return (low.1 + span + self.below(60)) as i64;
            }
            low = high;
        }
        low.1 as i64
    }

    /// How many mails a conversation will have, after the thread sizes of product-support lists.
    pub(crate) fn thread_size(&mut self) -> u64 {
        match self.below(1_000) {
            0..330 => 1,
            330..560 => 2,
            560..840 => self.between(3, 5),
            840..960 => self.between(6, 10),
            _ => self.between(11, 34),
        }
    }

    /// `length` characters of an ASCII alphabet.
    pub(crate) fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(*self.pick(alphabet))).collect()
    }
}

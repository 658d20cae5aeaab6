//! A fast keyed hash for what is compared afterwards.

use crate::index::process_secret;

/// A keyed hash of 64 bits, of keys that strangers write: nobody outside knows the secret, so nobody
/// chooses keys that meet. It only sorts candidates, and equality is decided on the keys themselves.
/// SipHash, with which keys are kept, takes four times as long.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyHash {
    secret: [u64; 4],
}

impl KeyHash {
    /// With a secret that was never used before.
    pub(super) fn new() -> Self {
        let halves = || {
            let whole = u128::from_le_bytes(process_secret());
            // Odd numbers: a product with one loses nothing.
            (whole as u64 | 1, (whole >> 64) as u64 | 1)
        };
        let ((a, b), (c, d)) = (halves(), halves());
        Self { secret: [a, b, c, d] }
    }

    /// Under which all keys look equal.
    #[cfg(test)]
    pub(super) const fn blind() -> Self {
        Self { secret: [0; 4] }
    }

    #[inline]
    pub(super) fn of(&self, key: &[u8]) -> u64 {
        let [a, b, c, d] = self.secret;
        let len = key.len() as u64;
        let (chunks, _) = key.as_chunks::<16>();
        let mut state = a ^ len;
        for chunk in chunks {
            let (low, high) = words(chunk);
            state = folded(low ^ state, high ^ b);
        }
        // The last 16 octets once more, or all where there are fewer: cheaper than counting them.
        let (low, high) = match key.last_chunk::<16>() {
            Some(tail) => words(tail),
            None => {
                let mut tail = [0; 16];
                tail.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
                words(&tail)
            }
        };
        let state = folded(low ^ c, high ^ state.rotate_left(32));
        folded(state, d)
    }
}

#[inline]
fn words(chunk: &[u8; 16]) -> (u64, u64) {
    let both = u128::from_le_bytes(*chunk);
    (both as u64, (both >> 64) as u64)
}

/// Both halves of the product, so that every bit of the input moves every bit of the result.
#[inline]
fn folded(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_are_alike_are_spread() {
        let hash = KeyHash::new();
        let mut places = vec![0_u32; 1024];
        let mut low = std::collections::HashSet::new();
        let mut keys = 0;
        for n in 0..100_000_u32 {
            for key in [format!("{n}@home.example"), format!("ann.{n}")] {
                let hash = hash.of(key.as_bytes());
                places[(hash >> 54) as usize] += 1;
                low.insert(hash as u32);
                keys += 1;
            }
        }
        // 195 each, give or take 14: five times that would be seen once in a thousand runs.
        assert!(places.iter().all(|many| (110..290).contains(many)), "{places:?}");
        // About five of 32 bits meet by chance.
        assert!(keys - low.len() < 40, "{}", keys - low.len());
    }

    #[test]
    fn a_length_is_part_of_the_key() {
        let hash = KeyHash::new();
        let zeros = [0; 40];
        let all: std::collections::HashSet<_> = (0..=40).map(|n| hash.of(&zeros[..n])).collect();
        assert_eq!(all.len(), 41);
        assert_ne!(KeyHash::new().of(b"ann"), hash.of(b"ann"));
    }
}

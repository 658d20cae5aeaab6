//! Most addresses, in one glance: sixteen octets at a time, without a branch on any of them.
//!
//! What is found is where characters stand, as bits of a word. The octet at place `p` has bit
//! `8 * (p % 8) + p / 8`: so the octets of a chunk keep their lanes until the end, where two halves
//! are laid over each other, and a chunk costs two instructions for each kind of character.

use super::grammar::Plain;

/// Octets that are looked at at once.
const CHUNK: usize = 16;

type Chunk = [u8; CHUNK];

/// The longest text that one word has bits for.
const LONGEST: usize = 63;

/// Below it a chunk cannot be put together from two words, and counting octets is as fast.
const SHORTEST: usize = 8;

/// The bit of the octet at a place.
const fn bit(place: usize) -> u64 {
    1 << (8 * (place % 8) + place / 8)
}

/// The bit of each octet of each chunk, in its lane.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const BITS: [Chunk; 4] = {
    let mut bits = [[0; CHUNK]; 4];
    let mut place = 0;
    while place < 64 {
        bits[place / CHUNK][place % CHUNK] = 1 << (place / 8);
        place += 1;
    }
    bits
};

/// For each place the bits of all that are behind it.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const BEHIND: [u64; 64] = {
    let mut behind = [0; 64];
    let mut place = 63;
    while place > 0 {
        behind[place - 1] = behind[place] | bit(place);
        place -= 1;
    }
    behind
};

/// What stands where.
#[derive(Default)]
struct Seen {
    /// Neither letter nor digit.
    special: Chunk,
    /// The `@`.
    at: Chunk,
    /// What a domain does not have, `+` and `_`.
    local: Chunk,
    /// Not zero in a lane: something else than letters, digits, `.`, `-`, `+`, `_` and `@`.
    other: Chunk,
    /// Not zero in a lane: an upper-case letter.
    upper: Chunk,
}

impl Seen {
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "arrays of the length that the index runs over")]
    fn look(&mut self, chunk: &Chunk, bits: &Chunk) {
        // Masks instead of conditions: a loop without branches becomes vector instructions.
        for lane in 0..CHUNK {
            let b = chunk[lane];
            let letter = mask((b | 0x20).wrapping_sub(b'a') < 26);
            let alphanumeric = letter | mask(b.wrapping_sub(b'0') < 10);
            let at = mask(b == b'@');
            let local = mask(b == b'_') | mask(b == b'+');
            let edge = mask(b.wrapping_sub(b'-') < 2);
            self.special[lane] |= !alphanumeric & bits[lane];
            self.at[lane] |= at & bits[lane];
            self.local[lane] |= local & bits[lane];
            self.other[lane] |= !(alphanumeric | at | local | edge);
            self.upper[lane] |= letter & !b & 0x20;
        }
    }
}

#[inline]
fn mask(condition: bool) -> u8 {
    u8::from(condition).wrapping_neg()
}

/// One half over the other: the bits of a word.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "halves of it")]
const fn folded(lanes: Chunk) -> u64 {
    let lanes = u128::from_le_bytes(lanes);
    lanes as u64 | (lanes >> 64) as u64
}

/// What is left behind the whole chunks of a text, filled up with a letter.
#[inline]
fn rest(text: &[u8]) -> Option<Chunk> {
    const LETTERS: Chunk = [b'a'; CHUNK];
    let bits = u32::try_from(text.len() % CHUNK * 8).ok()?;
    if bits == 0 {
        return Some(LETTERS);
    }
    // Read as words out of the whole text: copying a few octets would cost as much as all the rest.
    let rest = if let Some(last) = text.last_chunk() {
        u128::from_le_bytes(*last) >> (128 - bits)
    } else {
        let (first, last) = (text.first_chunk()?, text.last_chunk()?);
        let [first, last] = [first, last].map(|word| u128::from(u64::from_le_bytes(*word)));
        first | last << (bits - 64)
    };
    Some((rest | u128::from_le_bytes(LETTERS) << bits).to_le_bytes())
}

/// Is this an address of letters, digits and single `.`, `-`, `+`, `_` between them, of 8 to 63
/// octets? `None` means *look closer*, not *no*.
#[inline]
pub(super) fn at_a_glance(text: &str) -> Option<Plain> {
    let text = text.as_bytes();
    if !(SHORTEST..=LONGEST).contains(&text.len()) || !text.last()?.is_ascii_alphanumeric() {
        return None;
    }
    let mut seen = Seen::default();
    let chunks = text.as_chunks().0;
    for (chunk, bits) in chunks.iter().zip(&BITS) {
        seen.look(chunk, bits);
    }
    seen.look(&rest(text)?, BITS.get(chunks.len())?);
    let special = folded(seen.special);
    let at = folded(seen.at);
    let lowest = at.trailing_zeros() as usize;
    let place = (lowest % 8 * 8) | (lowest / 8);
    // One place up is one lane up, and from the last lane of eight to the first of the next.
    let next_to_special = special << 8 | (special >> 56) << 1;
    let wrong = special & (next_to_special | bit(0))
        | at & at.wrapping_sub(1)
        | folded(seen.local) & BEHIND.get(place)?
        | folded(seen.other);
    (wrong == 0 && at != 0).then(|| Plain { at: place, upper: folded(seen.upper) != 0 })
}

#[cfg(test)]
mod tests {
    use super::super::grammar::plain_by_octets;
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str) {
        // What the glance is for it does not miss; of the rest it says nothing.
        let octets = text.as_bytes();
        let ordinary = |b: &u8| b.is_ascii_alphanumeric() || b"@.+_-".contains(b);
        let meant = (8..64).contains(&text.len())
            && octets.iter().all(ordinary)
            && octets.windows(2).all(|pair| pair.iter().any(u8::is_ascii_alphanumeric))
            && octets.first().is_some_and(u8::is_ascii_alphanumeric);
        let expected = if meant { plain_by_octets(text) } else { None };
        assert_eq!(at_a_glance(text), expected, "{text:?}");
    }

    #[test]
    fn every_place_of_every_chunk_is_looked_at() {
        for len in [7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 47, 48, 49, 62, 63, 64] {
            for at in 0..len {
                for place in 0..len {
                    for c in *b"bZ9.-_+@!/:`[{^ " {
                        let mut text = vec![b'a'; len];
                        text[at] = b'@';
                        text[place] = c;
                        check(str::from_utf8(&text).unwrap());
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn the_glance_is_the_pass(
            text in "[a-cX7+_.-]{0,30}[@+_.-]{0,2}[a-cX7.-]{0,30}[a-c+_@ ü!]{0,1}[a-c]{0,20}",
        ) {
            check(&text);
        }
    }
}

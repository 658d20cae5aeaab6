//! Is this text a listed word? Two hash tables, built by the compiler.

use super::words::{SPELLINGS, WORDS, Word};

const SHORT_SLOTS: usize = 256;
const LONG_SLOTS: usize = 512;

/// The longest listed word or spelling, in bytes of UTF-8.
pub(super) const LONGEST: usize = 48;

/// Listed words of at most seven ASCII letters: (letters packed, little end first; 1 + index).
static SHORT: [(u64, u8); SHORT_SLOTS] = short_table();

/// Every word and spelling: 1 + index into words, then spellings.
static LONG: [u16; LONG_SLOTS] = long_table();

/// The index of each spelling's word.
static SPELLED: [u8; SPELLINGS.len()] = spelled();

/// Finds a word of at most seven ASCII letters, packed in lower case, little end first.
#[inline]
pub(super) fn short(key: u64) -> Option<&'static Word> {
    let mut slot = short_slot(key);
    // The table is half empty: the walk ends.
    loop {
        let (found, index) = *SHORT.get(slot)?;
        if index == 0 {
            return None;
        }
        if found == key {
            return WORDS.get(usize::from(index) - 1);
        }
        slot = (slot + 1) % SHORT_SLOTS;
    }
}

/// Finds a word by its text, ASCII case ignored.
pub(super) fn long(text: &str) -> Option<&'static Word> {
    if text.len() > LONGEST {
        return None;
    }
    let mut slot = long_slot(text.as_bytes());
    loop {
        let index = usize::from(*LONG.get(slot)?).checked_sub(1)?;
        let (spelling, word) = match WORDS.get(index) {
            Some(word) => (word.text, word),
            None => {
                let index = index - WORDS.len();
                let word = WORDS.get(usize::from(*SPELLED.get(index)?))?;
                (SPELLINGS.get(index)?.0, word)
            }
        };
        if spelling.eq_ignore_ascii_case(text) {
            return Some(word);
        }
        slot = (slot + 1) % LONG_SLOTS;
    }
}

const fn short_slot(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize
}

/// From the first and the last eight bytes; shorter text is packed whole.
const fn long_slot(bytes: &[u8]) -> usize {
    // Without bit 5, which is the case of an ASCII letter.
    const CASELESS: u64 = 0xdfdf_dfdf_dfdf_dfdf;
    let (first, last) = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => {
            let mut packed = 0;
            let mut rest = bytes;
            while let [byte, tail @ ..] = rest {
                packed = packed << 8 | *byte as u64;
                rest = tail;
            }
            (packed, 0)
        }
    };
    let mixed =
        (first & CASELESS).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29) ^ (last & CASELESS);
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55) as usize
}

// Compile-time code: an index out of range would be a build error, not a panic.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn short_table() -> [(u64, u8); SHORT_SLOTS] {
    let mut table = [(0, 0); SHORT_SLOTS];
    let mut index = 0;
    while index < WORDS.len() {
        let text = WORDS[index].text.as_bytes();
        if text.len() <= 7 && WORDS[index].text.is_ascii() {
            let mut key = 0;
            let mut at = text.len();
            while at > 0 {
                at -= 1;
                key = key << 8 | text[at] as u64;
            }
            let mut slot = short_slot(key);
            while table[slot].1 != 0 {
                slot = (slot + 1) % SHORT_SLOTS;
            }
            table[slot] = (key, index as u8 + 1);
        }
        index += 1;
    }
    table
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn spelled() -> [u8; SPELLINGS.len()] {
    let mut words = [0; SPELLINGS.len()];
    let mut at = 0;
    while at < SPELLINGS.len() {
        while !equal(WORDS[words[at] as usize].text.as_bytes(), SPELLINGS[at].1.as_bytes()) {
            words[at] += 1;
        }
        at += 1;
    }
    words
}

const fn equal(mut a: &[u8], mut b: &[u8]) -> bool {
    while let ([first, rest @ ..], [other, others @ ..]) = (a, b) {
        if *first != *other {
            return false;
        }
        (a, b) = (rest, others);
    }
    a.is_empty() && b.is_empty()
}

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn long_table() -> [u16; LONG_SLOTS] {
    let mut table = [0; LONG_SLOTS];
    let mut index = 0;
    while index < WORDS.len() + SPELLINGS.len() {
        let text =
            if index < WORDS.len() { WORDS[index].text } else { SPELLINGS[index - WORDS.len()].0 };
        assert!(text.len() <= LONGEST);
        let mut slot = long_slot(text.as_bytes());
        while table[slot] != 0 {
            slot = (slot + 1) % LONG_SLOTS;
        }
        table[slot] = index as u16 + 1;
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    #[test]
    fn every_word_is_folded_sorted_and_found() {
        assert!(WORDS.is_sorted_by(|a, b| a.text < b.text));
        for word in WORDS {
            assert_eq!(fold(word.text), word.text);
            assert_eq!(long(word.text).unwrap().text, word.text);
            if word.text.is_ascii() && word.text.len() <= 7 {
                let key = word.text.bytes().rev().fold(0, |key, b| key << 8 | u64::from(b));
                assert_eq!(short(key).unwrap().text, word.text);
            }
        }
        assert!(short(0x7a7a).is_none() && long("zz").is_none() && long("").is_none());
    }

    #[test]
    fn every_spelling_leads_to_its_word() {
        for (spelling, word) in SPELLINGS {
            assert_eq!(fold(spelling), *word);
            assert_eq!(long(spelling).unwrap().text, *word, "{spelling}");
        }
    }
}

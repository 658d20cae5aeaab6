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
            Some(word) => (word.text, Some(word)),
            None => {
                let (spelling, text) = SPELLINGS.get(index - WORDS.len())?;
                (*spelling, by_text(text))
            }
        };
        if spelling.eq_ignore_ascii_case(text) {
            return word;
        }
        slot = (slot + 1) % LONG_SLOTS;
    }
}

fn by_text(text: &str) -> Option<&'static Word> {
    let index = WORDS.binary_search_by(|word| word.text.cmp(text)).ok()?;
    WORDS.get(index)
}

const fn short_slot(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize
}

const fn long_slot(bytes: &[u8]) -> usize {
    let mut hash: u32 = 0x811c_9dc5;
    let mut rest = bytes;
    while let [byte, tail @ ..] = rest {
        hash = (hash ^ byte.to_ascii_lowercase() as u32).wrapping_mul(0x0100_0193);
        rest = tail;
    }
    ((hash ^ (hash >> 15)) as usize) % LONG_SLOTS
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

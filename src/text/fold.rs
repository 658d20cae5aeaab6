//! The two foldings: the reader's eye ([`fold_into`]) and the gentler one of local parts
//! ([`lower_into`]).

use unicode_normalization::UnicodeNormalization;

use super::chars::{is_ignorable, is_space};

/// Counts up whenever [`fold_into`], [`lower_into`] or a key made from them changes its answer for
/// any input. Persisted keys carry it; a store written under another version is refused.
pub const FOLD_VERSION: u32 = 1;

/// The comparison form of `text` as a new string; see [`fold_into`].
#[must_use]
pub fn fold(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    fold_into(text, &mut key);
    key
}

/// Appends the comparison form of `text`: what a reader would call the same text comes out equal.
///
/// Compatibility composition (NFKC: full width, ligatures, no-break space), full case folding
/// (`ß` = `ss`, `ς` = `σ`; a dotless `ı` stays itself), invisible characters removed, runs of white
/// space made one blank, none at the ends. Accents stay. Folding is idempotent.
///
/// Text in ASCII, and in the plain letters of the common scripts, takes a short path without
/// normalisation tables.
///
/// ```
/// let mut key = String::new();
/// correspond::text::fold_into("  Re:\t“ﬁx”\u{200b} ", &mut key);
/// assert_eq!(key, "re: “fix”");
/// ```
pub fn fold_into(text: &str, key: &mut String) {
    let start = key.len();
    match survey(text.as_bytes()) {
        Survey::PlainAscii => {
            key.push_str(text);
            if let Some(new) = key.get_mut(start..) {
                new.make_ascii_lowercase();
            }
        }
        Survey::SpacedAscii => {
            let mut spaced = Spaced::new(key);
            for b in text.bytes() {
                spaced.push(char::from(b.to_ascii_lowercase()));
            }
        }
        Survey::Unicode => {
            if !fold_inert(text, key) {
                key.truncate(start);
                fold_any(text, key);
            }
        }
    }
}

/// Appends `text` in normalisation form C with each character mapped to lower case on its own.
///
/// The rule for the local part of an address, where people are told apart: `Ö` = `ö` whether
/// composed or not, but `strauß` and `strauss` stay two people and full-width letters stay
/// themselves. Nothing is removed or trimmed.
///
/// ```
/// let mut key = String::new();
/// correspond::text::lower_into("JO\u{308}HN", &mut key);
/// assert_eq!(key, "jöhn");
/// ```
pub fn lower_into(text: &str, key: &mut String) {
    let start = key.len();
    if text.is_ascii() {
        key.push_str(text);
        if let Some(new) = key.get_mut(start..) {
            new.make_ascii_lowercase();
        }
    } else {
        // Lower-casing can decompose (`İ`) and expose a composition: compose once more behind it.
        key.extend(text.nfc().flat_map(char::to_lowercase).nfc());
    }
}

/// What kind of text lies ahead, found eight octets at a time.
enum Survey {
    /// ASCII without control characters, and without anything but single inner blanks for space.
    PlainAscii,
    /// ASCII with tabs, line ends, double or outer blanks, or control characters.
    SpacedAscii,
    /// Anything else.
    Unicode,
}

fn survey(bytes: &[u8]) -> Survey {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    let (words, tail) = bytes.as_chunks::<8>();
    let (mut high, mut control, mut double) = (0, 0, 0);
    let mut blank_before = HIGH;
    let mut look = |word: u64| {
        high |= word;
        // Octets below 0x20 borrow from their high bit.
        control |= word.wrapping_sub(ONES * 0x20) & !word;
        let other = word ^ (ONES * 0x20);
        // The high bit of each octet that is a blank.
        let blanks = !(((other & !HIGH) + !HIGH) | other | !HIGH);
        double |= blanks & (blanks << 8 | blank_before >> 56);
        blank_before = blanks;
    };
    words.iter().for_each(|word| look(u64::from_le_bytes(*word)));
    if !tail.is_empty() {
        // Filled up with what is neither blank nor control.
        let mut last = [b'x'; 8];
        last.iter_mut().zip(tail).for_each(|(to, from)| *to = *from);
        look(u64::from_le_bytes(last));
    }
    if high & HIGH != 0 {
        Survey::Unicode
    } else if (control | double) & HIGH != 0 || bytes.last() == Some(&b' ') {
        Survey::SpacedAscii
    } else {
        Survey::PlainAscii
    }
}

/// Writes characters and at most one blank between them.
struct Spaced<'a> {
    key: &'a mut String,
    start: usize,
    pending: bool,
}

impl<'a> Spaced<'a> {
    fn new(key: &'a mut String) -> Self {
        Self { start: key.len(), pending: false, key }
    }

    fn push(&mut self, c: char) {
        if is_space(c) {
            self.pending = self.key.len() > self.start;
        } else {
            if self.pending {
                self.key.push(' ');
                self.pending = false;
            }
            self.key.push(c);
        }
    }
}

/// Folds text that consists of inert and invisible characters alone; `false` when another one
/// turned up.
fn fold_inert(text: &str, key: &mut String) -> bool {
    let mut spaced = Spaced::new(key);
    for c in text.chars() {
        match inert(c) {
            Some('ß') => {
                spaced.push('s');
                spaced.push('s');
            }
            Some(folded) => spaced.push(folded),
            None if is_ignorable(c) => {}
            None => return false,
        }
    }
    true
}

/// The fold of a character that normalisation leaves alone or turns into a single ASCII one, and
/// that composes with no such character (combining class 0); `None` for every character not known
/// to be so.
const fn inert(c: char) -> Option<char> {
    let code = c as u32;
    let folded = match code {
        0x41..=0x5a => code + 32,
        0x00..=0x7f => code,
        0xa0 => 0x20,
        0xa1..=0xa7 | 0xa9 | 0xab | 0xac | 0xae | 0xb0 | 0xb1 | 0xb6 | 0xb7 | 0xbb | 0xbf => code,
        // Latin-1 letters; × and ÷ fold to themselves, ß is spelt out by the caller.
        0xd7 | 0xdf | 0xf7 => code,
        0xc0..=0xde => code + 32,
        0xe0..=0xff => code,
        // Latin Extended-A and Additional without their exceptions: pairs of upper and lower.
        0x100..=0x12f | 0x134..=0x137 | 0x14a..=0x177 => code | 1,
        0x131 => code,
        0x139..=0x13e | 0x141..=0x148 | 0x179..=0x17e => code + (code & 1),
        0x1e00..=0x1e95 | 0x1ea0..=0x1eff => code | 1,
        0x391..=0x3a1 | 0x3a3..=0x3ab => code + 32,
        0x3c2 => 0x3c3,
        0x3ac..=0x3af | 0x3b1..=0x3ce => code,
        0x386 => 0x3ac,
        0x388..=0x38a => code + 37,
        0x400..=0x40f => code + 80,
        0x410..=0x42f => code + 32,
        0x430..=0x45f => code,
        0x48a..=0x4bf | 0x4d0..=0x52f => code | 1,
        0x5d0..=0x5ea | 0x621..=0x64a | 0x660..=0x669 | 0x6cc => code,
        0xe01..=0xe30 | 0xe40..=0xe46 => code,
        0x2010 | 0x2012..=0x2016 | 0x2018..=0x2023 | 0x2030 | 0x20ac => code,
        0x3000 => 0x20,
        0x3001..=0x3029 | 0x3041..=0x3094 | 0x30a1..=0x30fc => code,
        0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7a3 => code,
        // Full-width forms of ASCII.
        0xff21..=0xff3a => code - 0xfee0 + 32,
        0xff01..=0xff5e => code - 0xfee0,
        0x1f300..=0x1f64f => code,
        _ => return None,
    };
    char::from_u32(folded)
}

/// Folds any text, by the tables.
fn fold_any(text: &str, key: &mut String) {
    let folded = text.nfkc().filter(|c| !is_ignorable(*c)).flat_map(full_fold).nfkc();
    let mut spaced = Spaced::new(key);
    // The second composition can bring back nothing invisible and nothing upper-case: both are
    // removed before it, and compositions of folded text are folded (checked for all of Unicode).
    for c in folded {
        spaced.push(c);
    }
}

/// Full case folding of one character, from the case mappings of the standard library: lower, then
/// upper (which spells out `ß` and ligatures and unites `σς`), then lower again.
fn full_fold(c: char) -> impl Iterator<Item = char> {
    // Folding in CaseFolding.txt keeps the dotless i; its upper case would make it an i.
    let keep = (c == 'ı').then_some(c);
    let folded = (c != 'ı').then_some(c).into_iter();
    keep.into_iter().chain(
        folded
            .flat_map(char::to_lowercase)
            .flat_map(char::to_uppercase)
            .flat_map(char::to_lowercase),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_tables(text: &str) -> String {
        let mut key = String::new();
        fold_any(text, &mut key);
        key
    }

    #[test]
    fn folds_what_a_reader_calls_equal() {
        for (a, b) in [
            ("Straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("ΣΊΣΥΦΟΣ", "σίσυφος"),
            ("ﬁnal", "FINAL"),
            ("ＡＢＣ：１", "abc:1"),
            ("e\u{301}te\u{301}", "ÉTÉ"),
            ("a\u{a0}b", "A  B"),
            ("\u{feff}x\u{200d}y\u{2069}", "xy"),
            ("İ", "i\u{307}"),
            ("\u{212a}", "k"),
        ] {
            assert_eq!(fold(a), fold(b), "{a:?} {b:?}");
        }
    }

    #[test]
    fn keeps_apart_what_differs() {
        for (a, b) in [("José", "Jose"), ("ı", "i"), ("a b", "ab"), ("й", "и"), ("ø", "o")] {
            assert_ne!(fold(a), fold(b), "{a:?} {b:?}");
        }
    }

    #[test]
    fn every_character_folds_alike_on_both_paths_and_stays_folded() {
        for c in '\0'..=char::MAX {
            let text = format!("x{c}y");
            let short = fold(&text);
            assert_eq!(short, by_tables(&text), "U+{:04X}", c as u32);
            assert_eq!(fold(&short), short, "U+{:04X} folds twice", c as u32);
        }
    }

    #[test]
    fn the_survey_sees_every_blank_and_control_character() {
        for length in 0..20 {
            for at in 0..length {
                for odd in [" ", "  ", "\t", "\n", "\u{b}", "\u{1f}", "\u{1f} ", " é", "é"] {
                    let mut text = "a".repeat(length);
                    text.insert_str(at, odd);
                    assert_eq!(fold(&text), by_tables(&text), "{text:?}");
                    text.insert_str(0, "b ");
                    text.push(' ');
                    assert_eq!(fold(&text), by_tables(&text), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn inert_characters_compose_with_no_inert_character() {
        let inert: Vec<char> = ('\0'..=char::MAX).filter(|c| inert(*c).is_some()).collect();
        for c in &inert {
            let pair = format!("{c}{c}a\u{3b1}가{c}");
            let folded = fold(&pair);
            assert!(unicode_normalization::is_nfkc(&folded), "{pair:?}");
            assert_eq!(folded, by_tables(&pair), "{pair:?}");
        }
    }

    #[test]
    fn lower_keeps_people_apart() {
        let lower = |text: &str| {
            let mut key = String::new();
            lower_into(text, &mut key);
            key
        };
        assert_eq!(lower("Strauß"), "strauß");
        assert_eq!(lower("İstanbul"), "i\u{307}stanbul");
        assert_eq!(lower("ＡB"), "ａb");
        assert_eq!(lower("JO\u{308}"), lower("jö"));
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn both_paths_agree(text in "[ a-zA-ZäÖßéΣςж日本語가\u{a0}\u{200b}\u{301}：ﬁ\t]{0,24}") {
            prop_assert_eq!(fold(&text), by_tables(&text));
        }

        #[test]
        fn lowering_twice_changes_nothing(text in any::<String>()) {
            let mut once = String::new();
            lower_into(&text, &mut once);
            let mut twice = String::new();
            lower_into(&once, &mut twice);
            prop_assert_eq!(twice, once);
        }
    }
}

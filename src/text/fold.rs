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
    let mut key = String::new();
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
    let (Some(first), Some(last)) = (text.as_bytes().first(), text.as_bytes().last()) else {
        return;
    };
    let outer_blank = *first <= b' ' || *last <= b' ';
    let start = key.len();
    // Most text is ASCII that only needs lower case. The survey reads the source where it can: what
    // was written a moment ago is slow to read.
    push_padded(text, key);
    let odd = survey(text.as_bytes(), key.as_bytes().get(start..).unwrap_or_default());
    if odd == 0 && !outer_blank {
        lower_padded(text.len(), key, start);
        return;
    }
    key.truncate(start);
    if odd & 0x80 == 0 {
        let mut spaced = Spaced::new(key);
        for b in text.bytes() {
            spaced.push(char::from(b.to_ascii_lowercase()));
        }
        spaced.finish();
    } else if !fold_inert(text, key) {
        key.truncate(start);
        fold_any(text, key);
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
    if text.is_ascii() {
        let start = key.len();
        push_padded(text, key);
        lower_padded(text.len(), key, start);
    } else {
        // Lower-casing can decompose (`İ`) and expose a composition: compose once more behind it.
        key.extend(text.nfc().flat_map(char::to_lowercase).nfc());
    }
}

/// How many octets are looked at, and changed, at once.
const STEP: usize = 32;

/// Fills the last step, which would else go octet by octet.
const PADDING: &str = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

#[inline]
fn push_padded(text: &str, key: &mut String) {
    key.reserve(text.len() + PADDING.len());
    key.push_str(text);
    key.push_str(PADDING);
}

/// Puts the padded ASCII text of length `len` that starts at `start` in lower case, and takes the
/// padding away.
#[inline]
fn lower_padded(len: usize, key: &mut String, start: usize) {
    if let Some(steps) = key.get_mut(start..start + len.next_multiple_of(STEP)) {
        steps.make_ascii_lowercase();
    }
    key.truncate(start + len);
}

/// Looks at text, a step at a time. The high bit is set when an octet is not ASCII, the low bit when
/// one but the last is a control character, or a blank before another.
#[inline]
fn survey(text: &[u8], padded: &[u8]) -> u8 {
    let mut odd = [0; STEP];
    let here = text.split_last().map_or(text, |(_, before)| before);
    let next = text.get(1..).unwrap_or_default();
    let mut last = 0;
    if let (Some(here_end), Some(next_end)) = (here.last_chunk(), next.last_chunk()) {
        let steps = here.as_chunks::<STEP>().0.iter().zip(next.as_chunks::<STEP>().0);
        steps.for_each(|(here, next)| note_oddities(here, next, &mut odd));
        // The end, once more with some of what was seen.
        note_oddities(here_end, next_end, &mut odd);
        last = text.last().map_or(0, |last| last & 0x80);
    } else if let (Some(here), Some(next)) =
        (padded.first_chunk(), padded.get(1..).and_then(<[u8]>::first_chunk))
    {
        note_oddities(here, next, &mut odd);
    }
    odd.iter().fold(last, |all, octet| all | octet)
}

#[inline]
#[expect(clippy::indexing_slicing, reason = "arrays of the length that the index runs over")]
fn note_oddities(here: &[u8; STEP], next: &[u8; STEP], odd: &mut [u8; STEP]) {
    // One loop over arrays of known length: it becomes a handful of vector instructions.
    for at in 0..STEP {
        let (a, b) = (here[at], next[at]);
        odd[at] |= a & 0x80 | u8::from(a < 0x20) | u8::from(a == b' ') & u8::from(b == b' ');
    }
}

/// Writes characters and at most one blank between them.
struct Spaced<'a> {
    key: &'a mut String,
    start: usize,
    /// Nothing is written yet, or a blank is what was written last.
    blank: bool,
}

impl<'a> Spaced<'a> {
    fn new(key: &'a mut String) -> Self {
        Self { start: key.len(), blank: true, key }
    }

    fn push(&mut self, c: char) {
        if is_space(c) {
            self.blank();
        } else {
            self.key.push(c);
            self.blank = false;
        }
    }

    #[inline]
    fn blank(&mut self) {
        if !self.blank {
            self.key.push(' ');
            self.blank = true;
        }
    }

    #[inline]
    fn text(&mut self, text: &str) {
        self.key.push_str(text);
        self.blank = false;
    }

    /// Takes the last blank away.
    fn finish(self) {
        if self.blank && self.key.len() > self.start {
            self.key.pop();
        }
    }
}

/// Folds text that consists of inert and invisible characters alone; `false` when another one
/// turned up.
fn fold_inert(text: &str, key: &mut String) -> bool {
    let mut spaced = Spaced::new(key);
    // Most characters fold to themselves: they are copied in runs.
    let mut run = 0;
    for (at, c) in text.char_indices() {
        let code = u32::from(c);
        let folded = INERT.get(code as usize).map_or_else(|| inert(code), |code| u32::from(*code));
        if folded == code {
            spaced.blank = false;
            continue;
        }
        if c == ' ' && !spaced.blank {
            spaced.blank = true;
            continue;
        }
        if run < at {
            spaced.key.push_str(text.get(run..at).unwrap_or_default());
        }
        run = at + c.len_utf8();
        match folded {
            BLANK => spaced.blank(),
            NOTHING => {}
            SHARP_S => spaced.text("ss"),
            DOTTED_I => spaced.text("i\u{307}"),
            _ => {
                let Some(folded) = char::from_u32(folded) else { return false };
                spaced.key.push(folded);
                spaced.blank = false;
            }
        }
    }
    spaced.key.push_str(text.get(run..).unwrap_or_default());
    spaced.finish();
    true
}

// What an inert character folds to when that is no single character: codes that no character has.
const BLANK: u32 = 0xd800;
const NOTHING: u32 = 0xd801;
const SHARP_S: u32 = 0xd802;
const DOTTED_I: u32 = 0xd803;
/// Not known to be inert.
const UNKNOWN: u32 = 0xd804;

/// [`inert`] of every character of at most two octets.
static INERT: [u16; 0x800] = inert_table();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn inert_table() -> [u16; 0x800] {
    let mut table = [0; 0x800];
    let mut code = 0;
    while code < table.len() {
        table[code] = inert(code as u32) as u16;
        code += 1;
    }
    table
}

/// The fold of a character that normalisation leaves alone or turns into a single ASCII one, and
/// that composes with no such character (combining class 0); [`UNKNOWN`] for every character not
/// known to be so.
const fn inert(code: u32) -> u32 {
    match code {
        0x3400..=0x4dbf | 0x4e00..=0x9fff | 0xac00..=0xd7a3 => code,
        0x3001..=0x3029 | 0x3041..=0x3094 | 0x30a1..=0x30fc => code,
        0x20 | 0x09..=0x0d | 0xa0 | 0x3000 => BLANK,
        0xdf => SHARP_S,
        0x130 => DOTTED_I,
        0x41..=0x5a => code + 32,
        0x00..=0x7f => code,
        0xa1..=0xa7 | 0xa9 | 0xab | 0xac | 0xae | 0xb0 | 0xb1 | 0xb6 | 0xb7 | 0xbb | 0xbf => code,
        // Latin-1 letters; × and ÷ fold to themselves.
        0xd7 | 0xf7 => code,
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
        // Full-width forms of ASCII.
        0xff21..=0xff3a => code - 0xfee0 + 32,
        0xff01..=0xff5e => code - 0xfee0,
        0x1f300..=0x1f64f => code,
        _ => match char::from_u32(code) {
            Some(c) if is_ignorable(c) => NOTHING,
            _ => UNKNOWN,
        },
    }
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
    spaced.finish();
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
        let inert: Vec<char> = ('\0'..=char::MAX)
            .filter(|c| !matches!(inert(u32::from(*c)), NOTHING | UNKNOWN))
            .collect();
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

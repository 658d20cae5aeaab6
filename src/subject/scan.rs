//! Reading the head of a subject: prefix words, their counters and colons, tags.

use memchr::memchr2;

use super::lookup;
use super::rules::{MAX_WORD_CHARS, Rules};
use super::words::{BARE, CAPITAL, CAPITALS, CORE, NO_NUMBER, NOT_TITLE, PrefixKind, Word};
use crate::text;

/// The longest tag, without its brackets, in bytes, rounded up to eight. A longer one is text.
const LONGEST_TAG: usize = 128;
/// How far a prefix word may reach before its colon or counter, in bytes.
const LONGEST_LABEL: usize = 64;
/// The same where the settings add words, whose bound is in characters.
const LONGEST_EXTRA: usize = 4 * MAX_WORD_CHARS;
/// The longest run of digits that is a counter and not a number that means something.
const LONGEST_COUNTER: usize = 4;

/// The first half of the one listed ASCII prefix of two words.
const PODAJ: &str = "podaj";

/// A prefix word with its colon.
#[derive(Clone, Copy)]
pub(super) struct Prefix {
    pub(super) kind: PrefixKind,
    /// Certain by itself; an uncertain one counts when a certain one follows.
    pub(super) certain: bool,
    /// End of the word, before counter and colon.
    pub(super) word_end: usize,
    /// Behind the colon.
    pub(super) next: usize,
}

/// What stands in brackets at the head of a subject.
#[derive(Clone, Copy)]
pub(super) enum Tag {
    /// A gateway's mark; ends before the given offset.
    Gateway(usize),
    /// A configured list tag.
    List(usize),
    /// `[fwd: x]` around the whole rest: its content starts at the given offset.
    Wrapper(usize),
    /// `[fwd: x] y`: a bracketed forward in front of something else.
    Forward(usize),
    /// Any other tag.
    Other(usize),
}

/// A subject up to its current end.
#[derive(Clone, Copy)]
pub(super) struct Scan<'a, 'r> {
    pub(super) rules: &'r Rules,
    pub(super) text: &'a str,
}

/// How a byte can continue a subject's head.
const STOP: u8 = 0;
const LETTER: u8 = 1;
const HIGH: u8 = 2;
const BRACKET: u8 = 3;
const MARK: u8 = 4;

static CLASS: [u8; 256] = class_table();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn class_table() -> [u8; 256] {
    let mut table = [STOP; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => LETTER,
            0x80.. => HIGH,
            b'[' => BRACKET,
            b'(' | b'{' | b'*' | b'#' => MARK,
            _ => STOP,
        };
        byte += 1;
    }
    table
}

impl<'a> Scan<'a, '_> {
    #[inline]
    fn byte(self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    #[inline]
    fn class(self, at: usize) -> u8 {
        CLASS.get(usize::from(self.byte(at))).copied().unwrap_or(STOP)
    }

    /// The offset behind white space and invisible characters.
    #[inline]
    pub(super) fn skip(self, mut at: usize) -> usize {
        loop {
            match self.byte(at) {
                b' ' | 9..=13 => at += 1,
                0..=0x7f => return at,
                _ => match self.blank(at) {
                    Some(len) => at += len,
                    None => return at,
                },
            }
        }
    }

    /// The length of the white space or invisible character here, if it is one.
    fn blank(self, at: usize) -> Option<usize> {
        let c = self.text.get(at..)?.chars().next()?;
        (text::is_space(c) || text::is_ignorable(c)).then(|| c.len_utf8())
    }

    /// The prefix word that starts here.
    #[inline]
    pub(super) fn prefix(self, at: usize) -> Option<Prefix> {
        match self.class(at) {
            LETTER => {
                let eight = self.eight(at);
                let len = letters(eight);
                let word_end = at + len;
                match self.byte(word_end) {
                    b':' | b'[' | b'(' | b'.' | b'^' | b'*' | b'-' | b'0'..=b'9' => {}
                    // `Re :`; or a second word, which one listed prefix has.
                    b' ' => match self.byte(word_end + 1) {
                        b':' | b'[' | b'(' | b' ' | 0x80.. => {}
                        b'd' | b'D' if len == PODAJ.len() && self.starts(at, PODAJ) => {
                            return self.labelled(at);
                        }
                        _ if self.rules.widens() => return self.labelled(at),
                        _ => return None,
                    },
                    b'a'..=b'z' | b'A'..=b'Z' => return self.long_word(at, word_end),
                    b'\t' | 0x80.. => return self.labelled(at),
                    _ => return None,
                }
                let key = (eight | 0x2020_2020_2020_2020) & !(u64::MAX << (8 * len));
                match lookup::short(key) {
                    Some(word) => self.colon(at, word_end, word.kind, word.guard),
                    None if self.rules.widens() => self.labelled(at),
                    // An unlisted word: `Odpowied` + `ź`, or nothing of ours.
                    None => None,
                }
            }
            HIGH => self.labelled(at),
            _ => None,
        }
    }

    /// A word of eight letters or more: most are no prefix, which their end shows.
    fn long_word(self, at: usize, seventh: usize) -> Option<Prefix> {
        let end = seventh + letters(self.eight(seventh));
        match (self.byte(end), self.byte(end + 1)) {
            (b' ', b':' | b'[' | b'(' | b' ' | 0x80..) => self.labelled(at),
            (b' ' | b',' | b'-' | b'/' | b'_' | 0, _) if !self.rules.widens() => None,
            _ => self.labelled(at),
        }
    }

    fn starts(self, at: usize, word: &str) -> bool {
        let start = self.text.as_bytes().get(at..at + word.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
    }

    /// The next eight bytes, little end first, zeros behind the end.
    #[inline]
    fn eight(self, at: usize) -> u64 {
        match self.text.as_bytes().get(at..at.wrapping_add(8)).and_then(<[u8]>::first_chunk) {
            Some(eight) => u64::from_le_bytes(*eight),
            None => self.last_bytes(at),
        }
    }

    /// Fewer than eight bytes, as the whole of [`Scan::eight`].
    #[inline(never)]
    fn last_bytes(self, at: usize) -> u64 {
        let rest = self.text.as_bytes().get(at..).unwrap_or_default();
        rest.iter().take(8).rev().fold(0, |eight, b| eight << 8 | u64::from(*b))
    }

    /// The general case of [`Scan::prefix`]: long words, words of two words, any script.
    #[inline(never)]
    fn labelled(self, at: usize) -> Option<Prefix> {
        let rest = self.text.as_bytes().get(at..)?;
        let (longest, blanks) =
            if self.rules.widens() { (LONGEST_EXTRA, LONGEST_EXTRA) } else { (LONGEST_LABEL, 2) };
        let len = label_len(rest.get(..longest).unwrap_or(rest), blanks)?;
        let label = self.text.get(at..at + len)?;
        let label = label.trim_end_matches(|c| text::is_space(c) || text::is_ignorable(c));
        let word_end = at + label.len();
        if let Some((kind, guard)) = self.word(label) {
            return self.colon(at, word_end, kind, guard);
        }
        let short = self.rules.short_unknown && label.chars().count() <= 3;
        if short && !label.is_empty() && label.chars().all(char::is_alphabetic) {
            let prefix = self.colon(at, word_end, PrefixKind::Unknown, 0)?;
            let blank = self.skip(prefix.next) > prefix.next;
            let digit = self.byte(self.skip(prefix.next)).is_ascii_digit();
            return (prefix.next == word_end + 1 && blank && !digit).then_some(prefix);
        }
        None
    }

    /// Looks a label up as it stands, then folded.
    fn word(self, label: &str) -> Option<(PrefixKind, u8)> {
        let listed = |word: &Word| (word.kind, word.guard);
        if let Some(word) = lookup::long(label) {
            return Some(listed(word));
        }
        let foldable = label.len() <= lookup::LONGEST * 2 && label.chars().any(changes_in_folding);
        if self.rules.extra.is_none() && !foldable {
            return None;
        }
        let folded = text::fold(label);
        lookup::long(&folded).map(listed).or_else(|| {
            let kind = self.rules.extra.as_ref()?.words.get(folded.as_str())?;
            Some((*kind, CORE))
        })
    }

    /// Counter and colon behind a word, and the word's guards.
    #[inline]
    fn colon(self, at: usize, word_end: usize, kind: PrefixKind, guard: u8) -> Option<Prefix> {
        let next = match self.byte(word_end) {
            b':' => word_end + 1,
            _ => self.counter(word_end, guard)?,
        };
        let mut prefix = Prefix { kind, certain: true, word_end, next };
        if guard & CORE == 0 {
            let ascii = self.byte(at).is_ascii();
            if ascii && self.byte(next).is_ascii_digit() {
                return None;
            }
            if guard != 0 {
                let word = self.text.get(at..word_end)?;
                prefix.certain = certain(word, guard);
                if guard & NO_NUMBER != 0
                    && matches!(self.byte(self.skip(next)), b'0'..=b'9' | b'#')
                {
                    return None;
                }
                if kind == PrefixKind::Gateway && !(prefix.certain && self.rules.is_gateway(word)) {
                    return None;
                }
            }
        }
        Some(prefix)
    }

    /// The offset behind an optional counter and the colon.
    fn counter(self, mut at: usize, guard: u8) -> Option<usize> {
        // A word, at most one full stop, at most one counter, a colon, blanks between them.
        at = match self.byte(at) {
            b'.' => at + 1,
            b'^' | b'*' => self.digits(at + 1)?,
            b'-' if guard & BARE != 0 => self.digits(at + 1)?,
            b'0'..=b'9' if guard & BARE != 0 => self.digits(at)?,
            _ => at,
        };
        at = self.skip(at);
        match self.byte(at) {
            b'[' => {
                let end = self.tag_end(at)?;
                let blob = self.text.as_bytes().get(at + 1..end - 1)?;
                let number = blob.len() <= LONGEST_COUNTER && blob.iter().all(u8::is_ascii_digit);
                let plain = blob.iter().all(|b| !matches!(b, b'0'..=b'9' | b':' | b'#'));
                // `[issue123]`, `[#12]` mean something: no counter.
                if !number && !plain {
                    return None;
                }
                at = self.skip(end);
            }
            b'(' => {
                let end = self.digits(at + 1)?;
                at = self.skip((self.byte(end) == b')').then_some(end + 1)?);
            }
            _ => {}
        }
        match self.byte(at) {
            b':' => Some(at + 1),
            0xef if self.text.get(at..)?.starts_with('：') => Some(at + '：'.len_utf8()),
            _ => None,
        }
    }

    fn digits(self, at: usize) -> Option<usize> {
        let rest = self.text.as_bytes().get(at..)?;
        let len = rest.iter().take(LONGEST_COUNTER + 1).take_while(|b| b.is_ascii_digit()).count();
        (1..=LONGEST_COUNTER).contains(&len).then_some(at + len)
    }

    /// The offset behind the `]` of the tag that opens here; none when it is long, nested or open.
    #[inline]
    fn tag_end(self, at: usize) -> Option<usize> {
        self.tag_extent(at).0
    }

    /// The same, and whether a colon stands in the tag's name.
    #[inline]
    fn tag_extent(self, at: usize) -> (Option<usize>, bool) {
        let mut colon = false;
        for from in (at + 1..at + 2 + LONGEST_TAG).step_by(8) {
            let eight = self.eight(from);
            let brackets = equal(eight, b'[') | equal(eight, b']');
            // The lowest marked bytes are right, and none is marked below a right one.
            let before = (brackets & brackets.wrapping_neg()).wrapping_sub(1);
            colon |= (equal(eight, b':') | equal(eight, 0xef)) & before != 0;
            if brackets != 0 {
                let end = from + brackets.trailing_zeros() as usize / 8;
                return ((self.byte(end) == b']').then_some(end + 1), colon);
            }
        }
        (None, colon)
    }

    /// The tag that opens here.
    #[inline]
    pub(super) fn tag(self, at: usize) -> Option<Tag> {
        if self.byte(at) != b'[' {
            return self.mark(at).map(Tag::Gateway);
        }
        let (end, colon) = self.tag_extent(at);
        if colon
            && let Some(prefix) = self.prefix(at + 1)
            && prefix.kind == PrefixKind::Forward
        {
            return self.wrapper(prefix.next);
        }
        let end = end?;
        let name = self.text.get(at + 1..end - 1)?;
        Some(if self.rules.is_gateway(name) {
            Tag::Gateway(end)
        } else if self.rules.is_list(name) {
            Tag::List(end)
        } else {
            Tag::Other(end)
        })
    }

    /// What can start here: a prefix word (true), a tag (false), nothing.
    #[inline]
    pub(super) fn starts_word(self, at: usize) -> Option<bool> {
        match self.class(at) {
            LETTER | HIGH => Some(true),
            BRACKET | MARK => Some(false),
            _ => None,
        }
    }

    fn wrapper(self, inner: usize) -> Option<Tag> {
        let rest = self.text.as_bytes().get(inner..)?;
        let near = rest.iter().take(8).position(|b| matches!(b, b'[' | b']'));
        let len = near.or_else(|| memchr2(b'[', b']', rest))?;
        let closes = rest.get(len) == Some(&b']');
        if closes && len + 1 < rest.len() {
            Some(Tag::Forward(inner + len + 1))
        } else if rest.last() == Some(&b']') {
            Some(Tag::Wrapper(inner))
        } else {
            None
        }
    }

    /// The offset behind a gateway's mark in round or curly brackets, stars, or `#extern_`.
    fn mark(self, at: usize) -> Option<usize> {
        let rest = self.text.get(at..)?;
        let literal = self.rules.gateway_literals().find_map(|literal| {
            let start = rest.get(..literal.len())?;
            start.eq_ignore_ascii_case(literal).then_some(literal.len())
        });
        if let Some(len) = literal {
            return Some(at + len);
        }
        let close = match self.byte(at) {
            b'(' => b')',
            b'{' => b'}',
            b'*' => b'*',
            _ => return None,
        };
        let bytes = rest.as_bytes();
        let window = bytes.get(..LONGEST_LABEL).unwrap_or(bytes);
        let open = window.iter().take_while(|b| close == b'*' && **b == b'*').count().max(1);
        let len = window.iter().skip(open).position(|b| *b == close)?;
        let name = rest.get(open..open + len)?;
        if !self.rules.is_gateway(name.trim_matches(' ')) {
            return None;
        }
        let closing = window.iter().skip(open + len).take_while(|b| **b == close).count();
        let closing = if close == b'*' { closing } else { 1 };
        Some(at + open + len + closing)
    }
}

/// Does the spelling of a guarded word make it certain?
fn certain(word: &str, guard: u8) -> bool {
    let first_is_capital = word.chars().next().is_some_and(char::is_uppercase);
    let all_capital = !word.chars().any(char::is_lowercase);
    (guard & CAPITAL == 0 || first_is_capital)
        && (guard & CAPITALS == 0 || all_capital)
        && (guard & NOT_TITLE == 0 || all_capital || !first_is_capital)
}

/// The number of ASCII letters at the start of eight bytes, at most seven.
#[inline]
fn letters(eight: u64) -> usize {
    const HIGH_BITS: u64 = 0x8080_8080_8080_8080;
    let lower = (eight | 0x2020_2020_2020_2020) & !HIGH_BITS;
    let from_a = lower + 0x1f1f_1f1f_1f1f_1f1f;
    let past_z = lower + 0x0505_0505_0505_0505;
    let letter = from_a & !past_z & !eight & HIGH_BITS;
    let len = (!letter & HIGH_BITS).trailing_zeros() as usize / 8;
    // Eight letters: an eighth one keeps the caller from taking the first seven for a word.
    len.min(7)
}

/// Marks the bytes of `eight` that are `byte`, in their highest bit. Exact up to the first one.
#[inline]
const fn equal(eight: u64, byte: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let zero = eight ^ (ONES * byte as u64);
    zero.wrapping_sub(ONES) & !zero & (ONES << 7)
}

/// How a byte can continue a label.
const PART: u8 = 0;
const END: u8 = 1;
const BLANK: u8 = 2;
const FULL_WIDTH: u8 = 3;
const REFUSED: u8 = 4;

static LABEL: [u8; 256] = label_table();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const fn label_table() -> [u8; 256] {
    let mut table = [PART; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b':' | b'[' | b'(' | b'^' | b'*' | b'.' | b'-' | b'0'..=b'9' => END,
            b']' | b')' | b',' | b';' | b'!' | b'?' | b'"' | b'/' | b'<' | b'>' | b'=' => REFUSED,
            b' ' => BLANK,
            0xef => FULL_WIDTH,
            _ => PART,
        };
        byte += 1;
    }
    table
}

/// The length of the text before the first colon, counter, bracket or too many blanks.
fn label_len(window: &[u8], blanks: usize) -> Option<usize> {
    let mut seen = 0;
    for (at, byte) in window.iter().enumerate() {
        match LABEL.get(usize::from(*byte)).copied().unwrap_or(PART) {
            PART => {}
            END => return Some(at),
            BLANK if seen < blanks => seen += 1,
            FULL_WIDTH => {
                if matches!(window.get(at + 1..at + 3), Some([0xbc, 0x9a])) {
                    return Some(at);
                }
            }
            _ => return None,
        }
    }
    None
}

/// May folding make a listed word of text that holds this character? Not of ideographs, kana and
/// Hangul syllables, whose words are listed as they are.
fn changes_in_folding(c: char) -> bool {
    !(c.is_ascii() || matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{d7a3}'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted_in_a_word() {
        for (text, len) in [
            ("Re: x...", 2),
            (": Re.....", 0),
            ("abcdefgh", 7),
            ("zZaA[@`{", 4),
            ("é.......", 0),
            ("R\u{c3a9}......", 1),
            ("{abcdefg", 0),
        ] {
            let eight = u64::from_le_bytes(*text.as_bytes().first_chunk().unwrap());
            assert_eq!(letters(eight), len, "{text}");
        }
    }
}

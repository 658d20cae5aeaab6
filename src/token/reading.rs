//! A subject as the scanner reads it: the fold of [`text`](crate::text), with the way back to the
//! bytes it came from.

use std::ops::Range;
use std::str::Chars;

use super::boundary::{clings, joins};
use super::index::Leftward;
use super::plain::plain;
use crate::text::{fold_into, is_ignorable};

/// Any subject, folded a piece at a time where the scanner looks, and nowhere else.
///
/// A piece is a character with all that clings to it; to a digit nothing does, as nothing composes
/// with one.
#[derive(Debug)]
pub(super) struct Unicode<'a> {
    text: &'a str,
    /// How far `next_run` has come.
    seen: Place,
    /// The fold of the piece between these bytes, between guards, and what it was made from.
    piece: Range<usize>,
    folded: String,
    guarded: String,
}

/// A place between two folded characters: where a piece ends, and how many characters of its fold
/// lie behind the place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    byte: usize,
    behind: usize,
}

/// A run of digits in a folded text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    pub(super) length: usize,
    pub(super) end: Place,
    /// The character after it makes one word with it.
    pub(super) joined: bool,
}

impl<'a> Unicode<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        let seen = Place { byte: 0, behind: 0 };
        Self { text, seen, piece: 0..0, folded: String::new(), guarded: String::new() }
    }

    /// The next run of at least `shortest` digits.
    pub(super) fn next_run(&mut self, shortest: usize) -> Option<Run> {
        let mut length = 0;
        loop {
            if self.seen.behind == 0 {
                if length == 0 {
                    self.seen.byte = self.next_digit(self.seen.byte)?;
                }
                let mut rest = self.text.as_bytes().get(self.seen.byte..)?;
                while let Some(right) = after_digit(rest) {
                    length += 1;
                    self.seen.byte += rest.len() - right.len();
                    rest = right;
                }
            }
            let end = self.seen;
            // Most runs are too short and end in a character that need not be folded to know it.
            let suspected = length >= shortest || end.behind > 0 || self.digit_follows(end.byte);
            let next = suspected.then(|| self.right(end));
            match next {
                Some(Some((c, right))) => {
                    self.seen = right;
                    if c.is_ascii_digit() {
                        length += 1;
                        continue;
                    }
                    if length >= shortest {
                        return Some(Run { length, end, joined: joins(c) });
                    }
                }
                Some(None) if length >= shortest => {
                    return Some(Run { length, end, joined: false });
                }
                Some(None) => return None,
                None => {}
            }
            length = 0;
        }
    }

    /// Where a run ends, if plainly behind a digit.
    pub(super) fn plain_end(&self, run: Run) -> Option<usize> {
        let before = self.text.get(..run.end.byte)?;
        let digit = before.chars().next_back().and_then(plain)?.is_ascii_digit();
        (digit && run.end.behind == 0).then_some(run.end.byte)
    }

    /// The bytes of the characters that were folded to what stands between two places.
    pub(super) fn source(&self, start: Place, end: Place) -> Range<usize> {
        let start = match start.behind {
            0 => start.byte,
            _ => self.piece_start(start.byte),
        };
        let last = self.piece_start(end.byte);
        let base = self.text.get(last..).and_then(|rest| rest.chars().next());
        start..last + base.map_or(0, char::len_utf8)
    }

    /// The first piece from `from` on that may fold to digits.
    fn next_digit(&self, mut from: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(from..)? {
                [b'0'..=b'9', ..] | [0xef, 0xbc, 0x90..=0x99, ..] => return Some(from),
                [0xef, 0xbc..=0xbd, ..] => from += 3,
                [byte, ..] if leads_to_digits(*byte) > 0 => {
                    let c = self.text.get(from..)?.chars().next()?;
                    if folds_to_digits(c) && !clings(c) {
                        return Some(from);
                    }
                    from += c.len_utf8();
                }
                rest => from += next_lead(rest)?,
            }
        }
    }

    /// May a digit come next, invisible characters aside?
    fn digit_follows(&self, at: usize) -> bool {
        let mut rest = self.text.get(at..).unwrap_or_default().chars();
        rest.find(|c| !is_ignorable(*c)).is_some_and(|c| c.is_ascii_digit() || folds_to_digits(c))
    }

    /// The start of the piece that ends at a byte.
    fn piece_start(&self, end: usize) -> usize {
        let mut start = end;
        for c in self.text.get(..end).unwrap_or_default().chars().rev() {
            if start < end && plain(c).is_some_and(|c| c.is_ascii_digit()) {
                break;
            }
            start -= c.len_utf8();
            if plain(c).is_some() || !clings(c) {
                break;
            }
        }
        start
    }

    fn left(&mut self, mut at: Place) -> Option<(char, Place)> {
        loop {
            let base = self.text.get(..at.byte)?.chars().next_back()?;
            let before = Place { byte: at.byte - base.len_utf8(), behind: 0 };
            if let Some(c) = plain(base) {
                return Some((c, before));
            }
            if at.behind == 0 && is_ignorable(base) {
                at = before;
                continue;
            }
            let start = self.piece_start(at.byte);
            let before = Place { byte: start, behind: 0 };
            let mut chars = self.fold(start, at.byte).rev().skip(at.behind);
            match (chars.next(), chars.next()) {
                (Some(c), None) => return Some((c, before)),
                (Some(c), Some(_)) => return Some((c, Place { behind: at.behind + 1, ..at })),
                (None, _) => at = before,
            }
        }
    }

    fn right(&mut self, mut at: Place) -> Option<(char, Place)> {
        while at.behind == 0 {
            let mut rest = self.text.get(at.byte..)?.chars();
            let base = rest.next()?;
            let byte = at.byte + base.len_utf8();
            if let Some(c) = plain(base)
                && (c.is_ascii_digit()
                    || rest
                        .clone()
                        .next()
                        .is_none_or(|next| plain(next).is_some() || !clings(next)))
            {
                return Some((c, Place { byte, behind: 0 }));
            }
            if is_ignorable(base) {
                at.byte = byte;
                continue;
            }
            let clinging = rest.take_while(|c| clings(*c)).map(char::len_utf8).sum::<usize>();
            let behind = self.fold(at.byte, byte + clinging).count();
            at = Place { byte: byte + clinging, behind };
        }
        let start = self.piece_start(at.byte);
        let c = self.fold(start, at.byte).rev().nth(at.behind - 1)?;
        Some((c, Place { behind: at.behind - 1, ..at }))
    }

    /// The fold of a piece.
    fn fold(&mut self, start: usize, end: usize) -> Chars<'_> {
        // Nothing composes with it, and with it around them blanks at the ends stay.
        const GUARD: char = '\u{1}';
        if self.piece != (start..end) {
            self.piece = start..end;
            self.guarded.clear();
            self.guarded.push(GUARD);
            self.guarded.push_str(self.text.get(start..end).unwrap_or_default());
            self.guarded.push(GUARD);
            self.folded.clear();
            fold_into(&self.guarded, &mut self.folded);
        }
        let bare = self.folded.strip_prefix(GUARD).and_then(|rest| rest.strip_suffix(GUARD));
        bare.unwrap_or_default().chars()
    }
}

impl Leftward for Unicode<'_> {
    type Place = Place;

    fn before(&mut self, at: Place) -> Option<(char, Place)> {
        let (c, mut place) = self.left(at)?;
        if c == ' ' {
            while let (' ', before) = self.left(place)? {
                place = before;
            }
        }
        Some((c, place))
    }

    fn digits(&mut self, end: Place, digits: usize) -> Option<(Place, u64)> {
        let (mut at, mut number, mut scale) = (end, 0, 1);
        for _ in 0..digits {
            let (c, before) = self.left(at)?;
            number += u64::from(c.to_digit(10)?) * scale;
            scale *= 10;
            at = before;
        }
        Some((at, number))
    }
}

/// What lies behind the digit, ASCII or full-width, that a text begins with.
#[inline]
const fn after_digit(text: &[u8]) -> Option<&[u8]> {
    match text {
        [b'0'..=b'9', right @ ..] | [0xef, 0xbc, 0x90..=0x99, right @ ..] => Some(right),
        _ => None,
    }
}

/// Can this text hold a run of that many digits once it is folded? Only a cheap "no" counts.
#[inline]
pub(super) fn may_hold_run(text: &str, shortest: usize) -> bool {
    let (chunks, tail) = text.as_bytes().as_chunks::<16>();
    let mut digits = [0_u8; 16];
    let mut note = |chunk: &[u8; 16]| {
        for (sum, byte) in digits.iter_mut().zip(chunk) {
            *sum = sum.saturating_add(leads_to_digits(*byte));
        }
    };
    chunks.iter().for_each(&mut note);
    if let Some(mut last) = text.as_bytes().last_chunk().copied() {
        let seen = (16 - tail.len()) as u8;
        for (at, byte) in (0..16).zip(&mut last) {
            *byte = if at < seen { 0 } else { *byte };
        }
        note(&last);
    } else {
        digits.iter_mut().zip(tail).for_each(|(sum, byte)| *sum = leads_to_digits(*byte));
    }
    digits.iter().map(|sum| usize::from(*sum)).sum::<usize>() >= shortest
}

/// Where the first byte is that [leads to digits](leads_to_digits).
#[inline]
fn next_lead(text: &[u8]) -> Option<usize> {
    let first = |chunk: &[u8; 16]| {
        let mut leads = [0; 16];
        leads.iter_mut().zip(chunk).for_each(|(lead, byte)| *lead = leads_to_digits(*byte));
        match u128::from_le_bytes(leads) {
            0 => None,
            leads => Some(leads.trailing_zeros() as usize / 8),
        }
    };
    let (mut at, mut rest) = (0, text);
    while let Some((chunk, behind)) = rest.split_first_chunk() {
        if let Some(first) = first(chunk) {
            return Some(at + first);
        }
        (at, rest) = (at + 16, behind);
    }
    if rest.is_empty() {
        return None;
    }
    match text.last_chunk() {
        // Once more with some of what was seen.
        Some(last) => Some(text.len() - 16 + first(last)?),
        None => text.iter().position(|byte| leads_to_digits(*byte) > 0),
    }
}

/// How many digits a character that begins with this byte folds to at most.
///
/// Without branches: over arrays it becomes a handful of vector instructions.
#[inline]
const fn leads_to_digits(byte: u8) -> u8 {
    let digit = byte.wrapping_sub(b'0') < 10;
    let lead = (byte == 0xc2) | (byte | 1 == 0xe3) | (byte >= 0xef);
    digit as u8 | (lead as u8 * 3)
}

/// A superset of the characters beyond ASCII whose fold holds a digit: superscripts, fractions,
/// circled, full-width and mathematical digits, ideographic days, hours and months.
const fn folds_to_digits(c: char) -> bool {
    matches!(c,
        '\u{b2}'..='\u{be}' | '\u{2070}'..='\u{2189}' | '\u{2460}'..='\u{24ff}'
        | '\u{3200}'..='\u{33ff}' | '\u{ff10}'..='\u{ff19}' | '\u{1ccf0}'..='\u{1ccf9}'
        | '\u{1d7ce}'..='\u{1d7ff}' | '\u{1f100}'..='\u{1f1ff}' | '\u{1fbf0}'..='\u{1fbf9}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;
    use proptest::prelude::*;

    #[test]
    fn every_digit_in_disguise_is_suspected() {
        for c in '\u{80}'..=char::MAX {
            let digits = fold(&c.to_string()).bytes().filter(u8::is_ascii_digit).count();
            let lead = c.encode_utf8(&mut [0; 4]).as_bytes()[0];
            assert!(digits == 0 || folds_to_digits(c), "U+{:04X}", u32::from(c));
            assert!(digits <= usize::from(leads_to_digits(lead)), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn a_lead_is_found_wherever_it_stands() {
        for length in 0..50 {
            assert_eq!(next_lead("x".repeat(length).as_bytes()), None);
            for at in 0..length {
                let mut text = "x".repeat(length).into_bytes();
                text[at] = b'1';
                assert_eq!(next_lead(&text), Some(at), "{length}");
                let whole = str::from_utf8(&text).unwrap();
                assert!(may_hold_run(whole, 1) && !may_hold_run(whole, 2), "{length} {at}");
                text[length - 1] = 0xef;
                assert_eq!(next_lead(&text), Some(at), "{length}");
            }
        }
    }

    /// The whole text, read from left to right and from right to left.
    fn read(text: &str) -> (String, String) {
        let mut reading = Unicode::new(text);
        let (mut right, mut at) = (String::new(), Place { byte: 0, behind: 0 });
        while let Some((c, next)) = reading.right(at) {
            if c != ' ' || !(right.is_empty() || right.ends_with(' ')) {
                right.push(c);
            }
            at = next;
        }
        let mut left = Vec::new();
        while let Some((c, before)) = reading.before(at) {
            left.push(c);
            at = before;
        }
        left.reverse();
        let left: String = left.into_iter().collect();
        (right.trim_end_matches(' ').to_owned(), left.trim_end_matches(' ').to_owned())
    }

    proptest! {
        #[test]
        fn reads_what_the_fold_says(text in any::<String>()) {
            prop_assert_eq!(read(&text), (fold(&text), fold(&text)));
        }

        #[test]
        fn pieces_fold_as_the_whole(
            text in "[ \tA1ｅ\u{301}\u{345}\u{200b}\u{a0}\u{a8}\u{2028}カｶﾞ\u{3131}\u{314f}\u{3133}\u{1100}\u{1161}\u{11a8}①⒈½ßİΣ\u{16d67}\u{9c7}\u{9be}か\u{3099}가и\u{306}]{0,16}"
        ) {
            prop_assert_eq!(read(&text), (fold(&text), fold(&text)));
        }

        #[test]
        fn finds_the_runs_of_the_fold(text in "[a1１²é½⑴㋀ \u{301}\u{200b}]{0,40}", shortest in 1_usize..5) {
            let mut reading = Unicode::new(&text);
            let mut runs = Vec::new();
            while let Some(run) = reading.next_run(shortest) {
                runs.push(run.length);
            }
            let folded = fold(&text);
            let split = folded.split(|c: char| !c.is_ascii_digit()).map(str::len);
            prop_assert_eq!(runs, split.filter(|length| *length >= shortest).collect::<Vec<_>>());
        }
    }
}

//! A subject as the scanner reads most of them: characters that fold one by one.

use super::index::Leftward;

/// The next run of at least `shortest` digits in ASCII text, searched from a position outside a run.
///
/// Looks at every `shortest`-th byte only: a run that long covers one of them.
#[inline]
pub(super) fn next_ascii_run(text: &[u8], from: usize, shortest: usize) -> Option<(usize, usize)> {
    let mut probe = from.checked_add(shortest)?.checked_sub(1)?;
    while let Some(byte) = text.get(probe) {
        if !byte.is_ascii_digit() {
            probe += shortest;
            continue;
        }
        let (left, right) = text.split_at_checked(probe)?;
        let start = probe - left.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let end = probe + right.iter().take_while(|b| b.is_ascii_digit()).count();
        if end - start >= shortest {
            return Some((start, end));
        }
        probe = end + shortest;
    }
    None
}

/// A subject read where its characters fold one by one: ASCII, full-width forms, common letters.
///
/// It comes to a stop at any other, and then only [`Unicode`](super::reading::Unicode) has the answer.
#[derive(Debug)]
pub(super) struct Plain<'a> {
    text: &'a str,
    lost: bool,
}

impl<'a> Plain<'a> {
    pub(super) const fn new(text: &'a str) -> Self {
        Self { text, lost: false }
    }

    /// The place at a byte.
    pub(super) fn at(&self, byte: usize) -> Option<&'a [u8]> {
        self.text.as_bytes().get(..byte)
    }

    /// Did it come upon another character?
    pub(super) const fn is_lost(&self) -> bool {
        self.lost
    }

    /// The digits of a run that are not all ASCII.
    fn wide_digits(&mut self, end: &'a [u8], digits: usize) -> Option<(&'a [u8], u64)> {
        let (mut at, mut number, mut scale) = (end, 0, 1);
        for _ in 0..digits {
            let (left, digit) = match at {
                [left @ .., digit @ b'0'..=b'9'] => (left, digit - b'0'),
                [left @ .., 0xef, 0xbc, last @ 0x90..=0x99] => (left, last - 0x90),
                _ => {
                    self.lost |= !at.last()?.is_ascii();
                    return None;
                }
            };
            number += u64::from(digit) * scale;
            scale *= 10;
            at = left;
        }
        Some((at, number))
    }

    /// The last character of a text, any but those that `before` knows.
    fn beyond(&mut self, at: &'a [u8]) -> Option<(char, &'a [u8])> {
        let start = at.iter().rposition(|byte| *byte & 0xc0 != 0x80);
        let last = start.and_then(|start| at.split_at_checked(start)).and_then(|(left, last)| {
            Some((str::from_utf8(last).ok()?.chars().next().and_then(plain)?, left))
        });
        self.lost |= last.is_none();
        last
    }
}

impl<'a> Leftward for Plain<'a> {
    /// What lies before the place, which is behind a plain character: nothing clings to that.
    type Place = &'a [u8];

    #[inline]
    fn before(&mut self, at: &'a [u8]) -> Option<(char, &'a [u8])> {
        let (byte, left) = at.split_last()?;
        let folded = FOLDED.get(usize::from(*byte)).copied().unwrap_or(BEYOND);
        if folded < BLANK {
            return Some((char::from(folded), left));
        }
        if folded == BEYOND {
            return match left {
                [left @ .., 0xef, 0xbc] if *byte > 0x80 => {
                    Some((char::from((byte - 0x60).to_ascii_lowercase()), left))
                }
                _ => self.beyond(at),
            };
        }
        // Beyond ASCII the run may go on, with other blanks or invisible characters: whoever looks
        // behind it is lost then, and to everybody else it is a blank all the same.
        let text = left.iter().rposition(|b| !is_space(*b))?;
        Some((' ', left.get(..=text)?))
    }

    #[inline]
    fn digits(&mut self, end: &'a [u8], digits: usize) -> Option<(&'a [u8], u64)> {
        let (left, run) = end.split_at_checked(end.len().checked_sub(digits)?)?;
        let mut number = 0;
        for byte in run {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return self.wide_digits(end, digits);
            }
            number = number * 10 + u64::from(digit);
        }
        Some((left, number))
    }
}

/// By byte: the fold of an ASCII character, or what else it is.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const FOLDED: [u8; 256] = {
    let mut folded = [BEYOND; 256];
    let mut byte = 0;
    while byte < 0x80_u8 {
        folded[byte as usize] = if is_space(byte) { BLANK } else { byte.to_ascii_lowercase() };
        byte += 1;
    }
    folded
};
const BLANK: u8 = 0x80;
const BEYOND: u8 = 0x81;

/// The white space of [`text`](crate::text) among the ASCII bytes.
const fn is_space(byte: u8) -> bool {
    matches!(byte, 9..=13 | 32)
}

/// The folds that most subjects beyond ASCII can be scanned with: of ASCII characters, of their
/// full-width forms, and of letters in wide use. None of them clings.
pub(super) const fn plain(c: char) -> Option<char> {
    match c {
        '\t'..='\r' => Some(' '),
        '\0'..='\x7f' => Some(c.to_ascii_lowercase()),
        '\u{ff01}'..='\u{ff5e}' => Some(((c as u32 - 0xfee0) as u8 as char).to_ascii_lowercase()),
        'à'..='ö' | 'ø'..='ÿ' | 'а'..='я' | '一'..='\u{9fff}' | '가'..='힣' => Some(c),
        '«' | '»' | '‐' | '–'..='―' | '‘'..='‟' | '、'..='』' | '【'..='】' => {
            Some(c)
        }
        'ぁ'..='ゔ' | 'ァ'..='ー' => Some(c),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;
    use crate::token::boundary::clings;
    use proptest::prelude::*;

    #[test]
    fn a_run_is_found_wherever_it_starts() {
        for shortest in 1..6 {
            for before in 0..12 {
                for length in 1..12 {
                    let text = format!("{}{}x", "x".repeat(before), "1".repeat(length));
                    let found = next_ascii_run(text.as_bytes(), 0, shortest);
                    let run = (length >= shortest).then_some((before, before + length));
                    assert_eq!(found, run, "{text} {shortest}");
                }
            }
        }
    }

    #[test]
    fn plain_folds_are_what_the_fold_says() {
        for c in '\0'..=char::MAX {
            if let Some(folded) = plain(c) {
                let guarded = fold(&format!("\u{1}{c}\u{1}"));
                assert_eq!(guarded, format!("\u{1}{folded}\u{1}"), "U+{:04X}", c as u32);
                assert!(!clings(c), "U+{:04X}", u32::from(c));
            }
        }
    }

    proptest! {
        #[test]
        fn plain_reading_agrees_or_is_lost(
            text in "[ \t\u{b}A1ａ：０\u{ff5e}é的か가ж\u{a0}\u{200b}\u{301}\u{3099}²😀]{0,9}[x０：]"
        ) {
            let (mut reading, mut at, mut left) = (Plain::new(&text), text.as_bytes(), Vec::new());
            while let Some((c, before)) = reading.before(at) {
                left.push(c);
                at = before;
            }
            let left: String = left.into_iter().rev().collect();
            if reading.is_lost() {
                prop_assert!(fold(&text).ends_with(left.trim_start()), "{left:?}");
            } else {
                prop_assert_eq!(left, fold(&text));
            }
        }

        #[test]
        fn plain_digits_are_digits(text in "[0-9０-９]{1,19}") {
            let number: u64 = fold(&text).parse().unwrap();
            let digits = text.chars().count();
            let read = Plain::new(&text).digits(text.as_bytes(), digits);
            prop_assert_eq!(read, Some((&b""[..], number)));
            prop_assert_eq!(Plain::new(&text).digits(text.as_bytes(), digits + 1), None);
            let text = format!("é{text}");
            let mut reading = Plain::new(&text);
            prop_assert_eq!(reading.digits(text.as_bytes(), digits + 1), None);
            prop_assert!(reading.is_lost());
        }
    }
}

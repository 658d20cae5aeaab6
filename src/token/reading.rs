//! A subject as the scanner reads it: the fold of [`text`](crate::text), with the way back to the
//! bytes it came from.

use super::boundary::clings;
use super::index::Leftward;
use crate::text::{fold_into, is_ignorable};

/// An ASCII subject, folded on the way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ascii<'a>(pub(super) &'a [u8]);

impl Ascii<'_> {
    /// The next run of at least `shortest` digits, searched from a position outside a run.
    ///
    /// Looks at every `shortest`-th byte only: a run that long covers one of them.
    #[inline]
    pub(super) fn next_run(self, from: usize, shortest: usize) -> Option<(usize, usize)> {
        let mut probe = from.checked_add(shortest)?.checked_sub(1)?;
        while let Some(byte) = self.0.get(probe) {
            if !byte.is_ascii_digit() {
                probe += shortest;
                continue;
            }
            let (left, right) = self.0.split_at_checked(probe)?;
            let start = probe - left.iter().rev().take_while(|b| b.is_ascii_digit()).count();
            let end = probe + right.iter().take_while(|b| b.is_ascii_digit()).count();
            if end - start >= shortest {
                return Some((start, end));
            }
            probe = end + shortest;
        }
        None
    }
}

impl Leftward for Ascii<'_> {
    #[inline]
    fn before(&self, at: usize) -> Option<(char, usize)> {
        let at = at.checked_sub(1)?;
        let byte = *self.0.get(at)?;
        if !is_space(byte) {
            return Some((char::from(byte.to_ascii_lowercase()), at));
        }
        let (left, _) = self.0.split_at_checked(at)?;
        let text = left.iter().rposition(|b| !is_space(*b))?;
        Some((' ', text + 1))
    }
}

/// The white space of [`text`](crate::text) among the ASCII bytes.
const fn is_space(byte: u8) -> bool {
    matches!(byte, 9..=13 | 32)
}

/// Any subject, folded piece by piece; only as much of it is kept as a token can be long.
#[derive(Debug)]
pub(super) struct Folded<'a> {
    text: &'a str,
    /// Bytes of `text` that were folded.
    read: usize,
    units: Vec<Unit>,
    /// Units that were looked at by `next_run`.
    seen: usize,
    run: usize,
    keep: usize,
    piece: String,
    folded: String,
}

/// A folded character and the bytes of the character it came from.
#[derive(Debug, Clone, Copy)]
struct Unit {
    c: char,
    start: usize,
    end: usize,
}

impl<'a> Folded<'a> {
    /// Keeps at least `keep` units before each run it reports, the run among them.
    pub(super) const fn new(text: &'a str, keep: usize) -> Self {
        Self {
            text,
            read: 0,
            units: Vec::new(),
            seen: 0,
            run: 0,
            keep,
            piece: String::new(),
            folded: String::new(),
        }
    }

    /// The length of the next run of at least `shortest` digits, and the position of its end.
    pub(super) fn next_run(&mut self, shortest: usize) -> Option<(usize, usize)> {
        loop {
            let next = self.units.get(self.seen).map(|unit| unit.c);
            if next.is_none() && self.fold_piece() {
                continue;
            }
            if next.is_some_and(|c| c.is_ascii_digit()) {
                self.run += 1;
            } else {
                let run = std::mem::take(&mut self.run);
                if run >= shortest {
                    return Some((run, self.seen));
                }
                next?;
            }
            self.seen += 1;
        }
    }

    /// Does the character after `at` fulfil the condition? Only right after [`Self::next_run`].
    pub(super) fn followed_by(&self, at: usize, condition: impl Fn(char) -> bool) -> bool {
        self.units.get(at).is_some_and(|unit| condition(unit.c))
    }

    /// The byte where the character after this position starts.
    pub(super) fn start(&self, at: usize) -> usize {
        self.units.get(at).map_or(self.text.len(), |unit| unit.start)
    }

    /// The byte where the character before this position ends.
    pub(super) fn end(&self, at: usize) -> usize {
        at.checked_sub(1).and_then(|at| self.units.get(at)).map_or(0, |unit| unit.end)
    }

    /// Folds one character with all that clings to it; `false` at the end of the text.
    fn fold_piece(&mut self) -> bool {
        let start = self.read;
        let mut rest = self.text.get(start..).unwrap_or_default().chars();
        let Some(base) = rest.next() else { return false };
        let end = start + base.len_utf8();
        self.read = end + rest.take_while(|c| clings(*c)).map(char::len_utf8).sum::<usize>();
        if self.seen > 4 * self.keep {
            self.units.drain(..self.seen - self.keep);
            self.seen = self.keep;
        }
        if base.is_ascii() && self.read == end {
            let c = if base.is_whitespace() { ' ' } else { base.to_ascii_lowercase() };
            self.push(Unit { c, start, end });
            return true;
        }
        // Between two characters that nothing composes with, so that blanks at its ends stay.
        const GUARD: char = '\u{1}';
        let mut folded = std::mem::take(&mut self.folded);
        folded.clear();
        self.piece.clear();
        self.piece.push(GUARD);
        self.piece.push_str(self.text.get(start..self.read).unwrap_or_default());
        self.piece.push(GUARD);
        fold_into(&self.piece, &mut folded);
        let bare = folded.strip_prefix(GUARD).and_then(|rest| rest.strip_suffix(GUARD));
        for c in bare.unwrap_or_default().chars() {
            self.push(Unit { c, start, end });
        }
        self.folded = folded;
        true
    }

    fn push(&mut self, unit: Unit) {
        let doubled = self.units.last().is_none_or(|last| last.c == ' ');
        if unit.c != ' ' || !doubled {
            self.units.push(unit);
        }
    }
}

impl Leftward for Folded<'_> {
    fn before(&self, at: usize) -> Option<(char, usize)> {
        let at = at.checked_sub(1)?;
        self.units.get(at).map(|unit| (unit.c, at))
    }
}

/// Could this text, once folded, hold a run of that many digits? Errs on the side of yes.
pub(super) fn may_hold_run(text: &str, shortest: usize) -> bool {
    let mut run = 0;
    text.chars().any(|c| {
        if c.is_ascii_digit() {
            run += 1;
        } else if !c.is_ascii() && folds_to_digits(c) {
            // No character folds to more than three digits.
            run += 3;
        } else if c.is_ascii() || !is_ignorable(c) {
            run = 0;
        }
        run >= shortest
    })
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
            assert!(digits <= 3, "U+{:04X}", u32::from(c));
            assert!(digits == 0 || folds_to_digits(c), "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn a_run_is_found_wherever_it_starts() {
        for shortest in 1..6 {
            for before in 0..12 {
                for length in 1..12 {
                    let text = format!("{}{}x", "x".repeat(before), "1".repeat(length));
                    let found = Ascii(text.as_bytes()).next_run(0, shortest);
                    let run = (length >= shortest).then_some((before, before + length));
                    assert_eq!(found, run, "{text} {shortest}");
                }
            }
        }
    }

    fn read(text: &str) -> String {
        let mut reading = Folded::new(text, usize::MAX / 8);
        while reading.fold_piece() {}
        let read: String = reading.units.iter().map(|unit| unit.c).collect();
        read.trim_end_matches(' ').to_owned()
    }

    proptest! {
        #[test]
        fn reads_what_the_fold_says(text in any::<String>()) {
            prop_assert_eq!(read(&text), fold(&text));
        }

        #[test]
        fn pieces_fold_as_the_whole(
            text in "[ \tA1e\u{301}\u{345}\u{200b}\u{a0}\u{a8}\u{2028}カｶﾞ\u{3131}\u{314f}\u{3133}\u{1100}\u{1161}\u{11a8}①⒈½ßİΣ\u{16d67}\u{9c7}\u{9be}]{0,16}"
        ) {
            prop_assert_eq!(read(&text), fold(&text));
        }

        #[test]
        fn nothing_kept_short_is_lost(
            text in "[a1１é]{0,200}", keep in 24_usize..30
        ) {
            let mut long = Folded::new(&text, usize::MAX / 8);
            let mut short = Folded::new(&text, keep);
            while let Some((run, end)) = long.next_run(3) {
                let (same, at) = short.next_run(3).unwrap();
                prop_assert_eq!(run, same);
                prop_assert_eq!(long.end(end), short.end(at));
                let (mut a, mut b) = (end, at);
                for _ in 0..keep {
                    let (left, right) = (long.before(a), short.before(b));
                    prop_assert_eq!(left.map(|l| l.0), right.map(|r| r.0));
                    let (Some(left), Some(right)) = (left, right) else { break };
                    (a, b) = (left.1, right.1);
                }
            }
            prop_assert!(short.next_run(3).is_none());
        }
    }
}

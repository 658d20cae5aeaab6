//! Text with a recipient a line.

use std::convert::Infallible;
use std::ops::Range;

use memchr::memchr_iter;

use super::recipient::Recipient;
use super::segment::Segment;
use crate::id::RecordId;

/// Text in memory, a recipient a line: as a [`Segment`]. Lines end with LF or CRLF; the last one may be
/// without. An empty line is a recipient without an address.
///
/// ```
/// use correspond::recipients::{Deduplication, Lines};
///
/// let lines = Lines::new("ann@example.com\nANN@example.com\r\n<bob@example.com>\n");
/// assert_eq!(Deduplication::new().run(&lines)?.counts().sent(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Lines<'a, F = fn(&'a str, u32) -> Recipient<'a>> {
    text: &'a str,
    /// Where parts of the text begin, which have about [`PART`] octets: each with its first row.
    parts: Vec<(usize, u64)>,
    rows: u64,
    recipient: F,
}

/// Octets of which one index entry is kept: enough that their number does not count, and few enough to
/// pass over.
const PART: usize = 1 << 16;

impl<'a> Lines<'a> {
    /// Each line an address; contacts are numbered as the rows are, from 0.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self::with(text, |line, row| Recipient::new(RecordId::new(u128::from(row)), line))
    }
}

impl<'a, F: Fn(&'a str, u32) -> Recipient<'a>> Lines<'a, F> {
    /// Each line whatever `recipient` reads in it; it is handed the line without its end, and its row,
    /// from 0.
    pub fn with(text: &'a str, recipient: F) -> Self {
        let (mut parts, mut rows, mut start) = (Vec::new(), 0, 0);
        let bytes = text.as_bytes();
        // Ends: each turn takes an octet at least.
        while start < bytes.len() {
            parts.push((start, rows));
            let rest = bytes.get(start..).unwrap_or_default();
            let most = rest.get(..PART).unwrap_or(rest);
            // A part ends where its last whole line does, or where the first line does at all.
            let end = memchr::memrchr(b'\n', most).or_else(|| memchr::memchr(b'\n', rest));
            let part = end.and_then(|end| rest.get(..=end)).unwrap_or(rest);
            rows += memchr_iter(b'\n', part).count() as u64;
            if end.is_none() {
                rows += 1;
            }
            start += part.len();
        }
        Self { text, parts, rows, recipient }
    }
}

impl<'a, F: Fn(&'a str, u32) -> Recipient<'a> + Sync> Segment for Lines<'a, F> {
    type Error = Infallible;

    fn rows(&self) -> u64 {
        self.rows
    }

    fn read(
        &self,
        rows: Range<u32>,
        mut visit: impl FnMut(Recipient<'_>),
    ) -> Result<(), Infallible> {
        let before = self.parts.partition_point(|(_, row)| *row <= u64::from(rows.start));
        let Some((start, row)) = before.checked_sub(1).and_then(|part| self.parts.get(part)) else {
            return Ok(());
        };
        let mut rest = self.text.get(*start..).unwrap_or_default();
        // Rows are counted up to the first that is wanted, which is in this part.
        for _ in *row..u64::from(rows.start) {
            rest = after_line(rest).1;
        }
        for row in rows {
            if rest.is_empty() {
                break;
            }
            let (line, next) = after_line(rest);
            visit((self.recipient)(line, row));
            rest = next;
        }
        Ok(())
    }
}

/// The first line, without its end, and what follows.
#[inline]
fn after_line(text: &str) -> (&str, &str) {
    let end = memchr::memchr(b'\n', text.as_bytes()).unwrap_or(text.len());
    let (line, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (line.strip_suffix('\r').unwrap_or(line), rest.strip_prefix('\n').unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(lines: &Lines<'_>, rows: Range<u32>) -> Vec<String> {
        let mut read = Vec::new();
        let visit = |recipient: Recipient<'_>| read.push(recipient.address().to_owned());
        lines.read(rows, visit).unwrap();
        read
    }

    proptest! {
        #[test]
        fn any_range_of_lines_is_read(
            lines in proptest::collection::vec("[a-c]{0,3}\r?", 0..40),
            ended: bool,
            start in 0_u32..50,
            len in 0_u32..50,
        ) {
            let mut text = lines.join("\n");
            if ended {
                text.push('\n');
            }
            let expected: Vec<_> = text.lines().map(str::to_owned).collect();
            // A lone CR at the very end is an end of a line here, and none to `str::lines`.
            let expected: Vec<_> =
                expected.iter().map(|l| l.strip_suffix('\r').unwrap_or(l).to_owned()).collect();
            let lines = Lines::new(&text);
            prop_assert_eq!(lines.rows(), expected.len() as u64);
            let (start, end) = (start.min(expected.len() as u32), start + len);
            let end = end.min(expected.len() as u32).max(start);
            let wanted = expected[start as usize..end as usize].to_vec();
            prop_assert_eq!(read(&lines, start..end), wanted);
        }
    }

    #[test]
    fn long_texts_are_read_from_any_row() {
        let text: String = (0..40_000).map(|row| format!("{row}@home.example\n")).collect();
        let lines = Lines::new(&text);
        assert!(lines.parts.len() > 5);
        assert_eq!(lines.rows(), 40_000);
        for row in [0, 1, 3_999, 20_000, 39_999] {
            assert_eq!(read(&lines, row..row + 1), [format!("{row}@home.example")]);
        }
        let long = "x".repeat(3 * PART) + "\nann@home.example\n";
        assert_eq!(read(&Lines::new(&long), 1..2), ["ann@home.example"]);
        assert_eq!(Lines::new("").rows(), 0);
    }
}

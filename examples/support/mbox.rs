//! Splits an mbox file into its mails, one in memory at a time.
//!
//! A mail begins at a postmark: a `From ` line at the start of the file or after a blank line, with
//! a date in it. Other lines that begin with `From ` belong to the mail, so files of writers that
//! do not quote them (mboxo, mboxcl) are split right as far as that can be told. See RFC 4155 and
//! <https://www.loc.gov/preservation/digital/formats/fdd/fdd000383.shtml> for the family.

use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;

use super::input::{Found, Item};
use super::lines::{LIMIT, Lines};
use super::position::{Position, Problem};

/// An iterator over the mails of an mbox file.
///
/// A mail over 64 MiB is handed out cut, a [`Problem`] after it. A file that breaks off, or a
/// reader that fails, still gives what there is of the last mail.
#[derive(Debug)]
pub(crate) struct Mbox<R> {
    lines: Lines<R>,
    file: Arc<Path>,
    ordinal: usize,
    limit: usize,
    unquote: bool,
    state: State,
    waiting: Option<Problem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing read yet.
    Head,
    /// The postmark of the next mail was read.
    Mail,
    End,
}

impl<R: BufRead> Mbox<R> {
    /// The mails of `file`; `offset` bytes of it were read before `reader`.
    pub(crate) fn new(file: Arc<Path>, reader: R, offset: u64) -> Self {
        Self {
            lines: Lines::new(reader, offset),
            file,
            ordinal: 0,
            limit: LIMIT,
            unquote: true,
            state: State::Head,
            waiting: None,
        }
    }

    /// Leave `>From ` lines as they stand. Without this, one `>` is taken off (mboxrd).
    pub(crate) fn keep_quoted(mut self) -> Self {
        self.unquote = false;
        self
    }

    /// Another longest mail.
    pub(crate) fn with_limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    fn place(&self, offset: u64) -> Position {
        Position { file: Arc::clone(&self.file), ordinal: self.ordinal, line: None, offset }
    }

    fn failed(&mut self, error: &std::io::Error) -> Problem {
        self.state = State::End;
        Problem::new(
            self.place(self.lines.offset()),
            "more of the mailbox",
            format!("a failure to read it: {error}; the mailbox ends here"),
        )
    }

    /// Goes to the first postmark.
    fn begin(&mut self) -> Option<Problem> {
        let start = self.lines.offset();
        let mut line = Vec::new();
        let mut skipped = 0;
        let mut after_blank = true;
        loop {
            line.clear();
            match self.lines.read(&mut line, POSTMARK_LIMIT) {
                Ok(0) => self.state = State::End,
                Ok(_) if after_blank && is_postmark(&line) => self.state = State::Mail,
                Ok(length) => {
                    after_blank = is_blank(&line);
                    if skipped > 0 || !after_blank {
                        skipped += length;
                    }
                    continue;
                }
                Err(error) => return Some(self.failed(&error)),
            }
            return (skipped > 0).then(|| {
                Problem::new(
                    self.place(start),
                    "a mailbox that begins with a `From ` line",
                    format!("{skipped} bytes of something else; left out"),
                )
            });
        }
    }

    /// Reads to the next postmark.
    fn mail(&mut self) -> Found {
        self.ordinal += 1;
        let at = self.place(self.lines.offset());
        let mut mail = Vec::new();
        let mut after_blank = false;
        let mut length = 0;
        loop {
            let start = mail.len();
            match self.lines.read(&mut mail, self.limit.saturating_add(POSTMARK_LIMIT)) {
                Ok(0) => {
                    self.state = State::End;
                    break;
                }
                Ok(bytes) => {
                    let line = mail.get(start..).unwrap_or_default();
                    if after_blank && is_postmark(line) {
                        mail.truncate(start);
                        break;
                    }
                    after_blank = is_blank(line);
                    length += bytes;
                    if self.unquote && is_quoted(line) {
                        mail.remove(start);
                    }
                    if mail.len() > self.limit {
                        mail.truncate(self.limit);
                    }
                }
                Err(error) => {
                    self.waiting = Some(self.failed(&error));
                    break;
                }
            }
        }
        if length > self.limit as u64 {
            self.waiting.get_or_insert_with(|| {
                Problem::new(
                    at.clone(),
                    format!("a mail of at most {} bytes", self.limit),
                    format!("{length}; the rest of it was left out"),
                )
            });
        }
        strip_separator(&mut mail, after_blank);
        Found { item: Item::Raw(mail), at }
    }
}

impl<R: BufRead> Iterator for Mbox<R> {
    type Item = Result<Found, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(problem) = self.waiting.take() {
            return Some(Err(problem));
        }
        if self.state == State::Head
            && let Some(problem) = self.begin()
        {
            return Some(Err(problem));
        }
        (self.state == State::Mail).then(|| Ok(self.mail()))
    }
}

/// A longer line is no postmark.
const POSTMARK_LIMIT: usize = 1_024;
const WEEKDAYS: [&[u8]; 7] = [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"];
const MONTHS: [&[u8]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// True for `From <sender> <weekday> <month> <day> <time> [zone] <year>`, whatever the sender is
/// (it may be missing or hold spaces), and whatever follows the year.
pub(crate) fn is_postmark(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    if rest.len() > POSTMARK_LIMIT {
        return false;
    }
    let words: Vec<&[u8]> =
        rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    words.windows(5).any(|words| match words {
        [weekday, month, day, time, year] => {
            is_date(weekday, month, day, time) && is_year_or_zone(year)
        }
        _ => false,
    })
}

fn is_date(weekday: &[u8], month: &[u8], day: &[u8], time: &[u8]) -> bool {
    let digits = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    WEEKDAYS.contains(&weekday.strip_suffix(b",").unwrap_or(weekday))
        && MONTHS.contains(&month)
        && day.len() <= 2
        && digits(day)
        && matches!(time.split(|&b| b == b':').count(), 2 | 3)
        && time.split(|&b| b == b':').all(|part| part.len() <= 2 && digits(part))
}

/// A year, or the zone that some writers put before it.
fn is_year_or_zone(word: &[u8]) -> bool {
    match word {
        [b'+' | b'-', rest @ ..] => rest.len() == 4 && rest.iter().all(u8::is_ascii_digit),
        _ if word.len() == 4 && word.iter().all(u8::is_ascii_digit) => true,
        _ => (1..=5).contains(&word.len()) && word.iter().all(u8::is_ascii_uppercase),
    }
}

fn is_blank(line: &[u8]) -> bool {
    matches!(line, b"\n" | b"\r\n")
}

/// A `From ` line that the writer quoted: one or more `>` before it.
fn is_quoted(line: &[u8]) -> bool {
    let bare = line.iter().position(|&byte| byte != b'>').unwrap_or(line.len());
    bare > 0 && line.get(bare..).is_some_and(|rest| rest.starts_with(b"From "))
}

/// The blank line before a postmark, and at the end of the file, is the mailbox's own. A mail
/// without a body keeps the one that ends its header.
fn strip_separator(mail: &mut Vec<u8>, after_blank: bool) {
    if !after_blank {
        return;
    }
    for (separator, line_end) in [(&b"\n\r\n"[..], 2), (&b"\n\n"[..], 1)] {
        if mail.ends_with(separator) {
            mail.truncate(mail.len() - line_end);
            return;
        }
    }
}

//! Header lines: one JSON object a line, a mail each. Blank lines are passed over.

use std::io::BufRead;
use std::path::Path;
use std::sync::Arc;

use super::input::{Found, Item};
use super::lines::{LIMIT, Lines};
use super::position::{Position, Problem};

/// An iterator over the lines of a file. A line that is not UTF-8, or longer than 64 MiB, is a
/// [`Problem`]; the next one is read all the same.
#[derive(Debug)]
pub(crate) struct JsonLines<R> {
    lines: Lines<R>,
    file: Arc<Path>,
    ordinal: usize,
    limit: usize,
    ended: bool,
}

impl<R: BufRead> JsonLines<R> {
    /// The lines of `file`; `offset` bytes of it were read before `reader`.
    pub(crate) fn new(file: Arc<Path>, reader: R, offset: u64) -> Self {
        Self { lines: Lines::new(reader, offset), file, ordinal: 0, limit: LIMIT, ended: false }
    }

    /// Another longest line.
    pub(crate) fn with_limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    fn line(&mut self, line: Vec<u8>, at: Position) -> Result<Found, Problem> {
        match String::from_utf8(line) {
            Ok(text) => Ok(Found { item: Item::Line(text.trim().to_owned()), at }),
            Err(error) => {
                let valid = error.utf8_error().valid_up_to();
                let byte = error.as_bytes().get(valid).copied().unwrap_or_default();
                Err(Problem::new(
                    Position { offset: at.offset + valid as u64, ..at },
                    "UTF-8 text",
                    format!("the byte 0x{byte:02X}; the line was left out"),
                ))
            }
        }
    }
}

impl<R: BufRead> Iterator for JsonLines<R> {
    type Item = Result<Found, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let mut line = Vec::new();
            let offset = self.lines.offset();
            let read = self.lines.read(&mut line, self.limit);
            if matches!(read, Ok(1..)) && line.trim_ascii().is_empty() {
                continue;
            }
            self.ordinal += 1;
            let at = Position {
                file: Arc::clone(&self.file),
                ordinal: self.ordinal,
                line: Some(self.lines.number()),
                offset,
            };
            return Some(match read {
                Ok(0) => return None,
                Ok(length) if length > self.limit as u64 => Err(Problem::new(
                    at,
                    format!("a line of at most {} bytes", self.limit),
                    format!("{length}; the line was left out"),
                )),
                Ok(_) => self.line(line, at),
                Err(error) => {
                    self.ended = true;
                    Err(Problem::new(
                        at,
                        "more lines",
                        format!("a failure to read them: {error}; the file ends here"),
                    ))
                }
            });
        }
        None
    }
}

//! Lines of any length in bounded memory, with their places.

use std::io::{self, BufRead};

/// The longest mail or line that is handed out: 64 MiB.
pub(crate) const LIMIT: usize = 64 << 20;

/// A reader that knows where it is.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    reader: R,
    offset: u64,
    number: usize,
}

impl<R: BufRead> Lines<R> {
    /// `offset` bytes of the file were read before.
    pub(crate) fn new(reader: R, offset: u64) -> Self {
        Self { reader, offset, number: 0 }
    }

    /// Bytes before the next line.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// How many lines were begun so far, which is the number of the last one, from 1.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// Appends the next line with its line end to `into`, as long as `into` stays within `limit`;
    /// what is over is read and dropped. Gives the true length of the line, 0 at the end.
    ///
    /// # Errors
    /// The reader's own. What was read of the line until then is in `into`.
    pub(crate) fn read(&mut self, into: &mut Vec<u8>, limit: usize) -> io::Result<u64> {
        let mut length = 0;
        loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if buffer.is_empty() {
                return Ok(length);
            }
            if length == 0 {
                self.number += 1;
            }
            let end = memchr::memchr(b'\n', buffer).map(|at| at + 1);
            let used = end.unwrap_or(buffer.len());
            let room = limit.saturating_sub(into.len());
            into.extend(buffer.iter().take(used.min(room)));
            self.reader.consume(used);
            self.offset += used as u64;
            length += used as u64;
            if end.is_some() {
                return Ok(length);
            }
        }
    }
}

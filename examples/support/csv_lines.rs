//! Which line of a CSV file does a record begin in?

/// Counts lines: CRLF is one end, and so is CR alone. The reader of CSV counts neither so.
pub(crate) struct CsvLines<'a> {
    octets: &'a [u8],
    at: usize,
    pub(crate) line: u64,
}

impl<'a> CsvLines<'a> {
    /// The lines of what the reader reads.
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        Self { octets, at: 0, line: 1 }
    }

    /// The line that a record begins in; records come in their order.
    pub(crate) fn of(&mut self, position: Option<&csv::Position>) -> u64 {
        let from = position.map_or(0, csv::Position::byte);
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        // For the reader, the end of the line before and blank lines belong to a record.
        let is_end = |octet: &&u8| matches!(octet, b'\r' | b'\n');
        let ends = self.octets.iter().skip(from).take_while(is_end).count();
        let to = from.saturating_add(ends);
        while self.at < to {
            let (here, next) = (self.octets.get(self.at), self.octets.get(self.at + 1));
            if here == Some(&b'\n') || (here == Some(&b'\r') && next != Some(&b'\n')) {
                self.line += 1;
            }
            self.at += 1;
        }
        self.line
    }
}

//! Reading the mails of a file once more, in any order, without holding them in memory.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use super::input::{self, Format, Found};
use super::json_lines::JsonLines;
use super::lines::LIMIT;
use super::mbox::Mbox;

/// An mbox file or a file of header lines that is not packed.
#[derive(Debug)]
pub(crate) struct Again {
    file: Arc<Path>,
    handle: File,
    format: Format,
}

impl Again {
    /// `None` where mails cannot be reached by their offset: a packed file, a directory, one mail.
    pub(crate) fn open(path: &Path) -> Option<Self> {
        let mut handle = File::open(path).ok()?;
        let mut head = Vec::new();
        (&mut handle).take(4_096).read_to_end(&mut head).ok()?;
        if head.starts_with(b"\x1F\x8B") {
            return None;
        }
        let format = input::format(path, &head)?;
        let reachable = matches!(format, Format::Mbox | Format::Lines);
        reachable.then(|| Self { file: Arc::from(path), handle, format })
    }

    /// The mail that was found at `offset`; the next one was found at `end`, where there is one.
    pub(crate) fn mail(&mut self, offset: u64, end: Option<u64>) -> Option<Found> {
        self.handle.seek(SeekFrom::Start(offset)).ok()?;
        let most = end.map_or(LIMIT as u64, |end| end.saturating_sub(offset));
        let mut octets = Vec::new();
        (&mut self.handle).take(most).read_to_end(&mut octets).ok()?;
        let file = Arc::clone(&self.file);
        match self.format {
            Format::Lines => JsonLines::new(file, octets.as_slice(), offset).find_map(Result::ok),
            _ => {
                // The offset of a mail is behind its postmark.
                let postmark = b"From x Thu Jan  1 00:00:00 1970\n";
                let reader = BufReader::new(postmark.chain(octets.as_slice()));
                Mbox::new(file, reader, offset).find_map(Result::ok)
            }
        }
    }
}

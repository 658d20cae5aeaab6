//! A file with a recipient a line, larger than memory if need be.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use memchr::{memchr, memchr_iter};

use crate::id::RecordId;
use crate::recipients::{Recipient, Segment};

/// A file with a recipient a line: as a [`Segment`] that is read again and again and never held. Of the
/// file 16 octets are kept for every 64 KiB.
///
/// Lines end with LF or CRLF; the last one may be without. What is not UTF-8 is no address. Of a line of
/// more than [`MAX_LINE`](Self::MAX_LINE) octets the rest is passed over.
///
/// The file must not change meanwhile: a row that is missed ends the run with
/// [`RunError::Changed`](crate::recipients::RunError::Changed).
///
/// ```
/// use correspond::adapter::line_file::LineFile;
/// use correspond::recipients::Deduplication;
///
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("segment.txt");
/// std::fs::write(&path, "ann@example.com\nbob@example.com\nANN@example.com\n")?;
/// let selection = Deduplication::new().run(&LineFile::open(&path)?)?;
/// assert_eq!(selection.duplicates().collect::<Vec<_>>(), [(2, 0)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LineFile<F = fn(&str, u32) -> Recipient<'_>> {
    path: PathBuf,
    /// Where lines begin, one in each block: octets, and the row.
    marks: Vec<(u64, u64)>,
    rows: u64,
    recipient: F,
}

/// Between two marks: few enough octets to pass over on the way to a row.
const BLOCK: usize = 1 << 16;

impl LineFile {
    /// Each line an address; contacts are numbered as the rows are, from 0.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        Self::with(path, |line, row| Recipient::new(RecordId::new(u128::from(row)), line))
    }
}

impl<F: Fn(&str, u32) -> Recipient<'_>> LineFile<F> {
    /// Octets of a line that are looked at.
    pub const MAX_LINE: usize = BLOCK;

    /// Each line whatever `recipient` reads in it; it is handed the line without its end, and its row,
    /// from 0. The file is read once, to count.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn with(path: impl AsRef<Path>, recipient: F) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        let mut file = File::open(&path)?;
        let mut block = vec![0; BLOCK];
        let (mut at, mut rows) = (0, 0);
        let mut marks = vec![(0, 0)];
        let mut ended = true;
        loop {
            let read = match file.read(&mut block) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            let Some(block) = block.get(..read).filter(|block| !block.is_empty()) else { break };
            if let Some(end) = memchr(b'\n', block) {
                marks.push((at + end as u64 + 1, rows + 1));
            }
            rows += memchr_iter(b'\n', block).count() as u64;
            ended = block.last() == Some(&b'\n');
            at += read as u64;
        }
        rows += u64::from(!ended);
        Ok(Self { path, marks, rows, recipient })
    }

    fn reader(&self, start: u32) -> io::Result<BufReader<File>> {
        let before = self.marks.partition_point(|(_, row)| *row <= u64::from(start));
        let mark = before.checked_sub(1).and_then(|mark| self.marks.get(mark));
        let (at, row) = mark.copied().unwrap_or((0, 0));
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(at))?;
        let mut reader = BufReader::with_capacity(4 * BLOCK, file);
        for _ in row..u64::from(start) {
            reader.skip_until(b'\n')?;
        }
        Ok(reader)
    }
}

impl<F: Fn(&str, u32) -> Recipient<'_> + Sync> Segment for LineFile<F> {
    type Error = io::Error;

    fn rows(&self) -> u64 {
        self.rows
    }

    fn read(&self, rows: Range<u32>, mut visit: impl FnMut(Recipient<'_>)) -> io::Result<()> {
        let mut reader = self.reader(rows.start)?;
        let mut cut = Vec::new();
        for row in rows {
            let buffer = reader.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            let mut hand = |line: &[u8]| {
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                match str::from_utf8(line) {
                    Ok(line) => visit((self.recipient)(line, row)),
                    Err(_) => visit((self.recipient)(&String::from_utf8_lossy(line), row)),
                }
            };
            // Nearly every line lies in the buffer as a whole.
            if let Some(end) = memchr(b'\n', buffer) {
                let line = buffer.get(..end).unwrap_or_default();
                hand(line.get(..Self::MAX_LINE).unwrap_or(line));
                reader.consume(end + 1);
                continue;
            }
            cut.clear();
            let most = Self::MAX_LINE as u64;
            reader.by_ref().take(most).read_until(b'\n', &mut cut)?;
            if cut.last() == Some(&b'\n') {
                cut.pop();
            } else {
                reader.skip_until(b'\n')?;
            }
            hand(&cut);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &LineFile, rows: Range<u32>) -> Vec<String> {
        let mut read = Vec::new();
        file.read(rows, |recipient| read.push(recipient.address().to_owned())).unwrap();
        read
    }

    #[test]
    fn any_rows_of_a_file_are_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("segment");
        let text: String =
            (0..70_000).map(|n| format!("{}{n}\r\n", "x".repeat(n % 50))).collect::<String>()
                + "end";
        std::fs::write(&path, &text).unwrap();
        let file = LineFile::open(&path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(file.rows(), lines.len() as u64);
        assert!(file.marks.len() > 20);
        for rows in [0..1, 0..70_001, 12_345..54_321, 69_999..70_001, 70_001..70_001] {
            assert_eq!(read(&file, rows.clone()), lines[rows.start as usize..rows.end as usize]);
        }
        assert!(read(&file, 70_001..70_010).is_empty());
    }

    #[test]
    fn lines_that_are_no_text_or_have_no_end_are_rows_too() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("segment");
        let long = vec![b'y'; 3 * LineFile::<fn(&str, u32) -> Recipient<'_>>::MAX_LINE];
        let just = vec![b'z'; LineFile::<fn(&str, u32) -> Recipient<'_>>::MAX_LINE];
        let text =
            [&b"ann\n\xff\xfe@home.example\n\n"[..], &long, b"\n", &just, b"\nbob\n"].concat();
        std::fs::write(&path, text).unwrap();
        let file = LineFile::open(&path).unwrap();
        assert_eq!(file.rows(), 6);
        let rows = read(&file, 0..6);
        assert_eq!(rows[0], "ann");
        assert_eq!(rows[1], "\u{fffd}\u{fffd}@home.example");
        assert_eq!(rows[2], "");
        assert_eq!((rows[3].len(), rows[4].len()), (just.len(), just.len()));
        assert_eq!(rows[5], "bob");
        std::fs::write(&path, "").unwrap();
        assert_eq!(LineFile::open(&path).unwrap().rows(), 0);
        assert!(LineFile::open(dir.path().join("none")).is_err());
    }
}

//! A file with a recipient a line, larger than memory if need be.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use memchr::{memchr, memchr_iter};

use crate::id::RecordId;
use crate::recipients::{Recipient, Segment};

/// A file with a recipient a line: as a [`Segment`] that is read again and again and never held. Of the
/// file 16 octets are kept for every 64 KiB.
///
/// Lines end with LF or CRLF; the last one may be without. What is not UTF-8 is no address. A line of more
/// than [`MAX_LINE`](Self::MAX_LINE) octets is a row whose address is refused: what a cut line ends with
/// could be the address of somebody else.
///
/// The file must not change meanwhile. Its length, when it was changed last and, on Unix, which file it is
/// are looked at before and after each reading: another one is an error. A change that leaves all of them
/// as they were is not seen.
///
/// An error names the path, and the rows that were asked for, counted from 0, as `rows 64..128`.
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
    counted: Stamp,
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
    /// Octets that a line can have, without its end. The address of a longer one is refused
    /// ([`Block::InvalidAddress`](crate::recipients::Block::InvalidAddress)), whatever stands in it.
    pub const MAX_LINE: usize = BLOCK;

    /// Each line whatever `recipient` reads in it; it is handed the line without its end, and its row,
    /// from 0. The file is read once, to count.
    ///
    /// Of a line that is too long it is handed the first [`MAX_LINE`](Self::MAX_LINE) octets, as contact
    /// and consent may stand there; the address that it finds is not taken.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or changes meanwhile.
    pub fn with(path: impl AsRef<Path>, recipient: F) -> io::Result<Self> {
        let path = path.as_ref();
        Self::counted(path, recipient).map_err(|error| at(path, "counting its lines", &error))
    }

    fn counted(path: &Path, recipient: F) -> io::Result<Self> {
        let path = path.to_owned();
        let mut file = File::open(&path)?;
        let counted = Stamp::of(&file)?;
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
        counted.expect(&file)?;
        Ok(Self { path, marks, rows, counted, recipient })
    }

    fn reader(&self, start: u32) -> io::Result<BufReader<File>> {
        let before = self.marks.partition_point(|(_, row)| *row <= u64::from(start));
        let mark = before.checked_sub(1).and_then(|mark| self.marks.get(mark));
        let (at, row) = mark.copied().unwrap_or((0, 0));
        let mut file = File::open(&self.path)?;
        self.counted.expect(&file)?;
        file.seek(SeekFrom::Start(at))?;
        let mut reader = BufReader::with_capacity(4 * BLOCK, file);
        for _ in row..u64::from(start) {
            reader.skip_until(b'\n')?;
        }
        Ok(reader)
    }

    fn read_rows(&self, rows: Range<u32>, visit: &mut impl FnMut(Recipient<'_>)) -> io::Result<()> {
        let mut reader = self.reader(rows.start)?;
        let mut long = Vec::new();
        for row in rows {
            let buffer = reader.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            // Nearly every line lies in the buffer as a whole.
            if let Some(end) = memchr(b'\n', buffer) {
                self.hand(buffer.get(..end).unwrap_or_default(), row, visit);
                reader.consume(end + 1);
                continue;
            }
            long.clear();
            // With its end, the longest that is taken.
            let most = Self::MAX_LINE as u64 + 2;
            reader.by_ref().take(most).read_until(b'\n', &mut long)?;
            if long.last() == Some(&b'\n') {
                long.pop();
            } else {
                reader.skip_until(b'\n')?;
            }
            self.hand(&long, row, visit);
        }
        self.counted.expect(reader.get_ref())
    }

    #[inline]
    fn hand(&self, line: &[u8], row: u32, visit: &mut impl FnMut(Recipient<'_>)) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > Self::MAX_LINE {
            return self.hand_cut(line, row, visit);
        }
        match str::from_utf8(line) {
            Ok(line) => visit((self.recipient)(line, row)),
            Err(_) => visit((self.recipient)(&String::from_utf8_lossy(line), row)),
        }
    }

    #[cold]
    fn hand_cut(&self, line: &[u8], row: u32, visit: &mut impl FnMut(Recipient<'_>)) {
        let line = String::from_utf8_lossy(line.get(..Self::MAX_LINE).unwrap_or_default());
        let found = (self.recipient)(&line, row);
        let refused = Recipient::new(found.contact(), TOO_LONG);
        visit(refused.with_person(*found.person()).with_rank(found.rank()));
    }
}

/// In the place of the address of a line that is too long: none, and who reads it knows why.
const TOO_LONG: &str = "a line of more than 65536 octets";
const _: () = assert!(BLOCK == 65_536, "as it says");

impl<F: Fn(&str, u32) -> Recipient<'_> + Sync> Segment for LineFile<F> {
    type Error = io::Error;

    fn rows(&self) -> u64 {
        self.rows
    }

    fn read(&self, rows: Range<u32>, mut visit: impl FnMut(Recipient<'_>)) -> io::Result<()> {
        let read = self.read_rows(rows.clone(), &mut visit);
        read.map_err(|error| at(&self.path, &format!("rows {}..{}", rows.start, rows.end), &error))
    }
}

fn at(path: &Path, doing: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {doing}: {error}", path.display()))
}

/// By what a file that changed is known.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    len: u64,
    modified: Option<SystemTime>,
    /// Device and number on it.
    file: Option<(u64, u64)>,
}

impl Stamp {
    fn of(file: &File) -> io::Result<Self> {
        let about = file.metadata()?;
        #[cfg(unix)]
        let file = {
            use std::os::unix::fs::MetadataExt;
            Some((about.dev(), about.ino()))
        };
        #[cfg(not(unix))]
        let file = None;
        Ok(Self { len: about.len(), modified: about.modified().ok(), file })
    }

    fn expect(&self, file: &File) -> io::Result<()> {
        let found = Self::of(file)?;
        if *self == found {
            return Ok(());
        }
        let why = format!("it changed: expected {self} as when it was counted, found {found}");
        Err(io::Error::new(io::ErrorKind::InvalidData, why))
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} octets", self.len)?;
        let since = self.modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let time = since.and_then(|since| {
            DateTime::from_timestamp(since.as_secs().try_into().ok()?, since.subsec_nanos())
        });
        if let Some(time) = time {
            write!(f, " of {}", time.format("%FT%T%.fZ"))?;
        }
        match self.file {
            Some((device, number)) => write!(f, " (file {number} on device {device})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipients::{Block, Deduplication, Outcome};

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
        let crlf = [&just[..], b"\r"].concat();
        let text =
            [&b"ann\n\xff\xfe@home.example\n\n"[..], &long, b"\n", &just, b"\n", &crlf, b"\nbob\n"]
                .concat();
        std::fs::write(&path, text).unwrap();
        let file = LineFile::open(&path).unwrap();
        assert_eq!(file.rows(), 7);
        let rows = read(&file, 0..7);
        assert_eq!(rows[0], "ann");
        assert_eq!(rows[1], "\u{fffd}\u{fffd}@home.example");
        assert_eq!(rows[2], "");
        assert_eq!(rows[3], TOO_LONG);
        assert_eq!((rows[4].as_bytes(), rows[5].as_bytes()), (&just[..], &just[..]));
        assert_eq!(rows[6], "bob");
        std::fs::write(&path, "").unwrap();
        assert_eq!(LineFile::open(&path).unwrap().rows(), 0);
        assert!(LineFile::open(dir.path().join("none")).is_err());
    }
    /// A row beyond it is in the buffer as a whole, and at its end it is not.
    #[test]
    fn a_line_that_was_cut_is_sent_to_nobody() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("segment");
        let address = "ann@home.example.com";
        let most = LineFile::<fn(&str, u32) -> Recipient<'_>>::MAX_LINE;
        let whole = format!("7,{},{address}", "x".repeat(most - address.len() - 3));
        assert_eq!(whole.len(), most);
        fn columns(line: &str, _: u32) -> Recipient<'_> {
            let contact = line.split(',').next().unwrap().parse().unwrap();
            Recipient::new(RecordId::new(contact), line.rsplit(',').next().unwrap())
        }
        for end in ["\n", "\r\n", ""] {
            for before in [0, 8 * BLOCK / 30] {
                let others: String =
                    (0..before).map(|n| format!("1,{n:0>12}@x.example\n")).collect();
                for (line, expected) in [
                    (whole.clone(), Outcome::Send),
                    (format!("{}x", &whole), Outcome::Blocked(Block::InvalidAddress)),
                    (format!("{}.au", &whole), Outcome::Blocked(Block::InvalidAddress)),
                    (whole.repeat(9), Outcome::Blocked(Block::InvalidAddress)),
                ] {
                    std::fs::write(&path, format!("{others}{line}{end}")).unwrap();
                    let file = LineFile::with(&path, columns).unwrap();
                    let row = u32::try_from(before).unwrap();
                    assert_eq!(file.rows(), u64::from(row) + 1);
                    let selection = Deduplication::new().run(&file).unwrap();
                    assert_eq!(selection.outcome(row), Some(expected), "{} octets", line.len());
                    let read = |recipient: Recipient<'_>| {
                        assert_eq!(recipient.contact(), RecordId::new(7));
                    };
                    file.read(row..row + 1, read).unwrap();
                }
            }
        }
    }

    #[test]
    fn a_file_that_changed_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("segment");
        let text = "ann@a.example\nbob@a.example\n";
        let time = UNIX_EPOCH + std::time::Duration::from_millis(1_700_000_000_500);
        let write = |to: &Path, text: &str, time| {
            std::fs::write(to, text).unwrap();
            File::options().write(true).open(to).unwrap().set_modified(time).unwrap();
        };
        let told = |file: &LineFile| file.read(1..2, |_| ()).unwrap_err();
        write(&path, text, time);
        let file = LineFile::open(&path).unwrap();
        assert_eq!(read(&file, 1..2), ["bob@a.example"]);

        write(&path, &format!("new@a.example\n{text}"), time);
        let error = told(&file);
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        let error = error.to_string();
        let expected = [
            "segment: rows 1..2: it changed: expected 28 octets of 2023-11-14T22:13:20.500Z",
            ", found 42 octets of 2023-11-14T22:13:20.500Z",
        ];
        assert!(expected.iter().all(|part| error.contains(part)), "{error}");

        write(&path, "bob@a.example\nann@a.example\n", time + std::time::Duration::from_secs(1));
        assert!(told(&file).to_string().contains("found 28 octets of 2023-11-14T22:13:21.500Z"));
        write(&path, text, time);
        assert_eq!(read(&file, 0..1), ["ann@a.example"]);
        if cfg!(unix) {
            let other = dir.path().join("other");
            write(&other, "bob@a.example\nann@a.example\n", time);
            std::fs::rename(&other, &path).unwrap();
            assert!(told(&file).to_string().contains("it changed"));
        }
    }

    #[test]
    fn a_file_that_changes_while_it_is_read_is_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("segment");
        std::fs::write(&path, "ann@a.example\n").unwrap();
        let file = LineFile::open(&path).unwrap();
        let change = |_: Recipient<'_>| std::fs::write(&path, "bob@a.example\nann@a.e\n").unwrap();
        let error = file.read(0..1, change).unwrap_err();
        assert!(error.to_string().contains("it changed: expected 14 octets"), "{error}");
    }

    #[test]
    fn errors_name_the_file_and_the_rows() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("segment");
        let error = LineFile::open(&path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let start = format!("{}: counting its lines: ", path.display());
        assert!(error.to_string().starts_with(&start), "{error}");
        std::fs::write(&path, "ann@a.example\n").unwrap();
        let file = LineFile::open(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let error = file.read(0..1, |_| ()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        let start = format!("{}: rows 0..1: ", path.display());
        assert!(error.to_string().starts_with(&start), "{error}");
    }
}

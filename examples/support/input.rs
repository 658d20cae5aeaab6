//! Finds the mails in what the user names: an mbox file, one mail, a directory of `.eml` files, or
//! header lines as JSON, each of the files packed with gzip or not.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;

use super::directory::Directory;
use super::json_lines::JsonLines;
use super::lines::LIMIT;
use super::mbox::{Mbox, is_postmark};
pub(crate) use super::position::{Position, Problem};

const BUFFER: usize = 64 << 10;

/// A mail as found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Item {
    /// The octets of a mail, header and body.
    Raw(Vec<u8>),
    /// One JSON object with the header fields of a mail. Not parsed yet: [`Found::json`] does it.
    Line(String),
}

/// A mail and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) item: Item,
    pub(crate) at: Position,
}

impl Found {
    /// Reads a header line.
    ///
    /// # Errors
    /// The line is not JSON, or not of the shape of `T`; the message names file, line and byte.
    pub(crate) fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, Problem> {
        let wrong = |found: String| Problem::new(self.at.clone(), "a JSON object a line", found);
        match &self.item {
            Item::Raw(_) => Err(wrong("a raw mail".into())),
            Item::Line(line) => serde_json::from_str(line).map_err(|error| {
                // serde_json counts lines within the text it got, which is always one.
                let text = error.to_string();
                let what = text.split(" at line ").next().unwrap_or_default();
                wrong(format!("{what} at column {}", error.column()))
            }),
        }
    }
}

/// The mails of a file or directory, in the order in which they stand there; files of a directory
/// by name. Which format it is, is told by the name, else by the first bytes.
///
/// # Errors
/// The path cannot be opened, or is none of the formats. What is wrong further in comes as an item
/// of the iterator, with its place; what follows is still read.
pub(crate) fn open(path: &Path) -> Result<Mails, Problem> {
    let file: Arc<Path> = Arc::from(path);
    let start = || Position { file: Arc::clone(&file), ordinal: 0, line: None, offset: 0 };
    let unreadable = |error: io::Error| {
        Problem::new(start(), "a file or directory that can be read", error.to_string())
    };
    if fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(Box::new(Directory::new(path)));
    }
    let mut reader = unpacked(path).map_err(unreadable)?;
    // The format shows in the first line; a reader that fails here will do so again, with a place.
    let head = reader.fill_buf().unwrap_or_default();
    let (bom, head) = match head.strip_prefix(b"\xEF\xBB\xBF") {
        Some(rest) => (3, rest),
        None => (0, head),
    };
    let format = format(path, head).ok_or_else(|| {
        let begin: String = String::from_utf8_lossy(head).chars().take(20).collect();
        Problem::new(
            start(),
            "an mbox file, a mail, a directory of .eml files or JSON header lines",
            format!("a file that begins with {begin:?}"),
        )
    })?;
    reader.consume(bom);
    Ok(match format {
        Format::Mbox => Box::new(Mbox::new(file, reader, bom as u64)),
        Format::Lines => Box::new(JsonLines::new(file, reader, bom as u64)),
        Format::Mail => {
            let (found, problem) = one_mail(file, reader, 1);
            Box::new(std::iter::once(Ok(found)).chain(problem.map(Err)))
        }
    })
}

/// The mails of one input, see [`open`].
pub(crate) type Mails = Box<dyn Iterator<Item = Result<Found, Problem>>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Mbox,
    Mail,
    Lines,
}

/// What a file that begins so is: told by its name, else by its content.
pub(crate) fn format(path: &Path, head: &[u8]) -> Option<Format> {
    format_by_name(path).or_else(|| format_by_content(head))
}

fn format_by_name(path: &Path) -> Option<Format> {
    let name = path.file_name()?.to_str()?;
    let name = name.strip_suffix(".gz").unwrap_or(name);
    [(".mbox", Format::Mbox), (".eml", Format::Mail), (".jsonl", Format::Lines)]
        .into_iter()
        .find_map(|(ending, format)| name.ends_with(ending).then_some(format))
}

fn format_by_content(head: &[u8]) -> Option<Format> {
    let first =
        head.split_inclusive(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty());
    let Some(first) = first else { return Some(Format::Mbox) };
    let field = first.iter().position(|&byte| byte == b':').and_then(|end| first.get(..end));
    if is_postmark(first) {
        Some(Format::Mbox)
    } else if first.trim_ascii_start().starts_with(b"{") {
        Some(Format::Lines)
    } else if field.is_some_and(|name| {
        !name.is_empty() && name.iter().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(b))
    }) {
        Some(Format::Mail)
    } else {
        None
    }
}

/// The file, unpacked where it begins as gzip does.
pub(crate) fn unpacked(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut reader = BufReader::with_capacity(BUFFER, File::open(path)?);
    Ok(if reader.fill_buf()?.starts_with(b"\x1F\x8B") {
        Box::new(BufReader::with_capacity(BUFFER, MultiGzDecoder::new(reader)))
    } else {
        Box::new(reader)
    })
}

/// A file that is one mail. A mail over the limit is cut.
pub(crate) fn one_mail(
    file: Arc<Path>,
    reader: impl Read,
    ordinal: usize,
) -> (Found, Option<Problem>) {
    let at = Position { file, ordinal, line: None, offset: 0 };
    let mut mail = Vec::new();
    let problem = match reader.take(LIMIT as u64 + 1).read_to_end(&mut mail) {
        Ok(length) if length > LIMIT => {
            mail.truncate(LIMIT);
            Some(Problem::new(
                at.clone(),
                format!("a mail of at most {LIMIT} bytes"),
                "a longer one; the rest of it was left out",
            ))
        }
        Ok(_) => None,
        Err(error) => Some(Problem::new(
            Position { offset: mail.len() as u64, ..at.clone() },
            "more of the mail",
            format!("a failure to read it: {error}"),
        )),
    };
    (Found { item: Item::Raw(mail), at }, problem)
}

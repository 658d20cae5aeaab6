//! Where in the user's files something stands, and what was wrong there.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where a mail was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    /// The file as the user named it, or a file below the directory that was named.
    pub(crate) file: Arc<Path>,
    /// The how-manieth mail of the input, from 1; 0 for the file itself. It counts over all files of
    /// a directory.
    pub(crate) ordinal: usize,
    /// The line in the file, from 1, where the format has a mail a line.
    pub(crate) line: Option<usize>,
    /// Bytes before it in the file; in a packed file, in what it unpacks to.
    pub(crate) offset: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        match (self.line, self.ordinal) {
            (Some(line), _) => write!(f, ": line {line}, byte {}", self.offset),
            // Before the first mail: the file itself.
            (None, 0) => Ok(()),
            (None, mail) => write!(f, ": mail {mail}, byte {}", self.offset),
        }
    }
}

/// Something in the input that could not be read as it should be. The rest of the input goes on,
/// unless `found` says that it ends there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where.
    pub(crate) at: Position,
    /// What should have stood there.
    pub(crate) expected: String,
    /// What stood there, and what became of it.
    pub(crate) found: String,
}

impl Problem {
    pub(crate) fn new(at: Position, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self { at, expected: expected.into(), found: found.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.at, self.expected, self.found)
    }
}

impl std::error::Error for Problem {}

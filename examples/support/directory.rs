//! The `.eml` files of a directory and those below it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::input::{Found, one_mail, unpacked};
use super::position::{Position, Problem};

/// Directories are followed down to this depth below the one that was named.
const DEPTH: usize = 16;

/// An iterator over the files, by name; a directory stands among them by its own name. What cannot
/// be read is a [`Problem`], and the next file follows.
#[derive(Debug)]
pub(crate) struct Directory {
    /// What is still to be read, the next one last.
    left: Vec<(PathBuf, usize)>,
    ordinal: usize,
    waiting: Option<Problem>,
}

impl Directory {
    pub(crate) fn new(path: &Path) -> Self {
        Self { left: vec![(path.to_owned(), 0)], ordinal: 0, waiting: None }
    }

    fn unreadable(&self, path: &Path, expected: &str, found: String) -> Problem {
        let at =
            Position { file: Arc::from(path), ordinal: self.ordinal + 1, line: None, offset: 0 };
        Problem::new(at, expected, found)
    }

    fn enter(&mut self, path: &Path, depth: usize) -> io::Result<()> {
        let mut inside = Vec::new();
        for entry in fs::read_dir(path)? {
            inside.push((entry?.path(), depth + 1));
        }
        inside.sort_by(|a, b| b.cmp(a));
        self.left.append(&mut inside);
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<Found, Problem> {
        match unpacked(path) {
            Ok(reader) => {
                self.ordinal += 1;
                let (found, problem) = one_mail(Arc::from(path), reader, self.ordinal);
                self.waiting = problem;
                Ok(found)
            }
            Err(error) => Err(self.unreadable(path, "a file that can be read", error.to_string())),
        }
    }
}

impl Iterator for Directory {
    type Item = Result<Found, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(problem) = self.waiting.take() {
            return Some(Err(problem));
        }
        while let Some((path, depth)) = self.left.pop() {
            if path.is_dir() {
                if depth > DEPTH {
                    let expected = format!("at most {DEPTH} directories inside each other");
                    return Some(Err(self.unreadable(&path, &expected, "one more".into())));
                }
                if let Err(error) = self.enter(&path, depth) {
                    let expected = "a directory that can be read";
                    return Some(Err(self.unreadable(&path, expected, error.to_string())));
                }
            } else if is_mail(&path) {
                return Some(self.file(&path));
            }
        }
        None
    }
}

fn is_mail(path: &Path) -> bool {
    path.file_name()
        .and_then(|name| name.to_str())
        .is_some_and(|name| name.strip_suffix(".gz").unwrap_or(name).ends_with(".eml"))
}

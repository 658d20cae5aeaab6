//! What did not survive?

use std::error::Error;
use std::fmt;

/// A store did not survive a kill, or the case could not be run. Says what was expected, what was
/// found, and after how many kills.
#[derive(Debug)]
pub struct CrashError {
    pub(super) kind: CrashErrorKind,
    pub(super) kills: u64,
    pub(super) text: String,
    pub(super) source: Option<Box<dyn Error + Send + Sync>>,
}

/// What kind of failure a [`CrashError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CrashErrorKind {
    /// What was acknowledged is not there, or more than that is.
    Lost,
    /// Of the batch under way some changes are there, and others are not.
    Torn,
    /// A number was handed out twice.
    Repeated,
    /// The store makes other keys than before.
    Rekeyed,
    /// The store could not be opened or read, or refused a batch.
    Store,
    /// The child could not be started, ended by itself, or said nothing for a minute: the case could
    /// not be run.
    Child,
}

impl CrashError {
    pub(super) fn new(kind: CrashErrorKind, text: impl Into<String>) -> Self {
        Self { kind, kills: 0, text: text.into(), source: None }
    }

    pub(super) fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of failure it is.
    #[must_use]
    pub const fn kind(&self) -> CrashErrorKind {
        self.kind
    }

    /// How many kills it took.
    #[must_use]
    pub const fn kills(&self) -> u64 {
        self.kills
    }
}

impl fmt::Display for CrashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            CrashErrorKind::Lost => "C-DUR-2: the store differs from what was acknowledged",
            CrashErrorKind::Torn => "C-DUR-2: the batch under way is there in part",
            CrashErrorKind::Repeated => "C-SEQ-4: a number was handed out twice",
            CrashErrorKind::Rekeyed => "C-DUR-1: the store has another key maker than before",
            CrashErrorKind::Store => "the store failed",
            CrashErrorKind::Child => "the case could not be run",
        };
        write!(f, "after {} kills: {what}: {}", self.kills, self.text)
    }
}

impl Error for CrashError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

//! What can go wrong in a store.

use std::error::Error;
use std::fmt;

/// What kind of failure a [`StoreError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The store promised [`Immediate`](super::Immediate) answers and did not keep it.
    BrokenPromise,
    /// The store is full: its configured bound, or the medium.
    Full,
    /// The change or look-up is none that this store can do.
    Unsupported,
    /// The store cannot be reached now, or is in use by somebody else: a later attempt may succeed.
    Unavailable,
    /// What the store holds cannot be read: damaged, or written by a later version.
    Corrupt,
    /// The store was written by another version of its format or of folding, and has to be rebuilt.
    Outdated,
    /// Anything else; the source tells.
    Other,
}

/// A store failed. Says what was attempted; [`source`](Error::source) is the store's own error.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    attempt: &'static str,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl StoreError {
    /// A failure of `kind` while `attempt`ing something, such as "filing a mail".
    #[must_use]
    pub const fn new(kind: StoreErrorKind, attempt: &'static str) -> Self {
        Self { kind, attempt, source: None }
    }

    /// The same with the store's own error behind it.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The store does not support what was attempted.
    #[must_use]
    pub const fn unsupported(attempt: &'static str) -> Self {
        Self::new(StoreErrorKind::Unsupported, attempt)
    }

    /// What kind of failure it is.
    #[must_use]
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// May the same attempt succeed later, with nothing done about it?
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self.kind, StoreErrorKind::Unavailable)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            StoreErrorKind::BrokenPromise => {
                "the store promised to be ready at the first poll and was not"
            }
            StoreErrorKind::Full => "the store is full",
            StoreErrorKind::Unsupported => "the store does not support it",
            StoreErrorKind::Unavailable => "the store cannot be reached now",
            StoreErrorKind::Corrupt => "the store cannot be read",
            StoreErrorKind::Outdated => "the store has to be rebuilt",
            StoreErrorKind::Other => "the store failed",
        };
        write!(f, "{}: {what}", self.attempt)
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_was_attempted_and_why_it_failed() {
        let error = StoreError::new(StoreErrorKind::Other, "filing a mail").because("disk on fire");
        assert_eq!(error.to_string(), "filing a mail: the store failed");
        assert_eq!(error.source().unwrap().to_string(), "disk on fire");
        for (kind, text) in [
            (StoreErrorKind::Full, "x: the store is full"),
            (StoreErrorKind::Unsupported, "x: the store does not support it"),
            (
                StoreErrorKind::BrokenPromise,
                "x: the store promised to be ready at the first poll and was not",
            ),
        ] {
            assert_eq!(StoreError::new(kind, "x").to_string(), text);
        }
    }
}

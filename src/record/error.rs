//! What is wrong with a record.

use super::stored::Record;

/// A record could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct RecordError(#[from] pub(super) RecordProblem);

impl RecordError {
    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> RecordErrorKind {
        match self.0 {
            RecordProblem::Body { .. } => RecordErrorKind::BodyTooLong,
            RecordProblem::Nul { .. } => RecordErrorKind::NulInBody,
            RecordProblem::Keys { .. } => RecordErrorKind::TooManyKeys,
        }
    }
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordErrorKind {
    /// The body is longer than [`Record::MAX_BODY`].
    BodyTooLong,
    /// The body holds U+0000, which not every store can keep.
    NulInBody,
    /// More than [`Record::MAX_KEYS`] unique or look-up keys.
    TooManyKeys,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RecordProblem {
    #[error("record body: expected at most {} octets, found {found}", Record::MAX_BODY)]
    Body { found: usize },
    #[error("record body: expected no U+0000, found one at octet {at}")]
    Nul { at: usize },
    #[error("record keys: expected at most {}, found {found}", Record::MAX_KEYS)]
    Keys { found: usize },
}

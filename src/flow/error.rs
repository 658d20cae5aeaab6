//! Why a use case came to no end.

use std::error::Error;
use std::fmt;
use std::num::NonZeroU32;

use super::ROUNDS;
use crate::consent::ConsentError;
use crate::id::RecordId;
use crate::record::{RecordKind, RecordRef};
use crate::settings::BodyError;
use crate::store::{BatchError, Block, StoreError};
use crate::token::{RenderError, TrackingTokenError};

/// What kind of failure a [`FlowError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FlowErrorKind {
    /// Others kept winning the race.
    Contended,
    /// The store failed; the source tells how.
    Store,
    /// What the host adds does not fit into one batch with the rest; the source tells why. Trying
    /// again does not help.
    Batch,
    /// The store answered what its contract rules out.
    BrokenContract,
    /// The settings make no token for this user; the message says which one to change.
    Settings,
    /// The token that was brought along is none.
    OwnToken,
    /// The sender is a record that sends no mail by its own counter.
    NotAUser,
    /// Whose consent it is to be is no contact; the message names the record.
    NotAContact,
    /// The organization has not been made yet ([`provision`](super::settings::provision())).
    NotProvisioned,
    /// There are more records than can be looked at; the message says how many can.
    TooMany,
    /// The record is too long for a store to keep; the source tells.
    TooLong,
    /// What is to be confirmed cannot be asked for: there are too few seeds for the links, or one of them
    /// belongs to another record. The message says which; draw anew.
    Seeds,
}

/// A use case came to no end. What it did is undone or was never begun, except where the store says
/// otherwise.
#[derive(Debug)]
pub struct FlowError(Problem);

#[derive(Debug)]
enum Problem {
    Contended,
    Store(StoreError),
    Batch(BatchError),
    Sequence { above: u64, asked: NonZeroU32, found: Block },
    Render(RenderError),
    OwnToken(TrackingTokenError),
    NotAUser(RecordRef),
    NotAContact(RecordRef),
    NotProvisioned,
    TooMany(RecordKind, usize),
    TooLong(BodyError),
    Seeds(ConsentError),
    IdTaken(RecordId),
}

impl FlowError {
    pub(super) const fn contended() -> Self {
        Self(Problem::Contended)
    }

    pub(super) const fn broken_sequence(above: u64, asked: NonZeroU32, found: Block) -> Self {
        Self(Problem::Sequence { above, asked, found })
    }

    pub(super) const fn not_a_user(found: RecordRef) -> Self {
        Self(Problem::NotAUser(found))
    }

    pub(super) const fn not_a_contact(found: RecordRef) -> Self {
        Self(Problem::NotAContact(found))
    }

    pub(super) const fn not_provisioned() -> Self {
        Self(Problem::NotProvisioned)
    }

    /// The id or the link of a seed belongs to another record.
    pub(super) const fn id_taken(id: RecordId) -> Self {
        Self(Problem::IdTaken(id))
    }

    /// There are more than `most` records of this kind.
    pub(super) const fn too_many(kind: RecordKind, most: usize) -> Self {
        Self(Problem::TooMany(kind, most))
    }

    /// What kind of failure it is.
    #[must_use]
    pub const fn kind(&self) -> FlowErrorKind {
        match self.0 {
            Problem::Contended => FlowErrorKind::Contended,
            Problem::Store(_) => FlowErrorKind::Store,
            Problem::Batch(_) => FlowErrorKind::Batch,
            Problem::Sequence { .. } => FlowErrorKind::BrokenContract,
            Problem::Render(_) => FlowErrorKind::Settings,
            Problem::OwnToken(_) => FlowErrorKind::OwnToken,
            Problem::NotAUser(_) => FlowErrorKind::NotAUser,
            Problem::NotAContact(_) => FlowErrorKind::NotAContact,
            Problem::NotProvisioned => FlowErrorKind::NotProvisioned,
            Problem::TooMany(..) => FlowErrorKind::TooMany,
            Problem::TooLong(_) => FlowErrorKind::TooLong,
            Problem::Seeds(_) | Problem::IdTaken(_) => FlowErrorKind::Seeds,
        }
    }

    /// The store's error, where the store failed.
    #[must_use]
    pub const fn store_error(&self) -> Option<&StoreError> {
        match &self.0 {
            Problem::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl From<StoreError> for FlowError {
    fn from(error: StoreError) -> Self {
        Self(Problem::Store(error))
    }
}

impl From<BatchError> for FlowError {
    fn from(error: BatchError) -> Self {
        Self(Problem::Batch(error))
    }
}

impl From<BodyError> for FlowError {
    fn from(error: BodyError) -> Self {
        Self(Problem::TooLong(error))
    }
}

impl From<ConsentError> for FlowError {
    fn from(error: ConsentError) -> Self {
        Self(Problem::Seeds(error))
    }
}

impl From<RenderError> for FlowError {
    fn from(error: RenderError) -> Self {
        Self(Problem::Render(error))
    }
}

impl From<TrackingTokenError> for FlowError {
    fn from(error: TrackingTokenError) -> Self {
        Self(Problem::OwnToken(error))
    }
}

impl fmt::Display for FlowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Problem::Contended => write!(f, "{ROUNDS} rounds were lost against other writers"),
            Problem::Store(_) => f.write_str("the store failed"),
            Problem::Batch(_) => f.write_str("the changes do not fit into one batch"),
            Problem::Sequence { above, asked, found } => write!(
                f,
                "the store breaks its contract (C-SEQ-1, C-SEQ-2): asked for {asked} numbers above \
                 {above}, it handed out {} from {} on",
                found.len(),
                found.first()
            ),
            Problem::Render(error) => error.fmt(f),
            Problem::OwnToken(error) => error.fmt(f),
            Problem::NotAUser(found) => {
                write!(f, "sender: expected a user (of a queue: its owner), found {found}")
            }
            Problem::NotAContact(found) => {
                write!(f, "held submission: expected a contact, found {found}")
            }
            Problem::NotProvisioned => {
                f.write_str("expected a provisioned organization, found none: provision it first")
            }
            Problem::TooMany(kind, most) => {
                write!(f, "expected at most {most} records of kind {kind:?}, found more")
            }
            Problem::TooLong(_) => f.write_str("the record is too long to be kept"),
            Problem::Seeds(error) => error.fmt(f),
            Problem::IdTaken(id) => {
                write!(f, "seeds of links: expected new ids and tokens, found those of {id} in use")
            }
        }
    }
}

impl Error for FlowError {
    /// The error of the store or of the batch; the message of any other failure says all there is.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Problem::Store(error) => Some(error),
            Problem::Batch(error) => Some(error),
            Problem::TooLong(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RecordKind;
    use crate::store::StoreErrorKind;

    #[test]
    fn says_why() {
        assert_eq!(FlowError::contended().to_string(), "8 rounds were lost against other writers");
        let failed = FlowError::from(StoreError::new(StoreErrorKind::Other, "filing a mail"));
        assert_eq!(failed.to_string(), "the store failed");
        assert_eq!(failed.source().unwrap().to_string(), "filing a mail: the store failed");
        let queue = FlowError::not_a_user(RecordKind::Queue.of(RecordId::new(10)));
        assert_eq!(
            queue.to_string(),
            "sender: expected a user (of a queue: its owner), found Queue \
             0000000000000000000000000000000a"
        );
        assert!(queue.source().is_none());
        let unfit = FlowError::from(BatchError::NotAlone);
        assert_eq!(unfit.to_string(), "the changes do not fit into one batch");
        assert!(
            unfit.source().unwrap().to_string().starts_with("batch: expected a change of the ")
        );
        assert_eq!(
            FlowError::not_provisioned().to_string(),
            "expected a provisioned organization, found none: provision it first"
        );
        assert_eq!(
            FlowError::too_many(RecordKind::LeadScoring, 10_000).to_string(),
            "expected at most 10000 records of kind LeadScoring, found more"
        );
    }
}

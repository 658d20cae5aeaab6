//! What is wrong with a value of consent.

use super::link::{LinkLife, LinkToken};
use super::lists::Memberships;
use super::wanted::Wanted;
use crate::id::RecordId;
use crate::record::RecordRef;

/// A value was refused; the message names it, what was expected and what was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct ConsentError(#[from] pub(super) Problem);

impl ConsentError {
    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> ConsentErrorKind {
        match self.0 {
            Problem::Level { .. } => ConsentErrorKind::Level,
            Problem::Flag { .. } => ConsentErrorKind::Flag,
            Problem::Lists { .. } | Problem::TooManyLists { .. } => ConsentErrorKind::Lists,
            Problem::Wanted { .. } | Problem::BothWays { .. } | Problem::NotOffered { .. } => {
                ConsentErrorKind::Wanted
            }
            Problem::Held { .. } => ConsentErrorKind::Held,
            Problem::Entropy { .. } | Problem::Seeds { .. } => ConsentErrorKind::Entropy,
            Problem::Link => ConsentErrorKind::Link,
            Problem::Life { .. } => ConsentErrorKind::Life,
            Problem::Body { .. } => ConsentErrorKind::Body,
        }
    }
}

/// What is wrong with a value of consent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConsentErrorKind {
    /// The consent level is no option of its choice.
    Level,
    /// A yes-or-no column of a contact holds something else.
    Flag,
    /// The memberships of a contact cannot be read, or are too many.
    Lists,
    /// What is wanted contradicts itself, is too much, or was not offered.
    Wanted,
    /// A held submission carries what belongs to its wishes.
    Held,
    /// The entropy of a link is too short or too long, or there are too few links.
    Entropy,
    /// The text is no link token.
    Link,
    /// The life of a link is out of range.
    Life,
    /// A record does not hold what its kind says.
    Body,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Problem {
    #[error(
        "consent level: expected no value or a choice from 587030001 to 587030005, found {found}"
    )]
    Level { found: String },
    #[error("{column}: expected yes or no, found {found}")]
    Flag { column: &'static str, found: String },
    #[error(
        "{}: expected ids of lists with a space between, found {found}",
        Memberships::ATTRIBUTE
    )]
    Lists { found: String },
    #[error("memberships: expected at most {} lists, found {found}", Memberships::MAX)]
    TooManyLists { found: usize },
    #[error("wanted lists: expected at most {} to join or leave, found {found}", Wanted::MAX_LISTS)]
    Wanted { found: usize },
    #[error("wanted lists: expected each to be joined or left, found both of list {list}")]
    BothWays { list: RecordId },
    #[error("ticked lists: expected those that the form offers, found list {list}")]
    NotOffered { list: RecordId },
    #[error("held submission: expected values without {column}, found one")]
    Held { column: &'static str },
    #[error(
        "entropy of a link: expected {} to {} octets, found {found}",
        LinkToken::MIN_LEN,
        LinkToken::MAX_LEN
    )]
    Entropy { found: usize },
    #[error("links: expected one for each of {wanted} confirmations, found {found}")]
    Seeds { wanted: usize, found: usize },
    #[error(
        "link: expected {} to {} hexadecimal digits, an even number",
        2 * LinkToken::MIN_LEN,
        2 * LinkToken::MAX_LEN
    )]
    Link,
    #[error("life of a link: expected 1 to {} days, found {found}", LinkLife::MAX_DAYS)]
    Life { found: u16 },
    #[error("{record}: expected {expected}: {why}")]
    Body { record: RecordRef, expected: &'static str, why: String },
}

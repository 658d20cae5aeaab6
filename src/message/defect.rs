//! What was wrong with a mail that was read all the same.

use super::message_id::InvalidMessageId;
use super::thread_index::InvalidThreadIndex;

/// Something in a mail that is missing, unreadable or cut. The mail is kept with what could be read.
///
/// Prints as a sentence: what was expected, what was found, in which header. Texts of the mail are
/// quoted with at most [`MAX_QUOTE`](Self::MAX_QUOTE) characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Defect {
    /// Not one header could be read.
    #[error("expected header fields, found none in {octets} octets")]
    #[non_exhaustive]
    NoHeaders {
        /// How many octets there were.
        octets: usize,
    },
    /// There is no `Message-ID` at all: nothing can refer to this mail.
    #[error("expected a Message-ID header, found none")]
    MissingMessageId,
    /// `Message-ID` holds no id.
    #[error("Message-ID {found:?}: {reason}")]
    #[non_exhaustive]
    InvalidMessageId {
        /// The beginning of the value.
        found: Box<str>,
        /// Why it is none.
        reason: InvalidMessageId,
    },
    /// `In-Reply-To` or `References` has text but no id in it.
    #[error("expected message ids in {header}, found {found:?}")]
    #[non_exhaustive]
    NoIds {
        /// Which header.
        header: &'static str,
        /// The beginning of the value.
        found: Box<str>,
    },
    /// An "id" in `In-Reply-To` is the address of a participant and was left out.
    #[error("expected a message id in In-Reply-To, found the address {found:?}")]
    #[non_exhaustive]
    AddressAsId {
        /// The address.
        found: Box<str>,
    },
    /// More ids than are kept; those between the first and the last 63 were left out.
    #[error("expected at most 64 ids in {header}, found {found}: kept the first and the last 63")]
    #[non_exhaustive]
    TooManyIds {
        /// Which header.
        header: &'static str,
        /// How many ids there were.
        found: usize,
    },
    /// `Thread-Index` could not be read.
    #[error(transparent)]
    InvalidThreadIndex(InvalidThreadIndex),
    /// `Thread-Index` is longer than 2048 characters or ends in half a block, which was left out.
    #[error("expected 22 octets and blocks of 5 in Thread-Index, left out what was beyond {kept}")]
    #[non_exhaustive]
    ThreadIndexCut {
        /// How many octets were kept.
        kept: usize,
    },
    /// A date that is no point in time.
    #[error("expected a date in Date, found {found:?}")]
    #[non_exhaustive]
    UnreadableDate {
        /// The beginning of the value.
        found: Box<str>,
    },
    /// A participant without a usable address.
    #[error("expected an address in {header}, found {found:?}")]
    #[non_exhaustive]
    UnreadableAddress {
        /// Which header.
        header: &'static str,
        /// The beginning of what stands there.
        found: Box<str>,
    },
    /// More participants than are kept; the first ones were.
    #[error("expected at most {kept} participants, found {found}: kept the first")]
    #[non_exhaustive]
    TooManyParticipants {
        /// How many there were.
        found: usize,
        /// How many were kept.
        kept: usize,
    },
    /// Octets that are not UTF-8 were replaced by U+FFFD.
    #[error("expected UTF-8 in {header}, found other octets: replaced by U+FFFD")]
    #[non_exhaustive]
    InvalidUtf8 {
        /// Which header.
        header: &'static str,
    },
    /// A header that RFC 5322 section 3.6 allows once.
    #[error("expected {header} once, found it {found} times")]
    #[non_exhaustive]
    SeveralHeaders {
        /// Which header.
        header: &'static str,
        /// How often it stands there.
        found: usize,
    },
    /// A value beyond its limit was cut there.
    #[error("expected at most {limit} octets in {header}, found {octets}: cut")]
    #[non_exhaustive]
    Oversized {
        /// Which header, or `the headers` for all of them together.
        header: &'static str,
        /// How many octets it has.
        octets: usize,
        /// How many are read.
        limit: usize,
    },
}

impl Defect {
    /// Characters of a mail that a defect quotes.
    pub const MAX_QUOTE: usize = 60;

    /// The beginning of a text, for the person who reads the defect.
    pub(crate) fn quote(text: &str) -> Box<str> {
        text.trim().chars().take(Self::MAX_QUOTE).collect::<String>().into()
    }
}

/// The defects of one mail: the first 16, and how many more there were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Defects {
    list: Vec<Defect>,
    more: usize,
}

impl Defects {
    pub(super) const MAX: usize = 16;

    pub(super) fn push(&mut self, defect: Defect) {
        if self.list.len() < Self::MAX {
            self.list.push(defect);
        } else {
            self.more += 1;
        }
    }

    pub(super) fn as_slice(&self) -> &[Defect] {
        &self.list
    }

    pub(super) const fn more(&self) -> usize {
        self.more
    }
}

//! A party that is to be there, once.

use super::attribute::Attributes;
use crate::id::RecordId;
use crate::record::{LookupKey, RecordKind};

/// Under what a write is delivered again after a crash: the id of the submission, say. The same key
/// is worked off once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeliveryKey(u128);

impl DeliveryKey {
    /// The key with this number.
    #[must_use]
    pub const fn new(number: u128) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u128 {
        self.0
    }
}

/// A contact, lead or account that is to be there: created where nobody has its match key, updated
/// where somebody has.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PartyWrite {
    /// What is created.
    pub kind: RecordKind,
    /// What it is recognised by. A host keeps the 16 octets in a column with a unique index.
    pub match_key: LookupKey,
    /// The attributes to set; others stay as they are.
    pub attributes: Attributes,
}

impl PartyWrite {
    /// A party of this kind under this key, with these attributes.
    #[must_use]
    pub const fn new(kind: RecordKind, match_key: LookupKey, attributes: Attributes) -> Self {
        Self { kind, match_key, attributes }
    }
}

/// What became of a [`PartyWrite`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartyWritten {
    /// Nobody had the match key; this is the new record.
    Created(RecordId),
    /// This record had the match key and was updated.
    Updated(RecordId),
    /// The delivery key was worked off before, with this record; nothing was done now.
    Repeated(RecordId),
}

impl PartyWritten {
    /// The record, in any case.
    #[must_use]
    pub const fn id(self) -> RecordId {
        match self {
            Self::Created(id) | Self::Updated(id) | Self::Repeated(id) => id,
        }
    }
}

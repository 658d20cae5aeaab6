//! One filed mail.

use chrono::{DateTime, Utc};

use super::key::IndexKey;
use super::moment::to_microsecond;
use crate::id::RecordId;

/// At most this many keys a row: 1 own id, 64 references, 40 addresses, 40 words, 8 tokens, and 3
/// that come once. The rest is cut off by [`MessageRow::new`].
pub const MAX_ROW_KEYS: usize = 160;

/// A mail as the index knows it: when it was created, what it belongs to, and its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    id: RecordId,
    created: DateTime<Utc>,
    conversation: RecordId,
    keys: Vec<IndexKey>,
}

impl MessageRow {
    /// A row. `created` is kept to the microsecond, as every adapter can; of `keys`, which name
    /// each key once, the first
    /// [`MAX_ROW_KEYS`] are kept.
    #[must_use]
    pub fn new(
        id: RecordId,
        created: DateTime<Utc>,
        conversation: RecordId,
        mut keys: Vec<IndexKey>,
    ) -> Self {
        keys.truncate(MAX_ROW_KEYS);
        Self { id, created: to_microsecond(created), conversation, keys }
    }

    /// The email activity that the row stands for.
    #[must_use]
    pub const fn id(&self) -> RecordId {
        self.id
    }

    /// When the mail was created: its date, or when it arrived where it has none.
    #[must_use]
    pub const fn created(&self) -> DateTime<Utc> {
        self.created
    }

    /// The first mail of the conversation; the mail itself where it began one.
    #[must_use]
    pub const fn conversation(&self) -> RecordId {
        self.conversation
    }

    /// What it is found by.
    #[must_use]
    pub fn keys(&self) -> &[IndexKey] {
        &self.keys
    }
}

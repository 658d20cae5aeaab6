//! What is asked of a message index.

use chrono::{DateTime, Utc};

use super::key::{IndexKey, Kinds};
use super::moment::to_microsecond;

/// At most this many rows a look-up; [`Lookup::rows`] asks for fewer.
pub const MAX_LOOKUP_ROWS: u8 = 64;

/// The newest rows under one key, within a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookup {
    key: IndexKey,
    rows: u8,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    carry: Kinds,
}

impl Lookup {
    /// The newest row under `key`, at any time, without its keys.
    #[must_use]
    pub const fn new(key: IndexKey) -> Self {
        Self { key, rows: 1, since: None, until: None, carry: Kinds::NONE }
    }

    /// Up to `rows` of them: 1 to [`MAX_LOOKUP_ROWS`]; what lies outside is moved to the next end.
    #[must_use]
    pub fn rows(mut self, rows: u8) -> Self {
        self.rows = rows.clamp(1, MAX_LOOKUP_ROWS);
        self
    }

    /// Only rows created at `since` or later, and at `until` or earlier, to the microsecond as rows
    /// are.
    #[must_use]
    pub fn within(mut self, since: Option<DateTime<Utc>>, until: Option<DateTime<Utc>>) -> Self {
        self.since = since.map(to_microsecond);
        self.until = until.map(to_microsecond);
        self
    }

    /// Each row brings its keys of these kinds.
    #[must_use]
    pub const fn carrying(mut self, kinds: Kinds) -> Self {
        self.carry = kinds;
        self
    }

    /// The key asked for.
    #[must_use]
    pub const fn key(&self) -> &IndexKey {
        &self.key
    }

    /// How many rows at most.
    #[must_use]
    pub const fn row_limit(&self) -> u8 {
        self.rows
    }

    /// The earliest creation time, inclusive.
    #[must_use]
    pub const fn since(&self) -> Option<DateTime<Utc>> {
        self.since
    }

    /// The latest creation time, inclusive.
    #[must_use]
    pub const fn until(&self) -> Option<DateTime<Utc>> {
        self.until
    }

    /// Which of its keys a row brings.
    #[must_use]
    pub const fn carry(&self) -> Kinds {
        self.carry
    }
}

/// Look-ups that are answered in one round trip, from one state of the index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageQuery {
    lookups: Vec<Lookup>,
}

impl MessageQuery {
    /// At most this many look-ups a query.
    pub const MAX_LOOKUPS: usize = 256;

    /// A query without look-ups, with room for `capacity`.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { lookups: Vec::with_capacity(capacity.min(Self::MAX_LOOKUPS)) }
    }

    /// Adds a look-up; `false` when the query was full and nothing was added.
    #[must_use = "a full query takes nothing"]
    pub fn push(&mut self, lookup: Lookup) -> bool {
        let room = self.lookups.len() < Self::MAX_LOOKUPS;
        if room {
            self.lookups.push(lookup);
        }
        room
    }

    /// The look-ups, in the order in which they are answered.
    #[must_use]
    pub fn lookups(&self) -> &[Lookup] {
        &self.lookups
    }
}

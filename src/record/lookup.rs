//! Records by look-up key.

use std::ops::Range;

use super::key::LookupKey;
use super::stored::Versioned;
use crate::index::COUNT_CAP;

/// At most this many rows a look-up.
const MAX_ROWS: u8 = 64;

/// The records under one key, most recently modified first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordLookup {
    key: LookupKey,
    rows: u8,
}

impl RecordLookup {
    /// The most recently modified record under `key`.
    #[must_use]
    pub const fn new(key: LookupKey) -> Self {
        Self { key, rows: 1 }
    }

    /// Up to `rows` of them: 1 to 64; what lies outside is moved to the next end.
    #[must_use]
    pub fn rows(mut self, rows: u8) -> Self {
        self.rows = rows.clamp(1, MAX_ROWS);
        self
    }

    /// The key asked for.
    #[must_use]
    pub const fn key(&self) -> &LookupKey {
        &self.key
    }

    /// How many rows at most.
    #[must_use]
    pub const fn row_limit(&self) -> u8 {
        self.rows
    }
}

/// Look-ups that are answered in one round trip, from one state of the store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordQuery {
    lookups: Vec<RecordLookup>,
}

impl RecordQuery {
    /// At most this many look-ups a query.
    pub const MAX_LOOKUPS: usize = 1_000;

    /// Adds a look-up; `false` when the query was full and nothing was added.
    #[must_use = "a full query takes nothing"]
    pub fn push(&mut self, lookup: RecordLookup) -> bool {
        let room = self.lookups.len() < Self::MAX_LOOKUPS;
        if room {
            self.lookups.push(lookup);
        }
        room
    }

    /// The look-ups, in the order in which they are answered.
    #[must_use]
    pub fn lookups(&self) -> &[RecordLookup] {
        &self.lookups
    }
}

impl FromIterator<RecordLookup> for RecordQuery {
    /// The first [`MAX_LOOKUPS`](Self::MAX_LOOKUPS).
    fn from_iter<I: IntoIterator<Item = RecordLookup>>(lookups: I) -> Self {
        Self { lookups: lookups.into_iter().take(Self::MAX_LOOKUPS).collect() }
    }
}

/// The records of every look-up of a query, in the order of the query. A store builds it front to
/// back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordAnswer {
    found: Vec<Versioned>,
    lookups: Vec<(usize, u8)>,
}

impl RecordAnswer {
    /// An answer to no look-up yet, with room for `lookups`.
    #[must_use]
    pub fn with_capacity(lookups: usize) -> Self {
        Self { found: Vec::with_capacity(lookups), lookups: Vec::with_capacity(lookups) }
    }

    /// Adds a record to the look-up that is being answered.
    pub fn push(&mut self, found: Versioned) {
        self.found.push(found);
    }

    /// Ends the look-up that is being answered: `count` records carry its key, counted up to
    /// [`COUNT_CAP`], whether they are in the answer or not.
    pub fn end_lookup(&mut self, count: usize) {
        let count = u8::try_from(count).map_or(COUNT_CAP, |count| count.min(COUNT_CAP));
        self.lookups.push((self.found.len(), count));
    }

    /// The records that the look-up at this place of the query found; none beyond its end.
    #[must_use]
    pub fn found(&self, lookup: usize) -> &[Versioned] {
        self.found.get(self.place(lookup)).unwrap_or_default()
    }

    /// How many records carry the key of this look-up, counted up to [`COUNT_CAP`].
    #[must_use]
    pub fn count(&self, lookup: usize) -> u8 {
        self.lookups.get(lookup).map_or(0, |(_, count)| *count)
    }

    /// How many look-ups are answered.
    #[must_use]
    pub const fn lookups(&self) -> usize {
        self.lookups.len()
    }

    fn place(&self, lookup: usize) -> Range<usize> {
        let end = |lookup: usize| self.lookups.get(lookup).map(|(end, _)| *end);
        let start = lookup.checked_sub(1).and_then(end).unwrap_or(0);
        start..end(lookup).unwrap_or(start)
    }
}

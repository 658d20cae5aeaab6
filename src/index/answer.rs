//! What a message index answers.

use chrono::{DateTime, Utc};

use super::key::{IndexKey, IndexKind};
use crate::id::RecordId;

/// How often a key occurs is counted up to here: beyond it, a key is simply common.
pub const COUNT_CAP: u8 = 64;

/// A row that a look-up found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answered<'a> {
    id: RecordId,
    created: DateTime<Utc>,
    conversation: RecordId,
    keys: &'a [IndexKey],
}

impl<'a> Answered<'a> {
    /// The email activity.
    #[must_use]
    pub const fn id(&self) -> RecordId {
        self.id
    }

    /// When it was created.
    #[must_use]
    pub const fn created(&self) -> DateTime<Utc> {
        self.created
    }

    /// The first mail of its conversation.
    #[must_use]
    pub const fn conversation(&self) -> RecordId {
        self.conversation
    }

    /// Its keys of the kinds that were asked for.
    #[must_use]
    pub const fn keys(&self) -> &'a [IndexKey] {
        self.keys
    }

    /// Does it carry this key? Only kinds that were asked for can be seen.
    #[must_use]
    pub fn carries(&self, key: &IndexKey) -> bool {
        self.keys.contains(key)
    }

    /// Its keys of one kind.
    pub fn keys_of(&self, kind: IndexKind) -> impl Iterator<Item = &'a IndexKey> {
        self.keys.iter().filter(move |key| key.kind() == kind)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    id: RecordId,
    created: DateTime<Utc>,
    conversation: RecordId,
    keys_end: usize,
}

/// The rows of every look-up of a query, in the order of the query; within a look-up newest first,
/// then by descending id. A store builds it front to back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    rows: Vec<Row>,
    keys: Vec<IndexKey>,
    lookups: Vec<(usize, u8)>,
}

impl Answer {
    /// An answer to no look-up yet, with room for `lookups`.
    #[must_use]
    pub fn with_capacity(lookups: usize) -> Self {
        Self {
            rows: Vec::with_capacity(lookups),
            keys: Vec::with_capacity(4 * lookups),
            lookups: Vec::with_capacity(lookups),
        }
    }

    /// Adds a row to the look-up that is being answered, with those of its keys that were asked for.
    pub fn push(
        &mut self,
        id: RecordId,
        created: DateTime<Utc>,
        conversation: RecordId,
        keys: impl IntoIterator<Item = IndexKey>,
    ) {
        self.keys.extend(keys);
        self.rows.push(Row { id, created, conversation, keys_end: self.keys.len() });
    }

    /// Ends the look-up that is being answered: `count` rows within its window carry its key,
    /// counted up to [`COUNT_CAP`], whether they are in the answer or not.
    pub fn end_lookup(&mut self, count: usize) {
        let count = u8::try_from(count).map_or(COUNT_CAP, |count| count.min(COUNT_CAP));
        self.lookups.push((self.rows.len(), count));
    }

    /// The rows that the look-up at this place of the query found; none beyond its end.
    pub fn rows(&self, lookup: usize) -> impl Iterator<Item = Answered<'_>> {
        let end = self.lookups.get(lookup).map_or(0, |(end, _)| *end);
        let start = match lookup.checked_sub(1) {
            Some(before) => self.lookups.get(before).map_or(end, |(end, _)| *end),
            None => 0,
        };
        (start..end).filter_map(|at| self.row(at))
    }

    /// The newest row that the look-up at this place found.
    #[must_use]
    pub fn newest(&self, lookup: usize) -> Option<Answered<'_>> {
        self.rows(lookup).next()
    }

    /// How many rows within the window carry the key of this look-up, counted up to [`COUNT_CAP`].
    #[must_use]
    pub fn count(&self, lookup: usize) -> u8 {
        self.lookups.get(lookup).map_or(0, |(_, count)| *count)
    }

    fn row(&self, at: usize) -> Option<Answered<'_>> {
        let row = self.rows.get(at)?;
        let start =
            at.checked_sub(1).and_then(|at| self.rows.get(at)).map_or(0, |row| row.keys_end);
        let keys = self.keys.get(start..row.keys_end)?;
        Some(Answered { id: row.id, created: row.created, conversation: row.conversation, keys })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Keyer;

    #[test]
    fn brings_back_each_lookup_with_its_rows_and_keys() {
        let key = |text: &[u8]| Keyer::from_secret([0; 16]).key(IndexKind::Address, text);
        let time = DateTime::UNIX_EPOCH;
        let mut answer = Answer::default();
        answer.push(RecordId::new(1), time, RecordId::new(1), [key(b"a"), key(b"b")]);
        answer.push(RecordId::new(2), time, RecordId::new(1), []);
        answer.end_lookup(100);
        answer.end_lookup(0);
        answer.push(RecordId::new(3), time, RecordId::new(3), [key(b"c")]);
        answer.end_lookup(1);

        let ids = |lookup| answer.rows(lookup).map(|row| row.id().get()).collect::<Vec<_>>();
        assert_eq!([ids(0), ids(1), ids(2), ids(3)], [vec![1, 2], vec![], vec![3], vec![]]);
        assert_eq!([0, 1, 2, 3].map(|lookup| answer.count(lookup)), [COUNT_CAP, 0, 1, 0]);
        let first = answer.newest(0).unwrap();
        assert!(first.carries(&key(b"b")) && !first.carries(&key(b"c")));
        assert_eq!(answer.newest(2).unwrap().keys_of(IndexKind::Address).count(), 1);
    }
}

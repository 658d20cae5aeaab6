//! The filed mails of one tenant.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::num::NonZeroU32;

use chrono::{DateTime, Utc};

use super::keys::{Carriers, KeyTable, RowKey, RowNumber};
use super::numbers::NumberTable;
use crate::id::RecordId;
use crate::index::{Answer, COUNT_CAP, IndexKey, Kinds, Lookup, MessageQuery, MessageRow};

/// Row numbers share a word with a marker.
pub(super) const MAX_ROWS: NonZeroU32 = NonZeroU32::MIN.saturating_add((1 << 31) - 3);

/// How many look-ups wait for memory together: about as many reads as a processor keeps under way.
const AHEAD: usize = 16;

/// 56 octets: ids as octets, since a `u128` would be aligned to 16.
#[derive(Debug)]
struct Row {
    created: i64,
    id: [u8; 16],
    conversation: [u8; 16],
    keys: Box<[RowKey]>,
}

impl Row {
    /// The time of a row that is not in use; before all that can be told.
    const VACANT: i64 = i64::MIN;

    /// A row is older where this is less; answers are newest first, then by descending id.
    const fn age(&self) -> (i64, u128) {
        (self.created, u128::from_be_bytes(self.id))
    }

    const fn id(&self) -> RecordId {
        RecordId::new(u128::from_be_bytes(self.id))
    }
}

/// The filed mails: rows by number, and numbers by id and by key.
#[derive(Debug, Default)]
pub(super) struct Messages {
    rows: Vec<Row>,
    free: Vec<RowNumber>,
    ids: NumberTable,
    /// Ids are the host's, or a stranger's by way of the host: their hashes are keyed.
    hasher: RandomState,
    keys: KeyTable,
}

impl Messages {
    pub(super) fn len(&self) -> usize {
        self.rows.len() - self.free.len()
    }

    /// Is a mail filed under this id?
    pub(super) fn contains(&self, id: RecordId) -> bool {
        self.number(id).is_some()
    }

    /// The mail that carries this key, where one alone can.
    pub(super) fn holder(&self, key: &IndexKey) -> Option<RecordId> {
        let row = self.keys.carriers(key).get(0)?;
        self.rows.get(row as usize).map(Row::id)
    }

    pub(super) fn find(&self, query: &MessageQuery, answer: &mut Answer) {
        for lookups in query.lookups().chunks(AHEAD) {
            if lookups.len() > 1 {
                self.look_ahead(lookups);
            }
            self.answer(lookups, answer);
        }
    }

    /// Reads for all look-ups, step by step, what [`answer`](Self::answer) will read for each: the
    /// steps of one wait for each other, those of several look-ups do not, so that their waits for
    /// memory fall into one.
    fn look_ahead(&self, lookups: &[Lookup]) {
        let mut ahead = [None; AHEAD];
        for (place, lookup) in ahead.iter_mut().zip(lookups) {
            *place = self.keys.likely(lookup.key());
        }
        for place in &mut ahead {
            *place = place.and_then(|key| self.keys.likely_row(key));
        }
        let rows = ahead.iter().flatten().filter_map(|row| self.rows.get(*row as usize));
        // Nothing is made of it, but it must have been read.
        std::hint::black_box(rows.fold(0, |all, row| all ^ row.created));
    }

    fn answer(&self, lookups: &[Lookup], answer: &mut Answer) {
        for lookup in lookups {
            let carriers = self.keys.carriers(lookup.key());
            let (start, end) = self.within(&carriers, lookup);
            for at in (start..end).rev().take(usize::from(lookup.row_limit())) {
                let row = carriers.get(at).and_then(|row| self.rows.get(row as usize));
                let Some(row) = row else { continue };
                let carry = lookup.carry();
                let keys = if carry == Kinds::NONE { &[] } else { &*row.keys };
                let keys = keys.iter().filter(|key| key.is_one_of(carry));
                answer.push(
                    row.id(),
                    time(row.created),
                    RecordId::new(u128::from_be_bytes(row.conversation)),
                    keys.filter_map(|key| self.keys.key(*key)),
                );
            }
            answer.end_lookup((end - start).min(usize::from(COUNT_CAP)));
        }
    }

    /// Can so many more keys be numbered, if none of them is known?
    pub(super) fn has_room(&self, keys: usize) -> bool {
        keys <= self.keys.room()
    }

    /// Files a row whose id is free and for whose keys there [is room](Self::has_room). At most
    /// `limit` rows are kept.
    pub(super) fn file(&mut self, row: &MessageRow, limit: NonZeroU32) -> Option<()> {
        if self.len() >= limit.get() as usize {
            self.evict();
        }
        let filed = Row {
            created: row.created().timestamp_micros(),
            id: row.id().get().to_be_bytes(),
            conversation: row.conversation().get().to_be_bytes(),
            keys: Box::default(),
        };
        let free = self.free.pop();
        let number = free.map_or_else(|| u32::try_from(self.rows.len()).ok(), Some)?;
        let (rows, hasher) = (&self.rows, &self.hasher);
        self.ids.reserve(number, || {
            let filed = rows.iter().zip(0..).filter(|(row, _)| row.created != Row::VACANT);
            filed.map(|(row, number)| (hasher.hash_one(row.id()), number))
        });
        match free {
            Some(free) => *self.rows.get_mut(free as usize)? = filed,
            None => self.rows.push(filed),
        }
        self.ids.insert(self.hasher.hash_one(row.id()), number);
        let (table, rows) = (&mut self.keys, &self.rows);
        let mut keys = Vec::with_capacity(row.keys().len());
        for key in row.keys() {
            keys.extend(table.carry(key, number, |other| older(rows, other, number)));
        }
        self.rows.get_mut(number as usize)?.keys = keys.into();
        Some(())
    }

    /// Takes a mail out with all its keys, if it is there.
    pub(super) fn forget(&mut self, id: RecordId) {
        if let Some(number) = self.number(id) {
            self.vacate(number);
        }
    }

    fn number(&self, id: RecordId) -> Option<RowNumber> {
        let is = |number| self.rows.get(number as usize).is_some_and(|row| row.id() == id);
        self.ids.find(self.hasher.hash_one(id), is)
    }

    fn vacate(&mut self, number: RowNumber) {
        let Some(row) = self.rows.get_mut(number as usize) else { return };
        let id = row.id();
        for key in std::mem::take(&mut row.keys) {
            let (table, rows) = (&mut self.keys, &self.rows);
            table.drop_carrier(key, number, |other| older(rows, other, number));
        }
        let (rows, hasher) = (&self.rows, &self.hasher);
        let hash = |number: RowNumber| {
            rows.get(number as usize).map_or(0, |row| hasher.hash_one(row.id()))
        };
        self.ids.remove(hasher.hash_one(id), number, hash);
        if let Some(row) = self.rows.get_mut(number as usize) {
            row.created = Row::VACANT;
        }
        self.free.push(number);
    }

    /// Forgets the oldest sixteenth of the rows, at least one: a sweep costs each later filing the
    /// look at some sixteen rows.
    fn evict(&mut self) {
        let mut ages: Vec<((i64, u128), RowNumber)> = Vec::with_capacity(self.len());
        let filed = self.rows.iter().zip(0..).filter(|(row, _)| row.created != Row::VACANT);
        ages.extend(filed.map(|(row, number)| (row.age(), number)));
        let going = (ages.len() / 16).max(1);
        if going < ages.len() {
            ages.select_nth_unstable(going);
            ages.truncate(going);
        }
        // Oldest first: each leaves from the front of the lists that it is in.
        ages.sort_unstable();
        for (_, number) in ages {
            self.vacate(number);
        }
    }

    /// Which of the carriers lie in the window of the look-up, oldest first.
    fn within(&self, carriers: &Carriers<'_>, lookup: &Lookup) -> (usize, usize) {
        let created = |row: RowNumber| self.rows.get(row as usize).map_or(i64::MAX, |r| r.created);
        let start = lookup.since().map_or(0, |since| {
            let since = since.timestamp_micros();
            carriers.partition_point(|row| created(row) < since)
        });
        let end = lookup.until().map_or(carriers.len(), |until| {
            let until = until.timestamp_micros();
            carriers.partition_point(|row| created(row) <= until)
        });
        (start, end.max(start))
    }
}

fn older(rows: &[Row], other: RowNumber, than: RowNumber) -> bool {
    let age = |row: RowNumber| rows.get(row as usize).map(Row::age);
    age(other) < age(than)
}

fn time(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::UNIX_EPOCH)
}

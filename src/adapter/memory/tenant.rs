//! The filed mails of one tenant.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};

use super::keys::{Carriers, KeyTable, RowKey, RowNumber};
use crate::id::RecordId;
use crate::index::{
    Answer, COUNT_CAP, IndexKey, Kinds, Lookup, MAX_ROW_KEYS, MessageQuery, MessageRow,
};

/// Row numbers share a word with a marker.
pub(super) const MAX_ROWS: NonZeroU32 = NonZeroU32::MIN.saturating_add((1 << 31) - 3);

/// 56 octets: ids as octets, since a `u128` would be aligned to 16.
#[derive(Debug)]
struct Row {
    created: i64,
    id: [u8; 16],
    conversation: [u8; 16],
    keys: Box<[RowKey]>,
}

impl Row {
    /// A row is older where this is less; answers are newest first, then by descending id.
    const fn age(&self) -> (i64, u128) {
        (self.created, u128::from_be_bytes(self.id))
    }

    const fn id(&self) -> RecordId {
        RecordId::new(u128::from_be_bytes(self.id))
    }
}

#[derive(Debug, Default)]
pub(super) struct TenantIndex {
    rows: Vec<Row>,
    free: Vec<RowNumber>,
    keys: KeyTable,
}

impl TenantIndex {
    pub(super) fn len(&self) -> usize {
        self.rows.len() - self.free.len()
    }

    /// The newest row that carries `key`.
    pub(super) fn holder(&self, key: &IndexKey) -> Option<RecordId> {
        let carriers = self.keys.carriers(key);
        let row = carriers.get(carriers.len().checked_sub(1)?)?;
        self.rows.get(row as usize).map(Row::id)
    }

    pub(super) fn find(&self, query: &MessageQuery, answer: &mut Answer) {
        for lookup in query.lookups() {
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

    /// Can all keys of these rows be numbered, if none of them is known?
    pub(super) fn has_room(&self, rows: usize) -> bool {
        rows.saturating_mul(MAX_ROW_KEYS) <= self.keys.room()
    }

    /// Files a row for which there [is room](Self::has_room). At most `limit` rows are kept.
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
        let number = match self.free.pop() {
            Some(free) => {
                *self.rows.get_mut(free as usize)? = filed;
                free
            }
            None => {
                self.rows.push(filed);
                u32::try_from(self.rows.len() - 1).ok()?
            }
        };
        let (table, rows) = (&mut self.keys, &self.rows);
        let mut keys = Vec::with_capacity(row.keys().len());
        for key in row.keys() {
            keys.extend(table.carry(key, number, |other| older(rows, other, number)));
        }
        self.rows.get_mut(number as usize)?.keys = keys.into();
        Some(())
    }

    /// Forgets the oldest sixteenth of the rows, at least one: a sweep costs each later filing the
    /// look at some sixteen rows.
    fn evict(&mut self) {
        let mut ages: Vec<((i64, u128), RowNumber)> = Vec::with_capacity(self.rows.len());
        let numbered = self.rows.iter().zip(0..);
        ages.extend(numbered.map(|(row, number)| (row.age(), number)));
        let mut vacant = vec![false; self.rows.len()];
        for free in &self.free {
            if let Some(vacant) = vacant.get_mut(*free as usize) {
                *vacant = true;
            }
        }
        ages.retain(|(_, row)| !vacant.get(*row as usize).copied().unwrap_or(true));
        let going = (ages.len() / 16).max(1);
        if going < ages.len() {
            ages.select_nth_unstable(going);
            ages.truncate(going);
        }
        // Oldest first: each leaves from the front of the lists that it is in.
        ages.sort_unstable();
        for (_, number) in ages {
            let Some(row) = self.rows.get_mut(number as usize) else { continue };
            for key in std::mem::take(&mut row.keys) {
                let (table, rows) = (&mut self.keys, &self.rows);
                table.drop_carrier(key, number, |other| older(rows, other, number));
            }
            self.free.push(number);
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
    // Rows of one time and id, should a host file such, still have an order.
    let age = |row: RowNumber| (rows.get(row as usize).map(Row::age), row);
    age(other) < age(than)
}

fn time(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::UNIX_EPOCH)
}

//! The records of one tenant.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use super::directory::{KeyCarriers, Lead};
use super::order::Order;
use super::tags::{Home, TagTable, tag};
use crate::id::RecordId;
use crate::index::COUNT_CAP;
use crate::record::{
    Page, Record, RecordAnswer, RecordKind, RecordLookup, RecordPageQuery, RecordQuery, RecordRef,
    UniqueKey, Version, Versioned,
};

/// The number of a record of the tenant.
pub(super) type RecordNumber = u32;

/// How many look-ups wait for memory together. A processor keeps about half as many reads under way;
/// the more of them come in a row, the fewer pauses there are between rows.
const AHEAD: usize = 32;

/// Records by number, and numbers by reference, unique key and look-up key.
#[derive(Debug, Default)]
pub(super) struct RecordTable {
    rows: Rows,
    free: Vec<RecordNumber>,
    /// Number + 1 of each record.
    references: TagTable,
    /// References are the host's: their hashes are keyed.
    hasher: RandomState,
    /// The records of each kind, by id.
    kinds: BTreeMap<RecordKind, Order>,
    /// Number + 1 of the record that has the key.
    unique: TagTable,
    keys: KeyCarriers,
}

/// Records by number.
#[derive(Debug, Default)]
pub(super) struct Rows(Vec<Row>);

/// 24 octets: the version as octets, since a `u128` would be aligned to 16.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// `None` where the number is free.
    record: Option<Record>,
    version: [u8; 16],
}

impl Row {
    pub(super) fn version(&self) -> Version {
        Version::new(u128::from_ne_bytes(self.version))
    }

    pub(super) fn versioned(&self) -> Option<Versioned> {
        Some(Versioned { record: self.record.clone()?, version: self.version() })
    }
}

impl Rows {
    pub(super) fn record(&self, number: RecordNumber) -> Option<&Record> {
        self.0.get(number as usize)?.record.as_ref()
    }

    fn versioned(&self, number: RecordNumber) -> Option<Versioned> {
        self.0.get(number as usize)?.versioned()
    }

    fn reference(&self, number: RecordNumber) -> Option<RecordRef> {
        self.record(number).map(Record::reference)
    }
}

impl RecordTable {
    /// Numbers share a word with a marker and a one.
    const MAX_RECORDS: usize = (1 << 31) - 2;

    pub(super) fn get(&self, reference: RecordRef) -> Option<&Row> {
        self.rows.0.get(self.number(reference)? as usize)
    }

    /// Who has this key.
    pub(super) fn holder(&self, key: &UniqueKey) -> Option<RecordRef> {
        let record = |value: u32| self.rows.record(value.checked_sub(1)?);
        let is = |value| record(value).is_some_and(|record| record.unique().contains(key));
        let (_, value) = self.unique.find(tag(key.hash()), is)?;
        record(value).map(Record::reference)
    }

    pub(super) fn list(&self, query: &RecordPageQuery) -> Page<Versioned, RecordId> {
        let limit = query.page_limit();
        let before = |number| {
            let id = self.rows.reference(number).map(RecordRef::id);
            query.start().is_some_and(|start| id.is_some_and(|id| id <= start))
        };
        let numbers = self.kinds.get(&query.kind()).into_iter();
        let numbers = numbers.flat_map(|order| order.behind(before)).take(usize::from(limit));
        let items = numbers.filter_map(|number| self.rows.versioned(number)).collect();
        Page::new(items, limit, |item: &Versioned| item.record.reference().id())
    }

    pub(super) fn find(&self, query: &RecordQuery, answer: &mut RecordAnswer) {
        for lookups in query.lookups().chunks(AHEAD) {
            // For one look-up too: the parts of its record lie apart.
            let leads = self.look_ahead(lookups);
            self.answer(lookups, &leads, answer);
        }
    }

    /// Reads for all look-ups, step by step, what [`answer`](Self::answer) will read for each: the
    /// steps of one wait for each other, those of several look-ups do not, so that their waits for
    /// memory fall into one. Says where each of them leads.
    fn look_ahead(&self, lookups: &[RecordLookup]) -> [Option<Lead>; AHEAD] {
        // A step is short, and decides nothing by what it reads: the less there is to do for one, the
        // more of them a processor has under way.
        let mut homes = [Home::default(); AHEAD];
        for (home, lookup) in homes.iter_mut().zip(lookups) {
            *home = self.keys.home(lookup.key());
        }
        let touched =
            homes.iter().zip(lookups).fold(0, |all, (home, _)| all ^ self.keys.touch(*home));
        // Nothing is made of what is read, but it must have been.
        std::hint::black_box(touched);
        let mut leads = [None; AHEAD];
        for ((lead, home), lookup) in leads.iter_mut().zip(homes).zip(lookups) {
            *lead = self.keys.likely(home, lookup.key());
        }
        let row = |lead: &Option<Lead>| self.rows.0.get((*lead)?.number() as usize);
        let leading = leads.get(..lookups.len()).unwrap_or_default();
        let rows = leading.iter().filter_map(row);
        let rows = rows.fold(0, |all, row| all ^ row.version[0]);
        let records = leading.iter().filter_map(|lead| row(lead)?.record.as_ref());
        let records = records.fold(0, |all, record| all ^ record.touch());
        std::hint::black_box((rows, records));
        leads
    }

    fn answer(&self, lookups: &[RecordLookup], leads: &[Option<Lead>], answer: &mut RecordAnswer) {
        for (lookup, lead) in lookups.iter().zip(leads) {
            let carriers = self.keys.carriers(lookup.key(), *lead, &self.rows);
            for number in carriers.newest().take(usize::from(lookup.row_limit())) {
                if let Some(found) = self.rows.versioned(number) {
                    answer.push(found);
                }
            }
            answer.end_lookup(carriers.len_up_to(usize::from(COUNT_CAP)));
        }
    }

    /// Reads, for whoever may only read, what writing these records will read, so that it need not
    /// wait for memory while it keeps everyone else waiting.
    pub(super) fn look_ahead_to_write<'a>(
        &self,
        records: impl Iterator<Item = (RecordRef, Option<&'a Record>)>,
    ) {
        let slots = |record: &Record| {
            let keys = record.keys().iter().map(|key| self.keys.touch(self.keys.home(key)));
            let unique = record
                .unique()
                .iter()
                .map(|key| self.unique.touch(self.unique.home(tag(key.hash()))));
            keys.chain(unique).fold(0, |all, slot| all ^ slot)
        };
        let mut records = records.peekable();
        while records.peek().is_some() {
            let mut some = [None; AHEAD];
            let (mut read, mut touched) = (0, 0);
            for (place, (reference, new)) in some.iter_mut().zip(&mut records) {
                let tag = self.tag(reference);
                let home = self.references.home(tag);
                read ^= self.references.touch(home) ^ new.map_or(0, slots);
                *place = Some((home, tag));
            }
            let likely = |(home, tag)| self.references.likely(home, tag)?.checked_sub(1);
            let rows = some.map(|place| likely(place?));
            let rows = rows.map(|number| self.rows.0.get(number? as usize));
            read ^= rows.iter().flatten().fold(0, |all, row| all ^ u64::from(row.version[0]));
            let old = rows.map(|row| row?.record.as_ref());
            touched ^= old.iter().flatten().fold(0, |all, record| all ^ record.touch());
            read ^= old.iter().flatten().fold(0, |all, record| all ^ slots(record));
            std::hint::black_box((read, touched));
        }
    }

    /// Can so many more records be numbered?
    pub(super) fn has_room(&self, records: usize) -> bool {
        self.rows.0.len() - self.free.len() + records <= Self::MAX_RECORDS
    }

    /// Gives up the unique keys that the record has and is not to `keep`. First of all for every
    /// record of a batch, so that another one can have them.
    pub(super) fn release(&mut self, reference: RecordRef, keep: &[UniqueKey]) {
        let Some(number) = self.number(reference) else { return };
        let Some(old) = self.rows.record(number) else { return };
        for key in old.unique().iter().filter(|key| !keep.contains(key)) {
            // Two keys of one record with one tag have equal slots: either will do.
            if let Some((place, _)) = self.unique.find(tag(key.hash()), |value| value == number + 1)
            {
                self.unique.remove(place);
            }
        }
    }

    /// Writes a record for which there [is room](Self::has_room), whose unique keys nobody else has
    /// and whose own ones it gave up were [released](Self::release). What was there before comes
    /// back.
    pub(super) fn put(&mut self, new: Versioned) -> Option<Record> {
        let reference = new.record.reference();
        let number = self.number(reference);
        let old = number.and_then(|number| self.take(number));
        let number = match number {
            Some(number) => number,
            None => self.add(reference)?,
        };
        let had = old.as_ref().map_or(&[][..], Record::unique);
        for key in new.record.unique().iter().filter(|key| !had.contains(key)) {
            self.unique.insert(tag(key.hash()), number + 1);
        }
        *self.rows.0.get_mut(number as usize)? =
            Row { record: Some(new.record), version: new.version.get().to_ne_bytes() };
        self.keys.carry(number, &self.rows);
        old
    }

    /// Takes a record out whose unique keys were [released](Self::release).
    pub(super) fn delete(&mut self, reference: RecordRef) -> Option<Record> {
        let number = self.number(reference)?;
        let rows = &self.rows;
        let found = self.references.find(self.tag(reference), |value| value == number + 1);
        if let Some((place, _)) = found {
            self.references.remove(place);
        }
        if let Some(order) = self.kinds.get_mut(&reference.kind()) {
            let before = |other| rows.reference(other).is_some_and(|other| other < reference);
            order.remove(number, before);
        }
        let old = self.take(number);
        self.free.push(number);
        old
    }

    fn number(&self, reference: RecordRef) -> Option<RecordNumber> {
        let is = |value: u32| self.rows.reference(value.wrapping_sub(1)) == Some(reference);
        self.references.find(self.tag(reference), is)?.1.checked_sub(1)
    }

    fn tag(&self, reference: RecordRef) -> u32 {
        self.hasher.hash_one(reference) as u32
    }

    /// Takes the record out of its place and its look-up keys.
    fn take(&mut self, number: RecordNumber) -> Option<Record> {
        self.keys.drop_carrier(number, &self.rows);
        self.rows.0.get_mut(number as usize)?.record.take()
    }

    /// A number for a record that is not there.
    fn add(&mut self, reference: RecordRef) -> Option<RecordNumber> {
        let free = self.free.pop();
        let number = free.map_or_else(|| u32::try_from(self.rows.0.len()).ok(), Some)?;
        let rows = &self.rows;
        self.references.insert(self.tag(reference), number + 1);
        let before = |other| rows.reference(other).is_some_and(|other| other < reference);
        self.kinds.entry(reference.kind()).or_default().insert(number, before);
        if free.is_none() {
            self.rows.0.push(Row::default());
        }
        Some(number)
    }
}

//! Records by look-up key.

use std::cmp::Ordering;

use super::order::Order;
use super::records::{RecordNumber, Rows};
use super::tags::{Home, TagTable, tag};
use crate::record::{LookupKey, Record};

/// Which records carry a key. One record needs no more than a slot: the key is in the record itself.
/// Several are a list, in order of age.
#[derive(Debug, Default)]
pub(super) struct KeyCarriers {
    /// Number + 1 of the one record that carries a key, or [`LIST`] and the number of a list.
    slots: TagTable,
    lists: Vec<List>,
    free_lists: Vec<u32>,
}

/// Set in a value that leads to a list.
const LIST: u32 = 1 << 31;

#[derive(Debug)]
struct List {
    key: LookupKey,
    carriers: Order,
}

/// What stands in a slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lead(u32);

impl Lead {
    /// The number of the one record that it leads to; of a list it is that of none.
    pub(super) const fn number(self) -> RecordNumber {
        self.0.wrapping_sub(1)
    }
}

/// The records that carry a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Carriers<'a> {
    one: Option<RecordNumber>,
    many: Option<&'a Order>,
}

impl<'a> Carriers<'a> {
    /// Last modified first, then by descending id and kind.
    pub(super) fn newest(self) -> impl Iterator<Item = RecordNumber> + use<'a> {
        self.one.into_iter().chain(self.many.into_iter().flat_map(Order::backwards))
    }

    pub(super) fn len_up_to(self, cap: usize) -> usize {
        match self.many {
            Some(order) => order.len_up_to(cap),
            None => usize::from(self.one.is_some()),
        }
    }
}

impl KeyCarriers {
    /// Where [`likely`](Self::likely) will mostly read.
    pub(super) fn home(&self, key: &LookupKey) -> Home {
        self.slots.home(tag(key.hash()))
    }

    /// Reads there.
    pub(super) fn touch(&self, home: Home) -> u64 {
        self.slots.touch(home)
    }

    /// The first that may lead to the carriers of `key`, whose home this is; `None` where nobody
    /// carries it.
    pub(super) fn likely(&self, home: Home, key: &LookupKey) -> Option<Lead> {
        self.slots.likely(home, tag(key.hash())).map(Lead)
    }

    /// The records that carry `key`, to which this was the first that may lead.
    pub(super) fn carriers(
        &self,
        key: &LookupKey,
        first: Option<Lead>,
        rows: &Rows,
    ) -> Carriers<'_> {
        let Some(first) = first else { return Carriers { one: None, many: None } };
        let is = |value: u32| match self.list(value) {
            Some(list) => list.key == *key,
            None => rows.record(value.wrapping_sub(1)).is_some_and(|row| row.keys().contains(key)),
        };
        let found = match first {
            Lead(value) if is(value) => Some(value),
            // Of another key with the same tag.
            _ => self.slots.find(tag(key.hash()), is).map(|(_, value)| value),
        };
        let many = found.and_then(|value| self.list(value)).map(|list| &list.carriers);
        let one = if many.is_none() { found.and_then(|value| value.checked_sub(1)) } else { None };
        Carriers { one, many }
    }

    /// Notes that the record of this number carries its keys.
    pub(super) fn carry(&mut self, number: RecordNumber, rows: &Rows) {
        let Some(record) = rows.record(number) else { return };
        for key in record.keys() {
            self.add(key, number, record, rows);
        }
    }

    /// Forgets that the record of this number carries its keys.
    pub(super) fn drop_carrier(&mut self, number: RecordNumber, rows: &Rows) {
        let Some(record) = rows.record(number) else { return };
        for key in record.keys() {
            self.remove(key, number, record, rows);
        }
    }

    fn add(&mut self, key: &LookupKey, number: RecordNumber, record: &Record, rows: &Rows) {
        let is = |value: u32| match self.list(value) {
            Some(list) => list.key == *key,
            // A slot of this record itself is one of another key with the same tag.
            None => {
                value != number + 1
                    && rows.record(value.wrapping_sub(1)).is_some_and(|r| r.keys().contains(key))
            }
        };
        let (place, other) = match self.slots.find(tag(key.hash()), is) {
            None if has_twin(record, key) => {
                let value = self.new_list(*key, &[number]);
                self.slots.insert(tag(key.hash()), value);
                return;
            }
            None => {
                self.slots.insert(tag(key.hash()), number + 1);
                return;
            }
            Some((_, value)) if value & LIST != 0 => {
                if let Some(list) = self.lists.get_mut((value & !LIST) as usize) {
                    list.carriers.insert(number, |other| age(rows, other, record).is_lt());
                }
                return;
            }
            Some((place, value)) => (place, value - 1),
        };
        let older = age(rows, other, record).is_lt();
        let both = if older { [other, number] } else { [number, other] };
        let list = self.new_list(*key, &both);
        self.slots.replace(place, list);
    }

    fn remove(&mut self, key: &LookupKey, number: RecordNumber, record: &Record, rows: &Rows) {
        let is = |value: u32| match self.list(value) {
            Some(list) => list.key == *key,
            None => value == number + 1,
        };
        let Some((place, value)) = self.slots.find(tag(key.hash()), is) else { return };
        if value & LIST == 0 {
            self.slots.remove(place);
            return;
        }
        let Some(list) = self.lists.get_mut((value & !LIST) as usize) else { return };
        list.carriers.remove(number, |other| age(rows, other, record).is_lt());
        let mut left = list.carriers.backwards();
        let last = match (left.next(), left.next()) {
            (Some(last), None) => Some(last),
            (None, _) => None,
            (Some(_), Some(_)) => return,
        };
        drop(left);
        match last {
            None => self.slots.remove(place),
            // One record is as lean as if it had always been alone.
            Some(last) if !rows.record(last).is_some_and(|record| has_twin(record, key)) => {
                self.slots.replace(place, last + 1);
            }
            Some(_) => return,
        }
        list.carriers = Order::default();
        self.free_lists.push(value & !LIST);
    }

    /// The list that a value leads to, if it does.
    fn list(&self, value: u32) -> Option<&List> {
        if value & LIST == 0 { None } else { self.lists.get((value & !LIST) as usize) }
    }

    /// The value that leads to a new list.
    fn new_list(&mut self, key: LookupKey, carriers: &[RecordNumber]) -> u32 {
        let list = List { key, carriers: Order::of(carriers) };
        if let Some(free) = self.free_lists.pop()
            && let Some(place) = self.lists.get_mut(free as usize)
        {
            *place = list;
            return LIST | free;
        }
        self.lists.push(list);
        // There are fewer lists than slots, and of these fewer than numbers.
        LIST | (self.lists.len() as u32 - 1)
    }
}

/// Does the record carry another key with the same tag? A slot would not tell the two apart.
fn has_twin(record: &Record, key: &LookupKey) -> bool {
    record.keys().iter().any(|other| other != key && tag(other.hash()) == tag(key.hash()))
}

/// How the age of a record compares to that of `record`: older is less.
fn age(rows: &Rows, other: RecordNumber, record: &Record) -> Ordering {
    let age = |record: &Record| {
        let reference = record.reference();
        (record.modified(), reference.id(), reference.kind())
    };
    rows.record(other).map(age).cmp(&Some(age(record)))
}

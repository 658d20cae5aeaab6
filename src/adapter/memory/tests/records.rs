//! Records, their unique keys and their look-up keys.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{TENANT, at, commit};
use crate::adapter::memory::MemoryStore;
use crate::id::{RecordId, TenantId};
use crate::record::{
    LookupKey, LookupKind, Record, RecordKind, RecordLookup, RecordPageQuery, RecordQuery,
    RecordRef, Space, UniqueKey, Version, Versioned,
};
use crate::store::{
    Batch, Change, Commit, Directory, Expect, Reason, Records, Refusal, Store, poll_once,
};

const KINDS: [RecordKind; 2] = [RecordKind::Contact, RecordKind::Lead];

fn reference(number: u8) -> RecordRef {
    KINDS[usize::from(number % 2)].of(RecordId::new(u128::from(number / 2)))
}

fn unique(number: u8) -> UniqueKey {
    UniqueKey::from_parts(Space::Match, hash(number))
}

fn lookup(number: u8) -> LookupKey {
    LookupKey::from_parts(LookupKind::Address, hash(number))
}

/// Pairs of keys are alike in the part that the tables keep, so that nothing rests on it.
fn hash(number: u8) -> [u8; 16] {
    let mut hash = [number / 2; 16];
    hash[15] = number;
    hash
}

fn record(number: u8, seconds: i64, uniques: &[u8], lookups: &[u8]) -> Record {
    let record = Record::new(reference(number), at(seconds), format!("{number} {seconds}"));
    let record = record.unwrap().with_unique(uniques.iter().map(|key| unique(*key))).unwrap();
    record.with_keys(lookups.iter().map(|key| lookup(*key))).unwrap()
}

fn put(record: Record, version: u128, expect: Expect) -> Change {
    Change::Put { record, version: Version::new(version), expect }
}

fn batch(changes: impl IntoIterator<Item = Change>) -> Batch {
    let mut batch = Batch::new(TENANT);
    changes.into_iter().for_each(|change| batch.push(change).unwrap());
    batch
}

fn holder(store: &MemoryStore, key: u8) -> Option<RecordRef> {
    poll_once(store.holders(TENANT, &[unique(key)])).unwrap().unwrap()[0]
}

fn found(store: &MemoryStore, key: u8, rows: u8) -> (Vec<RecordRef>, u8) {
    let query: RecordQuery = [RecordLookup::new(lookup(key)).rows(rows)].into_iter().collect();
    let answer = poll_once(store.find_records(TENANT, &query)).unwrap().unwrap();
    let found = answer.found(0).iter().map(|found| found.record.reference()).collect();
    (found, answer.count(0))
}

#[test]
fn a_refusal_names_every_change_that_does_not_apply() {
    let store = MemoryStore::default();
    let first = [
        put(record(1, 1, &[1, 2], &[]), 1, Expect::Absent),
        put(record(2, 1, &[3], &[]), 2, Expect::Absent),
    ];
    assert!(commit(&store, &batch(first)).is_applied());
    let version = Version::new;
    let changes = [
        put(record(3, 1, &[9, 3, 2], &[7]), 3, Expect::Absent),
        put(record(4, 1, &[], &[7]), 4, Expect::Absent),
        put(record(2, 1, &[], &[7]), 5, Expect::Absent),
        put(record(5, 1, &[], &[7]), 6, Expect::At(version(77))),
        Change::Delete { record: reference(1), expect: version(2) },
        put(record(6, 1, &[1], &[]), 7, Expect::Absent),
    ];
    let all = batch(changes.clone());
    let stale = |change, found| Refusal { change, reason: Reason::Stale { found } };
    let expected = vec![stale(2, Some(version(2))), stale(3, None), stale(4, Some(version(1)))];
    assert_eq!(commit(&store, &all), Commit::Refused(expected), "what they hold is being freed");
    let taken = |change, key, holder| {
        let reason = Reason::Taken { key: unique(key), holder: reference(holder) };
        Refusal { change, reason }
    };
    let rest = [changes[0].clone(), changes[1].clone(), changes[5].clone()];
    let expected = vec![taken(0, 2, 1), taken(2, 1, 1)];
    assert_eq!(commit(&store, &batch(rest)), Commit::Refused(expected));
    assert_eq!((found(&store, 7, 9), holder(&store, 9)), ((vec![], 0), None));
}

#[test]
fn keys_move_and_are_exchanged_in_one_batch() {
    let store = MemoryStore::default();
    let first = [(1, [1]), (2, [2]), (3, [3])]
        .map(|(number, key)| put(record(number, 1, &key, &[]), u128::from(number), Expect::Absent));
    assert!(commit(&store, &batch(first)).is_applied());
    let at = |version| Expect::At(Version::new(version));
    // Two exchange theirs, and a new one has that of one that is deleted after it.
    let changes = [
        put(record(1, 1, &[2], &[]), 11, at(1)),
        put(record(2, 1, &[1], &[]), 12, at(2)),
        put(record(4, 1, &[3], &[]), 14, Expect::Absent),
        Change::Delete { record: reference(3), expect: Version::new(3) },
    ];
    assert!(commit(&store, &batch(changes)).is_applied());
    let holders = [1, 2, 3].map(|key| holder(&store, key));
    assert_eq!(holders, [2, 1, 4].map(|number| Some(reference(number))));
}

#[test]
fn a_key_of_many_is_answered_newest_first_and_counted_to_the_cap() {
    let store = MemoryStore::default();
    for number in 0..200 {
        // The even ones were modified at one time: the id decides, then the kind.
        let seconds = if number % 2 == 0 { 500 } else { i64::from(number) };
        let new = put(record(number, seconds, &[], &[1]), u128::from(number), Expect::Absent);
        assert!(commit(&store, &batch([new])).is_applied());
    }
    let (all, count) = found(&store, 1, 64);
    assert_eq!((all.len(), count), (64, 64));
    assert_eq!(all[..2], [reference(198), reference(196)]);
    let older = put(record(198, 0, &[], &[1]), 1_000, Expect::At(Version::new(198)));
    assert!(commit(&store, &batch([older])).is_applied());
    assert_eq!(found(&store, 1, 1).0, [reference(196)]);
}

#[test]
fn keys_cross_no_tenants_and_lists_come_in_pages() {
    let store = MemoryStore::default();
    for number in 0..20 {
        let new = put(record(number, 1, &[number], &[1]), 1, Expect::Absent);
        assert!(commit(&store, &batch([new])).is_applied());
    }
    let other = TenantId::new(2);
    let new = put(record(1, 1, &[1], &[1]), 1, Expect::Absent);
    let new = Batch::of(other, new);
    assert!(poll_once(store.commit(&new)).unwrap().unwrap().is_applied());
    let query: RecordQuery = [RecordLookup::new(lookup(1)).rows(9)].into_iter().collect();
    let answer = poll_once(store.find_records(other, &query)).unwrap().unwrap();
    assert_eq!(answer.found(0).len(), 1);

    let mut query = RecordPageQuery::new(RecordKind::Lead).limit(4);
    let mut seen = Vec::new();
    loop {
        let page = poll_once(store.list(TENANT, &query)).unwrap().unwrap();
        seen.extend(page.items.iter().map(|item| item.record.reference().id().get()));
        match page.next {
            Some(next) => query = query.after(next),
            None => break,
        }
    }
    assert!(seen.into_iter().eq(0..10));
}

#[derive(Clone, Debug)]
struct Write {
    number: u8,
    seconds: i64,
    uniques: Vec<u8>,
    lookups: Vec<u8>,
    delete: bool,
    /// Expects what is there; else the contrary.
    fits: bool,
}

fn writes() -> impl Strategy<Value = Vec<Vec<Write>>> {
    let keys = || prop::collection::vec(0_u8..10, 0..4);
    let write = (0_u8..20, 0_i64..6, keys(), keys(), prop::bool::weighted(0.2), 0_u8..20);
    let write = write.prop_map(|(number, seconds, uniques, lookups, delete, fits)| Write {
        number,
        seconds,
        uniques,
        lookups,
        delete,
        fits: fits > 0,
    });
    prop::collection::vec(prop::collection::vec(write, 1..5), 0..60)
}

type Model = BTreeMap<RecordRef, Versioned>;

/// What the contract says, word by word, over a plain map.
fn apply(model: &mut Model, batch: &Batch) -> Commit {
    let written = |reference: &RecordRef| {
        batch.changes().iter().any(|change| match change {
            Change::Put { record, .. } => record.reference() == *reference,
            Change::Delete { record, .. } => record == reference,
            _ => false,
        })
    };
    let mut refusals = Vec::new();
    for (place, change) in batch.changes().iter().enumerate() {
        let version = |reference: &RecordRef| model.get(reference).map(|found| found.version);
        let (found, expected) = match change {
            Change::Put { record, expect, .. } => {
                let expected = match expect {
                    Expect::Absent => None,
                    Expect::At(version) => Some(*version),
                };
                (version(&record.reference()), expected)
            }
            Change::Delete { record, expect } => (version(record), Some(*expect)),
            _ => continue,
        };
        if found != expected {
            refusals.push(Refusal { change: place, reason: Reason::Stale { found } });
            continue;
        }
        let Change::Put { record, .. } = change else { continue };
        let taken = record.unique().iter().find_map(|key| {
            let mut others = model.values().map(|other| &other.record);
            let other = others.find(|other| other.unique().contains(key))?.reference();
            (!written(&other)).then_some((*key, other))
        });
        if let Some((key, holder)) = taken {
            refusals.push(Refusal { change: place, reason: Reason::Taken { key, holder } });
        }
    }
    if !refusals.is_empty() {
        return Commit::Refused(refusals);
    }
    for change in batch.changes() {
        match change {
            Change::Put { record, version, .. } => {
                let new = Versioned { record: record.clone(), version: *version };
                model.insert(record.reference(), new);
            }
            Change::Delete { record, .. } => {
                model.remove(record);
            }
            _ => {}
        }
    }
    Commit::Applied
}

fn check(store: &MemoryStore, model: &Model) -> Result<(), TestCaseError> {
    let references: Vec<_> = (0..20).map(reference).collect();
    let loaded = poll_once(store.load(TENANT, &references)).unwrap().unwrap();
    let expected: Vec<_> = references.iter().map(|key| model.get(key).cloned()).collect();
    prop_assert_eq!(loaded, expected);
    for key in 0..10 {
        let by_unique = model.values().find(|row| row.record.unique().contains(&unique(key)));
        prop_assert_eq!(holder(store, key), by_unique.map(|row| row.record.reference()));

        let mut carriers: Vec<_> = model
            .values()
            .map(|row| &row.record)
            .filter(|record| record.keys().contains(&lookup(key)))
            .map(|record| (record.modified(), record.reference().id(), record.reference()))
            .collect();
        carriers.sort_unstable_by(|a, b| b.cmp(a));
        let expected: Vec<_> = carriers.iter().map(|(_, _, reference)| *reference).collect();
        let (some, count) = found(store, key, 3);
        prop_assert_eq!(usize::from(count), expected.len());
        prop_assert_eq!(&some[..], &expected[..expected.len().min(3)]);
    }
    for kind in KINDS {
        let query = RecordPageQuery::new(kind).after(RecordId::new(3)).limit(4);
        let page = poll_once(store.list(TENANT, &query)).unwrap().unwrap();
        let expected = model.iter().filter(|(key, _)| key.kind() == kind && key.id().get() > 3);
        let expected: Vec<_> = expected.take(4).map(|(_, row)| row.clone()).collect();
        prop_assert_eq!(page.items, expected);
    }
    Ok(())
}

proptest! {
    #[test]
    fn writes_as_the_model_does(batches in writes()) {
        let store = MemoryStore::default();
        let mut model = Model::new();
        for (writes, round) in batches.into_iter().zip(1_u128..) {
            let mut batch = Batch::new(TENANT);
            for (write, place) in writes.into_iter().zip(0..) {
                let found = model.get(&reference(write.number)).map(|row| row.version);
                let other = Version::new(u128::MAX);
                let change = if write.delete {
                    let expect = found.filter(|_| write.fits).unwrap_or(other);
                    Change::Delete { record: reference(write.number), expect }
                } else {
                    let expect = match (found, write.fits) {
                        (None, true) | (Some(_), false) => Expect::Absent,
                        (found, _) => Expect::At(found.unwrap_or(other)),
                    };
                    let Write { number, seconds, uniques, lookups, .. } = write;
                    put(record(number, seconds, &uniques, &lookups), round << 8 | place, expect)
                };
                // Contradictions are kept out by the batch.
                let _ = batch.push(change);
            }
            let expected = apply(&mut model, &batch);
            prop_assert_eq!(commit(&store, &batch), expected);
            check(&store, &model)?;
        }
    }
}

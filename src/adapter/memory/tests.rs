//! The store against a model that is too simple to be wrong.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::index::{Kinds, Lookup, MessageRow};
use crate::store::poll_once;

const TENANT: TenantId = TenantId::new(1);

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

fn key(kind: IndexKind, number: u8) -> IndexKey {
    Keyer::from_secret([1; 16]).key(kind, &[number])
}

fn file(store: &MemoryStore, id: u128, seconds: i64, keys: Vec<IndexKey>) -> Commit {
    let row = MessageRow::new(RecordId::new(id), at(seconds), RecordId::new(id), keys);
    poll_once(store.commit(&Batch::of(TENANT, Change::File(row)))).unwrap().unwrap()
}

fn refused(change: usize, holder: RecordId) -> Commit {
    Commit::Refused(vec![Refusal { change, reason: Reason::Filed { holder } }])
}

fn find(store: &MemoryStore, tenant: TenantId, lookup: Lookup) -> (Vec<u128>, u8) {
    let mut query = MessageQuery::default();
    assert!(query.push(lookup));
    let answer = poll_once(store.find(tenant, &query)).unwrap().unwrap();
    (answer.rows(0).map(|row| row.id().get()).collect(), answer.count(0))
}

#[test]
fn a_message_id_is_filed_once() {
    let store = MemoryStore::default();
    let id = key(IndexKind::MessageId, 1);
    assert_eq!(file(&store, 1, 10, vec![id]), Commit::Applied);
    let holder = RecordId::new(1);
    assert_eq!(file(&store, 2, 20, vec![id]), refused(0, holder));
    assert_eq!(store.len(TENANT), 1);

    let mut batch = Batch::new(TENANT);
    for (number, message_id) in [(3, 9), (4, 1)] {
        let id = RecordId::new(number);
        let keys = vec![key(IndexKind::MessageId, message_id)];
        batch.push(Change::File(MessageRow::new(id, at(1), id, keys))).unwrap();
    }
    let answer = poll_once(store.commit(&batch)).unwrap().unwrap();
    assert_eq!(answer, refused(1, holder));
    assert_eq!(store.len(TENANT), 1, "nothing of a refused batch is left");
}

#[test]
fn nothing_crosses_tenants() {
    let store = MemoryStore::default();
    let address = key(IndexKind::Address, 1);
    let _ = file(&store, 1, 10, vec![address]);
    assert_eq!(find(&store, TENANT, Lookup::new(address)), (vec![1], 1));
    assert_eq!(find(&store, TenantId::new(2), Lookup::new(address)), (vec![], 0));
}

#[test]
fn two_stores_make_unlike_keys() {
    let key = |store: &MemoryStore| store.keyer().key(IndexKind::Token, b"x");
    assert_ne!(key(&MemoryStore::default()), key(&MemoryStore::default()));
}

#[test]
fn rows_bring_the_keys_asked_for_and_are_counted_to_the_cap() {
    let store = MemoryStore::default();
    let (shared, word) = (key(IndexKind::Keywords, 1), key(IndexKind::Word, 1));
    for number in 0..100_u8 {
        let keys = vec![shared, word, key(IndexKind::Address, number), shared];
        let _ = file(&store, u128::from(number), i64::from(number), keys);
    }
    let mut query = MessageQuery::default();
    let carry = Kinds::NONE.with(IndexKind::Address).with(IndexKind::Word);
    assert!(query.push(Lookup::new(shared).rows(3).carrying(carry)));
    assert!(query.push(Lookup::new(word)));
    let answer = poll_once(store.find(TENANT, &query)).unwrap().unwrap();
    let found: Vec<_> = answer.rows(0).map(|row| (row.id().get(), row.keys().to_vec())).collect();
    let expected = |n: u8| (u128::from(n), vec![word, key(IndexKind::Address, n)]);
    assert_eq!(found, [99, 98, 97].map(expected));
    assert_eq!((answer.count(0), answer.count(1)), (64, 0), "words are not looked up");
}

#[derive(Clone, Debug)]
struct Filing {
    seconds: i64,
    keys: Vec<(u8, u8)>,
}

fn filings() -> impl Strategy<Value = Vec<Filing>> {
    let keys = prop::collection::vec((0_u8..3, 0_u8..6), 0..5);
    prop::collection::vec(
        (0_i64..40, keys).prop_map(|(seconds, keys)| Filing { seconds, keys }),
        0..80,
    )
}

proptest! {
    /// Lists by key, windows, order and eviction agree with a sorted map of rows.
    #[test]
    fn answers_as_the_model_does(
        filings in filings(),
        limit in 1_u32..40,
        since in 0_i64..40,
        until in 0_i64..40,
        rows in 1_u8..10,
    ) {
        let kinds = [IndexKind::Address, IndexKind::Reference, IndexKind::Token];
        let store = MemoryStore::default().with_rows(NonZeroU32::new(limit).unwrap());
        let mut model: BTreeMap<(i64, u128), Vec<IndexKey>> = BTreeMap::new();
        for (filing, id) in filings.iter().zip(0..) {
            if model.len() >= limit as usize {
                for _ in 0..(model.len() / 16).max(1) {
                    model.pop_first();
                }
            }
            let keys: Vec<_> =
                filing.keys.iter().map(|(k, n)| key(kinds[usize::from(*k)], *n)).collect();
            prop_assert_eq!(file(&store, id, filing.seconds, keys.clone()), Commit::Applied);
            model.insert((filing.seconds, id), keys);
            prop_assert_eq!(store.len(TENANT), model.len());
        }
        for kind in kinds {
            for number in 0..6 {
                let key = key(kind, number);
                let expected: Vec<u128> = model
                    .iter()
                    .rev()
                    .filter(|((at, _), keys)| (since..=until).contains(at) && keys.contains(&key))
                    .map(|((_, id), _)| *id)
                    .collect();
                let window = (Some(at(since)), Some(at(until)));
                let lookup = Lookup::new(key).rows(rows).within(window.0, window.1);
                let (found, count) = find(&store, TENANT, lookup);
                prop_assert_eq!(usize::from(count), expected.len().min(64));
                prop_assert_eq!(&found[..], &expected[..expected.len().min(usize::from(rows))]);
            }
        }
    }
}

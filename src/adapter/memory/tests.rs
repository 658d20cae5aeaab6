//! The store against a model that is too simple to be wrong: mails here, the rest beside.

mod claims;
mod records;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::index::{IndexKey, IndexKind, Kinds, Lookup, MessageRow};
use crate::store::{Change, Reason, Refusal, poll_once};

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

fn commit(store: &MemoryStore, batch: &Batch) -> Commit {
    poll_once(store.commit(batch)).unwrap().unwrap()
}

#[test]
fn what_is_forgotten_can_be_filed_again() {
    let store = MemoryStore::default();
    let id = key(IndexKind::MessageId, 1);
    let address = key(IndexKind::Address, 1);
    assert!(file(&store, 1, 10, vec![id, address]).is_applied());
    assert!(file(&store, 2, 20, vec![address]).is_applied());
    let other = key(IndexKind::MessageId, 2);
    assert_eq!(file(&store, 1, 30, vec![other]), refused(0, RecordId::new(1)), "its id is taken");

    let forget = |id| Change::Forget(RecordId::new(id));
    assert!(commit(&store, &Batch::of(TENANT, forget(1))).is_applied());
    assert!(commit(&store, &Batch::of(TENANT, forget(77))).is_applied(), "nothing to forget");
    assert_eq!(find(&store, TENANT, Lookup::new(address).rows(9)), (vec![2], 1));
    assert_eq!(find(&store, TENANT, Lookup::new(id)), (vec![], 0));
    assert!(file(&store, 3, 30, vec![id]).is_applied());
    assert!(file(&store, 1, 30, vec![other]).is_applied());
    assert_eq!(store.len(TENANT), 3);
}

#[test]
fn a_refusal_names_every_mail_that_was_filed_before() {
    let store = MemoryStore::default();
    let id = |number| key(IndexKind::MessageId, number);
    for (mail, message_id) in [(1, 1), (2, 2)] {
        assert!(file(&store, mail, 10, vec![id(message_id)]).is_applied());
    }
    let mut batch = Batch::new(TENANT);
    for (mail, message_id) in [(3, 1), (4, 4), (2, 5), (6, 6), (7, 2)] {
        let mail = RecordId::new(mail);
        batch.push(Change::File(MessageRow::new(mail, at(1), mail, vec![id(message_id)]))).unwrap();
    }
    let refusal = |change, holder| {
        let reason = Reason::Filed { holder: RecordId::new(holder) };
        Refusal { change, reason }
    };
    let expected = vec![refusal(0, 1), refusal(2, 2), refusal(4, 2)];
    assert_eq!(commit(&store, &batch), Commit::Refused(expected));
    assert_eq!(store.len(TENANT), 2);
}

#[test]
fn looking_leaves_no_tenant_behind() {
    let store = MemoryStore::default();
    let _ = find(&store, TENANT, Lookup::new(key(IndexKind::Token, 1)));
    assert!(commit(&store, &Batch::new(TENANT)).is_applied());
    let block = store.allocate(TENANT, SequenceKey::UserNumbers, NonZeroU32::MIN);
    assert_eq!(poll_once(block).unwrap().unwrap().first(), 1);
    assert!(store.tenants.read().unwrap().is_empty());
}

/// Whoever holds a tenant's lock holds up neither another tenant, nor numbers, nor names.
#[test]
fn locks_are_apart() {
    let store = MemoryStore::default();
    let tenants = [TENANT, TenantId::new(2)];
    let row = |id| MessageRow::new(RecordId::new(id), at(1), RecordId::new(id), vec![]);
    for tenant in tenants {
        assert!(commit(&store, &Batch::of(tenant, Change::File(row(1)))).is_applied());
    }
    let locked = store.tenant(TENANT).unwrap();
    let _writing = locked.write().unwrap();
    // On this very thread: anything that waited for the lock would wait for ever.
    assert!(commit(&store, &Batch::of(tenants[1], Change::File(row(2)))).is_applied());
    assert!(commit(&store, &Batch::of(TenantId::new(3), Change::File(row(2)))).is_applied());
    assert_eq!(store.len(tenants[1]), 2);
    let block = store.allocate(TENANT, SequenceKey::UserNumbers, NonZeroU32::MIN);
    assert_eq!(poll_once(block).unwrap().unwrap().first(), 1);
    let name = RegisterName::new(crate::claim::RegisterSpace::Domain, "a.example").unwrap();
    let register = Change::Register { name: name.clone(), until: None, now: at(1) };
    assert!(commit(&store, &Batch::of(TENANT, register)).is_applied());
    let names = poll_once(store.registrations(&[name])).unwrap().unwrap();
    assert_eq!(names, [Some(Registration::new(TENANT, None))]);
}

#[derive(Clone, Debug)]
enum Step {
    File { id: u128, seconds: i64, keys: Vec<(u8, u8)> },
    Forget(u128),
}

fn steps() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let keys = prop::collection::vec((0_u8..4, 0_u8..8), 0..5);
    let file = (0_u128..25, 0_i64..20, keys);
    let step = prop_oneof![
        3 => file.prop_map(|(id, seconds, keys)| Step::File { id, seconds, keys }),
        1 => (0_u128..25).prop_map(Step::Forget),
    ];
    prop::collection::vec(prop::collection::vec(step, 1..4), 0..60)
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

    /// Filing, forgetting and filing again under few ids and Message-IDs, in batches.
    #[test]
    fn files_and_forgets_as_the_model_does(batches in steps()) {
        let kinds =
            [IndexKind::MessageId, IndexKind::Address, IndexKind::Reference, IndexKind::Word];
        let store = MemoryStore::default();
        let mut model: BTreeMap<u128, (i64, Vec<IndexKey>)> = BTreeMap::new();
        for steps in batches {
            let mut batch = Batch::new(TENANT);
            for step in steps {
                let change = match step {
                    Step::Forget(id) => Change::Forget(RecordId::new(id)),
                    Step::File { id, seconds, keys } => {
                        let keys = keys.iter().map(|(k, n)| key(kinds[usize::from(*k)], *n));
                        let id = RecordId::new(id);
                        Change::File(MessageRow::new(id, at(seconds), id, keys.collect()))
                    }
                };
                // Contradictions are kept out by the batch.
                let _ = batch.push(change);
            }
            let mut after = model.clone();
            for change in batch.changes() {
                if let Change::Forget(id) = change {
                    after.remove(&id.get());
                }
            }
            let mut refused = Vec::new();
            // As if all others applied: what the batch forgets stands in nobody's way.
            let before = after.clone();
            for (place, change) in batch.changes().iter().enumerate() {
                let Change::File(row) = change else { continue };
                let by_key = row.keys().iter().filter(|key| key.kind() == IndexKind::MessageId);
                let by_key = by_key.filter_map(|key| {
                    before.iter().find(|(_, (_, keys))| keys.contains(key)).map(|(id, _)| *id)
                });
                let by_id = before.contains_key(&row.id().get()).then_some(row.id().get());
                match by_id.into_iter().chain(by_key).next() {
                    Some(holder) => refused.push((place, holder)),
                    None => {
                        let seconds = row.created().timestamp();
                        after.insert(row.id().get(), (seconds, row.keys().to_vec()));
                    }
                }
            }
            match commit(&store, &batch) {
                Commit::Applied => {
                    prop_assert_eq!(refused, vec![]);
                    model = after;
                }
                Commit::Refused(refusals) => {
                    let found = refusals.into_iter().map(|refusal| match refusal.reason {
                        Reason::Filed { holder } => (refusal.change, holder.get()),
                        other => panic!("{other:?}"),
                    });
                    prop_assert_eq!(found.collect::<Vec<_>>(), refused);
                }
            }
            prop_assert_eq!(store.len(TENANT), model.len());
            for (kind, number) in kinds[..3].iter().flat_map(|kind| (0..8).map(move |n| (kind, n))) {
                let key = key(*kind, number);
                let mut expected: Vec<_> = model
                    .iter()
                    .filter(|(_, (_, keys))| keys.contains(&key))
                    .map(|(id, (seconds, _))| (*seconds, *id))
                    .collect();
                expected.sort_unstable_by(|a, b| b.cmp(a));
                let expected: Vec<_> = expected.into_iter().map(|(_, id)| id).collect();
                let (found, count) = find(&store, TENANT, Lookup::new(key).rows(64));
                prop_assert_eq!(usize::from(count), expected.len());
                prop_assert_eq!(found, expected);
            }
        }
    }
}

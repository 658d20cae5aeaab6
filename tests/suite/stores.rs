//! Shipped stores against one that is too simple to be wrong: the same batches, the same answers.

use std::num::NonZeroU32;

use chrono::{DateTime, TimeDelta, Utc};
use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::claim::{
    ClaimId, ClaimPageQuery, ClaimState, Claimant, RecipientKey, RegisterName, RegisterSpace,
    SendScope,
};
use correspond::id::{RecordId, TenantId};
use correspond::index::{IndexKind, Keyer, Kinds, Lookup, MessageQuery, MessageRow};
use correspond::record::{
    LookupKey, LookupKind, Record, RecordKind, RecordLookup, RecordPageQuery, RecordRef, Space,
    UniqueKey, Version,
};
use correspond::store::{
    Batch, Change, Commit, Expect, FullStore, SequenceKey, Sequences, Store, poll_once,
};
use proptest::prelude::*;

#[path = "../../examples/your_own_store.rs"]
#[allow(dead_code, reason = "an example with a main of its own")]
mod model;

/// A step in small numbers, so that everything collides with everything.
#[derive(Clone, Debug)]
enum Step {
    File {
        id: u8,
        minute: u8,
        keys: Vec<(u8, u8)>,
    },
    Forget {
        id: u8,
    },
    /// `right`: expects what is there; else something that is not.
    Put {
        record: u8,
        right: bool,
        minute: u8,
        unique: Vec<u8>,
        keys: Vec<u8>,
        active: bool,
    },
    Delete {
        record: u8,
        right: bool,
    },
    Claim {
        send: u8,
        by: u8,
    },
    Settle {
        send: u8,
        by: u8,
    },
    Release {
        send: u8,
        by: u8,
    },
    TakeOver {
        send: u8,
        from: u8,
        by: u8,
    },
    Register {
        name: u8,
        until: Option<u8>,
        now: u8,
    },
    Unregister {
        name: u8,
    },
}

fn steps() -> impl Strategy<Value = Step> {
    let pairs = prop::collection::vec((0_u8..4, 0_u8..4), 0..5);
    let few = || prop::collection::vec(0_u8..4, 0..3);
    let name = 0_u8..2;
    prop_oneof![
        4 => (0_u8..6, 0_u8..5, pairs).prop_map(|(id, minute, keys)| Step::File { id, minute, keys }),
        1 => (0_u8..6).prop_map(|id| Step::Forget { id }),
        5 => (0_u8..4, prop::bool::weighted(0.9), 0_u8..5, few(), few(), any::<bool>()).prop_map(
            |(record, right, minute, unique, keys, active)| Step::Put {
                record, right, minute, unique, keys, active
            }
        ),
        1 => (0_u8..4, prop::bool::weighted(0.9)).prop_map(|(record, right)| Step::Delete { record, right }),
        2 => (0_u8..4, 0_u8..2).prop_map(|(send, by)| Step::Claim { send, by }),
        1 => (0_u8..4, 0_u8..2).prop_map(|(send, by)| Step::Settle { send, by }),
        1 => (0_u8..4, 0_u8..2).prop_map(|(send, by)| Step::Release { send, by }),
        1 => (0_u8..4, 0_u8..2, 0_u8..3).prop_map(|(send, from, by)| Step::TakeOver { send, from, by }),
        1 => (name.clone(), prop::option::of(0_u8..5), 0_u8..5)
            .prop_map(|(name, until, now)| Step::Register { name, until, now }),
        1 => name.prop_map(|name| Step::Unregister { name }),
    ]
}

fn at(minute: u8) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minute.into())
}

fn now<T>(future: impl Future<Output = Result<T, correspond::store::StoreError>>) -> T {
    poll_once(future).expect("ready at once").expect("a healthy store")
}

fn reference(record: u8) -> RecordRef {
    let kind = if record.is_multiple_of(2) { RecordKind::Contact } else { RecordKind::LandingPage };
    kind.of(RecordId::new(u128::from(record / 2)))
}

fn send(number: u8) -> ClaimId {
    let scope = SendScope::new(RecordId::new(u128::from(number / 2)));
    ClaimId { scope, recipient: RecipientKey::address(&[b'a' + number % 2]).unwrap() }
}

fn name(number: u8) -> RegisterName {
    RegisterName::new(RegisterSpace::Domain, &format!("{number}.example")).unwrap()
}

const KINDS: [IndexKind; 4] =
    [IndexKind::MessageId, IndexKind::Reference, IndexKind::Token, IndexKind::Word];

fn unique(keyer: &Keyer, number: u8) -> UniqueKey {
    UniqueKey::new(keyer, Space::Match, &[number])
}

fn lookup(keyer: &Keyer, number: u8) -> LookupKey {
    LookupKey::new(keyer, LookupKind::Address, &[number])
}

fn change<S: FullStore>(store: &S, tenant: TenantId, step: &Step, version: Version) -> Change {
    let keyer = store.keyer();
    let found = |record| now(store.load(tenant, &[reference(record)])).remove(0);
    let other = Version::new(u128::MAX);
    match step.clone() {
        Step::File { id, minute, keys } => {
            let keys = keys.iter().map(|(k, n)| keyer.key(KINDS[usize::from(*k)], &[*n])).collect();
            let id = RecordId::new(id.into());
            Change::File(MessageRow::new(id, at(minute), RecordId::new(7), keys))
        }
        Step::Forget { id } => Change::Forget(RecordId::new(id.into())),
        Step::Put { record, right, minute, unique: own, keys, active } => {
            let expect = match found(record) {
                Some(found) if right => Expect::At(found.version),
                None if right => Expect::Absent,
                Some(_) => Expect::Absent,
                None => Expect::At(other),
            };
            let body = format!("{minute} {own:?}");
            let made = Record::new(reference(record), at(minute), body).unwrap();
            let made = if active { made } else { made.inactive() };
            let made = made.with_unique(own.iter().map(|n| unique(keyer, *n))).unwrap();
            let record = made.with_keys(keys.iter().map(|n| lookup(keyer, *n))).unwrap();
            Change::Put { record, version, expect }
        }
        Step::Delete { record, right } => {
            let there = found(record).map_or(other, |found| found.version);
            Change::Delete { record: reference(record), expect: if right { there } else { other } }
        }
        Step::Claim { send: s, by } => {
            Change::Claim { id: send(s), by: Claimant::new(by.into()), at: at(by) }
        }
        Step::Settle { send: s, by } => {
            Change::Settle { id: send(s), by: Claimant::new(by.into()), at: at(by + 1) }
        }
        Step::Release { send: s, by } => {
            Change::Release { id: send(s), by: Claimant::new(by.into()) }
        }
        Step::TakeOver { send: s, from, by } => Change::TakeOver {
            id: send(s),
            from: Claimant::new(from.into()),
            by: Claimant::new(by.into()),
            at: at(9),
        },
        Step::Register { name: n, until, now } => {
            Change::Register { name: name(n), until: until.map(at), now: at(now) }
        }
        Step::Unregister { name: n } => Change::Unregister { name: name(n) },
    }
}

/// What a store shows of a tenant, through every reading trait.
fn shown<S: FullStore>(store: &S, tenant: TenantId) -> Vec<String> {
    let keyer = store.keyer();
    let mut shown = Vec::new();
    let carry = KINDS.into_iter().fold(Kinds::NONE, Kinds::with);
    let mut query = MessageQuery::default();
    for kind in KINDS {
        for number in 0..4 {
            let look = Lookup::new(keyer.key(kind, &[number])).carrying(carry);
            assert!(query.push(look.rows(64)));
            assert!(query.push(look.rows(2).within(Some(at(1)), Some(at(3)))));
        }
    }
    let answer = now(store.find(tenant, &query));
    for lookup in 0..query.lookups().len() {
        let rows: Vec<_> = answer
            .rows(lookup)
            .map(|row| {
                let mut keys = row.keys().to_vec();
                keys.sort_unstable();
                keys.dedup();
                (row.id(), row.created(), row.conversation(), keys)
            })
            .collect();
        shown.push(format!("mails {lookup}: {} {rows:?}", answer.count(lookup)));
    }
    let references: Vec<_> = (0..4).map(reference).collect();
    shown.push(format!("records {:?}", now(store.load(tenant, &references))));
    let keys: Vec<_> = (0..4).map(|n| unique(keyer, n)).collect();
    shown.push(format!("unique {:?}", now(store.holders(tenant, &keys))));
    for kind in [RecordKind::Contact, RecordKind::LandingPage] {
        let query = RecordPageQuery::new(kind).limit(1);
        let first = now(store.list(tenant, &query));
        let next = first.next.map(|next| now(store.list(tenant, &query.limit(9).after(next))));
        shown.push(format!("list {kind:?} {first:?} {next:?}"));
    }
    let query = (0..4).flat_map(|n| [1, 64].map(|r| RecordLookup::new(lookup(keyer, n)).rows(r)));
    let answer = now(store.find_records(tenant, &query.collect()));
    for lookup in 0..8 {
        shown.push(format!("found {} {:?}", answer.count(lookup), answer.found(lookup)));
    }
    for scope in [send(0).scope, send(2).scope] {
        let recipients = [send(0).recipient, send(1).recipient];
        shown.push(format!("claims {:?}", now(store.claims(tenant, &scope, &recipients))));
        let query = ClaimPageQuery::new(scope);
        let open = query.clone().in_state(ClaimState::Open).limit(1);
        shown.push(format!("open {:?}", now(store.claim_page(tenant, &open))));
        shown.push(format!("all {:?}", now(store.claim_page(tenant, &query))));
    }
    shown.push(format!("names {:?}", now(store.registrations(&[name(0), name(1)]))));
    shown
}

const TENANTS: [TenantId; 2] = [TenantId::new(1), TenantId::new(1 << 100)];

/// Does the same with both, and compares what they answer and what they show.
fn compare<S: FullStore>(store: &S, batches: &[(bool, Vec<Step>)]) {
    let model = &model::MapStore::new(store.keyer().clone());
    let mut versions = 0;
    for (tenant, steps) in batches {
        let tenant = TENANTS[usize::from(*tenant)];
        let before = TENANTS.map(|tenant| shown(model, tenant));
        let (mut batch, mut expected) = (Batch::new(tenant), Batch::new(tenant));
        for step in steps {
            versions += 1;
            let version = Version::new(versions);
            let pushed = batch.push(change(store, tenant, step, version));
            assert_eq!(pushed, expected.push(change(model, tenant, step, version)));
        }
        let commit = now(store.commit(&batch));
        assert_eq!(commit, now(model.commit(&expected)));
        let after = TENANTS.map(|tenant| shown(model, tenant));
        assert_eq!(TENANTS.map(|tenant| shown(store, tenant)), after);
        if commit != Commit::Applied {
            assert_eq!(before, after, "a refused batch left something");
        }
        let (sequence, len) = (SequenceKey::UserNumbers, NonZeroU32::new(3).unwrap());
        let block = now(store.allocate(tenant, sequence, len));
        assert_eq!(block, now(model.allocate(tenant, sequence, len)));
    }
}

fn batches() -> impl Strategy<Value = Vec<(bool, Vec<Step>)>> {
    let batch = prop::collection::vec(steps(), 1..6);
    prop::collection::vec((prop::bool::weighted(0.2), batch), 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn memory_does_as_the_simplest_store_does(batches in batches()) {
        compare(&MemoryStore::default(), &batches);
    }
}

proptest! {
    // Each batch is written through to the disk.
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn redb_does_as_the_simplest_store_does(batches in batches()) {
        let dir = tempfile::tempdir().unwrap();
        compare(&RedbStore::open(dir.path().join("store.redb")).unwrap(), &batches);
    }
}

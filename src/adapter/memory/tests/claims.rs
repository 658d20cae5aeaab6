//! Claims of sends, names and numbers.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use proptest::prelude::*;

use super::{TENANT, at, commit};
use crate::adapter::memory::MemoryStore;
use crate::claim::{
    ClaimId, ClaimPageQuery, ClaimState, Claimant, RecipientKey, RegisterName, RegisterSpace,
    Registration, SendClaim, SendScope,
};
use crate::id::{RecordId, TenantId};
use crate::store::{
    Batch, Change, Commit, Ledger, Reason, Refusal, Register, SequenceKey, Sequences, Store,
    poll_once,
};

fn scope(number: u8) -> SendScope {
    SendScope::new(RecordId::new(u128::from(number)))
}

fn recipient(number: u8) -> RecipientKey {
    RecipientKey::address(&[b'a' + number; 3]).unwrap()
}

#[derive(Clone, Debug)]
struct Step {
    sort: u8,
    scope: u8,
    recipient: u8,
    by: u8,
    seconds: i64,
}

impl Step {
    fn change(&self) -> Change {
        let id = ClaimId { scope: scope(self.scope), recipient: recipient(self.recipient) };
        let by = Claimant::new(u128::from(self.by));
        let at = at(self.seconds);
        match self.sort {
            0 => Change::Claim { id, by, at },
            1 => Change::Settle { id, by, at },
            2 => Change::Release { id, by },
            _ => Change::TakeOver { id, from: by, by: Claimant::new(u128::from(self.by) + 1), at },
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let step = (0_u8..4, 0_u8..2, 0_u8..12, 0_u8..2, 0_i64..9);
    let step = step.prop_map(|(sort, scope, recipient, by, seconds)| Step {
        sort,
        scope,
        recipient,
        by,
        seconds,
    });
    prop::collection::vec(prop::collection::vec(step, 1..3), 0..150)
}

type Model = BTreeMap<ClaimId, SendClaim>;

fn apply(model: &mut Model, batch: &Batch) -> Commit {
    let mut after = model.clone();
    let mut refusals = Vec::new();
    for (change, what) in batch.changes().iter().enumerate() {
        let mut unless_open = |id: &ClaimId, by: &Claimant| {
            let found = model.get(id).copied();
            let open = |claim: SendClaim| claim.by() == *by && claim.state() == ClaimState::Open;
            if !found.is_some_and(open) {
                refusals.push(Refusal { change, reason: Reason::Unclaimed { found } });
            }
        };
        match what {
            Change::Claim { id, by, at } => {
                let claim = SendClaim::new(*by, *at, ClaimState::Open);
                if let Some(claim) = after.insert(id.clone(), claim) {
                    refusals.push(Refusal { change, reason: Reason::Claimed { claim } });
                }
            }
            Change::Settle { id, by, at } => {
                unless_open(id, by);
                after.insert(id.clone(), SendClaim::new(*by, *at, ClaimState::Sent));
            }
            Change::Release { id, by } => {
                unless_open(id, by);
                after.remove(id);
            }
            Change::TakeOver { id, from, by, at } => {
                unless_open(id, from);
                after.insert(id.clone(), SendClaim::new(*by, *at, ClaimState::Open));
            }
            other => panic!("{other:?}"),
        }
    }
    if !refusals.is_empty() {
        return Commit::Refused(refusals);
    }
    *model = after;
    Commit::Applied
}

proptest! {
    #[test]
    fn claims_as_the_model_does(batches in steps()) {
        let store = MemoryStore::default();
        let mut model = Model::new();
        for steps in batches {
            let mut batch = Batch::new(TENANT);
            for step in steps {
                // Contradictions are kept out by the batch.
                let _ = batch.push(step.change());
            }
            let expected = apply(&mut model, &batch);
            prop_assert_eq!(commit(&store, &batch), expected);

            let recipients: Vec<_> = (0..12).map(recipient).collect();
            for scope in [0, 1].map(scope) {
                let claims = poll_once(store.claims(TENANT, &scope, &recipients)).unwrap().unwrap();
                let expected = recipients.iter().cloned().map(|recipient| {
                    model.get(&ClaimId { scope, recipient }).copied()
                });
                prop_assert_eq!(claims, expected.collect::<Vec<_>>());
                for state in [None, Some(ClaimState::Open), Some(ClaimState::Sent)] {
                    for after in [None, Some(recipient(4))] {
                        let mut query = ClaimPageQuery::new(scope).limit(4);
                        if let Some(state) = state {
                            query = query.in_state(state);
                        }
                        if let Some(after) = after.clone() {
                            query = query.after(after);
                        }
                        let page = poll_once(store.claim_page(TENANT, &query)).unwrap().unwrap();
                        let expected: Vec<_> = model
                            .iter()
                            .filter(|(id, _)| id.scope == scope)
                            .filter(|(_, claim)| state.is_none_or(|state| claim.state() == state))
                            .filter(|(id, _)| after.as_ref().is_none_or(|a| id.recipient > *a))
                            .map(|(id, claim)| (id.recipient.clone(), *claim))
                            .take(4)
                            .collect();
                        prop_assert_eq!(page.items, expected);
                    }
                }
            }
        }
        let tenant = store.tenant(TENANT);
        let rest = Batch::new(TENANT);
        let releases = model.iter().filter(|(_, claim)| claim.state() == ClaimState::Open);
        let release = |rest: Batch, (id, claim): (&ClaimId, &SendClaim)| {
            let mut rest = rest;
            rest.push(Change::Release { id: id.clone(), by: claim.by() }).unwrap();
            rest
        };
        prop_assert!(commit(&store, &releases.fold(rest, release)).is_applied());
        let sent = model.keys().filter(|id| model[*id].state() == ClaimState::Sent);
        let scopes: std::collections::BTreeSet<_> = sent.map(|id| id.scope).collect();
        if let Some(tenant) = tenant {
            let left = tenant.read().unwrap().claims.scopes().count();
            prop_assert_eq!(left, scopes.len(), "an empty scope is not kept");
        }
    }
}

#[test]
fn a_name_goes_to_one_tenant_until_it_expires() {
    let store = MemoryStore::default();
    let name = RegisterName::new(RegisterSpace::Domain, "a.example").unwrap();
    let register = |tenant, until, now| {
        let change = Change::Register { name: name.clone(), until, now: at(now) };
        poll_once(store.commit(&Batch::of(tenant, change))).unwrap().unwrap()
    };
    let unregister = |tenant| {
        let change = Change::Unregister { name: name.clone() };
        poll_once(store.commit(&Batch::of(tenant, change))).unwrap().unwrap()
    };
    let registered = |tenant, until| {
        let reason = Reason::Registered { tenant, until };
        Commit::Refused(vec![Refusal { change: 0, reason }])
    };
    let other = TenantId::new(2);
    assert!(unregister(other).is_applied(), "nobody has it");
    assert!(register(TENANT, Some(at(10)), 1).is_applied());
    assert_eq!(register(other, None, 10), registered(TENANT, Some(at(10))));
    assert!(register(TENANT, Some(at(12)), 11).is_applied(), "its own is renewed");
    assert_eq!(unregister(other), registered(TENANT, Some(at(12))));
    assert!(register(other, None, 13).is_applied(), "an expired one is free");
    assert_eq!(register(TENANT, None, 1_000), registered(other, None));
    let names = [name.clone(), RegisterName::new(RegisterSpace::Domain, "b.example").unwrap()];
    let found = poll_once(store.registrations(&names)).unwrap().unwrap();
    assert_eq!(found, [Some(Registration::new(other, None)), None]);
    assert!(unregister(other).is_applied());
    assert!(register(TENANT, None, 1_000).is_applied());
}

#[test]
fn numbers_begin_at_one_and_are_of_their_sequence_alone() {
    let store = MemoryStore::default();
    let next = |tenant, key, len| {
        let len = NonZeroU32::new(len).unwrap();
        let block = poll_once(store.allocate(tenant, key, len)).unwrap().unwrap();
        block.numbers().collect::<Vec<_>>()
    };
    let counter = |user| SequenceKey::TokenCounter(RecordId::new(user));
    assert_eq!(next(TENANT, SequenceKey::UserNumbers, 2), [1, 2]);
    assert_eq!(next(TENANT, SequenceKey::UserNumbers, 3), [3, 4, 5]);
    assert_eq!(next(TENANT, counter(0), 1), [1]);
    assert_eq!(next(TENANT, counter(1), 1), [1]);
    assert_eq!(next(TenantId::new(2), SequenceKey::UserNumbers, 1), [1]);
}

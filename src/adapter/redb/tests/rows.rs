//! What is written into which row, and found again.

use super::*;

#[test]
fn losers_are_told_who_won() {
    let place = place();
    let store = RedbStore::open(&place.path).unwrap();
    fill(&store);
    let holder = RecordId::new(1);
    assert_eq!(refusal(commit(&store, mail(&store, 1, 99))), Reason::Filed { holder });
    let ann = lead(store.keyer(), 2, "Ann");
    let found = Some(Version::new(3));
    assert_eq!(refusal(commit(&store, put(ann.clone(), 4))), Reason::Stale { found });
    let taken = Reason::Taken { key: ann.unique()[0], holder: ann.reference() };
    assert_eq!(refusal(commit(&store, put(lead(store.keyer(), 3, "Ann"), 4))), taken);
    let claim = Change::Claim { id: claim_id(), by: Claimant::new(8), at: at(2) };
    let open = SendClaim::new(Claimant::new(9), at(1), ClaimState::Open);
    assert_eq!(refusal(commit(&store, claim)), Reason::Claimed { claim: open });
    let settle = Change::Settle { id: claim_id(), by: Claimant::new(8), at: at(2) };
    assert_eq!(refusal(commit(&store, settle)), Reason::Unclaimed { found: Some(open) });
    let register = Change::Register { name: domain(), until: None, now: at(5) };
    let other = now(store.commit(&Batch::of(TenantId::new(2), register))).unwrap();
    assert_eq!(refusal(other), Reason::Registered { tenant: TENANT, until: None });
    assert_eq!(lookup(&store, Lookup::new(from_ann(&store))), (vec![1], 1));
    check_rest(&store);
}

#[test]
fn look_ups_are_windowed_bounded_and_in_order() {
    let place = place();
    let store = RedbStore::open(&place.path).unwrap();
    let mut batch = Batch::new(TENANT);
    for id in 0..70_u8 {
        // Two of each time, half of them before 1970.
        let change = mail(&store, u128::from(id), i64::from(id / 2) - 17);
        batch.push(change).unwrap();
    }
    assert!(now(store.commit(&batch)).unwrap().is_applied());
    let ann = Lookup::new(from_ann(&store));
    assert_eq!(lookup(&store, ann.rows(5)), (vec![69, 68, 67, 66, 65], 64));
    let window = ann.rows(3).within(Some(at(-2)), Some(at(-1)));
    assert_eq!(lookup(&store, window), (vec![33, 32, 31], 4));
    assert_eq!(lookup(&store, ann.within(Some(at(1)), Some(at(0)))), (vec![], 0));
    let word = store.keyer().key(IndexKind::Word, b"lunch");
    assert_eq!(lookup(&store, Lookup::new(word)), (vec![], 0), "words are carried only");
    let mut query = MessageQuery::default();
    assert!(query.push(ann.carrying(Kinds::NONE.with(IndexKind::Word))));
    let answer = now(store.find(TENANT, &query)).unwrap();
    assert_eq!(answer.newest(0).unwrap().keys(), [word]);
}

#[test]
fn forgotten_mail_leaves_no_key() {
    let place = place();
    let store = RedbStore::open(&place.path).unwrap();
    fill(&store);
    assert!(commit(&store, Change::Forget(RecordId::new(1))).is_applied());
    assert!(commit(&store, Change::Forget(RecordId::new(1))).is_applied(), "nothing is left");
    assert_eq!(lookup(&store, Lookup::new(from_ann(&store))), (vec![], 0));
    assert!(commit(&store, mail(&store, 1, 20)).is_applied());
}

#[test]
fn unique_keys_move_whatever_the_order() {
    let place = place();
    let store = RedbStore::open(&place.path).unwrap();
    for (id, name) in [(1, "a"), (2, "b"), (3, "c")] {
        assert!(commit(&store, put(lead(store.keyer(), id, name), id)).is_applied());
    }
    let to = |id: u128, name| Change::Put {
        record: lead(store.keyer(), id, name),
        version: Version::new(id + 10),
        expect: Expect::At(Version::new(id)),
    };
    let mut batch = Batch::of(TENANT, to(1, "b"));
    batch.push(to(2, "c")).unwrap();
    let third = RecordKind::Lead.of(RecordId::new(3));
    batch.push(Change::Delete { record: third, expect: Version::new(3) }).unwrap();
    assert!(now(store.commit(&batch)).unwrap().is_applied());
    let holder = |name: &str| {
        let key = UniqueKey::new(store.keyer(), Space::Name, name.as_bytes());
        now(store.holders(TENANT, &[key])).unwrap()[0].map(|record| record.id().get())
    };
    assert_eq!(["a", "b", "c"].map(holder), [None, Some(1), Some(2)]);
    let key = LookupKey::new(store.keyer(), LookupKind::Address, b"ann@a.example");
    let query = [RecordLookup::new(key).rows(9)].into_iter().collect();
    assert_eq!(now(store.find_records(TENANT, &query)).unwrap().count(0), 2);
}

#[test]
fn claims_come_in_pages_by_recipient_whatever_their_state() {
    let place = place();
    let store = RedbStore::open(&place.path).unwrap();
    let scope = claim_id().scope;
    let by = Claimant::new(9);
    let id = |n: u8| ClaimId { scope, recipient: RecipientKey::from_bytes(&[n]).unwrap() };
    for n in 1..=10 {
        assert!(commit(&store, Change::Claim { id: id(n), by, at: at(1) }).is_applied());
        if n % 3 == 0 {
            assert!(commit(&store, Change::Settle { id: id(n), by, at: at(2) }).is_applied());
        }
    }
    let pages = |query: &ClaimPageQuery| {
        let (mut query, mut found) = (query.clone(), Vec::new());
        loop {
            let page = now(store.claim_page(TENANT, &query)).unwrap();
            assert!(page.items.len() <= 4);
            found.extend(page.items.iter().map(|(recipient, _)| recipient.as_bytes()[0]));
            let Some(next) = page.next else { return found };
            query = query.after(next);
        }
    };
    let query = ClaimPageQuery::new(scope).limit(4);
    assert_eq!(pages(&query), (1..=10).collect::<Vec<_>>());
    assert_eq!(pages(&query.clone().in_state(ClaimState::Open)), [1, 2, 4, 5, 7, 8, 10]);
    assert_eq!(pages(&query.in_state(ClaimState::Sent)), [3, 6, 9]);
}

#[test]
fn records_come_in_pages_to_the_last_id_there_can_be() {
    let place = place();
    let store = RedbStore::open(&place.path).unwrap();
    for id in [0, 5, u128::MAX] {
        assert!(commit(&store, put(lead(store.keyer(), id, &id.to_string()), 1)).is_applied());
    }
    let other = Record::new(RecordKind::Account.of(RecordId::new(6)), at(0), "").unwrap();
    assert!(commit(&store, put(other, 1)).is_applied());
    let (mut query, mut found) = (RecordPageQuery::new(RecordKind::Lead).limit(1), Vec::new());
    loop {
        let page = now(store.list(TENANT, &query)).unwrap();
        found.extend(page.items.iter().map(|found| found.record.reference().id().get()));
        let Some(next) = page.next else { break };
        query = query.after(next);
    }
    assert_eq!(found, [0, 5, u128::MAX]);
}

#[test]
fn sequences_end() {
    let place = place();
    let store = RedbStore::open(&place.path).unwrap();
    drop(store);
    let database = Database::create(&place.path).unwrap();
    let write = database.begin_write().unwrap();
    let key = layout::sequence(TENANT, SequenceKey::UserNumbers);
    let near = i64::MAX as u64 - 7;
    write.open_table(layout::SEQUENCES).unwrap().insert(&key, near).unwrap();
    write.commit().unwrap();
    drop(database);
    let store = RedbStore::open(&place.path).unwrap();
    assert_eq!(allocate(&store).unwrap().first(), near + 1);
    let error = allocate(&store).unwrap_err();
    assert_eq!(error.to_string(), "allocating numbers: the store is full");
}

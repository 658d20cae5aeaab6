//! Octets changed behind the store's back: an error or an answer, and never a panic.

use proptest::prelude::*;

use super::*;

/// Asks for everything and changes something; `true` where nothing of it was an error.
fn use_all(store: &RedbStore) -> bool {
    let ann = lead(store.keyer(), 2, "Ann");
    let id = claim_id();
    let mut query = MessageQuery::default();
    let kinds = IndexKind::ALL.into_iter().fold(Kinds::NONE, Kinds::with);
    assert!(query.push(Lookup::new(from_ann(store)).rows(64).carrying(kinds)));
    let directory = [RecordLookup::new(ann.keys()[0])].into_iter().collect();
    let outcomes = [
        now(store.find(TENANT, &query)).map(drop),
        now(store.load(TENANT, &[ann.reference()])).map(drop),
        now(store.holders(TENANT, ann.unique())).map(drop),
        now(store.list(TENANT, &RecordPageQuery::new(RecordKind::Lead))).map(drop),
        now(store.find_records(TENANT, &directory)).map(drop),
        now(store.claims(TENANT, &id.scope, &[id.recipient])).map(drop),
        now(store.claim_page(TENANT, &ClaimPageQuery::new(id.scope))).map(drop),
        now(store.registrations(&[domain()])).map(drop),
        allocate(store).map(drop),
        now(store.commit(&Batch::of(TENANT, mail(store, 77, 5)))).map(drop),
        now(store.commit(&Batch::of(TENANT, Change::Forget(RecordId::new(1))))).map(drop),
        now(store.commit(&Batch::of(TENANT, put(lead(store.keyer(), 9, "Bob"), 1)))).map(drop),
    ];
    outcomes.into_iter().all(|outcome| {
        let kinds = [StoreErrorKind::Corrupt, StoreErrorKind::Other];
        outcome.inspect_err(|error| assert!(kinds.contains(&error.kind()), "{error:?}")).is_ok()
    })
}

fn filled() -> Vec<u8> {
    let place = place();
    let store = RedbStore::open(&place.path).unwrap();
    fill(&store);
    let mut batch = Batch::new(TENANT);
    for id in 100..160 {
        batch.push(mail(&store, id, 0)).unwrap();
    }
    assert!(now(store.commit(&batch)).unwrap().is_applied());
    drop(store);
    fs::read(&place.path).unwrap()
}

fn try_all(octets: &[u8]) -> [bool; 2] {
    let place = place();
    [RedbOptions::new(), RedbOptions::new().checked()].map(|options| {
        fs::write(&place.path, octets).unwrap();
        match options.open(&place.path) {
            Ok(store) => use_all(&store),
            Err(_) => false,
        }
    })
}

#[test]
fn a_file_that_was_cut_off_is_an_error() {
    let whole = filled();
    assert_eq!(try_all(&whole), [true, true]);
    for at in
        [1, 8, 9, 64, 320, 4_096, 8_192, whole.len() / 2, whole.len() - 4_096, whole.len() - 1]
    {
        let cut = try_all(&whole[..at]);
        assert!(!cut[0] || !cut[1] || at >= whole.len() / 2, "cut at {at}: {cut:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_file_with_other_octets_is_no_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 1_usize..64), 1..12),
        header in any::<bool>(),
    ) {
        let mut octets = filled();
        let end = if header { 4_096 } else { octets.len() };
        for (at, octet, len) in changes {
            let at = at.index(end);
            let len = len.min(octets.len() - at);
            octets[at..at + len].fill(octet);
        }
        try_all(&octets);
    }
}

//! Another version of the file, and room that is given back.

use super::super::layout::{FORMAT_ENTRY, META, STAMP_ENTRY};
use super::*;

fn set_meta(place: &Place, entry: &str, value: &[u8]) {
    let database = Database::create(&place.path).unwrap();
    let write = database.begin_write().unwrap();
    write.open_table(META).unwrap().insert(entry, value).unwrap();
    write.commit().unwrap();
}

/// A file whose keys were made by the next version of folding.
fn outdated() -> Place {
    let place = place();
    let store = RedbStore::open(&place.path).unwrap();
    fill(&store);
    let mut stamp = store.keyer().stamp();
    drop(store);
    stamp[0] += 1;
    set_meta(&place, STAMP_ENTRY, &stamp);
    place
}

#[test]
fn another_version_is_refused_and_named() {
    let place = outdated();
    for opened in [RedbStore::open(&place.path), RedbStore::open_read_only(&place.path)] {
        let error = opened.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Outdated);
        assert_eq!(error.to_string(), "opening the store: the store has to be rebuilt");
        let path = place.path.display();
        assert_eq!(
            error.source().unwrap().to_string(),
            format!(
                "{path}: keys were made by version 2 of folding, this build has version 1: rebuild \
                 them, with `correlate_mailbox --store redb:{path} --rebuild MAIL ...`"
            )
        );
    }
    set_meta(&place, FORMAT_ENTRY, &7_u32.to_be_bytes());
    let kept = |found: &Versioned, _: &Keyer| Ok(found.record.clone());
    for opened in [RedbStore::open(&place.path), RedbStore::rebuild(&place.path, kept)] {
        let error = opened.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Outdated);
        let source = error.source().unwrap().to_string();
        assert!(source.contains("expected format 1 of the file, found 7"), "{source}");
    }
}

#[test]
fn rebuilding_drops_mail_and_rekeys_records() {
    let place = outdated();
    let mut asked = 0;
    let store = RedbStore::rebuild(&place.path, |found, keyer| {
        asked += 1;
        assert_eq!(found.record.body(), "Ann");
        Ok(lead(keyer, found.record.reference().id().get(), "Ann"))
    });
    let store = store.unwrap();
    assert_eq!(asked, 1);
    assert_eq!(lookup(&store, Lookup::new(from_ann(&store))), (vec![], 0));
    check_rest(&store);
    assert_eq!(allocate(&store).unwrap().first(), 6, "sequences go on");
    assert!(commit(&store, mail(&store, 1, 10)).is_applied(), "its id is free again");
    drop(store);
    let store = RedbStore::open(&place.path).unwrap();
    assert_eq!(lookup(&store, Lookup::new(from_ann(&store))), (vec![1], 1));
    check_rest(&store);
}

#[test]
fn a_rebuild_that_fails_changes_nothing() {
    let place = outdated();
    let said = |rekey: fn(&Versioned, &Keyer) -> Rekeyed| {
        let error = RedbStore::rebuild(&place.path, rekey).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Other);
        let said = error.source().unwrap().to_string();
        said.strip_prefix(&format!("{}: ", place.path.display())).unwrap().to_owned()
    };
    assert_eq!(said(|_, _| Err("no idea".into())), "rebuilding a record: no idea");
    assert_eq!(
        said(|_, keyer| Ok(lead(keyer, 1, "x"))),
        "rebuilding a record: expected Lead 00000000000000000000000000000002, found Lead \
         00000000000000000000000000000001"
    );
    assert_eq!(RedbStore::open(&place.path).unwrap_err().kind(), StoreErrorKind::Outdated);
    let kept = |found: &Versioned, keyer: &Keyer| {
        Ok(lead(keyer, found.record.reference().id().get(), found.record.body()))
    };
    let store = RedbStore::rebuild(&place.path, kept).unwrap();
    check_rest(&store);
    let bob = lead(store.keyer(), 3, "Bob");
    assert!(commit(&store, put(bob.clone(), 5)).is_applied());
    drop(store);
    let said = said(|found, keyer| Ok(lead(keyer, found.record.reference().id().get(), "same")));
    assert_eq!(
        said,
        "rebuilding a record: expected Name keys that no other record has, found one of Lead \
         00000000000000000000000000000002 in Lead 00000000000000000000000000000003"
    );
    let store = RedbStore::open(&place.path).unwrap();
    let found = now(store.load(TENANT, &[bob.reference()])).unwrap();
    assert_eq!(found, [Some(Versioned { record: bob, version: Version::new(5) })]);
}

#[test]
fn compaction_gives_room_back_and_loses_nothing() {
    let place = place();
    let mut store = RedbStore::open(&place.path).unwrap();
    fill(&store);
    let mut batch = Batch::new(TENANT);
    for id in 100..4_100 {
        batch.push(mail(&store, id, 0)).unwrap();
    }
    assert!(now(store.commit(&batch)).unwrap().is_applied());
    let mut batch = Batch::new(TENANT);
    for id in 100..4_099 {
        batch.push(Change::Forget(RecordId::new(id))).unwrap();
    }
    assert!(now(store.commit(&batch)).unwrap().is_applied());
    let size = || fs::metadata(&place.path).unwrap().len();
    let before = size();
    assert!(store.compact().unwrap());
    assert!(size() * 4 < before, "{} of {before}", size());
    let both = Lookup::new(from_ann(&store)).rows(9);
    assert_eq!(lookup(&store, both), (vec![1, 4_099], 2));
    check_rest(&store);
    drop(store);
    let store = RedbStore::open(&place.path).unwrap();
    assert_eq!(lookup(&store, both), (vec![1, 4_099], 2));
    check_rest(&store);
}

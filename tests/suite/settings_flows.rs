//! Settings that several administrators read and change, over the stores that ship.
//!
//! `cargo run --release --package correspond-proofs -- defaults memory` races for longer.

#[path = "settings_flows/race.rs"]
mod race;

use chrono::{DateTime, TimeDelta};
use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::flow::settings::{
    Changed, Editor, Provisioned, Refused, change, default_of, get, list, load, organization,
    publish,
};
use correspond::id::RecordId;
use correspond::record::Versions;
use correspond::settings::{
    Actor, CatalogueTable, DefaultMarketingSettings, LandingPageConfiguration,
    MarketingDataConfiguration, Permissions, Profile, Stored, TableCatalogue, TableName,
};
use correspond::store::{AnyStore, poll_once};
use race::{Race, TENANT, Way, left, provisioned};

/// A067, A068; facts 7.2, 7.4.
#[test]
fn administrators_at_once_leave_one_default_at_every_look() {
    let race = Race { times: 500, administrators: 2, way: Way::Flow };
    let store = MemoryStore::default();
    let seen = race.run(&store).unwrap();
    assert_eq!((seen.made, seen.none, seen.several), (1_000, 0, 0), "{seen:?}");
    assert_eq!((race.was_one(&seen), left(&store).is_ok()), (Ok(()), true), "{seen:?}");

    let dir = tempfile::tempdir().unwrap();
    let store = RedbStore::open(dir.path().join("store.redb")).unwrap();
    let seen = Race { times: 20, ..race }.run(&store).unwrap();
    assert_eq!((seen.made, seen.none, seen.several), (40, 0, 0), "{seen:?}");
    assert!(seen.lost >= 20 && left(&store).is_ok(), "{seen:?}");
}

#[test]
fn a_default_that_is_made_wrongly_is_seen_every_time() {
    for _ in 0..10 {
        let race = Race { times: 5, administrators: 2, way: Way::TwoBatches };
        let seen = race.run(&MemoryStore::default()).unwrap();
        assert!(seen.none > 0, "{seen:?}");
        let race = Race { way: Way::Unkeyed, ..race };
        let seen = race.run(&MemoryStore::default()).unwrap();
        assert!(seen.several > 0, "{seen:?}");
    }
}

/// A107, A109; facts 7.8: what is published grows by publishing alone, which asks the catalogue.
#[test]
fn tables_are_published_through_the_catalogue_alone() {
    let store = MemoryStore::default();
    let versions = Versions::default();
    assert_eq!(provisioned(&store, &versions), Ok(Provisioned::Now));
    let administrator = Actor::new(RecordId::new(7), Permissions::ALL);
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(9);
    let editor = Editor::new(TENANT, administrator, now, &versions);
    let own = organization(TENANT);
    let (lead, pet) = (TableName::new("lead").unwrap(), TableName::new("new_pet").unwrap());
    let catalogue = |tracked: &[&TableName]| {
        let tables = tracked.iter().map(|table| CatalogueTable::new((*table).clone(), true));
        TableCatalogue::new(tables).unwrap()
    };
    let run = |seen: &Stored<MarketingDataConfiguration>, value| {
        poll_once(change(&store, &editor, own, seen.version, value)).unwrap().unwrap()
    };
    let published = |seen: &Stored<MarketingDataConfiguration>, catalogue: &TableCatalogue| {
        let done = publish(&store, &editor, catalogue, seen.version, Profile::Documents);
        poll_once(done).unwrap().unwrap()
    };

    let first = poll_once(get::<MarketingDataConfiguration, _>(&store, TENANT, own));
    let first = first.unwrap().unwrap().unwrap();
    let both = catalogue(&[&lead, &pet]);
    let request = first.value.request(&lead, &both).unwrap().request(&pet, &both).unwrap();
    let requested = run(&first, request.clone()).done().unwrap();

    // Its own publication, saved without the catalogue of now.
    let made = request.publication(&both).unwrap().confirm(now, Profile::Documents).unwrap();
    let Changed::Refused(Refused::NotAllowed(error)) = run(&requested, made.configuration) else {
        panic!("published by saving");
    };
    assert_eq!(
        error.to_string(),
        "published: expected lead among the requested tables, to be published, found it added"
    );
    let Changed::Refused(refused) = published(&requested, &catalogue(&[&lead])) else {
        panic!("published what is not there");
    };
    assert_eq!(refused.to_string(), "table new_pet: expected a table, found none of this name");

    let done = published(&requested, &both).done().unwrap();
    assert!(done.value.published().contains(&pet) && done.value.requested().is_empty());
    let usable_at = now + TimeDelta::minutes(30);
    assert!(done.value.published().is_usable(&lead, usable_at));
    assert!(!done.value.published().is_usable(&lead, usable_at - TimeDelta::seconds(1)));
    assert_eq!(published(&done, &both), Changed::Done(done.clone()), "nothing to publish");
    assert_eq!(published(&requested, &both), Changed::Stale(done.clone()));

    let json = serde_json::to_string(&done.value).unwrap();
    let sooner = json.replace("1970-01-10T00:30:00Z", "1970-01-10T00:00:00Z");
    assert_ne!(json, sooner);
    let sooner = serde_json::from_str(&sooner).unwrap();
    assert!(matches!(run(&done, sooner), Changed::Refused(Refused::NotAllowed(_))));
}

fn stores(dir: &tempfile::TempDir) -> [AnyStore; 2] {
    let redb = RedbStore::open(dir.path().join("store.redb")).unwrap();
    [AnyStore::new(MemoryStore::default()), AnyStore::new(redb)]
}

/// A025, A036, A037, A108.
#[test]
fn of_threads_that_provision_at_once_one_makes_the_organization() {
    let dir = tempfile::tempdir().unwrap();
    for store in stores(&dir) {
        let line = std::sync::Barrier::new(4);
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let (line, store) = (&line, &store);
            let threads = [(); 4].map(|()| {
                scope.spawn(move || {
                    line.wait();
                    provisioned(store, &Versions::default()).unwrap()
                })
            });
            threads.map(|thread| thread.join().unwrap()).to_vec()
        });
        let now = outcomes.iter().filter(|outcome| **outcome == Provisioned::Now).count();
        let before = outcomes.iter().filter(|outcome| **outcome == Provisioned::Before).count();
        assert_eq!((now, before), (1, 3), "{outcomes:?}");
        let snapshot = poll_once(load(&store, TENANT)).unwrap().unwrap();
        assert!(snapshot.default_sending_domain().is_some_and(|domain| domain.value.can_send()));
        assert!(snapshot.landing_page.is_default());
        let sets = list::<DefaultMarketingSettings, _>(&store, TENANT);
        assert_eq!(poll_once(sets).unwrap().unwrap().len(), 1);
    }
}

/// What was made is there in a file that is closed and opened again.
#[test]
fn a_provisioned_organization_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("store.redb");
    let before = {
        let store = RedbStore::open(&path).unwrap();
        assert_eq!(provisioned(&store, &Versions::default()), Ok(Provisioned::Now));
        poll_once(load(&store, TENANT)).unwrap().unwrap()
    };
    let store = RedbStore::open(&path).unwrap();
    assert_eq!(provisioned(&store, &Versions::default()), Ok(Provisioned::Before));
    assert_eq!(poll_once(load(&store, TENANT)).unwrap().unwrap(), before);
    let found = poll_once(default_of::<LandingPageConfiguration, _>(&store, TENANT));
    assert_eq!(found.unwrap().unwrap(), Some(before.landing_page));
}

//! Settings that several administrators read and change, over the stores that ship.
//!
//! `cargo run --release --package correspond-proofs -- defaults memory` races for longer.

#[path = "settings_flows/race.rs"]
mod race;

use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::flow::settings::{Provisioned, default_of, list, load};
use correspond::record::Versions;
use correspond::settings::{DefaultMarketingSettings, LandingPageConfiguration};
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

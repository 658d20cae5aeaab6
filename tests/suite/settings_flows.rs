//! Settings that several administrators read and change, over the stores that ship.
//!
//! `cargo run --release --package correspond-proofs -- defaults memory` races for longer.

#[path = "settings_flows/race.rs"]
mod race;

use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use race::{Race, Way, left};

/// A067, A068; facts 7.2, 7.4.
#[test]
fn administrators_at_once_leave_one_default_at_every_look() {
    let race = Race { times: 500, administrators: 2, way: Way::Flow };
    let store = MemoryStore::default();
    let seen = race.run(&store).unwrap();
    assert_eq!((seen.made, seen.none, seen.several), (1_000, 0, 0), "{seen:?}");
    assert!(seen.lost >= 500, "in each round all but one are too late: {seen:?}");
    assert!(seen.looks > 0 && left(&store).is_ok());

    let dir = tempfile::tempdir().unwrap();
    let store = RedbStore::open(dir.path().join("store.redb")).unwrap();
    let seen = Race { times: 20, ..race }.run(&store).unwrap();
    assert_eq!((seen.made, seen.none, seen.several), (40, 0, 0), "{seen:?}");
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

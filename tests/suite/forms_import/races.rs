//! Others who write what an import is about to write.

use super::watched::Watched;
use super::*;
use correspond::adapter::memory::MemoryStore;
use correspond::flow::FlowErrorKind;
use std::sync::Arc;
use std::sync::atomic::Ordering;

#[test]
fn a_submission_that_meets_a_row_of_the_chunk_is_found() {
    let org = Arc::new(Org::new());
    let store = Watched::new(MemoryStore::default());
    org.key(&store.inner);
    let other = org.clone();
    store.before_commit(move |store| {
        let _ = now(other.submit(store, 9, &other.person(2, "Zoe")));
    });
    let rows = org.people([1, 2, 3]);
    let (progress, lost) = now(org.import(&store, &job(), &rows));
    assert_eq!(lost, 1);
    let contacts = progress.tally(MatchingTarget::Contact);
    assert_eq!((contacts.created, contacts.updated), (2, 1));
    assert_eq!(now(self::rows(&store, RecordKind::Contact)).len(), 3);
    assert_eq!(now(self::rows(&store, RecordKind::Lead)).len(), 3);
}

/// A row that claims what a new one claims, and does not match: it gives that up in the batch that
/// makes the new one.
#[test]
fn claims_of_others_who_do_not_match_are_released() {
    let (org, store) = (Org::new(), MemoryStore::default());
    org.key(&store);
    let _ = now(org.submit(&store, 9, &org.person(1, "Ann")));
    for kind in [RecordKind::Contact, RecordKind::Lead] {
        let kept = now(all(&store, kind)).remove(0);
        let gone = Party::from_versioned(&kept).unwrap().inactive();
        now(org.write(&store, vec![(gone, Expect::At(kept.version))]));
        assert!(match_claims(&now(all(&store, kind))[0]) > 0, "an inactive row keeps its claims");
    }
    let (progress, _) = now(org.import(&store, &job(), &org.people([1, 1])));
    for (kind, target) in
        [(RecordKind::Contact, MatchingTarget::Contact), (RecordKind::Lead, MatchingTarget::Lead)]
    {
        let tally = progress.tally(target);
        assert_eq!((tally.created, tally.unchanged), (1, 1));
        let kept = now(all(&store, kind));
        let claims = |active| {
            let mut kept = kept.iter().filter(|kept| kept.record.is_active() == active);
            match_claims(kept.next().unwrap())
        };
        assert_eq!(kept.len(), 2);
        assert!(claims(false) == 0 && claims(true) > 0, "{kept:?}");
    }
}

#[test]
fn a_chunk_that_loses_every_round_is_halved() {
    let (org, store) = (Org::new(), Watched::new(MemoryStore::default()));
    org.key(&store.inner);
    // A contact, a lead, an entry in its history, and a checkpoint: two rows, and not three.
    store.largest.store(7, Ordering::Relaxed);
    let rows = org.people([1, 2, 3, 4, 5, 2, 6, 7, 8, 9, 10]);
    let (progress, lost) = now(org.import(&store, &job(), &rows));
    now(assert_done_once(&store, &progress, &rows));
    assert!(lost >= 16, "{lost}");
}

#[test]
fn a_row_that_loses_every_round_is_left_for_later() {
    let (org, store) = (Org::new(), Watched::new(MemoryStore::default()));
    org.key(&store.inner);
    let rows = org.people([1, 2, 3]);
    let (progress, _) = now(org.import(&store, &job().chunk(2), &rows[..2]));
    store.largest.store(0, Ordering::Relaxed);
    let (setup, job) = (org.setup(), job());
    let step = org.submissions.import_step(&store, &setup, &job, &progress, &rows[2..], start());
    assert_eq!(now(step).unwrap_err().kind(), FlowErrorKind::Contended);
    store.largest.store(usize::MAX, Ordering::Relaxed);
    let (progress, _) = now(org.import(&store, &job, &rows));
    now(assert_done_once(&store, &progress, &rows));
}

/// The other one commits while this one is about to.
#[test]
fn who_imports_the_same_at_the_same_time_is_told() {
    let org = Arc::new(Org::new());
    let store = Watched::new(MemoryStore::default());
    org.key(&store.inner);
    let rows = org.people([1, 2, 2, 3, 4]);
    let (other, others) = (org.clone(), rows.clone());
    store.before_commit(move |store| {
        let step = now(other.step(store, &job(), &ImportProgress::default(), &others[..3]));
        assert!(!step.overtaken && step.progress.rows() == 3);
    });
    let step = now(org.step(&store, &job(), &ImportProgress::default(), &rows));
    assert!(step.overtaken);
    assert_eq!((step.progress.rows(), step.outcomes.len(), step.lost_rounds), (3, 0, 1));
    // Who was told goes on from there.
    let (progress, _) = now(org.import(&store, &job(), &rows));
    now(assert_done_once(&store, &progress, &rows));
    // And who never heard an answer is told too.
    let step = now(org.step(&store, &job(), &ImportProgress::default(), &rows));
    assert!(step.overtaken && step.progress == progress);
}

/// Two importers of the same rows, and visitors who submit for the same people.
#[test]
fn importers_and_visitors_at_once_make_each_person_once() {
    for round in 0..4 {
        let (org, store) = (Org::new(), MemoryStore::default());
        org.key(&store);
        let rows = org.people((0..240).map(|n| n % 80));
        std::thread::scope(|scope| {
            for importer in 0..2 {
                let (org, store, rows) = (&org, &store, &rows);
                scope.spawn(move || {
                    let job = job().chunk(20 + importer * 7 + round);
                    let (progress, _) = now(org.import(store, &job, rows));
                    assert_eq!(progress.rows(), 240);
                });
            }
            let (org, store) = (&org, &store);
            scope.spawn(move || {
                for number in 0..80 {
                    let _ = now(org.submit(
                        store,
                        1_000 + u128::from(number),
                        &org.person(number, "Zoe"),
                    ));
                }
            });
        });
        let progress = now(org.submissions.import_progress(&store, &job())).unwrap();
        for (kind, target) in [
            (RecordKind::Contact, MatchingTarget::Contact),
            (RecordKind::Lead, MatchingTarget::Lead),
        ] {
            assert_eq!(now(self::rows(&store, kind)).len(), 80, "{kind:?}");
            let tally = progress.tally(target);
            assert_eq!(tally.created + tally.updated + tally.unchanged, 240, "{tally:?}");
        }
        let done = now(all(&store, RecordKind::LeadHistory)).len();
        let waiting = now(all(&store, RecordKind::Submission))
            .iter()
            .filter(|kept| kept.record.body().contains("pending"))
            .count();
        assert_eq!(done + waiting, 240 + 80, "each row and each visit once");
    }
}

#[test]
fn a_step_can_be_sent_to_another_thread() {
    fn is_send<T: Send>(future: T) -> T {
        future
    }
    let (org, store) = (Org::new(), MemoryStore::default());
    org.key(&store);
    let (setup, job, rows) = (org.setup(), job(), org.people([1]));
    let none = ImportProgress::default();
    let step = is_send(org.submissions.import_step(&store, &setup, &job, &none, &rows, start()));
    assert_eq!(now(step).unwrap().progress.rows(), 1);
    let people = [org.person(1, "Ann")];
    let found =
        is_send(correspond::flow::forms::match_many(&store, &setup, TENANT, &people, start()));
    assert_eq!(now(found).unwrap().len(), 1);
    let none: Vec<(Party, Expect)> = Vec::new();
    let written = is_send(write_rows(&store, &org.versions, TENANT, &org.plan, none));
    assert_eq!(now(written).unwrap().written, 0);
}

/// Of very many rows under one key some are not looked at: who has the claim is found by that.
#[test]
fn a_person_behind_very_many_rows_is_found_by_his_claim() {
    let (org, store) = (Org::new(), MemoryStore::default());
    org.key(&store);
    let _ = now(org.submit(&store, 9, &org.person(1, "Ann")));
    let inactive = |kind, id| {
        let row = party(kind, id, &[("emailaddress1", "p1@home.example")]).inactive();
        (row.modified_at(start() + TimeDelta::days(1)), Expect::Absent)
    };
    let gone = (0..100).flat_map(|id| {
        [inactive(RecordKind::Contact, 100 + id), inactive(RecordKind::Lead, 100 + id)]
    });
    now(org.write(&store, gone.collect()));
    let (progress, lost) = now(org.import(&store, &job(), &org.people([1, 2, 1])));
    assert_eq!(lost, 1);
    for target in MatchingTarget::ALL {
        let tally = progress.tally(*target);
        assert_eq!((tally.created, tally.unchanged), (1, 2), "{target}");
    }
}

/// A strategy comes while a chunk is decided: its rows have the keys all the same.
#[test]
fn rows_imported_while_a_strategy_comes_have_its_keys() {
    let org = Arc::new(Org::new());
    let store = Watched::new(MemoryStore::default());
    org.key(&store.inner);
    let mut strategies = org.strategies.clone();
    let by_name = MatchingStrategy::out_of_box(MatchingTarget::Contact).name("First names");
    strategies.push(stored(4, by_name.attributes(["firstname"]).build().unwrap()));
    let plan = MatchPlan::new(&strategies, &MatchScope::default()).unwrap();
    let (other, later) = (org.clone(), plan.clone());
    store.before_commit(move |store| {
        let keyed = key_directory(store, &other.versions, TENANT, &later, start());
        assert_eq!(now(keyed).unwrap().written, 0, "no row is there yet");
    });
    let rows = org.people(0..600);
    let (progress, _) = now(org.import(&store, &job().chunk(600), &rows));
    now(assert_done_once(&store.inner, &progress, &rows));
    let kept = now(all(&store.inner, RecordKind::Contact));
    assert!(kept.iter().all(|kept| kept.record.keys().len() == 4), "three strategies, an address");
}

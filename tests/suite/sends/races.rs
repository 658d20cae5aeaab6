//! Workers at once: all look before any claims.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use correspond::adapter::redb::RedbStore;
use correspond::claim::{Claimant, RecipientKey, SendScope};
use correspond::flow::sends::{ClaimAnswer, SendRun};
use correspond::id::RecordId;
use correspond::store::AnyStore;

use super::seat::{Call, Fault, Seat, Then};
use super::{TENANT, memory, minute, now, people};

/// Each of so many workers claims the same recipients, once all have looked. Who was claimed by how many?
fn claimed_by(store: &AnyStore, round: u128, workers: u128, fault: Fault) -> Vec<usize> {
    let asked = people(0..10);
    let barrier = Barrier::new(workers as usize);
    let scope = SendScope::new(RecordId::new(round));
    let answers: Vec<Vec<ClaimAnswer>> = thread::scope(|threads| {
        let work = |worker: u128| {
            let (asked, barrier) = (&asked, &barrier);
            threads.spawn(move || {
                let met = AtomicBool::new(false);
                let seat = Seat::new(store, fault, |call| {
                    if matches!(call, Call::Commit(_)) && !met.swap(true, Ordering::SeqCst) {
                        barrier.wait();
                    }
                    Then::Answers
                });
                let run = SendRun::new(TENANT, scope, Claimant::new(1 + worker));
                let answers = now(run.claim(&seat, asked, minute(1)));
                let may = asked.iter().zip(&answers).filter(|(_, answer)| answer.is_claimed());
                let sent: Vec<RecipientKey> = may.map(|(key, _)| key.clone()).collect();
                let _ = now(run.settle(&seat, &sent, minute(2)));
                answers.into_iter().collect()
            })
        };
        let workers: Vec<_> = (0..workers).map(work).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    let claims = |at: usize| answers.iter().filter(|answers| answers[at].is_claimed()).count();
    (0..asked.len()).map(claims).collect()
}

/// C-CLM-1 as a worker sees it: of any number exactly one may send, in each of a thousand rounds. One
/// that looks and sends without claiming is noticed in each.
#[test]
fn of_workers_at_once_exactly_one_may_send() {
    let store = memory();
    for round in 0..1_000 {
        assert_eq!(claimed_by(&store, round, 2 + round % 3, Fault::None), [1; 10]);
    }
    let broken = memory();
    for round in 0..100 {
        assert_eq!(claimed_by(&broken, round, 2, Fault::ClaimsLater), [2; 10]);
    }
    let dir = tempfile::tempdir().unwrap();
    let store = AnyStore::new(RedbStore::open(dir.path().join("store.redb")).unwrap());
    for round in 0..10 {
        assert_eq!(claimed_by(&store, round, 3, Fault::None), [1; 10]);
    }
}

/// Some claim what others release, and some who stop leave what they claimed in doubt.
#[test]
fn what_is_released_at_once_is_claimed_by_one() {
    let store = memory();
    for round in 0..200 {
        let scope = SendScope::new(RecordId::new(round));
        let run = |by| SendRun::new(TENANT, scope, Claimant::new(by));
        let keys = people(0..5);
        let _ = now(run(1).claim(&store, &keys, minute(1)));
        let barrier = Barrier::new(3);
        let got: Vec<usize> = thread::scope(|threads| {
            let claim = |by| {
                let (store, keys, barrier) = (&store, &keys, &barrier);
                threads.spawn(move || {
                    barrier.wait();
                    let answers = now(run(by).claim(store, keys, minute(2)));
                    answers.iter().filter(|answer| answer.is_claimed()).count()
                })
            };
            let claims = [claim(2), claim(3)];
            barrier.wait();
            let closed = now(run(1).release(&store, &keys));
            assert!(closed.iter().all(|closed| *closed == correspond::flow::sends::Closed::Done));
            claims.map(|claim| claim.join().unwrap()).to_vec()
        });
        let late = now(run(4).claim(&store, &keys, minute(3)));
        let late = late.iter().filter(|answer| answer.is_claimed()).count();
        assert_eq!(got.iter().sum::<usize>() + late, 5, "{got:?}, {late}");
    }
}

//! The sender over a ledger that fails.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chrono::DateTime;
use correspond::claim::{Claimant, RecipientKey};
use correspond::flow::sends::{InDoubt, SendRun};
use correspond::store::{AnyStore, Change, poll_once};
use correspond_send_campaign::counting::{CountingServer, Moment, Reply};
use correspond_send_campaign::{Outcome, SendError};

use super::seat::{Call, Fault, Seat, Then};
use super::{SCOPE, TENANT, address, doubtful, later, mail, memory, run, sending};

fn changes(call: Call<'_>, what: fn(&Change) -> bool) -> bool {
    matches!(call, Call::Commit(batch) if batch.changes().first().is_some_and(what))
}

fn claims(call: Call<'_>) -> bool {
    changes(call, |change| matches!(change, Change::Claim { .. }))
}

fn settles(call: Call<'_>) -> bool {
    changes(call, |change| matches!(change, Change::Settle { .. }))
}

fn takes_over(call: Call<'_>) -> bool {
    changes(call, |change| matches!(change, Change::TakeOver { .. }))
}

fn keys(numbers: impl IntoIterator<Item = usize>) -> Vec<RecipientKey> {
    numbers.into_iter().map(|n| mail(n).recipient).collect()
}

/// Another run claims these, and is not heard of again.
fn left_by(claimant: u128, store: &AnyStore, numbers: impl IntoIterator<Item = usize>) {
    let gone = SendRun::new(TENANT, SCOPE, Claimant::new(claimant));
    let claimed =
        poll_once(gone.claim(store, &keys(numbers), DateTime::UNIX_EPOCH)).unwrap().unwrap();
    assert!(claimed.iter().all(|answer| answer.is_claimed()));
}

/// A store that is gone for longer than a mail is tried, and comes back before the run has given up: what
/// was sent is settled, and nobody is in doubt.
#[test]
fn what_could_not_be_settled_is_settled_in_the_end() {
    let (server, store) = (CountingServer::start().unwrap(), memory());
    let settled = AtomicUsize::new(0);
    let seat = Seat::new(&store, Fault::None, |call| {
        let fails = settles(call) && settled.fetch_add(1, Ordering::SeqCst) < 3;
        if fails { Then::Fails } else { Then::Answers }
    });
    let mut one = sending(&server, 1);
    (one.workers, one.part, one.settle_after) = (1, 20, 5);
    let (report, told) = run(&seat, one, (0..100).map(mail));
    assert!(matches!(report, Err(SendError::Ledger(_))), "{report:?}");
    assert_eq!((server.total(), told.len()), (5, 20));
    assert_eq!(doubtful(&store), []);
    let (report, _) = run(&store, sending(&server, 2), (0..100).map(mail));
    let report = report.unwrap();
    assert_eq!((report.already_sent, report.sent, server.total()), (5, 95, 100));
}

/// Though nothing can be settled, what was not sent is given back.
#[test]
fn what_was_not_sent_is_given_back_though_nothing_can_be_settled() {
    let (server, store) = (CountingServer::start().unwrap(), memory());
    let seat =
        Seat::new(
            &store,
            Fault::None,
            |call| {
                if settles(call) { Then::Fails } else { Then::Answers }
            },
        );
    let mut one = sending(&server, 1);
    (one.workers, one.part, one.settle_after) = (1, 20, 5);
    let (report, _) = run(&seat, one, (0..100).map(mail));
    assert!(matches!(report, Err(SendError::Ledger(_))), "{report:?}");
    assert_eq!(doubtful(&store), keys(0..5), "sent, and not settled");
}

/// A claim whose answer is never heard is given back: nobody was sent to by it.
#[test]
fn a_part_that_is_given_up_is_given_back() {
    let (server, store) = (CountingServer::start().unwrap(), memory());
    left_by(9 << 16, &store, [3]);
    let claimed = AtomicBool::new(false);
    let seat = Seat::new(&store, Fault::None, |call| match call {
        Call::Read if claimed.load(Ordering::SeqCst) => Then::Fails,
        _ if claims(call) => {
            claimed.store(true, Ordering::SeqCst);
            Then::LosesAnswer
        }
        _ => Then::Answers,
    });
    let mut one = sending(&server, 1);
    one.workers = 1;
    let (report, _) = run(&seat, one, (0..10).map(mail));
    assert!(matches!(report, Err(SendError::Ledger(_))), "{report:?}");
    assert_eq!((server.total(), doubtful(&store)), (0, keys([3])));
}

/// Where taking over fails, the others of the part are given back, and what was in doubt stays so.
#[test]
fn a_part_that_cannot_be_taken_over_is_given_back() {
    for then in [Then::Fails, Then::LosesAnswer] {
        let (server, store) = (CountingServer::start().unwrap(), memory());
        left_by(9 << 16, &store, [1, 4]);
        let taken = AtomicBool::new(false);
        let seat = Seat::new(&store, Fault::None, |call| match call {
            _ if takes_over(call) && !taken.swap(true, Ordering::SeqCst) => then,
            _ if takes_over(call) => Then::Fails,
            _ => Then::Answers,
        });
        let mut one = sending(&server, 1);
        (one.workers, one.take_over) = (1, Some(later()));
        let (report, told) = run(&seat, one, (0..10).map(mail));
        assert!(matches!(report, Err(SendError::Ledger(_))), "{report:?}");
        assert_eq!(told[&address(0)], Outcome::Untried);
        assert!(matches!(told[&address(1)], Outcome::InDoubt { .. }), "{told:?}");
        assert_eq!((server.total(), doubtful(&store)), (0, keys([1, 4])), "{then:?}");
    }
}

/// Who was taken over and then refused stays in doubt: of the run before nobody knows, and the next one
/// would take him for somebody who certainly got nothing.
#[test]
fn who_was_taken_over_and_not_sent_to_stays_in_doubt() {
    let server = CountingServer::with_plan(|coming| match coming.recipient {
        "1@home.example" if coming.moment == Moment::Recipient => Reply::Defer,
        "2@home.example" if coming.moment == Moment::Recipient => Reply::Defer,
        _ => Reply::Accept,
    })
    .unwrap();
    let store = memory();
    left_by(9 << 16, &store, [0, 1]);
    let mut decided = sending(&server, 1);
    decided.take_over = Some(later());
    let (report, _) = run(&store, decided, (0..3).map(mail));
    let report = report.unwrap();
    assert_eq!((report.sent, report.deferred, report.taken_over), (1, 2, 2));
    assert_eq!(doubtful(&store), keys([1]));
}

/// What an earlier call of the same number left is in doubt, and no repetition.
#[test]
fn a_number_that_is_used_again_hides_nothing() {
    let server = CountingServer::with_plan(|coming| match coming.recipient {
        "1@home.example" if coming.moment == Moment::Content => Reply::Forget,
        _ => Reply::Accept,
    })
    .unwrap();
    let store = memory();
    let (report, _) = run(&store, sending(&server, 1), (0..5).map(mail));
    assert_eq!(report.unwrap().unknown, 1);
    std::thread::sleep(Duration::from_millis(20));
    for workers in [1, 8] {
        let mut again = sending(&server, 1);
        again.workers = workers;
        let (report, told) = run(&store, again, (0..5).map(mail));
        let report = report.unwrap();
        assert_eq!((report.in_doubt, report.already_sent, report.repeated), (1, 4, 0), "{told:?}");
    }
}

/// A run that is robbed while it is at work tells.
#[test]
fn a_run_from_which_claims_are_taken_tells_how_many() {
    let (server, store) = (CountingServer::start().unwrap(), memory());
    let robbed = AtomicBool::new(false);
    let seat = Seat::new(&store, Fault::None, |call| {
        if settles(call) && !robbed.swap(true, Ordering::SeqCst) {
            let by = Claimant::new(1 << 16);
            let since = later();
            let seen = keys([0, 2]).into_iter();
            let seen: Vec<_> = seen.map(|recipient| InDoubt { recipient, by, since }).collect();
            let robber = SendRun::new(TENANT, SCOPE, Claimant::new(2 << 16));
            let taken = poll_once(robber.take_over(&store, &seen, later())).unwrap().unwrap();
            assert_eq!(taken.counts().claimed, 2);
        }
        Then::Answers
    });
    let mut one = sending(&server, 1);
    one.workers = 1;
    let report = run(&seat, one, (0..4).map(mail)).0.unwrap();
    assert_eq!((report.sent, report.lost), (4, 2));
    assert_eq!(doubtful(&store), keys([0, 2]));
}

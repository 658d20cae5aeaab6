//! Sends: who may be sent to, what is skipped, what is in doubt, and what becomes of several workers at
//! once; on each embedded store.

mod laws;
mod races;
mod seat;

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::claim::{ClaimPageQuery, ClaimState, Claimant, RecipientKey, SendClaim, SendScope};
use correspond::flow::ROUNDS;
use correspond::flow::sends::{
    ClaimAnswer, Closed, InDoubt, InDoubtQuery, SendCounts, SendRun, in_doubt,
};
use correspond::id::{RecordId, TenantId};
use correspond::mailing::SendOnceTo;
use correspond::store::{AnyStore, Ledger, poll_once};

use seat::{Call, Fault, Seat, Then};

const TENANT: TenantId = TenantId::new(1);

/// A story on each of the stores that ship for one process.
fn on_both_stores(story: impl Fn(&AnyStore)) {
    story(&memory());
    let dir = tempfile::tempdir().unwrap();
    story(&AnyStore::new(RedbStore::open(dir.path().join("store.redb")).unwrap()));
}

fn memory() -> AnyStore {
    AnyStore::new(MemoryStore::new([7; 16]))
}

fn now<T, E: std::fmt::Debug>(future: impl Future<Output = Result<T, E>>) -> T {
    poll_once(future).expect("ready at once").expect("a healthy store")
}

fn minute(n: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(n)
}

const fn message(n: u128) -> SendScope {
    SendScope::new(RecordId::new(n))
}

fn run(by: u128) -> SendRun {
    SendRun::new(TENANT, message(7), Claimant::new(by))
}

fn person(n: usize) -> RecipientKey {
    RecipientKey::address(format!("{n:06}@home.example").as_bytes()).unwrap()
}

fn people(numbers: impl IntoIterator<Item = usize>) -> Vec<RecipientKey> {
    numbers.into_iter().map(person).collect()
}

fn sent(by: u128, at: i64) -> ClaimAnswer {
    ClaimAnswer::AlreadySent { by: Claimant::new(by), at: minute(at) }
}

fn doubtful(by: u128, since: i64) -> ClaimAnswer {
    ClaimAnswer::InDoubt { by: Claimant::new(by), since: minute(since) }
}

fn open(by: u128, at: i64) -> SendClaim {
    SendClaim::new(Claimant::new(by), minute(at), ClaimState::Open)
}

/// Every claim that is open, page by page.
fn all_in_doubt(store: &AnyStore, query: &InDoubtQuery) -> Vec<InDoubt> {
    let (mut query, mut all) = (query.clone(), Vec::new());
    loop {
        let page = now(in_doubt(store, TENANT, &query));
        all.extend(page.items);
        let Some(next) = page.next else { return all };
        query = query.after(next);
    }
}

#[test]
fn each_recipient_gets_an_answer_in_order() {
    on_both_stores(|store| {
        let [one, two] = [run(1), run(2)];
        assert_eq!(now(one.claim(store, &people([0, 1]), minute(1))), [ClaimAnswer::Claimed; 2]);
        assert_eq!(now(one.settle(store, &people([0]), minute(2))), [Closed::Done]);
        let asked = people([5, 1, 0, 5, 3, 1]);
        let answers = now(two.claim(store, &asked, minute(3)));
        let repeated = |first| ClaimAnswer::Repeated { first };
        let claimed = ClaimAnswer::Claimed;
        let expected = [claimed, doubtful(1, 1), sent(1, 2), repeated(0), claimed, repeated(1)];
        assert_eq!(answers, expected);
        let counts = answers.counts();
        let [claimed, already_sent] = [counts.claimed, counts.already_sent];
        assert_eq!([claimed, already_sent, counts.in_doubt, counts.repeated], [2, 1, 1, 2]);
        assert_eq!(counts.total(), 6);
        // The second run once more.
        let own = ClaimAnswer::Own { since: minute(3) };
        assert_eq!(now(two.claim(store, &people([3]), minute(4))), [own]);
        assert_eq!(now(two.claim(store, &[], minute(4))), []);
    });
}

#[test]
fn settling_and_releasing_are_told_once_and_again() {
    on_both_stores(|store| {
        let run = run(1);
        let _ = now(run.claim(store, &people(0..4), minute(1)));
        let (done, already) = (Closed::Done, Closed::Already);
        assert_eq!(now(run.settle(store, &people([0, 1, 0]), minute(2))), [done, done, already]);
        assert_eq!(now(run.settle(store, &people([1]), minute(3))), [already]);
        assert_eq!(now(run.release(store, &people([2, 2]))), [done, already]);
        assert_eq!(now(run.release(store, &people([2, 9]))), [already, already]);
        // What went out is not given back, and the time of the first settling stays.
        let found = Some(SendClaim::new(Claimant::new(1), minute(2), ClaimState::Sent));
        assert_eq!(now(run.release(store, &people([0]))), [Closed::Lost { found }]);
        assert_eq!(now(run.settle(store, &people([2]), minute(3))), [Closed::Lost { found: None }]);
        // Who was released is claimed by whoever asks next.
        assert_eq!(now(run.claim(store, &people([2]), minute(4))), [ClaimAnswer::Claimed]);
    });
}

#[test]
fn a_claim_that_was_taken_over_is_lost_and_the_loser_is_told() {
    on_both_stores(|store| {
        let [slow, next] = [run(1), run(2)];
        let _ = now(slow.claim(store, &people(0..3), minute(1)));
        let page = all_in_doubt(store, &InDoubtQuery::new(message(7)));
        assert_eq!(now(next.take_over(store, &page, minute(9))), [ClaimAnswer::Claimed; 3]);
        let found = Some(open(2, 9));
        let lost = Closed::Lost { found };
        // Named twice, it is not settled the second time.
        let closed = now(slow.settle(store, &people([0, 0]), minute(10)));
        assert_eq!(closed, [lost; 2]);
        assert_eq!(closed.lost().collect::<Vec<_>>(), [(0, found), (1, found)]);
        assert_eq!(now(slow.release(store, &people([1]))), [lost]);
        assert_eq!(now(next.settle(store, &people([0]), minute(11))), [Closed::Done]);
        let found = Some(SendClaim::new(Claimant::new(2), minute(11), ClaimState::Sent));
        assert_eq!(now(slow.settle(store, &people([0]), minute(12))), [Closed::Lost { found }]);
    });
}

/// D8: a run that begins again, after a crash or on the next day, skips who was sent to, claims who was
/// not asked for yet, and leaves alone whom the crash left in doubt.
#[test]
fn a_second_run_goes_on_where_the_first_one_stopped() {
    on_both_stores(|store| {
        let first = run(1);
        let _ = now(first.claim(store, &people(0..250), minute(1)));
        let _ = now(first.settle(store, &people(0..200), minute(2)));
        let mut counts = SendCounts::default();
        for (by, expected) in [(2, [750, 200, 50, 0]), (3, [0, 950, 50, 0])] {
            let again = run(by);
            let source = (0..1_000).map(|n| (person(n), n));
            let mut segment = again.segment(source).part(64);
            while let Some(part) = now(segment.next_part(store, minute(3))) {
                let may = part.iter().filter(|asked| asked.answer.is_claimed());
                let keys: Vec<_> = may.map(|asked| asked.recipient.clone()).collect();
                assert!(part.iter().all(|asked| asked.recipient == person(asked.item)));
                let closed = now(again.settle(store, &keys, minute(4)));
                assert!(closed.iter().all(|closed| *closed == Closed::Done));
            }
            let SendCounts { claimed, already_sent, in_doubt, repeated, .. } = segment.counts();
            assert_eq!([claimed, already_sent, in_doubt, repeated], expected);
            assert_eq!(segment.counts().total(), 1_000);
            counts += segment.counts();
        }
        assert_eq!(counts.total(), 2_000);
        let open = all_in_doubt(store, &InDoubtQuery::new(message(7)));
        let recipients: Vec<_> = open.into_iter().map(|claim| claim.recipient).collect();
        assert_eq!(recipients, people(200..250));
    });
}

/// D4, D5: the same message in another journey, or through another tile of it, is another send.
#[test]
fn another_journey_or_tile_is_another_send() {
    on_both_stores(|store| {
        let id = RecordId::new;
        let scopes = [
            message(7),
            message(7).in_journey(id(1), id(1)),
            message(7).in_journey(id(2), id(1)),
            message(7).in_journey(id(1), id(2)),
            message(8),
        ];
        for scope in scopes {
            let run = SendRun::new(TENANT, scope, Claimant::new(1));
            let ann = [person(1)];
            assert_eq!(now(run.claim(store, &ann, minute(1))), [ClaimAnswer::Claimed]);
            assert_eq!(now(run.settle(store, &ann, minute(1))), [Closed::Done]);
            assert_eq!(now(run.claim(store, &ann, minute(2))), [sent(1, 1)]);
        }
        let other = SendRun::new(TenantId::new(2), message(7), Claimant::new(1));
        assert_eq!(now(other.claim(store, &[person(1)], minute(1))), [ClaimAnswer::Claimed]);
    });
}

/// D1, D2: of three contacts with one address one is sent to, and where deduplication is bypassed all.
#[test]
fn contacts_with_one_address_are_one_recipient_or_several() {
    let claimed = |once: SendOnceTo| {
        let keys: Vec<_> =
            (1..=3).map(|n| once.key("ann@home.example", RecordId::new(n)).unwrap()).collect();
        let answers = now(run(1).claim(&memory(), &keys, minute(1)));
        answers.iter().filter(|answer| answer.is_claimed()).count()
    };
    assert_eq!(claimed(SendOnceTo::Address), 1);
    assert_eq!(claimed(SendOnceTo::Contact), 3);
}

#[test]
fn what_is_in_doubt_is_listed_by_age_and_claimant() {
    on_both_stores(|store| {
        let _ = now(run(1).claim(store, &people((0..40).step_by(2)), minute(1)));
        let _ = now(run(2).claim(store, &people((1..40).step_by(2)), minute(5)));
        let _ = now(run(1).settle(store, &people([0]), minute(6)));
        let query = || InDoubtQuery::new(message(7)).limit(7);
        let count = |query: InDoubtQuery| all_in_doubt(store, &query).len();
        assert_eq!(count(query()), 39);
        assert_eq!(count(query().open_since(minute(4))), 19);
        assert_eq!(count(query().open_since(minute(5))), 39, "and those of that moment");
        assert_eq!(count(query().open_since(minute(0))), 0);
        assert_eq!(count(query().by(Claimant::new(2))), 20);
        assert_eq!(count(query().not_by(Claimant::new(2))), 19);
        assert_eq!(count(query().by(Claimant::new(2)).open_since(minute(4))), 0);
        let page = now(in_doubt(store, TENANT, &query().by(Claimant::new(2))));
        assert_eq!((page.items.len(), page.next.is_some()), (4, true), "looked at seven");
        let first = InDoubt { recipient: person(1), by: Claimant::new(2), since: minute(5) };
        assert_eq!(page.items[0], first);
        assert_eq!(now(in_doubt(store, TenantId::new(2), &query())).items, []);
    });
}

#[test]
fn only_what_is_still_in_doubt_is_taken_over() {
    on_both_stores(|store| {
        let [gone, other, own] = [run(1), run(2), run(3)];
        let _ = now(gone.claim(store, &people(0..5), minute(1)));
        let _ = now(own.claim(store, &people([5]), minute(2)));
        let mut seen = all_in_doubt(store, &InDoubtQuery::new(message(7)));
        assert_eq!(seen.len(), 6);
        seen.push(seen[4].clone());
        let _ = now(gone.settle(store, &people([0]), minute(3)));
        let _ = now(other.take_over(store, &seen[1..2], minute(4)));
        let _ = now(gone.release(store, &people([2])));
        let _ = now(gone.release(store, &people([3])));
        let _ = now(other.claim(store, &people([3]), minute(5)));
        let answers = now(own.take_over(store, &seen, minute(6)));
        let claimed = ClaimAnswer::Claimed;
        let own_claim = ClaimAnswer::Own { since: minute(2) };
        let repeated = ClaimAnswer::Repeated { first: 4 };
        let expected =
            [sent(1, 3), doubtful(2, 4), claimed, doubtful(2, 5), claimed, own_claim, repeated];
        assert_eq!(answers, expected);
        let found = now(store.claims(TENANT, &message(7), &people([2, 4])));
        assert_eq!(found, [Some(open(3, 6)); 2]);
        // Delivered again.
        let again = now(own.take_over(store, &seen[4..5], minute(7)));
        assert_eq!(again, [ClaimAnswer::Own { since: minute(6) }]);
    });
}

/// More than fit into one batch.
#[test]
fn any_number_is_claimed_and_closed_batch_by_batch() {
    let store = memory();
    let all = people(0..2 * SendRun::BATCH + 10);
    {
        let commits = AtomicUsize::new(0);
        let seat = Seat::new(&store, Fault::None, |call| {
            let commit = usize::from(matches!(call, Call::Commit(_)));
            commits.fetch_add(commit, Ordering::SeqCst);
            Then::Answers
        });
        // A key of the first batch in the last one.
        let asked = [&all[..], &all[..1]].concat();
        let answers = now(run(1).claim(&seat, &asked, minute(1)));
        assert_eq!(answers.as_slice().last(), Some(&ClaimAnswer::Repeated { first: 0 }));
        assert_eq!(answers.iter().filter(|answer| answer.is_claimed()).count(), all.len());
        assert_eq!(commits.load(Ordering::SeqCst), 3);
        let closed = now(run(1).settle(&seat, &asked, minute(2)));
        assert_eq!(closed.iter().filter(|closed| **closed == Closed::Done).count(), all.len());
        assert_eq!(closed.as_slice().last(), Some(&Closed::Already));
    }
    let query = ClaimPageQuery::new(message(7)).in_state(ClaimState::Open);
    assert_eq!(now(store.claim_page(TENANT, &query)).items, []);
    let mut segment = run(1).segment(all.into_iter().map(|key| (key, ()))).part(usize::MAX);
    let part = now(segment.next_part(&store, minute(3))).unwrap();
    assert_eq!(part.len(), SendRun::BATCH);
}

/// A part is asked for of the source when it is wanted, and no sooner.
#[test]
fn a_segment_holds_one_part() {
    let (store, drawn) = (memory(), Cell::new(0));
    let source = (0..).map(|n| {
        drawn.set(n + 1);
        (person(n), n)
    });
    let mut segment = run(1).segment(source).part(10);
    for parts in 1..=20 {
        let part = now(segment.next_part(&store, minute(1))).unwrap();
        assert_eq!((part.len(), drawn.get()), (10, 10 * parts));
    }
    assert_eq!(segment.counts().claimed, 200);
}

/// A recipient that comes again in a later part.
#[test]
fn a_repeated_recipient_is_not_sent_to_again() {
    on_both_stores(|store| {
        let run = run(1);
        let source = [1, 1, 2, 3, 1, 2].map(|n| (person(n), ()));
        let mut segment = run.segment(source.into_iter()).part(3);
        let first = now(segment.next_part(store, minute(1))).unwrap();
        assert_eq!(first[1].answer, ClaimAnswer::Repeated { first: 0 });
        let _ = now(run.settle(store, &people([1]), minute(2)));
        let answers = now(segment.next_part(store, minute(3))).unwrap();
        let answers: Vec<_> = answers.into_iter().map(|asked| asked.answer).collect();
        let own = ClaimAnswer::Own { since: minute(1) };
        assert_eq!(answers, [ClaimAnswer::Claimed, sent(1, 2), own]);
        assert_eq!(now(segment.next_part(store, minute(3))), None);
        let counts = segment.counts();
        assert_eq!(
            (counts.claimed, counts.repeated, counts.own, counts.already_sent),
            (3, 1, 1, 1)
        );
        assert_eq!(counts.total(), 6);
    });
}

/// The call that fails, at each place it can, with nothing done or the answer lost: the next call answers
/// as if nothing had been, and claims of earlier parts are not taken for those of the one that failed.
#[test]
fn a_part_that_failed_is_asked_for_again() {
    for then in [Then::Fails, Then::LosesAnswer] {
        for fails in 0..6 {
            let store = memory();
            let _ = now(run(9).claim(&store, &people([3]), minute(0)));
            let calls = AtomicUsize::new(0);
            let seat = Seat::new(&store, Fault::None, |_| {
                let call = calls.fetch_add(1, Ordering::SeqCst);
                if call == fails { then } else { Then::Answers }
            });
            let source = [0, 1, 2, 3, 4, 0].map(|n| (person(n), n));
            let mut segment = run(1).segment(source.into_iter()).part(2);
            let (mut answers, mut failed) = (Vec::new(), 0);
            loop {
                match poll_once(segment.next_part(&seat, minute(1))).unwrap() {
                    Ok(Some(part)) => answers.extend(part),
                    Ok(None) => break,
                    Err(error) => {
                        assert!(error.store_error().is_some());
                        failed += 1;
                    }
                }
            }
            assert_eq!(failed, 1, "{then:?} {fails}");
            let items: Vec<_> = answers.iter().map(|asked| asked.item).collect();
            assert_eq!(items, [0, 1, 2, 3, 4, 0]);
            let answers: Vec<_> = answers.into_iter().map(|asked| asked.answer).collect();
            let claimed = ClaimAnswer::Claimed;
            let own = ClaimAnswer::Own { since: minute(1) };
            assert_eq!(
                answers,
                [claimed, claimed, claimed, doubtful(9, 0), claimed, own],
                "{then:?} {fails}"
            );
        }
    }
}

/// Whoever gives up after a part that failed gives back what it may have claimed, and nothing else.
#[test]
fn what_a_part_that_failed_claimed_is_told_and_given_back() {
    for then in [Then::Fails, Then::LosesAnswer] {
        let store = memory();
        let _ = now(run(9).claim(&store, &people([3]), minute(0)));
        let commits = AtomicUsize::new(0);
        let seat = Seat::new(&store, Fault::None, |call| match call {
            Call::Commit(_) if commits.fetch_add(1, Ordering::SeqCst) == 1 => then,
            _ => Then::Answers,
        });
        let source = [0, 1, 0, 2, 3, 4, 4].map(|n| (person(n), n));
        let run = run(1);
        let mut segment = run.segment(source.into_iter()).part(2);
        assert_eq!(now(segment.next_part(&seat, minute(1))).unwrap().len(), 2);
        assert_eq!(segment.pending().count(), 0);
        assert!(poll_once(segment.next_part(&seat, minute(1))).unwrap().is_err());
        let pending: Vec<_> = segment.pending().cloned().collect();
        assert_eq!(pending, people([2]), "the first part's is not among them");
        let expected = if then == Then::Fails { Closed::Already } else { Closed::Done };
        assert_eq!(now(run.release(&store, &pending)), [expected]);
        // And the segment can go on all the same.
        let part = now(segment.next_part(&store, minute(2))).unwrap();
        let own = ClaimAnswer::Own { since: minute(1) };
        let answers: Vec<_> = part.iter().map(|asked| asked.answer).collect();
        assert_eq!(answers, [own, ClaimAnswer::Claimed]);
        assert_eq!(segment.pending().count(), 0);
    }
}

/// Answers that are let fall are noticed by the compiler: an expectation that is not met is an error.
#[test]
fn answers_must_be_used() {
    let store = memory();
    #[expect(unused_must_use, reason = "shown")]
    {
        now(run(1).claim(&store, &people([0]), minute(1)));
    }
    #[expect(unused_must_use, reason = "shown")]
    {
        now(run(1).settle(&store, &people([0]), minute(1)));
    }
    #[expect(unused_must_use, reason = "shown")]
    {
        now(run(1).take_over(&store, &[], minute(1)));
    }
}

/// A call whose answer got lost says so when it is made again: the claims are this run's.
#[test]
fn a_claim_whose_answer_got_lost_is_the_runs_own() {
    let store = memory();
    let seat = Seat::new(&store, Fault::None, |call| match call {
        Call::Commit(_) => Then::LosesAnswer,
        Call::Read => Then::Answers,
    });
    for _ in 0..2 {
        let failed = poll_once(run(1).settle(&seat, &people([0]), minute(1))).unwrap();
        assert!(failed.is_err());
    }
    assert!(poll_once(run(1).claim(&seat, &people([0]), minute(1))).unwrap().is_err());
    let own = ClaimAnswer::Own { since: minute(1) };
    assert_eq!(now(run(1).claim(&store, &people([0]), minute(2))), [own]);
    assert!(poll_once(run(1).settle(&seat, &people([0]), minute(3))).unwrap().is_err());
    assert_eq!(now(run(1).settle(&store, &people([0]), minute(4))), [Closed::Already]);
    assert_eq!(now(run(1).claim(&store, &people([0]), minute(5))), [sent(1, 3)]);
}

/// Somebody comes in between each time: after the last round each send is asked for by itself, and all
/// have an answer.
#[test]
fn who_loses_every_round_still_answers_for_all() {
    let store = memory();
    let commits = AtomicUsize::new(0);
    let seat = Seat::new(&store, Fault::None, |call| {
        if let Call::Commit(batch) = call {
            let n = commits.fetch_add(1, Ordering::SeqCst);
            if n < ROUNDS {
                let _ = now(run(9).claim(&store, &people([n]), minute(0)));
                assert_eq!(batch.changes().len(), if n < ROUNDS - 1 { 20 - n } else { 1 });
            }
        }
        Then::Answers
    });
    let answers = now(run(1).claim(&seat, &people(0..20), minute(1)));
    for (n, answer) in answers.iter().enumerate() {
        let expected = if n < ROUNDS { doubtful(9, 0) } else { ClaimAnswer::Claimed };
        assert_eq!(*answer, expected, "{n}");
    }
    let singly = 20 - (ROUNDS - 1);
    assert_eq!(commits.load(Ordering::SeqCst), ROUNDS - 1 + singly);
}

/// They can be awaited in a runtime of several threads.
#[test]
fn the_futures_are_send() {
    fn is_send<T: Send>(future: T) -> T {
        future
    }
    let store = memory();
    let keys = people([0]);
    let run = run(1);
    assert_eq!(now(is_send(run.claim(&store, &keys, minute(0)))).len(), 1);
    assert_eq!(now(is_send(run.settle(&store, &keys, minute(0)))).len(), 1);
    assert_eq!(now(is_send(run.release(&store, &keys))).len(), 1);
    assert_eq!(now(is_send(run.take_over(&store, &[], minute(0)))).len(), 0);
    let query = InDoubtQuery::new(message(7));
    assert_eq!(now(is_send(in_doubt(&store, TENANT, &query))).items, []);
    let mut segment = run.segment(keys.into_iter().map(|key| (key, 0)));
    assert_eq!(now(is_send(segment.next_part(&store, minute(0)))).unwrap().len(), 1);
}

//! What holds whatever workers do, in whatever order, and wherever they stop.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use correspond::claim::{ClaimPageQuery, ClaimState, Claimant, RecipientKey};
use correspond::flow::sends::{Closed, InDoubtQuery, SendCounts, SendRun};
use correspond::store::{AnyStore, Ledger, poll_once};
use proptest::prelude::*;

use super::seat::{Call, Fault, Seat, Then};
use super::{TENANT, all_in_doubt, memory, message, minute, now, people, person};

const PEOPLE: usize = 6;
const WORKERS: usize = 3;

/// What a worker does next.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// Claims these, bit by bit as in a mask.
    Claim(u8),
    /// Claims these and never hears the answer.
    ClaimUnheard(u8),
    /// Sends to those of these that it claimed.
    Send(u8),
    /// Settles what it sent.
    Settle,
    /// The same, and never hears the answer.
    SettleUnheard,
    /// Releases what it claimed and did not send.
    Release,
    /// Stops at once and begins again as another run.
    Crash,
    /// Takes over what others left.
    TakeOver,
}

/// An act of a worker, and one of another in the middle of it.
type Step = (usize, Act, Option<(usize, Act)>);

struct Worker {
    run: SendRun,
    claimed: BTreeSet<usize>,
    sent: BTreeSet<usize>,
}

impl Worker {
    fn new(by: u128) -> Self {
        let run = SendRun::new(TENANT, message(7), Claimant::new(by));
        Self { run, claimed: BTreeSet::new(), sent: BTreeSet::new() }
    }
}

struct Office {
    store: AnyStore,
    workers: [Mutex<Worker>; WORKERS],
    runs: Mutex<u128>,
    /// Who was sent to how often.
    mails: Mutex<BTreeMap<usize, usize>>,
    /// Who was taken over how often.
    taken_over: Mutex<BTreeMap<usize, usize>>,
}

fn picked(mask: u8) -> Vec<usize> {
    (0..PEOPLE).filter(|n| mask >> n & 1 == 1).collect()
}

fn numbers(keys: &[RecipientKey]) -> Vec<usize> {
    keys.iter().map(|key| (0..PEOPLE).find(|n| person(*n) == *key).unwrap()).collect()
}

impl Office {
    fn new() -> Self {
        Self {
            store: memory(),
            workers: std::array::from_fn(|n| Mutex::new(Worker::new(n as u128 + 1))),
            runs: Mutex::new(WORKERS as u128),
            mails: Mutex::default(),
            taken_over: Mutex::default(),
        }
    }

    /// `meanwhile` happens before the first commit.
    fn act(&self, who: usize, act: Act, meanwhile: Option<(usize, Act)>) {
        // A worker does one thing at a time.
        let meanwhile = Mutex::new(meanwhile.filter(|(other, _)| *other != who));
        let unheard = matches!(act, Act::ClaimUnheard(_) | Act::SettleUnheard);
        let seat = Seat::new(&self.store, Fault::None, |call| {
            if !matches!(call, Call::Commit(_)) {
                return Then::Answers;
            }
            let other = meanwhile.lock().unwrap().take();
            if let Some((other, act)) = other {
                self.act(other, act, None);
            }
            if unheard { Then::LosesAnswer } else { Then::Answers }
        });
        let mut worker = self.workers[who].lock().unwrap();
        let run = SendRun::new(TENANT, message(7), worker.run.claimant());
        match act {
            Act::Claim(mask) => {
                let asked = picked(mask);
                let answers = now(run.claim(&seat, &people(asked.clone()), minute(1)));
                let counts: SendCounts = answers.iter().collect();
                assert_eq!(counts.total(), asked.len() as u64);
                let may = asked.iter().zip(&answers).filter(|(_, answer)| answer.is_claimed());
                worker.claimed.extend(may.map(|(n, _)| *n));
            }
            Act::ClaimUnheard(mask) => {
                let _ = poll_once(run.claim(&seat, &people(picked(mask)), minute(1))).unwrap();
            }
            Act::Send(mask) => {
                for n in picked(mask) {
                    if !worker.claimed.remove(&n) {
                        continue;
                    }
                    worker.sent.insert(n);
                    *self.mails.lock().unwrap().entry(n).or_default() += 1;
                }
            }
            Act::Settle => {
                let sent = std::mem::take(&mut worker.sent);
                let closed = now(run.settle(&seat, &people(sent.clone()), minute(2)));
                let taken_over = self.taken_over.lock().unwrap();
                for (n, closed) in sent.iter().zip(closed) {
                    let lost = matches!(closed, Closed::Lost { .. });
                    assert!(!lost || taken_over.contains_key(n), "{n} is lost to nobody");
                }
            }
            Act::SettleUnheard => {
                let sent = people(worker.sent.clone());
                let _ = poll_once(run.settle(&seat, &sent, minute(2))).unwrap();
            }
            Act::Release => {
                let unsent = std::mem::take(&mut worker.claimed);
                let _ = now(run.release(&seat, &people(unsent)));
            }
            Act::Crash => {
                let mut runs = self.runs.lock().unwrap();
                *runs += 1;
                *worker = Worker::new(*runs);
            }
            Act::TakeOver => {
                let query = InDoubtQuery::new(message(7)).not_by(run.claimant());
                let seen = all_in_doubt(&self.store, &query);
                let keys: Vec<_> = seen.iter().map(|claim| claim.recipient.clone()).collect();
                let answers = now(run.take_over(&seat, &seen, minute(3)));
                for (n, answer) in numbers(&keys).into_iter().zip(answers) {
                    if answer.is_claimed() {
                        worker.claimed.insert(n);
                        *self.taken_over.lock().unwrap().entry(n).or_default() += 1;
                    }
                }
            }
        }
    }

    /// What holds after each step.
    fn check(&self) -> Result<(), TestCaseError> {
        let claims = now(self.store.claims(TENANT, &message(7), &people(0..PEOPLE)));
        let (mails, taken_over) = (self.mails.lock().unwrap(), self.taken_over.lock().unwrap());
        let often = |counts: &BTreeMap<usize, usize>, n| counts.get(&n).copied().unwrap_or(0);
        let mut counts = [0; 3];
        for (n, claim) in claims.iter().enumerate() {
            let sure = often(&taken_over, n) == 0;
            prop_assert!(often(&mails, n) <= 1 + often(&taken_over, n), "{n}: sent too often");
            let holds = |w: &&Mutex<Worker>| w.lock().unwrap().claimed.contains(&n);
            let holders = self.workers.iter().filter(holds).count();
            prop_assert!(!sure || holders <= 1, "{n}: {holders} may send");
            match claim.map(|claim| claim.state()) {
                None => {
                    prop_assert!(!sure || often(&mails, n) == 0, "{n}: sent and free");
                    counts[0] += 1;
                }
                Some(ClaimState::Open) => counts[1] += 1,
                Some(_) => {
                    prop_assert!(often(&mails, n) > 0, "{n}: settled and not sent");
                    counts[2] += 1;
                }
            }
        }
        let open = all_in_doubt(&self.store, &InDoubtQuery::new(message(7)).limit(2));
        prop_assert_eq!(open.len(), counts[1]);
        let sent = ClaimPageQuery::new(message(7)).in_state(ClaimState::Sent);
        prop_assert_eq!(now(self.store.claim_page(TENANT, &sent)).items.len(), counts[2]);
        prop_assert_eq!(counts.iter().sum::<usize>(), PEOPLE);
        Ok(())
    }
}

fn act() -> impl Strategy<Value = Act> {
    let mask = 0_u8..1 << PEOPLE;
    prop_oneof![
        4 => mask.clone().prop_map(Act::Claim),
        1 => mask.clone().prop_map(Act::ClaimUnheard),
        4 => mask.prop_map(Act::Send),
        3 => Just(Act::Settle),
        1 => Just(Act::SettleUnheard),
        2 => Just(Act::Release),
        2 => Just(Act::Crash),
        1 => Just(Act::TakeOver),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = (0..WORKERS, act(), prop::option::of((0..WORKERS, act())));
    prop::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever happens in whatever order: nobody is sent to more often than somebody decided, at most
    /// one may send, and sent, in doubt and unclaimed add up.
    #[test]
    fn each_recipient_is_sent_to_once_and_the_rest_adds_up(steps in steps()) {
        let office = Office::new();
        for (who, act, meanwhile) in steps {
            office.act(who, act, meanwhile);
            office.check()?;
        }
    }
}

/// The laws notice who settles before he sends.
#[test]
fn settling_before_sending_is_noticed() {
    let office = Office::new();
    let seat = Seat::new(&office.store, Fault::SettlesFirst, |_| Then::Answers);
    let run = SendRun::new(TENANT, message(7), Claimant::new(1));
    let _ = now(run.claim(&seat, &people([0]), minute(1)));
    office.act(0, Act::Crash, None);
    let noticed = office.check().unwrap_err();
    assert!(noticed.to_string().contains("settled and not sent"), "{noticed}");
}

//! Submissions at once: all look before any writes.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use correspond::adapter::redb::RedbStore;
use correspond::flow::ROUNDS;
use correspond::flow::forms::{FormSetup, Worked};
use correspond::form::{FormChoices, FormType, Submission, SubmissionState, TargetOutcome};
use correspond::id::TenantId;
use correspond::party::{Party, Value};
use correspond::record::{RecordKind, RecordRef, Space};
use correspond::settings::{
    BlankValues, MatchingRule, MatchingStrategy, MatchingTarget, UpdateMode,
};
use correspond::store::{AnyStore, Batch, Change};
use proptest::prelude::*;

use super::stage::Call;
use super::{
    Desk, FIELDS, Setup, Stage, attributes, by, contact, edit, id, kept, memory, minute, now,
    on_both_stores, person, remove, text,
};

/// A store in which the first `n` commits wait for one another.
pub(super) fn meeting(store: &AnyStore, n: usize) -> Stage<'_> {
    let (barrier, left) = (Barrier::new(n), AtomicUsize::new(n));
    Stage::before(store, move |call| {
        let less = |left: usize| left.checked_sub(1);
        if matches!(call, Call::Commit(_))
            && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok()
        {
            barrier.wait();
        }
    })
}

/// Each submission in a thread of its own; their ids begin with `first`.
pub(super) fn at_once(desk: &Desk<'_>, first: u128, submissions: &[Submission]) -> Vec<Worked> {
    thread::scope(|scope| {
        let workers: Vec<_> = (first..)
            .zip(submissions)
            .map(|(n, submission)| scope.spawn(move || desk.submit(n, submission)))
            .collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    })
}

/// Did one of them make the contact, and did all others find it?
pub(super) fn one_of(desk: &Desk<'_>, worked: &[Worked]) -> Result<(), String> {
    let (mut made, mut found) = (0, 0);
    for one in worked {
        if one.state != SubmissionState::Succeeded {
            return Err(format!("expected it worked off, found {one:?}"));
        }
        match one.outcome.as_ref().map(|outcome| &outcome.contact) {
            Some(TargetOutcome::Created { .. }) => made += 1,
            Some(TargetOutcome::Updated { .. } | TargetOutcome::Unchanged { .. }) => found += 1,
            other => return Err(format!("expected a contact, found {other:?}")),
        }
    }
    let there = desk.contacts().len();
    if (made, found, there) != (1, worked.len() - 1, 1) {
        return Err(format!("{made} made it, {found} found it, {there} are there"));
    }
    Ok(())
}

/// Lets `act` happen in each gap of a flow, before its first call to the store, before its second and
/// so on, each time in a store of its own; `check` sees each store and what the flow answered.
pub(super) fn in_each_gap<T>(
    prepare: impl Fn(&AnyStore),
    act: impl Fn(&AnyStore) + Sync,
    flow: impl Fn(Stage<'_>) -> T,
    check: impl Fn(&AnyStore, T),
) {
    for at in 0.. {
        let store = &memory();
        prepare(store);
        let calls = &AtomicUsize::new(0);
        let answer = flow(Stage::before(store, |_| {
            if calls.fetch_add(1, Ordering::SeqCst) == at {
                act(store);
            }
        }));
        if calls.load(Ordering::SeqCst) <= at {
            assert!(at > 2, "what is asked and written has gaps");
            return;
        }
        check(store, answer);
    }
}

const ANN: [(&str, &str); 3] =
    [("emailaddress1", "a@x.com"), ("firstname", "Ann"), ("lastname", "Ray")];

fn by_address() -> Setup {
    Setup::of(MatchingTarget::ALL.iter().map(|t| by(*t, &["emailaddress1"])).collect())
}

/// How a race is run.
#[derive(Clone, Copy)]
struct Race {
    /// What the submissions of a round say; `N` is the number of the round.
    sent: &'static [&'static [(&'static str, &'static str)]],
    /// What becomes of the batches.
    edit: fn(&Batch) -> Batch,
}

impl Race {
    const fn of(sent: &'static [&'static [(&'static str, &'static str)]]) -> Self {
        Self { sent, edit: Batch::clone }
    }

    /// One round, of people whom nobody knows yet, in a tenant of their own.
    fn round(&self, store: &AnyStore, round: u128) -> Result<Vec<Worked>, String> {
        let tenant = TenantId::new(1_000 + round);
        let quiet = Desk { tenant, ..Desk::new(store, by_address()) };
        quiet.key();
        let stage = meeting(store, self.sent.len()).editing(self.edit);
        let desk = Desk { tenant, ..Desk::at(stage, by_address()) };
        let sent = self.sent.iter().map(|sent| desk.setup.read(sent));
        let worked = at_once(&desk, 100, &sent.collect::<Vec<_>>());
        one_of(&desk, &worked)?;
        let leads = desk.leads().len();
        if leads != 1 || desk.history().len() != worked.len() {
            return Err(format!("{leads} leads"));
        }
        Ok(worked)
    }
}

/// M33, M34; facts 7.3: two submissions of one person at once, in one spelling of the address or in two,
/// make one contact and one lead and update them once, in a thousand rounds. Each time both had looked
/// before either wrote, so that one of them loses a round and looks again.
#[test]
fn of_submissions_at_once_one_makes_the_records_and_the_others_find_them() {
    let same = Race::of(&[&ANN, &ANN]);
    let spelled = Race::of(&[&ANN, &[("emailaddress1", "A@x.com"), ("lastname", "Lee")]]);
    let three = Race::of(&[&ANN, &[("emailaddress1", "A@X.com")], &[("emailaddress1", "a@x.COM")]]);
    let rounds = |store: &AnyStore, race: Race, first: u128, rounds: u128| {
        for round in first..first + rounds {
            let worked = race.round(store, round).unwrap_or_else(|seen| panic!("{round}: {seen}"));
            let lost: Vec<_> = worked.iter().map(|one| one.lost_rounds).collect();
            assert!(lost.contains(&0), "somebody is first: {lost:?}");
            assert_eq!(lost.iter().filter(|lost| **lost == 0).count(), 1, "{lost:?}");
        }
    };
    let store = &memory();
    rounds(store, same, 0, 1_000);
    rounds(store, spelled, 1_000, 1_000);
    rounds(store, three, 2_000, 100);
    let dir = tempfile::tempdir().unwrap();
    let store = &AnyStore::new(RedbStore::open(dir.path().join("store.redb")).unwrap());
    rounds(store, same, 0, 20);
    rounds(store, spelled, 20, 20);
    rounds(store, three, 40, 10);
}

/// The same batch without what its new rows claim.
fn without_claims(batch: &Batch) -> Batch {
    let mut stripped = Batch::new(batch.tenant());
    for change in batch.changes() {
        let change = match change.clone() {
            Change::Put { record, version, expect } => {
                let others = record.unique().to_vec().into_iter();
                let others = others.filter(|key| key.space() != Space::Match);
                let record = record.with_unique(others).unwrap();
                Change::Put { record, version, expect }
            }
            other => other,
        };
        stripped.push(change).unwrap();
    }
    stripped
}

/// The race above notices a flow whose rows claim nothing, every time.
#[test]
fn a_flow_without_claims_is_noticed_every_time() {
    let race = Race { edit: without_claims, ..Race::of(&[&ANN, &ANN]) };
    let store = &memory();
    for round in 0..100 {
        assert_eq!(race.round(store, round), Err("2 made it, 0 found it, 2 are there".into()));
    }
}

/// Rows as they are, but for ids and times.
fn people(desk: &Desk<'_>) -> Vec<String> {
    let told = |row: &Party| {
        let mut values = row.clone().without(Party::PARENT_CONTACT).without(Party::CREATED);
        let parent = row.parent_contact().map(|parent| {
            let parent = desk.row(RecordKind::Contact.of(parent));
            parent.without(Party::CREATED).attributes().clone()
        });
        if let Some(known) = row.created() {
            values =
                values.with(&attributes(&[("made", Value::YesNo(known == minute(600)))])).unwrap();
        }
        let kind = row.reference().kind();
        format!("{kind:?} {:?} {:?} {parent:?}", row.is_active(), values.attributes())
    };
    let mut told: Vec<_> = desk.contacts().iter().chain(&desk.leads()).map(told).collect();
    told.sort_unstable();
    told
}

/// Contacts by address (1); by address and names (3); by name, blanks left out (4); by a rule for which
/// address or telephone is enough (11). Leads by address.
fn by_way(n: u128) -> Setup {
    let loose = MatchingStrategy::builder()
        .name("x")
        .attributes(["lastname", "firstname"])
        .blank_values(BlankValues::LeftOut);
    let either = MatchingRule::builder().name("x").main_condition(["emailaddress1", "telephone1"]);
    let setup = Setup::of(vec![
        by(MatchingTarget::Contact, &["emailaddress1"]),
        by(MatchingTarget::Lead, &["emailaddress1"]),
        by(MatchingTarget::Contact, &["emailaddress1", "firstname", "lastname"]),
        loose.build().unwrap(),
    ]);
    let setup = setup.by_rules(vec![either.build().unwrap()]);
    if n == 11 {
        return setup;
    }
    let setup = setup.with(|form| form.with_rule(MatchingTarget::Contact, None, &[]).unwrap());
    setup.choosing(&FormChoices::default().contact_strategy(id(n)))
}

type Sent = (u128, Vec<(&'static str, &'static str)>);

/// A submission through one of the four forms.
fn sent() -> impl Strategy<Value = Sent> {
    let mails = prop::sample::select(&["a@x.com", "A@x.com", "b@x.com"][..]);
    let firsts = prop::sample::select(&["Ann", "ann ", "Bob", ""][..]);
    let lasts = prop::sample::select(&["Ray", "ray", "Lee", ""][..]);
    let phone = prop::sample::select(&["5", "(5)", "6", ""][..]);
    let topic = prop::sample::select(&["news", "offers"][..]);
    let way = prop::sample::select(&[1_u128, 3, 4, 11][..]);
    (way, mails, firsts, lasts, phone, topic).prop_map(|(way, mail, first, last, phone, topic)| {
        let values = [mail, first, last, phone, topic];
        (way, FIELDS.into_iter().zip(values).collect())
    })
}

/// Works them off: in this order, or at once where there is none.
fn ends_as(before: &[Sent], two: [&Sent; 2], at_once: bool) -> (Vec<String>, bool) {
    let store = &memory();
    let quiet = Desk::among(store, by_way(1), &[]);
    for (n, (way, sent)) in (1..).zip(before) {
        let desk = Desk { setup: by_way(*way), ..Desk::new(store, by_way(1)) };
        let submission = desk.setup.read(sent);
        let _ = desk.submit(n, &submission);
        // Whoever was modified last of those who are there is no matter of chance.
        for row in [desk.contacts(), desk.leads()].concat() {
            if row.modified() == minute(600) {
                edit(store, desk.tenant, row.reference(), |row| {
                    let made = attributes(&[(Party::CREATED, Value::Time(minute(n as i64)))]);
                    row.with(&made).unwrap().modified_at(minute(n as i64))
                });
            }
        }
    }
    let work = |desk: &Desk<'_>, n: u128, (way, sent): &Sent| {
        let setup = by_way(*way);
        let submission = setup.read(sent);
        let (setup, delivery) =
            (FormSetup::new(&setup.form, &setup.plan), desk.delivery(n, &submission));
        let worked = now(desk.submissions.submit(&desk.stage, &setup, &delivery));
        assert_eq!(worked.state, SubmissionState::Succeeded);
    };
    if at_once {
        let desk = &Desk::at(meeting(store, 2), by_way(1));
        thread::scope(|scope| {
            for (n, sent) in (100..).zip(two) {
                scope.spawn(move || work(desk, n, sent));
            }
        });
    } else {
        for (n, sent) in (100..).zip(two) {
            work(&quiet, n, sent);
        }
    }
    (people(&quiet), quiet.history().len() == before.len() + 2)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// Two submissions at once, by the same strategy or by two, among whomever was there: as many
    /// records as one after the other makes in one of the two orders. Two only where an order makes two.
    #[test]
    fn two_at_once_make_no_more_than_one_after_the_other(
        before in prop::collection::vec(sent(), 0..3),
        one in sent(),
        two in sent(),
    ) {
        let count = |(rows, history): &(Vec<String>, bool)| {
            let contacts = rows.iter().filter(|row| row.starts_with("Contact")).count();
            (contacts, rows.len() - contacts, *history)
        };
        let raced = ends_as(&before, [&one, &two], true);
        let orders = [[&one, &two], [&two, &one]].map(|order| ends_as(&before, order, false));
        prop_assert!(orders.iter().any(|end| count(end) == count(&raced)), "{raced:#?}\n{orders:#?}");
    }

    /// By one strategy that compares all of its attributes they leave the very same records: it finds
    /// the same rows before and after an update.
    #[test]
    fn two_at_once_by_one_strategy_end_as_one_after_the_other(
        before in prop::collection::vec(sent(), 0..3),
        one in sent(),
        two in sent(),
        way in prop::sample::select(&[1_u128, 3][..]),
    ) {
        let (one, two) = ((way, one.1), (way, two.1));
        let raced = ends_as(&before, [&one, &two], true);
        let orders = [[&one, &two], [&two, &one]].map(|order| ends_as(&before, order, false));
        prop_assert!(orders.contains(&raced), "{raced:#?}\n{orders:#?}");
    }
}

/// What happens to the row that has a claim.
type Happens = fn(&AnyStore, RecordRef);

/// A claim of a row that does not match any more, or never matched this form, passes to the new row in
/// the batch that makes it.
#[test]
fn a_claim_that_means_nothing_any_more_passes_to_the_new_row() {
    let other: (Happens, Setup) = (|_, _| {}, by_way(3));
    let inactive: (Happens, Setup) =
        (|store, row| edit(store, super::TENANT, row, Party::inactive), by_way(1));
    let renamed: (Happens, Setup) = (
        |store, row| {
            edit(store, super::TENANT, row, |row| {
                row.with(&attributes(&[("emailaddress1", text("z@x.com"))])).unwrap()
            })
        },
        by_way(1),
    );
    for (happens, setup) in [other, inactive, renamed] {
        let store = memory();
        let before = Desk::among(&store, by_way(1).in_mode(UpdateMode::OnlyContacts), &[]);
        let old = RecordKind::Contact.of(before.sends(100, &ANN).contact.record().unwrap());
        let claims = |row| kept(&store, super::TENANT, row).unwrap().record.unique().to_vec();
        let claimed = claims(old);
        assert_eq!(claimed.len(), 3, "the address of strategy and rule is one key");
        happens(&store, old);
        let desk = Desk::new(&store, setup.in_mode(UpdateMode::OnlyContacts));
        let submission = desk.setup.read(&[ANN[0], ("firstname", "Bea"), ANN[2]]);
        let worked = desk.submit(101, &submission);
        assert_eq!(worked.lost_rounds, 1);
        let outcome = worked.outcome.unwrap().contact;
        assert_eq!(outcome.to_string(), "created: no record matches");
        let new = RecordKind::Contact.of(outcome.record().unwrap());
        let (left, got) = (claims(old), claims(new));
        assert_eq!(got.len(), 3);
        assert!(claimed.iter().any(|key| got.contains(key)), "the address at least");
        for key in &claimed {
            assert!(left.contains(key) != got.contains(key), "each has one holder");
        }
        let applied = desk.stage.applied();
        assert_eq!(applied.len(), 1);
        assert_eq!(applied[0].changes().len(), 3, "the old row, the new one, the receipt");
        // Whoever comes next finds the new one at once.
        assert_eq!(desk.submit(102, &submission).lost_rounds, 0);
    }
}

/// A row that changes between look-up and commit is decided anew, and nothing of its change is lost:
/// the host writes something else into it, moves it away, deactivates it, or deletes it.
#[test]
fn a_row_that_changes_meanwhile_is_decided_anew() {
    let changes: [(&str, fn(&AnyStore)); 4] = [
        ("written", |store| {
            edit(store, super::TENANT, contact(1), |row| {
                row.with(&attributes(&[("jobtitle", text("Judge"))])).unwrap()
            })
        }),
        ("moved", |store| {
            edit(store, super::TENANT, contact(1), |row| {
                row.with(&attributes(&[("emailaddress1", text("z@x.com"))])).unwrap()
            });
            Desk::new(store, by_address()).key();
        }),
        ("inactive", |store| edit(store, super::TENANT, contact(1), Party::inactive)),
        ("deleted", |store| remove(store, super::TENANT, contact(1))),
    ];
    for visitor in [false, true] {
        for (what, change) in changes {
            in_each_gap(
                |store| {
                    Desk::among(store, by_address(), &[person(contact(1), &ANN[..1], 1)]);
                },
                change,
                |stage| {
                    let desk = Desk::at(stage, by_address());
                    let submission = desk.setup.read(&ANN);
                    let known = submission.clone().by_link(id(1));
                    desk.submit(100, if visitor { &known } else { &submission })
                },
                |store, worked| {
                    let desk = Desk::new(store, by_address());
                    let outcome = worked.outcome.unwrap().contact;
                    let found = outcome.record().unwrap();
                    let there = desk.contacts().len();
                    if there > 0 {
                        let row = RecordKind::Contact.of(found);
                        assert_eq!(desk.text_of(row, "firstname"), "Ann", "{what}");
                    }
                    match what {
                        "written" => {
                            assert_eq!((found, there), (id(1), 1));
                            assert_eq!(desk.text_of(contact(1), "jobtitle"), "Judge");
                        }
                        // After the commit it is another story.
                        _ if found == id(1) => {}
                        "deleted" => assert_eq!(there, 1),
                        _ => {
                            assert_eq!(there, 2, "{what}");
                            assert_eq!(desk.text_of(contact(1), "firstname"), "", "{what}");
                        }
                    }
                },
            );
        }
    }
}

/// A subscription center writes over nothing that its contact got meanwhile, however the store's
/// answers lie around it.
#[test]
fn a_subscription_center_loses_no_change_of_its_contact() {
    let center = || by_address().of_type(FormType::SubscriptionCenter);
    in_each_gap(
        |store| {
            Desk::among(store, center(), &[person(contact(1), &ANN[..1], 1)]);
        },
        |store| {
            edit(store, super::TENANT, contact(1), |row| {
                row.with(&attributes(&[("jobtitle", text("Judge"))])).unwrap()
            })
        },
        |stage| {
            let desk = Desk::at(stage, center());
            desk.submit(100, &desk.setup.read(&ANN).by_link(id(1)))
        },
        |store, worked| {
            let desk = Desk::new(store, center());
            assert_eq!(worked.outcome.unwrap().contact.record(), Some(id(1)));
            assert_eq!(desk.text_of(contact(1), "firstname"), "Ann");
            assert_eq!(desk.text_of(contact(1), "jobtitle"), "Judge");
        },
    );
}

/// A submission that loses every round is kept and waits; delivered again or tried again it is worked
/// off.
#[test]
fn a_submission_that_loses_every_round_waits_and_is_worked_off_later() {
    on_both_stores(|store| {
        for (tenant, again) in [(1, true), (2, false)] {
            let tenant = TenantId::new(tenant);
            let quiet = Desk { tenant, ..Desk::new(store, by_address()) };
            quiet.know(&[person(contact(1), &ANN[..1], 1)]);
            let n = &AtomicUsize::new(0);
            let stage = Stage::before(store, |call| {
                let writes = |change: &Change| matches!(change, Change::Put { record, .. } if record.reference() == contact(1));
                if matches!(call, Call::Commit(batch) if batch.changes().iter().any(writes)) {
                    let n = n.fetch_add(1, Ordering::SeqCst).to_string();
                    edit(store, tenant, contact(1), |row| {
                        row.with(&attributes(&[("jobtitle", text(&n))])).unwrap()
                    });
                }
            });
            let busy = Desk { tenant, ..Desk::at(stage, by_address()) };
            let submission = busy.setup.read(&ANN);
            let worked = busy.submit(100, &submission);
            assert_eq!((worked.state, worked.outcome), (SubmissionState::Pending, None));
            assert_eq!((worked.lost_rounds, worked.repeated), (ROUNDS, false));
            let stored = quiet.stored(100);
            assert_eq!(stored.state(), SubmissionState::Pending);
            assert_eq!(stored.submission(), Some(&submission));
            assert_eq!((quiet.leads(), quiet.history()), (vec![], vec![]));
            assert_eq!(quiet.text_of(contact(1), "firstname"), "");
            // Still too busy: it goes on waiting.
            let worked = busy.retry(100, &submission);
            assert_eq!((worked.state, worked.outcome), (SubmissionState::Pending, None));
            let worked =
                if again { quiet.retry(100, &submission) } else { quiet.submit(100, &submission) };
            assert_eq!((worked.state, worked.repeated), (SubmissionState::Succeeded, false));
            assert_eq!(worked.outcome.unwrap().contact.record(), Some(id(1)));
            assert_eq!(quiet.text_of(contact(1), "firstname"), "Ann");
            assert_eq!(quiet.text_of(contact(1), "jobtitle"), (2 * ROUNDS - 1).to_string());
            assert_eq!((quiet.leads().len(), quiet.history().len()), (1, 1));
        }
    });
}

/// One submission that is delivered to two workers at once is worked off once.
#[test]
fn a_submission_that_is_delivered_twice_at_once_is_worked_off_once_by_two_workers() {
    on_both_stores(|store| {
        for round in 0..20 {
            let tenant = TenantId::new(1 + round);
            Desk { tenant, ..Desk::new(store, by_address()) }.key();
            let desk = Desk { tenant, ..Desk::at(meeting(store, 2), by_address()) };
            let submission = &desk.setup.read(&ANN);
            let worked = thread::scope(|scope| {
                let work = || desk.submit(100, submission);
                let workers = [scope.spawn(work), scope.spawn(work)];
                workers.map(|worker| worker.join().unwrap())
            });
            assert_eq!(worked[0].outcome, worked[1].outcome);
            assert_eq!(worked.iter().filter(|one| one.repeated).count(), 1);
            assert_eq!((desk.contacts().len(), desk.leads().len()), (1, 1));
            assert_eq!(desk.history().len(), 1);
        }
    });
}

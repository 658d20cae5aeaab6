//! Submissions whose contact another use case writes.

mod gaps;

use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

use super::join::{Joined, join, taken_id};
use super::{Click, Clicked, ConsentSubmission, DoubleOptIn, SubmissionDone, Submitted};
use crate::consent::{
    Ask, ConsentChange, ContentType, Designation, Level, LevelChange, LinkSeed, LinkToken,
    Memberships, OptInKind, OptInMail, OptInPlan, OptInRequest, OptInSetup, Person, Protection,
    Wanted,
};
use crate::flow::table::{Table, run};
use crate::flow::{FlowErrorKind, ROUNDS};
use crate::id::{RecordId, TenantId};
use crate::party::{Attributes, Value};
use crate::record::{Record, RecordKind, RecordPageQuery, RecordRef, Version, Versioned, Versions};
use crate::store::{
    Batch, Change, Commit, Expect, Reason, Records, Refusal, Store, StoreErrorKind,
};

const TENANT: TenantId = TenantId::new(1);
const ANN: RecordId = RecordId::new(7);
const START: DateTime<Utc> = DateTime::UNIX_EPOCH;
const LOGGED: Protection = Protection::new().logging_changes();

fn id(n: u128) -> RecordId {
    RecordId::new(n)
}

fn day(n: i64) -> DateTime<Utc> {
    START + TimeDelta::days(n)
}

fn plan() -> OptInPlan {
    let mail = |n| {
        OptInMail::new(id(n))
            .live()
            .with_content_type(ContentType::ConfirmationRequest)
            .with_designation(Designation::Transactional)
            .with_text("{{Message.ConfirmationRedirectURL}}")
    };
    let mut setup = OptInSetup::builder().enabled(true).content_settings(id(20));
    for (kind, n) in [(OptInKind::Subscription, 21), (OptInKind::Consent, 22)] {
        setup = setup.message(kind, mail(n)).thank_you_page(kind, id(n + 10));
    }
    setup.build().unwrap().plan().unwrap().clone()
}

fn seed(n: u128) -> LinkSeed {
    LinkSeed { id: id(1_000 + n), token: LinkToken::from_entropy(&n.to_be_bytes()).unwrap() }
}

fn seeds(first: u128) -> Vec<LinkSeed> {
    (first..first + 10).map(seed).collect()
}

fn raise(level: Level) -> Wanted {
    Wanted::new().with_level(level)
}

fn lists<const N: usize>(lists: [u128; N]) -> Wanted {
    Wanted::new().joining(lists.map(id)).unwrap()
}

fn leave(list: u128) -> Wanted {
    Wanted::new().leaving([id(list)]).unwrap()
}

fn record(contact: RecordId, attributes: &Attributes) -> Record {
    let body = serde_json::to_string(attributes).unwrap();
    Record::new(RecordKind::Contact.of(contact), START, body).unwrap()
}

/// A store with Ann, who has this level and is on these lists.
fn with_ann(level: Level, on: &[u128]) -> Table {
    let mut row = Attributes::default();
    if let Some(code) = level.code() {
        row.set(Level::COLUMN, Value::Choice(code)).unwrap();
    }
    let mut memberships = Memberships::default();
    for list in on {
        memberships.join(id(*list)).unwrap();
    }
    memberships.write_to(&mut row).unwrap();
    let store = Table::new();
    store.put(Versioned { record: record(ANN, &row), version: Version::new(1) });
    store
}

fn kept(store: &Table, record: RecordRef) -> Option<Versioned> {
    run(store.load(TENANT, &[record])).unwrap().remove(0)
}

fn row(store: &Table, contact: RecordId) -> Attributes {
    let kept = kept(store, RecordKind::Contact.of(contact)).unwrap();
    serde_json::from_str(kept.record.body()).unwrap()
}

fn level_of(store: &Table) -> Level {
    Person::from_attributes(&row(store, ANN)).unwrap().level()
}

fn lists_of(store: &Table) -> Vec<RecordId> {
    Memberships::from_attributes(&row(store, ANN)).unwrap().iter().collect()
}

fn all(store: &Table, kind: RecordKind) -> Vec<Versioned> {
    run(store.list(TENANT, &RecordPageQuery::new(kind).limit(1_000))).unwrap().items
}

/// The names of the entries of the log.
fn log(store: &Table) -> Vec<String> {
    let entries = all(store, RecordKind::ConsentChange);
    let read = |kept: &Versioned| ConsentChange::from_record(&kept.record).unwrap();
    entries.iter().map(|kept| read(kept).name().to_owned()).collect()
}

/// A use case that writes the contact itself: its look at the contact, what is joined, its batch.
#[derive(Default)]
struct Desk {
    versions: Versions,
    /// Works off what others do meanwhile, and clicks.
    opt_in: DoubleOptIn,
    rounds: AtomicUsize,
    /// Writes the contact only where it changes, against the contract.
    careless: bool,
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Done(SubmissionDone),
    Taken(RecordId),
}

impl Desk {
    /// Works a submission off as the contract has it: the contact is written in any case, and stands in
    /// the batch behind a receipt, so that what is joined begins at place 2.
    async fn work_off(&self, store: &Table, submission: &ConsentSubmission<'_>) -> Outcome {
        let contact = RecordKind::Contact.of(submission.contact);
        let mut taken_before = None;
        for round in 0..ROUNDS {
            self.rounds.store(round, Ordering::Relaxed);
            let kept = store.load(TENANT, &[contact]).await.unwrap().remove(0);
            let expect = kept.as_ref().map_or(Expect::Absent, |kept| Expect::At(kept.version));
            let found = kept.as_ref().map(|kept| serde_json::from_str(kept.record.body()).unwrap());
            let mut attributes: Attributes = found.unwrap_or_default();
            attributes.set("lastname", Value::Text("Lee".into())).unwrap();
            let joined = join(&self.versions, store, submission, attributes, kept.is_none());
            let Joined { attributes, changes, mut done, fresh } = joined.await.unwrap();
            let version = || self.versions.next();
            let receipt = RecordKind::Submission.of(id(self.versions.next().get()));
            let receipt = Record::new(receipt, submission.now, "").unwrap();
            let receipt =
                Change::Put { record: receipt, version: version(), expect: Expect::Absent };
            let record = record(submission.contact, &attributes);
            let mut batch = Batch::of(TENANT, receipt);
            if !self.careless || done.changes_the_contact() {
                batch.push(Change::Put { record, version: version(), expect }).unwrap();
            }
            for change in changes {
                batch.push(change).unwrap();
            }
            match store.commit(&batch).await.unwrap() {
                Commit::Applied => {
                    done.lost_rounds = round;
                    return Outcome::Done(done);
                }
                refused => match taken_id(&refused, 2, &fresh) {
                    Some(id) if taken_before == Some(id) => return Outcome::Taken(id),
                    taken => taken_before = taken,
                },
            }
        }
        panic!("nobody is that unlucky");
    }

    /// Ann wants this on this day, through a use case that writes her; the ids are those behind `n`.
    fn joins(&self, store: &Table, wanted: &Wanted, n: u128, on: i64) -> SubmissionDone {
        match self.outcome(store, wanted, n, on, Some(&plan())) {
            Outcome::Done(done) => done,
            taken => panic!("{taken:?}"),
        }
    }

    fn outcome(
        &self,
        store: &Table,
        wanted: &Wanted,
        n: u128,
        on: i64,
        plan: Option<&OptInPlan>,
    ) -> Outcome {
        let seeds = seeds(n);
        run(self.work_off(store, &submission(wanted, n, on, plan, &seeds)))
    }

    /// Ann wants this where nobody else writes her.
    fn wants(&self, store: &Table, wanted: &Wanted, n: u128, on: i64) -> SubmissionDone {
        let (plan, seeds) = (plan(), seeds(n));
        let submission = submission(wanted, n, on, Some(&plan), &seeds);
        match run(self.opt_in.submit(store, &submission)).unwrap() {
            Submitted::Done(done) => done,
            other => panic!("{other:?}"),
        }
    }

    fn clicks(&self, store: &Table, seed: &LinkSeed, on: i64) -> Clicked {
        let click = Click::new(TENANT, seed.token.as_str(), day(on)).protected(LOGGED);
        run(self.opt_in.confirm(store, click)).unwrap()
    }
}

fn submission<'a>(
    wanted: &'a Wanted,
    n: u128,
    on: i64,
    plan: Option<&'a OptInPlan>,
    seeds: &'a [LinkSeed],
) -> ConsentSubmission<'a> {
    ConsentSubmission::new(TENANT, ANN, wanted, id(1_000_000 + n), day(on))
        .protected(LOGGED)
        .confirmed_by(plan, seeds)
        .unwrap()
}

/// What waits for the opposite is withdrawn in the batch of the contact.
#[test]
fn what_is_joined_withdraws_what_waits_for_the_opposite() {
    let (desk, store) = (Desk::default(), with_ann(Level::Transactional, &[]));
    let wanted = raise(Level::Marketing).joining([id(1)]).unwrap();
    assert_eq!(desk.wants(&store, &wanted, 0, 0).mails.len(), 2);
    let done = desk.joins(&store, &leave(1).with_level(Level::Consent), 10, 1);
    assert_eq!(done.withdrawn, [seed(0).id, seed(1).id]);
    for n in [0, 1] {
        assert_eq!(desk.clicks(&store, &seed(n), 2), Clicked::Withdrawn { at: day(1) });
    }
    assert_eq!((level_of(&store), lists_of(&store)), (Level::Consent, vec![]));
}

/// facts 7.6: without double opt-in at once, with it by a mail for each.
#[test]
fn lists_are_joined_at_once_or_by_mail() {
    let wanted = lists([1, 2]).with_level(Level::Marketing);
    let (desk, store) = (Desk::default(), with_ann(Level::Consent, &[2]));
    let Outcome::Done(done) = desk.outcome(&store, &wanted, 0, 1, None) else { panic!() };
    assert_eq!((done.joined, done.mails), (vec![id(1)], vec![]));
    assert_eq!((level_of(&store), lists_of(&store)), (Level::Marketing, vec![id(1), id(2)]));
    assert_eq!(log(&store), ["Consent changed from (1) Consent to (4) Marketing"]);
    assert_eq!(all(&store, RecordKind::OptInRequest), []);

    let store = with_ann(Level::Consent, &[2]);
    let done = desk.joins(&store, &wanted, 0, 1);
    let asks: Vec<_> = done.mails.iter().map(|mail| (mail.request, mail.asks.clone())).collect();
    let level = (seed(0).id, vec![Ask::Level(Level::Marketing)]);
    assert_eq!(asks, [level, (seed(1).id, vec![Ask::List(id(1))])]);
    assert_eq!((done.joined, done.level), (vec![], None));
    assert_eq!((level_of(&store), lists_of(&store)), (Level::Consent, vec![id(2)]));
    assert!(matches!(desk.clicks(&store, &seed(1), 2), Clicked::Confirmed(_)));
    assert_eq!(lists_of(&store), [id(1), id(2)]);

    // Asked for again, the request that waits is renewed.
    let again = desk.joins(&store, &raise(Level::Marketing), 10, 20);
    assert_eq!(again.mails[0].request, seed(0).id);
    let request = kept(&store, RecordKind::OptInRequest.of(seed(0).id)).unwrap();
    assert_eq!(OptInRequest::from_record(&request.record).unwrap().expires(), day(50));
}

/// A167: the entry of the log is in the batch of the change: refused with it, there with it.
#[test]
fn the_entry_of_the_log_is_in_the_batch_of_the_contact() {
    let (desk, store) = (Desk::default(), with_ann(Level::Marketing, &[]));
    let wanted = raise(Level::Consent);
    let submission = submission(&wanted, 0, 0, None, &[]);
    let found = row(&store, ANN);
    let joined = run(join(&desk.versions, &store, &submission, found, false)).unwrap();
    assert_eq!(joined.attributes.get(Level::COLUMN), Some(&Value::Choice(587_030_001)));
    let [Change::Put { record, expect: Expect::Absent, .. }] = &joined.changes[..] else {
        panic!("{:?}", joined.changes);
    };
    assert_eq!(record.reference(), RecordKind::ConsentChange.of(id(1_000_000)));
    assert_eq!(log(&store), [""; 0], "nothing is written before the caller writes it");

    // A level that is none is no value.
    assert!(desk.joins(&store, &raise(Level::None), 1, 1).level.is_some());
    assert_eq!(row(&store, ANN).get(Level::COLUMN), None);
    assert_eq!(log(&store), ["Consent changed from (4) Marketing to (0) None"]);
}

/// The same submission with the same seeds, after a commit whose answer was lost, or at once.
#[test]
fn what_is_joined_again_brings_the_same_mails() {
    let wanted = raise(Level::Consent).joining([1, 2].map(id)).unwrap();
    let (desk, store) = (Desk::default(), with_ann(Level::Marketing, &[]));
    let first = desk.joins(&store, &wanted, 0, 0);
    assert_eq!((first.mails.len(), log(&store).len()), (2, 1));
    let requests = all(&store, RecordKind::OptInRequest);
    let again = desk.joins(&store, &wanted, 0, 0);
    assert_eq!((again.level, &again.mails), (None, &first.mails));
    assert_eq!((all(&store, RecordKind::OptInRequest), log(&store).len()), (requests, 1));
    // Delivered to the flow that writes the contact itself, it is the same submission.
    assert_eq!(desk.wants(&store, &wanted, 0, 0).mails, first.mails);
    // What is over is not asked for again.
    assert!(matches!(desk.clicks(&store, &seed(1), 1), Clicked::Confirmed(_)));
    assert!(!desk.joins(&store, &leave(1), 10, 2).left.is_empty());
    assert_eq!(desk.joins(&store, &wanted, 0, 3).mails, first.mails[1..]);
}

/// The store is asked nothing about a contact that is made in the batch: nothing can wait for it.
#[test]
fn a_new_contact_begins_with_what_it_wants() {
    let (desk, store) = (Desk::default(), Table::new());
    let wanted = lists([1]).with_page_default(Level::Consent);
    let Outcome::Done(done) = desk.outcome(&store, &wanted, 0, 0, None) else { panic!() };
    assert_eq!(store.calls(), 2, "a look and a write");
    assert_eq!((done.level.map(LevelChange::to), done.joined), (Some(Level::Consent), vec![id(1)]));
    assert_eq!((level_of(&store), lists_of(&store)), (Level::Consent, vec![id(1)]));
    assert_eq!(log(&store), ["Consent changed from (0) None to (1) Consent"]);

    let store = Table::new();
    let done = desk.joins(&store, &wanted, 0, 0);
    assert_eq!((store.calls(), done.mails.len()), (2, 2));
    assert_eq!((level_of(&store), lists_of(&store)), (Level::None, vec![]));
    for n in [0, 1] {
        assert!(matches!(desk.clicks(&store, &seed(n), 1), Clicked::Confirmed(_)));
    }
    assert_eq!((level_of(&store), lists_of(&store)), (Level::Consent, vec![id(1)]));
}

/// Somebody else made the contact meanwhile: it is no longer new, and what it has counts.
#[test]
fn a_new_contact_that_came_in_meanwhile_is_looked_at_again() {
    let (desk, store) = (Desk::default(), Table::new());
    store.before(1, |store| {
        let made = Desk::default().outcome(store, &raise(Level::Marketing), 50, 0, None);
        assert!(matches!(made, Outcome::Done(_)));
    });
    let done = desk.joins(&store, &Wanted::new().with_page_default(Level::Consent), 0, 0);
    assert_eq!((done.level, done.mails, done.lost_rounds), (None, vec![], 1));
    assert_eq!(level_of(&store), Level::Marketing, "a page default never lowers");
}

/// Nothing wanted is nothing asked and nothing changed, whatever the attributes say.
#[test]
fn what_wants_nothing_asks_nothing() {
    let (store, versions, wanted) = (Table::new(), Versions::default(), Wanted::new());
    let mut row = Attributes::default();
    row.set(Memberships::ATTRIBUTE, Value::Whole(1)).unwrap();
    let (plan, seeds) = (plan(), seeds(0));
    let submission = submission(&wanted, 0, 0, Some(&plan), &seeds);
    let joined = run(join(&versions, &store, &submission, row.clone(), false)).unwrap();
    assert_eq!((joined.attributes, joined.changes), (row.clone(), vec![]));
    assert_eq!((joined.done, store.calls()), (SubmissionDone::default(), 0));

    let wanted = lists([1]);
    let submission = ConsentSubmission::new(TENANT, ANN, &wanted, id(9), START);
    let error = run(join(&versions, &store, &submission, row, true)).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), FlowErrorKind::Store);
    assert_eq!(error.store_error().unwrap().kind(), StoreErrorKind::Corrupt);
}

/// Ids and tokens that are not new are told, whatever place of its batch the caller gives the changes.
#[test]
fn an_id_that_is_taken_is_told_at_its_place() {
    let (desk, store) = (Desk::default(), with_ann(Level::Marketing, &[]));
    assert_eq!(desk.joins(&store, &lists([1]), 0, 0).mails.len(), 1);
    let same = desk.outcome(&store, &lists([2]), 0, 1, Some(&plan()));
    assert_eq!(same, Outcome::Taken(seed(0).id));
    assert_eq!(desk.rounds.load(Ordering::Relaxed), 1, "one more look, and no more");
    assert!(desk.joins(&store, &raise(Level::Consent), 20, 1).level.is_some());
    let same = desk.outcome(&store, &raise(Level::None), 20, 2, None);
    assert_eq!(same, Outcome::Taken(id(1_000_020)));
    assert_eq!((level_of(&store), log(&store).len()), (Level::Consent, 1));

    let wanted = raise(Level::None);
    let submission = submission(&wanted, 30, 2, None, &[]);
    let joined = run(join(&desk.versions, &store, &submission, row(&store, ANN), false)).unwrap();
    let refused =
        |change| Commit::Refused(vec![Refusal { change, reason: Reason::Stale { found: None } }]);
    for offset in [0, 1, 7] {
        for place in 0..9 {
            let expected = (place == offset).then_some(id(1_000_030));
            assert_eq!(taken_id(&refused(place), offset, &joined.fresh), expected);
        }
    }
}

//! Consent: what is asked for, confirmed once, applied and logged together; on each embedded store.

use std::future::ready;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;

use chrono::{DateTime, TimeDelta, Utc};
use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::consent::{
    Ask, ChangeSource, ConsentChange, ContentType, Designation, Held, Level, LevelChange, LinkLife,
    LinkSeed, LinkToken, Mailing, Memberships, OptInKind, OptInMail, OptInPlan, OptInRequest,
    OptInSetup, Origin, Person, Protection, ThankYou, Wanted, related_key,
};
use correspond::flow::{
    Click, Clicked, Confirmed, ConsentSubmission, DoubleOptIn, FlowError, FlowErrorKind, HeldBack,
    HeldContact, HeldRequest, HeldSubmission, ROUNDS, Release, SubmissionDone, Submitted,
};
use correspond::id::{RecordId, TenantId};
use correspond::index::Keyer;
use correspond::party::{Attributes, Value};
use correspond::record::{
    Areas, LookupKey, LookupKind, Page, Record, RecordKind, RecordLookup, RecordPageQuery,
    RecordRef, Space, UniqueKey, Version, Versioned,
};
use correspond::settings::Profile;
use correspond::store::{
    Batch, BatchError, Change, Commit, Expect, FullStore, Reason, Records, Refusal, Store,
    StoreError, StoreErrorKind, poll_once,
};
use proptest::prelude::*;

const TENANT: TenantId = TenantId::new(1);
const ANN: RecordId = RecordId::new(7);
const START: DateTime<Utc> = DateTime::UNIX_EPOCH;
const LOGGED: Protection = Protection::new().logging_changes();

/// A test of one story on both stores that ship for one process.
macro_rules! on_both_stores {
    ($($(#[$doc:meta])* $name:ident($store:ident) $story:block)*) => {$(
        $(#[$doc])*
        #[test]
        fn $name() {
            fn story<S: FullStore>($store: &S) $story
            story(&MemoryStore::new([7; 16]));
            let dir = tempfile::tempdir().unwrap();
            story(&RedbStore::open(dir.path().join("store.redb")).unwrap());
        }
    )*};
}

fn now<T, E: std::fmt::Debug>(future: impl Future<Output = Result<T, E>> + Send) -> T {
    poll_once(future).expect("ready at once").expect("a healthy store")
}

fn day(n: i64) -> DateTime<Utc> {
    START + TimeDelta::days(n)
}

fn id(n: u128) -> RecordId {
    RecordId::new(n)
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

fn mailing() -> Mailing {
    plan().mailing(OptInKind::Subscription).clone()
}

/// The nth id and link: all of a test are unlike.
fn seed(n: u128) -> LinkSeed {
    LinkSeed { id: id(1_000 + n), token: LinkToken::from_entropy(&n.to_be_bytes()).unwrap() }
}

fn seeds(first: u128) -> Vec<LinkSeed> {
    (first..first + 10).map(seed).collect()
}

fn put(store: &impl Store, record: Record, expect: Expect) {
    let version = Version::new(u128::from(record.modified().timestamp().unsigned_abs()) + 1);
    let commit = now(store.commit(&Batch::of(TENANT, Change::Put { record, version, expect })));
    assert!(commit.is_applied(), "{commit:?}");
}

/// Ann with these attributes, a match key and an address.
fn ann(store: &impl Store, attributes: &[(&str, Value)]) {
    put(store, ann_record(store.keyer(), attributes), Expect::Absent);
}

fn ann_record(keyer: &Keyer, attributes: &[(&str, Value)]) -> Record {
    let mut row = Attributes::default();
    row.set("firstname", Value::Text("Ann".into())).unwrap();
    for (name, value) in attributes {
        row.set(*name, value.clone()).unwrap();
    }
    let body = serde_json::to_string(&row).unwrap();
    Record::new(RecordKind::Contact.of(ANN), START, body)
        .unwrap()
        .with_unique([UniqueKey::new(keyer, Space::Match, b"contact/ann")])
        .unwrap()
        .with_keys([LookupKey::new(keyer, LookupKind::Address, b"ann@home.example")])
        .unwrap()
}

fn level(level: Level) -> (&'static str, Value) {
    (Level::COLUMN, Value::Choice(level.code().unwrap()))
}

fn kept(store: &impl Records, record: RecordRef) -> Option<Record> {
    now(store.load(TENANT, &[record])).remove(0).map(|kept| kept.record)
}

fn row(store: &impl Records, contact: RecordId) -> Attributes {
    let record = kept(store, RecordKind::Contact.of(contact)).unwrap();
    serde_json::from_str(record.body()).unwrap()
}

fn level_of(store: &impl Records) -> Level {
    level_at(store, ANN)
}

fn level_at(store: &impl Records, contact: RecordId) -> Level {
    Person::from_attributes(&row(store, contact)).unwrap().level()
}

fn lists_of(store: &impl Records) -> Vec<RecordId> {
    lists_at(store, ANN)
}

fn lists_at(store: &impl Records, contact: RecordId) -> Vec<RecordId> {
    Memberships::from_attributes(&row(store, contact)).unwrap().iter().collect()
}

/// The log of Ann's consent, by ascending id.
fn log(store: &impl Records) -> Vec<ConsentChange> {
    let query = RecordPageQuery::new(RecordKind::ConsentChange).limit(1_000);
    let page = now(store.list(TENANT, &query));
    page.items.iter().map(|kept| ConsentChange::from_record(&kept.record).unwrap()).collect()
}

/// What a store shows, but for versions.
fn shown(store: &impl Records) -> Vec<Record> {
    let kinds = [RecordKind::Contact, RecordKind::OptInRequest, RecordKind::ConsentChange];
    let pages =
        kinds.map(|kind| now(store.list(TENANT, &RecordPageQuery::new(kind).limit(1_000))).items);
    pages.into_iter().flatten().map(|kept| kept.record).collect()
}

/// A record as the host finds it.
fn found(store: &impl Records, record: RecordRef) -> HeldContact {
    HeldContact::Found(now(store.load(TENANT, &[record])).remove(0).unwrap())
}

struct Desk<'a, S> {
    store: &'a S,
    contact: RecordId,
    opt_in: DoubleOptIn,
    plan: OptInPlan,
}

impl<'a, S: Store + Records> Desk<'a, S> {
    fn new(store: &'a S) -> Self {
        Self::of(store, ANN)
    }

    fn of(store: &'a S, contact: RecordId) -> Self {
        Self { store, contact, opt_in: DoubleOptIn::default(), plan: plan() }
    }

    /// Ann wants this on this day; the ids are those behind `first`.
    fn wants(&self, wanted: &Wanted, first: u128, on: i64) -> SubmissionDone {
        self.done(wanted, first, on, Some(&self.plan))
    }

    /// Ann wants this where double opt-in is off.
    fn gets(&self, wanted: &Wanted, first: u128, on: i64) -> SubmissionDone {
        self.done(wanted, first, on, None)
    }

    fn done(&self, wanted: &Wanted, n: u128, on: i64, plan: Option<&OptInPlan>) -> SubmissionDone {
        match self.submit(wanted, n, on, plan) {
            Ok(Submitted::Done(done)) => done,
            other => panic!("{other:?}"),
        }
    }

    fn submit(
        &self,
        wanted: &Wanted,
        first: u128,
        on: i64,
        plan: Option<&OptInPlan>,
    ) -> Result<Submitted, FlowError> {
        let seeds = seeds(first);
        let submission =
            ConsentSubmission::new(TENANT, self.contact, wanted, id(1_000_000 + first), day(on))
                .protected(LOGGED)
                .confirmed_by(plan, &seeds)
                .unwrap();
        poll_once(self.opt_in.submit(self.store, &submission)).expect("ready at once")
    }

    fn clicks(&self, seed: &LinkSeed, on: i64) -> Clicked {
        let click = Click::new(TENANT, seed.token.as_str(), day(on)).protected(LOGGED);
        now(self.opt_in.confirm(self.store, click))
    }

    fn confirms(&self, seed: &LinkSeed, on: i64) -> Confirmed {
        match self.clicks(seed, on) {
            Clicked::Confirmed(confirmed) => confirmed,
            other => panic!("{other:?}"),
        }
    }

    fn request(&self, of: RecordId) -> OptInRequest {
        let record = kept(self.store, RecordKind::OptInRequest.of(of)).unwrap();
        OptInRequest::from_record(&record).unwrap()
    }
}

fn raise(level: Level) -> Wanted {
    Wanted::new().with_level(level)
}

fn join<const N: usize>(lists: [u128; N]) -> Wanted {
    Wanted::new().joining(lists.map(id)).unwrap()
}

fn leave(list: u128) -> Wanted {
    Wanted::new().leaving([id(list)]).unwrap()
}

on_both_stores! {
    /// A149; facts 7.6: raising waits for the click, which applies it, logs it and leads to the
    /// thank-you page of its kind; lowering applies at once.
    double_opt_in_confirms_what_is_raised_and_lowers_at_once(store) {
        let desk = Desk::new(store);
        ann(store, &[level(Level::Consent)]);
        let done = desk.wants(&raise(Level::Marketing), 0, 0);
        assert_eq!((done.level, done.mails.len(), done.lost_rounds), (None, 1, 0));
        let mail = &done.mails[0];
        assert_eq!(mail.mailing.message(), id(22));
        assert_eq!(mail.mailing.content_settings(), id(20));
        assert_eq!(mail.asks, [Ask::Level(Level::Marketing)]);
        assert_eq!((mail.request, &mail.token), (seed(0).id, &seed(0).token));
        assert_eq!((level_of(store), log(store)), (Level::Consent, vec![]));

        let confirmed = desk.confirms(&seed(0), 30);
        assert_eq!(confirmed.level, LevelChange::between(Level::Consent, Level::Marketing));
        assert_eq!(confirmed.thank_you, ThankYou::Page(id(32)));
        assert_eq!(confirmed.contact, RecordKind::Contact.of(ANN));
        assert_eq!((confirmed.request, confirmed.lost_rounds), (seed(0).id, 0));
        assert_eq!(level_of(store), Level::Marketing);
        let entries = log(store);
        assert_eq!(entries.len(), 1);
        assert_eq!((entries[0].value(), entries[0].contact()), (Level::Marketing, ANN));

        let done = desk.wants(&raise(Level::Transactional), 10, 31);
        assert_eq!(done.level, LevelChange::between(Level::Marketing, Level::Transactional));
        assert_eq!((done.mails.len(), level_of(store)), (0, Level::Transactional));
        assert_eq!(log(store).len(), 2);
    }

    /// facts 7.6: one message for each list, also when several were ticked together.
    double_opt_in_asks_for_each_list_by_a_mail_of_its_own(store) {
        let desk = Desk::new(store);
        ann(store, &[]);
        assert_eq!(desk.gets(&join([2]), 0, 0).joined, [id(2)]);
        let wanted = raise(Level::Subscriptions).joining([1, 2, 3].map(id)).unwrap();
        let done = desk.wants(&wanted, 10, 0);
        let asks: Vec<_> = done.mails.iter().map(|mail| mail.asks.clone()).collect();
        let [one, three] = [1, 3].map(|list| vec![Ask::List(id(list))]);
        assert_eq!(asks, [vec![Ask::Level(Level::Subscriptions)], one, three]);
        assert_eq!(done.mails[1].mailing.message(), id(21));

        // Each is confirmed for itself, in any order. The seed of a list that needed none is unused.
        let confirmed = desk.confirms(&seed(13), 1);
        assert_eq!((confirmed.level, confirmed.joined), (None, vec![id(3)]));
        assert_eq!(confirmed.thank_you, ThankYou::Page(id(31)));
        assert_eq!(lists_of(store), [id(2), id(3)]);
        assert_eq!(desk.clicks(&seed(12), 1), Clicked::Unknown);
        assert_eq!(desk.confirms(&seed(11), 2).joined, [id(1)]);
        assert_eq!(lists_of(store), [1, 2, 3].map(id));
        // Memberships are no consent level: only a change of level is logged.
        assert_eq!((level_of(store), log(store).len()), (Level::None, 0));
        assert_eq!(desk.wants(&leave(2), 20, 3).left, [id(2)]);
        assert_eq!(lists_of(store), [id(1), id(3)]);
    }

    /// Second, expired and unknown links are outcomes, and change nothing.
    a_link_answers_once_and_in_time(store) {
        let desk = Desk::new(store);
        ann(store, &[]);
        for (n, list) in [(0, 1), (10, 2)] {
            assert_eq!(desk.wants(&join([list]), n, 0).mails.len(), 1);
        }
        assert_eq!(desk.confirms(&seed(0), 3).joined, [id(1)]);
        let before = shown(store);
        let thank_you = ThankYou::Page(id(31));
        for on in [3, 4, 300] {
            let repeated = Clicked::Repeated { at: day(3), thank_you: thank_you.clone() };
            assert_eq!(desk.clicks(&seed(0), on), repeated);
        }
        assert_eq!(desk.clicks(&seed(10), 31), Clicked::Expired { at: day(30) });
        assert_eq!(desk.clicks(&seed(99), 1), Clicked::Unknown);
        let token = seed(10).token;
        let cut = &token.as_str()[..30];
        for text in ["", "x", cut, "' or 1=1", "\u{0}"] {
            let click = Click::new(TENANT, text, day(1));
            assert_eq!(now(desk.opt_in.confirm(store, click)), Clicked::Unknown);
        }
        let elsewhere = Click::new(TenantId::new(2), token.as_str(), day(1));
        assert_eq!(now(desk.opt_in.confirm(store, elsewhere)), Clicked::Unknown);
        assert_eq!(shown(store), before);
        assert_eq!(desk.confirms(&seed(10), 30).joined, [id(2)], "the last day counts");
    }

    /// facts 9, row 29: the successor's links live 28 days.
    a_link_lives_as_long_as_its_profile_says(store) {
        let desk = Desk::new(store);
        ann(store, &[]);
        let (wanted, seeds) = (raise(Level::Consent), seeds(0));
        let submission = ConsentSubmission::new(TENANT, ANN, &wanted, id(9), START)
            .with_life(LinkLife::from(Profile::Current))
            .confirmed_by(Some(&desk.plan), &seeds)
            .unwrap();
        let done = now(desk.opt_in.submit(store, &submission));
        assert!(matches!(done, Submitted::Done(_)));
        assert_eq!(desk.clicks(&seed(0), 29), Clicked::Expired { at: day(28) });
        assert_eq!(desk.confirms(&seed(0), 28).level.map(LevelChange::to), Some(Level::Consent));
    }

    /// A contact that was deleted before the click.
    a_contact_that_is_gone_is_an_outcome(store) {
        let desk = Desk::new(store);
        let missing = desk.submit(&raise(Level::Consent), 0, 0, None).unwrap();
        assert_eq!(missing, Submitted::ContactMissing);
        ann(store, &[]);
        assert_eq!(desk.wants(&raise(Level::Consent), 0, 0).mails.len(), 1);
        let record = RecordKind::Contact.of(ANN);
        let expect = now(store.load(TENANT, &[record])).remove(0).unwrap().version;
        let delete = Change::Delete { record, expect };
        assert!(now(store.commit(&Batch::of(TENANT, delete))).is_applied());
        let before = shown(store);
        assert_eq!(desk.clicks(&seed(0), 1), Clicked::ContactMissing);
        assert_eq!(shown(store), before);
        // Brought back in time, it can confirm.
        ann(store, &[]);
        assert!(desk.confirms(&seed(0), 2).level.is_some());
    }

    /// A lowering that comes while a raise waits withdraws it: the latest word counts.
    a_lower_level_withdraws_the_raise_that_waits(store) {
        let desk = Desk::new(store);
        ann(store, &[level(Level::Subscriptions)]);
        assert_eq!(desk.wants(&raise(Level::Marketing), 0, 0).mails.len(), 1);
        assert_eq!(desk.wants(&raise(Level::Profiling), 10, 0).mails.len(), 1);
        // The level that she has, submitted again, is no word at all.
        let same = desk.wants(&raise(Level::Subscriptions), 20, 1);
        assert_eq!(same, SubmissionDone::default());
        let done = desk.wants(&raise(Level::Consent), 30, 2);
        assert_eq!(done.level.map(LevelChange::to), Some(Level::Consent));
        assert_eq!(done.withdrawn, [seed(0).id, seed(10).id]);
        let before = shown(store);
        for n in [0, 10] {
            assert_eq!(desk.clicks(&seed(n), 3), Clicked::Withdrawn { at: day(2) });
        }
        assert_eq!(shown(store), before);
        // Asked for anew, it is a new request.
        let again = desk.wants(&raise(Level::Marketing), 40, 4);
        assert_eq!(again.mails[0].request, seed(40).id);
        assert_eq!(desk.confirms(&seed(40), 5).level.map(LevelChange::to), Some(Level::Marketing));
        assert_eq!(log(store).len(), 2);
    }

    /// A raise that waits for less than the lowered level is not in the way of it.
    a_lower_level_leaves_what_waits_below_it(store) {
        let desk = Desk::new(store);
        ann(store, &[]);
        assert_eq!(desk.wants(&raise(Level::Consent), 0, 0).mails.len(), 1);
        assert!(desk.gets(&raise(Level::Marketing), 10, 1).level.is_some());
        let done = desk.wants(&raise(Level::Transactional), 20, 2);
        assert_eq!(done.withdrawn, []);
        let confirmed = desk.confirms(&seed(0), 3);
        assert_eq!((confirmed.level, level_of(store)), (None, Level::Transactional));
    }

    /// Leaving a list withdraws what waits for joining it, and nothing else.
    leaving_a_list_withdraws_the_request_to_join_it(store) {
        let desk = Desk::new(store);
        ann(store, &[]);
        assert_eq!(desk.wants(&join([1, 2]), 0, 0).mails.len(), 2);
        let done = desk.wants(&leave(1), 10, 1);
        assert_eq!((done.left, done.withdrawn), (vec![], vec![seed(0).id]));
        assert_eq!(desk.clicks(&seed(0), 2), Clicked::Withdrawn { at: day(1) });
        assert_eq!(desk.confirms(&seed(1), 2).joined, [id(2)]);
    }

    /// Asked for again, both mails' links lead to one request, which is answered once.
    a_request_that_waits_is_renewed(store) {
        let desk = Desk::new(store);
        ann(store, &[]);
        assert_eq!(desk.wants(&join([1]), 0, 0).mails[0].request, seed(0).id);
        let again = desk.wants(&join([1]), 10, 20);
        assert_eq!((again.mails[0].request, &again.mails[0].token), (seed(0).id, &seed(10).token));
        assert_eq!(desk.request(seed(0).id).expires(), day(50));
        assert_eq!(desk.confirms(&seed(0), 45).joined, [id(1)]);
        assert!(matches!(desk.clicks(&seed(10), 46), Clicked::Repeated { .. }));

        // One link too many makes those before it unknown.
        for n in 0..=OptInRequest::MAX_LINKS as u128 {
            assert_eq!(desk.wants(&join([2]), 100 + 10 * n, 50).mails.len(), 1);
        }
        assert_eq!(desk.clicks(&seed(100), 51), Clicked::Unknown);
        assert_eq!(desk.confirms(&seed(260), 51).joined, [id(2)]);
    }

    /// One that is over gives its place up, and its link still says so.
    a_request_that_is_over_makes_room(store) {
        let desk = Desk::new(store);
        ann(store, &[]);
        assert_eq!(desk.wants(&join([1]), 0, 0).mails[0].request, seed(0).id);
        assert_eq!(desk.wants(&join([1]), 10, 40).mails[0].request, seed(10).id);
        assert_eq!(desk.clicks(&seed(0), 41), Clicked::Expired { at: day(30) });
        assert_eq!(desk.confirms(&seed(10), 41).joined, [id(1)]);
        // Left and asked for once more: what was spent is not in the way.
        assert_eq!(desk.wants(&leave(1), 20, 42).left, [id(1)]);
        assert_eq!(desk.wants(&join([1]), 30, 43).mails[0].request, seed(30).id);
    }

    /// The same submission with the same ids and seeds: after a commit whose answer was lost.
    a_submission_that_is_delivered_again_does_nothing_twice(store) {
        let desk = Desk::new(store);
        ann(store, &[level(Level::Marketing)]);
        let wanted = raise(Level::Consent).joining([1, 2].map(id)).unwrap();
        let first = desk.wants(&wanted, 0, 0);
        assert_eq!((first.mails.len(), log(store).len()), (2, 1));
        let before = shown(store);
        let again = desk.wants(&wanted, 0, 0);
        assert_eq!((again.level, again.mails), (None, first.mails));
        assert_eq!(shown(store), before);
        // Half confirmed meanwhile: the rest keeps its own link.
        assert_eq!(desk.confirms(&seed(1), 1).joined, [id(1)]);
        let rest = desk.wants(&wanted, 0, 0).mails;
        assert_eq!(rest.len(), 1);
        assert_eq!((rest[0].request, &rest[0].token), (seed(2).id, &seed(2).token));
    }

    /// Delivered again when its request is over, a submission asks nobody once more: what somebody
    /// let lapse, took back, or confirmed and left is not revived.
    a_submission_that_is_delivered_again_late_revives_nothing(store) {
        let desk = Desk::new(store);
        ann(store, &[]);
        let again = |wanted: &Wanted, n, on| {
            let before = shown(store);
            assert_eq!(desk.wants(wanted, n, on), SubmissionDone::default());
            assert_eq!(shown(store), before);
        };
        let (list, raised) = (join([1]), raise(Level::Consent));
        assert_eq!(desk.wants(&list, 0, 0).mails.len(), 1);
        assert_eq!(desk.wants(&raised, 10, 0).mails.len(), 1);
        again(&list, 0, 31);
        again(&raised, 10, 31);

        // Made anew, renewed, taken back: the second mail's seed made no request of its own.
        assert_eq!(desk.wants(&list, 20, 32).mails.len(), 1);
        assert_eq!(desk.wants(&list, 30, 33).mails[0].request, seed(20).id);
        assert_eq!(desk.wants(&leave(1), 40, 34).withdrawn, [seed(20).id]);
        for n in [0, 20, 30] {
            again(&list, n, 35);
        }

        // Confirmed, then left.
        assert_eq!(desk.wants(&list, 50, 36).mails.len(), 1);
        assert_eq!(desk.confirms(&seed(50), 37).joined, [id(1)]);
        assert_eq!(desk.wants(&leave(1), 60, 38).left, [id(1)]);
        again(&list, 50, 39);
        // What waits is not touched by what is over.
        assert_eq!(desk.wants(&list, 70, 40).mails.len(), 1);
        again(&list, 50, 41);
        assert_eq!(desk.confirms(&seed(70), 42).joined, [id(1)]);
    }

    /// One whose link was given up for newer ones gets it back, so that its mail works.
    a_submission_that_is_delivered_again_has_a_link_that_works(store) {
        let desk = Desk::new(store);
        ann(store, &[]);
        for n in 0..=OptInRequest::MAX_LINKS as u128 {
            assert_eq!(desk.wants(&join([1]), 10 * n, 0).mails.len(), 1);
        }
        assert_eq!(desk.clicks(&seed(0), 1), Clicked::Unknown);
        assert_eq!(desk.wants(&join([1]), 0, 1).mails[0].request, seed(0).id);
        assert_eq!(desk.confirms(&seed(0), 2).joined, [id(1)]);
    }

    /// Ids and tokens that are not new are told, and nothing is written.
    an_id_that_is_taken_is_an_outcome(store) {
        let desk = Desk::new(store);
        ann(store, &[level(Level::Marketing)]);
        assert_eq!(desk.wants(&join([1]), 0, 0).mails.len(), 1);
        let before = shown(store);
        let same_id = desk.submit(&join([2]), 0, 0, Some(&desk.plan)).unwrap();
        assert_eq!(same_id, Submitted::IdTaken { id: seed(0).id });
        let wanted = join([2]);
        let same_link = [LinkSeed { id: id(1), token: seed(0).token }];
        let submission = ConsentSubmission::new(TENANT, ANN, &wanted, id(9), START)
            .confirmed_by(Some(&desk.plan), &same_link)
            .unwrap();
        let taken = Submitted::IdTaken { id: id(1) };
        assert_eq!(now(desk.opt_in.submit(store, &submission)), taken);
        assert_eq!(shown(store), before);
        assert!(desk.wants(&raise(Level::Consent), 10, 1).level.is_some());
        let same_entry = desk.submit(&raise(Level::None), 10, 2, None).unwrap();
        assert_eq!(same_entry, Submitted::IdTaken { id: id(1_000_010) });
        assert_eq!(level_of(store), Level::Consent);
    }

    /// A167; facts 7.7: one entry for every change of level while logging is on, with source and
    /// form, in the batch of the change; none while it is off, none where nothing changed.
    changes_of_consent_are_logged_with_their_origin(store) {
        let desk = Desk::new(store);
        ann(store, &[]);
        let (user, form) = (id(70), id(71));
        let origin = Origin::default()
            .by(user)
            .from_source(ChangeSource::new("Preference page").unwrap())
            .through(form);
        let submit = |to, entry, protection, plan| {
            let (wanted, seeds) = (raise(to), seeds(entry));
            let submission = ConsentSubmission::new(TENANT, ANN, &wanted, id(entry), day(1))
                .from_origin(origin.clone())
                .protected(protection)
                .confirmed_by(plan, &seeds)
                .unwrap();
            let Submitted::Done(done) = now(desk.opt_in.submit(store, &submission)) else {
                panic!("Ann is there");
            };
            done
        };
        let off = Protection::new().respecting_consent();
        assert!(submit(Level::Marketing, 1, off, None).level.is_some());
        assert_eq!(log(store), []);
        assert!(submit(Level::Marketing, 2, LOGGED, None).level.is_none());
        assert_eq!(log(store), []);
        assert!(submit(Level::None, 3, LOGGED, None).level.is_some());
        let entries = log(store);
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].name(), "Consent changed from (4) Marketing to (0) None");
        assert_eq!((entries[0].value(), entries[0].origin()), (Level::None, &origin));
        assert_eq!(row(store, ANN).get(Level::COLUMN), None, "no consent is no value");

        // A confirmed change comes from where it was asked for, and is found by its contact.
        assert_eq!(submit(Level::Consent, 100, LOGGED, Some(&desk.plan)).mails.len(), 1);
        assert!(desk.confirms(&seed(100), 2).level.is_some());
        let key = related_key(store.keyer(), RecordKind::Contact.of(ANN));
        let query = [RecordLookup::new(key).rows(9)].into_iter().collect();
        let answer = now(store.find_records(TENANT, &query));
        let of_ann = answer.found(0).iter().map(|kept| kept.record.reference());
        let mut of_ann: Vec<_> = of_ann.collect();
        of_ann.sort_unstable();
        let [request, entry] = [RecordKind::OptInRequest, RecordKind::ConsentChange];
        assert_eq!(of_ann, [request.of(seed(100).id), entry.of(id(3)), entry.of(seed(100).id)]);
        let confirmed = kept(store, entry.of(seed(100).id)).unwrap();
        assert_eq!(confirmed.modified(), day(2));
        assert_eq!(ConsentChange::from_record(&confirmed).unwrap().origin(), &origin);

        // Off when it is clicked, a confirmed change is not logged.
        assert_eq!(submit(Level::Marketing, 200, LOGGED, Some(&desk.plan)).mails.len(), 1);
        let token = seed(200).token;
        let click = Click::new(TENANT, token.as_str(), day(3)).protected(off);
        assert!(matches!(now(desk.opt_in.confirm(store, click)), Clicked::Confirmed(_)));
        assert_eq!((level_of(store), log(store).len()), (Level::Marketing, 2));
    }

    /// The entry of a confirmed change has the id of its request; where another entry has that
    /// already, the click works all the same and is logged.
    a_click_is_logged_where_another_entry_has_its_id(store) {
        let desk = Desk::new(store);
        ann(store, &[]);
        let wanted = raise(Level::Marketing);
        assert_eq!(desk.wants(&wanted, 0, 0).mails.len(), 1);
        assert!(desk.confirms(&seed(0), 1).level.is_some());
        assert!(desk.gets(&raise(Level::Consent), 10, 2).level.is_some());
        // The request is gone, so that the same submission again is a new one.
        assert_eq!(now(desk.opt_in.purge(store, TENANT, day(40), None)).deleted, 1);
        assert_eq!(desk.wants(&wanted, 0, 40).mails[0].request, seed(0).id);
        let confirmed = desk.confirms(&seed(0), 41);
        assert_eq!(confirmed.level, LevelChange::between(Level::Consent, Level::Marketing));
        assert_eq!((confirmed.request, confirmed.lost_rounds), (seed(0).id, 0));
        assert_eq!((level_of(store), log(store).len()), (Level::Marketing, 3));

        // An entry with the id of a request that comes later.
        let lower = raise(Level::None);
        let submission = ConsentSubmission::new(TENANT, ANN, &lower, seed(50).id, day(42));
        let lowered = now(desk.opt_in.submit(store, &submission.protected(LOGGED)));
        assert!(matches!(lowered, Submitted::Done(_)));
        assert_eq!(desk.wants(&wanted, 50, 43).mails.len(), 1);
        assert!(desk.confirms(&seed(50), 44).level.is_some());
        assert_eq!((level_of(store), log(store).len()), (Level::Marketing, 5));
    }

    /// A level that has risen past what was asked for stays; a child is given no profiling.
    a_click_gives_and_takes_nothing(store) {
        let desk = Desk::new(store);
        ann(store, &[]);
        assert_eq!(desk.wants(&raise(Level::Transactional), 0, 0).mails.len(), 1);
        assert_eq!(desk.wants(&raise(Level::Profiling), 10, 0).mails.len(), 1);
        assert!(desk.gets(&raise(Level::Subscriptions), 20, 1).level.is_some());
        let confirmed = desk.confirms(&seed(0), 2);
        assert_eq!((confirmed.level, level_of(store)), (None, Level::Subscriptions));
        // Found to be a child meanwhile.
        let record = RecordKind::Contact.of(ANN);
        let kept = now(store.load(TENANT, &[record])).remove(0).unwrap();
        let mut values = row(store, ANN);
        values.set(Person::CHILD, Value::YesNo(true)).unwrap();
        let body = serde_json::to_string(&values).unwrap();
        put(store, Record::new(record, day(2), body).unwrap(), Expect::At(kept.version));
        let confirmed = desk.confirms(&seed(10), 3);
        assert_eq!(confirmed.level.map(LevelChange::to), Some(Level::Marketing));
        assert_eq!(level_of(store), Level::Marketing);
    }

    /// What else the contact's record is stays: other attributes, keys, state, its time.
    a_change_of_consent_keeps_the_rest_of_the_contact(store) {
        let desk = Desk::new(store);
        let record = ann_record(store.keyer(), &[]).inactive();
        put(store, record.clone(), Expect::Absent);
        assert_eq!(desk.wants(&join([1]), 0, 0).mails.len(), 1);
        assert!(desk.gets(&raise(Level::Consent), 10, -5).level.is_some());
        assert_eq!(desk.confirms(&seed(0), 4).joined, [id(1)]);
        let after = kept(store, record.reference()).unwrap();
        assert_eq!((after.unique(), after.keys()), (record.unique(), record.keys()));
        assert!(!after.is_active());
        assert_eq!(after.modified(), day(4));
        assert_eq!(row(store, ANN).get("firstname"), Some(&Value::Text("Ann".into())));
        assert_eq!((level_of(store), lists_of(store)), (Level::Consent, vec![id(1)]));
    }

    /// facts 7.6: a form's own double opt-in sends one mail for several lists, and stores nothing
    /// about the contact until it is confirmed.
    a_held_submission_makes_the_contact_when_it_is_confirmed(store) {
        let desk = Desk::new(store);
        let mut values = Attributes::default();
        values.set("firstname", Value::Text("Ann".into())).unwrap();
        let wanted = raise(Level::Marketing).joining([1, 2].map(id)).unwrap();
        let held = Held::new(values, wanted).unwrap();
        let (seed, mailing) = (seed(0), mailing());
        let submission = HeldSubmission::new(TENANT, &held, &mailing, &seed, START);
        let held_back = now(desk.opt_in.hold(store, &submission));
        let HeldBack::Waits(mail) = held_back else { panic!("{held_back:?}") };
        let lists = [1, 2].map(|list| Ask::List(id(list)));
        assert_eq!(mail.asks, [&[Ask::Level(Level::Marketing)][..], &lists].concat());
        assert_eq!((mail.request, &mail.mailing), (seed.id, &mailing));
        assert_eq!(shown(store).len(), 1, "the request alone");
        let again = now(desk.opt_in.hold(store, &submission));
        assert_eq!(again, HeldBack::Waits(mail), "delivered again");
        let other = LinkSeed { id: id(1), token: seed.token.clone() };
        let mut taken = submission.clone();
        taken.seed = &other;
        assert_eq!(now(desk.opt_in.hold(store, &taken)), HeldBack::IdTaken { id: id(1) });

        let click = Click::new(TENANT, seed.token.as_str(), day(1)).protected(LOGGED);
        assert_eq!(now(desk.opt_in.confirm(store, click)), Clicked::ContactMissing);
        let key = UniqueKey::new(store.keyer(), Space::Match, b"contact/ann");
        let made = Record::new(RecordKind::Contact.of(ANN), day(1), "{}").unwrap();
        let made = made.with_unique([key]).unwrap();
        let whose = |seen: &HeldRequest<'_>| {
            assert_eq!((seen.id, seen.held, seen.origin), (seed.id, &held, &Origin::default()));
            ready(Ok(Some(HeldContact::New(made.clone()).into())))
        };
        let clicked = now(desk.opt_in.confirm_with(store, click, whose));
        let Clicked::Confirmed(confirmed) = clicked else { panic!("{clicked:?}") };
        assert_eq!(confirmed.level, LevelChange::between(Level::None, Level::Marketing));
        assert_eq!(confirmed.joined, [1, 2].map(id));
        assert_eq!((level_of(store), lists_of(store)), (Level::Marketing, vec![id(1), id(2)]));
        assert_eq!(row(store, ANN).get("firstname"), Some(&Value::Text("Ann".into())));
        assert_eq!(log(store).len(), 1);
        let request = kept(store, RecordKind::OptInRequest.of(seed.id)).unwrap();
        assert!(!request.body().contains("firstname"), "{}", request.body());
        let again = now(desk.opt_in.confirm_with(store, click, |_| ready(Ok(None))));
        assert!(matches!(again, Clicked::Repeated { .. }));
    }

    /// Delivered again when its request is over, a held submission sends no mail with a dead link; and
    /// the seed of a request of another kind is another's.
    a_held_submission_that_is_over_is_asked_for_no_more(store) {
        let desk = Desk::new(store);
        ann(store, &[]);
        let (held, mailing) = (Held::new(Attributes::default(), join([1])).unwrap(), mailing());
        let hold = |seed: &LinkSeed, on| {
            let submission = HeldSubmission::new(TENANT, &held, &mailing, seed, day(on));
            now(desk.opt_in.hold(store, &submission))
        };
        let (clicked, lapsed) = (seed(0), seed(10));
        assert!(matches!(hold(&clicked, 0), HeldBack::Waits(_)));
        assert!(matches!(hold(&lapsed, 0), HeldBack::Waits(_)));
        assert!(matches!(hold(&lapsed, 30), HeldBack::Waits(_)), "the last day counts");
        let click = Click::new(TENANT, clicked.token.as_str(), day(1));
        let whose =
            |_: &HeldRequest<'_>| ready(Ok(Some(found(store, RecordKind::Contact.of(ANN)).into())));
        let confirmed = now(desk.opt_in.confirm_with(store, click, whose));
        assert!(matches!(confirmed, Clicked::Confirmed(_)));
        let before = shown(store);
        assert_eq!(hold(&clicked, 1), HeldBack::Over);
        assert_eq!(hold(&lapsed, 31), HeldBack::Over);
        assert_eq!(shown(store), before);
        assert_eq!(desk.wants(&join([2]), 20, 1).mails.len(), 1);
        assert_eq!(hold(&seed(20), 1), HeldBack::IdTaken { id: seed(20).id });
    }

    /// One whose match key has come in meanwhile is found in the next round, and updated.
    a_held_submission_looks_again_where_its_contact_came_in_meanwhile(store) {
        let desk = Desk::new(store);
        let mut values = Attributes::default();
        values.set("lastname", Value::Text("Lee".into())).unwrap();
        let wanted = leave(9).with_level(Level::Consent).joining([id(1)]).unwrap();
        let held = Held::new(values, wanted).unwrap();
        let (seed, mailing) = (seed(0), mailing());
        let submission = HeldSubmission::new(TENANT, &held, &mailing, &seed, START)
            .from_origin(Origin::default().through(id(5)))
            .with_life(LinkLife::from(Profile::Current));
        assert!(matches!(now(desk.opt_in.hold(store, &submission)), HeldBack::Waits(_)));
        assert_eq!(desk.request(seed.id).expires(), day(28));
        ann(store, &[level(Level::Marketing), ("listmember", Value::Text(id(9).to_string()))]);
        assert_eq!(desk.wants(&raise(Level::Profiling), 10, 0).mails.len(), 1);
        let key = UniqueKey::new(store.keyer(), Space::Match, b"contact/ann");
        let mut answers = vec![
            found(store, RecordKind::Contact.of(ANN)),
            HeldContact::New(
                Record::new(RecordKind::Contact.of(id(8)), START, "{}")
                    .unwrap()
                    .with_unique([key])
                    .unwrap(),
            ),
        ];
        let whose = |_: &HeldRequest<'_>| ready(Ok(answers.pop().map(Release::from)));
        let click = Click::new(TENANT, seed.token.as_str(), day(1)).protected(LOGGED);
        let clicked = now(desk.opt_in.confirm_with(store, click, whose));
        let Clicked::Confirmed(confirmed) = clicked else { panic!("{clicked:?}") };
        assert_eq!((confirmed.lost_rounds, confirmed.contact.id()), (1, ANN));
        assert_eq!((confirmed.left, lists_of(store)), (vec![id(9)], vec![id(1)]));
        assert_eq!(row(store, ANN).get("lastname"), Some(&Value::Text("Lee".into())));
        // The form's level is exact: once it is confirmed, what is lower is lower.
        assert_eq!(level_of(store), Level::Consent);
        assert_eq!(log(store)[0].origin().form, Some(id(5)));
        assert_eq!(desk.clicks(&seeds(10)[0], 2), Clicked::Withdrawn { at: day(1) });
    }

    /// Found by what it says now: a submission that is released brings the keys of its values along,
    /// and does not bring those of a state that the contact no longer has.
    a_released_submission_moves_the_keys_of_its_contact(store) {
        let desk = Desk::new(store);
        ann(store, &[]);
        let mut values = Attributes::default();
        values.set("emailaddress1", Value::Text("ann@work.example".into())).unwrap();
        let held = Held::new(values, Wanted::new()).unwrap();
        let (seed, mailing) = (seed(0), mailing());
        let submission = HeldSubmission::new(TENANT, &held, &mailing, &seed, START);
        assert!(matches!(now(desk.opt_in.hold(store, &submission)), HeldBack::Waits(_)));

        let reference = RecordKind::Contact.of(ANN);
        let address = |text: &[u8]| LookupKey::new(store.keyer(), LookupKind::Address, text);
        let name = UniqueKey::new(store.keyer(), Space::Match, b"contact/ann/work");
        let mut asked = 0;
        let whose = |_: &HeldRequest<'_>| {
            asked += 1;
            let Versioned { record, version } = now(store.load(TENANT, &[reference])).remove(0).unwrap();
            let seen = record.with_keys([address(b"ann@work.example")]).unwrap();
            let record = seen.with_unique([name]).unwrap();
            if asked == 1 {
                // She changes just after she was found.
                assert!(desk.gets(&raise(Level::Consent), 10, 1).level.is_some());
            }
            ready(Ok(Some(HeldContact::Found(Versioned { record, version }).into())))
        };
        let click = Click::new(TENANT, seed.token.as_str(), day(2));
        let clicked = now(desk.opt_in.confirm_with(store, click, whose));
        let Clicked::Confirmed(confirmed) = clicked else { panic!("{clicked:?}") };
        assert_eq!((asked, confirmed.lost_rounds), (2, 1));
        assert_eq!(level_of(store), Level::Consent, "what came between is kept");
        let after = kept(store, reference).unwrap();
        assert_eq!((after.keys(), after.unique()), (&[address(b"ann@work.example")][..], &[name][..]));
        let text = Value::Text("ann@work.example".into());
        assert_eq!(row(store, ANN).get("emailaddress1"), Some(&text));
        let old = RecordLookup::new(address(b"ann@home.example")).rows(9);
        let answer = now(store.find_records(TENANT, &[old].into_iter().collect()));
        assert_eq!(answer.found(0), []);
    }

    /// One that was found and is gone: the host looks again, and may make a new one; one that it goes on
    /// naming is missing.
    a_held_submission_looks_again_where_its_contact_is_gone(store) {
        let desk = Desk::new(store);
        let held = Held::new(Attributes::default(), raise(Level::Consent)).unwrap();
        let (seed, mailing) = (seed(0), mailing());
        let submission = HeldSubmission::new(TENANT, &held, &mailing, &seed, START);
        assert!(matches!(now(desk.opt_in.hold(store, &submission)), HeldBack::Waits(_)));
        let record = Record::new(RecordKind::Contact.of(id(8)), START, "{}").unwrap();
        let gone = HeldContact::Found(Versioned { record, version: Version::new(1) });
        let made = Record::new(RecordKind::Contact.of(ANN), START, "{}").unwrap();
        let click = Click::new(TENANT, seed.token.as_str(), day(1));
        let mut asked = 0;
        let whose = |_: &HeldRequest<'_>| {
            asked += 1;
            ready(Ok(Some(gone.clone().into())))
        };
        let clicked = now(desk.opt_in.confirm_with(store, click, whose));
        assert_eq!((clicked, asked), (Clicked::ContactMissing, 2));
        let mut answers = vec![HeldContact::New(made), gone];
        let whose = |_: &HeldRequest<'_>| ready(Ok(answers.pop().map(Release::from)));
        let clicked = now(desk.opt_in.confirm_with(store, click, whose));
        assert!(matches!(clicked, Clicked::Confirmed(_)), "{clicked:?}");
        assert_eq!(level_of(store), Level::Consent);
    }

    /// What the host found it to be is what it becomes, but for level and memberships: they change by
    /// what is wanted, and in the log.
    a_released_submission_empties_what_it_blanks(store) {
        let desk = Desk::new(store);
        let city = ("address1_city", Value::Text("Ghent".into()));
        ann(store, &[level(Level::Consent), ("listmember", Value::Text(id(9).to_string())), city]);
        let mut values = Attributes::default();
        values.set("lastname", Value::Text("Lee".into())).unwrap();
        let held = Held::new(values, join([1])).unwrap();
        let (seed, mailing) = (seed(0), mailing());
        let submission = HeldSubmission::new(TENANT, &held, &mailing, &seed, START);
        assert!(matches!(now(desk.opt_in.hold(store, &submission)), HeldBack::Waits(_)));
        let reference = RecordKind::Contact.of(ANN);
        let Versioned { record, version } = now(store.load(TENANT, &[reference])).remove(0).unwrap();
        let (unique, keys) = (record.unique().to_vec(), record.keys().to_vec());
        let mut body = Attributes::default();
        body.set("firstname", Value::Text("Anna".into())).unwrap();
        let (column, most) = level(Level::Profiling);
        body.set(column, most).unwrap();
        let record = Record::new(reference, START, serde_json::to_string(&body).unwrap()).unwrap();
        let record = record.with_unique(unique.clone()).unwrap().with_keys(keys.clone()).unwrap();
        let whose = HeldContact::Found(Versioned { record, version });
        let click = Click::new(TENANT, seed.token.as_str(), day(1)).protected(LOGGED);
        let whose = |_: &HeldRequest<'_>| ready(Ok(Some(whose.clone().into())));
        let clicked = now(desk.opt_in.confirm_with(store, click, whose));
        assert!(matches!(clicked, Clicked::Confirmed(_)), "{clicked:?}");
        let after = row(store, ANN);
        let text = |text: &str| Some(Value::Text(text.into()));
        let read = ["firstname", "lastname", "address1_city"].map(|name| after.get(name).cloned());
        assert_eq!(read, [text("Anna"), text("Lee"), None]);
        assert_eq!((level_of(store), lists_of(store)), (Level::Consent, vec![id(1), id(9)]));
        assert_eq!(log(store), []);
        let after = kept(store, reference).unwrap();
        assert_eq!((after.unique(), after.keys()), (&unique[..], &keys[..]));
    }

    /// A lead or a receipt is there with the contact, or nothing is; where it is refused, the host is
    /// asked again.
    a_released_submission_is_one_batch_with_what_the_host_writes(store) {
        let desk = Desk::new(store);
        let held = Held::new(Attributes::default(), raise(Level::Consent)).unwrap();
        let mailing = mailing();
        let lead = |n| {
            let record = Record::new(RecordKind::Lead.of(id(n)), START, "{}").unwrap();
            Change::Put { record, version: Version::new(n), expect: Expect::Absent }
        };
        assert!(now(store.commit(&Batch::of(TENANT, lead(40)))).is_applied());
        for (n, protection) in [(1_u128, LOGGED), (2, Protection::new())] {
            let seed = seed(n);
            let submission = HeldSubmission::new(TENANT, &held, &mailing, &seed, START)
                .from_origin(Origin::default().through(id(5)));
            assert!(matches!(now(desk.opt_in.hold(store, &submission)), HeldBack::Waits(_)));
            let contact = RecordKind::Contact.of(id(10 * n));
            let made = HeldContact::New(Record::new(contact, START, "{}").unwrap());
            let click = Click::new(TENANT, seed.token.as_str(), day(1)).protected(protection);
            let before = shown(store);

            let fails = |_: &HeldRequest<'_>| ready(Err(FlowError::from(BatchError::NotAlone)));
            let failed = poll_once(desk.opt_in.confirm_with(store, click, fails)).unwrap();
            assert_eq!(failed.unwrap_err().kind(), FlowErrorKind::Batch);
            let twice = |request: &HeldRequest<'_>| {
                let record = RecordKind::OptInRequest.of(request.id);
                let change = Change::Delete { record, expect: Version::new(1) };
                ready(Ok(Some(Release::new(made.clone(), vec![change]))))
            };
            let failed = poll_once(desk.opt_in.confirm_with(store, click, twice)).unwrap();
            assert_eq!(failed.unwrap_err().kind(), FlowErrorKind::Batch);
            assert_eq!(shown(store), before);

            // Lead 40 is somebody else's.
            let mut leads = vec![n, 40];
            let whose = |request: &HeldRequest<'_>| {
                assert_eq!((request.id, request.origin.form), (seed.id, Some(id(5))));
                assert_eq!(kept(store, contact), None, "nothing half written");
                let lead = lead(leads.pop().unwrap());
                ready(Ok(Some(Release::new(made.clone(), vec![lead]))))
            };
            let clicked = now(desk.opt_in.confirm_with(store, click, whose));
            let Clicked::Confirmed(confirmed) = clicked else { panic!("{clicked:?}") };
            assert_eq!((confirmed.lost_rounds, confirmed.contact), (1, contact));
            assert_eq!(level_at(store, contact.id()), Level::Consent);
            assert!(kept(store, RecordKind::Lead.of(id(n))).is_some());
        }
        assert_eq!(log(store).len(), 1);
    }

    /// Consent is a contact's: whatever else is named is refused and left alone.
    a_held_submission_is_released_to_nothing_but_a_contact(store) {
        let desk = Desk::new(store);
        let held = Held::new(Attributes::default(), raise(Level::Consent)).unwrap();
        let (seed, mailing) = (seed(0), mailing());
        let submission = HeldSubmission::new(TENANT, &held, &mailing, &seed, START);
        assert!(matches!(now(desk.opt_in.hold(store, &submission)), HeldBack::Waits(_)));
        let kinds = [RecordKind::Lead, RecordKind::DataProtection];
        for (kind, text) in kinds.into_iter().zip(["Lead", "DataProtection"]) {
            let (there, new) = (kind.of(id(10)), kind.of(id(11)));
            put(store, Record::new(there, START, "{}").unwrap(), Expect::Absent);
            let new = HeldContact::New(Record::new(new, START, "{}").unwrap());
            for (whose, n) in [(found(store, there), "a"), (new, "b")] {
                let click = Click::new(TENANT, seed.token.as_str(), day(1)).protected(LOGGED);
                let whose = |_: &HeldRequest<'_>| ready(Ok(Some(whose.clone().into())));
                let clicked = poll_once(desk.opt_in.confirm_with(store, click, whose)).unwrap();
                let error = clicked.unwrap_err();
                assert_eq!(error.kind(), FlowErrorKind::NotAContact);
                assert_eq!(
                    error.to_string(),
                    format!("held submission: expected a contact, found {text} {n:0>32}")
                );
            }
            assert_eq!(kept(store, there).unwrap().body(), "{}");
        }
        assert_eq!((shown(store).len(), log(store).len()), (1, 0), "the request waits on");
        let click = Click::new(TENANT, seed.token.as_str(), day(1));
        let made = Record::new(RecordKind::Contact.of(ANN), START, "{}").unwrap();
        let whose = |_: &HeldRequest<'_>| ready(Ok(Some(HeldContact::New(made.clone()).into())));
        let clicked = now(desk.opt_in.confirm_with(store, click, whose));
        assert!(matches!(clicked, Clicked::Confirmed(_)));
    }

    /// What is over is deleted with what it held; what can still be clicked stays.
    requests_that_are_over_are_purged(store) {
        let desk = Desk::new(store);
        ann(store, &[]);
        for (n, list) in [(0, 1), (10, 2), (20, 3)] {
            assert_eq!(desk.wants(&join([list]), n, n as i64).mails.len(), 1);
        }
        assert_eq!(desk.confirms(&seed(0), 1).joined, [id(1)]);
        let purged = now(desk.opt_in.purge(store, TENANT, day(30), None));
        assert_eq!((purged.deleted, purged.next), (0, None));
        let purged = now(desk.opt_in.purge(store, TENANT, day(41), None));
        assert_eq!((purged.deleted, purged.next), (2, None));
        assert_eq!(desk.clicks(&seed(10), 41), Clicked::Unknown);
        assert_eq!(desk.confirms(&seed(20), 41).joined, [id(3)]);
        assert_eq!(now(desk.opt_in.purge(store, TENANT, day(99), Some(seed(20).id))).deleted, 0);
    }

    /// Two clicks at once apply once, 200 times out of 200.
    two_clicks_at_once_apply_once(store) {
        assert_eq!(double_clicks(store, 200), Vec::<String>::new());
    }

    /// A click and a lower level at once: whichever comes first, the lower level stands in the end.
    a_click_that_meets_a_lower_level_does_not_undo_it(store) {
        assert_eq!(clicks_against_lower_levels(store, 50), Vec::<String>::new());
    }

    /// Two links of one contact at once: none undoes the other.
    clicks_on_unlike_links_at_once_both_apply(store) {
        assert_eq!(unlike_clicks(store, 50), Vec::<String>::new());
    }
}

/// A store in which the first two commits wait for each other, so that two flows have both looked
/// before either writes.
struct Meeting<'a, S> {
    store: &'a S,
    barrier: Barrier,
    left: AtomicUsize,
}

impl<'a, S> Meeting<'a, S> {
    fn new(store: &'a S) -> Self {
        Self { store, barrier: Barrier::new(2), left: AtomicUsize::new(2) }
    }
}

impl<S: Store> Store for Meeting<'_, S> {
    fn keyer(&self) -> &Keyer {
        self.store.keyer()
    }

    fn areas(&self) -> Areas {
        self.store.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        let less = |left: usize| left.checked_sub(1);
        if self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok() {
            self.barrier.wait();
        }
        self.store.commit(batch).await
    }
}

impl<S: Records> Records for Meeting<'_, S> {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.store.load(tenant, records).await
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        self.store.holders(tenant, keys).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        self.store.list(tenant, query).await
    }
}

/// A store in which something happens just before the nth call.
struct Between<'a> {
    store: &'a MemoryStore,
    calls: AtomicUsize,
    at: usize,
    act: Mutex<Option<Box<dyn FnOnce() + Send + 'a>>>,
}

impl Between<'_> {
    fn call(&self) {
        if self.calls.fetch_add(1, Ordering::SeqCst) == self.at {
            let act = self.act.lock().unwrap().take();
            act.expect("it happens once")();
        }
    }
}

impl Store for Between<'_> {
    fn keyer(&self) -> &Keyer {
        self.store.keyer()
    }

    fn areas(&self) -> Areas {
        self.store.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        self.call();
        self.store.commit(batch).await
    }
}

impl Records for Between<'_> {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.call();
        self.store.load(tenant, records).await
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        self.call();
        self.store.holders(tenant, keys).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        self.call();
        self.store.list(tenant, query).await
    }
}

/// Lets `act` happen in each gap of a flow, before its first call to the store, before its second and
/// so on, each time in a store of its own; `check` sees each store and what the flow answered.
fn in_each_gap<T>(
    prepare: impl Fn(&MemoryStore),
    act: impl Fn(&MemoryStore) + Sync,
    flow: impl Fn(&Between<'_>) -> T,
    check: impl Fn(&MemoryStore, T),
) {
    for at in 0.. {
        let store = &MemoryStore::new([7; 16]);
        prepare(store);
        let act: Box<dyn FnOnce() + Send> = Box::new(|| act(store));
        let (calls, act) = (AtomicUsize::new(0), Mutex::new(Some(act)));
        let between = Between { store, calls, at, act };
        let answer = flow(&between);
        if between.act.into_inner().unwrap().is_some() {
            assert!(at > 2, "what is asked and written has gaps");
            return;
        }
        check(store, answer);
    }
}

/// The latest word counts, however the store's answers lie around a click: a flow that looks at the
/// contact first and at what waits second misses one that comes between the two.
#[test]
fn leaving_a_list_is_not_lost_to_a_click_at_any_moment() {
    in_each_gap(
        |store| {
            ann(store, &[]);
            assert_eq!(Desk::new(store).wants(&join([1]), 0, 0).mails.len(), 1);
        },
        |store| assert_eq!(Desk::new(store).confirms(&seed(0), 1).joined, [id(1)]),
        |store| Desk::new(store).wants(&leave(1), 10, 1),
        |store, done| {
            assert_eq!((done.left, done.withdrawn), (vec![id(1)], vec![]));
            assert_eq!(lists_of(store), []);
            assert!(matches!(Desk::new(store).clicks(&seed(0), 2), Clicked::Repeated { .. }));
        },
    );
}

/// Whoever has joined a list by a click meanwhile is not asked again.
#[test]
fn joining_a_list_asks_nobody_who_has_just_confirmed() {
    in_each_gap(
        |store| {
            ann(store, &[]);
            assert_eq!(Desk::new(store).wants(&join([1]), 0, 0).mails.len(), 1);
        },
        |store| assert_eq!(Desk::new(store).confirms(&seed(0), 1).joined, [id(1)]),
        |store| Desk::new(store).wants(&join([1]), 10, 1),
        |store, done| {
            assert_eq!((done.mails, lists_of(store)), (vec![], vec![id(1)]));
            assert_eq!(shown(store).len(), 2, "the contact and the one request");
        },
    );
}

/// A lower level stands, and each entry of the log begins where the one before it ended.
#[test]
fn a_lower_level_is_not_lost_to_a_click_at_any_moment() {
    in_each_gap(
        |store| {
            ann(store, &[level(Level::Transactional)]);
            assert_eq!(Desk::new(store).wants(&raise(Level::Marketing), 0, 0).mails.len(), 1);
        },
        |store| assert!(Desk::new(store).confirms(&seed(0), 1).level.is_some()),
        |store| Desk::new(store).wants(&raise(Level::Consent), 10, 1),
        |store, done| {
            assert_eq!(done.level, LevelChange::between(Level::Marketing, Level::Consent));
            assert_eq!((level_of(store), log(store).len()), (Level::Consent, 2));
        },
    );
}

/// Two workers with one submission: whoever comes second answers as one who comes much later.
#[test]
fn a_submission_that_is_delivered_twice_at_once_is_worked_off_once() {
    let wanted = raise(Level::Consent).joining([1, 2].map(id)).unwrap();
    let deliver = |store: &MemoryStore| {
        let done = Desk::new(store).wants(&wanted, 0, 0);
        assert_eq!((done.mails.len(), log(store).len()), (2, 1));
    };
    in_each_gap(
        |store| ann(store, &[level(Level::Marketing)]),
        deliver,
        |store| Desk::new(store).submit(&wanted, 0, 0, Some(&plan())).unwrap(),
        |store, submitted| {
            let Submitted::Done(done) = submitted else { panic!("{submitted:?}") };
            let mails = done.mails.iter().map(|mail| (mail.request, mail.token.clone()));
            let sent = [0, 1].map(|list| (seed(1 + list).id, seed(1 + list).token));
            assert_eq!((done.level, mails.collect::<Vec<_>>()), (None, sent.to_vec()));
            assert_eq!((level_of(store), log(store).len()), (Level::Consent, 1));
            assert_eq!(shown(store).len(), 4, "the contact, an entry, two requests");
        },
    );
}

/// What becomes of the flows where nobody looks at versions: writes whatever is there.
struct Blind<'a, S>(&'a S);

impl<S: Store + Records> Store for Blind<'_, S> {
    fn keyer(&self) -> &Keyer {
        self.0.keyer()
    }

    fn areas(&self) -> Areas {
        self.0.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        loop {
            let mut blind = Batch::new(batch.tenant());
            for change in batch.changes() {
                let Change::Put { record, version, .. } = change else { panic!("{change:?}") };
                let there = self.0.load(batch.tenant(), &[record.reference()]).await?.remove(0);
                let expect = there.map_or(Expect::Absent, |there| Expect::At(there.version));
                let change = Change::Put { record: record.clone(), version: *version, expect };
                blind.push(change).unwrap();
            }
            if self.0.commit(&blind).await?.is_applied() {
                return Ok(Commit::Applied);
            }
        }
    }
}

impl<S: Records> Records for Blind<'_, S> {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.0.load(tenant, records).await
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        self.0.holders(tenant, keys).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        self.0.list(tenant, query).await
    }
}

/// What one of two does at the same time as the other.
enum Act {
    Click(LinkSeed),
    Lower(Level, u128),
}

/// Two flows about one contact that have both looked before either writes; what was confirmed.
fn race<S: Store + Records>(
    store: &S,
    contact: RecordId,
    acts: [Act; 2],
) -> [Option<Result<Clicked, FlowError>>; 2] {
    let meeting = &Meeting::new(store);
    let act = |act: Act| {
        let desk = Desk::of(meeting, contact);
        match act {
            Act::Click(seed) => {
                let click = Click::new(TENANT, seed.token.as_str(), day(1)).protected(LOGGED);
                Some(poll_once(desk.opt_in.confirm(meeting, click)).expect("ready at once"))
            }
            Act::Lower(level, n) => {
                let _ = desk.wants(&raise(level), n, 1);
                None
            }
        }
    };
    thread::scope(|scope| acts.map(|one| scope.spawn(|| act(one))).map(|one| one.join().unwrap()))
}

/// A new contact of this round that has asked for all of this.
fn asked<S: Store + Records>(store: &S, round: u128, first: Level, wanted: &Wanted) -> RecordId {
    let contact = id(10_000 + round);
    let mut row = Attributes::default();
    let (column, value) = level(first);
    row.set(column, value).unwrap();
    let body = serde_json::to_string(&row).unwrap();
    put(store, Record::new(RecordKind::Contact.of(contact), START, body).unwrap(), Expect::Absent);
    let done = Desk::of(store, contact).wants(wanted, 100 * round, 0);
    assert_eq!(done.mails.len(), wanted.max_confirmations());
    contact
}

fn confirmed(clicked: &Option<Result<Clicked, FlowError>>) -> Option<&Confirmed> {
    match clicked {
        Some(Ok(Clicked::Confirmed(confirmed))) => Some(confirmed),
        _ => None,
    }
}

/// Clicks each link twice at once; the rounds that went wrong.
fn double_clicks<S: Store + Records>(store: &S, rounds: u128) -> Vec<String> {
    let round = |round: u128| {
        let contact = asked(store, round, Level::Consent, &raise(Level::Marketing));
        let clicks = [0, 0].map(|n| Act::Click(seed(100 * round + n)));
        let clicked = race(store, contact, clicks);
        let first: Vec<_> = clicked.iter().filter_map(confirmed).collect();
        let again = clicked.iter().filter(|c| matches!(c, Some(Ok(Clicked::Repeated { .. }))));
        let once = first.len() == 1 && again.count() == 1;
        let level = level_at(store, contact);
        let right = once && level == Level::Marketing && first[0].lost_rounds == 0;
        (!right).then(|| format!("round {round}: {level}, {clicked:?}"))
    };
    let wrong = (0..rounds).filter_map(round).collect();
    assert_eq!(log(store).len(), usize::try_from(rounds).unwrap(), "an entry a round");
    wrong
}

/// Clicks a link while the contact asks for less.
fn clicks_against_lower_levels<S: Store + Records>(store: &S, rounds: u128) -> Vec<String> {
    let round = |round: u128| {
        let contact = asked(store, round, Level::Transactional, &raise(Level::Marketing));
        let lower = Act::Lower(Level::Consent, 100 * round + 50);
        let acts = [Act::Click(seed(100 * round)), lower];
        let [clicked, _] = race(store, contact, acts);
        let level = level_at(store, contact);
        let mut log = log(store);
        log.retain(|entry| entry.contact() == contact);
        let mut log: Vec<_> = log.iter().map(ConsentChange::name).collect();
        log.sort_unstable();
        // Each entry begins where the one before it ended.
        let expected: &[&str] = match clicked {
            Some(Ok(Clicked::Confirmed(_))) => &[
                "Consent changed from (2) Transactional to (4) Marketing",
                "Consent changed from (4) Marketing to (1) Consent",
            ],
            Some(Ok(Clicked::Withdrawn { .. })) => {
                &["Consent changed from (2) Transactional to (1) Consent"]
            }
            _ => &[],
        };
        let right = level == Level::Consent && log == expected;
        (!right).then(|| format!("round {round}: {level}, {log:?}, {clicked:?}"))
    };
    (0..rounds).filter_map(round).collect()
}

/// Clicks the links of two lists at once.
fn unlike_clicks<S: Store + Records>(store: &S, rounds: u128) -> Vec<String> {
    let round = |round: u128| {
        let contact = asked(store, round, Level::Consent, &join([1, 2]));
        let clicked = race(store, contact, [0, 1].map(|n| Act::Click(seed(100 * round + n))));
        let lists = lists_at(store, contact);
        let both = clicked.iter().filter_map(confirmed).count() == 2;
        let right = both && lists == [1, 2].map(id);
        (!right).then(|| format!("round {round}: {lists:?}, {clicked:?}"))
    };
    (0..rounds).filter_map(round).collect()
}

/// The races see what they are there to see: over a store that looks at no version, both clicks of a
/// pair apply each time, one of two unlike ones undoes the other, and the log has a gap.
#[test]
fn a_confirm_that_looks_at_no_version_is_caught() {
    let store = MemoryStore::new([7; 16]);
    assert_eq!(double_clicks(&Blind(&store), 200).len(), 200);
    let store = MemoryStore::new([7; 16]);
    assert_eq!(unlike_clicks(&Blind(&store), 50).len(), 50);
    let store = MemoryStore::new([7; 16]);
    assert_eq!(clicks_against_lower_levels(&Blind(&store), 50).len(), 50);
}

/// A store with one contact that refuses every batch.
struct Refusing<'a>(&'a MemoryStore, AtomicUsize);

impl Store for Refusing<'_> {
    fn keyer(&self) -> &Keyer {
        self.0.keyer()
    }

    fn areas(&self) -> Areas {
        self.0.areas()
    }

    async fn commit(&self, _: &Batch) -> Result<Commit, StoreError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        Ok(Commit::Refused(vec![Refusal { change: 0, reason: Reason::Stale { found: None } }]))
    }
}

impl Records for Refusing<'_> {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.0.load(tenant, records).await
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        self.0.holders(tenant, keys).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        self.0.list(tenant, query).await
    }
}

#[test]
fn consent_that_loses_every_round_gives_up() {
    let store = MemoryStore::new([7; 16]);
    ann(&store, &[level(Level::Marketing)]);
    assert_eq!(Desk::new(&store).wants(&join([1]), 0, 0).mails.len(), 1);
    let refusing = Refusing(&store, AtomicUsize::new(0));
    let desk = Desk::new(&refusing);
    let click = Click::new(TENANT, "00", day(1));
    assert_eq!(now(desk.opt_in.confirm(&refusing, click)), Clicked::Unknown);
    let token = seed(0).token;
    let click = Click::new(TENANT, token.as_str(), day(1));
    let error = poll_once(desk.opt_in.confirm(&refusing, click)).unwrap().unwrap_err();
    assert_eq!(error.kind(), FlowErrorKind::Contended);
    assert_eq!(refusing.1.swap(0, Ordering::SeqCst), ROUNDS);
    let error = desk.submit(&raise(Level::Consent), 10, 1, None).unwrap_err();
    assert_eq!(error.kind(), FlowErrorKind::Contended);
    assert_eq!(refusing.1.swap(0, Ordering::SeqCst), ROUNDS);
    let purge = desk.opt_in.purge(&refusing, TENANT, day(99), None);
    assert_eq!(poll_once(purge).unwrap().unwrap_err().kind(), FlowErrorKind::Contended);
    assert_eq!(refusing.1.swap(0, Ordering::SeqCst), ROUNDS);
    // What needs no write needs no luck.
    assert_eq!(desk.gets(&raise(Level::Marketing), 10, 1), SubmissionDone::default());
}

#[test]
fn a_contact_that_cannot_be_read_is_told_and_left_alone() {
    use std::error::Error;
    let unread = |body: &str| {
        let store = MemoryStore::new([7; 16]);
        let record = Record::new(RecordKind::Contact.of(ANN), START, body).unwrap();
        put(&store, record.clone(), Expect::Absent);
        let error = Desk::new(&store).submit(&raise(Level::Consent), 0, 0, None).unwrap_err();
        let failed = error.store_error().unwrap();
        assert_eq!(failed.kind(), StoreErrorKind::Corrupt);
        assert_eq!(failed.to_string(), "reading consent: the store cannot be read");
        assert_eq!(shown(&store), [record]);
        failed.source().unwrap().to_string()
    };
    assert!(unread("Ann").starts_with("expected value"));
    assert_eq!(
        unread(r#"{"msgdpr_gdprconsent":{"choice":7}}"#),
        "consent level: expected no value or a choice from 587030001 to 587030005, found 7"
    );
    assert_eq!(
        unread(r#"{"donotemail":{"whole":1}}"#),
        "donotemail: expected yes or no, found Whole(1)"
    );
    assert!(unread(r#"{"listmember":{"text":"x"}}"#).contains("expected ids of lists"));
}

#[test]
fn a_contact_without_room_is_told_and_left_alone() {
    let store = MemoryStore::new([7; 16]);
    let ids = (0..Memberships::MAX).map(|n| id(n as u128 + 100).to_string());
    let full = Value::Text(ids.collect::<Vec<_>>().join(" "));
    ann(&store, &[(Memberships::ATTRIBUTE, full)]);
    let before = shown(&store);
    let error = Desk::new(&store).submit(&join([1]), 0, 0, None).unwrap_err();
    let failed = error.store_error().unwrap();
    assert_eq!(failed.kind(), StoreErrorKind::Full);
    assert_eq!(failed.to_string(), "writing consent: the store is full");
    assert_eq!(shown(&store), before);
}

#[test]
fn links_are_secret_and_enough_of_them_are_asked_for() {
    let (plan, seeds) = (plan(), [seed(0), seed(1)]);
    let wanted = raise(Level::Consent).joining([1, 2].map(id)).unwrap();
    let submission = ConsentSubmission::new(TENANT, ANN, &wanted, id(9), START);
    assert_eq!(
        submission.clone().confirmed_by(Some(&plan), &seeds).unwrap_err().to_string(),
        "links: expected one for each of 3 confirmations, found 2"
    );
    assert!(submission.clone().confirmed_by(None, &[]).is_ok());
    let token = seed(1).token;
    let shown = format!("{:?} {:?}", Click::new(TENANT, token.as_str(), START), seeds);
    assert!(shown.contains("secret") && !shown.contains(&token.as_str()[16..]), "{shown}");
}

/// One step of anything that can happen to Ann, in small numbers.
#[derive(Clone, Debug)]
enum Step {
    Submit {
        level: Option<Level>,
        at_least: bool,
        join: Vec<u8>,
        leave: Vec<u8>,
        confirming: bool,
    },
    /// Clicks the nth link that was ever sent.
    Click(usize),
    Wait(i64),
}

fn steps() -> impl Strategy<Value = Step> {
    let level = prop::option::of(prop::sample::select(&Level::ALL[..]));
    let lists = || prop::collection::vec(0_u8..3, 0..3);
    prop_oneof![
        4 => (level, any::<bool>(), lists(), lists(), prop::bool::weighted(0.8)).prop_map(
            |(level, at_least, join, leave, confirming)| {
                let leave = leave.into_iter().filter(|list| !join.contains(list)).collect();
                Step::Submit { level, at_least, join, leave, confirming }
            }
        ),
        5 => (0_usize..12).prop_map(Step::Click),
        1 => (1_i64..25).prop_map(Step::Wait),
    ]
}

/// Ann as the rules say, in plain words.
#[derive(Default)]
struct Model {
    level: Level,
    lists: Vec<RecordId>,
    entries: usize,
    /// Each link that was sent: what it asks for.
    links: Vec<(LinkSeed, Ask)>,
    /// What became of each link: the links of one request share it.
    fate: Vec<usize>,
    fates: Vec<Fate>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    Waits { until: i64 },
    Spent,
    Withdrawn,
}

impl Model {
    fn set(&mut self, level: Level) {
        self.entries += usize::from(self.level != level);
        self.level = level;
    }

    /// The fate of the request that waits for this now.
    fn waiting(&self, ask: Ask, today: i64) -> Option<usize> {
        let last = self.links.iter().zip(&self.fate).rfind(|((_, of), _)| *of == ask);
        let fate = *last?.1;
        matches!(self.fates[fate], Fate::Waits { until } if today <= until).then_some(fate)
    }

    fn withdraw(&mut self, ask: Ask, today: i64) {
        if let Some(fate) = self.waiting(ask, today) {
            self.fates[fate] = Fate::Withdrawn;
        }
    }

    fn send(&mut self, seed: LinkSeed, ask: Ask, today: i64) {
        let fate = self.waiting(ask, today).unwrap_or(self.fates.len());
        let waits = Fate::Waits { until: today + 30 };
        match self.fates.get_mut(fate) {
            Some(renewed) => *renewed = waits,
            None => self.fates.push(waits),
        }
        self.links.push((seed, ask));
        self.fate.push(fate);
    }

    fn submit(&mut self, step: &Step, first: u128, today: i64) {
        let Step::Submit { level, at_least, join, leave, confirming } = step else { return };
        let mut slot = 0;
        if let Some(level) = *level {
            slot = 1;
            if level > self.level && *confirming {
                self.send(seed(first), Ask::Level(level), today);
            } else if level > self.level || !*at_least {
                for above in Level::ALL {
                    if level < self.level && above > level {
                        self.withdraw(Ask::Level(above), today);
                    }
                }
                self.set(level);
            }
        }
        let mut join: Vec<_> = join.iter().map(|list| id((*list).into())).collect();
        join.sort_unstable();
        join.dedup();
        for (place, list) in join.into_iter().enumerate() {
            if self.lists.contains(&list) {
                continue;
            }
            if *confirming {
                self.send(seed(first + slot + place as u128), Ask::List(list), today);
            } else {
                self.lists.push(list);
            }
        }
        for list in leave.iter().map(|list| id((*list).into())) {
            self.withdraw(Ask::List(list), today);
            self.lists.retain(|on| *on != list);
        }
    }

    fn click(&mut self, link: usize, today: i64) -> &'static str {
        let Some((_, ask)) = self.links.get(link) else { return "unknown" };
        let fate = &mut self.fates[self.fate[link]];
        match *fate {
            Fate::Spent => "repeated",
            Fate::Withdrawn => "withdrawn",
            Fate::Waits { until } if today > until => "expired",
            Fate::Waits { .. } => {
                *fate = Fate::Spent;
                match *ask {
                    Ask::Level(level) => self.set(self.level.max(level)),
                    Ask::List(list) if !self.lists.contains(&list) => self.lists.push(list),
                    Ask::List(_) => {}
                }
                "confirmed"
            }
        }
    }
}

fn name(clicked: &Clicked) -> &'static str {
    match clicked {
        Clicked::Confirmed(_) => "confirmed",
        Clicked::Repeated { .. } => "repeated",
        Clicked::Expired { .. } => "expired",
        Clicked::Withdrawn { .. } => "withdrawn",
        Clicked::Unknown => "unknown",
        _ => "missing",
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever happens in whatever order, consent is what the rules say, every change of level is in
    /// the log, and no link works twice.
    #[test]
    fn consent_is_what_the_rules_say(steps in prop::collection::vec(steps(), 1..17)) {
        let store = MemoryStore::new([7; 16]);
        ann(&store, &[]);
        let (desk, mut model, mut today) = (Desk::new(&store), Model::default(), 0);
        for (turn, step) in steps.iter().enumerate() {
            let first = 100 * (turn as u128 + 1);
            match step {
                Step::Wait(days) => today += days,
                Step::Click(link) => {
                    let seed = model.links.get(*link).map_or_else(|| seed(1), |link| link.0.clone());
                    let clicked = desk.clicks(&seed, today);
                    prop_assert_eq!(name(&clicked), model.click(*link, today));
                }
                Step::Submit { level, at_least, join, leave, confirming } => {
                    let ids = |lists: &[u8]| -> Vec<_> {
                        lists.iter().map(|list| id((*list).into())).collect()
                    };
                    let mut wanted = Wanted::new().joining(ids(join)).unwrap();
                    wanted = wanted.leaving(ids(leave)).unwrap();
                    match (level, at_least) {
                        (Some(level), true) => wanted = wanted.with_page_default(*level),
                        (Some(level), false) => wanted = wanted.with_level(*level),
                        (None, _) => {}
                    }
                    let sent = model.links.len();
                    model.submit(step, first, today);
                    let plan = confirming.then_some(&desk.plan);
                    let done = desk.done(&wanted, first, today, plan);
                    let mails: Vec<_> =
                        done.mails.iter().map(|mail| (&mail.token, mail.asks[0])).collect();
                    let expected: Vec<_> =
                        model.links[sent..].iter().map(|(seed, ask)| (&seed.token, *ask)).collect();
                    prop_assert_eq!(mails, expected);
                }
            }
            model.lists.sort_unstable();
            prop_assert_eq!(level_of(&store), model.level);
            prop_assert_eq!(lists_of(&store), model.lists.clone());
            prop_assert_eq!(log(&store).len(), model.entries);
        }
        for entry in log(&store) {
            prop_assert_eq!(entry.contact(), ANN);
        }
    }
}

//! What form submissions want of consent and lists: done in their batch, asked for by mail, or held
//! back with the whole submission; on each embedded store.

mod held;
mod stage;

use std::thread;

use chrono::{DateTime, TimeDelta, Utc};
use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::consent::{
    Ask, ConsentChange, ContentType, Designation, Level, LevelChange, LinkSeed, LinkToken,
    Memberships, OptInKind, OptInMail, OptInPlan, OptInRequest, OptInSetup, Origin, Person,
    Protection,
};
use correspond::flow::forms::{Delivery, FormSetup, Submissions, Worked, key_directory};
use correspond::flow::{Click, Clicked, DoubleOptIn, FlowError, FlowErrorKind, SubmissionDone};
use correspond::form::{
    ChosenBecause, ConsentChoices, Failure, FieldKind, FormChoices, FormField, FormType,
    MarketingForm, MatchPlan, MatchScope, Outcome, StoredSubmission, Submission, SubmissionState,
    TargetOutcome, Untouched,
};
use correspond::id::{RecordId, TenantId};
use correspond::party::{Attributes, Party, Value};
use correspond::record::{
    Record, RecordKind, RecordPageQuery, RecordRef, Version, Versioned, Versions,
};
use correspond::settings::{
    LandingPageConfiguration, MatchingStrategy, MatchingTarget, Stored, UpdateMode,
};
use correspond::store::{AnyStore, Batch, Change, Directory, Expect, Records, Store, poll_once};

use stage::{Stage, in_each_gap};

const TENANT: TenantId = TenantId::new(1);
const FORM: RecordId = RecordId::new(50);
const ANN: RecordRef = RecordKind::Contact.of(RecordId::new(7));
const MAIL: &str = "ann@home.example";
const LOGGED: Protection = Protection::new().logging_changes();

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

fn day(n: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(n)
}

const fn id(n: u128) -> RecordId {
    RecordId::new(n)
}

fn ids<const N: usize>(lists: [u128; N]) -> Vec<RecordId> {
    lists.map(id).to_vec()
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

/// The double opt-in of the organization.
fn opt_in() -> OptInPlan {
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

/// The nth id and link: all of a test are unlike.
fn seed(n: u128) -> LinkSeed {
    LinkSeed { id: id(10_000 + n), token: LinkToken::from_entropy(&n.to_be_bytes()).unwrap() }
}

/// Those of the nth submission.
fn seeds(n: u128) -> Vec<LinkSeed> {
    (10 * n..10 * n + 5).map(seed).collect()
}

fn choices() -> ConsentChoices {
    ConsentChoices::default()
}

fn level(level: Level) -> ConsentChoices {
    let mut choices = choices();
    choices.level = Some(level);
    choices
}

fn page_default(level: Level) -> ConsentChoices {
    let mut choices = choices();
    choices.page_default = Some(level);
    choices
}

fn lists<const N: usize, const M: usize>(offered: [u128; N], ticked: [u128; M]) -> ConsentChoices {
    let mut choices = choices();
    (choices.offered, choices.ticked) = (ids(offered), ids(ticked));
    choices
}

fn with_level(mut choices: ConsentChoices, level: Level) -> ConsentChoices {
    choices.level = Some(level);
    choices
}

/// A form, and what holds in its organization.
struct Setup {
    form: MarketingForm,
    plan: MatchPlan,
    opt_in: Option<OptInPlan>,
}

impl Setup {
    /// A form of this type that looks for contacts and leads by address; nothing has to be confirmed.
    fn of(form_type: FormType) -> Self {
        Self::choosing(form_type, &FormChoices::default())
    }

    fn in_mode(mode: UpdateMode) -> Self {
        Self::choosing(FormType::LandingPage, &FormChoices::default().update(mode))
    }

    fn choosing(form_type: FormType, choices: &FormChoices) -> Self {
        let strategies =
            [(1, MatchingTarget::Contact), (2, MatchingTarget::Lead)].map(|(n, of)| {
                let strategy = MatchingStrategy::builder().name("x").target(of);
                let strategy = strategy.attributes(["emailaddress1"]).build().unwrap();
                Stored::new(id(n), Version::new(n), day(0), strategy)
            });
        let config = LandingPageConfiguration::builder()
            .name("Spring")
            .allow_submission_only_forms(true)
            .contact_matching_strategy(id(1))
            .lead_matching_strategy(id(2))
            .build()
            .unwrap();
        let form = MarketingForm::with_choices(form_type, choices, &config, &strategies).unwrap();
        let plan = MatchPlan::new(&strategies, &MatchScope::default()).unwrap();
        Self { form, plan, opt_in: None }.asking(["emailaddress1", "firstname"])
    }

    /// With these fields instead.
    fn asking<const N: usize>(self, names: [&str; N]) -> Self {
        self.with_fields(names.map(|name| FormField::new(name).unwrap()))
    }

    fn with_fields<const N: usize>(mut self, fields: [FormField; N]) -> Self {
        self.form = self.form.with_fields(fields).unwrap();
        self
    }

    /// With the double opt-in of the organization on.
    fn confirmed(mut self) -> Self {
        self.opt_in = Some(opt_in());
        self
    }

    fn form_setup(&self) -> FormSetup<'_> {
        FormSetup::new(&self.form, &self.plan).protected(LOGGED).confirmed_by(self.opt_in.as_ref())
    }
}

/// Where submissions are worked off.
struct Desk<'a, S> {
    store: &'a S,
    setup: Setup,
    submissions: Submissions,
}

impl<'a, S: Store + Records + Directory> Desk<'a, S> {
    fn new(store: &'a S, setup: Setup) -> Self {
        Self { store, setup, submissions: Submissions::default() }
    }

    /// In an organization whose directory has its keys.
    fn keyed(store: &'a S, setup: Setup) -> Self {
        let desk = Self::new(store, setup);
        key(store, &desk.setup.plan);
        desk
    }

    /// What Ann's browser sends.
    fn ann(&self, choices: ConsentChoices) -> Submission {
        self.sent(&[("emailaddress1", MAIL), ("firstname", "Ann")], choices)
    }

    fn sent(&self, sent: &[(&str, &str)], choices: ConsentChoices) -> Submission {
        let read = Submission::read(&self.setup.form, FORM, day(0), sent.iter().copied());
        read.unwrap().with_choices(choices).unwrap()
    }

    /// Submits it under the nth id, on this day.
    fn try_submit(&self, n: u128, on: i64, submission: &Submission) -> Result<Worked, FlowError> {
        let seeds = seeds(n);
        let delivery = Delivery::new(TENANT, id(n), submission, day(on)).with_seeds(&seeds);
        let setup = self.setup.form_setup();
        poll_once(self.submissions.submit(self.store, &setup, &delivery)).expect("ready at once")
    }

    fn submit(&self, n: u128, on: i64, submission: &Submission) -> Worked {
        self.try_submit(n, on, submission).unwrap()
    }

    /// Ann sends this as the nth submission, on this day.
    fn wants(&self, n: u128, on: i64, choices: ConsentChoices) -> SubmissionDone {
        let worked = self.submit(n, on, &self.ann(choices));
        assert_eq!(worked.state, SubmissionState::Succeeded, "{worked:?}");
        worked.consent.expect("something is wanted of consent")
    }
}

/// Sees to it that the rows of the directory have their keys.
fn key(store: &(impl Store + Records), plan: &MatchPlan) {
    let versions = Versions::default();
    assert!(now(key_directory(store, &versions, TENANT, plan, day(0))).passes > 0);
}

/// Ann as the host made her, with these attributes.
fn know_ann(store: &(impl Store + Records), values: &[(&str, Value)]) {
    let mut attributes = Attributes::default();
    for (name, value) in
        [("emailaddress1", text(MAIL)), ("firstname", text("Ann"))].iter().chain(values)
    {
        attributes.set(*name, value.clone()).unwrap();
    }
    write(store, Party::new(ANN, day(0), attributes).to_record([], []).unwrap());
    key(store, &Setup::of(FormType::LandingPage).plan);
}

/// Writes a record as the host does, whatever is there.
fn write(store: &(impl Store + Records), record: Record) {
    let before = kept(store, record.reference());
    let expect = before.map_or(Expect::Absent, |before| Expect::At(before.version));
    let change = Change::Put { record, version: Versions::default().next(), expect };
    assert!(now(store.commit(&Batch::of(TENANT, change))).is_applied());
}

fn at(level: Level) -> (&'static str, Value) {
    (Level::COLUMN, Value::Choice(level.code().unwrap()))
}

fn on<const N: usize>(lists: [u128; N]) -> (&'static str, Value) {
    let words: Vec<_> = lists.iter().map(|list| id(*list).to_string()).collect();
    (Memberships::ATTRIBUTE, text(&words.join(" ")))
}

fn kept(store: &impl Records, record: RecordRef) -> Option<Versioned> {
    now(store.load(TENANT, &[record])).remove(0)
}

fn row(store: &impl Records, row: RecordRef) -> Party {
    Party::from_versioned(&kept(store, row).expect("the row is there")).unwrap()
}

fn level_of(store: &impl Records, contact: RecordRef) -> Level {
    Person::from_attributes(row(store, contact).attributes()).unwrap().level()
}

fn lists_of(store: &impl Records, contact: RecordRef) -> Vec<RecordId> {
    Memberships::from_attributes(row(store, contact).attributes()).unwrap().iter().collect()
}

fn list(store: &impl Records, kind: RecordKind) -> Vec<Versioned> {
    now(store.list(TENANT, &RecordPageQuery::new(kind).limit(1_000))).items
}

fn contacts(store: &impl Records) -> Vec<RecordRef> {
    list(store, RecordKind::Contact).iter().map(|kept| kept.record.reference()).collect()
}

fn log(store: &impl Records) -> Vec<ConsentChange> {
    let entries = list(store, RecordKind::ConsentChange);
    entries.iter().map(|kept| ConsentChange::from_record(&kept.record).unwrap()).collect()
}

fn stored(store: &impl Records, n: u128) -> StoredSubmission {
    let kept = kept(store, RecordKind::Submission.of(id(n))).expect("it was kept");
    StoredSubmission::from_versioned(&kept).unwrap()
}

/// Everything that a store has, versions included.
fn dump(store: &impl Records) -> Vec<Versioned> {
    RecordKind::ALL.iter().flat_map(|kind| list(store, *kind)).collect()
}

fn click(store: &(impl Store + Records), seed: &LinkSeed, on: i64) -> Clicked {
    let click = Click::new(TENANT, seed.token.as_str(), day(on)).protected(LOGGED);
    now(DoubleOptIn::default().confirm(store, click))
}

fn outcome(worked: &Worked) -> &Outcome {
    worked.outcome.as_ref().expect("it was worked off")
}

/// The contact that was made or matched.
fn contact_of(worked: &Worked) -> RecordRef {
    RecordKind::Contact.of(outcome(worked).contact.record().expect("a contact"))
}

/// facts 7.2: a landing page puts people on the ticked lists and takes them off none.
#[test]
fn a_landing_page_puts_on_lists_and_takes_off_none() {
    on_both_stores(|store| {
        for form_type in [FormType::LandingPage, FormType::EventRegistration] {
            know_ann(store, &[on([1, 3])]);
            let desk = Desk::keyed(store, Setup::of(form_type));
            let n = 100 * (1 + form_type as u128);
            let done = desk.wants(n, 1, lists([1, 2], [2]));
            assert_eq!((done.joined, done.left), (ids([2]), vec![]));
            assert_eq!(lists_of(store, ANN), ids([1, 2, 3]));
            let nothing = desk.submit(n + 1, 1, &desk.ann(lists([1, 2], [])));
            assert_eq!((nothing.consent, lists_of(store, ANN)), (None, ids([1, 2, 3])));
        }
    });
}

/// facts 7.2: a subscription center sets the memberships to exactly the ticked ones of the lists that it
/// offers, by the link that the visitor followed or by his address.
#[test]
fn a_subscription_center_sets_exactly_what_is_ticked() {
    on_both_stores(|store| {
        know_ann(store, &[on([1, 3]), at(Level::Subscriptions)]);
        // The form asks for no address: whose it is, is known.
        let known =
            Desk::keyed(store, Setup::of(FormType::SubscriptionCenter).asking(["firstname"]));
        let sent = known.sent(&[("firstname", "Ann")], lists([1, 2], [2])).by_link(ANN.id());
        let worked = known.submit(100, 1, &sent);
        let TargetOutcome::Updated { record, why, .. } = outcome(&worked).contact.clone() else {
            panic!("{worked:?}");
        };
        assert_eq!((record, why), (ANN.id(), ChosenBecause::Center));
        let done = worked.consent.unwrap();
        assert_eq!((done.joined, done.left, done.mails), (ids([2]), ids([1]), vec![]));
        assert_eq!(lists_of(store, ANN), ids([2, 3]), "what is not offered stays");
        assert_eq!(level_of(store, ANN), Level::Subscriptions);

        let desk = Desk::keyed(store, Setup::of(FormType::SubscriptionCenter));
        assert_eq!(desk.wants(101, 2, lists([1, 2], [])).left, ids([2]));
        assert_eq!(lists_of(store, ANN), ids([3]));
    });
}

/// facts 7.2: a subscription center creates nobody, whatever is ticked. What was wanted does not pass
/// unseen: the submission fails, and is kept.
#[test]
fn a_subscription_center_creates_nobody() {
    on_both_stores(|store| {
        let wanted = || with_level(lists([1, 2], [2]), Level::Marketing);
        let desk = Desk::keyed(store, Setup::of(FormType::SubscriptionCenter).confirmed());
        let stranger = desk.submit(100, 1, &desk.ann(wanted()));
        // The contact that the link was of is gone.
        let gone = desk.submit(101, 1, &desk.ann(wanted()).by_link(id(9)));
        let silent =
            Desk::new(store, Setup::of(FormType::SubscriptionCenter).asking(["firstname"]));
        let sent = silent.sent(&[("firstname", "Ann")], wanted()).by_link(id(9));
        for worked in [stranger, gone, silent.submit(102, 1, &sent)] {
            assert_eq!((worked.state, &worked.consent), (SubmissionState::Failed, &None));
            let failure = outcome(&worked).failure().unwrap();
            assert!(matches!(failure, Failure::Choices(_)), "{failure}");
        }
        let nothing = desk.submit(103, 1, &desk.ann(choices()));
        assert_eq!((nothing.state, &nothing.consent), (SubmissionState::Succeeded, &None));
        let untouched = TargetOutcome::Untouched(Untouched::Center);
        assert_eq!(outcome(&nothing).contact, untouched);
        assert_eq!((contacts(store), list(store, RecordKind::OptInRequest)), (vec![], vec![]));
    });
}

/// facts 7.7: the default consent of a page is given to whoever has less and lowers nobody; what a
/// visitor chooses himself goes both ways.
#[test]
fn a_page_default_lowers_nobody() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, Setup::of(FormType::LandingPage));
        let worked = desk.submit(100, 1, &desk.ann(page_default(Level::Transactional)));
        let ann = contact_of(&worked);
        assert_eq!(level_of(store, ann), Level::Transactional, "who is new has less");
        assert!(desk.wants(101, 2, page_default(Level::Marketing)).level.is_some());
        let before = row(store, ann);
        assert_eq!(desk.wants(102, 3, page_default(Level::Consent)), SubmissionDone::default());
        assert_eq!(row(store, ann), before);
        let both = with_level(page_default(Level::Profiling), Level::Consent);
        let change = LevelChange::between(Level::Marketing, Level::Consent);
        assert_eq!(desk.wants(103, 4, both).level, change);
        assert_eq!((contacts(store), level_of(store, ann)), (vec![ann], Level::Consent));
    });
}

/// facts 7.6: one mail for the level and one for each list; what is less is done at once. Whoever is
/// new is made in the same batch, and has nothing of it yet.
#[test]
fn double_opt_in_asks_by_a_mail_for_each() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, Setup::of(FormType::LandingPage).confirmed());
        let sent = desk.ann(with_level(lists([1, 2, 3], [1, 2]), Level::Marketing));
        let worked = desk.submit(100, 1, &sent);
        let ann = contact_of(&worked);
        let done = worked.consent.unwrap();
        assert_eq!((done.level, &done.joined, &done.left), (None, &vec![], &vec![]));
        let asks: Vec<_> = done.mails.iter().flat_map(|mail| mail.asks.clone()).collect();
        assert_eq!(asks, [Ask::Level(Level::Marketing), Ask::List(id(1)), Ask::List(id(2))]);
        let messages: Vec<_> = done.mails.iter().map(|mail| mail.mailing.message()).collect();
        assert_eq!(messages, ids([22, 21, 21]));
        let tokens: Vec<_> = done.mails.iter().map(|mail| mail.token.clone()).collect();
        let drawn: Vec<_> = seeds(100).into_iter().take(3).map(|seed| seed.token).collect();
        assert_eq!(tokens, drawn);
        assert_eq!((level_of(store, ann), lists_of(store, ann)), (Level::None, vec![]));

        let Clicked::Confirmed(first) = click(store, &seeds(100)[1], 2) else { panic!() };
        assert_eq!((first.contact, first.joined), (ann, ids([1])));
        assert!(matches!(click(store, &seeds(100)[0], 3), Clicked::Confirmed(_)));
        assert_eq!((level_of(store, ann), lists_of(store, ann)), (Level::Marketing, ids([1])));

        // Who is there is asked for what is new to him, and gives up at once.
        let center = Desk::new(store, Setup::of(FormType::SubscriptionCenter).confirmed());
        let sent = center.ann(with_level(lists([1, 2, 3], [3]), Level::Consent));
        let done = center.submit(101, 4, &sent).consent.unwrap();
        assert_eq!(done.level.map(LevelChange::to), Some(Level::Consent));
        assert_eq!((done.left, done.mails.len()), (ids([1]), 1));
        assert_eq!(done.withdrawn, [seeds(100)[2].id], "list 2 still waited");
        assert_eq!((level_of(store, ann), lists_of(store, ann)), (Level::Consent, vec![]));
        assert_eq!(click(store, &seeds(100)[2], 5), Clicked::Withdrawn { at: day(4) });
    });
}

/// A167; facts 7.7: a change of level is logged with the form that it came through, in its batch; not
/// while logging is off, and not where nothing changed.
#[test]
fn a_change_of_level_is_logged_with_its_form() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, Setup::of(FormType::LandingPage));
        let worked = desk.submit(100, 1, &desk.ann(level(Level::Marketing)));
        let entries = log(store);
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0].name(), "Consent changed from (0) None to (4) Marketing");
        assert_eq!(entries[0].contact(), contact_of(&worked).id());
        assert_eq!(entries[0].origin(), &Origin::default().through(FORM));
        assert_eq!(desk.wants(101, 2, level(Level::Marketing)), SubmissionDone::default());
        assert!(!desk.wants(102, 2, lists([1], [1])).joined.is_empty());
        assert_eq!(log(store).len(), 1);

        let sent = desk.ann(level(Level::Consent));
        let silent = desk.setup.form_setup().protected(Protection::new());
        let delivery = Delivery::new(TENANT, id(103), &sent, day(3));
        assert!(now(desk.submissions.submit(store, &silent, &delivery)).consent.is_some());
        assert_eq!((level_of(store, contact_of(&worked)), log(store).len()), (Level::Consent, 1));
    });
}

/// Delivered again, a submission changes nothing and is answered with the mails of what still waits,
/// none of which has a dead link.
#[test]
fn a_submission_delivered_again_is_answered_with_the_mails_that_wait() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, Setup::of(FormType::LandingPage).confirmed());
        let sent = desk.ann(with_level(lists([1, 2], [1, 2]), Level::Marketing));
        let first = desk.submit(100, 1, &sent);
        let mails = first.consent.clone().unwrap().mails;
        assert_eq!((first.repeated, mails.len()), (false, 3));
        let before = dump(store);
        let again = desk.submit(100, 2, &sent);
        assert_eq!((again.repeated, &again.outcome), (true, &first.outcome));
        assert_eq!(again.consent.unwrap().mails, mails);
        assert_eq!(dump(store), before);

        // Confirmed, or too late: no mail.
        assert!(matches!(click(store, &seeds(100)[1], 3), Clicked::Confirmed(_)));
        let before = dump(store);
        let again = desk.submit(100, 4, &sent).consent.unwrap().mails;
        assert_eq!(again, [mails[0].clone(), mails[2].clone()]);
        assert_eq!(desk.submit(100, 40, &sent).consent, Some(SubmissionDone::default()));
        assert_eq!(dump(store), before);
    });
}

/// Of many that asked for the same thing the links of the oldest are given up: those are asked for no
/// more, since nothing is written for what was delivered before.
#[test]
fn a_submission_delivered_again_sends_no_link_that_was_given_up() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, Setup::of(FormType::LandingPage).confirmed());
        let sent = desk.ann(lists([1], [1]));
        let most = OptInRequest::MAX_LINKS as u128;
        for n in 100..=100 + most {
            assert_eq!(desk.submit(n, 1, &sent).consent.unwrap().mails.len(), 1);
        }
        let before = dump(store);
        for n in 100..100 + most {
            assert_eq!(desk.submit(n, 2, &sent).consent, Some(SubmissionDone::default()), "{n}");
        }
        assert_eq!(dump(store), before);
        assert_eq!(desk.submit(100 + most, 2, &sent).consent.unwrap().mails.len(), 1);
        assert!(matches!(click(store, &seeds(100 + most)[0], 3), Clicked::Confirmed(_)));
    });
}

/// A contact whose values are all there already is changed where its consent is.
#[test]
fn a_contact_whose_consent_changes_is_updated() {
    on_both_stores(|store| {
        know_ann(store, &[]);
        let desk = Desk::keyed(store, Setup::of(FormType::LandingPage));
        let contact = |n, choices| {
            let worked = desk.submit(n, n as i64, &desk.ann(choices));
            assert_eq!(stored(store, n).outcome(), worked.outcome.as_ref());
            outcome(&worked).contact.clone()
        };
        let same = contact(10, choices());
        assert!(matches!(same, TargetOutcome::Unchanged { .. }), "{same:?}");
        assert_eq!(row(store, ANN).modified(), day(0));
        for (n, wanted) in [(11, level(Level::Consent)), (12, lists([1], [1]))] {
            let changed = contact(n, wanted.clone());
            assert!(matches!(changed, TargetOutcome::Updated { .. }), "{changed:?}");
            assert_eq!(row(store, ANN).modified(), day(n as i64));
            let same = contact(n + 10, wanted);
            assert!(matches!(same, TargetOutcome::Unchanged { .. }), "{same:?}");
            assert_eq!(row(store, ANN).modified(), day(n as i64));
        }
        // What waits for a click changes nothing yet.
        let asked = Desk::new(store, Setup::of(FormType::LandingPage).confirmed());
        let worked = asked.submit(30, 30, &asked.ann(lists([2], [2])));
        assert!(matches!(outcome(&worked).contact, TargetOutcome::Unchanged { .. }));
        assert_eq!(row(store, ANN).modified(), day(12));
    });
}

/// A lower level meets a click on the mail for a higher one, in whatever order: the lower one counts.
#[test]
fn a_lower_level_is_not_lost_to_a_click_at_any_moment() {
    in_each_gap(
        |store| {
            know_ann(store, &[at(Level::Subscriptions)]);
            let asks = Desk::keyed(store, Setup::of(FormType::LandingPage).confirmed());
            assert_eq!(asks.wants(100, 0, level(Level::Marketing)).mails.len(), 1);
        },
        |store| assert!(matches!(click(store, &seeds(100)[0], 1), Clicked::Confirmed(_))),
        |stage| {
            let desk = Desk::new(stage, Setup::of(FormType::LandingPage).confirmed());
            desk.wants(101, 1, level(Level::Consent))
        },
        |store, done| {
            assert_eq!(level_of(store, ANN), Level::Consent);
            assert_eq!(done.level, LevelChange::between(Level::Marketing, Level::Consent));
            let changes: Vec<_> = log(store).iter().map(ConsentChange::value).collect();
            assert_eq!(changes.len(), 2, "{changes:?}");
        },
    );
}

/// The same of a list that is left and that a click joins: nothing else of the contact changes.
#[test]
fn leaving_a_list_is_not_lost_to_a_click_at_any_moment() {
    in_each_gap(
        |store| {
            know_ann(store, &[]);
            let asks = Desk::keyed(store, Setup::of(FormType::LandingPage).confirmed());
            assert_eq!(asks.wants(100, 0, lists([1], [1])).mails.len(), 1);
        },
        |store| assert!(matches!(click(store, &seeds(100)[0], 1), Clicked::Confirmed(_))),
        |stage| {
            let center = Desk::new(stage, Setup::of(FormType::SubscriptionCenter).confirmed());
            center.wants(101, 1, lists([1], []))
        },
        |store, done| {
            assert_eq!((lists_of(store, ANN), done.left), (vec![], ids([1])));
            assert_eq!(done.withdrawn, []);
        },
    );
}

/// Nobody is asked for what he has confirmed a moment ago.
#[test]
fn a_submission_asks_nobody_who_has_just_confirmed() {
    in_each_gap(
        |store| {
            know_ann(store, &[]);
            let asks = Desk::keyed(store, Setup::of(FormType::LandingPage).confirmed());
            assert_eq!(asks.wants(100, 0, lists([1], [1])).mails.len(), 1);
        },
        |store| assert!(matches!(click(store, &seeds(100)[0], 1), Clicked::Confirmed(_))),
        |stage| {
            let desk = Desk::new(stage, Setup::of(FormType::LandingPage).confirmed());
            desk.wants(101, 1, lists([1], [1]))
        },
        |store, done| {
            assert_eq!((lists_of(store, ANN), done.mails), (ids([1]), vec![]));
        },
    );
}

/// Two submissions of one person at once, whom nobody knows: one contact, and what both want.
#[test]
fn of_submissions_at_once_each_has_what_it_wants() {
    for round in 0..100 {
        let store = &memory();
        key(store, &Setup::of(FormType::LandingPage).plan);
        let stage = &Stage::meeting(store, 2);
        let desk = &Desk::new(stage, Setup::of(FormType::LandingPage));
        let wanted = [with_level(lists([1], [1]), Level::Marketing), lists([1, 2], [2])];
        let worked: Vec<Worked> = thread::scope(|scope| {
            let submit = |(n, wanted)| scope.spawn(move || desk.submit(n, 1, &desk.ann(wanted)));
            let workers: Vec<_> = (100..).zip(wanted).map(submit).collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).collect()
        });
        let ann = contact_of(&worked[0]);
        assert_eq!((contacts(store), contact_of(&worked[1])), (vec![ann], ann));
        assert_eq!(lists_of(store, ann), ids([1, 2]), "round {round}");
        assert_eq!((level_of(store, ann), log(store).len()), (Level::Marketing, 1));
        assert_eq!(worked.iter().filter(|worked| worked.lost_rounds > 0).count(), 1);
    }
}

/// M35; facts 7.7: who opted out and submits again is matched and updated, and has consented to nothing
/// by that. What the page gives by default waits for his click where double opt-in is on.
#[test]
fn who_opted_out_is_matched_and_has_consented_to_nothing() {
    on_both_stores(|store| {
        let refused = (Person::DO_NOT_BULK_EMAIL, Value::YesNo(true));
        know_ann(store, &[refused]);
        let desk = Desk::keyed(store, Setup::of(FormType::LandingPage).confirmed());
        let sent = |choices| {
            desk.sent(&[("emailaddress1", "Ann@Home.example"), ("firstname", "Anna")], choices)
        };
        let worked = desk.submit(100, 1, &sent(lists([1], [])));
        assert_eq!((contact_of(&worked), &worked.consent), (ANN, &None));
        assert!(matches!(outcome(&worked).contact, TargetOutcome::Updated { .. }));
        assert_eq!(row(store, ANN).attributes().get("firstname"), Some(&text("Anna")));
        let done = desk.submit(101, 2, &sent(page_default(Level::Marketing))).consent.unwrap();
        assert_eq!((done.level, done.mails.len()), (None, 1));
        assert_eq!((level_of(store, ANN), lists_of(store, ANN)), (Level::None, vec![]));
        let person = Person::from_attributes(row(store, ANN).attributes()).unwrap();
        assert!(person.refuses_bulk_email());
        assert_eq!(log(store), []);
    });
}

/// A ticked list that the form does not offer fails the submission: it is kept, writes nothing, and can be
/// tried again.
#[test]
fn a_list_that_is_not_offered_fails_the_submission() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, Setup::of(FormType::LandingPage).confirmed());
        let wrong = desk.ann(lists([1], [1, 2]));
        let worked = desk.submit(100, 1, &wrong);
        assert_eq!((worked.state, &worked.consent), (SubmissionState::Failed, &None));
        let failure = outcome(&worked).failure().unwrap();
        assert!(matches!(failure, Failure::Choices(_)) && !failure.passes());
        assert_eq!(
            failure.to_string(),
            "ticked lists: expected those that the form offers, found list \
             00000000000000000000000000000002"
        );
        assert_eq!(outcome(&worked).lead, TargetOutcome::NotReached);
        assert_eq!((contacts(store), list(store, RecordKind::Lead)), (vec![], vec![]));
        assert_eq!(stored(store, 100).submission(), Some(&wrong));

        let right = desk.ann(lists([1, 2], [1, 2]));
        let again = desk.submit(100, 2, &right);
        assert_eq!((again.state, again.repeated), (SubmissionState::Failed, true));
        let seeds = seeds(100);
        let delivery = Delivery::new(TENANT, id(100), &right, day(2)).with_seeds(&seeds);
        let setup = desk.setup.form_setup();
        let worked = now(desk.submissions.retry(store, &setup, &delivery));
        assert_eq!((worked.state, worked.repeated), (SubmissionState::Succeeded, false));
        assert_eq!(worked.consent.unwrap().mails.len(), 2);
        assert_eq!(stored(store, 100).submission(), None);
    });
}

/// A form that writes a column of consent with what that cannot be fails; with what it can be, it is
/// the person's word.
#[test]
fn a_mistyped_column_of_consent_fails_the_submission() {
    on_both_stores(|store| {
        know_ann(store, &[at(Level::Marketing)]);
        let mail = || FormField::new("emailaddress1").unwrap();
        let columns =
            [Person::DO_NOT_EMAIL, Person::DO_NOT_BULK_EMAIL, Person::DO_NOT_TRACK, Person::CHILD];
        for (n, column) in (0..).zip(columns) {
            let field = || FormField::new(column).unwrap();
            let mistyped = Setup::of(FormType::LandingPage).with_fields([mail(), field()]);
            let desk = Desk::keyed(store, mistyped);
            let before = row(store, ANN);
            let sent = desk.sent(&[("emailaddress1", MAIL), (column, "yes")], lists([1], [1]));
            let worked = desk.submit(100 + n, 1, &sent);
            let failure = outcome(&worked).failure().expect("no text is yes or no");
            let expected = format!("{column}: expected yes or no, found Text(\"yes\")");
            assert_eq!(failure, &Failure::Value(expected));
            assert_eq!(
                (row(store, ANN), stored(store, 100 + n).submission()),
                (before, Some(&sent))
            );

            let typed = field().of_kind(FieldKind::YesNo);
            let desk =
                Desk::new(store, Setup::of(FormType::LandingPage).with_fields([mail(), typed]));
            let sent = desk.sent(&[("emailaddress1", MAIL), (column, "true")], choices());
            assert_eq!(desk.submit(200 + n, 2, &sent).state, SubmissionState::Succeeded);
            assert_eq!(row(store, ANN).attributes().get(column), Some(&Value::YesNo(true)));
        }
        // The level itself is no column that a form writes.
        assert!(FormField::new(Level::COLUMN).is_err());
        assert!(FormField::new(Memberships::ATTRIBUTE).is_err());
    });
}

/// Whoever is found to be a child in the same submission is given no profiling.
#[test]
fn what_a_submission_says_of_the_person_counts_for_its_own_level() {
    on_both_stores(|store| {
        let child = FormField::new(Person::CHILD).unwrap().of_kind(FieldKind::YesNo);
        let mail = FormField::new("emailaddress1").unwrap();
        let desk = Desk::keyed(store, Setup::of(FormType::LandingPage).with_fields([mail, child]));
        let sent = [("emailaddress1", MAIL), (Person::CHILD, "true")];
        let worked = desk.submit(100, 1, &desk.sent(&sent, level(Level::Profiling)));
        let done = worked.consent.clone().unwrap();
        assert_eq!(done.level.map(LevelChange::to), Some(Level::Marketing));
        assert_eq!(level_of(store, contact_of(&worked)), Level::Marketing);
    });
}

/// Too few seeds, or one of somebody else's, is told and nothing is done: the same delivery with
/// enough of them goes well.
#[test]
fn seeds_that_lack_or_are_taken_are_told() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, Setup::of(FormType::LandingPage).confirmed());
        let sent = desk.ann(with_level(lists([1], [1]), Level::Consent));
        let before = dump(store);
        let setup = desk.setup.form_setup();
        let deliver = |n, seeds: &[LinkSeed]| {
            let delivery = Delivery::new(TENANT, id(n), &sent, day(1)).with_seeds(seeds);
            poll_once(desk.submissions.submit(store, &setup, &delivery)).unwrap()
        };
        let error = deliver(100, &[seed(1)]).unwrap_err();
        assert_eq!(error.kind(), FlowErrorKind::Seeds);
        assert_eq!(error.to_string(), "links: expected one for each of 2 confirmations, found 1");
        assert_eq!(dump(store), before);
        assert_eq!(deliver(100, &[seed(1), seed(2)]).unwrap().consent.unwrap().mails.len(), 2);

        let before = dump(store);
        let other = desk.sent(&[("emailaddress1", "bob@home.example")], lists([1], [1]));
        for taken in [seed(1), LinkSeed { id: id(3), token: seed(2).token }] {
            let seeds = [taken.clone()];
            let delivery = Delivery::new(TENANT, id(101), &other, day(1)).with_seeds(&seeds);
            let submit = desk.submissions.submit(store, &setup, &delivery);
            let error = poll_once(submit).unwrap().unwrap_err();
            assert_eq!(error.kind(), FlowErrorKind::Seeds);
            assert!(error.to_string().contains(&taken.id.to_string()), "{error}");
            assert_eq!(dump(store), before);
        }
        // Whoever wants nothing, or has nothing to confirm, needs none.
        let none = desk.sent(&[("emailaddress1", "bob@home.example")], choices());
        let delivery = Delivery::new(TENANT, id(102), &none, day(1));
        assert_eq!(now(desk.submissions.submit(store, &setup, &delivery)).consent, None);
    });
}

/// facts 7.2: forms that leave contacts alone change no consent, whatever is ticked on them.
#[test]
fn forms_that_leave_contacts_alone_change_no_consent() {
    on_both_stores(|store| {
        know_ann(store, &[at(Level::Marketing), on([1])]);
        let setups = [
            Setup::in_mode(UpdateMode::OnlyLeads),
            Setup::in_mode(UpdateMode::NoUpdate),
            Setup::of(FormType::ForwardToFriend),
        ];
        for (n, setup) in (100..).step_by(10).zip(setups) {
            let desk = Desk::keyed(store, setup.confirmed());
            let before = kept(store, ANN).unwrap();
            let wanted = [
                with_level(lists([1, 2], [2]), Level::Consent),
                page_default(Level::Profiling),
                // A tick that nobody can have is no reason to lose a lead.
                lists([1], [5]),
            ];
            for (n, wanted) in (n..).zip(wanted) {
                let worked = desk.submit(n, 1, &desk.ann(wanted));
                assert_eq!((worked.state, &worked.consent), (SubmissionState::Succeeded, &None));
                assert_eq!(desk.submit(n, 1, &desk.ann(choices())).consent, None);
            }
            assert_eq!(kept(store, ANN).unwrap(), before);
        }
        assert_eq!((contacts(store), log(store)), (vec![ANN], vec![]));
        assert_eq!(list(store, RecordKind::OptInRequest), []);
    });
}

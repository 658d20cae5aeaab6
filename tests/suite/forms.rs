//! Form submissions: which record they match, what they leave behind, and what becomes of them when
//! several come at once; on each embedded store.

mod cases;
mod kept;
mod keys;
mod laws;
mod modes;
mod outcomes;
mod races;
mod stage;
mod visitors;

use chrono::{DateTime, TimeDelta, Utc};
use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::flow::FlowError;
use correspond::flow::forms::{Delivery, FormSetup, Submissions, Worked, key_directory};
use correspond::form::{
    FormChoices, FormField, FormType, LeadHistoryEntry, MarketingForm, MatchPlan, MatchScope,
    Outcome, StoredSubmission, Submission,
};
use correspond::id::{RecordId, TenantId};
use correspond::party::{Attributes, Party, Value};
use correspond::record::{
    Record, RecordKind, RecordPageQuery, RecordRef, Version, Versioned, Versions,
};
use correspond::settings::{
    LandingPageConfiguration, LandingPageConfigurationBuilder, MatchingRule, MatchingStrategy,
    MatchingTarget, Profile, Stored, UpdateMode,
};
use correspond::store::{AnyStore, Batch, Change, Expect, Records, Store, poll_once};

use stage::Stage;

const TENANT: TenantId = TenantId::new(1);
const FORM: RecordId = RecordId::new(50);
const PAGE: RecordId = RecordId::new(60);

/// The columns that the forms here ask for, where a test says nothing else.
const FIELDS: [&str; 5] = ["emailaddress1", "firstname", "lastname", "telephone1", "new_topic"];

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

const fn id(n: u128) -> RecordId {
    RecordId::new(n)
}

fn minute(n: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(n)
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn contact(n: u128) -> RecordRef {
    RecordKind::Contact.of(id(n))
}

fn lead(n: u128) -> RecordRef {
    RecordKind::Lead.of(id(n))
}

fn attributes(values: &[(&str, Value)]) -> Attributes {
    let mut attributes = Attributes::default();
    for (name, value) in values {
        attributes.set(*name, value.clone()).unwrap();
    }
    attributes
}

fn person(row: RecordRef, values: &[(&str, &str)], modified: i64) -> Party {
    let values: Vec<_> = values.iter().map(|(name, value)| (*name, text(value))).collect();
    Party::new(row, minute(modified), attributes(&values))
}

fn by(target: MatchingTarget, names: &[&str]) -> MatchingStrategy {
    MatchingStrategy::builder().name("x").target(target).attributes(names).build().unwrap()
}

/// An organization's strategies, the first of a target being its default, and one form.
struct Setup {
    strategies: Vec<Stored<MatchingStrategy>>,
    rules: Vec<Stored<MatchingRule>>,
    plan: MatchPlan,
    form: MarketingForm,
    profile: Profile,
}

impl Setup {
    /// The strategies that the product comes with.
    fn out_of_box() -> Self {
        Self::of(MatchingTarget::ALL.iter().map(|t| out_of_box(*t)).collect())
    }

    fn of(strategies: Vec<MatchingStrategy>) -> Self {
        let stored = |(n, value)| {
            let n = 1 + n as u128;
            Stored::new(id(n), Version::new(n), DateTime::UNIX_EPOCH, value)
        };
        let strategies: Vec<_> = strategies.into_iter().enumerate().map(stored).collect();
        let plan = MatchPlan::new(&strategies, &MatchScope::default()).unwrap();
        let config = Self::config(&strategies).build().unwrap();
        let form = MarketingForm::new(FormType::LandingPage, &config, &strategies).unwrap();
        let (rules, profile) = (Vec::new(), Profile::Documents);
        Self { strategies, rules, plan, form, profile }.with_fields(&FIELDS)
    }

    fn config(strategies: &[Stored<MatchingStrategy>]) -> LandingPageConfigurationBuilder {
        let of = |target| strategies.iter().find(|s| s.value.target() == target).unwrap().id;
        LandingPageConfiguration::builder()
            .name("Spring")
            .allow_submission_only_forms(true)
            .contact_matching_strategy(of(MatchingTarget::Contact))
            .lead_matching_strategy(of(MatchingTarget::Lead))
    }

    fn with_fields(self, names: &[&str]) -> Self {
        let fields = names.iter().map(|name| FormField::new(name).unwrap());
        self.with(|form| form.with_fields(fields).unwrap())
    }

    fn with(mut self, change: impl FnOnce(MarketingForm) -> MarketingForm) -> Self {
        self.form = change(self.form);
        self
    }

    fn choosing(mut self, choices: &FormChoices) -> Self {
        let config = Self::config(&self.strategies).build().unwrap();
        self.form = self.form.with(choices, &config, &self.strategies).unwrap();
        self
    }

    fn in_mode(self, mode: UpdateMode) -> Self {
        self.choosing(&FormChoices::default().update(mode))
    }

    /// Another type of form, otherwise alike.
    fn of_type(mut self, form_type: FormType) -> Self {
        let config = Self::config(&self.strategies).build().unwrap();
        let form = MarketingForm::new(form_type, &config, &self.strategies).unwrap();
        self.form = form.with_fields(self.form.fields().iter().cloned()).unwrap();
        self
    }

    /// The form uses these rules and not its strategies.
    fn by_rules(mut self, rules: Vec<MatchingRule>) -> Self {
        let stored = |(n, value): (usize, MatchingRule)| {
            let n = 11 + n as u128;
            Stored::new(id(n), Version::new(n), DateTime::UNIX_EPOCH, value)
        };
        self.rules = rules.into_iter().enumerate().map(stored).collect();
        for rule in &self.rules {
            self.form =
                self.form.with_rule(rule.value.target(), Some(rule.id), &self.rules).unwrap();
        }
        self.scoped(&MatchScope::default())
    }

    fn scoped(mut self, scope: &MatchScope) -> Self {
        let plan = MatchPlan::new(&self.strategies, scope).unwrap();
        self.plan = plan.with_rules(&self.rules, scope).unwrap();
        self
    }

    fn read(&self, sent: &[(&str, &str)]) -> Submission {
        let sent = sent.iter().copied();
        Submission::read(&self.form, FORM, minute(600), sent).unwrap().on_page(PAGE)
    }
}

fn out_of_box(target: MatchingTarget) -> MatchingStrategy {
    MatchingStrategy::out_of_box(target).build().unwrap()
}

/// Where submissions are worked off.
struct Desk<'a> {
    stage: Stage<'a>,
    tenant: TenantId,
    setup: Setup,
    submissions: Submissions,
}

impl<'a> Desk<'a> {
    fn new(store: &'a AnyStore, setup: Setup) -> Self {
        Self::at(Stage::new(store), setup)
    }

    /// The directory has its keys, and whoever is there.
    fn among(store: &'a AnyStore, setup: Setup, rows: &[Party]) -> Self {
        let desk = Self::new(store, setup);
        desk.know(rows);
        desk
    }

    fn at(stage: Stage<'a>, setup: Setup) -> Self {
        Self { stage, tenant: TENANT, setup, submissions: Submissions::default() }
    }

    fn know(&self, rows: &[Party]) {
        for row in rows {
            write(self.stage.store, self.tenant, row.to_record([], []).unwrap());
        }
        self.key();
    }

    fn key(&self) {
        let versions = Versions::default();
        let keyed = key_directory(&self.stage, &versions, self.tenant, &self.setup.plan, minute(0));
        assert!(now(keyed).passes > 0);
    }

    fn setup(&self) -> FormSetup<'_> {
        FormSetup::new(&self.setup.form, &self.setup.plan).under(self.setup.profile)
    }

    fn delivery<'b>(&self, n: u128, submission: &'b Submission) -> Delivery<'b> {
        Delivery::new(self.tenant, id(n), submission, minute(600))
    }

    /// Submits it under this id, at minute 600.
    fn submit(&self, n: u128, submission: &Submission) -> Worked {
        self.try_submit(n, submission).unwrap()
    }

    fn try_submit(&self, n: u128, submission: &Submission) -> Result<Worked, FlowError> {
        let (setup, delivery) = (self.setup(), self.delivery(n, submission));
        let work = self.submissions.submit(&self.stage, &setup, &delivery);
        poll_once(work).expect("ready at once")
    }

    fn retry(&self, n: u128, submission: &Submission) -> Worked {
        let (setup, delivery) = (self.setup(), self.delivery(n, submission));
        now(self.submissions.retry(&self.stage, &setup, &delivery))
    }

    /// Submits what a browser sent, on the usual page.
    fn sends(&self, n: u128, sent: &[(&str, &str)]) -> Outcome {
        self.submit(n, &self.setup.read(sent)).outcome.expect("nobody else is about")
    }

    fn list(&self, kind: RecordKind) -> Vec<Versioned> {
        list(self.stage.store, self.tenant, kind)
    }

    fn rows(&self, kind: RecordKind) -> Vec<Party> {
        self.list(kind).iter().map(|kept| Party::from_versioned(kept).unwrap()).collect()
    }

    fn contacts(&self) -> Vec<Party> {
        self.rows(RecordKind::Contact)
    }

    fn leads(&self) -> Vec<Party> {
        self.rows(RecordKind::Lead)
    }

    fn row(&self, row: RecordRef) -> Party {
        Party::from_versioned(&kept(self.stage.store, self.tenant, row).unwrap()).unwrap()
    }

    /// A text of a row; blank where there is none.
    fn text_of(&self, row: RecordRef, name: &str) -> String {
        match self.row(row).attributes().get(name) {
            Some(Value::Text(text)) => text.clone(),
            _ => String::new(),
        }
    }

    fn history(&self) -> Vec<LeadHistoryEntry> {
        let entries = self.list(RecordKind::LeadHistory);
        entries.iter().map(|e| LeadHistoryEntry::from_record(&e.record).unwrap()).collect()
    }

    fn stored(&self, n: u128) -> StoredSubmission {
        let kept = kept(self.stage.store, self.tenant, RecordKind::Submission.of(id(n))).unwrap();
        StoredSubmission::from_versioned(&kept).unwrap()
    }
}

fn kept(store: &AnyStore, tenant: TenantId, record: RecordRef) -> Option<Versioned> {
    now(store.load(tenant, &[record])).remove(0)
}

fn list(store: &AnyStore, tenant: TenantId, kind: RecordKind) -> Vec<Versioned> {
    now(store.list(tenant, &RecordPageQuery::new(kind).limit(1_000))).items
}

/// Everything that a store has of a tenant, versions included.
fn dump(store: &AnyStore, tenant: TenantId) -> Vec<Versioned> {
    RecordKind::ALL.iter().flat_map(|kind| list(store, tenant, *kind)).collect()
}

/// Writes a record as the host does, whatever is there.
fn write(store: &AnyStore, tenant: TenantId, record: Record) {
    let before = kept(store, tenant, record.reference());
    let expect = before.map_or(Expect::Absent, |before| Expect::At(before.version));
    let change = Change::Put { record, version: Versions::default().next(), expect };
    assert!(now(store.commit(&Batch::of(tenant, change))).is_applied());
}

/// Changes a row as the host does: its keys stay as they are.
fn edit(store: &AnyStore, tenant: TenantId, row: RecordRef, change: impl FnOnce(Party) -> Party) {
    let before = kept(store, tenant, row).unwrap();
    let party = change(Party::from_versioned(&before).unwrap());
    let record = before.record;
    let keys = (record.keys().iter().copied(), record.unique().iter().copied());
    write(store, tenant, party.to_record(keys.0, keys.1).unwrap());
}

fn remove(store: &AnyStore, tenant: TenantId, record: RecordRef) {
    let expect = kept(store, tenant, record).unwrap().version;
    let delete = Batch::of(tenant, Change::Delete { record, expect });
    assert!(now(store.commit(&delete)).is_applied());
}

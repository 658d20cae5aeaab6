//! Many submissions at once, rows that the host writes, and directories that it keeps itself.

#[path = "forms_import/chunks.rs"]
mod chunks;
#[path = "forms_import/foreign.rs"]
mod foreign;
#[path = "forms_import/host_rows.rs"]
mod host_rows;
#[path = "forms_import/races.rs"]
mod races;
#[path = "forms_import/watched.rs"]
mod watched;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use correspond::flow::forms::{
    Delivery, FormSetup, ImportJob, ImportRow, ImportStep, Submissions, Worked, key_directory,
    write_rows,
};
use correspond::form::{
    FormField, FormType, ImportProgress, LeadHistoryEntry, MarketingForm, MatchPlan, MatchScope,
    Submission,
};
use correspond::id::{RecordId, TenantId};
use correspond::party::{Attributes, Party, Value};
use correspond::record::{
    MAX_PAGE, RecordKind, RecordPageQuery, Space, Version, Versioned, Versions,
};
use correspond::settings::{
    LandingPageConfiguration, MatchingStrategy, MatchingTarget, SettingsRecord, Stored, UpdateMode,
};
use correspond::store::{Directory, Expect, Records, Store, poll_once};

const TENANT: TenantId = TenantId::new(1);
const FORM: RecordId = RecordId::new(50);
const PAGE: RecordId = RecordId::new(60);
const IMPORT: RecordId = RecordId::new(70);

fn start() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

/// A form that matches contacts and leads by their address, and a strategy that no form uses: new rows
/// claim their last name too.
struct Org {
    strategies: Vec<Stored<MatchingStrategy>>,
    form: MarketingForm,
    plan: MatchPlan,
    versions: Versions,
    submissions: Submissions,
}

fn stored<T: SettingsRecord>(id: u128, value: T) -> Stored<T> {
    Stored::new(RecordId::new(id), Version::new(id), start(), value)
}

impl Org {
    fn new() -> Self {
        Self::with(UpdateMode::ContactsAndLeads)
    }

    fn with(mode: UpdateMode) -> Self {
        let by = |target: MatchingTarget, name: &str, column: &str| {
            let strategy = MatchingStrategy::out_of_box(target).name(name).attributes([column]);
            strategy.build().unwrap()
        };
        let strategies = vec![
            stored(1, by(MatchingTarget::Contact, "Contacts", "emailaddress1")),
            stored(2, by(MatchingTarget::Lead, "Leads", "emailaddress1")),
            stored(3, by(MatchingTarget::Contact, "Families", "lastname")),
        ];
        let config = LandingPageConfiguration::builder()
            .name("Import")
            .contact_matching_strategy(RecordId::new(1))
            .lead_matching_strategy(RecordId::new(2))
            .update_contacts_leads(mode)
            .build()
            .unwrap();
        let fields = ["emailaddress1", "lastname", "firstname"];
        let fields = fields.map(|name| FormField::new(name).unwrap());
        let form = MarketingForm::new(FormType::LandingPage, &config, &strategies);
        let form = form.unwrap().with_fields(fields).unwrap();
        let plan = MatchPlan::new(&strategies, &MatchScope::default()).unwrap();
        let (versions, submissions) = (Versions::default(), Submissions::default());
        Self { strategies, form, plan, versions, submissions }
    }

    fn setup(&self) -> FormSetup<'_> {
        FormSetup::new(&self.form, &self.plan)
    }

    /// Gives the rows of a directory their keys.
    fn key<S: Store + Records>(&self, store: &S) {
        let keyed = key_directory(store, &self.versions, TENANT, &self.plan, start());
        let _ = poll_once(keyed).unwrap().unwrap();
    }

    fn submission(&self, address: &str, last: &str, first: &str) -> Submission {
        let sent = [("emailaddress1", address), ("lastname", last), ("firstname", first)];
        Submission::read(&self.form, FORM, start(), sent).unwrap().on_page(PAGE)
    }

    /// A submission of person `number`.
    fn person(&self, number: u64, first: &str) -> Submission {
        self.submission(&format!("p{number}@home.example"), &format!("Last {number}"), first)
    }

    fn people(&self, numbers: impl IntoIterator<Item = u64>) -> Vec<ImportRow> {
        numbers.into_iter().map(|number| self.person(number, "Ann").into()).collect()
    }

    async fn submit<S: Store + Records + Directory>(
        &self,
        store: &S,
        id: u128,
        submission: &Submission,
    ) -> Worked {
        let delivery = Delivery::new(TENANT, RecordId::new(id), submission, start());
        self.submissions.submit(store, &self.setup(), &delivery).await.unwrap()
    }

    async fn step<S: Store + Records + Directory>(
        &self,
        store: &S,
        job: &ImportJob,
        progress: &ImportProgress,
        rows: &[ImportRow],
    ) -> ImportStep {
        let setup = self.setup();
        let step = self.submissions.import_step(store, &setup, job, progress, rows, start());
        step.await.unwrap()
    }

    /// Imports what is left of these rows, as a host does; answers the lost rounds too.
    async fn import<S: Store + Records + Directory>(
        &self,
        store: &S,
        job: &ImportJob,
        rows: &[ImportRow],
    ) -> (ImportProgress, usize) {
        let mut progress = self.submissions.import_progress(store, job).await.unwrap();
        let mut lost = 0;
        loop {
            let rest = &rows[usize::try_from(progress.rows()).unwrap()..];
            if rest.is_empty() {
                return (progress, lost);
            }
            let chunk = &rest[..rest.len().min(job.rows_per_batch().into())];
            let step = self.step(store, job, &progress, chunk).await;
            assert!(step.overtaken || step.outcomes.len() == chunk.len());
            lost += step.lost_rounds;
            progress = step.progress;
        }
    }

    async fn write<S: Store + Records>(&self, store: &S, rows: Vec<(Party, Expect)>) {
        let count = rows.len() as u64;
        let done = write_rows(store, &self.versions, TENANT, &self.plan, rows).await.unwrap();
        assert_eq!((done.written, done.unwritten), (count, vec![]));
    }
}

fn job() -> ImportJob {
    ImportJob::new(TENANT, IMPORT)
}

fn now<T>(future: impl Future<Output = T>) -> T {
    poll_once(future).expect("ready at once")
}

fn party(kind: RecordKind, id: u128, values: &[(&str, &str)]) -> Party {
    let mut attributes = Attributes::default();
    for (name, value) in values {
        attributes.set(*name, Value::Text((*value).into())).unwrap();
    }
    Party::new(kind.of(RecordId::new(id)), start(), attributes)
}

/// All records of a kind.
async fn all<S: Records>(store: &S, kind: RecordKind) -> Vec<Versioned> {
    let mut query = RecordPageQuery::new(kind).limit(MAX_PAGE);
    let mut records = Vec::new();
    loop {
        let page = store.list(TENANT, &query).await.unwrap();
        records.extend(page.items);
        match page.next {
            Some(next) => query = query.after(next),
            None => return records,
        }
    }
}

async fn rows<S: Records>(store: &S, kind: RecordKind) -> Vec<Party> {
    let kept = all(store, kind).await;
    kept.iter().map(|kept| Party::from_versioned(kept).unwrap()).collect()
}

fn text<'a>(party: &'a Party, name: &str) -> &'a str {
    match party.attributes().get(name) {
        Some(Value::Text(text)) => text,
        other => panic!("{name}: {other:?}"),
    }
}

/// The import did each of these rows once: people, histories and counts are as they must be. Every
/// row has an address, its place in the file of people being of no matter.
async fn assert_done_once<S: Records>(store: &S, progress: &ImportProgress, rows: &[ImportRow]) {
    let address = |row: &ImportRow| match row.submission.value("emailaddress1") {
        Some(Some(Value::Text(text))) => text.to_ascii_lowercase(),
        other => panic!("{other:?}"),
    };
    let people: BTreeSet<String> = rows.iter().map(address).collect();
    for (kind, target) in
        [(RecordKind::Contact, MatchingTarget::Contact), (RecordKind::Lead, MatchingTarget::Lead)]
    {
        let made = self::rows(store, kind).await;
        let found: BTreeSet<String> =
            made.iter().map(|row| text(row, "emailaddress1").to_ascii_lowercase()).collect();
        assert_eq!(made.len(), people.len(), "{kind:?}");
        assert_eq!(found, people, "{kind:?}");
        let tally = progress.tally(target);
        let counted = tally.created + tally.updated + tally.unchanged + tally.untouched;
        assert_eq!(counted + progress.failed(), rows.len() as u64, "{tally:?}");
        assert_eq!(tally.created, people.len() as u64, "{tally:?}");
    }
    assert_eq!(progress.rows(), rows.len() as u64);
    let entries = all(store, RecordKind::LeadHistory).await;
    let entry = |kept: &Versioned| LeadHistoryEntry::from_record(&kept.record).unwrap();
    let done: BTreeSet<RecordId> = entries.iter().map(|kept| entry(kept).submission).collect();
    let expected: BTreeSet<RecordId> =
        (0..rows.len() as u64).map(|row| ImportProgress::submission_id(IMPORT, row)).collect();
    assert_eq!(entries.len(), rows.len(), "a row is worked off twice, or not at all");
    assert_eq!(done, expected);
    assert!(all(store, RecordKind::Submission).await.is_empty(), "no receipt a row");
}

fn match_claims(kept: &Versioned) -> usize {
    kept.record.unique().iter().filter(|key| key.space() == Space::Match).count()
}

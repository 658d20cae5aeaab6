//! Many submissions from a file.

use std::collections::HashSet;

use chrono::{DateTime, Utc};

use super::bulk::{ask, failed, load, look_up, visitors};
use super::draft::Draft;
use super::keyed::DirectoryKeys;
use super::round::{claimed, is_claimed};
use super::submit::FormSetup;
use super::{Submissions, corrupt, full};
use crate::flow::{FlowError, ROUNDS};
use crate::form::{
    Decision, Failure, ImportProgress, LeadHistoryEntry, Outcome, Refusal, StoredSubmission,
    Submission,
};
use crate::id::{RecordId, TenantId};
use crate::record::{RecordKind, RecordRef, UniqueKey, Versioned};
use crate::settings::MatchingTarget;
use crate::store::{Batch, BatchError, Change, Directory, Expect, Records, Store};

/// An import of submissions to one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportJob {
    tenant: TenantId,
    id: RecordId,
    chunk: u16,
}

impl ImportJob {
    /// The most rows a batch.
    pub const MAX_CHUNK: u16 = 1_000;

    /// The import with this id, of the organization's host's choice: its checkpoint is kept under it.
    /// It takes 500 rows a batch.
    #[must_use]
    pub const fn new(tenant: TenantId, id: RecordId) -> Self {
        Self { tenant, id, chunk: 500 }
    }

    /// The same with up to `rows` rows a batch: 1 to [`MAX_CHUNK`](Self::MAX_CHUNK); what lies outside
    /// is moved to the next end. More rows a batch cost less; fewer are less often in somebody's way.
    #[must_use]
    pub fn chunk(mut self, rows: u16) -> Self {
        self.chunk = rows.clamp(1, Self::MAX_CHUNK);
        self
    }

    /// Whose form.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Which import.
    #[must_use]
    pub const fn id(&self) -> RecordId {
        self.id
    }

    /// The most rows that it takes a batch.
    #[must_use]
    pub const fn rows_per_batch(&self) -> u16 {
        self.chunk
    }

    const fn reference(&self) -> RecordRef {
        RecordKind::SubmissionImport.of(self.id)
    }
}

/// A row of an import.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ImportRow {
    /// The id of its submission, where the host has one; else it is
    /// [made](ImportProgress::submission_id) of the import's id and the row's place. It names the
    /// submission in the history of a lead, and the one that is kept where the row fails. No two rows
    /// have the same.
    pub id: Option<RecordId>,
    /// What it says.
    pub submission: Submission,
}

impl ImportRow {
    /// The same under this id.
    #[must_use]
    pub fn with_id(self, id: RecordId) -> Self {
        Self { id: Some(id), ..self }
    }
}

impl From<Submission> for ImportRow {
    fn from(submission: Submission) -> Self {
        Self { id: None, submission }
    }
}

/// What a step of an import did.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
#[non_exhaustive]
pub struct ImportStep {
    /// How far the import has come, by whomever: the next row is [`ImportProgress::rows`].
    pub progress: ImportProgress,
    /// What became of the rows that this step did, in their order; of more there is none.
    pub outcomes: Vec<Outcome>,
    /// Was the import found elsewhere than it was said to be? Somebody else imports the same, or an
    /// earlier step went well whose answer was lost. From there on this step did nothing. Whoever
    /// goes on takes the row at which it is now.
    pub overtaken: bool,
    /// How often rows were decided anew because somebody else was faster: 0 mostly.
    pub lost_rounds: usize,
}

impl Submissions {
    /// How far an import has come: where to begin, and where to go on after a crash.
    ///
    /// # Errors
    ///
    /// The store failed, or the checkpoint cannot be read.
    pub async fn import_progress<S: Store + Records>(
        &self,
        store: &S,
        job: &ImportJob,
    ) -> Result<ImportProgress, FlowError> {
        let kept = store.load(job.tenant, &[job.reference()]).await?.pop().flatten();
        checkpoint(kept.as_ref())
    }

    /// Does the next rows of an import. `progress` is how far it has come, `rows` is what comes
    /// behind that: the host reads it from wherever it is, and stops when it likes.
    ///
    /// * Up to [`rows_per_batch`](ImportJob::rows_per_batch) rows are one batch, and so is the
    ///   checkpoint behind them: however often the process dies, every row is done once. More rows are
    ///   done in as many batches.
    /// * Rows are decided one after the other, each by the rules of [`submit`](Self::submit), and a
    ///   later one finds what an earlier one made: 500 copies of one person make one record.
    /// * A row leaves behind what a submission does, the place in the history of its lead
    ///   included, but for the receipt: that is the checkpoint. Where the form stores all submissions,
    ///   and where a row fails, it is kept, and can be [tried again](Self::retry) under its
    ///   [id](ImportRow::id). What is kept under that id already stays as it is.
    /// * A row that chooses anything of consent or lists fails: that is done for one person at a time,
    ///   when it is tried again.
    /// * Of two who import the same at the same time one does a row; the other is told that it was
    ///   [overtaken](ImportStep::overtaken).
    /// * Where somebody else changes the same records meanwhile, the rows of the batch are decided
    ///   anew; after [`ROUNDS`] lost rounds in halves, down to one row.
    ///
    /// ```
    /// # use chrono::DateTime;
    /// # use correspond::adapter::memory::MemoryStore;
    /// # use correspond::flow::forms::{FormSetup, ImportJob, ImportRow, Submissions, key_directory};
    /// # use correspond::form::{FormField, FormType, MarketingForm, MatchPlan, MatchScope, Submission};
    /// # use correspond::id::{RecordId, TenantId};
    /// # use correspond::record::{Version, Versions};
    /// # use correspond::settings::{LandingPageConfiguration, MatchingStrategy, MatchingTarget, Stored};
    /// # use correspond::store::Blocking;
    /// # let now = DateTime::UNIX_EPOCH;
    /// # let mut strategies = Vec::new();
    /// # for (number, target) in [(1, MatchingTarget::Contact), (2, MatchingTarget::Lead)] {
    /// #     let strategy = MatchingStrategy::out_of_box(target).build()?;
    /// #     strategies.push(Stored::new(RecordId::new(number), Version::new(number), now, strategy));
    /// # }
    /// # let config = LandingPageConfiguration::builder()
    /// #     .name("Spring")
    /// #     .contact_matching_strategy(RecordId::new(1))
    /// #     .lead_matching_strategy(RecordId::new(2))
    /// #     .build()?;
    /// # let form = MarketingForm::new(FormType::LandingPage, &config, &strategies)?
    /// #     .with_fields([FormField::new("emailaddress1")?])?;
    /// # let plan = MatchPlan::new(&strategies, &MatchScope::default())?;
    /// # let setup = FormSetup::new(&form, &plan);
    /// # let store = Blocking::new(MemoryStore::default());
    /// # let (tenant, form_id, page) = (TenantId::new(1), RecordId::new(50), RecordId::new(60));
    /// # let versions = Versions::default();
    /// # store.run(async |s| key_directory(s, &versions, tenant, &plan, now).await)??;
    /// let file = ["ann@home.example", "bob@home.example", "Ann@HOME.example"];
    ///
    /// let submissions = Submissions::default();
    /// let job = ImportJob::new(tenant, RecordId::new(7)).chunk(2);
    /// let mut progress = store.run(async |s| submissions.import_progress(s, &job).await)??;
    /// loop {
    ///     // The host reads on where the import is.
    ///     let at = usize::try_from(progress.rows())?;
    ///     let rows: Vec<ImportRow> = file
    ///         .iter()
    ///         .skip(at)
    ///         .take(job.rows_per_batch().into())
    ///         .map(|address| {
    ///             let sent = [("emailaddress1", address)];
    ///             let read = Submission::read(&form, form_id, now, sent)?;
    ///             Ok(ImportRow::from(read.on_page(page)))
    ///         })
    ///         .collect::<Result<_, correspond::form::SubmissionError>>()?;
    ///     if rows.is_empty() {
    ///         break;
    ///     }
    ///     let step = store.run(async |s| {
    ///         submissions.import_step(s, &setup, &job, &progress, &rows, now).await
    ///     })??;
    ///     progress = step.progress;
    /// }
    /// let contacts = progress.tally(MatchingTarget::Contact);
    /// assert_eq!((contacts.created, contacts.unchanged, progress.rows()), (2, 1, 3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed, a row of the directory or the checkpoint cannot be read, or others won
    /// [`ROUNDS`] rounds in a row against a batch of one row. What went before is done: go on from
    /// [`import_progress`](Self::import_progress).
    pub async fn import_step<S: Store + Records + Directory>(
        &self,
        store: &S,
        setup: &FormSetup<'_>,
        job: &ImportJob,
        progress: &ImportProgress,
        rows: &[ImportRow],
        now: DateTime<Utc>,
    ) -> Result<ImportStep, FlowError> {
        let (progress, outcomes) = (progress.clone(), Vec::with_capacity(rows.len()));
        let mut step = ImportStep { progress, outcomes, overtaken: false, lost_rounds: 0 };
        let most = usize::from(job.chunk);
        let mut size = most;
        while let Some(rest) = rows.get(step.outcomes.len()..).filter(|rest| !rest.is_empty()) {
            let rows = rest.get(..size).unwrap_or(rest);
            let chunk = Chunk { flow: self, store, setup, job, rows, now };
            match chunk.work(&step.progress, &mut step.lost_rounds).await? {
                Ended::Done(progress, outcomes) => {
                    step.progress = progress;
                    step.outcomes.extend(outcomes);
                    size = size.saturating_mul(2).min(most);
                }
                Ended::Overtaken(progress) => {
                    return Ok(ImportStep { progress, overtaken: true, ..step });
                }
                Ended::Lost if rows.len() > 1 => size = rows.len() / 2,
                Ended::Lost => return Err(FlowError::contended()),
            }
        }
        Ok(step)
    }

    /// Forgets how far an import has come, once nobody will ask any more: under its id another one
    /// can begin then. What it did stays. `false` where somebody worked on it this moment.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub async fn forget_import<S: Store + Records>(
        &self,
        store: &S,
        job: &ImportJob,
    ) -> Result<bool, FlowError> {
        let record = job.reference();
        let Some(kept) = store.load(job.tenant, &[record]).await?.pop().flatten() else {
            return Ok(true);
        };
        let delete = Change::Delete { record, expect: kept.version };
        Ok(store.commit(&Batch::of(job.tenant, delete)).await?.is_applied())
    }
}

/// Consent is asked of one person at a time, by mail where that has to be confirmed.
fn no_choices(submission: &Submission) -> Result<(), Refusal> {
    if submission.choices().is_empty() {
        return Ok(());
    }
    let expected = "choices: expected none in a row of an import, found some; try the submission again \
                    alone";
    let failure = Failure::Choices(expected.to_owned());
    Err(Refusal { target: MatchingTarget::Contact, failure })
}

fn checkpoint(kept: Option<&Versioned>) -> Result<ImportProgress, FlowError> {
    kept.map_or(Ok(ImportProgress::default()), |kept| {
        ImportProgress::from_versioned(kept).map_err(corrupt)
    })
}

/// What became of a chunk.
enum Ended {
    Done(ImportProgress, Vec<Outcome>),
    Overtaken(ImportProgress),
    /// Every round was lost, or it does not fit into a batch.
    Lost,
}

/// What became of one round of it.
enum Attempt {
    Done(ImportProgress, Vec<Outcome>),
    Overtaken(ImportProgress),
    /// These claims of its new rows others may have.
    Lost(Vec<UniqueKey>),
    TooLarge,
}

/// Rows that are one batch.
struct Chunk<'a, S> {
    flow: &'a Submissions,
    store: &'a S,
    setup: &'a FormSetup<'a>,
    job: &'a ImportJob,
    rows: &'a [ImportRow],
    now: DateTime<Utc>,
}

impl<S: Store + Records + Directory> Chunk<'_, S> {
    async fn work(&self, at: &ImportProgress, lost: &mut usize) -> Result<Ended, FlowError> {
        let mut claims = Vec::new();
        for _ in 0..ROUNDS {
            match self.attempt(at, &claims).await? {
                Attempt::Done(progress, outcomes) => return Ok(Ended::Done(progress, outcomes)),
                Attempt::Overtaken(progress) => return Ok(Ended::Overtaken(progress)),
                Attempt::Lost(taken) => claims = taken,
                Attempt::TooLarge => return Ok(Ended::Lost),
            }
            *lost += 1;
        }
        Ok(Ended::Lost)
    }

    async fn attempt(
        &self,
        at: &ImportProgress,
        claims: &[UniqueKey],
    ) -> Result<Attempt, FlowError> {
        let Self { flow, store, setup, job, now, .. } = *self;
        let submissions = || self.rows.iter().map(|row| &row.submission);
        let wanted = [job.reference(), DirectoryKeys::reference(job.tenant)];
        let wanted = wanted.into_iter().chain(visitors(submissions()));
        let mut known = load(store, job.tenant, wanted).await?.into_iter();
        let kept = known.next().flatten();
        let mut progress = checkpoint(kept.as_ref())?;
        if progress.rows() != at.rows() {
            return Ok(Attempt::Overtaken(progress));
        }
        let keys = DirectoryKeys::found(known.next().flatten().as_ref())?;
        let mut draft = Draft::new(store, &keys, setup.plan);
        // Before anything is looked up: whoever has such a claim and matches is found then, and a row
        // that comes later still has its claim when the batch is committed.
        let holders = flow.holders(store, job.tenant, claims).await?;
        for row in known.flatten().chain(holders) {
            draft.add(&row)?;
        }
        let asked = ask(store.keyer(), setup, submissions(), &keys);
        look_up(store, job.tenant, &asked, &mut draft).await?;

        let (mut decisions, mut ids) = (Vec::with_capacity(asked.len()), Vec::new());
        for (asked, row) in asked.iter().zip(self.rows) {
            let decision = match no_choices(&row.submission) {
                Ok(()) => asked.decide(&draft, flow.new_ids(), now),
                Err(refusal) => failed(refusal),
            };
            let decision = draft.decide(&decision).map_or_else(failed, |()| decision);
            let id =
                row.id.unwrap_or_else(|| ImportProgress::submission_id(job.id, progress.rows()));
            progress.count(id, &decision.outcome);
            ids.push(id);
            decisions.push(decision);
        }
        let progress = progress.at(now);
        let mut changes = draft.changes(&flow.versions)?;
        changes.extend(self.left_behind(&ids, &decisions).await?);
        let record = progress.to_record(job.id, now).map_err(full)?;
        let expect = kept.map_or(Expect::Absent, |kept| Expect::At(kept.version));
        changes.push(Change::Put { record, version: flow.versions.next(), expect });

        let mut batch = Batch::new(job.tenant);
        for change in changes {
            match batch.push(change) {
                Ok(()) => {}
                Err(BatchError::Full) if self.rows.len() > 1 => return Ok(Attempt::TooLarge),
                // A claim moved from row to row while they were read.
                Err(BatchError::Twice { .. }) => return Ok(Attempt::Lost(Vec::new())),
                Err(error) => return Err(error.into()),
            }
        }
        let commit = store.commit(&batch).await?;
        if commit.is_applied() {
            let outcomes = decisions.into_iter().map(|decision| decision.outcome).collect();
            return Ok(Attempt::Done(progress, outcomes));
        }
        Ok(Attempt::Lost(if is_claimed(&commit) { claimed(&batch) } else { Vec::new() }))
    }

    /// The histories of leads, and the submissions that are kept.
    async fn left_behind(
        &self,
        ids: &[RecordId],
        decisions: &[Decision],
    ) -> Result<Vec<Change>, FlowError> {
        let Self { flow, store, setup, job, now, .. } = *self;
        let (mut records, mut kept) = (Vec::new(), Vec::new());
        for ((row, id), decision) in self.rows.iter().zip(ids).zip(decisions) {
            let Decision { outcome, lead, .. } = decision;
            if let Some(lead) = lead {
                let page = row.submission.origin(setup.form).page(setup.profile);
                let page = page.map(|page| page.id());
                let (lead, created) = (lead.row.reference().id(), lead.found.is_none());
                let entry = LeadHistoryEntry::new(lead, *id, &row.submission, page, created);
                records.push(entry.to_record(flow.new_id(), store.keyer()).map_err(full)?);
            }
            let outcome = outcome.clone();
            let stored = StoredSubmission::worked(setup.form, &row.submission, outcome, now);
            if stored.submission().is_some() {
                kept.push(stored.to_record(*id, store.keyer()).map_err(full)?);
            }
        }
        let there = load(store, job.tenant, kept.iter().map(|record| record.reference())).await?;
        let mut taken: HashSet<RecordRef> =
            there.iter().flatten().map(|kept| kept.record.reference()).collect();
        records.extend(kept.into_iter().filter(|record| taken.insert(record.reference())));
        let put = |record| {
            let (version, expect) = (flow.versions.next(), Expect::Absent);
            Change::Put { record, version, expect }
        };
        Ok(records.into_iter().map(put).collect())
    }
}

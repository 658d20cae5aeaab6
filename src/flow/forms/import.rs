//! Many submissions from a file.

use chrono::{DateTime, Utc};

use super::Submissions;
use super::chunk::{Chunk, Ended, checkpoint};
use super::submit::FormSetup;
use crate::flow::FlowError;
use crate::form::{ImportProgress, Outcome, Submission};
use crate::id::{RecordId, TenantId};
use crate::record::{RecordKind, RecordRef};
use crate::store::{Batch, Change, Directory, Records, Store};

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

    pub(super) const fn reference(&self) -> RecordRef {
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
    /// * A row that wants anything of consent or lists fails: that is done for one person at a time,
    ///   when it is tried again.
    /// * Of two who import the same at the same time one does a row; the other is told that it was
    ///   [overtaken](ImportStep::overtaken).
    /// * Where somebody else changes the same records meanwhile, the rows of the batch are decided
    ///   anew; after [`ROUNDS`](crate::flow::ROUNDS) lost rounds in halves, down to one row.
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
    /// assert_eq!((contacts.created, contacts.updated, progress.rows()), (2, 1, 3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The store failed, a row of the directory or the checkpoint cannot be read, or others won
    /// [`ROUNDS`](crate::flow::ROUNDS) rounds in a row against a batch of one row. What went before is done: go on from
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

    /// Forgets how far an import has come, once nobody will ask any more. What it did stays. Another
    /// import takes another id: the [ids](ImportProgress::submission_id) of the submissions that are
    /// kept of failed rows are made of it, and what is kept under one stays. `false` where somebody
    /// worked on it this moment.
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

//! One submission.

use chrono::{DateTime, Utc};

use super::keyed::DirectoryKeys;
use super::{Submissions, corrupt, full};
use crate::flow::{FlowError, ROUNDS};
use crate::form::{
    self, Decision, FoundRows, LeadHistoryEntry, MarketingForm, MatchPlan, NewIds, Outcome,
    Question, StoredSubmission, Submission, SubmissionState,
};
use crate::id::{RecordId, TenantId};
use crate::party::Party;
use crate::record::{
    RecordKind, RecordLookup, RecordQuery, RecordRef, Space, UniqueKey, Version, Versioned,
};
use crate::settings::{MatchingTarget, Profile};
use crate::store::{Batch, Change, Commit, Directory, Expect, MAX_READS, Reason, Records, Store};

/// How many rows under one key are looked at: of more, those modified last.
pub(super) const ROWS: u8 = 64;

/// The form of a submission, and the matchers of its organization.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FormSetup<'a> {
    /// The form.
    pub form: &'a MarketingForm,
    /// The matchers of all strategies.
    pub plan: &'a MatchPlan,
    /// Whose rules hold where the product's documents and its later versions differ.
    pub profile: Profile,
}

impl<'a> FormSetup<'a> {
    /// This form among these strategies.
    #[must_use]
    pub const fn new(form: &'a MarketingForm, plan: &'a MatchPlan) -> Self {
        Self { form, plan, profile: Profile::Documents }
    }

    /// The same by the rules of this state of the product.
    #[must_use]
    pub const fn under(self, profile: Profile) -> Self {
        Self { profile, ..self }
    }

    pub(super) fn question<'b>(
        &'b self,
        submission: &'b Submission,
        keys: &DirectoryKeys,
    ) -> Result<Question<'b>, form::Refusal> {
        let matcher = |target| self.plan.of(self.form.matcher(target));
        Question::new(self.form, submission, self.profile, matcher, &keys.ready)
    }
}

/// A submission as it is delivered.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Delivery<'a> {
    /// Whose form.
    pub tenant: TenantId,
    /// The id of the submission: the same each time it is delivered.
    pub id: RecordId,
    /// What was submitted.
    pub submission: &'a Submission,
    /// The present, by the host's clock.
    pub now: DateTime<Utc>,
}

impl<'a> Delivery<'a> {
    /// The submission `id`, to a form of `tenant`.
    #[must_use]
    pub const fn new(
        tenant: TenantId,
        id: RecordId,
        submission: &'a Submission,
        now: DateTime<Utc>,
    ) -> Self {
        Self { tenant, id, submission, now }
    }
}

/// What became of a submission.
#[derive(Clone, Debug, PartialEq)]
#[must_use]
#[non_exhaustive]
pub struct Worked {
    /// How far it has come.
    pub state: SubmissionState,
    /// What it did; nothing yet where it waits.
    pub outcome: Option<Outcome>,
    /// Was it delivered before? Nothing was done now, and this is what came of it then.
    pub repeated: bool,
    /// How often it was decided anew because somebody else was faster: 0 mostly.
    pub lost_rounds: usize,
}

impl Submissions {
    /// Works a submission off: looks for its contact and its lead, decides, and commits one batch.
    ///
    /// * The same submission again, by its id, changes nothing and is answered as it was then: also
    ///   after a commit whose answer was lost, for as long as its
    ///   [receipt](StoredSubmission::RECEIPT_DAYS) stays. One that waits is worked off.
    /// * Of any number of submissions of one person at once exactly one makes the record; the others
    ///   find it. A new row *claims* the keys that it is looked up by, under every strategy, so that
    ///   one that was made meanwhile is noticed.
    /// * A submission that fails is kept with its reason, and can be [tried again](Self::retry).
    ///
    /// # Errors
    ///
    /// The store failed, or a row or the submission that was kept cannot be read.
    pub async fn submit<S: Store + Records + Directory>(
        &self,
        store: &S,
        setup: &FormSetup<'_>,
        delivery: &Delivery<'_>,
    ) -> Result<Worked, FlowError> {
        self.work(store, setup, delivery, false).await
    }

    /// Works off a submission that failed or waits, with the values that it has now: `delivery` names
    /// it and has it as somebody corrected it. One that went well is answered as it was.
    ///
    /// # Errors
    ///
    /// As of [`submit`](Self::submit).
    pub async fn retry<S: Store + Records + Directory>(
        &self,
        store: &S,
        setup: &FormSetup<'_>,
        delivery: &Delivery<'_>,
    ) -> Result<Worked, FlowError> {
        self.work(store, setup, delivery, true).await
    }

    async fn work<S: Store + Records + Directory>(
        &self,
        store: &S,
        setup: &FormSetup<'_>,
        delivery: &Delivery<'_>,
        again: bool,
    ) -> Result<Worked, FlowError> {
        let mut claims: Vec<UniqueKey> = Vec::new();
        for lost_rounds in 0..ROUNDS {
            let seen = match Seen::load(store, delivery).await? {
                Seen { kept: Some(kept), .. } if kept.is_over(again) => {
                    return Ok(kept.answer(lost_rounds));
                }
                seen => seen,
            };
            // Before anything is looked up: whoever has such a claim and matches is found then, and a
            // row that comes later still has its claim when the batch is committed.
            let holders = self.holders(store, delivery.tenant, &claims).await?;
            let round = Round { flow: self, store, setup, delivery, seen: &seen, holders };
            let (batch, outcome) = match setup.question(delivery.submission, &seen.keys) {
                Err(refusal) => round.failed(refusal)?,
                Ok(question) => {
                    let rows = round.find(&question).await?;
                    match question.decide(&rows.rows, self.new_ids(), delivery.now) {
                        Err(refusal) => round.failed(refusal)?,
                        Ok(decision) => round.batch(&decision, &rows.kept)?,
                    }
                }
            };
            let commit = store.commit(&batch).await?;
            if commit.is_applied() {
                let failed = outcome.failure().is_some();
                let state =
                    if failed { SubmissionState::Failed } else { SubmissionState::Succeeded };
                let outcome = Some(outcome);
                return Ok(Worked { state, outcome, repeated: false, lost_rounds });
            }
            claims = if is_claimed(&commit) { claimed(&batch) } else { Vec::new() };
        }
        self.wait(store, delivery).await
    }

    /// Keeps a submission that lost every round.
    async fn wait<S: Store + Records>(
        &self,
        store: &S,
        delivery: &Delivery<'_>,
    ) -> Result<Worked, FlowError> {
        let stored = StoredSubmission::pending(delivery.submission, delivery.now);
        let record = stored.to_record(delivery.id, store.keyer()).map_err(full)?;
        let (version, expect) = (self.versions.next(), Expect::Absent);
        let put = Change::Put { record, version, expect };
        if !store.commit(&Batch::of(delivery.tenant, put)).await?.is_applied()
            && let Some(kept) = Seen::load(store, delivery).await?.kept
        {
            // It waited or failed already, or another delivery of it was faster.
            return Ok(kept.answer(ROUNDS));
        }
        let state = SubmissionState::Pending;
        Ok(Worked { state, outcome: None, repeated: false, lost_rounds: ROUNDS })
    }

    /// The rows that have these claims.
    pub(super) async fn holders<S: Store + Records>(
        &self,
        store: &S,
        tenant: TenantId,
        claims: &[UniqueKey],
    ) -> Result<Vec<Versioned>, FlowError> {
        let mut holders: Vec<RecordRef> = Vec::new();
        for claims in claims.chunks(MAX_READS) {
            holders.extend(store.holders(tenant, claims).await?.into_iter().flatten());
        }
        holders.sort_unstable();
        holders.dedup();
        let mut rows = Vec::with_capacity(holders.len());
        for holders in holders.chunks(MAX_READS) {
            rows.extend(store.load(tenant, holders).await?.into_iter().flatten());
        }
        Ok(rows)
    }

    pub(super) fn new_id(&self) -> RecordId {
        RecordId::new(self.versions.next().get())
    }

    pub(super) fn new_ids(&self) -> NewIds {
        NewIds { contact: self.new_id(), lead: self.new_id() }
    }
}

/// Did a row that is to be made claim what another one has?
pub(super) fn is_claimed(commit: &Commit) -> bool {
    let claimed = |reason: &Reason| matches!(reason, Reason::Taken { key, .. } if key.space() == Space::Match);
    commit.refusals().iter().any(|refusal| claimed(&refusal.reason))
}

/// What the new rows of a batch claim.
pub(super) fn claimed(batch: &Batch) -> Vec<UniqueKey> {
    let new = batch.changes().iter().filter_map(|change| match change {
        Change::Put { record, expect: Expect::Absent, .. } => Some(record.unique()),
        _ => None,
    });
    new.flatten().filter(|key| key.space() == Space::Match).copied().collect()
}

/// What is known of a submission before anything is looked up.
struct Seen {
    kept: Option<Kept>,
    keys: DirectoryKeys,
    visitor: Option<Versioned>,
}

/// A submission that was delivered before.
pub(super) struct Kept {
    stored: StoredSubmission,
    pub(super) version: Version,
}

impl Kept {
    pub(super) fn read(kept: &Versioned) -> Result<Self, FlowError> {
        let stored = StoredSubmission::from_versioned(kept).map_err(corrupt)?;
        Ok(Self { stored, version: kept.version })
    }

    /// Is there nothing left to do? What failed is done only where it is tried `again`.
    pub(super) fn is_over(&self, again: bool) -> bool {
        match self.stored.state() {
            SubmissionState::Succeeded => true,
            SubmissionState::Failed => !again,
            SubmissionState::Pending => false,
        }
    }

    pub(super) fn answer(self, lost_rounds: usize) -> Worked {
        let outcome = self.stored.outcome().cloned();
        Worked { state: self.stored.state(), outcome, repeated: true, lost_rounds }
    }
}

impl Seen {
    async fn load<S: Store + Records>(
        store: &S,
        delivery: &Delivery<'_>,
    ) -> Result<Self, FlowError> {
        let visitor = delivery.submission.visitor().map(|id| RecordKind::Contact.of(id));
        let asked: Vec<RecordRef> =
            [RecordKind::Submission.of(delivery.id), DirectoryKeys::reference(delivery.tenant)]
                .into_iter()
                .chain(visitor)
                .collect();
        let mut found = store.load(delivery.tenant, &asked).await?.into_iter();
        let mut next = || found.next().flatten();
        let (kept, keys, visitor) = (next(), next(), next());
        let keys = DirectoryKeys::found(keys.as_ref())?;
        Ok(Self { kept: kept.as_ref().map(Kept::read).transpose()?, keys, visitor })
    }
}

/// The rows that were found, and the records that they are.
struct Found {
    rows: FoundRows,
    kept: Vec<Versioned>,
}

/// One attempt.
struct Round<'a, S> {
    flow: &'a Submissions,
    store: &'a S,
    setup: &'a FormSetup<'a>,
    delivery: &'a Delivery<'a>,
    seen: &'a Seen,
    /// Rows that had claims, in the round before, which a new row makes.
    holders: Vec<Versioned>,
}

impl<S: Store + Records + Directory> Round<'_, S> {
    /// The batch that keeps a submission which fails.
    fn failed(&self, refusal: form::Refusal) -> Result<(Batch, Outcome), FlowError> {
        let outcome = Outcome::from(refusal);
        let batch = Batch::of(self.delivery.tenant, self.receipt(&outcome)?);
        Ok((batch, outcome))
    }

    fn receipt(&self, outcome: &Outcome) -> Result<Change, FlowError> {
        let Delivery { id, submission, now, .. } = *self.delivery;
        let stored = StoredSubmission::worked(self.setup.form, submission, outcome.clone(), now);
        let record = stored.to_record(id, self.store.keyer()).map_err(full)?;
        let before = self.seen.kept.as_ref().map(|kept| kept.version);
        let expect = before.map_or(Expect::Absent, Expect::At);
        Ok(Change::Put { record, version: self.flow.versions.next(), expect })
    }

    /// Looks for contacts and leads, both at once.
    async fn find(&self, question: &Question<'_>) -> Result<Found, FlowError> {
        let keyer = self.store.keyer();
        let keys = MatchingTarget::ALL.iter().map(|target| question.probes(*target, keyer));
        let keys: Vec<_> = keys.collect();
        let lookups = keys.iter().flatten().map(|key| RecordLookup::new(*key).rows(ROWS));
        let query: RecordQuery = lookups.collect();
        let mut kept: Vec<Versioned> = Vec::new();
        if !query.lookups().is_empty() {
            let answer = self.store.find_records(self.delivery.tenant, &query).await?;
            kept.extend((0..answer.lookups()).flat_map(|at| answer.found(at)).cloned());
        }
        let mut rows = FoundRows::default();
        for found in &kept {
            let row = Party::from_versioned(found).map_err(corrupt)?;
            match row.reference().kind() {
                RecordKind::Contact => rows.contacts.push(row),
                RecordKind::Lead => rows.leads.push(row),
                _ => {}
            }
        }
        if let Some(visitor) = &self.seen.visitor {
            rows.visitor = Some(Party::from_versioned(visitor).map_err(corrupt)?);
            kept.push(visitor.clone());
        }
        Ok(Found { rows, kept })
    }

    /// Everything that the submission leaves behind.
    fn batch(
        &self,
        decision: &Decision,
        kept: &[Versioned],
    ) -> Result<(Batch, Outcome), FlowError> {
        let mut batch = Batch::new(self.delivery.tenant);
        for change in [&decision.contact, &decision.lead].into_iter().flatten() {
            if !change.is_change() {
                continue;
            }
            let before = kept.iter().find(|kept| kept.record.reference() == change.row.reference());
            let before = before.filter(|_| change.found.is_some());
            let old = before.map(|kept| &kept.record);
            let record = self.seen.keys.record(&change.row, old, self.setup.plan, self.store)?;
            if before.is_none() {
                for holder in &self.holders {
                    if let Some(put) = self.release(holder, record.unique())? {
                        batch.push(put)?;
                    }
                }
            }
            let expect = before.map_or(Expect::Absent, |kept| Expect::At(kept.version));
            batch.push(Change::Put { record, version: self.flow.versions.next(), expect })?;
        }
        if let Some(lead) = &decision.lead {
            batch.push(self.history(lead)?)?;
        }
        batch.push(self.receipt(&decision.outcome)?)?;
        Ok((batch, decision.outcome.clone()))
    }

    fn history(&self, lead: &form::Change) -> Result<Change, FlowError> {
        let Delivery { id, submission, .. } = *self.delivery;
        let page = submission.origin(self.setup.form).page(self.setup.profile);
        let page = page.map(|page| page.id());
        let (lead, created) = (lead.row.reference().id(), lead.found.is_none());
        let entry = LeadHistoryEntry::new(lead, id, submission, page, created);
        let record = entry.to_record(self.flow.new_id(), self.store.keyer()).map_err(full)?;
        Ok(Change::Put { record, version: self.flow.versions.next(), expect: Expect::Absent })
    }

    /// The change by which a row gives up those of these claims that it has: it was found not to
    /// match, as it is inactive, say, or somebody else who has the same address.
    fn release(
        &self,
        holder: &Versioned,
        claims: &[UniqueKey],
    ) -> Result<Option<Change>, FlowError> {
        let others = holder.record.unique().iter().filter(|key| !claims.contains(key)).copied();
        let record = holder.record.clone().with_unique(others).map_err(full)?;
        let (version, expect) = (self.flow.versions.next(), Expect::At(holder.version));
        let gives_up = record.unique().len() < holder.record.unique().len();
        Ok(gives_up.then_some(Change::Put { record, version, expect }))
    }
}

//! One submission.

use chrono::{DateTime, Utc};

use super::keyed::{self, DirectoryKeys};
use super::round::{Prepared, Round, Seen, claimed, is_claimed};
use super::{Submissions, full};
use crate::consent::{ConsentError, LinkSeed, OptInPlan, Protection, Wanted};
use crate::flow::opt_in::SubmissionDone;
use crate::flow::{FlowError, ROUNDS};
use crate::form::{
    self, FormType, MarketingForm, MatchPlan, NewIds, Outcome, Question, StoredSubmission,
    Submission, SubmissionState,
};
use crate::id::{RecordId, TenantId};
use crate::record::{RecordRef, UniqueKey, Versioned};
use crate::settings::{MatchingTarget, Profile};
use crate::store::{Batch, Change, Directory, Expect, MAX_READS, Records, Store};

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
    /// The switches of data protection: are changes of consent logged?
    pub protection: Protection,
    /// What is mailed before consent is raised or a list joined; `None`: nothing, it is done at once.
    pub opt_in: Option<&'a OptInPlan>,
}

impl<'a> FormSetup<'a> {
    /// This form among these strategies, by the product's documents; no change of consent is logged,
    /// and none is to be confirmed.
    #[must_use]
    pub const fn new(form: &'a MarketingForm, plan: &'a MatchPlan) -> Self {
        let (profile, protection) = (Profile::Documents, Protection::new());
        Self { form, plan, profile, protection, opt_in: None }
    }

    /// The same under these switches.
    #[must_use]
    pub const fn protected(self, protection: Protection) -> Self {
        Self { protection, ..self }
    }

    /// The same with what is wanted of consent and lists confirmed as the organization's double opt-in
    /// has it; with `None`, which is one that is off, it is done at once. Each delivery brings
    /// [seeds](Delivery::with_seeds) for its links then.
    #[must_use]
    pub const fn confirmed_by(self, opt_in: Option<&'a OptInPlan>) -> Self {
        Self { opt_in, ..self }
    }

    /// Does the form leave contacts alone?
    pub(super) fn leaves_contacts_alone(&self) -> bool {
        let forward = self.form.form_type() == FormType::ForwardToFriend;
        forward || !self.form.update().updates(MatchingTarget::Contact)
    }

    /// What a submission wants of consent and lists: nothing where nobody is there to have it.
    pub(super) fn wanted(&self, submission: &Submission) -> Result<Wanted, ConsentError> {
        if self.leaves_contacts_alone() {
            return Ok(Wanted::new());
        }
        let choices = submission.choices();
        let wanted = Wanted::of_form(self.form.form_type(), &choices.offered, &choices.ticked)?;
        let wanted = match choices.level {
            Some(level) => wanted.with_level(level),
            None => wanted,
        };
        Ok(match choices.page_default {
            Some(level) => wanted.with_page_default(level),
            None => wanted,
        })
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
    /// The ids and links of what has to be confirmed: the same each time it is delivered.
    pub seeds: &'a [LinkSeed],
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
        Self { tenant, id, submission, now, seeds: &[] }
    }

    /// The same with these seeds: one for the level and one for each ticked list are always enough.
    #[must_use]
    pub const fn with_seeds(self, seeds: &'a [LinkSeed]) -> Self {
        Self { seeds, ..self }
    }
}

/// What became of a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Worked {
    /// How far it has come.
    pub state: SubmissionState,
    /// What it did; nothing yet where it waits.
    pub outcome: Option<Outcome>,
    /// What it did about consent and lists, and which mails to send; `None` where it wants nothing of
    /// them, or leaves contacts alone.
    pub consent: Option<SubmissionDone>,
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
    ///   [receipt](StoredSubmission::RECEIPT_DAYS) stays. One that waits is worked off; one that is
    ///   [held back](Self::hold) goes on waiting for its sender.
    /// * Of any number of submissions of one person at once exactly one makes the record; the others
    ///   find it. A new row *claims* the keys that it is looked up by, under every strategy, so that
    ///   one that was made meanwhile is noticed.
    /// * What it wants of consent and lists is done in the same batch, or asked for by mail: as of
    ///   [`DoubleOptIn`](crate::flow::DoubleOptIn). Where it is delivered again, the mails of what
    ///   still waits are answered again.
    /// * A submission that fails is kept with its reason, and can be [tried again](Self::retry).
    ///
    /// # Errors
    ///
    /// The store failed, or a row or the submission that was kept cannot be read; there are fewer seeds
    /// than what is to be confirmed, or one of them belongs to another record; or it lost every round
    /// against others and, in the end, against another delivery of itself. Deliver it again then, as
    /// after any error: where the batch was applied all the same, that completes it and is answered with
    /// what came of it.
    pub async fn submit<S: Store + Records + Directory>(
        &self,
        store: &S,
        setup: &FormSetup<'_>,
        delivery: &Delivery<'_>,
    ) -> Result<Worked, FlowError> {
        self.work(store, setup, delivery, false).await
    }

    /// Works off a submission that failed or waits, with the values that it has now: `delivery` names
    /// it and has it as somebody corrected it. One that went well is answered as it was, and so is one
    /// that its sender has to confirm first: [hold](Self::hold) that back anew.
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
        let mut taken_before = None;
        for lost_rounds in 0..ROUNDS {
            let seen = Seen::load(store, delivery).await?;
            // Before anything is looked up: whoever has such a claim and matches is found then, and a
            // row that comes later still has its claim when the batch is committed.
            let holders = self.holders(store, delivery.tenant, &claims).await?;
            let round = Round { flow: self, store, setup, delivery, seen: &seen, holders };
            if let Some(kept) = seen.kept.as_ref().filter(|kept| kept.is_over(again)) {
                // What the delivery before did not come to.
                let rows = kept.rows();
                let versions = &self.versions;
                keyed::follow_rows(store, versions, setup.plan, None, delivery.tenant, &rows)
                    .await?;
                let consent = round.mails_again(kept).await?;
                return Ok(Worked { consent, ..kept.answer(lost_rounds) });
            }
            let Some(prepared) = round.decide().await? else { continue };
            let commit = store.commit(&prepared.batch).await?;
            if commit.is_applied() {
                let Prepared { batch, outcome, consent, .. } = prepared;
                keyed::follow(store, &self.versions, setup.plan, &seen.keys, &batch).await?;
                let failed = outcome.failure().is_some();
                let state =
                    if failed { SubmissionState::Failed } else { SubmissionState::Succeeded };
                let outcome = Some(outcome);
                let consent = consent.map(|done| SubmissionDone { lost_rounds, ..done });
                return Ok(Worked { state, outcome, consent, repeated: false, lost_rounds });
            }
            let taken = prepared.taken_id(&commit);
            match taken.filter(|_| taken == taken_before) {
                Some(id) => return Err(FlowError::id_taken(id)),
                None => taken_before = taken,
            }
            if is_claimed(&commit) {
                claims.extend(claimed(&prepared.batch));
                claims.sort_unstable();
                claims.dedup();
            }
        }
        self.wait(store, setup, delivery, again).await
    }

    /// Keeps a submission that lost every round, with the values that it has now.
    async fn wait<S: Store + Records>(
        &self,
        store: &S,
        setup: &FormSetup<'_>,
        delivery: &Delivery<'_>,
        again: bool,
    ) -> Result<Worked, FlowError> {
        let kept = Seen::load(store, delivery).await?.kept;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.is_over(again)) {
            return Ok(kept.answer(ROUNDS));
        }
        let stored = StoredSubmission::pending(setup.form, delivery.submission, delivery.now);
        let record = stored.to_record(delivery.id, store.keyer()).map_err(full)?;
        let expect = kept.map_or(Expect::Absent, |kept| Expect::At(kept.version));
        let put = Change::Put { record, version: self.versions.next(), expect };
        if !store.commit(&Batch::of(delivery.tenant, put)).await?.is_applied() {
            // Another delivery of it was faster, and what came of that is the answer; a correction that
            // was not kept is not answered as if it had been.
            let kept = Seen::load(store, delivery).await?.kept;
            let kept = kept.filter(|kept| !again || kept.is_over(again));
            return kept.map(|kept| kept.answer(ROUNDS)).ok_or_else(FlowError::contended);
        }
        let state = SubmissionState::Pending;
        Ok(Worked { state, outcome: None, consent: None, repeated: false, lost_rounds: ROUNDS })
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

//! Submissions where contacts and leads live in the host's own tables.

use super::keyed::DirectoryKeys;
use super::round::Kept;
use super::submit::{Delivery, FormSetup, Worked};
use super::{Submissions, full};
use crate::flow::{FlowError, ROUNDS};
use crate::form::{
    self, ChosenBecause, FormType, Keyings, LeadHistoryEntry, NewBecause, NewIds, Outcome,
    Question, StoredSubmission, SubmissionState, TargetOutcome, kind_of,
};
use crate::id::RecordId;
use crate::party::{DeliveryKey, PartyWrite, PartyWritten};
use crate::record::{LookupKey, LookupKind, RecordKind, RecordLookup, Space, UniqueKey};
use crate::settings::MatchingTarget;
use crate::store::{Batch, Change, Expect, ForeignDirectory, Records, Store};

impl Submissions {
    /// Works a submission off whose contact and lead live outside the store: they are written
    /// *before* the batch, under a [`DeliveryKey`] made of the organization, the submission
    /// and the kind of what is written, and
    /// then the submission and its place in the history of the lead are committed.
    ///
    /// Deliver the submission again until an answer came. A crash between the two is healed by that:
    /// the directory does not do a delivery twice and names the record of that time, and the rest
    /// follows. Whether that record was made or changed then nobody knows any more: the outcome is
    /// [`Unchanged`](TargetOutcome::Unchanged). So deliver it as it was until then: where somebody
    /// corrects it between a crash and the next delivery, contact and lead that were written before
    /// the crash keep what they got, and only what is kept of the submission has the corrected values.
    /// Submit the correction under another id.
    ///
    /// What is unlike a directory of the store:
    ///
    /// * Records are recognised by one key, so a strategy must make one: all its attributes together.
    ///   With one that leaves blank values out, and with a rule, a submission fails for
    ///   [`NotKeyed`](form::Failure::NotKeyed). That the host's rows have the keys is for the host to
    ///   see to.
    /// * The key decides alone: inactive records match, and no two match.
    /// * What is blank stays as it is, as attributes can be set but not taken away; a lead that is
    ///   there keeps its contact, or none.
    /// * A record that is new gets the form's owner and where it came from. The directory is looked at
    ///   for that first; where somebody makes the record between the look and the write, it gets them
    ///   too.
    /// * What is chosen of consent and lists is for the host to do.
    /// * A subscription center fails for [`ForeignCenter`](form::Failure::ForeignCenter) and is kept:
    ///   it changes the contact whose link it is, whatever his key, and may make none, while a
    ///   directory makes whom it does not find. Work it off in your own tables, and
    ///   [discard](Self::discard) it.
    /// * A blank value matches nothing: a record is made under a key of the submission's own.
    ///
    /// # Errors
    ///
    /// The store or the directory failed, or other deliveries of the same submission won [`ROUNDS`]
    /// rounds in a row. Deliver it again.
    pub async fn submit_foreign<S: Store + Records, D: ForeignDirectory>(
        &self,
        store: &S,
        directory: &D,
        setup: &FormSetup<'_>,
        delivery: &Delivery<'_>,
    ) -> Result<Worked, FlowError> {
        Foreign { flow: self, store, directory, setup, delivery }.work(false).await
    }

    /// Works off a submission that failed, with the values that it has now, as
    /// [`retry`](Self::retry) does: one that failed has written nothing. One that crashed may have: a
    /// correction reaches no record that was written before the crash, as of
    /// [`submit_foreign`](Self::submit_foreign).
    ///
    /// # Errors
    ///
    /// As of [`submit_foreign`](Self::submit_foreign).
    pub async fn retry_foreign<S: Store + Records, D: ForeignDirectory>(
        &self,
        store: &S,
        directory: &D,
        setup: &FormSetup<'_>,
        delivery: &Delivery<'_>,
    ) -> Result<Worked, FlowError> {
        Foreign { flow: self, store, directory, setup, delivery }.work(true).await
    }
}

struct Foreign<'a, S, D> {
    flow: &'a Submissions,
    store: &'a S,
    directory: &'a D,
    setup: &'a FormSetup<'a>,
    delivery: &'a Delivery<'a>,
}

impl<S: Store + Records, D: ForeignDirectory> Foreign<'_, S, D> {
    async fn work(&self, again: bool) -> Result<Worked, FlowError> {
        if let Some(kept) = self.kept().await?.filter(|kept| kept.is_over(again)) {
            return Ok(kept.answer(0));
        }
        let center = self.setup.form.form_type() == FormType::SubscriptionCenter;
        let outcome = match self.setup.question(self.delivery.submission, &self.keys()) {
            Err(refusal) => Outcome::from(refusal),
            Ok(_) if center => {
                let (target, failure) = (MatchingTarget::Contact, form::Failure::ForeignCenter);
                Outcome::from(form::Refusal { target, failure })
            }
            Ok(question) => self.write(&question).await?,
        };
        for lost_rounds in 0..ROUNDS {
            let kept = self.kept().await?;
            let expect = kept.as_ref().map_or(Expect::Absent, |kept| Expect::At(kept.version));
            if let Some(kept) = kept.filter(|kept| kept.is_over(again)) {
                return Ok(kept.answer(lost_rounds));
            }
            if self.store.commit(&self.batch(&outcome, expect)?).await?.is_applied() {
                let failed = outcome.failure().is_some();
                let state =
                    if failed { SubmissionState::Failed } else { SubmissionState::Succeeded };
                let outcome = Some(outcome);
                let consent = None;
                return Ok(Worked { state, outcome, consent, repeated: false, lost_rounds });
            }
        }
        Err(FlowError::contended())
    }

    async fn kept(&self) -> Result<Option<Kept>, FlowError> {
        let reference = RecordKind::Submission.of(self.delivery.id);
        let kept = self.store.load(self.delivery.tenant, &[reference]).await?.pop().flatten();
        kept.as_ref().map(Kept::read).transpose()
    }

    /// The keys that the host's rows have: those of strategies that make one.
    fn keys(&self) -> DirectoryKeys {
        let mut ready = Keyings::default();
        for target in MatchingTarget::ALL {
            // Of a rule a key is but the beginning of the comparison.
            let strategy = Some(self.setup.form.matcher(*target))
                .filter(|matcher| matcher.kind() == RecordKind::MatchingStrategy);
            let matcher = strategy.and_then(|strategy| self.setup.plan.of(strategy));
            let mut keyings = matcher.into_iter().flat_map(form::Matcher::keyings);
            if let (Some(one), None) = (keyings.next(), keyings.next()) {
                // Two strategies, two keys: there is room.
                let _ = ready.add(one.clone());
            }
        }
        DirectoryKeys { ready, coming: Keyings::default() }
    }

    /// Writes contact and lead.
    async fn write(&self, question: &Question<'_>) -> Result<Outcome, FlowError> {
        let mut ids = NewIds { contact: RecordId::new(0), lead: RecordId::new(0) };
        // It is known whether both can be written before either is.
        let new = match self.new_rows(question, ids) {
            Ok(new) => new,
            Err(refusal) => return Ok(refusal.into()),
        };
        let contact = self.target(question, MatchingTarget::Contact, &new).await?;
        ids.contact = contact.record().unwrap_or(ids.contact);
        // The lead belongs to the contact.
        let new = match self.new_rows(question, ids) {
            Ok(new) => new,
            Err(refusal) => return Ok(refusal.into()),
        };
        let lead = self.target(question, MatchingTarget::Lead, &new).await?;
        Ok(Outcome { contact, lead, cut: false })
    }

    /// What the submission would make where nothing matches.
    fn new_rows(
        &self,
        question: &Question<'_>,
        ids: NewIds,
    ) -> Result<form::Decision, form::Refusal> {
        question.decide(&form::FoundRows::default(), ids, self.delivery.now)
    }

    async fn target(
        &self,
        question: &Question<'_>,
        target: MatchingTarget,
        new: &form::Decision,
    ) -> Result<TargetOutcome, FlowError> {
        let (keyer, tenant) = (self.store.keyer(), self.delivery.tenant);
        let Some(values) = question.written(target) else {
            return Ok(new.outcome.of(target).clone());
        };
        let key = question.probes(target, keyer).pop();
        let there = match key {
            None => false,
            Some(key) => {
                let query = [RecordLookup::new(key)].into_iter().collect();
                self.directory.find_records(tenant, &query).await?.count(0) > 0
            }
        };
        let change = match target {
            MatchingTarget::Contact => &new.contact,
            MatchingTarget::Lead => &new.lead,
        };
        let attributes = match change {
            _ if there => values,
            Some(change) => change.row.attributes(),
            None => return Ok(new.outcome.of(target).clone()),
        };
        let key = key.unwrap_or_else(|| self.own_key(target));
        let write = PartyWrite::new(kind_of(target), key, attributes.clone());
        let written =
            self.directory.create_or_update(tenant, self.delivery_key(target), &write).await?;
        let why = match new.outcome.of(target) {
            TargetOutcome::Created { why, .. } => *why,
            _ => NewBecause::NoMatch,
        };
        let (only, others) = (ChosenBecause::Only, Vec::new());
        Ok(match written {
            PartyWritten::Created(record) => TargetOutcome::Created { record, why },
            PartyWritten::Updated(record) => TargetOutcome::Updated { record, why: only, others },
            PartyWritten::Repeated(record) => {
                TargetOutcome::Unchanged { record, why: only, others }
            }
        })
    }

    /// What the submission writes to this target, in octets that nothing else has.
    fn text(&self, target: MatchingTarget) -> Vec<u8> {
        let mut text = b"submission".to_vec();
        text.extend_from_slice(&kind_of(target).code().to_be_bytes());
        text.extend_from_slice(&self.delivery.tenant.get().to_be_bytes());
        text.extend_from_slice(&self.delivery.id.get().to_be_bytes());
        text
    }

    /// The key of a record that nobody else is to match. Keys of values begin with the code of a kind
    /// of record; none has the one that this begins with.
    fn own_key(&self, target: MatchingTarget) -> LookupKey {
        LookupKey::new(self.store.keyer(), LookupKind::Match, &self.text(target))
    }

    fn delivery_key(&self, target: MatchingTarget) -> DeliveryKey {
        let key = UniqueKey::new(self.store.keyer(), Space::Delivery, &self.text(target));
        DeliveryKey::new(u128::from_be_bytes(*key.hash()))
    }

    /// The submission, and its place in the history of the lead.
    fn batch(&self, outcome: &Outcome, expect: Expect) -> Result<Batch, FlowError> {
        let Delivery { tenant, id, submission, now, .. } = *self.delivery;
        let (keyer, versions) = (self.store.keyer(), &self.flow.versions);
        let form = self.setup.form;
        let stored = StoredSubmission::worked(form, submission, outcome.clone(), now);
        let record = stored.to_record(id, keyer).map_err(full)?;
        let mut batch = Batch::of(tenant, Change::Put { record, version: versions.next(), expect });
        if let Some(lead) = outcome.lead.record() {
            let page = submission.origin(form).page(self.setup.profile).map(|page| page.id());
            let created = matches!(outcome.lead, TargetOutcome::Created { .. });
            let entry = LeadHistoryEntry::new(lead, id, submission, page, created);
            let record = entry.to_record(self.flow.new_id(), keyer).map_err(full)?;
            let (version, expect) = (versions.next(), Expect::Absent);
            batch.push(Change::Put { record, version, expect })?;
        }
        Ok(batch)
    }
}

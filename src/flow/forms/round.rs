//! One attempt to work a submission off.

use super::bulk::choices;
use super::keyed::{DirectoryKeys, claiming};
use super::submit::{Delivery, FormSetup, Worked};
use super::{Submissions, corrupt, full};
use crate::consent::{Origin, Wanted};
use crate::flow::FlowError;
use crate::flow::opt_in::join::{Fresh, Joined, join, taken_id};
use crate::flow::opt_in::{ConfirmationMail, ConsentSubmission, SubmissionDone};
use crate::form::{
    self, Decision, Failure, FoundRows, LeadHistoryEntry, Outcome, Question, StoredSubmission,
    SubmissionState,
};
use crate::id::{RecordId, TenantId};
use crate::party::Party;
use crate::record::{
    RecordKind, RecordLookup, RecordQuery, RecordRef, Space, UniqueKey, Version, Versioned,
};
use crate::settings::MatchingTarget;
use crate::store::{Batch, Change, Commit, Directory, Expect, Reason, Records, Store};

/// How many rows under one key are looked at: of more, those modified last.
pub(super) const ROWS: u8 = 64;

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
pub(super) struct Seen {
    pub(super) kept: Option<Kept>,
    pub(super) keys: DirectoryKeys,
    /// Which state of the keys.
    version: Option<Version>,
    visitor: Option<Versioned>,
}

/// A submission that was delivered before.
pub(super) struct Kept {
    pub(super) stored: StoredSubmission,
    pub(super) version: Version,
}

impl Kept {
    pub(super) fn read(kept: &Versioned) -> Result<Self, FlowError> {
        let stored = StoredSubmission::from_versioned(kept).map_err(corrupt)?;
        Ok(Self { stored, version: kept.version })
    }

    /// The contact and the lead that it was worked into.
    pub(super) fn rows(&self) -> Vec<RecordRef> {
        let Some(outcome) = self.stored.outcome() else { return Vec::new() };
        let row = |target: &MatchingTarget| {
            let record = outcome.of(*target).record();
            record.map(|id| form::kind_of(*target).of(id))
        };
        MatchingTarget::ALL.iter().filter_map(row).collect()
    }

    /// Is there nothing left to do? What failed is done only where it is tried `again`, and what its
    /// sender has to confirm only when he does.
    pub(super) fn is_over(&self, again: bool) -> bool {
        match self.stored.state() {
            SubmissionState::Succeeded | SubmissionState::Unconfirmed => true,
            SubmissionState::Failed => !again || self.stored.is_held_back(),
            SubmissionState::Pending => false,
        }
    }

    pub(super) fn answer(&self, lost_rounds: usize) -> Worked {
        let outcome = self.stored.outcome().cloned();
        let state = self.stored.state();
        Worked { state, outcome, consent: None, repeated: true, lost_rounds }
    }
}

impl Seen {
    pub(super) async fn load<S: Store + Records>(
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
        let version = keys.as_ref().map(|kept| kept.version);
        let keys = DirectoryKeys::found(keys.as_ref())?;
        Ok(Self { version, kept: kept.as_ref().map(Kept::read).transpose()?, keys, visitor })
    }

    /// Do the rows still have the keys that they had when this was read?
    pub(super) async fn still_keyed<S: Store + Records>(
        &self,
        store: &S,
        tenant: TenantId,
    ) -> Result<bool, FlowError> {
        let kept = store.load(tenant, &[DirectoryKeys::reference(tenant)]).await?.pop().flatten();
        Ok(kept.map(|kept| kept.version) == self.version)
    }
}

/// The rows that were found, and the records that they are.
pub(super) struct Found {
    pub(super) rows: FoundRows,
    pub(super) kept: Vec<Versioned>,
}

/// Everything that a submission leaves behind.
pub(super) struct Prepared {
    pub(super) batch: Batch,
    pub(super) outcome: Outcome,
    pub(super) consent: Option<SubmissionDone>,
    /// Where the changes of consent begin, and which of them bring something new.
    offset: usize,
    fresh: Vec<Fresh>,
}

impl Prepared {
    const fn plain(batch: Batch, outcome: Outcome) -> Self {
        Self { batch, outcome, consent: None, offset: 0, fresh: Vec::new() }
    }

    /// The seed whose id or link belongs to another record.
    pub(super) fn taken_id(&self, refused: &Commit) -> Option<RecordId> {
        taken_id(refused, self.offset, &self.fresh)
    }
}

/// One attempt.
pub(super) struct Round<'a, S> {
    pub(super) flow: &'a Submissions,
    pub(super) store: &'a S,
    pub(super) setup: &'a FormSetup<'a>,
    pub(super) delivery: &'a Delivery<'a>,
    pub(super) seen: &'a Seen,
    /// Rows that had claims, in the round before, which a new row makes.
    pub(super) holders: Vec<Versioned>,
}

impl<S: Store + Records + Directory> Round<'_, S> {
    /// The batch that keeps a submission which fails.
    fn failed(&self, refusal: form::Refusal) -> Result<Prepared, FlowError> {
        let outcome = Outcome::from(refusal);
        let batch = Batch::of(self.delivery.tenant, self.receipt(&outcome)?);
        Ok(Prepared::plain(batch, outcome))
    }

    fn receipt(&self, outcome: &Outcome) -> Result<Change, FlowError> {
        let Delivery { id, submission, now, .. } = *self.delivery;
        let stored = StoredSubmission::worked(self.setup.form, submission, outcome.clone(), now);
        let record = stored.to_record(id, self.store.keyer()).map_err(full)?;
        let before = self.seen.kept.as_ref().map(|kept| kept.version);
        let expect = before.map_or(Expect::Absent, Expect::At);
        Ok(Change::Put { record, version: self.flow.versions.next(), expect })
    }

    /// What the submission leaves behind, as things are; `None` where the keys were changed meanwhile,
    /// so that rows may have lost those that were looked up.
    pub(super) async fn decide(&self) -> Result<Option<Prepared>, FlowError> {
        let question = match self.setup.question(self.delivery.submission, &self.seen.keys) {
            Ok(question) => question,
            Err(refusal) => return self.failed(refusal).map(Some),
        };
        let found = self.find(&question).await?;
        if !self.seen.still_keyed(self.store, self.delivery.tenant).await? {
            return Ok(None);
        }
        let decided = question.decide(&found.rows, self.flow.new_ids(), self.delivery.now);
        let prepared = match decided {
            Ok(decision) => self.prepare(decision, &found.kept).await,
            Err(refusal) => self.failed(refusal),
        };
        prepared.map(Some)
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
        let cut = kept.len() >= usize::from(ROWS);
        // Of very many rows under one key some are not looked at; a claim names its row all the same.
        // One state of a row is decided on: the one that was looked up, where it was.
        for holder in &self.holders {
            let reference = holder.record.reference();
            if !kept.iter().any(|kept| kept.record.reference() == reference) {
                kept.push(holder.clone());
            }
        }
        let mut rows = FoundRows { cut, ..FoundRows::default() };
        for found in &kept {
            let row = Party::from_versioned(found).map_err(corrupt)?;
            match row.reference().kind() {
                RecordKind::Contact => rows.contacts.push(row),
                RecordKind::Lead => rows.leads.push(row),
                _ => {}
            }
        }
        if let Some(visitor) = &self.seen.visitor {
            let reference = visitor.record.reference();
            if !kept.iter().any(|kept| kept.record.reference() == reference) {
                kept.push(visitor.clone());
            }
            let visitor = kept.iter().find(|kept| kept.record.reference() == reference);
            rows.visitor = visitor.map(Party::from_versioned).transpose().map_err(corrupt)?;
        }
        Ok(Found { rows, kept })
    }

    /// Everything that the submission leaves behind.
    async fn prepare(
        &self,
        mut decision: Decision,
        kept: &[Versioned],
    ) -> Result<Prepared, FlowError> {
        let wanted = match self.setup.wanted(self.delivery.submission) {
            Ok(wanted) => wanted,
            Err(error) => return self.failed(choices(error.to_string())),
        };
        let joined = match &mut decision.contact {
            _ if wanted.is_empty() => None,
            Some(contact) => Some(self.join(contact, &wanted).await?),
            None => {
                // Somebody unsubscribed, say, and nobody was found: that must not pass unseen.
                let why =
                    "choices of consent and lists: expected a contact whose they are, found none";
                return self.failed(choices(why.to_owned()));
            }
        };
        if let Some(contact) = &decision.contact
            && contact.is_change()
        {
            decision.outcome.contact = decision.outcome.contact.changed();
        }
        let mut batch = Batch::new(self.delivery.tenant);
        for change in [&decision.contact, &decision.lead].into_iter().flatten() {
            let contact = change.row.reference().kind() == RecordKind::Contact;
            // What a click did since the contact was looked at is told by its version alone.
            if (change.is_change() || contact && joined.is_some())
                && let Err(failure) = self.write(change, kept, &mut batch)?
            {
                let target = if contact { MatchingTarget::Contact } else { MatchingTarget::Lead };
                return self.failed(form::Refusal { target, failure });
            }
        }
        if let Some(lead) = &decision.lead {
            batch.push(self.history(lead)?)?;
        }
        batch.push(self.receipt(&decision.outcome)?)?;
        let mut prepared = Prepared::plain(batch, decision.outcome);
        if let Some(joined) = joined {
            prepared.offset = prepared.batch.changes().len();
            for change in joined.changes {
                prepared.batch.push(change)?;
            }
            prepared.fresh = joined.fresh;
            prepared.consent = Some(joined.done);
        }
        Ok(prepared)
    }

    /// Writes a row, and takes what it claims from those that were found not to match. A lead that is
    /// made each time claims nothing: nobody else's would be in its way.
    fn write(
        &self,
        change: &form::Change,
        kept: &[Versioned],
        batch: &mut Batch,
    ) -> Result<Result<(), Failure>, FlowError> {
        let before = kept.iter().find(|kept| kept.record.reference() == change.row.reference());
        let before = before.filter(|_| change.found.is_some());
        let old = before.map(|kept| &kept.record);
        let lead = change.row.reference().kind() == RecordKind::Lead;
        let record = if lead && before.is_none() && self.setup.form.always_generates_leads() {
            let keys = self.seen.keys.of_row(&change.row, self.store);
            claiming(&change.row, None, keys, Vec::new())
        } else {
            self.seen.keys.record(&change.row, old, self.setup.plan, self.store)
        };
        let record = match record {
            Ok(record) => record,
            // The row has no room for the values.
            Err(error) => return Ok(Err(Failure::Value(error.to_string()))),
        };
        if before.is_none() {
            for holder in &self.holders {
                if let Some(put) = self.release(holder, record.unique())? {
                    batch.push(put)?;
                }
            }
        }
        let expect = before.map_or(Expect::Absent, |kept| Expect::At(kept.version));
        batch.push(Change::Put { record, version: self.flow.versions.next(), expect })?;
        Ok(Ok(()))
    }

    /// What is wanted of consent and lists, with the contact as it is to be.
    async fn join(&self, contact: &mut form::Change, wanted: &Wanted) -> Result<Joined, FlowError> {
        let now = self.delivery.now;
        let submission = self.consent(contact.row.reference().id(), wanted)?;
        let (attributes, new) = (contact.row.attributes().clone(), contact.found.is_none());
        let versions = &self.flow.versions;
        let joined = join(versions, self.store, &submission, attributes, new).await?;
        if joined.attributes != *contact.row.attributes() {
            let modified = now.max(contact.row.modified());
            let row = contact.row.clone().with_all(joined.attributes.clone());
            contact.row = row.modified_at(modified);
        }
        Ok(joined)
    }

    fn consent<'b>(
        &'b self,
        contact: RecordId,
        wanted: &'b Wanted,
    ) -> Result<ConsentSubmission<'b>, FlowError> {
        let Delivery { tenant, submission, now, seeds, .. } = *self.delivery;
        let entry = self.flow.new_id();
        let origin = Origin::default().through(submission.form());
        let submission = ConsentSubmission::new(tenant, contact, wanted, entry, now)
            .protected(self.setup.protection)
            .from_origin(origin);
        submission.confirmed_by(self.setup.opt_in, seeds).map_err(FlowError::from)
    }

    /// The mails of a submission that was worked off before, as far as what they ask for still waits.
    pub(super) async fn mails_again(
        &self,
        kept: &Kept,
    ) -> Result<Option<SubmissionDone>, FlowError> {
        let contact = kept.stored.outcome().and_then(|outcome| outcome.contact.record());
        let wanted = self.setup.wanted(self.delivery.submission).unwrap_or_default();
        let (Some(contact), Some(_), false) = (contact, self.setup.opt_in, wanted.is_empty())
        else {
            return Ok(None);
        };
        let reference = RecordKind::Contact.of(contact);
        let found = self.store.load(self.delivery.tenant, &[reference]).await?.pop().flatten();
        let Some(found) = found else { return Ok(None) };
        let row = Party::from_versioned(&found).map_err(corrupt)?;
        let submission = self.consent(contact, &wanted)?;
        let attributes = row.attributes().clone();
        let joined = join(&self.flow.versions, self.store, &submission, attributes, false).await?;
        // Nothing is written: of what would be asked for or renewed now the link would be dead.
        let fresh = |mail: &ConfirmationMail| {
            let mut seeds = self.delivery.seeds.iter().filter(|seed| seed.token == mail.token);
            seeds.any(|seed| joined.fresh.iter().any(|fresh| fresh.id == seed.id))
        };
        let mails = joined.done.mails.into_iter().filter(|mail| !fresh(mail)).collect();
        Ok(Some(SubmissionDone { mails, ..SubmissionDone::default() }))
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

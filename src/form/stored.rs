//! What is kept of a submission.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::marketing_form::{FormType, MarketingForm};
use super::outcome::{Outcome, TargetOutcome};
use super::submission::Submission;
use crate::consent::{LinkLife, related_key};
use crate::id::RecordId;
use crate::index::{Keyer, to_microsecond};
use crate::record::{LookupKey, LookupKind, Record, RecordError, RecordKind, RecordRef, Versioned};

/// How far a submission has come (column `msdyncrm_marketingformsubmission.statuscode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SubmissionState {
    /// It waits to be worked off (192350000).
    Pending,
    /// It is held back until its sender confirms it, by the link that was mailed to him (192350000, as
    /// [`Pending`](Self::Pending)).
    Unconfirmed,
    /// It failed, and can be corrected and tried again (192350001).
    Failed,
    /// It was worked off (192350002).
    Succeeded,
}

impl SubmissionState {
    /// The code that Dataverse keeps for it.
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Self::Pending | Self::Unconfirmed => 192_350_000,
            Self::Failed => 192_350_001,
            Self::Succeeded => 192_350_002,
        }
    }
}

/// A submission as it is kept (table `msdyncrm_marketingformsubmission`).
///
/// What waits, is held back or failed is kept whole, and so is what went well where the form
/// [stores all](MarketingForm::keeps_successful_submissions). Of every other one a receipt stays for
/// a while, without its values: what became of it, so that the same submission delivered again changes
/// nothing and is answered as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoredSubmission {
    state: SubmissionState,
    form: RecordId,
    worked: DateTime<Utc>,
    /// Its sender has not confirmed it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    held: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    outcome: Option<Outcome>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    submission: Option<Submission>,
}

impl StoredSubmission {
    /// How long a receipt stays: as long as anybody may deliver a submission again. Our own choice.
    pub const RECEIPT_DAYS: i64 = 30;

    /// How long the addresses stay that were entered in a form to forward a mail: 30 days since they
    /// were submitted, whatever became of them and however often it was tried.
    pub const FORWARD_DAYS: i64 = 30;

    /// A submission that waits.
    #[must_use]
    pub fn pending(form: &MarketingForm, submission: &Submission, now: DateTime<Utc>) -> Self {
        let expires = Self::forgotten(form, submission, now);
        Self { expires, ..Self::unworked(SubmissionState::Pending, submission, now) }
    }

    /// When the addresses are to be forgotten that were entered in it.
    fn forgotten(
        form: &MarketingForm,
        submission: &Submission,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let forwards = form.form_type() == FormType::ForwardToFriend;
        // No clock that is fast makes them stay longer.
        let since = Some(submission.submitted().min(now)).filter(|_| forwards)?;
        // A time too far away to be told never comes.
        since.checked_add_signed(TimeDelta::days(Self::FORWARD_DAYS))
    }

    fn unworked(state: SubmissionState, submission: &Submission, now: DateTime<Utc>) -> Self {
        Self {
            state,
            form: submission.form(),
            worked: to_microsecond(now),
            held: false,
            expires: None,
            outcome: None,
            submission: Some(submission.clone()),
        }
    }

    /// A submission that is held back until its sender confirms it, by a link that lives so long.
    #[must_use]
    pub fn unconfirmed(submission: &Submission, now: DateTime<Utc>, life: LinkLife) -> Self {
        let waits = Self::unworked(SubmissionState::Unconfirmed, submission, now);
        waits.before_confirmation(now, life)
    }

    /// The same, of somebody who has not confirmed it: nothing of it may be worked off, and it is
    /// deleted when a link that is made at `now` would have come to its end.
    #[must_use]
    pub fn before_confirmation(self, now: DateTime<Utc>, life: LinkLife) -> Self {
        let ends = to_microsecond(life.ends(now));
        let expires = self.expires.map_or(ends, |expires| expires.min(ends));
        Self { held: true, expires: Some(expires), ..self }
    }

    /// A submission that came to this.
    #[must_use]
    pub fn worked(
        form: &MarketingForm,
        submission: &Submission,
        outcome: Outcome,
        now: DateTime<Utc>,
    ) -> Self {
        let failed = outcome.failure().is_some();
        let state = if failed { SubmissionState::Failed } else { SubmissionState::Succeeded };
        let kept = failed || form.keeps_successful_submissions();
        let receipt = || now.checked_add_signed(TimeDelta::days(Self::RECEIPT_DAYS));
        let expires = match form.form_type() {
            FormType::ForwardToFriend => Self::forgotten(form, submission, now),
            _ if kept => None,
            _ => receipt(),
        };
        Self {
            state,
            form: submission.form(),
            worked: to_microsecond(now),
            held: false,
            expires,
            outcome: Some(outcome),
            submission: kept.then(|| submission.clone()),
        }
    }

    /// How far it has come.
    #[must_use]
    pub const fn state(&self) -> SubmissionState {
        self.state
    }

    /// The form.
    #[must_use]
    pub const fn form(&self) -> RecordId {
        self.form
    }

    /// When it came to its state.
    #[must_use]
    pub const fn worked_at(&self) -> DateTime<Utc> {
        self.worked
    }

    /// What became of it; nothing yet while it waits.
    #[must_use]
    pub const fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// What was submitted; `None` of a receipt.
    #[must_use]
    pub const fn submission(&self) -> Option<&Submission> {
        self.submission.as_ref()
    }

    /// Does its sender have to confirm it before anything of it is worked off? So it is while it is
    /// [`Unconfirmed`](SubmissionState::Unconfirmed), and of one that failed before he could be asked.
    #[must_use]
    pub const fn is_held_back(&self) -> bool {
        self.held
    }

    /// Is it to be deleted by now? What is held back is not before the last moment of its link is
    /// over.
    #[must_use]
    pub fn is_expired(&self, now: DateTime<Utc>) -> bool {
        let over = |expires| if self.held { expires < now } else { expires <= now };
        self.expires.is_some_and(over)
    }

    /// The record for a store to keep. It is looked up by the contact and by the lead that it was
    /// worked into ([`related_key`]), and by its form until it went well.
    ///
    /// # Errors
    ///
    /// It is longer than [`Record::MAX_BODY`], which no submission is.
    pub fn to_record(&self, id: RecordId, keyer: &Keyer) -> Result<Record, RecordError> {
        // Text, numbers and times: what it is made of can be written.
        let body = serde_json::to_string(self).unwrap_or_default();
        let of = |kind: RecordKind, outcome: &TargetOutcome| {
            outcome.record().map(|id| related_key(keyer, kind.of(id)))
        };
        let contact = self.outcome.as_ref().and_then(|o| of(RecordKind::Contact, &o.contact));
        let lead = self.outcome.as_ref().and_then(|o| of(RecordKind::Lead, &o.lead));
        let open = Self::open_key(keyer, self.form, self.state);
        Record::new(RecordKind::Submission.of(id), self.worked, body)?
            .with_keys(contact.into_iter().chain(lead).chain(open))
    }

    /// What the submissions of a form are looked up by in this state: those that wait or failed by
    /// one key, those that are held back by another, those that went well by none.
    pub(crate) fn open_key(
        keyer: &Keyer,
        form: RecordId,
        state: SubmissionState,
    ) -> Option<LookupKey> {
        let class: u8 = match state {
            SubmissionState::Pending | SubmissionState::Failed => 1,
            SubmissionState::Unconfirmed => 2,
            SubmissionState::Succeeded => return None,
        };
        let kind = RecordKind::MarketingForm.code().to_be_bytes();
        // An octet longer than the key of what belongs to a record.
        let text = [kind.as_slice(), &form.get().to_be_bytes(), &[class]].concat();
        Some(LookupKey::new(keyer, LookupKind::Related, &text))
    }

    /// Reads what [`to_record`](Self::to_record) wrote.
    ///
    /// # Errors
    ///
    /// The record is of another kind, or its body is no submission.
    pub fn from_versioned(kept: &Versioned) -> Result<Self, StoredError> {
        let record = &kept.record;
        let wrong = |why: String| StoredError { record: record.reference().to_string(), why };
        if record.reference().kind() != RecordKind::Submission {
            return Err(wrong("a record of another kind".to_owned()));
        }
        serde_json::from_str(record.body()).map_err(|error| wrong(error.to_string()))
    }
}

/// One entry in the history of a lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LeadHistoryEntry {
    /// The lead.
    pub lead: RecordId,
    /// The submission that joined its history.
    pub submission: RecordId,
    /// The form.
    pub form: RecordId,
    /// The page that the submission counts for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<RecordId>,
    /// When it was submitted.
    pub submitted: DateTime<Utc>,
    /// Did it make the lead?
    pub created: bool,
}

impl LeadHistoryEntry {
    /// The submission `id` of a lead.
    #[must_use]
    pub fn new(
        lead: RecordId,
        id: RecordId,
        submission: &Submission,
        page: Option<RecordId>,
        created: bool,
    ) -> Self {
        let (form, submitted) = (submission.form(), submission.submitted());
        Self { lead, submission: id, form, page, submitted, created }
    }

    /// The record for a store to keep, looked up by its lead ([`related_key`]).
    ///
    /// # Errors
    ///
    /// None that an entry can cause: those of [`Record`].
    pub fn to_record(&self, id: RecordId, keyer: &Keyer) -> Result<Record, RecordError> {
        let body = serde_json::to_string(self).unwrap_or_default();
        Record::new(RecordKind::LeadHistory.of(id), self.submitted, body)?
            .with_keys([related_key(keyer, RecordKind::Lead.of(self.lead))])
    }

    /// Reads what [`to_record`](Self::to_record) wrote.
    ///
    /// # Errors
    ///
    /// The record is of another kind, or its body is no entry.
    pub fn from_record(record: &Record) -> Result<Self, StoredError> {
        let wrong = |why: String| StoredError { record: record.reference().to_string(), why };
        if record.reference().kind() != RecordKind::LeadHistory {
            return Err(wrong("a record of another kind".to_owned()));
        }
        serde_json::from_str(record.body()).map_err(|error| wrong(error.to_string()))
    }
}

/// A kept submission, an entry of a history, or the checkpoint of an import could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{record}: expected a submission, an entry of a lead's history or the checkpoint of an import, \
     found {why}"
)]
pub struct StoredError {
    record: String,
    why: String,
}

impl StoredError {
    pub(super) fn new(record: RecordRef, why: impl ToString) -> Self {
        Self { record: record.to_string(), why: why.to_string() }
    }
}

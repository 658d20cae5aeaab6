//! How far has an import come, and what did it do?

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use siphasher::sip128::SipHasher13;

use super::outcome::{Outcome, TargetOutcome};
use super::stored::StoredError;
use crate::id::RecordId;
use crate::index::to_microsecond;
use crate::record::{Record, RecordError, RecordKind, Versioned};
use crate::settings::MatchingTarget;

/// How far an import of submissions has come: its checkpoint, and its report.
///
/// Every row that is done is counted once for each target: it made a record, changed one, met one that
/// had all its values already, was not to touch any, or failed. Where it matched several records, the
/// one that the rules say is the one changed, and the row is ambiguous too. The first of the rows that
/// failed, and of those that are ambiguous, are named.
///
/// ```
/// use correspond::form::ImportProgress;
/// use correspond::settings::MatchingTarget;
///
/// let progress = ImportProgress::default();
/// assert_eq!(progress.rows(), 0, "the next row is the first one");
/// assert_eq!(progress.tally(MatchingTarget::Contact).created, 0);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProgress {
    rows: u64,
    contacts: ImportTally,
    leads: ImportTally,
    failed: u64,
    ambiguous: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    worked: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    failures: Vec<FailedRow>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ambiguities: Vec<AmbiguousRow>,
}

/// What an import did to the records of one target, in rows of its input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ImportTally {
    /// Rows that made a record.
    pub created: u64,
    /// Rows that changed one.
    pub updated: u64,
    /// Rows that matched one which had all their values already.
    pub unchanged: u64,
    /// Rows that were not to touch any.
    pub untouched: u64,
}

/// A row that failed. What it says is kept as a submission that can be corrected and tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FailedRow {
    /// Its place in the input; the first row has 0.
    pub row: u64,
    /// The submission that is kept of it, with the reason.
    pub submission: RecordId,
}

/// A row that matched more than one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AmbiguousRow {
    /// Its place in the input; the first row has 0.
    pub row: u64,
    /// Contacts or leads.
    pub target: MatchingTarget,
    /// The record that was taken.
    pub record: RecordId,
    /// Others that matched too, at most [`TargetOutcome::MAX_OTHERS`].
    pub others: Vec<RecordId>,
}

impl ImportProgress {
    /// The most rows that are named for having failed, and as many for being ambiguous. All of them
    /// are counted.
    pub const MAX_NAMED: usize = 100;

    /// How many rows are done: the place of the next one.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// What was done to contacts, or to leads.
    #[must_use]
    pub const fn tally(&self, target: MatchingTarget) -> ImportTally {
        match target {
            MatchingTarget::Contact => self.contacts,
            MatchingTarget::Lead => self.leads,
        }
    }

    /// How many rows failed: they touched neither contact nor lead.
    #[must_use]
    pub const fn failed(&self) -> u64 {
        self.failed
    }

    /// How many rows matched more than one record.
    #[must_use]
    pub const fn ambiguous(&self) -> u64 {
        self.ambiguous
    }

    /// The first rows that failed, at most [`MAX_NAMED`](Self::MAX_NAMED).
    #[must_use]
    pub fn failures(&self) -> &[FailedRow] {
        &self.failures
    }

    /// The first ambiguous rows, at most [`MAX_NAMED`](Self::MAX_NAMED).
    #[must_use]
    pub fn ambiguities(&self) -> &[AmbiguousRow] {
        &self.ambiguities
    }

    /// When its first rows were done.
    #[must_use]
    pub const fn started(&self) -> Option<DateTime<Utc>> {
        self.started
    }

    /// When its last rows were done.
    #[must_use]
    pub const fn worked_at(&self) -> Option<DateTime<Utc>> {
        self.worked
    }

    /// The id of the submission that is made of this row of an import: a hash of both, the same each
    /// time.
    #[must_use]
    pub fn submission_id(import: RecordId, row: u64) -> RecordId {
        let mut text = [0; 24];
        let (id, place) = text.split_at_mut(16);
        id.copy_from_slice(&import.get().to_le_bytes());
        place.copy_from_slice(&row.to_le_bytes());
        // It is to be the same in every process, and hides nothing.
        let hash = SipHasher13::new_with_key(b"submission of an").hash(&text);
        RecordId::new(hash.as_u128())
    }

    /// Counts the next row: it was this submission, and came to this.
    pub(crate) fn count(&mut self, submission: RecordId, outcome: &Outcome) {
        let row = self.rows;
        self.rows += 1;
        if outcome.failure().is_some() {
            self.failed += 1;
            if self.failures.len() < Self::MAX_NAMED {
                self.failures.push(FailedRow { row, submission });
            }
            return;
        }
        let mut ambiguous = false;
        for target in MatchingTarget::ALL.iter().copied() {
            let of_target = outcome.of(target);
            let tally = match target {
                MatchingTarget::Contact => &mut self.contacts,
                MatchingTarget::Lead => &mut self.leads,
            };
            match of_target {
                TargetOutcome::Created { .. } => tally.created += 1,
                TargetOutcome::Updated { .. } => tally.updated += 1,
                TargetOutcome::Unchanged { .. } => tally.unchanged += 1,
                TargetOutcome::Untouched(_)
                | TargetOutcome::Failed(_)
                | TargetOutcome::NotReached => tally.untouched += 1,
            }
            if let Some(record) = of_target.record().filter(|_| !of_target.others().is_empty()) {
                ambiguous = true;
                if self.ambiguities.len() < Self::MAX_NAMED {
                    let others = of_target.others().to_vec();
                    self.ambiguities.push(AmbiguousRow { row, target, record, others });
                }
            }
        }
        self.ambiguous += u64::from(ambiguous);
    }

    /// The same, last worked on then.
    pub(crate) fn at(mut self, now: DateTime<Utc>) -> Self {
        let now = to_microsecond(now);
        self.started.get_or_insert(now);
        self.worked = Some(now);
        self
    }

    /// The record for a store to keep: the checkpoint of this import.
    ///
    /// # Errors
    ///
    /// None that an import can cause: those of [`Record`].
    pub fn to_record(&self, import: RecordId, now: DateTime<Utc>) -> Result<Record, RecordError> {
        // Numbers, ids and times: what it is made of can be written.
        let body = serde_json::to_string(self).unwrap_or_default();
        Record::new(RecordKind::SubmissionImport.of(import), now, body)
    }

    /// Reads what [`to_record`](Self::to_record) wrote.
    ///
    /// # Errors
    ///
    /// The record is of another kind, or its body is no checkpoint.
    pub fn from_versioned(kept: &Versioned) -> Result<Self, StoredError> {
        let record = &kept.record;
        if record.reference().kind() != RecordKind::SubmissionImport {
            return Err(StoredError::new(record.reference(), "a record of another kind"));
        }
        serde_json::from_str(record.body())
            .map_err(|error| StoredError::new(record.reference(), error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::form::{ChosenBecause, Failure, NewBecause, Untouched};
    use crate::record::Version;

    fn updated(others: &[u128]) -> TargetOutcome {
        TargetOutcome::Updated {
            record: RecordId::new(1),
            why: ChosenBecause::LastModified,
            others: others.iter().copied().map(RecordId::new).collect(),
        }
    }

    #[test]
    fn counts_add_up_to_the_rows_and_come_back() {
        let untouched = TargetOutcome::Untouched(Untouched::Mode);
        let created = TargetOutcome::Created { record: RecordId::new(7), why: NewBecause::NoMatch };
        let failed = TargetOutcome::Failed(Failure::Strategy(MatchingTarget::Lead));
        let outcomes = [
            Outcome { contact: created, lead: untouched.clone(), cut: false },
            Outcome { contact: updated(&[2, 3]), lead: updated(&[4]), cut: false },
            Outcome { contact: TargetOutcome::NotReached, lead: failed, cut: false },
            Outcome { contact: updated(&[]), lead: untouched, cut: false },
        ];
        let mut progress = ImportProgress::default();
        for round in 0..60 {
            for (place, outcome) in outcomes.iter().enumerate() {
                progress.count(RecordId::new(round * 4 + place as u128), outcome);
            }
        }
        assert_eq!((progress.rows(), progress.failed(), progress.ambiguous()), (240, 60, 60));
        for target in MatchingTarget::ALL {
            let ImportTally { created, updated, unchanged, untouched } = progress.tally(*target);
            assert_eq!(created + updated + unchanged + untouched + progress.failed(), 240);
        }
        assert_eq!(progress.failures().len(), 60);
        assert_eq!(progress.failures()[1].row, 6);
        assert_eq!(progress.failures()[1].submission, RecordId::new(6));
        assert_eq!(progress.ambiguities().len(), ImportProgress::MAX_NAMED);
        assert_eq!(progress.ambiguities()[3].row, 5);
        assert_eq!(progress.ambiguities()[3].others, [RecordId::new(4)]);

        let progress = progress.at(DateTime::UNIX_EPOCH);
        let record = progress.to_record(RecordId::new(9), DateTime::UNIX_EPOCH).unwrap();
        let kept = Versioned { record, version: Version::new(1) };
        assert_eq!(ImportProgress::from_versioned(&kept), Ok(progress));
        let other = Record::new(RecordKind::Lead.of(RecordId::new(9)), DateTime::UNIX_EPOCH, "{}");
        let kept = Versioned { record: other.unwrap(), version: Version::new(1) };
        assert!(ImportProgress::from_versioned(&kept).is_err());
    }

    #[test]
    fn a_row_always_has_its_own_id() {
        let id = |import, row| ImportProgress::submission_id(RecordId::new(import), row);
        assert_eq!(id(1, 2), id(1, 2));
        assert!(id(1, 2) != id(2, 1) && id(1, 2) != id(1, 3));
        // Kept in stores: it never changes.
        assert_eq!(id(1, 2).to_string(), "1271d70ba2998fdd929a68a51c8e51c5");
    }
}

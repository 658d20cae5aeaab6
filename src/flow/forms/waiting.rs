//! Which submissions of a form are not worked off?

use super::Submissions;
use crate::flow::FlowError;
use crate::form::{StoredError, StoredSubmission, SubmissionState};
use crate::id::{RecordId, TenantId};
use crate::record::{RecordKind, RecordLookup, RecordQuery, Version};
use crate::store::{Batch, Change, Directory, Records, Store};

/// A submission that waits or failed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WaitingSubmission {
    /// Which one.
    pub id: RecordId,
    /// Which state of it.
    pub version: Version,
    /// What is kept of it; why it cannot be read.
    pub stored: Result<StoredSubmission, StoredError>,
}

/// What became of a submission that was to be discarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "only `Done` deleted anything"]
#[non_exhaustive]
pub enum Discarded {
    /// It is gone.
    Done,
    /// It is in another state by now: this one.
    Stale(Version),
    /// It went well: what is kept of it answers for it when it is delivered again.
    Succeeded,
    /// It is not there.
    Missing,
}

impl Submissions {
    /// The most submissions that [`waiting`](Self::waiting) brings at once.
    pub const MAX_WAITING: u8 = 64;

    /// The submissions of this form that wait or failed, last worked first: at most
    /// [`MAX_WAITING`](Self::MAX_WAITING). [Retry](Self::retry) or [discard](Self::discard) them, and
    /// ask again. One that its sender has yet to confirm is not among them: he does that, or it is
    /// [purged](Self::purge).
    ///
    /// # Errors
    ///
    /// The store failed.
    pub async fn waiting<S: Store + Records + Directory>(
        &self,
        store: &S,
        tenant: TenantId,
        form: RecordId,
    ) -> Result<Vec<WaitingSubmission>, FlowError> {
        let query = open(store, form, &[SubmissionState::Failed], Self::MAX_WAITING);
        let answer = store.find_records(tenant, &query).await?;
        let waiting = answer.found(0).iter().map(|kept| WaitingSubmission {
            id: kept.record.reference().id(),
            version: kept.version,
            stored: StoredSubmission::from_versioned(kept),
        });
        Ok(waiting.collect())
    }

    /// Deletes a submission that is not worked off and never will be, with everything that was entered.
    /// Delivered again it is one that never was.
    ///
    /// # Errors
    ///
    /// The store failed.
    pub async fn discard<S: Store + Records>(
        &self,
        store: &S,
        tenant: TenantId,
        id: RecordId,
        seen: Version,
    ) -> Result<Discarded, FlowError> {
        let record = RecordKind::Submission.of(id);
        let kept = store.load(tenant, &[record]).await?.pop().flatten();
        let Some(kept) = kept else { return Ok(Discarded::Missing) };
        // What cannot be read is of no use to anybody.
        let stored = StoredSubmission::from_versioned(&kept).ok();
        if stored.is_some_and(|stored| stored.state() == SubmissionState::Succeeded) {
            return Ok(Discarded::Succeeded);
        }
        if kept.version != seen {
            return Ok(Discarded::Stale(kept.version));
        }
        let delete = Batch::of(tenant, Change::Delete { record, expect: seen });
        if store.commit(&delete).await?.is_applied() {
            return Ok(Discarded::Done);
        }
        let kept = store.load(tenant, &[record]).await?.pop().flatten();
        Ok(kept.map_or(Discarded::Missing, |kept| Discarded::Stale(kept.version)))
    }
}

/// How many submissions of a form wait, failed or are held back, as far as that is counted.
pub(super) async fn count_open<S: Store + Directory>(
    store: &S,
    tenant: TenantId,
    form: RecordId,
) -> Result<u64, FlowError> {
    let states = [SubmissionState::Failed, SubmissionState::Unconfirmed];
    let answer = store.find_records(tenant, &open(store, form, &states, 1)).await?;
    Ok((0..answer.lookups()).map(|at| u64::from(answer.count(at))).sum())
}

fn open(store: &impl Store, form: RecordId, states: &[SubmissionState], rows: u8) -> RecordQuery {
    let keys =
        states.iter().filter_map(|state| StoredSubmission::open_key(store.keyer(), form, *state));
    keys.map(|key| RecordLookup::new(key).rows(rows)).collect()
}

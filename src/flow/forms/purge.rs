//! What nobody needs any more.

use chrono::{DateTime, Utc};

use super::Submissions;
use crate::flow::FlowError;
use crate::form::StoredSubmission;
use crate::id::{RecordId, TenantId};
use crate::record::{MAX_PAGE, RecordKind, RecordPageQuery};
use crate::store::{Batch, Change, Records, Store};

/// What one call of [`Submissions::purge`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use = "there may be more to look at"]
#[non_exhaustive]
pub struct PurgedSubmissions {
    /// How many were deleted.
    pub deleted: u64,
    /// How many cannot be read, and stay.
    pub unreadable: u64,
    /// Where the next call begins; `None` once all were looked at.
    pub next: Option<RecordId>,
}

impl Submissions {
    /// Deletes, of the next [`MAX_PAGE`] submissions behind `after`, the receipts that are old enough,
    /// what was entered in forms to forward a mail and is to be forgotten, and what was
    /// [held back](Self::hold) and not confirmed in time. The request beside that one holds nothing
    /// about its sender; [`DoubleOptIn::purge`](crate::flow::DoubleOptIn::purge) deletes it.
    ///
    /// # Errors
    ///
    /// The store failed. What was deleted stays so; the same call again goes on.
    pub async fn purge<S: Store + Records>(
        &self,
        store: &S,
        tenant: TenantId,
        after: Option<RecordId>,
        now: DateTime<Utc>,
    ) -> Result<PurgedSubmissions, FlowError> {
        let query = RecordPageQuery::new(RecordKind::Submission).limit(MAX_PAGE);
        let query = match after {
            Some(id) => query.after(id),
            None => query,
        };
        let page = store.list(tenant, &query).await?;
        let mut done = PurgedSubmissions { next: page.next, ..PurgedSubmissions::default() };
        let mut batch = Batch::new(tenant);
        for kept in &page.items {
            match StoredSubmission::from_versioned(kept) {
                Ok(stored) if stored.is_expired(now) => {
                    let (record, expect) = (kept.record.reference(), kept.version);
                    batch.push(Change::Delete { record, expect })?;
                }
                Ok(_) => {}
                Err(_) => done.unreadable += 1,
            }
        }
        let all = batch.changes();
        if !all.is_empty() && store.commit(&batch).await?.is_applied() {
            done.deleted = all.len() as u64;
            return Ok(done);
        }
        // One that was worked off again this moment stays, and holds up no other.
        for change in all {
            let one = Batch::of(tenant, change.clone());
            done.deleted += u64::from(store.commit(&one).await?.is_applied());
        }
        Ok(done)
    }
}

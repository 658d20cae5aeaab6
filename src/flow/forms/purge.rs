//! What nobody needs any more.

use chrono::{DateTime, Utc};

use super::{Submissions, corrupt};
use crate::flow::FlowError;
use crate::form::StoredSubmission;
use crate::id::{RecordId, TenantId};
use crate::record::{MAX_PAGE, RecordKind, RecordPageQuery};
use crate::store::{Batch, Change, Records, Store};

/// What one call of [`Submissions::purge`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PurgedSubmissions {
    /// How many were deleted.
    pub deleted: u64,
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
    /// The store failed, or a submission cannot be read.
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
        let mut batch = Batch::new(tenant);
        for kept in &page.items {
            if StoredSubmission::from_versioned(kept).map_err(corrupt)?.is_expired(now) {
                let (record, expect) = (kept.record.reference(), kept.version);
                batch.push(Change::Delete { record, expect })?;
            }
        }
        // One that was worked off again this moment is left to the next call.
        let applied = store.commit(&batch).await?.is_applied();
        let deleted = if applied { batch.changes().len() as u64 } else { 0 };
        Ok(PurgedSubmissions { deleted, next: page.next })
    }
}

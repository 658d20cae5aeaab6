//! Requests that nobody needs any more.

use chrono::{DateTime, Utc};

use super::DoubleOptIn;
use super::waiting::Pending;
use crate::flow::{FlowError, ROUNDS};
use crate::id::{RecordId, TenantId};
use crate::record::{RecordKind, RecordPageQuery};
use crate::store::{Batch, Change, Records, Store};

/// What became of one page of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Purged {
    /// How many requests were deleted.
    pub deleted: usize,
    /// Where the next page begins; `None` at the end of the list.
    pub next: Option<RecordId>,
}

impl DoubleOptIn {
    /// Looks at a page of up to 1,000 requests behind `after`, and deletes those whose time was over
    /// before `limit`, answered or not. Their links are unknown from then on.
    ///
    /// A host calls it from time to time: what a form's submission holds back is stored about
    /// somebody who never confirmed it, and must not stay.
    ///
    /// # Errors
    ///
    /// The store failed, a request cannot be read, or other writers won [`ROUNDS`] rounds in a row.
    pub async fn purge<S: Store + Records>(
        &self,
        store: &S,
        tenant: TenantId,
        limit: DateTime<Utc>,
        after: Option<RecordId>,
    ) -> Result<Purged, FlowError> {
        let query = RecordPageQuery::new(RecordKind::OptInRequest).limit(1_000);
        let query = after.map_or(query, |after| query.after(after));
        for _ in 0..ROUNDS {
            let page = store.list(tenant, &query).await?;
            let next = page.next;
            let mut batch = Batch::new(tenant);
            for kept in page.items {
                let (record, expect) = (kept.record.reference(), kept.version);
                if Pending::found(kept)?.request.expires() < limit {
                    batch.push(Change::Delete { record, expect })?;
                }
            }
            let deleted = batch.changes().len();
            if deleted == 0 || store.commit(&batch).await?.is_applied() {
                return Ok(Purged { deleted, next });
            }
        }
        Err(FlowError::contended())
    }
}

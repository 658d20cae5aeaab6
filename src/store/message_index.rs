//! What has been filed?

use super::error::StoreError;
use crate::id::TenantId;
use crate::index::{Answer, MessageQuery};

/// The filed mails of each tenant, by key.
pub trait MessageIndex: Send + Sync {
    /// Answers every look-up of the query from one state of the index (C-CND-1): for each, the
    /// newest rows within its window, newest first, equal times by descending id, no more than it
    /// asks for; and how many rows there are, counted up to
    /// [`COUNT_CAP`](crate::index::COUNT_CAP). Each row brings its keys of the kinds that the
    /// look-up carries. A look-up whose kind
    /// [is not looked up](crate::index::IndexKind::is_looked_up) finds nothing.
    ///
    /// # Errors
    ///
    /// The store failed.
    fn find(
        &self,
        tenant: TenantId,
        query: &MessageQuery,
    ) -> impl Future<Output = Result<Answer, StoreError>> + Send;
}

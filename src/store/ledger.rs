//! Which sends are claimed?

use super::error::StoreError;
use crate::claim::{ClaimPageQuery, RecipientKey, SendClaim, SendScope};
use crate::id::TenantId;
use crate::record::Page;

/// The claims of sends of each tenant.
pub trait Ledger: Send + Sync {
    /// The claims of these recipients, in their order, from one state of the ledger; `None` where
    /// nobody claimed. At most [`MAX_READS`](super::MAX_READS) recipients.
    ///
    /// # Errors
    ///
    /// The store failed.
    fn claims(
        &self,
        tenant: TenantId,
        scope: &SendScope,
        recipients: &[RecipientKey],
    ) -> impl Future<Output = Result<Vec<Option<SendClaim>>, StoreError>> + Send;

    /// A page of the claims of one scope, by ascending recipient key: for a restart those that are
    /// in doubt, for a report all of them.
    ///
    /// # Errors
    ///
    /// The store failed.
    fn claim_page(
        &self,
        tenant: TenantId,
        query: &ClaimPageQuery,
    ) -> impl Future<Output = Result<Page<(RecipientKey, SendClaim), RecipientKey>, StoreError>> + Send;
}

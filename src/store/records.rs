//! Which records are there?

use super::error::StoreError;
use crate::id::TenantId;
use crate::party::{DeliveryKey, PartyWrite, PartyWritten};
use crate::record::{
    Page, RecordAnswer, RecordPageQuery, RecordQuery, RecordRef, UniqueKey, Versioned,
};

/// The records of each tenant, by reference, unique key and kind: settings first of all.
pub trait Records: Send + Sync {
    /// The records of these references, in their order, from one state of the store; `None` where
    /// there is none. At most [`MAX_READS`](super::MAX_READS) references.
    ///
    /// # Errors
    ///
    /// The store failed.
    fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> impl Future<Output = Result<Vec<Option<Versioned>>, StoreError>> + Send;

    /// Who has these unique keys, in their order, from one state of the store. At most
    /// [`MAX_READS`](super::MAX_READS) keys.
    ///
    /// # Errors
    ///
    /// The store failed.
    fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> impl Future<Output = Result<Vec<Option<RecordRef>>, StoreError>> + Send;

    /// A page of the records of one kind, by ascending id.
    ///
    /// # Errors
    ///
    /// The store failed.
    fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> impl Future<Output = Result<Page<Versioned, crate::id::RecordId>, StoreError>> + Send;
}

/// Contacts, leads, accounts and every other email-enabled record, by match key and by address; and
/// whatever else carries look-up keys.
pub trait Directory: Send + Sync {
    /// Answers every look-up of the query from one state of the directory (C-DIR-1): for each, the
    /// records that carry its key, most recently modified first, equal times by descending id
    /// (then by descending kind), no more than it asks for, active or not; and how many there are,
    /// counted up to [`COUNT_CAP`](crate::index::COUNT_CAP).
    ///
    /// # Errors
    ///
    /// The store failed.
    fn find_records(
        &self,
        tenant: TenantId,
        query: &RecordQuery,
    ) -> impl Future<Output = Result<RecordAnswer, StoreError>> + Send;
}

/// A directory outside the store: the host's own contact tables.
///
/// It is written before the batch that rests on it, not in it. A crash between the two is healed by
/// delivering again under the same key: the write is not repeated (C-FOR-1) and names the same
/// record.
pub trait ForeignDirectory: Directory {
    /// Sees to it that the party is there: creates it where nobody has its match key, else updates
    /// the attributes given. Of any number of calls with one match key creates exactly one
    /// (C-FOR-2); a delivery key that was worked off before changes nothing, and the record of that
    /// time is named. Whatever a call did is durable when it returns.
    ///
    /// # Errors
    ///
    /// The directory failed; it may have done all or nothing, and the same call again tells.
    fn create_or_update(
        &self,
        tenant: TenantId,
        delivery: DeliveryKey,
        write: &PartyWrite,
    ) -> impl Future<Output = Result<PartyWritten, StoreError>> + Send;
}

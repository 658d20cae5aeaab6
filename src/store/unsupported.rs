//! Partial stores.

/// Implements reading traits for a store that does not support them: every call answers
/// [`Unsupported`](crate::store::StoreErrorKind::Unsupported).
///
/// A store that keeps mail alone implements [`Store`](crate::store::Store) and
/// [`MessageIndex`](crate::store::MessageIndex), says so in
/// [`areas`](crate::store::Store::areas), and fills in the rest:
///
/// ```
/// # use correspond::index::Keyer;
/// # use correspond::record::{Area, Areas};
/// # use correspond::store::{Batch, Commit, Store, StoreError};
/// struct MailStore(/* ... */);
/// # impl Store for MailStore {
/// #     fn keyer(&self) -> &Keyer { unreachable!() }
/// #     fn areas(&self) -> Areas { Areas::NONE.with(Area::Messages) }
/// #     async fn commit(&self, _: &Batch) -> Result<Commit, StoreError> { Ok(Commit::Applied) }
/// # }
/// correspond::unsupported!(MailStore: Records, Directory, Ledger, Register, Sequences);
/// ```
#[macro_export]
macro_rules! unsupported {
    ($store:ty: $($area:ident),+ $(,)?) => {
        $($crate::unsupported!(@ $store, $area);)+
    };
    (@ $store:ty, MessageIndex) => {
        impl $crate::store::MessageIndex for $store {
            async fn find(
                &self,
                _: $crate::id::TenantId,
                _: &$crate::index::MessageQuery,
            ) -> Result<$crate::index::Answer, $crate::store::StoreError> {
                Err($crate::store::StoreError::unsupported("looking up mail"))
            }
        }
    };
    (@ $store:ty, Records) => {
        impl $crate::store::Records for $store {
            async fn load(
                &self,
                _: $crate::id::TenantId,
                _: &[$crate::record::RecordRef],
            ) -> Result<Vec<Option<$crate::record::Versioned>>, $crate::store::StoreError> {
                Err($crate::store::StoreError::unsupported("loading records"))
            }

            async fn holders(
                &self,
                _: $crate::id::TenantId,
                _: &[$crate::record::UniqueKey],
            ) -> Result<Vec<Option<$crate::record::RecordRef>>, $crate::store::StoreError> {
                Err($crate::store::StoreError::unsupported("looking up unique keys"))
            }

            async fn list(
                &self,
                _: $crate::id::TenantId,
                _: &$crate::record::RecordPageQuery,
            ) -> Result<
                $crate::record::Page<$crate::record::Versioned, $crate::id::RecordId>,
                $crate::store::StoreError,
            > {
                Err($crate::store::StoreError::unsupported("listing records"))
            }
        }
    };
    (@ $store:ty, Directory) => {
        impl $crate::store::Directory for $store {
            async fn find_records(
                &self,
                _: $crate::id::TenantId,
                _: &$crate::record::RecordQuery,
            ) -> Result<$crate::record::RecordAnswer, $crate::store::StoreError> {
                Err($crate::store::StoreError::unsupported("looking up records"))
            }
        }
    };
    (@ $store:ty, Ledger) => {
        impl $crate::store::Ledger for $store {
            async fn claims(
                &self,
                _: $crate::id::TenantId,
                _: &$crate::claim::SendScope,
                _: &[$crate::claim::RecipientKey],
            ) -> Result<Vec<Option<$crate::claim::SendClaim>>, $crate::store::StoreError> {
                Err($crate::store::StoreError::unsupported("looking up claims"))
            }

            async fn claim_page(
                &self,
                _: $crate::id::TenantId,
                _: &$crate::claim::ClaimPageQuery,
            ) -> Result<
                $crate::record::Page<
                    ($crate::claim::RecipientKey, $crate::claim::SendClaim),
                    $crate::claim::RecipientKey,
                >,
                $crate::store::StoreError,
            > {
                Err($crate::store::StoreError::unsupported("listing claims"))
            }
        }
    };
    (@ $store:ty, Register) => {
        impl $crate::store::Register for $store {
            async fn registrations(
                &self,
                _: &[$crate::claim::RegisterName],
            ) -> Result<Vec<Option<$crate::claim::Registration>>, $crate::store::StoreError> {
                Err($crate::store::StoreError::unsupported("looking up registered names"))
            }
        }
    };
    (@ $store:ty, Sequences) => {
        impl $crate::store::Sequences for $store {
            async fn allocate(
                &self,
                _: $crate::id::TenantId,
                _: $crate::store::SequenceKey,
                _: ::std::num::NonZeroU32,
            ) -> Result<$crate::store::Block, $crate::store::StoreError> {
                Err($crate::store::StoreError::unsupported("allocating numbers"))
            }
        }
    };
}

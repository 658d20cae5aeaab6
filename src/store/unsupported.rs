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
            ) -> ::std::result::Result<$crate::index::Answer, $crate::store::StoreError> {
                ::std::result::Result::Err($crate::store::StoreError::unsupported("looking up mail"))
            }
        }
    };
    (@ $store:ty, Records) => {
        impl $crate::store::Records for $store {
            async fn load(
                &self,
                _: $crate::id::TenantId,
                _: &[$crate::record::RecordRef],
            ) -> ::std::result::Result<::std::vec::Vec<::std::option::Option<$crate::record::Versioned>>, $crate::store::StoreError> {
                ::std::result::Result::Err($crate::store::StoreError::unsupported("loading records"))
            }

            async fn holders(
                &self,
                _: $crate::id::TenantId,
                _: &[$crate::record::UniqueKey],
            ) -> ::std::result::Result<::std::vec::Vec<::std::option::Option<$crate::record::RecordRef>>, $crate::store::StoreError> {
                ::std::result::Result::Err($crate::store::StoreError::unsupported("looking up unique keys"))
            }

            async fn list(
                &self,
                _: $crate::id::TenantId,
                _: &$crate::record::RecordPageQuery,
            ) -> ::std::result::Result<
                $crate::record::Page<$crate::record::Versioned, $crate::id::RecordId>,
                $crate::store::StoreError,
            > {
                ::std::result::Result::Err($crate::store::StoreError::unsupported("listing records"))
            }
        }
    };
    (@ $store:ty, Directory) => {
        impl $crate::store::Directory for $store {
            async fn find_records(
                &self,
                _: $crate::id::TenantId,
                _: &$crate::record::RecordQuery,
            ) -> ::std::result::Result<$crate::record::RecordAnswer, $crate::store::StoreError> {
                ::std::result::Result::Err($crate::store::StoreError::unsupported("looking up records"))
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
            ) -> ::std::result::Result<::std::vec::Vec<::std::option::Option<$crate::claim::SendClaim>>, $crate::store::StoreError> {
                ::std::result::Result::Err($crate::store::StoreError::unsupported("looking up claims"))
            }

            async fn claim_page(
                &self,
                _: $crate::id::TenantId,
                _: &$crate::claim::ClaimPageQuery,
            ) -> ::std::result::Result<
                $crate::record::Page<
                    ($crate::claim::RecipientKey, $crate::claim::SendClaim),
                    $crate::claim::RecipientKey,
                >,
                $crate::store::StoreError,
            > {
                ::std::result::Result::Err($crate::store::StoreError::unsupported("listing claims"))
            }
        }
    };
    (@ $store:ty, Register) => {
        impl $crate::store::Register for $store {
            async fn registrations(
                &self,
                _: &[$crate::claim::RegisterName],
            ) -> ::std::result::Result<::std::vec::Vec<::std::option::Option<$crate::claim::Registration>>, $crate::store::StoreError> {
                ::std::result::Result::Err($crate::store::StoreError::unsupported("looking up registered names"))
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
            ) -> ::std::result::Result<$crate::store::Block, $crate::store::StoreError> {
                ::std::result::Result::Err($crate::store::StoreError::unsupported("allocating numbers"))
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::id::TenantId;
    use crate::record::{Area, Areas};
    use crate::store::{Batch, Commit, Records, Store, StoreError, StoreErrorKind, poll_once};

    /// Many crates have one of these; it must not get into what the macro writes.
    type Result<T> = std::result::Result<T, StoreError>;

    struct Mails;

    impl Store for Mails {
        fn keyer(&self) -> &crate::index::Keyer {
            unreachable!()
        }

        fn areas(&self) -> Areas {
            Areas::NONE.with(Area::Messages)
        }

        async fn commit(&self, _: &Batch) -> Result<Commit> {
            Ok(Commit::Applied)
        }
    }

    crate::unsupported!(Mails: MessageIndex, Records, Directory, Ledger, Register, Sequences);

    #[test]
    fn says_what_is_not_supported() {
        let error = poll_once(Mails.load(TenantId::new(1), &[])).unwrap().unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unsupported);
        assert_eq!(error.to_string(), "loading records: the store does not support it");
    }
}

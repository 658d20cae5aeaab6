//! A store behind a reference or an `Arc` is a store.

use std::num::NonZeroU32;
use std::sync::Arc;

use super::{
    Batch, Block, Commit, Directory, ForeignDirectory, Immediate, Ledger, MessageIndex, Records,
    Register, SequenceKey, Sequences, Store, StoreError,
};
use crate::claim::{
    ClaimPageQuery, RecipientKey, RegisterName, Registration, SendClaim, SendScope,
};
use crate::id::{RecordId, TenantId};
use crate::index::{Answer, Keyer, MessageQuery};
use crate::party::{DeliveryKey, PartyWrite, PartyWritten};
use crate::record::{
    Areas, Page, RecordAnswer, RecordPageQuery, RecordQuery, RecordRef, UniqueKey, Versioned,
};

macro_rules! forward {
    ($pointer:ty) => {
        impl<S: Immediate> Immediate for $pointer {}

        impl<S: Store> Store for $pointer {
            fn keyer(&self) -> &Keyer {
                S::keyer(self)
            }

            fn areas(&self) -> Areas {
                S::areas(self)
            }

            async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
                S::commit(self, batch).await
            }
        }

        impl<S: MessageIndex> MessageIndex for $pointer {
            async fn find(
                &self,
                tenant: TenantId,
                query: &MessageQuery,
            ) -> Result<Answer, StoreError> {
                S::find(self, tenant, query).await
            }
        }

        impl<S: Records> Records for $pointer {
            async fn load(
                &self,
                tenant: TenantId,
                records: &[RecordRef],
            ) -> Result<Vec<Option<Versioned>>, StoreError> {
                S::load(self, tenant, records).await
            }

            async fn holders(
                &self,
                tenant: TenantId,
                keys: &[UniqueKey],
            ) -> Result<Vec<Option<RecordRef>>, StoreError> {
                S::holders(self, tenant, keys).await
            }

            async fn list(
                &self,
                tenant: TenantId,
                query: &RecordPageQuery,
            ) -> Result<Page<Versioned, RecordId>, StoreError> {
                S::list(self, tenant, query).await
            }
        }

        impl<S: Directory> Directory for $pointer {
            async fn find_records(
                &self,
                tenant: TenantId,
                query: &RecordQuery,
            ) -> Result<RecordAnswer, StoreError> {
                S::find_records(self, tenant, query).await
            }
        }

        impl<S: ForeignDirectory> ForeignDirectory for $pointer {
            async fn create_or_update(
                &self,
                tenant: TenantId,
                delivery: DeliveryKey,
                write: &PartyWrite,
            ) -> Result<PartyWritten, StoreError> {
                S::create_or_update(self, tenant, delivery, write).await
            }
        }

        impl<S: Ledger> Ledger for $pointer {
            async fn claims(
                &self,
                tenant: TenantId,
                scope: &SendScope,
                recipients: &[RecipientKey],
            ) -> Result<Vec<Option<SendClaim>>, StoreError> {
                S::claims(self, tenant, scope, recipients).await
            }

            async fn claim_page(
                &self,
                tenant: TenantId,
                query: &ClaimPageQuery,
            ) -> Result<Page<(RecipientKey, SendClaim), RecipientKey>, StoreError> {
                S::claim_page(self, tenant, query).await
            }
        }

        impl<S: Register> Register for $pointer {
            async fn registrations(
                &self,
                names: &[RegisterName],
            ) -> Result<Vec<Option<Registration>>, StoreError> {
                S::registrations(self, names).await
            }
        }

        impl<S: Sequences> Sequences for $pointer {
            async fn allocate(
                &self,
                tenant: TenantId,
                sequence: SequenceKey,
                len: NonZeroU32,
            ) -> Result<Block, StoreError> {
                S::allocate(self, tenant, sequence, len).await
            }
        }
    };
}

forward!(&S);
forward!(Arc<S>);

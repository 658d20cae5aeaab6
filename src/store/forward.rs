//! A store behind a reference or an `Arc` is a store.

use std::sync::Arc;

use super::{Batch, Commit, Immediate, MessageIndex, Store, StoreError};
use crate::id::TenantId;
use crate::index::{Answer, Keyer, MessageQuery};

macro_rules! forward {
    ($pointer:ty) => {
        impl<S: Immediate> Immediate for $pointer {}

        impl<S: Store> Store for $pointer {
            async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
                S::commit(self, batch).await
            }
        }

        impl<S: MessageIndex> MessageIndex for $pointer {
            fn keyer(&self) -> &Keyer {
                S::keyer(self)
            }

            async fn find(
                &self,
                tenant: TenantId,
                query: &MessageQuery,
            ) -> Result<Answer, StoreError> {
                S::find(self, tenant, query).await
            }
        }
    };
}

forward!(&S);
forward!(Arc<S>);

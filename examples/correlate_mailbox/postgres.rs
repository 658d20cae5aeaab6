//! A PostgreSQL store for a program that has nothing else to do while it waits.

use std::error::Error;

use correspond::adapter::postgres::{NoTls, Options, PostgresStore};
use correspond::id::{RecordId, TenantId};
use correspond::index::{Answer, Keyer, MessageQuery};
use correspond::record::{Areas, Page, RecordPageQuery, RecordRef, UniqueKey, Versioned};
use correspond::store::{Batch, Commit, Immediate, MessageIndex, Records, Store, StoreError};
use tokio::runtime::{Builder, Runtime};

/// Waits in each call until the server has answered.
pub(crate) struct Waiting {
    runtime: Runtime,
    store: PostgresStore,
}

impl Waiting {
    pub(crate) fn open(url: &str, rebuild: bool) -> Result<Self, Box<dyn Error>> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let options = Options::default();
        let store = runtime.block_on(async {
            if rebuild {
                let pool = options.pool(url, NoTls)?;
                // An activity has no keys: it stays as it is.
                PostgresStore::rebuild(pool, &options, |kept, _| Ok(kept.record.clone())).await
            } else {
                PostgresStore::connect(url, NoTls, &options).await
            }
        })?;
        Ok(Self { runtime, store })
    }
}

impl Immediate for Waiting {}

impl Store for Waiting {
    fn keyer(&self) -> &Keyer {
        self.store.keyer()
    }

    fn areas(&self) -> Areas {
        self.store.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        self.runtime.block_on(self.store.commit(batch))
    }
}

impl MessageIndex for Waiting {
    async fn find(&self, tenant: TenantId, query: &MessageQuery) -> Result<Answer, StoreError> {
        self.runtime.block_on(self.store.find(tenant, query))
    }
}

impl Records for Waiting {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.runtime.block_on(self.store.load(tenant, records))
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        self.runtime.block_on(self.store.holders(tenant, keys))
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        self.runtime.block_on(self.store.list(tenant, query))
    }
}

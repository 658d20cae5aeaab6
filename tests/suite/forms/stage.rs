//! A store in which something may happen before each call, and batches may be changed.

use std::sync::Mutex;

use correspond::id::{RecordId, TenantId};
use correspond::index::Keyer;
use correspond::record::{
    Areas, Page, RecordAnswer, RecordPageQuery, RecordQuery, RecordRef, UniqueKey, Versioned,
};
use correspond::store::{AnyStore, Batch, Commit, Directory, Records, Store, StoreError};

type Before<'a> = Box<dyn Fn(Call<'_>) + Send + Sync + 'a>;

/// What is asked of a store.
#[derive(Clone, Copy, Debug)]
pub enum Call<'a> {
    Read,
    Commit(&'a Batch),
}

pub struct Stage<'a> {
    pub store: &'a AnyStore,
    before: Option<Before<'a>>,
    edit: fn(&Batch) -> Batch,
    /// Every batch that was applied.
    applied: Mutex<Vec<Batch>>,
}

impl<'a> Stage<'a> {
    /// One on which nothing happens.
    pub fn new(store: &'a AnyStore) -> Self {
        Self { store, before: None, edit: Batch::clone, applied: Mutex::new(Vec::new()) }
    }

    /// One on which this happens before each call.
    pub fn before(store: &'a AnyStore, act: impl Fn(Call<'_>) + Send + Sync + 'a) -> Self {
        Self { before: Some(Box::new(act)), ..Self::new(store) }
    }

    /// The same where another batch is committed than was asked for.
    pub fn editing(self, edit: fn(&Batch) -> Batch) -> Self {
        Self { edit, ..self }
    }

    /// The batches applied since it was asked last.
    pub fn applied(&self) -> Vec<Batch> {
        std::mem::take(&mut self.applied.lock().unwrap())
    }

    fn call(&self, call: Call<'_>) {
        if let Some(before) = &self.before {
            before(call);
        }
    }
}

impl Store for Stage<'_> {
    fn keyer(&self) -> &Keyer {
        self.store.keyer()
    }

    fn areas(&self) -> Areas {
        self.store.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        self.call(Call::Commit(batch));
        let batch = (self.edit)(batch);
        let commit = self.store.commit(&batch).await?;
        if commit.is_applied() {
            self.applied.lock().unwrap().push(batch);
        }
        Ok(commit)
    }
}

impl Records for Stage<'_> {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.call(Call::Read);
        self.store.load(tenant, records).await
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        self.call(Call::Read);
        self.store.holders(tenant, keys).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        self.call(Call::Read);
        self.store.list(tenant, query).await
    }
}

impl Directory for Stage<'_> {
    async fn find_records(
        &self,
        tenant: TenantId,
        query: &RecordQuery,
    ) -> Result<RecordAnswer, StoreError> {
        self.call(Call::Read);
        self.store.find_records(tenant, query).await
    }
}

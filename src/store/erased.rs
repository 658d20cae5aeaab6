//! One type for every store.

use std::fmt;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::Arc;

use super::{
    Batch, Block, Commit, Directory, FullStore, Ledger, MessageIndex, Records, Register,
    SequenceKey, Sequences, Store, StoreError,
};
use crate::claim::{
    ClaimPageQuery, RecipientKey, RegisterName, Registration, SendClaim, SendScope,
};
use crate::id::{RecordId, TenantId};
use crate::index::{Answer, Keyer, MessageQuery};
use crate::record::{
    Areas, Page, RecordAnswer, RecordPageQuery, RecordQuery, RecordRef, UniqueKey, Versioned,
};

type ClaimPage = Page<(RecipientKey, SendClaim), RecipientKey>;
type Answering<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Any store, behind one type: for a service that chooses its store when it starts. Each call costs
/// a box more.
///
/// ```
/// use correspond::adapter::memory::MemoryStore;
/// use correspond::store::{AnyStore, Store};
///
/// # let in_memory = true;
/// let store = if in_memory { AnyStore::new(MemoryStore::default()) } else { panic!("...") };
/// assert!(store.areas().contains(correspond::record::Area::Ledger));
/// ```
#[derive(Clone)]
pub struct AnyStore(Arc<dyn Erased>);

impl AnyStore {
    /// `store`, behind this type.
    #[must_use]
    pub fn new(store: impl FullStore + 'static) -> Self {
        Self(Arc::new(store))
    }
}

impl fmt::Debug for AnyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AnyStore").field(&self.0.areas()).finish()
    }
}

/// The contract with its futures boxed.
trait Erased: Send + Sync {
    fn keyer(&self) -> &Keyer;
    fn areas(&self) -> Areas;
    fn commit<'a>(&'a self, batch: &'a Batch) -> Answering<'a, Commit>;
    fn find<'a>(&'a self, tenant: TenantId, query: &'a MessageQuery) -> Answering<'a, Answer>;
    fn load<'a>(
        &'a self,
        tenant: TenantId,
        records: &'a [RecordRef],
    ) -> Answering<'a, Vec<Option<Versioned>>>;
    fn holders<'a>(
        &'a self,
        tenant: TenantId,
        keys: &'a [UniqueKey],
    ) -> Answering<'a, Vec<Option<RecordRef>>>;
    fn list<'a>(
        &'a self,
        tenant: TenantId,
        query: &'a RecordPageQuery,
    ) -> Answering<'a, Page<Versioned, RecordId>>;
    fn find_records<'a>(
        &'a self,
        tenant: TenantId,
        query: &'a RecordQuery,
    ) -> Answering<'a, RecordAnswer>;
    fn claims<'a>(
        &'a self,
        tenant: TenantId,
        scope: &'a SendScope,
        recipients: &'a [RecipientKey],
    ) -> Answering<'a, Vec<Option<SendClaim>>>;
    fn claim_page<'a>(
        &'a self,
        tenant: TenantId,
        query: &'a ClaimPageQuery,
    ) -> Answering<'a, ClaimPage>;
    fn registrations<'a>(
        &'a self,
        names: &'a [RegisterName],
    ) -> Answering<'a, Vec<Option<Registration>>>;
    fn allocate<'a>(
        &'a self,
        tenant: TenantId,
        sequence: SequenceKey,
        len: NonZeroU32,
    ) -> Answering<'a, Block>;
}

impl<S: FullStore> Erased for S {
    fn keyer(&self) -> &Keyer {
        Store::keyer(self)
    }

    fn areas(&self) -> Areas {
        Store::areas(self)
    }

    fn commit<'a>(&'a self, batch: &'a Batch) -> Answering<'a, Commit> {
        Box::pin(Store::commit(self, batch))
    }

    fn find<'a>(&'a self, tenant: TenantId, query: &'a MessageQuery) -> Answering<'a, Answer> {
        Box::pin(MessageIndex::find(self, tenant, query))
    }

    fn load<'a>(
        &'a self,
        tenant: TenantId,
        records: &'a [RecordRef],
    ) -> Answering<'a, Vec<Option<Versioned>>> {
        Box::pin(Records::load(self, tenant, records))
    }

    fn holders<'a>(
        &'a self,
        tenant: TenantId,
        keys: &'a [UniqueKey],
    ) -> Answering<'a, Vec<Option<RecordRef>>> {
        Box::pin(Records::holders(self, tenant, keys))
    }

    fn list<'a>(
        &'a self,
        tenant: TenantId,
        query: &'a RecordPageQuery,
    ) -> Answering<'a, Page<Versioned, RecordId>> {
        Box::pin(Records::list(self, tenant, query))
    }

    fn find_records<'a>(
        &'a self,
        tenant: TenantId,
        query: &'a RecordQuery,
    ) -> Answering<'a, RecordAnswer> {
        Box::pin(Directory::find_records(self, tenant, query))
    }

    fn claims<'a>(
        &'a self,
        tenant: TenantId,
        scope: &'a SendScope,
        recipients: &'a [RecipientKey],
    ) -> Answering<'a, Vec<Option<SendClaim>>> {
        Box::pin(Ledger::claims(self, tenant, scope, recipients))
    }

    fn claim_page<'a>(
        &'a self,
        tenant: TenantId,
        query: &'a ClaimPageQuery,
    ) -> Answering<'a, ClaimPage> {
        Box::pin(Ledger::claim_page(self, tenant, query))
    }

    fn registrations<'a>(
        &'a self,
        names: &'a [RegisterName],
    ) -> Answering<'a, Vec<Option<Registration>>> {
        Box::pin(Register::registrations(self, names))
    }

    fn allocate<'a>(
        &'a self,
        tenant: TenantId,
        sequence: SequenceKey,
        len: NonZeroU32,
    ) -> Answering<'a, Block> {
        Box::pin(Sequences::allocate(self, tenant, sequence, len))
    }
}

impl Store for AnyStore {
    fn keyer(&self) -> &Keyer {
        self.0.keyer()
    }

    fn areas(&self) -> Areas {
        self.0.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        self.0.commit(batch).await
    }
}

impl MessageIndex for AnyStore {
    async fn find(&self, tenant: TenantId, query: &MessageQuery) -> Result<Answer, StoreError> {
        self.0.find(tenant, query).await
    }
}

impl Records for AnyStore {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.0.load(tenant, records).await
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        self.0.holders(tenant, keys).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        self.0.list(tenant, query).await
    }
}

impl Directory for AnyStore {
    async fn find_records(
        &self,
        tenant: TenantId,
        query: &RecordQuery,
    ) -> Result<RecordAnswer, StoreError> {
        self.0.find_records(tenant, query).await
    }
}

impl Ledger for AnyStore {
    async fn claims(
        &self,
        tenant: TenantId,
        scope: &SendScope,
        recipients: &[RecipientKey],
    ) -> Result<Vec<Option<SendClaim>>, StoreError> {
        self.0.claims(tenant, scope, recipients).await
    }

    async fn claim_page(
        &self,
        tenant: TenantId,
        query: &ClaimPageQuery,
    ) -> Result<ClaimPage, StoreError> {
        self.0.claim_page(tenant, query).await
    }
}

impl Register for AnyStore {
    async fn registrations(
        &self,
        names: &[RegisterName],
    ) -> Result<Vec<Option<Registration>>, StoreError> {
        self.0.registrations(names).await
    }
}

impl Sequences for AnyStore {
    async fn allocate(
        &self,
        tenant: TenantId,
        sequence: SequenceKey,
        len: NonZeroU32,
    ) -> Result<Block, StoreError> {
        self.0.allocate(tenant, sequence, len).await
    }
}

//! Stores that are right, and make it hard to see.

use std::future::poll_fn;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use correspond::adapter::memory::MemoryStore;
use correspond::claim::{
    ClaimPageQuery, RecipientKey, RegisterName, Registration, SendClaim, SendScope,
};
use correspond::conformance::block_on;
use correspond::id::{RecordId, TenantId};
use correspond::index::{Answer, Keyer, MessageQuery};
use correspond::record::{
    Area, Areas, Page, RecordAnswer, RecordPageQuery, RecordQuery, RecordRef, UniqueKey, Versioned,
};
use correspond::store::{
    Batch, Block, Commit, Directory, Immediate, Ledger, MessageIndex, Offload, Records, Register,
    SequenceKey, Sequences, Store, StoreError,
};

/// Works where it is asked to, but not at once: the future is not ready several times.
#[derive(Clone, Copy)]
pub struct Patient;

impl Offload for Patient {
    async fn run<T, F>(&self, work: F) -> T
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        yield_times(2).await;
        let done = work();
        yield_times(2).await;
        done
    }
}

async fn yield_times(times: u32) {
    let mut left = times;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Works in a thread of its own, and on to the end when nobody waits any more.
#[derive(Clone, Copy)]
pub struct Threads;

impl Offload for Threads {
    async fn run<T, F>(&self, work: F) -> T
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let slot = Arc::new(Mutex::new((None, None::<Waker>)));
        let theirs = Arc::clone(&slot);
        std::thread::spawn(move || {
            let done = work();
            let mut slot = theirs.lock().unwrap();
            slot.0 = Some(done);
            slot.1.take().into_iter().for_each(Waker::wake);
        });
        poll_fn(move |context| {
            let mut slot = slot.lock().unwrap();
            match slot.0.take() {
                Some(done) => Poll::Ready(done),
                None => {
                    slot.1 = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

/// The memory store with all its work done through an [`Offload`].
#[derive(Clone)]
pub struct Through<O> {
    store: Arc<MemoryStore>,
    offload: O,
}

impl<O> Through<O> {
    pub fn new(offload: O) -> Self {
        Self { store: Arc::default(), offload }
    }
}

/// `method(names of owned copies: types) -> result`, on the store, through the offload.
macro_rules! through {
    ($self:ident, |$store:ident| $call:expr) => {{
        let $store = Arc::clone(&$self.store);
        $self.offload.run(move || block_on($call)).await
    }};
}

impl<O: Offload> Store for Through<O> {
    fn keyer(&self) -> &Keyer {
        self.store.keyer()
    }

    fn areas(&self) -> Areas {
        self.store.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        let batch = batch.clone();
        through!(self, |store| store.commit(&batch))
    }
}

impl<O: Offload> MessageIndex for Through<O> {
    async fn find(&self, tenant: TenantId, query: &MessageQuery) -> Result<Answer, StoreError> {
        let query = query.clone();
        through!(self, |store| store.find(tenant, &query))
    }
}

impl<O: Offload> Records for Through<O> {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        let records = records.to_vec();
        through!(self, |store| store.load(tenant, &records))
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        let keys = keys.to_vec();
        through!(self, |store| store.holders(tenant, &keys))
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        let query = *query;
        through!(self, |store| store.list(tenant, &query))
    }
}

impl<O: Offload> Directory for Through<O> {
    async fn find_records(
        &self,
        tenant: TenantId,
        query: &RecordQuery,
    ) -> Result<RecordAnswer, StoreError> {
        let query = query.clone();
        through!(self, |store| store.find_records(tenant, &query))
    }
}

impl<O: Offload> Ledger for Through<O> {
    async fn claims(
        &self,
        tenant: TenantId,
        scope: &SendScope,
        recipients: &[RecipientKey],
    ) -> Result<Vec<Option<SendClaim>>, StoreError> {
        let (scope, recipients) = (*scope, recipients.to_vec());
        through!(self, |store| store.claims(tenant, &scope, &recipients))
    }

    async fn claim_page(
        &self,
        tenant: TenantId,
        query: &ClaimPageQuery,
    ) -> Result<Page<(RecipientKey, SendClaim), RecipientKey>, StoreError> {
        let query = query.clone();
        through!(self, |store| store.claim_page(tenant, &query))
    }
}

impl<O: Offload> Register for Through<O> {
    async fn registrations(
        &self,
        names: &[RegisterName],
    ) -> Result<Vec<Option<Registration>>, StoreError> {
        let names = names.to_vec();
        through!(self, |store| store.registrations(&names))
    }
}

impl<O: Offload> Sequences for Through<O> {
    async fn allocate(
        &self,
        tenant: TenantId,
        sequence: SequenceKey,
        len: NonZeroU32,
    ) -> Result<Block, StoreError> {
        through!(self, |store| store.allocate(tenant, sequence, len))
    }
}

/// A store that keeps mail alone, as the contract has it done.
#[derive(Default)]
pub struct MailStore(MemoryStore);

impl Immediate for MailStore {}

impl Store for MailStore {
    fn keyer(&self) -> &Keyer {
        self.0.keyer()
    }

    fn areas(&self) -> Areas {
        Areas::NONE.with(Area::Messages)
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        if batch.changes().iter().any(|change| change.area() != Area::Messages) {
            return Err(StoreError::unsupported("committing"));
        }
        self.0.commit(batch).await
    }
}

impl MessageIndex for MailStore {
    async fn find(&self, tenant: TenantId, query: &MessageQuery) -> Result<Answer, StoreError> {
        self.0.find(tenant, query).await
    }
}

correspond::unsupported!(MailStore: Records, Directory, Ledger, Register, Sequences);

//! Everything in memory: the reference implementation of the contract, and its fast path.

mod directory;
mod keys;
mod ledger;
mod messages;
mod numbers;
mod order;
mod records;
mod register;
mod sequences;
mod tags;
mod tenant;

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard, TryLockError};

use crate::claim::{
    ClaimPageQuery, RecipientKey, RegisterName, Registration, SendClaim, SendScope,
};
use crate::id::{RecordId, TenantId};
use crate::index::{Answer, Keyer, MessageQuery, process_secret};
use crate::record::{
    Area, Areas, Page, RecordAnswer, RecordPageQuery, RecordQuery, RecordRef, UniqueKey, Versioned,
};
use crate::store::{
    Batch, Block, Commit, Directory, Immediate, Ledger, MessageIndex, Records, Register,
    SequenceKey, Sequences, Store, StoreError, judge,
};
use tenant::{Copies, Tenant};

/// A store that forgets with the process. It keeps every must of [the contract](crate::store) but
/// those of durable stores.
///
/// Mails are bounded: a tenant keeps at most [`rows`](Self::with_rows); when they are full, the oldest
/// sixteenth goes, and those mails are as if they had never been filed. A mail takes some 330 octets
/// (measured over a million), one with every list at its bound some 5,000. Mails that come in the
/// order of their dates are filed in constant time; one that is dated far back costs a move within
/// the lists of its keys.
///
/// Everything else is bounded by memory alone, as nothing of it may be lost: records until they are
/// deleted, claims until they are released, names until they are given up (also after they expired),
/// sequences for good. A tenant can have 2^31 records and as many claims.
///
/// Each tenant has a lock of its own: its readers share, its writer excludes, each for one query or
/// one batch. Tenants do not wait for each other, and neither does whoever asks for numbers or for
/// names wait for any of them.
#[derive(Debug)]
pub struct MemoryStore {
    keyer: Keyer,
    rows: NonZeroU32,
    /// Tenants come and never go, so this is locked just long enough to find one.
    tenants: RwLock<HashMap<TenantId, Arc<RwLock<Tenant>>>>,
    names: register::Names,
    numbers: sequences::LastNumbers,
}

impl MemoryStore {
    /// Mails a tenant keeps unless told otherwise: 2^26, some 67 million.
    pub const DEFAULT_ROWS: NonZeroU32 = NonZeroU32::MIN.saturating_add((1 << 26) - 1);

    /// An empty store whose keys are made under `secret`. [`default`](Self::default) draws one.
    #[must_use]
    pub fn new(secret: [u8; 16]) -> Self {
        Self {
            keyer: Keyer::from_secret(secret),
            rows: Self::DEFAULT_ROWS,
            tenants: RwLock::default(),
            names: register::Names::default(),
            numbers: sequences::LastNumbers::default(),
        }
    }

    /// The same with room for this many mails a tenant, at most 2^31 - 2.
    #[must_use]
    pub fn with_rows(mut self, rows: NonZeroU32) -> Self {
        self.rows = rows.min(messages::MAX_ROWS);
        self
    }

    /// How many mails of a tenant are filed.
    #[must_use]
    pub fn len(&self, tenant: TenantId) -> usize {
        self.read(tenant, |tenant| tenant.messages.len()).unwrap_or(0)
    }

    fn tenant(&self, tenant: TenantId) -> Option<Arc<RwLock<Tenant>>> {
        self.tenants.read().unwrap_or_else(PoisonError::into_inner).get(&tenant).cloned()
    }

    /// What `look` sees of the tenant; `None` of one that nothing was ever written of.
    fn read<T>(&self, tenant: TenantId, look: impl FnOnce(&Tenant) -> T) -> Option<T> {
        let tenant = self.tenant(tenant)?;
        let tenant = tenant.read().unwrap_or_else(PoisonError::into_inner);
        Some(look(&tenant))
    }

    fn tenant_to_write(&self, tenant: TenantId) -> Arc<RwLock<Tenant>> {
        self.tenant(tenant).unwrap_or_else(|| {
            let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(tenants.entry(tenant).or_default())
        })
    }
}

/// Locks out everyone else.
///
/// Whoever waits in the queue of a lock makes all readers wait that come after it, and each of them is
/// put to sleep and woken again, which takes longer than a batch of look-ups. So the writer looks for
/// a gap between readers first, some twenty microseconds long, and joins the queue only where there
/// is none.
fn exclude<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    /// More look-ups than one question has take no longer.
    const TRIES: u32 = 500;
    for _ in 0..TRIES {
        match lock.try_write() {
            Ok(guard) => return guard,
            Err(TryLockError::Poisoned(guard)) => return guard.into_inner(),
            Err(TryLockError::WouldBlock) => (0..4).for_each(|_| std::hint::spin_loop()),
        }
    }
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

impl Default for MemoryStore {
    /// An empty store under a secret of this process: nobody outside can choose colliding keys.
    fn default() -> Self {
        Self::new(process_secret())
    }
}

impl Immediate for MemoryStore {}

impl Store for MemoryStore {
    fn keyer(&self) -> &Keyer {
        &self.keyer
    }

    fn areas(&self) -> Areas {
        Areas::ALL
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        let Some(first) = batch.changes().first() else { return Ok(Commit::Applied) };
        if first.area() == Area::Register {
            // Alone in its batch.
            return self.names.commit(batch, first);
        }
        // Before the lock and dropped behind it: nobody waits for an allocation that could be
        // elsewhere.
        let mut copies = Copies::of(batch);
        let tenant = self.tenant_to_write(batch.tenant());
        if copies.has_records() {
            tenant.read().unwrap_or_else(PoisonError::into_inner).look_ahead(batch);
        }
        let mut tenant = exclude(&tenant);
        let judged = judge(batch, &*tenant)?;
        if judged.is_applied() {
            tenant.room(&copies)?;
            tenant.apply(batch, &mut copies, self.rows);
        }
        drop(tenant);
        Ok(judged)
    }
}

impl MessageIndex for MemoryStore {
    async fn find(&self, tenant: TenantId, query: &MessageQuery) -> Result<Answer, StoreError> {
        let mut answer = Answer::with_capacity(query.lookups().len());
        let found = self.read(tenant, |tenant| tenant.messages.find(query, &mut answer));
        if found.is_none() {
            query.lookups().iter().for_each(|_| answer.end_lookup(0));
        }
        Ok(answer)
    }
}

impl Records for MemoryStore {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        let found = self.read(tenant, |tenant| {
            records.iter().map(|record| tenant.records.get(*record)?.versioned()).collect()
        });
        Ok(found.unwrap_or_else(|| vec![None; records.len()]))
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        let found =
            self.read(tenant, |tenant| keys.iter().map(|key| tenant.records.holder(key)).collect());
        Ok(found.unwrap_or_else(|| vec![None; keys.len()]))
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        let found = self.read(tenant, |tenant| tenant.records.list(query));
        Ok(found.unwrap_or(Page { items: Vec::new(), next: None }))
    }
}

impl Directory for MemoryStore {
    async fn find_records(
        &self,
        tenant: TenantId,
        query: &RecordQuery,
    ) -> Result<RecordAnswer, StoreError> {
        let mut answer = RecordAnswer::with_capacity(query.lookups().len());
        let found = self.read(tenant, |tenant| tenant.records.find(query, &mut answer));
        if found.is_none() {
            query.lookups().iter().for_each(|_| answer.end_lookup(0));
        }
        Ok(answer)
    }
}

impl Ledger for MemoryStore {
    async fn claims(
        &self,
        tenant: TenantId,
        scope: &SendScope,
        recipients: &[RecipientKey],
    ) -> Result<Vec<Option<SendClaim>>, StoreError> {
        let found = self.read(tenant, |tenant| tenant.claims.get_all(scope, recipients));
        Ok(found.unwrap_or_else(|| vec![None; recipients.len()]))
    }

    async fn claim_page(
        &self,
        tenant: TenantId,
        query: &ClaimPageQuery,
    ) -> Result<Page<(RecipientKey, SendClaim), RecipientKey>, StoreError> {
        let found = self.read(tenant, |tenant| tenant.claims.page(query));
        Ok(found.unwrap_or(Page { items: Vec::new(), next: None }))
    }
}

impl Register for MemoryStore {
    async fn registrations(
        &self,
        names: &[RegisterName],
    ) -> Result<Vec<Option<Registration>>, StoreError> {
        Ok(self.names.get_all(names))
    }
}

impl Sequences for MemoryStore {
    async fn allocate(
        &self,
        tenant: TenantId,
        sequence: SequenceKey,
        len: NonZeroU32,
    ) -> Result<Block, StoreError> {
        self.numbers.allocate(tenant, sequence, len)
    }
}

#[cfg(test)]
mod tests;

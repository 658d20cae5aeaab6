//! Durable stores that are broken on purpose.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::claim::{
    ClaimPageQuery, RecipientKey, RegisterName, Registration, SendClaim, SendScope,
};
use crate::id::{RecordId, TenantId};
use crate::index::{Answer, Keyer, MessageQuery};
use crate::record::{
    Areas, Page, RecordAnswer, RecordPageQuery, RecordQuery, RecordRef, UniqueKey, Versioned,
};
use crate::store::{
    Batch, Block, Change, Commit, Directory, Ledger, MessageIndex, Records, Refusal, Register,
    SequenceKey, Sequences, Store, StoreError,
};

/// How a [`FaultyStore`] breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CrashFault {
    /// It acknowledges a batch, and writes it when the next one comes.
    AcknowledgesFirst,
    /// It writes a batch in two transactions: its records after all else.
    TwoTransactions,
    /// It keeps the numbers that it handed out in memory alone.
    ForgetsNumbers,
}

impl CrashFault {
    /// Every fault.
    pub const ALL: [Self; 3] =
        [Self::AcknowledgesFirst, Self::TwoTransactions, Self::ForgetsNumbers];
}

/// A durable store that does not survive a kill, made of one that does: to show that the crash case
/// would notice. As long as no process dies and no race is lost, nobody notices anything.
#[derive(Debug)]
pub struct FaultyStore<S> {
    inner: S,
    fault: CrashFault,
    held: Mutex<Option<Batch>>,
    handed_out: AtomicU64,
}

impl<S> FaultyStore<S> {
    /// `inner`, broken in this way.
    #[must_use]
    pub const fn new(inner: S, fault: CrashFault) -> Self {
        Self { inner, fault, held: Mutex::new(None), handed_out: AtomicU64::new(0) }
    }
}

impl<S: Store> FaultyStore<S> {
    /// First everything but records, then the records.
    async fn commit_twice(&self, batch: &Batch) -> Result<Commit, StoreError> {
        let mut refusals = Vec::new();
        for records in [false, true] {
            let mut part = Batch::new(batch.tenant());
            let mut places = Vec::new();
            for (place, change) in batch.changes().iter().enumerate() {
                let is_record = matches!(change, Change::Put { .. } | Change::Delete { .. });
                // What fits into the whole fits into a part of it.
                if is_record == records && part.push(change.clone()).is_ok() {
                    places.push(place);
                }
            }
            if places.is_empty() {
                continue;
            }
            for refusal in self.inner.commit(&part).await?.refusals() {
                let change = places.get(refusal.change).copied().unwrap_or(refusal.change);
                refusals.push(Refusal { change, reason: refusal.reason.clone() });
            }
        }
        refusals.sort_by_key(|refusal| refusal.change);
        Ok(if refusals.is_empty() { Commit::Applied } else { Commit::Refused(refusals) })
    }
}

impl<S: Store> Store for FaultyStore<S> {
    fn keyer(&self) -> &Keyer {
        self.inner.keyer()
    }

    fn areas(&self) -> Areas {
        self.inner.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        match self.fault {
            CrashFault::AcknowledgesFirst => {
                let before =
                    self.held.lock().unwrap_or_else(PoisonError::into_inner).replace(batch.clone());
                if let Some(before) = before {
                    let _ = self.inner.commit(&before).await?;
                }
                Ok(Commit::Applied)
            }
            CrashFault::TwoTransactions => self.commit_twice(batch).await,
            _ => self.inner.commit(batch).await,
        }
    }
}

impl<S: Sequences> Sequences for FaultyStore<S> {
    async fn allocate(
        &self,
        tenant: TenantId,
        sequence: SequenceKey,
        len: NonZeroU32,
    ) -> Result<Block, StoreError> {
        if self.fault != CrashFault::ForgetsNumbers {
            return self.inner.allocate(tenant, sequence, len).await;
        }
        let before = self.handed_out.fetch_add(u64::from(len.get()), Ordering::SeqCst);
        Ok(Block::new(before + 1, len))
    }
}

impl<S: MessageIndex> MessageIndex for FaultyStore<S> {
    async fn find(&self, tenant: TenantId, query: &MessageQuery) -> Result<Answer, StoreError> {
        self.inner.find(tenant, query).await
    }
}

impl<S: Records> Records for FaultyStore<S> {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.inner.load(tenant, records).await
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        self.inner.holders(tenant, keys).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        self.inner.list(tenant, query).await
    }
}

impl<S: Directory> Directory for FaultyStore<S> {
    async fn find_records(
        &self,
        tenant: TenantId,
        query: &RecordQuery,
    ) -> Result<RecordAnswer, StoreError> {
        self.inner.find_records(tenant, query).await
    }
}

impl<S: Ledger> Ledger for FaultyStore<S> {
    async fn claims(
        &self,
        tenant: TenantId,
        scope: &SendScope,
        recipients: &[RecipientKey],
    ) -> Result<Vec<Option<SendClaim>>, StoreError> {
        self.inner.claims(tenant, scope, recipients).await
    }

    async fn claim_page(
        &self,
        tenant: TenantId,
        query: &ClaimPageQuery,
    ) -> Result<Page<(RecipientKey, SendClaim), RecipientKey>, StoreError> {
        self.inner.claim_page(tenant, query).await
    }
}

impl<S: Register> Register for FaultyStore<S> {
    async fn registrations(
        &self,
        names: &[RegisterName],
    ) -> Result<Vec<Option<Registration>>, StoreError> {
        self.inner.registrations(names).await
    }
}

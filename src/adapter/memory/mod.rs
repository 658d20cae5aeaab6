//! Everything in memory: the reference implementation of the contract, and its fast path.

mod keys;
mod tenant;

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::num::NonZeroU32;
use std::sync::{PoisonError, RwLock};

use crate::id::{RecordId, TenantId};
use crate::index::{Answer, IndexKey, IndexKind, Keyer, MessageQuery};
use crate::record::{Area, Areas};
use crate::store::{
    Batch, Change, Commit, Immediate, MessageIndex, Reason, Refusal, Store, StoreError,
    StoreErrorKind,
};
use tenant::TenantIndex;

/// A store that forgets with the process.
///
/// Bounded: a tenant keeps at most [`rows`](Self::with_rows) mails; when they are full, the oldest
/// sixteenth goes, and those mails are as if they had never been filed. A mail takes some 320 octets
/// (measured over a million), one with every list at its bound some 5,000. Mails that come in the
/// order of their dates are filed in constant time; one that is dated far back costs a move within
/// the lists of its keys.
///
/// Readers share, a writer excludes; both hold the lock for one query or one batch.
#[derive(Debug)]
pub struct MemoryStore {
    keyer: Keyer,
    rows: NonZeroU32,
    tenants: RwLock<HashMap<TenantId, TenantIndex>>,
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
        }
    }

    /// The same with room for this many mails a tenant, at most 2^31 - 2.
    #[must_use]
    pub fn with_rows(mut self, rows: NonZeroU32) -> Self {
        self.rows = rows.min(tenant::MAX_ROWS);
        self
    }

    /// How many mails of a tenant are filed.
    #[must_use]
    pub fn len(&self, tenant: TenantId) -> usize {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        tenants.get(&tenant).map_or(0, TenantIndex::len)
    }
}

impl Default for MemoryStore {
    /// An empty store under a secret of this process: nobody outside can choose colliding keys.
    fn default() -> Self {
        let draw = |which: u8| {
            let mut hasher = RandomState::new().build_hasher();
            hasher.write_u8(which);
            hasher.finish()
        };
        Self::new((u128::from(draw(0)) << 64 | u128::from(draw(1))).to_le_bytes())
    }
}

impl Immediate for MemoryStore {}

impl Store for MemoryStore {
    fn keyer(&self) -> &Keyer {
        &self.keyer
    }

    fn areas(&self) -> Areas {
        Areas::NONE.with(Area::Messages)
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        let tenant = tenants.entry(batch.tenant()).or_default();
        if let Some(taken) = taken(tenant, batch) {
            return Ok(taken);
        }
        if !tenant.has_room(batch.changes().len()) {
            return Err(StoreError::new(StoreErrorKind::Full, "filing a mail"));
        }
        for change in batch.changes() {
            if let Change::File(row) = change {
                tenant.file(row, self.rows);
            }
        }
        Ok(Commit::Applied)
    }
}

crate::unsupported!(MemoryStore: Records, Directory, Ledger, Register, Sequences);

impl MessageIndex for MemoryStore {
    async fn find(&self, tenant: TenantId, query: &MessageQuery) -> Result<Answer, StoreError> {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        let mut answer = Answer::with_capacity(query.lookups().len());
        match tenants.get(&tenant) {
            Some(tenant) => tenant.find(query, &mut answer),
            None => query.lookups().iter().for_each(|_| answer.end_lookup(0)),
        }
        Ok(answer)
    }
}

/// The first change of the batch whose unique key is held by a row, or by a change before it.
fn taken(tenant: &TenantIndex, batch: &Batch) -> Option<Commit> {
    let single = batch.changes().len() == 1;
    let mut claimed: HashMap<&IndexKey, RecordId> = HashMap::new();
    for (at, change) in batch.changes().iter().enumerate() {
        let Change::File(row) = change else { continue };
        for key in row.keys().iter().filter(|key| key.kind() == IndexKind::MessageId) {
            let before = if single { None } else { claimed.insert(key, row.id()) };
            if let Some(holder) = before.or_else(|| tenant.holder(key)) {
                return Some(Commit::Refused(vec![Refusal {
                    change: at,
                    reason: Reason::Filed { holder },
                }]));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests;

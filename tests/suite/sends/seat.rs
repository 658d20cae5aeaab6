//! The ledger as one worker has it: something may happen before a call, calls may fail, answers may get
//! lost, and the worker may do wrong.

use correspond::claim::{ClaimPageQuery, RecipientKey, SendClaim, SendScope};
use correspond::id::TenantId;
use correspond::index::Keyer;
use correspond::record::{Areas, Page};
use correspond::store::{Batch, Change, Commit, Ledger, Store, StoreError, StoreErrorKind};

/// What is wrong with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    #[default]
    None,
    /// Looks who is free, sends, and claims when it settles.
    ClaimsLater,
    /// Settles as soon as it has claimed, and sends then.
    SettlesFirst,
}

impl Fault {
    const NAMES: [(&'static str, Self); 3] = [
        ("none", Self::None),
        ("claims-later", Self::ClaimsLater),
        ("settles-first", Self::SettlesFirst),
    ];

    /// The fault of this name.
    #[allow(dead_code, reason = "a proof's")]
    pub fn named(name: &str) -> Result<Self, String> {
        let fault = Self::NAMES.iter().find(|(known, _)| *known == name);
        fault.map(|(_, fault)| *fault).ok_or_else(|| format!("expected a fault, found {name:?}"))
    }

    /// Its name.
    #[allow(dead_code, reason = "a proof's")]
    pub fn name(self) -> &'static str {
        let fault = Self::NAMES.iter().find(|(_, known)| *known == self);
        fault.map_or("none", |(name, _)| name)
    }
}

/// What is asked of the store.
#[derive(Clone, Copy, Debug)]
pub enum Call<'a> {
    Read,
    Commit(#[allow(dead_code, reason = "some look at it")] &'a Batch),
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    Answers,
    /// Nothing is done.
    Fails,
    /// It is done, and the answer gets lost.
    LosesAnswer,
}

type Before<'a> = Box<dyn Fn(Call<'_>) -> Then + Send + Sync + 'a>;

type Applied<'a> = Box<dyn Fn(&Batch) + Send + Sync + 'a>;

pub struct Seat<'a, S> {
    store: &'a S,
    fault: Fault,
    before: Before<'a>,
    applied: Applied<'a>,
}

impl<'a, S> Seat<'a, S> {
    pub fn new(
        store: &'a S,
        fault: Fault,
        before: impl Fn(Call<'_>) -> Then + Send + Sync + 'a,
    ) -> Self {
        Self { store, fault, before: Box::new(before), applied: Box::new(|_| ()) }
    }

    /// The same where somebody hears of each batch that was applied.
    #[allow(dead_code, reason = "a proof's")]
    pub fn telling(self, applied: impl Fn(&Batch) + Send + Sync + 'a) -> Self {
        Self { applied: Box::new(applied), ..self }
    }
}

fn lost() -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, "waiting for an answer")
}

fn settled(claims: &Batch) -> Batch {
    of(
        claims.tenant(),
        claims.changes().iter().map(|change| match change.clone() {
            Change::Claim { id, by, at } => Change::Settle { id, by, at },
            other => other,
        }),
    )
}

fn claimed(settles: &Batch) -> Batch {
    of(
        settles.tenant(),
        settles.changes().iter().map(|change| match change.clone() {
            Change::Settle { id, by, at } => Change::Claim { id, by, at },
            other => other,
        }),
    )
}

fn of(tenant: TenantId, changes: impl Iterator<Item = Change>) -> Batch {
    let mut batch = Batch::new(tenant);
    for change in changes {
        batch.push(change).expect("changes that were in one batch");
    }
    batch
}

impl<S: Store> Seat<'_, S> {
    async fn write(&self, batch: &Batch) -> Result<Commit, StoreError> {
        let claims = matches!(batch.changes().first(), Some(Change::Claim { .. }));
        let settles = matches!(batch.changes().first(), Some(Change::Settle { .. }));
        match self.fault {
            Fault::ClaimsLater if claims => Ok(Commit::Applied),
            Fault::ClaimsLater if settles => {
                let _ = self.store.commit(&claimed(batch)).await?;
                self.store.commit(batch).await
            }
            Fault::SettlesFirst if claims => {
                let commit = self.store.commit(batch).await?;
                if commit.is_applied() {
                    let _ = self.store.commit(&settled(batch)).await?;
                }
                Ok(commit)
            }
            _ => self.store.commit(batch).await,
        }
    }
}

impl<S: Store> Store for Seat<'_, S> {
    fn keyer(&self) -> &Keyer {
        self.store.keyer()
    }

    fn areas(&self) -> Areas {
        self.store.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        let then = (self.before)(Call::Commit(batch));
        if then == Then::Fails {
            return Err(lost());
        }
        let commit = self.write(batch).await?;
        if commit.is_applied() {
            (self.applied)(batch);
        }
        if then == Then::LosesAnswer { Err(lost()) } else { Ok(commit) }
    }
}

impl<S: Ledger> Ledger for Seat<'_, S> {
    async fn claims(
        &self,
        tenant: TenantId,
        scope: &SendScope,
        recipients: &[RecipientKey],
    ) -> Result<Vec<Option<SendClaim>>, StoreError> {
        match (self.before)(Call::Read) {
            Then::Answers => self.store.claims(tenant, scope, recipients).await,
            _ => Err(lost()),
        }
    }

    async fn claim_page(
        &self,
        tenant: TenantId,
        query: &ClaimPageQuery,
    ) -> Result<Page<(RecipientKey, SendClaim), RecipientKey>, StoreError> {
        match (self.before)(Call::Read) {
            Then::Answers => self.store.claim_page(tenant, query).await,
            _ => Err(lost()),
        }
    }
}

//! Which match keys do the rows of the directory have?

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{corrupt, full};
use crate::flow::settings::organization;
use crate::flow::{FlowError, ROUNDS};
use crate::form::{Keyings, MatchPlan, kind_of};
use crate::id::TenantId;
use crate::party::{Party, PartyError};
use crate::record::{
    LookupKey, LookupKind, MAX_PAGE, Record, RecordKind, RecordPageQuery, RecordRef, Space,
    UniqueKey, Version, Versioned, Versions,
};
use crate::settings::MatchingTarget;
use crate::store::{Batch, Change, Expect, Records, Store};

/// The keys that the rows of a directory have, as a store keeps it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DirectoryKeys {
    /// All rows have them.
    pub(super) ready: Keyings,
    /// New and changed rows get them; of the others some have them.
    pub(super) coming: Keyings,
}

impl DirectoryKeys {
    pub(super) const fn reference(tenant: TenantId) -> RecordRef {
        RecordKind::DirectoryKeys.of(organization(tenant))
    }

    pub(super) fn found(kept: Option<&Versioned>) -> Result<Self, FlowError> {
        kept.map_or(Ok(Self::default()), |kept| {
            serde_json::from_str(kept.record.body()).map_err(corrupt)
        })
    }

    /// The keys of a row that is written: under all that are looked up, or will be.
    pub(super) fn of_row(&self, party: &Party, store: &impl Store) -> Vec<LookupKey> {
        let keyer = store.keyer();
        let mut keys = self.ready.lookup_keys(party, keyer);
        keys.extend(self.coming.lookup_keys(party, keyer));
        keys
    }

    /// The record of a row as it is to be kept: its own match and address keys made anew, others as
    /// they were; of the claims that it had, those that its values still make.
    pub(super) fn record(
        &self,
        party: &Party,
        before: Option<&Record>,
        plan: &MatchPlan,
        store: &impl Store,
    ) -> Result<Record, FlowError> {
        let mut unique = plan.claims(party, store.keyer());
        if let Some(before) = before {
            unique = still_claimed(before.unique(), &unique);
        }
        claiming(party, before, self.of_row(party, store), unique).map_err(full)
    }

    fn put(
        &self,
        tenant: TenantId,
        before: Option<Version>,
        versions: &Versions,
        now: DateTime<Utc>,
    ) -> Result<Change, FlowError> {
        let body = serde_json::to_string(self).map_err(full)?;
        let record = Record::new(Self::reference(tenant), now, body).map_err(full)?;
        let expect = before.map_or(Expect::Absent, Expect::At);
        Ok(Change::Put { record, version: versions.next(), expect })
    }
}

/// The record of a row under these match and address keys, with these claims; other keys stay.
pub(super) fn claiming(
    party: &Party,
    before: Option<&Record>,
    keys: Vec<LookupKey>,
    unique: Vec<UniqueKey>,
) -> Result<Record, PartyError> {
    let other = |key: &&LookupKey| !matches!(key.kind(), LookupKind::Match | LookupKind::Address);
    let kept = before.map_or(&[][..], Record::keys).iter().filter(other).copied();
    party.to_record(keys.into_iter().chain(kept), unique)
}

/// Of the claims that a row had, those that its values `claims` still make.
pub(super) fn still_claimed(had: &[UniqueKey], claims: &[UniqueKey]) -> Vec<UniqueKey> {
    let still = |key: &&UniqueKey| key.space() != Space::Match || claims.contains(key);
    had.iter().filter(still).copied().collect()
}

/// What was done to give the rows of a directory their match keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Keyed {
    /// How many rows were looked at, in all passes.
    pub looked_at: u64,
    /// How many were written, since they had other keys.
    pub written: u64,
    /// How many passes over the directory it took.
    pub passes: u32,
}

/// Gives every contact and lead the match keys of these strategies, and takes those away that nothing
/// compares any more.
///
/// Call it when an organization is new, and whenever a strategy was made or changed: until it has
/// returned, a submission of a form with that strategy fails for [`NotKeyed`], is kept, and can be
/// tried again. Where all rows have their keys, it reads them and writes nothing. Submissions go on
/// meanwhile: from its first step on they write the new keys. It passes over the directory until a
/// pass finds nothing to write, so that a row is not missed that was written a moment before that
/// step.
///
/// [`NotKeyed`]: crate::form::Failure::NotKeyed
///
/// # Errors
///
/// The store failed, a row is not the JSON of its attributes, or other writers won [`ROUNDS`] rounds
/// in a row, or went on writing rows without the keys for as many passes: then they were not made by
/// this crate, or by one that was never told of the strategies. What was done stays; call it again.
pub async fn key_directory<S: Store + Records>(
    store: &S,
    versions: &Versions,
    tenant: TenantId,
    plan: &MatchPlan,
    now: DateTime<Utc>,
) -> Result<Keyed, FlowError> {
    let announced = mark(store, versions, (tenant, now), |keys| {
        let ready = keys.ready.iter().filter(|keying| plan.keyings().contains(keying));
        let mut still = Keyings::default();
        let _ = ready.cloned().all(|keying| still.add(keying));
        let all = plan.keyings().iter().all(|keying| still.contains(keying));
        let coming = if all { Keyings::default() } else { plan.keyings().clone() };
        DirectoryKeys { ready: still, coming }
    });
    let announced = announced.await?;
    let mut done = Keyed::default();
    for pass in 1..=ROUNDS as u32 {
        let before = done.written;
        for target in MatchingTarget::ALL {
            key_kind(store, versions, tenant, kind_of(*target), &announced, plan, &mut done)
                .await?;
        }
        done.passes = pass;
        if done.written == before {
            let ready = |_: DirectoryKeys| DirectoryKeys {
                ready: plan.keyings().clone(),
                coming: Keyings::default(),
            };
            mark(store, versions, (tenant, now), ready).await?;
            return Ok(done);
        }
    }
    Err(FlowError::contended())
}

/// Writes which keys there are.
async fn mark<S: Store + Records>(
    store: &S,
    versions: &Versions,
    (tenant, now): (TenantId, DateTime<Utc>),
    change: impl Fn(DirectoryKeys) -> DirectoryKeys + Send,
) -> Result<DirectoryKeys, FlowError> {
    for _ in 0..ROUNDS {
        let kept = store.load(tenant, &[DirectoryKeys::reference(tenant)]).await?.pop().flatten();
        let before = DirectoryKeys::found(kept.as_ref())?;
        let after = change(before.clone());
        if after == before {
            return Ok(after);
        }
        let put = after.put(tenant, kept.map(|kept| kept.version), versions, now)?;
        if store.commit(&Batch::of(tenant, put)).await?.is_applied() {
            return Ok(after);
        }
    }
    Err(FlowError::contended())
}

/// One pass over the rows of a kind.
async fn key_kind<S: Store + Records>(
    store: &S,
    versions: &Versions,
    tenant: TenantId,
    kind: RecordKind,
    keys: &DirectoryKeys,
    plan: &MatchPlan,
    done: &mut Keyed,
) -> Result<(), FlowError> {
    let mut query = RecordPageQuery::new(kind).limit(MAX_PAGE);
    loop {
        let page = store.list(tenant, &query).await?;
        let mut batch = Batch::new(tenant);
        for kept in &page.items {
            done.looked_at += 1;
            if let Some(put) = rekeyed(kept, versions, keys, plan, store)? {
                batch.push(put)?;
            }
        }
        let written = batch.changes().len() as u64;
        if written > 0 && store.commit(&batch).await?.is_applied() {
            done.written += written;
        } else if written > 0 {
            // Some row of the page was written meanwhile: row by row, what is stale waits for the
            // next pass.
            for change in batch.changes() {
                done.written += 1;
                let _ = store.commit(&Batch::of(tenant, change.clone())).await?;
            }
        }
        match page.next {
            Some(next) => query = query.after(next),
            None => return Ok(()),
        }
    }
}

/// Gives the rows that a batch wrote the keys that were announced since `seen` was read: the pass over
/// the directory may have gone by before the batch was written.
pub(super) async fn follow<S: Store + Records>(
    store: &S,
    versions: &Versions,
    plan: &MatchPlan,
    seen: &DirectoryKeys,
    batch: &Batch,
) -> Result<(), FlowError> {
    let rows: Vec<RecordRef> = batch.changes().iter().filter_map(row_of).collect();
    let tenant = batch.tenant();
    if rows.is_empty() {
        return Ok(());
    }
    for _ in 0..ROUNDS {
        let keys = std::iter::once(DirectoryKeys::reference(tenant));
        let asked: Vec<RecordRef> = keys.chain(rows.iter().copied()).collect();
        let mut found = store.load(tenant, &asked).await?.into_iter();
        let keys = DirectoryKeys::found(found.next().flatten().as_ref())?;
        if keys == *seen {
            return Ok(());
        }
        let mut again = Batch::new(tenant);
        for kept in found.flatten() {
            if let Some(put) = rekeyed(&kept, versions, &keys, plan, store)? {
                again.push(put)?;
            }
        }
        if store.commit(&again).await?.is_applied() {
            return Ok(());
        }
    }
    Err(FlowError::contended())
}

fn row_of(change: &Change) -> Option<RecordRef> {
    match change {
        Change::Put { record, .. } => Some(record.reference())
            .filter(|row| MatchingTarget::ALL.iter().any(|target| kind_of(*target) == row.kind())),
        _ => None,
    }
}

pub(super) fn rekeyed(
    kept: &Versioned,
    versions: &Versions,
    keys: &DirectoryKeys,
    plan: &MatchPlan,
    store: &impl Store,
) -> Result<Option<Change>, FlowError> {
    let party = Party::from_versioned(kept).map_err(corrupt)?;
    let record = keys.record(&party, Some(&kept.record), plan, store)?;
    let same = record.keys() == kept.record.keys() && record.unique() == kept.record.unique();
    let (version, expect) = (versions.next(), Expect::At(kept.version));
    Ok((!same).then_some(Change::Put { record, version, expect }))
}

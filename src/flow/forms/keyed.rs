//! Which match keys do the rows of the directory have?

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::bulk::load;
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
    ) -> Result<Record, PartyError> {
        let mut unique = plan.claims(party, store.keyer());
        if let Some(before) = before {
            unique = still_claimed(before.unique(), &unique);
        }
        claiming(party, before, self.of_row(party, store), unique)
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Keyed {
    /// How many rows were looked at, in all passes.
    pub looked_at: u64,
    /// How many were written, since they had other keys.
    pub written: u64,
    /// How many cannot be read, or have no room for their keys: nothing finds them, and they are passed
    /// over.
    pub unkeyed: u64,
    /// Some of these: the first [`SHOWN`](Self::SHOWN) of the last pass.
    pub examples: Vec<RecordRef>,
    /// How many passes over the directory it took.
    pub passes: u32,
}

impl Keyed {
    /// At most this many rows without keys are named.
    pub const SHOWN: usize = 20;
}

/// Gives every contact and lead the match keys of these strategies, and takes those away that nothing
/// compares any more.
///
/// Call it when an organization is new, and whenever a strategy was made or changed: until it has
/// returned, a submission of a form with that strategy fails for [`NotKeyed`], is kept, and can be
/// tried again. Where all rows have their keys, it reads them and writes nothing. Submissions go on
/// meanwhile: from its first step on they write the new keys. It passes over the directory until a
/// pass finds nothing to write, so that a row is not missed that was written a moment before that
/// step. Where somebody else does the same for other strategies meanwhile, it begins anew, and whoever
/// comes last prevails: the keys of the other's strategies are not ready then, and say so.
///
/// [`NotKeyed`]: crate::form::Failure::NotKeyed
///
/// # Errors
///
/// The store failed, or other writers won [`ROUNDS`] rounds in a row, or went on writing rows without
/// the keys for as many passes: then they were not made by this crate, or by one that was never told of
/// the strategies. What was done stays; call it again.
pub async fn key_directory<S: Store + Records>(
    store: &S,
    versions: &Versions,
    tenant: TenantId,
    plan: &MatchPlan,
    now: DateTime<Utc>,
) -> Result<Keyed, FlowError> {
    let mut done = Keyed::default();
    let (mut announced, mut version) = announce(store, versions, (tenant, now), plan).await?;
    for pass in 1..=ROUNDS as u32 {
        (done.unkeyed, done.passes) = (0, pass);
        done.examples.clear();
        let mut again = false;
        for target in MatchingTarget::ALL {
            let of = (tenant, kind_of(*target));
            again |= key_kind(store, versions, of, &announced, plan, &mut done).await?;
        }
        if again {
            continue;
        }
        let ready = DirectoryKeys { ready: plan.keyings().clone(), coming: Keyings::default() };
        if ready == announced {
            return Ok(done);
        }
        // Only what was announced becomes ready: whoever announced something else since has taken keys
        // away that these passes gave.
        let put = ready.put(tenant, version, versions, now)?;
        if store.commit(&Batch::of(tenant, put)).await?.is_applied() {
            return Ok(done);
        }
        (announced, version) = announce(store, versions, (tenant, now), plan).await?;
    }
    Err(FlowError::contended())
}

/// Says which keys there will be, and that those which nothing compares any more are not ready.
async fn announce<S: Store + Records>(
    store: &S,
    versions: &Versions,
    (tenant, now): (TenantId, DateTime<Utc>),
    plan: &MatchPlan,
) -> Result<(DirectoryKeys, Option<Version>), FlowError> {
    for _ in 0..ROUNDS {
        let kept = store.load(tenant, &[DirectoryKeys::reference(tenant)]).await?.pop().flatten();
        let before = DirectoryKeys::found(kept.as_ref())?;
        let seen = kept.map(|kept| kept.version);
        let ready = before.ready.iter().filter(|keying| plan.keyings().contains(keying));
        let mut still = Keyings::default();
        let _ = ready.cloned().all(|keying| still.add(keying));
        let all = plan.keyings().iter().all(|keying| still.contains(keying));
        let coming = if all { Keyings::default() } else { plan.keyings().clone() };
        let after = DirectoryKeys { ready: still, coming };
        if after == before {
            return Ok((after, seen));
        }
        let put = after.put(tenant, seen, versions, now)?;
        let written = match &put {
            Change::Put { version, .. } => Some(*version),
            _ => None,
        };
        if store.commit(&Batch::of(tenant, put)).await?.is_applied() {
            return Ok((after, written));
        }
    }
    Err(FlowError::contended())
}

/// One pass over the rows of a kind; true where another one is due.
async fn key_kind<S: Store + Records>(
    store: &S,
    versions: &Versions,
    (tenant, kind): (TenantId, RecordKind),
    keys: &DirectoryKeys,
    plan: &MatchPlan,
    done: &mut Keyed,
) -> Result<bool, FlowError> {
    let mut query = RecordPageQuery::new(kind).limit(MAX_PAGE);
    let mut again = false;
    loop {
        let page = store.list(tenant, &query).await?;
        let mut batch = Batch::new(tenant);
        for kept in &page.items {
            done.looked_at += 1;
            match rekeyed(kept, versions, keys, plan, store) {
                Ok(None) => {}
                Ok(Some(put)) => batch.push(put)?,
                Err(_) => {
                    done.unkeyed += 1;
                    if done.examples.len() < Keyed::SHOWN {
                        done.examples.push(kept.record.reference());
                    }
                }
            }
        }
        let changes = batch.changes();
        again |= !changes.is_empty();
        if changes.is_empty() || store.commit(&batch).await?.is_applied() {
            done.written += changes.len() as u64;
        } else {
            // Some row of the page was written meanwhile: row by row, what is stale waits for the
            // next pass.
            for change in changes {
                let alone = Batch::of(tenant, change.clone());
                done.written += u64::from(store.commit(&alone).await?.is_applied());
            }
        }
        match page.next {
            Some(next) => query = query.after(next),
            None => return Ok(again),
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
    follow_rows(store, versions, plan, Some(seen), batch.tenant(), &rows).await
}

/// Gives these rows the keys that there are now, unless these are the ones that were `seen`.
pub(super) async fn follow_rows<S: Store + Records>(
    store: &S,
    versions: &Versions,
    plan: &MatchPlan,
    seen: Option<&DirectoryKeys>,
    tenant: TenantId,
    rows: &[RecordRef],
) -> Result<(), FlowError> {
    if rows.is_empty() {
        return Ok(());
    }
    for _ in 0..ROUNDS {
        let kept = store.load(tenant, &[DirectoryKeys::reference(tenant)]).await?.pop().flatten();
        let keys = DirectoryKeys::found(kept.as_ref())?;
        if seen == Some(&keys) {
            return Ok(());
        }
        let found = load(store, tenant, rows.iter().copied()).await?;
        let mut again = Batch::new(tenant);
        for kept in found.into_iter().flatten() {
            if let Some(put) = rekeyed(&kept, versions, &keys, plan, store)? {
                again.push(put)?;
            }
        }
        if again.changes().is_empty() || store.commit(&again).await?.is_applied() {
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
    let record = keys.record(&party, Some(&kept.record), plan, store).map_err(full)?;
    let same = record.keys() == kept.record.keys() && record.unique() == kept.record.unique();
    let (version, expect) = (versions.next(), Expect::At(kept.version));
    Ok((!same).then_some(Change::Put { record, version, expect }))
}

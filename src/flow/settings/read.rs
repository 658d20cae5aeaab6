//! Records of settings, read.

use super::{MAX_RECORDS, mark_of_provisioning};
use crate::flow::{FlowError, ROUNDS};
use crate::id::{RecordId, TenantId};
use crate::record::{MAX_PAGE, Page, RecordPageQuery, RecordRef, Versioned};
use crate::settings::{DefaultRule, SettingsRecord, Stored};
use crate::store::{Records, Store, StoreError, StoreErrorKind};

/// The record with this id; `None` where there is none.
///
/// # Errors
///
/// The organization is not provisioned, or the store failed.
pub async fn get<T: SettingsRecord, S: Store + Records>(
    store: &S,
    tenant: TenantId,
    id: RecordId,
) -> Result<Option<Stored<T>>, FlowError> {
    let found = fetch(store, tenant, &[T::KIND.of(id)]).await?;
    found.first().and_then(Option::as_ref).map(read).transpose()
}

/// All records of a kind, by ascending id, at most [`MAX_RECORDS`].
///
/// Where the kind has a default record, the answer never shows two of them, nor none where there
/// always is one: a list that takes several pages is read again where another record was made the
/// default between two of them.
///
/// # Errors
///
/// The organization is not provisioned, there are more records, other writers moved the default in
/// each of [`ROUNDS`] rounds, or the store failed.
pub async fn list<T: SettingsRecord, S: Store + Records>(
    store: &S,
    tenant: TenantId,
) -> Result<Vec<Stored<T>>, FlowError> {
    fetch(store, tenant, &[]).await?;
    for _ in 0..ROUNDS {
        let (records, pages) = list_once::<T, S>(store, tenant).await?;
        // One page is one state of the store.
        if pages < 2 || T::DEFAULTS == DefaultRule::None {
            return Ok(records);
        }
        match records.iter().filter(|stored| stored.is_default()).count() {
            1 => return Ok(records),
            0 if holder::<T, S>(store, tenant).await?.is_none() => return Ok(records),
            _ => {}
        }
    }
    Err(FlowError::contended())
}

async fn list_once<T: SettingsRecord, S: Records>(
    store: &S,
    tenant: TenantId,
) -> Result<(Vec<Stored<T>>, usize), FlowError> {
    let mut records = Vec::new();
    let mut query = RecordPageQuery::new(T::KIND).limit(MAX_PAGE);
    let mut pages = 0;
    // A page more than the bound, to see whether anything is behind it.
    while pages <= MAX_RECORDS / usize::from(MAX_PAGE) {
        let found = store.list(tenant, &query).await?;
        pages += 1;
        for kept in &found.items {
            records.push(read(kept)?);
        }
        if records.len() > MAX_RECORDS {
            break;
        }
        let Some(next) = found.next else { return Ok((records, pages)) };
        query = query.after(next);
    }
    Err(FlowError::too_many(T::KIND, MAX_RECORDS))
}

/// Up to `limit` records of a kind (1 to [`MAX_PAGE`]) with greater ids than `after`: what a list of
/// any length is read by. Each page is from a state of the store of its own.
///
/// # Errors
///
/// The organization is not provisioned, or the store failed.
pub async fn page<T: SettingsRecord, S: Store + Records>(
    store: &S,
    tenant: TenantId,
    after: Option<RecordId>,
    limit: u16,
) -> Result<Page<Stored<T>, RecordId>, FlowError> {
    fetch(store, tenant, &[]).await?;
    let query = RecordPageQuery::new(T::KIND).limit(limit);
    let query = match after {
        Some(after) => query.after(after),
        None => query,
    };
    let found = store.list(tenant, &query).await?;
    let items: Result<Vec<_>, _> = found.items.iter().map(read).collect();
    Ok(Page { items: items?, next: found.next })
}

/// The default record of a kind: the active one that is marked. `None` where there is none: never,
/// after [provisioning](super::provision()), where there always is one.
///
/// The answer was right at a moment within the call, whatever others do meanwhile.
///
/// # Errors
///
/// The organization is not provisioned, other writers moved the default in each of [`ROUNDS`] rounds,
/// or the store failed.
pub async fn default_of<T: SettingsRecord, S: Store + Records>(
    store: &S,
    tenant: TenantId,
) -> Result<Option<Stored<T>>, FlowError> {
    let mut provisioned = false;
    for _ in 0..ROUNDS {
        match holder::<T, S>(store, tenant).await? {
            Some(holder) => {
                let found = fetch(store, tenant, &[holder]).await?;
                let found = found.first().and_then(Option::as_ref).map(read::<T>).transpose()?;
                // Else it lost its mark between the two questions.
                if let Some(stored) = found.filter(Stored::is_default) {
                    return Ok(Some(stored));
                }
            }
            // Nobody had the mark after the organization was seen to be provisioned.
            None if provisioned => return Ok(None),
            None => {
                fetch(store, tenant, &[]).await?;
            }
        }
        provisioned = true;
    }
    Err(FlowError::contended())
}

/// Who has the key of the default record now.
pub(super) async fn holder<T: SettingsRecord, S: Store + Records>(
    store: &S,
    tenant: TenantId,
) -> Result<Option<RecordRef>, FlowError> {
    if T::DEFAULTS == DefaultRule::None {
        return Ok(None);
    }
    let key = Stored::<T>::default_key(store.keyer());
    let holders = store.holders(tenant, &[key]).await?;
    Ok(holders.first().copied().flatten())
}

/// The records of these references, of a provisioned organization.
pub(super) async fn fetch<S: Records>(
    store: &S,
    tenant: TenantId,
    records: &[RecordRef],
) -> Result<Vec<Option<Versioned>>, FlowError> {
    let mut asked = Vec::with_capacity(records.len() + 1);
    asked.extend(records);
    asked.push(mark_of_provisioning(tenant));
    let mut found = store.load(tenant, &asked).await?;
    match found.pop() {
        Some(Some(_)) => Ok(found),
        _ => Err(FlowError::not_provisioned()),
    }
}

pub(super) async fn is_provisioned<S: Records>(
    store: &S,
    tenant: TenantId,
) -> Result<bool, FlowError> {
    let found = store.load(tenant, &[mark_of_provisioning(tenant)]).await?;
    Ok(found.first().is_some_and(Option::is_some))
}

/// A record of settings as it was kept.
pub(super) fn read<T: SettingsRecord>(kept: &Versioned) -> Result<Stored<T>, FlowError> {
    let stored = Stored::from_versioned(kept);
    Ok(stored.map_err(|error| {
        StoreError::new(StoreErrorKind::Corrupt, "reading a record of settings").because(error)
    })?)
}

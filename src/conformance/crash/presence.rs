//! Was the batch under way applied?

use super::books::Books;
use super::filing::own_key;
use super::inspect::Finding;
use crate::claim::{ClaimId, Registration, SendClaim};
use crate::index::{IndexKey, Lookup, MessageQuery};
use crate::record::{RecordRef, Version};
use crate::store::{Batch, Change, FullStore, Reason, Refusal};

/// How much of a batch is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// Nothing of it.
    Absent,
    /// Some of its changes are there, and others are not.
    Torn {
        /// How many are there.
        there: usize,
        /// How many there are in all.
        of: usize,
    },
    /// All of it.
    Whole,
}

impl Presence {
    const fn of(there: usize, of: usize) -> Self {
        match there {
            0 => Self::Absent,
            _ if there == of => Self::Whole,
            _ => Self::Torn { there, of },
        }
    }
}

/// Looks which changes of `batch` show in the store; `before` is what was there before it. Writes
/// nothing.
pub(super) async fn look<S: FullStore>(
    store: &S,
    batch: &Batch,
    before: &Books,
) -> Result<Presence, Finding> {
    let mut there = 0;
    for change in batch.changes() {
        there += usize::from(shows(store, batch, change, before).await?);
    }
    Ok(Presence::of(there, batch.changes().len()))
}

async fn shows<S: FullStore>(
    store: &S,
    batch: &Batch,
    change: &Change,
    before: &Books,
) -> Result<bool, Finding> {
    let tenant = batch.tenant();
    let filed = async |key: Option<IndexKey>| -> Result<bool, Finding> {
        let mut query = MessageQuery::default();
        let _ = key.is_some_and(|key| query.push(Lookup::new(key)));
        Ok(store.find(tenant, &query).await?.newest(0).is_some())
    };
    let version = async |record: RecordRef| -> Result<Option<Version>, Finding> {
        let found = store.load(tenant, &[record]).await?;
        Ok(found.into_iter().flatten().next().map(|found| found.version))
    };
    let claim = async |id: &ClaimId| -> Result<Option<SendClaim>, Finding> {
        let found = store.claims(tenant, &id.scope, std::slice::from_ref(&id.recipient)).await?;
        Ok(found.into_iter().flatten().next())
    };
    Ok(match change {
        Change::File(row) => filed(own_key(row)).await?,
        Change::Forget(id) => !filed(before.mails().get(id).and_then(own_key)).await?,
        Change::Put { record, version: given, .. } => {
            version(record.reference()).await? == Some(*given)
        }
        Change::Delete { record, .. } => version(*record).await?.is_none(),
        Change::Claim { .. }
        | Change::Settle { .. }
        | Change::Release { .. }
        | Change::TakeOver { .. } => match change.claim_after() {
            Some((id, after)) => claim(id).await? == after,
            None => false,
        },
        Change::Register { name, until, .. } => {
            let found = store.registrations(std::slice::from_ref(name)).await?;
            found == [Some(Registration::new(tenant, *until))]
        }
        Change::Unregister { name } => {
            store.registrations(std::slice::from_ref(name)).await? == [None]
        }
    })
}

/// What the refusals of a batch that is committed again tell about the first time; `None` where one
/// of them tells of somebody else's doing.
pub(super) fn told(batch: &Batch, refusals: &[Refusal]) -> Option<Presence> {
    let repeats = |change: &&Change| {
        !matches!(change, Change::Forget(_) | Change::Register { .. } | Change::Unregister { .. })
    };
    let of = batch.changes().iter().filter(repeats).count();
    let after = |change: &Change| change.claim_after().map(|(_, claim)| claim);
    for refusal in refusals {
        let own = match (batch.changes().get(refusal.change)?, &refusal.reason) {
            (Change::File(row), Reason::Filed { holder }) => *holder == row.id(),
            (Change::Put { version, .. }, Reason::Stale { found }) => *found == Some(*version),
            (Change::Delete { .. }, Reason::Stale { found }) => found.is_none(),
            (change, Reason::Claimed { claim }) => after(change) == Some(Some(*claim)),
            (change, Reason::Unclaimed { found }) => after(change) == Some(*found),
            _ => false,
        };
        if !own {
            return None;
        }
    }
    Some(Presence::of(refusals.len(), of))
}

#[cfg(test)]
mod tests {
    use super::super::filing::Filing;
    use super::*;
    use crate::claim::ClaimState;
    use crate::id::RecordId;
    use crate::index::Keyer;

    #[test]
    fn refusals_of_a_second_attempt_tell_of_the_first() {
        let mut filing = Filing::new(1, Keyer::from_secret([0; 16]));
        filing.advance_to(1).unwrap();
        let changes = |batch: &Batch| batch.changes().len();
        let (batch, row) = loop {
            let batch = filing.batch().unwrap();
            match batch.changes().first() {
                Some(Change::File(row)) if changes(&batch) == 3 => break (batch.clone(), row.id()),
                _ => filing.advance(&batch),
            }
        };
        let Change::Put { version, .. } = &batch.changes()[1] else { panic!() };
        let Change::Claim { by, at, .. } = &batch.changes()[2] else { panic!() };
        let reasons = |holder| {
            [
                Reason::Filed { holder },
                Reason::Stale { found: Some(*version) },
                Reason::Claimed { claim: SendClaim::new(*by, *at, ClaimState::Open) },
            ]
        };
        let refusals = |holder: RecordId| {
            let reasons = reasons(holder).into_iter().enumerate();
            reasons.map(|(change, reason)| Refusal { change, reason }).collect::<Vec<_>>()
        };
        assert_eq!(told(&batch, &refusals(row)), Some(Presence::Whole));
        assert_eq!(told(&batch, &refusals(row)[1..]), Some(Presence::Torn { there: 2, of: 3 }));
        assert_eq!(told(&batch, &refusals(RecordId::new(1))), None);
    }
}

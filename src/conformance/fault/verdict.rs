//! How a store with a fault judges.

use super::Fault;
use super::tables::{Tables, View};
use crate::claim::{ClaimState, SendClaim};
use crate::id::RecordId;
use crate::index::IndexKind;
use crate::record::Version;
use crate::store::{Batch, Change, Commit, Expect, Present, Reason, Refusal, StoreError, judge};

/// What is answered to the batch.
pub(super) fn verdict(
    tables: &Tables,
    fault: Option<Fault>,
    batch: &Batch,
) -> Result<Commit, StoreError> {
    let view = View::new(tables, fault, batch.tenant());
    match fault {
        Some(Fault::ChecksInOrder) => {
            return one_by_one(tables, batch, batch.changes().iter().enumerate());
        }
        Some(Fault::ChecksInReverse) => {
            return one_by_one(tables, batch, batch.changes().iter().enumerate().rev());
        }
        Some(Fault::FreesLater | Fault::FreesMailsLater) => return each_alone(&view, batch),
        _ => {}
    }
    let mut refusals = judge(batch, &view)?.refusals().to_vec();
    if let Some(fault) = fault {
        refusals.retain(|refusal| {
            let change = batch.changes().get(refusal.change);
            !change.is_some_and(|change| forgives(fault, &view, change, &refusal.reason))
        });
        for (place, change) in batch.changes().iter().enumerate() {
            let known = refusals.iter().any(|refusal| refusal.change == place);
            if let Some(reason) = objects(fault, &view, batch, &refusals, change)
                && !known
            {
                refusals.push(Refusal { change: place, reason });
            }
        }
        refusals.sort_by_key(|refusal| refusal.change);
        for Refusal { change, reason } in &mut refusals {
            if let Some(change) = batch.changes().get(*change) {
                misname(fault, &view, change, reason);
            }
        }
        match fault {
            Fault::NamesFirstAlone => refusals.truncate(1),
            Fault::NamesInReverse => refusals.reverse(),
            _ => {}
        }
    }
    Ok(if refusals.is_empty() { Commit::Applied } else { Commit::Refused(refusals) })
}

/// Each change is judged by what those before it leave.
fn one_by_one<'a>(
    tables: &Tables,
    batch: &Batch,
    changes: impl Iterator<Item = (usize, &'a Change)>,
) -> Result<Commit, StoreError> {
    let mut tables = tables.clone();
    for (place, change) in changes {
        let alone = Batch::of(batch.tenant(), change.clone());
        let view = View::new(&tables, None, batch.tenant());
        if let Some(refusal) = judge(&alone, &view)?.refusals().first().cloned() {
            return Ok(Commit::Refused(vec![Refusal { change: place, ..refusal }]));
        }
        tables.apply(None, batch.tenant(), change);
    }
    Ok(Commit::Applied)
}

/// Each change is judged as if there were no other.
fn each_alone(view: &View<'_>, batch: &Batch) -> Result<Commit, StoreError> {
    let mut refusals = Vec::new();
    for (change, what) in batch.changes().iter().enumerate() {
        let alone = judge(&Batch::of(batch.tenant(), what.clone()), view)?;
        let found = alone.refusals().first().cloned();
        refusals.extend(found.map(|refusal| Refusal { change, ..refusal }));
    }
    Ok(if refusals.is_empty() { Commit::Applied } else { Commit::Refused(refusals) })
}

const fn is_open(claim: &SendClaim) -> bool {
    matches!(claim.state(), ClaimState::Open)
}

/// Is the change applied though there is a reason against it?
fn forgives(fault: Fault, view: &View<'_>, change: &Change, reason: &Reason) -> bool {
    match (change, reason) {
        (Change::File(row), Reason::Filed { .. }) => {
            let mut ids = row.keys().iter().filter(|key| key.kind() == IndexKind::MessageId);
            let first = ids.next().and_then(|key| view.mail_with(key).ok().flatten());
            let there = view.has_mail(row.id()).unwrap_or(true);
            fault == Fault::LooksAtOneMessageId && !there && first.is_none()
        }
        (Change::Put { record, expect, .. }, Reason::Taken { key, .. }) => match fault {
            Fault::LooksAtOneUniqueKey => record.unique().first() != Some(key),
            Fault::LooksWhenCreating => matches!(expect, Expect::At(_)),
            _ => false,
        },
        (Change::Put { record, expect: Expect::At(version), .. }, Reason::Stale { found }) => {
            let old = view.tables.old_versions.get(&(view.tenant, record.reference()));
            match fault {
                Fault::IgnoresVersions => found.is_some(),
                Fault::UpdatesMissing => found.is_none(),
                Fault::FitsOld => old.is_some_and(|old| old.contains(version)),
                _ => false,
            }
        }
        (Change::Put { .. }, Reason::Stale { found }) => {
            fault == Fault::CreatesOver && found.is_some()
        }
        (Change::Delete { .. }, Reason::Stale { found }) => match fault {
            Fault::DeletesAny => found.is_some(),
            Fault::DeletesMissing => found.is_none(),
            _ => false,
        },
        (Change::Claim { by, .. }, Reason::Claimed { claim }) => match fault {
            Fault::ClaimsAgain => claim.by() == *by && is_open(claim),
            Fault::ClaimsSettled => !is_open(claim),
            _ => false,
        },
        (_, Reason::Unclaimed { found }) => disposes(fault, change, found.as_ref()),
        (Change::Register { now, .. }, Reason::Registered { until, .. }) => match fault {
            Fault::ExpiresEarly => *until == Some(*now),
            // A store whose longest time is a signed number of 32 bits.
            Fault::LetsLastingGo => until.is_none() && now.timestamp() > i64::from(i32::MAX),
            _ => false,
        },
        (Change::Unregister { .. }, _) => fault == Fault::AnybodyUnregisters,
        _ => false,
    }
}

/// May somebody else than the claimant dispose of the claim?
fn disposes(fault: Fault, change: &Change, found: Option<&SendClaim>) -> bool {
    let open = found.is_some_and(is_open);
    let settled = found.is_some() && !open;
    match change {
        Change::Settle { .. } => match fault {
            Fault::AnybodySettles => open,
            Fault::SettlesTwice => settled,
            Fault::SettlesUnclaimed => found.is_none(),
            _ => false,
        },
        Change::Release { .. } => match fault {
            Fault::AnybodyReleases => open,
            Fault::ReleasesSettled => settled,
            Fault::ReleasesUnclaimed => found.is_none(),
            _ => false,
        },
        Change::TakeOver { .. } => match fault {
            Fault::AnybodyTakesOver => open,
            Fault::TakesOverSettled => settled,
            _ => false,
        },
        _ => false,
    }
}

/// What is held against a change that applies.
fn objects(
    fault: Fault,
    view: &View<'_>,
    batch: &Batch,
    refusals: &[Refusal],
    change: &Change,
) -> Option<Reason> {
    match (fault, change) {
        (Fault::RefusesUnknown, Change::Forget(id)) => {
            let there = view.has_mail(*id).unwrap_or(false);
            (!there).then_some(Reason::Filed { holder: *id })
        }
        (Fault::KeepsExpired, Change::Register { name, .. }) => {
            let found = view.name(name).filter(|found| found.tenant() != batch.tenant())?;
            Some(Reason::Registered { tenant: found.tenant(), until: found.until() })
        }
        (Fault::RefusesRenewal, Change::Register { name, .. }) => {
            let found = view.name(name).filter(|found| found.tenant() == batch.tenant())?;
            Some(Reason::Registered { tenant: found.tenant(), until: found.until() })
        }
        (Fault::RefusesUnregistering, Change::Unregister { name }) => {
            let nobody = view.name(name).is_none();
            nobody.then_some(Reason::Registered { tenant: batch.tenant(), until: None })
        }
        (Fault::JudgesAsIfRefused, Change::Put { record, .. }) => {
            let refused = |holder| {
                refusals.iter().any(|refusal| match batch.changes().get(refusal.change) {
                    Some(Change::Put { record, .. }) => record.reference() == holder,
                    _ => false,
                })
            };
            let mut held =
                record.unique().iter().filter_map(|key| Some((*key, view.holder_of(key)?)));
            let (key, holder) =
                held.find(|(_, holder)| *holder != record.reference() && refused(*holder))?;
            Some(Reason::Taken { key, holder })
        }
        (Fault::MovesOnce, Change::Put { record, .. }) => {
            let held = record.unique().iter().filter_map(|key| Some((*key, view.holder_of(key)?)));
            let mut others = held.filter(|(_, holder)| *holder != record.reference());
            let (_, (key, holder)) = (others.next()?, others.next()?);
            Some(Reason::Taken { key, holder })
        }
        _ => None,
    }
}

/// Says something else than what was found.
fn misname(fault: Fault, view: &View<'_>, change: &Change, reason: &mut Reason) {
    match (fault, change, &mut *reason) {
        (Fault::MisnamesFiled, Change::File(row), Reason::Filed { holder }) => {
            *holder = RecordId::new(row.id().get() ^ 1);
        }
        (Fault::MisnamesStale, _, Reason::Stale { found }) => {
            *found = found.is_none().then_some(Version::new(0));
        }
        (Fault::MisnamesClaimed, Change::Claim { by, at, .. }, Reason::Claimed { claim }) => {
            *claim = SendClaim::new(*by, *at, ClaimState::Open);
        }
        (Fault::MisnamesUnclaimed, _, Reason::Unclaimed { found }) => *found = None,
        (Fault::MisnamesRegistered, _, Reason::Registered { until, .. }) => *until = None,
        (Fault::NamesLoser, Change::Put { record, .. }, Reason::Taken { holder, .. }) => {
            *holder = record.reference();
        }
        (Fault::NamesLastKey, Change::Put { record, .. }, Reason::Taken { key, holder }) => {
            let mut held = record.unique().iter().rev();
            if let Some((last, of)) = held.find_map(|key| Some((*key, view.holder_of(key)?))) {
                (*key, *holder) = (last, of);
            }
        }
        (Fault::LosesWinner, _, Reason::Taken { .. }) => *reason = Reason::Stale { found: None },
        _ => {}
    }
}

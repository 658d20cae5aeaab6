//! Changes of claims, of which those apply that nobody is in the way of.

use crate::claim::SendClaim;
use crate::flow::{FlowError, ROUNDS};
use crate::id::TenantId;
use crate::store::{Batch, Change, Reason, Refusal, Store, StoreError, StoreErrorKind};

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Applied,
    /// It does not apply: this claim was found instead.
    Found(Option<SendClaim>),
}

/// Commits changes of different sends, at most [`MAX_READS`](crate::store::MAX_READS), and says of each
/// in order what became of it.
///
/// They are one batch. One that is refused says of every send that is in the way who has it; the
/// others are tried again without those. In the last round, where others kept coming in between, each
/// is a batch of its own: it is applied, or the answer is there.
pub(super) async fn apply<S: Store>(
    store: &S,
    tenant: TenantId,
    changes: &[Change],
) -> Result<Vec<Ended>, FlowError> {
    let mut ended: Vec<Option<Ended>> = vec![None; changes.len()];
    for _ in 1..ROUNDS {
        let open = || changes.iter().zip(&ended).enumerate().filter(|(_, (_, end))| end.is_none());
        let mut batch = Batch::new(tenant);
        for (_, (change, _)) in open() {
            batch.push(change.clone())?;
        }
        if batch.changes().is_empty() {
            break;
        }
        let places: Vec<usize> = open().map(|(place, _)| place).collect();
        let commit = store.commit(&batch).await?;
        if commit.is_applied() {
            for end in ended.iter_mut().filter(|end| end.is_none()) {
                *end = Some(Ended::Applied);
            }
        }
        for refusal in commit.refusals() {
            let end = places.get(refusal.change).and_then(|place| ended.get_mut(*place));
            *end.ok_or_else(unexplained)? = Some(Ended::Found(found(refusal)?));
        }
    }
    let mut all = Vec::with_capacity(changes.len());
    for (change, end) in changes.iter().zip(ended) {
        all.push(match end {
            Some(end) => end,
            None => {
                let commit = store.commit(&Batch::of(tenant, change.clone())).await?;
                match commit.refusals() {
                    _ if commit.is_applied() => Ended::Applied,
                    [refusal] => Ended::Found(found(refusal)?),
                    _ => return Err(unexplained().into()),
                }
            }
        });
    }
    Ok(all)
}

fn found(refusal: &Refusal) -> Result<Option<SendClaim>, StoreError> {
    match refusal.reason {
        Reason::Claimed { claim } => Ok(Some(claim)),
        Reason::Unclaimed { found } => Ok(found),
        _ => Err(unexplained()),
    }
}

/// C-REF-1 rules this out.
pub(super) fn unexplained() -> StoreError {
    StoreError::new(StoreErrorKind::Other, "changing claims")
        .because("refused, and it does not say who has which send (C-REF-1)")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::{ClaimId, Claimant, RecipientKey, SendScope};
    use crate::flow::FlowErrorKind;
    use crate::id::RecordId;
    use crate::index::Keyer;
    use crate::record::Areas;
    use crate::store::{Commit, poll_once};
    use chrono::DateTime;

    /// Refuses everything for these reasons.
    struct Refusing(Keyer, Vec<Refusal>);

    impl Store for Refusing {
        fn keyer(&self) -> &Keyer {
            &self.0
        }

        fn areas(&self) -> Areas {
            Areas::ALL
        }

        async fn commit(&self, _: &Batch) -> Result<Commit, StoreError> {
            Ok(Commit::Refused(self.1.clone()))
        }
    }

    #[test]
    fn a_refusal_that_explains_nothing_claims_nothing() {
        let change = |n| {
            let recipient = RecipientKey::contact(RecordId::new(n));
            let id = ClaimId { scope: SendScope::new(RecordId::new(7)), recipient };
            Change::Claim { id, by: Claimant::new(1), at: DateTime::UNIX_EPOCH }
        };
        let unexplained = [
            vec![],
            vec![Refusal { change: 2, reason: Reason::Unclaimed { found: None } }],
            vec![Refusal { change: 0, reason: Reason::Stale { found: None } }],
        ];
        for refusals in unexplained {
            let store = Refusing(Keyer::from_secret([0; 16]), refusals);
            let ended = poll_once(apply(&store, TenantId::new(1), &[change(1), change(2)]));
            let error = ended.unwrap().unwrap_err();
            assert_eq!(error.kind(), FlowErrorKind::Store);
            assert_eq!(error.store_error().unwrap().kind(), StoreErrorKind::Other);
        }
        let store = Refusing(Keyer::from_secret([0; 16]), vec![]);
        assert_eq!(poll_once(apply(&store, TenantId::new(1), &[])).unwrap().unwrap(), []);
    }
}

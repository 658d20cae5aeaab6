//! A click that releases a submission which was held back.

use std::future::ready;

use super::Submissions;
use super::keyed;
use super::round::{Kept, Prepared, Round, Seen, claimed, is_claimed};
use super::submit::{Delivery, FormSetup, Worked};
use crate::consent::{Asked, LinkToken, Standing};
use crate::flow::opt_in::confirm::answer;
use crate::flow::opt_in::waiting::Pending;
use crate::flow::opt_in::{Click, Clicked, Confirmed, HeldRequest, SubmissionDone};
use crate::flow::{FlowError, ROUNDS};
use crate::form::SubmissionState;
use crate::id::{RecordId, TenantId};
use crate::record::{RecordKind, UniqueKey};
use crate::store::{Directory, Records, Store};

/// What became of a click that may release a submission.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct FormClicked {
    /// What became of the click.
    pub clicked: Clicked,
    /// What became of the submission, as [`Submissions::submit`] answers it; `None` where the link is
    /// not of one, or nothing was done about it.
    pub worked: Option<Worked>,
}

impl From<Clicked> for FormClicked {
    fn from(clicked: Clicked) -> Self {
        Self { clicked, worked: None }
    }
}

impl Submissions {
    /// Answers a click on a link, once. Where a submission was [held back](Self::hold) it is worked off
    /// now, by the form and its strategies as they are now: its contact is found or made, and all that
    /// it wants of consent and lists is done, in one batch with its lead, the history, the receipt and
    /// the mark that the link is spent. Links of other requests are answered as
    /// [`DoubleOptIn::confirm`](crate::flow::DoubleOptIn::confirm) does, so that one address can take
    /// all clicks.
    ///
    /// `find_setup` gives the form with this id, as it would be submitted to; a host which loads forms
    /// only when it needs them asks [`form_of`](Self::form_of) first. The
    /// organization's double opt-in is passed over: the form's own overrides it. Changes of consent
    /// are logged where the click or the form is under a
    /// [protection](crate::consent::Protection) that logs them.
    ///
    /// * Of two clicks at once one works the submission off and the other is
    ///   [`Repeated`](Clicked::Repeated), with what came of it. So is every later click.
    /// * Where there is no such form any more, or it has come to leave contacts alone, it is
    ///   [`ContactMissing`](Clicked::ContactMissing): nothing was done, and the link goes on working.
    /// * So it is where the submission fails, as that of a subscription center does which finds nobody.
    ///   It is kept as [`Failed`](SubmissionState::Failed) then, and as its sender has confirmed it, it
    ///   can be [tried again](Self::retry); another click tries it again too.
    ///
    /// # Errors
    ///
    /// The store failed, what was kept or a row cannot be read, or other writers won [`ROUNDS`] rounds
    /// in a row: the link goes on working.
    pub async fn confirm<'f, S: Store + Records + Directory>(
        &self,
        store: &S,
        click: Click<'_>,
        find_setup: impl Fn(RecordId) -> Option<FormSetup<'f>> + Send,
    ) -> Result<FormClicked, FlowError> {
        let Click { tenant, now, .. } = click;
        let mut claims: Vec<UniqueKey> = Vec::new();
        for lost_rounds in 0..ROUNDS {
            let Some(pending) = held(store, tenant, click.link).await? else {
                let whose = |_: &HeldRequest<'_>| ready(Ok(None));
                return Ok(answer(&self.versions, store, click, whose).await?.into());
            };
            let thank_you = pending.request.thank_you().clone();
            let reference = RecordKind::Submission.of(pending.id());
            let kept = store.load(tenant, &[reference]).await?.pop().flatten();
            let kept = kept.as_ref().map(Kept::read).transpose()?;
            match pending.request.standing(now) {
                Standing::Open => {}
                Standing::Expired { at } => return Ok(Clicked::Expired { at }.into()),
                Standing::Withdrawn { at } => return Ok(Clicked::Withdrawn { at }.into()),
                Standing::Spent { at } => {
                    let setup = kept.as_ref().and_then(|kept| find_setup(kept.stored.form()));
                    if let (Some(kept), Some(setup)) = (&kept, setup) {
                        // What the click before did not come to.
                        let (versions, rows) = (&self.versions, kept.rows());
                        keyed::follow_rows(store, versions, setup.plan, None, tenant, &rows)
                            .await?;
                    }
                    let clicked = Clicked::Repeated { at, thank_you };
                    let worked = kept.map(|kept| kept.answer(lost_rounds));
                    return Ok(FormClicked { clicked, worked });
                }
            }
            let Some(kept) = kept else { return Ok(Clicked::ContactMissing.into()) };
            if kept.stored.state() == SubmissionState::Succeeded {
                // It failed when the link was clicked, and went well when it was tried again.
                let clicked = Clicked::Repeated { at: kept.stored.worked_at(), thank_you };
                return Ok(FormClicked { clicked, worked: Some(kept.answer(lost_rounds)) });
            }
            let setup = find_setup(kept.stored.form());
            let (Some(setup), Some(submission)) = (setup, kept.stored.submission()) else {
                return Ok(Clicked::ContactMissing.into());
            };
            let logs = click.protection.logs_changes();
            let protection = if logs { click.protection } else { setup.protection };
            let setup = setup.confirmed_by(None).protected(protection);
            let delivery = Delivery::new(tenant, pending.id(), submission, now);
            let seen = Seen::load(store, &delivery).await?;
            if seen.kept.as_ref().map(|seen| seen.version) != Some(kept.version) {
                continue;
            }
            let holders = self.holders(store, tenant, &claims).await?;
            let round = Round {
                flow: self,
                store,
                setup: &setup,
                delivery: &delivery,
                seen: &seen,
                holders,
            };
            let Some(mut prepared) = round.decide().await? else { continue };
            let failed = prepared.outcome.failure().is_some();
            let contact = prepared.outcome.contact.record();
            match contact {
                Some(contact) => {
                    let spent = pending.request.clone().spent(contact, now);
                    let spent = pending.put(&spent, &self.versions, store.keyer(), now)?;
                    prepared.batch.push(spent)?;
                }
                None if failed => {}
                None => return Ok(Clicked::ContactMissing.into()),
            }
            let commit = store.commit(&prepared.batch).await?;
            if !commit.is_applied() {
                if is_claimed(&commit) {
                    claims.extend(claimed(&prepared.batch));
                    claims.sort_unstable();
                    claims.dedup();
                }
                continue;
            }
            let Prepared { batch, outcome, consent, .. } = prepared;
            keyed::follow(store, &self.versions, setup.plan, &seen.keys, &batch).await?;
            let done = consent.clone().unwrap_or_default();
            let clicked = match contact {
                None => Clicked::ContactMissing,
                Some(contact) => Clicked::Confirmed(Confirmed {
                    request: pending.id(),
                    contact: RecordKind::Contact.of(contact),
                    level: done.level,
                    joined: done.joined,
                    left: done.left,
                    thank_you,
                    lost_rounds,
                }),
            };
            let state = if failed { SubmissionState::Failed } else { SubmissionState::Succeeded };
            let consent = consent.map(|done| SubmissionDone { lost_rounds, ..done });
            let outcome = Some(outcome);
            let worked = Worked { state, outcome, consent, repeated: false, lost_rounds };
            return Ok(FormClicked { clicked, worked: Some(worked) });
        }
        Err(FlowError::contended())
    }

    /// The form of the submission that this link releases, or has released; `None` of any other link.
    /// Any text can be handed in.
    ///
    /// # Errors
    ///
    /// The store failed, or the request cannot be read.
    pub async fn form_of<S: Store + Records>(
        &self,
        store: &S,
        tenant: TenantId,
        link: &str,
    ) -> Result<Option<RecordId>, FlowError> {
        Ok(held(store, tenant, link).await?.and_then(|held| held.request.origin().form))
    }
}

/// The request of this link, where a whole submission waits for it, or did.
async fn held<S: Store + Records>(
    store: &S,
    tenant: TenantId,
    link: &str,
) -> Result<Option<Pending>, FlowError> {
    let Ok(token) = link.parse::<LinkToken>() else { return Ok(None) };
    let key = [token.key(store.keyer())];
    let Some(found) = store.holders(tenant, &key).await?.pop().flatten() else { return Ok(None) };
    let Some(kept) = store.load(tenant, &[found]).await?.pop().flatten() else { return Ok(None) };
    let pending = Pending::found(kept)?;
    let whole = !matches!(pending.request.asked(), Asked::Contact { .. });
    Ok(whole.then_some(pending))
}

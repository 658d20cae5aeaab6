//! A click: answered once.

use std::future::ready;

use super::DoubleOptIn;
use super::click::{Click, Clicked, Confirmed, HeldContact, HeldRequest, Release};
use super::contact::{Contact, full};
use super::waiting::{Pending, Waiting};
use crate::consent::{Asked, ConsentChange, LinkToken, Standing};
use crate::flow::{FlowError, ROUNDS};
use crate::id::RecordId;
use crate::record::{RecordKind, RecordRef, Versions};
use crate::store::{Batch, Change, Expect, Records, Store};

impl DoubleOptIn {
    /// Answers a click on a confirmation link, once: the level or the membership, the entry of the
    /// log and the mark that the request is spent are one batch. Of two clicks at once one applies it
    /// and the other is [`Repeated`](Clicked::Repeated).
    ///
    /// The click gives what was asked for and takes nothing: a level that has risen past it since
    /// stays. A contact that was deactivated is changed and stays deactivated. The entry of the log
    /// has the id of the request; where another entry has that already, a new one out of the versions
    /// of this flow.
    ///
    /// A submission that is held back needs [`confirm_with`](Self::confirm_with); here its click is
    /// [`ContactMissing`](Clicked::ContactMissing).
    ///
    /// # Errors
    ///
    /// As of [`submit`](Self::submit).
    pub async fn confirm<S: Store + Records>(
        &self,
        store: &S,
        click: Click<'_>,
    ) -> Result<Clicked, FlowError> {
        self.confirm_with(store, click, |_| ready(Ok(None))).await
    }

    /// Answers a click as [`confirm`](Self::confirm) does; of a submission that was held back asks
    /// `whose` it is, by the matching strategy of its form, and creates or updates the contact in the
    /// same batch, together with what else the host writes about the submission. All that the
    /// submission wants is done then: where it lowers the level or leaves a list, that withdraws the
    /// contact's other requests as [`submit`](Self::submit) does.
    ///
    /// `whose` is asked in each round anew: where a contact of its match key came in meanwhile, the
    /// one that it found has changed or is gone, or a change of its own was refused, it has to look
    /// again. It answers `None` where there shall be no contact.
    ///
    /// # Errors
    ///
    /// As of [`submit`](Self::submit); `whose` failed; what it answered contradicts the rest of the
    /// batch ([`FlowErrorKind::Batch`](crate::flow::FlowErrorKind::Batch)); or it named a record of
    /// another kind than [`Contact`](RecordKind::Contact).
    pub async fn confirm_with<S, W, F>(
        &self,
        store: &S,
        click: Click<'_>,
        whose: W,
    ) -> Result<Clicked, FlowError>
    where
        S: Store + Records,
        W: FnMut(&HeldRequest<'_>) -> F + Send,
        F: Future<Output = Result<Option<Release>, FlowError>> + Send,
    {
        answer(&self.versions, store, click, whose).await
    }
}

/// Answers a click, with versions of the caller's.
pub(in crate::flow) async fn answer<S, W, F>(
    versions: &Versions,
    store: &S,
    click: Click<'_>,
    mut whose: W,
) -> Result<Clicked, FlowError>
where
    S: Store + Records,
    W: FnMut(&HeldRequest<'_>) -> F + Send,
    F: Future<Output = Result<Option<Release>, FlowError>> + Send,
{
    let Click { tenant, link, now, protection } = click;
    let Ok(token) = link.parse::<LinkToken>() else { return Ok(Clicked::Unknown) };
    let keys = [token.key(store.keyer())];
    let mut other_entry: Option<RecordId> = None;
    let mut gone: Option<RecordRef> = None;
    for round in 0..ROUNDS {
        let Some(found) = store.holders(tenant, &keys).await?.pop().flatten() else {
            return Ok(Clicked::Unknown);
        };
        let Some(kept) = store.load(tenant, &[found]).await?.pop().flatten() else {
            return Ok(Clicked::Unknown);
        };
        let pending = Pending::found(kept)?;
        let request = &pending.request;
        match request.standing(now) {
            Standing::Open => {}
            Standing::Spent { at } => {
                return Ok(Clicked::Repeated { at, thank_you: request.thank_you().clone() });
            }
            Standing::Withdrawn { at } => return Ok(Clicked::Withdrawn { at }),
            Standing::Expired { at } => return Ok(Clicked::Expired { at }),
        }
        let (reference, seen, beside) = match request.asked() {
            Asked::Contact { contact, .. } | Asked::Released { contact } => {
                (RecordKind::Contact.of(*contact), None, Vec::new())
            }
            Asked::Held(held) => {
                let (id, origin) = (pending.id(), request.origin());
                match whose(&HeldRequest { id, held, origin }).await? {
                    None => return Ok(Clicked::ContactMissing),
                    Some(Release { contact, beside }) => {
                        (contact.contact()?, Some(contact), beside)
                    }
                }
            }
        };
        let mut contact = if let Some(HeldContact::New(record)) = seen {
            Contact::made(record)?
        } else {
            let Some(kept) = store.load(tenant, &[reference]).await?.pop().flatten() else {
                if seen.is_some() && gone.replace(reference) != Some(reference) {
                    // Deleted since it was found: there may be another, or a new one.
                    continue;
                }
                return Ok(Clicked::ContactMissing);
            };
            let contact = Contact::found(&kept)?;
            match seen {
                // What it says may rest on values that are no longer so.
                Some(HeldContact::Found(seen)) if seen.version != kept.version => continue,
                Some(HeldContact::Found(seen)) => contact.like(seen.record)?,
                _ => contact,
            }
        };

        if let Asked::Held(held) = request.asked() {
            contact.row.set(held.attributes())?;
        }
        let wanted = request.asked().wanted();
        let steps = wanted.steps(contact.row.person(), contact.row.lists(), false);
        let of = (tenant, reference.id());
        // Where something may wait for the opposite, the contact is written in any case: one that
        // has changed since it was looked at refuses the batch.
        let waiting = Waiting::load(store, of, &wanted, None).await?;
        let spent = request.clone().spent(reference.id(), now);
        let answer = pending.put(&spent, versions, store.keyer(), now)?;
        let mut batch = Batch::of(tenant, answer);
        if steps.change_the_contact() || matches!(request.asked(), Asked::Held(_)) {
            contact.row.apply(&steps)?;
            batch.push(contact.put(versions.next(), now)?)?;
        }
        for taken_back in waiting.taken_back(&wanted, &steps, now) {
            batch.push(taken_back.withdraw(versions, store.keyer(), now)?)?;
        }
        let origin = request.origin();
        let entry = ConsentChange::logged(protection, reference.id(), steps.level, origin);
        let mut logged_at = None;
        if let Some(entry) = entry {
            let id = other_entry.unwrap_or_else(|| pending.id());
            let record = entry.to_record(id, store.keyer(), now).map_err(full)?;
            let version = versions.next();
            logged_at = Some(batch.changes().len());
            batch.push(Change::Put { record, version, expect: Expect::Absent })?;
        }
        for change in beside {
            batch.push(change)?;
        }
        let commit = store.commit(&batch).await?;
        if commit.is_applied() {
            return Ok(Clicked::Confirmed(Confirmed {
                request: pending.id(),
                contact: reference,
                level: steps.level,
                joined: steps.join,
                left: steps.leave,
                thank_you: request.thank_you().clone(),
                lost_rounds: round - usize::from(other_entry.is_some()),
            }));
        }
        if matches!(commit.refusals(), [refusal] if Some(refusal.change) == logged_at) {
            // Nobody was faster: the entry of an earlier request under this id, or one that a
            // submission brought, has the id for good.
            other_entry = Some(RecordId::new(versions.next().get()));
        }
    }
    Err(FlowError::contended())
}

//! What is asked for: done at once, or kept until it is confirmed.

use super::DoubleOptIn;
use super::contact::{Contact, full};
use super::submission::{
    ConfirmationMail, ConsentSubmission, HeldBack, HeldSubmission, SubmissionDone, Submitted,
};
use super::waiting::{Pending, Waiting};
use crate::consent::{Asked, ConsentChange, LinkSeed, OptInPlan, OptInRequest, Standing, Steps};
use crate::flow::{FlowError, ROUNDS};
use crate::id::{RecordId, TenantId};
use crate::index::Keyer;
use crate::record::{RecordKind, Space};
use crate::store::{Batch, Change, Commit, Expect, Reason, Records, Store};

impl DoubleOptIn {
    /// Works off what a contact asks for: lowers its level, takes it off lists, and where nothing has
    /// to be confirmed raises it and puts it on lists, all at once and with the entry of the log; for
    /// what has to be confirmed keeps requests and answers with the mails to send, one for each list
    /// and one for the level.
    ///
    /// * Asked for again while a request for the same thing waits: the request is renewed, lives on
    ///   from now, and the links of both mails lead to it.
    /// * A lower level withdraws the requests that wait for a higher one, and leaving a list the one
    ///   that waits for joining it: the latest word counts, and a click on an older mail does not
    ///   undo it. The level that the contact has already, as a prefilled form submits it unchanged,
    ///   withdraws nothing.
    /// * The same submission again, with the same ids and seeds, does nothing twice and answers with
    ///   the mails of what still waits, so redelivery is harmless, also after a commit whose answer
    ///   was lost. What no longer waits, since it was confirmed, withdrawn or came to its end, is not
    ///   asked for again; so it is until the request is [purged](Self::purge).
    ///
    /// # Errors
    ///
    /// The store failed; the contact's record is not the JSON of its attributes, or has no room for
    /// what is to be written; or other writers won [`ROUNDS`] rounds in a row.
    pub async fn submit<S: Store + Records>(
        &self,
        store: &S,
        submission: &ConsentSubmission<'_>,
    ) -> Result<Submitted, FlowError> {
        let tenant = submission.tenant;
        let asked = [RecordKind::Contact.of(submission.contact)];
        let mut taken_before = None;
        for lost_rounds in 0..ROUNDS {
            let of = (tenant, submission.contact);
            let seeds = submission.confirming.map(|(_, seeds)| seeds);
            let waiting = Waiting::load(store, of, submission.wanted, seeds).await?;
            let Some(kept) = store.load(tenant, &asked).await?.pop().flatten() else {
                return Ok(Submitted::ContactMissing);
            };
            let contact = Contact::found(&kept)?;
            let steps = submission.wanted.steps(contact.person(), contact.lists(), seeds.is_some());
            let mut plan = Plan::new(self, store.keyer(), submission);
            plan.apply(contact, &steps)?;
            plan.withdraw(&waiting, &steps)?;
            if let Some((mails, seeds)) = submission.confirming {
                plan.ask(&waiting, &steps, mails, seeds)?;
            }
            let Plan { batch, fresh, mut done, .. } = plan;
            done.lost_rounds = lost_rounds;
            if batch.changes().is_empty() {
                return Ok(Submitted::Done(done));
            }
            match store.commit(&batch).await? {
                Commit::Applied => return Ok(Submitted::Done(done)),
                refused => {
                    // It may be this submission that has the id, delivered a moment ago to somebody
                    // else: one more look finds that out.
                    let taken = taken_id(&refused, &fresh);
                    match taken.filter(|_| taken == taken_before) {
                        Some(id) => return Ok(Submitted::IdTaken { id }),
                        None => taken_before = taken,
                    }
                }
            }
        }
        Err(FlowError::contended())
    }

    /// Holds a submission back until its one mail is confirmed: nothing about its sender is stored
    /// but the request itself. The same submission again, with the same seed, is answered as the first
    /// was while its request waits; once it is over there is no mail, since its link is dead.
    ///
    /// # Errors
    ///
    /// The store failed, the submission is too long to be kept, or the request that has its seed
    /// cannot be read.
    pub async fn hold<S: Store + Records>(
        &self,
        store: &S,
        submission: &HeldSubmission<'_>,
    ) -> Result<HeldBack, FlowError> {
        let HeldSubmission { tenant, held, mailing, seed, now, .. } = *submission;
        let (origin, life) = (submission.origin.clone(), submission.life);
        let request = OptInRequest::hold(held.clone(), mailing, origin, now, life);
        let link = seed.token.key(store.keyer());
        let record = request.to_record(seed.id, [link], store.keyer(), now).map_err(full)?;
        let reference = record.reference();
        let change = Change::Put { record, version: self.versions.next(), expect: Expect::Absent };
        let mail = ConfirmationMail {
            request: seed.id,
            token: seed.token.clone(),
            mailing: mailing.clone(),
            asks: held.wanted().asks(),
        };
        if store.commit(&Batch::of(tenant, change)).await?.is_applied() {
            return Ok(HeldBack::Waits(mail));
        }
        let holder = store.holders(tenant, &[link]).await?.pop().flatten();
        if holder != Some(reference) {
            return Ok(HeldBack::IdTaken { id: seed.id });
        }
        let Some(kept) = store.load(tenant, &[reference]).await?.pop().flatten() else {
            // Purged this moment.
            return Ok(HeldBack::Over);
        };
        let earlier = Pending::found(kept)?.request;
        Ok(match (earlier.asked(), earlier.standing(now)) {
            (Asked::Contact { .. }, _) => HeldBack::IdTaken { id: seed.id },
            (_, Standing::Open) => HeldBack::Waits(mail),
            _ => HeldBack::Over,
        })
    }
}

/// One round: the batch as it grows.
struct Plan<'a> {
    flow: &'a DoubleOptIn,
    keyer: &'a Keyer,
    submission: &'a ConsentSubmission<'a>,
    batch: Batch,
    /// What should be new: the places of changes that bring an id or a link of the caller's.
    fresh: Vec<Fresh>,
    done: SubmissionDone,
}

impl<'a> Plan<'a> {
    fn new(flow: &'a DoubleOptIn, keyer: &'a Keyer, submission: &'a ConsentSubmission<'a>) -> Self {
        let tenant: TenantId = submission.tenant;
        let (batch, fresh) = (Batch::new(tenant), Vec::new());
        Self { flow, keyer, submission, batch, fresh, done: SubmissionDone::default() }
    }

    fn apply(&mut self, mut contact: Contact, steps: &Steps) -> Result<(), FlowError> {
        if !steps.change_the_contact() {
            return Ok(());
        }
        let ConsentSubmission { entry, now, protection, ref origin, .. } = *self.submission;
        contact.apply(steps)?;
        let id = contact.reference().id();
        self.batch.push(contact.put(self.flow.versions.next(), now)?)?;
        if let Some(logged) = ConsentChange::logged(protection, id, steps.level, origin) {
            let record = logged.to_record(entry, self.keyer, now).map_err(full)?;
            self.fresh.push(Fresh { place: self.batch.changes().len(), id: entry, made: true });
            let version = self.flow.versions.next();
            self.batch.push(Change::Put { record, version, expect: Expect::Absent })?;
        }
        self.done.level = steps.level;
        self.done.joined.clone_from(&steps.join);
        self.done.left.clone_from(&steps.leave);
        Ok(())
    }

    fn withdraw(&mut self, waiting: &Waiting, steps: &Steps) -> Result<(), FlowError> {
        let now = self.submission.now;
        for pending in waiting.taken_back(self.submission.wanted, steps, now) {
            self.batch.push(pending.withdraw(&self.flow.versions, self.keyer, now)?)?;
            self.done.withdrawn.push(pending.id());
        }
        Ok(())
    }

    fn ask(
        &mut self,
        waiting: &Waiting,
        steps: &Steps,
        plan: &OptInPlan,
        seeds: &[LinkSeed],
    ) -> Result<(), FlowError> {
        let ConsentSubmission { contact, now, life, ref origin, .. } = *self.submission;
        let versions = &self.flow.versions;
        for ask in &steps.confirm {
            // Each thing has its seed, so that the same submission again finds it under the same.
            let slot = self.submission.wanted.slot(*ask);
            let seed = slot.and_then(|slot| Some((slot, seeds.get(slot)?)));
            let Some((slot, seed)) = seed else { continue };
            let mailing = plan.mailing(ask.kind());
            let thank_you = mailing.thank_you().clone();
            let request = OptInRequest::new(contact, *ask, thank_you, origin.clone(), now, life);
            let link = seed.token.key(self.keyer);
            let before = waiting.get(*ask);
            let open = before.filter(|pending| pending.request.standing(now) == Standing::Open);
            let earlier = waiting.delivered(slot, contact, *ask);
            if earlier.is_some_and(|earlier| open.is_none_or(|open| open.id() != earlier.id())) {
                // It was confirmed, taken back or let lapse; whoever wants it anew submits anew.
                continue;
            }
            let made = open.is_none();
            let id = match open {
                // Delivered again: the mail that may have been lost, and nothing to write.
                Some(pending) if earlier.is_some() && pending.has(link) => pending.id(),
                Some(pending) => {
                    let place = self.batch.changes().len();
                    self.fresh.push(Fresh { place, id: seed.id, made });
                    self.batch.push(pending.renew(&request, link, versions, self.keyer, now)?)?;
                    pending.id()
                }
                None => {
                    if let Some(over) = before {
                        // It gives up its place to the new one, and its links say that it is over.
                        self.batch.push(over.put(&over.request, versions, self.keyer, now)?)?;
                    }
                    let record =
                        request.to_record(seed.id, [link], self.keyer, now).map_err(full)?;
                    let place = self.batch.changes().len();
                    self.fresh.push(Fresh { place, id: seed.id, made });
                    let version = versions.next();
                    self.batch.push(Change::Put { record, version, expect: Expect::Absent })?;
                    seed.id
                }
            };
            self.done.mails.push(ConfirmationMail {
                request: id,
                token: seed.token.clone(),
                mailing: mailing.clone(),
                asks: vec![*ask],
            });
        }
        Ok(())
    }
}

/// A change that brings an id or a link of the caller's.
struct Fresh {
    place: usize,
    id: RecordId,
    /// Does it make a record under that id?
    made: bool,
}

/// The id that is in use already, or whose link is.
fn taken_id(refused: &Commit, fresh: &[Fresh]) -> Option<RecordId> {
    refused.refusals().iter().find_map(|refusal| {
        let fresh = fresh.iter().find(|fresh| fresh.place == refusal.change)?;
        let taken = match &refusal.reason {
            Reason::Stale { .. } => fresh.made,
            Reason::Taken { key, .. } => key.space() == Space::Link,
            _ => false,
        };
        taken.then_some(fresh.id)
    })
}

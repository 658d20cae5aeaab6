//! What is asked for: done at once, or kept until it is confirmed.

use super::DoubleOptIn;
use super::contact::{Contact, full};
use super::join::taken_id;
use super::plan::Plan;
use super::submission::{ConfirmationMail, ConsentSubmission, HeldBack, HeldSubmission, Submitted};
use super::waiting::{Pending, Waiting};
use crate::consent::{Asked, OptInRequest, Standing};
use crate::flow::{FlowError, ROUNDS};
use crate::index::Keyer;
use crate::record::{RecordKind, Versions};
use crate::store::{Batch, Change, Commit, Expect, Records, Store};

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
            let mut contact = Contact::found(&kept)?;
            let keyer = store.keyer();
            let plan = Plan::of(&self.versions, keyer, submission, &waiting, &mut contact.row)?;
            let Plan { changes, fresh, mut done, .. } = plan;
            done.lost_rounds = lost_rounds;
            let mut batch = Batch::new(tenant);
            if done.changes_the_contact() {
                batch.push(contact.put(self.versions.next(), submission.now)?)?;
            }
            let offset = batch.changes().len();
            for change in changes {
                batch.push(change)?;
            }
            if batch.changes().is_empty() {
                return Ok(Submitted::Done(done));
            }
            match store.commit(&batch).await? {
                Commit::Applied => return Ok(Submitted::Done(done)),
                refused => {
                    // It may be this submission that has the id, delivered a moment ago to somebody
                    // else: one more look finds that out.
                    let taken = taken_id(&refused, offset, &fresh);
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
        let HeldSubmission { tenant, seed, now, .. } = *submission;
        let (change, mail) = submission.request(&self.versions, store.keyer())?;
        let link = seed.token.key(store.keyer());
        let reference = RecordKind::OptInRequest.of(seed.id);
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

impl HeldSubmission<'_> {
    /// The change that keeps the request, for a batch of the caller's, and the mail to send once that
    /// is applied.
    pub(in crate::flow) fn request(
        &self,
        versions: &Versions,
        keyer: &Keyer,
    ) -> Result<(Change, ConfirmationMail), FlowError> {
        let Self { held, mailing, seed, now, ref origin, life, .. } = *self;
        let request = OptInRequest::hold(held.clone(), mailing, origin.clone(), now, life);
        let link = seed.token.key(keyer);
        let record = request.to_record(seed.id, [link], keyer, now).map_err(full)?;
        let change = Change::Put { record, version: versions.next(), expect: Expect::Absent };
        let mail = ConfirmationMail {
            request: seed.id,
            token: seed.token.clone(),
            mailing: mailing.clone(),
            asks: held.wanted().asks(),
        };
        Ok((change, mail))
    }
}

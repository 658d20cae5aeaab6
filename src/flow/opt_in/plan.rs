//! What is asked for as changes: done at once, or kept until it is confirmed.

use super::contact::full;
use super::join::Fresh;
use super::row::Row;
use super::submission::{ConfirmationMail, ConsentSubmission, SubmissionDone};
use super::waiting::Waiting;
use crate::consent::{ConsentChange, LinkSeed, OptInPlan, OptInRequest, Standing, Steps};
use crate::flow::FlowError;
use crate::id::RecordId;
use crate::index::Keyer;
use crate::record::Versions;
use crate::store::{Change, Expect};

/// One round: what is to be written beside the contact, as it grows.
pub(super) struct Plan<'a> {
    versions: &'a Versions,
    keyer: &'a Keyer,
    submission: &'a ConsentSubmission<'a>,
    pub(super) changes: Vec<Change>,
    pub(super) fresh: Vec<Fresh>,
    pub(super) done: SubmissionDone,
}

impl<'a> Plan<'a> {
    /// What the submission comes to, where this waits; `row` is the contact's afterwards.
    pub(super) fn of(
        versions: &'a Versions,
        keyer: &'a Keyer,
        submission: &'a ConsentSubmission<'a>,
        waiting: &Waiting,
        row: &mut Row,
    ) -> Result<Self, FlowError> {
        let (changes, fresh, done) = (Vec::new(), Vec::new(), SubmissionDone::default());
        let mut plan = Self { versions, keyer, submission, changes, fresh, done };
        let confirming = submission.confirming;
        let steps = submission.wanted.steps(row.person(), row.lists(), confirming.is_some());
        plan.apply(row, &steps)?;
        plan.withdraw(waiting, &steps)?;
        if let Some((mails, seeds)) = confirming {
            plan.ask(waiting, &steps, mails, seeds)?;
        }
        Ok(plan)
    }

    fn apply(&mut self, row: &mut Row, steps: &Steps) -> Result<(), FlowError> {
        let ConsentSubmission { contact, entry, now, protection, ref origin, .. } =
            *self.submission;
        row.apply(steps)?;
        if let Some(logged) = ConsentChange::logged(protection, contact, steps.level, origin) {
            let record = logged.to_record(entry, self.keyer, now).map_err(full)?;
            let version = self.versions.next();
            let change = Change::Put { record, version, expect: Expect::Absent };
            self.push_fresh(change, entry, true);
        }
        self.done.level = steps.level;
        self.done.joined.clone_from(&steps.join);
        self.done.left.clone_from(&steps.leave);
        Ok(())
    }

    fn withdraw(&mut self, waiting: &Waiting, steps: &Steps) -> Result<(), FlowError> {
        let now = self.submission.now;
        for pending in waiting.taken_back(self.submission.wanted, steps, now) {
            self.changes.push(pending.withdraw(self.versions, self.keyer, now)?);
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
        let (versions, keyer) = (self.versions, self.keyer);
        for ask in &steps.confirm {
            // Each thing has its seed, so that the same submission again finds it under the same.
            let slot = self.submission.wanted.slot(*ask);
            let seed = slot.and_then(|slot| Some((slot, seeds.get(slot)?)));
            let Some((slot, seed)) = seed else { continue };
            let mailing = plan.mailing(ask.kind());
            let thank_you = mailing.thank_you().clone();
            let request = OptInRequest::new(contact, *ask, thank_you, origin.clone(), now, life);
            let link = seed.token.key(keyer);
            let before = waiting.get(*ask);
            let earlier = waiting.delivered(slot, contact, *ask);
            let open = match earlier {
                None => before.filter(|pending| pending.request.standing(now) == Standing::Open),
                Some(earlier) if earlier.waits(now) => Some(earlier),
                // It was confirmed, taken back or let lapse; whoever wants it anew submits anew.
                Some(_) => continue,
            };
            let id = match open {
                // Delivered again: the mail that may have been lost, and nothing to write.
                Some(pending) if earlier.is_some() && pending.has(link) => pending.id(),
                Some(pending) => {
                    let renewed = pending.renew(&request, link, versions, keyer, now)?;
                    self.push_fresh(renewed, seed.id, false);
                    pending.id()
                }
                None => {
                    if let Some(over) = before {
                        // It gives up its place to the new one, and its links say that it is over.
                        self.changes.push(over.put(&over.request, versions, keyer, now)?);
                    }
                    let record = request.to_record(seed.id, [link], keyer, now).map_err(full)?;
                    let version = versions.next();
                    let change = Change::Put { record, version, expect: Expect::Absent };
                    self.push_fresh(change, seed.id, true);
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

    fn push_fresh(&mut self, change: Change, id: RecordId, made: bool) {
        self.fresh.push(Fresh { place: self.changes.len(), id, made });
        self.changes.push(change);
    }
}

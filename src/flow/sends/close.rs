//! Claims that come to an end.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, Utc};

use super::answer::{Answers, Closed};
use super::rounds::{Ended, apply};
use super::run::SendRun;
use crate::claim::{ClaimState, RecipientKey, SendClaim};
use crate::flow::FlowError;
use crate::store::{Change, Store};

/// What becomes of claims.
#[derive(Clone, Copy)]
enum End {
    Settled(DateTime<Utc>),
    Released,
}

impl End {
    fn change(self, run: &SendRun, recipient: &RecipientKey) -> Change {
        let (id, by) = (run.send(recipient), run.by);
        match self {
            Self::Settled(at) => Change::Settle { id, by, at },
            Self::Released => Change::Release { id, by },
        }
    }

    fn closed(self, run: &SendRun, ended: Option<Ended>) -> Closed {
        match ended {
            Some(Ended::Applied) => Closed::Done,
            Some(Ended::Found(found)) if !self.is_reached(run, found) => Closed::Lost { found },
            _ => Closed::Already,
        }
    }

    /// Is what was found what the change leaves behind?
    fn is_reached(self, run: &SendRun, found: Option<SendClaim>) -> bool {
        match (self, found) {
            (Self::Settled(_), Some(claim)) => {
                claim.state() == ClaimState::Sent && claim.by() == run.by
            }
            (Self::Settled(_), None) => false,
            (Self::Released, found) => found.is_none(),
        }
    }
}

impl SendRun {
    /// Notes that the message went out to these recipients, and answers for each in order. Delivered
    /// twice, the second time answers [`Already`](Closed::Already).
    ///
    /// # Errors
    ///
    /// The store failed; some may be settled. The same call again goes on.
    pub async fn settle<S: Store>(
        &self,
        store: &S,
        sent: &[RecipientKey],
        now: DateTime<Utc>,
    ) -> Result<Answers<Closed>, FlowError> {
        self.close(store, sent, End::Settled(now)).await
    }

    /// Gives back the claims of these recipients, to whom the message certainly did not go out: whoever
    /// asks next may send it. Answers for each in order; delivered twice, the second time answers
    /// [`Already`](Closed::Already).
    ///
    /// Certain is what a server refused before it took the message over, by any answer of 400 or more,
    /// and what was never handed to one. A connection that broke after the message was handed over is
    /// not: leave its claim open. Nor is who was [taken over](Self::take_over) and then not sent to: of
    /// the run before nobody knows. Leave that open as well, and it stays in doubt.
    ///
    /// # Errors
    ///
    /// The store failed; some may be released. The same call again goes on.
    pub async fn release<S: Store>(
        &self,
        store: &S,
        unsent: &[RecipientKey],
    ) -> Result<Answers<Closed>, FlowError> {
        self.close(store, unsent, End::Released).await
    }

    async fn close<S: Store>(
        &self,
        store: &S,
        recipients: &[RecipientKey],
        end: End,
    ) -> Result<Answers<Closed>, FlowError> {
        let mut firsts = HashMap::new();
        let mut all = Vec::with_capacity(recipients.len());
        for part in recipients.chunks(Self::BATCH) {
            let mut changes = Vec::with_capacity(part.len());
            let mut before = Vec::with_capacity(part.len());
            for (place, to) in (all.len()..).zip(part) {
                before.push(match firsts.entry(to) {
                    Entry::Occupied(first) => Some(*first.get()),
                    Entry::Vacant(first) => {
                        first.insert(place);
                        changes.push(end.change(self, to));
                        None
                    }
                });
            }
            let mut ended = apply(store, self.tenant, &changes).await?.into_iter();
            for first in before {
                all.push(match first {
                    None => end.closed(self, ended.next()),
                    Some(first) => match all.get(first) {
                        Some(lost @ Closed::Lost { .. }) => *lost,
                        _ => Closed::Already,
                    },
                });
            }
        }
        Ok(Answers::new(all))
    }
}

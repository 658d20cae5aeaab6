//! One run of one worker.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use chrono::{DateTime, Utc};

use super::answer::{Answers, ClaimAnswer};
use super::rounds::{Ended, apply, unexplained};
use super::segment::SegmentRun;
use crate::claim::{ClaimId, Claimant, RecipientKey, SendClaim, SendScope};
use crate::flow::FlowError;
use crate::id::TenantId;
use crate::store::{Change, Ledger, MAX_READS, Store};

/// One run of one worker that sends a message: it claims, sends, and says what became of it.
///
/// 1. [`claim`](Self::claim), or a [`segment`](Self::segment) of any length bit by bit. Only who is
///    [`Claimed`](ClaimAnswer::Claimed) may be sent to.
/// 2. Send.
/// 3. [`settle`](Self::settle) what went out, [`release`](Self::release) what certainly did not, such as
///    what the server refused. What may have gone out is left open.
///
/// A worker that stops between 1 and 3 leaves its claims open, and nobody knows which of them went out:
/// they are *in doubt*, [listed](super::in_doubt()) and never sent again by themselves. They are again
/// only where somebody says so: [`take_over`](Self::take_over). So settle often: what a crash hides is at
/// most what was claimed and not settled.
///
/// Whoever begins again, after a crash or on the next day, begins with the same segment from the start.
/// Who was sent to is skipped, who is open by the run before is in doubt, the others are claimed.
///
/// Once is once within the [scope](SendScope): the same message in another journey, or through another
/// tile of it, is another send. To whom is the [`RecipientKey`]'s to say: to each address or, where
/// email deduplication is bypassed, to each contact
/// ([`SendOnceTo`](crate::mailing::SendOnceTo)).
///
/// The claimant is one that no other run has, drawn at random (128 bits) or counted by the host, and a
/// run is used by one worker at a time: the ledger cannot tell two of one number apart. So a run cannot be
/// copied.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use correspond::adapter::memory::MemoryStore;
/// use correspond::claim::{Claimant, SendScope};
/// use correspond::flow::sends::{ClaimAnswer, Closed, InDoubtQuery, SendRun, in_doubt};
/// use correspond::id::{RecordId, TenantId};
/// use correspond::mailing::SendOnceTo;
/// use correspond::store::Blocking;
///
/// let store = Blocking::new(MemoryStore::default());
/// let (tenant, scope) = (TenantId::new(1), SendScope::new(RecordId::new(7)));
/// let to = |address| SendOnceTo::Address.key(address, RecordId::new(0));
/// let people = [to("ann@home.example")?, to("bob@home.example")?];
/// let monday = DateTime::UNIX_EPOCH;
///
/// let run = SendRun::new(tenant, scope, Claimant::new(0xa1));
/// let answers = store.run(async |s| run.claim(s, &people, monday).await)??;
/// assert_eq!(answers, [ClaimAnswer::Claimed; 2]);
/// // Ann's mail goes out; then the machine stops, and nobody knows about Bob's.
/// let closed = store.run(async |s| run.settle(s, &people[..1], monday).await)??;
/// assert_eq!(closed, [Closed::Done]);
///
/// let tuesday = monday + TimeDelta::days(1);
/// let run = SendRun::new(tenant, scope, Claimant::new(0xa2));
/// let answers = store.run(async |s| run.claim(s, &people, tuesday).await)??;
/// assert!(matches!(answers.as_slice()[0], ClaimAnswer::AlreadySent { .. }));
/// assert!(matches!(answers.as_slice()[1], ClaimAnswer::InDoubt { .. }));
///
/// // Rather twice than never, says somebody.
/// let query = InDoubtQuery::new(scope).open_since(monday);
/// let page = store.run(async |s| in_doubt(s, tenant, &query).await)??;
/// let answers = store.run(async |s| run.take_over(s, &page.items, tuesday).await)??;
/// assert_eq!(answers, [ClaimAnswer::Claimed]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct SendRun {
    pub(super) tenant: TenantId,
    pub(super) scope: SendScope,
    pub(super) by: Claimant,
}

impl SendRun {
    /// The most recipients of one batch; more are several batches, one after the other.
    pub const BATCH: usize = MAX_READS;

    /// A run of the worker `by`.
    #[must_use]
    pub const fn new(tenant: TenantId, scope: SendScope, by: Claimant) -> Self {
        Self { tenant, scope, by }
    }

    /// Whose mail.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// What is sent.
    #[must_use]
    pub const fn scope(&self) -> &SendScope {
        &self.scope
    }

    /// Who claims.
    #[must_use]
    pub const fn claimant(&self) -> Claimant {
        self.by
    }

    /// Claims these recipients, at `now`, and answers for each in order.
    ///
    /// Looks, and claims in one batch who is free; of those that somebody else claimed in between, the
    /// batch is refused with who did, and goes on without them. Of any number of runs exactly one is
    /// answered [`Claimed`](ClaimAnswer::Claimed).
    ///
    /// For more recipients than fit into memory, and for one answer whatever fails in between:
    /// [`segment`](Self::segment).
    ///
    /// # Errors
    ///
    /// The store failed. Some may have been claimed; the same call again answers
    /// [`Own`](ClaimAnswer::Own) for those.
    pub async fn claim<S: Store + Ledger>(
        &self,
        store: &S,
        recipients: &[RecipientKey],
        now: DateTime<Utc>,
    ) -> Result<Answers<ClaimAnswer>, FlowError> {
        let mut firsts = HashMap::new();
        let mut answers = Vec::with_capacity(recipients.len());
        for part in recipients.chunks(Self::BATCH) {
            let mut known = self.look(store, part).await?;
            let places = answers.len()..;
            repeated(&mut firsts, places.zip(part), &mut known);
            answers.extend(self.take(store, part, known, now).await?);
        }
        Ok(Answers::new(answers))
    }

    /// Claims the recipients that `recipients` brings, bit by bit, each with whatever the host has to
    /// remember beside it: any number in the memory of [`SegmentRun::part`] of them.
    pub fn segment<I, T>(&self, recipients: I) -> SegmentRun<I, T>
    where
        I: Iterator<Item = (RecipientKey, T)>,
    {
        let Self { tenant, scope, by } = *self;
        SegmentRun::new(Self { tenant, scope, by }, recipients)
    }

    /// Who has these recipients, at most [`BATCH`](Self::BATCH)? `None` who is free.
    pub(super) async fn look<L: Ledger>(
        &self,
        ledger: &L,
        recipients: &[RecipientKey],
    ) -> Result<Vec<Option<ClaimAnswer>>, FlowError> {
        let found = ledger.claims(self.tenant, &self.scope, recipients).await?;
        let answer = |claim: Option<SendClaim>| Some(ClaimAnswer::of(&claim?, self.by));
        let mut answers: Vec<_> = found.into_iter().map(answer).collect();
        // Of whom the store says nothing, its commit will say who has him.
        answers.resize(recipients.len(), None);
        Ok(answers)
    }

    /// Claims those who are free.
    pub(super) async fn take<S: Store>(
        &self,
        store: &S,
        recipients: &[RecipientKey],
        known: Vec<Option<ClaimAnswer>>,
        now: DateTime<Utc>,
    ) -> Result<Vec<ClaimAnswer>, FlowError> {
        let free = recipients.iter().zip(&known).filter(|(_, answer)| answer.is_none());
        let claim = |recipient| Change::Claim { id: self.send(recipient), by: self.by, at: now };
        let changes: Vec<_> = free.map(|(recipient, _)| claim(recipient)).collect();
        let mut ended = apply(store, self.tenant, &changes).await?.into_iter();
        let mut answers = Vec::with_capacity(known.len());
        for answer in known {
            answers.push(match answer {
                Some(answer) => answer,
                None => match ended.next() {
                    Some(Ended::Applied) => ClaimAnswer::Claimed,
                    Some(Ended::Found(Some(claim))) => ClaimAnswer::of(&claim, self.by),
                    _ => return Err(unexplained().into()),
                },
            });
        }
        Ok(answers)
    }

    pub(super) fn send(&self, recipient: &RecipientKey) -> ClaimId {
        ClaimId { scope: self.scope, recipient: recipient.clone() }
    }
}

/// Marks the recipients that were named before, at these places.
pub(super) fn repeated<'a>(
    firsts: &mut HashMap<&'a RecipientKey, usize>,
    named: impl Iterator<Item = (usize, &'a RecipientKey)>,
    known: &mut [Option<ClaimAnswer>],
) {
    for ((place, recipient), answer) in named.zip(known) {
        match firsts.entry(recipient) {
            Entry::Occupied(first) => *answer = Some(ClaimAnswer::Repeated { first: *first.get() }),
            Entry::Vacant(first) => {
                first.insert(place);
            }
        }
    }
}

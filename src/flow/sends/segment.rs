//! A segment of any length.

use chrono::{DateTime, Utc};
use std::collections::HashMap;

use super::answer::{ClaimAnswer, SendCounts};
use super::run::{SendRun, repeated};
use crate::claim::RecipientKey;
use crate::flow::FlowError;
use crate::store::{Ledger, Store};

/// A recipient of a segment, and what may be done about him.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a question and its answer")]
pub struct Asked<T> {
    /// Who.
    pub recipient: RecipientKey,
    /// What the host remembers beside him.
    pub item: T,
    /// May he be sent to?
    pub answer: ClaimAnswer,
}

/// The recipients of a message, claimed bit by bit: no more than one part of them is in memory.
///
/// A part that failed is kept and asked for again by the next call of [`next_part`](Self::next_part), so
/// that no recipient is passed over, and who was claimed by a commit whose answer got lost is known to
/// be claimed by it. Whoever stops there releases what is [pending](Self::pending).
///
/// A recipient that comes again in a later part is answered as what he is by then:
/// [`Own`](ClaimAnswer::Own), or [`AlreadySent`](ClaimAnswer::AlreadySent) by this run.
///
/// ```
/// use chrono::DateTime;
/// use correspond::adapter::memory::MemoryStore;
/// use correspond::claim::{Claimant, RecipientKey, SendScope};
/// use correspond::flow::sends::SendRun;
/// use correspond::id::{RecordId, TenantId};
/// use correspond::store::Blocking;
///
/// let store = Blocking::new(MemoryStore::default());
/// let now = DateTime::UNIX_EPOCH;
/// let scope = SendScope::new(RecordId::new(7));
/// let run = SendRun::new(TenantId::new(1), scope, Claimant::new(0xa1));
/// let contacts = (1..=250).map(|n| (RecipientKey::contact(RecordId::new(n)), n));
/// let mut segment = run.segment(contacts).part(100);
/// let mut parts = Vec::new();
/// while let Some(part) = store.run(async |s| segment.next_part(s, now).await)?? {
///     parts.push(part.len());
///     let may: Vec<_> = part.iter().filter(|asked| asked.answer.is_claimed()).collect();
///     // Send to those, and then:
///     let sent: Vec<_> = may.into_iter().map(|asked| asked.recipient.clone()).collect();
///     let closed = store.run(async |s| run.settle(s, &sent, now).await)??;
///     assert_eq!(closed.len(), part.len());
/// }
/// assert_eq!(parts, [100, 100, 50]);
/// assert_eq!((segment.counts().claimed, segment.counts().total()), (250, 250));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "nobody is claimed before a part is asked for"]
pub struct SegmentRun<I, T> {
    run: SendRun,
    source: I,
    part: usize,
    keys: Vec<RecipientKey>,
    items: Vec<T>,
    /// Of the part that is kept: who was free before it was tried to claim him.
    tried: Vec<bool>,
    counts: SendCounts,
}

impl<I, T> SegmentRun<I, T> {
    /// How many recipients are a part, unless told otherwise.
    pub const PART: usize = 100;

    pub(super) fn new(run: SendRun, source: I) -> Self {
        let (keys, items, tried) = (Vec::new(), Vec::new(), Vec::new());
        let counts = SendCounts { claimed: 0, already_sent: 0, in_doubt: 0, repeated: 0, own: 0 };
        Self { run, source, part: Self::PART, keys, items, tried, counts }
    }

    /// The same in parts of this many recipients: 1 to [`SendRun::BATCH`]; what lies outside is moved to
    /// the next end. Each costs one look and one commit; what is claimed and not settled when the worker
    /// stops is in doubt, at most one part of it.
    pub fn part(mut self, recipients: usize) -> Self {
        self.part = recipients.clamp(1, SendRun::BATCH);
        self
    }

    /// Of the part that is kept after a failure: who may have been claimed by it, in order. Whoever does
    /// not ask again [releases](SendRun::release) them: nobody was told that they may be sent to.
    pub fn pending(&self) -> impl Iterator<Item = &RecipientKey> {
        self.keys.iter().zip(&self.tried).filter(|(_, tried)| **tried).map(|(key, _)| key)
    }

    /// Who was answered how, up to here.
    pub const fn counts(&self) -> SendCounts {
        self.counts
    }
}

impl<T, I: Iterator<Item = (RecipientKey, T)>> SegmentRun<I, T> {
    /// Claims the next part at `now`; `None` at the end of the segment.
    ///
    /// # Errors
    ///
    /// The store failed. The part is kept, and the next call tries it again.
    pub async fn next_part<S: Store + Ledger>(
        &mut self,
        store: &S,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<Asked<T>>>, FlowError> {
        if self.keys.is_empty() {
            for (key, item) in self.source.by_ref().take(self.part) {
                self.keys.push(key);
                self.items.push(item);
            }
            self.tried = vec![false; self.keys.len()];
        }
        if self.keys.is_empty() {
            return Ok(None);
        }
        let mut known = self.run.look(store, &self.keys).await?;
        // Free before a commit of this run, and this run's after it: claimed by that commit. The run
        // is used by one worker, which is here.
        let claimed = |(tried, answer): (&bool, &mut Option<ClaimAnswer>)| {
            if *tried && matches!(answer, Some(ClaimAnswer::Own { .. })) {
                *answer = Some(ClaimAnswer::Claimed);
            }
        };
        self.tried.iter().zip(&mut known).for_each(claimed);
        repeated(&mut HashMap::new(), self.keys.iter().enumerate(), &mut known);
        let again = self.tried.clone();
        for (tried, answer) in self.tried.iter_mut().zip(&known) {
            *tried |= answer.is_none();
        }
        let mut answers: Vec<_> =
            self.run.take(store, &self.keys, known, now).await?.into_iter().map(Some).collect();
        again.iter().zip(&mut answers).for_each(claimed);
        let answers: Vec<_> = answers.into_iter().flatten().collect();
        self.counts.extend(&answers);
        let asked = self.keys.drain(..).zip(self.items.drain(..)).zip(answers);
        Ok(Some(
            asked.map(|((recipient, item), answer)| Asked { recipient, item, answer }).collect(),
        ))
    }
}

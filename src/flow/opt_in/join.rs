//! What a submission wants of consent, for a use case that writes the contact itself.

use super::plan::Plan;
use super::row::Row;
use super::submission::{ConsentSubmission, SubmissionDone};
use super::waiting::Waiting;
use crate::flow::FlowError;
use crate::id::RecordId;
use crate::party::Attributes;
use crate::record::{Space, Versions};
use crate::store::{Change, Commit, Reason, Records, Store};

/// What a submission wants of consent, for the batch of a use case that writes the contact itself.
pub(in crate::flow) struct Joined {
    /// The contact's attributes as they are to be written: those handed in, with level and
    /// memberships as they are afterwards.
    pub(in crate::flow) attributes: Attributes,
    /// The changes beside the contact's own: the entry of the log; requests made, renewed and
    /// withdrawn. At most 134.
    pub(in crate::flow) changes: Vec<Change>,
    /// What is done at once and which mails to send, once the batch is applied. Lost rounds are the
    /// caller's to count.
    pub(in crate::flow) done: SubmissionDone,
    /// Which of the changes bring an id or a link of the caller's; for [`taken_id`].
    pub(in crate::flow) fresh: Vec<Fresh>,
}

/// What a submission wants of consent and lists, for a batch in which the caller writes the contact.
///
/// The caller has looked at the contact before: `attributes` are those that it found, with the values
/// that it sets, but for level and memberships, which are as they were found. `submission.contact` is
/// its id. With `new` the contact is made in this batch, under an id that nothing has had before, so
/// that nothing can wait for it and nothing is asked of the store.
///
/// Where [`Wanted::is_empty`](crate::consent::Wanted::is_empty) holds, nothing is asked and nothing
/// changes. In any other case the caller:
///
/// * writes the contact, with [`Expect::At`](crate::store::Expect::At) the version in which it looked
///   at it or [`Expect::Absent`](crate::store::Expect::Absent), even where its attributes have not
///   changed. A click that comes between that look and the one at the requests has changed the
///   contact, and its request no longer waits: only the version tells, and the batch is refused;
/// * pushes all `changes` in their order, from some place `offset` of its batch on;
/// * looks at the contact anew in the round after a refusal, and calls this anew. A refusal for which
///   [`taken_id`] names the same id twice in a row is one for good: the id of the entry or of a seed
///   is not new;
/// * sends the mails once the batch is applied.
///
/// # Errors
///
/// The store failed; the attributes say of consent what cannot be read; or the contact has no room
/// for what is to be written.
pub(in crate::flow) async fn join<S: Store + Records>(
    versions: &Versions,
    store: &S,
    submission: &ConsentSubmission<'_>,
    attributes: Attributes,
    new: bool,
) -> Result<Joined, FlowError> {
    if submission.wanted.is_empty() {
        let (changes, fresh, done) = (Vec::new(), Vec::new(), SubmissionDone::default());
        return Ok(Joined { attributes, changes, done, fresh });
    }
    let waiting = if new {
        Waiting::none()
    } else {
        let of = (submission.tenant, submission.contact);
        let seeds = submission.confirming.map(|(_, seeds)| seeds);
        Waiting::load(store, of, submission.wanted, seeds).await?
    };
    let mut row = Row::read(attributes)?;
    let plan = Plan::of(versions, store.keyer(), submission, &waiting, &mut row)?;
    let Plan { changes, fresh, done, .. } = plan;
    Ok(Joined { attributes: row.attributes, changes, done, fresh })
}

/// A change that brings an id or a link of the caller's, which should be new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::flow) struct Fresh {
    /// Its place among the changes beside the contact's.
    pub(in crate::flow) place: usize,
    pub(in crate::flow) id: RecordId,
    /// Does it make a record under that id?
    pub(in crate::flow) made: bool,
}

/// The id that is in use already, or whose link is, in a batch whose changes beside the contact's
/// begin at place `offset`.
///
/// It may have been this submission that brought it, delivered a moment ago to somebody else: look
/// again, and believe it when the next round is refused for the same id.
pub(in crate::flow) fn taken_id(
    refused: &Commit,
    offset: usize,
    fresh: &[Fresh],
) -> Option<RecordId> {
    refused.refusals().iter().find_map(|refusal| {
        let place = refusal.change.checked_sub(offset)?;
        let fresh = fresh.iter().find(|fresh| fresh.place == place)?;
        let taken = match &refusal.reason {
            Reason::Stale { .. } => fresh.made,
            Reason::Taken { key, .. } => key.space() == Space::Link,
            _ => false,
        };
        taken.then_some(fresh.id)
    })
}

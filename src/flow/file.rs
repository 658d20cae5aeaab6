//! An incoming mail: which conversation, and filed so that the next one finds it.

use chrono::{DateTime, Utc};

use super::{FlowError, ROUNDS};
use crate::correlation::{Correlator, Direction, Outcome, Verdict};
use crate::id::{RecordId, TenantId};
use crate::message::Message;
use crate::store::{Batch, Change, Commit, MessageIndex, Store};

/// What the host knows of a mail that reaches it: whose it is, which email activity stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Arrival {
    /// Whose mail.
    pub tenant: TenantId,
    /// The email activity; no other mail of the tenant has this id.
    pub id: RecordId,
    /// Which way the mail goes; [`Unknown`](Direction::Unknown) unless told.
    pub direction: Direction,
    /// When it was created: the mail's own date, or when it arrived where it has none or one that
    /// the host does not trust. Smart matching looks back from here.
    ///
    /// Dates are the sender's: hand in no later time than that of arrival, or a mail from the future
    /// is the newest of everything for good.
    pub created: DateTime<Utc>,
}

impl Arrival {
    /// A mail of `tenant`, to be filed as `id`, created at `created`.
    #[must_use]
    pub const fn new(tenant: TenantId, id: RecordId, created: DateTime<Utc>) -> Self {
        Self { tenant, id, direction: Direction::Unknown, created }
    }

    /// It came from outside. Tell wherever you know: a stranger's mail then never brings in a token
    /// that the host has yet to use.
    #[must_use]
    pub const fn incoming(mut self) -> Self {
        self.direction = Direction::Incoming;
        self
    }

    /// The host sends it.
    #[must_use]
    pub const fn outgoing(mut self) -> Self {
        self.direction = Direction::Outgoing;
        self
    }
}

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub struct Filed {
    /// The decision. A [`Duplicate`](Outcome::Duplicate) was not filed again.
    pub verdict: Verdict,
    /// How often it was decided anew because somebody filed the same mail meanwhile: 0 mostly.
    pub lost_rounds: usize,
}

/// Finds the conversation of a mail and files the mail in it: asks once, decides, commits one batch.
///
/// The same mail again, by Message-ID, is a [`Duplicate`](Outcome::Duplicate) and changes nothing, so
/// redelivery is harmless; a mail without Message-ID is filed each time, under a new id.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use correspond::adapter::memory::MemoryStore;
/// use correspond::correlation::Correlator;
/// use correspond::flow::{Arrival, file};
/// use correspond::id::{RecordId, TenantId};
/// use correspond::message::Message;
/// use correspond::store::Blocking;
///
/// let store = Blocking::new(MemoryStore::default());
/// let correlator = Correlator::default();
/// let mail = |id: &'static str, subject: &'static str, parent: &'static str| {
///     let mail = Message::builder().header("Message-ID", id).subject(subject);
///     mail.header("In-Reply-To", parent).build()
/// };
/// let mut arrival = Arrival::new(TenantId::new(1), RecordId::new(1), DateTime::UNIX_EPOCH);
/// let first = mail("<1@shop.example>", "Your order", "");
/// let filed = store.run(async |store| file(store, &correlator, arrival, &first).await)??;
/// assert_eq!(filed.verdict.mail(), None);
///
/// arrival.id = RecordId::new(2);
/// arrival.created += TimeDelta::hours(1);
/// let reply = mail("<2@home.example>", "AW: Your order", "<1@shop.example>");
/// let filed = store.run(async |store| file(store, &correlator, arrival, &reply).await)??;
/// assert_eq!(filed.verdict.mail(), Some(RecordId::new(1)));
/// assert_eq!(
///     filed.verdict.to_string(),
///     "matched by headers (reply, 98 %): In-Reply-To names the mail; the subject is the same"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The store failed, or other writers won [`ROUNDS`] rounds in a row.
pub async fn file<S: Store + MessageIndex>(
    store: &S,
    correlator: &Correlator,
    arrival: Arrival,
    message: &Message<'_>,
) -> Result<Filed, FlowError> {
    let Arrival { tenant, id, direction, created } = arrival;
    let clues = correlator.clues(message, store.keyer());
    let question = correlator.question(&clues, created);
    for lost_rounds in 0..ROUNDS {
        let answer = store.find(tenant, question.query()).await?;
        let verdict = correlator.decide(&clues, &question, &answer);
        if matches!(verdict.outcome(), Outcome::Duplicate { .. }) {
            return Ok(Filed { verdict, lost_rounds });
        }
        let row = clues.row(id, created, direction, &verdict);
        match store.commit(&Batch::of(tenant, Change::File(row))).await? {
            Commit::Applied => return Ok(Filed { verdict, lost_rounds }),
            Commit::Refused(_) => {}
        }
    }
    Err(FlowError::contended())
}

//! An incoming mail: which conversation, and filed so that the next one finds it.

use std::future::ready;

use chrono::{DateTime, Utc};

use super::{FlowError, ROUNDS};
use crate::correlation::{Correlator, Direction, Outcome, Verdict};
use crate::id::{RecordId, TenantId};
use crate::message::Message;
use crate::store::{Batch, Change, Commit, MessageIndex, Reason, Store, StoreError};

/// What the host knows of a mail that reaches it: whose it is, which email activity stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Arrival {
    /// Whose mail.
    pub tenant: TenantId,
    /// The email activity; no other mail of the tenant has this id. The same mail under the same id
    /// is filed once, though it have no Message-ID: an id that is a function of the mail makes
    /// every redelivery harmless.
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
    /// How often it was decided anew because somebody else was faster: 0 mostly.
    pub lost_rounds: usize,
}

/// Finds the conversation of a mail and files the mail in it: asks once, decides, commits one batch.
///
/// The same mail again, by Message-ID or by the id of its email activity, is a
/// [`Duplicate`](Outcome::Duplicate) and changes nothing, so redelivery is harmless, also after a
/// commit whose answer was lost. A mail without Message-ID is filed once for each id.
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
    file_with(store, correlator, arrival, message, |_| ready(Ok(Vec::new()))).await
}

/// Files a mail as [`file()`] does, in one batch with what else the host writes about it: its activity
/// record, an item in a queue. All of it is there afterwards, or nothing is.
///
/// `beside` is handed the verdict and answers with those changes. It is asked in each round anew,
/// for where one of its changes is refused, somebody was faster, and the host has to look again: it
/// loads what it rests on in the future that it returns. It is not asked about a mail that is filed
/// already, since what belongs to that one was written with it.
///
/// ```
/// use std::future::ready;
///
/// use chrono::DateTime;
/// use correspond::adapter::memory::MemoryStore;
/// use correspond::correlation::{Correlator, Outcome};
/// use correspond::flow::{Arrival, file_with};
/// use correspond::id::{RecordId, TenantId};
/// use correspond::message::Message;
/// use correspond::record::{Record, RecordKind, Versions};
/// use correspond::store::{Blocking, Change, Expect, Records};
///
/// let store = Blocking::new(MemoryStore::default());
/// let (correlator, versions) = (Correlator::default(), Versions::default());
/// let arrival = Arrival::new(TenantId::new(1), RecordId::new(1), DateTime::UNIX_EPOCH);
/// let activity = RecordKind::Activity.of(arrival.id);
/// let message = Message::builder().subject("Your order").build();
/// let track = async |store: &MemoryStore| {
///     file_with(store, &correlator, arrival, &message, |verdict| {
///         let record = Record::new(activity, arrival.created, verdict.to_string());
///         let record = record.expect("a short text");
///         let put = Change::Put { record, version: versions.next(), expect: Expect::Absent };
///         // Whoever has to ask the store first returns an `async move` block.
///         ready(Ok(vec![put]))
///     })
///     .await
/// };
/// assert_eq!(store.run(track)??.verdict.outcome(), Outcome::None);
/// let kept = store.run(async |store| store.load(arrival.tenant, &[activity]).await)??;
/// let body = kept[0].as_ref().map(|kept| kept.record.body());
/// assert_eq!(body, Some("no conversation (no mark of a reply)"));
///
/// // Delivered again: it has no Message-ID, but the id that it had.
/// let again = store.run(track)??;
/// assert_eq!(again.verdict.outcome(), Outcome::Duplicate { of: arrival.id });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The store failed, or `beside` did; what `beside` answered contradicts the rest of the batch
/// ([`FlowErrorKind::Batch`](super::FlowErrorKind::Batch)); or other writers won [`ROUNDS`] rounds
/// in a row.
pub async fn file_with<S, B, F>(
    store: &S,
    correlator: &Correlator,
    arrival: Arrival,
    message: &Message<'_>,
    mut beside: B,
) -> Result<Filed, FlowError>
where
    S: Store + MessageIndex,
    B: FnMut(&Verdict) -> F + Send,
    F: Future<Output = Result<Vec<Change>, StoreError>> + Send,
{
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
        let mut batch = Batch::of(tenant, Change::File(row));
        for change in beside(&verdict).await? {
            batch.push(change)?;
        }
        let commit = store.commit(&batch).await?;
        if commit.is_applied() {
            return Ok(Filed { verdict, lost_rounds });
        }
        if is_filed_as(&commit, id) {
            return Ok(Filed { verdict: verdict.filed_already(id), lost_rounds });
        }
    }
    Err(FlowError::contended())
}

/// Was the mail refused for being there under its own id? Under another one it came in meanwhile,
/// and the next round finds it by its Message-ID.
fn is_filed_as(commit: &Commit, id: RecordId) -> bool {
    let own = Reason::Filed { holder: id };
    commit.refusals().iter().any(|refusal| refusal.change == 0 && refusal.reason == own)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use super::*;
    use crate::flow::FlowErrorKind;
    use crate::index::{Answer, Keyer, MessageQuery};
    use crate::record::{Area, Areas, Record, RecordKind, Version};
    use crate::store::{Expect, Refusal, StoreErrorKind, poll_once};

    const TENANT: TenantId = TenantId::new(1);
    const ID: RecordId = RecordId::new(7);

    /// A store without mails that refuses as often as it is told, then applies.
    struct Refusing {
        keyer: Keyer,
        refusals: Mutex<VecDeque<Vec<Refusal>>>,
        seen: Mutex<Vec<Batch>>,
    }

    impl Refusing {
        fn with(refusals: impl IntoIterator<Item = (usize, Reason)>) -> Self {
            let refuse = |(change, reason)| vec![Refusal { change, reason }];
            Self {
                keyer: Keyer::from_secret([0; 16]),
                refusals: Mutex::new(refusals.into_iter().map(refuse).collect()),
                seen: Mutex::default(),
            }
        }

        fn file(
            &self,
            beside: impl FnMut(&Verdict) -> Vec<Change> + Send,
        ) -> Result<Filed, FlowError> {
            let message = Message::builder().subject("Offer").build();
            let arrival = Arrival::new(TENANT, ID, DateTime::UNIX_EPOCH);
            let mut beside = beside;
            let beside = |verdict: &Verdict| ready(Ok(beside(verdict)));
            let correlator = Correlator::default();
            poll_once(is_send(file_with(self, &correlator, arrival, &message, beside))).unwrap()
        }

        fn batches(&self) -> Vec<Vec<Change>> {
            self.seen.lock().unwrap().iter().map(|batch| batch.changes().to_vec()).collect()
        }
    }

    fn is_send<T: Send>(future: T) -> T {
        future
    }

    impl Store for Refusing {
        fn keyer(&self) -> &Keyer {
            &self.keyer
        }

        fn areas(&self) -> Areas {
            Areas::NONE.with(Area::Messages).with(Area::Activities)
        }

        async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
            self.seen.lock().unwrap().push(batch.clone());
            let refusals = self.refusals.lock().unwrap().pop_front();
            Ok(refusals.map_or(Commit::Applied, Commit::Refused))
        }
    }

    impl MessageIndex for Refusing {
        async fn find(&self, _: TenantId, query: &MessageQuery) -> Result<Answer, StoreError> {
            let mut answer = Answer::default();
            query.lookups().iter().for_each(|_| answer.end_lookup(0));
            Ok(answer)
        }
    }

    fn put(version: u128) -> Change {
        let record = RecordKind::Activity.of(ID);
        let record = Record::new(record, DateTime::UNIX_EPOCH, "{}").unwrap();
        Change::Put { record, version: Version::new(version), expect: Expect::Absent }
    }

    /// Puts in another version each time it is asked.
    fn counting() -> impl FnMut(&Verdict) -> Vec<Change> + Send {
        let mut asked = 0;
        move |verdict| {
            assert_eq!(verdict.mail(), None);
            asked += 1;
            vec![put(asked)]
        }
    }

    #[test]
    fn whoever_loses_looks_again_and_gives_up_in_the_end() {
        let elsewhere = Reason::Filed { holder: RecordId::new(8) };
        for (place, reason) in [(0, elsewhere.clone()), (1, Reason::Stale { found: None })] {
            for lost in 0..ROUNDS {
                let store = Refusing::with(vec![(place, reason.clone()); lost]);
                let filed = store.file(counting()).unwrap();
                assert_eq!((filed.lost_rounds, filed.verdict.outcome()), (lost, Outcome::None));
                let batches = store.batches();
                assert_eq!(batches.len(), lost + 1);
                for (round, batch) in batches.iter().enumerate() {
                    assert!(matches!(&batch[0], Change::File(row) if row.id() == ID));
                    assert_eq!(batch[1..], [put(round as u128 + 1)]);
                }
            }
            let store = Refusing::with(vec![(place, reason); ROUNDS]);
            let error = store.file(counting()).unwrap_err();
            assert_eq!(error.kind(), FlowErrorKind::Contended);
            assert_eq!(store.batches().len(), ROUNDS);
        }
    }

    #[test]
    fn a_mail_that_is_there_under_its_own_id_is_its_own_duplicate() {
        let itself = Reason::Filed { holder: ID };
        let store = Refusing::with([(0, itself.clone())]);
        let filed = store.file(counting()).unwrap();
        assert_eq!(filed.verdict.outcome(), Outcome::Duplicate { of: ID });
        assert_eq!(filed.verdict.mail(), Some(ID));
        let text = "filed already: the email activity is the same";
        assert_eq!((filed.verdict.to_string().as_str(), filed.lost_rounds), (text, 0));
        assert_eq!(store.batches().len(), 1);

        // What was lost before, and what is refused beside it, do not matter.
        let stale = Refusal { change: 1, reason: Reason::Stale { found: Some(Version::new(1)) } };
        let store = Refusing::with([(0, Reason::Filed { holder: RecordId::new(8) }), (0, itself)]);
        store.refusals.lock().unwrap()[1].push(stale);
        let filed = store.file(counting()).unwrap();
        assert_eq!(filed.verdict.outcome(), Outcome::Duplicate { of: ID });
        assert_eq!(filed.lost_rounds, 1);

        // Another mail of the batch is no reason to think so.
        let store = Refusing::with([(1, Reason::Filed { holder: ID })]);
        assert_eq!(store.file(counting()).unwrap().lost_rounds, 1);
    }

    #[test]
    fn what_does_not_fit_is_not_written() {
        let store = Refusing::with([]);
        let error = store.file(|_| vec![put(1), put(2)]).unwrap_err();
        assert_eq!(error.kind(), FlowErrorKind::Batch);
        let error = store.file(|_| vec![Change::Forget(ID)]).unwrap_err();
        assert_eq!(error.kind(), FlowErrorKind::Batch);
        assert_eq!(store.batches().len(), 0);
    }

    #[test]
    fn a_host_that_fails_ends_it() {
        let store = Refusing::with([]);
        let message = Message::builder().build();
        let arrival = Arrival::new(TENANT, ID, DateTime::UNIX_EPOCH);
        let fail = |_: &Verdict| ready(Err(StoreError::new(StoreErrorKind::Unavailable, "x")));
        let correlator = Correlator::default();
        let filed = file_with(&store, &correlator, arrival, &message, fail);
        let error = poll_once(filed).unwrap().unwrap_err();
        assert_eq!(error.store_error().unwrap().kind(), StoreErrorKind::Unavailable);
        assert_eq!(store.batches().len(), 0);
    }
}

//! What is kept of each mail beside the index, so that a later run can name it.

use std::borrow::Cow;
use std::collections::HashSet;
use std::error::Error;

use chrono::{DateTime, Utc};
use correspond::correlation::Verdict;
use correspond::id::{RecordId, TenantId};
use correspond::index::{IndexKind, Keyer};
use correspond::message::Message;
use correspond::record::{Record, RecordKind, Versioned, Versions};
use correspond::store::{Blocking, Change, Expect, Immediate, Records, StoreError, StoreErrorKind};
use correspond::subject::Rules;
use serde::{Deserialize, Serialize};

use crate::entry::{Entry, Links};
use crate::names::Names;
use crate::support::input::{Found, Item};

/// The mail as a later run shows it: the body of its activity record, as JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Activity {
    pub(crate) message_id: Option<String>,
    /// As a sentence.
    pub(crate) verdict: String,
    #[serde(flatten)]
    pub(crate) entry: Entry,
    #[serde(flatten)]
    pub(crate) links: Links,
}

impl Activity {
    pub(crate) fn of(
        message: &Message<'_>,
        date: DateTime<Utc>,
        rules: &Rules,
        verdict: &Verdict,
    ) -> Self {
        Self {
            message_id: message.message_id().map(|id| id.as_str().to_owned()),
            verdict: verdict.to_string(),
            entry: Entry::of(message, date, rules, verdict),
            links: Links::of(verdict),
        }
    }

    fn record(&self, id: RecordId) -> Result<Record, Box<dyn Error + Send + Sync>> {
        let body = serde_json::to_string(self)?;
        Ok(Record::new(RecordKind::Activity.of(id), self.entry.date, body)?)
    }
}

/// Names that are kept in a store, in an activity record a mail.
pub(crate) struct Kept<'a, S> {
    store: &'a Blocking<S>,
    tenant: TenantId,
    versions: Versions,
    ids: Keyer,
    /// The mails that this run came across.
    seen: HashSet<RecordId>,
}

impl<'a, S: Records + Immediate> Kept<'a, S> {
    pub(crate) fn new(store: &'a Blocking<S>, tenant: TenantId) -> Self {
        let ids = Keyer::from_secret(*b"mail activity id");
        Self { store, tenant, versions: Versions::default(), ids, seen: HashSet::new() }
    }

    fn load(&self, id: RecordId) -> Result<Option<Versioned>, StoreError> {
        let wanted = [RecordKind::Activity.of(id)];
        let found = self.store.run(async |store| store.load(self.tenant, &wanted).await)??;
        Ok(found.into_iter().next().flatten())
    }

    /// The activity is new, or was left behind when the index was made anew.
    fn put(&self, record: Record) -> Result<Change, StoreError> {
        let found = self.load(record.reference().id())?;
        let expect = found.map_or(Expect::Absent, |found| Expect::At(found.version));
        Ok(Change::Put { record, version: self.versions.next(), expect })
    }
}

impl<S: Records + Immediate> Names for Kept<'_, S> {
    /// A hash of the Message-ID; without one, of all octets of the mail. The same mail has the same
    /// id in every run, so that it is filed once.
    ///
    /// It has it in every store too: mails of the same second are told apart by their ids, and the
    /// verdict must not hang on the secret of a store. Nobody gains by a collision, who could as
    /// well take the Message-ID.
    fn id(&self, found: &Found, message: &Message<'_>) -> RecordId {
        let text = match (message.message_id(), &found.item) {
            (Some(id), _) => id.as_str().as_bytes(),
            (None, Item::Raw(octets)) => octets,
            (None, Item::Line(line)) => line.as_bytes(),
        };
        let key = self.ids.key(IndexKind::MessageId, text);
        RecordId::new(u128::from_le_bytes(*key.hash()))
    }

    fn beside(
        &self,
        id: RecordId,
        activity: impl FnOnce() -> Activity,
    ) -> Result<Vec<Change>, StoreError> {
        let record = activity().record(id).map_err(|error| {
            StoreError::new(StoreErrorKind::Other, "writing an activity").because(error)
        })?;
        Ok(vec![self.put(record)?])
    }

    fn push(&mut self, id: RecordId, _: Option<&str>) {
        self.seen.insert(id);
    }

    fn is_earlier(&mut self, id: RecordId) -> bool {
        self.seen.insert(id)
    }

    fn activity(&self, id: RecordId) -> Result<Option<Activity>, StoreError> {
        let Some(found) = self.load(id)? else { return Ok(None) };
        serde_json::from_str(found.record.body()).map(Some).map_err(|error| {
            StoreError::new(StoreErrorKind::Corrupt, "reading an activity").because(error)
        })
    }

    fn get(&self, id: RecordId) -> Result<Option<Cow<'_, str>>, StoreError> {
        let activity = self.activity(id)?;
        Ok(activity.and_then(|activity| activity.message_id).map(Cow::Owned))
    }

    fn unnamed(&self, id: RecordId) -> String {
        format!("mail {id}")
    }
}

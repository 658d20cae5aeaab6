//! What a mail is filed as, and what it is called later.

use std::borrow::Cow;

use correspond::id::RecordId;
use correspond::message::Message;
use correspond::store::{Change, StoreError};

use crate::activity::Activity;
use crate::support::input::Found;

/// The ids of the mails and their names.
pub(crate) trait Names: Sync {
    /// The id of the mail that is filed next.
    fn id(&self, found: &Found, message: &Message<'_>) -> RecordId;

    /// What is written together with the mail.
    fn beside(
        &self,
        id: RecordId,
        activity: impl FnOnce() -> Activity,
    ) -> Result<Vec<Change>, StoreError>;

    /// Notes a mail that was filed.
    fn push(&mut self, id: RecordId, name: Option<&str>);

    /// Was this duplicate filed by an earlier run? Of a mail that comes several times, the first
    /// alone counts; the others are duplicates of that one.
    fn is_earlier(&mut self, id: RecordId) -> bool;

    /// What was written together with a mail.
    fn activity(&self, id: RecordId) -> Result<Option<Activity>, StoreError>;

    /// The Message-ID of a mail; `None` where it had none.
    fn get(&self, id: RecordId) -> Result<Option<Cow<'_, str>>, StoreError>;

    /// What a mail without Message-ID is called.
    fn unnamed(&self, id: RecordId) -> String;

    /// The Message-ID, or what the mail is called without one.
    fn call(&self, id: RecordId) -> Result<String, StoreError> {
        Ok(self.get(id)?.map_or_else(|| self.unnamed(id), |name| format!("<{name}>")))
    }
}

/// The Message-IDs of the filed mails, in the order of filing: a record's id is its number here.
/// Nothing was filed before, and nothing is left afterwards.
#[derive(Default)]
pub(crate) struct Counted {
    text: String,
    ends: Vec<usize>,
}

impl Names for Counted {
    fn id(&self, _: &Found, _: &Message<'_>) -> RecordId {
        RecordId::new(self.ends.len() as u128)
    }

    fn beside(&self, _: RecordId, _: impl FnOnce() -> Activity) -> Result<Vec<Change>, StoreError> {
        Ok(Vec::new())
    }

    fn push(&mut self, _: RecordId, name: Option<&str>) {
        self.text.push_str(name.unwrap_or_default());
        self.ends.push(self.text.len());
    }

    fn is_earlier(&mut self, _: RecordId) -> bool {
        false
    }

    fn activity(&self, _: RecordId) -> Result<Option<Activity>, StoreError> {
        Ok(None)
    }

    fn get(&self, id: RecordId) -> Result<Option<Cow<'_, str>>, StoreError> {
        let name = usize::try_from(id.get()).ok().and_then(|at| {
            let end = *self.ends.get(at)?;
            let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
            self.text.get(start..end)
        });
        Ok(name.filter(|name| !name.is_empty()).map(Cow::Borrowed))
    }

    fn unnamed(&self, id: RecordId) -> String {
        format!("mail {}", id.get() + 1)
    }
}

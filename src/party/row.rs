//! A row of the directory.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::attribute::{AttributeError, Attributes, Value};
use crate::address::{CompareBy, EmailAddressRef};
use crate::id::RecordId;
use crate::index::Keyer;
use crate::record::{
    LookupKey, LookupKind, Record, RecordError, RecordKind, RecordRef, UniqueKey, Versioned,
};

/// A contact, lead or account as a decision sees it. Its body in a store is the JSON of its
/// attributes, whose names are those of the Dataverse columns.
///
/// ```
/// use chrono::DateTime;
/// use correspond::id::RecordId;
/// use correspond::party::{Attributes, Party, Value};
/// use correspond::record::RecordKind;
///
/// let mut attributes = Attributes::default();
/// attributes.set("emailaddress1", Value::Text("ann@home.example".into()))?;
/// attributes.set("ownerid", Value::Lookup(RecordId::new(9)))?;
/// let ann = RecordKind::Contact.of(RecordId::new(7));
/// let party = Party::new(ann, DateTime::UNIX_EPOCH, attributes);
/// assert_eq!(party.owner(), Some(RecordId::new(9)));
/// assert!(party.is_active());
/// # Ok::<(), correspond::party::AttributeError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Party {
    reference: RecordRef,
    modified: DateTime<Utc>,
    active: bool,
    attributes: Attributes,
}

impl Party {
    /// The column that says when a row was made (`createdon`).
    pub const CREATED: &'static str = "createdon";

    /// The column of the owner (`ownerid`).
    pub const OWNER: &'static str = "ownerid";

    /// The column of the business unit that owns a row (`owningbusinessunit`).
    pub const BUSINESS_UNIT: &'static str = "owningbusinessunit";

    /// The column of a lead with the contact that it belongs to (`parentcontactid`).
    pub const PARENT_CONTACT: &'static str = "parentcontactid";

    /// The column of a row with its state (`statecode`). Of a lead: 0 open, 1 qualified, 2 disqualified;
    /// of a contact or an account: 0 active, 1 inactive.
    pub const LEAD_STATE: &'static str = "statecode";

    const QUALIFIED: i32 = 1;
    const DISQUALIFIED: i32 = 2;
    const INACTIVE: i32 = 1;

    /// The columns of addresses: `emailaddress1` to `emailaddress3`.
    pub const ADDRESSES: [&'static str; 3] = ["emailaddress1", "emailaddress2", "emailaddress3"];

    /// An active row that was last modified then.
    #[must_use]
    pub const fn new(
        reference: RecordRef,
        modified: DateTime<Utc>,
        attributes: Attributes,
    ) -> Self {
        Self { reference, modified, active: true, attributes }
    }

    /// The row that a store kept.
    ///
    /// # Errors
    ///
    /// Its body is not the JSON of its attributes.
    pub fn from_versioned(kept: &Versioned) -> Result<Self, PartyError> {
        let record = &kept.record;
        let attributes = serde_json::from_str(record.body()).map_err(|error| PartyError {
            reference: record.reference(),
            why: error.to_string().into(),
        })?;
        let active = record.is_active();
        Ok(Self { reference: record.reference(), modified: record.modified(), active, attributes })
    }

    /// The same, inactive.
    #[must_use]
    pub fn inactive(self) -> Self {
        Self { active: false, ..self }
    }

    /// The same with these attributes set; others stay.
    ///
    /// # Errors
    ///
    /// There are too many.
    pub fn with(mut self, values: &Attributes) -> Result<Self, AttributeError> {
        for (name, value) in values.iter() {
            self.attributes.set(name, value.clone())?;
        }
        Ok(self)
    }

    /// The same with these attributes instead of those that it had.
    #[must_use]
    pub fn with_all(self, attributes: Attributes) -> Self {
        Self { attributes, ..self }
    }

    /// The same without the attribute of this name: it is blank.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        let mut map = BTreeMap::from(std::mem::take(&mut self.attributes));
        map.remove(name);
        // No more of them than before.
        self.attributes = Attributes::try_from(map).unwrap_or_default();
        self
    }

    /// The same, last modified then.
    #[must_use]
    pub fn modified_at(self, modified: DateTime<Utc>) -> Self {
        Self { modified, ..self }
    }

    /// Which row.
    #[must_use]
    pub const fn reference(&self) -> RecordRef {
        self.reference
    }

    /// When it was last modified.
    #[must_use]
    pub const fn modified(&self) -> DateTime<Utc> {
        self.modified
    }

    /// Is it active? It is where neither the store's record says otherwise nor its own state does
    /// ([`LEAD_STATE`](Self::LEAD_STATE)): a contact or an account that was deactivated, or a lead that
    /// was disqualified, is not, however it got here. A qualified lead is
    /// [converted](Self::is_converted_lead).
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.active
            && !match self.reference.kind() {
                RecordKind::Lead => self.is_in_state(Self::DISQUALIFIED),
                RecordKind::Contact | RecordKind::Account => self.is_in_state(Self::INACTIVE),
                _ => false,
            }
    }

    /// Its attributes.
    #[must_use]
    pub const fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// When it was made, as far as that is known (column `createdon`).
    #[must_use]
    pub fn created(&self) -> Option<DateTime<Utc>> {
        match self.attributes.get(Self::CREATED) {
            Some(Value::Time(time)) => Some(*time),
            _ => None,
        }
    }

    /// Its owner (column `ownerid`).
    #[must_use]
    pub fn owner(&self) -> Option<RecordId> {
        self.lookup(Self::OWNER)
    }

    /// The business unit that owns it (column `owningbusinessunit`).
    #[must_use]
    pub fn business_unit(&self) -> Option<RecordId> {
        self.lookup(Self::BUSINESS_UNIT)
    }

    /// The contact that a lead belongs to (column `parentcontactid`).
    #[must_use]
    pub fn parent_contact(&self) -> Option<RecordId> {
        self.lookup(Self::PARENT_CONTACT)
    }

    /// Is it a lead that became something else already (column `statecode`: 1)?
    #[must_use]
    pub fn is_converted_lead(&self) -> bool {
        self.reference.kind() == RecordKind::Lead && self.is_in_state(Self::QUALIFIED)
    }

    fn is_in_state(&self, state: i32) -> bool {
        self.attributes.get(Self::LEAD_STATE) == Some(&Value::Choice(state))
    }

    fn lookup(&self, name: &str) -> Option<RecordId> {
        match self.attributes.get(name) {
            Some(Value::Lookup(id)) => Some(*id),
            _ => None,
        }
    }

    /// The keys that it is found under by address: one for each valid address in
    /// [`ADDRESSES`](Self::ADDRESSES).
    pub fn address_keys<'a>(&'a self, keyer: &'a Keyer) -> impl Iterator<Item = LookupKey> + 'a {
        let texts =
            Self::ADDRESSES.into_iter().filter_map(|name| match self.attributes.get(name) {
                Some(Value::Text(text)) => Some(text),
                _ => None,
            });
        texts.filter_map(|text| EmailAddressRef::parse(text).ok()).map(|address| {
            let mut key = String::new();
            address.key_with(CompareBy::Canonical, &mut key);
            LookupKey::new(keyer, LookupKind::Address, key.as_bytes())
        })
    }

    /// The record for a store to keep, under these keys.
    ///
    /// # Errors
    ///
    /// Its JSON is longer than [`Record::MAX_BODY`], or there are too many keys.
    pub fn to_record(
        &self,
        keys: impl IntoIterator<Item = LookupKey>,
        unique: impl IntoIterator<Item = UniqueKey>,
    ) -> Result<Record, PartyError> {
        let failed = |why: Box<str>| PartyError { reference: self.reference, why };
        let body = serde_json::to_string(&self.attributes);
        let body = body.map_err(|error| failed(error.to_string().into()))?;
        // JSON writes U+0000 as an escape.
        let refused = |error: RecordError| failed(error.to_string().into());
        let record = Record::new(self.reference, self.modified, body).map_err(refused)?;
        let record = if self.active { record } else { record.inactive() };
        record.with_keys(keys).and_then(|record| record.with_unique(unique)).map_err(refused)
    }
}

/// A row could not be read, or not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reference}: {why}")]
pub struct PartyError {
    reference: RecordRef,
    why: Box<str>,
}

impl PartyError {
    /// Which row.
    #[must_use]
    pub const fn reference(&self) -> RecordRef {
        self.reference
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Version;

    fn ann() -> Party {
        let mut attributes = Attributes::default();
        let text = |text: &str| Value::Text(text.into());
        attributes.set("emailaddress1", text("Ann@Home.example")).unwrap();
        attributes.set("emailaddress2", text("ann@home.example")).unwrap();
        attributes.set("emailaddress3", text("none")).unwrap();
        attributes.set("note", text("a\0b")).unwrap();
        Party::new(RecordKind::Contact.of(RecordId::new(7)), DateTime::UNIX_EPOCH, attributes)
    }

    #[test]
    fn a_row_comes_back_as_it_was_kept() {
        let keyer = Keyer::from_secret([1; 16]);
        for party in [ann(), ann().inactive(), ann().without("note")] {
            let record = party.to_record(party.address_keys(&keyer), []).unwrap();
            assert_eq!(record.keys().len(), 1, "the same address twice, and none");
            let kept = Versioned { record, version: Version::new(1) };
            assert_eq!(Party::from_versioned(&kept), Ok(party));
        }
    }

    /// facts 5: every table has `statecode`; of contacts and accounts 1 is inactive.
    #[test]
    fn a_row_is_as_inactive_as_its_state_says() {
        for (kind, state, active) in [
            (RecordKind::Contact, 0, true),
            (RecordKind::Contact, 1, false),
            (RecordKind::Account, 1, false),
            (RecordKind::Lead, 0, true),
            (RecordKind::Lead, 1, true),
            (RecordKind::Lead, 2, false),
        ] {
            let mut attributes = Attributes::default();
            attributes.set("statecode", Value::Choice(state)).unwrap();
            let row = Party::new(kind.of(RecordId::new(7)), DateTime::UNIX_EPOCH, attributes);
            assert_eq!(row.is_active(), active, "{kind:?} {state}");
            assert_eq!(row.is_converted_lead(), (kind, state) == (RecordKind::Lead, 1));
            let record = row.to_record([], []).unwrap();
            assert!(record.is_active(), "the flag of the record is another matter");
            let kept = Versioned { record, version: Version::new(1) };
            assert_eq!(Party::from_versioned(&kept), Ok(row.clone()));
            assert!(!row.inactive().is_active());
        }
    }

    #[test]
    fn a_body_that_is_none_is_told() {
        let reference = RecordKind::Lead.of(RecordId::new(10));
        let record = Record::new(reference, DateTime::UNIX_EPOCH, "[]").unwrap();
        let kept = Versioned { record, version: Version::new(1) };
        let error = Party::from_versioned(&kept).unwrap_err();
        assert_eq!(error.reference(), reference);
        assert!(
            error.to_string().starts_with("Lead 0000000000000000000000000000000a: invalid type")
        );
    }
}

//! The log of changes of consent.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use super::error::{ConsentError, Problem};
use super::level::Level;
use super::protection::Protection;
use crate::id::RecordId;
use crate::index::Keyer;
use crate::record::{LookupKey, LookupKind, Record, RecordError, RecordKind, RecordRef};
use crate::settings::{Name, Text};

/// A change of level: from one to another, never to the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LevelChange {
    from: Level,
    to: Level,
}

impl LevelChange {
    /// The change between two levels; `None` where they are the same.
    #[must_use]
    pub fn between(from: Level, to: Level) -> Option<Self> {
        (from != to).then_some(Self { from, to })
    }

    /// The level before.
    #[must_use]
    pub const fn from(self) -> Level {
        self.from
    }

    /// The level after.
    #[must_use]
    pub const fn to(self) -> Level {
        self.to
    }

    /// Does the contact consent to more? That is what double opt-in has confirmed; less is applied
    /// at once.
    #[must_use]
    pub fn is_raise(self) -> bool {
        self.to > self.from
    }
}

/// Where a change came from, in words: at most 50 characters
/// (`msgdpr_gdprconsentchangerecord.msgdpr_consentchangesource`).
pub type ChangeSource = Text<0, 50>;

/// Who changed it, and through what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Origin {
    /// The user who changed it (`msgdpr_changedby`); `None` where the person did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<RecordId>,
    /// Where it came from (`msgdpr_consentchangesource`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<ChangeSource>,
    /// The form that it came through (`msgdpr_consentchangesourceform`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<RecordId>,
}

impl Origin {
    /// The same, changed by this user.
    #[must_use]
    pub const fn by(mut self, user: RecordId) -> Self {
        self.changed_by = Some(user);
        self
    }

    /// The same from this source.
    #[must_use]
    pub fn from_source(mut self, source: ChangeSource) -> Self {
        self.source = Some(source);
        self
    }

    /// The same through this form.
    #[must_use]
    pub const fn through(mut self, form: RecordId) -> Self {
        self.form = Some(form);
        self
    }
}

/// One entry of the log (table `msgdpr_gdprconsentchangerecord`), a record of kind
/// [`ConsentChange`](RecordKind::ConsentChange). When the change was made is when the record was
/// modified: never but then.
///
/// ```
/// use chrono::DateTime;
/// use correspond::consent::{ConsentChange, Level, LevelChange, Origin, Protection};
/// use correspond::id::RecordId;
/// use correspond::index::Keyer;
///
/// let (on, keyer) = (Protection::new().logging_changes(), Keyer::from_secret([7; 16]));
/// let change = LevelChange::between(Level::Consent, Level::Marketing);
/// let ann = RecordId::new(7);
/// let entry = ConsentChange::logged(on, ann, change, &Origin::default()).unwrap();
/// assert_eq!(entry.name(), "Consent changed from (1) Consent to (4) Marketing");
/// let record = entry.to_record(RecordId::new(1), &keyer, DateTime::UNIX_EPOCH)?;
/// assert_eq!(ConsentChange::from_record(&record)?, entry);
///
/// assert_eq!(ConsentChange::logged(on, ann, None, &Origin::default()), None);
/// assert_eq!(ConsentChange::logged(Protection::new(), ann, change, &Origin::default()), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentChange {
    #[serde(deserialize_with = "name_of_a_record")]
    name: String,
    value: Level,
    contact: RecordId,
    #[serde(default)]
    origin: Origin,
}

fn name_of_a_record<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Name::deserialize(from).map(|name| name.as_str().to_owned())
}

impl ConsentChange {
    /// The entry of a change of level; none where the level did not change, and none while "Log
    /// consent changes" is off.
    #[must_use]
    pub fn logged(
        protection: Protection,
        contact: RecordId,
        change: Option<LevelChange>,
        origin: &Origin,
    ) -> Option<Self> {
        let change = change.filter(|_| protection.logs_changes())?;
        let name = format!("Consent changed from {} to {}", change.from, change.to);
        Some(Self { name, value: change.to, contact, origin: origin.clone() })
    }

    /// Its name, of at most 100 characters (`msgdpr_name`): what changed into what.
    #[must_use]
    pub const fn name(&self) -> &str {
        self.name.as_str()
    }

    /// The new level (`msgdpr_value`). The column is required and the choice has no option for
    /// [`Level::None`]; here the end of all consent is logged like any other change.
    #[must_use]
    pub const fn value(&self) -> Level {
        self.value
    }

    /// Whose consent (`msgdpr_contactid`).
    #[must_use]
    pub const fn contact(&self) -> RecordId {
        self.contact
    }

    /// Who changed it, and through what.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The record that keeps it, written at `now`; it is looked up by its contact
    /// ([`related_key`]).
    ///
    /// # Errors
    ///
    /// None that an entry can cause: those of [`Record`].
    pub fn to_record(
        &self,
        id: RecordId,
        keyer: &Keyer,
        now: DateTime<Utc>,
    ) -> Result<Record, RecordError> {
        // Text, ids and a level: what it is made of can be written.
        let body = serde_json::to_string(self).unwrap_or_default();
        Record::new(RecordKind::ConsentChange.of(id), now, body)?
            .with_keys([related_key(keyer, RecordKind::Contact.of(self.contact))])
    }

    /// Reads what [`to_record`](Self::to_record) wrote.
    ///
    /// # Errors
    ///
    /// The record is of another kind, or its body is no entry.
    pub fn from_record(record: &Record) -> Result<Self, ConsentError> {
        let wrong = |why| {
            let record = record.reference();
            ConsentError::from(Problem::Body { record, expected: "a change of consent", why })
        };
        if record.reference().kind() != RecordKind::ConsentChange {
            return Err(wrong("a record of another kind".to_owned()));
        }
        serde_json::from_str(record.body()).map_err(|error| wrong(error.to_string()))
    }
}

/// The look-up key of what belongs to a record: the changes of a contact's consent, its double
/// opt-in requests.
#[must_use]
pub fn related_key(keyer: &Keyer, record: RecordRef) -> LookupKey {
    let kind = record.kind().code().to_be_bytes();
    let text = [kind.as_slice(), &record.id().get().to_be_bytes()].concat();
    LookupKey::new(keyer, LookupKind::Related, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// facts 5.10: source, string 50.
    #[test]
    fn sources_of_consent_changes_have_50_characters() {
        assert!(ChangeSource::new("\u{e4}".repeat(50)).is_ok());
        assert_eq!(
            ChangeSource::new("x".repeat(51)).unwrap_err().to_string(),
            "expected text of 0 to 50 characters, found more"
        );
        // The column counts as UTF-16 does.
        assert!(ChangeSource::new("\u{1f600}".repeat(26)).is_err());
    }

    /// facts 5.10: `msgdpr_name`, string 100, required; of what is read, too.
    #[test]
    fn names_of_consent_changes_have_100_characters() {
        let on = Protection::new().logging_changes();
        for from in Level::ALL {
            for to in Level::ALL {
                let change = LevelChange::between(from, to);
                let id = RecordId::new(1);
                let Some(entry) = ConsentChange::logged(on, id, change, &Origin::default()) else {
                    continue;
                };
                let mut json = serde_json::to_value(&entry).unwrap();
                assert_eq!(serde_json::from_value::<ConsentChange>(json.clone()).unwrap(), entry);
                for wrong in ["", &"x".repeat(101)] {
                    json["name"] = wrong.into();
                    assert!(serde_json::from_value::<ConsentChange>(json.clone()).is_err());
                }
            }
        }
    }

    /// A167; facts 7.7: one entry for every change of level while logging is on, none else.
    #[test]
    fn every_change_of_level_is_logged_and_nothing_else() {
        let origin = Origin::default()
            .by(RecordId::new(5))
            .from_source(ChangeSource::new("Subscription center").unwrap())
            .through(RecordId::new(6));
        let (keyer, on) = (Keyer::from_secret([1; 16]), Protection::new().logging_changes());
        for from in Level::ALL {
            for to in Level::ALL {
                let change = LevelChange::between(from, to);
                assert_eq!(change.is_some(), from != to);
                let off = Protection::new().respecting_consent();
                assert_eq!(ConsentChange::logged(off, RecordId::new(1), change, &origin), None);
                let entry = ConsentChange::logged(on, RecordId::new(1), change, &origin);
                let (Some(entry), Some(change)) = (entry, change) else { continue };
                assert_eq!((change.from(), change.to()), (from, to));
                assert_eq!(change.is_raise(), to > from);
                assert_eq!((entry.value(), entry.contact()), (to, RecordId::new(1)));
                assert_eq!(entry.origin(), &origin);
                assert!(entry.name().encode_utf16().count() <= 100);
                let record = entry.to_record(RecordId::new(2), &keyer, DateTime::UNIX_EPOCH);
                let record = record.unwrap();
                assert_eq!(ConsentChange::from_record(&record), Ok(entry));
                let contact = RecordKind::Contact.of(RecordId::new(1));
                assert_eq!(record.keys(), [related_key(&keyer, contact)]);
            }
        }
    }

    #[test]
    fn what_is_no_entry_of_the_log_is_not_read_as_one() {
        let record = |kind: RecordKind, body: &str| {
            Record::new(kind.of(RecordId::new(10)), DateTime::UNIX_EPOCH, body).unwrap()
        };
        let read = |kind, body| ConsentChange::from_record(&record(kind, body)).unwrap_err();
        assert_eq!(
            read(RecordKind::Alert, "{}").to_string(),
            "Alert 0000000000000000000000000000000a: expected a change of consent: a record of \
             another kind"
        );
        assert!(read(RecordKind::ConsentChange, "{}").to_string().contains("missing field"));
    }
}

//! A record of settings as a store keeps it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::record::{DefaultRule, SettingsRecord};
use super::schema::{SCHEMA, STEPS, upgrade};
use crate::id::RecordId;
use crate::index::{Keyer, to_microsecond};
use crate::record::{Record, RecordError, Space, UniqueKey, Version, Versioned};

/// A record of settings in one of its states.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "a row")]
pub struct Stored<T> {
    /// Which one.
    pub id: RecordId,
    /// Which state of it.
    pub version: Version,
    /// Is it active?
    pub active: bool,
    /// When it was made, to the microsecond.
    pub created: DateTime<Utc>,
    /// When it was last changed, to the microsecond.
    pub modified: DateTime<Utc>,
    /// What it says.
    pub value: T,
}

#[derive(Serialize)]
struct BodyOut<'a, T> {
    schema: u32,
    created: DateTime<Utc>,
    value: &'a T,
}

#[derive(Deserialize)]
struct BodyIn<T> {
    created: DateTime<Utc>,
    value: T,
}

/// Which version a body has, whatever else it says.
#[derive(Deserialize)]
struct Head {
    schema: u32,
}

impl<T: SettingsRecord> Stored<T> {
    /// A new, active record.
    #[must_use]
    pub fn new(id: RecordId, version: Version, created: DateTime<Utc>, value: T) -> Self {
        let created = to_microsecond(created);
        Self { id, version, active: true, created, modified: created, value }
    }

    /// The unique key that the one default record of this kind has.
    #[must_use]
    pub fn default_key(keyer: &Keyer) -> UniqueKey {
        UniqueKey::new(keyer, Space::Default, &T::KIND.code().to_be_bytes())
    }

    /// Is it active and marked as the default?
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.active && self.value.is_default()
    }

    /// Does it say the same as `other`, whatever their versions? A record gets another version also when
    /// something refers to it anew.
    pub(crate) fn says_what(&self, other: &Self) -> bool {
        let Self { id, version: _, active, created, modified, value } = self;
        let same = (*id, *active) == (other.id, other.active);
        same && (*created, *modified) == (other.created, other.modified) && *value == other.value
    }

    /// The record for a store to keep: JSON, and the key of the default record where it is that.
    ///
    /// # Errors
    ///
    /// Its JSON is longer than [`Record::MAX_BODY`].
    pub fn to_record(&self, keyer: &Keyer) -> Result<Record, BodyError> {
        let body = BodyOut { schema: SCHEMA, created: self.created, value: &self.value };
        let body = serde_json::to_string(&body).map_err(|error| BodyError::unreadable(&error))?;
        let mut record = Record::new(T::KIND.of(self.id), self.modified, body)?;
        if !self.active {
            record = record.inactive();
        }
        if self.is_default() && T::DEFAULTS != DefaultRule::None {
            record = record.with_unique([Self::default_key(keyer)])?;
        }
        Ok(record)
    }

    /// The record as a store kept it.
    ///
    /// # Errors
    ///
    /// It is of another kind, or its body is none that this version reads.
    pub fn from_versioned(kept: &Versioned) -> Result<Self, BodyError> {
        let reference = kept.record.reference();
        if reference.kind() != T::KIND {
            return Err(BodyError::unreadable(&format_args!(
                "expected a record of kind {:?}, found {reference}",
                T::KIND
            )));
        }
        let unreadable =
            |error: serde_json::Error| BodyError::unreadable(&format_args!("{reference}: {error}"));
        let text = kept.record.body();
        let Head { schema } = serde_json::from_str(text).map_err(unreadable)?;
        let body: BodyIn<T> = if schema == SCHEMA {
            serde_json::from_str(text).map_err(unreadable)?
        } else {
            let mut body: BodyIn<Map<String, Value>> =
                serde_json::from_str(text).map_err(unreadable)?;
            upgrade(T::KIND, schema, &mut body.value, STEPS)
                .map_err(|error| BodyError::unreadable(&format_args!("{reference}: {error}")))?;
            let value = serde_json::from_value(Value::Object(body.value)).map_err(unreadable)?;
            BodyIn { created: body.created, value }
        };
        Ok(Self {
            id: reference.id(),
            version: kept.version,
            active: kept.record.is_active(),
            created: body.created,
            modified: kept.record.modified(),
            value: body.value,
        })
    }
}

/// A kept record could not be read, or not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BodyError(Box<str>);

impl BodyError {
    fn unreadable(error: &impl std::fmt::Display) -> Self {
        Self(error.to_string().into())
    }
}

impl From<RecordError> for BodyError {
    fn from(error: RecordError) -> Self {
        Self::unreadable(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RecordKind;
    use crate::settings::LeadScoringConfiguration;

    #[test]
    fn kept_and_read_again() {
        let keyer = Keyer::from_secret([1; 16]);
        let value = LeadScoringConfiguration::builder().name("x").build().unwrap();
        let id = RecordId::new(1);
        let mut stored = Stored::new(id, Version::new(2), DateTime::UNIX_EPOCH, value);
        stored.active = false;
        let kept =
            Versioned { record: stored.to_record(&keyer).unwrap(), version: Version::new(2) };
        assert_eq!(Stored::from_versioned(&kept), Ok(stored));

        let wrong = |body: &str, kind: RecordKind| {
            let record = Record::new(kind.of(id), DateTime::UNIX_EPOCH, body).unwrap();
            let kept = Versioned { record, version: Version::new(2) };
            Stored::<LeadScoringConfiguration>::from_versioned(&kept).unwrap_err().to_string()
        };
        assert_eq!(
            wrong("{}", RecordKind::Mailbox),
            "expected a record of kind LeadScoring, found Mailbox 00000000000000000000000000000001"
        );
        let later = r#"{"schema":2,"created":"1970-01-01T00:00:00Z","value":{"name":"x"}}"#;
        assert_eq!(
            wrong(later, RecordKind::LeadScoring),
            "LeadScoring 00000000000000000000000000000001: schema: expected a version from 1 to 1, found 2"
        );
        assert!(wrong("{", RecordKind::LeadScoring).starts_with("LeadScoring 0000000000000000"));
    }
}

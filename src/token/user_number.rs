//! The number that stands for a user in tracking tokens.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};

use crate::id::RecordId;
use crate::index::Keyer;
use crate::record::{Record, RecordError, RecordKind, RecordRef, Space, UniqueKey};

/// The number that stands for a user in tracking tokens, without the deployment's base
/// (`usersettings.trackingtokenid`). Never 0, which stands for mail created without a user.
///
/// Kept as a record of kind [`UserNumber`](RecordKind::UserNumber) under the user's id, with a unique
/// key, so that no two users of a tenant have one number. A host that moves in from the product writes
/// the numbers there are, before the first token is issued:
///
/// ```
/// use std::num::NonZeroU32;
/// use chrono::DateTime;
/// use correspond::id::RecordId;
/// use correspond::index::Keyer;
/// use correspond::record::Versions;
/// use correspond::store::{Change, Expect};
/// use correspond::token::UserNumber;
///
/// # let (keyer, versions) = (Keyer::from_secret([1; 16]), Versions::default());
/// let ann = UserNumber::new(RecordId::new(0xa), NonZeroU32::new(12).unwrap());
/// let record = ann.to_record(&keyer, DateTime::UNIX_EPOCH)?;
/// assert_eq!(UserNumber::from_record(&record)?, ann);
/// let change = Change::Put { record, version: versions.next(), expect: Expect::Absent };
/// # let _ = change;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserNumber {
    user: RecordId,
    number: NonZeroU32,
}

impl UserNumber {
    /// `number` stands for `user`.
    #[must_use]
    pub const fn new(user: RecordId, number: NonZeroU32) -> Self {
        Self { user, number }
    }

    /// Whose it is.
    #[must_use]
    pub const fn user(self) -> RecordId {
        self.user
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> NonZeroU32 {
        self.number
    }

    /// Which record keeps the number of `user`.
    #[must_use]
    pub const fn reference(user: RecordId) -> RecordRef {
        RecordKind::UserNumber.of(user)
    }

    /// The key that one user of a tenant at most has.
    #[must_use]
    pub fn key(keyer: &Keyer, number: NonZeroU32) -> UniqueKey {
        UniqueKey::new(keyer, Space::UserNumber, number.to_string().as_bytes())
    }

    /// The record that keeps it, made at `now`.
    ///
    /// # Errors
    ///
    /// None that a number can cause: those of [`Record`].
    pub fn to_record(self, keyer: &Keyer, now: DateTime<Utc>) -> Result<Record, RecordError> {
        Record::new(Self::reference(self.user), now, self.number.to_string())?
            .with_unique([Self::key(keyer, self.number)])
    }

    /// Reads what [`to_record`](Self::to_record) wrote.
    ///
    /// # Errors
    ///
    /// The record is of another kind, or its body is no number from 1 to 4,294,967,295.
    pub fn from_record(record: &Record) -> Result<Self, UserNumberError> {
        let found = || UserNumberError {
            record: record.reference(),
            body: record.body().chars().take(64).collect(),
        };
        let user = record.reference().id();
        if record.reference() != Self::reference(user) {
            return Err(found());
        }
        Ok(Self { user, number: record.body().parse().map_err(|_| found())? })
    }
}

/// A record that does not hold the number of a user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{record}: expected a user number from 1 to 4294967295, found {body:?}")]
pub struct UserNumberError {
    record: RecordRef,
    body: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_which_record_is_wrong() {
        let keyer = Keyer::from_secret([1; 16]);
        let record = |kind: RecordKind, body: &str| {
            Record::new(kind.of(RecordId::new(10)), DateTime::UNIX_EPOCH, body).unwrap()
        };
        let error = UserNumber::from_record(&record(RecordKind::UserNumber, "x7")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "UserNumber 0000000000000000000000000000000a: expected a user number from 1 to \
             4294967295, found \"x7\""
        );
        assert!(UserNumber::from_record(&record(RecordKind::UserNumber, "0")).is_err());
        assert!(UserNumber::from_record(&record(RecordKind::Lead, "7")).is_err());
        let (seven, eight) = (NonZeroU32::new(7).unwrap(), NonZeroU32::new(8).unwrap());
        let kept = UserNumber::new(RecordId::new(10), seven);
        let record = kept.to_record(&keyer, DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(record.unique(), [UserNumber::key(&keyer, seven)]);
        assert_ne!(UserNumber::key(&keyer, seven), UserNumber::key(&keyer, eight));
    }
}

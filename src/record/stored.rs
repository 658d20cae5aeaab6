//! The record itself.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::error::{RecordError, RecordProblem};
use super::key::{LookupKey, UniqueKey};
use super::kind::RecordRef;
use super::version::Version;
use crate::index::to_microsecond;

/// Anything that is kept under an id of its own. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record(Arc<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    reference: RecordRef,
    modified: DateTime<Utc>,
    active: bool,
    body: Box<str>,
    unique: Box<[UniqueKey]>,
    keys: Box<[LookupKey]>,
}

impl Record {
    /// A body has at most this many octets.
    pub const MAX_BODY: usize = 1 << 20;

    /// At most this many unique keys, and as many look-up keys.
    pub const MAX_KEYS: usize = 64;

    /// An active record without keys. `modified` is kept to the microsecond, as every adapter can.
    ///
    /// # Errors
    ///
    /// The body is longer than [`MAX_BODY`](Self::MAX_BODY) or holds U+0000.
    pub fn new(
        reference: RecordRef,
        modified: DateTime<Utc>,
        body: impl Into<Box<str>>,
    ) -> Result<Self, RecordError> {
        let body = body.into();
        if body.len() > Self::MAX_BODY {
            return Err(RecordProblem::Body { found: body.len() }.into());
        }
        if let Some(at) = memchr::memchr(0, body.as_bytes()) {
            return Err(RecordProblem::Nul { at }.into());
        }
        Ok(Self(Arc::new(Inner {
            reference,
            modified: to_microsecond(modified),
            active: true,
            body,
            unique: Box::default(),
            keys: Box::default(),
        })))
    }

    /// The same, inactive: found with the others and told apart.
    #[must_use]
    pub fn inactive(mut self) -> Self {
        Arc::make_mut(&mut self.0).active = false;
        self
    }

    /// The same with these unique keys instead of those it had; order and repetition do not matter.
    ///
    /// # Errors
    ///
    /// More than [`MAX_KEYS`](Self::MAX_KEYS).
    pub fn with_unique(
        mut self,
        keys: impl IntoIterator<Item = UniqueKey>,
    ) -> Result<Self, RecordError> {
        Arc::make_mut(&mut self.0).unique = distinct(keys)?;
        Ok(self)
    }

    /// The same with these look-up keys instead of those it had; order and repetition do not matter.
    ///
    /// # Errors
    ///
    /// More than [`MAX_KEYS`](Self::MAX_KEYS).
    pub fn with_keys(
        mut self,
        keys: impl IntoIterator<Item = LookupKey>,
    ) -> Result<Self, RecordError> {
        Arc::make_mut(&mut self.0).keys = distinct(keys)?;
        Ok(self)
    }

    /// Which record.
    #[must_use]
    pub fn reference(&self) -> RecordRef {
        self.0.reference
    }

    /// When it was last modified, to the microsecond.
    #[must_use]
    pub fn modified(&self) -> DateTime<Utc> {
        self.0.modified
    }

    /// Is it active?
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.0.active
    }

    /// What it says: text of the core's, nothing for a store to read.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.0.body
    }

    /// What it alone has, sorted.
    #[must_use]
    pub fn unique(&self) -> &[UniqueKey] {
        &self.0.unique
    }

    /// What it is looked up by, sorted.
    #[must_use]
    pub fn keys(&self) -> &[LookupKey] {
        &self.0.keys
    }
}

fn distinct<K: Ord>(keys: impl IntoIterator<Item = K>) -> Result<Box<[K]>, RecordError> {
    // Beyond this the answer is known; the rest of an endless iterator is not asked for.
    let mut keys: Vec<K> = keys.into_iter().take(4 * Record::MAX_KEYS).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.len() > Record::MAX_KEYS {
        return Err(RecordProblem::Keys { found: keys.len() }.into());
    }
    Ok(keys.into())
}

/// A record in one of its states.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a pair")]
pub struct Versioned {
    /// The record.
    pub record: Record,
    /// Which state of it.
    pub version: Version,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecordId;
    use crate::index::Keyer;
    use crate::record::{LookupKind, RecordKind};

    fn record(body: &str) -> Result<Record, RecordError> {
        Record::new(RecordKind::Lead.of(RecordId::new(1)), DateTime::UNIX_EPOCH, body)
    }

    #[test]
    fn says_what_is_wrong() {
        let long = "x".repeat(Record::MAX_BODY + 1);
        assert_eq!(
            record(&long).unwrap_err().to_string(),
            "record body: expected at most 1048576 octets, found 1048577"
        );
        assert_eq!(
            record("a\0").unwrap_err().to_string(),
            "record body: expected no U+0000, found one at octet 1"
        );
        let keyer = Keyer::from_secret([0; 16]);
        let key = |n: u8| LookupKey::new(&keyer, LookupKind::Match, &[n]);
        let many = record("").unwrap().with_keys((0..65).map(key));
        assert_eq!(many.unwrap_err().to_string(), "record keys: expected at most 64, found 65");
        let same = record("").unwrap().with_keys([key(1), key(2), key(1)]).unwrap();
        assert_eq!(same.keys().len(), 2);
    }
}

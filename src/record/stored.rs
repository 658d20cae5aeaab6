//! The record itself.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::error::{RecordError, RecordProblem};
use super::few::Few;
use super::key::{LookupKey, UniqueKey};
use super::kind::{RecordKind, RecordRef};
use super::version::Version;
use crate::id::RecordId;
use crate::index::to_microsecond;

/// Anything that is kept under an id of its own. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Record(Arc<Inner>);

/// In the order in which it is needed: who looks a record up compares its keys and copies the
/// handle, which writes to the count before them.
#[derive(Clone, PartialEq, Eq)]
#[repr(C)]
struct Inner {
    /// A contact has a key of its address and one for each strategy it is matched by.
    keys: Few<LookupKey, 3>,
    active: bool,
    kind: RecordKind,
    /// Octets, since a `u128` would be aligned to 16.
    id: [u8; 16],
    modified: DateTime<Utc>,
    body: Box<str>,
    unique: Few<UniqueKey, 1>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("reference", &self.reference())
            .field("modified", &self.modified())
            .field("active", &self.is_active())
            .field("body", &self.body())
            .field("unique", &self.unique())
            .field("keys", &self.keys())
            .finish()
    }
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
            keys: Few::default(),
            active: true,
            kind: reference.kind(),
            id: reference.id().get().to_ne_bytes(),
            modified: to_microsecond(modified),
            body,
            unique: Few::default(),
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
        self.0.kind.of(RecordId::new(u128::from_ne_bytes(self.0.id)))
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
        self.0.unique.as_slice()
    }

    /// What it is looked up by, sorted.
    #[must_use]
    pub fn keys(&self) -> &[LookupKey] {
        self.0.keys.as_slice()
    }
}

/// For stores in memory.
impl Record {
    /// Reads what a look-up needs of the record, the count before the keys and what is behind them:
    /// they may lie in two lines of the cache, and neither read waits for the other.
    pub(crate) fn touch(&self) -> usize {
        Arc::strong_count(&self.0) ^ usize::from(self.0.active)
    }
}

fn distinct<K: Ord + Copy, const N: usize>(
    keys: impl IntoIterator<Item = K>,
) -> Result<Few<K, N>, RecordError> {
    let keys = keys.into_iter();
    let mut distinct = Vec::with_capacity(keys.size_hint().0.min(Record::MAX_KEYS));
    for key in keys {
        let Err(place) = distinct.binary_search(&key) else { continue };
        distinct.insert(place, key);
        // The answer is known; the rest is not asked for, however long it may be.
        if distinct.len() > Record::MAX_KEYS {
            return Err(RecordProblem::Keys { found: distinct.len() }.into());
        }
    }
    Ok(distinct.into())
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
        let late =
            record("").unwrap().with_keys(std::iter::repeat_n(key(1), 1_000).chain([key(2)]));
        assert_eq!(late.unwrap().keys().len(), 2, "what comes behind repetitions is not lost");
        assert!(record("").unwrap().with_keys((0..).map(|n: u32| key(n as u8))).is_err());
    }
}

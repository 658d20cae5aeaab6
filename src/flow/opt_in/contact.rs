//! A contact's record, read, changed and written back.

use std::error::Error;

use chrono::{DateTime, Utc};

use super::row::Row;
use crate::flow::FlowError;
use crate::party::Attributes;
use crate::record::{Record, Version, Versioned};
use crate::store::{Change, Expect, StoreError, StoreErrorKind};

/// A contact as it was found, and as it is to be.
pub(super) struct Contact {
    record: Record,
    /// The one with the keys that it is to have.
    keyed: Record,
    expect: Expect,
    pub(super) row: Row,
}

impl Contact {
    pub(super) fn found(kept: &Versioned) -> Result<Self, FlowError> {
        Self::read(kept.record.clone(), Expect::At(kept.version))
    }

    /// A contact that is created by `record`.
    pub(super) fn made(record: Record) -> Result<Self, FlowError> {
        Self::read(record, Expect::Absent)
    }

    fn read(record: Record, expect: Expect) -> Result<Self, FlowError> {
        let row = Row::read(attributes(&record)?)?;
        Ok(Self { keyed: record.clone(), record, expect, row })
    }

    /// The same as this record has it: with its keys and its attributes. Level and memberships stay.
    pub(super) fn like(self, record: Record) -> Result<Self, FlowError> {
        let row = self.row.replaced(attributes(&record)?)?;
        Ok(Self { keyed: record, row, ..self })
    }

    /// The change that writes it. State and, unless others were given, keys stay as they were; it is
    /// modified at `now`, but never before it was modified last, so that it keeps its place among
    /// others.
    pub(super) fn put(self, version: Version, now: DateTime<Utc>) -> Result<Change, FlowError> {
        let body = serde_json::to_string(&self.row.attributes).map_err(full)?;
        let (old, keyed) = (&self.record, &self.keyed);
        let modified = now.max(old.modified());
        let record = Record::new(old.reference(), modified, body)
            .and_then(|new| new.with_unique(keyed.unique().iter().copied()))
            .and_then(|new| new.with_keys(keyed.keys().iter().copied()))
            .map_err(full)?;
        let record = if old.is_active() { record } else { record.inactive() };
        Ok(Change::Put { record, version, expect: self.expect })
    }
}

fn attributes(record: &Record) -> Result<Attributes, FlowError> {
    serde_json::from_str(record.body()).map_err(corrupt)
}

/// A record that is there does not say what its kind says.
pub(super) fn corrupt(error: impl Error + Send + Sync + 'static) -> FlowError {
    StoreError::new(StoreErrorKind::Corrupt, "reading consent").because(error).into()
}

/// A record has no room for what it is to say.
pub(super) fn full(error: impl Error + Send + Sync + 'static) -> FlowError {
    StoreError::new(StoreErrorKind::Full, "writing consent").because(error).into()
}

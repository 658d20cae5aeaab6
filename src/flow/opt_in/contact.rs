//! A contact's record, read, changed and written back.

use std::collections::BTreeMap;
use std::error::Error;

use chrono::{DateTime, Utc};

use crate::consent::{Level, Memberships, Person, Steps};
use crate::flow::FlowError;
use crate::party::{Attributes, Value};
use crate::record::{Record, RecordRef, Version, Versioned};
use crate::store::{Change, Expect, StoreError, StoreErrorKind};

/// A contact as it was found, and as it is to be.
pub(super) struct Contact {
    record: Record,
    /// The one with the keys that it is to have.
    keyed: Record,
    expect: Expect,
    attributes: Attributes,
    lists: Memberships,
    person: Person,
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
        let attributes: Attributes = serde_json::from_str(record.body()).map_err(corrupt)?;
        let lists = Memberships::from_attributes(&attributes).map_err(corrupt)?;
        let person = Person::from_attributes(&attributes).map_err(corrupt)?;
        Ok(Self { keyed: record.clone(), record, expect, attributes, lists, person })
    }

    pub(super) const fn person(&self) -> &Person {
        &self.person
    }

    pub(super) const fn lists(&self) -> &Memberships {
        &self.lists
    }

    pub(super) fn reference(&self) -> RecordRef {
        self.record.reference()
    }

    /// The same with the keys of this record.
    pub(super) fn keyed(self, as_this: Record) -> Self {
        Self { keyed: as_this, ..self }
    }

    /// Sets these values; what depends on them is read anew.
    pub(super) fn set(&mut self, values: &Attributes) -> Result<(), FlowError> {
        for (name, value) in values.iter() {
            self.attributes.set(name, value.clone()).map_err(full)?;
        }
        self.person = Person::from_attributes(&self.attributes).map_err(corrupt)?;
        Ok(())
    }

    /// Does what is to be done at once.
    pub(super) fn apply(&mut self, steps: &Steps) -> Result<(), FlowError> {
        if let Some(change) = steps.level {
            match change.to().code() {
                Some(code) => {
                    self.attributes.set(Level::COLUMN, Value::Choice(code)).map_err(full)?;
                }
                None => {
                    let mut map = BTreeMap::from(std::mem::take(&mut self.attributes));
                    map.remove(Level::COLUMN);
                    self.attributes = Attributes::try_from(map).map_err(full)?;
                }
            }
        }
        for list in &steps.leave {
            self.lists.leave(*list);
        }
        for list in &steps.join {
            self.lists.join(*list).map_err(full)?;
        }
        if !steps.join.is_empty() || !steps.leave.is_empty() {
            self.lists.write_to(&mut self.attributes).map_err(full)?;
        }
        Ok(())
    }

    /// The change that writes it. State and, unless others were given, keys stay as they were; it is modified at `now`, but
    /// never before it was modified last, so that it keeps its place among others.
    pub(super) fn put(self, version: Version, now: DateTime<Utc>) -> Result<Change, FlowError> {
        let body = serde_json::to_string(&self.attributes).map_err(full)?;
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

/// A record that is there does not say what its kind says.
pub(super) fn corrupt(error: impl Error + Send + Sync + 'static) -> FlowError {
    StoreError::new(StoreErrorKind::Corrupt, "reading consent").because(error).into()
}

/// A record has no room for what it is to say.
pub(super) fn full(error: impl Error + Send + Sync + 'static) -> FlowError {
    StoreError::new(StoreErrorKind::Full, "writing consent").because(error).into()
}

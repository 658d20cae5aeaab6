//! What a contact's attributes say of consent.

use std::collections::BTreeMap;

use super::contact::{corrupt, full};
use crate::consent::{Level, Memberships, Person, Steps};
use crate::flow::FlowError;
use crate::party::{Attributes, Value};

/// A contact's attributes as they are to be, and what they say of consent.
pub(super) struct Row {
    pub(super) attributes: Attributes,
    lists: Memberships,
    person: Person,
}

impl Row {
    pub(super) fn read(attributes: Attributes) -> Result<Self, FlowError> {
        let lists = Memberships::from_attributes(&attributes).map_err(corrupt)?;
        let person = Person::from_attributes(&attributes).map_err(corrupt)?;
        Ok(Self { attributes, lists, person })
    }

    pub(super) const fn person(&self) -> &Person {
        &self.person
    }

    pub(super) const fn lists(&self) -> &Memberships {
        &self.lists
    }

    /// Sets these values; what depends on them is read anew.
    pub(super) fn set(&mut self, values: &Attributes) -> Result<(), FlowError> {
        for (name, value) in values.iter() {
            self.attributes.set(name, value.clone()).map_err(full)?;
        }
        self.person = Person::from_attributes(&self.attributes).map_err(corrupt)?;
        Ok(())
    }

    /// The same attributes as these, but for level and memberships: they change by what is wanted
    /// alone, or they would change past the log.
    pub(super) fn replaced(self, attributes: Attributes) -> Result<Self, FlowError> {
        let mut map = BTreeMap::from(attributes);
        let mut own = BTreeMap::from(self.attributes);
        for column in [Level::COLUMN, Memberships::ATTRIBUTE] {
            map.remove(column);
            map.extend(own.remove_entry(column));
        }
        Self::read(Attributes::try_from(map).map_err(full)?)
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
}

//! Attribute values.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::id::RecordId;

/// The value of an attribute, by the type of its column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Value {
    /// Text of any kind: names, email addresses, telephone numbers.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A decimal number, as written, so that nothing is rounded.
    Decimal(String),
    /// Yes or no.
    YesNo(bool),
    /// An option of an option set, by its code.
    Choice(i32),
    /// A day.
    Date(NaiveDate),
    /// A point in time.
    Time(DateTime<Utc>),
    /// Another record.
    Lookup(RecordId),
}

/// Attribute values by name: at most [`MAX`](Self::MAX), in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, Value>", into = "BTreeMap<String, Value>")]
pub struct Attributes(BTreeMap<String, Value>);

impl Attributes {
    /// At most this many attributes: a table has no more columns.
    pub const MAX: usize = 1_024;

    /// A name has at most this many characters (Dataverse: logical names).
    pub const MAX_NAME: usize = 128;

    /// Sets the attribute of this logical name and returns the value that it had.
    ///
    /// # Errors
    ///
    /// The name is empty, longer than [`MAX_NAME`](Self::MAX_NAME), or one too many.
    pub fn set(
        &mut self,
        name: impl Into<String>,
        value: Value,
    ) -> Result<Option<Value>, AttributeError> {
        let name = name.into();
        let found = name.chars().count();
        if !(1..=Self::MAX_NAME).contains(&found) {
            return Err(AttributeError { kind: AttributeErrorKind::Name, found });
        }
        if self.0.len() >= Self::MAX && !self.0.contains_key(&name) {
            return Err(AttributeError { kind: AttributeErrorKind::Number, found: Self::MAX + 1 });
        }
        Ok(self.0.insert(name, value))
    }

    /// The value of the attribute of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many are set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Is none set?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<BTreeMap<String, Value>> for Attributes {
    type Error = AttributeError;

    fn try_from(map: BTreeMap<String, Value>) -> Result<Self, AttributeError> {
        let mut attributes = Self::default();
        for (name, value) in map {
            attributes.set(name, value)?;
        }
        Ok(attributes)
    }
}

impl From<Attributes> for BTreeMap<String, Value> {
    fn from(attributes: Attributes) -> Self {
        attributes.0
    }
}

/// An attribute was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}, found {found}", match .kind {
    AttributeErrorKind::Name => "attribute name: expected 1 to 128 characters",
    AttributeErrorKind::Number => "attributes: expected at most 1024",
})]
pub struct AttributeError {
    kind: AttributeErrorKind,
    found: usize,
}

impl AttributeError {
    /// What is wrong.
    #[must_use]
    pub const fn kind(&self) -> AttributeErrorKind {
        self.kind
    }
}

/// Why an attribute was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttributeErrorKind {
    /// Its name is empty or too long.
    Name,
    /// There are too many.
    Number,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_bounded() {
        let mut some = Attributes::default();
        let error = some.set("", Value::Whole(1)).unwrap_err();
        assert_eq!(error.to_string(), "attribute name: expected 1 to 128 characters, found 0");
        let error = some.set("\u{e4}".repeat(129), Value::Whole(1)).unwrap_err();
        assert_eq!(error.to_string(), "attribute name: expected 1 to 128 characters, found 129");
        for n in 0..Attributes::MAX {
            assert_eq!(some.set(format!("a{n}"), Value::Whole(1)), Ok(None));
        }
        let error = some.set("b", Value::Whole(1)).unwrap_err();
        assert_eq!(error.to_string(), "attributes: expected at most 1024, found 1025");
        assert_eq!(some.set("a0", Value::YesNo(true)), Ok(Some(Value::Whole(1))));
        let json = serde_json::to_string(&some).unwrap();
        assert_eq!(serde_json::from_str::<Attributes>(&json).unwrap(), some);
    }
}

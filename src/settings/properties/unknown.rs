//! Properties that this crate does not know.

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::OrganizationProperties;
use crate::party::Value;
use crate::settings::SettingsRecord;
use crate::settings::error::ValueError;
use crate::settings::field::{FieldType, FieldValue, as_json};

/// A property of the bag that no field stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "a pair")]
pub struct UnknownProperty {
    /// Its name.
    pub name: String,
    /// What stands there.
    pub value: String,
}

/// The properties of the bag that no field stands for, in the order in which they stand there, so
/// that nothing of it is lost: at most 256, names of at most 128 characters, values of at most 4,096
/// octets. Letter case makes no other name, as in the product, but is kept. The serde form is a list of
/// maps of `name` and `value`.
///
/// ```
/// use correspond::settings::UnknownProperties;
///
/// let unknown = UnknownProperties::new([("SkipGettingRecordCountForPaging", "true")])?;
/// assert_eq!(unknown.get("SkipGettingRecordCountForPaging"), Some("true"));
/// # Ok::<(), correspond::settings::ValueError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnknownProperties(Vec<UnknownProperty>);

impl UnknownProperties {
    /// The most of them.
    pub const MAX: usize = 256;

    /// The most characters of a name.
    pub const MAX_NAME: usize = 128;

    /// The most octets of a value.
    pub const MAX_VALUE: usize = 4_096;

    /// These names and values.
    ///
    /// # Errors
    ///
    /// There are too many, a name stands there twice or is that of a field, a name is no letter or
    /// underscore followed by letters, digits, underscores, hyphens and points, or a name or value
    /// is too long.
    pub fn new(
        properties: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Result<Self, ValueError> {
        let mut unknown = Self::default();
        for (name, value) in properties {
            unknown.push(UnknownProperty { name: name.into(), value: value.into() })?;
        }
        Ok(unknown)
    }

    /// Adds one.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new).
    pub fn push(&mut self, property: UnknownProperty) -> Result<(), ValueError> {
        let UnknownProperty { name, value } = &property;
        if self.0.len() >= Self::MAX {
            return Err(ValueError::length(format!("at most {} properties", Self::MAX), "more"));
        }
        let shown = || format!("{:?}", name.chars().take(Self::MAX_NAME).collect::<String>());
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if !begins || !name.chars().all(inner) || name.len() > Self::MAX_NAME {
            let expected = format!("a property name of 1 to {} letters and digits", Self::MAX_NAME);
            return Err(ValueError::form(expected, shown()));
        }
        if value.len() > Self::MAX_VALUE {
            let expected = format!("a value of {name} of at most {} octets", Self::MAX_VALUE);
            return Err(ValueError::length(expected, value.len()));
        }
        if let Some(field) = OrganizationProperties::FIELDS.iter().find(|field| {
            let column =
                field.column.and_then(|it| it.strip_prefix(OrganizationProperties::COLUMN));
            column.is_some_and(|column| column.eq_ignore_ascii_case(name))
        }) {
            return Err(ValueError::form(format!("the field `{}` for it", field.name), shown()));
        }
        if self.get(name).is_some() {
            return Err(ValueError::form("each property once", format!("{} twice", shown())));
        }
        self.0.push(property);
        Ok(())
    }

    /// The value of the property of this name, in any case of its letters.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.iter().find(|property| property.name.eq_ignore_ascii_case(name));
        found.map(|property| property.value.as_str())
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &UnknownProperty> {
        self.0.iter()
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Is there none?
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for UnknownProperties {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(&self.0)
    }
}

impl<'de> Deserialize<'de> for UnknownProperties {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = UnknownProperties;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of properties")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut unknown = UnknownProperties::default();
                while let Some(property) = seq.next_element()? {
                    unknown.push(property).map_err(serde::de::Error::custom)?;
                }
                Ok(unknown)
            }
        }

        from.deserialize_seq(List)
    }
}

impl FieldValue for UnknownProperties {
    const TYPE: FieldType = FieldType::Structure;

    fn to_value(&self) -> Option<Value> {
        (!self.is_empty()).then(|| as_json(self)).flatten()
    }
}

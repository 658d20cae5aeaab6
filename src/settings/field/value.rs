//! What every type of a setting's value can do.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::FieldType;
use crate::party::Value;
use crate::settings::error::ValueError;

/// The value of a setting: describes its type, and can be shown as one of the [`Value`]s that a
/// column of a table has.
pub(crate) trait FieldValue: Clone + PartialEq + Serialize + DeserializeOwned {
    const TYPE: FieldType;

    /// The value as a column would have it; `None` is blank.
    fn to_value(&self) -> Option<Value>;
}

/// Whatever a setting can be given as: a value of its own type, or what such a value is made of.
///
/// A builder remembers the first value that could not be made, and its `build` tells, with the name
/// of the setting.
pub trait IntoField<T> {
    /// The value, checked.
    ///
    /// # Errors
    ///
    /// It lies outside of what the setting takes.
    fn into_field(self) -> Result<T, ValueError>;
}

impl<T> IntoField<T> for T {
    fn into_field(self) -> Result<T, ValueError> {
        Ok(self)
    }
}

impl<T> IntoField<Option<T>> for T {
    fn into_field(self) -> Result<Option<T>, ValueError> {
        Ok(Some(self))
    }
}

impl FieldValue for bool {
    const TYPE: FieldType = FieldType::YesNo;

    fn to_value(&self) -> Option<Value> {
        Some(Value::YesNo(*self))
    }
}

impl FieldValue for NaiveDate {
    const TYPE: FieldType = FieldType::Date;

    fn to_value(&self) -> Option<Value> {
        Some(Value::Date(*self))
    }
}

impl FieldValue for DateTime<Utc> {
    const TYPE: FieldType = FieldType::Time;

    fn to_value(&self) -> Option<Value> {
        Some(Value::Time(*self))
    }
}

impl<T: FieldValue> FieldValue for Option<T> {
    const TYPE: FieldType = T::TYPE;

    fn to_value(&self) -> Option<Value> {
        self.as_ref().and_then(T::to_value)
    }
}

impl<T: Clone + PartialEq + Serialize + DeserializeOwned> FieldValue for Vec<T> {
    const TYPE: FieldType = FieldType::Structure;

    fn to_value(&self) -> Option<Value> {
        as_json(self)
    }
}

/// A value with parts, as text: its JSON form.
pub(crate) fn as_json(value: &impl Serialize) -> Option<Value> {
    serde_json::to_string(value).ok().map(Value::Text)
}

/// Makes serde types values of settings, shown as their JSON form.
macro_rules! structure {
    ($($ty:ty),+ $(,)?) => {$(
        impl $crate::settings::field::FieldValue for $ty {
            const TYPE: $crate::settings::FieldType = $crate::settings::FieldType::Structure;

            fn to_value(&self) -> Option<$crate::party::Value> {
                $crate::settings::field::as_json(self)
            }
        }
    )+};
}
pub(crate) use structure;

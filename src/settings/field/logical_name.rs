//! Names of tables and of their columns.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::FieldType;
use super::value::{FieldValue, IntoField};
use crate::party::Value;
use crate::settings::error::ValueError;

const FORM: &str = "a logical name: a letter, then letters, digits and _, all of them a to z";

/// A letter first, then letters, digits and underscores, as Dataverse makes logical names.
fn checked(name: &str, max: usize) -> Result<(), ValueError> {
    let expected = || format!("a logical name of 1 to {max} characters");
    if name.is_empty() {
        return Err(ValueError::length(expected(), 0));
    }
    // All of it ASCII, or refused below: octets are characters.
    if name.len() > max {
        return Err(ValueError::length(expected(), "more"));
    }
    let wrong = |(at, c): &(usize, char)| match c {
        'a'..='z' => false,
        '0'..='9' | '_' => *at == 0,
        _ => true,
    };
    match name.char_indices().find(wrong) {
        Some((at, c)) => Err(ValueError::form(FORM, format!("{c:?} at octet {at} of {name:?}"))),
        None => Ok(()),
    }
}

macro_rules! logical_names {
    ($($(#[$doc:meta])* $name:ident, $max:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Cow<'static, str>);

        impl $name {
            /// At most this many characters.
            pub const MAX: usize = $max;

            /// The name, checked.
            ///
            /// # Errors
            ///
            /// It is empty or too long, or is no logical name: they begin with a letter and consist
            /// of the letters a to z, digits and underscores. Capitals are those of schema names.
            pub fn new(name: impl Into<String>) -> Result<Self, ValueError> {
                let name = name.into();
                checked(&name, Self::MAX)?;
                Ok(Self(Cow::Owned(name)))
            }

            /// A name of the product's own; a test checks each.
            pub(crate) const fn known(name: &'static str) -> Self {
                Self(Cow::Borrowed(name))
            }

            /// The name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = ValueError;

            fn from_str(name: &str) -> Result<Self, ValueError> {
                Self::new(name)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::new(String::deserialize(from)?).map_err(serde::de::Error::custom)
            }
        }

        impl FieldValue for $name {
            const TYPE: FieldType = FieldType::LogicalName { max: Self::MAX };

            fn to_value(&self) -> Option<Value> {
                Some(Value::Text(self.as_str().to_owned()))
            }
        }

        impl IntoField<$name> for &str {
            fn into_field(self) -> Result<$name, ValueError> {
                $name::new(self)
            }
        }

        impl IntoField<Option<$name>> for &str {
            fn into_field(self) -> Result<Option<$name>, ValueError> {
                $name::new(self).map(Some)
            }
        }
    )+};
}

logical_names! {
    /// The logical name of a column, such as `emailaddress1`: at most 100 characters, as the columns
    /// that hold such names have it (`msdyncrm_matchingstrategyattribute.msdyncrm_name`).
    ///
    /// ```
    /// use correspond::settings::AttributeName;
    ///
    /// assert_eq!(AttributeName::new("emailaddress1")?.as_str(), "emailaddress1");
    /// assert!(AttributeName::new("EMailAddress1").is_err(), "that is its schema name");
    /// # Ok::<(), correspond::settings::ValueError>(())
    /// ```
    AttributeName, 100;
    /// The logical name of a table, such as `contact`: at most 128 characters, as
    /// [`Attributes::MAX_NAME`](crate::party::Attributes::MAX_NAME) has it.
    TableName, 128;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logical_name_has_no_capitals_blanks_or_leading_digits() {
        for good in ["contact", "msevtmgt_event", "new_2ndaddress", "a"] {
            assert_eq!(TableName::new(good).unwrap().to_string(), good);
        }
        let refused = |name: &str| AttributeName::new(name).unwrap_err().to_string();
        let form = "expected a logical name: a letter, then letters, digits and _, all of them a \
                    to z, found";
        assert_eq!(refused("Contact"), format!("{form} 'C' at octet 0 of \"Contact\""));
        assert_eq!(refused("1st"), format!("{form} '1' at octet 0 of \"1st\""));
        assert_eq!(refused("_id"), format!("{form} '_' at octet 0 of \"_id\""));
        assert_eq!(refused("e mail"), format!("{form} ' ' at octet 1 of \"e mail\""));
        assert_eq!(refused(""), "expected a logical name of 1 to 100 characters, found 0");
        assert_eq!(
            refused(&"x".repeat(101)),
            "expected a logical name of 1 to 100 characters, found more"
        );
        assert!(AttributeName::new("x".repeat(100)).is_ok());
        assert!(serde_json::from_str::<TableName>("\"Contact\"").is_err());
    }
}

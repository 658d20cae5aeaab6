//! Text of a bounded length.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::FieldType;
use super::value::{FieldValue, IntoField};
use crate::party::Value;
use crate::settings::error::ValueError;

/// Text of `MIN` to `MAX` characters, counted as Dataverse counts them: in UTF-16 code units, so
/// that 😀 is two. Where something is required (`MIN` above 0), white space alone is nothing. There
/// are no control characters in it but tab and line breaks.
///
/// ```
/// use correspond::settings::Name;
///
/// assert_eq!(Name::new("Spring campaign")?.as_str(), "Spring campaign");
/// assert_eq!(
///     Name::new("").unwrap_err().to_string(),
///     "expected text of 1 to 100 characters, found 0"
/// );
/// # Ok::<(), correspond::settings::ValueError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MIN: usize, const MAX: usize>(Box<str>);

/// The primary name of a record: required, at most 100 characters (columns `msdyncrm_name`,
/// `msgdpr_name`).
pub type Name = Text<1, 100>;

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// The text, checked.
    ///
    /// # Errors
    ///
    /// It is too short or too long, nothing but white space where something is required, or holds a
    /// control character.
    pub fn new(text: impl Into<Box<str>>) -> Result<Self, ValueError> {
        let text = text.into();
        let expected = || format!("text of {MIN} to {MAX} characters");
        // The count ends where it is decided, however long the text may be.
        let found = text.encode_utf16().take(MAX.saturating_add(1)).count();
        if found > MAX {
            return Err(ValueError::length(expected(), "more"));
        }
        if found < MIN {
            return Err(ValueError::length(expected(), found));
        }
        if MIN > 0 && text.chars().all(char::is_whitespace) {
            return Err(ValueError::length(expected(), "white space alone"));
        }
        let control = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
        if let Some((at, c)) = text.char_indices().find(|(_, c)| control(*c)) {
            let found = format!("U+{:04X} at octet {at}", u32::from(c));
            return Err(ValueError::form("text without control characters", found));
        }
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Debug for Text<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Display for Text<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MIN: usize, const MAX: usize> Serialize for Text<MIN, MAX> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Text<MIN, MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

impl<const MIN: usize, const MAX: usize> FieldValue for Text<MIN, MAX> {
    const TYPE: FieldType = FieldType::Text { min: MIN, max: MAX };

    fn to_value(&self) -> Option<Value> {
        Some(Value::Text(self.as_str().to_owned()))
    }
}

macro_rules! from_text {
    ($($from:ty),+) => {$(
        impl<const MIN: usize, const MAX: usize> IntoField<Text<MIN, MAX>> for $from {
            fn into_field(self) -> Result<Text<MIN, MAX>, ValueError> {
                Text::new(self)
            }
        }

        impl<const MIN: usize, const MAX: usize> IntoField<Option<Text<MIN, MAX>>> for $from {
            fn into_field(self) -> Result<Option<Text<MIN, MAX>>, ValueError> {
                Text::new(self).map(Some)
            }
        }
    )+};
}

from_text!(&str, String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_counted_in_utf16_code_units() {
        assert!(Name::new("x".repeat(100)).is_ok());
        assert!(Name::new("\u{1f600}".repeat(50)).is_ok());
        let error = Name::new("\u{1f600}".repeat(51)).unwrap_err();
        assert_eq!(error.to_string(), "expected text of 1 to 100 characters, found more");
        let error = Name::new(" \n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected text of 1 to 100 characters, found white space alone"
        );
        let error = Text::<0, 9>::new("a\0").unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected text without control characters, found U+0000 at octet 1"
        );
        assert_eq!(Text::<0, 9>::new("a\r\n\tb").unwrap().as_str(), "a\r\n\tb");
    }
}

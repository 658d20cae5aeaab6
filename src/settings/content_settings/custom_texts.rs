//! Columns that the organization added.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::party::Value;
use crate::settings::error::ValueError;
use crate::settings::field::{FieldType, FieldValue, Text};

/// The columns that an organization added to content settings: text, by logical name. At most
/// [`MAX`](Self::MAX), in the order of their names.
///
/// ```
/// use correspond::settings::CustomTexts;
///
/// let texts = CustomTexts::default().with("cr1_hotline", "+1 555 0100")?;
/// assert_eq!(texts.get("cr1_hotline"), Some("+1 555 0100"));
/// # Ok::<(), correspond::settings::ValueError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct CustomTexts(BTreeMap<String, Text<0, 2000>>);

impl CustomTexts {
    /// At most this many columns.
    pub const MAX: usize = 64;

    /// A text has at most this many characters (UTF-16 code units).
    pub const MAX_LEN: usize = 2_000;

    /// A logical name has at most this many characters.
    pub const MAX_NAME: usize = 128;

    /// These and the column of this logical name, or this text in the column that is there.
    ///
    /// # Errors
    ///
    /// The name is none that Dataverse gives to a column of one's own (1 to 128 of `a`-`z`, `0`-`9`
    /// and `_`, beginning with the prefix of a publisher, as `cr1_`), it is one too many, or the text
    /// is too long or holds control characters.
    pub fn with(
        mut self,
        name: impl Into<String>,
        text: impl Into<Box<str>>,
    ) -> Result<Self, ValueError> {
        let name = name.into();
        if !is_custom_name(&name) {
            // Longer than any name: not shown whole.
            let found: String = name.chars().take(Self::MAX_NAME).collect();
            let expected = "the logical name of a column of one's own";
            return Err(ValueError::form(expected, format_args!("{found:?}")));
        }
        if self.0.len() >= Self::MAX && !self.0.contains_key(&name) {
            let expected = format!("at most {} columns of one's own", Self::MAX);
            return Err(ValueError::length(expected, "another"));
        }
        let text = Text::new(text)?;
        self.0.insert(name, text);
        Ok(self)
    }

    /// The text of the column of this logical name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(Text::as_str)
    }

    /// Names and texts, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Are there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `prefix_rest`, in lower case.
fn is_custom_name(name: &str) -> bool {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let parts = name.split_once('_').is_some_and(|(prefix, rest)| {
        prefix.starts_with(|c: char| c.is_ascii_lowercase()) && !rest.is_empty()
    });
    parts && name.len() <= CustomTexts::MAX_NAME && name.chars().all(known)
}

impl TryFrom<BTreeMap<String, String>> for CustomTexts {
    type Error = ValueError;

    fn try_from(texts: BTreeMap<String, String>) -> Result<Self, ValueError> {
        texts.into_iter().try_fold(Self::default(), |all, (name, text)| all.with(name, text))
    }
}

impl FieldValue for CustomTexts {
    const TYPE: FieldType = FieldType::Structure;

    fn to_value(&self) -> Option<Value> {
        (!self.is_empty()).then(|| crate::settings::field::as_json(self)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facts 5.7: custom columns must be text.
    #[test]
    fn custom_texts_are_bounded() {
        let why = |name: &str, text: &str| {
            CustomTexts::default().with(name, text).unwrap_err().to_string()
        };
        let own = "expected the logical name of a column of one's own, found ";
        for wrong in ["hotline", "", "Cr1_hotline", "1_x", "cr1_", "cr1_a b"] {
            assert_eq!(why(wrong, "x"), format!("{own}{wrong:?}"));
        }
        assert_eq!(
            why("cr1_x", &"y".repeat(2_001)),
            "expected text of 0 to 2000 characters, found more"
        );
        let full = (0..CustomTexts::MAX)
            .try_fold(CustomTexts::default(), |all, number| all.with(format!("cr1_{number}"), ""));
        let full = full.unwrap();
        assert_eq!(full.clone().with("cr1_0", "again").unwrap().get("cr1_0"), Some("again"));
        assert_eq!(
            full.with("cr1_more", "").unwrap_err().to_string(),
            "expected at most 64 columns of one's own, found another"
        );
    }

    #[test]
    fn custom_texts_are_a_table_of_their_own() {
        let texts = CustomTexts::default().with("cr1_x", "y").unwrap();
        assert_eq!(serde_json::to_string(&texts).unwrap(), r#"{"cr1_x":"y"}"#);
        assert_eq!(serde_json::from_str::<CustomTexts>(r#"{"cr1_x":"y"}"#).unwrap(), texts);
        assert!(serde_json::from_str::<CustomTexts>(r#"{"cr1_x":7}"#).is_err(), "text alone");
    }
}

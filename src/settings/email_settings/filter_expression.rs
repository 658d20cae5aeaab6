//! What is taken out of a subject before its words are compared?

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::party::Value;
use crate::settings::error::ValueError;
use crate::settings::field::{FieldType, FieldValue, IntoField, Text};
use crate::subject::{DEFAULT_FILTER, FilterError, SubjectFilter};

/// The regular expression whose matches smart matching takes out of a subject, as it is stored:
/// 1 to 4,096 characters (column `organization.hashfilterkeywords`). It was written for .NET, and
/// is kept whether this crate can use it or not: [`compile`](Self::compile) tells.
///
/// ```
/// use correspond::settings::FilterExpression;
///
/// let default = FilterExpression::default();
/// assert_eq!(default.as_str(), r"^[\s]*([\w]+\s?:[\s]*)+");
/// assert!(default.compile().is_ok());
/// assert!(FilterExpression::new(r"(?<=Re:)\s")?.compile().is_err());
/// # Ok::<(), correspond::settings::ValueError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FilterExpression(String);

impl FilterExpression {
    /// An expression, unless it is empty, too long, or holds control characters.
    ///
    /// # Errors
    ///
    /// Those.
    pub fn new(text: impl Into<String>) -> Result<Self, ValueError> {
        let text = Text::<1, 4_096>::new(text.into())?;
        Ok(Self(text.as_str().to_owned()))
    }

    /// The expression.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The filter that it describes.
    ///
    /// # Errors
    ///
    /// It cannot be used; smart matching is then off.
    pub fn compile(&self) -> Result<SubjectFilter, FilterError> {
        SubjectFilter::new(&self.0)
    }
}

impl Default for FilterExpression {
    /// The product's: any number of leading single words, each with a colon.
    fn default() -> Self {
        Self(DEFAULT_FILTER.to_owned())
    }
}

impl fmt::Debug for FilterExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for FilterExpression {
    type Error = ValueError;

    fn try_from(text: String) -> Result<Self, ValueError> {
        Self::new(text)
    }
}

impl From<FilterExpression> for String {
    fn from(expression: FilterExpression) -> Self {
        expression.0
    }
}

impl FieldValue for FilterExpression {
    const TYPE: FieldType = FieldType::Text { min: 1, max: 4_096 };

    fn to_value(&self) -> Option<Value> {
        Some(Value::Text(self.0.clone()))
    }
}

impl IntoField<FilterExpression> for &str {
    fn into_field(self) -> Result<FilterExpression, ValueError> {
        FilterExpression::new(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C053; facts 1.1, 3.6.
    #[test]
    fn filter_expressions_are_kept_as_they_are() {
        let out_of_office = format!("{DEFAULT_FILTER}|Out of office:");
        let kept = FilterExpression::new(out_of_office.clone()).unwrap();
        assert_eq!(
            (kept.as_str(), format!("{kept:?}")),
            (&*out_of_office, format!("{out_of_office:?}"))
        );
        assert_eq!(String::from(kept), out_of_office);
        assert_eq!(
            FilterExpression::new("").unwrap_err().to_string(),
            "expected text of 1 to 4096 characters, found 0"
        );
        assert!(FilterExpression::new("x".repeat(4_097)).is_err());
    }
}

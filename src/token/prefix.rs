//! The text before the digits.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::{FormatProblem, TokenFormatError};
use crate::text::{fold, is_ignorable, is_space};

/// The text that a token begins with, 1 to 20 characters, `CRM:` by default.
///
/// Inner blanks are allowed (`Dynamics 365:`), white space at the ends and control characters are
/// not. Characters are UTF-16 code units, as in the column it is kept in
/// (`organization.trackingprefix`).
///
/// A prefix that ends in a digit is allowed, as the product allows it, but a poor choice: `A1` and
/// `A` with one digit more print the same tokens, and the scanner can only report both readings.
///
/// ```
/// use correspond::token::Prefix;
///
/// assert_eq!(Prefix::default(), Prefix::CRM);
/// assert_eq!(Prefix::new("ACME-")?.as_str(), "ACME-");
/// assert_eq!(
///     Prefix::new("").unwrap_err().to_string(),
///     "prefix: expected 1 to 20 characters, found 0"
/// );
/// # Ok::<(), correspond::token::TokenFormatError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Prefix(Cow<'static, str>);

impl Prefix {
    /// The product's default, `CRM:`.
    pub const CRM: Self = Self(Cow::Borrowed("CRM:"));

    /// `Dynamics 365:`, the default that some of the product's documents print.
    pub const DYNAMICS_365: Self = Self(Cow::Borrowed("Dynamics 365:"));

    /// A prefix from its text.
    ///
    /// # Errors
    ///
    /// Kind [`Prefix`](super::TokenFormatErrorKind::Prefix): empty, more than 20 characters, a
    /// control character (line ends among them), white space at either end, or nothing visible.
    pub fn new(text: impl Into<String>) -> Result<Self, TokenFormatError> {
        let text = text.into();
        let found = text.encode_utf16().count();
        if !(1..=20).contains(&found) {
            return Err(FormatProblem::PrefixLength { found }.into());
        }
        if let Some((at, found)) = text.char_indices().find(|(_, c)| c.is_control()) {
            return Err(FormatProblem::PrefixControl { found, at }.into());
        }
        if text.starts_with(is_space) || text.ends_with(is_space) {
            return Err(FormatProblem::PrefixEnds { found: text }.into());
        }
        if text.chars().all(is_ignorable) || fold(&text).is_empty() {
            return Err(FormatProblem::PrefixInvisible.into());
        }
        Ok(Self(Cow::Owned(text)))
    }

    /// The text, as it is printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Prefix {
    fn default() -> Self {
        Self::CRM
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Prefix {
    type Err = TokenFormatError;

    fn from_str(text: &str) -> Result<Self, TokenFormatError> {
        Self::new(text)
    }
}

impl TryFrom<String> for Prefix {
    type Error = TokenFormatError;

    fn try_from(text: String) -> Result<Self, TokenFormatError> {
        Self::new(text)
    }
}

impl From<Prefix> for String {
    fn from(prefix: Prefix) -> Self {
        prefix.0.into_owned()
    }
}

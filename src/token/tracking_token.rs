//! The token itself: a short text.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::{TokenProblem, TrackingTokenError};
use crate::text::{fold_into, trim};

/// A tracking token in the spelling it is stored in, 1 to 50 characters
/// (`email.trackingtoken`, UTF-16 code units).
///
/// Made by [`TokenFormat::render`](super::TokenFormat::render), found by
/// [`TokenScanner`](super::TokenScanner), or the caller's own text ([`from_text`](Self::from_text)).
/// `==` compares the spelling; two tokens that a reader would call the same share a
/// [key](Self::key_into).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrackingToken(String);

impl TrackingToken {
    /// A token taken as given, of any form: the product's `SendEmail` takes such a token from its
    /// caller. White space around it is dropped.
    ///
    /// The scanner finds it again only if it is of one of the scanner's formats.
    ///
    /// ```
    /// use correspond::token::TrackingToken;
    ///
    /// assert_eq!(TrackingToken::from_text(" [case 7] ")?.as_str(), "[case 7]");
    /// assert_eq!(
    ///     TrackingToken::from_text("x\r\nBcc: all").unwrap_err().to_string(),
    ///     "tracking token: expected no control character, found U+000D at byte 1"
    /// );
    /// # Ok::<(), correspond::token::TrackingTokenError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Nothing visible in it, more than 50 characters, or a control character (a line end in a
    /// subject would forge a header line).
    pub fn from_text(text: &str) -> Result<Self, TrackingTokenError> {
        let text = trim(text);
        if text.is_empty() {
            return Err(TokenProblem::Empty.into());
        }
        let found = text.encode_utf16().count();
        if found > 50 {
            return Err(TokenProblem::TooLong { found }.into());
        }
        if let Some((at, found)) = text.char_indices().find(|(_, c)| c.is_control()) {
            return Err(TokenProblem::Control { found, at }.into());
        }
        Ok(Self(text.to_owned()))
    }

    /// Prefix and digits of a checked format: at most 20 + 1 + 10 + 9 characters.
    pub(super) const fn from_parts(text: String) -> Self {
        Self(text)
    }

    /// The text, as it is stored and printed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Appends the form to compare and index by: [`fold`](crate::text::fold) of the text.
    ///
    /// ```
    /// use correspond::token::TrackingToken;
    ///
    /// let (mut one, mut other) = (String::new(), String::new());
    /// TrackingToken::from_text("CRM:0001001")?.key_into(&mut one);
    /// TrackingToken::from_text("ｃｒｍ：０００１００１")?.key_into(&mut other);
    /// assert_eq!(one, other);
    /// # Ok::<(), correspond::token::TrackingTokenError>(())
    /// ```
    pub fn key_into(&self, key: &mut String) {
        fold_into(&self.0, key);
    }
}

impl AsRef<str> for TrackingToken {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TrackingToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for TrackingToken {
    type Err = TrackingTokenError;

    fn from_str(text: &str) -> Result<Self, TrackingTokenError> {
        Self::from_text(text)
    }
}

impl TryFrom<String> for TrackingToken {
    type Error = TrackingTokenError;

    fn try_from(text: String) -> Result<Self, TrackingTokenError> {
        Self::from_text(&text)
    }
}

impl From<TrackingToken> for String {
    fn from(token: TrackingToken) -> Self {
        token.0
    }
}

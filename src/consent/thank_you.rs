//! Where a click on a confirmation link leads.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::{ConsentError, Problem};
use crate::id::RecordId;

/// Where a click on a confirmation link leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "a page of ours or one of theirs")]
pub enum ThankYou {
    /// A marketing page.
    Page(RecordId),
    /// Any other address.
    Url(ThankYouUrl),
}

/// Are thank-you targets marketing pages or addresses?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "a yes or no with better names")]
pub enum ThankYouSource {
    /// Marketing pages.
    #[default]
    Pages,
    /// Addresses.
    Urls,
}

impl ThankYouSource {
    /// The code of `msdyncrm_defaultmarketingsetting.msdyncrm_thankyoupagesource`.
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Self::Pages => 100_000_000,
            Self::Urls => 100_000_001,
        }
    }

    /// The code of the form's own column (`msdyncrm_marketingform`, `…doubleoptinthankyouformat`).
    #[must_use]
    pub const fn form_code(self) -> i32 {
        match self {
            Self::Pages => 192_350_000,
            Self::Urls => 192_350_001,
        }
    }

    /// The source with this code, of either column.
    #[must_use]
    pub fn from_code(code: i32) -> Option<Self> {
        let sources = [Self::Pages, Self::Urls];
        sources.into_iter().find(|source| source.code() == code || source.form_code() == code)
    }
}

impl fmt::Display for ThankYouSource {
    /// What one target is: `page` or `address`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pages => "page",
            Self::Urls => "address",
        })
    }
}

/// An address that a browser is sent to: `http://` or `https://`, at most 1,024 characters
/// (`msdyncrm_defaultmarketingthankyouurl`, `…doi`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ThankYouUrl(String);

impl ThankYouUrl {
    /// The most characters (UTF-16 code units, as the column counts).
    pub const MAX_LEN: usize = 1_024;

    /// Reads an address.
    ///
    /// # Errors
    ///
    /// It is empty or too long; its scheme is another than `http` or `https` (a click must not lead
    /// to `javascript:`); it has no host; or it holds white space or a control character (a line end
    /// would forge a header of the redirect).
    pub fn new(text: impl Into<String>) -> Result<Self, ConsentError> {
        let text = text.into();
        let found = text.encode_utf16().take(Self::MAX_LEN + 1).count();
        if !(1..=Self::MAX_LEN).contains(&found) {
            return Err(Problem::UrlLength { found: text.encode_utf16().count() }.into());
        }
        let host = text.split_once("://").and_then(|(scheme, rest)| {
            let web = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
            web.then(|| rest.split(['/', '?', '#']).next().unwrap_or_default())
        });
        let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '\\');
        if clean && host.is_some_and(|host| !host.is_empty()) {
            Ok(Self(text))
        } else {
            Err(Problem::Url { found: text.chars().take(64).collect() }.into())
        }
    }

    /// The address.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl TryFrom<String> for ThankYouUrl {
    type Error = ConsentError;

    fn try_from(text: String) -> Result<Self, ConsentError> {
        Self::new(text)
    }
}

impl From<ThankYouUrl> for String {
    fn from(url: ThankYouUrl) -> Self {
        url.0
    }
}

impl fmt::Display for ThankYouUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// facts 5.6: URL 1024.
    #[test]
    fn thank_you_addresses_are_read_closely() {
        for good in ["https://a.example", "HTTP://a.example/x?y#z", "https://\u{e4}.example/\u{e4}"]
        {
            assert_eq!(ThankYouUrl::new(good).unwrap().as_str(), good);
        }
        let long = format!("https://a.example/{}", "x".repeat(1_007));
        assert_eq!(
            ThankYouUrl::new(long).unwrap_err().to_string(),
            "thank-you address: expected 1 to 1024 characters, found 1025"
        );
        assert_eq!(
            ThankYouUrl::new("javascript://a").unwrap_err().to_string(),
            "thank-you address: expected http:// or https:// and a host, without spaces, found \
             \"javascript://a\""
        );
        for wrong in ["", "https://", "https:///x", "https://a b", "a.example", "http://a\r\nX: y"]
        {
            assert!(ThankYouUrl::new(wrong).is_err(), "{wrong}");
            assert!(serde_json::from_value::<ThankYouUrl>(wrong.into()).is_err());
        }
    }

    /// facts 5.6, 5.11: the codes of both columns.
    #[test]
    fn thank_you_sources_have_codes() {
        for source in [ThankYouSource::Pages, ThankYouSource::Urls] {
            assert_eq!(ThankYouSource::from_code(source.code()), Some(source));
            assert_eq!(ThankYouSource::from_code(source.form_code()), Some(source));
        }
        assert_eq!(ThankYouSource::default().code(), 100_000_000);
        assert_eq!(ThankYouSource::from_code(0), None);
    }
}

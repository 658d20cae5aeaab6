//! Where a click on a confirmation link leads.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::RecordId;
use crate::settings::Url;

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

/// An address that a browser is sent to, at most 1,024 characters
/// (`msdyncrm_defaultmarketingthankyouurl`, `…doi`).
pub type ThankYouUrl = Url<1_024>;

#[cfg(test)]
mod tests {
    use super::*;

    /// facts 5.6: URL 1024. A click must not lead to `javascript:`, and a line end would forge a header
    /// of the redirect.
    #[test]
    fn thank_you_targets_are_read_closely() {
        for target in [
            ThankYou::Page(RecordId::new(7)),
            ThankYou::Url(ThankYouUrl::new("https://a.example/x?y#z").unwrap()),
        ] {
            let json = serde_json::to_string(&target).unwrap();
            assert_eq!(serde_json::from_str::<ThankYou>(&json).unwrap(), target);
        }
        let long = format!("https://a.example/{}", "x".repeat(1_007));
        for wrong in ["", "javascript:alert(1)", "a.example", "http://a\r\nX: y", &long] {
            assert!(
                serde_json::from_value::<ThankYou>(serde_json::json!({ "url": wrong })).is_err()
            );
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

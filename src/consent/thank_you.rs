//! Where a click on a confirmation link leads.

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
}

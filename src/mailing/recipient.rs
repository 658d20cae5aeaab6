//! Who counts as one recipient.

use crate::claim::{ClaimKeyError, RecipientKey};
use crate::id::RecordId;
use crate::settings::DefaultMarketingSettings;

/// To whom does a marketing email go once? For all messages of the organization alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a yes or no with better names")]
pub enum SendOnceTo {
    /// To each address: of several contacts who share one, one gets the message (once in a journey
    /// and tile).
    Address,
    /// To each contact, with its own personalization, even where several share an address: "Bypass
    /// email deduplication" is on.
    Contact,
}

impl SendOnceTo {
    /// By the set in force; without one, to each address.
    #[must_use]
    pub fn of(defaults: Option<&DefaultMarketingSettings>) -> Self {
        let bypass = defaults.is_some_and(DefaultMarketingSettings::bypass_email_deduplication);
        if bypass { Self::Contact } else { Self::Address }
    }

    /// What the recipient is claimed under: two contacts are one recipient exactly where their keys
    /// are equal. `address` is the [comparison form](crate::address::EmailAddressRef::key_into) of the
    /// address.
    ///
    /// # Errors
    ///
    /// The address is empty, or too long for a key.
    pub fn key(self, address: &str, contact: RecordId) -> Result<RecipientKey, ClaimKeyError> {
        match self {
            Self::Address => RecipientKey::address(address.as_bytes()),
            Self::Contact => Ok(RecipientKey::contact(contact)),
        }
    }
}

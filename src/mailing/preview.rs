//! Where the dynamic values of a preview or a test send come from.

use super::email::EmailOverrides;
use crate::id::RecordId;
use crate::settings::targets::Contact;
use crate::settings::{ContentSettings, DefaultMarketingSettings, Link};

/// What a user chose for one preview or one test send. It is of this one alone and never kept.
///
/// The product's document speaks of choosing another contact where it describes the content
/// settings; both can be chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use = "it changes nothing before `values`"]
pub struct PreviewChoice {
    content_settings: Option<Link<ContentSettings>>,
    contact: Option<Link<Contact>>,
}

impl PreviewChoice {
    /// With these content settings.
    pub fn with_content_settings(self, id: RecordId) -> Self {
        Self { content_settings: Some(Link::new(id)), ..self }
    }

    /// With this contact.
    pub fn with_contact(self, id: RecordId) -> Self {
        Self { contact: Some(Link::new(id)), ..self }
    }

    /// Where the dynamic values come from: the user's choice, else what the email has of its own, else
    /// the set in force. Whether content settings can be used is asked once they were looked up
    /// ([`ContentSettings::usable`]).
    ///
    /// # Errors
    ///
    /// None of the three names content settings, or a contact.
    pub fn values(
        &self,
        email: &EmailOverrides,
        defaults: Option<&DefaultMarketingSettings>,
    ) -> Result<PreviewValues, PreviewMissing> {
        let email = email.in_effect(defaults);
        let content_settings = self.content_settings.or(email.content_settings);
        let contact = self.contact.or(email.contact);
        Ok(PreviewValues {
            content_settings: content_settings.ok_or(PreviewMissing::ContentSettings)?,
            contact: contact.ok_or(PreviewMissing::Contact)?,
        })
    }
}

/// Where the dynamic values of a preview or a test send come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreviewValues {
    /// Addresses, links and the like.
    pub content_settings: Link<ContentSettings>,
    /// Names and other values of a person.
    pub contact: Link<Contact>,
}

/// What a preview or a test send lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "a preview takes two records")]
pub enum PreviewMissing {
    /// Content settings.
    #[error(
        "preview: expected content settings, chosen or by default, found none; the default marketing \
         settings name those of all users"
    )]
    ContentSettings,
    /// A contact.
    #[error(
        "preview: expected a contact, chosen or by default, found none; the default marketing \
         settings name that of all users"
    )]
    Contact,
}

//! Defaults of one email, and what it has instead.

use super::litmus::litmus_enabled;
use super::recipient::SendOnceTo;
use crate::id::RecordId;
use crate::settings::targets::Contact;
use crate::settings::{AuthenticatedDomain, ContentSettings, DefaultMarketingSettings, Link, Text};

/// What one marketing email has instead of the defaults; what it does not name is as the set in force
/// has it.
///
/// Every default of an email is here but two: the inbox preview and deduplication are for all
/// messages of the organization, and there is no field in which one could have its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "it changes nothing before `in_effect`"]
pub struct EmailOverrides {
    content_settings: Option<Link<ContentSettings>>,
    contact: Option<Link<Contact>>,
    sending_domain: Option<Link<AuthenticatedDomain>>,
    from_email: Option<Text<1, 1024>>,
    from_name: Option<Text<1, 1024>>,
}

impl EmailOverrides {
    /// With these content settings for its previews and test sends.
    pub fn with_content_settings(self, id: RecordId) -> Self {
        Self { content_settings: Some(Link::new(id)), ..self }
    }

    /// With this contact for its previews and test sends.
    pub fn with_contact(self, id: RecordId) -> Self {
        Self { contact: Some(Link::new(id)), ..self }
    }

    /// With this authenticated domain to send from.
    pub fn with_sending_domain(self, id: RecordId) -> Self {
        Self { sending_domain: Some(Link::new(id)), ..self }
    }

    /// With this from-address.
    pub fn with_from_email(self, email: Text<1, 1024>) -> Self {
        Self { from_email: Some(email), ..self }
    }

    /// With this from-name.
    pub fn with_from_name(self, name: Text<1, 1024>) -> Self {
        Self { from_name: Some(name), ..self }
    }

    /// What holds for the email.
    #[must_use]
    pub fn in_effect<'a>(
        &'a self,
        defaults: Option<&'a DefaultMarketingSettings>,
    ) -> EmailInEffect<'a> {
        let set = defaults;
        EmailInEffect {
            content_settings: self.content_settings.or_else(|| set?.default_content_settings()),
            contact: self.contact.or_else(|| set?.default_contact()),
            sending_domain: self.sending_domain.or_else(|| set?.default_sending_domain()),
            from_email: self.from_email.as_ref().or_else(|| set?.default_from_email().as_ref()),
            from_name: self.from_name.as_ref().or_else(|| set?.default_from_name().as_ref()),
            inbox_preview: litmus_enabled(defaults),
            once_to: SendOnceTo::of(defaults),
        }
    }
}

/// What holds for an email.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EmailInEffect<'a> {
    /// The content settings of its previews and test sends; live sends take those of the journey.
    pub content_settings: Option<Link<ContentSettings>>,
    /// The contact of its previews and test sends.
    pub contact: Option<Link<Contact>>,
    /// The authenticated domain that replaces one in the from-address that is not authenticated.
    pub sending_domain: Option<Link<AuthenticatedDomain>>,
    /// The from-address; `None`: that of the user who makes the email.
    pub from_email: Option<&'a Text<1, 1024>>,
    /// The from-name; `None`: that of the user who makes the email.
    pub from_name: Option<&'a Text<1, 1024>>,
    /// Is there an inbox preview? As for every email of the organization.
    pub inbox_preview: bool,
    /// To whom does it go once? As for every email of the organization.
    pub once_to: SendOnceTo,
}

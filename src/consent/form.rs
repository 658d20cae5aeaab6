//! Double opt-in of one form.

use super::mail::OptInMail;
use super::setup::{
    Mailing, OptInKind, OptInPlan, OptInSetup, SetupError, SetupPart, target, usable,
};
use super::thank_you::ThankYouUrl;
use crate::form::FormType;
use crate::id::RecordId;
use crate::settings::ThankYouSource;

/// Double opt-in of one form: where it is enabled, it overrides that of the organization, whether
/// that is on or off. One mail is sent for the whole submission, whatever lists it ticks, and nothing
/// about the contact is stored until it is confirmed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormOptIn(Option<Mailing>);

impl FormOptIn {
    /// Off, until more is said.
    #[must_use]
    pub const fn builder(form: FormType) -> FormOptInBuilder {
        FormOptInBuilder {
            form,
            enabled: false,
            message: None,
            content_settings: None,
            source: ThankYouSource::MarketingPages,
            page: None,
            url: None,
        }
    }

    /// What is sent and where a click leads; `None` while the form has no double opt-in of its own.
    #[must_use]
    pub const fn mailing(&self) -> Option<&Mailing> {
        self.0.as_ref()
    }
}

/// The parts of a [`FormOptIn`].
#[derive(Clone, Debug)]
pub struct FormOptInBuilder {
    form: FormType,
    enabled: bool,
    message: Option<OptInMail>,
    content_settings: Option<RecordId>,
    source: ThankYouSource,
    page: Option<RecordId>,
    url: Option<ThankYouUrl>,
}

impl FormOptInBuilder {
    /// On or off (`msdyncrm_marketingform.msdyncrm_enabledoubleoptin`).
    #[must_use]
    pub const fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// The message (`…doubleoptinmessage`).
    #[must_use]
    pub const fn message(mut self, mail: OptInMail) -> Self {
        self.message = Some(mail);
        self
    }

    /// The content settings that it is sent with (`…doubleoptincontentsettings`).
    #[must_use]
    pub const fn content_settings(mut self, id: RecordId) -> Self {
        self.content_settings = Some(id);
        self
    }

    /// Is the thank-you target a page or an address (`…doubleoptinthankyouformat`)?
    #[must_use]
    pub const fn thank_you_source(mut self, source: ThankYouSource) -> Self {
        self.source = source;
        self
    }

    /// The thank-you page (`…doubleoptinthankyoupage`).
    #[must_use]
    pub const fn thank_you_page(mut self, page: RecordId) -> Self {
        self.page = Some(page);
        self
    }

    /// The thank-you address (`…doubleoptinthankyouurl`).
    #[must_use]
    pub fn thank_you_url(mut self, url: ThankYouUrl) -> Self {
        self.url = Some(url);
        self
    }

    /// Double opt-in of the form.
    ///
    /// # Errors
    ///
    /// It is enabled, and lacks something or the form is one to forward to a friend; the error names
    /// every part.
    pub fn build(self) -> Result<FormOptIn, SetupError> {
        if !self.enabled {
            return Ok(FormOptIn(None));
        }
        let mut lacking = Vec::new();
        if self.form == FormType::ForwardToFriend {
            lacking.push(SetupPart::FormType);
        }
        let kind = OptInKind::Subscription;
        let message = usable(self.message, OptInMail::form_flaws, kind, &mut lacking);
        if self.content_settings.is_none() {
            lacking.push(SetupPart::ContentSettings);
        }
        let target = target(self.source, self.page, self.url);
        if target.is_none() {
            lacking.push(SetupPart::ThankYou(kind, self.source));
        }
        match (message, self.content_settings, target) {
            (Some(message), Some(content), Some(target)) if lacking.is_empty() => {
                Ok(FormOptIn(Some(Mailing::new(message, content, target))))
            }
            _ => Err(SetupError(lacking)),
        }
    }
}

/// Which double opt-in a submission goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "none, the organization's, the form's")]
pub enum OptInForce<'a> {
    /// None: everything is applied at once.
    Off,
    /// The organization's: a mail for each list, and one for a higher level.
    Organization(&'a OptInPlan),
    /// The form's own: one mail, and the submission is held back until it is confirmed.
    Form(&'a Mailing),
}

impl<'a> OptInForce<'a> {
    /// The double opt-in that a submission through this form goes by: the form's own where it is
    /// enabled, else the organization's.
    pub fn of(organization: &'a OptInSetup, form: &'a FormOptIn) -> Self {
        let own = form.mailing().map(Self::Form);
        own.or_else(|| organization.plan().map(Self::Organization)).unwrap_or(Self::Off)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{ContentType, Designation, ThankYou};

    fn whole(form: FormType) -> FormOptInBuilder {
        let mail = OptInMail::new(RecordId::new(1)).live();
        let text = "{{SubscriptionListNames}}: {{ConfirmationUrl}}";
        FormOptIn::builder(form)
            .enabled(true)
            .message(mail.with_designation(Designation::Transactional).with_text(text))
            .content_settings(RecordId::new(2))
            .thank_you_page(RecordId::new(3))
    }

    /// facts 7.6: any form type except forward to a friend, with its parts.
    #[test]
    fn a_form_s_double_opt_in_has_all_its_parts() {
        for code in [0, 1, 3] {
            let form = whole(FormType::from_code(code).unwrap()).build().unwrap();
            let mailing = form.mailing().unwrap();
            assert_eq!(mailing.message(), RecordId::new(1));
            assert_eq!(mailing.content_settings(), RecordId::new(2));
            assert_eq!(mailing.thank_you(), &ThankYou::Page(RecordId::new(3)));
        }
        let forward = whole(FormType::ForwardToFriend);
        assert_eq!(
            forward.clone().build().unwrap_err().to_string(),
            "double opt-in: form type: expected any but forward to a friend, found that"
        );
        assert_eq!(forward.enabled(false).build(), Ok(FormOptIn::default()));
        let url = ThankYouUrl::new("https://a.example/").unwrap();
        let by_url = whole(FormType::LandingPage).thank_you_source(ThankYouSource::Urls);
        assert_eq!(by_url.clone().build().unwrap_err().parts().len(), 1);
        assert!(by_url.thank_you_url(url).build().is_ok());
        let none = FormOptIn::builder(FormType::LandingPage).enabled(true).build().unwrap_err();
        assert_eq!(none.parts().len(), 3);
    }

    /// facts 7.6: the form's overrides the global one when enabled.
    #[test]
    fn a_form_overrides_the_organization_s_double_opt_in() {
        let (off, none) = (OptInSetup::default(), FormOptIn::default());
        let own = whole(FormType::LandingPage).build().unwrap();
        let mail = OptInMail::new(RecordId::new(8))
            .live()
            .with_content_type(ContentType::ConfirmationRequest)
            .with_designation(Designation::Transactional)
            .with_text("{{Message.ConfirmationRedirectURL}}");
        let global = OptInSetup::builder()
            .enabled(true)
            .message(OptInKind::Subscription, mail.clone())
            .message(OptInKind::Consent, mail)
            .content_settings(RecordId::new(9))
            .thank_you_page(OptInKind::Subscription, RecordId::new(10))
            .thank_you_page(OptInKind::Consent, RecordId::new(11))
            .build()
            .unwrap();
        assert_eq!(OptInForce::of(&off, &none), OptInForce::Off);
        assert!(matches!(OptInForce::of(&global, &none), OptInForce::Organization(_)));
        for organization in [&off, &global] {
            assert!(matches!(OptInForce::of(organization, &own), OptInForce::Form(_)));
        }
    }
}

//! Double opt-in for the whole organization.

use std::fmt;

use super::mail::{MailFlaws, OptInMail};
use super::thank_you::{ThankYou, ThankYouUrl};
use crate::id::RecordId;
use crate::settings::{DefaultMarketingSettings, ThankYouSource, ThankYouTarget};

/// What a confirmation is about: each kind has its own message and thank-you target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "lists and levels, there is no third")]
pub enum OptInKind {
    /// Joining a list. Its columns have the suffix `doi`.
    Subscription,
    /// A higher consent level. Its columns have no suffix.
    Consent,
}

impl OptInKind {
    /// As `{{Message.ConfirmationRequestType}}` prints it.
    #[must_use]
    pub const fn request_type(self) -> &'static str {
        match self {
            Self::Subscription => "Marketing list subscribe",
            Self::Consent => "Raise consent",
        }
    }
}

impl fmt::Display for OptInKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Subscription => "subscription",
            Self::Consent => "consent",
        })
    }
}

/// Double opt-in for the whole organization: the tab "Double opt-in" of the default marketing
/// settings (table `msdyncrm_defaultmarketingsetting`). Off by default; on, it has everything it
/// needs, as it could not be made otherwise.
///
/// ```
/// use correspond::consent::{OptInKind, OptInSetup, SetupPart};
///
/// let off = OptInSetup::builder().build()?;
/// assert!(off.plan().is_none());
///
/// let error = OptInSetup::builder().enabled(true).build().unwrap_err();
/// assert_eq!(error.parts().len(), 5);
/// assert_eq!(error.parts()[0], SetupPart::NoMessage(OptInKind::Subscription));
/// # Ok::<(), correspond::consent::SetupError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptInSetup(Option<OptInPlan>);

impl OptInSetup {
    /// Off, until more is said.
    #[must_use]
    pub fn builder() -> OptInSetupBuilder {
        OptInSetupBuilder {
            enabled: false,
            content_settings: None,
            source: ThankYouSource::MarketingPages,
            subscription: Parts::default(),
            consent: Parts::default(),
        }
    }

    /// What the default marketing settings say; `mail` tells what is known of the two messages that
    /// they name. Without a set in force it is off.
    ///
    /// # Errors
    ///
    /// It is enabled, and a message cannot be used.
    pub fn of(
        settings: Option<&DefaultMarketingSettings>,
        mail: impl Fn(RecordId) -> OptInMail,
    ) -> Result<Self, SetupError> {
        let Some(settings) = settings else { return Ok(Self::default()) };
        let mut builder = Self::builder()
            .enabled(settings.enable_double_opt_in())
            .thank_you_source(settings.thank_you_source());
        if let Some(content) = settings.double_opt_in_content_settings() {
            builder = builder.content_settings(content.id());
        }
        let subscription = (settings.subscription_message(), settings.subscription_thank_you());
        let consent = (settings.consent_message(), settings.consent_thank_you());
        for (kind, (message, thanks)) in
            [(OptInKind::Subscription, subscription), (OptInKind::Consent, consent)]
        {
            if let Some(message) = message {
                builder = builder.message(kind, mail(message.id()));
            }
            builder = match thanks {
                Some(ThankYouTarget::Page(page)) => builder.thank_you_page(kind, page.id()),
                Some(ThankYouTarget::Url(url)) => builder.thank_you_url(kind, url.clone()),
                None => builder,
            };
        }
        builder.build()
    }

    /// What is sent and where a click leads; `None` while double opt-in is off.
    #[must_use]
    pub const fn plan(&self) -> Option<&OptInPlan> {
        self.0.as_ref()
    }
}

/// What is sent, and where a click leads, for each kind of confirmation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptInPlan {
    subscription: Mailing,
    consent: Mailing,
}

impl OptInPlan {
    /// The mailing of this kind.
    #[must_use]
    pub const fn mailing(&self, kind: OptInKind) -> &Mailing {
        match kind {
            OptInKind::Subscription => &self.subscription,
            OptInKind::Consent => &self.consent,
        }
    }
}

/// One message with what it is sent with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailing {
    message: RecordId,
    content_settings: RecordId,
    thank_you: ThankYou,
}

impl Mailing {
    pub(super) const fn new(
        message: RecordId,
        content_settings: RecordId,
        thank_you: ThankYou,
    ) -> Self {
        Self { message, content_settings, thank_you }
    }

    /// The marketing email.
    #[must_use]
    pub const fn message(&self) -> RecordId {
        self.message
    }

    /// The content settings that it is sent with.
    #[must_use]
    pub const fn content_settings(&self) -> RecordId {
        self.content_settings
    }

    /// Where a click leads.
    #[must_use]
    pub const fn thank_you(&self) -> &ThankYou {
        &self.thank_you
    }
}

/// The parts of an [`OptInSetup`].
#[derive(Clone, Debug)]
pub struct OptInSetupBuilder {
    enabled: bool,
    content_settings: Option<RecordId>,
    source: ThankYouSource,
    subscription: Parts,
    consent: Parts,
}

#[derive(Clone, Debug, Default)]
struct Parts {
    message: Option<OptInMail>,
    page: Option<RecordId>,
    url: Option<ThankYouUrl>,
}

impl OptInSetupBuilder {
    /// On or off (`msdyncrm_enabledoubleoptin`). The parts of one that is off are kept by the record
    /// that they come from, and are inert here.
    #[must_use]
    pub const fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = enabled;
        self
    }

    /// The message of this kind (`msdyncrm_subscriptionoptinmessage`,
    /// `msdyncrm_consentconfirmationmessage`).
    #[must_use]
    pub fn message(mut self, kind: OptInKind, mail: OptInMail) -> Self {
        self.parts(kind).message = Some(mail);
        self
    }

    /// The content settings of both messages (`msdyncrm_doubleoptincontentsettings`).
    #[must_use]
    pub const fn content_settings(mut self, id: RecordId) -> Self {
        self.content_settings = Some(id);
        self
    }

    /// Are thank-you targets pages or addresses (`msdyncrm_thankyoupagesource`)? Pages by default;
    /// targets of the other sort are inert.
    #[must_use]
    pub const fn thank_you_source(mut self, source: ThankYouSource) -> Self {
        self.source = source;
        self
    }

    /// The thank-you page of this kind (`msdyncrm_defaultmarketingthankyoupagedoi` of subscriptions,
    /// `msdyncrm_defaultmarketingthankyoupage` of consent).
    #[must_use]
    pub fn thank_you_page(mut self, kind: OptInKind, page: RecordId) -> Self {
        self.parts(kind).page = Some(page);
        self
    }

    /// The thank-you address of this kind (`msdyncrm_defaultmarketingthankyouurldoi` of subscriptions,
    /// `msdyncrm_defaultmarketingthankyouurl` of consent).
    #[must_use]
    pub fn thank_you_url(mut self, kind: OptInKind, url: ThankYouUrl) -> Self {
        self.parts(kind).url = Some(url);
        self
    }

    const fn parts(&mut self, kind: OptInKind) -> &mut Parts {
        match kind {
            OptInKind::Subscription => &mut self.subscription,
            OptInKind::Consent => &mut self.consent,
        }
    }

    /// The setup.
    ///
    /// # Errors
    ///
    /// It is enabled and lacks something; the error names every part.
    pub fn build(self) -> Result<OptInSetup, SetupError> {
        if !self.enabled {
            return Ok(OptInSetup(None));
        }
        let mut lacking = Vec::new();
        let Self { content_settings, source, subscription, consent, .. } = self;
        if content_settings.is_none() {
            lacking.push(SetupPart::ContentSettings);
        }
        let mut made = |kind, parts: Parts| {
            let message = usable(parts.message, OptInMail::flaws, kind, &mut lacking);
            let target = target(source, parts.page, parts.url);
            if target.is_none() {
                lacking.push(SetupPart::ThankYou(kind, source));
            }
            Some(Mailing::new(message?, content_settings?, target?))
        };
        let subscription = made(OptInKind::Subscription, subscription);
        let consent = made(OptInKind::Consent, consent);
        lacking.sort_by_key(SetupPart::rank);
        match (subscription, consent) {
            (Some(subscription), Some(consent)) if lacking.is_empty() => {
                Ok(OptInSetup(Some(OptInPlan { subscription, consent })))
            }
            _ => Err(SetupError(lacking)),
        }
    }
}

/// The id of the message; what is wrong with it goes to `lacking`.
pub(super) fn usable(
    message: Option<OptInMail>,
    flaws: impl FnOnce(&OptInMail) -> MailFlaws,
    kind: OptInKind,
    lacking: &mut Vec<SetupPart>,
) -> Option<RecordId> {
    let Some(mail) = message else {
        lacking.push(SetupPart::NoMessage(kind));
        return None;
    };
    let flaws = flaws(&mail);
    if !flaws.is_empty() {
        lacking.push(SetupPart::Message(kind, flaws));
    }
    Some(mail.id())
}

pub(super) fn target(
    source: ThankYouSource,
    page: Option<RecordId>,
    url: Option<ThankYouUrl>,
) -> Option<ThankYou> {
    match source {
        ThankYouSource::MarketingPages => page.map(ThankYou::Page),
        ThankYouSource::Urls => url.map(ThankYou::Url),
    }
}

/// Double opt-in cannot be enabled yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupError(pub(super) Vec<SetupPart>);

impl SetupError {
    /// Everything that is missing or wrong: messages first, then content settings, then thank-you
    /// targets.
    #[must_use]
    pub const fn parts(&self) -> &[SetupPart] {
        self.0.as_slice()
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("double opt-in: ")?;
        for (place, part) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { "; " };
            write!(f, "{comma}{part}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SetupError {}

/// What double opt-in lacks to be enabled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SetupPart {
    /// No message of this kind.
    #[error("{0} message: expected a marketing email, found none")]
    NoMessage(OptInKind),
    /// The message of this kind cannot be used.
    #[error("{0} message: {1}")]
    Message(OptInKind, MailFlaws),
    /// No content settings.
    #[error("content settings: expected a record, found none")]
    ContentSettings,
    /// No thank-you target of this kind and source.
    #[error("{kind} thank-you {what}: expected one, found none", kind = .0, what = match .1 {
        ThankYouSource::Urls => "address",
        _ => "page",
    })]
    ThankYou(OptInKind, ThankYouSource),
    /// A form of this type has no double opt-in.
    #[error("form type: expected any but forward to a friend, found that")]
    FormType,
}

impl SetupPart {
    const fn rank(&self) -> u8 {
        match self {
            Self::FormType => 0,
            Self::NoMessage(_) | Self::Message(..) => 1,
            Self::ContentSettings => 2,
            Self::ThankYou(..) => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{ContentType, Designation};

    fn mail(id: u128) -> OptInMail {
        OptInMail::new(RecordId::new(id))
            .live()
            .with_content_type(ContentType::ConfirmationRequest)
            .with_designation(Designation::Transactional)
            .with_text("{{Message.ConfirmationRedirectURL}}")
    }

    fn whole(source: ThankYouSource) -> OptInSetupBuilder {
        let url = |text| ThankYouUrl::new(text).unwrap();
        OptInSetup::builder()
            .enabled(true)
            .message(OptInKind::Subscription, mail(1))
            .message(OptInKind::Consent, mail(2))
            .content_settings(RecordId::new(3))
            .thank_you_source(source)
            .thank_you_page(OptInKind::Subscription, RecordId::new(4))
            .thank_you_page(OptInKind::Consent, RecordId::new(5))
            .thank_you_url(OptInKind::Subscription, url("https://a.example/lists"))
            .thank_you_url(OptInKind::Consent, url("https://a.example/consent"))
    }

    /// A149; facts 5.6: the suffix `doi` is the subscription pair, so the kinds have targets of
    /// their own, by source.
    #[test]
    fn an_enabled_double_opt_in_has_all_its_parts() {
        let setup = whole(ThankYouSource::MarketingPages).build().unwrap();
        let plan = setup.plan().unwrap();
        let subscription = plan.mailing(OptInKind::Subscription);
        assert_eq!(subscription.message(), RecordId::new(1));
        assert_eq!(subscription.content_settings(), RecordId::new(3));
        assert_eq!(subscription.thank_you(), &ThankYou::Page(RecordId::new(4)));
        let consent = plan.mailing(OptInKind::Consent);
        assert_eq!(consent.message(), RecordId::new(2));
        assert_eq!(consent.thank_you(), &ThankYou::Page(RecordId::new(5)));
        let setup = whole(ThankYouSource::Urls).build().unwrap();
        let consent = setup.plan().unwrap().mailing(OptInKind::Consent).clone();
        let ThankYou::Url(url) = consent.thank_you() else { panic!() };
        assert_eq!(url.to_string(), "https://a.example/consent");
        assert_eq!(OptInKind::Subscription.request_type(), "Marketing list subscribe");
        assert_eq!(OptInKind::Consent.request_type(), "Raise consent");
    }

    /// A149; facts 5.6: the tab of the default marketing settings is the setup of the organization.
    #[test]
    fn the_default_settings_set_double_opt_in_up() {
        let id = RecordId::new;
        let settings = DefaultMarketingSettings::builder()
            .name("Defaults")
            .enable_double_opt_in(true)
            .subscription_message(id(1))
            .consent_message(id(2))
            .double_opt_in_content_settings(id(3))
            .subscription_thank_you_page(id(4))
            .consent_thank_you_page(id(5))
            .build()
            .unwrap();
        let by_hand = whole(ThankYouSource::MarketingPages).build();
        assert_eq!(OptInSetup::of(Some(&settings), |id| mail(id.get())), by_hand);
        let by_url = settings
            .to_builder()
            .thank_you_source(ThankYouSource::Urls)
            .subscription_thank_you_url("https://a.example/lists")
            .consent_thank_you_url("https://a.example/consent")
            .build()
            .unwrap();
        let by_hand = whole(ThankYouSource::Urls).build();
        assert_eq!(OptInSetup::of(Some(&by_url), |id| mail(id.get())), by_hand);

        let error = OptInSetup::of(Some(&settings), OptInMail::new).unwrap_err();
        assert_eq!(error.parts().len(), 2);
        assert_eq!(OptInSetup::of(None, OptInMail::new), Ok(OptInSetup::default()));
    }

    /// A149; facts 7.6: enabling requires its parts, and each that is missing is named.
    #[test]
    fn enabling_double_opt_in_names_every_part_that_is_missing() {
        let error = OptInSetup::builder().enabled(true).build().unwrap_err();
        assert_eq!(
            error.to_string(),
            "double opt-in: subscription message: expected a marketing email, found none; consent \
             message: expected a marketing email, found none; content settings: expected a record, \
             found none; subscription thank-you page: expected one, found none; consent thank-you \
             page: expected one, found none"
        );
        let draft = whole(ThankYouSource::MarketingPages)
            .message(OptInKind::Consent, OptInMail::new(RecordId::new(2)));
        let error = draft.clone().build().unwrap_err();
        let [SetupPart::Message(OptInKind::Consent, flaws)] = error.parts() else { panic!() };
        assert_eq!(flaws.as_slice().len(), 4);
        assert!(
            error
                .to_string()
                .starts_with("double opt-in: consent message: expected a live message")
        );
        // Off, nothing is asked for.
        assert_eq!(draft.enabled(false).build(), Ok(OptInSetup::default()));
        assert_eq!(OptInSetup::builder().build().unwrap().plan(), None);

        // A page where addresses are asked for is none.
        let pages = OptInSetup::builder()
            .enabled(true)
            .message(OptInKind::Subscription, mail(1))
            .message(OptInKind::Consent, mail(2))
            .content_settings(RecordId::new(3))
            .thank_you_page(OptInKind::Subscription, RecordId::new(4))
            .thank_you_page(OptInKind::Consent, RecordId::new(5));
        assert!(pages.clone().build().is_ok());
        let error = pages.thank_you_source(ThankYouSource::Urls).build().unwrap_err();
        assert_eq!(
            error.to_string(),
            "double opt-in: subscription thank-you address: expected one, found none; consent \
             thank-you address: expected one, found none"
        );
    }
}

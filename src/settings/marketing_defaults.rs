//! Which values do new messages and journeys begin with? (Marketing settings, Default marketing
//! settings)

use super::authenticated_domain::AuthenticatedDomain;
use super::content_settings::ContentSettings;
use super::error::{SettingError, SettingErrorKind, ValueError};
use super::field::targets::{Contact, MarketingEmail, MarketingPage, User};
use super::field::{Defaults, Link, Name, Text, Url, Whole, choice};
use super::record::record;

choice! {
    /// Is a person who confirmed shown a marketing page, or sent to a URL? (column
    /// `msdyncrm_defaultmarketingsetting.msdyncrm_thankyoupagesource`, "Use marketing pages for thank
    /// you")
    ThankYouSource {
        /// A marketing page.
        MarketingPages = 100_000_000, "marketing-pages", "Yes";
        /// A URL.
        Urls = 100_000_001, "urls", "No";
    }
}

record! {
    /// A set of defaults for messages and journeys, and the switches of double opt-in, inbox preview
    /// and deduplication (table `msdyncrm_defaultmarketingsetting`).
    ///
    /// Any number of sets may be kept. The one that is marked as the default counts, the others have
    /// no effect; without one there is no default sending domain, and inbox preview, double opt-in
    /// and bypass are off. What a set means for a message or a journey is in
    /// [`mailing`](crate::mailing).
    ///
    /// The product requires default content settings and a default contact on its form. Here they may
    /// be blank, since a new organization has its set before it has either; a preview without them is
    /// refused with the reason.
    ///
    /// Double opt-in cannot be on without its parts: both messages, content settings, and a thank-you
    /// target of each kind, pages or URLs as [`thank_you_source`](Self::thank_you_source) says. Those
    /// of the other source are kept, and without effect.
    ///
    /// ```
    /// use correspond::settings::DefaultMarketingSettings;
    ///
    /// let set = DefaultMarketingSettings::builder().name("Ours").default(true).build()?;
    /// assert!(!set.enable_litmus() && !set.bypass_email_deduplication());
    ///
    /// let error = set.to_builder().enable_double_opt_in(true).build().unwrap_err();
    /// assert_eq!(
    ///     error.to_string(),
    ///     "subscription_message: expected a message, as double opt-in is on, found none"
    /// );
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    DefaultMarketingSettings, DefaultMarketingSettingsBuilder, MarketingDefaults,
        "Default marketing settings", "msdyncrm_defaultmarketingsetting",
        default default: AtMostOne;
    required {
        /// General: what the list shows it as.
        name: ref Name, "Name", "msdyncrm_name";
    }
    optional {
        /// General: the user that owns the set.
        owner: copy Option<Link<User>> = Defaults::effective(None), "Owner", "ownerid";
        /// General: is it the set that counts?
        default: copy bool = Defaults::same(false), "Default", "msdyncrm_default";
        /// Marketing email: what previews and test sends take the dynamic values of content settings
        /// from, unless the user chooses others.
        default_content_settings: copy Option<Link<ContentSettings>> = Defaults::effective(None),
            "Default content settings", "msdyncrm_defaultcntntsettings";
        /// Marketing email: the authenticated domain that replaces one that is not, in the
        /// from-address of a new email.
        default_sending_domain: copy Option<Link<AuthenticatedDomain>> = Defaults::effective(None),
            "Default sending domain", "msdyncrm_defaultsetupdomain";
        /// Marketing email: what previews and test sends take the dynamic values of a contact from,
        /// unless the user chooses another.
        default_contact: copy Option<Link<Contact>> = Defaults::effective(None), "Default contact",
            "msdyncrm_defaulttestcontact";
        /// Marketing email: do all users have the inbox preview of Litmus?
        enable_litmus: copy bool = Defaults::same(false), "Enable Litmus integration",
            "msdyncrm_enablelitmusintegration";
        /// Marketing email: the from-address of a new email; text or an expression. Blank: that of
        /// the user who makes it, as in the product's documents, which do not have this field yet.
        default_from_email: ref Option<Text<1, 1024>> = Defaults::effective(None),
            "Default from email", "msdyncrm_defaultemailfromemail";
        /// Marketing email: the from-name of a new email; text or an expression. Blank: that of the
        /// user who makes it.
        default_from_name: ref Option<Text<1, 1024>> = Defaults::effective(None),
            "Default from name", "msdyncrm_defaultemailfromname";
        /// Customer journey: the time zone that a new journey starts and stops by, as a Dataverse
        /// time-zone code; UTC where nobody chose.
        default_time_zone: copy Whole<-1500, 1500> = Defaults::effective(UTC), "Default time zone",
            "msdyncrm_defaulttimezone";
        /// Double opt-in: must subscriptions and raised consent be confirmed by mail?
        enable_double_opt_in: copy bool = Defaults::same(false), "Enable double opt-in",
            "msdyncrm_enabledoubleoptin";
        /// Double opt-in: the message that asks to confirm a subscription.
        subscription_message: copy Option<Link<MarketingEmail>> = Defaults::effective(None),
            "Subscriptions", "msdyncrm_subscriptionoptinmessage";
        /// Double opt-in: the message that asks to confirm a raised consent.
        consent_message: copy Option<Link<MarketingEmail>> = Defaults::effective(None), "Consent",
            "msdyncrm_consentconfirmationmessage";
        /// Double opt-in: the content settings of both messages.
        double_opt_in_content_settings: copy Option<Link<ContentSettings>> =
            Defaults::effective(None), "Content settings", "msdyncrm_doubleoptincontentsettings";
        /// Double opt-in: are the thank-you targets marketing pages or URLs?
        thank_you_source: copy ThankYouSource = Defaults::same(ThankYouSource::MarketingPages),
            "Use marketing pages for thank you", "msdyncrm_thankyoupagesource";
        /// Double opt-in: the page that thanks for a subscription (the suffix `doi` of the column
        /// marks the pair of subscriptions, not the pair of double opt-in).
        subscription_thank_you_page: copy Option<Link<MarketingPage>> = Defaults::effective(None),
            "Thank-you page after a subscription", "msdyncrm_defaultmarketingthankyoupagedoi";
        /// Double opt-in: the page that thanks for a change of consent.
        consent_thank_you_page: copy Option<Link<MarketingPage>> = Defaults::effective(None),
            "Thank-you page after a consent change", "msdyncrm_defaultmarketingthankyoupage";
        /// Double opt-in: the URL that thanks for a subscription.
        subscription_thank_you_url: ref Option<Url<1024>> = Defaults::effective(None),
            "Thank-you URL for subscriptions", "msdyncrm_defaultmarketingthankyouurldoi";
        /// Double opt-in: the URL that thanks for a change of consent.
        consent_thank_you_url: ref Option<Url<1024>> = Defaults::effective(None),
            "Thank-you URL for consent", "msdyncrm_defaultmarketingthankyouurl";
        /// Bypass deduplication: does every contact get a copy of his own, even where several share
        /// an address? The later product deduplicates only where somebody asks for it.
        bypass_email_deduplication: copy bool = Defaults::same(false).current(true),
            "Bypass email deduplication", "msdyncrm_bypassemaildeduplication";
    }
    check(this) {
        if !this.enable_double_opt_in {
            return Ok(());
        }
        let needed = |field, what: &str, there: bool| {
            if there {
                return Ok(());
            }
            let expected = format!("{what}, as double opt-in is on");
            let error = ValueError::new(SettingErrorKind::Required, expected, "none");
            Err(SettingError::new(field, error))
        };
        needed("subscription_message", "a message", this.subscription_message.is_some())?;
        needed("consent_message", "a message", this.consent_message.is_some())?;
        let content = this.double_opt_in_content_settings.is_some();
        needed("double_opt_in_content_settings", "content settings", content)?;
        let [subscription, consent, what] = match this.thank_you_source {
            ThankYouSource::MarketingPages => {
                ["subscription_thank_you_page", "consent_thank_you_page", "a marketing page"]
            }
            ThankYouSource::Urls => {
                ["subscription_thank_you_url", "consent_thank_you_url", "a URL"]
            }
        };
        needed(subscription, what, this.subscription_thank_you().is_some())?;
        needed(consent, what, this.consent_thank_you().is_some())
    }
}

impl ThankYouSource {
    /// The code of the column that a form has of its own
    /// (`msdyncrm_marketingform.msdyncrm_doubleoptinthankyouformat`).
    #[must_use]
    pub const fn form_code(self) -> i32 {
        match self {
            Self::MarketingPages => 192_350_000,
            Self::Urls => 192_350_001,
        }
    }

    /// The source with this code in the column of a form.
    #[must_use]
    pub fn from_form_code(code: i32) -> Option<Self> {
        Self::ALL.iter().copied().find(|source| source.form_code() == code)
    }
}

/// Coordinated Universal Time, as Dataverse numbers time zones.
const UTC: Whole<-1500, 1500> = Whole::saturating(92);

/// Where does somebody go who confirmed?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "one for each source")]
pub enum ThankYouTarget<'a> {
    /// To this marketing page.
    Page(Link<MarketingPage>),
    /// To this URL.
    Url(&'a Url<1024>),
}

impl DefaultMarketingSettings {
    /// The time zone of new journeys where no set counts: UTC.
    pub const TIME_ZONE: Whole<-1500, 1500> = UTC;

    /// Where somebody goes who confirmed a subscription, by the source that is chosen. Always there
    /// while double opt-in is on.
    #[must_use]
    pub fn subscription_thank_you(&self) -> Option<ThankYouTarget<'_>> {
        self.thank_you(self.subscription_thank_you_page, self.subscription_thank_you_url.as_ref())
    }

    /// Where somebody goes who confirmed a change of consent, by the source that is chosen. Always
    /// there while double opt-in is on.
    #[must_use]
    pub fn consent_thank_you(&self) -> Option<ThankYouTarget<'_>> {
        self.thank_you(self.consent_thank_you_page, self.consent_thank_you_url.as_ref())
    }

    fn thank_you<'a>(
        &self,
        page: Option<Link<MarketingPage>>,
        url: Option<&'a Url<1024>>,
    ) -> Option<ThankYouTarget<'a>> {
        match self.thank_you_source {
            ThankYouSource::MarketingPages => page.map(ThankYouTarget::Page),
            ThankYouSource::Urls => url.map(ThankYouTarget::Url),
        }
    }
}

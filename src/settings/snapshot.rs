//! What do all settings of an organization say now?

use super::stored::Stored;
use super::{
    AnalyticsConfiguration, AuthenticatedDomain, ContentSettings, DataProtection,
    DefaultMarketingSettings, EmailServerProfile, EmailSettings, LandingPageConfiguration,
    LeadScoringConfiguration, MarketingDataConfiguration, MatchingRule, MatchingStrategy,
    OrganizationProperties, SettingsRecord, SocialAccount, in_force,
};
use crate::record::{RecordRef, Version};
use crate::scoring::Switches;

/// Everything that a decision needs of an organization's settings, in one value: which records are in
/// force, those that they and others refer to, and the versions of them all. (A version may be one
/// behind where a record was only referred to meanwhile.)
///
/// `flow::settings::load` reads one. The options of users, queues and mailboxes are not in it: they
/// are as many as there are users, and are read one by one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SettingsSnapshot {
    /// The lead scoring configurations; which one counts says
    /// [`lead_scoring`](Self::lead_scoring).
    pub lead_scoring_configurations: Vec<Stored<LeadScoringConfiguration>>,
    /// The landing page configuration in force.
    pub landing_page: Stored<LandingPageConfiguration>,
    /// The matching strategies, to which landing page configurations and forms refer.
    pub matching_strategies: Vec<Stored<MatchingStrategy>>,
    /// The matching rules, to which forms of the later product refer.
    pub matching_rules: Vec<Stored<MatchingRule>>,
    /// The marketing data configuration.
    pub marketing_data: Stored<MarketingDataConfiguration>,
    /// The default marketing settings in force; without any: no sending domain, and inbox preview,
    /// bypass and double opt-in off.
    pub marketing_defaults: Option<Stored<DefaultMarketingSettings>>,
    /// The content settings, to which the default marketing settings and journeys refer.
    pub content_settings: Vec<Stored<ContentSettings>>,
    /// The authenticated domains.
    pub authenticated_domains: Vec<Stored<AuthenticatedDomain>>,
    /// The analytics configurations, of which the default one exports.
    pub analytics: Vec<Stored<AnalyticsConfiguration>>,
    /// The social accounts.
    pub social_accounts: Vec<Stored<SocialAccount>>,
    /// The data protection settings in force; without any, both switches are off.
    pub data_protection: Option<Stored<DataProtection>>,
    /// The email server profiles, to which mailboxes refer.
    pub email_server_profiles: Vec<Stored<EmailServerProfile>>,
    /// The email settings of the organization.
    pub email: Stored<EmailSettings>,
    /// The organization's property bag.
    pub properties: Stored<OrganizationProperties>,
}

impl SettingsSnapshot {
    /// The settings of an organization that has nothing but these, which each one has.
    #[must_use]
    pub const fn new(
        landing_page: Stored<LandingPageConfiguration>,
        marketing_data: Stored<MarketingDataConfiguration>,
        email: Stored<EmailSettings>,
        properties: Stored<OrganizationProperties>,
    ) -> Self {
        Self {
            lead_scoring_configurations: Vec::new(),
            landing_page,
            matching_strategies: Vec::new(),
            matching_rules: Vec::new(),
            marketing_data,
            marketing_defaults: None,
            content_settings: Vec::new(),
            authenticated_domains: Vec::new(),
            analytics: Vec::new(),
            social_accounts: Vec::new(),
            data_protection: None,
            email_server_profiles: Vec::new(),
            email,
            properties,
        }
    }

    /// The lead scoring configuration in force; `None`: all switches are yes.
    #[must_use]
    pub fn lead_scoring(&self) -> Option<&Stored<LeadScoringConfiguration>> {
        in_force::lead_scoring(&self.lead_scoring_configurations)
    }

    /// What lead scoring switches.
    #[must_use]
    pub fn switches(&self) -> Switches {
        Switches::from(self.lead_scoring().map(|stored| &stored.value))
    }

    /// The authenticated domain that replaces one that is not, in the from-address of a new email;
    /// `None` where the default marketing settings name none, or one that is gone or inactive.
    #[must_use]
    pub fn default_sending_domain(&self) -> Option<&Stored<AuthenticatedDomain>> {
        let link = self.marketing_defaults.as_ref()?.value.default_sending_domain()?;
        self.authenticated_domains.iter().find(|domain| domain.active && domain.id == link.id())
    }

    /// The records that are in force alone of their kind, with their versions. One that is in force by
    /// its default mark, or because there is one of its kind, is so as long as it has this version. A
    /// lead scoring configuration also loses its place to one that is created later, and where none is
    /// in force, one may come: neither can be seen by these versions.
    #[must_use]
    pub fn in_force(&self) -> Vec<(RecordRef, Version)> {
        fn of<T: SettingsRecord>(stored: &Stored<T>) -> (RecordRef, Version) {
            (T::KIND.of(stored.id), stored.version)
        }
        let always = [
            of(&self.landing_page),
            of(&self.marketing_data),
            of(&self.email),
            of(&self.properties),
        ];
        let perhaps = [
            self.lead_scoring().map(of),
            self.marketing_defaults.as_ref().map(of),
            in_force::default(&self.content_settings).map(of),
            in_force::default(&self.analytics).map(of),
            self.data_protection.as_ref().map(of),
            EmailServerProfile::default_of(&self.email.value, &self.email_server_profiles).map(of),
        ];
        always.into_iter().chain(perhaps.into_iter().flatten()).collect()
    }
}

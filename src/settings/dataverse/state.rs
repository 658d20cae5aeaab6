//! The records of a document, one like the other.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::import::SINGLE;
use super::layout::Layout;
use super::tables::Table;
use crate::id::RecordId;
use crate::record::RecordKind;
use crate::settings::{
    AnalyticsConfiguration, AuthenticatedDomain, ContentSettings, DataProtection,
    DefaultMarketingSettings, Document, EmailServerProfile, EmailSettings, Entry,
    LandingPageConfiguration, LeadScoringConfiguration, Mailbox, MatchingStrategy,
    OrganizationProperties, PersonalOptions, Profile, QueueSettings, SettingsRecord, SocialAccount,
};

/// Which record.
pub(super) type Key = (RecordKind, RecordId);

/// What it says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct State {
    /// Its serde form.
    pub(super) settings: Map<String, Value>,
    /// Beside pages of which there is one.
    pub(super) meta: Option<Dates>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dates {
    pub(super) active: bool,
    pub(super) created: DateTime<Utc>,
    pub(super) modified: Option<DateTime<Utc>>,
}

fn settings<T: SettingsRecord>(value: &T) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(settings)) => settings,
        _ => Map::new(),
    }
}

macro_rules! pages {
    ($($page:ident: $ty:ident = $table:ident $(and $other:ident)?,)+) => {
        /// The records of a document that have a table, in its order.
        pub(super) fn states(document: &Document) -> Vec<(Key, State)> {
            let mut states = Vec::new();
            let single = |value| State { settings: value, meta: None };
            if let Some(page) = &document.email_settings {
                states.push(((EmailSettings::KIND, SINGLE), single(settings(page))));
            }
            if let Some(page) = &document.organization_properties {
                states.push(((OrganizationProperties::KIND, SINGLE), single(settings(page))));
            }
            $(for Entry { id, active, created, modified, value } in &document.$page {
                let (active, created, modified) = (*active, *created, *modified);
                let meta = Some(Dates { active, created, modified });
                states.push((($ty::KIND, *id), State { settings: settings(value), meta }));
            })+
            states
        }

        /// How the pages of a table stand in it.
        pub(super) fn layouts(table: Table, profile: Profile) -> Vec<Layout> {
            match table {
                Table::Organization => vec![
                    Layout::of::<EmailSettings>(table, profile),
                    Layout::of::<OrganizationProperties>(table, profile),
                ],
                $(Table::$table $(| Table::$other)? => vec![Layout::of::<$ty>(table, profile)],)+
                Table::MatchingAttribute => Vec::new(),
            }
        }

        /// The pages of a table, in the order of [`layouts`].
        pub(super) const fn kinds(table: Table) -> &'static [RecordKind] {
            match table {
                Table::Organization => &[EmailSettings::KIND, OrganizationProperties::KIND],
                $(Table::$table $(| Table::$other)? => &[$ty::KIND],)+
                Table::MatchingAttribute => &[],
            }
        }
    };
}

pages! {
    lead_scoring: LeadScoringConfiguration = LeadScoring,
    authenticated_domains: AuthenticatedDomain = SetupDomain,
    landing_pages: LandingPageConfiguration = LandingPage,
    matching_strategies: MatchingStrategy = MatchingStrategy,
    analytics: AnalyticsConfiguration = Analytics,
    default_marketing_settings: DefaultMarketingSettings = MarketingDefaults,
    content_settings: ContentSettings = ContentSettings,
    social_accounts: SocialAccount = SocialAccount,
    data_protection: DataProtection = DataProtection,
    email_server_profiles: EmailServerProfile = EmailServerProfile,
    personal_options: PersonalOptions = UserSettings and SystemUser,
    queues: QueueSettings = Queue,
    mailboxes: Mailbox = Mailbox,
}

//! What did the administrator decide?
//!
//! Settings are data with their defaults and ranges; what they steer lives with the noun that they
//! steer. Each page of the administrator's screen is a record ([`SettingsRecord`]): made by its
//! builder or read from its serde form, and never invalid.
//!
//! # Every row of the product's documents
//!
//! Where each setting, default, limit and rule of the three documents is kept, which function
//! applies it, and which test shows it. A: marketing settings; B: System Settings, Email tab;
//! C: email message filtering and correlation. The defaults are those in effect under
//! [`Profile::Documents`] and [`Profile::Current`]; *in slanted letters* stands the capability that
//! delivers what no setting does alone.
//!
#![doc = include_str!("rows.md")]

mod advice;
mod analytics;
mod approval;
mod authenticated_domain;
mod content_settings;
mod correlation;
mod data_protection;
#[cfg(feature = "dataverse")]
pub mod dataverse;
mod delivery;
mod document;
mod email_server_profile;
mod email_settings;
mod error;
pub(crate) mod field;
mod filter_option;
pub mod in_force;
#[cfg(feature = "schemars")]
pub(crate) mod json_schema;
mod landing_page;
mod lead_scoring;
mod mailbox;
mod marketing_data;
mod marketing_defaults;
mod matching_rule;
mod matching_strategy;
mod pages;
mod permission;
mod personal_options;
mod profile;
mod properties;
mod queue;
pub(crate) mod record;
#[cfg(test)]
#[allow(unreachable_pub, dead_code, reason = "what the macro makes, and tests do not all use")]
pub(crate) mod sample;
mod schema;
mod snapshot;
mod social_account;
mod stored;
mod tracked_folders;
pub mod view;

pub use advice::{Advice, AdviceKind, AdviceSeverity, Facts, SharedPrefix, shared_prefixes};
pub use analytics::{
    AnalyticsConfiguration, AnalyticsConfigurationBuilder, Export, NotExporting, OtherContainer,
    SasPermission, SasPermissions, SasSignature, SasUrl, SasUrlError, SasUrlErrorKind, StorageUrl,
};
pub use approval::AddressApproval;
pub use authenticated_domain::{
    AuthenticatedDomain, AuthenticatedDomainBuilder, CheckOutcome, DnsRecord, DnsRecordType,
    DomainAdvice, DomainKey, DomainName, DomainPart, DomainRequest, DomainStatus, KeyColumns,
    RegistrationError,
};
pub use content_settings::{
    ContentSettings, ContentSettingsBuilder, ContentStatus, CustomTexts, NotUsable,
};
pub use correlation::{
    CorrelationSettings, FolderTracking, Several, SmartMatching, Strangers, TokenTracking,
    TrackedFolder,
};
pub use data_protection::{DataProtection, DataProtectionBuilder};
pub use delivery::{
    AppointmentsMethod, DefaultMethods, IncomingMethod, OutgoingMethod, ProcessEmailUsing,
};
pub use document::{Document, DocumentError, Entry};
pub use email_server_profile::{
    Deployment, EmailServerProfile, EmailServerProfileBuilder, EmailServerType,
};
pub use email_settings::{
    AttachmentRefused, AttachmentSize, BlockedExtensions, BodyShown, CorrelationPolicy,
    EmailSettings, EmailSettingsBuilder, FilterExpression, PrefixChange, PrefixHistory, Release,
    SendingRoute,
};
pub use error::{SettingError, SettingErrorKind, ValueError};
pub use field::{
    AttributeName, Choice, DefaultKind, Field, FieldType, IntoField, Link, LinkTarget, Name,
    TableName, Text, Url, Whole, targets,
};
pub use filter_option::{FilterOption, FilterOptionsOffered};
#[cfg(feature = "schemars")]
pub use json_schema::{document_schema, json_schema};
pub use landing_page::{
    LandingPageConfiguration, LandingPageConfigurationBuilder, PortalBehavior,
    PortalInstallationStatus, UpdateMode,
};
pub use lead_scoring::{LeadScoringConfiguration, LeadScoringConfigurationBuilder};
pub use mailbox::{Mailbox, MailboxAddress, MailboxBuilder, MailboxOwner, MailboxStatus};
pub use marketing_data::{
    AcknowledgementState, CatalogueTable, DataUse, ListedTable, MarketingDataConfiguration,
    MarketingDataConfigurationBuilder, MissingTables, Publication, Published, PublishedTables,
    RequestedTables, TableCatalogue, TableError, TableErrorKind, TableState,
};
pub use marketing_defaults::{
    DefaultMarketingSettings, DefaultMarketingSettingsBuilder, ThankYouSource, ThankYouTarget,
};
pub use matching_rule::{Degree, MatchingRule, MatchingRuleBuilder, RuleCondition, RuleConditions};
pub use matching_strategy::{
    BlankValues, Comparison, Comparisons, DefaultStrategies, MatchingAttributes,
    MatchingFieldsStatus, MatchingStrategy, MatchingStrategyBuilder, MatchingTarget, SlotError,
    SlotFault,
};
pub use pages::{PageView, RecordView};
pub use permission::{Actor, Permission, Permissions};
pub use personal_options::{CreateRecords, PersonalOptions, PersonalOptionsBuilder};
pub use profile::{Profile, Severity};
pub use properties::{
    OrganizationProperties, OrganizationPropertiesBuilder, UnknownProperties, UnknownProperty,
};
pub use queue::{QueueSettings, QueueSettingsBuilder, QueueView};
pub use record::{DefaultRule, SettingsRecord};
pub use schema::SCHEMA;
pub use snapshot::SettingsSnapshot;
pub use social_account::{
    ConnectStatus, FacebookPages, NotPosting, PageChoice, SignIn, SignInRefused, SocialAccount,
    SocialAccountBuilder, SocialChannel, SocialTokenType,
};
pub use stored::{BodyError, Stored};
pub use tracked_folders::TrackedFolders;

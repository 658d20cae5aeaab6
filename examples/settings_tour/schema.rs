//! What a page looks like to a program that draws a form of it.

use std::error::Error;

/// The schema of the whole file, or of a page of it.
#[cfg(feature = "schemars")]
pub(crate) fn of(page: Option<&str>) -> Result<String, Box<dyn Error>> {
    use correspond::settings::*;

    Ok(match page {
        None => document_schema(),
        Some("lead_scoring") => json_schema::<LeadScoringConfiguration>(),
        Some("authenticated_domains") => json_schema::<AuthenticatedDomain>(),
        Some("landing_pages") => json_schema::<LandingPageConfiguration>(),
        Some("marketing_data") => json_schema::<MarketingDataConfiguration>(),
        Some("matching_strategies") => json_schema::<MatchingStrategy>(),
        Some("matching_rules") => json_schema::<MatchingRule>(),
        Some("analytics") => json_schema::<AnalyticsConfiguration>(),
        Some("default_marketing_settings") => json_schema::<DefaultMarketingSettings>(),
        Some("content_settings") => json_schema::<ContentSettings>(),
        Some("social_accounts") => json_schema::<SocialAccount>(),
        Some("data_protection") => json_schema::<DataProtection>(),
        Some("email_server_profiles") => json_schema::<EmailServerProfile>(),
        Some("personal_options") => json_schema::<PersonalOptions>(),
        Some("queues") => json_schema::<QueueSettings>(),
        Some("mailboxes") => json_schema::<Mailbox>(),
        Some("email_settings") => json_schema::<EmailSettings>(),
        Some("organization_properties") => json_schema::<OrganizationProperties>(),
        Some(other) => return Err(format!("--schema: expected a page, found {other:?}").into()),
    })
}

#[cfg(not(feature = "schemars"))]
pub(crate) fn of(_: Option<&str>) -> Result<String, Box<dyn Error>> {
    Err("--schema: expected a build with the feature `schemars` (cargo run --features schemars \
         ...), found one without it"
        .into())
}

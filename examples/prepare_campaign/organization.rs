//! The settings of the organization.

use std::fs;
use std::path::Path;

use chrono::DateTime;
use correspond::id::RecordId;
use correspond::record::Version;
use correspond::settings::{
    Document, Entry, LandingPageConfiguration, MarketingDataConfiguration, SettingsRecord,
    SettingsSnapshot, Stored, in_force,
};

const BUNDLED: (&str, &str) = ("organization.json", include_str!("../data/organization.json"));

/// Reads the settings of a file, JSON or TOML, or of the bundled organization.
pub(crate) fn read(path: Option<&Path>) -> Result<SettingsSnapshot, String> {
    let (name, bundled) = BUNDLED;
    let file = path.map_or_else(|| name.to_owned(), |path| path.display().to_string());
    let text = path.map_or_else(|| Ok(bundled.to_owned()), fs::read_to_string);
    let text = text.map_err(|error| format!("{file}: {error}"))?;
    let text = text.trim_start_matches('\u{feff}');
    // JSON begins with a brace, and nothing in TOML does.
    let json = text.trim_start().starts_with('{');
    let document = if json { Document::from_json(text) } else { Document::from_toml(text) };
    let document = document.map_err(|error| format!("{file}: {error}"))?;
    snapshot(document).map_err(|error| format!("{file}: {error}"))
}

/// What is in force of a document. Pages of which there is one, and which it does not have, are as the
/// product has them.
fn snapshot(document: Document) -> Result<SettingsSnapshot, Box<dyn std::error::Error>> {
    fn stored<T: SettingsRecord>(entries: &[Entry<T>]) -> Vec<Stored<T>> {
        entries.iter().map(Stored::from).collect()
    }
    fn one<T: SettingsRecord>(value: T) -> Stored<T> {
        Stored::new(RecordId::new(1), Version::new(1), DateTime::UNIX_EPOCH, value)
    }
    let pages = stored(&document.landing_pages);
    let page = match in_force::default(&pages) {
        Some(page) => page.clone(),
        // Nothing here asks it.
        None => {
            let strategy = RecordId::new(1);
            let page = LandingPageConfiguration::builder().name("None");
            let page = page.contact_matching_strategy(strategy).lead_matching_strategy(strategy);
            one(page.build()?)
        }
    };
    let data = match document.marketing_data {
        Some(data) => data,
        None => MarketingDataConfiguration::builder().build()?,
    };
    let mut settings = SettingsSnapshot::new(
        page,
        one(data),
        one(document.email_settings.unwrap_or_default()),
        one(document.organization_properties.unwrap_or_default()),
    );
    let defaults = stored(&document.default_marketing_settings);
    settings.marketing_defaults = in_force::default(&defaults).cloned();
    settings.content_settings = stored(&document.content_settings);
    settings.authenticated_domains = stored(&document.authenticated_domains);
    settings.data_protection = in_force::default(&stored(&document.data_protection)).cloned();
    Ok(settings)
}

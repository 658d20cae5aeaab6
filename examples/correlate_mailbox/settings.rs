//! Settings from a file.

use std::fs;
use std::path::Path;

use correspond::settings::{CorrelationSettings, Document};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// Whether a text is a document of settings, which begins with its version.
#[derive(Deserialize)]
struct Head {
    schema: Option<IgnoredAny>,
}

/// The settings in this file: an organization's document, as JSON or TOML, or correlation settings
/// alone, as JSON.
pub(crate) fn read(path: &Path) -> Result<CorrelationSettings, String> {
    let shown = path.display();
    let text = fs::read_to_string(path)
        .map_err(|error| format!("{shown}: expected settings that can be read, found {error}"))?;
    let wrong = |error: &dyn std::fmt::Display| format!("{shown}: {error}");
    if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml")) {
        return Document::from_toml(&text).map(correlation).map_err(|error| wrong(&error));
    }
    match serde_json::from_str::<Head>(&text) {
        Ok(Head { schema: Some(_) }) => {
            Document::from_json(&text).map(correlation).map_err(|error| wrong(&error))
        }
        _ => serde_json::from_str(&text).map_err(|error| wrong(&error)),
    }
}

/// What the document means for mail. One mailbox is read here, so the folders of every user count.
fn correlation(document: Document) -> CorrelationSettings {
    let folders: Vec<_> = document
        .personal_options
        .iter()
        .filter(|entry| entry.active)
        .flat_map(|entry| entry.value.folders().as_slice().to_vec())
        .collect();
    let email = document.email_settings.unwrap_or_default();
    email.correlation(&document.organization_properties.unwrap_or_default(), &folders)
}

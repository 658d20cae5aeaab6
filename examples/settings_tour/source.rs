//! Where the settings come from: the file that is named, standard input, or the bundled export.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use correspond::settings::dataverse::{
    ExportOptions, Extra, ImportOptions, Report, ReportKind, export, import,
};
use correspond::settings::{Document, PageView, Profile, SCHEMA};
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The Dataverse export of an organization that was made for this purpose, with a few mistakes of the
/// sort that are made.
const BUNDLED: &str = include_str!("../data/organization_export.json");

pub(crate) struct Source {
    /// What the settings are called.
    pub(crate) name: String,
    pub(crate) document: Document,
    form: Form,
}

enum Form {
    /// Our own, as JSON or TOML.
    Document(&'static str),
    /// Rows of the Dataverse Web API, with what is beside the settings.
    Dataverse(Extra, Report),
}

/// Whether a text is a document of settings, which says its version.
#[derive(Deserialize)]
struct Head {
    schema: Option<IgnoredAny>,
}

impl Source {
    pub(crate) fn read(path: Option<&Path>, profile: Profile) -> Result<Self, String> {
        let (name, text) = match path {
            None => ("Fjordline Ferries (invented, bundled)".to_owned(), BUNDLED.to_owned()),
            Some(path) if path == Path::new("-") => {
                let mut text = String::new();
                let read = io::stdin().read_to_string(&mut text);
                ("standard input".to_owned(), read.map(|_| text).map_err(|e| unreadable(path, &e))?)
            }
            Some(path) => {
                let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
                (path.display().to_string(), text)
            }
        };
        let text = text.trim_start_matches('\u{feff}');
        let said = |error: &dyn std::fmt::Display| format!("{name}: {error}");
        // JSON begins with a brace, and nothing in TOML does.
        if !text.trim_start().starts_with('{') {
            let document = toml(text).map_err(|error| said(&error))?;
            return Ok(Self { name, document, form: Form::Document("TOML") });
        }
        if matches!(serde_json::from_str(text), Ok(Head { schema: Some(_) })) {
            let document = Document::from_json(text).map_err(|error| said(&error))?;
            return Ok(Self { name, document, form: Form::Document("JSON") });
        }
        let import = import(text, &ImportOptions::default().profile(profile));
        let import = import.map_err(|error| said(&error))?;
        let form = Form::Dataverse(import.extra, import.report);
        Ok(Self { name, document: import.document, form })
    }

    /// The settings as rows of the Dataverse Web API, with what came in beside them.
    pub(crate) fn to_dataverse(&self) -> Result<String, String> {
        let bare;
        let extra = match &self.form {
            Form::Dataverse(extra, _) => extra,
            Form::Document(_) => {
                bare = Extra::new("{}", &ImportOptions::default());
                bare.as_ref().map_err(|error| error.to_string())?
            }
        };
        Ok(export(&self.document, extra, ExportOptions::default()))
    }

    /// What the import has to say, most pressing first; all of it, or without what went as it should.
    pub(crate) fn report(&self, all: bool) -> Vec<String> {
        let Form::Dataverse(_, report) = &self.form else { return Vec::new() };
        let kinds = [
            ReportKind::RedoByHand,
            ReportKind::Refused,
            ReportKind::Corrected,
            ReportKind::KeptInert,
            ReportKind::Converted,
            ReportKind::Taken,
        ];
        let kinds = kinds.iter().take(if all { kinds.len() } else { 4 });
        kinds.flat_map(|kind| report.of(*kind)).map(ToString::to_string).collect()
    }

    /// What was read.
    pub(crate) fn summary(&self, pages: &[PageView<'_>]) -> String {
        let records: usize = pages.iter().map(|page| page.records.len()).sum();
        let used = pages.iter().filter(|page| !page.records.is_empty()).count();
        let inactive = pages.iter().flat_map(|page| &page.records);
        let inactive = inactive.filter(|record| !record.active).count();
        let form = match &self.form {
            Form::Document(form) => format!(
                "Read as {form}, schema {SCHEMA}: every name was known, and every value was taken."
            ),
            Form::Dataverse(_, report) => {
                let count = |kind| report.of(kind).count();
                format!(
                    "Read as an export of the Dataverse Web API: {} values refused, {} corrected, {} \
                     kept without effect, {} to be done by hand.",
                    count(ReportKind::Refused),
                    count(ReportKind::Corrected),
                    count(ReportKind::KeptInert),
                    count(ReportKind::RedoByHand)
                )
            }
        };
        format!(
            "{}\n{records} records on {used} of {} pages, {inactive} inactive. {form}",
            self.name,
            pages.len()
        )
    }
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    format!("{}: expected settings that can be read, found {error}", path.display())
}

#[cfg(feature = "toml")]
fn toml(text: &str) -> Result<Document, String> {
    Document::from_toml(text).map_err(|error| error.to_string())
}

#[cfg(not(feature = "toml"))]
fn toml(_: &str) -> Result<Document, String> {
    Err("expected JSON, or a build with the feature `toml`, found neither".to_owned())
}

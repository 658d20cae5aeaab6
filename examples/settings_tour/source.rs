//! Where the settings come from: the file that is named, standard input, or the bundled ones.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use correspond::settings::{Document, PageView, SCHEMA};

/// An organization that was made for this purpose, with a few mistakes of the sort that are made.
const BUNDLED: &str = include_str!("../data/organization.json");

pub(crate) struct Source {
    /// What the settings are called.
    pub(crate) name: String,
    pub(crate) document: Document,
    form: &'static str,
}

impl Source {
    pub(crate) fn read(path: Option<&Path>) -> Result<Self, String> {
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
        // A JSON document begins with a brace, and nothing in TOML does.
        let json = text.trim_start_matches('\u{feff}').trim_start().starts_with('{');
        let (form, document) =
            if json { ("JSON", from_json(&text)) } else { ("TOML", toml(&text)) };
        let document = document.map_err(|error| format!("{name}: {error}"))?;
        Ok(Self { name, document, form })
    }

    /// What was read.
    pub(crate) fn summary(&self, pages: &[PageView<'_>]) -> String {
        let records: usize = pages.iter().map(|page| page.records.len()).sum();
        let used = pages.iter().filter(|page| !page.records.is_empty()).count();
        let inactive = pages.iter().flat_map(|page| &page.records);
        let inactive = inactive.filter(|record| !record.active).count();
        format!(
            "{}\n{records} records on {used} of {} pages, {inactive} inactive. Read as {}, schema \
             {SCHEMA}: every name was known, and every value was taken.",
            self.name,
            pages.len(),
            self.form
        )
    }
}

fn unreadable(path: &Path, error: &io::Error) -> String {
    format!("{}: expected settings that can be read, found {error}", path.display())
}

fn from_json(text: &str) -> Result<Document, String> {
    Document::from_json(text.trim_start_matches('\u{feff}')).map_err(|error| error.to_string())
}

#[cfg(feature = "toml")]
fn toml(text: &str) -> Result<Document, String> {
    Document::from_toml(text).map_err(|error| error.to_string())
}

#[cfg(not(feature = "toml"))]
fn toml(_: &str) -> Result<Document, String> {
    Err("expected JSON, or a build with the feature `toml`, found neither".to_owned())
}

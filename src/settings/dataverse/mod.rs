//! How do an organization's settings come in from Dataverse, and how do they go back?
//!
//! The text of an export is one JSON object: under the name of each table (its logical name or that
//! of its entity set, in any case of letters) the answer of the Web API (`{"value": [...]}`), a list of
//! rows, or one row.
//!
//! ```json
//! {
//!   "organizations": { "value": [{ "organizationid": "...", "trackingprefix": "ACME-;CRM:" }] },
//!   "queues": { "value": [{ "queueid": "...", "name": "Support" }] }
//! }
//! ```
//!
//! [`import()`] makes a [`Document`] of it, and a [`Report`] of what was taken, put right, refused, and
//! what is to be done by hand. Nothing stops at a wrong value: the effective default stands in its
//! place, and the value is kept in [`Extra`], with every column and every table that is not known.
//! [`export()`] writes the document back around what was kept: a cell whose setting was not changed
//! since stands there as it was, character by character.
//!
//! | column | setting |
//! |---|---|
//! | choices | by code or label |
//! | yes and no | `true`, `1`, `"Yes"` and their opposites |
//! | `_name_value` | lookups; an annotation that names another table refuses them |
//! | `statecode`, `systemuser.isdisabled` | [`Entry::active`](crate::settings::Entry) |
//! | `createdon`, `modifiedon` | `created`, `modified`; 1970 where the first is missing |
//! | `organization.ignoreinternalemail` | the opposite of `two_activities` |
//! | `organization.maximumtrackingnumber` | 0: tokens are off, and the choice of digits is lost |
//! | `organization.defaultemailsettings`, `orgdborgsettings` | XML, element by element |
//! | `usersettings`, `systemuser` | one record a user |
//! | `msdyncrm_matchingstrategyattribute` | the attributes of strategies, in the order of the rows |
//! | `msdyncrm_exporttoblobstoragesastoken` | never kept |
//!
//! What Dataverse has no column for stands in annotations of our own (`@correspond.release`), and what
//! it has no documented table for beside the tables (`@correspond.matching_rules`), so that an export
//! holds the whole document.

mod children;
mod convert;
mod draft;
mod export;
mod extra;
mod fill;
mod import;
mod layout;
mod options;
mod own;
mod read;
mod report;
mod row;
mod rules;
mod secret;
mod state;
mod tables;
mod xml;

pub use export::export;
pub use extra::{Extra, RawColumn};
pub use options::{ExportOptions, ImportOptions};
pub use report::{Report, ReportEntry, ReportKind};

use super::document::Document;

/// The most octets of an export.
pub const MAX_LEN: usize = 256 << 20;

/// An export, taken in.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[must_use]
pub struct Import {
    /// The settings, each valid.
    pub document: Document,
    /// What is in the export beside them: for the way [back](export()).
    pub extra: Extra,
    /// What became of it.
    pub report: Report,
}

/// Takes an export in.
///
/// * A value that is none of its setting is refused, with table, column and value; the effective
///   default of the [profile](ImportOptions::profile) stands in its place. Where two settings rule
///   each other out, the one that the record tells of goes. A row of which no record can be made is
///   refused whole. What was refused stays in [`Import::extra`].
/// * Of several active default records the one modified last stays the default; where exactly one is
///   needed and there is none (landing pages), the active one that was made last becomes it.
/// * Of a name written twice in one row the last counts; of a record written twice the first.
/// * Bounds: [`MAX_LEN`] octets, 100,000 rows of a table, [`Report::MAX_ENTRIES`] lines of the report,
///   1 MiB and 1,024 elements of XML. Rows above are kept and not read.
/// * Shared access signatures are cut out before anything is read: they are in nothing that comes out
///   of it.
///
/// ```
/// use correspond::settings::dataverse::{self, ExportOptions, ImportOptions, ReportKind};
///
/// let text = r#"{
///     "queues": { "value": [{
///         "queueid": "5f2a0b3c-0000-0000-0000-000000000001",
///         "createdon": "2026-11-22T09:00:00Z",
///         "name": "Support",
///         "incomingemailfilteringmethod": 9,
///         "queueviewtype": "Private",
///         "cr1_hotline": "+1 555 0100"
///     }] }
/// }"#;
/// let import = dataverse::import(text, &ImportOptions::default())?;
/// assert_eq!(import.document.queues[0].value.name().as_str(), "Support");
///
/// let refused = import.report.of(ReportKind::Refused).next().unwrap();
/// assert_eq!(refused.column.as_deref(), Some("incomingemailfilteringmethod"));
/// assert_eq!(refused.value.as_deref(), Some("9"));
///
/// let back = dataverse::export(&import.document, &import.extra, ExportOptions::default());
/// let [before, after] = [text, &back].map(|text| serde_json::from_str::<serde_json::Value>(text));
/// assert_eq!(before?, after?, "the refused value and the unknown column too");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The text is no JSON object, or longer than [`MAX_LEN`].
pub fn import(text: &str, options: &ImportOptions) -> Result<Import, ImportError> {
    let (extra, outcome) = Extra::reported(text, options.clone(), Report::default())?;
    let import::Outcome { document, report, .. } = outcome;
    Ok(Import { document, extra, report })
}

/// A text was none of an export.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("export: expected {expected}, found {found}")]
pub struct ImportError {
    kind: ImportErrorKind,
    expected: String,
    found: String,
}

impl ImportError {
    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> ImportErrorKind {
        self.kind
    }

    fn json(error: &serde_json::Error) -> Self {
        let kind = ImportErrorKind::Json;
        let found = draft::bounded(&error.to_string());
        Self { kind, expected: "a JSON object of tables".to_owned(), found }
    }

    fn length(found: usize) -> Self {
        let expected = format!("at most {MAX_LEN} octets");
        Self { kind: ImportErrorKind::Length, expected, found: found.to_string() }
    }
}

/// What is wrong with the text of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImportErrorKind {
    /// No JSON, or no object.
    Json,
    /// Longer than [`MAX_LEN`].
    Length,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_no_export_says_why() {
        let refused = |text: &str| import(text, &ImportOptions::default()).unwrap_err();
        assert_eq!(
            refused("{").to_string(),
            "export: expected a JSON object of tables, found EOF while parsing an object at line 1 \
             column 1"
        );
        assert_eq!(refused("[]").kind(), ImportErrorKind::Json);
        let error = ImportError::length(7);
        assert_eq!(error.kind(), ImportErrorKind::Length);
        assert_eq!(error.to_string(), "export: expected at most 268435456 octets, found 7");
    }
}

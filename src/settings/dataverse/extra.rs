//! What is in an export beside the settings.

use super::convert;
use super::import::{self, Outcome};
use super::layout::OWN;
use super::options::ImportOptions;
use super::read::{Item, Rows, tables};
use super::report::{Report, ReportKind};
use super::state;
use super::tables::Table;
use super::{ImportError, MAX_LEN, secret};
use crate::id::RecordId;

/// An export as it came in, without its secrets: what the way [back](super::export) is paved with.
///
/// It can be kept as text ([`as_json`](Self::as_json)) and be made again ([`new`](Self::new)), with
/// the same options.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Extra {
    json: Box<str>,
    pub(super) options: ImportOptions,
}

impl Default for Extra {
    /// Nothing: of a document that was not imported.
    fn default() -> Self {
        Self { json: "{}".into(), options: ImportOptions::default() }
    }
}

/// A column that the crate does not know, of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RawColumn {
    /// The table as the export has it.
    pub table: String,
    /// The record; `None` where the row has no id, or the table is not known.
    pub record: Option<RecordId>,
    /// The name as the export has it.
    pub column: String,
    /// What stands there, as JSON.
    pub json: String,
}

impl Extra {
    /// An export that was kept as text.
    ///
    /// # Errors
    ///
    /// It is no JSON object, or too long.
    pub fn new(json: &str, options: &ImportOptions) -> Result<Self, ImportError> {
        Self::reported(json, options.clone(), &mut Report::default())
    }

    pub(super) fn reported(
        text: &str,
        options: ImportOptions,
        report: &mut Report,
    ) -> Result<Self, ImportError> {
        if text.len() > MAX_LEN {
            return Err(ImportError::length(text.len()));
        }
        let of = |name: &str| options.table(name);
        let json = secret::without(text, of, report).map_err(|error| ImportError::json(&error))?;
        tables(&json).map_err(|error| ImportError::json(&error))?;
        Ok(Self { json: json.into(), options })
    }

    /// The export as text, without its secrets.
    #[must_use]
    pub fn as_json(&self) -> &str {
        &self.json
    }

    /// Every column of every row that the crate does not know, annotations aside; those of tables
    /// that it does not know among them.
    #[must_use]
    pub fn unknown(&self) -> Vec<RawColumn> {
        let mut found = Vec::new();
        for Rows { name, items, .. } in &self.tables(&mut Report::default()) {
            let table = self.options.table(name);
            let layouts = table.map(|table| state::layouts(table, self.options.profile));
            let layouts = layouts.unwrap_or_default();
            for item in items {
                let Item::Row(row) = item else { continue };
                let id = table.and_then(|table| row.cell(table.key())?.text());
                let record = id.and_then(|id| convert::id(&id));
                for cell in &row.cells {
                    let Some(column) = cell.column() else { continue };
                    let known = layouts.iter().any(|layout| layout.part(&column).is_some());
                    let child = table == Some(Table::MatchingAttribute)
                        && matches!(
                            &*column,
                            super::children::NAME
                                | super::children::STRATEGY
                                | "msdyncrm_matchingstrategyattributeid"
                        );
                    if !known && !child && !cell.key.starts_with(OWN) {
                        found.push(RawColumn {
                            table: name.to_string(),
                            record,
                            column: cell.key.to_string(),
                            json: cell.json.to_owned(),
                        });
                    }
                }
            }
        }
        found
    }

    /// The tables, each name once in a row.
    pub(super) fn tables(&self, report: &mut Report) -> Vec<Rows<'_>> {
        // It was read before.
        let mut tables = tables(&self.json).unwrap_or_default();
        import::once(&mut tables, &self.options, report);
        tables
    }

    /// What the settings of the export are.
    pub(super) fn read(&self, mut report: Report) -> Outcome {
        let tables = self.tables(&mut report);
        for (at, rows) in tables.iter().enumerate() {
            if tables.iter().take(at).any(|before| before.name == rows.name) {
                let reason = "expected it once, found it again: the rows of both are taken";
                report.table(ReportKind::Corrected, &rows.name, reason);
            }
        }
        let data = import::marketing_data(&tables, &mut report);
        let mut outcome = import::read(&tables, &self.options, report);
        outcome.document.marketing_data = data;
        outcome
    }
}

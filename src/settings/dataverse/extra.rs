//! What is in an export beside the settings.

use std::borrow::Cow;
use std::collections::HashMap;

use super::convert;
use super::import::{self, Outcome};
use super::layout::OWN;
use super::options::ImportOptions;
use super::own;
use super::read::{Item, Rows, Shape, tables};
use super::report::{Place, Report, ReportKind};
use super::state;
use super::tables::Table;
use super::{ImportError, MAX_LEN, secret};
use crate::id::RecordId;

/// An export as it came in, without its secrets: what the way [back](super::export()) is paved with.
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
        Self::reported(json, options.clone(), Report::default()).map(|(extra, _)| extra)
    }

    /// The export and what it says.
    pub(super) fn reported(
        text: &str,
        options: ImportOptions,
        mut report: Report,
    ) -> Result<(Self, Outcome), ImportError> {
        if text.len() > MAX_LEN {
            return Err(ImportError::length(text.len()));
        }
        let of = |name: &str| options.table(name);
        let said = |error: serde_json::Error| ImportError::json(&error);
        let json = secret::without(text, of, &mut report).map_err(said)?;
        let tables = ready(tables(&json).map_err(said)?, &options, &mut report);
        let outcome = outcome(&tables, &options, report);
        drop(tables);
        Ok((Self { json: json.into(), options }, outcome))
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
        for Rows { name, items, .. } in &self.tables() {
            if own::PAGES.contains(&&**name) {
                continue;
            }
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

    /// The tables of the export, each name once.
    pub(super) fn tables(&self) -> Vec<Rows<'_>> {
        // It was read before.
        let tables = tables(&self.json).unwrap_or_default();
        ready(tables, &self.options, &mut Report::default())
    }

    /// What the settings of the export are.
    pub(super) fn read(&self) -> Outcome {
        outcome(&self.tables(), &self.options, Report::default())
    }
}

fn outcome(tables: &[Rows<'_>], options: &ImportOptions, report: Report) -> Outcome {
    let mut outcome = import::read(tables, options, report);
    own::read(tables, &mut outcome.document, &mut outcome.report);
    outcome
}

/// Every table once, and every name of a row once.
fn ready<'a>(tables: Vec<Rows<'a>>, options: &ImportOptions, report: &mut Report) -> Vec<Rows<'a>> {
    let mut merged: Vec<Rows<'a>> = Vec::new();
    let mut places: HashMap<Cow<'a, str>, usize> = HashMap::new();
    for rows in tables {
        let known = places.get(&rows.name).and_then(|at| merged.get_mut(*at));
        let Some(known) = known else {
            places.insert(rows.name.clone(), merged.len());
            merged.push(rows);
            continue;
        };
        // A list of tables, and what is no rows, cannot be joined.
        let single = rows.name == own::MARKETING_DATA;
        let rowless = |rows: &Rows<'_>| matches!(rows.shape, Shape::None(_));
        if single || rowless(known) || rowless(&rows) {
            let reason = "expected it once, found it again: the last with rows counts";
            let stays = rowless(&rows) && !rowless(known) && !single;
            let lost = if stays { &rows } else { &*known };
            let json = match lost.shape {
                Shape::None(json) => Some(json),
                _ => None,
            };
            let place = Place { table: &rows.name, record: None };
            report.push(place.entry(ReportKind::Refused, None, json, reason));
            if !stays {
                *known = rows;
            }
            continue;
        }
        let reason = "expected it once, found it again: the rows of both are taken";
        report.table(ReportKind::Corrected, &rows.name, reason);
        match (&mut known.shape, rows.shape) {
            (Shape::Answer(around), Shape::Answer(more)) => around.extend(more),
            (Shape::Answer(_) | Shape::None(_), _) => {}
            (shape, other) => {
                *shape = if matches!(other, Shape::One) { Shape::List } else { other }
            }
        }
        known.items.extend(rows.items);
    }
    import::once(&mut merged, options, report);
    merged
}

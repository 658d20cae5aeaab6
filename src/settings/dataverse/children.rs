//! The attributes of matching strategies, which are rows of their own.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::convert;
use super::import::Reading;
use super::read::Row;
use super::report::{Place, ReportKind};
use super::tables::Table;
use crate::id::RecordId;
use crate::settings::field::FieldType;
use crate::settings::{AttributeName, MatchingAttributes};

/// The column that names the attribute.
pub(super) const NAME: &str = "msdyncrm_name";

/// The column that refers to the strategy.
pub(super) const STRATEGY: &str = "msdyncrm_matchingstrategyid";

/// The strategy and the attribute that a row is about.
pub(super) fn attribute(row: &Row<'_>) -> Option<(RecordId, String)> {
    let lookup = FieldType::Lookup { table: "" };
    let strategy = convert::value(lookup, row.cell(STRATEGY)?.json).ok()??;
    let name = row.cell(NAME)?.text()?;
    let inactive = row.cell("statecode").is_some_and(|cell| cell.json == "1");
    let name = (!inactive).then(|| AttributeName::new(name).ok()).flatten()?;
    Some((convert::id(strategy.as_str()?)?, name.as_str().to_owned()))
}

/// The serde form of the attributes of each strategy, in the order of their rows. What is none is
/// reported.
pub(super) fn attributes(reading: &mut Reading<'_, '_>) -> HashMap<RecordId, Value> {
    let table = Table::MatchingAttribute;
    let strategies: HashSet<_> =
        reading.rows(Table::MatchingStrategy).iter().filter_map(|(id, _)| *id).collect();
    let mut found: HashMap<RecordId, Vec<Value>> = HashMap::new();
    let rows = reading.rows(table);
    let mut taken = 0;
    for (id, row) in &rows {
        let place = Place { table: table.logical_name(), record: *id };
        let (kind, reason) = match attribute(row) {
            None if row.cell("statecode").is_some_and(|cell| cell.json == "1") => {
                (ReportKind::KeptInert, "inactive")
            }
            None => (ReportKind::Refused, "expected a strategy and the logical name of a column"),
            Some((strategy, _)) if !strategies.contains(&strategy) => {
                (ReportKind::KeptInert, "no strategy of this export has it")
            }
            Some((strategy, name)) => {
                let names = found.entry(strategy).or_default();
                if names.len() >= MatchingAttributes::MAX {
                    (ReportKind::Refused, "expected at most 32 attributes, found another")
                } else if names.iter().any(|known| *known == name.as_str()) {
                    (ReportKind::Refused, "expected each attribute once, found it again")
                } else {
                    names.push(name.into());
                    taken += 1;
                    continue;
                }
            }
        };
        let json = row.cell(NAME).map(|cell| cell.json);
        reading.outcome.report.push(place.entry(kind, Some(NAME), json, reason));
    }
    if !rows.is_empty() {
        let reason = format!("{taken} of {} rows", rows.len());
        reading.outcome.report.table(ReportKind::Taken, table.logical_name(), reason);
    }
    found.into_iter().map(|(id, names)| (id, Value::Array(names))).collect()
}

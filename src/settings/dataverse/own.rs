//! Pages that Dataverse has no documented table for: they stand beside the tables, in our own form.

use std::collections::HashSet;

use super::draft::bounded;
use super::import::MAX_ROWS;
use super::read::{Item, Row, Rows, Shape};
use super::report::{Place, Report, ReportKind};
use super::row::{self, Object};
use crate::settings::{Document, Entry, MarketingDataConfiguration, MatchingRule};

/// The name of the list of synchronized tables.
pub(super) const MARKETING_DATA: &str = "@correspond.marketing_data";

/// The name of the matching rules.
const MATCHING_RULES: &str = "@correspond.matching_rules";

/// The names of all.
pub(super) const PAGES: [&str; 2] = [MARKETING_DATA, MATCHING_RULES];

/// Reads them into the document.
pub(super) fn read(tables: &[Rows<'_>], document: &mut Document, report: &mut Report) {
    let named = |name| tables.iter().rev().find(|rows| rows.name == name);
    if let Some(found) = named(MARKETING_DATA) {
        document.marketing_data = marketing_data(found, report);
    }
    if let Some(found) = named(MATCHING_RULES) {
        document.matching_rules = matching_rules(found, report);
    }
}

/// Has the page of this name changed, so that it is to be [written](write()) anew?
pub(super) fn changed(name: &str, before: &Document, now: &Document) -> bool {
    match name {
        MARKETING_DATA => before.marketing_data != now.marketing_data,
        MATCHING_RULES => before.matching_rules != now.matching_rules,
        _ => false,
    }
}

/// Writes those that have changed.
pub(super) fn write(before: &Document, now: &Document, out: &mut Object) {
    // Neither of them can fail: texts, numbers and lists.
    if let Some(data) = &now.marketing_data
        && changed(MARKETING_DATA, before, now)
    {
        out.put(MARKETING_DATA, &serde_json::to_string(data).unwrap_or_else(|_| "null".to_owned()));
    }
    if changed(MATCHING_RULES, before, now) && !now.matching_rules.is_empty() {
        let rules = serde_json::to_string(&now.matching_rules);
        out.put(MATCHING_RULES, &rules.unwrap_or_else(|_| "[]".to_owned()));
    }
}

fn marketing_data(found: &Rows<'_>, report: &mut Report) -> Option<MarketingDataConfiguration> {
    let json = match (&found.shape, found.items.first()) {
        (Shape::None(json), _) => (*json).to_owned(),
        (Shape::One, Some(Item::Row(row))) => row::same(row),
        _ => "[]".to_owned(),
    };
    match serde_json::from_str(&json) {
        Ok(made) => Some(made),
        Err(error) => {
            refuse(MARKETING_DATA, Some(&json), &error.to_string(), report);
            None
        }
    }
}

/// Of rules with one id the first counts.
fn matching_rules(found: &Rows<'_>, report: &mut Report) -> Vec<Entry<MatchingRule>> {
    if let Shape::None(json) = found.shape {
        refuse(MATCHING_RULES, Some(json), "expected a list of rules", report);
    }
    if found.items.len() > MAX_ROWS {
        let reason = format!("expected at most {MAX_ROWS} rules, found {}", found.items.len());
        refuse(MATCHING_RULES, None, &reason, report);
    }
    let (mut rules, mut ids) = (Vec::new(), HashSet::new());
    for item in found.items.iter().take(MAX_ROWS) {
        let json = match item {
            Item::Row(row) => rule_of(row),
            Item::Other(json) => Err(((*json).to_owned(), "expected a rule".to_owned())),
        };
        match json {
            Ok(rule) if ids.insert(rule.id) => rules.push(rule),
            Ok(rule) => {
                let reason = format!("expected one rule with the id {}, found another", rule.id);
                refuse(MATCHING_RULES, None, &reason, report);
            }
            Err((json, reason)) => refuse(MATCHING_RULES, Some(&json), &reason, report),
        }
    }
    if !rules.is_empty() {
        let reason = format!("{} of {} rows", rules.len(), found.items.len());
        report.table(ReportKind::Taken, MATCHING_RULES, reason);
    }
    rules
}

fn rule_of(row: &Row<'_>) -> Result<Entry<MatchingRule>, (String, String)> {
    let json = row::same(row);
    serde_json::from_str(&json).map_err(|error| (json, error.to_string()))
}

fn refuse(name: &str, json: Option<&str>, reason: &str, report: &mut Report) {
    let place = Place { table: name, record: None };
    report.push(place.entry(ReportKind::Refused, None, json, bounded(reason)));
}

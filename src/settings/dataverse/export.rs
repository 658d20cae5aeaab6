//! A document in, rows out.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::children;
use super::extra::Extra;
use super::import::{Outcome, SINGLE};
use super::layout::Layout;
use super::options::ExportOptions;
use super::own;
use super::read::{Item, Row, Shape};
use super::row::{self, Change, Object};
use super::state::{Key, State, kinds, layouts, states};
use super::tables::Table;
use crate::id::RecordId;
use crate::settings::{Document, MatchingStrategy, SettingsRecord};

/// Writes a document as an export, around what was kept of the one that it was imported from
/// ([`Extra`]; its default of a document that was not).
///
/// Tables, rows and columns stand in the order of the import; new ones behind them, in that of the
/// document. A cell is written as it was, unless its setting was changed since: values that were
/// refused come back like that. Values that the import [corrected](super::ReportKind::Corrected) are
/// written as they are now, but for a date of creation that nobody knows. Records that are no longer
/// in the document are left out; a page of which there is one, and which the document does not have,
/// is left as it was.
///
/// The text is imported again to the same document, with the options of the import. There are no
/// secrets in it.
#[must_use]
pub fn export(document: &Document, extra: &Extra, options: ExportOptions) -> String {
    let Outcome { document: before, corrected, .. } = extra.read();
    let tables = extra.tables();
    let layouts: HashMap<_, _> = Table::ALL
        .into_iter()
        .map(|table| (table, layouts(table, extra.options.profile)))
        .collect();
    let now: Vec<_> = states(document);
    let mut writing = Writing {
        extra,
        at: now.iter().enumerate().map(|(at, (key, _))| (*key, at)).collect(),
        before: states(&before).into_iter().collect(),
        corrected: corrected.into_iter().map(|(kind, id, name)| ((kind, id), name)).collect(),
        now,
        layouts,
        written: HashSet::new(),
    };
    let mut out = Object::default();
    let mut done = HashSet::new();
    let last: HashMap<_, _> = tables
        .iter()
        .filter_map(|rows| extra.options.table(&rows.name).map(|table| (table, &rows.name)))
        .collect();
    for rows in &tables {
        let table = extra.options.table(&rows.name);
        if own::changed(&rows.name, &before, document) {
            continue;
        }
        let mut texts: Vec<String> =
            rows.items.iter().filter_map(|item| writing.item(table, item)).collect();
        // The rows that are new go to the last place that the table has.
        if let Some(table) = table.filter(|table| last.get(table) == Some(&&rows.name)) {
            done.insert(table);
            texts.extend(writing.new_rows(table));
        }
        out.put(&rows.name, &container(&rows.shape, &texts));
    }
    for table in Table::ALL.into_iter().filter(|table| !done.contains(table)) {
        let texts = writing.new_rows(table);
        if !texts.is_empty() {
            let (one, set) = table.names();
            let name = if options.entity_sets { set } else { one };
            out.put(name, &container(&Shape::Answer(Vec::new()), &texts));
        }
    }
    own::write(&before, document, &mut out);
    out.end()
}

fn container(shape: &Shape<'_>, rows: &[String]) -> String {
    let list = || format!("[{}]", rows.join(","));
    match shape {
        Shape::Answer(around) => {
            let mut out = Object::default();
            // Of answers that were joined the first counts.
            let mut seen = HashSet::new();
            for cell in around.iter().filter(|cell| cell.key != "value" && seen.insert(&cell.key)) {
                out.put(&cell.key, cell.json);
            }
            out.put("value", &list());
            out.end()
        }
        Shape::One => match rows {
            [row] => row.clone(),
            _ => list(),
        },
        Shape::None(json) if rows.is_empty() => (*json).to_owned(),
        Shape::List | Shape::None(_) => list(),
    }
}

struct Writing<'w> {
    extra: &'w Extra,
    now: Vec<(Key, State)>,
    at: HashMap<Key, usize>,
    before: HashMap<Key, State>,
    corrected: HashSet<(Key, &'static str)>,
    layouts: HashMap<Table, Vec<Layout>>,
    /// Rows of the export that stand for a record.
    written: HashSet<(Table, RecordId)>,
}

impl Writing<'_> {
    fn state(&self, key: Key) -> Option<&State> {
        self.at.get(&key).and_then(|at| self.now.get(*at)).map(|(_, state)| state)
    }

    /// An item of the export, written again; `None` where its record is gone.
    fn item(&mut self, table: Option<Table>, item: &Item<'_>) -> Option<String> {
        let row = match item {
            Item::Row(row) => row,
            Item::Other(json) => return Some((*json).to_owned()),
        };
        let Some(table) = table else { return Some(row::same(row)) };
        if table == Table::MatchingAttribute {
            return self.attribute(row);
        }
        let id = match table {
            Table::Organization => Some(SINGLE),
            _ => row.cell(table.key()).and_then(|cell| row::id_of(cell.json)),
        };
        // A record that stands there again counts for nothing.
        let Some(id) = id.filter(|id| self.written.insert((table, *id))) else {
            return Some(row::same(row));
        };
        let known: Vec<_> = kinds(table)
            .iter()
            .map(|kind| (*kind, id))
            .filter(|key| self.before.contains_key(key))
            .collect();
        let gone = known.iter().all(|key| self.state(*key).is_none());
        if gone && !known.is_empty() && table != Table::Organization {
            return None;
        }
        let cells = self.cells(table, id, Some(row));
        Some(if cells.is_empty() { row::same(row) } else { row::changed(row, &cells) })
    }

    /// What changed of the record in this table.
    fn cells(&self, table: Table, id: RecordId, row: Option<&Row<'_>>) -> row::Changes {
        let layouts = self.layouts.get(&table).map(Vec::as_slice).unwrap_or_default();
        let mut cells = row::Changes::new();
        for (kind, layout) in kinds(table).iter().zip(layouts) {
            let key = (*kind, id);
            let Some(now) = self.state(key) else { continue };
            let before = self.before.get(&key);
            let corrected =
                |name: &'static str| before.is_some() && self.corrected.contains(&(key, name));
            let options = &self.extra.options;
            let change = Change { layout, options, now, before, row, corrected: &corrected };
            cells.extend(change.cells());
        }
        cells
    }

    /// The rows of a table that the export does not have.
    fn new_rows(&mut self, table: Table) -> Vec<String> {
        if table == Table::MatchingAttribute {
            return self.new_attributes();
        }
        let mut rows = Vec::new();
        let mine = |(kind, _): &Key| kinds(table).contains(kind);
        let keys: Vec<_> = self.now.iter().map(|(key, _)| *key).filter(mine).collect();
        for key in keys {
            if !self.written.insert((table, key.1)) {
                continue;
            }
            let cells = self.cells(table, key.1, None);
            let known = self.before.contains_key(&key);
            let id = (table != Table::Organization).then_some(key.1);
            if !known || !cells.is_empty() {
                rows.push(row::new(table, id, &cells));
            }
        }
        rows
    }

    fn names(state: Option<&State>) -> Option<Vec<&str>> {
        let names = state?.settings.get("attributes")?.as_array()?;
        Some(names.iter().filter_map(Value::as_str).collect())
    }

    /// A row of an attribute: left out where its strategy is gone, or has others now.
    fn attribute(&self, row: &Row<'_>) -> Option<String> {
        let Some((strategy, name)) = children::attribute(row) else { return Some(row::same(row)) };
        let key = (MatchingStrategy::KIND, strategy);
        let Some(before) = Self::names(self.before.get(&key)) else { return Some(row::same(row)) };
        let now = Self::names(self.state(key)).unwrap_or_default();
        let stays = kept(&before, &now).contains(&name.as_str());
        (stays || !before.contains(&name.as_str())).then(|| row::same(row))
    }

    /// Rows of the attributes of strategies that are new or have others now.
    fn new_attributes(&self) -> Vec<String> {
        let mut rows = Vec::new();
        for (key, state) in self.now.iter().filter(|((kind, _), _)| *kind == MatchingStrategy::KIND)
        {
            let now = Self::names(Some(state)).unwrap_or_default();
            let before = Self::names(self.before.get(key)).unwrap_or_default();
            let kept = kept(&before, &now).len();
            rows.extend(now.iter().skip(kept).map(|name| row::attribute(key.1, name)));
        }
        rows
    }
}

/// The attributes whose rows stay: the first ones, as far as they come in the order that they had.
fn kept<'a>(before: &[&str], now: &[&'a str]) -> Vec<&'a str> {
    let mut rest = before.iter();
    now.iter().copied().take_while(|name| rest.any(|known| known == name)).collect()
}

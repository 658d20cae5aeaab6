//! A row, written again.

use serde_json::{Map, Value};

use super::convert::{guid, id, json, quoted, written_time};
use super::layout::{BAG_ROOT, Layout, METHODS_ROOT, OWN, Part, key_columns};
use super::options::ImportOptions;
use super::read::{Cell, Row};
use super::state::State;
use super::tables::Table;
use super::xml;
use crate::settings::field::{Field, FieldType};
use crate::settings::{BlockedExtensions, OrganizationProperties, PrefixHistory};

/// Names and JSON, to be written.
pub(super) type Changes = Vec<(String, String)>;

/// What a record says now, and what the export said.
pub(super) struct Change<'c, 'a> {
    pub(super) layout: &'c Layout,
    pub(super) options: &'c ImportOptions,
    pub(super) now: &'c State,
    /// `None` of a record that the export does not have.
    pub(super) before: Option<&'c State>,
    /// `None` of a row that the export does not have.
    pub(super) row: Option<&'c Row<'a>>,
    pub(super) corrected: &'c dyn Fn(&'static str) -> bool,
}

impl Change<'_, '_> {
    /// The cells that differ; of a new record all that are not blank.
    pub(super) fn cells(&self) -> Changes {
        let mut cells = Changes::new();
        let (mut bag, mut methods, mut counter) = (false, false, false);
        for (at, field) in self.layout.fields.iter().enumerate() {
            let changed = self.changed(field.name);
            if self.layout.is_own(field) {
                if changed && (self.before.is_some() || !self.is_default(at, field)) {
                    cells.push((format!("{OWN}{}", field.name), self.serde(field.name)));
                }
                continue;
            }
            match (field.name, self.layout.place(at)) {
                ("use_tracking_tokens", None) => counter |= changed,
                ("unknown", None) => bag |= changed,
                ("custom_texts", None) => self.custom(&mut cells),
                (_, Some((_, Part::Counter))) => counter |= changed,
                (_, Some((_, Part::Bag))) => {
                    bag |= changed && (self.before.is_some() || !self.is_default(at, field));
                }
                (_, Some((_, Part::Methods))) => methods |= changed,
                (_, Some((column, part))) if changed => self.cell(&mut cells, field, column, part),
                _ => {}
            }
        }
        if counter {
            self.counter(&mut cells);
        }
        if methods {
            cells.push(("defaultemailsettings".to_owned(), self.methods()));
        }
        if bag {
            cells.push(("orgdborgsettings".to_owned(), self.bag()));
        }
        self.dates(&mut cells);
        cells
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.now.settings.get(name)
    }

    fn changed(&self, name: &'static str) -> bool {
        let before = self.before.and_then(|before| before.settings.get(name));
        before != self.get(name) || (self.corrected)(name) || self.row_is_new(name)
    }

    /// Of a new record everything is new, whatever its value.
    fn row_is_new(&self, name: &str) -> bool {
        self.before.is_none() && self.get(name).is_some()
    }

    fn is_default(&self, at: usize, field: &Field) -> bool {
        self.layout.effective(at, self.options.profile).as_ref() == self.get(field.name)
    }

    fn serde(&self, name: &str) -> String {
        self.get(name).map_or_else(|| "null".to_owned(), Value::to_string)
    }

    fn cell(&self, cells: &mut Changes, field: &Field, column: &'static str, part: Part) {
        let value = self.get(field.name);
        let plain = |json: String| (column.to_owned(), json);
        match part {
            Part::Field(_) => {
                let json = json(field.ty, value);
                // Lookups that are text, of the portal.
                let text = column.starts_with("adx_");
                match field.ty {
                    FieldType::Lookup { .. } if !text => {
                        cells.push((format!("_{column}_value"), json));
                    }
                    _ => cells.push(plain(json)),
                }
            }
            Part::Inverted(_) => {
                let inverted = value.and_then(Value::as_bool).map(|value| Value::from(!value));
                cells.push(plain(json(field.ty, inverted.as_ref())));
            }
            Part::Prefixes(_) => {
                let history = value.cloned().map(serde_json::from_value::<PrefixHistory>);
                let Some(Ok(history)) = history else { return };
                cells.push(plain(quoted(&history.to_column())));
                if history.separator() != self.options.separator {
                    cells.push((format!("{OWN}{}", field.name), self.serde(field.name)));
                }
            }
            Part::Extensions(_) => {
                let blocked = value.cloned().map(serde_json::from_value::<BlockedExtensions>);
                let Some(Ok(blocked)) = blocked else { return };
                cells.push(plain(quoted(&blocked.to_column())));
            }
            Part::Key(at, _) => {
                for (column, part) in key_columns(at, column) {
                    let Part::Key(_, name) = part else { continue };
                    let said = value.and_then(|value| value.get(name));
                    let text = FieldType::Text { min: 0, max: 0 };
                    cells.push((column.to_owned(), json(text, said)));
                }
            }
            Part::Owner(_) => {
                let owner = value.and_then(Value::as_object).and_then(|owner| owner.iter().next());
                let key = format!("_{column}_value");
                let Some((kind, id)) = owner else {
                    cells.push((key, "null".to_owned()));
                    return;
                };
                let table = if kind == "queue" { Table::Queue } else { Table::SystemUser };
                let lookup = FieldType::Lookup { table: table.logical_name() };
                let term = format!("{key}@Microsoft.Dynamics.CRM.lookuplogicalname");
                cells.push((key, json(lookup, Some(id))));
                cells.push((term, quoted(table.logical_name())));
            }
            Part::SignIn(_) => cells.push(plain(self.serde(field.name))),
            _ => {}
        }
    }

    /// The columns of the organization's own.
    fn custom(&self, cells: &mut Changes) {
        let none = Map::new();
        let texts = |state: Option<&'_ State>| {
            let texts = state.and_then(|state| state.settings.get("custom_texts"));
            texts.and_then(Value::as_object).cloned()
        };
        let now = texts(Some(self.now)).unwrap_or_default();
        let before = texts(self.before).unwrap_or(none);
        for (name, text) in &now {
            if before.get(name) != Some(text) {
                cells.push((name.clone(), text.to_string()));
            }
        }
        for (name, _) in before.iter().filter(|(name, _)| !now.contains_key(*name)) {
            cells.push((name.clone(), "null".to_owned()));
        }
    }

    fn counter(&self, cells: &mut Changes) {
        let (name, column) = ("max_tracking_number", "maximumtrackingnumber");
        let on = self.get("use_tracking_tokens").and_then(Value::as_bool).unwrap_or(true);
        let number = if on { self.serde(name) } else { "0".to_owned() };
        cells.push((column.to_owned(), number));
        // The digits that the column has no room for.
        let own = format!("{OWN}{name}");
        let there = self.row.is_some_and(|row| row.cells.iter().any(|cell| cell.key == own));
        if !on {
            cells.push((own, self.serde(name)));
        } else if there {
            cells.push((own, "null".to_owned()));
        }
    }

    /// The elements that the export has in a column.
    fn elements(&self, column: &str, root: &str) -> Vec<(String, String)> {
        let text = self.row.and_then(|row| row.cell(column)).and_then(Cell::text);
        text.and_then(|text| xml::elements(&text, root).ok()).unwrap_or_default()
    }

    fn methods(&self) -> String {
        let mut elements = self.elements("defaultemailsettings", METHODS_ROOT);
        for (name, field) in [
            ("IncomingEmailDeliveryMethod", "incoming_method"),
            ("OutgoingEmailDeliveryMethod", "outgoing_method"),
            ("ACTDeliveryMethod", "appointments_method"),
        ] {
            let ty = self.layout.field(field).and_then(|at| self.layout.fields.get(at));
            let Some(field) = ty.filter(|field| self.changed(field.name)) else { continue };
            put(&mut elements, name, &json(field.ty, self.get(field.name)));
        }
        quoted(&xml::written(METHODS_ROOT, &elements))
    }

    fn bag(&self) -> String {
        let mut elements = self.elements("orgdborgsettings", BAG_ROOT);
        for (at, field) in self.layout.fields.iter().enumerate() {
            let name = field.column.and_then(|it| it.strip_prefix(OrganizationProperties::COLUMN));
            let Some(name) = name.filter(|_| self.changed(field.name)) else { continue };
            if self.before.is_some() || !self.is_default(at, field) {
                put(&mut elements, name, &self.serde(field.name));
            }
        }
        let unknown = |state: Option<&State>| -> Vec<(String, String)> {
            let list = state.and_then(|state| state.settings.get("unknown"));
            let pair = |of: &Value| {
                let text = |name| of.get(name).and_then(Value::as_str).map(str::to_owned);
                text("name").zip(text("value"))
            };
            list.and_then(Value::as_array).into_iter().flatten().filter_map(pair).collect()
        };
        let (now, before) = (unknown(Some(self.now)), unknown(self.before));
        let gone = |name: &str| {
            let is = |(known, _): &(String, String)| known == name;
            before.iter().any(is) && !now.iter().any(is)
        };
        elements.retain(|(name, _)| !gone(name));
        for property in now.iter().filter(|property| !before.contains(property)) {
            put(&mut elements, &property.0, &property.1);
        }
        quoted(&xml::written(BAG_ROOT, &elements))
    }

    fn dates(&self, cells: &mut Changes) {
        let Some(now) = self.now.meta else { return };
        let before = self.before.and_then(|before| before.meta);
        let table = self.layout.table;
        let new = before.is_none();
        let mut push = |name: &str, json: String| cells.push((name.to_owned(), json));
        if before.is_none_or(|before| before.created != now.created) {
            push("createdon", quoted(&written_time(now.created)));
        }
        if before.is_none_or(|before| before.modified != now.modified) {
            match now.modified {
                Some(modified) => push("modifiedon", quoted(&written_time(modified))),
                None if !new => push("modifiedon", "null".to_owned()),
                None => {}
            }
        }
        if before.is_none_or(|before| before.active != now.active) {
            match table {
                Table::UserSettings => {}
                Table::SystemUser => push("isdisabled", (!now.active).to_string()),
                _ => {
                    push("statecode", u8::from(!now.active).to_string());
                    // Its reasons are settings of their own where they are more than two.
                    if table != Table::ContentSettings {
                        push("statuscode", (1 + u8::from(!now.active)).to_string());
                    }
                }
            }
        }
    }
}

/// Gives the element another text, or adds it. Of several the first counts.
fn put(elements: &mut Vec<(String, String)>, name: &str, value: &str) {
    match elements.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
        Some((_, known)) => value.clone_into(known),
        None => elements.push((name.to_owned(), value.to_owned())),
    }
}

/// The row with these changes. Annotations of what was changed go: they told of the old value.
pub(super) fn changed(row: &Row<'_>, changes: &Changes) -> String {
    let mut used = vec![false; changes.len()];
    let mut out = Object::default();
    let names: Vec<_> = changes.iter().map(|(key, _)| column(key)).collect();
    let find = |name: &str| names.iter().position(|known| known.eq_ignore_ascii_case(name));
    for cell in &row.cells {
        let place = match cell.column() {
            Some(name) => find(&name),
            None if cell.key.starts_with('@') => find(&cell.key),
            None => {
                let annotated = cell.key.split('@').next().unwrap_or_default();
                if find(&column(annotated)).is_none() {
                    out.put(&cell.key, cell.json);
                }
                continue;
            }
        };
        match place.and_then(|at| used.get_mut(at).zip(changes.get(at))) {
            Some((used, (_, json))) if !*used => {
                *used = true;
                out.put(&cell.key, json);
            }
            // The same column under another name: the expanded record of a lookup.
            Some(_) => {}
            None => out.put(&cell.key, cell.json),
        }
    }
    for ((key, json), used) in changes.iter().zip(used) {
        if !used {
            out.put(key, json);
        }
    }
    out.end()
}

fn column(key: &str) -> String {
    let cell = Cell { key: key.into(), json: "" };
    cell.column().map_or_else(|| key.to_owned(), std::borrow::Cow::into_owned)
}

/// The row as it is.
pub(super) fn same(row: &Row<'_>) -> String {
    let mut out = Object::default();
    row.cells.iter().for_each(|cell| out.put(&cell.key, cell.json));
    out.end()
}

/// A row that the export does not have.
pub(super) fn new(table: Table, id: Option<crate::id::RecordId>, cells: &Changes) -> String {
    let mut out = Object::default();
    if let Some(id) = id {
        out.put(table.key(), &quoted(&guid(id)));
    }
    cells.iter().filter(|(_, json)| json != "null").for_each(|(key, json)| out.put(key, json));
    out.end()
}

/// A JSON object on its way.
#[derive(Debug, Default)]
pub(super) struct Object(String);

impl Object {
    pub(super) fn put(&mut self, key: &str, json: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push_str(&quoted(key));
        self.0.push(':');
        self.0.push_str(json);
    }

    pub(super) fn end(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }
}

/// The strategy of a row of attributes, and a row for one.
pub(super) fn attribute(strategy: crate::id::RecordId, name: &str) -> String {
    let mut out = Object::default();
    out.put(super::children::NAME, &quoted(name));
    let key = format!("_{}_value", super::children::STRATEGY);
    out.put(&key, &quoted(&guid(strategy)));
    out.end()
}

/// The id that a piece of JSON is.
pub(super) fn id_of(json: &str) -> Option<crate::id::RecordId> {
    super::read::text(json).and_then(|text| id(&text))
}

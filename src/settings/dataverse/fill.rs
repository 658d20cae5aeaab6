//! The cells of a row, as settings of a record.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::convert;
use super::draft::{Draft, Source, bounded};
use super::layout::{BAG_ROOT, Layout, METHODS_ROOT, OWN, Part};
use super::options::ImportOptions;
use super::read::{Cell, Row};
use super::report::{Place, Report, ReportKind};
use super::tables::Table;
use super::xml;
use crate::settings::field::{Field, FieldType};
use crate::settings::{BlockedExtensions, PrefixHistory, UnknownProperties, UnknownProperty};

/// The term of the annotation that names the table which a lookup refers to.
const LOOKUP_TABLE: &str = "lookuplogicalname";

/// What is known of a record beside its settings.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Meta {
    pub(super) created: Option<DateTime<Utc>>,
    pub(super) modified: Option<DateTime<Utc>>,
    pub(super) active: Option<bool>,
}

/// Who a mailbox can belong to, by id, where no annotation says it.
pub(super) trait Owners {
    /// The table of the user or queue with this id.
    fn table(&self, id: crate::id::RecordId) -> Option<Table>;
}

/// One row on its way into a draft.
pub(super) struct Filling<'f, 'a> {
    pub(super) layout: &'f Layout,
    pub(super) options: &'f ImportOptions,
    pub(super) owners: &'f dyn Owners,
    pub(super) row: &'f Row<'a>,
    pub(super) place: Place<'f>,
    pub(super) report: &'f mut Report,
}

impl<'a> Filling<'_, 'a> {
    pub(super) fn fill(&mut self, draft: &mut Draft<'a>, meta: &mut Meta) {
        let row = self.row;
        for cell in &row.cells {
            if cell.is_annotation() {
                if cell.key.starts_with(OWN) {
                    self.own(cell, draft);
                }
                continue;
            }
            let Some(column) = cell.column() else { continue };
            match self.layout.part(&column) {
                Some(part) => self.part(part, cell, draft, meta),
                None if self.layout.table == Table::ContentSettings => {
                    self.custom(&column, cell, draft);
                }
                None => {}
            }
        }
    }

    fn refuse(&mut self, cell: &Cell<'_>, reason: &str) {
        let (column, json) = (Some(&*cell.key), Some(cell.json));
        self.report.push(self.place.entry(ReportKind::Refused, column, json, bounded(reason)));
    }

    fn converted(&mut self, cell: &Cell<'_>, reason: impl Into<String>) {
        let (column, json) = (Some(&*cell.key), Some(cell.json));
        self.report.push(self.place.entry(ReportKind::Converted, column, json, reason));
    }

    fn source(cell: &Cell<'a>) -> Option<Source<'a>> {
        Some(Source { column: cell.key.clone(), json: cell.json.into() })
    }

    fn own(&mut self, cell: &Cell<'a>, draft: &mut Draft<'a>) {
        let Some(at) = self.layout.own(&cell.key) else { return };
        match serde_json::from_str::<Value>(cell.json) {
            Ok(Value::Null) => {}
            Ok(value) => draft.set(at, value, Self::source(cell)),
            Err(error) => self.refuse(cell, &error.to_string()),
        }
    }

    fn field(&self, at: usize) -> Option<&'static Field> {
        self.layout.fields.get(at)
    }

    /// The value of the cell as that of this setting; what is none is reported.
    fn value(&mut self, at: usize, cell: &Cell<'_>) -> Option<Value> {
        let ty = self.field(at)?.ty;
        match convert::value(ty, cell.json) {
            Ok(value) => value,
            Err(expected) => {
                self.refuse(cell, &format!("expected {expected}"));
                None
            }
        }
    }

    fn part(&mut self, part: Part, cell: &Cell<'a>, draft: &mut Draft<'a>, meta: &mut Meta) {
        match part {
            Part::Field(at) => self.plain(at, cell, draft),
            Part::Inverted(at) => {
                if let Some(Value::Bool(value)) = self.value(at, cell) {
                    let said = if value { "off" } else { "on" };
                    self.converted(cell, format!("the column is inverted: the setting is {said}"));
                    draft.set(at, (!value).into(), Self::source(cell));
                }
            }
            Part::Prefixes(at) => self.prefixes(at, cell, draft),
            Part::Extensions(at) => self.extensions(at, cell, draft),
            Part::Counter => self.counter(cell, draft),
            Part::Methods => self.methods(cell, draft),
            Part::Bag => self.bag(cell, draft),
            Part::Key(at, name) => Self::key(at, name, cell, draft),
            Part::Owner(at) => self.owner(at, cell, draft),
            Part::SignIn(at) => self.sign_in(at, cell, draft),
            Part::Id => {}
            Part::Created => meta.created = self.time(cell).or(meta.created),
            Part::Modified => meta.modified = self.time(cell).or(meta.modified),
            Part::State => match convert::value(FieldType::Whole { min: 0, max: 1 }, cell.json) {
                Ok(None) => {}
                Ok(Some(number)) if number == 0 => meta.active = Some(true),
                Ok(Some(number)) if number == 1 => meta.active = Some(false),
                _ => match cell.text() {
                    Some(text) if text.eq_ignore_ascii_case("active") => meta.active = Some(true),
                    Some(text) if text.eq_ignore_ascii_case("inactive") => {
                        meta.active = Some(false);
                    }
                    _ => self.refuse(cell, "expected 0 (Active) or 1 (Inactive)"),
                },
            },
            Part::Disabled => match convert::value(FieldType::YesNo, cell.json) {
                Ok(Some(Value::Bool(disabled))) => meta.active = Some(!disabled),
                Ok(_) => {}
                Err(expected) => self.refuse(cell, &format!("expected {expected}")),
            },
        }
    }

    fn time(&mut self, cell: &Cell<'_>) -> Option<DateTime<Utc>> {
        match convert::value(FieldType::Time, cell.json) {
            Ok(value) => convert::time(value?.as_str()?),
            Err(expected) => {
                self.refuse(cell, &format!("expected {expected}"));
                None
            }
        }
    }

    fn plain(&mut self, at: usize, cell: &Cell<'a>, draft: &mut Draft<'a>) {
        let Some(field) = self.field(at) else { return };
        if let FieldType::Lookup { table } = field.ty {
            if cell.json.starts_with('{') {
                // The record itself, beside its id: of another table.
                return;
            }
            let refers = self.row.annotation(cell, LOOKUP_TABLE);
            if let Some(other) = refers.filter(|other| !other.eq_ignore_ascii_case(table)) {
                let other: String = other.chars().take(40).collect();
                let reason = format!("expected a record of {table}, found one of {other}");
                return self.refuse(cell, &reason);
            }
        }
        if field.name == "update_contacts_leads" && cell.json == "-1" {
            return self.converted(cell, "unset: contacts and leads");
        }
        let Some(value) = self.value(at, cell) else { return };
        if field.name == "max_attachment_size"
            && let Some(bytes) = value.as_i64()
        {
            let kilobytes = bytes / 1_024;
            self.converted(cell, format!("bytes; the screen shows {kilobytes} KB"));
        }
        draft.set(at, value, Self::source(cell));
    }

    /// A column of the organization's own.
    fn custom(&mut self, column: &str, cell: &Cell<'a>, draft: &mut Draft<'a>) {
        const PRODUCT: [&str; 8] =
            ["adx_", "ms_", "msdyn_", "msdyncrm_", "msdynmkt_", "msevtmgt_", "msgdpr_", "mspp_"];
        let theirs = PRODUCT.iter().any(|prefix| column.starts_with(prefix));
        let (Some(at), Some(text)) = (self.layout.field("custom_texts"), cell.text()) else {
            return;
        };
        let fits = !theirs && cell.key.eq_ignore_ascii_case(column);
        let texts = crate::settings::CustomTexts::default();
        if !fits || text.is_empty() || texts.with(column, text.as_ref()).is_err() {
            return;
        }
        let mut all = match draft.get(at) {
            Some(Value::Object(all)) if all.len() >= crate::settings::CustomTexts::MAX => return,
            Some(Value::Object(all)) => all.clone(),
            _ => Map::new(),
        };
        all.insert(column.to_owned(), text.into_owned().into());
        draft.set(at, all.into(), None);
    }

    fn prefixes(&mut self, at: usize, cell: &Cell<'a>, draft: &mut Draft<'a>) {
        let Some(text) = self.text(cell) else { return };
        let separator = self.options.separator;
        match PrefixHistory::from_column(&text, separator) {
            Ok(history) => {
                let former = history.iter().count() - 1;
                if former > 0 {
                    let reason = format!("a history: {former} former, separated by {separator:?}");
                    self.converted(cell, reason);
                }
                draft.set(at, json!(history), Self::source(cell));
            }
            Err(error) => self.refuse(cell, &error.to_string()),
        }
    }

    fn extensions(&mut self, at: usize, cell: &Cell<'a>, draft: &mut Draft<'a>) {
        let Some(text) = self.text(cell) else { return };
        match BlockedExtensions::from_column(&text) {
            Ok(blocked) => draft.set(at, json!(blocked), Self::source(cell)),
            Err(error) => self.refuse(cell, &error.to_string()),
        }
    }

    /// Text that is not blank; anything else but blank is reported.
    fn text(&mut self, cell: &Cell<'a>) -> Option<Cow<'a, str>> {
        match cell.text() {
            Some(text) if text.is_empty() => None,
            Some(text) => Some(text),
            None if cell.json == "null" => None,
            None => {
                self.refuse(cell, "expected text");
                None
            }
        }
    }

    fn counter(&mut self, cell: &Cell<'a>, draft: &mut Draft<'a>) {
        let number = match convert::value(FieldType::Whole { min: 0, max: 0 }, cell.json) {
            Ok(Some(number)) => number,
            Ok(None) => return,
            Err(expected) => return self.refuse(cell, &format!("expected {expected}")),
        };
        let [Some(number_at), Some(switch)] =
            ["max_tracking_number", "use_tracking_tokens"].map(|name| self.layout.field(name))
        else {
            return;
        };
        if number == 0 {
            let kept = self.row.cells.iter().any(|cell| {
                cell.key.strip_prefix(OWN).is_some_and(|name| name == "max_tracking_number")
            });
            let digits = if kept { "" } else { "; how many digits were chosen is lost" };
            self.converted(cell, format!("tracking tokens are off{digits}"));
            draft.set(switch, false.into(), Self::source(cell));
        } else {
            let digits = number.to_string().trim_start_matches('-').len();
            self.converted(cell, format!("the counter of tokens has {digits} digits"));
            draft.set(number_at, number, Self::source(cell));
        }
    }

    fn elements(&mut self, cell: &Cell<'a>, root: &str) -> Option<Vec<(String, String)>> {
        let text = self.text(cell)?;
        match xml::elements(&text, root) {
            Ok(elements) => Some(elements),
            Err(reason) => {
                self.refuse(cell, &reason);
                None
            }
        }
    }

    /// A value inside XML, in the words of the report.
    fn inside(cell: &Cell<'a>, name: &str, value: &str) -> Source<'a> {
        let column = format!("{}:{name}", cell.key);
        Source { column: column.into(), json: convert::quoted(value).into() }
    }

    fn methods(&mut self, cell: &Cell<'a>, draft: &mut Draft<'a>) {
        let Some(elements) = self.elements(cell, METHODS_ROOT) else { return };
        self.converted(cell, "XML: the default methods of new mailboxes");
        self.settings_in(cell, "defaultemailsettings:", &elements, draft, |_, _| {});
    }

    fn bag(&mut self, cell: &Cell<'a>, draft: &mut Draft<'a>) {
        let Some(elements) = self.elements(cell, BAG_ROOT) else { return };
        self.converted(cell, "XML: the property bag");
        let mut unknown = UnknownProperties::default();
        let mut kept: Vec<(String, String)> = Vec::new();
        let mut other = |name: &str, value: &str| kept.push((name.to_owned(), value.to_owned()));
        self.settings_in(cell, "orgdborgsettings:", &elements, draft, &mut other);
        for (name, value) in kept {
            let Source { column, json } = Self::inside(cell, &name, &value);
            let (kind, reason) = match unknown.push(UnknownProperty { name, value }) {
                Ok(()) => (ReportKind::KeptInert, "a property that is not known".to_owned()),
                Err(error) => (ReportKind::Refused, bounded(&error.to_string())),
            };
            self.report.push(self.place.entry(kind, Some(&column), Some(&json), reason));
        }
        if let Some(at) = self.layout.field("unknown").filter(|_| !unknown.is_empty()) {
            draft.set(at, json!(unknown), None);
        }
    }

    /// The settings among the elements, by the columns that begin with `prefix`. Of an element that
    /// stands there twice the first counts.
    fn settings_in(
        &mut self,
        cell: &Cell<'a>,
        prefix: &str,
        elements: &[(String, String)],
        draft: &mut Draft<'a>,
        mut other: impl FnMut(&str, &str),
    ) {
        for (name, value) in elements {
            let named = |field: &Field| {
                let column = field.column.and_then(|column| column.strip_prefix(prefix));
                column.is_some_and(|known| known.eq_ignore_ascii_case(name))
            };
            let Some(at) = self.layout.fields.iter().position(named) else {
                other(name, value);
                continue;
            };
            let source = Self::inside(cell, name, value);
            let inner = Cell { key: source.column.clone(), json: &source.json };
            if draft.source(at).is_some_and(|source| source.column.starts_with(&*cell.key)) {
                self.refuse(&inner, "expected it once, found it again; the first counts");
            } else if let Some(value) = self.value(at, &inner) {
                draft.set(at, value, Some(source));
            }
        }
    }

    /// A part of a DNS record; [`Draft`] refuses what does not go together.
    fn key(at: usize, name: &'static str, cell: &Cell<'a>, draft: &mut Draft<'a>) {
        let Some(text) = cell.text().filter(|text| !text.is_empty()) else { return };
        let mut record = match draft.get(at) {
            Some(Value::Object(record)) => record.clone(),
            _ => Map::new(),
        };
        // The type is a word of DNS, which is written in any case.
        let text =
            if name == "type" { text.trim().to_ascii_uppercase() } else { text.into_owned() };
        record.insert(name.to_owned(), text.into());
        let source = Self::source(cell).filter(|_| name == "value");
        let source = source.or_else(|| draft.source(at).cloned()).or_else(|| Self::source(cell));
        draft.set(at, record.into(), source);
    }

    fn owner(&mut self, at: usize, cell: &Cell<'a>, draft: &mut Draft<'a>) {
        let ty = FieldType::Lookup { table: "" };
        if cell.json.starts_with('{') {
            return;
        }
        let id = match convert::value(ty, cell.json) {
            Ok(Some(id)) => id,
            Ok(None) => return,
            Err(expected) => return self.refuse(cell, &format!("expected {expected}")),
        };
        let named = self.row.annotation(cell, LOOKUP_TABLE);
        let table = match named.as_deref() {
            Some(name) => Table::of(name, &[]),
            None => id.as_str().and_then(convert::id).and_then(|id| self.owners.table(id)),
        };
        let owner = match table {
            Some(Table::SystemUser) => json!({ "user": id }),
            Some(Table::Queue) => json!({ "queue": id }),
            _ => return self.refuse(cell, "expected a user or a queue, found no word of which"),
        };
        draft.set(at, owner, Self::source(cell));
    }

    fn sign_in(&mut self, at: usize, cell: &Cell<'a>, draft: &mut Draft<'a>) {
        let Some(text) = self.text(cell) else { return };
        let never = ["never-signed-in", "never signed in"];
        if never.iter().any(|never| text.trim().eq_ignore_ascii_case(never)) {
            return;
        }
        draft.set(at, "sign-in-expired".into(), None);
        let reason = "the token of a sign-in is never exported: sign in again";
        let (column, json) = (Some(&*cell.key), Some(cell.json));
        self.report.push(self.place.entry(ReportKind::RedoByHand, column, json, reason));
    }
}

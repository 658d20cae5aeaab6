//! A page as its administrator knows it: labels, options by their labels, units, names of records.

use std::collections::BTreeMap;
use std::io::{self, Write};

use correspond::id::RecordId;
use correspond::journey::TimeZoneCode;
use correspond::party::Value;
use correspond::record::RecordKind;
use correspond::settings::{Field, FieldType, PageView, Profile, RecordView};
use serde_json::Value as Json;

use crate::paper::Paper;

/// The widest column of labels.
const LABELS: usize = 46;

/// What the screen says around a setting, and its label does not.
const NOTES: [(&str, &str); 5] = [
    ("alert_errors", "alert wall"),
    ("alert_information", "alert wall"),
    ("alert_warnings", "alert wall"),
    ("smart_max_count", "of each"),
    ("token_base", "added to every user number"),
];

/// What records are called, by table and id.
#[derive(Default)]
pub(crate) struct Names(BTreeMap<(String, RecordId), String>);

impl Names {
    pub(crate) fn of(pages: &[PageView<'_>]) -> Self {
        let mut names = BTreeMap::new();
        for page in pages {
            for record in &page.records {
                if let (Some(table), Some(id)) = (page.table, record.id) {
                    names.insert((table.to_owned(), id), name(page, record));
                }
            }
        }
        Self(names)
    }

    fn get(&self, table: &str, id: RecordId) -> String {
        let name = self.0.get(&(table.to_owned(), id));
        name.cloned().unwrap_or_else(|| format!("{table} {}", short(id)))
    }
}

/// What the list shows a record as.
pub(crate) fn name(page: &PageView<'_>, record: &RecordView<'_>) -> String {
    match (record.value("name"), record.id) {
        (Some(Value::Text(name)), _) => name,
        (_, Some(id)) if page.kind == RecordKind::PersonalOptions => format!("User {}", short(id)),
        (_, Some(id)) => format!("{} {}", page.title, short(id)),
        (_, None) => page.title.to_owned(),
    }
}

/// An id without the zeros in front of it.
pub(crate) fn short(id: RecordId) -> String {
    let text = id.to_string();
    match text.trim_start_matches('0') {
        "" => "0".to_owned(),
        digits => digits.to_owned(),
    }
}

pub(crate) fn page<W: Write>(
    page: &PageView<'_>,
    names: &Names,
    all: bool,
    to: &mut Paper<W>,
) -> io::Result<()> {
    to.title(page.title, page.table.unwrap_or_default())?;
    let labels = page.fields.iter().map(|field| field.label.chars().count());
    let column = labels.max().unwrap_or(0).min(LABELS);
    for (number, record) in page.records.iter().enumerate() {
        if number > 0 {
            to.blank()?;
        }
        if let Some(id) = record.id {
            to.heading(&name(page, record), &about(record, id))?;
        }
        fields(page, record, names, all, column, to)?;
    }
    Ok(())
}

fn about(record: &RecordView<'_>, id: RecordId) -> String {
    let mut about = Vec::new();
    if record.is_default() {
        about.push("default".to_owned());
    }
    if !record.active {
        about.push("INACTIVE".to_owned());
    }
    if let Some(created) = record.created {
        about.push(format!("created {}", created.format("%Y-%m-%d")));
    }
    if let Some(modified) = record.modified {
        about.push(format!("changed {}", modified.format("%Y-%m-%d")));
    }
    about.push(format!("id {}", short(id)));
    format!("({})", about.join(", "))
}

fn fields<W: Write>(
    page: &PageView<'_>,
    record: &RecordView<'_>,
    names: &Names,
    all: bool,
    column: usize,
    to: &mut Paper<W>,
) -> io::Result<()> {
    let mut blank = Vec::new();
    for field in page.fields {
        // The name stands above the settings.
        if field.name == "name" && record.id.is_some() {
            continue;
        }
        match record.value(field.name) {
            None if all => to.row(" ", field.label, column, "-")?,
            None => blank.push(field.label),
            Some(found) => {
                let default = record.default_value(field.name, Profile::Documents);
                let untouched = default.as_ref() == Some(&found);
                let mark = if field.required || untouched { " " } else { "\u{2022}" };
                let shown = beside_default(field, &found, default.as_ref(), names);
                to.row(mark, field.label, column, &shown)?;
            }
        }
    }
    if !blank.is_empty() {
        to.text(4, 2, &format!("not set: {}", blank.join(", ")))?;
    }
    Ok(())
}

/// A value as the screen has it, and what it is where nobody chooses. Of a value with parts, those
/// that differ.
fn beside_default(field: &Field, found: &Value, default: Option<&Value>, names: &Names) -> String {
    let shown = value(field, found, names);
    let Some(default) = default else { return shown };
    if let (FieldType::Structure, Value::Text(found), Value::Text(default)) =
        (field.ty, found, default)
        && let (Ok(Json::Object(mut parts)), Ok(Json::Object(default))) =
            (serde_json::from_str(found), serde_json::from_str(default))
    {
        parts.retain(|name, part| default.get(name) != Some(part));
        return if parts.is_empty() { "as by default".to_owned() } else { object(&parts) };
    }
    if found == default {
        let note = NOTES.iter().find(|(name, _)| *name == field.name);
        return note.map_or_else(|| shown.clone(), |(_, note)| format!("{shown} ({note})"));
    }
    format!("{shown}  (default: {})", value(field, default, names))
}

/// A value as the screen has it.
pub(crate) fn value(field: &Field, found: &Value, names: &Names) -> String {
    match (found, field.ty) {
        (Value::YesNo(yes), _) => if *yes { "Yes" } else { "No" }.to_owned(),
        (Value::Choice(code), FieldType::Choice(choices)) => {
            let choice = choices.iter().find(|choice| choice.code == Some(*code));
            choice.map_or_else(|| code.to_string(), |choice| choice.label.to_owned())
        }
        (Value::Text(name), FieldType::Choice(choices)) => {
            let choice = choices.iter().find(|choice| choice.name == name);
            choice.map_or_else(|| name.clone(), |choice| choice.label.to_owned())
        }
        (Value::Lookup(id), FieldType::Lookup { table }) => names.get(table, *id),
        (Value::Whole(number), _) => whole(field, *number),
        (Value::Date(day), _) => day.to_string(),
        (Value::Time(time), _) => time.format("%Y-%m-%d %H:%M UTC").to_string(),
        (Value::Text(text), FieldType::Structure) => structure(text),
        (Value::Text(text) | Value::Decimal(text), _) => text.clone(),
        (other, _) => format!("{other:?}"),
    }
}

fn whole(field: &Field, number: i64) -> String {
    match field.name {
        "max_attachment_size" => format!("{} KB", number / 1_024),
        "default_time_zone" => {
            let zone = TimeZoneCode::new(number).ok().and_then(|code| code.zone().ok());
            zone.map_or_else(
                || number.to_string(),
                |zone| format!("{} ({})", zone.windows_name(), zone.iana_name()),
            )
        }
        // The screen offers digits and stores as many nines.
        "max_tracking_number" => format!("{} (up to {number})", number.to_string().len()),
        _ => number.to_string(),
    }
}

/// A value with parts: JSON as lines of text; what is no JSON as it stands.
fn structure(text: &str) -> String {
    match serde_json::from_str::<Json>(text) {
        Ok(Json::Array(items)) if items.is_empty() => "none".to_owned(),
        Ok(Json::Array(items)) if items.iter().any(Json::is_object) => {
            items.iter().map(plain).collect::<Vec<_>>().join("\n")
        }
        Ok(Json::Array(items)) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Ok(Json::Object(fields)) if fields.is_empty() => "none".to_owned(),
        Ok(Json::Object(fields)) => object(&fields),
        Ok(other @ (Json::String(_) | Json::Bool(_))) => plain(&other),
        Ok(_) | Err(_) => text.to_owned(),
    }
}

fn object(fields: &serde_json::Map<String, Json>) -> String {
    let lines = fields.iter().map(|(name, value)| format!("{}: {}", words(name), plain(value)));
    lines.collect::<Vec<_>>().join("\n")
}

fn plain(value: &Json) -> String {
    match value {
        Json::String(text) if text.len() == 32 => text.parse().map_or_else(|_| text.clone(), short),
        Json::String(text) => text.clone(),
        Json::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Json::Null => "none".to_owned(),
        Json::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Json::Object(fields) => {
            let parts =
                fields.iter().map(|(name, value)| format!("{} {}", words(name), plain(value)));
            parts.collect::<Vec<_>>().join(", ")
        }
        Json::Number(number) => number.to_string(),
    }
}

fn words(name: &str) -> String {
    name.replace('_', " ")
}

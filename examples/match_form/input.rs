//! Submissions and contacts from files.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use chrono::{DateTime, Utc};
use correspond::form::{FieldKind, FormField};
use correspond::id::RecordId;
use correspond::party::{Attributes, Party, Value};
use correspond::record::RecordKind;

const SUBMISSIONS: &str = include_str!("../data/forms/submissions.csv");
const CONTACTS: &str = include_str!("../data/forms/contacts.csv");

/// A row of a file: values by column.
pub(crate) struct Row {
    /// Its line in the file.
    pub(crate) line: u64,
    pub(crate) values: BTreeMap<String, String>,
}

impl Row {
    /// The value of a column that is not blank, taken out.
    pub(crate) fn take(&mut self, column: &str) -> Option<String> {
        self.values.remove(column).filter(|value| !value.trim().is_empty())
    }

    pub(crate) fn take_id(&mut self, column: &str) -> Result<Option<RecordId>, Box<dyn Error>> {
        let read = |text: String| {
            let id = text.trim().parse::<RecordId>();
            id.map_err(|error| format!("line {}: {column}: {error}, found {text:?}", self.line))
        };
        let text = self.values.remove(column).filter(|value| !value.trim().is_empty());
        Ok(text.map(read).transpose()?)
    }
}

/// The rows of submissions, and the fields that their columns are.
pub(crate) fn submissions(
    path: Option<&Path>,
) -> Result<(Vec<Row>, Vec<FormField>), Box<dyn Error>> {
    let mut rows = match path {
        None => csv(SUBMISSIONS.as_bytes())?,
        Some(path) if path.extension().is_some_and(|end| end == "jsonl") => lines(path)?,
        Some(path) => csv(open(path)?)?,
    };
    let mut fields = BTreeMap::new();
    for row in &mut rows {
        let columns = std::mem::take(&mut row.values);
        for (column, value) in columns {
            let (name, kind) = column.split_once(':').unwrap_or((&column, "text"));
            if !["id", "page", "visitor"].contains(&name) && !fields.contains_key(name) {
                let kind: FieldKind = serde_json::from_value(kind.into())
                    .map_err(|error| format!("column {column:?}: {error}"))?;
                fields.insert(name.to_owned(), FormField::new(name)?.of_kind(kind));
            }
            row.values.insert(name.to_owned(), value);
        }
    }
    Ok((rows, fields.into_values().collect()))
}

/// The contacts of a file.
pub(crate) fn contacts(path: Option<&Path>) -> Result<Vec<Party>, Box<dyn Error>> {
    let rows = match path {
        None => csv(CONTACTS.as_bytes())?,
        Some(path) => csv(open(path)?)?,
    };
    rows.into_iter().map(contact).collect()
}

fn contact(mut row: Row) -> Result<Party, Box<dyn Error>> {
    let line = row.line;
    let id = row.take_id("id")?.ok_or_else(|| format!("line {line}: id: expected one"))?;
    let modified = match row.take("modified") {
        Some(text) => text
            .parse::<DateTime<Utc>>()
            .map_err(|error| format!("line {line}: modified: {error}, found {text:?}"))?,
        None => DateTime::UNIX_EPOCH,
    };
    let active = match row.take("state").as_deref() {
        None | Some("active") => true,
        Some("inactive") => false,
        Some(other) => {
            let expected = "expected active or inactive";
            return Err(format!("line {line}: state: {expected}, found {other:?}").into());
        }
    };
    let mut attributes = Attributes::default();
    for (name, value) in row.values {
        if !value.trim().is_empty() {
            attributes.set(name, Value::Text(value))?;
        }
    }
    let party = Party::new(RecordKind::Contact.of(id), modified, attributes);
    Ok(if active { party } else { party.inactive() })
}

fn open(path: &Path) -> Result<File, Box<dyn Error>> {
    File::open(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn csv(from: impl Read) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::Headers).from_reader(from);
    let header = reader.headers()?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        let values = header.iter().zip(&record);
        let values = values.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        rows.push(Row { line, values });
    }
    Ok(rows)
}

fn lines(path: &Path) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut rows = Vec::new();
    for (line, text) in (1..).zip(BufReader::new(open(path)?).lines()) {
        let text = text?;
        if text.trim().is_empty() {
            continue;
        }
        let object: BTreeMap<String, serde_json::Value> =
            serde_json::from_str(&text).map_err(|error| format!("line {line}: {error}"))?;
        let plain = |value| match value {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        let values = object.into_iter().map(|(name, value)| (name, plain(value))).collect();
        rows.push(Row { line, values });
    }
    Ok(rows)
}

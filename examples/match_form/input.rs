//! Files of rows: CSV with a header, or a JSON object a line.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use correspond::form::FieldKind;
use correspond::id::RecordId;
use correspond::index::{IndexKind, Keyer};
use correspond::settings::AttributeName;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use crate::csv_lines::CsvLines;

/// A line, and what is wrong in it.
type Wrong = (u64, String);

/// A file that was read.
pub(crate) struct Table {
    /// The file as messages name it.
    file: String,
    /// Its name without the directory: by it the same file is known again.
    name: String,
    /// The hash of what is in it.
    content: RecordId,
    /// Its columns, but for the special ones.
    pub(crate) columns: BTreeMap<String, Column>,
    pub(crate) rows: Vec<Row>,
}

/// A column, as the header or the first object that has it says.
pub(crate) struct Column {
    /// With its type, as written.
    pub(crate) text: String,
    pub(crate) kind: FieldKind,
    pub(crate) line: u64,
}

/// A row of a file: values by column.
pub(crate) struct Row {
    pub(crate) line: u64,
    pub(crate) values: BTreeMap<String, String>,
}

impl Row {
    /// The value of a column that is not blank, taken out.
    pub(crate) fn take(&mut self, column: &str) -> Option<String> {
        self.values.remove(column).filter(|value| !value.trim().is_empty())
    }

    /// The id in a column, with its text.
    pub(crate) fn take_id(&mut self, column: &str) -> Result<Option<(RecordId, String)>, String> {
        let read = |text: String| match text.trim().parse() {
            Ok(id) => Ok((id, text.trim().to_owned())),
            Err(error) => Err(format!("{column}: {error}, found {text:?}")),
        };
        self.take(column).map(read).transpose()
    }
}

impl Table {
    /// Reads a file. The columns `special` have no type.
    pub(crate) fn read(path: &Path, special: &'static [&'static str]) -> Result<Self, String> {
        let file = path.display().to_string();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let octets = fs::read(path).map_err(|error| format!("{file}: {error}"))?;
        let ends = |end| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(end));
        if ends("csv") {
            Self::of(file, name, &octets, special, from_csv)
        } else if ends("jsonl") {
            Self::of(file, name, &octets, special, from_lines)
        } else {
            let expected = ".csv (with a header) or .jsonl (a JSON object a line)";
            Err(format!("{file}: expected a file whose name ends in {expected}"))
        }
    }

    /// Reads a CSV file that is part of the program.
    pub(crate) fn bundled(
        name: &str,
        text: &str,
        special: &'static [&'static str],
    ) -> Result<Self, String> {
        Self::of(name.to_owned(), name.to_owned(), text.as_bytes(), special, from_csv)
    }

    fn of(
        file: String,
        name: String,
        octets: &[u8],
        special: &'static [&'static str],
        read: fn(&[u8], &mut Columns) -> Result<Vec<Row>, Wrong>,
    ) -> Result<Self, String> {
        let text = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(octets);
        let mut columns = Columns { special, known: BTreeMap::new() };
        let content = hash([text]);
        let (columns, rows) = match read(text, &mut columns) {
            Ok(rows) => (columns.known, rows),
            Err((line, why)) => return Err(format!("{file}: line {line}: {why}")),
        };
        Ok(Self { file, name, content, columns, rows })
    }

    /// What is wrong with the file.
    pub(crate) fn wrong(&self, why: impl fmt::Display) -> String {
        format!("{}: {why}", self.file)
    }

    /// What is wrong in a line of it.
    pub(crate) fn wrong_at(&self, line: u64, why: impl fmt::Display) -> String {
        self.wrong(format_args!("line {line}: {why}"))
    }

    /// The id of a row that has none of its own: the same for the same values at the same place of a
    /// file of this name.
    pub(crate) fn row_id(&self, place: usize, row: &Row) -> RecordId {
        let place = (place as u64).to_le_bytes();
        let values = row.values.iter().filter(|(_, value)| !value.trim().is_empty());
        let values = values.flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
        hash([self.name.as_bytes(), &place[..]].into_iter().chain(values))
    }

    /// The id of the import of this file as it is now.
    pub(crate) fn import_id(&self) -> RecordId {
        hash([self.name.as_bytes(), &self.content.get().to_le_bytes()])
    }
}

/// The same in every run. Whoever writes the file may choose ids anyway, so that this hides nothing.
fn hash<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> RecordId {
    let mut octets = Vec::new();
    for text in texts {
        octets.extend_from_slice(&(text.len() as u64).to_le_bytes());
        octets.extend_from_slice(text);
    }
    let keyer = Keyer::from_secret(*b"rows of examples");
    RecordId::new(u128::from_le_bytes(*keyer.key(IndexKind::Word, &octets).hash()))
}

/// The columns that were met.
struct Columns {
    special: &'static [&'static str],
    known: BTreeMap<String, Column>,
}

impl Columns {
    /// The name and the type in `guests:whole`.
    fn read(&self, text: &str) -> Result<(String, FieldKind), String> {
        let (name, kind) = match text.split_once(':') {
            Some((name, kind)) => (name.trim(), Some(kind.trim())),
            None => (text.trim(), None),
        };
        let wrong = |why: String| format!("column {text:?}: {why}");
        AttributeName::new(name).map_err(|error| wrong(error.to_string()))?;
        if kind.is_some() && self.special.contains(&name) {
            return Err(wrong(format!("expected {name} without a type")));
        }
        let kind = kind.map(|kind| serde_json::from_value::<FieldKind>(kind.into())).transpose();
        Ok((name.to_owned(), kind.map_err(|error| wrong(error.to_string()))?.unwrap_or_default()))
    }

    /// Notes a column. One that is known has the type that it has.
    fn add(&mut self, name: &str, kind: FieldKind, text: &str, line: u64) -> Result<(), String> {
        match self.known.get(name) {
            Some(known) if known.kind != kind => {
                let Column { text: first, line, .. } = known;
                Err(format!("column {text:?}: expected one type, found {first:?} in line {line}"))
            }
            None if !self.special.contains(&name) => {
                let column = Column { text: text.to_owned(), kind, line };
                self.known.insert(name.to_owned(), column);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn twice(text: &str, name: &str) -> String {
    format!("column {text:?}: expected each column once, found {name} twice")
}

fn from_csv(octets: &[u8], columns: &mut Columns) -> Result<Vec<Row>, Wrong> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(octets);
    let mut lines = CsvLines::new(octets);
    let mut header: Option<Vec<String>> = None;
    let mut rows = Vec::new();
    for record in reader.byte_records() {
        let record = record.map_err(|error| (lines.line, error.to_string()))?;
        let line = lines.of(record.position());
        let place = |number: usize| {
            let name = header.as_ref().and_then(|names| names.get(number));
            let name = name.map(|name| format!(" ({name})")).unwrap_or_default();
            format!("field {}{name}", number + 1)
        };
        let read = |(number, octets): (usize, &[u8])| match std::str::from_utf8(octets) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => {
                let why = "expected UTF-8 text, found other octets: save the file as UTF-8";
                Err((line, format!("{}: {why}", place(number))))
            }
        };
        let texts = record.iter().enumerate().map(read).collect::<Result<Vec<_>, Wrong>>()?;
        match &header {
            None => header = Some(names(&texts, columns, line).map_err(|why| (line, why))?),
            Some(names) if names.len() != texts.len() => {
                let (expected, found) = (names.len(), texts.len());
                let why =
                    format!("expected {expected} fields, as the header has, found {found}: quote");
                return Err((line, format!("{why} a field that holds a comma or a line end")));
            }
            Some(names) => {
                let values = names.iter().cloned().zip(texts).collect();
                rows.push(Row { line, values });
            }
        }
    }
    match header {
        Some(_) => Ok(rows),
        None => Err((1, "expected a header, found an empty file".to_owned())),
    }
}

fn names(header: &[String], columns: &mut Columns, line: u64) -> Result<Vec<String>, String> {
    let mut names = Vec::with_capacity(header.len());
    for text in header {
        let (name, kind) = columns.read(text)?;
        if names.contains(&name) {
            return Err(twice(text, &name));
        }
        columns.add(&name, kind, text, line)?;
        names.push(name);
    }
    Ok(names)
}

fn from_lines(octets: &[u8], columns: &mut Columns) -> Result<Vec<Row>, Wrong> {
    let mut rows = Vec::new();
    for (line, octets) in (1..).zip(octets.split(|octet| *octet == b'\n')) {
        let wrong = |why: String| (line, why);
        let text = std::str::from_utf8(octets).map_err(|_| {
            wrong("expected UTF-8 text, found other octets: save the file as UTF-8".to_owned())
        })?;
        if text.trim().is_empty() {
            continue;
        }
        let object: Object = serde_json::from_str(text).map_err(|error| {
            let said = error.to_string();
            // Its count of lines begins with this one.
            let said = said.rsplit_once(" at line ").map_or(&*said, |(said, _)| said);
            wrong(format!("expected a JSON object: {said} (column {})", error.column()))
        })?;
        let mut values = BTreeMap::new();
        for (text, value) in object.0 {
            let (name, kind) = columns.read(&text).map_err(wrong)?;
            columns.add(&name, kind, &text, line).map_err(wrong)?;
            let value = match value {
                serde_json::Value::Null => String::new(),
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            };
            if values.insert(name.clone(), value).is_some() {
                return Err(wrong(twice(&text, &name)));
            }
        }
        rows.push(Row { line, values });
    }
    match rows.is_empty() {
        false => Ok(rows),
        true => Err((1, "expected a JSON object a line, found an empty file".to_owned())),
    }
}

/// The members of a JSON object, those that come twice too.
struct Object(Vec<(String, serde_json::Value)>);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }

        from.deserialize_map(Members)
    }
}

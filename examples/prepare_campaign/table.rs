//! Rows of CSV files, with their lines.

use std::fmt;
use std::fs;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord};

use crate::csv_lines::CsvLines;

/// How many wrong rows are told.
const MOST_WRONG: usize = 20;

/// A file that was read.
pub(crate) struct Table {
    /// The file as messages name it.
    file: String,
    columns: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// A row of it.
pub(crate) struct Row {
    pub(crate) line: u64,
    cells: StringRecord,
}

impl Row {
    /// What stands in a column, without the blanks around it; empty where there is no such column.
    pub(crate) fn cell(&self, column: Option<usize>) -> &str {
        self.raw(column).trim()
    }

    /// The same with the blanks.
    pub(crate) fn raw(&self, column: Option<usize>) -> &str {
        column.and_then(|column| self.cells.get(column)).unwrap_or_default()
    }
}

impl Table {
    /// Reads a file, or the bundled one.
    pub(crate) fn read(path: Option<&Path>, bundled: (&str, &str)) -> Result<Self, String> {
        let (file, octets) = match path {
            None => (bundled.0.to_owned(), bundled.1.as_bytes().to_vec()),
            Some(path) => {
                let file = path.display().to_string();
                let octets = fs::read(path).map_err(|error| format!("{file}: {error}"))?;
                (file, octets)
            }
        };
        let octets = octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&octets);
        Self::parse(file, octets)
    }

    fn parse(file: String, octets: &[u8]) -> Result<Self, String> {
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(octets);
        let mut lines = CsvLines::new(octets);
        let mut table = Self { file, columns: Vec::new(), rows: Vec::new() };
        let mut wrong = Wrong::default();
        for record in reader.byte_records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => return Err(table.wrong_at(lines.line, error)),
            };
            let line = lines.of(record.position());
            let cells = match StringRecord::from_byte_record(record) {
                Ok(cells) => cells,
                Err(error) => {
                    let field = error.utf8_error().field();
                    let name = table.columns.get(field).map(|name| format!(" ({name})"));
                    let (field, name) = (field + 1, name.unwrap_or_default());
                    let why = "expected UTF-8 text, found other octets: save the file as UTF-8";
                    wrong.add(table.wrong_at(line, format_args!("field {field}{name}: {why}")));
                    continue;
                }
            };
            if table.columns.is_empty() {
                table.columns = names(&cells).map_err(|why| table.wrong_at(line, why))?;
            } else if cells.len() == table.columns.len() {
                table.rows.push(Row { line, cells });
            } else {
                let (expected, found) = (table.columns.len(), cells.len());
                let why = format!(
                    "expected {expected} fields, as the header has, found {found}: quote a field \
                     that holds a comma or a line end"
                );
                wrong.add(table.wrong_at(line, why));
            }
        }
        if table.columns.is_empty() && wrong.told.is_empty() {
            wrong.add(table.wrong("expected a header, found an empty file"));
        }
        wrong.ended()?;
        Ok(table)
    }

    /// What is wrong with the file.
    pub(crate) fn wrong(&self, why: impl fmt::Display) -> String {
        format!("{}: {why}", self.file)
    }

    /// What is wrong in a line of it.
    pub(crate) fn wrong_at(&self, line: u64, why: impl fmt::Display) -> String {
        self.wrong(format_args!("line {line}: {why}"))
    }

    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// A column without which nothing can be done.
    pub(crate) fn needed(&self, name: &str) -> Result<usize, String> {
        self.column(name).ok_or_else(|| {
            let found = self.columns.join(", ");
            self.wrong_at(1, format_args!("expected a column {name}, found {found:?}"))
        })
    }
}

fn names(header: &StringRecord) -> Result<Vec<String>, String> {
    let mut names: Vec<String> = Vec::with_capacity(header.len());
    for text in header {
        let name = text.trim().to_ascii_lowercase();
        if name.contains([';', '\t']) {
            return Err(format!("expected columns separated by commas, found {text:?}"));
        }
        if !name.is_empty() && names.contains(&name) {
            return Err(format!("expected each column once, found {name} twice"));
        }
        names.push(name);
    }
    Ok(names)
}

/// What is wrong in a file, as far as somebody reads it.
#[derive(Default)]
pub(crate) struct Wrong {
    told: Vec<String>,
    more: u64,
}

impl Wrong {
    pub(crate) fn add(&mut self, what: String) {
        if self.told.len() < MOST_WRONG {
            self.told.push(what);
        } else {
            self.more += 1;
        }
    }

    /// All of it, where there is anything.
    pub(crate) fn ended(mut self) -> Result<(), String> {
        if self.more > 0 {
            self.told.push(format!("... and {} more", self.more));
        }
        if self.told.is_empty() { Ok(()) } else { Err(self.told.join("\n")) }
    }
}

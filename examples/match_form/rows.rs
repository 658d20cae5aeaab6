//! Rows of files as submissions and as contacts.

use std::path::Path;

use chrono::{DateTime, SubsecRound, Utc};
use correspond::form::{FieldError, FieldKind, FormField, MarketingForm, Submission};
use correspond::id::RecordId;
use correspond::party::{Attributes, Party, Value};
use correspond::record::RecordKind;

use crate::input::{Column, Row, Table};

/// A row that is a submission.
pub(crate) struct Entry {
    pub(crate) line: u64,
    pub(crate) id: RecordId,
    /// Whose address it has, for people to read.
    pub(crate) email: String,
    pub(crate) submission: Submission,
}

/// A row that is a contact.
pub(crate) struct Contact {
    pub(crate) line: u64,
    /// Its id as the file has it.
    pub(crate) id: String,
    pub(crate) party: Party,
}

/// The file of submissions.
pub(crate) fn submissions(path: Option<&Path>) -> Result<Table, String> {
    const SPECIAL: &[&str] = &["id", "page", "visitor"];
    const BUNDLED: &str = include_str!("../data/forms/submissions.csv");
    let bundled = || Table::bundled("submissions.csv", BUNDLED, SPECIAL);
    path.map_or_else(bundled, |path| Table::read(path, SPECIAL))
}

/// The file of contacts.
pub(crate) fn contacts(path: Option<&Path>) -> Result<Table, String> {
    const SPECIAL: &[&str] = &["id", "modified", "state"];
    const BUNDLED: &str = include_str!("../data/forms/contacts.csv");
    let bundled = || Table::bundled("contacts.csv", BUNDLED, SPECIAL);
    path.map_or_else(bundled, |path| Table::read(path, SPECIAL))
}

/// The fields that the columns of submissions are.
pub(crate) fn fields(table: &Table) -> Result<Vec<FormField>, String> {
    let field = |(name, column): (&String, &Column)| match FormField::new(name) {
        Ok(field) => Ok(field.of_kind(column.kind)),
        Err(error) => {
            let text = &column.text;
            Err(table.wrong_at(column.line, format_args!("column {text:?}: {error}")))
        }
    };
    table.columns.iter().map(field).collect()
}

/// The submissions of a file, each checked.
pub(crate) fn entries(
    table: &mut Table,
    form: &MarketingForm,
    form_id: RecordId,
    now: DateTime<Utc>,
) -> Result<Vec<Entry>, String> {
    let rows = std::mem::take(&mut table.rows).into_iter().enumerate();
    let read = |(place, row): (usize, Row)| {
        let (line, made) = (row.line, table.row_id(place, &row));
        entry(row, made, form, form_id, now).map_err(|why| table.wrong_at(line, why))
    };
    rows.map(read).collect()
}

fn entry(
    mut row: Row,
    made: RecordId,
    form: &MarketingForm,
    form_id: RecordId,
    now: DateTime<Utc>,
) -> Result<Entry, String> {
    let id = row.take_id("id")?.map_or(made, |(id, _)| id);
    let (page, visitor) = (row.take_id("page")?, row.take_id("visitor")?);
    let email = row.values.get("emailaddress1").map(|text| text.trim().to_owned());
    let submission = Submission::read(form, form_id, now, row.values);
    let mut submission = submission.map_err(|error| error.to_string())?;
    if let Some((page, _)) = page {
        submission = submission.on_page(page);
    }
    if let Some((visitor, _)) = visitor {
        // No signed link: it is preferred among those that match.
        submission = submission.by_cookie(visitor);
    }
    Ok(Entry { line: row.line, id, email: email.unwrap_or_default(), submission })
}

/// The contacts of a file, each checked.
pub(crate) fn parties(table: &mut Table) -> Result<Vec<Contact>, String> {
    let rows = std::mem::take(&mut table.rows).into_iter();
    let read = |row: Row| {
        let line = row.line;
        contact(table, row).map_err(|why| table.wrong_at(line, why))
    };
    rows.map(read).collect()
}

fn contact(table: &Table, mut row: Row) -> Result<Contact, String> {
    let (id, text) = row.take_id("id")?.ok_or("id: expected one, found none")?;
    let modified = row.take("modified").unwrap_or_default();
    let modified = match typed("modified", FieldKind::Time, &modified)? {
        // As exactly as stores keep it.
        Some(Value::Time(time)) => time.trunc_subsecs(6),
        _ => DateTime::UNIX_EPOCH,
    };
    let active = match row.take("state").as_deref().map(str::trim) {
        None | Some("active") => true,
        Some("inactive") => false,
        Some(other) => {
            return Err(format!("state: expected active or inactive, found {other:?}"));
        }
    };
    let mut attributes = Attributes::default();
    for (name, value) in row.values {
        let kind = table.columns.get(&name).map(|column| column.kind).unwrap_or_default();
        if let Some(value) = typed(&name, kind, &value)? {
            attributes.set(name, value).map_err(|error| error.to_string())?;
        }
    }
    let party = Party::new(RecordKind::Contact.of(id), modified, attributes);
    let party = if active { party } else { party.inactive() };
    Ok(Contact { line: row.line, id: text, party })
}

/// The value of a column, read as that of a field is.
fn typed(name: &str, kind: FieldKind, text: &str) -> Result<Option<Value>, String> {
    // Forms have no fields for some columns that contacts have.
    let field = FormField::new("value").map_err(|error| error.to_string())?;
    field.of_kind(kind).read(text).map_err(|error| match error {
        FieldError::Value { expected, found, .. } => {
            format!("{name}: expected {expected}, found {found:?}")
        }
        other => format!("{name}: {other}"),
    })
}

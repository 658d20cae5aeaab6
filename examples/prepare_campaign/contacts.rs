//! The contacts of a segment.

use std::path::Path;

use chrono::{DateTime, Utc};
use correspond::consent::{Level, Person};
use correspond::id::RecordId;
use correspond::recipients::{Keep, Recipient};

use crate::table::{Row, Table, Wrong};

const BUNDLED: (&str, &str) = ("contacts.csv", include_str!("../data/campaign/contacts.csv"));

/// Columns that keep somebody from getting the message.
const STOPPING: [&str; 4] =
    [Person::DO_NOT_EMAIL, Person::DO_NOT_BULK_EMAIL, Level::COLUMN, "statecode"];

/// A segment.
pub(crate) struct Contacts {
    table: Table,
    columns: Columns,
    pub(crate) all: Vec<Contact>,
}

struct Columns {
    id: usize,
    address: usize,
    name: Option<usize>,
}

/// What decisions look at, of a row of the file.
pub(crate) struct Contact {
    pub(crate) line: u64,
    pub(crate) id: RecordId,
    pub(crate) person: Person,
    pub(crate) inactive: bool,
    modified: Option<DateTime<Utc>>,
}

impl Contacts {
    pub(crate) fn read(path: Option<&Path>, keep: Keep) -> Result<Self, String> {
        let table = Table::read(path, BUNDLED)?;
        let columns = Columns {
            id: table.needed("contactid")?,
            address: table.needed("emailaddress1")?,
            name: table.column("fullname"),
        };
        if keep == Keep::HighestRank {
            table.needed("modifiedon")?;
        }
        let reader = Reader::of(&table, columns.id);
        let (mut all, mut wrong) = (Vec::with_capacity(table.rows.len()), Wrong::default());
        for row in &table.rows {
            match reader.contact(row) {
                Ok(contact) => all.push(contact),
                Err(why) => wrong.add(table.wrong_at(row.line, why)),
            }
        }
        wrong.ended()?;
        Ok(Self { table, columns, all })
    }

    /// Is there such a column?
    pub(crate) fn has(&self, column: &str) -> bool {
        self.table.column(column).is_some()
    }

    /// What stands in a column of a row.
    pub(crate) fn cell(&self, row: usize, column: &str) -> Option<&str> {
        let column = self.table.column(column)?;
        self.table.rows.get(row).map(|row| row.cell(Some(column)))
    }

    /// The address of a row, as written.
    pub(crate) fn address(&self, row: usize) -> &str {
        self.table.rows.get(row).map_or("", |row| row.raw(Some(self.columns.address)))
    }

    /// The id of a row, as written.
    pub(crate) fn id(&self, row: usize) -> &str {
        self.table.rows.get(row).map_or("", |row| row.cell(Some(self.columns.id)))
    }

    /// What the contact of a row is called; its id where it has no name.
    pub(crate) fn name(&self, row: usize) -> &str {
        let name = self.table.rows.get(row).map_or("", |row| row.cell(self.columns.name));
        if name.is_empty() { self.id(row) } else { name }
    }

    pub(crate) fn line(&self, row: usize) -> u64 {
        self.all.get(row).map_or(0, |contact| contact.line)
    }

    /// The columns that are not there, so that nobody is kept from the message by them.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        STOPPING.into_iter().filter(|name| self.table.column(name).is_none()).collect()
    }

    /// The segment as it is deduplicated.
    pub(crate) fn segment(&self, keep: Keep) -> Vec<Recipient<'_>> {
        let of = |(row, contact): (usize, &Contact)| {
            let recipient = Recipient::new(contact.id, self.address(row));
            let recipient = recipient.with_person(contact.person);
            match contact.modified {
                Some(modified) if keep == Keep::HighestRank => recipient.active_at(modified),
                _ if keep == Keep::HighestRank => recipient.with_rank(i64::MIN),
                _ => recipient,
            }
        };
        self.all.iter().enumerate().map(of).collect()
    }
}

/// Where the columns are that say something about a person.
struct Reader {
    id: usize,
    level: Option<usize>,
    child: Option<usize>,
    no_email: Option<usize>,
    no_bulk_email: Option<usize>,
    state: Option<usize>,
    modified: Option<usize>,
}

impl Reader {
    fn of(table: &Table, id: usize) -> Self {
        Self {
            id,
            level: table.column(Level::COLUMN),
            child: table.column(Person::CHILD),
            no_email: table.column(Person::DO_NOT_EMAIL),
            no_bulk_email: table.column(Person::DO_NOT_BULK_EMAIL),
            state: table.column("statecode"),
            modified: table.column("modifiedon"),
        }
    }

    fn contact(&self, row: &Row) -> Result<Contact, String> {
        let id = row.cell(Some(self.id));
        let id = id.parse().map_err(|error| format!("contactid: {error}, found {id:?}"))?;
        let flag = |name, column| flag(name, row.cell(column));
        let mut person = Person::new(level(row.cell(self.level))?);
        if flag(Person::CHILD, self.child)? {
            person = person.child();
        }
        if flag(Person::DO_NOT_EMAIL, self.no_email)? {
            person = person.without_email();
        }
        if flag(Person::DO_NOT_BULK_EMAIL, self.no_bulk_email)? {
            person = person.without_bulk_email();
        }
        let inactive = match row.cell(self.state).to_ascii_lowercase().as_str() {
            "" | "0" | "active" => false,
            "1" | "inactive" => true,
            other => {
                return Err(format!("statecode: expected Active or Inactive, found {other:?}"));
            }
        };
        let modified = match row.cell(self.modified) {
            "" => None,
            text => Some(text.parse().map_err(|_| {
                format!("modifiedon: expected a time as 2026-11-22T09:30:00Z, found {text:?}")
            })?),
        };
        Ok(Contact { line: row.line, id, person, inactive, modified })
    }
}

/// A choice between yes and no, as the Web API has it, or as spreadsheets do.
fn flag(name: &str, text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "" | "false" | "0" | "no" | "allow" => Ok(false),
        "true" | "1" | "yes" | "do not allow" => Ok(true),
        _ => Err(format!("{name}: expected true or false, found {text:?}")),
    }
}

/// A level by its code, its label, or its name.
fn level(text: &str) -> Result<Level, String> {
    let named = |level: &&Level| {
        let label = level.to_string();
        let name = label.rsplit(' ').next().unwrap_or_default();
        label.eq_ignore_ascii_case(text) || name.eq_ignore_ascii_case(text)
    };
    match text.parse::<i32>() {
        _ if text.is_empty() => return Ok(Level::None),
        Ok(code) => Level::from_code(Some(code)).ok(),
        Err(_) => Level::ALL.iter().find(named).copied(),
    }
    .ok_or_else(|| {
        let name = Level::COLUMN;
        format!("{name}: expected 587030001 to 587030005, or a level as Marketing, found {text:?}")
    })
}

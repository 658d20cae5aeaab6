//! Sets of tables: requested, published.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::catalogue::{TableError, TableErrorKind};
use crate::settings::error::ValueError;
use crate::settings::field::{TableName, structure};

/// At most this many tables in a set: what fits into one record, and more than anybody pays for.
const MAX: usize = 1_000;

/// The tables that are published from the start, by name.
const ALWAYS: [TableName; 3] =
    [TableName::known("account"), TableName::known("contact"), TableName::known("msevtmgt_event")];

fn expected() -> String {
    format!("up to {MAX} different tables")
}

/// The tables that are selected, but not published: at most 1,000. They come and go by
/// [`request`](super::MarketingDataConfiguration::request),
/// [`unrequest`](super::MarketingDataConfiguration::unrequest) and by being published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<TableName>")]
pub struct RequestedTables(BTreeSet<TableName>);

impl RequestedTables {
    /// At most this many.
    pub const MAX: usize = MAX;

    /// Them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &TableName> {
        self.0.iter()
    }

    /// Is `table` among them?
    #[must_use]
    pub fn contains(&self, table: &TableName) -> bool {
        self.0.contains(table)
    }

    /// Is there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn with(&self, table: &TableName) -> Result<Self, TableError> {
        let mut tables = self.0.clone();
        tables.insert(table.clone());
        if tables.len() > Self::MAX {
            return Err(TableError::new(TableErrorKind::TooMany, Some(table)));
        }
        Ok(Self(tables))
    }

    pub(super) fn without(&self, table: &TableName) -> Self {
        let mut tables = self.0.clone();
        tables.remove(table);
        Self(tables)
    }
}

impl TryFrom<Vec<TableName>> for RequestedTables {
    type Error = ValueError;

    fn try_from(names: Vec<TableName>) -> Result<Self, ValueError> {
        if names.len() > Self::MAX {
            return Err(ValueError::length(expected(), names.len()));
        }
        let mut tables = BTreeSet::new();
        for name in names {
            if let Some(twice) = tables.replace(name) {
                return Err(ValueError::form(expected(), format_args!("{twice} twice")));
            }
        }
        Ok(Self(tables))
    }
}

/// The published tables, at most 1,000: `account`, `contact`, `msevtmgt_event`, and what was added.
/// A table can only be added, and only by
/// [`publication`](super::MarketingDataConfiguration::publication): there is no way to take one out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Entry>", into = "Vec<Entry>")]
pub struct PublishedTables(BTreeMap<TableName, Option<DateTime<Utc>>>);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    table: TableName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    usable_at: Option<DateTime<Utc>>,
}

impl PublishedTables {
    /// At most this many.
    pub const MAX: usize = MAX;

    /// Them, by name, with the time from which on their data is usable; `None`: since ever.
    pub fn iter(&self) -> impl Iterator<Item = (&TableName, Option<DateTime<Utc>>)> {
        self.0.iter().map(|(table, usable_at)| (table, *usable_at))
    }

    /// Is `table` among them, be its data usable yet or not?
    #[must_use]
    pub fn contains(&self, table: &TableName) -> bool {
        self.0.contains_key(table)
    }

    /// Is `table` among them, and its data usable?
    #[must_use]
    pub fn is_usable(&self, table: &TableName, now: DateTime<Utc>) -> bool {
        self.usable_at(table).is_some_and(|usable_at| usable_at.is_none_or(|time| time <= now))
    }

    /// `None`: not published; `Some(None)`: usable since ever.
    pub(super) fn usable_at(&self, table: &TableName) -> Option<Option<DateTime<Utc>>> {
        self.0.get(table).copied()
    }

    pub(super) fn with<'a>(
        &self,
        added: impl IntoIterator<Item = &'a TableName>,
        usable_at: DateTime<Utc>,
    ) -> Result<Self, TableError> {
        let mut tables = self.0.clone();
        for table in added {
            tables.entry(table.clone()).or_insert(Some(usable_at));
        }
        if tables.len() > Self::MAX {
            return Err(TableError::new(TableErrorKind::TooMany, None));
        }
        Ok(Self(tables))
    }
}

impl Default for PublishedTables {
    fn default() -> Self {
        Self(ALWAYS.into_iter().map(|table| (table, None)).collect())
    }
}

impl TryFrom<Vec<Entry>> for PublishedTables {
    type Error = ValueError;

    fn try_from(entries: Vec<Entry>) -> Result<Self, ValueError> {
        if entries.len() > Self::MAX {
            return Err(ValueError::length(expected(), entries.len()));
        }
        let mut tables = BTreeMap::new();
        for Entry { table, usable_at } in entries {
            if tables.contains_key(&table) {
                return Err(ValueError::form(expected(), format_args!("{table} twice")));
            }
            tables.insert(table, usable_at);
        }
        match ALWAYS.iter().find(|table| !tables.contains_key(*table)) {
            Some(absent) => Err(ValueError::form(
                "account, contact and msevtmgt_event among the published tables",
                format_args!("none of {absent}"),
            )),
            None => Ok(Self(tables)),
        }
    }
}

impl From<PublishedTables> for Vec<Entry> {
    fn from(tables: PublishedTables) -> Self {
        let entries = tables.0.into_iter();
        entries.map(|(table, usable_at)| Entry { table, usable_at }).collect()
    }
}

structure!(RequestedTables, PublishedTables);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_tables_are_bounded() {
        let names = |n: usize| -> Vec<_> {
            (0..n).map(|n| TableName::new(format!("t{n}")).unwrap()).collect()
        };
        let full = RequestedTables::try_from(names(1_000)).unwrap();
        assert_eq!(
            RequestedTables::try_from(names(1_001)).unwrap_err().to_string(),
            "expected up to 1000 different tables, found 1001"
        );
        let error = full.with(&TableName::known("one_more")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "table one_more: expected at most 1000 tables, found one more"
        );
        assert_eq!(full.with(&TableName::known("t7")), Ok(full));
        let published = PublishedTables::default();
        let error = published.with(&names(998), DateTime::UNIX_EPOCH).unwrap_err();
        assert_eq!(error.to_string(), "expected at most 1000 tables, found more");
        assert!(published.with(&names(997), DateTime::UNIX_EPOCH).is_ok());
        for name in ALWAYS {
            assert!(TableName::new(name.as_str()).is_ok());
        }
    }
}

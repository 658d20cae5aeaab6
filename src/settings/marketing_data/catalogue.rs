//! What can be selected at all?

use std::collections::BTreeMap;
use std::fmt;

use crate::settings::field::TableName;

/// A table of the organization, as its metadata has it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CatalogueTable {
    /// Its logical name.
    pub name: TableName,
    /// Is its change tracking on? Only such tables can be synchronized.
    pub change_tracking: bool,
}

impl CatalogueTable {
    /// This table.
    #[must_use]
    pub const fn new(name: TableName, change_tracking: bool) -> Self {
        Self { name, change_tracking }
    }
}

/// The tables of the organization, the host's own and custom ones, at most 10,000. The host reads
/// them from its metadata.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableCatalogue(BTreeMap<TableName, bool>);

impl TableCatalogue {
    /// At most this many.
    pub const MAX: usize = 10_000;

    /// These tables; of two of one name the last.
    ///
    /// # Errors
    ///
    /// There are too many.
    pub fn new(tables: impl IntoIterator<Item = CatalogueTable>) -> Result<Self, TableError> {
        let mut known = BTreeMap::new();
        for table in tables {
            known.insert(table.name, table.change_tracking);
            if known.len() > Self::MAX {
                return Err(TableError::new(TableErrorKind::Catalogue, None));
            }
        }
        Ok(Self(known))
    }

    /// Those that can be selected, by name: change tracking is on.
    pub fn selectable_tables(&self) -> impl Iterator<Item = &TableName> {
        self.0.iter().filter_map(|(name, tracked)| tracked.then_some(name))
    }

    pub(crate) fn selectable(&self, table: &TableName) -> Result<(), TableError> {
        match self.0.get(table) {
            Some(true) => Ok(()),
            Some(false) => Err(TableError::new(TableErrorKind::ChangeTracking, Some(table))),
            None => Err(TableError::new(TableErrorKind::Unknown, Some(table))),
        }
    }
}

/// A table cannot be requested, or not be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableError {
    kind: TableErrorKind,
    table: Option<TableName>,
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TableErrorKind {
    /// The catalogue does not have it.
    Unknown,
    /// Its change tracking is off.
    ChangeTracking,
    /// It is published, which is for good.
    Published,
    /// There would be more than [`PublishedTables::MAX`](super::PublishedTables::MAX).
    TooMany,
    /// The catalogue has more than [`TableCatalogue::MAX`].
    Catalogue,
}

impl TableError {
    pub(super) fn new(kind: TableErrorKind, table: Option<&TableName>) -> Self {
        Self { kind, table: table.cloned() }
    }

    /// Why not.
    #[must_use]
    pub const fn kind(&self) -> TableErrorKind {
        self.kind
    }

    /// Which table; `None` where it is about all of them.
    #[must_use]
    pub const fn table(&self) -> Option<&TableName> {
        self.table.as_ref()
    }
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(table) = &self.table {
            write!(f, "table {table}: ")?;
        }
        match (self.kind, &self.table) {
            (TableErrorKind::Unknown, _) => {
                f.write_str("expected a table, found none of this name")
            }
            (TableErrorKind::ChangeTracking, _) => {
                f.write_str("expected a table with change tracking, found it off")
            }
            (TableErrorKind::Published, _) => f.write_str(
                "expected a table that is merely requested, found it published for good",
            ),
            (TableErrorKind::TooMany, table) => {
                let found = if table.is_some() { "one more" } else { "more" };
                write!(f, "expected at most {} tables, found {found}", super::PublishedTables::MAX)
            }
            (TableErrorKind::Catalogue, _) => {
                write!(
                    f,
                    "expected a catalogue of at most {} tables, found more",
                    TableCatalogue::MAX
                )
            }
        }
    }
}

impl std::error::Error for TableError {}

#[cfg(test)]
mod tests {
    use super::*;

    /// A113; facts 7.8: without change tracking a table is not listed and cannot be selected.
    #[test]
    fn a_table_without_change_tracking_cannot_be_selected() {
        let [tracked, other, unknown] =
            ["new_pet", "new_toy", "new_zoo"].map(|name| TableName::new(name).unwrap());
        let catalogue = TableCatalogue::new([
            CatalogueTable::new(tracked.clone(), true),
            CatalogueTable::new(other.clone(), false),
        ])
        .unwrap();
        assert_eq!(catalogue.selectable(&tracked), Ok(()));
        assert_eq!(catalogue.selectable_tables().collect::<Vec<_>>(), [&tracked]);
        let error = catalogue.selectable(&other).unwrap_err();
        assert_eq!((error.kind(), error.table()), (TableErrorKind::ChangeTracking, Some(&other)));
        assert_eq!(
            error.to_string(),
            "table new_toy: expected a table with change tracking, found it off"
        );
        assert_eq!(
            catalogue.selectable(&unknown).unwrap_err().to_string(),
            "table new_zoo: expected a table, found none of this name"
        );
    }

    #[test]
    fn a_catalogue_is_bounded() {
        let tables = |n: usize| {
            (0..n).map(|n| CatalogueTable::new(TableName::new(format!("t{n}")).unwrap(), true))
        };
        assert!(TableCatalogue::new(tables(TableCatalogue::MAX)).is_ok());
        assert_eq!(
            TableCatalogue::new(tables(TableCatalogue::MAX + 1)).unwrap_err().to_string(),
            "expected a catalogue of at most 10000 tables, found more"
        );
    }
}

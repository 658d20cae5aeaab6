//! How is an export read, and how is one written?

use super::tables::Table;
use crate::settings::{PrefixHistory, Profile, Release, ValueError};

/// What an export does not say about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct ImportOptions {
    pub(super) profile: Profile,
    pub(super) release: Release,
    pub(super) separator: char,
    pub(super) names: Vec<(Box<str>, Table)>,
}

impl Default for ImportOptions {
    fn default() -> Self {
        Self {
            profile: Profile::Documents,
            release: Release::default(),
            separator: PrefixHistory::SEPARATOR,
            names: Vec::new(),
        }
    }
}

impl ImportOptions {
    /// The most names of tables that can be added.
    pub const MAX_NAMES: usize = 1_000;

    /// The profile that the organization lives by: its effective defaults stand where a column is
    /// missing or blank. The documents', where nothing is said.
    pub fn profile(self, profile: Profile) -> Self {
        Self { profile, ..self }
    }

    /// The release that it lives by.
    pub fn release(self, release: Release) -> Self {
        Self { release, ..self }
    }

    /// What stands between the prefixes in `organization.trackingprefix`: `;`, where nothing is said.
    pub fn prefix_separator(self, separator: char) -> Self {
        Self { separator, ..self }
    }

    /// Another name for a table: the plural names of the marketing tables are not confirmed.
    ///
    /// ```
    /// use correspond::settings::dataverse::ImportOptions;
    ///
    /// let options = ImportOptions::default()
    ///     .table_name("msdyncrm_contentsettingsset", "msdyncrm_contentsettings")?;
    /// # Ok::<(), correspond::settings::ValueError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// `table` is none of the tables that are read, by its logical name; or there are more than
    /// [`MAX_NAMES`](Self::MAX_NAMES).
    pub fn table_name(mut self, name: &str, table: &str) -> Result<Self, ValueError> {
        let found = Table::of(table, &[]).ok_or_else(|| {
            let known = Table::ALL.map(Table::logical_name).join(", ");
            let shown: String = table.chars().take(80).collect();
            ValueError::form(format!("one of the tables {known}"), format!("{shown:?}"))
        })?;
        if self.names.len() >= Self::MAX_NAMES {
            let expected = format!("at most {} names of tables", Self::MAX_NAMES);
            return Err(ValueError::length(expected, "more"));
        }
        self.names.push((name.into(), found));
        Ok(self)
    }

    pub(super) fn table(&self, name: &str) -> Option<Table> {
        Table::of(name, &self.names)
    }
}

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct ExportOptions {
    pub(super) entity_sets: bool,
}

impl Default for ExportOptions {
    fn default() -> Self {
        Self { entity_sets: true }
    }
}

impl ExportOptions {
    /// Are tables that the export was not imported with named by their entity sets (`organizations`),
    /// or by their logical names (`organization`)? By entity sets, where nothing is said.
    pub fn entity_sets(self, entity_sets: bool) -> Self {
        Self { entity_sets }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_tables_get_another_name() {
        let error = ImportOptions::default().table_name("x", "contact").unwrap_err().to_string();
        assert!(error.starts_with("expected one of the tables organization, emailserverprofile,"));
        assert!(error.ends_with(", found \"contact\""), "{error}");
        let full = (0..ImportOptions::MAX_NAMES)
            .try_fold(ImportOptions::default(), |options, at| {
                options.table_name(&at.to_string(), "queue")
            })
            .unwrap();
        assert_eq!(full.table("7"), Some(Table::Queue));
        assert_eq!(
            full.table_name("x", "queue").unwrap_err().to_string(),
            "expected at most 1000 names of tables, found more"
        );
    }
}

//! What may use which tables?

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};

use super::MarketingDataConfiguration;
use crate::settings::field::TableName;

/// What needs the data of tables to be synchronized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DataUse {
    /// The conditions of a segment: every table that they query.
    Segmentation,
    /// Dynamic content of a mail: every table whose values it shows. A mail that misses one fails the
    /// error check.
    DynamicContent,
    /// The conditions of a scoring model: every table whose values they use.
    LeadScoring,
}

impl DataUse {
    const fn name(self) -> &'static str {
        match self {
            Self::Segmentation => "segmentation",
            Self::DynamicContent => "dynamic content",
            Self::LeadScoring => "lead scoring",
        }
    }
}

/// The tables that a segment, a mail or a scoring model lacks; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingTables {
    /// What lacks them.
    pub needed_by: DataUse,
    /// Those that are not published, by name.
    pub unpublished: Vec<TableName>,
    /// Those that are published, but not usable yet, with the time when they are at the latest.
    pub not_yet_usable: Vec<(TableName, DateTime<Utc>)>,
}

impl fmt::Display for MissingTables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected synchronized tables, found ", self.needed_by.name())?;
        let mut separator = "";
        for table in &self.unpublished {
            write!(f, "{separator}{table}, which is not")?;
            separator = "; ";
        }
        for (table, time) in &self.not_yet_usable {
            write!(f, "{separator}{table}, which will be by {}", time.to_rfc3339())?;
            separator = "; ";
        }
        Ok(())
    }
}

impl MarketingDataConfiguration {
    /// Which of these tables cannot be used at `now`, being not synchronized, or not yet? `None`: all
    /// can. A requested table is not synchronized.
    ///
    /// Each of the three uses may name only synchronized tables: one that names another cannot go
    /// live. The work is linear in the tables handed in.
    #[must_use]
    pub fn missing<'a>(
        &self,
        needed_by: DataUse,
        tables: impl IntoIterator<Item = &'a TableName>,
        now: DateTime<Utc>,
    ) -> Option<MissingTables> {
        // Each table is told once, however often a condition names it.
        let tables: BTreeSet<&TableName> = tables.into_iter().collect();
        let mut missing =
            MissingTables { needed_by, unpublished: Vec::new(), not_yet_usable: Vec::new() };
        for table in tables {
            match self.published.usable_at(table) {
                None => missing.unpublished.push(table.clone()),
                Some(Some(time)) if now < time => {
                    missing.not_yet_usable.push((table.clone(), time));
                }
                Some(_) => {}
            }
        }
        let none = missing.unpublished.is_empty() && missing.not_yet_usable.is_empty();
        (!none).then_some(missing)
    }
}

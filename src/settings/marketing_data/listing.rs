//! What does the page show?

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::MarketingDataConfiguration;
use super::catalogue::TableCatalogue;
use crate::settings::field::TableName;

/// How far a table is. What cannot be selected is not listed at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TableState {
    /// It can be selected.
    Available,
    /// It is selected, but not published.
    Requested,
    /// It is published, and its data usable at that time at the latest.
    Publishing(DateTime<Utc>),
    /// It is published, and its data usable.
    Published,
}

impl TableState {
    /// Is its check box ticked?
    #[must_use]
    pub const fn is_checked(self) -> bool {
        !matches!(self, Self::Available)
    }

    /// Is its check box greyed, because it cannot be unticked any more? From the moment on in which
    /// synchronization starts.
    #[must_use]
    pub const fn is_locked(self) -> bool {
        matches!(self, Self::Publishing(_) | Self::Published)
    }
}

/// A row of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListedTable {
    /// Which table.
    pub name: TableName,
    /// How far it is.
    pub state: TableState,
}

impl MarketingDataConfiguration {
    /// The rows of the page at `now`, by name: what can be selected, what is, and what is published.
    ///
    /// A listing shows the state in which it was made: what is published afterwards shows in the
    /// next one, as the product's page shows it after a reload.
    #[must_use]
    pub fn listing(&self, catalogue: &TableCatalogue, now: DateTime<Utc>) -> Vec<ListedTable> {
        let available = catalogue.selectable_tables().map(|name| (name, TableState::Available));
        // A table that lost its change tracking since is still selected, and can be given back.
        let requested = self.requested.iter().map(|name| (name, TableState::Requested));
        let published = self.published.iter().map(|(name, usable_at)| match usable_at {
            Some(time) if now < time => (name, TableState::Publishing(time)),
            _ => (name, TableState::Published),
        });
        let rows: BTreeMap<_, _> = available.chain(requested).chain(published).collect();
        rows.into_iter().map(|(name, state)| ListedTable { name: name.clone(), state }).collect()
    }
}

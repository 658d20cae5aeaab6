//! Publishing what was requested.

use chrono::{DateTime, TimeDelta, Utc};

use super::catalogue::{TableCatalogue, TableError};
use super::{MarketingDataConfiguration, RequestedTables};
use crate::settings::field::TableName;
use crate::settings::profile::Profile;

/// What publishing would add, for good: to be shown, and confirmed or dropped. Dropped, nothing
/// happened, and the tables stay merely requested.
#[derive(Clone, Debug)]
#[must_use = "nothing is published before it is confirmed"]
pub struct Publication<'a> {
    configuration: &'a MarketingDataConfiguration,
}

/// What publishing led to.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[must_use = "the new configuration is to be stored, as `flow::settings::publish` does"]
pub struct Published {
    /// The configuration to store.
    pub configuration: MarketingDataConfiguration,
    /// The tables that were added, by name; none where nothing was requested.
    pub added: Vec<TableName>,
    /// When their data is usable at the latest: half an hour from now, later a day
    /// ([`Profile::publish_wait`]).
    pub usable_at: DateTime<Utc>,
}

impl MarketingDataConfiguration {
    /// What publishing the requested tables would add.
    ///
    /// # Errors
    ///
    /// A requested table is gone, or its change tracking was switched off since; nothing is published
    /// then. Give that one back first.
    pub fn publication(&self, catalogue: &TableCatalogue) -> Result<Publication<'_>, TableError> {
        self.requested.iter().try_for_each(|table| catalogue.selectable(table))?;
        Ok(Publication { configuration: self })
    }
}

impl Publication<'_> {
    /// How long the acknowledgement of publishing takes at most: a minute.
    pub const ACKNOWLEDGED_WITHIN: TimeDelta = TimeDelta::minutes(1);

    /// The tables that would be added, by name.
    pub fn adds(&self) -> impl Iterator<Item = &TableName> {
        self.configuration.requested.iter()
    }

    /// Publishes them. Where the acknowledgement was lost, publishing again adds nothing and moves
    /// no time.
    ///
    /// # Errors
    ///
    /// There would be too many published tables.
    pub fn confirm(self, now: DateTime<Utc>, profile: Profile) -> Result<Published, TableError> {
        let before = self.configuration;
        let usable_at = now.checked_add_signed(profile.publish_wait()).unwrap_or(now);
        let published = before.published.with(before.requested.iter(), usable_at)?;
        Ok(Published {
            configuration: MarketingDataConfiguration {
                requested: RequestedTables::default(),
                published,
            },
            added: before.requested.iter().cloned().collect(),
            usable_at,
        })
    }
}

/// What to do about an acknowledgement ("Your new settings have been saved").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AcknowledgementState {
    /// It came: nothing.
    Acknowledged,
    /// It did not come yet: wait until then.
    Wait(DateTime<Utc>),
    /// It did not come within a minute: publish again, and wait again.
    Repeat,
}

impl AcknowledgementState {
    /// What to do at `now` about the acknowledgement of what was published at `sent`.
    #[must_use]
    pub fn of(sent: DateTime<Utc>, acknowledged: bool, now: DateTime<Utc>) -> Self {
        if acknowledged {
            return Self::Acknowledged;
        }
        match sent.checked_add_signed(Publication::ACKNOWLEDGED_WITHIN) {
            Some(until) if now < until => Self::Wait(until),
            _ => Self::Repeat,
        }
    }
}

//! Which tables are synchronized with the marketing insights service? (Marketing settings, Marketing
//! data configuration)

mod catalogue;
mod listing;
mod missing;
mod publication;
mod tables;

pub use catalogue::{CatalogueTable, TableCatalogue, TableError, TableErrorKind};
pub use listing::{ListedTable, TableState};
pub use missing::{DataUse, MissingTables};
pub use publication::{AcknowledgementState, Publication, Published};
pub use tables::{PublishedTables, RequestedTables};

use super::error::SettingError;
use super::field::{Defaults, TableName};
use super::record::record;

record! {
    /// The tables whose data segments, dynamic content and scoring may use, and those that are to
    /// join them. The product keeps the list in its marketing service and has no public table for it:
    /// the form is our own.
    ///
    /// A table is requested, and merely that until the changes are published; a published table
    /// stays. Contacts, accounts and events are published from the start.
    ///
    /// ```
    /// use chrono::{DateTime, TimeDelta};
    /// use correspond::settings::{
    ///     CatalogueTable, MarketingDataConfiguration, Profile, TableCatalogue, TableName,
    /// };
    ///
    /// let lead = TableName::new("lead")?;
    /// let catalogue = TableCatalogue::new([CatalogueTable::new(lead.clone(), true)])?;
    /// let now = DateTime::UNIX_EPOCH;
    ///
    /// let config = MarketingDataConfiguration::builder().build()?;
    /// let requested = config.request(&lead, &catalogue)?;
    /// assert!(!requested.published().contains(&lead), "nothing is published yet");
    ///
    /// let published = requested.publication(&catalogue)?.confirm(now, Profile::Documents)?;
    /// assert_eq!(published.added, [lead.clone()]);
    /// assert_eq!(published.usable_at, now + TimeDelta::minutes(30));
    /// assert!(published.configuration.unrequest(&lead).is_err(), "there is no way back");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    MarketingDataConfiguration, MarketingDataConfigurationBuilder, MarketingData,
        "Marketing data configuration", none;
    required {}
    optional {
        /// Selected, but not published.
        requested: ref RequestedTables = Defaults::effective(RequestedTables::default()),
            "Requested tables";
        /// Published, for good. A record with fewer, more, or other times cannot take the place of
        /// this one: tables are added by publishing alone
        /// ([`publication`](MarketingDataConfiguration::publication)), which asks the catalogue.
        published: ref PublishedTables = Defaults::effective(PublishedTables::default()),
            "Published tables";
    }
    check(this) {
        match this.requested.iter().find(|table| this.published.contains(table)) {
            Some(both) => Err(SettingError::excluded(
                "requested",
                "tables that are not published yet",
                both,
            )),
            None => Ok(()),
        }
    }
    change(this, before) {
        let refused = |expected: String, found: &'static str| {
            Err(SettingError::excluded("published", expected, found))
        };
        for (table, usable_at) in before.published.iter() {
            match this.published.usable_at(table) {
                Some(now) if now == usable_at => {}
                Some(_) => {
                    let expected = format!("{table}, usable from the time it was published with");
                    return refused(expected, "another time");
                }
                None => {
                    let expected = format!("{table}, which is published for good");
                    return refused(expected, "a list without it");
                }
            }
        }
        match this.published.iter().find(|(table, _)| !before.published.contains(table)) {
            Some((added, _)) => {
                refused(format!("{added} among the requested tables, to be published"), "it added")
            }
            None => Ok(()),
        }
    }
}

impl MarketingDataConfiguration {
    /// The same with `table` requested; without effect where it is already requested or published.
    ///
    /// # Errors
    ///
    /// The catalogue does not have it, or has it without change tracking, so that the page does not
    /// list it; or too many are requested.
    pub fn request(
        &self,
        table: &TableName,
        catalogue: &TableCatalogue,
    ) -> Result<Self, TableError> {
        if self.published.contains(table) {
            return Ok(self.clone());
        }
        catalogue.selectable(table)?;
        Ok(Self { requested: self.requested.with(table)?, ..self.clone() })
    }

    /// The same with `table` no longer requested; without effect where it was not.
    ///
    /// # Errors
    ///
    /// It is published, and that is for good.
    pub fn unrequest(&self, table: &TableName) -> Result<Self, TableError> {
        if self.published.contains(table) {
            return Err(TableError::new(TableErrorKind::Published, Some(table)));
        }
        Ok(Self { requested: self.requested.without(table), ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{DefaultKind, Profile, SettingsRecord};

    fn table(name: &str) -> TableName {
        TableName::new(name).unwrap()
    }

    /// A108; facts 5.9, 7.8.
    #[test]
    fn contacts_accounts_and_events_are_published_by_default() {
        let config = MarketingDataConfiguration::builder().build().unwrap();
        let published: Vec<_> = config.published().iter().map(|(table, _)| table).collect();
        assert_eq!(published, [&table("account"), &table("contact"), &table("msevtmgt_event")]);
        assert_eq!(config.requested().iter().count(), 0);
        assert_eq!(MarketingDataConfiguration::TABLE, None);
        let kinds = [DefaultKind::Metadata, DefaultKind::Effective(Profile::Documents)];
        let defaults =
            kinds.map(|kind| MarketingDataConfiguration::default_value("published", kind));
        assert_eq!(defaults[0], None);
        assert_eq!(defaults[1], config.value("published"));
    }

    #[test]
    fn marketing_data_form() {
        let json = r#"{"requested":["lead"],"published":[{"table":"account"},{"table":"contact"},{"table":"msevtmgt_event"},{"table":"new_pet","usable_at":"2020-02-02T02:30:00Z"}]}"#;
        let config: MarketingDataConfiguration = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&config).unwrap(), json);
        let refused = |json: &str| {
            let error = serde_json::from_str::<MarketingDataConfiguration>(json).unwrap_err();
            error.to_string().split(" at line").next().unwrap_or_default().to_owned()
        };
        assert_eq!(
            refused(r#"{"requested":["contact"]}"#),
            "requested: expected tables that are not published yet, found contact"
        );
        assert_eq!(
            refused(r#"{"published":[{"table":"contact"}]}"#),
            "published: expected account, contact and msevtmgt_event among the published tables, \
             found none of account"
        );
        let twice = json.replace("new_pet", "contact");
        assert_eq!(
            refused(&twice),
            "published: expected up to 1000 different tables, found contact twice"
        );
        assert_eq!(
            refused(r#"{"requested":["lead","lead"]}"#),
            "requested: expected up to 1000 different tables, found lead twice"
        );
    }

    /// A107; facts 7.8, section 10: the published tables are not changed by saving.
    #[test]
    fn a_published_table_cannot_be_left_out() {
        let json = r#"{"published":[{"table":"account"},{"table":"contact"},{"table":"msevtmgt_event"},{"table":"new_pet"}]}"#;
        let before: MarketingDataConfiguration = serde_json::from_str(json).unwrap();
        let fewer = MarketingDataConfiguration::builder().build().unwrap();
        assert_eq!(
            fewer.check_change(&before).unwrap_err().to_string(),
            "published: expected new_pet, which is published for good, found a list without it"
        );
        assert_eq!(
            before.check_change(&fewer).unwrap_err().to_string(),
            "published: expected new_pet among the requested tables, to be published, found it added"
        );
        let moved = json.replace(r#""new_pet""#, r#""new_pet","usable_at":"2020-02-02T02:30:00Z""#);
        let moved: MarketingDataConfiguration = serde_json::from_str(&moved).unwrap();
        assert_eq!(
            moved.check_change(&before).unwrap_err().to_string(),
            "published: expected new_pet, usable from the time it was published with, found another \
             time"
        );
        assert_eq!(before.check_change(&before), Ok(()));
        let requested =
            before.to_builder().requested(RequestedTables::default().with(&table("lead")).unwrap());
        assert_eq!(requested.build().unwrap().check_change(&before), Ok(()));
    }
}

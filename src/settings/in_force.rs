//! Which of several records is the one that counts?

use std::fmt;

use super::lead_scoring::LeadScoringConfiguration;
use super::record::{DefaultRule, SettingsRecord};
use super::stored::Stored;
use crate::id::RecordId;
use crate::record::RecordKind;

/// The lead scoring configuration in force: among the active ones the one created last, of several
/// created at one time the one with the greatest id. Without any, all switches are yes
/// ([`Switches`](crate::scoring::Switches)).
///
/// Not the one *modified* last: editing an older record does not bring it into force.
#[must_use]
pub fn lead_scoring(
    records: &[Stored<LeadScoringConfiguration>],
) -> Option<&Stored<LeadScoringConfiguration>> {
    newest_active(records)
}

/// The record marked as the default, among the active ones. A store that went through the crate's
/// flows holds one at most; of several, which only another writer can have made, the one modified
/// last counts, then the one with the greatest id.
#[must_use]
pub fn default<T: SettingsRecord>(records: &[Stored<T>]) -> Option<&Stored<T>> {
    records
        .iter()
        .filter(|stored| stored.is_default())
        .max_by_key(|stored| (stored.modified, stored.id))
}

fn newest_active<T>(records: &[Stored<T>]) -> Option<&Stored<T>> {
    records.iter().filter(|stored| stored.active).max_by_key(|stored| (stored.created, stored.id))
}

/// Does a record count, and why (not)?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// In force: the one created last among the active ones.
    Newest,
    /// In force: the default record.
    Default,
    /// In force, as every active record of its kind is.
    Active,
    /// Not in force: it is inactive.
    Inactive,
    /// Not in force: this active one was created later.
    Older(RecordId),
    /// Not in force: this one is the default; `None`: none is.
    NotDefault(Option<RecordId>),
}

impl Standing {
    /// Does the record count?
    #[must_use]
    pub const fn is_in_force(self) -> bool {
        matches!(self, Self::Newest | Self::Default | Self::Active)
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newest => f.write_str("in force: created last among the active ones"),
            Self::Default => f.write_str("in force: the default"),
            Self::Active => f.write_str("in force: active"),
            Self::Inactive => f.write_str("not in force: inactive"),
            Self::Older(newer) => write!(f, "not in force: {newer} was created later"),
            Self::NotDefault(Some(default)) => {
                write!(f, "not in force: {default} is the default")
            }
            Self::NotDefault(None) => f.write_str("not in force: not the default"),
        }
    }
}

/// Tells of each record of a kind whether it counts.
#[derive(Clone, Copy, Debug)]
pub struct Standings {
    rule: Rule,
    in_force: Option<RecordId>,
}

#[derive(Clone, Copy, Debug)]
enum Rule {
    Newest,
    Default,
    Each,
}

impl Standings {
    /// Looks at all records of the kind.
    #[must_use]
    pub fn of<T: SettingsRecord>(records: &[Stored<T>]) -> Self {
        let (rule, in_force) = match (T::KIND, T::DEFAULTS) {
            (RecordKind::LeadScoring, _) => (Rule::Newest, newest_active(records)),
            (_, DefaultRule::None) => (Rule::Each, None),
            (_, DefaultRule::AtMostOne | DefaultRule::ExactlyOne) => {
                (Rule::Default, default(records))
            }
        };
        Self { rule, in_force: in_force.map(|stored| stored.id) }
    }

    /// The one record that counts; `None` where none does, or where each active one does.
    #[must_use]
    pub const fn in_force(&self) -> Option<RecordId> {
        self.in_force
    }

    /// Does this one of them count?
    #[must_use]
    pub fn standing<T: SettingsRecord>(&self, stored: &Stored<T>) -> Standing {
        let counts = self.in_force == Some(stored.id);
        match (self.rule, self.in_force) {
            _ if !stored.active => Standing::Inactive,
            (Rule::Each, _) => Standing::Active,
            (Rule::Newest, Some(newer)) if !counts => Standing::Older(newer),
            (Rule::Newest, _) => Standing::Newest,
            (Rule::Default, _) if counts => Standing::Default,
            (Rule::Default, default) => Standing::NotDefault(default),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::record::Version;
    use crate::scoring::Switches;
    use crate::settings::DataProtection;
    use crate::settings::sample::SamplePage;

    fn scoring(id: u128, minute: i64, yes: bool) -> Stored<LeadScoringConfiguration> {
        let value = LeadScoringConfiguration::builder().name("x").automatic_sales_ready(yes);
        let value = value.automatic_qualification(yes).automatic_cleanup(yes).build().unwrap();
        let created = DateTime::UNIX_EPOCH + TimeDelta::minutes(minute);
        Stored::new(RecordId::new(id), Version::new(id), created, value)
    }

    /// A003, A004, A005; facts 7.1.
    #[test]
    fn without_a_lead_scoring_record_every_switch_is_yes() {
        for records in [vec![], vec![Stored { active: false, ..scoring(1, 1, false) }]] {
            assert_eq!(lead_scoring(&records), None);
            let switches = Switches::from(lead_scoring(&records).map(|stored| &stored.value));
            assert!(switches.sales_ready, "A003");
            assert!(switches.qualification, "A004");
            assert!(switches.cleanup, "A005");
        }
    }

    /// A002; facts 7.1; the tie is ours (design 4).
    #[test]
    fn the_lead_scoring_record_created_last_rules_not_the_one_modified_last() {
        let late = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let mut records = vec![
            Stored { modified: late, ..scoring(1, 1, true) },
            scoring(2, 2, false),
            scoring(3, 2, true),
            Stored { active: false, ..scoring(4, 3, true) },
        ];
        assert_eq!(lead_scoring(&records).unwrap().id, RecordId::new(3));
        records.remove(2);
        let in_force = lead_scoring(&records).unwrap();
        assert_eq!(in_force.id, RecordId::new(2));
        let switches = Switches::from(Some(&in_force.value));
        assert!(!switches.sales_ready && !switches.qualification && !switches.cleanup);
        let standings = Standings::of(&records);
        let said: Vec<_> = records.iter().map(|s| standings.standing(s).to_string()).collect();
        assert_eq!(
            said,
            [
                "not in force: 00000000000000000000000000000002 was created later",
                "in force: created last among the active ones",
                "not in force: inactive",
            ]
        );
    }

    fn page(id: u128, default: bool) -> Stored<SamplePage> {
        let value = SamplePage::builder().name("x").default(default).build().unwrap();
        Stored::new(RecordId::new(id), Version::new(id), DateTime::UNIX_EPOCH, value)
    }

    /// A066, A135; facts 7.2, 7.4.
    #[test]
    fn only_the_active_record_with_the_default_mark_counts() {
        let records = [page(1, false), page(2, true), Stored { active: false, ..page(3, true) }];
        assert_eq!(default(&records).unwrap().id, RecordId::new(2));
        let standings = Standings::of(&records);
        assert_eq!(standings.in_force(), Some(RecordId::new(2)));
        let standing: Vec<_> = records.iter().map(|stored| standings.standing(stored)).collect();
        let not = Standing::NotDefault(Some(RecordId::new(2)));
        assert_eq!(standing, [not, Standing::Default, Standing::Inactive]);
        let text = "not in force: 00000000000000000000000000000002 is the default";
        assert_eq!(not.to_string(), text);
        assert_eq!(Standing::Default.to_string(), "in force: the default");
        let records = [page(1, false)];
        let none = Standings::of(&records).standing(&records[0]);
        assert_eq!(none.to_string(), "not in force: not the default");
        assert!(!none.is_in_force() && Standing::Default.is_in_force());
        assert_eq!(Standing::Active.to_string(), "in force: active");
    }

    /// Design 4: at most one set is the default; without one, nothing is in force.
    #[test]
    fn without_a_default_mark_no_record_of_at_most_one_counts() {
        let value = DataProtection::builder().name("x").default(false).build().unwrap();
        let stored = Stored::new(RecordId::new(1), Version::new(1), DateTime::UNIX_EPOCH, value);
        let records = [stored];
        assert_eq!(default(&records), None);
        assert_eq!(Standings::of(&records).in_force(), None);
    }
}

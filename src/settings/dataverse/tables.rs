//! Which tables does an export have, and under which names?

/// A table of Dataverse that a page is made of, whole or in part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Table {
    Organization,
    UserSettings,
    SystemUser,
    Queue,
    Mailbox,
    EmailServerProfile,
    LeadScoring,
    SetupDomain,
    Analytics,
    LandingPage,
    MatchingStrategy,
    MatchingAttribute,
    MarketingDefaults,
    ContentSettings,
    SocialAccount,
    DataProtection,
}

impl Table {
    /// All, in the order in which an export of ours has them.
    pub(super) const ALL: [Self; 16] = [
        Self::Organization,
        Self::EmailServerProfile,
        Self::UserSettings,
        Self::SystemUser,
        Self::Queue,
        Self::Mailbox,
        Self::LeadScoring,
        Self::SetupDomain,
        Self::Analytics,
        Self::LandingPage,
        Self::MatchingStrategy,
        Self::MatchingAttribute,
        Self::MarketingDefaults,
        Self::ContentSettings,
        Self::SocialAccount,
        Self::DataProtection,
    ];

    /// Its logical name and the name of its entity set. Those of `organizations` and
    /// `usersettingscollection` are documented; the others follow the rule of the product for
    /// plurals, and can be [added to](super::ImportOptions::table_name).
    pub(super) const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Organization => ("organization", "organizations"),
            Self::UserSettings => ("usersettings", "usersettingscollection"),
            Self::SystemUser => ("systemuser", "systemusers"),
            Self::Queue => ("queue", "queues"),
            Self::Mailbox => ("mailbox", "mailboxes"),
            Self::EmailServerProfile => ("emailserverprofile", "emailserverprofiles"),
            Self::LeadScoring => {
                ("msdyncrm_leadscoringconfiguration", "msdyncrm_leadscoringconfigurations")
            }
            Self::SetupDomain => ("msdyncrm_setupdomain", "msdyncrm_setupdomains"),
            Self::Analytics => {
                ("msdyncrm_cdsaconnectorconfiguration", "msdyncrm_cdsaconnectorconfigurations")
            }
            Self::LandingPage => {
                ("msdyncrm_marketingpageconfiguration", "msdyncrm_marketingpageconfigurations")
            }
            Self::MatchingStrategy => ("msdyncrm_matchingstrategy", "msdyncrm_matchingstrategies"),
            Self::MatchingAttribute => {
                ("msdyncrm_matchingstrategyattribute", "msdyncrm_matchingstrategyattributes")
            }
            Self::MarketingDefaults => {
                ("msdyncrm_defaultmarketingsetting", "msdyncrm_defaultmarketingsettings")
            }
            Self::ContentSettings => ("msdyncrm_contentsettings", "msdyncrm_contentsettingses"),
            Self::SocialAccount => {
                ("msdyncrm_socialpostingconfiguration", "msdyncrm_socialpostingconfigurations")
            }
            Self::DataProtection => ("msgdpr_gdprconfiguration", "msgdpr_gdprconfigurations"),
        }
    }

    pub(super) const fn logical_name(self) -> &'static str {
        self.names().0
    }

    /// The column of the primary key.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Organization => "organizationid",
            // One row a user.
            Self::UserSettings | Self::SystemUser => "systemuserid",
            Self::Queue => "queueid",
            Self::Mailbox => "mailboxid",
            Self::EmailServerProfile => "emailserverprofileid",
            Self::LeadScoring => "msdyncrm_leadscoringconfigurationid",
            Self::SetupDomain => "msdyncrm_setupdomainid",
            Self::Analytics => "msdyncrm_cdsaconnectorconfigurationid",
            Self::LandingPage => "msdyncrm_marketingpageconfigurationid",
            Self::MatchingStrategy => "msdyncrm_matchingstrategyid",
            Self::MatchingAttribute => "msdyncrm_matchingstrategyattributeid",
            Self::MarketingDefaults => "msdyncrm_defaultmarketingsettingid",
            Self::ContentSettings => "msdyncrm_contentsettingsid",
            Self::SocialAccount => "msdyncrm_socialpostingconfigurationid",
            Self::DataProtection => "msgdpr_gdprconfigurationid",
        }
    }

    /// The table of this name, in any case of its letters.
    pub(super) fn of(name: &str, further: &[(Box<str>, Self)]) -> Option<Self> {
        let known = Self::ALL.into_iter().find(|table| {
            let (one, set) = table.names();
            name.eq_ignore_ascii_case(one) || name.eq_ignore_ascii_case(set)
        });
        known.or_else(|| {
            let found = further.iter().find(|(set, _)| name.eq_ignore_ascii_case(set));
            found.map(|(_, table)| *table)
        })
    }
}

/// Columns that every table has, or that say nothing about settings: kept like all that is not
/// known, and not worth a line of the report.
pub(super) fn is_bookkeeping(column: &str) -> bool {
    matches!(
        column,
        "createdby"
            | "createdonbehalfby"
            | "importsequencenumber"
            | "modifiedby"
            | "modifiedonbehalfby"
            | "organizationid"
            | "overriddencreatedon"
            | "ownerid"
            | "owningbusinessunit"
            | "owningteam"
            | "owninguser"
            | "statecode"
            | "statuscode"
            | "timezoneruleversionnumber"
            | "utcconversiontimezonecode"
            | "versionnumber"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facts 5 and 11.
    #[test]
    fn tables_are_known_by_both_names_in_any_case() {
        for table in Table::ALL {
            let (one, set) = table.names();
            assert_eq!(Table::of(one, &[]), Some(table));
            assert_eq!(Table::of(&set.to_ascii_uppercase(), &[]), Some(table));
        }
        assert_eq!(Table::of("contacts", &[]), None);
        let further = [("contentsettings2".into(), Table::ContentSettings)];
        assert_eq!(Table::of("ContentSettings2", &further), Some(Table::ContentSettings));
    }
}

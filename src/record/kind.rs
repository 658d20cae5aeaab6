//! Which kind of record, and which one of it.

use std::fmt;

use super::area::Area;
use crate::id::RecordId;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal in $area:ident,)*) => {
        /// What a record is. Stores keep it as its [`code`](Self::code) and need not know what it
        /// means.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        #[non_exhaustive]
        pub enum RecordKind {
            $($(#[$doc])* $name = $code,)*
        }

        impl RecordKind {
            /// Every kind, by code.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The kind with this number.
            #[must_use]
            pub const fn from_code(code: u16) -> Option<Self> {
                match code {
                    $($code => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// Which part of the contract keeps it.
            #[must_use]
            pub const fn area(self) -> Area {
                match self {
                    $(Self::$name => Area::$area,)*
                }
            }
        }
    };
}

kinds! {
    /// A lead scoring configuration.
    LeadScoring = 1 in Settings,
    /// An authenticated domain.
    AuthenticatedDomain = 2 in Settings,
    /// A marketing analytics configuration.
    Analytics = 3 in Settings,
    /// A landing page configuration.
    LandingPage = 4 in Settings,
    /// A marketing data configuration.
    MarketingData = 5 in Settings,
    /// A matching strategy.
    MatchingStrategy = 6 in Settings,
    /// A set of default marketing settings.
    MarketingDefaults = 7 in Settings,
    /// Content settings.
    ContentSettings = 8 in Settings,
    /// An email server profile.
    EmailServerProfile = 9 in Settings,
    /// A social account.
    SocialAccount = 10 in Settings,
    /// The data protection settings.
    DataProtection = 11 in Settings,
    /// The organization's email settings (table `organization`).
    EmailSettings = 12 in Settings,
    /// The organization's property bag (column `organization.orgdborgsettings`).
    OrganizationProperties = 13 in Settings,
    /// A user's email options (table `usersettings`).
    PersonalOptions = 14 in Settings,
    /// A queue's email options (table `queue`).
    Queue = 15 in Settings,
    /// A mailbox (table `mailbox`).
    Mailbox = 16 in Settings,
    /// The number that stands for a user in tracking tokens (column `usersettings.trackingtokenid`).
    UserNumber = 17 in Settings,
    /// A matching rule.
    MatchingRule = 18 in Settings,
    /// Which match keys the records of the directory carry.
    DirectoryKeys = 19 in Settings,
    /// A marketing form.
    MarketingForm = 20 in Settings,
    /// A contact.
    Contact = 100 in Directory,
    /// A lead.
    Lead = 101 in Directory,
    /// An account.
    Account = 102 in Directory,
    /// Any other record that is email-enabled: a user, a queue, a custom table.
    EmailEnabled = 103 in Directory,
    /// An activity: a tracked mail as the host shows it.
    Activity = 200 in Activities,
    /// An item of a queue.
    QueueItem = 201 in QueueItems,
    /// An alert.
    Alert = 202 in Alerts,
    /// A form submission.
    Submission = 300 in Submissions,
    /// A step in the life of a lead.
    LeadHistory = 301 in LeadHistory,
    /// A double opt-in request.
    OptInRequest = 302 in OptIn,
    /// A change of consent.
    ConsentChange = 303 in Consent,
    /// How far an import of submissions has come.
    SubmissionImport = 304 in Submissions,
}

impl RecordKind {
    /// The number that a store keeps; it never changes.
    #[must_use]
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The record of this kind with this id.
    #[must_use]
    pub const fn of(self, id: RecordId) -> RecordRef {
        RecordRef { kind: self, id }
    }
}

/// Which record of a tenant: its kind and its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordRef {
    kind: RecordKind,
    id: RecordId,
}

impl RecordRef {
    /// What it is.
    #[must_use]
    pub const fn kind(self) -> RecordKind {
        self.kind
    }

    /// Which one.
    #[must_use]
    pub const fn id(self) -> RecordId {
        self.id
    }
}

impl fmt::Display for RecordRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.kind, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_lead_back_to_kinds() {
        for kind in RecordKind::ALL {
            assert_eq!(RecordKind::from_code(kind.code()), Some(*kind));
        }
        assert_eq!(RecordKind::from_code(0), None);
        assert_eq!(RecordKind::Lead.area(), Area::Directory);
        assert_eq!(
            RecordKind::Lead.of(RecordId::new(10)).to_string(),
            "Lead 0000000000000000000000000000000a"
        );
    }
}

//! What a store can be asked to keep, area by area.

use std::fmt;

/// A part of the contract that a store supports as a whole or not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum Area {
    /// Filed mails and their keys.
    Messages = 0,
    /// Settings records of the organization, of users, queues and mailboxes.
    Settings = 1,
    /// Contacts, leads, accounts and every other email-enabled record.
    Directory = 2,
    /// Activities: the tracked mails themselves, as the host shows them.
    Activities = 3,
    /// Items of queues.
    QueueItems = 4,
    /// Alerts on mailboxes and profiles.
    Alerts = 5,
    /// Form submissions.
    Submissions = 6,
    /// What became of leads.
    LeadHistory = 7,
    /// Double opt-in requests.
    OptIn = 8,
    /// Changes of consent.
    Consent = 9,
    /// Claims of sends.
    Ledger = 10,
    /// Names that one tenant of all can have.
    Register = 11,
    /// Numbers that are handed out once.
    Sequences = 12,
}

impl Area {
    /// Every area.
    pub const ALL: [Self; 13] = [
        Self::Messages,
        Self::Settings,
        Self::Directory,
        Self::Activities,
        Self::QueueItems,
        Self::Alerts,
        Self::Submissions,
        Self::LeadHistory,
        Self::OptIn,
        Self::Consent,
        Self::Ledger,
        Self::Register,
        Self::Sequences,
    ];

    /// Its name in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Settings => "settings",
            Self::Directory => "directory",
            Self::Activities => "activities",
            Self::QueueItems => "queue items",
            Self::Alerts => "alerts",
            Self::Submissions => "submissions",
            Self::LeadHistory => "lead history",
            Self::OptIn => "opt-in requests",
            Self::Consent => "consent changes",
            Self::Ledger => "send ledger",
            Self::Register => "register",
            Self::Sequences => "sequences",
        }
    }
}

impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of areas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Areas(u16);

impl Areas {
    /// None.
    pub const NONE: Self = Self(0);

    /// All of them: what every shipped store supports.
    pub const ALL: Self = Self((1 << Area::ALL.len()) - 1);

    /// These and `area`.
    #[must_use]
    pub const fn with(self, area: Area) -> Self {
        Self(self.0 | 1 << area as u8)
    }

    /// These but for `area`.
    #[must_use]
    pub const fn without(self, area: Area) -> Self {
        Self(self.0 & !(1 << area as u8))
    }

    /// Is `area` among them?
    #[must_use]
    pub const fn contains(self, area: Area) -> bool {
        self.0 >> area as u8 & 1 == 1
    }

    /// The areas, in the order of [`Area::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Area> {
        Area::ALL.into_iter().filter(move |area| self.contains(*area))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_are_a_set() {
        let some = Areas::ALL.without(Area::Ledger).without(Area::Messages);
        assert!(!some.contains(Area::Ledger) && some.contains(Area::Register));
        assert_eq!(some.iter().count(), Area::ALL.len() - 2);
        assert_eq!(Areas::NONE.with(Area::OptIn).iter().collect::<Vec<_>>(), [Area::OptIn]);
    }
}

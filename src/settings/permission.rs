//! Who may change which settings?

use crate::id::RecordId;
use crate::record::RecordKind;

/// What somebody needs to have in order to change settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum Permission {
    /// The pages of the marketing settings.
    MarketingSettings = 0,
    /// The organization's email settings, its property bag and email server profiles.
    EmailSettings = 1,
    /// Other people's email options, queues and mailboxes; one's own options need none.
    UserSettings = 2,
    /// Approving the addresses of users and queues.
    ApproveAddresses = 3,
}

impl Permission {
    /// What changing a record of this kind takes; `None` for what is no page of settings.
    #[must_use]
    pub const fn to_change(kind: RecordKind) -> Option<Self> {
        match kind {
            RecordKind::LeadScoring
            | RecordKind::AuthenticatedDomain
            | RecordKind::Analytics
            | RecordKind::LandingPage
            | RecordKind::MarketingData
            | RecordKind::MatchingStrategy
            | RecordKind::MarketingDefaults
            | RecordKind::ContentSettings
            | RecordKind::SocialAccount
            | RecordKind::DataProtection => Some(Self::MarketingSettings),
            RecordKind::EmailServerProfile
            | RecordKind::EmailSettings
            | RecordKind::OrganizationProperties => Some(Self::EmailSettings),
            RecordKind::PersonalOptions | RecordKind::Queue | RecordKind::Mailbox => {
                Some(Self::UserSettings)
            }
            _ => None,
        }
    }

    /// Its name in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MarketingSettings => "change the marketing settings",
            Self::EmailSettings => "change the email settings of the organization",
            Self::UserSettings => "change the email options of users and queues",
            Self::ApproveAddresses => "approve the addresses of users and queues",
        }
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Permissions(u8);

impl Permissions {
    /// None.
    pub const NONE: Self = Self(0);

    /// All of them: an administrator.
    pub const ALL: Self = Self(0b1111);

    /// These and `permission`.
    #[must_use]
    pub const fn with(self, permission: Permission) -> Self {
        Self(self.0 | 1 << permission as u8)
    }

    /// These but for `permission`.
    #[must_use]
    pub const fn without(self, permission: Permission) -> Self {
        Self(self.0 & !(1 << permission as u8))
    }

    /// Is `permission` among them?
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 >> permission as u8 & 1 == 1
    }
}

/// Who changes settings, and what he may. The host knows both; the crate asks before each change.
///
/// ```
/// use correspond::id::RecordId;
/// use correspond::record::RecordKind;
/// use correspond::settings::{Actor, Permission, Permissions};
///
/// let marketer = Actor::new(
///     RecordId::new(5),
///     Permissions::NONE.with(Permission::MarketingSettings),
/// );
/// assert_eq!(marketer.lacks(RecordKind::LandingPage, RecordId::new(1)), None);
/// let missing = marketer.lacks(RecordKind::EmailSettings, RecordId::new(1));
/// assert_eq!(missing, Some(Permission::EmailSettings));
/// // One's own options are one's own.
/// assert_eq!(marketer.lacks(RecordKind::PersonalOptions, RecordId::new(5)), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Actor {
    user: RecordId,
    permissions: Permissions,
}

impl Actor {
    /// This user, who may do that.
    #[must_use]
    pub const fn new(user: RecordId, permissions: Permissions) -> Self {
        Self { user, permissions }
    }

    /// Which user.
    #[must_use]
    pub const fn user(&self) -> RecordId {
        self.user
    }

    /// What he may.
    #[must_use]
    pub const fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// The permission that he lacks to change the record of this kind with this id; `None`: he may.
    /// A user's own options (the record has the user's id) are his to change.
    #[must_use]
    pub fn lacks(&self, kind: RecordKind, id: RecordId) -> Option<Permission> {
        if kind == RecordKind::PersonalOptions && id == self.user {
            return None;
        }
        Permission::to_change(kind).filter(|needed| !self.permissions.contains(*needed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Area;

    #[test]
    fn every_page_of_settings_takes_a_permission_to_change() {
        for kind in RecordKind::ALL {
            let page = kind.area() == Area::Settings && *kind != RecordKind::UserNumber;
            assert_eq!(Permission::to_change(*kind).is_some(), page, "{kind:?}");
        }
        let all_but_one = Permissions::ALL.without(Permission::ApproveAddresses);
        assert!(!all_but_one.contains(Permission::ApproveAddresses));
        assert_eq!(all_but_one.with(Permission::ApproveAddresses), Permissions::ALL);
    }
}

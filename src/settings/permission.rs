//! Who may change which settings?

use std::any::Any;

use super::approval::AddressApproval;
use super::field::{DefaultKind, Field};
use super::mailbox::Mailbox;
use super::personal_options::PersonalOptions;
use super::profile::Profile;
use super::record::SettingsRecord;
use super::stored::Stored;
use crate::id::RecordId;
use crate::party::Value;
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
    /// Other people's email options, queues and mailboxes, and what the administrator sets in one's
    /// own; the rest of one's own options needs none.
    UserSettings = 2,
    /// Approving and rejecting the addresses of users and queues. To take an approval back, or to ask
    /// for one, needs none beyond that of the page.
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
            | RecordKind::MatchingRule
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

    /// The permission that he lacks to change the record of this kind with this id; `None`: he may
    /// change something in it. A user's own options (the record has the user's id) are his to change.
    /// What he may change it to is told by [`lacks_for`](Self::lacks_for).
    #[must_use]
    pub fn lacks(&self, kind: RecordKind, id: RecordId) -> Option<Permission> {
        if self.owns(kind, id) {
            return None;
        }
        Permission::to_change(kind).filter(|needed| !self.permissions.contains(*needed))
    }

    /// The permission that he lacks to make `after` of `before`, states of the record with this id;
    /// `None`: he may. No `before` is a new record, which is compared with the defaults; no `after` is
    /// a deletion.
    ///
    /// * A user without [`UserSettings`](Permission::UserSettings) leaves in his own options what the
    ///   administrator set ([`PersonalOptions::check_own_change`]), and neither deletes, deactivates
    ///   nor activates them.
    /// * An approval that is given or refused takes [`ApproveAddresses`](Permission::ApproveAddresses)
    ///   (columns `emailrouteraccessapproval`, `isemailaddressapprovedbyo365admin`), and so does
    ///   another address of a mailbox whose approval stays.
    #[must_use]
    pub fn lacks_for<T: SettingsRecord>(
        &self,
        id: RecordId,
        before: Option<&Stored<T>>,
        after: Option<&Stored<T>>,
    ) -> Option<Permission> {
        let missing = self.lacks(T::KIND, id);
        if missing.is_some() {
            return missing;
        }
        let administers = self.permissions.contains(Permission::UserSettings);
        if self.owns(T::KIND, id) && !administers && !is_own_change(before, after) {
            return Some(Permission::UserSettings);
        }
        let before = before.map(|before| &before.value);
        let approves = after.is_some_and(|after| approves(before, &after.value));
        let needed = approves.then_some(Permission::ApproveAddresses);
        needed.filter(|needed| !self.permissions.contains(*needed))
    }

    fn owns(&self, kind: RecordKind, id: RecordId) -> bool {
        kind == RecordKind::PersonalOptions && id == self.user
    }
}

/// Does a change of personal options leave what the administrator set?
fn is_own_change<T: SettingsRecord>(before: Option<&Stored<T>>, after: Option<&Stored<T>>) -> bool {
    fn options<T: SettingsRecord>(stored: &Stored<T>) -> Option<&PersonalOptions> {
        (&stored.value as &dyn Any).downcast_ref()
    }
    let Some(after) = after else { return false };
    let was_active = before.is_none_or(|before| before.active);
    let (Some(next), true) = (options(after), was_active == after.active) else { return false };
    let unset = PersonalOptions::builder().assemble();
    let before = before.and_then(options).unwrap_or(&unset);
    before.check_own_change(next).is_ok()
}

/// Is an address approved or rejected by the change?
fn approves<T: SettingsRecord>(before: Option<&T>, after: &T) -> bool {
    const COLUMNS: [&str; 2] = ["emailrouteraccessapproval", "isemailaddressapprovedbyo365admin"];
    let is_approval = |field: &&Field| {
        let column = field.column.unwrap_or_default();
        COLUMNS.contains(&column.strip_prefix("systemuser.").unwrap_or(column))
    };
    let decided = [
        Value::YesNo(true),
        Value::Choice(AddressApproval::Approved.code()),
        Value::Choice(AddressApproval::Rejected.code()),
    ];
    let unset = DefaultKind::Effective(Profile::Documents);
    T::FIELDS.iter().filter(is_approval).any(|field| {
        let now = match before {
            Some(before) => before.value(field.name),
            None => T::default_value(field.name, unset),
        };
        let then = after.value(field.name);
        now != then && then.is_some_and(|then| decided.contains(&then))
    }) || keeps_approval(before, after)
}

/// Does a mailbox go to another address with the approval of its former one?
fn keeps_approval<T: SettingsRecord>(before: Option<&T>, after: &T) -> bool {
    fn mailbox<T: SettingsRecord>(value: &T) -> Option<&Mailbox> {
        (value as &dyn Any).downcast_ref()
    }
    let (Some(before), Some(after)) = (before.and_then(mailbox), mailbox(after)) else {
        return false;
    };
    let key = |mailbox: &Mailbox| mailbox.address().as_ref().map(|address| address.get().key());
    after.approved_by_o365_admin() && key(before) != key(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Area;

    #[test]
    fn every_page_of_settings_takes_a_permission_to_change() {
        for kind in RecordKind::ALL {
            let none =
                [RecordKind::UserNumber, RecordKind::DirectoryKeys, RecordKind::MarketingForm];
            let page = kind.area() == Area::Settings && !none.contains(kind);
            assert_eq!(Permission::to_change(*kind).is_some(), page, "{kind:?}");
        }
        let all_but_one = Permissions::ALL.without(Permission::ApproveAddresses);
        assert!(!all_but_one.contains(Permission::ApproveAddresses));
        assert_eq!(all_but_one.with(Permission::ApproveAddresses), Permissions::ALL);
    }
}

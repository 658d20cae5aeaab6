//! Who is told when something goes wrong with mail?
//!
//! The alerts of the product are of three kinds, each with a switch of its own in the
//! [email settings](crate::settings::EmailSettings). What they are about decides who is told:
//!
//! | about | the administrator | the owner of the mailbox |
//! |---|---|---|
//! | one mail | - | -: it is shown at the mail |
//! | one mailbox | - | is told |
//! | an email server profile | is told; of errors always | is told with the administrator, if "Notify mailbox owner" is on |
//!
//! ```
//! use correspond::alert::{AlertKind, AlertLevel, Notice};
//! use correspond::settings::EmailSettings;
//!
//! let settings = EmailSettings::builder().alert_errors(false).build()?;
//! let notice = Notice::of(AlertKind::Error, AlertLevel::ServerProfile, &settings);
//! assert!(notice.administrator, "of the errors of a profile, whatever the switches say");
//! assert!(!notice.mailbox_owner);
//! # Ok::<(), correspond::settings::SettingError>(())
//! ```

use std::fmt;

use crate::settings::EmailSettings;

/// How bad is it?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the three boxes of the Email tab")]
pub enum AlertKind {
    /// Something was done that is worth knowing.
    Information,
    /// It went on, with less than was meant. For troubleshooting.
    Warning,
    /// Something was not done.
    Error,
}

impl AlertKind {
    /// All three, the least bad first.
    pub const ALL: [Self; 3] = [Self::Information, Self::Warning, Self::Error];

    /// Is its switch on?
    #[must_use]
    pub const fn is_switched_on(self, settings: &EmailSettings) -> bool {
        match self {
            Self::Information => settings.alert_information(),
            Self::Warning => settings.alert_warnings(),
            Self::Error => settings.alert_errors(),
        }
    }

    /// What the administrator's screen calls it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Information => "Information",
            Self::Warning => "Warning",
            Self::Error => "Error",
        }
    }
}

impl fmt::Display for AlertKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// What is it about?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AlertLevel {
    /// One mail; others are not concerned.
    Mail,
    /// One mailbox.
    Mailbox,
    /// An email server profile, and with it all its mailboxes.
    ServerProfile,
}

/// Is an alert raised, and who is told?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Notice {
    /// Is an alert written down, at the mail, the mailbox or the profile that it is about?
    pub raised: bool,
    /// Does the system administrator find it on the alert wall?
    pub administrator: bool,
    /// Does the owner of the mailbox? Of an email server profile: the owner of each mailbox that
    /// has it.
    pub mailbox_owner: bool,
}

impl Notice {
    /// Is an alert raised of this, and who is told?
    ///
    /// The switch of its kind decides (columns `organization.generatealertsforerrors`,
    /// `generatealertsforwarnings`, `generatealertsforinformation`). Of the errors of an email
    /// server profile the administrator is told in any case. Where the administrator is told of a
    /// profile, the owners of its mailboxes are too, if
    /// [`notify_mailbox_owner`](EmailSettings::notify_mailbox_owner) is on
    /// (`notifymailboxownerofemailserverlevelalerts`).
    #[must_use]
    pub const fn of(kind: AlertKind, level: AlertLevel, settings: &EmailSettings) -> Self {
        let on = kind.is_switched_on(settings);
        match level {
            AlertLevel::Mail => Self { raised: on, administrator: false, mailbox_owner: false },
            AlertLevel::Mailbox => Self { raised: on, administrator: false, mailbox_owner: on },
            AlertLevel::ServerProfile => {
                let raised = on || matches!(kind, AlertKind::Error);
                Self {
                    raised,
                    administrator: raised,
                    mailbox_owner: raised && settings.notify_mailbox_owner(),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::EmailSettings;

    fn settings(errors: bool, warnings: bool, information: bool, owner: bool) -> EmailSettings {
        EmailSettings::builder()
            .alert_errors(errors)
            .alert_warnings(warnings)
            .alert_information(information)
            .notify_mailbox_owner(owner)
            .build()
            .unwrap()
    }

    /// B066, B067, B068: each kind has a switch of its own.
    #[test]
    fn each_kind_of_alert_is_switched_on_its_own() {
        for (at, kind) in AlertKind::ALL.into_iter().enumerate() {
            let settings = settings(at == 2, at == 1, at == 0, false);
            for level in [AlertLevel::Mail, AlertLevel::Mailbox] {
                let raised = AlertKind::ALL.map(|kind| Notice::of(kind, level, &settings).raised);
                let mut expected = [false; 3];
                expected[at] = true;
                assert_eq!(raised, expected, "{kind} {level:?}");
            }
        }
        let labels = AlertKind::ALL.map(|kind| kind.to_string());
        assert_eq!(labels, ["Information", "Warning", "Error"]);
    }

    /// B070: "By default, the system administrator is notified of any error that occurs for an email
    /// server profile", and nobody else.
    #[test]
    fn the_administrator_is_told_of_every_error_of_a_profile() {
        let profile = AlertLevel::ServerProfile;
        for errors in [true, false] {
            let settings = settings(errors, false, false, false);
            let notice = Notice::of(AlertKind::Error, profile, &settings);
            let expected = Notice { raised: true, administrator: true, mailbox_owner: false };
            assert_eq!(notice, expected);
            let notice = Notice::of(AlertKind::Warning, profile, &settings);
            assert_eq!((notice.raised, notice.administrator), (false, false));
        }
        let warnings = settings(true, true, true, false);
        assert!(Notice::of(AlertKind::Warning, profile, &warnings).administrator);
    }

    /// B069, B071: the owner in addition to the administrator, not in the administrator's place.
    #[test]
    fn the_mailbox_owner_is_told_in_addition() {
        let settings = settings(true, false, true, true);
        let notice = Notice::of(AlertKind::Error, AlertLevel::ServerProfile, &settings);
        let both = Notice { raised: true, administrator: true, mailbox_owner: true };
        assert_eq!(notice, both);
        let notice = Notice::of(AlertKind::Warning, AlertLevel::ServerProfile, &settings);
        assert!(!notice.raised && !notice.administrator && !notice.mailbox_owner);
    }

    /// The owner is told of the own mailbox whatever the box for profiles says; of one mail nobody
    /// is: it is shown there.
    #[test]
    fn a_mailbox_is_its_owners_business() {
        let settings = settings(true, true, true, false);
        let notice = Notice::of(AlertKind::Error, AlertLevel::Mailbox, &settings);
        let owner = Notice { raised: true, administrator: false, mailbox_owner: true };
        assert_eq!(notice, owner);
        let notice = Notice::of(AlertKind::Error, AlertLevel::Mail, &settings);
        let nobody = Notice { raised: true, administrator: false, mailbox_owner: false };
        assert_eq!(notice, nobody);
    }
}

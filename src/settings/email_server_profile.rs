//! Which server does server-side synchronization connect to? (Email Server Profiles)

use super::delivery::{AppointmentsMethod, DefaultMethods};
use super::email_settings::EmailSettings;
use super::error::SettingError;
use super::field::{LinkTarget, Name, choice};
use super::mailbox::Mailbox;
use super::personal_options::PersonalOptions;
use super::record::record;
use super::stored::Stored;

choice! {
    /// What kind of server a profile connects to (column `emailserverprofile.servertype`; codes and
    /// labels of the published table reference, which calls option 3 "Exchange Online (Hybrid)").
    EmailServerType {
        /// Exchange, on the organization's own machines.
        ExchangeServer = 0, "exchange-server", "Exchange Server";
        /// A server that mail is fetched from by POP3 and sent to by SMTP.
        Pop3Smtp = 1, "pop3-smtp", "Other (POP3/SMTP)";
        /// Exchange on the organization's own machines, with the online service.
        ExchangeServerHybrid = 2, "exchange-server-hybrid", "Exchange Server (Hybrid)";
        /// Exchange Online.
        ExchangeOnline = 3, "exchange-online", "Exchange Online";
        /// A server that mail is fetched from by IMAP and sent to by SMTP. A later type.
        ImapSmtp = 4, "imap-smtp", "IMAP/SMTP";
    }
}

impl EmailServerType {
    /// Is it an Exchange server of any kind?
    #[must_use]
    pub const fn is_exchange(self) -> bool {
        matches!(self, Self::ExchangeServer | Self::ExchangeServerHybrid | Self::ExchangeOnline)
    }

    /// Can appointments, contacts and tasks be synchronized with it? Not by POP3, and not by IMAP
    /// either: both protocols move mail alone.
    #[must_use]
    pub const fn synchronizes_appointments(self) -> bool {
        self.is_exchange()
    }

    /// Can its folders be tracked? Those of Exchange alone.
    #[must_use]
    pub const fn tracks_folders(self) -> bool {
        self.is_exchange()
    }
}

/// Where the organization's own service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "here or there")]
pub enum Deployment {
    /// In the cloud of its maker.
    Online,
    /// On the organization's own machines.
    OnPremises,
}

record! {
    /// How mailboxes are reached (table `emailserverprofile`).
    ///
    /// Which one is the default, which mailboxes of new users and queues name, is no mark of the
    /// profile but a setting of the organization
    /// ([`EmailSettings::default_server_profile`], column `organization.defaultemailserverprofileid`):
    /// [`default_of`](Self::default_of).
    ///
    /// ```
    /// use correspond::settings::{EmailServerProfile, EmailServerType};
    ///
    /// let profile = EmailServerProfile::builder()
    ///     .name("Provider")
    ///     .server(EmailServerType::Pop3Smtp)
    ///     .build()?;
    /// assert!(!profile.server().synchronizes_appointments());
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    EmailServerProfile, EmailServerProfileBuilder, EmailServerProfile, "Email server profiles",
        "emailserverprofile";
    required {
        /// What the list shows it as.
        name: ref Name, "Name", "name";
        /// What kind of server it connects to.
        server: copy EmailServerType, "Email Server Type", "servertype";
    }
    optional {}
}

impl LinkTarget for EmailServerProfile {
    const TABLE: &'static str = "emailserverprofile";
}

impl EmailServerProfile {
    /// The name of the profile that is made automatically.
    pub const AUTOMATIC_NAME: &'static str = "Microsoft Exchange Online";

    /// The organization's default profile among `profiles`; `None` where its settings name none, or one
    /// that is not among them.
    #[must_use]
    pub fn default_of<'a>(
        settings: &EmailSettings,
        profiles: &'a [Stored<Self>],
    ) -> Option<&'a Stored<Self>> {
        let default = settings.default_server_profile()?;
        profiles.iter().find(|profile| profile.id == default.id())
    }

    /// The profile that an organization gets without asking for it: the online service that connects
    /// to Exchange Online has one, as its default; for every other pair the administrator makes one.
    ///
    /// ```
    /// use correspond::settings::{Deployment, EmailServerProfile, EmailServerType};
    ///
    /// let made = |deployment| EmailServerProfile::automatic(deployment, EmailServerType::ExchangeOnline);
    /// assert!(made(Deployment::Online).is_some());
    /// assert_eq!(made(Deployment::OnPremises), None);
    /// ```
    #[must_use]
    pub fn automatic(deployment: Deployment, server: EmailServerType) -> Option<Self> {
        let made = deployment == Deployment::Online && server == EmailServerType::ExchangeOnline;
        let name = Name::new(Self::AUTOMATIC_NAME).ok().filter(|_| made)?;
        Some(Self { name, server })
    }

    /// Can a mailbox be reached in this way? A mailbox names its profile by a link, so this is asked
    /// wherever the two come together: when either is made or changed.
    ///
    /// Appointments, contacts and tasks that Outlook synchronizes do not go through the profile.
    ///
    /// # Errors
    ///
    /// It is to synchronize appointments, contacts and tasks with a server that has none (System
    /// Settings, Email tab: not with a POP3 server).
    pub fn admits(&self, mailbox: &Mailbox) -> Result<(), SettingError> {
        self.admits_appointments(mailbox.appointments())
    }

    /// Can these be the organization's default methods, with this as its default profile?
    ///
    /// # Errors
    ///
    /// As [`admits`](Self::admits).
    pub fn admits_defaults(&self, methods: &DefaultMethods) -> Result<(), SettingError> {
        self.admits_appointments(methods.appointments)
    }

    fn admits_appointments(&self, method: AppointmentsMethod) -> Result<(), SettingError> {
        if method == AppointmentsMethod::ServerSide && !self.server.synchronizes_appointments() {
            return Err(SettingError::excluded(
                "appointments",
                "another method or an Exchange server, which alone has appointments, contacts and \
                 tasks to synchronize",
                format_args!("{method} with {}", self.server),
            ));
        }
        Ok(())
    }

    /// Can the tracked folders of a user whose mailbox is reached in this way be read?
    ///
    /// # Errors
    ///
    /// There are some, and the server is no Exchange server.
    pub fn admits_folders(&self, options: &PersonalOptions) -> Result<(), SettingError> {
        if !options.folders().is_empty() && !self.server.tracks_folders() {
            return Err(SettingError::excluded(
                "folders",
                "no tracked folders, or an Exchange server",
                format_args!("{} with {}", options.folders().len(), self.server),
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::id::RecordId;
    use crate::record::Version;
    use crate::settings::{DefaultRule, SettingErrorKind, SettingsRecord, TrackedFolder};

    fn profile(server: EmailServerType) -> EmailServerProfile {
        EmailServerProfile::builder().name("Server").server(server).build().unwrap()
    }

    /// B007; table reference of `emailserverprofile`.
    #[test]
    fn email_server_profile_fields_codes_and_default() {
        use EmailServerType as Server;
        let types = [0, 1, 2, 3, 4].map(Server::from_code).map(Option::unwrap);
        assert_eq!(types, Server::ALL);
        assert_eq!(Server::from_code(5), None);
        let made = profile(Server::ImapSmtp);
        let json = r#"{"name":"Server","server":"imap-smtp"}"#;
        assert_eq!(serde_json::to_string(&made).unwrap(), json);
        assert_eq!(serde_json::from_str::<EmailServerProfile>(json).unwrap(), made);
        assert_eq!(EmailServerProfile::DEFAULTS, DefaultRule::None);
        let missing = EmailServerProfile::builder().name("Server").build().unwrap_err();
        assert_eq!(missing.to_string(), "server: expected a value, found none");
    }

    /// B008: made for the online service with Exchange Online, and for nothing else.
    #[test]
    fn the_profile_for_exchange_online_is_made_automatically() {
        for &server in EmailServerType::ALL {
            let online = EmailServerProfile::automatic(Deployment::Online, server);
            assert_eq!(online.is_some(), server == EmailServerType::ExchangeOnline);
            assert_eq!(EmailServerProfile::automatic(Deployment::OnPremises, server), None);
        }
        let made =
            EmailServerProfile::automatic(Deployment::Online, EmailServerType::ExchangeOnline);
        assert!(made.is_some_and(|made| !made.name().as_str().is_empty()));
    }

    /// B007; facts 1.1: `defaultemailserverprofileid` alone says which one is the default.
    #[test]
    fn the_email_settings_name_the_default_profile() {
        let stored = |id: u128| {
            let made = profile(EmailServerType::ExchangeOnline);
            Stored::new(RecordId::new(id), Version::new(1), DateTime::UNIX_EPOCH, made)
        };
        let profiles = [stored(1), stored(2)];
        let default = |settings: &EmailSettings| {
            EmailServerProfile::default_of(settings, &profiles).map(|stored| stored.id.get())
        };
        assert_eq!(default(&EmailSettings::default()), None);
        let naming = |id| EmailSettings::builder().default_server_profile(RecordId::new(id));
        assert_eq!(default(&naming(2).build().unwrap()), Some(2));
        assert_eq!(default(&naming(3).build().unwrap()), None);
    }

    /// B022: appointments, contacts and tasks not with a POP3 server.
    #[test]
    fn pop3_excludes_appointments_contacts_and_tasks() {
        let mailbox = |method| Mailbox::builder().name("Ann").appointments(method).build().unwrap();
        let pop3 = profile(EmailServerType::Pop3Smtp);
        assert_eq!(pop3.admits(&mailbox(AppointmentsMethod::None)), Ok(()));
        assert_eq!(pop3.admits(&mailbox(AppointmentsMethod::Outlook)), Ok(()));
        let synchronized = mailbox(AppointmentsMethod::ServerSide);
        let error = pop3.admits(&synchronized).unwrap_err();
        assert_eq!(error.kind(), SettingErrorKind::Excluded);
        assert_eq!(
            error.to_string(),
            "appointments: expected another method or an Exchange server, which alone has \
             appointments, contacts and tasks to synchronize, found Server-Side Synchronization \
             with Other (POP3/SMTP)"
        );
        for &server in EmailServerType::ALL {
            assert_eq!(profile(server).admits(&synchronized).is_ok(), server.is_exchange());
        }
        let defaults = |appointments| DefaultMethods {
            incoming: synchronized.incoming(),
            outgoing: synchronized.outgoing(),
            appointments,
            profile: None,
        };
        assert_eq!(pop3.admits_defaults(&defaults(AppointmentsMethod::Outlook)), Ok(()));
        assert_eq!(pop3.admits_defaults(&defaults(AppointmentsMethod::ServerSide)), Err(error));
    }

    /// Facts 3.11, section 10: folders of Exchange alone.
    #[test]
    fn pop3_excludes_tracked_folders() {
        let folder = TrackedFolder { folder: "Inbox/Fair".into(), regarding: RecordId::new(1) };
        let some = PersonalOptions::builder().folders([folder]).build().unwrap();
        let none = PersonalOptions::builder().build().unwrap();
        let pop3 = profile(EmailServerType::Pop3Smtp);
        assert_eq!(pop3.admits_folders(&none), Ok(()));
        assert_eq!(profile(EmailServerType::ExchangeServer).admits_folders(&some), Ok(()));
        assert_eq!(
            pop3.admits_folders(&some).unwrap_err().to_string(),
            "folders: expected no tracked folders, or an Exchange server, found 1 with Other \
             (POP3/SMTP)"
        );
    }
}

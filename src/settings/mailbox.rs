//! How is one mailbox read and written? (Mailboxes)

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::delivery::{AppointmentsMethod, IncomingMethod, OutgoingMethod};
use super::email_server_profile::EmailServerProfile;
use super::error::{SettingError, ValueError};
use super::field::{
    Defaults, FieldType, FieldValue, IntoField, Link, LinkTarget, Text, choice, structure, targets,
};
use super::queue::no_outlook;
use super::record::record;
use crate::address::EmailAddress;
use crate::party::Value;

/// Whose mailbox it is (column `mailbox.regardingobjectid`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "the two targets of the column")]
pub enum MailboxOwner {
    /// A user's.
    User(Link<targets::User>),
    /// A queue's.
    Queue(Link<targets::Queue>),
}

structure!(MailboxOwner);

/// The address of a mailbox: one of at most 100 characters (column `mailbox.emailaddress`).
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "EmailAddress", into = "EmailAddress")]
pub struct MailboxAddress(EmailAddress);

impl MailboxAddress {
    /// The longest address, in UTF-16 code units.
    pub const MAX: usize = 100;

    /// The address, checked.
    ///
    /// # Errors
    ///
    /// It is longer than [`MAX`](Self::MAX).
    pub fn new(address: EmailAddress) -> Result<Self, ValueError> {
        let found = address.as_str().encode_utf16().count();
        if found > Self::MAX {
            let expected = format!("an address of at most {} characters", Self::MAX);
            return Err(ValueError::length(expected, found));
        }
        Ok(Self(address))
    }

    /// The address.
    #[must_use]
    pub const fn get(&self) -> &EmailAddress {
        &self.0
    }
}

impl TryFrom<EmailAddress> for MailboxAddress {
    type Error = ValueError;

    fn try_from(address: EmailAddress) -> Result<Self, ValueError> {
        Self::new(address)
    }
}

impl From<MailboxAddress> for EmailAddress {
    fn from(address: MailboxAddress) -> Self {
        address.0
    }
}

impl fmt::Debug for MailboxAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for MailboxAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FieldValue for MailboxAddress {
    const TYPE: FieldType = FieldType::Text { min: 1, max: Self::MAX };

    fn to_value(&self) -> Option<Value> {
        Some(Value::Text(self.0.as_str().to_owned()))
    }
}

impl IntoField<Option<MailboxAddress>> for EmailAddress {
    fn into_field(self) -> Result<Option<MailboxAddress>, ValueError> {
        MailboxAddress::new(self).map(Some)
    }
}

impl IntoField<Option<MailboxAddress>> for &str {
    fn into_field(self) -> Result<Option<MailboxAddress>, ValueError> {
        let address = EmailAddress::parse(self).map_err(|error| {
            ValueError::form("an email address", format_args!("none ({error})"))
        })?;
        MailboxAddress::new(address).map(Some)
    }
}

choice! {
    /// What came of the last test and synchronization of a mailbox, one of three a mailbox (columns
    /// `mailbox.incomingemailstatus`, `outgoingemailstatus` and `actstatus`).
    MailboxStatus {
        /// There was none yet.
        NotRun = 0, "not-run", "Not Run";
        /// It went well.
        Success = 1, "success", "Success";
        /// It failed.
        Failure = 2, "failure", "Failure";
    }
}

record! {
    /// A mailbox (table `mailbox`): a user's, a queue's, or one that others forward to.
    ///
    /// A queue's excludes Outlook for all three methods. Whether the server can do what its methods
    /// ask for is told by the profile: [`EmailServerProfile::admits`]. What a new user or queue gets
    /// is made by [`mailbox::provide`](crate::mailbox::provide).
    ///
    /// The three `enabled` marks are set by the test of the mailbox: new mailboxes have none. (The
    /// published metadata have them on, and the mailbox a forward mailbox: the defaults of a row that
    /// is written past the form.)
    ///
    /// ```
    /// use correspond::settings::{IncomingMethod, Mailbox};
    ///
    /// let mailbox = Mailbox::builder()
    ///     .name("Ann")
    ///     .address("ann@shop.example")
    ///     .incoming(IncomingMethod::ForwardMailbox)
    ///     .build()?;
    /// assert!(!mailbox.forward() && !mailbox.enabled_for_incoming());
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    Mailbox, MailboxBuilder, Mailbox, "Mailboxes", "mailbox";
    required {
        /// What the list shows it as.
        name: ref Text<1, 200>, "Name", "name";
    }
    optional {
        /// Whose it is; nobody's where others forward to it.
        owner: copy Option<MailboxOwner> = Defaults::effective(None), "Regarding",
            "regardingobjectid";
        /// Its address.
        address: ref Option<MailboxAddress> = Defaults::effective(None), "Email Address",
            "emailaddress";
        /// The server that it is on.
        profile: copy Option<Link<EmailServerProfile>> = Defaults::effective(None),
            "Server Profile", "emailserverprofile";
        /// How incoming mail is fetched.
        incoming: copy IncomingMethod = Defaults::effective(IncomingMethod::ServerSideOrRouter),
            "Incoming Email", "incomingemaildeliverymethod";
        /// How outgoing mail is sent.
        outgoing: copy OutgoingMethod = Defaults::effective(OutgoingMethod::ServerSideOrRouter),
            "Outgoing Email", "outgoingemaildeliverymethod";
        /// How appointments, contacts and tasks are synchronized.
        appointments: copy AppointmentsMethod = Defaults::effective(AppointmentsMethod::None),
            "Appointments, Contacts, and Tasks", "actdeliverymethod";
        /// Was receiving tested and enabled?
        enabled_for_incoming: copy bool = Defaults::effective(false).metadata(true),
            "Enabled For Incoming Email", "enabledforincomingemail";
        /// Was sending tested and enabled?
        enabled_for_outgoing: copy bool = Defaults::effective(false).metadata(true),
            "Enabled For Outgoing Email", "enabledforoutgoingemail";
        /// Was the synchronization of appointments, contacts and tasks tested and enabled?
        enabled_for_appointments: copy bool = Defaults::effective(false).metadata(true),
            "Enabled For Appointments, Contacts, And Tasks", "enabledforact";
        /// What came of receiving.
        incoming_status: copy MailboxStatus = Defaults::effective(MailboxStatus::NotRun),
            "Incoming Email Status", "incomingemailstatus";
        /// What came of sending.
        outgoing_status: copy MailboxStatus = Defaults::effective(MailboxStatus::NotRun),
            "Outgoing Email Status", "outgoingemailstatus";
        /// What came of synchronizing appointments, contacts and tasks.
        appointments_status: copy MailboxStatus = Defaults::effective(MailboxStatus::NotRun),
            "Appointments, Contacts, and Tasks Status", "actstatus";
        /// Is it the one that others forward to?
        forward: copy bool = Defaults::effective(false).metadata(true), "Is Forward Mailbox",
            "isforwardmailbox";
        /// Is mail deleted from the server once it is processed?
        delete_after_processing: copy bool = Defaults::same(false),
            "Delete Emails after Processing", "processanddeleteemails";
        /// From when on received mail is processed (see [`covers`](Mailbox::covers)).
        process_received_after: copy Option<DateTime<Utc>> = Defaults::effective(None),
            "Process Email Received After", "processemailreceivedafter";
        /// The id of the folder on the server that undelivered mail is moved to.
        undeliverable_folder: ref Option<Text<1, 256>> = Defaults::effective(None),
            "Undeliverable Folder", "undeliverablefolder";
        /// May the service sign in with the credentials of this mailbox, which are kept elsewhere?
        use_credentials: copy bool = Defaults::same(false),
            "Allow to Use Credentials for Email Processing", "allowemailconnectortousecredentials";
        /// Did the administrator of Office 365 approve its address?
        approved_by_o365_admin: copy bool = Defaults::same(false),
            "Email Address O365 Admin Approval Status", "isemailaddressapprovedbyo365admin";
    }
    check(this) {
        if matches!(this.owner, Some(MailboxOwner::Queue(_))) {
            if this.incoming == IncomingMethod::Outlook {
                return Err(no_outlook("incoming", this.incoming));
            }
            if this.outgoing == OutgoingMethod::Outlook {
                return Err(no_outlook("outgoing", this.outgoing));
            }
            if this.appointments == AppointmentsMethod::Outlook {
                return Err(no_outlook("appointments", this.appointments));
            }
        }
        if this.forward && this.incoming == IncomingMethod::ForwardMailbox {
            return Err(SettingError::excluded(
                "incoming",
                "a method that reads the forward mailbox itself",
                this.incoming,
            ));
        }
        Ok(())
    }
}

impl Mailbox {
    /// Is mail that was received at this time processed? Not what was received before
    /// [`process_received_after`](Self::process_received_after).
    #[must_use]
    pub fn covers(&self, received: DateTime<Utc>) -> bool {
        self.process_received_after.is_none_or(|start| received >= start)
    }
}

impl LinkTarget for Mailbox {
    const TABLE: &'static str = "mailbox";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecordId;
    use crate::settings::{DefaultKind, Profile, SettingErrorKind, SettingsRecord};

    const QUEUE: MailboxOwner = MailboxOwner::Queue(Link::new(RecordId::new(0xb)));
    const USER: MailboxOwner = MailboxOwner::User(Link::new(RecordId::new(0xa)));

    /// Facts 4.3; B009, B014, B019: the three methods with their columns.
    #[test]
    fn mailbox_defaults_and_form() {
        let mailbox = Mailbox::builder().name("Ann").owner(USER).address("Ann@X.example");
        let mailbox = mailbox.build().unwrap();
        let json = r#"{"name":"Ann","owner":{"user":"0000000000000000000000000000000a"},"address":"Ann@x.example","incoming":"server-side-or-router","outgoing":"server-side-or-router","appointments":"none","enabled_for_incoming":false,"enabled_for_outgoing":false,"enabled_for_appointments":false,"incoming_status":"not-run","outgoing_status":"not-run","appointments_status":"not-run","forward":false,"delete_after_processing":false,"use_credentials":false,"approved_by_o365_admin":false}"#;
        assert_eq!(serde_json::to_string(&mailbox).unwrap(), json);
        let short = r#"{"name":"Ann","owner":{"user":"a"},"address":"Ann@X.example"}"#;
        assert_eq!(serde_json::from_str::<Mailbox>(short).unwrap(), mailbox);
        let of = |field: &str, kind| Mailbox::default_value(field, kind);
        for field in
            ["enabled_for_incoming", "enabled_for_outgoing", "enabled_for_appointments", "forward"]
        {
            assert_eq!(of(field, DefaultKind::Metadata), Some(Value::YesNo(true)), "{field}");
            let effective = of(field, DefaultKind::Effective(Profile::Documents));
            assert_eq!(effective, Some(Value::YesNo(false)), "{field}");
        }
        let column = |name: &str| {
            Mailbox::FIELDS.iter().find(|field| field.name == name).and_then(|field| field.column)
        };
        assert_eq!(column("incoming"), Some("incomingemaildeliverymethod"));
        assert_eq!(column("outgoing"), Some("outgoingemaildeliverymethod"));
        assert_eq!(column("appointments"), Some("actdeliverymethod"));
        assert_eq!(
            [0, 1, 2, 3].map(MailboxStatus::from_code),
            [
                Some(MailboxStatus::NotRun),
                Some(MailboxStatus::Success),
                Some(MailboxStatus::Failure),
                None
            ]
        );
    }

    /// Facts 4.3: `emailaddress` has 100 characters.
    #[test]
    fn the_address_of_a_mailbox_has_100_characters_at_most() {
        let made = |address: &str| {
            let made = Mailbox::builder().name("Ann").address(address).build();
            made.map(|made| made.address().as_ref().map(ToString::to_string))
        };
        let most = format!("a@{}.example", "x.".repeat(45));
        let most = most.replace("..", ".");
        assert_eq!(most.len(), 99);
        assert_eq!(made(&most), Ok(Some(most.clone())));
        let longer = format!("bc{most}");
        assert_eq!(
            made(&longer).unwrap_err().to_string(),
            "address: expected an address of at most 100 characters, found 101"
        );
        let error = made("nobody").unwrap_err();
        assert_eq!(
            error.to_string(),
            "address: expected an email address, found none (expected '@' after the local part, \
             found the end at byte 6)"
        );
        let json = format!(r#"{{"name":"x","address":"{longer}"}}"#);
        assert!(serde_json::from_str::<Mailbox>(&json).is_err());
    }

    /// Facts 4.2, section 10; B006, B010, B015, B020: a user's mailbox may use Outlook, a queue's not.
    #[test]
    fn the_mailbox_of_a_queue_excludes_outlook() {
        type Edit = fn(MailboxBuilder) -> MailboxBuilder;
        let outlook: [(&str, Edit); 3] = [
            ("incoming", |it| it.incoming(IncomingMethod::Outlook)),
            ("outgoing", |it| it.outgoing(OutgoingMethod::Outlook)),
            ("appointments", |it| it.appointments(AppointmentsMethod::Outlook)),
        ];
        let of = |owner| Mailbox::builder().name("x").owner(owner);
        assert!(of(QUEUE).build().is_ok());
        for (field, edit) in outlook {
            assert!(edit(of(USER)).build().is_ok(), "{field}");
            let error = edit(of(QUEUE)).build().unwrap_err();
            assert_eq!(error.kind(), SettingErrorKind::Excluded);
            assert_eq!(
                error.to_string(),
                format!(
                    "{field}: expected a method that a queue can use, found Dynamics 365 for Outlook"
                )
            );
        }
    }

    /// Facts 4.3: `processemailreceivedafter`.
    #[test]
    fn mail_from_before_the_start_of_a_mailbox_is_left() {
        let start = DateTime::UNIX_EPOCH;
        let second = chrono::TimeDelta::seconds(1);
        let mailbox = Mailbox::builder().name("x");
        assert!(mailbox.clone().build().unwrap().covers(start - second));
        let mailbox = mailbox.process_received_after(start).build().unwrap();
        assert_eq!(
            [start - second, start, start + second].map(|at| mailbox.covers(at)),
            [false, true, true]
        );
    }

    /// B013: a forward mailbox is read, not forwarded.
    #[test]
    fn a_forward_mailbox_forwards_to_no_other() {
        let forward = Mailbox::builder().name("Forward").forward(true);
        assert!(forward.clone().build().is_ok());
        let error = forward.incoming(IncomingMethod::ForwardMailbox).build().unwrap_err();
        assert_eq!(
            error.to_string(),
            "incoming: expected a method that reads the forward mailbox itself, found Forward Mailbox"
        );
    }
}

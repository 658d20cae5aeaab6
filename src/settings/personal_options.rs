//! How is one user's mail tracked, delivered and approved? (Set Personal Options, Email; the
//! administrator's form of a user)

use serde::{Deserialize, Serialize};

use super::approval::AddressApproval;
use super::delivery::{IncomingMethod, OutgoingMethod};
use super::error::SettingError;
use super::field::{Choice, Defaults, FieldType, FieldValue, Link};
use super::filter_option::FilterOption;
use super::mailbox::Mailbox;
use super::record::{SettingsRecord, record};
use super::tracked_folders::TrackedFolders;
use crate::party::Value;

/// What is made of an unknown sender when mail is tracked. The product keeps it as
/// `usersettings.autocreatecontactonpromote`, whose codes are not documented: so there are none here
/// either, and the value of the setting is its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CreateRecords {
    /// Nothing.
    Off,
    /// A contact.
    Contacts,
    /// A lead.
    Leads,
}

impl CreateRecords {
    /// The options with their names and labels.
    pub const CHOICES: &'static [Choice] = &[
        Choice::new(None, "off", "Off"),
        Choice::new(None, "contacts", "Contacts"),
        Choice::new(None, "leads", "Leads"),
    ];

    /// What counts: nothing is made where the organization does not allow it
    /// (`AutoCreateContactOnPromote` of `organization.orgdborgsettings`, default yes).
    #[must_use]
    pub const fn effective(self, allowed: bool) -> Self {
        if allowed { self } else { Self::Off }
    }
}

impl FieldValue for CreateRecords {
    const TYPE: FieldType = FieldType::Choice(Self::CHOICES);

    fn to_value(&self) -> Option<Value> {
        let name = match self {
            Self::Off => "off",
            Self::Contacts => "contacts",
            Self::Leads => "leads",
        };
        Some(Value::Text(name.to_owned()))
    }
}

record! {
    /// One user's email options, kept under the user's id.
    ///
    /// Two tables of the product in one record: what the user sets (table `usersettings`, whose key is
    /// the user), and what the administrator sets on the user's form (columns marked `systemuser.`).
    /// A user who changes them leaves the latter as they are:
    /// [`check_own_change`](Self::check_own_change).
    ///
    /// The number that stands for the user in tracking tokens (`usersettings.trackingtokenid`) is not
    /// here, because nobody sets it: it is drawn once and kept as a
    /// [`UserNumber`](crate::token::UserNumber). Nor are the user's next message number
    /// (`nexttrackingnumber`), which the store draws
    /// ([`TokenIssuer`](crate::flow::TokenIssuer)), and `ignoreunsolicitedemail`, the deprecated
    /// predecessor of the filter option. An import keeps them as columns that it does not know.
    ///
    /// ```
    /// use correspond::settings::{FilterOption, IncomingMethod, PersonalOptions};
    ///
    /// let options = PersonalOptions::builder().filter(FilterOption::All).build()?;
    /// let next = options.to_builder().incoming(IncomingMethod::None).build()?;
    /// assert_eq!(
    ///     options.check_own_change(&next).unwrap_err().to_string(),
    ///     "incoming: expected what the administrator set (2), found 0"
    /// );
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    PersonalOptions, PersonalOptionsBuilder, PersonalOptions, "Personal options, Email",
        "usersettings";
    required {}
    optional {
        /// Which received mail is tracked. The metadata of the column (published table reference of
        /// `usersettings`, `DefaultFormValue`) have option 2, the product's documents option 1.
        filter: copy FilterOption = Defaults::effective(FilterOption::InResponse)
            .metadata(FilterOption::LeadsContactsAccounts),
            "Select the email messages to track in Microsoft Dynamics 365",
            "incomingemailfilteringmethod";
        /// May others send mail in this user's name?
        send_as_allowed: copy bool = Defaults::same(false),
            "Allow other Microsoft Dynamics 365 users to send email on your behalf",
            "issendasallowed";
        /// What is made of an unknown sender when mail is tracked. Nothing is where the organization
        /// does not allow it (see [`CreateRecords::effective`]).
        create_records: copy CreateRecords = Defaults::effective(CreateRecords::Contacts),
            "Automatically create records in Microsoft Dynamics 365";
        /// The folders whose mail is tracked (table `mailboxtrackingfolder`). They stay when the
        /// incoming method is none that reads folders, and have no effect then:
        /// [`mailbox::folders`](crate::mailbox::folders).
        folders: ref TrackedFolders = Defaults::effective(TrackedFolders::default()),
            "Tracked folders";
        /// Email Access Type - Incoming: how mail reaches this user. None turns all tracking off.
        /// Where nobody chose, as the organization's default methods have it by default.
        incoming: copy IncomingMethod = Defaults::effective(IncomingMethod::ServerSideOrRouter),
            "Email Access Type - Incoming", "systemuser.incomingemaildeliverymethod";
        /// Email Access Type - Outgoing: how this user's mail is sent.
        outgoing: copy OutgoingMethod = Defaults::effective(OutgoingMethod::ServerSideOrRouter),
            "Email Access Type - Outgoing", "systemuser.outgoingemaildeliverymethod";
        /// Did the administrator approve the user's address?
        approval: copy AddressApproval = Defaults::effective(AddressApproval::Empty),
            "Primary Email Status", "systemuser.emailrouteraccessapproval";
        /// Did the administrator of Office 365 approve it? No by the metadata too (table reference of
        /// `systemuser`).
        approved_by_o365_admin: copy bool = Defaults::same(false),
            "Email Address O365 Admin Approval Status",
            "systemuser.isemailaddressapprovedbyo365admin";
        /// The user's mailbox.
        mailbox: copy Option<Link<Mailbox>> = Defaults::effective(None), "Mailbox",
            "systemuser.defaultmailbox";
    }
}

impl PersonalOptions {
    /// May the user, who is no administrator, change these options to `next`? The columns of
    /// `systemuser` have to stay. The flows of settings ask it by
    /// [`Actor::lacks_for`](crate::settings::Actor::lacks_for).
    ///
    /// # Errors
    ///
    /// The first setting of the administrator that would change.
    pub fn check_own_change(&self, next: &Self) -> Result<(), SettingError> {
        let shown = |value: Option<Value>| match value {
            Some(Value::Choice(code)) => code.to_string(),
            Some(Value::YesNo(yes)) => yes.to_string(),
            Some(Value::Lookup(id)) => id.to_string(),
            _ => "none".to_owned(),
        };
        let administered =
            |column: Option<&str>| column.is_some_and(|name| name.starts_with("systemuser."));
        for field in Self::FIELDS.iter().filter(|field| administered(field.column)) {
            let (now, then) = (self.value(field.name), next.value(field.name));
            if now != then {
                let expected = format!("what the administrator set ({})", shown(now));
                return Err(SettingError::excluded(field.name, expected, shown(then)));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecordId;
    use crate::settings::{DefaultKind, Profile, TrackedFolder};

    /// Facts 4.1, 4.2; C002, C009, C011.
    #[test]
    fn personal_options_defaults_and_form() {
        let options = PersonalOptions::builder().build().unwrap();
        assert_eq!(options.filter(), FilterOption::InResponse);
        let of = |field: &str, kind| PersonalOptions::default_value(field, kind);
        let effective = DefaultKind::Effective(Profile::Current);
        assert_eq!(of("filter", effective), Some(Value::Choice(1)));
        assert_eq!(of("filter", DefaultKind::Metadata), Some(Value::Choice(2)));
        assert_eq!(of("send_as_allowed", DefaultKind::Metadata), Some(Value::YesNo(false)));
        assert_eq!(of("create_records", DefaultKind::Metadata), None);
        assert_eq!(of("create_records", effective), Some(Value::Text("contacts".into())));
        let json = r#"{"filter":"in-response","send_as_allowed":false,"create_records":"contacts","folders":[],"incoming":"server-side-or-router","outgoing":"server-side-or-router","approval":"empty","approved_by_o365_admin":false}"#;
        assert_eq!(serde_json::to_string(&options).unwrap(), json);
        assert_eq!(serde_json::from_str::<PersonalOptions>("{}").unwrap(), options);
        for choice in CreateRecords::CHOICES {
            let json = format!("{{\"create_records\":\"{}\"}}", choice.name);
            let read: PersonalOptions = serde_json::from_str(&json).unwrap();
            assert_eq!(read.value("create_records"), Some(Value::Text(choice.name.into())));
        }
    }

    /// Facts 4.1: the organization's switch overrides the user's choice.
    #[test]
    fn records_are_created_only_where_the_organization_allows_it() {
        assert_eq!(CreateRecords::Leads.effective(true), CreateRecords::Leads);
        assert_eq!(CreateRecords::Leads.effective(false), CreateRecords::Off);
    }

    #[test]
    fn folders_of_personal_options_are_checked_as_they_are_given() {
        let folder = TrackedFolder { folder: "Sent".into(), regarding: RecordId::new(1) };
        let error = PersonalOptions::builder().folders(vec![folder]).build().unwrap_err();
        assert_eq!(
            error.to_string(),
            "folders: expected folders under the Inbox (\"Inbox/...\"), found \"Sent\""
        );
        let json = r#"{"folders":[{"folder":"Sent","regarding":"1"}]}"#;
        let read = serde_json::from_str::<PersonalOptions>(json).unwrap_err().to_string();
        assert!(read.contains(&error.to_string()), "{read}");
    }

    /// C011: the access types, and what comes of an approval, are the administrator's.
    #[test]
    fn a_user_changes_no_setting_of_the_administrator() {
        let before = PersonalOptions::builder().build().unwrap();
        let change = |edit: fn(PersonalOptionsBuilder) -> PersonalOptionsBuilder| {
            let next = edit(before.to_builder()).build().unwrap();
            before.check_own_change(&next).map_err(|error| error.to_string())
        };
        assert_eq!(change(|own| own.filter(FilterOption::All).send_as_allowed(true)), Ok(()));
        assert_eq!(change(|own| own.create_records(CreateRecords::Off)), Ok(()));
        let refused = |field: &str, now: &str, then: &str| {
            Err(format!("{field}: expected what the administrator set ({now}), found {then}"))
        };
        assert_eq!(
            change(|it| it.incoming(IncomingMethod::Outlook)),
            refused("incoming", "2", "1")
        );
        assert_eq!(change(|it| it.outgoing(OutgoingMethod::None)), refused("outgoing", "2", "0"));
        assert_eq!(
            change(|it| it.approval(AddressApproval::Approved)),
            refused("approval", "0", "1")
        );
        assert_eq!(
            change(|it| it.approved_by_o365_admin(true)),
            refused("approved_by_o365_admin", "false", "true")
        );
        assert_eq!(
            change(|it| it.mailbox(RecordId::new(7))),
            refused("mailbox", "none", "00000000000000000000000000000007")
        );
    }
}

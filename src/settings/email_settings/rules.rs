//! What do the decisions of other modules take of the Email tab?

use super::EmailSettings;
use crate::mailbox::{Approvals, FolderRules};
use crate::party::ResolutionRules;
use crate::settings::{DefaultMethods, OrganizationProperties};

impl EmailSettings {
    /// What a new mailbox begins with, as [`mailbox::provide`](crate::mailbox::provide) takes it.
    /// Whether a server can do it is told by
    /// [`EmailServerProfile::admits_defaults`](crate::settings::EmailServerProfile::admits_defaults).
    ///
    /// ```
    /// use correspond::settings::*;
    ///
    /// let pop3 = EmailServerProfile::builder().name("Provider").server(EmailServerType::Pop3Smtp);
    /// let pop3 = pop3.build()?;
    /// let settings = EmailSettings::default();
    /// assert!(pop3.admits_defaults(&settings.default_methods()).is_err(), "appointments");
    /// let mail = settings.to_builder().appointments_method(AppointmentsMethod::None).build()?;
    /// assert!(pop3.admits_defaults(&mail.default_methods()).is_ok());
    /// # Ok::<(), SettingError>(())
    /// ```
    #[must_use]
    pub const fn default_methods(&self) -> DefaultMethods {
        DefaultMethods {
            incoming: self.incoming_method,
            outgoing: self.outgoing_method,
            appointments: self.appointments_method,
            profile: self.default_server_profile,
        }
    }

    /// Whose mail is limited to approved addresses, as
    /// [`mailbox::incoming`](crate::mailbox::incoming) and
    /// [`mailbox::outgoing`](crate::mailbox::outgoing) take it.
    #[must_use]
    pub const fn approvals(&self) -> Approvals {
        Approvals { users: self.approved_users_only, queues: self.approved_queues_only }
    }

    /// What users may do with folders, as [`mailbox::folders`](crate::mailbox::folders) takes it.
    #[must_use]
    pub fn folder_rules(&self) -> FolderRules {
        FolderRules {
            enabled: self.folder_tracking && self.release.has_folder_tracking(),
            most: usize::try_from(self.max_tracked_folders.get()).unwrap_or(1),
            using: self.process_email_using,
        }
    }

    /// Whom addresses stand for that several records have, as
    /// [`party::resolve`](crate::party::resolve) takes it. Three of the switches are `properties`:
    /// `UnresolveSenderInCaseOfMultipleMatch`, `OverrideV5SenderConflictResolution` and
    /// `ResolveForInactiveEntities`.
    #[must_use]
    pub const fn resolution_rules(&self, properties: &OrganizationProperties) -> ResolutionRules {
        ResolutionRules {
            unresolve_recipients: self.unresolved_on_multiple_match,
            apply_to_all: self.apply_to_all,
            unresolve_sender: properties.unresolve_sender_in_case_of_multiple_match(),
            refuse_sender_conflict: properties.override_v5_sender_conflict_resolution(),
            resolve_inactive: properties.resolve_for_inactive_entities(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::EmailAddress;
    use crate::id::RecordId;
    use crate::party::{Addressee, SendRefused, check_recipients};
    use crate::settings::field::Link;
    use crate::settings::{
        AppointmentsMethod, EmailServerProfile, EmailServerType, IncomingMethod, OutgoingMethod,
        ProcessEmailUsing, Release,
    };

    /// B005, B007, B009, B014, B019: the four rows of the section, as new mailboxes take them.
    #[test]
    fn default_methods_are_those_of_the_page() {
        let settings = EmailSettings::builder()
            .default_server_profile(RecordId::new(7))
            .incoming_method(IncomingMethod::ForwardMailbox)
            .outgoing_method(OutgoingMethod::Outlook)
            .appointments_method(AppointmentsMethod::None)
            .build()
            .unwrap();
        let expected = DefaultMethods {
            incoming: IncomingMethod::ForwardMailbox,
            outgoing: OutgoingMethod::Outlook,
            appointments: AppointmentsMethod::None,
            profile: Some(Link::new(RecordId::new(7))),
        };
        assert_eq!(settings.default_methods(), expected);
    }

    /// B022: appointments, contacts and tasks of the page do not go with a POP3 profile.
    #[test]
    fn default_appointments_of_the_page_do_not_go_over_pop3() {
        let settings = EmailSettings::default();
        let profile = |server| EmailServerProfile::builder().name("x").server(server).build();
        let pop3 = profile(EmailServerType::Pop3Smtp).unwrap();
        assert!(pop3.admits_defaults(&settings.default_methods()).is_err());
        let exchange = profile(EmailServerType::ExchangeOnline).unwrap();
        assert!(exchange.admits_defaults(&settings.default_methods()).is_ok());
    }

    /// B023, B024: each box limits its own kind.
    #[test]
    fn approvals_are_the_boxes_of_the_page() {
        for (users, queues) in [(true, false), (false, true)] {
            let builder = EmailSettings::builder().approved_users_only(users);
            let settings = builder.approved_queues_only(queues).build().unwrap();
            assert_eq!(settings.approvals(), Approvals { users, queues });
        }
    }

    /// B028, B029, B031.
    #[test]
    fn folder_rules_are_those_of_the_page_and_the_release() {
        let settings = EmailSettings::builder().max_tracked_folders(3).build().unwrap();
        let using = ProcessEmailUsing::ServerSideSynchronization;
        assert_eq!(settings.folder_rules(), FolderRules { enabled: true, most: 3, using });
        let before = settings.to_builder().release(Release::Crm2015).build().unwrap();
        assert!(!before.folder_rules().enabled);
        let off = settings.to_builder().folder_tracking(false).build().unwrap();
        assert!(!off.folder_rules().enabled);
    }

    /// B048, B049, B050: the switch of the page decides on unresolved recipients.
    #[test]
    fn unresolved_recipients_are_sent_to_where_the_page_allows_it() {
        let address = EmailAddress::parse("who@x.example").unwrap();
        let who = [Addressee { record: None, address: Some(address) }];
        let strict = EmailSettings::default();
        let lax = strict.to_builder().unresolved_recipients_allowed(true).build().unwrap();
        let send = |it: &EmailSettings| check_recipients(&who, it.unresolved_recipients_allowed());
        assert_eq!(send(&strict), Err(SendRefused::Unresolved(0)));
        assert_eq!(send(&lax), Ok(()));
    }

    /// B051, B052, B057, B058, B059; facts 3.8, 3.10.
    #[test]
    fn resolution_rules_are_those_of_the_page_and_the_bag() {
        let none = OrganizationProperties::default();
        assert_eq!(EmailSettings::default().resolution_rules(&none), ResolutionRules::default());
        let settings = EmailSettings::builder()
            .unresolved_on_multiple_match(true)
            .apply_to_all(false)
            .build()
            .unwrap();
        type Switch = fn(&ResolutionRules) -> bool;
        let of_the_bag: [Switch; 3] =
            [|it| it.unresolve_sender, |it| it.refuse_sender_conflict, |it| it.resolve_inactive];
        let b = OrganizationProperties::builder;
        for (at, properties) in [
            b().unresolve_sender_in_case_of_multiple_match(true),
            b().override_v5_sender_conflict_resolution(true),
            b().resolve_for_inactive_entities(true),
        ]
        .into_iter()
        .enumerate()
        {
            let rules = settings.resolution_rules(&properties.build().unwrap());
            assert!(rules.unresolve_recipients && !rules.apply_to_all);
            for (other, switch) in of_the_bag.into_iter().enumerate() {
                assert_eq!(switch(&rules), other == at);
            }
        }
    }
}

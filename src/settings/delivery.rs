//! Who moves mail, and appointments, contacts and tasks, between a mailbox and the organization?

use super::email_server_profile::{EmailServerProfile, EmailServerType};
use super::field::{Link, choice};

choice! {
    /// How incoming mail is fetched (columns `incomingemaildeliverymethod` of `systemuser`, `queue`
    /// and `mailbox`; element `IncomingEmailDeliveryMethod` of `organization.defaultemailsettings`).
    IncomingMethod {
        /// It is not: tracking is off.
        None = 0, "none", "None";
        /// By Dynamics 365 for Outlook, on the user's machine. Not for queues.
        Outlook = 1, "outlook", "Dynamics 365 for Outlook";
        /// By server-side synchronization or by the Email Router: one code stands for both, and
        /// [`ProcessEmailUsing`] tells which.
        ServerSideOrRouter = 2, "server-side-or-router", "Server-Side Synchronization or Email Router";
        /// From a forward mailbox.
        ForwardMailbox = 3, "forward-mailbox", "Forward Mailbox";
    }
}

choice! {
    /// How outgoing mail is sent (columns `outgoingemaildeliverymethod` of `systemuser`, `queue` and
    /// `mailbox`; element `OutgoingEmailDeliveryMethod` of `organization.defaultemailsettings`).
    /// There is no forward mailbox for outgoing mail: code 3 is none of these.
    OutgoingMethod {
        /// It is not.
        None = 0, "none", "None";
        /// By Dynamics 365 for Outlook, on the user's machine. Not for queues.
        Outlook = 1, "outlook", "Dynamics 365 for Outlook";
        /// By server-side synchronization or by the Email Router: one code stands for both, and
        /// [`ProcessEmailUsing`] tells which.
        ServerSideOrRouter = 2, "server-side-or-router", "Server-Side Synchronization or Email Router";
    }
}

choice! {
    /// How appointments, contacts and tasks are synchronized (column `mailbox.actdeliverymethod`;
    /// element `ACTDeliveryMethod` of `organization.defaultemailsettings`). Its codes differ from
    /// those of the email methods.
    AppointmentsMethod {
        /// By Dynamics 365 for Outlook, on the user's machine.
        Outlook = 0, "outlook", "Dynamics 365 for Outlook";
        /// By server-side synchronization; not with a POP3 server.
        ServerSide = 1, "server-side", "Server-Side Synchronization";
        /// They are not.
        None = 2, "none", "None";
    }
}

choice! {
    /// Which service processes the organization's mail (column `organization.emailconnectionchannel`).
    ProcessEmailUsing {
        /// Server-side synchronization.
        ServerSideSynchronization = 0, "server-side-synchronization", "Server-Side Synchronization";
        /// The Email Router.
        EmailRouter = 1, "email-router", "Microsoft Dynamics 365 Email Router";
    }
}

/// The default synchronization methods of the organization, and its default server profile
/// (columns `organization.defaultemailsettings` and `organization.defaultemailserverprofileid`). A
/// mailbox that is made with a new user or queue takes them ([`mailbox`](crate::mailbox)).
///
/// ```
/// use correspond::settings::{AppointmentsMethod, DefaultMethods, IncomingMethod, OutgoingMethod};
///
/// let defaults = DefaultMethods {
///     incoming: IncomingMethod::Outlook,
///     outgoing: OutgoingMethod::ServerSideOrRouter,
///     appointments: AppointmentsMethod::ServerSide,
///     profile: None,
/// };
/// assert_eq!(defaults.for_queue().incoming, IncomingMethod::None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the four rows of the section of the Email tab")]
pub struct DefaultMethods {
    /// Incoming Email.
    pub incoming: IncomingMethod,
    /// Outgoing Email.
    pub outgoing: OutgoingMethod,
    /// Appointments, Contacts, and Tasks.
    pub appointments: AppointmentsMethod,
    /// Server Profile.
    pub profile: Option<Link<EmailServerProfile>>,
}

impl DefaultMethods {
    /// What of them a queue can have. Nobody runs Outlook for a queue, so that method falls to none,
    /// one method at a time: whoever makes a queue is not stopped by a default that was meant for
    /// users.
    #[must_use]
    pub fn for_queue(self) -> Self {
        Self {
            incoming: match self.incoming {
                IncomingMethod::Outlook => IncomingMethod::None,
                other => other,
            },
            outgoing: match self.outgoing {
                OutgoingMethod::Outlook => OutgoingMethod::None,
                other => other,
            },
            appointments: match self.appointments {
                AppointmentsMethod::Outlook => AppointmentsMethod::None,
                other => other,
            },
            ..self
        }
    }

    /// What of them a server of this type can do: one that is no Exchange server has no
    /// appointments, contacts and tasks to synchronize.
    #[must_use]
    pub fn for_server(self, server: EmailServerType) -> Self {
        let appointments = match self.appointments {
            AppointmentsMethod::ServerSide if !server.synchronizes_appointments() => {
                AppointmentsMethod::None
            }
            other => other,
        };
        Self { appointments, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facts 1.2, 4.2, 4.3; B010 to B018, B020, B021.
    #[test]
    fn delivery_methods_have_the_codes_of_the_product() {
        use AppointmentsMethod as Act;
        use IncomingMethod as In;
        use OutgoingMethod as Out;
        let incoming = [Some(In::None), Some(In::Outlook), Some(In::ServerSideOrRouter)];
        assert_eq!([0, 1, 2].map(In::from_code), incoming);
        assert_eq!([3, 4].map(In::from_code), [Some(In::ForwardMailbox), None]);
        let outgoing = [Some(Out::None), Some(Out::Outlook), Some(Out::ServerSideOrRouter), None];
        assert_eq!([0, 1, 2, 3].map(Out::from_code), outgoing);
        let appointments = [Some(Act::Outlook), Some(Act::ServerSide), Some(Act::None), None];
        assert_eq!([0, 1, 2, 3].map(Act::from_code), appointments);
        assert_eq!(Act::ServerSide.code(), 1);
    }

    /// B002, B003.
    #[test]
    fn a_choice_has_a_code_a_name_and_a_label() {
        let router = ProcessEmailUsing::EmailRouter;
        assert_eq!((router.code(), router.name()), (1, "email-router"));
        assert_eq!(router.to_string(), "Microsoft Dynamics 365 Email Router");
        assert_eq!(ProcessEmailUsing::from_code(0), Some(ProcessEmailUsing::ALL[0]));
        assert_eq!(serde_json::to_string(&router).unwrap(), "\"email-router\"");
    }

    const OUTLOOK: DefaultMethods = DefaultMethods {
        incoming: IncomingMethod::Outlook,
        outgoing: OutgoingMethod::Outlook,
        appointments: AppointmentsMethod::Outlook,
        profile: None,
    };

    /// Facts 4.2; B006, B010, B015.
    #[test]
    fn default_methods_of_a_queue_never_name_outlook() {
        let none = DefaultMethods {
            incoming: IncomingMethod::None,
            outgoing: OutgoingMethod::None,
            appointments: AppointmentsMethod::None,
            profile: None,
        };
        assert_eq!(OUTLOOK.for_queue(), none);
        let forward = DefaultMethods {
            incoming: IncomingMethod::ForwardMailbox,
            outgoing: OutgoingMethod::ServerSideOrRouter,
            appointments: AppointmentsMethod::ServerSide,
            profile: Some(Link::new(crate::id::RecordId::new(7))),
        };
        assert_eq!(forward.for_queue(), forward);
    }

    /// B022.
    #[test]
    fn default_methods_for_pop3_leave_appointments_out() {
        let methods = DefaultMethods { appointments: AppointmentsMethod::ServerSide, ..OUTLOOK };
        assert_eq!(methods.for_server(EmailServerType::ExchangeOnline), methods);
        assert_eq!(
            methods.for_server(EmailServerType::Pop3Smtp),
            DefaultMethods { appointments: AppointmentsMethod::None, ..OUTLOOK }
        );
        assert_eq!(OUTLOOK.for_server(EmailServerType::Pop3Smtp), OUTLOOK);
    }
}

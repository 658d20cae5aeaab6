//! Who moves mail, and appointments, contacts and tasks, between a mailbox and the organization?

use super::field::choice;

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
}

//! How is a queue's mail tracked, delivered and approved? (The form of a queue)

use super::approval::AddressApproval;
use super::delivery::{IncomingMethod, OutgoingMethod};
use super::error::SettingError;
use super::field::{Defaults, Link, Text, choice};
use super::filter_option::FilterOption;
use super::mailbox::Mailbox;
use super::record::record;

choice! {
    /// Who sees a queue (column `queue.queueviewtype`).
    QueueView {
        /// Everybody.
        Public = 0, "public", "Public";
        /// Its members.
        Private = 1, "private", "Private";
    }
}

record! {
    /// A queue's email options (table `queue`), kept under the queue's id.
    ///
    /// No method is Outlook, which runs on the machine of a user. A queue tracks no folders.
    ///
    /// The metadata defaults are those of the published table reference of `queue` (`DefaultValue`,
    /// `DefaultFormValue`). Not here is
    /// `ignoreunsolicitedemail`, the deprecated predecessor of the filter option: an import keeps it
    /// as a column that it does not know.
    ///
    /// ```
    /// use correspond::settings::{IncomingMethod, QueueSettings};
    ///
    /// let queue = QueueSettings::builder().name("Support");
    /// assert!(queue.clone().incoming(IncomingMethod::ForwardMailbox).build().is_ok());
    /// assert!(queue.incoming(IncomingMethod::Outlook).build().is_err());
    /// ```
    QueueSettings, QueueSettingsBuilder, Queue, "Queue", "queue";
    required {
        /// What the list shows it as.
        name: ref Text<1, 200>, "Name", "name";
    }
    optional {
        /// Which received mail is tracked.
        filter: copy FilterOption = Defaults::same(FilterOption::All),
            "Convert Incoming Email To Activities", "incomingemailfilteringmethod";
        /// How mail reaches the queue. Where nobody chose, as the organization's default methods have
        /// it by default.
        incoming: copy IncomingMethod = Defaults::effective(IncomingMethod::ServerSideOrRouter)
            .metadata(IncomingMethod::None),
            "Incoming Email Delivery Method", "incomingemaildeliverymethod";
        /// How the queue's mail is sent.
        outgoing: copy OutgoingMethod = Defaults::effective(OutgoingMethod::ServerSideOrRouter),
            "Outgoing Email Delivery Method", "outgoingemaildeliverymethod";
        /// Did the administrator approve the queue's address?
        approval: copy AddressApproval = Defaults::effective(AddressApproval::Empty),
            "Primary Email Status", "emailrouteraccessapproval";
        /// Did the administrator of Office 365 approve it?
        approved_by_o365_admin: copy bool = Defaults::same(false),
            "Email Address O365 Admin Approval Status", "isemailaddressapprovedbyo365admin";
        /// Who sees the queue.
        view: copy QueueView = Defaults::same(QueueView::Public), "Type", "queueviewtype";
        /// The queue's mailbox.
        mailbox: copy Option<Link<Mailbox>> = Defaults::effective(None), "Mailbox",
            "defaultmailbox";
    }
    check(this) {
        if this.incoming == IncomingMethod::Outlook {
            return Err(no_outlook("incoming", this.incoming));
        }
        if this.outgoing == OutgoingMethod::Outlook {
            return Err(no_outlook("outgoing", this.outgoing));
        }
        Ok(())
    }
}

/// A queue, or its mailbox, was to use Outlook.
pub(super) fn no_outlook(field: &'static str, found: impl std::fmt::Display) -> SettingError {
    SettingError::excluded(field, "a method that a queue can use", found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::party::Value;
    use crate::settings::{DefaultKind, Profile, SettingErrorKind, SettingsRecord};

    /// Facts 4.2; C002: queues carry the filter option too.
    #[test]
    fn queue_settings_defaults_codes_and_form() {
        let queue = QueueSettings::builder().name("Support").build().unwrap();
        let json = r#"{"name":"Support","filter":"all","incoming":"server-side-or-router","outgoing":"server-side-or-router","approval":"empty","approved_by_o365_admin":false,"view":"public"}"#;
        assert_eq!(serde_json::to_string(&queue).unwrap(), json);
        let read: QueueSettings = serde_json::from_str(r#"{"name":"Support"}"#).unwrap();
        assert_eq!(read, queue);
        let of = |field: &str, kind| QueueSettings::default_value(field, kind);
        let effective = DefaultKind::Effective(Profile::Documents);
        assert_eq!(of("incoming", DefaultKind::Metadata), Some(Value::Choice(0)));
        assert_eq!(of("incoming", effective), Some(Value::Choice(2)));
        assert_eq!(
            [0, 1, 2].map(QueueView::from_code),
            [Some(QueueView::Public), Some(QueueView::Private), None]
        );
    }

    /// Facts 4.2, section 10; B010, B015: codes 0, 2, 3 in and 0, 2 out.
    #[test]
    fn a_queue_excludes_outlook() {
        let queue = |incoming, outgoing| {
            let made =
                QueueSettings::builder().name("Support").incoming(incoming).outgoing(outgoing);
            made.build().map(|made| (made.incoming(), made.outgoing()))
        };
        for &incoming in IncomingMethod::ALL {
            for &outgoing in OutgoingMethod::ALL {
                let outlook =
                    incoming == IncomingMethod::Outlook || outgoing == OutgoingMethod::Outlook;
                assert_eq!(queue(incoming, outgoing).is_err(), outlook);
            }
        }
        let error = queue(IncomingMethod::Outlook, OutgoingMethod::None).unwrap_err();
        assert_eq!(error.kind(), SettingErrorKind::Excluded);
        assert_eq!(
            error.to_string(),
            "incoming: expected a method that a queue can use, found Dynamics 365 for Outlook"
        );
        let error = queue(IncomingMethod::None, OutgoingMethod::Outlook).unwrap_err();
        assert_eq!(error.field(), "outgoing");
        let json = r#"{"name":"Support","incoming":"outlook"}"#;
        assert!(serde_json::from_str::<QueueSettings>(json).is_err());
    }
}

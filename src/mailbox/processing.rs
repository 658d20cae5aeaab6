//! Is mail processed for a mailbox?

use crate::settings::{
    AddressApproval, IncomingMethod, Mailbox, OutgoingMethod, PersonalOptions, ProcessEmailUsing,
    QueueSettings,
};

/// Whose mail is limited to approved addresses (columns `organization.requireapprovalforuseremail` and
/// `organization.requireapprovalforqueueemail`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the two check boxes")]
pub struct Approvals {
    /// Process emails only for approved users.
    pub users: bool,
    /// Process emails only for approved queues.
    pub queues: bool,
}

/// The options of whoever has the mailbox.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "users, queues and nobody have mailboxes")]
pub enum Holder<'a> {
    /// A user's.
    User(&'a PersonalOptions),
    /// A queue's.
    Queue(&'a QueueSettings),
    /// Nobody's: the one that others forward to. Whether the mail in it is processed is asked again
    /// for whoever it was sent to.
    Nobody,
}

impl Holder<'_> {
    fn incoming(self) -> Option<IncomingMethod> {
        match self {
            Self::User(options) => Some(options.incoming()),
            Self::Queue(queue) => Some(queue.incoming()),
            Self::Nobody => None,
        }
    }

    fn outgoing(self) -> Option<OutgoingMethod> {
        match self {
            Self::User(options) => Some(options.outgoing()),
            Self::Queue(queue) => Some(queue.outgoing()),
            Self::Nobody => None,
        }
    }

    /// The state of the approval, where that has to be
    /// [`Approved`](AddressApproval::Approved) and is not.
    fn unapproved(self, approvals: Approvals) -> Option<AddressApproval> {
        let (required, approval) = match self {
            Self::User(options) => (approvals.users, options.approval()),
            Self::Queue(queue) => (approvals.queues, queue.approval()),
            Self::Nobody => return None,
        };
        (required && approval != AddressApproval::Approved).then_some(approval)
    }
}

/// Is it?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "yes or no")]
pub enum Processing {
    /// It is.
    Processed,
    /// It is not.
    Not(Unprocessed),
}

impl Processing {
    /// Is it processed?
    #[must_use]
    pub const fn is_processed(self) -> bool {
        matches!(self, Self::Processed)
    }
}

/// Why mail is not processed for a mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unprocessed {
    /// The method of the user or queue, or that of the mailbox, is none: for a user, all tracking is
    /// off.
    #[error("expected a method of delivery, found none")]
    NoMethod,
    /// Its address has to be approved first.
    #[error("expected an approved address, found: {0}")]
    NotApproved(AddressApproval),
    /// Server-side synchronization would process it, but it was not tested and enabled.
    #[error("expected a mailbox that was tested and enabled, found one that was not")]
    NotEnabled,
}

/// Is the incoming mail of this mailbox processed? Only then is any of it tracked, by whichever
/// filter option.
///
/// Three things decide, in this order. Both methods, that of the user or queue and that of the
/// mailbox, are not none. The address is approved, where that is required. The mailbox is enabled:
/// asked where server-side synchronization reads it; the Email Router, Outlook and a forward
/// mailbox have no test of theirs.
#[must_use]
pub fn incoming(
    mailbox: &Mailbox,
    holder: Holder<'_>,
    approvals: Approvals,
    using: ProcessEmailUsing,
) -> Processing {
    let none = [Some(mailbox.incoming()), holder.incoming()].contains(&Some(IncomingMethod::None));
    let synchronized = using == ProcessEmailUsing::ServerSideSynchronization
        && mailbox.incoming() == IncomingMethod::ServerSideOrRouter;
    decide(none, holder.unapproved(approvals), synchronized && !mailbox.enabled_for_incoming())
}

/// Is mail sent from this mailbox? As [`incoming`] decides, by the outgoing methods.
#[must_use]
pub fn outgoing(
    mailbox: &Mailbox,
    holder: Holder<'_>,
    approvals: Approvals,
    using: ProcessEmailUsing,
) -> Processing {
    let none = [Some(mailbox.outgoing()), holder.outgoing()].contains(&Some(OutgoingMethod::None));
    let synchronized = using == ProcessEmailUsing::ServerSideSynchronization
        && mailbox.outgoing() == OutgoingMethod::ServerSideOrRouter;
    decide(none, holder.unapproved(approvals), synchronized && !mailbox.enabled_for_outgoing())
}

fn decide(no_method: bool, unapproved: Option<AddressApproval>, disabled: bool) -> Processing {
    if no_method {
        Processing::Not(Unprocessed::NoMethod)
    } else if let Some(approval) = unapproved {
        Processing::Not(Unprocessed::NotApproved(approval))
    } else if disabled {
        Processing::Not(Unprocessed::NotEnabled)
    } else {
        Processing::Processed
    }
}

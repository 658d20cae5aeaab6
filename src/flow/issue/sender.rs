//! Whose counter a mail goes by.

use crate::id::RecordId;

/// Whose counter a mail goes by: that of a user, or of nobody.
///
/// A queue has no counter of its own: its mails go by its owner's, so the owner is all that can be
/// told here. The id of a queue in place of a user's is refused where the store knows the queue
/// ([`NotAUser`](crate::flow::FlowErrorKind::NotAUser)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sender(RecordId);

impl Sender {
    /// A mail that was created without a user. It bears user number 0, and its counter is one for
    /// the whole tenant: sequence
    /// [`TokenCounter`](crate::store::SequenceKey::TokenCounter) of id 0.
    pub const NOBODY: Self = Self(RecordId::new(0));

    /// The user who sends the mail. Id 0 (the empty GUID) is [nobody](Self::NOBODY).
    #[must_use]
    pub const fn user(user: RecordId) -> Self {
        Self(user)
    }

    /// The owner of the queue that sends the mail.
    #[must_use]
    pub const fn queue_of(owner: RecordId) -> Self {
        Self(owner)
    }

    /// The user; `None` is nobody.
    #[must_use]
    pub fn id(self) -> Option<RecordId> {
        (self != Self::NOBODY).then_some(self.0)
    }

    /// The id in the key of the sequence.
    pub(super) const fn counter(self) -> RecordId {
        self.0
    }
}

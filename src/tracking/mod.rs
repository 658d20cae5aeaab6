//! Does this mail become an activity?

mod internal;

pub use internal::{InternalMail, InternalRecipient, InternalSender, ReceivedCopy};

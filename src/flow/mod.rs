//! What does one call do, from question to committed answer?
//!
//! A use case has three steps: *ask* the store, *decide* (pure, by a noun), *commit* one batch. A
//! race that was lost starts it again, at most [`ROUNDS`] times, without waiting.

mod error;
mod file;
pub mod forms;
mod issue;
mod opt_in;
pub mod sends;
pub mod settings;
#[cfg(test)]
mod table;

pub use error::{FlowError, FlowErrorKind};
pub use file::{Arrival, Filed, file, file_with};
pub use issue::{Sender, TokenIssuer, TokenRequest};
pub use opt_in::{
    Click, Clicked, ConfirmationMail, Confirmed, ConsentSubmission, DoubleOptIn, HeldBack,
    HeldContact, HeldRequest, HeldSubmission, Purged, Release, SubmissionDone, Submitted,
};

/// How often a use case is tried before it gives up with [`FlowErrorKind::Contended`].
pub const ROUNDS: usize = 8;

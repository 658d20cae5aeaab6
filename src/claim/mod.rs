//! What can be had once only?
//!
//! A *send* of one message to one recipient: the [`SendClaim`] of a [`SendScope`] and a
//! [`RecipientKey`] belongs to the first worker that makes it, so that nobody is written to twice
//! however many workers there are. And a *name* that one tenant of all can have, such as a sending
//! domain: a [`RegisterName`] with its [`Registration`].
//!
//! ```
//! use correspond::claim::{RecipientKey, SendScope};
//! use correspond::id::RecordId;
//!
//! let scope = SendScope::new(RecordId::new(1)).in_journey(RecordId::new(2), RecordId::new(3));
//! assert_ne!(scope, SendScope::new(RecordId::new(1)), "another journey is another send");
//! let ann = RecipientKey::address(b"ann@home.example")?;
//! assert_ne!(ann, RecipientKey::contact(RecordId::new(7)));
//! # Ok::<(), correspond::claim::ClaimKeyError>(())
//! ```

mod register;
mod send;

pub use register::{RegisterName, RegisterSpace, Registration};
pub use send::{ClaimId, ClaimPageQuery, ClaimState, Claimant, RecipientKey, SendClaim, SendScope};

/// A key was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct ClaimKeyError(#[from] Problem);

impl ClaimKeyError {
    /// What is wrong with it.
    #[must_use]
    pub const fn kind(&self) -> ClaimKeyErrorKind {
        match self.0 {
            Problem::Length { .. } => ClaimKeyErrorKind::Length,
            Problem::Nul { .. } => ClaimKeyErrorKind::Nul,
        }
    }
}

/// Why a key was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClaimKeyErrorKind {
    /// It is empty or too long.
    Length,
    /// A name holds U+0000, which not every store can keep.
    Nul,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum Problem {
    #[error("{what}: expected 1 to {most} octets, found {found}")]
    Length { what: &'static str, most: usize, found: usize },
    #[error("registered name: expected no U+0000, found one at octet {at}")]
    Nul { at: usize },
}

fn checked(what: &'static str, most: usize, key: &[u8]) -> Result<(), ClaimKeyError> {
    let found = key.len();
    if (1..=most).contains(&found) {
        Ok(())
    } else {
        Err(Problem::Length { what, most, found }.into())
    }
}

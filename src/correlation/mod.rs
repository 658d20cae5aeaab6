//! Which conversation does an incoming mail belong to, and why?
//!
//! Five methods, each with its own evidence ([`Method`]): the folder the mail lies in, a tracking
//! token in its subject, the mails that its In-Reply-To and References name, the root of its
//! Thread-Index, and smart matching of subject words and addresses. They are tried in a settable
//! order ([`MethodOrder`]); what the others say is kept as evidence for or against.
//!
//! The decision is pure: [`Correlator::clues`] reads the mail, [`Correlator::question`] says what
//! to look up, [`Correlator::decide`] turns the answer into a [`Verdict`]. Nothing here reads a
//! clock or a store; [`flow::file`](crate::flow::file) does the asking.
//!
//! Nothing matches by an empty key: a mail without subject, id or address is compared by what it
//! has.

mod accuracy;
mod clues;
mod correlator;
mod decide;
mod evidence;
mod method;
mod question;
mod smart;
mod verdict;

pub use accuracy::Accuracy;
pub use clues::{Clues, Direction};
pub use correlator::{Correlator, Finding};
pub use evidence::Evidence;
pub use method::{Method, MethodOrder, MethodOrderError};
pub use question::Question;
pub use verdict::{Candidate, Outcome, Relation, Target, Verdict};

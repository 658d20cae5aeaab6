//! Which conversation does the token in this subject name?
//!
//! A tracking token is a short text that a CRM puts at the end of the subject of every mail it
//! sends, so that an answer finds its way back whatever the mail programs in between do to the
//! headers:
//!
//! ```text
//! prefix + designator + user number + counter
//! CRM:     0            001           001        = CRM:0001001
//! ```
//!
//! | part | size | default |
//! |---|---|---|
//! | prefix | 1-20 characters | `CRM:` |
//! | designator | 1 digit: 0 written online, 1 by the offline client | 0 |
//! | user number | 1-9 digits: deployment base + the user's own number | 3 digits, base 0 |
//! | counter of that user's mails | 1-9 digits | 3 digits |
//!
//! The settings stand in the Dataverse table `organization` (columns `trackingprefix`,
//! `trackingtokenidbase`, `trackingtokeniddigits`, `maximumtrackingnumber`), the printed token in
//! `email.trackingtoken` (50 characters). A *character* is here what it is there: a UTF-16 code
//! unit.
//!
//! A mail goes out with a token:
//!
//! ```
//! use correspond::token::{Designator, SubjectLimit, TokenFormat};
//!
//! let format = TokenFormat::default();
//! let token = format.render(Designator::Online, 1, 1)?;
//! assert_eq!(token.append_to("Your order", SubjectLimit::DEFAULT), "Your order CRM:0001001");
//! # Ok::<(), correspond::token::RenderError>(())
//! ```
//!
//! and an answer comes back, its subject handled by a mail program or two. The scanner knows every
//! format that was ever in use, and its key is the key of the stored token:
//!
//! ```
//! use correspond::token::{TokenFormat, TokenScanner};
//!
//! let old: TokenFormat = "ACME-/0/4/6".parse()?;
//! let scanner = TokenScanner::new([TokenFormat::default(), old])?;
//! let found = scanner.find_iter("回复：[crm： 0001001] your order").next().unwrap();
//! assert_eq!(found.text(), "crm： 0001001");
//! assert_eq!(found.token().as_str(), "CRM:0001001");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Which counter the n-th mail of a sender bears, and when tokens come again, is [`TokenPlan`]'s to
//! say; [`flow::TokenIssuer`](crate::flow::TokenIssuer) hands tokens out.
//!
//! A token is plain text that a person can type, copy or guess. What a found token proves is
//! [`correlation`](crate::correlation)'s question, not this module's.
//!
//! The form of CRM 1.x, a GUID between `CRM:` and `MRC`, is not read: no number in it means
//! anything to the versions that came after.

mod append;
mod boundary;
mod cut;
mod error;
mod format;
mod index;
mod plain;
mod plan;
mod prefix;
mod reading;
mod scan;
mod tracking_token;
mod user_number;

pub use append::SubjectLimit;
pub use error::{
    RenderError, RenderErrorKind, SubjectLimitError, TokenFormatError, TokenFormatErrorKind,
    TokenScannerError, TrackingTokenError, TrackingTokenErrorKind,
};
pub use format::{Designator, TokenFormat, TokenFormatBuilder, TokenParts};
pub use plan::{CounterRestart, TokenPlan, UserNumberOverflow};
pub use prefix::Prefix;
pub use scan::{FoundToken, TokenReading, TokenScanner, Tokens};
pub use tracking_token::TrackingToken;
pub use user_number::{UserNumber, UserNumberError};

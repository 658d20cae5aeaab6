//! Which From address does a marketing email get, and may it go live with that?
//!
//! | question | answer |
//! |---|---|
//! | is this fit for a From field? | [`FromField::new`]: name and address, or an expression; no control characters |
//! | which address does a new message get? | [`SendingDomains::created`]: that of the user, at an authenticated domain |
//! | and when another user is chosen? | [`SendingDomains::user_changed`] |
//! | and one recipient of `{{contact.owner.emailaddress}}`? | [`SendingDomains::for_recipient`], [`SendingDomains::resolved`] |
//! | may it go live with this address? | [`SendingDomains::check`]: ok, a warning, an error |
//! | does DMARC accept its signature? | [`SendingDomains::alignment`]: advice, by the feature `psl` |
//! | may it go live at all? | [`MessageDraft::check`]: a report, of which errors alone refuse; [`MessageDraft::set_from`] tells it what became of the address |
//!
//! [`SendingDomains`] are made ready once from the settings. Nothing here asks anybody: what another
//! organization has confirmed is handed in ([`Foreign`]).
//!
//! # Choices where the sources differ
//!
//! | question | here | otherwise |
//! |---|---|---|
//! | what a foreign domain does to the account name | nothing: `info@a.org` and `info@b.org` become one address | [`AccountName::WithDomain`] |
//! | a domain that nobody registered, before going live | a warning | an error under [`Profile::Current`](crate::settings::Profile::Current) |
//! | a domain of another business unit | authenticated | [`SendingDomains::withholding`]: not authenticated |
//! | no default sending domain, or one that cannot send | the address is kept, and says why | - |
//! | an expression that comes out blank | the default address | - |
//! | a deactivated record of a domain | none: as a domain that nobody registered | - |
//! | content settings of a message that are not live | a warning: the journey that uses them asks for itself | - |
//! | expressions in blocks (`{{#if ..}}`) | resolved by who has their language, and looked at by [`SendingDomains::resolved`] | - |
//! | a user chosen after an edit by hand | rewritten: the edit was of another address | - |

mod alignment;
mod check;
mod content;
mod domains;
mod draft;
mod error;
pub(crate) mod expression;
mod field;
mod finding;
mod headers;
mod recipient;
mod report;
mod rewrite;

pub use alignment::DkimAlignment;
pub use check::{Foreign, FromCheck, FromFinding};
pub use domains::{DomainStanding, SendingDomains};
pub use draft::{Attachment, MessageDraft};
pub use error::{HeaderError, HeaderErrorKind, HeaderPart};
pub use field::FromField;
pub use finding::{Finding, FindingKind, MessageField};
pub use report::GoLiveReport;
pub use rewrite::{
    AccountName, FromUser, KeptBecause, Occasion, ReplyTo, RewriteOutcome, Rewriting,
};

//! Which conversation does a subject name, and was it a reply or a forward?
//!
//! [`base()`] takes a subject apart by the extended rules: prefixes of some fifty languages with
//! their counters, stacked and mixed; full-width colons; marks of mail gateways; `[Fwd: ...]` and
//! `(fwd)`. [`Rules`] are the same with an administrator's [`Settings`]. [`rfc5256`] is the
//! standard's narrower reading, exactly. [`SubjectFilter`] is the product's smart matching: the
//! words that are left after its filter expression. [`decode`] turns a raw header into text first.
//!
//! ```
//! use correspond::subject::{Rules, base};
//!
//! let reply = base("[EXTERNAL] RE[2]: AW: Angebot 2024-17");
//! assert_eq!(reply.text(), "Angebot 2024-17");
//! assert!(reply.is_reply() && !reply.is_forward());
//!
//! let rules = Rules::default();
//! assert_eq!(rules.key("SV: Mötesplan"), rules.key("mötesplan"));
//! assert_eq!(rules.key("Re:"), None, "matches nothing");
//! ```
//!
//! # What is not a prefix
//!
//! Any other word before a colon (`Invoice: 12: total`, `Software: X`), and a listed word where it
//! is more likely something else: `fs: fix a leak` (but `FS: halló`), `REF: 4711`. Only `re`, `fw`
//! and `fwd` may stand directly before a digit, so that a tracking token such as `RES:0001001`
//! stays whole. Such a word still goes when a certain prefix follows it: `res: Re: x`.
//!
//! # Tags
//!
//! A `[tag]` that is no gateway's and no configured list's is text ([`TagRule`]). Where it stands
//! before a prefix, and holds no digit, the base text loses it and the key keeps it. A tag with a
//! digit (`[PATCH v2 1/3]`, `[CRM:0001001]`) always stays in both.

mod base;
mod dotnet;
mod encoded_word;
mod error;
mod filter;
mod filter_error;
mod key;
mod lookup;
pub mod rfc5256;
mod rules;
mod scan;
mod trailer;
mod word_class;
mod words;

pub use base::BaseSubject;
pub use encoded_word::{decode, decode_with};
pub use error::{RulesError, RulesErrorKind};
pub use filter::{DEFAULT_FILTER, MAX_KEYWORDS, SubjectFilter};
pub use filter_error::{FilterError, FilterErrorKind};
pub use rules::{MAX_WORD_CHARS, MAX_WORDS, Rules, Settings, TagRule};

/// Takes a subject apart by the default [`Rules`].
///
/// ```
/// assert_eq!(correspond::subject::base("Re: FW: 返信： 見積の件").text(), "見積の件");
/// ```
#[must_use]
pub fn base(subject: &str) -> BaseSubject<'_> {
    Rules::listed().base(subject)
}

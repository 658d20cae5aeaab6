//! Is this text an email address, and do two of them reach the same person?
//!
//! [`EmailAddressRef`] is an address that was read and found valid, still borrowed from the text it
//! stood in; [`EmailAddress`] is its owned form as it goes on the wire. [`Mailbox`] reads the forms
//! of a mail header (`"Doe, John" <jd@example.com>`), [`Domain`] stands for itself.
//!
//! Two spellings reach the same person when their *keys* are equal:
//!
//! ```
//! use correspond::address::EmailAddressRef;
//!
//! let (mut a, mut b) = (String::new(), String::new());
//! EmailAddressRef::parse("John.Doe@BÜCHER.example")?.key_into(&mut a);
//! EmailAddressRef::parse(" \"john.doe\"@xn--bcher-kva.example")?.key_into(&mut b);
//! assert_eq!(a, b);
//! assert_eq!(a, "john.doe@xn--bcher-kva.example");
//! # Ok::<(), correspond::address::AddressError>(())
//! ```
//!
//! # What the key keeps and what it drops
//!
//! | part | dropped | kept |
//! |---|---|---|
//! | around the address | white space, invisible characters | |
//! | local part | needless quotes and backslashes; case, a character at a time; composition (NFC) | dots, `+tags`, accents, `ß`, full width: nobody's mail is merged by guessing what a provider ignores |
//! | domain | case, U-label or A-label (UTS-46, non-transitional) | everything else: `straße` and `strasse` are two domains |
//!
//! RFC 5321 section 2.4 leaves the case of a local part to the receiving host. No mailbox provider
//! of note tells two people apart by it and people write it at will, so the default key ignores it;
//! [`CompareBy::Strict`] keeps the letter of the RFC.
//!
//! # Which texts are addresses
//!
//! The `Mailbox` of RFC 5321 section 4.1.2 with RFC 6531's UTF-8 and without comments: at most 64
//! octets before the `@`, 253 in the domain, 63 in a label, 254 in all. [`AddressRules`] decides what
//! is a matter of taste: address literals, domains without a dot, a dot at the end, quoted or
//! non-ASCII local parts, white space around. Characters that nobody can see or that stand for lost
//! ones (white space, invisible characters, controls, U+FFFD) are refused inside an address always.

mod domain;
mod email;
mod error;
mod field;
mod found;
mod glance;
mod grammar;
mod host;
mod idn;
mod key;
mod list;
mod mailbox;
mod rules;

pub use domain::Domain;
pub use email::{EmailAddress, EmailAddressRef, MAX_INPUT};
pub use error::{AddressError, AddressErrorKind};
pub use found::found_key_into;
pub use key::CompareBy;
pub use list::{MAX_MAILBOXES, MailboxList};
pub use mailbox::{MAX_MAILBOX, Mailbox};
pub use rules::AddressRules;

//! What does a store keep besides mail?
//!
//! A [`Record`] is anything that is kept under an id of its own: a page of settings, a contact, a
//! queue item, an alert, a form submission. A store reads four things of it and interprets nothing
//! else: which record it is ([`RecordRef`]), what it must be alone in having ([`UniqueKey`]), what it
//! is looked up by ([`LookupKey`]), and when it was last modified. The body is text that the core
//! wrote and will read.
//!
//! ```
//! use chrono::DateTime;
//! use correspond::id::RecordId;
//! use correspond::index::Keyer;
//! use correspond::record::{LookupKey, LookupKind, Record, RecordKind, Space, UniqueKey};
//!
//! let keyer = Keyer::from_secret([7; 16]);
//! let ann = RecordKind::Contact.of(RecordId::new(1));
//! let record = Record::new(ann, DateTime::UNIX_EPOCH, r#"{"firstname":"Ann"}"#)?
//!     .with_unique([UniqueKey::new(&keyer, Space::Match, b"contact/ann@home.example")])?
//!     .with_keys([LookupKey::new(&keyer, LookupKind::Address, b"ann@home.example")])?;
//! assert_eq!(record.reference(), ann);
//! assert_eq!(record.body(), r#"{"firstname":"Ann"}"#);
//! # Ok::<(), correspond::record::RecordError>(())
//! ```

mod area;
mod error;
mod few;
mod key;
mod kind;
mod lookup;
mod page;
mod stored;
mod version;

pub use area::{Area, Areas};
pub use error::{RecordError, RecordErrorKind};
pub use key::{LookupKey, LookupKind, Space, UniqueKey};
pub use kind::{RecordKind, RecordRef};
pub use lookup::{RecordAnswer, RecordLookup, RecordQuery};
pub use page::{MAX_PAGE, Page, RecordPageQuery};
pub use stored::{Record, Versioned};
pub use version::{Version, Versions};

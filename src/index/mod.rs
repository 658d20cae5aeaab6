//! What is a mail found by?
//!
//! The core computes every index key ([`Keyer`]); a store compares keys for equality and never
//! looks inside. A mail is filed as one [`MessageRow`]; a [`MessageQuery`] asks for rows by key,
//! and an [`Answer`] brings them, newest first, with how common each key is.
//!
//! ```
//! use correspond::index::{IndexKind, Keyer};
//!
//! let keyer = Keyer::from_secret([7; 16]);
//! let key = keyer.key(IndexKind::MessageId, b"1@example.com");
//! assert_eq!(key, keyer.key(IndexKind::MessageId, b"1@example.com"));
//! assert_ne!(key, Keyer::from_secret([8; 16]).key(IndexKind::MessageId, b"1@example.com"));
//! // A mail that is named by another is found under the same hash, as another kind.
//! assert_eq!(key.hash(), keyer.key(IndexKind::Reference, b"1@example.com").hash());
//! ```

mod answer;
mod key;
mod moment;
mod query;
mod row;
mod secret;

pub use answer::{Answer, Answered, COUNT_CAP};
pub use key::{IndexKey, IndexKind, Keyer, Kinds, StampError};
pub(crate) use moment::to_microsecond;
pub use query::{Lookup, MAX_LOOKUP_ROWS, MessageQuery};
pub use row::{MAX_ROW_KEYS, MessageRow};
pub(crate) use secret::process_secret;

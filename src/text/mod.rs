//! When are two texts the same text?
//!
//! The only place that folds, normalises and scans strings (local parts of addresses excepted,
//! whose gentler rule is [`lower_into`], used by [`address`](crate::address)). Two texts are *the
//! same to a reader* when their folds are equal:
//!
//! ```
//! use correspond::text::fold;
//!
//! assert_eq!(fold("Ｑ３ Straße"), fold("q3\u{a0}\u{200f}STRASSE"));
//! assert_ne!(fold("Jose"), fold("José"), "accents carry meaning");
//! ```
//!
//! Every function here is total, linear in its input and free of panics.

mod chars;
mod fold;
mod form;
mod phone;

pub use chars::{is_ignorable, is_space, trim};
pub use fold::{FOLD_VERSION, fold, fold_into, lower_into};
pub use form::TextForm;
pub use phone::{PhoneForm, Region, RegionError};

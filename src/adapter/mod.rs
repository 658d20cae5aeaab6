//! What already fits: stores that ship with the crate, and readers over well-kept crates.
//!
//! The types of another crate stay in its adapter: nothing else of this crate names them.

pub mod line_file;
#[cfg(feature = "mail-parser")]
pub mod mail_parser;
pub mod memory;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "redb")]
pub mod redb;

//! How do foreign things come in? Small adapters to well-kept crates, each behind its feature.
//!
//! The types of the other crate stay in its adapter: nothing else of this crate names them.

#[cfg(feature = "mail-parser")]
pub mod mail_parser;

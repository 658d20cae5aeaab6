//! What the examples share: finding the mails in a file or directory that a user names.
#![allow(dead_code, reason = "each example uses the part that it needs")]

pub(crate) mod again;
mod directory;
pub(crate) mod input;
pub(crate) mod json_lines;
mod lines;
pub(crate) mod mbox;
mod position;

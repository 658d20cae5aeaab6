//! What already fits: stores that ship with the crate, and readers over well-kept crates.

pub mod memory;

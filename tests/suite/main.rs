//! The crate from outside: vectors, properties, promises. One binary, a module a noun.

mod address;
mod architecture;
mod bundled;
mod cli;
mod correlation;
mod mailbox;
mod message;
mod properties;
mod subject;
#[path = "../../examples/support/mod.rs"]
mod support;
mod token;

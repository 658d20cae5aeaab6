//! Sends a message to a segment through an SMTP server, to each recipient once.
//!
//! [`send`] takes the mails as they come, claims their recipients in the ledger, hands each mail to the
//! server, and settles what the server took. What the server refused is given back. Where the connection
//! broke after the mail was handed over, nobody knows: the claim stays open, is in doubt, and is never
//! sent again but by [`Sending::take_over`].
//!
//! Run again, after a crash or on the next day, it goes on where it stopped.
//!
//! [`counting`] is a server that counts what it gets, for tests.

mod connection;
pub mod counting;
mod mail;
mod report;
mod send;
mod server;
mod wait;

pub use mail::OutgoingMail;
pub use report::{Command, Outcome, Refusal, Report};
pub use send::{SendError, Sending, send};
pub use server::{ServerError, SmtpServer};
pub use wait::{Here, Wait};

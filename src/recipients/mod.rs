//! Who of a segment gets the message, and who does not, and why?
//!
//! A [`Recipient`] is a contact with what stands in its address field. A [`Deduplication`] goes through
//! a [`Segment`] of them and says of each row what becomes of it: an [`Outcome`].
//!
//! ```
//! use correspond::id::RecordId;
//! use correspond::recipients::{Deduplication, Outcome, Recipient};
//!
//! let ann = |id, address| Recipient::new(RecordId::new(id), address);
//! let segment = [
//!     ann(7, "Ann@Example.com"),
//!     ann(3, "Ann Lee <ann@example.com>"),
//!     ann(9, "bob@example.com"),
//!     ann(4, ""),
//! ];
//! let selection = Deduplication::new().run(&segment[..])?;
//! assert_eq!(selection.outcome(0), Some(Outcome::Send));
//! assert_eq!(selection.outcome(1), Some(Outcome::Duplicate { of: 0 }));
//! let counts = selection.counts();
//! assert_eq!((counts.segment(), counts.sent()), (4, 2));
//! assert_eq!((counts.duplicates(), counts.blocked(), counts.stopped()), (1, 1, 0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # In which order
//!
//! 1. *By contact* ([`Suppress::contact`]): who objected, or whose consent does not reach. It comes
//!    first, so that nobody who gets nothing shadows somebody who would.
//! 2. *The address* is read, whatever stands around it (`Ann <ann@example.com>`), and brought into its
//!    [comparison form](crate::address).
//! 3. *By address* ([`Suppress::address`]): an address that bounced, or one of an [`AddressList`], is
//!    suppressed for everybody who has it.
//! 4. *Deduplication* among those left: of those with one key one gets the message, by [`Keep`], and the
//!    others are told to whom they lost. The key is the address, or the contact where "Bypass email
//!    deduplication" is on ([`SendOnceTo`](crate::mailing::SendOnceTo)).
//!
//! So `Sent = Segment - Duplicates - Blocked - Stopped`, always, and for each reason there is a number
//! ([`Counts`]). What is sent once is sent once *in a run*: a message, a journey, a tile. Across runs and
//! workers the send ledger ([`crate::claim`]) keeps that.
//!
//! # Which way
//!
//! | the segment | use | beyond the input | exact |
//! |---|---|---|---|
//! | can be read again: memory, a file, a query | [`Deduplication`] | some 20 octets a row, however long the addresses | yes: what looks equal is compared again |
//! | comes once: a queue, a cursor | [`Deduplicator::exact`] | at most 60 octets an address of 28 | yes: addresses are kept |
//! | comes once, and memory is short | [`Deduplicator::keyed`] | at most 36 octets an address | with the odds that its documentation states |
//! | is split over files or machines | any of these, by [`Partition`] | | as the way taken |
//!
//! The result is the same whatever the number of threads.

mod address_list;
mod counts;
mod deduplication;
mod deduplicator;
mod hash;
mod key_table;
mod leaders;
mod lines;
mod outcome;
mod partition;
mod reader;
mod recipient;
mod scan;
mod segment;
mod selection;
mod suppression;
mod verify;

pub use address_list::AddressList;
pub use counts::Counts;
pub use deduplication::{Deduplication, RunError};
pub use deduplicator::{Deduplicator, Pushed};
pub use lines::Lines;
pub use outcome::{Block, MAX_ROWS, Outcome, Stop, Suppressed};
pub use partition::{Partition, PartitionError};
pub use recipient::{Keep, NoKey, Recipient};
pub use segment::Segment;
pub use selection::Selection;
pub use suppression::{Suppress, SuppressIf, Suppression};

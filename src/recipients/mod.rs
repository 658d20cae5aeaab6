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
//! # A second run
//!
//! What the ledger knows beforehand a run is told ([`SentBefore`]), so that nobody is claimed in vain, and
//! somebody else with a key that was sent to is blocked and no duplicate. What it answers afterwards, as
//! another worker was faster, is [counted again](Counts::recount), so that the numbers still add up.
//!
//! ```
//! use chrono::DateTime;
//! use correspond::adapter::memory::MemoryStore;
//! use correspond::claim::{ClaimPageQuery, ClaimState, Claimant, SendScope};
//! use correspond::consent::Designation;
//! use correspond::flow::sends::{ClaimAnswer, SendRun};
//! use correspond::id::{RecordId, TenantId};
//! use correspond::mailing::SendOnceTo;
//! use correspond::recipients::{Block, Deduplication, Outcome, Recipient, SentBefore, Suppression};
//! use correspond::store::{Blocking, Ledger};
//!
//! let store = Blocking::new(MemoryStore::default());
//! let (tenant, scope) = (TenantId::new(1), SendScope::new(RecordId::new(7)));
//! let (now, once_to) = (DateTime::UNIX_EPOCH, SendOnceTo::Address);
//! let contact = |id, address| Recipient::new(RecordId::new(id), address);
//! let (ann, bob) = (contact(1, "ann@example.com"), contact(2, "bob@example.com"));
//! let send = |worker, to: Recipient<'_>| -> Result<ClaimAnswer, Box<dyn std::error::Error>> {
//!     let (run, key) = (SendRun::new(tenant, scope, Claimant::new(worker)), [to.key(once_to)?]);
//!     let answers = store.run(async |s| run.claim(s, &key, now).await)??;
//!     // The mail goes out where it is claimed, and then:
//!     let [answer] = answers.as_slice() else { return Err("an answer for each".into()) };
//!     if answer.is_claimed() {
//!         let closed = store.run(async |s| run.settle(s, &key, now).await)??;
//!         assert_eq!(closed.lost().count(), 0);
//!     }
//!     Ok(*answer)
//! };
//! send(1, ann)?;
//!
//! // The second run: page after page of what was sent.
//! let mut page = Some(ClaimPageQuery::new(scope).in_state(ClaimState::Sent));
//! let mut sent = SentBefore::new();
//! while let Some(query) = page {
//!     let found = store.run(async |s| s.claim_page(tenant, &query).await)??;
//!     sent.extend(found.items.iter().map(|(key, _)| key));
//!     page = found.next.map(|next| query.after(next));
//! }
//! let segment = [contact(3, "Ann <ANN@example.com>"), bob];
//! let objects = Suppression::new(Designation::Commercial);
//! let run = Deduplication::new().once_to(once_to).suppressing((objects, &sent));
//! let selection = run.run(&segment[..])?;
//! assert_eq!(selection.outcome(0), Some(Outcome::Blocked(Block::AlreadySent)));
//! let mut counts = selection.counts();
//! assert_eq!((counts.sent(), counts.blocked()), (1, 1));
//!
//! // Another worker sends to Bob before this one claims him.
//! send(2, bob)?;
//! for row in selection.sent() {
//!     if let ClaimAnswer::AlreadySent { .. } = send(3, segment[row as usize])? {
//!         counts.recount(Outcome::Send, Outcome::Blocked(Block::AlreadySent));
//!     }
//! }
//! assert_eq!((counts.segment(), counts.sent(), counts.blocked()), (2, 0, 2));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Which way
//!
//! | the segment | use | beyond the input | exact |
//! |---|---|---|---|
//! | can be read again: memory, a file, a query | [`Deduplication`] | some 15 octets a row, and 128 MiB at most for what is compared | yes: what looks equal is compared again |
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
mod sent_before;
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
pub use sent_before::SentBefore;
pub use suppression::{Suppress, SuppressIf, Suppression};

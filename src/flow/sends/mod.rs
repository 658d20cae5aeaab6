//! Who may send a message to whom? Each recipient gets it once, however many workers send it, and however
//! often they are stopped and begin again.
//!
//! The host sends; the ledger of the store remembers. A [`SendRun`] claims before it sends and settles
//! after; a [`SegmentRun`] claims any number in parts; [`in_doubt`](in_doubt()) lists what somebody claimed
//! and never told the end of.
//!
//! | the ledger says | the next run answers | it may be sent again |
//! |---|---|---|
//! | nothing, or released | [`Claimed`](ClaimAnswer::Claimed) | at once |
//! | open, of another run | [`InDoubt`](ClaimAnswer::InDoubt) | by [`take_over`](SendRun::take_over) alone |
//! | settled | [`AlreadySent`](ClaimAnswer::AlreadySent) | never within this scope |
//!
//! So the answers of a segment add up: claimed, sent before, in doubt, repeated, claimed earlier by
//! the run itself ([`SendCounts`]).
//!
//! # What became of those in doubt?
//!
//! The log of the mail server may know: it names the Message-ID or the recipient of each mail that it took
//! over. Whoever has read it there closes the claim in the name of its claimant, who is gone. Nobody is
//! sent to:
//!
//! ```
//! use chrono::DateTime;
//! use correspond::adapter::memory::MemoryStore;
//! use correspond::claim::{Claimant, RecipientKey, SendScope};
//! use correspond::flow::sends::{ClaimAnswer, InDoubtQuery, SendRun, in_doubt};
//! use correspond::id::{RecordId, TenantId};
//! use correspond::store::Blocking;
//!
//! let (store, now) = (Blocking::new(MemoryStore::default()), DateTime::UNIX_EPOCH);
//! let (tenant, scope) = (TenantId::new(1), SendScope::new(RecordId::new(7)));
//! let people = [1, 2].map(|n| RecipientKey::contact(RecordId::new(n)));
//! let gone = SendRun::new(tenant, scope, Claimant::new(0xa1));
//! let claimed = store.run(async |s| gone.claim(s, &people, now).await)??;
//! assert_eq!(claimed, [ClaimAnswer::Claimed; 2]);
//!
//! let query = InDoubtQuery::new(scope);
//! for doubt in store.run(async |s| in_doubt(s, tenant, &query).await)??.items {
//!     let (of, to) = (SendRun::new(tenant, scope, doubt.by), [doubt.recipient]);
//!     let closed = if to[0] == people[0] {
//!         // The log has it.
//!         store.run(async |s| of.settle(s, &to, now).await)??
//!     } else {
//!         // The log is whole, and has it not.
//!         store.run(async |s| of.release(s, &to).await)??
//!     };
//!     assert_eq!(closed.lost().count(), 0);
//! }
//! let next = SendRun::new(tenant, scope, Claimant::new(0xa2));
//! let answers = store.run(async |s| next.claim(s, &people, now).await)??;
//! assert!(!answers.as_slice()[0].is_claimed() && answers.as_slice()[1].is_claimed());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it keeps
//!
//! The ledger keeps the [`RecipientKey`](crate::claim::RecipientKey) of each send, for good: where that is an
//! address, it can be read there. Nothing removes it yet: who asks for erasure is not erased here.

mod answer;
mod close;
mod doubt;
mod rounds;
mod run;
mod segment;

pub use answer::{Answers, ClaimAnswer, Closed, SendCounts};
pub use doubt::{InDoubt, InDoubtQuery, in_doubt};
pub use run::SendRun;
pub use segment::{Asked, SegmentRun};

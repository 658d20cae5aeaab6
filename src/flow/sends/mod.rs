//! Who may send a message to whom? Each recipient gets it once, however many workers send it, and however
//! often they are stopped and begin again.
//!
//! The host sends; the ledger of the store remembers. A [`SendRun`] claims before it sends and settles
//! after; a [`Segment`] claims any number in parts; [`in_doubt`](in_doubt()) lists what somebody claimed
//! and never told the end of.
//!
//! | the ledger says | the next run answers | it may be sent again |
//! |---|---|---|
//! | nothing, or released | [`Claimed`](ClaimAnswer::Claimed) | at once |
//! | open, of another run | [`InDoubt`](ClaimAnswer::InDoubt) | by [`take_over`](SendRun::take_over) alone |
//! | settled | [`AlreadySent`](ClaimAnswer::AlreadySent) | never within this scope |
//!
//! So the answers of a segment add up: claimed, sent before, in doubt, repeated ([`SendCounts`]).

mod answer;
mod close;
mod doubt;
mod rounds;
mod run;
mod segment;

pub use answer::{ClaimAnswer, Closed, SendCounts};
pub use doubt::{InDoubt, InDoubtQuery, in_doubt};
pub use run::SendRun;
pub use segment::{Asked, Segment};

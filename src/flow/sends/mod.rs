//! Sends: each recipient gets a message once, whoever sends it, and however often it begins again.

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

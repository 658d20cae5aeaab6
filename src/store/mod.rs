//! THE CONTRACT: what does a store have to keep, and what may the crate rely on?
//!
//! [`Store::commit`] is the only write; every other trait only reads. A batch is all or nothing, and
//! a lost race is an answer ([`Commit::Taken`]), not an error: whoever decides looks again and
//! decides again. Index keys are computed by the core ([`index`](crate::index)); a store compares
//! them for equality.
//!
//! | must | a store |
//! |---|---|
//! | C-ATM-1 | applies a batch whole or not at all: a refused batch leaves nothing |
//! | C-REM-1 | of any number of commits that file a mail with one Message-ID in one tenant applies exactly one |
//! | C-RYW-1 | shows a committed batch to every read that begins after `commit` returned |
//! | C-CND-1 | answers look-ups bounded, windowed, and in order: newest first, then by descending id |
//! | C-TEN-1 | lets nothing cross from one tenant to another |
//! | C-TXT-1 | brings keys and times (to the microsecond) back exactly |
//! | C-IMM-1 | is ready at the first poll, where it says so by [`Immediate`] |
//!
//! Futures are `Send` and written out (`-> impl Future<..> + Send`), so an implementor writes plain
//! `async fn`. Synchronous callers use [`Blocking`].

mod batch;
mod error;
mod forward;
mod immediate;
mod message_index;

pub use batch::{Batch, Change, Commit};
pub use error::{StoreError, StoreErrorKind};
pub use immediate::{Blocking, Immediate, poll_once};
pub use message_index::MessageIndex;

/// Where everything is written.
pub trait Store: Send + Sync {
    /// Applies every change of the batch, or none.
    ///
    /// # Errors
    ///
    /// The store failed; nothing or all of the batch may have been applied, and a second attempt
    /// tells. A lost race is not an error: see [`Commit`].
    fn commit(&self, batch: &Batch) -> impl Future<Output = Result<Commit, StoreError>> + Send;
}

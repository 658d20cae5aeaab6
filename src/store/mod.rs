//! THE CONTRACT: what does a store have to keep, and what may the crate rely on?
//!
//! [`Store::commit`] is the only write, [`Sequences`] apart; every other trait only reads. A batch is
//! all or nothing, and a lost race is an answer ([`Commit::Refused`]), not an error: whoever decides
//! looks again and decides again. Every key is computed by the core ([`index`](crate::index),
//! [`record`](crate::record), [`claim`](crate::claim)); a store compares keys for equality and
//! folds nothing.
//!
//! | trait | answers |
//! |---|---|
//! | [`MessageIndex`] | which filed mails carry these keys |
//! | [`Records`] | which record is this, who has this unique key, which records are there |
//! | [`Directory`] | which contacts, leads, accounts carry these keys |
//! | [`Ledger`] | who has claimed these sends |
//! | [`Register`] | which tenant has this name |
//! | [`Sequences`] | the next numbers |
//!
//! A store that does them all is a [`FullStore`], and [`AnyStore`] is any of these behind one type.
//!
//! # The musts
//!
//! The kit in `conformance` (feature of that name) has a case for each, and for each a store that
//! breaks it, to show that the case would notice.
//!
//! | must | a store |
//! |---|---|
//! | C-ATM-1 | applies a batch whole or not at all: a refused batch leaves nothing, neither row, nor key, nor version |
//! | C-ATM-2 | shows no reader half a batch: one call of a reading trait answers from one state, and what two calls show one after the other does not go back in time |
//! | C-RYW-1 | shows a committed batch to every read that begins after `commit` returned |
//! | C-REF-1 | names in a refusal every change that does not apply, in ascending order, each judged as if all others applied, with what was found |
//! | C-CAN-1 | leaves all or nothing of a commit whose future was dropped before it was ready |
//! | C-DUR-1 | where it is durable: brings back after reopening what was acknowledged, and the same [`keyer`](Store::keyer) |
//! | C-DUR-2 | where it is durable: survives a kill at any moment; acknowledged batches are there, the one under way is there whole or not at all |
//! | C-SUP-1 | answers [`Unsupported`](StoreErrorKind::Unsupported) to a change of an area that it does not [support](Store::areas), writing nothing of its batch |
//! | C-TEN-1 | lets nothing cross from one tenant to another, but for the register, which is of all |
//! | C-TXT-1 | brings keys, bodies, names and times (to the microsecond) back exactly |
//! | C-IMM-1 | is ready at the first poll, where it says so by [`Immediate`] |
//! | C-REM-1 | of any number of commits that file a mail with one Message-ID, or under one id, in one tenant applies exactly one |
//! | C-FGT-1 | forgets a mail with all its keys; its id and its Message-ID are free again |
//! | C-CND-1 | answers look-ups of mail bounded, windowed, and in order: newest first, then by descending id |
//! | C-CND-2 | counts what is in the window of a look-up up to [`COUNT_CAP`](crate::index::COUNT_CAP), and brings the keys of the kinds asked for, no others |
//! | C-DIR-1 | answers look-ups of records bounded and in order: last modified first, then by descending id and kind; inactive ones too |
//! | C-UNQ-1 | of any number of commits that give one unique key to different records applies exactly one |
//! | C-UNQ-2 | tells every loser who the winner is |
//! | C-UNQ-3 | frees the keys that a record gives up or that is deleted, in the same batch |
//! | C-UNQ-4 | lets a key move from one record to another, and two records exchange theirs, in one batch, whatever the order of the changes |
//! | C-OCC-1 | loses no update made through [`Expect::At`] |
//! | C-OCC-2 | refuses [`Expect::Absent`] where there is a record, and a version that is not there |
//! | C-OCC-3 | keeps the version that it was given, so that an old one never fits again, not even after delete and re-create |
//! | C-PAG-1 | pages through a list so that every item that was there throughout comes once, whatever is inserted meanwhile |
//! | C-BAT-1 | answers batch look-ups in the order of the question, with `None` where there is nothing, also for what is asked for twice |
//! | C-CLM-1 | of any number of claims of one send applies exactly one |
//! | C-CLM-2 | lets only the claimant settle, release or lose an open claim, and nobody a settled one |
//! | C-REG-1 | of any number of tenants that register one name lets exactly one have it, across all tenants |
//! | C-REG-2 | lets an expired registration go to whoever comes next, and a lasting one to nobody until it is given up |
//! | C-SEQ-1 | returns no number twice for one key, from however many threads, handles and processes |
//! | C-SEQ-2 | returns blocks without gaps inside, each above those that were returned before it was asked for |
//! | C-SEQ-3 | starts a sequence at 1; sequences and tenants are independent |
//! | C-SEQ-4 | where it is durable: returns no number twice across reopening |
//! | C-FOR-1 | (a [`ForeignDirectory`]) works a delivery key off once |
//! | C-FOR-2 | (a [`ForeignDirectory`]) creates one party of racing writes with one match key |
//!
//! # What is durable when
//!
//! Where a store is durable at all, a batch is when `commit` returned [`Commit::Applied`], and a
//! block of numbers when `allocate` returned it: not later, and not at some flush of the caller's.
//! An error may have written all of the batch or nothing (C-ATM-1); the same batch again tells, as
//! every change says under which condition it applies: a mail is [`Reason::Filed`] as itself, a
//! record is [`Reason::Stale`] at the version that the batch gave it, a send is
//! [`Reason::Claimed`] by its claimant; what forgets or unregisters applies again. Dropping the future of a commit is like an error.
//!
//! # Shapes
//!
//! Futures are `Send` and written out (`-> impl Future<..> + Send`), so an implementor writes plain
//! `async fn`. Synchronous callers use [`Blocking`]; an async service gives a store that blocks an
//! [`Offload`]. A store that keeps only part says so in [`Store::areas`] and fills the other traits
//! in with [`unsupported!`](crate::unsupported).
//!
//! Whether a batch applies need not be worked out anew: [`judge`](judge()) does it for a store that
//! shows what is [`Present`].
//!
//! A durable store keeps the [stamp](crate::index::Keyer::stamp) of its key maker beside its keys and
//! opens with [`Keyer::from_stamp`], so that keys of
//! another [`FOLD_VERSION`](crate::text::FOLD_VERSION) are refused and not mixed with new ones.

mod batch;
mod change;
mod commit;
mod erased;
mod error;
mod forward;
mod immediate;
mod judge;
mod ledger;
mod message_index;
mod offload;
mod records;
mod register;
mod sequences;
mod unsupported;

pub use batch::{Batch, BatchError};
pub use change::{Change, Expect};
pub use commit::{Commit, Reason, Refusal};
pub use erased::AnyStore;
pub use error::{StoreError, StoreErrorKind};
pub use immediate::{Blocking, Immediate, poll_once};
pub use judge::{Present, judge};
pub use ledger::Ledger;
pub use message_index::MessageIndex;
pub use offload::{Inline, Offload};
pub use records::{Directory, ForeignDirectory, Records};
pub use register::Register;
pub use sequences::{Block, SequenceKey, Sequences};

use crate::index::Keyer;
use crate::record::Areas;

/// At most this many references, keys, recipients or names a read. Callers keep to it; a store may
/// answer [`Unsupported`](StoreErrorKind::Unsupported) to more.
pub const MAX_READS: usize = 1_000;

/// Where everything is written.
pub trait Store: Send + Sync {
    /// Makes the keys of this store, under a secret of its own: made with the store, and kept in it
    /// where it is durable.
    fn keyer(&self) -> &Keyer;

    /// What the store supports. It is so from construction on and does not change.
    fn areas(&self) -> Areas;

    /// Applies every change of the batch, or none.
    ///
    /// # Errors
    ///
    /// The store failed; nothing or all of the batch may have been applied, and a second attempt
    /// tells. A lost race is not an error: see [`Commit`].
    fn commit(&self, batch: &Batch) -> impl Future<Output = Result<Commit, StoreError>> + Send;
}

/// A store that keeps everything (or answers `Unsupported` where it does not).
pub trait FullStore:
    Store + MessageIndex + Records + Directory + Ledger + Register + Sequences
{
}

impl<S> FullStore for S where
    S: Store + MessageIndex + Records + Directory + Ledger + Register + Sequences
{
}

//! Everything in one file: the embedded store, which survives `kill -9` at any moment.
//!
//! ```
//! use correspond::adapter::redb::RedbStore;
//! use correspond::id::{RecordId, TenantId};
//! use correspond::index::{IndexKind, Lookup, MessageQuery, MessageRow};
//! use correspond::store::{Batch, Blocking, Change, MessageIndex, Store};
//!
//! # let dir = tempfile::tempdir()?;
//! # let path = dir.path().join("mail.redb");
//! let (tenant, mail) = (TenantId::new(1), RecordId::new(7));
//! let store = Blocking::new(RedbStore::open(&path)?);
//! let key = store.store().keyer().key(IndexKind::MessageId, b"1@a.example");
//! let row = MessageRow::new(mail, chrono::DateTime::UNIX_EPOCH, mail, vec![key]);
//! let batch = Batch::of(tenant, Change::File(row));
//! assert!(store.run(async |store| store.commit(&batch).await)??.is_applied());
//! drop(store);
//!
//! // Another process, later: the same keys, the same mail.
//! let store = Blocking::new(RedbStore::open(&path)?);
//! let key = store.store().keyer().key(IndexKind::MessageId, b"1@a.example");
//! let mut query = MessageQuery::default();
//! assert!(query.push(Lookup::new(key)));
//! let answer = store.run(async |store| store.find(tenant, &query).await)??;
//! assert_eq!(answer.newest(0).map(|row| row.id()), Some(mail));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod commit;
mod error;
mod layout;
mod ledger;
mod medium;
mod messages;
mod open;
mod rebuild;
mod records;
mod sequences;

use std::fmt;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;

use self::error::Fault;
use self::open::Opened;
pub use self::open::RedbOptions;
pub use self::rebuild::Rekeyed;
use crate::claim::{
    ClaimPageQuery, RecipientKey, RegisterName, Registration, SendClaim, SendScope,
};
use crate::id::{RecordId, TenantId};
use crate::index::{Answer, Keyer, MessageQuery};
use crate::record::{
    Areas, Page, RecordAnswer, RecordPageQuery, RecordQuery, RecordRef, UniqueKey, Versioned,
};
use crate::store::{
    Batch, Block, Commit, Directory, Immediate, Inline, Ledger, MessageIndex, Offload, Records,
    Register, SequenceKey, Sequences, Store, StoreError, StoreErrorKind,
};

/// A store in one file, over [redb](https://docs.rs/redb).
///
/// # What it does
///
/// Supports every area of the [contract](crate::store), for any number of tenants. A commit is one
/// transaction of redb's, on the medium when it returns; commits come one after the other. Reads go
/// on beside a commit and beside each other, each from one state.
///
/// One process at a time has the file open for writing, or any number for
/// [reading](Self::open_read_only); whoever comes second gets
/// [`Unavailable`](StoreErrorKind::Unavailable). Between threads the store is shared by reference or
/// `Arc`.
///
/// # How long it takes
///
/// Every commit waits for the medium (`fsync`): a batch of many changes costs little more than one
/// change. With [`Inline`], the default, that wait happens where the future is polled. An async
/// service hands over an [`Offload`] ([`open_with`](Self::open_with)); then the work belongs to the
/// pool and goes on when the future is dropped.
///
/// # What a kill leaves
///
/// A process that is killed leaves every acknowledged batch and block of numbers, and of the batch
/// under way all or nothing. The next opening reads the whole file once
/// ([`fast_recovery`](RedbOptions::fast_recovery) spares that), and until then it cannot be opened
/// for reading only. A kill while the file is made leaves a file that opens as a new one.
///
/// # What damage does
///
/// Octets that were changed behind the store's back are noticed where they are read:
/// [`Corrupt`](StoreErrorKind::Corrupt), and no panic. redb itself panics on some of them; the
/// panic is caught, its message goes to the panic hook first, and the store answers
/// [`Corrupt`](StoreErrorKind::Corrupt) from then on. Built with `panic = "abort"` it ends the
/// process instead. A change that leaves well-formed octets, another id say, is seen by
/// [`checked`](RedbOptions::checked) alone.
///
/// # What is in the file
///
/// Ids, times, keyed hashes, claimed recipients and registered names as they are, the bodies of
/// records as they are, and the [stamp](Keyer::stamp) with the secret of the hashes. It is as
/// confidential as the mail that it stands for.
///
/// redb guards a commit by a checksum that is not cryptographic: somebody who chooses what is
/// written, knows the file, decides in which order pages reach the medium, and stops the machine in
/// between, could make part of a batch count. [`fast_recovery`](RedbOptions::fast_recovery) closes
/// that too: it syncs twice.
pub struct RedbStore<O = Inline> {
    opened: Arc<Opened>,
    offload: O,
}

impl RedbStore {
    /// Opens the store at `path`; makes it, with a new secret, where there is none or an empty file.
    ///
    /// Blocks, also where work is [offloaded](Self::with_offload) later.
    ///
    /// # Errors
    ///
    /// * [`Unavailable`](StoreErrorKind::Unavailable): another process has it open.
    /// * [`Outdated`](StoreErrorKind::Outdated): it was written by another version of the format or
    ///   of folding. The source names both, and the command that [rebuilds](Self::rebuild) it.
    /// * [`Corrupt`](StoreErrorKind::Corrupt): it is not a file of a store, or damaged.
    /// * [`Full`](StoreErrorKind::Full): no room to make it.
    /// * [`Other`](StoreErrorKind::Other): the system refused; the source says why.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        RedbOptions::new().open(path)
    }

    /// Opens the store at `path` for reading, beside others that do the same: commits and sequences
    /// answer [`Unsupported`](StoreErrorKind::Unsupported). Nothing is written, not even a repair.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open); there has to be a file, and one whose last writer was killed has to
    /// be opened for writing first ([`Other`](StoreErrorKind::Other)).
    pub fn open_read_only(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        RedbOptions::new().open_read_only(path)
    }

    /// The store in whatever `backend` reads and writes: for tests that count, tear or refuse
    /// writes, and for media that are no files. Opened or made as by [`open`](Self::open).
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn with_backend(backend: impl redb::StorageBackend) -> Result<Self, StoreError> {
        RedbOptions::new().open_backend(backend)
    }

    /// Makes a store whose keys were made by another version of folding usable by this build, or
    /// begins the index of mail anew.
    ///
    /// Mail and its keys are dropped: file the mails again. Claims, the register and sequences stay
    /// as they are. Of every record `rekey` is asked what it shall be under the key maker given,
    /// which has the secret of before; the version stays. It must not become another record.
    ///
    /// One transaction, which takes about as much room again as the records do. A kill leaves the
    /// store of before.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), but for keys of another version; a file in another format is
    /// [`Outdated`](StoreErrorKind::Outdated) here too. And where `rekey` fails or panics, makes
    /// another record, or gives one unique key to two: then nothing was changed.
    pub fn rebuild(
        path: impl AsRef<Path>,
        rekey: impl FnMut(&Versioned, &Keyer) -> Rekeyed,
    ) -> Result<Self, StoreError> {
        RedbOptions::new().rebuild(path, rekey)
    }
}

impl<O: Offload> RedbStore<O> {
    /// [Opens](RedbStore::open) the store at `path` with all its work done through `offload`.
    ///
    /// # Errors
    ///
    /// As [`open`](RedbStore::open).
    pub fn open_with(path: impl AsRef<Path>, offload: O) -> Result<Self, StoreError> {
        Ok(RedbStore::open(path)?.with_offload(offload))
    }
}

impl<O> RedbStore<O> {
    /// The same store with its work done through `offload`.
    #[must_use]
    pub fn with_offload<P: Offload>(self, offload: P) -> RedbStore<P> {
        RedbStore { opened: self.opened, offload }
    }

    /// Gives room that nothing needs any more back to the system, and says whether there was any.
    ///
    /// The file never shrinks by itself: room that is free within is used again first. Worth it
    /// after much was deleted, or after a [rebuild](RedbStore::rebuild). It moves a good part of the
    /// file, so it takes as long as copying it may; blocks. A kill loses nothing: at any moment the
    /// file is as before or further.
    ///
    /// # Errors
    ///
    /// * [`Unavailable`](StoreErrorKind::Unavailable): work goes on whose future was dropped.
    /// * [`Unsupported`](StoreErrorKind::Unsupported): opened for reading only.
    /// * The store failed.
    pub fn compact(&mut self) -> Result<bool, StoreError> {
        let attempt = "compacting the store";
        let opened = Arc::get_mut(&mut self.opened)
            .ok_or_else(|| StoreError::new(StoreErrorKind::Unavailable, attempt))?;
        opened.compact(attempt)
    }
}

impl<O> fmt::Debug for RedbStore<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore").field("keyer", self.opened.keyer()).finish_non_exhaustive()
    }
}

impl Immediate for RedbStore<Inline> {}

impl<O: Offload> RedbStore<O> {
    /// Does work on the file, all of it owned: it goes on when nobody waits any more.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Opened) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let opened = Arc::clone(&self.opened);
        self.offload.run(move || work(&opened)).await
    }

    async fn read<T: Send + 'static>(
        &self,
        attempt: &'static str,
        work: impl FnOnce(&redb::ReadTransaction) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.work(move |opened| opened.read(attempt, work)).await
    }
}

impl<O: Offload> Store for RedbStore<O> {
    fn keyer(&self) -> &Keyer {
        self.opened.keyer()
    }

    fn areas(&self) -> Areas {
        Areas::ALL
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        let batch = batch.clone();
        self.work(move |opened| commit::commit(opened, &batch)).await
    }
}

impl<O: Offload> MessageIndex for RedbStore<O> {
    async fn find(&self, tenant: TenantId, query: &MessageQuery) -> Result<Answer, StoreError> {
        let query = query.clone();
        self.read("looking up mail", move |read| messages::find(read, tenant, &query)).await
    }
}

impl<O: Offload> Records for RedbStore<O> {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        let records = records.to_vec();
        self.read("loading records", move |read| records::load(read, tenant, &records)).await
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        let keys = keys.to_vec();
        self.read("looking up unique keys", move |read| records::holders(read, tenant, &keys)).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        let query = *query;
        self.read("listing records", move |read| records::list(read, tenant, &query)).await
    }
}

impl<O: Offload> Directory for RedbStore<O> {
    async fn find_records(
        &self,
        tenant: TenantId,
        query: &RecordQuery,
    ) -> Result<RecordAnswer, StoreError> {
        let query = query.clone();
        self.read("looking up records", move |read| records::find(read, tenant, &query)).await
    }
}

impl<O: Offload> Ledger for RedbStore<O> {
    async fn claims(
        &self,
        tenant: TenantId,
        scope: &SendScope,
        recipients: &[RecipientKey],
    ) -> Result<Vec<Option<SendClaim>>, StoreError> {
        let (scope, recipients) = (*scope, recipients.to_vec());
        let work = move |read: &_| ledger::claims(read, tenant, scope, &recipients);
        self.read("looking up claims", work).await
    }

    async fn claim_page(
        &self,
        tenant: TenantId,
        query: &ClaimPageQuery,
    ) -> Result<Page<(RecipientKey, SendClaim), RecipientKey>, StoreError> {
        let query = query.clone();
        self.read("listing claims", move |read| ledger::page(read, tenant, &query)).await
    }
}

impl<O: Offload> Register for RedbStore<O> {
    async fn registrations(
        &self,
        names: &[RegisterName],
    ) -> Result<Vec<Option<Registration>>, StoreError> {
        let names = names.to_vec();
        self.read("looking up registered names", move |read| ledger::registrations(read, &names))
            .await
    }
}

impl<O: Offload> Sequences for RedbStore<O> {
    async fn allocate(
        &self,
        tenant: TenantId,
        sequence: SequenceKey,
        len: NonZeroU32,
    ) -> Result<Block, StoreError> {
        self.work(move |opened| sequences::allocate(opened, tenant, sequence, len)).await
    }
}

#[cfg(test)]
mod tests;

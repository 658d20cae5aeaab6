//! The kit over the stores that ship, over some that make it hard for them, and over some that are
//! wrong.

mod faults;
mod stores;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::conformance::Harness;
use correspond::index::Keyer;
use correspond::store::{AnyStore, Inline, Offload, Store};
use stores::{MailStore, Patient, Threads, Through};
use tempfile::TempDir;

/// The memory store, as it is.
struct Memory;

impl Harness for Memory {
    type Store = MemoryStore;

    fn fresh(&self) -> MemoryStore {
        MemoryStore::default()
    }
}

correspond::store_conformance!(memory, Memory);
correspond::immediate_conformance!(memory_at_once, Memory);

/// The same behind the type that is any store; a clone of it is a second handle.
struct Any;

impl Harness for Any {
    type Store = AnyStore;

    fn fresh(&self) -> AnyStore {
        AnyStore::new(MemoryStore::default())
    }

    fn another(&self, store: &AnyStore) -> Option<AnyStore> {
        Some(store.clone())
    }
}

correspond::store_conformance!(any, Any);

/// The same where every call has to wait, before its work and after it, or is worked off by another
/// thread: so that there is something to cancel.
struct Waiting<O>(O);

impl<O: Offload + Copy + 'static> Harness for Waiting<O> {
    type Store = Through<O>;

    fn fresh(&self) -> Through<O> {
        Through::new(self.0)
    }

    fn another(&self, store: &Through<O>) -> Option<Through<O>> {
        Some(store.clone())
    }

    fn rounds(&self) -> u32 {
        10
    }
}

correspond::store_conformance!(patient, Waiting(Patient));
correspond::store_conformance!(elsewhere, Waiting(Threads));

/// A store for mail alone: the rest is refused, and skipped aloud.
struct Mail;

impl Harness for Mail {
    type Store = MailStore;

    fn fresh(&self) -> MailStore {
        MailStore::default()
    }
}

correspond::store_conformance!(mail_alone, Mail);
correspond::immediate_conformance!(mail_alone_at_once, Mail);

/// The embedded store, in files that go with the harness.
struct Redb<O> {
    offload: O,
    /// By the stamp of its key maker, which no two have in common, the place of each file.
    files: Mutex<HashMap<[u8; Keyer::STAMP_LEN], TempDir>>,
}

impl<O: Offload> Redb<O> {
    fn new(offload: O) -> Self {
        Self { offload, files: Mutex::default() }
    }
}

impl<O: Offload + Copy + 'static> Harness for Redb<O> {
    type Store = Arc<RedbStore<O>>;

    fn fresh(&self) -> Self::Store {
        let dir = tempfile::tempdir().unwrap();
        let store = RedbStore::open_with(dir.path().join("store.redb"), self.offload).unwrap();
        self.files.lock().unwrap().insert(store.keyer().stamp(), dir);
        Arc::new(store)
    }

    fn another(&self, store: &Self::Store) -> Option<Self::Store> {
        Some(Arc::clone(store))
    }

    fn reopen(&self, store: Self::Store) -> Option<Self::Store> {
        let files = self.files.lock().unwrap();
        let path = files[&store.keyer().stamp()].path().join("store.redb");
        drop(store);
        Some(Arc::new(RedbStore::open_with(path, self.offload).unwrap()))
    }

    fn rounds(&self) -> u32 {
        5
    }
}

correspond::store_conformance!(redb, Redb::new(Inline));
correspond::immediate_conformance!(redb_at_once, Redb::new(Inline));
correspond::store_conformance!(redb_elsewhere, Redb::new(Threads));

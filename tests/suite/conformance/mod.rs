//! The kit over the stores that ship, and over stores that make it hard for them.

use correspond::adapter::memory::MemoryStore;
use correspond::conformance::Harness;
use correspond::store::AnyStore;

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

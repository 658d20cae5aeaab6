//! Where does everything go, and what if it must go into tables of my own?
//!
//! # Choosing a store
//!
//! | | [`memory`](crate::adapter::memory) | `adapter::redb` (feature `redb`) | `adapter::postgres` (feature `postgres`) | a store of yours |
//! |---|---|---|---|---|
//! | survives the process | no | yes, `kill -9` at any moment | yes | as you make it |
//! | processes at a time | one | one; others get [`Unavailable`](crate::store::StoreErrorKind::Unavailable) | any number | as you make it |
//! | a commit costs | microseconds | one or two writes to the disk | two or three round trips | as you make it |
//! | without a runtime | yes | yes | no: tokio | if it is [`Immediate`](crate::store::Immediate) |
//! | good for | tests, tools, one-off runs, a cache that is filled anew | one service on one machine | several services, or more than one machine holds | where your data are already |
//!
//! Start with memory, and let the kind of store be decided where the program starts: behind
//! [`AnyStore`](crate::store::AnyStore) they are one type, and nothing else in the program changes. (It
//! promises no answer at the first poll, whatever is behind it: a program without a runtime is
//! generic over its store and [`Blocking`](crate::store::Blocking) instead.)
//!
//! ```
//! use correspond::adapter::memory::MemoryStore;
//! use correspond::store::AnyStore;
//!
//! fn open(name: &str) -> Result<AnyStore, Box<dyn std::error::Error>> {
//!     match name.split_once(':') {
//!         None if name == "memory" => Ok(AnyStore::new(MemoryStore::default())),
//!         #[cfg(feature = "redb")]
//!         Some(("redb", path)) => {
//!             Ok(AnyStore::new(correspond::adapter::redb::RedbStore::open(path)?))
//!         }
//!         _ => Err(format!("expected memory or redb:PATH, found {name:?}").into()),
//!     }
//! }
//! assert!(open("memory").is_ok());
//! ```
//!
//! # Who waits for whom
//!
//! There is no transaction to hold open. A use case [asks](crate::flow), decides, and commits one
//! [`Batch`](crate::store::Batch), whose changes each say what they rest on: a record in the version
//! that was read, a Message-ID that nobody has filed, a send that nobody has claimed. If that has
//! changed meanwhile, the batch is [refused](crate::store::Commit::Refused), nothing is written, and
//! the use case asks again; after [eight rounds](crate::flow::ROUNDS) it gives up and says so. So two
//! workers never wait for each other's thinking, only for the moment of writing.
//!
//! * *Readers* see one state for each call. Two calls see two states, the later never an earlier
//!   one. What must be seen together is asked in one call: a query holds many look-ups.
//! * *Writers* of one tenant come one after the other in the stores in memory and in one file. In a
//!   database they go side by side until two want the same thing: lock what is there sorted
//!   by what it is, whatever the order of the changes. Unique keys that are exchanged can still make
//!   two wait in a circle; the database then undoes one of them, and you try it again.
//! * *Numbers* ([`Sequences`](crate::store::Sequences)) are handed out beside the batches, so that
//!   whoever needs one waits for nobody's batch. Take them in blocks; what is not used is a gap.
//! * *Dropping a future* (a timeout, a cancelled request) leaves all or nothing. So does an error.
//!   Doing the same again is safe: a mail that was filed is told as filed, a record that was written
//!   has the version that you gave it, a send that you claimed is claimed by you.
//! * *Blocking work* of a store over a file goes where its
//!   [`Offload`](crate::store::Offload) puts it: at once, or on the blocking pool of your runtime.
//!   Five lines; the example stands at the trait.
//!
//! Which of many may go first is nowhere decided by a clock. Times are handed in, and order answers
//! only.
//!
//! # Writing a store
//!
//! 1. Read the [musts](crate::store). They are the contract; the rest is advice.
//! 2. Keep of a record its reference, its version, both sorts of keys, its time, whether it is active,
//!    and its body; interpret none. Keys are equal or they are not. Fold nothing, trim nothing,
//!    lower-case nothing: the database's collation must be binary (`"C"` in PostgreSQL, `BINARY` in
//!    SQLite).
//! 3. Put the tenant first in every key. The register alone has none.
//! 4. In `commit`, open the transaction (or take the lock), let
//!    [`judge`](crate::store::judge()) look at what is there through
//!    [`Present`](crate::store::Present), and write if it says
//!    [`Applied`](crate::store::Commit::Applied). Unique keys are rows of their own, with the
//!    database's own uniqueness on them: *release* what records give up, then *move*, then *insert*,
//!    each sorted, so that an exchange never collides with itself. Where transactions run beside each
//!    other, judging is not enough: a row that was absent when you looked may be there when you
//!    write. Let the unique index decide, and judge again when it objects.
//! 5. Allocate numbers in a transaction of their own, or every writer of the tenant waits for the
//!    slowest batch.
//! 6. A durable store keeps [`Keyer::stamp`](crate::index::Keyer::stamp) and opens with
//!    [`from_stamp`](crate::index::Keyer::from_stamp). A stamp of another version of folding is
//!    refused there; say in your error how your users rebuild the keys.
//! 7. Run the kit (`conformance`, the feature of that name). It is ten lines, it names each must as
//!    a test, and it knows the mistakes that others made: checking before acting, half a batch shown,
//!    a version that comes back, a tenant that leaks.
//!
//! The example `your_own_store` is all of it over sorted maps, in one file, with the kit run on it.
//!
//! Keeping mail alone is fine: say so in [`areas`](crate::store::Store::areas) and fill the rest in
//! with [`unsupported!`](crate::unsupported).
//!
//! # A host with its own contact tables
//!
//! Contacts, leads and accounts mostly live in tables that were there first. Two ways:
//!
//! *Your tables are the store's directory.* Implement [`Directory`](crate::store::Directory) and the
//! rest over your database, and write contacts in the batch with everything else. One transaction,
//! nothing to heal. Keep the look-up keys in a table beside yours.
//!
//! *Your tables stay outside.* Implement [`ForeignDirectory`](crate::store::ForeignDirectory): reading
//! by key, and [`create_or_update`](crate::store::ForeignDirectory::create_or_update), which is called
//! *before* the batch. A crash between the two leaves a contact whose submission is not noted yet;
//! the submission is delivered again under the same
//! [`DeliveryKey`](crate::party::DeliveryKey), and your side answers with the record that it made.
//! Two columns do it, each with a unique index: the delivery key on a table of deliveries, and the
//! match key (16 octets) on the contacts. In SQL, in one transaction:
//!
//! ```sql
//! insert into deliveries (tenant, delivery, contact) values ($1, $2, null)
//!   on conflict (tenant, delivery) do nothing;     -- no row: answer Repeated with its contact
//! insert into contacts (tenant, match_key, ...) values ($1, $3, ...)
//!   on conflict (tenant, match_key) do update set ... returning id;
//! update deliveries set contact = $4 where tenant = $1 and delivery = $2;
//! ```
//!
//! The keys come from the [`Keyer`](crate::index::Keyer) of the store that the mail and the
//! submissions go to; compute them for the contacts that you have with
//! [`LookupKey::new`](crate::record::LookupKey::new), once, and again when
//! [`FOLD_VERSION`](crate::text::FOLD_VERSION) changes.

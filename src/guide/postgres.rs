//! What is there to know before a service goes live on PostgreSQL?
//!
//! `adapter::postgres` (feature `postgres`) keeps the whole [contract](crate::store) in one schema of
//! one database. Any number of processes on any number of machines open it; what they race for is
//! decided by the database. PostgreSQL 15 is what it is run on. It speaks through
//! [tokio-postgres](https://docs.rs/tokio-postgres) and a
//! [deadpool](https://docs.rs/deadpool-postgres), so it needs a tokio runtime.
//!
//! # Opening
//!
//! ```
//! # #[cfg(feature = "postgres")]
//! use correspond::adapter::postgres::{NoTls, Options, PostgresStore};
//! # #[cfg(feature = "postgres")]
//! async fn open() -> Result<PostgresStore, Box<dyn std::error::Error>> {
//!     let options = Options::default()
//!         .schema("crm".parse()?)
//!         .statement_timeout(std::time::Duration::from_secs(10));
//!     Ok(PostgresStore::connect("postgres://crm@db.example/crm", NoTls, &options).await?)
//! }
//! ```
//!
//! The first process to come makes schema and tables, and the secret under which keys are made; ten
//! may come first at once. The role needs `CREATE` on the database for that, or on the schema where an
//! administrator has made it. A role that may only read and write opens with `Options::migrate(false)`
//! and is told ([`Outdated`](crate::store::StoreErrorKind::Outdated)) when tables are missing.
//!
//! *TLS*: hand a connector of a crate of your choice to `connect` in place of `NoTls`, and say
//! `sslmode=require` in the URL. Or bring a pool of your own (`PostgresStore::open`), with whatever
//! time-outs, hooks and certificates it has.
//!
//! *PgBouncer*: session pooling works; transaction pooling needs PgBouncer 1.21 or later, for prepared
//! statements. A statement time-out is then set at the role (`alter role crm set statement_timeout`),
//! not in the options.
//!
//! *Replicas*: do not point the store at one. A read that begins after a commit returned must show
//! it, and a replica lags.
//!
//! # Schema
//!
//! | table | key | holds |
//! |---|---|---|
//! | `mail` | tenant, id | a filed mail with all its keys |
//! | `mail_key` | tenant, kind, hash, created, id | a key that it is looked up by; unique for Message-IDs |
//! | `record` | tenant, kind, id | anything that is kept under an id |
//! | `unique_key` | tenant, space, hash | who has it |
//! | `lookup_key` | tenant, sort, hash, modified, id, kind | what a record is looked up by |
//! | `send_claim` | tenant, message, journey, tile, recipient | who claimed a send |
//! | `registration` | space, name | which tenant has a name: the one key without a tenant |
//! | `number_sequence` | tenant, sort, id | the next number |
//! | `property`, `migration` | | the stamp of the keys, with their secret; the version of the tables |
//!
//! Ids, hashes and versions are `uuid`, times are microseconds since 1970:
//!
//! ```sql
//! select id, to_timestamp(created / 1e6) from crm.mail
//! where tenant = '00000000-0000-0000-0000-000000000001' order by created desc limit 10;
//! ```
//!
//! Read the tables as you like; write them through the crate alone. Whoever writes a row of `record`
//! by hand leaves its keys behind.
//!
//! # What a call costs
//!
//! * A read is one statement: all look-ups of a query together, each of them at most 64 entries of
//!   one index.
//! * A commit of what is new (mails, new records, claims) is two round trips: everything is written
//!   at once, and the numbers of rows say whether somebody was faster; then it is committed. One that
//!   changes what is there takes a round trip more, to lock and look. Each waits for the disk once:
//!   batches of many changes are how to file fast.
//! * A block of numbers is one statement by itself.
//!
//! `PostgresStore::statements` lists every statement by name, for `explain` and for logs.
//!
//! # Sizing
//!
//! Measured on PostgreSQL 15, tables and indexes together:
//!
//! | one | octets |
//! |---|---|
//! | mail with 15 keys, 10 of them looked up | 2,550; each key that is looked up, 210 |
//! | contact with a body of 200 octets, one unique key, two look-up keys | 1,030 |
//! | claim of a send | 360 |
//!
//! Ten million mails are some 25 GB. The indexes that filing touches should fit in memory; when they
//! do not, filing reads a page for nearly every key. `mail_key` only grows but for what is forgotten,
//! and a look-up reads the index alone once vacuum has seen its pages: keep autovacuum on.
//! `send_claim` and `record` are updated: where sends are settled one by one, let autovacuum come
//! often (`alter table crm.send_claim set (autovacuum_vacuum_scale_factor = 0.02)`).
//!
//! Connections: a commit occupies one for its round trips. Some four a core of the server are enough;
//! more wait inside the server instead of in the pool.
//!
//! After a large import run `analyze` before the first look-ups; until then the planner knows the
//! tables as they were.
//!
//! # When something fails
//!
//! * The connection is lost, the server restarts, fails over or is full of connections, a statement
//!   takes too long: [`Unavailable`](crate::store::StoreErrorKind::Unavailable), which
//!   [is transient](crate::store::StoreError::is_transient). Try again; the pool finds new
//!   connections by itself. A commit that failed so may have been written, and the same batch again
//!   [tells](crate::store#what-is-durable-when).
//! * Deadlocks and serialization failures (SQLSTATE 40P01, 40001) were undone by the server; they are
//!   tried again ten times, after pauses that grow up to half a second, then they are `Unavailable`.
//! * A dropped future (a time-out, a cancelled request) leaves all or nothing. A connection in the
//!   middle of a transaction is closed, not used again.
//! * `synchronous_commit = off` trades what was acknowledged in the last moments before a crash for
//!   speed: then [`Applied`](crate::store::Commit::Applied) is no promise any more.
//!
//! # Distributed engines
//!
//! Statements and tables keep to what CockroachDB, YugabyteDB and Citus have too; each says in the
//! source what is particular to it. None of the three was run: take this as where to begin, and run
//! the conformance kit on yours (`DATABASE_URL=... cargo test -p correspond-postgres-tests`).
//!
//! * *CockroachDB*: nothing to set. Its transactions are serializable, so more of them are undone
//!   under contention and tried again (40001). Keys begin with the tenant; a large tenant is split by
//!   range.
//! * *YugabyteDB*: set `yb_enable_read_committed_isolation=true`; otherwise transactions run as
//!   snapshots and are undone more often. The first column of a primary key is hashed: one tenant is
//!   one tablet. Where one tenant is most of the data, create the tables with `(tenant asc, ...)` keys
//!   from the migration in the source before the first opening.
//! * *Citus*: open the store once, then distribute every table with a tenant by it, colocated, and make
//!   the register a reference table:
//!
//! ```sql
//! select create_distributed_table('crm.mail', 'tenant');
//! select create_distributed_table('crm.mail_key', 'tenant', colocate_with => 'crm.mail');
//! -- likewise record, unique_key, lookup_key, send_claim, number_sequence
//! select create_reference_table('crm.registration');
//! ```
//!
//! What to expect: a call names one tenant, so it stays on one shard; only the register is of all. A
//! `for update` in a lateral subquery is the least common thing that is asked of an engine.
//!
//! # Backup
//!
//! Any backup of the database is one of the store: `pg_dump --schema=crm` shows one state, and so does
//! a base backup with its log. The secret of the keys is in `property`; without it the keys are worth
//! nothing, and with it a leaked dump tells who wrote to whom: a dump is as confidential as the mail.
//! Restored to an earlier moment, sequences go back too: numbers handed out after it come again, so
//! raise `number_sequence.next` before tokens are issued from a restored store.
//!
//! # Upgrade
//!
//! *Tables*: migrations are numbered and applied by whoever opens first with a newer build, under a
//! row lock, in one transaction. An older build beside it goes on with what it knows until it opens
//! again, and is then refused ([`Corrupt`](crate::store::StoreErrorKind::Corrupt): tables of a later
//! build). Update all processes soon after the first.
//!
//! *Folding*: where a release changes [`FOLD_VERSION`](crate::text::FOLD_VERSION), equal text makes
//! other keys, and a store with the keys of before is refused
//! ([`Outdated`](crate::store::StoreErrorKind::Outdated)). Stop every process, then call
//! `PostgresStore::rebuild`, which drops the index of mail and asks for the keys of every record anew,
//! in one transaction; then file the mails again. Claims, the register and sequences stay.
//! `correlate_mailbox --store postgres:URL --rebuild MAIL ...` does both for a mailbox.

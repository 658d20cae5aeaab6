//! The embedded store beside bare redb: what does keeping the contract add?
//!
//! Groups `redb/file one`, `redb/file 1000`, `redb/look up one` and `redb/look up 30`. The peer
//! writes and reads the same rows in tables of the same types, as sorted, as durable and as checked
//! (an id and a Message-ID are filed once), straight against redb, with the same cache. It keeps
//! nothing but mail, gives no reasons, and trusts what it reads.
//!
//! Files lie in the directory for temporary ones; `TMPDIR=/dev/shm` takes the medium out of the
//! figures, and leaves what the adapter itself costs.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta};
use correspond::adapter::redb::{RedbOptions, RedbStore};
use correspond::id::{RecordId, TenantId};
use correspond::index::{IndexKey, IndexKind, Keyer, Kinds, Lookup, MessageQuery, MessageRow};
use correspond::store::{Batch, Change, MessageIndex, Store, poll_once};
use criterion::{Criterion, Throughput};
use redb::{Database, Durability, ReadableDatabase, ReadableTable, TableDefinition};

const TENANT: TenantId = TenantId::new(1);
const MAILS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("mails");
const KEYS: TableDefinition<'_, &[u8; 57], ()> = TableDefinition::new("keys");

/// Mails that lie in both stores before anything is measured.
const FILED: usize = 20_000;

/// Mails as a busy mailbox has them: some twenty keys each, of which people, subjects and threads
/// come again.
struct Mails {
    keyer: Keyer,
    next: u64,
}

impl Mails {
    fn new() -> Self {
        Self { keyer: Keyer::from_secret([3; 16]), next: 0 }
    }

    /// Some number below `most`, the same in every run; small ones come more often.
    fn some(number: u64, which: u64, most: u64) -> u64 {
        let mixed = (number * 31 + which + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        (mixed % most) * (mixed / most % most) / most
    }

    fn key(&self, kind: IndexKind, number: u64) -> IndexKey {
        self.keyer.key(kind, &number.to_le_bytes())
    }

    fn row(&mut self) -> MessageRow {
        let n = self.next;
        self.next += 1;
        let mut keys = vec![self.key(IndexKind::MessageId, n)];
        let thread = n - Self::some(n, 0, 50).min(n);
        keys.extend((0..n % 5).map(|up| self.key(IndexKind::Reference, thread.saturating_sub(up))));
        keys.extend((0..3).map(|who| self.key(IndexKind::Address, Self::some(n, 1 + who, 3_000))));
        keys.extend((0..5).map(|w| self.key(IndexKind::Word, Self::some(n, 10 + w, 20_000))));
        let kinds =
            [IndexKind::Subject, IndexKind::Keywords, IndexKind::ThreadRoot, IndexKind::Token];
        keys.extend(kinds.map(|kind| self.key(kind, thread)));
        let created = DateTime::UNIX_EPOCH + TimeDelta::seconds(n.cast_signed() * 37);
        let id = |n: u64| RecordId::new(u128::from(n) << 64 | u128::from(n * 7));
        MessageRow::new(id(n), created, id(thread), keys)
    }

    fn rows(&mut self, count: usize) -> Vec<MessageRow> {
        (0..count).map(|_| self.row()).collect()
    }
}

/// What a program would write that needs nothing but these two tables.
struct Bare(Database);

impl Bare {
    fn open(path: &Path) -> Self {
        let mut builder = Database::builder();
        let database = builder.set_cache_size(RedbOptions::DEFAULT_CACHE).create(path).unwrap();
        let write = database.begin_write().unwrap();
        write.open_table(MAILS).unwrap();
        write.open_table(KEYS).unwrap();
        write.commit().unwrap();
        Self(database)
    }

    fn mail(id: RecordId) -> [u8; 32] {
        let mut key = [0; 32];
        key[..16].copy_from_slice(&TENANT.get().to_be_bytes());
        key[16..].copy_from_slice(&id.get().to_be_bytes());
        key
    }

    fn key(key: &IndexKey, micros: i64, id: u128) -> [u8; 57] {
        let mut row = [0; 57];
        row[..16].copy_from_slice(&TENANT.get().to_be_bytes());
        row[16] = key.kind().code();
        row[17..33].copy_from_slice(key.hash());
        row[33..41].copy_from_slice(&(micros.cast_unsigned() ^ 1 << 63).to_be_bytes());
        row[41..].copy_from_slice(&id.to_be_bytes());
        row
    }

    /// Files all or nothing: `false` where one was filed before.
    fn file(&self, mails: &[MessageRow]) -> bool {
        let mut write = self.0.begin_write().unwrap();
        write.set_durability(Durability::Immediate).unwrap();
        {
            let mut table = write.open_table(MAILS).unwrap();
            let mut keys = write.open_table(KEYS).unwrap();
            for mail in mails {
                if table.get(&Self::mail(mail.id())).unwrap().is_some() {
                    return false;
                }
                for key in mail.keys().iter().filter(|key| key.kind() == IndexKind::MessageId) {
                    let first = Self::key(key, i64::MIN, 0);
                    let last = Self::key(key, i64::MAX, u128::MAX);
                    if keys.range::<&[u8; 57]>(&first..=&last).unwrap().next().is_some() {
                        return false;
                    }
                }
            }
            let mut rows = Vec::new();
            let mut value = Vec::new();
            for mail in mails {
                let micros = mail.created().timestamp_micros();
                value.clear();
                value.extend_from_slice(&(micros.cast_unsigned() ^ 1 << 63).to_be_bytes());
                value.extend_from_slice(&mail.conversation().get().to_be_bytes());
                for key in mail.keys() {
                    value.push(key.kind().code());
                    value.extend_from_slice(key.hash());
                    if key.kind().is_looked_up() {
                        rows.push(Self::key(key, micros, mail.id().get()));
                    }
                }
                table.insert(&Self::mail(mail.id()), value.as_slice()).unwrap();
            }
            rows.sort_unstable();
            for row in &rows {
                keys.insert(row, ()).unwrap();
            }
        }
        write.commit().unwrap();
        true
    }

    /// The newest `rows` mails under each key, with their keys of these kinds, and how many there
    /// are up to 64.
    fn look_up(&self, lookups: &[(IndexKey, u8)], kinds: Kinds) -> Vec<(Vec<Found>, usize)> {
        let read = self.0.begin_read().unwrap();
        let mails = read.open_table(MAILS).unwrap();
        let keys = read.open_table(KEYS).unwrap();
        let look_up = |(key, rows): &(IndexKey, u8)| {
            let first = Self::key(key, i64::MIN, 0);
            let last = Self::key(key, i64::MAX, u128::MAX);
            let mut found = Vec::new();
            let mut count = 0;
            for row in keys.range::<&[u8; 57]>(&first..=&last).unwrap().rev().take(64) {
                if found.len() < usize::from(*rows) {
                    let (row, _) = row.unwrap();
                    let id = u128::from_be_bytes(row.value()[41..].try_into().unwrap());
                    let mail = mails.get(&Self::mail(RecordId::new(id))).unwrap().unwrap();
                    let value = mail.value();
                    let carried = value[24..].chunks_exact(17).filter_map(|key| {
                        let kind = IndexKind::from_code(key[0]).unwrap();
                        let hash = key[1..].try_into().unwrap();
                        kinds.contains(kind).then(|| IndexKey::from_parts(kind, hash))
                    });
                    found.push(Found {
                        id,
                        created: u64::from_be_bytes(value[..8].try_into().unwrap()),
                        conversation: u128::from_be_bytes(value[8..24].try_into().unwrap()),
                        keys: carried.collect(),
                    });
                }
                count += 1;
            }
            (found, count)
        };
        lookups.iter().map(look_up).collect()
    }
}

#[allow(dead_code, reason = "the fields are what is brought back")]
struct Found {
    id: u128,
    created: u64,
    conversation: u128,
    keys: Vec<IndexKey>,
}

fn batch(rows: Vec<MessageRow>) -> Batch {
    let mut batch = Batch::new(TENANT);
    for row in rows {
        batch.push(Change::File(row)).unwrap();
    }
    batch
}

fn commit(store: &RedbStore, batch: &Batch) {
    let commit = poll_once(store.commit(batch)).unwrap().unwrap();
    assert!(commit.is_applied(), "{commit:?}");
}

fn query(lookups: &[(IndexKey, u8)], kinds: Kinds) -> MessageQuery {
    let mut query = MessageQuery::with_capacity(lookups.len());
    for (key, rows) in lookups {
        assert!(query.push(Lookup::new(*key).rows(*rows).carrying(kinds)));
    }
    query
}

pub(crate) fn define(c: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    let store = RedbStore::open(dir.path().join("ours.redb")).unwrap();
    let bare = Bare::open(&dir.path().join("bare.redb"));
    let (mut ours, mut theirs) = (Mails::new(), Mails::new());
    for _ in 0..FILED / 1_000 {
        commit(&store, &batch(ours.rows(1_000)));
        assert!(bare.file(&theirs.rows(1_000)));
    }

    // First, while both have filed the same.
    let mut mails = Mails::new();
    let rows = mails.rows(FILED);
    let carried = Kinds::NONE.with(IndexKind::Address).with(IndexKind::Word);
    let one: Vec<_> = rows.iter().step_by(97).map(|row| vec![(row.keys()[0], 1)]).collect();
    look_up(c, "redb/look up one", &store, &bare, &one, Kinds::NONE);
    let chunks = rows.chunks(29).take(100);
    let many: Vec<Vec<_>> = chunks
        .map(|rows| {
            let keys = rows.iter().flat_map(|row| row.keys().iter().step_by(7));
            keys.filter(|key| key.kind().is_looked_up()).map(|key| (*key, 16)).take(30).collect()
        })
        .collect();
    look_up(c, "redb/look up 30", &store, &bare, &many, carried);

    for (name, rows) in [("redb/file one", 1), ("redb/file 1000", 1_000)] {
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Elements(rows as u64)).sample_size(40);
        // Both file the same mails in turn, and one of them is timed: the files grow alike, and what
        // disturbs the machine disturbs both.
        let mut in_turn = |ours_is_timed: bool, times: u64| {
            let mut spent = Duration::ZERO;
            for turn in 0..times {
                let (mails, batch) = (theirs.rows(rows), batch(ours.rows(rows)));
                // Who is first alternates too: the second finds the caches cold.
                let even = turn.is_multiple_of(2);
                for ours_now in [even, !even] {
                    let begun = Instant::now();
                    if ours_now {
                        commit(&store, &batch);
                    } else {
                        assert!(bare.file(&mails));
                    }
                    if ours_now == ours_is_timed {
                        spent += begun.elapsed();
                    }
                }
            }
            spent
        };
        group.bench_function("bare redb", |b| b.iter_custom(|times| in_turn(false, times)));
        group.bench_function("RedbStore", |b| b.iter_custom(|times| in_turn(true, times)));
        group.finish();
    }
}

fn look_up(
    c: &mut Criterion,
    name: &str,
    store: &RedbStore,
    bare: &Bare,
    queries: &[Vec<(IndexKey, u8)>],
    kinds: Kinds,
) {
    let mut group = c.benchmark_group(name);
    group.throughput(Throughput::Elements(queries.len() as u64));
    group.bench_function("bare redb", |b| {
        b.iter(|| queries.iter().for_each(|one| drop(black_box(bare.look_up(one, kinds)))));
    });
    let asked: Vec<_> = queries.iter().map(|one| query(one, kinds)).collect();
    group.bench_function("RedbStore", |b| {
        b.iter(|| {
            for query in &asked {
                black_box(poll_once(store.find(TENANT, query)).unwrap().unwrap());
            }
        });
    });
    group.finish();
    // The same was found, or the figures mean nothing.
    for (lookups, query) in queries.iter().zip(&asked) {
        let answer = poll_once(store.find(TENANT, query)).unwrap().unwrap();
        for (lookup, (found, count)) in bare.look_up(lookups, kinds).iter().enumerate() {
            let newest = answer.newest(lookup).map(|row| (row.id().get(), row.keys().len()));
            let bare_newest = found.first().map(|found| (found.id, found.keys.len()));
            assert_eq!((newest, usize::from(answer.count(lookup))), (bare_newest, *count));
        }
    }
}

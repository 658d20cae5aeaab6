//! What concerns the file: opening, reopening, refusing, rebuilding, compacting, damage. What every
//! store must do is the kit's.

use std::error::Error;
use std::fs;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::{Mutex, mpsc};

use chrono::{DateTime, TimeDelta, Utc};
use redb::{Database, TableDefinition};
use tempfile::TempDir;

use super::*;
use crate::claim::{ClaimId, ClaimState, Claimant, RegisterSpace};
use crate::index::{IndexKey, IndexKind, Kinds, Lookup, MessageRow};
use crate::record::{LookupKey, LookupKind, Record, RecordKind, RecordLookup, Space, Version};
use crate::store::{Change, Expect, Reason, Refusal, poll_once};

const TENANT: TenantId = TenantId::new(1);

fn now<T>(future: impl Future<Output = T>) -> T {
    poll_once(future).expect("an immediate store")
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

struct Place {
    _dir: TempDir,
    path: PathBuf,
}

fn place() -> Place {
    let dir = tempfile::tempdir().unwrap();
    Place { path: dir.path().join("store.redb"), _dir: dir }
}

fn mail(store: &RedbStore, id: u128, seconds: i64) -> Change {
    let key = |kind, text: &[u8]| store.keyer().key(kind, text);
    let keys = vec![
        key(IndexKind::MessageId, &id.to_be_bytes()),
        key(IndexKind::Address, b"ann@a.example"),
        key(IndexKind::Word, b"lunch"),
    ];
    let id = RecordId::new(id);
    Change::File(MessageRow::new(id, at(seconds), id, keys))
}

fn commit(store: &RedbStore, change: Change) -> Commit {
    now(store.commit(&Batch::of(TENANT, change))).unwrap()
}

fn refusal(commit: Commit) -> Reason {
    let [Refusal { change: 0, reason }] = commit.refusals() else { panic!("{commit:?}") };
    reason.clone()
}

fn lookup(store: &RedbStore, lookup: Lookup) -> (Vec<u128>, u8) {
    let mut query = MessageQuery::default();
    assert!(query.push(lookup));
    let answer = now(store.find(TENANT, &query)).unwrap();
    (answer.rows(0).map(|row| row.id().get()).collect(), answer.count(0))
}

fn from_ann(store: &RedbStore) -> IndexKey {
    store.keyer().key(IndexKind::Address, b"ann@a.example")
}

fn lead(keyer: &Keyer, id: u128, name: &str) -> Record {
    let record = RecordKind::Lead.of(RecordId::new(id));
    let record = Record::new(record, at(7), name).unwrap();
    let record = record.with_unique([UniqueKey::new(keyer, Space::Name, name.as_bytes())]).unwrap();
    record.with_keys([LookupKey::new(keyer, LookupKind::Address, b"ann@a.example")]).unwrap()
}

fn put(record: Record, version: u128) -> Change {
    Change::Put { record, version: Version::new(version), expect: Expect::Absent }
}

fn claim_id() -> ClaimId {
    let recipient = RecipientKey::address(b"ann@a.example").unwrap();
    ClaimId { scope: SendScope::new(RecordId::new(5)), recipient }
}

fn domain() -> RegisterName {
    RegisterName::new(RegisterSpace::Domain, "a.example").unwrap()
}

/// Something of everything.
fn fill(store: &RedbStore) {
    assert!(commit(store, mail(store, 1, 10)).is_applied());
    assert!(commit(store, put(lead(store.keyer(), 2, "Ann"), 3)).is_applied());
    let claim = Change::Claim { id: claim_id(), by: Claimant::new(9), at: at(1) };
    assert!(commit(store, claim).is_applied());
    let register = Change::Register { name: domain(), until: None, now: at(0) };
    assert!(commit(store, register).is_applied());
    let numbers = allocate(store).unwrap();
    assert_eq!((numbers.first(), numbers.len().get()), (1, 5));
}

fn allocate(store: &RedbStore) -> Result<Block, StoreError> {
    let five = NonZeroU32::new(5).unwrap();
    now(store.allocate(TENANT, SequenceKey::UserNumbers, five))
}

/// What [`fill`] left, but for mail.
fn check_rest(store: &RedbStore) {
    let ann = lead(store.keyer(), 2, "Ann");
    let found = now(store.load(TENANT, &[ann.reference()])).unwrap();
    assert_eq!(found, [Some(Versioned { record: ann.clone(), version: Version::new(3) })]);
    assert_eq!(now(store.holders(TENANT, ann.unique())).unwrap(), [Some(ann.reference())]);
    let query = [RecordLookup::new(ann.keys()[0])].into_iter().collect();
    let answer = now(store.find_records(TENANT, &query)).unwrap();
    assert_eq!((answer.found(0).len(), answer.count(0)), (1, 1));
    let id = claim_id();
    let claims = now(store.claims(TENANT, &id.scope, &[id.recipient])).unwrap();
    assert_eq!(claims, [Some(SendClaim::new(Claimant::new(9), at(1), ClaimState::Open))]);
    let registrations = now(store.registrations(&[domain()])).unwrap();
    assert_eq!(registrations, [Some(Registration::new(TENANT, None))]);
}

#[test]
fn everything_is_there_after_reopening() {
    let place = place();
    let store = RedbStore::open(&place.path).unwrap();
    fill(&store);
    let stamp = store.keyer().stamp();
    drop(store);

    let store = RedbStore::open(&place.path).unwrap();
    assert_eq!(store.keyer().stamp(), stamp);
    assert_eq!(lookup(&store, Lookup::new(from_ann(&store))), (vec![1], 1));
    check_rest(&store);
    assert_eq!(allocate(&store).unwrap().first(), 6, "no number comes twice");
}

#[test]
fn secrets_are_drawn() {
    let (one, other) = (place(), place());
    let stamp = |place: &Place| RedbStore::open(&place.path).unwrap().keyer().stamp();
    assert_ne!(stamp(&one), stamp(&other));
    let shown = format!("{:?}", RedbStore::open(&one.path).unwrap());
    assert_eq!(shown, "RedbStore { keyer: Keyer(secret), .. }");
}

#[test]
fn one_has_it_open_and_the_next_is_told() {
    let place = place();
    let store = RedbStore::open(&place.path).unwrap();
    for second in [RedbStore::open(&place.path), RedbStore::open_read_only(&place.path)] {
        let error = second.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        assert!(error.is_transient());
        let source = error.source().unwrap().to_string();
        assert_eq!(source, format!("{}: another process has it open", place.path.display()));
    }
    drop(store);
    RedbStore::open(&place.path).unwrap();
}

#[test]
fn readers_share_and_write_nothing() {
    let place = place();
    let store = RedbStore::open(&place.path).unwrap();
    fill(&store);
    drop(store);
    let before = fs::read(&place.path).unwrap();
    let mut one = RedbStore::open_read_only(&place.path).unwrap();
    let other = RedbStore::open_read_only(&place.path).unwrap();
    assert_eq!(lookup(&one, Lookup::new(from_ann(&one))), (vec![1], 1));
    check_rest(&other);
    let error = now(one.commit(&Batch::of(TENANT, mail(&one, 2, 1)))).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unsupported);
    assert_eq!(error.source().unwrap().to_string(), "the file was opened for reading only");
    assert_eq!(allocate(&one).unwrap_err().kind(), StoreErrorKind::Unsupported);
    assert_eq!(one.compact().unwrap_err().kind(), StoreErrorKind::Unsupported);
    let error = RedbStore::open(&place.path).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "a writer waits for readers");
    drop((one, other));
    assert!(before == fs::read(&place.path).unwrap());
}

#[test]
fn there_is_nothing_to_read_where_there_is_no_file() {
    let place = place();
    let error = RedbStore::open_read_only(&place.path).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Other);
    assert!(error.source().unwrap().to_string().starts_with(&place.path.display().to_string()));
    assert!(!place.path.exists());
    let kept = |found: &Versioned, _: &Keyer| Ok(found.record.clone());
    assert_eq!(RedbStore::rebuild(&place.path, kept).unwrap_err().kind(), StoreErrorKind::Other);
    assert!(!place.path.exists());
    assert_eq!(
        RedbStore::open(place.path.parent().unwrap()).unwrap_err().kind(),
        StoreErrorKind::Other
    );
}

#[test]
fn what_is_no_store_is_refused_and_left_alone() {
    let place = place();
    let foreign = |text: &[u8]| {
        fs::write(&place.path, text).unwrap();
        let errors = [RedbStore::open(&place.path), RedbStore::open_read_only(&place.path)];
        assert!(errors.into_iter().all(|e| e.unwrap_err().kind() == StoreErrorKind::Corrupt));
        assert!(fs::read(&place.path).unwrap() == text);
    };
    foreign(b"Dear diary,");
    foreign(&[b'x'; 100_000]);
    foreign(&[0; 10]);
    fs::remove_file(&place.path).unwrap();

    let database = Database::create(&place.path).unwrap();
    let write = database.begin_write().unwrap();
    write.open_table(TableDefinition::<u64, u64>::new("sums")).unwrap().insert(1, 2).unwrap();
    write.commit().unwrap();
    drop(database);
    let error = RedbStore::open(&place.path).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Corrupt);
    assert!(error.source().unwrap().to_string().contains("expected table `correspond`"));
}

#[test]
fn an_empty_file_or_one_that_was_never_finished_becomes_a_store() {
    let place = place();
    fs::write(&place.path, b"").unwrap();
    fill(&RedbStore::open(&place.path).unwrap());
    fs::write(&place.path, vec![0; 69_632]).unwrap();
    fill(&RedbStore::open(&place.path).unwrap());
    // redb's own file, before our tables.
    fs::remove_file(&place.path).unwrap();
    drop(Database::create(&place.path).unwrap());
    assert_eq!(RedbStore::open_read_only(&place.path).unwrap_err().kind(), StoreErrorKind::Corrupt);
    fill(&RedbStore::open(&place.path).unwrap());
}

/// Does its work on a thread of its own, once it is let go.
#[derive(Clone)]
struct Late {
    go: Arc<Mutex<mpsc::Receiver<()>>>,
    done: mpsc::Sender<()>,
}

impl Offload for Late {
    async fn run<T, F>(&self, work: F) -> T
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let this = self.clone();
        let (give, take) = mpsc::channel();
        std::thread::spawn(move || {
            this.go.lock().unwrap().recv().unwrap();
            let _ = give.send(work());
            this.done.send(()).unwrap();
        });
        std::future::poll_fn(move |_| match take.try_recv() {
            Ok(result) => std::task::Poll::Ready(result),
            Err(_) => std::task::Poll::Pending,
        })
        .await
    }
}

#[test]
fn offloaded_work_goes_on_when_nobody_waits() {
    let place = place();
    let (let_go, go) = mpsc::channel();
    let (done, is_done) = mpsc::channel();
    let go = Arc::new(Mutex::new(go));
    let store = RedbStore::open(&place.path).unwrap();
    let change = mail(&store, 1, 0);
    let mut store = store.with_offload(Late { go, done });
    {
        let batch = Batch::of(TENANT, change);
        assert!(poll_once(store.commit(&batch)).is_none(), "the work has not begun");
        // Future and batch are dropped here.
    }
    assert_eq!(store.compact().unwrap_err().kind(), StoreErrorKind::Unavailable);
    let_go.send(()).unwrap();
    is_done.recv().unwrap();
    let store = store.with_offload(Inline);
    assert_eq!(lookup(&store, Lookup::new(from_ann(&store))), (vec![1], 1));
}

#[test]
fn a_kill_leaves_what_was_acknowledged() {
    for options in [RedbOptions::new(), RedbOptions::new().fast_recovery()] {
        let place = place();
        let store = options.open(&place.path).unwrap();
        fill(&store);
        // As a kill would leave it: never closed.
        let killed = fs::read(&place.path).unwrap();
        drop(store);
        fs::write(&place.path, &killed).unwrap();
        if let Err(error) = RedbStore::open_read_only(&place.path) {
            assert_eq!(error.kind(), StoreErrorKind::Other);
            let said = error.source().unwrap().to_string();
            assert!(said.ends_with("open it for writing once, which repairs it"), "{said}");
        }
        let store = options.clone().checked().open(&place.path).unwrap();
        assert_eq!(lookup(&store, Lookup::new(from_ann(&store))), (vec![1], 1));
        check_rest(&store);
    }
}

mod damage;
mod rebuild;
mod rows;

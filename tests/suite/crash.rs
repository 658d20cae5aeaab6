//! The crash case, over a store that keeps what it acknowledged and over some that do not.

#[path = "crash/log_store.rs"]
mod log_store;
#[path = "crash/watched_file.rs"]
mod watched_file;

use std::path::{Path, PathBuf};

use correspond::adapter::redb::RedbStore;
use correspond::conformance::Harness;
use correspond::conformance::crash::{
    Crash, CrashError, CrashErrorKind, CrashFault, FaultyStore, Steps,
};
use correspond::store::{StoreError, StoreErrorKind};
use log_store::LogStore;
use watched_file::{Unsynced, WatchedFile};

#[test]
fn a_log_survives_kills() {
    let case = Crash::in_test("crash::a_log_survives_kills", LogStore::open).kills(12);
    let figures = case.run(tempfile::tempdir().unwrap().path()).unwrap();
    println!("{figures}");
    assert_eq!(figures.kills, 12);
    assert!(figures.in_commits >= 6 && figures.acknowledged >= 8, "{figures:?}");
    assert!(figures.absent > 0 && figures.blocks > 0, "{figures:?}");
}

fn redb(path: &Path, steps: &Steps, unsynced: Unsynced) -> Result<RedbStore, StoreError> {
    let file = WatchedFile::open(path, steps, unsynced).map_err(|error| {
        StoreError::new(StoreErrorKind::Other, "opening the file").because(error)
    })?;
    RedbStore::with_backend(file)
}

#[test]
fn redb_survives_kills() {
    let open = |path: &Path, steps: &Steps| redb(path, steps, Unsynced::Kept);
    let case = Crash::in_test("crash::redb_survives_kills", open).kills(8);
    let figures = case.run(tempfile::tempdir().unwrap().path()).unwrap();
    println!("{figures}");
    assert!(figures.kills == 8 && figures.in_commits >= 4, "{figures:?}");
}

/// A kill does not tell whether a store syncs before it acknowledges; this does.
#[test]
fn redb_survives_the_loss_of_what_was_not_synced() {
    let name = "crash::redb_survives_the_loss_of_what_was_not_synced";
    let open = |path: &Path, steps: &Steps| redb(path, steps, Unsynced::Lost);
    let case = Crash::in_test(name, open).kills(8).seed(2);
    let figures = case.run(tempfile::tempdir().unwrap().path()).unwrap();
    assert!(figures.kills == 8 && figures.in_commits >= 4, "{figures:?}");
}

#[test]
fn a_missing_sync_is_noticed() {
    let open = |path: &Path, steps: &Steps| redb(path, steps, Unsynced::NeverSynced);
    let case = Crash::in_test("crash::a_missing_sync_is_noticed", open);
    let error = case.run(tempfile::tempdir().unwrap().path()).unwrap_err();
    assert!(matches!(error.kind(), CrashErrorKind::Lost | CrashErrorKind::Store), "{error}");
}

fn faulty(name: &str, fault: CrashFault) -> CrashError {
    let open = |path: &Path, steps: &Steps| -> Result<_, StoreError> {
        Ok(FaultyStore::new(LogStore::open(path, steps)?, fault))
    };
    let case = Crash::in_test(name, open).kills(12);
    case.run(tempfile::tempdir().unwrap().path()).unwrap_err()
}

#[test]
fn acknowledging_first_is_noticed() {
    let error = faulty("crash::acknowledging_first_is_noticed", CrashFault::AcknowledgesFirst);
    assert_eq!(error.kind(), CrashErrorKind::Lost, "{error}");
}

#[test]
fn half_a_batch_is_noticed() {
    let error = faulty("crash::half_a_batch_is_noticed", CrashFault::TwoTransactions);
    assert_eq!(error.kind(), CrashErrorKind::Torn, "{error}");
}

#[test]
fn forgotten_numbers_are_noticed() {
    let error = faulty("crash::forgotten_numbers_are_noticed", CrashFault::ForgetsNumbers);
    assert_eq!(error.kind(), CrashErrorKind::Repeated, "{error}");
}

#[test]
fn a_wrong_name_is_explained() {
    let case = Crash::in_test("crash::no_such_test", LogStore::open);
    let error = case.run(tempfile::tempdir().unwrap().path()).unwrap_err();
    assert_eq!(error.kind(), CrashErrorKind::Child);
    assert!(error.to_string().contains("is the test's name its full name"), "{error}");
}

/// The store that the case is shown with keeps the rest of the contract too.
struct Logs(tempfile::TempDir);

impl Default for Logs {
    fn default() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl Harness for Logs {
    type Store = LogStore;

    fn fresh(&self) -> LogStore {
        let number = self.0.path().read_dir().unwrap().count();
        let path: PathBuf = self.0.path().join(number.to_string());
        LogStore::open(&path, &Steps::default()).unwrap()
    }

    fn reopen(&self, store: LogStore) -> Option<LogStore> {
        let path = store.path().to_owned();
        drop(store);
        Some(LogStore::open(&path, &Steps::default()).unwrap())
    }

    fn rounds(&self) -> u32 {
        5
    }
}

correspond::store_conformance!(log, Logs::default());

//! Kills a child that files, and looks what is left.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use correspond::adapter::redb::RedbStore;
use correspond::conformance::crash::{Crash, CrashErrorKind, CrashFault, FaultyStore, Steps};
use correspond::store::{AnyStore, StoreError, StoreErrorKind};

use crate::arguments::Arguments;
use crate::log_store::LogStore;
use crate::watched_file::{Unsynced, WatchedFile};

const FAULTS: [(&str, CrashFault); 3] = [
    ("acknowledges-first", CrashFault::AcknowledgesFirst),
    ("two-transactions", CrashFault::TwoTransactions),
    ("forgets-numbers", CrashFault::ForgetsNumbers),
];

/// `crash STORE[:FAULT] [--kills N] [--seed N] [--runs N] [--dir DIR]`
pub fn run(mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let word = arguments.word().ok_or("expected a store, found none")?;
    let (store, fault) = word.split_once(':').map_or((&*word, None), |(s, f)| (s, Some(f)));
    let fault = match fault {
        None => None,
        Some(name) => {
            let known = FAULTS.iter().find(|(known, _)| *known == name);
            Some(known.ok_or_else(|| format!("expected a fault, found {name:?}"))?.1)
        }
    };
    let open: fn(&Path, &Steps) -> Result<AnyStore, StoreError> = match store {
        "log" => open_log,
        "redb" => open_redb,
        "redb-power" => open_redb_without_power,
        other => return Err(format!("expected a store, found {other:?}").into()),
    };
    let open = move |path: &Path, steps: &Steps| -> Result<AnyStore, StoreError> {
        let store = open(path, steps)?;
        Ok(match fault {
            None => store,
            Some(fault) => AnyStore::new(FaultyStore::new(store, fault)),
        })
    };
    let kills = arguments.option("--kills")?.unwrap_or(200);
    let seed: u64 = arguments.option("--seed")?.unwrap_or(1);
    let runs: u64 = arguments.option("--runs")?.unwrap_or(1);
    let dir: Option<PathBuf> = arguments.option("--dir")?;
    arguments.end()?;

    let case = Crash::in_program(open).kills(kills);
    let temporary = tempfile::tempdir()?;
    let dir = dir.unwrap_or_else(|| temporary.path().to_owned());
    #[expect(clippy::disallowed_methods, reason = "a program that measures")]
    let begun = Instant::now();
    let mut missed = Vec::new();
    let mut most = 0;
    for seed in seed..seed + runs {
        let dir = dir.join(format!("seed-{seed}"));
        fs::create_dir_all(&dir)?;
        match (case.clone().seed(seed).run(&dir), fault) {
            (Ok(figures), None) => println!("{store}, seed {seed}\n{figures}"),
            (Err(error), None) => return Err(error.into()),
            (Err(error), Some(_)) if error.kind() == CrashErrorKind::Child => {
                return Err(error.into());
            }
            (Err(error), Some(_)) => {
                most = most.max(error.kills());
                if runs == 1 {
                    println!("{word}, seed {seed}: caught: {error}");
                }
            }
            (Ok(_), Some(_)) => missed.push(seed),
        }
    }
    if fault.is_some() {
        let caught = runs - missed.len() as u64;
        println!("{word}: caught in {caught} of {runs} series, after {most} kills at most");
    }
    println!("time: {:.1} s", begun.elapsed().as_secs_f64());
    if missed.is_empty() { Ok(()) } else { Err(format!("not caught: seeds {missed:?}").into()) }
}

fn open_log(path: &Path, steps: &Steps) -> Result<AnyStore, StoreError> {
    LogStore::open(path, steps).map(AnyStore::new)
}

fn open_redb(path: &Path, steps: &Steps) -> Result<AnyStore, StoreError> {
    redb(path, steps, Unsynced::Kept)
}

fn open_redb_without_power(path: &Path, steps: &Steps) -> Result<AnyStore, StoreError> {
    redb(path, steps, Unsynced::Lost)
}

fn redb(path: &Path, steps: &Steps, unsynced: Unsynced) -> Result<AnyStore, StoreError> {
    let file = WatchedFile::open(path, steps, unsynced).map_err(|error| {
        StoreError::new(StoreErrorKind::Other, "opening the file").because(error)
    })?;
    RedbStore::with_backend(file).map(AnyStore::new)
}

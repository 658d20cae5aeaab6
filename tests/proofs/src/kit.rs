//! The conformance kit finds every fault every time, and none where there is none.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use correspond::adapter::memory::MemoryStore;
use correspond::conformance::fault::{Fault, ForeignFault, caught, check_foreign, check_sound};
use correspond::conformance::{Harness, cases};

use crate::arguments::Arguments;

/// How many are tried at once: most of the time a store with a fault waits for another call.
const AT_ONCE: usize = 8;

struct Memory;

impl Harness for Memory {
    type Store = MemoryStore;

    fn fresh(&self) -> MemoryStore {
        MemoryStore::default()
    }
}

/// `kit [--runs N]`
pub fn run(mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let runs = arguments.option("--runs")?.unwrap_or(100);
    arguments.end()?;

    // Each fault with how often it was noticed.
    let next = AtomicUsize::new(0);
    let noticed = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(fault) = Fault::ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let times = (0..runs).filter(|_| caught(*fault)).count();
                    let name = format!("{fault:?}");
                    let mut noticed = noticed.lock().expect("nobody panics with it");
                    noticed.insert((fault.case(), name), times);
                }
            });
        }
    });
    let mut noticed = noticed.into_inner()?;
    for fault in ForeignFault::ALL {
        let times = (0..runs).filter(|_| check_foreign(Some(fault)).is_err()).count();
        noticed.insert((fault.case(), format!("{fault:?}")), times);
    }

    let mut musts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for ((case, _), times) in &noticed {
        let must = musts.entry(case).or_default();
        *must = (must.0 + 1, must.1 + times);
    }
    for (case, (faults, times)) in &musts {
        println!("{case}: {faults} faults, noticed {times} of {}", faults * runs);
    }
    let missed = noticed.iter().filter(|(_, times)| **times < runs);
    let missed: Vec<_> =
        missed.map(|((case, name), times)| format!("{name} ({case}): {times}")).collect();
    println!(
        "{} faults, {} of them noticed in each of {runs} runs",
        noticed.len(),
        noticed.len() - missed.len()
    );

    let mut alarms = Vec::new();
    for _ in 0..runs {
        alarms.extend(check_sound().err());
        alarms.extend(check_foreign(None).err());
        alarms.extend(cases::<Memory>().iter().filter_map(|case| case.check(&Memory).err()));
    }
    println!(
        "{} false alarms in {runs} runs of all cases over two stores that are right",
        alarms.len()
    );

    if !missed.is_empty() {
        return Err(format!("not noticed every time: {}", missed.join(", ")).into());
    }
    match alarms.first() {
        Some(alarm) => Err(format!("a false alarm: {alarm}").into()),
        None => Ok(()),
    }
}

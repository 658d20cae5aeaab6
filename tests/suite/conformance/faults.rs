//! The kit notices what it says it would: every fault, every time.

use std::sync::atomic::{AtomicUsize, Ordering};

use correspond::conformance::fault::{
    Fault, ForeignFault, caught, check, check_foreign, check_sound,
};

/// How often each is tried here; `tests/proofs` tries a hundred times.
const TIMES: usize = 3;

#[test]
fn the_store_under_the_faults_is_right() {
    if let Err(violation) = check_sound() {
        panic!("{violation}");
    }
}

#[test]
fn every_fault_is_noticed() {
    // Most of the time is spent waiting for another: several are tried at once.
    let next = AtomicUsize::new(0);
    let blind = std::thread::scope(|scope| {
        let work = || {
            let mut blind = Vec::new();
            while let Some(fault) = Fault::ALL.get(next.fetch_add(1, Ordering::Relaxed)) {
                for _ in 0..TIMES {
                    if !caught(*fault) {
                        blind.push(format!("{fault:?} ({}): {:?}", fault.case(), check(*fault)));
                        break;
                    }
                }
            }
            blind
        };
        let workers: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(blind.is_empty(), "{} of {}:\n{}", blind.len(), Fault::ALL.len(), blind.join("\n"));
}

#[test]
fn every_must_is_broken_by_some_fault() {
    use correspond::conformance::{cases, fault::FaultyHarness};
    for case in cases::<FaultyHarness>() {
        let faults = Fault::ALL.iter().filter(|fault| fault.case() == case.name()).count();
        assert!(faults > 0, "{}", case.name());
    }
}

#[test]
fn every_fault_of_a_foreign_directory_is_noticed() {
    assert_eq!(check_foreign(None), Ok(()));
    for fault in ForeignFault::ALL {
        for _ in 0..TIMES {
            assert!(check_foreign(Some(fault)).is_err(), "{fault:?}");
        }
    }
}

#[test]
fn a_violation_says_what_a_caller_would_have_suffered() {
    for (fault, text) in [
        (
            Fault::IgnoresUniqueKeys,
            "C-UNQ-1: two records have one unique key: two defaults, or one person twice\n  expected ",
        ),
        (
            Fault::WaitsClaims,
            "C-IMM-1: a program without a runtime gets an error instead of an answer: `claims` had \
             to wait",
        ),
        (Fault::CountsCalls, "C-SEQ-1: a tracking number is handed out twice"),
    ] {
        let violation = check(fault).unwrap_err().to_string();
        assert!(violation.starts_with(text), "{violation}");
    }
}

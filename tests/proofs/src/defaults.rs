//! Administrators make different records the default at the same time, and one more makes, unmarks,
//! deactivates and deletes records of his own with the mark; there is always one.

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::store::AnyStore;

use crate::arguments::Arguments;
use crate::default_race::{Race, Seen, Way, left};

/// `defaults STORE[:FAULT] [--times N] [--administrators N] [--runs N] [--dir DIR]`
pub fn run(mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let name = arguments.word().ok_or("expected a store, found none")?;
    let (store, fault) = name.split_once(':').unwrap_or((&name, ""));
    let way = match fault {
        "" => Way::Flow,
        "two-batches" => Way::TwoBatches,
        "unkeyed" => Way::Unkeyed,
        other => return Err(format!("expected a fault, found {other:?}").into()),
    };
    let times = arguments.option("--times")?;
    let times = times.unwrap_or(if store == "memory" { 10_000 } else { 1_000 });
    let administrators = arguments.option("--administrators")?.unwrap_or(2);
    let runs = arguments.option("--runs")?.unwrap_or(1);
    let dir: Option<PathBuf> = arguments.option("--dir")?;
    arguments.end()?;

    let temporary = tempfile::tempdir()?;
    let dir = dir.unwrap_or_else(|| temporary.path().to_owned());
    let race = Race { times, administrators, way };
    let mut wrong = 0;
    for number in 0..runs {
        let store_of_run = match store {
            "memory" => AnyStore::new(MemoryStore::default()),
            "redb" => AnyStore::new(RedbStore::open(dir.join(format!("defaults-{number}.redb")))?),
            other => return Err(format!("expected a store, found {other:?}").into()),
        };
        #[expect(clippy::disallowed_methods, reason = "a program that measures")]
        let begun = Instant::now();
        let seen = race.run(&store_of_run)?;
        let time = begun.elapsed().as_secs_f64();
        let Seen { made, lost, given_up, meddled, refused, looks, none, several } = seen;
        println!(
            "{name}: {administrators} administrators x {times} times in {time:.2} s: {made} made \
             the default, {lost} batches lost, {given_up} given up; {meddled} more made and deleted, {refused} \
             times refused; {looks} looks, {none} saw none, {several} saw several"
        );
        if way == Way::Flow {
            race.was_one(&seen)?;
            left(&store_of_run)?;
        }
        wrong += u32::from(none + several > 0);
    }
    match (wrong, way) {
        (0, Way::Flow) => Ok(()),
        (0, _) => Err("the fault was not noticed".into()),
        (wrong, _) => Err(format!("noticed in {wrong} of {runs} runs").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Arguments {
        Arguments::new(text.split(' ').map(str::to_owned))
    }

    #[test]
    fn a_small_series_always_has_one_default() {
        run(arguments("memory --times 200")).unwrap();
    }

    #[test]
    fn a_series_without_a_race_or_without_a_look_proves_nothing() {
        let race = Race { times: 5, administrators: 2, way: Way::Flow };
        let seen = Seen { made: 10, lost: 5, looks: 1, meddled: 1, ..Seen::default() };
        assert_eq!(race.was_one(&seen), Ok(()));
        for (wrong, said) in [
            (Seen { made: 9, ..seen }, "expected 10 made the default, found 9"),
            (Seen { lost: 4, ..seen }, "expected 5 batches lost, found 4"),
            (Seen { looks: 0, ..seen }, "expected looks, found none"),
            (Seen { meddled: 0, ..seen }, "expected records made and deleted, found none"),
        ] {
            assert_eq!(race.was_one(&wrong), Err(said.into()));
        }
        let alone = Race { administrators: 1, ..race };
        assert_eq!(alone.was_one(&Seen { made: 5, lost: 0, ..seen }), Ok(()));
    }

    #[test]
    fn faults_are_found_out_in_every_run() {
        for fault in ["memory:two-batches", "memory:unkeyed"] {
            let error = run(arguments(&format!("{fault} --times 3 --runs 20"))).unwrap_err();
            assert_eq!(error.to_string(), "noticed in 20 of 20 runs");
        }
    }
}

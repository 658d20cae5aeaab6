//! Threads work off submissions of the same people at once; of each key there is one record in the
//! end, and of each submission one outcome.

use std::collections::VecDeque;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::flow::forms::Submissions;
use correspond::store::{AnyStore, poll_once};

use crate::arguments::Arguments;
use crate::form_race::judge::{Figures, Wrong, judge};
use crate::form_race::seat::{Fault, Meeting, Seat};
use crate::form_race::{Answer, Forms, What, Workload};
use crate::random::Random;

type Failure = Box<dyn Error + Send + Sync>;

/// Of so many deliveries one loses its first answer.
const LOST: u64 = 16;

/// How often a worker delivers again what waits or was not answered, before it gives up.
const PATIENCE: usize = 100_000;

/// `submissions STORE[:FAULT] [--runs N] [--submissions N] [--seed N] [--workers N] [--dir DIR]`
pub fn run(mut arguments: Arguments) -> Result<(), Box<dyn Error>> {
    let name = arguments.word().ok_or("expected a store, found none")?;
    let (store, fault) = name.split_once(':').unwrap_or((&name, ""));
    let fault = Fault::named(fault)?;
    if !matches!(store, "memory" | "redb") {
        return Err(format!("expected a store, found {store:?}").into());
    }
    let runs = arguments.option("--runs")?.unwrap_or(if store == "memory" { 100 } else { 10 });
    let submissions = arguments.option("--submissions")?.unwrap_or(2_000);
    let first: u64 = arguments.option("--seed")?.unwrap_or(1);
    let workers = arguments.option("--workers")?.unwrap_or(64);
    let dir: Option<PathBuf> = arguments.option("--dir")?;
    arguments.end()?;

    let temporary = tempfile::tempdir()?;
    let dir = dir.unwrap_or_else(|| temporary.path().to_owned());
    #[expect(clippy::disallowed_methods, reason = "a program that measures")]
    let begun = Instant::now();
    let mut sum = Figures::default();
    let mut caught: Vec<(u64, Wrong)> = Vec::new();
    for seed in first..first + runs {
        let race = Race::new(seed, submissions, workers, fault);
        let judged = race.and_then(|race| race.run(store, &dir));
        match judged.map_err(|failure| -> Box<dyn Error> { failure })? {
            Ok(figures) => sum = sum.and(figures),
            Err(wrong) if fault == Fault::None => {
                return Err(format!("seed {seed}: {wrong}").into());
            }
            Err(wrong) => caught.push((seed, wrong)),
        }
    }
    let time = begun.elapsed().as_secs_f64();
    let what = format!("{name}: {runs} runs of {submissions} by {workers} threads, {time:.1} s");
    if fault == Fault::None {
        println!("{what}: {sum}");
        // Who never loses a round does not race.
        return if sum.lost_rounds > 0 { Ok(()) } else { Err("nobody lost a round".into()) };
    }
    if let Some((seed, wrong)) = caught.first() {
        println!("{what}; seed {seed}: {wrong}");
    }
    println!("{name}: noticed in {} of {runs} runs", caught.len());
    if caught.len() as u64 == runs { Ok(()) } else { Err("not noticed every time".into()) }
}

/// One run: what is delivered, and what is still to be delivered.
struct Race {
    workload: Workload,
    forms: Forms,
    workers: usize,
    fault: Fault,
    seed: u64,
    next: AtomicUsize,
    /// A meeting for as many deliveries as there are workers, of every other such group: the others
    /// go as they go. Deliveries are taken in order, so that all of a meeting are under way before
    /// anybody is of the next.
    meetings: Vec<Option<Meeting>>,
    again: Mutex<VecDeque<usize>>,
}

impl Race {
    fn new(seed: u64, submissions: usize, workers: usize, fault: Fault) -> Result<Self, Failure> {
        let workload = Workload::new(seed, submissions);
        let groups = workload.deliveries().chunks(workers).enumerate();
        let meetings =
            groups.map(|(number, group)| (number % 2 == 0).then(|| Meeting::new(group.len())));
        Ok(Self {
            meetings: meetings.collect(),
            workload,
            forms: Forms::new()?,
            workers,
            fault,
            seed,
            next: AtomicUsize::new(0),
            again: Mutex::default(),
        })
    }

    fn run(&self, store: &str, dir: &Path) -> Result<Result<Figures, Wrong>, Failure> {
        if store == "memory" {
            let store = AnyStore::new(MemoryStore::default());
            let answers = self.work_off(&store)?;
            return self.judge(&store, &answers);
        }
        let path = dir.join(format!("submissions-{}.redb", self.seed));
        let answers = self.work_off(&AnyStore::new(RedbStore::open(&path)?))?;
        // What counts is what is in the file.
        let judged = self.judge(&AnyStore::new(RedbStore::open(&path)?), &answers);
        fs::remove_file(path)?;
        judged
    }

    fn judge(
        &self,
        store: &AnyStore,
        answers: &[Answer],
    ) -> Result<Result<Figures, Wrong>, Failure> {
        Ok(poll_once(judge(store, &self.workload, answers)).ok_or("not ready at once")??)
    }

    fn work_off(&self, store: &AnyStore) -> Result<Vec<Answer>, Failure> {
        poll_once(self.forms.prepare(store)).ok_or("not ready at once")??;
        // As in several processes, each with versions of its own.
        let flows = [(); 4].map(|()| Submissions::default());
        thread::scope(|scope| {
            let flows = flows.iter().cycle();
            let workers: Vec<_> = flows
                .take(self.workers)
                .enumerate()
                .map(|(worker, flow)| scope.spawn(move || self.work(store, flow, worker as u64)))
                .collect();
            let mut answers = Vec::new();
            for worker in workers {
                answers.extend(worker.join().map_err(|_| "a thread panicked")??);
            }
            Ok(answers)
        })
    }

    fn work(
        &self,
        store: &AnyStore,
        flow: &Submissions,
        worker: u64,
    ) -> Result<Vec<Answer>, Failure> {
        let mut random = Random::new(self.seed << 8 | worker);
        let (mut answers, mut tried_again) = (Vec::new(), 0);
        loop {
            let next = self.next.fetch_add(1, Ordering::Relaxed);
            let (number, meeting) = match self.workload.deliveries().get(next) {
                Some(number) => (*number, self.meetings[next / self.workers].as_ref()),
                None => {
                    let again =
                        self.again.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some(number) = again else { return Ok(answers) };
                    (number, None)
                }
            };
            let loses = next < self.workload.deliveries().len() && random.once_in(LOST);
            let seat = Seat::new(store, meeting, self.fault, loses);
            let delivered = self.workload.deliver(number, &self.forms, flow, &seat);
            let answer = match poll_once(delivered).ok_or("not ready at once")? {
                Err(_) if seat.has_lost() => {
                    Answer { submission: number, lost_rounds: 0, what: What::Nothing }
                }
                answer => answer?,
            };
            if !matches!(answer.what, What::Done { .. }) {
                tried_again += 1;
                if tried_again > PATIENCE {
                    return Err(format!("submission {number} comes to no end").into());
                }
                self.again.lock().unwrap_or_else(PoisonError::into_inner).push_back(number);
            }
            answers.push(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Arguments {
        Arguments::new(text.split(' ').map(str::to_owned))
    }

    #[test]
    fn in_small_runs_each_person_is_one_record() {
        run(arguments("memory --runs 2 --submissions 150")).unwrap();
        run(arguments("redb --runs 1 --submissions 60 --workers 16")).unwrap();
    }

    #[test]
    fn faults_are_found_out_in_every_run() {
        for fault in ["memory:unclaimed", "memory:two-batches"] {
            run(arguments(&format!("{fault} --runs 5 --submissions 300"))).unwrap();
        }
    }

    #[test]
    fn a_fault_that_is_not_there_is_not_noticed() {
        // Nobody races alone.
        let error = run(arguments("memory:unclaimed --runs 2 --submissions 60 --workers 1"));
        assert_eq!(error.unwrap_err().to_string(), "not noticed every time");
        let error = run(arguments("memory --runs 1 --submissions 60 --workers 1"));
        assert_eq!(error.unwrap_err().to_string(), "nobody lost a round");
    }
}

//! Threads that do the same at the same time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::thread;

/// How many race: more than there are hands in a small machine, so that some are interrupted.
pub(super) const RACERS: usize = 4;

/// Does the work of every racer in each round at once; what came of it, by round and racer. `None`
/// where a racer panicked.
///
/// The threads stay, and begin each round at a barrier: threads that are made for a round come one
/// after the other, and a race that is lost in a microsecond is over before the second has begun.
pub(super) fn races<T: Send>(
    racers: usize,
    rounds: u32,
    work: impl Fn(u32, usize) -> T + Sync,
) -> Option<Vec<Vec<T>>> {
    let line = Barrier::new(racers);
    let run = |racer| {
        let rounds = (0..rounds).map(|round| {
            line.wait();
            // Who panics must arrive at the next line all the same.
            catch_unwind(AssertUnwindSafe(|| work(round, racer))).ok()
        });
        rounds.collect::<Vec<_>>()
    };
    let by_racer: Vec<_> = thread::scope(|scope| {
        let run = &run;
        let racing: Vec<_> = (0..racers).map(|racer| scope.spawn(move || run(racer))).collect();
        racing.into_iter().map(|racer| racer.join().unwrap_or_default()).collect()
    });
    let mut by_racer: Vec<_> = by_racer.into_iter().map(Vec::into_iter).collect();
    (0..rounds).map(|_| by_racer.iter_mut().map(|racer| racer.next().flatten()).collect()).collect()
}

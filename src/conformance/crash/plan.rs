//! At which moments is the child killed?

use std::collections::{BTreeMap, BTreeSet};

use super::random::Random;

/// A moment to kill the child at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kill {
    /// At this write step of making a new store.
    Creating(u64),
    /// At this write step of opening the store that the last kill left, before anybody else did.
    Opening(u64),
    /// After so many batches, at this write step of the next that has as many.
    Step { batches: u64, step: u64 },
    /// After so many batches and microseconds.
    Moment { batches: u64, micros: u64 },
}

/// The write steps of some work, each to be stopped at before any is stopped at again, and in such an
/// order that a few of them lie far apart: the first, then one behind the middle, ...
///
/// Not every commit takes as many steps. First come the steps that one commit of ten has, then those
/// that one of forty has, then all that were ever seen.
#[derive(Clone, Debug)]
pub(super) struct Sweep {
    /// How often the work took so many steps.
    seen: BTreeMap<u64, u64>,
    guess: u64,
    turn: u64,
    hit: BTreeSet<u64>,
}

impl Sweep {
    /// Over so many steps, until it is known how many there are.
    pub(super) const fn over(guess: u64) -> Self {
        Self { seen: BTreeMap::new(), guess, turn: 0, hit: BTreeSet::new() }
    }

    /// The work was seen to take so many steps.
    pub(super) fn saw(&mut self, steps: u64) {
        *self.seen.entry(steps).or_default() += 1;
    }

    /// The next step to stop at, from 1 on.
    pub(super) fn next(&mut self) -> u64 {
        let spans = [self.span(10), self.span(40), self.span(u64::MAX)];
        let open = |span: &u64| (1..=*span).any(|step| !self.hit.contains(&step));
        let span = spans.into_iter().find(open).unwrap_or(spans[0]).max(1);
        let mut stride = (span * 618 / 1_000).max(1);
        while common_divisor(stride, span) != 1 {
            stride += 1;
        }
        let mut step = 1;
        for _ in 0..span {
            step = 1 + self.turn.wrapping_mul(stride) % span;
            self.turn += 1;
            if !self.hit.contains(&step) {
                break;
            }
        }
        step
    }

    /// The work was stopped at this step.
    pub(super) fn stopped_at(&mut self, step: u64) {
        self.hit.insert(step);
    }

    /// As many steps as one of `share` was seen to take, at least.
    fn span(&self, share: u64) -> u64 {
        let enough = self.seen.values().sum::<u64>().div_ceil(share);
        let mut reach = 0;
        for (steps, times) in self.seen.iter().rev() {
            reach += times;
            if reach >= enough {
                return *steps;
            }
        }
        self.guess
    }

    /// Up to which step the work was stopped at every one.
    pub(super) fn swept(&self) -> u64 {
        (1..).zip(&self.hit).take_while(|(step, hit)| step == *hit).count() as u64
    }

    /// At how many unlike steps the work was stopped.
    pub(super) fn reached(&self) -> u64 {
        self.hit.len() as u64
    }

    /// How many steps it takes, as far as seen: half the time at most, and at most.
    pub(super) fn seen(&self) -> (u64, u64) {
        (self.span(2), self.span(u64::MAX))
    }
}

fn common_divisor(mut one: u64, mut other: u64) -> u64 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

/// The kills of a series.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    seed: u64,
    kills: u64,
    made: u64,
    pub(super) creating: Sweep,
    pub(super) opening: Sweep,
    pub(super) filing: Sweep,
}

impl Plan {
    pub(super) fn new(seed: u64, kills: u64) -> Self {
        // How many steps creating and opening take is not known before they were seen once.
        let (creating, opening, filing) = (Sweep::over(32), Sweep::over(8), Sweep::over(1));
        Self { seed, kills, made: 0, creating, opening, filing }
    }

    /// Is a kill during opening next? It wants the store as the last kill left it.
    pub(super) const fn is_opening_next(&self) -> bool {
        self.made % 40 == 5
    }

    /// The next kill, as long as there is one.
    pub(super) fn next(&mut self) -> Option<Kill> {
        if self.made == self.kills {
            return None;
        }
        let number = self.made;
        let mut random = Random::of(self.seed ^ 0x6b69_6c6c, number);
        let batches = random.below(6);
        let opening = self.is_opening_next();
        self.made += 1;
        Some(match number % 50 {
            // The second: by then it is known how many steps creating takes.
            1 => Kill::Creating(self.creating.next()),
            _ if opening => Kill::Opening(self.opening.next()),
            turn if turn % 5 == 4 => Kill::Moment { batches, micros: random.below(4_000) },
            // After a batch at least, so that there is something to lose.
            _ => Kill::Step { batches: batches.max(1), step: self.filing.next() },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_stops_everywhere_and_far_apart() {
        for span in 1..200 {
            let mut sweep = Sweep::over(span);
            let mut order = Vec::new();
            for _ in 0..span {
                let step = sweep.next();
                sweep.stopped_at(step);
                order.push(step);
            }
            assert_eq!((order[0], sweep.reached()), (1, span));
            assert!(span < 4 || order[1] > span / 2, "{order:?}");
            assert_eq!(sweep.swept(), span);
        }
    }

    #[test]
    fn steps_that_few_commits_have_come_later() {
        let mut sweep = Sweep::over(1);
        (0..100).for_each(|commit| sweep.saw(if commit == 0 { 400 } else { 7 }));
        let mut order = Vec::new();
        for _ in 0..9 {
            let step = sweep.next();
            sweep.stopped_at(step);
            order.push(step);
        }
        assert!(order[..7].iter().all(|step| *step <= 7), "{order:?}");
        assert!(order[7..].iter().all(|step| *step > 7), "{order:?}");
        assert_eq!(sweep.seen(), (7, 400));
    }
}

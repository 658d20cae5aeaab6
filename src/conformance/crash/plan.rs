//! At which moments is the child killed?

use std::collections::BTreeSet;

use super::random::Random;

/// A moment to kill the child at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kill {
    /// At this write step of making a new store.
    Creating(u64),
    /// At this write step of opening the store that the last kill left, before anybody else did.
    Opening(u64),
    /// After so many batches, at this write step of the next.
    Step { batches: u64, step: u64 },
    /// After so many batches and microseconds.
    Moment { batches: u64, micros: u64 },
}

/// The write steps of some work, each to be stopped at before any is stopped at again, and in such an
/// order that a few of them lie far apart: the first, then one behind the middle, ...
#[derive(Clone, Debug)]
pub(super) struct Sweep {
    span: u64,
    turn: u64,
    hit: BTreeSet<u64>,
}

impl Sweep {
    /// Over so many steps, until it is known how many there are.
    pub(super) const fn over(span: u64) -> Self {
        Self { span, turn: 0, hit: BTreeSet::new() }
    }

    /// The work was seen to take so many steps.
    pub(super) fn saw(&mut self, steps: u64) {
        self.span = self.span.max(steps);
    }

    /// The next step to stop at, from 1 on.
    pub(super) fn next(&mut self) -> u64 {
        let span = self.span.max(1);
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

    /// At how many unlike steps the work was stopped.
    pub(super) fn reached(&self) -> u64 {
        self.hit.len() as u64
    }

    /// How many steps it takes at most, as far as seen.
    pub(super) const fn span(&self) -> u64 {
        self.span
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
        self.made % 20 == 10
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
        Some(match number % 40 {
            // The second: by then it is plain that the store can be killed at all.
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
        }
    }
}

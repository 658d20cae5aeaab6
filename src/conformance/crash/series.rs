//! The parent: starts, kills, compares, and starts again.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::Duration;

use super::child::{Orders, Relaunch, Stop};
use super::error::{CrashError, CrashErrorKind};
use super::figures::CrashFigures;
use super::filing::{Filing, SEQUENCES, TENANT, Trouble};
use super::inspect::{Finding, inspect};
use super::life::Life;
use super::line::Line;
use super::plan::{Kill, Plan};
use super::presence::{Presence, look};
use super::random::Random;
use super::steps::Steps;

use crate::conformance::block_on;
use crate::index::Keyer;
use crate::store::{FullStore, StoreError};

/// So many batches beyond the one in which it was to stop, a child is killed where it is: the store
/// counts no steps, or no commit had as many.
const SLACK: u64 = 64;

/// So long a child may say nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a child is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Opening,
    Committing,
    Allocating,
    Nothing,
}

/// One store that lives through many kills, and the log of what its children acknowledged.
pub(super) struct Series<'a, F> {
    open: &'a F,
    relaunch: &'a Relaunch,
    path: PathBuf,
    seed: u64,
    filing: Option<Filing>,
    stamp: Option<[u8; Keyer::STAMP_LEN]>,
    /// How many batches are known to have been applied.
    applied: u64,
    /// The batch whose commit began and is not known to have ended.
    under_way: Option<u64>,
    /// The highest number seen of each sequence.
    highest: [u64; SEQUENCES.len()],
}

impl<'a, F, S> Series<'a, F>
where
    F: Fn(&Path, &Steps) -> Result<S, StoreError>,
    S: FullStore,
{
    pub(super) fn new(open: &'a F, relaunch: &'a Relaunch, path: PathBuf, seed: u64) -> Self {
        Self {
            open,
            relaunch,
            path,
            seed,
            filing: None,
            stamp: None,
            applied: 0,
            under_way: None,
            highest: [0; SEQUENCES.len()],
        }
    }

    /// The whole series in `dir`.
    pub(super) fn run(
        mut self,
        dir: &Path,
        kills: u64,
        figures: &mut CrashFigures,
    ) -> Result<(), CrashError> {
        let mut plan = Plan::new(self.seed, kills);
        while let Some(kill) = plan.next() {
            if let Kill::Creating(step) = kill {
                let path = dir.join(format!("new-{}", figures.kills));
                let mut other = Series::new(self.open, self.relaunch, path, self.seed);
                other.live(Kill::Creating(step), &mut plan, figures)?;
                other.compare(figures)?;
                continue;
            }
            self.live(kill, &mut plan, figures)?;
            let at_once = Random::of(!self.seed, figures.kills).below(4) == 0;
            if !plan.is_opening_next() && !at_once {
                self.compare(figures)?;
            }
        }
        self.compare(figures)?;
        figures.steps_reached = plan.filing.reached();
        figures.steps_swept = plan.filing.swept();
        (figures.steps_usual, figures.steps_most) = plan.filing.seen();
        if let Some(books) = self.filing.as_ref().map(Filing::books) {
            figures.mails = books.mails().len() as u64;
            figures.records = books.records().len() as u64;
            figures.claims = books.claims().len() as u64;
            figures.names = books.names().len() as u64;
        }
        Ok(())
    }

    /// Starts a child and kills it.
    fn live(
        &mut self,
        kill: Kill,
        plan: &mut Plan,
        figures: &mut CrashFigures,
    ) -> Result<(), CrashError> {
        let (stop, batches) = match kill {
            Kill::Creating(step) | Kill::Opening(step) => (Stop::Opening(step), 0),
            Kill::Step { batches, step } => (Stop::Filing { batches, step }, batches),
            Kill::Moment { batches, .. } => (Stop::Never, batches),
        };
        let from = self.applied;
        let again = self.under_way;
        let orders = Orders { seed: self.seed, from, stop };
        let life = Life::start(self.relaunch, &orders, &self.path)?;
        let mut work = Work::Opening;
        let stopped = loop {
            let line = match life.lines().recv_timeout(PATIENCE) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => {
                    let text = "expected a word within a minute, found none";
                    return Err(CrashError::new(CrashErrorKind::Child, text));
                }
                Err(RecvTimeoutError::Disconnected) => return Err(life.ended_by_itself()),
            };
            let stopped = matches!(line, Line::Step(_));
            self.note(line, &mut work, again, plan, figures)?;
            let done = self.applied - from;
            match kill {
                Kill::Moment { micros, .. } if work != Work::Opening && done >= batches => {
                    thread::sleep(Duration::from_micros(micros));
                    break false;
                }
                _ if stopped => break true,
                _ if done > batches + SLACK => {
                    thread::sleep(Duration::from_micros(figures.kills));
                    break false;
                }
                _ => {}
            }
        };
        for line in life.kill()? {
            self.note(line, &mut work, again, plan, figures)?;
        }
        figures.kills += 1;
        *match (stopped, work, kill) {
            (false, ..) => &mut figures.at_moments,
            (true, Work::Opening, Kill::Creating(_)) => &mut figures.while_creating,
            (true, Work::Opening, _) => &mut figures.while_opening,
            (true, ..) => &mut figures.at_steps,
        } += 1;
        figures.in_commits += u64::from(work == Work::Committing);
        figures.in_allocations += u64::from(work == Work::Allocating);
        Ok(())
    }

    /// Enters a line of the child's in the log.
    fn note(
        &mut self,
        line: Line,
        work: &mut Work,
        again: Option<u64>,
        plan: &mut Plan,
        figures: &mut CrashFigures,
    ) -> Result<(), CrashError> {
        let applied = |series: &mut Self, batch: u64| {
            series.under_way = None;
            series.applied = batch + 1;
            again == Some(batch)
        };
        match line {
            Line::Ready(steps) => {
                let new = self.applied == 0 && self.under_way.is_none();
                if new {
                    plan.creating.saw(steps)
                } else {
                    plan.opening.saw(steps)
                }
                *work = Work::Nothing;
            }
            Line::Begin(batch) => {
                self.under_way = Some(batch);
                *work = Work::Committing;
            }
            Line::Applied(batch, steps) => {
                plan.filing.saw(steps);
                let again = u64::from(applied(self, batch));
                figures.absent += again;
                figures.redelivered += again;
                figures.acknowledged += 1;
                *work = Work::Nothing;
            }
            Line::Kept(batch) => {
                let again = u64::from(applied(self, batch));
                figures.whole += again;
                figures.redelivered += again;
                *work = Work::Nothing;
            }
            Line::Torn(batch, there, of) => return Err(torn(batch, there, of)),
            Line::Draw(_) => *work = Work::Allocating,
            Line::Drew(sequence, first, len) => {
                self.numbers(sequence, first, len)?;
                figures.blocks += 1;
                *work = Work::Nothing;
            }
            Line::Step(step) => match work {
                Work::Committing => plan.filing.stopped_at(step),
                Work::Opening if self.applied > 0 => plan.opening.stopped_at(step),
                Work::Opening => plan.creating.stopped_at(step),
                _ => {}
            },
            Line::Failed(why) => return Err(CrashError::new(CrashErrorKind::Store, why)),
        }
        Ok(())
    }

    fn numbers(&mut self, sequence: usize, first: u64, len: u64) -> Result<(), CrashError> {
        let Some(highest) = self.highest.get_mut(sequence) else { return Ok(()) };
        if first <= *highest {
            let text = format!("expected numbers above {highest}, found {len} from {first} on");
            return Err(CrashError::new(CrashErrorKind::Repeated, text));
        }
        *highest = first.saturating_add(len - 1);
        Ok(())
    }

    /// Opens the store and compares it with the log.
    fn compare(&mut self, figures: &mut CrashFigures) -> Result<(), CrashError> {
        let store =
            (self.open)(&self.path, &Steps::default()).map_err(failed("opening the store"))?;
        let keyer = store.keyer().clone();
        let stamp = keyer.stamp();
        if self.stamp.get_or_insert(stamp) != &stamp {
            let text = "expected the keys of the first opening, found others";
            return Err(CrashError::new(CrashErrorKind::Rekeyed, text));
        }
        let seed = self.seed;
        let filing = self.filing.get_or_insert_with(|| Filing::new(seed, keyer));
        filing.advance_to(self.applied).map_err(broken)?;
        if let Some(number) = self.under_way.take() {
            let batch = filing.batch().map_err(broken)?;
            match block_on(look(&store, &batch, filing.books())).map_err(found)? {
                Presence::Absent => figures.absent += 1,
                Presence::Whole => {
                    figures.whole += 1;
                    filing.advance(&batch);
                    self.applied += 1;
                }
                Presence::Torn { there, of } => return Err(torn(number, there, of)),
            }
        }
        block_on(inspect(&store, filing.books())).map_err(found)?;
        figures.inspections += 1;
        for (place, sequence) in SEQUENCES.into_iter().enumerate() {
            let block = block_on(store.allocate(TENANT, sequence, NonZeroU32::MIN));
            let block = block.map_err(failed("allocating numbers"))?;
            self.numbers(place, block.first(), 1)?;
            figures.blocks += 1;
        }
        Ok(())
    }
}

fn torn(batch: u64, there: usize, of: usize) -> CrashError {
    let text = format!("of batch {batch}, expected {of} changes or none, found {there}");
    CrashError::new(CrashErrorKind::Torn, text)
}

fn found(finding: Finding) -> CrashError {
    match finding {
        Finding::Differs(text) => CrashError::new(CrashErrorKind::Lost, text),
        Finding::Failed(error) => failed("reading the store")(error),
    }
}

fn failed(attempt: &'static str) -> impl FnOnce(StoreError) -> CrashError {
    move |error| CrashError::new(CrashErrorKind::Store, attempt).because(error)
}

fn broken(trouble: Trouble) -> CrashError {
    CrashError::new(CrashErrorKind::Child, "expected to make the next batch").because(trouble)
}

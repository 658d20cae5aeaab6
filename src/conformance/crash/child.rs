//! The process that files until it is killed.

use std::convert::Infallible;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio, exit};

use super::filing::{Filing, SEQUENCES, TENANT, Trouble};
use super::line::Line;
use super::presence::{Presence, told};
use super::steps::Steps;

use crate::conformance::block_on;
use crate::store::{Commit, FullStore, StoreError};

/// Where the child finds its orders; whoever has none is the parent.
const ORDERS: &str = "CORRESPOND_CRASH";
const PATH: &str = "CORRESPOND_CRASH_PATH";

/// How this program is started once more, as the child.
#[derive(Clone, Debug)]
pub(super) struct Relaunch(Vec<OsString>);

impl Relaunch {
    /// As a test binary that runs the test of this name alone.
    pub(super) fn test(name: &str) -> Self {
        Self(["--exact", name, "--nocapture", "--test-threads=1"].map(OsString::from).into())
    }

    /// As it was started.
    pub(super) fn same() -> Self {
        Self(env::args_os().skip(1).collect())
    }

    /// The command that starts the child.
    pub(super) fn command(&self, orders: &Orders, path: &Path) -> std::io::Result<Command> {
        let mut command = Command::new(env::current_exe()?);
        command.args(&self.0).env(ORDERS, orders.to_text()).env(PATH, path);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        Ok(command)
    }
}

/// When the child stops and waits to be killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Never: it is killed as it goes.
    Never,
    /// At this write step of opening the store.
    Opening(u64),
    /// After so many batches, at this write step of the first commit or allocation that has as many.
    Filing { batches: u64, step: u64 },
}

impl Stop {
    /// Some work begins, after so many batches.
    fn arm(self, done: u64, steps: &Steps) {
        steps.begin();
        match self {
            Self::Filing { batches, step } if batches <= done => steps.stop_at(step),
            _ => {}
        }
    }
}

/// What the child is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Orders {
    pub(super) seed: u64,
    /// The first batch that is not known to have been applied.
    pub(super) from: u64,
    pub(super) stop: Stop,
}

impl Orders {
    fn to_text(self) -> String {
        let (batches, step) = match self.stop {
            Stop::Never => (0, 0),
            Stop::Opening(step) => (0, step),
            Stop::Filing { batches, step } => (batches + 1, step),
        };
        format!("{} {} {batches} {step}", self.seed, self.from)
    }

    fn from_text(text: &str) -> Option<Self> {
        let numbers: Option<Vec<u64>> = text.split(' ').map(|number| number.parse().ok()).collect();
        let [seed, from, batches, step] = numbers?.try_into().ok()?;
        let stop = match (batches.checked_sub(1), step) {
            (_, 0) => Stop::Never,
            (None, step) => Stop::Opening(step),
            (Some(batches), step) => Stop::Filing { batches, step },
        };
        Some(Self { seed, from, stop })
    }
}

/// Where this process is a child: files until it is killed, and does not return.
pub(super) fn obey<S: FullStore>(open: &impl Fn(&Path, &Steps) -> Result<S, StoreError>) {
    let Some(text) = env::var_os(ORDERS) else { return };
    let orders = text.to_str().and_then(Orders::from_text);
    let path = env::var_os(PATH).map(PathBuf::from);
    let Err(trouble) = orders.zip(path).map_or_else(
        || Err("the orders in the environment cannot be read".into()),
        |(orders, path)| work(open, orders, &path),
    );
    let mut text = trouble.to_string();
    let mut cause = trouble.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    Line::Failed(text).report();
    exit(1)
}

fn work<S: FullStore>(
    open: &impl Fn(&Path, &Steps) -> Result<S, StoreError>,
    orders: Orders,
    path: &Path,
) -> Result<Infallible, Trouble> {
    let steps = Steps::default();
    if let Stop::Opening(step) = orders.stop {
        steps.stop_at(step);
    }
    let store = open(path, &steps)?;
    Line::Ready(steps.made()).report();
    block_on(file(&store, orders, &steps))
}

async fn file<S: FullStore>(
    store: &S,
    orders: Orders,
    steps: &Steps,
) -> Result<Infallible, Trouble> {
    let mut filing = Filing::new(orders.seed, store.keyer().clone());
    filing.advance_to(orders.from)?;
    loop {
        let done = filing.number() - orders.from;
        orders.stop.arm(done, steps);
        let batch = filing.batch()?;
        Line::Begin(filing.number()).report();
        match store.commit(&batch).await? {
            Commit::Applied => Line::Applied(filing.number(), steps.here()).report(),
            Commit::Refused(refusals) => {
                let number = filing.number();
                match told(&batch, &refusals).filter(|_| done == 0) {
                    Some(Presence::Whole) => Line::Kept(number).report(),
                    Some(Presence::Torn { there, of }) => {
                        Line::Torn(number, there, of).report();
                        Line::wait_for_the_end();
                    }
                    _ => {
                        let text = format!("expected batch {number} to apply, found {refusals:?}");
                        return Err(text.into());
                    }
                }
            }
        }
        filing.advance(&batch);
        if let Some((sequence, len)) = filing.draw()
            && let Some(key) = SEQUENCES.get(sequence)
        {
            orders.stop.arm(done + 1, steps);
            Line::Draw(sequence).report();
            let block = store.allocate(TENANT, *key, len).await?;
            Line::Drew(sequence, block.first(), u64::from(block.len().get())).report();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read_as_they_are_given() {
        for stop in [Stop::Never, Stop::Opening(3), Stop::Filing { batches: 0, step: 1 }] {
            let orders = Orders { seed: 1, from: 700, stop };
            assert_eq!(Orders::from_text(&orders.to_text()), Some(orders));
        }
        assert_eq!(Orders::from_text("1 2 3"), None);
    }
}

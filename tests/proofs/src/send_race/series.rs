//! Runs that are killed and begin again, until all came to their end.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use correspond_send_campaign::counting::{CountingServer, Moment};

use super::gate::Gate;
use super::judge::{Figures, Wrong};
use super::seat::Fault;
use super::{Failure, Job, hello};
use crate::arguments::Arguments;

/// How it is run.
#[derive(Clone, Debug)]
pub struct Series {
    pub sends: usize,
    pub processes: usize,
    pub workers: usize,
    pub part: usize,
    /// One is killed so often.
    pub every: Duration,
    /// No more kills than these.
    pub kills: usize,
    pub fault: Fault,
}

/// A run, wherever it is.
pub trait Running {
    /// Kills it, and returns when nothing of it is left but what the gate holds.
    fn kill(&mut self) -> Result<(), Failure>;

    /// Waits for what the gate held.
    fn bury(self) -> Result<(), Failure>;

    /// Has it come to its end?
    fn is_finished(&mut self) -> Result<bool, Failure>;
}

/// What there was.
#[derive(Debug)]
pub struct Left {
    /// How many mails each address got.
    pub counts: HashMap<String, u32>,
    /// The runs that were killed.
    pub killed: BTreeSet<u128>,
    /// How many were killed while the server held a mail of theirs.
    pub in_flight: usize,
    pub time: Duration,
}

impl Series {
    /// Reads the options of a series: `--sends N --processes N --workers N --part N --every MS --kills N
    /// --fault FAULT`.
    pub fn read(
        arguments: &mut Arguments,
        sends: usize,
        processes: usize,
        fault: &str,
    ) -> Result<Self, Failure> {
        let mut read =
            |name: &str| arguments.option(name).map_err(|error| Failure::from(error.to_string()));
        Ok(Self {
            sends: read("--sends")?.unwrap_or(sends),
            processes: read("--processes")?.unwrap_or(processes),
            workers: read("--workers")?.unwrap_or(16),
            part: read("--part")?.unwrap_or(32),
            every: Duration::from_millis(read("--every")?.unwrap_or(1_000) as u64),
            kills: read("--kills")?.unwrap_or(usize::MAX),
            fault: Fault::named(fault)?,
        })
    }

    /// What a series proves: without a fault that all is right, with one that it is noticed.
    pub fn conclude(&self, judged: Result<Figures, Wrong>) -> Result<String, Failure> {
        match (judged, self.fault) {
            (Ok(figures), Fault::None) if figures.kills == 0 => {
                Err(format!("nobody was killed: {figures}").into())
            }
            (Ok(figures), Fault::None) => Ok(figures.to_string()),
            (Ok(_), _) => Err("the fault was not noticed".into()),
            (Err(wrong), Fault::None) => Err(wrong.to_string().into()),
            (Err(wrong), _) => Ok(format!("noticed: {wrong}")),
        }
    }

    /// Runs it; `start` starts a run.
    pub fn run<R: Running>(
        &self,
        start: impl Fn(&Job, Arc<Gate>) -> Result<R, Failure>,
    ) -> Result<Left, Failure> {
        let gate = Arc::new(Gate::awaiting(self.processes));
        let of_server = gate.clone();
        let server = CountingServer::with_plan(move |coming| of_server.pass(coming))?;
        let mut runs = 0;
        let mut begin = |process| {
            runs += 1;
            let job = Job {
                process,
                run: runs,
                sends: self.sends,
                workers: self.workers,
                part: self.part,
                fault: self.fault,
                server: server.url(),
            };
            Ok::<_, Failure>((job.clone(), start(&job, gate.clone())?))
        };
        #[expect(clippy::disallowed_methods, reason = "a program that measures")]
        let begun = Instant::now();
        let mut running = Vec::new();
        for process in 0..self.processes {
            running.push(begin(process)?);
        }
        let (mut killed, mut in_flight) = (BTreeSet::new(), 0);
        loop {
            let mut left = Vec::new();
            for (job, mut run) in running {
                if !run.is_finished()? {
                    left.push((job, run));
                }
            }
            running = left;
            if running.is_empty() {
                break;
            }
            // The first one with its first mail.
            let due = self.every * killed.len() as u32;
            if killed.len() >= self.kills || begun.elapsed() < due {
                thread::sleep(Duration::from_millis(5));
                continue;
            }
            // In turn, whoever still runs.
            let (job, mut run) = running.remove(0);
            let who = hello(job.process, job.run);
            // Before the server has the mail, and when it has it and has not said so.
            let when = if killed.len() % 2 == 0 { Moment::Recipient } else { Moment::Content };
            let mut failed = None;
            let held = gate.stop(&who, when, || match run.is_finished() {
                Ok(finished) => finished,
                Err(error) => {
                    failed = Some(error);
                    true
                }
            });
            if let Some(error) = failed {
                return Err(error);
            }
            if !held {
                gate.go_on();
                continue;
            }
            run.kill()?;
            gate.kill(&who);
            run.bury()?;
            killed.insert(job.run);
            in_flight += usize::from(held);
            running.push(begin(job.process)?);
        }
        let time = begun.elapsed();
        Ok(Left { counts: server.counts(), killed, in_flight, time })
    }
}

/// A run in a process of its own.
pub struct Process(std::process::Child);

impl Process {
    /// Starts this program once more; `command` has what names the store.
    pub fn start(mut command: Command, job: &Job, log: &Path) -> Result<Self, Failure> {
        command
            .args(job.options())
            .arg("--log")
            .arg(log)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        Ok(Self(command.spawn()?))
    }
}

impl Running for Process {
    fn kill(&mut self) -> Result<(), Failure> {
        self.0.kill()?;
        self.0.wait()?;
        Ok(())
    }

    fn bury(self) -> Result<(), Failure> {
        Ok(())
    }

    fn is_finished(&mut self) -> Result<bool, Failure> {
        match self.0.try_wait()? {
            None => Ok(false),
            Some(status) if status.success() => Ok(true),
            Some(status) => Err(format!("a run failed: {status}").into()),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

//! Runs send one segment at the same time through a server that counts, and are killed; of each
//! recipient there is one claim in the end, and at most one mail.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::{env, fs};

use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::store::{AnyStore, poll_once};
use correspond_send_campaign::Here;

use crate::arguments::Arguments;
use crate::send_race::gate::Gate;
use crate::send_race::judge::{Figures, Wrong, judge};
use crate::send_race::series::{Process, Running, Series};
use crate::send_race::{Failure, Job, hello};

/// `sends STORE[:FAULT]` with the options of a [`Series`], `--runs N`, `--dir DIR`; with those of a
/// [`Job`] one run of it.
pub fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    prove(arguments).map_err(|error| error as Box<dyn Error>)
}

fn prove(mut arguments: Arguments) -> Result<(), Failure> {
    let said = |error: Box<dyn Error>| error.to_string();
    let name = arguments.word().ok_or("expected a store, found none")?;
    let (store, fault) = name.split_once(':').unwrap_or((&name, "none"));
    // One process has the file at a time.
    let (sends, processes) = match store {
        "memory" => (100_000, 4),
        "redb" => (20_000, 1),
        other => return Err(format!("expected a store, found {other:?}").into()),
    };
    let dir: Option<PathBuf> = arguments.option("--dir").map_err(said)?;
    if let Some((job, log)) = Job::read(&mut arguments)? {
        arguments.end().map_err(said)?;
        let store = RedbStore::open(dir.ok_or("a run has all options")?.join("sends.redb"))?;
        job.work(&store, &Here, &log, || false)?;
        return Ok(());
    }
    let series = Series::read(&mut arguments, sends, processes, fault)?;
    let runs: usize = arguments.option("--runs").map_err(said)?.unwrap_or(1);
    arguments.end().map_err(said)?;
    let temporary = tempfile::tempdir()?;
    let dir = dir.unwrap_or_else(|| temporary.path().to_owned());
    for number in 0..runs {
        let dir = dir.join(format!("sends-{number}"));
        fs::create_dir_all(&dir)?;
        let judged =
            if store == "memory" { in_threads(&series, &dir) } else { in_processes(&series, &dir) };
        println!("{name}: {}", series.conclude(judged?)?);
    }
    Ok(())
}

/// A run in threads of this process. Killed, its store fails and the server hangs up: of what it does
/// then nothing is seen.
struct Thread {
    who: String,
    gate: Arc<Gate>,
    dead: Arc<AtomicBool>,
    work: Option<JoinHandle<Result<(), Failure>>>,
}

impl Running for Thread {
    fn kill(&mut self) -> Result<(), Failure> {
        self.dead.store(true, Ordering::SeqCst);
        Ok(())
    }

    fn bury(mut self) -> Result<(), Failure> {
        self.gate.kill(&self.who);
        // It fails, as it should.
        let _ = self.work.take().map(JoinHandle::join);
        Ok(())
    }

    fn is_finished(&mut self) -> Result<bool, Failure> {
        match self.work.take() {
            Some(work) if !work.is_finished() => {
                self.work = Some(work);
                Ok(false)
            }
            Some(work) => work.join().map_err(|_| "a thread panicked")?.map(|()| true),
            None => Ok(true),
        }
    }
}

fn in_threads(series: &Series, dir: &Path) -> Result<Result<Figures, Wrong>, Failure> {
    let (store, log) = (Arc::new(AnyStore::new(MemoryStore::default())), dir.join("claims"));
    let left = series.run(|job, gate| {
        let (job, store, log) = (job.clone(), store.clone(), log.clone());
        let dead = Arc::new(AtomicBool::new(false));
        let (who, dies) = (hello(job.process, job.run), dead.clone());
        let work = thread::spawn(move || {
            let worked = job.work(&*store, &Here, &log, || dies.load(Ordering::SeqCst));
            worked.map(|_| ())
        });
        Ok(Thread { who, gate, dead, work: Some(work) })
    })?;
    poll_once(judge(&*store, series, &left, &log)).ok_or("not ready at once")?
}

fn in_processes(series: &Series, dir: &Path) -> Result<Result<Figures, Wrong>, Failure> {
    let log = dir.join("claims");
    let left = series.run(|job, _| {
        let mut command = Command::new(env::current_exe()?);
        command.args(["sends", "redb", "--dir"]).arg(dir);
        Process::start(command, job, &log)
    })?;
    let store = RedbStore::open(dir.join("sends.redb"))?;
    poll_once(judge(&store, series, &left, &log)).ok_or("not ready at once")?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(text: &str) -> Arguments {
        Arguments::new(text.split(' ').map(str::to_owned))
    }

    #[test]
    fn in_a_small_series_each_recipient_is_sent_to_once() {
        run(arguments("memory --sends 2000 --workers 4 --part 8 --every 30 --kills 10")).unwrap();
    }

    #[test]
    fn faults_are_found_out_in_every_run() {
        for fault in ["memory:claims-later", "memory:settles-first"] {
            let small = "--sends 500 --workers 4 --part 8 --every 20 --kills 2 --runs 10";
            run(arguments(&format!("{fault} {small}"))).unwrap();
        }
    }
}

//! Tasks of several processes do the same at the same time.
//!
//! A race is a type that is a [`Race`], an arm and a line of the usage in `main`, and a sample in
//! `tests/proofs.rs`. [`run`] makes a schema and starts this program again, once a process, with the
//! options of [`Race::options`]; each child opens the store over as many connections as it has tasks
//! and says `ready`; when all have, they are told `go`. What a task returns is what it got, as lines
//! on the child's output; [`Race::judge`] has all of them, and a store of its own to compare with.

use std::env;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::num::NonZeroUsize;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use correspond::adapter::postgres::{NoTls, Options, PostgresStore, SchemaName};
use correspond_postgres_tests::{block_on, fresh_name, remove};

use crate::Result;
use crate::arguments::Arguments;

/// What is raced for.
pub trait Race: Sized + Send + Sync + 'static {
    /// What it is called on the command line.
    const NAME: &'static str;

    /// Reads the options of the race.
    fn read(arguments: &mut Arguments) -> Result<Self>;

    /// The options, for the children.
    fn options(&self) -> Vec<String>;

    /// What one task does; a line for each thing that it got.
    fn task(
        &self,
        store: &PostgresStore,
        place: Place,
    ) -> impl Future<Output = Result<Vec<String>>> + Send;

    /// What all tasks got, and what the store holds: is it as it should be? Says so.
    fn judge(
        &self,
        store: &PostgresStore,
        got: Vec<String>,
    ) -> impl Future<Output = Result<String>> + Send;
}

/// Which task of which process.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub process: usize,
    pub task: usize,
    pub processes: usize,
    pub tasks: usize,
}

impl Place {
    /// A number that no other task has, not 0.
    pub const fn number(&self) -> usize {
        self.process * self.tasks + self.task + 1
    }
}

fn needed<T>(value: Option<T>) -> Result<T> {
    Ok(value.ok_or("a child has all options")?)
}

/// Runs the race, or one process of it.
pub fn run<R: Race>(mut arguments: Arguments) -> Result<()> {
    let url = env::var("DATABASE_URL").map_err(|_| "expected DATABASE_URL to name a server")?;
    let error = |error: Box<dyn std::error::Error>| error.to_string();
    let processes = arguments.option("--processes").map_err(error)?.unwrap_or(4);
    let tasks = arguments.option("--tasks").map_err(error)?.unwrap_or(16);
    let process: Option<usize> = arguments.option("--process").map_err(error)?;
    let schema: Option<String> = arguments.option("--schema").map_err(error)?;
    let race = R::read(&mut arguments)?;
    arguments.end().map_err(error)?;
    if let Some(process) = process {
        let place = Place { process, task: 0, processes, tasks };
        return child(race, &url, needed(schema)?.parse()?, place);
    }

    let schema = fresh_name();
    let options = Options::default().schema(schema.clone());
    let store = block_on(PostgresStore::connect(&url, NoTls, &options))?;
    let mut children = Vec::new();
    for process in 0..processes {
        let child = Command::new(env::current_exe()?)
            .arg(R::NAME)
            .args(race.options())
            .args(["--processes", &processes.to_string(), "--tasks", &tasks.to_string()])
            .args(["--process", &process.to_string(), "--schema", schema.as_str()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        children.push(Running::new(child)?);
    }
    // Nobody begins before all are there.
    for child in &mut children {
        child.ready()?;
    }
    #[expect(clippy::disallowed_methods, reason = "a program that measures")]
    let begun = Instant::now();
    for child in &mut children {
        child.go()?;
    }
    let mut got = Vec::new();
    for lines in
        children.into_iter().map(|child| thread::spawn(|| child.finish())).collect::<Vec<_>>()
    {
        got.extend(lines.join().map_err(|_| "a thread panicked")??);
    }
    let time = begun.elapsed().as_secs_f64();
    // The pool of before has its connections in a runtime that has ended.
    let found = block_on(async {
        let store_again = PostgresStore::connect(&url, NoTls, &options).await?;
        race.judge(&store_again, got).await
    })?;
    drop(store);
    println!("{}: {processes} processes x {tasks} tasks, {time:.1} s: {found}", R::NAME);
    block_on(remove(&url, &schema));
    Ok(())
}

/// A child process; it is killed when this is dropped.
struct Running {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Running {
    fn new(mut child: Child) -> Result<Self> {
        let lines = BufReader::new(child.stdout.take().ok_or("expected a pipe")?);
        Ok(Self { child, lines })
    }

    fn ready(&mut self) -> Result<()> {
        let mut line = String::new();
        self.lines.read_line(&mut line)?;
        if line == "ready\n" {
            Ok(())
        } else {
            Err(format!("expected ready, found {line:?}").into())
        }
    }

    fn go(&mut self) -> Result<()> {
        let input = self.child.stdin.as_mut().ok_or("expected a pipe")?;
        Ok(input.write_all(b"go\n")?)
    }

    fn finish(mut self) -> Result<Vec<String>> {
        let lines: std::io::Result<Vec<String>> = (&mut self.lines).lines().collect();
        let lines = lines?;
        let status = self.child.wait()?;
        if status.success() { Ok(lines) } else { Err(format!("a process failed: {status}").into()) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn child<R: Race>(race: R, url: &str, schema: SchemaName, place: Place) -> Result<()> {
    block_on(async {
        // As many connections as tasks: nobody waits for his turn in a pool.
        let connections = NonZeroUsize::new(place.tasks).unwrap_or(NonZeroUsize::MIN);
        let options = Options::default().schema(schema).connections(connections);
        let store = PostgresStore::connect(url, NoTls, &options).await?;
        let mut clients = Vec::new();
        for _ in 0..place.tasks {
            clients.push(store.pool().get().await?);
        }
        drop(clients);
        println!("ready");
        std::io::stdin().read_line(&mut String::new())?;
        let race = std::sync::Arc::new(race);
        let running: Vec<_> = (0..place.tasks)
            .map(|task| {
                let (race, store) = (race.clone(), store.clone());
                tokio::spawn(async move { race.task(&store, Place { task, ..place }).await })
            })
            .collect();
        let mut written = BufWriter::new(std::io::stdout().lock());
        for task in running {
            for line in task.await?? {
                writeln!(written, "{line}")?;
            }
        }
        Ok(written.flush()?)
    })
}

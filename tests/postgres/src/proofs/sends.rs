//! Processes of several workers send one segment at the same time through a server that counts; one
//! is killed again and again. Of each recipient there is one claim in the end, and at most one mail.

use std::env;
use std::num::NonZeroUsize;
use std::process::Command;

use correspond::adapter::postgres::{NoTls, Options, PostgresStore, SchemaName};
use correspond_postgres_tests::{block_on, fresh_name, remove};
use correspond_send_campaign::Wait;
use tokio::runtime::Handle;

use crate::Result;
use crate::arguments::Arguments;
use crate::send_race::Job;
use crate::send_race::judge::judge;
use crate::send_race::series::{Process, Series};

/// The threads of the workers wait; the connections are driven by the runtime.
struct Runtime(Handle);

impl Wait for Runtime {
    fn wait<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}

/// `sends` with the options of a [`Series`]; with those of a [`Job`] one run of it.
pub fn run(mut arguments: Arguments) -> Result<()> {
    let url = env::var("DATABASE_URL").map_err(|_| "expected DATABASE_URL to name a server")?;
    let said = |error: Box<dyn std::error::Error>| error.to_string();
    if let Some((job, log)) = Job::read(&mut arguments)? {
        let schema: Option<String> = arguments.option("--schema").map_err(said)?;
        let schema: SchemaName = schema.ok_or("a run has all options")?.parse()?;
        arguments.end().map_err(said)?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        // As many connections as workers: nobody waits for his turn in a pool.
        let connections = NonZeroUsize::new(job.workers).unwrap_or(NonZeroUsize::MIN);
        let options = Options::default().schema(schema).connections(connections);
        let store = runtime.block_on(PostgresStore::connect(&url, NoTls, &options))?;
        job.work(&store, &Runtime(runtime.handle().clone()), &log, || false)?;
        return Ok(());
    }
    let fault: Option<String> = arguments.option("--fault").map_err(said)?;
    let fault = fault.unwrap_or_else(|| "none".into());
    let series = Series::read(&mut arguments, 100_000, 4, &fault)?;
    arguments.end().map_err(said)?;

    let schema = fresh_name();
    let options = Options::default().schema(schema.clone());
    // Made before anybody opens it.
    drop(block_on(PostgresStore::connect(&url, NoTls, &options))?);
    let dir = tempfile::tempdir()?;
    let log = dir.path().join("claims");
    let left = series.run(|job, _| {
        let mut command = Command::new(env::current_exe()?);
        command.args(["sends", "--schema", schema.as_str()]);
        Process::start(command, job, &log)
    })?;
    let judged = block_on(async {
        let store = PostgresStore::connect(&url, NoTls, &options).await?;
        judge(&store, &series, &left, &log).await
    })?;
    let Series { processes, workers, .. } = series;
    println!("sends: {processes} processes x {workers} workers: {}", series.conclude(judged)?);
    block_on(remove(&url, &schema));
    Ok(())
}

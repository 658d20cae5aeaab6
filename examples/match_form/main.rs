//! Which contact and which lead does each form submission belong to, and why?
//!
//! `cargo run --release --example match_form -- --help`

mod input;
mod options;
mod run;

use std::error::Error;
use std::process::ExitCode;

use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::store::poll_once;

use options::{Options, StoreAt};

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{}", options::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("match_form: {problem}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut text = error.to_string();
            let mut source = error.source();
            while let Some(error) = source {
                text = format!("{text}: {error}");
                source = error.source();
            }
            eprintln!("match_form: {text}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    const AT_ONCE: &str = "this store answers at the first poll";
    match &options.store {
        StoreAt::Memory => poll_once(run::all(&MemoryStore::default(), options)).ok_or(AT_ONCE)?,
        StoreAt::Redb(path) => {
            poll_once(run::all(&RedbStore::open(path)?, options)).ok_or(AT_ONCE)?
        }
        #[cfg(feature = "postgres")]
        StoreAt::Postgres(url) => {
            use correspond::adapter::postgres::{NoTls, Options as Pool, PostgresStore};

            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let store = PostgresStore::connect(url, NoTls, &Pool::default()).await?;
                run::all(&store, options).await
            })
        }
        #[cfg(not(feature = "postgres"))]
        StoreAt::Postgres(_) => Err("--store postgres:URL: expected a build with the feature \
             `postgres` (cargo run --features postgres ...), found one without it"
            .into()),
    }
}

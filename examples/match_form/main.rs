//! Which contact and which lead does each form submission belong to, and why?
//!
//! `cargo run --release --example match_form -- --help`

#[path = "../support/csv_lines.rs"]
mod csv_lines;
mod deliver;
mod import;
mod input;
mod options;
mod report;
mod rows;
mod run;

use std::error::Error;
use std::io;
use std::process::ExitCode;

use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::store::poll_once;

use options::{Options, StoreAt};
use run::Input;

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
        // Whoever reads our output has seen enough.
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("match_form: {}", chain(error.as_ref()));
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

/// An error with what is behind it, each once.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let said = error.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        source = error.source();
    }
    text
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    const AT_ONCE: &str = "this store answers at the first poll";
    // Before a store is opened, which makes one where there is none.
    let input = Input::read(options)?;
    match &options.store {
        StoreAt::Memory => {
            poll_once(input.work(&MemoryStore::default(), options)).ok_or(AT_ONCE)?
        }
        StoreAt::Redb(path) => {
            poll_once(input.work(&RedbStore::open(path)?, options)).ok_or(AT_ONCE)?
        }
        #[cfg(feature = "postgres")]
        StoreAt::Postgres(url) => {
            use correspond::adapter::postgres::{NoTls, Options as Pool, PostgresStore};

            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let store = PostgresStore::connect(url, NoTls, &Pool::default()).await?;
                input.work(&store, options).await
            })
        }
        #[cfg(not(feature = "postgres"))]
        StoreAt::Postgres(_) => Err("--store postgres:URL: expected a build with the feature \
             `postgres` (cargo run --features postgres ...), found one without it"
            .into()),
    }
}

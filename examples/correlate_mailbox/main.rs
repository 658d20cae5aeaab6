//! Which mails of a mailbox belong together, and why?
//!
//! `cargo run --release --example correlate_mailbox -- --help`
#![allow(clippy::indexing_slicing, reason = "places in lists of its own, never in a mail")]

mod activity;
mod entry;
mod listing;
mod names;
mod notices;
mod options;
#[cfg(feature = "postgres")]
mod postgres;
mod progress;
mod report;
mod run;
mod settings;
mod source;
#[path = "../support/mod.rs"]
mod support;

use std::error::Error;
use std::io;
use std::process::ExitCode;

use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::correlation::Correlator;
use correspond::settings::CorrelationSettings;
use correspond::store::Blocking;

use activity::Kept;
use listing::Listing;
use names::Counted;
use options::{Options, StoreAt};
use run::{Run, TENANT};

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{}", options::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("correlate_mailbox: {problem}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        // Said already; the other inputs were read.
        Ok(false) => ExitCode::from(2),
        // Whoever reads our output has seen enough.
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("correlate_mailbox: {}", chain(error.as_ref()));
            ExitCode::from(2)
        }
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
}

fn correlator(options: &Options) -> Result<Correlator, Box<dyn Error>> {
    let mut settings = match &options.settings {
        None => CorrelationSettings::default(),
        Some(path) => settings::read(path)?,
    };
    if let Some(order) = &options.methods {
        settings.order = order.clone();
    }
    let correlator = Correlator::new(settings);
    for finding in correlator.findings() {
        let file = options
            .settings
            .as_ref()
            .map_or_else(|| "settings".into(), |path| path.to_string_lossy());
        eprintln!("{file}: {finding}");
    }
    Ok(correlator)
}

/// True where every input could be opened.
fn run(options: &Options) -> Result<bool, Box<dyn Error>> {
    let correlator = correlator(options)?;
    match &options.store {
        StoreAt::Memory => {
            let store = Blocking::new(MemoryStore::default());
            let (names, listing) = (Counted::default(), Listing::counted());
            Run::new(options, correlator, &store, names, listing).run()
        }
        StoreAt::Redb(path) => {
            let store = Blocking::new(if options.rebuild {
                // An activity has no keys: it stays as it is.
                RedbStore::rebuild(path, |kept, _| Ok(kept.record.clone()))?
            } else {
                RedbStore::open(path)?
            });
            let (names, listing) = (Kept::new(&store, TENANT), Listing::by_id());
            Run::new(options, correlator, &store, names, listing).run()
        }
        #[cfg(feature = "postgres")]
        StoreAt::Postgres(url) => {
            let store = Blocking::new(postgres::Waiting::open(url, options.rebuild)?);
            let (names, listing) = (Kept::new(&store, TENANT), Listing::by_id());
            Run::new(options, correlator, &store, names, listing).run()
        }
        #[cfg(not(feature = "postgres"))]
        StoreAt::Postgres(_) => Err("--store postgres:URL: expected a build with the feature \
             `postgres` (cargo run --features postgres ...), found one without it"
            .into()),
    }
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

//! Which mails of a mailbox belong together, and why?
//!
//! `cargo run --release --example correlate_mailbox -- --help`
#![allow(clippy::indexing_slicing, reason = "places in lists of its own, never in a mail")]

mod listing;
mod names;
mod notices;
mod options;
mod progress;
mod report;
mod source;
#[path = "../support/mod.rs"]
mod support;

use std::error::Error;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use correspond::adapter::memory::MemoryStore;
use correspond::correlation::{Correlator, Outcome, Verdict};
use correspond::flow::{Arrival, file};
use correspond::id::TenantId;
use correspond::message::Message;
use correspond::settings::CorrelationSettings;
use correspond::store::Blocking;

use listing::Listing;
use names::Names;
use notices::Notices;
use options::{Format, Options};
use progress::Progress;
use report::{InOrder, Summary};
use source::{Sources, with_message};

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
            eprintln!("correlate_mailbox: {error}");
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
        Some(path) => {
            let text = fs::read_to_string(path).map_err(|error| {
                let path = path.display();
                format!("{path}: expected settings that can be read, found {error}")
            })?;
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?
        }
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

/// The run: what was filed so far, and what is printed of it.
struct Run<'a> {
    options: &'a Options,
    correlator: Correlator,
    store: Blocking<MemoryStore>,
    names: Names,
    listing: Listing,
    summary: Summary,
}

/// True where every input could be opened.
fn run(options: &Options) -> Result<bool, Box<dyn Error>> {
    let mut run = Run {
        options,
        correlator: correlator(options)?,
        store: Blocking::new(MemoryStore::default()),
        names: Names::default(),
        listing: Listing::default(),
        summary: Summary::default(),
    };
    let notices = Notices::new(options.defects);
    let sources = Sources::survey(&options.paths, &notices);
    notices.finish();
    let progress = Progress::new(sources.mails, options.format == Format::Jsonl);
    let out = io::stdout().lock();
    let mut lines = InOrder::new(BufWriter::new(out));
    for (done, mail) in sources.by_date().enumerate() {
        let filed = with_message(&mail.found, |message| run.file(message, mail.date));
        // Read once already: a mail that cannot be read any more was reported then.
        let Ok(filed) = filed else { continue };
        let (id, verdict) = filed?;
        let wanted = options.explain.is_some() && options.explain == id;
        if wanted {
            drop(progress);
            let id = id.as_deref().unwrap_or_default();
            report::explain(&mut io::stdout(), id, &verdict, &run.names)?;
            return Ok(notices.all_opened());
        }
        if options.format == Format::Jsonl && options.explain.is_none() {
            lines.line(mail.ordinal, report::json_line(id.as_deref(), &verdict, &run.names)?)?;
        }
        progress.at(done + 1);
    }
    lines.finish()?;
    drop(progress);
    if let Some(id) = &options.explain {
        return Err(format!("expected a mail with Message-ID <{id}>, found none").into());
    }
    run.finish(&notices.counts())?;
    Ok(notices.all_opened())
}

impl Run<'_> {
    fn file(
        &mut self,
        message: &Message<'_>,
        created: chrono::DateTime<chrono::Utc>,
    ) -> Result<(Option<String>, Verdict), Box<dyn Error>> {
        let id = self.names.next_id();
        let arrival = Arrival::new(TenantId::new(1), id, created);
        let correlator = &self.correlator;
        let filed =
            self.store.run(async |store| file(store, correlator, arrival, message).await)??;
        let verdict = filed.verdict;
        self.summary.count(&verdict);
        let name = message.message_id().map(|id| id.as_str().to_owned());
        if matches!(verdict.outcome(), Outcome::Duplicate { .. }) {
            return Ok((name, verdict));
        }
        self.names.push(name.as_deref());
        if self.options.format == Format::Text {
            let rules = &self.correlator.settings().subject;
            self.listing.push(message, created, rules, &verdict);
        }
        Ok((name, verdict))
    }

    fn finish(mut self, notices: &str) -> io::Result<()> {
        match self.options.format {
            Format::Text => {
                let mut out = BufWriter::new(io::stdout().lock());
                self.listing.print(&mut out, self.options.all)?;
                self.summary.print(&mut out, notices, Some(&mut self.listing))?;
                out.flush()
            }
            // Standard output is for the lines alone.
            Format::Jsonl => self.summary.print(&mut io::stderr(), notices, None),
            Format::Summary => {
                self.summary.print(&mut io::stdout(), notices, None)?;
                print_memory(self.summary.mails);
                Ok(())
            }
        }
    }
}

/// The resident memory of this process, where the system tells it.
fn print_memory(mails: usize) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for (field, what) in [("VmRSS:", "resident"), ("VmHWM:", "at the most")] {
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
        if let Some(kib) = kib {
            println!("memory      {kib} KiB {what}, {} octets a mail", kib * 1024 / mails.max(1));
        }
    }
}

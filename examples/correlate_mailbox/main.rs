//! Which mails of a mailbox belong together, and why?
//!
//! `cargo run --release --example correlate_mailbox -- --help`

mod book;
mod options;
mod progress;
mod report;
mod source;
#[path = "../support/mod.rs"]
mod support;

use std::cell::Cell;
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

use book::{Entry, Names, Threads};
use options::{Format, Options};
use progress::Progress;
use report::{InOrder, Summary};
use source::{Sources, with_message};
use support::input::Problem;

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
        Ok(()) => ExitCode::SUCCESS,
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
            let text = fs::read_to_string(path)
                .map_err(|error| format!("{}: expected settings: {error}", path.display()))?;
            serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?
        }
    };
    if let Some(order) = &options.methods {
        settings.order = order.clone();
    }
    let correlator = Correlator::new(settings);
    for finding in correlator.findings() {
        eprintln!("settings: {finding}");
    }
    Ok(correlator)
}

/// The run: what was filed so far, and what is printed of it.
struct Run<'a> {
    options: &'a Options,
    correlator: Correlator,
    store: Blocking<MemoryStore>,
    names: Names,
    threads: Threads,
    entries: Vec<Entry>,
    summary: Summary,
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let mut run = Run {
        options,
        correlator: correlator(options)?,
        store: Blocking::new(MemoryStore::default()),
        names: Names::default(),
        threads: Threads::default(),
        entries: Vec::new(),
        summary: Summary::default(),
    };
    let problems = Cell::new(0);
    let report = |problem: &Problem| {
        problems.set(problems.get() + 1);
        eprintln!("{problem}");
    };
    let sources = Sources::survey(&options.paths, &report);
    run.summary.problems = problems.get();
    let progress = Progress::new(sources.mails);
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
            return Ok(report::explain(
                &mut io::stdout(),
                id.as_deref().unwrap_or_default(),
                &verdict,
                &run.names,
            )?);
        }
        if options.format == Format::Jsonl && options.explain.is_none() {
            let line = report::json_line(id.as_deref(), &verdict, &run.names);
            lines.line(mail.ordinal, line.to_string())?;
        }
        progress.at(done + 1);
    }
    lines.finish()?;
    drop(progress);
    match &options.explain {
        Some(id) => Err(format!("expected a mail with Message-ID <{id}>, found none").into()),
        None => Ok(run.finish()?),
    }
}

impl Run<'_> {
    fn file(
        &mut self,
        message: &Message<'_>,
        created: chrono::DateTime<chrono::Utc>,
    ) -> Result<(Option<String>, Verdict), Box<dyn Error>> {
        let id = self.names.next_id();
        let arrival = Arrival { tenant: TenantId::new(1), id, created };
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
            self.threads.push();
            self.entries.push(Entry::of(message, created, &verdict));
            let at = self.entries.len() - 1;
            let linked = verdict.conversation().and(verdict.mail()).into_iter();
            for other in linked.chain(verdict.joined().map(|other| other.id)) {
                self.threads.join(at, usize::try_from(other.get())?);
            }
        }
        Ok((name, verdict))
    }

    fn finish(mut self) -> io::Result<()> {
        match self.options.format {
            Format::Text => {
                let mut out = BufWriter::new(io::stdout().lock());
                report::threads(&mut out, &self.entries, &mut self.threads, self.options.all)?;
                self.summary.print(&mut out, Some(&mut self.threads))?;
                out.flush()
            }
            // Standard output is for the lines alone.
            Format::Jsonl => self.summary.print(&mut io::stderr(), None),
            Format::Summary => {
                self.summary.print(&mut io::stdout(), None)?;
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

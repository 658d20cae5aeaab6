//! A file of submissions as one import: a batch a chunk, and on from where an earlier run stopped.

use std::collections::HashSet;
use std::error::Error;
use std::io::{self, IsTerminal, Write};

use chrono::{DateTime, Utc};
use correspond::flow::forms::{FormSetup, ImportJob, ImportRow, Submissions};
use correspond::form::{ImportProgress, StoredSubmission};
use correspond::record::RecordKind;
use correspond::settings::MatchingTarget;
use correspond::store::{Directory, Records, Store};

use crate::chain;
use crate::input::Table;
use crate::report::{Names, Tally};
use crate::rows::Entry;
use crate::run::TENANT;

pub(crate) async fn import<S: Store + Records + Directory>(
    store: &S,
    setup: &FormSetup<'_>,
    (table, mut entries): (&Table, Vec<Entry>),
    names: Names,
    now: DateTime<Utc>,
    summary: bool,
) -> Result<(), Box<dyn Error>> {
    // A submission that is in the file twice is one; the same file always comes to the same rows.
    let (all, mut ids) = (entries.len(), HashSet::new());
    entries.retain(|entry| ids.insert(entry.id));
    let repeated = all - entries.len();

    let submissions = Submissions::default();
    let job = ImportJob::new(TENANT, table.import_id());
    let mut progress = submissions.import_progress(store, &job).await?;
    if progress.rows() > 0 {
        let (done, rows) = (progress.rows(), entries.len());
        let said = format_args!("{done} of {rows} rows were imported by an earlier run");
        eprintln!("{}", table.wrong(said));
    }
    let (mut meter, mut failure) = (Meter::new(entries.len()), None);
    let chunk = usize::from(job.rows_per_batch());
    while let Some(rest) = usize::try_from(progress.rows()).ok().and_then(|at| entries.get(at..)) {
        let row = |entry: &Entry| ImportRow::from(entry.submission.clone()).with_id(entry.id);
        let rows: Vec<ImportRow> = rest.iter().take(chunk).map(row).collect();
        let Some(line) = rest.first().map(|entry| entry.line) else { break };
        match submissions.import_step(store, setup, &job, &progress, &rows, now).await {
            Ok(step) => progress = step.progress,
            Err(error) => {
                // Batches of the step may have gone well before.
                if let Ok(kept) = submissions.import_progress(store, &job).await {
                    progress = kept;
                }
                let place = usize::try_from(progress.rows()).ok().and_then(|at| entries.get(at));
                let line = place.map_or(line, |entry| entry.line);
                failure = Some(table.wrong_at(line, chain(&error)));
                break;
            }
        }
        meter.at(progress.rows());
    }
    drop(meter);
    if !summary {
        let told =
            failed(store, &progress, &entries).await? + &ambiguous(&progress, &entries, &names);
        io::stdout().write_all(told.as_bytes())?;
    }
    tally(&progress, repeated as u64).print(progress.rows())?;
    failure.map_or(Ok(()), |why| Err(why.into()))
}

fn line(entries: &[Entry], row: u64) -> u64 {
    let entry = usize::try_from(row).ok().and_then(|row| entries.get(row));
    entry.map_or(0, |entry| entry.line)
}

/// The rows that failed, and why: that is kept with each.
async fn failed<S: Records>(
    store: &S,
    progress: &ImportProgress,
    entries: &[Entry],
) -> Result<String, Box<dyn Error>> {
    let failures = progress.failures();
    let kept = failures.iter().map(|failed| RecordKind::Submission.of(failed.submission));
    // They are fewer than a read may be of.
    let kept = store.load(TENANT, &kept.collect::<Vec<_>>()).await?;
    let mut told = String::new();
    for (failed, kept) in failures.iter().zip(kept) {
        let kept = kept.map(|kept| StoredSubmission::from_versioned(&kept)).transpose()?;
        let why = kept.as_ref().and_then(|kept| kept.outcome()?.failure()).map(ToString::to_string);
        // Somebody corrected it, or it went well by itself before.
        let why = why.unwrap_or_else(|| "and went well at another time".to_owned());
        told += &format!("line {}: failed: {why}\n", line(entries, failed.row));
    }
    let more = progress.failed() - failures.len() as u64;
    if more > 0 {
        told += &format!("{more} more rows failed\n");
    }
    Ok(told)
}

/// The rows that matched several records.
fn ambiguous(progress: &ImportProgress, entries: &[Entry], names: &Names) -> String {
    let mut told = String::new();
    let mut named = HashSet::new();
    for row in progress.ambiguities() {
        let (line, target) = (line(entries, row.row), row.target);
        let others: Vec<String> = row.others.iter().map(|id| names.of(target, *id)).collect();
        let (taken, others) = (names.of(target, row.record), others.join(", "));
        told += &format!(
            "line {line}: {} {taken} of several matches; also matched: {others}\n",
            target.name()
        );
        named.insert(row.row);
    }
    let more = progress.ambiguous().saturating_sub(named.len() as u64);
    if more > 0 {
        told += &format!("{more} more rows matched several records\n");
    }
    told
}

fn tally(progress: &ImportProgress, repeated: u64) -> Tally {
    let mut tally = Tally::default();
    for target in MatchingTarget::ALL {
        let of = progress.tally(*target);
        for (what, number) in
            [("created", of.created), ("updated", of.updated), ("unchanged", of.unchanged)]
        {
            tally.add(format!("{}s {what}", target.name()), number);
        }
    }
    tally.add("ambiguous: several records matched", progress.ambiguous());
    tally.add("failed, kept to be corrected", progress.failed());
    tally.add("left out: the same id came before", repeated);
    tally
}

/// How far it is: on a terminal in one line, elsewhere a line a tenth.
struct Meter {
    rows: u64,
    tenths: u64,
    shown: bool,
}

impl Meter {
    fn new(rows: usize) -> Self {
        Self { rows: rows as u64, tenths: 0, shown: io::stderr().is_terminal() }
    }

    fn at(&mut self, done: u64) {
        let tenths = done * 10 / self.rows.max(1);
        let said = format!("{done} of {} rows", self.rows);
        // Where nobody can read it, that is no reason to stop.
        let _ = match (self.shown, tenths > self.tenths) {
            (true, _) => write!(io::stderr(), "\r{said}"),
            (false, true) => writeln!(io::stderr(), "{said}"),
            (false, false) => Ok(()),
        };
        self.tenths = tenths;
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r{:50}\r", "");
        }
    }
}

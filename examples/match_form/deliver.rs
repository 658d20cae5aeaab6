//! Submissions one by one, as a web service gets them.

use std::error::Error;
use std::io::{self, Write};

use chrono::{DateTime, Utc};
use correspond::flow::forms::{Delivery, FormSetup, Submissions, Worked};
use correspond::form::TargetOutcome;
use correspond::settings::MatchingTarget;
use correspond::store::{Directory, Records, Store};

use crate::chain;
use crate::input::Table;
use crate::report::{Names, Tally};
use crate::rows::Entry;
use crate::run::TENANT;

pub(crate) async fn deliver<S: Store + Records + Directory>(
    store: &S,
    setup: &FormSetup<'_>,
    (table, entries): (&Table, &[Entry]),
    mut names: Names,
    now: DateTime<Utc>,
    summary: bool,
) -> Result<(), Box<dyn Error>> {
    let submissions = Submissions::default();
    let (mut tally, mut done, mut failure) = (Tally::default(), 0, None);
    for entry in entries {
        let delivery = Delivery::new(TENANT, entry.id, &entry.submission, now);
        let worked = match submissions.submit(store, setup, &delivery).await {
            Ok(worked) => worked,
            Err(error) => {
                // What was done before stays: it is summed up.
                failure = Some(table.wrong_at(entry.line, chain(&error)));
                break;
            }
        };
        done += 1;
        if let (false, Some(outcome)) = (worked.repeated, &worked.outcome) {
            names.number(outcome);
        }
        if !summary {
            io::stdout().write_all(told(entry, &worked, &names).as_bytes())?;
        }
        count(&mut tally, &worked);
    }
    tally.print(done)?;
    failure.map_or(Ok(()), |why| Err(why.into()))
}

fn told(Entry { line, email, .. }: &Entry, worked: &Worked, names: &Names) -> String {
    let who = if email.is_empty() { "(no address)" } else { email };
    let repeated = if worked.repeated { " (delivered before)" } else { "" };
    let mut told = format!("line {line}: {who}{repeated}\n");
    let Some(outcome) = &worked.outcome else {
        return told + "    waits, as others were faster\n";
    };
    for target in MatchingTarget::ALL {
        let of = outcome.of(*target);
        let record = of.record().map(|id| format!(" {}", names.of(*target, id)));
        told += &format!("    {}{} {of}\n", target.name(), record.unwrap_or_default());
    }
    told
}

fn count(tally: &mut Tally, worked: &Worked) {
    if worked.repeated {
        return tally.add("delivered before: nothing changed", 1);
    }
    let Some(outcome) = &worked.outcome else { return tally.add("waiting", 1) };
    if outcome.failure().is_some() {
        return tally.add("failed, kept to be corrected", 1);
    }
    for target in MatchingTarget::ALL {
        let of = outcome.of(*target);
        let what = match of {
            TargetOutcome::Created { .. } => "created",
            TargetOutcome::Updated { .. } => "updated",
            TargetOutcome::Unchanged { .. } => "unchanged",
            _ => continue,
        };
        tally.add(format!("{}s {what}", target.name()), 1);
        if !of.others().is_empty() {
            tally.add(format!("{}s of several that matched", target.name()), 1);
        }
    }
}

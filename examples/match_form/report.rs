//! What a person reads: which records, how many of what.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use correspond::form::{Outcome, TargetOutcome};
use correspond::id::RecordId;
use correspond::settings::MatchingTarget;

/// What records are called.
#[derive(Default)]
pub(crate) struct Names {
    files: HashMap<RecordId, String>,
    made: HashMap<RecordId, String>,
    contacts: u64,
    leads: u64,
}

impl Names {
    /// Those of the contacts of a file, as it has them.
    pub(crate) fn of_file(contacts: impl IntoIterator<Item = (RecordId, String)>) -> Self {
        Self { files: contacts.into_iter().collect(), ..Self::default() }
    }

    /// Numbers what a submission made now.
    pub(crate) fn number(&mut self, outcome: &Outcome) {
        let both = [(&outcome.contact, &mut self.contacts), (&outcome.lead, &mut self.leads)];
        for (of, count) in both {
            if let TargetOutcome::Created { record, .. } = of {
                *count += 1;
                self.made.insert(*record, format!("new {count}"));
            }
        }
    }

    /// The id as its file has it, or the number of one that this run made; else the id in full.
    pub(crate) fn of(&self, target: MatchingTarget, id: RecordId) -> String {
        // Files have contacts alone.
        let known = self.files.get(&id).filter(|_| target == MatchingTarget::Contact);
        known.or_else(|| self.made.get(&id)).cloned().unwrap_or_else(|| format!("{:x}", id.get()))
    }
}

/// How many of what.
#[derive(Default)]
pub(crate) struct Tally(BTreeMap<String, u64>);

impl Tally {
    pub(crate) fn add(&mut self, what: impl Into<String>, number: u64) {
        if number > 0 {
            *self.0.entry(what.into()).or_default() += number;
        }
    }

    pub(crate) fn print(&self, submissions: u64) -> io::Result<()> {
        let mut out = io::stdout();
        writeln!(out, "{submissions} submissions")?;
        for (what, number) in &self.0 {
            writeln!(out, "  {number:>6} {what}")?;
        }
        Ok(())
    }
}

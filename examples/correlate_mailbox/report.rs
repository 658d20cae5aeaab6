//! What is printed.

use std::collections::BTreeMap;
use std::io::{self, Write};

use correspond::correlation::{Evidence, Outcome, Target, Verdict};
use serde_json::{Value, json};

use crate::book::{Entry, Names, Threads};

/// The evidence as clauses; what the headers join is named.
fn clauses(verdict: &Verdict, names: &Names) -> Vec<String> {
    let joins = verdict.evidence().iter().any(|e| matches!(e, Evidence::Joins { .. }));
    let joined = verdict.joined().map(|other| format!("joins {}", names.or_number(other.id)));
    let mut clauses = vec![verdict.relation().to_string()];
    clauses.extend(verdict.evidence().iter().map(ToString::to_string));
    clauses.extend(joined.filter(|_| joins));
    clauses
}

/// One line of JSON about a mail.
pub(crate) fn json_line(message_id: Option<&str>, verdict: &Verdict, names: &Names) -> Value {
    let (word, method) = match verdict.outcome() {
        Outcome::Matched { by, .. } => ("matched", Some(by.name())),
        Outcome::Ambiguous { by } => ("ambiguous", Some(by.name())),
        Outcome::Duplicate { .. } => ("matched", Some("message-id")),
        _ => ("none", None),
    };
    json!({
        "message_id": message_id,
        "verdict": word,
        "matched": verdict.mail().and_then(|id| names.get(id)),
        "method": method,
        "confidence": f64::from(verdict.confidence()) / 100.0,
        "evidence": clauses(verdict, names),
    })
}

/// Prints lines in input order as soon as all before them are there.
pub(crate) struct InOrder<W> {
    to: W,
    next: usize,
    waiting: BTreeMap<usize, String>,
}

impl<W: Write> InOrder<W> {
    pub(crate) const fn new(to: W) -> Self {
        Self { to, next: 0, waiting: BTreeMap::new() }
    }

    pub(crate) fn line(&mut self, ordinal: usize, line: String) -> io::Result<()> {
        self.waiting.insert(ordinal, line);
        while let Some(line) = self.waiting.remove(&self.next) {
            writeln!(self.to, "{line}")?;
            self.next += 1;
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Every thread, a mail a line, replies under what they were matched to.
pub(crate) fn threads(
    to: &mut impl Write,
    entries: &[Entry],
    threads: &mut Threads,
    all: bool,
) -> io::Result<()> {
    for group in threads.groups() {
        if group.len() == 1 && !all {
            continue;
        }
        let first = &entries[group[0]];
        let subject = if first.subject.is_empty() { "(no subject)" } else { &first.subject };
        writeln!(to, "{}  {} mails", short(subject, 70), group.len())?;
        for at in &group {
            let entry = &entries[*at];
            let indent = "  ".repeat(depth(entries, *at).min(12));
            writeln!(
                to,
                "    {}  {indent}{}{}",
                entry.date.format("%Y-%m-%d %H:%M"),
                short(&entry.from, 44),
                if entry.how.is_empty() { String::new() } else { format!("  [{}]", entry.how) },
            )?;
        }
        writeln!(to)?;
    }
    Ok(())
}

fn depth(entries: &[Entry], mut at: usize) -> usize {
    let mut depth = 0;
    while let Some(parent) = entries[at].parent.filter(|_| depth < 64) {
        at = parent;
        depth += 1;
    }
    depth
}

fn short(text: &str, most: usize) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() <= most {
        text
    } else {
        text.chars().take(most - 1).chain(['…']).collect()
    }
}

/// Counts of verdicts, methods and relations.
#[derive(Default)]
pub(crate) struct Summary {
    pub(crate) mails: usize,
    pub(crate) problems: usize,
    verdicts: BTreeMap<&'static str, usize>,
    methods: BTreeMap<&'static str, usize>,
    relations: BTreeMap<&'static str, usize>,
}

impl Summary {
    pub(crate) fn count(&mut self, verdict: &Verdict) {
        self.mails += 1;
        let word = match verdict.outcome() {
            Outcome::Matched { by, .. } => {
                *self.methods.entry(by.name()).or_default() += 1;
                *self.relations.entry(verdict.relation().name()).or_default() += 1;
                "matched"
            }
            Outcome::Ambiguous { .. } => "ambiguous",
            Outcome::Duplicate { .. } => "duplicate",
            _ => "none",
        };
        *self.verdicts.entry(word).or_default() += 1;
    }

    pub(crate) fn print(
        &self,
        to: &mut impl Write,
        threads: Option<&mut Threads>,
    ) -> io::Result<()> {
        writeln!(to, "{} mails, {} that could not be read", self.mails, self.problems)?;
        if let Some(threads) = threads {
            let sizes: Vec<usize> = threads.groups().iter().map(Vec::len).collect();
            let alone = sizes.iter().filter(|size| **size == 1).count();
            let longest = sizes.iter().max().copied().unwrap_or(0);
            let many = sizes.len() - alone;
            writeln!(
                to,
                "{many} threads, the longest of {longest} mails; {alone} mails stand alone"
            )?;
        }
        for (title, counts) in [
            ("verdict", &self.verdicts),
            ("by method", &self.methods),
            ("matched as", &self.relations),
        ] {
            let mut counts: Vec<_> = counts.iter().collect();
            counts.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), **name));
            let line: Vec<_> = counts.iter().map(|(name, n)| format!("{name} {n}")).collect();
            writeln!(to, "{title:<11} {}", line.join(", "))?;
        }
        Ok(())
    }
}

/// All about one mail.
pub(crate) fn explain(
    to: &mut impl Write,
    id: &str,
    verdict: &Verdict,
    names: &Names,
) -> io::Result<()> {
    writeln!(to, "<{id}>\n{verdict}\n")?;
    if let Outcome::Matched { to: Target::Record(record), .. } = verdict.outcome() {
        writeln!(to, "matched to record {record}")?;
    }
    for (title, want) in [("for", true), ("against", false)] {
        for evidence in verdict.evidence().iter().filter(|evidence| evidence.is_for() == want) {
            writeln!(to, "  {title:<8} {evidence}")?;
        }
    }
    for candidate in verdict.candidates() {
        writeln!(
            to,
            "  candidate {} of {}, by {}, {} %, conversation of {}",
            names.or_number(candidate.id),
            candidate.created.format("%Y-%m-%d %H:%M"),
            candidate.method,
            candidate.confidence,
            names.or_number(candidate.conversation),
        )?;
    }
    Ok(())
}

//! What is printed.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, Write};

use correspond::correlation::{Evidence, Outcome, Target, Verdict};
use correspond::store::StoreError;
use serde::Serialize;

use crate::listing::Listing;
use crate::names::Names;

/// The evidence as clauses; what the headers join is named.
fn clauses(verdict: &Verdict, names: &impl Names) -> Result<Vec<String>, StoreError> {
    let mut clauses = vec![verdict.relation().to_string()];
    clauses.extend(verdict.evidence().iter().map(ToString::to_string));
    if verdict.evidence().iter().any(|e| matches!(e, Evidence::Joins { .. })) {
        for other in verdict.joined() {
            clauses.push(format!("joins {}", names.call(other.id)?));
        }
    }
    Ok(clauses)
}

/// One line of JSON about a mail.
#[derive(Serialize)]
struct Line<'a> {
    message_id: Option<&'a str>,
    verdict: &'static str,
    matched: Option<&'a str>,
    method: Option<&'static str>,
    confidence: f64,
    evidence: Vec<String>,
}

/// The line of a mail.
pub(crate) fn json_line(
    message_id: Option<&str>,
    verdict: &Verdict,
    names: &impl Names,
) -> Result<String, Box<dyn Error>> {
    let (word, method) = match verdict.outcome() {
        Outcome::Matched { by, .. } => ("matched", Some(by.name())),
        Outcome::Ambiguous { by } => ("ambiguous", Some(by.name())),
        Outcome::Duplicate { .. } if message_id.is_none() => ("matched", Some("octets")),
        Outcome::Duplicate { .. } => ("matched", Some("message-id")),
        _ => ("none", None),
    };
    let matched = verdict.mail().map(|id| names.get(id)).transpose()?.flatten();
    Ok(serde_json::to_string(&Line {
        message_id,
        verdict: word,
        matched: matched.as_deref(),
        method,
        confidence: f64::from(verdict.confidence()) / 100.0,
        evidence: clauses(verdict, names)?,
    })?)
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

    /// Prints what is left: a mail that vanished while it was read leaves a gap.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        for line in self.waiting.values() {
            writeln!(self.to, "{line}")?;
        }
        self.to.flush()
    }
}

/// Counts of verdicts, methods and relations.
#[derive(Default)]
pub(crate) struct Summary {
    pub(crate) mails: usize,
    verdicts: BTreeMap<&'static str, usize>,
    methods: BTreeMap<&'static str, usize>,
    relations: BTreeMap<&'static str, usize>,
}

impl Summary {
    /// `earlier`: it was filed by an earlier run.
    pub(crate) fn count(&mut self, verdict: &Verdict, earlier: bool) {
        self.mails += 1;
        let word = match verdict.outcome() {
            Outcome::Matched { by, .. } => {
                *self.methods.entry(by.name()).or_default() += 1;
                *self.relations.entry(verdict.relation().name()).or_default() += 1;
                "matched"
            }
            Outcome::Ambiguous { .. } => "ambiguous",
            Outcome::Duplicate { .. } if earlier => "filed by an earlier run",
            Outcome::Duplicate { .. } => "duplicate",
            _ => "none",
        };
        *self.verdicts.entry(word).or_default() += 1;
    }

    /// Prints the counts; `notices` is what there is to say of the input.
    pub(crate) fn print(
        &self,
        to: &mut impl Write,
        notices: &str,
        listing: Option<&mut Listing>,
    ) -> io::Result<()> {
        writeln!(to, "{}, {notices}", mails(self.mails))?;
        if let Some(listing) = listing {
            let sizes: Vec<usize> = listing.threads().iter().map(Vec::len).collect();
            let alone = sizes.iter().filter(|size| **size == 1).count();
            if let (longest @ 2.., many) = (sizes.iter().max().copied().unwrap_or(0), sizes.len()) {
                write!(to, "threads     {}, the longest of {longest} mails; ", many - alone)?;
                writeln!(
                    to,
                    "{} alone",
                    if alone == 1 {
                        "1 mail stands".to_owned()
                    } else {
                        format!("{alone} mails stand")
                    }
                )?;
            }
        }
        for (title, counts) in [
            ("verdict", &self.verdicts),
            ("by method", &self.methods),
            ("matched as", &self.relations),
        ] {
            let mut counts: Vec<_> = counts.iter().collect();
            if counts.is_empty() {
                continue;
            }
            counts.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), **name));
            let line: Vec<_> = counts.iter().map(|(name, n)| format!("{name} {n}")).collect();
            writeln!(to, "{title:<11} {}", line.join(", "))?;
        }
        Ok(())
    }
}

fn mails(count: usize) -> String {
    if count == 1 { "1 mail".to_owned() } else { format!("{count} mails") }
}

/// All about one mail.
pub(crate) fn explain(
    to: &mut impl Write,
    id: &str,
    verdict: &Verdict,
    names: &impl Names,
) -> Result<(), Box<dyn Error>> {
    writeln!(to, "<{id}>\n{verdict}\n")?;
    if let Outcome::Matched { to: Target::Record(record), .. } = verdict.outcome() {
        writeln!(to, "matched to record {record}")?;
    }
    if let Outcome::Duplicate { of } = verdict.outcome()
        && let Some(filed) = names.activity(of)?
    {
        writeln!(to, "  then     {}", filed.verdict)?;
        if let Some(mail) = filed.links.matched {
            writeln!(to, "  found    {}", names.call(mail)?)?;
        }
    }
    for (title, want) in [("for", true), ("against", false)] {
        for evidence in verdict.evidence().iter().filter(|evidence| evidence.is_for() == want) {
            writeln!(to, "  {title:<8} {evidence}")?;
        }
    }
    for candidate in verdict.candidates() {
        writeln!(
            to,
            "  found    {} of {}, by {}, {} %",
            names.call(candidate.id)?,
            candidate.created.format("%Y-%m-%d %H:%M"),
            candidate.method,
            candidate.confidence,
        )?;
        if candidate.conversation != candidate.id {
            let first = names.call(candidate.conversation)?;
            writeln!(to, "           in the conversation that began with {first}")?;
        }
    }
    Ok(())
}

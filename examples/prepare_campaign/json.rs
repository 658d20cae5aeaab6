//! What a program reads: an object a line.

use std::io::{self, BufWriter, Write};

use correspond::recipients::Outcome;
use serde_json::json;

use crate::preparation::Preparation;
use crate::reasons;

pub(crate) fn print(of: &Preparation<'_>) -> io::Result<()> {
    let mut to = BufWriter::new(io::stdout().lock());
    let from = match &of.from {
        Ok(made) => json!({
            "from": made.from().to_string(),
            "outcome": made.outcome().to_string(),
            "rewritten": made.is_rewritten(),
            "proposed_reply_to": made.reply_to().map(|reply_to| reply_to.address().to_owned()),
        }),
        Err(error) => json!({ "error": error.to_string() }),
    };
    let message = &of.input.message;
    let live = of.report.can_go_live();
    writeln!(
        to,
        "{}",
        json!({
            "kind": "message",
            "name": message.name,
            "from": from,
            "can_go_live": live,
            "unknown_columns": of.unknown,
        })
    )?;
    for finding in of.report.findings() {
        let line = json!({
            "kind": "finding",
            "severity": finding.severity().to_string(),
            "field": finding.field().to_string(),
            "reason": finding.reason(),
            "remedy": finding.remedy(),
        });
        writeln!(to, "{line}")?;
    }
    let contacts = &of.input.contacts;
    for (row, outcome) in of.outcomes() {
        let lost_to = match outcome {
            Outcome::Duplicate { of } => Some(contacts.line(of as usize)),
            _ => None,
        };
        let reason = (!outcome.is_send()).then(|| reasons::why(of, row, outcome));
        let from = of.sender_of(row).as_ref().ok().filter(|_| of.has_from_each());
        let from = from.filter(|_| outcome.is_send()).map(|made| made.from().to_string());
        let line = json!({
            "kind": "recipient",
            "line": contacts.line(row),
            "contact": contacts.id(row),
            "address": contacts.address(row),
            "outcome": reasons::kind(outcome),
            "lost_to": lost_to,
            "reason": reason,
            "from": from,
        });
        writeln!(to, "{line}")?;
    }
    let counts = of.selection.counts();
    let by = |reasons: Vec<(String, u64)>| -> serde_json::Map<_, _> {
        reasons.into_iter().map(|(reason, many)| (reason, many.into())).collect()
    };
    let blocked = by(counts.blocked_by().map(|(why, many)| (reasons::block(why), many)).collect());
    let stopped = by(counts.stopped_by().map(|(why, many)| (why.to_string(), many)).collect());
    let line = json!({
        "kind": "counts",
        "segment": counts.segment(),
        "duplicates": counts.duplicates(),
        "blocked": counts.blocked(),
        "stopped": counts.stopped(),
        "sent": counts.sent(),
        "blocked_by": blocked,
        "stopped_by": stopped,
    });
    writeln!(to, "{line}")?;
    to.flush()
}

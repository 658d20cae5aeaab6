//! What a person reads.

use std::fmt::Display;
use std::io::{self, BufWriter, Write};

use correspond::consent::{Designation, Level};
use correspond::mailing::SendOnceTo;
use correspond::recipients::{Keep, Outcome};
use correspond::settings::AdviceSeverity;

use crate::paper::{Paper, WIDTH, wrapped};
use crate::preparation::Preparation;
use crate::reasons;

/// How wide the labels of the summary are.
const LABELS: usize = 10;

pub(crate) fn print(of: &Preparation<'_>, limit: usize) -> io::Result<()> {
    let mut to = Paper::new(BufWriter::new(io::stdout().lock()));
    summary(of, &mut to)?;
    counts(of, &mut to)?;
    findings(of, &mut to)?;
    recipients(of, limit, &mut to)?;
    others(of, limit, &mut to)?;
    to.finish()
}

fn summary<W: Write>(of: &Preparation<'_>, to: &mut Paper<W>) -> io::Result<()> {
    let message = &of.input.message;
    let designation = match message.designation() {
        Designation::Commercial => "commercial",
        Designation::Transactional => "transactional",
    };
    to.title(&shown(&message.name), &format!("{designation}, {}", shown(&message.file)))?;
    let live = if of.report.can_go_live() { "It can go live" } else { "It cannot go live" };
    to.text(2, 0, &format!("{live}: {}.", severities(of)))?;
    let counts = of.selection.counts();
    let (sent, segment) = (counts.sent(), counts.segment());
    let get = if of.report.can_go_live() { "get" } else { "would get" };
    to.text(2, 0, &format!("{sent} of {segment} contacts {get} it."))?;
    to.blank()?;
    let mut row = |label, value: &str| to.row(" ", label, LABELS, &shown(value));
    match &of.from {
        Ok(made) => {
            let was = made.reply_to().map(|reply_to| format!("{} was ", reply_to.address()));
            row("From", &made.from().to_string())?;
            match of.has_from_each() {
                true => {
                    row("", "another one for each recipient: see below")?;
                    let (rewritten, wrong) = of.of_each();
                    if rewritten > 0 {
                        row("", &format!("rewritten for {rewritten} of those who get it"))?;
                    }
                    if wrong > 0 {
                        let wrong = format!("at a domain that is not authenticated for {wrong}");
                        row("", &wrong)?;
                    }
                }
                false => row("", &format!("{}{}", was.unwrap_or_default(), made.outcome()))?,
            }
            let reply_to = match message.reply_to.trim() {
                "" => "to the From address",
                address => address,
            };
            row("Answers", reply_to)?;
            let each_rewritten = made.from().is_dynamic() && of.of_each().0 > 0;
            if each_rewritten && message.reply_to.trim().is_empty() {
                let address = made.from().as_str();
                row(
                    "",
                    &format!(
                        "\u{2192} rewritten addresses can probably not receive replies; set {address} \
                         as the reply-to address"
                    ),
                )?;
            }
            if let (Some(proposed), "") = (made.reply_to(), message.reply_to.trim()) {
                row("", &format!("\u{2192} {proposed}"))?;
            }
        }
        Err(error) => row("From", &format!("none: {error}"))?,
    }
    row("Subject", &message.subject)?;
    let once = match (of.once_to, of.keep) {
        (SendOnceTo::Contact, _) => "each contact, also where several share an address",
        (_, Keep::HighestRank) => "each address: of several contacts to the one changed last",
        _ => "each address: of several contacts to the first in the file",
    };
    row("Once to", once)?;
    match message.journey.minimum_consent {
        Level::None => {}
        minimum if of.protection.respects_consent() => {
            row("Consent", &format!("{minimum} or above"))?;
        }
        _ => row("Consent", "not asked for: the settings do not respect it")?,
    }
    if !of.unknown.is_empty() {
        let unknown = of.unknown.join(", ");
        row("Unknown", &format!("the contacts have no column {unknown}, which the message shows"))?;
    }
    let missing = of.input.contacts.missing();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        row("Unknown", &format!("the contacts have no column {missing}: it keeps nobody out"))?;
    }
    Ok(())
}

fn severities(of: &Preparation<'_>) -> String {
    let count = |severity: AdviceSeverity| {
        let found = of.report.of_severity(severity).count();
        format!("{found} {severity}{}", if found == 1 { "" } else { "s" })
    };
    [AdviceSeverity::Error, AdviceSeverity::Warning, AdviceSeverity::Hint].map(count).join(", ")
}

fn counts<W: Write>(of: &Preparation<'_>, to: &mut Paper<W>) -> io::Result<()> {
    let counts = of.selection.counts();
    to.title("How many", "Sent = Segment - Duplicates - Blocked - Stopped")?;
    let mut row = |sign: &str, many: &dyn Display, what: &str| -> io::Result<()> {
        let many = many.to_string();
        to.verbatim(format!("  {sign} {many:>7}  {what}").trim_end())
    };
    let of_which = |many: u64, why: &str| format!("{many:>7}  {why}");
    row(" ", &counts.segment(), "in the segment")?;
    row("-", &counts.duplicates(), "duplicates")?;
    row("-", &counts.blocked(), "blocked")?;
    for (why, many) in counts.blocked_by() {
        row(" ", &"", &of_which(many, &reasons::block(why)))?;
    }
    row("-", &counts.stopped(), "stopped")?;
    for (why, many) in counts.stopped_by() {
        row(" ", &"", &of_which(many, &why.to_string()))?;
    }
    row("=", &counts.sent(), "sent")
}

fn findings<W: Write>(of: &Preparation<'_>, to: &mut Paper<W>) -> io::Result<()> {
    to.title("Before it goes live", &severities(of))?;
    if of.report.findings().is_empty() {
        to.text(2, 0, "Nothing to say.")?;
    }
    for (number, finding) in of.report.findings().iter().enumerate() {
        if number > 0 {
            to.blank()?;
        }
        to.heading(&format!("{:7}", finding.severity()), &finding.field().to_string())?;
        to.text(11, 0, &sentence(&finding.reason()))?;
        to.text(11, 2, &format!("\u{2192} {}", sentence(finding.remedy())))?;
    }
    Ok(())
}

/// With a full stop, and a capital unless it begins with an address.
fn sentence(clause: &str) -> String {
    if clause.split(' ').next().is_some_and(|word| word.contains('@')) {
        return format!("{clause}.");
    }
    let mut rest = clause.chars();
    let first = rest.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(rest).chain(['.']).collect()
}

fn recipients<W: Write>(of: &Preparation<'_>, limit: usize, to: &mut Paper<W>) -> io::Result<()> {
    let contacts = &of.input.contacts;
    let sent = of.outcomes().filter(|(_, outcome)| outcome.is_send());
    let head = if of.has_from_each() { "From" } else { "" };
    let live = of.report.can_go_live();
    let title = if live { "Who gets it" } else { "Who would get it" };
    let mut list = List::new(title, head, limit);
    for (row, _) in sent {
        let from = || match of.sender_of(row) {
            Ok(made) if of.has_from_each() => made.from().to_string(),
            _ => String::new(),
        };
        list.add(contacts.line(row), contacts.name(row), contacts.address(row), from);
    }
    list.print(to)
}

fn others<W: Write>(of: &Preparation<'_>, limit: usize, to: &mut Paper<W>) -> io::Result<()> {
    let contacts = &of.input.contacts;
    let live = of.report.can_go_live();
    let title = if live { "Who does not, and why" } else { "Who would not, and why" };
    let mut list = List::new(title, "why", limit);
    for (row, outcome) in of.outcomes().filter(|(_, outcome)| !outcome.is_send()) {
        let why = || match outcome {
            Outcome::Send => String::new(),
            outcome => reasons::why(of, row, outcome),
        };
        list.add(contacts.line(row), contacts.name(row), contacts.address(row), why);
    }
    list.print(to)
}

/// Contacts, of which as many are shown as are asked for.
struct List {
    title: &'static str,
    last: &'static str,
    limit: usize,
    rows: Vec<[String; 4]>,
    more: u64,
}

impl List {
    fn new(title: &'static str, last: &'static str, limit: usize) -> Self {
        Self { title, last, limit, rows: Vec::new(), more: 0 }
    }

    fn add(&mut self, line: u64, name: &str, address: &str, last: impl FnOnce() -> String) {
        if self.rows.len() < self.limit {
            self.rows.push([line.to_string(), shown(name), shown(address), shown(&last())]);
        } else {
            self.more += 1;
        }
    }

    fn print<W: Write>(mut self, to: &mut Paper<W>) -> io::Result<()> {
        let all = self.rows.len() as u64 + self.more;
        to.title(self.title, &format!("{all}"))?;
        let head = ["line", "contact", "address as written", self.last].map(str::to_owned);
        if !self.rows.is_empty() {
            self.rows.insert(0, head);
        }
        // The last column is broken into lines, those before it are cut.
        let width = |column: usize, most: usize| {
            let widths = self.rows.iter().filter_map(|row| row.get(column));
            widths.map(|cell| cell.chars().count()).max().unwrap_or(0).min(most)
        };
        let addresses = if self.last.is_empty() { 60 } else { 34 };
        let [line, name, address] = [width(0, 9), width(1, 22), width(2, addresses)];
        let rest = WIDTH.saturating_sub(2 + line + 2 + name + 2 + address + 2);
        for [number, who, written, last] in &self.rows {
            let (who, written) = (cut(who, name), cut(written, address));
            let cells = format!("  {number:>line$}  {who:name$}  {written:address$}");
            let mut lines = wrapped(last, rest).into_iter();
            let first = lines.next().unwrap_or_default();
            to.verbatim(format!("{cells}  {first}").trim_end())?;
            for more in lines {
                to.verbatim(&format!("{:indent$}{more}", "", indent = WIDTH - rest))?;
            }
        }
        match self.more {
            0 => Ok(()),
            more => to.text(2, 0, &format!("... and {more} more")),
        }
    }
}

/// In one line, whatever is in it; what would steer the terminal, or turn the text, by its code.
fn shown(text: &str) -> String {
    let steers =
        |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let one = |c: char| if steers(c) { c.escape_default().collect() } else { c.to_string() };
    text.chars().map(one).collect()
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['\u{2026}']).collect()
}

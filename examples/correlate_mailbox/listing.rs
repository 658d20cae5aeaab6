//! The threads as they are printed: a mail a line, replies under what they were matched to.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono::{DateTime, Utc};
use correspond::correlation::{Outcome, Relation, Verdict};
use correspond::message::{Message, Role};
use correspond::subject::Rules;

/// Columns of the sender and of the branch that leads to it; deeper branches stay where they are.
const SENDER: usize = 44;
const DEEPEST: usize = 8;

/// Characters of a subject.
const SUBJECT: usize = 70;

/// One mail of the listing.
struct Entry {
    date: DateTime<Utc>,
    from: String,
    /// The base subject, on one line.
    subject: String,
    parent: Option<usize>,
    how: Option<How>,
}

/// How a mail came to its thread.
struct How {
    method: &'static str,
    confidence: u8,
    note: String,
}

/// Every mail in the order of filing, and which of them make one thread: links joined together, in
/// whatever order they come.
#[derive(Default)]
pub(crate) struct Listing {
    entries: Vec<Entry>,
    up: Vec<usize>,
}

impl Listing {
    /// Adds the mail that was filed next; its place is the id of its record.
    pub(crate) fn push(
        &mut self,
        message: &Message<'_>,
        date: DateTime<Utc>,
        rules: &Rules,
        verdict: &Verdict,
    ) {
        let place = |id: correspond::id::RecordId| usize::try_from(id.get()).ok();
        let at = self.entries.len();
        let conversation = verdict.conversation().and_then(place);
        let matched = conversation.and_then(|_| place(verdict.mail()?));
        let from = message.in_role(Role::From).chain(message.in_role(Role::Sender)).next();
        self.up.push(at);
        let base = rules.base(message.subject().unwrap_or_default());
        let subject = short(&base.text().split_whitespace().collect::<Vec<_>>().join(" "), SUBJECT);
        self.entries.push(Entry {
            date,
            from: from.map_or_else(|| "(no sender)".to_owned(), |it| it.address().to_owned()),
            parent: matched,
            how: How::of(verdict, &subject),
            subject,
        });
        // The parent came after its reply: it stands above it nevertheless.
        if verdict.relation() == Relation::LateParent
            && let Some(child) = matched.and_then(|child| self.entries.get_mut(child))
            && child.parent.is_none()
        {
            child.parent = Some(at);
            self.entries[at].parent = None;
        }
        for other in matched.into_iter().chain(verdict.joined().filter_map(|it| place(it.id))) {
            self.join(at, other);
        }
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.up[at] != at {
            self.up[at] = self.up[self.up[at]];
            at = self.up[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.up[a.max(b)] = a.min(b);
    }

    /// The mails of each thread, threads and mails by first filing.
    pub(crate) fn threads(&mut self) -> Vec<Vec<usize>> {
        let mut threads: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..self.up.len() {
            threads.entry(self.root(at)).or_default().push(at);
        }
        threads.into_values().collect()
    }

    /// Prints every thread; with `all`, the mails that stand alone too.
    pub(crate) fn print(&mut self, to: &mut impl Write, all: bool) -> io::Result<()> {
        for thread in self.threads() {
            if thread.len() > 1 {
                self.print_thread(to, &thread)?;
            } else if all {
                let entry = &self.entries[thread[0]];
                writeln!(to, "{}", subject(entry))?;
                writeln!(to, "  {}  {}\n", minute(entry), short(&entry.from, SENDER))?;
            }
        }
        Ok(())
    }

    fn print_thread(&self, to: &mut impl Write, thread: &[usize]) -> io::Result<()> {
        let tree = self.tree(thread);
        let first = &self.entries[tree[0].0];
        let roots = tree.iter().filter(|(_, depth)| *depth == 0).count();
        let apart = if roots == 1 { String::new() } else { format!(", {roots} threads joined") };
        writeln!(to, "{} ({} mails{apart})", subject(first), thread.len())?;
        let sender = |&(at, depth): &(usize, usize)| {
            let indent = 2 * depth.min(DEEPEST);
            format!("{:indent$}{}", "", short(&self.entries[at].from, SENDER - indent))
        };
        let widest = tree.iter().map(|row| sender(row).chars().count()).max().unwrap_or(0);
        let methods = thread.iter().filter_map(|at| self.entries[*at].how.as_ref());
        let method = methods.map(|how| how.method.len()).max().unwrap_or(0);
        for row in &tree {
            let entry = &self.entries[row.0];
            let mut line = format!("  {}  {:widest$}", minute(entry), sender(row));
            if let Some(how) = &entry.how {
                let How { method: name, confidence, note } = how;
                line += &format!("  {name:method$} {confidence:>3} %  {note}");
            }
            writeln!(to, "{}", line.trim_end())?;
        }
        writeln!(to)
    }

    /// The mails of a thread with their depths, each above those that were matched to it.
    fn tree(&self, thread: &[usize]) -> Vec<(usize, usize)> {
        let mut children: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut left = Vec::new();
        for &at in thread.iter().rev() {
            match self.entries[at].parent {
                Some(parent) => children.entry(parent).or_default().push(at),
                None => left.push((at, 0)),
            }
        }
        let mut tree = Vec::with_capacity(thread.len());
        while let Some((at, depth)) = left.pop() {
            tree.push((at, depth));
            left.extend(children.remove(&at).into_iter().flatten().map(|it| (it, depth + 1)));
        }
        tree
    }
}

impl How {
    fn of(verdict: &Verdict, subject: &str) -> Option<Self> {
        let relation = match verdict.relation() {
            Relation::Reply => String::new(),
            other @ Relation::NewTopic => format!("{other}: {subject}"),
            other => other.to_string(),
        };
        let (method, note) = match verdict.outcome() {
            Outcome::Matched { by, .. } => (by, relation),
            Outcome::Ambiguous { by } => (by, "ambiguous, not linked".to_owned()),
            _ => return None,
        };
        let joined = match verdict.joined().count() {
            0 => String::new(),
            1 => "(joins another thread)".to_owned(),
            several => format!("(joins {several} other threads)"),
        };
        let blank = if note.is_empty() || joined.is_empty() { "" } else { " " };
        let note = format!("{note}{blank}{joined}");
        Some(Self { method: method.name(), confidence: verdict.confidence(), note })
    }
}

fn minute(entry: &Entry) -> impl std::fmt::Display {
    entry.date.format("%Y-%m-%d %H:%M")
}

fn subject(entry: &Entry) -> &str {
    if entry.subject.is_empty() { "(no subject)" } else { &entry.subject }
}

/// Without what would move the cursor, and no longer than that.
fn short(text: &str, most: usize) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() <= most {
        text
    } else {
        text.chars().take(most - 1).chain(['…']).collect()
    }
}

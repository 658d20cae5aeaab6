//! What is remembered of each filed mail, to name it later.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use correspond::correlation::{Outcome, Verdict};
use correspond::id::RecordId;
use correspond::message::Message;

/// The Message-IDs of the filed mails, in the order of filing: a record's id is its number here.
#[derive(Default)]
pub(crate) struct Names {
    text: String,
    ends: Vec<usize>,
}

impl Names {
    pub(crate) fn push(&mut self, name: Option<&str>) {
        self.text.push_str(name.unwrap_or_default());
        self.ends.push(self.text.len());
    }

    pub(crate) fn next_id(&self) -> RecordId {
        RecordId::new(self.ends.len() as u128)
    }

    /// The Message-ID of a mail; `None` where it had none.
    pub(crate) fn get(&self, id: RecordId) -> Option<&str> {
        let at = usize::try_from(id.get()).ok()?;
        let end = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.text[start..end]).filter(|name| !name.is_empty())
    }

    pub(crate) fn or_number(&self, id: RecordId) -> String {
        self.get(id).map_or_else(|| format!("mail {}", id.get() + 1), |name| format!("<{name}>"))
    }
}

/// One mail of the listing.
pub(crate) struct Entry {
    pub(crate) date: DateTime<Utc>,
    pub(crate) from: String,
    pub(crate) subject: String,
    pub(crate) parent: Option<usize>,
    pub(crate) how: String,
}

impl Entry {
    pub(crate) fn of(message: &Message<'_>, date: DateTime<Utc>, verdict: &Verdict) -> Self {
        let from = message.participants().first();
        let from = from.map(|someone| someone.address().to_owned());
        let parent = match verdict.outcome() {
            Outcome::Matched { .. } => verdict.mail(),
            _ => None,
        };
        Self {
            date,
            from: from.unwrap_or_else(|| "(no sender)".to_owned()),
            subject: message.subject().unwrap_or_default().trim().to_owned(),
            parent: parent.and_then(|id| usize::try_from(id.get()).ok()),
            how: match verdict.outcome() {
                Outcome::Matched { by, .. } => {
                    format!("{by}, {}, {} %", verdict.relation(), verdict.confidence())
                }
                Outcome::Ambiguous { by } => format!("{by}, ambiguous"),
                _ => String::new(),
            },
        }
    }
}

/// Which mails make one thread: links joined together, in whatever order they come.
#[derive(Default)]
pub(crate) struct Threads {
    up: Vec<usize>,
}

impl Threads {
    pub(crate) fn push(&mut self) {
        self.up.push(self.up.len());
    }

    pub(crate) fn root(&mut self, mut at: usize) -> usize {
        while self.up[at] != at {
            self.up[at] = self.up[self.up[at]];
            at = self.up[at];
        }
        at
    }

    pub(crate) fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.up[a.max(b)] = a.min(b);
    }

    /// The mails of each thread, threads and mails by first filing.
    pub(crate) fn groups(&mut self) -> Vec<Vec<usize>> {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in 0..self.up.len() {
            groups.entry(self.root(at)).or_default().push(at);
        }
        groups.into_values().collect()
    }
}

//! One mail as the listing shows it.

use chrono::{DateTime, Utc};
use correspond::correlation::{Method, Outcome, Relation, Verdict};
use correspond::id::RecordId;
use correspond::message::{Message, Role};
use correspond::subject::Rules;
use serde::{Deserialize, Serialize};

/// Characters of a subject.
const SUBJECT: usize = 70;

/// What is shown of a mail.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) date: DateTime<Utc>,
    pub(crate) from: String,
    /// The base subject, on one line.
    pub(crate) subject: String,
    pub(crate) how: Option<How>,
}

/// How a mail came to its thread.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct How {
    pub(crate) method: Method,
    pub(crate) confidence: u8,
    pub(crate) note: String,
}

/// Which mails a mail is shown together with.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Links {
    pub(crate) matched: Option<RecordId>,
    /// The mail stands above the one that it was matched to: it is its parent, and came after it.
    pub(crate) above: bool,
    pub(crate) joined: Vec<RecordId>,
}

impl Entry {
    pub(crate) fn of(
        message: &Message<'_>,
        date: DateTime<Utc>,
        rules: &Rules,
        verdict: &Verdict,
    ) -> Self {
        let from = message.in_role(Role::From).chain(message.in_role(Role::Sender)).next();
        let base = rules.base(message.subject().unwrap_or_default());
        let subject = short(&base.text().split_whitespace().collect::<Vec<_>>().join(" "), SUBJECT);
        Self {
            date,
            from: from.map_or_else(|| "(no sender)".to_owned(), |it| it.address().to_owned()),
            how: How::of(verdict, &subject),
            subject,
        }
    }
}

impl Links {
    pub(crate) fn of(verdict: &Verdict) -> Self {
        Self {
            matched: verdict.conversation().and_then(|_| verdict.mail()),
            above: verdict.relation() == Relation::LateParent,
            joined: verdict.joined().map(|it| it.id).collect(),
        }
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = RecordId> {
        self.matched.into_iter().chain(self.joined.iter().copied())
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
        Some(Self { method, confidence: verdict.confidence(), note })
    }
}

/// Without what would move the cursor, and no longer than that.
pub(crate) fn short(text: &str, most: usize) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() <= most {
        text
    } else {
        text.chars().take(most - 1).chain(['…']).collect()
    }
}

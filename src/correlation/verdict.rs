//! The answer, and what stands behind it.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::evidence::Evidence;
use super::method::Method;
use crate::id::RecordId;
use crate::index::IndexKey;

/// What a mail was matched to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Target {
    /// Another mail (column `email.correlatedactivityid`).
    Mail {
        /// The email activity.
        id: RecordId,
        /// The first mail of its conversation.
        conversation: RecordId,
    },
    /// The record that a tracked folder stands for.
    Record(RecordId),
}

/// The decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// One conversation.
    Matched {
        /// The method that found it.
        by: Method,
        /// What was found.
        to: Target,
    },
    /// Several conversations fit, and the settings forbid to choose. The candidates name them.
    Ambiguous {
        /// The method that found several.
        by: Method,
    },
    /// No conversation: the mail begins one.
    None,
    /// A mail with the same Message-ID is filed already, or this very one
    /// ([`Evidence::SameActivity`]).
    Duplicate {
        /// That mail.
        of: RecordId,
    },
}

/// What the mail is to the one it was matched to. Whatever is not [`Reply`](Self::Reply) is for the
/// host to treat as a reply or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Relation {
    /// A reply: headers, a token or a reply prefix say so.
    Reply,
    /// The subject bears a forward prefix.
    Forward,
    /// Old headers, but another subject without any prefix: somebody took an old mail for the
    /// address and began anew.
    NewTopic,
    /// A machine answered: out of office, acknowledgement. So did one that merely says it was not
    /// typed (`Auto-Submitted: auto-generated`), where more than likeness ties it to a conversation.
    AutoReply,
    /// A delivery report.
    Bounce,
    /// The parent, which came after its reply.
    LateParent,
    /// Nothing in the mail says that it answers anything; it merely looks alike.
    Unmarked,
}

impl Relation {
    /// As a report names it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Forward => "forward",
            Self::NewTopic => "new topic under old headers",
            Self::AutoReply => "automatic reply",
            Self::Bounce => "delivery report",
            Self::LateParent => "parent of a mail that came first",
            Self::Unmarked => "no mark of a reply",
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A mail that the verdict considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Candidate {
    /// The email activity.
    pub id: RecordId,
    /// The first mail of its conversation.
    pub conversation: RecordId,
    /// When it was created.
    pub created: DateTime<Utc>,
    /// What found it.
    pub method: Method,
    /// How sure that method is of it, in percent; see [`Verdict::confidence`].
    pub confidence: u8,
}

/// Which conversation, by which method, and why.
///
/// Prints as a sentence, and is written by serde for a host that keeps it:
/// `matched by headers (reply, 98 %): In-Reply-To names the mail; the subject is the same`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[must_use]
pub struct Verdict {
    pub(super) outcome: Outcome,
    pub(super) relation: Relation,
    pub(super) confidence: u8,
    pub(super) candidates: Vec<Candidate>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) conversation: Option<RecordId>,
    /// Tokens of the subject that the conversation has already.
    #[serde(skip)]
    pub(super) own_tokens: Vec<IndexKey>,
    /// Tokens of the subject that no filed mail bears.
    #[serde(skip)]
    pub(super) new_tokens: Vec<IndexKey>,
}

impl Verdict {
    /// At most this many candidates are named; that there are more is said by
    /// [`Evidence::OthersFit`].
    pub const MAX_CANDIDATES: usize = 8;

    /// Whatever was decided: the store has the mail already, as this email activity.
    pub(crate) fn filed_already(self, activity: RecordId) -> Self {
        Self {
            outcome: Outcome::Duplicate { of: activity },
            confidence: 0,
            candidates: Vec::new(),
            evidence: vec![Evidence::SameActivity],
            conversation: None,
            own_tokens: Vec::new(),
            new_tokens: Vec::new(),
            ..self
        }
    }

    /// The decision.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// What the mail is to the one it was matched to; without a match, what it looks like.
    #[must_use]
    pub const fn relation(&self) -> Relation {
        self.relation
    }

    /// How sure the decision is, in percent: 0 without one.
    ///
    /// A rank, not a frequency, but set after measured precision: a tracked folder 100, In-Reply-To 98,
    /// a report about the mail 95, References 96, a
    /// report on the mail 95, a mail that names this one 95, a token 92, a reference in common 90, a
    /// Thread-Index 85, smart matching 90 where a prefix marks a reply and 55 where none does (on
    /// business mail it is right in half of those cases). A token from a stranger counts 40. Each method that agrees adds 1, up
    /// to 99; each that is sure of another conversation takes 20, a new topic 30.
    #[must_use]
    pub const fn confidence(&self) -> u8 {
        self.confidence
    }

    /// The mails considered, best method first; the one it was matched to leads.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// The mails of other conversations that the headers show to be of this one too, where they
    /// decided: what was apart turns out to be one ([`Evidence::Joins`]). The index keeps what it has
    /// filed; a host that shows conversations joins them where it keeps them.
    pub fn joined(&self) -> impl Iterator<Item = &Candidate> {
        let conversation = match self.outcome {
            Outcome::Matched { by: Method::Headers, .. } => self.conversation(),
            _ => None,
        };
        self.candidates.iter().filter(move |candidate| {
            candidate.method == Method::Headers
                && conversation.is_some_and(|conversation| conversation != candidate.conversation)
        })
    }

    /// What speaks for the decision and against it.
    #[must_use]
    pub fn evidence(&self) -> &[Evidence] {
        &self.evidence
    }

    /// The mail it was matched to, or whose duplicate it is.
    #[must_use]
    pub const fn mail(&self) -> Option<RecordId> {
        match self.outcome {
            Outcome::Matched { to: Target::Mail { id, .. }, .. }
            | Outcome::Duplicate { of: id } => Some(id),
            _ => None,
        }
    }

    /// The first mail of the conversation it was matched to. A mail in a tracked folder has one too,
    /// where another method found it.
    #[must_use]
    pub const fn conversation(&self) -> Option<RecordId> {
        self.conversation
    }

    /// The method that decided, or found too much to decide.
    #[must_use]
    pub const fn method(&self) -> Option<Method> {
        match self.outcome {
            Outcome::Matched { by, .. } | Outcome::Ambiguous { by } => Some(by),
            Outcome::None | Outcome::Duplicate { .. } => None,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.outcome {
            Outcome::Matched { by, .. } => {
                write!(f, "matched by {by} ({}, {} %)", self.relation, self.confidence)?;
            }
            Outcome::Ambiguous { by } => write!(f, "ambiguous by {by} ({})", self.relation)?,
            Outcome::None => write!(f, "no conversation ({})", self.relation)?,
            Outcome::Duplicate { .. } if self.evidence.contains(&Evidence::SameActivity) => {
                f.write_str("filed already")?;
            }
            Outcome::Duplicate { .. } => f.write_str("filed already under the same Message-ID")?,
        }
        for (at, evidence) in self.evidence.iter().enumerate() {
            write!(f, "{} {evidence}", if at == 0 { ":" } else { ";" })?;
        }
        Ok(())
    }
}

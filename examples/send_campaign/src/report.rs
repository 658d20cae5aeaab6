//! What became of the mails.

use std::fmt;

use chrono::{DateTime, Utc};
use correspond::claim::Claimant;

/// What a server refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// `MAIL`: the sender.
    Mail,
    /// `RCPT`: the recipient.
    Recipient,
    /// `DATA`, before the content.
    Data,
    /// All of it, behind the content.
    Content,
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mail => "MAIL",
            Self::Recipient => "RCPT",
            Self::Data => "DATA",
            Self::Content => "the content",
        })
    }
}

/// What a server said when it refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub at: Command,
    /// 400 to 599 (RFC 5321, section 4.2.1).
    pub code: u16,
    /// With the code and all its lines, in one.
    pub reply: String,
}

impl Refusal {
    /// For good, not for now?
    #[must_use]
    pub const fn is_permanent(&self) -> bool {
        self.code >= 500
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}: {}", self.at, self.reply)
    }
}

/// What became of one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it over.
    Sent,
    /// Not sent: this recipient has the message.
    AlreadySent { by: Claimant, at: DateTime<Utc> },
    /// Not sent: somebody else claimed this recipient, and it is not known whether he sent the message.
    InDoubt { by: Claimant, since: DateTime<Utc> },
    /// Not sent: another mail of this run is to the same recipient.
    Repeated,
    /// Not sent: the server refused it for good, the recipient or the content.
    Refused { refusal: Refusal },
    /// Not sent: the server refused it for now, the recipient or the content. A later run sends it.
    Deferred { refusal: Refusal },
    /// Not sent: the server refused the sender, for good or for now, before it heard of the recipient.
    /// A later run sends it, when the server takes the sender.
    SenderRefused { refusal: Refusal },
    /// Not sent: the connection broke each time before it was handed over. A later run sends it.
    Broken { why: String },
    /// Not sent: it is no mail, or none that this server can take.
    Unfit { why: String },
    /// Not sent: the run stopped before it. A later run sends it.
    Untried,
    /// Nobody knows: the connection broke after it was handed over. In doubt from now on.
    Unknown { why: String },
}

/// How many mails came to which [outcome](Outcome).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub sent: u64,
    pub already_sent: u64,
    pub in_doubt: u64,
    pub repeated: u64,
    pub refused: u64,
    pub deferred: u64,
    pub sender_refused: u64,
    pub broken: u64,
    pub unfit: u64,
    pub untried: u64,
    pub unknown: u64,
    /// Of those that were in doubt, so many were taken over and have another outcome above.
    pub taken_over: u64,
    /// Of those with an outcome above, so many claims somebody else took over meanwhile: what was sent of
    /// them may have been sent twice.
    pub lost: u64,
}

impl Report {
    pub(crate) const fn count(&mut self, outcome: &Outcome) {
        *match outcome {
            Outcome::Sent => &mut self.sent,
            Outcome::AlreadySent { .. } => &mut self.already_sent,
            Outcome::InDoubt { .. } => &mut self.in_doubt,
            Outcome::Repeated => &mut self.repeated,
            Outcome::Refused { .. } => &mut self.refused,
            Outcome::Deferred { .. } => &mut self.deferred,
            Outcome::SenderRefused { .. } => &mut self.sender_refused,
            Outcome::Broken { .. } => &mut self.broken,
            Outcome::Unfit { .. } => &mut self.unfit,
            Outcome::Untried => &mut self.untried,
            Outcome::Unknown { .. } => &mut self.unknown,
        } += 1;
    }

    /// The mails that were looked at.
    pub const fn total(&self) -> u64 {
        self.sent
            + self.already_sent
            + self.in_doubt
            + self.repeated
            + self.refused
            + self.deferred
            + self.sender_refused
            + self.broken
            + self.unfit
            + self.untried
            + self.unknown
    }
}

impl std::ops::AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.already_sent += other.already_sent;
        self.in_doubt += other.in_doubt;
        self.repeated += other.repeated;
        self.refused += other.refused;
        self.deferred += other.deferred;
        self.sender_refused += other.sender_refused;
        self.broken += other.broken;
        self.unfit += other.unfit;
        self.untried += other.untried;
        self.unknown += other.unknown;
        self.taken_over += other.taken_over;
        self.lost += other.lost;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} mails: {} sent", self.total(), self.sent)?;
        for (count, what) in [
            (self.already_sent, "sent before"),
            (self.repeated, "repeated"),
            (self.in_doubt, "in doubt"),
            (self.refused, "refused"),
            (self.deferred, "deferred"),
            (self.sender_refused, "with a sender that was refused"),
            (self.broken, "broken off"),
            (self.unfit, "unfit"),
            (self.untried, "untried"),
            (self.unknown, "unknown"),
        ] {
            if count > 0 {
                write!(f, ", {count} {what}")?;
            }
        }
        if self.taken_over > 0 {
            write!(f, "; {} were in doubt and taken over", self.taken_over)?;
        }
        if self.lost > 0 {
            write!(f, "; {} claims lost to others", self.lost)?;
        }
        Ok(())
    }
}

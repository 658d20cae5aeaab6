//! What became of the mails.

use std::fmt;

use chrono::{DateTime, Utc};
use correspond::claim::Claimant;

/// What became of one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it over.
    Sent,
    /// Not sent: this recipient has the message.
    AlreadySent { by: Claimant, at: DateTime<Utc> },
    /// Not sent: somebody else claimed this recipient, and it is not known whether he sent the message.
    InDoubt { by: Claimant, since: DateTime<Utc> },
    /// Not sent: an earlier mail of this run is to the same recipient.
    Repeated,
    /// Not sent: the server refused it for good.
    Refused { reply: String },
    /// Not sent: the server refused it for now, or broke off each time. A later run sends it.
    Deferred { reply: String },
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

//! What speaks for a match, and what against it.

use std::fmt;

use serde::Serialize;

use super::method::Method;

/// One thing that the decision rests on. Prints as a clause of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Evidence {
    /// The mail lies in a tracked folder.
    TrackedFolder,
    /// A tracking token of a filed mail stands in the subject.
    Token {
        /// How many mails carry it, counted up to 64; the newest wins.
        mails: u8,
    },
    /// In-Reply-To names the mail.
    InReplyTo,
    /// It is a report on the mail, whose headers it brings along.
    Reported,
    /// References names the mail.
    References {
        /// Its place from the end: 1 is the last.
        from_end: u16,
    },
    /// The matched mail names this one: the parent came late.
    NamesThis,
    /// Both name a mail that is not filed.
    SharedReference,
    /// Both have one Thread-Index root.
    SameThreadIndex,
    /// The subject has the same words.
    SameKeywords {
        /// How many mails within the window have them, counted up to 64: the more, the less it says.
        mails: u8,
    },
    /// The subject has nearly the same words: as many differ as the settings allow.
    SimilarKeywords,
    /// Addresses in common.
    SharedAddresses {
        /// How many.
        shared: u8,
        /// How many are needed.
        needed: u8,
    },
    /// The base subjects are equal.
    SameSubject,
    /// The sender wrote or received the matched mail.
    SenderKnown,
    /// Another method finds the same conversation.
    Agrees(Method),
    /// Its headers name mails of other conversations too: what was apart turns out to be one. The
    /// candidates name them.
    Joins {
        /// How many other conversations, 8 at most.
        conversations: u8,
    },
    /// Of a [`Duplicate`](super::Outcome::Duplicate): not its Message-ID tells, but the email
    /// activity, which is filed already.
    SameActivity,

    /// The base subjects differ (column `email.correlatedsubjectchanged`).
    SubjectChanged,
    /// The sender neither wrote nor received any mail of this conversation that was looked at.
    SenderUnknown,
    /// A token was not honoured, as the settings want: its sender is unknown to that conversation.
    StrangerRefused,
    /// Another method finds another conversation.
    Disagrees(Method),
    /// Mails with the same words share too few addresses.
    TooFewAddresses {
        /// The most that one of them shares.
        best: u8,
        /// How many are needed.
        needed: u8,
    },
    /// Other conversations fit as well.
    OthersFit {
        /// How many that were looked at.
        conversations: u8,
    },
    /// More mails have the same words than were looked at: the newest 64.
    CutOff,
    /// There is no subject left to compare.
    EmptySubject,
}

impl Evidence {
    /// Does it speak for the match?
    #[must_use]
    pub const fn is_for(&self) -> bool {
        !matches!(
            self,
            Self::SubjectChanged
                | Self::SenderUnknown
                | Self::StrangerRefused
                | Self::Disagrees(_)
                | Self::TooFewAddresses { .. }
                | Self::OthersFit { .. }
                | Self::CutOff
                | Self::EmptySubject
        )
    }
}

/// `64` stands for that many or more.
fn count(mails: u8) -> (u8, &'static str) {
    (mails, if mails >= crate::index::COUNT_CAP { " or more" } else { "" })
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::TrackedFolder => f.write_str("it lies in a tracked folder"),
            Self::Token { mails: 1 } => f.write_str("its subject bears the token of the mail"),
            Self::Token { mails } => {
                let (mails, more) = count(mails);
                write!(f, "its subject bears the token of {mails}{more} mails, the newest counts")
            }
            Self::InReplyTo => f.write_str("In-Reply-To names the mail"),
            Self::Reported => f.write_str("the report is about the mail"),
            Self::References { from_end: 1 } => f.write_str("References names the mail last"),
            Self::References { from_end } => {
                write!(f, "References names the mail, number {from_end} from the end")
            }
            Self::NamesThis => f.write_str("the mail, which came first, names this one"),
            Self::SharedReference => f.write_str("both name a mail that was never seen"),
            Self::SameThreadIndex => f.write_str("both have the same Thread-Index root"),
            Self::SameKeywords { mails: 1 } => f.write_str("the subject has the same words"),
            Self::SameKeywords { mails } => {
                let (mails, more) = count(mails);
                write!(f, "the subject has the same words, as {mails}{more} recent mails have")
            }
            Self::SimilarKeywords => f.write_str("the subject has nearly the same words"),
            Self::SharedAddresses { shared, needed } => {
                write!(f, "{shared} addresses in common of {needed} needed")
            }
            Self::SameSubject => f.write_str("the subject is the same"),
            Self::SenderKnown => f.write_str("the sender took part in it"),
            Self::Agrees(method) => write!(f, "{method} agrees"),
            Self::Joins { conversations: 1 } => {
                f.write_str("its headers join another conversation to it")
            }
            Self::Joins { conversations } => {
                write!(f, "its headers join {conversations} other conversations to it")
            }
            Self::SameActivity => f.write_str("the email activity is the same"),
            Self::SubjectChanged => f.write_str("but the subject changed"),
            Self::SenderUnknown => f.write_str("but the sender is unknown to this conversation"),
            Self::StrangerRefused => {
                f.write_str("a token was not honoured: its sender is unknown to that conversation")
            }
            Self::Disagrees(method) => write!(f, "but {method} finds another conversation"),
            Self::TooFewAddresses { best, needed } => {
                write!(f, "mails with the same words share {best} addresses, {needed} are needed")
            }
            Self::OthersFit { conversations: 1 } => {
                f.write_str("but another conversation fits too")
            }
            Self::OthersFit { conversations } => {
                write!(f, "but {conversations} other conversations fit too")
            }
            Self::CutOff => {
                f.write_str("only the newest 64 mails with the same words were looked at")
            }
            Self::EmptySubject => f.write_str("it has no subject to compare"),
        }
    }
}

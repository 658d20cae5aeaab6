//! What is said of a message before it goes live.

use std::fmt;

use super::alignment::DkimAlignment;
use super::check::FromFinding;
use super::error::HeaderError;
use super::rewrite::{KeptBecause, RewriteOutcome};
use crate::consent::MailFlaw;
use crate::party::SendRefused;
use crate::settings::{AdviceSeverity, AttachmentRefused, MissingTables, NotUsable};

/// Which field of a message a finding is about, in the order in which findings are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MessageField {
    /// The name of the sender (`msdyncrm_marketingemail.msdyncrm_fromname`).
    FromName,
    /// The address of the sender (`msdyncrm_fromemail`).
    FromAddress,
    /// Where answers go (`msdyncrm_replytoemail`).
    ReplyTo,
    /// Whom it goes to (`msdyncrm_to`).
    To,
    /// The subject (`msdyncrm_subject`).
    Subject,
    /// Commercial or transactional (`msdyncrm_messagedesignation`).
    Designation,
    /// Anything, or a confirmation request (`msdyncrm_email_contenttype`).
    ContentType,
    /// The HTML part.
    Html,
    /// The plain-text part.
    PlainText,
    /// The expressions of all fields, where the host names the tables of their values.
    DynamicContent,
    /// The content settings that its values come from.
    ContentSettings,
    /// The files that are attached.
    Attachments,
    /// The recipients, where they are listed one by one.
    Recipients,
}

impl fmt::Display for MessageField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FromName => "From name",
            Self::FromAddress => "From address",
            Self::ReplyTo => "Reply-to address",
            Self::To => "To",
            Self::Subject => "Subject",
            Self::Designation => "Message designation",
            Self::ContentType => "Content type",
            Self::Html => "HTML",
            Self::PlainText => "Plain text",
            Self::DynamicContent => "Dynamic content",
            Self::ContentSettings => "Content settings",
            Self::Attachments => "Attachments",
            Self::Recipients => "Recipients",
        })
    }
}

/// What was found of a message.
///
/// `Display` gives the reason: a clause without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingKind {
    /// A text that must be there is not.
    Missing,
    /// A name or an address is not fit for a header.
    Header(HeaderError),
    /// The braces of an expression are not closed, at this octet: its text is shown as it is.
    OpenExpression {
        /// Where.
        at: usize,
    },
    /// Nothing stands inside the braces of an expression.
    EmptyExpression,
    /// With what stands around its expressions, the text is no address whatever they come to.
    NoAddressAround,
    /// It holds an encoded word (RFC 2047), which mail programs show as something else.
    EncodedWord,
    /// It holds a character that turns the direction of the text behind it, which makes it look like
    /// another.
    DirectionOverride,
    /// Where the expression in the From address comes out blank, there is no default address in its
    /// place.
    NoDefaultAddress,
    /// Where the expression in the From address comes out blank, the default address in its place is
    /// none.
    DefaultAddress(HeaderError),
    /// Whether another organization has the domain of the From address confirmed was not asked.
    ForeignNotAsked,
    /// The From address was rewritten.
    Rewritten {
        /// The address before.
        original: Box<str>,
        /// What became of it.
        outcome: RewriteOutcome,
    },
    /// The From address, with whose domain something is wrong, was not rewritten.
    NotRewritten(KeptBecause),
    /// The From address was rewritten, and nothing says where answers go.
    NoReplies {
        /// The address before.
        original: Box<str>,
    },
    /// What there is to say of the domain of the From address.
    FromDomain(FromFinding),
    /// What DMARC makes of the signature of the default sending domain, where that of the From address
    /// is not authenticated.
    Alignment(DkimAlignment),
    /// The name of the sender holds an address at another domain than the sender's.
    NameHoldsAddress,
    /// The account name of the sender has characters beyond ASCII.
    NeedsSmtputf8,
    /// The message goes to one address, whoever is in the segment.
    StaticRecipient,
    /// It has more characters than its column: so many, in UTF-16 code units.
    TooLong {
        /// How many there may be.
        most: usize,
    },
    /// It holds a control character or a line end at this octet.
    Control {
        /// Where.
        at: usize,
    },
    /// The part does not link to the subscription center.
    NoSubscriptionCenter,
    /// The part does not show the main address of the sender.
    NoMainAddress,
    /// It asks for a confirmation, and cannot.
    Confirmation(MailFlaw),
    /// It asks for a confirmation, and such messages cannot be shown as a web page.
    NoWebPage,
    /// It shows values of a table that is not synchronized, or not yet.
    Tables(MissingTables),
    /// The content settings cannot be used.
    ContentSettings(NotUsable),
    /// It names no content settings.
    NoContentSettings,
    /// This file is not attached.
    Attachment {
        /// The name of the file, cut after 80 characters.
        name: String,
        /// Why.
        refused: AttachmentRefused,
    },
    /// The name of this file does not fit into the header of its part, or disguises what it is.
    FileName {
        /// The name, cut after 80 characters, without control characters.
        name: Box<str>,
        /// What is wrong with it.
        problem: Box<Self>,
    },
    /// It cannot be sent to this recipient.
    Recipient {
        /// Why, and which of them.
        refused: SendRefused,
        /// The address, where there is one.
        address: Option<Box<str>>,
    },
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is none"),
            Self::Header(error) => error.problem().fmt(f),
            Self::OpenExpression { at } => {
                write!(f, "expected \"}}}}\" behind the \"{{{{\" at octet {at}, found none")
            }
            Self::EmptyExpression => f.write_str("expected a value inside \"{{}}\", found none"),
            Self::NoAddressAround => f.write_str(
                "whatever the expression comes to, with what stands around it that is no address",
            ),
            Self::EncodedWord => {
                f.write_str("it holds an encoded word, which mail programs show as something else")
            }
            Self::DirectionOverride => f.write_str(
                "it holds a character that turns the direction of the text, as forgeries do",
            ),
            Self::NoDefaultAddress => f.write_str(
                "there is no default from address for recipients for whom it comes out blank",
            ),
            Self::DefaultAddress(error) => write!(
                f,
                "the default from address, for recipients for whom it comes out blank: {}",
                error.problem()
            ),
            Self::ForeignNotAsked => {
                f.write_str("whether the domain is confirmed for another organization was not asked")
            }
            Self::Rewritten { original, outcome } => write!(f, "{original} was {outcome}"),
            Self::NotRewritten(why) => write!(f, "it was not rewritten: {why}"),
            Self::NoReplies { original } => write!(
                f,
                "there is none, and the From address can probably not receive replies, as it was \
                 {original} before"
            ),
            Self::FromDomain(finding) => finding.fmt(f),
            Self::Alignment(alignment) => {
                write!(f, "signed by the sending domain of the message: {alignment}")
            }
            Self::NameHoldsAddress => f.write_str(
                "the name holds an address at another domain, which mail programs take for a forgery",
            ),
            Self::NeedsSmtputf8 => f.write_str(
                "the account name has characters beyond ASCII: servers without SMTPUTF8 refuse the \
                 message",
            ),
            Self::StaticRecipient => f.write_str(
                "the address is fixed: a journey sends there once and blocks everybody else as a \
                 duplicate",
            ),
            Self::TooLong { most } => {
                write!(f, "expected at most {most} characters, found more")
            }
            Self::Control { at } => write!(
                f,
                "expected no control characters and no line ends, found one at octet {at}"
            ),
            Self::NoSubscriptionCenter => {
                f.write_str("there is no link to the subscription center")
            }
            Self::NoMainAddress => f.write_str("the main address of the sender is not shown"),
            Self::Confirmation(flaw) => flaw.fmt(f),
            Self::NoWebPage => {
                f.write_str("a confirmation request cannot be shown as a web page, and links to it")
            }
            Self::Tables(missing) => {
                write!(f, "{}", Bare(missing, "dynamic content: "))
            }
            Self::ContentSettings(error) => write!(f, "{}", Bare(error, "content settings: ")),
            Self::NoContentSettings => {
                f.write_str("there are none to take subscription center and address from")
            }
            Self::Attachment { name, refused } => {
                write!(f, "{name:?}: {}", Bare(refused, "attachment: "))
            }
            Self::FileName { name, problem } => write!(f, "{name:?}: {problem}"),
            Self::Recipient { refused, address: Some(address) } => write!(f, "{address}, {refused}"),
            Self::Recipient { refused, address: None } => refused.fmt(f),
        }
    }
}

/// A problem without the words that name its place, where the place is told already.
struct Bare<'a, T>(&'a T, &'static str);

impl<T: fmt::Display> fmt::Display for Bare<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(problem, place) = self;
        let said = problem.to_string();
        f.write_str(said.strip_prefix(place).unwrap_or(&said))
    }
}

impl FindingKind {
    const fn remedy(&self) -> &'static str {
        match self {
            Self::Missing => "enter it",
            Self::Header(_) => "correct it",
            Self::OpenExpression { .. } => "close the expression, or take the braces out",
            Self::EmptyExpression => "enter what it shows, or take it out",
            Self::NoAddressAround => "leave nothing but the expression, or a domain behind it",
            Self::EncodedWord => "write it out",
            Self::DirectionOverride | Self::Control { .. } => "take the character out",
            Self::NoDefaultAddress => {
                "set a default from address in the default marketing settings"
            }
            Self::DefaultAddress(_) => {
                "correct the default from address in the default marketing settings"
            }
            Self::ForeignNotAsked => "ask the register of domains",
            Self::FileName { problem, .. } => problem.remedy(),
            Self::Rewritten { .. } => "authenticate the domain to send from the address itself",
            Self::NotRewritten(why) => why.remedy(),
            Self::NoReplies { .. } => "set the address that it had before as the reply-to address",
            Self::FromDomain(finding) => finding.remedy(),
            Self::Alignment(_) => "take an address at an authenticated domain to be sure",
            Self::NameHoldsAddress => "take the address out of the name",
            Self::NeedsSmtputf8 => "take an account name in ASCII",
            Self::StaticRecipient => "enter an expression such as {{contact.emailaddress1}}",
            Self::TooLong { .. } => "shorten it",
            Self::NoSubscriptionCenter => {
                "link to {{msdyncrm_contentsettings.msdyncrm_subscriptioncenter}}"
            }
            Self::NoMainAddress => "insert {{msdyncrm_contentsettings.msdyncrm_addressmain}}",
            Self::Confirmation(MailFlaw::Designation) => "make the message transactional",
            Self::Confirmation(MailFlaw::ContentType) => "make it a confirmation request",
            Self::Confirmation(_) => "insert it",
            Self::NoWebPage => "take the link out",
            Self::Tables(missing) if missing.unpublished.is_empty() => {
                "wait until its data is synchronized, or take its fields out"
            }
            Self::Tables(_) => {
                "publish the table in the marketing data configuration and wait until its data is \
                 synchronized, or take its fields out"
            }
            Self::ContentSettings(NotUsable::Missing) => "choose others",
            Self::ContentSettings(_) => "bring them live, or choose others",
            Self::NoContentSettings => "choose content settings that are live",
            Self::Attachment { .. } => "attach another file, or a link to it",
            Self::Recipient { refused: SendRefused::NoAddress(_), .. } => {
                "enter the address, or take it out"
            }
            Self::Recipient { .. } => {
                "choose a record, or allow messages with unresolved recipients to be sent"
            }
        }
    }
}

/// One thing to say of a message before it goes live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    severity: AdviceSeverity,
    field: MessageField,
    kind: FindingKind,
}

impl Finding {
    pub(super) const fn new(
        severity: AdviceSeverity,
        field: MessageField,
        kind: FindingKind,
    ) -> Self {
        Self { severity, field, kind }
    }

    /// How bad it is: an error keeps the message from going live.
    #[must_use]
    pub const fn severity(&self) -> AdviceSeverity {
        self.severity
    }

    /// Which field of the message it is about.
    #[must_use]
    pub const fn field(&self) -> MessageField {
        self.field
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> &FindingKind {
        &self.kind
    }

    /// Why: a clause without a full stop.
    #[must_use]
    pub fn reason(&self) -> String {
        self.kind.to_string()
    }

    /// What helps: a clause that begins with a verb, without a full stop.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        self.kind.remedy()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}; {}", self.severity, self.field, self.kind, self.remedy())
    }
}

//! Did a person write this mail, for this reader?

use std::fmt;

use super::participant::{Participant, Role};

/// What kind of mail this is, as far as its headers tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MailKind {
    /// Written by a person, as far as one can see.
    #[default]
    Person,
    /// A program answered a mail: out of office, "we have received your request", a read receipt.
    AutoReply,
    /// A report that a mail was not, or not yet, delivered.
    Bounce,
    /// Sent through a mailing list; a person may have written it.
    List,
    /// A program wrote it, not as an answer: notifications, newsletters, other reports.
    Generated,
}

impl MailKind {
    /// The kind in one or two words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::AutoReply => "auto-reply",
            Self::Bounce => "bounce",
            Self::List => "list",
            Self::Generated => "generated",
        }
    }
}

impl fmt::Display for MailKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the headers of one mail say about machines: a set of [`Signal`]s and the [`MailKind`] that
/// follows from them.
///
/// Ticket systems disagree about most of these headers. The first line that applies decides:
///
/// | kind | signals | why, and who differs |
/// |---|---|---|
/// | bounce | `multipart/report` of type `delivery-status`; `X-Failed-Recipients`; a sender `mailer-daemon`; a sender `postmaster` or a report of no known type, each with a null return path or an `Auto-Submitted` that is not `no` | RFC 3464, RFC 6522. People write as `postmaster` too, so the name alone is no proof. A bounce says `auto-replied` (RFC 3464 section 2) and is still a bounce |
/// | auto-reply | `Auto-Submitted: auto-replied` | RFC 3834 section 5 |
/// | | a report of type `disposition-notification` | a read receipt answers, though nobody typed it (RFC 8098) |
/// | | `X-Autoreply`, `X-Autorespond`, ... unless `no`; `Precedence: auto_reply`; both only without `Auto-Submitted: no` | where a standard header contradicts a private one, it wins |
/// | generated | `Auto-Submitted: auto-generated`, `auto-notified` (RFC 5436), any other value but `no` and `auto-forwarded` | RFC 3834 section 5 lets values be added; all mean "not by a person" |
/// | | return path `<>` | "do not answer" (RFC 5321 section 4.5.5). Alone it does not make a bounce, as some systems have it: replies and receipts have it too |
/// | | `multipart/report` of any other type | feedback, DMARC, TLS reports |
/// | list | `List-Id`, `List-Post`, `Mailing-List`, `Precedence: list` | a list forwards people; `Precedence: list` is no sign of an answering machine, as many systems take it |
/// | generated | `Precedence: bulk` or `junk`, or only other `List-` headers (`List-Unsubscribe`, ...), without `Auto-Submitted: no` | mass mail; weaker than a list's name |
/// | person | everything else | |
///
/// Signals that decide nothing, but are kept and named:
///
/// * `Auto-Submitted: no` is a statement that a person wrote it, not a sign of a machine because
///   the header is there at all.
/// * `auto-forwarded` (and `Autoforwarded`): a person wrote it, a rule sent it on.
/// * `X-Auto-Response-Suppress` asks for silence. Exchange puts it on mail that people typed.
/// * `X-Loop` says who has already handled a mail, not how it was written.
///
/// Words in the subject ("out of office") are not looked at: they are the sender's language.
///
/// ```
/// use correspond::message::{MailKind, Message, Signal};
///
/// let mail = Message::builder()
///     .header("Auto-Submitted", "Auto-Replied (vacation)")
///     .header("X-Auto-Response-Suppress", "All")
///     .build();
/// assert_eq!(mail.automation().kind(), MailKind::AutoReply);
/// assert_eq!(mail.automation().reasons().collect::<Vec<_>>(), [Signal::AutoReplied]);
/// assert!(mail.automation().has(Signal::SuppressRequest));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Automation(u32);

impl Automation {
    /// What the signals amount to.
    #[must_use]
    pub const fn kind(self) -> MailKind {
        self.conclude().0
    }

    /// The signals that led to [`kind`](Self::kind).
    pub fn reasons(self) -> impl Iterator<Item = Signal> {
        Self(self.0 & self.conclude().1).signals()
    }

    /// Every signal of the mail, in the order of [`Signal::ALL`].
    pub fn signals(self) -> impl Iterator<Item = Signal> {
        Signal::ALL.into_iter().filter(move |signal| self.has(*signal))
    }

    /// Does the mail show this signal?
    #[must_use]
    pub const fn has(self, signal: Signal) -> bool {
        self.0 & signal.bit() != 0
    }

    /// The same with one signal more.
    #[must_use]
    pub const fn with(self, signal: Signal) -> Self {
        Self(self.0 | signal.bit())
    }

    pub(super) const fn add(&mut self, signal: Signal) {
        self.0 |= signal.bit();
    }

    /// Notes who sent it.
    pub(super) fn sender(&mut self, participant: &Participant<'_>) {
        if matches!(participant.role(), Role::From | Role::Sender) {
            if participant.has_local_part("mailer-daemon") {
                self.add(Signal::MailerDaemon);
            } else if participant.has_local_part("postmaster") {
                self.add(Signal::Postmaster);
            }
        }
    }

    /// The kind and the set of signals that speak for it.
    const fn conclude(self) -> (MailKind, u32) {
        use Signal::{
            AutoForwarded, AutoGenerated, AutoNotified, AutoOther, AutoReplied, AutoReplyHeader,
            DeclaredPerson, DeliveryReport, DispositionReport, FailedRecipients, ListHeader,
            ListManagement, MailerDaemon, NullReturnPath, OtherReport, Postmaster,
            PrecedenceAutoReply, PrecedenceBulk, PrecedenceJunk, PrecedenceList, UntypedReport,
        };
        const BOUNCE: u32 = set(&[DeliveryReport, FailedRecipients, MailerDaemon]);
        const HALF_BOUNCE: u32 = set(&[Postmaster, UntypedReport]);
        const NOT_TYPED: u32 =
            set(&[NullReturnPath, AutoReplied, AutoGenerated, AutoNotified, AutoOther]);
        const REPLY: u32 = set(&[AutoReplied, DispositionReport]);
        const PRIVATE_REPLY: u32 = set(&[AutoReplyHeader, PrecedenceAutoReply]);
        const GENERATED: u32 = set(&[
            AutoGenerated,
            AutoNotified,
            AutoOther,
            NullReturnPath,
            OtherReport,
            UntypedReport,
        ]);
        const LIST: u32 = set(&[ListHeader, PrecedenceList]);
        const MASS: u32 = set(&[PrecedenceBulk, PrecedenceJunk, ListManagement]);
        const PERSON: u32 = set(&[DeclaredPerson, AutoForwarded]);

        let declared = self.has(DeclaredPerson);
        if self.0 & BOUNCE != 0 {
            (MailKind::Bounce, BOUNCE | HALF_BOUNCE)
        } else if self.0 & HALF_BOUNCE != 0 && self.0 & NOT_TYPED != 0 {
            (MailKind::Bounce, HALF_BOUNCE | NOT_TYPED)
        } else if self.0 & REPLY != 0 || self.0 & PRIVATE_REPLY != 0 && !declared {
            (MailKind::AutoReply, REPLY | if declared { 0 } else { PRIVATE_REPLY })
        } else if self.0 & GENERATED != 0 {
            (MailKind::Generated, GENERATED)
        } else if self.0 & LIST != 0 {
            (MailKind::List, LIST)
        } else if self.0 & MASS != 0 && !declared {
            (MailKind::Generated, MASS)
        } else {
            (MailKind::Person, PERSON)
        }
    }
}

const fn set(mut signals: &[Signal]) -> u32 {
    let mut bits = 0;
    while let [first, rest @ ..] = signals {
        bits |= first.bit();
        signals = rest;
    }
    bits
}

macro_rules! signals {
    ($($(#[doc = $doc:literal])* $name:ident = $word:literal,)*) => {
        /// One thing in the headers that tells, or seems to tell, of a machine.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Signal {
            $($(#[doc = $doc])* $name,)*
        }

        impl Signal {
            /// Every signal.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$name),*];

            /// The signal in a few words.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

signals! {
    /// `Auto-Submitted: no`: a person wrote it.
    DeclaredPerson = "Auto-Submitted: no",
    /// `Auto-Submitted: auto-replied`.
    AutoReplied = "Auto-Submitted: auto-replied",
    /// `Auto-Submitted: auto-generated`.
    AutoGenerated = "Auto-Submitted: auto-generated",
    /// `Auto-Submitted: auto-notified` (RFC 5436).
    AutoNotified = "Auto-Submitted: auto-notified",
    /// `Auto-Submitted: auto-forwarded`, or `Autoforwarded: true` (RFC 2156).
    AutoForwarded = "Auto-Submitted: auto-forwarded",
    /// `Auto-Submitted` with another value.
    AutoOther = "Auto-Submitted: another value",
    /// `Precedence: bulk`.
    PrecedenceBulk = "Precedence: bulk",
    /// `Precedence: junk`.
    PrecedenceJunk = "Precedence: junk",
    /// `Precedence: list`.
    PrecedenceList = "Precedence: list",
    /// `Precedence: auto_reply` or `auto-reply`.
    PrecedenceAutoReply = "Precedence: auto_reply",
    /// `Return-Path: <>`.
    NullReturnPath = "Return-Path: <>",
    /// `From` or `Sender` is `mailer-daemon@`.
    MailerDaemon = "sender mailer-daemon",
    /// `From` or `Sender` is `postmaster@`.
    Postmaster = "sender postmaster",
    /// `Content-Type: multipart/report; report-type=delivery-status`.
    DeliveryReport = "multipart/report: delivery-status",
    /// `Content-Type: multipart/report; report-type=disposition-notification`.
    DispositionReport = "multipart/report: disposition-notification",
    /// `Content-Type: multipart/report` with another type.
    OtherReport = "multipart/report: another type",
    /// `Content-Type: multipart/report` without the type that RFC 6522 requires.
    UntypedReport = "multipart/report without report-type",
    /// `X-Failed-Recipients` (Exim).
    FailedRecipients = "X-Failed-Recipients",
    /// `X-Autoreply`, `X-Autorespond`, `X-Autoresponder`, `X-Auto-Response` and the like, unless
    /// the value is `no`.
    AutoReplyHeader = "X-Autoreply",
    /// `X-Auto-Response-Suppress` that asks for fewer automatic answers.
    SuppressRequest = "X-Auto-Response-Suppress",
    /// `X-Loop`.
    Loop = "X-Loop",
    /// `List-Id`, `List-Post` or `Mailing-List`: a mailing list.
    ListHeader = "List-Id",
    /// `List-Unsubscribe` and other `List-` headers that mass mail has as well.
    ListManagement = "List-Unsubscribe",
}

impl Signal {
    const fn bit(self) -> u32 {
        1 << self as u32
    }

    /// The signal with these words.
    pub(super) fn from_words(words: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|signal| signal.as_str() == words)
    }

    /// What the header says, if it is one of those that tell of machines.
    pub(super) fn of_header(name: &str, value: &str) -> Option<Self> {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        // The first octets rule out almost every header.
        match name.as_bytes() {
            [b'a' | b'A', b'u' | b'U', ..] => {
                if is("Auto-Submitted") || is("Autosubmitted") {
                    Self::auto_submitted(value)
                } else {
                    (is("Autoforwarded") && keyword(value).eq_ignore_ascii_case("true"))
                        .then_some(Self::AutoForwarded)
                }
            }
            [b'c' | b'C', ..] if is("Content-Type") => Self::content_type(value),
            [b'l' | b'L', ..] => {
                name.get(..5).filter(|list| list.eq_ignore_ascii_case("list-"))?;
                Some(if is("List-Id") || is("List-Post") && !says_no(value) {
                    Self::ListHeader
                } else {
                    Self::ListManagement
                })
            }
            [b'm' | b'M', ..] => is("Mailing-List").then_some(Self::ListHeader),
            [b'p' | b'P', b'r' | b'R', ..] if is("Precedence") => Self::precedence(value),
            [b'r' | b'R', ..] => {
                (is("Return-Path") && is_null_path(value)).then_some(Self::NullReturnPath)
            }
            [b'x' | b'X', b'-', rest @ ..] => Self::of_private(rest, value),
            _ => None,
        }
    }

    fn of_private(name: &[u8], value: &str) -> Option<Self> {
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        match name.first()? {
            b'a' | b'A' => {
                if is("Auto-Response-Suppress") {
                    return (!says_no(value)).then_some(Self::SuppressRequest);
                }
                let known = [
                    "Autoreply",
                    "Auto-Reply",
                    "Autoreply-From",
                    "Auto-Reply-From",
                    "Autorespond",
                    "Auto-Respond",
                    "Autoresponder",
                    "Auto-Responder",
                    "Autoresponse",
                    "Auto-Response",
                ];
                (known.into_iter().any(is) && !says_no(value)).then_some(Self::AutoReplyHeader)
            }
            b'f' | b'F' => is("Failed-Recipients").then_some(Self::FailedRecipients),
            b'l' | b'L' => is("Loop").then_some(Self::Loop),
            b'm' | b'M' => {
                (is("Mail-Autoreply") && !says_no(value)).then_some(Self::AutoReplyHeader)
            }
            _ => None,
        }
    }

    fn auto_submitted(value: &str) -> Option<Self> {
        let word = keyword(value);
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        if word.is_empty() {
            None
        } else if is("no") || is("not-auto-submitted") {
            Some(Self::DeclaredPerson)
        } else if is("auto-replied") {
            Some(Self::AutoReplied)
        } else if is("auto-generated") {
            Some(Self::AutoGenerated)
        } else if is("auto-notified") {
            Some(Self::AutoNotified)
        } else if is("auto-forwarded") {
            Some(Self::AutoForwarded)
        } else {
            Some(Self::AutoOther)
        }
    }

    fn precedence(value: &str) -> Option<Self> {
        let word = keyword(value);
        let is = |known: &str| word.eq_ignore_ascii_case(known);
        if is("bulk") {
            Some(Self::PrecedenceBulk)
        } else if is("junk") {
            Some(Self::PrecedenceJunk)
        } else if is("list") {
            Some(Self::PrecedenceList)
        } else if is("auto_reply") || is("auto-reply") {
            Some(Self::PrecedenceAutoReply)
        } else {
            None
        }
    }

    /// From the text of a `Content-Type` header.
    fn content_type(value: &str) -> Option<Self> {
        let mut parts = value.split(';');
        let media = parts.next()?.trim();
        if !media.eq_ignore_ascii_case("multipart/report") {
            return None;
        }
        let kind = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("report-type").then_some(value)
        });
        Some(Self::report(kind.map(|kind| kind.trim().trim_matches('"'))))
    }

    /// From the report type of a `multipart/report`.
    pub(crate) fn report(kind: Option<&str>) -> Self {
        match kind {
            None | Some("") => Self::UntypedReport,
            Some(kind) if kind.eq_ignore_ascii_case("delivery-status") => Self::DeliveryReport,
            Some(kind) if kind.eq_ignore_ascii_case("disposition-notification") => {
                Self::DispositionReport
            }
            Some(_) => Self::OtherReport,
        }
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The first word of a value: comments before it, parameters and comments after it are dropped.
fn keyword(value: &str) -> &str {
    let mut value = value.trim();
    while let Some(comment) = value.strip_prefix('(') {
        value = comment.split_once(')').map_or("", |(_, rest)| rest).trim_start();
    }
    value.split([';', '(', ' ', '\t', '\r', '\n']).next().unwrap_or("")
}

fn says_no(value: &str) -> bool {
    let word = keyword(value);
    ["", "no", "none", "false", "0"].iter().any(|no| word.eq_ignore_ascii_case(no))
}

fn is_null_path(value: &str) -> bool {
    let inner = value.trim().strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    inner.is_some_and(|inner| inner.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(headers: &[(&str, &str)]) -> MailKind {
        let mut found = Automation::default();
        for (name, value) in headers {
            if name.eq_ignore_ascii_case("From") {
                found.sender(&Participant::new(Role::From, *value).unwrap());
            } else if let Some(signal) = Signal::of_header(name, value) {
                found.add(signal);
            }
        }
        let kind = found.kind();
        assert!(kind == MailKind::Person || found.reasons().next().is_some(), "{headers:?}");
        kind
    }

    #[test]
    fn words_name_their_signal() {
        for signal in Signal::ALL {
            assert_eq!(Signal::from_words(signal.as_str()), Some(signal));
        }
        assert_eq!(Signal::ListHeader.to_string(), "List-Id");
        assert_eq!(MailKind::AutoReply.to_string(), "auto-reply");
    }

    #[test]
    fn auto_submitted_is_read_as_rfc_3834_has_it() {
        use MailKind::{AutoReply, Generated, Person};
        for (value, expected) in [
            ("no", Person),
            (" NO ; x=y", Person),
            ("(by hand) no (really)", Person),
            ("auto-replied", AutoReply),
            ("Auto-Replied; owner-email=\"a@b\"", AutoReply),
            ("auto-replied(vacation)", AutoReply),
            ("auto-generated", Generated),
            ("auto-notified; owner-email=\"a@b\"", Generated),
            ("auto-forwarded", Person),
            ("auto-anything", Generated),
            ("yes", Generated),
            ("", Person),
            ("(only a comment", Person),
        ] {
            assert_eq!(kind(&[("auto-submitted", value)]), expected, "{value}");
        }
    }

    #[test]
    fn the_disagreements_are_decided() {
        use MailKind::{AutoReply, Bounce, Generated, List, Person};
        let report = "Content-Type";
        for (headers, expected) in [
            (&[("X-Auto-Response-Suppress", "All")][..], Person),
            (&[("X-Auto-Response-Suppress", "None")], Person),
            (&[("X-Loop", "a@b")], Person),
            (&[("Precedence", "list")], List),
            (&[("Precedence", "bulk")], Generated),
            (&[("Precedence", "first-class")], Person),
            (&[("Precedence", "bulk"), ("List-Id", "<a.b>")], List),
            (&[("Precedence", "bulk"), ("Auto-Submitted", "no")], Person),
            (&[("Precedence", "auto_reply")], AutoReply),
            (&[("List-Unsubscribe", "<x>")], Generated),
            (&[("List-Post", "NO"), ("List-Id", "<a.b>")], List),
            (&[("List-Post", "NO")], Generated),
            (&[("Mailing-List", "a@b")], List),
            (&[("List-Id", "<a.b>"), ("Auto-Submitted", "auto-generated")], Generated),
            (&[("X-Autoreply", "yes")], AutoReply),
            (&[("X-Autoreply", "no")], Person),
            (&[("X-Autorespond", "Out of office")], AutoReply),
            (&[("X-Autoreply", "yes"), ("Auto-Submitted", "no")], Person),
            (&[("Autoforwarded", "TRUE")], Person),
            (&[("Return-Path", " <>\r\n")], Generated),
            (&[("Return-Path", "<a@b>")], Person),
            (&[("Return-Path", "<>"), ("Auto-Submitted", "auto-replied")], AutoReply),
            (&[("From", "MAILER-DAEMON@b")], Bounce),
            (&[("From", "postmaster@b")], Person),
            (&[("From", "postmaster@b"), ("Return-Path", "<>")], Bounce),
            (&[("X-Failed-Recipients", "a@b")], Bounce),
            (&[(report, "multipart/report; report-type=delivery-status; boundary=x")], Bounce),
            (
                &[
                    (report, "Multipart/Report;\r\n\treport-type=\"Delivery-Status\""),
                    ("Auto-Submitted", "auto-replied"),
                ],
                Bounce,
            ),
            (&[(report, "multipart/report; report-type=disposition-notification")], AutoReply),
            (&[(report, "multipart/report; report-type=feedback-report")], Generated),
            (&[(report, "multipart/report; boundary=x")], Generated),
            (&[(report, "multipart/report"), ("Return-Path", "<>")], Bounce),
            (&[(report, "multipart/mixed; report-type=delivery-status")], Person),
            (&[("Subject", "Out of office"), ("X-Priority", "1"), ("X", "")], Person),
        ] {
            assert_eq!(kind(headers), expected, "{headers:?}");
        }
    }
}

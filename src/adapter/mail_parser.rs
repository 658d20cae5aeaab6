//! How does a raw mail become a [`Message`]? Feature `mail-parser`.
//!
//! [`parse`] takes the octets of a mail (RFC 5322). Who has parsed the mail with the `mail-parser`
//! crate anyway gives the result to [`read`], which borrows and costs a fraction of the parsing.
//!
//! mail-parser splits and decodes; the headers that name other mails are read from the raw text by
//! [`ids`](crate::message::ids), because mail-parser takes an address in the first brackets for an
//! id and loses a second form beside the first. `read` needs these headers: `Subject`, `Date` and the
//! address headers parsed as such (the parser's defaults do), the others in any form, with the raw
//! message at hand.
//!
//! Where a header that RFC 5322 allows once stands several times, ids and addresses are taken
//! together, and of `Subject`, `Date` and `Message-ID` the last readable one counts: relays put
//! theirs on top, and DKIM signs from the bottom (RFC 6376 section 5.4.2).
//!
//! Of the body only a `multipart/report` is looked at, for the mail that it
//! [reports on](Message::reported).

mod report;

use std::borrow::Cow;

use ::mail_parser::decoders::charsets::map::charset_decoder;
use ::mail_parser::{Addr, Address, DateTime, Header, HeaderName, HeaderValue, MessageParser};
use chrono::{NaiveDate, TimeDelta, Utc};

use crate::message::{Defect, Message, MessageBuilder, Participant, Role, Signal};
use crate::subject::decode_with;

/// The most octets of a mail in which headers are sought.
pub const MAX_HEADER_OCTETS: usize = 16 * 1024 * 1024;

/// The longest value, in octets, of a header that is neither a subject nor holds ids.
const MAX_VALUE_OCTETS: usize = 64 * 1024;

/// Reads the headers of a mail; the body is not looked at, except for what a report is about.
///
/// Total: any octets give a message. Without one readable header it is empty, with
/// [`Defect::NoHeaders`]. A mail that ends in its headers keeps the last one. Headers beyond
/// [`MAX_HEADER_OCTETS`] are not read ([`Defect::Oversized`]). Linear in the headers, and of a report
/// in the first MiB of its body.
///
/// ```
/// use correspond::adapter::mail_parser;
///
/// let mail = mail_parser::parse(
///     b"From: Anna <anna@x.example>\r\n\
///       In-Reply-To: Message from B <b@x.example> of \"Tue, 3 Sep\" <1@x.example>\r\n\
///       Message-ID: <2@x.example>\r\n\
///       Subject: =?utf-8?q?Re=3A_Gr=C3=BC=C3=9Fe?=\r\n\r\nHi",
/// );
/// assert_eq!(mail.subject(), Some("Re: Grüße"));
/// assert_eq!(mail.in_reply_to()[0].as_str(), "1@x.example");
/// assert!(mail.defects().is_empty());
/// ```
#[must_use]
pub fn parse(raw: &[u8]) -> Message<'static> {
    with(raw, |mail| mail.into_owned())
}

/// Reads the headers of a mail as [`parse`] does and hands the message on, which borrows from the
/// mail: for those who are done with it at once.
///
/// ```
/// use correspond::adapter::mail_parser;
///
/// let raw = b"Subject: Hi\n\n";
/// assert!(mail_parser::with(raw, |mail| mail.subject() == Some("Hi")));
/// ```
pub fn with<T>(raw: &[u8], then: impl FnOnce(Message<'_>) -> T) -> T {
    let head = raw.get(..MAX_HEADER_OCTETS).unwrap_or(raw);
    let whole = has_blank_line(head);
    let ended;
    let given = if whole || head.ends_with(b"\n") {
        head
    } else {
        // mail-parser forgets a header that ends with the input.
        ended = [head, b"\n\n"].concat();
        &ended
    };
    let parsed = MessageParser::new().parse_headers(given);
    let mut mail = parsed.as_ref().map_or_else(Message::builder, collect);
    if parsed.is_none() {
        mail.add_defect(Defect::NoHeaders { octets: raw.len() });
    }
    if !whole && head.len() < raw.len() {
        let (octets, limit) = (raw.len(), MAX_HEADER_OCTETS);
        mail.add_defect(Defect::Oversized { header: "the headers", octets, limit });
    }
    mail.set_size(raw.len() as u64);
    then(mail.build())
}

/// Takes what correlation needs from a mail that mail-parser has parsed; the message borrows from
/// it.
///
/// The size is that of the octets which mail-parser was given. See the [module](self) for the
/// headers it needs.
///
/// ```
/// use correspond::adapter::mail_parser::read;
///
/// let raw = b"Message-ID: <1@x.example>\nReferences: <0@x.example>\n\nHi";
/// let parsed = mail_parser::MessageParser::default().parse(raw).unwrap();
/// assert_eq!(read(&parsed).references()[0].as_str(), "0@x.example");
/// ```
#[must_use]
pub fn read<'m>(mail: &'m ::mail_parser::Message<'_>) -> Message<'m> {
    let mut found = collect(mail);
    found.set_size(mail.raw_message.len() as u64);
    found.build()
}

fn collect<'m>(mail: &'m ::mail_parser::Message<'_>) -> MessageBuilder<'m> {
    let mut reading = Reading {
        raw: &mail.raw_message,
        mail: Message::builder(),
        seen: [0; ONCE.len()],
        boundary: None,
    };
    let headers = mail.parts.first().map_or(&[][..], |root| &root.headers);
    for header in headers {
        reading.header(header);
    }
    // Where the body begins, mail-parser says only of mails that it has read to the end.
    reading.report(headers.last().map_or(0, |last| last.offset_end as usize));
    for (name, &found) in ONCE.iter().zip(&reading.seen) {
        if found > 1 {
            reading.mail.add_defect(Defect::SeveralHeaders { header: name, found });
        }
    }
    reading.mail
}

/// The headers of correlation that RFC 5322 section 3.6 allows once.
#[derive(Clone, Copy)]
enum Once {
    Subject,
    Date,
    MessageId,
    InReplyTo,
    References,
    From,
    Sender,
    ReplyTo,
    To,
    Cc,
    Bcc,
}

const ONCE: [&str; 11] = [
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
];

struct Reading<'m> {
    raw: &'m [u8],
    mail: MessageBuilder<'m>,
    seen: [usize; ONCE.len()],
    /// That of a report's parts.
    boundary: Option<&'m str>,
}

impl<'m> Reading<'m> {
    fn header(&mut self, header: &'m Header<'_>) {
        match &header.name {
            HeaderName::Subject => self.subject(header),
            HeaderName::Date => self.date(header),
            HeaderName::MessageId => {
                self.count(Once::MessageId);
                let text = self.text(header, "Message-ID");
                self.mail.read_message_id(text);
            }
            HeaderName::InReplyTo => {
                self.count(Once::InReplyTo);
                let text = self.text(header, "In-Reply-To");
                self.mail.read_in_reply_to(text);
            }
            HeaderName::References => {
                self.count(Once::References);
                let text = self.text(header, "References");
                self.mail.read_references(text);
            }
            HeaderName::From => self.addresses(header, Role::From, Once::From),
            HeaderName::Sender => self.addresses(header, Role::Sender, Once::Sender),
            HeaderName::ReplyTo => self.addresses(header, Role::ReplyTo, Once::ReplyTo),
            HeaderName::To => self.addresses(header, Role::To, Once::To),
            HeaderName::Cc => self.addresses(header, Role::Cc, Once::Cc),
            HeaderName::Bcc => self.addresses(header, Role::Bcc, Once::Bcc),
            HeaderName::ReturnPath => {
                let text = self.text(header, "Return-Path");
                self.mail.read_return_path(text);
            }
            HeaderName::ContentType => self.content_type(header),
            HeaderName::AutoSubmitted
            | HeaderName::Autosubmitted
            | HeaderName::Autoforwarded
            | HeaderName::ListArchive
            | HeaderName::ListHelp
            | HeaderName::ListId
            | HeaderName::ListOwner
            | HeaderName::ListPost
            | HeaderName::ListSubscribe
            | HeaderName::ListUnsubscribe => self.signal(header),
            HeaderName::Other(name) => match name.as_bytes() {
                [b't' | b'T', ..] if name.eq_ignore_ascii_case("Thread-Index") => {
                    let text = self.text(header, "Thread-Index");
                    self.mail.read_thread_index(&text);
                }
                [b'x' | b'X', b'-', b'a' | b'A' | b'f' | b'F' | b'l' | b'L' | b'm' | b'M', ..]
                | [b'p' | b'P' | b'm' | b'M', ..] => self.signal(header),
                _ => {}
            },
            _ => {}
        }
    }

    fn subject(&mut self, header: &'m Header<'_>) {
        self.count(Once::Subject);
        let raw = self.text(header, "Subject");
        let subject = match &header.value {
            HeaderValue::Text(text)
                if text.contains('\u{fffd}') && raw.len() <= MAX_VALUE_OCTETS =>
            {
                // mail-parser decodes each encoded word alone: characters split over two are lost.
                let charset =
                    |name: &str, octets: &[u8]| Some(charset_decoder(name.as_bytes())?(octets));
                Cow::Owned(decode_with(raw.trim(), charset).into_owned())
            }
            HeaderValue::Text(text) => Cow::Borrowed(text.as_ref()),
            // Empty, or the last line of a mail that ends in its headers.
            _ => match raw {
                Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
                Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
            },
        };
        self.mail.set_subject(subject);
    }

    fn date(&mut self, header: &'m Header<'_>) {
        self.count(Once::Date);
        match header.value.as_datetime().and_then(point_in_time) {
            Some(date) => self.mail.set_date(date),
            None => {
                let found = Defect::quote(&self.text(header, "Date"));
                self.mail.add_defect(Defect::UnreadableDate { found });
            }
        }
    }

    fn addresses(&mut self, header: &'m Header<'_>, role: Role, once: Once) {
        self.count(once);
        let text = self.text(header, role.header());
        match &header.value {
            HeaderValue::Address(Address::List(list)) => self.address_list(list, role),
            HeaderValue::Address(Address::Group(groups)) => {
                for group in groups {
                    self.address_list(&group.addresses, role);
                }
            }
            _ if text.trim().is_empty() => {}
            _ => self.unreadable(role, &text),
        }
    }

    fn address_list(&mut self, list: &'m [Addr<'_>], role: Role) {
        self.mail.expect_participants(list.len());
        for entry in list {
            let address = entry.address.as_deref().unwrap_or("");
            match (Participant::new(role, address), entry.name.as_deref()) {
                (Some(participant), Some(name)) => {
                    self.mail.add_participant(participant.with_name(name));
                }
                (Some(participant), None) => self.mail.add_participant(participant),
                (None, name) => {
                    self.unreadable(
                        role,
                        if address.is_empty() { name } else { None }.unwrap_or(address),
                    );
                }
            }
        }
    }

    fn unreadable(&mut self, role: Role, found: &str) {
        let found = Defect::quote(found);
        self.mail.add_defect(Defect::UnreadableAddress { header: role.header(), found });
    }

    fn content_type(&mut self, header: &'m Header<'_>) {
        if let HeaderValue::ContentType(media) = &header.value {
            if media.c_type.eq_ignore_ascii_case("multipart")
                && media.c_subtype.as_deref().is_some_and(|s| s.eq_ignore_ascii_case("report"))
            {
                self.mail.add_signal(Signal::report(media.attribute("report-type")));
                self.boundary = media.attribute("boundary").filter(|text| !text.is_empty());
            }
        } else {
            self.signal(header);
        }
    }

    /// Where the mail is a report: what it is about.
    fn report(&mut self, body: usize) {
        let Some(boundary) = self.boundary else { return };
        let body = self.raw.get(body..).unwrap_or_default();
        match report::reported(body, boundary) {
            Some(Cow::Borrowed(value)) => {
                self.mail.read_reported(String::from_utf8_lossy(value));
            }
            Some(Cow::Owned(value)) => {
                let text = String::from_utf8_lossy(&value).into_owned();
                self.mail.read_reported(Cow::Owned(text));
            }
            None => {}
        }
    }

    fn signal(&mut self, header: &'m Header<'_>) {
        let octets = self.octets(header);
        let octets = octets.get(..MAX_VALUE_OCTETS).unwrap_or(octets);
        match str::from_utf8(octets) {
            Ok(text) => self.mail.read_signal(header.name.as_str(), text),
            Err(_) => {
                self.mail.read_signal(header.name.as_str(), &String::from_utf8_lossy(octets));
            }
        }
    }

    /// The value as it stands in the mail, without the line end.
    fn octets(&self, header: &Header<'_>) -> &'m [u8] {
        self.raw.get(header.offset_start as usize..header.offset_end as usize).unwrap_or_default()
    }

    fn text(&mut self, header: &Header<'_>, name: &'static str) -> Cow<'m, str> {
        let octets = self.octets(header);
        // `from_utf8` looks at whole words of ASCII, `from_utf8_lossy` at single octets.
        str::from_utf8(octets).map_or_else(
            |_| {
                self.mail.add_defect(Defect::InvalidUtf8 { header: name });
                String::from_utf8_lossy(octets)
            },
            Cow::Borrowed,
        )
    }

    fn count(&mut self, once: Once) {
        if let Some(seen) = self.seen.get_mut(once as usize) {
            *seen += 1;
        }
    }
}

/// Is there an end of the headers?
fn has_blank_line(head: &[u8]) -> bool {
    let ends = |blank: &[u8]| memchr::memmem::find(head, blank).is_some();
    // Mail on its way has lines that end in CR LF, mail in files mostly has not.
    ends(b"\n\n") || ends(b"\n\r\n")
}

/// The instant; `None` for a day that no calendar has. A leap second is the second before it.
fn point_in_time(date: &DateTime) -> Option<chrono::DateTime<Utc>> {
    // A year of three digits counts from 1900 (RFC 5322 section 4.3).
    let year = match date.year {
        year @ 100..=999 => year + 1900,
        year => year,
    };
    let second = if date.second == 60 { 59 } else { date.second };
    let offset = i64::from(date.tz_hour) * 3600 + i64::from(date.tz_minute) * 60;
    NaiveDate::from_ymd_opt(year.into(), date.month.into(), date.day.into())?
        .and_hms_opt(date.hour.into(), date.minute.into(), second.into())?
        .checked_add_signed(TimeDelta::seconds(if date.tz_before_gmt { offset } else { -offset }))
        .map(|utc| utc.and_utc())
}

//! One mail as a JSON object: `{"message_id": ..., "from": ..., "x": {...}}`.

use std::borrow::Cow;

use chrono::{DateTime, SecondsFormat, Utc};

use super::Message;
use super::automation::Signal;
use super::builder::MessageBuilder;
use super::defect::Defect;
use super::message_id::MessageId;
use super::participant::{Participant, Role};

mod form;

use form::{List, Text};

/// The serde form of a mail: one flat object, and what only some mails have under `x`.
///
/// | field | holds |
/// |---|---|
/// | `message_id`, `in_reply_to` | one id, without angle brackets, or null |
/// | `references` | ids, the head of the conversation first |
/// | `date` | RFC 3339 |
/// | `from`, `to`, `cc` | addresses |
/// | `subject`, `subject_raw` | decoded, and as it stood in the mail: read when there is no `subject` |
/// | `x.in_reply_to_raw` | the header's text: read by [`ids`](super::ids), and wins |
/// | `x.in_reply_to_all` | ids, when there are several: wins over `in_reply_to` |
/// | `x.from_name`, `x.sender`, `x.reply_to`, `x.bcc` | a name, an address, addresses, addresses |
/// | `x.thread_index` | base64 |
/// | `x.auto_submitted`, `x.precedence`, `x.return_path`, `x.list_id`, `x.content_type`, `x.x_auto_response_suppress` | the headers' texts |
/// | `x.reported` | the id of the mail that a report is about |
/// | `x.signals` | signs of a machine in the words of [`Signal`]: what [`Message`] keeps of headers |
/// | `x.mailer` | the program that wrote it |
/// | `x.folder`, `x.size` | where it was found; octets |
///
/// A field may stand at the top or under `x`, may be null or missing; unknown ones are ignored. A
/// field of a wrong type is an error that names it. Text that is no id, date or address is a
/// [`Defect`] of the message, not an error. Of a list at most as much is kept as a message keeps.
///
/// Written back from a [`Message`], an object holds everything but the defects, names other than the
/// first writer's and further writers.
///
/// ```
/// use correspond::message::{Message, MessageLine};
///
/// let line: MessageLine = serde_json::from_str(
///     r#"{"message_id": "2@x.example", "in_reply_to": null, "references": ["1@x.example"],
///         "from": "anna@x.example", "to": [], "subject": "Re: Offer",
///         "x": {"from_name": "Anna", "precedence": "bulk"}}"#,
/// )?;
/// let mail = Message::from(line);
/// assert_eq!(mail.references()[0].as_str(), "1@x.example");
/// assert_eq!(mail.participants()[0].name(), Some("Anna"));
///
/// let wrong = serde_json::from_str::<MessageLine>(r#"{"x": {"thread_index": 5}}"#);
/// assert_eq!(
///     wrong.unwrap_err().to_string(),
///     "x.thread_index: invalid type: integer `5`, expected a string or null at line 1 column 24",
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageLine<'a> {
    message_id: Text<'a>,
    in_reply_to: Text<'a>,
    references: List<'a>,
    date: Text<'a>,
    from: Text<'a>,
    to: List<'a>,
    cc: List<'a>,
    subject: Text<'a>,
    subject_raw: Text<'a>,
    extra: Extra<'a>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Extra<'a> {
    from_name: Text<'a>,
    sender: Text<'a>,
    reply_to: List<'a>,
    bcc: List<'a>,
    thread_index: Text<'a>,
    auto_submitted: Text<'a>,
    precedence: Text<'a>,
    return_path: Text<'a>,
    list_id: Text<'a>,
    content_type: Text<'a>,
    x_auto_response_suppress: Text<'a>,
    mailer: Text<'a>,
    in_reply_to_all: List<'a>,
    in_reply_to_raw: Text<'a>,
    reported: Text<'a>,
    signals: List<'a>,
    folder: Text<'a>,
    size: Option<u64>,
}

impl<'a> From<MessageLine<'a>> for Message<'a> {
    fn from(line: MessageLine<'a>) -> Self {
        let extra = line.extra;
        let mut mail = Self::builder();
        if let Some(id) = line.message_id.0 {
            mail.take_message_id(&id);
        }
        if let Some(raw) = extra.in_reply_to_raw.0 {
            mail.read_in_reply_to(raw);
        } else if extra.in_reply_to_all.items.is_empty() {
            if let Some(text) = line.in_reply_to.0 {
                mail.take_id("in_reply_to", text, MessageBuilder::push_in_reply_to);
            }
        } else {
            for text in extra.in_reply_to_all.items {
                mail.take_id("in_reply_to_all", text, MessageBuilder::push_in_reply_to);
            }
        }
        mail.note_dropped_references(line.references.dropped);
        for text in line.references.items {
            mail.take_id("references", text, MessageBuilder::push_reference);
        }
        if let Some(text) = extra.thread_index.0 {
            mail.read_thread_index(&text);
        }
        if let Some(text) = extra.reported.0 {
            mail.take_id("reported", text, MessageBuilder::set_reported);
        }
        if let Some(subject) = line.subject.0.or(line.subject_raw.0) {
            mail.set_subject(subject);
        }
        if let Some(text) = line.date.0 {
            match DateTime::parse_from_rfc3339(&text) {
                Ok(date) => mail.set_date(date.with_timezone(&Utc)),
                Err(_) => mail.add_defect(Defect::UnreadableDate { found: Defect::quote(&text) }),
            }
        }
        if let Some(address) = line.from.0 {
            mail.take_participant(Role::From, address, extra.from_name.0);
        }
        if let Some(address) = extra.sender.0 {
            mail.take_participant(Role::Sender, address, None);
        }
        for (role, list) in [
            (Role::ReplyTo, extra.reply_to),
            (Role::To, line.to),
            (Role::Cc, line.cc),
            (Role::Bcc, extra.bcc),
        ] {
            mail.note_dropped_participants(list.dropped);
            for address in list.items {
                mail.take_participant(role, address, None);
            }
        }
        for (name, text) in [
            ("Auto-Submitted", extra.auto_submitted),
            ("Precedence", extra.precedence),
            ("List-Id", extra.list_id),
            ("Content-Type", extra.content_type),
            ("X-Auto-Response-Suppress", extra.x_auto_response_suppress),
        ] {
            if let Some(text) = text.0 {
                mail.read_signal(name, &text);
            }
        }
        if let Some(path) = extra.return_path.0 {
            mail.read_return_path(if path.is_empty() { "<>".into() } else { path });
        }
        for words in extra.signals.items {
            if let Some(signal) = Signal::from_words(&words) {
                mail.add_signal(signal);
            }
        }
        if let Some(folder) = extra.folder.0 {
            mail.set_folder(folder);
        }
        if let Some(size) = extra.size {
            mail.set_size(size);
        }
        mail.build()
    }
}

impl<'a> MessageBuilder<'a> {
    /// One id that stands alone in its field.
    fn take_id(
        &mut self,
        field: &'static str,
        text: Cow<'a, str>,
        take: fn(&mut Self, MessageId<'a>),
    ) {
        match MessageId::parse_cow(&text) {
            Ok(id) => take(self, id),
            Err(_) if text.is_empty() => {}
            Err(_) => {
                self.add_defect(Defect::NoIds { header: field, found: Defect::quote(&text) });
            }
        }
    }

    fn take_participant(&mut self, role: Role, address: Cow<'a, str>, name: Option<Cow<'a, str>>) {
        match Participant::new(role, address.clone()) {
            Some(participant) => self.add_participant(match name {
                Some(name) => participant.with_name(name),
                None => participant,
            }),
            None if address.is_empty() => {}
            None => self.add_defect(Defect::UnreadableAddress {
                header: role.header(),
                found: Defect::quote(&address),
            }),
        }
    }
}

impl<'m> From<&'m Message<'_>> for MessageLine<'m> {
    fn from(mail: &'m Message<'_>) -> Self {
        let text = |text: Option<&'m str>| Text(text.map(Cow::Borrowed));
        let ids = |ids: &'m [MessageId<'_>]| List::of(ids.iter().map(MessageId::as_str));
        let first = |role| mail.in_role(role).next();
        let all = |role| List::of(mail.in_role(role).map(Participant::address));
        let several = mail.in_reply_to().len() > 1;
        MessageLine {
            message_id: text(mail.message_id().map(MessageId::as_str)),
            in_reply_to: text(mail.in_reply_to().first().map(MessageId::as_str)),
            references: ids(mail.references()),
            date: Text(
                mail.date().map(|date| date.to_rfc3339_opts(SecondsFormat::AutoSi, true).into()),
            ),
            from: text(first(Role::From).map(Participant::address)),
            to: all(Role::To),
            cc: all(Role::Cc),
            subject: text(mail.subject()),
            subject_raw: Text(None),
            extra: Extra {
                from_name: text(first(Role::From).and_then(Participant::name)),
                sender: text(first(Role::Sender).map(Participant::address)),
                reply_to: all(Role::ReplyTo),
                bcc: all(Role::Bcc),
                thread_index: Text(mail.thread_index().map(|index| index.to_string().into())),
                return_path: text(mail.return_path()),
                in_reply_to_all: if several { ids(mail.in_reply_to()) } else { List::default() },
                reported: text(mail.reported().map(MessageId::as_str)),
                signals: List::of(mail.automation().signals().map(Signal::as_str)),
                folder: text(mail.folder()),
                size: mail.size(),
                ..Extra::default()
            },
        }
    }
}

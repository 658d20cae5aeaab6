//! Putting a message together, field by field or header by header.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::Message;
use super::automation::Signal;
use super::defect::Defect;
use super::message_id::MessageId;
use super::participant::Participant;
use super::references::{FirstAndLast, Ids, scan};
use super::thread_index::ThreadIndex;

/// Builds a [`Message`] from whatever a mail has; see [`Message::builder`].
///
/// Every list keeps its bound, whatever is added: what went too far is a [`Defect`] of the message.
#[derive(Clone, Debug, Default)]
pub struct MessageBuilder<'a> {
    mail: Message<'a>,
    in_reply_to: FirstAndLast<MessageId<'a>>,
    references: FirstAndLast<MessageId<'a>>,
    participants_left_out: usize,
    invalid_id: Option<Defect>,
}

impl<'a> MessageBuilder<'a> {
    /// The mail's own id.
    #[must_use]
    pub fn message_id(mut self, id: MessageId<'a>) -> Self {
        self.mail.message_id = Some(id);
        self
    }

    /// An id that `In-Reply-To` holds, after those already there.
    #[must_use]
    pub fn in_reply_to(mut self, id: MessageId<'a>) -> Self {
        self.push_in_reply_to(id);
        self
    }

    /// An id that `References` holds, after those already there: the parent comes last.
    #[must_use]
    pub fn reference(mut self, id: MessageId<'a>) -> Self {
        self.push_reference(id);
        self
    }

    /// The conversation index.
    #[must_use]
    pub fn thread_index(mut self, index: ThreadIndex) -> Self {
        self.mail.thread_index = Some(index);
        self
    }

    /// The mail that this one, a report, is about.
    #[must_use]
    pub fn reported(mut self, id: MessageId<'a>) -> Self {
        self.set_reported(id);
        self
    }

    /// The subject, decoded and unfolded. NULs are left out; cut at
    /// [`Message::MAX_SUBJECT_OCTETS`].
    #[must_use]
    pub fn subject(mut self, subject: impl Into<Cow<'a, str>>) -> Self {
        self.set_subject(subject.into());
        self
    }

    /// When it was sent.
    #[must_use]
    pub const fn date(mut self, date: DateTime<Utc>) -> Self {
        self.mail.date = Some(date);
        self
    }

    /// Somebody in it, after those already there. The first [`Message::MAX_PARTICIPANTS`] are kept.
    #[must_use]
    pub fn participant(mut self, participant: Participant<'a>) -> Self {
        self.add_participant(participant);
        self
    }

    /// The folder in which it was found, as the mailbox names it.
    #[must_use]
    pub fn folder(mut self, folder: impl Into<Cow<'a, str>>) -> Self {
        self.set_folder(folder.into());
        self
    }

    /// Its size in octets, headers and attachments included.
    #[must_use]
    pub const fn size(mut self, octets: u64) -> Self {
        self.mail.size = Some(octets);
        self
    }

    /// A sign of a machine that the caller knows of.
    #[must_use]
    pub const fn signal(mut self, signal: Signal) -> Self {
        self.mail.automation.add(signal);
        self
    }

    /// Something that was wrong with the mail.
    #[must_use]
    pub fn defect(mut self, defect: Defect) -> Self {
        self.add_defect(defect);
        self
    }

    /// A header as it stands in the mail, folds and all; the name in any case.
    ///
    /// Reads `Message-ID`, `In-Reply-To`, `References`, `Thread-Index`, `Return-Path` and the headers
    /// of [`Automation`](super::Automation). Any other header changes nothing: subjects and names
    /// must be decoded, addresses split and dates read first, and come through the other methods.
    ///
    /// ```
    /// use correspond::message::Message;
    ///
    /// let mail = Message::builder()
    ///     .header("message-id", "<2@x.example>")
    ///     .header("In-Reply-To", "<1@x.example> (B's message of \"Tue, 3 Sep\")")
    ///     .build();
    /// assert_eq!(mail.in_reply_to()[0].as_str(), "1@x.example");
    /// ```
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Cow<'a, str>>) -> Self {
        let value = value.into();
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        if is("Message-ID") {
            self.read_message_id(value);
        } else if is("In-Reply-To") {
            self.read_in_reply_to(value);
        } else if is("References") {
            self.read_references(value);
        } else if is("Thread-Index") {
            self.read_thread_index(&value);
        } else if is("Return-Path") {
            self.read_return_path(value);
        } else {
            self.read_signal(name, &value);
        }
        self
    }

    /// The message.
    #[must_use]
    pub fn build(mut self) -> Message<'a> {
        self.finish();
        self.mail
    }

    fn finish(&mut self) {
        let in_reply_to = std::mem::take(&mut self.in_reply_to).finish();
        self.mail.in_reply_to = in_reply_to.0;
        self.limit_ids("In-Reply-To", in_reply_to.1);
        let references = std::mem::take(&mut self.references).finish();
        self.mail.references = references.0;
        self.mail.dropped_references += references.1;
        self.limit_ids("References", self.mail.dropped_references);
        if self.mail.message_id.is_none() {
            let defect = self.invalid_id.take().unwrap_or(Defect::MissingMessageId);
            self.add_defect(defect);
        }
        if self.participants_left_out > 0 {
            let kept = self.mail.participants.len();
            let found = kept + self.participants_left_out;
            self.add_defect(Defect::TooManyParticipants { found, kept });
        }
        self.drop_addresses();
    }

    fn limit_ids(&mut self, header: &'static str, dropped: usize) {
        if dropped > 0 {
            self.add_defect(Defect::TooManyIds { header, found: Ids::MAX + dropped });
        }
    }

    /// An "id" that is a participant's address ties unrelated mails together. At most 64 ids times
    /// 1000 participants, nearly all settled by their lengths.
    fn drop_addresses(&mut self) {
        let Message { in_reply_to, participants, defects, .. } = &mut self.mail;
        in_reply_to.retain(|id| {
            let id = id.as_str();
            let is_address = participants.iter().any(|p| p.address().eq_ignore_ascii_case(id));
            if is_address {
                defects.push(Defect::AddressAsId { found: Defect::quote(id) });
            }
            !is_address
        });
    }

    pub(crate) fn add_defect(&mut self, defect: Defect) {
        self.mail.defects.push(defect);
    }

    pub(crate) fn add_participant(&mut self, participant: Participant<'a>) {
        if self.mail.participants.len() < Message::MAX_PARTICIPANTS {
            self.mail.automation.sender(&participant);
            self.mail.participants.push(participant);
        } else {
            self.participants_left_out += 1;
        }
    }

    #[cfg(feature = "mail-parser")]
    pub(crate) fn expect_participants(&mut self, more: usize) {
        let room = Message::MAX_PARTICIPANTS.saturating_sub(self.mail.participants.len());
        self.mail.participants.reserve(more.min(room));
    }

    pub(super) fn push_in_reply_to(&mut self, id: MessageId<'a>) {
        self.in_reply_to.push(id);
    }

    pub(super) fn push_reference(&mut self, id: MessageId<'a>) {
        self.references.push(id);
    }

    /// Notes references that the source left out before they came here.
    pub(super) const fn note_dropped_references(&mut self, dropped: usize) {
        self.mail.dropped_references += dropped;
    }

    /// Notes participants that the source left out after those to come.
    pub(super) const fn note_dropped_participants(&mut self, dropped: usize) {
        self.participants_left_out += dropped;
    }

    pub(super) fn set_reported(&mut self, id: MessageId<'a>) {
        self.mail.reported = Some(id);
    }

    pub(super) fn set_folder(&mut self, folder: Cow<'a, str>) {
        self.mail.folder = Some(folder);
    }

    pub(crate) fn set_subject(&mut self, mut subject: Cow<'a, str>) {
        // Nobody types a NUL; it would make another subject of the same one.
        if memchr::memchr(0, subject.as_bytes()).is_some() {
            subject.to_mut().retain(|c| c != '\0');
        }
        self.mail.subject = Some(self.limit("Subject", subject, Message::MAX_SUBJECT_OCTETS));
    }

    pub(crate) const fn set_date(&mut self, date: DateTime<Utc>) {
        self.mail.date = Some(date);
    }

    pub(crate) const fn set_size(&mut self, octets: u64) {
        self.mail.size = Some(octets);
    }

    pub(crate) const fn add_signal(&mut self, signal: Signal) {
        self.mail.automation.add(signal);
    }

    pub(crate) fn read_signal(&mut self, name: &str, value: &str) {
        if let Some(signal) = Signal::of_header(name, value) {
            self.mail.automation.add(signal);
        }
    }

    pub(crate) fn read_message_id(&mut self, value: Cow<'a, str>) {
        match one_id(&value) {
            Some(id) => self.mail.message_id = Some(id),
            None => self.take_message_id(&value),
        }
    }

    /// The mail's id from a text that holds nothing else.
    #[expect(clippy::ptr_arg, reason = "a borrowed text gives a borrowed id")]
    pub(super) fn take_message_id(&mut self, value: &Cow<'a, str>) {
        match MessageId::parse_cow(value) {
            Ok(id) => self.mail.message_id = Some(id),
            Err(reason) => {
                let found = Defect::quote(value);
                self.invalid_id = Some(Defect::InvalidMessageId { found, reason });
            }
        }
    }

    /// The id among the headers that a report brings along. One that cannot be read is no defect of
    /// the report.
    #[cfg(feature = "mail-parser")]
    pub(crate) fn read_reported(&mut self, value: Cow<'a, str>) {
        self.mail.reported = one_id(&value).or_else(|| MessageId::parse_cow(&value).ok());
    }

    pub(crate) fn read_in_reply_to(&mut self, value: Cow<'a, str>) {
        let before = self.in_reply_to.seen();
        each_id(&value, &mut |id| self.in_reply_to.push(id));
        if self.in_reply_to.seen() == before {
            self.no_ids("In-Reply-To", &value);
        }
    }

    pub(crate) fn read_references(&mut self, value: Cow<'a, str>) {
        let before = self.references.seen();
        each_id(&value, &mut |id| self.references.push(id));
        if self.references.seen() == before {
            self.no_ids("References", &value);
        }
    }

    fn no_ids(&mut self, header: &'static str, value: &str) {
        if !value.trim().is_empty() {
            self.add_defect(Defect::NoIds { header, found: Defect::quote(value) });
        }
    }

    pub(crate) fn read_thread_index(&mut self, value: &str) {
        match ThreadIndex::read(value) {
            Ok((index, cut)) => {
                if cut {
                    let kept = ThreadIndex::ROOT_OCTETS + index.depth() * ThreadIndex::REPLY_OCTETS;
                    self.add_defect(Defect::ThreadIndexCut { kept });
                }
                self.mail.thread_index = Some(index);
            }
            Err(reason) => self.add_defect(Defect::InvalidThreadIndex(reason)),
        }
    }

    pub(crate) fn read_return_path(&mut self, value: Cow<'a, str>) {
        // Only `<>` is the null path; a blank value says nothing.
        if value.trim().is_empty() {
            return;
        }
        self.read_signal("Return-Path", &value);
        let value = self.limit("Return-Path", value, Participant::MAX_ADDRESS_OCTETS);
        let path = match value {
            Cow::Borrowed(text) => Cow::Borrowed(inside_brackets(text)),
            Cow::Owned(text) => Cow::Owned(inside_brackets(&text).to_owned()),
        };
        self.mail.return_path = Some(path);
    }

    fn limit(&mut self, header: &'static str, text: Cow<'a, str>, limit: usize) -> Cow<'a, str> {
        if text.len() <= limit {
            return text;
        }
        self.add_defect(Defect::Oversized { header, octets: text.len(), limit });
        let end = text.floor_char_boundary(limit);
        match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(..end).unwrap_or(text)),
            Cow::Owned(mut text) => {
                text.truncate(end);
                Cow::Owned(text)
            }
        }
    }
}

/// Every id of the value, borrowed where the value is.
#[expect(clippy::ptr_arg, reason = "a borrowed text gives borrowed ids")]
fn each_id<'a>(value: &Cow<'a, str>, take: &mut impl FnMut(MessageId<'a>)) {
    match value {
        Cow::Borrowed(text) => scan(text, take),
        Cow::Owned(text) => scan(text, &mut |id| take(id.into_owned())),
    }
}

/// What should be one id, or a list's first.
fn one_id<'a>(value: &Cow<'a, str>) -> Option<MessageId<'a>> {
    let mut first = None;
    each_id(value, &mut |id| {
        first.get_or_insert(id);
    });
    first
}

fn inside_brackets(path: &str) -> &str {
    let path = path.trim();
    path.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(path).trim()
}

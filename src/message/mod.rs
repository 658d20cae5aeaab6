//! What does correlation need to know of one email?
//!
//! A [`Message`] holds it: the mail's id and those it refers to, the conversation index, subject,
//! date, participants, folder, size, signs of a machine, and what was wrong with it. It comes
//!
//! * from RFC 5322 octets through [`adapter::mail_parser`](crate::adapter) (feature `mail-parser`),
//! * from a JSON object with the same fields: [`MessageLine`],
//! * from the caller, field by field: [`Message::builder`].
//!
//! Mail is what strangers send. Nothing in it is an error: what cannot be read is left out, kept in
//! mind as a [`Defect`], and the rest of the mail is there. Every list is bounded: 64 ids a header
//! ([`Ids::MAX`]), 1000 participants, 16 defects, 64 KiB of subject.

mod automation;
mod base64;
mod builder;
mod defect;
mod encoded_word;
mod message_id;
mod participant;
mod references;
mod thread_index;
mod wire;

use std::borrow::Cow;

use chrono::{DateTime, Utc};

pub use automation::{Automation, MailKind, Signal};
pub use builder::MessageBuilder;
pub use defect::Defect;
pub use message_id::{InvalidMessageId, MessageId};
pub use participant::{Participant, Role};
pub use references::{Ids, ids};
pub use thread_index::{InvalidThreadIndex, ThreadIndex};
pub use wire::MessageLine;

/// One email, as far as correlation looks at it. Borrows from the mail where it can.
///
/// ```
/// use correspond::message::{Message, MessageId, Participant, Role};
///
/// let mail = Message::builder()
///     .message_id(MessageId::parse("<2@x.example>")?)
///     .header("References", "<0@x.example> <1@x.example>")
///     .subject("Re: CRM:0001001 Offer")
///     .participant(Participant::new(Role::From, "anna@x.example").unwrap().with_name("Anna"))
///     .build();
/// assert_eq!(mail.references().last(), Some(&MessageId::parse("1@x.example")?));
/// assert!(mail.defects().is_empty());
/// # Ok::<(), correspond::message::InvalidMessageId>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message<'a> {
    message_id: Option<MessageId<'a>>,
    in_reply_to: Vec<MessageId<'a>>,
    references: Vec<MessageId<'a>>,
    dropped_references: usize,
    thread_index: Option<ThreadIndex>,
    reported: Option<MessageId<'a>>,
    subject: Option<Cow<'a, str>>,
    date: Option<DateTime<Utc>>,
    participants: Vec<Participant<'a>>,
    return_path: Option<Cow<'a, str>>,
    folder: Option<Cow<'a, str>>,
    size: Option<u64>,
    automation: Automation,
    defects: defect::Defects,
}

impl<'a> Message<'a> {
    /// The most participants that are kept, the first ones.
    pub const MAX_PARTICIPANTS: usize = 1000;
    /// The longest subject that is kept, in octets of UTF-8.
    pub const MAX_SUBJECT_OCTETS: usize = 64 * 1024;
    /// The most defects that are kept, the first ones.
    pub const MAX_DEFECTS: usize = defect::Defects::MAX;

    /// Starts an empty message.
    #[must_use]
    pub fn builder() -> MessageBuilder<'a> {
        MessageBuilder::default()
    }

    /// The mail's own id. `None` is equal to no other mail's id.
    #[must_use]
    pub const fn message_id(&self) -> Option<&MessageId<'a>> {
        self.message_id.as_ref()
    }

    /// The ids in `In-Reply-To`, in the order of the header; mostly one, the parent.
    #[must_use]
    pub fn in_reply_to(&self) -> &[MessageId<'a>] {
        &self.in_reply_to
    }

    /// The ids in `References`, from the head of the conversation to the parent: of more than 64 the
    /// first and the last 63.
    #[must_use]
    pub fn references(&self) -> &[MessageId<'a>] {
        &self.references
    }

    /// How many ids between the first and the last 63 of `References` were left out.
    #[must_use]
    pub const fn dropped_references(&self) -> usize {
        self.dropped_references
    }

    /// The conversation index.
    #[must_use]
    pub const fn thread_index(&self) -> Option<&ThreadIndex> {
        self.thread_index.as_ref()
    }

    /// The mail that this one reports on: a delivery report (RFC 3464), a receipt (RFC 8098) or a
    /// complaint (RFC 5965) brings its headers along, and often names it nowhere else.
    #[must_use]
    pub const fn reported(&self) -> Option<&MessageId<'a>> {
        self.reported.as_ref()
    }

    /// The subject, decoded and unfolded. `Some("")` is a mail with an empty subject, `None` one
    /// without.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// When it was sent, as the sender's clock had it.
    #[must_use]
    pub const fn date(&self) -> Option<DateTime<Utc>> {
        self.date
    }

    /// Everybody in it, in the order of the headers; one person may stand there several times.
    #[must_use]
    pub fn participants(&self) -> &[Participant<'a>] {
        &self.participants
    }

    /// Those in one header.
    pub fn in_role(&self, role: Role) -> impl Iterator<Item = &Participant<'a>> {
        self.participants.iter().filter(move |participant| participant.role() == role)
    }

    /// The envelope's sender, without brackets: `Some("")` is the null path of reports and automatic
    /// answers.
    #[must_use]
    pub fn return_path(&self) -> Option<&str> {
        self.return_path.as_deref()
    }

    /// The folder in which it was found.
    #[must_use]
    pub fn folder(&self) -> Option<&str> {
        self.folder.as_deref()
    }

    /// Its size in octets.
    #[must_use]
    pub const fn size(&self) -> Option<u64> {
        self.size
    }

    /// Signs of a machine, and what they amount to.
    #[must_use]
    pub const fn automation(&self) -> Automation {
        self.automation
    }

    /// What was wrong with it: the first 16.
    #[must_use]
    pub fn defects(&self) -> &[Defect] {
        self.defects.as_slice()
    }

    /// How many defects there were beyond the first 16.
    #[must_use]
    pub const fn further_defects(&self) -> usize {
        self.defects.more()
    }

    /// The same mail with its folder.
    #[must_use]
    pub fn with_folder(mut self, folder: impl Into<Cow<'a, str>>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// The message, owning its texts.
    #[must_use]
    pub fn into_owned(self) -> Message<'static> {
        let own = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        let own_ids =
            |ids: Vec<MessageId<'a>>| ids.into_iter().map(MessageId::into_owned).collect();
        Message {
            message_id: self.message_id.map(MessageId::into_owned),
            in_reply_to: own_ids(self.in_reply_to),
            references: own_ids(self.references),
            dropped_references: self.dropped_references,
            thread_index: self.thread_index,
            reported: self.reported.map(MessageId::into_owned),
            subject: self.subject.map(own),
            date: self.date,
            participants: self.participants.into_iter().map(Participant::into_owned).collect(),
            return_path: self.return_path.map(own),
            folder: self.folder.map(own),
            size: self.size,
            automation: self.automation,
            defects: self.defects,
        }
    }
}

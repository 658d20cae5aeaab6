//! What a mail can be recognised by.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::correlator::Correlator;
use super::method::Method;
use super::verdict::{Relation, Verdict};
use crate::address::{CompareBy, found_key_into};
use crate::id::RecordId;
use crate::index::{IndexKey, IndexKind, Keyer, MessageRow};
use crate::message::{MailKind, Message, MessageId, Participant, Role, Signal};
use crate::settings::FolderTracking;

/// At most this many tokens of a subject are looked up.
const MAX_TOKENS: usize = 8;

/// At most this many ids that a mail names are looked up and kept: the first and the last 63.
const MAX_REFERENCES: usize = 64;

/// Where a mail names another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    InReplyTo,
    /// Inside the report that it is.
    Report,
    References {
        from_end: u16,
    },
}

/// The keys of one mail, computed once: for the look-ups, for the decision, and for the row that it
/// is filed as.
#[derive(Clone, Debug)]
pub struct Clues {
    pub(super) folder: Option<RecordId>,
    pub(super) own: Option<IndexKey>,
    /// Nearest first, of kind [`IndexKind::Reference`], without the mail itself.
    pub(super) references: Vec<(IndexKey, Place)>,
    pub(super) thread_root: Option<IndexKey>,
    pub(super) tokens: Vec<IndexKey>,
    pub(super) keywords: Option<IndexKey>,
    pub(super) words: Vec<IndexKey>,
    pub(super) subject: Option<IndexKey>,
    pub(super) addresses: Vec<IndexKey>,
    /// How many of the addresses, at their start, are those of From: what DMARC speaks of. Sender and
    /// Reply-To can be anybody's.
    authors: usize,
    pub(super) looks: Looks,
    /// Not typed, though it does not say that it answers.
    pub(super) generated: bool,
    compare_by: CompareBy,
}

/// Which way a mail goes (column `email.directioncode`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "in, out, or nobody knows")]
pub enum Direction {
    /// From outside: it may bear tokens, but never brings a new one.
    Incoming,
    /// The host's own mail.
    Outgoing,
    /// A mailbox that holds both; any mail may bring a new token.
    #[default]
    Unknown,
}

/// What the mail itself says that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    Plain,
    Reply,
    Forward,
    AutoReply,
    Bounce,
}

impl Looks {
    /// Without a match to speak for more.
    pub(super) const fn relation(self) -> Relation {
        match self {
            Self::Plain => Relation::Unmarked,
            Self::Reply => Relation::Reply,
            Self::Forward => Relation::Forward,
            Self::AutoReply => Relation::AutoReply,
            Self::Bounce => Relation::Bounce,
        }
    }
}

impl Correlator {
    /// Reads what `message` can be recognised by, as keys of the store whose `keyer` it is.
    #[must_use]
    pub fn clues(&self, message: &Message<'_>, keyer: &Keyer) -> Clues {
        let mut text = String::with_capacity(128);
        let mut clues = Clues {
            folder: self.tracked_folder(message.folder()),
            own: message.message_id().map(|id| id_key(id, keyer)),
            references: Vec::new(),
            thread_root: None,
            tokens: Vec::new(),
            keywords: None,
            words: Vec::new(),
            subject: None,
            addresses: Vec::with_capacity(message.participants().len()),
            authors: 0,
            looks: Looks::Plain,
            generated: false,
            compare_by: self.settings.compare_addresses,
        };
        clues.name_references(message, keyer);
        if let Some(index) = message.thread_index() {
            clues.thread_root = Some(keyer.key(IndexKind::ThreadRoot, index.root()));
        }
        clues.know_participants(message, keyer, self.max_compared(), &mut text);
        if let Some(subject) = message.subject() {
            self.read_subject(subject, keyer, &mut text, &mut clues);
        }
        match message.automation().kind() {
            MailKind::AutoReply => clues.looks = Looks::AutoReply,
            MailKind::Bounce => clues.looks = Looks::Bounce,
            MailKind::Generated => {
                // Mass mail may be typed, and answers may come with its headers.
                let mass = [Signal::PrecedenceBulk, Signal::PrecedenceJunk, Signal::ListManagement];
                clues.generated = message.automation().reasons().all(|it| !mass.contains(&it));
            }
            _ => {}
        }
        clues
    }

    fn tracked_folder(&self, folder: Option<&str>) -> Option<RecordId> {
        let folders = self.settings.folders.folders.iter().take(FolderTracking::MAX_FOLDERS);
        folder.and_then(|name| {
            folders.into_iter().find(|tracked| tracked.folder == name).map(|found| found.regarding)
        })
    }

    fn read_subject(&self, subject: &str, keyer: &Keyer, text: &mut String, clues: &mut Clues) {
        let mut bare = Cow::Borrowed(subject);
        if let Some(scanner) = &self.scanner {
            for token in scanner.find_iter(subject).take(MAX_TOKENS) {
                // A token comes to a subject on the way; without it, the subject is the same.
                if let Cow::Borrowed(_) = bare {
                    bare = scanner.cut(subject);
                }
                text.clear();
                token.key_into(text);
                let key = keyer.key(IndexKind::Token, text.as_bytes());
                if self.tries(Method::Token) && !clues.tokens.contains(&key) {
                    clues.tokens.push(key);
                }
            }
        }
        text.clear();
        let base = self.settings.subject.base_with_key(&bare, text);
        clues.looks = if base.forwards() {
            Looks::Forward
        } else if base.is_reply() {
            Looks::Reply
        } else {
            Looks::Plain
        };
        if !text.is_empty() {
            clues.subject = Some(keyer.key(IndexKind::Subject, text.as_bytes()));
        }
        if self.tries(Method::Smart)
            && let Some(filter) = &self.filter
        {
            let mut words = filter.keywords(subject, self.max_compared(), text);
            if self.settings.smart.delta > 0 {
                let keys = words.iter().map(|word| keyer.key(IndexKind::Word, word.as_bytes()));
                clues.words.extend(keys);
            }
            // A set: the same words in another order are the same. No word has a blank.
            words.sort_unstable();
            if !words.is_empty() {
                let set = words.join(" ");
                clues.keywords = Some(keyer.key(IndexKind::Keywords, set.as_bytes()));
            }
        }
    }
}

impl Clues {
    /// The addresses of From.
    pub(super) fn senders(&self) -> &[IndexKey] {
        self.addresses.get(..self.authors).unwrap_or_default()
    }

    /// In-Reply-To in its order, then what the mail reports on, then References from the last back:
    /// nearest first.
    fn name_references(&mut self, message: &Message<'_>, keyer: &Keyer) {
        let named = message.in_reply_to().len() + 1 + message.references().len();
        self.references.reserve(named);
        let own = self.own;
        let in_reply_to = message.in_reply_to().iter().map(|id| (id, Place::InReplyTo));
        let reported = message.reported().map(|id| (id, Place::Report));
        let from_end = (1_u16..).map(|from_end| Place::References { from_end });
        let references = message.references().iter().rev().zip(from_end);
        for (id, place) in in_reply_to.chain(reported).chain(references) {
            let key = id_key(id, keyer).as_kind(IndexKind::Reference);
            let known = self.references.iter().any(|(other, _)| *other == key);
            if !known && own.is_none_or(|own| own.hash() != key.hash()) {
                self.references.push((key, place));
            }
        }
        // The farthest is the root of the thread: kept when something must go.
        if self.references.len() > MAX_REFERENCES {
            let root = self.references.pop();
            self.references.truncate(MAX_REFERENCES - 1);
            self.references.extend(root);
        }
    }

    /// The distinct addresses of From, To, Cc and Bcc, in this order, as smart matching counts them;
    /// and who is in From. (Sender and Reply-To are no addresses of the rule.)
    fn know_participants(
        &mut self,
        message: &Message<'_>,
        keyer: &Keyer,
        most: usize,
        text: &mut String,
    ) {
        for role in [Role::From, Role::To, Role::Cc, Role::Bcc] {
            let all = message.participants().iter().filter(|someone| someone.role() == role);
            for someone in all {
                // An author is known even where nothing is compared.
                if self.addresses.len() >= most.max(1) {
                    break;
                }
                let key = self.address_key(someone, keyer, text);
                if !self.addresses.contains(&key) {
                    self.addresses.push(key);
                }
            }
            if role == Role::From {
                self.authors = self.addresses.len();
            }
        }
    }

    fn address_key(&self, someone: &Participant<'_>, keyer: &Keyer, text: &mut String) -> IndexKey {
        text.clear();
        found_key_into(someone.address(), self.compare_by, text);
        keyer.key(IndexKind::Address, text.as_bytes())
    }

    /// The row that the mail is filed as: under the conversation of the verdict, or its own.
    ///
    /// It is found by a token of its subject only where that is right: a token that filed mails bear
    /// must be one of the verdict's conversation, and the sender known to it; one that no mail bears
    /// must not come from outside ([`Direction::Incoming`]). Otherwise whoever writes mail could
    /// make himself the newest bearer of somebody else's token, or claim the next one in advance.
    #[must_use]
    pub fn row(
        &self,
        id: RecordId,
        created: DateTime<Utc>,
        direction: Direction,
        verdict: &Verdict,
    ) -> MessageRow {
        let mut keys =
            Vec::with_capacity(8 + self.references.len() + self.addresses.len() + self.words.len());
        keys.extend(self.own);
        keys.extend(self.references.iter().map(|(key, _)| *key));
        keys.extend(self.thread_root);
        keys.extend(&verdict.own_tokens);
        if direction != Direction::Incoming {
            keys.extend(&verdict.new_tokens);
        }
        keys.extend(self.keywords);
        keys.extend(self.subject);
        keys.extend(&self.addresses);
        keys.extend(&self.words);
        MessageRow::new(id, created, verdict.conversation().unwrap_or(id), keys)
    }
}

fn id_key(id: &MessageId<'_>, keyer: &Keyer) -> IndexKey {
    keyer.key(IndexKind::MessageId, id.as_str().as_bytes())
}

//! One conversation: what was sent in it, and by which method a further mail finds it.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::clock::{self, DAY};
use super::language::Language;
use super::mail::Mail;
use super::people::Person;
use super::random::Random;

/// A conversation that is going on.
#[derive(Debug)]
pub(crate) struct Thread {
    pub(crate) number: u64,
    /// A stream of its own, so that no conversation changes another.
    pub(crate) random: Random,
    pub(crate) language: Rc<Language>,
    /// The tracking token, once the CRM has given one.
    pub(crate) token: Option<String>,
    pub(crate) list: Option<(Rc<Person>, &'static str)>,
    pub(crate) sent: Vec<Sent>,
    /// Replies that are still to come.
    pub(crate) left: u64,
    /// Steps on the agenda.
    pub(crate) pending: u32,
    /// The subject is everybody's: replies keep their headers, for nothing else would tell.
    pub(crate) common_subject: bool,
    known_ids: BTreeSet<String>,
    index_roots: BTreeSet<Vec<u8>>,
}

/// What replies need of a mail that was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) id: String,
    /// Somebody may answer it: it is of people, and can be named.
    pub(crate) answerable: bool,
    pub(crate) subject: String,
    pub(crate) from: Rc<Person>,
    pub(crate) people: Vec<Rc<Person>>,
    pub(crate) references: Vec<String>,
    pub(crate) thread_index: Vec<u8>,
    pub(crate) date: i64,
    /// A line to quote.
    pub(crate) snippet: String,
    addresses: Vec<String>,
    words: BTreeSet<String>,
}

impl Thread {
    pub(crate) fn new(seed: u64, number: u64, language: &Rc<Language>) -> Self {
        Self {
            number,
            random: Random::of(seed, 10, number),
            language: Rc::clone(language),
            token: None,
            list: None,
            sent: Vec::new(),
            left: 0,
            pending: 0,
            common_subject: false,
            known_ids: BTreeSet::new(),
            index_roots: BTreeSet::new(),
        }
    }

    /// Its name in the truth file.
    pub(crate) fn name(&self) -> String {
        format!("t{:05}", self.number)
    }

    /// A number for subjects that no other conversation has.
    pub(crate) fn subject_number(&self) -> u64 {
        20_000 + self.number * 7
    }

    /// The method by which this mail finds the conversation, the first of the default order that
    /// does: token, headers, Thread-Index, smart matching. `ids` are those that its threading
    /// headers name when they are read right. The second value is true where smart matching needs
    /// more than the product's own filter expression to see that the subjects are the same.
    pub(crate) fn method(&self, mail: &Mail, ids: &[String]) -> (&'static str, bool) {
        if self.token.as_ref().is_some_and(|token| {
            carries(&mail.subject, token) && self.sent.iter().any(|s| carries(&s.subject, token))
        }) {
            return ("token", false);
        }
        if ids.iter().any(|id| self.known_ids.contains(id)) {
            return ("headers", false);
        }
        if mail.thread_index.get(..22).is_some_and(|root| self.index_roots.contains(root)) {
            return ("thread-index", false);
        }
        let words = words(&mail.subject);
        let addresses = mail.addresses();
        let token = self.token.as_deref().unwrap_or("\0");
        let mut extended = false;
        for sent in self.sent.iter().filter(|sent| mail.date - sent.date < 90 * DAY) {
            let shared = sent.addresses.iter().filter(|a| addresses.contains(&a.as_str())).count();
            if shared < 2 {
                continue;
            }
            if words == sent.words && !words.is_empty() {
                return ("smart", false);
            }
            extended |= carries(&mail.subject, token) == carries(&sent.subject, token);
        }
        if extended { ("smart", true) } else { ("none", false) }
    }

    /// Remembers a mail, as a reader of the mailbox would.
    pub(crate) fn record(&mut self, mail: &Mail, ids: &[String], answerable: bool, snippet: &str) {
        self.known_ids.extend(mail.id.iter().chain(ids).cloned());
        if let Some(root) = mail.thread_index.get(..22) {
            self.index_roots.insert(root.to_vec());
        }
        self.sent.push(Sent {
            id: mail.id.clone().unwrap_or_default(),
            answerable: answerable && mail.id.is_some(),
            subject: mail.subject.clone(),
            from: Rc::clone(&mail.from),
            people: mail.to.iter().chain(&mail.cc).map(Rc::clone).collect(),
            references: mail.references.clone(),
            thread_index: mail.thread_index.clone(),
            date: mail.date,
            snippet: snippet.to_owned(),
            addresses: mail.addresses().into_iter().map(str::to_owned).collect(),
            words: words(&mail.subject),
        });
    }

    /// Where a Thread-Index begins: the upper six octets of the file time, then sixteen of chance
    /// (MS-OXOMSG 2.2.1.3, PidTagConversationIndex).
    pub(crate) fn new_index(&mut self, time: i64) -> Vec<u8> {
        let mut index =
            (clock::filetime(time) >> 16).to_be_bytes().get(2..).unwrap_or_default().to_vec();
        for _ in 0..2 {
            index.extend_from_slice(&self.random.next().to_be_bytes());
        }
        index
    }

    /// The Thread-Index of an answer: five octets more, of which 31 bits are the time since the
    /// beginning and the last one is chance.
    pub(crate) fn next_index(&mut self, parent: &[u8], time: i64) -> Vec<u8> {
        let begin =
            parent.iter().take(6).fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte)) << 16;
        let delta = clock::filetime(time).saturating_sub(begin);
        let mut index = parent.to_vec();
        index.extend_from_slice(&((delta >> 18) as u32 & 0x7FFF_FFFF).to_be_bytes());
        index.push((self.random.below(16) << 4) as u8);
        index
    }
}

/// True where the subject holds the token, in any of the spellings of `odd_token`.
pub(crate) fn carries(subject: &str, token: &str) -> bool {
    subject.contains(token) || odd_tokens(token).iter().any(|odd| subject.contains(odd))
}

/// What mail programs and typing people make of a token.
pub(crate) fn odd_tokens(token: &str) -> [String; 2] {
    [token.to_ascii_lowercase(), token.replace(':', "：")]
}

/// The words that the product compares: without what its default filter expression
/// `^[\s]*([\w]+\s?:[\s]*)+` takes away, case ignored, a set.
fn words(subject: &str) -> BTreeSet<String> {
    let mut rest = subject.trim_start();
    while let Some((label, after)) = rest.split_once(':') {
        let label = label.strip_suffix(char::is_whitespace).unwrap_or(label);
        if label.is_empty() || !label.chars().all(|c| c.is_alphanumeric() || c == '_') {
            break;
        }
        rest = after.trim_start();
    }
    rest.split_whitespace()
        .map(|word| word.chars().flat_map(char::to_lowercase).collect())
        .collect()
}

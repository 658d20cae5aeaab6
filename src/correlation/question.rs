//! What to look up for a mail, in one round trip.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};

use super::clues::Clues;
use super::correlator::Correlator;
use super::method::Method;
use crate::index::{IndexKey, IndexKind, Kinds, Lookup, MAX_LOOKUP_ROWS, MessageQuery};

/// How many mails with one token are looked at: enough to know who takes part.
const TOKEN_ROWS: u8 = 16;

/// The look-ups for one mail, and which of them is which.
#[derive(Clone, Debug)]
pub struct Question {
    query: MessageQuery,
    pub(super) own: Range<usize>,
    pub(super) named_by: Range<usize>,
    pub(super) ancestors: Range<usize>,
    pub(super) siblings: Range<usize>,
    pub(super) thread_root: Range<usize>,
    pub(super) tokens: Range<usize>,
    pub(super) keywords: Range<usize>,
    pub(super) addresses: Range<usize>,
}

impl Question {
    /// The look-ups.
    #[must_use]
    pub const fn query(&self) -> &MessageQuery {
        &self.query
    }
}

/// A query that grows part by part.
struct Parts {
    query: MessageQuery,
}

impl Parts {
    fn add(&mut self, lookups: impl IntoIterator<Item = Lookup>) -> Range<usize> {
        let start = self.query.lookups().len();
        for lookup in lookups {
            if !self.query.push(lookup) {
                break;
            }
        }
        start..self.query.lookups().len()
    }
}

impl Correlator {
    /// What to look up for a mail created at `created`. At most 180 look-ups: 1 for the mail itself,
    /// 1 for mails that name it, 2 for each of at most 64 references, 1 for the thread, 8 for
    /// tokens, 1 for keywords and, where subjects may differ, 40 for addresses.
    #[must_use]
    pub fn question(&self, clues: &Clues, created: DateTime<Utc>) -> Question {
        let compared = Kinds::NONE.with(IndexKind::Subject).with(IndexKind::Address);
        let mut parts =
            Parts { query: MessageQuery::with_capacity(6 + 2 * clues.references.len()) };
        let subject = Kinds::NONE.with(IndexKind::Subject);
        let with_subject = |key| Lookup::new(key).carrying(subject);
        let own = parts.add(clues.own.map(with_subject));
        let headers = self.tries(Method::Headers);
        let named = clues.own.filter(|_| headers).map(|own| own.as_kind(IndexKind::Reference));
        let named_by = parts.add(named.map(with_subject));
        let references = if headers { clues.references.as_slice() } else { &[] };
        let ids = || references.iter().map(|(key, _)| *key);
        let as_own = |key: IndexKey| key.as_kind(IndexKind::MessageId);
        let ancestors = parts.add(ids().map(as_own).map(with_subject));
        let siblings = parts.add(ids().map(with_subject));
        let thread_root = clues.thread_root.filter(|_| self.tries(Method::ThreadIndex));
        let thread_root = parts.add(thread_root.map(with_subject));
        let tokens = clues.tokens.iter();
        let tokens =
            parts.add(tokens.map(|key| Lookup::new(*key).rows(TOKEN_ROWS).carrying(compared)));

        let smart = &self.settings.smart;
        let since = created.checked_sub_signed(TimeDelta::days(i64::from(smart.window_days)));
        let recent = |key: IndexKey, kinds| {
            let lookup = Lookup::new(key).rows(MAX_LOOKUP_ROWS).within(since, Some(created));
            lookup.carrying(kinds)
        };
        let with_words = compared.with(IndexKind::Word).with(IndexKind::Keywords);
        let kinds = if smart.delta > 0 { with_words } else { compared };
        let keywords = parts.add(clues.keywords.map(|key| recent(key, kinds)));
        // Subjects that differ by a word have nothing in common that could be looked up: the mails
        // of the same people are.
        let differing = smart.delta > 0 && clues.keywords.is_some();
        let addresses = clues.addresses.iter().filter(|_| differing);
        let addresses = parts.add(addresses.map(|key| recent(*key, with_words)));
        Question {
            query: parts.query,
            own,
            named_by,
            ancestors,
            siblings,
            thread_root,
            tokens,
            keywords,
            addresses,
        }
    }
}

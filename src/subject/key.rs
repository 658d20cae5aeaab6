//! The comparison key: when do two subjects name the same conversation?

use std::ops::Range;

use super::base::{BaseSubject, Witness, take_apart};
use super::rules::Rules;
use crate::text;

impl Rules {
    /// Appends the comparison key of `subject` to `buffer` and returns what was appended.
    ///
    /// The key is the [fold](crate::text::fold) of the base text; tags that stood before a prefix
    /// come back in front, so that `[list] Re: x` has the key of `[list] x`. Putting `Re: ` in
    /// front of a subject never changes its key.
    ///
    /// `None` is the empty key, and **an empty key matches nothing**, not even another empty one:
    /// a subject of prefixes alone says nothing about its conversation. One mail in fourteen of
    /// the Enron corpus has none.
    ///
    /// ```
    /// use correspond::subject::Rules;
    ///
    /// let rules = Rules::default();
    /// let mut buffer = String::new();
    /// assert_eq!(rules.key_into("AW: [EXT] Re:  Straße", &mut buffer), Some("strasse"));
    /// buffer.clear();
    /// assert_eq!(rules.key_into("Re: Fwd: ", &mut buffer), None);
    /// ```
    #[must_use = "an empty key matches nothing"]
    pub fn key_into<'k>(&self, subject: &str, buffer: &'k mut String) -> Option<&'k str> {
        let start = buffer.len();
        let mut parts = Parts { last: start..start, tags: "", buffer };
        let rest = take_apart(self, subject, &mut parts).rest;
        parts.end(rest);
        buffer.get(start..).filter(|key| !key.is_empty())
    }

    /// Takes a subject apart as [`base`](Self::base) does and appends its comparison key to
    /// `buffer`, in one pass. Nothing is appended where the key is empty.
    ///
    /// ```
    /// let rules = correspond::subject::Rules::default();
    /// let mut key = String::new();
    /// let base = rules.base_with_key("[list] Re: Offer", &mut key);
    /// assert!(base.is_reply());
    /// assert_eq!((base.text(), key.as_str()), ("Offer", "[list] offer"));
    /// ```
    pub fn base_with_key<'a>(&self, subject: &'a str, buffer: &mut String) -> BaseSubject<'a> {
        let start = buffer.len();
        let mut parts = Parts { last: start..start, tags: "", buffer };
        let (base, rest) = BaseSubject::beside(self, subject, &mut parts);
        parts.end(rest);
        base
    }

    /// The comparison key of `subject` as a new string; see [`Rules::key_into`].
    #[must_use]
    pub fn key(&self, subject: &str) -> Option<String> {
        let mut key = String::new();
        self.key_into(subject, &mut key).is_some().then_some(key)
    }
}

/// The runs of tags that stood before prefixes, then the rest; a run that the next part starts with
/// is left out (`[list] Re: [list] x`). Each part is moved once at most.
struct Parts<'k, 'a> {
    buffer: &'k mut String,
    /// Where the last part stands in the buffer.
    last: Range<usize>,
    /// The last run of tags as it was written.
    tags: &'a str,
}

impl Parts<'_, '_> {
    #[inline]
    fn end(&mut self, rest: &str) {
        if self.last.is_empty() {
            text::fold_into(rest, self.buffer);
        } else {
            self.append(rest);
        }
    }

    #[inline(never)]
    fn append(&mut self, part: &str) {
        let end = self.buffer.len();
        if !self.last.is_empty() {
            self.buffer.push(' ');
        }
        let from = self.buffer.len();
        text::fold_into(part, self.buffer);
        let repeated = self
            .buffer
            .get(from..)
            .zip(self.buffer.get(self.last.clone()))
            .is_some_and(|(new, old)| new.starts_with(old));
        if from == self.buffer.len() {
            self.buffer.truncate(end);
        } else if repeated && !self.last.is_empty() {
            self.buffer.drain(self.last.start..from);
            self.last.end = self.buffer.len();
        } else {
            self.last = from..self.buffer.len();
        }
    }
}

impl<'a> Witness<'a> for Parts<'_, 'a> {
    fn tags_before(&mut self, tags: &'a str) {
        if tags != self.tags {
            self.append(tags);
            self.tags = tags;
        }
    }
}

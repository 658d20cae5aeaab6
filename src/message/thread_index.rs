//! Where a mail stands in a conversation, as Outlook and Exchange say it.

use std::fmt;

use chrono::{DateTime, Utc};

use super::base64;

/// The conversation index of a mail: header `Thread-Index`, property `PidTagConversationIndex`,
/// column `email.conversationindex` (2048 characters).
///
/// A root of 22 octets ([MS-OXOMSG] section 2.2.1.3: 0x01, five octets of time, a GUID) and five
/// more for every reply: a reply's index is its parent's with one block appended. So mails with one
/// root are one conversation, and a longer index that starts with a shorter one descends from it.
///
/// Programs other than Outlook fill the 22 octets as they like, some with a hash of the subject;
/// the first octet is therefore not tested, only [`root_time`](Self::root_time) depends on it.
///
/// ```
/// use correspond::message::ThreadIndex;
///
/// let root: ThreadIndex = "AdU3uLpale3BDxFnTXinT5lj8XmhCw==".parse()?;
/// let reply: ThreadIndex = "AdU3uLpale3BDxFnTXinT5lj8XmhCwARV2UA".parse()?;
/// assert!(reply.is_child_of(&root) && reply.root() == root.root());
/// assert_eq!((root.depth(), reply.depth()), (0, 1));
/// assert_eq!(root.root_time().unwrap().timestamp(), 1562829461); // 2019-07-11T07:17:41Z
/// # Ok::<(), correspond::message::InvalidThreadIndex>(())
/// ```
///
/// [MS-OXOMSG]: https://learn.microsoft.com/en-us/openspecs/exchange_server_protocols/ms-oxomsg/
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ThreadIndex {
    root: [u8; Self::ROOT_OCTETS],
    replies: Box<[[u8; Self::REPLY_OCTETS]]>,
}

impl ThreadIndex {
    /// Octets of the root.
    pub const ROOT_OCTETS: usize = 22;
    /// Octets of every reply after it.
    pub const REPLY_OCTETS: usize = 5;
    /// Characters of base64 that are read, white space not counted: the width of the column.
    pub const MAX_CHARACTERS: usize = 2048;
    /// The deepest reply that is told from its parent.
    pub const MAX_DEPTH: usize =
        (Self::MAX_CHARACTERS / 4 * 3 - Self::ROOT_OCTETS) / Self::REPLY_OCTETS;

    /// Reads the text of a `Thread-Index` header.
    ///
    /// White space and missing padding are forgiven. So is a last block of fewer than five octets,
    /// and a text beyond 2048 characters: the root is sound, and the odd end is left out
    /// ([`Defect::ThreadIndexCut`](super::Defect) on a [`Message`](super::Message)).
    ///
    /// # Errors
    ///
    /// A character that is not base64; fewer than 22 octets.
    pub fn parse(text: &str) -> Result<Self, InvalidThreadIndex> {
        Self::read(text).map(|(index, _)| index)
    }

    /// The index, and whether something behind it was left out.
    pub(super) fn read(text: &str) -> Result<(Self, bool), InvalidThreadIndex> {
        let mut octets = Vec::with_capacity(text.len().min(Self::MAX_CHARACTERS) / 4 * 3 + 3);
        let more = base64::decode(text, Self::MAX_CHARACTERS, &mut octets).map_err(|foreign| {
            InvalidThreadIndex::NotBase64 { found: foreign.found, at: foreign.at }
        })?;
        let Some((root, rest)) = octets.split_first_chunk() else {
            return Err(InvalidThreadIndex::TooShort { octets: octets.len() });
        };
        let (replies, odd) = rest.as_chunks();
        Ok((Self { root: *root, replies: replies.into() }, more || !odd.is_empty()))
    }

    /// The first 22 octets, which all mails of a conversation share.
    #[must_use]
    pub const fn root(&self) -> &[u8; Self::ROOT_OCTETS] {
        &self.root
    }

    /// How many replies lie between the root and this mail, 0 to 302.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.replies.len()
    }

    /// Is this the index of a direct reply to `parent`?
    #[must_use]
    pub fn is_child_of(&self, parent: &Self) -> bool {
        self.depth() == parent.depth() + 1 && self.descends_from(parent)
    }

    /// Is this the index of a reply to `ancestor`, at any depth below it?
    #[must_use]
    pub fn descends_from(&self, ancestor: &Self) -> bool {
        self.root == ancestor.root
            && self.depth() > ancestor.depth()
            && self.replies.starts_with(&ancestor.replies)
    }

    /// When the conversation began, to 6.6 ms: the upper 48 bits of a Windows `FILETIME`.
    ///
    /// `None` where the first octet is not 0x01 and the root thus not Outlook's.
    #[must_use]
    pub fn root_time(&self) -> Option<DateTime<Utc>> {
        // 100 ns units between 1601-01-01 and 1970-01-01.
        const EPOCH: i64 = 116_444_736_000_000_000;
        let [1, b, c, d, e, f, ..] = self.root else { return None };
        let ticks = i64::from_be_bytes([1, b, c, d, e, f, 0, 0]) - EPOCH;
        DateTime::from_timestamp(
            ticks.div_euclid(10_000_000),
            ticks.rem_euclid(10_000_000) as u32 * 100,
        )
    }
}

impl std::str::FromStr for ThreadIndex {
    type Err = InvalidThreadIndex;

    fn from_str(text: &str) -> Result<Self, InvalidThreadIndex> {
        Self::parse(text)
    }
}

/// As the header has it: base64 with padding, on one line.
impl fmt::Display for ThreadIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        let replies = self.replies.as_flattened();
        base64::encode(self.root.iter().chain(replies).copied(), &mut text);
        f.write_str(&text)
    }
}

/// Why a text is no conversation index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidThreadIndex {
    /// A character outside base64.
    #[error("expected base64, found {found:?} at octet {at} of Thread-Index")]
    #[non_exhaustive]
    NotBase64 {
        /// The character.
        found: char,
        /// Where, in octets from the start of the value.
        at: usize,
    },
    /// Not even a root.
    #[error("expected at least 22 octets in Thread-Index, found {octets}")]
    #[non_exhaustive]
    TooShort {
        /// How many octets there were.
        octets: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "AdU3uLpale3BDxFnTXinT5lj8XmhCw==";

    #[test]
    fn families_are_told_by_their_blocks() {
        let root = ThreadIndex::parse(ROOT).unwrap();
        let child = ThreadIndex::parse("AdU3uLpale3BDxFnTXinT5lj8XmhCwARV2UA").unwrap();
        let grandchild =
            ThreadIndex::parse("AdU3uLpale3BDxFnTXinT5lj8XmhCwARV2UAAACJmRA=").unwrap();
        let other = ThreadIndex::parse("kyi8s52ozi1gcC6XEL5jnKt37GwTVA==").unwrap();
        assert!(child.is_child_of(&root) && grandchild.is_child_of(&child));
        assert!(!grandchild.is_child_of(&root) && grandchild.descends_from(&root));
        assert!(!root.is_child_of(&root) && !root.descends_from(&root));
        assert!(!child.descends_from(&other) && other.root_time().is_none());
        assert_eq!(grandchild.depth(), 2);
    }

    #[test]
    fn folds_missing_padding_and_odd_ends_are_forgiven() {
        let whole = ThreadIndex::parse(ROOT).unwrap();
        for text in ["AdU3uLpale3BDxFn\r\n\tTXinT5lj8XmhCw", "  AdU3uLpale3BDxFnTXinT5lj8XmhCw= "] {
            assert_eq!(ThreadIndex::read(text), Ok((whole.clone(), false)), "{text:?}");
        }
        let odd = ThreadIndex::read("AdU3uLpale3BDxFnTXinT5lj8XmhCwARVw==").unwrap();
        assert_eq!(odd, (whole, true));
    }

    #[test]
    fn a_text_beyond_the_column_keeps_its_root() {
        let long = format!("{}{}", ROOT.trim_end_matches('='), "ABCD".repeat(1000));
        let (index, cut) = ThreadIndex::read(&long).unwrap();
        assert!(cut);
        assert_eq!((index.depth(), ThreadIndex::MAX_DEPTH), (302, 302));
        assert!(index.to_string().len() <= ThreadIndex::MAX_CHARACTERS);
    }

    #[test]
    fn what_is_no_index_says_why() {
        let says = |text| ThreadIndex::parse(text).unwrap_err().to_string();
        assert_eq!(says(""), "expected at least 22 octets in Thread-Index, found 0");
        assert_eq!(says("AdU3uLpa"), "expected at least 22 octets in Thread-Index, found 6");
        assert_eq!(says("AdU3 ?"), "expected base64, found '?' at octet 5 of Thread-Index");
    }
}

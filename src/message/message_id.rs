//! One message id, and nothing else.

use std::borrow::Cow;
use std::fmt;

/// The identity of one mail, as `Message-ID` names it and `References` repeats it.
///
/// The text between the angle brackets, 1 to 998 octets (a header line of RFC 5322 section 2.1.1
/// holds no more), without the white space and control characters that folding and broken software
/// leave inside. It is never empty, so two mails without an id never have the same one.
///
/// Two ids are equal when their octets are. RFC 5322 section 3.6.4 gives an id no inner meaning:
/// its right side often is a domain, but nothing says that it must be read as one, and RFC 5256
/// section 3 compares octets too. A gateway that changed the case of an id has made a new one.
///
/// ```
/// use correspond::message::MessageId;
///
/// let id = MessageId::parse(" <4F2A.\r\n 77@mail.example>")?;
/// assert_eq!(id.as_str(), "4F2A.77@mail.example");
/// assert_eq!(id, MessageId::parse("4F2A.77@mail.example")?);
/// assert_ne!(id, MessageId::parse("4f2a.77@mail.example")?);
/// # Ok::<(), correspond::message::InvalidMessageId>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId<'a>(Cow<'a, str>);

impl<'a> MessageId<'a> {
    /// The longest id, in octets.
    pub const MAX_OCTETS: usize = 998;

    /// Reads exactly one id, with or without its angle brackets.
    ///
    /// For a header value that may hold several, comments or prose, use [`ids`](super::ids).
    ///
    /// # Errors
    ///
    /// Nothing but white space; a bracket inside; more than 998 octets; several words none of which
    /// has an `@` (prose such as `<your mail of Monday>` is no id).
    pub fn parse(text: &'a str) -> Result<Self, InvalidMessageId> {
        let text = trim(text);
        let inner = match text.strip_prefix('<') {
            Some(rest) => rest.strip_suffix('>').unwrap_or(rest),
            None => text,
        };
        let inner = trim(inner);
        if let Some(at) = memchr::memchr2(b'<', b'>', inner.as_bytes()) {
            return Err(InvalidMessageId::Bracket { at });
        }
        Self::from_inner(inner)
    }

    /// [`parse`](Self::parse), borrowing where the text does.
    pub(super) fn parse_cow(text: &Cow<'a, str>) -> Result<Self, InvalidMessageId> {
        match text {
            Cow::Borrowed(text) => Self::parse(text),
            Cow::Owned(text) => MessageId::parse(text).map(MessageId::into_owned),
        }
    }

    /// The id from text of the form that nearly all have, `left@right` without blanks, brackets, quotes
    /// or colons: nothing that could make it anything but one id.
    pub(super) fn plain(text: &'a str) -> Option<Self> {
        let octets = text.as_bytes();
        let plain = |octets: &[u8]| octets.iter().fold(true, |all, b| all & is_plain(*b));
        // Whole arrays become vector instructions; the last overlaps the one before it.
        let is_plain = match octets.last_chunk::<16>() {
            Some(tail) => {
                octets.as_chunks::<16>().0.iter().all(|chunk| plain(chunk)) && plain(tail)
            }
            None => plain(octets),
        };
        let fits = octets.len() <= Self::MAX_OCTETS && memchr::memchr(b'@', octets).is_some();
        (is_plain && fits).then_some(Self(Cow::Borrowed(text)))
    }

    /// The id from text that is known to hold no bracket.
    pub(super) fn from_inner(text: &'a str) -> Result<Self, InvalidMessageId> {
        let text = trim(text);
        let id = if has_blank(text) {
            if !text.contains('@') && text.bytes().any(|b| matches!(b, b' ' | b'\t' | b'\n')) {
                return Err(InvalidMessageId::Words);
            }
            // Bounded before it is copied; a folded id gains a few octets, not thousands.
            if text.len() > 2 * Self::MAX_OCTETS {
                return Err(InvalidMessageId::TooLong { octets: text.len() });
            }
            Cow::Owned(text.chars().filter(|c| !c.is_ascii() || !is_blank(*c as u8)).collect())
        } else {
            Cow::Borrowed(text)
        };
        match id.len() {
            0 => Err(InvalidMessageId::Empty),
            1..=Self::MAX_OCTETS => Ok(Self(id)),
            octets => Err(InvalidMessageId::TooLong { octets }),
        }
    }

    /// The id without angle brackets.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id, owning its text.
    #[must_use]
    pub fn into_owned(self) -> MessageId<'static> {
        MessageId(Cow::Owned(self.0.into_owned()))
    }
}

impl AsRef<str> for MessageId<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// As a header has it: in angle brackets.
impl fmt::Display for MessageId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0)
    }
}

/// Why a text is no message id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidMessageId {
    /// Nothing is left between the brackets.
    #[error("expected a message id, found nothing but white space")]
    Empty,
    /// More octets than a header line holds.
    #[error("expected a message id of at most 998 octets, found {octets}")]
    #[non_exhaustive]
    TooLong {
        /// How many octets it has.
        octets: usize,
    },
    /// An angle bracket stands inside.
    #[error("expected one message id, found an angle bracket inside it at octet {at}")]
    #[non_exhaustive]
    Bracket {
        /// Where, in octets after the opening bracket.
        at: usize,
    },
    /// Several words, none with an `@`.
    #[error("expected a message id, found several words without an @")]
    Words,
}

/// Blanks, line ends and control characters: never part of an id.
const fn is_blank(octet: u8) -> bool {
    octet <= b' ' || octet == 0x7f
}

/// Without a way out before the end, so that the compiler takes many octets at once.
fn has_blank(text: &str) -> bool {
    text.as_bytes().iter().fold(false, |found, octet| found | is_blank(*octet))
}

fn trim(text: &str) -> &str {
    let mut octets = text.as_bytes();
    let mut start = 0;
    while let [first, rest @ ..] = octets
        && is_blank(*first)
    {
        octets = rest;
        start += 1;
    }
    while let [rest @ .., last] = octets
        && is_blank(*last)
    {
        octets = rest;
    }
    // Blanks are ASCII: both ends are character boundaries.
    text.get(start..start + octets.len()).unwrap_or("")
}

#[inline]
const fn is_plain(b: u8) -> bool {
    (b > b' ')
        & (b < 0x7f)
        & (b != b'<')
        & (b != b'>')
        & (b != b'(')
        & (b != b')')
        & (b != b'"')
        & (b != b'\\')
        & (b != b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        MessageId::parse(text).map(|id| id.as_str().to_owned()).map_err(|e| e.to_string())
    }

    #[test]
    fn white_space_and_brackets_are_not_part_of_it() {
        for text in ["a@b", "<a@b>", " < a@b\t>\r\n", "<a@\r\n b>", "<a@b", "\0a@\u{1}b\u{7f}"] {
            assert_eq!(read(text).as_deref(), Ok("a@b"), "{text:?}");
        }
        assert_eq!(read("<no-at-sign>").as_deref(), Ok("no-at-sign"));
        assert_eq!(read("<OF12-ON C1256@x>").as_deref(), Ok("OF12-ONC1256@x"));
        assert_eq!(MessageId::parse("a@b").unwrap().to_string(), "<a@b>");
    }

    #[test]
    fn what_is_no_id_says_why() {
        let nothing = "expected a message id, found nothing but white space";
        for text in ["", " ", "<>", "< \r\n>", "<", "\0"] {
            assert_eq!(read(text).unwrap_err(), nothing, "{text:?}");
        }
        assert_eq!(
            read("<a@b> <c@d>").unwrap_err(),
            "expected one message id, found an angle bracket inside it at octet 3"
        );
        assert_eq!(
            read("<your mail of Monday>").unwrap_err(),
            "expected a message id, found several words without an @"
        );
        let long = format!("{}@x", "a".repeat(997));
        assert_eq!(
            read(&long).unwrap_err(),
            "expected a message id of at most 998 octets, found 999"
        );
        assert!(read(long.get(1..).unwrap()).is_ok());
    }

    #[test]
    fn borrowed_unless_a_fold_had_to_go() {
        assert!(matches!(MessageId::parse("<a@b>").unwrap().0, Cow::Borrowed("a@b")));
        assert!(matches!(MessageId::parse("<a @b>").unwrap().0, Cow::Owned(_)));
    }
}

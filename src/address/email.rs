//! An email address, borrowed and owned.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::domain::Domain;
use super::error::{AddressError, AddressErrorKind as Kind, Found};
use super::field::without_blanks;
use super::glance::at_a_glance;
use super::grammar::{MAX_ADDRESS, MAX_LOCAL, Plain, local_end, plain, plain_domain, plain_local};
use super::host::{Host, has_top_level, push_lower};
use super::idn::Name;
use super::key::{CompareBy, Form, write, write_local};
use super::rules::AddressRules;
use crate::text::{self, is_ignorable, is_space};

/// Octets of the longest text that is read as an address, white space around it included; a longer
/// one is refused unread.
pub const MAX_INPUT: usize = 1024;

/// A valid address as it was written, borrowed from the text it stood in.
///
/// Bare addresses alone: `Name <a@b>` is [`Mailbox`](super::Mailbox)'s. White space and invisible
/// characters around the address are passed over. Two of these are equal when they were written
/// alike; people are compared by [`key_into`](Self::key_into).
///
/// ```
/// use correspond::address::EmailAddressRef;
///
/// let address = EmailAddressRef::parse("\tJohn.Doe@EXAMPLE.com\u{a0}")?;
/// assert_eq!((address.local(), address.domain()), ("John.Doe", "EXAMPLE.com"));
/// assert_eq!(address.normalized().as_str(), "John.Doe@example.com");
/// assert_eq!(address.key(), "john.doe@example.com");
/// # Ok::<(), correspond::address::AddressError>(())
/// ```
#[derive(Clone, Copy)]
pub struct EmailAddressRef<'a> {
    text: &'a str,
    /// The place of the `@` between local part and domain.
    at: usize,
    /// ASCII without quotes, literal or dot at the end: every form is a copy with the case changed.
    /// A-labels that were found valid are such, too.
    plain: bool,
    /// Plain, and in lower case already: the key is the text.
    lower: bool,
}

impl<'a> EmailAddressRef<'a> {
    /// Reads a bare address by [`AddressRules::RFC`]: one pass, no allocation for ASCII.
    ///
    /// # Errors
    ///
    /// For a text that is empty, longer than [`MAX_INPUT`], no address (`test`, `@example.com`,
    /// `a b@example.com`, `a@b@c`, `Name <a@b>`), or one over the lengths of RFC 5321.
    #[inline]
    pub fn parse(text: &'a str) -> Result<Self, AddressError> {
        match Self::at_a_glance(text) {
            Some(address) => Ok(address),
            None => Self::parse_second(text),
        }
    }

    #[inline]
    pub(super) fn at_a_glance(text: &'a str) -> Option<Self> {
        at_a_glance(text).map(|plain| Self::plain(text, plain))
    }

    /// The way of what did not pass at first sight: once more without what stands around it, a
    /// character at a time, and with an internationalised domain.
    #[inline(never)]
    fn parse_second(text: &'a str) -> Result<Self, AddressError> {
        let shortly = if text.len() > MAX_INPUT {
            None
        } else {
            let inside = without_blanks(text);
            Self::parse_inside(inside, inside.len() < text.len())
        };
        shortly.map_or_else(|| Self::parse_closely(text, &AddressRules::RFC), Ok)
    }

    /// An ordinary address with nothing around it: `None` means *look closer*, not *no*.
    pub(super) fn parse_inside(inside: &'a str, glance: bool) -> Option<Self> {
        if glance && let Some(address) = Self::at_a_glance(inside) {
            return Some(address);
        }
        let (local, domain) = plain_local(inside)?;
        if domain.is_ascii()
            && let Some(upper) = plain_domain(domain)
        {
            return Some(Self::plain(inside, Plain { upper: local.upper | upper, ..local }));
        }
        // A name that is read shortly leaves room for the longest local part.
        Name::read(domain)?;
        Some(Self { text: inside, at: local.at, plain: domain.is_ascii(), lower: false })
    }

    pub(super) const fn plain(text: &'a str, Plain { at, upper }: Plain) -> Self {
        Self { text, at, plain: true, lower: !upper }
    }

    /// Reads a bare address by rules of your own.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), and for what the rules do not want.
    pub fn parse_with(text: &'a str, rules: &AddressRules) -> Result<Self, AddressError> {
        match plain(text) {
            Some(plain) if rules.dotless_domain || has_top_level(parts(text, plain.at).1) => {
                Ok(Self::plain(text, plain))
            }
            _ => Self::parse_closely(text, rules),
        }
    }

    /// The way that knows every form and names every error.
    #[cold]
    fn parse_closely(text: &'a str, rules: &AddressRules) -> Result<Self, AddressError> {
        let error = |kind, at, found| Err(AddressError::new(kind, at, found));
        if text.len() > MAX_INPUT {
            return error(Kind::InputTooLong, 0, Found::Octets(text.len()));
        }
        let address = text::trim(text);
        if address.is_empty() {
            return error(Kind::Empty, 0, Found::The("nothing"));
        }
        let start = text.find(|c| !is_space(c) && !is_ignorable(c)).unwrap_or(0);
        if address.len() < text.len() && !rules.surrounding_space {
            let at = if start > 0 { 0 } else { address.len() };
            let found = Found::next(text.get(at..).and_then(|rest| rest.chars().next()));
            return error(Kind::SurroundingSpace, at, found);
        }
        let at = local_end(address).map_err(|e| e.shifted(start))?;
        let (local, domain) = parts(address, at);
        if local.len() > MAX_LOCAL {
            return error(Kind::LocalTooLong, start, Found::Octets(local.len()));
        }
        if local.starts_with('"') && !rules.quoted_local {
            return error(Kind::QuotedRefused, start, Found::Char('"'));
        }
        if !rules.non_ascii_local
            && let Some((at, c)) = local.char_indices().find(|(_, c)| !c.is_ascii())
        {
            return error(Kind::NonAsciiRefused, start + at, Found::Char(c));
        }
        let sent = sent_len(local);
        if sent > MAX_LOCAL {
            return error(Kind::LocalTooLong, start, Found::Octets(sent));
        }
        let host = Host::read(domain, rules).map_err(|e| e.shifted(start + at + 1))?;
        let octets = sent + 1 + host.len();
        if octets > MAX_ADDRESS {
            return error(Kind::AddressTooLong, start, Found::Octets(octets));
        }
        let plain = address.is_ascii()
            && !local.starts_with('"')
            && matches!(host, Host::Name(name) if name.len() == domain.len());
        Ok(Self { text: address, at, plain, lower: false })
    }

    /// The address as it was written, without what stood around it.
    #[must_use]
    pub const fn as_str(self) -> &'a str {
        self.text
    }

    /// What stands before the `@`, as written, quotes included.
    #[must_use]
    pub fn local(self) -> &'a str {
        parts(self.text, self.at).0
    }

    /// What stands after the `@`, as written: a domain name, or an address literal with its brackets.
    #[must_use]
    pub fn domain(self) -> &'a str {
        parts(self.text, self.at).1
    }

    /// The domain in its comparable form; `None` for an address literal.
    #[must_use]
    pub fn to_domain(self) -> Option<Domain> {
        match Host::read(self.domain(), &AddressRules::RFC.trailing_dot(true)) {
            Ok(host @ Host::Name(_)) => Some(Domain::of(&host)),
            _ => None,
        }
    }

    /// Was the address written in ASCII alone?
    #[must_use]
    pub fn is_ascii(self) -> bool {
        self.text.is_ascii()
    }

    /// Appends the key that tells whether two addresses reach the same person, by
    /// [`CompareBy::Canonical`]. For ASCII nothing is allocated but room in `key`, at most 254 bytes.
    ///
    /// The key of an address is an address, and its own key. (Lower-casing can lengthen a local part
    /// beyond ASCII past 64 octets; such a key still compares, but reads as too long.)
    ///
    /// ```
    /// use correspond::address::EmailAddressRef;
    ///
    /// let mut key = String::new();
    /// for text in ["Ann@Example.COM", "ann@example.com"] {
    ///     EmailAddressRef::parse(text)?.key_into(&mut key);
    ///     key.push('\n');
    /// }
    /// assert_eq!(key, "ann@example.com\nann@example.com\n");
    /// # Ok::<(), correspond::address::AddressError>(())
    /// ```
    #[inline]
    pub fn key_into(self, key: &mut String) {
        if self.lower {
            key.push_str(self.text);
        } else if self.plain {
            push_lower(self.text, key);
        } else {
            self.write(Form::Canonical, key);
        }
    }

    /// The key of [`key_into`](Self::key_into): the text itself where that is its key, else in `room`,
    /// of which the rest is lost.
    #[inline]
    pub(crate) fn key_in(self, room: &'a mut String) -> &'a str {
        if self.lower {
            return self.text;
        }
        room.clear();
        self.key_into(room);
        room
    }

    /// Appends the key of a comparison of your choice.
    ///
    /// ```
    /// use correspond::address::{CompareBy, EmailAddressRef};
    ///
    /// let mut key = String::new();
    /// EmailAddressRef::parse("\"Ann\"@Example.COM")?.key_with(CompareBy::Strict, &mut key);
    /// assert_eq!(key, "Ann@example.com");
    /// # Ok::<(), correspond::address::AddressError>(())
    /// ```
    pub fn key_with(self, by: CompareBy, key: &mut String) {
        match by {
            CompareBy::Canonical => self.key_into(key),
            CompareBy::Strict => self.write(Form::Strict, key),
        }
    }

    /// The key of [`key_into`](Self::key_into) as a new string.
    #[must_use]
    pub fn key(self) -> String {
        let mut key = String::with_capacity(self.text.len());
        self.key_into(&mut key);
        key
    }

    /// The address as it goes on the wire: local part kept (in NFC, with the fewest quotes;
    /// `postmaster` in lower case), domain in lower-case A-labels.
    #[must_use]
    pub fn normalized(self) -> EmailAddress {
        let mut sent = String::with_capacity(self.text.len());
        self.write(Form::Sent, &mut sent);
        EmailAddress(sent.into_boxed_str())
    }

    /// The owned form, which is [`normalized`](Self::normalized).
    #[must_use]
    pub fn to_owned(self) -> EmailAddress {
        self.normalized()
    }

    fn write(self, form: Form, out: &mut String) {
        if self.lower {
            // All forms of it are one.
            return out.push_str(self.text);
        }
        let (local, domain) = parts(self.text, self.at);
        if self.plain {
            write_local(local, form, out);
            out.push('@');
            push_lower(domain, out);
        } else {
            write(local, domain, form, out);
        }
    }
}

/// Octets of a valid local part as it is sent.
fn sent_len(local: &str) -> usize {
    // In ASCII the sent form is never longer.
    if local.is_ascii() {
        return local.len();
    }
    let mut sent = String::new();
    write_local(local, Form::Sent, &mut sent);
    sent.len()
}

/// Both sides of the `@` at `at`.
fn parts(text: &str, at: usize) -> (&str, &str) {
    let (local, rest) = text.split_at_checked(at).unwrap_or((text, ""));
    (local, rest.strip_prefix('@').unwrap_or(rest))
}

impl PartialEq for EmailAddressRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for EmailAddressRef<'_> {}

impl fmt::Display for EmailAddressRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text)
    }
}

impl fmt::Debug for EmailAddressRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddressRef({})", self.text)
    }
}

/// An address in the form in which it is sent, owned.
///
/// Local part as written (NFC, the fewest quotes, `postmaster` in lower case), domain in lower-case
/// A-labels. Equality, order and hash are those of this text, so `Bob@EXAMPLE.com` equals
/// `Bob@example.com` but not `bob@example.com`: to compare people, compare [`key`](Self::key)s.
/// As serde sees it, it is a string.
///
/// ```
/// use correspond::address::EmailAddress;
///
/// let sent: EmailAddress = "Bob@BÜCHER.example".parse()?;
/// assert_eq!(sent.as_str(), "Bob@xn--bcher-kva.example");
/// assert_ne!(sent, "bob@bücher.example".parse()?);
/// assert_eq!(sent.key(), "bob@xn--bcher-kva.example");
/// # Ok::<(), correspond::address::AddressError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(Box<str>);

impl EmailAddress {
    /// Reads a bare address; see [`EmailAddressRef::parse`].
    ///
    /// # Errors
    ///
    /// As [`EmailAddressRef::parse`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        EmailAddressRef::parse(text).map(EmailAddressRef::normalized)
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address, borrowed.
    #[must_use]
    pub fn as_ref(&self) -> EmailAddressRef<'_> {
        let text = &*self.0;
        let plain = text.is_ascii() && !text.starts_with('"') && !text.ends_with(']');
        // Domain names and literals hold no `@`.
        EmailAddressRef { text, at: text.rfind('@').unwrap_or(text.len()), plain, lower: false }
    }

    /// What stands before the `@`, with quotes if it needs them.
    #[must_use]
    pub fn local(&self) -> &str {
        self.as_ref().local()
    }

    /// What stands after the `@`: lower-case A-labels, or an address literal with its brackets.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.as_ref().domain()
    }

    /// The key to compare people by; see [`EmailAddressRef::key_into`].
    #[must_use]
    pub fn key(&self) -> String {
        self.as_ref().key()
    }
}

impl From<EmailAddressRef<'_>> for EmailAddress {
    fn from(address: EmailAddressRef<'_>) -> Self {
        address.normalized()
    }
}

impl FromStr for EmailAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

impl TryFrom<&str> for EmailAddress {
    type Error = AddressError;

    fn try_from(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EmailAddress({})", self.0)
    }
}

impl Serialize for EmailAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What can be asked of a text.
    fn answers(
        read: Result<EmailAddressRef<'_>, AddressError>,
    ) -> Result<[String; 5], AddressError> {
        read.map(|address| {
            let mut strict = String::new();
            address.key_with(CompareBy::Strict, &mut strict);
            [
                address.local().to_owned(),
                address.domain().to_owned(),
                address.key(),
                strict,
                address.normalized().to_string(),
            ]
        })
    }

    fn check(text: &str) {
        let closely = EmailAddressRef::parse_closely(text, &AddressRules::RFC);
        assert_eq!(answers(EmailAddressRef::parse(text)), answers(closely), "{text:?}");
    }

    proptest! {
        #[test]
        fn the_short_ways_read_what_the_long_one_reads(
            around in "[ \t\u{a0}\u{b}\u{200b}]{0,2}",
            local in "[a-zA-Z0-9._+-]{1,40}|[a-c.\"!ö ]{0,4}|[a-z]{60,70}",
            domain in "[a-zA-Z0-9.-]{1,40}|[a-cüß端.X-]{1,9}|xn--[a-z0-9-]{1,9}\\.[a-c_]{0,2}",
            longer in prop::sample::select(vec!["", ".example", ".", "@b", " ", "\u{a0}", "]"]),
        ) {
            check(&format!("{around}{local}@{domain}{longer}{around}"));
            check(&format!("{local}@{}{domain}", "abcdefghij.".repeat(local.len() % 24)));
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_not_read() {
        for around in ["\u{a0}", " ", "\u{3000}"] {
            for octets in [MAX_INPUT - 4, MAX_INPUT - 3, MAX_INPUT] {
                let around = around.repeat(octets / around.len());
                check(&format!("{around}a@b"));
                check(&format!("{around}a@b.example"));
            }
        }
    }

    #[test]
    fn reading_and_comparing_ascii_needs_no_room_but_the_callers() {
        // A buffer that never grows nor moves was never replaced; and what is parsed is borrowed.
        let mut key = String::with_capacity(64);
        let (room, place) = (key.capacity(), key.as_ptr());
        for (text, expected) in [
            ("ann.doe+news@home.example", "ann.doe+news@home.example"),
            ("Ann.DOE_1@Home.Example", "ann.doe_1@home.example"),
            ("\u{a0} Ann@home.example\t", "ann@home.example"),
            ("Ann O'Hara <Ann@home.example> ", "ann@home.example"),
            ("\"O'Hara, Ann\" <ann@home.example>", "ann@home.example"),
            ("ann@XN--bcher-kva.example", "ann@xn--bcher-kva.example"),
            // Beyond ASCII too, where the domain is an ordinary one.
            ("Ann@Bücher.example", "ann@xn--bcher-kva.example"),
        ] {
            let address = crate::address::Mailbox::address_in(text).unwrap();
            assert!(text.as_bytes().as_ptr_range().contains(&address.as_str().as_ptr()));
            key.clear();
            address.key_into(&mut key);
            assert_eq!((&*key, key.capacity(), key.as_ptr()), (expected, room, place));
        }
    }
}

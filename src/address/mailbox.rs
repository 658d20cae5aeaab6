//! An address with the name of its owner.

use std::borrow::Cow;
use std::fmt::{self, Write};

use super::email::EmailAddressRef;
use super::error::{AddressError, AddressErrorKind as Kind, Found};
use super::field::common;
use super::list::{Items, MailboxList, quote_end};
use crate::text;

/// Octets of the longest text that is read as one mailbox; a longer one is refused unread.
pub const MAX_MAILBOX: usize = 8192;

/// Who is meant by `"Doe, John" <jd@example.com>`? A display name, if there is one, and an address.
///
/// | form | name |
/// |---|---|
/// | `jd@example.com`, `<jd@example.com>` | none |
/// | `John Doe <jd@example.com>` | `John Doe` |
/// | `"Doe, John" <jd@example.com>` | `Doe, John` |
/// | `John (Sales) Doe <jd@example.com>` | `John (Sales) Doe` |
/// | `jd@example.com (John Doe)` | `John Doe` (the form of RFC 822's days) |
/// | `Doe, John <jd@example.com>` | `Doe, John` (against RFC 5322, and meant by those who write it) |
///
/// Encoded words (RFC 2047) stay encoded: whoever reads raw headers decodes the name, not the whole.
/// `Display` writes the mailbox for a header, in quotes where they are needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox<'a> {
    name: Option<Cow<'a, str>>,
    address: EmailAddressRef<'a>,
}

impl<'a> Mailbox<'a> {
    /// Reads one mailbox, for a field that holds one.
    ///
    /// ```
    /// use correspond::address::{AddressErrorKind, Mailbox};
    ///
    /// let mailbox = Mailbox::parse("\"Doe, John\" <JD@example.com>")?;
    /// assert_eq!(mailbox.name(), Some("Doe, John"));
    /// assert_eq!(mailbox.address().key(), "jd@example.com");
    ///
    /// let two = Mailbox::parse("tony@example.com, \"Tony2\" <tony2@example.com>").unwrap_err();
    /// assert_eq!(two.kind(), AddressErrorKind::SecondAddress);
    /// # Ok::<(), correspond::address::AddressError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// For a text without an address, with an address that is none, with more than one (use
    /// [`parse_first`](Self::parse_first) to take the first), `<` without `>`, anything but comments
    /// behind the `>`, and for a text longer than [`MAX_MAILBOX`].
    pub fn parse(text: &'a str) -> Result<Self, AddressError> {
        if let Some(address) = EmailAddressRef::at_a_glance(text) {
            return Ok(Self { name: None, address });
        }
        if let Some((phrase, address)) = common(text) {
            return Ok(Self::of_phrase(phrase, address));
        }
        let mut items = bounded(text)?;
        let mailbox = items.next().ok_or_else(|| none(text))??;
        alone(items)?;
        Ok(mailbox)
    }

    /// Whose address stands in this field, whatever stands around it? The address of
    /// [`parse`](Self::parse) without the name, for reading columns of them: for an ordinary address,
    /// bare or behind a name, nothing is allocated and each octet is looked at once or twice.
    ///
    /// ```
    /// use correspond::address::Mailbox;
    ///
    /// let mut key = String::new();
    /// for field in [" JD@example.com", "John Doe <jd@example.com>", "\"Doe, J\" <jd@EXAMPLE.com>"] {
    ///     key.clear();
    ///     Mailbox::address_in(field)?.key_into(&mut key);
    ///     assert_eq!(key, "jd@example.com");
    /// }
    /// # Ok::<(), correspond::address::AddressError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse): it reads what this reads, and nothing else.
    #[inline]
    pub fn address_in(text: &'a str) -> Result<EmailAddressRef<'a>, AddressError> {
        match EmailAddressRef::at_a_glance(text) {
            Some(address) => Ok(address),
            None => Self::address_behind(text),
        }
    }

    /// The key of [`address_in`](Self::address_in), mostly the text itself, else in `room`. An ordinary
    /// address goes through no `Result`, which would have it written to memory and read again.
    #[inline]
    pub(crate) fn key_in(text: &'a str, room: &'a mut String) -> Result<&'a str, AddressError> {
        match EmailAddressRef::at_a_glance(text) {
            Some(address) => Ok(address.key_in(room)),
            None => Self::key_behind(text, room),
        }
    }

    #[inline(never)]
    fn key_behind(text: &'a str, room: &'a mut String) -> Result<&'a str, AddressError> {
        Ok(Self::address_behind(text)?.key_in(room))
    }

    #[inline(never)]
    fn address_behind(text: &'a str) -> Result<EmailAddressRef<'a>, AddressError> {
        if let Some((_, address)) = common(text) {
            return Ok(address);
        }
        let mut items = bounded(text)?;
        let item = items.next_item().ok_or_else(|| none(text))?;
        let address = items.address(&item)?;
        alone(items)?;
        Ok(address)
    }

    /// Reads the first mailbox that can be read, whatever stands around it: for a field that should
    /// hold one and may hold several.
    ///
    /// # Errors
    ///
    /// If none can be read, why the first could not; for a text longer than [`MAX_MAILBOX`].
    pub fn parse_first(text: &'a str) -> Result<Self, AddressError> {
        let mut first = None;
        for item in bounded(text)? {
            match item {
                Ok(mailbox) => return Ok(mailbox),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(first.unwrap_or_else(|| none(text)))
    }

    /// Reads what a `To` or `Cc` field holds. Nothing is an error: items without a readable address
    /// are counted, the names of groups are passed over (`undisclosed-recipients:;` holds nobody), `;`
    /// separates like `,`. Linear in the text, and at most
    /// [`MAX_MAILBOXES`](super::MAX_MAILBOXES) are kept.
    ///
    /// ```
    /// use correspond::address::Mailbox;
    ///
    /// let list = Mailbox::parse_list("Team: Ann <ann@example.com>, bob@example.com;, broken@");
    /// assert_eq!(list.mailboxes().len(), 2);
    /// assert_eq!(list.mailboxes()[0].name(), Some("Ann"));
    /// assert_eq!(list.unread(), 1);
    /// ```
    #[must_use]
    pub fn parse_list(text: &'a str) -> MailboxList<'a> {
        MailboxList::read(text)
    }

    /// The name, without quotes, folds and control characters; `None` rather than an empty one.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The address, as written.
    #[must_use]
    pub const fn address(&self) -> EmailAddressRef<'a> {
        self.address
    }

    /// What stood before the angle brackets.
    pub(super) fn of_phrase(phrase: &'a str, address: EmailAddressRef<'a>) -> Self {
        Self::named(spoken(text::trim(phrase)), address)
    }

    /// What stood in a comment behind a bare address.
    pub(super) fn of_comment(comment: &'a str, address: EmailAddressRef<'a>) -> Self {
        Self::named(Cow::Borrowed(comment), address)
    }

    fn named(name: Cow<'a, str>, address: EmailAddressRef<'a>) -> Self {
        let name = match name {
            name if name.contains(char::is_control) => Cow::Owned(unfolded(&name)),
            Cow::Borrowed(name) => Cow::Borrowed(text::trim(name)),
            Cow::Owned(name) => Cow::Owned(text::trim(&name).to_owned()),
        };
        Self { name: (!name.is_empty()).then_some(name), address }
    }
}

fn bounded(text: &str) -> Result<Items<'_>, AddressError> {
    if text.len() > MAX_MAILBOX {
        let found = Found::Octets(text.len());
        return Err(AddressError::new(Kind::InputTooLong, 0, found));
    }
    Ok(Items::of(text))
}

/// Is there no other item?
fn alone(mut items: Items<'_>) -> Result<(), AddressError> {
    let Some(second) = items.next_item() else { return Ok(()) };
    let found = Found::The("another");
    Err(AddressError::new(Kind::SecondAddress, items.place(&second), found))
}

fn none(text: &str) -> AddressError {
    let found = if text::trim(text).is_empty() { Found::The("nothing") } else { Found::End };
    AddressError::new(Kind::Empty, if found == Found::End { text.len() } else { 0 }, found)
}

/// Without line ends; other control characters, which could end a header line, become blanks.
fn unfolded(name: &str) -> String {
    let visible = name.chars().filter(|c| !matches!(c, '\r' | '\n'));
    let name: String = visible.map(|c| if c.is_control() { ' ' } else { c }).collect();
    text::trim(&name).to_owned()
}

/// A phrase without the quotes around its words and the backslashes inside them.
fn spoken(phrase: &str) -> Cow<'_, str> {
    if !phrase.contains('"') {
        return Cow::Borrowed(phrase);
    }
    let inside = phrase.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    if let Some(inside) = inside
        && !inside.contains(['"', '\\'])
    {
        return Cow::Borrowed(inside);
    }
    let mut name = String::with_capacity(phrase.len());
    let mut rest = phrase;
    while let Some((before, after)) = rest.split_once('"') {
        name.push_str(before);
        // A quote without its partner is an inch.
        let Some(end) = quote_end(after.as_bytes(), 0) else {
            name.push('"');
            rest = after;
            continue;
        };
        let (inside, behind) = after.split_at_checked(end).unwrap_or((after, ""));
        let mut chars = inside.strip_suffix('"').unwrap_or(inside).chars();
        while let Some(c) = chars.next() {
            name.extend(if c == '\\' { chars.next() } else { Some(c) });
        }
        rest = behind;
    }
    name.push_str(rest);
    Cow::Owned(name)
}

impl fmt::Display for Mailbox<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(name) = self.name() else { return write!(f, "{}", self.address) };
        if name.contains(|c| "()<>[]:;@\\,.\"".contains(c)) {
            f.write_char('"')?;
            for c in name.chars() {
                if matches!(c, '"' | '\\') {
                    f.write_char('\\')?;
                }
                f.write_char(c)?;
            }
            f.write_char('"')?;
        } else {
            f.write_str(name)?;
        }
        write!(f, " <{}>", self.address)
    }
}

//! Who takes part in a mail.

use std::borrow::Cow;
use std::fmt;

/// In which header a participant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the originator and destination fields of RFC 5322")]
pub enum Role {
    /// `From`: who wrote it.
    From,
    /// `Sender`: who sent it on behalf of the writer.
    Sender,
    /// `Reply-To`: where answers go; the person behind a sender that a list rewrote.
    ReplyTo,
    /// `To`.
    To,
    /// `Cc`.
    Cc,
    /// `Bcc`.
    Bcc,
}

impl Role {
    /// The name of the header.
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            Self::From => "From",
            Self::Sender => "Sender",
            Self::ReplyTo => "Reply-To",
            Self::To => "To",
            Self::Cc => "Cc",
            Self::Bcc => "Bcc",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.header())
    }
}

/// One address of a mail, with its role and the name beside it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Participant<'a> {
    role: Role,
    address: Cow<'a, str>,
    name: Option<Cow<'a, str>>,
}

impl<'a> Participant<'a> {
    /// The longest address in octets, with room for the worst that RFC 5321 section 4.5.3.1 allows
    /// (a local part of 64 and a domain of 255) in an encoded form.
    pub const MAX_ADDRESS_OCTETS: usize = 998;

    /// A participant, unless the text cannot be an address: no `@` with something on both sides,
    /// white space at its ends aside; or more than 998 octets.
    #[must_use]
    pub fn new(role: Role, address: impl Into<Cow<'a, str>>) -> Option<Self> {
        let address = match address.into() {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        let at = memchr::memrchr(b'@', address.as_bytes())?;
        let sound = at > 0 && at + 1 < address.len() && address.len() <= Self::MAX_ADDRESS_OCTETS;
        sound.then_some(Self { role, address, name: None })
    }

    /// The same with a display name; an empty one is none.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<Cow<'a, str>>) -> Self {
        self.name = Some(name.into()).filter(|name| !name.trim().is_empty());
        self
    }

    /// In which header it stands.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The address as found, without white space at its ends.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The display name, decoded.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The participant, owning its texts.
    #[must_use]
    pub fn into_owned(self) -> Participant<'static> {
        Participant {
            role: self.role,
            address: Cow::Owned(self.address.into_owned()),
            name: self.name.map(|name| Cow::Owned(name.into_owned())),
        }
    }

    /// Is the part before the last `@` this ASCII word, whatever its case?
    pub(super) fn has_local_part(&self, local: &str) -> bool {
        self.address.rsplit_once('@').is_some_and(|(found, _)| found.eq_ignore_ascii_case(local))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_two_sides() {
        let new = |text: &'static str| Participant::new(Role::To, text);
        assert_eq!(new(" a@b\r\n").unwrap().address(), "a@b");
        assert!(Participant::new(Role::To, " a@b ".to_owned()).unwrap().has_local_part("A"));
        for text in ["", "@", "a@", "@b", "undisclosed recipients"] {
            assert!(new(text).is_none(), "{text:?}");
        }
        assert!(Participant::new(Role::To, format!("a@{}", "b".repeat(997))).is_none());
        assert_eq!(new("a@b").unwrap().with_name(" ").name(), None);
        assert_eq!(new("a@b").unwrap().with_name("A B").into_owned().name(), Some("A B"));
        assert_eq!(Role::ReplyTo.to_string(), "Reply-To");
    }
}

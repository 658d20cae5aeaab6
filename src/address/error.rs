//! Why a text is not an address.

use std::error::Error;
use std::fmt;

/// Why a text is no address, mailbox or domain: what was expected, what was found, and where.
///
/// ```
/// use correspond::address::{AddressErrorKind, EmailAddressRef};
///
/// let error = EmailAddressRef::parse("john doe@example.com").unwrap_err();
/// assert_eq!(error.kind(), AddressErrorKind::LocalCharacter);
/// assert_eq!(
///     error.to_string(),
///     "expected a letter, a digit, '@' or one of .!#$%&'*+-/=?^_`{|}~ in the local part, found ' ' at byte 4"
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressError {
    kind: AddressErrorKind,
    at: usize,
    found: Found,
}

impl AddressError {
    pub(super) const fn new(kind: AddressErrorKind, at: usize, found: Found) -> Self {
        Self { kind, at, found }
    }

    /// The rule that was broken.
    #[must_use]
    pub const fn kind(&self) -> AddressErrorKind {
        self.kind
    }

    /// Where, in bytes from the start of the text that was given. For a length it is where the part
    /// that is too long starts; for an internationalised domain, where the domain starts.
    #[must_use]
    pub const fn position(&self) -> usize {
        self.at
    }

    /// The same error at another place.
    pub(super) const fn moved_to(self, at: usize) -> Self {
        Self { at, ..self }
    }

    /// The same error in a text that starts `by` bytes earlier.
    pub(super) const fn shifted(self, by: usize) -> Self {
        Self { at: self.at + by, ..self }
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, at, found } = self;
        write!(f, "expected {}, found {found} at byte {at}", kind.expected())
    }
}

impl Error for AddressError {}

/// What stood where something else was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// The end of the text.
    End,
    /// This character.
    Char(char),
    /// A part of this many octets.
    Octets(usize),
    /// Something with a name.
    The(&'static str),
}

impl Found {
    pub(super) fn next(c: Option<char>) -> Self {
        c.map_or(Self::End, Self::Char)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End => f.write_str("the end"),
            Self::Char(c) => write!(f, "{c:?}"),
            Self::Octets(octets) => write!(f, "{octets} octets"),
            Self::The(name) => f.write_str(name),
        }
    }
}

/// Which rule of an address was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressErrorKind {
    /// There is no text, or nothing but white space and invisible characters.
    Empty,
    /// The text is longer than any address can be; it was not looked at.
    InputTooLong,
    /// White space or invisible characters around the address, under
    /// [`AddressRules::surrounding_space`](super::AddressRules::surrounding_space)`(false)`.
    SurroundingSpace,
    /// There is no `@`.
    Separator,
    /// Nothing stands before the `@`.
    LocalEmpty,
    /// A character that a local part cannot hold without quotes, or at all.
    LocalCharacter,
    /// A dot at the start or end of the local part, or two in a row.
    LocalDot,
    /// More than 64 octets before the `@` (RFC 5321 section 4.5.3.1.1).
    LocalTooLong,
    /// A quoted local part that does not end.
    QuoteOpen,
    /// A quoted local part, under rules that refuse them.
    QuotedRefused,
    /// A local part beyond ASCII, under rules that refuse them.
    NonAsciiRefused,
    /// Nothing stands after the `@`.
    DomainEmpty,
    /// A character that no domain name holds.
    DomainCharacter,
    /// Two dots in a row, or a dot at the start.
    LabelEmpty,
    /// A hyphen at the start or the end of a label.
    LabelHyphen,
    /// A label of more than 63 octets, in its A-label form (RFC 1035 section 2.3.4).
    LabelTooLong,
    /// More than 253 octets in the domain, in its A-label form (RFC 1035 section 2.3.4).
    DomainTooLong,
    /// A dot behind the domain, under rules that refuse it.
    TrailingDot,
    /// A domain that UTS-46 refuses: bad punycode, a forbidden character, mixed directions.
    Internationalised,
    /// A domain without a dot or with a number for its last label, under rules that refuse it.
    TopLevel,
    /// Brackets with something else than an IP address in them.
    Literal,
    /// An address literal, under rules that refuse them.
    LiteralRefused,
    /// More than 254 octets in all (RFC 5321 section 4.5.3.1.3, a path of 256 with its brackets).
    AddressTooLong,
    /// `<` without `>`.
    AngleOpen,
    /// Something else than a comment behind the `>`.
    AfterAddress,
    /// A second address where one was expected.
    SecondAddress,
}

impl AddressErrorKind {
    const fn expected(self) -> &'static str {
        match self {
            Self::Empty => "an email address",
            Self::InputTooLong => "a text short enough for one address",
            Self::SurroundingSpace => "nothing around the address",
            Self::Separator => "'@' after the local part",
            Self::LocalEmpty => "a local part before the '@'",
            Self::LocalCharacter => {
                "a letter, a digit, '@' or one of .!#$%&'*+-/=?^_`{|}~ in the local part"
            }
            Self::LocalDot => "single dots between other characters in the local part",
            Self::LocalTooLong => "at most 64 octets in the local part",
            Self::QuoteOpen => "printable characters and a closing quote in the local part",
            Self::QuotedRefused => "a local part without quotes",
            Self::NonAsciiRefused => "a local part in ASCII",
            Self::DomainEmpty => "a domain",
            Self::DomainCharacter => "letters, digits, '-' and '.' in the domain",
            Self::LabelEmpty => "a label before each dot of the domain",
            Self::LabelHyphen => "a letter or digit at both ends of a label",
            Self::LabelTooLong => "at most 63 octets in a label",
            Self::DomainTooLong => "at most 253 octets in the domain",
            Self::TrailingDot => "no dot behind the domain",
            Self::Internationalised => "a domain that is valid under UTS-46",
            Self::TopLevel => "a domain under a top-level domain",
            Self::Literal => "an IPv4 address or 'IPv6:' and an IPv6 address in the brackets",
            Self::LiteralRefused => "a domain name",
            Self::AddressTooLong => "at most 254 octets in the address",
            Self::AngleOpen => "'>' after the address",
            Self::AfterAddress => "nothing but a comment after the address",
            Self::SecondAddress => "one address alone",
        }
    }
}

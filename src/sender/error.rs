//! Why does a text not belong in the header of a mail?

use std::error::Error;
use std::fmt;

use crate::address::AddressError;

/// Which field of the header a text was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum HeaderPart {
    /// The name of the sender.
    FromName,
    /// The address of the sender.
    FromAddress,
    /// The address of the recipient.
    To,
    /// The address that answers go to.
    ReplyTo,
}

impl fmt::Display for HeaderPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FromName => "from name",
            Self::FromAddress => "from address",
            Self::To => "to address",
            Self::ReplyTo => "reply-to address",
        })
    }
}

/// A text that does not belong in the header of a mail: what was expected, what was found, and where.
///
/// ```
/// use correspond::sender::{FromField, HeaderErrorKind, HeaderPart};
///
/// let error = FromField::new("Ann\r\nBcc: x@y.example", "ann@x.example").unwrap_err();
/// assert_eq!(error.part(), HeaderPart::FromName);
/// assert_eq!(error.kind(), HeaderErrorKind::Control);
/// assert_eq!(
///     error.to_string(),
///     "from name: expected no control characters and no line ends, found U+000D at octet 3"
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeaderError {
    part: HeaderPart,
    problem: Problem,
}

/// Which rule a text of the header broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeaderErrorKind {
    /// There is nothing where an address must be.
    Blank,
    /// It is longer than any column that holds it.
    TooLong,
    /// It holds a control character or a line end, by which it could write fields of its own.
    Control,
    /// A `{{` without its `}}`.
    OpenExpression,
    /// There is an expression still where there must be what it comes to.
    Unresolved,
    /// An expression came out blank, and there is no default address in its place.
    NoDefaultAddress,
    /// It is no email address; the [`source`](Error::source) says why.
    Address,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    Blank,
    TooLong { most: usize },
    Control { found: char, at: usize },
    OpenExpression { at: usize },
    Unresolved,
    NoDefaultAddress,
    Address(AddressError),
}

impl HeaderError {
    pub(super) const fn new(part: HeaderPart, problem: Problem) -> Self {
        Self { part, problem }
    }

    /// Which field of the header the text was for.
    #[must_use]
    pub const fn part(&self) -> HeaderPart {
        self.part
    }

    /// What was expected and found, where the part is told already.
    pub(super) const fn problem(&self) -> &Problem {
        &self.problem
    }

    pub(super) const fn is_address(&self) -> bool {
        matches!(self.problem, Problem::Address(_))
    }

    /// The rule that was broken.
    #[must_use]
    pub const fn kind(&self) -> HeaderErrorKind {
        match self.problem {
            Problem::Blank => HeaderErrorKind::Blank,
            Problem::TooLong { .. } => HeaderErrorKind::TooLong,
            Problem::Control { .. } => HeaderErrorKind::Control,
            Problem::OpenExpression { .. } => HeaderErrorKind::OpenExpression,
            Problem::Unresolved => HeaderErrorKind::Unresolved,
            Problem::NoDefaultAddress => HeaderErrorKind::NoDefaultAddress,
            Problem::Address(_) => HeaderErrorKind::Address,
        }
    }
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.part, self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Blank => f.write_str("expected an address or an expression, found nothing"),
            Self::TooLong { most } => {
                write!(f, "expected text of at most {most} characters, found more")
            }
            Self::Control { found, at } => write!(
                f,
                "expected no control characters and no line ends, found U+{:04X} at octet {at}",
                u32::from(*found)
            ),
            Self::OpenExpression { at } => {
                write!(f, "expected \"}}}}\" behind the \"{{{{\" at octet {at}, found none")
            }
            Self::Unresolved => {
                f.write_str("expected what an expression comes to, found an expression")
            }
            Self::NoDefaultAddress => f.write_str(
                "expected a default address for an expression that came out blank, found none",
            ),
            Self::Address(error) => error.fmt(f),
        }
    }
}

impl Error for HeaderError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.problem {
            Problem::Address(error) => Some(error),
            _ => None,
        }
    }
}

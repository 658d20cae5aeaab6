//! A domain name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::email::MAX_INPUT;
use super::error::{AddressError, AddressErrorKind as Kind, Found};
use super::host::Host;
use super::rules::AddressRules;
use crate::text;

/// Which domain is this? A valid domain name, held in lower-case A-labels.
///
/// Upper case, U-labels (UTS-46, non-transitional), one dot at the end and white space around are
/// read and gone; so two values are equal exactly when they name the same domain. Labels are made of
/// letters, digits and inner hyphens, 1 to 63 octets each, 253 in all. One label alone is a domain.
///
/// ```
/// use correspond::address::Domain;
///
/// let domain: Domain = " BÜCHER.example. ".parse()?;
/// assert_eq!(domain.as_str(), "xn--bcher-kva.example");
/// assert_eq!(domain.to_unicode(), "bücher.example");
/// assert!("my_host.example".parse::<Domain>().is_err());
/// # Ok::<(), correspond::address::AddressError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Domain(Box<str>);

impl Domain {
    /// Reads a domain name.
    ///
    /// # Errors
    ///
    /// For an empty text (`..`, blanks), a label that is empty, too long, starts or ends with a hyphen
    /// or holds another character, bad punycode (`xn--a`), an address literal.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.len() > MAX_INPUT {
            let found = Found::Octets(text.len());
            return Err(AddressError::new(Kind::InputTooLong, 0, found));
        }
        let trimmed = text::trim(text);
        let rules = AddressRules::RFC.domain_literal(false).trailing_dot(true);
        let host =
            Host::read(trimmed, &rules).map_err(|e| e.shifted(text.find(trimmed).unwrap_or(0)))?;
        Ok(Self::of(&host))
    }

    pub(super) fn of(host: &Host<'_>) -> Self {
        let mut name = String::with_capacity(host.len());
        host.write(&mut name);
        Self(name.into_boxed_str())
    }

    /// The name in lower-case A-labels: `xn--bcher-kva.example`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name for people, in U-labels: `bücher.example`. Names that look alike come out looking
    /// alike (a Cyrillic `а` in `аpple.com`): where trust hangs on it show [`as_str`](Self::as_str).
    #[must_use]
    pub fn to_unicode(&self) -> String {
        idna::domain_to_unicode(&self.0).0
    }

    /// The labels, top-level domain last.
    #[must_use]
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.')
    }

    /// Does this domain lie below `other`? Labels count, not characters, and no domain lies below
    /// itself.
    ///
    /// ```
    /// use correspond::address::Domain;
    ///
    /// let below = |a: &str, b: &str| -> Result<_, correspond::address::AddressError> {
    ///     Ok(Domain::parse(a)?.is_subdomain_of(&Domain::parse(b)?))
    /// };
    /// assert!(below("news.example.com", "example.com")?);
    /// assert!(!below("badexample.com", "example.com")?);
    /// assert!(!below("example.com", "example.com")?);
    /// # Ok::<(), correspond::address::AddressError>(())
    /// ```
    #[must_use]
    pub fn is_subdomain_of(&self, other: &Self) -> bool {
        self.0.strip_suffix(&*other.0).is_some_and(|rest| rest.ends_with('.'))
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Domain({})", self.0)
    }
}

impl FromStr for Domain {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

impl TryFrom<&str> for Domain {
    type Error = AddressError;

    fn try_from(text: &str) -> Result<Self, AddressError> {
        Self::parse(text)
    }
}

impl Serialize for Domain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Domain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

//! The name of a domain that is registered.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::address::Domain;
use crate::party::Value;
use crate::settings::error::ValueError;
use crate::settings::field::{FieldType, FieldValue, IntoField};

/// The bare name of a host: of at most 100 characters (string 100), with a top-level domain, in
/// lower-case A-labels. Neither a URL nor an email address.
///
/// ```
/// use correspond::settings::DomainName;
///
/// let name = DomainName::new("BÜCHER.de.")?;
/// assert_eq!(name.as_str(), "xn--bcher-kva.de");
/// assert_eq!(
///     DomainName::new("https://contoso.com/").unwrap_err().to_string(),
///     "expected a bare domain name such as contoso.com, found the URL \"https://contoso.com/\""
/// );
/// # Ok::<(), correspond::settings::ValueError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(Domain);

impl DomainName {
    /// At most this many characters, in A-labels.
    pub const MAX: usize = 100;

    /// Reads a name.
    ///
    /// # Errors
    ///
    /// It is a URL, an email address, or otherwise no domain name; it is longer than
    /// [`MAX`](Self::MAX), or has no top-level domain (`localhost`, an IP address).
    pub fn new(text: &str) -> Result<Self, ValueError> {
        let domain = Domain::parse(text).map_err(|error| {
            let shown = shown(text);
            let found = if text.contains(['/', ':', '?', '\\']) {
                format!("the URL {shown}")
            } else if text.contains('@') {
                format!("the address {shown}")
            } else {
                format!("{shown}: {error}")
            };
            ValueError::form(EXPECTED, found)
        })?;
        Self::try_from(domain)
    }

    /// The name in lower-case A-labels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The domain of this name.
    #[must_use]
    pub const fn domain(&self) -> &Domain {
        &self.0
    }

    /// Does the name start with the label `www`? Such a domain may be registered, for forms on it;
    /// rarely does anybody write mail from it.
    #[must_use]
    pub fn has_www(&self) -> bool {
        self.0.labels().next() == Some("www")
    }
}

const EXPECTED: &str = "a bare domain name such as contoso.com";

/// As much of a text as an error shows.
fn shown(text: &str) -> String {
    const MOST: usize = 80;
    let mut shown: String = text.chars().take(MOST).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    format!("{shown:?}")
}

impl TryFrom<Domain> for DomainName {
    type Error = ValueError;

    fn try_from(domain: Domain) -> Result<Self, ValueError> {
        let name = domain.as_str();
        if name.len() > Self::MAX {
            let expected = format!("a domain name of at most {} characters", Self::MAX);
            return Err(ValueError::length(expected, name.len()));
        }
        let top = name.rsplit_once('.').map(|(_, top)| top);
        if top.is_none_or(|top| top.bytes().all(|b| b.is_ascii_digit())) {
            return Err(ValueError::form(
                "a domain name with a top-level domain",
                format!("{name:?}"),
            ));
        }
        Ok(Self(domain))
    }
}

impl From<DomainName> for Domain {
    fn from(name: DomainName) -> Self {
        name.0
    }
}

impl AsRef<Domain> for DomainName {
    fn as_ref(&self) -> &Domain {
        &self.0
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DomainName({})", self.as_str())
    }
}

impl Serialize for DomainName {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for DomainName {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

impl FieldValue for DomainName {
    const TYPE: FieldType = FieldType::Text { min: 1, max: Self::MAX };

    fn to_value(&self) -> Option<Value> {
        Some(Value::Text(self.as_str().to_owned()))
    }
}

macro_rules! from_text {
    ($($from:ty),+) => {$(
        impl IntoField<DomainName> for $from {
            fn into_field(self) -> Result<DomainName, ValueError> {
                DomainName::new(self.as_ref())
            }
        }

        impl IntoField<Option<DomainName>> for $from {
            fn into_field(self) -> Result<Option<DomainName>, ValueError> {
                DomainName::new(self.as_ref()).map(Some)
            }
        }
    )+};
}

from_text!(&str, String);

impl IntoField<DomainName> for Domain {
    fn into_field(self) -> Result<DomainName, ValueError> {
        self.try_into()
    }
}

impl IntoField<Option<DomainName>> for Domain {
    fn into_field(self) -> Result<Option<DomainName>, ValueError> {
        DomainName::try_from(self).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> String {
        DomainName::new(text).unwrap_err().to_string()
    }

    /// A038; facts 10: a bare host name and not a URL.
    #[test]
    fn domain_names_are_bare() {
        for (text, name) in [
            ("contoso.com", "contoso.com"),
            (" WWW.Contoso.COM. ", "www.contoso.com"),
            ("bücher.de", "xn--bcher-kva.de"),
        ] {
            assert_eq!(DomainName::new(text).unwrap().as_str(), name);
        }
        assert_eq!(
            wrong("contoso.com/path"),
            "expected a bare domain name such as contoso.com, found the URL \"contoso.com/path\""
        );
        assert_eq!(
            wrong("contoso.com:443"),
            "expected a bare domain name such as contoso.com, found the URL \"contoso.com:443\""
        );
        assert_eq!(
            wrong("ann@contoso.com"),
            "expected a bare domain name such as contoso.com, found the address \"ann@contoso.com\""
        );
        assert!(
            wrong("my_host.example").starts_with(
                "expected a bare domain name such as contoso.com, found \"my_host.example\": \
                 expected "
            ),
            "{}",
            wrong("my_host.example")
        );
        assert!(wrong(&"a/".repeat(100)).ends_with("a/…\""));
        for text in ["localhost", "192.168.0.1"] {
            assert_eq!(
                wrong(text),
                format!("expected a domain name with a top-level domain, found {text:?}")
            );
        }
        assert!(wrong("").starts_with("expected a bare domain name such as contoso.com"));
    }

    /// Facts 5.2: string 100.
    #[test]
    fn domain_names_have_100_characters_at_most() {
        let of = |length: usize| format!("{}.{}.com", "a".repeat(50), "b".repeat(length - 55));
        assert_eq!(DomainName::new(&of(100)).unwrap().as_str().len(), 100);
        assert_eq!(wrong(&of(101)), "expected a domain name of at most 100 characters, found 101");
    }

    /// Facts 10: a domain entry with `www` is allowed, and noticed.
    #[test]
    fn a_leading_www_is_noticed() {
        assert!(DomainName::new("www.contoso.com").unwrap().has_www());
        assert!(!DomainName::new("wwwcontoso.com").unwrap().has_www());
        assert!(!DomainName::new("shop.www.com").unwrap().has_www());
    }
}

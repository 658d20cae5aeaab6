//! Absolute URLs of a bounded length.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::FieldType;
use super::value::{FieldValue, IntoField};
use crate::party::Value;
use crate::settings::error::ValueError;

/// An absolute `http` or `https` URL of at most `MAX` characters (UTF-16 code units), with a host
/// and without white space. What stands behind the host is not read.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Url<const MAX: usize>(Box<str>);

impl<const MAX: usize> Url<MAX> {
    /// The URL, checked.
    ///
    /// # Errors
    ///
    /// It is too long, not absolute, of another scheme, without a host, or holds white space or
    /// control characters.
    pub fn new(text: impl Into<Box<str>>) -> Result<Self, ValueError> {
        let text = text.into();
        if text.encode_utf16().take(MAX.saturating_add(1)).count() > MAX {
            return Err(ValueError::length(format!("a URL of at most {MAX} characters"), "more"));
        }
        let expected = "an absolute http or https URL";
        if let Some((at, c)) =
            text.char_indices().find(|(_, c)| c.is_whitespace() || c.is_control())
        {
            let found = format!("U+{:04X} at octet {at}", u32::from(c));
            return Err(ValueError::form(expected, found));
        }
        if host(&text).is_none_or(str::is_empty) {
            return Err(ValueError::form(expected, format!("{text:?}")));
        }
        Ok(Self(text))
    }

    /// The URL as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host, without user and port.
    #[must_use]
    pub fn host(&self) -> &str {
        host(&self.0).unwrap_or_default()
    }

    /// Is it served over HTTPS?
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("https"))
    }
}

/// The host of an absolute http or https URL (RFC 3986 section 3.2).
fn host(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    // A browser reads a backslash as a slash, so that one must not hide the host.
    let authority = rest.split(['/', '\\', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if host.starts_with('[') {
        return host.split_inclusive(']').next();
    }
    host.split(':').next()
}

impl<const MAX: usize> fmt::Debug for Url<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MAX: usize> fmt::Display for Url<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MAX: usize> Serialize for Url<MAX> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Url<MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

impl<const MAX: usize> FieldValue for Url<MAX> {
    const TYPE: FieldType = FieldType::Url { max: MAX };

    fn to_value(&self) -> Option<Value> {
        Some(Value::Text(self.as_str().to_owned()))
    }
}

macro_rules! from_text {
    ($($from:ty),+) => {$(
        impl<const MAX: usize> IntoField<Url<MAX>> for $from {
            fn into_field(self) -> Result<Url<MAX>, ValueError> {
                Url::new(self)
            }
        }

        impl<const MAX: usize> IntoField<Option<Url<MAX>>> for $from {
            fn into_field(self) -> Result<Option<Url<MAX>>, ValueError> {
                Url::new(self).map(Some)
            }
        }
    )+};
}

from_text!(&str, String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_absolute() {
        let url = Url::<100>::new("HTTPS://user:pw@shop.example:8443/privacy?x=@y").unwrap();
        assert_eq!((url.host(), url.is_https()), ("shop.example", true));
        assert_eq!(Url::<100>::new("http://[::1]:80/").unwrap().host(), "[::1]");
        assert_eq!(Url::<100>::new(r"http://a.example\@b.example/").unwrap().host(), "a.example");
        for wrong in
            ["shop.example/privacy", "/privacy", "javascript:alert(1)", "https://", "http:/x"]
        {
            assert_eq!(
                Url::<100>::new(wrong).unwrap_err().to_string(),
                format!("expected an absolute http or https URL, found {wrong:?}")
            );
        }
        assert_eq!(
            Url::<100>::new("http://a b").unwrap_err().to_string(),
            "expected an absolute http or https URL, found U+0020 at octet 8"
        );
        assert_eq!(
            Url::<10>::new("http://long.example").unwrap_err().to_string(),
            "expected a URL of at most 10 characters, found more"
        );
    }
}

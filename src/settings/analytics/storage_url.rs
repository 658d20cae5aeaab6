//! The URL of a container.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::sas_url::{Parts, SasUrlError, SasUrlErrorKind as Kind};
use crate::address::Domain;
use crate::party::Value;
use crate::settings::error::ValueError;
use crate::settings::field::{FieldType, FieldValue, IntoField};

/// The URL of a container of Azure Blob Storage, and nothing behind it: no signature has a place in
/// it. Two are equal exactly when they name the same container.
///
/// Errors never quote what was found, as that may be a signature in the wrong place.
///
/// ```
/// use correspond::settings::StorageUrl;
///
/// let url = StorageUrl::parse("https://Contoso.blob.core.windows.net:443/marketing/")?;
/// assert_eq!(url.to_string(), "https://contoso.blob.core.windows.net/marketing");
/// assert_eq!((url.account(), url.container()), ("contoso", "marketing"));
/// # Ok::<(), correspond::settings::SasUrlError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct StorageUrl {
    host: Domain,
    container: Box<str>,
}

impl StorageUrl {
    /// Reads the URL of a container.
    ///
    /// # Errors
    ///
    /// It is no HTTPS URL of a container, or something stands behind the container. See
    /// [`SasUrl::parse`](super::SasUrl::parse), which reads the same with a signature.
    pub fn parse(text: &str) -> Result<Self, SasUrlError> {
        let parts = Parts::of(text)?;
        if parts.query.is_some() {
            let expected = "the URL of a container alone";
            return Err(SasUrlError::new(Kind::Signature, expected, "more behind a question mark"));
        }
        Self::of(&parts)
    }

    pub(super) fn of(parts: &Parts<'_>) -> Result<Self, SasUrlError> {
        // Port 443 is the one that stands for itself.
        let host = parts.authority.strip_suffix(":443").unwrap_or(parts.authority);
        if host.contains(['@', ':', '[']) {
            let expected = "a host without user, port and brackets";
            return Err(SasUrlError::new(Kind::Host, expected, "one with them"));
        }
        let host = Domain::parse(host)
            .map_err(|_| SasUrlError::new(Kind::Host, "the name of a host", "something else"))?;
        let container = parts.path.strip_prefix('/').unwrap_or(parts.path);
        let container = container.strip_suffix('/').unwrap_or(container);
        let expected =
            "the name of a container (3 to 63 of a-z, 0-9 and single hyphens) as the path";
        let found = match container {
            "" => Some("none"),
            "$root" | "$web" => None,
            deep if deep.contains('/') => Some("more than one name"),
            name if is_container(name) => None,
            _ => Some("something else"),
        };
        match found {
            Some(found) => Err(SasUrlError::new(Kind::Container, expected, found)),
            None => Ok(Self { host, container: container.into() }),
        }
    }

    /// Its host: `contoso.blob.core.windows.net`.
    #[must_use]
    pub fn host(&self) -> &str {
        self.host.as_str()
    }

    /// The storage account, which is the first label of the host.
    #[must_use]
    pub fn account(&self) -> &str {
        self.host().split('.').next().unwrap_or_default()
    }

    /// The container.
    #[must_use]
    pub const fn container(&self) -> &str {
        &self.container
    }
}

/// The names that Azure gives to containers ("Naming and referencing containers").
fn is_container(name: &str) -> bool {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (3..=63).contains(&name.len())
        && name.chars().all(known)
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--")
}

impl fmt::Display for StorageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}/{}", self.host.as_str(), self.container)
    }
}

impl fmt::Debug for StorageUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

impl Serialize for StorageUrl {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for StorageUrl {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
        Self::parse(&text).map_err(|error| serde::de::Error::custom(ValueError::from(error)))
    }
}

impl FieldValue for StorageUrl {
    const TYPE: FieldType = FieldType::Url { max: super::SasUrl::MAX_LEN };

    fn to_value(&self) -> Option<Value> {
        Some(Value::Text(self.to_string()))
    }
}

impl IntoField<Option<StorageUrl>> for &str {
    fn into_field(self) -> Result<Option<StorageUrl>, ValueError> {
        Ok(Some(StorageUrl::parse(self)?))
    }
}

impl IntoField<Option<StorageUrl>> for String {
    fn into_field(self) -> Result<Option<StorageUrl>, ValueError> {
        Ok(Some(StorageUrl::parse(&self)?))
    }
}

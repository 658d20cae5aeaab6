//! A shared access signature, and the URL that it comes with.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};

use super::permissions::SasPermissions;
use super::storage_url::StorageUrl;
use crate::settings::error::{SettingErrorKind, ValueError};

/// A SAS URL as an administrator pastes it, taken apart: the [`StorageUrl`] is for the record, the
/// [`SasSignature`] for the service that exports, and for nobody else.
///
/// ```
/// use correspond::settings::{SasPermissions, SasUrl};
///
/// let pasted = SasUrl::parse(
///     "https://contoso.blob.core.windows.net/marketing?sr=c&sp=rl&se=2026-12-31T08%3A00Z&sig=Zm9v",
/// )?;
/// assert_eq!(pasted.storage_url().container(), "marketing");
/// let missing = pasted.signature().permissions().map(SasPermissions::missing);
/// assert_eq!(missing.map(|missing| missing.to_string()).as_deref(), Some("add, create, write, delete"));
/// assert!(!format!("{pasted:?}").contains("Zm9v"));
/// # Ok::<(), correspond::settings::SasUrlError>(())
/// ```
#[derive(Debug)]
pub struct SasUrl {
    storage_url: StorageUrl,
    signature: SasSignature,
}

impl SasUrl {
    /// The most characters of a SAS URL (`msdyncrm_exporttoblobstoragesastoken`).
    pub const MAX_LEN: usize = 4_000;

    /// Reads a SAS URL: one of a container, over HTTPS, with the fields `sig` (the signature), `sp`
    /// (permissions) and `se` (expiry), percent-encoded or not. With a stored access policy (`si`)
    /// the last two may be missing. White space around it is gone. Linear in its length.
    ///
    /// # Errors
    ///
    /// What is wrong with it, by kind. The message never quotes any of it.
    pub fn parse(text: &str) -> Result<Self, SasUrlError> {
        let parts = Parts::of(text)?;
        let storage_url = StorageUrl::of(&parts)?;
        let Some(query) = parts.query else {
            return Err(SasUrlError::new(Kind::Signature, SIGNATURE, "none"));
        };
        Ok(Self { storage_url, signature: SasSignature::of(query)? })
    }

    /// The container, for the record.
    #[must_use]
    pub const fn storage_url(&self) -> &StorageUrl {
        &self.storage_url
    }

    /// The signature, for the service that exports.
    #[must_use]
    pub const fn signature(&self) -> &SasSignature {
        &self.signature
    }

    /// Both.
    #[must_use]
    pub fn into_parts(self) -> (StorageUrl, SasSignature) {
        (self.storage_url, self.signature)
    }
}

const SIGNATURE: &str = "a signature (sig) behind a question mark";

/// A shared access signature. Whoever has it may write to the container, so that it is shown by
/// nothing but [`reveal`](Self::reveal): its `Debug` and `Display` leave it out, and it has no serde
/// form, nor can it be copied.
///
/// ```compile_fail,E0277
/// fn kept<T: serde::Serialize>() {}
/// kept::<correspond::settings::SasSignature>();
/// ```
pub struct SasSignature {
    query: Box<str>,
    permissions: Option<SasPermissions>,
    expires: Option<DateTime<Utc>>,
}

impl SasSignature {
    /// The whole of it, as the service needs it behind the question mark of each request.
    #[must_use]
    pub const fn reveal(&self) -> &str {
        &self.query
    }

    /// What it permits; `None` where a stored access policy says so.
    #[must_use]
    pub const fn permissions(&self) -> Option<SasPermissions> {
        self.permissions
    }

    /// When it expires; `None` where a stored access policy says so.
    #[must_use]
    pub const fn expires(&self) -> Option<DateTime<Utc>> {
        self.expires
    }

    fn of(query: &str) -> Result<Self, SasUrlError> {
        let mut fields = [None; 5];
        for field in query.split('&') {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            // Which one of two would count is Azure's secret.
            let Some(place) = FIELDS.iter().position(|known| *known == name) else { continue };
            let Some(place) = fields.get_mut(place) else { continue };
            if place.replace(value).is_some() {
                return Err(SasUrlError::new(Kind::Field, "each field once", "one of them twice"));
            }
        }
        let [sig, sp, se, sr, si] = fields;
        if sig.is_none_or(str::is_empty) {
            return Err(SasUrlError::new(Kind::Signature, SIGNATURE, "none"));
        }
        match sr.map(decoded).transpose()?.as_deref() {
            // A signature of the whole account has no such field.
            None | Some("c") => {}
            Some(_) => {
                let expected = "a signature of a container (sr=c)";
                return Err(SasUrlError::new(Kind::Container, expected, "one of something else"));
            }
        }
        let by_policy = si.is_some_and(|policy| !policy.is_empty());
        let expected = "permissions (sp), or a stored access policy (si)";
        let permissions = unless_policy(by_policy, Kind::Permissions, sp, expected)?;
        let expected = "an expiry (se), or a stored access policy (si)";
        let expires = unless_policy(by_policy, Kind::Expiry, se, expected)?;
        Ok(Self {
            query: query.into(),
            permissions: permissions.map(|letters| SasPermissions::from_letters(&letters)),
            expires: expires.map(|text| moment(&text)).transpose()?,
        })
    }
}

/// The fields that are read, in the order in which they are taken apart.
const FIELDS: [&str; 5] = ["sig", "sp", "se", "sr", "si"];

impl fmt::Debug for SasSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SasSignature")
            .field("permissions", &self.permissions)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for SasSignature {
    /// Says that there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a signature, not shown")
    }
}

/// A field that must be there, unless a stored access policy says the same.
fn unless_policy<'a>(
    by_policy: bool,
    kind: SasUrlErrorKind,
    field: Option<&'a str>,
    expected: &'static str,
) -> Result<Option<Cow<'a, str>>, SasUrlError> {
    match field {
        Some(field) if !field.is_empty() => decoded(field).map(Some),
        _ if by_policy => Ok(None),
        _ => Err(SasUrlError::new(kind, expected, "neither")),
    }
}

/// A field, percent-decoded; all of those that are read are ASCII.
fn decoded(field: &str) -> Result<Cow<'_, str>, SasUrlError> {
    if !field.contains('%') {
        return Ok(field.into());
    }
    let mut text = String::with_capacity(field.len());
    let mut pieces = field.split('%');
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let octet = piece.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        // `from_str_radix` takes a sign.
        let octet = octet.filter(|octet| octet.is_ascii() && !piece.starts_with('+'));
        let (Some(octet), Some(rest)) = (octet, piece.get(2..)) else {
            let expected = "percent signs before the two digits of an ASCII character";
            return Err(SasUrlError::new(Kind::Encoding, expected, "one before something else"));
        };
        text.push(char::from(octet));
        text.push_str(rest);
    }
    Ok(text.into())
}

/// One of the forms of ISO 8601 that Azure takes ("Formatting DateTime values"): a day, which begins
/// at midnight UTC, or a day and a time of day.
fn moment(text: &str) -> Result<DateTime<Utc>, SasUrlError> {
    let refused =
        || SasUrlError::new(Kind::Expiry, "an expiry like 2026-12-31T08:00:00Z", "another");
    if !text.starts_with(|c: char| c.is_ascii_digit()) || text.len() > 40 {
        return Err(refused());
    }
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d")
        && text.len() == 10
    {
        return Ok(day.and_time(chrono::NaiveTime::MIN).and_utc());
    }
    if let Ok(time) = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%MZ")
        && text.len() == 17
    {
        return Ok(time.and_utc());
    }
    DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).map_err(|_| refused())
}

/// A URL cut at its marks.
pub(super) struct Parts<'a> {
    pub(super) authority: &'a str,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(text: &'a str) -> Result<Self, SasUrlError> {
        if text.len() > SasUrl::MAX_LEN {
            return Err(SasUrlError::new(Kind::Length, "at most 4000 characters", "more"));
        }
        let text = text.trim_ascii();
        if !text.bytes().all(|octet| octet.is_ascii_graphic()) {
            let expected = "ASCII characters without white space";
            return Err(SasUrlError::new(Kind::Form, expected, "others"));
        }
        let rest = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest,
            _ => return Err(SasUrlError::new(Kind::Form, "an https URL", "something else")),
        };
        if rest.contains(['#', '\\']) {
            let expected = "no fragment and no backslash";
            return Err(SasUrlError::new(Kind::Form, expected, "one of them"));
        }
        let (address, query) =
            rest.split_once('?').map_or((rest, None), |(address, query)| (address, Some(query)));
        let (authority, path) = address.split_once('/').unwrap_or((address, ""));
        Ok(Self { authority, path, query })
    }
}

/// A SAS URL, or the URL of a container, was refused. It never quotes what was found: that is a
/// secret, or stands next to one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("SAS URL: expected {expected}, found {found}")]
pub struct SasUrlError {
    kind: SasUrlErrorKind,
    expected: &'static str,
    found: &'static str,
}

use SasUrlErrorKind as Kind;

impl SasUrlError {
    /// Of constants alone, so that nothing of the input can get into it.
    pub(super) const fn new(
        kind: SasUrlErrorKind,
        expected: &'static str,
        found: &'static str,
    ) -> Self {
        Self { kind, expected, found }
    }

    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> SasUrlErrorKind {
        self.kind
    }
}

impl From<SasUrlError> for ValueError {
    fn from(error: SasUrlError) -> Self {
        let kind = match error.kind {
            SasUrlErrorKind::Length => SettingErrorKind::Length,
            _ => SettingErrorKind::Form,
        };
        Self::new(kind, error.expected, error.found)
    }
}

/// What is wrong with a SAS URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SasUrlErrorKind {
    /// Longer than [`SasUrl::MAX_LEN`].
    Length,
    /// No HTTPS URL.
    Form,
    /// No host name, or one with a user or a port.
    Host,
    /// No container, more than one, or a signature of something else.
    Container,
    /// A percent sign that begins no character.
    Encoding,
    /// A field that is there twice.
    Field,
    /// No signature, or one where none belongs.
    Signature,
    /// No permissions.
    Permissions,
    /// No expiry, or none that can be read.
    Expiry,
}

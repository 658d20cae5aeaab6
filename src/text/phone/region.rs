//! Where is a number without a country code from?

use std::fmt;

/// Where a telephone number without a country code is from: a country by its two letters (ISO 3166-1
/// alpha-2, `AC`, `TA` and `XK` beside them), or nowhere.
///
/// Only with the feature `phonenumber` is there a way to one: without it a comparison by E.164 cannot
/// be asked for.
#[cfg_attr(
    feature = "phonenumber",
    doc = "
```
use correspond::text::{PhoneForm, Region};

let number = |region, text| {
    let mut key = String::new();
    PhoneForm::E164(region).key_into(text, &mut key).then_some(key)
};
let germany = Region::new(\"DE\")?;
assert_eq!(number(germany, \"030 123456\").as_deref(), Some(\"+4930123456\"));
assert_eq!(number(germany, \"0049 (30) 12 34 56\").as_deref(), Some(\"+4930123456\"));
assert_eq!(number(Region::NONE, \"+49 30 123456\").as_deref(), Some(\"+4930123456\"));
assert_eq!(number(Region::NONE, \"030 123456\").as_deref(), Some(\"030123456\"));
assert!(Region::new(\"UK\").is_err(), \"it is GB\");
# Ok::<(), correspond::text::RegionError>(())
```"
)]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Region(Option<[u8; 2]>);

impl Region {
    /// Nowhere: only a number with a plus sign is international.
    #[cfg(feature = "phonenumber")]
    pub const NONE: Self = Self(None);

    /// The country with these two letters, in capitals.
    ///
    /// # Errors
    ///
    /// There is no numbering plan of such a country.
    #[cfg(feature = "phonenumber")]
    pub fn new(code: &str) -> Result<Self, RegionError> {
        match *code.as_bytes() {
            [a @ b'A'..=b'Z', b @ b'A'..=b'Z'] if super::e164::is_known(code) => {
                Ok(Self(Some([a, b])))
            }
            _ => Err(RegionError { found: code.chars().take(8).collect() }),
        }
    }

    /// The two letters; `None` for [`NONE`](Self::NONE).
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.0.as_ref().and_then(|code| str::from_utf8(code).ok())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Region").field(&self.code()).finish()
    }
}

/// There is no such region.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the two capitals of a country with telephone numbers, found {found:?}")]
pub struct RegionError {
    found: String,
}

impl RegionError {
    /// How what was found begins.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }
}

//! The link in a confirmation mail.

use std::fmt;
use std::fmt::Write;

use chrono::{DateTime, TimeDelta, Utc};

use super::error::{ConsentError, Problem};
use crate::id::RecordId;
use crate::index::Keyer;
use crate::record::{Space, UniqueKey};
use crate::settings::Profile;

/// What makes a confirmation link impossible to guess: entropy that the caller drew, printed as
/// hexadecimal digits. The store keeps a keyed hash of it and never the token itself, so that whoever
/// reads the store cannot confirm for others. `Debug` does not show it.
///
/// ```
/// use correspond::consent::LinkToken;
///
/// # let drawn = [0xa5; 16];
/// // let drawn: [u8; 16] = from a cryptographic source;
/// let token = LinkToken::from_entropy(&drawn)?;
/// let url = format!("https://shop.example/confirm?{}", token.as_str());
/// let (_, clicked) = url.split_once('?').unwrap();
/// assert_eq!(clicked.parse::<LinkToken>()?, token);
/// # Ok::<(), correspond::consent::ConsentError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct LinkToken(Box<str>);

impl LinkToken {
    /// The fewest octets of entropy: 128 bits.
    pub const MIN_LEN: usize = 16;

    /// The most octets of entropy.
    pub const MAX_LEN: usize = 64;

    /// The token of these octets, which come from a cryptographic source and are used for nothing
    /// else.
    ///
    /// # Errors
    ///
    /// Fewer than [`MIN_LEN`](Self::MIN_LEN) octets, or more than [`MAX_LEN`](Self::MAX_LEN).
    pub fn from_entropy(entropy: &[u8]) -> Result<Self, ConsentError> {
        let found = entropy.len();
        if !(Self::MIN_LEN..=Self::MAX_LEN).contains(&found) {
            return Err(Problem::Entropy { found }.into());
        }
        let mut text = String::with_capacity(2 * found);
        for octet in entropy {
            // Writing to a string does not fail.
            let _ = write!(text, "{octet:02x}");
        }
        Ok(Self(text.into()))
    }

    /// The token as it stands in the link.
    #[must_use]
    pub const fn as_str(&self) -> &str {
        &self.0
    }

    /// What the store finds the request by.
    #[must_use]
    pub fn key(&self, keyer: &Keyer) -> UniqueKey {
        UniqueKey::new(keyer, Space::Link, self.0.as_bytes())
    }
}

impl std::str::FromStr for LinkToken {
    type Err = ConsentError;

    /// Reads what [`as_str`](Self::as_str) printed; capital digits are read too.
    fn from_str(text: &str) -> Result<Self, ConsentError> {
        let even = text.len().is_multiple_of(2);
        let length = (2 * Self::MIN_LEN..=2 * Self::MAX_LEN).contains(&text.len());
        if even && length && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase().into()))
        } else {
            // The text is not repeated: it may be somebody's link, cut short.
            Err(Problem::Link.into())
        }
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkToken(secret)")
    }
}

/// What one confirmation needs of the host: the id of a new request, and the token of its link.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a pair")]
pub struct LinkSeed {
    /// A new id.
    pub id: RecordId,
    /// A new token.
    pub token: LinkToken,
}

/// How long a confirmation link can be clicked: that of a [`Profile`], 30 days by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkLife(TimeDelta);

impl LinkLife {
    /// The longest life, in days.
    pub const MAX_DAYS: u16 = 366;

    /// A life of so many days of 24 hours.
    ///
    /// # Errors
    ///
    /// 0, or more than [`MAX_DAYS`](Self::MAX_DAYS).
    pub fn days(days: u16) -> Result<Self, ConsentError> {
        if (1..=Self::MAX_DAYS).contains(&days) {
            Ok(Self(TimeDelta::days(days.into())))
        } else {
            Err(Problem::Life { found: days }.into())
        }
    }

    /// The last moment of a link that is made at `now`.
    #[must_use]
    pub fn ends(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now.checked_add_signed(self.0).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

impl From<Profile> for LinkLife {
    /// 30 days; of the later product 28.
    fn from(profile: Profile) -> Self {
        Self(profile.opt_in_life())
    }
}

impl Default for LinkLife {
    /// That of the default profile: 30 days.
    fn default() -> Self {
        Profile::default().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_carry_128_bits_and_show_none() {
        let error = LinkToken::from_entropy(&[7; 15]).unwrap_err();
        assert_eq!(error.to_string(), "entropy of a link: expected 16 to 64 octets, found 15");
        assert!(LinkToken::from_entropy(&[7; 65]).is_err());
        let token = LinkToken::from_entropy(&[0xab; 16]).unwrap();
        assert_eq!(token.as_str(), "ab".repeat(16));
        assert_eq!("AB".repeat(16).parse::<LinkToken>().as_ref(), Ok(&token));
        assert_eq!(format!("{token:?}"), "LinkToken(secret)");
        let odd = "ab".repeat(16) + "a";
        for wrong in ["", "ab", odd.as_str(), &"xy".repeat(16), &"ab".repeat(65)] {
            assert_eq!(
                wrong.parse::<LinkToken>().unwrap_err().to_string(),
                "link: expected 32 to 128 hexadecimal digits, an even number"
            );
        }
        let keyer = Keyer::from_secret([1; 16]);
        let other = LinkToken::from_entropy(&[0xac; 16]).unwrap();
        assert_ne!(token.key(&keyer), other.key(&keyer));
    }

    /// facts 7.6, 9 row 29: 30 days, the successor 28.
    #[test]
    fn opt_in_links_live_30_days_or_28() {
        let now = DateTime::UNIX_EPOCH;
        let current = LinkLife::from(Profile::Current);
        assert_eq!(LinkLife::default(), Profile::Documents.into());
        assert_eq!(LinkLife::default().ends(now) - now, TimeDelta::days(30));
        assert_eq!(current.ends(now) - now, TimeDelta::days(28));
        assert_eq!(LinkLife::days(30), Ok(LinkLife::default()));
        assert_eq!(
            LinkLife::days(0).unwrap_err().to_string(),
            "life of a link: expected 1 to 366 days, found 0"
        );
        assert!(LinkLife::days(367).is_err());
        assert_eq!(current.ends(DateTime::<Utc>::MAX_UTC), DateTime::<Utc>::MAX_UTC);
    }
}

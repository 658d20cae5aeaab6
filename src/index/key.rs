//! Keyed 128-bit hashes of what a mail is found by.

use std::fmt;

use serde::{Deserialize, Serialize};
use siphasher::sip128::SipHasher13;

use crate::text::FOLD_VERSION;

/// What a key stands for. Stores keep it as its [`code`](Self::code).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
#[non_exhaustive]
pub enum IndexKind {
    /// A distinct address of From, To, Cc or Bcc, in its comparison form.
    Address = 0,
    /// The mail's own Message-ID (column `email.messageid`).
    MessageId = 1,
    /// A Message-ID that the mail names in In-Reply-To or References, whether it was ever seen or
    /// not: siblings meet under it, and so does a parent that arrives late.
    Reference = 2,
    /// The comparison key of the base subject.
    Subject = 3,
    /// The set of subject keywords that smart matching compares (table `EmailHash`).
    Keywords = 4,
    /// The root of the Thread-Index: its first 22 octets (column `email.baseconversationindexhash`).
    ThreadRoot = 5,
    /// A tracking token (column `email.trackingtoken`).
    Token = 6,
    /// One subject keyword; carried in the row for comparison, never looked up.
    Word = 7,
}

impl IndexKind {
    /// Every kind, by code.
    pub const ALL: [Self; 8] = [
        Self::Address,
        Self::MessageId,
        Self::Reference,
        Self::Subject,
        Self::Keywords,
        Self::ThreadRoot,
        Self::Token,
        Self::Word,
    ];

    /// The number that a store keeps; it never changes.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The kind with this number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Does a store answer look-ups of this kind? The others are carried in rows only.
    #[must_use]
    pub const fn is_looked_up(self) -> bool {
        !matches!(self, Self::Word | Self::Subject)
    }

    /// What keeps equal text of unlike kinds apart. An id is the same id whether it is a mail's own
    /// or named by another mail.
    const fn domain(self) -> u64 {
        match self {
            Self::Reference => Self::MessageId as u64,
            other => other as u64,
        }
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(u16);

impl Kinds {
    /// No kind.
    pub const NONE: Self = Self(0);

    /// These and `kind`.
    #[must_use]
    pub const fn with(self, kind: IndexKind) -> Self {
        Self(self.0 | 1 << kind as u8)
    }

    /// Is `kind` among them?
    #[must_use]
    pub const fn contains(self, kind: IndexKind) -> bool {
        self.0 >> kind as u8 & 1 == 1
    }
}

/// What a row is found by: a kind and a keyed hash. Compared for equality, never read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexKey {
    kind: IndexKind,
    hash: [u8; 16],
}

impl IndexKey {
    /// The key as a store kept it.
    #[must_use]
    pub const fn from_parts(kind: IndexKind, hash: [u8; 16]) -> Self {
        Self { kind, hash }
    }

    /// What it stands for.
    #[must_use]
    pub const fn kind(&self) -> IndexKind {
        self.kind
    }

    /// The keyed hash.
    #[must_use]
    pub const fn hash(&self) -> &[u8; 16] {
        &self.hash
    }

    /// The same hash as another kind.
    #[must_use]
    pub const fn as_kind(self, kind: IndexKind) -> Self {
        Self { kind, ..self }
    }
}

/// Makes index keys under a store's own secret (SipHash-1-3 with 128 bits of output), so that nobody
/// outside can craft mail whose keys collide, or tell from a leaked index who wrote to whom.
///
/// A durable store makes its secret once and keeps it; keys of two stores are unrelated.
#[derive(Clone)]
pub struct Keyer {
    low: u64,
    high: u64,
}

impl Keyer {
    /// The octets of a [`stamp`](Self::stamp).
    pub const STAMP_LEN: usize = 20;

    /// The key maker under a secret of 16 octets from a cryptographic source.
    #[must_use]
    pub const fn from_secret(secret: [u8; 16]) -> Self {
        let both = u128::from_le_bytes(secret);
        Self { low: both as u64, high: (both >> 64) as u64 }
    }

    /// The key of `text`, which must already be in the comparison form of its kind.
    #[must_use]
    pub fn key(&self, kind: IndexKind, text: &[u8]) -> IndexKey {
        IndexKey { kind, hash: self.hash(kind.domain(), text) }
    }

    /// The keyed hash of `text` as something of `domain`: below 0x100 [`IndexKind`]s, above it the
    /// keys of records.
    pub(crate) fn hash(&self, domain: u64, text: &[u8]) -> [u8; 16] {
        SipHasher13::new_with_keys(self.low, self.high ^ domain).hash(text).as_bytes()
    }

    /// What a durable store keeps beside its keys, and [`from_stamp`](Self::from_stamp) reads when
    /// it is opened again. It holds the secret: keep it where the keys are, and nowhere else.
    #[must_use]
    pub fn stamp(&self) -> [u8; Self::STAMP_LEN] {
        let secret = u128::from(self.high) << 64 | u128::from(self.low);
        let mut stamp = [0; Self::STAMP_LEN];
        let (version, rest) = stamp.split_at_mut(4);
        version.copy_from_slice(&FOLD_VERSION.to_le_bytes());
        rest.copy_from_slice(&secret.to_le_bytes());
        stamp
    }

    /// The key maker of a store that kept this stamp.
    ///
    /// ```
    /// use correspond::index::{IndexKind, Keyer};
    ///
    /// let keyer = Keyer::from_secret([7; 16]);
    /// let again = Keyer::from_stamp(&keyer.stamp())?;
    /// assert_eq!(again.key(IndexKind::Token, b"x"), keyer.key(IndexKind::Token, b"x"));
    ///
    /// let mut other = keyer.stamp();
    /// other[0] += 1;
    /// assert_eq!(
    ///     Keyer::from_stamp(&other).unwrap_err().to_string(),
    ///     "keys were made by version 2 of folding, this build has version 1: rebuild them"
    /// );
    /// # Ok::<(), correspond::index::StampError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The keys were made by another [`FOLD_VERSION`], so equal text may have unlike keys; or what
    /// was kept is no stamp.
    pub fn from_stamp(stamp: &[u8]) -> Result<Self, StampError> {
        let keyer = Self::renew(stamp)?;
        match stamp.first_chunk().map(|version| u32::from_le_bytes(*version)) {
            Some(found) if found != FOLD_VERSION => Err(StampError::FoldVersion { found }),
            _ => Ok(keyer),
        }
    }

    /// The key maker that makes keys anew in place of those that this stamp was kept beside: under
    /// the same secret, whatever version of folding made them.
    ///
    /// # Errors
    ///
    /// What was kept is no stamp.
    pub fn renew(stamp: &[u8]) -> Result<Self, StampError> {
        let length = StampError::Length { found: stamp.len() };
        let (_, secret) = stamp.split_first_chunk::<4>().ok_or_else(|| length.clone())?;
        Ok(Self::from_secret(secret.try_into().map_err(|_| length)?))
    }
}

/// Keys that were kept cannot be used by this build.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StampError {
    /// They were made by another version of folding.
    #[error(
        "keys were made by version {found} of folding, this build has version {FOLD_VERSION}: \
         rebuild them"
    )]
    FoldVersion {
        /// The version that made them.
        found: u32,
    },
    /// What was kept is no stamp.
    #[error("stamp of the keys: expected {} octets, found {found}", Keyer::STAMP_LEN)]
    Length {
        /// Its octets.
        found: usize,
    },
}

impl fmt::Debug for Keyer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyer(secret)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_apart_but_an_id_is_an_id() {
        let keyer = Keyer::from_secret(*b"0123456789abcdef");
        let id = keyer.key(IndexKind::MessageId, b"x");
        assert_eq!(id.as_kind(IndexKind::Reference), keyer.key(IndexKind::Reference, b"x"));
        assert_ne!(id.hash(), keyer.key(IndexKind::Token, b"x").hash());
        assert_eq!(format!("{keyer:?}"), "Keyer(secret)");
    }

    #[test]
    fn kinds_is_a_set() {
        let kinds = Kinds::NONE.with(IndexKind::Address).with(IndexKind::Word);
        assert!(kinds.contains(IndexKind::Address) && kinds.contains(IndexKind::Word));
        assert!(!kinds.contains(IndexKind::Token));
    }
}

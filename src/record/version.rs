//! Which state of a record?

use std::sync::atomic::{AtomicU64, Ordering};

use siphasher::sip128::SipHasher13;

use crate::index::process_secret;

/// Which state of a record: 128 random bits that the core makes anew for every write, so that no
/// version ever comes back, not even after delete and re-create. Compared for equality alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version(u128);

impl Version {
    /// The version as a store kept it.
    #[must_use]
    pub const fn new(number: u128) -> Self {
        Self(number)
    }

    /// The number that a store keeps.
    #[must_use]
    pub const fn get(self) -> u128 {
        self.0
    }
}

/// Makes versions: each [`next`](Self::next) is another, in every process.
///
/// A keyed hash of a counter, so that a test that hands in the secret sees the same versions again.
///
/// ```
/// use correspond::record::Versions;
///
/// let versions = Versions::default();
/// assert_ne!(versions.next(), versions.next());
/// assert_eq!(Versions::from_secret([1; 16]).next(), Versions::from_secret([1; 16]).next());
/// ```
#[derive(Debug)]
pub struct Versions {
    secret: [u8; 16],
    made: AtomicU64,
}

impl Versions {
    /// Versions that are a function of `secret`, which nobody else may use, nor this program when it
    /// starts again: it would make the same versions anew.
    #[must_use]
    pub const fn from_secret(secret: [u8; 16]) -> Self {
        Self { secret, made: AtomicU64::new(0) }
    }

    /// Another version.
    #[must_use]
    pub fn next(&self) -> Version {
        // The count alone has to be unlike; nothing else is ordered by it.
        let count = self.made.fetch_add(1, Ordering::Relaxed);
        let hash = SipHasher13::new_with_key(&self.secret).hash(&count.to_le_bytes());
        Version(hash.as_u128())
    }
}

impl Default for Versions {
    /// Under a secret of this process.
    fn default() -> Self {
        Self::from_secret(process_secret())
    }
}

//! A part of a segment.

use siphasher::sip::SipHasher13;
use std::hash::Hasher;

use crate::claim::RecipientKey;

/// One of several parts into which recipients are split by their keys, so that each part can be
/// deduplicated on its own: in another process, on another machine, or one after the other. Recipients
/// with one key are always in one part.
///
/// Which part a key is in depends on the key and the number of parts alone: it is the same everywhere,
/// and stays.
///
/// ```
/// use correspond::claim::RecipientKey;
/// use correspond::recipients::Partition;
///
/// let ann = RecipientKey::address(b"ann@home.example")?;
/// let part = Partition::of(&ann, 4)?;
/// assert!(part.contains(&ann));
/// let parts = (0..4).map(|number| Partition::new(number, 4));
/// assert_eq!(parts.filter(|part| part.as_ref().is_ok_and(|p| p.contains(&ann))).count(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Partition {
    number: u32,
    parts: u32,
}

impl Partition {
    /// The part with this number, from 0, of so many.
    ///
    /// # Errors
    ///
    /// There is no such part.
    pub const fn new(number: u32, parts: u32) -> Result<Self, PartitionError> {
        if number < parts {
            Ok(Self { number, parts })
        } else {
            Err(PartitionError { number, parts })
        }
    }

    /// The part of so many in which this key is.
    ///
    /// # Errors
    ///
    /// There are no parts.
    pub fn of(key: &RecipientKey, parts: u32) -> Result<Self, PartitionError> {
        Self::new(number_of(key, parts), parts)
    }

    /// Its number, from 0.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// Of how many it is one.
    #[must_use]
    pub const fn parts(&self) -> u32 {
        self.parts
    }

    /// Is this key in it?
    #[must_use]
    pub fn contains(&self, key: &RecipientKey) -> bool {
        number_of(key, self.parts) == self.number
    }
}

/// Without a secret, as machines must agree. Who can choose addresses can fill one part; it takes longer
/// then, and nothing else.
fn number_of(key: &RecipientKey, parts: u32) -> u32 {
    let mut hasher = SipHasher13::new();
    hasher.write(key.as_bytes());
    // The upper half of the product: less than the number of parts.
    ((u128::from(hasher.finish()) * u128::from(parts)) >> 64) as u32
}

/// There is no such part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("part of a segment: expected a number below {parts}, found {number}")]
pub struct PartitionError {
    number: u32,
    parts: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Machines of other versions and makes agree: these never change.
    #[test]
    fn parts_stay() {
        let part = |key: &RecipientKey, parts| Partition::of(key, parts).unwrap().number();
        let ann = RecipientKey::address(b"ann@home.example").unwrap();
        let bob = RecipientKey::contact(crate::id::RecordId::new(7));
        assert_eq!(
            [part(&ann, 10), part(&ann, 1000), part(&ann, u32::MAX)],
            [7, 785, 3_375_544_269]
        );
        assert_eq!(
            [part(&bob, 10), part(&bob, 1000), part(&bob, u32::MAX)],
            [5, 585, 2_512_724_931]
        );
        assert_eq!(part(&ann, 1), 0);
    }

    #[test]
    fn parts_are_of_one_size() {
        let mut sizes = [0; 7];
        for n in 0..7_000 {
            let key = RecipientKey::address(format!("{n}@home.example").as_bytes()).unwrap();
            sizes[Partition::of(&key, 7).unwrap().number() as usize] += 1;
        }
        assert!(sizes.iter().all(|size| (850..1150).contains(size)), "{sizes:?}");
        assert_eq!(
            Partition::new(3, 3).unwrap_err().to_string(),
            "part of a segment: expected a number below 3, found 3"
        );
        let key = RecipientKey::address(b"a@b").unwrap();
        assert!(Partition::of(&key, 0).is_err());
    }
}

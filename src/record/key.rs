//! What a record is alone in having, and what it is looked up by.

use crate::index::Keyer;

/// What a [`UniqueKey`] must be unique among, within the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum Space {
    /// Being the one default of its kind: a landing page configuration, a set of defaults.
    Default = 1,
    /// A name that no two records of a kind share.
    Name = 2,
    /// The match key that a record was created under: of racing submissions of one person one
    /// creates.
    Match = 3,
    /// The key under which a submission is delivered again: it is worked off once.
    Delivery = 4,
    /// The number that stands for a user in tracking tokens.
    UserNumber = 5,
    /// The link of a confirmation mail: a click finds the request that it answers.
    Link = 6,
    /// What a double opt-in request asks of a contact: one waits for the same thing at a time.
    Pending = 7,
}

impl Space {
    /// Every space, by code.
    pub const ALL: [Self; 7] = [
        Self::Default,
        Self::Name,
        Self::Match,
        Self::Delivery,
        Self::UserNumber,
        Self::Link,
        Self::Pending,
    ];

    /// The number that a store keeps; it never changes.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The space with this number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|space| space.code() == code)
    }
}

/// What a [`LookupKey`] stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum LookupKind {
    /// The values of the attributes of a matching strategy.
    Match = 1,
    /// An email address, in its comparison form.
    Address = 2,
    /// Another record that this one belongs to: the items of a queue, the alerts of a mailbox, the
    /// submissions of a contact.
    Related = 3,
}

impl LookupKind {
    /// Every kind, by code.
    pub const ALL: [Self; 3] = [Self::Match, Self::Address, Self::Related];

    /// The number that a store keeps; it never changes.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The kind with this number.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

macro_rules! record_key {
    ($(#[$doc:meta])* $name:ident, $sort:ident, $field:ident, $domain:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name {
            $field: $sort,
            hash: [u8; 16],
        }

        impl $name {
            /// The key of `text` under a store's own secret; `text` must already be in the
            /// comparison form of what it stands for.
            #[must_use]
            pub fn new(keyer: &Keyer, $field: $sort, text: &[u8]) -> Self {
                Self { $field, hash: keyer.hash($domain + u64::from($field.code()), text) }
            }

            /// The key as a store kept it.
            #[must_use]
            pub const fn from_parts($field: $sort, hash: [u8; 16]) -> Self {
                Self { $field, hash }
            }

            /// What it stands for.
            #[must_use]
            pub const fn $field(&self) -> $sort {
                self.$field
            }

            /// The keyed hash.
            #[must_use]
            pub const fn hash(&self) -> &[u8; 16] {
                &self.hash
            }
        }
    };
}

record_key! {
    /// A key that one record of the tenant at most has: a space and a keyed hash, compared for
    /// equality. What must be unique among *all* tenants goes to the
    /// [register](crate::claim::RegisterName) instead.
    UniqueKey, Space, space, 0x100
}

record_key! {
    /// A key that any number of records may have: a kind and a keyed hash, compared for equality.
    LookupKey, LookupKind, kind, 0x200
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_text_of_unlike_meaning_has_unlike_keys() {
        let keyer = Keyer::from_secret([1; 16]);
        let unique = UniqueKey::new(&keyer, Space::Match, b"x");
        let lookup = LookupKey::new(&keyer, LookupKind::Match, b"x");
        assert_ne!(unique.hash(), lookup.hash());
        assert_ne!(unique, UniqueKey::new(&keyer, Space::Name, b"x"));
        assert_eq!(UniqueKey::from_parts(unique.space(), *unique.hash()), unique);
        for space in Space::ALL {
            assert_eq!(Space::from_code(space.code()), Some(space));
        }
        for kind in LookupKind::ALL {
            assert_eq!(LookupKind::from_code(kind.code()), Some(kind));
        }
    }
}

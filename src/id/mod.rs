//! Whose record, and which one?
//!
//! Ids are opaque 128-bit numbers that the host hands in; the crate compares, orders and prints
//! them, and makes none.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// The id with this number; every number is one.
            #[must_use]
            pub const fn new(number: u128) -> Self {
                Self(number)
            }

            /// The number.
            #[must_use]
            pub const fn get(self) -> u128 {
                self.0
            }
        }

        impl fmt::Display for $name {
            /// 32 hexadecimal digits.
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:032x}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:x})"), self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            /// Reads 1 to 32 hexadecimal digits, with the hyphens of a UUID or without.
            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text).map(Self).ok_or(IdError)
            }
        }
    };
}

id! {
    /// Whose data: the organization (Dataverse table `organization`). No look-up goes without one,
    /// and nothing crosses from one to another.
    TenantId
}

id! {
    /// Which record of a tenant: an email activity, a contact, an account ...
    RecordId
}

/// The text of an id was not 1 to 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an id of 1 to 32 hexadecimal digits, hyphens allowed")]
#[non_exhaustive]
pub struct IdError;

fn parse(text: &str) -> Option<u128> {
    // A UUID has 4 hyphens: 36 characters in all.
    if text.len() > 36 {
        return None;
    }
    let mut number: u128 = 0;
    let mut digits = 0;
    for c in text.chars().filter(|c| *c != '-') {
        number = number << 4 | u128::from(c.to_digit(16)?);
        digits += 1;
    }
    (1..=32).contains(&digits).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_prints_and_uuids() {
        let id = RecordId::new(0x1234_5678_9abc_def0);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("00000000-0000-0000-1234-56789abcdef0".parse(), Ok(id));
        for wrong in ["", "-", "xyz", "000000000000000000000000000000001"] {
            assert_eq!(wrong.parse::<RecordId>(), Err(IdError), "{wrong:?}");
        }
        assert_eq!(
            IdError.to_string(),
            "expected an id of 1 to 32 hexadecimal digits, hyphens allowed"
        );
    }
}

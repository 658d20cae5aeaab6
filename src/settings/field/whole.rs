//! Whole numbers of a bounded range.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::FieldType;
use super::value::{FieldValue, IntoField};
use crate::party::Value;
use crate::settings::error::ValueError;

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Whole<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Whole<MIN, MAX> {
    /// The number, checked.
    ///
    /// # Errors
    ///
    /// It lies outside.
    pub fn new(number: i64) -> Result<Self, ValueError> {
        if (MIN..=MAX).contains(&number) {
            Ok(Self(number))
        } else {
            Err(ValueError::range(format!("a whole number from {MIN} to {MAX}"), number))
        }
    }

    /// The number, moved to the next end where it lies outside.
    #[must_use]
    pub const fn saturating(number: i64) -> Self {
        Self(if number < MIN {
            MIN
        } else if number > MAX {
            MAX
        } else {
            number
        })
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl<const MIN: i64, const MAX: i64> fmt::Debug for Whole<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MIN: i64, const MAX: i64> fmt::Display for Whole<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MIN: i64, const MAX: i64> Serialize for Whole<MIN, MAX> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(self.0)
    }
}

impl<'de, const MIN: i64, const MAX: i64> Deserialize<'de> for Whole<MIN, MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::new(i64::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

impl<const MIN: i64, const MAX: i64> FieldValue for Whole<MIN, MAX> {
    const TYPE: FieldType = FieldType::Whole { min: MIN, max: MAX };

    fn to_value(&self) -> Option<Value> {
        Some(Value::Whole(self.0))
    }
}

macro_rules! from_number {
    ($($from:ty),+) => {$(
        impl<const MIN: i64, const MAX: i64> IntoField<Whole<MIN, MAX>> for $from {
            fn into_field(self) -> Result<Whole<MIN, MAX>, ValueError> {
                Whole::new(i64::from(self))
            }
        }

        impl<const MIN: i64, const MAX: i64> IntoField<Option<Whole<MIN, MAX>>> for $from {
            fn into_field(self) -> Result<Option<Whole<MIN, MAX>>, ValueError> {
                Whole::new(i64::from(self)).map(Some)
            }
        }
    )+};
}

from_number!(i32, u32, i64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_in_their_range() {
        type Small = Whole<1, 25>;
        assert_eq!(Small::new(25).unwrap().get(), 25);
        assert_eq!(
            Small::new(0).unwrap_err().to_string(),
            "expected a whole number from 1 to 25, found 0"
        );
        assert_eq!([-3, 7, 99].map(|n| Small::saturating(n).get()), [1, 7, 25]);
    }
}

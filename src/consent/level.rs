//! How far consent goes.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::{ConsentError, Problem};
use crate::party::Value;

/// How far the consent of a contact goes (column `contact.msgdpr_gdprconsent`). Hierarchical: a level
/// contains all lower ones, and the order of the enum is that order.
///
/// As a minimum (column `msgdpr_requiredconsent` of journeys, scoring models and features) it is the
/// lowest level that passes.
///
/// Its serde form is its name: `"none"`, `"consent"` ... `"profiling"`.
///
/// ```
/// use correspond::consent::Level;
///
/// assert!(Level::Marketing.meets(Level::Subscriptions));
/// assert!(!Level::None.meets(Level::Consent));
/// assert_eq!(Level::from_code(Some(587_030_002))?, Level::Transactional);
/// assert_eq!(Level::from_code(None)?, Level::None);
/// assert_eq!(Level::Transactional.to_string(), "(2) Transactional");
/// # Ok::<(), correspond::consent::ConsentError>(())
/// ```
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
#[expect(clippy::exhaustive_enums, reason = "the choice is closed, and minimums are compared")]
pub enum Level {
    /// No value: nothing is allowed, except processing a form that the person submits.
    #[default]
    None,
    /// Contacting only to obtain or confirm consent.
    Consent,
    /// Messages about existing business.
    Transactional,
    /// Offers to join lists.
    Subscriptions,
    /// Promotional content.
    Marketing,
    /// Automated decisions; never for children.
    Profiling,
}

impl Level {
    /// Every level, lowest first.
    pub const ALL: [Self; 6] = [
        Self::None,
        Self::Consent,
        Self::Transactional,
        Self::Subscriptions,
        Self::Marketing,
        Self::Profiling,
    ];

    /// The attribute of a contact that holds it, as a [`Value::Choice`].
    pub const COLUMN: &str = "msgdpr_gdprconsent";

    /// The code before the first option.
    const BASE: i32 = 587_030_000;

    /// The code of the option; `None`, which is null, where there is no consent.
    #[must_use]
    pub const fn code(self) -> Option<i32> {
        match self {
            Self::None => None,
            level => Some(Self::BASE + level as i32),
        }
    }

    /// The level with this code; null is [`None`](Self::None).
    ///
    /// # Errors
    ///
    /// The code is none of 587030001 to 587030005.
    pub fn from_code(code: Option<i32>) -> Result<Self, ConsentError> {
        let level = Self::ALL.into_iter().find(|level| level.code() == code);
        level.ok_or_else(|| Problem::Level { found: format!("{:?}", code.unwrap_or(0)) }.into())
    }

    /// Is this level enough where `minimum` is asked for? A minimum of [`None`](Self::None) is none.
    #[must_use]
    pub fn meets(self, minimum: Self) -> bool {
        self >= minimum
    }

    /// The highest level of a child: automated decisions about children are never allowed, so
    /// [`Profiling`](Self::Profiling) becomes [`Marketing`](Self::Marketing), which it contains.
    #[must_use]
    pub fn for_child(self) -> Self {
        self.min(Self::Marketing)
    }

    /// The level that an attribute holds.
    pub(super) fn from_value(value: Option<&Value>) -> Result<Self, ConsentError> {
        match value {
            None => Ok(Self::None),
            Some(Value::Choice(code)) => Self::from_code(Some(*code)),
            Some(other) => Err(Problem::Level { found: format!("{other:?}") }.into()),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Consent => "Consent",
            Self::Transactional => "Transactional",
            Self::Subscriptions => "Subscriptions",
            Self::Marketing => "Marketing",
            Self::Profiling => "Profiling",
        }
    }
}

impl fmt::Display for Level {
    /// As the product's label, and as `{{Message.ConfirmationObjectValue}}` prints it:
    /// `(2) Transactional`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({}) {}", *self as u8, self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// facts 5.10: 587030001 to 587030005; level 0 is null.
    #[test]
    fn consent_codes_lead_back_to_levels() {
        let codes = [
            None,
            Some(587_030_001),
            Some(587_030_002),
            Some(587_030_003),
            Some(587_030_004),
            Some(587_030_005),
        ];
        assert_eq!(Level::ALL.map(Level::code), codes);
        for level in Level::ALL {
            assert_eq!(Level::from_code(level.code()), Ok(level));
            let json = serde_json::to_string(&level).unwrap();
            assert_eq!(serde_json::from_str::<Level>(&json).unwrap(), level);
        }
        for (wrong, shown) in [(587_030_000, "587030000"), (587_030_006, "587030006"), (0, "0")] {
            assert_eq!(
                Level::from_code(Some(wrong)).unwrap_err().to_string(),
                format!(
                    "consent level: expected no value or a choice from 587030001 to 587030005, \
                     found {shown}"
                )
            );
        }
        assert!(Level::from_value(Some(&Value::Whole(587_030_001))).is_err());
    }

    /// facts 7.7: hierarchical, level >= minimum.
    #[test]
    fn a_consent_level_contains_all_lower_ones() {
        for (rank, level) in Level::ALL.into_iter().enumerate() {
            for (other, minimum) in Level::ALL.into_iter().enumerate() {
                assert_eq!(level.meets(minimum), rank >= other, "{level} {minimum}");
            }
        }
        assert_eq!(Level::Profiling.for_child(), Level::Marketing);
        assert_eq!(Level::Consent.for_child(), Level::Consent);
    }
}

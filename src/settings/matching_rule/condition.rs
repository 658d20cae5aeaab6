//! What else must be alike, beside the main condition?

use serde::{Deserialize, Serialize};

use super::Degree;
use crate::settings::MatchingAttributes;
use crate::settings::error::ValueError;
use crate::settings::field::{IntoField, structure};

/// An additional condition: it holds where one of its attributes is alike, to its degree.
///
/// ```
/// use correspond::settings::{Degree, MatchingAttributes, RuleCondition};
///
/// let json = r#"{"attributes":["lastname","nickname"],"degree":"high"}"#;
/// let condition: RuleCondition = serde_json::from_str(json)?;
/// assert!(condition.attributes().contains("nickname"));
/// assert_eq!(condition.degree(), Degree::High);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleCondition {
    attributes: MatchingAttributes,
    degree: Degree,
}

impl RuleCondition {
    /// One of these attributes, to this degree.
    #[must_use]
    pub const fn new(attributes: MatchingAttributes, degree: Degree) -> Self {
        Self { attributes, degree }
    }

    /// The attributes, of which one is enough, in the order of the screen.
    #[must_use]
    pub const fn attributes(&self) -> &MatchingAttributes {
        &self.attributes
    }

    /// How much of the values must be the same.
    #[must_use]
    pub const fn degree(&self) -> Degree {
        self.degree
    }

    /// Does this condition hold wherever one of these attributes is alike to that degree?
    pub(in crate::settings) fn follows_from(
        &self,
        attributes: &MatchingAttributes,
        degree: Degree,
    ) -> bool {
        let mut names = attributes.as_slice().iter();
        degree <= self.degree && names.all(|name| self.attributes.contains(name.as_str()))
    }
}

/// The additional conditions of a rule, all of which must hold: at most [`MAX`](Self::MAX), in the
/// order of the screen. Mostly there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<RuleCondition>", into = "Vec<RuleCondition>")]
pub struct RuleConditions(Vec<RuleCondition>);

impl RuleConditions {
    /// At most this many; a bound of our own, the product names none.
    pub const MAX: usize = 8;

    /// These conditions.
    ///
    /// # Errors
    ///
    /// There are more than [`MAX`](Self::MAX).
    pub fn new(conditions: impl IntoIterator<Item = RuleCondition>) -> Result<Self, ValueError> {
        let kept: Vec<_> = conditions.into_iter().take(Self::MAX + 1).collect();
        if kept.len() > Self::MAX {
            return Err(ValueError::length(format!("up to {} conditions", Self::MAX), "more"));
        }
        Ok(Self(kept))
    }

    /// Them, in the order of the screen.
    #[must_use]
    pub fn as_slice(&self) -> &[RuleCondition] {
        &self.0
    }
}

impl TryFrom<Vec<RuleCondition>> for RuleConditions {
    type Error = ValueError;

    fn try_from(conditions: Vec<RuleCondition>) -> Result<Self, ValueError> {
        Self::new(conditions)
    }
}

impl From<RuleConditions> for Vec<RuleCondition> {
    fn from(conditions: RuleConditions) -> Self {
        conditions.0
    }
}

structure!(RuleConditions);

impl<const N: usize> IntoField<RuleConditions> for [(Degree, &[&str]); N] {
    fn into_field(self) -> Result<RuleConditions, ValueError> {
        let conditions = self.into_iter().take(RuleConditions::MAX + 1);
        let conditions = conditions.map(|(degree, attributes)| {
            attributes.into_field().map(|attributes| RuleCondition::new(attributes, degree))
        });
        RuleConditions::new(conditions.collect::<Result<Vec<_>, _>>()?)
    }
}

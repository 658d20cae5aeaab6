//! Why a form cannot be like that.

use std::fmt;

use super::marketing_form::{FormType, MarketingForm};
use crate::id::RecordId;
use crate::settings::{AttributeName, MatchingTarget, SlotError, SlotFault};

/// A form cannot be like that.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormError {
    /// A strategy is missing, or looks for the other target.
    Strategy(SlotError),
    /// A rule is missing, or looks for the other target.
    Rule {
        /// For which target it is to look.
        slot: MatchingTarget,
        /// The rule.
        rule: RecordId,
        /// What is wrong with it.
        fault: SlotFault,
    },
    /// It is to update nothing, which the configuration in force does not allow.
    NotAllowed,
    /// It is to update nothing, but is of this type: only landing page forms may.
    NotForLandingPage(FormType),
    /// It has more than [`MarketingForm::MAX_FIELDS`] fields.
    TooManyFields,
    /// Two fields are called so, or go to one column.
    SameField(AttributeName),
    /// A field goes to this column, which keeps where a record came from.
    ContextColumn(AttributeName),
    /// It has no field for an attribute that its strategy for this target compares: every submission
    /// would fail.
    Lacks {
        /// Whose strategy.
        target: MatchingTarget,
        /// The attribute.
        attribute: AttributeName,
    },
}

impl From<SlotError> for FormError {
    fn from(error: SlotError) -> Self {
        Self::Strategy(error)
    }
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Strategy(error) => error.fmt(f),
            Self::Rule { slot, rule, fault } => {
                write!(f, "{slot} matching rule: expected a rule with target {slot}, found ")?;
                match fault {
                    SlotFault::WrongTarget => write!(f, "{rule} with the other target"),
                    _ => write!(f, "none with id {rule}"),
                }
            }
            Self::NotAllowed => f.write_str(
                "update: expected an update of contacts or leads, as the configuration does not \
                 allow forms without, found no-update",
            ),
            Self::NotForLandingPage(form_type) => write!(
                f,
                "update: expected an update of contacts or leads, or a landing page form, found \
                 no-update on a form of type {form_type}"
            ),
            Self::TooManyFields => {
                write!(f, "fields: expected at most {}, found more", MarketingForm::MAX_FIELDS)
            }
            Self::SameField(name) => {
                write!(f, "fields: expected different names and columns, found {name} twice")
            }
            Self::ContextColumn(name) => write!(
                f,
                "fields: expected columns that visitors write, found {name}, which keeps where a \
                 record came from"
            ),
            Self::Lacks { target, attribute } => write!(
                f,
                "fields: expected one for {attribute}, which the {target} matching strategy \
                 compares, found none"
            ),
        }
    }
}

impl std::error::Error for FormError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Strategy(error) => Some(error),
            _ => None,
        }
    }
}

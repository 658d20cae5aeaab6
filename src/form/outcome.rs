//! What became of a submission, and why?

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::RecordId;
use crate::settings::{AttributeName, MatchingTarget};

/// What became of a submission: one answer for contacts and one for leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "one for each target")]
pub struct Outcome {
    /// Of the contact.
    pub contact: TargetOutcome,
    /// Of the lead.
    pub lead: TargetOutcome,
    /// Did more rows have the keys of the submission than are looked at? One that matches may have been
    /// passed over: 64 others under the same key were modified later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

impl Outcome {
    /// The answer for this target.
    #[must_use]
    pub const fn of(&self, target: MatchingTarget) -> &TargetOutcome {
        match target {
            MatchingTarget::Contact => &self.contact,
            MatchingTarget::Lead => &self.lead,
        }
    }

    /// Why it failed: nothing was written then, neither contact nor lead.
    #[must_use]
    pub const fn failure(&self) -> Option<&Failure> {
        match (&self.contact, &self.lead) {
            (TargetOutcome::Failed(failure), _) | (_, TargetOutcome::Failed(failure)) => {
                Some(failure)
            }
            _ => None,
        }
    }

    /// The lead whose scores must be calculated anew, since the submission joined its history.
    #[must_use]
    pub const fn rescored_lead(&self) -> Option<RecordId> {
        self.lead.record()
    }
}

/// What a submission did to the records of one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TargetOutcome {
    /// It made this one.
    Created {
        /// The new record.
        record: RecordId,
        /// Why none was updated.
        why: NewBecause,
    },
    /// It matched this one and changed values of it.
    Updated {
        /// The record.
        record: RecordId,
        /// Why this one.
        why: ChosenBecause,
        /// Others that matched too, last modified first; at most [`TargetOutcome::MAX_OTHERS`].
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        others: Vec<RecordId>,
    },
    /// It matched this one, which had all its values already.
    Unchanged {
        /// The record.
        record: RecordId,
        /// Why this one.
        why: ChosenBecause,
        /// Others that matched too, last modified first; at most [`TargetOutcome::MAX_OTHERS`].
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        others: Vec<RecordId>,
    },
    /// It was not to touch any.
    Untouched(Untouched),
    /// Nothing was written, for this reason.
    Failed(Failure),
    /// Nothing was written, as the submission failed at the other target.
    NotReached,
}

impl TargetOutcome {
    /// The most other records that are named.
    pub const MAX_OTHERS: usize = 16;

    /// The record that was made or matched.
    #[must_use]
    pub const fn record(&self) -> Option<RecordId> {
        match self {
            Self::Created { record, .. }
            | Self::Updated { record, .. }
            | Self::Unchanged { record, .. } => Some(*record),
            _ => None,
        }
    }

    /// The same of a record that changed after all.
    #[must_use]
    pub(crate) fn changed(&self) -> Self {
        match self.clone() {
            Self::Unchanged { record, why, others } => Self::Updated { record, why, others },
            other => other,
        }
    }

    /// The other records that matched.
    #[must_use]
    pub fn others(&self) -> &[RecordId] {
        match self {
            Self::Updated { others, .. } | Self::Unchanged { others, .. } => others,
            _ => &[],
        }
    }
}

impl fmt::Display for TargetOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let among = |f: &mut fmt::Formatter<'_>, others: &[RecordId]| match others.len() {
            0 => Ok(()),
            number => write!(f, "; {number} more matched"),
        };
        match self {
            Self::Created { why, .. } => write!(f, "created: {why}"),
            Self::Updated { why, others, .. } => {
                write!(f, "updated: {why}")?;
                among(f, others)
            }
            Self::Unchanged { why, others, .. } => {
                write!(f, "unchanged: {why}, and it has all values already")?;
                among(f, others)
            }
            Self::Untouched(why) => write!(f, "untouched: {why}"),
            Self::Failed(why) => write!(f, "failed: {why}"),
            Self::NotReached => f.write_str("untouched: the submission failed"),
        }
    }
}

macro_rules! reasons {
    ($(#[$doc:meta])* $name:ident { $($(#[$reason_doc:meta])* $reason:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$reason_doc])* $reason,)+
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $(Self::$reason => $text,)+ })
            }
        }
    };
}

reasons! {
    /// Why a record was made and none updated.
    NewBecause {
        /// No record matched.
        NoMatch = "no record matches",
        /// A value that is compared is blank, and blank matches nothing.
        Blank = "a compared value is blank, which matches nothing",
        /// The form makes a new lead each time.
        Always = "the form makes a new one each time",
    }
}

reasons! {
    /// Why a record was taken that matched.
    ChosenBecause {
        /// No other one matched.
        Only = "the only match",
        /// Of several it was modified last.
        LastModified = "of several matches the one modified last",
        /// The visitor is known to be this one, and his values match.
        Visitor = "the visitor is known to be this one",
        /// It belongs to the contact of the same submission.
        OfContact = "it belongs to the contact",
        /// A subscription center changes the contact whose it is.
        Center = "the subscription center is this contact's",
    }
}

reasons! {
    /// Why records of a target were not to be touched.
    Untouched {
        /// The form does not update this target.
        Mode = "the form leaves them alone",
        /// A subscription center only modifies contacts that are there.
        Center = "a subscription center only modifies contacts that are there",
        /// A form to forward a mail makes nobody a contact.
        Forward = "a form to forward makes nobody a contact",
    }
}

/// Why a submission failed. It is kept, and can be corrected and tried again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Failure {
    /// It has no value for an attribute that is compared: the form lacks a field for it.
    Missing {
        /// Whose strategy compares it.
        target: MatchingTarget,
        /// The attribute.
        attribute: AttributeName,
    },
    /// A required field is blank or was not submitted.
    Required(AttributeName),
    /// A field does not take its value; this says why.
    Value(String),
    /// The strategy of the form is not among those that there are, or looks for the other target.
    Strategy(MatchingTarget),
    /// The rows of the directory do not have the keys of the strategy yet: `flow::forms::key_directory`
    /// gives them. Trying again helps then.
    NotKeyed(MatchingTarget),
    /// The choices of consent and lists contradict each other; this says how.
    Choices(String),
    /// A subscription center changes contacts that are there and makes none; a directory outside the
    /// store cannot be told so. Work it off in the host's own tables.
    ForeignCenter,
}

impl Failure {
    /// Can it go well the next time without being corrected?
    #[must_use]
    pub const fn passes(&self) -> bool {
        matches!(self, Self::NotKeyed(_) | Self::Strategy(_))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { target, attribute } => write!(
                f,
                "expected a value of {attribute}, which the {target} matching compares, found none"
            ),
            Self::Required(field) => write!(f, "{field}: expected a value, found none"),
            Self::Value(why) | Self::Choices(why) => f.write_str(why),
            Self::Strategy(target) => {
                write!(f, "expected the form's {target} matching strategy, found none")
            }
            Self::ForeignCenter => f.write_str(
                "expected a subscription center over a directory of the store, found one outside \
                 of it",
            ),
            Self::NotKeyed(target) => write!(
                f,
                "expected {target}s to have the keys of the matching strategy, found some without: \
                 key the directory first"
            ),
        }
    }
}

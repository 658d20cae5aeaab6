//! Which contact and which lead does a form submission belong to?
//!
//! * [`MarketingForm`]: what a form says for itself. A new one copies the matching defaults of the
//!   [`LandingPageConfiguration`](crate::settings::LandingPageConfiguration) in force; from then on it
//!   has its own, and decisions read the form's alone. [`FormField`] maps a field to its columns.
//! * [`Submission`]: what a visitor entered, where, and what is known of him.
//! * [`Matcher`]: a strategy or a rule made ready. Two values are [`identical`] under the comparison of
//!   their attribute; a [`Keying`] makes one key of all that are compared, so that a directory finds
//!   the rows by equality alone. [`MatchPlan`] has the matchers of an organization.
//! * [`Question`] and [`Decision`]: what to look up, and what becomes of it: an [`Outcome`] that says
//!   for contact and lead whether they were created, updated or left, and why.
//! * [`prefilled`]: what a form shows a visitor of what is known of him, and why it does not.
//! * [`StrategyAdvice`]: is a strategy too narrow or too wide for the rows that there are?
//!
//! [`flow::forms`](crate::flow::forms) works submissions off over a store, exactly once.
//!
//! # Choices where the sources differ
//!
//! The product's documents leave much of matching open; each choice can be set.
//!
//! | question | here | otherwise |
//! |---|---|---|
//! | case, blanks at the ends, composition | make no difference | [`Comparison`](crate::settings::Comparison) of the attribute: `exact` |
//! | blanks between words; ß and ss; accents | make a difference | `spaced`; `folded`; `unaccented` |
//! | two spellings of an address | equal by the canonical key of [`address`](crate::address) | `email-strict`, or any comparison of text |
//! | telephone numbers | their digits | `phone-e164` (feature `phonenumber`), or text |
//! | blank and blank | not equal: the submission makes a record | [`BlankValues`](crate::settings::BlankValues): equal, or left out |
//! | a blank page of embedded forms | not equal | equal under [`Profile::Current`](crate::settings::Profile::Current) ([`MatchScope`]) |
//! | several matches | the active row modified last; of these the one made last, of these the highest id | - |
//! | inactive rows | do not match | the switch of a [`MatchingRule`](crate::settings::MatchingRule) |
//! | a blank value and a row that has one | the row keeps it | [`BlankUpdates::Clear`] |
//! | no or blank where a row has an objection | the objection stays, but for a subscription center by [its link](Submission::by_link) | - |
//! | rows of other business units | match | [`MatchScope::within_business_unit`] |

mod advice;
mod choices;
mod compare;
mod context;
mod decision;
mod error;
mod field;
mod import;
mod keying;
mod live;
mod marketing_form;
mod matcher;
mod outcome;
mod prefill;
mod stored;
mod submission;
mod values;

pub use advice::{StrategyAdvice, StrategyFinding, StrategyFindingKind, StrategyFit};
pub use choices::FormChoices;
pub use compare::{identical, is_blank};
pub use context::{Context, ContextColumns, Origin, SourceEmail, Written, captured};
pub use decision::{Change, Decision, FoundRows, NewIds, Question, Refusal};
pub use error::FormError;
pub use field::{FieldError, FieldKind, FormField};
pub use import::{AmbiguousRow, FailedRow, ImportProgress, ImportTally};
pub(crate) use keying::kind_of;
pub use keying::{Keying, Keyings};
pub use marketing_form::{BlankUpdates, FormType, MarketingForm};
pub use matcher::{MatchPlan, MatchScope, Matcher, TooManyKeys};
pub use outcome::{ChosenBecause, Failure, NewBecause, Outcome, TargetOutcome, Untouched};
pub use prefill::{PrefillRefusal, Prefilled, prefilled, prefilled_field};
pub use stored::{LeadHistoryEntry, StoredError, StoredSubmission, SubmissionState};
pub use submission::{ConsentChoices, KnownBy, Submission, SubmissionError};

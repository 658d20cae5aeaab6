//! What does a marketing form do with what is submitted?
//!
//! A new form copies the matching defaults of the
//! [`LandingPageConfiguration`](crate::settings::LandingPageConfiguration) in force; from then on it
//! has its own, which may be changed there. Where the context of a submission goes, and which page it
//! counts for, is decided here too.

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
pub use submission::{ConsentChoices, Submission, SubmissionError};

//! What does a marketing form do with what is submitted?
//!
//! A new form copies the matching defaults of the
//! [`LandingPageConfiguration`](crate::settings::LandingPageConfiguration) in force; from then on it
//! has its own, which may be changed there. Where the context of a submission goes, and which page it
//! counts for, is decided here too.

mod context;
mod marketing_form;

pub use context::{Context, Origin, SourceEmail, Written, captured};
pub use marketing_form::{FormChoices, FormError, FormType, MarketingForm};

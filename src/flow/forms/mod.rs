//! Form submissions: matched to a contact and a lead, or making them, exactly once.

mod bulk;
mod chunk;
mod draft;
mod foreign;
mod form;
mod hold;
mod import;
mod keyed;
mod purge;
mod release;
mod round;
mod rows;
mod submit;
mod waiting;

pub use bulk::match_many;
pub(in crate::flow) use form::users;
pub use form::{FormChanged, FormEditor, StoredForm, delete_form, load_form, save_form};
pub use hold::Holding;
pub use import::{ImportJob, ImportRow, ImportStep};
pub use keyed::{Keyed, key_directory};
pub use purge::PurgedSubmissions;
pub use release::FormClicked;
pub use rows::{RowsWritten, UnwrittenBecause, UnwrittenRow, write_rows};
pub use submit::{Delivery, FormSetup, Worked};
pub use waiting::{Discarded, WaitingSubmission};

use std::error::Error;

use super::FlowError;
use crate::record::Versions;
use crate::store::{StoreError, StoreErrorKind};

/// Works off what is submitted through forms.
///
/// Everything that one submission leaves behind is one batch: the contact and the lead that it made or
/// changed, what it wants of consent and lists, its place in the history of the lead, and the
/// submission itself or its receipt. A lost race is decided anew, at most [`ROUNDS`](super::ROUNDS)
/// times; one that lost them all is kept and waits.
///
/// The directory is inside the store; rows are [`Party`](crate::party::Party)s, under the match keys
/// that [`key_directory`] and [`write_rows`] give them. Where it is not,
/// [`submit_foreign`](Self::submit_foreign) works a submission off.
///
/// A process keeps one.
///
/// ```
/// use chrono::{DateTime, TimeDelta};
/// use correspond::adapter::memory::MemoryStore;
/// use correspond::flow::forms::{Delivery, FormSetup, Submissions, key_directory};
/// use correspond::form::{FormField, FormType, MarketingForm, MatchPlan, MatchScope, Submission};
/// use correspond::id::{RecordId, TenantId};
/// use correspond::record::{Version, Versions};
/// use correspond::settings::{
///     LandingPageConfiguration, MatchingStrategy, MatchingTarget, Profile, Stored, UpdateMode,
/// };
/// use correspond::store::Blocking;
///
/// // The administrator's settings: two strategies, and a form.
/// let now = DateTime::UNIX_EPOCH;
/// let mut strategies = Vec::new();
/// for (number, target) in [(1, MatchingTarget::Contact), (2, MatchingTarget::Lead)] {
///     let strategy = MatchingStrategy::out_of_box(target).build()?;
///     strategies.push(Stored::new(RecordId::new(number), Version::new(number), now, strategy));
/// }
/// let config = LandingPageConfiguration::builder()
///     .name("Spring")
///     .contact_matching_strategy(RecordId::new(1))
///     .lead_matching_strategy(RecordId::new(2))
///     .build()?;
/// let form = MarketingForm::new(FormType::LandingPage, &config, &strategies)?
///     .with_fields([FormField::new("emailaddress1")?, FormField::new("lastname")?])?;
/// let plan = MatchPlan::new(&strategies, &MatchScope::default())?;
/// let setup = FormSetup::new(&form, &plan);
///
/// let store = Blocking::new(MemoryStore::default());
/// let (tenant, form_id) = (TenantId::new(1), RecordId::new(50));
/// let versions = Versions::default();
/// store.run(async |s| key_directory(s, &versions, tenant, &plan, now).await)??;
///
/// // Ann submits twice: one contact and one lead.
/// let submissions = Submissions::default();
/// let mut outcomes = Vec::new();
/// for (id, name) in [(100, "Smith"), (101, "Jones")] {
///     let sent = [("emailaddress1", "Ann@home.example"), ("lastname", name)];
///     let submission = Submission::read(&form, form_id, now, sent)?.on_page(RecordId::new(60));
///     let delivery = Delivery::new(tenant, RecordId::new(id), &submission, now);
///     let worked = store.run(async |s| submissions.submit(s, &setup, &delivery).await)??;
///     outcomes.push(worked.outcome.expect("nobody else is about").contact);
/// }
/// assert_eq!(outcomes[0].to_string(), "created: no record matches");
/// assert_eq!(outcomes[1].to_string(), "updated: the only match");
/// assert_eq!(outcomes[0].record(), outcomes[1].record());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Submissions {
    versions: Versions,
}

impl Submissions {
    /// Some whose records get these versions, and new ones ids out of them.
    #[must_use]
    pub const fn new(versions: Versions) -> Self {
        Self { versions }
    }
}

/// A record that is there does not say what its kind says.
fn corrupt(error: impl Error + Send + Sync + 'static) -> FlowError {
    StoreError::new(StoreErrorKind::Corrupt, "reading for a submission").because(error).into()
}

/// A record has no room for what it is to say.
fn full(error: impl Error + Send + Sync + 'static) -> FlowError {
    StoreError::new(StoreErrorKind::Full, "writing a submission").because(error).into()
}

//! What happens to a lead when it is scored, and to scores when their model is stopped?
//!
//! The crate calculates no scores: a host's scoring models do. It decides what a score leads to. The
//! lead scoring configuration in force ([`in_force::lead_scoring`]) gives the [`Switches`];
//! [`scored`], [`stopped`] and [`went_live`] answer with [`Effect`]s, which are data for the host to
//! commit, or with the reason why a lead gets no score.
//!
//! ```
//! use correspond::id::RecordId;
//! use correspond::scoring::{
//!     Effect, LeadState, ModelState, ModelTarget, ScoringModel, Stage, Switches, scored,
//! };
//!
//! let mut model = ScoringModel::new(RecordId::new(1), ModelTarget::Contact);
//! model.state = ModelState::Live;
//! model.sales_ready_score = Some(100);
//! let mut lead = LeadState::new(RecordId::new(2));
//! lead.contact = Some(RecordId::new(3));
//!
//! // No configuration: all switches are yes.
//! for effect in scored(Switches::from(None), None, &lead, &model, 110)? {
//!     lead.apply(&effect);
//! }
//! assert!(lead.sales_ready);
//! assert_eq!(lead.stage, Stage::SalesAcceptance);
//! # Ok::<(), correspond::scoring::NotScored>(())
//! ```
//!
//! [`in_force::lead_scoring`]: crate::settings::in_force::lead_scoring

mod effect;
mod grade;
mod lead;
mod lifecycle;
mod model;
mod switches;

pub use effect::{Effect, NotScored};
pub use grade::{GradeRange, Grades, GradesError, GradesErrorKind};
pub use lead::{LeadState, Stage};
pub use lifecycle::{ScoreKey, scored, stopped, went_live};
pub use model::{ModelState, ModelTarget, ScoringModel};
pub use switches::Switches;

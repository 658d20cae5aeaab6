//! What a score leads to.

use super::lead::Stage;
use super::model::{ModelState, ModelTarget};
use crate::consent::Level;
use crate::id::RecordId;
use crate::settings::Name;

/// A change that a decision asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// The lead has this score of the model from now on, in place of an earlier one (table
    /// `msdyncrm_leadscore_v2`).
    KeepScore {
        /// The lead.
        lead: RecordId,
        /// The model.
        model: RecordId,
        /// The score.
        points: i64,
        /// What the model calls it.
        grade: Option<Name>,
    },
    /// The lead is marked as sales ready (column `lead.msdyncrm_salesready`).
    MarkSalesReady {
        /// The lead.
        lead: RecordId,
    },
    /// The lead moves to a later stage, where it is still in the earlier one.
    Move {
        /// The lead.
        lead: RecordId,
        /// Where it is.
        from: Stage,
        /// Where it goes: always later than `from`.
        to: Stage,
    },
    /// The score that the model gave to the lead is deleted.
    DeleteScore {
        /// The lead.
        lead: RecordId,
        /// The model.
        model: RecordId,
    },
    /// The model is to score the lead anew.
    Recalculate {
        /// The lead.
        lead: RecordId,
        /// The model.
        model: RecordId,
    },
}

/// Why a model gives a lead no score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotScored {
    /// The model is not live: what it calculated before stays as it is, and is not refreshed.
    #[error("expected a live model, found one in state {0}")]
    ModelNotLive(ModelState),
    /// The lead has neither a parent contact nor a parent account.
    #[error("expected a parent contact or a parent account, found none")]
    NoParent,
    /// The lead is of the other kind. One with both parents is of the kind of contacts.
    #[error("expected a lead with a parent {model}, found one that is scored by its {lead}")]
    OtherTarget {
        /// What the lead is scored by.
        lead: ModelTarget,
        /// What the model scores.
        model: ModelTarget,
    },
    /// Consent is respected, and that of the parent contact does not go as far as the model asks.
    #[error("expected consent of at least {minimum}, found {found}")]
    Consent {
        /// What the model asks for.
        minimum: Level,
        /// How far the contact's goes.
        found: Level,
    },
}

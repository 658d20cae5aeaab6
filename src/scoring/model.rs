//! What a decision needs to know of a scoring model.

use super::grade::Grades;
use crate::consent::Level;
use crate::id::RecordId;
use crate::settings::field::choice;

choice! {
    /// Which leads a model scores (column `msdyncrm_leadscoremodel.msdyncrm_entitytarget`).
    ModelTarget {
        /// Those with a parent contact.
        Contact = 0, "contact", "Contact";
        /// Those with a parent account and no parent contact.
        Account = 1, "account", "Account";
    }
}

choice! {
    /// Where a model is between draft and expiry (column `msdyncrm_leadscoremodel.statuscode`). It
    /// scores while it is live, and in no other state.
    ModelState {
        /// Being designed, or stopped.
        Draft = 192350000, "draft", "Draft";
        /// Scoring.
        Live = 192350001, "live", "Live";
        /// At its end.
        Expired = 192350004, "expired", "Expired";
        /// It could not go live.
        Error = 192350010, "error", "Error";
        /// On its way to being live.
        GoingLive = 192350011, "going-live", "Going live";
        /// On its way to being stopped.
        Stopping = 192350012, "stopping", "Stopping";
    }
}

/// A lead scoring model, as far as its scores lead to something (table `msdyncrm_leadscoremodel`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScoringModel {
    /// Which one.
    pub id: RecordId,
    /// Which leads it scores.
    pub target: ModelTarget,
    /// Is it live?
    pub state: ModelState,
    /// The score from which on a lead is ready for sales; `None` where the model has none.
    pub sales_ready_score: Option<i64>,
    /// The lowest consent of a contact whose leads it scores. It has an effect where consent is
    /// respected, and on models of contacts alone: an account consents to nothing.
    pub minimum_consent: Level,
    /// What its scores are called.
    pub grades: Grades,
}

impl ScoringModel {
    /// A draft without a sales-ready score, a minimum consent or grades.
    #[must_use]
    pub const fn new(id: RecordId, target: ModelTarget) -> Self {
        Self {
            id,
            target,
            state: ModelState::Draft,
            sales_ready_score: None,
            minimum_consent: Level::None,
            grades: Grades::none(),
        }
    }

    /// Do its scores count now?
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.state == ModelState::Live
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facts 5.11.
    #[test]
    fn scoring_models_have_the_codes_of_the_product() {
        let states = ModelState::ALL.iter().map(|state| state.code() - 192_350_000);
        assert!(states.eq([0, 1, 4, 10, 11, 12]));
        assert!(ModelTarget::ALL.iter().map(|target| target.code()).eq([0, 1]));
        let mut model = ScoringModel::new(RecordId::new(1), ModelTarget::Contact);
        for state in ModelState::ALL {
            model.state = *state;
            assert_eq!(model.is_live(), state.label() == "Live");
        }
    }
}

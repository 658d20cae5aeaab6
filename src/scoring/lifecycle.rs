//! The decisions.

use super::effect::{Effect, NotScored};
use super::lead::{LeadState, Stage};
use super::model::{ModelTarget, ScoringModel};
use super::switches::Switches;
use crate::id::RecordId;
use crate::settings::DataProtection;

/// Which score: each lead has at most one of each model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "a key")]
pub struct ScoreKey {
    /// The lead.
    pub lead: RecordId,
    /// The model.
    pub model: RecordId,
}

/// A model calculated `points` for a lead. What follows? `protection` is the record of data
/// protection in force; without one, consent is not respected.
///
/// * The score is kept, with its grade.
/// * The first score of any model moves a lead from [`Stage::Inquiry`] to
///   [`Stage::AutomatedMarketingQualification`], where [`Switches::qualification`] is yes. A later
///   score never does: who moved a lead back to inquiry by hand is not overruled.
/// * A score that reaches the sales-ready score of its model marks the lead as sales ready and moves
///   it to [`Stage::SalesAcceptance`], past both teleprospecting stages, where
///   [`Switches::sales_ready`] is yes. Each of the two is left out where it is so already; so, given
///   again after a crash between them, the score brings about what is missing. A lead that is marked
///   stays marked when its score falls.
///
/// There are four effects at most, in the order in which they happen. No lead moves backwards.
///
/// # Errors
///
/// Why the lead gets no score; nothing follows from it then.
pub fn scored(
    switches: Switches,
    protection: Option<&DataProtection>,
    lead: &LeadState,
    model: &ScoringModel,
    points: i64,
) -> Result<Vec<Effect>, NotScored> {
    if !model.is_live() {
        return Err(NotScored::ModelNotLive(model.state));
    }
    may_score(protection, lead, model)?;

    let grade = model.grades.of(points).cloned();
    let mut effects = vec![Effect::KeepScore { lead: lead.id, model: model.id, points, grade }];
    let mut stage = lead.stage;
    let mut advance = |effects: &mut Vec<Effect>, to| {
        if stage < to {
            effects.push(Effect::Move { lead: lead.id, from: stage, to });
            stage = to;
        }
    };
    if switches.qualification && !lead.scored && lead.stage == Stage::Inquiry {
        advance(&mut effects, Stage::AutomatedMarketingQualification);
    }
    let reached = model.sales_ready_score.is_some_and(|least| points >= least);
    if switches.sales_ready && reached {
        if !lead.sales_ready {
            effects.push(Effect::MarkSalesReady { lead: lead.id });
        }
        advance(&mut effects, Stage::SalesAcceptance);
    }
    Ok(effects)
}

/// A live model was stopped. What becomes of `scores`, a page of those that are kept?
///
/// With [`Switches::cleanup`] every score of this model is deleted, and no other. Without, none is:
/// they stay visible and age, as [`scored`] refreshes none of a model that is not live. At most one
/// effect a score.
#[must_use]
pub fn stopped(switches: Switches, model: RecordId, scores: &[ScoreKey]) -> Vec<Effect> {
    if !switches.cleanup {
        return Vec::new();
    }
    scores
        .iter()
        .filter(|score| score.model == model)
        .map(|score| Effect::DeleteScore { lead: score.lead, model })
        .collect()
}

/// A model went live, for the first time or again. Which of `leads`, a page of those that there are,
/// is it to score? All that it scores at all; whether their scores were deleted or kept when it was
/// stopped makes no difference. At most one effect a lead; none while the model is not live.
#[must_use]
pub fn went_live(
    protection: Option<&DataProtection>,
    model: &ScoringModel,
    leads: &[LeadState],
) -> Vec<Effect> {
    leads
        .iter()
        .filter(|lead| model.is_live() && may_score(protection, lead, model).is_ok())
        .map(|lead| Effect::Recalculate { lead: lead.id, model: model.id })
        .collect()
}

/// Does the model score this lead, when it is live?
fn may_score(
    protection: Option<&DataProtection>,
    lead: &LeadState,
    model: &ScoringModel,
) -> Result<(), NotScored> {
    let basis = lead.basis().ok_or(NotScored::NoParent)?;
    if basis != model.target {
        return Err(NotScored::OtherTarget { lead: basis, model: model.target });
    }
    let respected = protection.is_some_and(DataProtection::respect_consent);
    if respected && basis == ModelTarget::Contact && !lead.consent.meets(model.minimum_consent) {
        return Err(NotScored::Consent { minimum: model.minimum_consent, found: lead.consent });
    }
    Ok(())
}

//! What scoring knows of a lead.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::effect::Effect;
use super::model::ModelTarget;
use crate::consent::Level;
use crate::id::RecordId;

/// Where a lead stands in the lead-to-opportunity marketing sales process, in its order.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Stage {
    /// Where a lead begins.
    #[default]
    Inquiry,
    /// It has a score.
    AutomatedMarketingQualification,
    /// Telephone sales are to accept it.
    TeleprospectingAcceptance,
    /// Telephone sales qualify it.
    TeleprospectingQualification,
    /// Sales are to accept it.
    SalesAcceptance,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 5] = [
        Self::Inquiry,
        Self::AutomatedMarketingQualification,
        Self::TeleprospectingAcceptance,
        Self::TeleprospectingQualification,
        Self::SalesAcceptance,
    ];

    /// What the process calls it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Inquiry => "Inquiry",
            Self::AutomatedMarketingQualification => "Automated marketing qualification",
            Self::TeleprospectingAcceptance => "Teleprospecting acceptance",
            Self::TeleprospectingQualification => "Teleprospecting qualification",
            Self::SalesAcceptance => "Sales acceptance",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.label())
    }
}

/// What a decision about a score needs to know of a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct LeadState {
    /// Which one.
    pub id: RecordId,
    /// Where it stands.
    pub stage: Stage,
    /// Is it marked as sales ready (column `lead.msdyncrm_salesready`)?
    pub sales_ready: bool,
    /// Has it a score already, of any model?
    pub scored: bool,
    /// Its parent contact (column `lead.parentcontactid`).
    pub contact: Option<RecordId>,
    /// Its parent account (column `lead.parentaccountid`).
    pub account: Option<RecordId>,
    /// How far the consent of its parent contact goes.
    pub consent: Level,
}

impl LeadState {
    /// A lead in the stage of inquiry: without a score, without parents.
    #[must_use]
    pub const fn new(id: RecordId) -> Self {
        Self {
            id,
            stage: Stage::Inquiry,
            sales_ready: false,
            scored: false,
            contact: None,
            account: None,
            consent: Level::None,
        }
    }

    /// Which models score it: those of contacts where it has a parent contact, those of accounts
    /// where it has a parent account alone, none where it has neither.
    #[must_use]
    pub const fn basis(&self) -> Option<ModelTarget> {
        match (self.contact, self.account) {
            (Some(_), _) => Some(ModelTarget::Contact),
            (None, Some(_)) => Some(ModelTarget::Account),
            (None, None) => None,
        }
    }

    /// Takes over what an effect says of this lead. A move that started from another stage than the
    /// present one lost a race and is left out: that is how a store has to apply it too, so that no
    /// lead goes backwards.
    pub fn apply(&mut self, effect: &Effect) {
        match *effect {
            Effect::KeepScore { lead, .. } if lead == self.id => self.scored = true,
            Effect::MarkSalesReady { lead } if lead == self.id => self.sales_ready = true,
            Effect::Move { lead, from, to } if lead == self.id && from == self.stage => {
                self.stage = to;
            }
            _ => {}
        }
    }
}

//! What is chosen for a form.

use crate::settings::{Link, MatchingStrategy, UpdateMode};

/// What a form is to have instead of what it has; what is not chosen stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use = "nothing is chosen before a form is made with it"]
pub struct FormChoices {
    pub(super) update: Option<UpdateMode>,
    pub(super) contact_strategy: Option<Link<MatchingStrategy>>,
    pub(super) lead_strategy: Option<Link<MatchingStrategy>>,
    pub(super) keep_successful_submissions: Option<bool>,
    pub(super) always_generate_leads: Option<bool>,
}

impl FormChoices {
    /// Which records submissions may create or update.
    pub const fn update(self, mode: UpdateMode) -> Self {
        Self { update: Some(mode), ..self }
    }

    /// The strategy by which contacts are looked for.
    pub fn contact_strategy(self, strategy: impl Into<Link<MatchingStrategy>>) -> Self {
        Self { contact_strategy: Some(strategy.into()), ..self }
    }

    /// The strategy by which leads are looked for.
    pub fn lead_strategy(self, strategy: impl Into<Link<MatchingStrategy>>) -> Self {
        Self { lead_strategy: Some(strategy.into()), ..self }
    }

    /// Are submissions kept that went well?
    pub const fn keep_successful_submissions(self, keep: bool) -> Self {
        Self { keep_successful_submissions: Some(keep), ..self }
    }

    /// Does every submission make a new lead, without looking for one?
    pub const fn always_generate_leads(self, always: bool) -> Self {
        Self { always_generate_leads: Some(always), ..self }
    }
}

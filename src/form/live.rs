//! Can a form go live?

use super::error::FormError;
use super::marketing_form::MarketingForm;
use crate::settings::{
    AttributeName, Link, MatchingRule, MatchingStrategy, MatchingTarget, SlotFault, Stored,
};

impl MarketingForm {
    /// Those of these attributes that its submissions have no value for, neither by a field nor by
    /// where they come from.
    pub fn lacks<'a>(
        &'a self,
        target: MatchingTarget,
        attributes: impl IntoIterator<Item = &'a AttributeName>,
    ) -> impl Iterator<Item = &'a AttributeName> {
        let has = move |name: &AttributeName| {
            self.fields().iter().any(|field| field.column(target) == Some(name))
                || self.context_columns().has(target, name)
        };
        attributes.into_iter().filter(move |name| !has(name))
    }

    /// Can it go live: does it deliver a value for every attribute of the strategies and rules that it
    /// uses?
    ///
    /// # Errors
    ///
    /// A strategy or rule is not among these, looks for the other target, or compares an attribute
    /// that the form has no field for.
    pub fn check_live(
        &self,
        strategies: &[Stored<MatchingStrategy>],
        rules: &[Stored<MatchingRule>],
    ) -> Result<(), FormError> {
        for target in MatchingTarget::ALL.iter().filter(|target| self.update().updates(**target)) {
            let absent = match self.rule(*target) {
                Some(rule) => {
                    let rule = rule_in_slot(*target, rule, rules)?;
                    self.lacks(*target, rule.value.attributes()).next().cloned()
                }
                None => {
                    let link = self.strategy(*target);
                    let strategy = MatchingStrategy::in_slot(*target, link, strategies)?;
                    self.lacks(*target, strategy.value.attributes().as_slice()).next().cloned()
                }
            };
            if let Some(attribute) = absent {
                return Err(FormError::Lacks { target: *target, attribute });
            }
        }
        Ok(())
    }
}

pub(super) fn rule_in_slot(
    slot: MatchingTarget,
    link: Link<MatchingRule>,
    rules: &[Stored<MatchingRule>],
) -> Result<&Stored<MatchingRule>, FormError> {
    let refused = |fault| FormError::Rule { slot, rule: link.id(), fault };
    let found = rules.iter().find(|stored| stored.id == link.id());
    let stored = found.ok_or_else(|| refused(SlotFault::Missing))?;
    if stored.value.target() == slot { Ok(stored) } else { Err(refused(SlotFault::WrongTarget)) }
}

//! Which records does a submission match?

use std::fmt;

use super::compare::{alike, identical};
use super::keying::{Keying, Keyings};
use crate::index::Keyer;
use crate::party::{Attributes, Party, Value};
use crate::record::{LookupKey, RecordKind, RecordRef, UniqueKey};
use crate::settings::{
    AttributeName, BlankValues, Comparison, Comparisons, MatchingRule, MatchingStrategy,
    MatchingTarget, Profile, Stored,
};

/// What bounds matching besides the strategy or the rule itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MatchScope {
    /// Do only rows of the form's business unit match? Off unless the organization scopes marketing by
    /// business units.
    pub business_unit: bool,
    /// Are two blank values of this column equal, the one of the page: where embedded forms have no
    /// page, all of them look alike.
    pub pageless: Option<AttributeName>,
}

impl MatchScope {
    /// The scope of the product in this state, for forms whose page is kept in this column.
    #[must_use]
    pub fn of(profile: Profile, page_column: &AttributeName) -> Self {
        let pageless = !profile.external_forms_have_page_id();
        Self { business_unit: false, pageless: pageless.then(|| page_column.clone()) }
    }

    /// The same, within business units.
    #[must_use]
    pub fn within_business_unit(self) -> Self {
        Self { business_unit: true, ..self }
    }

    fn apply(&self, mut keying: Keying) -> Keying {
        if let Some(page) = &self.pageless {
            keying = keying.blank_equals_blank(page.as_str());
        }
        if self.business_unit { keying.within_business_unit() } else { keying }
    }
}

/// A matching strategy or rule, made ready: which keys are looked up, and whether what is found under
/// them matches. Every hit is compared once more by its values, so that nothing rests on a hash.
#[derive(Clone, Debug, PartialEq)]
pub struct Matcher {
    target: MatchingTarget,
    how: How,
    business_unit: bool,
    match_inactive: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum How {
    /// All attributes are identical: one key for them together.
    Whole(Keying),
    /// All attributes that are not blank in the submission are identical; each has a key, and all that
    /// are not blank are looked up: what is rare finds the row where many share what is frequent.
    NotBlank(Vec<Single>),
    /// The conditions of the rule hold; each attribute of its main condition has a key, and all that
    /// are not blank are looked up.
    Rule { main: Vec<Single>, rule: MatchingRule },
}

#[derive(Clone, Debug, PartialEq)]
struct Single {
    name: AttributeName,
    comparison: Comparison,
    keying: Keying,
}

impl Matcher {
    /// The matcher of a strategy.
    #[must_use]
    pub fn of_strategy(strategy: &MatchingStrategy, scope: &MatchScope) -> Self {
        let (target, names) = (strategy.target(), strategy.attributes().as_slice());
        let compared = |keying: Keying, name: &AttributeName| {
            keying.compared(name.as_str(), strategy.comparisons().of(name.as_str()))
        };
        let how = match strategy.blank_values() {
            BlankValues::LeftOut => How::NotBlank(
                names
                    .iter()
                    .map(|name| Single {
                        name: name.clone(),
                        comparison: strategy.comparisons().of(name.as_str()),
                        keying: scope.apply(compared(Keying::new(target, [name.clone()]), name)),
                    })
                    .collect(),
            ),
            rule => {
                let mut keying = Keying::new(target, names.iter().cloned());
                for name in names {
                    keying = compared(keying, name);
                    if rule == BlankValues::Equal {
                        keying = keying.blank_equals_blank(name.as_str());
                    }
                }
                How::Whole(scope.apply(keying))
            }
        };
        Self { target, how, business_unit: scope.business_unit, match_inactive: false }
    }

    /// The matcher of a rule.
    #[must_use]
    pub fn of_rule(rule: &MatchingRule, scope: &MatchScope) -> Self {
        let (target, names) = (rule.target(), rule.main_condition().as_slice());
        let main = singles(target, names, rule.comparisons(), scope);
        Self {
            target,
            how: How::Rule { main, rule: rule.clone() },
            business_unit: scope.business_unit,
            match_inactive: rule.match_inactive(),
        }
    }

    /// What it looks for.
    #[must_use]
    pub const fn target(&self) -> MatchingTarget {
        self.target
    }

    /// May an inactive row match? It is updated then and stays inactive.
    #[must_use]
    pub const fn matches_inactive(&self) -> bool {
        self.match_inactive
    }

    /// The keys that the rows of the directory must have for it.
    pub fn keyings(&self) -> impl Iterator<Item = &Keying> {
        let (whole, singles) = match &self.how {
            How::Whole(keying) => (Some(keying), &[][..]),
            How::NotBlank(singles) | How::Rule { main: singles, .. } => (None, singles.as_slice()),
        };
        whole.into_iter().chain(singles.iter().map(|single| &single.keying))
    }

    /// The attributes that a submission must have values for, blank or not.
    pub fn attributes(&self) -> impl Iterator<Item = &AttributeName> {
        let (whole, singles, rule) = match &self.how {
            How::Whole(keying) => (Some(keying), &[][..], None),
            How::NotBlank(singles) => (None, singles.as_slice(), None),
            How::Rule { rule, .. } => (None, &[][..], Some(rule)),
        };
        let whole = whole.into_iter().flat_map(Keying::attributes);
        let scope = |name: &&AttributeName| name.as_str() != Party::BUSINESS_UNIT;
        let singles = singles.iter().map(|single| &single.name);
        let rule = rule.into_iter().flat_map(MatchingRule::attributes);
        whole.filter(scope).chain(singles).chain(rule)
    }

    /// The keys to look up for these values: what is found under any of them may match. None where
    /// blank values rule out every match.
    #[must_use]
    pub fn probes(&self, keyer: &Keyer, values: &Attributes) -> Vec<LookupKey> {
        let keys = self.evidence(values);
        keys.filter_map(|keying| keying.lookup_key(keyer, |name| values.get(name))).collect()
    }

    /// What a row with these values claims when it is made: keys that it is looked up by. Of racing
    /// creators who would match each other one creates.
    #[must_use]
    pub fn claims(&self, keyer: &Keyer, values: &Attributes) -> Vec<UniqueKey> {
        // Who leaves blanks out matches another in all that both say: the first of it is enough. Who
        // follows a rule matches in any of it.
        let most = if matches!(self.how, How::NotBlank(_)) { 1 } else { usize::MAX };
        let keys = self.evidence(values).take(most);
        keys.filter_map(|keying| keying.claim(keyer, |name| values.get(name))).collect()
    }

    /// The keyings that these values have a key for.
    fn evidence(&self, values: &Attributes) -> impl Iterator<Item = &Keying> {
        let seen = |keying: &&Keying| keying.text(|name| values.get(name)).is_some();
        self.keyings().filter(seen)
    }

    /// Does a row match these values: is it identical in what is compared, in the right business unit,
    /// and neither inactive, where such rows do not match, nor a lead that was converted?
    #[must_use]
    pub fn matches(&self, values: &Attributes, party: &Party) -> bool {
        let right_kind = super::keying::kind_of(self.target) == party.reference().kind();
        let eligible = (party.is_active() || self.match_inactive) && !party.is_converted_lead();
        if !right_kind || !eligible {
            return false;
        }
        let row = party.attributes();
        match &self.how {
            How::Whole(keying) => {
                let wanted = keying.text(|name| values.get(name));
                wanted.is_some() && wanted == keying.text(|name| row.get(name))
            }
            _ if self.business_unit
                && values.get(Party::BUSINESS_UNIT) != row.get(Party::BUSINESS_UNIT) =>
            {
                false
            }
            How::Rule { rule, .. } => rule.matches(|attribute, degree| {
                let name = attribute.as_str();
                let comparison = rule.comparisons().of(name);
                let both = values.get(name).zip(row.get(name));
                both.is_some_and(|(value, kept)| alike(value, kept, comparison, degree))
            }),
            How::NotBlank(singles) => {
                let mut seen = false;
                singles.iter().all(|single| {
                    let name = single.name.as_str();
                    let submitted = values.get(name);
                    let blank = |value: &&Value| !identical(value, value, single.comparison);
                    let Some(value) = submitted.filter(|value| !blank(value)) else {
                        return true;
                    };
                    seen = true;
                    row.get(name).is_some_and(|kept| identical(value, kept, single.comparison))
                }) && seen
            }
        }
    }
}

/// A key for each of these attributes alone.
fn singles(
    target: MatchingTarget,
    names: &[AttributeName],
    comparisons: &Comparisons,
    scope: &MatchScope,
) -> Vec<Single> {
    let single = |name: &AttributeName| {
        let comparison = comparisons.of(name.as_str());
        let keying = Keying::new(target, [name.clone()]).compared(name.as_str(), comparison);
        Single { name: name.clone(), comparison, keying: scope.apply(keying) }
    };
    names.iter().map(single).collect()
}

/// All matchers of an organization: one for each strategy, and one for each rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MatchPlan {
    matchers: Vec<(RecordRef, Matcher)>,
    keyings: Keyings,
}

impl MatchPlan {
    /// The matchers of these strategies; also of inactive ones, which forms that have them go on
    /// using.
    ///
    /// # Errors
    ///
    /// Together they need more keys a row than [`Keyings::MAX`].
    pub fn new(
        strategies: &[Stored<MatchingStrategy>],
        scope: &MatchScope,
    ) -> Result<Self, TooManyKeys> {
        let mut plan = Self::default();
        for stored in strategies {
            let matcher = Matcher::of_strategy(&stored.value, scope);
            plan.add(RecordKind::MatchingStrategy.of(stored.id), matcher)?;
        }
        Ok(plan)
    }

    /// The same with the matchers of these rules.
    ///
    /// # Errors
    ///
    /// Together they need more keys a row than [`Keyings::MAX`].
    pub fn with_rules(
        mut self,
        rules: &[Stored<MatchingRule>],
        scope: &MatchScope,
    ) -> Result<Self, TooManyKeys> {
        for stored in rules {
            let matcher = Matcher::of_rule(&stored.value, scope);
            self.add(RecordKind::MatchingRule.of(stored.id), matcher)?;
        }
        Ok(self)
    }

    fn add(&mut self, of: RecordRef, matcher: Matcher) -> Result<(), TooManyKeys> {
        for keying in matcher.keyings() {
            if !self.keyings.add(keying.clone()) {
                return Err(TooManyKeys { of });
            }
        }
        self.matchers.push((of, matcher));
        Ok(())
    }

    /// The matcher of this strategy or rule.
    #[must_use]
    pub fn of(&self, strategy: RecordRef) -> Option<&Matcher> {
        self.matchers.iter().find(|(of, _)| *of == strategy).map(|(_, matcher)| matcher)
    }

    /// The keys that the rows of the directory must have.
    #[must_use]
    pub const fn keyings(&self) -> &Keyings {
        &self.keyings
    }

    /// What a row claims when it is made, under all matchers: at most [`Keyings::MAX`] keys.
    #[must_use]
    pub fn claims(&self, party: &Party, keyer: &Keyer) -> Vec<UniqueKey> {
        let kind = party.reference().kind();
        let matchers = self.matchers.iter().map(|(_, matcher)| matcher);
        let matchers = matchers.filter(|matcher| super::keying::kind_of(matcher.target) == kind);
        let mut claims: Vec<_> =
            matchers.flat_map(|matcher| matcher.claims(keyer, party.attributes())).collect();
        claims.sort_unstable();
        claims.dedup();
        claims
    }
}

/// The strategies and rules of an organization need more keys a row than there is room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyKeys {
    of: RecordRef,
}

impl TooManyKeys {
    /// The strategy or rule that there was no more room for.
    #[must_use]
    pub const fn strategy(&self) -> RecordRef {
        self.of
    }
}

impl fmt::Display for TooManyKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "matching: expected at most {} different comparisons a target, found one more in {}; \
             delete strategies that nothing uses",
            Keyings::MAX,
            self.of
        )
    }
}

impl std::error::Error for TooManyKeys {}

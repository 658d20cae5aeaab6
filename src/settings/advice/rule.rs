//! Matching rules.

use super::{AdviceKind, Found, active};
use crate::settings::{Comparison, Degree, Document, Entry, MatchingRule};

pub(super) fn pages(document: &Document, found: &mut Found) {
    for rule in active(&document.matching_rules) {
        without_effect(rule, found);
        loose_identifiers(rule, found);
    }
}

/// Conditions that hold wherever another one does.
fn without_effect(rule: &Entry<MatchingRule>, found: &mut Found) {
    let (main, conditions) = (rule.value.main_condition(), rule.value.additional_conditions());
    for (at, condition) in conditions.as_slice().iter().enumerate() {
        let mut others = conditions.as_slice().iter().enumerate().filter(|(other, _)| *other != at);
        let because = if condition.follows_from(main, Degree::Exact) {
            Some("the main condition".to_owned())
        } else {
            let implies = others.find(|(other, stricter)| {
                // Of two that say the same, the later one is told of.
                condition.follows_from(stricter.attributes(), stricter.degree())
                    && (*other < at
                        || !stricter.follows_from(condition.attributes(), condition.degree()))
            });
            implies.map(|(other, _)| format!("additional condition {}", other + 1))
        };
        if let Some(because) = because {
            found.about(rule.id, AdviceKind::ConditionWithoutEffect { number: at + 1, because });
        }
    }
}

/// Addresses and telephone numbers that need not be the same.
fn loose_identifiers(rule: &Entry<MatchingRule>, found: &mut Found) {
    for condition in rule.value.additional_conditions().as_slice() {
        let degree = condition.degree();
        if degree == Degree::Exact {
            continue;
        }
        for attribute in condition.attributes().as_slice() {
            let comparison = rule.value.comparisons().of(attribute.as_str());
            if !matches!(comparison, Comparison::Text(_)) {
                let attribute = attribute.clone();
                found.about(rule.id, AdviceKind::LooseIdentifier { attribute, degree });
            }
        }
    }
}

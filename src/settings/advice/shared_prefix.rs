//! Which deployments would take each other's tokens for their own?

use std::collections::BTreeMap;

use crate::id::TenantId;
use crate::settings::EmailSettings;
use crate::text::fold;
use crate::token::Prefix;

/// A prefix of tokens that several organizations use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SharedPrefix {
    /// The prefix, as the first of them spells it.
    pub prefix: Prefix,
    /// The organizations, in the order in which they were given.
    pub organizations: Vec<TenantId>,
    /// Has each of them a deployment base of its own? Their tokens then differ as long as the base
    /// of one, with the numbers of its users added, stays below the base of the next.
    pub bases_differ: bool,
}

/// Which organizations share a prefix of tokens? Each should have its own: mail between two that
/// share one is filed under the conversations of the other. Prefixes that differ in letter case
/// alone are one, as a token is read in any.
///
/// Organizations with tokens off count: they may be switched on.
///
/// ```
/// use correspond::id::TenantId;
/// use correspond::settings::{EmailSettings, shared_prefixes};
///
/// let settings = EmailSettings::default();
/// let shared = shared_prefixes([(TenantId::new(1), &settings), (TenantId::new(2), &settings)]);
/// assert_eq!(shared[0].prefix.as_str(), "CRM:");
/// assert_eq!(shared[0].organizations, [TenantId::new(1), TenantId::new(2)]);
/// ```
#[must_use]
pub fn shared_prefixes<'a>(
    organizations: impl IntoIterator<Item = (TenantId, &'a EmailSettings)>,
) -> Vec<SharedPrefix> {
    let mut by_prefix: BTreeMap<String, Vec<(TenantId, &EmailSettings)>> = BTreeMap::new();
    for (tenant, settings) in organizations {
        let key = fold(settings.token_prefixes().current().as_str());
        by_prefix.entry(key).or_default().push((tenant, settings));
    }
    let shared = by_prefix.into_values().filter_map(|organizations| {
        let [(_, first), _, ..] = organizations.as_slice() else { return None };
        let mut bases: Vec<_> = organizations.iter().map(|(_, other)| other.token_base()).collect();
        bases.sort_unstable();
        bases.dedup();
        Some(SharedPrefix {
            prefix: first.token_prefixes().current().clone(),
            bases_differ: bases.len() == organizations.len(),
            organizations: organizations.iter().map(|(tenant, _)| *tenant).collect(),
        })
    });
    shared.collect()
}

//! Which of several records is the one that counts?

use super::lead_scoring::LeadScoringConfiguration;
use super::record::SettingsRecord;
use super::stored::Stored;

/// The lead scoring configuration in force: among the active ones the one created last, of several
/// created at one time the one with the greatest id. Without any, all switches are yes.
///
/// Not the one *modified* last: editing an older record does not bring it into force.
#[must_use]
pub fn lead_scoring(
    records: &[Stored<LeadScoringConfiguration>],
) -> Option<&Stored<LeadScoringConfiguration>> {
    records.iter().filter(|stored| stored.active).max_by_key(|stored| (stored.created, stored.id))
}

/// The record marked as the default, among the active ones. A store that went through the crate's
/// flows holds one at most; of several, which only another writer can have made, the one modified
/// last counts, then the one with the greatest id.
#[must_use]
pub fn default<T: SettingsRecord>(records: &[Stored<T>]) -> Option<&Stored<T>> {
    records
        .iter()
        .filter(|stored| stored.active && stored.value.is_default())
        .max_by_key(|stored| (stored.modified, stored.id))
}

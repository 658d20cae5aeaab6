//! The rows of a directory as they will be.

use std::collections::HashMap;

use super::keyed::{DirectoryKeys, claiming, still_claimed};
use super::round::ROWS;
use super::{corrupt, full};
use crate::flow::FlowError;
use crate::form::{Decision, Failure, FoundRows, MatchPlan, Refusal};
use crate::id::RecordId;
use crate::party::{Party, PartyError};
use crate::record::{
    LookupKey, LookupKind, Record, RecordKind, RecordRef, UniqueKey, Versioned, Versions,
};
use crate::settings::MatchingTarget;
use crate::store::{Change, Expect, Store};

/// Rows that were found, with what was decided about them since. Whoever is decided later finds them
/// as they will be, so that what is decided together comes to the same as one after another.
pub(super) struct Draft<'a, S> {
    store: &'a S,
    keys: &'a DirectoryKeys,
    plan: &'a MatchPlan,
    rows: Vec<Row>,
    places: HashMap<RecordRef, usize>,
    /// Under each match key the rows modified last, the very last one at the end. Some have other
    /// values by now: who decides compares them.
    found: HashMap<LookupKey, Vec<usize>>,
    /// Who has a claim; some have given it up by now.
    claimed: HashMap<UniqueKey, usize>,
}

/// A row as it will be.
struct Row {
    party: Party,
    /// As it was found; `None` where it is new.
    before: Option<Versioned>,
    unique: Vec<UniqueKey>,
    /// The record of it, where it has other values than before; its claims may be fewer by now.
    record: Option<Record>,
}

impl<'a, S: Store> Draft<'a, S> {
    pub(super) fn new(store: &'a S, keys: &'a DirectoryKeys, plan: &'a MatchPlan) -> Self {
        let (rows, places) = (Vec::new(), HashMap::new());
        Self { store, keys, plan, rows, places, found: HashMap::new(), claimed: HashMap::new() }
    }

    /// Adds a row that is there. Of one that was read twice the state read last counts: a batch that
    /// rests on the other one is refused.
    pub(super) fn add(&mut self, kept: &Versioned) -> Result<usize, FlowError> {
        let reference = kept.record.reference();
        let known = self.places.get(&reference).copied();
        let same = |row: &&Row| row.before.as_ref().is_some_and(|old| old.version == kept.version);
        if let Some(place) = known.filter(|place| self.rows.get(*place).as_ref().is_some_and(same))
        {
            return Ok(place);
        }
        let party = Party::from_versioned(kept).map_err(corrupt)?;
        let unique = kept.record.unique().to_vec();
        let place = known.unwrap_or(self.rows.len());
        self.claimed.extend(unique.iter().map(|key| (*key, place)));
        let row = Row { party, before: Some(kept.clone()), unique, record: None };
        match self.rows.get_mut(place) {
            Some(old) => *old = row,
            None => self.rows.push(row),
        }
        self.places.insert(reference, place);
        Ok(place)
    }

    /// Adds what a look-up found: the rows modified last, the very last one first.
    pub(super) fn add_found(
        &mut self,
        key: LookupKey,
        found: &[Versioned],
    ) -> Result<(), FlowError> {
        for kept in found.iter().rev() {
            let place = self.add(kept)?;
            self.offer(key, place);
        }
        Ok(())
    }

    /// Offers rows that have claims to whoever is decided: of very many rows under one key some are
    /// not looked at, but a claim names its row all the same. They were added before anything was
    /// looked up.
    pub(super) fn offer_holders(&mut self, holders: &[Versioned]) {
        for holder in holders {
            let Some(place) = self.places.get(&holder.record.reference()).copied() else {
                continue;
            };
            let keys = holder.record.keys().iter();
            for key in keys.filter(|key| key.kind() == LookupKind::Match) {
                self.offer(*key, place);
            }
        }
    }

    fn offer(&mut self, key: LookupKey, place: usize) {
        let rows = self.found.entry(key).or_default();
        rows.retain(|known| *known != place);
        rows.push(place);
        // As many as a look-up brings, and as many again that were decided since.
        if rows.len() > 2 * usize::from(ROWS) {
            rows.remove(0);
        }
    }

    /// The rows that may match a submission with these keys, of this visitor.
    pub(super) fn rows(&self, keys: &[LookupKey], visitor: Option<RecordId>) -> FoundRows {
        let mut rows = FoundRows::default();
        for key in keys {
            let places = self.found.get(key).into_iter().flatten();
            for row in places.filter_map(|place| self.rows.get(*place)) {
                match row.party.reference().kind() {
                    RecordKind::Contact => rows.contacts.push(row.party.clone()),
                    RecordKind::Lead => rows.leads.push(row.party.clone()),
                    _ => {}
                }
            }
        }
        let visitor = visitor.and_then(|id| self.places.get(&RecordKind::Contact.of(id)));
        rows.visitor = visitor.and_then(|place| self.rows.get(*place)).map(|row| row.party.clone());
        rows
    }

    /// Puts down what was decided.
    ///
    /// A new row claims the keys that it is looked up by. Whoever has one of them was found not to
    /// match, as it is inactive, say, or somebody else who has the same address: it gives that up.
    ///
    /// # Errors
    ///
    /// A row has no room for its values; nothing was put down.
    pub(super) fn decide(&mut self, decision: &Decision) -> Result<(), Refusal> {
        let changes =
            [(MatchingTarget::Contact, &decision.contact), (MatchingTarget::Lead, &decision.lead)];
        let mut records = Vec::with_capacity(changes.len());
        for (target, change) in changes {
            if let Some(change) = change.as_ref().filter(|change| change.is_change()) {
                let refused = |error: PartyError| Refusal {
                    target,
                    failure: Failure::Value(error.to_string()),
                };
                records.push((&change.row, self.record(&change.row).map_err(refused)?));
            }
        }
        for (party, record) in records {
            self.put(party, record);
        }
        Ok(())
    }

    fn record(&self, party: &Party) -> Result<Record, PartyError> {
        let known = self.places.get(&party.reference()).and_then(|place| self.rows.get(*place));
        let claims = self.plan.claims(party, self.store.keyer());
        let unique = match known {
            Some(row) => still_claimed(&row.unique, &claims),
            None => claims,
        };
        let before = known.and_then(|row| row.before.as_ref()).map(|kept| &kept.record);
        claiming(party, before, self.keys.of_row(party, self.store), unique)
    }

    fn put(&mut self, party: &Party, record: Record) {
        let known = self.places.get(&party.reference()).copied();
        let place = known.unwrap_or(self.rows.len());
        for key in record.keys().iter().filter(|key| key.kind() == LookupKind::Match) {
            self.offer(*key, place);
        }
        let (party, unique) = (party.clone(), record.unique().to_vec());
        if let Some(row) = self.rows.get_mut(place) {
            (row.party, row.unique, row.record) = (party, unique, Some(record));
            return;
        }
        for claim in &unique {
            let holder = self.claimed.insert(*claim, place);
            if let Some(holder) = holder.and_then(|holder| self.rows.get_mut(holder)) {
                holder.unique.retain(|key| key != claim);
            }
        }
        self.places.insert(party.reference(), place);
        self.rows.push(Row { party, before: None, unique, record: Some(record) });
    }

    /// The changes that make the rows as they are here.
    pub(super) fn changes(self, versions: &Versions) -> Result<Vec<Change>, FlowError> {
        let mut changes = Vec::new();
        for row in self.rows {
            let was = row.before.as_ref().map(|kept| &kept.record);
            let Some(record) = row.record.as_ref().or(was) else { continue };
            let fewer = row.unique.len() < record.unique().len();
            if row.record.is_none() && !fewer {
                continue;
            }
            let record = record.clone();
            let record = if fewer { record.with_unique(row.unique).map_err(full)? } else { record };
            let expect = row.before.map_or(Expect::Absent, |kept| Expect::At(kept.version));
            changes.push(Change::Put { record, version: versions.next(), expect });
        }
        Ok(changes)
    }
}

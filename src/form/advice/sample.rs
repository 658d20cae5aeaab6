//! Some rows of a directory, and what their keys have in common.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::{StrategyAdvice, StrategyFinding, StrategyFindingKind as Kind};
use crate::form::compare::key_into;
use crate::form::keying::{Keying, Part, kind_of};
use crate::id::RecordId;
use crate::party::{Attributes, Party, Value};
use crate::settings::{AttributeName, Comparison};

const FIRST_NAME: &str = "firstname";
const LAST_NAME: &str = "lastname";
const ADDRESS: &str = Party::ADDRESSES[0];

type Key = Vec<u8>;

pub(super) struct Sample<'k, 'a> {
    keying: &'k Keying,
    /// By id.
    rows: Vec<Row<'a>>,
}

struct Row<'a> {
    id: RecordId,
    values: &'a Attributes,
    key: Option<Key>,
    first_name: Option<Key>,
    last_name: Option<Key>,
    address: Option<Key>,
}

fn key_of(value: Option<&Value>, comparison: Comparison) -> Option<Key> {
    let mut key = Vec::new();
    value.is_some_and(|value| key_into(value, comparison, &mut key)).then_some(key)
}

impl<'k, 'a> Sample<'k, 'a> {
    pub(super) fn new(keying: &'k Keying, rows: impl Iterator<Item = &'a Party>) -> Self {
        let mut latest: BTreeMap<RecordId, &Party> = BTreeMap::new();
        for party in rows {
            let reference = party.reference();
            if reference.kind() == kind_of(keying.target()) && party.is_active() {
                let kept = latest.entry(reference.id()).or_insert(party);
                if party.modified() > kept.modified() {
                    *kept = party;
                }
            }
        }
        // What is compared already differs as it is compared.
        let comparison = |name: &str| {
            let part = keying.parts().find(|part| part.name.as_str() == name);
            part.map_or_else(|| Comparison::of(name), |part| part.comparison)
        };
        let [first_name, last_name, address] = [FIRST_NAME, LAST_NAME, ADDRESS].map(comparison);
        let rows = latest.into_iter().map(|(id, party)| {
            let values = party.attributes();
            Row {
                id,
                values,
                key: keying.text(|name| values.get(name)),
                first_name: key_of(values.get(FIRST_NAME), first_name),
                last_name: key_of(values.get(LAST_NAME), last_name),
                address: key_of(values.get(ADDRESS), address),
            }
        });
        Self { keying, rows: rows.collect() }
    }

    pub(super) const fn len(&self) -> usize {
        self.rows.len()
    }

    /// Is it so many per cent of the rows?
    const fn reaches(&self, found: usize, percent: usize) -> bool {
        found > 0 && found.saturating_mul(100) >= percent.saturating_mul(self.rows.len())
    }

    fn finding(&self, kind: Kind, attribute: &AttributeName, groups: &Groups) -> StrategyFinding {
        let largest = groups.largest();
        StrategyFinding {
            kind,
            attribute: attribute.clone(),
            rows: self.rows.len(),
            concerned: groups.rows(),
            largest: largest.len(),
            examples: largest.iter().take(StrategyFinding::MAX_EXAMPLES).copied().collect(),
        }
    }

    /// What rows that share a key have to do with each other.
    pub(super) fn shared(&self, findings: &mut Vec<StrategyFinding>) {
        let mut by_key: BTreeMap<&[u8], Vec<&Row<'_>>> = BTreeMap::new();
        for row in &self.rows {
            if let Some(key) = &row.key {
                by_key.entry(key).or_default().push(row);
            }
        }
        let mut found: BTreeMap<Kind, Groups> = BTreeMap::new();
        let mut other_names = [0_usize; 2];
        for group in by_key.values().filter(|group| group.len() > 1) {
            let names = Names::of(group);
            let mut kinds: BTreeMap<Kind, Vec<RecordId>> = BTreeMap::new();
            for row in group {
                let kind = names.kind(row, &mut other_names);
                kinds.entry(kind).or_default().push(row.id);
            }
            for (kind, rows) in kinds {
                found.entry(kind).or_default().0.push(rows);
            }
        }
        let [other_first, other_last] = other_names;
        for (kind, groups) in found {
            let name = match kind {
                Kind::Strangers => LAST_NAME,
                Kind::Relatives if other_first >= other_last => FIRST_NAME,
                Kind::Relatives => LAST_NAME,
                _ => ADDRESS,
            };
            let crowd = groups.largest().len() >= StrategyAdvice::CROWD;
            let matters = match kind {
                Kind::Several => self.reaches(groups.rows(), StrategyAdvice::SEVERAL_PERCENT),
                _ => crowd || self.reaches(groups.rows(), StrategyAdvice::SHARED_PERCENT),
            };
            let attribute = match kind {
                Kind::Several => self.keying.attributes().next().cloned(),
                _ => Some(AttributeName::known(name)),
            };
            if let Some(attribute) = attribute.filter(|_| matters) {
                findings.push(self.finding(kind, &attribute, &groups));
            }
        }
    }

    /// What each attribute does to the keys.
    pub(super) fn attributes(&self, findings: &mut Vec<StrategyFinding>) {
        let people = self.people();
        for part in self.keying.parts() {
            let key = |row: &Row<'_>| key_of(row.values.get(part.name.as_str()), part.comparison);
            let keys: Vec<_> = self.rows.iter().map(key).collect();
            let blank = self.rows.iter().zip(&keys).filter(|(_, key)| key.is_none());
            let blank = Groups::one(blank.map(|(row, _)| row.id));
            let (kind, percent) = match part.blank {
                true => (Kind::BlankAlike, StrategyAdvice::ALIKE_PERCENT),
                false => (Kind::Blank, StrategyAdvice::BLANK_PERCENT),
            };
            // A row without a business unit is one of the organization's own.
            if !part.scope && self.reaches(blank.rows(), percent) {
                findings.push(self.finding(kind, &part.name, &blank));
            }
            if let Some(ids) = self.unique(part, &keys) {
                findings.push(self.finding(Kind::Unique, &part.name, &ids));
            }
            let differ = people.iter().filter(|person| {
                let of_person: BTreeSet<_> =
                    person.iter().filter_map(|place| keys.get(*place)).collect();
                of_person.len() > 1
            });
            let ids = |place: &usize| self.rows.get(*place).map(|row| row.id);
            let apart = differ.map(|person| person.iter().filter_map(ids).collect());
            let apart = Groups(apart.collect());
            if self.reaches(apart.rows(), StrategyAdvice::APART_PERCENT) {
                findings.push(self.finding(Kind::TellsApart, &part.name, &apart));
            }
        }
    }

    /// The rows with a key, by place, of everybody who has several: one address, one last name. What
    /// belongs to different records is told apart on purpose.
    fn people(&self) -> Vec<Vec<usize>> {
        let mut people: BTreeMap<Vec<Option<Key>>, Vec<usize>> = BTreeMap::new();
        for (place, row) in self.rows.iter().enumerate() {
            let usual = |name| key_of(row.values.get(name), Comparison::of(name));
            let (Some(address), Some(last_name)) = (usual(ADDRESS), usual(LAST_NAME)) else {
                continue;
            };
            if row.key.is_none() {
                continue;
            }
            let belongs = self.keying.parts().map(|part| {
                let value = row.values.get(part.name.as_str());
                key_of(value.filter(|value| matches!(value, Value::Lookup(_))), part.comparison)
            });
            let person = [Some(address), Some(last_name)].into_iter().chain(belongs).collect();
            people.entry(person).or_default().push(place);
        }
        people.into_values().filter(|person| person.len() > 1).collect()
    }

    /// The rows that have a value where it looks like an id and is another one in each.
    fn unique(&self, part: &Part, keys: &[Option<Key>]) -> Option<Groups> {
        if !matches!(part.comparison, Comparison::Text(_)) {
            return None;
        }
        let of_row = |row: &Row<'_>| row.values.get(part.name.as_str()).is_some_and(is_like_id);
        let having = || self.rows.iter().zip(keys).filter(|(_, key)| key.is_some());
        let number = having().count();
        let distinct: BTreeSet<_> = keys.iter().flatten().collect();
        let unique = number >= StrategyAdvice::UNIQUE_ROWS
            && self.reaches(number, StrategyAdvice::UNIQUE_PERCENT)
            && distinct.len() == number
            && having().all(|(row, _)| of_row(row));
        unique.then(|| Groups::one(having().map(|(row, _)| row.id)))
    }
}

/// A number, a point in time, another record; or text in one piece with a digit.
fn is_like_id(value: &Value) -> bool {
    match value {
        Value::Text(text) => {
            let text = text.trim();
            text.chars().any(|c| c.is_ascii_digit())
                && !text.chars().any(|c| c == '@' || c.is_whitespace())
        }
        Value::Whole(_) | Value::Decimal(_) | Value::Time(_) | Value::Lookup(_) => true,
        _ => false,
    }
}

/// Rows that belong together, each group by id.
#[derive(Default)]
struct Groups(Vec<Vec<RecordId>>);

impl Groups {
    fn one(rows: impl Iterator<Item = RecordId>) -> Self {
        Self(vec![rows.collect()])
    }

    fn rows(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// Of several as large the one with the lowest id.
    fn largest(&self) -> &[RecordId] {
        let largest = self.0.iter().max_by_key(|group| (group.len(), Reverse(group.first())));
        largest.map_or(&[], Vec::as_slice)
    }
}

/// How often the names and addresses of rows under one key occur: whom a row differs from is counted,
/// not searched, as one key may have all rows.
#[derive(Default)]
struct Names<'a> {
    named: usize,
    first: BTreeMap<&'a [u8], usize>,
    last: BTreeMap<&'a [u8], usize>,
    both: BTreeMap<(&'a [u8], &'a [u8]), usize>,
    addressed: usize,
    address: BTreeMap<&'a [u8], usize>,
}

impl<'a> Names<'a> {
    fn of(group: &[&'a Row<'_>]) -> Self {
        let mut names = Self::default();
        for row in group {
            if let (Some(first), Some(last)) = (&row.first_name, &row.last_name) {
                names.named += 1;
                *names.first.entry(first).or_default() += 1;
                *names.last.entry(last).or_default() += 1;
                *names.both.entry((first, last)).or_default() += 1;
            }
            if let Some(address) = &row.address {
                names.addressed += 1;
                *names.address.entry(address).or_default() += 1;
            }
        }
        names
    }

    /// What a row has to do with the others, most telling first; which name differs is counted in
    /// `other_names`.
    fn kind(&self, row: &Row<'_>, other_names: &mut [usize; 2]) -> Kind {
        let count = |counts: &BTreeMap<&[u8], usize>, key: &Key| {
            counts.get(key.as_slice()).copied().unwrap_or_default()
        };
        if let (Some(first), Some(last)) = (&row.first_name, &row.last_name) {
            let both = self.both.get(&(first.as_slice(), last.as_slice()));
            let both = both.copied().unwrap_or_default();
            let (same_first, same_last) = (count(&self.first, first), count(&self.last, last));
            // Those who share the one or the other name; who shares both is counted twice.
            if self.named + both > same_first + same_last {
                return Kind::Strangers;
            }
            let [other_first, other_last] = other_names;
            *other_first += usize::from(same_last > both);
            *other_last += usize::from(same_first > both);
            if same_last > both || same_first > both {
                return Kind::Relatives;
            }
        }
        match &row.address {
            Some(address) if self.addressed > count(&self.address, address) => Kind::Namesakes,
            _ => Kind::Several,
        }
    }
}

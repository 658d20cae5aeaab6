//! What is a match key made of?

use serde::{Deserialize, Serialize};

use super::compare::key_into;
use crate::index::Keyer;
use crate::party::{Party, Value};
use crate::record::{LookupKey, LookupKind, RecordKind, Space, UniqueKey};
use crate::settings::{AttributeName, Comparison, MatchingTarget};

/// The attributes whose values make one match key, and how each is compared. Two records have the same
/// key where they are identical in all of them; so the same attributes make the same keys, whichever
/// strategy compares them and in whatever order it names them.
///
/// ```
/// use correspond::form::Keying;
/// use correspond::index::Keyer;
/// use correspond::party::{Attributes, Value};
/// use correspond::settings::{AttributeName, MatchingTarget};
///
/// let by_address = Keying::new(MatchingTarget::Contact, [AttributeName::new("emailaddress1")?]);
/// let keyer = Keyer::from_secret([1; 16]);
/// let key = |text: &str| {
///     let value = Value::Text(text.into());
///     by_address.lookup_key(&keyer, |name| (name == "emailaddress1").then_some(&value))
/// };
/// assert_eq!(key("Ann@Home.example"), key(" ann@home.example"));
/// assert_eq!(key(" "), None, "blank matches nothing");
/// # Ok::<(), correspond::settings::ValueError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keying {
    target: MatchingTarget,
    /// By name, each once.
    attributes: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    pub(super) name: AttributeName,
    pub(super) comparison: Comparison,
    /// Does a blank value equal a blank one?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) blank: bool,
    /// Does it only narrow, and is no evidence by itself?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) scope: bool,
}

impl Keying {
    /// These attributes of the target, compared as usual.
    #[must_use]
    pub fn new(
        target: MatchingTarget,
        attributes: impl IntoIterator<Item = AttributeName>,
    ) -> Self {
        let parts = attributes.into_iter().map(|name| {
            let comparison = Comparison::of(name.as_str());
            Part { name, comparison, blank: false, scope: false }
        });
        Self { target, attributes: Vec::new() }.with(parts)
    }

    fn with(mut self, parts: impl IntoIterator<Item = Part>) -> Self {
        for part in parts {
            if let Err(place) = self.attributes.binary_search_by(|kept| kept.name.cmp(&part.name)) {
                self.attributes.insert(place, part);
            }
        }
        self
    }

    /// The same with this attribute compared so; without effect where it is none of them.
    #[must_use]
    pub fn compared(mut self, attribute: &str, comparison: Comparison) -> Self {
        for part in self.attributes.iter_mut().filter(|part| part.name.as_str() == attribute) {
            part.comparison = comparison;
        }
        self
    }

    /// The same where blank values of this attribute are equal. Where all are blank there still is no
    /// key.
    #[must_use]
    pub fn blank_equals_blank(mut self, attribute: &str) -> Self {
        for part in self.attributes.iter_mut().filter(|part| part.name.as_str() == attribute) {
            part.blank = true;
        }
        self
    }

    /// The same among the rows of one business unit: the column `owningbusinessunit` belongs to the
    /// key.
    #[must_use]
    pub fn within_business_unit(self) -> Self {
        let name = AttributeName::known(Party::BUSINESS_UNIT);
        let comparison = Comparison::of(name.as_str());
        self.with([Part { name, comparison, blank: true, scope: true }])
    }

    /// Keys of what.
    #[must_use]
    pub const fn target(&self) -> MatchingTarget {
        self.target
    }

    /// The attributes, by name.
    pub fn attributes(&self) -> impl Iterator<Item = &AttributeName> {
        self.attributes.iter().map(|part| &part.name)
    }

    /// The attributes by name, and how each is compared.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.attributes.iter()
    }

    /// What is hashed for the key of these values; `None` where there is no key: a value is blank that
    /// would have to equal another, or all are.
    pub(crate) fn text<'v>(&self, value: impl Fn(&str) -> Option<&'v Value>) -> Option<Vec<u8>> {
        let mut text = Vec::with_capacity(64);
        text.extend_from_slice(&kind_of(self.target).code().to_be_bytes());
        let mut evidence = false;
        for part in &self.attributes {
            text.extend_from_slice(part.name.as_str().as_bytes());
            text.push(0);
            text.extend_from_slice(part.comparison.to_string().as_bytes());
            text.push(0);
            let length = text.len();
            // Its place is taken: whatever a value says, it cannot run into the next one.
            text.extend_from_slice(&[0; 4]);
            let seen = value(part.name.as_str())
                .is_some_and(|value| key_into(value, part.comparison, &mut text));
            if !seen && !part.blank {
                return None;
            }
            evidence |= seen && !part.scope;
            let written = u32::try_from(text.len() - length - 4).unwrap_or(u32::MAX);
            if let Some(place) = text.get_mut(length..length + 4) {
                place.copy_from_slice(&written.to_be_bytes());
            }
        }
        evidence.then_some(text)
    }

    /// The key under which a directory finds what has these values; `None` where a value is blank that
    /// would have to equal another, or all are.
    pub fn lookup_key<'v>(
        &self,
        keyer: &Keyer,
        value: impl Fn(&str) -> Option<&'v Value>,
    ) -> Option<LookupKey> {
        self.text(value).map(|text| LookupKey::new(keyer, LookupKind::Match, &text))
    }

    /// The key that one record of the tenant has of those with these values: of racing creators one
    /// creates. `None` as of [`lookup_key`](Self::lookup_key).
    pub fn claim<'v>(
        &self,
        keyer: &Keyer,
        value: impl Fn(&str) -> Option<&'v Value>,
    ) -> Option<UniqueKey> {
        self.text(value).map(|text| UniqueKey::new(keyer, Space::Match, &text))
    }
}

/// The kind of record that a target is.
pub(crate) const fn kind_of(target: MatchingTarget) -> RecordKind {
    match target {
        MatchingTarget::Contact => RecordKind::Contact,
        MatchingTarget::Lead => RecordKind::Lead,
    }
}

/// All match keys that the rows of a directory have: what the strategies and rules of an organization
/// look for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Keyings(Vec<Keying>);

impl Keyings {
    /// At most this many for each target: a row has a key for each, and room for other keys beside
    /// them.
    pub const MAX: usize = 24;

    /// Adds one, where it is not among them; `false` where there was no room.
    #[must_use = "a full set takes nothing"]
    pub fn add(&mut self, keying: Keying) -> bool {
        if self.contains(&keying) {
            return true;
        }
        let room = self.of(keying.target).count() < Self::MAX;
        if room {
            self.0.push(keying);
        }
        room
    }

    /// Is it among them?
    #[must_use]
    pub fn contains(&self, keying: &Keying) -> bool {
        self.0.contains(keying)
    }

    /// Those of this target.
    pub fn of(&self, target: MatchingTarget) -> impl Iterator<Item = &Keying> {
        self.0.iter().filter(move |keying| keying.target == target)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Keying> {
        self.0.iter()
    }

    /// The keys of a row, and those of its addresses.
    #[must_use]
    pub fn lookup_keys(&self, party: &Party, keyer: &Keyer) -> Vec<LookupKey> {
        let of_row = self.of_kind(party.reference().kind());
        let values = |name: &str| party.attributes().get(name);
        let keys = of_row.filter_map(|keying| keying.lookup_key(keyer, values));
        keys.chain(party.address_keys(keyer)).collect()
    }

    fn of_kind(&self, kind: RecordKind) -> impl Iterator<Item = &Keying> {
        self.0.iter().filter(move |keying| kind_of(keying.target) == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::party::Attributes;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn name(name: &str) -> AttributeName {
        AttributeName::new(name).unwrap()
    }

    fn text(keying: &Keying, values: &[(&str, &str)]) -> Option<Vec<u8>> {
        let mut attributes = Attributes::default();
        for (name, value) in values {
            attributes.set(*name, Value::Text((*value).into())).unwrap();
        }
        keying.text(|name| attributes.get(name))
    }

    #[test]
    fn values_do_not_run_into_each_other() {
        let keying = Keying::new(MatchingTarget::Contact, [name("a"), name("b")]);
        let of = |a, b| text(&keying, &[("a", a), ("b", b)]).unwrap();
        assert_ne!(of("xy", "z"), of("x", "yz"));
        let swapped = Keying::new(MatchingTarget::Contact, [name("b"), name("a"), name("b")]);
        assert_eq!(swapped, keying, "the order of the screen does not matter");
        let leads = Keying::new(MatchingTarget::Lead, [name("a"), name("b")]);
        assert_ne!(text(&leads, &[("a", "x"), ("b", "y")]), Some(of("x", "y")));
    }

    #[test]
    fn blank_is_never_the_only_evidence() {
        let keying = Keying::new(MatchingTarget::Contact, [name("a"), name("b")]);
        assert_eq!(text(&keying, &[("a", "x")]), None);
        let lenient = keying.blank_equals_blank("b");
        assert_eq!(text(&lenient, &[("a", "x")]), text(&lenient, &[("a", "X"), ("b", " ")]));
        assert_ne!(text(&lenient, &[("a", "x")]), text(&lenient, &[("a", "x"), ("b", "y")]));
        let all = lenient.blank_equals_blank("a");
        assert_eq!(text(&all, &[]), None);
        let scoped = all.within_business_unit();
        assert_eq!(text(&scoped, &[("owningbusinessunit", "1")]), None, "a scope is no evidence");
    }

    proptest! {
        /// A129: adding an attribute never enlarges the set of matching records.
        #[test]
        fn adding_an_attribute_never_widens(
            one in prop::collection::btree_map("[abc]", "[xX ]{0,2}", 0..4),
            other in prop::collection::btree_map("[abc]", "[xX ]{0,2}", 0..4),
            attributes in prop::collection::vec("[abc]", 1..4),
            added in "[abc]",
        ) {
            let values = |of: &BTreeMap<String, String>| -> BTreeMap<String, Value> {
                of.iter().map(|(name, text)| (name.clone(), Value::Text(text.clone()))).collect()
            };
            let (one, other) = (values(&one), values(&other));
            let same = |keying: &Keying| {
                let key = keying.text(|name| one.get(name));
                key.is_some() && key == keying.text(|name| other.get(name))
            };
            let names: Vec<_> = attributes.iter().map(|attribute| name(attribute)).collect();
            let narrow = Keying::new(MatchingTarget::Contact, names.iter().cloned().chain([name(&added)]));
            let wide = Keying::new(MatchingTarget::Contact, names);
            prop_assert!(!same(&narrow) || same(&wide));
        }
    }
}

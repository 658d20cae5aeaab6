//! Which columns make a submission and a record the same person? (Marketing settings, Matching
//! strategy)

mod comparison;

pub use comparison::{BlankValues, Comparison, Comparisons};

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::ValueError;
use super::field::{
    AttributeName, Defaults, IntoField, Link, LinkTarget, Name, Text, choice, structure,
};
use super::record::record;
use super::stored::Stored;
use crate::id::RecordId;

choice! {
    /// What a strategy looks for (column `msdyncrm_matchingstrategy.msdyncrm_targetentity`).
    MatchingTarget {
        /// Contacts.
        Contact = 192350000, "contact", "Contact";
        /// Leads.
        Lead = 192350001, "lead", "Lead";
    }
}

choice! {
    /// Did the product check the columns of a strategy (column
    /// `msdyncrm_matchingstrategy.msdyncrm_matchingstrategyfieldsstatus`)?
    MatchingFieldsStatus {
        /// Not yet.
        NotValidated = 100000000, "not-validated", "Not validated";
        /// It did.
        Validated = 100000001, "validated", "Validated";
    }
}

/// The columns that a strategy compares (table `msdyncrm_matchingstrategyattribute`): 1 to 32
/// different ones, in the order of the screen. A strategy without any would match everybody.
///
/// ```
/// use correspond::settings::{AttributeName, MatchingAttributes};
///
/// let names = ["emailaddress1", "lastname"].map(AttributeName::new);
/// let names = names.into_iter().collect::<Result<Vec<_>, _>>()?;
/// let attributes = MatchingAttributes::new(names)?;
/// assert!(attributes.contains("lastname"));
/// assert!(MatchingAttributes::new([]).is_err());
/// # Ok::<(), correspond::settings::ValueError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<AttributeName>", into = "Vec<AttributeName>")]
pub struct MatchingAttributes(Vec<AttributeName>);

impl MatchingAttributes {
    /// At most this many; a bound of our own, far above what anybody compares.
    pub const MAX: usize = 32;

    /// These columns.
    ///
    /// # Errors
    ///
    /// There is none, there are more than [`MAX`](Self::MAX), or one stands there twice.
    pub fn new(names: impl IntoIterator<Item = AttributeName>) -> Result<Self, ValueError> {
        let expected = || format!("1 to {} different attributes", Self::MAX);
        let mut kept = Vec::new();
        for name in names {
            if kept.contains(&name) {
                return Err(ValueError::form(expected(), format!("{name:?} twice")));
            }
            if kept.len() >= Self::MAX {
                return Err(ValueError::length(expected(), "more"));
            }
            kept.push(name);
        }
        if kept.is_empty() {
            return Err(ValueError::length(expected(), "none"));
        }
        Ok(Self(kept))
    }

    /// Them, in the order of the screen.
    #[must_use]
    pub fn as_slice(&self) -> &[AttributeName] {
        &self.0
    }

    /// Is the column of this name among them?
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|attribute| attribute.as_str() == name)
    }

    /// Those that the target has no column for; without such a column a strategy matches nothing.
    pub fn unknown(
        &self,
        is_column: impl Fn(&AttributeName) -> bool,
    ) -> impl Iterator<Item = &AttributeName> {
        self.0.iter().filter(move |name| !is_column(name))
    }
}

impl TryFrom<Vec<AttributeName>> for MatchingAttributes {
    type Error = ValueError;

    fn try_from(names: Vec<AttributeName>) -> Result<Self, ValueError> {
        Self::new(names)
    }
}

impl From<MatchingAttributes> for Vec<AttributeName> {
    fn from(attributes: MatchingAttributes) -> Self {
        attributes.0
    }
}

structure!(MatchingAttributes);

impl IntoField<MatchingAttributes> for &[&str] {
    fn into_field(self) -> Result<MatchingAttributes, ValueError> {
        // One more than may be, so that too many are told as such.
        let names = self.iter().take(MatchingAttributes::MAX + 1).copied();
        let names = names.map(AttributeName::new).collect::<Result<Vec<_>, _>>()?;
        MatchingAttributes::new(names)
    }
}

impl<const N: usize> IntoField<MatchingAttributes> for [&str; N] {
    fn into_field(self) -> Result<MatchingAttributes, ValueError> {
        self.as_slice().into_field()
    }
}

record! {
    /// Which columns a submission and a record must have in common to be the same contact or lead
    /// (tables `msdyncrm_matchingstrategy` and `msdyncrm_matchingstrategyattribute`). A record
    /// matches where it equals the submission in every one of them.
    ///
    /// A strategy is made once; any number of forms and landing page configurations refer to it.
    ///
    /// The column `msdyncrm_matchingstrategyfields` is no setting: its form is not documented, and it
    /// repeats the attributes. An import keeps it as a column that it does not know.
    ///
    /// ```
    /// use correspond::settings::{MatchingStrategy, MatchingTarget};
    ///
    /// let families = MatchingStrategy::builder()
    ///     .name("Address and name")
    ///     .attributes(["emailaddress1", "firstname", "lastname"])
    ///     .build()?;
    /// assert_eq!(families.target(), MatchingTarget::Contact);
    ///
    /// let leads = MatchingStrategy::out_of_box(MatchingTarget::Lead).build()?;
    /// assert!(leads.attributes().contains("msdyncrm_marketingpageid"));
    /// # Ok::<(), correspond::settings::SettingError>(())
    /// ```
    MatchingStrategy, MatchingStrategyBuilder, MatchingStrategy, "Matching strategy",
        "msdyncrm_matchingstrategy";
    required {
        /// What it is chosen by.
        name: ref Name, "Name", "msdyncrm_name";
        /// The columns compared (rows of `msdyncrm_matchingstrategyattribute`, column
        /// `msdyncrm_name`).
        attributes: ref MatchingAttributes, "Attributes",
            "msdyncrm_matchingstrategyattribute.msdyncrm_name";
    }
    optional {
        /// What it is for; at most 2,000 characters.
        description: ref Option<Text<1, 2000>> = Defaults::effective(None), "Description",
            "msdyncrm_description";
        /// Does it look for contacts or for leads?
        target: copy MatchingTarget = Defaults::same(MatchingTarget::Contact), "Target",
            "msdyncrm_targetentity";
        /// Did the product check the columns? Of no effect here; kept for it.
        fields_status: copy Option<MatchingFieldsStatus> = Defaults::effective(None),
            "Form matching fields status", "msdyncrm_matchingstrategyfieldsstatus";
        /// How attributes are compared, where not as usual.
        comparisons: ref Comparisons = Defaults::effective(Comparisons::default()),
            "Comparison of attributes";
        /// What becomes of blank values.
        blank_values: copy BlankValues = Defaults::effective(BlankValues::Differ), "Blank values";
    }
}

impl LinkTarget for MatchingStrategy {
    const TABLE: &'static str = "msdyncrm_matchingstrategy";
}

impl MatchingStrategy {
    /// The strategy that the product comes with: contacts by `emailaddress1`; leads by
    /// `emailaddress1` and `msdyncrm_marketingpageid`, so that one person has a lead for each page.
    ///
    /// Its name is that of the target and can be set.
    pub fn out_of_box(target: MatchingTarget) -> MatchingStrategyBuilder {
        let attributes: &[&str] = match target {
            MatchingTarget::Contact => &["emailaddress1"],
            MatchingTarget::Lead => &["emailaddress1", "msdyncrm_marketingpageid"],
        };
        Self::builder()
            .name(match target {
                MatchingTarget::Contact => "Default contact strategy",
                MatchingTarget::Lead => "Default lead strategy",
            })
            .target(target)
            .attributes(attributes)
    }

    /// The strategy that a slot refers to: what it is called in `strategies`, provided that it looks
    /// for what the slot is for.
    ///
    /// A deactivated strategy still serves where it was chosen.
    ///
    /// # Errors
    ///
    /// It is not among them, or looks for the other target.
    pub fn in_slot(
        slot: MatchingTarget,
        link: Link<Self>,
        strategies: &[Stored<Self>],
    ) -> Result<&Stored<Self>, SlotError> {
        let refused = |fault| SlotError { slot, strategy: link.id(), fault };
        let found = strategies.iter().find(|stored| stored.id == link.id());
        let stored = found.ok_or_else(|| refused(SlotFault::Missing))?;
        if stored.value.target == slot { Ok(stored) } else { Err(refused(SlotFault::WrongTarget)) }
    }
}

/// The strategies of both slots, each of the right target.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "one for each target")]
pub struct DefaultStrategies<'a> {
    /// For contacts.
    pub contact: &'a Stored<MatchingStrategy>,
    /// For leads.
    pub lead: &'a Stored<MatchingStrategy>,
}

/// A strategy cannot stand in the slot that refers to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotError {
    slot: MatchingTarget,
    strategy: RecordId,
    fault: SlotFault,
}

/// What is wrong with the strategy in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SlotFault {
    /// There is no such strategy.
    Missing,
    /// It looks for the other target.
    WrongTarget,
}

impl SlotError {
    /// The slot for contacts, or the one for leads?
    #[must_use]
    pub const fn slot(&self) -> MatchingTarget {
        self.slot
    }

    /// The strategy that it refers to.
    #[must_use]
    pub const fn strategy(&self) -> RecordId {
        self.strategy
    }

    /// What is wrong with it.
    #[must_use]
    pub const fn fault(&self) -> SlotFault {
        self.fault
    }
}

impl fmt::Display for SlotError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (slot, other) = match self.slot {
            MatchingTarget::Contact => ("contact", "lead"),
            MatchingTarget::Lead => ("lead", "contact"),
        };
        write!(f, "{slot} matching strategy: expected a strategy with target {slot}, found ")?;
        match self.fault {
            SlotFault::Missing => write!(f, "none with id {}", self.strategy),
            SlotFault::WrongTarget => write!(f, "{} with target {other}", self.strategy),
        }
    }
}

impl std::error::Error for SlotError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::party::Value;
    use crate::settings::{DefaultKind, Profile, SettingsRecord};

    /// A131; facts 5.5, 7.3: the strategies that the product comes with.
    #[test]
    fn out_of_box_strategies_compare_the_address_and_for_leads_the_page() {
        let attributes = |target| {
            let strategy = MatchingStrategy::out_of_box(target).build().unwrap();
            assert_eq!(strategy.target(), target);
            let names = strategy.attributes().as_slice().iter();
            names.map(|name| name.as_str().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(attributes(MatchingTarget::Contact), ["emailaddress1"]);
        assert_eq!(attributes(MatchingTarget::Lead), ["emailaddress1", "msdyncrm_marketingpageid"]);
    }

    /// A122, A123, A127; facts 5.5, section 10: a strategy has a name and at least one attribute.
    #[test]
    fn a_strategy_needs_a_name_and_attributes() {
        let named = || MatchingStrategy::builder().name("x");
        let refused = |builder: MatchingStrategyBuilder| builder.build().unwrap_err().to_string();
        assert_eq!(refused(named()), "attributes: expected a value, found none");
        assert_eq!(
            refused(named().attributes([])),
            "attributes: expected 1 to 32 different attributes, found none"
        );
        assert_eq!(
            refused(named().attributes(["a", "b", "a"])),
            "attributes: expected 1 to 32 different attributes, found \"a\" twice"
        );
        let many: Vec<_> = (0..40).map(|n| format!("a{n}")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).collect();
        assert_eq!(
            refused(named().attributes(many.as_slice())),
            "attributes: expected 1 to 32 different attributes, found more"
        );
        assert!(named().attributes(&many[..32]).build().is_ok());
        let some = || MatchingStrategy::builder().attributes(["emailaddress1"]);
        assert_eq!(refused(some()), "name: expected a value, found none");
        assert!(some().name("x".repeat(100)).description("x".repeat(2_000)).build().is_ok());
        assert_eq!(
            refused(some().name("x".repeat(101))),
            "name: expected text of 1 to 100 characters, found more"
        );
        assert_eq!(
            refused(some().name("x").description("x".repeat(2_001))),
            "description: expected text of 1 to 2000 characters, found more"
        );
    }

    /// A124, A125, A126; facts 5.5.
    #[test]
    fn a_strategy_has_the_codes_of_the_product() {
        assert_eq!(MatchingTarget::Contact.code(), 192_350_000);
        assert_eq!(MatchingTarget::from_code(192_350_001), Some(MatchingTarget::Lead));
        assert_eq!(MatchingTarget::from_code(192_350_002), None);
        let status = [100_000_000, 100_000_001, 100_000_002].map(MatchingFieldsStatus::from_code);
        assert_eq!(
            status,
            [Some(MatchingFieldsStatus::NotValidated), Some(MatchingFieldsStatus::Validated), None]
        );
        for kind in [DefaultKind::Metadata, DefaultKind::Effective(Profile::Current)] {
            let default = MatchingStrategy::default_value("target", kind);
            assert_eq!(default, Some(Value::Choice(192_350_000)));
        }
        let strategy = MatchingStrategy::out_of_box(MatchingTarget::Lead).build().unwrap();
        let json = r#"{"name":"Default lead strategy","attributes":["emailaddress1","msdyncrm_marketingpageid"],"target":"lead","comparisons":{},"blank_values":"differ"}"#;
        assert_eq!(serde_json::to_string(&strategy).unwrap(), json);
        assert_eq!(serde_json::from_str::<MatchingStrategy>(json).unwrap(), strategy);
        let none = r#"{"name":"x","attributes":[]}"#;
        assert!(serde_json::from_str::<MatchingStrategy>(none).is_err());
    }

    /// Facts, section 10: an attribute that is no column of the target.
    #[test]
    fn attributes_that_the_target_lacks_are_told() {
        let strategy = MatchingStrategy::out_of_box(MatchingTarget::Lead).build().unwrap();
        let of_contacts = |name: &AttributeName| name.as_str() == "emailaddress1";
        let unknown: Vec<_> = strategy.attributes().unknown(of_contacts).collect();
        assert_eq!(unknown.len(), 1);
        assert_eq!(unknown[0].as_str(), "msdyncrm_marketingpageid");
        assert_eq!(strategy.attributes().unknown(|_| true).count(), 0);
    }
}

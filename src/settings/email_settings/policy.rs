//! What does the product decide by itself when it correlates?

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::address::CompareBy;
use crate::correlation::MethodOrder;
use crate::settings::field::structure;
use crate::settings::record::unknown_name;
use crate::settings::{Profile, Several, Strangers};
use crate::subject::Rules;
use crate::token::{CounterRestart, UserNumberOverflow};

/// What the product decides by itself when it correlates, and this crate lets be chosen. Every
/// combination works.
///
/// The serde form is a map of the fields; one that is missing has the default of the documents, one
/// that is unknown is refused, with the name that was probably meant.
///
/// ```
/// use correspond::settings::{CorrelationPolicy, Profile};
/// use correspond::token::CounterRestart;
///
/// assert_eq!(CorrelationPolicy::default(), CorrelationPolicy::of(Profile::Documents));
/// assert_eq!(CorrelationPolicy::of(Profile::Current).restart, CounterRestart::One);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire")]
#[non_exhaustive]
pub struct CorrelationPolicy {
    /// In which order the methods are tried. A method that is not named is never tried, whatever
    /// its switch says.
    pub order: MethodOrder,
    /// A token from somebody who took no part in its conversation.
    pub strangers: Strangers,
    /// Several tokens in one subject, of different conversations.
    pub several_tokens: Several,
    /// Several conversations that fit by smart matching.
    pub several_smart: Several,
    /// Where the counter of tokens goes on behind its maximum.
    pub restart: CounterRestart,
    /// User numbers that need more digits than tokens have.
    pub overflow: UserNumberOverflow,
    /// How base subjects are found when two subjects are compared for evidence.
    pub subject: Rules,
    /// When two addresses are one.
    pub compare_addresses: CompareBy,
    /// How far back smart matching compares, in days.
    pub window_days: u32,
}

impl CorrelationPolicy {
    /// The policy of a profile: the later product tries headers before tokens, and its counters
    /// were seen to restart at 1.
    #[must_use]
    pub fn of(profile: Profile) -> Self {
        let (order, restart) = match profile {
            Profile::Documents => (MethodOrder::default(), CounterRestart::Zero),
            Profile::Current => (MethodOrder::later_product(), CounterRestart::One),
        };
        Self {
            order,
            strangers: Strangers::Match,
            several_tokens: Several::Refuse,
            several_smart: Several::Newest,
            restart,
            overflow: UserNumberOverflow::Refuse,
            subject: Rules::default(),
            compare_addresses: CompareBy::default(),
            window_days: 90,
        }
    }
}

impl Default for CorrelationPolicy {
    fn default() -> Self {
        Self::of(Profile::Documents)
    }
}

structure!(CorrelationPolicy);

const NAMES: [&str; 9] = [
    "order",
    "strangers",
    "several_tokens",
    "several_smart",
    "restart",
    "overflow",
    "subject",
    "compare_addresses",
    "window_days",
];

#[derive(Deserialize)]
struct Wire {
    order: Option<MethodOrder>,
    strangers: Option<Strangers>,
    several_tokens: Option<Several>,
    several_smart: Option<Several>,
    restart: Option<CounterRestart>,
    overflow: Option<UserNumberOverflow>,
    subject: Option<Rules>,
    compare_addresses: Option<CompareBy>,
    window_days: Option<u32>,
    /// Names that are none.
    #[serde(flatten)]
    others: BTreeMap<String, IgnoredAny>,
}

impl TryFrom<Wire> for CorrelationPolicy {
    type Error = String;

    fn try_from(wire: Wire) -> Result<Self, String> {
        if let Some(name) = wire.others.keys().next() {
            return Err(unknown_name(name, NAMES.into_iter()));
        }
        let default = Self::default();
        Ok(Self {
            order: wire.order.unwrap_or(default.order),
            strangers: wire.strangers.unwrap_or(default.strangers),
            several_tokens: wire.several_tokens.unwrap_or(default.several_tokens),
            several_smart: wire.several_smart.unwrap_or(default.several_smart),
            restart: wire.restart.unwrap_or(default.restart),
            overflow: wire.overflow.unwrap_or(default.overflow),
            subject: wire.subject.unwrap_or(default.subject),
            compare_addresses: wire.compare_addresses.unwrap_or(default.compare_addresses),
            window_days: wire.window_days.unwrap_or(default.window_days),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Facts, section 9, items 4, 9 and 10.
    #[test]
    fn the_policy_of_a_profile() {
        let documents = CorrelationPolicy::of(Profile::Documents);
        let current = CorrelationPolicy::of(Profile::Current);
        assert_eq!(documents.restart, CounterRestart::Zero);
        assert_eq!(current.restart, CounterRestart::One);
        assert_eq!(documents.order, MethodOrder::default());
        assert_eq!(current.order, MethodOrder::later_product());
        let same = CorrelationPolicy { order: documents.order.clone(), ..current };
        assert_eq!(CorrelationPolicy { restart: CounterRestart::Zero, ..same }, documents);
    }

    #[test]
    fn a_policy_keeps_the_documents_where_nothing_is_said() {
        let read = |json: &str| serde_json::from_str::<CorrelationPolicy>(json);
        let policy = read(r#"{ "restart": "one", "order": ["headers"] }"#).unwrap();
        assert_eq!((policy.restart, policy.window_days), (CounterRestart::One, 90));
        let error = read(r#"{ "strangres": "match" }"#).unwrap_err().to_string();
        assert!(
            error.starts_with(
                "expected a known name, found \"strangres\"; did you mean `strangers`?"
            ),
            "{error}"
        );
        let written = serde_json::to_value(&policy).unwrap();
        let written: Vec<_> = written.as_object().unwrap().keys().map(String::as_str).collect();
        let mut names = NAMES;
        names.sort_unstable();
        assert_eq!(written, names);
        assert_eq!(read(&serde_json::to_string(&policy).unwrap()).unwrap(), policy);
    }
}

//! Which prefixes do tokens bear that are still out there?

use std::fmt;

use serde::de::{Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::party::Value;
use crate::settings::error::ValueError;
use crate::settings::field::{FieldType, FieldValue, IntoField};
use crate::token::Prefix;

/// The prefix of tracking tokens and the prefixes before it, newest first: answers to old mail are
/// still recognised (column `organization.trackingprefix`).
///
/// The column holds all of them in at most 256 characters, with a separator between them: `;`, as
/// far as is known, or another one. No prefix holds it.
///
/// The serde form is the list of the prefixes; with another separator than `;` it is a map of
/// `prefixes` and `separator`.
///
/// ```
/// use correspond::settings::PrefixHistory;
/// use correspond::token::Prefix;
///
/// let history = PrefixHistory::from_column("ACME-;CRM:", ';')?;
/// assert_eq!(history.current().as_str(), "ACME-");
///
/// let change = history.change(Prefix::new("NEW:")?)?;
/// assert_eq!(change.history().to_column(), "NEW:;ACME-;CRM:");
/// assert_eq!(change.warning(), None, "nothing had to go");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PrefixHistory {
    current: Prefix,
    former: Vec<Prefix>,
    separator: char,
}

impl PrefixHistory {
    /// The most characters of the column (UTF-16 code units), separators among them.
    pub const MAX_CHARACTERS: usize = 256;

    /// The separator that the product seems to use.
    pub const SEPARATOR: char = ';';

    /// A history of these prefixes, newest first. Of a prefix that stands there twice, the newer
    /// place counts.
    ///
    /// # Errors
    ///
    /// There is none, they take more than 256 characters, or one of them holds a `;`.
    pub fn new(prefixes: impl IntoIterator<Item = Prefix>) -> Result<Self, ValueError> {
        Self::separated(prefixes, Self::SEPARATOR)
    }

    /// The same with another separator between them.
    ///
    /// # Errors
    ///
    /// As for [`new`](Self::new); or the separator is a letter, a digit, or no character of a single
    /// UTF-16 code unit.
    pub fn separated(
        prefixes: impl IntoIterator<Item = Prefix>,
        separator: char,
    ) -> Result<Self, ValueError> {
        if separator.is_alphanumeric() || separator.len_utf16() > 1 {
            let found = format!("U+{:04X}", u32::from(separator));
            return Err(ValueError::form("a separator that is no letter and no digit", found));
        }
        let mut prefixes = prefixes.into_iter();
        let Some(current) = prefixes.next() else {
            return Err(ValueError::length("at least one prefix", "none"));
        };
        let mut history = Self { current, former: Vec::new(), separator };
        history.check(&history.current)?;
        let mut room = Self::MAX_CHARACTERS.saturating_sub(length(&history.current));
        for prefix in prefixes {
            history.check(&prefix)?;
            if history.iter().any(|before| *before == prefix) {
                continue;
            }
            room = room.checked_sub(length(&prefix) + 1).ok_or_else(too_long)?;
            history.former.push(prefix);
        }
        Ok(history)
    }

    /// Reads the column. The first entry that is not empty is the current prefix; empty ones are
    /// passed over.
    ///
    /// # Errors
    ///
    /// The text has more than 256 characters or no prefix, or an entry is none: the message counts
    /// it from 1.
    pub fn from_column(text: &str, separator: char) -> Result<Self, ValueError> {
        if text.encode_utf16().take(Self::MAX_CHARACTERS + 1).count() > Self::MAX_CHARACTERS {
            return Err(too_long());
        }
        let entries = text.split(separator).enumerate().filter(|(_, entry)| !entry.is_empty());
        let prefixes = entries.map(|(at, entry)| {
            Prefix::new(entry).map_err(|error| {
                ValueError::form(
                    "prefixes of 1 to 20 characters",
                    format!("entry {}: {error}", at + 1),
                )
            })
        });
        Self::separated(prefixes.collect::<Result<Vec<_>, _>>()?, separator)
    }

    /// What the column holds.
    #[must_use]
    pub fn to_column(&self) -> String {
        let mut column = self.current.as_str().to_owned();
        for prefix in &self.former {
            column.push(self.separator);
            column.push_str(prefix.as_str());
        }
        column
    }

    /// The prefix of new tokens.
    #[must_use]
    pub const fn current(&self) -> &Prefix {
        &self.current
    }

    /// Every prefix, newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Prefix> {
        std::iter::once(&self.current).chain(&self.former)
    }

    /// What stands between them in the column.
    #[must_use]
    pub const fn separator(&self) -> char {
        self.separator
    }

    /// The history with this prefix in front, as saving the settings makes it: the same where it is
    /// the current one already; moved to the front where it was used before. Where the column has no
    /// room for all, whole prefixes go, the oldest first.
    ///
    /// # Errors
    ///
    /// The prefix holds the separator.
    pub fn change(&self, prefix: Prefix) -> Result<PrefixChange, ValueError> {
        self.check(&prefix)?;
        let mut room = Self::MAX_CHARACTERS.saturating_sub(length(&prefix));
        let mut former = Vec::new();
        let mut dropped = Vec::new();
        for before in self.iter().filter(|before| **before != prefix) {
            // What is older than one that had to go goes too.
            match room.checked_sub(length(before) + 1).filter(|_| dropped.is_empty()) {
                Some(left) => {
                    room = left;
                    former.push(before.clone());
                }
                None => dropped.push(before.clone()),
            }
        }
        let history = Self { current: prefix, former, separator: self.separator };
        Ok(PrefixChange { history, dropped })
    }

    fn check(&self, prefix: &Prefix) -> Result<(), ValueError> {
        if prefix.as_str().contains(self.separator) {
            let expected = format!("prefixes without the separator {:?}", self.separator);
            return Err(ValueError::form(expected, format!("{:?}", prefix.as_str())));
        }
        Ok(())
    }
}

fn length(prefix: &Prefix) -> usize {
    prefix.as_str().encode_utf16().count()
}

fn too_long() -> ValueError {
    let most = PrefixHistory::MAX_CHARACTERS;
    ValueError::length(format!("a history of at most {most} characters"), "more")
}

impl Default for PrefixHistory {
    /// `CRM:` alone.
    fn default() -> Self {
        Self { current: Prefix::CRM, former: Vec::new(), separator: Self::SEPARATOR }
    }
}

impl fmt::Debug for PrefixHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(Prefix::as_str)).finish()
    }
}

/// What a new prefix does to the history of prefixes: "long prefixes or too many prefix changes may
/// cause lost data in history".
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "the history is not changed before it is stored"]
pub struct PrefixChange {
    history: PrefixHistory,
    dropped: Vec<Prefix>,
}

impl PrefixChange {
    /// The history afterwards.
    #[must_use]
    pub const fn history(&self) -> &PrefixHistory {
        &self.history
    }

    /// The prefixes that had to go, newest first.
    #[must_use]
    pub fn dropped(&self) -> &[Prefix] {
        &self.dropped
    }

    /// What the administrator is to be told: tokens with the dropped prefixes are no longer
    /// recognised. `None` where nothing had to go.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let dropped: Vec<_> =
            self.dropped.iter().map(|prefix| format!("{:?}", prefix.as_str())).collect();
        (!dropped.is_empty()).then(|| {
            format!(
                "the history of prefixes holds at most {} characters: tokens with the prefix {} are \
                 no longer recognised",
                PrefixHistory::MAX_CHARACTERS,
                dropped.join(", ")
            )
        })
    }

    /// The history afterwards, to store.
    #[must_use]
    pub fn into_history(self) -> PrefixHistory {
        self.history
    }
}

impl Serialize for PrefixHistory {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.separator == Self::SEPARATOR {
            return to.collect_seq(self.iter());
        }
        let mut map = to.serialize_map(Some(2))?;
        map.serialize_entry("prefixes", &self.iter().collect::<Vec<_>>())?;
        map.serialize_entry("separator", &self.separator)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for PrefixHistory {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = PrefixHistory;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of prefixes, or a map of prefixes and separator")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let prefixes = bounded(&mut seq)?;
                PrefixHistory::new(prefixes).map_err(A::Error::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut prefixes, mut separator) = (None, PrefixHistory::SEPARATOR);
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "prefixes" => prefixes = Some(map.next_value::<Prefixes>()?),
                        "separator" => separator = map.next_value()?,
                        other => {
                            let known = ["prefixes", "separator"].into_iter();
                            let error = crate::settings::record::unknown_name(other, known);
                            return Err(A::Error::custom(error));
                        }
                    }
                }
                let prefixes = prefixes.map(|prefixes| prefixes.0).unwrap_or_default();
                PrefixHistory::separated(prefixes, separator).map_err(A::Error::custom)
            }
        }

        from.deserialize_any(Form)
    }
}

/// A list of prefixes that ends where no history could hold more of them.
struct Prefixes(Vec<Prefix>);

impl<'de> Deserialize<'de> for Prefixes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct List;

        impl<'de> Visitor<'de> for List {
            type Value = Prefixes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of prefixes")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Prefixes, A::Error> {
                bounded(&mut seq).map(Prefixes)
            }
        }

        from.deserialize_seq(List)
    }
}

fn bounded<'de, A: SeqAccess<'de>>(seq: &mut A) -> Result<Vec<Prefix>, A::Error> {
    let mut prefixes = Vec::new();
    while let Some(prefix) = seq.next_element()? {
        prefixes.push(prefix);
        // A prefix and its separator are two characters at least.
        if prefixes.len() > PrefixHistory::MAX_CHARACTERS / 2 {
            return Err(A::Error::custom(too_long()));
        }
    }
    Ok(prefixes)
}

impl FieldValue for PrefixHistory {
    const TYPE: FieldType = FieldType::Structure;

    fn to_value(&self) -> Option<Value> {
        Some(Value::Text(self.to_column()))
    }
}

impl IntoField<PrefixHistory> for Prefix {
    fn into_field(self) -> Result<PrefixHistory, ValueError> {
        PrefixHistory::new([self])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Prefix {
        Prefix::new(text).unwrap()
    }

    /// Facts 2.3: a changed prefix goes in front, an unchanged one changes nothing, one that was
    /// used before is moved.
    #[test]
    fn a_new_prefix_goes_in_front() {
        let history = PrefixHistory::from_column(";;CRM:;OLD:;CRM:", ';').unwrap();
        assert_eq!(history.to_column(), "CRM:;OLD:");
        let change = history.change(Prefix::CRM).unwrap();
        assert_eq!((change.history(), change.dropped()), (&history, [].as_slice()));
        assert_eq!(history.change(prefix("OLD:")).unwrap().into_history().to_column(), "OLD:;CRM:");
        assert_eq!(format!("{history:?}"), r#"["CRM:", "OLD:"]"#);
    }

    /// B040; facts 2.3: long prefixes push old ones out whole, and the change says which.
    #[test]
    fn long_prefixes_push_the_oldest_out_with_a_warning() {
        let mut history = PrefixHistory::default();
        let mut change = history.change(prefix("A-long-prefix-no.-00")).unwrap();
        for number in 1..13 {
            assert_eq!(change.warning(), None, "{number}");
            history = change.into_history();
            change = history.change(prefix(&format!("A-long-prefix-no.-{number:02}"))).unwrap();
        }
        // Twelve of 20 characters fit with the first of 4: 256 in all. With the thirteenth, two go.
        assert_eq!(change.dropped(), [prefix("A-long-prefix-no.-00"), Prefix::CRM]);
        assert_eq!(change.history().to_column().len(), 251);
        assert_eq!(
            change.warning().unwrap(),
            "the history of prefixes holds at most 256 characters: tokens with the prefix \
             \"A-long-prefix-no.-00\", \"CRM:\" are no longer recognised"
        );
    }

    /// B041; facts 2.3: so do many changes, and what stays is the newest without a gap.
    #[test]
    fn many_changes_push_the_oldest_out_with_a_warning() {
        let mut history = PrefixHistory::default();
        let mut dropped = Vec::new();
        for number in 0..200 {
            let change = history.change(prefix(&format!("P{number:03}:"))).unwrap();
            dropped.extend(change.dropped().to_vec());
            history = change.into_history();
            assert!(history.to_column().len() <= 256);
        }
        let kept: Vec<_> = history.iter().map(Prefix::as_str).collect();
        assert_eq!(kept.len(), 42);
        assert_eq!((kept[0], kept[41]), ("P199:", "P158:"));
        assert_eq!(dropped.len(), 200 + 1 - 42);
        assert_eq!(dropped[..2], [prefix("P000:"), Prefix::CRM]);
    }

    #[test]
    fn histories_that_are_none() {
        let message = |text: &str, separator| {
            PrefixHistory::from_column(text, separator).unwrap_err().to_string()
        };
        assert_eq!(message(";;", ';'), "expected at least one prefix, found none");
        assert_eq!(
            message(&"x;".repeat(129), ';'),
            "expected a history of at most 256 characters, found more"
        );
        assert_eq!(
            message("CRM:;a prefix that is too long", ';'),
            "expected prefixes of 1 to 20 characters, found entry 2: prefix: expected 1 to 20 \
             characters, found 25"
        );
        assert_eq!(
            message("CRM:", 'R'),
            "expected a separator that is no letter and no digit, found U+0052"
        );
        assert_eq!(
            PrefixHistory::default().change(prefix("a;b")).unwrap_err().to_string(),
            "expected prefixes without the separator ';', found \"a;b\""
        );
        let many = (0..200).map(|number| prefix(&number.to_string()));
        assert!(PrefixHistory::new(many).is_err());
    }

    #[test]
    fn both_forms_of_a_history_are_read() {
        let read = |json: &str| serde_json::from_str::<PrefixHistory>(json);
        let history = PrefixHistory::separated([prefix("a;"), Prefix::CRM], '|').unwrap();
        let json = r#"{"prefixes":["a;","CRM:"],"separator":"|"}"#;
        assert_eq!(serde_json::to_string(&history).unwrap(), json);
        assert_eq!(read(json).unwrap(), history);
        assert_eq!(history.separator(), '|');
        let plain = PrefixHistory::new([prefix("x"), Prefix::CRM]).unwrap();
        assert_eq!(serde_json::to_string(&plain).unwrap(), r#"["x","CRM:"]"#);
        assert_eq!(read(r#"["x","CRM:"]"#).unwrap(), plain);
        let error = |json: &str| {
            let error = read(json).unwrap_err().to_string();
            error.split(" at line").next().unwrap().to_owned()
        };
        assert_eq!(error("[]"), "expected at least one prefix, found none");
        assert_eq!(
            error(r#"{"prefix":[]}"#),
            "expected a known name, found \"prefix\"; did you mean `prefixes`?"
        );
        let many = serde_json::to_string(&vec!["x"; 1_000]).unwrap();
        assert_eq!(error(&many), "expected a history of at most 256 characters, found more");
        assert_eq!(
            error("7"),
            "invalid type: integer `7`, expected a list of prefixes, or a map of prefixes and \
             separator"
        );
    }
}

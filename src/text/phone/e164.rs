//! Numbers by the numbering plans of all countries.
//!
//! The tables are those of libphonenumber; they are read here, and not through the parser that comes
//! with them: that one takes the prefix of the region off numbers of other countries, takes what only
//! begins like a number for one, and keeps no more than a hundred patterns compiled.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{LazyLock, OnceLock};

use phonenumber::metadata::DATABASE;
use phonenumber::{Metadata, Type};
use regex::{Regex, RegexBuilder};

use super::{PhoneForm, Region, digit};

/// Country codes have at most so many digits.
const CODE_DIGITS: usize = 3;

/// All plans by their country code. Some countries share one.
static PLANS: LazyLock<HashMap<u16, Vec<Plan>>> = LazyLock::new(|| {
    let codes = DATABASE.iter().map(Metadata::country_code);
    let plans = codes.map(|code| {
        let plans = DATABASE.by_code(&code).unwrap_or_default().into_iter();
        (code, plans.map(|meta| Plan { meta, rules: OnceLock::new() }).collect())
    });
    plans.collect()
});

/// Is there a numbering plan of this country?
pub(super) fn is_known(code: &str) -> bool {
    plan(code).is_some()
}

/// Appends the number, where it is one; nothing is appended where it is none.
pub(super) fn key_into(text: &str, region: Region, key: &mut String) -> bool {
    let Some((international, digits)) = dialled(text) else { return false };
    let found = if international {
        abroad(&digits)
    } else {
        region.code().and_then(plan).and_then(|plan| plan.reached(&digits))
    };
    found.is_some_and(|(code, national)| write!(key, "+{code}{national}").is_ok())
}

fn plan(region: &str) -> Option<&'static Plan> {
    let code = DATABASE.by_id(region)?.country_code();
    PLANS.get(&code)?.iter().find(|plan| plan.meta.id() == region)
}

/// The number with this country code in front.
fn abroad(digits: &str) -> Option<(u16, String)> {
    for len in 1..=CODE_DIGITS {
        let (code, national) = digits.split_at_checked(len)?;
        let code = code.parse().ok()?;
        let Some(plans) = PLANS.get(&code) else { continue };
        // As it is; then without the prefix that people leave in: `+49 (0)30`.
        let found = if has(code, national) {
            Some(national.to_owned())
        } else {
            plans.iter().find_map(|plan| plan.without_prefix(national))
        };
        // No country code is the beginning of another.
        return found.map(|national| (code, national));
    }
    None
}

/// Is there such a number in a country with this code? Who shares a code dials without it.
fn has(code: u16, national: &str) -> bool {
    let plans = PLANS.get(&code).map(Vec::as_slice).unwrap_or_default();
    plans.iter().filter_map(Plan::rules).any(|rules| rules.numbers.is_match(national))
}

/// The numbering plan of a country.
#[derive(Debug)]
struct Plan {
    meta: &'static Metadata,
    rules: OnceLock<Option<Rules>>,
}

/// Its patterns, compiled at the first use.
#[derive(Debug)]
struct Rules {
    /// All its numbers, whole.
    numbers: Regex,
    /// What is dialled before a long-distance number.
    prefix: Option<Regex>,
    /// What is dialled before an international one.
    international: Option<Regex>,
}

impl Plan {
    /// The number that is reached by dialling this here.
    fn reached(&self, digits: &str) -> Option<(u16, String)> {
        let international =
            self.rules().and_then(|rules| rules.international.as_ref()?.find(digits));
        let rest = international.and_then(|found| digits.get(found.end()..));
        if let Some(number) = rest.and_then(abroad) {
            return Some(number);
        }
        let code = self.meta.country_code();
        let national = self.without_prefix(digits);
        let national = national.or_else(|| has(code, digits).then(|| digits.to_owned()));
        // The country code with nothing before it.
        let national = national.or_else(|| {
            let rest = digits.strip_prefix(code.to_string().as_str())?;
            has(code, rest).then(|| rest.to_owned())
        });
        Some((code, national?))
    }

    /// The number without its long-distance prefix, where it has one and is a number without it.
    fn without_prefix(&self, digits: &str) -> Option<String> {
        let code = self.meta.country_code();
        let stripped = self.stripped(digits).filter(|national| has(code, national));
        // The prefix alone, where the plan takes it for one with the code of a carrier behind it.
        stripped.or_else(|| {
            let rest = digits.strip_prefix(self.meta.national_prefix()?)?;
            has(code, rest).then(|| rest.to_owned())
        })
    }

    /// What the plan makes of a number with a long-distance prefix.
    fn stripped(&self, digits: &str) -> Option<String> {
        let found = self.rules()?.prefix.as_ref()?.captures(digits)?;
        let rest = digits.get(found.get(0)?.end()..)?;
        let mut national = String::new();
        // Some plans put something in the place of the prefix, and not of every one.
        let last = found.len().checked_sub(1).filter(|last| *last > 0);
        if let Some(rule) = self.meta.national_prefix_transform_rule()
            && last.and_then(|last| found.get(last)).is_some()
        {
            found.expand(rule, &mut national);
        }
        national.push_str(rest);
        Some(national)
    }

    fn rules(&self) -> Option<&Rules> {
        self.rules.get_or_init(|| Rules::of(self.meta)).as_ref()
    }
}

impl Rules {
    /// `None` where a pattern is none; a test reads them all.
    fn of(meta: &Metadata) -> Option<Self> {
        let begins = |pattern: &str| compiled(&format!("^(?:{pattern})"));
        Some(Self {
            numbers: compiled(&format!("^(?:{})$", numbers(meta).join("|")))?,
            prefix: match meta.national_prefix_for_parsing() {
                Some(prefix) => Some(begins(prefix.as_str())?),
                None => None,
            },
            international: match meta.international_prefix() {
                Some(prefix) => Some(begins(prefix.as_str())?),
                None => None,
            },
        })
    }
}

/// The kinds of numbers that have a subscriber.
const KINDS: [Type; 10] = [
    Type::FixedLine,
    Type::Mobile,
    Type::TollFree,
    Type::PremiumRate,
    Type::SharedCost,
    Type::PersonalNumber,
    Type::Voip,
    Type::Pager,
    Type::Uan,
    Type::Voicemail,
];

fn numbers(meta: &Metadata) -> Vec<String> {
    let kinds = KINDS.iter().filter_map(|kind| meta.descriptors().get(*kind));
    kinds.map(|kind| format!("(?:{})", kind.national_number().as_str())).collect()
}

/// Digits alone are looked at, so that a pattern needs to know no others.
fn compiled(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).ignore_whitespace(true).unicode(false).build().ok()
}

/// The digits, and whether a plus sign stands before the first of them. `None` where there is too much
/// text.
fn dialled(text: &str) -> Option<(bool, String)> {
    let (mut international, mut digits) = (false, String::new());
    for (number, c) in text.chars().enumerate() {
        if number >= PhoneForm::MAX_CHARS {
            return None;
        }
        match digit(c) {
            Some(digit) => digits.push(digit),
            None => international |= digits.is_empty() && matches!(c, '+' | '\u{ff0b}'),
        }
    }
    Some((international, digits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(region: Region, text: &str) -> Option<String> {
        let mut key = String::new();
        PhoneForm::E164(region).key_into(text, &mut key).then_some(key)
    }

    fn regions() -> Vec<Region> {
        let letters = || 'A'..='Z';
        let codes = letters().flat_map(|a| letters().map(move |b| format!("{a}{b}")));
        codes.filter_map(|code| Region::new(&code).ok()).collect()
    }

    /// E.164, national and international notation; numbering plans as libphonenumber has them.
    #[test]
    fn a_number_is_the_one_that_is_reached() {
        let [de, us, gb, it] = ["DE", "US", "GB", "IT"].map(|code| Region::new(code).unwrap());
        let number = |region: Region, text: &str| key(region, text).unwrap();
        for text in [
            "+49 30 901820",
            "\u{ff0b}\u{ff14}\u{ff19} 30 901820",
            "+49 (0) 30 / 901820",
            "\u{200e}+49-30-901820",
        ] {
            for region in [Region::NONE, de, us] {
                assert_eq!(number(region, text), "+4930901820", "{text} {region:?}");
            }
        }
        for (region, text, expected) in [
            (de, "030 901820", "+4930901820"),
            (de, "0049 30 901820", "+4930901820"),
            (de, "\u{660}\u{663}\u{660} 901820", "+4930901820"),
            (us, "(650) 253-0000", "+16502530000"),
            (us, "1 650 253 0000", "+16502530000"),
            (us, "011 49 30 901820", "+4930901820"),
            (gb, "020 7946 0018", "+442079460018"),
            (it, "06 6982 1234", "+390669821234"),
            // No number there: by digits.
            (us, "030 901820", "030901820"),
            (Region::NONE, "030 901820", "030901820"),
            (Region::NONE, "0049 30 901820", "004930901820"),
            (de, "112", "112"),
            (de, "1-800-FLOWERS", "1800"),
            (us, "650 253 0000 ext. 4567", "65025300004567"),
            (de, "+999 30 901820", "99930901820"),
            (de, "30+49 901820", "+493049901820"),
            // Prefixes of one country are none of another: this German number begins with a 1.
            (us, "+49 151 23456789", "+4915123456789"),
            (us, "011 49 151 23456789", "+4915123456789"),
            // No more digits than a number has.
            (us, "650 253 00001", "65025300001"),
            (gb, "44 20 7946 0018", "+442079460018"),
        ] {
            assert_eq!(number(region, text), expected, "{text} {region:?}");
        }
        for blank in ["", "+", "none", "+\u{ff0b}+"] {
            assert_eq!(key(de, blank), None);
        }
        let mut kept = "x".to_owned();
        assert!(PhoneForm::E164(de).key_into("030 901820", &mut kept));
        assert_eq!(kept, "x+4930901820");
    }

    #[test]
    fn a_long_text_goes_by_its_digits() {
        let long = |chars: usize| format!("+4930901820{}", " ".repeat(chars - 11));
        assert_eq!(key(Region::NONE, &long(64)).unwrap(), "+4930901820");
        assert_eq!(key(Region::NONE, &long(65)).unwrap(), "4930901820");
        let hostile = "+49".repeat(1 << 20);
        assert_eq!(key(Region::NONE, &hostile).map(|key| key.len()), Some(2 << 20));
    }

    #[test]
    fn regions_are_those_with_a_numbering_plan() {
        let all = regions();
        assert!((240..=260).contains(&all.len()), "{}", all.len());
        assert_eq!(Region::NONE.code(), None);
        for region in all {
            assert_eq!(Region::new(region.code().unwrap()), Ok(region));
            assert!(plan(region.code().unwrap()).unwrap().rules().is_some(), "{region:?}");
        }
        for wrong in ["", "D", "DEU", "de", "UK", "ZZ", "\u{c4}", "001", "\u{1f600}\u{1f600}"] {
            assert!(Region::new(wrong).is_err(), "{wrong}");
        }
        let error = Region::new(&"x".repeat(1_000)).unwrap_err().to_string();
        assert!(error.ends_with("found \"xxxxxxxx\""), "{error}");
    }

    /// Every plan has numbers to show what it means: they are reached from everywhere.
    #[test]
    fn the_examples_of_all_plans_are_numbers() {
        let mut examples = 0;
        for (code, plan) in
            PLANS.iter().flat_map(|(code, plans)| plans.iter().map(move |plan| (code, plan)))
        {
            let own = Region::new(plan.meta.id());
            for kind in KINDS.iter().filter_map(|kind| plan.meta.descriptors().get(*kind)) {
                let Some(example) = kind.example() else { continue };
                examples += 1;
                let number = Some(format!("+{code}{example}"));
                let international = format!("+{code} {example}");
                for region in [Region::NONE, Region::new("US").unwrap(), Region::new("RU").unwrap()]
                {
                    assert_eq!(
                        key(region, &international),
                        number,
                        "{region:?} {}",
                        plan.meta.id()
                    );
                }
                let Ok(own) = own else { continue };
                assert_eq!(key(own, example), number, "{}", plan.meta.id());
                let prefix = plan.meta.national_prefix().unwrap_or_default();
                assert_eq!(
                    key(own, &format!("({prefix}) {example}")),
                    number,
                    "{prefix} {}",
                    plan.meta.id()
                );
            }
        }
        assert!(examples > 1_000, "{examples}");
    }

    proptest! {
        /// Whatever a stranger writes, wherever it is read.
        #[test]
        fn a_key_is_a_number_or_digits(
            text in "\\PC{0,80}|[+0-9 ()/;.,x#-]{0,40}|\\+[0-9]{1,20}|0{0,4}[0-9]{1,18}|tel:[+0-9;=a-z-]{0,40}",
            at in any::<prop::sample::Index>(),
        ) {
            let all = regions();
            for region in [Region::NONE, all[at.index(all.len())]] {
                let found = key(region, &text);
                let mut digits = String::new();
                let any = PhoneForm::Digits.key_into(&text, &mut digits);
                prop_assert_eq!(found.is_some(), any);
                let Some(found) = found else { continue };
                match found.strip_prefix('+') {
                    Some(number) => {
                        prop_assert!(number.bytes().all(|b| b.is_ascii_digit()));
                        prop_assert!(number.len() <= 20 && !number.starts_with('0'), "{}", found);
                        // It is reached by that from anywhere.
                        prop_assert_eq!(key(region, &found), Some(found));
                    }
                    None => prop_assert_eq!(found, digits),
                }
            }
        }
    }
}

//! When are two telephone numbers the same number?

#[cfg(feature = "phonenumber")]
mod e164;
mod region;

pub use region::{Region, RegionError};

/// How two telephone numbers are compared.
///
/// ```
/// use correspond::text::PhoneForm;
///
/// let mut key = String::new();
/// assert!(PhoneForm::Digits.key_into("(030) 12-34\u{ff15} x", &mut key));
/// assert_eq!(key, "03012345");
/// assert!(!PhoneForm::Digits.key_into("unknown", &mut key), "no digit at all");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PhoneForm {
    /// By its digits alone: `+49 30 1234` and `030 1234` are two.
    #[default]
    Digits,
    /// As the international number (ITU-T E.164) that it is by the numbering plan of its country.
    /// What is none, by its digits. Needs the feature `phonenumber`, without which there is no
    /// [`Region`].
    E164(Region),
}

impl PhoneForm {
    /// Longer texts are no numbers, and are compared by their digits. A character of a text is a
    /// Unicode scalar value.
    pub const MAX_CHARS: usize = 64;

    /// Appends what the number in `text` is compared by, and says so; `false`, and nothing appended,
    /// where there is no digit in it: a blank.
    ///
    /// * By digits: the decimal digits of any script, as ASCII. Everything else is left out, letters
    ///   too: of `1-800-FLOWERS` four digits stay.
    /// * By E.164: `+`, the country code and the national number. A number with a plus sign before its
    ///   first digit is international; any other is read in the region, with its prefixes for
    ///   long-distance and international calls. Where the numbering plan knows no such number, and
    ///   where the text is longer than [`MAX_CHARS`](Self::MAX_CHARS), by digits. So is a number with
    ///   an extension, mostly, as it is longer than it may be.
    ///
    /// Linear in the length of the text.
    pub fn key_into(self, text: &str, key: &mut String) -> bool {
        match self {
            Self::Digits => digits_into(text, key),
            #[cfg(feature = "phonenumber")]
            Self::E164(region) => e164::key_into(text, region, key) || digits_into(text, key),
            #[cfg(not(feature = "phonenumber"))]
            Self::E164(_) => digits_into(text, key),
        }
    }
}

/// The decimal digits of any script, as ASCII. Were there any?
fn digits_into(text: &str, key: &mut String) -> bool {
    let before = key.len();
    key.extend(text.chars().filter_map(digit));
    key.len() > before
}

/// The ASCII digit that stands for a decimal digit of any script (general category `Nd`).
fn digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    // Each script has its ten in a row.
    let after = ZEROS.partition_point(|zero| *zero <= c);
    let zero = *ZEROS.get(after.checked_sub(1)?)?;
    char::from_digit(u32::from(c) - u32::from(zero), 10)
}

/// The zeros of all scripts, in their order (Unicode 16, general category `Nd`).
const ZEROS: [char; 76] = [
    '\u{30}',
    '\u{660}',
    '\u{6f0}',
    '\u{7c0}',
    '\u{966}',
    '\u{9e6}',
    '\u{a66}',
    '\u{ae6}',
    '\u{b66}',
    '\u{be6}',
    '\u{c66}',
    '\u{ce6}',
    '\u{d66}',
    '\u{de6}',
    '\u{e50}',
    '\u{ed0}',
    '\u{f20}',
    '\u{1040}',
    '\u{1090}',
    '\u{17e0}',
    '\u{1810}',
    '\u{1946}',
    '\u{19d0}',
    '\u{1a80}',
    '\u{1a90}',
    '\u{1b50}',
    '\u{1bb0}',
    '\u{1c40}',
    '\u{1c50}',
    '\u{a620}',
    '\u{a8d0}',
    '\u{a900}',
    '\u{a9d0}',
    '\u{a9f0}',
    '\u{aa50}',
    '\u{abf0}',
    '\u{ff10}',
    '\u{104a0}',
    '\u{10d30}',
    '\u{10d40}',
    '\u{11066}',
    '\u{110f0}',
    '\u{11136}',
    '\u{111d0}',
    '\u{112f0}',
    '\u{11450}',
    '\u{114d0}',
    '\u{11650}',
    '\u{116c0}',
    '\u{116d0}',
    '\u{116da}',
    '\u{11730}',
    '\u{118e0}',
    '\u{11950}',
    '\u{11bf0}',
    '\u{11c50}',
    '\u{11d50}',
    '\u{11da0}',
    '\u{11f50}',
    '\u{16130}',
    '\u{16a60}',
    '\u{16ac0}',
    '\u{16b50}',
    '\u{16d70}',
    '\u{1ccf0}',
    '\u{1d7ce}',
    '\u{1d7d8}',
    '\u{1d7e2}',
    '\u{1d7ec}',
    '\u{1d7f6}',
    '\u{1e140}',
    '\u{1e2f0}',
    '\u{1e4f0}',
    '\u{1e5f1}',
    '\u{1e950}',
    '\u{1fbf0}',
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key(form: PhoneForm, text: &str) -> Option<String> {
        let mut key = String::new();
        form.key_into(text, &mut key).then_some(key)
    }

    /// Every decimal digit that Unicode has, and no other character.
    #[test]
    fn digits_are_those_of_all_scripts() {
        let decimal = regex::Regex::new(r"^\p{Nd}$").unwrap();
        let mut run = 0;
        for c in '\0'..=char::MAX {
            let found = digit(c);
            assert_eq!(found.is_some(), decimal.is_match(c.encode_utf8(&mut [0; 4])), "{c:?}");
            // In a row from 0 to 9, and anew.
            if let Some(digit) = found {
                assert_eq!(digit.to_digit(10), Some(run % 10), "{c:?}");
                run += 1;
            }
        }
        assert_eq!(run, 10 * ZEROS.len() as u32);
    }

    #[test]
    fn a_number_is_its_digits() {
        for (text, digits) in [
            ("+49 (0)30 12 34", "490301234"),
            ("\u{661}\u{6f2}\u{969}\u{ff14}\u{1d7ce}", "12340"),
            ("1-800-FLOWERS", "1800"),
            ("\u{200f}0\u{200e}", "0"),
        ] {
            assert_eq!(key(PhoneForm::Digits, text).as_deref(), Some(digits), "{text}");
        }
        for blank in ["", " ", "+", "none", "\u{bd}\u{2460}\u{4e09}"] {
            assert_eq!(key(PhoneForm::Digits, blank), None, "{blank}");
        }
        let mut kept = "x".to_owned();
        assert!(!PhoneForm::Digits.key_into("none", &mut kept) && kept == "x");
        assert!(PhoneForm::Digits.key_into("1", &mut kept) && kept == "x1");
    }

    proptest! {
        #[test]
        fn digits_of_digits_are_those_digits(text in "[+ (0-9\u{660}-\u{669}\u{ff10}-\u{ff19}a-z)]{0,30}|\\PC{0,80}") {
            let once = key(PhoneForm::Digits, &text);
            if let Some(once) = &once {
                prop_assert!(once.bytes().all(|b| b.is_ascii_digit()));
                prop_assert_eq!(&key(PhoneForm::Digits, once), &Some(once.clone()));
            }
            prop_assert_eq!(once.is_none(), !text.chars().any(|c| digit(c).is_some()));
        }
    }
}

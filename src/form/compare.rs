//! Are two values of an attribute identical?

use crate::address::EmailAddressRef;
use crate::party::Value;
use crate::settings::{Comparison, Degree};
use crate::text::{PhoneForm, TextForm, is_ignorable, is_space};

/// Is nothing to be seen of this value: text that is empty, or white space and invisible characters?
#[must_use]
pub fn is_blank(value: &Value) -> bool {
    match value {
        Value::Text(text) | Value::Decimal(text) => {
            text.chars().all(|c| is_space(c) || is_ignorable(c))
        }
        _ => false,
    }
}

/// Are the values identical under this comparison? A blank value is identical to nothing.
///
/// ```
/// use correspond::form::identical;
/// use correspond::party::Value;
/// use correspond::settings::Comparison;
///
/// let text = |text: &str| Value::Text(text.into());
/// assert!(identical(&text("John@X.example"), &text("john@x.example"), Comparison::EMAIL));
/// assert!(!identical(&text(" "), &text(" "), Comparison::EMAIL));
/// ```
#[must_use]
pub fn identical(a: &Value, b: &Value, comparison: Comparison) -> bool {
    let (mut one, mut other) = (Vec::new(), Vec::new());
    key_into(a, comparison, &mut one) && key_into(b, comparison, &mut other) && one == other
}

/// Appends what a value is compared by; `false`, and nothing appended, where it is blank. Values of
/// unlike type have unlike keys.
pub(crate) fn key_into(value: &Value, comparison: Comparison, key: &mut Vec<u8>) -> bool {
    if is_blank(value) {
        return false;
    }
    match value {
        Value::Text(text) => return text_into(text, comparison, key),
        Value::Whole(number) => {
            key.push(b'n');
            key.extend_from_slice(number.to_string().as_bytes());
        }
        Value::Decimal(number) => {
            key.push(b'n');
            decimal_into(number, key);
        }
        Value::YesNo(yes) => key.extend_from_slice(&[b'y', u8::from(*yes)]),
        Value::Choice(code) => {
            key.push(b'c');
            key.extend_from_slice(&code.to_be_bytes());
        }
        Value::Date(day) => {
            key.push(b'd');
            key.extend_from_slice(day.to_string().as_bytes());
        }
        Value::Time(time) => {
            key.push(b't');
            key.extend_from_slice(&time.timestamp_micros().to_be_bytes());
        }
        Value::Lookup(id) => {
            key.push(b'l');
            key.extend_from_slice(&id.get().to_be_bytes());
        }
    }
    true
}

/// Are the values alike to this degree? Text and addresses are by how many characters of what they are
/// compared by differ; values of every other type are alike where they are identical. A blank value is
/// like nothing.
pub(super) fn alike(a: &Value, b: &Value, comparison: Comparison, degree: Degree) -> bool {
    let (Value::Text(one), Value::Text(other)) = (a, b) else {
        return identical(a, b, comparison);
    };
    match (text_form(one, comparison), text_form(other, comparison)) {
        (Some((sort, one)), Some((other_sort, other))) => {
            sort == other_sort && degree.holds(&one, &other)
        }
        _ => false,
    }
}

fn text_into(text: &str, comparison: Comparison, key: &mut Vec<u8>) -> bool {
    let Some((sort, form)) = text_form(text, comparison) else { return false };
    key.push(sort);
    key.extend_from_slice(form.as_bytes());
    true
}

/// What text is compared by, with a mark of what it was read as; `None` where nothing is left of it.
fn text_form(text: &str, comparison: Comparison) -> Option<(u8, String)> {
    if text.chars().all(|c| is_space(c) || is_ignorable(c)) {
        return None;
    }
    let mut form = String::with_capacity(text.len());
    let sort = match comparison {
        Comparison::Text(how) => {
            how.key_into(text, &mut form);
            b'x'
        }
        Comparison::Email(by) => match EmailAddressRef::parse(text) {
            Ok(address) => {
                address.key_with(by, &mut form);
                b'e'
            }
            // What is no address is never the address of anybody.
            Err(_) => {
                TextForm::Caseless.key_into(text, &mut form);
                b'x'
            }
        },
        Comparison::Phone => {
            PhoneForm::Digits.key_into(text, &mut form);
            b'p'
        }
        Comparison::PhoneE164(region) => {
            PhoneForm::E164(region).key_into(text, &mut form);
            b'p'
        }
    };
    (!form.is_empty()).then_some((sort, form))
}

/// A decimal number in one spelling: `1.50` and `+01.5` are one number. What is none stays as it is.
fn decimal_into(text: &str, key: &mut Vec<u8>) {
    let text = text.trim();
    let (negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, text.get(1..).unwrap_or_default()),
        [b'+', ..] => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || whole.is_empty() && fraction.is_empty() {
        key.extend_from_slice(text.as_bytes());
        return;
    }
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    if negative && !(whole.is_empty() && fraction.is_empty()) {
        key.push(b'-');
    }
    key.extend_from_slice(if whole.is_empty() { b"0" } else { whole.as_bytes() });
    if !fraction.is_empty() {
        key.push(b'.');
        key.extend_from_slice(fraction.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecordId;
    use chrono::{DateTime, NaiveDate};
    use proptest::prelude::*;

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            "[ aAbB@.1é\u{301}\u{200b}-]{0,6}".prop_map(Value::Text),
            (-2_i64..3).prop_map(Value::Whole),
            "[-+]?[01.]{0,4}".prop_map(Value::Decimal),
            any::<bool>().prop_map(Value::YesNo),
            (0_i32..3).prop_map(Value::Choice),
            (0_u128..3).prop_map(|id| Value::Lookup(RecordId::new(id))),
        ]
    }

    fn comparison() -> impl Strategy<Value = Comparison> {
        let texts = TextForm::ALL.map(Comparison::Text);
        prop::sample::select([&texts[..], &[Comparison::EMAIL, Comparison::Phone]].concat())
    }

    proptest! {
        /// Reflexive, but for what is blank, and symmetric.
        #[test]
        fn identity_is_reflexive_and_symmetric(a in value(), b in value(), by in comparison()) {
            let mut key = Vec::new();
            let seen = key_into(&a, by, &mut key);
            prop_assert_eq!(identical(&a, &a, by), seen);
            prop_assert!(!is_blank(&a) || !seen);
            prop_assert_eq!(identical(&a, &b, by), identical(&b, &a, by));
        }
    }

    #[test]
    fn numbers_are_compared_by_value() {
        let same = |a: &str, b: &str| {
            let decimal = |text: &str| Value::Decimal(text.into());
            identical(&decimal(a), &decimal(b), Comparison::EMAIL)
        };
        assert!(same("1.50", "+01.5") && same("-0.0", "0") && same(".5", "0.50"));
        assert!(!same("1.5", "-1.5") && !same("1.5", "15") && !same("1e3", "1000"));
        assert!(identical(&Value::Whole(-7), &Value::Decimal("-7.0".into()), Comparison::Phone));
        assert!(!identical(&Value::Whole(7), &text("7"), Comparison::EMAIL), "of unlike type");
    }

    #[test]
    fn days_times_options_and_records_are_compared_exactly() {
        let day = |d| Value::Date(NaiveDate::from_ymd_opt(2026, 11, d).unwrap());
        let time = |us| Value::Time(DateTime::from_timestamp_micros(us).unwrap());
        for (a, b) in [
            (day(1), day(2)),
            (time(1), time(2)),
            (Value::Choice(1), Value::Choice(2)),
            (Value::YesNo(true), Value::YesNo(false)),
            (Value::Lookup(RecordId::new(1)), Value::Lookup(RecordId::new(2))),
        ] {
            assert!(identical(&a, &a, Comparison::EMAIL), "{a:?}");
            assert!(!identical(&a, &b, Comparison::EMAIL), "{a:?} {b:?}");
        }
    }

    #[test]
    fn phone_numbers_are_their_digits() {
        let same = |a, b| identical(&text(a), &text(b), Comparison::Phone);
        assert!(same("(555) 010-0199", "555.010.0199"));
        assert!(!same("n/a", "n/a"), "no digits: blank");
    }

    #[cfg(feature = "phonenumber")]
    #[test]
    fn phone_numbers_by_e164_are_those_that_are_reached() {
        let germany = Comparison::PhoneE164(crate::text::Region::new("DE").unwrap());
        let same = |a, b, comparison| identical(&text(a), &text(b), comparison);
        assert!(same("030 901820", "+49 (0)30 901820", germany));
        assert!(!same("030 901820", "+49 (0)30 901820", Comparison::Phone));
        assert!(same("112", "1-1-2", germany), "no such number: by digits");
        assert!(!same("n/a", "n/a", germany), "no digits: blank");
    }
}

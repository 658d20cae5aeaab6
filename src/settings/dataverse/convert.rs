//! A cell of a row, as the value of a setting, and back.

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde_json::Value;

use super::read::text;
use crate::id::RecordId;
use crate::settings::field::{Choice, FieldType};

/// The serde form of a value of this type, made of JSON as Dataverse and its tools write it: choices
/// by code or label; yes and no as `true`, `1`, `"Yes"`; numbers as text too. `None` is blank.
///
/// # Errors
///
/// It is none of this type: what was expected.
pub(super) fn value(ty: FieldType, json: &str) -> Result<Option<Value>, String> {
    let said = text(json);
    // Text that is no valid one, as it has half a surrogate pair, is nothing that could be blank.
    let blank = json == "null" || said.as_deref().is_some_and(str::is_empty);
    if blank {
        return Ok(None);
    }
    let plain = said.as_deref().map_or(json, str::trim);
    let value = match ty {
        FieldType::YesNo => yes_no(plain).map(Value::Bool).ok_or("yes or no")?,
        FieldType::Text { .. } | FieldType::Url { .. } | FieldType::LogicalName { .. } => {
            said.map(|said| Value::String(said.into_owned())).ok_or("text")?
        }
        FieldType::Whole { .. } => whole(plain).map(Value::from).ok_or("a whole number")?,
        FieldType::Choice(choices) => Value::String(choice(choices, plain)?.name.to_owned()),
        FieldType::Lookup { .. } => {
            let id = said.as_deref().and_then(id).ok_or("the id of a record")?;
            Value::String(id.to_string())
        }
        FieldType::Date => {
            let day = said.as_deref().and_then(date).ok_or("a day, as 2026-11-22")?;
            Value::String(day.to_string())
        }
        FieldType::Time => {
            let expected = "a point in time, as 2026-11-22T09:00:00Z";
            Value::String(written_time(said.as_deref().and_then(time).ok_or(expected)?))
        }
        FieldType::Structure => return Err("a column of its own kind".to_owned()),
    };
    Ok(Some(value))
}

fn yes_no(plain: &str) -> Option<bool> {
    let is = |words: [&str; 3]| words.iter().any(|word| plain.eq_ignore_ascii_case(word));
    if is(["true", "1", "yes"]) {
        return Some(true);
    }
    is(["false", "0", "no"]).then_some(false)
}

pub(super) fn whole(plain: &str) -> Option<i64> {
    plain.parse().ok().or_else(|| {
        // 3.0 and 3e2 are whole too. Numbers beyond 2^53 are none of ours.
        let number: f64 = plain.parse().ok()?;
        let fits = number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
        fits.then(|| format!("{number:.0}").parse().ok()).flatten()
    })
}

fn choice(choices: &'static [Choice], plain: &str) -> Result<&'static Choice, String> {
    let number = whole(plain);
    let found = choices.iter().find(|choice| {
        let coded = choice.code.map(i64::from);
        (coded.is_some() && coded == number)
            || plain.eq_ignore_ascii_case(choice.label)
            || plain.eq_ignore_ascii_case(choice.name)
    });
    found.ok_or_else(|| {
        let known = choices.iter().map(|choice| match choice.code {
            Some(code) => format!("{code} ({})", choice.label),
            None => choice.label.to_owned(),
        });
        format!("one of {}", known.collect::<Vec<_>>().join(", "))
    })
}

/// The id in a GUID, in braces or not.
pub(super) fn id(text: &str) -> Option<RecordId> {
    let bare = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    bare.unwrap_or(text).parse().ok()
}

fn date(text: &str) -> Option<NaiveDate> {
    let day = |text: &str| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let plain = text.len() == 10;
    if plain { day(text) } else { time(text).map(|time| time.date_naive()) }
}

/// Four digits of a year, as the product has them; others would not be read again.
pub(super) fn time(text: &str) -> Option<DateTime<Utc>> {
    use chrono::Datelike;
    let time = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    (0..=9_999).contains(&time.year()).then_some(time)
}

pub(super) fn written_time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// The id as Dataverse writes it.
pub(super) fn guid(id: RecordId) -> String {
    let digits = id.to_string();
    let part = |from, to| digits.get(from..to).unwrap_or_default();
    let parts = [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)];
    parts.join("-")
}

/// The JSON of text.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// JSON of a value of this type, from its serde form; blank is `null`.
pub(super) fn json(ty: FieldType, value: Option<&Value>) -> String {
    let Some(value) = value else { return "null".to_owned() };
    match (ty, value) {
        (FieldType::Choice(choices), Value::String(name)) => {
            let found = choices.iter().find(|choice| choice.name == name);
            // The one option with a column and without a code is one of the internal errors.
            found.and_then(|choice| choice.code).unwrap_or(INTERNAL_ERROR).to_string()
        }
        (FieldType::Lookup { .. }, Value::String(text)) => {
            id(text).map_or_else(|| quoted(text), |id| quoted(&guid(id)))
        }
        _ => value.to_string(),
    }
}

/// Internal error, of a domain: also where a query failed, which has no code of its own.
const INTERNAL_ERROR: i32 = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{FilterOption, SettingsRecord};

    const FILTER: FieldType = FieldType::Choice(FilterOption::CHOICES);

    /// Facts 11: what an importer should accept.
    #[test]
    fn cells_are_read_in_every_form_that_tools_write() {
        for yes in ["true", "1", "\"Yes\"", "\"TRUE\"", "\"1\""] {
            assert_eq!(value(FieldType::YesNo, yes), Ok(Some(Value::Bool(true))), "{yes}");
        }
        for no in ["false", "0", "\"no\"", "\"False\""] {
            assert_eq!(value(FieldType::YesNo, no), Ok(Some(Value::Bool(false))), "{no}");
        }
        assert_eq!(value(FieldType::YesNo, "2"), Err("yes or no".to_owned()));
        let whole = FieldType::Whole { min: 0, max: 9 };
        for three in ["3", "\"3\"", "3.0", "30e-1"] {
            assert_eq!(value(whole, three), Ok(Some(3.into())), "{three}");
        }
        assert_eq!(value(whole, "3.5"), Err("a whole number".to_owned()));
        for all in ["0", "\"0\"", "\"All email messages\"", "\"all\""] {
            assert_eq!(value(FILTER, all), Ok(Some("all".into())), "{all}");
        }
        assert!(value(FILTER, "7").unwrap_err().starts_with("one of 0 (All email messages), 1 ("));
        for blank in ["null", "\"\""] {
            assert_eq!(value(FILTER, blank), Ok(None));
        }
        let lookup = FieldType::Lookup { table: "queue" };
        let guid = "{00000000-0000-0000-0000-00000000001F}";
        let id = Value::from("0000000000000000000000000000001f");
        assert_eq!(value(lookup, &quoted(guid)), Ok(Some(id.clone())));
        assert_eq!(json(lookup, Some(&id)), "\"00000000-0000-0000-0000-00000000001f\"");
        assert_eq!(value(lookup, "7"), Err("the id of a record".to_owned()));
        let day = Ok(Some("2026-11-22".into()));
        assert_eq!(value(FieldType::Date, "\"2026-11-22\""), day);
        assert_eq!(value(FieldType::Date, "\"2026-11-22T23:00:00Z\""), day);
        assert_eq!(
            value(FieldType::Date, "\"22.11.2026\""),
            Err("a day, as 2026-11-22".to_owned())
        );
        assert_eq!(
            value(FieldType::Time, "\"2026-11-22T10:00:00+01:00\""),
            Ok(Some("2026-11-22T09:00:00Z".into()))
        );
        assert_eq!(
            value(FieldType::Time, "5"),
            Err("a point in time, as 2026-11-22T09:00:00Z".to_owned())
        );
        assert_eq!(value(FieldType::Text { min: 0, max: 9 }, "5"), Err("text".to_owned()));
        assert_eq!(
            value(FieldType::Text { min: 0, max: 9 }, r#""\ud800""#),
            Err("text".to_owned())
        );
        let structure = crate::settings::Mailbox::FIELDS[1].ty;
        assert_eq!(value(structure, "5"), Err("a column of its own kind".to_owned()));
    }
}

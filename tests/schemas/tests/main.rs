//! The schemas of the settings against a validator, and against what serde takes and refuses.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub,
    reason = "tests fail by panicking, in their helper functions too"
)]

use correspond::settings::{
    AnalyticsConfiguration, AuthenticatedDomain, ContentSettings, DataProtection,
    DefaultMarketingSettings, Document, EmailServerProfile, EmailSettings, FieldType,
    LandingPageConfiguration, LeadScoringConfiguration, Mailbox, MarketingDataConfiguration,
    MatchingRule, MatchingStrategy, OrganizationProperties, PersonalOptions, QueueSettings,
    SettingsRecord, SocialAccount, document_schema, json_schema,
};
use correspond_schemas_tests::Schema;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

#[macro_use]
#[path = "../../suite/pages.rs"]
mod pages;
mod structures;

use pages::{Samples, any_fields, smallest};

macro_rules! checks {
    ($($name:ident: $ty:ty { $($field:literal: $($sample:expr),+;)* })+) => {
        /// Runs a check that is generic over the page for each of them.
        macro_rules! every_page {
            ($check:ident) => {$(
                $check::<$ty>(
                    stringify!($name),
                    &Samples(vec![$(($field, vec![$(json!($sample)),+]),)*]),
                );
            )+};
        }
    };
}

pages!(checks);

fn schema_of<T: SettingsRecord>() -> Schema {
    Schema::of(&json_schema::<T>())
}

/// Records of a page as serde writes them, made of random fields; and those fields.
fn records<T: SettingsRecord>(samples: &Samples, cases: u32) -> Vec<(Value, Value)> {
    let mut runner = TestRunner::deterministic();
    let fields = any_fields::<T>(samples);
    let mut records = Vec::new();
    for _ in 0..cases {
        let given = Value::Object(fields.new_tree(&mut runner).unwrap().current());
        // Settings that rule each other out are no matter of a schema.
        if let Ok(record) = serde_json::from_value::<T>(given.clone()) {
            records.push((given, serde_json::to_value(&record).unwrap()));
        }
    }
    assert!(records.len() >= 4, "{}: {} records", T::PAGE, records.len());
    records
}

fn round_trip<T: SettingsRecord>(_: &str, samples: &Samples) {
    let schema = schema_of::<T>();
    for (given, written) in records::<T>(samples, 96) {
        for value in [given, written] {
            schema.check(&value).unwrap_or_else(|error| panic!("{}: {error}\n{value:#}", T::PAGE));
        }
    }
}

#[test]
fn what_serde_reads_and_writes_fits_the_schema() {
    every_page!(round_trip);
}

fn refusals<T: SettingsRecord>(_: &str, samples: &Samples) {
    let schema = schema_of::<T>();
    let smallest = smallest::<T>(samples);
    schema.check(&smallest).unwrap();
    let refused = |fields: &Value| {
        let read = serde_json::from_value::<T>(fields.clone());
        assert!(read.is_err(), "{}: {fields:#}", T::PAGE);
        assert!(schema.check(fields).is_err(), "{}: {fields:#}", T::PAGE);
    };
    let refused_value = |field: &str, value: Value| {
        let mut fields = smallest.clone();
        fields[field] = value;
        refused(&fields);
    };
    for field in T::FIELDS {
        let wrong = match field.ty {
            FieldType::YesNo => vec![json!(1), json!("yes")],
            FieldType::Text { min, max } => {
                let mut wrong = vec![json!("x".repeat(max + 1)), json!("a\u{0}b"), json!("\u{9f}")];
                if min > 0 {
                    wrong.extend([json!(""), json!(" \n\u{2003}")]);
                }
                wrong
            }
            FieldType::Url { max } => [
                format!("https://shop.example/{}", "x".repeat(max)),
                "".into(),
                "shop.example".into(),
                "ftp://shop.example/".into(),
                "https:///x".into(),
                "https://user@".into(),
                "https://user@:80/".into(),
                "https://shop.example/a b".into(),
            ]
            .map(Value::from)
            .to_vec(),
            FieldType::LogicalName { max } => {
                vec![json!("x".repeat(max + 1)), json!(""), json!("1x"), json!("X"), json!("a-b")]
            }
            FieldType::Whole { min, max } => vec![
                json!(i128::from(min) - 1),
                json!(i128::from(max) + 1),
                json!(1.5),
                json!(min.to_string()),
            ],
            FieldType::Choice(_) => vec![json!("no such option"), json!(0)],
            FieldType::Lookup { .. } => {
                vec![json!("no id"), json!(""), json!("-"), json!("1".repeat(33)), json!(1)]
            }
            FieldType::Date => vec![json!("no day"), json!("2026-02-30"), json!(1)],
            FieldType::Time => vec![json!("no time"), json!("2026-11-22"), json!(1)],
            _ => Vec::new(),
        };
        for value in wrong {
            refused_value(field.name, value);
        }
        refused_value(field.name, json!({ "no": "such form" }));
        refused_value(field.name, json!(["no such form \u{0}"]));
    }
    for field in T::FIELDS.iter().filter(|field| field.required) {
        let mut fields = smallest.clone();
        fields.as_object_mut().unwrap().remove(field.name);
        refused(&fields);
    }
    refused_value("no_such_setting", json!(true));
}

#[test]
fn what_serde_refuses_the_schema_refuses() {
    every_page!(refusals);
}

/// Whatever a schema cannot say: the product counts code units, a schema counts characters.
#[test]
fn only_serde_counts_characters_beyond_u_ffff_twice() {
    let schema = schema_of::<LeadScoringConfiguration>();
    for (count, read, fits) in [(50, true, true), (51, false, true), (101, false, false)] {
        let value = json!({ "name": "\u{1f600}".repeat(count) });
        let found = serde_json::from_value::<LeadScoringConfiguration>(value.clone());
        assert_eq!((found.is_ok(), schema.check(&value).is_ok()), (read, fits), "{count}");
    }
}

/// A blank that serde reads as one is one for the schema, and no other is.
fn blanks<T: SettingsRecord>(_: &str, samples: &Samples) {
    let schema = schema_of::<T>();
    for field in T::FIELDS {
        let mut fields = smallest::<T>(samples);
        fields[field.name] = Value::Null;
        let read = serde_json::from_value::<T>(fields.clone());
        let fits = schema.check(&fields);
        // What would be read if it did not rule another setting out is in the form of a blank, too.
        if read.is_ok() || fits.is_err() {
            assert_eq!(read.is_ok(), fits.is_ok(), "{}: {}", T::PAGE, field.name);
        }
        let list = schema.json["properties"][field.name]["type"].as_array();
        assert_eq!(fits.is_ok(), list.is_some_and(|types| types.iter().any(|ty| ty == "null")));
    }
}

#[test]
fn null_is_a_blank_for_the_schema_where_it_is_one_for_serde() {
    every_page!(blanks);
}

fn defaults<T: SettingsRecord>(_: &str, samples: &Samples) {
    let schema = schema_of::<T>();
    let smallest = smallest::<T>(samples);
    let plain: T = serde_json::from_value(smallest.clone()).unwrap();
    let plain = serde_json::to_value(&plain).unwrap();
    let mut found = smallest.clone();
    for field in T::FIELDS.iter().filter(|field| !field.required) {
        let property = &schema.json["properties"][field.name];
        let alone = Schema::new(property.clone());
        for key in ["default", "x-default-current", "x-default-metadata"] {
            if let Some(default) = property.get(key) {
                alone.check(default).unwrap_or_else(|error| panic!("{}: {error}", field.name));
            }
        }
        if let Some(default) = property.get("default") {
            found[field.name] = default.clone();
        }
    }
    // The defaults of the schema are those in effect where nothing is said.
    schema.check(&found).unwrap();
    let found: T = serde_json::from_value(found).unwrap();
    assert_eq!(serde_json::to_value(&found).unwrap(), plain, "{}", T::PAGE);
}

#[test]
fn the_defaults_of_a_schema_are_those_in_effect() {
    every_page!(defaults);
}

/// A document of one page.
fn document(page: &str, records: Vec<Value>) -> Option<Document> {
    let entries = records.into_iter().enumerate().map(|(at, mut fields)| {
        fields["id"] = json!(format!("{:x}", at + 1));
        fields["created"] = json!("2026-11-22T09:00:00Z");
        fields["active"] = json!(at % 2 == 0);
        fields
    });
    let value = json!({ "schema": 1, page: entries.collect::<Vec<_>>() });
    serde_json::from_value(value).ok()
}

fn documents<T: SettingsRecord>(page: &str, samples: &Samples) {
    let schema = Schema::of(&document_schema());
    // The name of a page here is that of a document, or of one of its records.
    let pages = Document::PAGES;
    let plural = |name: &str| pages.iter().copied().find(|known| known.starts_with(name));
    let page = match page {
        "mailbox" => "mailboxes",
        "queue_settings" => "queues",
        "email_server_profile" => "email_server_profiles",
        other => plural(other).unwrap(),
    };
    let written: Vec<_> =
        records::<T>(samples, 48).into_iter().map(|(_, written)| written).collect();
    let text = match document(page, written.clone()) {
        Some(many) => many.to_json().unwrap(),
        None => json!({ "schema": 1, page: written[0] }).to_string(),
    };
    let read = Document::from_json(&text).unwrap_or_else(|error| panic!("{page}: {error}"));
    let value = serde_json::to_value(&read).unwrap();
    assert!(value.get(page).is_some(), "{page} is in the document");
    schema.check(&value).unwrap_or_else(|error| panic!("{page}: {error}"));
    schema.check(&serde_json::from_str(&text).unwrap()).unwrap();

    // What is wrong in a record is wrong in a document.
    let mut wrong = value;
    let record = if wrong[page].is_array() { &mut wrong[page][0] } else { &mut wrong[page] };
    record["no_such_setting"] = json!(true);
    assert!(schema.check(&wrong).is_err(), "{page}");
    assert!(serde_json::from_value::<Document>(wrong).is_err(), "{page}");
}

#[test]
fn documents_with_every_page_fit_the_schema_of_documents() {
    every_page!(documents);
}

#[test]
fn documents_that_serde_refuses_the_schema_refuses() {
    let schema = Schema::of(&document_schema());
    let entry = json!({ "id": "1", "created": "2026-11-22T09:00:00Z", "name": "x" });
    let with = |key: &str, value: Value| {
        let mut entry = entry.clone();
        entry[key] = value;
        json!({ "schema": 1, "lead_scoring": [entry] })
    };
    let without = |key: &str| {
        let mut entry = entry.clone();
        entry.as_object_mut().unwrap().remove(key);
        json!({ "schema": 1, "lead_scoring": [entry] })
    };
    let cases = [
        (true, json!({ "schema": 1 })),
        (true, json!({ "schema": 1, "email_settings": null })),
        (true, json!({ "schema": 1, "email_settings": {} })),
        (true, with("active", json!(false))),
        (true, with("modified", json!(null))),
        (true, with("id", json!("00000000-0000-0000-0000-000000000001"))),
        (false, json!({})),
        (false, json!({ "schema": 2 })),
        (false, json!({ "schema": 1, "lead_score": [] })),
        (false, json!({ "schema": 1, "lead_scoring": {} })),
        (false, json!({ "schema": 1, "email_settings": [] })),
        (false, with("active", json!("yes"))),
        (false, with("created", json!("yesterday"))),
        (false, with("nome", json!("x"))),
        (false, without("id")),
        (false, without("created")),
        (false, without("name")),
    ];
    for (taken, value) in cases {
        assert_eq!(serde_json::from_value::<Document>(value.clone()).is_ok(), taken, "{value}");
        assert_eq!(schema.check(&value).is_ok(), taken, "{value}");
    }
}

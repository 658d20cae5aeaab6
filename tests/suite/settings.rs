//! What holds for every page of settings: its serde forms, its metadata, its errors.

use correspond::party::Value as Cell;
use correspond::settings::{
    AnalyticsConfiguration, AuthenticatedDomain, ContentSettings, DataProtection, DefaultKind,
    DefaultMarketingSettings, EmailServerProfile, EmailSettings, Field, FieldType,
    LandingPageConfiguration, LeadScoringConfiguration, Mailbox, MarketingDataConfiguration,
    MatchingRule, MatchingStrategy, OrganizationProperties, PersonalOptions, Profile,
    QueueSettings, SettingsRecord, SocialAccount,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::pages::{Samples, any_fields, smallest};

/// The tests of every page.
macro_rules! checks {
    ($($name:ident: $ty:ty { $($field:literal: $($sample:expr),+;)* })+) => {
        /// Runs a check that is generic over the page for each of them.
        macro_rules! every_page {
            ($check:ident) => {$($check::<$ty>(&Samples(vec![$(($field, vec![$(json!($sample)),+]),)*]));)+};
        }

        /// The metadata of every page, by the name of its type.
        pub fn registry() -> Vec<Page> {
            vec![$(Page {
                name: stringify!($ty),
                fields: <$ty>::FIELDS,
                default_value: <$ty>::default_value,
            },)+]
        }

        $(mod $name {
            use super::*;

            #[test]
            fn wire_shape() {
                let samples = Samples(vec![$(($field, vec![$(json!($sample)),+]),)*]);
                let record: $ty = serde_json::from_value(smallest::<$ty>(&samples)).unwrap();
                let json = serde_json::to_string_pretty(&record).unwrap();
                let toml = toml::to_string_pretty(&record).unwrap();
                insta::assert_snapshot!(stringify!($name), format!("{json}\n---\n{toml}"));
            }
        })+
    };
}

pub struct Page {
    pub name: &'static str,
    pub fields: &'static [Field],
    pub default_value: fn(&str, DefaultKind) -> Option<Cell>,
}

pages!(checks);

fn round_trip<T: SettingsRecord>(samples: &Samples) {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut kept = 0_u32;
    let cases = 128;
    for _ in 0..cases {
        let fields = any_fields::<T>(samples).new_tree(&mut runner).unwrap().current();
        // Settings that rule each other out are told by a field of the page, and no case of this.
        let record: T = match serde_json::from_value(Value::Object(fields.clone())) {
            Ok(record) => record,
            Err(error) => {
                let error = error.to_string();
                let named =
                    T::FIELDS.iter().any(|field| error.starts_with(&format!("{}: ", field.name)));
                assert!(named, "{}: {error}\n{fields:?}", T::PAGE);
                continue;
            }
        };
        kept += 1;
        let json = serde_json::to_string(&record).unwrap();
        assert_eq!(serde_json::from_str::<T>(&json).unwrap(), record, "{json}");
        let toml = toml::to_string(&record).unwrap();
        assert_eq!(toml::from_str::<T>(&toml).unwrap(), record, "{toml}");
        for (name, given) in &fields {
            let cell = record.value(name);
            assert_eq!(cell.is_none(), given == "", "{name}: {given} is {cell:?}");
        }
    }
    assert!(kept >= cases / 16, "{}: {kept} of {cases} records could be made", T::PAGE);
}

#[test]
fn every_page_is_read_as_it_was_written_in_json_and_toml() {
    every_page!(round_trip);
}

fn defaults<T: SettingsRecord>(samples: &Samples) {
    let record: T = serde_json::from_value(smallest::<T>(samples)).unwrap();
    for field in T::FIELDS {
        let effective = DefaultKind::Effective(Profile::Documents);
        if field.required {
            assert_eq!(T::default_value(field.name, effective), None, "{}", field.name);
        } else {
            assert_eq!(
                T::default_value(field.name, effective),
                record.value(field.name),
                "{}",
                field.name
            );
        }
    }
    assert_eq!(record.value("no_such_setting"), None);
    assert_eq!(T::default_value("no_such_setting", DefaultKind::Metadata), None);
}

#[test]
fn what_is_left_out_has_the_effective_default_of_the_documents() {
    every_page!(defaults);
}

fn refusals<T: SettingsRecord>(samples: &Samples) {
    let refused = |field: &str, value: Value| {
        let mut fields = smallest::<T>(samples);
        fields[field] = value;
        let error = serde_json::from_value::<T>(fields).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{field}: ")), "{}: {error}", T::PAGE);
    };
    for field in T::FIELDS {
        match field.ty {
            FieldType::Text { max, .. } | FieldType::Url { max } => {
                refused(field.name, "x".repeat(max + 1).into());
                refused(field.name, "a\u{0}b".into());
            }
            FieldType::Whole { min, max } => {
                refused(field.name, json!(i128::from(min) - 1));
                refused(field.name, json!(i128::from(max) + 1));
            }
            FieldType::Choice(_) => refused(field.name, json!("no such option")),
            FieldType::Lookup { .. } => refused(field.name, json!("no id")),
            _ => {}
        }
        refused(field.name, json!({ "no": "such form" }));
    }
    for field in T::FIELDS.iter().filter(|field| field.required) {
        let mut fields = smallest::<T>(samples);
        fields.as_object_mut().unwrap().remove(field.name);
        let error = serde_json::from_value::<T>(fields).unwrap_err().to_string();
        assert_eq!(error, format!("{}: expected a value, found none", field.name));
    }
}

#[test]
fn what_a_setting_does_not_take_is_refused_by_its_name() {
    every_page!(refusals);
}

fn metadata<T: SettingsRecord>(_: &Samples) {
    for (at, field) in T::FIELDS.iter().enumerate() {
        assert!(T::FIELDS[..at].iter().all(|other| other.name != field.name), "{}", field.name);
        if let Some(column) = field.column {
            let others = T::FIELDS[..at].iter().filter(|other| other.column == Some(column));
            assert_eq!(others.count(), 0, "{}: {column} twice", T::PAGE);
        }
        assert!(!field.label.is_empty() && field.description.trim().ends_with(['.', '?']));
        let metadata = T::default_value(field.name, DefaultKind::Metadata);
        match (field.ty, metadata) {
            (_, None)
            | (FieldType::YesNo, Some(Cell::YesNo(_)))
            | (FieldType::Choice(_), Some(Cell::Choice(_)))
            | (
                FieldType::Text { .. } | FieldType::Url { .. } | FieldType::Structure,
                Some(Cell::Text(_)),
            ) => {}
            (FieldType::Whole { min, max }, Some(Cell::Whole(number))) => {
                assert!((min..=max).contains(&number), "{}", field.name);
            }
            (ty, other) => panic!("{}: {ty:?}, default {other:?}", field.name),
        }
    }
}

#[test]
fn metadata_names_each_setting_and_column_once() {
    every_page!(metadata);
}

//! What holds for every page of settings: its serde forms, its metadata, its errors.

use correspond::party::Value as Cell;
use correspond::settings::{
    AuthenticatedDomain, DataProtection, DefaultKind, EmailServerProfile, Field, FieldType,
    LandingPageConfiguration, LeadScoringConfiguration, Mailbox, MarketingDataConfiguration,
    MatchingStrategy, PersonalOptions, Profile, QueueSettings, SettingsRecord,
};
use proptest::prelude::*;
use proptest::strategy::Union;
use serde_json::{Map, Value, json};

/// Every page, with values for the settings whose form a type alone does not tell.
macro_rules! pages {
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

struct Samples(Vec<(&'static str, Vec<Value>)>);

impl Samples {
    fn of(&self, field: &str) -> Option<&[Value]> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, values)| values.as_slice())
    }
}

pages! {
    lead_scoring: LeadScoringConfiguration {}
    authenticated_domains: AuthenticatedDomain {
        "name": "contoso.com";
        "envelope_from_domain": "bouncing.contoso.com", "bouncing7.contoso.com";
        "ownership_key": json!({ "type": "TXT", "host": "@", "value": "d365mktkey=abc" });
        "email_key_1": json!({ "type": "CNAME", "host": "eurkey1._domainkey", "value": "a.b" });
        "email_key_2": json!({ "type": "TXT", "host": "key2._domainkey", "value": "p=AA" });
        "envelope_from_key": json!({ "type": "CNAME", "host": "bouncing", "value": "a.b" });
    }
    landing_pages: LandingPageConfiguration {}
    marketing_data: MarketingDataConfiguration {
        "requested": json!([]), json!(["lead"]), json!(["lead", "new_pet"]);
        "published":
            json!([{"table": "account"}, {"table": "contact"}, {"table": "msevtmgt_event"}]),
            json!([
                {"table": "account"},
                {"table": "contact"},
                {"table": "msevtmgt_event"},
                {"table": "new_toy", "usable_at": "2026-11-22T09:30:00Z"}
            ]);
    }
    matching_strategies: MatchingStrategy {
        "attributes":
            json!(["emailaddress1"]), json!(["emailaddress1", "firstname", "lastname"]);
    }
    data_protection: DataProtection {}
    email_server_profile: EmailServerProfile {}
    personal_options: PersonalOptions {
        "folders": json!([]), json!([{ "folder": "Inbox/Fair", "regarding": format!("{:032x}", 1) }]);
    }
    queue_settings: QueueSettings {}
    mailbox: Mailbox {
        "owner": json!({ "user": format!("{:032x}", 1) }), json!({ "queue": format!("{:032x}", 2) });
        "address": "ann@shop.example", "Info@shop.example";
    }
}

/// A value of this type.
fn any_value(ty: FieldType) -> BoxedStrategy<Value> {
    match ty {
        FieldType::YesNo => any::<bool>().prop_map(Value::from).boxed(),
        FieldType::Text { min, max } => {
            let body = "[a-zA-Z\u{e4}\u{df}\u{4e2d}\u{1f600}\"'\\\\ \n\t#=\\[\\]{}]{0,40}";
            (body, any::<bool>())
                .prop_map(move |(body, longest)| {
                    let mut text = if min > 0 { format!("x{body}") } else { body };
                    while text.encode_utf16().count() > max {
                        text.pop();
                    }
                    if longest {
                        let room = max.min(3_000) - text.encode_utf16().count().min(max.min(3_000));
                        text.extend(std::iter::repeat_n('y', room));
                    }
                    text.into()
                })
                .boxed()
        }
        FieldType::LogicalName { .. } => "[a-z][a-z0-9_]{0,20}".prop_map(Value::from).boxed(),
        FieldType::Url { .. } => {
            "https?://[a-z]{1,10}\\.example/[a-z?=%#]{0,20}".prop_map(Value::from).boxed()
        }
        FieldType::Whole { min, max } => {
            prop_oneof![Just(min), Just(max), min..=max].prop_map(Value::from).boxed()
        }
        FieldType::Choice(options) => {
            (0..options.len()).prop_map(|at| options[at].name.into()).boxed()
        }
        FieldType::Lookup { .. } => {
            any::<u128>().prop_map(|id| format!("{id:032x}").into()).boxed()
        }
        FieldType::Date => (0..60_000_i64)
            .prop_map(|day| {
                let date = chrono::NaiveDate::MIN
                    .max(chrono::NaiveDate::from_ymd_opt(1990, 1, 1).unwrap());
                json!(date + chrono::TimeDelta::days(day))
            })
            .boxed(),
        FieldType::Time => (0..4_000_000_000_i64)
            .prop_map(|second| json!(chrono::DateTime::from_timestamp(second, 0).unwrap()))
            .boxed(),
        other => panic!("no values for {other:?}"),
    }
}

/// The fields of a record: those that are required, and any of the others.
fn any_fields<T: SettingsRecord>(samples: &Samples) -> BoxedStrategy<Map<String, Value>> {
    let mut all = Just(Map::new()).boxed();
    for field in T::FIELDS {
        let value = match samples.of(field.name) {
            Some(values) => Union::new(values.iter().cloned().map(Just)).boxed(),
            None if field.ty == FieldType::Structure => continue,
            None => any_value(field.ty),
        };
        let there = if field.required { Just(true).boxed() } else { any::<bool>().boxed() };
        all = (all, there, value)
            .prop_map(|(mut fields, there, value)| {
                if there {
                    fields.insert(field.name.to_owned(), value);
                }
                fields
            })
            .boxed();
    }
    all
}

/// The required fields alone, each with its first sample or a plain value.
fn smallest<T: SettingsRecord>(samples: &Samples) -> Value {
    let plain = |ty| match ty {
        FieldType::Text { .. } => json!("x"),
        FieldType::LogicalName { .. } => json!("x"),
        FieldType::Url { .. } => json!("https://shop.example/"),
        FieldType::Whole { min, .. } => json!(min),
        FieldType::Choice(options) => json!(options[0].name),
        FieldType::Lookup { .. } => json!(format!("{:032x}", 7)),
        other => panic!("no plain value for {other:?}"),
    };
    let fields = T::FIELDS.iter().filter(|field| field.required).map(|field| {
        let sample = samples.of(field.name).map(|values| values[0].clone());
        (field.name.to_owned(), sample.unwrap_or_else(|| plain(field.ty)))
    });
    Value::Object(fields.collect())
}

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

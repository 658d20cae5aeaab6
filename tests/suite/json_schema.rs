//! The JSON Schemas of the settings: complete, readable, and whole.

use correspond::settings::{
    AnalyticsConfiguration, AuthenticatedDomain, ContentSettings, DataProtection, DefaultKind,
    DefaultMarketingSettings, Document, EmailServerProfile, EmailSettings, Entry, FieldType,
    LandingPageConfiguration, LeadScoringConfiguration, Mailbox, MarketingDataConfiguration,
    MatchingRule, MatchingStrategy, OrganizationProperties, PersonalOptions, Profile,
    QueueSettings, SettingsRecord, SocialAccount, document_schema, json_schema,
};
use schemars::{JsonSchema, schema_for};
use serde_json::Value;

macro_rules! every {
    ($($name:ident: $ty:ty { $($field:literal: $($sample:expr),+;)* })+) => {
        macro_rules! every_page {
            ($check:ident) => {$($check::<$ty>(stringify!($name));)+};
        }
    };
}

pages!(every);

fn parsed(schema: &str) -> Value {
    serde_json::from_str(schema).unwrap()
}

/// Calls `visit` with every object in `value`, and with where it stands.
fn objects(value: &Value, at: &str, visit: &mut dyn FnMut(&str, &serde_json::Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(at, object);
            for (name, value) in object {
                objects(value, &format!("{at}/{name}"), visit);
            }
        }
        Value::Array(list) => {
            for (number, value) in list.iter().enumerate() {
                objects(value, &format!("{at}/{number}"), visit);
            }
        }
        _ => {}
    }
}

fn metadata<T: SettingsRecord>(_: &str) {
    let schema = parsed(&json_schema::<T>());
    assert_eq!(schema["title"], T::PAGE);
    assert_eq!(schema["x-dataverse-table"].as_str(), T::TABLE);
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["properties"].as_object().unwrap().len(), T::FIELDS.len());
    for (at, field) in T::FIELDS.iter().enumerate() {
        let setting = &schema["properties"][field.name];
        assert_eq!(setting["title"], field.label, "{}", field.name);
        assert_eq!(setting["x-order"], at, "{}", field.name);
        assert_eq!(setting["x-dataverse-column"].as_str(), field.column, "{}", field.name);
        assert!(!setting["description"].as_str().unwrap().is_empty(), "{}", field.name);
        let required = schema["required"].as_array().unwrap();
        assert_eq!(required.iter().any(|name| name == field.name), field.required);
        // A default of the schema is one of the setting, and the other way round.
        let effective = DefaultKind::Effective(Profile::Documents);
        let default = T::default_value(field.name, effective);
        assert!(default.is_none() || !setting["default"].is_null(), "{}", field.name);
        assert!(!field.required || setting["default"].is_null(), "{}", field.name);
        match field.ty {
            FieldType::Choice(options) => {
                for option in options {
                    let described = setting["oneOf"].as_array().unwrap().iter();
                    let mut described = described.filter(|found| found["const"] == option.name);
                    let described = described.next().unwrap();
                    assert_eq!(described["title"], option.label);
                    assert_eq!(described["x-code"].as_i64(), option.code.map(i64::from));
                }
            }
            FieldType::Whole { min, max } => {
                assert_eq!((&setting["minimum"], &setting["maximum"]), (&min.into(), &max.into()));
            }
            FieldType::Text { max, .. } | FieldType::Url { max } => {
                assert_eq!(setting["maxLength"], max, "{}", field.name);
            }
            FieldType::Lookup { table } => assert_eq!(setting["x-dataverse-target"], table),
            _ => assert!(
                setting["type"].is_string()
                    || !setting["oneOf"].is_null()
                    || setting["type"].is_array(),
                "{}",
                field.name
            ),
        }
    }
}

#[test]
fn a_schema_says_what_the_metadata_says() {
    every_page!(metadata);
}

/// Descriptions are for whoever has the settings page before them: no links into the documentation
/// of the code, no examples.
fn readable<T: SettingsRecord>(_: &str) {
    let schema = parsed(&json_schema::<T>());
    objects(&schema, T::PAGE, &mut |at, object| {
        let Some(Value::String(text)) = object.get("description") else { return };
        for foreign in ["[`", "](", "```", "Self::", "super::", "crate::"] {
            assert!(!text.contains(foreign), "{at}: {text}");
        }
        assert!(text.ends_with(['.', '?', ')', '|']), "{at}: {text}");
    });
}

#[test]
fn descriptions_are_for_readers_of_a_settings_page() {
    every_page!(readable);
}

fn references(schema: &Value) -> usize {
    let mut references = 0;
    objects(schema, "", &mut |at, object| {
        if let Some(Value::String(reference)) = object.get("$ref") {
            let place = reference.strip_prefix('#').unwrap();
            assert!(schema.pointer(place).is_some(), "{at}: there is no {reference}");
            references += 1;
        }
    });
    references
}

fn whole<T: SettingsRecord>(_: &str) {
    let schema = parsed(&json_schema::<T>());
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(references(&schema), 0, "{}", T::PAGE);
}

#[test]
fn no_reference_of_a_schema_leads_nowhere() {
    every_page!(whole);
    let document = parsed(&document_schema());
    assert_eq!(document["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(references(&document), Document::PAGES.len());
    for page in Document::PAGES {
        let page = &document["properties"][page];
        assert!(page["title"].is_string() && page["description"].is_string(), "{page}");
    }
}

fn trait_form<T: SettingsRecord + JsonSchema>(_: &str) {
    let root = Value::from(schema_for!(T));
    assert_eq!(root, parsed(&json_schema::<T>()), "{}", T::PAGE);
    assert_ne!(T::schema_id(), T::schema_name());
    let entry = Value::from(schema_for!(Entry<T>));
    assert_eq!(entry["properties"].as_object().unwrap().len(), T::FIELDS.len() + 4);
}

#[test]
fn the_schemas_are_those_of_the_trait() {
    every_page!(trait_form);
    assert_eq!(Value::from(schema_for!(Document)), parsed(&document_schema()));
}

#[test]
fn schema_of_lead_scoring() {
    insta::assert_snapshot!(json_schema::<LeadScoringConfiguration>());
}

#[test]
fn schema_of_matching_strategies() {
    insta::assert_snapshot!(json_schema::<MatchingStrategy>());
}

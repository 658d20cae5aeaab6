//! Every page of settings, with values for each of its settings: what a test needs that holds for all
//! of them. Shared with the package that checks the schemas.

use correspond::settings::{FieldType, SettingsRecord};
use proptest::prelude::*;
use proptest::strategy::Union;
use serde_json::{Map, Value, json};

/// Hands every page to a macro: the name of the page, its type, and values for the settings whose
/// form a type alone does not tell.
macro_rules! pages {
    ($with:ident) => {
        $with! {
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
                "comparisons": json!({}), json!({ "lastname": "unaccented" });
            }
            matching_rules: MatchingRule {
                "main_condition": json!(["emailaddress1"]), json!(["emailaddress1", "mobilephone"]);
                "additional_conditions":
                    json!([]), json!([{ "attributes": ["lastname", "nickname"], "degree": "high" }]);
                "comparisons": json!({}), json!({ "lastname": "unaccented" });
            }
            analytics: AnalyticsConfiguration {
                "storage_url": "https://contoso.blob.core.windows.net/marketing",
                    "https://contoso.blob.core.windows.net/$root";
                "stopped_storage_url": "https://contoso.blob.core.windows.net/marketing";
                "signature_permissions": "racwdl", "rl";
            }
            default_marketing_settings: DefaultMarketingSettings {}
            content_settings: ContentSettings {
                "custom_texts": json!({ "cr1_hotline": "+1 555 0100", "cr1_x": "a\nb" });
            }
            social_accounts: SocialAccount { "consent": true; }
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
            email_settings: EmailSettings {
                "token_prefixes": ["ACME-", "CRM:"], json!({ "prefixes": ["a;"], "separator": "|" });
                "former_token_formats": json!([{ "prefix": "OLD:", "base": 500 }]);
                "blocked_extensions": ["exe", "js"];
                "correlation_policy": json!({}), json!({ "restart": "one", "window_days": 7 });
            }
            organization_properties: OrganizationProperties {
                "unknown": json!([{ "name": "SkipGettingRecordCountForPaging", "value": "true" }]);
            }
        }
    };
}

pub struct Samples(pub Vec<(&'static str, Vec<Value>)>);

impl Samples {
    pub fn of(&self, field: &str) -> Option<&[Value]> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, values)| values.as_slice())
    }
}

/// A value of this type.
pub fn any_value(ty: FieldType) -> BoxedStrategy<Value> {
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
pub fn any_fields<T: SettingsRecord>(samples: &Samples) -> BoxedStrategy<Map<String, Value>> {
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
pub fn smallest<T: SettingsRecord>(samples: &Samples) -> Value {
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

//! Values with parts: taken by the schema exactly where serde takes them.

use correspond::settings::{
    AnalyticsConfiguration, AuthenticatedDomain, ContentSettings, EmailSettings, Mailbox,
    MarketingDataConfiguration, MatchingRule, MatchingStrategy, OrganizationProperties,
    PersonalOptions, SettingsRecord,
};
use correspond_schemas_tests::Schema;
use serde_json::{Value, json};

use super::pages::Samples;
use super::schema_of;

/// A page with some settings, of which `field` has each of these values.
fn agree<T: SettingsRecord>(others: &Value, field: &str, taken: &[Value], refused: &[Value]) {
    let schema: Schema = schema_of::<T>();
    for (fits, values) in [(true, taken), (false, refused)] {
        for value in values {
            let mut record = others.clone();
            record[field] = value.clone();
            let read = serde_json::from_value::<T>(record.clone()).map(|_| ());
            let shown = value.to_string().chars().take(200).collect::<String>();
            assert_eq!(read.is_ok(), fits, "serde, {field}: {shown}: {read:?}");
            let checked = schema.check(&record);
            assert_eq!(checked.is_ok(), fits, "schema, {field}: {shown}: {checked:?}");
        }
    }
}

/// As many values as `values` has.
fn list<T: Into<Value>>(values: impl Iterator<Item = T>) -> Value {
    Value::Array(values.map(Into::into).collect())
}

#[test]
fn dns_records() {
    let record =
        |ty: &str, host: &str, value: &str| json!({ "type": ty, "host": host, "value": value });
    agree::<AuthenticatedDomain>(
        &json!({ "name": "contoso.com" }),
        "email_key_1",
        &[
            record("TXT", "@", "d365mktkey=abc"),
            record("TXT", "a.", "x y"),
            record("CNAME", "key1._domainkey", "a.b."),
            Value::Null,
        ],
        &[
            record("MX", "@", "a.b"),
            record("TXT", "", "x"),
            record("TXT", "a b", "x"),
            record("TXT", "@", ""),
            record("TXT", "@", "\u{e4}"),
            record("TXT", "@", &"x".repeat(501)),
            record("TXT", &"x".repeat(64), "x"),
            record("CNAME", "@", "a"),
            record("CNAME", "@", "a..b"),
            json!({ "type": "TXT", "host": "@" }),
            json!({ "type": "TXT", "host": "@", "value": "x", "ttl": 60 }),
            json!("@ TXT x"),
        ],
    );
}

#[test]
fn sets_of_tables() {
    agree::<MarketingDataConfiguration>(
        &json!({}),
        "requested",
        &[json!([]), list((0..1_000).map(|n| format!("t{n}")))],
        &[json!(["lead", "lead"]), json!(["Lead"]), list((0..1_001).map(|n| format!("t{n}")))],
    );
    let always = [
        json!({ "table": "account" }),
        json!({ "table": "contact" }),
        json!({ "table": "msevtmgt_event" }),
    ];
    let with = |entry: Value| list(always.iter().cloned().chain([entry]));
    agree::<MarketingDataConfiguration>(
        &json!({}),
        "published",
        &[
            list(always.iter().cloned()),
            with(json!({ "table": "lead", "usable_at": "2026-11-22T09:30:00Z" })),
            with(json!({ "table": "lead", "usable_at": null })),
        ],
        &[
            json!([]),
            list(always.iter().skip(1).cloned()),
            with(json!({ "table": "lead", "usable_at": "soon" })),
            with(json!({ "table": "lead", "since": null })),
            with(json!({ "usable_at": null })),
            json!(["account", "contact", "msevtmgt_event"]),
        ],
    );
}

#[test]
fn matching_attributes() {
    agree::<MatchingStrategy>(
        &json!({ "name": "x" }),
        "attributes",
        &[json!(["emailaddress1"]), list((0..32).map(|n| format!("a{n}")))],
        &[json!([]), json!(["a", "a"]), json!([""]), list((0..33).map(|n| format!("a{n}")))],
    );
}

#[test]
fn comparisons_of_attributes() {
    let many = |count: usize| {
        Value::Object((0..count).map(|n| (format!("a{n}"), json!("phone"))).collect())
    };
    agree::<MatchingStrategy>(
        &json!({ "name": "x", "attributes": ["emailaddress1"] }),
        "comparisons",
        &[
            json!({}),
            json!({ "lastname": "exact", "firstname": "unaccented" }),
            json!({ "emailaddress1": "email-strict", "new_hotline": "phone" }),
            json!({ "telephone1": "phone-e164", "mobilephone": "phone-e164:DE" }),
            many(32),
        ],
        &[
            many(33),
            json!({ "lastname": "soundex" }),
            json!({ "mobilephone": "phone-e164:UK" }),
            json!({ "mobilephone": "phone-e164:de" }),
            json!({ "mobilephone": "phone-e164:" }),
            json!({ "mobilephone": "phone-e1641" }),
            json!({ "lastname": "Exact" }),
            json!({ "lastname": null }),
            json!({ "lastname": ["exact"] }),
            json!({ "Lastname": "exact" }),
            json!({ "": "exact" }),
            json!([]),
            json!("exact"),
        ],
    );
}

#[test]
fn conditions_of_matching_rules() {
    let condition =
        |attributes: Value, degree: &str| json!([{ "attributes": attributes, "degree": degree }]);
    let many = |count: usize| {
        list((0..count).map(|_| json!({ "attributes": ["lastname"], "degree": "low" })))
    };
    agree::<MatchingRule>(
        &json!({ "name": "x", "main_condition": ["emailaddress1"] }),
        "additional_conditions",
        &[
            json!([]),
            condition(json!(["lastname"]), "exact"),
            condition(json!(["lastname", "nickname"]), "medium"),
            condition(list((0..32).map(|n| format!("a{n}"))), "high"),
            many(8),
        ],
        &[
            many(9),
            condition(json!([]), "exact"),
            condition(json!(["lastname", "lastname"]), "exact"),
            condition(json!("lastname"), "exact"),
            condition(list((0..33).map(|n| format!("a{n}"))), "high"),
            condition(json!(["lastname"]), "most"),
            condition(json!(["lastname"]), "High"),
            json!([{ "attributes": ["lastname"] }]),
            json!([{ "degree": "low" }]),
            json!([{ "attributes": ["lastname"], "degree": "low", "weight": 1 }]),
            json!([["lastname", "low"]]),
            json!({ "attributes": ["lastname"], "degree": "low" }),
        ],
    );
}

#[test]
fn urls_and_permissions_of_containers() {
    let analytics = json!({ "name": "x" });
    agree::<AnalyticsConfiguration>(
        &analytics,
        "storage_url",
        &[
            json!("https://contoso.blob.core.windows.net/marketing"),
            json!("https://contoso.blob.core.windows.net:443/marketing/"),
        ],
        &[
            json!("http://contoso.blob.core.windows.net/marketing"),
            json!("https://contoso.blob.core.windows.net/"),
            json!("https://contoso.blob.core.windows.net/a/b"),
            json!("https://contoso.blob.core.windows.net/marketing?sig=x"),
            json!("https://contoso.blob.core.windows.net/marketing#x"),
        ],
    );
    agree::<AnalyticsConfiguration>(
        &analytics,
        "signature_permissions",
        &[json!("racwdl"), json!("lr"), json!("")],
        &[json!("racwdlt"), json!("R"), json!(63)],
    );
}

#[test]
fn custom_texts() {
    let content =
        json!({ "name": "x", "address_main": "x", "subscription_center": "https://x.example/" });
    let many = |count: usize| {
        Value::Object((0..count).map(|n| (format!("cr1_t{n}"), json!("x"))).collect())
    };
    agree::<ContentSettings>(
        &content,
        "custom_texts",
        &[json!({}), json!({ "cr1_hotline": "" }), many(64)],
        &[
            many(65),
            json!({ "hotline": "x" }),
            json!({ "CR1_hotline": "x" }),
            json!({ "cr1_": "x" }),
            json!({ "cr1_hotline": "\u{0}" }),
            json!({ "cr1_hotline": "x".repeat(2_001) }),
            json!({ "cr1_hotline": 1 }),
        ],
    );
}

#[test]
fn owners_and_folders() {
    let id = "0000000000000000000000000000001f";
    let samples = Samples(vec![("owner", vec![json!({ "user": id })])]);
    let mailbox = super::pages::smallest::<Mailbox>(&samples);
    agree::<Mailbox>(
        &mailbox,
        "owner",
        &[json!({ "user": id }), json!({ "queue": id })],
        &[
            json!({ "team": id }),
            json!({ "user": "x" }),
            json!({ "user": id, "queue": id }),
            json!({}),
        ],
    );
    let folder = |folder: &str| json!([{ "folder": folder, "regarding": id }]);
    let many = |count: usize| {
        list((0..count).map(|n| json!({ "folder": format!("Inbox/{n}"), "regarding": id })))
    };
    agree::<PersonalOptions>(
        &json!({}),
        "folders",
        &[json!([]), folder("inbox/Fair"), folder("INBOX\\a\\b c"), many(25)],
        &[
            folder("Inbox"),
            folder("Archive/Fair"),
            folder("Inbox//Fair"),
            folder("Inbox/ "),
            folder(&format!("Inbox/{}", "x".repeat(1_024))),
            json!([{ "folder": "Inbox/Fair" }]),
            json!([{ "folder": "Inbox/Fair", "regarding": id, "deep": true }]),
            many(26),
        ],
    );
}

#[test]
fn prefixes_and_formats_of_tokens() {
    agree::<EmailSettings>(
        &json!({}),
        "token_prefixes",
        &[
            json!(["CRM:"]),
            json!(["ACME-", "Dynamics 365:"]),
            json!({ "prefixes": ["a;"], "separator": "|" }),
        ],
        &[
            json!([]),
            json!([""]),
            json!([" CRM:"]),
            json!(["a;b"]),
            json!(["a\nb"]),
            json!(["x".repeat(21)]),
            json!({ "prefixes": ["a"], "separator": "x" }),
            json!({ "prefixes": ["a"], "separator": "||" }),
            json!({ "prefixes": [] }),
            json!({ "separator": "|" }),
            json!({ "prefixes": ["a"], "sep": "|" }),
            json!("CRM:"),
        ],
    );
    agree::<EmailSettings>(
        &json!({}),
        "former_token_formats",
        &[
            json!([]),
            json!([{}]),
            json!([{ "prefix": "OLD:", "base": 2_147_483_647, "user_digits": 10, "counter_digits": 9 }]),
            list((0..100).map(|n| json!({ "base": n }))),
        ],
        &[
            json!([{ "prefix": "" }]),
            json!([{ "base": 2_147_483_648_u32 }]),
            json!([{ "base": -1 }]),
            json!([{ "user_digits": 0 }]),
            json!([{ "user_digits": 11 }]),
            json!([{ "counter_digits": 10 }]),
            json!([{ "counter_digits": null }]),
            json!([{ "digits": 3 }]),
            list((0..101).map(|n| json!({ "base": n }))),
        ],
    );
}

#[test]
fn correlation_policies() {
    agree::<EmailSettings>(
        &json!({}),
        "correlation_policy",
        &[
            json!({}),
            json!({ "order": [] }),
            json!({ "order": ["headers", "token"], "restart": "one", "window_days": 4_294_967_295_u32 }),
            json!({ "restart": null, "subject": null }),
            json!({ "subject": { "reply_words": ["Betr", "\u{56de}\u{590d}"], "tags": "strip_all" } }),
            json!({ "subject": { "gateway_tags": ["#x", "spam?"], "strip_was": true } }),
            json!({ "compare_addresses": "strict", "strangers": "refuse", "overflow": "wrap" }),
        ],
        &[
            json!({ "order": ["headers", "headers"] }),
            json!({ "order": ["guess"] }),
            json!({ "restart": "two" }),
            json!({ "window_days": -1 }),
            json!({ "window_days": 4_294_967_296_u64 }),
            json!({ "strangres": "match" }),
            json!({ "subject": { "reply_words": ["a1"] } }),
            json!({ "subject": { "reply_words": [""] } }),
            json!({ "subject": { "reply_words": ["x".repeat(65)] } }),
            json!({ "subject": { "list_tags": ["a]"] } }),
            json!({ "subject": { "tags": "strip-all" } }),
            json!({ "subject": { "strip_was": null } }),
            json!({ "subject": { "words": [] } }),
        ],
    );
}

#[test]
fn blocked_extensions_and_unknown_properties() {
    agree::<EmailSettings>(
        &json!({}),
        "blocked_extensions",
        &[json!([]), json!(["exe", ".js"]), json!(["x".repeat(64)])],
        &[
            json!([""]),
            json!(["."]),
            json!(["a.b"]),
            json!(["a;b"]),
            json!(["a b"]),
            json!(["x".repeat(65)]),
            json!("exe;js"),
            list((0..1_025).map(|n| format!("x{n}"))),
        ],
    );
    let property = |name: &str, value: &str| json!([{ "name": name, "value": value }]);
    agree::<OrganizationProperties>(
        &json!({}),
        "unknown",
        &[
            json!([]),
            property("SkipGettingRecordCountForPaging", "true"),
            property("_x-y.z", ""),
            list((0..256).map(|n| json!({ "name": format!("x{n}"), "value": "" }))),
        ],
        &[
            property("1x", ""),
            property("", ""),
            property("DisableSmartMatching", "true"),
            property(&"x".repeat(129), ""),
            property("x", &"x".repeat(4_097)),
            json!([{ "name": "x" }]),
            json!([{ "name": "x", "value": "y", "type": "z" }]),
            list((0..257).map(|n| json!({ "name": format!("x{n}"), "value": "" }))),
        ],
    );
}

#[test]
fn sizes_of_attachments_and_of_users() {
    agree::<EmailSettings>(
        &json!({}),
        "max_attachment_size",
        &[json!(0), json!(134_217_728)],
        &[json!(-1), json!(134_217_729)],
    );
    agree::<EmailSettings>(
        &json!({ "profile": "current" }),
        "token_user_digits",
        &[json!(1), json!(10)],
        &[json!(0), json!(11)],
    );
}

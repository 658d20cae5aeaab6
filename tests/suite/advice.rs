//! Every kind of advice: one case that raises it, one beside it that does not, and its text.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::num::NonZeroU32;

use correspond::id::RecordId;
use correspond::party::Value as Cell;
use correspond::settings::in_force::Standing;
use correspond::settings::{
    AdviceKind, AdviceSeverity, CatalogueTable, ConnectStatus, Document, EmailSettings, Facts,
    Profile, SettingsRecord, TableCatalogue,
};
use correspond::token::Prefix;
use serde_json::{Value, json};

fn document(pages: &Value) -> Document {
    let mut pages = pages.clone();
    pages["schema"] = json!(1);
    let mut document =
        Document::from_json(&pages.to_string()).unwrap_or_else(|error| panic!("{error}: {pages}"));
    // A sign-in does not come along with a document: here somebody signs in once more.
    for (at, entry) in document.social_accounts.iter_mut().enumerate() {
        if pages["social_accounts"][at]["connect_status"] == "signed-in" {
            let signed_in = entry.value.to_builder().connect_status(ConnectStatus::SignedIn);
            entry.value = signed_in.build().unwrap();
        }
    }
    document
}

fn email(fields: Value) -> Value {
    json!({ "email_settings": fields })
}

/// A record: its fields, with an id and a day.
fn record(id: u8, mut fields: Value) -> Value {
    fields["id"] = json!(id.to_string());
    fields["created"] = json!(format!("2026-11-{id:02}T09:00:00Z"));
    fields
}

fn known(change: impl FnOnce(&mut Facts)) -> Facts {
    let mut facts = Facts::default();
    change(&mut facts);
    facts
}

fn on(day: &str) -> Facts {
    known(|facts| facts.now = Some(format!("{day}T12:00:00Z").parse().unwrap()))
}

fn beside(name: &str, fields: Value) -> Facts {
    let settings: EmailSettings = serde_json::from_value(fields).unwrap();
    known(|facts| facts.others.push((name.to_owned(), settings)))
}

/// What raises a kind, and what is like it and does not.
struct Case {
    kind: &'static str,
    raises: (Value, Facts),
    silent: (Value, Facts),
}

fn case(kind: &'static str, raises: Value, silent: Value) -> Case {
    Case { kind, raises: (raises, Facts::default()), silent: (silent, Facts::default()) }
}

/// The same settings, and other facts.
fn fact(kind: &'static str, pages: Value, raises: Facts, silent: Facts) -> Case {
    Case { kind, raises: (pages.clone(), raises), silent: (pages, silent) }
}

impl Case {
    fn knowing(mut self, facts: &Facts) -> Self {
        self.raises.1 = facts.clone();
        self.silent.1 = facts.clone();
        self
    }
}

/// Facts 2.7, 8.1, 10.
fn token_cases() -> Vec<Case> {
    let prefix = |prefix: &str| email(json!({ "token_prefixes": [prefix] }));
    let many: Vec<_> = (0..12).map(|n| format!("A-long-prefix-no.-{n:02}")).collect();
    let five_digits = email(json!({ "max_tracking_number": 99_999 }));
    let busy = known(|facts| facts.mails_per_day = NonZeroU32::new(500));
    let open = known(|facts| facts.open_conversations = Some(250));
    vec![
        fact(
            "PrefixShared",
            prefix("CRM:"),
            beside("test", json!({})),
            beside("test", json!({"token_prefixes": ["TEST:"]})),
        ),
        fact(
            "PrefixSharedApart",
            prefix("crm:"),
            beside("test", json!({"token_base": 500})),
            beside("test", json!({})),
        ),
        fact(
            "DefaultPrefix",
            prefix("CRM:"),
            beside("test", json!({"token_prefixes": ["TEST:"]})),
            Facts::default(),
        ),
        case("PrefixEndsInDigit", prefix("CRM1"), prefix("CRM1:")),
        case("PrefixIsReplyPrefix", prefix("AW:"), prefix("AWACS:")),
        fact(
            "PrefixHistoryDrops",
            email(json!({ "token_prefixes": many })),
            known(|facts| facts.next_prefix = Prefix::new("ACME:").ok()),
            known(|facts| facts.next_prefix = Prefix::new("C:").ok()),
        ),
        case(
            "BaseTooWide",
            email(json!({ "token_base": 1000 })),
            email(json!({ "token_base": 999 })),
        ),
        fact(
            "UserNumbersTooWide",
            email(json!({ "token_base": 500 })),
            known(|facts| facts.highest_user = Some(500)),
            known(|facts| facts.highest_user = Some(499)),
        ),
        case("CounterWraps", email(json!({})), five_digits.clone()).knowing(&busy),
        case("TokensGuessable", email(json!({})), five_digits).knowing(&open),
        case("TokensOff", email(json!({ "use_tracking_tokens": false })), email(json!({}))),
        case("DigitsLost", email(json!({ "use_tracking_tokens": false })), email(json!({}))),
    ]
}

/// Facts 3.5 to 3.7, 8.2, 10.
fn smart_matching_cases() -> Vec<Case> {
    let filter = |expression: &str| email(json!({ "smart_filter": expression }));
    let min = |min: u32| email(json!({ "smart_min_addresses": min }));
    let properties = |name: &str, set: bool| json!({ "email_settings": {}, "organization_properties": { name: set } });
    let colleagues = known(|facts| facts.internal_addresses = Some(2));
    vec![
        case(
            "SmartMatchingOverruled",
            properties("disable_smart_matching", true),
            properties("disable_smart_matching", false),
        ),
        case("SmartMinAddresses", min(1), min(2)),
        case("SmartMinInternal", min(2), min(3)).knowing(&colleagues),
        case("SmartDelta", email(json!({ "smart_delta": 1 })), email(json!({ "smart_delta": 0 }))),
        case(
            "SmartMaxCount",
            email(json!({ "smart_max_count": 41 })),
            email(json!({ "smart_max_count": 40 })),
        ),
        case(
            "FilterLostBackslashes",
            filter("^[s]*([w]+s?:[s]*)+"),
            filter(r"^[\s]*([\w]+\s?:[\s]*)+"),
        ),
        case("FilterUnusable", filter(r"(?<=Re:)\s"), filter(r"Re:\s")),
        case("FilterMatchesEmpty", filter(r"^(RE:\s*)*"), filter(r"^(RE:\s*)+")),
        case("FilterEatsLabels", email(json!({})), filter(r"^\s*((RE|FW|FWD|AW|WG)\s?:\s*)+")),
        case("FilterEatsWords", filter(r"\w+r\b"), filter(r"^\w+r:")),
    ]
}

/// Facts 2.7, 3.8, 3.11, 8.2, 10.
fn email_cases() -> Vec<Case> {
    let router = |headers: bool| {
        email(json!({
            "process_email_using": "email-router",
            "appointments_method": "outlook",
            "use_correlation": headers,
        }))
    };
    let tracking = |on: bool| {
        json!({
            "use_tracking_tokens": false,
            "folder_tracking": false,
            "smart_matching": false,
            "use_correlation": on,
        })
    };
    let with = |page: &str, fields: Value, headers: bool| json!({ "email_settings": tracking(headers), page: [record(1, fields)] });
    let header = "ignore_conversation_index_and_in_reply_to_for_correlation";
    let properties =
        |set: bool| json!({ "email_settings": {}, "organization_properties": { header: set } });
    let server = |kind: &str| json!([record(2, json!({ "name": "Provider", "server": kind }))]);
    let folders = |most: u32| {
        json!({
            "email_settings": { "max_tracked_folders": most },
            "personal_options": [record(1, json!({ "folders": [
                { "folder": "Inbox/Fair", "regarding": "7" },
                { "folder": "Inbox/Offers", "regarding": "8" },
            ] }))],
        })
    };
    let user = |kind: &str| {
        json!({
            "email_server_profiles": server(kind),
            "mailboxes": [record(3, json!({ "name": "Ann", "profile": "2", "appointments": "server-side" }))],
            "personal_options": [record(1, json!({
                "mailbox": "3",
                "folders": [{ "folder": "Inbox/Fair", "regarding": "7" }],
            }))],
        })
    };
    let organization = |kind: &str| {
        json!({
            "email_server_profiles": server(kind),
            "email_settings": { "default_server_profile": "2" },
        })
    };
    let outlook = |tokens: bool| {
        json!({
            "email_settings": { "use_tracking_tokens": tokens },
            "mailboxes": [record(3, json!({ "name": "Ann", "outgoing": "outlook" }))],
        })
    };
    let smtp = known(|facts| facts.smtp_mailboxes.extend([RecordId::new(3)]));
    let answers = |filter: &str| json!({ "filter": filter });
    let queue = |filter: &str| json!({ "name": "Info", "filter": filter });
    let unresolved = |yes: bool| email(json!({ "unresolved_on_multiple_match": yes }));
    let size = |kilobytes: u64| email(json!({ "max_attachment_size": kilobytes * 1_024 }));
    vec![
        case("CorrelationMayNotWork", outlook(false), outlook(true)).knowing(&smtp),
        case("NothingCorrelates", email(tracking(false)), email(tracking(true))),
        case(
            "UserTracksNothing",
            with("personal_options", answers("in-response"), false),
            with("personal_options", answers("in-response"), true),
        ),
        case(
            "QueueTracksNothing",
            with("queues", queue("in-response"), false),
            with("queues", queue("all"), false),
        ),
        case("HeadersWithRouter", router(true), router(false)),
        case("HeadersOverruled", properties(true), properties(false)),
        case("FolderTrackingRests", router(true), email(json!({}))),
        case("TooManyFolders", folders(1), folders(2)),
        case("FoldersWithoutExchange", user("pop3-smtp"), user("exchange-online")),
        case("AppointmentsWithoutExchange", user("pop3-smtp"), user("exchange-server")),
        case(
            "DefaultAppointmentsWithoutExchange",
            organization("imap-smtp"),
            organization("exchange-server-hybrid"),
        ),
        case("ApplyToAllRests", unresolved(false), unresolved(true)),
        case("LargeAttachments", size(32_769), size(32_768)),
    ]
}

fn content(status: &str, default: bool) -> Value {
    json!({
        "name": "Head office",
        "address_main": "1 Quay Street",
        "subscription_center": "https://contoso.example/center",
        "status": status,
        "default": default,
    })
}

/// Facts 7.1 to 7.6, 8.4, 10.
fn marketing_cases() -> Vec<Case> {
    let scorings = |active: bool| {
        json!({ "lead_scoring": [
        record(1, json!({ "name": "Old" })),
        record(2, json!({ "name": "New", "active": active })),
    ] })
    };
    let strategies = json!([
        record(11, json!({ "name": "Contacts", "attributes": ["emailaddress1"] })),
        record(12, json!({ "name": "Leads", "attributes": ["emailaddress1"], "target": "lead" })),
    ]);
    let page = |id, change: Value| {
        let mut page = record(
            id,
            json!({
                "name": format!("Page {id}"),
                "contact_matching_strategy": "0b",
                "lead_matching_strategy": "0c",
            }),
        );
        page.as_object_mut().unwrap().append(&mut change.as_object().unwrap().clone());
        page
    };
    let strategies =
        strategies.as_array().unwrap().iter().zip(["0b", "0c"]).map(|(strategy, id)| {
            let mut strategy = strategy.clone();
            strategy["id"] = json!(id);
            strategy
        });
    let strategies: Vec<_> = strategies.collect();
    let pages = |pages: Vec<Value>| json!({ "matching_strategies": strategies.clone(), "landing_pages": pages });
    let one = |change: Value| pages(vec![page(1, change)]);
    let set = |id, fields: Value| {
        let mut set = record(id, json!({ "name": format!("Set {id}"), "default": true }));
        set.as_object_mut().unwrap().append(&mut fields.as_object().unwrap().clone());
        set
    };
    let sets = |sets: Vec<Value>| json!({ "default_marketing_settings": sets });
    let contents = |list: Vec<Value>| json!({ "content_settings": list });
    let with_content = |fields: Value, status: &str| {
        json!({
            "default_marketing_settings": [set(1, fields)],
            "content_settings": [record(5, content(status, true))],
        })
    };
    let opt_in = json!({
        "enable_double_opt_in": true,
        "subscription_message": "a1",
        "consent_message": "a2",
        "double_opt_in_content_settings": "5",
        "thank_you_source": "urls",
        "subscription_thank_you_url": "https://contoso.example/s",
        "consent_thank_you_url": "https://contoso.example/c",
    });
    let domain = |status: &str| {
        let active = status != "inactive";
        json!({
            "authenticated_domains": [record(6, json!({
                "name": "contoso.com",
                "active": active,
                "email_status": if active { status } else { "confirmed" },
                "ownership_status": "confirmed",
            }))],
            "default_marketing_settings": [set(1, json!({ "default_sending_domain": "6" }))],
        })
    };
    vec![
        case("SeveralLeadScorings", scorings(true), scorings(false)),
        case(
            "NoLeadScoring",
            json!({ "lead_scoring": [record(1, json!({ "name": "Old", "active": false }))] }),
            scorings(true),
        ),
        case("NoDefaultLandingPage", one(json!({})), one(json!({ "default": true }))),
        case(
            "SeveralDefaultLandingPages",
            pages(vec![page(1, json!({ "default": true })), page(2, json!({ "default": true }))]),
            pages(vec![
                page(1, json!({ "default": true })),
                page(2, json!({ "default": true, "active": false })),
            ]),
        ),
        case(
            "BannerWithoutText",
            one(json!({ "insert_privacy_banner": true })),
            one(json!({ "insert_privacy_banner": true, "privacy_banner_text": "We count." })),
        ),
        case(
            "BannerWithoutUrl",
            one(json!({ "insert_privacy_banner": true })),
            one(json!({ "privacy_banner_text": "Off." })),
        ),
        case("StrategyMissing", one(json!({ "lead_matching_strategy": "f" })), one(json!({}))),
        case("StrategyWrongTarget", one(json!({ "lead_matching_strategy": "0b" })), one(json!({}))),
        case(
            "NoDefaultMarketingSettings",
            sets(vec![set(1, json!({ "default": false }))]),
            sets(vec![set(1, json!({}))]),
        ),
        case(
            "SeveralDefaultMarketingSettings",
            sets(vec![set(1, json!({})), set(2, json!({}))]),
            sets(vec![set(1, json!({})), set(2, json!({ "active": false }))]),
        ),
        case(
            "NoDefaultSendingDomain",
            sets(vec![set(1, json!({}))]),
            sets(vec![set(1, json!({ "default_sending_domain": "6" }))]),
        ),
        case("DefaultDomainUnconfirmed", domain("keys-not-found"), domain("confirmed")),
        case("DefaultDomainInactive", domain("inactive"), domain("confirmed")),
        case(
            "DefaultContentUnusable",
            with_content(json!({ "default_content_settings": "5" }), "stopped"),
            with_content(json!({ "default_content_settings": "5" }), "live"),
        ),
        case(
            "OptInContentUnusable",
            with_content(opt_in.clone(), "draft"),
            with_content(opt_in.clone(), "live-editable"),
        ),
        case(
            "OptInRests",
            sets(vec![set(1, json!({ "consent_message": "a2" }))]),
            with_content(opt_in, "live"),
        ),
        case(
            "NoDefaultContentSettings",
            contents(vec![record(5, content("live", false))]),
            contents(vec![record(5, content("live", true))]),
        ),
        case(
            "SeveralDefaultContentSettings",
            contents(vec![record(5, content("live", true)), record(6, content("live", true))]),
            contents(vec![record(5, content("live", true)), record(6, content("live", false))]),
        ),
        case(
            "ContentNotLive",
            contents(vec![record(5, content("draft", true))]),
            contents(vec![record(5, content("live", true))]),
        ),
        case(
            "DanglingLink",
            with_content(json!({ "default_content_settings": "4" }), "live"),
            with_content(json!({ "default_content_settings": "5" }), "live"),
        ),
    ]
}

/// Facts 7.3: the conditions of the later product's rules.
fn rule_cases() -> Vec<Case> {
    let rule = |conditions: Value, comparisons: Value| {
        json!({ "matching_rules": [record(7, json!({
            "name": "Families",
            "main_condition": ["emailaddress1", "mobilephone"],
            "additional_conditions": conditions,
            "comparisons": comparisons,
        }))] })
    };
    let condition =
        |attributes: &[&str], degree: &str| json!({ "attributes": attributes, "degree": degree });
    let one = |attributes, degree| rule(json!([condition(attributes, degree)]), json!({}));
    vec![
        case(
            "ConditionWithoutEffect",
            one(&["emailaddress1", "mobilephone", "lastname"], "exact"),
            one(&["emailaddress1", "lastname"], "exact"),
        ),
        case("LooseIdentifier", one(&["emailaddress1"], "high"), one(&["lastname"], "high")),
    ]
}

/// Of conditions that follow from one another the wider one is told of; of two that say the same, the
/// later one.
#[test]
fn a_condition_of_a_rule_that_says_nothing_new_is_told_once() {
    let conditions = json!([
        { "attributes": ["lastname", "nickname"], "degree": "medium" },
        { "attributes": ["lastname"], "degree": "high" },
        { "attributes": ["lastname"], "degree": "high" },
        { "attributes": ["address1_city"], "degree": "low" },
    ]);
    let rule = json!({ "matching_rules": [record(7, json!({
        "name": "Families",
        "main_condition": ["emailaddress1"],
        "additional_conditions": conditions,
    }))] });
    let advice = document(&rule).advice(&Facts::default());
    let reasons: Vec<_> = advice.iter().map(correspond::settings::Advice::reason).collect();
    assert_eq!(
        reasons,
        [
            "additional condition 1 holds wherever additional condition 2 does: it has no effect",
            "additional condition 3 holds wherever additional condition 2 does: it has no effect",
        ]
    );
}

/// An attribute that is compared as text may be similar; a telephone number may not.
#[test]
fn identifiers_of_a_rule_are_told_by_their_comparison() {
    let rule = |comparison: &str| {
        let rule = json!({ "matching_rules": [record(7, json!({
            "name": "Families",
            "main_condition": ["emailaddress1"],
            "additional_conditions": [{ "attributes": ["new_hotline"], "degree": "low" }],
            "comparisons": { "new_hotline": comparison },
        }))] });
        document(&rule).advice(&Facts::default()).len()
    };
    assert_eq!([rule("phone"), rule("email"), rule("caseless")], [1, 1, 0]);
}

/// Facts 6.4, 7.7 to 7.10, 8.4, 10.
fn service_cases() -> Vec<Case> {
    let domain = |fields: Value| json!({ "authenticated_domains": [record(6, fields)] });
    let asks_nothing = json!({
        "name": "contoso.com",
        "authenticate_email": false,
        "email_status": "not-requested",
        "ownership_status": "not-requested",
    });
    let export = |id: u8, url: bool| {
        let mut fields = json!({ "name": format!("Export {id}"), "default": id == 1 });
        if url {
            fields["storage_url"] = json!("https://contoso.blob.core.windows.net/marketing");
            fields["signature_expires"] = json!("2026-11-22");
        }
        record(id, fields)
    };
    let exports = |list: Vec<Value>| json!({ "analytics": list });
    let permitting = |letters: &str| {
        let mut one = export(1, true);
        one["signature_permissions"] = json!(letters);
        exports(vec![one])
    };
    let account = |status: &str| {
        json!({ "social_accounts": [record(1, json!({
        "name": "Us",
        "channel": "twitter",
        "consent": true,
        "connect_status": status,
        "valid_until": "2026-11-22",
    }))] })
    };
    let later = |profile: &str| {
        let mut pages = account("signed-in");
        pages["email_settings"] = json!({ "profile": profile });
        pages
    };
    let pages = |choice: &str| {
        json!({ "social_accounts": [record(1, json!({
        "name": "Us",
        "channel": "facebook",
        "consent": true,
        "connect_status": "signed-in",
        "page_choice": choice,
    }))] })
    };
    let protections = |both: bool| {
        let protection = |id, default| record(id, json!({ "name": "GDPR", "default": default }));
        json!({ "data_protection": [protection(1, true), protection(2, both)] })
    };
    let respect = |yes: bool| json!({ "data_protection": [record(1, json!({ "name": "GDPR", "respect_consent": yes }))] });
    let consents = known(|facts| facts.minimum_consents = 3);
    let tables = |tracked: bool| {
        let pet = CatalogueTable::new("new_pet".parse().unwrap(), tracked);
        known(|facts| facts.catalogue = TableCatalogue::new([pet]).ok())
    };
    let requested = json!({ "marketing_data": { "requested": ["new_pet"] } });
    vec![
        case(
            "DomainWww",
            domain(json!({ "name": "www.contoso.com" })),
            domain(json!({ "name": "contoso.com" })),
        ),
        case("DomainAsksNothing", domain(asks_nothing), domain(json!({ "name": "contoso.com" }))),
        case(
            "DomainUnconfirmed",
            domain(json!({ "name": "contoso.com", "email_status": "keys-not-found" })),
            domain(json!({ "name": "contoso.com", "email_status": "confirmed" })),
        )
        .knowing(&on("2026-11-08")),
        fact(
            "SignatureExpired",
            exports(vec![export(1, true)]),
            on("2026-11-23"),
            on("2026-11-22"),
        ),
        fact(
            "SignatureExpires",
            exports(vec![export(1, true)]),
            on("2026-11-22"),
            on("2026-11-08"),
        ),
        case("PermissionsMissing", permitting("rl"), permitting("racwdl")),
        case(
            "SeveralExports",
            exports(vec![export(1, true), export(2, true)]),
            exports(vec![export(1, true), export(2, false)]),
        ),
        case("SignInAgain", account("password-changed"), account("signed-in")),
        fact("SignInExpired", account("signed-in"), on("2026-11-23"), on("2026-11-22")),
        case("ChannelEnded", later("current"), later("documents")),
        case("PageNotChosen", pages("arbitrary"), pages("chosen")),
        case("SeveralDefaults", protections(true), protections(false)),
        case("ConsentIgnored", respect(false), respect(true)).knowing(&consents),
        fact("TableNotSelectable", requested, tables(false), tables(true)),
    ]
}

fn cases() -> Vec<Case> {
    let mut cases = token_cases();
    cases.extend(smart_matching_cases());
    cases.extend(email_cases());
    cases.extend(marketing_cases());
    cases.extend(rule_cases());
    cases.extend(service_cases());
    cases
}

/// B036, B040, C044; facts 2.7, 3.5 to 3.7, 6.4, 7, 8, 10. The text of each kind stands in the
/// snapshot.
#[test]
fn advice_names_what_practitioners_stumble_over() {
    let mut shown = BTreeSet::new();
    let mut texts = String::new();
    for Case { kind, raises, silent } in cases() {
        let advice = document(&raises.0).advice(&raises.1);
        let found: Vec<_> = advice.iter().filter(|advice| advice.kind().name() == kind).collect();
        let [found] = found[..] else { panic!("{kind} is not raised once: {advice:?}") };
        writeln!(texts, "{kind}\n  {found}\n").unwrap();
        let others = document(&silent.0).advice(&silent.1);
        assert!(others.iter().all(|advice| advice.kind().name() != kind), "{kind}: {others:?}");
        assert!(shown.insert(kind), "{kind} twice");
    }
    let missing: Vec<_> = AdviceKind::NAMES.iter().filter(|name| !shown.contains(**name)).collect();
    assert!(missing.is_empty(), "no case raises {missing:?}");
    insta::assert_snapshot!("advice", texts);
}

/// Every place is one: an administrator is led to a page and a setting that are there.
#[test]
fn advice_leads_to_a_setting() {
    for Case { raises, .. } in cases() {
        for advice in document(&raises.0).advice(&raises.1) {
            assert!(!advice.page().is_empty() && advice.label().is_some(), "{advice:?}");
            let (reason, remedy) = (advice.reason(), advice.remedy());
            for text in [&reason, &remedy] {
                assert!(!text.ends_with('.') && !text.contains("  "), "{text:?}");
            }
        }
    }
}

#[test]
fn defaults_have_hints_alone() {
    let document = document(&email(json!({})));
    let advice = document.advice(&Facts::default());
    let names: Vec<_> = advice.iter().map(|advice| advice.kind().name()).collect();
    assert_eq!(names, ["FilterEatsLabels", "ApplyToAllRests"]);
    assert!(advice.iter().all(|advice| advice.severity() == AdviceSeverity::Hint));
    assert!(Document::default().advice(&Facts::default()).is_empty());
}

/// Errors first, then in the order of pages, records and settings; a thousand at most.
#[test]
fn advice_is_sorted_and_bounded() {
    let accounts: Vec<_> = (0..1_500)
        .map(|number| {
            let mut account =
                record(1, json!({ "name": "Us", "channel": "linkedin", "consent": true }));
            account["id"] = json!(format!("{number:x}"));
            account
        })
        .collect();
    let document = document(&json!({
        "email_settings": { "use_tracking_tokens": false, "token_prefixes": ["CRM1"], "smart_filter": "(?=x)" },
        "authenticated_domains": [record(9, json!({ "name": "www.b.example" })), record(2, json!({ "name": "www.a.example" }))],
        "social_accounts": accounts,
    }));
    let advice = document.advice(&Facts::default());
    assert_eq!(advice.len(), Document::MAX_ADVICE);
    let severities: Vec<_> = advice.iter().map(|advice| advice.severity()).collect();
    assert!(severities.is_sorted());
    assert_eq!(advice[0].kind().name(), "FilterUnusable");
    let domains = advice.iter().filter(|advice| advice.kind().name() == "DomainWww");
    let domains: Vec<_> = domains.map(|advice| advice.record().unwrap()).collect();
    assert_eq!(domains, [RecordId::new(9), RecordId::new(2)], "in the order of the document");
    let pages: Vec<_> = document.pages().iter().map(|page| page.kind).collect();
    let warnings = advice.iter().filter(|advice| advice.severity() == AdviceSeverity::Warning);
    let order = warnings.map(|advice| {
        let page = pages.iter().position(|kind| *kind == advice.record_kind());
        (page, advice.record().is_none())
    });
    assert!(order.map(|(page, _)| page).is_sorted());
}

/// What a view of a document shows is what its records say.
#[test]
fn views_show_every_page_and_its_records() {
    let shown = document(&json!({
        "lead_scoring": [record(1, json!({ "name": "Spring", "automatic_cleanup": false, "active": false }))],
        "email_settings": {},
    }));
    let pages = shown.pages();
    let names: Vec<_> = pages.iter().map(|page| page.name).collect();
    assert_eq!(names, Document::PAGES);
    let [spring] = &pages[0].records[..] else { panic!("{pages:?}") };
    assert_eq!(
        (spring.id, spring.active, spring.is_default()),
        (Some(RecordId::new(1)), false, false)
    );
    assert_eq!(
        spring.value("automatic_cleanup"),
        shown.lead_scoring[0].value.value("automatic_cleanup")
    );
    let default = spring.default_value("automatic_cleanup", Profile::Documents);
    assert_eq!(default, Some(Cell::YesNo(true)));
    assert_eq!(spring.standing, Standing::Inactive);
    let counts: Vec<_> = pages.iter().map(|page| page.records.len()).collect();
    assert_eq!(counts.iter().sum::<usize>(), 2);
}

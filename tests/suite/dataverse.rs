//! Exports of an organization: in, out, and back.

use correspond::settings::dataverse::{
    self, ExportOptions, Extra, Import, ImportErrorKind, ImportOptions, Report, ReportKind,
};
use correspond::settings::{
    BlankValues, Comparison, Comparisons, ConnectStatus, Document, EmailSettings, FilterOption,
    Link, Profile,
};
use serde_json::{Value, json};

const DOCUMENTS: &str = include_str!("../data/dataverse/documents.json");
const CURRENT: &str = include_str!("../data/dataverse/current.json");

fn bundled() -> [(&'static str, ImportOptions); 2] {
    [(DOCUMENTS, Profile::Documents), (CURRENT, Profile::Current)]
        .map(|(text, profile)| (text, ImportOptions::default().profile(profile)))
}

fn taken(text: &str) -> Import {
    dataverse::import(text, &ImportOptions::default()).unwrap()
}

fn tables(tables: &Value) -> Import {
    taken(&tables.to_string())
}

fn export(import: &Import) -> Value {
    let text = dataverse::export(&import.document, &import.extra, ExportOptions::default());
    serde_json::from_str(&text).unwrap()
}

/// The lines of a kind: column, value.
fn said(report: &Report, kind: ReportKind) -> Vec<(String, String)> {
    let entries = report.of(kind).map(|entry| {
        (entry.column.clone().unwrap_or_default(), entry.value.clone().unwrap_or_default())
    });
    entries.collect()
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_bundled_export_comes_back_as_it_was_but_for_its_secret() {
    for (text, options) in bundled() {
        let import = dataverse::import(text, &options).unwrap();
        for kind in [ReportKind::Refused, ReportKind::Corrected] {
            assert_eq!(import.report.of(kind).count(), 0, "{}", import.report);
        }
        let mut expected = value(text);
        let row = &mut expected["msdyncrm_cdsaconnectorconfigurations"]["value"][0];
        row["msdyncrm_exporttoblobstoragesastoken"] = Value::Null;
        assert_eq!(export(&import), expected);
        let secrets: Vec<_> = import
            .report
            .of(ReportKind::RedoByHand)
            .filter(|entry| entry.reason.contains("signature"))
            .collect();
        assert_eq!(secrets.len(), 1);
        assert_eq!(secrets[0].column.as_deref(), Some("msdyncrm_exporttoblobstoragesastoken"));
        assert_eq!(secrets[0].value, None);
        let all = format!("{import:?} {}", import.report);
        assert!(!all.contains("RXhhbXBsZVNpZ25hdHVyZQ"), "the secret is nowhere");
    }
}

/// Every column that a field has is in both bundled exports.
#[test]
fn the_bundled_exports_have_every_table_and_column() {
    fn columns<T: SettingsRecord>(export: &str, missing: &mut Vec<String>) {
        for field in T::FIELDS {
            let Some(column) = field.column else { continue };
            let name = column.rsplit(['.', ':']).next().unwrap();
            let column = column.split(':').next().unwrap().rsplit('.').next().unwrap();
            let there = [format!("\"{column}\""), format!("\"_{column}_value\"")];
            let inside =
                name == column || export.to_ascii_lowercase().contains(&name.to_ascii_lowercase());
            if !inside || !there.iter().any(|key| export.contains(key)) {
                missing.push(format!("{}.{name}", T::TABLE.unwrap_or_default()));
            }
        }
    }
    use correspond::settings::*;
    for (text, _) in bundled() {
        let mut missing = Vec::new();
        columns::<LeadScoringConfiguration>(text, &mut missing);
        columns::<AuthenticatedDomain>(text, &mut missing);
        columns::<LandingPageConfiguration>(text, &mut missing);
        columns::<MatchingStrategy>(text, &mut missing);
        columns::<AnalyticsConfiguration>(text, &mut missing);
        columns::<DefaultMarketingSettings>(text, &mut missing);
        columns::<ContentSettings>(text, &mut missing);
        columns::<SocialAccount>(text, &mut missing);
        columns::<DataProtection>(text, &mut missing);
        columns::<EmailServerProfile>(text, &mut missing);
        columns::<PersonalOptions>(text, &mut missing);
        columns::<QueueSettings>(text, &mut missing);
        columns::<Mailbox>(text, &mut missing);
        columns::<EmailSettings>(text, &mut missing);
        columns::<OrganizationProperties>(text, &mut missing);
        assert_eq!(missing, Vec::<String>::new());
    }
}

/// Facts 1.1, 1.2, 2.3, 3.10: inverted and unit-shifted columns, the history, the XML.
#[test]
fn what_the_organization_has_is_found_in_its_settings() {
    let [(_, _), (text, options)] = bundled();
    let import = dataverse::import(text, &options).unwrap();
    let email = import.document.email_settings.as_ref().unwrap();
    assert!(!email.two_activities(), "ignoreinternalemail is true");
    assert_eq!(email.max_attachment_size().kilobytes(), 32_768);
    assert_eq!(email.token_prefixes().current().as_str(), "CTS-");
    assert_eq!(email.token_prefixes().iter().count(), 3);
    assert_eq!(email.counter_digits(), 6);
    assert_eq!(email.profile(), Profile::Current);
    let bag = import.document.organization_properties.as_ref().unwrap();
    assert_eq!(bag.forced_filter(), Some(FilterOption::InResponse));
    assert_eq!(bag.unknown().get("SkipGettingRecordCountForPaging"), Some("true"));
    let user = &import.document.personal_options[1];
    assert!(!user.active, "isdisabled");
    assert_eq!(user.value.filter(), FilterOption::LeadsContactsAccounts);
    assert_eq!(user.value.outgoing().code(), 1, "of systemuser");
    let attributes = import.document.matching_strategies[1].value.attributes();
    assert!(attributes.contains("msdyncrm_marketingpageid"), "of child rows");
    let content = &import.document.content_settings[0].value;
    assert_eq!(content.custom_texts().get("cr1_hotline"), Some("+1 555 0100"));
    let social = &import.document.social_accounts[0].value;
    assert_eq!(social.connect_status(), ConnectStatus::SignInExpired);
    let email = import.document.email_settings.as_ref().unwrap();
    let profile = email.default_server_profile().map(Link::id);
    assert_eq!(profile, Some(import.document.email_server_profiles[0].id));
    let converted = said(&import.report, ReportKind::Converted);
    for column in ["ignoreinternalemail", "maxuploadfilesize", "trackingprefix", "orgdborgsettings"]
    {
        assert!(converted.iter().any(|(found, _)| found == column), "{column}");
    }
}

/// A document that was not imported is written whole, with what Dataverse has no column for.
#[test]
fn a_document_is_exported_without_an_import() {
    for (text, options) in bundled() {
        let document = dataverse::import(text, &options).unwrap().document;
        for sets in [true, false] {
            let extra = Extra::new("{}", &options).unwrap();
            let options_out = ExportOptions::default().entity_sets(sets);
            let written = dataverse::export(&document, &extra, options_out);
            let mut again = dataverse::import(&written, &options).unwrap();
            // Their order is that of two tables.
            again.document.personal_options.sort_by_key(|entry| entry.id);
            assert_eq!(again.document, document, "{written}\n{}", again.report);
            assert_eq!(written.contains("\"queues\""), sets);
        }
    }
}

#[test]
fn what_has_no_column_goes_along_as_an_annotation() {
    let json = r#"{"schema":1,"email_settings":{"release":"crm-2013","use_tracking_tokens":false,
        "max_tracking_number":99,"token_prefixes":{"prefixes":["A:","B:"],"separator":"|"}},
        "marketing_data":{"requested":["lead"]}}"#;
    let document = Document::from_json(json).unwrap();
    let written = dataverse::export(&document, &Extra::default(), ExportOptions::default());
    assert_eq!(value(&written)["organizations"]["value"][0]["maximumtrackingnumber"], 0);
    assert_eq!(taken(&written).document, document, "{written}");
}

/// How a strategy compares is a setting of ours: an export of the product has nothing of it.
#[test]
fn how_a_strategy_compares_goes_along_as_an_annotation() {
    let mut import = taken(DOCUMENTS);
    let strategy = &mut import.document.matching_strategies[0].value;
    assert_eq!(strategy.comparisons(), &Comparisons::default());
    assert_eq!(strategy.blank_values(), BlankValues::Differ);
    let changed = strategy.to_builder().blank_values(BlankValues::LeftOut);
    let changed = changed.comparisons([("lastname", Comparison::UNACCENTED)]);
    *strategy = changed.build().unwrap();

    let written = export(&import);
    let mut expected = value(DOCUMENTS);
    expected["msdyncrm_cdsaconnectorconfigurations"]["value"][0]["msdyncrm_exporttoblobstoragesastoken"] =
        Value::Null;
    let row = &mut expected["msdyncrm_matchingstrategies"]["value"][0];
    row["@correspond.comparisons"] = json!({ "lastname": "unaccented" });
    row["@correspond.blank_values"] = json!("left-out");
    assert_eq!(written, expected);
    let again = taken(&written.to_string());
    assert_eq!(again.document, import.document);

    // What is none of ours there is refused, and the usual comparison stands in its place.
    expected["msdyncrm_matchingstrategies"]["value"][0]["@correspond.comparisons"] =
        json!({ "lastname": "soundex" });
    let refused = tables(&expected);
    assert_eq!(
        refused.document.matching_strategies[0].value.comparisons(),
        &Comparisons::default()
    );
    assert_eq!(said(&refused.report, ReportKind::Refused)[0].0, "@correspond.comparisons");
}

/// The product has no documented form of matching rules: an export of ours has them beside the tables.
#[test]
fn matching_rules_go_along_beside_the_tables() {
    let rule = |id: &str, attribute: &str| {
        json!({ "id": id, "created": "2026-11-22T09:00:00Z", "name": "x",
            "main_condition": [attribute] })
    };
    let mut import = taken(DOCUMENTS);
    assert_eq!(import.document.matching_rules, []);
    let entry = serde_json::from_value(rule("7", "emailaddress1")).unwrap();
    import.document.matching_rules.push(entry);
    let written = export(&import);
    assert_eq!(written["@correspond.matching_rules"][0]["main_condition"][0], "emailaddress1");
    let mut again = taken(&written.to_string());
    assert_eq!(again.document, import.document);
    assert_eq!(export(&again), written, "as it was");
    assert!(again.extra.unknown().iter().all(|column| !column.table.starts_with('@')));
    again.document.matching_rules.clear();
    assert_eq!(export(&again).get("@correspond.matching_rules"), None);

    // What is no rule is refused, and the others are taken.
    let rules = json!([rule("7", "emailaddress1"), rule("7", "lastname"), rule("8", "A"), 7]);
    let import = tables(&json!({ "@correspond.matching_rules": rules }));
    assert_eq!(import.document.matching_rules.len(), 1);
    let reasons: Vec<_> =
        import.report.of(ReportKind::Refused).map(|entry| &entry.reason).collect();
    assert_eq!(reasons.len(), 3, "{reasons:?}");
    assert!(reasons[1].starts_with("main_condition: expected a logical name"), "{reasons:?}");
    assert_eq!(export(&import)["@correspond.matching_rules"], rules, "kept as it was");
    let import = tables(&json!({ "@correspond.matching_rules": "none" }));
    assert_eq!(import.report.of(ReportKind::Refused).count(), 1);
    assert_eq!(import.document, Document::default());
}

#[test]
fn a_changed_setting_is_written_and_all_else_stays() {
    let mut import = taken(DOCUMENTS);
    let email = import.document.email_settings.take().unwrap().to_builder();
    let email =
        email.two_activities(false).incoming_method(correspond::settings::IncomingMethod::None);
    import.document.email_settings = Some(email.build().unwrap());
    let queue = &mut import.document.queues[0];
    queue.value = queue.value.to_builder().filter(FilterOption::NoMessages).build().unwrap();
    queue.active = false;
    let gone = import.document.lead_scoring.remove(1).id;
    let strategy = &mut import.document.matching_strategies[0];
    let names = ["emailaddress1", "lastname"];
    strategy.value = strategy.value.to_builder().attributes(names).build().unwrap();

    let written = export(&import);
    let mut expected = value(DOCUMENTS);
    expected["msdyncrm_cdsaconnectorconfigurations"]["value"][0]["msdyncrm_exporttoblobstoragesastoken"] =
        Value::Null;
    let organization = &mut expected["organizations"]["value"][0];
    organization["ignoreinternalemail"] = true.into();
    let xml = organization["defaultemailsettings"].as_str().unwrap();
    organization["defaultemailsettings"] =
        xml.replace("<IncomingEmailDeliveryMethod>2", "<IncomingEmailDeliveryMethod>0").into();
    let queue = &mut expected["queues"]["value"][0];
    queue["incomingemailfilteringmethod"] = 4.into();
    queue["statecode"] = 1.into();
    queue["statuscode"] = 2.into();
    expected["msdyncrm_leadscoringconfigurations"]["value"].as_array_mut().unwrap().remove(1);
    let strategy =
        expected["msdyncrm_matchingstrategies"]["value"][0]["msdyncrm_matchingstrategyid"].clone();
    let rows = expected["msdyncrm_matchingstrategyattributes"]["value"].as_array_mut().unwrap();
    rows.push(json!({"msdyncrm_name": "lastname", "_msdyncrm_matchingstrategyid_value": strategy}));
    assert_eq!(written, expected);
    assert!(!written.to_string().contains(&gone.to_string()));
}

/// Each kind of line, with table, record, column and value.
#[test]
fn a_report_tells_what_became_of_everything() {
    let import = tables(&json!({
        "organization": { "ignoreinternalemail": true, "hashfilterkeywords": r"(?<=Re:)\s",
            "maximumtrackingnumber": 0, "hashminaddresscount": 0 },
        "queue": [{ "queueid": "1", "name": "Support", "incomingemailfilteringmethod": 77,
            "createdon": "2026-11-22T09:00:00Z", "new_column": 5 }],
        "msdyncrm_socialpostingconfiguration": [{ "msdyncrm_socialpostingconfigurationid": "2",
            "createdon": "2026-11-22T09:00:00Z", "msdyncrm_name": "x", "msdyncrm_consent": true,
            "msdyncrm_socialchannel": "LinkedIn", "msdyncrm_connectstatus": "Connected" }],
        "contacts": [{}],
        "queues": [{ "queueid": "3", "incomingemaildeliverymethod": 1 }],
        "msdyncrm_setupdomain": [{ "msdyncrm_setupdomainid": "4", "msdyncrm_name": "a.example",
            "createdon": "2026-11-22T09:00:00Z", "msdyncrm_generateemailkeys": false,
            "msdyncrm_emailkeysvalidationstatus": 1 }],
    }));
    let of = |kind| said(&import.report, kind);
    let pair = |column: &str, value: &str| (column.to_owned(), value.to_owned());
    assert_eq!(
        of(ReportKind::Refused),
        [
            pair("hashminaddresscount", "0"),
            pair("incomingemailfilteringmethod", "77"),
            pair("name", ""),
        ]
        .into_iter()
        .collect::<Vec<_>>(),
        "{}",
        import.report
    );
    assert_eq!(of(ReportKind::Corrected), [pair("msdyncrm_emailkeysvalidationstatus", "1")]);
    assert_eq!(of(ReportKind::KeptInert), [pair("", ""), pair("new_column", "5")]);
    assert_eq!(
        of(ReportKind::RedoByHand),
        [
            pair("hashfilterkeywords", r#""(?<=Re:)\\s""#),
            pair("msdyncrm_connectstatus", "\"Connected\""),
        ]
    );
    assert_eq!(
        of(ReportKind::Converted),
        [pair("ignoreinternalemail", "true"), pair("maximumtrackingnumber", "0")]
    );
    let line = import.report.of(ReportKind::Refused).nth(1).unwrap();
    assert_eq!(
        line.to_string(),
        "refused: queue 00000000000000000000000000000001, incomingemailfilteringmethod = 77: \
         expected one of 0 (All email messages), 1 (Email messages in response to Dynamics 365 \
         email), 2 (Email messages from Dynamics 365 Leads, Contacts and Accounts), 3 (Email \
         messages from Dynamics 365 records that are email enabled), 4 (No email messages)"
    );
    let first = serde_json::to_value(&import.report).unwrap()["entries"][0]["kind"].clone();
    assert!(first.is_string());
    assert_eq!(import.document.queues.len(), 1);
    assert!(export(&import)["queues"][0]["incomingemaildeliverymethod"] == 1, "kept as it was");
    assert_eq!(export(&import)["organization"]["hashminaddresscount"], 0);
}

fn landing_page(id: u32, created: u32, modified: u32, default: bool, active: bool) -> Value {
    json!({
        "msdyncrm_marketingpageconfigurationid": id.to_string(), "msdyncrm_name": "x",
        "createdon": format!("2026-11-{created:02}T09:00:00Z"),
        "modifiedon": format!("2026-11-{modified:02}T09:00:00Z"),
        "statecode": u8::from(!active), "msdyncrm_default": default,
        "_msdyncrm_contactmatchingstrategy_value": "1", "_msdyncrm_leadmatchingstrategy_value": "2",
    })
}

/// Facts 10: exactly one default for landing pages.
#[test]
fn two_defaults_or_none_are_corrected() {
    let defaults = |rows: Value| {
        let import = tables(&json!({ "msdyncrm_marketingpageconfiguration": rows }));
        let pages = &import.document.landing_pages;
        let of: Vec<_> = pages.iter().map(|entry| entry.value.default()).collect();
        let corrected = import.report.of(ReportKind::Corrected).count();
        let written = export(&import);
        let back = tables(&written);
        assert_eq!(back.document, import.document);
        assert_eq!(back.report.of(ReportKind::Corrected).count(), 0, "written as corrected");
        (of, corrected)
    };
    let two = json!([
        landing_page(1, 1, 9, true, true),
        landing_page(2, 2, 8, true, true),
        landing_page(3, 3, 10, true, false),
    ]);
    assert_eq!(defaults(two), (vec![true, false, true], 1), "modified last stays; inactive");
    let none = json!([
        landing_page(1, 1, 9, false, true),
        landing_page(2, 2, 8, false, true),
        landing_page(3, 3, 8, false, false),
    ]);
    assert_eq!(defaults(none), (vec![false, true, false], 1), "made last becomes it");
    let none_active = json!([landing_page(3, 3, 8, false, false)]);
    assert_eq!(defaults(none_active), (vec![false], 0));
    let gdpr = |id: u32, day: u32| {
        json!({ "msgdpr_gdprconfigurationid": id.to_string(), "msgdpr_name": "x",
            "createdon": format!("2026-11-{day:02}T09:00:00Z"), "msgdpr_isdefault": true })
    };
    let import = tables(&json!({ "msgdpr_gdprconfigurations": [gdpr(1, 5), gdpr(2, 4)] }));
    let of: Vec<_> = import.document.data_protection.iter().map(|e| e.value.default()).collect();
    assert_eq!(of, [true, false], "at most one");
}

/// Wrong types, unknown codes and lists in the place of every value: no other record is touched by
/// it, and every value comes back.
#[test]
fn a_wrong_value_anywhere_stops_nothing() {
    let whole = taken(CURRENT);
    let records = |document: &Document| {
        let json = serde_json::to_value(document).unwrap();
        json.as_object().unwrap().values().filter_map(Value::as_array).map(Vec::len).sum::<usize>()
    };
    let all = records(&whole.document);
    let mut turn = 0;
    let export_of = value(CURRENT);
    for (table, answer) in export_of.as_object().unwrap() {
        for (column, before) in answer["value"][0].as_object().unwrap() {
            // One after the other, so that every kind of column meets every kind of value.
            let wrong = [json!(null), json!(-7), json!("\u{7}wrong"), json!([{}])];
            turn += 1;
            let wrong = &wrong[turn % wrong.len()];
            if before == wrong || column == "msdyncrm_exporttoblobstoragesastoken" {
                continue;
            }
            let mut hostile = export_of.clone();
            hostile[table]["value"][0][column] = wrong.clone();
            let import = tables(&hostile);
            assert!(records(&import.document) >= all - 1, "{table} {column} {wrong}");
            let written = export(&import);
            let corrected = import
                .report
                .of(ReportKind::Corrected)
                .any(|entry| entry.column.as_deref() == Some(column));
            if !corrected {
                assert_eq!(written[table]["value"][0][column], *wrong, "{table} {column}");
            }
        }
    }
}

#[test]
fn a_hostile_export_ends_in_a_report() {
    let long = "x".repeat(10 << 20);
    let bomb = r#"<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><OrgSettings><A>&b;</A></OrgSettings>"#;
    let import = tables(&json!({
        "organization": { "orgdborgsettings": bomb, "trackingprefix": long,
            "defaultemailsettings": "<EmailSettings><ACTDeliveryMethod>9" },
        "queue": [{ "queueid": "1", "name": long }, 5, null, [], { "name": "no id" },
            { "queueid": "2", "name": "ok" }, { "queueid": "2", "name": "again" }],
        "mailbox": "none",
    }));
    assert_eq!(import.document.queues.len(), 1);
    assert_eq!(import.document.email_settings, Some(EmailSettings::default()));
    assert_eq!(import.report.of(ReportKind::Refused).count(), 11, "{}", import.report);
    let written = export(&import);
    assert_eq!(written["queue"][0]["name"].as_str().map(str::len), Some(10 << 20));
    assert_eq!(written["queue"].as_array().unwrap().len(), 7);
    assert_eq!(written["mailbox"], "none");

    let twice = r#"{"queue":[{"queueid":"1","name":"a","NAME":"b"}],"queue":{"queueid":"2","name":"c"},
        "x":1,"x":2}"#;
    let import = taken(twice);
    let names: Vec<_> = import.document.queues.iter().map(|q| q.value.name().as_str()).collect();
    assert_eq!(names, ["b", "c"]);
    let refused = said(&import.report, ReportKind::Refused);
    assert_eq!(refused, [(String::new(), "1".into()), ("name".into(), "\"a\"".into())]);

    for deep in [200, 100_000] {
        let nested = format!("{}{}", "[".repeat(deep), "]".repeat(deep));
        let text =
            format!(r#"{{"queue":[{{"queueid":"1","name":"x","deep":{nested}}}],"y":{nested}}}"#);
        let import = taken(&text);
        assert_eq!(import.document.queues.len(), 1);
        let back = dataverse::export(&import.document, &import.extra, ExportOptions::default());
        assert!(back.contains(&nested));
    }

    let many: Vec<_> =
        (0..100_050).map(|at| json!({ "queueid": format!("{at:x}"), "name": "x" })).collect();
    let import = tables(&json!({ "queue": many }));
    assert_eq!(import.document.queues.len(), 100_000, "the documented bound");
    assert!(import.report.left_out() > 0);
    assert_eq!(export(&import)["queue"].as_array().unwrap().len(), 100_050, "and none is lost");

    let error = dataverse::import("<xml/>", &ImportOptions::default()).unwrap_err();
    assert_eq!(error.kind(), ImportErrorKind::Json);
}

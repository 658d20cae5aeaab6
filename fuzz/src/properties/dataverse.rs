//! Exports of Dataverse: whatever comes in goes back, and no secret stays.
#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "assertions, replayed by a test that is another crate"
)]

use correspond::settings::Document;
use correspond::settings::dataverse::{self, ExportOptions, Extra, ImportOptions};

/// Pieces of exports, so that few bytes make much of one.
const PIECES: [&str; 64] = [
    "{\"organization\":{",
    ",\"organizations\":{\"value\":[{",
    ",\"queues\":[{\"queueid\":\"1\"",
    ",\"mailboxes\":[{\"mailboxid\":\"2\"",
    ",\"systemusers\":[{\"systemuserid\":\"3\"",
    ",\"usersettings\":[{\"systemuserid\":\"3\"",
    ",\"emailserverprofiles\":[{\"emailserverprofileid\":\"4\",\"servertype\":1",
    ",\"msdyncrm_setupdomain\":[{\"msdyncrm_setupdomainid\":\"5\",\"msdyncrm_name\":\"a.example\"",
    ",\"msdyncrm_matchingstrategies\":[{\"msdyncrm_matchingstrategyid\":\"6\"",
    ",\"msdyncrm_matchingstrategyattributes\":[{\"_msdyncrm_matchingstrategyid_value\":\"6\"",
    ",\"msdyncrm_marketingpageconfiguration\":[{\"msdyncrm_marketingpageconfigurationid\":\"7\"",
    ",\"_msdyncrm_contactmatchingstrategy_value\":\"6\",\"_msdyncrm_leadmatchingstrategy_value\":\"6\"",
    ",\"msdyncrm_defaultmarketingsetting\":[{\"msdyncrm_defaultmarketingsettingid\":\"8\"",
    ",\"msdyncrm_contentsettings\":[{\"msdyncrm_contentsettingsid\":\"9\"",
    ",\"msdyncrm_addressmain\":\"a\",\"msdyncrm_subscriptioncenter\":\"b\"",
    ",\"msdyncrm_socialpostingconfiguration\":[{\"msdyncrm_socialpostingconfigurationid\":\"a\"",
    ",\"msdyncrm_socialchannel\":270100001,\"msdyncrm_consent\":1",
    ",\"msdyncrm_cdsaconnectorconfiguration\":[{\"msdyncrm_cdsaconnectorconfigurationid\":\"b\"",
    ",\"msgdpr_gdprconfigurations\":[{\"msgdpr_gdprconfigurationid\":\"c\",\"msgdpr_name\":\"x\"",
    ",\"msdyncrm_leadscoringconfiguration\":[{\"msdyncrm_leadscoringconfigurationid\":\"d\"",
    ",\"name\":\"x\"",
    ",\"msdyncrm_name\":\"emailaddress1\"",
    ",\"msdyncrm_name\":\"lastname\"",
    ",\"msdyncrm_default\":true",
    ",\"msdyncrm_isdefault\":\"Yes\"",
    ",\"msgdpr_isdefault\":1",
    ",\"createdon\":\"2026-11-22T09:00:00Z\"",
    ",\"modifiedon\":\"2026-11-23T09:00:00Z\"",
    ",\"statecode\":1",
    ",\"statuscode\":192350001",
    ",\"isdisabled\":true",
    ",\"incomingemaildeliverymethod\":1",
    ",\"outgoingemaildeliverymethod\":\"Outlook\"",
    ",\"actdeliverymethod\":0",
    ",\"_regardingobjectid_value\":\"1\"",
    ",\"_regardingobjectid_value@x.lookuplogicalname\":\"queue\"",
    ",\"emailaddress\":\"a@b.example\"",
    ",\"maximumtrackingnumber\":0",
    ",\"maximumtrackingnumber\":\"99\"",
    ",\"trackingprefix\":\"A:;B:;;A:\"",
    ",\"emailconnectionchannel\":1",
    ",\"defaultemailsettings\":\"<EmailSettings><ACTDeliveryMethod>1</ACTDeliveryMethod></EmailSettings>\"",
    ",\"orgdborgsettings\":\"<OrgSettings><A>&lt;</A><SendEmailSynchronously>1</SendEmailSynchronously></OrgSettings>\"",
    ",\"orgdborgsettings\":\"<!DOCTYPE a><OrgSettings/>\"",
    ",\"IgnoreInternalEmail\":\"no\"",
    ",\"blockedattachments\":\"exe;;.JS\"",
    ",\"@correspond.default\":true",
    ",\"@correspond.release\":\"crm-2013\"",
    ",\"@correspond.max_tracking_number\":9",
    ",\"@correspond.marketing_data\":{\"requested\":[\"lead\"]}",
    ",\"msdyncrm_generateemailkeys\":false",
    ",\"msdyncrm_emailkeysvalidationstatus\":1",
    ",\"msdyncrm_enabledoubleoptin\":true",
    ",\"msdyncrm_exporttoblobstoragesastoken\":\"?sig=Zq_SECRET\"",
    ",\"cr1_own\":\"x\"",
    ",\"unknown\":[{\"a\":[1e9]}]",
    ",\"unknown@odata.type\":\"\\u0041\"",
    "}]",
    "},{",
    "}]}",
    "}",
    ":null",
    "\"",
    "\u{1f600}",
];

/// A whole export, one value of which is replaced.
const WHOLE: &str = include_str!("../../../tests/data/dataverse/current.json");

const SECRET: &str = "Zq_SECRET";

/// The octets as text, as pieces, and as a value in the place of another.
pub fn dataverse(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data) {
        holds(text);
    }
    let pieces = data.iter().take(128).map(|b| PIECES[usize::from(*b) % PIECES.len()]);
    let mut text: String = pieces.collect();
    // A comma behind a brace, and none before one: most mixtures become JSON.
    for (wrong, right) in [("{,", "{"), ("[,", "["), (",,", ","), ("{{", "{\"x\":{")] {
        text = text.replace(wrong, right);
    }
    holds(&closed(&text));
    let [high, low, kind, rest @ ..] = data else { return };
    let lines: Vec<_> = WHOLE.lines().collect();
    let at = usize::from(u16::from_be_bytes([*high, *low])) % lines.len();
    let Some((name, _)) = lines[at].split_once(": ") else { return };
    let value = match kind % 8 {
        0 => "null".to_owned(),
        1 => "true".to_owned(),
        2 => "-1".to_owned(),
        3 => "[{}]".to_owned(),
        4 => usize::from(*kind).to_string(),
        _ => serde_json::to_string(&*String::from_utf8_lossy(rest)).expect("text is written"),
    };
    let end = if lines[at].ends_with(',') { "," } else { "" };
    let line = format!("{name}: {value}{end}");
    let replaced = lines.iter().enumerate().map(|(i, text)| if i == at { &line } else { *text });
    holds(&replaced.collect::<Vec<_>>().join("\n"));
}

/// With the brackets that are open closed.
fn closed(text: &str) -> String {
    let (mut open, mut quoted, mut escaped) = (Vec::new(), false, false);
    for c in text.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => open.push('}'),
            '[' if !quoted => open.push(']'),
            '}' | ']' if !quoted && open.last() == Some(&c) => {
                open.pop();
            }
            _ => {}
        }
    }
    let quote = if quoted { "\"" } else { "" };
    format!("{text}{quote}{}", open.iter().rev().collect::<String>())
}

fn holds(text: &str) {
    let options = ImportOptions::default();
    let import = match dataverse::import(text, &options) {
        Ok(import) => import,
        Err(error) => {
            assert!(error.to_string().len() < 1_000, "{error}");
            return;
        }
    };
    let document = import.document.to_json().expect("JSON of a document");
    assert_eq!(Document::from_json(&document).as_ref(), Ok(&import.document), "{document}");
    let report = serde_json::to_string(&import.report).expect("JSON of a report");
    assert!(!format!("{import:?} {} {report}", import.report).contains(SECRET), "{text}");

    let back = dataverse::export(&import.document, &import.extra, ExportOptions::default());
    let again = dataverse::import(&back, &options).expect("an export is one");
    assert_eq!(again.document, import.document, "{text}\n{back}");
    let twice = dataverse::export(&again.document, &again.extra, ExportOptions::default());
    assert_eq!(twice, back);
    let mut rest = again.extra.unknown();
    for column in import.extra.unknown() {
        let found = rest.iter().position(|other| *other == column);
        rest.swap_remove(found.unwrap_or_else(|| panic!("{column:?} is lost: {text}\n{back}")));
    }

    let alone = dataverse::export(&import.document, &Extra::default(), ExportOptions::default());
    let alone = dataverse::import(&alone, &options).expect("an export is one").document;
    assert_eq!(records(&alone), records(&import.document), "{text}");
}

/// How many records a document has.
fn records(document: &Document) -> usize {
    let json = serde_json::to_value(document).expect("a document is written");
    let lists = json.as_object().into_iter().flatten().filter_map(|(_, page)| page.as_array());
    lists.map(Vec::len).sum()
}

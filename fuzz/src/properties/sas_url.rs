//! SAS URLs: total, and the signature gets into nothing that is printed.
#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "assertions, replayed by a test that is another crate"
)]

use correspond::settings::{AnalyticsConfiguration, SasUrl, SettingsRecord, StorageUrl};

/// What SAS URLs are made of.
const ALPHABET: [&str; 40] = [
    "https://",
    "HTTPS://",
    "http://",
    "contoso",
    ".blob.core",
    ".windows.net",
    ":443",
    ":80",
    "@",
    "[::1]",
    "/",
    "/",
    "marketing",
    "$root",
    "-",
    "a",
    "Z",
    "0",
    "?",
    "&",
    "&",
    "=",
    "sr=c",
    "sr=b",
    "sp=racwdl",
    "sp=rl",
    "sp=",
    "se=2026-12-31",
    "T08:00:00Z",
    "T08%3A00Z",
    "+01:00",
    "si=policy",
    "sig=",
    "%",
    "%2",
    "%3D",
    "%ff",
    "#",
    " ",
    "\u{fc}",
];

/// No host, container, permission or time has it in it.
const SECRET: &str = "Zq_SECRET";

/// The octets as text and as choices from the alphabet, alone and as parts of a URL.
pub fn sas_url(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let drawn: String = data.iter().map(|b| ALPHABET[usize::from(*b) % ALPHABET.len()]).collect();
    for part in [&*text, &drawn] {
        check(part);
        let host = "https://contoso.blob.core.windows.net";
        for whole in [
            format!("{host}/marketing?{part}&sig={SECRET}"),
            format!("{host}/marketing?sr=c&sp={part}&se=2026-12-31&sig={SECRET}"),
            format!("{host}/marketing?sr=c&sp=racwdl&se={part}&sig={SECRET}"),
            format!("{host}/{part}?sp=racwdl&se=2026-12-31&sig={SECRET}"),
            format!("https://{part}/marketing?sp=r&se=2026-12-31&sig={SECRET}"),
            format!("https://{SECRET}{part}"),
            format!("{host}/{SECRET}{part}"),
            format!("{part}{SECRET}"),
            format!("{host}/marketing?sig={part}#{SECRET}"),
            format!("{host}/marketing?sp=r&se={SECRET}&sig={part}"),
        ] {
            check(&whole);
        }
    }
}

fn check(text: &str) {
    let mut said = Vec::new();
    match SasUrl::parse(text) {
        Ok(pasted) => {
            let query = text.trim_ascii().split_once('?').expect("a signature").1;
            assert_eq!(pasted.signature().reveal(), query);
            let kept = pasted.storage_url();
            assert_eq!(StorageUrl::parse(&kept.to_string()).as_ref(), Ok(kept), "reads back");
            assert_eq!(kept.container(), kept.container().trim_matches('/'));

            let record = AnalyticsConfiguration::builder().name("x").build().expect("a name");
            let record = record.with_sas_url(&pasted).expect("its first container");
            assert_eq!(record.with_sas_url(&pasted).as_ref(), Ok(&record), "the same again");
            let json = serde_json::to_string(&record).expect("a record is written");
            let again: AnalyticsConfiguration = serde_json::from_str(&json).expect("and read");
            assert_eq!(again, record);
            for field in AnalyticsConfiguration::FIELDS {
                said.push(format!("{:?}", record.value(field.name)));
            }
            said.extend([format!("{pasted:?} {} {record:?}", pasted.signature()), json]);
        }
        Err(error) => said.push(format!("{error} {error:?}")),
    }
    match StorageUrl::parse(text) {
        Ok(url) => said.push(format!("{url} {url:?}")),
        Err(error) => said.push(format!("{error} {error:?}")),
    }
    let given = AnalyticsConfiguration::builder().name("x").storage_url(text).build();
    let quoted = serde_json::to_string(text).expect("text is written");
    let json = format!(r#"{{"name":"x","storage_url":{quoted}}}"#);
    let read = serde_json::from_str::<AnalyticsConfiguration>(&json);
    assert_eq!(given.is_ok(), read.is_ok());
    said.push(format!("{given:?} {read:?}"));
    said.extend(given.err().map(|error| error.to_string()));
    said.extend(read.err().map(|error| error.to_string()));
    for line in said {
        assert!(!line.contains(SECRET), "{line}");
        assert!(line.len() < 4_000, "{line}");
    }
}

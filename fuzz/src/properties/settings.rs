//! What holds for every document of settings.

use correspond::settings::Document;

/// Pieces of documents, so that few bytes make much of one.
const PIECES: [&str; 32] = [
    "{\"schema\":1",
    ",\"lead_scoring\":[",
    ",\"data_protection\":[",
    ",\"email_settings\":{",
    ",\"matching_strategies\":[",
    "{\"id\":\"1\",\"created\":\"2026-11-22T09:00:00Z\"",
    ",\"active\":false",
    ",\"modified\":\"2026-11-23T09:00:00.25Z\"",
    ",\"name\":\"x\"",
    ",\"name\":\"\"",
    ",\"automatic_cleanup\":true",
    ",\"automatic_cleanup\":7",
    ",\"defualt\":true",
    ",\"default\":true",
    "}",
    "]",
    "}",
    "]",
    "\n[[lead_scoring]]\n",
    "schema = 1\n",
    "id = \"2\"\n",
    "created = \"2026-11-22T09:00:00Z\"\n",
    "name = \"x\"\n",
    "[email_settings]\n",
    "tokens = true\n",
    "\"schema\":2",
    "null",
    ",",
    ":",
    "\"",
    "\u{0}",
    "\u{1f600}",
];

pub fn document(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data) {
        holds(text);
    }
    let pieces = data.iter().take(256).filter_map(|b| PIECES.get(usize::from(*b) % PIECES.len()));
    holds(&pieces.copied().collect::<String>());
}

fn holds(text: &str) {
    for read in [Document::from_json(text), Document::from_toml(text)] {
        match read {
            Ok(document) => same_again(&document),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
}

fn same_again(document: &Document) {
    let json = document.to_json().expect("JSON of a document");
    assert_eq!(Document::from_json(&json).as_ref(), Ok(document), "{json}");
    let toml = document.to_toml().expect("TOML of a document");
    assert_eq!(Document::from_toml(&toml).as_ref(), Ok(document), "{toml}");
}

//! Subjects from outside: the vectors of RFC 5256, of 47 languages, and what must stay.

use std::fs;
use std::path::Path;

use correspond::subject::{
    MAX_WORD_CHARS, MAX_WORDS, Rules, Settings, TagRule, base, decode, decode_with, rfc5256,
};
use correspond::text::fold;
use mail_parser::decoders::charsets::map::charset_decoder;
use proptest::prelude::*;

fn rows(file: &str) -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(file);
    let cell = |cell: &str| match cell.strip_prefix('"') {
        Some(_) => serde_json::from_str(cell).unwrap(),
        None => cell.to_owned(),
    };
    let text = fs::read_to_string(path).unwrap();
    text.lines().skip(1).map(|line| line.split('\t').map(cell).collect()).collect()
}

fn decoded(raw: &str) -> String {
    let table = |name: &str, octets: &[u8]| Some(charset_decoder(name.as_bytes())?(octets));
    decode_with(raw, table).into_owned()
}

#[test]
fn every_vector_of_rfc_5256() {
    let rows = rows("subject_rfc5256.tsv");
    assert!(rows.len() > 300);
    for row in rows {
        assert_eq!(rfc5256::base(&decoded(&row[0])).text, row[1], "{:?} of {}", row[0], row[2]);
    }
}

#[test]
fn the_vectors_of_every_language() {
    let expected_failures = rows("subject_localized_expected_failures.tsv");
    let rows = rows("subject_localized.tsv");
    let mut failures = Vec::new();
    for row in &rows {
        let subject = decode(&row[0]).into_owned();
        if fold(base(&subject).text()) != fold(&row[1]) {
            failures.push((row[0].clone(), base(&subject).text().to_owned(), row[1].clone()));
        }
    }
    let listed: Vec<_> = expected_failures.iter().map(|row| row[0].clone()).collect();
    let found: Vec<_> = failures.iter().map(|failure| failure.0.clone()).collect();
    assert_eq!(found, listed, "{failures:#?}");
    assert!(listed.len() * 100 <= rows.len(), "at most one in a hundred");
}

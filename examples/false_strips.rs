//! Which words does the base subject lose that are no reply or forward words?
//!
//! `cargo run --release --example false_strips -- FILE.jsonl.gz ...`: header lines with `subject`
//! and `class`. A strip is wrong when the mail is certainly no reply (class `root`), no earlier mail
//! of its file has the base that is left, and the word is not in `tests/data/prefix_words.tsv` with at
//! least three letters or a letter outside ASCII. Prints each wrong strip and the rate.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;

use correspond::subject::{Rules, base};
use correspond::text::fold;
use flate2::read::MultiGzDecoder;
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let listed = listed_words()?;
    let rules = Rules::default();
    let mut bases = BTreeSet::new();
    let (mut wrong, mut mails) = (0, 0);
    let (mut replies, mut kept) = (0, 0);
    for path in std::env::args().skip(1) {
        let mut earlier = BTreeSet::new();
        let mut keys = BTreeMap::new();
        for (at, line) in
            BufReader::new(MultiGzDecoder::new(File::open(&path)?)).lines().enumerate()
        {
            let line = line?;
            if line.trim().is_empty() {
                continue;
            }
            let mail: Value = serde_json::from_str(&line)
                .map_err(|error| format!("{path}: line {}: {error}", at + 1))?;
            let subject = field(&mail, "subject");
            let found = base(subject);
            mails += 1;
            let left = fold(found.text());
            let stripped =
                found.prefix_count() > 0 || found.had_gateway_tag() || found.is_forward();
            if field(&mail, "class") == "root" && stripped && !earlier.contains(&left) {
                let unknown = found.prefixes().find(|word| {
                    let long = word.chars().count() >= 3 || !word.is_ascii();
                    !(long && listed.contains(&fold(word)))
                });
                if let Some(word) = unknown {
                    wrong += 1;
                    println!("{path}\t{word}\t{subject}\t{}", found.text());
                }
            }
            // Beside it: does a reply keep its parent's key?
            let key = rules.key(subject);
            if let Some(parent) = keys.get(field(&mail, "parent"))
                && (found.is_reply() || found.is_forward())
            {
                replies += 1;
                kept += u32::from(*parent == key);
            }
            keys.insert(field(&mail, "message_id").to_owned(), key);
            earlier.insert(left.clone());
            bases.insert(left);
        }
    }
    let percent = |part: f64, whole: usize| 100.0 * part / whole.max(1) as f64;
    println!("{mails} mails, {} distinct bases", bases.len());
    println!("{wrong} wrong strips, {:.4} % of distinct bases", percent(wrong.into(), bases.len()));
    println!(
        "{kept} of {replies} prefixed replies keep their parent's key, {:.2} %",
        percent(kept.into(), replies)
    );
    Ok(())
}

fn field<'a>(mail: &'a Value, name: &str) -> &'a str {
    mail.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The words of the table, folded.
fn listed_words() -> Result<BTreeSet<String>, Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/prefix_words.tsv");
    let mut words = BTreeSet::new();
    for row in fs::read_to_string(path)?.lines().skip(1) {
        let word = row.split('\t').next().unwrap_or_default();
        words.insert(serde_json::from_str(word)?);
    }
    Ok(words)
}

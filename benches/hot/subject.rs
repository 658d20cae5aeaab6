//! Base subject and key against mail-parser's `thread_name`, which does the same with fewer words.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a panic ends the bench"
)]

use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::time::Duration;

use correspond::subject::{Rules, base, rfc5256};
use criterion::{Criterion, Throughput};
use mail_parser::parsers::fields::thread::thread_name;
use regex::Regex;

pub(crate) fn define(c: &mut Criterion) {
    mix(c, "mix", &written());
    if let Some(dir) = std::env::var_os("CORRESPOND_CORPUS") {
        mix(c, "corpus", &read(dir.as_ref()));
    }
    worst(c);
}

fn mix(c: &mut Criterion, case: &str, subjects: &[String]) {
    let bytes: usize = subjects.iter().map(String::len).sum();
    let prefixes = Regex::new(
        r"(?i)^\s*(?:(?:re|fwd?|aw|wg|sv|vs|antw|odp|rv|tr|res)(?:\[\d+\]|\(\d+\))?\s*:\s*)+",
    )
    .unwrap();
    let rules = Rules::default();
    let mut group = c.benchmark_group(format!("subject/{case}"));
    group.throughput(Throughput::Elements(subjects.len() as u64));
    group.sample_size(20).measurement_time(Duration::from_secs(2));
    eprintln!("subject/{case}: {} subjects, {} bytes", subjects.len(), bytes / subjects.len());
    group.bench_function("base/correspond", |b| {
        b.iter(|| subjects.iter().map(|s| base(black_box(s)).text().len()).sum::<usize>());
    });
    group.bench_function("base/mail_parser", |b| {
        b.iter(|| subjects.iter().map(|s| thread_name(black_box(s)).len()).sum::<usize>());
    });
    group.bench_function("base/regex_12", |b| {
        let strip = |s: &String| {
            let start = prefixes.find(black_box(s)).map_or(0, |found| found.end());
            s[start..].trim().len()
        };
        b.iter(|| subjects.iter().map(strip).sum::<usize>());
    });
    group.bench_function("base/rfc5256", |b| {
        b.iter(|| subjects.iter().map(|s| rfc5256::base(black_box(s)).text.len()).sum::<usize>());
    });
    group.bench_function("key/correspond", |b| {
        let mut key = String::new();
        b.iter(|| {
            let mut sum = 0;
            for subject in subjects {
                key.clear();
                sum += rules.key_into(black_box(subject), &mut key).map_or(0, str::len);
            }
            sum
        });
    });
    #[allow(clippy::disallowed_methods, reason = "the peer's way")]
    group.bench_function("key/mail_parser", |b| {
        b.iter(|| {
            subjects.iter().map(|s| thread_name(black_box(s)).to_lowercase().len()).sum::<usize>()
        });
    });
    group.finish();
}

/// Five subjects of 64 KiB that were quadratic somewhere.
fn worst(c: &mut Criterion) {
    let rules = Rules::default();
    let mut group = c.benchmark_group("subject/worst");
    group.sample_size(10).measurement_time(Duration::from_secs(1));
    for (name, subject) in [
        ("replies", "Re: ".repeat(16_384)),
        ("tags", "[a]".repeat(21_845) + "x"),
        ("wrappers", "[fwd:".repeat(10_922) + &"]".repeat(10_922)),
        ("trailers", format!("x{}", "(fwd)".repeat(13_107))),
        ("labels", "a:".repeat(32_768)),
    ] {
        group.bench_function(format!("{name}/correspond"), |b| {
            b.iter(|| base(black_box(&subject)).text().len());
        });
        group.bench_function(format!("{name}/correspond_key"), |b| {
            let mut key = String::new();
            b.iter(|| {
                key.clear();
                rules.key_into(black_box(&subject), &mut key).map_or(0, str::len)
            });
        });
        group.bench_function(format!("{name}/mail_parser"), |b| {
            b.iter(|| thread_name(black_box(&subject)).len());
        });
    }
    group.finish();
}

/// 4,000 subjects of about 52 bytes with the shares of the mixed corpus: 35 % replies, 73 % of the
/// listed ones tagged, 17.5 % outside ASCII, 13 % behind stacks of localised prefixes.
fn written() -> Vec<String> {
    const WORDS: &[&str] = &[
        "meeting", "fix", "raid6", "array", "budget", "for", "the", "order", "delivery", "driver",
        "update", "and", "question", "about", "USRP", "failure", "after", "reboot", "of", "price",
        "list", "2024-17", "with", "kernel", "Invoice:", "md:", "reshape", "not", "starting",
    ];
    const FOREIGN: &[&str] = &[
        "über",
        "Straße",
        "commande",
        "réunion",
        "会议安排",
        "見積の件",
        "встреча",
        "заказ",
        "회의",
        "zamówienie",
        "tárgyalás",
        "πρόγραμμα",
        "الاجتماع",
        "møte",
        "toplantı",
    ];
    const LOCALISED: &[&str] = &[
        "AW: ",
        "SV: ",
        "Antw: ",
        "WG: ",
        "回复: ",
        "回复：",
        "Odp: ",
        "RV: ",
        "Réf. : ",
        "Ynt: ",
        "Ответ: ",
        "TR : ",
        "Vá: ",
        "返信: ",
        "השב: ",
        "AW[2]: ",
        "Re: ",
        "R: ",
        "VS: ",
        "İLT: ",
        "RES: ",
        "Απάντηση: ",
        "Fwd: ",
        "Doorst: ",
    ];
    const TAGS: &[&str] =
        &["[PATCH v2 1/3] ", "[USRP-users] ", "[PATCH] ", "[R] ", "[Twisted-Python] ", "[EXT] "];
    // An xorshift: the same subjects in every run.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % bound as u64) as usize
    };
    let subject = |_| {
        let mut subject = String::new();
        let localised = below(1000) < 130;
        let foreign = below(1000) < if localised { 300 } else { 120 };
        if localised {
            for _ in 0..=below(3) {
                subject.push_str(LOCALISED[below(LOCALISED.len())]);
            }
        } else {
            if below(100) < 35 {
                subject.push_str("Re: ");
            }
            if below(100) < 73 {
                subject.push_str(TAGS[below(TAGS.len())]);
            }
        }
        let length = 28 + below(40);
        while subject.len() < length {
            let words = if foreign && below(2) == 0 { FOREIGN } else { WORDS };
            subject.push_str(words[below(words.len())]);
            subject.push(' ');
        }
        subject.trim_end().to_owned()
    };
    (0..4_000).map(subject).collect()
}

/// The subjects of every `.jsonl.gz` in a directory.
fn read(dir: &std::path::Path) -> Vec<String> {
    let mut subjects = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let file = std::fs::File::open(entry.unwrap().path()).unwrap();
        for line in BufReader::new(flate2::read::MultiGzDecoder::new(file)).lines() {
            let mail: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap_or_default();
            subjects.extend(mail["subject"].as_str().map(str::to_owned));
        }
    }
    subjects
}

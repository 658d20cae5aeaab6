//! Tokens in subjects: the scanner beside two regular expressions.

use std::hint::black_box;

use correspond::token::{TokenFormat, TokenScanner};
use criterion::{Criterion, Throughput};
use regex::Regex;

/// Subjects of business and list mail, 52 bytes on average; every sixth holds three digits in a row.
const SUBJECTS: [&str; 12] = [
    "Re: Your order of last week",
    "Meeting notes and next steps for the migration project",
    "RE: [EXTERNAL] Re: Feature enhancement - virtual media over HTML5",
    "AW: WG: Angebot für die Wartung der Heizungsanlage",
    "Fwd: Invoice 20240117 for the services of January",
    "Re: [PATCH v2 5/6] arm64: iommu: add the data structure",
    "Weekly report",
    "[USRP-users] Re: X310 UBX digital tune not occurring?",
    "Out of office: back on Monday",
    "Re: Question about the delivery date of our second shipment",
    "SV: Tilbud",
    "Re: Re: Re: rsync input/output errors during resyncing of RAID10 arrays",
];

/// What the scanner tolerates, as a regular expression: case, width, invisible characters, white
/// space after the prefix, boundaries. The boundary after the token is consumed.
fn tolerant() -> Regex {
    let unseen = r"[\u{ad}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{feff}]*";
    let prefix: String =
        ["[Cc\u{ff23}\u{ff43}]", "[Rr\u{ff32}\u{ff52}]", "[Mm\u{ff2d}\u{ff4d}]", "[:\u{ff1a}]"]
            .iter()
            .map(|c| format!("{c}{unseen}"))
            .collect();
    let pattern = format!(
        r"(?:^|[^\p{{Lowercase}}\p{{Uppercase}}\pN])({prefix}\s*[01\u{{ff10}}\u{{ff11}}](?:{unseen}[0-9\u{{ff10}}-\u{{ff19}}]){{6}})(?:$|[^\p{{Lowercase}}\p{{Uppercase}}\pN])"
    );
    Regex::new(&pattern).unwrap()
}

fn thousand() -> Vec<TokenFormat> {
    let syllables = ["AX", "BO", "CU", "DE", "FI", "GA", "HY", "KO", "LE", "MU"];
    let mut formats = vec![TokenFormat::default()];
    for (i, a) in syllables.iter().enumerate() {
        for b in syllables {
            for (j, c) in syllables.iter().enumerate() {
                let digits = format!("/0/{}/{}", 2 + i % 3, 3 + j % 4);
                formats.push(format!("{a}{b}{c}:{digits}").parse().unwrap());
            }
        }
    }
    formats.truncate(1000);
    formats
}

fn count(scanner: &TokenScanner, subjects: &[String]) -> usize {
    subjects.iter().map(|subject| scanner.find_iter(black_box(subject)).count()).sum()
}

fn count_regex(regex: &Regex, subjects: &[String]) -> usize {
    subjects.iter().map(|subject| regex.find_iter(black_box(subject)).count()).sum()
}

pub(crate) fn define(c: &mut Criterion) {
    let one = TokenScanner::new([TokenFormat::default()]).unwrap();
    let many = TokenScanner::new(thousand()).unwrap();
    let tolerant = tolerant();
    let literal = Regex::new(r"CRM:\d{7}").unwrap();

    let clean: Vec<String> = SUBJECTS.map(str::to_owned).to_vec();
    let ascii: Vec<String> = clean.iter().filter(|subject| subject.is_ascii()).cloned().collect();
    let hit: Vec<String> =
        clean.iter().enumerate().map(|(i, s)| format!("{s} CRM:0{:03}{:03}", i, 7 * i)).collect();
    let spelt: Vec<String> = ascii.iter().map(|s| format!("{s} [crm: 0001001]")).collect();
    let wide: Vec<String> = clean.iter().map(|s| format!("{s} ＣＲＭ：０００１００１")).collect();

    for (case, subjects, hits) in [
        ("clean", &clean, 0),
        ("clean-ascii", &ascii, 0),
        ("hit", &hit, hit.len()),
        ("hit-spelt", &spelt, spelt.len()),
        ("hit-wide", &wide, wide.len()),
    ] {
        let mut group = c.benchmark_group(format!("token/{case}"));
        group.throughput(Throughput::Elements(subjects.len() as u64));
        assert_eq!(count(&one, subjects), hits, "{case}");
        assert_eq!(count(&many, subjects), hits, "{case}");
        assert_eq!(count_regex(&tolerant, subjects), hits, "{case}");
        group.bench_function("scanner", |b| b.iter(|| count(&one, subjects)));
        group.bench_function("scanner-1000-formats", |b| b.iter(|| count(&many, subjects)));
        group.bench_function("regex-tolerant", |b| b.iter(|| count_regex(&tolerant, subjects)));
        if count_regex(&literal, subjects) == hits {
            group.bench_function("regex-literal", |b| b.iter(|| count_regex(&literal, subjects)));
        }
        group.finish();
    }

    let mut group = c.benchmark_group("token/hostile-64k");
    let fill = |unit: &str| unit.repeat(65_536 / unit.len());
    for (case, subject) in [
        ("prefixes", fill("CRM:")),
        ("digits", fill("1")),
        ("near-misses", fill("CRM:000100 ")),
        ("tokens", fill("CRM:0001001 ")),
        ("blanks", fill(" ") + "0001001"),
        ("wide", fill("ＣＲＭ：００")),
        ("invisible", fill("1\u{200b}")),
        ("marks", fill("1\u{301}")),
    ] {
        let subject = [subject];
        group.bench_function(format!("{case}/scanner"), |b| b.iter(|| count(&many, &subject)));
        group.bench_function(format!("{case}/regex-tolerant"), |b| {
            b.iter(|| count_regex(&tolerant, &subject));
        });
    }
    group.finish();
}

//! Every token that a reader would see is found, and nothing else.

use correspond::text::fold;
use correspond::token::{TokenFormat, TokenScanner, TrackingToken};

/// Live and historic formats with everything that makes scanning hard: shared prefixes, a blank
/// inside, a digit at the end, letters beyond ASCII.
const FORMATS: [&str; 8] = [
    "CRM:/0/3/3",
    "CRM:/0/2/4",
    "My CRM:/0/3/4",
    "A1/0/1/1",
    "A/0/2/1",
    "Ä-/500/1/2",
    "客户：/0/10/9",
    "#/0/1/1",
];

/// Scanning is total; what is found lies in the subject, is printed back to its canonical text and is
/// found there again; all formats together find what a naive scan of the fold finds.
pub fn token_scan(data: &[u8]) {
    let formats: Vec<TokenFormat> = FORMATS.iter().map(|text| text.parse().unwrap()).collect();
    let scanner = TokenScanner::new(formats.iter().cloned()).unwrap();
    holds(&scanner, &formats, &String::from_utf8_lossy(data));
    let pieces = [
        "CRM:",
        "crm:",
        "ＣＲＭ：",
        "My CRM:",
        "my\t crm:",
        "A1",
        "a",
        "Ä-",
        "A\u{308}-",
        "客户:",
        "#",
        " ",
        "\u{a0}",
        "\u{200b}",
        "\u{301}",
        "[",
        "]",
        ":",
        "x",
        "é",
        "的",
        "0",
        "1",
        "１",
        "²",
        "001",
        "0001001",
        "00010012",
        "０００１００１",
        "①",
        "\r\n ",
        "10000000001000000001",
    ];
    let mapped: String = data.iter().map(|b| pieces[usize::from(*b) % pieces.len()]).collect();
    holds(&scanner, &formats, &mapped);
}

fn holds(scanner: &TokenScanner, formats: &[TokenFormat], subject: &str) {
    let mut keys = Vec::new();
    let mut last = 0;
    for found in scanner.find_iter(subject) {
        let range = found.range();
        assert_eq!(subject.get(range.clone()), Some(found.text()));
        assert!(last <= range.end, "left to right");
        last = range.end;
        let token = found.token();
        let mut key = String::new();
        found.key_into(&mut key);
        assert_eq!(key, fold(token.as_str()), "the key is the key of the stored token");
        assert_eq!(TrackingToken::from_text(token.as_str()), Ok(token.clone()));
        let mut readings = 0;
        for reading in found.readings() {
            let format = &formats[reading.format];
            let parsed = format.parse(token.as_str());
            assert_eq!(parsed, Some(reading.parts), "{token}");
            readings += 1;
        }
        assert!(readings > 0);
        let again = scanner.find_iter(token.as_str()).find(|again| again.text() == token.as_str());
        assert_eq!(again.map(|again| again.token()), Some(token));
        keys.push(key);
    }
    let mut naive = naive(formats, &fold(subject));
    keys.sort();
    naive.sort();
    assert_eq!(keys, naive, "{subject:?}");
}

/// The keys of all tokens in a folded subject, tried prefix by prefix at every position.
fn naive(formats: &[TokenFormat], folded: &str) -> Vec<String> {
    let joins = |c: char| c.is_lowercase() || c.is_numeric();
    let mut printed: Vec<(String, usize)> =
        formats.iter().map(|f| (fold(f.prefix().as_str()), f.digits().into())).collect();
    printed.sort();
    printed.dedup();
    let mut keys = Vec::new();
    for (prefix, digits) in printed {
        for (at, _) in folded.match_indices(prefix.as_str()) {
            let rest = &folded[at + prefix.len()..];
            let rest = if prefix.ends_with(joins) { rest } else { rest.trim_start_matches(' ') };
            let number = match rest.as_bytes().get(..digits) {
                Some(number) if number.iter().all(u8::is_ascii_digit) => &rest[..digits],
                _ => continue,
            };
            let glued = prefix.starts_with(joins) && folded[..at].ends_with(joins);
            if number < "2" && !glued && !rest[digits..].starts_with(joins) {
                keys.push(format!("{prefix}{number}"));
            }
        }
    }
    keys
}

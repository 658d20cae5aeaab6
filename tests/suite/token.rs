//! Tracking tokens: vectors, error texts, promises of the scanner.

use std::time::{Duration, Instant};

use correspond::text::fold;
use correspond::token::*;
use proptest::prelude::*;

const CASES: &str = include_str!("../data/token_cases.tsv");

/// Resolves `\t`, `\n`, `\r` and `\u{...}`.
fn unescape(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut plain = parts.next().unwrap().to_owned();
    for part in parts {
        let (c, rest) = match part.strip_prefix("u{") {
            Some(code) => {
                let (code, rest) = code.split_once('}').unwrap();
                (char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap(), rest)
            }
            None => match part.split_at(1) {
                ("t", rest) => ('\t', rest),
                ("n", rest) => ('\n', rest),
                ("r", rest) => ('\r', rest),
                other => panic!("escape {other:?}"),
            },
        };
        plain.push(c);
        plain.push_str(rest);
    }
    plain
}

fn scanner(formats: &str) -> TokenScanner {
    let formats = formats.split(';').filter(|f| !f.is_empty()).map(|f| f.parse().unwrap());
    TokenScanner::new(formats).unwrap()
}

fn found(scanner: &TokenScanner, subject: &str) -> Vec<String> {
    scanner.find_iter(subject).map(|found| found.token().into()).collect()
}

#[test]
fn vectors() {
    let mut cases = 0;
    for (line, case) in CASES.lines().enumerate() {
        let at = format!("token_cases.tsv:{}: {case}", line + 1);
        let fields: Vec<&str> = case.split('\t').collect();
        match fields[..] {
            _ if case.is_empty() || case.starts_with("# ") || case == "#" => continue,
            ["render", format, user, counter, designator, token, _] => {
                let format: TokenFormat = format.parse().unwrap();
                let designator = match designator {
                    "online" => Designator::Online,
                    "offline" => Designator::Offline,
                    _ => panic!("{at}"),
                };
                let (user, counter) = (user.parse().unwrap(), counter.parse().unwrap());
                let rendered = format.render(designator, user, counter).unwrap();
                assert_eq!(rendered.as_str(), token, "{at}");
                assert_eq!(token.encode_utf16().count(), format.token_len(), "{at}");
                let parts = format.parse(token).unwrap();
                assert_eq!(parts.designator, designator, "{at}");
                assert_eq!((parts.user, parts.counter), (Some(user.into()), counter), "{at}");
            }
            ["scan", formats, subject, tokens, _] => {
                let tokens: Vec<_> = tokens.split(';').filter(|t| !t.is_empty()).collect();
                assert_eq!(found(&scanner(formats), &unescape(subject)), tokens, "{at}");
            }
            _ => panic!("{at}"),
        }
        cases += 1;
    }
    assert!(cases > 70, "{cases}");
}

#[test]
fn the_maximum_ends_where_the_digits_do() {
    let format = TokenFormat::default();
    assert_eq!(format.max_counter(), 999);
    assert!(format.render(Designator::Online, 999, 999).is_ok());
    let widest: TokenFormat = "CRM:/0/9/9".parse().unwrap();
    assert_eq!(widest.max_counter(), 999_999_999);
    assert_eq!(widest.digits(), 19);
}

#[test]
fn a_refused_format_says_which_field_and_why() {
    let build = TokenFormat::builder;
    for (format, kind, message) in [
        (
            build().prefix(""),
            TokenFormatErrorKind::Prefix,
            "prefix: expected 1 to 20 characters, found 0",
        ),
        (
            build().prefix("123456789012345678901"),
            TokenFormatErrorKind::Prefix,
            "prefix: expected 1 to 20 characters, found 21",
        ),
        (
            build().prefix("😀😀😀😀😀😀😀😀😀😀😀"),
            TokenFormatErrorKind::Prefix,
            "prefix: expected 1 to 20 characters, found 22",
        ),
        (
            build().prefix("CR\nM:"),
            TokenFormatErrorKind::Prefix,
            "prefix: expected no control character, found U+000A at byte 2",
        ),
        (
            build().prefix("CRM: "),
            TokenFormatErrorKind::Prefix,
            "prefix: expected no white space at its ends, found \"CRM: \"",
        ),
        (
            build().prefix("\u{200b}"),
            TokenFormatErrorKind::Prefix,
            "prefix: expected a visible character, found only invisible ones",
        ),
        (
            build().base(2_147_483_648),
            TokenFormatErrorKind::Base,
            "base: expected 0 to 2147483647, found 2147483648",
        ),
        (
            build().user_digits(10),
            TokenFormatErrorKind::UserDigits,
            "user digits: expected 1 to 9, found 10",
        ),
        (
            build().ten_user_digits_allowed().user_digits(11),
            TokenFormatErrorKind::UserDigits,
            "user digits: expected 1 to 10, found 11",
        ),
        (
            build().counter_digits(0),
            TokenFormatErrorKind::CounterDigits,
            "counter digits: expected 1 to 9, found 0",
        ),
    ] {
        let error = format.build().unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
    }
    let error = "CRM:/0/3".parse::<TokenFormat>().unwrap_err();
    assert_eq!(error.kind(), TokenFormatErrorKind::Notation);
    assert_eq!(
        error.to_string(),
        "format: expected PREFIX/BASE/USER_DIGITS/COUNTER_DIGITS, found \"CRM:/0/3\""
    );
    assert!(build().ten_user_digits_allowed().user_digits(10).build().is_ok());
}

#[test]
fn a_number_too_wide_says_what_to_change() {
    let format: TokenFormat = "CRM:/990/3/3".parse().unwrap();
    let error = format.render(Designator::Online, 10, 1).unwrap_err();
    assert_eq!(error.kind(), RenderErrorKind::UserNumberTooWide);
    assert_eq!(
        error.to_string(),
        "user number: expected at most 3 digits, found 1000 (base 990 + user 10): \
         raise the digits of the user number to 4, or lower the base"
    );
    let wrapped = format.render_wrapping(Designator::Online, 10, 1).unwrap();
    assert_eq!(wrapped.as_str(), "CRM:0000001");
    let error = format.render_wrapping(Designator::Online, 1, 1000).unwrap_err();
    assert_eq!(error.kind(), RenderErrorKind::CounterTooWide);
    assert_eq!(
        error.to_string(),
        "counter: expected at most 999, found 1000: \
         raise the digits of the counter, or restart it"
    );
}

#[test]
fn a_refused_token_says_why() {
    for (text, kind, message) in [
        (
            " \u{200b}",
            TrackingTokenErrorKind::Empty,
            "tracking token: expected 1 to 50 characters, found nothing visible",
        ),
        (
            "123456789_123456789_123456789_123456789_123456789_1",
            TrackingTokenErrorKind::TooLong,
            "tracking token: expected 1 to 50 characters, found 51",
        ),
        (
            "a\u{7}",
            TrackingTokenErrorKind::ControlCharacter,
            "tracking token: expected no control character, found U+0007 at byte 1",
        ),
    ] {
        let error = TrackingToken::from_text(text).unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
    }
}

#[test]
fn a_scanner_takes_4096_formats() {
    let formats = |n| std::iter::repeat_n(TokenFormat::default(), n);
    let scanner = TokenScanner::new(formats(TokenScanner::MAX_FORMATS)).unwrap();
    let found = scanner.find_iter("CRM:0001001").next().unwrap();
    assert_eq!(found.readings().count(), 4096);
    assert_eq!(
        TokenScanner::new(formats(4097)).unwrap_err().to_string(),
        "token formats: expected at most 4096, found more"
    );
}

#[test]
fn serde_checks_what_it_reads() {
    let format: TokenFormat = "ACME-/7/4/6".parse().unwrap();
    let json = serde_json::to_string(&format).unwrap();
    assert_eq!(json, r#"{"prefix":"ACME-","base":7,"user_digits":4,"counter_digits":6}"#);
    assert_eq!(serde_json::from_str::<TokenFormat>(&json).unwrap(), format);
    assert_eq!(serde_json::from_str::<TokenFormat>("{}").unwrap(), TokenFormat::default());
    for (json, message) in [
        (r#"{"user_digits":0}"#, "user digits: expected 1 to 10, found 0"),
        (r#"{"prefix":""}"#, "prefix: expected 1 to 20 characters, found 0"),
        (r#"{"digits":3}"#, "unknown field `digits`"),
    ] {
        let error = serde_json::from_str::<TokenFormat>(json).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
    let token: TrackingToken = serde_json::from_str(r#""CRM:0001001""#).unwrap();
    assert_eq!(serde_json::to_string(&token).unwrap(), r#""CRM:0001001""#);
    assert!(serde_json::from_str::<TrackingToken>(r#""a\nb""#).is_err());
    assert!(serde_json::from_str::<Prefix>(r#"" CRM:""#).is_err());
}

#[test]
fn a_found_token_says_where_and_what() {
    let scanner = scanner("CRM:/500/3/3;CRM:/0/2/4;ACME-/0/3/3");
    let subject = "回复：关于 ｃｒｍ：\u{a0}１501０01\u{200f} !";
    let found: Vec<_> = scanner.find_iter(subject).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].text(), "ｃｒｍ：\u{a0}１501０01");
    assert_eq!(&subject[found[0].range()], found[0].text());
    let readings: Vec<_> = found[0].readings().collect();
    assert_eq!(readings.len(), 2);
    assert_eq!((readings[0].format, readings[1].format), (0, 1));
    assert_eq!(readings[0].parts.designator, Designator::Offline);
    let numbers = |i: usize| {
        let parts = readings[i].parts;
        (parts.user_number, parts.user, parts.counter)
    };
    assert_eq!(numbers(0), (501, Some(1), 1));
    assert_eq!(numbers(1), (50, Some(50), 1001));
}

#[test]
fn hostile_subjects_are_read_in_linear_time() {
    let scanner = scanner("CRM:/0/3/3;Dynamics 365:/0/4/6;A B C:/0/1/1");
    let size = 64 * 1024;
    let fill = |unit: &str| unit.repeat(size / unit.len());
    let mut subjects = vec![
        fill("CRM:"),
        fill("CRM:000100 "),
        fill("1"),
        fill("12 "),
        fill("CRM:0001001 "),
        fill("A B "),
        format!("A{}B C:001", fill(" ")),
        fill("A  B  C:00 "),
        fill("\u{200b}"),
        fill("e\u{301}"),
        fill("ＣＲＭ：００"),
    ];
    subjects.extend(subjects.clone().iter().map(|subject| format!("{subject}é")));
    for subject in subjects {
        // The fastest of several: the machine may be busy with something else.
        let fastest = (0..5)
            .map(|_| {
                #[expect(clippy::disallowed_methods, reason = "measures")]
                let start = Instant::now();
                std::hint::black_box(scanner.find_iter(&subject).count());
                start.elapsed()
            })
            .min()
            .unwrap();
        // Unoptimised here; the bench shows less than a millisecond.
        let start: String = subject.chars().take(12).collect();
        assert!(fastest < Duration::from_millis(250), "{start:?}: {fastest:?}");
    }
}

/// Pieces that make hard subjects: tokens, near misses, disguises, boundaries.
fn subject() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "CRM:|crm:|ＣＲＭ：|A1|a1|Ä-|a\u{308}-|My CRM:|MY  crm:|Re: |A",
        3 => "[01][0-9]{1,8}|０[0-9]{3,6}|[01]\u{200b}?[0-9]{6}",
        2 => "[ \t\u{a0}x\u{200b}é的\\[\\]:\u{301}²1]",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

fn format() -> impl Strategy<Value = TokenFormat> {
    let prefix =
        proptest::sample::select(vec!["CRM:", "A1", "A", "Ä-", "My CRM:", "crm:", "客户:"]);
    (prefix, 0_u32..2, 1_u8..5, 1_u8..5).prop_map(|(prefix, base, user_digits, counter_digits)| {
        let format = TokenFormat::builder().prefix(prefix).base(base * 500);
        format.user_digits(user_digits).counter_digits(counter_digits).build().unwrap()
    })
}

proptest! {
    #[test]
    fn many_formats_find_what_each_finds_alone(
        subject in subject(), formats in proptest::collection::vec(format(), 0..6)
    ) {
        let all = TokenScanner::new(formats.clone()).unwrap();
        let mut together: Vec<_> = all
            .find_iter(&subject)
            .flat_map(|found| found.readings().map(move |r| (found.range().end, found.range().start, r.format, format!("{:?}", r.parts))))
            .collect();
        let mut alone: Vec<_> = (0..)
            .zip(&formats)
            .flat_map(|(i, format)| {
                let one = TokenScanner::new([format.clone()]).unwrap();
                let found: Vec<_> = one.find_iter(&subject).collect();
                found
                    .iter()
                    .flat_map(|found| found.readings().map(move |r| (found.range().end, found.range().start, i, format!("{:?}", r.parts))))
                    .collect::<Vec<_>>()
            })
            .collect();
        together.sort();
        alone.sort();
        prop_assert_eq!(together, alone);
    }

    #[test]
    fn a_regex_over_the_fold_finds_the_same(
        subject in subject(), formats in proptest::collection::vec(format(), 0..6)
    ) {
        let scanner = TokenScanner::new(formats.clone()).unwrap();
        let mut found: Vec<_> = scanner
            .find_iter(&subject)
            .map(|found| {
                let mut key = String::new();
                found.key_into(&mut key);
                key
            })
            .collect();
        found.sort();
        let mut keys = naive(&formats, &fold(&subject));
        keys.sort();
        prop_assert_eq!(found, keys);
    }

    #[test]
    fn what_is_printed_is_found_in_any_surrounding(
        format in format(), user in 0_u32..4000, counter in 0_u32..10_000,
        before in "(|.*[ \\[(,])", after in "(|[ \\]),].*)", offline in any::<bool>(),
    ) {
        let designator = if offline { Designator::Offline } else { Designator::Online };
        let counter = counter % (format.max_counter() + 1);
        let token = format.render_wrapping(designator, user, counter).unwrap();
        let subject = format!("{before}{token}{after}");
        let scanner = TokenScanner::new([format.clone()]).unwrap();
        let hit = scanner.find_iter(&subject).find(|hit| hit.range().start == before.len());
        let hit = hit.expect("found");
        prop_assert_eq!(hit.token(), token.clone());
        prop_assert_eq!(hit.readings().next().map(|r| r.parts), format.parse(token.as_str()));
        let (mut stored, mut key) = (String::new(), String::new());
        token.key_into(&mut stored);
        hit.key_into(&mut key);
        prop_assert_eq!(key, stored);
    }

    #[test]
    fn an_appended_token_is_found_and_not_appended_twice(
        subject in ".{0,300}", limit in 255_u16..=400
    ) {
        let limit = SubjectLimit::new(limit).unwrap();
        let token = TokenFormat::default().render(Designator::Online, 1, 1).unwrap();
        let full = token.append_to(&subject, limit);
        prop_assert!(full.encode_utf16().count() <= usize::from(limit.get()));
        prop_assert!(full.ends_with("CRM:0001001"));
        prop_assert_eq!(token.append_to(&full, limit), full.clone());
        let scanner = TokenScanner::new([TokenFormat::default()]).unwrap();
        prop_assert_eq!(scanner.find_iter(&full).last().unwrap().range().end, full.len());
    }
}

/// The keys of all tokens by regular expression: prefix by prefix, at every position.
fn naive(formats: &[TokenFormat], folded: &str) -> Vec<String> {
    let joins = |c: char| c.is_lowercase() || c.is_numeric();
    let mut printed: Vec<_> =
        formats.iter().map(|f| (fold(f.prefix().as_str()), f.digits())).collect();
    printed.sort();
    printed.dedup();
    let mut keys = Vec::new();
    for (prefix, digits) in printed {
        let blank = if prefix.ends_with(joins) { "" } else { " ?" };
        let pattern = format!("^{}{blank}([01][0-9]{{{}}})", regex::escape(&prefix), digits - 1);
        let pattern = regex::Regex::new(&pattern).unwrap();
        for (at, _) in folded.char_indices() {
            let (before, rest) = folded.split_at(at);
            let Some(captures) = pattern.captures(rest) else { continue };
            let glued = prefix.starts_with(joins) && before.ends_with(joins);
            let end = captures.get(0).unwrap().end();
            if !glued && !rest[end..].starts_with(joins) {
                keys.push(format!("{prefix}{}", &captures[1]));
            }
        }
    }
    keys
}

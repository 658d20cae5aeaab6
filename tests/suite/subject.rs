//! Subjects from outside: the vectors of RFC 5256, of 47 languages, and what must stay.

#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a panic fails the test")]

use std::fs;
use std::path::Path;

use correspond::subject::{
    MAX_WORD_CHARS, MAX_WORDS, Rules, Settings, SubjectFilter, TagRule, base, decode, decode_with,
    rfc5256,
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

/// Subjects from an alphabet that makes prefixes likely.
fn subjects() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "Re",
        "re",
        "FWD",
        "fw",
        "AW",
        "SV",
        "fs",
        "FS",
        "RV",
        "rv",
        "res",
        "REF",
        "回复",
        "Réf",
        "İlt",
        "Ответ",
        "x",
        "é",
        "12",
        ":",
        ":",
        ":",
        "：",
        " ",
        " ",
        "\u{a0}",
        "\u{200f}",
        "[",
        "]",
        "(",
        ")",
        "[EXT]",
        "[list]",
        "[PATCH 1/2]",
        "[Fwd: ",
        "[fwd:",
        "[2]",
        "^2",
        ".",
        "(fwd)",
        "(was: a)",
        "*** SPAM ***",
        "(EXT)",
        "#extern_",
        "EXT:",
        "\t",
    ];
    proptest::collection::vec(proptest::sample::select(PIECES), 0..14)
        .prop_map(|pieces| pieces.concat())
}

/// RFC 5256 section 2.1 step by step, as slow as it reads.
fn by_the_letter(subject: &str) -> String {
    fn starts(text: &str, word: &str) -> bool {
        text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
    }
    fn blob(text: &str) -> Option<usize> {
        let close = text.strip_prefix('[')?.find(']')? + 1;
        if text[1..close].contains('[') {
            return None;
        }
        let rest = &text[close + 1..];
        Some(text.len() - rest.trim_start_matches(' ').len())
    }
    fn refwd(text: &str) -> Option<usize> {
        let word = ["re", "fwd", "fw"].into_iter().find(|word| starts(text, word))?;
        let mut rest = text[word.len()..].trim_start_matches(' ');
        if let Some(len) = blob(rest) {
            rest = &rest[len..];
        }
        Some(text.len() - rest.strip_prefix(':')?.len())
    }
    fn leader(text: &str) -> Option<usize> {
        if text.starts_with(' ') {
            return Some(1);
        }
        let mut at = 0;
        loop {
            if let Some(len) = refwd(&text[at..]) {
                return Some(at + len);
            }
            at += blob(&text[at..])?;
        }
    }
    let mut text = subject.replace(['\t', '\r', '\n'], " ");
    while text.contains("  ") {
        text = text.replace("  ", " ");
    }
    loop {
        loop {
            if text.ends_with(' ') {
                text.pop();
            } else if text.to_ascii_lowercase().ends_with("(fwd)") {
                text.truncate(text.len() - 5);
            } else {
                break;
            }
        }
        loop {
            let before = text.clone();
            while let Some(len) = leader(&text) {
                text.drain(..len);
            }
            if let Some(len) = blob(&text)
                && len < text.len()
            {
                text.drain(..len);
            }
            if text == before {
                break;
            }
        }
        if !(starts(&text, "[fwd:") && text.ends_with(']')) {
            return text;
        }
        text.pop();
        text.drain(..5);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn rfc_5256_is_read_to_the_letter(subject in subjects()) {
        prop_assert_eq!(rfc5256::base(&subject).text, by_the_letter(&subject));
    }

    #[test]
    fn the_base_of_the_base_is_the_base(subject in subjects()) {
        let text = base(&subject).text();
        prop_assert!(subject.contains(text));
        prop_assert_eq!(base(text).text(), text);
    }

    #[test]
    fn a_reply_has_the_key_of_its_parent(subject in subjects()) {
        for rules in settings() {
            let key = rules.key(&subject);
            for prefix in ["Re: ", "Re:", "AW: ", "[EXT] RE: ", "Fwd: Re: ", "回复："] {
                // Directly before a digit only `Re:` is a prefix.
                if !prefix.ends_with(' ') && subject.starts_with(|c: char| c.is_numeric()) {
                    continue;
                }
                let reply = format!("{prefix}{subject}");
                prop_assert_eq!(rules.key(&reply), key.clone(), "{}", prefix);
            }
            let base = rules.base(&subject);
            prop_assert_eq!(rules.base(base.text()).text(), base.text());
            if !base.had_list_tag() {
                prop_assert_eq!(rules.key(base.text()), key);
            }
        }
    }
}

/// The default, and settings far from it.
fn settings() -> [Rules; 3] {
    let mut own = Settings::default();
    own.reply_words.push("Betr".into());
    own.list_tags.push("list".into());
    own.gateway_tags = vec!["EXT".into()];
    own.tags = TagRule::StripWords;
    own.strip_was = true;
    let mut short = Settings::default();
    short.tags = TagRule::StripAll;
    short.strip_short_unknown = true;
    [Rules::default(), Rules::new(own).unwrap(), Rules::new(short).unwrap()]
}

#[test]
fn real_words_are_not_eaten() {
    for subject in [
        "Invoice: 12: total",
        "re-order X",
        "Software: X",
        "Antwerpen: vergadering",
        "fs: fix a leak",
        "rv: add a monitor",
        "tr: token ring",
        "ed: the editor",
        "REF: 4711",
        "Réf. : 2023-44",
        "Er: neu",
        "i: j",
        "CRM:0001001",
        "CRM:0001001 hello",
        "[CRM:0001001] hello",
        "ACME-00012000345 hello",
        "RES:0001001 hello",
        "FS:0001001",
        "[PATCH v2 1/3] x",
        "[Ticket#123] x",
        "IMAP extensions (WG)",
        "new firmware (FW)",
        "http://example.com/",
        "[external links] x",
        "[list]",
        "R2: D2",
        "fw2: x",
    ] {
        assert_eq!(base(subject).text(), subject);
        assert!(!base(subject).is_reply() && base(subject).prefix_count() == 0, "{subject}");
    }
}

#[test]
fn what_went_is_told() {
    let all = base("RE: AW: [EXT] Fwd: x (fwd)");
    assert!(all.is_reply() && all.is_forward() && all.had_gateway_tag() && !all.had_list_tag());
    assert_eq!(all.prefixes().collect::<Vec<_>>(), ["RE", "AW", "Fwd"]);
    assert_eq!(base("res: rv: enc: továbbítás: x").prefix_count(), 4);
    let many = "Re: ".repeat(12);
    assert_eq!((base(&many).prefixes().count(), base(&many).prefix_count()), (8, 12));
    assert!(base("[Fwd: x]").is_forward() && !base("[Fwd: x]").is_reply());
    assert!(base("Re:2020 budget").is_reply());
    for (subject, text) in [
        ("Re: [EXTERNAL] Re: Fwd: Example subject (fwd)", "Example subject"),
        ("[list] AW: x", "x"),
        ("[list] [EXT] x", "x"),
        ("[CRM:0001001] Re: x", "[CRM:0001001] Re: x"),
        ("#Extern_Re: x", "x"),
        ("*** SPAM *** Re: x", "x"),
        ("***SPAM*** x", "x"),
        ("{Spam?} x", "x"),
        ("EXT: Re: x", "x"),
        ("(EXT) x", "x"),
        ("Re[peat]: x", "x"),
        ("Ｒｅ： x", "x"),
        ("[EXT]", ""),
    ] {
        assert_eq!(base(subject).text(), text, "{subject}");
    }
}

#[test]
fn keys_of_one_conversation_are_equal() {
    let rules = Rules::default();
    for (subject, key) in [
        ("[list] Re: Topic", "[list] topic"),
        ("Re: [list] Topic", "[list] topic"),
        ("Re: [list] AW: [list] Topic", "[list] topic"),
        ("[list] [EXT] Re: Topic", "[list] topic"),
        ("[PATCH v2 1/3] Re: x", "[patch v2 1/3] x"),
        ("Re: [a] Re: [b] x", "[a] [b] x"),
        ("voce\u{302}", "você"),
    ] {
        assert_eq!(rules.key(subject).as_deref(), Some(key), "{subject}");
    }
    assert_eq!(rules.key("Re: \u{200b}"), None);
}

#[test]
fn settings_change_what_goes() {
    let mut settings = Settings::default();
    settings.strip_was = true;
    settings.strip_short_unknown = true;
    settings.list_tags.push("USRP-users".into());
    settings.reply_words.push("Na odpowiedź".into());
    settings.gateway_tags.push("Fremd".into());
    let json = serde_json::to_string(&settings).unwrap();
    let rules: Rules = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&rules).unwrap(), json);
    assert_eq!(serde_json::from_str::<Rules>("{}").unwrap(), Rules::default());
    for (subject, text) in [
        ("New (was: Re: Old (x))", "New"),
        ("ABC: x", "x"),
        ("ABC: 12", "ABC: 12"),
        ("CRM:0001001 x", "CRM:0001001 x"),
        ("ABCD: x", "ABCD: x"),
        ("[usrp-USERS] x", "x"),
        ("NA ODPOWIEDŹ: x", "x"),
        ("[fremd] [EXT] x", "x"),
    ] {
        assert_eq!(rules.base(subject).text(), text, "{subject}");
    }
}

#[test]
fn settings_errors_name_the_field() {
    let error = |change: fn(&mut Settings)| {
        let mut settings = Settings::default();
        change(&mut settings);
        Rules::new(settings).unwrap_err().to_string()
    };
    for (found, text) in [
        (
            error(|s| s.reply_words = vec!["a".into(); MAX_WORDS + 1]),
            "subject settings: reply_words: expected at most 1000 entries, found 1001",
        ),
        (
            error(|s| s.forward_words = vec!["a".into(), "b".repeat(MAX_WORD_CHARS + 1)]),
            "subject settings: forward_words[1]: expected at most 64 characters, found 65",
        ),
        (
            error(|s| s.list_tags = vec![" \u{200b}".into()]),
            "subject settings: list_tags[0]: expected text, found none",
        ),
        (
            error(|s| s.gateway_tags = vec!["[EXT]".into()]),
            "subject settings: gateway_tags[0]: expected no brackets, stars or control characters, \
             found '['",
        ),
        (
            error(|s| s.reply_words = vec!["re:".into()]),
            "subject settings: reply_words[0]: expected letters and blanks, found ':'",
        ),
    ] {
        assert_eq!(found, text);
    }
    let wrong = serde_json::from_str::<Rules>(r#"{"reply_words": [""]}"#).unwrap_err();
    assert_eq!(wrong.to_string(), "subject settings: reply_words[0]: expected text, found none");
    let wrong = serde_json::from_str::<Rules>(r#"{"list_tag": []}"#).unwrap_err().to_string();
    assert!(wrong.starts_with("unknown field `list_tag`, expected"), "{wrong}");
}

#[test]
fn filter_errors_name_the_construct() {
    for (expression, text) in [
        (
            "^[s]*([w]+s?:[s]*)+",
            r"expected ^[\s]*([\w]+\s?:[\s]*)+, found its copy without backslashes, which strips runs of 's' and 'w'",
        ),
        ("^(?=x)", "found a .NET lookahead at byte 1"),
        ("(?<!x)y", "found a .NET negative lookbehind at byte 0"),
        (r"(\w)\1", "found a .NET back-reference at byte 4"),
        (r"(?<a>x)\k<a>", "found a .NET named back-reference at byte 7"),
        ("(?>a+)", "found a .NET atomic group at byte 0"),
        ("(?<a-b>x)", "found a .NET balancing group at byte 0"),
        ("(?(a)b|c)", "found a .NET conditional at byte 0"),
        ("[a-z-[aeiou]]", "found a .NET class subtraction at byte 5"),
        ("a(?#why)", "found a .NET comment group at byte 1"),
        (r"\p{IsGreek}", "found a .NET Unicode block at byte 0"),
        (r"a\Z", "found a .NET end-before-newline anchor at byte 1"),
        ("(?in)a", "found a .NET explicit-capture option at byte 0"),
        (r"\w{1000}{1000}", "expected at most 1048576 bytes when compiled, found more"),
        ("(a", "expected a well-formed expression, found regex parse error"),
    ] {
        let error = SubjectFilter::new(expression).unwrap_err().to_string();
        assert!(error.starts_with("filter expression: "), "{error}");
        assert!(error.contains(text), "{expression}: {error}");
    }
    let long = SubjectFilter::new(&"a".repeat(4_097)).unwrap_err().to_string();
    assert_eq!(long, "filter expression: expected at most 4096 bytes, found 4097");
    assert!(SubjectFilter::new(r"[\](?=]|[(]|\(?=").is_ok(), "only what is a construct");
}

#[test]
fn the_listed_words_have_sources() {
    for row in rows("prefix_words.tsv") {
        let [word, kind, language, source] = &row[..] else { panic!("{row:?}") };
        assert!(!language.is_empty() && !source.is_empty(), "{word}");
        assert_eq!(fold(word), *word);
        // Capitals satisfy every guard.
        let capitals: String = word.chars().flat_map(char::to_uppercase).collect();
        let subject = format!("{capitals}: x");
        let found = base(&subject);
        assert_eq!(found.text(), "x", "{word}");
        assert_eq!(
            (found.is_reply(), found.is_forward(), found.had_gateway_tag()),
            (kind == "reply", kind == "forward", kind == "gateway"),
            "{word}"
        );
    }
}

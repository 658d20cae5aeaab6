//! The nouns from a shell: one JSON string a line in, one JSON object a line out, in order.
//!
//! `normalize subject [--rfc5256]`,
//! `normalize token --format PREFIX/BASE/USER_DIGITS/COUNTER_DIGITS [--format ...]`,
//! `normalize address [--strict]`

use std::io::{self, BufRead, BufWriter, Write};
use std::process::ExitCode;

use correspond::address::{CompareBy, EmailAddressRef};
use correspond::subject::{self, Rules};
use correspond::token::{TokenFormat, TokenScanner};
use mail_parser::decoders::charsets::map::charset_decoder;
use serde_json::{Value, json};

const USAGE: &str = "\
One JSON string a line on standard input, one JSON object a line on standard output.

    normalize subject [--rfc5256]
    normalize token --format PREFIX/BASE/USER_DIGITS/COUNTER_DIGITS [--format ...]
    normalize address [--strict]
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let normalizer = match normalizer(&args) {
        Ok(normalizer) => normalizer,
        Err(problem) => {
            eprintln!("normalize: {problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&*normalizer, io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("normalize: {error}");
            ExitCode::FAILURE
        }
    }
}

type Normalizer = Box<dyn Fn(&str) -> Value>;

fn normalizer(args: &[String]) -> Result<Normalizer, String> {
    let (noun, options) = args.split_first().ok_or("expected subject, token or address")?;
    let flag = |name: &str| match options {
        [] => Ok(false),
        [only] if only == name => Ok(true),
        [other, ..] => Err(format!("expected {name} or nothing, found {other:?}")),
    };
    match noun.as_str() {
        "subject" if flag("--rfc5256")? => Ok(Box::new(by_rfc5256)),
        "subject" => {
            let rules = Rules::default();
            Ok(Box::new(move |text| by_rules(&rules, text)))
        }
        "token" => {
            let scanner = TokenScanner::new(formats(options)?);
            let scanner = scanner.map_err(|error| error.to_string())?;
            Ok(Box::new(move |text| tokens(&scanner, text)))
        }
        "address" => {
            let by = if flag("--strict")? { CompareBy::Strict } else { CompareBy::Canonical };
            Ok(Box::new(move |text| address(by, text)))
        }
        other => Err(format!("expected subject, token or address, found {other:?}")),
    }
}

fn formats(options: &[String]) -> Result<Vec<TokenFormat>, String> {
    let mut formats = Vec::new();
    let mut options = options.iter();
    while let Some(option) = options.next() {
        let spec = match option.strip_prefix("--format=") {
            Some(spec) => spec,
            None if option == "--format" => {
                options.next().ok_or("expected a format, found the end")?
            }
            None => return Err(format!("expected --format, found {option:?}")),
        };
        formats.push(format(spec)?);
    }
    if formats.is_empty() { Ok(vec![TokenFormat::default()]) } else { Ok(formats) }
}

/// `PREFIX/BASE/USER_DIGITS/COUNTER_DIGITS`; the prefix may have slashes of its own.
fn format(spec: &str) -> Result<TokenFormat, String> {
    let wrong = || format!("expected PREFIX/BASE/USER_DIGITS/COUNTER_DIGITS, found {spec:?}");
    let mut parts = spec.rsplitn(4, '/');
    let mut number = || parts.next().and_then(|part| part.parse::<u32>().ok()).ok_or_else(wrong);
    let (counter_digits, user_digits, base) = (number()?, number()?, number()?);
    let prefix = parts.next().ok_or_else(wrong)?;
    let digits = |digits: u32| u8::try_from(digits).map_err(|_| wrong());
    TokenFormat::builder()
        .prefix(prefix)
        .base(base)
        .user_digits(digits(user_digits)?)
        .counter_digits(digits(counter_digits)?)
        .build()
        .map_err(|error| format!("{spec:?}: {error}"))
}

fn run(normalize: &dyn Fn(&str) -> Value, from: impl BufRead, to: impl Write) -> io::Result<()> {
    let mut to = BufWriter::new(to);
    for line in from.split(b'\n') {
        let line = line?;
        let answer = match serde_json::from_slice::<String>(&line) {
            Ok(text) => normalize(&text),
            Err(error) => json!({ "error": format!("expected a JSON string: {error}") }),
        };
        writeln!(to, "{answer}")?;
    }
    to.flush()
}

/// Headers come encoded: every charset that mail-parser knows is read.
fn decoded(raw: &str) -> String {
    let charset = |name: &str, octets: &[u8]| Some(charset_decoder(name.as_bytes())?(octets));
    subject::decode_with(raw, charset).into_owned()
}

/// The library hands out a part of the input; here, where it is for people, runs of white space are
/// one blank.
fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn by_rules(rules: &Rules, raw: &str) -> Value {
    let text = decoded(raw);
    let base = rules.base(&text);
    json!({
        "base": spaced(base.text()),
        "reply": base.is_reply(),
        "forward": base.is_forward(),
        "prefixes": base.prefixes().collect::<Vec<_>>(),
    })
}

/// The RFC knows "reply or forward" only; which of the two is the extended rules' word.
fn by_rfc5256(raw: &str) -> Value {
    let text = decoded(raw);
    let (base, extended) = (subject::rfc5256::base(&text), subject::base(&text));
    let forward = base.is_reply_or_forward && extended.is_forward();
    let went = if base.is_reply_or_forward { extended.prefixes().collect() } else { Vec::new() };
    json!({
        "base": base.text,
        "reply": base.is_reply_or_forward && !forward,
        "forward": forward,
        "prefixes": went,
    })
}

fn tokens(scanner: &TokenScanner, text: &str) -> Value {
    let tokens = scanner.find_iter(text).map(|token| {
        // Formats may split the same digits differently; the first that was given speaks.
        let parts = token.readings().next().map(|reading| reading.parts);
        json!({
            "text": token.text(),
            "start": token.range().start,
            "end": token.range().end,
            "designator": parts.map(|parts| parts.designator.digit()),
            "user": parts.and_then(|parts| parts.user),
            "counter": parts.map(|parts| parts.counter),
        })
    });
    json!({ "tokens": tokens.collect::<Vec<_>>() })
}

fn address(by: CompareBy, text: &str) -> Value {
    match EmailAddressRef::parse(text) {
        Ok(address) => {
            let mut key = String::new();
            address.key_with(by, &mut key);
            json!({ "canonical": key, "local": address.local(), "domain": address.domain() })
        }
        Err(error) => json!({ "error": error.to_string() }),
    }
}

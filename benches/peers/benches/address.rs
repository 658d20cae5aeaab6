//! Bare addresses, read and made comparable: `cargo bench -p correspond-peers --bench address`.
//!
//! `-- ratios` measures all rows in turns and prints the best round of each: the ratios hold on a
//! machine that is busy with something else, too.
//!
//! Times are of the whole batch; criterion's throughput line gives addresses a second. Peers are
//! asked for what they do (reading), and in rows of their own for a lower-case copy too, which is
//! the nearest to a key that they offer.

use std::hint::black_box;
use std::str::FromStr;

use correspond::address::{CompareBy, EmailAddressRef};
use criterion::{Criterion, Throughput};

const ADDRESSES: u64 = 10_000;

/// A small generator, the same on every run.
struct Draw(u64);

impl Draw {
    /// A number below `n`.
    fn below(&mut self, n: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[usize::try_from(self.below(words.len() as u64)).unwrap()]
    }
}

const FIRST: [&str; 12] = [
    "maria",
    "james",
    "olga",
    "wei",
    "fatima",
    "peter",
    "alexandra",
    "john",
    "sofia",
    "ana",
    "christopher",
    "li",
];
const LAST: [&str; 12] = [
    "garcia",
    "smith",
    "ivanova",
    "zhang",
    "hassan",
    "muller",
    "papadopoulos",
    "doe",
    "rossi",
    "silva",
    "montgomery",
    "kim",
];
const DOMAIN: [&str; 10] = [
    "gmail.com",
    "outlook.com",
    "yahoo.co.uk",
    "contoso.example",
    "mail.fabrikam.example",
    "web.example",
    "northwind-traders.example",
    "students.university.example",
    "icloud.com",
    "example.org",
];
const IDN: [&str; 5] =
    ["bücher.example", "почта.рф", "m端ller.example", "straße.example", "cafe\u{301}.example"];
const A_LABEL: [&str; 2] = ["xn--bcher-kva.example", "xn--80a1acny.xn--p1ai"];

/// About 28 octets each: 15 % in mixed case, 2 % internationalised (three in ten of them as
/// A-labels), 1 % quoted, the rest plain lower-case ASCII.
fn addresses() -> Vec<String> {
    let mut draw = Draw(2003);
    (0..ADDRESSES)
        .map(|_| {
            let (first, last) = (draw.of(&FIRST), draw.of(&LAST));
            let number = draw.below(10_000);
            let local = match draw.below(6) {
                0 => format!("{first}.{last}"),
                1 => format!("{first}_{last}{number}"),
                2 => format!("{first}.{last}{}", number % 100),
                3 => format!("{last}{number}"),
                4 => format!("{first}.{last}+news"),
                _ => format!("{first}-{last}.{}", number % 100),
            };
            let domain = draw.of(&DOMAIN);
            match draw.below(100) {
                0..15 => {
                    let upper = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
                    match draw.below(3) {
                        0 => format!("{}@{domain}", upper(&local)),
                        1 => format!("{}@{}", upper(&local), upper(domain)),
                        _ => format!("{local}@{domain}").to_ascii_uppercase(),
                    }
                }
                15..17 if draw.below(10) < 3 => format!("{local}@{}", draw.of(&A_LABEL)),
                15..17 => format!("{local}@{}", draw.of(&IDN)),
                17 => format!("\"{first} {last}\"@{domain}"),
                _ => format!("{local}@{domain}"),
            }
        })
        .collect()
}

fn lower_copy(text: &str, out: &mut String) {
    let start = out.len();
    out.push_str(text);
    out[start..].make_ascii_lowercase();
}

fn mail_parser(text: &str) -> mail_parser::HeaderValue<'_> {
    mail_parser::parsers::MessageStream::new(text.as_bytes()).parse_address()
}

type Work = fn(&str, &mut String);

/// What is measured: the id, whether the text ends in a line end (mail-parser reads header fields),
/// and the work on one text with a buffer that is used again, as a loop over recipients has it.
const ROWS: [(&str, bool, Work); 10] = [
    ("parse/correspond", false, |mail, _| {
        let _ = black_box(EmailAddressRef::parse(mail));
    }),
    ("parse/lettre", false, |mail, _| {
        let _ = black_box(lettre::Address::from_str(mail));
    }),
    ("parse/email_address", false, |mail, _| {
        let _ = black_box(email_address::EmailAddress::from_str(mail));
    }),
    ("parse/mail-parser", true, |mail, _| {
        black_box(mail_parser(mail));
    }),
    ("key/correspond", false, |mail, key| {
        if let Ok(address) = EmailAddressRef::parse(mail) {
            address.key_into(key);
        }
    }),
    ("key/correspond_strict", false, |mail, key| {
        if let Ok(address) = EmailAddressRef::parse(mail) {
            address.key_with(CompareBy::Strict, key);
        }
    }),
    ("key/lettre+lower", false, |mail, key| {
        if let Ok(address) = lettre::Address::from_str(mail) {
            lower_copy(address.as_ref(), key);
        }
    }),
    ("key/email_address+lower", false, |mail, key| {
        if let Ok(address) = email_address::EmailAddress::from_str(mail) {
            lower_copy(address.as_str(), key);
        }
    }),
    ("key/mail-parser+lower", true, |mail, key| {
        if let mail_parser::HeaderValue::Address(list) = mail_parser(mail)
            && let Some(address) = list.first().and_then(|first| first.address.as_deref())
        {
            lower_copy(address, key);
        }
    }),
    // What a program does that reads nothing: wrong for 3 % of these, and for every hostile text.
    ("key/lower_alone", false, lower_copy),
];

fn batch(texts: &[String], work: Work, buffer: &mut String) {
    for text in texts {
        buffer.clear();
        work(black_box(text), buffer);
        black_box(buffer.as_str());
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn ratios(mails: &[String], fields: &[String]) {
    let mut best = [f64::MAX; ROWS.len()];
    let mut buffer = String::with_capacity(512);
    for _ in 0..200 {
        for (best, (_, field, work)) in best.iter_mut().zip(ROWS) {
            let start = std::time::Instant::now();
            batch(if field { fields } else { mails }, work, &mut buffer);
            *best = best.min(start.elapsed().as_secs_f64() * 1e9 / ADDRESSES as f64);
        }
    }
    let ours = best[4];
    println!("{:28}{:>8}{:>20}", "row", "ns", "of key/correspond");
    for ((id, ..), ns) in ROWS.iter().zip(best) {
        println!("{id:28}{ns:>8.1}{:>20.2}", ns / ours);
    }
}

fn main() {
    let mails = addresses();
    let fields: Vec<String> = mails.iter().map(|mail| format!("{mail}\n")).collect();
    for mail in &mails {
        assert!(EmailAddressRef::parse(mail).is_ok(), "{mail}");
    }
    if std::env::args().any(|arg| arg == "ratios") {
        return ratios(&mails, &fields);
    }
    let mut c = Criterion::default().configure_from_args();
    let mut group = c.benchmark_group("address");
    group.throughput(Throughput::Elements(ADDRESSES));
    let mut buffer = String::with_capacity(512);
    for (id, field, work) in ROWS {
        let texts = if field { &fields } else { &mails };
        group.bench_function(id, |b| b.iter(|| batch(texts, work, &mut buffer)));
    }
    group.finish();
    c.final_summary();
}

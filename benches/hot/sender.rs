//! The From address of a message that need not be rewritten, which is the case of nearly every one:
//! read and looked up, with nothing copied (the suite counts the allocations).
//!
//! The first peer does as much and no more: the same field back, borrowed, its domain in lower case asked
//! of a `HashMap`. The next is what one would write first: texts trimmed and copied, control characters looked for, the
//! domain in lower case asked of a `HashMap`, and the field formatted. It does not read the address. The
//! last is the look-up of it alone. A group of its own has addresses that are rewritten, all of them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hint::black_box;

use chrono::DateTime;
use correspond::id::RecordId;
use correspond::record::Version;
use correspond::sender::{FromField, Occasion, SendingDomains};
use correspond::settings::{AuthenticatedDomain, DefaultMarketingSettings, DomainStatus, Stored};
use criterion::{Criterion, Throughput};

/// Names as senders have them, one of four with capitals in the domain.
const FROM: [(&str, &str); 8] = [
    ("Lamar Ferrari", "lamar.ferrari@contoso.com"),
    ("Contoso News", "news@mail.contoso.com"),
    ("", "no-reply@contoso.com"),
    ("Maria Papadopoulos", "Maria.Papadopoulos@Contoso.com"),
    ("Events", "events@events.contoso.co.uk"),
    ("Contoso", "hello@contoso.de"),
    ("Ann", "ann@CONTOSO.CO.UK"),
    ("Order service", "orders@shop.contoso.com"),
];

fn domains(count: usize) -> Vec<String> {
    let senders = FROM.iter().filter_map(|(_, address)| address.rsplit_once('@'));
    let mut names: Vec<String> = senders.map(|(_, domain)| domain.to_ascii_lowercase()).collect();
    names.sort();
    names.dedup();
    names
        .extend((0..).map(|number| format!("brand{number}.contoso.com")).take(count - names.len()));
    names
}

fn prepared(names: &[String]) -> SendingDomains {
    SendingDomains::of(&stored(names), None)
}

fn stored(names: &[String]) -> Vec<Stored<AuthenticatedDomain>> {
    let record = |name: &String| {
        AuthenticatedDomain::builder()
            .name(name.as_str())
            .ownership_status(DomainStatus::Confirmed)
            .email_status(DomainStatus::Confirmed)
            .build()
            .unwrap()
    };
    (1..)
        .zip(names)
        .map(|(id, name)| {
            Stored::new(RecordId::new(id), Version::new(id), DateTime::UNIX_EPOCH, record(name))
        })
        .collect()
}

/// What one would write first: the field that the message gets.
fn naive(known: &HashMap<String, bool>, name: &str, address: &str) -> Option<String> {
    let (name, address) = (name.trim().to_string(), address.trim().to_string());
    if name.chars().chain(address.chars()).any(char::is_control) {
        return None;
    }
    let (local, domain) = address.rsplit_once('@')?;
    match known.get(&domain.to_lowercase()) {
        Some(true) => Some(format!("{name} <{address}>")),
        _ => Some(format!("{name} <{local}@mail.contoso.com>")),
    }
}

/// What one would write who knows that most stay as they are.
fn borrowing<'a>(known: &HashMap<String, bool>, address: &'a str) -> Option<Cow<'a, str>> {
    let address = address.trim();
    let at = address.find('@')?;
    let (local, domain) = (address.get(..at)?, address.get(at + 1..)?);
    match known.get(&domain.to_ascii_lowercase()) {
        Some(true) => Some(Cow::Borrowed(address)),
        _ => Some(Cow::Owned(format!("{local}@mail.contoso.com"))),
    }
}

fn rewritten(c: &mut Criterion) {
    let names = domains(8);
    let set = DefaultMarketingSettings::builder()
        .name("Ours")
        .default_sending_domain(RecordId::new(1))
        .build()
        .unwrap();
    let ready = SendingDomains::of(&stored(&names), Some(&set));
    let known: HashMap<String, bool> = names.into_iter().map(|name| (name, true)).collect();
    let from = FROM.map(|(name, address)| (name, format!("{address}.example")));
    let mut group = c.benchmark_group("sender/from-rewritten");
    group.throughput(Throughput::Elements(FROM.len() as u64));
    group.bench_function("read-and-rewrite", |b| {
        b.iter(|| {
            for (name, address) in &from {
                let from = FromField::new(black_box(name), black_box(address)).unwrap();
                assert!(black_box(ready.rewrite(from, Occasion::Created)).is_rewritten());
            }
        });
    });
    group.bench_function("trim-find-lowercase-hashmap-cow", |b| {
        b.iter(|| {
            for (_, address) in &from {
                let made = borrowing(&known, black_box(address)).unwrap();
                assert!(matches!(black_box(made), Cow::Owned(_)));
            }
        });
    });
    group.finish();
}

pub(crate) fn define(c: &mut Criterion) {
    rewritten(c);
    for count in [8, 1_000] {
        let names = domains(count);
        let ready = prepared(&names);
        let known: HashMap<String, bool> = names.into_iter().map(|name| (name, true)).collect();
        let mut group = c.benchmark_group(format!("sender/from-unchanged-{count}-domains"));
        group.throughput(Throughput::Elements(FROM.len() as u64));
        group.bench_function("read-and-rewrite", |b| {
            b.iter(|| {
                for (name, address) in FROM {
                    let from = FromField::new(black_box(name), black_box(address)).unwrap();
                    let kept = ready.rewrite(from, Occasion::Created);
                    assert!(!black_box(&kept).is_rewritten());
                }
            });
        });
        let read = FROM.map(|(name, address)| FromField::new(name, address).unwrap());
        group.bench_function("rewrite", |b| {
            b.iter(|| {
                for from in &read {
                    let kept = ready.rewrite(black_box(from).clone(), Occasion::Created);
                    assert!(!black_box(&kept).is_rewritten());
                }
            });
        });
        group.bench_function("trim-find-lowercase-hashmap-cow", |b| {
            b.iter(|| {
                for (_, address) in FROM {
                    let made = borrowing(&known, black_box(address)).unwrap();
                    assert!(matches!(black_box(made), Cow::Borrowed(_)));
                }
            });
        });
        group.bench_function("naive-copy-lowercase-hashmap-format", |b| {
            b.iter(|| {
                for (name, address) in FROM {
                    let field = naive(&known, black_box(name), black_box(address));
                    assert!(black_box(field).is_some());
                }
            });
        });
        group.bench_function("lowercase-hashmap", |b| {
            b.iter(|| {
                for (_, address) in FROM {
                    let (_, domain) = black_box(address).rsplit_once('@').unwrap();
                    assert!(black_box(known.get(&domain.to_lowercase())).is_some());
                }
            });
        });
        group.finish();
    }
}

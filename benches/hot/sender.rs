//! The From address of a message that need not be rewritten, which is the case of nearly every one:
//! read and looked up, with nothing copied (the suite counts the allocations).
//!
//! The peer is what one would write first: texts trimmed and copied, control characters looked for, the
//! domain in lower case asked of a `HashMap`, and the field formatted. It does not read the address. The
//! second peer is the look-up of it alone.

use std::collections::HashMap;
use std::hint::black_box;

use chrono::DateTime;
use correspond::id::RecordId;
use correspond::record::Version;
use correspond::sender::{FromField, Occasion, SendingDomains};
use correspond::settings::{AuthenticatedDomain, DomainStatus, Stored};
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
    let record = |name: &String| {
        AuthenticatedDomain::builder()
            .name(name.as_str())
            .ownership_status(DomainStatus::Confirmed)
            .email_status(DomainStatus::Confirmed)
            .build()
            .unwrap()
    };
    let stored: Vec<_> = (1..)
        .zip(names)
        .map(|(id, name)| {
            Stored::new(RecordId::new(id), Version::new(id), DateTime::UNIX_EPOCH, record(name))
        })
        .collect();
    SendingDomains::of(&stored, None)
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

pub(crate) fn define(c: &mut Criterion) {
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

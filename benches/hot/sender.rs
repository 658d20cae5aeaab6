//! The From address of a message that need not be rewritten, which is the case of nearly every one:
//! read and looked up, with nothing copied (the suite counts the allocations).
//!
//! The peer is what one would write first: the domain in lower case, asked of a `HashSet`; it neither
//! reads the address nor refuses what does not belong in a header.

use std::collections::HashSet;
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

pub(crate) fn define(c: &mut Criterion) {
    for count in [8, 1_000] {
        let names = domains(count);
        let ready = prepared(&names);
        let set: HashSet<String> = names.into_iter().collect();
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
        group.bench_function("lowercase-hashset", |b| {
            b.iter(|| {
                for (_, address) in FROM {
                    let (_, domain) = black_box(address).rsplit_once('@').unwrap();
                    assert!(set.contains(&domain.to_lowercase()));
                }
            });
        });
        group.finish();
    }
}

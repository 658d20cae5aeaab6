//! An organization's export, beside `serde_json::Value` of the same text.

use std::hint::black_box;

use correspond::settings::dataverse::{ImportOptions, import};
use criterion::{Criterion, Throughput};
use serde_json::Value;

const BUNDLED: &str = include_str!("../../tests/data/dataverse/current.json");

/// The bundled export with as many users, mailboxes, queues, domains and so on as fill a megabyte.
fn megabyte() -> String {
    let mut export: Value = serde_json::from_str(BUNDLED).unwrap();
    let mut copy = 0_u32;
    while export.to_string().len() < 1 << 20 {
        let original: Value = serde_json::from_str(BUNDLED).unwrap();
        for _ in 0..8 {
            copy += 1;
            for (table, answer) in original.as_object().unwrap() {
                if table == "organizations" {
                    continue;
                }
                for row in answer["value"].as_array().unwrap() {
                    let text = row.to_string().replace("-7c1e-", &format!("-{copy:04x}-"));
                    // One default a kind, so that nothing is corrected.
                    let text = text.replace("default\":true", "default\":false");
                    let rows = export[table]["value"].as_array_mut().unwrap();
                    rows.push(serde_json::from_str(&text).unwrap());
                }
            }
        }
    }
    serde_json::to_string_pretty(&export).unwrap()
}

pub(crate) fn define(c: &mut Criterion) {
    let text = megabyte();
    let options = ImportOptions::default();
    let taken = import(&text, &options).unwrap();
    assert!(taken.document.mailboxes.len() > 50, "a whole organization");

    let mut group = c.benchmark_group("dataverse/import");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("correspond", |b| {
        b.iter(|| import(black_box(&text), &options).unwrap());
    });
    group.bench_function("serde_json_value", |b| {
        b.iter(|| serde_json::from_str::<Value>(black_box(&text)).unwrap());
    });
    group.finish();
}

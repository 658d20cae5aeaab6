//! The memory store beside the maps that one would write instead.
//!
//! Everyone starts from the text (a Message-ID, an address) and ends with the mail or the record; the
//! peers hold no lock, keep no order, know one tenant and refuse nothing. `CORRESPOND_STORED` sets
//! how many mails and contacts there are, a million unless told otherwise.

use std::cell::LazyCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hint::black_box;

use chrono::{DateTime, TimeDelta, Utc};
use correspond::adapter::memory::MemoryStore;
use correspond::id::{RecordId, TenantId};
use correspond::index::{IndexKey, IndexKind, Lookup, MessageQuery, MessageRow};
use correspond::record::{
    LookupKey, LookupKind, Record, RecordKind, RecordLookup, RecordQuery, Version, Versioned,
};
use correspond::store::{Batch, Change, Directory, Expect, MessageIndex, Store, poll_once};
use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, Throughput};

const TENANT: TenantId = TenantId::new(1);

/// As many look-ups in one question as a user would make of a page of mails.
const MANY: usize = 64;

fn stored() -> usize {
    let set = std::env::var("CORRESPOND_STORED").ok();
    set.map_or(1_000_000, |set| set.parse().expect("a number"))
}

/// Numbers without a pattern, the same each time.
fn scattered(number: u64) -> u64 {
    let mut z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// As the large providers and some programs form them: 44 octets on average.
fn message_id(number: usize) -> String {
    let (a, b) = (scattered(number as u64), scattered(!(number as u64)));
    match number % 4 {
        0 => format!("CA+{a:016x}{b:016x}=w@mail.gmail.example"),
        1 => format!("{a:08.8x}{b:016x}@AM9PR0{}.eurprd0.outlook.example", number % 10),
        2 => format!("20240{}17093012.{}.{}@shop.example", 1 + number % 9, a % 100_000, b),
        _ => format!("{a:x}-{:x}@lists.kernel.example", b >> 32),
    }
}

/// 24 octets on average.
fn address(number: usize) -> String {
    let given = ["ann", "bob", "christine", "daniel", "eve", "ferdinand", "gil", "hannelore"];
    let domains = ["mail.example", "web.example", "university.example", "firm.example"];
    let a = scattered(number as u64);
    format!("{}.{number}@{}", given[a as usize % 8], domains[(a >> 8) as usize % 4])
}

/// Which of the stored are asked for, in no order; `absent` ones are beyond them.
fn asked(text: fn(usize) -> String, from: usize) -> Vec<String> {
    (0..1 << 16).map(|n| text(from + scattered(n) as usize % stored())).collect()
}

fn time(number: usize) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(number as i64)
}

/// What a mail is found by, as texts.
struct Mail {
    number: usize,
    message_id: String,
    references: [String; 2],
    addresses: [String; 3],
}

fn mail(number: usize) -> Mail {
    let person = |which: u64| address(scattered(number as u64 * 3 + which) as usize % 50_000);
    Mail {
        number,
        message_id: message_id(number),
        references: [message_id(number / 2), message_id(number / 2 + 1)],
        addresses: [person(0), person(1), person(2)],
    }
}

fn row(store: &MemoryStore, mail: &Mail, all: bool) -> MessageRow {
    let key = |kind, text: &String| -> IndexKey { store.keyer().key(kind, text.as_bytes()) };
    let mut keys = Vec::with_capacity(6);
    keys.push(key(IndexKind::MessageId, &mail.message_id));
    if all {
        keys.extend(mail.references.iter().map(|text| key(IndexKind::Reference, text)));
        keys.extend(mail.addresses.iter().map(|text| key(IndexKind::Address, text)));
    }
    let id = RecordId::new(mail.number as u128);
    MessageRow::new(id, time(mail.number), id, keys)
}

fn file(store: &MemoryStore, row: MessageRow) -> bool {
    let batch = Batch::of(TENANT, Change::File(row));
    poll_once(store.commit(&batch)).unwrap().unwrap().is_applied()
}

fn find_mails(store: &MemoryStore, texts: &[String]) -> usize {
    let mut query = MessageQuery::with_capacity(texts.len());
    for text in texts {
        let key = store.keyer().key(IndexKind::MessageId, text.as_bytes());
        assert!(query.push(Lookup::new(key)));
    }
    let answer = poll_once(store.find(TENANT, &query)).unwrap().unwrap();
    (0..texts.len()).filter_map(|at| black_box(answer.newest(at))).count()
}

/// What the map of a user keeps of a mail.
#[derive(Clone, Copy)]
#[expect(dead_code, reason = "brought as a whole, as a store brings it")]
struct Kept {
    id: RecordId,
    created: DateTime<Utc>,
    conversation: RecordId,
}

impl Kept {
    fn of(number: usize) -> Self {
        let id = RecordId::new(number as u128);
        Self { id, created: time(number), conversation: id }
    }
}

/// The maps of a user who wants mails by all that they are found by.
#[derive(Default)]
struct Maps {
    mails: Vec<Kept>,
    by_id: HashMap<String, u32>,
    by_reference: HashMap<String, Vec<u32>>,
    by_address: HashMap<String, Vec<u32>>,
}

impl Maps {
    fn file(&mut self, mail: &Mail) -> bool {
        let number = self.mails.len() as u32;
        let Entry::Vacant(free) = self.by_id.entry(mail.message_id.clone()) else { return false };
        free.insert(number);
        self.mails.push(Kept::of(mail.number));
        for text in &mail.references {
            self.by_reference.entry(text.clone()).or_default().push(number);
        }
        for text in &mail.addresses {
            self.by_address.entry(text.clone()).or_default().push(number);
        }
        true
    }
}

/// Benches the same question for one text at a time and for [`MANY`]. What is asked is made when it
/// is first needed: a bench that is not asked for costs nothing.
fn both<S, T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    (stored, texts): (&LazyCell<S, impl FnOnce() -> S>, &[String]),
    answer: impl Fn(&S, &[String]) -> T,
) {
    for (many, of) in [(1, "one"), (MANY, "64")] {
        group.throughput(Throughput::Elements(many as u64));
        let mut asked = texts.chunks_exact(many).cycle();
        group.bench_function(format!("{of}/{name}"), |b| {
            let stored: &S = stored;
            b.iter(|| answer(stored, black_box(asked.next().unwrap())));
        });
    }
}

fn messages(c: &mut Criterion) {
    let filed = LazyCell::new(|| {
        let store = MemoryStore::default();
        let mut map: HashMap<String, Kept> = HashMap::new();
        for number in 0..stored() {
            let mail = mail(number);
            assert!(file(&store, row(&store, &mail, true)));
            map.insert(mail.message_id, Kept::of(number));
        }
        (store, map)
    });
    for (case, from) in [("there", 0), ("absent", stored())] {
        let texts = asked(message_id, from);
        let mut group = c.benchmark_group(format!("memory/message-id-{case}"));
        let asked = (&filed, &texts[..]);
        both(&mut group, "MemoryStore", asked, |(store, _), texts| find_mails(store, texts));
        both(&mut group, "HashMap<String, _>", asked, |(_, map), texts| {
            texts.iter().filter_map(|text| black_box(map.get(text).copied())).count()
        });
        group.finish();
    }
}

fn filing(c: &mut Criterion) {
    let mails: Vec<Mail> = (0..20_000).map(mail).collect();
    let mut group = c.benchmark_group("memory/file");
    group.throughput(Throughput::Elements(mails.len() as u64));
    group.sample_size(20);
    for (case, all) in [("message-id", false), ("mail", true)] {
        group.bench_function(format!("{case}/MemoryStore"), |b| {
            b.iter_batched(
                MemoryStore::default,
                |store| {
                    assert!(mails.iter().all(|mail| file(&store, row(&store, mail, all))));
                    store
                },
                BatchSize::PerIteration,
            );
        });
        group.bench_function(format!("{case}/HashMap<String, _>"), |b| {
            b.iter_batched(
                Maps::default,
                |mut maps| {
                    for mail in &mails {
                        if all {
                            assert!(maps.file(mail));
                        } else {
                            let number = maps.mails.len() as u32;
                            let Entry::Vacant(free) = maps.by_id.entry(mail.message_id.clone())
                            else {
                                panic!("ids are unlike")
                            };
                            free.insert(number);
                            maps.mails.push(Kept::of(mail.number));
                        }
                    }
                    maps
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn contact(store: &MemoryStore, number: usize) -> Record {
    let text = address(number);
    let body = format!(r#"{{"emailaddress1":"{text}","firstname":"Ann","lastname":"{number}"}}"#);
    let contact = RecordKind::Contact.of(RecordId::new(number as u128));
    let key = LookupKey::new(store.keyer(), LookupKind::Address, text.as_bytes());
    Record::new(contact, time(number), body).unwrap().with_keys([key]).unwrap()
}

fn find_contacts(store: &MemoryStore, texts: &[String]) -> usize {
    let key = |text: &String| {
        RecordLookup::new(LookupKey::new(store.keyer(), LookupKind::Address, text.as_bytes()))
    };
    let query: RecordQuery = texts.iter().map(key).collect();
    let answer = poll_once(store.find_records(TENANT, &query)).unwrap().unwrap();
    (0..texts.len()).filter(|at| !black_box(answer.found(*at)).is_empty()).count()
}

fn contacts(c: &mut Criterion) {
    let stored_all = LazyCell::new(|| {
        let store = MemoryStore::default();
        let mut map: HashMap<String, u32> = HashMap::new();
        let mut records: Vec<Versioned> = Vec::new();
        for number in 0..stored() {
            let record = contact(&store, number);
            let version = Version::new(number as u128);
            records.push(Versioned { record: record.clone(), version });
            map.insert(address(number), number as u32);
            let put = Batch::of(TENANT, Change::Put { record, version, expect: Expect::Absent });
            assert!(poll_once(store.commit(&put)).unwrap().unwrap().is_applied());
        }
        (store, map, records)
    });
    for (case, from) in [("there", 0), ("absent", stored())] {
        let texts = asked(address, from);
        let mut group = c.benchmark_group(format!("memory/contact-{case}"));
        let asked = (&stored_all, &texts[..]);
        both(&mut group, "MemoryStore", asked, |(store, ..), texts| find_contacts(store, texts));
        both(&mut group, "HashMap<String, u32>", asked, |(_, map, _), texts| {
            texts.iter().filter_map(|text| black_box(map.get(text).copied())).count()
        });
        let name = "HashMap<String, u32>, then the record";
        both(&mut group, name, asked, |(_, map, records), texts| {
            let found = texts.iter().filter_map(|text| map.get(text));
            let found: Vec<Versioned> = found.map(|n| records[*n as usize].clone()).collect();
            black_box(found).len()
        });
        group.finish();
    }
}

pub(crate) fn define(c: &mut Criterion) {
    messages(c);
    filing(c);
    contacts(c);
}

//! The directory in memory beside the map that one would write instead, with writers active.
//!
//! Everyone starts from what somebody typed and ends with the contact or its number. Groups are
//! `directory/KEY, MIX`: by email, or by email, first and last name; a mix of 70 % hits and 30 % that
//! are not there, or hits only; one in ten typed in other case. Names are `BATCH/WHO`.
//!
//! `CORRESPOND_STORED` contacts (a million unless told otherwise), `CORRESPOND_WRITES` commits a second
//! by each of two writers (1,000; 0 is as many as they can). Nine in ten writes look a contact up and
//! write it anew under its version, one adds a contact. With `CORRESPOND_MEMORY` set, resident memory
//! is told after each step of loading, and a store without look-up keys is loaded beside.

use std::cell::LazyCell;
use std::collections::HashMap;
use std::hint::black_box;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use correspond::adapter::memory::MemoryStore;
use correspond::id::TenantId;
use correspond::index::Keyer;
use correspond::party::Attributes;
use correspond::record::{Record, RecordAnswer, RecordLookup, RecordQuery, Version, Versioned};
use correspond::store::{Batch, Change, Directory, Expect, Store, poll_once};
use criterion::{BatchSize, Criterion, Throughput};

use crate::contacts::{By, Person, scattered};

const TENANT: TenantId = TenantId::new(1);

/// So many different questions that the answers of one round lie in no cache in the next.
const ASKED: u64 = 1 << 20;

/// Numbers of contacts that are never stored; of those that writers add; and where each writer's are.
const ABSENT: u64 = 1 << 40;
const ADDED: u64 = 1 << 36;
const WRITER: u64 = 1 << 32;

fn set(variable: &str, otherwise: u64) -> u64 {
    let set = std::env::var(variable).ok();
    set.map_or(otherwise, |set| set.parse().expect("a number"))
}

fn stored() -> u64 {
    set("CORRESPOND_STORED", 1_000_000)
}

/// Octets of memory that the process has, by the system's account.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse().ok())
        .map_or(0, |pages: u64| pages * 4096)
}

/// Tells how much memory each step took.
struct Steps(u64);

impl Steps {
    fn tell(&mut self, what: &str) {
        let now = resident();
        let taken = now.saturating_sub(self.0) as f64 / stored() as f64;
        if std::env::var_os("CORRESPOND_MEMORY").is_some() {
            eprintln!("{what}: {taken:.1} octets a contact");
        }
        self.0 = now;
    }
}

/// Who would do without the store.
#[derive(Default)]
struct Maps {
    by_email: HashMap<String, u32>,
    by_email_and_name: HashMap<String, u32>,
    records: Vec<Versioned>,
}

impl Maps {
    fn map(&self, by: By) -> &HashMap<String, u32> {
        match by {
            By::Email => &self.by_email,
            By::EmailAndName => &self.by_email_and_name,
        }
    }
}

struct All {
    store: MemoryStore,
    maps: RwLock<Maps>,
}

fn load(store: &MemoryStore, records: &[Versioned]) {
    for some in records.chunks(1_000) {
        let mut batch = Batch::new(TENANT);
        for Versioned { record, version } in some {
            let (record, version) = (record.clone(), *version);
            batch.push(Change::Put { record, version, expect: Expect::Absent }).unwrap();
        }
        assert!(poll_once(store.commit(&batch)).unwrap().unwrap().is_applied());
    }
}

fn records(keyer: Option<&Keyer>) -> Vec<Versioned> {
    let record = |number| Versioned {
        record: Person::new(number).record(number, keyer),
        version: Version::new(u128::from(number)),
    };
    (0..stored()).map(record).collect()
}

impl All {
    fn new() -> Self {
        let mut steps = Steps(resident());
        let keyless = std::env::var_os("CORRESPOND_MEMORY").map(|_| {
            let (store, records) = (MemoryStore::default(), records(None));
            steps.tell("records without keys, in a vector");
            load(&store, &records);
            steps.tell("what a store adds to them: rows, numbers by id, order by id");
            (store, records)
        });
        let store = MemoryStore::default();
        let records = records(Some(store.keyer()));
        steps.tell("records, in a vector");
        let started = Instant::now();
        load(&store, &records);
        eprintln!("loaded in {:.1} s", started.elapsed().as_secs_f64());
        steps.tell("what a store adds to them: the same, and the index of both keys");
        let mut maps = Maps { records, ..Maps::default() };
        for number in 0..stored() {
            maps.by_email.insert(Person::new(number).map_key(By::Email), number as u32);
        }
        steps.tell("HashMap<String, u32> by email");
        for number in 0..stored() {
            let key = Person::new(number).map_key(By::EmailAndName);
            maps.by_email_and_name.insert(key, number as u32);
        }
        steps.tell("HashMap<String, u32> by email, first and last name");
        drop(keyless);
        let all = Self { store, maps: RwLock::new(maps) };
        all.check();
        all
    }

    /// Is what is asked for found, and what is not there not?
    fn check(&self) {
        let attributes: Attributes = serde_json::from_str(&Person::new(0).body()).unwrap();
        assert_eq!(attributes.len(), 3);
        for by in [By::Email, By::EmailAndName] {
            for (n, person) in asked(true).iter().enumerate().take(20_000) {
                let answer = find(&self.store, by, std::slice::from_ref(person));
                let stored = !is_absent(n as u64, true);
                let email = person.email.to_ascii_lowercase();
                assert_eq!(answer.found(0).len(), usize::from(stored));
                assert!(answer.found(0).iter().all(|found| found.record.body().contains(&email)));
                let maps = self.maps.read().unwrap();
                assert_eq!(maps.map(by).contains_key(&person.map_key(by)), stored);
            }
        }
    }
}

/// Is the question of this number for nobody who is stored?
const fn is_absent(n: u64, mixed: bool) -> bool {
    mixed && scattered(!n) % 10 < 3
}

/// What is typed, in no order.
fn asked(mixed: bool) -> Vec<Person> {
    let person = |n| {
        let number = scattered(n) % stored();
        Person::new(if is_absent(n, mixed) { ABSENT + number } else { number })
            .typed(scattered(n + 7))
    };
    (0..ASKED).map(person).collect()
}

fn find(store: &MemoryStore, by: By, people: &[Person]) -> RecordAnswer {
    let mut text = String::with_capacity(128);
    let lookup = |person: &Person| RecordLookup::new(person.key(by, store.keyer(), &mut text));
    let query: RecordQuery = people.iter().map(lookup).collect();
    poll_once(store.find_records(TENANT, &query)).unwrap().unwrap()
}

fn by_store(store: &MemoryStore, by: By, people: &[Person]) -> usize {
    let answer = find(store, by, people);
    (0..people.len()).filter(|at| !black_box(answer.found(*at)).is_empty()).count()
}

fn by_map(maps: &Maps, by: By, people: &[Person]) -> usize {
    let map = maps.map(by);
    people.iter().filter_map(|person| black_box(map.get(&person.map_key(by)).copied())).count()
}

fn by_map_and_record(maps: &Maps, by: By, people: &[Person]) -> usize {
    let map = maps.map(by);
    let found = people.iter().filter_map(|person| map.get(&person.map_key(by)));
    let found: Vec<Versioned> = found.map(|n| maps.records[*n as usize].clone()).collect();
    black_box(found).len()
}

/// What a writer writes next: a person, and the number where it is a new one.
fn to_write(writer: u64, n: u64) -> (Person, Option<u64>) {
    let new = ADDED + writer * WRITER + n;
    if n % 10 == 9 {
        return (Person::new(new), Some(new));
    }
    (Person::new(scattered(new) % stored()), None)
}

fn later(record: &Record, keys: &[correspond::record::LookupKey], n: u64) -> Record {
    let modified = record.modified() + TimeDelta::seconds(1 + n as i64 % 1_000);
    let record = Record::new(record.reference(), modified, record.body()).unwrap();
    record.with_keys(keys.iter().copied()).unwrap()
}

fn write_store(store: &MemoryStore, writer: u64, n: u64) {
    let version = Version::new(u128::from(writer + 1) << 64 | u128::from(n));
    let change = match to_write(writer, n) {
        (person, Some(number)) => {
            let record = person.record(number, Some(store.keyer()));
            Change::Put { record, version, expect: Expect::Absent }
        }
        (person, None) => {
            let answer = find(store, By::Email, &[person]);
            let found = &answer.found(0)[0];
            let record = later(&found.record, found.record.keys(), n);
            Change::Put { record, version, expect: Expect::At(found.version) }
        }
    };
    // Another writer may have been faster.
    let _ = poll_once(store.commit(&Batch::of(TENANT, change))).unwrap().unwrap();
}

fn write_maps(maps: &RwLock<Maps>, writer: u64, n: u64) {
    let version = Version::new(u128::from(writer + 1) << 64 | u128::from(n));
    let (person, number) = to_write(writer, n);
    let keys = [By::Email, By::EmailAndName].map(|by| person.map_key(by));
    let record = match number {
        Some(number) => person.record(number, None),
        None => {
            let maps = maps.read().unwrap();
            later(&maps.records[maps.by_email[&keys[0]] as usize].record, &[], n)
        }
    };
    let mut maps = maps.write().unwrap();
    let new = Versioned { record, version };
    let place = match number {
        Some(_) => {
            maps.records.push(new);
            maps.records.len() as u32 - 1
        }
        None => {
            let place = maps.by_email[&keys[0]];
            maps.records[place as usize] = new;
            place
        }
    };
    let [email, all] = keys;
    maps.by_email.insert(email, place);
    maps.by_email_and_name.insert(all, place);
}

/// Two threads that write at their pace, each time that something is measured.
#[derive(Default)]
struct Writers {
    written: AtomicU64,
    took: Duration,
}

impl Writers {
    fn beside(&mut self, all: &All, write: Write, measured: impl FnOnce()) {
        /// No two rounds of writes are of the same.
        static ROUNDS: AtomicU64 = AtomicU64::new(0);
        let first = ROUNDS.fetch_add(1, Ordering::Relaxed) << 20;
        let (done, started) = (AtomicBool::new(false), Instant::now());
        let (rate, written) = (set("CORRESPOND_WRITES", 1_000) as u32, &self.written);
        thread::scope(|scope| {
            for writer in [0, 1] {
                let done = &done;
                scope.spawn(move || {
                    let mut n = 0;
                    while !done.load(Ordering::Relaxed) {
                        write(all, writer, first + n);
                        n += 1;
                        let due = Duration::from_secs(n).checked_div(rate).unwrap_or_default();
                        thread::sleep(due.saturating_sub(started.elapsed()));
                    }
                    written.fetch_add(n, Ordering::Relaxed);
                });
            }
            measured();
            done.store(true, Ordering::Relaxed);
        });
        self.took += started.elapsed();
    }

    fn tell(&self) {
        let written = self.written.load(Ordering::Relaxed) as f64;
        if written > 0. {
            eprintln!("beside {:.0} writes a second", written / self.took.as_secs_f64());
        }
    }
}

/// An answer to these people, from maps that need no lock where there are any: how many are found.
type Answer = fn(&All, Option<&Maps>, By, &[Person]) -> usize;

/// A write: the writer, and which of its writes.
type Write = fn(&All, u64, u64);

const STORE: Answer = |all, _, by, people| by_store(&all.store, by, people);
const MAP: Answer = |all, maps, by, people| match maps {
    Some(maps) => by_map(maps, by, people),
    None => by_map(&all.maps.read().unwrap(), by, people),
};
const RECORD: Answer = |all, maps, by, people| match maps {
    Some(maps) => by_map_and_record(maps, by, people),
    None => by_map_and_record(&all.maps.read().unwrap(), by, people),
};
const TO_STORE: Write = |all, writer, n| write_store(&all.store, writer, n);
const TO_MAPS: Write = |all, writer, n| write_maps(&all.maps, writer, n);

const CASES: [(&str, Option<Write>, Answer); 6] = [
    ("MemoryStore", None, STORE),
    ("MemoryStore, two writers", Some(TO_STORE), STORE),
    ("HashMap<String, u32>", None, MAP),
    ("HashMap<String, u32>, then the record", None, RECORD),
    ("RwLock<HashMap<String, u32>>, two writers", Some(TO_MAPS), MAP),
    ("RwLock<_>, then the record, two writers", Some(TO_MAPS), RECORD),
];

pub(crate) fn define(c: &mut Criterion) {
    // Made when they are first needed: a bench that is not asked for costs nothing.
    let all = LazyCell::new(All::new);
    for (mix, mixed) in [("mix", true), ("hits", false)] {
        let people = LazyCell::new(|| asked(mixed));
        for (key, by) in [("email", By::Email), ("email and name", By::EmailAndName)] {
            let mut group = c.benchmark_group(format!("directory/{key}, {mix}"));
            group
                .sample_size(20)
                .warm_up_time(Duration::from_secs(1))
                .measurement_time(Duration::from_secs(2));
            for many in [1, 16, 64] {
                group.throughput(Throughput::Elements(many as u64));
                for (who, write, answer) in CASES {
                    let mut writers = Writers::default();
                    let mut at = 0;
                    group.bench_function(format!("{many}/{who}"), |b| {
                        let (all, people): (&All, &[Person]) = (&all, &people);
                        let mut typed = || {
                            at = if at + many > people.len() - many { 0 } else { at + many };
                            people[at..at + many].to_vec()
                        };
                        // What was typed has just come in: it is no part of anyone's waits.
                        let some = BatchSize::NumIterations(1_024 / many as u64);
                        let mut measure = |maps: Option<&Maps>| {
                            let found = |people: &mut Vec<Person>| answer(all, maps, by, people);
                            b.iter_batched_ref(&mut typed, found, some);
                        };
                        match write {
                            Some(write) => writers.beside(all, write, || measure(None)),
                            None => measure(Some(&all.maps.read().unwrap())),
                        }
                    });
                    writers.tell();
                }
            }
            group.finish();
        }
    }
}

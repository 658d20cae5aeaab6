//! Ways to find each mailbox once, ours and others'.

use std::collections::HashSet;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::mpsc;
use std::thread;

use correspond::adapter::line_file::LineFile;
use correspond::address::Mailbox;
use correspond::id::RecordId;
use correspond::recipients::{self, Deduplication, Deduplicator, Lines, Recipient};
use correspond_peers::segment::mix;

/// Where a method takes the rows from.
#[derive(Clone, Copy, PartialEq)]
pub enum Input {
    /// A text in memory, read before the clock starts.
    Memory,
    /// A file, read on the clock.
    File,
    /// A file, read by a Python program on its own clock.
    Python(&'static str),
}

/// What a method works on.
pub struct Job {
    pub text: String,
    pub path: PathBuf,
    pub threads: usize,
}

/// What a method found.
pub struct Found {
    pub distinct: u64,
    /// [`sum`] of the rows that it keeps, where it says which.
    pub firsts: Option<u64>,
}

pub struct Method {
    pub name: &'static str,
    pub input: Input,
    /// Uses the threads that it is given; the others use one.
    pub threaded: bool,
    /// Must find what there is.
    pub exact: bool,
    pub run: fn(&Job) -> Found,
}

const fn method(name: &'static str, input: Input, exact: bool, run: fn(&Job) -> Found) -> Method {
    Method { name, input, threaded: false, exact, run }
}

const fn threaded(name: &'static str, input: Input, exact: bool, run: fn(&Job) -> Found) -> Method {
    Method { name, input, threaded: true, exact, run }
}

const DUCKDB: &str = "SELECT count(DISTINCT lower(email)) FROM rows";
const DUCKDB_NESTED: &str = "SELECT count(*) FROM (SELECT DISTINCT lower(email) FROM rows)";
/// As near to the key as it gets: what stands in angle brackets, blanks and tabs taken off.
const DUCKDB_KEY: &str = "SELECT count(*) FROM (SELECT DISTINCT lower(trim(\
     CASE WHEN contains(email, '<') THEN regexp_extract(email, '<([^>]*)>', 1) ELSE email END, \
     chr(32) || chr(9))) FROM rows)";

/// A line a method; the first is what the others are compared with.
pub const METHODS: [Method; 12] = [
    method("hashset", Input::Memory, true, hash_set),
    threaded("ours-memory", Input::Memory, true, ours),
    threaded("ours-file", Input::File, true, ours_file),
    method("ours-push-exact", Input::Memory, true, ours_exact),
    method("ours-push-keyed", Input::Memory, true, ours_keyed),
    method("hashset-lower", Input::Memory, false, hash_set_lower),
    threaded("hashset-parts", Input::Memory, true, hash_sets),
    method("hashbrown-ahash", Input::Memory, true, hash_brown),
    method("hashset-file", Input::File, true, hash_set_file),
    threaded("duckdb", Input::Python(DUCKDB), false, elsewhere),
    threaded("duckdb-nested", Input::Python(DUCKDB_NESTED), false, elsewhere),
    threaded("duckdb-key", Input::Python(DUCKDB_KEY), false, elsewhere),
];

fn ours(job: &Job) -> Found {
    read_again(&Lines::new(&job.text), job.threads)
}

fn ours_file(job: &Job) -> Found {
    read_again(&LineFile::open(&job.path).expect("the segment"), job.threads)
}

/// Read as often as it takes.
fn read_again<S: recipients::Segment>(segment: &S, threads: usize) -> Found {
    let threads = NonZeroUsize::new(threads).expect("a thread");
    let Ok(selection) = Deduplication::new().threads(threads).run(segment) else {
        panic!("expected a segment that stays")
    };
    let mut distinct = 0;
    let firsts = selection.sent().fold(0, |firsts, row| {
        distinct += 1;
        sum(firsts, row.into())
    });
    Found { distinct, firsts: Some(firsts) }
}

fn ours_exact(job: &Job) -> Found {
    pushed(&job.text, Deduplicator::exact())
}

fn ours_keyed(job: &Job) -> Found {
    pushed(&job.text, Deduplicator::keyed())
}

/// Read once.
fn pushed(text: &str, mut seen: Deduplicator) -> Found {
    let mut firsts = 0;
    for (row, number) in text.lines().zip(0..) {
        if seen.push(&Recipient::new(RecordId::new(number.into()), row)).is_send() {
            firsts = sum(firsts, number);
        }
    }
    let found = Found { distinct: seen.counts().sent(), firsts: Some(firsts) };
    std::mem::forget(seen);
    found
}

/// What [`Truth::firsts`](correspond_peers::segment::Truth::firsts) is for rows kept in any order.
fn sum(sum: u64, row: u64) -> u64 {
    sum.wrapping_add(mix(row))
}

fn key(row: &str) -> Option<String> {
    Some(Mailbox::parse(row).ok()?.address().key())
}

fn hash_set(job: &Job) -> Found {
    let mut seen = HashSet::new();
    let mut firsts = 0;
    for (row, number) in job.text.lines().zip(0..) {
        if let Some(key) = key(row)
            && seen.insert(key)
        {
            firsts = sum(firsts, number);
        }
    }
    kept(seen, firsts)
}

fn hash_set_file(job: &Job) -> Found {
    let mut seen = HashSet::new();
    let (mut firsts, mut number) = (0, 0);
    let mut rows = BufReader::with_capacity(1 << 20, File::open(&job.path).expect("the segment"));
    let mut row = String::new();
    while rows.read_line(&mut row).expect("a row") > 0 {
        if let Some(key) = key(&row)
            && seen.insert(key)
        {
            firsts = sum(firsts, number);
        }
        number += 1;
        row.clear();
    }
    kept(seen, firsts)
}

fn kept(seen: HashSet<String>, firsts: u64) -> Found {
    let found = Found { distinct: seen.len() as u64, firsts: Some(firsts) };
    std::mem::forget(seen);
    found
}

#[expect(clippy::disallowed_methods, reason = "what others do")]
fn hash_set_lower(job: &Job) -> Found {
    let seen: HashSet<String> = job.text.lines().map(str::to_lowercase).collect();
    let found = Found { distinct: seen.len() as u64, firsts: None };
    std::mem::forget(seen);
    found
}

/// Keys are made in a buffer and copied where they are new, with the cheapest hasher around.
fn hash_brown(job: &Job) -> Found {
    let hasher = ahash::RandomState::with_seeds(1, 2, 3, 4);
    let mut seen = hashbrown::HashMap::<String, (), _>::with_hasher(hasher);
    let mut firsts = 0;
    let mut key = String::new();
    for (row, number) in job.text.lines().zip(0..) {
        let Ok(mailbox) = Mailbox::parse(row) else { continue };
        key.clear();
        mailbox.address().key_into(&mut key);
        if let hashbrown::hash_map::EntryRef::Vacant(new) = seen.entry_ref(key.as_str()) {
            new.insert(());
            firsts = sum(firsts, number);
        }
    }
    let found = Found { distinct: seen.len() as u64, firsts: Some(firsts) };
    std::mem::forget(seen);
    found
}

/// What one would write for several threads: each makes keys of its share of the text and deals them
/// out by hash, to as many sets as there are threads.
fn hash_sets(job: &Job) -> Found {
    let hasher = RandomState::new();
    let shares = shares(&job.text, job.threads);
    thread::scope(|scope| {
        let (tables, inboxes): (Vec<_>, Vec<_>) =
            (0..job.threads).map(|_| mpsc::sync_channel::<Vec<String>>(64)).unzip();
        for share in shares {
            let (tables, hasher) = (tables.clone(), &hasher);
            scope.spawn(move || {
                let mut parts = vec![Vec::with_capacity(1024); tables.len()];
                for key in share.lines().filter_map(key) {
                    let part = hasher.hash_one(&key) as usize % tables.len();
                    parts[part].push(key);
                    if parts[part].len() == 1024 {
                        let full = std::mem::replace(&mut parts[part], Vec::with_capacity(1024));
                        tables[part].send(full).expect("its table");
                    }
                }
                for (table, part) in tables.iter().zip(parts) {
                    table.send(part).expect("its table");
                }
            });
        }
        drop(tables);
        let counts = inboxes.into_iter().map(|inbox| {
            scope.spawn(move || {
                let seen: HashSet<String> = inbox.into_iter().flatten().collect();
                let distinct = seen.len() as u64;
                std::mem::forget(seen);
                distinct
            })
        });
        let counts: Vec<_> = counts.collect();
        let distinct = counts.into_iter().map(|count| count.join().expect("its count")).sum();
        Found { distinct, firsts: None }
    })
}

/// The text in so many pieces of whole lines.
fn shares(text: &str, pieces: usize) -> Vec<&str> {
    let mut shares = Vec::new();
    let mut rest = text;
    for left in (2..=pieces).rev() {
        let line = rest.as_bytes().iter().skip(rest.len() / left).position(|octet| *octet == b'\n');
        let (share, after) =
            rest.split_at(line.map_or(rest.len(), |end| rest.len() / left + end + 1));
        shares.push(share);
        rest = after;
    }
    shares.push(rest);
    shares
}

/// Of a method that runs as a program of its own.
fn elsewhere(_: &Job) -> Found {
    unreachable!("a Python program is started by the parent")
}

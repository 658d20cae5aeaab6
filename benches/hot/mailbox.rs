//! A mailbox end to end: what does correlating add to parsing?
//!
//! Groups `mailbox/bundled`, `mailbox/own` (where `CORRESPOND_MAILBOX` names a gzipped mbox) and
//! `mailbox/8k` (the bundled mails with bodies filled up to a mean of 8 KB). The peer is mail-parser parsing the same mails and nothing else. Ours starts from
//! the same octets and ends with every mail correlated and filed in a fresh store: once reading
//! headers alone, as correlation does, once for a host that has parsed the whole mail anyway.

use std::hint::black_box;
use std::io::Read;

use chrono::{DateTime, Utc};
use correspond::adapter::mail_parser;
use correspond::adapter::memory::MemoryStore;
use correspond::correlation::Correlator;
use correspond::flow::{Arrival, file};
use correspond::id::{RecordId, TenantId};
use correspond::message::Message;
use correspond::store::poll_once;
use criterion::{Criterion, Throughput};

/// The mails of an mbox: good enough for the files measured here, whose bodies quote no `From `.
fn split(mbox: &[u8]) -> Vec<Vec<u8>> {
    let mut mails: Vec<Vec<u8>> = Vec::new();
    let mut blank = true;
    for line in mbox.split_inclusive(|b| *b == b'\n') {
        if blank && line.starts_with(b"From ") {
            mails.push(Vec::new());
        } else if let Some(mail) = mails.last_mut() {
            mail.extend_from_slice(line);
        }
        blank = line == b"\n" || line == b"\r\n";
    }
    mails
}

fn fill(mails: &[Vec<u8>], mean: usize) -> Vec<Vec<u8>> {
    let line = b"The figures of the quarter are attached; please look at the third column.\n";
    let fill = |mail: &Vec<u8>| {
        let missing = mean.saturating_sub(mail.len());
        let mut mail = mail.clone();
        mail.extend(line.iter().cycle().take(missing));
        mail
    };
    mails.iter().map(fill).collect()
}

/// Files mails one after the other; counts those that were matched.
struct Filing<'a> {
    correlator: &'a Correlator,
    store: MemoryStore,
    created: DateTime<Utc>,
    filed: u128,
    matched: usize,
}

impl<'a> Filing<'a> {
    fn new(correlator: &'a Correlator) -> Self {
        let store = MemoryStore::new([1; 16]);
        Self { correlator, store, created: DateTime::UNIX_EPOCH, filed: 0, matched: 0 }
    }

    fn file(&mut self, message: &Message<'_>) {
        self.created = message.date().unwrap_or(self.created);
        let (tenant, id) = (TenantId::new(1), RecordId::new(self.filed));
        let arrival = Arrival::new(tenant, id, self.created);
        let filed = poll_once(file(&self.store, self.correlator, arrival, message));
        self.filed += 1;
        self.matched += usize::from(filed.unwrap().unwrap().verdict.mail().is_some());
    }
}

fn from_headers(correlator: &Correlator, mails: &[Vec<u8>]) -> usize {
    let mut filing = Filing::new(correlator);
    mails.iter().for_each(|mail| mail_parser::with(mail, |message| filing.file(&message)));
    filing.matched
}

fn from_parsed(correlator: &Correlator, mails: &[Vec<u8>]) -> usize {
    let mut filing = Filing::new(correlator);
    let parser = ::mail_parser::MessageParser::default();
    for parsed in mails.iter().filter_map(|mail| parser.parse(mail)) {
        filing.file(&mail_parser::read(&parsed));
    }
    filing.matched
}

fn parse(mails: &[Vec<u8>]) -> usize {
    let parser = ::mail_parser::MessageParser::default();
    mails.iter().filter(|mail| parser.parse(black_box(mail.as_slice())).is_some()).count()
}

fn compare(c: &mut Criterion, name: &str, mails: &[Vec<u8>]) {
    let correlator = Correlator::default();
    let mut group = c.benchmark_group(format!("mailbox/{name}"));
    group.throughput(Throughput::Elements(mails.len() as u64));
    group.sample_size(20);
    group.bench_function("mail-parser alone", |b| b.iter(|| parse(black_box(mails))));
    group.bench_function("correlated and filed", |b| {
        b.iter(|| from_headers(&correlator, black_box(mails)));
    });
    group.bench_function("parsed whole, correlated and filed", |b| {
        b.iter(|| from_parsed(&correlator, black_box(mails)));
    });
    group.finish();
}

pub(crate) fn define(c: &mut Criterion) {
    let bundled = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/mailbox.mbox");
    let bundled = split(&std::fs::read(bundled).expect("the bundled mailbox"));
    compare(c, "bundled", &bundled);
    compare(c, "8k", &fill(&bundled, 8 * 1024));
    if let Some(path) = std::env::var_os("CORRESPOND_MAILBOX") {
        let mut mbox = Vec::new();
        let packed = std::fs::File::open(path).expect("readable");
        flate2::read::MultiGzDecoder::new(packed).read_to_end(&mut mbox).expect("a gzip file");
        compare(c, "own", &split(&mbox));
    }
}

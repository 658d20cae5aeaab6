//! Text with a recipient a line, in memory and in a file: rows are the lines of the text, from any row on,
//! and what becomes of them is what a map of all keys says.
#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "it is to panic"
)]

use std::collections::HashMap;
use std::fs;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};

use correspond::adapter::line_file::LineFile;
use correspond::address::AddressErrorKind;
use correspond::id::RecordId;
use correspond::mailing::SendOnceTo;
use correspond::recipients::{Block, Deduplication, Lines, Outcome, Recipient, Segment};

/// What lines of addresses are made of: lines of more than a block are long before they are many.
const ALPHABET: [&str; 20] = [
    "ann",
    "Bob",
    "@",
    "@x.example",
    "@X.Example",
    "@b\u{fc}cher.example",
    "@xn--bcher-kva.example",
    " ",
    ",",
    "<",
    ">",
    "\"",
    "\r",
    "\r\n",
    "\n",
    "\n",
    "\nann@x.example\n",
    "\u{fffd}",
    "\0",
    LONG,
];

const LONG: &str = match str::from_utf8(&[b'x'; 40_000]) {
    Ok(long) => long,
    Err(_) => "",
};

pub fn recipient_lines(data: &[u8]) {
    check(data);
    // At most as many long ones as make a line of three blocks.
    let mut long = 0;
    let words = data.iter().map(|octet| ALPHABET[usize::from(*octet) % ALPHABET.len()]);
    let text: String = words
        .filter(|word| {
            long += usize::from(*word == LONG);
            *word != LONG || long < 6
        })
        .collect();
    check(text.as_bytes());
}

fn check(octets: &[u8]) {
    let most = LineFile::<fn(&str, u32) -> Recipient<'_>>::MAX_LINE;
    let lines: Vec<&[u8]> = lines_of(octets);
    static FILES: AtomicU64 = AtomicU64::new(0);
    let (process, number) = (std::process::id(), FILES.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(format!("correspond-lines-{process}-{number}"));
    fs::write(&path, octets).expect("room for a file");
    let file = LineFile::open(&path).expect("a file");
    assert_eq!(file.rows(), lines.len() as u64);
    let expected: Vec<Option<String>> = lines
        .iter()
        .map(|line| (line.len() <= most).then(|| String::from_utf8_lossy(line).into_owned()))
        .collect();
    same(&expected, &file);
    if let Ok(text) = str::from_utf8(octets) {
        let in_memory = Lines::new(text);
        assert_eq!(in_memory.rows(), lines.len() as u64);
        let whole: Vec<_> = text_of(&lines);
        same(&whole, &in_memory);
        decided(&whole, &in_memory);
    }
    decided(&expected, &file);
    fs::remove_file(&path).expect("the file");
}

/// Lines by LF, each without one CR at its end; what is behind the last LF is one where it is anything.
fn lines_of(octets: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<_> = octets.split(|octet| *octet == b'\n').collect();
    if lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines.into_iter().map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect()
}

fn text_of(lines: &[&[u8]]) -> Vec<Option<String>> {
    lines.iter().map(|line| Some(String::from_utf8_lossy(line).into_owned())).collect()
}

/// Whole, and from each of some rows on. `None` is a row whose address is refused.
fn same<S: Segment>(expected: &[Option<String>], segment: &S) {
    let rows = u32::try_from(expected.len()).expect("few rows");
    let ranges: [Range<u32>; 4] =
        [0..rows, rows / 2..rows, rows / 3..(rows / 3 + 5).min(rows), rows.saturating_sub(1)..rows];
    for range in ranges {
        let (mut row, end) = (range.start, range.end);
        let read = segment.read(range, |recipient| {
            assert_eq!(recipient.contact(), RecordId::new(row.into()));
            match &expected[row as usize] {
                Some(line) => assert_eq!(recipient.address(), line),
                None => assert!(recipient.read_address().is_err()),
            }
            row += 1;
        });
        assert!(read.is_ok(), "nothing changed");
        assert_eq!(row, end);
    }
}

fn decided<S: Segment>(lines: &[Option<String>], segment: &S) {
    let mut first = HashMap::new();
    let of = |(row, line): (u32, &Option<String>)| {
        let Some(line) = line else { return Outcome::Blocked(Block::InvalidAddress) };
        let recipient = Recipient::new(RecordId::new(row.into()), line);
        match recipient.read_address() {
            Err(error) if error.kind() == AddressErrorKind::Empty => {
                Outcome::Blocked(Block::NoAddress)
            }
            Err(_) => Outcome::Blocked(Block::InvalidAddress),
            Ok(_) => match recipient.key(SendOnceTo::Address) {
                Err(_) => Outcome::Blocked(Block::InvalidAddress),
                Ok(key) => match *first.entry(key).or_insert(row) {
                    of if of != row => Outcome::Duplicate { of },
                    _ => Outcome::Send,
                },
            },
        }
    };
    let expected: Vec<Outcome> = (0..).zip(lines).map(of).collect();
    for threads in [1, 2] {
        let threads = NonZeroUsize::new(threads).expect("some");
        let selection = Deduplication::new().threads(threads).run(segment);
        let Ok(selection) = selection else { panic!("nothing changed") };
        assert!(selection.iter().eq(expected.iter().copied()));
    }
}

//! What holds for any segment.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::num::NonZeroUsize;
use std::ops::Range;

use correspond::adapter::line_file::LineFile;
use correspond::address::Mailbox;
use correspond::consent::{Designation, Level, Person, Protection};
use correspond::id::RecordId;
use correspond::mailing::SendOnceTo;
use correspond::recipients::{
    AddressList, Block, Counts, Deduplication, Deduplicator, Keep, Lines, Outcome, Partition,
    Pushed, Recipient, Segment, Selection, Suppress, Suppressed, Suppression,
};
use proptest::prelude::*;

use super::{outcome_of, without_first};

/// One of few contacts with one of few addresses.
#[derive(Clone, Debug)]
struct Drawn {
    contact: u8,
    address: String,
    rank: i64,
    objects: u8,
}

impl Drawn {
    fn recipient(&self) -> Recipient<'_> {
        let person = match self.objects {
            0 => Person::new(Level::Profiling).without_email(),
            1 => Person::new(Level::Profiling).without_bulk_email(),
            2 => Person::new(Level::Transactional),
            _ => Person::new(Level::Profiling),
        };
        Recipient::new(RecordId::new(self.contact.into()), &self.address)
            .with_person(person)
            .with_rank(self.rank)
    }
}

/// Addresses of which many are one, none, or no address.
fn address() -> impl Strategy<Value = String> {
    let local = "[ab]{1,3}";
    let domain = prop::sample::select(vec![
        "x.example",
        "X.Example",
        "bücher.example",
        "xn--bcher-kva.example",
        "bu\u{308}cher.example",
    ]);
    let around =
        prop::sample::select(vec![("", ""), (" ", "\u{a0}"), ("Ann <", ">"), ("\"A, B\" <", "> ")]);
    let written = (local, domain, around, any::<bool>()).prop_map(
        |(local, domain, (before, after), upper)| {
            let local = if upper { local.to_ascii_uppercase() } else { local };
            format!("{before}{local}@{domain}{after}")
        },
    );
    let none = prop::sample::select(vec!["", " ", "ann", "a@", "a@x.example, b@x.example"]);
    prop_oneof![9 => written, 1 => none.prop_map(str::to_owned)]
}

fn segment(rows: Range<usize>) -> impl Strategy<Value = Vec<Drawn>> {
    let row = (0..12_u8, address(), -2..3_i64, 0..12_u8)
        .prop_map(|(contact, address, rank, objects)| Drawn { contact, address, rank, objects });
    prop::collection::vec(row, rows)
}

/// How a segment is deduplicated, drawn.
#[derive(Clone, Debug)]
struct Way {
    once_to: SendOnceTo,
    keep: Keep,
    designation: Designation,
    minimum: Level,
    bounced: Vec<String>,
}

fn way() -> impl Strategy<Value = Way> {
    let bounced = prop::collection::vec("[ab]{1,2}@x\\.example", 0..3);
    (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), bounced).prop_map(
        |(contact, rank, transactional, minimum, bounced)| Way {
            once_to: if contact { SendOnceTo::Contact } else { SendOnceTo::Address },
            keep: if rank { Keep::HighestRank } else { Keep::First },
            designation: match transactional {
                true => Designation::Transactional,
                false => Designation::Commercial,
            },
            minimum: if minimum { Level::Marketing } else { Level::None },
            bounced,
        },
    )
}

impl Way {
    fn list(&self) -> AddressList {
        let mut list = AddressList::new();
        for address in &self.bounced {
            list.add(address).unwrap();
        }
        list
    }

    fn suppression<'a>(&self, bounced: &'a AddressList) -> Suppression<'a> {
        Suppression::new(self.designation)
            .with_minimum(Protection::new().respecting_consent(), self.minimum)
            .with_list(bounced, Block::Bounced)
    }

    fn run(&self, segment: &[Recipient<'_>], threads: usize, only: Option<Partition>) -> Selection {
        let bounced = self.list();
        let run = Deduplication::new()
            .once_to(self.once_to)
            .keep(self.keep)
            .threads(NonZeroUsize::new(threads).unwrap())
            .suppressing(self.suppression(&bounced));
        match only {
            Some(part) => run.only(part).run(segment),
            None => run.run(segment),
        }
        .unwrap()
    }

    fn push(&self, segment: &[Recipient<'_>], to: Deduplicator) -> (Vec<Pushed>, Counts) {
        let bounced = self.list();
        let mut seen = to.once_to(self.once_to).suppressing(self.suppression(&bounced));
        let pushed = segment.iter().map(|recipient| seen.push(recipient)).collect();
        (pushed, seen.counts().clone())
    }

    /// The plainest that is right: two passes, a map of all keys, nothing shared with the crate but how
    /// an address is read and who is suppressed.
    fn naive(&self, segment: &[Recipient<'_>]) -> Vec<Outcome> {
        let bounced: HashSet<&str> = self.bounced.iter().map(String::as_str).collect();
        let suppression = Suppression::new(self.designation)
            .with_minimum(Protection::new().respecting_consent(), self.minimum);
        let key = |recipient: &Recipient<'_>| -> Result<String, Outcome> {
            match suppression.contact(recipient) {
                Some(Suppressed::Blocked(block)) => return Err(Outcome::Blocked(block)),
                Some(Suppressed::Stopped(stop)) => return Err(Outcome::Stopped(stop)),
                None => {}
            }
            if recipient.address().trim().is_empty() {
                return Err(Outcome::Blocked(Block::NoAddress));
            }
            let mailbox = Mailbox::parse(recipient.address());
            let mailbox = mailbox.map_err(|_| Outcome::Blocked(Block::InvalidAddress))?;
            let address = mailbox.address().key();
            if bounced.contains(&address[..]) {
                return Err(Outcome::Blocked(Block::Bounced));
            }
            Ok(match self.once_to {
                SendOnceTo::Address => address,
                SendOnceTo::Contact => recipient.contact().get().to_string(),
            })
        };
        let mut best: HashMap<String, usize> = HashMap::new();
        for (row, recipient) in segment.iter().enumerate() {
            let Ok(key) = key(recipient) else { continue };
            let best = best.entry(key).or_insert(row);
            if self.keep == Keep::HighestRank && recipient.rank() > segment[*best].rank() {
                *best = row;
            }
        }
        let outcome = |(row, recipient)| match key(recipient) {
            Err(outcome) => outcome,
            Ok(key) if best[&key] == row => Outcome::Send,
            Ok(key) => Outcome::Duplicate { of: best[&key].try_into().unwrap() },
        };
        segment.iter().enumerate().map(outcome).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// A151.
    #[test]
    fn any_number_of_threads_decides_as_a_map_of_all_keys(
        drawn in segment(0..600),
        way in way(),
        threads in 2..6_usize,
    ) {
        let segment: Vec<_> = drawn.iter().map(Drawn::recipient).collect();
        let expected = way.naive(&segment);
        let one = way.run(&segment, 1, None);
        prop_assert_eq!(one.iter().collect::<Vec<_>>(), expected);
        prop_assert_eq!(way.run(&segment, threads, None), one);
    }

    #[test]
    fn counts_add_up(drawn in segment(0..300), way in way()) {
        let segment: Vec<_> = drawn.iter().map(Drawn::recipient).collect();
        let selection = way.run(&segment, 2, None);
        let counts = selection.counts();
        let of = |is: fn(&Outcome) -> bool| selection.iter().filter(is).count() as u64;
        prop_assert_eq!(counts.segment(), segment.len() as u64);
        prop_assert_eq!(counts.sent(), of(|outcome| outcome.is_send()));
        prop_assert_eq!(counts.duplicates(), of(|outcome| matches!(outcome, Outcome::Duplicate { .. })));
        prop_assert_eq!(counts.blocked(), of(|outcome| matches!(outcome, Outcome::Blocked(_))));
        prop_assert_eq!(counts.stopped(), of(|outcome| matches!(outcome, Outcome::Stopped(_))));
        prop_assert_eq!(
            counts.sent(),
            counts.segment() - counts.duplicates() - counts.blocked() - counts.stopped()
        );
        for (block, many) in counts.blocked_by() {
            let these = selection.iter().filter(|outcome| *outcome == Outcome::Blocked(block));
            prop_assert_eq!(these.count() as u64, many);
        }
        for (stop, many) in counts.stopped_by() {
            let these = selection.iter().filter(|outcome| *outcome == Outcome::Stopped(stop));
            prop_assert_eq!(these.count() as u64, many);
        }
        let sent: Vec<_> = selection.sent().collect();
        prop_assert!(sent.is_sorted() && sent.iter().all(|row| selection.is_sent(*row)));
        prop_assert_eq!(sent.len() as u64, counts.sent());
        // Whom a row lost to gets the message.
        prop_assert!(selection.duplicates().all(|(_, of)| selection.is_sent(of)));
    }

    #[test]
    fn the_parts_of_a_segment_decide_as_the_whole(
        drawn in segment(0..300),
        way in way(),
        parts in 1..6_u32,
        threads in 1..4_usize,
    ) {
        let segment: Vec<_> = drawn.iter().map(Drawn::recipient).collect();
        let whole = way.run(&segment, 1, None);
        let mut union = vec![Outcome::Elsewhere; segment.len()];
        let mut counts = Counts::default();
        for number in 0..parts {
            let part = Partition::new(number, parts).unwrap();
            let selection = way.run(&segment, threads, Some(part));
            for (union, outcome) in union.iter_mut().zip(selection.iter()) {
                if outcome != Outcome::Elsewhere {
                    prop_assert_eq!(*union, Outcome::Elsewhere, "two parts decide about a row");
                    *union = outcome;
                }
            }
            counts.merge(&selection.counts());
        }
        prop_assert_eq!(union, whole.iter().collect::<Vec<_>>());
        prop_assert_eq!(counts.elsewhere(), u64::from(parts - 1) * segment.len() as u64);
        let of_whole = whole.counts();
        prop_assert_eq!(counts.segment(), of_whole.segment());
        prop_assert_eq!(counts.sent(), of_whole.sent());
        prop_assert!(counts.blocked_by().eq(of_whole.blocked_by()));
        prop_assert!(counts.stopped_by().eq(of_whole.stopped_by()));
    }

    #[test]
    fn a_stream_is_decided_as_what_is_read_again(drawn in segment(0..300), way in way()) {
        let way = Way { keep: Keep::First, ..way };
        let segment: Vec<_> = drawn.iter().map(Drawn::recipient).collect();
        let selection = way.run(&segment, 2, None);
        let (pushed, counts) = way.push(&segment, Deduplicator::exact());
        prop_assert!(pushed.iter().map(|pushed| outcome_of(*pushed)).eq(selection.iter()));
        prop_assert_eq!(&counts, &selection.counts());
        let (keyed, counts) = way.push(&segment, Deduplicator::keyed());
        prop_assert!(keyed.into_iter().eq(pushed.into_iter().map(without_first)));
        prop_assert_eq!(&counts, &selection.counts());
    }

    #[test]
    fn the_parts_of_a_stream_decide_as_the_whole(
        drawn in segment(0..200),
        way in way(),
        parts in 1..5_u32,
    ) {
        let segment: Vec<_> = drawn.iter().map(Drawn::recipient).collect();
        let (whole, _) = way.push(&segment, Deduplicator::exact());
        let mut union = vec![Pushed::Elsewhere; segment.len()];
        for number in 0..parts {
            let part = Partition::new(number, parts).unwrap();
            let (pushed, _) = way.push(&segment, Deduplicator::exact().only(part));
            for (union, pushed) in union.iter_mut().zip(pushed) {
                if pushed != Pushed::Elsewhere {
                    prop_assert_eq!(*union, Pushed::Elsewhere, "two parts decide about a row");
                    *union = pushed;
                }
            }
        }
        prop_assert_eq!(union, whole);
    }

    /// An address a line, in memory or in a file, or a slice of recipients.
    #[test]
    fn lines_are_decided_as_a_slice(drawn in segment(0..300), crlf: bool, threads in 1..4_usize) {
        let end = if crlf { "\r\n" } else { "\n" };
        let text: String = drawn.iter().map(|row| row.address.clone() + end).collect();
        let slice: Vec<_> = drawn
            .iter()
            .zip(0..)
            .map(|(row, number)| Recipient::new(RecordId::new(number), &row.address))
            .collect();
        let lines = Lines::new(&text);
        prop_assert_eq!(lines.rows(), slice.len() as u64);
        let run = Deduplication::new().threads(NonZeroUsize::new(threads).unwrap());
        let expected = run.run(&slice[..]).unwrap();
        prop_assert_eq!(&run.run(&lines).unwrap(), &expected);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("segment.txt");
        fs::write(&path, &text).unwrap();
        let file = LineFile::open(&path).unwrap();
        prop_assert_eq!(file.rows(), slice.len() as u64);
        prop_assert_eq!(run.run(&file).unwrap(), expected);
    }
}

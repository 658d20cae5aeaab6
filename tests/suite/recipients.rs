//! Who of a segment gets a message: the cases of `tests/data/dedup_cases.tsv`, however the segment
//! comes, and what holds for any segment.

mod laws;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;
use std::num::NonZeroUsize;
use std::path::Path;

use chrono::DateTime;
use correspond::adapter::line_file::LineFile;
use correspond::adapter::memory::MemoryStore;
use correspond::claim::{Claimant, RecipientKey, SendScope};
use correspond::consent::{Designation, Level, Person, Protection};
use correspond::flow::sends::{ClaimAnswer, Closed, SendRun};
use correspond::id::{RecordId, TenantId};
use correspond::mailing::SendOnceTo;
use correspond::recipients::{
    AddressList, Block, Deduplication, Deduplicator, Keep, Lines, Outcome, Partition, Pushed,
    Recipient, SentBefore, Suppression,
};
use correspond::settings::DefaultMarketingSettings;
use correspond::store::poll_once;

use super::segment::{Segment as Generated, mix};

/// A line of the table.
#[derive(Clone)]
struct Row {
    case: String,
    run: String,
    settings: String,
    contact: String,
    address: String,
    about: String,
    expected: String,
    goes_on: bool,
}

impl Row {
    fn read(line: &str) -> Self {
        let cells: Vec<_> = line.split('\t').map(str::to_owned).collect();
        let [case, run, settings, contact, address, about, expected, goes_on, _] = &cells[..]
        else {
            panic!("expected nine fields, found {line:?}");
        };
        assert!(matches!(&goes_on[..], "yes" | "no"), "{line:?}");
        Self {
            case: case.clone(),
            run: run.clone(),
            settings: settings.clone(),
            contact: contact.clone(),
            address: if address == "-" { String::new() } else { unescaped(address) },
            about: about.clone(),
            expected: expected.clone(),
            goes_on: goes_on == "yes",
        }
    }

    fn is(&self, word: &str) -> bool {
        self.about.split(' ').any(|about| about == word)
    }

    fn of(&self, name: &str) -> Option<&str> {
        self.about.split(' ').find_map(|about| about.strip_prefix(name)?.strip_prefix('='))
    }

    fn recipient(&self) -> Recipient<'_> {
        let level = self.of("level").map_or(Level::Profiling, level);
        let mut person = Person::new(level);
        if self.is("do-not-email") {
            person = person.without_email();
        }
        if self.is("do-not-bulk-email") {
            person = person.without_bulk_email();
        }
        let recipient = Recipient::new(id(&self.contact), &self.address).with_person(person);
        match (self.of("rank"), self.of("active")) {
            (Some(rank), _) => recipient.with_rank(rank.parse().unwrap()),
            (_, Some(active)) => recipient.active_at(active.parse().unwrap()),
            _ => recipient,
        }
    }
}

fn unescaped(cell: &str) -> String {
    let mut text = String::new();
    let mut rest = cell;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        rest = if let Some(after) = after.strip_prefix('t') {
            text.push('\t');
            after
        } else {
            let (code, after) = after.strip_prefix("u{").unwrap().split_once('}').unwrap();
            text.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
            after
        };
    }
    text + rest
}

fn level(name: &str) -> Level {
    let found = Level::ALL.into_iter().find(|level| format!("{level:?}") == name);
    found.unwrap_or_else(|| panic!("{name} is no level"))
}

/// The number of a contact, a message, a journey or a tile.
fn id(name: &str) -> RecordId {
    RecordId::new(name.bytes().fold(0, |id, octet| id << 8 | u128::from(octet)))
}

/// One run of one case.
struct Run {
    rows: Vec<Row>,
    scope: SendScope,
    once_to: SendOnceTo,
    keep: Keep,
    designation: Designation,
    minimum: Level,
    exit_on_block: bool,
    excluded: AddressList,
    bounced: AddressList,
}

impl Run {
    fn new(rows: Vec<Row>) -> Self {
        let settings: BTreeSet<_> = rows.iter().flat_map(|row| row.settings.split(' ')).collect();
        let is = |name: &str| settings.contains(name);
        let minimum = settings.iter().find_map(|setting| setting.strip_prefix("minimum="));
        let (_, sends) = rows[0].run.split_once(' ').unwrap();
        let scope = match sends.split('/').collect::<Vec<_>>()[..] {
            [message, journey, tile] => {
                SendScope::new(id(message)).in_journey(id(journey), id(tile))
            }
            [message] => SendScope::new(id(message)),
            _ => panic!("expected a message, or one with journey and tile; found {sends}"),
        };
        let defaults = DefaultMarketingSettings::builder()
            .name("Ours")
            .bypass_email_deduplication(is("bypass"))
            .build()
            .unwrap();
        let list = |word| {
            let mut list = AddressList::new();
            for row in rows.iter().filter(|row| row.is(word)) {
                list.add(&row.address).unwrap();
            }
            list
        };
        Self {
            scope,
            once_to: SendOnceTo::of(Some(&defaults)),
            keep: if is("highest-rank") { Keep::HighestRank } else { Keep::First },
            designation: match is("transactional") {
                true => Designation::Transactional,
                false => Designation::Commercial,
            },
            minimum: minimum.map_or(Level::None, level),
            exit_on_block: is("exit-on-block"),
            excluded: list("excluded"),
            bounced: list("bounced"),
            rows,
        }
    }

    fn suppression<'a>(&'a self, sent: Option<&'a AddressList>) -> Suppression<'a> {
        let suppression = Suppression::new(self.designation)
            .with_minimum(Protection::new().respecting_consent(), self.minimum)
            .with_list(&self.excluded, Block::Excluded)
            .with_list(&self.bounced, Block::Bounced);
        match sent {
            Some(sent) => suppression.with_list(sent, Block::AlreadySent),
            None => suppression,
        }
    }

    fn deduplication<'a>(
        &'a self,
        sent: Option<&'a AddressList>,
        threads: usize,
    ) -> Deduplication<Suppression<'a>> {
        Deduplication::new()
            .once_to(self.once_to)
            .keep(self.keep)
            .threads(NonZeroUsize::new(threads).unwrap())
            .suppressing(self.suppression(sent))
    }

    fn recipients(&self) -> Vec<Recipient<'_>> {
        self.rows.iter().map(Row::recipient).collect()
    }

    /// An outcome in the words of the table.
    fn told(&self, outcome: Outcome) -> String {
        match outcome {
            Outcome::Send => "sent".to_owned(),
            Outcome::Duplicate { of } => format!("duplicate of {}", self.rows[of as usize].contact),
            other => other.to_string(),
        }
    }

    fn key(&self, row: &Row) -> RecipientKey {
        row.recipient().key(self.once_to).unwrap()
    }

    #[track_caller]
    fn assert_told(&self, outcomes: impl IntoIterator<Item = Outcome>, way: &str) {
        let told: Vec<_> = outcomes.into_iter().map(|outcome| self.told(outcome)).collect();
        let expected: Vec<_> = self.rows.iter().map(|row| row.expected.clone()).collect();
        assert_eq!(told, expected, "{}, run {}, {way}", self.rows[0].case, self.rows[0].run);
    }
}

/// The cases, each the runs that follow each other.
fn cases() -> Vec<Vec<Run>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/dedup_cases.tsv");
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let rows: Vec<_> = lines.map(Row::read).collect();
    let runs = |rows: &[Row]| -> Vec<Run> {
        rows.chunk_by(|a, b| a.run == b.run).map(|rows| Run::new(rows.to_vec())).collect()
    };
    rows.chunk_by(|a, b| a.case == b.case).map(runs).collect()
}

/// The addresses that got a message in earlier runs, by what was sent.
#[derive(Default)]
struct Sent(HashMap<SendScope, AddressList>);

impl Sent {
    fn before(&mut self, run: &Run) -> &AddressList {
        self.0.entry(run.scope).or_default()
    }

    fn after(&mut self, run: &Run) {
        let sent = self.0.entry(run.scope).or_default();
        for row in run.rows.iter().filter(|row| row.expected == "sent") {
            sent.add(&row.address).unwrap();
        }
    }
}

/// Others between the rows of a case, so that several threads have something to do.
const BETWEEN: usize = 97;

fn others(rows: usize) -> Vec<String> {
    (0..rows * BETWEEN).map(|number| format!("other{number}@others.example")).collect()
}

/// Each recipient with its others behind it, who all get the message.
fn spread<'a>(recipients: &[Recipient<'a>], others: &'a [String]) -> Vec<Recipient<'a>> {
    let mut spread = Vec::new();
    for (recipient, others) in recipients.iter().zip(others.chunks(BETWEEN)) {
        spread.push(*recipient);
        for other in others {
            let contact = RecordId::new(1 << 64 | spread.len() as u128);
            let person = Person::new(Level::Profiling);
            spread.push(Recipient::new(contact, other).with_person(person));
        }
    }
    spread
}

#[test]
fn the_table_has_every_case() {
    let cases = cases();
    let names: BTreeSet<_> = cases
        .iter()
        .map(|runs| runs[0].rows[0].case.split(' ').next().unwrap().to_owned())
        .collect();
    let expected = ["D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D10", "D11", "D12"];
    assert_eq!(names, BTreeSet::from(expected.map(str::to_owned)));
    // A name that comes again behind another one would be two cases.
    let mut seen = HashSet::new();
    assert!(cases.iter().all(|runs| seen.insert(runs[0].rows[0].case.clone())));
}

/// A151; D1 to D12.
#[test]
fn dedup_cases_come_out_alike_for_any_number_of_threads() {
    for case in cases() {
        let mut sent = Sent::default();
        for run in &case {
            let recipients = run.recipients();
            let others = others(recipients.len());
            let spread = spread(&recipients, &others);
            let before = sent.before(run);
            for threads in [1, 2, 3] {
                let deduplication = run.deduplication(Some(before), threads);
                let selection = deduplication.run(&recipients[..]).unwrap();
                run.assert_told(selection.iter(), &format!("{threads} threads"));

                let selection = deduplication.run(&spread[..]).unwrap();
                let (rows, between): (Vec<_>, Vec<_>) =
                    selection.iter().enumerate().partition(|(row, _)| row % (BETWEEN + 1) == 0);
                let rows = rows.into_iter().map(|(_, outcome)| match outcome {
                    Outcome::Duplicate { of } => {
                        Outcome::Duplicate { of: of / (BETWEEN as u32 + 1) }
                    }
                    outcome => outcome,
                });
                run.assert_told(rows, &format!("{threads} threads, others between"));
                assert!(between.iter().all(|(_, outcome)| outcome.is_send()));
            }
            sent.after(run);
        }
    }
}

/// A151; D1 to D12: who comes first gets it, as nobody knows who comes later.
#[test]
fn dedup_cases_come_out_alike_in_a_stream() {
    for case in cases() {
        let mut sent = Sent::default();
        for run in case.iter().filter(|run| run.keep == Keep::First) {
            let before = sent.before(run);
            let mut exact = Deduplicator::exact()
                .once_to(run.once_to)
                .suppressing(run.suppression(Some(before)));
            let mut keyed = Deduplicator::keyed()
                .once_to(run.once_to)
                .suppressing(run.suppression(Some(before)));
            let recipients = run.recipients();
            let pushed: Vec<_> = recipients.iter().map(|recipient| exact.push(recipient)).collect();
            run.assert_told(pushed.iter().map(|pushed| outcome_of(*pushed)), "pushed");
            let keyed: Vec<_> = recipients.iter().map(|recipient| keyed.push(recipient)).collect();
            assert_eq!(keyed, pushed.into_iter().map(without_first).collect::<Vec<_>>());
            sent.after(run);
        }
    }
}

/// A151; D4, D5 and D8: what another run sent, the ledger knows, and nobody has to tell the run. Where
/// a message goes once to each contact, the ledger knows contacts. A run that is told what the ledger
/// knows decides as the table says.
#[test]
fn the_ledger_keeps_one_message_an_address_across_runs() {
    let now = DateTime::UNIX_EPOCH;
    let sent_before = Outcome::Blocked(Block::AlreadySent).to_string();
    for case in cases() {
        let store = MemoryStore::new([7; 16]);
        let mut known: HashMap<SendScope, SentBefore> = HashMap::new();
        for (run, number) in case.iter().zip(1..) {
            let recipients = run.recipients();
            let known = known.entry(run.scope).or_default();
            let suppression = (run.suppression(None), &*known);
            let told = run.deduplication(None, 1).suppressing(suppression);
            run.assert_told(told.run(&recipients[..]).unwrap().iter(), "told by the ledger");
            let selection = run.deduplication(None, 1).run(&recipients[..]).unwrap();
            let worker = SendRun::new(TenantId::new(1), run.scope, Claimant::new(number));
            let sent: Vec<_> = selection.sent().map(|row| row as usize).collect();
            let keys: Vec<_> = sent.iter().map(|row| run.key(&run.rows[*row])).collect();
            let answers = poll_once(worker.claim(&store, &keys, now)).unwrap().unwrap();
            let claimed: Vec<_> = keys
                .into_iter()
                .zip(&answers)
                .filter(|(_, answer)| answer.is_claimed())
                .map(|(key, _)| key)
                .collect();
            let closed = poll_once(worker.settle(&store, &claimed, now)).unwrap().unwrap();
            assert!(closed.iter().all(|closed| *closed == Closed::Done));
            known.extend(&claimed);
            let mut counts = selection.counts();

            let mut told: Vec<_> = selection.iter().map(|outcome| run.told(outcome)).collect();
            for (row, answer) in sent.iter().zip(&answers) {
                match answer {
                    ClaimAnswer::Claimed => {}
                    ClaimAnswer::AlreadySent { by, .. } => {
                        assert_ne!(*by, worker.claimant());
                        told[*row].clone_from(&sent_before);
                        let before = Outcome::Blocked(Block::AlreadySent);
                        assert!(counts.recount(Outcome::Send, before));
                    }
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(counts.sent(), claimed.len() as u64);
            assert_eq!(counts.segment(), recipients.len() as u64);
            for (row, told) in run.rows.iter().zip(&told) {
                // Nobody told the run, so one who comes again in it is a duplicate first.
                let again = row.expected == sent_before && told.starts_with("duplicate of");
                assert!(*told == row.expected || again, "{}, {}: {told}", row.case, row.contact);
            }
        }
    }
}

/// D12: a contact goes on or not, as the table says.
#[test]
fn whoever_is_blocked_goes_on_unless_a_trigger_says_otherwise() {
    for case in cases() {
        let mut sent = Sent::default();
        for run in &case {
            let recipients = run.recipients();
            let before = sent.before(run);
            let selection = run.deduplication(Some(before), 1).run(&recipients[..]).unwrap();
            for (outcome, row) in selection.iter().zip(&run.rows) {
                let goes_on = outcome.continues(run.exit_on_block);
                assert_eq!(goes_on, Some(row.goes_on), "{}, {}", row.case, row.contact);
            }
            sent.after(run);
        }
    }
}

/// D13 and D14, 20,000 rows of them: the number of mailboxes is known from how they were made, and so
/// are their first rows. The bench program of the peers has the rest.
#[test]
fn each_mailbox_of_a_raw_segment_is_found_once() {
    let (text, truth) = Generated::new(20_000, 13).into_text();
    let sum = |sum: u64, row: u32| sum.wrapping_add(mix(row.into()));
    let lines = Lines::new(&text);
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("segment.txt"), &text).unwrap();
    let file = LineFile::open(dir.path().join("segment.txt")).unwrap();
    for threads in [1, 2, 3, 8] {
        let run = Deduplication::new().threads(NonZeroUsize::new(threads).unwrap());
        let selection = run.run(&lines).unwrap();
        assert_eq!(run.run(&file).unwrap(), selection);
        assert_eq!(selection.counts().sent(), truth.distinct);
        assert_eq!(selection.counts().duplicates(), truth.rows - truth.distinct);
        assert_eq!(selection.sent().fold(0, sum), truth.firsts);
    }
    for mut seen in [Deduplicator::exact(), Deduplicator::keyed()] {
        let rows = text.lines().zip(0..);
        let sent = rows.filter(|(row, number)| {
            seen.push(&Recipient::new(RecordId::new((*number).into()), row)).is_send()
        });
        assert_eq!(sent.fold(0, |firsts, (_, row)| sum(firsts, row)), truth.firsts);
        assert_eq!(seen.counts().sent(), truth.distinct);
    }
    // In four parts, one after the other.
    let parts = (0..4).map(|number| {
        let part = Partition::new(number, 4).unwrap();
        Deduplication::new().only(part).run(&lines).unwrap().counts()
    });
    let sizes: Vec<_> = parts.map(|counts| (counts.sent(), counts.duplicates())).collect();
    assert_eq!(sizes.iter().map(|(sent, _)| sent).sum::<u64>(), truth.distinct);
    assert_eq!(sizes.iter().map(|(_, lost)| lost).sum::<u64>(), truth.rows - truth.distinct);
    assert!(sizes.iter().all(|(sent, _)| *sent > truth.distinct / 5), "{sizes:?}");
}

fn outcome_of(pushed: Pushed) -> Outcome {
    match pushed {
        Pushed::Send => Outcome::Send,
        Pushed::Duplicate { of } => Outcome::Duplicate { of: of.unwrap().try_into().unwrap() },
        Pushed::Blocked(block) => Outcome::Blocked(block),
        Pushed::Stopped(stop) => Outcome::Stopped(stop),
        Pushed::Elsewhere => Outcome::Elsewhere,
        other => panic!("{other:?}"),
    }
}

fn without_first(pushed: Pushed) -> Pushed {
    match pushed {
        Pushed::Duplicate { .. } => Pushed::Duplicate { of: None },
        pushed => pushed,
    }
}

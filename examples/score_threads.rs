//! How far do verdicts agree with mail whose threads are known?
//!
//! ```text
//! cargo run --release --example correlate_mailbox -- --format jsonl MAIL.jsonl.gz > out.jsonl
//! cargo run --release --example score_threads -- --verdicts out.jsonl [--wrong N] MAIL.jsonl.gz [...]
//! ```
//!
//! A corpus file has one JSON object a line, plain or gzipped; of its fields only `message_id`,
//! `date`, `subject`, `thread` and `class` are read. `--verdicts` may be repeated, when the files
//! were correlated apart. All corpus files are one collection in order of date (ties: as read), and
//! each also gets figures of its own. Message ids and thread names are unique in the collection.
//!
//! # Links
//!
//! A mail whose `matched` is not null has a link, which is, by the first line that applies:
//!
//! 1. *open*, and left out, when the asking mail is `orphan` or `dangling`: nobody knows its thread;
//! 2. *wrong* when `matched` names the mail itself, a later one, or none of the collection;
//! 3. *right* when both mails are in one thread;
//! 4. *open* when the first mail of either thread is `orphan`, `dangling` or `reply-sibling`: the
//!    thread's beginning is missing, so the two may be parts of one;
//! 5. *wrong* otherwise; `root` and `fake-reply` mails, which answer nothing, end here as well.
//!
//! Precision is right / (right + wrong); recall is right / *answerable*, the mails that have an
//! earlier mail in their thread.
//!
//! # Threads
//!
//! Links join mails into threads. These are compared with the known ones over all mails, open ones
//! included, by pairs (of the pairs of mails put together, how many belong together) and by B-cubed
//! (Bagga and Baldwin, 1998: the same share for each mail's thread, averaged over mails). A mail
//! whose evidence says `joins <id>` shows two threads to be one: it joins that one too.
//!
//! Each line of figures reads precision, recall, F1; a ratio with nothing below the line is `-`.
//! `--wrong N` lists the first N wrong links and the first N answerable mails without a right one.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Deserializer;

const USAGE: &str = "usage: score_threads --verdicts OUT.jsonl [--wrong N] CORPUS.jsonl[.gz] ...";

fn main() -> ExitCode {
    match Options::parse(std::env::args_os().skip(1)).and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => match error.downcast_ref::<io::Error>() {
            // The reader has seen enough, as in `score_threads ... | head`.
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            _ => {
                eprintln!("score_threads: {error}");
                ExitCode::FAILURE
            }
        },
    }
}

fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let mut mails = Vec::new();
    for (file, path) in options.corpora.iter().enumerate() {
        mails.extend(read_lines(path)?.into_iter().map(|mail: Mail| Mail { file, ..mail }));
    }
    mails.sort_by_key(|mail| mail.date);

    let mut verdicts = HashMap::new();
    for path in &options.verdicts {
        for verdict in read_lines::<Verdict>(path)? {
            verdicts.entry(verdict.message_id.clone()).or_insert(verdict);
        }
    }

    let scored = score(&mails, &verdicts);
    let found = threads(&scored);
    let silent = scored.iter().filter(|s| s.verdict.is_none()).count();
    if silent > 0 {
        eprintln!("{silent} of {} mails have no verdict and count as unlinked", mails.len());
    }
    let report = |name: String, keep: &dyn Fn(&Mail) -> bool| {
        let kept = scored.iter().zip(&found).filter(|(s, _)| keep(s.mail));
        Report {
            name,
            mails: kept.clone().map(|(s, _)| s).collect(),
            threads: kept.map(|(s, found)| (s.mail.thread.as_str(), *found)).collect(),
        }
    };

    let mut out = BufWriter::new(io::stdout().lock());
    for (file, path) in options.corpora.iter().enumerate() {
        writeln!(out, "{}\n", report(path.display().to_string(), &|mail| mail.file == file))?;
    }
    if options.corpora.len() > 1 {
        writeln!(out, "{}\n", report("all".to_owned(), &|_| true))?;
    }
    list_mistakes(&mut out, &scored, options.wrong)?;
    Ok(out.flush()?)
}

#[derive(Default)]
struct Options {
    verdicts: Vec<PathBuf>,
    /// How many wrong and how many missed links to list.
    wrong: usize,
    corpora: Vec<PathBuf>,
}

impl Options {
    fn parse(mut args: impl Iterator<Item = OsString>) -> Result<Self, Box<dyn Error>> {
        let mut options = Self::default();
        while let Some(arg) = args.next() {
            match arg.to_str() {
                Some("--verdicts") => {
                    options.verdicts.push(args.next().ok_or("--verdicts: expected a file")?.into());
                }
                Some("--wrong") => {
                    let count = args.next().unwrap_or_default();
                    options.wrong = count.to_string_lossy().parse().map_err(|_| {
                        format!("--wrong: expected a number, found {}", count.display())
                    })?;
                }
                Some(flag) if flag.starts_with("--") => {
                    return Err(format!("unknown option {flag}\n{USAGE}").into());
                }
                _ => options.corpora.push(arg.into()),
            }
        }
        if options.verdicts.is_empty() || options.corpora.is_empty() {
            return Err(format!("expected verdicts and at least one corpus file\n{USAGE}").into());
        }
        Ok(options)
    }
}

/// Reads JSON lines, gunzipping a file whose name ends in `.gz`. An error names file and line.
fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, String> {
    let at = |error: &dyn fmt::Display| format!("{}: {error}", path.display());
    let file = File::open(path).map_err(|e| at(&e))?;
    let mut bytes: Box<dyn Read> = Box::new(file);
    if path.extension().is_some_and(|e| e == "gz") {
        bytes = Box::new(MultiGzDecoder::new(bytes));
    }
    let lines = Deserializer::from_reader(BufReader::new(bytes)).into_iter();
    lines.collect::<Result<_, _>>().map_err(|e| at(&e))
}

/// One mail of a corpus file, as far as its truth goes.
#[derive(Deserialize)]
struct Mail {
    message_id: String,
    date: DateTime<Utc>,
    /// `None` when the mail has no such header.
    subject: Option<String>,
    thread: String,
    class: Class,
    /// Which corpus file it stands in.
    #[serde(skip)]
    file: usize,
}

impl fmt::Display for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { message_id, date, subject, class, .. } = self;
        let subject = subject.as_deref().unwrap_or_default();
        write!(f, "<{message_id}> {} {class:?} {subject:?}", date.format("%F %T"))
    }
}

/// What is known of a mail's place in its thread.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Class {
    /// A reply prefix without any header: it may belong anywhere.
    Dangling,
    /// A reply prefix on a mail that answers nothing.
    FakeReply,
    /// A reply to a mail that the corpus lacks.
    Orphan,
    /// A reply to a mail of the corpus.
    Reply,
    /// Its parent is not in the corpus, another mail of its thread is.
    ReplySibling,
    /// A mail that starts a conversation.
    Root,
}

impl Class {
    fn thread_unknown(self) -> bool {
        matches!(self, Self::Orphan | Self::Dangling)
    }

    /// A thread that begins with such a mail lacks its real beginning.
    fn beginning_missing(self) -> bool {
        self.thread_unknown() || matches!(self, Self::ReplySibling)
    }
}

/// One line of `correlate_mailbox --format jsonl`.
#[derive(Deserialize)]
struct Verdict {
    message_id: String,
    verdict: String,
    matched: Option<String>,
    method: Option<String>,
    #[serde(default)]
    evidence: Vec<String>,
}

impl Verdict {
    /// The mails of other threads that the mail shows to be of its own.
    fn joined(&self) -> impl Iterator<Item = &str> {
        let named = self.evidence.iter().filter_map(|clause| clause.strip_prefix("joins <"));
        named.filter_map(|rest| rest.strip_suffix('>'))
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    Open,
    Right,
    Unlinked,
    Wrong,
}

/// A mail, what was said of it, and whether that is so.
struct Scored<'a> {
    mail: &'a Mail,
    verdict: Option<&'a Verdict>,
    /// The mail that it was matched to, where the collection has it.
    matched: Option<&'a Mail>,
    /// The latest earlier mail of its true thread: what a link should have found.
    earlier: Option<&'a Mail>,
    outcome: Outcome,
}

/// Judges each mail's link by the rules at the top; `mails` in order of date.
fn score<'a>(mails: &'a [Mail], verdicts: &'a HashMap<String, Verdict>) -> Vec<Scored<'a>> {
    let by_id: HashMap<&str, &Mail> = mails.iter().map(|m| (m.message_id.as_str(), m)).collect();
    // Backwards, so that a thread's first mail has the last word.
    let heads: HashMap<&str, Class> =
        mails.iter().rev().map(|m| (m.thread.as_str(), m.class)).collect();
    let beginning_missing =
        |mail: &Mail| heads.get(mail.thread.as_str()).is_some_and(|head| head.beginning_missing());

    let mut latest: HashMap<&str, &Mail> = HashMap::new();
    let judge = |mail: &'a Mail| {
        let earlier = latest.insert(&mail.thread, mail);
        let verdict = verdicts.get(&mail.message_id);
        let link = verdict.and_then(|v| v.matched.as_deref());
        let matched = link.and_then(|id| by_id.get(id).copied());
        let earlier_mail = |m: &&Mail| m.message_id != mail.message_id && m.date <= mail.date;
        let outcome = match (link, matched.filter(earlier_mail)) {
            (None, _) => Outcome::Unlinked,
            _ if mail.class.thread_unknown() => Outcome::Open,
            (_, None) => Outcome::Wrong,
            (_, Some(m)) if m.thread == mail.thread => Outcome::Right,
            (_, Some(m)) if beginning_missing(mail) || beginning_missing(m) => Outcome::Open,
            _ => Outcome::Wrong,
        };
        Scored { mail, verdict, matched, earlier, outcome }
    };
    mails.iter().map(judge).collect()
}

/// The thread of each mail, as the links make it, named by one of its message ids.
fn threads<'a>(scored: &[Scored<'a>]) -> Vec<&'a str> {
    let mut forest = Forest::default();
    for (mail, matched) in scored.iter().filter_map(|s| Some((s.mail, s.matched?))) {
        forest.join(&mail.message_id, &matched.message_id);
    }
    for (mail, verdict) in scored.iter().filter_map(|s| Some((s.mail, s.verdict?))) {
        verdict.joined().for_each(|other| forest.join(&mail.message_id, other));
    }
    scored.iter().map(|s| forest.find(&s.mail.message_id)).collect()
}

/// Disjoint sets of names. A name points at another of its set; one that does not names the set.
#[derive(Default)]
struct Forest<'a>(HashMap<&'a str, &'a str>);

impl<'a> Forest<'a> {
    fn find(&mut self, name: &'a str) -> &'a str {
        let mut root = name;
        while let Some(up) = self.0.get(root) {
            root = up;
        }
        let mut at = name;
        while at != root {
            at = self.0.insert(at, root).unwrap_or(root);
        }
        root
    }

    fn join(&mut self, a: &'a str, b: &'a str) {
        let (a, b) = (self.find(a), self.find(b));
        if a != b {
            self.0.insert(a, b);
        }
    }
}

/// Precision and recall in [0, 1]; `None` where nothing was to be counted.
#[derive(Clone, Copy)]
struct Agreement {
    precision: Option<f64>,
    recall: Option<f64>,
}

impl Agreement {
    fn new(hits: f64, found: f64, known: f64) -> Self {
        let ratio = |whole: f64| (whole > 0.0).then(|| hits / whole);
        Self { precision: ratio(found), recall: ratio(known) }
    }

    /// Of the (known, found) thread of each mail: by pairs, and by B-cubed.
    fn of_threads(mails: &[(&str, &str)]) -> [Self; 2] {
        let known = sizes(mails.iter().map(|(known, _)| *known));
        let found = sizes(mails.iter().map(|(_, found)| *found));
        let pairs = |n: f64| n * (n - 1.0) / 2.0;
        let (mut hits, mut precision, mut recall) = (0.0, 0.0, 0.0);
        for ((in_known, in_found), both) in sizes(mails.iter().copied()) {
            let share = |size: Option<&f64>| both * both / size.copied().unwrap_or(both);
            hits += pairs(both);
            precision += share(found.get(in_found));
            recall += share(known.get(in_known));
        }
        let total = |sizes: BTreeMap<&str, f64>| sizes.into_values().map(pairs).sum();
        let mean = |sum: f64| (!mails.is_empty()).then(|| sum / mails.len() as f64);
        let b_cubed = Self { precision: mean(precision), recall: mean(recall) };
        [Self::new(hits, total(found), total(known)), b_cubed]
    }

    /// The harmonic mean of the two.
    fn f1(self) -> Option<f64> {
        let (p, r) = (self.precision?, self.recall?);
        Some(if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 })
    }
}

impl fmt::Display for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cell = |ratio: Option<f64>| ratio.map_or_else(|| "-".to_owned(), |r| format!("{r:.4}"));
        let [p, r, f1] = [self.precision, self.recall, self.f1()].map(cell);
        write!(f, "{p:>6} {r:>6} {f1:>6}")
    }
}

/// How often each key occurs. Sorted, so that sums of fractions come out alike in every run.
fn sizes<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, f64> {
    let mut sizes = BTreeMap::new();
    keys.for_each(|key| *sizes.entry(key).or_insert(0.0) += 1.0);
    sizes
}

/// The figures of one file, or of all. Its text is what the program is for.
struct Report<'a> {
    name: String,
    mails: Vec<&'a Scored<'a>>,
    /// The (known, found) thread of each mail.
    threads: Vec<(&'a str, &'a str)>,
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |outcome| self.mails.iter().filter(|s| s.outcome == outcome).count();
        let [right, wrong, open] = [Outcome::Right, Outcome::Wrong, Outcome::Open].map(count);
        let answerable = self.mails.iter().filter(|s| s.earlier.is_some()).count();
        let links = Agreement::new(right as f64, (right + wrong) as f64, answerable as f64);
        let [pairs, b_cubed] = Agreement::of_threads(&self.threads);
        let verdicts = self.mails.iter().filter_map(|s| s.verdict);

        writeln!(f, "{}: {} mails", self.name, self.mails.len())?;
        let counts = format!("{right} right, {wrong} wrong, {open} open, {answerable} answerable");
        writeln!(f, "  links     {links}   {counts}")?;
        writeln!(f, "  pairs     {pairs}\n  B-cubed   {b_cubed}")?;
        writeln!(f, "  verdicts  {}", tally(verdicts.clone().map(|v| v.verdict.as_str())))?;
        write!(f, "  methods   {}", tally(verdicts.filter_map(|v| v.method.as_deref())))
    }
}

fn tally<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let counts = sizes(names);
    let listed: Vec<_> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    if listed.is_empty() { "none".to_owned() } else { listed.join(", ") }
}

/// Lists the first `limit` wrong links, then the first `limit` mails whose thread was missed,
/// each with the mail that it was, or should have been, linked to.
fn list_mistakes(out: &mut impl Write, scored: &[Scored<'_>], limit: usize) -> io::Result<()> {
    let wrong = scored.iter().filter(|s| s.outcome == Outcome::Wrong);
    for Scored { mail, verdict, matched, .. } in wrong.take(limit) {
        let method = verdict.and_then(|v| v.method.as_deref()).unwrap_or("no method");
        let other = matched.map_or_else(|| "an unknown mail".to_owned(), Mail::to_string);
        writeln!(out, "wrong ({method}): {mail}\n    linked to {other}")?;
    }
    let unsolved = scored.iter().filter(|s| s.outcome != Outcome::Right);
    for (mail, earlier) in unsolved.filter_map(|s| Some((s.mail, s.earlier?))).take(limit) {
        writeln!(out, "missed: {mail}\n    belongs to {earlier}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A mail a line: id, thread, class, the id that it was matched to or `-`.
    fn outcomes(table: &str) -> (String, Vec<Outcome>) {
        let (mut mails, mut verdicts) = (Vec::new(), HashMap::new());
        for (second, line) in table.lines().enumerate() {
            let [id, thread, class, matched] =
                line.split_whitespace().collect::<Vec<_>>().try_into().unwrap();
            let json = serde_json::json!({
                "message_id": id, "thread": thread, "class": class,
                "date": format!("2026-01-01T00:00:{second:02}Z"),
                "verdict": "matched", "method": "smart",
                "matched": (matched != "-").then_some(matched),
            });
            mails.push(serde_json::from_value(json.clone()).unwrap());
            verdicts.insert(id.to_owned(), serde_json::from_value(json).unwrap());
        }
        let scored = score(&mails, &verdicts);
        let found = threads(&scored);
        let report = Report {
            name: "test".to_owned(),
            threads: scored.iter().map(|s| s.mail.thread.as_str()).zip(found).collect(),
            mails: scored.iter().collect(),
        };
        (report.to_string(), scored.iter().map(|s| s.outcome).collect())
    }

    #[test]
    fn rules_apply_in_order() {
        let cases = [
            ("a s root -", Outcome::Unlinked),
            ("b s reply a", Outcome::Right),
            ("c s reply -", Outcome::Unlinked),
            ("d t root a", Outcome::Wrong),
            ("e t reply a", Outcome::Wrong),
            ("f u orphan a", Outcome::Open),
            ("g u reply a", Outcome::Open),
            ("h w fake-reply f", Outcome::Open),
            ("i x root i", Outcome::Wrong),
            ("j y root nowhere", Outcome::Wrong),
            ("k y reply l", Outcome::Wrong),
            ("l y reply k", Outcome::Right),
        ];
        let (_, found) = outcomes(&cases.map(|(line, _)| line).join("\n"));
        for ((line, expected), found) in cases.into_iter().zip(found) {
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn figures_by_hand() {
        // Known {a b c} {d}, found {a b} {c d}: of 2 pairs made 1 is right, of 3 known 1 is found.
        let (report, _) = outcomes("a s root -\n b s reply a\n c s reply -\n d t root c");
        assert!(report.contains("links     0.5000 0.5000 0.5000"), "{report}");
        assert!(report.contains("pairs     0.5000 0.3333 0.4000"), "{report}");
        assert!(report.contains("B-cubed   0.7500 0.6667 0.7059"), "{report}");
        assert!(report.contains("verdicts  matched 4\n  methods   smart 4"), "{report}");
    }

    #[test]
    fn nothing_to_count_is_a_dash() {
        let (report, _) = outcomes("a s root -");
        assert!(report.contains("links          -      -      -"), "{report}");
    }
}

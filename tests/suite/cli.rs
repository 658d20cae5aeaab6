//! The examples from a shell: damaged input, what they print, how they end.
#![cfg(test)]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use correspond::adapter::mail_parser;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::support::input::{Item, open};

/// A directory of one test's own, gone with it.
pub(crate) struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What a program printed, without the directory, and its exit code.
#[derive(Debug)]
pub(crate) struct Ended {
    code: Option<i32>,
    pub(crate) out: String,
    err: String,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("correspond-{}-{count}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// With one file in it.
    pub(crate) fn with(name: &str, content: impl AsRef<[u8]>) -> Self {
        Self::new().and(name, content)
    }

    pub(crate) fn and(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// An example with its arguments, in the directory.
    pub(crate) fn command(&self, example: &str, args: &[&str]) -> Command {
        let test = std::env::current_exe().unwrap();
        let program = test.ancestors().nth(2).unwrap().join("examples").join(example);
        assert!(
            program.exists(),
            "{}: run cargo test, which builds the examples",
            program.display()
        );
        let mut command = Command::new(program);
        command.args(args).current_dir(&self.0);
        command
    }

    /// Runs an example in the directory, for five seconds at most; a minute where it waits for the
    /// medium a mail.
    pub(crate) fn run(&self, example: &str, args: &[&str], input: &[u8]) -> Ended {
        let path = |name: &str| self.0.join(name);
        fs::write(path(".in"), input).unwrap();
        let seconds = if args.iter().any(|arg| arg.starts_with("redb:")) { 60 } else { 5 };
        let mut child = self
            .command(example, args)
            .stdin(Stdio::from(File::open(path(".in")).unwrap()))
            .stdout(Stdio::from(File::create(path(".out")).unwrap()))
            .stderr(Stdio::from(File::create(path(".err")).unwrap()))
            .spawn()
            .unwrap();
        let ended = (0..100 * seconds).find_map(|_| {
            sleep(Duration::from_millis(10));
            child.try_wait().unwrap()
        });
        if ended.is_none() {
            child.kill().unwrap();
            panic!("{example} {args:?} takes longer than {seconds} s");
        }
        let text = |name| String::from_utf8(fs::read(path(name)).unwrap()).unwrap();
        Ended { code: ended.unwrap().code(), out: text(".out"), err: text(".err") }
    }

    fn correlate(&self, args: &[&str]) -> Ended {
        self.run("correlate_mailbox", args, b"")
    }

    /// The lines of JSON; they are the mails of these ids in this order.
    #[track_caller]
    fn lines(&self, args: &[&str], ids: &[Option<&str>]) -> (Vec<Value>, Ended) {
        let ended = self.correlate(&[&["--format", "jsonl"], args].concat());
        let lines: Vec<Value> =
            ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let found: Vec<_> = lines.iter().map(|line| line["message_id"].as_str()).collect();
        assert_eq!(found, ids, "{ended:?}");
        (lines, ended)
    }
}

impl Ended {
    #[track_caller]
    pub(crate) fn says(&self, code: i32, parts: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for part in parts {
            assert!(self.err.contains(part), "{part:?} in {self:?}");
        }
    }
}

/// An mbox entry: number, then further header lines, each with its line end.
fn mail(number: usize, headers: &str) -> String {
    format!(
        "From a@tidewell.example Thu Jan  2 08:00:00 2025\n\
         Message-ID: <{number}@a.example>\nDate: Thu, 2 Jan 2025 08:0{number}:00 +0000\n{headers}\
         \nHello\n\n"
    )
}

fn reply(number: usize, to: usize) -> String {
    mail(number, &format!("In-Reply-To: <{to}@a.example>\nSubject: Re: Offer\n"))
}

const FIRST: Option<&str> = Some("1@a.example");
const SECOND: Option<&str> = Some("2@a.example");
const THIRD: Option<&str> = Some("3@a.example");

#[test]
fn a_mailbox_that_breaks_off_is_read_to_there() {
    let whole = mail(1, "Subject: Offer\n") + &reply(2, 1) + &reply(3, 2);
    let cut = whole.find("<3@a.example>").unwrap();
    let scratch = Scratch::with("cut.mbox", whole.split_at(cut).0);
    let (lines, ended) = scratch.lines(&["cut.mbox"], &[FIRST, SECOND, None]);
    assert_eq!(lines[1]["matched"], "1@a.example");
    let place =
        format!("cut.mbox: mail 3, byte {}: Message-ID \"\": expected a message id", cut - 12);
    ended.says(0, &[&place, "3 mails, 1 defect in a mail\n"]);

    // What does not pack away, so that the cut falls somewhere inside.
    let noise =
        |number| (1..2_000_u64).map(move |n| format!("{:x}", n * n * number)).collect::<String>();
    let texts: Vec<String> = (1..=3).map(|n| reply(n, 0) + &noise(n as u64) + "\n\n").collect();
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(texts.concat().as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let scratch = Scratch::with("cut.mbox.gz", &packed[..packed.len() / 2]);
    let (_, ended) = scratch.lines(&["cut.mbox.gz"], &[FIRST, SECOND]);
    let failure = "expected more of the mailbox, found a failure to read it: ";
    ended.says(0, &["cut.mbox.gz: mail 2, byte ", failure]);
}

#[test]
fn what_is_too_much_is_cut_and_said() {
    let named = "References: <1@a.example>\n".to_owned();
    let ids: String = (0..100_000).map(|n| format!("\n <{n}@b.example>")).collect();
    for (headers, expected) in [
        (
            format!("References:{ids}\n <1@a.example>\n"),
            "expected at most 64 ids in References, found 100001: kept the first and the last 63",
        ),
        (format!("Subject: {}\n", "a b ".repeat(2_500_000)), "in Subject, found 9999999: cut"),
        (format!("X-Big: {}\n", "x".repeat(10_000_000)), ""),
        (format!("To: {}a@x.example\n", "a@x.example,".repeat(5_000)), "participants, found 5001"),
    ] {
        let headers =
            if headers.contains("References") { headers } else { named.clone() + &headers };
        let box_of_three = mail(1, "") + &mail(2, &headers) + &reply(3, 2);
        let scratch = Scratch::with("big.mbox", box_of_three);
        let (lines, ended) = scratch.lines(&["big.mbox"], &[FIRST, SECOND, THIRD]);
        assert_eq!([&lines[1]["matched"], &lines[2]["matched"]], ["1@a.example", "2@a.example"]);
        ended.says(0, &[expected]);
        let told = ended.err.contains("big.mbox: mail 2, byte ");
        assert_eq!(told, !expected.is_empty(), "{ended:?}");
    }
}

#[test]
fn cycles_end() {
    let ring = |number: usize, to: usize| {
        let ids = format!("<{number}@a.example> <3@a.example> <{to}@a.example>");
        mail(number, &format!("In-Reply-To: <{to}@a.example>\nReferences: {ids}\n"))
    };
    let scratch = Scratch::with("ring.mbox", ring(1, 2) + &ring(2, 3) + &ring(3, 1) + &ring(4, 4));
    let ids = [FIRST, SECOND, THIRD, Some("4@a.example")];
    let (lines, ended) = scratch.lines(&["ring.mbox"], &ids);
    assert_eq!(lines[0]["matched"], Value::Null);
    assert_eq!(lines[2]["verdict"], "matched");
    ended.says(0, &["4 mails, nothing wrong with them\n"]);
    let text = scratch.correlate(&["ring.mbox"]);
    text.says(0, &[]);
    assert_eq!(text.out.matches("a@").count(), 0, "{text:?}");
    assert!(text.out.contains("(4 mails)"), "{text:?}");
}

#[test]
fn octets_that_are_no_text_are_replaced_or_left_out() {
    let mut octets = mail(1, "Subject: Offer\0\n").into_bytes();
    octets.extend_from_slice(b"From a@b Thu Jan  2 08:00:00 2025\nMessage-ID: <2@a.example>\n");
    octets.extend_from_slice(b"In-Reply-To: <1@a.example>\nSubject: Re: O\xFFffer\0\n\n\xFF\0\n");
    let scratch = Scratch::with("octets.mbox", octets).and("nul.eml", [0; 1_000]);
    let ids = [FIRST, SECOND, None];
    let (lines, ended) = scratch.lines(&["octets.mbox", "nul.eml"], &ids);
    assert_eq!(lines[1]["matched"], "1@a.example");
    ended
        .says(0, &["octets.mbox: mail 2, byte 170: expected UTF-8 in Subject, found other octets"]);
    ended.says(0, &["nul.eml: mail 1, byte 0: expected header fields, found none in 1000 octets"]);
}

#[test]
fn a_line_that_is_no_mail_is_left_out() {
    let lines = "{\"message_id\": \"1@a.example\", \"date\": \"2025-01-02T08:00:00Z\"}\n\
                 not JSON\n\
                 {\"message_id\": 5}\n\n\
                 {\"message_id\": \"2@a.example\", \"x\": {\"reported\": [\"1@a.example\"]}}\n\
                 {\"message_id\": \"3@a.example\", \"references\": [\"1@a.example\"]}\n";
    let scratch =
        Scratch::with("lines.jsonl", [lines.as_bytes(), b"{\"subject\": \"\xFF\"}\n"].concat());
    let (lines, ended) = scratch.lines(&["lines.jsonl"], &[FIRST, THIRD]);
    assert_eq!(lines[1]["evidence"][1], "References names the mail last");
    ended.says(
        0,
        &[
            "lines.jsonl: line 2, byte 62: expected a JSON object a line, found expected ident at column 2\n",
            "lines.jsonl: line 3, byte 71: expected a JSON object a line, \
             found message_id: invalid type: integer `5`, expected a string or null at column 16\n",
            "lines.jsonl: line 5, byte 90: expected a JSON object a line, found x.reported: invalid type: sequence, ",
            "lines.jsonl: line 7, byte 230: expected UTF-8 text, found the byte 0xFF; the line was left out",
            "2 mails, 4 problems with the input\n",
        ],
    );
}

#[test]
fn empty_files_and_directories_have_no_mails() {
    let scratch = Scratch::with("empty", "")
        .and("dir/notes.txt", "no mail")
        .and("mail/b.eml", "Subject: b\n");
    let scratch = scratch.and("mail/a.eml", mail(1, "").split_once('\n').unwrap().1);
    for path in ["empty", "dir"] {
        let (_, ended) = scratch.lines(&[path], &[]);
        ended.says(0, &["0 mails, nothing wrong with them\n"]);
    }
    let (_, ended) = scratch.lines(&["mail", "empty"], &[FIRST, None]);
    ended.says(0, &["mail/b.eml: mail 2, byte 0: expected a Message-ID header, found none\n"]);
}

#[test]
fn an_input_that_is_not_there_is_said_and_the_others_are_read() {
    let scratch = Scratch::with("good.mbox", mail(1, "")).and("picture", b"\x89PNG\r\n");
    let scratch = scratch.and("more.mbox", reply(2, 1));
    let missing = "missing.mbox: expected a file or directory that can be read, found ";
    let picture = "picture: expected an mbox file, a mail, a directory of .eml files or JSON ";
    let all = ["more.mbox", "missing.mbox", "picture", "good.mbox"];
    let (lines, ended) = scratch.lines(&all, &[SECOND, FIRST]);
    assert_eq!(lines[0]["matched"], "1@a.example");
    ended.says(2, &[missing, picture]);
    let (_, ended) = scratch.lines(&["missing.mbox"], &[]);
    ended.says(2, &[missing]);
}

#[test]
fn settings_that_cannot_be_used_are_named() {
    let scratch = Scratch::with("good.mbox", mail(1, "Subject: Offer\n") + &reply(2, 1));
    for (settings, expected) in [
        (r#"{"smart": {"delta": "one"}}"#, "string \"one\", expected u32 at line 1 column 25"),
        ("{\n\"smrat\": {}}", "unknown field `smrat`, expected one of "),
        ("{\n\"smart\": {", "EOF while parsing an object at line 2 column 10"),
        ("", "EOF while parsing a value at line 1 column 0"),
    ] {
        fs::write(scratch.0.join("settings.json"), settings).unwrap();
        let ended = scratch.correlate(&["--settings", "settings.json", "good.mbox"]);
        ended.says(2, &["settings.json: ", expected]);
        assert_eq!(ended.out, "", "{ended:?}");
    }
    let ended = scratch.correlate(&["--settings=none.json", "good.mbox"]);
    ended.says(2, &["none.json: expected settings that can be read, found "]);

    // An expression of another dialect turns its own method off and nothing else.
    let dialect = r#"{"smart": {"filter": "(?<=Re:)\\s"}}"#;
    fs::write(scratch.0.join("settings.json"), dialect).unwrap();
    let args = ["--settings", "settings.json", "good.mbox"];
    let (lines, ended) = scratch.lines(&args, &[FIRST, SECOND]);
    assert_eq!(lines[1]["method"], "headers");
    ended.says(0, &["settings.json: smart matching is off: "]);
}

#[test]
fn settings_can_be_the_document_of_an_organization() {
    let scratch = Scratch::with("good.mbox", mail(1, "Subject: Offer\n") + &reply(2, 1));
    let json = r#"{"schema": 1, "email_settings": {"use_correlation": false}}"#;
    let toml = "schema = 1\n[email_settings]\nuse_correlation = false\n";
    for (name, off) in [("settings.json", json), ("settings.toml", toml)] {
        for (text, found) in [(off.to_owned(), false), (off.replace("false", "true"), true)] {
            fs::write(scratch.0.join(name), text).unwrap();
            let args = ["--settings", name, "good.mbox"];
            let (lines, ended) = scratch.lines(&args, &[FIRST, SECOND]);
            assert_eq!(lines[1]["method"] == "headers", found, "{name}: {ended:?}");
        }
        fs::write(scratch.0.join(name), off.replace("use_correlation", "use_corelation")).unwrap();
        let ended = scratch.correlate(&["--settings", name, "good.mbox"]);
        ended.says(2, &[name, "email_settings: ", "did you mean `use_correlation`?"]);
    }
}

#[test]
fn arguments_that_cannot_be_used_are_named() {
    let scratch = Scratch::with("good.mbox", mail(1, ""));
    for (args, expected) in [
        (&["--colour"][..], "expected an option of this program, found --colour"),
        (&["-x"], "expected an option of this program, found -x"),
        (&["--format", "xml"], "--format: expected text, jsonl or summary, found \"xml\""),
        (&["--methods", "magic"], "headers, thread-index or smart, found \"magic\""),
        (&["--methods=token,token"], "--methods: expected each method once, found token twice"),
        (&["--settings"], "expected a value behind --settings, found the end"),
        (
            &["--store", "mysql://db"],
            "--store: expected memory, redb:FILE or postgres:URL, found \"mysql://db\"",
        ),
        (
            &["--store=redb:"],
            "--store: expected memory, redb:FILE or postgres:URL, found \"redb:\"",
        ),
        (
            &["--rebuild"],
            "--rebuild: expected --store redb:FILE or postgres:URL with it, found memory",
        ),
    ] {
        let ended = scratch.correlate(args);
        ended.says(2, &["correlate_mailbox: ", expected, "\n\nWhich mails belong together"]);
    }
    let ended = scratch.correlate(&["--explain", "<9@a.example>", "good.mbox"]);
    ended.says(2, &["expected a mail with Message-ID <9@a.example>, found none"]);
    let help = scratch.correlate(&["--help"]);
    help.says(0, &[]);
    assert!(help.out.contains("--explain MESSAGE-ID") && help.out.contains("Exit code: 0"));
}

#[test]
fn threads_are_listed_with_what_they_rest_on() {
    let person = "From: Ann <ann@a.example>\nTo: bob@b.example\n";
    let answer = "In-Reply-To: <1@a.example>\nFrom: bob@b.example\nTo: ann@a.example\n";
    let scratch = Scratch::with(
        "box",
        mail(3, &format!("Subject: AW: Spring offer CRM:0001001\n{answer}"))
            + &mail(1, &format!("Subject: Re: Spring  offer\n{person}"))
            + &mail(5, "References: <lost@a.example> <3@a.example>\nSubject: Party\n")
            + &mail(4, "In-Reply-To: <lost@a.example>\n")
            + &mail(2, "Subject: alone\n"),
    );
    let text = scratch.correlate(&["box"]);
    text.says(0, &[]);
    assert_eq!(
        text.out,
        "Spring offer (4 mails, 2 threads joined)\n  \
           2025-01-02 08:01  ann@a.example\n  \
           2025-01-02 08:03    bob@b.example  headers  98 %\n  \
           2025-01-02 08:05      (no sender)  headers  66 %  new topic under old headers: Party (joins another thread)\n  \
           2025-01-02 08:04  (no sender)\n\n\
         5 mails, nothing wrong with them\n\
         threads     1, the longest of 4 mails; 1 mail stands alone\n\
         verdict     none 3, matched 2\n\
         by method   headers 2\n\
         matched as  new topic under old headers 1, reply 1\n"
    );
    let all = scratch.correlate(&["--all", "box"]);
    assert!(all.out.contains("\nalone\n  2025-01-02 08:02  (no sender)\n\n"), "{all:?}");
    let summary = scratch.correlate(&["--format=summary", "box"]);
    summary.says(0, &[]);
    assert!(summary.out.starts_with("5 mails, nothing wrong with them\nverdict "), "{summary:?}");
    let told = scratch.correlate(&["--explain", "3@a.example", "box"]);
    assert_eq!(
        told.out,
        "<3@a.example>\n\
         matched by headers (reply, 98 %): In-Reply-To names the mail; the subject is the same\n\n  \
           for      In-Reply-To names the mail\n  \
           for      the subject is the same\n  \
           found    <1@a.example> of 2025-01-02 08:01, by headers, 98 %\n"
    );
}

#[test]
fn the_order_of_methods_is_the_users() {
    let scratch = Scratch::with(
        "box",
        mail(1, "Subject: a CRM:0001001\n")
            + &mail(2, "Subject: b\n")
            + &mail(3, "Subject: CRM:0001001\nIn-Reply-To: <2@a.example>\n"),
    );
    for (methods, method, matched) in [
        ("token,headers", "token", FIRST),
        ("headers,token", "headers", SECOND),
        ("smart", "", None),
    ] {
        let (lines, _) = scratch.lines(&["--methods", methods, "box"], &[FIRST, SECOND, THIRD]);
        assert_eq!(lines[2]["method"].as_str().unwrap_or(""), method);
        assert_eq!(lines[2]["matched"].as_str(), matched);
    }
}

/// The first mails of the bundled mailbox by date, as a mailbox in this order: the first half is
/// then what was there first.
fn by_date(mails: usize) -> Vec<String> {
    let bundled = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/mailbox.mbox");
    let mut last = chrono::DateTime::UNIX_EPOCH;
    let mut dated: Vec<_> = open(&bundled)
        .unwrap()
        .take(mails)
        .map(|found| {
            let Item::Raw(raw) = found.unwrap().item else { panic!("raw") };
            last = mail_parser::with(&raw, |message| message.date()).unwrap_or(last);
            let mut entry = b"From x Thu Jan  1 00:00:00 1970\n".to_vec();
            // As mboxrd quotes it.
            for line in raw.split_inclusive(|octet| *octet == b'\n') {
                let bare = line.iter().position(|octet| *octet != b'>').unwrap_or(0);
                if line[bare..].starts_with(b"From ") {
                    entry.push(b'>');
                }
                entry.extend_from_slice(line);
            }
            entry.push(b'\n');
            (last, entry)
        })
        .collect();
    dated.sort_by_key(|(date, _)| *date);
    // What is not UTF-8 would not be printed either.
    dated.into_iter().map(|(_, entry)| String::from_utf8_lossy(&entry).into_owned()).collect()
}

/// The summary's count of a verdict.
fn counted(summary: &str, verdict: &str) -> usize {
    let line = summary.lines().find_map(|line| line.strip_prefix("verdict ")).unwrap();
    let count = line.split(',').find_map(|count| count.trim().strip_prefix(verdict));
    count.map_or(0, |count| count.trim().parse().unwrap())
}

const EARLIER: &str = "filed by an earlier run";

/// Two runs over the same mails with everything in the store already.
#[track_caller]
fn is_complete(scratch: &Scratch, store: &str, mailbox: &str, distinct: usize) {
    let again = scratch.correlate(&["--store", store, mailbox]);
    again.says(0, &[]);
    assert_eq!(counted(&again.out, EARLIER), distinct, "{again:?}");
    assert_eq!([counted(&again.out, "none"), counted(&again.out, "matched")], [0, 0]);
}

#[test]
fn a_second_run_continues_where_the_first_stopped() {
    const MAILS: usize = 400;
    let mails = by_date(MAILS);
    let (half, copies) = (mails[..MAILS / 2].concat(), mails[..3].concat());
    let scratch = Scratch::with("half", half).and("all", mails.concat() + &copies);
    let run = |store: &str, mailbox: &str| {
        let ended = scratch.correlate(&["--format=jsonl", "--store", store, mailbox]);
        ended.says(0, &[]);
        (ended.out.lines().map(str::to_owned).collect::<Vec<_>>(), ended.err)
    };
    let (single, told) = run("redb:single", "all");
    assert_eq!(single.len(), MAILS + 3);
    assert_eq!(counted(&told, EARLIER), 0);
    let duplicates = counted(&told, "duplicate");
    assert!(duplicates >= 3, "{told}");

    let (first, told) = run("redb:twice", "half");
    assert_eq!(first, single[..MAILS / 2]);
    let filed = MAILS / 2 - counted(&told, "duplicate");
    let (second, told) = run("redb:twice", "all");
    assert_eq!(second[MAILS / 2..], single[MAILS / 2..]);
    assert_eq!(counted(&told, EARLIER), filed, "{told}");
    assert_eq!(counted(&told, "duplicate"), duplicates, "{told}");
    for line in &second[..MAILS / 2] {
        let line: Value = serde_json::from_str(line).unwrap();
        let method = if line["message_id"].is_null() { "octets" } else { "message-id" };
        assert_eq!((&line["method"], &line["matched"]), (&method.into(), &line["message_id"]));
    }
    for store in ["redb:single", "redb:twice"] {
        is_complete(&scratch, store, "all", MAILS + 3 - duplicates);
    }
    // In memory nothing is left, and nothing else is found.
    let (memory, _) = run("memory", "all");
    let unlike: Vec<_> = memory.iter().zip(&single).filter(|(a, b)| a != b).collect();
    assert_eq!(unlike, []);
}

#[test]
fn a_run_that_was_killed_is_completed_by_the_next() {
    // More lines than a pipe holds: nobody reads them, so that the run stops in the middle.
    let mails = by_date(600);
    let scratch = Scratch::with("all", mails.concat());
    let args = ["--format=jsonl", "--store", "redb:store", "all"];
    let single = scratch.correlate(&["--format=jsonl", "all"]);
    single.says(0, &[]);
    let distinct = mails.len() - counted(&single.err, "duplicate");
    let mut child = scratch
        .command("correlate_mailbox", &args)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut printed = BufReader::with_capacity(1, child.stdout.take().unwrap());
    let mut line = String::new();
    printed.read_line(&mut line).unwrap();
    assert_eq!(Some(line.trim_end()), single.out.lines().next());

    let busy = scratch.correlate(&args);
    busy.says(2, &["correlate_mailbox: ", "store: another process has it open"]);
    assert_eq!(busy.out, "");

    assert!(child.try_wait().unwrap().is_none(), "it is still at it");
    child.kill().unwrap();
    child.wait().unwrap();
    drop(printed);
    let rest = scratch.correlate(&args);
    rest.says(0, &[]);
    let before = counted(&rest.err, EARLIER);
    assert!((1..distinct).contains(&before), "{}", rest.err);
    let lines: Vec<_> = rest.out.lines().collect();
    assert_eq!(lines.len(), mails.len());
    for (line, single) in lines.iter().zip(single.out.lines()) {
        let duplicate = line.contains("\"message-id\"") || line.contains("\"octets\"");
        assert!(duplicate || *line == single, "{line}\n{single}");
    }
    is_complete(&scratch, "redb:store", "all", distinct);
}

#[test]
fn mails_of_an_earlier_run_have_their_names() {
    let person = "From: Ann <ann@a.example>\nTo: bob@b.example\nSubject: Spring offer\n";
    let answer = "From: bob@b.example\nTo: ann@a.example\nSubject: AW: Spring offer\n";
    let answer_to = |number: usize, to: usize| {
        mail(number, &format!("{answer}In-Reply-To: <{to}@a.example>\n"))
    };
    let nameless = mail(5, "Subject: none\n").replace("Message-ID: <5@a.example>\n", "");
    let scratch = Scratch::with("first", mail(1, person) + &answer_to(2, 1) + &nameless)
        .and("second", answer_to(3, 2) + &nameless + &mail(4, "Subject: alone\n"));
    let first = scratch.correlate(&["--store", "redb:store", "first"]);
    first.says(0, &[]);
    assert!(first.out.starts_with("Spring offer (2 mails)\n"), "{first:?}");

    let told = scratch.correlate(&["--store=redb:store", "--explain", "2@a.example", "first"]);
    assert_eq!(
        told.out,
        "<2@a.example>\n\
         filed already under the same Message-ID\n\n  \
           then     matched by headers (reply, 99 %): In-Reply-To names the mail; the subject is the same; smart agrees\n  \
           found    <1@a.example>\n"
    );
    let second = scratch.correlate(&["--store", "redb:store", "second"]);
    second.says(0, &[]);
    assert_eq!(
        second.out,
        "Spring offer (3 mails, 2 filed by an earlier run)\n  \
           2025-01-02 08:01  ann@a.example\n  \
           2025-01-02 08:02    bob@b.example    headers  99 %\n  \
           2025-01-02 08:03      bob@b.example  headers  99 %\n\n\
         3 mails, 1 defect in a mail\n\
         threads     1, the longest of 3 mails; 1 mail stands alone\n\
         verdict     filed by an earlier run 1, matched 1, none 1\n\
         by method   headers 1\n\
         matched as  reply 1\n"
    );
    let scratch = scratch.and("third", answer_to(6, 3) + &nameless);
    let told = scratch.correlate(&["--store=redb:store", "--explain", "6@a.example", "third"]);
    let found = "  found    <3@a.example> of 2025-01-02 08:03, by headers, 98 %\n           \
                 in the conversation that began with <1@a.example>\n";
    assert!(told.out.ends_with(found), "{told:?}");
    let (lines, _) = scratch.lines(
        &["--store=redb:store", "third", "second"],
        &[Some("6@a.example"), None, THIRD, None, Some("4@a.example")],
    );
    let methods: Vec<_> = lines.iter().map(|line| line["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["message-id", "octets", "message-id", "octets", "message-id"]);
    assert_eq!(lines[1]["evidence"][1], "the email activity is the same");
}

#[test]
fn a_store_that_cannot_be_used_is_named() {
    let scratch = Scratch::with("good.mbox", mail(1, "Subject: Offer\n") + &reply(2, 1))
        .and("text", "no store ".repeat(1_000));
    for (store, expected) in [
        ("redb:text", "opening the store: the store cannot be read: text: "),
        ("redb:missing/store", "opening the store: the store failed: missing/store: "),
        ("redb:.", "opening the store: "),
    ] {
        let ended = scratch.correlate(&["--store", store, "good.mbox"]);
        ended.says(2, &["correlate_mailbox: ", expected]);
        assert_eq!(ended.out, "", "{ended:?}");
    }
    assert_eq!(fs::read(scratch.0.join("text")).unwrap(), "no store ".repeat(1_000).as_bytes());
}

/// The keys of this store are by another version of folding.
fn outdate(store: &Path) {
    use redb::ReadableTable;

    const META: redb::TableDefinition<'_, &str, &[u8]> = redb::TableDefinition::new("correspond");
    let database = redb::Database::open(store).unwrap();
    let write = database.begin_write().unwrap();
    {
        let mut meta = write.open_table(META).unwrap();
        let mut stamp = meta.get("stamp").unwrap().unwrap().value().to_vec();
        stamp[0] += 1;
        meta.insert("stamp", stamp.as_slice()).unwrap();
    }
    write.commit().unwrap();
}

#[test]
fn an_outdated_store_is_made_anew() {
    let box_of_two = mail(1, "Subject: Offer\n") + &reply(2, 1) + &mail(3, "Subject: x\n");
    let scratch = Scratch::with("two.mbox", &box_of_two).and("more.mbox", reply(4, 3));
    let args = ["--store", "redb:store", "two.mbox"];
    let ids = [FIRST, SECOND, THIRD];
    let (lines, _) = scratch.lines(&args, &ids);
    outdate(&scratch.0.join("store"));
    let ended = scratch.correlate(&args);
    ended.says(2, &["the store has to be rebuilt: store: ", "--store redb:store --rebuild"]);
    assert_eq!(ended.err.matches("keys were made by version").count(), 1, "{ended:?}");

    let (again, ended) = scratch.lines(&[&args[..], &["--rebuild"]].concat(), &ids);
    assert_eq!(again, lines);
    assert_eq!(counted(&ended.err, EARLIER), 0, "{ended:?}");
    let (more, _) = scratch.lines(&["--store", "redb:store", "more.mbox"], &[Some("4@a.example")]);
    assert_eq!(more[0]["matched"], "3@a.example");
    is_complete(&scratch, "redb:store", "two.mbox", 3);
}

#[test]
fn normalize_answers_line_by_line() {
    let scratch = Scratch::new();
    let input =
        b"\"Re: AW: Offer\"\nRe: no JSON\n5\n\n\"\xFF\"\n\"FW: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\"";
    let ended = scratch.run("normalize", &["subject"], input);
    ended.says(0, &[]);
    let lines: Vec<Value> =
        ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&lines[0]["base"], &lines[0]["reply"]), (&"Offer".into(), &true.into()));
    assert_eq!(lines[0]["prefixes"], serde_json::json!(["Re", "AW"]));
    for (at, line) in lines.iter().enumerate().take(5).skip(1) {
        let error = line["error"].as_str().unwrap();
        assert!(error.starts_with("expected a JSON string: "), "line {at}: {error}");
    }
    assert_eq!((&lines[5]["base"], &lines[5]["forward"]), (&"Grüße".into(), &true.into()));
    assert_eq!(lines.len(), 6);

    let token = r#"{"tokens":[{"counter":345,"designator":0,"end":14,"start":2,"text":"crm: 0012345","user":12}]}"#;
    let [rfc, formats] = ["--rfc5256", "--format=A/B/100/3/4"];
    for (args, input, expected) in [
        (&["subject", rfc][..], r#""[tag] Re: a""#, r#"{"base":"a","forward":false,"#),
        (&["token"], r#""x crm: 0012345 y""#, token),
        (&["token"], r#""none""#, r#"{"tokens":[]}"#),
        (
            &["token", formats, "--format", "X-/0/1/2"],
            r#""x-0123 a/b01010002""#,
            r#"{"tokens":[{"counter":23,"#,
        ),
        (&["address"], r#""Ann@EXÄMPLE.test""#, r#"{"canonical":"ann@xn--exmple-cua.test","#),
        (&["address", "--strict"], r#""Ann@Example.test""#, r#"{"canonical":"Ann@example.test","#),
        (&["address"], r#""no address""#, r#"{"error":"#),
    ] {
        let ended = scratch.run("normalize", args, input.as_bytes());
        ended.says(0, &[]);
        assert!(ended.out.starts_with(expected), "{args:?}: {}", ended.out);
    }
    for (args, expected) in [
        (&[][..], "expected subject, token or address"),
        (&["name"], "expected subject, token or address, found \"name\""),
        (&["subject", "--all"], "expected --rfc5256 or nothing, found \"--all\""),
        (&["token", "--format", "CRM:"], "/USER_DIGITS/COUNTER_DIGITS, found \"CRM:\""),
        (&["token", "--format", "/0/3/3"], "\"/0/3/3\": "),
    ] {
        scratch.run("normalize", args, b"").says(2, &["normalize: ", expected]);
    }
}

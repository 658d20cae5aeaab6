//! The examples' ground: how mails are found in the user's files, and the bundled mailbox.
#![cfg(test)]

#[path = "../../examples/generate_mailbox/main.rs"]
#[allow(dead_code, reason = "the program around it is not run")]
mod generate_mailbox;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::support::input::{Item, Problem, open};
use crate::support::json_lines::JsonLines;
use crate::support::mbox::{Mbox, is_postmark};
use generate_mailbox::{Options, generate};

const POSTMARK: &str = "From a@tidewell.example Thu Jan  2 08:00:00 2025\n";

/// A directory of this test's own, empty.
fn directory(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mailbox").join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

fn file(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = directory(name).join(name);
    fs::write(&path, content).unwrap();
    path
}

fn packed(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Every mail as text, every problem as its message, without the directory.
fn read(path: &Path) -> Vec<Result<String, String>> {
    let found = open(path).unwrap();
    found
        .map(|item| match item {
            Ok(found) => Ok(match found.item {
                Item::Raw(mail) => String::from_utf8_lossy(&mail).into_owned(),
                Item::Line(line) => line,
            }),
            Err(problem) => Err(message(&problem)),
        })
        .collect()
}

fn message(problem: &Problem) -> String {
    let directory = format!("{}/", problem.at.file.parent().unwrap().display());
    problem.to_string().replace(&directory, "")
}

fn mbox(text: &str) -> Mbox<Cursor<Vec<u8>>> {
    Mbox::new(Arc::from(Path::new("dir/box")), Cursor::new(text.as_bytes().to_vec()), 0)
}

fn mails(mbox: Mbox<Cursor<Vec<u8>>>) -> Vec<Result<String, String>> {
    mbox.map(|item| match item {
        Ok(found) => match found.item {
            Item::Raw(mail) => Ok(String::from_utf8(mail).unwrap()),
            Item::Line(line) => Ok(line),
        },
        Err(problem) => Err(message(&problem)),
    })
    .collect()
}

#[test]
fn a_postmark_has_a_date() {
    for line in [
        "From a@b.example Thu Jan  2 08:00:00 2025",
        "From - Thu Jan 02 08:00:00 2025\r\n",
        "From MAILER-DAEMON Thu Jan  2 08:00 2025",
        "From 18@xxx Thu Jan 02 08:00:00 +0000 2025",
        "From a@b.example Thu Jan  2 08:00:00 CET 2025",
        "From \"Arlen Ashbrook\"@b.example  Thu Jan  2 08:00:00 2025 remote from host",
    ] {
        assert!(is_postmark(line.as_bytes()), "{line}");
    }
    for line in [
        "From here on the figures are estimates.",
        "From Monday on, Thu Jan 2 is free",
        "From: a@b.example",
        "From a@b.example 2025-01-02",
        ">From a@b.example Thu Jan  2 08:00:00 2025",
        "from a@b.example Thu Jan  2 08:00:00 2025",
        "From ",
    ] {
        assert!(!is_postmark(line.as_bytes()), "{line}");
    }
    assert!(!is_postmark(format!("From {}{POSTMARK}", "x ".repeat(5_000)).as_bytes()));
}

#[test]
fn mails_are_split_at_postmarks_after_blank_lines_only() {
    let text = format!(
        "{POSTMARK}Subject: a\n\nFrom here on.\n\nFrom there on.\n{POSTMARK}no blank before\n\n\
         {POSTMARK}Subject: b\n\n{POSTMARK}Subject: c\r\n\r\nline\r\n\r\n"
    );
    assert_eq!(
        mails(mbox(&text)),
        [
            Ok(format!(
                "Subject: a\n\nFrom here on.\n\nFrom there on.\n{POSTMARK}no blank before\n"
            )),
            // Without a body: the blank line that ends the header is the mail's own.
            Ok("Subject: b\n".into()),
            Ok("Subject: c\r\n\r\nline\r\n".into()),
        ]
    );
}

#[test]
fn positions_count_mails_and_bytes() {
    let text = format!("\n{POSTMARK}Subject: a\n\none\n\n{POSTMARK}Subject: b\n\ntwo");
    for found in mbox(&text) {
        let found = found.unwrap();
        let Item::Raw(mail) = found.item else { panic!("raw") };
        let start = usize::try_from(found.at.offset).unwrap();
        let (before, after) = text.split_at(start);
        assert!(after.as_bytes().starts_with(&mail), "{:?}", found.at);
        assert_eq!(before.matches("From ").count(), found.at.ordinal);
    }
}

#[test]
fn one_level_of_quoting_goes() {
    let text = format!("{POSTMARK}S: a\n\n>From x\n>>From y\n> From z\n>Fromage\n");
    assert_eq!(mails(mbox(&text)), [Ok("S: a\n\nFrom x\n>From y\n> From z\n>Fromage\n".into())]);
    let kept = mails(mbox(&text).keep_quoted());
    assert_eq!(kept, [Ok("S: a\n\n>From x\n>>From y\n> From z\n>Fromage\n".into())]);
}

#[test]
fn a_mailbox_that_breaks_off_gives_its_last_mail() {
    let text = format!("{POSTMARK}Subject: a\n\none\n\n{POSTMARK}Subject: b\nX-Cut: in the mid");
    assert_eq!(
        mails(mbox(&text)),
        [Ok("Subject: a\n\none\n".into()), Ok("Subject: b\nX-Cut: in the mid".into())]
    );
    assert_eq!(mails(mbox(POSTMARK)), [Ok(String::new())]);
    assert_eq!(mails(mbox("")), []);
    assert_eq!(mails(mbox("\n\n")), []);
}

#[test]
fn what_stands_before_the_first_postmark_is_reported() {
    let text = format!("garbage\nmore\n\n{POSTMARK}Subject: a\n\none\n");
    assert_eq!(
        mails(mbox(&text)),
        [
            Err("box: mail 0, byte 0: expected a mailbox that begins with a `From ` line, \
                 found 14 bytes of something else; left out"
                .into()),
            Ok("Subject: a\n\none\n".into())
        ]
    );
    assert_eq!(mails(mbox("garbage")).len(), 1);
}

#[test]
fn a_mail_over_the_limit_is_cut_and_the_next_one_read() {
    let long = format!("Subject: a\n\n{}\n{}\n", "x".repeat(90), "y".repeat(90));
    let text = format!("{POSTMARK}{long}\n{POSTMARK}Subject: b\n");
    assert_eq!(
        mails(mbox(&text).with_limit(100)),
        [
            Ok(long.split_at(100).0.into()),
            Err("box: mail 1, byte 49: expected a mail of at most 100 bytes, found 195; \
                 the rest of it was left out"
                .into()),
            Ok("Subject: b\n".into())
        ]
    );
    // One line without an end, longer than the limit by far.
    let text = format!("{POSTMARK}{}", "z".repeat(1 << 20));
    let found = mails(mbox(&text).with_limit(10));
    assert_eq!(found[0], Ok("z".repeat(10)));
    assert_eq!(found.len(), 2);
}

#[test]
fn files_are_known_by_name_or_content() {
    let text = format!("{POSTMARK}Subject: a\n\none\n");
    let a = vec![Ok("Subject: a\n\none\n".to_owned())];
    assert_eq!(read(&file("plain.mbox", &text)), a);
    assert_eq!(read(&file("nameless", &text)), a);
    assert_eq!(read(&file("packed.mbox.gz", packed(text.as_bytes()))), a);
    // Two members of gzip one after the other are one file.
    let (left, right) = text.split_at(60);
    let members = [packed(left.as_bytes()), packed(right.as_bytes())].concat();
    assert_eq!(read(&file("members.gz", members)), a);
    assert_eq!(read(&file("one.eml", "Subject: a\n\none\n")), a);
    assert_eq!(read(&file("mail", "Return-Path: <>\nSubject: a\n")).len(), 1);
    assert_eq!(read(&file("lines", "{\"a\":1}\n{\"a\":2}")).len(), 2);
    assert_eq!(read(&file("empty", "")), []);
    assert_eq!(read(&file("bom.mbox", format!("\u{FEFF}{text}"))), a);
}

#[test]
fn what_is_no_mail_is_refused() {
    let path = file("picture", b"\x89PNG\r\n\x1A\n");
    assert_eq!(
        message(&open(&path).err().unwrap()),
        "picture: mail 0, byte 0: expected an mbox file, a mail, a directory of .eml files or \
         JSON header lines, found a file that begins with \"\u{FFFD}PNG\\r\\n\\u{1a}\\n\""
    );
    let missing = open(&path.with_file_name("missing")).err().unwrap();
    assert!(
        message(&missing)
            .starts_with("missing: mail 0, byte 0: expected a file or directory that can be read")
    );
}

#[test]
fn a_packed_file_that_breaks_off_gives_what_can_be_read() {
    let mut text = String::new();
    for number in 0..500 {
        // Digits that do not pack away, so that the cut falls between mails.
        let noise = number * 2_654_435_761_u64 % 1_000_000_007;
        text += &format!("{POSTMARK}Subject: {number} {noise}\n\nbody {noise}\n\n");
    }
    let whole = packed(text.as_bytes());
    let found = read(&file("cut.mbox.gz", &whole[..whole.len() * 2 / 3]));
    assert!(found.len() > 10, "{}", found.len());
    let (last, before) = found.split_last().unwrap();
    assert!(before.iter().all(Result::is_ok));
    assert_eq!(before[7], Ok(text.split(POSTMARK).nth(8).unwrap().trim_end().to_owned() + "\n"));
    let problem = last.as_ref().unwrap_err();
    assert!(problem.starts_with("cut.mbox.gz: mail "), "{problem}");
    assert!(problem.contains("expected more of the mailbox, found a failure to read it"));

    let lines = "{\"subject\":\"a\"}\n".repeat(3);
    let whole = packed(lines.as_bytes());
    let found = read(&file("cut.jsonl.gz", &whole[..whole.len() - 4]));
    assert_eq!(found.len(), 4);
    assert!(found[3].as_ref().unwrap_err().starts_with("cut.jsonl.gz: line 3, byte 48: expected"));
}

#[test]
fn a_directory_is_read_by_name_and_depth() {
    let root = directory("tree");
    fs::create_dir_all(root.join("b/inner")).unwrap();
    for (name, text) in [
        ("c.eml", "Subject: c\n"),
        ("a.eml", "Subject: a\n"),
        ("b/2.eml", "Subject: b2\n"),
        ("b/1.eml", "Subject: b1\n"),
        ("b/inner/x.eml", "Subject: bx\n"),
        ("notes.txt", "not a mail"),
    ] {
        fs::write(root.join(name), text).unwrap();
    }
    fs::write(root.join("d.eml.gz"), packed(b"Subject: d\n")).unwrap();
    let order: Vec<String> = read(&root).into_iter().map(Result::unwrap).collect();
    let subjects = ["a", "b1", "b2", "bx", "c", "d"];
    assert_eq!(order, subjects.map(|subject| format!("Subject: {subject}\n")));
    let ordinals: Vec<usize> = open(&root).unwrap().map(|it| it.unwrap().at.ordinal).collect();
    assert_eq!(ordinals, [1, 2, 3, 4, 5, 6]);

    let deep = directory("deep");
    let bottom = deep.join("1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17");
    fs::create_dir_all(&bottom).unwrap();
    fs::write(bottom.join("lost.eml"), "Subject: lost\n").unwrap();
    fs::write(bottom.with_file_name("seen.eml"), "Subject: seen\n").unwrap();
    assert_eq!(
        read(&deep),
        [
            Err("17: mail 1, byte 0: expected at most 16 directories inside each other, \
                 found one more"
                .into()),
            Ok("Subject: seen\n".to_owned()),
        ]
    );
}

#[test]
fn header_lines_that_cannot_be_read_have_a_place() {
    let mut content = b"{\"subject\": \"a\"}\n\n{\"subject\": \"b\"\n{\"subject\": \"".to_vec();
    content.extend_from_slice(b"\xFF\"}\r\n{\"subject\": 7}\n{\"subject\": \"z\"}");
    let path = file("lines.jsonl", content);
    #[derive(serde::Deserialize)]
    struct Row {
        subject: String,
    }
    let rows: Vec<Result<String, String>> = open(&path)
        .unwrap()
        .map(|item| item.and_then(|found| found.json::<Row>()).map(|row| row.subject))
        .map(|row| row.map_err(|problem| message(&problem)))
        .collect();
    assert_eq!(
        rows,
        [
            Ok("a".into()),
            Err("lines.jsonl: line 3, byte 18: expected a JSON object a line, \
                 found EOF while parsing an object at column 15"
                .into()),
            Err("lines.jsonl: line 4, byte 47: expected UTF-8 text, \
                 found the byte 0xFF; the line was left out"
                .into()),
            Err("lines.jsonl: line 5, byte 52: expected a JSON object a line, \
                 found invalid type: integer `7`, expected a string at column 13"
                .into()),
            Ok("z".into()),
        ]
    );
}

#[test]
fn a_line_over_the_limit_is_left_out() {
    let text = format!("{{\"a\":\"{}\"}}\n{{\"b\":1}}\n", "x".repeat(1_000));
    let lines = JsonLines::new(Arc::from(Path::new("dir/l")), Cursor::new(text.into_bytes()), 0);
    let found: Vec<_> = lines
        .with_limit(100)
        .map(|item| item.map(|found| found.at.line).map_err(|problem| message(&problem)))
        .collect();
    assert_eq!(
        found,
        [
            Err("l: line 1, byte 0: expected a line of at most 100 bytes, \
                 found 1009; the line was left out"
                .into()),
            Ok(Some(2))
        ]
    );
}

fn bundled() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data")
}

#[test]
fn the_bundled_mailbox_is_what_the_generator_writes() {
    let (mut mbox, mut truth) = (Vec::new(), Vec::new());
    generate(Options::default(), &mut mbox, &mut truth).unwrap();
    let command = "cargo run --example generate_mailbox -- examples/data";
    assert!(mbox == fs::read(bundled().join("mailbox.mbox")).unwrap(), "run `{command}`");
    assert!(truth == fs::read(bundled().join("mailbox.truth.tsv")).unwrap(), "run `{command}`");
}

#[test]
fn other_seeds_and_sizes_give_other_mailboxes() {
    let with = |options| {
        let mut mbox = Vec::new();
        generate(options, &mut mbox, std::io::sink()).unwrap();
        mbox
    };
    let base = Options { mails: 50, ..Options::default() };
    let plain = with(base);
    assert_ne!(plain, with(Options { seed: 7, ..base }));
    let filled = with(Options { body_kb: 8, ..base });
    let mean = filled.len() / 50;
    assert!((6_000..10_000).contains(&mean), "{mean}");
    assert_eq!(with(Options { mails: 0, ..base }), b"");
}

#[test]
fn the_truth_fits_the_mailbox() {
    let truth = fs::read_to_string(bundled().join("mailbox.truth.tsv")).unwrap();
    let rows: Vec<Vec<&str>> =
        truth.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    let found: Vec<_> =
        open(&bundled().join("mailbox.mbox")).unwrap().map(Result::unwrap).collect();
    assert_eq!((rows.len(), found.len()), (2_000, 2_000));
    let threads: HashMap<&str, &str> = rows.iter().map(|row| (row[0], row[1])).collect();
    let mut kinds = HashSet::new();
    let mut methods: HashMap<&str, usize> = HashMap::new();
    for (row, found) in rows.iter().zip(&found) {
        let &[id, thread, parent, kind, method, traits, ordinal] = row.as_slice() else {
            panic!("seven columns: {row:?}")
        };
        assert_eq!(ordinal, found.at.ordinal.to_string());
        let Item::Raw(mail) = &found.item else { panic!("raw") };
        let mail = String::from_utf8_lossy(mail);
        if id.is_empty() {
            assert!(!mail.contains("\nMessage-ID:"), "{row:?}");
        } else {
            assert!(mail.contains(&format!("\nMessage-ID: <{id}>\n")), "{row:?}");
        }
        assert!(parent.is_empty() || threads[parent] == thread, "{row:?}");
        if method == "headers" {
            let named = ["\nIn-Reply-To: ", "\nReferences: "].iter().any(|it| mail.contains(it));
            assert_ne!(named, traits.contains("id-in-report"), "{row:?}");
        }
        if method == "thread-index" {
            assert!(mail.contains("\nThread-Index: ") && !mail.contains("\nReferences: "));
        }
        kinds.insert(kind);
        *methods.entry(method).or_default() += 1;
    }
    for kind in [
        "root",
        "reply",
        "forward",
        "new-topic",
        "auto-reply",
        "bounce",
        "list",
        "hard-negative",
        "stranger",
    ] {
        assert!(kinds.contains(kind), "{kind}");
    }
    for method in ["headers", "token", "thread-index", "smart", "none"] {
        assert!(methods[method] >= 10, "{methods:?}");
    }
}

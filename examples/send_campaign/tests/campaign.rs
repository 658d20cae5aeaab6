//! The program from a shell, with the bundled campaign, against a server that counts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking, in their helper functions too"
)]

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use correspond_send_campaign::counting::{CountingServer, Moment, Reply};

/// Who gets the bundled message.
const RECIPIENTS: [&str; 11] = [
    "Bo.Lindqvist@workshop.example",
    "anna.berg@harbour.example",
    "ase.hagen@valley.example",
    "carla@nunes.example",
    "family@eide.example",
    "kaethe@xn--mller-reisen-dlb.example",
    "lena@vik.example",
    "oyvind@lund.example",
    "wenche.\u{e5}s@ferie.example",
    "ylva.fjeld+boats@fjeld.example",
    "zoe@marsh.example",
];

fn program(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_send_campaign"));
    command.args(args).current_dir(dir).stdin(Stdio::null());
    command
}

struct Ended {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run(dir: &Path, args: &[&str]) -> Ended {
    let Output { status, stdout, stderr } = program(dir, args).output().unwrap();
    let text = |octets| String::from_utf8(octets).unwrap();
    Ended { code: status.code(), out: text(stdout), err: text(stderr) }
}

impl Ended {
    /// The last part of the report, in one line.
    fn sent(&self) -> String {
        let sent = self.out.split(" Sent \u{2501}").nth(1);
        let sent = sent.unwrap_or_else(|| panic!("{} {}", self.out, self.err));
        sent.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

fn message(name: &str) -> String {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/campaign");
    data.join(name).to_str().unwrap().to_owned()
}

fn recipients(server: &CountingServer) -> Vec<String> {
    let counts = server.counts();
    assert!(counts.values().all(|count| *count == 1), "{counts:?}");
    let mut recipients: Vec<_> = counts.into_keys().collect();
    recipients.sort();
    recipients
}

#[test]
fn the_bundled_campaign_goes_out_once() {
    let dir = tempfile::tempdir().unwrap();
    let server = CountingServer::start().unwrap();
    let args = ["--send", &server.url(), "--store", "redb:sent.redb", "--workers", "3"];
    let first = run(dir.path(), &args);
    assert_eq!(first.code, Some(0), "{}", first.err);
    assert!(first.sent().contains("11 mails: 11 sent."), "{}", first.out);
    assert_eq!(recipients(&server), RECIPIENTS);

    let mail = server.last("anna.berg@harbour.example").unwrap();
    for line in [
        "From: \"Tor Haugen\" <tor.haugen@fjordline.example>\r\n",
        "To: anna.berg@harbour.example\r\n",
        "Subject: Anna, the night boat is back\r\n",
        "List-Unsubscribe: <https://fjordline.example/subscriptions>\r\n",
        "Content-Type: multipart/alternative;",
        "\r\nHello Anna,\r\n",
        "<p>Hello Anna,</p>",
        "Fjordline Ferries, 1 Quay Street, Bergen\r\n",
        "What we may write to you: https://fjordline.example/subscriptions\r\n",
    ] {
        assert!(mail.contains(line), "{line:?} in {mail}");
    }

    let second = run(dir.path(), &args);
    assert_eq!(second.code, Some(0), "{}", second.err);
    assert!(second.sent().contains("11 mails: 0 sent, 11 sent before."), "{}", second.out);
    assert_eq!(recipients(&server), RECIPIENTS);
    // Another tile is another send.
    let other = message("launch_from_owner.toml");
    let third = run(dir.path(), &[&args[..], &["--message", &other]].concat());
    assert!(third.sent().contains("10 mails: 10 sent."), "{}", third.out);
    let mail = server.last("zoe@marsh.example").unwrap();
    assert!(mail.contains("<hello@fjordline.example>\r\n"), "{mail}");
    assert!(!mail.contains("Reply-To"), "{mail}");
}

/// The program is killed when the server has a mail, and it does not know that yet.
#[test]
fn what_a_crash_hid_is_in_doubt_and_sent_again_only_by_decision() {
    let dir = tempfile::tempdir().unwrap();
    let (told, has_it) = mpsc::channel();
    let (told, first) = (Mutex::new(told), Arc::new(AtomicBool::new(true)));
    let (gone, is_gone) = mpsc::channel::<()>();
    let is_gone = Mutex::new(is_gone);
    let server = CountingServer::with_plan(move |coming| {
        let zoe = coming.recipient == "zoe@marsh.example" && coming.moment == Moment::Content;
        if zoe && first.swap(false, Ordering::SeqCst) {
            told.lock().unwrap().send(()).unwrap();
            is_gone.lock().unwrap().recv_timeout(Duration::from_secs(60)).unwrap();
        }
        Reply::Accept
    })
    .unwrap();
    let url = server.url();
    let args = ["--send", &url, "--store", "redb:sent.redb", "--workers", "1"];
    let mut child = program(dir.path(), &args).stdout(Stdio::null()).spawn().unwrap();
    has_it.recv_timeout(Duration::from_secs(60)).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    gone.send(()).unwrap();

    let second = run(dir.path(), &args);
    assert_eq!(second.code, Some(1), "{}", second.err);
    let sent = second.sent();
    assert!(sent.contains("8 sent before, 3 in doubt."), "{sent}");
    assert!(sent.contains("3 are in doubt: nobody knows whether the message went out."), "{sent}");
    assert!(sent.contains("zoe@marsh.example in doubt: an earlier run claimed it at "), "{sent}");
    let third = run(dir.path(), &args);
    assert_eq!((third.code, third.sent()), (Some(1), sent), "nothing changes by itself");
    // Zoe's was counted when the server went on; the two behind hers were never handed over.
    let counts = server.counts();
    assert_eq!((counts.len(), server.total()), (9, 9), "{counts:?}");

    let too_young = run(dir.path(), &[&args[..], &["--take-over", "60"]].concat());
    assert_eq!(too_young.code, Some(1), "{}", too_young.err);
    assert_eq!(server.total(), 9, "{}", too_young.sent());
    let decided = run(dir.path(), &[&args[..], &["--take-over", "0"]].concat());
    assert_eq!(decided.code, Some(0), "{}", decided.err);
    let sent = decided.sent();
    assert!(sent.contains("3 sent, 8 sent before; 3 were in doubt and taken over."), "{sent}");
    let counts = server.counts();
    assert_eq!((counts.len(), server.total()), (11, 12), "{counts:?}");
    assert_eq!(counts["zoe@marsh.example"], 2);
}

#[test]
fn who_was_refused_is_named_and_asked_for_again() {
    let dir = tempfile::tempdir().unwrap();
    let first = AtomicBool::new(true);
    let server = CountingServer::with_plan(move |coming| {
        let carla = coming.recipient == "carla@nunes.example";
        if carla && first.swap(false, Ordering::SeqCst) { Reply::Refuse } else { Reply::Accept }
    })
    .unwrap();
    let args = ["--send", &server.url(), "--store", "redb:sent.redb"];
    let ended = run(dir.path(), &args);
    assert_eq!(ended.code, Some(1), "{}", ended.err);
    let sent = ended.sent();
    assert!(
        sent.contains("11 mails: 10 sent, 1 refused. carla@nunes.example refused at RCPT: "),
        "{sent}"
    );
    let json = run(dir.path(), &[&args[..], &["--format", "jsonl"]].concat());
    assert_eq!(json.code, Some(0), "{}", json.err);
    let last = json.out.lines().last().unwrap();
    let last: serde_json::Value = serde_json::from_str(last).unwrap();
    assert_eq!((&last["sent"], &last["sent_before"]), (&1.into(), &10.into()), "{last}");
    assert_eq!(recipients(&server), RECIPIENTS);
}

#[test]
fn a_message_with_an_error_is_not_sent() {
    let dir = tempfile::tempdir().unwrap();
    let server = CountingServer::start().unwrap();
    let (url, wrong) = (server.url(), message("launch_with_errors.toml"));
    let args = ["--send", &url, "--store", "redb:sent.redb", "--message", &wrong];
    let ended = run(dir.path(), &args);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("nothing was sent: an error keeps the message from going live"));
    assert!(ended.out.contains("It cannot go live: "), "{}", ended.out);
    assert_eq!(server.total(), 0);
    assert!(!dir.path().join("sent.redb").exists());
    // Without a server it is the report alone.
    let prepared = run(dir.path(), &["--message", &wrong]);
    assert_eq!((prepared.code, prepared.out), (Some(0), ended.out));
}

#[test]
fn what_cannot_be_used_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let launch = std::fs::read_to_string(message("launch.toml")).unwrap();
    let write = |name: &str, text: String| std::fs::write(dir.path().join(name), text).unwrap();
    write("other.toml", launch.replace("{{contact.emailaddress1}}", "{{contact.emailaddress2}}"));
    write("column.toml", launch.replace("{{contact.firstname}},", "{{contact.pet}},"));
    let files = "[[attachments]]\nname = \"a.pdf\"\nbytes = 1\n";
    write("file.toml", launch + files);
    write("text", "no store ".repeat(1_000));
    let server = CountingServer::start().unwrap();
    let url = server.url();
    for (args, said) in [
        (&["--send", "smtps://a.example"][..], "--send: SMTP server: expected smtp://HOST[:PORT]"),
        (&["--store", "disk"], "--store: expected memory, redb:FILE or postgres:URL, found"),
        (&["--workers", "0"], "--workers: expected a number from 1 to 256, found \"0\""),
        (&["--bounces", "nobody"], "--bounces: "),
        (&["--take-over"], "--take-over: expected a value"),
        (&["--take-over=yes"], "--take-over: expected minutes from 0 to 5270400, found \"yes\""),
        (&["--take-over", "-1"], "--take-over: expected minutes from 0 to 5270400, found \"-1\""),
        (&["--send"], "--send: expected a value"),
        (&["--all"], "expected an option, found \"--all\""),
        (&["--send", &url, "--message", "other.toml"], "to: expected {{contact.emailaddress1}}"),
        (
            &["--send", &url, "--message", "column.toml"],
            "subject for line 2: expected a column of the contacts, found {{contact.pet}}",
        ),
        (&["--send", &url, "--message", "file.toml"], "attachments: expected none"),
        (&["--send", &url, "--store", "redb:text"], "opening the store: "),
        (&["--send", "smtp://127.0.0.1:1"], "the SMTP server cannot be reached"),
    ] {
        let ended = run(dir.path(), args);
        assert_eq!(ended.code, Some(2), "{args:?}: {}", ended.err);
        assert!(ended.err.contains(said), "{args:?}: {}", ended.err);
    }
    assert_eq!(server.total(), 0);
}

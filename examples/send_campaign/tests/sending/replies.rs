//! What a server may say, and what becomes of the mails then.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use correspond_send_campaign::{Command, Outcome, OutgoingMail, SendError, Sending};

use super::{SCOPE, TENANT, address, doubtful, mail, memory, run};

/// A server that says what it is told to.
struct Scripted {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
}

/// What it says to a line on the connection of this number, or as ever. The line is empty for the greeting,
/// and `.` behind a content.
type Script = dyn Fn(&str, usize) -> Option<&'static str> + Send + Sync;

impl Scripted {
    fn start(script: impl Fn(&str, usize) -> Option<&'static str> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let server = Self { address: listener.local_addr().unwrap(), heard: Arc::default() };
        let (heard, script): (_, Arc<Script>) = (server.heard.clone(), Arc::new(script));
        // They end with the test.
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let (heard, script) = (heard.clone(), script.clone());
                thread::spawn(move || talk(&stream.unwrap(), number, &heard, &*script));
            }
        });
        server
    }

    /// One worker, so that the mails come in order.
    fn sending(&self) -> Sending {
        let url = format!("smtp://{}", self.address);
        let mut sending = Sending::new(TENANT, SCOPE, url.parse().unwrap(), 1 << 16);
        sending.workers = 1;
        sending.pause = Duration::from_millis(1);
        sending
    }

    fn heard(&self, verb: &str) -> usize {
        self.heard.lock().unwrap().iter().filter(|line| line.starts_with(verb)).count()
    }
}

fn talk(stream: &TcpStream, number: usize, heard: &Mutex<Vec<String>>, script: &Script) {
    let mut lines = BufReader::new(stream).lines();
    let (mut line, mut content) = (String::new(), false);
    loop {
        let usual = match line.split(' ').next().unwrap() {
            "" => "220 scripted.example",
            "EHLO" => "250-scripted.example\r\n250-8BITMIME\r\n250 SMTPUTF8",
            "DATA" => "354 go on",
            "QUIT" => "221 bye",
            _ => "250 ok",
        };
        let reply = if content { None } else { Some(script(&line, number).unwrap_or(usual)) };
        content |= reply.is_some_and(|reply| line == "DATA" && reply.starts_with("354"));
        if let Some(reply) = reply {
            let mut to = stream;
            if write!(to, "{reply}\r\n").is_err() || reply.starts_with("421") {
                return;
            }
        }
        let Some(Ok(next)) = lines.next() else { return };
        line = next;
        content &= line != ".";
        if !content {
            heard.lock().unwrap().push(line.clone());
        }
    }
}

/// A server that closes the connection, as after so many mails or so long a silence, says nothing about
/// the recipient: the mail goes through the next connection.
#[test]
fn a_server_that_closes_is_called_again() {
    for at in ["MAIL", "RCPT", "DATA"] {
        let server = Scripted::start(move |line, number| {
            (number == 0 && line.starts_with(at)).then_some("421 4.4.2 idle for too long")
        });
        let (report, told) = run(&memory(), server.sending(), (0..3).map(mail));
        assert_eq!(report.unwrap().sent, 3, "{at}: {told:?}");
        assert_eq!(server.heard("EHLO"), 2, "{at}");
    }
}

/// One that always does is not there: nobody is passed over for it.
#[test]
fn a_server_that_always_closes_stops_the_run() {
    let server = Scripted::start(|line, _| line.starts_with("MAIL").then_some("421 4.3.2 down"));
    let store = memory();
    let (report, told) = run(&store, server.sending(), (0..1_000).map(mail));
    let Err(SendError::Server(why)) = report else { panic!("{report:?}") };
    assert!(why.contains("421"), "{why}");
    assert!(told.len() < 1_000 && doubtful(&store).is_empty());
}

/// Behind the content it says that the mail was not taken over.
#[test]
fn a_server_that_closes_behind_the_content_has_not_taken_it() {
    let server = Scripted::start(|line, number| (number == 0 && line == ".").then_some("421 no"));
    let store = memory();
    let (report, told) = run(&store, server.sending(), (0..3).map(mail));
    let report = report.unwrap();
    assert_eq!((report.sent, report.deferred, report.total()), (2, 1, 3), "{told:?}");
    let Outcome::Deferred { refusal } = &told[&address(0)] else { panic!("{told:?}") };
    assert_eq!((refusal.at, refusal.code), (Command::Content, 421));
    assert_eq!((doubtful(&store), server.heard("RSET")), (vec![], 0));
}

#[test]
fn a_server_that_greets_with_a_refusal_stops_the_run() {
    let server = Scripted::start(|line, _| line.is_empty().then_some("554 5.7.1 not from there"));
    let store = memory();
    let (report, told) = run(&store, server.sending(), (0..100).map(mail));
    let Err(SendError::Server(why)) = report else { panic!("{report:?}") };
    assert!(why.contains("554") && why.contains("not from there"), "{why}");
    assert!(told.values().all(|outcome| *outcome == Outcome::Untried), "{told:?}");
    assert_eq!((doubtful(&store), server.heard("MAIL")), (vec![], 0));
}

/// An international address needs SMTPUTF8 (RFC 6531, section 3.1); the others go through the same
/// connection.
#[test]
fn a_server_that_takes_no_international_address_gets_none() {
    let server = Scripted::start(|line, _| {
        line.starts_with("EHLO").then_some("250-scripted.example\r\n250 8BITMIME")
    });
    let store = memory();
    let abroad = OutgoingMail { to: "\u{e5}sa@home.example".into(), ..mail(1) };
    let (report, told) = run(&store, server.sending(), [mail(0), abroad, mail(2)]);
    let report = report.unwrap();
    assert_eq!((report.sent, report.unfit), (2, 1), "{told:?}");
    assert_eq!((server.heard("EHLO"), server.heard("MAIL")), (1, 2));
    assert_eq!(doubtful(&store), []);
}

/// All lines of it (RFC 5321, section 4.2.1), and the connection stays.
#[test]
fn a_refusal_of_several_lines_is_one() {
    let server = Scripted::start(|line, _| {
        line.starts_with("RCPT TO:<1@")
            .then_some("550-5.1.1 no such mailbox\r\n550-5.1.1 ask\r\n550 5.1.1 at the desk")
    });
    let (report, told) = run(&memory(), server.sending(), (0..3).map(mail));
    let report = report.unwrap();
    assert_eq!((report.sent, report.refused), (2, 1));
    let Outcome::Refused { refusal } = &told[&address(1)] else { panic!("{told:?}") };
    assert_eq!((refusal.at, refusal.code), (Command::Recipient, 550));
    assert!(refusal.reply.contains("5.1.1 no such mailbox ask at the desk"), "{refusal}");
    assert_eq!((server.heard("EHLO"), server.heard("RSET")), (1, 1));
}

/// A refused sender says nothing about recipients: after some in a row nothing else is to be expected.
#[test]
fn a_server_that_refuses_the_sender_stops_the_run() {
    for (reply, tries) in [("550 5.7.1 not that sender", 1), ("451 4.7.1 too fast", 4)] {
        let server = Scripted::start(move |line, _| line.starts_with("MAIL").then_some(reply));
        let store = memory();
        let mut sending = server.sending();
        sending.attempts = tries;
        let (report, told) = run(&store, sending, (0..100).map(mail));
        let Err(SendError::Sender(why)) = report else { panic!("{report:?}") };
        assert!(why.starts_with("at MAIL: ") && why.contains(&reply[4..]), "{why}");
        let refused = |outcome: &&Outcome| matches!(outcome, Outcome::SenderRefused { .. });
        assert_eq!(told.values().filter(refused).count(), 2, "{told:?}");
        let untried = told.values().filter(|outcome| **outcome == Outcome::Untried).count();
        assert_eq!(untried, told.len() - 2);
        assert_eq!((server.heard("MAIL"), doubtful(&store).len()), (3 * tries as usize, 0));
    }
}

/// Nor is the run over for a sender here and there.
#[test]
fn a_sender_that_is_refused_is_told_and_the_others_go_out() {
    let server = Scripted::start(|line, _| {
        line.starts_with("MAIL FROM:<odd@").then_some("550 5.7.1 not that sender")
    });
    let mails = (0..10).map(|n| match n % 2 {
        0 => mail(n),
        _ => OutgoingMail { from: "odd@contoso.example".into(), ..mail(n) },
    });
    let (report, told) = run(&memory(), server.sending(), mails);
    let report = report.unwrap();
    assert_eq!((report.sent, report.sender_refused, report.refused), (5, 5, 0), "{told:?}");
}

/// Only what is expected at its place is a yes (RFC 5321, section 4.3.2).
#[test]
fn an_answer_out_of_turn_is_no_yes() {
    for (at, reply) in [("MAIL", "354 go on"), ("RCPT", "334 go on"), ("DATA", "250 ok")] {
        let server = Scripted::start(move |line, _| line.starts_with(at).then_some(reply));
        let store = memory();
        let (report, told) = run(&store, server.sending(), [mail(0)]);
        assert_eq!(report.unwrap().broken, 1, "{at}");
        let Outcome::Broken { why } = &told[&address(0)] else { panic!("{told:?}") };
        assert!(why.contains("out of turn"), "{why}");
        assert_eq!((server.heard("EHLO"), doubtful(&store).len()), (3, 0), "{at}");
    }
    let server = Scripted::start(|line, _| (line == ".").then_some("354 go on"));
    let store = memory();
    let (report, told) = run(&store, server.sending(), [mail(0)]);
    assert_eq!(report.unwrap().unknown, 1, "{told:?}");
    assert_eq!(doubtful(&store), [mail(0).recipient]);
}

//! The sender against a server that counts, and misbehaves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking, in their helper functions too"
)]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::claim::{RecipientKey, SendScope};
use correspond::flow::sends::{InDoubtQuery, in_doubt};
use correspond::id::{RecordId, TenantId};
use correspond::store::{AnyStore, Ledger, Store, poll_once};
use correspond_send_campaign::counting::{CountingServer, Moment, Reply};
use correspond_send_campaign::{Here, Outcome, OutgoingMail, Report, SendError, Sending, send};

#[path = "sending/replies.rs"]
mod replies;
#[path = "../../../tests/suite/sends/seat.rs"]
mod seat;
#[path = "sending/store.rs"]
mod store;

const TENANT: TenantId = TenantId::new(1);
const SCOPE: SendScope = SendScope::new(RecordId::new(7));

fn memory() -> AnyStore {
    AnyStore::new(MemoryStore::new([7; 16]))
}

fn address(n: usize) -> String {
    format!("{n}@home.example")
}

fn mail(n: usize) -> OutgoingMail {
    OutgoingMail {
        bounces: None,
        html: None,
        unsubscribe: None,
        recipient: RecipientKey::address(address(n).as_bytes()).unwrap(),
        to: address(n),
        from: "Contoso <news@contoso.example>".into(),
        reply_to: None,
        subject: format!("Number {n}"),
        body: format!("Hello {n}\r\n"),
        message_id: None,
    }
}

fn sending(server: &CountingServer, run: u128) -> Sending {
    let mut sending = Sending::new(TENANT, SCOPE, server.server(), run << 16);
    sending.pause = Duration::from_millis(1);
    sending
}

/// The report, and the outcome of each recipient that was looked at once.
fn run<S: Store + Ledger>(
    store: &S,
    sending: Sending,
    mails: impl IntoIterator<Item = OutgoingMail, IntoIter: Send>,
) -> (Result<Report, SendError>, BTreeMap<String, Outcome>) {
    let told = Mutex::new(BTreeMap::new());
    let report = send(store, &Here, sending, mails, &|mail, outcome| {
        told.lock().unwrap().insert(mail.to.clone(), outcome.clone());
    });
    (report, told.into_inner().unwrap())
}

fn doubtful(store: &AnyStore) -> Vec<RecipientKey> {
    let query = InDoubtQuery::new(SCOPE).limit(1_000);
    let page = poll_once(in_doubt(store, TENANT, &query)).unwrap().unwrap();
    page.items.into_iter().map(|claim| claim.recipient).collect()
}

fn later() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(1_000_000)
}

/// D8: and a second run sends to nobody.
#[test]
fn each_recipient_gets_one_mail() {
    let dir = tempfile::tempdir().unwrap();
    let redb = AnyStore::new(RedbStore::open(dir.path().join("ledger.redb")).unwrap());
    for (store, all) in [(memory(), 500), (redb, 100)] {
        let server = CountingServer::start().unwrap();
        // Each comes twice, and some are near enough for one part.
        let mails = || (0..all).flat_map(|n| [mail(n), mail(n / 2)]);
        let (report, _) = run(&store, sending(&server, 1), mails());
        let report = report.unwrap();
        let expected = Report { sent: all as u64, repeated: all as u64, ..Report::default() };
        assert_eq!(report, expected, "{report}");
        let (report, _) = run(&store, sending(&server, 2), mails());
        let report = report.unwrap();
        assert_eq!(
            (report.already_sent, report.total()),
            (report.total() - report.repeated, 2 * all as u64)
        );
        let counts = server.counts();
        assert_eq!((counts.len(), server.total()), (all, all as u64));
        assert_eq!(doubtful(&store), []);
    }
}

#[test]
fn the_mail_arrives_as_it_was_written() {
    let server = CountingServer::start().unwrap();
    let body = "Hello,\r\n.\r\n..dots\r\nQUIT\r\n".to_owned();
    let written = OutgoingMail { body, reply_to: Some("s@contoso.example".into()), ..mail(1) };
    let (report, _) = run(&memory(), sending(&server, 1), [written]);
    assert_eq!(report.unwrap().sent, 1);
    let got = server.last(&address(1)).unwrap();
    let (header, body) = got.split_once("\r\n\r\n").unwrap();
    assert!(header.contains("Reply-To: s@contoso.example\r\n"), "{header}");
    assert!(header.contains("From: Contoso <news@contoso.example>"), "{header}");
    assert!(header.contains("Subject: Number 1\r\n"), "{header}");
    assert_eq!(body, "Hello,\r\n.\r\n..dots\r\nQUIT\r\n");
}

/// What the server refused is given back, for good or for now; a later run asks again.
#[test]
fn a_refusal_is_told_and_the_claim_given_back() {
    for at in [Moment::Recipient, Moment::Content] {
        let server = CountingServer::with_plan(move |coming| match coming.recipient {
            "1@home.example" if coming.moment == at => Reply::Refuse,
            "2@home.example" if coming.moment == at => Reply::Defer,
            _ => Reply::Accept,
        })
        .unwrap();
        let store = memory();
        for round in 1..=2 {
            let (report, told) = run(&store, sending(&server, round), (0..5).map(mail));
            let report = report.unwrap();
            assert_eq!((report.refused, report.deferred, report.total()), (1, 1, 5));
            assert_eq!(if round == 1 { report.sent } else { report.already_sent }, 3);
            let Outcome::Refused { refusal } = &told[&address(1)] else { panic!("{told:?}") };
            let [refused, deferred, command] = match at {
                Moment::Recipient => [(550, "550"), (451, "451"), (0, "RCPT")],
                Moment::Content => [(554, "554"), (452, "452"), (0, "the content")],
            };
            assert_eq!(refusal.code, refused.0);
            assert!(refusal.is_permanent() && refusal.reply.contains(refused.1), "{refusal}");
            assert_eq!(refusal.at.to_string(), command.1);
            let Outcome::Deferred { refusal } = &told[&address(2)] else { panic!("{told:?}") };
            assert_eq!(refusal.code, deferred.0);
            assert!(!refusal.is_permanent() && refusal.reply.contains(deferred.1), "{refusal}");
            assert_eq!(refusal.at.to_string(), command.1);
            assert_eq!(doubtful(&store), []);
        }
        assert_eq!(server.total(), 3);
    }
}

/// Broken before the mail was handed over, it is tried again; broken off each time, it is given back.
#[test]
fn a_connection_that_breaks_early_is_made_again() {
    let breaks = AtomicUsize::new(0);
    let server = CountingServer::with_plan(move |coming| match coming.recipient {
        "1@home.example" if breaks.fetch_add(1, Ordering::SeqCst) < 2 => Reply::HangUp,
        "2@home.example" if coming.moment == Moment::Recipient => Reply::HangUp,
        _ => Reply::Accept,
    })
    .unwrap();
    let store = memory();
    let (report, told) = run(&store, sending(&server, 1), (0..5).map(mail));
    let report = report.unwrap();
    assert_eq!((report.sent, report.broken, report.total()), (4, 1, 5));
    assert!(matches!(told[&address(2)], Outcome::Broken { .. }));
    assert_eq!((server.total(), doubtful(&store).len()), (4, 0));
}

/// Broken after the mail was handed over, nobody knows, whether the server has it or not; no run sends it
/// again, but one that is told to.
#[test]
fn a_connection_that_breaks_late_leaves_doubt() {
    let honest = AtomicUsize::new(0);
    let late =
        |coming: &correspond_send_campaign::counting::Coming<'_>| coming.moment == Moment::Content;
    let server = CountingServer::with_plan(move |coming| match coming.recipient {
        "1@home.example" if late(coming) && honest.fetch_add(1, Ordering::SeqCst) == 0 => {
            Reply::HangUp
        }
        "2@home.example" if late(coming) && honest.fetch_add(1, Ordering::SeqCst) < 2 => {
            Reply::Forget
        }
        _ => Reply::Accept,
    })
    .unwrap();
    let store = memory();
    let mut first = sending(&server, 1);
    first.workers = 1;
    let (report, told) = run(&store, first, (0..5).map(mail));
    let report = report.unwrap();
    assert_eq!((report.sent, report.unknown, report.total()), (3, 2, 5));
    assert!(matches!(told[&address(1)], Outcome::Unknown { .. }));
    assert_eq!(doubtful(&store), [1, 2].map(|n| mail(n).recipient));
    assert_eq!(server.total(), 4, "one of them has it");

    let (report, told) = run(&store, sending(&server, 2), (0..5).map(mail));
    let report = report.unwrap();
    assert_eq!((report.already_sent, report.in_doubt, report.total()), (3, 2, 5));
    assert!(matches!(told[&address(2)], Outcome::InDoubt { .. }));
    let told_to = |run, moment| {
        let mut sending = sending(&server, run);
        sending.take_over = Some(moment);
        sending
    };
    let early = told_to(3, DateTime::UNIX_EPOCH);
    assert_eq!(run(&store, early, (0..5).map(mail)).0.unwrap().in_doubt, 2, "not old enough");
    assert_eq!(server.total(), 4);

    let (report, _) = run(&store, told_to(4, later()), (0..5).map(mail));
    let report = report.unwrap();
    assert_eq!((report.sent, report.taken_over, report.already_sent), (2, 2, 3));
    assert_eq!((doubtful(&store), server.counts()[&address(1)]), (vec![], 2));
    assert_eq!(server.counts()[&address(2)], 1);
}

/// A server that takes its time is waited for; whoever gives up does not know what became of the mail.
#[test]
fn a_server_that_is_too_slow_leaves_doubt() {
    let slow = Duration::from_secs(2);
    for (patience, expected) in [(Duration::from_secs(60), [1, 0]), (slow / 10, [0, 1])] {
        let server = CountingServer::with_plan(move |coming| {
            if coming.moment == Moment::Content {
                std::thread::sleep(slow);
            }
            Reply::Accept
        })
        .unwrap();
        let store = memory();
        let mut sending = sending(&server, 1);
        (sending.timeout, sending.content_timeout) = (slow / 2, patience);
        let report = run(&store, sending, [mail(1)]).0.unwrap();
        assert_eq!([report.sent, report.unknown], expected);
        assert_eq!(doubtful(&store).len() as u64, report.unknown);
    }
}

#[test]
fn what_is_no_mail_is_told_and_given_back() {
    let server = CountingServer::start().unwrap();
    let store = memory();
    let broken = OutgoingMail { subject: "a\r\nBcc: x@x.example".into(), ..mail(0) };
    let (report, told) = run(&store, sending(&server, 1), [broken, mail(1)]);
    let report = report.unwrap();
    assert_eq!((report.unfit, report.sent), (1, 1));
    let Outcome::Unfit { why } = &told[&address(0)] else { panic!("{told:?}") };
    assert!(why.starts_with("Subject: expected one line"), "{why}");
    assert_eq!(run(&store, sending(&server, 2), [mail(0)]).0.unwrap().sent, 1);
}

/// A server that is not there stops the run; what was claimed is given back, and a later run sends it.
#[test]
fn a_server_that_cannot_be_reached_stops_the_run() {
    let gone = CountingServer::start().unwrap();
    let store = memory();
    let mut nowhere = sending(&gone, 1);
    nowhere.timeout = Duration::from_secs(5);
    drop(gone);
    let (report, told) = run(&store, nowhere, (0..1_000).map(mail));
    assert!(matches!(report, Err(SendError::Server(_))), "{report:?}");
    assert!(told.values().all(|outcome| *outcome == Outcome::Untried));
    assert!(told.len() < 1_000, "it stopped");
    assert_eq!(doubtful(&store), []);
    let server = CountingServer::start().unwrap();
    let (report, _) = run(&store, sending(&server, 2), (0..1_000).map(mail));
    assert_eq!((report.unwrap().sent, server.total()), (1_000, 1_000));
}

//! One email from outside: forms of ids, the JSON form, RFC 5322 octets.

use correspond::adapter::mail_parser;
use correspond::message::{
    Defect, Ids, MailKind, Message, MessageId, MessageLine, Participant, Role, Signal, ThreadIndex,
    ids,
};

fn texts<'m>(ids: &'m [MessageId<'_>]) -> Vec<&'m str> {
    ids.iter().map(MessageId::as_str).collect()
}

fn says(mail: &Message<'_>) -> Vec<String> {
    mail.defects().iter().map(ToString::to_string).collect()
}

fn unescape(text: &str) -> String {
    text.replace("\\r", "\r").replace("\\n", "\n").replace("\\t", "\t").replace("\\\\", "\\")
}

#[test]
fn the_forms_of_in_reply_to_are_read() {
    let table = include_str!("../data/in_reply_to_forms.tsv");
    let mut rows = 0;
    for row in table.lines().filter(|row| !row.starts_with('#')) {
        let [value, expected, form] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("three columns: {row:?}");
        };
        let value = unescape(value);
        let expected: Vec<_> = expected.split(' ').filter(|id| *id != "-").collect();
        assert_eq!(texts(&ids(&value)), expected, "{form}: {value:?}");

        // The same through a raw mail, whatever mail-parser makes of the header.
        if !value.contains("\r\n\r\n") {
            let raw = format!("In-Reply-To:{}\r\n\r\n", value.trim_end());
            let mail = mail_parser::parse(raw.as_bytes());
            assert_eq!(texts(mail.in_reply_to()), expected, "{form}: {raw:?}");
        }
        rows += 1;
    }
    assert!(rows > 40, "{rows} rows");
}

#[test]
fn a_mail_is_read_from_its_octets() {
    let raw = b"Return-Path: <list-bounces@x.example>\r\n\
        Received: from a by b; Thu, 11 Jul 2019 07:36:23 +0000\r\n\
        From: \"Anna B\" <anna@x.example>\r\n\
        Sender: list@x.example\r\n\
        To: B <b@x.example>, c@x.example\r\n\
        Cc: Friends: d@x.example;, undisclosed-recipients:;\r\n\
        Reply-To: anna@home.example\r\n\
        Date: Thu, 11 Jul 2019 09:36:23 +0200\r\n\
        Subject: =?iso-8859-1?q?Gr=FC=DFe?=\r\n from =?utf-8?b?w4lsaWU=?=\r\n\
        Message-ID: <2@x.example>\r\n\
        In-Reply-To: <1@x.example> (your mail)\r\n\
        References: <0@x.example>\r\n <1@x.example>\r\n\
        Thread-Index: AdU3uLpale3BDxFnTXinT5lj8XmhCwARV2UA\r\n\
        List-Id: <list.x.example>\r\n\
        \r\nHello\r\n";
    let mail = mail_parser::parse(raw);
    assert_eq!(says(&mail), [] as [&str; 0]);
    assert_eq!(mail.message_id().unwrap().as_str(), "2@x.example");
    assert_eq!(texts(mail.in_reply_to()), ["1@x.example"]);
    assert_eq!(texts(mail.references()), ["0@x.example", "1@x.example"]);
    assert_eq!(mail.thread_index().map(ThreadIndex::depth), Some(1));
    assert_eq!(mail.subject(), Some("Grüße from Élie"));
    assert_eq!(mail.date().unwrap().to_rfc3339(), "2019-07-11T07:36:23+00:00");
    let who: Vec<_> = mail.participants().iter().map(|p| (p.role(), p.address())).collect();
    assert_eq!(
        who,
        [
            (Role::From, "anna@x.example"),
            (Role::Sender, "list@x.example"),
            (Role::To, "b@x.example"),
            (Role::To, "c@x.example"),
            (Role::Cc, "d@x.example"),
            (Role::ReplyTo, "anna@home.example"),
        ]
    );
    assert_eq!(mail.in_role(Role::From).next().unwrap().name(), Some("Anna B"));
    assert_eq!(mail.return_path(), Some("list-bounces@x.example"));
    assert_eq!(mail.size(), Some(raw.len() as u64));
    assert_eq!(mail.automation().kind(), MailKind::List);

    // The borrowing way gives the same.
    let parsed = ::mail_parser::MessageParser::default().parse(raw).unwrap();
    assert_eq!(mail_parser::read(&parsed).into_owned(), mail);
    assert_eq!(mail.with_folder("Inbox").folder(), Some("Inbox"));
}

#[test]
fn every_defect_is_a_sentence_and_the_rest_is_read() {
    let read = |raw: &str| mail_parser::parse(raw.as_bytes());
    let mail = read(
        "From: a@x.example\nFrom: b@x.example\nTo: nobody at all\nDate: yesterday\nSubject: one\n\
         Subject: two\nMessage-ID: <>\nIn-Reply-To: see below\nReferences: (lost)\n\
         Thread-Index: AdU3\n\n",
    );
    assert_eq!(mail.subject(), Some("two"));
    assert_eq!(mail.participants().len(), 2);
    assert_eq!(
        says(&mail),
        [
            "expected an address in To, found \"nobody at all\"",
            "expected a date in Date, found \"yesterday\"",
            "expected message ids in In-Reply-To, found \"see below\"",
            "expected message ids in References, found \"(lost)\"",
            "expected at least 22 octets in Thread-Index, found 3",
            "expected Subject once, found it 2 times",
            "expected From once, found it 2 times",
            "Message-ID \"<>\": expected a message id, found nothing but white space",
        ]
    );

    let mail = read("Thread-Index: AdU3uLpale3BDxFnTXinT5lj8XmhCwAR\nReferences: <a@x>\n\n");
    assert_eq!(mail.thread_index().unwrap().depth(), 0);
    assert_eq!(
        says(&mail),
        [
            "expected 22 octets and blocks of 5 in Thread-Index, left out what was beyond 22",
            "expected a Message-ID header, found none",
        ]
    );

    assert_eq!(
        says(&mail_parser::parse(b"")),
        [
            "expected header fields, found none in 0 octets",
            "expected a Message-ID header, found none"
        ]
    );

    let mail = mail_parser::parse(b"Message-ID: <1@x>\nSubject: caf\xe9\nReferences: <\xff@x>\n\n");
    assert_eq!(mail.subject(), Some("caf\u{fffd}"));
    assert_eq!(texts(mail.references()), ["\u{fffd}@x"]);
    assert_eq!(
        says(&mail),
        [
            "expected UTF-8 in Subject, found other octets: replaced by U+FFFD",
            "expected UTF-8 in References, found other octets: replaced by U+FFFD",
        ]
    );

    let mail = read("Message-ID: <1@x>\nTo: anna@x.example\nIn-Reply-To: anna@X.example\n\n");
    assert!(mail.in_reply_to().is_empty());
    assert_eq!(
        says(&mail),
        ["expected a message id in In-Reply-To, found the address \"anna@X.example\""]
    );

    let many: String = (0..1200).map(|n| format!("a{n}@x.example, ")).collect();
    let mail =
        read(&format!("Message-ID: <1@x>\nTo: {many}b@x\nSubject: {}\n\n", "y".repeat(70_000)));
    assert_eq!((mail.participants().len(), mail.subject().unwrap().len()), (1000, 65_536));
    assert_eq!(
        says(&mail),
        [
            "expected at most 65536 octets in Subject, found 70000: cut",
            "expected at most 1000 participants, found 1201: kept the first",
        ]
    );

    let names: String = (0..20).map(|n| format!("name {n}, ")).collect();
    let mail = read(&format!("Message-ID: <1@x>\nTo: {names}b@x\n\n"));
    assert_eq!((mail.defects().len(), mail.further_defects()), (Message::MAX_DEFECTS, 4));
}

#[test]
fn a_mail_that_ends_in_its_headers_keeps_the_last_one() {
    for (end, subject) in [("", "cut"), ("\n", "cut"), ("\r\n", "cut"), ("\r\n\r\n", "cut")] {
        let raw = format!("Message-ID: <1@x>\r\nSubject: =?utf-8?q?{subject}?={end}");
        assert_eq!(mail_parser::parse(raw.as_bytes()).subject(), Some(subject), "{raw:?}");
    }
    assert_eq!(mail_parser::parse(b"Message-ID: <1@x").message_id().unwrap().as_str(), "1@x");
    let empty = mail_parser::parse(b"Message-ID: <1@x>\nSubject:\n\n");
    assert_eq!(empty.subject(), Some(""));
    assert_eq!(mail_parser::parse(b"Message-ID: <1@x>\n\n").subject(), None);
}

#[test]
fn dates_are_points_in_time() {
    for (date, expected) in [
        ("Thu, 11 Jul 2019 09:36:23 +0200", Some("2019-07-11T07:36:23+00:00")),
        ("11 Jul 2019 02:36:23 -0500 (EST)", Some("2019-07-11T07:36:23+00:00")),
        ("Sat, 31 Dec 2016 23:59:60 GMT", Some("2016-12-31T23:59:59+00:00")),
        ("Thu, 11 Jul 102 07:36:23 +0000", Some("2002-07-11T07:36:23+00:00")),
        ("Thu, 11 Jul 99 07:36:23 +0000", Some("1999-07-11T07:36:23+00:00")),
        ("Wed, 31 Feb 2019 09:36:23 +0200", None),
        ("Thu, 11 Jul 2019 29:36:23 +0200", None),
        ("", None),
    ] {
        let mail = mail_parser::parse(format!("Date: {date}\n\n").as_bytes());
        assert_eq!(mail.date().map(|date| date.to_rfc3339()).as_deref(), expected, "{date}");
        assert_eq!(mail.defects().len(), 1 + usize::from(expected.is_none()), "{date}");
    }
}

#[test]
fn hostile_mail_is_bounded() {
    let references: String = (0..100_000).map(|n| format!("\r\n <{n}@x.example>")).collect();
    let mail = mail_parser::parse(
        format!("Message-ID: <1@x>\r\nReferences:{references}\r\n\r\nHi").as_bytes(),
    );
    assert_eq!((mail.references().len(), mail.dropped_references()), (Ids::MAX, 99_936));
    assert_eq!(mail.references()[0].as_str(), "0@x.example");
    assert_eq!(mail.references()[63].as_str(), "99999@x.example");
    assert_eq!(
        says(&mail),
        ["expected at most 64 ids in References, found 100000: kept the first and the last 63"]
    );

    let mail = mail_parser::parse(b"\0Message-ID: <1\0@x>\r\nSubject: a\0b\r\n\r\n\0");
    assert_eq!(mail.subject(), Some("ab"));

    let unit = "=?utf-8?q?x";
    for name in ["Subject", "From", "References", "Thread-Index", "X-Loop"] {
        let raw = format!("{name}: {}\nMessage-ID: <1@x>\n\n", unit.repeat(100_000));
        assert!(mail_parser::parse(raw.as_bytes()).message_id().is_some(), "{name}");
    }

    let raw =
        format!("Message-ID: <1@x>\n{}", "X-Filler: abcdefghijklmnopqrstuvwxyz\n".repeat(500_000));
    let mail = mail_parser::parse(raw.as_bytes());
    assert_eq!(mail.message_id().unwrap().as_str(), "1@x");
    assert_eq!(
        says(&mail),
        ["expected at most 16777216 octets in the headers, found 18500018: cut"]
    );
}

#[test]
fn machines_are_told_from_raw_mail() {
    let kind = |headers: &str| {
        mail_parser::parse(format!("{headers}\r\n\r\n").as_bytes()).automation().kind()
    };
    for (headers, expected) in [
        ("Auto-Submitted: no", MailKind::Person),
        ("Auto-Submitted: auto-replied (vacation)", MailKind::AutoReply),
        ("Precedence: bulk", MailKind::Generated),
        ("X-Autoreply: yes", MailKind::AutoReply),
        ("X-Auto-Response-Suppress: All", MailKind::Person),
        ("x-failed-recipients: a@x.example", MailKind::Bounce),
        ("Return-Path: <>", MailKind::Generated),
        ("Return-Path: <>\r\nFrom: postmaster@x.example", MailKind::Bounce),
        ("From: Mail Delivery System <MAILER-DAEMON@x.example>", MailKind::Bounce),
        (
            "Content-Type: multipart/REPORT; report-type=delivery-status; boundary=x",
            MailKind::Bounce,
        ),
        ("Mailing-List: contact a@x.example", MailKind::List),
        ("List-Unsubscribe: <mailto:a@x.example>", MailKind::Generated),
        ("X-Loop: a@x.example", MailKind::Person),
    ] {
        assert_eq!(kind(headers), expected, "{headers}");
    }
}

#[test]
fn a_subject_is_whole_where_its_octets_are() {
    for (raw, expected) in [
        // A character that is split over two encoded words (against RFC 2047 section 5).
        ("=?utf-8?B?U2lwYXJpxQ==?=\r\n =?utf-8?B?nyAx?=", "Sipari\u{15f} 1"),
        ("Re: =?UTF-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?=", "Re: Gr\u{fc}\u{df}e"),
        (
            "=?koi8-r?B?8NLJ18XU?= =?utf-8?Q?=C3?= =?utf-8?Q?=BC?=",
            "\u{41f}\u{440}\u{438}\u{432}\u{435}\u{442}\u{fc}",
        ),
        ("Re: Offer \0", "Re: Offer "),
        ("\0Re: O\0ffer", "Re: Offer"),
        // What is broken stays broken.
        ("=?utf-8?Q?=C3?= a", "\u{fffd} a"),
    ] {
        let mail = mail_parser::parse(format!("Subject: {raw}\r\n\r\n").as_bytes());
        assert_eq!(mail.subject(), Some(expected), "{raw:?}");
    }
}

#[test]
fn a_report_says_which_mail_it_is_about() {
    let mail = "Message-ID: <1@x.example>\r\nSubject: Offer\r\n";
    let report = |kind: &str, part: &str, original: &str| {
        format!(
            "Message-ID: <2@x.example>\r\n\
             Content-Type: multipart/{kind}; report-type=delivery-status;\r\n boundary=\"b b\"\r\n\
             \r\n--b b\r\n\r\nSorry.\r\n\r\n--b b\r\nContent-Type: {part}\r\n\r\n\
             {original}\r\n--b b--\r\n"
        )
    };
    for (raw, expected) in [
        (report("report", "text/rfc822-headers", mail), Some("1@x.example")),
        (report("report", "message/rfc822", &format!("{mail}\r\nHello")), Some("1@x.example")),
        (report("report", "message/rfc822", "message-id: 1@x.example"), Some("1@x.example")),
        (report("report", "message/rfc822", "Message-ID: my mail"), None),
        (report("report", "text/plain", mail), None),
        (report("mixed", "message/rfc822", mail), None),
    ] {
        let found = mail_parser::parse(raw.as_bytes());
        assert_eq!(found.reported().map(MessageId::as_str), expected, "{raw}");
        assert_eq!(found.message_id().map(MessageId::as_str), Some("2@x.example"));
        assert_eq!(says(&found), [] as [&str; 0]);
        // The borrowing way gives the same, from whole mails and from headers.
        let parser = ::mail_parser::MessageParser::new();
        for parsed in [parser.parse(&raw), parser.parse_headers(&raw)] {
            assert_eq!(mail_parser::read(&parsed.unwrap()).into_owned(), found);
        }
    }
}

#[test]
fn a_line_gives_the_message_it_was_written_from() {
    let mail = Message::builder()
        .message_id(MessageId::parse("3@x.example").unwrap())
        .header("In-Reply-To", "<1@x.example> <2@x.example>")
        .header("References", "<0@x.example> <1@x.example>")
        .header("Auto-Submitted", "auto-replied")
        .header("Return-Path", "<>")
        .thread_index("AdU3uLpale3BDxFnTXinT5lj8XmhCwARV2UA".parse().unwrap())
        .subject("Re: \"Grüße\"\n")
        .date("2019-07-11T07:36:23.5Z".parse().unwrap())
        .participant(Participant::new(Role::From, "anna@x.example").unwrap().with_name("Anna"))
        .participant(Participant::new(Role::Sender, "list@x.example").unwrap())
        .participant(Participant::new(Role::ReplyTo, "anna@y.example").unwrap())
        .participant(Participant::new(Role::To, "b@x.example").unwrap())
        .participant(Participant::new(Role::Cc, "c@x.example").unwrap())
        .participant(Participant::new(Role::Bcc, "d@x.example").unwrap())
        .reported(MessageId::parse("4@x.example").unwrap())
        .signal(Signal::Loop)
        .folder("Inbox/Sales")
        .size(1234)
        .build();
    let text = serde_json::to_string(&MessageLine::from(&mail)).unwrap();
    let line: MessageLine<'_> = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&line).unwrap(), text);
    assert_eq!(Message::from(line), mail);
}

#[test]
fn a_line_is_read_as_it_is_found() {
    let read =
        |text: &'static str| Message::from(serde_json::from_str::<MessageLine<'_>>(text).unwrap());
    let mail = read(
        r#"{"source": "s", "message_id": "2@x", "in_reply_to": "wrong@x", "references": null,
            "date": "never", "from": null, "to": ["b@x", "nobody"], "cc": [], "subject": null,
            "subject_raw": "Re: x", "folder": "Inbox", "thread": "t1",
            "x": {"in_reply_to_raw": "Message from A <a@x> of \"Tue\" <1@x>", "x": 1,
                  "auto_submitted": "auto-generated", "list": "l", "size": 5, "return_path": ""}}"#,
    );
    assert_eq!(texts(mail.in_reply_to()), ["1@x"]);
    assert_eq!(
        (mail.subject(), mail.folder(), mail.size()),
        (Some("Re: x"), Some("Inbox"), Some(5))
    );
    assert_eq!(mail.automation().kind(), MailKind::Generated);
    assert!(mail.automation().has(Signal::NullReturnPath));
    assert_eq!(
        says(&mail),
        ["expected a date in Date, found \"never\"", "expected an address in To, found \"nobody\""]
    );
    assert_eq!(says(&read("{}")), ["expected a Message-ID header, found none"]);
    assert_eq!(read(r#"{"message_id": "1@x", "x": null}"#).defects(), []);
    let all = read(
        r#"{"message_id": "1@x", "in_reply_to": "a@x", "x": {"in_reply_to_all": ["a@x", "b@x"]}}"#,
    );
    assert_eq!(texts(all.in_reply_to()), ["a@x", "b@x"]);
}

#[test]
fn a_line_is_bounded() {
    let references: Vec<_> = (0..1100).map(|n| format!("{n}@x")).collect();
    let text = serde_json::json!({
        "message_id": "1@x", "references": references, "to": references
    });
    let text = text.to_string();
    let mail = Message::from(serde_json::from_str::<MessageLine<'_>>(&text).unwrap());
    assert_eq!(mail.references().last().unwrap().as_str(), "1099@x");
    assert_eq!((mail.references().len(), mail.dropped_references()), (64, 1036));
    assert_eq!(mail.participants().len(), Message::MAX_PARTICIPANTS);
    assert_eq!(
        says(&mail),
        [
            "expected at most 64 ids in References, found 1100: kept the first and the last 63",
            "expected at most 1000 participants, found 1100: kept the first",
        ]
    );
}

#[test]
fn a_field_of_a_wrong_type_is_named() {
    for (text, expected) in [
        (
            r#"{"message_id": 5}"#,
            "message_id: invalid type: integer `5`, expected a string or null",
        ),
        (
            r#"{"to": "a@x"}"#,
            "to: invalid type: string \"a@x\", expected a list of strings or null",
        ),
        (
            r#"{"references": [1]}"#,
            "references: invalid type: integer `1`, expected a string or null",
        ),
        (r#"{"x": {"size": "5"}}"#, "x.size: invalid type: string \"5\", expected u64"),
        (
            r#"{"x": {"from_name": {}}}"#,
            "x.from_name: invalid type: map, expected a string or null",
        ),
        (r#"{"x": []}"#, "invalid type: sequence, expected an object or null"),
        (r#"[]"#, "invalid type: sequence, expected an object, one mail"),
    ] {
        let found = serde_json::from_str::<MessageLine<'_>>(text).unwrap_err().to_string();
        assert!(found.starts_with(expected), "{text}: {found}");
        assert!(found.contains(" at line 1 column "), "{found}");
    }
}

/// Over files of header lines: `CORRESPOND_CORPUS=dir cargo test --test suite -- --ignored corpus`.
/// What we read from the raw `In-Reply-To` is compared with what the file says it holds.
#[test]
#[ignore = "needs CORRESPOND_CORPUS, a directory of .jsonl.gz files"]
fn corpus_of_real_mail_agrees() {
    use std::io::BufRead;
    let dir = std::env::var("CORRESPOND_CORPUS").expect("CORRESPOND_CORPUS is set");
    let (mut mails, mut raws, mut differ, mut defects) =
        (0, 0, 0, std::collections::BTreeMap::new());
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if !path.to_string_lossy().ends_with(".jsonl.gz") {
            continue;
        }
        let file = flate2::read::GzDecoder::new(std::fs::File::open(&path).unwrap());
        for line in std::io::BufReader::new(file).lines() {
            let line = line.unwrap();
            let json: serde_json::Value = serde_json::from_str(&line).unwrap();
            let mail = Message::from(serde_json::from_str::<MessageLine<'_>>(&line).unwrap());
            mails += 1;
            for defect in mail.defects() {
                if !matches!(defect, Defect::NoIds { .. }) {
                    eprintln!("{}: {defect}", path.display());
                }
                *defects
                    .entry(defect.to_string().chars().take(24).collect::<String>())
                    .or_insert(0) += 1;
            }
            assert_eq!(mail.message_id().unwrap().as_str(), json["message_id"]);
            let raw = &json["x"]["in_reply_to_raw"];
            raws += usize::from(raw.is_string());
            let expected: Vec<_> = match json["x"]["in_reply_to_all"].as_array() {
                Some(all) => all.iter().filter_map(|id| id.as_str()).collect(),
                None => json["in_reply_to"].as_str().into_iter().collect(),
            };
            let is_address = mail.defects().iter().any(|d| matches!(d, Defect::AddressAsId { .. }));
            if texts(mail.in_reply_to()) != expected && !is_address {
                differ += 1;
                eprintln!("{raw}: expected {expected:?}, read {:?}", mail.in_reply_to());
            }
        }
    }
    eprintln!("{mails} mails, {raws} with a raw In-Reply-To, {differ} differ; defects {defects:?}");
    assert!(mails > 0 && differ == 0);
}

//! Ids, conversation indexes and whole mails: any octets are read, nothing grows without bound.

#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "assertions, replayed by a test that is another crate"
)]

use correspond::adapter::mail_parser;
use correspond::message::{Ids, Message, MessageId, MessageLine, Participant, ThreadIndex, ids};

/// The octets as text, and the same octets as letters of a small alphabet.
fn texts(data: &[u8], alphabet: &[&str]) -> [String; 2] {
    let mapped = data.iter().map(|octet| alphabet[usize::from(*octet) % alphabet.len()]).collect();
    [String::from_utf8_lossy(data).into_owned(), mapped]
}

fn is_sound(id: &MessageId<'_>) {
    let text = id.as_str();
    assert!(!text.is_empty() && text.len() <= MessageId::MAX_OCTETS);
    assert!(!text.contains(['<', '>', ' ', '\t', '\r', '\n', '\0']), "{text:?}");
    assert_eq!(MessageId::parse(text).as_ref(), Ok(id), "reading an id again gives the id");
    assert_eq!(MessageId::parse(&format!("<{text}>")).as_ref(), Ok(id));
}

/// Reading references is total, keeps at most 64 sound ids, and reading them again changes nothing.
pub fn references(data: &[u8]) {
    let alphabet = [
        "<",
        ">",
        "@",
        "a",
        "b1",
        ".",
        " ",
        "\r\n ",
        ",",
        ";",
        "(",
        ")",
        "\"",
        "\\",
        "from ",
        "of ",
        "Message-ID:",
        "Tue",
        "=?u?q?",
        "=3C",
        "=40",
        "?=",
        "<a@b>",
        "\u{e9}",
        "\0",
    ];
    for text in texts(data, &alphabet) {
        let found = ids(&text);
        assert!(found.len() <= Ids::MAX);
        assert!(found.dropped() == 0 || found.len() == Ids::MAX);
        found.iter().for_each(is_sound);
        let plain: String = found.iter().map(|id| format!("{id}\r\n ")).collect();
        if found.iter().all(|id| !id.as_str().starts_with("=?")) {
            assert_eq!(*ids(&plain), *found, "{plain:?}");
        }
        if let Ok(id) = MessageId::parse(&text) {
            is_sound(&id);
        }
        let mail = Message::builder()
            .header("Message-ID", text.as_str())
            .header("References", text.as_str())
            .header("In-Reply-To", text.as_str())
            .build();
        mail.message_id().into_iter().for_each(is_sound);
        assert_eq!(mail.references(), &*found);
        assert_eq!(mail.clone().into_owned(), mail);
    }
}

/// Reading a conversation index is total, and what was read prints and reads back.
pub fn thread_index(data: &[u8]) {
    let alphabet =
        ["A", "d", "U", "3", "u", "L", "+", "/", "=", " ", "\r\n\t", "AdU3uLpale3B", "?"];
    for text in texts(data, &alphabet) {
        let Ok(index) = ThreadIndex::parse(&text) else { continue };
        let printed = index.to_string();
        assert!(printed.len() <= ThreadIndex::MAX_CHARACTERS);
        assert!(index.depth() <= ThreadIndex::MAX_DEPTH);
        assert_eq!(printed.parse().as_ref(), Ok(&index));
        assert!(!index.is_child_of(&index) && !index.descends_from(&index));
        let _ = index.root_time();
    }
}

/// Any octets are a mail; its lists are bounded, and what was read survives its JSON form.
pub fn raw_message(data: &[u8]) {
    let alphabet = [
        "Message-ID: ",
        "In-Reply-To: ",
        "References: ",
        "Thread-Index: ",
        "Subject: ",
        "Date: ",
        "From: ",
        "To: ",
        "Cc: ",
        "Return-Path: <>",
        "Auto-Submitted: ",
        "List-Id: ",
        "X-Autoreply: ",
        "Content-Type: multipart/report; report-type=",
        "\r\n",
        "\n",
        "\r\n ",
        "\n\n",
        "<a@b>",
        "<",
        ">",
        "@",
        "a",
        ",",
        ";",
        ":",
        "(",
        ")",
        "\"",
        "=?utf-8?q?",
        "?=",
        "\0",
        "\u{e9}",
        "Tue, 3 Sep 2002 10:00:00 +0200",
        "AdU3uLpale3BDxFnTXinT5lj8XmhCw==",
    ];
    let mapped: String =
        data.iter().map(|octet| alphabet[usize::from(*octet) % alphabet.len()]).collect();
    let mut latin = mapped.clone().into_bytes();
    latin.retain(|octet| *octet != 0xc3);
    for raw in [data, mapped.as_bytes(), &latin] {
        let mail = mail_parser::parse(raw);
        assert_eq!(mail.size(), Some(raw.len() as u64));
        assert!(mail.references().len() <= Ids::MAX && mail.in_reply_to().len() <= Ids::MAX);
        assert!(mail.participants().len() <= Message::MAX_PARTICIPANTS);
        assert!(mail.defects().len() <= Message::MAX_DEFECTS);
        mail.message_id().into_iter().for_each(is_sound);
        mail.references().iter().chain(mail.in_reply_to()).for_each(is_sound);
        mail.reported().into_iter().for_each(is_sound);
        assert!(mail.participants().iter().all(|who| who.address().contains('@')));
        assert!(mail.message_id().is_some() || !mail.defects().is_empty());
        for defect in mail.defects() {
            assert!(!defect.to_string().is_empty());
        }

        // A header block that is certain to be readable is read, whatever follows it.
        let mut headed = b"Message-ID: <first@x.example>\r\nSubject: kept\r\n\r\n".to_vec();
        headed.extend_from_slice(raw);
        let kept = mail_parser::parse(&headed);
        assert_eq!(kept.message_id().map(MessageId::as_str), Some("first@x.example"));
        assert_eq!(kept.subject(), Some("kept"));

        let text = serde_json::to_string(&MessageLine::from(&mail)).expect("a line is written");
        let line: MessageLine<'_> = serde_json::from_str(&text).expect("a line is read");
        let again = Message::from(line);
        assert_eq!(again.message_id(), mail.message_id());
        assert_eq!(again.in_reply_to(), mail.in_reply_to());
        assert_eq!(again.references(), mail.references());
        assert_eq!(again.thread_index(), mail.thread_index());
        assert_eq!(again.subject(), mail.subject());
        assert_eq!(again.date(), mail.date());
        assert_eq!(again.reported(), mail.reported());
        assert_eq!(again.automation(), mail.automation());
        let first = |mail: &Message<'_>| mail.participants().first().map(Participant::role);
        assert_eq!(first(&again).is_some(), first(&mail).is_some());
    }
}

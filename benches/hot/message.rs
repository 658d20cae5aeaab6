//! What a `Message` costs beside the parsing that any reader of mail pays.
//!
//! Two mails: 0.7 KB as a list archive keeps them, and the same under the relays' headers of a
//! delivered mail. `mail-parser` is the peer's own parsing; `read` starts from its result, so the sum
//! of the two is the way of a mail into the crate; `parse` is both, owned, headers only.

#![allow(clippy::expect_used, reason = "a bench that cannot be set up must not run")]

use std::hint::black_box;

use ::mail_parser::MessageParser;
use correspond::adapter::mail_parser;
use correspond::message::{Message, MessageLine, ids};

const SHORT: &str = "From: Anna Beispiel <anna.beispiel@sales.example>\r\n\
    To: Bert Muster <bert@support.example>, team@support.example\r\n\
    Cc: Carla Prova <carla@sales.example>\r\n\
    Date: Thu, 11 Jul 2019 09:36:23 +0200\r\n\
    Message-ID: <4f2a77c1-9b1e-4c55@mail.sales.example>\r\n\
    In-Reply-To: <CAF7zq3kd81JmQ@mail.support.example>\r\n\
    References: <20190710.1@mail.sales.example>\r\n <CAF7zq3kd81JmQ@mail.support.example>\r\n\
    X-Mailer: Microsoft Outlook 16.0\r\n\
    Thread-Index: AdU3uLpale3BDxFnTXinT5lj8XmhCwARV2UA\r\n\
    List-Id: <team.support.example>\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: text/plain; charset=us-ascii\r\n\
    Subject: RE: CRM:0001001 Offer for the second half of the year\r\n\
    \r\n\
    Thank you, that suits us well.\r\n";

fn delivered() -> String {
    let mut mail = String::from("Return-Path: <anna.beispiel@sales.example>\r\n");
    for hop in 0..5 {
        mail.push_str(&format!(
            "Received: from mx{hop}.sales.example (mx{hop}.sales.example [192.0.2.{hop}])\r\n\
             \tby mx{hop}.support.example with ESMTPS id 4Kx{hop}Yz; Thu, 11 Jul 2019 09:36:3{hop} +0200\r\n\
             X-Relay-Verdict-{hop}: clean; score=0.{hop}; policy=default; route=internal\r\n"
        ));
    }
    mail.push_str(
        "DKIM-Signature: v=1; a=rsa-sha256; d=sales.example; s=a; h=from:to:subject;\r\n\tbh=",
    );
    mail.push_str(&"Ab3".repeat(15));
    mail.push_str("; b=");
    mail.push_str(&"Zk9+".repeat(60));
    mail.push_str("\r\n");
    mail.push_str(SHORT);
    mail
}

pub(crate) fn define(c: &mut criterion::Criterion) {
    let delivered = delivered();
    for (case, raw) in [("short", SHORT), ("delivered", &delivered)] {
        let raw = raw.as_bytes();
        let parser = MessageParser::default();
        let parsed = parser.parse(raw).expect("a mail");
        let mail = mail_parser::read(&parsed);
        assert_eq!((mail.references().len(), mail.participants().len()), (2, 4));
        let mut group = c.benchmark_group(format!("message/{case}"));
        group.throughput(criterion::Throughput::Bytes(raw.len() as u64));
        group.bench_function("mail-parser", |b| b.iter(|| parser.parse(black_box(raw))));
        group.bench_function("read", |b| b.iter(|| mail_parser::read(black_box(&parsed))));
        group.bench_function("mail-parser, read", |b| {
            b.iter(|| parser.parse(black_box(raw)).map(|mail| mail_parser::read(&mail).size()));
        });
        group.bench_function("parse", |b| b.iter(|| mail_parser::parse(black_box(raw))));
        group.finish();
    }

    let parsed = MessageParser::default().parse(SHORT).expect("a mail");
    let mail = mail_parser::read(&parsed);
    let line = serde_json::to_string(&MessageLine::from(&mail)).expect("a line");
    let mut group = c.benchmark_group("message/line");
    group.bench_function("serde_json::Value", |b| {
        b.iter(|| serde_json::from_str::<serde_json::Value>(black_box(&line)));
    });
    group.bench_function("MessageLine", |b| {
        b.iter(|| serde_json::from_str::<MessageLine<'_>>(black_box(&line)).map(Message::from));
    });
    group.finish();

    let references: String = (0..20).map(|n| format!("<20190711.{n}@mail.example>\r\n ")).collect();
    let mut group = c.benchmark_group("message/references");
    group.bench_function("split on brackets", |b| {
        b.iter(|| black_box(&references).split(['<', '>']).filter(|id| id.contains('@')).count());
    });
    group.bench_function("ids", |b| b.iter(|| ids(black_box(&references))));
    group.finish();
}

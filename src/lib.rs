//! **Which record does this correspond to?** A reply to its conversation, an address to the person
//! who has it under another spelling, a subject to the thread that it continues: the hot logic
//! behind the email settings of a CRM or marketing system, as a library, with the storage left to
//! you.
//!
//! # A first example
//!
//! File mails as they come; each is told which conversation it belongs to, and why.
//!
//! ```
//! # #[cfg(feature = "mail-parser")] {
//! use chrono::DateTime;
//! use correspond::adapter::{mail_parser, memory::MemoryStore};
//! use correspond::correlation::Correlator;
//! use correspond::flow::{Arrival, file};
//! use correspond::id::{RecordId, TenantId};
//! use correspond::store::Blocking;
//!
//! let store = Blocking::new(MemoryStore::default());
//! let correlator = Correlator::default();
//! let sent = b"Message-ID: <1@shop.example>\nFrom: help@shop.example\nTo: ann@home.example\n\
//!     Subject: Your order CRM:0001001\n\n";
//! let reply = b"Message-ID: <2@home.example>\nFrom: Ann <Ann@HOME.example>\n\
//!     To: help@shop.example\nSubject: =?utf-8?q?AW=3A?= Your order CRM:0001001\n\n";
//!
//! # let mut said = String::new();
//! for (number, raw) in [sent.as_slice(), reply].into_iter().enumerate() {
//!     let message = mail_parser::parse(raw);
//!     let id = RecordId::new(number as u128);
//!     let arrival = Arrival::new(TenantId::new(1), id, DateTime::UNIX_EPOCH);
//!     let filed = store.run(async |store| file(store, &correlator, arrival, &message).await)??;
//!     println!("{}", filed.verdict);
//! #   said = format!("{said}{}\n", filed.verdict);
//! }
//! // no conversation (no mark of a reply)
//! // matched by token (reply, 93 %): its subject bears the token of the mail; the sender took part
//! // in it; the subject is the same; smart agrees
//! # assert_eq!(
//! #     said,
//! #     "no conversation (no mark of a reply)\nmatched by token (reply, 93 %): its subject bears the \
//! #      token of the mail; the sender took part in it; the subject is the same; smart agrees\n"
//! # );
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The map
//!
//! Nouns know things and decide; [`store`] is the contract that an implementor reads; [`flow`] asks,
//! decides and commits; [`adapter`] holds what ships. Arrows point one way:
//! nouns <- `store` <- `flow` <- `adapter`.
//!
//! | module | answers |
//! |---|---|
//! | [`text`] | when two texts are the same text |
//! | [`address`] | what an email address is, and whose it is |
//! | [`subject`] | what is left of a subject without `Re:`, `AW:`, `回复：`, `[EXTERNAL]` |
//! | [`token`] | which tracking tokens stand in a subject |
//! | [`message`] | what correlation needs to know of one mail, and whether a machine wrote it |
//! | [`correlation`] | which conversation a mail belongs to, and why |
//! | [`tracking`] | whether a mail becomes an activity |
//! | [`alert`] | who is told when something goes wrong |
//! | [`settings`] | what the administrator decided |
//! | [`journey`] | when a journey runs, in which time zone, and what of it is locked |
//! | [`page`] | what a marketing page starts with, and what may still change on it |
//! | [`form`] | which contact and lead a form submission belongs to, and what a form may show a visitor |
//! | [`mailbox`] | what a new user or queue gets, and whether its mail is processed |
//! | [`scoring`] | what a score of a lead leads to |
//! | [`mailing`] | what a marketing email or a journey takes from the defaults |
//! | [`recipients`] | who of a segment gets a message, and who does not, and why |
//! | [`index`] | what a mail is found by |
//! | [`record`] | what a store keeps besides mail |
//! | [`party`] | who somebody is: typed attributes, and whom an address stands for |
//! | [`consent`] | may this person be contacted, and what has to be confirmed first |
//! | [`claim`] | what can be had once only: a send, a name |
//! | [`id`] | whose record, and which one |
//! | [`store`] | what a store has to keep |
//! | [`flow`] | one call from question to committed answer |
//! | [`adapter`] | stores in memory, in a file (`redb`), on a server (`postgres`); `mail-parser` for raw mail |
//! | [`guide`] | longer answers: which store, and how to write one |
//!
//! # What it does not do
//!
//! But for the stores that are chosen by a feature: no sockets, no DNS, no files, no clock, and no
//! randomness but for the secrets of a new memory store and of new versions. Time and ids are handed
//! in, and every decision is a pure function that can be replayed. It sends nothing and reads no
//! mailbox. It never panics on input, and every loop over input has a bound.
//!
//! # Features
//!
//! * `mail-parser` (on by default): `adapter::mail_parser` reads raw RFC 5322 mail with the crate of
//!   that name. Without it, build a [`message::Message`] yourself, or read one from its JSON form.
//!
//! * `chrono-tz`: the rules of time zones, for the start and end of a [`journey`]. Without it, `UTC`
//!   and zones of one offset are computed, and any other answers that it needs the feature.
//! * `redb`: `adapter::redb`, the embedded store in one file.
//! * `postgres`: `adapter::postgres`, the store for any number of processes; needs a tokio runtime.
//! * `dataverse`: `settings::dataverse`, an organization's Dataverse export in and out.
//! * `toml`: [`settings::Document`] as TOML too.
//! * `phonenumber`: telephone numbers compared as the international numbers that they are
//!   ([`text::PhoneForm::E164`]). Without it, the comparisons that ask for it are refused.
//! * `schemars`: JSON Schemas of the settings.
//! * `conformance`: the kit with which an implementor proves a store.
//!
//! Features add, they never change what is there.

pub mod address;
pub mod alert;
pub mod claim;
pub mod consent;
pub mod correlation;
pub mod form;
pub mod id;
pub mod index;
pub mod journey;
pub mod mailbox;
pub mod mailing;
pub mod message;
pub mod page;
pub mod party;
pub mod recipients;
pub mod record;
pub mod scoring;
pub mod settings;
pub mod subject;
pub mod text;
pub mod token;
pub mod tracking;

pub mod store;

pub mod flow;

pub mod adapter;

#[cfg(feature = "conformance")]
pub mod conformance;

pub mod guide;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

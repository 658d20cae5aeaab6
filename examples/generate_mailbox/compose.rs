//! Puts mails together: ids, bodies, the first mail of a conversation.

use std::rc::Rc;

use super::clock;
use super::mail::{Body, Mail};
use super::people::{HOME, Person};
use super::program::IdShape;
use super::random::Random;
use super::scenario::subject_of;
use super::simulation::Post;
use super::thread::{Sent, Thread};

const HEX: &[u8] = b"0123456789abcdef";
const UPPER_HEX: &[u8] = b"0123456789ABCDEF";
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A message id, without brackets, as the program of the sender makes them.
pub(crate) fn new_id(random: &mut Random, from: &Person, time: i64) -> String {
    let domain = from.domain();
    let uuid = |random: &mut Random, alphabet: &[u8]| {
        let parts: Vec<String> =
            [8, 4, 4, 4, 12].iter().map(|&length| random.text(alphabet, length)).collect();
        parts.join("-")
    };
    match from.program.ids {
        IdShape::Exchange => {
            let host = format!("VI1PR{:02}", random.below(90) + 10);
            format!("{host}MB{}@{host}.prod.exchange.test", random.text(UPPER_HEX, 12))
        }
        IdShape::Uuid => format!("{}@{domain}", uuid(random, HEX)),
        IdShape::Apple => format!("{}@{domain}", uuid(random, UPPER_HEX)),
        IdShape::Postbox => format!("CA+{}@mail.postbox.example", random.text(LETTERS, 22)),
        IdShape::Mutt => {
            format!("{}.GA{}@{domain}", clock::stamp(time), random.between(1_000, 99_999))
        }
        IdShape::Stamp => {
            format!("{}.{}@{domain}", random.between(100_000_000, 999_999_999), clock::stamp(time))
        }
        IdShape::Form => format!("form-{}-{}@www.{HOME}", clock::stamp(time), random.text(HEX, 6)),
    }
}

/// The message id of a mail that the CRM sends.
pub(crate) fn crm_id(random: &mut Random) -> String {
    format!("{}@crm.{HOME}", random.text(HEX, 16))
}

/// What somebody writes of their own accord: a greeting, some lines, a name; and a line of it that
/// may be quoted later.
pub(crate) fn opening_body(thread: &mut Thread, from: &Person) -> (String, String) {
    let language = Rc::clone(&thread.language);
    let mut said: Vec<&str> = Vec::new();
    for _ in 0..thread.random.between(2, 5) {
        let sentence = *thread.random.pick(&language.sentences);
        if !said.contains(&sentence) {
            said.push(sentence);
        }
    }
    let snippet = said.last().copied().unwrap_or_default().to_owned();
    let first = from.name.split(' ').next().unwrap_or_default();
    let hello = language.hello.replace("{first}", "all");
    let mut body = format!("{hello}\n\n{}\n", said.join("\n"));
    match thread.random.below(100) {
        0 => body += "\nFrom here on the figures are estimates.\n",
        1 => body += "\n>From the last delivery two units are left.\n",
        _ => {}
    }
    body += &format!("\n{}\n{first}\n", language.bye);
    (body, snippet)
}

/// The quotation under an answer.
pub(crate) fn quotation(thread: &Thread, parent: &Sent, from: &Person) -> String {
    let language = &thread.language;
    let date = clock::short(parent.date, parent.from.zone);
    if from.program.quotes_in_a_block() {
        let values = [&parent.from.name, &date, &parent.from.address, &parent.subject];
        let lines: Vec<String> = from
            .language
            .labels
            .iter()
            .zip(values)
            .enumerate()
            .filter(|(at, _)| *at != 2)
            .map(|(_, (label, value))| format!("{label}: {value}"))
            .collect();
        format!("\n{}\n\n{}\n", lines.join("\n"), parent.snippet)
    } else {
        let wrote = language.wrote.replace("{date}", &date).replace("{name}", &parent.from.name);
        format!("\n{wrote}\n> {}\n", parent.snippet)
    }
}

/// The first mail of a conversation, being written.
pub(crate) struct Opening<'a> {
    thread: &'a mut Thread,
    mail: Mail,
    traits: Vec<&'static str>,
    subject: Option<String>,
}

impl<'a> Opening<'a> {
    pub(crate) fn new(
        thread: &'a mut Thread,
        from: &Rc<Person>,
        to: Vec<Rc<Person>>,
        time: i64,
    ) -> Self {
        let id = new_id(&mut thread.random, from, time);
        let mut mail = Mail::new(id, time, from, to);
        mail.to.retain(|person| person.address != from.address);
        if mail.to.is_empty() {
            mail.to.push(Rc::clone(from));
        }
        Self { thread, mail, traits: Vec::new(), subject: None }
    }

    /// Somebody more in Cc, unless already there.
    pub(crate) fn add(&mut self, person: Rc<Person>) {
        if !self.mail.addresses().contains(&person.address.as_str()) {
            self.mail.cc.push(person);
        }
    }

    pub(crate) fn with_subject(mut self, subject: String) -> Self {
        self.subject = Some(subject);
        self
    }

    /// Sent by the CRM, which puts its token at the end of the subject.
    pub(crate) fn through_crm(&mut self, token: String) {
        self.mail.id = Some(crm_id(&mut self.thread.random));
        self.mail.lines = vec!["X-Mailer: Tidewell CRM 9".into()];
        self.thread.token = Some(token);
    }

    pub(crate) fn post(self) -> Post {
        let Self { thread, mut mail, mut traits, subject } = self;
        let through_crm = thread.token.is_some();
        let language = Rc::clone(&thread.language);
        mail.subject = subject.unwrap_or_else(|| subject_of(thread, &language.subjects));
        if mail.from.program.thread_index && !through_crm {
            mail.thread_index = thread.new_index(mail.date);
            mail.thread_topic = Some(mail.subject.clone());
        }
        if let Some(token) = &thread.token {
            mail.subject = format!("{} {token}", mail.subject);
        }
        let (body, snippet) = opening_body(thread, &mail.from);
        mail.body = dress(&mut thread.random, body);
        traits.extend(through_list(thread, &mut mail));
        traits.extend(super::damage::to_header(thread, &mut mail, false));
        Post { traits, snippet, ..Post::new(mail, "root") }
    }
}

/// A minority of mails is more than plain text.
pub(crate) fn dress(random: &mut Random, text: String) -> Body {
    match random.below(100) {
        0..6 => Body::Html(text),
        6..10 => Body::Attachment(text),
        _ => Body::Text(text),
    }
}

/// What a mailing list does to a mail that passes through it.
pub(crate) fn through_list(thread: &Thread, mail: &mut Mail) -> Option<&'static str> {
    let (list, tag) = thread.list.as_ref()?;
    let local = list.address.split('@').next().unwrap_or_default();
    let bracket = format!("[{tag}] ");
    match local {
        // Adds its tag where it is missing; takes the place of the sender.
        "users" => {
            if !mail.subject.contains(&bracket) {
                mail.subject = format!("{bracket}{}", mail.subject);
            }
            mail.rewritten_from =
                Some((format!("{} via {tag}", mail.from.name), list.address.clone()));
            mail.lines.push(format!("Reply-To: {}", mail.from.address));
        }
        // Moves its tag to the front.
        "partners" => mail.subject = format!("{bracket}{}", mail.subject.replace(&bracket, "")),
        _ if !mail.subject.contains(&bracket) => {
            mail.subject = format!("{bracket}{}", mail.subject);
        }
        _ => {}
    }
    mail.lines.push(format!("List-Id: <{local}.lists.{HOME}>"));
    mail.lines.push("Precedence: list".into());
    Some("list")
}

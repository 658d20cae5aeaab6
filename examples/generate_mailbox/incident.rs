//! What else a mail leads to: automatic answers, bounces, forwards, old mail used for a new topic.

use std::rc::Rc;

use super::compose::{dress, new_id, opening_body, quotation};
use super::damage;
use super::mail::{Body, Mail};
use super::people::{Person, Side};
use super::program::Threading;
use super::reply::{index, seen_subject};
use super::scenario::subject_of;
use super::simulation::{Mailbox, Post};
use super::thread::{Sent, Thread};

/// How automatic answers say what they are. RFC 3834 has the first; the others are habits.
const AUTOMATIC: [&[&str]; 5] = [
    &["Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"],
    &["Auto-Submitted: auto-replied (vacation)", "Precedence: bulk"],
    &["Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: DR, OOF, AutoReply"],
    &["X-Autoreply: yes", "Precedence: auto_reply"],
    &["X-Autorespond: vacation", "Precedence: junk"],
];

impl Mailbox {
    /// The customer is away.
    pub(crate) fn auto_reply(&mut self, thread: &mut Thread, time: i64, at: usize) {
        let Some((parent, customer)) = received_by_customer(thread, at) else { return };
        let id = new_id(&mut thread.random, &customer, time);
        let mut mail = Mail::new(id, time, &customer, vec![Rc::clone(&parent.from)]);
        let (prefix, text) = customer.language.away;
        mail.subject = format!("{prefix} {}", parent.subject);
        mail.lines.extend(thread.random.pick(&AUTOMATIC).iter().map(|&line| line.to_owned()));
        mail.body = Body::Text(format!("{text}\n\n{}\n", customer.name));
        let threading =
            if thread.random.chance(750) { Threading::InReplyTo } else { Threading::None };
        mail.in_reply_to = (threading == Threading::InReplyTo).then(|| format!("<{}>", parent.id));
        let mut post = Post::new(mail, "auto-reply");
        post.ids = post.mail.in_reply_to.iter().map(|_| parent.id.clone()).collect();
        post.parent = Some(at);
        post.answerable = false;
        if post.ids.is_empty() {
            post.traits.push("no-headers");
        }
        self.send(thread, post);
    }

    /// The mail could not be delivered.
    pub(crate) fn bounce(&mut self, thread: &mut Thread, time: i64, at: usize) {
        let Some((parent, customer)) = received_by_customer(thread, at) else { return };
        let Some(program) = self.people.program("mutt") else { return };
        let domain = customer.domain().to_owned();
        let daemon = Rc::new(Person {
            name: "Mail Delivery System".into(),
            address: format!("MAILER-DAEMON@mx.{domain}"),
            program,
            language: Rc::clone(&customer.language),
            ..*customer
        });
        let id = new_id(&mut thread.random, &daemon, time);
        let mut mail = Mail::new(id, time, &daemon, vec![Rc::clone(&parent.from)]);
        mail.lines = vec!["Return-Path: <>".into(), "Auto-Submitted: auto-replied".into()];
        mail.subject = "Undelivered Mail Returned to Sender".into();
        if thread.random.chance(300) {
            mail.subject = format!("Undeliverable: {}", parent.subject);
        }
        mail.body = Body::Report {
            text: format!(
                "The mail could not be delivered to <{}>:\nuser unknown\n",
                customer.address
            ),
            recipient: customer.address.clone(),
            id: parent.id.clone(),
            subject: parent.subject.clone(),
        };
        let named = thread.random.chance(500);
        if named {
            mail.in_reply_to = Some(format!("<{}>", parent.id));
            mail.references = vec![parent.id.clone()];
        }
        let mut post = Post::new(mail, "bounce");
        (post.parent, post.answerable) = (Some(at), false);
        // The report brings the headers of the original along.
        post.ids = vec![parent.id];
        if !named {
            post.traits.push("id-in-report");
        }
        self.send(thread, post);
    }

    /// Somebody passes the mail on to a third party.
    pub(crate) fn forward(&mut self, thread: &mut Thread, time: i64, at: usize) {
        let Some(parent) = thread.sent.get(at).cloned() else { return };
        let readers: Vec<Rc<Person>> = parent
            .people
            .iter()
            .filter(|person| person.side != Side::List && person.program.can_forward())
            .map(Rc::clone)
            .collect();
        if readers.is_empty() {
            return;
        }
        let from = Rc::clone(thread.random.pick(&readers));
        let to = self.people.third_party(thread.random.below(10_000));
        let id = new_id(&mut thread.random, &from, time);
        let mut mail = Mail::new(id, time, &from, vec![to]);
        if from.side == Side::Customer {
            // So that the forward comes by here at all.
            mail.cc = vec![Rc::clone(&parent.from)];
        }
        mail.subject = from.program.forward_subject(&seen_subject(&from, &parent));
        let mut post = Post::new(mail, "forward");
        if from.program.threading == Threading::Full && thread.random.chance(800) {
            let mut chain = parent.references.clone();
            chain.push(parent.id.clone());
            post.mail.in_reply_to = Some(format!("<{}>", parent.id));
            post.mail.references = chain.clone();
            post.ids = chain;
        } else {
            post.traits.push("no-headers");
        }
        if from.program.thread_index {
            index(thread, &mut post.mail, &parent);
        }
        let (body, snippet) = opening_body(thread, &from);
        let body = body + &quotation(thread, &parent, &from);
        post.mail.body = dress(&mut thread.random, body);
        (post.parent, post.answerable, post.snippet) = (Some(at), false, snippet);
        self.send(thread, post);
    }

    /// Somebody takes an old mail, answers it, and writes another subject over it: a conversation
    /// of its own whose headers say that it is the old one.
    pub(crate) fn new_topic(&mut self, old: &mut Thread, time: i64, at: usize) {
        let Some(parent) = old.sent.get(at).cloned() else { return };
        let customer =
            parent.people.iter().chain([&parent.from]).find(|p| p.side == Side::Customer);
        let Some(from) = customer.map(Rc::clone) else { return };
        let to = if parent.from.address == from.address {
            parent.people.first().map(Rc::clone)
        } else {
            Some(Rc::clone(&parent.from))
        };
        let Some(to) = to else { return };
        let mut thread = Thread::new(self.seed, self.next_number(), &from.language);
        thread.left = thread.random.below(4);
        let id = new_id(&mut thread.random, &from, time);
        let mut mail = Mail::new(id, time, &from, vec![to]);
        mail.subject = subject_of(&mut thread, &from.language.subjects);
        let threading = match from.program.threading {
            Threading::None => Threading::Full,
            other => other,
        };
        let (ids, odd) = damage::name_parent(&mut thread, &mut mail, &parent, threading);
        if from.program.thread_index {
            index(&mut thread, &mut mail, &parent);
        }
        let (body, snippet) = opening_body(&mut thread, &from);
        let body = body + &quotation(&thread, &parent, &from);
        mail.body = dress(&mut thread.random, body);
        let mut post = Post::new(mail, "new-topic");
        (post.ids, post.snippet) = (ids, snippet);
        post.traits.extend(odd);
        self.send(&mut thread, post);
        self.keep(thread);
    }
}

/// The mail, and a customer who got it.
fn received_by_customer(thread: &Thread, at: usize) -> Option<(Sent, Rc<Person>)> {
    let parent = thread.sent.get(at)?.clone();
    let customer = parent.people.iter().find(|person| person.side == Side::Customer)?;
    let customer = Rc::clone(customer);
    Some((parent, customer))
}

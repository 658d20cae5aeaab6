//! Replies, the ordinary course of a conversation.

use std::rc::Rc;

use super::compose::{crm_id, dress, new_id, opening_body, quotation, through_list};
use super::damage;
use super::mail::Mail;
use super::people::{Person, Side};
use super::program::{Threading, without_mapi_prefix};
use super::simulation::{Act, Mailbox, Post};
use super::thread::{Sent, Thread, carries};

impl Mailbox {
    /// Plans what a mail of people may lead to.
    pub(crate) fn plan_what_follows(&mut self, thread: &mut Thread, at: usize) {
        let Some(sent) = thread.sent.get(at) else { return };
        let (date, from_home) = (sent.date, sent.from.is_home());
        let to_customer = sent.people.iter().any(|person| person.side == Side::Customer);
        if thread.left > 0 {
            thread.left -= 1;
            let lag = thread.random.lag();
            self.plan_within(thread, date + lag, Act::Reply);
        }
        if from_home && to_customer && thread.list.is_none() {
            match thread.random.below(1_000) {
                0..50 => self.plan_within(thread, date + 60, Act::AutoReply(at)),
                50..75 => self.plan_within(thread, date + 25, Act::Bounce(at)),
                _ => {}
            }
        }
        if thread.list.is_none() && !thread.common_subject {
            let lag = thread.random.lag();
            match thread.random.below(1_000) {
                0..32 => self.plan_within(thread, date + lag + 300, Act::Forward(at)),
                32..60 => {
                    let days = thread.random.between(20, 110) as i64;
                    self.plan_within(thread, date + days * 86_400, Act::NewTopic(at));
                }
                _ => {}
            }
        }
    }

    /// Somebody answers a mail of the conversation.
    pub(crate) fn reply(&mut self, thread: &mut Thread, time: i64) {
        let Some(at) = pick_parent(thread) else { return };
        let Some(parent) = thread.sent.get(at).cloned() else { return };
        let Some(from) = self.pick_sender(thread, &parent) else { return };
        let time = time.max(parent.date + 30);
        let id = new_id(&mut thread.random, &from, time);
        let mut mail = Mail::new(id, time, &from, Vec::new());
        address(thread, &mut mail, &parent);
        mail.subject = from.program.reply_subject(&seen_subject(&from, &parent));
        let mut traits = Vec::new();
        let mut threading = from.program.threading;
        let through_crm = from.is_home() && thread.list.is_none() && thread.random.chance(380);
        if through_crm {
            self.through_crm(thread, &mut mail);
            threading = Threading::Full;
        } else if from.program.thread_index {
            index(thread, &mut mail, &parent);
        }
        if threading == Threading::None && (from.is_home() || thread.common_subject) {
            threading = Threading::InReplyTo;
        }
        let token = thread.token.as_ref().is_some_and(|token| carries(&mail.subject, token));
        let roll = thread.random.below(1_000);
        if !from.is_home() && !thread.common_subject && thread.list.is_none() {
            if roll < if token { 200 } else { 110 } {
                threading = Threading::None;
                (mail.thread_index, mail.thread_topic) = (Vec::new(), None);
                if token && thread.random.chance(300) {
                    traits.extend(damage::misspell_token(thread, &mut mail));
                }
            } else if roll < 800 && !mail.thread_index.is_empty() && !parent.thread_index.is_empty()
            {
                threading = Threading::None;
                traits.push("index-only");
            }
        }
        let (ids, odd) = damage::name_parent(thread, &mut mail, &parent, threading);
        traits.extend(odd);
        traits.extend(through_list(thread, &mut mail));
        traits.extend(damage::to_header(thread, &mut mail, true));
        let (mut body, snippet) = opening_body(thread, &from);
        if thread.random.chance(600) {
            body += &quotation(thread, &parent, &from);
        }
        mail.body = dress(&mut thread.random, body);
        if seen_subject(&from, &parent) != parent.subject {
            traits.push("gateway-tag");
        }
        let mut post = Post::new(mail, "reply");
        (post.parent, post.ids, post.traits, post.snippet) = (Some(at), ids, traits, snippet);
        self.send(thread, post);
    }

    /// An agent answers in the CRM: its token comes to the subject, unless it is there.
    fn through_crm(&mut self, thread: &mut Thread, mail: &mut Mail) {
        mail.id = Some(crm_id(&mut thread.random));
        mail.lines = vec!["X-Mailer: Tidewell CRM 9".into()];
        let agent = self.random.below(self.people.agents);
        let token = match &thread.token {
            Some(token) => token.clone(),
            None => self.next_token(agent),
        };
        if !carries(&mail.subject, &token) {
            mail.subject = format!("{} {token}", mail.subject.trim_end());
        }
        thread.token = Some(token);
    }

    fn pick_sender(&mut self, thread: &mut Thread, parent: &Sent) -> Option<Rc<Person>> {
        if thread.list.is_some() {
            // Somebody on the list: one who spoke before, or a new voice.
            let speakers: Vec<Rc<Person>> =
                thread.sent.iter().map(|sent| Rc::clone(&sent.from)).collect();
            let again = Rc::clone(thread.random.pick(&speakers));
            return Some(if thread.random.chance(500) && again.address != parent.from.address {
                again
            } else {
                self.people.customer(thread.random.below(self.people.customers))
            });
        }
        if thread.random.chance(70) {
            return Some(Rc::clone(&parent.from));
        }
        let others: Vec<Rc<Person>> = parent
            .people
            .iter()
            .filter(|person| person.address != parent.from.address)
            .map(Rc::clone)
            .collect();
        let across: Vec<Rc<Person>> =
            others.iter().filter(|p| p.is_home() != parent.from.is_home()).map(Rc::clone).collect();
        let some = if across.is_empty() { &others } else { &across };
        if some.is_empty() {
            return None;
        }
        let picked = Rc::clone(thread.random.pick(some));
        // Behind a queue sits an agent, who answers with the queue's address or with their own.
        if picked.side == Side::Queue && thread.random.chance(500) {
            return Some(self.people.agent(thread.random.below(self.people.agents)));
        }
        Some(picked)
    }
}

/// Mostly the last mail, sometimes an earlier one.
fn pick_parent(thread: &mut Thread) -> Option<usize> {
    let open: Vec<usize> = thread
        .sent
        .iter()
        .enumerate()
        .filter(|(_, sent)| sent.answerable)
        .map(|(at, _)| at)
        .collect();
    let earlier = if thread.list.is_some() { 400 } else { 130 };
    if !open.is_empty() && thread.random.chance(earlier) {
        return Some(*thread.random.pick(&open));
    }
    open.last().copied()
}

/// The subject as the receiver's gateway leaves it.
pub(crate) fn seen_subject(reader: &Person, parent: &Sent) -> String {
    match reader.gateway {
        Some(tag) if parent.from.domain() != reader.domain() && !parent.subject.contains(tag) => {
            format!("{tag} {}", parent.subject)
        }
        _ => parent.subject.clone(),
    }
}

/// To whom a reply goes.
fn address(thread: &mut Thread, mail: &mut Mail, parent: &Sent) {
    let from = Rc::clone(&mail.from);
    if let Some((list, _)) = &thread.list {
        mail.to = vec![Rc::clone(list)];
        if thread.random.chance(300) && parent.from.address != from.address {
            mail.cc = vec![Rc::clone(&parent.from)];
        }
        return;
    }
    let follow_up = parent.from.address == from.address;
    mail.to = if follow_up {
        parent.people.iter().take(1).map(Rc::clone).collect()
    } else {
        vec![Rc::clone(&parent.from)]
    };
    if follow_up || thread.random.chance(650) {
        for person in &parent.people {
            if !mail.addresses().contains(&person.address.as_str()) {
                mail.cc.push(Rc::clone(person));
            }
        }
    }
}

/// Outlook goes on with the Thread-Index of the parent, or begins one.
pub(crate) fn index(thread: &mut Thread, mail: &mut Mail, parent: &Sent) {
    let begin = if parent.thread_index.is_empty() {
        thread.new_index(parent.date)
    } else {
        parent.thread_index.clone()
    };
    mail.thread_index = thread.next_index(&begin, mail.date);
    mail.thread_topic = Some(without_mapi_prefix(&mail.subject).to_owned());
}

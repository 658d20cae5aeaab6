//! The mailbox as it fills: an agenda of what will happen, and the mails on their way.

use std::collections::{BTreeMap, VecDeque};

use super::clock::{DAY, FIRST_REPORT, START};
use super::mail::{Body, Mail, Truth};
use super::people::People;
use super::random::Random;
use super::thread::Thread;
use super::write::mbox_entry;

/// New conversations begin within so many days, however many mails there are.
const DAYS: i64 = 310;
/// Conversations that begin for 1,000 mails, not counting the reports.
const STARTS: i64 = 300;

/// One mail as it stands in the mailbox, and what is true of it.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) bytes: Vec<u8>,
    pub(crate) truth: Truth,
}

/// A mailbox in the order of arrival. What it holds in memory are the conversations that are
/// going on, so a million mails stream.
#[derive(Debug)]
pub(crate) struct Mailbox {
    pub(crate) seed: u64,
    pub(crate) people: People,
    pub(crate) random: Random,
    /// Tokens that were given lately: what a stranger may have seen.
    pub(crate) recent_tokens: VecDeque<String>,
    counters: Vec<u32>,
    threads: BTreeMap<u64, Thread>,
    next_thread: u64,
    agenda: BTreeMap<(i64, u64), Step>,
    underway: BTreeMap<(i64, u64), Entry>,
    sequence: u64,
    left: u64,
    mails: u64,
    body_bytes: u64,
}

/// Something that will happen.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// A conversation begins.
    Start,
    /// The weekly reports of week n go out.
    Reports(u64),
    /// Something in the conversation of this number.
    Within(u64, Act),
}

/// Something in a conversation; the number is that of the mail which led to it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    Reply,
    AutoReply(usize),
    Bounce(usize),
    Forward(usize),
    NewTopic(usize),
}

/// A mail with what the truth file says of it.
#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) mail: Mail,
    pub(crate) kind: &'static str,
    /// The mail of this conversation that it stems from.
    pub(crate) parent: Option<usize>,
    /// The ids that its threading headers name.
    pub(crate) ids: Vec<String>,
    pub(crate) traits: Vec<&'static str>,
    pub(crate) answerable: bool,
    pub(crate) snippet: String,
}

impl Post {
    pub(crate) fn new(mail: Mail, kind: &'static str) -> Self {
        Self {
            mail,
            kind,
            parent: None,
            ids: Vec::new(),
            traits: Vec::new(),
            answerable: true,
            snippet: String::new(),
        }
    }
}

impl Mailbox {
    /// A mailbox of `mails` mails; with `body_bytes`, bodies are filled up to that mean size.
    ///
    /// # Errors
    /// The phrases or programs could not be read.
    pub(crate) fn new(seed: u64, mails: u64, body_bytes: u64) -> Result<Self, String> {
        let people = People::new(seed, mails)?;
        let mut mailbox = Self {
            seed,
            random: Random::of(seed, 0, 0),
            recent_tokens: VecDeque::new(),
            counters: vec![0; people.agents as usize],
            people,
            threads: BTreeMap::new(),
            next_thread: 1,
            agenda: BTreeMap::new(),
            underway: BTreeMap::new(),
            sequence: 0,
            left: mails,
            mails,
            body_bytes,
        };
        mailbox.plan(START, Step::Start);
        mailbox.plan(FIRST_REPORT, Step::Reports(0));
        Ok(mailbox)
    }

    pub(crate) fn plan(&mut self, time: i64, step: Step) {
        self.sequence += 1;
        self.agenda.insert((time, self.sequence), step);
    }

    /// Plans something within a conversation.
    pub(crate) fn plan_within(&mut self, thread: &mut Thread, time: i64, act: Act) {
        thread.pending += 1;
        self.plan(time, Step::Within(thread.number, act));
    }

    pub(crate) fn next_number(&mut self) -> u64 {
        let number = self.next_thread;
        self.next_thread += 1;
        number
    }

    /// Keeps a conversation in mind while something is planned in it.
    pub(crate) fn keep(&mut self, thread: Thread) {
        if thread.pending > 0 {
            self.threads.insert(thread.number, thread);
        }
    }

    /// The next tracking token of an agent, in the product's default form (dynamics-facts: prefix,
    /// online digit, three digits of user, three of counter, which restarts after 999).
    pub(crate) fn next_token(&mut self, agent: u64) -> String {
        let counter = self.counters.get_mut(agent as usize).map_or(1, |counter| {
            *counter = *counter % 999 + 1;
            *counter
        });
        let token = format!("CRM:0{:03}{counter:03}", agent + 1);
        if self.recent_tokens.len() == 64 {
            self.recent_tokens.pop_front();
        }
        self.recent_tokens.push_back(token.clone());
        token
    }

    /// Sends a mail: writes it down, notes the truth, and plans what follows.
    pub(crate) fn send(&mut self, thread: &mut Thread, mut post: Post) {
        self.fill(thread, &mut post.mail);
        let (method, extended) = match post.kind {
            "root" | "new-topic" | "stranger" | "list" | "hard-negative" => ("none", false),
            _ => thread.method(&post.mail, &post.ids),
        };
        if extended {
            post.traits.push("extended-subject");
        }
        let truth = Truth {
            id: post.mail.id.clone().unwrap_or_default(),
            thread: thread.name(),
            parent: post
                .parent
                .and_then(|at| thread.sent.get(at))
                .map(|parent| parent.id.clone())
                .unwrap_or_default(),
            kind: post.kind,
            method,
            traits: post.traits,
        };
        let bytes = mbox_entry(&post.mail);
        self.sequence += 1;
        self.underway.insert((post.mail.arrival, self.sequence), Entry { bytes, truth });
        thread.record(&post.mail, &post.ids, post.answerable, &post.snippet);
        if post.answerable {
            self.plan_what_follows(thread, thread.sent.len() - 1);
        }
    }

    /// Fills a body up to the wanted size.
    fn fill(&mut self, thread: &mut Thread, mail: &mut Mail) {
        if self.body_bytes == 0 {
            return;
        }
        let wanted = self.body_bytes * thread.random.between(500, 1_500) / 1_000;
        let (text, wanted) = match &mut mail.body {
            Body::Text(text) | Body::Attachment(text) => (text, wanted.saturating_sub(560)),
            Body::Html(text) => (text, wanted.saturating_sub(700) / 2),
            Body::Report { .. } => return,
        };
        while (text.len() as u64) < wanted {
            text.push('\n');
            for _ in 0..thread.random.between(2, 5) {
                let sentence = *thread.random.pick(&thread.language.sentences);
                text.push_str(sentence);
                text.push('\n');
            }
        }
    }

    fn step(&mut self, time: i64, step: Step) {
        match step {
            Step::Start => {
                self.begin(time);
                let interval = DAYS * DAY * 1_000 / (self.mails as i64 * STARTS).max(1);
                let share = self.random.between(200, 1_800) as i64;
                self.plan(time + (interval * share / 1_000).max(1), Step::Start);
            }
            Step::Reports(week) => {
                for series in 0..(self.mails / 700).clamp(1, 200) {
                    self.report(time, week, series);
                }
                self.plan(time + 7 * DAY, Step::Reports(week + 1));
            }
            Step::Within(number, act) => {
                let Some(mut thread) = self.threads.remove(&number) else { return };
                thread.pending -= 1;
                match act {
                    Act::Reply => self.reply(&mut thread, time),
                    Act::AutoReply(at) => self.auto_reply(&mut thread, time, at),
                    Act::Bounce(at) => self.bounce(&mut thread, time, at),
                    Act::Forward(at) => self.forward(&mut thread, time, at),
                    Act::NewTopic(at) => self.new_topic(&mut thread, time, at),
                }
                self.keep(thread);
            }
        }
    }
}

impl Iterator for Mailbox {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        self.left = self.left.checked_sub(1)?;
        loop {
            let soonest = self.agenda.first_key_value().map(|((time, _), _)| *time);
            let first = self.underway.first_key_value().map(|((time, _), _)| *time);
            // A mail may come in before it was sent by less than a day: clocks differ.
            if first.is_some_and(|first| soonest.is_none_or(|soonest| first < soonest - DAY)) {
                return self.underway.pop_first().map(|(_, entry)| entry);
            }
            let ((time, _), step) = self.agenda.pop_first()?;
            self.step(time, step);
        }
    }
}

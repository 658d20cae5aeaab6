//! How conversations begin.

use std::rc::Rc;

use super::compose::{Opening, new_id, opening_body};
use super::language::Language;
use super::mail::{Body, Mail};
use super::people::{HOME, PRODUCTS, Person};
use super::simulation::{Act, Mailbox, Post};
use super::thread::Thread;

/// What conversations begin with, and how often in a thousand.
#[derive(Debug, Clone, Copy)]
enum Scenario {
    CustomerWrites,
    AgentWrites,
    Colleagues,
    List,
    Newsletter,
    WebForm,
    CommonSubject,
    Twins,
    Stranger,
    UnseenParent,
}

const SCENARIOS: [(u64, Scenario); 10] = [
    (390, Scenario::CustomerWrites),
    (270, Scenario::AgentWrites),
    (50, Scenario::Colleagues),
    (80, Scenario::List),
    (55, Scenario::Newsletter),
    (35, Scenario::WebForm),
    (60, Scenario::CommonSubject),
    (12, Scenario::Twins),
    (24, Scenario::Stranger),
    (24, Scenario::UnseenParent),
];
const COMMON_SUBJECTS: [&str; 12] = [
    "Hello",
    "Invoice",
    "(no subject)",
    "",
    "Hi",
    "Test",
    "Question",
    "Urgent",
    "Thank you",
    "Rechnung",
    "Re:",
    "Invoice: 12: total",
];
const REPORTS: [&str; 4] = [
    "Weekly pipeline report",
    "Wochenbericht Vertrieb",
    "Open cases by region",
    "Friday stock levels",
];
const NEWS: [&str; 4] = [
    "Tidewell news {n}: spring maintenance",
    "What is new in PumpView {n}",
    "Invitation {n}: open day at the harbour",
    "Tips for your {p}, part {n}",
];

impl Mailbox {
    /// Begins a conversation.
    pub(crate) fn begin(&mut self, time: i64) {
        match self.random.weighted(&SCENARIOS, |(weight, _)| *weight).1 {
            Scenario::CustomerWrites => self.customer_writes(time),
            Scenario::AgentWrites => self.agent_writes(time),
            Scenario::Colleagues => self.colleagues(time),
            Scenario::List => self.list(time),
            Scenario::Newsletter => self.newsletter(time),
            Scenario::WebForm => self.web_form(time),
            Scenario::CommonSubject => self.common_subject(time),
            Scenario::Twins => self.twins(time),
            Scenario::Stranger => self.stranger(time),
            Scenario::UnseenParent => self.unseen_parent(time),
        }
    }

    fn thread(&mut self, language: &Rc<Language>) -> Thread {
        Thread::new(self.seed, self.next_number(), language)
    }

    pub(crate) fn any_agent(&mut self) -> (u64, Rc<Person>) {
        let index = self.random.below(self.people.agents);
        (index, self.people.agent(index))
    }

    fn any_customer(&mut self) -> (u64, Rc<Person>) {
        // Some write much more than others.
        let end =
            if self.random.chance(400) { self.people.customers / 8 } else { self.people.customers };
        let index = self.random.below(end);
        (index, self.people.customer(index))
    }

    fn customer_writes(&mut self, time: i64) {
        let (index, customer) = self.any_customer();
        let mut thread = self.thread(&customer.language);
        thread.left = thread.random.thread_size() - 1;
        let mut to = vec![self.any_agent().1];
        if self.random.chance(450)
            && let Some(queue) = self.people.queue(self.random.below(2))
        {
            to = vec![queue];
        }
        let mut opening = Opening::new(&mut thread, &customer, to, time);
        if self.random.chance(250) {
            opening.add(self.people.colleague(index));
        }
        if self.random.chance(120) {
            opening.add(self.any_agent().1);
        }
        let post = opening.post();
        self.send(&mut thread, post);
        self.keep(thread);
    }

    fn agent_writes(&mut self, time: i64) {
        let (agent_index, agent) = self.any_agent();
        let (index, customer) = self.any_customer();
        let mut thread = self.thread(&customer.language);
        thread.left = thread.random.thread_size() - 1;
        let token = self.random.chance(620).then(|| self.next_token(agent_index));
        let mut opening = Opening::new(&mut thread, &agent, vec![customer], time);
        if self.random.chance(200) {
            opening.add(self.people.colleague(index));
        }
        if self.random.chance(150) {
            opening.add(self.any_agent().1);
        }
        if let Some(token) = token {
            opening.through_crm(token);
        }
        let post = opening.post();
        self.send(&mut thread, post);
        self.keep(thread);
    }

    fn colleagues(&mut self, time: i64) {
        let (_, agent) = self.any_agent();
        let to = vec![self.any_agent().1, self.any_agent().1];
        let mut thread = self.thread(&agent.language);
        thread.left = thread.random.thread_size() - 1;
        let post = Opening::new(&mut thread, &agent, to, time).post();
        self.send(&mut thread, post);
        self.keep(thread);
    }

    fn list(&mut self, time: i64) {
        let (_, customer) = self.any_customer();
        let Some((list, tag)) = self.people.list(self.random.below(3)) else { return };
        let english = self.people.english();
        let mut thread = self.thread(&english);
        thread.left = thread.random.thread_size();
        thread.list = Some((Rc::clone(&list), tag));
        let post = Opening::new(&mut thread, &customer, vec![list], time).post();
        self.send(&mut thread, post);
        self.keep(thread);
    }

    fn newsletter(&mut self, time: i64) {
        let (_, customer) = self.any_customer();
        let Some(sender) = self.people.queue(1) else { return };
        let english = self.people.english();
        let mut thread = self.thread(&english);
        let subject = subject_of(&mut thread, &NEWS);
        let mut mail =
            Mail::new(format!("news-{}@bulk.{HOME}", thread.number), time, &sender, vec![customer]);
        mail.subject = subject;
        mail.lines = vec![
            "List-Id: Tidewell news <news.tidewell.example>".into(),
            format!("List-Unsubscribe: <https://www.{HOME}/leave/{}>", thread.number),
            "Precedence: bulk".into(),
        ];
        let (body, snippet) = opening_body(&mut thread, &sender);
        mail.body = if thread.random.chance(500) { Body::Html(body) } else { Body::Text(body) };
        let mut post = Post::new(mail, "list");
        (post.answerable, post.snippet) = (false, snippet);
        self.send(&mut thread, post);
    }

    /// A form on the web site writes to a queue in the name of the customer.
    fn web_form(&mut self, time: i64) {
        let (_, customer) = self.any_customer();
        let (Some(queue), Some(portal)) = (self.people.queue(0), self.people.program("portal"))
        else {
            return;
        };
        let form = Rc::new(Person {
            name: customer.name.clone(),
            address: customer.address.clone(),
            language: Rc::clone(&customer.language),
            program: portal,
            ..*customer
        });
        let mut thread = self.thread(&customer.language);
        thread.left = thread.random.below(3);
        let mut post = Opening::new(&mut thread, &form, vec![queue], time).post();
        post.traits.push("web-form");
        self.send(&mut thread, post);
        self.keep(thread);
    }

    /// A subject that tells nothing, to the same two people as the others.
    fn common_subject(&mut self, time: i64) {
        let (_, customer) = self.any_customer();
        let agent = self.people.agent(self.random.below(2));
        let to = [Some(agent), self.people.queue(0)].into_iter().flatten().collect();
        let mut thread = self.thread(&customer.language);
        thread.left = thread.random.below(3);
        thread.common_subject = true;
        let subject = (*thread.random.pick(&COMMON_SUBJECTS)).to_owned();
        let mut post = Opening::new(&mut thread, &customer, to, time).with_subject(subject).post();
        post.kind = "hard-negative";
        post.traits.push("common-subject");
        self.send(&mut thread, post);
        self.keep(thread);
    }

    /// Two customers, one subject, the same two agents: two conversations.
    fn twins(&mut self, time: i64) {
        let to = vec![self.people.agent(2), self.people.agent(3)];
        let (_, first) = self.any_customer();
        let mut subject = String::new();
        for number in 0..2 {
            let customer = if number == 0 { Rc::clone(&first) } else { self.any_customer().1 };
            let mut thread = self.thread(&first.language);
            if subject.is_empty() {
                subject = subject_of(&mut thread, &first.language.subjects);
            }
            thread.left = thread.random.below(3);
            thread.common_subject = true;
            let time = time + number * 40_000;
            let mut post = Opening::new(&mut thread, &customer, to.clone(), time)
                .with_subject(subject.clone())
                .post();
            post.kind = "hard-negative";
            post.traits.push("twin-subject");
            self.send(&mut thread, post);
            self.keep(thread);
        }
    }

    /// Somebody who was never in the conversation writes with its token.
    fn stranger(&mut self, time: i64) {
        let tokens: Vec<String> = self.recent_tokens.iter().cloned().collect();
        if tokens.is_empty() {
            return;
        }
        let token = self.random.pick(&tokens).clone();
        let stranger = self.people.third_party(self.random.below(10_000));
        let (_, agent) = self.any_agent();
        let mut thread = self.thread(&stranger.language);
        let topic = subject_of(&mut thread, &stranger.language.subjects);
        let subject = stranger.program.reply_subject(&format!("{topic} {token}"));
        let mut post =
            Opening::new(&mut thread, &stranger, vec![agent], time).with_subject(subject).post();
        (post.kind, post.answerable) = ("stranger", false);
        post.traits.push("foreign-token");
        self.send(&mut thread, post);
    }

    /// Answers to a mail that is not in this mailbox; the second finds the first through it.
    fn unseen_parent(&mut self, time: i64) {
        let (index, customer) = self.any_customer();
        let colleague = self.people.colleague(index);
        let (_, agent) = self.any_agent();
        let mut thread = self.thread(&customer.language);
        let unseen = new_id(&mut thread.random, &agent, time - 7_200);
        let topic = subject_of(&mut thread, &customer.language.subjects);
        let answers = thread.random.between(1, 3) as usize;
        for (at, sender) in [&customer, &colleague, &agent].into_iter().take(answers).enumerate() {
            let to = if at == 2 { Rc::clone(&customer) } else { Rc::clone(&agent) };
            let subject = sender.program.reply_subject(&topic);
            let time = time + at as i64 * 5_000;
            let mut post =
                Opening::new(&mut thread, sender, vec![to], time).with_subject(subject).post();
            post.kind = "reply";
            post.mail.in_reply_to = Some(format!("<{unseen}>"));
            post.mail.references = vec![unseen.clone()];
            post.ids = vec![unseen.clone()];
            post.traits.push("unseen-parent");
            self.send(&mut thread, post);
        }
        self.keep(thread);
    }

    /// One of the reports that go out every week with the same subject to the same people.
    pub(crate) fn report(&mut self, time: i64, week: u64, series: u64) {
        let title = REPORTS.get(series as usize % REPORTS.len()).copied().unwrap_or("Report");
        let subject = match series / REPORTS.len() as u64 {
            0 => title.to_owned(),
            group => format!("{title}, group {group}"),
        };
        let sender = self.people.agent(series % self.people.agents);
        let to = (1..4).map(|n| self.people.agent((series * 3 + n) % self.people.agents)).collect();
        let mut thread = self.thread(&sender.language);
        thread.common_subject = true;
        let time = time + (series * 613 + week % 5 * 37) as i64;
        let mut post = Opening::new(&mut thread, &sender, to, time).with_subject(subject).post();
        post.kind = "hard-negative";
        post.traits.push("weekly-report");
        post.answerable = thread.random.chance(120);
        self.send(&mut thread, post);
        if thread.sent.last().is_some_and(|sent| sent.answerable) {
            self.plan_within(&mut thread, time + 4_000, Act::Reply);
        }
        self.keep(thread);
    }
}

/// A subject with the conversation's own number.
pub(crate) fn subject_of(thread: &mut Thread, subjects: &[&str]) -> String {
    let product = thread.random.pick(&PRODUCTS);
    let number = thread.subject_number().to_string();
    thread.random.pick(subjects).replace("{n}", &number).replace("{p}", product)
}

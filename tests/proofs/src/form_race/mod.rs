//! Many submissions of few people at once: what is submitted, and by which forms.
//!
//! The workload is a function of its seed, so that every process knows all of it. It is made so that
//! the records that must be there in the end do not depend on who was first: whoever has an address
//! alone writes one name and uses all forms, a family uses those that tell its members apart.

pub mod judge;
mod people;
pub mod seat;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use correspond::flow::FlowError;
use correspond::flow::forms::{Delivery, FormSetup, Submissions, key_directory};
use correspond::form::{
    FormChoices, FormField, FormType, MarketingForm, MatchPlan, MatchScope, Outcome, Submission,
    SubmissionState,
};
use correspond::id::{RecordId, TenantId};
use correspond::record::{Version, Versions};
use correspond::settings::{
    LandingPageConfiguration, MatchingStrategy, MatchingTarget, Stored, UpdateMode,
};
use correspond::store::{Directory, Records, Store};

use crate::random::Random;
use people::{Person, household, plain, plain_address, spelled, spelled_address};

type Failure = Box<dyn std::error::Error + Send + Sync>;

pub const TENANT: TenantId = TenantId::new(1);

/// The id of the first submission; the others follow.
const SUBMISSIONS: u128 = 1_000;

/// How many one submits who submits again and again.
const BURST: usize = 50;

/// How many pages the forms are on.
const PAGES: u64 = 3;

/// How many columns there are of which a submission answers one, if any.
const QUESTIONS: u64 = 16;

/// A form of the organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// A contact by its address, and a lead by address and page.
    Both,
    /// A contact by address and names.
    Contacts,
    /// A lead by address and page.
    Leads,
}

impl Form {
    const ALL: [Self; 3] = [Self::Both, Self::Contacts, Self::Leads];

    const fn has(self, target: MatchingTarget) -> bool {
        match self {
            Self::Both => true,
            Self::Contacts => matches!(target, MatchingTarget::Contact),
            Self::Leads => matches!(target, MatchingTarget::Lead),
        }
    }

    const fn id(self) -> RecordId {
        RecordId::new(50 + self as u128)
    }
}

/// The forms and strategies of the organization.
pub struct Forms {
    forms: [MarketingForm; 3],
    plan: MatchPlan,
}

impl Forms {
    pub fn new() -> Result<Self, Failure> {
        let family = ["emailaddress1", "firstname", "lastname"];
        let strategies = [
            MatchingStrategy::out_of_box(MatchingTarget::Contact).build()?,
            MatchingStrategy::builder().name("Address and name").attributes(family).build()?,
            MatchingStrategy::out_of_box(MatchingTarget::Lead).build()?,
        ];
        let mut stored = Vec::new();
        for (number, strategy) in (1..).zip(strategies) {
            let (id, version) = (RecordId::new(number), Version::new(number));
            stored.push(Stored::new(id, version, DateTime::UNIX_EPOCH, strategy));
        }
        let config = LandingPageConfiguration::builder()
            .name("Spring")
            .contact_matching_strategy(RecordId::new(1))
            .lead_matching_strategy(RecordId::new(3))
            .build()?;
        let form = |choices: FormChoices| -> Result<MarketingForm, Failure> {
            let names = family.iter().map(|name| (*name).to_owned());
            let fields = names.chain((0..QUESTIONS).map(question));
            let fields: Result<Vec<_>, _> = fields.map(|name| FormField::new(&name)).collect();
            let form =
                MarketingForm::with_choices(FormType::LandingPage, &choices, &config, &stored)?;
            Ok(form.with_fields(fields?)?)
        };
        let choices = FormChoices::default();
        let by_name = choices.update(UpdateMode::OnlyContacts).contact_strategy(RecordId::new(2));
        let forms = [form(choices)?, form(by_name)?, form(choices.update(UpdateMode::OnlyLeads))?];
        Ok(Self { forms, plan: MatchPlan::new(&stored, &MatchScope::default())? })
    }

    /// Gives the directory its match keys.
    pub async fn prepare<S: Store + Records>(&self, store: &S) -> Result<(), FlowError> {
        let versions = Versions::default();
        key_directory(store, &versions, TENANT, &self.plan, DateTime::UNIX_EPOCH).await.map(|_| ())
    }

    fn form(&self, form: Form) -> &MarketingForm {
        let [both, contacts, leads] = &self.forms;
        match form {
            Form::Both => both,
            Form::Contacts => contacts,
            Form::Leads => leads,
        }
    }
}

fn question(number: u64) -> String {
    format!("new_answer{number}")
}

/// What somebody submits.
#[derive(Clone, Copy, Debug)]
struct Planned {
    person: usize,
    form: Form,
    page: u64,
    /// The column that is answered, with the number of the submission.
    question: Option<u64>,
}

/// What is submitted, and in which order it is delivered.
pub struct Workload {
    seed: u64,
    people: Vec<Person>,
    planned: Vec<Planned>,
    deliveries: Vec<usize>,
}

impl Workload {
    /// So many submissions of a fourth as many people, each delivered twice: every other one twice at
    /// once, the others again at any time.
    pub fn new(seed: u64, submissions: usize) -> Self {
        let mut random = Random::new(seed);
        let mut people: Vec<Person> = Vec::new();
        let mut households: Vec<Range<usize>> = Vec::new();
        while people.len() < submissions.div_ceil(4) {
            let start = people.len();
            people.extend(household(households.len()));
            households.push(start..people.len());
        }
        let mut planned = Vec::with_capacity(submissions);
        while planned.len() < submissions {
            let house = households[random.below(households.len() as u64) as usize].clone();
            // Somebody is impatient, or a whole family.
            let burst = planned.is_empty() || random.once_in(40);
            for _ in 0..(if burst { BURST } else { 1 }).min(submissions - planned.len()) {
                let person = house.start + random.below(house.len() as u64) as usize;
                let form = match house.len() {
                    1 => random.of(&Form::ALL),
                    _ => random.of(&[Form::Contacts, Form::Contacts, Form::Leads]),
                };
                let question = random.once_in(3).then(|| random.below(QUESTIONS));
                planned.push(Planned { person, form, page: random.below(PAGES), question });
            }
        }
        let mut times = Vec::with_capacity(2 * submissions);
        for number in 0..submissions {
            let rest = (submissions - number) as u64;
            let later = if random.once_in(2) { random.below(4) } else { random.below(rest) };
            for time in [number as u64, number as u64 + later] {
                times.push((time, random.below(1 << 32), number));
            }
        }
        times.sort_unstable();
        let deliveries = times.into_iter().map(|(_, _, number)| number).collect();
        Self { seed, people, planned, deliveries }
    }

    /// The numbers of the submissions, in the order in which they are delivered.
    pub fn deliveries(&self) -> &[usize] {
        &self.deliveries
    }

    fn submission(&self, number: usize, forms: &Forms) -> Result<Submission, Failure> {
        let Planned { person, form, page, question: asked } = self.planned[number];
        let Person { address, first, last } = &self.people[person];
        // The same each time that it is delivered.
        let mut random = Random::new(self.seed ^ (number as u64 + 1) << 32);
        let mut sent = vec![
            ("emailaddress1".to_owned(), spelled_address(address, &mut random)),
            ("firstname".to_owned(), spelled(first, &mut random)),
            ("lastname".to_owned(), spelled(last, &mut random)),
        ];
        sent.extend(asked.map(|asked| (question(asked), number.to_string())));
        let read = Submission::read(forms.form(form), form.id(), time(number), sent)?;
        Ok(read.on_page(page_id(page)))
    }

    /// Delivers a submission once.
    pub async fn deliver<S: Store + Records + Directory>(
        &self,
        number: usize,
        forms: &Forms,
        flow: &Submissions,
        store: &S,
    ) -> Result<Answer, Failure> {
        let form = forms.form(self.planned[number].form);
        let setup = FormSetup::new(form, &forms.plan);
        let submission = self.submission(number, forms)?;
        let delivery = Delivery::new(TENANT, id(number), &submission, time(number));
        let worked = flow.submit(store, &setup, &delivery).await?;
        let what = match (worked.state, worked.outcome) {
            (SubmissionState::Succeeded, Some(outcome)) => {
                What::Done { repeated: worked.repeated, outcome: said(&outcome) }
            }
            (SubmissionState::Pending, None) => What::Waits,
            other => return Err(format!("submission {number}: {other:?}").into()),
        };
        Ok(Answer { submission: number, lost_rounds: worked.lost_rounds, what })
    }
}

const fn id(number: usize) -> RecordId {
    RecordId::new(SUBMISSIONS + number as u128)
}

const fn page_id(page: u64) -> RecordId {
    RecordId::new(60 + page as u128)
}

fn time(number: usize) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::milliseconds(number as i64)
}

/// An outcome on one line.
fn said(outcome: &Outcome) -> String {
    format!("{outcome:?}")
}

/// What a worker was told of a delivery.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub submission: usize,
    pub lost_rounds: usize,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// It is worked off, by this delivery or by another one before.
    Done { repeated: bool, outcome: String },
    /// It lost all rounds and is to be delivered again.
    Waits,
    /// Nothing: the store failed. It is to be delivered again.
    Nothing,
}

/// A line, for another process to read.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { submission, lost_rounds, what } = self;
        write!(f, "{submission} {lost_rounds} ")?;
        match what {
            What::Done { repeated: false, outcome } => write!(f, "done {outcome}"),
            What::Done { repeated: true, outcome } => write!(f, "repeated {outcome}"),
            What::Waits => f.write_str("waits "),
            What::Nothing => f.write_str("nothing "),
        }
    }
}

impl FromStr for Answer {
    type Err = Failure;

    fn from_str(line: &str) -> Result<Self, Failure> {
        let wrong = || format!("expected an answer, found {line:?}");
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        let [submission, lost_rounds, what, outcome] = words[..] else {
            return Err(wrong().into());
        };
        let outcome = outcome.to_owned();
        let what = match what {
            "done" => What::Done { repeated: false, outcome },
            "repeated" => What::Done { repeated: true, outcome },
            "waits" => What::Waits,
            "nothing" => What::Nothing,
            _ => return Err(wrong().into()),
        };
        Ok(Self { submission: submission.parse()?, lost_rounds: lost_rounds.parse()?, what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workload_is_a_function_of_its_seed_and_delivers_all_twice() {
        let (one, again) = (Workload::new(7, 500), Workload::new(7, 500));
        assert_eq!(one.deliveries, again.deliveries);
        let forms = Forms::new().unwrap();
        let mut times = vec![0; 500];
        for number in one.deliveries() {
            times[*number] += 1;
            let both = [&one, &again].map(|workload| workload.submission(*number, &forms).unwrap());
            assert_eq!(both[0], both[1]);
        }
        assert_eq!(times, [2; 500]);
        assert_ne!(one.deliveries, Workload::new(8, 500).deliveries);
        let most = |workload: &Workload| {
            let of = |person| workload.planned.iter().filter(|p| p.person == person).count();
            (0..workload.people.len()).map(of).max()
        };
        assert!(most(&one) >= Some(BURST / 3), "{:?}", most(&one));
    }

    #[test]
    fn answers_come_back_from_their_lines() {
        let done = |repeated| What::Done { repeated, outcome: "Outcome { a: b }".into() };
        for what in [done(true), done(false), What::Waits, What::Nothing] {
            let answer = Answer { submission: 7, lost_rounds: 2, what };
            assert_eq!(answer.to_string().parse::<Answer>().unwrap(), answer);
        }
        assert!("7 2 gone x".parse::<Answer>().is_err());
    }
}

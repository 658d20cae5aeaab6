//! The cases of `tests/data/form_cases.tsv`: through the flow on each store, and as pure questions.

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use correspond::consent::Level;
use correspond::form::{
    ChosenBecause, Failure, FoundRows, MatchScope, NewIds, Outcome, Question, Submission,
    SubmissionState, TargetOutcome,
};
use correspond::id::TenantId;
use correspond::party::{Attributes, Party, Value};
use correspond::record::{RecordKind, RecordRef};
use correspond::settings::{
    AttributeName, BlankValues, Comparison, Comparisons, MatchingRule, MatchingStrategy,
    MatchingTarget, Profile, UpdateMode,
};
use correspond::store::AnyStore;

use super::{
    Desk, FIELDS, FORM, PAGE, Setup, Stage, id, minute, on_both_stores, out_of_box, races, remove,
    text,
};

const PAGE_COLUMN: &str = "msdyncrm_marketingpageid";

struct Case {
    name: String,
    strategies: String,
    options: Vec<String>,
    rule: String,
    stored: Vec<Row>,
    submitted: Vec<String>,
    expected: String,
    after: Vec<Row>,
}

/// `C1[email=a@x.com|at=10:00]`
struct Row {
    reference: RecordRef,
    values: Vec<(String, String)>,
}

impl Row {
    fn read_all(cell: &str) -> Vec<Self> {
        let mut rows = Vec::new();
        for row in cell.split(']').map(str::trim).filter(|row| !row.is_empty() && *row != "-") {
            let (reference, values) = row.split_once('[').unwrap();
            rows.push(Self { reference: reference_of(reference), values: pairs(values) });
        }
        rows
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    fn party(&self) -> Party {
        let mut attributes = Attributes::default();
        for (name, value) in &self.values {
            if let Some((column, value)) = read_value(name, value) {
                attributes.set(column, value).unwrap();
            }
        }
        let modified = self.get("at").map_or_else(|| minute(1), clock);
        let party = Party::new(self.reference, modified, attributes);
        if self.get("state") == Some("inactive") { party.inactive() } else { party }
    }
}

/// The column of a name, and the value that a text is there; `None` of what is no column.
fn read_value(name: &str, value: &str) -> Option<(&'static str, Value)> {
    let value = unescaped(value);
    let number = || id(value.trim_start_matches(['C', 'L']).parse().unwrap());
    Some(match name {
        "page" => (PAGE_COLUMN, Value::Lookup(number())),
        "unit" => (Party::BUSINESS_UNIT, Value::Lookup(number())),
        "parent" => (Party::PARENT_CONTACT, Value::Lookup(number())),
        "made" => (Party::CREATED, Value::Time(clock(&value))),
        "consent" => (Level::COLUMN, Value::Choice(587_030_000 + value.parse::<i32>().unwrap())),
        "state" if value == "qualified" => (Party::LEAD_STATE, Value::Choice(1)),
        "state" | "at" => return None,
        name => (column(name), text(&value)),
    })
}

fn column(name: &str) -> &'static str {
    match name {
        "email" => "emailaddress1",
        "first" => "firstname",
        "last" => "lastname",
        "phone" => "telephone1",
        "page" => PAGE_COLUMN,
        other => panic!("no column {other}"),
    }
}

fn reference_of(text: &str) -> RecordRef {
    let kind = match &text[..1] {
        "C" => RecordKind::Contact,
        "L" => RecordKind::Lead,
        other => panic!("no kind {other}"),
    };
    kind.of(id(text[1..].parse().unwrap()))
}

fn clock(text: &str) -> DateTime<Utc> {
    let (hour, minutes) = text.split_once(':').unwrap();
    minute(hour.parse::<i64>().unwrap() * 60 + minutes.parse::<i64>().unwrap())
}

/// `\u{e9}` is é.
fn unescaped(text: &str) -> String {
    let mut parts = text.split("\\u{");
    let mut read = parts.next().unwrap().to_owned();
    for part in parts {
        let (code, rest) = part.split_once('}').unwrap();
        read.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        read.push_str(rest);
    }
    read
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    text.split('|').map(pair).collect()
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/form_cases.tsv");
    let file = fs::read_to_string(path).unwrap();
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    let case = |line: &str| {
        let cells: Vec<_> = line.split('\t').collect();
        let [name, strategies, options, rule, stored, submitted, expected, after, _, source] =
            cells[..]
        else {
            panic!("expected ten cells, found {line:?}");
        };
        assert!(!source.is_empty(), "{name}: a case has a source");
        Case {
            name: name.into(),
            strategies: strategies.into(),
            options: options.split(' ').map(str::to_owned).collect(),
            rule: rule.into(),
            stored: Row::read_all(stored),
            submitted: submitted.split(" & ").map(str::to_owned).collect(),
            expected: expected.into(),
            after: Row::read_all(after),
        }
    };
    let cases: Vec<_> = lines.map(case).collect();
    assert!(cases.len() > 50, "found the cases");
    cases
}

impl Case {
    fn has(&self, option: &str) -> bool {
        self.options.iter().any(|own| own == option)
    }

    fn option(&self, name: &str) -> Option<&str> {
        let mut options = self.options.iter().filter_map(|own| own.split_once('='));
        options.find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    fn number(&self, name: &str) -> Option<correspond::id::RecordId> {
        let value = self.option(name)?;
        Some(id(value.trim_start_matches('C').parse().unwrap()))
    }

    /// What is compared for a target, and what blank values do; `None` where nothing is asked for it.
    fn compared(&self, target: MatchingTarget) -> Option<(Vec<&'static str>, Comparisons, &str)> {
        let mut strategies = self.strategies.split("; ").map(|strategy| strategy.split(' '));
        let name = if target == MatchingTarget::Lead { "lead" } else { "contact" };
        let of = |words: &std::str::Split<'_, char>| words.clone().next() == Some(name);
        let mut words = strategies.find(of)?.skip(1);
        let named = words.next().unwrap().split(',').map(|part| {
            let (name, comparison) = part.split_once('~').unwrap_or((part, ""));
            (column(name), comparison.parse::<Comparison>().ok())
        });
        let named: Vec<_> = named.collect();
        let chosen = named.iter().filter_map(|(name, comparison)| {
            comparison.map(|comparison| (AttributeName::new(*name).unwrap(), comparison))
        });
        let chosen = Comparisons::new(chosen).unwrap();
        let names = named.iter().map(|(name, _)| *name).collect();
        Some((names, chosen, words.next().unwrap_or("blank=differ")))
    }

    fn strategy(&self, target: MatchingTarget) -> Option<MatchingStrategy> {
        let (names, chosen, blank) = self.compared(target)?;
        let blank = match blank {
            "blank=differ" => BlankValues::Differ,
            "blank=equal" => BlankValues::Equal,
            "blank=left-out" => BlankValues::LeftOut,
            other => panic!("no rule for blanks: {other}"),
        };
        let strategy = MatchingStrategy::builder().name("x").target(target).attributes(&*names);
        Some(strategy.comparisons(chosen).blank_values(blank).build().unwrap())
    }

    /// The rules of the later product, where it is asked for them.
    fn rules(&self) -> Vec<MatchingRule> {
        let inactive = match self.rule.as_str() {
            "-" => return Vec::new(),
            "active only" => false,
            "inactive too" => true,
            other => panic!("no such rule: {other}"),
        };
        let rule = |target: &MatchingTarget| {
            let (names, chosen, _) = self.compared(*target)?;
            let rule = MatchingRule::builder().name("x").target(*target).main_condition(&*names);
            Some(rule.comparisons(chosen).match_inactive(inactive).build().unwrap())
        };
        MatchingTarget::ALL.iter().filter_map(rule).collect()
    }

    fn setup(&self) -> Setup {
        let strategies = MatchingTarget::ALL.map_to(|target| self.strategy(target));
        let mode = match &strategies[..] {
            [Some(_), Some(_)] => UpdateMode::ContactsAndLeads,
            [Some(_), None] => UpdateMode::OnlyContacts,
            _ => UpdateMode::OnlyLeads,
        };
        let strategies = MatchingTarget::ALL.iter().zip(strategies);
        let strategies = strategies.map(|(t, own)| own.unwrap_or_else(|| out_of_box(*t)));
        let mut setup = Setup::of(strategies.collect()).in_mode(mode);
        if let Some(fields) = self.option("fields") {
            let fields: Vec<_> = fields.split(',').map(column).chain(["new_topic"]).collect();
            setup = setup.with_fields(&fields);
        }
        if let Some(page) = self.number("form-page") {
            setup = setup.with(|form| form.with_form_page(page));
        }
        if let Some(unit) = self.number("unit") {
            setup = setup.with(|form| form.owned_by(id(70), Some(unit)));
        }
        setup = setup.by_rules(self.rules());
        setup.profile = if self.has("current") { Profile::Current } else { Profile::Documents };
        let scope = MatchScope::of(setup.profile, &AttributeName::new(PAGE_COLUMN).unwrap());
        let units = self.has("units");
        setup.scoped(&if units { scope.within_business_unit() } else { scope })
    }

    /// What is submitted; a value beside tells whether it was written.
    fn submission(&self, setup: &Setup, submitted: &str) -> Submission {
        let mut sent: Vec<_> = pairs(submitted)
            .into_iter()
            .map(|(name, value)| (column(&name), unescaped(&value)))
            .collect();
        sent.push(("new_topic", self.name.clone()));
        let mut read = Submission::read(&setup.form, FORM, minute(600), sent).unwrap();
        if let Some(page) = self.number("page") {
            read = read.on_page(page);
        }
        match self.number("visitor") {
            Some(visitor) => read.by_link(visitor),
            None => read,
        }
    }

    /// Those who are there when it is submitted.
    fn present(&self) -> impl Iterator<Item = &Row> {
        self.stored.iter().filter(|row| row.get("state") != Some("deleted"))
    }
}

trait MapTo<T: Copy> {
    fn map_to<U>(&self, map: impl FnMut(T) -> U) -> Vec<U>;
}

impl<T: Copy> MapTo<T> for [T] {
    fn map_to<U>(&self, map: impl FnMut(T) -> U) -> Vec<U> {
        self.iter().copied().map(map).collect()
    }
}

/// An outcome in the words of the table.
fn told(outcome: &Outcome) -> String {
    let kebab = |why: &dyn erased::Kebab| why.kebab();
    let found = |letter: char, outcome: &TargetOutcome, why: &ChosenBecause| {
        let number = |id: &correspond::id::RecordId| format!("{letter}{}", id.get());
        let others: Vec<_> = outcome.others().iter().map(number).collect();
        let others =
            if others.is_empty() { String::new() } else { format!(", also {}", others.join(" ")) };
        format!("{} {}{others}", number(&outcome.record().unwrap()), kebab(why))
    };
    let of = |letter, outcome: &TargetOutcome| match outcome {
        TargetOutcome::Created { why, .. } => Some(format!("new {}", kebab(why))),
        TargetOutcome::Updated { why, .. } => Some(found(letter, outcome, why)),
        TargetOutcome::Failed(Failure::Missing { attribute, .. }) => {
            let names = ["email", "first", "last", "phone"];
            let name = names.into_iter().find(|name| column(name) == attribute.as_str());
            Some(format!("failed {}", name.unwrap()))
        }
        TargetOutcome::Untouched(_) | TargetOutcome::NotReached => None,
        other => panic!("{other:?}"),
    };
    let told = [of('C', &outcome.contact), of('L', &outcome.lead)];
    told.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

mod erased {
    /// What it is called where it is kept.
    pub trait Kebab {
        fn kebab(&self) -> String;
    }

    impl<T: serde::Serialize> Kebab for T {
        fn kebab(&self) -> String {
            serde_json::to_value(self).unwrap().as_str().unwrap().to_owned()
        }
    }
}

/// The case through the flow, in a tenant of its own.
fn worked(store: &AnyStore, tenant: TenantId, case: &Case) {
    let setup = case.setup();
    let desk = Desk { tenant, ..Desk::at(Stage::new(store), setup) };
    desk.know(&case.stored.iter().map(Row::party).collect::<Vec<_>>());
    for row in case.stored.iter().filter(|row| row.get("state") == Some("deleted")) {
        remove(store, tenant, row.reference);
    }
    let submissions: Vec<_> =
        case.submitted.iter().map(|sent| case.submission(&desk.setup, sent)).collect();
    if case.has("at-once") {
        let desk = Desk { tenant, ..Desk::at(races::meeting(store, 2), desk.setup) };
        let worked = races::at_once(&desk, 100, &submissions);
        assert_eq!(races::one_of(&desk, &worked), Ok(()), "{}", case.name);
        return;
    }
    let worked = desk.submit(100, &submissions[0]);
    let outcome = worked.outcome.unwrap();
    assert_eq!(told(&outcome), case.expected, "{}", case.name);
    let failed = outcome.failure().is_some();
    let state = if failed { SubmissionState::Failed } else { SubmissionState::Succeeded };
    assert_eq!((worked.state, desk.stored(100).state()), (state, state), "{}", case.name);

    // What was made or found has the values, nobody else has; and nobody else is there.
    let mut there = 0;
    for row in [desk.contacts(), desk.leads()].concat() {
        there += 1;
        let own = match row.reference().kind() {
            RecordKind::Contact => outcome.contact.record(),
            _ => outcome.lead.record(),
        };
        let topic = row.attributes().get("new_topic");
        let expected = text(&case.name);
        let hit = own == Some(row.reference().id());
        assert_eq!(topic, hit.then_some(&expected), "{}: {row:?}", case.name);
    }
    let new = case.expected.matches("new ").count();
    assert_eq!(there, case.present().count() + new, "{}", case.name);
    for row in &case.after {
        let party = desk.row(row.reference);
        assert_eq!(party.is_active(), row.get("state") != Some("inactive"), "{}", case.name);
        for (name, value) in &row.values {
            if let Some((column, value)) = read_value(name, value) {
                assert_eq!(party.attributes().get(column), Some(&value), "{}", case.name);
            }
        }
    }
}

/// The case as a question, with all rows of the directory for an answer.
fn asked(case: &Case) -> String {
    let setup = case.setup();
    let submission = case.submission(&setup, &case.submitted[0]);
    let matcher = |target| setup.plan.of(setup.form.matcher(target));
    let keyed = setup.plan.keyings();
    let question = Question::new(&setup.form, &submission, setup.profile, matcher, keyed);
    let question = match question {
        Ok(question) => question,
        Err(refusal) => return told(&refusal.into()),
    };
    let mut rows = FoundRows::default();
    for party in case.present().map(Row::party) {
        if submission.visitor() == Some(party.reference().id()) {
            rows.visitor = Some(party.clone());
        }
        match party.reference().kind() {
            RecordKind::Contact => rows.contacts.push(party),
            _ => rows.leads.push(party),
        }
    }
    let ids = NewIds { contact: id(900), lead: id(901) };
    told(&question.decide(&rows, ids, minute(600)).unwrap().outcome)
}

/// A095, A096, A098, A099: what matches is updated, and nothing is made; where nothing matches, one
/// is made. A128, A130, A132: what matches equals in every attribute.
#[test]
fn form_cases_come_out_as_the_products_have_them() {
    on_both_stores(|store| {
        for (n, case) in cases().iter().enumerate() {
            worked(store, TenantId::new(1 + n as u128), case);
        }
    });
}

#[test]
fn form_cases_come_out_alike_as_pure_questions() {
    for case in cases().iter().filter(|case| !case.has("at-once")) {
        assert_eq!(asked(case), case.expected, "{}", case.name);
    }
}

/// M26: a form that lacks an attribute of its strategy does not go live.
#[test]
fn a_form_without_a_field_for_its_strategy_does_not_go_live() {
    let cases = cases();
    let case = cases.iter().find(|case| case.name == "M26").unwrap();
    let setup = case.setup();
    let error = setup.form.check_live(&setup.strategies, &[]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "fields: expected one for lastname, which the Contact matching strategy compares, found none"
    );
    assert_eq!(setup.with_fields(&FIELDS).form.check_live(&case.setup().strategies, &[]), Ok(()));
    // The page comes with the submission: no field is needed for it.
    let leads = Setup::out_of_box().with(|form| form.with_form_page(PAGE));
    assert_eq!(leads.form.check_live(&leads.strategies, &[]), Ok(()));
}

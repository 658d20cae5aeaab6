//! What holds of every submission, whatever it says.

use correspond::address::EmailAddress;
use correspond::form::{
    BlankUpdates, Decision, FieldKind, FormField, FoundRows, Keyings, MatchScope, Matcher, NewIds,
    Question, Submission, SubmissionState, TargetOutcome, identical, is_blank,
};
use correspond::id::RecordId;
use correspond::index::Keyer;
use correspond::party::{Attributes, Party, Value};
use correspond::record::{RecordKind, UniqueKey};
use correspond::settings::{
    AttributeName, BlankValues, Comparison, Comparisons, Degree, MatchingAttributes, MatchingRule,
    MatchingStrategy, MatchingTarget, RuleCondition, RuleConditions, UpdateMode,
};
use correspond::text::TextForm;
use proptest::prelude::*;

use super::{
    Desk, FORM, Setup, by, contact, dump, edit, id, lead, memory, minute, out_of_box, person, text,
};

const NAMES: [&str; 4] = ["emailaddress1", "lastname", "telephone1", "new_topic"];

fn keyer() -> Keyer {
    Keyer::from_secret([3; 16])
}

fn name(name: &str) -> AttributeName {
    AttributeName::new(name).unwrap()
}

const TEXTS: [&str; 13] = [
    "a@x.com",
    "A@x.com",
    "b@x.com",
    "ray",
    " Ray ",
    "re\u{301}",
    "ré",
    "5 5",
    "55",
    "n/a",
    "",
    " ",
    "\u{200b}",
];

/// Values that are often alike: case, blanks, composition, digits, nothing at all.
fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        6 => prop::sample::select(&TEXTS[..]).prop_map(text),
        1 => (0_i64..2).prop_map(Value::Whole),
        1 => "[01.]{0,2}".prop_map(Value::Decimal),
    ]
}

/// Some of the columns with values.
fn values() -> impl Strategy<Value = Attributes> {
    let unit = prop::option::of((1_u128..3).prop_map(|n| Value::Lookup(id(n))));
    let each = NAMES.map(|_| prop::option::weighted(0.8, value()));
    (each, unit).prop_map(|(values, unit)| {
        let names = NAMES.into_iter().chain([Party::BUSINESS_UNIT]);
        let mut attributes = Attributes::default();
        for (name, value) in names.zip(values.into_iter().chain([unit])) {
            if let Some(value) = value {
                attributes.set(name, value).unwrap();
            }
        }
        attributes
    })
}

fn comparison() -> impl Strategy<Value = Comparison> {
    let texts = TextForm::ALL.map(Comparison::Text);
    prop::sample::select([&texts[..], &[Comparison::EMAIL, Comparison::Phone]].concat())
}

fn blanks() -> impl Strategy<Value = BlankValues> {
    prop::sample::select(BlankValues::ALL.to_vec())
}

/// A strategy for contacts, and the names that it compares.
fn strategy() -> impl Strategy<Value = (Vec<&'static str>, Comparisons, BlankValues)> {
    let names = prop::sample::subsequence(&NAMES[..], 1..=NAMES.len()).prop_shuffle();
    let compared = prop::collection::vec(prop::option::of(comparison()), NAMES.len());
    (names, compared, blanks()).prop_map(|(names, compared, blank)| {
        let chosen = NAMES.into_iter().zip(compared);
        let chosen = chosen.filter_map(|(own, how)| how.map(|how| (name(own), how)));
        (names, Comparisons::new(chosen).unwrap(), blank)
    })
}

fn scope() -> impl Strategy<Value = MatchScope> {
    (any::<bool>(), prop::option::of(prop::sample::select(&NAMES[..]))).prop_map(|(unit, blank)| {
        let mut scope = MatchScope::default();
        scope.business_unit = unit;
        scope.pageless = blank.map(name);
        scope
    })
}

fn matcher(
    names: &[&str],
    compared: &Comparisons,
    blank: BlankValues,
    scope: &MatchScope,
) -> Matcher {
    let strategy = MatchingStrategy::builder().name("x").attributes(names);
    let strategy = strategy.comparisons(compared.clone()).blank_values(blank);
    Matcher::of_strategy(&strategy.build().unwrap(), scope)
}

/// A rule for contacts, with up to two conditions beside the main one.
fn rule() -> impl Strategy<Value = MatchingRule> {
    let names = || prop::sample::subsequence(&NAMES[..], 1..=NAMES.len());
    let degree = prop::sample::select(Degree::ALL.to_vec());
    let others = prop::collection::vec((names(), degree), 0..3);
    (names(), others, any::<bool>()).prop_map(|(main, others, inactive)| {
        let attributes =
            |names: &[&str]| MatchingAttributes::new(names.iter().map(|own| name(own))).unwrap();
        let others =
            others.iter().map(|(names, degree)| RuleCondition::new(attributes(names), *degree));
        MatchingRule::builder()
            .name("x")
            .main_condition(&*main)
            .additional_conditions(RuleConditions::new(others).unwrap())
            .match_inactive(inactive)
            .build()
            .unwrap()
    })
}

fn row(values: &Attributes) -> Party {
    Party::new(contact(1), minute(1), values.clone())
}

fn meets(a: &[UniqueKey], b: &[UniqueKey]) -> bool {
    a.iter().any(|key| b.contains(key))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whoever submits what a row says matches it, as far as there is anything to compare; and who is
    /// matched would have matched, but where blanks are left out: who says less finds who says more.
    #[test]
    fn matching_is_reflexive_and_symmetric(
        (names, compared, blank) in strategy(),
        scope in scope(),
        a in values(),
        b in values(),
    ) {
        let matcher = matcher(&names, &compared, blank, &scope);
        let evidence = !matcher.probes(&keyer(), &a).is_empty();
        prop_assert_eq!(matcher.matches(&a, &row(&a)), evidence);
        if blank != BlankValues::LeftOut {
            prop_assert_eq!(matcher.matches(&a, &row(&b)), matcher.matches(&b, &row(&a)));
        }
    }

    /// No match is missed: every row that matches is found under one of the keys that are looked up;
    /// and of two that would match each other, made at once, one loses its claim.
    #[test]
    fn every_match_is_found_by_its_keys(
        (names, compared, blank) in strategy(),
        scope in scope(),
        a in values(),
        b in values(),
    ) {
        let matcher = matcher(&names, &compared, blank, &scope);
        let (keyer, b_row) = (keyer(), row(&b));
        let mut keyings = Keyings::default();
        for keying in matcher.keyings() {
            prop_assert!(keyings.add(keying.clone()));
        }
        let keys = keyings.lookup_keys(&b_row, &keyer);
        let found = matcher.probes(&keyer, &a).iter().any(|key| keys.contains(key));
        prop_assert!(found || !matcher.matches(&a, &b_row));
        if matcher.matches(&a, &b_row) && matcher.matches(&b, &row(&a)) {
            prop_assert!(meets(&matcher.claims(&keyer, &a), &matcher.claims(&keyer, &b)));
        }
    }

    /// So it is with the rules of the later product; two who match one another share a claim.
    #[test]
    fn every_match_of_a_rule_is_found_by_its_keys(
        rule in rule(),
        scope in scope(),
        a in values(),
        b in values(),
    ) {
        let matcher = Matcher::of_rule(&rule, &scope);
        let (keyer, a_row, b_row) = (keyer(), row(&a), row(&b));
        let mut keyings = Keyings::default();
        for keying in matcher.keyings() {
            prop_assert!(keyings.add(keying.clone()));
        }
        let keys = keyings.lookup_keys(&b_row, &keyer);
        let found = matcher.probes(&keyer, &a).iter().any(|key| keys.contains(key));
        let matches = matcher.matches(&a, &b_row);
        prop_assert!(found || !matches);
        prop_assert_eq!(matches, matcher.matches(&b, &a_row));
        prop_assert!(!matches || meets(&matcher.claims(&keyer, &a), &matcher.claims(&keyer, &b)));
        prop_assert!(!matches || matcher.matches(&a, &a_row), "who finds somebody finds himself");
    }

    /// A129: adding an attribute never enlarges the set of matching records. Where blank values are
    /// passed over, a submission that was blank in all attributes had asked for nobody.
    #[test]
    fn one_more_attribute_never_matches_more(
        (names, compared, blank) in strategy(),
        scope in scope(),
        added in prop::sample::select(&NAMES[..]),
        a in values(),
        b in values(),
    ) {
        let fewer = matcher(&names, &compared, blank, &scope);
        let mut names = names;
        if !names.contains(&added) {
            names.push(added);
        }
        let more = matcher(&names, &compared, blank, &scope);
        let asked = !fewer.probes(&keyer(), &a).is_empty();
        if asked || blank == BlankValues::Differ && scope.pageless.is_none() {
            prop_assert!(!more.matches(&a, &row(&b)) || fewer.matches(&a, &row(&b)));
        }
    }

    /// The order in which a strategy names its attributes decides nothing.
    #[test]
    fn the_order_of_attributes_decides_nothing(
        (names, compared, blank) in strategy(),
        scope in scope(),
        a in values(),
        b in values(),
    ) {
        let turned: Vec<_> = names.iter().rev().copied().collect();
        let of = |names: &[&str]| matcher(names, &compared, blank, &scope).matches(&a, &row(&b));
        prop_assert_eq!(of(&names), of(&turned));
    }

    /// What a value is compared by is identical to it: normalising twice is normalising once.
    #[test]
    fn a_value_is_identical_to_what_it_is_compared_by(
        said in "[a-cA-CßſİıΣςéE\u{301} \u{a0}\u{200b}.ﬁ]{0,8}",
        local in "[a-zA-ZÖöß]{1,6}",
        domain in "[a-zA-Z]{1,5}",
    ) {
        for form in TextForm::ALL {
            let (said, key) = (text(&said), text(&form.key(&said)));
            let same = |a, b| identical(a, b, Comparison::Text(form));
            // A mark without its letter is blank to whoever sees no marks.
            prop_assert!(!is_blank(&said) || !same(&said, &said));
            prop_assert_eq!(same(&said, &key), same(&said, &said), "{:?}", form);
        }
        let said = format!("{local}@{domain}.example");
        if let Ok(address) = said.parse::<EmailAddress>() {
            let sent = text(&address.to_string());
            prop_assert!(identical(&text(&said), &sent, Comparison::EMAIL));
        }
    }
}

/// Rows of the directory, with a few different times.
fn rows() -> impl Strategy<Value = Vec<Party>> {
    let one = (values(), 1_i64..4, 0_u8..8, prop::option::of(1_i64..3));
    prop::collection::vec(one, 0..8).prop_map(|rows| {
        let party =
            |(n, (values, modified, state, made)): (usize, (Attributes, i64, u8, Option<i64>))| {
                let mut values = values;
                if let Some(made) = made {
                    values.set(Party::CREATED, Value::Time(minute(made))).unwrap();
                }
                let party = Party::new(contact(1 + n as u128), minute(modified), values);
                if state == 0 { party.inactive() } else { party }
            };
        rows.into_iter().enumerate().map(party).collect()
    })
}

/// A strategy for contacts and the one for leads that the product comes with; leads are left alone.
fn only_contacts(names: &[&str], compared: &Comparisons, blank: BlankValues) -> Setup {
    let strategy = MatchingStrategy::builder().name("x").attributes(names);
    let strategy = strategy.comparisons(compared.clone()).blank_values(blank).build().unwrap();
    Setup::of(vec![strategy, out_of_box(MatchingTarget::Lead)]).in_mode(UpdateMode::OnlyContacts)
}

fn submitted(values: &Attributes) -> Submission {
    let values = values.iter().filter(|(name, _)| *name != Party::BUSINESS_UNIT);
    let values = values.map(|(name, value)| (name.to_owned(), Some(value.clone())));
    Submission::new(FORM, minute(600), values).unwrap()
}

fn decided(setup: &Setup, submission: &Submission, rows: &FoundRows) -> Option<Decision> {
    let matcher = |target| setup.plan.of(setup.form.matcher(target));
    let keyed = setup.plan.keyings();
    let question = Question::new(&setup.form, submission, setup.profile, matcher, keyed).ok()?;
    let ids = NewIds { contact: id(900), lead: id(901) };
    let decision = question.decide(rows, ids, minute(600)).unwrap();
    let again = question.decide(rows, ids, minute(600)).unwrap();
    assert_eq!(decision, again, "the same question, the same answer");
    Some(decision)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// The order of the rows that are found, and how many of them do not match or come twice, decides
    /// nothing.
    #[test]
    fn the_rows_that_do_not_match_and_their_order_decide_nothing(
        (names, compared, blank) in strategy(),
        values in values(),
        (rows, turned) in rows().prop_flat_map(|rows| {
            let twice = [rows.clone(), rows.clone()].concat();
            (Just(rows), Just(twice).prop_shuffle())
        }),
        visitor in prop::option::of(0_usize..8),
    ) {
        let setup = only_contacts(&names, &compared, blank);
        let submission = submitted(&values);
        let matcher = matcher(&names, &compared, blank, &MatchScope::default());
        let mut all = FoundRows::default();
        all.visitor = visitor.and_then(|n| rows.get(n).cloned());
        all.contacts = turned;
        // Texts of which nothing is to be seen are no values.
        let mut compared_by = Attributes::default();
        for (name, value) in submission.values() {
            if let Some(value) = value {
                compared_by.set(name, value.clone()).unwrap();
            }
        }
        let mut matching = FoundRows::default();
        matching.visitor.clone_from(&all.visitor);
        matching.contacts = rows;
        matching.contacts.retain(|row| matcher.matches(&compared_by, row));
        let (found, narrow) =
            (decided(&setup, &submission, &all), decided(&setup, &submission, &matching));
        prop_assert_eq!(found, narrow);
    }

    /// What was not submitted stays; and where blanks keep, no value goes.
    #[test]
    fn an_update_takes_no_value_away_that_was_not_submitted(
        (names, compared, blank) in strategy(),
        values in values(),
        rows in rows(),
        keep in any::<bool>(),
    ) {
        let blanks = if keep { BlankUpdates::Keep } else { BlankUpdates::Clear };
        let setup = only_contacts(&names, &compared, blank).with(|form| form.with_blanks(blanks));
        let submission = submitted(&values);
        let mut found = FoundRows::default();
        found.contacts = rows;
        let Some(decision) = decided(&setup, &submission, &found) else { return Ok(()) };
        let Some(change) = decision.contact else { return Ok(()) };
        let Some(before) = change.found else { return Ok(()) };
        for (name, value) in before.attributes().iter() {
            let after = change.row.attributes().get(name);
            match submission.value(name) {
                Some(Some(submitted)) => prop_assert_eq!(after, Some(submitted)),
                Some(None) => prop_assert_eq!(after, Some(value).filter(|_| keep), "{}", name),
                None => prop_assert_eq!(after, Some(value), "{}", name),
            }
        }
        prop_assert_eq!(change.row.is_active(), before.is_active());
        prop_assert!(change.row.modified() >= before.modified());
    }
}

/// A value of any type, for a field that may take another.
fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        "\\PC{0,12}|[ a@.x\u{200b}\0]{0,6}".prop_map(Value::Text),
        any::<i64>().prop_map(Value::Whole),
        "[-+0-9.e]{0,5}".prop_map(Value::Decimal),
        any::<bool>().prop_map(Value::YesNo),
        any::<i32>().prop_map(Value::Choice),
        any::<u128>().prop_map(|id| Value::Lookup(RecordId::new(id))),
        (-1_000_000_i64..1_000_000).prop_map(|n| Value::Time(minute(n))),
        (0_i64..90_000_000).prop_map(|n| Value::Date(minute(n).date_naive())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever is submitted, it comes to one end, which is kept with it; where that is a failure,
    /// nothing else was written; and delivered again it changes nothing.
    #[test]
    fn every_submission_comes_to_one_end_and_only_once(
        sent in prop::collection::vec(
            ("emailaddress1|lastname|new_count|new_option|new_day|[a-z]{1,3}", prop::option::of(any_value())),
            0..7,
        ),
        mode in prop::sample::select(UpdateMode::ALL.to_vec()),
        visitor in prop::option::of(1_u128..4),
        on_page in any::<bool>(),
    ) {
        let store = memory();
        let setup = Setup::out_of_box().in_mode(mode);
        let field = |name: &str| FormField::new(name).unwrap();
        let setup = setup.with(|form| form.with_fields([
            field("emailaddress1"),
            field("lastname"),
            field("new_count").of_kind(FieldKind::Whole),
            field("new_option").with_options([1, 2]),
            field("new_day").of_kind(FieldKind::Date),
        ]).unwrap());
        let known = [("emailaddress1", "a@x.com")];
        let rows = [person(contact(1), &known, 1), person(contact(2), &known, 2), person(lead(3), &known, 1)];
        let desk = Desk::among(&store, setup, &rows);
        let mut submission = Submission::new(FORM, minute(600), sent).unwrap();
        if let Some(visitor) = visitor {
            submission = submission.by_link(id(visitor));
        }
        if on_page {
            submission = submission.on_page(super::PAGE);
        }
        let before = dump(&store, desk.tenant).len();
        let first = desk.submit(100, &submission);
        let outcome = first.outcome.clone().unwrap();
        let after = dump(&store, desk.tenant);
        prop_assert_eq!(desk.list(RecordKind::Submission).len(), 1);
        let stored = desk.stored(100);
        prop_assert_eq!(stored.outcome(), Some(&outcome));
        match outcome.failure() {
            Some(_) => {
                prop_assert_eq!((first.state, after.len()), (SubmissionState::Failed, before + 1));
                prop_assert_eq!(stored.submission(), Some(&submission));
            }
            None => prop_assert_eq!(first.state, SubmissionState::Succeeded),
        }
        let made = |outcome: &TargetOutcome| usize::from(matches!(outcome, TargetOutcome::Created { .. }));
        prop_assert_eq!(desk.contacts().len(), 2 + made(&outcome.contact));
        prop_assert_eq!(desk.leads().len(), 1 + made(&outcome.lead));
        prop_assert_eq!(desk.history().len(), usize::from(outcome.lead.record().is_some()));

        let again = desk.submit(100, &submission);
        prop_assert!(again.repeated);
        prop_assert_eq!((again.state, again.outcome), (first.state, first.outcome));
        prop_assert_eq!(dump(&store, desk.tenant), after);
    }
}

/// Who has said what is blank says nothing: neither is a value written over, nor is one required there.
#[test]
fn text_of_which_nothing_is_to_be_seen_is_no_value() {
    let store = memory();
    let desk = Desk::among(
        &store,
        Setup::out_of_box(),
        &[person(contact(1), &[("emailaddress1", "a@x.com"), ("lastname", "Ray")], 1)],
    );
    let blank = Some(text(" \u{200b}"));
    let sent = [("emailaddress1".into(), Some(text("a@x.com"))), ("lastname".into(), blank)];
    let submission = Submission::new(FORM, minute(600), sent).unwrap().on_page(super::PAGE);
    assert_eq!(submission.value("lastname"), Some(None));
    assert_eq!(desk.submit(100, &submission).outcome.unwrap().contact.record(), Some(id(1)));
    assert_eq!(desk.text_of(contact(1), "lastname"), "Ray");
}

/// A telephone number without digits is blank, also where blanks are left out.
#[test]
fn a_number_without_digits_is_left_out_as_blank() {
    let strategy = MatchingStrategy::builder()
        .name("x")
        .attributes(["telephone1", "lastname"])
        .blank_values(BlankValues::LeftOut)
        .build()
        .unwrap();
    let setup = Setup::of(vec![strategy, out_of_box(MatchingTarget::Lead)]);
    let store = memory();
    let desk = Desk::among(
        &store,
        setup.in_mode(UpdateMode::OnlyContacts),
        &[person(contact(1), &[("telephone1", "555"), ("lastname", "Ray")], 1)],
    );
    let outcome = desk.sends(100, &[("telephone1", "n/a"), ("lastname", "Ray")]);
    assert_eq!(outcome.contact.to_string(), "updated: the only match");
}

/// Of very many who share what is frequent, the one who has what is rare is found all the same.
#[test]
fn a_match_among_many_is_found_by_what_is_rare() {
    let strategy = MatchingStrategy::builder()
        .name("x")
        .attributes(["lastname", "emailaddress1"])
        .blank_values(BlankValues::LeftOut)
        .build()
        .unwrap();
    let setup = Setup::of(vec![strategy, out_of_box(MatchingTarget::Lead)]);
    let mut rows =
        vec![person(contact(1), &[("lastname", "Smith"), ("emailaddress1", "a@x.com")], 1)];
    for n in 2..100 {
        rows.push(person(contact(n), &[("lastname", "Smith")], 2));
    }
    let store = memory();
    let desk = Desk::among(&store, setup.in_mode(UpdateMode::OnlyContacts), &rows);
    let outcome = desk.sends(100, &[("lastname", "Smith"), ("emailaddress1", "a@x.com")]);
    assert_eq!(outcome.contact.record(), Some(id(1)));
}

/// An active row behind very many inactive ones is found by its claim.
#[test]
fn an_active_row_behind_many_inactive_ones_is_found() {
    let setup = Setup::of(vec![
        by(MatchingTarget::Contact, &["emailaddress1"]),
        out_of_box(MatchingTarget::Lead),
    ]);
    let store = memory();
    let desk = Desk::among(&store, setup.in_mode(UpdateMode::OnlyContacts), &[]);
    let sent = [("emailaddress1", "a@x.com"), ("firstname", "Ann")];
    let first = desk.sends(100, &sent).contact.record().unwrap();
    edit(&store, desk.tenant, RecordKind::Contact.of(first), |row| row.modified_at(minute(1)));
    let rows: Vec<_> = (1..80).map(|n| person(contact(n), &sent, 2).inactive()).collect();
    desk.know(&rows);
    let again = desk.submit(101, &desk.setup.read(&[("emailaddress1", "a@x.com")]));
    assert_eq!(again.outcome.unwrap().contact.record(), Some(first));
}

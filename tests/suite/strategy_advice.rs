//! What a sample of the directory says of a strategy (facts 8.4: what practitioners report of
//! matching).

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use correspond::form::{
    FormField, FormType, Keying, MarketingForm, StrategyAdvice, StrategyFinding,
    StrategyFindingKind as Kind, StrategyFit,
};
use correspond::id::RecordId;
use correspond::party::{Attributes, Party, Value};
use correspond::record::{RecordKind, Version};
use correspond::settings::{
    AttributeName, Comparison, LandingPageConfiguration, MatchingStrategy, MatchingTarget, Stored,
};
use correspond::text::TextForm;
use proptest::prelude::*;

const ADDRESS: &str = "emailaddress1";
const PAGE: &str = "msdyncrm_marketingpageid";

fn keying(target: MatchingTarget, names: &[&str]) -> Keying {
    Keying::new(target, names.iter().map(|name| AttributeName::new(*name).unwrap()))
}

fn contacts(names: &[&str]) -> Keying {
    keying(MatchingTarget::Contact, names)
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn of_kind(kind: RecordKind, id: usize, values: &[(&str, Value)]) -> Party {
    let mut row = Attributes::default();
    for (name, value) in values {
        row.set(*name, value.clone()).unwrap();
    }
    Party::new(kind.of(RecordId::new(id as u128)), DateTime::UNIX_EPOCH, row)
}

fn contact(id: usize, address: &str, first: &str, last: &str) -> Party {
    let values = [(ADDRESS, text(address)), ("firstname", text(first)), ("lastname", text(last))];
    of_kind(RecordKind::Contact, id, &values)
}

/// A name in letters alone.
fn spelt(number: usize) -> String {
    let letters = number.to_string();
    letters.bytes().map(|digit| char::from(b'a' + digit - b'0')).collect()
}

/// People of whom each has an address of his own, and one of ten last names; ids from 1,000 on.
fn people(number: usize) -> Vec<Party> {
    let one = |n: usize| {
        contact(1_000 + n, &format!("{}@home.example", spelt(n)), &spelt(n), &spelt(n % 10))
    };
    (0..number).map(one).collect()
}

fn with(more: impl IntoIterator<Item = Party>, number: usize) -> Vec<Party> {
    more.into_iter().chain(people(number)).collect()
}

fn findings(keying: &Keying, rows: &[Party]) -> Vec<StrategyFinding> {
    StrategyAdvice::of(keying, rows).findings().to_vec()
}

/// The one finding of this kind, and its sentence.
fn found(keying: &Keying, rows: &[Party], kind: Kind) -> (StrategyFinding, String) {
    let findings = findings(keying, rows);
    let [one] = &findings[..] else { panic!("expected {kind:?} alone, found {findings:?}") };
    assert_eq!(one.kind(), kind);
    assert_eq!(one.rows(), rows.len());
    (one.clone(), one.to_string())
}

fn nothing(keying: &Keying, rows: &[Party]) {
    assert_eq!(findings(keying, rows), []);
}

fn ids(of: std::ops::Range<u128>) -> Vec<RecordId> {
    of.map(RecordId::new).collect()
}

/// Facts 8.4: shared office addresses overwrite each other when only the address is compared.
#[test]
fn an_address_that_an_office_shares_makes_strangers_one() {
    let by_address = contacts(&[ADDRESS]);
    let office = |number| {
        (1..=number)
            .map(|n| contact(n, "Office@contoso.example", &spelt(n), &format!("x{}", spelt(n))))
    };
    let (finding, said) = found(&by_address, &with(office(2), 198), Kind::Strangers);
    assert_eq!(
        said,
        "too wide: 2 of 200 rows (1 %) share their key with somebody of another name, at most 2 one \
         key; add lastname"
    );
    assert_eq!((finding.concerned(), finding.largest()), (2, 2));
    assert_eq!((finding.attribute().as_str(), finding.examples()), ("lastname", &ids(1..3)[..]));
    nothing(&by_address, &with(office(2), 199));
    nothing(&contacts(&[ADDRESS, "lastname"]), &with(office(2), 198));

    let (finding, said) =
        found(&by_address, &with(office(StrategyAdvice::CROWD), 1_990), Kind::Strangers);
    assert!(said.starts_with("too wide: 10 of 2000 rows (under 1 %) share their key"), "{said}");
    assert_eq!(finding.examples(), ids(1..6));
    nothing(&by_address, &with(office(StrategyAdvice::CROWD - 1), 1_990));
}

/// Facts 8.4: so do shared family addresses; `Bob` and `Robert` look the same from here.
#[test]
fn an_address_that_a_family_shares_makes_relatives_one() {
    let by_address = contacts(&[ADDRESS]);
    let family = || ["Ann", "Bob", "bob "].into_iter().zip(1..);
    let family = family().map(|(first, id)| contact(id, "lee@home.example", first, "Lee"));
    let rows = with(family, 97);
    let (finding, said) = found(&by_address, &rows, Kind::Relatives);
    assert_eq!(
        said,
        "too wide: 3 of 100 rows (3 %) share their key with somebody of another firstname, at most 3 \
         one key; if they are different people add firstname, if not merge them"
    );
    assert_eq!((finding.concerned(), finding.largest()), (3, 3));
    nothing(&contacts(&[ADDRESS, "firstname", "lastname"]), &rows[1..]);

    let married = ["Lee", "Meyer"].into_iter().zip(1..);
    let married = married.map(|(last, id)| contact(id, "ann@home.example", "Ann", last));
    let (finding, _) = found(&by_address, &with(married, 98), Kind::Relatives);
    assert_eq!(finding.attribute().as_str(), "lastname");
}

/// People of one name are not one person, where nothing but names is compared.
#[test]
fn a_name_that_people_share_makes_namesakes_one() {
    let by_name = contacts(&["firstname", "lastname"]);
    let smith = |id, address: &str| contact(id, address, "John", "Smith");
    let rows = with([smith(1, "john@a.example"), smith(2, "john@b.example")], 98);
    let (finding, said) = found(&by_name, &rows, Kind::Namesakes);
    assert_eq!(
        said,
        "too wide: 2 of 100 rows (2 %) share their key with somebody of another address, at most 2 one \
         key; add emailaddress1"
    );
    assert_eq!(finding.examples(), ids(1..3));
    let mut rows = rows;
    rows.remove(0);
    nothing(&by_name, &rows);
}

/// Rows of one person that are there already: which one a submission finds hangs on when they were
/// modified.
#[test]
fn several_rows_of_one_person_are_to_be_merged() {
    let by_address = contacts(&[ADDRESS]);
    let same = |number| (1..=number).map(|id| contact(id, "ann@home.example", "Ann", "Lee"));
    let (finding, said) = found(&by_address, &with(same(5), 95), Kind::Several);
    assert_eq!(
        said,
        "too wide: 5 of 100 rows (5 %) share their key with others that nothing tells apart, at most 5 \
         one key; merge them, as a submission finds the one modified last"
    );
    assert_eq!((finding.attribute().as_str(), finding.examples()), (ADDRESS, &ids(1..6)[..]));
    nothing(&by_address, &with(same(4), 96));
    let unnamed =
        (1..=5).map(|id| of_kind(RecordKind::Contact, id, &[(ADDRESS, text("a@b.example"))]));
    found(&by_address, &with(unnamed, 95), Kind::Several);
}

fn lead(id: usize, page: Option<u128>) -> Party {
    let address = format!("{}@home.example", spelt(id));
    let mut values = vec![(ADDRESS, text(address)), ("lastname", text(spelt(id % 10)))];
    values.extend(page.map(|page| (PAGE, Value::Lookup(RecordId::new(page)))));
    of_kind(RecordKind::Lead, id, &values)
}

/// Facts 8.4, 7.3: embedded forms all hit the same lead, as none of them has a page, and where blank
/// equals nothing every submission makes another.
#[test]
fn embedded_forms_hit_one_lead_or_none() {
    let by_page = keying(MatchingTarget::Lead, &[ADDRESS, PAGE]);
    let alike = by_page.clone().blank_equals_blank(PAGE);
    let leads = |embedded: usize| -> Vec<_> {
        (0..100).map(|id| lead(id, (id >= embedded).then_some(1 + id as u128 % 3))).collect()
    };
    let (finding, said) = found(&alike, &leads(50), Kind::BlankAlike);
    assert_eq!(
        said,
        "too wide: 50 of 100 rows (50 %) have a blank msdyncrm_marketingpageid, and blank equals blank; \
         see that forms deliver it (embedded ones a form page), or let blank equal nothing"
    );
    assert_eq!((finding.attribute().as_str(), finding.examples()), (PAGE, &ids(0..5)[..]));
    nothing(&alike, &leads(49));

    let (_, said) = found(&by_page, &leads(50), Kind::Blank);
    assert_eq!(
        said,
        "too narrow: 50 of 100 rows (50 %) have a blank msdyncrm_marketingpageid and match nothing; \
         leave out msdyncrm_marketingpageid, or let blank equal blank"
    );
    nothing(&by_page, &leads(19));
}

/// Facts 8.4: `Bob` and `Robert` are two records where names are in the strategy.
#[test]
fn names_in_a_strategy_tell_one_person_apart() {
    let by_names = contacts(&[ADDRESS, "firstname", "lastname"]);
    let bob = ["Bob", "Robert"].into_iter().zip(1..);
    let bob: Vec<_> =
        bob.map(|(first, id)| contact(id, "ray@home.example", first, "Ray")).collect();
    let rows = with(bob, 198);
    let (finding, said) = found(&by_names, &rows, Kind::TellsApart);
    assert_eq!(
        said,
        "too narrow: 2 of 200 rows (1 %) are one person by address and last name, at most 2 one, but \
         differ in firstname; leave out firstname, unless people share an address"
    );
    assert_eq!((finding.attribute().as_str(), finding.examples()), ("firstname", &ids(1..3)[..]));
    nothing(&by_names, &rows[1..]);
    let other_address = contact(1, "bob@home.example", "Bob", "Ray");
    nothing(&by_names, &with([other_address, rows[1].clone()], 198));
    // Without them he looks like a family: nothing but a person can tell.
    found(&contacts(&[ADDRESS, "lastname"]), &rows, Kind::Relatives);
}

/// Spelling tells nobody apart: where it does, the comparison is too strict.
#[test]
fn a_strict_comparison_tells_one_person_apart() {
    let rows = with(
        [
            contact(1, "ann@home.example", "Ann", "Lee"),
            contact(2, "ANN@home.example", "Ann", "Lee"),
        ],
        98,
    );
    let strict = contacts(&[ADDRESS]).compared(ADDRESS, Comparison::Text(TextForm::Exact));
    let (_, said) = found(&strict, &rows, Kind::TellsApart);
    assert_eq!(
        said,
        "too narrow: 2 of 100 rows (2 %) are one person by address and last name, at most 2 one, but \
         differ in the spelling of emailaddress1; compare emailaddress1 less strictly"
    );
    nothing(&contacts(&[ADDRESS]), &rows);
}

/// Facts 7.3: by the strategy for leads, one person has a lead for each page.
#[test]
fn leads_of_different_pages_are_meant_to_differ() {
    let by_page = keying(MatchingTarget::Lead, &[ADDRESS, PAGE]);
    let with_page = |id, page| {
        let row = lead(7, Some(page)).attributes().clone();
        Party::new(RecordKind::Lead.of(RecordId::new(id)), DateTime::UNIX_EPOCH, row)
    };
    let mut rows: Vec<_> = (100..138).map(|id| lead(id, Some(1))).collect();
    rows.extend([with_page(1, 1), with_page(2, 2)]);
    nothing(&by_page, &rows);
    let units = keying(MatchingTarget::Lead, &[ADDRESS]).within_business_unit();
    let unit = |row: &Party, unit| {
        let mut values = Attributes::default();
        values.set(Party::BUSINESS_UNIT, Value::Lookup(RecordId::new(unit))).unwrap();
        row.clone().with(&values).unwrap()
    };
    let length = rows.len();
    rows[length - 2] = unit(&rows[length - 2], 1);
    rows[length - 1] = unit(&rows[length - 1], 2);
    nothing(&units, &rows);
    let (finding, _) =
        found(&keying(MatchingTarget::Lead, &[ADDRESS]), &rows, Kind::Several).clone();
    assert_eq!(finding.concerned(), 2);
}

/// A blank value equals nothing: such rows never match.
#[test]
fn an_attribute_that_is_often_blank_matches_nothing() {
    let by_phone = contacts(&[ADDRESS, "telephone1"]);
    let rows = |blank: usize| -> Vec<Party> {
        let phone = |(n, row): (usize, Party)| {
            let mut values = Attributes::default();
            let number = if n < blank { "n/a" } else { "555 0199" };
            values.set("telephone1", text(number)).unwrap();
            row.with(&values).unwrap()
        };
        people(100).into_iter().enumerate().map(phone).collect()
    };
    let (finding, said) = found(&by_phone, &rows(63), Kind::Blank);
    assert_eq!(
        said,
        "too narrow: 63 of 100 rows (63 %) have a blank telephone1 and match nothing; leave out \
         telephone1, or let blank equal blank"
    );
    assert_eq!((finding.concerned(), finding.largest()), (63, 63));
    found(&by_phone, &rows(20), Kind::Blank);
    nothing(&by_phone, &rows(19));
}

/// An id is another one in each row, and no visitor knows it.
#[test]
fn an_attribute_that_is_unique_to_each_row_is_an_id() {
    let with_id = |id: &dyn Fn(usize) -> Value, number| -> Vec<Party> {
        let one = |(n, row): (usize, Party)| {
            let mut values = Attributes::default();
            values.set("new_id", id(n)).unwrap();
            row.with(&values).unwrap()
        };
        people(number).into_iter().enumerate().map(one).collect()
    };
    let by_id = contacts(&[ADDRESS, "new_id"]);
    let numbers = |n: usize| text(format!("CUST-{n:05}"));
    let (finding, said) = found(&by_id, &with_id(&numbers, 100), Kind::Unique);
    assert_eq!(
        said,
        "too narrow: 100 of 100 rows (100 %) have a new_id of their own, as of an id; leave out new_id, \
         unless visitors know it"
    );
    assert_eq!(finding.attribute().as_str(), "new_id");
    nothing(&by_id, &with_id(&numbers, 99));
    nothing(&by_id, &with_id(&|n| numbers(n.max(1)), 100));
    let moments = |n: usize| Value::Time(DateTime::UNIX_EPOCH + TimeDelta::seconds(n as i64));
    for id in [&moments as &dyn Fn(usize) -> Value, &|n| Value::Lookup(RecordId::new(n as u128))] {
        found(&by_id, &with_id(id, 100), Kind::Unique);
    }
    for no_id in
        [&(|n| text(spelt(n))) as &dyn Fn(usize) -> Value, &|n| text(format!("{n} Main St"))]
    {
        nothing(&by_id, &with_id(no_id, 100));
    }
    nothing(&by_id.compared("new_id", Comparison::Phone), &with_id(&numbers, 100));
}

fn form(fields: &[&str]) -> MarketingForm {
    let strategies =
        [(1, MatchingTarget::Contact), (2, MatchingTarget::Lead)].map(|(id, target)| {
            let strategy = MatchingStrategy::out_of_box(target).build().unwrap();
            Stored::new(RecordId::new(id), Version::new(1), DateTime::UNIX_EPOCH, strategy)
        });
    let config = LandingPageConfiguration::builder()
        .name("Spring")
        .contact_matching_strategy(RecordId::new(1))
        .lead_matching_strategy(RecordId::new(2))
        .build()
        .unwrap();
    let fields = fields.iter().map(|name| FormField::new(name).unwrap());
    let form = MarketingForm::new(FormType::LandingPage, &config, &strategies).unwrap();
    form.with_fields(fields).unwrap()
}

/// Facts 8.4, 7.3: a form lacks an attribute of the strategy, and submissions fail unseen.
#[test]
fn a_form_that_lacks_an_attribute_fails() {
    let strategy = contacts(&[ADDRESS, "lastname", "jobtitle"]).within_business_unit();
    let advice = StrategyAdvice::of(&strategy, &[]);
    let lacking = advice.clone().with_form(&strategy, &form(&[ADDRESS]));
    let said: Vec<_> = lacking.findings().iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "too narrow: the form has no value for jobtitle, so that every submission fails; add a \
             field for it, or leave it out",
            "too narrow: the form has no value for lastname, so that every submission fails; add a \
             field for it, or leave it out",
        ]
    );
    assert!(lacking.has(StrategyFit::TooNarrow) && !lacking.has(StrategyFit::TooWide));
    assert_eq!(lacking.clone().with_form(&strategy, &form(&[ADDRESS])), lacking);
    let whole = form(&[ADDRESS, "lastname", "jobtitle"]);
    assert_eq!(advice.clone().with_form(&strategy, &whole), advice);
    // Where a submission comes from is delivered without a field.
    let by_page = keying(MatchingTarget::Lead, &[ADDRESS, PAGE]);
    assert_eq!(advice.clone().with_form(&by_page, &form(&[ADDRESS])), advice);
}

/// Too few rows say nothing; inactive ones, other kinds, and second states of a row do not count.
#[test]
fn what_counts_are_the_active_rows_of_the_target_each_once() {
    let by_address = contacts(&[ADDRESS]);
    let office = |id| contact(id, "office@contoso.example", &spelt(id), &format!("x{}", spelt(id)));
    let mut rows: Vec<_> = (1..StrategyAdvice::MIN_ROWS).map(office).collect();
    rows.push(office(100).inactive());
    let lead = RecordKind::Lead.of(RecordId::new(101));
    rows.push(Party::new(lead, DateTime::UNIX_EPOCH, office(101).attributes().clone()));
    rows.push(office(1));
    let advice = StrategyAdvice::of(&by_address, &rows);
    assert_eq!((advice.rows(), advice.findings()), (StrategyAdvice::MIN_ROWS - 1, &[][..]));
    rows.push(office(102));
    let advice = StrategyAdvice::of(&by_address, &rows);
    assert_eq!((advice.rows(), advice.findings().len()), (StrategyAdvice::MIN_ROWS, 1));

    let later = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(1);
    let moved = people(21).into_iter().zip(1..=20).map(|(row, id)| {
        let to = RecordKind::Contact.of(RecordId::new(id));
        Party::new(to, later, row.attributes().clone())
    });
    let mut both: Vec<_> = moved.chain((1..=20).map(office)).collect();
    nothing_said_of(&by_address, &both, 20);
    both.reverse();
    nothing_said_of(&by_address, &both, 20);

    let most = StrategyAdvice::MAX_ROWS;
    let rows: Vec<_> = people(most).into_iter().chain((1..=500).map(office)).collect();
    nothing_said_of(&by_address, &rows, most);
}

fn nothing_said_of(keying: &Keying, rows: &[Party], counted: usize) {
    let advice = StrategyAdvice::of(keying, rows);
    assert_eq!((advice.rows(), advice.findings()), (counted, &[][..]));
}

fn row() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let column = |name: &'static str, values: &'static str| {
        prop::option::of(values.prop_map(move |value| (name, text(value))))
    };
    (
        column(ADDRESS, "[ab]@x\\.example"),
        column("firstname", "[abAB ]"),
        column("lastname", "[abB]"),
        column("jobtitle", "[ab]"),
    )
        .prop_map(|(a, b, c, d)| [a, b, c, d].into_iter().flatten().collect())
}

const COLUMNS: [&str; 4] = [ADDRESS, "firstname", "lastname", "jobtitle"];

/// What a value is compared by, in a sample of short texts.
fn plain(row: &[(&str, Value)], column: &str) -> Option<String> {
    let value = row.iter().find(|(name, _)| *name == column).map(|(_, value)| value);
    match value {
        Some(Value::Text(text)) => {
            Some(text.trim().to_ascii_lowercase()).filter(|text| !text.is_empty())
        }
        _ => None,
    }
}

proptest! {
    /// The order of the rows makes no difference, and the figures are those of the sample.
    #[test]
    fn the_order_of_rows_makes_no_difference(
        rows in prop::collection::vec(row(), 20..60),
        columns in prop::sample::subsequence(COLUMNS.to_vec(), 1..5),
        blank in prop::option::of(prop::sample::select(&COLUMNS)),
        seed in any::<u64>(),
    ) {
        let mut strategy = contacts(&columns);
        if let Some(blank) = blank {
            strategy = strategy.blank_equals_blank(blank);
        }
        let mut parties: Vec<_> =
            rows.iter().enumerate().map(|(id, row)| of_kind(RecordKind::Contact, id, row)).collect();
        let advice = StrategyAdvice::of(&strategy, &parties);
        for (place, swap) in (1..parties.len()).rev().zip(1_u64..) {
            let with = seed.wrapping_mul(swap.wrapping_mul(2_654_435_761)) as usize % (place + 1);
            parties.swap(place, with);
        }
        prop_assert_eq!(&StrategyAdvice::of(&strategy, &parties), &advice);
        for finding in advice.findings() {
            prop_assert_eq!(finding.rows(), rows.len());
            prop_assert!((1..=finding.rows()).contains(&finding.concerned()));
            prop_assert!((1..=finding.concerned()).contains(&finding.largest()));
            let examples = finding.examples();
            prop_assert_eq!(examples.len(), finding.largest().min(StrategyFinding::MAX_EXAMPLES));
            prop_assert!(examples.is_sorted());
        }
    }

    /// How many rows share a key with whom, found by looking at every pair.
    #[test]
    fn shared_keys_are_those_of_every_pair(
        rows in prop::collection::vec(row(), 20..40),
        columns in prop::sample::subsequence(COLUMNS.to_vec(), 1..5),
    ) {
        let parties: Vec<_> =
            rows.iter().enumerate().map(|(id, row)| of_kind(RecordKind::Contact, id, row)).collect();
        let mut expected: BTreeMap<Kind, usize> = BTreeMap::new();
        for (place, row) in rows.iter().enumerate() {
            let key = |row: &[_]| columns.iter().map(|column| plain(row, column)).collect::<Option<Vec<_>>>();
            let differ = |other: &[_], column: &str| {
                let (a, b) = (plain(row, column), plain(other, column));
                a.is_some() && b.is_some() && a != b
            };
            let named = |row: &[_]| plain(row, "firstname").is_some() && plain(row, "lastname").is_some();
            let others: Vec<_> = rows.iter().enumerate()
                .filter(|(other, with)| *other != place && key(row).is_some() && key(with) == key(row))
                .map(|(_, with)| with).collect();
            let names: Vec<_> = others.iter().filter(|other| named(row) && named(other)).collect();
            let kind = if others.is_empty() {
                continue;
            } else if names.iter().any(|with| differ(with, "firstname") && differ(with, "lastname")) {
                Kind::Strangers
            } else if names.iter().any(|with| differ(with, "firstname") || differ(with, "lastname")) {
                Kind::Relatives
            } else if others.iter().any(|with| differ(with, ADDRESS)) {
                Kind::Namesakes
            } else {
                Kind::Several
            };
            *expected.entry(kind).or_default() += 1;
        }
        // Of the first three one row of 40 is enough.
        expected.retain(|kind, number| *kind != Kind::Several || *number * 20 >= rows.len());
        let found: BTreeMap<_, _> = findings(&contacts(&columns), &parties)
            .iter()
            .filter(|finding| finding.kind().fit() == StrategyFit::TooWide)
            .map(|finding| (finding.kind(), finding.concerned()))
            .collect();
        prop_assert_eq!(found, expected);
    }
}

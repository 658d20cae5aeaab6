//! Who is known, by what, and what a submission may not do in another's name.

use correspond::consent::Person;
use correspond::form::{
    BlankUpdates, ChosenBecause, Failure, FieldKind, FormError, FormField, FormType, MarketingForm,
    TargetOutcome, Untouched,
};
use correspond::party::{Party, Value};
use correspond::settings::{AttributeName, MatchingTarget, UpdateMode};

use super::{
    Desk, Setup, attributes, by, contact, edit, id, lead, on_both_stores, out_of_box, person,
};

const ANN: [(&str, &str); 2] = [("emailaddress1", "ann@home.example"), ("firstname", "Ann")];

const FLAGS: [&str; 4] =
    [Person::CHILD, Person::DO_NOT_TRACK, Person::DO_NOT_EMAIL, Person::DO_NOT_BULK_EMAIL];

fn by_address() -> Setup {
    let setup = Setup::of(MatchingTarget::ALL.iter().map(|t| by(*t, &["emailaddress1"])).collect());
    setup.in_mode(UpdateMode::OnlyContacts)
}

fn center() -> Setup {
    by_address().of_type(FormType::SubscriptionCenter)
}

/// A form that asks for the address and for all objections.
fn asking(setup: Setup) -> Setup {
    let flag = |name: &&str| FormField::new(name).unwrap().of_kind(FieldKind::YesNo);
    let fields = [FormField::new("emailaddress1").unwrap()];
    setup.with(|form| form.with_fields(fields.into_iter().chain(FLAGS.iter().map(flag))).unwrap())
}

/// The address, and this in all objections.
fn saying(value: &str) -> Vec<(&str, &str)> {
    [ANN[0]].into_iter().chain(FLAGS.map(|name| (name, value))).collect()
}

fn flags(row: &Party) -> [Option<bool>; 4] {
    FLAGS.map(|name| match row.attributes().get(name) {
        Some(Value::YesNo(yes)) => Some(*yes),
        None => None,
        other => panic!("{other:?}"),
    })
}

fn objecting() -> Party {
    let flags = FLAGS.map(|name| (name, Value::YesNo(true)));
    person(contact(1), &ANN[..1], 1).with(&attributes(&flags)).unwrap()
}

/// Who knows Ann's address lifts none of her objections, by no and by blank; he can only add to them.
#[test]
fn a_stranger_lifts_no_objection() {
    for blanks in [BlankUpdates::Keep, BlankUpdates::Clear] {
        on_both_stores(|store| {
            let setup = asking(by_address()).with(|form| form.with_blanks(blanks));
            let desk = Desk::among(store, setup, &[objecting()]);
            for (n, value) in [(100, "no"), (101, " ")] {
                let outcome = desk.sends(n, &saying(value));
                assert_eq!(
                    outcome.contact.to_string(),
                    "unchanged: the only match, and it has all values already"
                );
                assert_eq!(flags(&desk.row(contact(1))), [Some(true); 4], "{value:?}");
            }
            let known = desk.setup.read(&saying("no"));
            for (n, known) in [(102, known.clone().by_link(id(1))), (103, known.by_cookie(id(1)))] {
                let _ = desk.submit(n, &known);
                assert_eq!(flags(&desk.row(contact(1))), [Some(true); 4], "on no other form");
            }
        });
    }
    on_both_stores(|store| {
        let desk = Desk::among(store, asking(by_address()), &[person(contact(1), &ANN[..1], 1)]);
        let _ = desk.sends(100, &saying("yes"));
        assert_eq!(flags(&desk.row(contact(1))), [Some(true); 4]);
        // Nor does a new record need to hear that it objects to nothing.
        let mut other = saying("no");
        other[0].1 = "bob@home.example";
        let made = desk.sends(101, &other).contact.record().unwrap();
        assert_eq!(flags(&desk.row(contact(made.get()))), [None; 4]);
    });
}

/// Who came to his subscription center by his own link lifts what he objected to; a cookie, and
/// matching values, do not.
#[test]
fn only_his_own_link_lifts_an_objection() {
    for (blanks, value, lifted) in [
        (BlankUpdates::Keep, "no", Some(false)),
        (BlankUpdates::Keep, " ", Some(true)),
        (BlankUpdates::Clear, " ", None),
    ] {
        on_both_stores(|store| {
            let setup = asking(center()).with(|form| form.with_blanks(blanks));
            let desk = Desk::among(store, setup, &[objecting()]);
            let sent = desk.setup.read(&saying(value));
            let by_cookie = sent.clone().by_cookie(id(1));
            for (n, sent) in [(100, &sent), (101, &by_cookie)] {
                let outcome = desk.submit(n, sent).outcome.unwrap();
                assert_eq!(outcome.contact.record(), Some(id(1)));
                assert_eq!(flags(&desk.row(contact(1))), [Some(true); 4]);
            }
            let _ = desk.submit(102, &sent.by_link(id(1)));
            assert_eq!(flags(&desk.row(contact(1))), [lifted; 4]);
        });
    }
}

/// Where a link's contact is gone or inactive, its values lift nothing of somebody else's.
#[test]
fn a_link_to_nobody_lifts_no_objection() {
    on_both_stores(|store| {
        let gone = person(contact(2), &[], 1).inactive();
        let desk = Desk::among(store, asking(center()), &[objecting(), gone]);
        for (n, visitor) in [(100, 2), (101, 77)] {
            let sent = desk.setup.read(&saying("no")).by_link(id(visitor));
            let outcome = desk.submit(n, &sent).outcome.unwrap();
            assert_eq!(outcome.contact.record(), Some(id(1)), "matched by its values");
            assert_eq!(flags(&desk.row(contact(1))), [Some(true); 4]);
        }
    });
}

/// In a subscription center that asks for what is compared, a cookie changes its contact only where
/// the values match; a link does whatever they say.
#[test]
fn a_cookie_needs_matching_values() {
    on_both_stores(|store| {
        let rows = [
            person(contact(1), &ANN[..1], 1),
            person(contact(2), &[("emailaddress1", "bob@home.example")], 2),
        ];
        let desk = Desk::among(store, center(), &rows);
        let read =
            |address, name| desk.setup.read(&[("emailaddress1", address), ("firstname", name)]);
        let center = TargetOutcome::Untouched(Untouched::Center);
        let outcome = |n, sent| desk.submit(n, &sent).outcome.unwrap().contact;
        // A copied cookie neither changes Ann's address nor Ann.
        assert_eq!(outcome(100, read("eve@home.example", "Eve").by_cookie(id(1))), center);
        assert_eq!(desk.row(contact(1)), rows[0]);
        assert_eq!(
            outcome(101, read("bob@home.example", "Bob").by_cookie(id(1))).record(),
            Some(id(2))
        );
        assert_eq!(desk.row(contact(1)), rows[0]);
        // Nor is it of use to leave out what is compared.
        let left_out = desk.setup.read(&[("firstname", "Eve")]).by_cookie(id(1));
        let attribute = AttributeName::new("emailaddress1").unwrap();
        let missing = Failure::Missing { target: MatchingTarget::Contact, attribute };
        assert_eq!(outcome(102, left_out), TargetOutcome::Failed(missing));
        // Her own values, and her own link.
        let own = outcome(103, read(ANN[0].1, "Ann").by_cookie(id(1)));
        let why = ChosenBecause::Visitor;
        assert_eq!(own, TargetOutcome::Updated { record: id(1), why, others: vec![] });
        let moved = outcome(104, read("ann@work.example", "Ann").by_link(id(1)));
        let why = ChosenBecause::Center;
        assert_eq!(moved, TargetOutcome::Updated { record: id(1), why, others: vec![] });
    });
}

/// Facts 7.12: the cookie is what is left where the form asks for nothing that is compared.
#[test]
fn a_cookie_is_enough_where_nothing_compared_is_asked_for() {
    let both = by(MatchingTarget::Contact, &["emailaddress1", "lastname"]);
    let setup = |names: &[&str]| {
        Setup::of(vec![both.clone(), out_of_box(MatchingTarget::Lead)])
            .of_type(FormType::SubscriptionCenter)
            .with_fields(names)
    };
    on_both_stores(|store| {
        let rows = [person(contact(1), &ANN[..1], 1)];
        let desk = Desk::among(store, setup(&["firstname"]), &rows);
        let sent = desk.setup.read(&[("firstname", "Anne")]);
        let worked = desk.submit(100, &sent.clone().by_cookie(id(1)));
        assert_eq!(worked.outcome.unwrap().contact.record(), Some(id(1)));
        assert_eq!(desk.text_of(contact(1), "firstname"), "Anne");
        assert!(desk.submit(101, &sent).outcome.unwrap().failure().is_some(), "of a stranger");
        // A form that asks for one of them could be compared, and cannot.
        let desk = Desk::new(store, setup(&["firstname", "lastname"]));
        let sent = desk.setup.read(&[("firstname", "Eve"), ("lastname", "Ray")]).by_cookie(id(1));
        assert!(desk.submit(102, &sent).outcome.unwrap().failure().is_some());
        assert_eq!(desk.text_of(contact(1), "firstname"), "Anne");
    });
}

/// A contact that was deactivated is no visitor, whoever has his link or his cookie.
#[test]
fn an_inactive_visitor_is_nobody() {
    let off: [fn(Party) -> Party; 2] =
        [Party::inactive, |row| row.with(&attributes(&[("statecode", Value::Choice(1))])).unwrap()];
    for off in off {
        on_both_stores(|store| {
            let rows = [off(person(contact(1), &ANN[..1], 1)), person(contact(2), &ANN[..1], 2)];
            let desk = Desk::among(store, center(), &rows);
            let sent = desk.setup.read(&ANN);
            for (n, sent) in [(100, sent.clone().by_link(id(1))), (101, sent.by_cookie(id(1)))] {
                let outcome = desk.submit(n, &sent).outcome.unwrap();
                assert_eq!(outcome.contact.record(), Some(id(2)));
                assert_eq!(desk.row(contact(1)), rows[0]);
            }
            let setup = Setup::of(vec![
                by(MatchingTarget::Contact, &["emailaddress1"]),
                by(MatchingTarget::Lead, &["emailaddress1"]),
            ]);
            let desk = Desk::among(store, setup.in_mode(UpdateMode::OnlyLeads), &[]);
            let _ = desk.submit(102, &desk.setup.read(&ANN).by_link(id(1)));
            assert_eq!(desk.leads()[0].parent_contact(), None, "nor does a lead belong to him");
        });
    }
}

/// Rows that a synchronization brought with their state alone are as inactive as it says.
#[test]
fn a_row_that_is_inactive_by_its_state_is_not_written_over() {
    on_both_stores(|store| {
        let setup =
            Setup::of(MatchingTarget::ALL.iter().map(|t| by(*t, &["emailaddress1"])).collect());
        let rows = [(contact(1), 1), (lead(2), 2)].map(|(row, state)| {
            let state = attributes(&[("statecode", Value::Choice(state))]);
            person(row, &ANN[..1], 1).with(&state).unwrap()
        });
        let desk = Desk::among(store, setup, &rows);
        let outcome = desk.sends(100, &ANN);
        for outcome in [&outcome.contact, &outcome.lead] {
            assert_eq!(outcome.to_string(), "created: no record matches");
        }
        assert_eq!([desk.row(contact(1)), desk.row(lead(2))], rows);
        // Once they are active again they match as others do.
        edit(store, desk.tenant, contact(1), |row| {
            let active = attributes(&[("statecode", Value::Choice(0))]);
            row.with(&active).unwrap().modified_at(super::minute(700))
        });
        assert_eq!(desk.sends(101, &ANN).contact.record(), Some(id(1)));
    });
}

/// What keeps where a record came from is for the submission to say, not for its sender.
#[test]
fn no_field_goes_to_a_column_that_keeps_where_a_record_came_from() {
    let strategies = by_address().strategies;
    let config = Setup::config(&strategies).lead_contact_attribute("new_contact").build().unwrap();
    let form = MarketingForm::new(FormType::LandingPage, &config, &strategies).unwrap();
    for (target, column) in [
        (MatchingTarget::Contact, "msdyncrm_emailid"),
        (MatchingTarget::Lead, "msdyncrm_marketingpageid"),
        (MatchingTarget::Lead, "new_contact"),
    ] {
        let field = FormField::new("a").unwrap().mapped(target, column).unwrap();
        let error = form.clone().with_fields([field.clone()]).unwrap_err();
        assert_eq!(error, FormError::ContextColumn(AttributeName::new(column).unwrap()));
        let expected = format!(
            "fields: expected columns that visitors write, found {column}, which keeps where a \
             record came from"
        );
        assert_eq!(error.to_string(), expected);
        // Nor where a form is read.
        let mut json = serde_json::to_value(&form).unwrap();
        json["fields"] = serde_json::json!([field]);
        let error = serde_json::from_value::<MarketingForm>(json).unwrap_err().to_string();
        assert_eq!(error, expected);
    }
    // The column of a lead is free on contacts.
    let field = FormField::new("new_contact").unwrap().unmapped(MatchingTarget::Lead);
    assert!(form.with_fields([field]).is_ok());
}

//! What a submission leaves behind: its values, its context, its place in a lead's history, itself.

use chrono::TimeDelta;
use correspond::flow::forms::PurgedSubmissions;
use correspond::form::{
    BlankUpdates, Failure, FormChoices, FormField, FormType, LeadHistoryEntry, SourceEmail,
    StoredSubmission, SubmissionState, TargetOutcome,
};
use correspond::party::Value;
use correspond::record::{RecordKind, RecordRef};
use correspond::settings::{AttributeName, LandingPageConfiguration, MatchingTarget, UpdateMode};
use correspond::store::{AnyStore, Change};

use super::{
    Desk, FORM, PAGE, Setup, attributes, by, contact, dump, edit, id, lead, minute, now,
    on_both_stores, person, text,
};

const ANN: [(&str, &str); 2] = [("emailaddress1", "ann@home.example"), ("firstname", "Ann")];

fn by_address() -> Setup {
    Setup::of(MatchingTarget::ALL.iter().map(|t| by(*t, &["emailaddress1"])).collect())
}

fn ann_and_lead() -> [correspond::party::Party; 2] {
    [contact(1), lead(2)].map(|row| person(row, &ANN, 1))
}

/// The records of each applied batch.
fn batches(desk: &Desk<'_>) -> Vec<Vec<RecordRef>> {
    let record = |change: &Change| match change {
        Change::Put { record, .. } => record.reference(),
        other => panic!("{other:?}"),
    };
    let applied = desk.stage.applied();
    applied.iter().map(|batch| batch.changes().iter().map(record).collect()).collect()
}

/// A118, A119; facts 5.11: a submission that matches a lead joins its history in the batch that changes
/// it, and names the lead as one to be scored again; so does one that finds nothing to change, and one
/// that makes the lead.
#[test]
fn a_submission_joins_the_history_of_its_lead_and_has_it_scored_again() {
    on_both_stores(|store| {
        let desk = Desk::among(store, by_address(), &ann_and_lead());
        let _ = desk.stage.applied();
        for (n, sent, changes) in
            [(100, [ANN[0], ("firstname", "Anne")], 2), (101, [ANN[0], ("firstname", "Anne")], 0)]
        {
            let outcome = desk.sends(n, &sent);
            assert_eq!(outcome.rescored_lead(), Some(id(2)));
            let batches = batches(&desk);
            assert_eq!(batches.len(), 1, "one batch each: {batches:?}");
            let kinds: Vec<_> = batches[0].iter().map(|record| record.kind()).collect();
            let rows = [RecordKind::Contact, RecordKind::Lead];
            assert_eq!(kinds[..changes], rows[..changes], "{n}");
            assert_eq!(kinds[changes..], [RecordKind::LeadHistory, RecordKind::Submission]);
        }
        let mut history = desk.history();
        history.sort_by_key(|entry| entry.submission);
        let told = |entry: &LeadHistoryEntry| {
            (entry.lead, entry.submission, entry.form, entry.page, entry.submitted, entry.created)
        };
        let expected = |n| (id(2), id(n), FORM, Some(PAGE), minute(600), false);
        assert_eq!(history.iter().map(told).collect::<Vec<_>>(), [expected(100), expected(101)]);

        let outcome = desk.sends(102, &[("emailaddress1", "bob@home.example")]);
        assert_eq!(batches(&desk).len(), 1);
        let made = desk.history().into_iter().find(|entry| entry.created).unwrap();
        assert_eq!((Some(made.lead), made.submission), (outcome.rescored_lead(), id(102)));
    });
}

/// A form that leaves leads alone writes no history, and has none scored.
#[test]
fn without_a_lead_there_is_no_history() {
    on_both_stores(|store| {
        let setup = by_address().in_mode(UpdateMode::OnlyContacts);
        let desk = Desk::among(store, setup, &ann_and_lead());
        assert_eq!(desk.sends(100, &ANN).rescored_lead(), None);
        assert_eq!(desk.history(), []);
    });
}

/// Facts 5.4: where a submission came from is kept with the record that it makes, in the columns of
/// the form; a record that was there keeps where it came from.
#[test]
fn only_a_new_record_keeps_where_it_came_from() {
    let columns = ["emailid", "customerjourneyid", "marketingformid", "marketingpageid"];
    let columns = columns.map(|column| format!("msdyncrm_{column}"));
    on_both_stores(|store| {
        let desk = Desk::among(store, by_address(), &[]);
        for (n, mail, journey, page) in [(100, 30, 31, 32), (101, 40, 41, 42)] {
            let submission =
                desk.setup.read(&[ANN[0], ("firstname", if n == 100 { "A" } else { "B" })]);
            let submission = submission.on_page(id(page)).from_journey(id(journey));
            let submission = submission.from_email(SourceEmail::Email(id(mail).into()));
            let _ = desk.submit(n, &submission);
            for row in [desk.contacts(), desk.leads()].concat() {
                let found = columns.each_ref().map(|column| row.attributes().get(column).cloned());
                let expected = [30, 31, 50, 32].map(|n| Some(Value::Lookup(id(n))));
                assert_eq!(found, expected, "{n}: {row:?}");
            }
        }
        assert_eq!(desk.text_of(desk.contacts()[0].reference(), "firstname"), "B");
    });
}

/// Facts 7.2: forms have copies of the defaults: another configuration decides nothing about them.
#[test]
fn a_change_of_the_configuration_leaves_the_decisions_of_a_form_alone() {
    on_both_stores(|store| {
        let strategies = vec![
            by(MatchingTarget::Contact, &["emailaddress1"]),
            by(MatchingTarget::Lead, &["emailaddress1"]),
            by(MatchingTarget::Contact, &["emailaddress1", "lastname"]),
        ];
        let desk = Desk::among(store, Setup::of(strategies), &ann_and_lead());
        let changed = LandingPageConfiguration::builder()
            .name("Autumn")
            .allow_submission_only_forms(false)
            .update_contacts_leads(UpdateMode::OnlyLeads)
            .keep_successful_submissions(true)
            .contact_matching_strategy(id(3))
            .lead_matching_strategy(id(2))
            .build()
            .unwrap();
        let same = desk.setup.form.with(&FormChoices::default(), &changed, &desk.setup.strategies);
        let form = same.unwrap();
        assert_eq!(form, desk.setup.form);
        let desk = Desk::new(store, Setup { form, ..desk.setup });
        let outcome = desk.sends(100, &[ANN[0], ("lastname", "Ray")]);
        assert_eq!(outcome.contact.to_string(), "updated: the only match");
        assert_eq!(desk.stored(100).submission(), None);
        // A new form of that configuration decides as it says.
        let form = correspond::form::MarketingForm::new(
            FormType::LandingPage,
            &changed,
            &desk.setup.strategies,
        );
        let fields = desk.setup.form.fields().iter().cloned();
        let form = form.unwrap().with_fields(fields).unwrap();
        let desk = Desk::new(store, Setup { form, ..desk.setup });
        let outcome = desk.sends(101, &[ANN[0], ("lastname", "Lee")]);
        assert!(matches!(outcome.contact, TargetOutcome::Untouched(_)), "{outcome:?}");
        assert!(desk.stored(101).submission().is_some());
    });
}

/// Blank values keep what is there, or clear it, as the form has it; what was not submitted stays.
#[test]
fn blank_values_keep_or_clear_and_what_is_not_submitted_stays() {
    let known = [ANN[0], ANN[1], ("lastname", "Ray"), ("jobtitle", "Judge")];
    for (blanks, expected) in [(BlankUpdates::Keep, "Ann"), (BlankUpdates::Clear, "")] {
        on_both_stores(|store| {
            let setup = by_address().with(|form| form.with_blanks(blanks));
            let desk = Desk::among(store, setup, &[person(contact(1), &known, 1)]);
            let _ = desk.sends(100, &[ANN[0], ("firstname", " "), ("telephone1", "555")]);
            assert_eq!(desk.text_of(contact(1), "firstname"), expected, "{blanks:?}");
            assert_eq!(desk.text_of(contact(1), "lastname"), "Ray");
            assert_eq!(desk.text_of(contact(1), "jobtitle"), "Judge");
            assert_eq!(desk.text_of(contact(1), "telephone1"), "555");
        });
    }
}

/// What is no field of the form is kept with the submission and goes nowhere else.
#[test]
fn of_what_is_no_field_nothing_is_written() {
    on_both_stores(|store| {
        let keep = FormChoices::default().keep_successful_submissions(true);
        let desk = Desk::among(store, by_address().choosing(&keep), &[]);
        let _ = desk.sends(100, &[ANN[0], ("jobtitle", "Judge"), ("statecode", "1")]);
        for row in [desk.contacts(), desk.leads()].concat() {
            assert_eq!(row.attributes().get("jobtitle"), None);
            assert_eq!(row.attributes().get("statecode"), None);
        }
        let stored = desk.stored(100);
        assert!(stored.submission().unwrap().value("jobtitle").is_some());
    });
}

/// Facts 7.3: a submission without a value for what is compared fails; nothing is made; it is kept,
/// can be corrected, and goes well then.
#[test]
fn a_submission_that_fails_is_kept_corrected_and_tried_again() {
    on_both_stores(|store| {
        let desk = Desk::among(store, by_address(), &ann_and_lead());
        let before = dump(store, desk.tenant);
        let submission = desk.setup.read(&[("firstname", "Anne")]);
        let worked = desk.submit(100, &submission);
        let attribute = AttributeName::new("emailaddress1").unwrap();
        let missing = Failure::Missing { target: MatchingTarget::Contact, attribute };
        assert_eq!(worked.state, SubmissionState::Failed);
        let outcome = worked.outcome.unwrap();
        assert_eq!(outcome.contact, TargetOutcome::Failed(missing));
        assert_eq!(outcome.lead, TargetOutcome::NotReached);
        let after = dump(store, desk.tenant);
        assert_eq!(after.len(), before.len() + 1, "the submission and nothing else");
        assert!(before.iter().all(|kept| after.contains(kept)));
        assert_eq!(desk.stored(100).submission(), Some(&submission));

        // Delivered again it stays as it is; tried again too, as long as nobody corrects it.
        assert!(desk.submit(100, &submission).repeated);
        let again = desk.retry(100, &submission);
        assert_eq!((again.state, again.repeated), (SubmissionState::Failed, false));
        let kept = desk.stored(100).submission().unwrap().clone();
        let corrected = kept.corrected("emailaddress1", Some(text(ANN[0].1))).unwrap();
        let worked = desk.retry(100, &corrected);
        assert_eq!((worked.state, worked.repeated), (SubmissionState::Succeeded, false));
        assert_eq!(worked.outcome.unwrap().contact.record(), Some(id(1)));
        assert_eq!(desk.text_of(contact(1), "firstname"), "Anne");
        let stored = desk.stored(100);
        assert_eq!((stored.state(), stored.submission()), (SubmissionState::Succeeded, None));
        // What went well is not done again.
        assert!(desk.retry(100, &submission).repeated);
        assert_eq!(desk.history().len(), 1);
    });
}

/// Facts 7.3: an option that there is not, a value of another kind, and a required one that is blank
/// fail, whichever record the column belongs to.
#[test]
fn values_that_no_field_takes_fail() {
    on_both_stores(|store| {
        let setup = by_address().with(|form| {
            let field = |name: &str| FormField::new(name).unwrap();
            let fields = [
                field("emailaddress1"),
                field("new_size").with_options([1, 2, 3]).unmapped(MatchingTarget::Contact),
                field("new_guests").of_kind(correspond::form::FieldKind::Whole),
                field("lastname").required(),
            ];
            form.with_fields(fields).unwrap()
        });
        let desk = Desk::among(store, setup, &ann_and_lead());
        let right = [ANN[0], ("new_size", "3"), ("new_guests", "2"), ("lastname", "Ray")];
        for (n, name, value, expected) in [
            (100, "new_size", "4", "new_size: expected one of its options, found \"4\""),
            (101, "new_size", "large", "new_size: expected the code of an option, found \"large\""),
            (102, "new_guests", "two", "new_guests: expected a whole number, found \"two\""),
            (103, "lastname", " ", "lastname: expected a value, found none"),
        ] {
            let mut sent = right;
            let place = sent.iter().position(|(own, _)| *own == name).unwrap();
            sent[place].1 = value;
            let outcome = desk.sends(n, &sent);
            assert_eq!(outcome.failure().unwrap().to_string(), expected);
            assert_eq!(desk.stored(n).state(), SubmissionState::Failed);
        }
        assert_eq!([desk.contacts(), desk.leads()].concat(), ann_and_lead());
        let outcome = desk.sends(104, &right);
        assert_eq!(outcome.failure(), None);
        let size = |row| desk.row(row).attributes().get("new_size").cloned();
        assert_eq!(size(lead(2)), Some(Value::Choice(3)));
        assert_eq!(size(contact(1)), None, "no column of contacts");
    });
}

/// Text that a field could not read is read anew when it is tried again: the form was corrected.
#[test]
fn a_form_that_was_corrected_takes_what_it_refused() {
    on_both_stores(|store| {
        let offering = |codes: &[i32]| {
            let fields = ["emailaddress1", "new_size"].map(|name| FormField::new(name).unwrap());
            let [address, size] = fields;
            let size = size.with_options(codes.iter().copied());
            by_address().with(|form| form.with_fields([address, size]).unwrap())
        };
        let desk = Desk::among(store, offering(&[1]), &ann_and_lead());
        let worked = desk.submit(100, &desk.setup.read(&[ANN[0], ("new_size", "2")]));
        let failure = worked.outcome.unwrap().failure().unwrap().to_string();
        assert_eq!(failure, "new_size: expected one of its options, found \"2\"");
        let kept = desk.stored(100).submission().unwrap().clone();
        assert_eq!(desk.retry(100, &kept).state, SubmissionState::Failed);
        let desk = Desk::new(store, offering(&[1, 2]));
        assert_eq!(desk.retry(100, &kept).state, SubmissionState::Succeeded);
        let size = |row| desk.row(row).attributes().get("new_size").cloned();
        assert_eq!([size(contact(1)), size(lead(2))], [(); 2].map(|()| Some(Value::Choice(2))));
    });
}

/// Facts 7.3: also a form that updates nothing, and one to forward a mail, ask for what is required and
/// for values of the right kind.
#[test]
fn a_form_that_touches_nobody_asks_for_right_values_all_the_same() {
    let required = |setup: Setup| {
        let fields = [
            FormField::new("emailaddress1").unwrap().required(),
            FormField::new("new_guests").unwrap().of_kind(correspond::form::FieldKind::Whole),
        ];
        setup.with(|form| form.with_fields(fields).unwrap())
    };
    for setup in [
        || by_address().in_mode(UpdateMode::NoUpdate),
        || by_address().of_type(FormType::ForwardToFriend),
    ] {
        on_both_stores(|store| {
            let desk = Desk::new(store, required(setup()));
            for (n, sent, expected) in [
                (100, &[("new_guests", "2")][..], "emailaddress1: expected a value, found none"),
                (
                    101,
                    &[ANN[0], ("new_guests", "two")],
                    "new_guests: expected a whole number, found \"two\"",
                ),
            ] {
                let outcome = desk.sends(n, sent);
                assert_eq!(outcome.failure().unwrap().to_string(), expected);
                assert!(matches!(outcome.contact, TargetOutcome::Failed(_)), "{outcome:?}");
                assert_eq!(desk.stored(n).state(), SubmissionState::Failed);
            }
            assert_eq!(desk.sends(102, &[ANN[0], ("new_guests", "2")]).failure(), None);
        });
    }
}

/// Facts 7.2: of a submission that went well a receipt stays, or all of it where the form stores all;
/// pending and failed ones are always kept.
#[test]
fn what_went_well_is_stored_where_the_form_stores_all() {
    for stores in [false, true] {
        on_both_stores(|store| {
            let choices = FormChoices::default().keep_successful_submissions(stores);
            let desk = Desk::among(store, by_address().choosing(&choices), &[]);
            let submission = desk.setup.read(&ANN);
            let worked = desk.submit(100, &submission);
            let stored = desk.stored(100);
            assert_eq!(stored.submission(), Some(&submission).filter(|_| stores));
            assert_eq!(stored.outcome(), worked.outcome.as_ref());
            let body = super::kept(store, desk.tenant, RecordKind::Submission.of(id(100))).unwrap();
            assert_eq!(body.record.body().contains(ANN[0].1), stores, "nor its values elsewhere");
        });
    }
}

fn purge(desk: &Desk<'_>, day: i64) -> PurgedSubmissions {
    let at = minute(600) + TimeDelta::days(day);
    now(desk.submissions.purge(desk.stage.store, desk.tenant, None, at))
}

/// Facts 7.2: what was entered in a form to forward is forgotten after 30 days, receipts likewise;
/// what failed or is stored stays.
#[test]
fn receipts_and_forwarded_addresses_are_deleted_after_thirty_days() {
    assert_eq!((StoredSubmission::RECEIPT_DAYS, StoredSubmission::FORWARD_DAYS), (30, 30));
    on_both_stores(|store| {
        let work = |setup: Setup, n: u128, sent: &[(&str, &str)]| {
            let desk = Desk::among(store, setup, &[]);
            let _ = desk.sends(n, sent);
            desk
        };
        let keep = FormChoices::default().keep_successful_submissions(true);
        let _ = work(by_address(), 100, &ANN);
        let _ = work(by_address().of_type(FormType::ForwardToFriend).choosing(&keep), 101, &ANN);
        let _ = work(by_address(), 102, &ANN[1..]);
        let desk = work(by_address().choosing(&keep), 103, &ANN);
        let left = |day, deleted, expected: &[u128]| {
            let purged = purge(&desk, day);
            assert_eq!((purged.deleted, purged.next), (deleted, None), "day {day}");
            let there = desk.list(RecordKind::Submission);
            let there: Vec<_> = there.iter().map(|s| s.record.reference().id().get()).collect();
            assert_eq!(there, expected, "day {day}");
        };
        left(29, 0, &[100, 101, 102, 103]);
        left(30, 2, &[102, 103]);
        left(10_000, 0, &[102, 103]);
        // Nobody else was touched.
        assert_eq!((desk.contacts().len(), desk.leads().len()), (1, 1));
        assert_eq!(desk.history().len(), 2);
        // Once the receipt is gone, a submission is one that never was.
        assert!(!desk.submit(100, &desk.setup.read(&ANN)).repeated);
    });
}

/// Many are purged page by page.
#[test]
fn a_purge_goes_on_where_the_one_before_ended() {
    let store = super::memory();
    let setup = by_address().in_mode(UpdateMode::OnlyContacts);
    let desk = Desk::among(&store, setup, &[]);
    let most = u128::from(correspond::record::MAX_PAGE);
    for n in 0..most + 5 {
        let _ = desk.sends(n, &ANN);
    }
    let at = minute(600) + TimeDelta::days(31);
    let work = |after| now(desk.submissions.purge(&store, desk.tenant, after, at));
    let first = work(None);
    assert_eq!((u128::from(first.deleted), first.next), (most, Some(id(most - 1))));
    let second = work(first.next);
    assert_eq!((second.deleted, second.next), (5, None));
    assert_eq!(desk.list(RecordKind::Submission), []);
}

/// A level of consent is no column that a form writes: who has opted out and is matched stays so.
#[test]
fn a_match_grants_no_consent() {
    on_both_stores(|store: &AnyStore| {
        let desk = Desk::among(store, by_address(), &ann_and_lead());
        let column = correspond::consent::Level::COLUMN;
        let level = Value::Choice(587_030_001);
        edit(store, desk.tenant, contact(1), |row| {
            row.with(&attributes(&[(column, level.clone())])).unwrap()
        });
        let _ = desk.sends(100, &[ANN[0], ("firstname", "Anne"), (column, "587030004")]);
        assert_eq!(desk.row(contact(1)).attributes().get(column), Some(&level));
        assert!(FormField::new(column).is_err());
        assert!(FormField::new("x").unwrap().mapped(MatchingTarget::Contact, column).is_err());
    });
}

/// Facts 7.3: a form whose strategy is gone, or looks for something else, fails and is tried again.
#[test]
fn a_form_without_its_strategy_fails() {
    on_both_stores(|store| {
        let desk = Desk::among(store, by_address(), &[]);
        let lacking = Setup { plan: correspond::form::MatchPlan::default(), ..by_address() };
        let poor = Desk::new(store, lacking);
        let submission = desk.setup.read(&ANN);
        let failed = poor.submit(100, &submission).outcome.unwrap();
        assert_eq!(failed.failure(), Some(&Failure::Strategy(MatchingTarget::Contact)));
        assert!(failed.failure().unwrap().passes());
        assert_eq!(desk.retry(100, &submission).state, SubmissionState::Succeeded);
    });
}

//! What a form may touch: contacts and leads, one of them, or nothing.

use correspond::form::{
    ChosenBecause, FormChoices, FormType, NewBecause, Outcome, SubmissionState, TargetOutcome,
    Untouched,
};
use correspond::party::{Party, Value};
use correspond::settings::{MatchingTarget, UpdateMode};
use correspond::store::AnyStore;

use super::{
    Desk, PAGE, Setup, by, contact, dump, edit, id, lead, on_both_stores, out_of_box, person,
};

const ANN: [(&str, &str); 2] = [("emailaddress1", "ann@home.example"), ("firstname", "Ann")];

/// Contacts and leads by their address alone.
fn by_address() -> Setup {
    Setup::of(MatchingTarget::ALL.iter().map(|t| by(*t, &["emailaddress1"])).collect())
}

/// Ann, and a lead of hers.
fn ann_and_lead() -> [Party; 2] {
    [contact(1), lead(2)].map(|row| person(row, &ANN[..1], 1))
}

fn created(outcome: &TargetOutcome) -> bool {
    matches!(outcome, TargetOutcome::Created { why: NewBecause::NoMatch, .. })
}

fn updated(outcome: &TargetOutcome, n: u128) -> bool {
    let expected =
        TargetOutcome::Updated { record: id(n), why: ChosenBecause::Only, others: Vec::new() };
    *outcome == expected
}

/// Ann submits in this mode; and how many contacts and leads are there then.
fn in_mode<'a>(
    store: &'a AnyStore,
    mode: UpdateMode,
    rows: &[Party],
) -> (Desk<'a>, Outcome, usize) {
    let desk = Desk::among(store, by_address().in_mode(mode), rows);
    let outcome = desk.sends(100, &ANN);
    let there = desk.contacts().len() + desk.leads().len();
    (desk, outcome, there)
}

/// A095, A096, A098, A099; facts 7.2: which records a submission matches or makes, and which it leaves
/// alone, in each mode.
#[test]
fn each_mode_matches_or_makes_what_it_may_and_leaves_the_rest_alone() {
    let left_alone = TargetOutcome::Untouched(Untouched::Mode);
    for (wanted, contacts, leads) in [
        (UpdateMode::ContactsAndLeads, true, true),
        (UpdateMode::OnlyContacts, true, false),
        (UpdateMode::OnlyLeads, false, true),
        (UpdateMode::NoUpdate, false, false),
    ] {
        on_both_stores(|store| {
            let (desk, outcome, there) = in_mode(store, wanted, &[]);
            assert!(!contacts || created(&outcome.contact), "{wanted:?}: {outcome:?}");
            assert!(!leads || created(&outcome.lead), "{wanted:?}: {outcome:?}");
            assert!(contacts || outcome.contact == left_alone, "{wanted:?}: {outcome:?}");
            assert!(leads || outcome.lead == left_alone, "{wanted:?}: {outcome:?}");
            assert_eq!(there, usize::from(contacts) + usize::from(leads));
            assert_eq!(desk.history().len(), usize::from(leads));
        });
        on_both_stores(|store| {
            let (desk, outcome, there) = in_mode(store, wanted, &ann_and_lead());
            assert!(!contacts || updated(&outcome.contact, 1), "{wanted:?}: {outcome:?}");
            assert!(!leads || updated(&outcome.lead, 2), "{wanted:?}: {outcome:?}");
            assert_eq!(there, 2, "none was made");
            for (row, touched) in [(contact(1), contacts), (lead(2), leads)] {
                let expected = if touched { "Ann" } else { "" };
                assert_eq!(desk.text_of(row, "firstname"), expected, "{wanted:?}");
            }
        });
    }
}

/// A130; facts 7.3: two people who share an address stay two contacts where names are compared too,
/// and become one where they are not.
#[test]
fn people_who_share_an_address_are_told_apart_by_name() {
    let ann = [("emailaddress1", "home@x.com"), ("firstname", "Ann"), ("lastname", "Ray")];
    let bob = [("emailaddress1", "home@x.com"), ("firstname", "Bob"), ("lastname", "Ray")];
    let names = ["emailaddress1", "firstname", "lastname"];
    for (attributes, expected) in [(&names[..], 2), (&names[..1], 1)] {
        let strategy = by(MatchingTarget::Contact, attributes);
        on_both_stores(|store| {
            let setup = Setup::of(vec![strategy.clone(), out_of_box(MatchingTarget::Lead)]);
            let desk = Desk::among(store, setup, &[]);
            for (n, sent) in [ann, bob, ann, bob].iter().enumerate() {
                let _ = desk.sends(100 + n as u128, sent);
            }
            assert_eq!(desk.contacts().len(), expected);
            let first = desk.contacts();
            let names: Vec<_> = first.iter().map(|row| row.attributes().get("firstname")).collect();
            assert!(expected == 1 || names[0] != names[1]);
        });
    }
}

/// A128; facts 7.3: every listed attribute must be equal; each one that differs is another contact.
#[test]
fn a_record_matches_only_where_every_attribute_is_equal() {
    let names = ["emailaddress1", "firstname", "lastname"];
    let values = ["a@x.com", "Ann", "Ray"];
    let known: Vec<_> = names.into_iter().zip(values).collect();
    for differs in [None, Some(0), Some(1), Some(2)] {
        on_both_stores(|store| {
            let strategy = by(MatchingTarget::Contact, &names);
            let setup = Setup::of(vec![strategy, out_of_box(MatchingTarget::Lead)]);
            let desk = Desk::among(store, setup, &[person(contact(1), &known, 1)]);
            let mut sent = known.clone();
            if let Some(differs) = differs {
                sent[differs].1 = "b@y.com";
            }
            let outcome = desk.sends(100, &sent);
            assert_eq!(outcome.contact.record() == Some(id(1)), differs.is_none(), "{differs:?}");
        });
    }
}

/// A132; facts 7.3: with the page among what is compared one contact has a lead for each page.
#[test]
fn one_contact_has_a_lead_for_each_page() {
    on_both_stores(|store| {
        let desk = Desk::among(store, Setup::out_of_box(), &[]);
        for (n, page) in [60, 61, 60, 62, 61].into_iter().enumerate() {
            let submission = desk.setup.read(&ANN).on_page(id(page));
            let _ = desk.submit(100 + n as u128, &submission);
        }
        let (contacts, leads) = (desk.contacts(), desk.leads());
        assert_eq!((contacts.len(), leads.len()), (1, 3));
        let parent = Some(contacts[0].reference().id());
        assert!(leads.iter().all(|lead| lead.parent_contact() == parent));
        assert_eq!(desk.history().len(), 5);
    });
}

/// A099; facts 7.2: a form may make a new lead of each submission, whoever is there.
#[test]
fn a_form_may_make_a_new_lead_each_time() {
    on_both_stores(|store| {
        let always = FormChoices::default().always_generate_leads(true);
        let desk = Desk::among(store, by_address().choosing(&always), &ann_and_lead());
        for n in 100..103 {
            let outcome = desk.sends(n, &ANN);
            assert_eq!(outcome.lead.to_string(), "created: the form makes a new one each time");
            assert_eq!(outcome.contact.record(), Some(id(1)));
        }
        assert_eq!((desk.contacts().len(), desk.leads().len()), (1, 4));
        // A form that looks for leads finds the last of them.
        let desk = Desk::new(store, by_address());
        let outcome = desk.sends(103, &ANN);
        assert_eq!((desk.leads().len(), outcome.lead.others().len()), (4, 3));
    });
}

/// Facts 7.2: a lead belongs to the contact of its submission; one that belongs to somebody stays his.
#[test]
fn a_lead_gets_the_contact_of_its_submission_and_keeps_the_one_that_it_has() {
    on_both_stores(|store| {
        let desk = Desk::among(store, by_address(), &ann_and_lead());
        let _ = desk.sends(100, &ANN);
        assert_eq!(desk.row(lead(2)).parent_contact(), Some(id(1)));
        edit(store, desk.tenant, lead(2), |row| {
            let other = super::attributes(&[(Party::PARENT_CONTACT, Value::Lookup(id(9)))]);
            row.with(&other).unwrap()
        });
        let outcome = desk.sends(101, &[ANN[0], ("firstname", "Anne")]);
        assert_eq!(outcome.lead.record(), Some(id(2)));
        assert_eq!(desk.row(lead(2)).parent_contact(), Some(id(9)));
    });
}

/// Facts 7.2: where contacts are left alone, a new lead belongs to the contact that the visitor is
/// known to be, and to nobody else.
#[test]
fn a_lead_of_a_form_for_leads_belongs_to_the_known_visitor() {
    for (visitor, expected) in [(None, None), (Some(1), Some(1)), (Some(77), None)] {
        on_both_stores(|store| {
            let setup = by_address().in_mode(UpdateMode::OnlyLeads);
            let desk = Desk::among(store, setup, &ann_and_lead()[..1]);
            let sent = desk.setup.read(&ANN);
            let sent = match visitor {
                Some(visitor) => sent.by_link(id(visitor)),
                None => sent,
            };
            let outcome = desk.submit(100, &sent).outcome.unwrap();
            assert!(created(&outcome.lead), "{outcome:?}");
            assert_eq!(desk.leads()[0].parent_contact(), expected.map(id), "{visitor:?}");

            // An existing lead keeps what it has: nobody.
            edit(store, desk.tenant, desk.leads()[0].reference(), |row| {
                row.without(Party::PARENT_CONTACT)
            });
            let again = desk.submit(101, &desk.setup.read(&ANN).by_link(id(1)));
            assert!(again.outcome.unwrap().lead.record().is_some());
            assert_eq!(desk.leads()[0].parent_contact(), None);
        });
    }
}

/// Facts 7.2: a subscription center changes the contact whose it is, or whom its values match, and
/// makes nobody.
#[test]
fn a_subscription_center_only_changes_contacts_that_are_there() {
    on_both_stores(|store| {
        let setup = by_address().of_type(FormType::SubscriptionCenter);
        let rows = [ann_and_lead().to_vec(), vec![person(contact(3), &[], 1)]].concat();
        let desk = Desk::among(store, setup, &rows);
        let center = TargetOutcome::Untouched(Untouched::Center);
        // By his link, whatever the values say: he may have another address now.
        let moved = [("emailaddress1", "ann@work.example")];
        let outcome = desk.submit(100, &desk.setup.read(&moved).by_link(id(1)));
        let outcome = outcome.outcome.unwrap();
        let why = ChosenBecause::Center;
        let expected = TargetOutcome::Updated { record: id(1), why, others: Vec::new() };
        assert_eq!((&outcome.contact, &outcome.lead), (&expected, &center));
        assert_eq!(desk.text_of(contact(1), "emailaddress1"), "ann@work.example");
        // Nor need the form ask for what is compared.
        let _ = desk.submit(101, &desk.setup.read(&[("lastname", "Ray")]).by_link(id(3)));
        assert_eq!(desk.text_of(contact(3), "lastname"), "Ray");
        // By his values.
        let outcome = desk.sends(102, &[moved[0], ("firstname", "Anne")]);
        assert!(updated(&outcome.contact, 1), "{outcome:?}");
        // Nobody, or one who is gone.
        for visitor in [None, Some(77)] {
            let sent = desk.setup.read(&[("emailaddress1", "bob@home.example")]);
            let sent = match visitor {
                Some(visitor) => sent.by_link(id(visitor)),
                None => sent,
            };
            let outcome = desk.submit(103 + visitor.unwrap_or(0), &sent).outcome.unwrap();
            assert_eq!((&outcome.contact, &outcome.lead), (&center, &center));
        }
        assert_eq!((desk.contacts().len(), desk.leads().len()), (2, 1));
        assert_eq!(desk.history(), []);
    });
}

/// Facts 7.2: a form to forward a mail touches nobody, whatever is entered.
#[test]
fn a_form_to_forward_touches_nobody() {
    on_both_stores(|store| {
        let setup = by_address().of_type(FormType::ForwardToFriend);
        let desk = Desk::among(store, setup, &ann_and_lead());
        let before = [desk.contacts(), desk.leads()];
        let outcome = desk.sends(100, &ANN);
        let forward = TargetOutcome::Untouched(Untouched::Forward);
        assert_eq!((&outcome.contact, &outcome.lead), (&forward, &forward));
        assert_eq!([desk.contacts(), desk.leads()], before);
    });
}

/// Facts 7.2: what a form leaves behind that updates nothing is always stored, and needs no strategy.
#[test]
fn a_form_that_updates_nothing_stores_its_submissions() {
    on_both_stores(|store| {
        let setup = by_address().in_mode(UpdateMode::NoUpdate).with_fields(&["firstname"]);
        // Not even the directory is keyed.
        let desk = Desk::new(store, setup);
        let submission = desk.setup.read(&ANN);
        let worked = desk.submit(100, &submission);
        assert_eq!(worked.state, SubmissionState::Succeeded);
        assert_eq!(desk.stored(100).submission(), Some(&submission));
        assert_eq!(dump(store, desk.tenant).len(), 1);
    });
}

/// Facts 7.2: new records are owned by the owner of the form; whoever is there keeps his owner.
#[test]
fn a_new_record_has_the_owner_of_its_form() {
    on_both_stores(|store| {
        let setup = by_address().with(|form| form.owned_by(id(70), Some(id(71))));
        let desk = Desk::among(store, setup, &[]);
        let _ = desk.sends(100, &ANN);
        for row in [desk.contacts(), desk.leads()].concat() {
            assert_eq!((row.owner(), row.business_unit()), (Some(id(70)), Some(id(71))));
            assert_eq!(row.created(), Some(super::minute(600)));
        }
        let other = by_address().with(|form| form.owned_by(id(80), Some(id(81))));
        let desk = Desk::new(store, other);
        let _ = desk.sends(101, &[ANN[0], ("firstname", "Anne")]);
        for row in [desk.contacts(), desk.leads()].concat() {
            assert_eq!(row.attributes().get("firstname"), Some(&super::text("Anne")));
            assert_eq!((row.owner(), row.business_unit()), (Some(id(70)), Some(id(71))));
        }
    });
}

/// The page column is the one that the form was made with; a lead found by it is on that page.
#[test]
fn the_page_of_a_lead_is_kept_where_the_form_says() {
    on_both_stores(|store| {
        let desk = Desk::among(store, Setup::out_of_box(), &[]);
        let _ = desk.sends(100, &ANN);
        let page = desk.leads()[0].attributes().get("msdyncrm_marketingpageid").cloned();
        assert_eq!(page, Some(Value::Lookup(PAGE)));
    });
}

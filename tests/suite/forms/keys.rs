//! The match keys of a directory: which submissions wait for them, and whom they find then.

use correspond::flow::forms::{Keyed, key_directory};
use correspond::form::{Failure, MatchPlan, MatchScope, SubmissionState, TargetOutcome};
use correspond::party::Party;
use correspond::record::{LookupKind, RecordKind, Space, Versions};
use correspond::settings::{MatchingTarget, UpdateMode};
use correspond::store::AnyStore;

use super::races::in_each_gap;
use super::{
    Desk, Setup, by, contact, dump, edit, id, kept, minute, now, on_both_stores, out_of_box, person,
};

const ANN: [(&str, &str); 3] =
    [("emailaddress1", "ann@home.example"), ("firstname", "Ann"), ("lastname", "Ray")];

fn setup(names: &[&str]) -> Setup {
    let strategies = vec![by(MatchingTarget::Contact, names), out_of_box(MatchingTarget::Lead)];
    Setup::of(strategies).in_mode(UpdateMode::OnlyContacts)
}

fn key(desk: &Desk<'_>) -> Keyed {
    let versions = Versions::default();
    let plan = &desk.setup.plan;
    now(key_directory(&desk.stage, &versions, desk.tenant, plan, minute(0)))
}

fn write(desk: &Desk<'_>, rows: &[Party]) {
    for row in rows {
        super::write(desk.stage.store, desk.tenant, row.to_record([], []).unwrap());
    }
}

/// Until the rows have their keys, a submission fails, is kept, and goes well afterwards; and nothing
/// was made in between.
#[test]
fn submissions_wait_until_the_directory_has_its_keys() {
    on_both_stores(|store| {
        let desk = Desk::new(store, setup(&["emailaddress1"]));
        write(&desk, &[person(contact(1), &ANN, 1)]);
        let submission = desk.setup.read(&ANN[..1]);
        let worked = desk.submit(100, &submission);
        let failure = worked.outcome.unwrap().failure().cloned().unwrap();
        assert_eq!(failure, Failure::NotKeyed(MatchingTarget::Contact));
        assert!(failure.passes());
        assert_eq!((worked.state, desk.contacts().len()), (SubmissionState::Failed, 1));
        assert_eq!(key(&desk).written, 1);
        let worked = desk.retry(100, &submission);
        assert_eq!(worked.outcome.unwrap().contact.record(), Some(id(1)));
    });
}

/// A strategy that is added later finds rows that were there before, keyed or made by other forms;
/// one that is gone leaves no keys behind.
#[test]
fn a_strategy_that_is_added_later_finds_the_rows_of_before() {
    on_both_stores(|store| {
        let desk = Desk::new(store, setup(&["emailaddress1"]));
        desk.know(&[person(contact(1), &ANN, 1)]);
        let bob = [("emailaddress1", "bob@home.example"), ("lastname", "Lee")];
        let made = desk.sends(100, &bob).contact.record().unwrap();

        let later = Desk::new(store, setup(&["lastname"]));
        let submission = later.setup.read(&[("lastname", "RAY")]);
        assert_eq!(later.submit(101, &submission).state, SubmissionState::Failed);
        assert_eq!(key(&later).written, 2);
        let found = later.retry(101, &submission).outcome.unwrap().contact;
        assert_eq!(found.record(), Some(id(1)));
        assert_eq!(later.sends(102, &[("lastname", "lee ")]).contact.record(), Some(made));

        // The former strategy is no more among those that rows are keyed for.
        let failed = desk.submit(103, &desk.setup.read(&bob));
        assert_eq!(failed.state, SubmissionState::Failed);
        for row in later.list(RecordKind::Contact) {
            let matching = row.record.keys().iter().filter(|key| key.kind() == LookupKind::Match);
            assert_eq!(matching.count(), 1);
        }
    });
}

/// Done twice, it writes nothing the second time; nor does it where all rows have their keys.
#[test]
fn keying_a_directory_again_writes_nothing() {
    on_both_stores(|store| {
        let desk = Desk::new(store, setup(&["emailaddress1", "lastname"]));
        write(&desk, &[1, 2, 3].map(|n| person(contact(n), &ANN, 1)));
        assert_eq!(key(&desk).written, 3);
        let before = dump(store, desk.tenant);
        let again = key(&desk);
        assert_eq!((again.looked_at, again.written, again.passes), (3, 0, 1));
        assert_eq!(dump(store, desk.tenant), before);
        // Also after submissions, which key what they write.
        let _ = desk.sends(100, &ANN);
        let _ = desk.sends(101, &[ANN[0], ANN[1], ("lastname", "Lee")]);
        assert_eq!(key(&desk).written, 0);
    });
}

/// Inactive rows are keyed too; a row that the host changed has its keys made anew, its addresses' too,
/// and keeps those of other kinds.
#[test]
fn a_row_that_the_host_changed_is_keyed_anew() {
    on_both_stores(|store| {
        let desk = Desk::new(store, setup(&["emailaddress1"]));
        desk.know(&[person(contact(1), &ANN, 1).inactive()]);
        let keys = |n| kept(store, desk.tenant, contact(n)).unwrap().record.keys().to_vec();
        let before = keys(1);
        assert_eq!(before.len(), 2, "one to match by, and one by address");
        edit(store, desk.tenant, contact(1), |row| {
            let moved = [("emailaddress1", super::text("ann@work.example"))];
            row.with(&super::attributes(&moved)).unwrap()
        });
        assert_eq!(keys(1), before, "the host did not know better");
        assert_eq!(key(&desk).written, 1);
        assert!(keys(1).len() == 2 && keys(1).iter().all(|key| !before.contains(key)));
    });
}

/// A claim that the values of a row do not make any more is given up when it is keyed.
#[test]
fn a_row_gives_up_the_claims_that_its_values_do_not_make() {
    on_both_stores(|store| {
        let desk = Desk::among(store, setup(&["emailaddress1"]), &[]);
        let made = desk.sends(100, &ANN).contact.record().unwrap();
        let row = RecordKind::Contact.of(made);
        let claims = || {
            let unique = kept(store, desk.tenant, row).unwrap().record.unique().to_vec();
            unique.iter().filter(|key| key.space() == Space::Match).count()
        };
        assert_eq!(claims(), 1);
        edit(store, desk.tenant, row, |row| row.without("emailaddress1"));
        assert_eq!(key(&desk).written, 1);
        assert_eq!(claims(), 0);
    });
}

/// Rows that are written while a directory gets its keys get them too: also one whose submission had
/// read which keys there are before any were announced.
#[test]
fn a_row_that_is_made_while_the_directory_is_keyed_is_found_afterwards() {
    let plan = || {
        let strategies = vec![
            by(MatchingTarget::Contact, &["emailaddress1"]),
            out_of_box(MatchingTarget::Lead),
            by(MatchingTarget::Contact, &["lastname"]),
        ];
        Setup::of(strategies).in_mode(UpdateMode::OnlyContacts)
    };
    let by_name =
        || plan().choosing(&correspond::form::FormChoices::default().contact_strategy(id(3)));
    in_each_gap(
        |store: &AnyStore| Desk::new(store, setup(&["emailaddress1"])).key(),
        |store| Desk::new(store, plan()).key(),
        |stage| Desk::at(stage, setup(&["emailaddress1"])).submit(100, &plan().read(&ANN)),
        |store, worked| {
            let made = worked.outcome.unwrap().contact;
            assert!(matches!(made, TargetOutcome::Created { .. }), "{made:?}");
            let desk = Desk::new(store, by_name());
            let found = desk.sends(101, &[("lastname", "Ray"), ("firstname", "Anne")]).contact;
            assert_eq!(found.record(), made.record(), "{found}");
            assert_eq!(key(&desk).written, 0);
        },
    );
}

/// So do rows that are made in any gap of the keying itself.
#[test]
fn a_row_that_is_made_in_any_gap_of_keying_is_found_afterwards() {
    let later = || setup(&["lastname"]);
    in_each_gap(
        |store: &AnyStore| {
            Desk::among(store, setup(&["emailaddress1"]), &[person(contact(1), &ANN, 1)]);
        },
        |store| {
            let desk = Desk::new(store, setup(&["emailaddress1"]));
            let bob = [("emailaddress1", "bob@home.example"), ("lastname", "Lee")];
            let worked = desk.submit(100, &desk.setup.read(&bob));
            // Once the former keys are gone, it fails and waits.
            assert!(worked.state != SubmissionState::Pending);
        },
        |stage| key(&Desk::at(stage, later())),
        |store, _| {
            let desk = Desk::new(store, later());
            for row in desk.contacts() {
                let name = desk.text_of(row.reference(), "lastname");
                let n = 200 + row.reference().id().get() % 1_000;
                let found = desk.sends(n, &[("lastname", &name)]).contact;
                assert_eq!(found.record(), Some(row.reference().id()), "{name}");
            }
            assert_eq!(key(&desk).written, 0);
        },
    );
}

/// More different comparisons than a row has room for are refused by name.
#[test]
fn too_many_strategies_are_told() {
    let names: Vec<_> = (0..30).map(|n| format!("new_column{n}")).collect();
    let strategies = names.iter().map(|name| by(MatchingTarget::Contact, &[name.as_str()]));
    let stored: Vec<_> = strategies
        .enumerate()
        .map(|(n, value)| {
            let version = correspond::record::Version::new(n as u128);
            correspond::settings::Stored::new(id(n as u128), version, minute(0), value)
        })
        .collect();
    let error = MatchPlan::new(&stored, &MatchScope::default()).unwrap_err();
    assert_eq!(error.strategy(), RecordKind::MatchingStrategy.of(id(24)));
    assert!(MatchPlan::new(&stored[..24], &MatchScope::default()).is_ok());
}

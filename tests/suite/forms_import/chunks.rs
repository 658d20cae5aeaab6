//! What an import does, and what it leaves behind.

use super::watched::{Watched, poll_at_most};
use super::*;
use correspond::adapter::memory::MemoryStore;
use correspond::adapter::redb::RedbStore;
use correspond::flow::forms::match_many;
use correspond::form::{
    ChosenBecause, ConsentChoices, Failure, FormChoices, Outcome, StoredSubmission,
    SubmissionState, TargetOutcome,
};
use correspond::record::RecordQuery;
use proptest::prelude::*;
use std::sync::atomic::Ordering;

/// The numbers of people who come again and again, the same in every run.
fn numbers(count: u64, people: u64) -> impl Iterator<Item = u64> {
    (0..count)
        .map(move |row| row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33)
        .map(move |n| n % people)
}

#[test]
fn of_20_000_rows_as_many_records_are_made_as_there_are_people() {
    let (org, store) = (Org::new(), MemoryStore::default());
    org.key(&store);
    let rows = org.people(numbers(20_000, 7_000));
    let (progress, lost) = now(org.import(&store, &job(), &rows));
    now(assert_done_once(&store, &progress, &rows));
    assert_eq!((lost, progress.failed(), progress.ambiguous()), (0, 0, 0));
}

#[test]
fn a_file_keeps_an_import_too() {
    let folder = tempfile::tempdir().unwrap();
    let (org, store) = (Org::new(), RedbStore::open(folder.path().join("store")).unwrap());
    org.key(&store);
    let rows = org.people(numbers(1_500, 600));
    let (progress, _) = now(org.import(&store, &job().chunk(1_000), &rows));
    now(assert_done_once(&store, &progress, &rows));
}

#[test]
fn a_chunk_of_500_copies_of_one_person_makes_one_record() {
    let (org, store) = (Org::new(), MemoryStore::default());
    org.key(&store);
    let rows: Vec<ImportRow> = (0..500)
        .map(|n| org.submission("Ann@Home.example", "Smith", &format!("Ann {}", n / 2)).into())
        .collect();
    let store = Watched::new(store);
    let step = now(org.step(&store, &job(), &ImportProgress::default(), &rows));
    assert_eq!(store.commits.load(Ordering::Relaxed), 1);
    now(assert_done_once(&store, &step.progress, &rows));
    let tally = step.progress.tally(MatchingTarget::Contact);
    assert_eq!((tally.created, tally.updated, tally.unchanged), (1, 249, 250));
    let people = now(self::rows(&store, RecordKind::Contact));
    assert_eq!(text(&people[0], "firstname"), "Ann 249", "the last row has the last word");
    let made = step.outcomes[0].contact.record();
    assert!(step.outcomes.iter().all(|outcome| outcome.contact.record() == made));
    let leads = now(self::rows(&store, RecordKind::Lead));
    assert_eq!(leads[0].parent_contact(), made);
}

/// Cut off before and after every call of the store, and begun again: in memory.
#[test]
fn an_import_that_is_cut_off_anywhere_goes_on_where_it_was() {
    let org = Org::new();
    let rows = org.people([1, 2, 1, 3, 2, 4, 5]);
    for cut in 0.. {
        let store = Watched::new(MemoryStore::default());
        org.key(&store.inner);
        store.slow.store(true, Ordering::Relaxed);
        let ended = poll_at_most(cut, org.import(&store, &job().chunk(3), &rows));
        let (progress, _) = now(org.import(&store.inner, &job().chunk(2), &rows));
        now(assert_done_once(&store.inner, &progress, &rows));
        if ended.is_some() {
            assert!(cut > 12, "{cut}");
            return;
        }
    }
}

/// The same with a file that is closed, and opened again.
#[test]
fn an_import_goes_on_after_the_file_was_opened_again() {
    let org = Org::new();
    let rows = org.people([1, 2, 1, 3, 2, 4, 5]);
    for cut in 0..=16 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        let store = Watched::new(RedbStore::open(&path).unwrap());
        org.key(&store.inner);
        store.slow.store(true, Ordering::Relaxed);
        assert_eq!(poll_at_most(cut, org.import(&store, &job().chunk(3), &rows)), None);
        drop(store);
        let store = RedbStore::open(&path).unwrap();
        let (progress, _) = now(org.import(&store, &job().chunk(3), &rows));
        now(assert_done_once(&store, &progress, &rows));
    }
}

#[test]
fn rows_that_fail_are_kept_and_can_be_corrected() {
    let (org, store) = (Org::new(), MemoryStore::default());
    org.key(&store);
    // No last name is submitted with the second row; its strategy does not ask for one, the form does.
    let fields = ["emailaddress1", "lastname"].map(|name| FormField::new(name).unwrap().required());
    let form = org.form.clone().with_fields(fields).unwrap();
    let setup = FormSetup::new(&form, &org.plan);
    let own = RecordId::new(999);
    let choices = |submission: Submission| {
        let mut choices = ConsentChoices::default();
        choices.ticked.push(RecordId::new(8));
        submission.with_choices(choices).unwrap()
    };
    let rows: Vec<ImportRow> = vec![
        org.person(1, "Ann").into(),
        org.submission("p2@home.example", " ", "Bob").into(),
        ImportRow::from(org.submission("p3@home.example", "", "Cid")).with_id(own),
        choices(org.person(4, "Dan")).into(),
    ];
    let (none, job) = (ImportProgress::default(), job());
    let step = org.submissions.import_step(&store, &setup, &job, &none, &rows, start());
    let step = now(step).unwrap();
    assert_eq!((step.progress.rows(), step.progress.failed()), (4, 3));
    let id = |row| ImportProgress::submission_id(IMPORT, row);
    let failures: Vec<_> =
        step.progress.failures().iter().map(|failed| (failed.row, failed.submission)).collect();
    assert_eq!(failures, [(1, id(1)), (2, own), (3, id(3))]);
    assert!(matches!(step.outcomes[1].failure(), Some(Failure::Required(_))));
    assert!(matches!(step.outcomes[3].failure(), Some(Failure::Choices(_))));
    assert_eq!(now(self::rows(&store, RecordKind::Contact)).len(), 1);

    let kept = now(all(&store, RecordKind::Submission));
    assert_eq!(kept.len(), 3);
    for kept in &kept {
        let stored = StoredSubmission::from_versioned(kept).unwrap();
        assert_eq!(stored.state(), SubmissionState::Failed);
        assert!(stored.submission().is_some());
    }
    // Begun anew under the same id: what is kept stays, nothing gets in the way.
    assert!(now(org.submissions.forget_import(&store, &job)).unwrap());
    assert!(now(org.submissions.forget_import(&store, &job)).unwrap(), "there is none");
    let step = org.submissions.import_step(&store, &setup, &job, &none, &rows, start());
    assert_eq!(now(step).unwrap().progress.failed(), 3);
    assert_eq!(now(all(&store, RecordKind::Submission)), kept);

    let corrected = rows[1].submission.clone();
    let corrected = corrected.corrected("lastname", Some(Value::Text("Jones".into()))).unwrap();
    let delivery = Delivery::new(TENANT, id(1), &corrected, start());
    let worked = now(org.submissions.retry(&store, &setup, &delivery)).unwrap();
    assert_eq!(worked.state, SubmissionState::Succeeded);
    assert_eq!(now(self::rows(&store, RecordKind::Contact)).len(), 2);
}

#[test]
fn a_form_that_stores_all_submissions_stores_those_of_an_import() {
    let (mut org, store) = (Org::new(), MemoryStore::default());
    org.key(&store);
    let config = LandingPageConfiguration::builder()
        .name("Import")
        .contact_matching_strategy(RecordId::new(1))
        .lead_matching_strategy(RecordId::new(2));
    let choices = FormChoices::default().keep_successful_submissions(true);
    org.form = org.form.with(&choices, &config.build().unwrap(), &org.strategies).unwrap();
    let rows = org.people([1, 2, 1]);
    let (progress, _) = now(org.import(&store, &job(), &rows));
    assert_eq!(progress.failed(), 0);
    let kept = now(all(&store, RecordKind::Submission));
    let ids: BTreeSet<_> = kept.iter().map(|kept| kept.record.reference().id()).collect();
    assert_eq!(ids, (0..3).map(|row| ImportProgress::submission_id(IMPORT, row)).collect());
}

/// A row that matches several records changes the one modified last, and is named with the others.
#[test]
fn ambiguous_rows_are_named() {
    let (org, store) = (Org::new(), MemoryStore::default());
    org.key(&store);
    let twin = |id, day| {
        let row = party(RecordKind::Contact, id, &[("emailaddress1", "p1@home.example")]);
        (row.modified_at(start() - TimeDelta::days(day)), Expect::Absent)
    };
    now(org.write(&store, vec![twin(7, 3), twin(8, 1), twin(9, 2)]));
    let rows = org.people([0, 1, 1]);
    let (progress, _) = now(org.import(&store, &job(), &rows));
    assert_eq!((progress.ambiguous(), progress.ambiguities().len()), (2, 2));
    let named = &progress.ambiguities()[0];
    assert_eq!((named.row, named.target), (1, MatchingTarget::Contact));
    assert_eq!(named.record, RecordId::new(8));
    assert_eq!(named.others, [RecordId::new(9), RecordId::new(7)]);
    assert_eq!(progress.tally(MatchingTarget::Contact).updated, 1);
}

/// A new row takes its claims from whoever has them and does not match: in the same chunk, and before.
#[test]
fn claims_move_to_the_row_made_last() {
    let (org, store) = (Org::new(), MemoryStore::default());
    org.key(&store);
    let family = |name: &str| -> ImportRow {
        org.submission(&format!("{name}@home.example"), "Smith", name).into()
    };
    let rows = vec![family("ann"), family("bob"), family("cid"), family("dan")];
    let (progress, lost) = now(org.import(&store, &job().chunk(2), &rows));
    now(assert_done_once(&store, &progress, &rows));
    assert_eq!(lost, 1, "who has the claim is seen when it is refused");
    let mut claims: Vec<_> =
        now(all(&store, RecordKind::Contact)).iter().map(match_claims).collect();
    claims.sort_unstable();
    assert_eq!(claims, [1, 1, 1, 2], "the address of each, and one last name");
}

/// Visitors are loaded with the rest, and found by later rows as earlier ones left them.
#[test]
fn visitors_are_known_by_their_link() {
    let (org, store) = (Org::with(UpdateMode::OnlyContacts), MemoryStore::default());
    org.key(&store);
    let twin = |id| {
        (party(RecordKind::Contact, id, &[("emailaddress1", "p1@home.example")]), Expect::Absent)
    };
    now(org.write(&store, vec![twin(7), twin(8)]));
    let own = |id| ImportRow::from(org.person(1, "Ann").by_link(RecordId::new(id)));
    let rows = vec![own(7), own(8), own(7)];
    let step = now(org.step(&store, &job(), &ImportProgress::default(), &rows));
    let contacts: Vec<_> = step.outcomes.iter().map(|outcome| &outcome.contact).collect();
    for (outcome, id) in contacts.iter().zip([7, 8, 7]) {
        assert_eq!(outcome.record(), Some(RecordId::new(id)));
        assert_eq!(outcome.others().len(), 1);
    }
    let visitor = |outcome: &TargetOutcome| match outcome {
        TargetOutcome::Updated { why, .. } | TargetOutcome::Unchanged { why, .. } => {
            *why == ChosenBecause::Visitor
        }
        _ => false,
    };
    assert!(contacts.into_iter().all(visitor), "{:?}", step.outcomes);
    assert_eq!(step.progress.tally(MatchingTarget::Contact).unchanged, 1);
}

#[test]
fn a_preview_says_what_a_submission_would_do_and_does_nothing() {
    let org = Org::new();
    let store = Watched::new(MemoryStore::default());
    org.key(&store.inner);
    let rows = org.people(0..300);
    now(org.import(&store.inner, &job(), &rows));
    let before = (now(all(&store, RecordKind::Contact)), now(all(&store, RecordKind::Lead)));
    let commits = store.commits.load(Ordering::Relaxed);
    let mut asked: Vec<Submission> = (200..700).map(|n| org.person(n, "Bob")).collect();
    asked.push(org.submission(" ", "Smith", "Eve"));
    let found = now(match_many(&store, &org.setup(), TENANT, &asked, start())).unwrap();
    assert_eq!(found.len(), 501);
    assert_eq!(store.loads.load(Ordering::Relaxed), 1);
    assert_eq!(store.finds.load(Ordering::Relaxed), 1, "two targets, 1,000 keys");
    assert_eq!(store.commits.load(Ordering::Relaxed), commits);
    assert_eq!((now(all(&store, RecordKind::Contact)), now(all(&store, RecordKind::Lead))), before);
    assert_eq!(RecordQuery::MAX_LOOKUPS, 1_000);

    let unset = |outcome: TargetOutcome| match outcome {
        TargetOutcome::Created { why, .. } => {
            TargetOutcome::Created { record: RecordId::new(0), why }
        }
        other => other,
    };
    for (number, (submission, would)) in asked.iter().zip(&found).enumerate() {
        let worked = now(org.submit(&store.inner, 5_000 + number as u128, submission));
        let Outcome { contact, lead, cut } = worked.outcome.unwrap();
        assert_eq!(would.outcome, Outcome { contact: unset(contact), lead: unset(lead), cut });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// An import comes to what its rows come to one after the other, whatever the chunks.
    #[test]
    fn an_import_is_as_its_rows_one_after_the_other(
        rows in prop::collection::vec((0_u8..4, 0_u8..3, 0_u8..3), 1..24),
        chunk in 1_u16..9,
        families in any::<bool>(),
    ) {
        let org = Org::new();
        // By last name and address together, or by address alone.
        let strategy = MatchingStrategy::out_of_box(MatchingTarget::Contact).name("Own");
        let strategy = if families {
            strategy.attributes(["emailaddress1", "lastname"])
        } else {
            strategy.attributes(["emailaddress1"])
        };
        let mut strategies = org.strategies.clone();
        strategies[0].value = strategy.build().unwrap();
        let plan = MatchPlan::new(&strategies, &MatchScope::default()).unwrap();
        let org = Org { strategies, plan, ..org };
        let rows: Vec<ImportRow> = rows
            .iter()
            .map(|(address, last, first)| {
                let address = if *address == 0 { " ".to_owned() } else { format!("{address}@home.example") };
                org.submission(&address, &format!("Last {last}"), &format!("First {first}")).into()
            })
            .collect();
        let [one, other] = [MemoryStore::default(), MemoryStore::default()];
        org.key(&one);
        org.key(&other);
        let (progress, _) = now(org.import(&one, &job().chunk(chunk), &rows));
        let mut created = 0;
        for (number, row) in rows.iter().enumerate() {
            let worked = now(org.submit(&other, number as u128, &row.submission));
            let outcome = worked.outcome.unwrap();
            created += u64::from(matches!(outcome.contact, TargetOutcome::Created { .. }));
        }
        prop_assert_eq!(progress.tally(MatchingTarget::Contact).created, created);
        for kind in [RecordKind::Contact, RecordKind::Lead] {
            let shown = |store: &MemoryStore| {
                let kept = now(all(store, kind));
                let shown = |kept: &Versioned| {
                    let row = Party::from_versioned(kept).unwrap().without(Party::PARENT_CONTACT);
                    format!("{:?} {}", row.attributes(), kept.record.keys().len())
                };
                let mut rows: Vec<String> = kept.iter().map(shown).collect();
                rows.sort();
                (rows, kept.iter().map(match_claims).sum::<usize>())
            };
            let ((import, claims), (submitted, claimed)) = (shown(&one), shown(&other));
            prop_assert_eq!(import, submitted);
            // What a row claims and gives up within a chunk nobody else has to give up for it.
            prop_assert!(claims >= claimed, "{} {}", claims, claimed);
        }
        let history = |store: &MemoryStore| now(all(store, RecordKind::LeadHistory)).len();
        prop_assert_eq!(history(&one), history(&other));
    }
}

//! What is kept of submissions that are not worked off: listed, discarded, forgotten.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use correspond::flow::forms::{
    Discarded, FormChanged, Submissions, WaitingSubmission, delete_form,
};
use correspond::form::{FormChoices, FormType, StoredSubmission, SubmissionState};
use correspond::record::{Record, RecordKind};
use correspond::settings::MatchingTarget;

use super::stage::Call;
use super::{
    Desk, FORM, Setup, Stage, by, contact, id, kept, memory, minute, now, on_both_stores, person,
    write,
};

const ANN: [(&str, &str); 2] = [("emailaddress1", "ann@home.example"), ("firstname", "Ann")];

fn by_address() -> Setup {
    Setup::of(MatchingTarget::ALL.iter().map(|t| by(*t, &["emailaddress1"])).collect())
}

fn waiting(desk: &Desk<'_>) -> Vec<WaitingSubmission> {
    now(desk.submissions.waiting(desk.stage.store, desk.tenant, FORM))
}

fn ids(waiting: &[WaitingSubmission]) -> Vec<u128> {
    waiting.iter().map(|waiting| waiting.id.get()).collect()
}

fn discard(desk: &Desk<'_>, n: u128, waiting: &WaitingSubmission) -> Discarded {
    now(desk.submissions.discard(desk.stage.store, desk.tenant, id(n), waiting.version))
}

/// A submission that waits, as one that lost every round leaves it.
fn waits(desk: &Desk<'_>, n: u128) {
    let submission = desk.setup.read(&ANN);
    let stored = StoredSubmission::pending(&desk.setup.form, &submission, minute(700));
    let keyer = correspond::store::Store::keyer(desk.stage.store);
    write(desk.stage.store, desk.tenant, stored.to_record(id(n), keyer).unwrap());
}

/// What waits or failed is found by its form until it went well or is discarded; another form's and
/// what went well are not.
#[test]
fn what_waits_or_failed_is_listed_by_its_form() {
    on_both_stores(|store| {
        let desk = Desk::among(store, by_address(), &[]);
        let _ = desk.sends(100, &ANN);
        let _ = desk.sends(101, &ANN[1..]);
        waits(&desk, 102);
        let other = now(desk.submissions.waiting(store, desk.tenant, id(51)));
        assert_eq!(other, []);
        let listed = waiting(&desk);
        assert_eq!(ids(&listed), [102, 101], "last worked first");
        let states = listed.iter().map(|one| one.stored.as_ref().unwrap().state());
        let expected = [SubmissionState::Pending, SubmissionState::Failed];
        assert_eq!(states.collect::<Vec<_>>(), expected);

        let corrected = desk.setup.read(&ANN);
        assert_eq!(desk.retry(102, &corrected).state, SubmissionState::Succeeded);
        assert_eq!(ids(&waiting(&desk)), [101]);
        // Each answer of a discard.
        let [one] = &waiting(&desk)[..] else { panic!("one is left") };
        assert_eq!(discard(&desk, 100, one), Discarded::Succeeded);
        assert_eq!(discard(&desk, 999, one), Discarded::Missing);
        let _ = desk.retry(101, &desk.setup.read(&ANN[1..]));
        let [now_there] = &waiting(&desk)[..] else { panic!("one is left") };
        assert_eq!(discard(&desk, 101, one), Discarded::Stale(now_there.version));
        assert_eq!(discard(&desk, 101, now_there), Discarded::Done);
        assert_eq!(waiting(&desk), []);
        assert!(!desk.submit(101, &corrected).repeated, "it is one that never was");
    });
}

/// One that nobody can read is listed with the reason, holds up no other, and can be discarded.
#[test]
fn what_cannot_be_read_is_listed_with_its_reason() {
    let store = memory();
    let desk = Desk::among(&store, by_address(), &[]);
    let _ = desk.sends(100, &ANN[1..]);
    let record = kept(&store, desk.tenant, RecordKind::Submission.of(id(100))).unwrap().record;
    let broken = Record::new(RecordKind::Submission.of(id(101)), minute(700), "[]").unwrap();
    write(&store, desk.tenant, broken.with_keys(record.keys().iter().copied()).unwrap());
    let listed = waiting(&desk);
    assert_eq!(ids(&listed), [101, 100]);
    assert!(listed[0].stored.is_err() && listed[1].stored.is_ok());
    assert_eq!(discard(&desk, 101, &listed[0]), Discarded::Done);
}

/// Of very many the last are listed; the others follow as these go.
#[test]
fn very_many_are_listed_as_those_before_go() {
    let store = memory();
    let desk = Desk::among(&store, by_address(), &[]);
    let most = u128::from(Submissions::MAX_WAITING);
    for n in 0..most + 3 {
        waits(&desk, 100 + n);
    }
    let listed = waiting(&desk);
    assert_eq!(listed.len() as u128, most);
    for one in &listed {
        assert_eq!(discard(&desk, one.id.get(), one), Discarded::Done);
    }
    assert_eq!(waiting(&desk).len(), 3);
}

/// A form stays as long as submissions of it wait or failed.
#[test]
fn a_form_is_not_deleted_while_submissions_of_it_wait() {
    on_both_stores(|store| {
        let desk = Desk::among(store, by_address(), &[]);
        let row = RecordKind::MarketingForm.of(FORM);
        let body = serde_json::to_string(&desk.setup.form).unwrap();
        write(store, desk.tenant, Record::new(row, minute(0), body).unwrap());
        let seen = kept(store, desk.tenant, row).unwrap().version;
        let delete = || now(delete_form(store, desk.tenant, FORM, seen));
        let _ = desk.sends(100, &ANN[1..]);
        waits(&desk, 101);
        assert_eq!(delete(), FormChanged::Waits { submissions: 2 });
        assert!(kept(store, desk.tenant, row).is_some());
        assert_eq!(desk.retry(101, &desk.setup.read(&ANN)).state, SubmissionState::Succeeded);
        assert_eq!(delete(), FormChanged::Waits { submissions: 1 });
        let one = waiting(&desk).remove(0);
        assert_eq!(discard(&desk, 100, &one), Discarded::Done);
        assert!(matches!(delete(), FormChanged::Done(_)));
    });
}

/// Facts 7.2: addresses that were entered to forward a mail are forgotten 30 days after they were
/// entered, whether they were worked off, failed or wait, and however often that was tried.
#[test]
fn forwarded_addresses_are_forgotten_thirty_days_after_they_were_entered() {
    let forward = || by_address().of_type(FormType::ForwardToFriend);
    let keep = FormChoices::default().keep_successful_submissions(true);
    let form = forward().choosing(&keep).form;
    let submission = forward().read(&ANN);
    assert_eq!(submission.submitted(), minute(600));
    let day = |n| minute(600) + TimeDelta::days(n);
    let waits = StoredSubmission::pending(&form, &submission, day(20));
    on_both_stores(|store| {
        let setup = forward().choosing(&keep).with(|form| {
            let address = correspond::form::FormField::new("emailaddress1").unwrap().required();
            form.with_fields([address]).unwrap()
        });
        let desk = Desk::new(store, setup);
        let failed = desk.setup.read(&[("emailaddress1", " ")]);
        for at in [day(10), day(20)] {
            let delivery =
                correspond::flow::forms::Delivery::new(desk.tenant, id(100), &failed, at);
            let _ = now(desk.submissions.retry(store, &desk.setup(), &delivery));
        }
        assert_eq!(desk.stored(100).state(), SubmissionState::Failed);
        let went_well = desk.setup.read(&ANN);
        let delivery =
            correspond::flow::forms::Delivery::new(desk.tenant, id(101), &went_well, day(20));
        let _ = now(desk.submissions.submit(store, &desk.setup(), &delivery));
        for stored in [&waits, &desk.stored(100), &desk.stored(101)] {
            assert!(stored.submission().is_some());
            let end = day(30);
            assert!(!stored.is_expired(end - TimeDelta::seconds(1)), "{stored:?}");
            assert!(stored.is_expired(end), "{stored:?}");
        }
    });
    // A submission of the future is not kept longer for that.
    let early = StoredSubmission::pending(&form, &submission, day(-100));
    assert!(early.is_expired(day(-70)));
    let page = StoredSubmission::pending(&by_address().form, &submission, day(0));
    assert!(!page.is_expired(day(10_000)), "of a landing page it waits");
}

/// One that is worked off anew while others are purged stays, and one that cannot be read is counted;
/// neither holds up the others.
#[test]
fn a_purge_deletes_what_it_can() {
    on_both_stores(|store| {
        let desk = Desk::among(store, by_address(), &[person(contact(1), &ANN, 1)]);
        for n in 100..105 {
            let _ = desk.sends(n, &ANN);
        }
        let submission = |n| RecordKind::Submission.of(id(n));
        write(store, desk.tenant, Record::new(submission(99), minute(0), "[]").unwrap());
        let first = AtomicBool::new(true);
        let stage = Stage::before(store, |call| {
            if matches!(call, Call::Commit(_)) && first.swap(false, Ordering::SeqCst) {
                let record = kept(store, desk.tenant, submission(102)).unwrap().record;
                write(store, desk.tenant, record);
            }
        });
        let at = minute(600) + TimeDelta::days(31);
        let purged = now(desk.submissions.purge(&stage, desk.tenant, None, at));
        assert_eq!((purged.deleted, purged.unreadable, purged.next), (4, 1, None));
        let there = desk.list(RecordKind::Submission);
        let there: Vec<_> = there.iter().map(|kept| kept.record.reference().id().get()).collect();
        assert_eq!(there, [99, 102]);
        let again = now(desk.submissions.purge(store, desk.tenant, None, at));
        assert_eq!((again.deleted, again.unreadable), (1, 1));
    });
}

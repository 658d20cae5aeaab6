//! Forms with double opt-in of their own: a submission is held back until its sender confirms it.

use correspond::consent::{FormOptIn, Held, LinkLife, Mailing, Standing, ThankYou, Wanted};
use correspond::flow::forms::{FormClicked, Holding};
use correspond::flow::{ConfirmationMail, Confirmed, HeldBack, HeldSubmission};
use correspond::form::{LeadHistoryEntry, NewBecause};
use correspond::settings::Profile;

use super::*;

/// What the form sends.
fn mailing() -> Mailing {
    let mail = OptInMail::new(id(30))
        .live()
        .with_designation(Designation::Transactional)
        .with_text("{{SubscriptionListNames}} {{ConfirmationUrl}}");
    let own = FormOptIn::builder(FormType::LandingPage)
        .enabled(true)
        .message(mail)
        .content_settings(id(31))
        .thank_you_page(id(32));
    own.build().unwrap().mailing().unwrap().clone()
}

/// The token of the nth submission.
fn token(n: u128) -> LinkToken {
    seed(10 * n).token
}

impl<S: Store + Records + Directory> Desk<'_, S> {
    fn try_hold(
        &self,
        n: u128,
        on: i64,
        submission: &Submission,
        token: &LinkToken,
    ) -> Result<Holding, FlowError> {
        let (setup, mailing) = (self.setup.form_setup(), mailing());
        let delivery = Delivery::new(TENANT, id(n), submission, day(on));
        let hold = self.submissions.hold(self.store, &setup, &delivery, &mailing, token);
        poll_once(hold).expect("ready at once")
    }

    /// Holds it back under the nth id, on this day.
    fn hold(&self, n: u128, on: i64, submission: &Submission) -> Holding {
        self.try_hold(n, on, submission, &token(n)).unwrap()
    }

    fn holds(&self, n: u128, on: i64, submission: &Submission) -> ConfirmationMail {
        match self.hold(n, on, submission) {
            Holding::Waits(mail) => mail,
            other => panic!("{other:?}"),
        }
    }

    fn is_over(&self, n: u128, on: i64, submission: &Submission) -> Worked {
        match self.hold(n, on, submission) {
            Holding::Over(worked) => worked,
            other => panic!("{other:?}"),
        }
    }

    /// A click on the link of the nth submission.
    fn clicks(&self, n: u128, on: i64) -> FormClicked {
        self.clicks_on(token(n).as_str(), on, |form| {
            (form == FORM).then(|| self.setup.form_setup())
        })
    }

    fn clicks_on<'f>(
        &self,
        link: &str,
        on: i64,
        find: impl Fn(RecordId) -> Option<FormSetup<'f>> + Send,
    ) -> FormClicked {
        let click = Click::new(TENANT, link, day(on));
        now(self.submissions.confirm(self.store, click, find))
    }

    fn confirms(&self, n: u128, on: i64) -> (Confirmed, Worked) {
        match self.clicks(n, on) {
            FormClicked {
                clicked: Clicked::Confirmed(confirmed), worked: Some(worked), ..
            } => (confirmed, worked),
            other => panic!("{other:?}"),
        }
    }

    fn retry(&self, n: u128, on: i64, submission: &Submission) -> Worked {
        let delivery = Delivery::new(TENANT, id(n), submission, day(on));
        now(self.submissions.retry(self.store, &self.setup.form_setup(), &delivery))
    }
}

fn request(store: &impl Records, n: u128) -> Versioned {
    kept(store, RecordKind::OptInRequest.of(id(n))).expect("the request is there")
}

fn landing_page() -> Setup {
    Setup::of(FormType::LandingPage)
}

fn wanted() -> ConsentChoices {
    with_level(lists([1, 2, 3], [1, 2]), Level::Marketing)
}

/// facts 7.6: one mail for several lists; nothing about the contact is stored until it is confirmed but
/// the submission, and what it wants.
#[test]
fn a_held_submission_leaves_itself_and_a_request() {
    on_both_stores(|store| {
        // That of the organization is overridden.
        let desk = Desk::keyed(store, landing_page().confirmed());
        let sent = desk.ann(wanted());
        let before = dump(store);
        let mail = desk.holds(100, 1, &sent);
        assert_eq!((mail.request, &mail.token), (id(100), &token(100)));
        assert_eq!(mail.mailing, mailing());
        let asks = [Ask::Level(Level::Marketing), Ask::List(id(1)), Ask::List(id(2))];
        assert_eq!(mail.asks, asks);

        let mut left = dump(store);
        left.retain(|kept| !before.contains(kept));
        let kinds: Vec<_> = left.iter().map(|kept| kept.record.reference().kind()).collect();
        assert_eq!(kinds, [RecordKind::Submission, RecordKind::OptInRequest]);
        let keys: Vec<_> = left.iter().map(|kept| kept.record.keys().len()).collect();
        assert_eq!(keys, [1, 0], "it is found by its form, and by nothing of its sender");
        assert!(!request(store, 100).record.body().contains(MAIL));
        let waits = stored(store, 100);
        assert_eq!((waits.state(), waits.outcome()), (SubmissionState::Unconfirmed, None));
        assert_eq!((waits.state().code(), waits.is_held_back()), (192_350_000, true));
        assert_eq!((waits.form(), waits.submission()), (FORM, Some(&sent)));
    });
}

/// A held submission is worked off by nobody, and delivered again it is answered with the same mail.
#[test]
fn a_held_submission_waits() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, landing_page());
        let sent = desk.ann(wanted());
        let mail = desk.holds(100, 1, &sent);
        let before = dump(store);
        for worked in [desk.submit(100, 2, &sent), desk.retry(100, 2, &sent)] {
            assert_eq!((worked.state, worked.repeated), (SubmissionState::Unconfirmed, true));
            assert_eq!((worked.outcome, worked.consent), (None, None));
        }
        for on in [1, 2, 31] {
            assert_eq!(desk.holds(100, on, &sent), mail);
        }
        let late = desk.is_over(100, 32, &sent);
        assert_eq!((late.state, late.repeated), (SubmissionState::Unconfirmed, true));
        assert_eq!(dump(store), before);
    });
}

/// Whoever lost the token in a crash draws another: both links work, and none of them longer.
#[test]
fn a_token_drawn_anew_is_one_link_more() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, landing_page());
        let sent = desk.ann(wanted());
        let first = desk.holds(100, 1, &sent);
        let again = desk.try_hold(100, 20, &sent, &token(101)).unwrap();
        let mut expected = first;
        expected.token = token(101);
        assert_eq!(again, Holding::Waits(expected));
        assert_eq!(list(store, RecordKind::OptInRequest).len(), 1);
        assert_eq!(desk.clicks(101, 32).clicked, Clicked::Expired { at: day(31) });
        let (_, worked) = desk.confirms(100, 31);
        assert!(matches!(desk.clicks(101, 31).clicked, Clicked::Repeated { .. }));
        assert_eq!(contacts(store), [contact_of(&worked)]);
        // Over, it is asked for no more, under whatever token.
        let over = desk.try_hold(100, 31, &sent, &token(102)).unwrap();
        assert!(matches!(over, Holding::Over(_)), "{over:?}");
        assert_eq!(desk.clicks(102, 31).clicked, Clicked::Unknown);
    });
}

/// facts 7.6: the click makes contact and lead, with all that was chosen, in one batch; clicked again it
/// is answered as before.
#[test]
fn a_click_works_a_held_submission_off() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, landing_page().confirmed());
        let sent = desk.ann(wanted());
        let _ = desk.holds(100, 1, &sent);
        let (confirmed, worked) = desk.confirms(100, 2);
        let ann = contact_of(&worked);
        assert_eq!((confirmed.contact, confirmed.request), (ann, id(100)));
        assert_eq!(confirmed.level, LevelChange::between(Level::None, Level::Marketing));
        assert_eq!((&confirmed.joined, &confirmed.left), (&ids([1, 2]), &vec![]));
        assert_eq!(confirmed.thank_you, ThankYou::Page(id(32)));
        assert_eq!((worked.state, worked.repeated), (SubmissionState::Succeeded, false));
        let new = |outcome: &TargetOutcome| match outcome {
            TargetOutcome::Created { why, .. } => *why,
            other => panic!("{other:?}"),
        };
        let whole = outcome(&worked);
        assert_eq!([new(&whole.contact), new(&whole.lead)], [NewBecause::NoMatch; 2]);
        let done = worked.consent.as_ref().unwrap();
        assert_eq!(
            (done.level, &done.joined, &done.mails),
            (confirmed.level, &ids([1, 2]), &vec![])
        );

        assert_eq!((contacts(store), level_of(store, ann)), (vec![ann], Level::Marketing));
        assert_eq!(lists_of(store, ann), ids([1, 2]));
        assert_eq!(row(store, ann).attributes().get("emailaddress1"), Some(&text(MAIL)));
        assert_eq!(row(store, ann).modified(), day(2));
        let leads = list(store, RecordKind::Lead);
        let lead = Party::from_versioned(&leads[0]).unwrap();
        assert_eq!((leads.len(), lead.parent_contact()), (1, Some(ann.id())));
        let history = list(store, RecordKind::LeadHistory);
        let entry = LeadHistoryEntry::from_record(&history[0].record).unwrap();
        assert_eq!((entry.submission, entry.lead), (id(100), lead.reference().id()));
        let entries = log(store);
        assert_eq!((entries.len(), entries[0].origin()), (1, &Origin::default().through(FORM)));
        let receipt = stored(store, 100);
        assert_eq!((receipt.state(), receipt.submission()), (SubmissionState::Succeeded, None));
        assert_eq!((receipt.outcome(), receipt.is_held_back()), (worked.outcome.as_ref(), false));
        let request = OptInRequest::from_record(&request(store, 100).record).unwrap();
        assert_eq!(request.standing(day(2)), Standing::Spent { at: day(2) });

        // Between and after: nothing more happens.
        let before = dump(store);
        let mut expected = worked.clone();
        (expected.repeated, expected.consent) = (true, None);
        for on in [2, 3, 60] {
            let again = desk.clicks(100, on);
            let repeated = Clicked::Repeated { at: day(2), thank_you: ThankYou::Page(id(32)) };
            assert_eq!((again.clicked, again.worked), (repeated, Some(expected.clone())));
            assert_eq!(desk.is_over(100, on, &sent), expected);
        }
        let submitted = desk.submit(100, 3, &sent);
        assert_eq!((submitted.repeated, &submitted.outcome), (true, &expected.outcome));
        assert_eq!(dump(store), before);
        assert_eq!(now(desk.submissions.purge(store, TENANT, None, day(33))).deleted, 1);
        assert_eq!(desk.clicks(100, 33).worked, None, "the receipt is gone");
    });
}

/// A contact that is there by the time of the click is found by the form's strategy, whoever made it and
/// whenever, and keeps what it opted out of.
#[test]
fn a_held_submission_finds_the_contact_that_is_there() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, landing_page());
        let sent = [("emailaddress1", "Ann@Home.example"), ("firstname", "Anna")];
        let _ = desk.holds(100, 1, &desk.sent(&sent, lists([1], [1])));
        let _ = desk.holds(101, 1, &desk.sent(&sent, page_default(Level::Consent)));
        let refused = (Person::DO_NOT_BULK_EMAIL, Value::YesNo(true));
        know_ann(store, &[at(Level::Transactional), on([3]), refused]);
        let (confirmed, worked) = desk.confirms(100, 2);
        assert_eq!((confirmed.contact, confirmed.level), (ANN, None));
        let found = &outcome(&worked).contact;
        assert!(
            matches!(found, TargetOutcome::Updated { why: ChosenBecause::Only, .. }),
            "{found:?}"
        );
        assert_eq!(row(store, ANN).attributes().get("firstname"), Some(&text("Anna")));
        assert_eq!(lists_of(store, ANN), ids([1, 3]));

        // A page default lowers nobody, at the click either.
        let (confirmed, worked) = desk.confirms(101, 3);
        assert_eq!((confirmed.level, level_of(store, ANN)), (None, Level::Transactional));
        assert!(matches!(outcome(&worked).contact, TargetOutcome::Unchanged { .. }));
        let person = Person::from_attributes(row(store, ANN).attributes()).unwrap();
        assert!(person.refuses_bulk_email());
        assert_eq!((contacts(store), log(store)), (vec![ANN], vec![]));
        assert_eq!(list(store, RecordKind::Lead).len(), 1, "and one lead");
    });
}

/// A contact that was deactivated is not found, though it still has the claims of its address: the one
/// that is made at the click takes them over.
#[test]
fn a_click_makes_a_contact_beside_one_that_is_inactive() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, landing_page());
        let old = contact_of(&desk.submit(99, 1, &desk.ann(choices())));
        write(store, kept(store, old).unwrap().record.inactive());
        let _ = desk.holds(100, 1, &desk.ann(wanted()));
        let (confirmed, worked) = desk.confirms(100, 2);
        assert!(matches!(outcome(&worked).contact, TargetOutcome::Created { .. }));
        assert_eq!((contacts(store).len(), confirmed.lost_rounds), (2, 1));
        assert_ne!(confirmed.contact, old);
        assert_eq!(lists_of(store, old), []);
    });
}

/// facts 7.6; facts 9, row 29: the link lives 30 days, the successor's 28. Later it does nothing, and
/// what was held back is purged.
#[test]
fn a_held_submission_that_is_not_confirmed_in_time_is_purged() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, landing_page());
        let sent = desk.ann(wanted());
        let _ = desk.holds(100, 0, &sent);
        let later = desk.setup.form_setup().under(Profile::Current);
        let delivery = Delivery::new(TENANT, id(101), &sent, day(0));
        let (mailing, own) = (mailing(), token(101));
        let held = now(desk.submissions.hold(store, &later, &delivery, &mailing, &own));
        assert!(matches!(held, Holding::Waits(_)));

        let purge = |on| now(desk.submissions.purge(store, TENANT, None, day(on))).deleted;
        assert_eq!(purge(28), 0, "the last day counts");
        assert_eq!(desk.clicks(101, 29), Clicked::Expired { at: day(28) }.into());
        assert_eq!((purge(29), purge(30)), (1, 0));
        let before = dump(store);
        assert_eq!(desk.clicks(100, 31), Clicked::Expired { at: day(30) }.into());
        assert_eq!(dump(store), before);
        assert_eq!(purge(31), 1);
        assert_eq!(desk.clicks(100, 31), Clicked::Expired { at: day(30) }.into());
        // Whoever set his clock back is not lied to either.
        assert_eq!(desk.clicks(100, 3), Clicked::ContactMissing.into());
        assert_eq!((list(store, RecordKind::Submission), contacts(store)), (vec![], vec![]));
        let opt_in = DoubleOptIn::default();
        assert_eq!(now(opt_in.purge(store, TENANT, day(31), None)).deleted, 2);
        assert_eq!(desk.clicks(100, 31), Clicked::Unknown.into());
        assert_eq!(LinkLife::default().ends(day(0)), day(30));
    });
}

/// The last moment of the link works, though somebody purges at that moment.
#[test]
fn a_purge_leaves_what_can_still_be_confirmed() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, landing_page());
        let _ = desk.holds(100, 0, &desk.ann(choices()));
        assert_eq!(now(desk.submissions.purge(store, TENANT, None, day(30))).deleted, 0);
        let _ = desk.confirms(100, 30);
        assert_eq!(contacts(store).len(), 1);
    });
}

/// Forms that make nobody a contact are not held back.
#[test]
fn forms_that_make_no_contact_are_not_held_back() {
    on_both_stores(|store| {
        let setups = [
            Setup::in_mode(UpdateMode::OnlyLeads),
            Setup::in_mode(UpdateMode::NoUpdate),
            Setup::of(FormType::ForwardToFriend),
        ];
        for setup in setups {
            let desk = Desk::keyed(store, setup);
            let before = dump(store);
            assert_eq!(desk.hold(100, 1, &desk.ann(wanted())), Holding::NoContact);
            assert_eq!(dump(store), before);
        }
        for (n, form_type) in
            (100..).zip([FormType::SubscriptionCenter, FormType::EventRegistration])
        {
            let desk = Desk::keyed(store, Setup::of(form_type));
            let _ = desk.holds(n, 1, &desk.ann(wanted()));
        }
        let desk = Desk::keyed(store, Setup::in_mode(UpdateMode::OnlyContacts));
        let _ = desk.holds(110, 1, &desk.ann(wanted()));
        assert_eq!(
            desk.confirms(110, 1).1.outcome.unwrap().lead,
            TargetOutcome::Untouched(Untouched::Mode)
        );
    });
}

/// What would fail is not asked for: it is kept, is worked off by nobody, and is held back once it was
/// corrected.
#[test]
fn what_fails_is_not_asked_for_and_not_worked_off() {
    on_both_stores(|store| {
        let name = FormField::new("firstname").unwrap().required();
        let mail = FormField::new("emailaddress1").unwrap();
        let desk = Desk::keyed(store, landing_page().with_fields([mail, name]));
        let blank = desk.sent(&[("emailaddress1", MAIL)], choices());
        let wrong = desk.ann(lists([1], [1, 2]));
        for (n, sent) in [(100, &blank), (101, &wrong)] {
            let failed = desk.is_over(n, 1, sent);
            assert_eq!((failed.state, failed.repeated), (SubmissionState::Failed, false));
            assert!(outcome(&failed).failure().is_some());
            let before = dump(store);
            let mut repeated = failed.clone();
            repeated.repeated = true;
            assert_eq!(desk.is_over(n, 2, sent), repeated);
            assert_eq!(desk.submit(n, 2, &desk.ann(choices())), repeated);
            assert_eq!(desk.retry(n, 2, &desk.ann(choices())), repeated);
            assert_eq!(dump(store), before);
            assert_eq!(stored(store, n).submission(), Some(sent));
            assert!(stored(store, n).is_held_back());
        }
        assert_eq!(list(store, RecordKind::OptInRequest), []);
        let right = desk.ann(lists([1, 2], [1, 2]));
        let _ = desk.holds(101, 3, &right);
        assert_eq!(stored(store, 101).state(), SubmissionState::Unconfirmed);
        assert_eq!(desk.confirms(101, 4).0.joined, ids([1, 2]));
        // Nobody confirmed the other one.
        assert_eq!(now(desk.submissions.purge(store, TENANT, None, day(31))).deleted, 0);
        assert_eq!(now(desk.submissions.purge(store, TENANT, None, day(32))).deleted, 1);
        assert_eq!(stored(store, 101).state(), SubmissionState::Succeeded);
    });
}

/// One that fails when it is clicked has been confirmed: it is kept whole, and both trying it again and
/// another click work it off.
#[test]
fn what_fails_at_the_click_is_kept_and_can_be_tried_again() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, landing_page());
        let sent = desk.ann(wanted());
        let nothing = MatchPlan::new(&[], &MatchScope::default()).unwrap();
        for (n, again) in [(100, true), (101, false)] {
            let _ = desk.holds(n, 1, &sent);
            let find = |_| Some(FormSetup::new(&desk.setup.form, &nothing));
            let clicked = desk.clicks_on(token(n).as_str(), 2, find);
            assert_eq!(clicked.clicked, Clicked::ContactMissing);
            let failed = clicked.worked.unwrap();
            assert_eq!(failed.state, SubmissionState::Failed);
            let lacks = Failure::Strategy(MatchingTarget::Contact);
            assert_eq!(outcome(&failed).failure(), Some(&lacks));
            let whole = stored(store, n);
            assert_eq!((whole.submission(), whole.is_held_back()), (Some(&sent), false));
            let over = desk.is_over(n, 2, &sent);
            assert_eq!((over.outcome, over.repeated), (failed.outcome, true));
            if again {
                assert_eq!(desk.retry(n, 3, &sent).state, SubmissionState::Succeeded);
                let clicked = desk.clicks(n, 4);
                let repeated = Clicked::Repeated { at: day(3), thank_you: ThankYou::Page(id(32)) };
                assert_eq!(clicked.clicked, repeated);
                assert_eq!(clicked.worked.unwrap().state, SubmissionState::Succeeded);
            } else {
                assert_eq!(desk.confirms(n, 4).1.state, SubmissionState::Succeeded);
            }
        }
        assert_eq!(contacts(store).len(), 1);
    });
}

/// A form that is gone by the time of the click, or that nobody is to be made a contact by any more:
/// nothing is lost, and the link works once it is there again.
#[test]
fn a_form_that_is_gone_makes_the_link_wait() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, landing_page());
        let _ = desk.holds(100, 1, &desk.ann(wanted()));
        let link = token(100);
        let before = dump(store);
        let gone = desk.clicks_on(link.as_str(), 2, |_| None);
        assert_eq!(gone, Clicked::ContactMissing.into());
        let leads = Setup::in_mode(UpdateMode::OnlyLeads);
        let changed = desk.clicks_on(link.as_str(), 2, |_| Some(leads.form_setup()));
        assert_eq!(changed, Clicked::ContactMissing.into());
        assert_eq!(dump(store), before);

        // A host that loads its forms when it needs them asks for the form first.
        let form_of = |link: &str| now(desk.submissions.form_of(store, TENANT, link));
        assert_eq!(form_of(link.as_str()), Some(FORM));
        for other in ["", "x", token(101).as_str(), "' or 1=1"] {
            assert_eq!(form_of(other), None);
            assert_eq!(desk.clicks_on(other, 2, |_| None), Clicked::Unknown.into());
        }
        let _ = desk.confirms(100, 3);
        assert_eq!(form_of(link.as_str()), Some(FORM));
    });
}

/// facts 7.2: a subscription center that is confirmed sets exactly what was ticked, withdraws what waits
/// for what is left, and makes nobody a contact: it fails where nobody is found, and can be clicked again.
#[test]
fn a_held_subscription_center_changes_whose_it_is() {
    on_both_stores(|store| {
        let center = || Setup::of(FormType::SubscriptionCenter).asking(["firstname"]);
        let desk = Desk::keyed(store, center());
        let sent = desk.sent(&[("firstname", "Ann")], lists([1, 2, 3], [2]));
        let known = sent.clone().by_link(ANN.id());
        let _ = desk.holds(100, 1, &known);
        let _ = desk.holds(101, 1, &sent.by_link(id(9)));
        let fails = |n, on| {
            let clicked = desk.clicks(n, on);
            assert_eq!(clicked.clicked, Clicked::ContactMissing);
            assert_eq!(clicked.worked.unwrap().state, SubmissionState::Failed);
        };
        fails(100, 2);
        fails(101, 2);
        assert_eq!(contacts(store), []);

        know_ann(store, &[on([1])]);
        let asks = Desk::new(store, landing_page().confirmed());
        assert_eq!(asks.wants(110, 2, lists([3], [3])).mails.len(), 1);
        let (confirmed, worked) = desk.confirms(100, 3);
        assert_eq!((confirmed.joined, confirmed.left), (ids([2]), ids([1])));
        assert_eq!(worked.consent.unwrap().withdrawn, [seeds(110)[0].id]);
        assert_eq!(lists_of(store, ANN), ids([2]));
        fails(101, 3);
        // Where nothing is wanted of consent either, nothing was to be done: the link waits.
        let idle = desk.sent(&[("firstname", "Ann")], choices()).by_link(id(9));
        let _ = desk.holds(102, 3, &idle);
        let before = dump(store);
        assert_eq!(desk.clicks(102, 3), Clicked::ContactMissing.into());
        assert_eq!(dump(store), before);
    });
}

/// One address can take all clicks: those on the links of the organization's double opt-in too.
#[test]
fn links_of_the_organization_are_answered_as_ever() {
    on_both_stores(|store| {
        know_ann(store, &[]);
        let desk = Desk::keyed(store, landing_page().confirmed());
        assert_eq!(desk.wants(100, 1, lists([1], [1])).mails.len(), 1);
        let link = seeds(100)[0].token.clone();
        assert_eq!(now(desk.submissions.form_of(store, TENANT, link.as_str())), None);
        let clicked = desk.clicks_on(link.as_str(), 2, |_| None);
        let Clicked::Confirmed(confirmed) = clicked.clicked else { panic!("{clicked:?}") };
        assert_eq!((confirmed.joined, clicked.worked), (ids([1]), None));
        assert_eq!(lists_of(store, ANN), ids([1]));

        // And a submission that a host holds back by itself waits for the host.
        let held = Held::new(Attributes::default(), Wanted::new()).unwrap();
        let (mailing, own) = (mailing(), seed(1));
        let submission = HeldSubmission::new(TENANT, &held, &mailing, &own, day(1));
        let waits = now(DoubleOptIn::default().hold(store, &submission));
        assert!(matches!(waits, HeldBack::Waits(_)));
        let clicked = desk.clicks_on(own.token.as_str(), 2, |_| Some(desk.setup.form_setup()));
        assert_eq!(clicked, Clicked::ContactMissing.into());
    });
}

/// A167: logged where the click says so, or the form.
#[test]
fn a_confirmed_change_is_logged_where_either_says_so() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, landing_page());
        let silent = || desk.setup.form_setup().protected(Protection::new());
        let levels = [Level::Consent, Level::Transactional, Level::Marketing];
        for (n, wanted) in (100..).zip(levels) {
            let _ = desk.holds(n, 1, &desk.ann(level(wanted)));
        }
        let click = |n, protection, setup: FormSetup<'_>| {
            let link = token(n);
            let click = Click::new(TENANT, link.as_str(), day(2)).protected(protection);
            let clicked = now(desk.submissions.confirm(store, click, |_| Some(setup)));
            assert!(matches!(clicked.clicked, Clicked::Confirmed(_)));
            log(store).len()
        };
        assert_eq!(click(100, Protection::new(), silent()), 0);
        assert_eq!(click(101, LOGGED, silent()), 1);
        assert_eq!(click(102, Protection::new(), desk.setup.form_setup()), 2);
    });
}

/// A token of somebody else's is told, and nothing is written.
#[test]
fn a_token_that_is_taken_is_told() {
    on_both_stores(|store| {
        let desk = Desk::keyed(store, landing_page());
        let sent = desk.ann(wanted());
        for n in [100, 101] {
            let _ = desk.holds(n, 1, &sent);
        }
        let before = dump(store);
        for n in [101, 102] {
            let error = desk.try_hold(n, 1, &sent, &token(100)).unwrap_err();
            assert_eq!(error.kind(), FlowErrorKind::Seeds);
            assert!(error.to_string().contains(&id(n).to_string()), "{error}");
        }
        assert_eq!(dump(store), before);
        // The submission was purged and its request was not.
        assert_eq!(now(desk.submissions.purge(store, TENANT, None, day(32))).deleted, 2);
        let error = desk.try_hold(100, 32, &sent, &token(100)).unwrap_err();
        assert_eq!(error.kind(), FlowErrorKind::Seeds);
        assert_eq!(list(store, RecordKind::Submission), []);
    });
}

/// Runs both at once, each before the other wrote.
fn at_once<A: Send, B: Send>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    thread::scope(|scope| {
        let (one, other) = (scope.spawn(one), scope.spawn(other));
        (one.join().unwrap(), other.join().unwrap())
    })
}

/// Stores in which two commits meet, in each of which one submission waits.
fn meetings(story: impl Fn(&AnyStore, &Stage<'_>)) {
    let meeting = |store: &AnyStore| {
        let desk = Desk::keyed(store, landing_page());
        let _ = desk.holds(100, 1, &desk.ann(wanted()));
        story(store, &Stage::meeting(store, 2));
    };
    for _ in 0..100 {
        meeting(&memory());
    }
    let dir = tempfile::tempdir().unwrap();
    for round in 0..5 {
        let path = dir.path().join(format!("{round}.redb"));
        meeting(&AnyStore::new(RedbStore::open(path).unwrap()));
    }
}

/// Two clicks at once make one contact: one of them works the submission off.
#[test]
fn of_two_clicks_at_once_one_works_the_submission_off() {
    meetings(|store, stage| {
        let desk = Desk::new(stage, landing_page());
        let (one, other) = at_once(|| desk.clicks(100, 2), || desk.clicks(100, 2));
        let (first, second) = match (&one.clicked, &other.clicked) {
            (Clicked::Confirmed(_), _) => (&one, &other),
            _ => (&other, &one),
        };
        let Clicked::Confirmed(confirmed) = &first.clicked else { panic!("{first:?}") };
        assert!(matches!(second.clicked, Clicked::Repeated { .. }), "{second:?}");
        let outcome = |clicked: &FormClicked| clicked.worked.clone().unwrap().outcome;
        assert_eq!(outcome(first), outcome(second));
        assert_eq!((contacts(store), confirmed.lost_rounds), (vec![confirmed.contact], 0));
        assert_eq!((list(store, RecordKind::Lead).len(), log(store).len()), (1, 1));
    });
}

/// A click and a submission of the same person at once: one contact, which has what both want.
#[test]
fn of_a_click_and_a_submission_at_once_one_makes_the_contact() {
    meetings(|store, stage| {
        let desk = Desk::new(stage, landing_page());
        let submit = || desk.submit(101, 2, &desk.ann(lists([3], [3])));
        let (clicked, submitted) = at_once(|| desk.confirms(100, 2), submit);
        let ann = contact_of(&submitted);
        assert_eq!((contacts(store), clicked.0.contact), (vec![ann], ann));
        assert_eq!(
            (lists_of(store, ann), level_of(store, ann)),
            (ids([1, 2, 3]), Level::Marketing)
        );
        assert_eq!(list(store, RecordKind::Lead).len(), 1);
        assert_eq!(clicked.1.lost_rounds.min(submitted.lost_rounds), 0);
        assert_eq!(clicked.1.lost_rounds.max(submitted.lost_rounds), 1);
    });
}

/// Two submissions of one person that are confirmed at once: one contact.
#[test]
fn of_two_held_submissions_confirmed_at_once_one_makes_the_contact() {
    meetings(|store, stage| {
        let quiet = Desk::new(store, landing_page());
        let _ = quiet.holds(101, 1, &quiet.ann(lists([3], [3])));
        let desk = Desk::new(stage, landing_page());
        let (one, other) = at_once(|| desk.confirms(100, 2), || desk.confirms(101, 2));
        assert_eq!((contacts(store), one.0.contact), (vec![other.0.contact], other.0.contact));
        assert_eq!(lists_of(store, one.0.contact), ids([1, 2, 3]));
        assert_eq!(list(store, RecordKind::Lead).len(), 1);
    });
}

/// Delivered twice at once, a submission is held back once, and both answers have the mail.
#[test]
fn a_submission_delivered_twice_at_once_is_held_back_once() {
    meetings(|store, stage| {
        let desk = Desk::new(stage, landing_page());
        let hold = || desk.holds(101, 2, &desk.ann(lists([3], [3])));
        let (one, other) = at_once(hold, hold);
        assert_eq!(one, other);
        assert_eq!(list(store, RecordKind::OptInRequest).len(), 2);
        assert_eq!(Desk::new(store, landing_page()).confirms(101, 3).0.joined, ids([3]));
    });
}

/// Whatever comes between two steps of a click, the submission is worked off once, for one contact: the
/// contact is made by somebody else, or changed; the same link is clicked; the submission is delivered
/// again.
#[test]
fn a_click_is_answered_once_whatever_comes_between() {
    let acts: [fn(&AnyStore); 4] = [
        |store| {
            let desk = Desk::new(store, landing_page());
            let worked = desk.submit(101, 1, &desk.ann(lists([3], [3])));
            assert_eq!(worked.state, SubmissionState::Succeeded);
        },
        |store| drop(Desk::new(store, landing_page()).confirms(100, 1)),
        |store| {
            let desk = Desk::new(store, landing_page());
            // With a token drawn anew.
            let held = desk.try_hold(100, 1, &desk.ann(wanted()), &token(105));
            assert!(matches!(held.unwrap(), Holding::Waits(_)));
        },
        |store| know_ann(store, &[at(Level::Consent), on([3])]),
    ];
    for (act, known) in acts.into_iter().zip([false, false, false, true]) {
        in_each_gap(
            |store| {
                if known {
                    know_ann(store, &[]);
                }
                let desk = Desk::keyed(store, landing_page());
                let _ = desk.holds(100, 0, &desk.ann(wanted()));
            },
            act,
            |stage| Desk::new(stage, landing_page()).clicks(100, 1),
            |store, clicked| {
                let outcome = clicked.worked.unwrap().outcome.unwrap();
                let ann = RecordKind::Contact.of(outcome.contact.record().unwrap());
                assert_eq!(contacts(store), [ann]);
                assert_eq!(level_of(store, ann), Level::Marketing);
                let lists = lists_of(store, ann);
                assert!(ids([1, 2]).iter().all(|list| lists.contains(list)), "{lists:?}");
                assert_eq!(list(store, RecordKind::Lead).len(), 1);
                assert_eq!(stored(store, 100).outcome(), Some(&outcome));
                assert_eq!(log(store).len(), 1);
            },
        );
    }
}

/// Whatever comes between two steps of holding back: the same delivery to somebody else, and the click on
/// the mail that was sent then.
#[test]
fn a_submission_is_held_back_once_whatever_comes_between() {
    in_each_gap(
        |store| key(store, &landing_page().plan),
        |store| {
            let desk = Desk::new(store, landing_page());
            let _ = desk.holds(100, 1, &desk.ann(wanted()));
        },
        |stage| {
            let desk = Desk::new(stage, landing_page());
            desk.holds(100, 1, &desk.ann(wanted()))
        },
        |store, mail| {
            assert_eq!(mail.token, token(100));
            assert_eq!(Desk::new(store, landing_page()).confirms(100, 2).0.joined, ids([1, 2]));
        },
    );
    in_each_gap(
        |store| {
            let desk = Desk::keyed(store, landing_page());
            let _ = desk.holds(100, 0, &desk.ann(wanted()));
        },
        |store| drop(Desk::new(store, landing_page()).confirms(100, 1)),
        |stage| {
            let desk = Desk::new(stage, landing_page());
            // With a token drawn anew, so that it writes.
            desk.try_hold(100, 1, &desk.ann(wanted()), &token(105)).unwrap()
        },
        |store, held| {
            let Holding::Over(worked) = held else { panic!("{held:?}") };
            assert_eq!(worked.state, SubmissionState::Succeeded);
            assert_eq!(contacts(store), [contact_of(&worked)]);
        },
    );
}

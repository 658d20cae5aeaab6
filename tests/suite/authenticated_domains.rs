//! The life of an authenticated domain.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use correspond::address::{Domain, EmailAddress};
use correspond::settings::{
    AuthenticatedDomain, CheckOutcome, DomainAdvice, DomainPart, DomainRequest, DomainStatus,
    Profile, RegistrationError,
};
use proptest::prelude::*;

const FORMS_AND_EMAIL: DomainRequest =
    DomainRequest { email: true, prefilled_forms: true, envelope_from: false };

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2020, 4, day).unwrap()
}

fn domain(name: &str) -> Domain {
    name.parse().unwrap()
}

fn new(request: DomainRequest) -> AuthenticatedDomain {
    AuthenticatedDomain::new("contoso.com", request).unwrap()
}

fn statuses(domain: &AuthenticatedDomain) -> [DomainStatus; 3] {
    DomainPart::ALL.map(|part| domain.status(part))
}

/// A record in confirmation, every part of which was answered with this.
fn answered(request: DomainRequest, outcome: CheckOutcome) -> AuthenticatedDomain {
    let mut domain = new(request).begin_confirmation().unwrap();
    for part in DomainPart::ALL {
        if domain.status(part) == DomainStatus::Confirming {
            domain = domain.answered(part, outcome).unwrap();
        }
    }
    domain
}

fn at(hours: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
}

/// A042, A048, A049, A050, A053; facts 6.3: ticked parts wait to be confirmed, others are not
/// requested; each has its own status.
#[test]
fn a_new_domain_waits_for_what_was_requested() {
    use DomainStatus::{NotRequested as No, WaitingToConfirm as Waiting};

    for (request, expected) in [
        (DomainRequest::EMAIL, [Waiting, Waiting, No]),
        (DomainRequest::FORMS, [Waiting, No, No]),
        (FORMS_AND_EMAIL, [Waiting, Waiting, No]),
        (DomainRequest::ALL, [Waiting, Waiting, Waiting]),
        (DomainRequest::default(), [No, No, No]),
    ] {
        let domain = new(request);
        assert_eq!(statuses(&domain), expected, "{request:?}");
        assert_eq!(domain.requested(), request);
        assert_eq!((domain.confirmed_on(), domain.can_send()), (None, false));
    }
}

/// A040; facts 6.4, 9 item 22: later versions skip DNS where forms alone are asked for.
#[test]
fn forms_alone_ask_for_ownership_under_the_documents_only() {
    for (profile, expected) in [
        (Profile::Documents, DomainStatus::WaitingToConfirm),
        (Profile::Current, DomainStatus::NotRequested),
    ] {
        let domain = AuthenticatedDomain::new_of(profile, "contoso.com", DomainRequest::FORMS);
        assert_eq!(domain.unwrap().ownership_status(), expected);
    }
}

/// A046, A051, A054; facts 6.3: Confirm DNS registration, then Confirmed with its day.
#[test]
fn confirming_a_domain_goes_through_confirming_to_confirmed() {
    let confirming = new(FORMS_AND_EMAIL).begin_confirmation().unwrap();
    use DomainStatus::{Confirmed, Confirming, NotRequested};
    assert_eq!(statuses(&confirming), [Confirming, Confirming, NotRequested]);
    assert!(!confirming.can_send());

    let owned =
        confirming.answered(DomainPart::Ownership, CheckOutcome::Confirmed(day(1))).unwrap();
    assert_eq!(statuses(&owned), [Confirmed, Confirming, NotRequested]);
    let ready = owned.answered(DomainPart::Email, CheckOutcome::Confirmed(day(2))).unwrap();
    assert_eq!(statuses(&ready), [Confirmed, Confirmed, NotRequested]);
    assert_eq!(ready.confirmed_on(), Some(day(2)));
    assert!(ready.can_send() && ready.can_prefill(Profile::Documents));
}

/// A039, A063; facts 6.3: for sending, the email keys and the ownership must both be confirmed, and
/// what is missing can be named.
#[test]
fn a_domain_sends_when_ownership_and_email_are_confirmed() {
    let ready = answered(DomainRequest::EMAIL, CheckOutcome::Confirmed(day(1)));
    assert_eq!((ready.can_send(), ready.sending_blocker()), (true, None));

    // Matching anchors, K10: ownership confirmed, keys missing.
    let confirming = new(DomainRequest::EMAIL).begin_confirmation().unwrap();
    let half = confirming
        .clone()
        .answered(DomainPart::Ownership, CheckOutcome::Confirmed(day(1)))
        .unwrap()
        .answered(DomainPart::Email, CheckOutcome::KeysNotFound)
        .unwrap();
    assert!(!half.can_send());
    assert_eq!(half.sending_blocker(), Some((DomainPart::Email, DomainStatus::KeysNotFound)));

    let other = confirming.answered(DomainPart::Email, CheckOutcome::Confirmed(day(1))).unwrap();
    assert_eq!(other.sending_blocker(), Some((DomainPart::Ownership, DomainStatus::Confirming)));

    let forms = answered(DomainRequest::FORMS, CheckOutcome::Confirmed(day(1)));
    assert_eq!(forms.sending_blocker(), Some((DomainPart::Email, DomainStatus::NotRequested)));
}

/// A018, A040, A041; facts 6.3, 6.4: prefill and personalization need the confirmed ownership, and no
/// email keys; for later versions an entry is enough.
#[test]
fn a_domain_prefills_when_ownership_is_confirmed() {
    let allowed = |domain: &AuthenticatedDomain| {
        Profile::ALL.map(|profile| {
            assert_eq!(domain.can_prefill(profile), domain.can_personalize(profile));
            domain.can_prefill(profile)
        })
    };
    assert_eq!(
        allowed(&answered(DomainRequest::FORMS, CheckOutcome::Confirmed(day(1)))),
        [true; 2]
    );
    assert_eq!(allowed(&new(DomainRequest::FORMS)), [false, true]);
    assert_eq!(allowed(&answered(FORMS_AND_EMAIL, CheckOutcome::KeysNotFound)), [false, true]);
    let sends = answered(DomainRequest::EMAIL, CheckOutcome::Confirmed(day(1)));
    assert_eq!(allowed(&sends), [false; 2]);
}

/// A032, A033, A034; facts 6.4; matching anchors, K12: the very domain, no subdomain, no parent.
#[test]
fn a_domain_covers_itself_alone() {
    let contoso = new(DomainRequest::EMAIL);
    let of = |address: &str| domain(EmailAddress::parse(address).unwrap().domain());
    assert!(contoso.covers(&of("lamar@CONTOSO.com")));
    for other in ["lamar@www.contoso.com", "lamar@news.contoso.com", "lamar@notcontoso.com"] {
        assert!(!contoso.covers(&of(other)), "{other}");
    }
    let www = AuthenticatedDomain::new("www.contoso.com", DomainRequest::FORMS).unwrap();
    assert!(!www.covers(&domain("contoso.com")) && www.covers(&domain("WWW.contoso.com.")));
    let idn = AuthenticatedDomain::new("bücher.de", DomainRequest::EMAIL).unwrap();
    assert!(idn.covers(&domain("xn--bcher-kva.de")));
}

/// A055, A056, A058, A059, A060; facts 6.3: from Keys not found, from every internal error, and from
/// a check that never ended, confirming starts again at any time.
#[test]
fn confirming_again_is_allowed_at_any_time() {
    for (outcome, status) in [
        (CheckOutcome::KeysNotFound, DomainStatus::KeysNotFound),
        (CheckOutcome::RecordNotFound, DomainStatus::RecordNotFound),
        (CheckOutcome::QueryFailed, DomainStatus::QueryFailed),
        (CheckOutcome::InternalError, DomainStatus::InternalError),
    ] {
        let failed = answered(DomainRequest::ALL, outcome);
        assert_eq!(statuses(&failed), [status; 3]);
        assert_eq!(failed.confirmed_on(), None);
        let again = failed.begin_confirmation().unwrap();
        assert_eq!(statuses(&again), [DomainStatus::Confirming; 3]);
        assert_eq!(again.clone().begin_confirmation(), Ok(again));
    }
}

/// A048, A049; facts 6.3: the parts are independent; what is confirmed stays so while the rest is
/// looked for again.
#[test]
fn parts_are_confirmed_independently() {
    use CheckOutcome as O;
    use DomainStatus as S;

    let domain = new(DomainRequest::ALL)
        .begin_confirmation()
        .unwrap()
        .answered(DomainPart::Ownership, O::Confirmed(day(1)))
        .unwrap()
        .answered(DomainPart::Email, O::QueryFailed)
        .unwrap()
        .answered(DomainPart::EnvelopeFrom, O::KeysNotFound)
        .unwrap();
    assert_eq!(statuses(&domain), [S::Confirmed, S::QueryFailed, S::KeysNotFound]);
    let again = domain.begin_confirmation().unwrap();
    assert_eq!(statuses(&again), [S::Confirmed, S::Confirming, S::Confirming]);
}

/// Matching anchors, K9, K18: a confirmed domain that is checked again loses that when its keys are
/// gone, and not when DNS does not answer.
#[test]
fn a_confirmed_part_is_lost_when_dns_says_so() {
    let ready = answered(DomainRequest::EMAIL, CheckOutcome::Confirmed(day(1)));
    for kept in [
        CheckOutcome::Confirmed(day(9)),
        CheckOutcome::QueryFailed,
        CheckOutcome::RecordNotFound,
        CheckOutcome::InternalError,
    ] {
        assert_eq!(ready.clone().answered(DomainPart::Email, kept), Ok(ready.clone()));
    }
    let lost = ready.answered(DomainPart::Email, CheckOutcome::KeysNotFound).unwrap();
    assert_eq!(lost.sending_blocker(), Some((DomainPart::Email, DomainStatus::KeysNotFound)));
    assert_eq!(lost.confirmed_on(), Some(day(1)));
}

/// A052: cancelled is the end, until it is asked for again.
#[test]
fn a_cancelled_domain_is_confirmed_by_nothing() {
    use DomainStatus::{Cancelled, Confirming, NotRequested, WaitingToConfirm};

    let cancelled = new(DomainRequest::EMAIL).begin_confirmation().unwrap().cancel();
    assert_eq!(statuses(&cancelled), [Cancelled, Cancelled, NotRequested]);
    assert_eq!(
        cancelled.clone().begin_confirmation().unwrap_err().to_string(),
        "expected a part to confirm, found ownership: Cancelled, email: Cancelled, envelope-from: \
         Not requested"
    );
    let late = cancelled.clone().answered(DomainPart::Email, CheckOutcome::Confirmed(day(1)));
    assert_eq!(
        late,
        Err(RegistrationError::NotInConfirmation { part: DomainPart::Email, status: Cancelled })
    );
    let again = cancelled.request(Profile::Documents, DomainRequest::EMAIL).unwrap();
    assert_eq!(statuses(&again), [WaitingToConfirm, WaitingToConfirm, NotRequested]);
    assert_eq!(again.begin_confirmation().unwrap().status(DomainPart::Email), Confirming);
}

/// A053: nothing confirms a part that was not asked for, and there may be nothing to confirm.
#[test]
fn a_part_that_was_not_requested_is_never_confirmed() {
    let forms = new(DomainRequest::FORMS).begin_confirmation().unwrap();
    assert_eq!(forms.email_status(), DomainStatus::NotRequested);
    assert_eq!(
        forms.answered(DomainPart::Email, CheckOutcome::Confirmed(day(1))).unwrap_err().to_string(),
        "expected email to be in confirmation, found Not requested"
    );
    for done in [
        new(DomainRequest::default()),
        answered(DomainRequest::EMAIL, CheckOutcome::Confirmed(day(1))),
    ] {
        let error = done.begin_confirmation().unwrap_err();
        assert!(matches!(error, RegistrationError::NothingToConfirm { .. }));
    }
}

/// A039, A040: the check boxes can be changed later; what stays asked for keeps its status.
#[test]
fn requesting_more_or_less_keeps_what_stays() {
    use DomainStatus::{Confirmed, NotRequested, WaitingToConfirm};

    let sends = answered(DomainRequest::EMAIL, CheckOutcome::Confirmed(day(1)));
    let more = sends.request(Profile::Documents, DomainRequest::ALL).unwrap();
    assert_eq!(statuses(&more), [Confirmed, Confirmed, WaitingToConfirm]);
    assert!(more.can_prefill(Profile::Documents));
    // With forms alone a confirmed ownership is kept, even where it is not needed.
    let forms = more.request(Profile::Current, DomainRequest::FORMS).unwrap();
    assert_eq!(statuses(&forms), [Confirmed, NotRequested, NotRequested]);
    let none = forms.request(Profile::Documents, DomainRequest::default()).unwrap();
    assert_eq!(statuses(&none), [NotRequested; 3]);

    let long = format!("{}.{}.com", "a".repeat(60), "b".repeat(30));
    let long = AuthenticatedDomain::new(long.as_str(), DomainRequest::EMAIL).unwrap();
    let error = long.request(Profile::Documents, DomainRequest::ALL).unwrap_err();
    assert_eq!(error.field(), "envelope_from_domain");
}

/// A047, A057, A058, A059, A060; facts 6.1: wait half an hour, allow a day, then ask for help; an
/// internal error goes to support at once.
#[test]
fn advice_follows_the_status_and_the_time() {
    use DomainAdvice as A;
    use DomainPart::{Email, Ownership};

    let fresh = new(DomainRequest::EMAIL);
    let half_hour = at(0) + TimeDelta::minutes(30);
    assert_eq!(fresh.advice(at(0), at(0)), [A::WaitBeforeFirstTry]);
    assert_eq!(fresh.advice(at(0), half_hour), []);

    let missing = answered(DomainRequest::EMAIL, CheckOutcome::KeysNotFound);
    assert_eq!(missing.advice(at(0), at(23)), [A::TryAgain(Ownership), A::TryAgain(Email)]);
    let help = [A::ContactSupportOrProvider(Ownership), A::ContactSupportOrProvider(Email)];
    assert_eq!(missing.advice(at(0), at(24)), help);
    assert_eq!(missing.advice(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC), help);

    for error in
        [CheckOutcome::RecordNotFound, CheckOutcome::QueryFailed, CheckOutcome::InternalError]
    {
        let failed = answered(DomainRequest::FORMS, error);
        assert_eq!(failed.advice(at(0), at(1)), [A::ContactSupport(Ownership)]);
    }
    let ready = answered(DomainRequest::EMAIL, CheckOutcome::Confirmed(day(1)));
    assert_eq!(ready.advice(at(0), at(0)), []);
    assert_eq!(ready.cancel().advice(at(0), at(99)), []);
}

/// A038; facts 10: a leading `www` is allowed, and advised against; so is asking for nothing.
#[test]
fn advice_on_the_record_itself() {
    let www = AuthenticatedDomain::new("www.contoso.com", DomainRequest::default()).unwrap();
    assert!(www.name().has_www());
    let advice = www.advice(at(0), at(0));
    assert_eq!(advice, [DomainAdvice::LeadingWww, DomainAdvice::NothingRequested]);

    let all = [
        DomainAdvice::LeadingWww,
        DomainAdvice::NothingRequested,
        DomainAdvice::WaitBeforeFirstTry,
        DomainAdvice::TryAgain(DomainPart::Ownership),
        DomainAdvice::ContactSupportOrProvider(DomainPart::Email),
        DomainAdvice::ContactSupport(DomainPart::EnvelopeFrom),
    ];
    assert_eq!(
        all.map(|advice| advice.to_string()),
        [
            "the name starts with www: mail from the domain without it is not covered",
            "the domain is registered for nothing",
            "wait at least 30 minutes before confirming the DNS registration",
            "ownership: DNS registration may take up to 24 hours; try again later",
            "email: the keys are not found after 24 hours; contact support or the DNS provider",
            "envelope-from: an internal error occurred while confirming; contact support",
        ]
    );
}

/// A025, A036; facts 6.4: the domain of a new instance, named by its host, ready for sending.
#[test]
fn the_instance_domain_is_confirmed_from_the_start() {
    let host = domain("Contoso.crm4.dynamics.com");
    for (profile, name) in [
        (Profile::Documents, "contoso-dyn365mktg.com"),
        (Profile::Current, "contoso.s01.dyn365mktg.com"),
    ] {
        let instance = AuthenticatedDomain::instance(profile, &host, day(1)).unwrap();
        assert_eq!(instance.name().as_str(), name);
        assert_eq!(instance.requested(), DomainRequest::EMAIL);
        assert!(instance.can_send() && !instance.can_prefill(profile));
        assert_eq!(instance.confirmed_on(), Some(day(1)));
        let json = serde_json::to_string(&instance).unwrap();
        assert_eq!(serde_json::from_str::<AuthenticatedDomain>(&json).unwrap(), instance);
    }
    let long = domain(&format!("{}.example", "a".repeat(53)));
    let error = AuthenticatedDomain::instance(Profile::Documents, &long, day(1)).unwrap_err();
    assert_eq!(error.field(), "name");
    assert!(AuthenticatedDomain::instance(Profile::Current, &long, day(1)).is_ok());
}

#[derive(Clone, Debug)]
enum Step {
    Begin,
    Answer(DomainPart, CheckOutcome),
    Cancel,
    Request(Profile, DomainRequest),
}

fn request() -> impl Strategy<Value = DomainRequest> {
    any::<(bool, bool, bool)>().prop_map(|(email, prefilled_forms, envelope_from)| DomainRequest {
        email,
        prefilled_forms,
        envelope_from,
    })
}

fn profile() -> impl Strategy<Value = Profile> {
    prop::sample::select(&Profile::ALL)
}

fn step() -> impl Strategy<Value = Step> {
    let part = prop::sample::select(&DomainPart::ALL);
    let outcome = prop_oneof![
        3 => (1..30_u32).prop_map(|d| CheckOutcome::Confirmed(day(d))),
        1 => Just(CheckOutcome::KeysNotFound),
        1 => Just(CheckOutcome::RecordNotFound),
        1 => Just(CheckOutcome::QueryFailed),
        1 => Just(CheckOutcome::InternalError),
    ];
    prop_oneof![
        3 => Just(Step::Begin),
        6 => (part, outcome).prop_map(|(part, outcome)| Step::Answer(part, outcome)),
        1 => Just(Step::Cancel),
        1 => (profile(), request()).prop_map(|(profile, request)| Step::Request(profile, request)),
    ]
}

proptest! {
    /// Facts 6.3. Whatever happens in whatever order: each status is one of the nine, what was not
    /// asked for is never confirmed, nothing is confirmed without an answer that says so, and the
    /// record is one that could be made.
    #[test]
    fn domain_statuses_stay_what_they_can_be(
        profile in profile(),
        first in request(),
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let mut domain = AuthenticatedDomain::new_of(profile, "contoso.com", first).unwrap();
        for step in steps {
            let before = domain.clone();
            let taken = match step.clone() {
                Step::Begin => domain.begin_confirmation(),
                Step::Answer(part, outcome) => domain.answered(part, outcome),
                Step::Cancel => Ok(domain.cancel()),
                Step::Request(profile, request) => Ok(domain.request(profile, request).unwrap()),
            };
            // A step that is refused leaves the record as it was.
            domain = taken.unwrap_or_else(|_| before.clone());
            let requested = domain.requested();
            for part in DomainPart::ALL {
                let status = domain.status(part);
                prop_assert!(DomainStatus::ALL.contains(&status));
                prop_assert!(DomainStatus::from_code(status.code()).is_some());
                let asked = match part {
                    DomainPart::Email => requested.email,
                    DomainPart::EnvelopeFrom => requested.envelope_from,
                    _ => requested != DomainRequest::default(),
                };
                prop_assert!(asked || status == DomainStatus::NotRequested);
                let confirmed = |domain: &AuthenticatedDomain| {
                    domain.status(part) == DomainStatus::Confirmed
                };
                if confirmed(&domain) && !confirmed(&before) {
                    prop_assert_eq!(before.status(part), DomainStatus::Confirming);
                    let answer = matches!(
                        step,
                        Step::Answer(to, CheckOutcome::Confirmed(_)) if to == part
                    );
                    prop_assert!(answer);
                }
            }
            prop_assert_eq!(domain.to_builder().build(), Ok(domain.clone()));
            let json = serde_json::to_string(&domain).unwrap();
            prop_assert_eq!(&serde_json::from_str::<AuthenticatedDomain>(&json).unwrap(), &domain);
        }
    }
}

//! The From address of a message: how it is rewritten, and whether it may go live.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use chrono::DateTime;
use correspond::address::{Domain, EmailAddressRef};
use correspond::id::RecordId;
use correspond::mailing::EmailOverrides;
use correspond::record::Version;
use correspond::sender::{
    AccountName, DkimAlignment, DomainStanding, Foreign, FromField, FromFinding, FromUser,
    HeaderErrorKind, HeaderPart, KeptBecause, Occasion, RewriteOutcome, Rewriting, SendingDomains,
};
use correspond::settings::{
    AdviceKind, AuthenticatedDomain, DefaultMarketingSettings, Document, DomainPart, DomainRequest,
    DomainStatus, Facts, Link, Profile, Severity, Stored,
};
use proptest::prelude::*;

mod go_live;

const DEFAULT: &str = "mail.contoso.example";

fn id(number: u128) -> RecordId {
    RecordId::new(number)
}

/// A record of a domain in one of the states that cases name.
fn domain(number: u128, name: &str, state: &str) -> Stored<AuthenticatedDomain> {
    use DomainStatus::{Confirmed, KeysNotFound, NotRequested, WaitingToConfirm};
    let (request, ownership, email) = match state {
        "confirmed" | "inactive" | "unit" => (DomainRequest::EMAIL, Confirmed, Confirmed),
        "waiting" => (DomainRequest::EMAIL, WaitingToConfirm, WaitingToConfirm),
        "keys-not-found" => (DomainRequest::EMAIL, Confirmed, KeysNotFound),
        "no-ownership" => (DomainRequest::EMAIL, KeysNotFound, Confirmed),
        "forms" => (DomainRequest::FORMS, Confirmed, NotRequested),
        _ => panic!("{state} is no state"),
    };
    let record = AuthenticatedDomain::builder()
        .name(name)
        .authenticate_email(request.email)
        .prefilled_forms(request.prefilled_forms)
        .ownership_status(ownership)
        .email_status(email)
        .build()
        .unwrap();
    let stored = Stored::new(id(number), Version::new(number), DateTime::UNIX_EPOCH, record);
    Stored { active: state != "inactive", ..stored }
}

fn set(domain: Option<u128>, default_from: Option<&str>) -> DefaultMarketingSettings {
    let mut set = DefaultMarketingSettings::builder().name("Ours").default(true);
    if let Some(domain) = domain {
        set = set.default_sending_domain(id(domain));
    }
    if let Some(address) = default_from {
        set = set.default_from_email(address).default_from_name("News");
    }
    set.build().unwrap()
}

/// `contoso.com` and the default sending domain, both confirmed.
fn contoso() -> SendingDomains {
    let domains = [domain(1, DEFAULT, "confirmed"), domain(2, "contoso.com", "confirmed")];
    SendingDomains::of(&domains, Some(&set(Some(1), None)))
}

fn from(text: &str) -> FromField<'_> {
    FromField::new("", text).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn no_overrides() -> EmailOverrides {
    EmailOverrides::default()
}

// --- Cases ---------------------------------------------------------------------------------------

struct Case {
    name: String,
    domains: SendingDomains,
    options: Vec<(String, String)>,
    from: String,
    expected: String,
    outcome: String,
    check: Vec<String>,
    setting: String,
    withheld: bool,
}

impl Case {
    fn read(line: &str) -> Self {
        let cells: Vec<_> = line.split('\t').map(unescaped).collect();
        let [name, domains, options, from, expected, outcome, check, setting, source] = &cells[..]
        else {
            panic!("expected nine cells, found {line:?}");
        };
        assert!(!source.is_empty(), "{name}: no source");
        let options = options.split(' ').filter(|option| *option != "-").map(|option| {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            (name.to_owned(), value.to_owned())
        });
        let options: Vec<_> = options.collect();
        let option = |name: &str| {
            let found = options.iter().find(|(own, _)| own == name);
            found.map(|(_, value)| value.as_str())
        };

        let mut records = Vec::new();
        let mut withheld = Vec::new();
        let mut add = |number, name: &str, state: &str| {
            records.push(domain(number, name, state));
            withheld.extend((state == "unit").then(|| id(number)));
        };
        for (number, record) in (2..).zip(domains.split(' ').filter(|record| *record != "-")) {
            let (name, state) = record.split_once('=').unwrap();
            add(number, name, state);
        }
        let default = option("default").unwrap_or("confirmed");
        if !matches!(default, "none" | "gone") {
            add(1, option("to").unwrap_or(DEFAULT), default);
        }
        let set = set((default != "none").then_some(1), option("default-from"));
        let account_name = match option("with-domain") {
            Some(_) => AccountName::WithDomain,
            None => AccountName::Kept,
        };
        let domains = SendingDomains::of(&records, Some(&set));
        let own = option("own").map(|number| Link::new(id(number.parse().unwrap())));
        let domains = domains.with_sending_domain(own);
        Self {
            name: name.clone(),
            withheld: !withheld.is_empty(),
            domains: domains.withholding(withheld).with_account_name(account_name),
            from: from.clone(),
            expected: expected.clone(),
            outcome: outcome.clone(),
            check: check.split(' ').map(str::to_owned).collect(),
            setting: setting.clone(),
            options,
        }
    }

    fn option(&self, name: &str) -> Option<&str> {
        let found = self.options.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    fn rewritten(&self) -> Rewriting<'_> {
        let Self { domains, name, from, .. } = self;
        if let Some(resolved) = self.option("resolved") {
            let from = FromField::new(self.option("name").unwrap_or_default(), from).unwrap();
            assert_eq!(from.is_dynamic(), self.option("name").is_none(), "{name}");
            let value = |_: &str| Some(resolved).filter(|value| !value.is_empty());
            return domains.for_recipient(&from, None, value).unwrap();
        }
        let field = if from.contains("{{") {
            FromField::new("", from).unwrap()
        } else {
            FromField::parse(from).unwrap()
        };
        let by_hand = self.option("by-hand").is_some();
        let occasion = if by_hand { Occasion::EditedByHand } else { Occasion::Created };
        let rewriting = domains.rewrite(field, occasion);
        match self.option("user") {
            None => rewriting,
            Some(user) => {
                let user = FromUser { name: "", address: user };
                domains.user_changed(&no_overrides().in_effect(None), user).unwrap()
            }
        }
    }
}

fn unescaped(cell: &str) -> String {
    let mut parts = cell.split("\\u{");
    let mut text = parts.next().unwrap().replace("\\\\", "\\");
    for part in parts {
        let (hex, rest) = part.split_once('}').unwrap();
        text.push(char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap());
        text.push_str(&rest.replace("\\\\", "\\"));
    }
    text
}

fn cases() -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/from_cases.tsv");
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.lines().filter(|line| !line.starts_with('#')).map(Case::read).collect()
}

/// A019, A021 to A024, A027 to A031, A061, A062: the cases of the survey, in words.
#[test]
fn from_cases_come_out_as_their_sources_say() {
    let cases = cases();
    let names: BTreeSet<_> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "each case has a name of its own");
    for number in (1..=16).chain(23..=27) {
        let name = format!("F{number}");
        let found =
            cases.iter().any(|case| case.name.trim_end_matches(char::is_alphabetic) == name);
        assert!(found, "{name}");
    }
    for case in &cases {
        let rewriting = case.rewritten();
        let name = &case.name;
        let chosen = match &*case.setting {
            "-" => case.check.len() == 1,
            "profile" => case.check.len() == 2,
            "AccountName::WithDomain" => case.option("with-domain").is_some(),
            "SendingDomains::withholding" => case.withheld,
            "SendingDomains::with_sending_domain" => case.option("own").is_some(),
            other => panic!("{name}: {other:?} is no setting"),
        };
        assert!(chosen, "{name}: the case does not choose what it says");
        let written = match case.option("resolved") {
            Some(_) => {
                let blank = case.expected == case.option("default-from").unwrap_or_default();
                let blank = blank || case.option("resolved") == Some("");
                assert_eq!(rewriting.is_default_address(), blank, "{name}");
                rewriting.from().as_str().to_owned()
            }
            None => rewriting.from().to_string(),
        };
        assert_eq!(written, case.expected, "{name}");
        assert_eq!(rewriting.outcome().to_string(), case.outcome, "{name}");
        let before = case.option("user").unwrap_or(&case.from);
        let before = case.option("resolved").filter(|value| value.contains('@')).unwrap_or(before);
        match rewriting.reply_to() {
            Some(reply_to) if !rewriting.is_default_address() => {
                let address = reply_to.address();
                assert!(before.contains(address) || address.starts_with("Lamar@"), "{name}");
                assert_ne!(address, rewriting.from().as_str(), "{name}");
            }
            Some(reply_to) => {
                assert_eq!(Some(reply_to.address()), case.option("default-from"), "{name}");
            }
            None => assert!(!rewriting.is_rewritten(), "{name}"),
        }
        let needs = case.option("smtputf8").is_some();
        assert_eq!(rewriting.from().needs_smtputf8(), needs, "{name}");

        let foreign = match case.option("elsewhere") {
            Some(_) => Foreign::ConfirmedElsewhere,
            None => Foreign::NotConfirmed,
        };
        for (at, profile) in Profile::ALL.into_iter().enumerate() {
            let check = case.domains.check(rewriting.from(), foreign, profile);
            let said = match check.severity() {
                None => "ok",
                Some(Severity::Warning) => "warning",
                Some(Severity::Error) => "error",
            };
            let expected = case.check.get(at).or_else(|| case.check.last()).unwrap();
            assert_eq!(said, expected, "{name}, {profile:?}");
            assert_eq!(check.can_go_live(), said != "error", "{name}");
        }
    }
}

// --- Rewriting -----------------------------------------------------------------------------------

/// A026, A027, A028: the address of the creating user, at the default sending domain.
#[test]
fn a_new_email_takes_the_address_of_its_user() {
    let domains = contoso();
    let email = no_overrides();
    let set = set(Some(1), None);
    let email = email.in_effect(Some(&set));
    let own = FromUser { name: "Lamar Ferrari", address: "lamar.ferrari@contoso.com" };
    let made = domains.created(&email, own).unwrap();
    assert_eq!(made.from().to_string(), "Lamar Ferrari <lamar.ferrari@contoso.com>");
    assert_eq!(made.outcome(), RewriteOutcome::Kept(KeptBecause::Authenticated));
    assert_eq!(made.reply_to(), None);

    let foreign = FromUser { name: "My Name", address: "MyName@example.org" };
    let made = domains.created(&email, foreign).unwrap();
    assert_eq!(made.from().to_string(), "My Name <MyName@mail.contoso.example>");
    assert_eq!(made.outcome(), RewriteOutcome::Rewritten(DomainStanding::Unregistered));

    let nobody = FromUser { name: "My Name", address: " " };
    let error = domains.created(&email, nobody).unwrap_err();
    assert_eq!(error.kind(), HeaderErrorKind::Blank);
}

/// A026; facts 5.6: the later default from address and name come before those of the user.
#[test]
fn a_default_from_address_comes_before_that_of_the_user() {
    let set = set(Some(1), Some("news@contoso.com"));
    let email = no_overrides();
    let user = FromUser { name: "My Name", address: "MyName@example.org" };
    let domains = contoso();
    let made = domains.created(&email.in_effect(Some(&set)), user).unwrap();
    assert_eq!(made.from().to_string(), "News <news@contoso.com>");
    let changed = domains.user_changed(&email.in_effect(Some(&set)), user).unwrap();
    assert_eq!(changed.from().to_string(), "My Name <MyName@mail.contoso.example>");
}

/// A030; facts 6.5: a reply-to address is advisable.
#[test]
fn a_rewritten_address_is_said_to_receive_no_replies() {
    let domains = contoso();
    let made = domains.rewrite(from("MyName@example.org"), Occasion::Created);
    let reply_to = made.reply_to().unwrap();
    assert_eq!(reply_to.address(), "MyName@example.org");
    assert_eq!(
        reply_to.to_string(),
        "MyName@mail.contoso.example can probably not receive replies; set MyName@example.org as \
         the reply-to address"
    );
    for kept in ["l@contoso.com", "{{contact.owner.emailaddress}}"] {
        assert_eq!(domains.rewrite(from(kept), Occasion::Created).reply_to(), None);
    }
}

/// A031, A062: what somebody wrote by hand stands, until another user is chosen.
#[test]
fn an_edit_by_hand_stands_until_another_user_is_chosen() {
    let domains = contoso();
    let edited = domains.rewrite(from("MyName@example.org"), Occasion::EditedByHand);
    assert_eq!(edited.from().as_str(), "MyName@example.org");
    assert_eq!(edited.outcome(), RewriteOutcome::Kept(KeptBecause::EditedByHand));
    let user = FromUser { name: "", address: "other@example.org" };
    let email = no_overrides();
    let set = set(Some(1), None);
    let changed = domains.user_changed(&email.in_effect(Some(&set)), user).unwrap();
    assert_eq!(changed.from().as_str(), "other@mail.contoso.example");
}

/// A061; facts 7.4: a message has a sending domain of its own, or the default one.
#[test]
fn a_message_may_have_a_sending_domain_of_its_own() {
    let records = [
        domain(1, DEFAULT, "confirmed"),
        domain(2, "news.example", "confirmed"),
        domain(3, "waiting.example", "waiting"),
    ];
    let set = set(Some(1), None);
    let domains = SendingDomains::of(&records, Some(&set));
    let user = FromUser { name: "", address: "a@example.org" };
    let made = |overrides: &EmailOverrides| {
        let made = domains.created(&overrides.in_effect(Some(&set)), user).unwrap();
        (made.from().as_str().to_owned(), made.outcome())
    };
    assert_eq!(made(&no_overrides()).0, "a@mail.contoso.example");
    let own = no_overrides().with_sending_domain(id(2));
    assert_eq!(made(&own).0, "a@news.example");
    let waiting = DomainStanding::NotConfirmed {
        part: DomainPart::Ownership,
        status: DomainStatus::WaitingToConfirm,
    };
    let unusable = no_overrides().with_sending_domain(id(3));
    let outcome = RewriteOutcome::Kept(KeptBecause::DefaultNotUsable(waiting));
    assert_eq!(made(&unusable), ("a@example.org".to_owned(), outcome));
    let gone = no_overrides().with_sending_domain(id(4));
    assert_eq!(made(&gone).1, RewriteOutcome::Kept(KeptBecause::DefaultDeleted));
}

/// Of several records of the default sending domain the best counts, as of any other.
#[test]
fn a_default_sending_domain_stands_as_its_best_record_does() {
    let records = [domain(1, DEFAULT, "inactive"), domain(2, DEFAULT, "confirmed")];
    let domains = SendingDomains::of(&records, Some(&set(Some(1), None)));
    let made = domains.rewrite(from("l@x.example"), Occasion::Created);
    assert_eq!(made.from().as_str(), "l@mail.contoso.example");
    let signing = domains.signing_domain(&from("l@x.example")).unwrap();
    assert_eq!(signing.as_str(), DEFAULT);
    let gone = SendingDomains::of(&records[1..], Some(&set(Some(1), None)));
    let kept = gone.rewrite(from("l@x.example"), Occasion::Created);
    assert_eq!(kept.outcome(), RewriteOutcome::Kept(KeptBecause::DefaultDeleted));
}

/// A063: what keeps the default sending domain from being used is said, and nothing is rewritten.
#[test]
fn a_default_sending_domain_that_cannot_send_rewrites_nothing() {
    for (state, why) in [
        ("waiting", "its ownership has the status \"Waiting to confirm\""),
        ("keys-not-found", "its email has the status \"Keys not found on DNS\""),
        ("forms", "it is registered for prefilled forms alone"),
        ("inactive", "its record is inactive"),
    ] {
        let domains = SendingDomains::of(&[domain(1, DEFAULT, state)], Some(&set(Some(1), None)));
        let kept = domains.rewrite(from("l@x.example"), Occasion::Created);
        assert_eq!(kept.from().as_str(), "l@x.example");
        assert_eq!(
            kept.outcome().to_string(),
            format!(
                "kept: no mail may come from the sending domain that would take its place, as {why}"
            )
        );
    }
}

/// Facts 6.5: expressions are looked at when they were resolved.
#[test]
fn what_an_expression_comes_to_is_looked_at_for_each_recipient() {
    let records = [domain(1, DEFAULT, "confirmed"), domain(2, "contoso.com", "confirmed")];
    let with = |default_from| SendingDomains::of(&records, Some(&set(Some(1), default_from)));
    let domains = with(Some("news@contoso.com"));
    let link = Some(Link::new(id(1)));

    let ann = domains.resolved("Ann", " ann@x.example ", link).unwrap();
    assert_eq!(ann.from().to_string(), "Ann <ann@mail.contoso.example>");
    assert!(!ann.is_default_address());
    for blank in ["", " \u{a0}", "\n"] {
        let news = domains.resolved("", blank, link).unwrap();
        assert_eq!(news.from().to_string(), "News <news@contoso.com>");
        assert!(news.is_default_address());
        let named = domains.resolved("Ann", blank, link).unwrap();
        assert_eq!(named.from().to_string(), "Ann <news@contoso.com>");
    }
    let kind = |domains: &SendingDomains, name, text| {
        domains.resolved(name, text, link).unwrap_err().kind()
    };
    assert_eq!(kind(&domains, "", "ann@x.example\r\nBcc: b@x.example"), HeaderErrorKind::Control);
    assert_eq!(kind(&domains, "Ann\nBcc: b@x.example", "ann@x.example"), HeaderErrorKind::Control);
    assert_eq!(kind(&domains, "", "{{contact.owner.emailaddress}}"), HeaderErrorKind::Unresolved);
    assert_eq!(kind(&domains, "", "ann"), HeaderErrorKind::Address);
    for unusable in [None, Some("{{contact.owner.emailaddress}}")] {
        assert_eq!(kind(&with(unusable), "", ""), HeaderErrorKind::NoDefaultAddress);
    }
}

/// What stands around expressions is kept; what an expression comes to is no part of any other; blocks
/// are for those who have their language.
#[test]
fn expressions_are_filled_in_for_one_recipient() {
    let records = [domain(1, DEFAULT, "confirmed"), domain(2, "contoso.com", "confirmed")];
    let domains = SendingDomains::of(&records, Some(&set(Some(1), Some("news@contoso.com"))));
    let link = Some(Link::new(id(1)));
    let values = |expression: &str| match expression {
        "owner.name" => Some("Ann"),
        "owner.alias" => Some("ann"),
        "owner.mail" => Some("Ann@x.example"),
        "two" => Some("ann@x.example, bob"),
        "line" => Some("ann\r\nBcc: b"),
        "open" => Some("{{owner"),
        "brace" => Some("{"),
        _ => None,
    };
    let filled = |name: &str, address: &str| {
        let from = FromField::new(name, address).unwrap();
        let filled = domains.for_recipient(&from, link, values);
        filled.map(|filled| (filled.from().to_string(), filled.is_default_address()))
    };
    let is = |name, address, expected: &str, by_default| {
        let found = filled(name, address).unwrap_or_else(|error| panic!("{address}: {error}"));
        assert_eq!(found, (expected.to_owned(), by_default), "{address}");
    };
    is(
        "{{owner.name}} of Contoso",
        "{{ owner.mail }}",
        "Ann of Contoso <Ann@mail.contoso.example>",
        false,
    );
    is("Ann", "{{{owner.alias}}}.sales@contoso.com", "Ann <ann.sales@contoso.com>", false);
    is("{{nothing}}", "{{owner.alias}}@x.example", "ann@mail.contoso.example", false);
    is("Ann", "{{nothing}}@contoso.com", "Ann <news@contoso.com>", true);
    is("{{nothing}}", "{{nothing}}{{nothing}}", "News <news@contoso.com>", true);
    is("{{owner.name}}", "ann@contoso.com", "Ann <ann@contoso.com>", false);

    let refused = |name, address| {
        let error = filled(name, address).unwrap_err();
        (error.part(), error.kind())
    };
    use HeaderErrorKind::{Address, Control, OpenExpression, TooLong, Unresolved};
    for (address, kind) in [
        ("{{two}}@contoso.com", Address),
        ("{{line}}@contoso.com", Control),
        ("{{open}}.alias}}", Unresolved),
        ("{{brace}}{{brace}}owner.mail}}", Unresolved),
        ("{{#if x}}{{owner.mail}}{{/if}}", Unresolved),
    ] {
        assert_eq!(refused("", address), (HeaderPart::FromAddress, kind), "{address}");
    }
    for (name, kind) in [
        ("{{line}}", Control),
        ("{{open}}", Unresolved),
        ("{{owner.name", OpenExpression),
        ("{{else}}", Unresolved),
    ] {
        assert_eq!(refused(name, "{{owner.mail}}"), (HeaderPart::FromName, kind), "{name}");
    }
    // What is blank is blank whatever it is made of.
    for blank in ["\n", "\t \r\n", " \u{a0}"] {
        let from = FromField::new("{{x}}", "{{x}}").unwrap();
        let news = domains.for_recipient(&from, None, |_| Some(blank)).unwrap();
        assert_eq!(news.from().to_string(), "News <news@contoso.com>");
        assert_eq!(domains.resolved(blank, blank, None).unwrap(), news);
    }
    // Somebody looked at an address that is none, and it stays (A031).
    let from = FromField::new("{{owner.name}}", "ann@x.example").unwrap();
    let ann = domains.for_recipient(&from, link, values).unwrap();
    assert_eq!(ann.from().to_string(), "Ann <ann@x.example>");
    assert_eq!(ann.outcome(), RewriteOutcome::Kept(KeptBecause::Fixed));
    let long = "n".repeat(FromField::MAX);
    let from = FromField::new("{{x}}{{x}}", "{{x}}").unwrap();
    let error = domains.for_recipient(&from, link, |_| Some(&long)).unwrap_err();
    assert_eq!((error.part(), error.kind()), (HeaderPart::FromName, TooLong));
}

/// Names that were not filled in are not shown to anybody.
#[test]
fn a_name_that_is_an_expression_still_is_refused() {
    let domains = contoso();
    let error =
        domains.resolved("{{contact.owner.fullname}}", "ann@contoso.com", None).unwrap_err();
    assert_eq!((error.part(), error.kind()), (HeaderPart::FromName, HeaderErrorKind::Unresolved));
    assert_eq!(
        error.to_string(),
        "from name: expected what an expression comes to, found an expression"
    );
}

/// A063: a default sending domain from which nothing can be sent is advised against.
#[test]
fn a_default_sending_domain_that_is_not_authenticated_is_advised_against() {
    let record = set(Some(1), None);
    let stored = Stored::new(id(14), Version::new(14), DateTime::UNIX_EPOCH, record);
    let advised = |state: &str| {
        let mut document = Document::default();
        document.default_marketing_settings.push((&stored).into());
        document.authenticated_domains.push((&domain(1, DEFAULT, state)).into());
        let advice = document.advice(&Facts::default());
        advice.iter().any(|it| matches!(it.kind(), AdviceKind::DefaultDomainUnconfirmed { .. }))
    };
    assert!(advised("waiting") && advised("keys-not-found") && advised("forms"));
    assert!(!advised("confirmed"));
    let mut document = Document::default();
    document.default_marketing_settings.push((&stored).into());
    document.authenticated_domains.push((&domain(1, DEFAULT, "inactive")).into());
    let advice = document.advice(&Facts::default());
    let inactive = |kind: &AdviceKind| matches!(kind, AdviceKind::DefaultDomainInactive { .. });
    assert!(advice.iter().any(|it| inactive(it.kind())), "{advice:?}");
}

#[test]
fn of_several_records_of_a_domain_the_best_counts() {
    let states = ["inactive", "forms", "waiting", "unit", "confirmed"];
    let mut last = None;
    for count in 1..=states.len() {
        let records: Vec<_> = (1..)
            .zip(&states[..count])
            .map(|(number, state)| domain(number, "contoso.com", state))
            .collect();
        let domains = SendingDomains::of(&records, None).withholding([id(4)]);
        let standing = domains.standing_of(&"contoso.com".parse().unwrap());
        assert!(last.is_none_or(|last| standing < last), "{standing:?}");
        last = Some(standing);
    }
    assert_eq!(last, Some(DomainStanding::Authenticated));
}

// --- Checks --------------------------------------------------------------------------------------

/// A019, A021, A022, A023, A024; facts 6.5.
#[test]
fn a_from_domain_is_checked_against_the_authenticated_domains() {
    let records = [domain(1, "contoso.com", "confirmed"), domain(2, "forms.example", "forms")];
    let domains = SendingDomains::of(&records, None);
    let check = |text, foreign, profile| domains.check(&from(text), foreign, profile);
    let (free, taken) = (Foreign::NotConfirmed, Foreign::ConfirmedElsewhere);
    for profile in Profile::ALL {
        let own = check("l@contoso.com", free, profile);
        assert_eq!((own.finding(), own.severity()), (FromFinding::Authenticated, None), "A019");
        // What the register knows of a name that is ours is that it is ours.
        assert_eq!(check("l@contoso.com", taken, profile), own);

        let theirs = check("l@fabrikam.example", taken, profile);
        assert_eq!(theirs.finding(), FromFinding::ConfirmedElsewhere);
        assert_eq!(theirs.severity(), Some(Severity::Error), "A022");
        assert!(!theirs.can_go_live(), "A024");

        let forms = check("l@forms.example", free, profile);
        assert_eq!(forms.severity(), Some(Severity::Warning), "{profile:?}");
        let dynamic = check("{{contact.owner.emailaddress}}", taken, profile);
        assert_eq!((dynamic.finding(), dynamic.severity()), (FromFinding::Dynamic, None));
    }
    let nobodys = check("l@fabrikam.example", free, Profile::Documents);
    assert_eq!(nobodys.severity(), Some(Severity::Warning), "A021");
    assert!(nobodys.can_go_live(), "A023");
    assert_eq!(
        nobodys.finding().to_string(),
        "the domain is not authenticated for mail, as it is not registered: the message will be \
         delivered badly"
    );
    assert!(!check("l@fabrikam.example", free, Profile::Current).can_go_live());
    assert!(!check("l@[192.0.2.1]", free, Profile::Current).can_go_live());
    let half_fixed =
        check("{{contact.owner.firstname}}@fabrikam.example", free, Profile::Documents);
    assert_eq!(half_fixed.severity(), Some(Severity::Warning));
    let with_default = contoso().check(
        &from("{{contact.owner.firstname}}@fabrikam.example"),
        Foreign::NotConfirmed,
        Profile::Current,
    );
    assert_eq!(with_default.finding(), FromFinding::RewrittenForEach(DomainStanding::Unregistered));
}

/// What an expression comes to is not looked at by the check of the message, but by this one.
#[test]
fn what_an_expression_comes_to_is_checked_for_each_recipient() {
    let domains = SendingDomains::of(&[domain(2, "contoso.com", "confirmed")], None);
    let each = FromField::new("", "{{contact.owner.emailaddress}}").unwrap();
    let check = |address| {
        let made = domains.for_recipient(&each, None, |_| Some(address)).unwrap();
        let foreign = Foreign::ConfirmedElsewhere;
        domains.check(made.from(), foreign, Profile::Documents).severity()
    };
    assert_eq!(check("l@contoso.com"), None, "A019");
    assert_eq!(check("l@fabrikam.example"), Some(Severity::Error), "A022, A024");
}

// --- Promises ------------------------------------------------------------------------------------

/// A029: what changes nothing copies nothing: neither name nor address, nor anything on the way.
#[test]
fn an_authenticated_from_field_is_returned_without_a_single_allocation() {
    let domains = contoso();
    for address in ["lamar.ferrari@contoso.com", "Lamar@CONTOSO.com", "\"a b\"@contoso.com"] {
        let (name, address) = (String::from("Lamar F."), String::from(address));
        let mut same = false;
        let counted = allocation_counter::measure(|| {
            let from = FromField::new(&name, &address).unwrap();
            let kept = domains.rewrite(from, Occasion::Created);
            same = kept.from().as_str().as_ptr() == address.as_ptr()
                && kept.from().name().map(str::as_ptr) == Some(name.as_ptr())
                && kept.outcome() == RewriteOutcome::Kept(KeptBecause::Authenticated);
        });
        assert!(same, "{address}");
        assert_eq!(counted.count_total, 0, "{address}");
    }
    let changed = allocation_counter::measure(|| {
        assert!(domains.rewrite(from("a@b.example"), Occasion::Created).is_rewritten());
    });
    assert!(changed.count_total > 0, "the counter counts");
}

/// Addresses of every kind, and texts that are none.
fn any_address() -> impl Strategy<Value = String> {
    let local = prop_oneof![
        "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}(\\.[A-Za-z0-9]{1,6}){0,2}",
        "\"[ -~]{0,10}\"",
        "[a-zäöüß\u{308}東]{1,12}",
        "[a-z]{60,66}",
    ];
    let host = prop_oneof![
        Just("contoso.com".to_owned()),
        Just("CONTOSO.com".to_owned()),
        Just(DEFAULT.to_owned()),
        "[a-zA-Z]{1,8}\\.(example|contoso\\.com)",
        "[a-zü]{1,8}\\.example",
        Just("[192.0.2.1]".to_owned()),
    ];
    prop_oneof![
        8 => (local, host).prop_map(|(local, host)| format!("{local}@{host}")),
        1 => any::<String>(),
        1 => "\\{\\{[a-z.]{1,10}\\}\\}(@[a-z]{1,5}\\.example)?",
    ]
}

proptest! {
    /// A028: the account name is kept to the letter, the domain alone is another.
    #[test]
    fn rewriting_changes_the_domain_alone_and_once(
        name in prop_oneof![any::<String>(), "[A-Za-z .,\"\\\\]{0,12}"],
        address in any_address(),
        with_domain in any::<bool>(),
    ) {
        let how = if with_domain { AccountName::WithDomain } else { AccountName::Kept };
        let domains = contoso().with_account_name(how);
        let Ok(before) = FromField::new(&name, &address) else { return Ok(()) };
        let once = domains.rewrite(before.clone(), Occasion::Created);
        let after = once.from();

        prop_assert_eq!(after.name(), before.name());
        prop_assert!(!after.to_string().contains(char::is_control));
        let twice = domains.rewrite(after.clone(), Occasion::Created);
        prop_assert_eq!(twice.from(), after);
        prop_assert_eq!(after.needs_smtputf8(), before.needs_smtputf8());
        if before.is_dynamic() {
            prop_assert_eq!(after, &before);
            prop_assert_eq!(once.outcome(), RewriteOutcome::Kept(KeptBecause::Dynamic));
            return Ok(());
        }
        let parsed = EmailAddressRef::parse(after.as_str());
        prop_assert!(parsed.is_ok(), "{}", after);
        prop_assert!(after.as_str().len() <= 254 && after.local().unwrap().len() <= 64);
        prop_assert_eq!(domains.standing(after), Some(DomainStanding::Authenticated));
        if !with_domain {
            prop_assert_eq!(after.local(), before.local());
        }
        if once.is_rewritten() {
            prop_assert_eq!(after.domain(), Some(DEFAULT));
            prop_assert_eq!(once.reply_to().unwrap().address(), before.as_str());
        } else {
            prop_assert_eq!(after.as_str(), before.as_str());
        }
        // Another occasion: what was written by hand stays.
        let by_hand = domains.rewrite(before.clone(), Occasion::EditedByHand);
        prop_assert_eq!(by_hand.from(), &before);
    }

    /// The header form is read back as the field that it was made of.
    #[test]
    fn a_field_is_read_back_from_its_header_form(
        name in "[ -~äé]{0,12}",
        address in any_address(),
    ) {
        let Ok(field) = FromField::new(&name, &address) else { return Ok(()) };
        if !field.is_dynamic() {
            let written = field.to_string();
            let read = FromField::parse(&written).unwrap();
            prop_assert_eq!((read.name(), read.local()), (field.name(), field.local()), "{}", written);
            prop_assert_eq!(read.to_string(), written.as_str());
            let domain = |field: &FromField<'_>| field.address().and_then(|it| it.to_domain());
            prop_assert_eq!(domain(&read), domain(&field));
        }
    }

    /// The index answers as a look at every record does.
    #[test]
    fn the_index_of_domains_agrees_with_a_look_at_each(
        records in proptest::collection::vec(("[ab]{1,2}", 0_usize..6), 0..12),
        withheld in 0_u128..12,
        asked in "[abAB]{1,2}",
    ) {
        let states = ["confirmed", "waiting", "keys-not-found", "no-ownership", "forms", "inactive"];
        let records: Vec<_> = (0..)
            .zip(&records)
            .map(|(number, (name, state))| domain(number, &format!("{name}.example"), states[*state]))
            .collect();
        let domains = SendingDomains::of(&records, None).withholding([id(withheld)]);
        let asked: Domain = format!("{asked}.example").parse().unwrap();
        let authenticated = records.iter().any(|stored| {
            let own = stored.active && stored.value.can_send() && stored.value.covers(&asked);
            own && stored.id != id(withheld)
        });
        let standing = domains.standing_of(&asked);
        prop_assert_eq!(standing.is_authenticated(), authenticated);
        let known = records.iter().any(|stored| stored.value.covers(&asked));
        prop_assert_eq!(standing == DomainStanding::Unregistered, !known);
        let text = format!("x@{}", asked.as_str());
        prop_assert_eq!(domains.standing(&from(&text)), Some(standing));
    }
}

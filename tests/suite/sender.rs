//! The From address of a message: how it is rewritten, and whether it may go live.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use chrono::DateTime;
use correspond::address::{Domain, EmailAddressRef};
use correspond::consent::{ContentType, Designation};
use correspond::id::RecordId;
use correspond::mailing::EmailOverrides;
use correspond::party::Addressee;
use correspond::record::Version;
use correspond::sender::{
    AccountName, Attachment, DkimAlignment, DomainStanding, Finding, FindingKind, Foreign,
    FromField, FromFinding, FromUser, GoLiveReport, HeaderErrorKind, KeptBecause, MessageDraft,
    MessageField, Occasion, RewriteOutcome, Rewriting, SendingDomains,
};
use correspond::settings::{
    AdviceSeverity, AuthenticatedDomain, ContentSettings, ContentStatus, DefaultMarketingSettings,
    DomainPart, DomainRequest, DomainStatus, EmailSettings, LandingPageConfiguration, Link,
    MarketingDataConfiguration, OrganizationProperties, Profile, SettingsRecord, SettingsSnapshot,
    Severity, Stored, TableName,
};
use proptest::prelude::*;

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
}

impl Case {
    fn read(line: &str) -> Self {
        let cells: Vec<_> = line.split('\t').map(unescaped).collect();
        let [name, domains, options, from, expected, outcome, check, _, source] = &cells[..] else {
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
        Self {
            name: name.clone(),
            domains: domains.withholding(withheld).with_account_name(account_name),
            from: from.clone(),
            expected: expected.clone(),
            outcome: outcome.clone(),
            check: check.split(' ').map(str::to_owned).collect(),
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
            assert!(FromField::new("", from).unwrap().is_dynamic(), "{name}");
            return domains.resolved("", resolved, Some(Link::new(id(1)))).unwrap();
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
                domains.rewrite(FromField::parse(user).unwrap(), Occasion::FromUserChanged)
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
        let written = match case.option("resolved") {
            Some(_) => rewriting.from().as_str().to_owned(),
            None => rewriting.from().to_string(),
        };
        assert_eq!(written, case.expected, "{name}");
        assert_eq!(rewriting.outcome().to_string(), case.outcome, "{name}");
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
            let expected = case.check.get(at).or(case.check.last()).unwrap();
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
            format!("kept: no mail may come from the default sending domain, as {why}")
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
}

/// A commercial message with which nothing is wrong.
fn draft() -> MessageDraft<'static> {
    let mut draft = MessageDraft::default();
    draft.from_name = "Lamar F.";
    draft.from_address = "lamar@contoso.com";
    draft.to = "{{contact.emailaddress1}}";
    draft.subject = "Hello {{contact.firstname}}";
    draft.html = "<a href=\"{{ msdyncrm_contentsettings.msdyncrm_subscriptioncenter }}\">Leave</a> \
        {{msdyncrm_contentsettings.msdyncrm_addressmain}}";
    draft.plain_text = draft.html;
    draft.content_settings = Some(Link::new(id(20)));
    draft
}

/// The settings in which [`draft`] can go live.
fn settings() -> SettingsSnapshot {
    fn new<T: SettingsRecord>(number: u128, value: T) -> Stored<T> {
        Stored::new(id(number), Version::new(number), DateTime::UNIX_EPOCH, value)
    }
    let page = LandingPageConfiguration::builder().name("Pages");
    let page = page.contact_matching_strategy(id(8)).lead_matching_strategy(id(9));
    let email = EmailSettings::builder().blocked_extensions("exe").build().unwrap();
    let mut settings = SettingsSnapshot::new(
        new(10, page.build().unwrap()),
        new(11, MarketingDataConfiguration::builder().build().unwrap()),
        new(12, email),
        new(13, OrganizationProperties::default()),
    );
    let content = ContentSettings::builder()
        .name("Shop")
        .address_main("1 Main Street, Springfield")
        .subscription_center("{{msdyncrm_marketingpage(1).msdyncrm_full_page_url}}");
    let content = |status| content.clone().status(status).build().unwrap();
    settings.content_settings =
        vec![new(20, content(ContentStatus::Live)), new(21, content(ContentStatus::Draft))];
    settings.authenticated_domains =
        vec![domain(1, DEFAULT, "confirmed"), domain(2, "contoso.com", "confirmed")];
    settings.marketing_defaults = Some(new(14, set(Some(1), None)));
    settings
}

fn report(draft: &MessageDraft<'_>, profile: Profile) -> GoLiveReport {
    let settings = settings();
    let domains = SendingDomains::new(&settings);
    draft.check(&settings, &domains, profile, DateTime::UNIX_EPOCH)
}

/// What is said of [`draft`] after a change: severity, field and reason.
fn said(change: impl FnOnce(&mut MessageDraft<'static>)) -> Vec<String> {
    let mut draft = draft();
    change(&mut draft);
    let report = report(&draft, Profile::Documents);
    let line = |it: &Finding| format!("{}: {}: {}", it.severity(), it.field(), it.reason());
    report.findings().iter().map(line).collect()
}

/// A019, A020, A021, A022, A023, A024: one report is both the error check and the answer to going live;
/// a warning lets the message go, an error does not.
#[test]
fn error_check_and_going_live_are_one_report() {
    let mut draft = draft();
    for profile in Profile::ALL {
        assert_eq!(report(&draft, profile).findings(), []);
    }
    draft.from_address = "lamar@fabrikam.example";
    let unregistered = report(&draft, Profile::Documents);
    assert!(unregistered.can_go_live(), "A023");
    let warning = &unregistered.findings()[0];
    assert_eq!(
        (warning.severity(), warning.field()),
        (AdviceSeverity::Warning, MessageField::FromAddress)
    );
    let unknown = FromFinding::NotAuthenticated(DomainStanding::Unregistered);
    assert_eq!(*warning.kind(), FindingKind::FromDomain(unknown), "A021");
    assert!(!report(&draft, Profile::Current).can_go_live());

    draft.foreign = Foreign::ConfirmedElsewhere;
    let foreign = report(&draft, Profile::Documents);
    assert!(!foreign.can_go_live(), "A024");
    assert_eq!(
        foreign.findings()[0].to_string(),
        "error: From address: the domain is confirmed for another organization; take an address at a \
         domain of this organization",
        "A022"
    );
    draft.from_address = "{{contact.owner.emailaddress}}";
    let dynamic = report(&draft, Profile::Documents);
    assert_eq!(
        dynamic.to_string(),
        "hint: From address: the domain is known only for each recipient; see that what it comes to \
         is at an authenticated domain\nhint: From address: there is no default from address for \
         recipients for whom it comes out blank; set a default from address in the default marketing \
         settings\n"
    );
    assert!(dynamic.can_go_live());
}

/// Facts 7.11: subject, From address and name, HTML, plain text, To.
#[test]
fn every_message_needs_its_parts() {
    let blank = report(&MessageDraft::default(), Profile::Documents);
    let errors: Vec<_> = blank.of_severity(AdviceSeverity::Error).map(Finding::field).collect();
    use MessageField::{FromAddress, FromName, Html, PlainText, Subject, To};
    assert_eq!(errors, [FromName, FromAddress, To, Subject, Html, PlainText]);

    let long = "x".repeat(257);
    let long: &'static str = Box::leak(long.into());
    assert_eq!(
        said(|draft| draft.subject = long),
        ["error: Subject: expected at most 256 characters, found more"]
    );
    assert_eq!(said(|draft| draft.subject = &long[1..]), [""; 0]);
    assert_eq!(
        said(|draft| draft.subject = "Hello\r\nBcc: x@y.example"),
        ["error: Subject: expected no control characters and no line ends, found one at octet 5"]
    );
    assert_eq!(
        said(|draft| (draft.from_name, draft.from_address) = ("A\nB", "x")),
        [
            "error: From name: expected no control characters and no line ends, found \
             U+000A at octet 1"
                .to_owned(),
            FromField::new("", "x")
                .unwrap_err()
                .to_string()
                .replace("from address", "error: From address"),
        ]
    );
    assert_eq!(
        said(|draft| draft.to = "ann@x.example"),
        [
            "warning: To: the address is fixed: a journey sends there once and blocks everybody else as \
          a duplicate"
        ]
    );
    assert_eq!(
        said(|draft| draft.to = "{{contact.emailaddress1"),
        ["error: To: expected \"}}\" behind the \"{{\" at octet 0, found none"]
    );
    assert_eq!(said(|draft| draft.reply_to = "{{contact.owner.emailaddress}}"), [""; 0]);
    assert_eq!(
        said(|draft| draft.reply_to = "a@b.example\n"),
        ["error: Reply-to address: expected no control characters and no line \
          ends, found U+000A at octet 11"]
    );
}

/// Facts 7.11: commercial messages need both in both parts, transactional ones are only warned.
#[test]
fn commercial_messages_need_subscription_center_and_address_in_both_parts() {
    let lacks = [
        "HTML: there is no link to the subscription center",
        "HTML: the main address of the sender is not shown",
        "Plain text: there is no link to the subscription center",
        "Plain text: the main address of the sender is not shown",
    ];
    for (designation, severity) in
        [(Designation::Commercial, "error"), (Designation::Transactional, "warning")]
    {
        let found = said(|draft| {
            draft.designation = designation;
            (draft.html, draft.plain_text) = ("<p>Hello</p>", "Hello");
        });
        assert_eq!(found, lacks.map(|lack| format!("{severity}: {lack}")));
    }
    // What the content settings would put there does as well.
    let words = "1 Main Street, Springfield {{msdyncrm_marketingpage(1).msdyncrm_full_page_url}}";
    assert_eq!(said(|draft| (draft.html, draft.plain_text) = (words, words)), [""; 0]);
    assert_eq!(said(|draft| (draft.html, draft.content_settings) = (words, None)).len(), 3);
}

/// Facts 5.7, 7.11: content settings must be live.
#[test]
fn content_settings_of_a_message_are_live() {
    assert_eq!(
        said(|draft| draft.content_settings = Some(Link::new(id(21)))),
        [
            "warning: Content settings: content settings: expected a record that is live, found status \
          Draft"
        ]
    );
    assert_eq!(
        said(|draft| draft.content_settings = Some(Link::new(id(22)))),
        ["warning: Content settings: content settings: expected a record, found none"]
    );
    let none = said(|draft| draft.content_settings = None);
    assert_eq!(
        none,
        ["warning: Content settings: there are none to take subscription center and address from"]
    );
}

/// Facts 7.8: a mail that shows values of a table that is not synchronized fails the error check.
#[test]
fn values_are_those_of_published_tables() {
    let unpublished = |field| {
        format!(
            "error: {field}: dynamic content: expected synchronized tables, found new_pet, which is not"
        )
    };
    let shown = "{{new_pet.name}} {{msdyncrm_contentsettings.msdyncrm_subscriptioncenter}} \
        {{msdyncrm_contentsettings.msdyncrm_addressmain}}";
    assert_eq!(said(|draft| draft.subject = "Hello {{new_pet.name}}"), [unpublished("Subject")]);
    // It is told once, where it is shown first.
    let everywhere = said(|draft| (draft.html, draft.plain_text) = (shown, shown));
    assert_eq!(everywhere, [unpublished("HTML")]);
    assert_eq!(said(|draft| draft.subject = "Hello {{account.name}} {{this.name}}"), [""; 0]);
    // What the host knows by its metadata comes before what the expressions show.
    let pet: &'static [TableName] = Box::leak(Box::new([TableName::new("new_pet").unwrap()]));
    assert_eq!(said(|draft| draft.tables = Some(pet)), [unpublished("Dynamic content")]);
    let nothing_else = said(|draft| {
        draft.subject = "Hello {{new_pet.name}}";
        draft.tables = Some(&[]);
    });
    assert_eq!(nothing_else, [""; 0]);
}

/// Facts 7.6, 7.11: content type 1, designation 1, and the link, or what a form's own mail needs.
#[test]
fn a_confirmation_request_can_ask_for_a_confirmation() {
    let request = |designation, text: &'static str| {
        said(|draft| {
            draft.content_type = ContentType::ConfirmationRequest;
            draft.designation = designation;
            (draft.html, draft.plain_text) = (text, text);
        })
    };
    let legal = "{{msdyncrm_contentsettings.msdyncrm_subscriptioncenter}} \
        {{msdyncrm_contentsettings.msdyncrm_addressmain}}";
    let with = |text: &str| -> &'static str { Box::leak(format!("{legal} {text}").into()) };
    let global = with("{{Message.ConfirmationRedirectURL}}");
    assert_eq!(request(Designation::Transactional, global), [""; 0]);
    let of_form = with("{{SubscriptionListNames}} {{ConfirmationUrl}}");
    assert_eq!(request(Designation::Transactional, of_form), [""; 0]);
    let link = "expected a link to {{Message.ConfirmationRedirectURL}}, found none";
    assert_eq!(
        request(Designation::Commercial, legal),
        [
            "error: Message designation: expected designation 1 (Transactional), found 0 (Commercial)"
                .to_owned(),
            format!("error: HTML: {link}"),
            format!("warning: Plain text: {link}"),
        ]
    );
}

/// B048, B049, B062: attachments and recipients as the email settings have them.
#[test]
fn attachments_and_recipients_are_as_the_email_settings_allow() {
    let files = [
        Attachment { name: "plan.pdf", bytes: 5_242_880 },
        Attachment { name: "film.mov", bytes: 5_242_881 },
        Attachment { name: "run.EXE", bytes: 1 },
    ];
    let files: &'static [Attachment<'static>] = Box::leak(Box::new(files));
    let nobody = [Addressee { record: None, address: "a@x.example".parse().ok() }];
    let nobody: &'static [Addressee] = Box::leak(Box::new(nobody));
    let found = said(|draft| (draft.attachments, draft.recipients) = (files, nobody));
    assert_eq!(
        found,
        [
            "error: Attachments: \"film.mov\": attachment: expected at most 5120 KB, found 5242881 \
             bytes: 1 byte more",
            "error: Attachments: \"run.EXE\": attachment: expected another extension than \"exe\", \
             which is blocked",
            "error: Recipients: recipient 0: expected a record that the address stands for, found none",
        ]
    );
    let mut settings = settings();
    let allowed = settings.email.value.to_builder().unresolved_recipients_allowed(true);
    settings.email.value = allowed.build().unwrap();
    let mut draft = draft();
    draft.recipients = nobody;
    let domains = SendingDomains::new(&settings);
    let report = draft.check(&settings, &domains, Profile::Documents, DateTime::UNIX_EPOCH);
    assert_eq!(report.findings(), []);
}

#[test]
fn what_a_practitioner_would_say_of_a_sender() {
    assert_eq!(
        said(|draft| draft.from_name = "Ann <ann@fabrikam.com>"),
        [
            "warning: From name: the name holds an address at another domain, which mail programs take \
          for a forgery"
        ]
    );
    assert_eq!(said(|draft| draft.from_name = "lamar@contoso.com"), [""; 0]);
    assert_eq!(
        said(|draft| draft.from_address = "jörg@contoso.com"),
        ["warning: From address: the account name has characters beyond ASCII: servers without \
          SMTPUTF8 refuse the message"]
    );
}

/// RFC 7489 section 3.1.1: who signs, and whether that is accepted, beside the warning.
#[test]
fn dmarc_is_a_hint_where_another_domain_signs() {
    let records =
        [domain(1, "mail.contoso.com", "confirmed"), domain(2, "contoso.net", "confirmed")];
    let domains = SendingDomains::of(&records, Some(&set(Some(1), None)));
    let of = |text| domains.alignment(&from(text));
    assert_eq!(of("l@contoso.net"), Some(DkimAlignment::Same));
    assert_eq!(of("l@Mail.Contoso.com"), Some(DkimAlignment::Same));
    assert_eq!(of("l@contoso.com"), Some(DkimAlignment::SameOrganization));
    assert_eq!(of("l@fabrikam.com"), Some(DkimAlignment::OtherOrganization));
    assert_eq!(of("l@[192.0.2.1]"), None);
    assert_eq!(of("{{contact.owner.emailaddress}}"), None);
    let nobody_signs = SendingDomains::of(&records, None);
    assert_eq!(nobody_signs.alignment(&from("l@contoso.com")), None);

    let mut settings = settings();
    settings.authenticated_domains = records.to_vec();
    let mut draft = draft();
    draft.from_address = "l@contoso.com";
    let report = draft.check(&settings, &domains, Profile::Documents, DateTime::UNIX_EPOCH);
    let hints: Vec<_> = report.of_severity(AdviceSeverity::Hint).map(Finding::reason).collect();
    assert_eq!(
        hints,
        [
            "signed by the default sending domain: DMARC accepts the signature in relaxed mode: both \
          domains are of one organization"
        ]
    );
    assert!(report.can_go_live());
}

#[test]
fn findings_are_sorted_bounded_and_have_a_remedy() {
    let files = vec![Attachment { name: "a.exe", bytes: 1 }; 1_100];
    let mut draft = MessageDraft::default();
    draft.attachments = &files;
    draft.to = "a@x.example";
    let report = report(&draft, Profile::Documents);
    let findings = report.findings();
    assert_eq!(findings.len(), GoLiveReport::MAX_FINDINGS);
    assert!(findings.is_sorted_by_key(|finding| (finding.severity(), finding.field())));
    assert!(findings.iter().all(|finding| !finding.remedy().is_empty()));
    assert!(!report.can_go_live());
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
            prop_assert_eq!(FromField::parse(&written).unwrap(), field, "{}", written);
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

//! What is said of a message before it goes live.

use correspond::consent::{ContentType, Designation};
use correspond::party::Addressee;
use correspond::sender::{
    Attachment, Finding, FindingKind, GoLiveReport, MessageDraft, MessageField,
};
use correspond::settings::{
    AdviceSeverity, ContentSettings, ContentStatus, EmailSettings, LandingPageConfiguration,
    MarketingDataConfiguration, OrganizationProperties, SettingsRecord, SettingsSnapshot,
    TableName,
};

use super::*;

/// A commercial message with which nothing is wrong.
fn draft() -> MessageDraft<'static> {
    let mut draft = MessageDraft::default();
    draft.from_name = "Lamar F.";
    draft.from_address = "lamar@contoso.com";
    draft.foreign = Foreign::NotConfirmed;
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

/// Facts 7.11: what the settings would put there, as HTML writes it and however lines are broken.
#[test]
fn what_stands_there_word_by_word_is_found_as_a_reader_sees_it() {
    let mut settings = settings();
    let content = ContentSettings::builder()
        .name("Shop")
        .address_main("Smith & Sons, 1 Main Street\nSpringfield")
        .subscription_center("https://x.example/center?a=1&b=2")
        .status(ContentStatus::Live)
        .build()
        .unwrap();
    settings.content_settings =
        vec![Stored::new(id(20), Version::new(20), DateTime::UNIX_EPOCH, content)];
    let domains = SendingDomains::new(&settings);
    let found = |html, plain_text| {
        let mut draft = draft();
        (draft.html, draft.plain_text) = (html, plain_text);
        let report = draft.check(&settings, &domains, Profile::Documents, DateTime::UNIX_EPOCH);
        report.findings().iter().map(Finding::field).collect::<Vec<_>>()
    };
    let html = "<p>Smith &amp; Sons,\r\n 1&nbsp;Main Street<BR/>Springfield</p>\
        <a href='https://x.example/center?a=1&#38;b=2'>Leave</a>";
    let plain = "Smith & Sons, 1 Main\n Street\nSpringfield https://x.example/center?a=1&b=2";
    assert_eq!(found(html, plain), []);
    // A reader of the plain text sees the marks.
    assert_eq!(found(html, html), [MessageField::PlainText; 2]);
    let other = "Smith &lt; Sons, 1 Main Street<br>Springfield https://x.example/center?a=1&b=3";
    assert_eq!(found(other, plain), [MessageField::Html; 2]);
}

/// Columns `msdyncrm_marketingemail.msdyncrm_fromname` and `msdyncrm_fromemail`: 500 characters.
#[test]
fn a_sender_fits_into_the_columns_of_a_message() {
    let long: &'static str = Box::leak("n".repeat(501).into());
    let expression: &'static str = Box::leak(format!("{{{{{}}}}}", &long[5..]).into());
    let most = "expected at most 500 characters, found more";
    assert_eq!(said(|draft| draft.from_name = long), [format!("error: From name: {most}")]);
    assert_eq!(said(|draft| draft.from_name = &long[1..]), [""; 0]);
    let found = said(|draft| draft.from_address = expression);
    assert!(!found.iter().any(|line| line.contains(most)), "{found:?}");
    let longer: &'static str = Box::leak(expression.replace("}}", "n}}").into());
    let found = said(|draft| draft.from_address = longer);
    assert_eq!(found[0], format!("error: From address: {most}"));
}

/// A022: nobody asked the register, and that is said.
#[test]
fn that_nobody_asked_what_others_have_confirmed_is_said() {
    let not_asked = "hint: From address: whether the domain is confirmed for another organization was \
        not asked";
    let found = said(|draft| {
        draft.foreign = Foreign::default();
        draft.from_address = "l@fabrikam.example";
    });
    assert!(found.iter().any(|line| line == not_asked), "{found:?}");
    // Of the own domain there is nothing to ask.
    assert_eq!(said(|draft| draft.foreign = Foreign::NotAsked), [""; 0]);
}

/// Facts 5.6: the default address stands in for an expression that comes out blank.
#[test]
fn a_default_address_that_is_none_is_said() {
    let found = |default| {
        let mut settings = settings();
        settings.marketing_defaults = settings
            .marketing_defaults
            .map(|stored| Stored { value: set(Some(1), default), ..stored });
        let mut draft = draft();
        draft.from_address = "{{contact.owner.emailaddress}}";
        let domains = SendingDomains::new(&settings);
        let report = draft.check(&settings, &domains, Profile::Documents, DateTime::UNIX_EPOCH);
        report.findings().iter().map(Finding::reason).skip(1).collect::<Vec<_>>()
    };
    assert_eq!(found(Some("news@contoso.com")), [""; 0]);
    let default = "the default from address, for recipients for whom it comes out blank: expected";
    let none = found(Some("news"));
    assert!(none[0].starts_with(default), "{none:?}");
    let expression = found(Some("{{contact.owner.emailaddress}}"));
    assert!(expression[0].starts_with(default), "{expression:?}");
}

/// Facts 5.7, 7.11: content settings must be live.
#[test]
fn content_settings_of_a_message_are_live() {
    assert_eq!(
        said(|draft| draft.content_settings = Some(Link::new(id(21)))),
        ["warning: Content settings: expected a record that is live, found status Draft"]
    );
    assert_eq!(
        said(|draft| draft.content_settings = Some(Link::new(id(22)))),
        ["warning: Content settings: expected a record, found none"]
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
        format!("error: {field}: expected synchronized tables, found new_pet, which is not")
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
    // Half of what a form's own mail needs tells whose it is.
    let half = with("{{ConfirmationUrl}} {{Message.ViewAsWebpageURL}}");
    let no_page = "a confirmation request cannot be shown as a web page, and links to it";
    assert_eq!(
        request(Designation::Transactional, half),
        [
            "error: HTML: expected the expression {{SubscriptionListNames}}, found none".to_owned(),
            format!("warning: HTML: {no_page}"),
            format!("warning: Plain text: {no_page}"),
        ]
    );
    assert_eq!(
        said(|draft| (draft.html, draft.plain_text) = (global, global)),
        ["warning: Content type: expected content type 1 (Confirmation request), found another"]
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
    let nobody = Addressee { record: None, address: "a@x.example".parse().ok() };
    let nowhere = Addressee { record: None, address: None };
    let both: &'static [Addressee] = Box::leak(Box::new([nobody.clone(), nowhere]));
    let nobody: &'static [Addressee] = Box::leak(Box::new([nobody]));
    let found = said(|draft| (draft.attachments, draft.recipients) = (files, both));
    assert_eq!(
        found,
        [
            "error: Attachments: \"film.mov\": expected at most 5120 KB, found 5242881 \
             bytes: 1 byte more",
            "error: Attachments: \"run.EXE\": expected another extension than \"exe\", \
             which is blocked",
            "error: Recipients: a@x.example, recipient 1: expected a record that the address stands for, found none",
            "error: Recipients: recipient 2: expected an address, found none",
        ]
    );
    let injects: &'static [Attachment<'static>] =
        Box::leak(Box::new([Attachment { name: "a\r\nX: y.pdf", bytes: 1 }]));
    assert_eq!(
        said(|draft| draft.attachments = injects),
        [
            "error: Attachments: \"a  X: y.pdf\": expected no control characters and no line ends, found \
             one at octet 1"
        ]
    );
    let turned: &'static [Attachment<'static>] =
        Box::leak(Box::new([Attachment { name: "plan\u{202e}fdp.js", bytes: 1 }]));
    assert_eq!(
        said(|draft| draft.attachments = turned),
        ["warning: Attachments: \"plan\\u{202e}fdp.js\": it holds a character that turns the \
          direction of the text, as forgeries do"]
    );
    // A mail to recipients that are listed has no need of an expression.
    assert_eq!(said(|draft| (draft.to, draft.recipients) = ("", nobody)).len(), 1);
    let mut settings = settings();
    let allowed = settings.email.value.to_builder().unresolved_recipients_allowed(true);
    settings.email.value = allowed.build().unwrap();
    let mut draft = draft();
    draft.recipients = nobody;
    let domains = SendingDomains::new(&settings);
    let report = draft.check(&settings, &domains, Profile::Documents, DateTime::UNIX_EPOCH);
    assert_eq!(report.findings(), []);
}

/// A027, A030, A063: what became of the From address, why, and where answers should go.
#[test]
fn the_report_tells_what_became_of_the_from_address() {
    let lines = |settings: &SettingsSnapshot, address, by_hand: bool, reply_to| {
        let domains = SendingDomains::new(settings);
        let occasion = if by_hand { Occasion::EditedByHand } else { Occasion::Created };
        let made = domains.rewrite(FromField::new("Lamar F.", address).unwrap(), occasion);
        let mut draft = draft();
        draft.set_from(&made);
        draft.reply_to = reply_to;
        let report = draft.check(settings, &domains, Profile::Documents, DateTime::UNIX_EPOCH);
        assert!(report.can_go_live());
        report.to_string().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let live = settings();
    let rewritten = "hint: From address: MyName@x.example was rewritten: mail from its domain is not \
        authenticated, as it is not registered; authenticate the domain to send from the address itself";
    let no_replies = "warning: Reply-to address: there is none, and the From address can probably not \
        receive replies, as it was MyName@x.example before; set the address that it had before as the \
        reply-to address";
    assert_eq!(lines(&live, "MyName@x.example", false, ""), [no_replies, rewritten]);
    assert_eq!(lines(&live, "MyName@x.example", false, "MyName@x.example"), [rewritten]);
    assert_eq!(lines(&live, "l@contoso.com", false, ""), [""; 0]);
    let by_hand = lines(&live, "MyName@x.example", true, "");
    assert_eq!(
        by_hand.last().unwrap(),
        "hint: From address: it was not rewritten: it was edited by hand; choose the user in the From \
         field again to have it rewritten"
    );

    let kept = |change: &dyn Fn(&mut SettingsSnapshot)| {
        let mut settings = settings();
        change(&mut settings);
        let said = lines(&settings, "MyName@x.example", false, "");
        assert!(said[0].starts_with("warning: From address: the domain is not authenticated"));
        said.last()
            .unwrap()
            .strip_prefix("hint: From address: it was not rewritten: ")
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        kept(&|settings| settings.marketing_defaults = None),
        "there is no default sending domain; choose a default sending domain"
    );
    assert_eq!(
        kept(&|settings| settings.authenticated_domains.clear()),
        "the record of the sending domain that would take its place is gone; choose another sending domain"
    );
    assert_eq!(
        kept(&|settings| settings.authenticated_domains = vec![domain(1, DEFAULT, "waiting")]),
        "no mail may come from the sending domain that would take its place, as its ownership has the status \"Waiting to \
         confirm\"; authenticate that sending domain for email, or choose another"
    );

    // It is said also where the host remembers the address alone.
    let mut remembered = draft();
    remembered.original_address = "MyName@x.example";
    let found = |draft: &MessageDraft<'_>| {
        let domains = SendingDomains::new(&live);
        let report = draft.check(&live, &domains, Profile::Documents, DateTime::UNIX_EPOCH);
        report.to_string()
    };
    assert_eq!(found(&remembered), format!("{no_replies}\n"));
    remembered.reply_to = "MyName@x.example";
    assert_eq!(found(&remembered), "");

    // Another address, written afterwards, is another matter.
    let domains = SendingDomains::new(&live);
    let made = domains.rewrite(from("MyName@x.example"), Occasion::Created);
    let mut draft = draft();
    draft.set_from(&made);
    (draft.from_name, draft.from_address) = ("Lamar F.", "l@contoso.com");
    let report = draft.check(&live, &domains, Profile::Documents, DateTime::UNIX_EPOCH);
    assert_eq!(report.findings(), []);
}

/// Facts 6.5, 7.11: an expression decides; one that cannot come to anything is told.
#[test]
fn expressions_are_closed_and_show_something() {
    let open = "expected \"}}\" behind the \"{{\" at octet 6, found none";
    assert_eq!(
        said(|draft| draft.subject = "Hello {{contact.name"),
        [format!("error: Subject: {open}")]
    );
    assert_eq!(
        said(|draft| draft.from_name = "Hello {{contact.name}"),
        [format!("error: From name: {open}")]
    );
    let empty = "expected a value inside \"{{}}\", found none";
    assert_eq!(said(|draft| draft.subject = "Hello {{ }}"), [format!("error: Subject: {empty}")]);
    assert_eq!(said(|draft| draft.to = "{{}}"), [format!("error: To: {empty}")]);
    let legal = "{{msdyncrm_contentsettings.msdyncrm_subscriptioncenter}} \
        {{msdyncrm_contentsettings.msdyncrm_addressmain}}";
    let style: &'static str = Box::leak(format!("<style>a {{{{</style>{legal}{{{{}}}}").into());
    assert_eq!(
        said(|draft| draft.html = style),
        [
            "warning: HTML: expected \"}}\" behind the \"{{\" at octet 9, found none".to_owned(),
            format!("warning: HTML: {empty}"),
        ]
    );

    let around = "warning: To: whatever the expression comes to, with what stands around it that is \
        no address";
    for wrong in
        ["Ann <{{contact.emailaddress1}}>", "{{contact.emailaddress1}}, b@x.example", "{{a}} b"]
    {
        assert_eq!(said(|draft| draft.to = wrong), [around], "{wrong}");
    }
    for right in [
        "{{contact.alias}}@x.example",
        "ann@{{contact.host}}",
        "{{contact.a}}@{{contact.b}}",
        "{{#if contact.a}}{{contact.b}}{{else}}b@x.example{{/if}}",
    ] {
        assert_eq!(said(|draft| draft.to = right), [""; 0], "{right}");
    }
    assert_eq!(
        said(|draft| draft.from_address = "Ann <{{a}}>")[0],
        around.replace("To", "From address")
    );
}

#[test]
fn what_a_practitioner_would_say_of_a_sender() {
    let hides = "it holds an encoded word, which mail programs show as something else";
    assert_eq!(
        said(|draft| draft.from_name = "=?utf-8?q?ann=40fabrikam.com?="),
        [format!("warning: From name: {hides}")]
    );
    assert_eq!(
        said(|draft| draft.subject = "=?utf-8?q?Hello?="),
        [format!("warning: Subject: {hides}")]
    );
    assert_eq!(said(|draft| draft.subject = "1 =? 2"), [""; 0]);
    assert_eq!(
        said(|draft| draft.from_name = "Ann \u{202e}nnA"),
        [
            "warning: From name: it holds a character that turns the direction of the text, as forgeries do"
        ]
    );
    assert_eq!(said(|draft| draft.from_name = "\u{200f}\u{2067}Ann\u{2069}"), [""; 0]);

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
            "signed by the sending domain of the message: DMARC accepts the signature in relaxed mode: both \
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

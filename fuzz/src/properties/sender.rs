//! The From field and the expressions in it: nothing writes a line of its own, what comes of rewriting
//! is an address, and a report is as many lines as findings.
#![allow(
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "it is to panic"
)]

use std::sync::LazyLock;

use correspond::address::EmailAddressRef;
use correspond::consent::{ContentType, Designation};
use correspond::id::RecordId;
use correspond::party::Addressee;
use correspond::record::Version;
use correspond::sender::{
    AccountName, Attachment, FromField, MessageDraft, Occasion, Rewriting, SendingDomains,
};
use correspond::settings::{
    AdviceSeverity, AuthenticatedDomain, ContentSettings, ContentStatus, DefaultMarketingSettings,
    DomainStatus, EmailSettings, LandingPageConfiguration, Link, MarketingDataConfiguration,
    OrganizationProperties, Profile, SettingsRecord, SettingsSnapshot, Stored, TableName,
};

/// What From fields and expressions are made of.
const ALPHABET: [&str; 56] = [
    "a",
    "B",
    "ann",
    "0",
    ".",
    "@",
    "@",
    "@contoso.com",
    "@CONTOSO.com",
    "@x.example",
    "@[192.0.2.1]",
    "@b\u{fc}cher.de",
    "@xn--bcher-kva.de",
    "\"",
    "\"",
    "\\",
    "<",
    ">",
    "(",
    ")",
    ",",
    ";",
    ":",
    " ",
    " ",
    "\t",
    "\r",
    "\n",
    "\0",
    "\u{7f}",
    "\u{85}",
    "\u{2028}",
    "\u{2029}",
    "\u{202e}",
    "\u{a0}",
    "\u{200b}",
    "\u{feff}",
    "{",
    "{{",
    "{{",
    "}",
    "}}",
    "}}",
    "{{contact.owner.emailaddress}}",
    "{{a}}",
    "{{{b}}}",
    "{{#if new_pet.name}}",
    "{{/if}}",
    "{{! x }}",
    "new_pet.",
    "|",
    "'",
    "=?utf-8?q?",
    "?=",
    "j\u{f6}rg",
    "u\u{308}",
];

fn stored<T: SettingsRecord>(number: u128, value: T) -> Stored<T> {
    Stored::new(RecordId::new(number), Version::new(number), Default::default(), value)
}

static SETTINGS: LazyLock<SettingsSnapshot> = LazyLock::new(|| {
    let page = LandingPageConfiguration::builder()
        .name("Pages")
        .contact_matching_strategy(RecordId::new(8))
        .lead_matching_strategy(RecordId::new(9));
    let mut settings = SettingsSnapshot::new(
        stored(10, page.build().expect("a page")),
        stored(11, MarketingDataConfiguration::builder().build().expect("tables")),
        stored(12, EmailSettings::builder().blocked_extensions("exe").build().expect("settings")),
        stored(13, OrganizationProperties::default()),
    );
    let domain = |name: &str| {
        AuthenticatedDomain::builder()
            .name(name)
            .ownership_status(DomainStatus::Confirmed)
            .email_status(DomainStatus::Confirmed)
            .build()
            .expect("a domain")
    };
    settings.authenticated_domains =
        vec![stored(1, domain("mail.contoso.example")), stored(2, domain("contoso.com"))];
    let set = DefaultMarketingSettings::builder()
        .name("Ours")
        .default_sending_domain(RecordId::new(1))
        .default_from_email("news@contoso.com")
        .default_from_name("News");
    let content = |status| {
        let content = ContentSettings::builder()
            .name("Shop")
            .address_main("Smith & Sons\nSpringfield")
            .subscription_center("https://x.example/a?b=1&c=2")
            .status(status);
        content.build().expect("content settings")
    };
    settings.content_settings =
        vec![stored(20, content(ContentStatus::Live)), stored(21, content(ContentStatus::Draft))];
    settings.marketing_defaults = Some(stored(14, set.build().expect("a set")));
    settings
});

/// The octets as text and as choices from the alphabet, as a name, as an address, and as what an
/// expression comes to.
pub fn sender(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let drawn: String = data.iter().map(|b| ALPHABET[usize::from(*b) % ALPHABET.len()]).collect();
    let domains = SendingDomains::new(&SETTINGS);
    let with_domain = domains.clone().with_account_name(AccountName::WithDomain);
    for text in [&*text, &drawn] {
        let half = (0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let (left, right) = text.split_at(half);
        let local = format!("{}@x.example", right.replace('@', ""));
        for (name, address) in
            [("", text), (text, "ann@x.example"), (left, right), (left, local.as_str())]
        {
            for domains in [&domains, &with_domain] {
                field(domains, name, address);
            }
        }
        if let Ok(from) = FromField::parse(text) {
            written(&from);
        }
        for_recipient(&domains, text);
        report(&domains, text, left, right);
    }
}

fn field(domains: &SendingDomains, name: &str, address: &str) {
    let Ok(before) = FromField::new(name, address) else { return };
    written(&before);
    let by_hand = domains.rewrite(before.clone(), Occasion::EditedByHand);
    assert_eq!(by_hand.from(), &before);
    let once = domains.rewrite(before.clone(), Occasion::Created);
    assert_eq!(once.from().name(), before.name());
    assert_eq!(once.clone().into_owned(), once);
    if before.is_dynamic() {
        assert_eq!(once.from(), &before);
        return;
    }
    deliverable(domains, &once);
    if !once.is_rewritten() {
        assert_eq!(once.from(), &before);
    }
    let reply_to = once.reply_to().map(|reply_to| reply_to.address().to_owned());
    assert_eq!(reply_to.as_deref(), once.is_rewritten().then_some(before.as_str()));
}

/// One line, of plain text, which reads back.
fn written(from: &FromField<'_>) {
    let written = from.to_string();
    let plain = |c: char| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}');
    assert!(written.chars().all(plain), "{written:?}");
    if let Some(address) = from.address() {
        assert_eq!(address.as_str(), from.as_str());
        let again = FromField::parse(&written).unwrap_or_else(|e| panic!("{written:?}: {e}"));
        assert_eq!(again.local(), from.local(), "{written:?}");
        let domain = |from: &FromField<'_>| from.address().and_then(|it| it.to_domain());
        assert_eq!(domain(&again), domain(from), "{written:?}");
        assert_eq!(again.to_string(), written);
    }
}

/// An address within its bounds, at a domain that may send, which stays as it is.
fn deliverable(domains: &SendingDomains, rewriting: &Rewriting<'_>) {
    let from = rewriting.from();
    written(from);
    let address = EmailAddressRef::parse(from.as_str()).expect("an address");
    assert!(address.local().len() <= 64 && from.as_str().len() <= 254);
    assert!(domains.standing(from).is_some_and(|standing| standing.is_authenticated()));
    let twice = domains.rewrite(from.clone(), Occasion::Created);
    assert_eq!(twice.from(), from);
}

fn for_recipient(domains: &SendingDomains, text: &str) {
    let link = Some(Link::new(RecordId::new(1)));
    if let Ok(resolved) = domains.resolved(text, text, link) {
        deliverable(domains, &resolved);
    }
    let shown = ["{{a}}", "{{a}}@x.example", "ann@{{a}}"];
    for address in shown.into_iter().chain([text]) {
        let Ok(from) = FromField::new(text, address) else { continue };
        for value in ["", "ann", "x.example", "ann@contoso.com", text] {
            let values = |_: &str| (!value.is_empty()).then_some(value);
            if let Ok(resolved) = domains.for_recipient(&from, link, values) {
                if from.is_dynamic() {
                    deliverable(domains, &resolved);
                } else {
                    written(resolved.from());
                    assert_eq!(resolved.from().as_str(), from.as_str());
                }
                assert!(!resolved.from().is_dynamic());
                assert!(!resolved.from().to_string().contains("{{"), "{resolved:?}");
            }
        }
    }
}

fn report(domains: &SendingDomains, text: &str, left: &str, right: &str) {
    let file = [Attachment { name: text, bytes: 1 }];
    let mut draft = MessageDraft::default();
    (draft.from_name, draft.from_address, draft.reply_to) = (left, right, text);
    (draft.to, draft.subject, draft.html, draft.plain_text) = (text, text, text, left);
    draft.attachments = &file;
    draft.original_address = right;
    let recipients = [Addressee { record: None, address: left.parse().ok() }];
    draft.recipients = &recipients;
    let tables: Vec<_> = TableName::new(right).into_iter().collect();
    for (content, named) in [(20, false), (20, true), (21, false), (22, true)] {
        draft.content_settings = Some(Link::new(RecordId::new(content)));
        draft.tables = named.then_some(&tables[..]);
        checked(&mut draft, domains);
    }
}

fn checked(draft: &mut MessageDraft<'_>, domains: &SendingDomains) {
    for content_type in [ContentType::Default, ContentType::ConfirmationRequest] {
        for designation in [Designation::Commercial, Designation::Transactional] {
            (draft.content_type, draft.designation) = (content_type, designation);
            let report = draft.check(&SETTINGS, domains, Profile::Documents, Default::default());
            let said = report.to_string();
            assert_eq!(said.lines().count(), report.findings().len(), "{said}");
            let plain = |c: char| c == '\n' || !c.is_control();
            assert!(said.chars().all(plain), "{said:?}");
            let errors = report.of_severity(AdviceSeverity::Error).count();
            assert_eq!(report.can_go_live(), errors == 0);
        }
    }
}

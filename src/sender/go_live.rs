//! May a message go live?

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};

use super::check::{Foreign, FromFinding};
use super::domains::SendingDomains;
use super::error::HeaderPart;
use super::expression::{inside, tables};
use super::field::{FromField, Written};
use super::finding::{Finding, FindingKind as Kind, MessageField as Field};
use crate::address::{AddressRules, EmailAddressRef};
use crate::consent::{ContentType, Designation, MailFlaw, OptInMail};
use crate::id::RecordId;
use crate::party::{Addressee, check_recipients};
use crate::settings::{
    AdviceSeverity, ContentSettings, DataUse, Link, Profile, SettingsSnapshot, Severity, TableName,
};
use crate::text;

/// A file that is attached to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "what the rules ask of a file")]
pub struct Attachment<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its size, in bytes.
    pub bytes: u64,
}

/// A message as it stands in its editor, as far as going live looks at it. Texts are as they were
/// entered: what is wrong with them is told. An empty one is blank.
///
/// ```
/// # fn settings() -> correspond::settings::SettingsSnapshot {
/// #     use chrono::DateTime;
/// #     use correspond::{id::RecordId, record::Version, settings::*};
/// #     let of = |id| (RecordId::new(id), Version::new(id));
/// #     let now = DateTime::UNIX_EPOCH;
/// #     let page = LandingPageConfiguration::builder().name("x");
/// #     let page = page.contact_matching_strategy(RecordId::new(8));
/// #     let page = page.lead_matching_strategy(RecordId::new(9)).build().unwrap();
/// #     SettingsSnapshot::new(
/// #         Stored::new(of(1).0, of(1).1, now, page),
/// #         Stored::new(of(2).0, of(2).1, now, MarketingDataConfiguration::builder().build().unwrap()),
/// #         Stored::new(of(3).0, of(3).1, now, EmailSettings::default()),
/// #         Stored::new(of(4).0, of(4).1, now, OrganizationProperties::default()),
/// #     )
/// # }
/// use chrono::DateTime;
/// use correspond::consent::Designation;
/// use correspond::sender::{MessageDraft, SendingDomains};
/// use correspond::settings::Profile;
///
/// let settings = settings();
/// let domains = SendingDomains::new(&settings);
///
/// let mut draft = MessageDraft::default();
/// draft.designation = Designation::Transactional;
/// draft.from_name = "Contoso";
/// draft.from_address = "orders@contoso.com";
/// draft.to = "{{contact.emailaddress1}}";
/// draft.subject = "Your order";
/// draft.html = "<p>It is on its way. {{msdyncrm_contentsettings.msdyncrm_addressmain}}
///     <a href=\"{{msdyncrm_contentsettings.msdyncrm_subscriptioncenter}}\">Leave us</a></p>";
///
/// let report = draft.check(&settings, &domains, Profile::Documents, DateTime::UNIX_EPOCH);
/// assert!(!report.can_go_live());
/// let said: Vec<_> = report.findings().iter().map(ToString::to_string).collect();
/// assert_eq!(said[0], "error: Plain text: there is none; enter it");
/// assert_eq!(
///     said[1],
///     "warning: From address: the domain is not authenticated for mail, as it is not registered: \
///      the message will be delivered badly; authenticate the domain for email, or take an address \
///      at one that is"
/// );
///
/// draft.plain_text = draft.html;
/// assert!(draft.check(&settings, &domains, Profile::Documents, DateTime::UNIX_EPOCH).can_go_live());
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct MessageDraft<'a> {
    /// The name of the sender.
    pub from_name: &'a str,
    /// The address of the sender, or an expression.
    pub from_address: &'a str,
    /// What other organizations have of its domain.
    pub foreign: Foreign,
    /// Where answers go; may be blank.
    pub reply_to: &'a str,
    /// Whom it goes to: an expression.
    pub to: &'a str,
    /// The subject.
    pub subject: &'a str,
    /// Commercial or transactional?
    pub designation: Designation,
    /// Anything, or a confirmation request?
    pub content_type: ContentType,
    /// The HTML part.
    pub html: &'a str,
    /// The plain-text part.
    pub plain_text: &'a str,
    /// The content settings that it is made with
    /// ([`EmailInEffect::content_settings`](crate::mailing::EmailInEffect::content_settings)).
    pub content_settings: Option<Link<ContentSettings>>,
    /// The tables whose values it shows. `None`: those that its expressions begin with
    /// (`{{new_pet.name}}`, but not `{{this.name}}`, nor the product's own `msdyncrm_` tables), which
    /// is all that can be known without metadata. A host that knows which tables the relations lead to
    /// names them all.
    pub tables: Option<&'a [TableName]>,
    /// The files that are attached.
    pub attachments: &'a [Attachment<'a>],
    /// The recipients, where they are listed one by one.
    pub recipients: &'a [Addressee],
}

impl MessageDraft<'_> {
    /// The most characters of a subject, in UTF-16 code units (column
    /// `msdyncrm_marketingemail.msdyncrm_subject`).
    pub const MAX_SUBJECT: usize = 256;

    /// The expression of the link to the subscription center.
    pub const SUBSCRIPTION_CENTER: &'static str =
        "msdyncrm_contentsettings.msdyncrm_subscriptioncenter";

    /// The expression of the main address.
    pub const ADDRESS_MAIN: &'static str = "msdyncrm_contentsettings.msdyncrm_addressmain";

    /// What there is to say of the message before it goes live. The error check in its editor and going
    /// live itself are this one question: only errors refuse. `domains` are those of the settings.
    ///
    /// | field | rule |
    /// |---|---|
    /// | From | a name; an address, or an expression; its domain as [`SendingDomains::check`] says |
    /// | To | an address is an error where it is none, and a warning where it is fixed |
    /// | Subject, HTML, plain text | are there; the subject has at most [`MAX_SUBJECT`](Self::MAX_SUBJECT) characters and no line end |
    /// | HTML and plain text | a link to the subscription center and the main address, by their expressions ([`SUBSCRIPTION_CENTER`](Self::SUBSCRIPTION_CENTER), [`ADDRESS_MAIN`](Self::ADDRESS_MAIN)) or word by word as the content settings have them: errors of a commercial message, warnings of a transactional one |
    /// | a confirmation request | is one that the global double opt-in or that of a form could send ([`OptInMail`]) |
    /// | expressions | show values of published tables alone |
    /// | content settings | are live |
    /// | attachments, recipients | as the email settings of the organization allow |
    ///
    /// The work is linear in the texts and lists.
    pub fn check(
        &self,
        settings: &SettingsSnapshot,
        domains: &SendingDomains,
        profile: Profile,
        now: DateTime<Utc>,
    ) -> GoLiveReport {
        let mut found = Found::default();
        self.from(domains, profile, &mut found);
        self.recipient(&mut found);
        self.subject(&mut found);
        self.parts(settings, &mut found);
        self.confirmation(&mut found);
        self.tables(settings, now, &mut found);
        self.limits(settings, &mut found);
        GoLiveReport::of(found.0)
    }

    fn from(&self, domains: &SendingDomains, profile: Profile, found: &mut Found) {
        let mut from = FromField::new(self.from_name, self.from_address);
        if let Err(error) = from
            && error.part() == HeaderPart::FromName
        {
            found.error(Field::FromName, Kind::Header(error));
            from = FromField::new("", self.from_address);
        } else if text::trim(self.from_name).is_empty() {
            found.error(Field::FromName, Kind::Missing);
        }
        let from = match from {
            Ok(from) => from,
            Err(error) => return found.error(Field::FromAddress, Kind::Header(error)),
        };
        if from.name().is_some_and(|name| holds_address(name, &from)) {
            found.warning(Field::FromName, Kind::NameHoldsAddress);
        }
        let check = domains.check(&from, self.foreign, profile);
        let domain = Kind::FromDomain(check.finding());
        match (check.severity(), check.finding()) {
            (Some(Severity::Error), _) => found.error(Field::FromAddress, domain),
            (Some(Severity::Warning), _) => found.warning(Field::FromAddress, domain),
            (None, FromFinding::Dynamic) => found.hint(Field::FromAddress, domain),
            (None, _) => {}
        }
        if check.severity().is_some()
            && let Some(alignment) = domains.alignment(&from)
        {
            found.hint(Field::FromAddress, Kind::Alignment(alignment));
        }
        if from.needs_smtputf8() {
            found.warning(Field::FromAddress, Kind::NeedsSmtputf8);
        }
    }

    fn recipient(&self, found: &mut Found) {
        match Written::read(HeaderPart::To, self.to) {
            Ok(Written::Dynamic(_)) => {}
            Ok(_) => found.warning(Field::To, Kind::StaticRecipient),
            Err(error) => found.error(Field::To, Kind::Header(error)),
        }
        if !text::trim(self.reply_to).is_empty()
            && let Err(error) = Written::read(HeaderPart::ReplyTo, self.reply_to)
        {
            found.error(Field::ReplyTo, Kind::Header(error));
        }
    }

    fn subject(&self, found: &mut Found) {
        let (subject, most) = (self.subject, Self::MAX_SUBJECT);
        if text::trim(subject).is_empty() {
            return found.error(Field::Subject, Kind::Missing);
        }
        if subject.encode_utf16().take(most + 1).count() > most {
            found.error(Field::Subject, Kind::SubjectTooLong { most });
        }
        if let Some(at) = subject.find(|c: char| c.is_control() || super::field::ends_line(c)) {
            found.error(Field::Subject, Kind::SubjectControl { at });
        }
    }

    fn parts(&self, settings: &SettingsSnapshot, found: &mut Found) {
        let content = self.content_settings.map(|link| {
            let stored = settings.content_settings.iter().find(|stored| stored.id == link.id());
            if let Err(error) = ContentSettings::usable(stored) {
                found.error(Field::ContentSettings, Kind::ContentSettings(error));
            }
            stored
        });
        let commercial = self.designation == Designation::Commercial;
        if content.is_none() && commercial {
            found.warning(Field::ContentSettings, Kind::NoContentSettings);
        }
        let content = content.flatten().map(|stored| &stored.value);
        let center = content.map(|content| content.subscription_center().as_str());
        let address = content.map(|content| content.address_main().as_str());
        let severity = if commercial { AdviceSeverity::Error } else { AdviceSeverity::Warning };
        for (field, part) in [(Field::Html, self.html), (Field::PlainText, self.plain_text)] {
            if text::trim(part).is_empty() {
                found.error(field, Kind::Missing);
                continue;
            }
            if !shows(part, Self::SUBSCRIPTION_CENTER, center) {
                found.add(severity, field, Kind::NoSubscriptionCenter);
            }
            if !shows(part, Self::ADDRESS_MAIN, address) {
                found.add(severity, field, Kind::NoMainAddress);
            }
        }
    }

    fn confirmation(&self, found: &mut Found) {
        if self.content_type != ContentType::ConfirmationRequest {
            return;
        }
        // Whether it is live is what is being asked.
        let mail = OptInMail::new(RecordId::new(0)).live().with_content_type(self.content_type);
        let mail = mail.with_designation(self.designation);
        let html = mail.clone().with_text(self.html);
        if !html.form_flaws().is_empty() {
            for flaw in html.flaws().as_slice() {
                let field = match flaw {
                    MailFlaw::Designation => Field::Designation,
                    MailFlaw::RedirectUrl => Field::Html,
                    _ => Field::ContentType,
                };
                found.error(field, Kind::Confirmation(*flaw));
            }
        }
        let plain = mail.with_text(self.plain_text);
        let (flaws, form_flaws) = (plain.flaws(), plain.form_flaws());
        if !text::trim(self.plain_text).is_empty()
            && flaws.as_slice().contains(&MailFlaw::RedirectUrl)
            && form_flaws.as_slice().contains(&MailFlaw::ConfirmationUrl)
        {
            found.warning(Field::PlainText, Kind::Confirmation(MailFlaw::RedirectUrl));
        }
    }

    fn tables(&self, settings: &SettingsSnapshot, now: DateTime<Utc>, found: &mut Found) {
        let mut shown = BTreeSet::new();
        match self.tables {
            Some(named) => shown.extend(named.iter().cloned()),
            None => {
                let header = [self.from_name, self.from_address, self.reply_to, self.to];
                let texts = [self.subject, self.html, self.plain_text];
                header.into_iter().chain(texts).for_each(|text| tables(text, &mut shown));
            }
        }
        let published = &settings.marketing_data.value;
        if let Some(missing) = published.missing(DataUse::DynamicContent, &shown, now) {
            found.error(Field::DynamicContent, Kind::Tables(missing));
        }
    }

    fn limits(&self, settings: &SettingsSnapshot, found: &mut Found) {
        let email = &settings.email.value;
        for Attachment { name, bytes } in self.attachments {
            if let Err(refused) = email.accepts_attachment(name, *bytes) {
                let name = name.chars().take(80).collect();
                found.error(Field::Attachments, Kind::Attachment { name, refused });
            }
        }
        let unresolved = email.unresolved_recipients_allowed();
        if let Err(refused) = check_recipients(self.recipients, unresolved) {
            found.error(Field::Recipients, Kind::Recipient(refused));
        }
    }
}

/// Does a part hold the expression, or what it would come to?
fn shows(part: &str, expression: &str, value: Option<&str>) -> bool {
    inside(part).any(|inside| inside == expression)
        || value.map(text::trim).is_some_and(|value| !value.is_empty() && part.contains(value))
}

/// Does a name hold an address at another domain than the field's?
fn holds_address(name: &str, from: &FromField<'_>) -> bool {
    let own = from.fixed_domain();
    let words = name.split(|c: char| c.is_whitespace() || "<>()[]\"',;".contains(c));
    let addresses = words
        .filter(|word| word.contains('@'))
        .filter_map(|word| EmailAddressRef::parse_with(word, &AddressRules::PUBLIC).ok());
    addresses.into_iter().any(|address| address.to_domain() != own)
}

#[derive(Default)]
struct Found(Vec<Finding>);

impl Found {
    fn add(&mut self, severity: AdviceSeverity, field: Field, kind: Kind) {
        self.0.push(Finding { severity, field, kind });
    }

    fn error(&mut self, field: Field, kind: Kind) {
        self.add(AdviceSeverity::Error, field, kind);
    }

    fn warning(&mut self, field: Field, kind: Kind) {
        self.add(AdviceSeverity::Warning, field, kind);
    }

    fn hint(&mut self, field: Field, kind: Kind) {
        self.add(AdviceSeverity::Hint, field, kind);
    }
}

/// What there is to say of a message before it goes live. Errors keep it from going live, and nothing
/// overrides them; warnings and hints can be ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct GoLiveReport {
    findings: Vec<Finding>,
}

impl GoLiveReport {
    /// At most this many findings are told; those left out are the least severe.
    pub const MAX_FINDINGS: usize = 1_000;

    fn of(mut findings: Vec<Finding>) -> Self {
        findings.sort_by_key(|finding| (finding.severity, finding.field));
        findings.truncate(Self::MAX_FINDINGS);
        Self { findings }
    }

    /// What was found: errors, warnings, hints; within each in the order of the fields.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The findings of one severity.
    pub fn of_severity(&self, severity: AdviceSeverity) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |finding| finding.severity == severity)
    }

    /// May the message go live? Where there is no error.
    #[must_use]
    pub fn can_go_live(&self) -> bool {
        self.of_severity(AdviceSeverity::Error).next().is_none()
    }
}

/// A finding a line.
impl fmt::Display for GoLiveReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{finding}")?;
        }
        Ok(())
    }
}

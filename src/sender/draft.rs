//! May a message go live?

use chrono::{DateTime, Utc};

use super::check::Foreign;
use super::domains::SendingDomains;
use super::report::{Found, GoLiveReport};
use super::rewrite::Rewriting;
use crate::consent::{ContentType, Designation};
use crate::party::Addressee;
use crate::settings::{ContentSettings, Link, Profile, SettingsSnapshot, TableName};

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
/// use correspond::sender::{Foreign, MessageDraft, SendingDomains};
/// use correspond::settings::Profile;
///
/// let settings = settings();
/// let domains = SendingDomains::new(&settings);
///
/// let mut draft = MessageDraft::default();
/// draft.designation = Designation::Transactional;
/// draft.from_name = "Contoso";
/// draft.from_address = "orders@contoso.com";
/// draft.foreign = Foreign::NotConfirmed;
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
    /// The address that the sender had before it was rewritten ([`Rewriting::reply_to`]); blank where it
    /// was not. [`set_from`](Self::set_from) sets it; a host that keeps it beside the message sets it
    /// here, and clears it where somebody edits the address by hand.
    pub original_address: &'a str,
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
    /// The content settings that its values come from: those of the journey that sends it, where there
    /// is one; else those of its previews
    /// ([`EmailInEffect::content_settings`](crate::mailing::EmailInEffect::content_settings)).
    pub content_settings: Option<Link<ContentSettings>>,
    /// The tables whose values it shows. `None`: those that its expressions begin with
    /// (`{{new_pet.name}}`, but not `{{this.name}}`, nor the product's own `msdyncrm_` tables), which
    /// is all that can be known without metadata. A host that knows which tables the relations lead to
    /// names them all.
    pub tables: Option<&'a [TableName]>,
    /// The files that are attached.
    pub attachments: &'a [Attachment<'a>],
    /// The recipients, where they are listed one by one; then [`to`](Self::to) may be blank.
    pub recipients: &'a [Addressee],
    pub(super) rewriting: Option<&'a Rewriting<'a>>,
}

impl<'a> MessageDraft<'a> {
    /// The most characters of a subject, in UTF-16 code units (column
    /// `msdyncrm_marketingemail.msdyncrm_subject`).
    pub const MAX_SUBJECT: usize = 256;

    /// The most characters of a From name, and of an expression for the From address, in UTF-16 code
    /// units (columns `msdyncrm_marketingemail.msdyncrm_fromname`, `msdyncrm_fromemail`).
    pub const MAX_FROM: usize = 500;

    /// The expression of the link to the subscription center.
    pub const SUBSCRIPTION_CENTER: &'static str =
        "msdyncrm_contentsettings.msdyncrm_subscriptioncenter";

    /// The expression of the main address.
    pub const ADDRESS_MAIN: &'static str = "msdyncrm_contentsettings.msdyncrm_addressmain";

    /// Sends it from what came of its From address, and tells that in the report: what was rewritten and
    /// why, where answers should go, why it was not. Who edits the address afterwards hears nothing of
    /// it.
    ///
    /// ```
    /// # use correspond::sender::{FromField, MessageDraft, Occasion, SendingDomains};
    /// let domains = SendingDomains::of(&[], None);
    /// let from = FromField::new("Ann", "ann@contoso.com")?;
    /// let made = domains.rewrite(from, Occasion::Created);
    /// let mut draft = MessageDraft::default();
    /// draft.set_from(&made);
    /// assert_eq!((draft.from_name, draft.from_address), ("Ann", "ann@contoso.com"));
    /// # Ok::<(), correspond::sender::HeaderError>(())
    /// ```
    pub fn set_from(&mut self, rewriting: &'a Rewriting<'a>) {
        self.from_name = rewriting.from().name().unwrap_or_default();
        self.from_address = rewriting.from().as_str();
        self.original_address = rewriting.reply_to().map_or("", |reply_to| reply_to.address());
        self.rewriting = Some(rewriting);
    }

    /// What there is to say of the message before it goes live. The error check in its editor and going
    /// live itself are this one question: only errors refuse. `domains` are those of the settings, with the
    /// sending domain of the message where it has one
    /// ([`with_sending_domain`](SendingDomains::with_sending_domain)).
    ///
    /// | field | rule | where not |
    /// |---|---|---|
    /// | From | a name; an address, or an expression; of at most [`MAX_FROM`](Self::MAX_FROM) characters | error |
    /// | | its domain is authenticated | as [`SendingDomains::check`] says |
    /// | | the name holds no address at another domain; the account name is ASCII | warning |
    /// | To | an address, or an expression | error |
    /// | | an expression: a journey sends to one address once | warning |
    /// | Reply-To | blank, an address, or an expression | error |
    /// | | an address, where that of the sender was rewritten ([`set_from`](Self::set_from)) | warning |
    /// | Subject | is there, with at most [`MAX_SUBJECT`](Self::MAX_SUBJECT) characters and no line end | error |
    /// | HTML, plain text | are there | error |
    /// | | a link to the subscription center and the main address, by their expressions ([`SUBSCRIPTION_CENTER`](Self::SUBSCRIPTION_CENTER), [`ADDRESS_MAIN`](Self::ADDRESS_MAIN)) or word by word as the content settings have them, however HTML writes them and wherever lines end | error; warning of a transactional message |
    /// | confirmation requests | transactional, with the link of the global double opt-in, or list names and link of a form's ([`OptInMail`](crate::consent::OptInMail)) | error |
    /// | | the link in the plain text too; no link to the web page | warning |
    /// | other messages | no link of the global double opt-in | warning |
    /// | expressions | are closed and not empty | error; warning in HTML and plain text |
    /// | | show values of published tables alone | error |
    /// | content settings | are live; the journey that uses them asks for itself | warning |
    /// | attachments, recipients | as the email settings of the organization allow | error |
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
        self.check_from(domains, profile, &mut found);
        self.check_to(&mut found);
        self.check_subject(&mut found);
        self.check_parts(settings, &mut found);
        self.check_confirmation(&mut found);
        self.check_expressions(&mut found);
        self.check_tables(settings, now, &mut found);
        self.check_limits(settings, &mut found);
        found.report()
    }
}

//! From files to what becomes of the message and of each recipient.

use chrono::{DateTime, Utc};
use correspond::consent::Protection;
use correspond::mailing::{EmailInEffect, EmailOverrides, SendOnceTo};
use correspond::recipients::{
    Block, Deduplication, Keep, Outcome, Recipient, Selection, Suppress, SuppressIf,
    Suppressed as Gets, Suppression,
};
use correspond::sender::{
    FromField, FromUser, GoLiveReport, HeaderError, MessageDraft, Occasion, Rewriting,
    SendingDomains,
};
use correspond::settings::{ContentSettings, DefaultMarketingSettings, SettingsSnapshot};

use crate::contacts::Contacts;
use crate::message::Message;
use crate::options::Options;
use crate::organization;
use crate::suppressed::Suppressed;

/// A reason of this program: the contact is inactive.
pub(crate) const INACTIVE: Block = Block::Host(1);
/// A reason of this program: for this contact no From address comes out.
pub(crate) const NO_FROM: Block = Block::Host(2);

/// What the files say, checked.
pub(crate) struct Input {
    pub(crate) settings: SettingsSnapshot,
    pub(crate) message: Message,
    pub(crate) contacts: Contacts,
    pub(crate) suppressed: Suppressed,
}

/// The From field of a message, or why there is none.
type From = Result<Rewriting<'static>, HeaderError>;

/// What becomes of a message and of each recipient.
pub(crate) struct Preparation<'a> {
    pub(crate) input: &'a Input,
    pub(crate) from: From,
    /// The From field of each row, where it is not the same for all.
    each: Option<Vec<From>>,
    pub(crate) report: GoLiveReport,
    pub(crate) selection: Selection,
    pub(crate) once_to: SendOnceTo,
    pub(crate) keep: Keep,
    pub(crate) protection: Protection,
    /// Those that the message takes its values from.
    #[allow(dead_code, reason = "whoever sends it fills them in")]
    pub(crate) content: Option<&'a ContentSettings>,
}

impl Input {
    pub(crate) fn read(options: &Options) -> Result<Self, String> {
        let bundled = options.contacts.is_none();
        Ok(Self {
            settings: organization::read(options.settings.as_deref())?,
            message: Message::read(options.message.as_deref())?,
            contacts: Contacts::read(options.contacts.as_deref(), options.keep)?,
            suppressed: Suppressed::read(options.suppressed.as_deref(), bundled)?,
        })
    }

    pub(crate) fn defaults(&self) -> Option<&DefaultMarketingSettings> {
        self.settings.marketing_defaults.as_ref().map(|stored| &stored.value)
    }

    /// The From field of the message.
    fn sender(&self, domains: &SendingDomains, email: &EmailInEffect<'_>) -> From {
        let from = &self.message.from;
        let (name, address) = (from.name.as_deref(), from.address.as_deref());
        let user = from.user.as_ref();
        let user = user.map(|user| FromUser { name: &user.name, address: &user.address });
        let made = match (address, user) {
            (Some(address), user) => {
                let name = name.or_else(|| user.map(|user| user.name));
                let default = || email.from_name.map_or("", |name| name.as_str());
                let from = FromField::new(name.unwrap_or_else(default), address)?;
                domains.rewrite_to(from, Occasion::EditedByHand, email.sending_domain)
            }
            (None, Some(user)) => {
                let user = FromUser { name: name.unwrap_or(user.name), ..user };
                domains.user_changed(email, user)?
            }
            (None, None) => {
                domains.created(email, FromUser { name: name.unwrap_or(""), address: "" })?
            }
        };
        Ok(made.into_owned())
    }

    fn check(
        &self,
        domains: &SendingDomains,
        email: &EmailInEffect<'_>,
        from: &From,
        options: &Options,
    ) -> GoLiveReport {
        let (message, attachments) = (&self.message, self.message.attachments());
        let mut draft = MessageDraft::default();
        match from {
            Ok(from) => draft.set_from(from),
            // As it was entered: the report says what is wrong with it.
            Err(_) => {
                let (user, from) = (message.from.user.as_ref(), &message.from);
                let user_name = user.map(|user| user.name.as_str());
                let user_address = user.map(|user| user.address.as_str());
                draft.from_name = from.name.as_deref().or(user_name).unwrap_or_default();
                draft.from_address = from.address.as_deref().or(user_address).unwrap_or_default();
            }
        }
        draft.foreign = message.foreign();
        draft.reply_to = &message.reply_to;
        draft.to = &message.to;
        draft.subject = &message.subject;
        draft.designation = message.designation();
        draft.content_type = message.content_type();
        draft.html = &message.html;
        draft.plain_text = &message.plain_text;
        draft.content_settings = email.content_settings;
        draft.attachments = &attachments;
        draft.check(&self.settings, domains, options.profile, now())
    }

    /// The From field for each row, where an expression decides it.
    fn sender_of_each(
        &self,
        domains: &SendingDomains,
        email: &EmailInEffect<'_>,
        from: &From,
    ) -> Option<Vec<From>> {
        let from = from.as_ref().ok()?.from();
        if !from.is_dynamic() && !from.name().is_some_and(|name| name.contains("{{")) {
            return None;
        }
        let of = |row: usize| {
            domains.for_recipient(from, email.sending_domain, |expression| {
                self.contacts.cell(row, expression.strip_prefix("contact.")?)
            })
        };
        Some((0..self.contacts.all.len()).map(of).collect())
    }
}

impl<'a> Preparation<'a> {
    pub(crate) fn new(input: &'a Input, options: &Options) -> Result<Self, String> {
        let message = &input.message;
        let mut own = EmailOverrides::default();
        if let Some(content) = message.content_settings {
            own = own.with_content_settings(content);
        }
        let email = own.in_effect(input.defaults());
        let domains = SendingDomains::new(&input.settings);
        let from = input.sender(&domains, &email);
        let report = input.check(&domains, &email, &from, options);
        let each = input.sender_of_each(&domains, &email, &from);

        let protection = input.settings.data_protection.as_ref();
        let protection = protection.map_or(Protection::new(), |set| Protection::from(&set.value));
        let once_to = options.once_to.unwrap_or(email.once_to);
        let rules = rules(input, protection, each.as_deref());
        let segment = input.contacts.segment(options.keep);
        let deduplication = Deduplication::new().once_to(once_to).keep(options.keep);
        let selection = deduplication.suppressing(rules).run(&segment[..]);
        let selection = selection.map_err(|error| error.to_string())?;
        let content = email.content_settings.map(|link| link.id());
        let content = input.settings.content_settings.iter().find(|set| Some(set.id) == content);
        Ok(Self {
            input,
            from,
            each,
            report,
            selection,
            once_to,
            keep: options.keep,
            protection,
            content: content.map(|stored| &stored.value),
        })
    }

    /// What becomes of each row.
    pub(crate) fn outcomes(&self) -> impl Iterator<Item = (usize, Outcome)> {
        self.selection.iter().enumerate()
    }

    /// Is the From field another one for each recipient?
    pub(crate) const fn has_from_each(&self) -> bool {
        self.each.is_some()
    }

    /// The From field that the contact of a row sees.
    pub(crate) fn sender_of(&self, row: usize) -> &From {
        let each = self.each.as_ref().and_then(|each| each.get(row));
        each.unwrap_or(&self.from)
    }
}

/// Who gets nothing, by the product's rules and by those of this program.
fn rules<'a>(
    input: &'a Input,
    protection: Protection,
    each: Option<&[From]>,
) -> impl Suppress + use<'a> {
    let message = &input.message;
    let mut product = Suppression::new(message.designation())
        .with_minimum(protection, message.journey.minimum_consent);
    for (list, reason) in &input.suppressed.addresses {
        product = product.with_list(list, *reason);
    }
    let mut contacts = input.suppressed.contacts.clone();
    for (row, contact) in input.contacts.all.iter().enumerate() {
        if contact.inactive {
            contacts.entry(contact.id).or_insert(INACTIVE);
        }
        if each.and_then(|each| each.get(row)).is_some_and(Result::is_err) {
            contacts.entry(contact.id).or_insert(NO_FROM);
        }
    }
    let listed = move |recipient: &Recipient<'_>| {
        contacts.get(&recipient.contact()).copied().map(Gets::Blocked)
    };
    (product, SuppressIf::new(listed))
}

#[expect(clippy::disallowed_methods, reason = "a program asks the clock, and hands the time on")]
fn now() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}

//! From files to what becomes of the message and of each recipient.

use chrono::{DateTime, Utc};
use correspond::consent::Protection;
use correspond::mailing::{
    EmailInEffect, EmailOverrides, NewJourney, SendOnceTo, live_content_settings,
};
use correspond::recipients::{
    Block, Deduplication, Keep, Outcome, Recipient, Selection, Suppress, SuppressIf,
    Suppressed as Gets, Suppression,
};
use correspond::sender::{
    FromCheck, FromField, FromUser, GoLiveReport, HeaderError, MessageDraft, Occasion, Rewriting,
    SendingDomains,
};
use correspond::settings::{ContentSettings, DefaultMarketingSettings, Link, SettingsSnapshot};

use crate::contacts::Contacts;
use crate::message::Message;
use crate::options::Options;
use crate::organization;
use crate::suppressed::Suppressed;

/// A reason of this program: the contact is inactive.
pub(crate) const INACTIVE: Block = Block::Host(1);
/// A reason of this program: for this contact no From address comes out.
pub(crate) const NO_FROM: Block = Block::Host(2);
/// A reason of this program: the From address that comes out for this contact may not be used.
pub(crate) const FROM_REFUSED: Block = Block::Host(3);

/// What the files say, checked.
pub(crate) struct Input {
    pub(crate) settings: SettingsSnapshot,
    pub(crate) message: Message,
    pub(crate) contacts: Contacts,
    pub(crate) suppressed: Suppressed,
}

/// The From field of a message, or why there is none.
type From = Result<Rewriting<'static>, HeaderError>;

/// The From field that one recipient sees, and what there is to say of its domain.
pub(crate) struct Seen {
    pub(crate) from: From,
    pub(crate) check: Option<FromCheck>,
}

impl Seen {
    /// Why the recipient gets nothing.
    fn block(&self) -> Option<Block> {
        match self.check {
            None => Some(NO_FROM),
            Some(check) => (!check.can_go_live()).then_some(FROM_REFUSED),
        }
    }
}

/// What becomes of a message and of each recipient.
pub(crate) struct Preparation<'a> {
    pub(crate) input: &'a Input,
    pub(crate) from: From,
    /// The From field of each row, where it is not the same for all.
    each: Option<Vec<Seen>>,
    /// The columns that expressions name, and the file of contacts does not have.
    pub(crate) unknown: Vec<String>,
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
        from: &From,
        content: Option<Link<ContentSettings>>,
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
        draft.content_settings = content;
        draft.attachments = &attachments;
        draft.check(&self.settings, domains, options.profile, now())
    }

    /// The From field for each row, where an expression decides it.
    fn sender_of_each(
        &self,
        domains: &SendingDomains,
        from: &From,
        options: &Options,
    ) -> Option<Vec<Seen>> {
        let from = from.as_ref().ok()?.from();
        if !from.is_dynamic() && !from.name().is_some_and(|name| name.contains("{{")) {
            return None;
        }
        let of = |row: usize| {
            let made = domains.for_recipient(from, None, |expression| {
                self.contacts.cell(row, expression.strip_prefix("contact.")?)
            });
            // The check of the message knows no address that an expression comes to.
            let check = made.as_ref().ok();
            let foreign = self.message.foreign();
            let check = check.map(|made| domains.check(made.from(), foreign, options.profile));
            Seen { from: made, check }
        };
        Some((0..self.contacts.all.len()).map(of).collect())
    }

    /// The columns of contacts that the message shows, and the file does not have: each once.
    fn unknown(&self, from: &From) -> Vec<String> {
        let message = &self.message;
        let from = from.as_ref().ok().map(Rewriting::from);
        let name = from.and_then(FromField::name).unwrap_or_default();
        let address = from.map_or("", FromField::as_str);
        let texts: [&str; 5] = [name, address, &message.reply_to, &message.subject, &message.html];
        let mut unknown = Vec::new();
        for text in texts.into_iter().chain([message.plain_text.as_str()]) {
            let opened = text.split("{{").skip(1);
            let shown = opened.filter_map(|rest| rest.split_once("}}")).map(|(inside, _)| inside);
            let columns = shown.filter_map(|inside| inside.trim().strip_prefix("contact."));
            for column in columns.filter(|column| !self.contacts.has(column)) {
                if !unknown.iter().any(|known| known == column) {
                    unknown.push(column.to_owned());
                }
            }
        }
        unknown
    }
}

impl<'a> Preparation<'a> {
    pub(crate) fn new(input: &'a Input, options: &Options) -> Result<Self, String> {
        let message = &input.message;
        let own = EmailOverrides::default();
        let email = own.in_effect(input.defaults());
        let domains = SendingDomains::new(&input.settings);
        let domains = domains.with_sending_domain(email.sending_domain);
        let from = input.sender(&domains, &email);
        // A live send takes those of its journey, which begins with the default ones.
        let journey = message.journey.content_settings.map(Link::new);
        let new = NewJourney::of(input.defaults(), &input.settings.content_settings);
        let content = live_content_settings(journey.or(new.content_settings)).ok();
        let report = input.check(&domains, &from, content, options);
        let each = input.sender_of_each(&domains, &from, options);
        let unknown = input.unknown(&from);

        let protection = input.settings.data_protection.as_ref();
        let protection = protection.map_or(Protection::new(), |set| Protection::from(&set.value));
        let once_to = options.once_to.unwrap_or(email.once_to);
        let rules = rules(input, protection, each.as_deref());
        let segment = input.contacts.segment(options.keep);
        let deduplication = Deduplication::new().once_to(once_to).keep(options.keep);
        let selection = deduplication.suppressing(rules).run(&segment[..]);
        let selection = selection.map_err(|error| error.to_string())?;
        let content = content.map(|link| link.id());
        let content = input.settings.content_settings.iter().find(|set| Some(set.id) == content);
        Ok(Self {
            input,
            from,
            each,
            unknown,
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
        self.seen(row).map_or(&self.from, |seen| &seen.from)
    }

    /// What the contact of a row sees, where each sees something else.
    pub(crate) fn seen(&self, row: usize) -> Option<&Seen> {
        self.each.as_ref()?.get(row)
    }

    /// Of those who get it: how many see an address that was rewritten, and how many one at a domain with
    /// which something is wrong.
    pub(crate) fn of_each(&self) -> (usize, usize) {
        let sent = self.outcomes().filter(|(_, outcome)| outcome.is_send());
        let seen = sent.filter_map(|(row, _)| self.seen(row));
        seen.fold((0, 0), |(rewritten, wrong), seen| {
            let is = seen.from.as_ref().is_ok_and(Rewriting::is_rewritten);
            let objected = seen.check.is_some_and(|check| check.severity().is_some());
            (rewritten + usize::from(is), wrong + usize::from(objected))
        })
    }
}

/// Who gets nothing, by the product's rules and by those of this program.
fn rules<'a>(
    input: &'a Input,
    protection: Protection,
    each: Option<&[Seen]>,
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
        if let Some(block) = each.and_then(|each| each.get(row)).and_then(Seen::block) {
            contacts.entry(contact.id).or_insert(block);
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

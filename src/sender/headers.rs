//! Is what stands in the header of a message fit for it, and are its files and recipients allowed?

use super::check::{Foreign, FromFinding};
use super::domains::SendingDomains;
use super::draft::{Attachment, MessageDraft};
use super::error::{HeaderError, HeaderErrorKind, HeaderPart, Problem};
use super::expression::{Piece, inside, is_value, pieces};
use super::field::{ENCODED, FromField, Written, is_plain};
use super::finding::{FindingKind as Kind, MessageField as Field};
use super::report::Found;
use super::rewrite::RewriteOutcome;
use crate::address::{AddressRules, EmailAddressRef};
use crate::party::{SendRefused, check_recipients};
use crate::settings::{Profile, SettingsSnapshot, Severity};
use crate::text;

impl MessageDraft<'_> {
    /// Name and address of the sender, and what became of them.
    pub(super) fn check_from(&self, domains: &SendingDomains, profile: Profile, found: &mut Found) {
        let mut from = FromField::new(self.from_name, self.from_address);
        if let Err(error) = from
            && error.part() == HeaderPart::FromName
        {
            found.error(Field::FromName, Kind::Header(error));
            from = FromField::new("", self.from_address);
        } else if text::trim(self.from_name).is_empty() {
            found.error(Field::FromName, Kind::Missing);
        }
        for (field, text) in
            [(Field::FromName, self.from_name), (Field::FromAddress, self.from_address)]
        {
            let most = Self::MAX_FROM;
            // A longer one was told already.
            let told = from.as_ref().is_err_and(|error| error.kind() == HeaderErrorKind::TooLong);
            if !told && longer(text::trim(text), most) {
                found.error(field, Kind::TooLong { most });
            }
        }
        for kind in disguises(self.from_name) {
            found.warning(Field::FromName, kind);
        }
        let from = match from {
            Ok(from) => from,
            Err(error) => return found.error(Field::FromAddress, Kind::Header(error)),
        };
        if from.name().is_some_and(|name| holds_address(name, &from)) {
            found.warning(Field::FromName, Kind::NameHoldsAddress);
        }
        if from.is_dynamic() {
            expression(Field::FromAddress, from.as_str(), found);
        }
        let check = domains.check(&from, self.foreign, profile);
        let domain = Kind::FromDomain(check.finding());
        match (check.severity(), check.finding()) {
            (Some(Severity::Error), _) => found.error(Field::FromAddress, domain),
            (Some(Severity::Warning), _) => found.warning(Field::FromAddress, domain),
            (None, FromFinding::Dynamic | FromFinding::RewrittenForEach(_)) => {
                found.hint(Field::FromAddress, domain)
            }
            (None, _) => {}
        }
        if check.severity().is_some() && self.foreign == Foreign::NotAsked {
            found.hint(Field::FromAddress, Kind::ForeignNotAsked);
        }
        if from.is_dynamic() {
            match FromField::new("", &domains.default_address) {
                Ok(default) if !default.is_dynamic() => {}
                Err(error) if error.kind() != HeaderErrorKind::Blank => {
                    found.hint(Field::FromAddress, Kind::DefaultAddress(error));
                }
                Ok(_) => {
                    let error = HeaderError::new(HeaderPart::FromAddress, Problem::Unresolved);
                    found.hint(Field::FromAddress, Kind::DefaultAddress(error));
                }
                Err(_) => found.hint(Field::FromAddress, Kind::NoDefaultAddress),
            }
        }
        if check.severity().is_some()
            && let Some(alignment) = domains.alignment(&from)
        {
            found.hint(Field::FromAddress, Kind::Alignment(alignment));
        }
        if from.needs_smtputf8() {
            found.warning(Field::FromAddress, Kind::NeedsSmtputf8);
        }
        self.rewriting(check.severity().is_some(), found);
    }

    /// What became of the address, where it is that one still.
    fn rewriting(&self, objected: bool, found: &mut Found) {
        let address = text::trim(self.from_address);
        if self.rewriting.is_some_and(|rewriting| address != rewriting.from().as_str()) {
            return;
        }
        // Also where it was rewritten before, and the host kept what it was.
        let original = text::trim(self.original_address);
        if !original.is_empty() && original != address && text::trim(self.reply_to).is_empty() {
            found.warning(Field::ReplyTo, Kind::NoReplies { original: one_line(original) });
        }
        let Some(rewriting) = self.rewriting else { return };
        match (rewriting.outcome(), rewriting.reply_to()) {
            (outcome @ RewriteOutcome::Rewritten(_), Some(reply_to)) => {
                let original = reply_to.address().into();
                found.hint(Field::FromAddress, Kind::Rewritten { original, outcome });
            }
            (RewriteOutcome::Kept(why), _) if objected => {
                found.hint(Field::FromAddress, Kind::NotRewritten(why));
            }
            _ => {}
        }
    }

    /// Whom it goes to, and where answers go.
    pub(super) fn check_to(&self, found: &mut Found) {
        if self.recipients.is_empty() || !text::trim(self.to).is_empty() {
            match Written::read(HeaderPart::To, self.to) {
                Ok(Written::Dynamic(to)) => expression(Field::To, &to, found),
                Ok(_) => found.warning(Field::To, Kind::StaticRecipient),
                Err(error) => found.error(Field::To, Kind::Header(error)),
            }
        }
        if text::trim(self.reply_to).is_empty() {
            return;
        }
        match Written::read(HeaderPart::ReplyTo, self.reply_to) {
            Ok(Written::Dynamic(to)) => expression(Field::ReplyTo, &to, found),
            Ok(_) => {}
            Err(error) => found.error(Field::ReplyTo, Kind::Header(error)),
        }
    }

    /// The subject.
    pub(super) fn check_subject(&self, found: &mut Found) {
        let (subject, most) = (self.subject, Self::MAX_SUBJECT);
        if text::trim(subject).is_empty() {
            return found.error(Field::Subject, Kind::Missing);
        }
        if longer(subject, most) {
            found.error(Field::Subject, Kind::TooLong { most });
        }
        if let Some(at) = subject.find(|c| !is_plain(c)) {
            found.error(Field::Subject, Kind::Control { at });
        }
        for kind in disguises(subject) {
            found.warning(Field::Subject, kind);
        }
    }

    /// Files and recipients, by the email settings of the organization.
    pub(super) fn check_limits(&self, settings: &SettingsSnapshot, found: &mut Found) {
        let email = &settings.email.value;
        for Attachment { name, bytes } in self.attachments {
            // The name stands in the header of its part.
            let of = |kind| Kind::FileName { name: one_line(name), problem: Box::new(kind) };
            if let Some(at) = name.find(|c| !is_plain(c)) {
                found.error(Field::Attachments, of(Kind::Control { at }));
            }
            for kind in disguises(name) {
                found.warning(Field::Attachments, of(kind));
            }
            if let Err(refused) = email.accepts_attachment(name, *bytes) {
                let name = name.chars().take(80).collect();
                found.error(Field::Attachments, Kind::Attachment { name, refused });
            }
        }
        let unresolved = email.unresolved_recipients_allowed();
        for (at, recipient) in self.recipients.iter().enumerate() {
            let refused = match check_recipients(std::slice::from_ref(recipient), unresolved) {
                Ok(()) => continue,
                Err(SendRefused::NoAddress(_)) => SendRefused::NoAddress(at),
                Err(SendRefused::Unresolved(_)) => SendRefused::Unresolved(at),
            };
            let address = recipient.address.as_ref().map(|address| address.as_str().into());
            found.error(Field::Recipients, Kind::Recipient { refused, address });
        }
    }
}

/// The expression of an address: does it show something, and can it come to an address?
fn expression(field: Field, text: &str, found: &mut Found) {
    if inside(text).any(str::is_empty) {
        found.error(field, Kind::EmptyExpression);
    } else if !can_be_address(text) {
        found.warning(field, Kind::NoAddressAround);
    }
}

/// Can the text come to an address? Each expression is taken for a part of one, then for a domain, then
/// for the whole. What blocks come to is not known.
fn can_be_address(text: &str) -> bool {
    if !inside(text).all(is_value) {
        return true;
    }
    ["x", "x.example", "x@x.example"].into_iter().any(|value| {
        let filled: String = pieces(text)
            .map(|piece| match piece {
                Piece::Text(text) => text,
                Piece::Expression(_) | Piece::Unclosed(_) => value,
            })
            .collect();
        EmailAddressRef::parse(&filled).is_ok()
    })
}

/// What makes a text look like another.
fn disguises(text: &str) -> impl Iterator<Item = Kind> {
    let encoded = text.split_once(ENCODED).is_some_and(|(_, word)| word.contains("?="));
    let turned = text.contains(['\u{202d}', '\u{202e}']);
    encoded
        .then_some(Kind::EncodedWord)
        .into_iter()
        .chain(turned.then_some(Kind::DirectionOverride))
}

/// Has it more characters, in UTF-16 code units?
fn longer(text: &str, most: usize) -> bool {
    text.encode_utf16().take(most + 1).count() > most
}

/// What a line of the report shows of a text.
fn one_line(text: &str) -> Box<str> {
    let shown: String = text.chars().take(80).map(|c| if is_plain(c) { c } else { ' ' }).collect();
    shown.into()
}

/// Does a name hold an address at another domain than the field's? Where that is not known, it does not.
fn holds_address(name: &str, from: &FromField<'_>) -> bool {
    let Some(own) = from.fixed_domain() else { return false };
    let words = name.split(|c: char| c.is_whitespace() || "<>()[]\"',;".contains(c));
    words
        .filter(|word| word.contains('@'))
        .filter_map(|word| EmailAddressRef::parse_with(word, &AddressRules::PUBLIC).ok())
        .any(|address| address.to_domain().is_some_and(|domain| domain != own))
}

//! Does a message show what it must, and can it show what it shows?

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::draft::MessageDraft;
use super::expression::{Piece, inside, pieces, tables};
use super::finding::{FindingKind as Kind, MessageField as Field};
use super::report::Found;
use crate::consent::{ContentType, Designation, MailFlaw, OptInMail};
use crate::id::RecordId;
use crate::settings::{AdviceSeverity, ContentSettings, DataUse, SettingsSnapshot};
use crate::text;

/// The expression of the link that shows a message as a web page.
const WEB_PAGE: &str = "Message.ViewAsWebpageURL";

impl MessageDraft<'_> {
    /// The two parts with their fields.
    fn parts(&self) -> [(Field, &str); 2] {
        [(Field::Html, self.html), (Field::PlainText, self.plain_text)]
    }

    /// Subscription center and main address, in both parts.
    pub(super) fn check_parts(&self, settings: &SettingsSnapshot, found: &mut Found) {
        let content = self.content_settings.map(|link| {
            let stored = settings.content_settings.iter().find(|stored| stored.id == link.id());
            if let Err(error) = ContentSettings::usable(stored) {
                found.warning(Field::ContentSettings, Kind::ContentSettings(error));
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
        for (field, part) in self.parts() {
            if text::trim(part).is_empty() {
                found.error(field, Kind::Missing);
                continue;
            }
            if !shows(field, part, Self::SUBSCRIPTION_CENTER, center) {
                found.add(severity, field, Kind::NoSubscriptionCenter);
            }
            if !shows(field, part, Self::ADDRESS_MAIN, address) {
                found.add(severity, field, Kind::NoMainAddress);
            }
        }
    }

    /// What a confirmation request needs, and what it cannot have.
    pub(super) fn check_confirmation(&self, found: &mut Found) {
        // Whether it is live is what is being asked.
        let mail = OptInMail::new(RecordId::new(0)).live().with_content_type(self.content_type);
        let mail = mail.with_designation(self.designation);
        let html = mail.clone().with_text(self.html);
        let links = |mail: &OptInMail| !mail.flaws().as_slice().contains(&MailFlaw::RedirectUrl);
        if self.content_type != ContentType::ConfirmationRequest {
            if links(&html) {
                found.warning(Field::ContentType, Kind::Confirmation(MailFlaw::ContentType));
            }
            return;
        }
        // The mail of a form shows itself by either of its expressions.
        let form = |mail: &OptInMail| {
            let flaws = mail.form_flaws();
            let lacks = |flaw| flaws.as_slice().contains(&flaw);
            !(lacks(MailFlaw::ListNames) && lacks(MailFlaw::ConfirmationUrl))
        };
        let of_form = form(&html) && !links(&html);
        let flaws = if of_form { html.form_flaws() } else { html.flaws() };
        for flaw in flaws.as_slice() {
            let field = match flaw {
                MailFlaw::Designation => Field::Designation,
                MailFlaw::ContentType | MailFlaw::NotLive => Field::ContentType,
                _ => Field::Html,
            };
            found.error(field, Kind::Confirmation(*flaw));
        }
        let plain = mail.with_text(self.plain_text);
        let link = if of_form { MailFlaw::ConfirmationUrl } else { MailFlaw::RedirectUrl };
        let flaws = if of_form { plain.form_flaws() } else { plain.flaws() };
        if !text::trim(self.plain_text).is_empty() && flaws.as_slice().contains(&link) {
            found.warning(Field::PlainText, Kind::Confirmation(link));
        }
        for (field, part) in self.parts() {
            if inside(part).any(|expression| expression == WEB_PAGE) {
                found.warning(field, Kind::NoWebPage);
            }
        }
    }

    /// Are expressions closed, and do they show something? Those of addresses were looked at with them.
    pub(super) fn check_expressions(&self, found: &mut Found) {
        // Braces that stay open in a header are seen by everybody; in HTML they may be style.
        let header = [(Field::FromName, self.from_name), (Field::Subject, self.subject)];
        let header = header.into_iter().map(|field| (AdviceSeverity::Error, field));
        let parts = self.parts().into_iter().map(|field| (AdviceSeverity::Warning, field));
        for (severity, (field, text)) in header.chain(parts) {
            let open = pieces(text).find_map(|piece| match piece {
                Piece::Unclosed(at) => Some(Kind::OpenExpression { at }),
                _ => None,
            });
            let empty = inside(text).any(str::is_empty).then_some(Kind::EmptyExpression);
            for kind in open.into_iter().chain(empty) {
                found.add(severity, field, kind);
            }
        }
    }

    /// Are the tables whose values are shown synchronized? Each that is not is told once, where it is
    /// shown first.
    pub(super) fn check_tables(
        &self,
        settings: &SettingsSnapshot,
        now: DateTime<Utc>,
        found: &mut Found,
    ) {
        let published = &settings.marketing_data.value;
        let mut told = BTreeSet::new();
        let mut tell = |field, table| {
            let missing = published.missing(DataUse::DynamicContent, [&table], now);
            if let Some(missing) = missing
                && told.insert(table)
            {
                found.error(field, Kind::Tables(missing));
            }
        };
        if let Some(named) = self.tables {
            named.iter().for_each(|table| tell(Field::DynamicContent, table.clone()));
            return;
        }
        let header = [
            (Field::FromName, self.from_name),
            (Field::FromAddress, self.from_address),
            (Field::ReplyTo, self.reply_to),
            (Field::To, self.to),
            (Field::Subject, self.subject),
        ];
        for (field, text) in header.into_iter().chain(self.parts()) {
            let mut shown = BTreeSet::new();
            tables(text, &mut shown);
            shown.into_iter().for_each(|table| tell(field, table));
        }
    }
}

/// Does a part hold the expression, or what it would come to?
fn shows(field: Field, part: &str, expression: &str, value: Option<&str>) -> bool {
    if inside(part).any(|inside| inside == expression) {
        return true;
    }
    let Some(value) = value.map(text::trim).filter(|value| !value.is_empty()) else { return false };
    let html = field == Field::Html;
    part.contains(value) || one_line(part, html).contains(one_line(value, html).trim_matches(' '))
}

/// How a reader sees characters that HTML writes in another way, and what ends a line of it.
const WRITTEN: [(&str, char); 13] = [
    ("&amp;", '&'),
    ("&#38;", '&'),
    ("&lt;", '<'),
    ("&gt;", '>'),
    ("&quot;", '"'),
    ("&#34;", '"'),
    ("&apos;", '\''),
    ("&#39;", '\''),
    ("&#x27;", '\''),
    ("&nbsp;", ' '),
    ("<br>", ' '),
    ("<br/>", ' '),
    ("<br />", ' '),
];

/// The text as a reader sees it in a line that is long enough; linear in it.
fn one_line(text: &str, html: bool) -> String {
    let mut line = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let written = |(written, _): &&(&str, char)| {
            let start = rest.as_bytes().get(..written.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(written.as_bytes()))
        };
        let doubtful = html && matches!(first, '&' | '<');
        let found = doubtful.then(|| WRITTEN.iter().find(written)).flatten();
        let (seen, octets) = found
            .map_or_else(|| (first, first.len_utf8()), |(written, seen)| (*seen, written.len()));
        rest = rest.get(octets..).unwrap_or_default();
        if !seen.is_whitespace() {
            line.push(seen);
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line
}

//! From a prepared message to a mail for each recipient.

use correspond::address::{Domain, EmailAddressRef};
use correspond::claim::SendScope;
use correspond::id::RecordId;
use correspond::index::{IndexKind, Keyer};
use correspond::recipients::Recipient;
use correspond::sender::MessageDraft;
use correspond_send_campaign::OutgoingMail;

use crate::message::Message;
use crate::preparation::Preparation;

/// Where this program sends to: it knows no other address of a contact.
const TO: &str = "contact.emailaddress1";

/// The mails, in the order of the segment.
pub(crate) fn of(
    preparation: &Preparation<'_>,
    bounces: Option<&str>,
) -> Result<Vec<OutgoingMail>, String> {
    let message = &preparation.input.message;
    let to = message.to.trim();
    if to.strip_prefix("{{").and_then(|to| to.strip_suffix("}}")).map(str::trim) != Some(TO) {
        return Err(format!("{}: to: expected {{{{{TO}}}}}, found {to:?}", message.file));
    }
    if !message.attachments.is_empty() {
        let why = "attachments: expected none, as this program attaches no files, found some";
        return Err(format!("{}: {why}", message.file));
    }
    preparation.selection.sent().map(|row| mail(preparation, row as usize, bounces)).collect()
}

fn mail(
    preparation: &Preparation<'_>,
    row: usize,
    bounces: Option<&str>,
) -> Result<OutgoingMail, String> {
    let (input, message) = (preparation.input, &preparation.input.message);
    let wrong = |what: &str, why: String| {
        format!("{}: {what} for line {}: {why}", message.file, input.contacts.line(row))
    };
    let fill =
        |what: &str, text: &str| filled(preparation, row, text).map_err(|why| wrong(what, why));
    let from = preparation.sender_of(row).as_ref();
    let from = from.map_err(|error| wrong("from", error.to_string()))?.from();

    let contact = input.contacts.all.get(row).map_or(RecordId::new(0), |contact| contact.id);
    let recipient = Recipient::new(contact, input.contacts.address(row));
    let address = recipient.read_address().map_err(|error| wrong("to", error.to_string()))?;
    let recipient = recipient.key(preparation.once_to);
    let recipient = recipient.map_err(|error| wrong("to", error.to_string()))?;
    let to = on_the_wire(address);

    // The same whenever it is sent: who gets it twice can see that.
    let sent: Vec<u8> =
        scope(message).to_bytes().into_iter().chain(recipient.as_bytes().to_vec()).collect();
    let key = Keyer::from_secret(*b"mails of example").key(IndexKind::Word, &sent);
    let id = u128::from_be_bytes(*key.hash());
    let domain = from.address().and_then(|address| address.to_domain());
    let domain = domain.as_ref().map_or("localhost", Domain::as_str);

    let reply_to = fill("reply-to", &message.reply_to)?;
    let reply_to = match EmailAddressRef::parse(&reply_to) {
        Ok(address) => on_the_wire(address),
        Err(_) => reply_to,
    };
    let subject = fill("subject", &message.subject)?;
    let html = fill("html", &message.html)?;
    // Where it is an expression, the product alone knows the page.
    let center = preparation.content.map(|content| content.subscription_center().as_str().trim());
    let page = |url: &&str| url.starts_with("https://") && !url.contains("{{");
    Ok(OutgoingMail {
        recipient,
        to,
        from: from.to_string(),
        bounces: bounces.map(str::to_owned),
        reply_to: Some(reply_to).filter(|address| !address.trim().is_empty()),
        subject,
        body: fill("plain text", &message.plain_text)?,
        html: Some(html).filter(|html| !html.trim().is_empty()),
        unsubscribe: center.filter(page).map(str::to_owned),
        message_id: Some(format!("<{id:032x}@{domain}>")),
    })
}

/// With its domain as A-labels, which every server takes.
fn on_the_wire(address: EmailAddressRef<'_>) -> String {
    match address.to_domain() {
        Some(domain) => format!("{}@{}", address.local(), domain.as_str()),
        None => address.as_str().to_owned(),
    }
}

/// Within what each recipient gets the message once.
pub(crate) fn scope(message: &Message) -> SendScope {
    let scope = SendScope::new(message.id);
    match (message.journey.id, message.journey.tile) {
        (Some(journey), Some(tile)) => scope.in_journey(journey, tile),
        _ => scope,
    }
}

/// The text with what its expressions come to. Braces that are not closed stay.
fn filled(preparation: &Preparation<'_>, row: usize, text: &str) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let Some((expression, next)) = behind.split_once("}}") else { break };
        filled.push_str(before);
        filled.push_str(value(preparation, row, expression.trim())?);
        rest = next;
    }
    filled.push_str(rest);
    Ok(filled)
}

fn value<'a>(of: &'a Preparation<'_>, row: usize, expression: &str) -> Result<&'a str, String> {
    let content = || of.content.ok_or("there are no content settings to take it from");
    match expression {
        MessageDraft::SUBSCRIPTION_CENTER => Ok(content()?.subscription_center().as_str()),
        MessageDraft::ADDRESS_MAIN => Ok(content()?.address_main().as_str()),
        other => {
            let column = other.strip_prefix("contact.");
            let cell = column.and_then(|column| of.input.contacts.cell(row, column));
            cell.ok_or_else(|| {
                format!("expected a column of the contacts, found {{{{{expression}}}}}")
            })
        }
    }
}

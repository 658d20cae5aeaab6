//! A mail to one recipient.

use correspond::claim::RecipientKey;
use lettre::Message;
use lettre::address::Envelope;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, MIME_VERSION_1_0};

/// One mail of a campaign, as its recipient is to get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingMail {
    /// Who counts as one recipient; see [`SendOnceTo`](correspond::mailing::SendOnceTo).
    pub recipient: RecipientKey,
    /// To whom: an address, with a name or without.
    pub to: String,
    /// Who is shown as the sender. The server tells bounces to this address.
    pub from: String,
    /// Where answers go, where that is somewhere else.
    pub reply_to: Option<String>,
    /// The subject.
    pub subject: String,
    /// The text, plain.
    pub body: String,
    /// The Message-ID, in its angle brackets; where there is none, the server gives one. One that stays
    /// the same when the mail is sent a second time lets the receiver see that it is the same.
    pub message_id: Option<String>,
}

/// What goes over the wire.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) envelope: Envelope,
    /// Header and body, every line ended by CRLF.
    pub(crate) text: String,
}

impl OutgoingMail {
    /// The letter, or why there is none.
    pub(crate) fn letter(&self) -> Result<Letter, String> {
        let mailbox = |what: &str, text: &str| {
            let parsed = text.trim().parse::<Mailbox>();
            parsed.map_err(|error| format!("{what}: expected an address, found {text:?}: {error}"))
        };
        let line = |what: &str, text: &str| match text.find(char::is_control) {
            Some(at) => {
                Err(format!("{what}: expected one line, found a control character at {at}"))
            }
            None => Ok(text.to_owned()),
        };
        let (from, to) = (mailbox("From", &self.from)?, mailbox("To", &self.to)?);
        let envelope = Envelope::new(Some(from.email.clone()), vec![to.email.clone()])
            .map_err(|error| error.to_string())?;
        let mut letter = Message::builder().from(from).to(to);
        if let Some(address) = &self.reply_to {
            letter = letter.reply_to(mailbox("Reply-To", address)?);
        }
        if let Some(id) = &self.message_id {
            letter = letter.message_id(Some(line("Message-ID", id)?));
        }
        let letter = letter
            .subject(line("Subject", &self.subject)?)
            .header(MIME_VERSION_1_0)
            .header(ContentType::TEXT_PLAIN)
            .body(lines(&self.body)?)
            .map_err(|error| error.to_string())?;
        // What lettre writes is ASCII, but for addresses that are not.
        let text = String::from_utf8(letter.formatted()).map_err(|error| error.to_string())?;
        Ok(Letter { envelope, text })
    }
}

/// The text with every line ended by CRLF, however it was ended: some servers take a lone CR for an end,
/// and lettre lets it pass.
fn lines(text: &str) -> Result<String, String> {
    match text.find('\0') {
        Some(at) => Err(format!("text: expected characters that mail can hold, found NUL at {at}")),
        None => Ok(text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> OutgoingMail {
        OutgoingMail {
            recipient: RecipientKey::address(b"ann@home.example").unwrap(),
            to: "Ann <ann@home.example>".into(),
            from: "\"Contoso, Ltd.\" <news@contoso.example>".into(),
            reply_to: Some("service@contoso.example".into()),
            subject: "Grüße".into(),
            body: "Hello Ann\r\n.\r\nMAIL FROM:<x@x.example>\r\n".into(),
            message_id: Some("<1@contoso.example>".into()),
        }
    }

    #[test]
    fn a_letter_says_what_the_mail_says() {
        let letter = mail().letter().unwrap();
        assert_eq!(letter.envelope.to()[0].to_string(), "ann@home.example");
        assert_eq!(letter.envelope.from().unwrap().to_string(), "news@contoso.example");
        for line in [
            "From: =?utf-8?b?Q29udG9zbywgTHRkLg==?= <news@contoso.example>\r\n",
            "MIME-Version: 1.0\r\n",
            "To: Ann <ann@home.example>\r\n",
            "Reply-To: service@contoso.example\r\n",
            "Message-ID: <1@contoso.example>\r\n",
            "Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n",
        ] {
            assert!(letter.text.contains(line), "{line:?} in {}", letter.text);
        }
    }

    #[test]
    fn a_mail_that_would_say_more_than_it_says_is_none() {
        for (wrong, said) in [
            (OutgoingMail { subject: "a\r\nBcc: b@x.example".into(), ..mail() }, "Subject: "),
            (OutgoingMail { message_id: Some("<1>\nX: y".into()), ..mail() }, "Message-ID: "),
            (OutgoingMail { to: "a@x.example>\r\nRCPT TO:<b@x.example".into(), ..mail() }, "To: "),
            (OutgoingMail { from: "nobody".into(), ..mail() }, "From: "),
            (OutgoingMail { reply_to: Some("@".into()), ..mail() }, "Reply-To: "),
            (OutgoingMail { body: "a\0b".into(), ..mail() }, "text: "),
        ] {
            let why = wrong.letter().unwrap_err();
            assert!(why.starts_with(said) && why.contains("expected"), "{why}");
        }
    }
}

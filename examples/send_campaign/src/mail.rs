//! A mail to one recipient.

use correspond::claim::RecipientKey;
use lettre::Message;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue, MIME_VERSION_1_0};
use lettre::message::{Mailbox, MultiPart};

/// One mail of a campaign, as its recipient is to get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutgoingMail {
    /// Who counts as one recipient; see [`SendOnceTo`](correspond::mailing::SendOnceTo).
    pub recipient: RecipientKey,
    /// To whom: an address, with a name or without.
    pub to: String,
    /// Who is shown as the sender.
    pub from: String,
    /// Where the server tells bounces to: the address of `from`, where there is none.
    pub bounces: Option<String>,
    /// Where answers go, where that is somewhere else.
    pub reply_to: Option<String>,
    /// The subject.
    pub subject: String,
    /// The text, plain.
    pub body: String,
    /// The same as HTML, for those who can see it.
    pub html: Option<String>,
    /// The page on which who gets the mail can leave, a URL (`List-Unsubscribe`, RFC 2369).
    pub unsubscribe: Option<String>,
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
        let bounces = match &self.bounces {
            Some(address) => mailbox("Bounces", address)?.email,
            None => from.email.clone(),
        };
        let envelope = Envelope::new(Some(bounces), vec![to.email.clone()])
            .map_err(|error| error.to_string())?;
        let mut letter = Message::builder().from(from).to(to);
        if let Some(address) = &self.reply_to {
            letter = letter.reply_to(mailbox("Reply-To", address)?);
        }
        if let Some(id) = &self.message_id {
            letter = letter.message_id(Some(line("Message-ID", id)?));
        }
        if let Some(url) = &self.unsubscribe {
            letter = letter.header(unsubscribe(url)?);
        }
        let letter = letter.subject(line("Subject", &self.subject)?).header(MIME_VERSION_1_0);
        let letter = match &self.html {
            // The richer one last (RFC 2046, section 5.1.4).
            Some(html) => letter
                .multipart(MultiPart::alternative_plain_html(lines(&self.body)?, lines(html)?)),
            None => letter.header(ContentType::TEXT_PLAIN).body(lines(&self.body)?),
        }
        .map_err(|error| error.to_string())?;
        // What lettre writes is ASCII, but for addresses that are not.
        let text = String::from_utf8(letter.formatted()).map_err(|error| error.to_string())?;
        Ok(Letter { envelope, text })
    }
}

/// The header field with the URL in its angle brackets (RFC 2369, section 2).
fn unsubscribe(url: &str) -> Result<Unsubscribe, String> {
    let url = url.trim();
    let is_url = url.starts_with("https://") || url.starts_with("http://");
    let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'<' | b'>');
    if is_url && url.bytes().all(plain) {
        Ok(Unsubscribe(format!("<{url}>")))
    } else {
        Err(format!("List-Unsubscribe: expected a URL of http or https, found {url:?}"))
    }
}

#[derive(Clone, Debug)]
struct Unsubscribe(String);

impl Header for Unsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
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
            bounces: None,
            html: None,
            unsubscribe: Some("https://contoso.example/leave?a=1".into()),
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
            "List-Unsubscribe: <https://contoso.example/leave?a=1>\r\n",
            "Subject: =?utf-8?b?R3LDvMOfZQ==?=\r\n",
        ] {
            assert!(letter.text.contains(line), "{line:?} in {}", letter.text);
        }
    }

    #[test]
    fn a_letter_has_both_parts_and_tells_bounces_elsewhere() {
        let both = OutgoingMail {
            html: Some("<p>Hello Ann</p>".into()),
            bounces: Some("bounces@contoso.example".into()),
            ..mail()
        };
        let letter = both.letter().unwrap();
        assert_eq!(letter.envelope.from().unwrap().to_string(), "bounces@contoso.example");
        assert!(!letter.text.contains("bounces@"), "{}", letter.text);
        let parts =
            ["multipart/alternative", "text/plain", "Hello Ann", "text/html", "<p>Hello Ann"];
        let mut rest = letter.text.as_str();
        for part in parts {
            rest = rest.split_once(part).unwrap_or_else(|| panic!("{part} in {}", letter.text)).1;
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
            (OutgoingMail { bounces: Some("@".into()), ..mail() }, "Bounces: "),
            (
                OutgoingMail { unsubscribe: Some("https://x>\r\nX: y".into()), ..mail() },
                "List-Unsubscribe: ",
            ),
            (OutgoingMail { body: "a\0b".into(), ..mail() }, "text: "),
        ] {
            let why = wrong.letter().unwrap_err();
            assert!(why.starts_with(said) && why.contains("expected"), "{why}");
        }
    }
}

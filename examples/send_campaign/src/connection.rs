//! One connection to the server.

use std::fmt;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::SmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::{Code, Severity};

use crate::mail::Letter;
use crate::report::{Command, Refusal};
use crate::server::SmtpServer;

/// What became of a letter.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// The server took it over (RFC 5321, section 4.2.5).
    Accepted,
    /// The server refused it, for good or for now: it did not take it over.
    Refused(Refusal),
    /// The server does not answer, or does not want to talk now.
    Unreachable(String),
    /// The connection broke before the letter was handed over.
    Broken(String),
    /// The connection broke when it was: whether the server took it over is not known.
    Unknown(String),
    /// The server cannot take such a letter.
    Unfit(String),
}

/// A connection, made when it is needed.
pub(crate) struct Connection<'a> {
    server: &'a SmtpServer,
    hello: ClientId,
    /// For an answer, and for the one to a whole letter.
    timeouts: [Duration; 2],
    open: Option<SmtpConnection>,
}

/// Content and the line that ends it, in one piece: sent in two, the second waits for the receipt of the
/// first, which the server delays (RFC 896, RFC 1122 section 4.2.3.2).
struct Content<'a>(&'a str);

impl fmt::Display for Content<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.0.split_inclusive('\n') {
            // RFC 5321, section 4.5.2.
            let dot = if line.starts_with('.') { "." } else { "" };
            write!(f, "{dot}{line}")?;
        }
        f.write_str(if self.0.ends_with("\r\n") { ".\r\n" } else { "\r\n.\r\n" })
    }
}

impl<'a> Connection<'a> {
    pub(crate) const fn new(
        server: &'a SmtpServer,
        hello: String,
        timeouts: [Duration; 2],
    ) -> Self {
        Self { server, hello: ClientId::Domain(hello), timeouts, open: None }
    }

    /// Hands the letter to the server.
    pub(crate) fn deliver(&mut self, letter: &Letter) -> Delivery {
        let [timeout, content_timeout] = self.timeouts.map(Some);
        let mut connection = match self.open.take() {
            Some(connection) => connection,
            None => {
                let server = (self.server.host.as_str(), self.server.port);
                match SmtpConnection::connect(server, timeout, &self.hello, None, None) {
                    Ok(connection) => connection,
                    Err(error) => return Delivery::Unreachable(said(&error)),
                }
            }
        };
        let mut options = Vec::new();
        let addresses = || letter.envelope.from().into_iter().chain(letter.envelope.to());
        if !letter.text.is_ascii() || addresses().any(|at| !at.to_string().is_ascii()) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                self.open = Some(connection);
                return Delivery::Unfit("the server takes no international addresses".into());
            }
            options.push(MailParameter::SmtpUtfEight);
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let begin = || {
            let from = Mail::new(letter.envelope.from().cloned(), options);
            ask(&mut connection, Command::Mail, from)?;
            for to in letter.envelope.to() {
                ask(&mut connection, Command::Recipient, Rcpt::new(to.clone(), Vec::new()))?;
            }
            ask(&mut connection, Command::Data, Data)
        };
        let asked = begin().and_then(|()| {
            // Where it cannot be set, the shorter one holds: more doubt, and nothing worse.
            let _ = connection.set_timeout(content_timeout);
            let asked = ask(&mut connection, Command::Content, Content(&letter.text));
            let _ = connection.set_timeout(timeout);
            asked
        });
        let delivery = asked.err().unwrap_or(Delivery::Accepted);
        self.open = match &delivery {
            Delivery::Accepted => Some(connection),
            Delivery::Refused(refusal) if refusal.code != CLOSING => {
                let reset = connection.command(Rset);
                // Nothing is left of the letter.
                reset.is_ok_and(|reply| is_done(reply.code())).then_some(connection)
            }
            _ => None,
        };
        delivery
    }

    /// Takes leave. What the server says to it does not matter any more.
    pub(crate) fn end(&mut self) {
        if let Some(mut connection) = self.open.take() {
            let _ = connection.quit();
        }
    }
}

/// The server closes the connection, whatever it was asked (RFC 5321, section 3.8).
const CLOSING: u16 = 421;
/// The server waits for the content (RFC 5321, section 4.3.2).
const GO_ON: u16 = 354;

fn is_done(code: Code) -> bool {
    code.severity == Severity::PositiveCompletion
}

/// Says it, and hears what was expected, or what became of the letter.
fn ask(
    connection: &mut SmtpConnection,
    at: Command,
    what: impl fmt::Display,
) -> Result<(), Delivery> {
    let broken = |why| match at {
        Command::Content => Delivery::Unknown(why),
        _ => Delivery::Broken(why),
    };
    match connection.command(what) {
        Ok(reply) => {
            let code = reply.code();
            let expected =
                if at == Command::Data { u16::from(code) == GO_ON } else { is_done(code) };
            let unexpected = || broken(format!("{at}: the server answered {code}, out of turn"));
            expected.then_some(()).ok_or_else(unexpected)
        }
        Err(error) => Err(match error.status().map(u16::from) {
            // It says nothing about this letter. Behind the content it does: it was not taken over.
            Some(CLOSING) if at != Command::Content => broken(said(&error)),
            Some(code) => Delivery::Refused(Refusal { at, code, reply: said(&error) }),
            None => broken(said(&error)),
        }),
    }
}

fn said(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let why = error.to_string();
        if !text.contains(&why) {
            text = format!("{text}: {why}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use correspond::claim::RecipientKey;
    use correspond::id::RecordId;

    use super::*;
    use crate::OutgoingMail;

    /// Some servers take a lone CR for the end of a line, and would take `.` between two for the end.
    #[test]
    fn no_way_to_end_a_line_ends_the_letter() {
        for end in ["\r", "\n", "\r\n", "\n\r", "\r\r\n"] {
            for text in ["x", "\u{e5}"] {
                let letter = OutgoingMail {
                    bounces: None,
                    html: None,
                    unsubscribe: None,
                    recipient: RecipientKey::contact(RecordId::new(1)),
                    to: "ann@home.example".into(),
                    from: "news@contoso.example".into(),
                    reply_to: None,
                    subject: "a".into(),
                    body: format!("{text}{end}.{end}MAIL FROM:<x@x.example>{end}"),
                    message_id: None,
                };
                let sent = Content(&letter.letter().unwrap().text).to_string();
                let lines: Vec<_> = sent.strip_suffix("\r\n").unwrap().split("\r\n").collect();
                assert!(lines.iter().all(|line| !line.contains(['\r', '\n'])), "{sent:?}");
                let ends = lines.iter().position(|line| *line == ".");
                assert_eq!(ends, Some(lines.len() - 1), "{sent:?}");
            }
        }
    }

    #[test]
    fn a_line_that_begins_with_a_dot_ends_nothing() {
        let sent = |text| Content(text).to_string();
        assert_eq!(sent("a\r\n.\r\n..b\r\n"), "a\r\n..\r\n...b\r\n.\r\n");
        assert_eq!(sent(".a"), "..a\r\n.\r\n");
        assert_eq!(sent(""), "\r\n.\r\n");
        assert_eq!(sent("a\n.\nb"), "a\n..\nb\r\n.\r\n");
    }
}

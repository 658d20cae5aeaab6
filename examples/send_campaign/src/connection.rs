//! One connection to the server.

use std::fmt;
use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::client::SmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};

use crate::mail::Letter;
use crate::server::SmtpServer;

/// What became of a letter.
#[derive(Debug)]
pub(crate) enum Delivery {
    /// The server took it over (RFC 5321, section 4.2.5).
    Accepted,
    /// The server refused it for good: it did not take it over.
    Refused(String),
    /// The server refused it for now.
    Deferred(String),
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
            connection.command(Mail::new(letter.envelope.from().cloned(), options))?;
            for to in letter.envelope.to() {
                connection.command(Rcpt::new(to.clone(), Vec::new()))?;
            }
            connection.command(Data)
        };
        let (delivery, handed_over) = match begin() {
            Err(error) => (refusal(&error), false),
            Ok(_) => {
                // Where it cannot be set, the shorter one holds: more doubt, and nothing worse.
                let _ = connection.set_timeout(content_timeout);
                let said = connection.command(Content(&letter.text));
                let _ = connection.set_timeout(timeout);
                (said.map_or_else(|error| refusal(&error), |_| Delivery::Accepted), true)
            }
        };
        match delivery {
            Delivery::Broken(why) if handed_over => return Delivery::Unknown(why),
            Delivery::Broken(_) => return delivery,
            // Nothing is left of the letter.
            Delivery::Accepted => self.open = Some(connection),
            _ => self.open = connection.command(Rset).is_ok().then_some(connection),
        }
        delivery
    }

    /// Takes leave. What the server says to it does not matter any more.
    pub(crate) fn end(&mut self) {
        if let Some(mut connection) = self.open.take() {
            let _ = connection.quit();
        }
    }
}

/// What a server that answered at all, or none, means.
fn refusal(error: &Error) -> Delivery {
    if error.is_permanent() {
        Delivery::Refused(said(error))
    } else if error.is_transient() {
        Delivery::Deferred(said(error))
    } else {
        Delivery::Broken(said(error))
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
    use super::*;

    #[test]
    fn a_line_that_begins_with_a_dot_ends_nothing() {
        let sent = |text| Content(text).to_string();
        assert_eq!(sent("a\r\n.\r\n..b\r\n"), "a\r\n..\r\n...b\r\n.\r\n");
        assert_eq!(sent(".a"), "..a\r\n.\r\n");
        assert_eq!(sent(""), "\r\n.\r\n");
        assert_eq!(sent("a\n.\nb"), "a\n..\nb\r\n.\r\n");
    }
}

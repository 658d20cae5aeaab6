//! Which server?

use std::str::FromStr;

/// An SMTP server that takes mail from this machine: `smtp://HOST[:PORT]`, port 25 where none is given.
///
/// The connection is not encrypted and nobody signs in: it is for a relay on the same machine or network.
/// An address that asks for more is refused rather than used with less.
///
/// ```text
/// smtp://127.0.0.1:2525    smtp://relay.home.example    smtp://[::1]:2525
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpServer {
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// What was found where a server was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("SMTP server: expected smtp://HOST[:PORT], found {what}")]
pub struct ServerError {
    what: &'static str,
}

impl FromStr for SmtpServer {
    type Err = ServerError;

    fn from_str(url: &str) -> Result<Self, ServerError> {
        let wrong = |what| ServerError { what };
        let rest = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("smtp") => rest,
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("smtps") => {
                return Err(wrong("smtps: this program is built without TLS"));
            }
            Some(_) => return Err(wrong("another scheme")),
            None => return Err(wrong("no scheme")),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains('@') {
            return Err(wrong("a user: a password would be sent in clear"));
        }
        if rest.contains(['/', '?', '#']) {
            return Err(wrong("something behind the port"));
        }
        let (host, port) = match rest.rsplit_once(':') {
            // The colons of an address in brackets are its own.
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (rest, None),
        };
        let port = port.map_or(Ok(25), str::parse).map_err(|_| wrong("no port from 1 to 65535"))?;
        let host = match host.strip_prefix('[') {
            Some(address) => address.strip_suffix(']').ok_or_else(|| wrong("an unclosed ["))?,
            None if host.contains(':') => return Err(wrong("an address without its brackets")),
            None => host,
        };
        if host.is_empty() || port == 0 {
            return Err(wrong("no host, or port 0"));
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_read_or_refused_with_a_reason() {
        for (url, host, port) in [
            ("smtp://127.0.0.1:2525", "127.0.0.1", 2525),
            ("SMTP://relay.home.example/", "relay.home.example", 25),
            ("smtp://[::1]:2525", "::1", 2525),
            ("smtp://[::1]", "::1", 25),
        ] {
            assert_eq!(url.parse(), Ok(SmtpServer { host: host.into(), port }));
        }
        for (url, what) in [
            ("smtps://a.example", "smtps: this program is built without TLS"),
            ("smtp://ann:pw@a.example", "a user: a password would be sent in clear"),
            ("https://a.example", "another scheme"),
            ("a.example:25", "no scheme"),
            ("smtp://a.example:x", "no port from 1 to 65535"),
            ("smtp://a.example:70000", "no port from 1 to 65535"),
            ("smtp://a.example/x", "something behind the port"),
            ("smtp://::1", "an address without its brackets"),
            ("smtp://[::1:25", "an unclosed ["),
            ("smtp://", "no host, or port 0"),
            ("smtp://a.example:0", "no host, or port 0"),
        ] {
            let said = url.parse::<SmtpServer>().unwrap_err().to_string();
            assert_eq!(said, format!("SMTP server: expected smtp://HOST[:PORT], found {what}"));
        }
    }
}

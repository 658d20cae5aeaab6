//! A mail before it is written down.

use std::rc::Rc;

use super::charset::Charset;
use super::people::Person;

/// What stands in the header and body of one mail.
#[derive(Debug)]
pub(crate) struct Mail {
    /// Without angle brackets; absent where the sender's program forgot it.
    pub(crate) id: Option<String>,
    /// When it was sent, by the sender's clock.
    pub(crate) date: i64,
    /// When it came in: its place in the file.
    pub(crate) arrival: i64,
    /// Instead of the date, what no reader can make sense of.
    pub(crate) broken_date: Option<&'static str>,
    pub(crate) from: Rc<Person>,
    /// The address and name that stand in From where a list has put its own there.
    pub(crate) rewritten_from: Option<(String, String)>,
    pub(crate) to: Vec<Rc<Person>>,
    pub(crate) cc: Vec<Rc<Person>>,
    pub(crate) subject: String,
    pub(crate) form: Form,
    /// The value of In-Reply-To as it goes out, folds included.
    pub(crate) in_reply_to: Option<String>,
    /// Ids without angle brackets.
    pub(crate) references: Vec<String>,
    pub(crate) thread_index: Vec<u8>,
    pub(crate) thread_topic: Option<String>,
    /// Further header lines, in ASCII.
    pub(crate) lines: Vec<String>,
    pub(crate) body: Body,
}

/// How a subject that is not ASCII is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Encoded(Charset),
    /// UTF-8 in base64, cut in the middle of a character.
    Split,
    /// The octets of UTF-8 as they are.
    Raw,
    /// The octets of ISO 8859-1 as they are, where it has the characters.
    RawLatin1,
    /// With a NUL in it.
    Nul,
}

/// What follows the header.
#[derive(Debug)]
pub(crate) enum Body {
    Text(String),
    /// The text, and the same as HTML.
    Html(String),
    /// The text, and a file.
    Attachment(String),
    /// A delivery report: the text, the recipient that failed, the id and subject of the original.
    Report {
        text: String,
        recipient: String,
        id: String,
        subject: String,
    },
}

impl Mail {
    /// A mail from somebody to somebody, without threading.
    pub(crate) fn new(id: String, date: i64, from: &Rc<Person>, to: Vec<Rc<Person>>) -> Self {
        Self {
            id: Some(id),
            date,
            arrival: date + 5,
            broken_date: None,
            from: Rc::clone(from),
            rewritten_from: None,
            to,
            cc: Vec::new(),
            subject: String::new(),
            form: Form::Encoded(from.program.charset),
            in_reply_to: None,
            references: Vec::new(),
            thread_index: Vec::new(),
            thread_topic: None,
            lines: from.program.header.map(str::to_owned).into_iter().collect(),
            body: Body::Text(String::new()),
        }
    }

    /// The addresses in From, To and Cc.
    pub(crate) fn addresses(&self) -> Vec<&str> {
        let from = match &self.rewritten_from {
            Some((_, address)) => address,
            None => &self.from.address,
        };
        let mut all = vec![from.as_str()];
        for person in self.to.iter().chain(&self.cc) {
            if !all.contains(&person.address.as_str()) {
                all.push(&person.address);
            }
        }
        all
    }
}

/// A line of the truth file, but for its place in the mailbox.
#[derive(Debug, Clone, Default)]
pub(crate) struct Truth {
    pub(crate) id: String,
    pub(crate) thread: String,
    pub(crate) parent: String,
    pub(crate) kind: &'static str,
    pub(crate) method: &'static str,
    pub(crate) traits: Vec<&'static str>,
}

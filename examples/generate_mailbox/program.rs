//! Reply habits of mail programs, read from `programs.txt`.

use std::rc::Rc;

use super::charset::Charset;

/// What a mail program does when its user answers.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    /// The language that it is set to; `*` for any.
    pub(crate) language: &'static str,
    pub(crate) weight: u64,
    reply: String,
    /// Empty: it cannot forward.
    forward: String,
    pub(crate) threading: Threading,
    pub(crate) thread_index: bool,
    prefixing: Prefixing,
    pub(crate) charset: Charset,
    /// A header line in which it names itself.
    pub(crate) header: Option<&'static str>,
    pub(crate) ids: IdShape,
}

/// Which threading headers a reply has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Threading {
    Full,
    /// References holds the parent alone.
    Last,
    InReplyTo,
    References,
    /// In-Reply-To without angle brackets.
    Bare,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prefixing {
    /// Takes off one prefix of one to three characters first, whatever it says.
    Mapi,
    /// Adds its own unless the subject has it.
    Once,
    Always,
    /// `Re:`, then `Re[2]:`.
    Counter,
}

/// What message ids look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdShape {
    Exchange,
    Uuid,
    Apple,
    Postbox,
    Mutt,
    Stamp,
    Form,
}

/// Reads every program.
///
/// # Errors
/// A line of the file lacks a column, or has a word that is not known.
pub(crate) fn programs() -> Result<Vec<Rc<Program>>, String> {
    include_str!("programs.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.trim().is_empty())
        .map(|line| Program::of(line).map(Rc::new))
        .collect()
}

impl Program {
    fn of(line: &'static str) -> Result<Self, String> {
        let columns: Vec<&str> = line.split('|').map(str::trim).collect();
        let [
            name,
            language,
            weight,
            reply,
            forward,
            threading,
            index,
            prefixing,
            charset,
            header,
            id,
        ] = columns[..]
        else {
            return Err(format!("programs.txt: expected 11 columns, found `{line}`"));
        };
        let unknown = |word: &str| format!("programs.txt: expected a known word, found `{word}`");
        Ok(Self {
            name,
            language,
            weight: weight.parse().map_err(|_| unknown(weight))?,
            reply: reply.replace("{rlm}", "\u{200F}"),
            forward: forward.trim_start_matches('-').replace("{rlm}", "\u{200F}"),
            threading: match threading {
                "full" => Threading::Full,
                "last" => Threading::Last,
                "inreplyto" => Threading::InReplyTo,
                "references" => Threading::References,
                "bare" => Threading::Bare,
                "none" => Threading::None,
                _ => return Err(unknown(threading)),
            },
            thread_index: index == "index",
            prefixing: match prefixing {
                "mapi" => Prefixing::Mapi,
                "once" => Prefixing::Once,
                "always" => Prefixing::Always,
                "counter" => Prefixing::Counter,
                _ => return Err(unknown(prefixing)),
            },
            charset: Charset::named(charset).ok_or_else(|| unknown(charset))?,
            header: (header != "-").then_some(header),
            ids: match id {
                "exchange" => IdShape::Exchange,
                "uuid" => IdShape::Uuid,
                "apple" => IdShape::Apple,
                "postbox" => IdShape::Postbox,
                "mutt" => IdShape::Mutt,
                "stamp" => IdShape::Stamp,
                "form" => IdShape::Form,
                _ => return Err(unknown(id)),
            },
        })
    }

    /// True where quotations stand under a block of labels, with no `>` before the lines.
    pub(crate) fn quotes_in_a_block(&self) -> bool {
        self.thread_index
    }

    pub(crate) fn can_forward(&self) -> bool {
        !self.forward.is_empty()
    }

    /// The subject of an answer to a mail with this subject.
    pub(crate) fn reply_subject(&self, subject: &str) -> String {
        if self.prefixing == Prefixing::Counter {
            return self.counted(subject);
        }
        self.prefixed(&self.reply, subject)
    }

    /// The subject under which a mail with this subject is passed on.
    pub(crate) fn forward_subject(&self, subject: &str) -> String {
        self.prefixed(&self.forward, subject)
    }

    fn prefixed(&self, prefix: &str, subject: &str) -> String {
        let rest = match self.prefixing {
            Prefixing::Mapi => without_mapi_prefix(subject),
            Prefixing::Always => subject,
            Prefixing::Once | Prefixing::Counter => {
                if starts_with_ignoring_case(subject, prefix) {
                    return subject.to_owned();
                }
                subject
            }
        };
        let space = if prefix.ends_with('：') || rest.is_empty() { "" } else { " " };
        format!("{prefix}{space}{rest}")
    }

    fn counted(&self, subject: &str) -> String {
        let word = &self.reply;
        let Some(rest) = subject.strip_prefix(word.as_str()) else {
            return format!("{word}: {subject}");
        };
        if let Some(rest) = rest.strip_prefix(':') {
            return format!("{word}[2]:{rest}");
        }
        let counter = rest.strip_prefix('[').and_then(|rest| rest.split_once("]:"));
        match counter.and_then(|(number, rest)| Some((number.parse::<u32>().ok()?, rest))) {
            Some((number, rest)) => format!("{word}[{}]:{rest}", number + 1),
            None => format!("{word}: {subject}"),
        }
    }
}

/// MS-OXCMAIL 2.2.3.2.6.1: one prefix of one to three characters, a colon, blanks.
pub(crate) fn without_mapi_prefix(subject: &str) -> &str {
    match subject.split_once(':') {
        Some((prefix, rest))
            if (1..=3).contains(&prefix.chars().count())
                && prefix.chars().all(|c| c != ' ' && !c.is_ascii_digit()) =>
        {
            rest.trim_start()
        }
        _ => subject,
    }
}

fn starts_with_ignoring_case(text: &str, prefix: &str) -> bool {
    text.as_bytes()
        .get(..prefix.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
}

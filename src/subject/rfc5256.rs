//! The base subject of RFC 5256 section 2.1, exactly: English, and nothing else.
//!
//! What IMAP's `SORT=SUBJECT` and `THREAD=REFERENCES` compare, under
//! [`text::fold`] here. For correlation use [`base`](super::base()): this one
//! leaves `AW:` standing and strips `[Ticket#123]`.

use std::borrow::Cow;

use crate::text;

/// What [`base`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Base<'a> {
    /// The base subject: borrowed where the subject's white space was in order.
    pub text: Cow<'a, str>,
    /// The subject named a reply or forward (`re`, `fw`, `fwd`, `(fwd)`, `[fwd: ...]`): what the RFC
    /// calls "subject is a reply or forward" in `THREAD=REFERENCES`.
    pub is_reply_or_forward: bool,
}

impl Base<'_> {
    /// The comparison key; `None`, which matches nothing, for an empty base.
    #[must_use]
    pub fn key(&self) -> Option<String> {
        Some(text::fold(&self.text)).filter(|key| !key.is_empty())
    }
}

/// The base subject by the numbered steps of RFC 5256 section 2.1.
///
/// `subject` is decoded text (step 1's first half: [`decode`](super::decode)). Linear: tags are
/// passed over once, not once for each tag.
///
/// ```
/// let base = correspond::subject::rfc5256::base("[foo] Fwd: [bar] Re: fw: b (fWd)  (fwd)");
/// assert_eq!(base.text, "b");
/// assert!(base.is_reply_or_forward);
/// ```
#[must_use]
pub fn base(subject: &str) -> Base<'_> {
    let mut found = false;
    let text = match collapse(subject) {
        None => Cow::Borrowed(strip(subject, &mut found)),
        Some(collapsed) => {
            let kept = strip(&collapsed, &mut found).to_owned();
            Cow::Owned(kept)
        }
    };
    Base { text, is_reply_or_forward: found }
}

/// Step 1: tabs, line ends and runs of blanks become one blank. None where nothing is to do.
fn collapse(subject: &str) -> Option<String> {
    let bytes = subject.as_bytes();
    let control = bytes.iter().any(|b| matches!(b, b'\t' | b'\r' | b'\n'));
    if !control && !bytes.windows(2).any(|pair| pair == b"  ") {
        return None;
    }
    let mut collapsed = String::with_capacity(subject.len());
    for part in subject.split([' ', '\t', '\r', '\n']) {
        if !part.is_empty() || collapsed.is_empty() {
            collapsed.push_str(part);
            collapsed.push(' ');
        }
    }
    Some(collapsed)
}

/// Steps 2 to 7 on text in which every space is one blank.
fn strip<'a>(mut text: &'a str, found: &mut bool) -> &'a str {
    loop {
        text = trailers(text, found);
        text = leaders(text, found);
        match unwrap(text) {
            Some(inner) => {
                *found = true;
                text = inner;
            }
            None => return text,
        }
    }
}

/// Step 2: `subj-trailer`, again and again.
fn trailers<'a>(mut text: &'a str, found: &mut bool) -> &'a str {
    loop {
        text = text.trim_end_matches(' ');
        let Some(at) = text.len().checked_sub("(fwd)".len()) else { return text };
        match text.split_at_checked(at) {
            Some((head, tail)) if tail.eq_ignore_ascii_case("(fwd)") => {
                *found = true;
                text = head;
            }
            _ => return text,
        }
    }
}

/// Steps 3 to 5: `subj-leader`, and a leading `subj-blob` where something is left behind it.
///
/// Blobs are passed over; a `subj-refwd` behind them takes them along (step 3), and at the end all
/// go (step 4) but a last one with nothing behind it.
fn leaders<'a>(mut text: &'a str, found: &mut bool) -> &'a str {
    let mut last_blob = None;
    loop {
        text = text.trim_start_matches(' ');
        if let Some(rest) = refwd(text) {
            *found = true;
            last_blob = None;
            text = rest;
        } else if let Some(rest) = blob(text) {
            last_blob = Some(text);
            text = rest;
        } else {
            return if text.is_empty() { last_blob.unwrap_or(text) } else { text };
        }
    }
}

/// `subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"`: the text behind it.
fn refwd(text: &str) -> Option<&str> {
    let rest = word(text, "re").or_else(|| word(text, "fwd")).or_else(|| word(text, "fw"))?;
    let rest = rest.trim_start_matches(' ');
    blob(rest).unwrap_or(rest).strip_prefix(':')
}

fn word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(word.len())?;
    start.eq_ignore_ascii_case(word).then_some(rest)
}

/// `subj-blob = "[" *BLOBCHAR "]" *WSP`, where a BLOBCHAR is no bracket: the text behind it.
fn blob(text: &str) -> Option<&str> {
    let (inside, rest) = text.strip_prefix('[')?.split_once(['[', ']'])?;
    let closed = text.as_bytes().get(1 + inside.len()) == Some(&b']');
    closed.then(|| rest.trim_start_matches(' '))
}

/// Step 6: `[fwd:` ... `]` around the whole text.
fn unwrap(text: &str) -> Option<&str> {
    word(text, "[fwd:")?.strip_suffix(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_is_borrowed_where_white_space_is_in_order() {
        assert!(matches!(base("Re: a b").text, Cow::Borrowed("a b")));
        assert!(matches!(base("Re: a  b").text, Cow::Owned(text) if text == "a b"));
    }

    #[test]
    fn an_empty_base_has_no_key() {
        assert_eq!(base("Re: Fwd:").key(), None);
        assert_eq!(base("Re: A").key().as_deref(), Some("a"));
    }
}

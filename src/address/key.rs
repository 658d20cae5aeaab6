//! The forms of an address: two to compare by, one to send.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::grammar::is_dot_atom;
use super::host::{Host, push_lower};
use super::idn::Name;
use super::rules::AddressRules;
use crate::text::lower_into;

/// When do two addresses reach the same person?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CompareBy {
    /// Local parts compare in NFC and simple lower case: `JÖHN` is `jöhn`, composed or not, but
    /// `strauß` is not `strauss`. What every CRM and mailing service does for ASCII, extended to the
    /// rest of Unicode without merging people whom spelling tells apart (NFKC, which would, SHOULD
    /// NOT be used: RFC 6532 section 3.1).
    #[default]
    Canonical,
    /// Local parts compare octet by octet (RFC 5321 section 2.4), quotes and backslashes apart that
    /// change nothing (section 4.1.2); `postmaster` in any case (section 4.5.1).
    Strict,
}

/// What becomes of a local part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Canonical,
    Strict,
    /// As it goes on the wire: NFC (RFC 6532 section 3.1), case kept, the fewest quotes (RFC 5321
    /// section 4.1.2).
    Sent,
}

/// Appends the form of a valid address that is not plain.
pub(super) fn write(local: &str, domain: &str, form: Form, out: &mut String) {
    write_local(local, form, out);
    out.push('@');
    if let Some(name) = Name::read(domain) {
        out.push_str(name.as_str());
        return;
    }
    let start = out.len();
    if let Ok(host) = Host::read(domain, &AddressRules::RFC.trailing_dot(true)) {
        host.write(out);
    }
    if form != Form::Sent
        && let Some(written) = out.get_mut(start..)
    {
        // The tag of an IPv6 literal; names are lower-case already.
        written.make_ascii_lowercase();
    }
}

/// Appends the form of a valid local part.
pub(super) fn write_local(local: &str, form: Form, out: &mut String) {
    if local.is_ascii() && !local.starts_with('"') {
        if form == Form::Canonical || local.eq_ignore_ascii_case("postmaster") {
            push_lower(local, out);
        } else {
            out.push_str(local);
        }
        return;
    }
    if local.is_ascii() {
        write_content(Content::of(local), form == Form::Canonical, out);
        return;
    }
    let content: String = Content::of(local).collect();
    let content = match form {
        Form::Strict => content,
        Form::Sent => content.nfc().collect(),
        Form::Canonical => {
            let mut lower = String::with_capacity(content.len());
            lower_into(&content, &mut lower);
            lower
        }
    };
    write_content(content.chars(), false, out);
}

/// Appends what a local part says, in quotes if it needs them: NFC can bring out a `;`.
fn write_content(content: impl Iterator<Item = char> + Clone, lower: bool, out: &mut String) {
    let postmaster = || content.clone().map(|c| c.to_ascii_lowercase()).eq("postmaster".chars());
    let lower = lower || postmaster();
    let bare = is_dot_atom(content.clone());
    if !bare {
        out.push('"');
    }
    for c in content {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(if lower { c.to_ascii_lowercase() } else { c });
    }
    if !bare {
        out.push('"');
    }
}

/// What a local part says, without quotes and the backslashes inside them.
#[derive(Clone)]
struct Content<'a>(std::str::Chars<'a>);

impl<'a> Content<'a> {
    fn of(local: &'a str) -> Self {
        let inside = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        Self(inside.unwrap_or(local).chars())
    }
}

impl Iterator for Content<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self.0.next()? {
            '\\' => self.0.next(),
            c => Some(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn composing_brings_out_one_special_alone() {
        // The reason why the need for quotes is decided after composition.
        let specials: Vec<char> = ('\u{80}'..=char::MAX)
            .filter(|c| {
                let mut lower = String::new();
                lower_into(&c.to_string(), &mut lower);
                let sent = c.nfc();
                is_dot_atom(std::iter::once(*c))
                    && !(is_dot_atom(lower.chars()) && is_dot_atom(sent))
            })
            .collect();
        assert_eq!(specials, ['\u{37e}']);
    }
}

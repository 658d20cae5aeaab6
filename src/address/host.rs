//! What stands behind the `@`.

use std::borrow::Cow;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::error::{AddressError, AddressErrorKind as Kind, Found};
use super::grammar::check_name;
use super::idn::Name;
use super::rules::AddressRules;

/// A host that was found valid.
pub(super) enum Host<'a> {
    /// A domain name in A-labels, in any case, no dot at its end.
    Name(Cow<'a, str>),
    /// An address literal (RFC 5321 section 4.1.3).
    Literal(IpAddr),
}

impl<'a> Host<'a> {
    /// Reads a host; errors count from its first byte.
    pub(super) fn read(text: &'a str, rules: &AddressRules) -> Result<Self, AddressError> {
        if let Some(rest) = text.strip_prefix('[') {
            if !rules.domain_literal {
                return Err(AddressError::new(Kind::LiteralRefused, 0, Found::Char('[')));
            }
            let bad = AddressError::new(Kind::Literal, 0, Found::The("something else"));
            return rest.strip_suffix(']').and_then(literal).map(Self::Literal).ok_or(bad);
        }
        let ascii = if text.is_ascii() && !has_a_label(text) {
            Cow::Borrowed(text)
        } else if let Some(name) = Name::read(text) {
            if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(name.as_str().to_owned()) }
        } else {
            let bad = AddressError::new(Kind::Internationalised, 0, Found::The("another"));
            // UTS-46, non-transitional; it maps, but it lets `a..b` and `ex ample` pass.
            idna::domain_to_ascii_cow(text.as_bytes(), idna::AsciiDenyList::EMPTY)
                .ok()
                .filter(|ascii| !ascii.split('.').any(decodes_to_a_label))
                .ok_or(bad)?
        };
        let mapped = matches!(ascii, Cow::Owned(_));
        let ascii = match without_root(ascii) {
            (name, true) if !rules.trailing_dot => {
                let at = if mapped { 0 } else { name.len() };
                return Err(AddressError::new(Kind::TrailingDot, at, Found::Char('.')));
            }
            (name, _) => name,
        };
        // What was mapped has no place in the text: its errors point to the start.
        check_name(&ascii).map_err(|e| if mapped { e.moved_to(0) } else { e })?;
        if !rules.dotless_domain && !has_top_level(&ascii) {
            return Err(AddressError::new(Kind::TopLevel, 0, Found::The("none")));
        }
        Ok(Self::Name(ascii))
    }

    /// Octets of the written form.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Name(name) => name.len(),
            Self::Literal(_) => {
                let mut text = String::new();
                self.write(&mut text);
                text.len()
            }
        }
    }

    /// Appends the host: a name in lower case, a literal in the shortest form of its address.
    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Name(name) => push_lower(name, out),
            Self::Literal(ip) => {
                let tag = if ip.is_ipv6() { "IPv6:" } else { "" };
                // Writing into a string does not fail.
                let _ = write!(out, "[{tag}{ip}]");
            }
        }
    }
}

/// How many octets are put in lower case at once.
const STEP: usize = 16;

/// Appends ASCII text in lower case.
pub(super) fn push_lower(ascii: &str, out: &mut String) {
    let start = out.len();
    out.push_str(ascii);
    let end = out.len();
    // In steps of a known length, the last over the one before it: they become vector instructions.
    let Some(last) = end.checked_sub(STEP).filter(|last| *last >= start) else {
        if let Some(new) = out.get_mut(start..) {
            new.make_ascii_lowercase();
        }
        return;
    };
    for from in (start..last).step_by(STEP).chain([last]) {
        if let Some(step) = out.get_mut(from..from + STEP) {
            step.make_ascii_lowercase();
        }
    }
}

/// Does the name end below a top-level domain? A number is none (RFC 3696 section 2).
pub(super) fn has_top_level(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, top)| !top.bytes().all(|b| b.is_ascii_digit()))
}

/// Is there an A-label, good or bad, that must be decoded to be believed?
pub(super) fn has_a_label(name: &str) -> bool {
    name.split('.')
        .any(|label| label.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--")))
}

/// UTS-46 section 4.1 refuses a label that starts with `xn--` once more when it is decoded; the
/// `idna` crate takes it, and it would not be read back.
fn decodes_to_a_label(label: &str) -> bool {
    label
        .strip_prefix("xn--")
        .filter(|encoded| encoded.starts_with("xn--"))
        .and_then(idna::punycode::decode_to_string)
        .is_some_and(|decoded| decoded.starts_with("xn--"))
}

fn without_root(name: Cow<'_, str>) -> (Cow<'_, str>, bool) {
    match name {
        Cow::Borrowed(text) => match text.strip_suffix('.') {
            Some(rest) if !rest.is_empty() => (Cow::Borrowed(rest), true),
            _ => (Cow::Borrowed(text), false),
        },
        Cow::Owned(mut text) => {
            let root = text.len() > 1 && text.ends_with('.');
            if root {
                text.pop();
            }
            (Cow::Owned(text), root)
        }
    }
}

fn literal(text: &str) -> Option<IpAddr> {
    match text.split_at_checked(5) {
        Some((tag, ip)) if tag.eq_ignore_ascii_case("IPv6:") => {
            ip.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
        }
        _ => text.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
    }
}

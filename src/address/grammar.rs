//! The characters of an address, and the one pass over an ordinary one that is not read at a glance.

use super::error::{AddressError, AddressErrorKind as Kind, Found};
use super::glance::at_a_glance;
use crate::text::{is_ignorable, is_space};

/// Stands in a local part without quotes: `atext` of RFC 5322 section 3.2.3, and the dot.
const LOCAL: u8 = 1;
/// Stands in a domain name: letter, digit, hyphen, dot.
const NAME: u8 = 2;
/// The dot.
const DOT: u8 = 4;
/// The dot and the hyphen: neither starts or ends a label.
const EDGE: u8 = 8;
/// Stands in a quoted string as itself: `qtextSMTP` of RFC 5321 section 4.1.2.
const QUOTED: u8 = 16;
/// An upper-case letter.
const UPPER: u8 = 32;

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut b = 0_u8;
    while b < 128 {
        let mut class = 0;
        if b.is_ascii_alphanumeric() {
            class |= LOCAL | NAME;
        }
        if matches!(b, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'/' | b'=' | b'?' | b'^'..=b'`')
            || matches!(b, b'{'..=b'~')
        {
            class |= LOCAL;
        }
        if b.is_ascii_uppercase() {
            class |= UPPER;
        }
        if b == b'.' {
            class |= LOCAL | NAME | DOT | EDGE;
        }
        if b == b'-' {
            class |= NAME | EDGE;
        }
        if b >= b' ' && b < 0x7f && b != b'"' && b != b'\\' {
            class |= QUOTED;
        }
        classes[b as usize] = class;
        b += 1;
    }
    classes
};

#[expect(clippy::indexing_slicing, reason = "256 classes for 256 bytes")]
const fn class(b: u8) -> u8 {
    CLASSES[b as usize]
}

/// What is found in an ordinary address, or its local part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plain {
    /// The place of the `@`.
    pub(super) at: usize,
    /// Is there an upper-case letter?
    pub(super) upper: bool,
}

/// Is this an ordinary address: ASCII, no quotes, a domain of at most 63 octets
/// without two hyphens in a row (which might start an A-label)? `None` means *look closer*, not *no*.
#[inline]
pub(super) fn plain(text: &str) -> Option<Plain> {
    at_a_glance(text).or_else(|| plain_by_octets(text))
}

/// The same without the glance.
pub(super) fn plain_by_octets(text: &str) -> Option<Plain> {
    if text.len() > MAX_LOCAL + 1 + MAX_LABEL {
        return None;
    }
    let (local, domain) = plain_local(text)?;
    let upper = local.upper | plain_domain(domain)?;
    Some(Plain { upper, ..local })
}

/// Does this begin with an ordinary local part and an `@`? And what is behind them?
pub(super) fn plain_local(text: &str) -> Option<(Plain, &str)> {
    // As if a dot stood before it: none may follow, and the part is not empty.
    let mut before = DOT;
    let mut wrong = 0;
    let mut any = 0;
    let mut at = 0;
    for &b in text.as_bytes() {
        let class = class(b);
        if class & LOCAL == 0 {
            break;
        }
        wrong |= before & class & DOT;
        any |= class;
        before = class;
        at += 1;
    }
    wrong |= before & DOT;
    let domain = text.get(at..)?.strip_prefix('@')?;
    (wrong == 0 && at <= MAX_LOCAL).then_some((Plain { at, upper: any & UPPER != 0 }, domain))
}

/// Is this an ordinary domain, and is there an upper-case letter in it?
pub(super) fn plain_domain(domain: &str) -> Option<bool> {
    if domain.len() > MAX_LABEL {
        return None;
    }
    let mut before = EDGE;
    let mut wrong = 0;
    let mut any = 0;
    for &b in domain.as_bytes() {
        let class = class(b);
        wrong |= (before & class & EDGE) | (!class & NAME);
        any |= class;
        before = class;
    }
    wrong |= before & EDGE;
    (wrong == 0).then_some(any & UPPER != 0)
}

/// RFC 5321 section 4.5.3.1.1, in octets.
pub(super) const MAX_LOCAL: usize = 64;
/// RFC 1035 section 2.3.4, in octets.
pub(super) const MAX_LABEL: usize = 63;
/// RFC 1035 section 2.3.4: 255 on the wire, of which two are no characters.
pub(super) const MAX_DOMAIN: usize = 253;
/// RFC 5321 section 4.5.3.1.3: a path of 256, of which two are its angle brackets.
pub(super) const MAX_ADDRESS: usize = 254;

/// May this character stand in a local part without quotes?
fn is_atext(c: char) -> bool {
    match u8::try_from(c) {
        Ok(b) if b < 0x80 => class(b) & LOCAL != 0 && b != b'.',
        _ => is_visible(c),
    }
}

/// RFC 6531 admits all of Unicode beyond ASCII. Refused are characters by which two addresses would
/// differ that look alike on every screen, and the one that stands for bytes that were lost.
fn is_visible(c: char) -> bool {
    !(c.is_control() || is_space(c) || is_ignorable(c) || c == char::REPLACEMENT_CHARACTER)
}

/// Can this local part stand without quotes?
pub(super) fn is_dot_atom(local: impl Iterator<Item = char>) -> bool {
    let mut dot = true;
    for c in local {
        if !(is_atext(c) || (c == '.' && !dot)) {
            return false;
        }
        dot = c == '.';
    }
    !dot
}

/// Where the local part ends that `text` starts with: the place of the `@`.
pub(super) fn local_end(text: &str) -> Result<usize, AddressError> {
    if text.starts_with('"') { quoted_end(text) } else { atom_end(text) }
}

fn atom_end(text: &str) -> Result<usize, AddressError> {
    let mut dot = true;
    for (at, c) in text.char_indices() {
        match c {
            '@' if at == 0 => return Err(AddressError::new(Kind::LocalEmpty, at, Found::Char(c))),
            // The dot before the `@`; it is one octet long.
            '@' if dot => return Err(AddressError::new(Kind::LocalDot, at - 1, Found::Char('.'))),
            '@' => return Ok(at),
            '.' if dot => return Err(AddressError::new(Kind::LocalDot, at, Found::Char(c))),
            '.' => dot = true,
            c if is_atext(c) => dot = false,
            c => return Err(AddressError::new(Kind::LocalCharacter, at, Found::Char(c))),
        }
    }
    Err(AddressError::new(Kind::Separator, text.len(), Found::End))
}

fn quoted_end(text: &str) -> Result<usize, AddressError> {
    let mut chars = text.char_indices().skip(1);
    let open = |at, found| AddressError::new(Kind::QuoteOpen, at, found);
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                return match chars.next() {
                    Some((at, '@')) => Ok(at),
                    next => Err(AddressError::new(
                        Kind::Separator,
                        at + 1,
                        Found::next(next.map(|(_, c)| c)),
                    )),
                };
            }
            // quoted-pairSMTP: a backslash and any printable ASCII character.
            '\\' => match chars.next() {
                Some((_, ' '..='~')) => {}
                Some((at, c)) => return Err(open(at, Found::Char(c))),
                None => return Err(open(text.len(), Found::End)),
            },
            c if c.is_ascii() && u8::try_from(c).is_ok_and(|b| class(b) & QUOTED != 0) => {}
            c if !c.is_ascii() && is_visible(c) => {}
            c => return Err(open(at, Found::Char(c))),
        }
    }
    Err(open(text.len(), Found::End))
}

/// The label rules of a host name (RFC 1123 section 2.1, RFC 5321 section 4.1.2) on an ASCII name
/// without a dot at its end: what is wrong with it and at which octet.
pub(super) fn check_name(name: &str) -> Result<(), AddressError> {
    if name.is_empty() {
        return Err(AddressError::new(Kind::DomainEmpty, 0, Found::End));
    }
    if name.len() > MAX_DOMAIN {
        return Err(AddressError::new(Kind::DomainTooLong, 0, Found::Octets(name.len())));
    }
    let stray = |c: char| u8::try_from(c).is_ok_and(|b| class(b) & NAME == 0);
    if let Some((at, c)) = name.char_indices().find(|(_, c)| !c.is_ascii() || stray(*c)) {
        return Err(AddressError::new(Kind::DomainCharacter, at, Found::Char(c)));
    }
    let mut start = 0;
    for label in name.split('.') {
        let end = start + label.len();
        if label.is_empty() {
            let found = Found::next(name.get(start..).and_then(|rest| rest.chars().next()));
            return Err(AddressError::new(Kind::LabelEmpty, start, found));
        }
        if label.starts_with('-') || label.ends_with('-') {
            let at = if label.starts_with('-') { start } else { end - 1 };
            return Err(AddressError::new(Kind::LabelHyphen, at, Found::Char('-')));
        }
        if label.len() > MAX_LABEL {
            return Err(AddressError::new(Kind::LabelTooLong, start, Found::Octets(label.len())));
        }
        start = end + 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn atext_is_that_of_the_rfc() {
        let specials = "()<>[]:;@\\,.\"";
        for c in '\0'..='\x7f' {
            assert_eq!(is_atext(c), c.is_ascii_graphic() && !specials.contains(c), "{c:?}");
            let quoted = (' '..='~').contains(&c) && c != '"' && c != '\\';
            assert_eq!(class(c as u8) & QUOTED != 0, quoted, "{c:?}");
            let name = c.is_ascii_alphanumeric() || c == '-' || c == '.';
            assert_eq!(class(c as u8) & NAME != 0, name, "{c:?}");
        }
        assert!((0x80..=0xff).all(|b| class(b) == 0));
    }

    #[test]
    fn only_plain_addresses_pass_at_first_sight() {
        for text in ["a@b", "a.b+c@d-e.f1", "!#$%&'*+-/=?^_`{|}~@x", "a--b@x.y"] {
            assert_eq!(plain(text).map(|plain| plain.at), text.rfind('@'), "{text}");
        }
        for text in [
            "", "@", "a", "a@", "@b", ".a@b", "a.@b", "a..b@c", "a@.b", "a@b.", "a@b..c", "a@-b",
            "a@b-", "a@b-.c", "a@b.-c", "a@b--c", "a@b@c", "a b@c", "a@b_c", "a@ü", "ü@b", " a@b",
        ] {
            assert_eq!(plain(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_short_pass_agrees_with_the_long_one(text in "[a-cX.@\\-_]{0,12}") {
            let name = text.split_once('@').map_or("", |(_, name)| name);
            if let Some(Plain { at, upper }) = plain(&text) {
                prop_assert_eq!(upper, text.contains('X'));
                prop_assert_eq!(local_end(&text), Ok(at));
                prop_assert_eq!(check_name(name), Ok(()));
            } else if local_end(&text).is_ok() {
                prop_assert!(check_name(name).is_err() || name.contains("--"), "{:?}", text);
            }
        }
    }
}

//! RFC 2047: `=?charset?Q?...?=` in a raw header becomes text.

use std::borrow::Cow;

/// The longest encoded word read, in bytes. RFC 2047 section 2 allows 75; real mail has longer ones.
const LONGEST: usize = 4_096;

/// Decodes a raw header value with the charsets that need no table: UTF-8, US-ASCII and the
/// Latin-1 family. A word in another charset stays as it is; see [`decode_with`].
///
/// ```
/// assert_eq!(correspond::subject::decode("=?ISO-8859-1?Q?SV=3A=C6blegr=F8d?="), "SV:Æblegrød");
/// ```
#[must_use]
pub fn decode(raw: &str) -> Cow<'_, str> {
    decode_with(raw, |_, _| None)
}

/// Decodes a raw header value; `charset` is asked for charsets beyond those of [`decode`], with the
/// name in lower case (without a language, RFC 2231 section 5) and the octets.
///
/// Adjacent words of one charset are joined as octets first, so that a character split over two
/// words comes out whole; the white space between two words is dropped and folds are unfolded
/// (RFC 5322 section 2.2.3). Words may touch other text, as they do in real mail. A malformed word
/// stays as it is. Octets that are not valid in their charset become U+FFFD.
///
/// ```
/// use correspond::subject::decode_with;
///
/// let swedish = |name: &str, octets: &[u8]| {
///     (name == "x-7bit").then(|| octets.iter().map(|b| char::from(b & 0x7f)).collect())
/// };
/// assert_eq!(decode_with("=?x-7bit?Q?=C1b?= =?x-7bit?Q?c?=", swedish), "Abc");
/// assert_eq!(decode_with("=?x-8bit?Q?=C1b?=", swedish), "=?x-8bit?Q?=C1b?=");
/// ```
#[must_use]
pub fn decode_with(raw: &str, charset: impl Fn(&str, &[u8]) -> Option<String>) -> Cow<'_, str> {
    if !raw.contains("=?") && !raw.contains(['\r', '\n']) {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, from)) = split_before(rest, "=?") {
        push_unfolded(before, &mut text);
        let Some(mut word) = Word::read(from) else {
            // Step over the `=?` alone: a real word may start inside what looked like one.
            let (start, behind) = from.split_at_checked(2).unwrap_or((from, ""));
            text.push_str(start);
            rest = behind;
            continue;
        };
        let mut octets = Vec::new();
        let name = word.charset.to_ascii_lowercase();
        let mut behind;
        // Gather the words of one charset that follow one another.
        let next = loop {
            word.octets_into(&mut octets);
            behind = word.behind;
            match Word::read(behind.trim_start_matches([' ', '\t', '\r', '\n'])) {
                Some(next) if next.charset.eq_ignore_ascii_case(&name) => word = next,
                next => break next,
            }
        };
        match decode_octets(&name, &octets).or_else(|| charset(&name, &octets)) {
            Some(decoded) => text.push_str(&decoded),
            None => {
                let len = from.len() - behind.len();
                push_unfolded(from.get(..len).unwrap_or_default(), &mut text);
            }
        }
        rest = match next {
            Some(_) => behind.trim_start_matches([' ', '\t', '\r', '\n']),
            None => behind,
        };
    }
    push_unfolded(rest, &mut text);
    Cow::Owned(text)
}

/// One encoded word, not yet decoded.
struct Word<'a> {
    charset: &'a str,
    base64: bool,
    content: &'a str,
    behind: &'a str,
}

impl<'a> Word<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let window = text.as_bytes();
        let window = window.get(..LONGEST).unwrap_or(window);
        let inner = window.strip_prefix(b"=?")?;
        let mut marks = inner.iter().enumerate().filter(|(_, b)| **b == b'?').map(|(at, _)| at + 2);
        let (first, second, third) = (marks.next()?, marks.next()?, marks.next()?);
        let charset = text.get(2..first)?;
        let charset = charset.split_once('*').map_or(charset, |(name, _)| name);
        let base64 = match text.get(first + 1..second)? {
            "B" | "b" => true,
            "Q" | "q" => false,
            _ => return None,
        };
        let content = text.get(second + 1..third)?;
        let behind = text.get(third + 1..)?.strip_prefix('=')?;
        let named = !charset.is_empty() && charset.bytes().all(|b| b.is_ascii_graphic());
        let word = Self { charset, base64, content, behind };
        (named && word.is_well_formed()).then_some(word)
    }

    /// Blanks are tolerated, line ends and broken escapes are not.
    fn is_well_formed(&self) -> bool {
        let bytes = self.content.as_bytes();
        if self.base64 {
            return bytes.iter().all(|b| matches!(b, b'=' | b' ') || sextet(*b).is_some());
        }
        let escaped = |(at, _): (usize, _)| {
            bytes.get(at + 1..at + 3).is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
        };
        bytes.iter().all(|b| *b >= b' ')
            && bytes.iter().enumerate().filter(|(_, b)| **b == b'=').all(escaped)
    }

    fn octets_into(&self, octets: &mut Vec<u8>) {
        if self.base64 {
            let (mut bits, mut count) = (0_u32, 0);
            for six in self.content.bytes().filter_map(sextet) {
                bits = bits << 6 | six;
                count += 6;
                if count >= 8 {
                    count -= 8;
                    octets.push((bits >> count) as u8);
                }
            }
            return;
        }
        let mut bytes = self.content.bytes();
        while let Some(byte) = bytes.next() {
            octets.push(match byte {
                b'_' => b' ',
                b'=' => hex(bytes.next()) << 4 | hex(bytes.next()),
                other => other,
            });
        }
    }
}

fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value.into())
}

fn hex(digit: Option<u8>) -> u8 {
    digit.and_then(|b| char::from(b).to_digit(16)).map_or(0, |value| value as u8)
}

/// The charsets without tables. Latin-1 is read as Windows-1252, of which it is a subset in
/// practice (WHATWG Encoding, section 4.2).
fn decode_octets(charset: &str, octets: &[u8]) -> Option<String> {
    match charset {
        "utf-8" | "utf8" => Some(String::from_utf8_lossy(octets).into_owned()),
        "us-ascii" | "ascii" | "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1"
        | "windows-1252" | "cp1252" => Some(octets.iter().map(|b| windows_1252(*b)).collect()),
        _ => None,
    }
}

fn windows_1252(byte: u8) -> char {
    const FROM_80: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    let special = usize::from(byte).checked_sub(0x80).and_then(|at| FROM_80.get(at));
    special.copied().unwrap_or_else(|| char::from(byte))
}

fn split_before<'a>(text: &'a str, pattern: &str) -> Option<(&'a str, &'a str)> {
    text.split_at_checked(text.find(pattern)?)
}

/// Appends text without its line ends: the white space of a fold stays (RFC 5322 section 2.2.3).
fn push_unfolded(text: &str, to: &mut String) {
    to.extend(text.split(['\r', '\n']));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_text() {
        for (raw, text) in [
            ("plain", "plain"),
            ("=?utf-8?q?b?=", "b"),
            ("=?iso-8859-1?q?_?=", " "),
            ("=?us-ascii?b?UmU6IGM=?=", "Re: c"),
            ("=?utf-8*de?Q?=C3=BC?=", "ü"),
            ("=?ISO-8859-1?Q?=805?=", "€5"),
            ("=?UTF-8?Q?R=C3=A9f=2E?= : x", "Réf. : x"),
            ("a =?utf-8?q?b?=\r\n =?utf-8?q?c?= d", "a bc d"),
            ("a =?utf-8?q?b?= =?us-ascii?q?c?= =?x?q?d?=", "a bc=?x?q?d?="),
            ("=?utf-8?B?5Zue?= =?utf-8?B?5aSN?=", "回复"),
            // One character split over two words.
            ("=?utf-8?B?5Zs=?= =?utf-8?B?nuWkjQ==?=", "回复"),
            ("=?utf-8?q?=E5=9B?= =?UTF-8?Q?=9E?=", "回"),
            ("=?utf-8?q?=E5=9B?=", "\u{fffd}"),
            ("one\r\n two", "one two"),
        ] {
            assert_eq!(decode(raw), text, "{raw:?}");
        }
    }

    #[test]
    fn malformed_words_stay_as_they_are() {
        for raw in [
            "=?utf-8?q?=C?=",
            "=?utf-8?q?=zz?=",
            "=?utf-8?x?a?=",
            "=??q?a?=",
            "=?utf-8?q?a",
            "=?utf-8?b?a!?=",
            "=?utf-8?q?a?",
            "=?",
            "=?=?=?",
            "=?koi8-r?Q?=C1?=",
        ] {
            assert_eq!(decode(raw), raw);
        }
    }

    #[test]
    fn a_word_inside_a_broken_one_is_found() {
        assert_eq!(decode("=?x =?utf-8?q?a?="), "=?x a");
    }
}

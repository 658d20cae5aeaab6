//! Encoded words (RFC 2047) around ids.
//!
//! Some software encodes the whole value of `In-Reply-To`. An id is ASCII, and every charset that
//! mail uses has ASCII in its place, so the charset of the word is not looked at.

use std::borrow::Cow;

use super::base64;

/// The text with its encoded words decoded; white space between two of them goes. `None` when it
/// has none. Linear: a word holds no blank (RFC 2047 section 2), so each is sought within its own.
pub(super) fn decode(text: &str) -> Option<String> {
    memchr::memmem::find(text.as_bytes(), b"=?")?;
    let mut out = String::with_capacity(text.len());
    let mut decoded = false;
    let mut after_word = false;
    for word in text.split_ascii_whitespace() {
        let plain = decode_word(word);
        if !(out.is_empty() || plain.is_some() && after_word) {
            out.push(' ');
        }
        after_word = plain.is_some();
        decoded |= after_word;
        match plain {
            Some(octets) => out.push_str(&String::from_utf8_lossy(&octets)),
            None => out.push_str(word),
        }
    }
    decoded.then_some(out)
}

/// The octets of `=?charset?encoding?text?=`, alone in its word.
fn decode_word(word: &str) -> Option<Cow<'_, [u8]>> {
    let inner = word.strip_prefix("=?")?.strip_suffix("?=")?;
    let (charset, rest) = inner.split_once('?')?;
    let (encoding, text) = rest.split_once('?')?;
    if charset.is_empty() {
        return None;
    }
    match encoding {
        "q" | "Q" => Some(decode_q(text)),
        "b" | "B" => {
            let mut octets = Vec::with_capacity(text.len() / 4 * 3 + 3);
            base64::decode(text, usize::MAX, &mut octets).ok()?;
            Some(octets.into())
        }
        _ => None,
    }
}

fn decode_q(text: &str) -> Cow<'_, [u8]> {
    if !text.bytes().any(|b| matches!(b, b'=' | b'_')) {
        return text.as_bytes().into();
    }
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        octets.push(match (first, tail) {
            (b'_', _) => b' ',
            (b'=', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    rest = after;
                    high << 4 | low
                }
                _ => first,
            },
            _ => first,
        });
    }
    octets.into()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_decoded_and_joined() {
        for (text, plain) in [
            ("=?utf-8?q?=3Ca=40b=3E?=", "<a@b>"),
            ("=?utf-8?B?PGFAYj4=?=", "<a@b>"),
            ("=?utf-8?q?=3Calpine=2E?=\r\n =?utf-8?q?1=40b=3E?=", "<alpine.1@b>"),
            ("x =?us-ascii?Q?a_b?= y", "x a b y"),
            ("=?x?q?100=_=zz=?=", "100= =zz="),
        ] {
            assert_eq!(decode(text).as_deref(), Some(plain), "{text}");
        }
        for text in ["a@b", "=?", "=?utf-8?q?a", "=?x?z?a?=", "=??q?a?=", "=?u?b?*?="] {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}

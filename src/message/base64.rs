//! Base64 (RFC 4648 section 4) as headers carry it: folded, sometimes without its padding.

/// A character that is neither base64, white space nor padding at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotBase64 {
    pub(super) found: char,
    pub(super) at: usize,
}

/// Decodes at most `limit` significant characters of `text` into `out`, which keeps what was read
/// before a foreign character. Returns whether there was more than `limit`.
pub(super) fn decode(text: &str, limit: usize, out: &mut Vec<u8>) -> Result<bool, NotBase64> {
    let class = |octet: u8| CLASS.get(usize::from(octet)).map_or(FOREIGN, |class| *class);
    let mut bits = 0_u32;
    let mut held = 0;
    let mut read = 0;
    let mut padded = false;
    let mut rest = text.as_bytes();
    loop {
        // Whole groups of four at once: nearly all of any text.
        while let [a, b, c, d, after @ ..] = rest
            && held == 0
            && !padded
            && read + 4 <= limit
        {
            let [a, b, c, d] = [class(*a), class(*b), class(*c), class(*d)];
            if a | b | c | d >= 64 {
                break;
            }
            out.extend_from_slice(&[a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]);
            read += 4;
            rest = after;
        }
        let Some((&octet, after)) = rest.split_first() else { return Ok(false) };
        let sextet = match class(octet) {
            sextet @ 0..64 if !padded => sextet,
            BLANK => {
                rest = after;
                continue;
            }
            PAD => {
                padded = true;
                rest = after;
                continue;
            }
            _ => {
                let at = text.len() - rest.len();
                let found = text.get(at..).and_then(|rest| rest.chars().next());
                return Err(NotBase64 { found: found.unwrap_or(char::REPLACEMENT_CHARACTER), at });
            }
        };
        if read == limit {
            return Ok(true);
        }
        read += 1;
        rest = after;
        bits = bits << 6 | u32::from(sextet);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// What an octet stands for: 0 to 63, or one of these.
const CLASS: [u8; 256] = classes();
const BLANK: u8 = 64;
const PAD: u8 = 65;
const FOREIGN: u8 = 66;

#[expect(clippy::indexing_slicing, reason = "at compile time; a slip would not build")]
const fn classes() -> [u8; 256] {
    let mut classes = [FOREIGN; 256];
    let mut value = 0;
    while value < 64 {
        classes[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    classes[b' ' as usize] = BLANK;
    classes[b'\t' as usize] = BLANK;
    classes[b'\r' as usize] = BLANK;
    classes[b'\n' as usize] = BLANK;
    classes[b'=' as usize] = PAD;
    classes
}

/// Encodes with padding, on one line.
pub(super) fn encode(octets: impl Iterator<Item = u8>, out: &mut String) {
    let mut sextet = |bits: u32| {
        out.push(char::from(*ALPHABET.get(bits as usize & 63).unwrap_or(&b'A')));
    };
    let (mut bits, mut held, mut written) = (0_u32, 0, 0_usize);
    for octet in octets {
        bits = bits << 8 | u32::from(octet);
        held += 8;
        while held >= 6 {
            held -= 6;
            sextet(bits >> held);
            written += 1;
        }
    }
    if held > 0 {
        sextet(bits << (6 - held));
        written += 1;
    }
    for _ in 0..written.wrapping_neg() % 4 {
        out.push('=');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_rfc_4648_section_10() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            let mut text = String::new();
            encode(plain.bytes(), &mut text);
            assert_eq!(text, coded);
            for given in [coded, coded.trim_end_matches('=')] {
                let mut out = Vec::new();
                assert_eq!(decode(given, 100, &mut out), Ok(false));
                assert_eq!(out, plain.as_bytes());
            }
        }
    }

    #[test]
    fn folds_are_skipped_a_limit_is_kept_and_foreign_characters_are_named() {
        let mut out = Vec::new();
        assert_eq!(decode("Zm9v\r\n\tYmFy", 100, &mut out), Ok(false));
        assert_eq!(out, b"foobar");
        out.clear();
        assert_eq!(decode("Zm9vYmFy", 4, &mut out), Ok(true));
        assert_eq!(out, b"foo");
        assert_eq!(decode("Zm9é", 100, &mut out), Err(NotBase64 { found: 'é', at: 3 }));
        assert_eq!(decode("Zg==Zg", 100, &mut out), Err(NotBase64 { found: 'Z', at: 4 }));
    }
}

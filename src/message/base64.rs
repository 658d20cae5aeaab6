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
    let mut bits = 0_u32;
    let mut held = 0;
    let mut read = 0;
    let mut padded = false;
    for (at, octet) in text.bytes().enumerate() {
        let sextet = match octet {
            b'A'..=b'Z' if !padded => octet - b'A',
            b'a'..=b'z' if !padded => octet - b'a' + 26,
            b'0'..=b'9' if !padded => octet - b'0' + 52,
            b'+' if !padded => 62,
            b'/' if !padded => 63,
            b'=' => {
                padded = true;
                continue;
            }
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            _ => {
                let found = text.get(at..).and_then(|rest| rest.chars().next());
                return Err(NotBase64 { found: found.unwrap_or(char::REPLACEMENT_CHARACTER), at });
            }
        };
        if read == limit {
            return Ok(true);
        }
        read += 1;
        bits = bits << 6 | u32::from(sextet);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
        }
    }
    Ok(false)
}

/// Encodes with padding, on one line.
pub(super) fn encode(octets: impl Iterator<Item = u8>, out: &mut String) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
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

//! Internationalised domain names that need no tables: the short way to their A-labels.
//!
//! UTS-46 maps, normalises and checks. For most characters that names are made of it has nothing to
//! do; a label of such characters alone is encoded (RFC 3492) and that is all. What is not known to
//! be so is left to the `idna` crate: `None` means *look closer*, not *no*.

use super::grammar::MAX_LABEL;

/// Is this character one that UTS-46 (non-transitional) leaves as it is, wherever it stands? Valid,
/// mapped to itself, a letter that reads from left to right, joins and composes with no other here.
const fn is_settled(c: char) -> bool {
    match c as u32 {
        // Latin-1: `ß` to `ÿ` without the division sign.
        0xdf..=0xf6 | 0xf8..=0xff => true,
        // Latin Extended-A: the lower-case letters, without the ligature `ĳ` and `ŀ`.
        c @ (0x101..=0x137 | 0x14b..=0x177) => c % 2 == 1 && c != 0x133,
        c @ (0x13a..=0x148 | 0x17a..=0x17e) => c % 2 == 0 && c != 0x140,
        // Greek and Cyrillic in lower case, accents included.
        0x3ac..=0x3ce | 0x430..=0x45f => true,
        // Hiragana; Katakana without the middle dot, with the mark of length.
        0x3041..=0x3096 | 0x30a1..=0x30fa | 0x30fc => true,
        // The ideographs of the first Unicode, and Hangul syllables.
        0x4e00..=0x9fa5 | 0xac00..=0xd7a3 => true,
        _ => false,
    }
}

/// The longest name that is read here. Names may be longer, and hardly ever are.
const LONGEST: usize = 127;

/// A valid name in lower-case A-labels, without a dot at its end.
pub(super) struct Name {
    octets: [u8; LONGEST],
    len: usize,
}

impl Name {
    /// Reads a domain name of ordinary labels, in ASCII or not.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut name = Self { octets: [0; LONGEST], len: 0 };
        let mut start = 0;
        for label in text.as_bytes().split(|b| *b == b'.') {
            if start > 0 {
                name.push(b'.')?;
            }
            let end = start + label.len();
            name.push_label(text.get(start..end)?)?;
            start = end + 1;
        }
        Some(name)
    }

    pub(super) fn as_str(&self) -> &str {
        let octets = self.octets.get(..self.len).unwrap_or_default();
        std::str::from_utf8(octets).unwrap_or_default()
    }

    fn push(&mut self, octet: u8) -> Option<()> {
        *self.octets.get_mut(self.len)? = octet;
        self.len += 1;
        Some(())
    }

    fn push_label(&mut self, label: &str) -> Option<()> {
        let octets = label.as_bytes();
        if *octets.first()? == b'-' || *octets.last()? == b'-' {
            return None;
        }
        let start = self.len;
        if label.is_ascii() {
            self.len += octets.len();
            let room = self.octets.get_mut(start..self.len)?;
            let mut good = true;
            for (to, b) in room.iter_mut().zip(octets) {
                good &= b.is_ascii_alphanumeric() | (*b == b'-');
                *to = b.to_ascii_lowercase();
            }
            if !good {
                return None;
            }
            if let Some(encoded) = room.strip_prefix(b"xn--") {
                check_encoded(encoded)?;
            }
        } else {
            self.push_encoded(label)?;
        }
        (self.len - start <= MAX_LABEL).then_some(())
    }

    /// Appends the A-label of a U-label: RFC 3492 section 6.3.
    fn push_encoded(&mut self, label: &str) -> Option<()> {
        let mut points = [0; MAX_LABEL];
        let mut len = 0;
        for b in *b"xn--" {
            self.push(b)?;
        }
        let mut basic = 0;
        let mut before = '\0';
        for c in label.chars() {
            if c.is_ascii() {
                if !(c.is_ascii_alphanumeric() || c == '-' && before != '-') {
                    return None;
                }
                self.push(u8::try_from(c.to_ascii_lowercase()).ok()?)?;
                basic += 1;
            } else if !is_settled(c) {
                return None;
            }
            before = c;
            *points.get_mut(len)? = u32::from(c);
            len += 1;
        }
        if basic > 0 {
            self.push(b'-')?;
        }
        let points = points.get(..len)?;
        let all = u32::try_from(len).ok()?;
        let mut bias = Bias::new(basic);
        let mut delta = 0;
        let mut next = FIRST;
        while bias.done < all {
            // No overflow: 63 characters below 0x11_0000.
            let point = points.iter().copied().filter(|point| *point >= next).min()?;
            delta += (point - next) * (bias.done + 1);
            for other in points {
                delta += u32::from(*other < point);
                if *other == point {
                    self.push_delta(delta, bias.value)?;
                    bias.adapt(delta);
                    delta = 0;
                }
            }
            delta += 1;
            next = point + 1;
        }
        Some(())
    }

    fn push_delta(&mut self, mut delta: u32, bias: u32) -> Option<()> {
        // A digit at least divides by ten: at most as many as `u32` has.
        for place in 1.. {
            let threshold = threshold(place, bias);
            if delta < threshold {
                break;
            }
            let above = delta - threshold;
            self.push(digit(threshold + above % (BASE - threshold))?)?;
            delta = above / (BASE - threshold);
        }
        self.push(digit(delta)?)
    }
}

/// Is this what an A-label has behind its `xn--`, in lower case, for a U-label of ordinary
/// characters? Where they stand does not matter: RFC 3492 section 6.2 without the insertion.
fn check_encoded(encoded: &[u8]) -> Option<()> {
    let hyphen = encoded.iter().rposition(|b| *b == b'-');
    let (basic, deltas) = match hyphen {
        Some(hyphen) => (encoded.get(..hyphen)?, encoded.get(hyphen + 1..)?),
        None => (&[][..], encoded),
    };
    // Two hyphens could be those of another `xn--`.
    if hyphen == Some(0) || basic.first() == Some(&b'-') || basic.last() == Some(&b'-') {
        return None;
    }
    if basic.windows(2).any(|pair| pair == b"--") || deltas.is_empty() || encoded.len() > MAX_LABEL
    {
        return None;
    }
    let mut bias = Bias::new(u32::try_from(basic.len()).ok()?);
    let mut point = FIRST;
    let mut at = 0_u32;
    let mut digits = deltas.iter();
    while !digits.as_slice().is_empty() {
        let mut delta = 0_u32;
        let mut weight = 1_u32;
        for place in 1.. {
            let digit = value(*digits.next()?)?;
            delta = delta.checked_add(digit.checked_mul(weight)?)?;
            let threshold = threshold(place, bias.value);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
        }
        bias.adapt(delta);
        at = at.checked_add(delta)?;
        point = at.checked_div(bias.done)?.checked_add(point)?;
        at = at % bias.done + 1;
        if !is_settled(char::from_u32(point)?) {
            return None;
        }
    }
    Some(())
}

/// RFC 3492 section 5: the parameters of Punycode.
const BASE: u32 = 36;
const LEAST: u32 = 1;
const MOST: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const FIRST: u32 = 0x80;

/// RFC 3492 section 6.1: what the next number is expected to be like.
struct Bias {
    value: u32,
    basic: u32,
    /// How many characters are encoded.
    done: u32,
}

impl Bias {
    const fn new(basic: u32) -> Self {
        Self { value: 72, basic, done: basic }
    }

    /// One more character is encoded, as this number.
    const fn adapt(&mut self, delta: u32) {
        let mut delta = delta / if self.done == self.basic { DAMP } else { 2 };
        self.done += 1;
        delta += delta / self.done;
        let mut value = 0;
        while delta > (BASE - LEAST) * MOST / 2 {
            delta /= BASE - LEAST;
            value += BASE;
        }
        self.value = value + (BASE - LEAST + 1) * delta / (delta + SKEW);
    }
}

/// What a digit must reach for another to follow it; places count from one.
fn threshold(place: u32, bias: u32) -> u32 {
    (place * BASE).saturating_sub(bias).clamp(LEAST, MOST)
}

fn digit(value: u32) -> Option<u8> {
    let value = u8::try_from(value).ok()?;
    Some(if value < 26 { b'a' + value } else { b'0' + (value - 26) })
}

fn value(digit: u8) -> Option<u32> {
    match digit {
        b'a'..=b'z' => Some(u32::from(digit - b'a')),
        b'0'..=b'9' => Some(u32::from(digit - b'0') + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_normalization::{UnicodeNormalization, char::canonical_combining_class};

    /// The way that the short one must agree with.
    fn by_tables(domain: &str) -> Option<String> {
        idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::STD3)
            .ok()
            .map(std::borrow::Cow::into_owned)
    }

    fn shortly(domain: &str) -> Option<String> {
        Name::read(domain).map(|name| name.as_str().to_owned())
    }

    #[test]
    fn each_settled_character_is_what_the_tables_say() {
        let mut settled = 0;
        for c in ('\u{80}'..=char::MAX).filter(|c| is_settled(*c)) {
            settled += 1;
            assert!(c.is_alphabetic() && !c.is_uppercase(), "{c:?}");
            assert_eq!(canonical_combining_class(c), 0, "{c:?}");
            assert!(c.nfc().eq([c]), "{c:?}");
            // Alone, at either end, inside, twice, beside others.
            let domain = format!("{c}.{c}b.A{c}.x-{c}9.{c}{c}ß端{c}é");
            let by_tables = by_tables(&domain).expect("valid");
            assert_eq!(shortly(&domain).as_ref(), Some(&by_tables), "{domain}");
            assert_eq!(shortly(&by_tables).as_ref(), Some(&by_tables), "{domain}");
            let (read, valid) = idna::domain_to_unicode(&by_tables);
            assert!(valid.is_ok() && read == domain.replace('A', "a"), "{domain}");
        }
        assert!(settled > 32_000, "{settled}");
    }

    #[test]
    fn what_needs_the_tables_is_not_settled() {
        // Mapped, refused, combining, right to left, joining; or too rare to be worth a line.
        for c in [
            'Ä',
            '×',
            '÷',
            'ĳ',
            'ŀ',
            'ŉ',
            'ſ',
            'Ω',
            'Я',
            '\u{301}',
            '\u{3099}',
            '\u{30fb}',
            '・',
            '、',
            '。',
            '．',
            'ａ',
            '\u{ad}',
            '\u{200c}',
            '\u{200d}',
            'א',
            'ا',
            '\u{660}',
            '\u{94d}',
            '\u{1100}',
            '\u{1161}',
            '\u{f900}',
            '\u{2f800}',
            '\u{3400}',
            'ʼ',
            'ͅ',
            '\u{374}',
            '€',
            '\u{fffd}',
            '\u{80}',
            '\u{a0}',
            'ª',
            '²',
        ] {
            assert!(!is_settled(c), "{c:?}");
            assert_eq!(shortly(&format!("a{c}b")), None, "{c:?}");
        }
    }

    #[test]
    fn what_is_not_ordinary_is_left() {
        for domain in [
            "",
            ".",
            "a..b",
            "ü.",
            ".ü",
            "-ü",
            "ü-",
            "ü--b",
            "xn--ü",
            "a_ü",
            "ü b",
            "ü@b",
            "xn--a",
            "xn--",
            "xn--abc-",
            "xn---",
            "xn--bcher-kva-",
            "xn--xn--a-",
            "xn--0",
            "xn--99999999",
            "xn--a-ecp.ru",
            "xn--80ak6aa92e-",
            "xn--1ch",
            "xn--mgba3a4f16a",
        ] {
            assert_eq!(shortly(domain), None, "{domain:?}");
        }
        let twice = idna::punycode::encode_str("xn--aü").unwrap();
        assert_eq!(shortly(&format!("xn--{twice}")), None);
        assert_eq!(shortly(&"ü".repeat(64)), None);
        assert_eq!(shortly(&"a".repeat(64)), None);
        assert_eq!(shortly(&format!("{}ü", "a.".repeat(63))), None);
    }

    proptest! {
        #[test]
        fn the_short_way_agrees_with_the_tables(
            domain in "([a-zA-Z0-9äßçőşςώйѓあアー端한\u{4e00}-\u{4e20}éÄא-]{1,9}\\.?){1,3}",
        ) {
            if let Some(short) = shortly(&domain) {
                // `é-一` has nothing but a hyphen in ASCII, and its A-label is left to the tables.
                prop_assert_eq!(shortly(&short).unwrap_or_else(|| short.clone()), short.clone());
                prop_assert_eq!(by_tables(&domain), Some(short), "{}", &domain);
            }
        }

        #[test]
        fn a_labels_are_believed_as_the_tables_believe_them(
            domain in "(xn--|XN--)[a-d0-9-]{0,6}[a-zA-Z0-9]{1,8}(\\.example)?",
        ) {
            if let Some(short) = shortly(&domain) {
                prop_assert_eq!(by_tables(&domain), Some(short), "{}", &domain);
            }
        }

        #[test]
        fn it_encodes_as_others_do(label in "[a-z\u{e0}-\u{f6}а-яあ-ん端-竰가-힣]{1,20}") {
            let encoded = idna::punycode::encode_str(&label).unwrap();
            if let Some(short) = shortly(&label) {
                let ours = if label.is_ascii() { label } else { format!("xn--{encoded}") };
                prop_assert_eq!(short, ours);
            } else {
                prop_assert!(encoded.len() > 59);
            }
        }
    }
}

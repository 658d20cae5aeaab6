//! What holds for every subject.

use correspond::subject::{Rules, SubjectFilter, base, decode, rfc5256};
use correspond::text::trim;

/// Pieces of the grammar, so that few bytes make many prefixes.
const PIECES: [&str; 48] = [
    "Re",
    "re",
    "Fwd",
    "FW",
    "AW",
    "Sv",
    "fs",
    "FS",
    "RV",
    "rv",
    "回复",
    "Réf",
    "Re\u{301}f",
    "İlt",
    "Trả lời",
    "Podaj dalej",
    "Ответ",
    "Invoice",
    "x",
    "é",
    ":",
    ":",
    ":",
    "：",
    " ",
    " ",
    "\u{a0}",
    "\u{200f}",
    "\t",
    "[",
    "]",
    "(",
    ")",
    "[EXT]",
    "[list]",
    "[PATCH 1/2]",
    "[CRM:0001001]",
    "[Fwd: ",
    "[2]",
    "(3)",
    "^2",
    "2",
    "-2",
    ".",
    "(fwd)",
    " (was: a)",
    "*** SPAM ***",
    "=?utf-8?q?R?=",
];

pub fn subject(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data) {
        holds(text);
    }
    let pieces = data.iter().take(256).filter_map(|b| PIECES.get(usize::from(*b) % PIECES.len()));
    holds(&pieces.copied().collect::<String>());
}

fn holds(subject: &str) {
    let found = base(subject);
    let text = found.text();
    assert!(is_part(text, subject), "the base is a piece of the subject");
    assert_eq!(trim(text), text, "nothing invisible at its ends");
    assert!(found.prefixes().count() == found.prefix_count().min(8));
    for prefix in found.prefixes() {
        assert!(is_part(prefix, subject) && !prefix.is_empty());
    }
    let again = base(text);
    assert_eq!(again.text(), text, "{subject:?}");

    let rules = Rules::default();
    let key = rules.key(subject);
    if !found.had_list_tag() {
        assert_eq!(rules.key(text), key, "the base has the key of {subject:?}");
    }
    for prefix in ["Re: ", "RE:\t", "Fwd: ", "[EXT] ", "AW: Re[2]: "] {
        assert_eq!(rules.key(&format!("{prefix}{subject}")), key, "{prefix:?} {subject:?}");
    }
    let mut buffer = String::from("before");
    assert_eq!(rules.key_into(subject, &mut buffer), key.as_deref());
    assert!(buffer.starts_with("before"));

    let narrow = rfc5256::base(subject);
    let again = rfc5256::base(&narrow.text);
    assert_eq!(again.text, narrow.text, "{subject:?}");

    let _ = decode(subject);
    let words = SubjectFilter::default().keywords(subject, 20, &mut buffer);
    assert!(words.len() <= 20 && words.iter().all(|word| !word.is_empty()));
    if let Ok(filter) = SubjectFilter::new(subject) {
        assert!(filter.keywords(subject, 20, &mut buffer).len() <= 20);
    }
}

fn is_part(part: &str, whole: &str) -> bool {
    let (part, whole) = (part.as_bytes().as_ptr_range(), whole.as_bytes().as_ptr_range());
    part.is_empty() || (whole.start <= part.start && part.end <= whole.end)
}

//! Where does a word end? The two questions that decide what may stand beside a token.

use unicode_normalization::IsNormalized;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

use crate::text::is_ignorable;

/// Does this folded character, beside a digit or letter, make one word with it?
///
/// Digits of every kind, and letters of the scripts that have case (Latin, Greek, Cyrillic ...).
/// Letters of other scripts do not: Chinese, Japanese and Thai set no blank between words, Korean and
/// Hebrew glue particles to them, and `关于CRM:0001001的问题` names the token all the same.
pub(super) fn joins(folded: char) -> bool {
    if folded.is_ascii() {
        folded.is_ascii_alphanumeric()
    } else {
        folded.is_lowercase() || folded.is_numeric()
    }
}

/// Must this character be folded together with the one before it: a mark upon it, a jamo that
/// completes its syllable, or something invisible?
pub(super) fn clings(c: char) -> bool {
    if c.is_ascii() {
        return false;
    }
    let mut first = None;
    decompose_compatible(c, |part| first = first.or(Some(part)));
    is_ignorable(c)
        || first.is_some_and(|part| {
            is_combining_mark(part)
                || unicode_normalization::is_nfc_quick(std::iter::once(part)) == IsNormalized::Maybe
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    #[test]
    fn words_end_where_scripts_say() {
        assert!("aé1²ωж".chars().all(joins));
        assert!(!"- _:]的のของ의ב٪".chars().any(joins));
    }

    #[test]
    fn pieces_that_do_not_cling_fold_apart() {
        // Han, Hangul syllables and private use have no part in composition from the right.
        let scripts = ('\0'..='\u{33ff}').chain('\u{a000}'..='\u{abff}');
        for c in scripts.chain('\u{f900}'..='\u{1ffff}').chain('\u{e0000}'..='\u{e01ff}') {
            if clings(c) {
                continue;
            }
            let whole = fold(&format!("\u{1}x{c}e{c}가{c}か{c}α{c}\u{1}"));
            let guarded = fold(&format!("\u{1}{c}\u{1}"));
            let bare = |text: &str| text.get(1..text.len() - 1).unwrap().to_owned();
            let alone = &bare(&guarded);
            let pieces = ["", "x", "e", "가", "か", "α", ""].join(alone);
            let pieces = pieces.strip_prefix(alone).unwrap();
            assert_eq!(bare(&whole), pieces, "U+{:04X}", u32::from(c));
        }
    }
}

//! How alike must two texts be to be the same?

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::chars::{is_space, trim};
use super::fold::{fold, fold_into, lower_into};

/// Which differences between two texts make them two.
///
/// From the narrowest to the widest: texts that are the same under one form are the same under every
/// later one. Each is idempotent: the key of a key is that key.
///
/// ```
/// use correspond::text::TextForm;
///
/// let same = |form: TextForm, a, b| form.key(a) == form.key(b);
/// assert!(same(TextForm::Caseless, "José ", "JOSE\u{301}"), "case, outer blanks, composition");
/// assert!(!same(TextForm::Caseless, "Mary  Ann", "Mary Ann"));
/// assert!(same(TextForm::Spaced, "Mary  Ann", "Mary Ann"));
/// assert!(!same(TextForm::Spaced, "Straße", "STRASSE"));
/// assert!(same(TextForm::Folded, "Straße", "STRASSE"));
/// assert!(!same(TextForm::Folded, "José", "Jose"));
/// assert!(same(TextForm::Unaccented, "José", "Jose"));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TextForm {
    /// Octet by octet.
    Exact,
    /// Case, a character at a time, composition (NFC), and white space and invisible characters at the
    /// ends make no difference.
    #[default]
    Caseless,
    /// Nor does it how much white space stands between words.
    Spaced,
    /// What a reader calls the same text: [`fold`].
    Folded,
    /// Nor do accents and other combining marks make a difference.
    Unaccented,
}

impl TextForm {
    /// Every form, from the narrowest to the widest.
    pub const ALL: [Self; 5] =
        [Self::Exact, Self::Caseless, Self::Spaced, Self::Folded, Self::Unaccented];

    /// Appends what `text` is compared by.
    pub fn key_into(self, text: &str, key: &mut String) {
        match self {
            Self::Exact => key.push_str(text),
            Self::Caseless => lower_into(trim(text), key),
            Self::Spaced => {
                let mut lower = String::with_capacity(text.len());
                lower_into(trim(text), &mut lower);
                for (number, word) in lower.split(is_space).filter(|w| !w.is_empty()).enumerate() {
                    if number > 0 {
                        key.push(' ');
                    }
                    key.push_str(word);
                }
            }
            Self::Folded => fold_into(text, key),
            Self::Unaccented => {
                let plain: String = fold(text).nfd().filter(|c| !is_combining_mark(*c)).collect();
                // What a mark kept apart may fold further once it is gone.
                fold_into(&plain, key);
            }
        }
    }

    /// What `text` is compared by, as a new string.
    #[must_use]
    pub fn key(self, text: &str) -> String {
        let mut key = String::new();
        self.key_into(text, &mut key);
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Normalising twice is normalising once.
        #[test]
        fn a_key_is_its_own_key(text in "\\PC{0,12}|[a-zßſİıΣςéE\u{301}\u{308} \u{a0}\u{200b}ŉǆﬁ]{0,8}") {
            for form in TextForm::ALL {
                let once = form.key(&text);
                prop_assert_eq!(form.key(&once), once, "{:?}", form);
            }
        }

        /// A wider form never tells apart what a narrower one calls the same.
        #[test]
        fn forms_only_widen(a in "[aAßs\u{301}éEe\u{a0} \u{200b}İi]{0,5}", b in "[aAßs\u{301}éEe\u{a0} \u{200b}İi]{0,5}") {
            for pair in TextForm::ALL.windows(2) {
                if pair[0].key(&a) == pair[0].key(&b) {
                    prop_assert_eq!(pair[1].key(&a), pair[1].key(&b), "{:?}", pair);
                }
            }
        }
    }
}

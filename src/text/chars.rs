//! What a character counts as: space, nothing at all, or text.

/// Is this character invisible to a reader and therefore left out of every comparison?
///
/// The Unicode property `Default_Ignorable_Code_Point`: soft hyphen, zero-width space and joiners,
/// bidi marks, embeddings and isolates, byte order mark, variation selectors, tags.
#[must_use]
pub const fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Is this character white space: blank, tab, line end, no-break space, ideographic space ...?
///
/// The Unicode property `White_Space`.
#[must_use]
pub const fn is_space(c: char) -> bool {
    c.is_whitespace()
}

/// Without the white space and the invisible characters at both ends.
///
/// ```
/// assert_eq!(correspond::text::trim("\u{feff}\u{2067} a b \u{2069}\u{a0}"), "a b");
/// ```
#[must_use]
pub fn trim(text: &str) -> &str {
    text.trim_matches(|c| is_space(c) || is_ignorable(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_is_not_space_and_space_is_not_invisible() {
        for c in '\0'..=char::MAX {
            assert!(!(is_ignorable(c) && is_space(c)), "{c:?}");
        }
        assert!(is_ignorable('\u{200e}') && is_ignorable('\u{2069}') && is_ignorable('\u{feff}'));
        assert!(is_space('\u{a0}') && is_space('\u{202f}') && is_space('\u{3000}'));
    }
}

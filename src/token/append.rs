//! A token at the end of a subject.

use super::boundary::{clings, joins};
use super::error::SubjectLimitError;
use super::tracking_token::TrackingToken;
use crate::text::{fold, is_ignorable, is_space};

/// The longest subject that the mail server takes, 255 to 400 characters, 255 by default: the
/// product's `MaximumSubjectLengthOnMailServer`.
///
/// Characters are UTF-16 code units, as everywhere in the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubjectLimit(u16);

impl SubjectLimit {
    /// The product's default, 255 characters.
    pub const DEFAULT: Self = Self(255);

    /// A limit of 255 to 400 characters.
    ///
    /// ```
    /// use correspond::token::SubjectLimit;
    ///
    /// assert_eq!(SubjectLimit::new(400)?.get(), 400);
    /// assert_eq!(
    ///     SubjectLimit::new(78).unwrap_err().to_string(),
    ///     "subject limit: expected 255 to 400 characters, found 78"
    /// );
    /// # Ok::<(), correspond::token::SubjectLimitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A number outside that range.
    pub const fn new(characters: u16) -> Result<Self, SubjectLimitError> {
        if characters < 255 || characters > 400 {
            return Err(SubjectLimitError { found: characters });
        }
        Ok(Self(characters))
    }

    /// In characters.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl Default for SubjectLimit {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TrackingToken {
    /// The subject with this token at its end, after one blank, within the limit.
    ///
    /// What is too long is the subject, never the token: it loses its end, between two characters
    /// as a reader sees them where that is possible. White space at the subject's end goes. A
    /// subject that ends in this token already, in any spelling, is not given it twice. Other
    /// tokens stay where they are.
    ///
    /// (The product leaves a token out that alone is longer than the limit. No token is: 50
    /// characters at most against 255 at least.)
    ///
    /// ```
    /// use correspond::token::{SubjectLimit, TrackingToken};
    ///
    /// let token = TrackingToken::from_text("CRM:0001001")?;
    /// let once = token.append_to("Your order", SubjectLimit::DEFAULT);
    /// assert_eq!(once, "Your order CRM:0001001");
    /// assert_eq!(token.append_to(&once, SubjectLimit::DEFAULT), once);
    ///
    /// let long = token.append_to(&"x".repeat(300), SubjectLimit::DEFAULT);
    /// assert_eq!(long.len(), 255);
    /// assert!(long.ends_with("x CRM:0001001"));
    /// # Ok::<(), correspond::token::TrackingTokenError>(())
    /// ```
    #[must_use]
    pub fn append_to(&self, subject: &str, limit: SubjectLimit) -> String {
        let token = self.as_str();
        let room = usize::from(limit.get()).saturating_sub(token.encode_utf16().count() + 1);
        let subject = shorten(self.strip_from(subject.trim_end_matches(is_space)), room);
        let mut full = String::with_capacity(subject.len() + 1 + token.len());
        full.push_str(subject);
        if !full.is_empty() {
            full.push(' ');
        }
        full.push_str(token);
        full
    }

    /// The subject without this token at its end.
    fn strip_from<'s>(&self, subject: &'s str) -> &'s str {
        let length = self.as_str().chars().count();
        let Some((at, _)) = subject.char_indices().rev().nth(length.saturating_sub(1)) else {
            return subject;
        };
        let Some((before, last)) = subject.split_at_checked(at) else { return subject };
        let key = fold(self.as_str());
        let glued = before.chars().next_back().is_some_and(folded_joins)
            && key.chars().next().is_some_and(joins);
        if glued || fold(last) != key { subject } else { before.trim_end_matches(is_space) }
    }
}

fn folded_joins(c: char) -> bool {
    let mut buffer = [0; 4];
    fold(c.encode_utf8(&mut buffer)).chars().any(joins)
}

/// The longest beginning of at most `room` UTF-16 code units that splits no visible character and
/// does not end in white space.
fn shorten(subject: &str, room: usize) -> &str {
    let mut units = 0;
    let Some((cut, _)) = subject.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > room
    }) else {
        return subject;
    };
    // Longer clusters than this are nobody's writing: they are cut like any text.
    const LONGEST_CLUSTER: usize = 32;
    let whole = (0..=cut).rev().filter(|at| subject.is_char_boundary(*at)).take(LONGEST_CLUSTER);
    let cut = whole
        .filter_map(|at| subject.split_at_checked(at))
        .find(|(kept, lost)| !lost.starts_with(continues) && !kept.ends_with('\u{200d}'))
        .map_or(cut, |(kept, _)| kept.len());
    subject.get(..cut).unwrap_or_default().trim_end_matches(is_space)
}

/// Is this character seen as a part of the one before it?
fn continues(c: char) -> bool {
    (clings(c) && !is_ignorable(c))
        || matches!(c, '\u{200d}' | '\u{fe0e}' | '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn append(subject: &str) -> String {
        TrackingToken::from_text("CRM:0001001").unwrap().append_to(subject, SubjectLimit::DEFAULT)
    }

    #[test]
    fn appends_after_one_blank() {
        for (subject, full) in [
            ("", "CRM:0001001"),
            ("  \t", "CRM:0001001"),
            ("x \r\n", "x CRM:0001001"),
            ("x CRM:0001002", "x CRM:0001002 CRM:0001001"),
            ("x crm:0001001", "x CRM:0001001"),
            ("x ｃｒｍ：０００１００１ ", "x CRM:0001001"),
            ("CRM:0001001", "CRM:0001001"),
            ("XCRM:0001001", "XCRM:0001001 CRM:0001001"),
            ("关于CRM:0001001", "关于 CRM:0001001"),
            ("x [CRM:0001001]", "x [CRM:0001001] CRM:0001001"),
        ] {
            assert_eq!(append(subject), full, "{subject:?}");
        }
    }

    #[test]
    fn shortens_the_subject_by_utf16_between_visible_characters() {
        // 255 - 12 leaves room for 243.
        for (tail, kept) in [
            ("abcdef", "a"),
            ("\u{1f600}bcdef", ""),
            ("e\u{301}\u{302}cd", ""),
            (" bcdef", ""),
            ("👩\u{200d}👩\u{200d}👧", ""),
        ] {
            let full = append(&format!("{}{tail}", "x".repeat(242)));
            assert_eq!(full, format!("{}{kept} CRM:0001001", "x".repeat(242)), "{tail:?}");
        }
        let marks = append(&format!("x{}", "\u{301}".repeat(1000)));
        assert_eq!(marks.encode_utf16().count(), 255, "an endless cluster is cut");
    }

    #[test]
    fn shortens_a_long_subject_that_has_the_token_already() {
        let long = format!("{} CRM:0001001", "x".repeat(300));
        assert_eq!(append(&long), format!("{} CRM:0001001", "x".repeat(243)));
    }
}

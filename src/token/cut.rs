//! A subject as it was before a token came to it.

use std::borrow::Cow;

use super::scan::TokenScanner;

/// At most this many tokens are cut out of one subject.
const MOST: usize = 8;

impl TokenScanner {
    /// The subject without its tokens, and without the brackets that held one: what is compared
    /// when the question is whether the subject changed. Borrowed where no token stands in it.
    ///
    /// The first eight tokens go. White space stays as it is.
    ///
    /// ```
    /// use correspond::token::{TokenFormat, TokenScanner};
    ///
    /// let scanner = TokenScanner::new([TokenFormat::default()])?;
    /// assert_eq!(scanner.cut("Offer CRM:0001001"), "Offer ");
    /// assert_eq!(scanner.cut("[CRM:0001001] Offer"), " Offer");
    /// assert_eq!(scanner.cut("Offer"), "Offer");
    /// # Ok::<(), correspond::token::TokenScannerError>(())
    /// ```
    #[must_use]
    pub fn cut<'a>(&self, subject: &'a str) -> Cow<'a, str> {
        let mut kept = String::new();
        let mut end = 0;
        for token in self.find_iter(subject).take(MOST) {
            // Tokens of several formats may overlap; what is cut is cut once.
            kept.push_str(subject.get(end..token.range().start).unwrap_or_default());
            end = end.max(token.range().end);
            let next = subject.get(end..).and_then(|rest| rest.chars().next());
            if matches!(
                (kept.chars().next_back(), next),
                (Some('['), Some(']')) | (Some('('), Some(')'))
            ) {
                kept.pop();
                end += 1;
            }
        }
        if end == 0 {
            return Cow::Borrowed(subject);
        }
        kept.push_str(subject.get(end..).unwrap_or_default());
        Cow::Owned(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::super::TokenFormat;
    use super::*;

    #[test]
    fn tokens_go_with_their_brackets() {
        let scanner = TokenScanner::new([TokenFormat::default()]).unwrap();
        for (subject, left) in [
            ("CRM:0001001", ""),
            ("a (CRM:0001001) b [CRM:0001002]", "a  b "),
            ("[list CRM:0001001] x", "[list ] x"),
            ("XCRM:0001001", "XCRM:0001001"),
        ] {
            assert_eq!(scanner.cut(subject), left, "{subject}");
        }
    }
}

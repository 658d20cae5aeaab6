//! Smart matching: the words of a subject that are left after the filter expression.

use regex::{Regex, RegexBuilder};

use super::dotnet;
use super::filter_error::{FilterError, FilterErrorKind};
use super::word_class::is_word;
use crate::text;

/// The product's default expression (`hashfilterkeywords`): any number of leading single words,
/// each with a colon.
pub const DEFAULT_FILTER: &str = r"^[\s]*([\w]+\s?:[\s]*)+";

/// The default as a much-copied page shows it, its backslashes lost: it strips runs of the letters
/// `s` and `w`.
const LOST_BACKSLASHES: &str = "^[s]*([w]+s?:[s]*)+";

/// The most words that [`SubjectFilter::keywords`] gives, whatever is asked for. The product's
/// `hashmaxcount` is 20.
pub const MAX_KEYWORDS: usize = 64;

/// The longest expression, in bytes.
const LONGEST: usize = 4_096;
/// The most memory a compiled expression takes, in bytes.
const COMPILED_SIZE: usize = 1 << 20;

/// The expression whose matches smart matching removes from a subject.
///
/// The product evaluates it with .NET, this crate with the `regex` crate, in linear time. The two
/// read the common constructs alike; what `regex` lacks or reads otherwise is an error that names
/// it, never a guess. `\w` means letters, marks, decimal digits and connectors of every script in
/// both; `regex` adds the other alphabetic characters (circled letters, Roman numerals).
///
/// ```
/// use correspond::subject::SubjectFilter;
///
/// let mut buffer = String::new();
/// let words = SubjectFilter::default().keywords("RE: AW: Your order 4711", 20, &mut buffer);
/// assert_eq!(words, ["your", "order", "4711"]);
///
/// let filter = SubjectFilter::new(r"^[\s]*([\w]+\s?:[\s]*)+|^Out of office:")?;
/// assert_eq!(filter.keywords("Out of office: Plan", 20, &mut buffer), ["plan"]);
/// # Ok::<(), correspond::subject::FilterError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct SubjectFilter {
    /// None: [`DEFAULT_FILTER`], evaluated by hand.
    regex: Option<Regex>,
}

impl SubjectFilter {
    /// Reads an administrator's expression.
    ///
    /// Letter case matters, as in the product; `(?i)` in front switches it off.
    ///
    /// # Errors
    ///
    /// When the expression is the default without its backslashes, uses a .NET construct that has
    /// no equal here (lookaround, back-reference, atomic group, ...), is malformed, or is longer
    /// than 4,096 bytes or too large when compiled.
    pub fn new(expression: &str) -> Result<Self, FilterError> {
        let error = |kind| FilterError::new(kind);
        if expression == DEFAULT_FILTER {
            return Ok(Self::default());
        }
        if expression.trim() == LOST_BACKSLASHES {
            return Err(error(FilterErrorKind::LostBackslashes));
        }
        if expression.len() > LONGEST {
            return Err(error(FilterErrorKind::TooLong { found: expression.len(), most: LONGEST }));
        }
        if let Some((construct, at)) = dotnet::construct(expression) {
            return Err(error(FilterErrorKind::Unsupported { construct, at }));
        }
        let built = RegexBuilder::new(expression).size_limit(COMPILED_SIZE).build();
        let regex = built.map_err(|source| match source {
            regex::Error::CompiledTooBig(most) => error(FilterErrorKind::TooLarge { most }),
            other => FilterError::syntax(&other),
        })?;
        Ok(Self { regex: Some(regex) })
    }

    /// The expression.
    #[must_use]
    pub fn expression(&self) -> &str {
        self.regex.as_ref().map_or(DEFAULT_FILTER, Regex::as_str)
    }

    /// Does the expression match anywhere in `subject`? One that matches the empty string has parts
    /// that do nothing.
    #[must_use]
    pub fn is_match(&self, subject: &str) -> bool {
        self.regex.as_ref().map_or_else(|| label_end(subject) > 0, |regex| regex.is_match(subject))
    }

    /// The distinct words of `subject` in their comparison form, in order, at most `max` of them
    /// (and [`MAX_KEYWORDS`]), after every match of the expression was removed.
    ///
    /// Words are what white space separates; they stand in `buffer`, which is cleared first. A
    /// subject without words gives none, and **no words match nothing**.
    pub fn keywords<'k>(&self, subject: &str, max: usize, buffer: &'k mut String) -> Vec<&'k str> {
        buffer.clear();
        match &self.regex {
            None => {
                let rest = subject.get(label_end(subject)..).unwrap_or_default();
                text::fold_into(rest, buffer);
            }
            Some(regex) => text::fold_into(&regex.replace_all(subject, ""), buffer),
        }
        distinct_words(buffer, max.min(MAX_KEYWORDS))
    }
}

impl PartialEq for SubjectFilter {
    fn eq(&self, other: &Self) -> bool {
        self.expression() == other.expression()
    }
}

impl Eq for SubjectFilter {}

/// The one place that says what a word is. Each new word is compared with those before it, of which
/// there are at most 64.
fn distinct_words(folded: &str, max: usize) -> Vec<&str> {
    let mut words = Vec::with_capacity(max.min(20));
    let mut rest = folded;
    while !rest.is_empty() && words.len() < max {
        let end = rest.bytes().position(|b| b == b' ').unwrap_or(rest.len());
        let (word, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if !word.is_empty() && !words.contains(&word) {
            words.push(word);
        }
        rest = behind.strip_prefix(' ').unwrap_or(behind);
    }
    words
}

/// The end of the match of [`DEFAULT_FILTER`] in `subject`; 0 where there is none.
fn label_end(subject: &str) -> usize {
    let skip = |at: usize| {
        let rest = subject.get(at..).unwrap_or_default();
        at + rest.len() - rest.trim_start_matches(text::is_space).len()
    };
    let mut end = 0;
    let mut at = skip(0);
    loop {
        let rest = subject.get(at..).unwrap_or_default();
        let behind = rest.trim_start_matches(is_word);
        let mut next = behind.chars();
        let colon = match next.next() {
            Some(':') => Some(next.as_str()),
            Some(c) if text::is_space(c) => next.as_str().strip_prefix(':'),
            _ => None,
        };
        let Some(colon) = colon.filter(|_| behind.len() < rest.len()) else { return end };
        end = skip(subject.len() - colon.len());
        at = end;
    }
}

#[cfg(test)]
#[expect(clippy::string_slice, reason = "a wrong offset should fail the test")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_regex(subject: &str) -> usize {
        Regex::new(DEFAULT_FILTER).unwrap().find(subject).map_or(0, |found| found.end())
    }

    #[test]
    fn the_default_is_what_the_expression_says() {
        for (subject, left) in [
            ("RE: FW : x", "x"),
            ("Invoice: 12: total", "total"),
            ("http://x", "//x"),
            ("Out of office: x", "Out of office: x"),
            ("[EXT] Re: x", "[EXT] Re: x"),
            ("  \tAW:\u{a0}回复: x", "x"),
            ("Re  : x", "Re  : x"),
            (": x", ": x"),
            ("re", "re"),
            ("re:", ""),
            ("", ""),
        ] {
            assert_eq!(&subject[label_end(subject)..], left);
            assert_eq!(by_regex(subject), label_end(subject), "{subject:?}");
        }
    }

    #[test]
    fn word_characters_are_those_of_regex() {
        let regex = Regex::new(r"\A\w\z").unwrap();
        let mut buffer = [0; 4];
        let unassigned = Regex::new(r"\A\p{Cn}\z").unwrap();
        for c in '\0'..=char::MAX {
            let text = &*c.encode_utf8(&mut buffer);
            // The two have tables of different Unicode versions.
            if is_word(c) != regex.is_match(text) {
                assert!(unassigned.is_match(text), "U+{:04X}", c as u32);
            }
        }
    }

    proptest! {
        #[test]
        fn by_hand_and_by_regex_agree(subject in "[ \t\u{a0}a-cé回:：_1\u{301}\\[.-]{0,24}") {
            prop_assert_eq!(label_end(&subject), by_regex(&subject));
        }

        #[test]
        fn keywords_are_distinct_folded_and_bounded(subject in any::<String>(), max in 0_usize..30) {
            let mut buffer = String::from("used before");
            let words = SubjectFilter::default().keywords(&subject, max, &mut buffer);
            prop_assert!(words.len() <= max);
            let distinct: std::collections::BTreeSet<_> = words.iter().collect();
            prop_assert_eq!(distinct.len(), words.len());
            for word in &words {
                prop_assert!(!word.is_empty() && !word.contains(text::is_space));
            }
        }
    }
}

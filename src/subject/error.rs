//! What is wrong with subject settings, said for the administrator who typed them.

use std::fmt;

use super::rules::{MAX_WORD_CHARS, MAX_WORDS};

/// Why [`Settings`](super::Settings) are no [`Rules`](super::Rules): names the field, the entry
/// and what was expected.
///
/// ```
/// use correspond::subject::{Rules, Settings};
///
/// let mut settings = Settings::default();
/// settings.reply_words.push("re2".into());
/// assert_eq!(
///     Rules::new(settings).unwrap_err().to_string(),
///     "subject settings: reply_words[0]: expected letters and blanks, found '2'",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesError {
    field: &'static str,
    entry: Option<usize>,
    kind: RulesErrorKind,
}

/// The kind of a [`RulesError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RulesErrorKind {
    /// More than [`MAX_WORDS`] entries in one list.
    #[non_exhaustive]
    TooMany {
        /// How many there are.
        found: usize,
    },
    /// An entry of more than [`MAX_WORD_CHARS`] characters.
    #[non_exhaustive]
    TooLong {
        /// How many there are.
        found: usize,
    },
    /// An entry without a visible character.
    Empty,
    /// A character that this list does not allow.
    #[non_exhaustive]
    Character {
        /// The character, folded.
        found: char,
    },
}

impl RulesError {
    pub(super) fn new(field: &'static str, entry: Option<usize>, kind: RulesErrorKind) -> Self {
        Self { field, entry, kind }
    }

    /// The name of the field of [`Settings`](super::Settings).
    #[must_use]
    pub fn field(&self) -> &'static str {
        self.field
    }

    /// Which entry of the list, counted from 0.
    #[must_use]
    pub fn entry(&self) -> Option<usize> {
        self.entry
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> RulesErrorKind {
        self.kind
    }
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "subject settings: {}", self.field)?;
        if let Some(entry) = self.entry {
            write!(f, "[{entry}]")?;
        }
        match self.kind {
            RulesErrorKind::TooMany { found } => {
                write!(f, ": expected at most {MAX_WORDS} entries, found {found}")
            }
            RulesErrorKind::TooLong { found } => {
                write!(f, ": expected at most {MAX_WORD_CHARS} characters, found {found}")
            }
            RulesErrorKind::Empty => write!(f, ": expected text, found none"),
            RulesErrorKind::Character { found } if self.field.ends_with("words") => {
                write!(f, ": expected letters and blanks, found {found:?}")
            }
            RulesErrorKind::Character { found } => {
                write!(f, ": expected no brackets, stars or control characters, found {found:?}")
            }
        }
    }
}

impl std::error::Error for RulesError {}

//! What is wrong with a filter expression, said for the administrator who typed it.

use std::fmt;

/// Why an expression is no [`SubjectFilter`](super::SubjectFilter). Smart matching stays off until
/// it is mended; nothing is guessed.
///
/// ```
/// use correspond::subject::SubjectFilter;
///
/// assert_eq!(
///     SubjectFilter::new("^(?!CRM)\\w+:").unwrap_err().to_string(),
///     "filter expression: expected constructs of linear-time expressions, \
///      found a .NET negative lookahead at byte 1",
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    kind: FilterErrorKind,
    message: Option<String>,
}

/// The kind of a [`FilterError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FilterErrorKind {
    /// The default expression without its backslashes, as a much-copied page shows it. Meant is
    /// [`DEFAULT_FILTER`](super::DEFAULT_FILTER).
    LostBackslashes,
    /// A .NET construct that has no equal here.
    #[non_exhaustive]
    Unsupported {
        /// Its name, such as `lookahead`, `back-reference`, `atomic group`.
        construct: &'static str,
        /// Where it starts, in bytes.
        at: usize,
    },
    /// Malformed.
    Syntax,
    /// Longer than allowed.
    #[non_exhaustive]
    TooLong {
        /// Its length in bytes.
        found: usize,
        /// The most bytes allowed.
        most: usize,
    },
    /// Too large when compiled.
    #[non_exhaustive]
    TooLarge {
        /// The most bytes allowed.
        most: usize,
    },
}

impl FilterError {
    pub(super) fn new(kind: FilterErrorKind) -> Self {
        Self { kind, message: None }
    }

    pub(super) fn syntax(source: &regex::Error) -> Self {
        Self { kind: FilterErrorKind::Syntax, message: Some(source.to_string()) }
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> FilterErrorKind {
        self.kind
    }
}

impl fmt::Display for FilterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "filter expression: expected ")?;
        match self.kind {
            FilterErrorKind::LostBackslashes => write!(
                f,
                "{}, found its copy without backslashes, which strips runs of 's' and 'w'",
                super::DEFAULT_FILTER
            ),
            FilterErrorKind::Unsupported { construct, at } => {
                write!(
                    f,
                    "constructs of linear-time expressions, \
                     found a .NET {construct} at byte {at}"
                )
            }
            FilterErrorKind::Syntax => {
                let message = self.message.as_deref().unwrap_or_default();
                write!(f, "a well-formed expression, found {message}")
            }
            FilterErrorKind::TooLong { found, most } => {
                write!(f, "at most {most} bytes, found {found}")
            }
            FilterErrorKind::TooLarge { most } => {
                write!(f, "at most {most} bytes when compiled, found more")
            }
        }
    }
}

impl std::error::Error for FilterError {}

//! What can be wrong with a format, a token or a limit.

/// A [`TokenFormat`](super::TokenFormat) or [`Prefix`](super::Prefix) was refused; the message names
/// the field, what was expected and what was found.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct TokenFormatError(#[from] FormatProblem);

impl TokenFormatError {
    /// The field that is wrong.
    #[must_use]
    pub const fn kind(&self) -> TokenFormatErrorKind {
        match self.0 {
            FormatProblem::PrefixLength { .. }
            | FormatProblem::PrefixControl { .. }
            | FormatProblem::PrefixEnds { .. }
            | FormatProblem::PrefixInvisible => TokenFormatErrorKind::Prefix,
            FormatProblem::Base { .. } => TokenFormatErrorKind::Base,
            FormatProblem::UserDigits { .. } => TokenFormatErrorKind::UserDigits,
            FormatProblem::CounterDigits { .. } => TokenFormatErrorKind::CounterDigits,
            FormatProblem::Notation { .. } => TokenFormatErrorKind::Notation,
        }
    }
}

/// The field of a format that was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenFormatErrorKind {
    /// The prefix.
    Prefix,
    /// The deployment base.
    Base,
    /// The digits of the user number.
    UserDigits,
    /// The digits of the counter.
    CounterDigits,
    /// The text form `PREFIX/BASE/USER_DIGITS/COUNTER_DIGITS` as a whole.
    Notation,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum FormatProblem {
    #[error("prefix: expected 1 to 20 characters, found {found}")]
    PrefixLength { found: usize },
    #[error("prefix: expected no control character, found U+{:04X} at byte {at}", u32::from(*found))]
    PrefixControl { found: char, at: usize },
    #[error("prefix: expected no white space at its ends, found {found:?}")]
    PrefixEnds { found: String },
    #[error("prefix: expected a visible character, found only invisible ones")]
    PrefixInvisible,
    #[error("base: expected 0 to 2147483647, found {found}")]
    Base { found: u32 },
    #[error("user digits: expected 1 to {most}, found {found}")]
    UserDigits { most: u8, found: u8 },
    #[error("counter digits: expected 1 to 9, found {found}")]
    CounterDigits { found: u8 },
    #[error("format: expected PREFIX/BASE/USER_DIGITS/COUNTER_DIGITS, found {found:?}")]
    Notation { found: String },
}

/// A token could not be printed: a number is wider than the format. The message says what to change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct RenderError(#[from] RenderProblem);

impl RenderError {
    /// The number that is too wide.
    #[must_use]
    pub const fn kind(&self) -> RenderErrorKind {
        match self.0 {
            RenderProblem::User { .. } => RenderErrorKind::UserNumberTooWide,
            RenderProblem::Counter { .. } => RenderErrorKind::CounterTooWide,
        }
    }
}

/// The number that a format cannot print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RenderErrorKind {
    /// Base + user id has more digits than the format gives the user number.
    UserNumberTooWide,
    /// The counter has more digits than the format gives it.
    CounterTooWide,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum RenderProblem {
    #[error(
        "user number: expected at most {digits} digits, found {} (base {base} + user {user}): \
         raise the digits of the user number to {}, or lower the base",
        u64::from(*base) + u64::from(*user), needed
    )]
    User { digits: u8, needed: u32, base: u32, user: u32 },
    #[error(
        "counter: expected at most {most}, found {found}: raise the digits of the counter, or \
         restart it"
    )]
    Counter { most: u32, found: u32 },
}

/// A text was refused as a [`TrackingToken`](super::TrackingToken).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct TrackingTokenError(#[from] TokenProblem);

impl TrackingTokenError {
    /// What is wrong with the text.
    #[must_use]
    pub const fn kind(&self) -> TrackingTokenErrorKind {
        match self.0 {
            TokenProblem::Empty => TrackingTokenErrorKind::Empty,
            TokenProblem::TooLong { .. } => TrackingTokenErrorKind::TooLong,
            TokenProblem::Control { .. } => TrackingTokenErrorKind::ControlCharacter,
        }
    }
}

/// Why a text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrackingTokenErrorKind {
    /// Nothing visible in it.
    Empty,
    /// More than 50 characters.
    TooLong,
    /// A line end or another control character, which could forge a header line.
    ControlCharacter,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum TokenProblem {
    #[error("tracking token: expected 1 to 50 characters, found nothing visible")]
    Empty,
    #[error("tracking token: expected 1 to 50 characters, found {found}")]
    TooLong { found: usize },
    #[error(
        "tracking token: expected no control character, found U+{:04X} at byte {at}",
        u32::from(*found)
    )]
    Control { found: char, at: usize },
}

/// More formats than a [`TokenScanner`](super::TokenScanner) takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("token formats: expected at most {most}, found more")]
pub struct TokenScannerError {
    pub(super) most: usize,
}

/// A [`SubjectLimit`](super::SubjectLimit) outside its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("subject limit: expected 255 to 400 characters, found {found}")]
pub struct SubjectLimitError {
    pub(super) found: u16,
}

//! Why a value, or a record of settings, could not be made.

use std::borrow::Cow;
use std::fmt;

/// A value lies outside of what its type takes. The setting it was meant for is named by the
/// [`SettingError`] that a builder makes of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found}")]
pub struct ValueError {
    kind: SettingErrorKind,
    expected: Cow<'static, str>,
    found: Cow<'static, str>,
}

impl ValueError {
    pub(crate) fn length(expected: impl Into<Cow<'static, str>>, found: impl fmt::Display) -> Self {
        Self::new(SettingErrorKind::Length, expected, found)
    }

    pub(crate) fn range(expected: impl Into<Cow<'static, str>>, found: impl fmt::Display) -> Self {
        Self::new(SettingErrorKind::Range, expected, found)
    }

    pub(crate) fn form(expected: impl Into<Cow<'static, str>>, found: impl fmt::Display) -> Self {
        Self::new(SettingErrorKind::Form, expected, found)
    }

    pub(crate) fn new(
        kind: SettingErrorKind,
        expected: impl Into<Cow<'static, str>>,
        found: impl fmt::Display,
    ) -> Self {
        Self { kind, expected: expected.into(), found: found.to_string().into() }
    }

    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> SettingErrorKind {
        self.kind
    }
}

/// A record of settings could not be made: which setting, what was expected, what was found.
///
/// ```
/// use correspond::settings::LeadScoringConfiguration;
///
/// let error = LeadScoringConfiguration::builder().name("").build().unwrap_err();
/// assert_eq!(error.field(), "name");
/// assert_eq!(error.to_string(), "name: expected text of 1 to 100 characters, found 0");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {error}")]
pub struct SettingError {
    field: &'static str,
    error: ValueError,
}

impl SettingError {
    pub(crate) const fn new(field: &'static str, error: ValueError) -> Self {
        Self { field, error }
    }

    pub(crate) fn missing(field: &'static str) -> Self {
        Self::new(field, ValueError::new(SettingErrorKind::Required, "a value", "none"))
    }

    /// Two settings that rule each other out.
    pub(crate) fn excluded(
        field: &'static str,
        expected: impl Into<Cow<'static, str>>,
        found: impl fmt::Display,
    ) -> Self {
        Self::new(field, ValueError::new(SettingErrorKind::Excluded, expected, found))
    }

    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> SettingErrorKind {
        self.error.kind
    }

    /// The name of the setting, as [`Field::name`](super::Field::name) has it.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// What it takes.
    #[must_use]
    pub fn expected(&self) -> &str {
        &self.error.expected
    }

    /// What it was given.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.error.found
    }
}

/// What is wrong with a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SettingErrorKind {
    /// It must be given.
    Required,
    /// Too short, or too long.
    Length,
    /// Outside of its range.
    Range,
    /// Not of the form that it must have.
    Form,
    /// Ruled out by another setting.
    Excluded,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_which_setting_and_why() {
        let error = SettingError::missing("name");
        assert_eq!(error.to_string(), "name: expected a value, found none");
        assert_eq!(
            (error.kind(), error.field(), error.expected(), error.found()),
            (SettingErrorKind::Required, "name", "a value", "none")
        );
        let error = SettingError::excluded("a", "no b", "b");
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (SettingErrorKind::Excluded, "a: expected no b, found b")
        );
    }
}

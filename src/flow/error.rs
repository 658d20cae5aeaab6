//! Why a use case came to no end.

use std::error::Error;
use std::fmt;

use super::ROUNDS;
use crate::store::StoreError;

/// What kind of failure a [`FlowError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FlowErrorKind {
    /// Others kept winning the race.
    Contended,
    /// The store failed; the source tells how.
    Store,
}

/// A use case came to no end. What it did is undone or was never begun, except where the store says
/// otherwise.
#[derive(Debug)]
pub struct FlowError {
    source: Option<StoreError>,
}

impl FlowError {
    pub(super) const fn contended() -> Self {
        Self { source: None }
    }

    /// What kind of failure it is.
    #[must_use]
    pub const fn kind(&self) -> FlowErrorKind {
        if self.source.is_some() { FlowErrorKind::Store } else { FlowErrorKind::Contended }
    }
}

impl FlowError {
    /// The store's error, where the store failed.
    #[must_use]
    pub const fn store_error(&self) -> Option<&StoreError> {
        self.source.as_ref()
    }
}

impl From<StoreError> for FlowError {
    fn from(source: StoreError) -> Self {
        Self { source: Some(source) }
    }
}

impl fmt::Display for FlowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.source {
            Some(_) => f.write_str("the store failed"),
            None => write!(f, "{ROUNDS} rounds were lost against other writers"),
        }
    }
}

impl Error for FlowError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreErrorKind;

    #[test]
    fn says_why() {
        assert_eq!(FlowError::contended().to_string(), "8 rounds were lost against other writers");
        let failed = FlowError::from(StoreError::new(StoreErrorKind::Other, "filing a mail"));
        assert_eq!(failed.to_string(), "the store failed");
        assert_eq!(failed.source().unwrap().to_string(), "filing a mail: the store failed");
    }
}

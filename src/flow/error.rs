//! Why a use case came to no end.

use std::error::Error;
use std::fmt;

use super::ROUNDS;
use crate::store::{BatchError, StoreError};

/// What kind of failure a [`FlowError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FlowErrorKind {
    /// Others kept winning the race.
    Contended,
    /// The store failed; the source tells how.
    Store,
    /// What the host adds does not fit into one batch with the rest; the source tells why. Trying
    /// again does not help.
    Batch,
}

/// A use case came to no end. What it did is undone or was never begun, except where the store says
/// otherwise.
#[derive(Debug)]
pub struct FlowError(Cause);

#[derive(Debug)]
enum Cause {
    Contended,
    Store(StoreError),
    Batch(BatchError),
}

impl FlowError {
    pub(super) const fn contended() -> Self {
        Self(Cause::Contended)
    }

    /// What kind of failure it is.
    #[must_use]
    pub const fn kind(&self) -> FlowErrorKind {
        match self.0 {
            Cause::Contended => FlowErrorKind::Contended,
            Cause::Store(_) => FlowErrorKind::Store,
            Cause::Batch(_) => FlowErrorKind::Batch,
        }
    }

    /// The store's error, where the store failed.
    #[must_use]
    pub const fn store_error(&self) -> Option<&StoreError> {
        match &self.0 {
            Cause::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl From<StoreError> for FlowError {
    fn from(source: StoreError) -> Self {
        Self(Cause::Store(source))
    }
}

impl From<BatchError> for FlowError {
    fn from(source: BatchError) -> Self {
        Self(Cause::Batch(source))
    }
}

impl fmt::Display for FlowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Cause::Contended => write!(f, "{ROUNDS} rounds were lost against other writers"),
            Cause::Store(_) => f.write_str("the store failed"),
            Cause::Batch(_) => f.write_str("the changes do not fit into one batch"),
        }
    }
}

impl Error for FlowError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.0 {
            Cause::Contended => None,
            Cause::Store(error) => Some(error),
            Cause::Batch(error) => Some(error),
        }
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
        let unfit = FlowError::from(BatchError::NotAlone);
        assert_eq!(unfit.to_string(), "the changes do not fit into one batch");
        assert!(
            unfit.source().unwrap().to_string().starts_with("batch: expected a change of the ")
        );
    }
}

//! What a failure of the server means to the caller.

use std::collections::hash_map::RandomState;
use std::error::Error;
use std::hash::BuildHasher;
use std::io;
use std::time::Duration;

use deadpool_postgres::{HookError, PoolError};
use tokio_postgres::error::SqlState;

use crate::store::{StoreError, StoreErrorKind};

/// One attempt failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server undid it to let somebody else pass: nothing of it is left, and the same again may
    /// succeed at once.
    Again(tokio_postgres::Error),
    /// For the caller.
    Lasting(StoreErrorKind, Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// What was read is not what this build writes.
    pub(super) fn corrupt(what: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Lasting(StoreErrorKind::Corrupt, what.into())
    }

    pub(super) fn into_store_error(self, attempt: &'static str) -> StoreError {
        match self {
            Self::Again(error) => {
                StoreError::new(StoreErrorKind::Unavailable, attempt).because(error)
            }
            Self::Lasting(kind, error) => StoreError::new(kind, attempt).because(error),
        }
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let again = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
        if error.code().is_some_and(|code| again.contains(code)) {
            return Self::Again(error);
        }
        let kind = match error.code() {
            Some(code) => kind_of(code.code()),
            None if error.is_closed() || is_io(&error) => StoreErrorKind::Unavailable,
            None => StoreErrorKind::Other,
        };
        Self::Lasting(kind, error.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Lasting(error.kind(), error.into())
    }
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => error.into(),
            PoolError::PostCreateHook(HookError::Backend(error)) => error.into(),
            PoolError::Timeout(_) => Self::Lasting(StoreErrorKind::Unavailable, error.into()),
            _ => Self::Lasting(StoreErrorKind::Other, error.into()),
        }
    }
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    error.source().is_some_and(|source| source.is::<io::Error>())
}

/// The kind of failure that a SQLSTATE is.
fn kind_of(state: &str) -> StoreErrorKind {
    match state {
        // Disk full.
        "53100" => StoreErrorKind::Full,
        // Data or index corrupted.
        "XX001" | "XX002" => StoreErrorKind::Corrupt,
        // Text that the database cannot hold: U+0000, or what its encoding lacks.
        "22021" | "22P05" => StoreErrorKind::Unsupported,
        // A time-out, a lock that was not waited for, a server that became a replica: all of them
        // pass.
        "57014" | "55P03" | "25006" => StoreErrorKind::Unavailable,
        // Connections, shortage, the server shutting down or starting, a retry that the engine asks
        // for by another name.
        _ if ["08", "53", "57", "40"].iter().any(|class| state.starts_with(class)) => {
            StoreErrorKind::Unavailable
        }
        _ => StoreErrorKind::Other,
    }
}

/// How often the same is tried again: bounded, with pauses that grow and are unlike those of others.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    made: u32,
}

impl Attempts {
    /// After this many attempts it is the caller's turn: nine pauses, at most about two seconds.
    const MOST: u32 = 10;

    /// Waits before the next attempt; `false` when there is to be none.
    pub(super) async fn next(&mut self) -> bool {
        self.made += 1;
        if self.made >= Self::MOST {
            return false;
        }
        tokio::time::sleep(self.pause()).await;
        true
    }

    /// Up to 2 ms before the second attempt, 4 ms before the third, and so on.
    fn pause(&self) -> Duration {
        let most = 1_000_u64 << self.made;
        // Hashing under a random state is the standard library's only source of chance.
        Duration::from_micros(RandomState::new().hash_one(self.made) % most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_transient() {
        for (state, kind) in [
            ("08006", StoreErrorKind::Unavailable),
            ("57P01", StoreErrorKind::Unavailable),
            ("57014", StoreErrorKind::Unavailable),
            ("53300", StoreErrorKind::Unavailable),
            ("40003", StoreErrorKind::Unavailable),
            ("53100", StoreErrorKind::Full),
            ("XX001", StoreErrorKind::Corrupt),
            ("22021", StoreErrorKind::Unsupported),
            ("42P01", StoreErrorKind::Other),
            ("28P01", StoreErrorKind::Other),
        ] {
            assert_eq!(kind_of(state), kind, "{state}");
        }
    }

    #[test]
    fn pauses_are_bounded_and_grow() {
        for made in 1..Attempts::MOST {
            assert!(Attempts { made }.pause() < Duration::from_millis(1 << made));
        }
    }
}

//! What redb says, as the contract has it.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use super::layout::{Damage, FORMAT};
use super::rebuild::Rekeyed;
use crate::index::StampError;
use crate::record::Record;
use crate::store::{StoreError, StoreErrorKind};

/// A failure on its way out, which does not know yet what was attempted.
#[derive(Debug)]
pub(super) enum Fault {
    Redb(Box<redb::Error>),
    Damage(Damage),
    /// Opened, and not for this build.
    Outdated(Outdated),
    /// redb panicked, which it does on some damaged files.
    Panic(String),
    /// A record could not be given the keys of this build.
    Rekey(Box<dyn Error + Send + Sync>),
    /// Knows already.
    Store(StoreError),
}

/// Which version wrote the file, and which is wanted.
#[derive(Debug)]
pub(super) enum Outdated {
    Format { found: u32 },
    Keys(StampError),
}

impl Fault {
    pub(super) fn damage(what: &'static str, wrong: impl Into<String>) -> Self {
        Self::Damage(Damage::new(what, wrong))
    }

    fn kind(&self) -> StoreErrorKind {
        match self {
            Self::Redb(error) => kind(error),
            Self::Damage(_) | Self::Panic(_) => StoreErrorKind::Corrupt,
            Self::Outdated(_) => StoreErrorKind::Outdated,
            Self::Rekey(_) => StoreErrorKind::Other,
            Self::Store(error) => error.kind(),
        }
    }

    /// The failure of `attempt`.
    pub(super) fn during(self, attempt: &'static str) -> StoreError {
        let kind = self.kind();
        match self {
            Self::Store(error) => error,
            Self::Redb(error) => StoreError::new(kind, attempt).because(error),
            Self::Damage(damage) => StoreError::new(kind, attempt).because(damage),
            other => StoreError::new(kind, attempt).because(At { path: None, fault: other }),
        }
    }

    /// The failure of `attempt` on the file at `path`.
    pub(super) fn during_on(self, attempt: &'static str, path: Option<PathBuf>) -> StoreError {
        match self {
            Self::Store(error) => error,
            fault => StoreError::new(fault.kind(), attempt).because(At { path, fault }),
        }
    }
}

macro_rules! from_redb {
    ($($error:ident),*) => {
        $(impl From<redb::$error> for Fault {
            fn from(error: redb::$error) -> Self {
                Self::Redb(Box::new(error.into()))
            }
        })*
    };
}

from_redb!(
    CommitError,
    CompactionError,
    DatabaseError,
    SetDurabilityError,
    StorageError,
    TableError,
    TransactionError
);

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Redb(Box::new(redb::Error::Io(error)))
    }
}

impl From<Damage> for Fault {
    fn from(damage: Damage) -> Self {
        Self::Damage(damage)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

fn kind(error: &redb::Error) -> StoreErrorKind {
    use redb::Error as E;
    match error {
        E::Corrupted(_)
        | E::TableTypeMismatch { .. }
        | E::TypeDefinitionChanged { .. }
        | E::TableIsMultimap(_)
        | E::TableIsNotMultimap(_)
        | E::TableDoesNotExist(_) => StoreErrorKind::Corrupt,
        E::UpgradeRequired(_) => StoreErrorKind::Outdated,
        E::DatabaseAlreadyOpen | E::LockProtocolMismatch | E::TransactionInProgress => {
            StoreErrorKind::Unavailable
        }
        E::Io(error) => match error.kind() {
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => StoreErrorKind::Full,
            // Not a file of redb's, or cut off.
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => StoreErrorKind::Corrupt,
            _ => StoreErrorKind::Other,
        },
        _ => StoreErrorKind::Other,
    }
}

/// A failure with the place of the file, for a person to read.
#[derive(Debug)]
struct At {
    path: Option<PathBuf>,
    fault: Fault,
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.as_deref().map(|path| path.display().to_string());
        if let Some(path) = &path {
            write!(f, "{path}: ")?;
        }
        match &self.fault {
            Fault::Redb(error) => match &**error {
                redb::Error::DatabaseAlreadyOpen => f.write_str("another process has it open"),
                redb::Error::RepairAborted => f.write_str(
                    "its last writer was killed: open it for writing once, which repairs it",
                ),
                error => error.fmt(f),
            },
            Fault::Damage(damage) => damage.fmt(f),
            Fault::Outdated(Outdated::Format { found }) => write!(
                f,
                "expected format {FORMAT} of the file, found {found}: open it with the version of \
                 correspond that wrote it, or file the mails into a new one with \
                 `correlate_mailbox --store redb:NEW MAIL ...`"
            ),
            Fault::Outdated(Outdated::Keys(error)) => write!(
                f,
                "{error}, with `correlate_mailbox --store redb:{} --rebuild MAIL ...`",
                path.as_deref().unwrap_or("PATH")
            ),
            Fault::Panic(message) => write!(f, "redb gave up on a damaged file: {message}"),
            Fault::Rekey(error) => write!(f, "rebuilding a record: {error}"),
            Fault::Store(error) => error.fmt(f),
        }
    }
}

impl Error for At {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.fault {
            Fault::Redb(error) => Some(error),
            Fault::Damage(damage) => Some(damage),
            Fault::Outdated(Outdated::Keys(error)) => Some(error),
            Fault::Rekey(error) => Some(&**error),
            Fault::Store(error) => Some(error),
            Fault::Outdated(Outdated::Format { .. }) | Fault::Panic(_) => None,
        }
    }
}

/// Does what a damaged file can make panic. What it leaves half done is seen by nobody: whoever
/// calls stops using the database.
pub(super) fn caught<T>(work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Fault::Panic(said(panic))))
}

/// Does what the caller handed in, in the midst of what is [`caught`]: its panic is not redb's, and no
/// sign of damage.
pub(super) fn rekeyed(rekey: impl FnOnce() -> Rekeyed) -> Result<Record, Fault> {
    let panicked = |panic| Err(format!("it panicked: {}", said(panic)).into());
    catch_unwind(AssertUnwindSafe(rekey)).unwrap_or_else(panicked).map_err(Fault::Rekey)
}

fn said(panic: Box<dyn Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(said) => *said,
        Err(panic) => panic.downcast_ref::<&str>().unwrap_or(&"no message").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_follow_what_redb_says() {
        let kind = |error: redb::Error| Fault::Redb(Box::new(error)).during("x").kind();
        let io = |kind: io::ErrorKind| redb::Error::Io(kind.into());
        for (error, expected) in [
            (io(io::ErrorKind::StorageFull), StoreErrorKind::Full),
            (io(io::ErrorKind::QuotaExceeded), StoreErrorKind::Full),
            (io(io::ErrorKind::InvalidData), StoreErrorKind::Corrupt),
            (io(io::ErrorKind::PermissionDenied), StoreErrorKind::Other),
            (redb::Error::PreviousIo, StoreErrorKind::Other),
            (redb::Error::DatabaseAlreadyOpen, StoreErrorKind::Unavailable),
            (redb::Error::UpgradeRequired(2), StoreErrorKind::Outdated),
            (redb::Error::Corrupted("page".into()), StoreErrorKind::Corrupt),
            (redb::Error::TableDoesNotExist("mails".into()), StoreErrorKind::Corrupt),
        ] {
            assert_eq!(kind(error), expected);
        }
    }

    #[test]
    fn a_panic_becomes_an_error_that_says_what_redb_said() {
        for panicking in [(|| panic!("page {} is gone", 7)) as fn() -> Result<(), Fault>, || {
            panic!("page 7 is gone")
        }] {
            let error = caught(panicking).unwrap_err().during("reading");
            assert_eq!(error.kind(), StoreErrorKind::Corrupt);
            assert_eq!(
                error.source().unwrap().to_string(),
                "redb gave up on a damaged file: page 7 is gone"
            );
        }
    }
}

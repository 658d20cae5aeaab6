//! How is the file opened, and is it ours?

use std::fs::OpenOptions;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::backends::FileBackend;
use redb::{Database, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, StorageBackend};
use redb::{ReadableTable, TableError, TableHandle, WriteTransaction};

use super::RedbStore;
use super::error::{Fault, Outdated, caught};
use super::layout::{
    CLAIMS, FORMAT, FORMAT_ENTRY, MAIL_KEYS, MAILS, META, RECORD_KEYS, RECORDS, REGISTER,
    SEQUENCES, STAMP_ENTRY, UNIQUE,
};
use super::medium::Medium;
use super::rebuild::{Rekeyed, rebuild};
use crate::index::Keyer;
use crate::record::Versioned;
use crate::store::{Inline, StoreError, StoreErrorKind};

const OPENING: &str = "opening the store";

/// How a [`RedbStore`] is opened.
///
/// ```
/// use correspond::adapter::redb::RedbOptions;
///
/// # let dir = tempfile::tempdir()?;
/// # let path = dir.path().join("mail.redb");
/// let store = RedbOptions::new().cache(16 << 20).fast_recovery().open(&path)?;
/// # drop(store);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "it opens nothing by itself"]
pub struct RedbOptions {
    cache: usize,
    checked: bool,
    fast_recovery: bool,
}

impl RedbOptions {
    /// Octets of the cache unless told otherwise: 256 MiB.
    pub const DEFAULT_CACHE: usize = 256 << 20;

    /// The options of [`RedbStore::open`].
    pub const fn new() -> Self {
        Self { cache: Self::DEFAULT_CACHE, checked: false, fast_recovery: false }
    }

    /// Keeps up to this many octets of the file in memory, both read and to be written.
    pub const fn cache(mut self, octets: usize) -> Self {
        self.cache = octets;
        self
    }

    /// Reads the whole file when it is opened and compares every checksum. Without this, only a
    /// file whose writer was killed is read as a whole. For a file that somebody else has had in
    /// hand: it is refused as [`Corrupt`](StoreErrorKind::Corrupt) before anything of it is used.
    /// Not for reading only.
    pub const fn checked(mut self) -> Self {
        self.checked = true;
        self
    }

    /// Keeps with every commit what makes opening after a kill immediate. Without this, a file whose
    /// writer was killed is read as a whole when it is opened next. A commit costs a second sync and
    /// some pages more.
    pub const fn fast_recovery(mut self) -> Self {
        self.fast_recovery = true;
        self
    }

    /// As [`RedbStore::open`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<RedbStore, StoreError> {
        self.on_file(path.as_ref(), true, |backend| self.writable(backend))
    }

    /// As [`RedbStore::open_read_only`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn open_read_only(&self, path: impl AsRef<Path>) -> Result<RedbStore, StoreError> {
        let path = path.as_ref();
        let opened = caught(|| {
            let access = Access::Reading(self.builder().open_read_only(path)?);
            let keyer = access.read(keyer)?;
            Ok(Opened::new(access, keyer.ok_or_else(not_ours)?, self))
        });
        store(opened, Some(path))
    }

    /// As [`RedbStore::with_backend`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn open_backend(&self, backend: impl StorageBackend) -> Result<RedbStore, StoreError> {
        store(caught(|| self.writable(backend)), None)
    }

    /// As [`RedbStore::rebuild`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn rebuild(
        &self,
        path: impl AsRef<Path>,
        rekey: impl FnMut(&Versioned, &Keyer) -> Rekeyed,
    ) -> Result<RedbStore, StoreError> {
        self.on_file(path.as_ref(), false, |backend| {
            let database = self.builder().create_with_backend(Medium::new(backend))?;
            let keyer = rebuild(&database, rekey)?;
            Ok(Opened::new(Access::Writing(database), keyer, self))
        })
    }

    fn on_file(
        &self,
        path: &Path,
        create: bool,
        open: impl FnOnce(FileBackend) -> Result<Opened, Fault>,
    ) -> Result<RedbStore, StoreError> {
        let opened = caught(|| {
            let mut options = OpenOptions::new();
            let file = options.read(true).write(true).create(create).truncate(false).open(path)?;
            open(FileBackend::new(file)?)
        });
        store(opened, Some(path))
    }

    fn writable(&self, backend: impl StorageBackend) -> Result<Opened, Fault> {
        let database = self.builder().create_with_backend(Medium::new(backend))?;
        let access = Access::Writing(database);
        let keyer = match access.read(keyer)? {
            Some(keyer) => keyer,
            None => initialise(&access)?,
        };
        Ok(Opened::new(access, keyer, self))
    }

    fn builder(&self) -> redb::Builder {
        let mut builder = redb::Builder::new();
        builder.set_cache_size(self.cache).set_check_integrity_on_open(self.checked);
        builder
    }
}

impl Default for RedbOptions {
    fn default() -> Self {
        Self::new()
    }
}

fn store(opened: Result<Opened, Fault>, path: Option<&Path>) -> Result<RedbStore, StoreError> {
    let opened = opened.map_err(|fault| fault.during_on(OPENING, path.map(Path::to_path_buf)))?;
    Ok(RedbStore { opened: opened.into(), offload: Inline })
}

/// The database, for writing or not.
pub(super) enum Access {
    Writing(Database),
    Reading(ReadOnlyDatabase),
}

impl Access {
    fn read<T>(&self, work: impl FnOnce(&ReadTransaction) -> Result<T, Fault>) -> Result<T, Fault> {
        work(&match self {
            Self::Writing(database) => database.begin_read()?,
            Self::Reading(database) => database.begin_read()?,
        })
    }
}

/// An open file and the key maker that it holds.
pub(super) struct Opened {
    /// Taken when it is dropped, and at no other time.
    access: Option<Access>,
    keyer: Keyer,
    fast_recovery: bool,
    /// redb panicked: what it keeps in memory need not fit together any more.
    broken: AtomicBool,
}

impl Opened {
    fn new(access: Access, keyer: Keyer, options: &RedbOptions) -> Self {
        Self {
            access: Some(access),
            keyer,
            fast_recovery: options.fast_recovery,
            broken: AtomicBool::new(false),
        }
    }

    pub(super) const fn keyer(&self) -> &Keyer {
        &self.keyer
    }

    /// Reads from one state of the file.
    pub(super) fn read<T>(
        &self,
        attempt: &'static str,
        work: impl FnOnce(&ReadTransaction) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let Some(access) = &self.access else { return Err(closed(attempt)) };
        self.whole(attempt, || access.read(work))
    }

    /// Writes in one transaction, which is durable when this returns. Where `work` answers `false`
    /// beside its result, nothing of it is kept.
    pub(super) fn write<T>(
        &self,
        attempt: &'static str,
        work: impl FnOnce(&WriteTransaction) -> Result<(T, bool), Fault>,
    ) -> Result<T, StoreError> {
        let Some(Access::Writing(database)) = &self.access else { return Err(closed(attempt)) };
        self.whole(attempt, || {
            let mut write = database.begin_write()?;
            write.set_durability(redb::Durability::Immediate)?;
            write.set_quick_repair(self.fast_recovery);
            let (result, keep) = work(&write)?;
            if keep {
                write.commit()?;
            } else {
                write.abort()?;
            }
            Ok(result)
        })
    }

    pub(super) fn compact(&mut self, attempt: &'static str) -> Result<bool, StoreError> {
        let Some(Access::Writing(database)) = &mut self.access else { return Err(closed(attempt)) };
        let compacted = caught(|| Ok(database.compact()?));
        self.noted(compacted).map_err(|fault| fault.during(attempt))
    }

    fn whole<T>(
        &self,
        attempt: &'static str,
        work: impl FnOnce() -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        if self.broken.load(Ordering::Acquire) {
            let error = StoreError::new(StoreErrorKind::Corrupt, attempt);
            return Err(error.because("redb gave up on a damaged file before: open it again"));
        }
        self.noted(caught(work)).map_err(|fault| fault.during(attempt))
    }

    fn noted<T>(&self, result: Result<T, Fault>) -> Result<T, Fault> {
        if matches!(result, Err(Fault::Panic(_))) {
            self.broken.store(true, Ordering::Release);
        }
        result
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let access = self.access.take();
        // Closing writes, which can fail on a damaged file as everything else can. Nobody is there
        // to be told, and nothing acknowledged rests on it.
        let _ = caught(|| {
            drop(access);
            Ok(())
        });
    }
}

fn closed(attempt: &'static str) -> StoreError {
    StoreError::unsupported(attempt).because("the file was opened for reading only")
}

/// The key maker of the file; `None` where there is nothing in it yet.
fn keyer(read: &ReadTransaction) -> Result<Option<Keyer>, Fault> {
    let meta = match read.open_table(META) {
        Ok(meta) => meta,
        Err(TableError::TableDoesNotExist(_)) => {
            return match read.list_tables()?.next() {
                None => Ok(None),
                Some(_) => Err(not_ours()),
            };
        }
        Err(error) => return Err(error.into()),
    };
    let stamp = stamp(&meta)?;
    Keyer::from_stamp(&stamp).map(Some).map_err(|error| Fault::Outdated(Outdated::Keys(error)))
}

/// The stamp of a file in this format.
pub(super) fn stamp(
    meta: &impl ReadableTable<&'static str, &'static [u8]>,
) -> Result<Vec<u8>, Fault> {
    let format = meta.get(FORMAT_ENTRY)?.ok_or_else(not_ours)?;
    let format = format.value().try_into().map(u32::from_be_bytes).map_err(|_| not_ours())?;
    if format != FORMAT {
        return Err(Fault::Outdated(Outdated::Format { found: format }));
    }
    Ok(meta.get(STAMP_ENTRY)?.ok_or_else(not_ours)?.value().to_vec())
}

fn not_ours() -> Fault {
    let table = META.name();
    Fault::damage("file", format!("expected table `{table}` of a store, found none that is whole"))
}

/// Makes every table, and the secret, in one transaction.
fn initialise(access: &Access) -> Result<Keyer, Fault> {
    let Access::Writing(database) = access else { return Err(not_ours()) };
    let mut secret = [0; 16];
    getrandom::fill(&mut secret).map_err(|error| {
        StoreError::new(StoreErrorKind::Other, "drawing the secret of a store").because(error)
    })?;
    let keyer = Keyer::from_secret(secret);
    let write = database.begin_write()?;
    {
        let mut meta = write.open_table(META)?;
        meta.insert(FORMAT_ENTRY, &FORMAT.to_be_bytes()[..])?;
        meta.insert(STAMP_ENTRY, &keyer.stamp()[..])?;
        write.open_table(MAILS)?;
        write.open_table(MAIL_KEYS)?;
        write.open_table(RECORDS)?;
        write.open_table(RECORD_KEYS)?;
        write.open_table(UNIQUE)?;
        write.open_table(CLAIMS)?;
        write.open_table(REGISTER)?;
        write.open_table(SEQUENCES)?;
    }
    write.commit()?;
    Ok(keyer)
}

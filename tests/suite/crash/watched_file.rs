//! A file of redb's whose writes are counted, and may be lost until they are synced.

use std::fs::OpenOptions;
use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use correspond::conformance::crash::Steps;
use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};

/// What becomes of a write that was not synced when the process is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsynced {
    /// It is there: the system has it. So it is with a kill.
    Kept,
    /// It is there or not, each write by itself: so it may be when the power goes.
    Lost,
    /// The same, and syncing does nothing: what a store leaves that forgets to.
    #[allow(dead_code, reason = "not every program has it")]
    NeverSynced,
}

#[derive(Debug)]
pub struct WatchedFile {
    file: FileBackend,
    steps: Steps,
    unsynced: Unsynced,
    /// Writes that were not synced, in their order, where they may be lost.
    held: Mutex<Vec<(u64, Vec<u8>)>>,
}

impl WatchedFile {
    pub fn open(path: &Path, steps: &Steps, unsynced: Unsynced) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(path)?;
        let file = FileBackend::new(file).map_err(io::Error::other)?;
        Ok(Self { file, steps: steps.clone(), unsynced, held: Mutex::default() })
    }

    fn held(&self) -> MutexGuard<'_, Vec<(u64, Vec<u8>)>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a step; where it is the last one, of the held writes some reach the file before.
    fn step(&self) -> io::Result<()> {
        if self.steps.stops_next() {
            let mut lot = self.steps.made() | 1;
            for (offset, data) in &*self.held() {
                // xorshift: the same for the same step.
                lot ^= lot << 13;
                lot ^= lot >> 7;
                lot ^= lot << 17;
                match lot % 4 {
                    0 => {}
                    1 => self.file.write(*offset, &data[..data.len() / 2])?,
                    _ => self.file.write(*offset, data)?,
                }
            }
        }
        self.steps.step();
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        self.held().drain(..).try_for_each(|(offset, data)| self.file.write(offset, &data))
    }
}

impl StorageBackend for WatchedFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)?;
        let end = offset + out.len() as u64;
        for (at, data) in &*self.held() {
            let (from, to) = ((*at).max(offset), (at + data.len() as u64).min(end));
            if from < to {
                let part = &data[(from - at) as usize..(to - at) as usize];
                out[(from - offset) as usize..(to - offset) as usize].copy_from_slice(part);
            }
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.step()?;
        let mut held = self.held();
        held.retain(|(offset, _)| *offset < len);
        for (offset, data) in &mut *held {
            data.truncate((len - *offset) as usize);
        }
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.step()?;
        if self.unsynced == Unsynced::NeverSynced {
            return Ok(());
        }
        self.flush()?;
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        match self.unsynced {
            Unsynced::Kept => {
                self.steps.write(data, |place, part| self.file.write(offset + place as u64, part))
            }
            Unsynced::Lost | Unsynced::NeverSynced => {
                self.step()?;
                self.held().push((offset, data.to_vec()));
                Ok(())
            }
        }
    }

    fn close(&self) -> io::Result<()> {
        self.flush()?;
        self.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}

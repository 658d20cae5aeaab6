//! Where redb writes, and a file that was never finished.

use std::io;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, Ordering};

use redb::{BackendError, StorageBackend};

/// What every file of redb's begins with; it is written last of all that makes a file.
const MAGIC: [u8; 9] = *b"redb\x1a\x0a\xa9\x0d\x0a";

/// What redb may have written when it was killed before [`MAGIC`].
const HEADER: u64 = 4_096;

/// A file that is being made is no larger: redb begins with some 70 KiB.
const LARGEST_UNFINISHED: u64 = 1 << 20;

/// A backend, and one thing more: a file whose making was cut off is empty.
///
/// redb takes a file for its own by the first octets alone, and refuses one that has a length and no
/// such octets. A process that is killed while it makes its file leaves exactly that, and the store
/// would never open again.
#[derive(Debug)]
pub(super) struct Medium<B> {
    inner: B,
    looked: AtomicBool,
}

impl<B: StorageBackend> Medium<B> {
    pub(super) const fn new(inner: B) -> Self {
        Self { inner, looked: AtomicBool::new(false) }
    }

    /// Was the file left by somebody who was killed while making it? Then nothing is in it: its
    /// first octets are not there, or not all of them, and behind the header all is zero.
    fn is_unfinished(&self, len: u64) -> io::Result<bool> {
        if !(HEADER..=LARGEST_UNFINISHED).contains(&len) {
            return Ok(false);
        }
        let mut whole = vec![0; usize::try_from(len).unwrap_or(0)];
        self.inner.read(0, &mut whole)?;
        let (header, pages) = whole.split_at_checked(HEADER as usize).unwrap_or((&whole, &[]));
        let written = header.iter().zip(MAGIC).take_while(|(found, magic)| **found == *magic);
        let written = written.count();
        let rest = header.get(written..MAGIC.len()).unwrap_or_default();
        Ok(!rest.is_empty() && rest.iter().chain(pages).all(|octet| *octet == 0))
    }
}

impl<B: StorageBackend> StorageBackend for Medium<B> {
    fn len(&self) -> io::Result<u64> {
        let len = self.inner.len()?;
        // redb asks for the first time when it has the lock and has read nothing yet.
        if !self.looked.swap(true, Ordering::AcqRel) && self.is_unfinished(len)? {
            self.inner.set_len(0)?;
            return Ok(0);
        }
        Ok(len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.inner.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.inner.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.inner.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.inner.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.inner.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.try_lock_range(start, end)
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        self.inner.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.inner.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.inner.query_lock_range(start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use redb::backends::InMemoryBackend;

    fn len_of(begin: &[u8], len: u64, behind: u8) -> u64 {
        let backend = InMemoryBackend::new();
        backend.set_len(len).unwrap();
        backend.write(0, begin).unwrap();
        if behind != 0 {
            backend.write(len - 1, &[behind]).unwrap();
        }
        Medium::new(backend).len().unwrap()
    }

    #[test]
    fn a_file_that_was_never_finished_is_empty() {
        let header = [&[0; 9][..], b"layout"].concat();
        assert_eq!(len_of(&[], 69_632, 0), 0);
        assert_eq!(len_of(&header, 69_632, 0), 0);
        assert_eq!(len_of(b"redb", 69_632, 0), 0);
    }

    #[test]
    fn what_may_hold_something_is_left_alone() {
        assert_eq!(len_of(&MAGIC, 69_632, 0), 69_632);
        assert_eq!(len_of(&[], 69_632, 1), 69_632);
        assert_eq!(len_of(b"notes", 69_632, 0), 69_632);
        assert_eq!(len_of(&[], 100, 0), 100);
        assert_eq!(len_of(&[], LARGEST_UNFINISHED + 1, 0), LARGEST_UNFINISHED + 1);
    }
}

//! A list of recipients that can be read again.

use std::convert::Infallible;
use std::ops::Range;

use super::recipient::Recipient;

/// The recipients of a segment, in an order that stays: memory, a file, the pages of a query.
///
/// It is read twice or more, in ranges, by several threads at once, and each time it must hold the same
/// rows. Rows are only ever read forwards within a range. In memory a slice of [`Recipient`]s is one, and
/// text with an address a line ([`Lines`](super::Lines)); `adapter::line_file` has that of a file which
/// is larger than memory.
pub trait Segment: Sync {
    /// Why a row could not be read.
    type Error: Send;

    /// How many rows there are.
    fn rows(&self) -> u64;

    /// Hands the rows of `rows` to `visit`, in order, and each once.
    ///
    /// # Errors
    ///
    /// They could not be read.
    fn read(&self, rows: Range<u32>, visit: impl FnMut(Recipient<'_>)) -> Result<(), Self::Error>;
}

impl Segment for [Recipient<'_>] {
    type Error = Infallible;

    fn rows(&self) -> u64 {
        self.len() as u64
    }

    fn read(&self, rows: Range<u32>, visit: impl FnMut(Recipient<'_>)) -> Result<(), Infallible> {
        let (start, end) = (rows.start as usize, rows.end as usize);
        self.get(start..end.min(self.len())).unwrap_or_default().iter().copied().for_each(visit);
        Ok(())
    }
}

impl<S: Segment + ?Sized> Segment for &S {
    type Error = S::Error;

    fn rows(&self) -> u64 {
        (**self).rows()
    }

    fn read(&self, rows: Range<u32>, visit: impl FnMut(Recipient<'_>)) -> Result<(), Self::Error> {
        (**self).read(rows, visit)
    }
}

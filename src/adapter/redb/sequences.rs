//! Numbers that are handed out once.

use std::num::NonZeroU32;

use redb::ReadableTable;

use super::layout::{self, SEQUENCES};
use super::open::Opened;
use crate::id::TenantId;
use crate::store::{Block, SequenceKey, StoreError, StoreErrorKind};

const ALLOCATING: &str = "allocating numbers";

/// The last number of any sequence: what every database can keep.
const LAST: u64 = i64::MAX as u64;

/// One transaction a block, on the medium before a number of it is seen.
pub(super) fn allocate(
    opened: &Opened,
    tenant: TenantId,
    sequence: SequenceKey,
    len: NonZeroU32,
) -> Result<Block, StoreError> {
    opened.write(ALLOCATING, |write| {
        let mut sequences = write.open_table(SEQUENCES)?;
        let key = layout::sequence(tenant, sequence);
        let before = sequences.get(&key)?.map_or(0, |last| last.value());
        let last = before.checked_add(u64::from(len.get())).filter(|last| *last <= LAST);
        let last = last.ok_or(StoreError::new(StoreErrorKind::Full, ALLOCATING))?;
        sequences.insert(&key, last)?;
        Ok((Block::new(before + 1, len), true))
    })
}

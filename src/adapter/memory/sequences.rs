//! The numbers that were handed out.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use crate::id::TenantId;
use crate::store::{Block, SequenceKey, StoreError, StoreErrorKind};

/// The last number of each sequence, under a lock of their own: whoever wants numbers waits for
/// nobody who reads or writes.
#[derive(Debug, Default)]
pub(super) struct LastNumbers {
    last: Mutex<HashMap<(TenantId, SequenceKey), u64>>,
}

impl LastNumbers {
    /// Databases count in signed numbers.
    const MAX: u64 = i64::MAX as u64;

    pub(super) fn allocate(
        &self,
        tenant: TenantId,
        sequence: SequenceKey,
        len: NonZeroU32,
    ) -> Result<Block, StoreError> {
        let mut sequences = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let last = sequences.entry((tenant, sequence)).or_default();
        let end = *last + u64::from(len.get());
        if end > Self::MAX {
            return Err(StoreError::new(StoreErrorKind::Full, "allocating numbers"));
        }
        let first = *last + 1;
        *last = end;
        Ok(Block::new(first, len))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_ends_and_is_not_turned_over() {
        let sequences = LastNumbers::default();
        let (tenant, key) = (TenantId::new(1), SequenceKey::UserNumbers);
        sequences.last.lock().unwrap().insert((tenant, key), LastNumbers::MAX - 5);
        let len = |len| NonZeroU32::new(len).unwrap();
        let full = sequences.allocate(tenant, key, len(6)).unwrap_err();
        assert_eq!(full.to_string(), "allocating numbers: the store is full");
        let rest = sequences.allocate(tenant, key, len(5)).unwrap();
        assert_eq!(rest.numbers().last(), Some(i64::MAX as u64));
        assert!(sequences.allocate(tenant, key, len(1)).is_err());
    }
}

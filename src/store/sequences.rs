//! Numbers that are handed out once.

use std::num::NonZeroU32;

use super::error::StoreError;
use crate::id::{RecordId, TenantId};

/// Which numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum SequenceKey {
    /// The numbers that stand for users in tracking tokens, of the whole tenant.
    UserNumbers,
    /// The counter of the mails of one user or queue owner (column
    /// `usersettings.nexttrackingnumber`).
    TokenCounter(RecordId),
}

impl SequenceKey {
    /// The number of the sort, and the id within it (0 where there is one): what a store keeps.
    #[must_use]
    pub const fn to_parts(self) -> (u8, RecordId) {
        match self {
            Self::UserNumbers => (1, RecordId::new(0)),
            Self::TokenCounter(user) => (2, user),
        }
    }
}

/// Numbers that were handed out together: `len` of them, from `first` on, without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "numbers that are dropped are lost"]
pub struct Block {
    first: u64,
    len: NonZeroU32,
}

impl Block {
    /// The block of `len` numbers from `first` on.
    pub const fn new(first: u64, len: NonZeroU32) -> Self {
        Self { first, len }
    }

    /// The first number.
    #[must_use]
    pub const fn first(&self) -> u64 {
        self.first
    }

    /// How many numbers.
    #[must_use]
    pub const fn len(&self) -> NonZeroU32 {
        self.len
    }

    /// The numbers.
    pub fn numbers(&self) -> impl Iterator<Item = u64> + use<> {
        let first = self.first;
        (0..u64::from(self.len.get())).map_while(move |n| first.checked_add(n))
    }
}

/// Numbers that are handed out once. Not part of any batch, and never rolled back: what was handed
/// out and not used is a gap.
pub trait Sequences: Send + Sync {
    /// The next `len` numbers of a sequence of the tenant. The first of a sequence that was never
    /// used is 1 (C-SEQ-3). A failed or dropped call may have used numbers up.
    ///
    /// # Errors
    ///
    /// The store failed, or the sequence has come to its end near 2^63
    /// ([`Full`](super::StoreErrorKind::Full)).
    fn allocate(
        &self,
        tenant: TenantId,
        sequence: SequenceKey,
        len: NonZeroU32,
    ) -> impl Future<Output = Result<Block, StoreError>> + Send;
}

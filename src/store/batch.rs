//! Writes as a value.

use std::sync::Arc;

use crate::id::{RecordId, TenantId};
use crate::index::MessageRow;

/// One change of a [`Batch`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Files a mail. Its keys of kind [`MessageId`](crate::index::IndexKind::MessageId) are unique
    /// in the tenant: where another row has one of them the batch is refused with
    /// [`Commit::Taken`].
    File(MessageRow),
}

/// Changes of one tenant that are applied together or not at all.
///
/// Cheap to clone: a store that moves the work elsewhere keeps a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    tenant: TenantId,
    changes: Arc<Vec<Change>>,
}

impl Batch {
    /// At most this many changes a batch; [`push`](Self::push) refuses more.
    pub const MAX_CHANGES: usize = 10_000;

    /// A batch without changes.
    #[must_use]
    pub fn new(tenant: TenantId) -> Self {
        Self { tenant, changes: Arc::default() }
    }

    /// A batch of one change.
    #[must_use]
    pub fn of(tenant: TenantId, change: Change) -> Self {
        Self { tenant, changes: Arc::new(vec![change]) }
    }

    /// Adds a change; `false` when the batch was full and nothing was added.
    #[must_use = "a full batch takes nothing"]
    pub fn push(&mut self, change: Change) -> bool {
        let room = self.changes.len() < Self::MAX_CHANGES;
        if room {
            Arc::make_mut(&mut self.changes).push(change);
        }
        room
    }

    /// Whose data it changes.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The changes, in the order in which they were added.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a refused batch wrote nothing: look again and decide again"]
#[non_exhaustive]
pub enum Commit {
    /// Everything was written.
    Applied,
    /// Nothing was written: a unique key of the change at this place belongs to `holder`.
    Taken {
        /// The place of the change in the batch.
        change: usize,
        /// The record that has the key.
        holder: RecordId,
    },
}

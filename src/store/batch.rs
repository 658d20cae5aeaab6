//! Writes as a value.

use std::collections::HashMap;
use std::sync::Arc;

use super::change::Change;
use crate::claim::{ClaimId, RegisterName};
use crate::id::{RecordId, TenantId};
use crate::index::{IndexKey, IndexKind};
use crate::record::{RecordRef, UniqueKey};

/// Changes of one tenant that are applied together or not at all.
///
/// No two of them contradict each other: [`push`](Self::push) sees to it, so that a store need not.
/// Cheap to clone: a store that moves the work elsewhere keeps a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    tenant: TenantId,
    inner: Arc<Inner>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Inner {
    changes: Vec<Change>,
    /// What each change is about, with its place; empty while there is but one.
    targets: HashMap<Target, usize>,
}

/// What no two changes of a batch may be about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Target {
    Message(RecordId),
    MessageId(IndexKey),
    Record(RecordRef),
    Unique(UniqueKey),
    Claim(ClaimId),
    Name(RegisterName),
}

impl Batch {
    /// At most this many changes a batch; [`push`](Self::push) refuses more.
    pub const MAX_CHANGES: usize = 10_000;

    /// A batch without changes.
    #[must_use]
    pub fn new(tenant: TenantId) -> Self {
        Self { tenant, inner: Arc::default() }
    }

    /// A batch of one change.
    #[must_use]
    pub fn of(tenant: TenantId, change: Change) -> Self {
        Self { tenant, inner: Arc::new(Inner { changes: vec![change], ..Inner::default() }) }
    }

    /// Adds a change.
    ///
    /// # Errors
    ///
    /// The batch is [full](Self::MAX_CHANGES); a change before is about the same mail, Message-ID,
    /// record, unique key, send or name; or the register is to be changed together with anything
    /// else. Nothing was added.
    pub fn push(&mut self, change: Change) -> Result<(), BatchError> {
        let register =
            |change: &Change| matches!(change, Change::Register { .. } | Change::Unregister { .. });
        let inner = Arc::make_mut(&mut self.inner);
        let place = inner.changes.len();
        if place == 0 {
            inner.changes.push(change);
            return Ok(());
        }
        if place >= Self::MAX_CHANGES {
            return Err(BatchError::Full);
        }
        if register(&change) || inner.changes.first().is_some_and(register) {
            return Err(BatchError::NotAlone);
        }
        if place == 1 {
            for target in inner.changes.iter().flat_map(targets) {
                inner.targets.insert(target, 0);
            }
        }
        let wanted = targets(&change);
        if let Some(other) = wanted.iter().find_map(|target| inner.targets.get(target)) {
            return Err(BatchError::Twice { change: *other });
        }
        inner.targets.extend(wanted.into_iter().map(|target| (target, place)));
        inner.changes.push(change);
        Ok(())
    }

    /// Whose data it changes.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The changes, in the order in which they were added.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.inner.changes
    }
}

fn targets(change: &Change) -> Vec<Target> {
    match change {
        Change::File(row) => {
            let ids = row.keys().iter().filter(|key| key.kind() == IndexKind::MessageId);
            let mut ids: Vec<_> = ids.map(|key| Target::MessageId(*key)).collect();
            ids.sort_unstable();
            ids.dedup();
            std::iter::once(Target::Message(row.id())).chain(ids).collect()
        }
        Change::Forget(id) => vec![Target::Message(*id)],
        Change::Put { record, .. } => std::iter::once(Target::Record(record.reference()))
            .chain(record.unique().iter().map(|key| Target::Unique(*key)))
            .collect(),
        Change::Delete { record, .. } => vec![Target::Record(*record)],
        Change::Claim { id, .. }
        | Change::Settle { id, .. }
        | Change::Release { id, .. }
        | Change::TakeOver { id, .. } => vec![Target::Claim(id.clone())],
        Change::Register { name, .. } | Change::Unregister { name } => {
            vec![Target::Name(name.clone())]
        }
    }
}

/// A change does not fit into the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// There is no room for one more.
    #[error("batch: expected at most {} changes, found one more", Batch::MAX_CHANGES)]
    Full,
    /// Another change is about the same thing.
    #[error("batch: expected changes of unlike things, found what change {change} is about")]
    Twice {
        /// The place of the other change.
        change: usize,
    },
    /// The register spans tenants: a change of it is a batch of its own.
    #[error("batch: expected a change of the register to be alone, found another beside it")]
    NotAlone,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claim::RegisterSpace;
    use crate::index::{Keyer, MessageRow};
    use crate::record::{Record, RecordKind, Space, Version};
    use crate::store::Expect;
    use chrono::DateTime;

    fn file(id: u128, message_id: &[u8]) -> Change {
        let key = Keyer::from_secret([0; 16]).key(IndexKind::MessageId, message_id);
        let id = RecordId::new(id);
        Change::File(MessageRow::new(id, DateTime::UNIX_EPOCH, id, vec![key, key]))
    }

    fn put(id: u128, unique: &[u8]) -> Change {
        let key = UniqueKey::new(&Keyer::from_secret([0; 16]), Space::Name, unique);
        let record = RecordKind::Lead.of(RecordId::new(id));
        let record = Record::new(record, DateTime::UNIX_EPOCH, "").unwrap();
        let record = record.with_unique([key]).unwrap();
        Change::Put { record, version: Version::new(1), expect: Expect::Absent }
    }

    #[test]
    fn contradictions_are_refused_at_the_door() {
        let mut batch = Batch::of(TenantId::new(1), file(1, b"a"));
        assert_eq!(batch.push(put(1, b"x")), Ok(()));
        assert_eq!(batch.push(file(2, b"a")), Err(BatchError::Twice { change: 0 }));
        assert_eq!(batch.push(file(1, b"b")), Err(BatchError::Twice { change: 0 }));
        assert_eq!(
            batch.push(Change::Forget(RecordId::new(1))),
            Err(BatchError::Twice { change: 0 })
        );
        assert_eq!(batch.push(put(2, b"x")), Err(BatchError::Twice { change: 1 }));
        assert_eq!(batch.push(put(2, b"y")), Ok(()));
        let name = RegisterName::new(RegisterSpace::Domain, "a.example").unwrap();
        let unregister = Change::Unregister { name };
        assert_eq!(batch.push(unregister.clone()), Err(BatchError::NotAlone));
        assert_eq!(batch.changes().len(), 3);
        let mut alone = Batch::of(TenantId::new(1), unregister);
        assert_eq!(alone.push(file(1, b"a")), Err(BatchError::NotAlone));
    }
}

//! What can be changed.

use chrono::{DateTime, Utc};

use crate::claim::{ClaimId, ClaimState, Claimant, RegisterName, SendClaim};
use crate::id::RecordId;
use crate::index::MessageRow;
use crate::record::{Area, Record, RecordRef, Version};

/// One change of a [`Batch`](super::Batch).
///
/// Each says under which condition it applies; where the condition does not hold, the whole batch is
/// refused and the [`Reason`](super::Reason) says what was found instead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Files a mail. Applies where no mail of the tenant has its id, nor any of its keys of kind
    /// [`MessageId`](crate::index::IndexKind::MessageId), once the batch is applied: a mail that
    /// another change of it forgets is not in the way. Else [`Filed`](super::Reason::Filed).
    File(MessageRow),
    /// Takes a mail out of the index, with all its keys: it is as if it had never been filed.
    /// Applies always; of a mail that is not there nothing is left either.
    Forget(RecordId),
    /// Writes a record, as `version`, with its keys; the keys that it had before and has no more are
    /// free. Applies where the record is as expected ([`Stale`](super::Reason::Stale)) and nobody
    /// else has its unique keys once the batch is applied ([`Taken`](super::Reason::Taken)): what one
    /// change gives up, another of the same batch can have.
    Put {
        /// The record as it shall be.
        record: Record,
        /// A [new](crate::record::Versions::next) version.
        version: Version,
        /// What must be there.
        expect: Expect,
    },
    /// Deletes a record with its keys. Applies where the record is in the version expected; else
    /// [`Stale`](super::Reason::Stale).
    Delete {
        /// Which record.
        record: RecordRef,
        /// The version that must be there.
        expect: Version,
    },
    /// Claims a send. Applies where nobody has claimed it, not even this claimant before; else
    /// [`Claimed`](super::Reason::Claimed).
    Claim {
        /// The send.
        id: ClaimId,
        /// Who claims it.
        by: Claimant,
        /// When.
        at: DateTime<Utc>,
    },
    /// Notes that a claimed send went out. Applies where `by` has an open claim; else
    /// [`Unclaimed`](super::Reason::Unclaimed).
    Settle {
        /// The send.
        id: ClaimId,
        /// Whose claim.
        by: Claimant,
        /// When it went out.
        at: DateTime<Utc>,
    },
    /// Gives back a claimed send that certainly did not go out: anybody may claim it again. Applies
    /// where `by` has an open claim; else [`Unclaimed`](super::Reason::Unclaimed).
    Release {
        /// The send.
        id: ClaimId,
        /// Whose claim.
        by: Claimant,
    },
    /// Claims a send whose claimant is gone, so that nobody knows whether it went out: it may go out
    /// twice. Applies where `from` has an open claim; else
    /// [`Unclaimed`](super::Reason::Unclaimed).
    TakeOver {
        /// The send.
        id: ClaimId,
        /// Whose claim it was.
        from: Claimant,
        /// Whose it becomes.
        by: Claimant,
        /// When.
        at: DateTime<Utc>,
    },
    /// Registers a name for the tenant, or renews its own registration. Applies where no other
    /// tenant has a registration that holds at `now`; else
    /// [`Registered`](super::Reason::Registered). Alone in its batch.
    Register {
        /// The name.
        name: RegisterName,
        /// The last moment of the registration; `None` for good.
        until: Option<DateTime<Utc>>,
        /// The present, by the caller's clock.
        now: DateTime<Utc>,
    },
    /// Gives up the tenant's registration of a name. Applies where the tenant has it, or nobody;
    /// else, be it expired or not, [`Registered`](super::Reason::Registered). Alone in its batch.
    Unregister {
        /// The name.
        name: RegisterName,
    },
}

impl Change {
    /// Which part of the contract it belongs to: a store that does not support it answers
    /// [`Unsupported`](super::StoreErrorKind::Unsupported).
    #[must_use]
    pub fn area(&self) -> Area {
        match self {
            Self::File(_) | Self::Forget(_) => Area::Messages,
            Self::Put { record, .. } => record.reference().kind().area(),
            Self::Delete { record, .. } => record.kind().area(),
            Self::Claim { .. }
            | Self::Settle { .. }
            | Self::Release { .. }
            | Self::TakeOver { .. } => Area::Ledger,
            Self::Register { .. } | Self::Unregister { .. } => Area::Register,
        }
    }
}

impl Change {
    /// Where the change is about a send: which one, and what the ledger holds of it once the change
    /// applied.
    #[must_use]
    pub fn claim_after(&self) -> Option<(&ClaimId, Option<SendClaim>)> {
        match self {
            Self::Claim { id, by, at } | Self::TakeOver { id, by, at, .. } => {
                Some((id, Some(SendClaim::new(*by, *at, ClaimState::Open))))
            }
            Self::Settle { id, by, at } => {
                Some((id, Some(SendClaim::new(*by, *at, ClaimState::Sent))))
            }
            Self::Release { id, .. } => Some((id, None)),
            _ => None,
        }
    }
}

/// What must be there for a record to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a blind write would lose updates")]
pub enum Expect {
    /// No record of this kind and id.
    Absent,
    /// The record in this version.
    At(Version),
}

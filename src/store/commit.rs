//! What became of a batch.

use chrono::{DateTime, Utc};

use crate::claim::SendClaim;
use crate::id::{RecordId, TenantId};
use crate::record::{RecordRef, UniqueKey, Version};

/// What became of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a refused batch wrote nothing: look again and decide again"]
#[non_exhaustive]
pub enum Commit {
    /// Everything was written.
    Applied,
    /// Nothing was written: a race was lost.
    Refused(Vec<Refusal>),
}

impl Commit {
    /// Was everything written?
    #[must_use]
    pub const fn is_applied(&self) -> bool {
        matches!(self, Self::Applied)
    }

    /// Why it was refused; nothing where it was applied.
    #[must_use]
    pub fn refusals(&self) -> &[Refusal] {
        match self {
            Self::Applied => &[],
            Self::Refused(refusals) => refusals,
        }
    }
}

/// Which change of a batch does not apply, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a place and a reason; stores make it")]
pub struct Refusal {
    /// The place of the change in the batch.
    pub change: usize,
    /// What was found.
    pub reason: Reason,
}

/// What a store found instead of what a change expects.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The mail was filed before, as this one.
    Filed {
        /// The mail that has its id or its Message-ID.
        holder: RecordId,
    },
    /// The record is not in the state expected.
    Stale {
        /// The version found; `None` where there is no record.
        found: Option<Version>,
    },
    /// A unique key belongs to another record.
    Taken {
        /// The first of the change's keys that is taken.
        key: UniqueKey,
        /// Who has it.
        holder: RecordRef,
    },
    /// The send was claimed before.
    Claimed {
        /// By whom, and how far it has come.
        claim: SendClaim,
    },
    /// The claimant has no open claim.
    Unclaimed {
        /// The claim there is.
        found: Option<SendClaim>,
    },
    /// The name belongs to another tenant.
    Registered {
        /// Whose it is.
        tenant: TenantId,
        /// Until when; `None` for good.
        until: Option<DateTime<Utc>>,
    },
}

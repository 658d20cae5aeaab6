//! Plain samples of everything that can be written.

use std::num::NonZeroU32;

use chrono::{DateTime, TimeDelta, Utc};

use super::case::{Checked, Violation};
use crate::claim::{
    ClaimId, ClaimState, Claimant, RecipientKey, RegisterName, RegisterSpace, SendClaim, SendScope,
};
use crate::id::RecordId;
use crate::index::{IndexKey, MessageRow};
use crate::record::{LookupKey, Record, RecordRef, UniqueKey, Version};
use crate::store::{Change, Expect};

/// So many seconds after the epoch, and a few microseconds.
pub(super) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds) + TimeDelta::microseconds(123)
}

pub(super) fn many(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

pub(super) fn mail(id: u128, seconds: i64, keys: Vec<IndexKey>) -> Change {
    let id = RecordId::new(id);
    Change::File(MessageRow::new(id, at(seconds), id, keys))
}

pub(super) fn forget(id: u128) -> Change {
    Change::Forget(RecordId::new(id))
}

/// A record; only mistakes of the kit's own make a violation.
pub(super) fn record(
    reference: RecordRef,
    seconds: i64,
    body: impl Into<Box<str>>,
    unique: &[UniqueKey],
    keys: &[LookupKey],
) -> Checked<Record> {
    Record::new(reference, at(seconds), body)
        .and_then(|record| record.with_unique(unique.iter().copied()))
        .and_then(|record| record.with_keys(keys.iter().copied()))
        .map_err(|error| Violation::new("kit", error.to_string()))
}

/// Creates a record with a body and unique keys.
pub(super) fn create(
    reference: RecordRef,
    version: Version,
    unique: &[UniqueKey],
) -> Checked<Change> {
    let record = record(reference, 1, "created", unique, &[])?;
    Ok(Change::Put { record, version, expect: Expect::Absent })
}

/// Writes a record over the version `from`.
pub(super) fn update(
    reference: RecordRef,
    from: Version,
    version: Version,
    unique: &[UniqueKey],
) -> Checked<Change> {
    let record = record(reference, 2, "updated", unique, &[])?;
    Ok(Change::Put { record, version, expect: Expect::At(from) })
}

pub(super) fn scope(message: u128) -> SendScope {
    SendScope::new(RecordId::new(message)).in_journey(RecordId::new(7), RecordId::new(8))
}

pub(super) fn recipient(text: &str) -> Checked<RecipientKey> {
    RecipientKey::address(text.as_bytes()).map_err(|e| Violation::new("kit", e.to_string()))
}

/// The send of message 1 to this recipient.
pub(super) fn send(to: &str) -> Checked<ClaimId> {
    Ok(ClaimId { scope: scope(1), recipient: recipient(to)? })
}

pub(super) fn claim(id: &ClaimId, by: u128) -> Change {
    Change::Claim { id: id.clone(), by: Claimant::new(by), at: at(1) }
}

pub(super) fn settle(id: &ClaimId, by: u128) -> Change {
    Change::Settle { id: id.clone(), by: Claimant::new(by), at: at(2) }
}

pub(super) fn release(id: &ClaimId, by: u128) -> Change {
    Change::Release { id: id.clone(), by: Claimant::new(by) }
}

pub(super) fn take_over(id: &ClaimId, from: u128, by: u128) -> Change {
    let (from, by) = (Claimant::new(from), Claimant::new(by));
    Change::TakeOver { id: id.clone(), from, by, at: at(3) }
}

/// An open claim, as [`claim`] makes it.
pub(super) fn open(by: u128) -> SendClaim {
    SendClaim::new(Claimant::new(by), at(1), ClaimState::Open)
}

/// A settled one, as [`settle`] makes it.
pub(super) fn sent(by: u128) -> SendClaim {
    SendClaim::new(Claimant::new(by), at(2), ClaimState::Sent)
}

/// One that was taken over, as [`take_over`] makes it.
pub(super) fn taken(by: u128) -> SendClaim {
    SendClaim::new(Claimant::new(by), at(3), ClaimState::Open)
}

pub(super) fn name(text: &str) -> Checked<RegisterName> {
    RegisterName::new(RegisterSpace::Domain, text).map_err(|e| Violation::new("kit", e.to_string()))
}

pub(super) fn register(name: &RegisterName, until: Option<i64>, now: i64) -> Change {
    Change::Register { name: name.clone(), until: until.map(at), now: at(now) }
}

//! The number of a user: read, or drawn once.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};

use crate::flow::{FlowError, ROUNDS};
use crate::id::{RecordId, TenantId};
use crate::record::{RecordKind, Versions};
use crate::store::{
    Batch, Change, Commit, Expect, MAX_READS, Reason, Records, SequenceKey, Sequences, Store,
    StoreError, StoreErrorKind,
};
use crate::token::UserNumber;

/// Numbers that were brought along are skipped by so many a draw. Of several that skip at a time, the
/// last draws go past what is taken, each by less than this: user numbers are few.
const STRIDE: u32 = 16;

/// The number of a user of the tenant; drawn now where there is none.
///
/// Of two that draw for one user at a time, the record keeps the first and the other reads it; the
/// number that was drawn in vain is a gap.
pub(super) async fn number<S: Store + Records + Sequences>(
    store: &S,
    versions: &Versions,
    (tenant, user): (TenantId, RecordId),
    now: DateTime<Utc>,
) -> Result<u32, FlowError> {
    let asked = [UserNumber::reference(user), RecordKind::Queue.of(user)];
    for _ in 0..ROUNDS {
        let found = store.load(tenant, &asked).await?;
        if let [Some(kept), _] = found.as_slice() {
            let read = UserNumber::from_record(&kept.record).map_err(|error| {
                StoreError::new(StoreErrorKind::Corrupt, "reading a user number").because(error)
            })?;
            return Ok(read.number().get());
        }
        if let [_, Some(queue)] = found.as_slice() {
            return Err(FlowError::not_a_user(queue.record.reference()));
        }
        let drawn = draw(store, tenant, NonZeroU32::MIN, 0).await?;
        let record =
            UserNumber::new(user, drawn).to_record(store.keyer(), now).map_err(|error| {
                StoreError::new(StoreErrorKind::Other, "keeping a user number").because(error)
            })?;
        let change = Change::Put { record, version: versions.next(), expect: Expect::Absent };
        match store.commit(&Batch::of(tenant, change)).await? {
            Commit::Applied => return Ok(drawn.get()),
            Commit::Refused(refusals) => {
                if refusals.iter().any(|r| matches!(r.reason, Reason::Taken { .. })) {
                    skip_taken(store, tenant, drawn).await?;
                }
            }
        }
    }
    Err(FlowError::contended())
}

/// Draws the numbers behind `taken` that were brought along for others, up to a thousand, so that the
/// next one drawn is free; more than those are not drawn, but by the way of others who skip them too.
async fn skip_taken<S: Store + Records + Sequences>(
    store: &S,
    tenant: TenantId,
    taken: NonZeroU32,
) -> Result<(), FlowError> {
    let behind = (1..=MAX_READS).map_while(|n| taken.checked_add(u32::try_from(n).ok()?));
    let keys: Vec<_> = behind.map(|number| UserNumber::key(store.keyer(), number)).collect();
    let holders = store.holders(tenant, &keys).await?;
    let run = holders.iter().take_while(|holder| holder.is_some()).count();
    let last = taken.saturating_add(u32::try_from(run).unwrap_or(u32::MAX)).get();
    let mut at = taken.get();
    while let Some(left) = NonZeroU32::new(last.saturating_sub(at)) {
        let len = left.min(NonZeroU32::MIN.saturating_add(STRIDE - 1));
        let first = draw(store, tenant, len, at).await?;
        at = first.saturating_add(len.get() - 1).get();
    }
    Ok(())
}

/// The first of the next `len` numbers, which are above those drawn before.
async fn draw<S: Sequences>(
    store: &S,
    tenant: TenantId,
    len: NonZeroU32,
    above: u32,
) -> Result<NonZeroU32, FlowError> {
    let block = store.allocate(tenant, SequenceKey::UserNumbers, len).await?;
    // That none is drawn twice is the unique key's to see; 0 is nobody's number.
    let wrong = || FlowError::broken_sequence(u64::from(above), len, block);
    if block.len() != len || block.first() <= u64::from(above) {
        return Err(wrong());
    }
    let full = |_| StoreError::new(StoreErrorKind::Full, "drawing a user number");
    NonZeroU32::new(u32::try_from(block.first()).map_err(full)?).ok_or_else(wrong)
}

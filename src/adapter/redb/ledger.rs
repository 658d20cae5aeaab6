//! Claims of sends, and registered names.

use redb::{ReadTransaction, ReadableTable, Table};

use super::error::Fault;
use super::layout::{self, CLAIMS, CLAIMS_PREFIX, REGISTER};
use crate::claim::{
    ClaimId, ClaimPageQuery, ClaimState, RecipientKey, RegisterName, Registration, SendClaim,
    SendScope,
};
use crate::id::TenantId;
use crate::record::Page;

const STATES: [ClaimState; 2] = [ClaimState::Open, ClaimState::Sent];

/// A send is claimed in one state at most; its row is in that state's part of the table.
pub(super) fn claim(
    claims: &impl ReadableTable<&'static [u8], &'static [u8; 24]>,
    tenant: TenantId,
    id: &ClaimId,
) -> Result<Option<SendClaim>, Fault> {
    for state in STATES {
        if let Some(found) = claims.get(&*layout::claim(tenant, id, state))? {
            return Ok(Some(layout::read_claim(state, found.value())?));
        }
    }
    Ok(None)
}

pub(super) fn set_claim(
    claims: &mut Table<'_, &'static [u8], &'static [u8; 24]>,
    tenant: TenantId,
    id: &ClaimId,
    claim: Option<SendClaim>,
) -> Result<(), Fault> {
    for state in STATES {
        let key = layout::claim(tenant, id, state);
        match claim.filter(|claim| claim.state() == state) {
            Some(claim) => claims.insert(&*key, &layout::claim_value(&claim))?,
            None => claims.remove(&*key)?,
        };
    }
    Ok(())
}

pub(super) fn claims(
    read: &ReadTransaction,
    tenant: TenantId,
    scope: SendScope,
    recipients: &[RecipientKey],
) -> Result<Vec<Option<SendClaim>>, Fault> {
    let claims = read.open_table(CLAIMS)?;
    let id = |recipient: &RecipientKey| ClaimId { scope, recipient: recipient.clone() };
    recipients.iter().map(|recipient| claim(&claims, tenant, &id(recipient))).collect()
}

pub(super) fn page(
    read: &ReadTransaction,
    tenant: TenantId,
    query: &ClaimPageQuery,
) -> Result<Page<(RecipientKey, SendClaim), RecipientKey>, Fault> {
    let claims = read.open_table(CLAIMS)?;
    let limit = usize::from(query.page_limit());
    let mut items: Vec<(RecipientKey, SendClaim)> = Vec::new();
    for state in STATES.into_iter().filter(|state| query.state().is_none_or(|one| one == *state)) {
        let prefix = layout::claims(tenant, query.scope(), state);
        let mut start = prefix.to_vec();
        if let Some(after) = query.start() {
            // The next key there can be: the same with an octet more.
            start.extend_from_slice(after.as_bytes());
            start.push(0);
        }
        for found in claims.range(&*start..)?.take(limit) {
            let (key, value) = found?;
            let key = key.value();
            if key.get(..CLAIMS_PREFIX) != Some(prefix.as_slice()) {
                break;
            }
            let claim = layout::read_claim(state, value.value())?;
            items.push((layout::recipient_of_claim(key)?, claim));
        }
    }
    // Of either state the first `limit`: the first of both together are among them.
    items.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
    items.truncate(limit);
    Ok(Page::new(items, query.page_limit(), |(recipient, _)| recipient.clone()))
}

pub(super) fn registrations(
    read: &ReadTransaction,
    names: &[RegisterName],
) -> Result<Vec<Option<Registration>>, Fault> {
    let register = read.open_table(REGISTER)?;
    let registration = |name| {
        let found = register.get(&*layout::name(name))?;
        Ok(found.map(|found| layout::read_registration(found.value())).transpose()?)
    };
    names.iter().map(registration).collect()
}

//! Claims of sends.

use uuid::Uuid;

use super::PostgresStore;
use super::failure::Failure;
use super::session::{Call, Param};
use super::value::{claim, column, place, uuid};
use crate::claim::{ClaimId, ClaimPageQuery, ClaimState, RecipientKey, SendClaim, SendScope};
use crate::id::TenantId;
use crate::record::Page;
use crate::store::{Ledger, StoreError};

/// Sends as four columns.
#[derive(Debug, Default)]
pub(super) struct Sends {
    messages: Vec<Uuid>,
    journeys: Vec<Uuid>,
    tiles: Vec<Uuid>,
    recipients: Vec<Vec<u8>>,
}

impl Sends {
    pub(super) fn push(&mut self, scope: &SendScope, recipient: &RecipientKey) {
        let [message, journey, tile] = ids(scope);
        self.messages.push(message);
        self.journeys.push(journey);
        self.tiles.push(tile);
        self.recipients.push(recipient.as_bytes().into());
    }

    /// The tenant and the columns.
    pub(super) fn params(self, tenant: Uuid) -> Vec<Param> {
        vec![
            Box::new(tenant),
            Box::new(self.messages),
            Box::new(self.journeys),
            Box::new(self.tiles),
            Box::new(self.recipients),
        ]
    }
}

/// Message, journey and tile.
fn ids(scope: &SendScope) -> [Uuid; 3] {
    let mut ids = [Uuid::nil(); 3];
    let bytes = scope.to_bytes();
    let (chunks, _) = bytes.as_chunks::<16>();
    for (id, chunk) in ids.iter_mut().zip(chunks) {
        *id = Uuid::from_bytes(*chunk);
    }
    ids
}

/// The claims of these sends, asked by one of two statements.
pub(super) fn claims<'a>(sql: &'a str, tenant: Uuid, ids: &[ClaimId]) -> Call<'a> {
    let mut sends = Sends::default();
    ids.iter().for_each(|id| sends.push(&id.scope, &id.recipient));
    Call::asking(sql, sends.params(tenant))
}

impl Ledger for PostgresStore {
    async fn claims(
        &self,
        tenant: TenantId,
        scope: &SendScope,
        recipients: &[RecipientKey],
    ) -> Result<Vec<Option<SendClaim>>, StoreError> {
        let mut sends = Sends::default();
        recipients.iter().for_each(|recipient| sends.push(scope, recipient));
        let call = Call::asking(&self.sql().claims, sends.params(uuid(tenant.get())));
        let mut claims = vec![None; recipients.len()];
        if recipients.is_empty() {
            return Ok(claims);
        }
        self.ask("reading claims", &call, |row| {
            if let Some(found) = claims.get_mut(place(row, 0)?) {
                *found = Some(claim(row, 1)?);
            }
            Ok(())
        })
        .await?;
        Ok(claims)
    }

    async fn claim_page(
        &self,
        tenant: TenantId,
        query: &ClaimPageQuery,
    ) -> Result<Page<(RecipientKey, SendClaim), RecipientKey>, StoreError> {
        let sql = match query.state() {
            None => &self.sql().claim_page,
            Some(ClaimState::Open) => &self.sql().claim_page_open,
            Some(ClaimState::Sent) => &self.sql().claim_page_sent,
        };
        let [message, journey, tile] = ids(query.scope());
        let after: Vec<u8> = query.start().map_or_else(Vec::new, |key| key.as_bytes().into());
        let limit = i64::from(query.page_limit());
        let params: Vec<Param> = vec![
            Box::new(uuid(tenant.get())),
            Box::new(message),
            Box::new(journey),
            Box::new(tile),
            Box::new(after),
            Box::new(limit),
        ];
        let mut items = Vec::new();
        self.ask("listing claims", &Call::asking(sql, params), |row| {
            let key = RecipientKey::from_bytes(column(row, 0)?).map_err(Failure::corrupt)?;
            items.push((key, claim(row, 1)?));
            Ok(())
        })
        .await?;
        Ok(Page::new(items, query.page_limit(), |(key, _)| key.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::RecordId;

    #[test]
    fn a_scope_is_three_ids() {
        let scope =
            SendScope::new(RecordId::new(1)).in_journey(RecordId::new(2), RecordId::new(1 << 127));
        assert_eq!(ids(&scope).map(|id| id.as_u128()), [1, 2, 1 << 127]);
    }
}

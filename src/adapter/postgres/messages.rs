//! Filed mails by key.

use super::PostgresStore;
use super::records::Counts;
use super::session::{Call, Param};
use super::value::{column, found, hash, micros, number, place, time, unpack, uuid};
use crate::id::{RecordId, TenantId};
use crate::index::{Answer, IndexKey, Kinds, MessageQuery};
use crate::store::{MessageIndex, StoreError};

impl MessageIndex for PostgresStore {
    async fn find(&self, tenant: TenantId, query: &MessageQuery) -> Result<Answer, StoreError> {
        let lookups = query.lookups();
        let mut answer = Answer::with_capacity(lookups.len());
        if lookups.is_empty() {
            return Ok(answer);
        }
        let kinds: Vec<_> = lookups.iter().map(|l| i16::from(l.key().kind().code())).collect();
        let hashes: Vec<_> = lookups.iter().map(|lookup| hash(lookup.key().hash())).collect();
        let since: Vec<_> = lookups.iter().map(|l| l.since().map_or(i64::MIN, micros)).collect();
        let until: Vec<_> = lookups.iter().map(|l| l.until().map_or(i64::MAX, micros)).collect();
        let wanted: Vec<_> = lookups.iter().map(|l| i16::from(l.row_limit())).collect();
        let carry: Vec<_> = lookups.iter().map(|l| l.carry() != Kinds::NONE).collect();
        let params: Vec<Param> = vec![
            Box::new(uuid(tenant.get())),
            Box::new(kinds),
            Box::new(hashes),
            Box::new(since),
            Box::new(until),
            Box::new(wanted),
            Box::new(carry),
        ];
        let mut counts = Counts::of(lookups.len());
        self.ask("looking up mail", &Call::asking(&self.sql().find, params), |row| {
            let at = place(row, 0)?;
            counts.before(at, found(row, 1)?, |count| answer.end_lookup(count));
            let carry = lookups.get(at).map_or(Kinds::NONE, |lookup| lookup.carry());
            let keys: Option<&[u8]> = column(row, 5)?;
            let keys = unpack::<IndexKey>(keys.unwrap_or_default())?;
            let keys = keys.into_iter().filter(|key| carry.contains(key.kind()));
            let (id, conversation) = (number(row, 2)?, number(row, 4)?);
            answer.push(RecordId::new(id), time(row, 3)?, RecordId::new(conversation), keys);
            Ok(())
        })
        .await?;
        counts.end(|count| answer.end_lookup(count));
        Ok(answer)
    }
}

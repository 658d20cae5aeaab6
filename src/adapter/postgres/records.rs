//! Records by reference, unique key, kind and look-up key.

use uuid::Uuid;

use super::PostgresStore;
use super::session::{Call, Param};
use super::statement::Statements;
use super::value::{found, hash, kind, place, reference, uuid, versioned};
use crate::id::{RecordId, TenantId};
use crate::record::{
    Page, RecordAnswer, RecordPageQuery, RecordQuery, RecordRef, UniqueKey, Versioned,
};
use crate::store::{Directory, Records, StoreError};

/// Who has these unique keys?
pub(super) fn holders<'a>(sql: &'a Statements, tenant: Uuid, keys: &[UniqueKey]) -> Call<'a> {
    let spaces: Vec<_> = keys.iter().map(|key| i16::from(key.space().code())).collect();
    let hashes: Vec<_> = keys.iter().map(|key| hash(key.hash())).collect();
    Call::asking(&sql.holders, vec![Box::new(tenant), Box::new(spaces), Box::new(hashes)])
}

impl Records for PostgresStore {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        let mut loaded = vec![None; records.len()];
        if records.is_empty() {
            return Ok(loaded);
        }
        let kinds: Vec<_> = records.iter().map(|record| kind(*record)).collect();
        let ids: Vec<_> = records.iter().map(|record| uuid(record.id().get())).collect();
        let params: Vec<Param> = vec![Box::new(uuid(tenant.get())), Box::new(kinds), Box::new(ids)];
        self.ask("loading records", &Call::asking(&self.sql().load, params), |row| {
            if let Some(loaded) = loaded.get_mut(place(row, 0)?) {
                *loaded = Some(versioned(row, 1)?);
            }
            Ok(())
        })
        .await?;
        Ok(loaded)
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        let mut found = vec![None; keys.len()];
        if keys.is_empty() {
            return Ok(found);
        }
        let call = holders(self.sql(), uuid(tenant.get()), keys);
        self.ask("reading unique keys", &call, |row| {
            if let Some(found) = found.get_mut(place(row, 0)?) {
                *found = Some(reference(row, 1, 2)?);
            }
            Ok(())
        })
        .await?;
        Ok(found)
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        let code = kind(query.kind().of(RecordId::new(0)));
        let limit = i64::from(query.page_limit());
        let mut params: Vec<Param> =
            vec![Box::new(uuid(tenant.get())), Box::new(code), Box::new(limit)];
        let sql = match query.start() {
            None => &self.sql().list,
            Some(start) => {
                params.push(Box::new(uuid(start.get())));
                &self.sql().list_after
            }
        };
        let mut items = Vec::new();
        self.ask("listing records", &Call::asking(sql, params), |row| {
            items.push(versioned(row, 0)?);
            Ok(())
        })
        .await?;
        Ok(Page::new(items, query.page_limit(), |found| found.record.reference().id()))
    }
}

impl Directory for PostgresStore {
    async fn find_records(
        &self,
        tenant: TenantId,
        query: &RecordQuery,
    ) -> Result<RecordAnswer, StoreError> {
        let lookups = query.lookups();
        let mut answer = RecordAnswer::with_capacity(lookups.len());
        if lookups.is_empty() {
            return Ok(answer);
        }
        let sorts: Vec<_> = lookups.iter().map(|l| i16::from(l.key().kind().code())).collect();
        let hashes: Vec<_> = lookups.iter().map(|lookup| hash(lookup.key().hash())).collect();
        let wanted: Vec<_> = lookups.iter().map(|l| i16::from(l.row_limit())).collect();
        let params: Vec<Param> =
            vec![Box::new(uuid(tenant.get())), Box::new(sorts), Box::new(hashes), Box::new(wanted)];
        let mut counts = Counts::of(lookups.len());
        self.ask("looking up records", &Call::asking(&self.sql().find_records, params), |row| {
            counts.before(place(row, 0)?, found(row, 1)?, |count| answer.end_lookup(count));
            answer.push(versioned(row, 2)?);
            Ok(())
        })
        .await?;
        counts.end(|count| answer.end_lookup(count));
        Ok(answer)
    }
}

/// Ends look-ups while rows come in the order of the look-ups; one that found nothing has no row.
#[derive(Debug)]
pub(super) struct Counts {
    lookups: usize,
    ended: usize,
    count: usize,
}

impl Counts {
    pub(super) const fn of(lookups: usize) -> Self {
        Self { lookups, ended: 0, count: 0 }
    }

    /// Before the rows of look-up `at`, of which there are `count`, those before it end.
    pub(super) fn before(&mut self, at: usize, count: usize, mut end: impl FnMut(usize)) {
        while self.ended < at.min(self.lookups) {
            end(std::mem::take(&mut self.count));
            self.ended += 1;
        }
        self.count = count;
    }

    /// After the last row, the rest ends.
    pub(super) fn end(mut self, end: impl FnMut(usize)) {
        self.before(self.lookups, 0, end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lookup_ends_once_with_its_count() {
        for (rows, expected) in [
            (&[][..], [0, 0, 0, 0]),
            (&[(0, 2), (0, 2), (2, 1)], [2, 0, 1, 0]),
            (&[(3, 64)], [0, 0, 0, 64]),
            (&[(1, 5), (2, 6), (3, 7)], [0, 5, 6, 7]),
        ] {
            let mut ended = Vec::new();
            let mut counts = Counts::of(4);
            for (at, count) in rows {
                counts.before(*at, *count, |count| ended.push(count));
            }
            counts.end(|count| ended.push(count));
            assert_eq!(ended, expected);
        }
    }
}

//! A batch as statements.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::ledger::Sends;
use super::present::Shown;
use super::session::{Call, Param};
use super::statement::Statements;
use super::value::{hash, kind, micros, pack, uuid};
use crate::claim::{ClaimId, SendClaim};
use crate::id::RecordId;
use crate::index::{IndexKey, MessageRow};
use crate::record::{LookupKey, Record, RecordRef, UniqueKey, Version};
use crate::store::{Batch, Change, Expect};

/// At most this many rows a statement.
const ROWS: usize = 16_384;
/// At most about this many octets of bodies a statement.
const OCTETS: usize = 4 << 20;

/// A statement, and how many rows it writes when all goes well.
#[derive(Debug)]
pub(super) struct Write<'a> {
    pub(super) call: Call<'a>,
    pub(super) expected: u64,
    /// Fewer rows mean that somebody was faster. Without it, they mean damage: the rows are locked.
    pub(super) contested: bool,
}

/// Does the batch insert only? Then nothing that is there has to be known first: an insert that finds
/// its place taken says so by writing a row less.
pub(super) fn inserts_only(batch: &Batch) -> bool {
    batch.changes().iter().all(|change| {
        matches!(
            change,
            Change::File(_) | Change::Put { expect: Expect::Absent, .. } | Change::Claim { .. }
        )
    })
}

/// The batch as statements, in the order in which every batch writes: table by table, in each what is
/// given up first, then what moves or changes, then what is new, each sorted by key. `shown` is what
/// the rows that it changes hold.
pub(super) fn writes<'a>(sql: &'a Statements, batch: &Batch, shown: &Shown) -> Vec<Write<'a>> {
    let mut writes = Writes { sql, tenant: uuid(batch.tenant().get()), writes: Vec::new() };
    writes.mails(batch, shown);
    writes.records(batch, shown);
    writes.claims(batch);
    writes.writes
}

struct Writes<'a> {
    sql: &'a Statements,
    tenant: Uuid,
    writes: Vec<Write<'a>>,
}

/// A row of `mail_key`, in the order of its primary key.
type MailKey = (u8, [u8; 16], i64, RecordId);
/// A row of `lookup_key`, in the order of its primary key.
type RecordKey = (LookupKey, i64, RecordRef);
type Body<'b> = (&'b Record, Version);

impl<'a> Writes<'a> {
    fn push(&mut self, sql: &'a str, params: Vec<Param>, rows: usize, contested: bool) {
        let expected = rows as u64;
        self.writes.push(Write { call: Call::writing(sql, params), expected, contested });
    }

    fn mails(&mut self, batch: &Batch, shown: &Shown) {
        let mut filed: Vec<&MessageRow> = Vec::new();
        let mut forgotten = Vec::new();
        let (mut gone, mut new) = (BTreeSet::new(), BTreeSet::new());
        for change in batch.changes() {
            match change {
                Change::File(row) => {
                    filed.push(row);
                    new.extend(mail_keys(row.id(), micros(row.created()), row.keys()));
                }
                Change::Forget(id) => {
                    let Some(mail) = shown.mail(*id) else { continue };
                    forgotten.push(*id);
                    gone.extend(mail_keys(*id, mail.created, &mail.keys));
                }
                _ => {}
            }
        }
        let sql = self.sql;
        self.mail_keys(&sql.delete_mail_keys, gone, false);
        forgotten.sort_unstable();
        for ids in forgotten.chunks(ROWS) {
            let column: Vec<_> = ids.iter().map(|id| uuid(id.get())).collect();
            let params: Vec<Param> = vec![Box::new(self.tenant), Box::new(column)];
            self.push(&sql.delete_mails, params, ids.len(), false);
        }
        filed.sort_unstable_by_key(|row| row.id());
        for rows in filed.chunks(ROWS) {
            let ids: Vec<_> = rows.iter().map(|row| uuid(row.id().get())).collect();
            let created: Vec<_> = rows.iter().map(|row| micros(row.created())).collect();
            let conversations: Vec<_> =
                rows.iter().map(|row| uuid(row.conversation().get())).collect();
            let keys: Vec<_> = rows.iter().map(|row| pack(row.keys())).collect();
            let params: Vec<Param> = vec![
                Box::new(self.tenant),
                Box::new(ids),
                Box::new(created),
                Box::new(conversations),
                Box::new(keys),
            ];
            self.push(&sql.insert_mails, params, rows.len(), true);
        }
        self.mail_keys(&sql.insert_mail_keys, new, true);
    }

    fn mail_keys(&mut self, sql: &'a str, keys: BTreeSet<MailKey>, contested: bool) {
        let keys: Vec<_> = keys.into_iter().collect();
        for rows in keys.chunks(ROWS) {
            let kinds: Vec<_> = rows.iter().map(|(kind, ..)| i16::from(*kind)).collect();
            let hashes: Vec<_> = rows.iter().map(|(_, key, ..)| hash(key)).collect();
            let created: Vec<_> = rows.iter().map(|(_, _, created, _)| *created).collect();
            let ids: Vec<_> = rows.iter().map(|(.., id)| uuid(id.get())).collect();
            let params: Vec<Param> = vec![
                Box::new(self.tenant),
                Box::new(kinds),
                Box::new(hashes),
                Box::new(created),
                Box::new(ids),
            ];
            self.push(sql, params, rows.len(), contested);
        }
    }

    fn records(&mut self, batch: &Batch, shown: &Shown) {
        let (mut deleted, mut updated, mut inserted) = (Vec::new(), Vec::new(), Vec::new());
        // Who has each key before and after: what stays with its record is not written.
        let (mut held, mut holds) = (BTreeMap::new(), BTreeMap::new());
        let (mut found, mut finds) = (BTreeSet::new(), BTreeSet::new());
        for change in batch.changes() {
            let reference = match change {
                Change::Put { record, version, .. } => {
                    let reference = record.reference();
                    let modified = micros(record.modified());
                    holds.extend(record.unique().iter().map(|key| (*key, reference)));
                    finds.extend(record.keys().iter().map(|key| (*key, modified, reference)));
                    match shown.record(reference) {
                        Some(_) => updated.push((record, *version)),
                        None => inserted.push((record, *version)),
                    }
                    reference
                }
                Change::Delete { record, .. } => {
                    deleted.push(*record);
                    *record
                }
                _ => continue,
            };
            if let Some(record) = shown.record(reference) {
                held.extend(record.unique.iter().map(|key| (*key, reference)));
                found.extend(record.keys.iter().map(|key| (*key, record.modified, reference)));
            }
        }
        self.record_rows(deleted, updated, inserted);
        self.unique_keys(&held, &holds);
        let gone = found.difference(&finds).copied().collect();
        let new = finds.difference(&found).copied().collect();
        let sql = self.sql;
        self.lookup_keys(&sql.delete_lookup_keys, gone, false);
        self.lookup_keys(&sql.insert_lookup_keys, new, true);
    }

    fn record_rows(
        &mut self,
        mut deleted: Vec<RecordRef>,
        updated: Vec<Body<'_>>,
        inserted: Vec<Body<'_>>,
    ) {
        let sql = self.sql;
        deleted.sort_unstable();
        for records in deleted.chunks(ROWS) {
            let kinds: Vec<_> = records.iter().map(|record| kind(*record)).collect();
            let ids: Vec<_> = records.iter().map(|record| uuid(record.id().get())).collect();
            let params: Vec<Param> = vec![Box::new(self.tenant), Box::new(kinds), Box::new(ids)];
            self.push(&sql.delete_records, params, records.len(), false);
        }
        self.bodies(&sql.update_records, updated, false);
        self.bodies(&sql.insert_records, inserted, true);
    }

    fn bodies(&mut self, sql: &'a str, mut records: Vec<Body<'_>>, contested: bool) {
        records.sort_unstable_by_key(|(record, _)| record.reference());
        let mut rest = &records[..];
        while !rest.is_empty() {
            let mut octets = 0;
            let fits = rest.iter().take(ROWS).take_while(|(record, _)| {
                let room = octets < OCTETS;
                octets += record.body().len();
                room
            });
            let (rows, after) = rest.split_at(fits.count().max(1).min(rest.len()));
            rest = after;
            let kinds: Vec<_> = rows.iter().map(|(record, _)| kind(record.reference())).collect();
            let ids = rows.iter().map(|(record, _)| uuid(record.reference().id().get()));
            let ids: Vec<_> = ids.collect();
            let versions: Vec<_> = rows.iter().map(|(_, version)| uuid(version.get())).collect();
            let modified: Vec<_> =
                rows.iter().map(|(record, _)| micros(record.modified())).collect();
            let active: Vec<_> = rows.iter().map(|(record, _)| record.is_active()).collect();
            let unique: Vec<_> = rows.iter().map(|(record, _)| pack(record.unique())).collect();
            let keys: Vec<_> = rows.iter().map(|(record, _)| pack(record.keys())).collect();
            let bodies: Vec<_> = rows.iter().map(|(record, _)| record.body().to_string()).collect();
            let params: Vec<Param> = vec![
                Box::new(self.tenant),
                Box::new(kinds),
                Box::new(ids),
                Box::new(versions),
                Box::new(modified),
                Box::new(active),
                Box::new(unique),
                Box::new(keys),
                Box::new(bodies),
            ];
            self.push(sql, params, rows.len(), contested);
        }
    }

    fn unique_keys(
        &mut self,
        held: &BTreeMap<UniqueKey, RecordRef>,
        holds: &BTreeMap<UniqueKey, RecordRef>,
    ) {
        let released: Vec<_> = held.keys().filter(|key| !holds.contains_key(key)).collect();
        let (mut moved, mut new) = (Vec::new(), Vec::new());
        for (key, record) in holds {
            match held.get(key) {
                Some(before) if before == record => {}
                Some(_) => moved.push((*key, *record)),
                None => new.push((*key, *record)),
            }
        }
        let sql = self.sql;
        for keys in released.chunks(ROWS) {
            let spaces: Vec<_> = keys.iter().map(|key| i16::from(key.space().code())).collect();
            let hashes: Vec<_> = keys.iter().map(|key| hash(key.hash())).collect();
            let params: Vec<Param> =
                vec![Box::new(self.tenant), Box::new(spaces), Box::new(hashes)];
            self.push(&sql.release_unique_keys, params, keys.len(), false);
        }
        for (sql, keys, contested) in
            [(&sql.move_unique_keys, moved, false), (&sql.insert_unique_keys, new, true)]
        {
            for rows in keys.chunks(ROWS) {
                let spaces: Vec<_> =
                    rows.iter().map(|(key, _)| i16::from(key.space().code())).collect();
                let hashes: Vec<_> = rows.iter().map(|(key, _)| hash(key.hash())).collect();
                let kinds: Vec<_> = rows.iter().map(|(_, record)| kind(*record)).collect();
                let ids: Vec<_> = rows.iter().map(|(_, record)| uuid(record.id().get())).collect();
                let params: Vec<Param> = vec![
                    Box::new(self.tenant),
                    Box::new(spaces),
                    Box::new(hashes),
                    Box::new(kinds),
                    Box::new(ids),
                ];
                self.push(sql, params, rows.len(), contested);
            }
        }
    }

    fn lookup_keys(&mut self, sql: &'a str, keys: BTreeSet<RecordKey>, contested: bool) {
        let keys: Vec<_> = keys.into_iter().collect();
        for rows in keys.chunks(ROWS) {
            let sorts: Vec<_> = rows.iter().map(|(key, ..)| i16::from(key.kind().code())).collect();
            let hashes: Vec<_> = rows.iter().map(|(key, ..)| hash(key.hash())).collect();
            let modified: Vec<_> = rows.iter().map(|(_, modified, _)| *modified).collect();
            let ids: Vec<_> = rows.iter().map(|(.., record)| uuid(record.id().get())).collect();
            let kinds: Vec<_> = rows.iter().map(|(.., record)| kind(*record)).collect();
            let params: Vec<Param> = vec![
                Box::new(self.tenant),
                Box::new(sorts),
                Box::new(hashes),
                Box::new(modified),
                Box::new(ids),
                Box::new(kinds),
            ];
            self.push(sql, params, rows.len(), contested);
        }
    }

    fn claims(&mut self, batch: &Batch) {
        let (mut gone, mut changed, mut new) = (Vec::new(), Vec::new(), Vec::new());
        for change in batch.changes() {
            match (change, change.claim_after()) {
                (Change::Claim { .. }, Some((id, Some(claim)))) => new.push((id, claim)),
                (_, Some((id, Some(claim)))) => changed.push((id, claim)),
                (_, Some((id, None))) => gone.push(id),
                (_, None) => {}
            }
        }
        let sql = self.sql;
        gone.sort_unstable();
        for ids in gone.chunks(ROWS) {
            let mut sends = Sends::default();
            ids.iter().for_each(|id| sends.push(&id.scope, &id.recipient));
            self.push(&sql.delete_claims, sends.params(self.tenant), ids.len(), false);
        }
        self.claim_rows(&sql.update_claims, changed, false);
        self.claim_rows(&sql.insert_claims, new, true);
    }

    fn claim_rows(
        &mut self,
        sql: &'a str,
        mut claims: Vec<(&ClaimId, SendClaim)>,
        contested: bool,
    ) {
        claims.sort_unstable_by_key(|(id, _)| *id);
        for rows in claims.chunks(ROWS) {
            let mut sends = Sends::default();
            rows.iter().for_each(|(id, _)| sends.push(&id.scope, &id.recipient));
            let mut params = sends.params(self.tenant);
            let by: Vec<_> = rows.iter().map(|(_, claim)| uuid(claim.by().get())).collect();
            let at: Vec<_> = rows.iter().map(|(_, claim)| micros(claim.at())).collect();
            let states: Vec<_> =
                rows.iter().map(|(_, claim)| i16::from(claim.state().code())).collect();
            params.extend([Box::new(by) as Param, Box::new(at), Box::new(states)]);
            self.push(sql, params, rows.len(), contested);
        }
    }
}

/// The keys under which a mail is looked up, each once.
fn mail_keys(id: RecordId, created: i64, keys: &[IndexKey]) -> impl Iterator<Item = MailKey> {
    let looked_up = keys.iter().filter(|key| key.kind().is_looked_up());
    looked_up.map(move |key| (key.kind().code(), *key.hash(), created, id))
}

//! What there is of what a batch is about.

use std::collections::{HashMap, HashSet};

use super::failure::Failure;
use super::ledger::claims;
use super::records::holders;
use super::register::{registration, registrations};
use super::session::{Call, Outcome};
use super::statement::Statements;
use super::value::{claim, column, hash, kind, number, place, reference, unpack, uuid, version};
use crate::claim::{ClaimId, RegisterName, Registration, SendClaim};
use crate::id::{RecordId, TenantId};
use crate::index::{IndexKey, IndexKind};
use crate::record::{LookupKey, RecordRef, UniqueKey, Version};
use crate::store::{Batch, Change, Present, StoreError};

/// A mail that is to be forgotten.
#[derive(Debug)]
pub(super) struct FiledMail {
    pub(super) created: i64,
    pub(super) keys: Vec<IndexKey>,
}

/// A record that is to be written or deleted.
#[derive(Debug)]
pub(super) struct HeldRecord {
    pub(super) modified: i64,
    pub(super) unique: Vec<UniqueKey>,
    pub(super) keys: Vec<LookupKey>,
}

/// What the database shows of one tenant, as far as a batch asks.
#[derive(Debug, Default)]
pub(super) struct Shown {
    mails: HashMap<RecordId, FiledMail>,
    filed: HashSet<RecordId>,
    message_ids: HashMap<[u8; 16], RecordId>,
    versions: HashMap<RecordRef, Version>,
    records: HashMap<RecordRef, HeldRecord>,
    holders: HashMap<UniqueKey, RecordRef>,
    claims: HashMap<ClaimId, SendClaim>,
    registrations: HashMap<RegisterName, Registration>,
}

impl Shown {
    pub(super) fn mail(&self, id: RecordId) -> Option<&FiledMail> {
        self.mails.get(&id)
    }

    /// The record is there, and nothing that it has.
    pub(super) fn without_keys(&mut self, record: RecordRef) {
        let held = HeldRecord { modified: 0, unique: Vec::new(), keys: Vec::new() };
        self.records.insert(record, held);
    }

    pub(super) fn record(&self, record: RecordRef) -> Option<&HeldRecord> {
        self.records.get(&record)
    }
}

impl Present for Shown {
    fn has_mail(&self, id: RecordId) -> Result<bool, StoreError> {
        Ok(self.filed.contains(&id))
    }

    fn mail_with(&self, key: &IndexKey) -> Result<Option<RecordId>, StoreError> {
        Ok(self.message_ids.get(key.hash()).copied())
    }

    fn version(&self, record: RecordRef) -> Result<Option<Version>, StoreError> {
        Ok(self.versions.get(&record).copied())
    }

    fn holder(&self, key: &UniqueKey) -> Result<Option<RecordRef>, StoreError> {
        Ok(self.holders.get(key).copied())
    }

    fn claim(&self, id: &ClaimId) -> Result<Option<SendClaim>, StoreError> {
        Ok(self.claims.get(id).copied())
    }

    fn registration(&self, name: &RegisterName) -> Result<Option<Registration>, StoreError> {
        Ok(self.registrations.get(name).copied())
    }
}

/// What has to be asked before a batch can be judged.
#[derive(Debug, Default)]
pub(super) struct Questions {
    filed: Vec<RecordId>,
    message_ids: Vec<[u8; 16]>,
    forgotten: Vec<RecordId>,
    records: Vec<RecordRef>,
    unique: Vec<UniqueKey>,
    claims: Vec<ClaimId>,
    names: Vec<RegisterName>,
    /// Rows are to be locked: the batch changes or deletes some.
    locks: bool,
}

/// Which question an outcome answers.
#[derive(Clone, Copy, Debug)]
enum Topic {
    Filed,
    MessageIds,
    Forgotten,
    Records,
    Versions,
    Unique,
    Claims,
    Names,
}

impl Questions {
    /// The questions about a batch, each list in the order in which every batch locks.
    pub(super) fn about(batch: &Batch, locks: bool) -> Self {
        let mut questions = Self { locks, ..Self::default() };
        for change in batch.changes() {
            match change {
                Change::File(row) => {
                    questions.filed.push(row.id());
                    let ids = row.keys().iter().filter(|key| key.kind() == IndexKind::MessageId);
                    questions.message_ids.extend(ids.map(|key| *key.hash()));
                }
                Change::Forget(id) => questions.forgotten.push(*id),
                Change::Put { record, .. } => {
                    questions.records.push(record.reference());
                    questions.unique.extend(record.unique());
                }
                Change::Delete { record, .. } => questions.records.push(*record),
                Change::Claim { id, .. }
                | Change::Settle { id, .. }
                | Change::Release { id, .. }
                | Change::TakeOver { id, .. } => questions.claims.push(id.clone()),
                Change::Register { name, .. } | Change::Unregister { name } => {
                    questions.names.push(name.clone());
                }
            }
        }
        questions.forgotten.sort_unstable();
        questions.records.sort_unstable();
        questions.claims.sort_unstable();
        questions
    }

    /// The questions as statements.
    pub(super) fn calls<'a>(&self, sql: &'a Statements, tenant: TenantId) -> Vec<Call<'a>> {
        let tenant = uuid(tenant.get());
        self.topics()
            .into_iter()
            .map(|topic| match topic {
                Topic::Filed => {
                    let ids: Vec<_> = self.filed.iter().map(|id| uuid(id.get())).collect();
                    Call::asking(&sql.mails_present, vec![Box::new(tenant), Box::new(ids)])
                }
                Topic::MessageIds => {
                    let hashes: Vec<_> = self.message_ids.iter().map(hash).collect();
                    Call::asking(&sql.message_ids_present, vec![Box::new(tenant), Box::new(hashes)])
                }
                Topic::Forgotten => {
                    let ids: Vec<_> = self.forgotten.iter().map(|id| uuid(id.get())).collect();
                    Call::asking(&sql.lock_mails, vec![Box::new(tenant), Box::new(ids)])
                }
                Topic::Records | Topic::Versions => {
                    let kinds: Vec<_> = self.records.iter().map(|record| kind(*record)).collect();
                    let ids = self.records.iter().map(|record| uuid(record.id().get()));
                    let ids: Vec<_> = ids.collect();
                    let sql = if self.locks { &sql.lock_records } else { &sql.versions_present };
                    Call::asking(sql, vec![Box::new(tenant), Box::new(kinds), Box::new(ids)])
                }
                Topic::Unique => holders(sql, tenant, &self.unique),
                Topic::Claims => {
                    let sql = if self.locks { &sql.lock_claims } else { &sql.claims };
                    claims(sql, tenant, &self.claims)
                }
                Topic::Names => registrations(sql, &self.names),
            })
            .collect()
    }

    /// Reads the answers to [`calls`](Self::calls).
    pub(super) fn read(&self, outcomes: &[Outcome]) -> Result<Shown, Failure> {
        let mut shown = Shown::default();
        for (topic, outcome) in self.topics().into_iter().zip(outcomes) {
            for row in &outcome.rows {
                self.read_row(topic, row, &mut shown)?;
            }
        }
        Ok(shown)
    }

    fn topics(&self) -> Vec<Topic> {
        let records = if self.locks { Topic::Records } else { Topic::Versions };
        [
            // Those that lock come in one order, which is that of the writes too.
            (Topic::Forgotten, self.forgotten.is_empty()),
            (records, self.records.is_empty()),
            (Topic::Claims, self.claims.is_empty()),
            (Topic::Filed, self.filed.is_empty()),
            (Topic::MessageIds, self.message_ids.is_empty()),
            (Topic::Unique, self.unique.is_empty()),
            (Topic::Names, self.names.is_empty()),
        ]
        .into_iter()
        .filter_map(|(topic, empty)| (!empty).then_some(topic))
        .collect()
    }

    fn read_row(
        &self,
        topic: Topic,
        row: &tokio_postgres::Row,
        shown: &mut Shown,
    ) -> Result<(), Failure> {
        let missing = || Failure::corrupt("an answer to what was not asked");
        match topic {
            Topic::Filed => {
                shown.filed.insert(RecordId::new(number(row, 0)?));
            }
            Topic::MessageIds => {
                let key = number(row, 0)?.to_be_bytes();
                shown.message_ids.insert(key, RecordId::new(number(row, 1)?));
            }
            Topic::Forgotten => {
                let mail = FiledMail { created: column(row, 1)?, keys: unpack(column(row, 2)?)? };
                shown.mails.insert(RecordId::new(number(row, 0)?), mail);
            }
            Topic::Records => {
                let record = reference(row, 0, 1)?;
                let version = version(row, 2)?;
                let (modified, unique, keys) = (column(row, 3)?, column(row, 4)?, column(row, 5)?);
                let (unique, keys) = (unpack(unique)?, unpack(keys)?);
                shown.versions.insert(record, version);
                shown.records.insert(record, HeldRecord { modified, unique, keys });
            }
            Topic::Versions => {
                shown.versions.insert(reference(row, 0, 1)?, version(row, 2)?);
            }
            Topic::Unique => {
                let key = self.unique.get(place(row, 0)?).ok_or_else(missing)?;
                shown.holders.insert(*key, reference(row, 1, 2)?);
            }
            Topic::Claims => {
                let id = self.claims.get(place(row, 0)?).ok_or_else(missing)?;
                shown.claims.insert(id.clone(), claim(row, 1)?);
            }
            Topic::Names => {
                let name = self.names.get(place(row, 0)?).ok_or_else(missing)?;
                shown.registrations.insert(name.clone(), registration(row, 1)?);
            }
        }
        Ok(())
    }
}

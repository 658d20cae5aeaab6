//! Records, their unique keys and their look-up keys.

use redb::{ReadTransaction, ReadableTable, Table, WriteTransaction};

use super::error::Fault;
use super::layout::{self, RECORD_KEYS, RECORDS, StoredRecord, UNIQUE};
use crate::id::{RecordId, TenantId};
use crate::index::COUNT_CAP;
use crate::record::{
    LookupKey, Page, Record, RecordAnswer, RecordPageQuery, RecordQuery, RecordRef, UniqueKey,
    Version, Versioned,
};
use crate::store::{Batch, Change};

type RecordsByKey = &'static [u8; 34];

fn get(
    records: &impl ReadableTable<RecordsByKey, &'static [u8]>,
    tenant: TenantId,
    record: RecordRef,
) -> Result<Option<Versioned>, Fault> {
    let Some(found) = records.get(&layout::record(tenant, record))? else { return Ok(None) };
    Ok(Some(StoredRecord::read(found.value())?.into_versioned(record)?))
}

pub(super) fn load(
    read: &ReadTransaction,
    tenant: TenantId,
    wanted: &[RecordRef],
) -> Result<Vec<Option<Versioned>>, Fault> {
    let records = read.open_table(RECORDS)?;
    wanted.iter().map(|record| get(&records, tenant, *record)).collect()
}

pub(super) fn holders(
    read: &ReadTransaction,
    tenant: TenantId,
    keys: &[UniqueKey],
) -> Result<Vec<Option<RecordRef>>, Fault> {
    let unique = read.open_table(UNIQUE)?;
    keys.iter().map(|key| holder(&unique, tenant, key)).collect()
}

fn holder(
    unique: &impl ReadableTable<&'static [u8; 33], &'static [u8; 18]>,
    tenant: TenantId,
    key: &UniqueKey,
) -> Result<Option<RecordRef>, Fault> {
    let found = unique.get(&layout::unique(tenant, key))?;
    Ok(found.map(|found| layout::read_holder(found.value())).transpose()?)
}

pub(super) fn list(
    read: &ReadTransaction,
    tenant: TenantId,
    query: &RecordPageQuery,
) -> Result<Page<Versioned, RecordId>, Fault> {
    let records = read.open_table(RECORDS)?;
    let id = |found: &Versioned| found.record.reference().id();
    let start = match query.start().map(|after| after.get().checked_add(1)) {
        None => 0,
        Some(Some(start)) => start,
        // Nothing comes behind the last id there can be.
        Some(None) => return Ok(Page::new(Vec::new(), query.page_limit(), id)),
    };
    let place = |id| layout::record(tenant, query.kind().of(RecordId::new(id)));
    let range = records.range::<&[u8; 34]>(&place(start)..=&place(u128::MAX))?;
    let mut items = Vec::new();
    for found in range.take(usize::from(query.page_limit())) {
        let (key, value) = found?;
        let (_, record) = layout::record_of_key(key.value())?;
        items.push(StoredRecord::read(value.value())?.into_versioned(record)?);
    }
    Ok(Page::new(items, query.page_limit(), id))
}

pub(super) fn find(
    read: &ReadTransaction,
    tenant: TenantId,
    query: &RecordQuery,
) -> Result<RecordAnswer, Fault> {
    let records = read.open_table(RECORDS)?;
    let keys = read.open_table(RECORD_KEYS)?;
    let mut answer = RecordAnswer::with_capacity(query.lookups().len());
    for lookup in query.lookups() {
        let first = layout::record_key_start(tenant, lookup.key());
        let last = layout::record_key_end(tenant, lookup.key());
        let mut count = 0;
        for key in keys.range::<&[u8; 59]>(&first..=&last)?.rev().take(usize::from(COUNT_CAP)) {
            let (key, _) = key?;
            if count < usize::from(lookup.row_limit()) {
                let record = layout::record_of_lookup(key.value())?;
                let found = get(&records, tenant, record)?.ok_or_else(|| {
                    Fault::damage("look-up key of a record", format!("found no {record}"))
                })?;
                answer.push(found);
            }
            count += 1;
        }
        answer.end_lookup(count);
    }
    Ok(answer)
}

/// The tables of records, in a transaction that may write.
pub(super) struct RecordTables<'t> {
    records: Table<'t, RecordsByKey, &'static [u8]>,
    keys: Table<'t, &'static [u8; 59], ()>,
    unique: Table<'t, &'static [u8; 33], &'static [u8; 18]>,
}

/// Rows of keys that a batch takes out and puts in: all releases before all inserts, so that a key
/// may go from one record to another.
#[derive(Default)]
struct KeyChanges {
    unique_gone: Vec<[u8; 33]>,
    unique_come: Vec<([u8; 33], [u8; 18])>,
    gone: Vec<[u8; 59]>,
    come: Vec<[u8; 59]>,
}

impl KeyChanges {
    /// What changes when `old` gives way to `new`; what both have is left as it is.
    fn replace(
        &mut self,
        tenant: TenantId,
        record: RecordRef,
        old: Option<&StoredRecord<'_>>,
        new: Option<&Record>,
    ) {
        let unique = |keys: &[UniqueKey]| -> Vec<_> {
            keys.iter().map(|key| layout::unique(tenant, key)).collect()
        };
        let before = old.map_or_else(Vec::new, |old| unique(&old.unique));
        let after = new.map_or_else(Vec::new, |new| unique(new.unique()));
        let holder = layout::holder(record);
        self.unique_gone.extend(before.iter().filter(|key| !after.contains(key)));
        let come = after.iter().filter(|key| !before.contains(key));
        self.unique_come.extend(come.map(|key| (*key, holder)));

        let rows = |keys: &[LookupKey], at| -> Vec<_> {
            let at = layout::time(at);
            keys.iter().map(|key| layout::record_key(tenant, key, at, record)).collect()
        };
        let before = old.map_or_else(Vec::new, |old| rows(&old.keys, old.modified));
        let after = new.map_or_else(Vec::new, |new| rows(new.keys(), new.modified()));
        self.gone.extend(before.iter().filter(|key| !after.contains(key)));
        self.come.extend(after.iter().filter(|key| !before.contains(key)));
    }
}

impl<'t> RecordTables<'t> {
    pub(super) fn open(write: &'t WriteTransaction) -> Result<Self, Fault> {
        Ok(Self {
            records: write.open_table(RECORDS)?,
            keys: write.open_table(RECORD_KEYS)?,
            unique: write.open_table(UNIQUE)?,
        })
    }

    pub(super) fn version(
        &self,
        tenant: TenantId,
        record: RecordRef,
    ) -> Result<Option<Version>, Fault> {
        let found = self.records.get(&layout::record(tenant, record))?;
        Ok(found.map(|found| layout::read_version(found.value())).transpose()?)
    }

    pub(super) fn holder(
        &self,
        tenant: TenantId,
        key: &UniqueKey,
    ) -> Result<Option<RecordRef>, Fault> {
        holder(&self.unique, tenant, key)
    }

    pub(super) fn apply(&mut self, batch: &Batch) -> Result<(), Fault> {
        let tenant = batch.tenant();
        let mut rows = KeyChanges::default();
        for change in batch.changes() {
            let (reference, new) = match change {
                Change::Put { record, version, .. } => {
                    (record.reference(), Some((record, *version)))
                }
                Change::Delete { record, .. } => (*record, None),
                _ => continue,
            };
            let key = layout::record(tenant, reference);
            let value = new.map(|(record, version)| layout::write_record(record, version));
            let old = match &value {
                Some(value) => self.records.insert(&key, value.as_slice())?,
                None => self.records.remove(&key)?,
            };
            let old = old.as_ref().map(|old| StoredRecord::read(old.value())).transpose()?;
            rows.replace(tenant, reference, old.as_ref(), new.map(|(record, _)| record));
        }
        self.write(rows)
    }

    /// Writes a record that is not there, under keys that may be taken.
    pub(super) fn add(
        &mut self,
        tenant: TenantId,
        record: &Record,
        version: Version,
    ) -> Result<(), Fault> {
        let reference = record.reference();
        let key = layout::record(tenant, reference);
        self.records.insert(&key, layout::write_record(record, version).as_slice())?;
        for key in record.unique() {
            let row = layout::unique(tenant, key);
            let other = self.unique.insert(&row, &layout::holder(reference))?;
            if let Some(other) = other {
                let other = layout::read_holder(other.value())?;
                let taken = format!(
                    "expected {:?} keys that no other record has, found one of {other} in {reference}",
                    key.space()
                );
                return Err(Fault::Rekey(taken.into()));
            }
        }
        for key in record.keys() {
            let at = layout::time(record.modified());
            self.keys.insert(&layout::record_key(tenant, key, at, reference), ())?;
        }
        Ok(())
    }

    fn write(&mut self, mut rows: KeyChanges) -> Result<(), Fault> {
        rows.unique_gone.sort_unstable();
        for key in &rows.unique_gone {
            self.unique.remove(key)?;
        }
        rows.unique_come.sort_unstable();
        for (key, holder) in &rows.unique_come {
            self.unique.insert(key, holder)?;
        }
        rows.gone.sort_unstable();
        for key in &rows.gone {
            self.keys.remove(key)?;
        }
        rows.come.sort_unstable();
        for key in &rows.come {
            self.keys.insert(key, ())?;
        }
        Ok(())
    }
}

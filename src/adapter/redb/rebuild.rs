//! Keys of another version of folding, made anew.

use std::error::Error;

use redb::{Database, ReadableTable, TableDefinition, WriteTransaction};

use super::error::{Fault, Outdated, rekeyed};
use super::layout::{
    self, MAIL_KEYS, MAILS, META, RECORD_KEYS, RECORDS, STAMP_ENTRY, StoredRecord, UNIQUE,
};
use super::open::stamp;
use super::records::RecordTables;
use crate::index::Keyer;
use crate::record::{Record, Versioned};

/// What a record is to be under other keys, or why it cannot be.
pub type Rekeyed = Result<Record, Box<dyn Error + Send + Sync>>;

/// Where the records stand until each of them is written again.
const OLD_RECORDS: TableDefinition<'static, &'static [u8; 34], &'static [u8]> =
    TableDefinition::new("old records");

/// One transaction: a kill leaves the store of before.
pub(super) fn rebuild(
    database: &Database,
    rekey: impl FnMut(&Versioned, &Keyer) -> Rekeyed,
) -> Result<Keyer, Fault> {
    let write = database.begin_write()?;
    let keyer = renew(&write)?;
    write.delete_table(MAILS)?;
    write.delete_table(MAIL_KEYS)?;
    write.delete_table(UNIQUE)?;
    write.delete_table(RECORD_KEYS)?;
    write.open_table(MAILS)?;
    write.open_table(MAIL_KEYS)?;
    write.rename_table(RECORDS, OLD_RECORDS)?;
    rekey_all(&write, &keyer, rekey)?;
    write.delete_table(OLD_RECORDS)?;
    write.commit()?;
    Ok(keyer)
}

/// Sets the stamp of this build, under the secret of before: hosts keep keys too.
fn renew(write: &WriteTransaction) -> Result<Keyer, Fault> {
    let mut meta = write.open_table(META)?;
    let keyer = Keyer::renew(&stamp(&meta)?).map_err(|e| Fault::Outdated(Outdated::Keys(e)))?;
    meta.insert(STAMP_ENTRY, &keyer.stamp()[..])?;
    Ok(keyer)
}

fn rekey_all(
    write: &WriteTransaction,
    keyer: &Keyer,
    mut rekey: impl FnMut(&Versioned, &Keyer) -> Rekeyed,
) -> Result<(), Fault> {
    let old = write.open_table(OLD_RECORDS)?;
    let mut records = RecordTables::open(write)?;
    for row in old.iter()? {
        let (key, value) = row?;
        let (tenant, reference) = layout::record_of_key(key.value())?;
        let before = StoredRecord::read(value.value())?.into_versioned(reference)?;
        let after = rekeyed(|| rekey(&before, keyer))?;
        if after.reference() != reference {
            let other = format!("expected {reference}, found {}", after.reference());
            return Err(Fault::Rekey(other.into()));
        }
        records.add(tenant, &after, before.version)?;
    }
    Ok(())
}

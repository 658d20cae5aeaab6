//! One batch, one transaction.

use redb::{ReadableTable, Table, WriteTransaction};

use super::error::Fault;
use super::layout::{self, CLAIMS, REGISTER};
use super::ledger;
use super::messages::MessageTables;
use super::open::Opened;
use super::records::RecordTables;
use crate::claim::{ClaimId, RegisterName, Registration, SendClaim};
use crate::id::{RecordId, TenantId};
use crate::index::IndexKey;
use crate::record::{Area, RecordRef, UniqueKey, Version};
use crate::store::{Batch, Change, Commit, Present, StoreError, judge};

const COMMITTING: &str = "committing a batch";

/// Judges the batch in the transaction in which it is written: redb has one writer at a time, so
/// nothing changes in between.
pub(super) fn commit(opened: &Opened, batch: &Batch) -> Result<Commit, StoreError> {
    opened.write(COMMITTING, |write| {
        let mut tables = Tables::open(write, batch)?;
        let verdict = judge(batch, &tables)?;
        let applies = verdict.is_applied();
        if applies {
            tables.apply(batch)?;
        }
        Ok((verdict, applies))
    })
}

/// The tables that a batch is about. Opening one costs, and most batches need two or three of eight.
struct Tables<'t> {
    tenant: TenantId,
    messages: Option<MessageTables<'t>>,
    records: Option<RecordTables<'t>>,
    claims: Option<Table<'t, &'static [u8], &'static [u8; 24]>>,
    register: Option<Table<'t, &'static [u8], &'static [u8; 25]>>,
}

impl<'t> Tables<'t> {
    fn open(write: &'t WriteTransaction, batch: &Batch) -> Result<Self, Fault> {
        let mut tables = Self {
            tenant: batch.tenant(),
            messages: None,
            records: None,
            claims: None,
            register: None,
        };
        for change in batch.changes() {
            match change.area() {
                Area::Messages if tables.messages.is_none() => {
                    tables.messages = Some(MessageTables::open(write)?);
                }
                Area::Ledger if tables.claims.is_none() => {
                    tables.claims = Some(write.open_table(CLAIMS)?);
                }
                Area::Register if tables.register.is_none() => {
                    tables.register = Some(write.open_table(REGISTER)?);
                }
                Area::Messages | Area::Ledger | Area::Register => {}
                _ if tables.records.is_none() => tables.records = Some(RecordTables::open(write)?),
                _ => {}
            }
        }
        Ok(tables)
    }

    fn apply(&mut self, batch: &Batch) -> Result<(), Fault> {
        if let Some(tables) = &mut self.messages {
            tables.apply(batch)?;
        }
        if let Some(tables) = &mut self.records {
            tables.apply(batch)?;
        }
        for change in batch.changes() {
            if let (Some(claims), Some((id, claim))) = (&mut self.claims, change.claim_after()) {
                ledger::set_claim(claims, self.tenant, id, claim)?;
            }
            let Some(register) = &mut self.register else { continue };
            match change {
                Change::Register { name, until, .. } => {
                    let registration = Registration::new(self.tenant, *until);
                    let value = layout::registration(&registration);
                    register.insert(&*layout::name(name), &value)?;
                }
                Change::Unregister { name } => {
                    register.remove(&*layout::name(name))?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// What was asked of the tables that are open; those that are not are none of this batch's.
fn ask<T, A: Default>(
    table: &Option<T>,
    ask: impl FnOnce(&T) -> Result<A, Fault>,
) -> Result<A, StoreError> {
    table.as_ref().map_or_else(|| Ok(A::default()), ask).map_err(|fault| fault.during(COMMITTING))
}

impl Present for Tables<'_> {
    fn has_mail(&self, id: RecordId) -> Result<bool, StoreError> {
        ask(&self.messages, |tables| tables.has(self.tenant, id))
    }

    fn mail_with(&self, key: &IndexKey) -> Result<Option<RecordId>, StoreError> {
        ask(&self.messages, |tables| tables.with(self.tenant, key))
    }

    fn version(&self, record: RecordRef) -> Result<Option<Version>, StoreError> {
        ask(&self.records, |tables| tables.version(self.tenant, record))
    }

    fn holder(&self, key: &UniqueKey) -> Result<Option<RecordRef>, StoreError> {
        ask(&self.records, |tables| tables.holder(self.tenant, key))
    }

    fn claim(&self, id: &ClaimId) -> Result<Option<SendClaim>, StoreError> {
        ask(&self.claims, |claims| ledger::claim(claims, self.tenant, id))
    }

    fn registration(&self, name: &RegisterName) -> Result<Option<Registration>, StoreError> {
        ask(&self.register, |register| {
            let found = register.get(&*layout::name(name))?;
            Ok(found.map(|found| layout::read_registration(found.value())).transpose()?)
        })
    }
}

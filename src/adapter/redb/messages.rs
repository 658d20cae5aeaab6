//! Filed mail.

use redb::{ReadTransaction, ReadableTable, Table, WriteTransaction};

use super::error::Fault;
use super::layout::{self, EARLIEST, LATEST, MAIL_KEYS, MAILS, StoredMail};
use crate::id::{RecordId, TenantId};
use crate::index::{Answer, COUNT_CAP, IndexKey, IndexKind, Kinds, MessageQuery, MessageRow};
use crate::store::{Batch, Change};

const FIRST: RecordId = RecordId::new(0);
const LAST: RecordId = RecordId::new(u128::MAX);

/// Every kind: what a mail leaves behind is found by what it says it has.
const ALL_KINDS: Kinds = {
    let mut kinds = Kinds::NONE;
    let mut rest = IndexKind::ALL.as_slice();
    while let [kind, after @ ..] = rest {
        kinds = kinds.with(*kind);
        rest = after;
    }
    kinds
};

pub(super) fn find(
    read: &ReadTransaction,
    tenant: TenantId,
    query: &MessageQuery,
) -> Result<Answer, Fault> {
    let mails = read.open_table(MAILS)?;
    let keys = read.open_table(MAIL_KEYS)?;
    let mut answer = Answer::with_capacity(query.lookups().len());
    for lookup in query.lookups() {
        let since = lookup.since().map_or(EARLIEST, layout::time);
        let until = lookup.until().map_or(LATEST, layout::time);
        if !lookup.key().kind().is_looked_up() || since > until {
            answer.end_lookup(0);
            continue;
        }
        let first = layout::mail_key(tenant, lookup.key(), since, FIRST);
        let last = layout::mail_key(tenant, lookup.key(), until, LAST);
        let mut count = 0;
        for key in keys.range::<&[u8; 57]>(&first..=&last)?.rev().take(usize::from(COUNT_CAP)) {
            let (key, _) = key?;
            if count < usize::from(lookup.row_limit()) {
                let id = layout::mail_of_key(key.value());
                let Some(mail) = mails.get(&layout::mail(tenant, id))? else {
                    return Err(Fault::damage("key of a mail", format!("found no mail {id}")));
                };
                let mail = StoredMail::read(mail.value())?;
                let carried = mail.keys(lookup.carry())?;
                answer.push(id, mail.created, mail.conversation, carried);
            }
            count += 1;
        }
        answer.end_lookup(count);
    }
    Ok(answer)
}

/// The tables of mail, in a transaction that may write.
pub(super) struct MessageTables<'t> {
    mails: Table<'t, &'static [u8; 32], &'static [u8]>,
    keys: Table<'t, &'static [u8; 57], ()>,
}

impl<'t> MessageTables<'t> {
    pub(super) fn open(write: &'t WriteTransaction) -> Result<Self, Fault> {
        Ok(Self { mails: write.open_table(MAILS)?, keys: write.open_table(MAIL_KEYS)? })
    }

    pub(super) fn has(&self, tenant: TenantId, id: RecordId) -> Result<bool, Fault> {
        Ok(self.mails.get(&layout::mail(tenant, id))?.is_some())
    }

    pub(super) fn with(&self, tenant: TenantId, key: &IndexKey) -> Result<Option<RecordId>, Fault> {
        let first = layout::mail_key(tenant, key, EARLIEST, FIRST);
        let last = layout::mail_key(tenant, key, LATEST, LAST);
        let found = self.keys.range::<&[u8; 57]>(&first..=&last)?.next().transpose()?;
        Ok(found.map(|(key, _)| layout::mail_of_key(key.value())))
    }

    pub(super) fn apply(&mut self, batch: &Batch) -> Result<(), Fault> {
        let tenant = batch.tenant();
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        let mut value = Vec::new();
        for change in batch.changes() {
            match change {
                Change::Forget(id) => {
                    let Some(mail) = self.mails.remove(&layout::mail(tenant, *id))? else {
                        continue;
                    };
                    let mail = StoredMail::read(mail.value())?;
                    let (at, keys) = (layout::time(mail.created), mail.keys(ALL_KINDS)?);
                    let keys = keys.iter().filter(|key| key.kind().is_looked_up());
                    gone.extend(keys.map(|key| layout::mail_key(tenant, key, at, *id)));
                }
                Change::File(row) => {
                    layout::write_mail(row, &mut value);
                    self.mails.insert(&layout::mail(tenant, row.id()), value.as_slice())?;
                    come.extend(key_rows(tenant, row));
                }
                _ => {}
            }
        }
        // In the order of the tree, neighbours are written while their page is at hand.
        gone.sort_unstable();
        for key in gone {
            self.keys.remove(&key)?;
        }
        come.sort_unstable();
        for key in come {
            self.keys.insert(&key, ())?;
        }
        Ok(())
    }
}

fn key_rows(tenant: TenantId, row: &MessageRow) -> impl Iterator<Item = [u8; 57]> {
    let at = layout::time(row.created());
    let keys = row.keys().iter().filter(|key| key.kind().is_looked_up());
    keys.map(move |key| layout::mail_key(tenant, key, at, row.id()))
}

//! A store of your own, whole, and the proof that it keeps the contract.
//!
//! `cargo run --example your_own_store` files two mails in it; `cargo test --example your_own_store`
//! runs the conformance kit over it.
//!
//! It keeps sorted maps behind one lock: what any database with ordered keys and transactions can
//! do. A lock held for a whole batch is its transaction; scanning a tenant is its missing index.

use std::collections::BTreeMap;
use std::error::Error;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::DateTime;
use correspond::claim::{
    ClaimId, ClaimPageQuery, RecipientKey, RegisterName, Registration, SendClaim, SendScope,
};
use correspond::correlation::Correlator;
use correspond::flow::{Arrival, file};
use correspond::id::{RecordId, TenantId};
use correspond::index::{Answer, IndexKey, Keyer, MessageQuery, MessageRow};
use correspond::message::Message;
use correspond::record::{
    Areas, Page, RecordAnswer, RecordPageQuery, RecordQuery, RecordRef, UniqueKey, Version,
    Versioned,
};
use correspond::store::{
    Batch, Block, Blocking, Change, Commit, Directory, Immediate, Ledger, MessageIndex, Present,
    Records, Register, SequenceKey, Sequences, Store, StoreError, StoreErrorKind, judge,
};

/// Everything under one lock. The key maker's secret belongs to the data: a durable store keeps
/// `keyer.stamp()` beside them and opens with `Keyer::from_stamp`.
#[derive(Debug)]
pub struct MapStore {
    keyer: Keyer,
    tables: Mutex<Tables>,
}

/// The tenant comes first in every key but that of the register.
#[derive(Debug, Default)]
struct Tables {
    mails: BTreeMap<(TenantId, RecordId), MessageRow>,
    records: BTreeMap<(TenantId, RecordRef), Versioned>,
    claims: BTreeMap<(TenantId, ClaimId), SendClaim>,
    names: BTreeMap<RegisterName, Registration>,
    sequences: BTreeMap<(TenantId, SequenceKey), u64>,
}

impl MapStore {
    /// An empty store whose keys this key maker makes.
    #[must_use]
    pub fn new(keyer: Keyer) -> Self {
        Self { keyer, tables: Mutex::default() }
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Immediate for MapStore {}

impl Store for MapStore {
    fn keyer(&self) -> &Keyer {
        &self.keyer
    }

    fn areas(&self) -> Areas {
        Areas::ALL
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        let mut tables = self.tables();
        let verdict = judge(batch, &Tenant(batch.tenant(), &tables))?;
        if verdict.is_applied() {
            batch.changes().iter().for_each(|change| tables.apply(batch.tenant(), change));
        }
        Ok(verdict)
    }
}

/// What there is of one tenant: what a batch is judged by.
#[derive(Clone, Copy)]
struct Tenant<'a>(TenantId, &'a Tables);

impl<'a> Tenant<'a> {
    fn mails(self) -> impl Iterator<Item = &'a MessageRow> {
        self.1.mails.iter().filter(move |((owner, _), _)| *owner == self.0).map(|(_, row)| row)
    }

    fn records(self) -> impl Iterator<Item = &'a Versioned> {
        self.1
            .records
            .iter()
            .filter(move |((owner, _), _)| *owner == self.0)
            .map(|(_, found)| found)
    }
}

impl Present for Tenant<'_> {
    fn has_mail(&self, id: RecordId) -> Result<bool, StoreError> {
        Ok(self.1.mails.contains_key(&(self.0, id)))
    }

    fn mail_with(&self, key: &IndexKey) -> Result<Option<RecordId>, StoreError> {
        Ok(self.mails().find(|row| row.keys().contains(key)).map(MessageRow::id))
    }

    fn version(&self, record: RecordRef) -> Result<Option<Version>, StoreError> {
        Ok(self.1.records.get(&(self.0, record)).map(|found| found.version))
    }

    fn holder(&self, key: &UniqueKey) -> Result<Option<RecordRef>, StoreError> {
        let found = self.records().find(|found| found.record.unique().contains(key));
        Ok(found.map(|found| found.record.reference()))
    }

    fn claim(&self, id: &ClaimId) -> Result<Option<SendClaim>, StoreError> {
        Ok(self.1.claims.get(&(self.0, id.clone())).copied())
    }

    fn registration(&self, name: &RegisterName) -> Result<Option<Registration>, StoreError> {
        Ok(self.1.names.get(name).copied())
    }
}

impl Tables {
    fn apply(&mut self, tenant: TenantId, change: &Change) {
        if let Some((id, claim)) = change.claim_after() {
            let id = (tenant, id.clone());
            match claim {
                Some(claim) => self.claims.insert(id, claim),
                None => self.claims.remove(&id),
            };
        }
        match change.clone() {
            Change::File(row) => drop(self.mails.insert((tenant, row.id()), row)),
            Change::Forget(id) => drop(self.mails.remove(&(tenant, id))),
            Change::Put { record, version, .. } => {
                let key = (tenant, record.reference());
                self.records.insert(key, Versioned { record, version });
            }
            Change::Delete { record, .. } => drop(self.records.remove(&(tenant, record))),
            Change::Register { name, until, .. } => {
                self.names.insert(name, Registration::new(tenant, until));
            }
            Change::Unregister { name } => drop(self.names.remove(&name)),
            _ => {}
        }
    }
}

impl MessageIndex for MapStore {
    async fn find(&self, tenant: TenantId, query: &MessageQuery) -> Result<Answer, StoreError> {
        let tables = self.tables();
        let mut answer = Answer::with_capacity(query.lookups().len());
        for lookup in query.lookups() {
            let wanted = |row: &&MessageRow| {
                lookup.key().kind().is_looked_up()
                    && row.keys().contains(lookup.key())
                    && lookup.since().is_none_or(|since| row.created() >= since)
                    && lookup.until().is_none_or(|until| row.created() <= until)
            };
            let mut rows: Vec<_> = Tenant(tenant, &tables).mails().filter(wanted).collect();
            rows.sort_by_key(|row| std::cmp::Reverse((row.created(), row.id())));
            for row in rows.iter().take(lookup.row_limit().into()) {
                let keys = row.keys().iter().filter(|key| lookup.carry().contains(key.kind()));
                answer.push(row.id(), row.created(), row.conversation(), keys.copied());
            }
            answer.end_lookup(rows.len());
        }
        Ok(answer)
    }
}

impl Records for MapStore {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        let tables = self.tables();
        Ok(records.iter().map(|record| tables.records.get(&(tenant, *record)).cloned()).collect())
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        let tables = self.tables();
        keys.iter().map(|key| Tenant(tenant, &tables).holder(key)).collect()
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        let tables = self.tables();
        let id = |found: &Versioned| found.record.reference().id();
        let of_kind = Tenant(tenant, &tables)
            .records()
            .filter(|found| found.record.reference().kind() == query.kind())
            .filter(|found| query.start().is_none_or(|start| id(found) > start));
        let items = of_kind.take(query.page_limit().into()).cloned().collect();
        Ok(Page::new(items, query.page_limit(), id))
    }
}

impl Directory for MapStore {
    async fn find_records(
        &self,
        tenant: TenantId,
        query: &RecordQuery,
    ) -> Result<RecordAnswer, StoreError> {
        let tables = self.tables();
        let mut answer = RecordAnswer::with_capacity(query.lookups().len());
        for lookup in query.lookups() {
            let carries = |found: &&Versioned| found.record.keys().contains(lookup.key());
            let mut found: Vec<_> = Tenant(tenant, &tables).records().filter(carries).collect();
            found.sort_by_key(|found| {
                let (record, reference) = (&found.record, found.record.reference());
                std::cmp::Reverse((record.modified(), reference.id(), reference.kind()))
            });
            found.iter().take(lookup.row_limit().into()).for_each(|f| answer.push((*f).clone()));
            answer.end_lookup(found.len());
        }
        Ok(answer)
    }
}

impl Ledger for MapStore {
    async fn claims(
        &self,
        tenant: TenantId,
        scope: &SendScope,
        recipients: &[RecipientKey],
    ) -> Result<Vec<Option<SendClaim>>, StoreError> {
        let tables = self.tables();
        let id = |recipient: &RecipientKey| ClaimId { scope: *scope, recipient: recipient.clone() };
        Ok(recipients.iter().map(|r| tables.claims.get(&(tenant, id(r))).copied()).collect())
    }

    async fn claim_page(
        &self,
        tenant: TenantId,
        query: &ClaimPageQuery,
    ) -> Result<Page<(RecipientKey, SendClaim), RecipientKey>, StoreError> {
        let tables = self.tables();
        let of_scope = tables
            .claims
            .iter()
            .filter(|((owner, id), _)| *owner == tenant && id.scope == *query.scope())
            .filter(|((_, id), _)| query.start().is_none_or(|start| id.recipient > *start))
            .filter(|(_, claim)| query.state().is_none_or(|state| claim.state() == state));
        let limit = query.page_limit();
        let items = of_scope.take(limit.into()).map(|((_, id), c)| (id.recipient.clone(), *c));
        Ok(Page::new(items.collect(), limit, |(recipient, _)| recipient.clone()))
    }
}

impl Register for MapStore {
    async fn registrations(
        &self,
        names: &[RegisterName],
    ) -> Result<Vec<Option<Registration>>, StoreError> {
        let tables = self.tables();
        Ok(names.iter().map(|name| tables.names.get(name).copied()).collect())
    }
}

impl Sequences for MapStore {
    async fn allocate(
        &self,
        tenant: TenantId,
        sequence: SequenceKey,
        len: NonZeroU32,
    ) -> Result<Block, StoreError> {
        let mut tables = self.tables();
        let next = tables.sequences.entry((tenant, sequence)).or_insert(1);
        let first = *next;
        let full = || StoreError::new(StoreErrorKind::Full, "allocating numbers");
        *next = first.checked_add(u64::from(len.get())).ok_or_else(full)?;
        Ok(Block::new(first, len))
    }
}

/// Files a question and its answer, and says what became of them.
fn main() -> Result<(), Box<dyn Error>> {
    let store = Blocking::new(MapStore::new(Keyer::from_secret(*b"sixteen octets!!")));
    let correlator = Correlator::default();
    let question = Message::builder().header("Message-ID", "<1@a.example>").subject("Lunch?");
    let answer = Message::builder().header("Message-ID", "<2@b.example>").subject("Re: Lunch?");
    let answer = answer.header("In-Reply-To", "<1@a.example>");
    for (number, message) in [(1, question.build()), (2, answer.build())] {
        let now = DateTime::UNIX_EPOCH + chrono::TimeDelta::minutes(number);
        let arrival = Arrival::new(TenantId::new(1), RecordId::new(number as u128), now);
        let filed =
            store.run(async |store| file(store, &correlator, arrival, &message).await)??;
        println!("mail {number}: {}", filed.verdict);
    }
    Ok(())
}

/// The proof: a test for each must of the contract.
#[cfg(test)]
mod tests {
    use super::*;
    use correspond::conformance::Harness;

    struct Maps;

    impl Harness for Maps {
        type Store = MapStore;

        fn fresh(&self) -> MapStore {
            MapStore::new(Keyer::from_secret(*b"sixteen octets!!"))
        }
    }

    correspond::store_conformance!(contract, Maps);
    correspond::immediate_conformance!(at_once, Maps);
}

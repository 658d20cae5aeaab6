//! Sorted maps, and what of them a batch is judged by.

use std::collections::{BTreeMap, BTreeSet};

use super::Fault;
use super::distort::Distort;
use crate::claim::{ClaimId, RegisterName, Registration, SendClaim, SendScope};
use crate::id::{RecordId, TenantId};
use crate::index::{IndexKey, IndexKind, MessageRow};
use crate::record::{LookupKey, RecordKind, RecordRef, UniqueKey, Version, Versioned};
use crate::store::{Change, Present, SequenceKey, StoreError};

/// Everything that the store holds. Small, so that an older state is a copy.
#[derive(Clone, Debug, Default)]
pub(super) struct Tables {
    pub(super) mails: BTreeMap<(TenantId, RecordId), MessageRow>,
    /// The order in which mails were filed.
    pub(super) filed: Vec<(TenantId, RecordId)>,
    pub(super) records: BTreeMap<(TenantId, RecordRef), Versioned>,
    pub(super) claims: BTreeMap<(TenantId, ClaimId), SendClaim>,
    pub(super) names: BTreeMap<(TenantId, RegisterName), Registration>,
    pub(super) sequences: BTreeMap<(TenantId, SequenceKey), u64>,
    /// What a fault keeps though it should be free.
    pub(super) taken: BTreeMap<(TenantId, UniqueKey), RecordRef>,
    pub(super) buried_ids: BTreeSet<(TenantId, RecordId)>,
    pub(super) buried_message_ids: BTreeMap<(TenantId, IndexKey), RecordId>,
    pub(super) old_keys: BTreeSet<(TenantId, LookupKey, RecordRef)>,
    pub(super) old_versions: BTreeMap<(TenantId, RecordRef), Vec<Version>>,
    pub(super) lost_uniques: bool,
}

impl Tables {
    pub(super) fn apply(&mut self, fault: Option<Fault>, tenant: TenantId, change: &Change) {
        let distort = Distort(fault);
        let tenant = distort.tenant(tenant);
        if let Some((id, claim)) = change.claim_after() {
            let id = (distort.claim_tenant(tenant), distort.claim_id(id));
            match claim {
                Some(claim) => drop(self.claims.insert(id, distort.claim(claim))),
                None if fault == Some(Fault::KeepsReleased) => {}
                None => drop(self.claims.remove(&id)),
            }
        }
        match change {
            Change::File(row) => {
                let row = distort.row(row);
                self.filed.push((tenant, row.id()));
                self.mails.insert((tenant, row.id()), row);
            }
            Change::Forget(id) => self.forget(fault, tenant, distort.mail_id(*id)),
            Change::Put { record, version, .. } => {
                let reference = distort.reference(record.reference());
                let before = self.records.get(&(tenant, reference)).cloned();
                if let Some(before) = &before {
                    let old = before.record.keys().iter().map(|key| (tenant, *key, reference));
                    if fault == Some(Fault::KeepsOldKeys) {
                        self.old_keys.extend(old);
                    }
                    if fault == Some(Fault::KeepsGivenUpKeys) {
                        self.bury_keys(tenant, before);
                    }
                }
                let version = match (fault, before) {
                    (Some(Fault::CountsVersions), before) => {
                        Version::new(before.map_or(0, |before| before.version.get()) + 1)
                    }
                    _ => distort.version(*version),
                };
                let found = Versioned { record: distort.record(record), version };
                for key in found.record.unique() {
                    self.taken.remove(&(tenant, *key));
                }
                self.records.insert((tenant, reference), found);
            }
            Change::Delete { record, .. } => {
                let key = (tenant, distort.reference(*record));
                if let Some(before) = self.records.remove(&key) {
                    self.old_versions.entry(key).or_default().push(before.version);
                    if fault == Some(Fault::KeepsDeletedKeys) {
                        self.bury_keys(tenant, &before);
                    }
                }
            }
            Change::Register { name, until, .. } => {
                let registration = Registration::new(tenant, until.map(|at| distort.name_time(at)));
                self.names.insert(distort.name(tenant, name), registration);
            }
            Change::Unregister { name } if fault != Some(Fault::KeepsUnregistered) => {
                self.names.remove(&distort.name(tenant, name));
            }
            _ => {}
        }
    }

    fn forget(&mut self, fault: Option<Fault>, tenant: TenantId, id: RecordId) {
        let Some(row) = self.mails.get(&(tenant, id)).cloned() else { return };
        let of_kind = |row: &MessageRow, kind| {
            row.keys().iter().filter(|key| key.kind() == kind).copied().collect::<Vec<_>>()
        };
        match fault {
            Some(Fault::KeepsForgotten) => return,
            Some(Fault::KeepsForgottenKeys) => {
                let keys = of_kind(&row, IndexKind::Address);
                let row = MessageRow::new(id, row.created(), row.conversation(), keys);
                self.mails.insert((tenant, id), row);
                return;
            }
            Some(Fault::KeepsForgottenIds) => drop(self.buried_ids.insert((tenant, id))),
            Some(Fault::KeepsForgottenMessageIds) => {
                for key in of_kind(&row, IndexKind::MessageId) {
                    self.buried_message_ids.insert((tenant, key), id);
                }
            }
            Some(Fault::ForgetsKin) => {
                let kin = |other: &MessageRow| other.keys().iter().any(|k| row.keys().contains(k));
                self.mails.retain(|(owner, _), other| *owner != tenant || !kin(other));
            }
            _ => {}
        }
        self.mails.remove(&(tenant, id));
        self.filed.retain(|filed| *filed != (tenant, id));
    }

    fn bury_keys(&mut self, tenant: TenantId, before: &Versioned) {
        for key in before.record.unique() {
            self.taken.insert((tenant, *key), before.record.reference());
        }
    }
}

/// What a batch of one tenant is judged by.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) tables: &'a Tables,
    pub(super) fault: Option<Fault>,
    pub(super) tenant: TenantId,
}

impl<'a> View<'a> {
    pub(super) fn new(tables: &'a Tables, fault: Option<Fault>, tenant: TenantId) -> Self {
        Self { tables, fault, tenant: Distort(fault).tenant(tenant) }
    }

    fn is(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// Does it own this, or does the fault make no difference?
    fn owns(&self, owner: TenantId, shared: Fault) -> bool {
        owner == self.tenant || self.is(shared)
    }

    pub(super) fn mails(self) -> impl Iterator<Item = &'a MessageRow> {
        let mails = self.tables.mails.iter();
        mails.filter(move |((o, _), _)| self.owns(*o, Fault::SharesMails)).map(|(_, row)| row)
    }

    pub(super) fn records(self, shared: Fault) -> impl Iterator<Item = &'a Versioned> {
        let records = self.tables.records.iter();
        records.filter(move |((o, _), _)| self.owns(*o, shared)).map(|(_, found)| found)
    }

    pub(super) fn record(&self, reference: RecordRef) -> Option<&'a Versioned> {
        let reference = Distort(self.fault).reference(reference);
        if self.is(Fault::SharesRecords) {
            let mut all = self.records(Fault::SharesRecords);
            return all.find(|found| found.record.reference() == reference);
        }
        self.tables.records.get(&(self.tenant, reference))
    }

    pub(super) fn claim_of(&self, id: &ClaimId) -> Option<SendClaim> {
        let distort = Distort(self.fault);
        let id = (distort.claim_tenant(self.tenant), distort.claim_id(id));
        self.tables.claims.get(&id).copied()
    }

    pub(super) fn claims(
        self,
        scope: &SendScope,
    ) -> impl Iterator<Item = (&'a ClaimId, SendClaim)> {
        let (owner, scope) = (Distort(self.fault).claim_tenant(self.tenant), *scope);
        let claims = self.tables.claims.iter();
        let own = claims.filter(move |((o, _), _)| *o == owner || self.is(Fault::SharesClaimPages));
        own.filter(move |((_, id), _)| id.scope == scope || self.is(Fault::ListsAllScopes))
            .map(|((_, id), claim)| (id, *claim))
    }

    pub(super) fn name(&self, name: &RegisterName) -> Option<Registration> {
        let name = Distort(self.fault).name(self.tenant, name);
        self.tables.names.get(&name).copied()
    }

    pub(super) fn holder_of(&self, key: &UniqueKey) -> Option<RecordRef> {
        if self.tables.lost_uniques {
            return None;
        }
        let mut records = self.records(Fault::SharesUniqueKeys);
        let found = records.find(|found| found.record.unique().contains(key));
        found.map(|found| found.record.reference())
    }
}

impl Present for View<'_> {
    fn has_mail(&self, id: RecordId) -> Result<bool, StoreError> {
        if self.is(Fault::FilesIdTwice) {
            return Ok(false);
        }
        let id = Distort(self.fault).mail_id(id);
        let mut keys = self.tables.mails.keys();
        Ok(self.tables.mails.contains_key(&(self.tenant, id))
            || self.tables.buried_ids.contains(&(self.tenant, id))
            || (self.is(Fault::SharesMailIds) && keys.any(|(_, other)| *other == id)))
    }

    fn mail_with(&self, key: &IndexKey) -> Result<Option<RecordId>, StoreError> {
        let same = |other: &IndexKey| {
            other == key || (self.is(Fault::TakesReferencesForIds) && other.hash() == key.hash())
        };
        let mut mails = self.tables.mails.iter().filter(|((owner, _), row)| {
            self.owns(*owner, Fault::SharesMessageIds) && row.keys().iter().any(same)
        });
        let found = mails.next().map(|(_, row)| row.id());
        let buried = self.tables.buried_message_ids.get(&(self.tenant, *key)).copied();
        Ok(found.or(buried).filter(|_| !self.is(Fault::FilesMessageIdTwice)))
    }

    fn version(&self, record: RecordRef) -> Result<Option<Version>, StoreError> {
        Ok(self.record(record).map(|found| found.version))
    }

    fn holder(&self, key: &UniqueKey) -> Result<Option<RecordRef>, StoreError> {
        let taken = self.tables.taken.get(&(self.tenant, *key)).copied();
        let found = self.holder_of(key).or(taken);
        Ok(found.filter(|_| !self.is(Fault::IgnoresUniqueKeys)))
    }

    fn claim(&self, id: &ClaimId) -> Result<Option<SendClaim>, StoreError> {
        Ok(self.claim_of(id))
    }

    fn registration(&self, name: &RegisterName) -> Result<Option<Registration>, StoreError> {
        Ok(self.name(name))
    }
}

/// The kind under which a store that mixes kinds keeps every record.
pub(super) const ANY_KIND: RecordKind = RecordKind::Contact;

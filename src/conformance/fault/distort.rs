//! What is written otherwise than it was given.

use chrono::{DateTime, SubsecRound, Utc};
use unicode_normalization::UnicodeNormalization;

use super::Fault;
use super::tables::ANY_KIND;
use crate::claim::{ClaimId, Claimant, RecipientKey, RegisterName, SendClaim, SendScope};
use crate::id::{RecordId, TenantId};
use crate::index::MessageRow;
use crate::record::{Record, RecordRef, Version};

/// What a fault makes of a value; the value itself where there is none.
#[derive(Clone, Copy)]
pub(super) struct Distort(pub(super) Option<Fault>);

impl Distort {
    fn is(self, fault: Fault) -> bool {
        self.0 == Some(fault)
    }

    fn time(self, fault: Fault, time: DateTime<Utc>) -> DateTime<Utc> {
        if self.is(fault) { time.trunc_subsecs(3) } else { time }
    }

    fn half(self, fault: Fault, number: u128) -> u128 {
        if self.is(fault) { u128::from(number as u64) } else { number }
    }

    pub(super) fn tenant(self, tenant: TenantId) -> TenantId {
        TenantId::new(self.half(Fault::CutsTenants, tenant.get()))
    }

    pub(super) fn claim_tenant(self, tenant: TenantId) -> TenantId {
        if self.is(Fault::SharesClaims) { TenantId::new(0) } else { tenant }
    }

    pub(super) fn mail_id(self, id: RecordId) -> RecordId {
        RecordId::new(self.half(Fault::CutsMailIds, id.get()))
    }

    pub(super) fn row(self, row: &MessageRow) -> MessageRow {
        let id = self.mail_id(row.id());
        let lost = self.is(Fault::LosesConversations);
        let mut keys = row.keys().to_vec();
        if self.is(Fault::CutsMailKeys) {
            keys.truncate(100);
        }
        let created = self.time(Fault::CutsMailTimes, row.created());
        MessageRow::new(id, created, if lost { id } else { row.conversation() }, keys)
    }

    pub(super) fn reference(self, reference: RecordRef) -> RecordRef {
        let id = RecordId::new(self.half(Fault::CutsRecordIds, reference.id().get()));
        if self.is(Fault::MixesKinds) { ANY_KIND.of(id) } else { reference.kind().of(id) }
    }

    pub(super) fn version(self, version: Version) -> Version {
        Version::new(self.half(Fault::CutsVersions, version.get()))
    }

    /// The record as it is kept. What cannot be made is kept as it is.
    pub(super) fn record(self, record: &Record) -> Record {
        self.remade(record).unwrap_or_else(|| record.clone())
    }

    fn remade(self, record: &Record) -> Option<Record> {
        let body = record.body();
        let body = match self.0 {
            Some(Fault::CutsBodies) => body.get(..body.len().min(1 << 16))?.to_owned(),
            Some(Fault::TrimsBodies) => body.trim().to_owned(),
            Some(Fault::ComposesBodies) => body.nfc().collect::<String>(),
            _ => body.to_owned(),
        };
        let modified = self.time(Fault::CutsModified, record.modified());
        let reference = self.reference(record.reference());
        let most = |fault| if self.is(fault) { 16 } else { Record::MAX_KEYS };
        let unique = record.unique().iter().copied().take(most(Fault::CutsUniqueKeys));
        let keys = record.keys().iter().copied().take(most(Fault::CutsLookUpKeys));
        let made = Record::new(reference, modified, body).ok()?;
        let made = made.with_unique(unique).ok()?.with_keys(keys).ok()?;
        let active = record.is_active() || self.is(Fault::LosesInactive);
        Some(if active { made } else { made.inactive() })
    }

    pub(super) fn claim(self, claim: SendClaim) -> SendClaim {
        let by = Claimant::new(self.half(Fault::CutsClaimants, claim.by().get()));
        SendClaim::new(by, self.time(Fault::CutsClaimTimes, claim.at()), claim.state())
    }

    pub(super) fn scope(self, scope: &SendScope) -> SendScope {
        let [first, ..] = *scope.to_bytes().as_chunks::<16>().0 else { return *scope };
        let message = RecordId::new(u128::from_be_bytes(first));
        if self.is(Fault::ClaimsByMessage) { SendScope::new(message) } else { *scope }
    }

    pub(super) fn recipient(self, recipient: &RecipientKey) -> RecipientKey {
        let octets = recipient.as_bytes();
        let kept = match self.0 {
            Some(Fault::CutsRecipients) => octets.iter().take(255).copied().collect(),
            Some(Fault::ReadsRecipients) => String::from_utf8_lossy(octets).into_owned().into(),
            _ => octets.to_vec(),
        };
        RecipientKey::from_bytes(&kept).unwrap_or_else(|_| recipient.clone())
    }

    pub(super) fn claim_id(self, id: &ClaimId) -> ClaimId {
        ClaimId { scope: self.scope(&id.scope), recipient: self.recipient(&id.recipient) }
    }

    pub(super) fn name(self, tenant: TenantId, name: &RegisterName) -> (TenantId, RegisterName) {
        let tenant = if self.is(Fault::RegistersByTenant) { tenant } else { TenantId::new(0) };
        let kept = if self.is(Fault::FoldsNames) {
            RegisterName::new(name.space(), &name.as_str().to_ascii_lowercase())
        } else {
            Ok(name.clone())
        };
        (tenant, kept.unwrap_or_else(|_| name.clone()))
    }

    pub(super) fn name_time(self, until: DateTime<Utc>) -> DateTime<Utc> {
        self.time(Fault::CutsNameTimes, until)
    }
}

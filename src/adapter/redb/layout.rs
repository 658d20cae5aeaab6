//! How is everything laid out in the file?
//!
//! Keys are octets that sort as what they stand for does: numbers big-endian, times with their sign
//! flipped, and the tenant first of all but in the register. Nothing outside this file knows an
//! offset. A change here is another [`FORMAT`].

use std::fmt;

use chrono::{DateTime, Utc};
use redb::TableDefinition;

use crate::claim::{ClaimId, SendScope};
use crate::claim::{ClaimState, Claimant, RecipientKey, RegisterName, Registration, SendClaim};
use crate::id::{RecordId, TenantId};
use crate::index::{IndexKey, IndexKind, Kinds, MessageRow};
use crate::record::{
    LookupKey, LookupKind, Record, RecordKind, RecordRef, Space, UniqueKey, Version, Versioned,
};
use crate::store::SequenceKey;

/// The version of this layout, kept in [`META`].
pub(super) const FORMAT: u32 = 1;

type Octets<const N: usize> = &'static [u8; N];
type Table<K, V> = TableDefinition<'static, K, V>;

/// What the file is: [`FORMAT_ENTRY`] and [`STAMP_ENTRY`].
pub(super) const META: Table<&str, &[u8]> = Table::new("correspond");
pub(super) const FORMAT_ENTRY: &str = "format";
pub(super) const STAMP_ENTRY: &str = "stamp";

/// Mail: tenant, id -> time, conversation, keys.
pub(super) const MAILS: Table<Octets<32>, &[u8]> = Table::new("mails");
/// Keys of mail that are looked up: tenant, kind, hash, time, id.
pub(super) const MAIL_KEYS: Table<Octets<57>, ()> = Table::new("mail keys");
/// Records: tenant, kind, id -> version, time, active, keys, body.
pub(super) const RECORDS: Table<Octets<34>, &[u8]> = Table::new("records");
/// Look-up keys of records: tenant, kind of key, hash, time, id, kind of record.
pub(super) const RECORD_KEYS: Table<Octets<59>, ()> = Table::new("record keys");
/// Unique keys of records: tenant, space, hash -> kind and id of the record.
pub(super) const UNIQUE: Table<Octets<33>, Octets<18>> = Table::new("unique keys");
/// Claims: tenant, scope, state, recipient -> claimant, time. The state stands before the recipient
/// so that a page of the claims in one state never has to step over those in the other.
pub(super) const CLAIMS: Table<&[u8], Octets<24>> = Table::new("claims");
/// The register: space, name -> tenant, last moment.
pub(super) const REGISTER: Table<&[u8], Octets<25>> = Table::new("register");
/// Sequences: tenant, sort, id -> the last number that was handed out.
pub(super) const SEQUENCES: Table<Octets<33>, u64> = Table::new("sequences");

/// What was read is nothing that this adapter wrote.
#[derive(Debug)]
pub(super) struct Damage {
    what: &'static str,
    wrong: String,
}

impl Damage {
    pub(super) fn new(what: &'static str, wrong: impl Into<String>) -> Self {
        Self { what, wrong: wrong.into() }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.wrong)
    }
}

impl std::error::Error for Damage {}

/// Parts one after the other; together they are `N` octets long.
fn joined<const N: usize, const P: usize>(parts: [&[u8]; P]) -> [u8; N] {
    let mut whole = [0; N];
    let mut rest = whole.as_mut_slice();
    for part in parts {
        if let Some((here, after)) = std::mem::take(&mut rest).split_at_mut_checked(part.len()) {
            here.copy_from_slice(part);
            rest = after;
        }
    }
    debug_assert!(rest.is_empty(), "the parts fill the key");
    whole
}

/// Reads what was joined.
struct Parts<'a> {
    what: &'static str,
    rest: &'a [u8],
}

impl<'a> Parts<'a> {
    const fn of(what: &'static str, octets: &'a [u8]) -> Self {
        Self { what, rest: octets }
    }

    fn wrong(&self, wrong: impl Into<String>) -> Damage {
        Damage::new(self.what, wrong)
    }

    fn octets<const N: usize>(&mut self) -> Result<[u8; N], Damage> {
        let Some((first, rest)) = self.rest.split_first_chunk() else {
            return Err(self.wrong(format!("expected {N} octets, found {}", self.rest.len())));
        };
        self.rest = rest;
        Ok(*first)
    }

    fn byte(&mut self) -> Result<u8, Damage> {
        self.octets().map(|[byte]| byte)
    }

    fn number(&mut self) -> Result<u128, Damage> {
        self.octets().map(u128::from_be_bytes)
    }

    fn time(&mut self) -> Result<DateTime<Utc>, Damage> {
        let micros = (u64::from_be_bytes(self.octets()?) ^ SIGN).cast_signed();
        DateTime::from_timestamp_micros(micros)
            .ok_or_else(|| self.wrong(format!("expected a time, found {micros} us")))
    }

    /// What a code stands for.
    fn known<T>(&self, sort: &str, code: impl Into<u64>, found: Option<T>) -> Result<T, Damage> {
        found.ok_or_else(|| self.wrong(format!("expected a {sort}, found code {}", code.into())))
    }

    fn record_kind(&mut self) -> Result<RecordKind, Damage> {
        let code = u16::from_be_bytes(self.octets()?);
        self.known("kind of record", code, RecordKind::from_code(code))
    }
}

const SIGN: u64 = 1 << 63;

/// A time so that earlier ones sort first, also those before 1970.
pub(super) const fn time(at: DateTime<Utc>) -> [u8; 8] {
    (at.timestamp_micros().cast_unsigned() ^ SIGN).to_be_bytes()
}

pub(super) const EARLIEST: [u8; 8] = [0; 8];
pub(super) const LATEST: [u8; 8] = [0xff; 8];

fn tenant_octets(tenant: TenantId) -> [u8; 16] {
    tenant.get().to_be_bytes()
}

pub(super) fn mail(tenant: TenantId, id: RecordId) -> [u8; 32] {
    joined([&tenant_octets(tenant), &id.get().to_be_bytes()])
}

/// A key of a mail, at this time, of the mail with this id.
pub(super) fn mail_key(tenant: TenantId, key: &IndexKey, at: [u8; 8], id: RecordId) -> [u8; 57] {
    let id = id.get().to_be_bytes();
    joined([&tenant_octets(tenant), &[key.kind().code()], key.hash(), &at, &id])
}

/// The id of the mail behind a key.
pub(super) fn mail_of_key(key: &[u8; 57]) -> RecordId {
    let (_, id) = key.split_last_chunk().unwrap_or((&[], &[0; 16]));
    RecordId::new(u128::from_be_bytes(*id))
}

/// Writes a mail to `out`, in place of what was there.
pub(super) fn write_mail(row: &MessageRow, out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(&time(row.created()));
    out.extend_from_slice(&row.conversation().get().to_be_bytes());
    for key in row.keys() {
        out.push(key.kind().code());
        out.extend_from_slice(key.hash());
    }
}

/// A mail as it was kept, but for its id.
pub(super) struct StoredMail<'a> {
    pub(super) created: DateTime<Utc>,
    pub(super) conversation: RecordId,
    keys: Parts<'a>,
}

impl<'a> StoredMail<'a> {
    pub(super) fn read(octets: &'a [u8]) -> Result<Self, Damage> {
        let mut parts = Parts::of("mail", octets);
        let created = parts.time()?;
        let conversation = RecordId::new(parts.number()?);
        Ok(Self { created, conversation, keys: parts })
    }

    /// Its keys of these kinds.
    pub(super) fn keys(&self, kinds: Kinds) -> Result<Vec<IndexKey>, Damage> {
        if kinds == Kinds::NONE {
            return Ok(Vec::new());
        }
        let (octets, rest) = self.keys.rest.as_chunks::<17>();
        let mut keys = Vec::with_capacity(octets.len());
        for [code, hash @ ..] in octets {
            let kind = IndexKind::from_code(*code);
            let kind = self.keys.known("kind of index key", *code, kind)?;
            if kinds.contains(kind) {
                keys.push(IndexKey::from_parts(kind, *hash));
            }
        }
        if !rest.is_empty() {
            return Err(self.keys.wrong(format!("expected 17 octets, found {}", rest.len())));
        }
        Ok(keys)
    }
}

pub(super) fn record(tenant: TenantId, record: RecordRef) -> [u8; 34] {
    let kind = record.kind().code().to_be_bytes();
    joined([&tenant_octets(tenant), &kind, &record.id().get().to_be_bytes()])
}

/// Whose record this is the key of, and which.
pub(super) fn record_of_key(key: &[u8; 34]) -> Result<(TenantId, RecordRef), Damage> {
    let mut parts = Parts::of("key of a record", key);
    let tenant = TenantId::new(parts.number()?);
    let kind = parts.record_kind()?;
    Ok((tenant, kind.of(RecordId::new(parts.number()?))))
}

pub(super) fn record_key(
    tenant: TenantId,
    key: &LookupKey,
    at: [u8; 8],
    record: RecordRef,
) -> [u8; 59] {
    // The id before the kind: that is the order of answers.
    let (id, kind) = (record.id().get().to_be_bytes(), record.kind().code().to_be_bytes());
    joined([&tenant_octets(tenant), &[key.kind().code()], key.hash(), &at, &id, &kind])
}

/// Before everything under a key.
pub(super) fn record_key_start(tenant: TenantId, key: &LookupKey) -> [u8; 59] {
    joined([&tenant_octets(tenant), &[key.kind().code()], key.hash(), &[0; 26]])
}

/// Behind everything under a key.
pub(super) fn record_key_end(tenant: TenantId, key: &LookupKey) -> [u8; 59] {
    joined([&tenant_octets(tenant), &[key.kind().code()], key.hash(), &[0xff; 26]])
}

/// The record behind a look-up key.
pub(super) fn record_of_lookup(key: &[u8; 59]) -> Result<RecordRef, Damage> {
    let (_, record) = key.split_last_chunk::<18>().unwrap_or((&[], &[0; 18]));
    let mut parts = Parts::of("look-up key of a record", record);
    let id = RecordId::new(parts.number()?);
    Ok(parts.record_kind()?.of(id))
}

pub(super) fn unique(tenant: TenantId, key: &UniqueKey) -> [u8; 33] {
    joined([&tenant_octets(tenant), &[key.space().code()], key.hash()])
}

pub(super) fn holder(record: RecordRef) -> [u8; 18] {
    joined([&record.kind().code().to_be_bytes(), &record.id().get().to_be_bytes()])
}

pub(super) fn read_holder(octets: &[u8; 18]) -> Result<RecordRef, Damage> {
    let mut parts = Parts::of("unique key", octets);
    let kind = parts.record_kind()?;
    Ok(kind.of(RecordId::new(parts.number()?)))
}

pub(super) fn write_record(record: &Record, version: Version) -> Vec<u8> {
    let keys = record.unique().len() + record.keys().len();
    let mut out = Vec::with_capacity(27 + 17 * keys + record.body().len());
    out.extend_from_slice(&version.get().to_be_bytes());
    out.extend_from_slice(&time(record.modified()));
    out.push(u8::from(record.is_active()));
    // A record has at most 64 keys of either sort.
    out.push(u8::try_from(record.unique().len()).unwrap_or(u8::MAX));
    out.push(u8::try_from(record.keys().len()).unwrap_or(u8::MAX));
    for key in record.unique() {
        out.push(key.space().code());
        out.extend_from_slice(key.hash());
    }
    for key in record.keys() {
        out.push(key.kind().code());
        out.extend_from_slice(key.hash());
    }
    out.extend_from_slice(record.body().as_bytes());
    out
}

/// The version alone of a record as it was kept.
pub(super) fn read_version(octets: &[u8]) -> Result<Version, Damage> {
    Parts::of("record", octets).number().map(Version::new)
}

/// A record as it was kept, but for its body: what its rows elsewhere are found by.
pub(super) struct StoredRecord<'a> {
    pub(super) version: Version,
    pub(super) modified: DateTime<Utc>,
    pub(super) unique: Vec<UniqueKey>,
    pub(super) keys: Vec<LookupKey>,
    active: bool,
    body: &'a [u8],
}

impl<'a> StoredRecord<'a> {
    pub(super) fn read(octets: &'a [u8]) -> Result<Self, Damage> {
        let mut parts = Parts::of("record", octets);
        let version = Version::new(parts.number()?);
        let modified = parts.time()?;
        let code = parts.byte()?;
        let active = parts.known("yes or no", code, [false, true].get(usize::from(code)))?;
        let [unique, keys] = parts.octets()?.map(usize::from);
        let unique = (0..unique).map(|_| {
            let code = parts.byte()?;
            let space = parts.known("space of unique keys", code, Space::from_code(code))?;
            Ok(UniqueKey::from_parts(space, parts.octets()?))
        });
        let unique = unique.collect::<Result<_, Damage>>()?;
        let keys = (0..keys).map(|_| {
            let code = parts.byte()?;
            let kind = parts.known("kind of look-up key", code, LookupKind::from_code(code))?;
            Ok(LookupKey::from_parts(kind, parts.octets()?))
        });
        let keys = keys.collect::<Result<_, Damage>>()?;
        Ok(Self { version, modified, unique, keys, active: *active, body: parts.rest })
    }

    /// The whole record.
    pub(super) fn into_versioned(self, record: RecordRef) -> Result<Versioned, Damage> {
        let wrong = |error: &dyn fmt::Display| Damage::new("record", error.to_string());
        let body = std::str::from_utf8(self.body).map_err(|error| wrong(&error))?;
        let record = Record::new(record, self.modified, body)
            .and_then(|record| record.with_unique(self.unique))
            .and_then(|record| record.with_keys(self.keys))
            .map_err(|error| wrong(&error))?;
        let record = if self.active { record } else { record.inactive() };
        Ok(Versioned { record, version: self.version })
    }
}

/// The length of what stands before the recipient in the key of a claim.
pub(super) const CLAIMS_PREFIX: usize = 16 + SendScope::LEN + 1;

/// What the keys of all claims of a scope in one state begin with.
pub(super) fn claims(
    tenant: TenantId,
    scope: &SendScope,
    state: ClaimState,
) -> [u8; CLAIMS_PREFIX] {
    joined([&tenant_octets(tenant), &scope.to_bytes(), &[state.code()]])
}

pub(super) fn claim(tenant: TenantId, id: &ClaimId, state: ClaimState) -> Vec<u8> {
    [&claims(tenant, &id.scope, state), id.recipient.as_bytes()].concat()
}

pub(super) fn recipient_of_claim(key: &[u8]) -> Result<RecipientKey, Damage> {
    let recipient = key.get(CLAIMS_PREFIX..).unwrap_or_default();
    RecipientKey::from_bytes(recipient).map_err(|error| Damage::new("claim", error.to_string()))
}

pub(super) fn claim_value(claim: &SendClaim) -> [u8; 24] {
    joined([&claim.by().get().to_be_bytes(), &time(claim.at())])
}

pub(super) fn read_claim(state: ClaimState, octets: &[u8; 24]) -> Result<SendClaim, Damage> {
    let mut parts = Parts::of("claim", octets);
    let by = Claimant::new(parts.number()?);
    Ok(SendClaim::new(by, parts.time()?, state))
}

pub(super) fn name(name: &RegisterName) -> Vec<u8> {
    [&[name.space().code()], name.as_str().as_bytes()].concat()
}

pub(super) fn registration(registration: &Registration) -> [u8; 25] {
    let until = registration.until();
    let at = until.map_or(LATEST, time);
    joined([&tenant_octets(registration.tenant()), &[u8::from(until.is_some())], &at])
}

pub(super) fn read_registration(octets: &[u8; 25]) -> Result<Registration, Damage> {
    let mut parts = Parts::of("registration", octets);
    let tenant = TenantId::new(parts.number()?);
    let until = match parts.byte()? {
        0 => None,
        1 => Some(parts.time()?),
        code => return parts.known("yes or no", code, None),
    };
    Ok(Registration::new(tenant, until))
}

pub(super) fn sequence(tenant: TenantId, sequence: SequenceKey) -> [u8; 33] {
    let (sort, id) = sequence.to_parts();
    joined([&tenant_octets(tenant), &[sort], &id.get().to_be_bytes()])
}

#[cfg(test)]
mod tests;

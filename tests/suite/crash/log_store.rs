//! A durable store as somebody else might write one: memory, and a file of all that was ever
//! committed. A batch is an entry of the file; an entry that was cut off is none.

use std::collections::hash_map::{DefaultHasher, RandomState};
use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::DateTime;
use correspond::adapter::memory::MemoryStore;
use correspond::claim::{
    ClaimId, ClaimPageQuery, Claimant, RecipientKey, RegisterName, RegisterSpace, Registration,
    SendClaim, SendScope,
};
use correspond::conformance::crash::Steps;
use correspond::id::{RecordId, TenantId};
use correspond::index::{Answer, IndexKey, IndexKind, Keyer, MessageQuery, MessageRow};
use correspond::record::{
    Areas, LookupKey, LookupKind, Page, Record, RecordAnswer, RecordKind, RecordPageQuery,
    RecordQuery, RecordRef, Space, UniqueKey, Version, Versioned,
};
use correspond::store::{
    Batch, Block, Change, Commit, Directory, Expect, Ledger, MessageIndex, Records, Register,
    SequenceKey, Sequences, Store, StoreError, StoreErrorKind, poll_once,
};

/// [`MemoryStore`], written down.
#[derive(Debug)]
pub struct LogStore {
    memory: MemoryStore,
    log: Mutex<Log>,
    path: PathBuf,
}

impl LogStore {
    /// Opens the store in the file at `path`, and makes it where there is none.
    pub fn open(path: &Path, steps: &Steps) -> Result<Self, StoreError> {
        let failed =
            |error| StoreError::new(StoreErrorKind::Other, "opening the log").because(error);
        let (log, entries) = Log::open(path, steps).map_err(failed)?;
        let mut entries = entries.into_iter();
        let mut log = log;
        let secret = match entries.next() {
            Some(entry) => entry,
            None => {
                let draw = || RandomState::new().hash_one(0).to_le_bytes();
                let secret = [draw(), draw()].concat();
                log.append(&secret).map_err(failed)?;
                secret
            }
        };
        let secret =
            <[u8; 16]>::try_from(&secret[..]).map_err(|error| failed(io::Error::other(error)))?;
        let memory = MemoryStore::new(secret);
        for entry in entries {
            replay(&memory, &mut In(&entry))
                .ok_or_else(|| StoreError::new(StoreErrorKind::Corrupt, "reading the log"))?;
        }
        Ok(Self { memory, log: Mutex::new(log), path: path.to_owned() })
    }

    /// Where the log is.
    #[allow(dead_code, reason = "not every program asks")]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Does an entry once more.
fn replay(memory: &MemoryStore, entry: &mut In<'_>) -> Option<()> {
    let tenant = TenantId::new(entry.wide()?);
    if entry.byte()? == 0 {
        let sequence = match (entry.byte()?, entry.id()?) {
            (1, _) => SequenceKey::UserNumbers,
            (_, user) => SequenceKey::TokenCounter(user),
        };
        let len = NonZeroU32::new(u32::try_from(entry.long()?).ok()?)?;
        let _ = poll_once(memory.allocate(tenant, sequence, len))?.ok()?;
        return Some(());
    }
    let mut batch = Batch::new(tenant);
    while !entry.0.is_empty() {
        batch.push(entry.change()?).ok()?;
    }
    poll_once(memory.commit(&batch))?.ok()?.is_applied().then_some(())
}

#[derive(Debug)]
struct Log {
    file: File,
    end: u64,
    steps: Steps,
    broken: bool,
}

impl Log {
    fn open(path: &Path, steps: &Steps) -> io::Result<(Self, Vec<Vec<u8>>)> {
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let mut rest = In(&bytes);
        let mut entries = Vec::new();
        let mut end = 0;
        while let Some((sum, entry)) = rest.long().zip(rest.bytes())
            && sum == checksum(entry)
        {
            entries.push(entry.to_vec());
            end = (bytes.len() - rest.0.len()) as u64;
        }
        // What is behind was cut off in the middle, so it was never acknowledged.
        steps.step();
        file.set_len(end)?;
        Ok((Self { file, end, steps: steps.clone(), broken: false }, entries))
    }

    /// Writes an entry, and returns once it is durable.
    fn append(&mut self, entry: &[u8]) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other("an earlier write failed"));
        }
        let mut out = Out::default();
        out.long(checksum(entry));
        out.bytes(entry);
        self.broken = true;
        let (mut file, end) = (&self.file, self.end);
        self.steps.write(&out.0, |offset, part| {
            file.seek(SeekFrom::Start(end + offset as u64))?;
            file.write_all(part)
        })?;
        self.steps.step();
        self.file.sync_data()?;
        self.end += out.0.len() as u64;
        self.broken = false;
        Ok(())
    }
}

fn checksum(entry: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(entry);
    hasher.finish()
}

impl Store for LogStore {
    fn keyer(&self) -> &Keyer {
        self.memory.keyer()
    }

    fn areas(&self) -> Areas {
        self.memory.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let commit = poll_once(self.memory.commit(batch)).unwrap()?;
        if commit.is_applied() {
            let mut out = Out::default();
            out.wide(batch.tenant().get());
            out.byte(1);
            batch.changes().iter().for_each(|change| out.change(change));
            let failed =
                |error| StoreError::new(StoreErrorKind::Other, "writing the log").because(error);
            log.append(&out.0).map_err(failed)?;
        }
        Ok(commit)
    }
}

impl Sequences for LogStore {
    async fn allocate(
        &self,
        tenant: TenantId,
        sequence: SequenceKey,
        len: NonZeroU32,
    ) -> Result<Block, StoreError> {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let block = poll_once(self.memory.allocate(tenant, sequence, len)).unwrap()?;
        let mut out = Out::default();
        out.wide(tenant.get());
        out.byte(0);
        let (sort, user) = sequence.to_parts();
        out.byte(sort);
        out.wide(user.get());
        out.long(len.get().into());
        let failed =
            |error| StoreError::new(StoreErrorKind::Other, "writing the log").because(error);
        log.append(&out.0).map_err(failed)?;
        Ok(block)
    }
}

macro_rules! read_from_memory {
    ($($area:ident { $(fn $name:ident($($argument:ident: $type:ty),*) -> $answer:ty;)+ })+) => {
        $(impl $area for LogStore {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$answer, StoreError> {
                self.memory.$name($($argument),*).await
            })+
        })+
    };
}

read_from_memory! {
    MessageIndex {
        fn find(tenant: TenantId, query: &MessageQuery) -> Answer;
    }
    Records {
        fn load(tenant: TenantId, records: &[RecordRef]) -> Vec<Option<Versioned>>;
        fn holders(tenant: TenantId, keys: &[UniqueKey]) -> Vec<Option<RecordRef>>;
        fn list(tenant: TenantId, query: &RecordPageQuery) -> Page<Versioned, RecordId>;
    }
    Directory {
        fn find_records(tenant: TenantId, query: &RecordQuery) -> RecordAnswer;
    }
    Ledger {
        fn claims(tenant: TenantId, scope: &SendScope, recipients: &[RecipientKey])
            -> Vec<Option<SendClaim>>;
        fn claim_page(tenant: TenantId, query: &ClaimPageQuery)
            -> Page<(RecipientKey, SendClaim), RecipientKey>;
    }
    Register {
        fn registrations(names: &[RegisterName]) -> Vec<Option<Registration>>;
    }
}

type Time = DateTime<chrono::Utc>;

/// Octets that are being written.
#[derive(Default)]
struct Out(Vec<u8>);

impl Out {
    fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    fn long(&mut self, number: u64) {
        self.0.extend(number.to_le_bytes());
    }

    fn wide(&mut self, number: u128) {
        self.0.extend(number.to_le_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.long(bytes.len() as u64);
        self.0.extend(bytes);
    }

    fn time(&mut self, time: Time) {
        self.long(time.timestamp_micros().cast_unsigned());
    }

    fn key(&mut self, sort: u8, hash: &[u8; 16]) {
        self.byte(sort);
        self.0.extend(hash);
    }

    fn record(&mut self, record: RecordRef) {
        self.long(record.kind().code().into());
        self.wide(record.id().get());
    }

    fn claim(&mut self, id: &ClaimId, by: Claimant) {
        self.0.extend(id.scope.to_bytes());
        self.bytes(id.recipient.as_bytes());
        self.wide(by.get());
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::File(row) => {
                self.byte(0);
                self.wide(row.id().get());
                self.time(row.created());
                self.wide(row.conversation().get());
                self.long(row.keys().len() as u64);
                row.keys().iter().for_each(|key| self.key(key.kind().code(), key.hash()));
            }
            Change::Forget(id) => {
                self.byte(1);
                self.wide(id.get());
            }
            Change::Put { record, version, expect } => {
                self.byte(2);
                self.record(record.reference());
                self.time(record.modified());
                self.byte(record.is_active().into());
                self.bytes(record.body().as_bytes());
                self.long(record.unique().len() as u64);
                record.unique().iter().for_each(|key| self.key(key.space().code(), key.hash()));
                self.long(record.keys().len() as u64);
                record.keys().iter().for_each(|key| self.key(key.kind().code(), key.hash()));
                self.wide(version.get());
                match expect {
                    Expect::Absent => self.byte(0),
                    Expect::At(version) => {
                        self.byte(1);
                        self.wide(version.get());
                    }
                }
            }
            Change::Delete { record, expect } => {
                self.byte(3);
                self.record(*record);
                self.wide(expect.get());
            }
            Change::Claim { id, by, at } => {
                self.byte(4);
                self.claim(id, *by);
                self.time(*at);
            }
            Change::Settle { id, by, at } => {
                self.byte(5);
                self.claim(id, *by);
                self.time(*at);
            }
            Change::Release { id, by } => {
                self.byte(6);
                self.claim(id, *by);
            }
            Change::TakeOver { id, from, by, at } => {
                self.byte(7);
                self.claim(id, *by);
                self.time(*at);
                self.wide(from.get());
            }
            Change::Register { name, until, now } => {
                self.byte(8);
                self.bytes(name.as_str().as_bytes());
                self.time(*now);
                self.byte(until.is_some().into());
                if let Some(until) = until {
                    self.time(*until);
                }
            }
            Change::Unregister { name } => {
                self.byte(9);
                self.bytes(name.as_str().as_bytes());
            }
            other => panic!("this store knows no {other:?}"),
        }
    }
}

/// Octets that are being read; `None` where they end too early or make no sense.
struct In<'a>(&'a [u8]);

impl<'a> In<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn byte(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    fn long(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn wide(&mut self) -> Option<u128> {
        self.array().map(u128::from_le_bytes)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.long()?).ok()?;
        self.take(len)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    fn time(&mut self) -> Option<Time> {
        DateTime::from_timestamp_micros(self.long()?.cast_signed())
    }

    fn id(&mut self) -> Option<RecordId> {
        self.wide().map(RecordId::new)
    }

    fn version(&mut self) -> Option<Version> {
        self.wide().map(Version::new)
    }

    fn list<T>(&mut self, read: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        (0..self.long()?).map(|_| read(self)).collect()
    }

    fn record(&mut self) -> Option<RecordRef> {
        Some(RecordKind::from_code(self.long()?.try_into().ok()?)?.of(self.id()?))
    }

    fn claim(&mut self) -> Option<(ClaimId, Claimant)> {
        let [message, journey, tile] = [self.array()?, self.array()?, self.array()?]
            .map(|id| RecordId::new(u128::from_be_bytes(id)));
        let scope = SendScope::new(message).in_journey(journey, tile);
        let recipient = RecipientKey::from_bytes(self.bytes()?).ok()?;
        Some((ClaimId { scope, recipient }, Claimant::new(self.wide()?)))
    }

    fn change(&mut self) -> Option<Change> {
        let sort = self.byte()?;
        if (4..=7).contains(&sort) {
            let (id, by) = self.claim()?;
            return Some(match sort {
                4 => Change::Claim { id, by, at: self.time()? },
                5 => Change::Settle { id, by, at: self.time()? },
                6 => Change::Release { id, by },
                _ => {
                    let at = self.time()?;
                    Change::TakeOver { id, from: Claimant::new(self.wide()?), by, at }
                }
            });
        }
        Some(match sort {
            0 => {
                let (id, created, conversation) = (self.id()?, self.time()?, self.id()?);
                let keys = self.list(|from| {
                    let kind = IndexKind::from_code(from.byte()?)?;
                    Some(IndexKey::from_parts(kind, from.array()?))
                })?;
                Change::File(MessageRow::new(id, created, conversation, keys))
            }
            1 => Change::Forget(self.id()?),
            2 => {
                let (reference, modified) = (self.record()?, self.time()?);
                let active = self.byte()? == 1;
                let record = Record::new(reference, modified, self.text()?).ok()?;
                let unique = self.list(|from| {
                    Some(UniqueKey::from_parts(Space::from_code(from.byte()?)?, from.array()?))
                })?;
                let keys = self.list(|from| {
                    Some(LookupKey::from_parts(LookupKind::from_code(from.byte()?)?, from.array()?))
                })?;
                let record = record.with_unique(unique).ok()?.with_keys(keys).ok()?;
                let record = if active { record } else { record.inactive() };
                let version = self.version()?;
                let expect = match self.byte()? {
                    0 => Expect::Absent,
                    _ => Expect::At(self.version()?),
                };
                Change::Put { record, version, expect }
            }
            3 => Change::Delete { record: self.record()?, expect: self.version()? },
            8 => {
                let name = RegisterName::new(RegisterSpace::Domain, self.text()?).ok()?;
                let now = self.time()?;
                let until = if self.byte()? == 1 { Some(self.time()?) } else { None };
                Change::Register { name, until, now }
            }
            9 => {
                let name = RegisterName::new(RegisterSpace::Domain, self.text()?).ok()?;
                Change::Unregister { name }
            }
            _ => return None,
        })
    }
}

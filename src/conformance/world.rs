//! A store under examination: what is written to it and read from it, and what is said when it
//! fails.

use std::fmt::Debug;
use std::num::NonZeroU32;

use super::case::{Checked, Violation};
use super::harness::Harness;
use super::race::{RACERS, races};
use crate::claim::{
    ClaimPageQuery, RecipientKey, RegisterName, Registration, SendClaim, SendScope,
};
use crate::id::{RecordId, TenantId};
use crate::index::{Answer, IndexKey, IndexKind, Lookup, MessageQuery};
use crate::record::{
    Area, LookupKey, LookupKind, Page, RecordAnswer, RecordKind, RecordLookup, RecordPageQuery,
    RecordRef, Space, UniqueKey, Version, Versioned, Versions,
};
use crate::store::{
    Batch, Block, Change, Commit, Directory, Ledger, MessageIndex, Reason, Records, Refusal,
    Register, SequenceKey, Sequences, Store, StoreError,
};

/// The tenant of everything that is not about tenants.
pub(super) const TENANT: TenantId = TenantId::new(1);

/// A store, whose it is, and what is being shown of it.
pub(super) struct World<'h, H: Harness> {
    harness: &'h H,
    store: H::Store,
    must: &'static str,
    versions: Versions,
}

impl<'h, H: Harness> World<'h, H> {
    pub(super) fn new(harness: &'h H, must: &'static str) -> Self {
        Self { harness, store: harness.fresh(), must, versions: Versions::default() }
    }

    /// The same examination of another store.
    pub(super) fn over(&self, store: H::Store) -> Self {
        Self { harness: self.harness, store, must: self.must, versions: Versions::default() }
    }

    /// The same examination of a second handle on the same data.
    pub(super) fn another(&self) -> Option<Self> {
        self.harness.another(&self.store).map(|store| self.over(store))
    }

    /// The same examination after closing and opening; `None` where the store is not durable.
    pub(super) fn reopen(self) -> Option<Self> {
        let Self { harness, store, must, versions } = self;
        harness.reopen(store).map(|store| Self { harness, store, must, versions })
    }

    pub(super) const fn store(&self) -> &H::Store {
        &self.store
    }

    pub(super) fn rounds(&self) -> u32 {
        self.harness.rounds().max(2)
    }

    pub(super) fn has(&self, area: Area) -> bool {
        self.store.areas().contains(area)
    }

    /// The kinds of records that the store supports.
    pub(super) fn kinds(&self) -> Vec<RecordKind> {
        RecordKind::ALL.iter().copied().filter(|kind| self.has(kind.area())).collect()
    }

    /// A kind of record that the store supports: a contact, where it does. Only asked for where
    /// there is one.
    pub(super) fn kind(&self) -> RecordKind {
        let kinds = self.kinds();
        let contact = kinds.iter().find(|kind| kind.area() == Area::Directory);
        contact.or_else(|| kinds.first()).copied().unwrap_or(RecordKind::Contact)
    }

    pub(super) fn record(&self, id: u128) -> RecordRef {
        self.kind().of(RecordId::new(id))
    }

    pub(super) fn version(&self) -> Version {
        self.versions.next()
    }

    pub(super) fn key(&self, kind: IndexKind, text: &str) -> IndexKey {
        self.store.keyer().key(kind, text.as_bytes())
    }

    pub(super) fn unique(&self, text: &str) -> UniqueKey {
        UniqueKey::new(self.store.keyer(), Space::Name, text.as_bytes())
    }

    pub(super) fn lookup_key(&self, text: &str) -> LookupKey {
        LookupKey::new(self.store.keyer(), LookupKind::Address, text.as_bytes())
    }

    // Verdicts.

    pub(super) fn fail(&self, suffered: impl Into<String>) -> Violation {
        Violation::new(self.must, suffered)
    }

    pub(super) fn holds(&self, holds: bool, suffered: &str) -> Checked {
        if holds { Ok(()) } else { Err(self.fail(suffered)) }
    }

    pub(super) fn same<T: PartialEq + Debug>(
        &self,
        found: &T,
        expected: &T,
        suffered: &str,
    ) -> Checked {
        if found == expected {
            return Ok(());
        }
        let detail = format!("expected {}\n  found    {}", shown(expected), shown(found));
        Err(self.fail(suffered).with_detail(&detail))
    }

    pub(super) fn went<T>(&self, answer: Result<T, StoreError>) -> Checked<T> {
        answer.map_err(|error| {
            let source = std::error::Error::source(&error).map(ToString::to_string);
            let source = source.map(|source| format!(" ({source})")).unwrap_or_default();
            self.fail(format!("the store failed where it need not: {error}{source}"))
        })
    }

    // Writes.

    pub(super) fn wait<T: Send>(&self, future: impl Future<Output = T> + Send) -> T {
        self.harness.block_on(future)
    }

    pub(super) fn batch(
        &self,
        tenant: TenantId,
        changes: impl IntoIterator<Item = Change>,
    ) -> Checked<Batch> {
        let mut batch = Batch::new(tenant);
        for change in changes {
            // Only a mistake of the kit's own can end here.
            batch.push(change).map_err(|error| self.fail(error.to_string()))?;
        }
        Ok(batch)
    }

    pub(super) fn commit(&self, batch: &Batch) -> Checked<Commit> {
        let answer = self.wait(self.store.commit(batch));
        self.went(answer)
    }

    pub(super) fn try_in(
        &self,
        tenant: TenantId,
        changes: impl IntoIterator<Item = Change>,
    ) -> Checked<Commit> {
        let batch = self.batch(tenant, changes)?;
        self.commit(&batch)
    }

    pub(super) fn apply_in(
        &self,
        tenant: TenantId,
        changes: impl IntoIterator<Item = Change>,
        suffered: &str,
    ) -> Checked {
        let commit = self.try_in(tenant, changes)?;
        self.same(&commit, &Commit::Applied, suffered)
    }

    /// Applies what must apply.
    pub(super) fn apply(
        &self,
        changes: impl IntoIterator<Item = Change>,
        suffered: &str,
    ) -> Checked {
        self.apply_in(TENANT, changes, suffered)
    }

    /// Attempts what must be refused, for these reasons and no others.
    pub(super) fn refuse(
        &self,
        changes: impl IntoIterator<Item = Change>,
        reasons: impl IntoIterator<Item = (usize, Reason)>,
        suffered: &str,
    ) -> Checked {
        let commit = self.try_in(TENANT, changes)?;
        let reasons = reasons.into_iter().map(|(change, reason)| Refusal { change, reason });
        self.same(&commit, &Commit::Refused(reasons.collect()), suffered)
    }

    // Reads.

    pub(super) fn find(&self, tenant: TenantId, lookups: &[Lookup]) -> Checked<Answer> {
        let mut query = MessageQuery::with_capacity(lookups.len());
        for lookup in lookups {
            self.holds(query.push(*lookup), "the kit asked too much at once")?;
        }
        let answer = self.wait(self.store.find(tenant, &query));
        self.went(answer)
    }

    /// The ids of the mails under one key, as they came, and their count.
    pub(super) fn mails(&self, tenant: TenantId, key: IndexKey) -> Checked<(Vec<u128>, u8)> {
        let answer = self.find(tenant, &[Lookup::new(key).rows(64)])?;
        Ok((answer.rows(0).map(|row| row.id().get()).collect(), answer.count(0)))
    }

    pub(super) fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Checked<Vec<Option<Versioned>>> {
        let answer = self.wait(self.store.load(tenant, records));
        self.went(answer)
    }

    pub(super) fn load_one(&self, record: RecordRef) -> Checked<Option<Versioned>> {
        Ok(self.load(TENANT, &[record])?.into_iter().next().flatten())
    }

    pub(super) fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Checked<Vec<Option<RecordRef>>> {
        let answer = self.wait(self.store.holders(tenant, keys));
        self.went(answer)
    }

    pub(super) fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Checked<Page<Versioned, RecordId>> {
        let answer = self.wait(self.store.list(tenant, query));
        self.went(answer)
    }

    pub(super) fn find_records(
        &self,
        tenant: TenantId,
        lookups: &[RecordLookup],
    ) -> Checked<RecordAnswer> {
        let query = lookups.iter().copied().collect();
        let answer = self.wait(self.store.find_records(tenant, &query));
        self.went(answer)
    }

    pub(super) fn claims(
        &self,
        tenant: TenantId,
        scope: &SendScope,
        recipients: &[RecipientKey],
    ) -> Checked<Vec<Option<SendClaim>>> {
        let answer = self.wait(self.store.claims(tenant, scope, recipients));
        self.went(answer)
    }

    pub(super) fn claim_page(
        &self,
        tenant: TenantId,
        query: &ClaimPageQuery,
    ) -> Checked<Page<(RecipientKey, SendClaim), RecipientKey>> {
        let answer = self.wait(self.store.claim_page(tenant, query));
        self.went(answer)
    }

    pub(super) fn registrations(
        &self,
        names: &[RegisterName],
    ) -> Checked<Vec<Option<Registration>>> {
        let answer = self.wait(self.store.registrations(names));
        self.went(answer)
    }

    pub(super) fn allocate(
        &self,
        tenant: TenantId,
        sequence: SequenceKey,
        len: NonZeroU32,
    ) -> Checked<Block> {
        let answer = self.wait(self.store.allocate(tenant, sequence, len));
        self.went(answer)
    }

    // Races.

    /// Does the work of every racer at once.
    pub(super) fn race<T: Send>(
        &self,
        racers: usize,
        work: impl Fn(usize) -> Checked<T> + Sync,
    ) -> Checked<Vec<T>> {
        let done = races(racers, 1, |_, racer| work(racer));
        let done = done.ok_or_else(|| self.fail("the store panicked in a race"))?;
        done.into_iter().flatten().collect()
    }

    /// Does the work of every racer at once, round for round.
    pub(super) fn races<T: Send>(
        &self,
        work: impl Fn(u32, usize) -> Checked<T> + Sync,
    ) -> Checked<Vec<Vec<T>>> {
        let done = races(RACERS, self.rounds(), work);
        let done = done.ok_or_else(|| self.fail("the store panicked in a race"))?;
        done.into_iter().map(|round| round.into_iter().collect()).collect()
    }

    /// Commits the batches of every racer at once, round for round. They are made before, so that
    /// nothing but the commit is raced.
    pub(super) fn race_commits(
        &self,
        batch: impl Fn(u32, usize) -> Checked<Batch>,
    ) -> Checked<Vec<Vec<Commit>>> {
        let round = |round| (0..RACERS).map(|racer| batch(round, racer)).collect();
        let batches: Checked<Vec<Vec<Batch>>> = (0..self.rounds()).map(round).collect();
        let batches = batches?;
        self.races(|round, racer| {
            let batch = batches.get(round as usize).and_then(|round| round.get(racer));
            self.commit(batch.ok_or_else(|| self.fail("the kit has lost a batch"))?)
        })
    }

    /// Of batches that race, which was applied; a violation where it is not exactly one.
    pub(super) fn one_wins(&self, commits: &[Commit], suffered: &str) -> Checked<usize> {
        let winners: Vec<_> =
            (0..).zip(commits).filter(|(_, c)| c.is_applied()).map(|(at, _)| at).collect();
        match winners[..] {
            [winner] => Ok(winner),
            _ => {
                let detail = format!("applied: {} of {}", winners.len(), commits.len());
                Err(self.fail(suffered).with_detail(&detail))
            }
        }
    }
}

/// A value as it is shown in a verdict: bodies of a megabyte are cut.
fn shown(value: &impl Debug) -> String {
    const MOST: usize = 600;
    let text = format!("{value:?}");
    if text.chars().nth(MOST).is_none() {
        return text;
    }
    text.chars().take(MOST).chain(" ...".chars()).collect()
}

//! A store for tests, in which others do something between two of its calls.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::claim::{ClaimId, RegisterName, Registration, SendClaim};
use crate::id::{RecordId, TenantId};
use crate::index::{IndexKey, Keyer};
use crate::record::{Areas, Page, RecordPageQuery, RecordRef, UniqueKey, Version, Versioned};
use crate::store::{Batch, Change, Commit, Present, Records, Store, StoreError, judge, poll_once};

/// What others do before a call.
type Meanwhile = Box<dyn FnOnce(&Table) + Send>;

pub(super) struct Table {
    keyer: Keyer,
    records: Mutex<BTreeMap<RecordRef, Versioned>>,
    meanwhile: Mutex<VecDeque<(usize, Meanwhile)>>,
    calls: AtomicUsize,
}

impl Table {
    pub(super) fn new() -> Self {
        Self {
            keyer: Keyer::from_secret([3; 16]),
            records: Mutex::default(),
            meanwhile: Mutex::default(),
            calls: AtomicUsize::new(0),
        }
    }

    /// Does this just before the `call`-th call from now on, 0 being the next. Later ones later.
    pub(super) fn before(&self, call: usize, what: impl FnOnce(&Self) + Send + 'static) {
        let at = self.calls() + call;
        self.meanwhile.lock().unwrap().push_back((at, Box::new(what)));
    }

    /// How many calls there were.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    pub(super) fn put(&self, kept: Versioned) {
        self.records.lock().unwrap().insert(kept.record.reference(), kept);
    }

    fn call(&self) {
        let call = self.calls();
        let due = {
            let mut meanwhile = self.meanwhile.lock().unwrap();
            match meanwhile.front() {
                Some((at, _)) if *at <= call => meanwhile.pop_front(),
                _ => None,
            }
        };
        if let Some((_, what)) = due {
            what(self);
        }
        self.calls.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a flow over the store answers.
pub(super) fn run<T>(flow: impl Future<Output = T> + Send) -> T {
    poll_once(flow).unwrap()
}

struct Kept<'a>(&'a BTreeMap<RecordRef, Versioned>);

impl Present for Kept<'_> {
    fn has_mail(&self, _: RecordId) -> Result<bool, StoreError> {
        Ok(false)
    }

    fn mail_with(&self, _: &IndexKey) -> Result<Option<RecordId>, StoreError> {
        Ok(None)
    }

    fn version(&self, record: RecordRef) -> Result<Option<Version>, StoreError> {
        Ok(self.0.get(&record).map(|kept| kept.version))
    }

    fn holder(&self, key: &UniqueKey) -> Result<Option<RecordRef>, StoreError> {
        let holder = self.0.values().find(|kept| kept.record.unique().contains(key));
        Ok(holder.map(|kept| kept.record.reference()))
    }

    fn claim(&self, _: &ClaimId) -> Result<Option<SendClaim>, StoreError> {
        Ok(None)
    }

    fn registration(&self, _: &RegisterName) -> Result<Option<Registration>, StoreError> {
        Ok(None)
    }
}

impl Store for Table {
    fn keyer(&self) -> &Keyer {
        &self.keyer
    }

    fn areas(&self) -> Areas {
        Areas::NONE.with(crate::record::Area::Settings)
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        self.call();
        let mut records = self.records.lock().unwrap();
        let commit = judge(batch, &Kept(&records))?;
        if commit.is_applied() {
            for change in batch.changes() {
                match change {
                    Change::Put { record, version, .. } => {
                        let kept = Versioned { record: record.clone(), version: *version };
                        records.insert(record.reference(), kept);
                    }
                    Change::Delete { record, .. } => drop(records.remove(record)),
                    other => panic!("{other:?}"),
                }
            }
        }
        Ok(commit)
    }
}

impl Records for Table {
    async fn load(
        &self,
        _: TenantId,
        asked: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.call();
        let records = self.records.lock().unwrap();
        Ok(asked.iter().map(|record| records.get(record).cloned()).collect())
    }

    async fn holders(
        &self,
        _: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        self.call();
        let records = self.records.lock().unwrap();
        keys.iter().map(|key| Kept(&records).holder(key)).collect()
    }

    async fn list(
        &self,
        _: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        self.call();
        let records = self.records.lock().unwrap();
        let items = records.iter().filter(|(record, _)| {
            record.kind() == query.kind() && query.start().is_none_or(|after| record.id() > after)
        });
        let limit = usize::from(query.page_limit());
        let items: Vec<_> = items.take(limit).map(|(_, kept)| kept.clone()).collect();
        Ok(Page::new(items, query.page_limit(), |kept| kept.record.reference().id()))
    }
}

//! Is everything in the store that must be, and nothing else?

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use chrono::TimeDelta;

use super::books::Books;
use super::filing::{TENANT, own_key};
use crate::claim::{ClaimId, ClaimPageQuery, RecipientKey, SendScope};
use crate::index::{
    Answered, COUNT_CAP, IndexKey, IndexKind, Kinds, Lookup, MAX_LOOKUP_ROWS, MessageQuery,
    MessageRow,
};
use crate::record::{
    LookupKey, RecordKind, RecordLookup, RecordPageQuery, RecordQuery, RecordRef, Versioned,
};
use crate::store::{FullStore, MAX_READS, StoreError};

/// The first thing that is not as it must be.
#[derive(Debug)]
pub(super) enum Finding {
    /// The store answers something else than it must.
    Differs(String),
    /// The store does not answer.
    Failed(StoreError),
}

impl From<StoreError> for Finding {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

type Found = Result<(), Finding>;

/// Compares all that the contract lets one read with the books: by page, by key, and by what is gone.
pub(super) async fn inspect<S: FullStore>(store: &S, books: &Books) -> Found {
    mails_by_time(store, books).await?;
    mails_by_key(store, books).await?;
    forgotten(store, books).await?;
    records_by_page(store, books).await?;
    records_by_key(store, books).await?;
    unique_keys(store, books).await?;
    claims(store, books).await?;
    names(store, books).await
}

fn same<T: PartialEq + Debug>(what: impl FnOnce() -> String, expected: &T, found: &T) -> Found {
    if expected == found {
        return Ok(());
    }
    Err(Finding::Differs(format!("{}: expected {expected:?}, found {found:?}", what())))
}

/// A list of the store against the books: first what is missing or added, then what is unlike.
fn same_list<K, V>(what: &str, expected: &[(K, V)], found: &[(K, V)]) -> Found
where
    K: Ord + Debug,
    V: PartialEq + Debug,
{
    for ((key, value), (found_key, found_value)) in expected.iter().zip(found) {
        same(|| format!("{what}, in their order"), key, found_key)?;
        same(|| format!("{what}: {key:?}"), value, found_value)?;
    }
    same(|| format!("number of {what}"), &expected.len(), &found.len())
}

fn all_kinds() -> Kinds {
    IndexKind::ALL.into_iter().fold(Kinds::NONE, Kinds::with)
}

fn sorted(keys: &[IndexKey]) -> Vec<IndexKey> {
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn age(row: &MessageRow) -> impl Ord + Copy + Debug + use<> {
    (row.created(), row.id())
}

/// Every mail carries one key: the pages under it, from the newest on, are all mails there are.
async fn mails_by_time<S: FullStore>(store: &S, books: &Books) -> Found {
    let mut until = None;
    let mut found = Vec::new();
    loop {
        let lookup = Lookup::new(books.everywhere()).rows(MAX_LOOKUP_ROWS);
        let mut query = MessageQuery::default();
        let _ = query.push(lookup.within(None, until).carrying(all_kinds()));
        let answer = store.find(TENANT, &query).await?;
        let rows: Vec<_> = answer.rows(0).collect();
        let Some(last) = rows.last() else { break };
        until = Some(last.created() - TimeDelta::microseconds(1));
        let entry = |row: &Answered<'_>| {
            ((row.created(), row.id()), (row.conversation(), sorted(row.keys())))
        };
        found.extend(rows.iter().map(entry));
    }
    let entry =
        |row: &MessageRow| ((row.created(), row.id()), (row.conversation(), sorted(row.keys())));
    let mut expected: Vec<_> = books.mails().values().map(entry).collect();
    expected.sort_unstable_by_key(|(age, _)| Reverse(*age));
    same_list("filed mails", &expected, &found)
}

/// Every mail under each of its keys at its time, and under each key how many there are.
async fn mails_by_key<S: FullStore>(store: &S, books: &Books) -> Found {
    let mut asked = Vec::new();
    let mut carriers: BTreeMap<IndexKey, Vec<_>> = BTreeMap::new();
    for row in books.mails().values() {
        for key in sorted(row.keys()).into_iter().filter(|key| key.kind().is_looked_up()) {
            let at = Some(row.created());
            asked.push((Lookup::new(key).within(at, at).rows(2), vec![row.id()], 1));
            carriers.entry(key).or_default().push((age(row), row.id()));
        }
    }
    for (key, mut rows) in carriers {
        rows.sort_unstable_by(|one, other| other.cmp(one));
        let newest = rows.iter().take(1).map(|(_, id)| *id).collect();
        asked.push((Lookup::new(key), newest, rows.len().min(usize::from(COUNT_CAP))));
    }
    for asked in asked.chunks(MessageQuery::MAX_LOOKUPS) {
        let mut query = MessageQuery::with_capacity(asked.len());
        for (lookup, ..) in asked {
            let _ = query.push(*lookup);
        }
        let answer = store.find(TENANT, &query).await?;
        for (place, (lookup, ids, count)) in asked.iter().enumerate() {
            let what = |what: &'static str| {
                let (kind, since) = (lookup.key().kind(), lookup.since());
                move || format!("{what} under a key of kind {kind:?} since {since:?}")
            };
            let found: Vec<_> = answer.rows(place).map(|row| row.id()).collect();
            same(what("mails"), ids, &found)?;
            same(what("number of mails"), count, &usize::from(answer.count(place)))?;
        }
    }
    Ok(())
}

async fn forgotten<S: FullStore>(store: &S, books: &Books) -> Found {
    let keys: Vec<_> = books.gone().mails.iter().filter_map(own_key).collect();
    for keys in keys.chunks(MessageQuery::MAX_LOOKUPS) {
        let mut query = MessageQuery::with_capacity(keys.len());
        for key in keys {
            let _ = query.push(Lookup::new(*key));
        }
        let answer = store.find(TENANT, &query).await?;
        for place in 0..keys.len() {
            let found = answer.newest(place).map(|row| row.id());
            same(|| "mail under the Message-ID of a forgotten one".into(), &None, &found)?;
        }
    }
    Ok(())
}

async fn records_by_page<S: FullStore>(store: &S, books: &Books) -> Found {
    for kind in [RecordKind::Contact, RecordKind::Activity] {
        let mut found = Vec::new();
        let mut query = RecordPageQuery::new(kind).limit(250);
        loop {
            let page = store.list(TENANT, &query).await?;
            found.extend(page.items.into_iter().map(|item| (item.record.reference(), item)));
            let Some(next) = page.next else { break };
            query = query.after(next);
        }
        let of_kind = books.records().iter().filter(|(record, _)| record.kind() == kind);
        let expected: Vec<_> = of_kind.map(|(record, item)| (*record, item.clone())).collect();
        same_list(&format!("records of kind {kind:?}"), &expected, &found)?;
    }
    let there = books.records().iter().map(|(record, item)| (*record, Some(item)));
    let asked: Vec<_> = there.chain(books.gone().records.iter().map(|r| (*r, None))).collect();
    for asked in asked.chunks(MAX_READS) {
        let records: Vec<_> = asked.iter().map(|(record, _)| *record).collect();
        let found = store.load(TENANT, &records).await?;
        let found: Vec<_> = records.into_iter().zip(found.iter().map(Option::as_ref)).collect();
        same_list("loaded records", asked, &found)?;
    }
    Ok(())
}

async fn records_by_key<S: FullStore>(store: &S, books: &Books) -> Found {
    const ROWS: usize = 64;
    let mut carriers: BTreeMap<LookupKey, Vec<&Versioned>> = BTreeMap::new();
    for item in books.records().values() {
        for key in item.record.keys() {
            carriers.entry(*key).or_default().push(item);
        }
    }
    let asked: Vec<_> = carriers.into_iter().collect();
    for asked in asked.chunks(RecordQuery::MAX_LOOKUPS) {
        let query: RecordQuery =
            asked.iter().map(|(key, _)| RecordLookup::new(*key).rows(64)).collect();
        let answer = store.find_records(TENANT, &query).await?;
        for (place, (key, items)) in asked.iter().enumerate() {
            let age = |item: &Versioned| {
                let reference = item.record.reference();
                ((item.record.modified(), reference.id(), reference.kind()), item.version.get())
            };
            let mut expected: Vec<_> = items.iter().map(|item| age(item)).collect();
            expected.sort_unstable_by(|one, other| other.cmp(one));
            expected.truncate(ROWS);
            let found: Vec<_> = answer.found(place).iter().map(age).collect();
            let what = format!("records under a key of kind {:?}", key.kind());
            same_list(&what, &expected, &found)?;
            let count = items.len().min(usize::from(COUNT_CAP));
            same(|| format!("count of {what}"), &count, &usize::from(answer.count(place)))?;
        }
    }
    Ok(())
}

async fn unique_keys<S: FullStore>(store: &S, books: &Books) -> Found {
    let held = books.holders().iter().map(|(key, record)| (*key, Some(*record)));
    let asked: Vec<(_, Option<RecordRef>)> =
        held.chain(books.gone().unique.iter().map(|key| (*key, None))).collect();
    for asked in asked.chunks(MAX_READS) {
        let keys: Vec<_> = asked.iter().map(|(key, _)| *key).collect();
        let found = store.holders(TENANT, &keys).await?;
        let found: Vec<_> = keys.into_iter().zip(found).collect();
        same_list("holders of unique keys", asked, &found)?;
    }
    Ok(())
}

async fn claims<S: FullStore>(store: &S, books: &Books) -> Found {
    let ids = books.claims().keys().chain(&books.gone().claims);
    let scopes: BTreeSet<SendScope> = ids.map(|id| id.scope).collect();
    for scope in scopes {
        let mut found = Vec::new();
        let mut query = ClaimPageQuery::new(scope).limit(300);
        loop {
            let page = store.claim_page(TENANT, &query).await?;
            found.extend(page.items);
            let Some(next) = page.next else { break };
            query = query.after(next);
        }
        let of_scope = books.claims().iter().filter(|(id, _)| id.scope == scope);
        let expected: Vec<_> = of_scope.map(|(id, claim)| (id.recipient.clone(), *claim)).collect();
        same_list("claims", &expected, &found)?;

        let in_scope = |id: &&ClaimId| id.scope == scope;
        let gone = books.gone().claims.iter().filter(in_scope);
        let there = expected.into_iter().map(|(recipient, claim)| (recipient, Some(claim)));
        let asked: Vec<(RecipientKey, _)> =
            there.chain(gone.map(|id| (id.recipient.clone(), None))).collect();
        for asked in asked.chunks(MAX_READS) {
            let recipients: Vec<_> = asked.iter().map(|(key, _)| key.clone()).collect();
            let found = store.claims(TENANT, &scope, &recipients).await?;
            let found: Vec<_> = recipients.into_iter().zip(found).collect();
            same_list("claims that were looked up", asked, &found)?;
        }
    }
    Ok(())
}

async fn names<S: FullStore>(store: &S, books: &Books) -> Found {
    let asked: Vec<_> =
        books.names().iter().map(|(name, held)| (name.clone(), Some(*held))).collect();
    for asked in asked.chunks(MAX_READS) {
        let names: Vec<_> = asked.iter().map(|(name, _)| name.clone()).collect();
        let found = store.registrations(&names).await?;
        let found: Vec<_> = names.into_iter().zip(found).collect();
        same_list("registrations", asked, &found)?;
    }
    Ok(())
}

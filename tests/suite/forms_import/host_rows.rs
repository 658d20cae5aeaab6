//! Rows that the host writes itself.

use super::watched::Watched;
use super::*;
use correspond::adapter::memory::MemoryStore;
use correspond::consent::related_key;
use correspond::flow::forms::{RowsWritten, UnwrittenBecause};
use correspond::form::TargetOutcome;
use correspond::record::{LookupKey, LookupKind, Record};
use correspond::store::{Batch, Change};
use std::sync::Arc;
use std::sync::atomic::Ordering;

fn contact(id: u128, address: &str) -> Party {
    party(RecordKind::Contact, id, &[("emailaddress1", address), ("lastname", "Smith")])
}

fn unwritten(done: &RowsWritten) -> Vec<(u64, &UnwrittenBecause)> {
    done.unwritten.iter().map(|row| (row.place, &row.why)).collect()
}

#[test]
fn rows_of_the_host_are_found_by_submissions() {
    let (org, store) = (Org::new(), Watched::new(MemoryStore::default()));
    org.key(&store.inner);
    let rows = (0..1_200).map(|n| (contact(n, &format!("P{n}@HOME.example")), Expect::Absent));
    now(org.write(&store, rows.collect()));
    assert_eq!(store.commits.load(Ordering::Relaxed), 3, "500 rows a batch");
    let worked = now(org.submit(&store.inner, 9_000, &org.person(777, "Ann")));
    let contact = worked.outcome.unwrap().contact;
    assert!(matches!(contact, TargetOutcome::Updated { record, .. } if record.get() == 777));
    // They claim nothing, so that two of them may be one person.
    assert!(now(all(&store, RecordKind::Contact)).iter().all(|kept| match_claims(kept) == 0));
    let twins = [7_001, 7_002].map(|id| (self::contact(id, "twin@home.example"), Expect::Absent));
    now(org.write(&store, twins.into()));
}

#[test]
fn what_was_lost_to_a_race_is_reported_row_by_row() {
    let org = Arc::new(Org::new());
    let store = Watched::new(MemoryStore::default());
    org.key(&store.inner);
    now(org.write(&store.inner, vec![(contact(1, "a@home.example"), Expect::Absent)]));
    let first = now(all(&store.inner, RecordKind::Contact)).remove(0).version;
    let other = org.clone();
    // Somebody else makes row 3 while it is written.
    store.before_commit(move |store| {
        now(other.write(store, vec![(contact(3, "other@home.example"), Expect::Absent)]));
    });
    let queue = Party::new(RecordKind::Queue.of(RecordId::new(5)), start(), Attributes::default());
    let large = party(RecordKind::Contact, 6, &[("note", &"x".repeat(Record::MAX_BODY))]);
    let rows = vec![
        (contact(1, "b@home.example"), Expect::Absent),
        (contact(2, "c@home.example"), Expect::Absent),
        (contact(3, "d@home.example"), Expect::Absent),
        (contact(4, "e@home.example"), Expect::At(Version::new(1))),
        (queue, Expect::Absent),
        (large, Expect::Absent),
        (contact(1, "f@home.example"), Expect::At(first)),
        (contact(1, "g@home.example"), Expect::At(first)),
    ];
    let done = now(write_rows(&store, &org.versions, TENANT, &org.plan, rows)).unwrap();
    assert_eq!(done.written, 2);
    let kept = now(all(&store.inner, RecordKind::Contact));
    let version = |id: u128| {
        kept.iter().find(|kept| kept.record.reference().id().get() == id).map(|kept| kept.version)
    };
    let stale = |found| UnwrittenBecause::Stale { found };
    let unwritten = unwritten(&done);
    assert_eq!(unwritten[0], (0, &stale(Some(first))));
    assert_eq!(unwritten[1], (2, &stale(version(3))));
    assert_eq!(unwritten[2], (3, &stale(None)));
    assert_eq!(unwritten[3], (4, &UnwrittenBecause::Kind));
    assert!(matches!(unwritten[4], (5, UnwrittenBecause::Unfit(_))));
    assert_eq!(unwritten[5], (7, &stale(version(1))));
    assert_eq!(unwritten.len(), 6);
    let addresses: BTreeSet<String> = now(rows_of(&store.inner));
    let expected = ["c@home.example", "f@home.example", "other@home.example"];
    assert_eq!(addresses, expected.map(String::from).into());
}

async fn rows_of<S: Records>(store: &S) -> BTreeSet<String> {
    let rows = rows(store, RecordKind::Contact).await;
    rows.iter().map(|row| text(row, "emailaddress1").to_owned()).collect()
}

#[test]
fn a_row_keeps_the_claims_that_its_values_still_make_and_keys_of_others() {
    let (org, store) = (Org::new(), MemoryStore::default());
    org.key(&store);
    let _ = now(org.submit(&store, 9, &org.person(1, "Ann")));
    let kept = now(all(&store, RecordKind::Contact)).remove(0);
    assert_eq!(match_claims(&kept), 2, "address and last name");
    let related = related_key(store.keyer(), RecordKind::Lead.of(RecordId::new(3)));
    let record = kept.record.clone();
    let record = record.with_keys(kept.record.keys().iter().copied().chain([related])).unwrap();
    let (version, expect) = (org.versions.next(), Expect::At(kept.version));
    let put = Change::Put { record, version, expect };
    assert!(now(store.commit(&Batch::of(TENANT, put))).unwrap().is_applied());

    let row = Party::from_versioned(&kept).unwrap();
    let mut married = Attributes::default();
    married.set("lastname", Value::Text("Jones".into())).unwrap();
    let row = row.with(&married).unwrap();
    now(org.write(&store, vec![(row.clone(), Expect::At(version))]));
    let kept = now(all(&store, RecordKind::Contact)).remove(0);
    assert_eq!(match_claims(&kept), 1);
    let mut keys = org.plan.keyings().lookup_keys(&row, store.keyer());
    keys.push(related);
    keys.sort_unstable();
    assert_eq!(kept.record.keys(), keys);
}

/// A strategy comes while rows are written: they have its keys, though nobody who passed over the
/// directory saw them.
#[test]
fn rows_written_while_a_strategy_comes_have_its_keys() {
    let org = Arc::new(Org::new());
    let store = Watched::new(MemoryStore::default());
    org.key(&store.inner);
    let mut strategies = org.strategies.clone();
    let by_name = MatchingStrategy::out_of_box(MatchingTarget::Contact).name("First names");
    strategies.push(stored(4, by_name.attributes(["firstname"]).build().unwrap()));
    let plan = MatchPlan::new(&strategies, &MatchScope::default()).unwrap();
    let (other, later) = (org.clone(), plan.clone());
    store.before_commit(move |store| {
        let keyed = key_directory(store, &other.versions, TENANT, &later, start());
        assert_eq!(now(keyed).unwrap().written, 0, "the row is not there yet");
    });
    let row = party(RecordKind::Contact, 1, &[("firstname", "Ann"), ("lastname", "Smith")]);
    now(org.write(&store, vec![(row.clone(), Expect::Absent)]));
    let kept = now(all(&store.inner, RecordKind::Contact)).remove(0);
    let matches =
        |keys: &[LookupKey]| keys.iter().filter(|key| key.kind() == LookupKind::Match).count();
    assert_eq!(matches(kept.record.keys()), 2);
    let mut keys = plan.keyings().lookup_keys(&row, store.keyer());
    keys.sort_unstable();
    assert_eq!(kept.record.keys(), keys);
}

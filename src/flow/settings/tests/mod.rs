//! The flows, with others in between.

mod links;
mod permissions;
mod provision;

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::flow::table::{Table, run};
use crate::flow::{FlowError, FlowErrorKind, ROUNDS};
use crate::record::{MAX_PAGE, Record, Version, Versioned};
use crate::settings::sample::{SamplePage, SamplePageBuilder};
use crate::settings::{
    DataProtection, EmailSettings, LeadScoringConfiguration, Permission, Permissions,
    SettingsRecord, Stored,
};

const TENANT: TenantId = TenantId::new(7);
const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
static VERSIONS: Versions = Versions::from_secret([5; 16]);

const fn id(number: u128) -> RecordId {
    RecordId::new(number)
}

fn administrator() -> Editor<'static> {
    let actor = Actor::new(id(99), Permissions::ALL);
    Editor::new(TENANT, actor, NOW + TimeDelta::minutes(1), &VERSIONS)
}

fn page(make: impl FnOnce(SamplePageBuilder) -> SamplePageBuilder) -> SamplePage {
    make(SamplePage::builder().name("page")).build().unwrap()
}

fn kept<T: SettingsRecord>(store: &Table, stored: &Stored<T>) -> Versioned {
    let record = stored.to_record(crate::store::Store::keyer(store)).unwrap();
    Versioned { record, version: stored.version }
}

/// A provisioned organization, as far as the flows ask for it.
fn provisioned() -> Table {
    let store = Table::new();
    mark(&store);
    store
}

fn mark(store: &Table) {
    let own = organization(TENANT);
    let email = Stored::new(own, Version::new(1), NOW, EmailSettings::default());
    store.put(kept(store, &email));
}

/// With so many pages, of which the first is the default.
fn with_pages(pages: u128) -> Table {
    let store = provisioned();
    for number in 1..=pages {
        let value = page(|page| page.default(number == 1));
        let stored = Stored::new(id(number), VERSIONS.next(), NOW, value);
        store.put(kept(&store, &stored));
    }
    store
}

fn read_page(store: &Table, number: u128) -> Stored<SamplePage> {
    run(get(store, TENANT, id(number))).unwrap().unwrap()
}

fn defaults(store: &Table) -> Vec<u128> {
    let pages = run(list::<SamplePage, _>(store, TENANT)).unwrap();
    pages.iter().filter(|page| page.is_default()).map(|page| page.id.get()).collect()
}

fn refused<T: std::fmt::Debug>(changed: Result<Changed<T>, FlowError>) -> Refused {
    match changed.unwrap() {
        Changed::Refused(reason) => reason,
        other => panic!("expected a refusal, found {other:?}"),
    }
}

fn done<T: std::fmt::Debug>(changed: Result<Changed<T>, FlowError>) -> Stored<T> {
    match changed.unwrap() {
        Changed::Done(stored) => stored,
        other => panic!("expected it to be done, found {other:?}"),
    }
}

#[test]
fn before_it_is_provisioned_an_organization_answers_that() {
    let (store, editor) = (Table::new(), administrator());
    let kind = |error: FlowError| error.kind();
    let unprovisioned = FlowErrorKind::NotProvisioned;
    let value = || page(|page| page);
    assert_eq!(run(get::<SamplePage, _>(&store, TENANT, id(1))).map_err(kind), Err(unprovisioned));
    assert_eq!(run(list::<SamplePage, _>(&store, TENANT)).map_err(kind), Err(unprovisioned));
    let paged = run(super::page::<SamplePage, _>(&store, TENANT, None, 9));
    assert_eq!(paged.map_err(kind), Err(unprovisioned));
    assert_eq!(run(default_of::<SamplePage, _>(&store, TENANT)).map_err(kind), Err(unprovisioned));
    assert_eq!(run(create(&store, &editor, id(1), value())).map_err(kind), Err(unprovisioned));
    let seen = Version::new(1);
    let changed = run(change(&store, &editor, id(1), seen, value()));
    assert_eq!(changed.map_err(kind), Err(unprovisioned));
    let deleted = run(delete::<SamplePage, _>(&store, &editor, id(1), seen));
    assert_eq!(deleted.map_err(kind), Err(unprovisioned));
    let made = run(make_default::<SamplePage, _>(&store, &editor, id(1)));
    assert_eq!(made.map_err(kind), Err(unprovisioned));
}

/// A001, A065, A134: any number of them may be kept.
#[test]
fn any_number_of_records_of_a_page_are_made_and_listed_and_deleted() {
    let (store, editor) = (provisioned(), administrator());
    let value = || LeadScoringConfiguration::builder().name("same name").build().unwrap();
    for number in 1..=20 {
        let made = done(run(create(&store, &editor, id(number), value())));
        assert_eq!((made.created, made.modified, made.active), (editor.now, editor.now, true));
        assert_eq!(run(get(&store, TENANT, id(number))).unwrap(), Some(made));
    }
    let all = run(list::<LeadScoringConfiguration, _>(&store, TENANT)).unwrap();
    assert_eq!(all.len(), 20);
    let part = run(super::page::<LeadScoringConfiguration, _>(&store, TENANT, None, 15)).unwrap();
    let rest =
        run(super::page::<LeadScoringConfiguration, _>(&store, TENANT, part.next, 15)).unwrap();
    assert_eq!((part.items, rest.items), (all[..15].to_vec(), all[15..].to_vec()));
    for stored in &all {
        let deleted = done(run(delete(&store, &editor, stored.id, stored.version)));
        assert_eq!(&deleted, stored);
    }
    assert_eq!(run(list::<LeadScoringConfiguration, _>(&store, TENANT)).unwrap(), []);
}

#[test]
fn whoever_lacks_the_permission_changes_nothing() {
    let store = with_pages(2);
    let one = read_page(&store, 1);
    let actor = Actor::new(id(99), Permissions::ALL.without(Permission::MarketingSettings));
    let editor = Editor { actor, ..administrator() };
    let denied = Changed::Denied(Permission::MarketingSettings);
    let calls = store.calls();
    let value = || page(|page| page.name("new"));
    assert_eq!(run(create(&store, &editor, id(3), value())).unwrap(), denied);
    assert_eq!(run(change(&store, &editor, one.id, one.version, value())).unwrap(), denied);
    assert_eq!(run(set_active(&store, &editor, one.id, one.version, false)).unwrap(), denied);
    assert_eq!(run(delete(&store, &editor, one.id, one.version)).unwrap(), denied);
    assert_eq!(run(make_default(&store, &editor, id(2))).unwrap(), denied);
    assert_eq!(store.calls(), calls, "the store was not even asked");
}

#[test]
fn a_change_of_what_somebody_else_changed_first_answers_with_what_is_there() {
    let (store, editor) = (with_pages(2), administrator());
    let seen = read_page(&store, 2);
    let value = |name: &'static str| page(|page| page.name(name));
    let first = done(run(change(&store, &editor, id(2), seen.version, value("first"))));
    assert_eq!((first.created, first.modified), (NOW, editor.now));
    assert_ne!(first.version, seen.version);
    let stale = Changed::Stale(first.clone());
    assert_eq!(run(change(&store, &editor, id(2), seen.version, value("second"))).unwrap(), stale);
    assert_eq!(run(set_active(&store, &editor, id(2), seen.version, false)).unwrap(), stale);
    assert_eq!(run(delete(&store, &editor, id(2), seen.version)).unwrap(), stale);
    assert_eq!(run(create(&store, &editor, id(2), value("third"))).unwrap(), stale);
    assert_eq!(read_page(&store, 2), first);

    // Between the question and the commit.
    store.before(1, move |store| {
        let editor = administrator();
        let _ = done(run(change(store, &editor, id(2), first.version, page(|p| p.name("faster")))));
    });
    let seen = read_page(&store, 2).version;
    let Changed::Stale(found) = run(change(&store, &editor, id(2), seen, value("slower"))).unwrap()
    else {
        panic!("an update was lost");
    };
    assert_eq!(found.value.name().as_str(), "faster");
    store.before(1, |store| {
        let seen = read_page(store, 2).version;
        let _ = done(run(delete::<SamplePage, _>(store, &administrator(), id(2), seen)));
    });
    let changed = run(change(&store, &editor, id(2), found.version, value("late"))).unwrap();
    assert_eq!(changed, Changed::Missing);
    let deleted = run(delete::<SamplePage, _>(&store, &editor, id(2), found.version)).unwrap();
    assert_eq!(deleted, Changed::Missing);
    assert_eq!(
        run(make_default::<SamplePage, _>(&store, &editor, id(2))).unwrap(),
        Changed::Missing
    );
    assert_eq!(run(get::<SamplePage, _>(&store, TENANT, id(2))).unwrap(), None);
}

#[test]
fn a_change_to_what_is_there_writes_nothing() {
    let (store, editor) = (with_pages(2), administrator());
    let one = read_page(&store, 1);
    let calls = store.calls();
    let same = run(change(&store, &editor, one.id, one.version, one.value.clone())).unwrap();
    assert_eq!(same, Changed::Done(one.clone()));
    let same = run(set_active(&store, &editor, one.id, one.version, true)).unwrap();
    assert_eq!(same, Changed::Done(one.clone()));
    assert_eq!(run(make_default(&store, &editor, one.id)).unwrap(), Changed::Done(one.clone()));
    assert_eq!(store.calls(), calls + 3, "one question each");
    assert_eq!(read_page(&store, 1), one);
}

/// A066, A067; facts 7.2.
#[test]
fn making_a_record_the_default_takes_the_mark_from_the_former_in_the_same_batch() {
    let (store, editor) = (with_pages(3), administrator());
    let before = read_page(&store, 1);
    let made = done(run(make_default::<SamplePage, _>(&store, &editor, id(2))));
    assert!(made.is_default() && made.value.default());
    assert_eq!(run(default_of(&store, TENANT)).unwrap(), Some(made));
    let former = read_page(&store, 1);
    assert_eq!(former.value, before.value.with_default(false));
    assert_eq!((former.created, former.modified), (NOW, editor.now));
    assert_eq!(defaults(&store), [2]);

    // By a change, by a new record, by an activation.
    let three = read_page(&store, 3);
    let marked = page(|page| page.default(true));
    let _ = done(run(change(&store, &editor, id(3), three.version, marked.clone())));
    assert_eq!(defaults(&store), [3]);
    let _ = done(run(create(&store, &editor, id(4), marked.clone())));
    assert_eq!(defaults(&store), [4]);
    let two = read_page(&store, 2);
    let off = done(run(set_active::<SamplePage, _>(&store, &editor, id(2), two.version, false)));
    let off = done(run(change(&store, &editor, id(2), off.version, marked)));
    assert_eq!(defaults(&store), [4], "the mark of an inactive record means nothing");
    let _ = done(run(set_active::<SamplePage, _>(&store, &editor, id(2), off.version, true)));
    assert_eq!(defaults(&store), [2]);
}

/// A068; facts 7.2.
#[test]
fn the_only_default_cannot_lose_its_mark() {
    let (store, editor) = (with_pages(2), administrator());
    let one = read_page(&store, 1);
    let unmarked = one.value.clone().with_default(false);
    let reason = refused(run(change(&store, &editor, id(1), one.version, unmarked.clone())));
    assert_eq!(reason, Refused::OnlyDefault(Attempt::Unmark));
    let off = run(set_active::<SamplePage, _>(&store, &editor, id(1), one.version, false));
    assert_eq!(refused(off), Refused::OnlyDefault(Attempt::Deactivate));
    assert_eq!(read_page(&store, 1), one);
    // Another one may.
    let _ = done(run(make_default::<SamplePage, _>(&store, &editor, id(2))));
    let one = read_page(&store, 1);
    let off = done(run(set_active::<SamplePage, _>(&store, &editor, id(1), one.version, false)));
    assert!(!off.active);
    let inactive = refused(run(make_default::<SamplePage, _>(&store, &editor, id(1))));
    assert_eq!(inactive, Refused::Inactive);
    assert_eq!(defaults(&store), [2]);
}

/// A069; facts 7.2.
#[test]
fn the_only_default_cannot_be_deleted() {
    let (store, editor) = (with_pages(2), administrator());
    let one = read_page(&store, 1);
    let deleted = run(delete::<SamplePage, _>(&store, &editor, id(1), one.version));
    assert_eq!(refused(deleted), Refused::OnlyDefault(Attempt::Delete));
    let two = read_page(&store, 2);
    let _ = done(run(delete::<SamplePage, _>(&store, &editor, id(2), two.version)));
    assert_eq!(defaults(&store), [1]);
}

/// Design 4: at most one is the default; to have none is allowed.
#[test]
fn where_there_may_be_no_default_the_mark_goes_as_it_came() {
    let (store, editor) = (provisioned(), administrator());
    let value = |default| DataProtection::builder().name("x").default(default).build().unwrap();
    assert_eq!(run(default_of::<DataProtection, _>(&store, TENANT)).unwrap(), None);
    let one = done(run(create(&store, &editor, id(1), value(true))));
    let two = done(run(create(&store, &editor, id(2), value(true))));
    assert_eq!(run(default_of(&store, TENANT)).unwrap(), Some(two.clone()));
    let _ = done(run(change(&store, &editor, id(2), two.version, value(false))));
    assert_eq!(run(default_of::<DataProtection, _>(&store, TENANT)).unwrap(), None);
    let one = done(run(make_default::<DataProtection, _>(&store, &editor, one.id)));
    let off =
        done(run(set_active::<DataProtection, _>(&store, &editor, one.id, one.version, false)));
    assert!(off.value.is_default() && !off.is_default());
    assert_eq!(run(default_of::<DataProtection, _>(&store, TENANT)).unwrap(), None);
    let on = done(run(set_active::<DataProtection, _>(&store, &editor, one.id, off.version, true)));
    let _ = done(run(delete::<DataProtection, _>(&store, &editor, one.id, on.version)));
    assert_eq!(run(default_of::<DataProtection, _>(&store, TENANT)).unwrap(), None);
}

#[test]
fn a_page_without_default_mark_has_no_default() {
    let (store, editor) = (provisioned(), administrator());
    let value = LeadScoringConfiguration::builder().name("x").build().unwrap();
    let _ = done(run(create(&store, &editor, id(1), value)));
    let made = run(make_default::<LeadScoringConfiguration, _>(&store, &editor, id(1)));
    assert_eq!(refused(made), Refused::NoDefaultMark);
    assert_eq!(run(default_of::<LeadScoringConfiguration, _>(&store, TENANT)).unwrap(), None);
}

/// Somebody makes another record the default between each two calls of `make_default`.
#[test]
fn whoever_makes_a_default_prevails_over_who_was_faster() {
    let editor = administrator();
    // The calls: load, holders, load, commit; and so again.
    for call in 0..4 {
        let store = with_pages(3);
        store.before(call, |store| {
            let _ = done(run(make_default::<SamplePage, _>(store, &administrator(), id(3))));
        });
        let made = done(run(make_default::<SamplePage, _>(&store, &editor, id(2))));
        assert!(made.is_default());
        assert_eq!(defaults(&store), [2], "call {call}");
    }
    // The record itself is changed meanwhile: the mark goes to what it is now.
    for call in 1..4 {
        let store = with_pages(2);
        store.before(call, |store| {
            let seen = read_page(store, 2).version;
            let value = page(|page| page.name("changed meanwhile"));
            let _ = done(run(change(store, &administrator(), id(2), seen, value)));
        });
        let made = done(run(make_default::<SamplePage, _>(&store, &editor, id(2))));
        assert_eq!(made.value.name().as_str(), "changed meanwhile");
        assert_eq!(defaults(&store), [2], "call {call}");
    }
}

#[test]
fn whoever_loses_every_round_is_told_so() {
    let store = with_pages(9);
    let start = store.calls();
    for round in 0..ROUNDS {
        // Before each commit another one becomes the default, by four calls of its own.
        store.before(4 * round + 3 + 4 * round, move |store| {
            let next = id(3 + (round as u128 % 7));
            let _ = done(run(make_default::<SamplePage, _>(store, &administrator(), next)));
        });
    }
    let error = run(make_default::<SamplePage, _>(&store, &administrator(), id(2))).unwrap_err();
    assert_eq!(error.kind(), FlowErrorKind::Contended);
    assert_eq!(store.calls() - start, 8 * ROUNDS);
    assert_eq!(defaults(&store).len(), 1);
}

/// The holder of the key is asked for, then loaded: in between it loses the mark.
#[test]
fn reading_the_default_never_shows_none_while_it_moves() {
    for moves in 1..ROUNDS {
        let store = with_pages(9);
        for turn in 0..moves {
            // Each round asks twice; each move in between calls four times.
            store.before(2 * turn + 1 + 4 * turn, move |store| {
                let next = id(2 + turn as u128);
                let _ = done(run(make_default::<SamplePage, _>(store, &administrator(), next)));
            });
        }
        let found = run(default_of::<SamplePage, _>(&store, TENANT)).unwrap();
        assert_eq!(found.unwrap().id, id(1 + moves as u128));
    }
    // Deleted in between, after it lost the mark.
    let store = with_pages(2);
    store.before(1, |store| {
        let editor = administrator();
        let _ = done(run(make_default::<SamplePage, _>(store, &editor, id(2))));
        let seen = read_page(store, 1).version;
        let _ = done(run(delete::<SamplePage, _>(store, &editor, id(1), seen)));
    });
    assert_eq!(run(default_of::<SamplePage, _>(&store, TENANT)).unwrap().unwrap().id, id(2));
}

/// The default is asked for before the organization is provisioned, and loaded afterwards.
#[test]
fn reading_the_default_while_it_is_provisioned_shows_it() {
    let store = Table::new();
    store.before(1, |store| {
        mark(store);
        let stored = Stored::new(id(1), Version::new(2), NOW, page(|page| page.default(true)));
        store.put(kept(store, &stored));
    });
    assert_eq!(run(default_of::<SamplePage, _>(&store, TENANT)).unwrap().unwrap().id, id(1));
}

#[test]
fn a_long_list_shows_one_default_though_it_moves_between_its_pages() {
    let store = with_pages(u128::from(MAX_PAGE) + 5);
    // The calls: load, list, list. From the first page to the second one, and back.
    for (from, to) in [(1, 1_003), (1_003, 2)] {
        assert_eq!(run(default_of::<SamplePage, _>(&store, TENANT)).unwrap().unwrap().id, id(from));
        store.before(2, move |store| {
            let _ = done(run(make_default::<SamplePage, _>(store, &administrator(), id(to))));
        });
        assert_eq!(defaults(&store), [to]);
    }
}

#[test]
fn more_records_than_can_be_listed_are_an_error_and_can_be_paged() {
    let store = with_pages(MAX_RECORDS as u128);
    assert_eq!(run(list::<SamplePage, _>(&store, TENANT)).unwrap().len(), MAX_RECORDS);
    let one_more = Stored::new(id(20_000), VERSIONS.next(), NOW, page(|page| page));
    store.put(kept(&store, &one_more));
    let error = run(list::<SamplePage, _>(&store, TENANT)).unwrap_err();
    assert_eq!(error.kind(), FlowErrorKind::TooMany);
    let last = run(super::page(&store, TENANT, Some(id(MAX_RECORDS as u128)), 9)).unwrap();
    assert_eq!((last.items, last.next), (vec![one_more], None));
}

#[test]
fn a_record_that_cannot_be_read_is_an_error_of_the_store() {
    let store = with_pages(1);
    let record = Record::new(SamplePage::KIND.of(id(1)), NOW, "{}").unwrap();
    store.put(Versioned { record, version: Version::new(1) });
    let error = run(get::<SamplePage, _>(&store, TENANT, id(1))).unwrap_err();
    assert_eq!(error.kind(), FlowErrorKind::Store);
    let said = error.store_error().unwrap().to_string();
    assert_eq!(said, "reading a record of settings: the store cannot be read");
}

/// What a later version, or another writer, left there.
#[test]
fn a_record_that_cannot_be_read_can_be_deleted() {
    let (store, editor) = (with_pages(1), administrator());
    let unread = |id, body: &str, default: bool| {
        let record = Record::new(SamplePage::KIND.of(id), NOW, body).unwrap();
        let key = Stored::<SamplePage>::default_key(crate::store::Store::keyer(&store));
        let unique = default.then_some(key);
        let record = record.with_unique(unique).unwrap();
        store.put(Versioned { record, version: Version::new(9) });
    };
    unread(id(2), "{}", false);
    let changed = run(change(&store, &editor, id(2), Version::new(9), page(|page| page)));
    assert_eq!(changed.unwrap_err().kind(), FlowErrorKind::Store);
    let late = run(delete::<SamplePage, _>(&store, &editor, id(2), Version::new(8)));
    assert_eq!(late.unwrap_err().kind(), FlowErrorKind::Store);
    let gone = run(delete::<SamplePage, _>(&store, &editor, id(2), Version::new(9)));
    assert_eq!(gone.unwrap(), Changed::Removed);
    assert_eq!(run(get::<SamplePage, _>(&store, TENANT, id(2))).unwrap(), None);
    assert_eq!(Changed::<SamplePage>::Removed.done(), None);
    // The only default stays though nobody can read it.
    unread(id(1), "{}", true);
    let kept = run(delete::<SamplePage, _>(&store, &editor, id(1), Version::new(9)));
    assert_eq!(refused(kept), Refused::OnlyDefault(Attempt::Delete));
}

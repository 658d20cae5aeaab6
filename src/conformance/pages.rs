//! Lists in pages, and questions in batches.

use std::fmt::Debug;

use super::case::{Checked, Outcome};
use super::harness::Harness;
use super::sample::{
    at, claim, create, name, open, recipient, record, register, scope, sent, settle,
};
use super::world::{TENANT, World};
use crate::claim::{ClaimId, ClaimPageQuery, ClaimState, RecipientKey, Registration};
use crate::id::RecordId;
use crate::index::{IndexKind, Lookup};
use crate::record::{Area, Page, RecordKind, RecordLookup, RecordPageQuery};
use crate::store::{Change, Expect};

const MISSED: &str = "a list leaves out what is there, or brings it twice: a restart forgets it";

/// How often a page is asked for at most: more than any list here has.
const PAGES: usize = 100;

/// C-PAG-1.
pub(super) fn every_item_once<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    if !world.kinds().is_empty() {
        records(&world)?;
    }
    if world.has(Area::Ledger) {
        claims(&world)?;
    }
    Ok(Outcome::HELD)
}

fn records<H: Harness>(world: &World<'_, H>) -> Checked {
    let kind = world.kind();
    let page = world.list(TENANT, &RecordPageQuery::new(kind))?;
    world.same(&page, &Page { items: vec![], next: None }, "an empty list has items, or no end")?;
    let put = |id: u128| create(kind.of(RecordId::new(id)), world.version(), &[]);
    let all: Vec<u128> = (1..=12).map(|n| n * 10).chain([300, 1 << 70, u128::MAX]).collect();
    for id in &all {
        world.apply([put(*id)?], MISSED)?;
    }
    if let Some(other) = world.kinds().into_iter().find(|other| *other != kind) {
        world.apply([create(other.of(RecordId::new(15)), world.version(), &[])?], MISSED)?;
    }
    for limit in [1, 2, 3, 5, 14, 15, 16, 1_000] {
        let found = walk(world, limit, &mut |_, _| Ok(()))?;
        world.same(&found, &all, MISSED)?;
    }
    // Between the pages some come before the cursor, some behind it, and some go.
    let mut inserted: Vec<u128> = Vec::new();
    let found = walk(world, 3, &mut |step, last| {
        let mut make = |id: u128| {
            inserted.push(id);
            world.apply([put(id)?], MISSED)
        };
        make(1 + step as u128)?;
        make(last.saturating_sub(1))?;
        make(last.saturating_add(2))?;
        if step == 0 {
            let gone = kind.of(RecordId::new(10));
            let expect = world.load_one(gone)?.map(|found| found.version);
            let expect = expect.ok_or_else(|| world.fail(MISSED))?;
            world.apply([Change::Delete { record: gone, expect }], MISSED)?;
        }
        Ok(())
    })?;
    ascending(world, &found)?;
    let throughout: Vec<_> = found.into_iter().filter(|id| !inserted.contains(id)).collect();
    world.same(&throughout, &all, MISSED)
}

/// The ids of all records, page by page; between two pages `meanwhile` is done, with the cursor.
fn walk<H: Harness>(
    world: &World<'_, H>,
    limit: u16,
    meanwhile: &mut dyn FnMut(usize, u128) -> Checked,
) -> Checked<Vec<u128>> {
    let mut query = RecordPageQuery::new(world.kind()).limit(limit);
    let mut found = Vec::new();
    for step in 0..PAGES {
        let page = world.list(TENANT, &query)?;
        world.holds(page.items.len() <= limit.into(), "a page is longer than was asked for")?;
        found.extend(page.items.iter().map(|item| item.record.reference().id().get()));
        let Some(next) = page.next else { return Ok(found) };
        let last = page.items.last().map(|item| item.record.reference().id());
        world.same(&Some(next), &last, "a page continues elsewhere than behind its last item")?;
        // A few steps suffice to disturb; a list that grows for ever has no end.
        if step < 3 {
            meanwhile(step, next.get())?;
        }
        query = query.after(next);
    }
    Err(world.fail("a list has no end: whoever reads it never comes back"))
}

fn ascending<H: Harness, T: Ord + Debug>(world: &World<'_, H>, found: &[T]) -> Checked {
    let ordered = found.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
    world.holds(ordered, "a list is out of order, so that its pages overlap")
}

fn claims<H: Harness>(world: &World<'_, H>) -> Checked {
    let id = |text: &str| -> Checked<ClaimId> {
        Ok(ClaimId { scope: scope(1), recipient: recipient(text)? })
    };
    let page = world.claim_page(TENANT, &ClaimPageQuery::new(scope(1)))?;
    world.same(&page, &Page { items: vec![], next: None }, "an empty list has items, or no end")?;
    let mut all: Vec<(RecipientKey, _)> = Vec::new();
    for text in ["b", "bb", "c", "\u{e9}", "d", "e", "ab", "z", "f", "g"] {
        world.apply([claim(&id(text)?, 1)], MISSED)?;
        let settled = matches!(text, "c" | "e" | "z");
        if settled {
            world.apply([settle(&id(text)?, 1)], MISSED)?;
        }
        all.push((recipient(text)?, if settled { sent(1) } else { open(1) }));
    }
    for message in [0, 2] {
        let elsewhere = ClaimId { scope: scope(message), recipient: recipient("cc")? };
        world.apply([claim(&elsewhere, 1)], MISSED)?;
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    for state in [None, Some(ClaimState::Open), Some(ClaimState::Sent)] {
        let mut wanted = all.clone();
        wanted.retain(|(_, claim)| state.is_none_or(|state| claim.state() == state));
        for limit in [1, 2, 3, 7, 10, 1_000] {
            let found = walk_claims(world, limit, state, &mut |_, _| Ok(()))?;
            world.same(&found, &wanted, MISSED)?;
        }
    }
    // Between the pages one comes before the cursor and one behind it, and another is given up.
    let mut inserted: Vec<RecipientKey> = Vec::new();
    let found = walk_claims(world, 2, None, &mut |step, last| {
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        let behind = text(last.as_bytes().split_first().map_or(&[][..], |(_, rest)| rest));
        for new in [format!("a{step}"), format!("{behind}!")] {
            inserted.push(recipient(&new)?);
            world.apply([claim(&id(&new)?, 2)], MISSED)?;
        }
        if step == 0 {
            world.apply([super::sample::release(&id("ab")?, 1)], MISSED)?;
        }
        Ok(())
    })?;
    ascending(world, &found.iter().map(|(key, _)| key).collect::<Vec<_>>())?;
    let throughout: Vec<_> = found.into_iter().filter(|(k, _)| !inserted.contains(k)).collect();
    world.same(&throughout, &all, MISSED)
}

fn walk_claims<H: Harness>(
    world: &World<'_, H>,
    limit: u16,
    state: Option<ClaimState>,
    meanwhile: &mut dyn FnMut(usize, &RecipientKey) -> Checked,
) -> Checked<Vec<(RecipientKey, crate::claim::SendClaim)>> {
    let mut query = ClaimPageQuery::new(scope(1)).limit(limit);
    if let Some(state) = state {
        query = query.in_state(state);
    }
    let mut found = Vec::new();
    for step in 0..PAGES {
        let page = world.claim_page(TENANT, &query)?;
        world.holds(page.items.len() <= limit.into(), "a page is longer than was asked for")?;
        let last = page.items.last().map(|(key, _)| key.clone());
        found.extend(page.items);
        let Some(next) = page.next else { return Ok(found) };
        let suffered = "a page continues elsewhere than behind its last item";
        world.same(&Some(&next), &last.as_ref(), suffered)?;
        if step < 3 {
            meanwhile(step, &next)?;
        }
        query = query.after(next);
    }
    Err(world.fail("a list has no end: whoever reads it never comes back"))
}

/// C-BAT-1.
pub(super) fn in_order_of_the_question<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let suffered = "an answer is taken for that to another question: one record's data in another";
    if !world.kinds().is_empty() {
        let records = [3, 9, 1, 3, 2, 9].map(|id| world.record(id));
        let keys = ["c", "none", "a", "c", "b", "none"].map(|text| world.unique(text));
        for (id, text) in [(1, "a"), (2, "b"), (3, "c")] {
            let put = create(world.record(id), world.version(), &[world.unique(text)])?;
            world.apply([put], suffered)?;
        }
        let wanted = records.map(|r| (r.id().get() < 9).then_some(r)).to_vec();
        let found = world.load(TENANT, &records)?;
        let found: Vec<_> =
            found.iter().map(|f| f.as_ref().map(|f| f.record.reference())).collect();
        world.same(&found, &wanted, suffered)?;
        world.same(&world.holders(TENANT, &keys)?, &wanted, suffered)?;
        world.same(&world.load(TENANT, &[])?, &vec![], suffered)?;
        world.same(&world.holders(TENANT, &[])?, &vec![], suffered)?;
    }
    if world.has(Area::Ledger) {
        let asked = ["c", "none", "a", "c", "b", "none"];
        for (n, text) in [(1, "a"), (2, "b"), (3, "c")] {
            world.apply([claim(&super::sample::send(text)?, n)], suffered)?;
        }
        let recipients: Checked<Vec<_>> = asked.into_iter().map(recipient).collect();
        let wanted =
            [Some(3), None, Some(1), Some(3), Some(2), None].map(|by| by.map(open)).to_vec();
        world.same(&world.claims(TENANT, &scope(1), &recipients?)?, &wanted, suffered)?;
        world.same(&world.claims(TENANT, &scope(1), &[])?, &vec![], suffered)?;
    }
    if world.has(Area::Register) {
        for (until, text) in [(1, "a"), (2, "b"), (3, "c")] {
            world.apply([register(&name(text)?, Some(until), 0)], suffered)?;
        }
        let names: Checked<Vec<_>> =
            ["c", "none", "a", "c", "b", "none"].map(name).into_iter().collect();
        let wanted = [Some(3), None, Some(1), Some(3), Some(2), None]
            .map(|until| until.map(|until| Registration::new(TENANT, Some(at(until)))))
            .to_vec();
        world.same(&world.registrations(&names?)?, &wanted, suffered)?;
        world.same(&world.registrations(&[])?, &vec![], suffered)?;
    }
    lookups(&world, suffered)?;
    Ok(Outcome::HELD)
}

fn lookups<H: Harness>(world: &World<'_, H>, suffered: &str) -> Checked {
    let asked = ["c", "none", "a", "c", "b", "none"];
    let wanted = [Some(3), None, Some(1), Some(3), Some(2), None];
    if world.has(Area::Messages) {
        for (id, text) in [(1, "a"), (2, "b"), (3, "c")] {
            let key = world.key(IndexKind::Token, text);
            world.apply([super::sample::mail(id, 1, vec![key])], suffered)?;
        }
        let lookups = asked.map(|text| Lookup::new(world.key(IndexKind::Token, text)));
        let answer = world.find(TENANT, &lookups)?;
        let found: Vec<_> =
            (0..asked.len()).map(|at| answer.newest(at).map(|row| row.id().get())).collect();
        world.same(&found, &wanted.to_vec(), suffered)?;
    }
    if world.has(Area::Directory) {
        for (id, text) in [(1, "a"), (2, "b"), (3, "c")] {
            let lead = RecordKind::Lead.of(RecordId::new(id));
            let record = record(lead, 1, "", &[], &[world.lookup_key(text)])?;
            let put = Change::Put { record, version: world.version(), expect: Expect::Absent };
            world.apply([put], suffered)?;
        }
        let lookups = asked.map(|text| RecordLookup::new(world.lookup_key(text)));
        let answer = world.find_records(TENANT, &lookups)?;
        let id = |at| answer.found(at).first().map(|f| f.record.reference().id().get());
        let found: Vec<_> = (0..asked.len()).map(id).collect();
        world.same(&found, &wanted.to_vec(), suffered)?;
    }
    Ok(())
}

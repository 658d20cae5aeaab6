//! Records by look-up key.

use super::case::{Checked, Outcome};
use super::harness::Harness;
use super::sample::record;
use super::world::{TENANT, World};
use crate::id::RecordId;
use crate::index::COUNT_CAP;
use crate::record::{Area, LookupKind, RecordKind, RecordLookup, RecordRef, Version, Versioned};
use crate::store::{Change, Expect};

const WRONG: &str = "a submission is merged into another record than the one modified last";

/// Kind, id, time of modification in seconds, and whether it is active.
const RECORDS: [(RecordKind, u128, i64, bool); 9] = [
    (RecordKind::Contact, 1, 10, true),
    (RecordKind::Lead, 1, 10, true),
    (RecordKind::Account, 1, 10, false),
    (RecordKind::Contact, 1 << 90, 10, true),
    (RecordKind::Lead, 256, 10, true),
    (RecordKind::Contact, 3, -5, true),
    (RecordKind::EmailEnabled, 2, 99, false),
    (RecordKind::Contact, 7, 50, true),
    (RecordKind::Contact, 0, 50, true),
];

/// C-DIR-1.
pub(super) fn ordered<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let (key, other) = (world.lookup_key("a"), world.lookup_key("b"));
    let mut there: Vec<Versioned> = Vec::new();
    for (kind, id, seconds, active) in RECORDS {
        let made = record(kind.of(RecordId::new(id)), seconds, "made", &[], &[other, key])?;
        let record = if active { made } else { made.inactive() };
        let version = world.version();
        there.push(Versioned { record: record.clone(), version });
        world.apply([Change::Put { record, version, expect: Expect::Absent }], WRONG)?;
    }
    all_in_order(&world, &there)?;

    // Modified again, the last comes first; without the key it is not found; deleted, it is gone.
    let changed = there.get(5).cloned();
    let Some(first) = changed else { return Ok(Outcome::HELD) };
    let again = record(first.record.reference(), 120, "modified", &[], &[key])?;
    let version = world.version();
    let expect = Expect::At(first.version);
    world.apply([Change::Put { record: again.clone(), version, expect }], WRONG)?;
    there.retain(|found| found.record.reference() != again.reference());
    there.push(Versioned { record: again.clone(), version });
    all_in_order(&world, &there)?;
    let found = world.find_records(TENANT, &[RecordLookup::new(other).rows(64)])?;
    world.same(&found.count(0), &8, "a key that a record gave up finds it still")?;
    world.same(&found.found(0).len(), &8, "a key that a record gave up finds it still")?;

    world.apply([Change::Delete { record: again.reference(), expect: version }], WRONG)?;
    there.retain(|found| found.record.reference() != again.reference());
    all_in_order(&world, &there)?;

    let unknown = [
        RecordLookup::new(world.lookup_key("c")),
        RecordLookup::new(crate::record::LookupKey::from_parts(LookupKind::Match, *key.hash())),
    ];
    let answer = world.find_records(TENANT, &unknown)?;
    for lookup in 0..unknown.len() {
        world.same(&answer.found(lookup), &[].as_slice(), "a key finds what does not carry it")?;
        world.same(&answer.count(lookup), &0, "a key finds what does not carry it")?;
    }
    counted(&world)?;
    related(&world)?;
    Ok(Outcome::HELD)
}

fn all_in_order<H: Harness>(world: &World<'_, H>, there: &[Versioned]) -> Checked {
    let mut expected = there.to_vec();
    expected.sort_by_key(|found| {
        let reference = found.record.reference();
        std::cmp::Reverse((found.record.modified(), reference.id(), reference.kind()))
    });
    for rows in [1, 2, 3, 8, 9, 64] {
        let answer =
            world.find_records(TENANT, &[RecordLookup::new(world.lookup_key("a")).rows(rows)])?;
        let wanted: Vec<_> = expected.iter().take(rows.into()).cloned().collect();
        world.same(&answer.found(0).to_vec(), &wanted, WRONG)?;
        world.same(&usize::from(answer.count(0)), &there.len(), "how common a key is, is wrong")?;
    }
    Ok(())
}

fn counted<H: Harness>(world: &World<'_, H>) -> Checked {
    let key = world.lookup_key("common");
    for n in 1..=u32::from(COUNT_CAP) + 2 {
        let lead = RecordKind::Lead.of(RecordId::new(10_000 + u128::from(n)));
        let record = record(lead, 1, "", &[], &[key])?;
        let put = Change::Put { record, version: world.version(), expect: Expect::Absent };
        world.apply([put], WRONG)?;
        let answer = world.find_records(TENANT, &[RecordLookup::new(key)])?;
        let count = n.min(COUNT_CAP.into());
        world.same(&u32::from(answer.count(0)), &count, "how common a key is, is wrong")?;
        world.same(&answer.found(0).len(), &1, "a look-up brings more than it asked for")?;
    }
    Ok(())
}

/// Whatever else carries a look-up key is found by it: the alerts of a mailbox, say.
fn related<H: Harness>(world: &World<'_, H>) -> Checked {
    let key = world.lookup_key("related");
    let others: Vec<RecordRef> = world
        .kinds()
        .into_iter()
        .filter(|kind| kind.area() != Area::Directory)
        .map(|kind| kind.of(RecordId::new(1)))
        .collect();
    for (n, reference) in (0..).zip(&others) {
        let record = record(*reference, n, "", &[], &[key])?;
        let version = Version::new(n as u128);
        world.apply([Change::Put { record, version, expect: Expect::Absent }], WRONG)?;
    }
    let answer = world.find_records(TENANT, &[RecordLookup::new(key).rows(64)])?;
    let found: Vec<_> = answer.found(0).iter().rev().map(|f| f.record.reference()).collect();
    world.same(&found, &others, "what belongs to a record is not found under it")
}

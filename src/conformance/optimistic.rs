//! Versions: nobody overwrites what he has not seen.

use super::case::{Checked, Outcome};
use super::harness::Harness;
use super::race::RACERS;
use super::sample::{at, create, update};
use super::world::{TENANT, World};
use crate::id::RecordId;
use crate::record::{Area, LookupKey, Record, RecordLookup, RecordPageQuery, Version};
use crate::store::{Change, Commit, Expect, Reason, Refusal};

const LOST: &str =
    "a change that was made and acknowledged is overwritten by one that never saw it";
const BLOCKED: &str = "a change that fits is refused";

const fn stale(found: Option<Version>) -> Reason {
    Reason::Stale { found }
}

/// C-OCC-1.
pub(super) fn no_update_lost<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let record = world.record(1);
    let first = world.version();
    world.apply([create(record, first, &[])?], BLOCKED)?;
    // Both load, then both write.
    let (ann, bob) = (world.load_one(record)?, world.load_one(record)?);
    let (Some(ann), Some(bob)) = (ann, bob) else {
        return Err(world.fail("a record that was written is not there"));
    };
    let next = world.version();
    world.apply([update(record, ann.version, next, &[])?], BLOCKED)?;
    let late = [update(record, bob.version, world.version(), &[])?];
    world.refuse(late, [(0, stale(Some(next)))], LOST)?;
    let late = [Change::Delete { record, expect: bob.version }];
    world.refuse(late, [(0, stale(Some(next)))], LOST)?;

    // All have loaded, then all write at once.
    let raced = |round: u32| world.record(1_000 + u128::from(round));
    let made = |round: u32, racer: usize| {
        Version::new(1_000 + RACERS as u128 * u128::from(round) + racer as u128)
    };
    for round in 0..world.rounds() {
        world.apply([create(raced(round), next, &[])?], BLOCKED)?;
    }
    let commits = world.race_commits(|round, racer| {
        world.batch(TENANT, [update(raced(round), next, made(round, racer), &[])?])
    })?;
    for (round, commits) in (0..).zip(&commits) {
        let winner = made(round, world.one_wins(commits, LOST)?);
        let found = world.load_one(raced(round))?.map(|found| found.version);
        world.same(&found, &Some(winner), LOST)?;
        let lost = Commit::Refused(vec![Refusal { change: 0, reason: stale(Some(winner)) }]);
        for commit in commits.iter().filter(|commit| !commit.is_applied()) {
            world.same(commit, &lost, "a loser is told of a version that is not there")?;
        }
    }

    // A counter that all of them raise, each looking again when it lost.
    let counter = world.record(2);
    let version = world.version();
    let zero = Record::new(counter, at(0), "0").map_err(|e| world.fail(e.to_string()))?;
    world.apply([Change::Put { record: zero, version, expect: Expect::Absent }], BLOCKED)?;
    let each = world.rounds().min(20);
    world.race(RACERS, |_| (0..each).try_for_each(|_| raise(&world, counter)))?;
    let found = world.load_one(counter)?.map(|found| found.record.body().to_string());
    let all = RACERS * each as usize;
    world.same(&found, &Some(all.to_string()), LOST)?;
    Ok(Outcome::HELD)
}

fn raise<H: Harness>(world: &World<'_, H>, counter: crate::record::RecordRef) -> Checked {
    // Each attempt that loses, another wins: this many suffice for every racer and round.
    for _ in 0..10_000 {
        let Some(found) = world.load_one(counter)? else { break };
        let number: u64 = found.record.body().parse().unwrap_or(0);
        let record = Record::new(counter, at(1), (number + 1).to_string());
        let record = record.map_err(|e| world.fail(e.to_string()))?;
        let expect = Expect::At(found.version);
        let put = Change::Put { record, version: world.version(), expect };
        if world.try_in(TENANT, [put])?.is_applied() {
            return Ok(());
        }
    }
    Err(world.fail("a change is refused for ever, though it is made of what is there"))
}

/// C-OCC-2.
pub(super) fn as_expected<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let [here, gone] = [1, 2].map(|id| world.record(id));
    let (version, wrong) = (world.version(), world.version());
    world.apply([create(here, version, &[])?], BLOCKED)?;
    let there = || [(0, stale(Some(version)))];
    world.refuse([create(here, world.version(), &[])?], there(), LOST)?;
    world.refuse([update(here, wrong, world.version(), &[])?], there(), LOST)?;
    world.refuse([Change::Delete { record: here, expect: wrong }], there(), LOST)?;
    let absent = || [(0, stale(None))];
    let back = "a record that was deleted comes back by a late write";
    world.refuse([update(gone, wrong, world.version(), &[])?], absent(), back)?;
    world.refuse([Change::Delete { record: gone, expect: wrong }], absent(), back)?;
    let found = world.load(TENANT, &[here, gone])?;
    let found: Vec<_> = found.iter().map(|f| f.as_ref().map(|f| f.version)).collect();
    world.same(&found, &vec![Some(version), None], LOST)?;
    // The same id is another record under each kind.
    for kind in world.kinds() {
        if kind != here.kind() {
            let other = kind.of(RecordId::new(1));
            world.apply(
                [create(other, world.version(), &[])?],
                "records of two kinds are mixed up",
            )?;
        }
    }
    Ok(Outcome::HELD)
}

/// C-OCC-3.
pub(super) fn versions_are_kept<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let suffered = "a version that was never given out stands for a record, so none can be updated";
    let record = world.record(1);
    let key = world.lookup_key("a");
    let mut old: Vec<Version> = Vec::new();
    let mut current: Option<Version> = None;
    let chosen = [Version::new(0), Version::new(u128::MAX), Version::new(1), Version::new(1 << 64)];
    let made: Vec<_> = (0..4).map(|_| world.version()).collect();
    for (step, version) in chosen.into_iter().chain(made).enumerate() {
        let expect = current.map_or(Expect::Absent, Expect::At);
        let body = format!("state {step}");
        let written = super::sample::record(record, step as i64, body, &[], &[key])?;
        world.apply([Change::Put { record: written, version, expect }], BLOCKED)?;
        old.extend(current);
        current = Some(version);
        seen_as(&world, record, key, version, suffered)?;
        world_refuses_old(&world, record, &old, current)?;
        if step % 3 == 1 {
            world.apply([Change::Delete { record, expect: version }], BLOCKED)?;
            old.push(version);
            current = None;
            world_refuses_old(&world, record, &old, current)?;
        }
    }
    Ok(Outcome::HELD)
}

fn seen_as<H: Harness>(
    world: &World<'_, H>,
    record: crate::record::RecordRef,
    key: LookupKey,
    version: Version,
    suffered: &str,
) -> Checked {
    let found = world.load_one(record)?.map(|found| found.version);
    world.same(&found, &Some(version), suffered)?;
    let page = world.list(TENANT, &RecordPageQuery::new(record.kind()))?;
    world.same(&page.items.first().map(|found| found.version), &Some(version), suffered)?;
    if world.has(Area::Directory) {
        let answer = world.find_records(TENANT, &[RecordLookup::new(key)])?;
        world.same(&answer.found(0).first().map(|f| f.version), &Some(version), suffered)?;
    }
    Ok(())
}

fn world_refuses_old<H: Harness>(
    world: &World<'_, H>,
    record: crate::record::RecordRef,
    old: &[Version],
    current: Option<Version>,
) -> Checked {
    let again = "a version fits again: a write that saw a record since deleted goes through";
    for version in old {
        world.refuse(
            [update(record, *version, world.version(), &[])?],
            [(0, stale(current))],
            again,
        )?;
        let delete = Change::Delete { record, expect: *version };
        world.refuse([delete], [(0, stale(current))], again)?;
    }
    Ok(())
}

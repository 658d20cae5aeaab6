//! Unique keys: one holder each, and free as soon as they are given up.

use super::case::{Checked, Outcome};
use super::harness::Harness;
use super::race::RACERS;
use super::sample::{create, update};
use super::world::{TENANT, World};
use crate::record::{RecordRef, UniqueKey, Version};
use crate::store::{Change, Commit, Reason, Refusal};

const TWO: &str = "two records have one unique key: two defaults, or one person twice";
const BLOCKED: &str = "a key that nobody has cannot be had";

/// C-UNQ-1.
pub(super) fn one_holder<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let keys = [world.unique("a"), world.unique("b"), world.unique("c")];
    let [a, b, c] = keys;
    let [one, two, three] = [1, 2, 3].map(|id| world.record(id));
    // Both have seen that nobody has the key; then both create.
    let seen = world.holders(TENANT, &[a])?;
    world.same(&seen, &vec![None], "a key has a holder that nobody made")?;
    let first = world.version();
    world.apply([create(one, first, &[a])?], BLOCKED)?;
    let taken = |key, holder| [(0, Reason::Taken { key, holder })];
    world.refuse([create(two, world.version(), &[a])?], taken(a, one), TWO)?;
    // Among other keys, and by an update.
    world.refuse([create(two, world.version(), &keys)?], taken(a, one), TWO)?;
    let second = world.version();
    world.apply([create(two, second, &[b])?], BLOCKED)?;
    world.refuse([update(two, second, world.version(), &[a, b])?], taken(a, one), TWO)?;
    world.apply([create(three, world.version(), &[c])?], BLOCKED)?;
    world.apply(
        [update(one, first, world.version(), &[a])?],
        "a record loses its key by keeping it",
    )?;
    let found = world.holders(TENANT, &keys)?;
    world.same(&found, &vec![Some(one), Some(two), Some(three)], TWO)?;

    let raced = world.race_commits(|round, racer| {
        let (key, first) = race_key(&world, round);
        let own = world.unique(&format!("own {round} {racer}"));
        let record = world.record(first + racer as u128);
        world.batch(TENANT, [create(record, world.version(), &[own, key])?])
    })?;
    for (round, commits) in (0..).zip(&raced) {
        let (key, first) = race_key(&world, round);
        let winner = world.record(first + world.one_wins(commits, TWO)? as u128);
        world.same(&world.holders(TENANT, &[key])?, &vec![Some(winner)], TWO)?;
        let racers: Vec<_> = (0..RACERS as u128).map(|n| world.record(first + n)).collect();
        let there = world.load(TENANT, &racers)?.into_iter().flatten().count();
        world.same(&there, &1, TWO)?;
    }
    Ok(Outcome::HELD)
}

fn race_key<H: Harness>(world: &World<'_, H>, round: u32) -> (UniqueKey, u128) {
    (world.unique(&format!("race {round}")), 1_000 + RACERS as u128 * u128::from(round))
}

/// C-UNQ-2.
pub(super) fn losers_are_told<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let suffered = "the loser of a race updates somebody else than the winner";
    let [a, b] = ["a", "b"].map(|text| world.unique(text));
    let [one, two, three] = [1, 2, 3].map(|id| world.record(id));
    world.apply(
        [create(one, world.version(), &[a])?, create(two, world.version(), &[b])?],
        BLOCKED,
    )?;
    for (keys, holder) in [(vec![a], one), (vec![b], two)] {
        let commit = world.try_in(TENANT, [create(three, world.version(), &keys)?])?;
        world.same(&commit, &lost(keys.first(), holder), suffered)?;
    }
    // Of two that are taken the first of the record's keys is named.
    let commit = world.try_in(TENANT, [create(three, world.version(), &[a, b])?])?;
    let (first, holder) = if a < b { (a, one) } else { (b, two) };
    world.same(
        &commit,
        &lost(Some(&first), holder),
        "another key is named than the first taken",
    )?;

    let raced = world.race_commits(|round, racer| {
        let (key, first) = race_key(&world, round);
        let record = world.record(first + racer as u128);
        world.batch(TENANT, [create(record, world.version(), &[key])?])
    })?;
    for (round, commits) in (0..).zip(&raced) {
        let (key, first) = race_key(&world, round);
        let winner = world.one_wins(commits, TWO)?;
        let lost = lost(Some(&key), world.record(first + winner as u128));
        for commit in commits.iter().filter(|commit| !commit.is_applied()) {
            world.same(commit, &lost, suffered)?;
        }
    }
    Ok(Outcome::HELD)
}

fn lost(key: Option<&UniqueKey>, holder: RecordRef) -> Commit {
    let refusals =
        key.map(|key| Refusal { change: 0, reason: Reason::Taken { key: *key, holder } });
    Commit::Refused(refusals.into_iter().collect())
}

/// C-UNQ-3.
pub(super) fn given_up<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let suffered = "a key that was given up is taken for ever";
    let [a, b] = ["a", "b"].map(|text| world.unique(text));
    let [one, two] = [1, 2].map(|id| world.record(id));
    let versions: Vec<Version> = (0..9).map(|_| world.version()).collect();
    let version = |n: usize| versions.get(n).copied().unwrap_or_else(|| Version::new(n as u128));

    // By an update.
    world.apply([create(one, version(0), &[a, b])?], BLOCKED)?;
    world.apply([update(one, version(0), version(1), &[b])?], BLOCKED)?;
    world.same(&world.holders(TENANT, &[a, b])?, &vec![None, Some(one)], suffered)?;
    world.apply([create(two, version(2), &[a])?], suffered)?;
    world.same(&world.holders(TENANT, &[a, b])?, &vec![Some(two), Some(one)], suffered)?;
    // By deletion.
    world.apply([Change::Delete { record: two, expect: version(2) }], suffered)?;
    world.same(&world.holders(TENANT, &[a])?, &vec![None], suffered)?;
    world.apply([update(one, version(1), version(3), &[a])?], suffered)?;
    world.same(&world.holders(TENANT, &[a, b])?, &vec![Some(one), None], suffered)?;
    // By deletion, for the same record anew.
    world.apply([Change::Delete { record: one, expect: version(3) }], suffered)?;
    world.apply([create(one, version(4), &[a, b])?], suffered)?;
    // Within one batch, in both orders.
    let delete = |record, expect| Change::Delete { record, expect };
    world.apply([delete(one, version(4)), create(two, version(5), &[a, b])?], suffered)?;
    world.apply([create(one, version(6), &[b, a])?, delete(two, version(5))], suffered)?;
    world.same(&world.holders(TENANT, &[a, b])?, &vec![Some(one); 2], suffered)?;
    Ok(Outcome::HELD)
}

/// C-UNQ-4.
pub(super) fn moved<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let suffered = "a default, or a name, cannot be moved without a moment in which nobody has it";
    let keys = ["a", "b", "c"].map(|text| world.unique(text));
    let [a, b, c] = keys;
    let records = [1, 2, 3].map(|id| world.record(id));
    let [one, two, three] = records;
    let mut versions = [world.version(), world.version(), world.version()];
    let mut held: [Vec<UniqueKey>; 3] = [vec![a], vec![b], vec![c]];
    let made = records.iter().zip(versions).zip(&held);
    let made: Checked<Vec<_>> = made.map(|((r, v), keys)| create(*r, v, keys)).collect();
    world.apply(made?, BLOCKED)?;

    // What each of the three has next: a move, back, an exchange, a circle, a chain, all to one.
    let steps: [[Vec<UniqueKey>; 3]; 7] = [
        [vec![], vec![a, b], vec![c]],
        [vec![a], vec![b], vec![c]],
        [vec![b], vec![a], vec![c]],
        [vec![c], vec![b], vec![a]],
        [vec![a], vec![c], vec![b]],
        [vec![], vec![a], vec![c]],
        [vec![a, b, c], vec![], vec![]],
    ];
    for next in steps {
        // In both orders, from the same beginning.
        for reverse in [false, true] {
            let before = held.clone();
            for keys in [&next, &before] {
                let made = [world.version(), world.version(), world.version()];
                let mut changes = Vec::new();
                for (((record, from), version), keys) in
                    records.iter().zip(versions).zip(made).zip(keys)
                {
                    changes.push(update(*record, from, version, keys)?);
                }
                if reverse {
                    changes.reverse();
                }
                world.apply(changes, suffered)?;
                versions = made;
                let expected: Vec<_> = [a, b, c]
                    .iter()
                    .map(|key| {
                        let has = |(_, keys): &(&RecordRef, &Vec<UniqueKey>)| keys.contains(key);
                        records.iter().zip(keys).find(has).map(|(record, _)| *record)
                    })
                    .collect();
                world.same(&world.holders(TENANT, &[a, b, c])?, &expected, suffered)?;
            }
        }
        let made = [world.version(), world.version(), world.version()];
        let mut changes = Vec::new();
        for (((record, from), version), keys) in records.iter().zip(versions).zip(made).zip(&next) {
            changes.push(update(*record, from, version, keys)?);
        }
        world.apply(changes, suffered)?;
        (versions, held) = (made, next);
    }
    // Now `one` has all three. It changes in the batch, but keeps `a`.
    let [first, second, _] = versions;
    let kept = [
        update(one, first, world.version(), &[b])?,
        update(two, second, world.version(), &[c])?,
        create(world.record(4), world.version(), &[a])?,
    ];
    world.apply(kept, suffered)?;
    let found = world.holders(TENANT, &keys)?;
    world.same(&found, &vec![Some(world.record(4)), Some(one), Some(two)], suffered)?;
    world.refuse(
        [create(world.record(5), world.version(), &[c])?],
        [(0, Reason::Taken { key: c, holder: two })],
        TWO,
    )?;
    world.same(&world.load_one(three)?.is_some(), &true, "a record is lost by losing its keys")?;
    Ok(Outcome::HELD)
}

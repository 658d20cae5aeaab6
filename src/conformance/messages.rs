//! Mails: filed once, found in order, forgotten whole.

use super::case::{Checked, Outcome};
use super::harness::Harness;
use super::race::RACERS;
use super::sample::{at, forget, mail};
use super::world::{TENANT, World};
use crate::id::RecordId;
use crate::index::{COUNT_CAP, IndexKey, IndexKind, Kinds, Lookup};
use crate::store::{Commit, Reason, Refusal};

const TWICE: &str = "a mail that is delivered twice becomes two activities";
const BLOCKED: &str = "a mail that was never filed is taken for one that was, and is lost";

const fn filed(holder: u128) -> Reason {
    Reason::Filed { holder: RecordId::new(holder) }
}

/// C-REM-1.
pub(super) fn filed_once<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let id = |text: &str| world.key(IndexKind::MessageId, text);
    let (a, b) = (id("a@x.example"), id("b@x.example"));
    world.apply([mail(1, 1, vec![a])], BLOCKED)?;
    world.refuse([mail(2, 1, vec![a])], [(0, filed(1))], TWICE)?;
    world.refuse([mail(1, 1, vec![b])], [(0, filed(1))], "two mails share an id")?;
    // Of several ids each counts.
    world.refuse([mail(3, 1, vec![b, a])], [(0, filed(1))], TWICE)?;
    world.apply([mail(4, 1, vec![b, id("c@x.example")])], BLOCKED)?;
    world.refuse([mail(5, 1, vec![id("c@x.example")])], [(0, filed(4))], TWICE)?;
    // Naming a mail is not being it, and a mail without an id is not another without an id.
    world.apply([mail(6, 1, vec![a.as_kind(IndexKind::Reference)])], BLOCKED)?;
    let late = id("late@x.example");
    world.apply([mail(9, 1, vec![late.as_kind(IndexKind::Reference)])], BLOCKED)?;
    world.apply([mail(10, 1, vec![late])], "a mail that comes after its answer is lost")?;
    let token = world.key(IndexKind::Token, "x");
    world.apply([mail(7, 1, vec![token]), mail(8, 1, vec![token])], BLOCKED)?;
    world.same(&world.mails(TENANT, a)?, &(vec![1], 1), TWICE)?;

    let first = |round: u32| 1_000 + RACERS as u128 * u128::from(round);
    let shared = |round: u32| id(&format!("race {round}"));
    let raced = world.race_commits(|round, racer| {
        world.batch(TENANT, [mail(first(round) + racer as u128, 1, vec![shared(round)])])
    })?;
    for (round, commits) in (0..).zip(&raced) {
        let winner = first(round) + world.one_wins(commits, TWICE)? as u128;
        let lost = Commit::Refused(vec![Refusal { change: 0, reason: filed(winner) }]);
        for commit in commits.iter().filter(|commit| !commit.is_applied()) {
            world.same(commit, &lost, "a loser is told of a mail that is not the one filed")?;
        }
        world.same(&world.mails(TENANT, shared(round))?, &(vec![winner], 1), TWICE)?;
    }
    let raced = world.race_commits(|round, racer| {
        let own = id(&format!("race {round} {racer}"));
        world.batch(TENANT, [mail((1 << 32) + u128::from(round), 1, vec![own])])
    })?;
    for commits in &raced {
        world.one_wins(commits, "two mails share an id")?;
    }
    Ok(Outcome::HELD)
}

/// C-FGT-1.
pub(super) fn forgotten<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let looked_up = || IndexKind::ALL.into_iter().filter(|kind| kind.is_looked_up());
    let keys: Vec<_> = IndexKind::ALL.iter().map(|kind| world.key(*kind, "a")).collect();
    let others: Vec<_> =
        keys.iter().filter(|k| k.kind() != IndexKind::MessageId).copied().collect();
    world.apply([mail(1, 1, keys.clone()), mail(2, 2, others)], BLOCKED)?;
    world.apply([forget(1)], "a mail cannot be forgotten")?;
    for kind in looked_up() {
        let left = if kind == IndexKind::MessageId { (vec![], 0) } else { (vec![2], 1) };
        let found = world.mails(TENANT, world.key(kind, "a"))?;
        world.same(&found, &left, "a mail that was to be forgotten is found still")?;
    }
    world.apply([forget(1), forget(77)], "forgetting what is not there fails, so no retry ends")?;

    let kept = "a forgotten mail blocks the one that takes its place";
    world.apply([mail(3, 3, vec![world.key(IndexKind::MessageId, "a")])], kept)?;
    world.apply([mail(1, 1, vec![world.key(IndexKind::MessageId, "b")])], kept)?;
    let found = world.mails(TENANT, world.key(IndexKind::Address, "a"))?;
    world.same(
        &found,
        &(vec![2], 1),
        "a mail that was filed anew has keys of the one forgotten",
    )?;
    // Once more with the same id and Message-ID, as a mail that is moved back.
    world.apply([forget(3)], kept)?;
    world.apply([mail(3, 3, keys)], kept)?;
    for kind in looked_up() {
        let (found, _) = world.mails(TENANT, world.key(kind, "a"))?;
        world.holds(found.first() == Some(&3), "a mail that was filed anew is not found")?;
    }
    // In one batch, in both orders: the mail is filed under another id.
    let kept = world.key(IndexKind::MessageId, "moved");
    world.apply([mail(20, 1, vec![kept])], BLOCKED)?;
    world
        .apply([forget(20), mail(21, 1, vec![kept])], "a mail cannot be filed under another id")?;
    world
        .apply([mail(22, 1, vec![kept]), forget(21)], "a mail cannot be filed under another id")?;
    let found = world.mails(TENANT, kept)?;
    world.same(
        &found,
        &(vec![22], 1),
        "a mail that is filed under another id is lost, or twice",
    )?;
    world.refuse([mail(23, 1, vec![kept])], [(0, filed(22))], TWICE)?;
    Ok(Outcome::HELD)
}

/// Id and creation time, in seconds, of mails under one key: ties, late arrivals, great ids.
const MAILS: [(u128, i64); 9] = [
    (5, 50),
    (1, 10),
    (9, 50),
    (1 << 100, 50),
    (2, -40),
    (7, 70),
    (256, 50),
    (3, 30),
    (u128::MAX, 10),
];

/// C-CND-1.
pub(super) fn ordered<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let (key, other) = (world.key(IndexKind::Address, "a"), world.key(IndexKind::Address, "b"));
    let noise = world.key(IndexKind::Reference, "a");
    for (n, (id, seconds)) in (0_u128..).zip(MAILS) {
        world.apply([mail(id, seconds, vec![key, noise])], BLOCKED)?;
        world.apply([mail(1_000 + n, seconds, vec![other])], BLOCKED)?;
    }
    let expected = |since: i64, until: i64, rows: u8| {
        let mut found: Vec<_> = MAILS.into_iter().map(|(id, seconds)| (seconds, id)).collect();
        found.retain(|(seconds, _)| (since..=until).contains(seconds));
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.into_iter().take(rows.into()).map(|(_, id)| id).collect::<Vec<_>>()
    };
    let suffered =
        "the mail that is answered is not among those looked at, or not the newest first";
    for rows in [1, 2, 4, 8, 9, 64] {
        for (since, until) in [(-100, 100), (-40, 50), (10, 50), (11, 49), (50, 50), (30, 10)] {
            let lookup = Lookup::new(key).rows(rows).within(Some(at(since)), Some(at(until)));
            let answer = world.find(TENANT, &[lookup])?;
            let found: Vec<_> = answer.rows(0).map(|row| row.id().get()).collect();
            world.same(&found, &expected(since, until, rows), suffered)?;
        }
    }
    // Each end may be open, and a microsecond counts.
    let micro = chrono::TimeDelta::microseconds(1);
    let windows = [
        (None, Some(at(10)), expected(-100, 10, 64)),
        (Some(at(50)), None, expected(50, 100, 64)),
        (Some(at(50) + micro), None, expected(51, 100, 64)),
        (None, Some(at(10) - micro), expected(-100, 9, 64)),
        (None, None, expected(-100, 100, 64)),
    ];
    for (since, until, expected) in windows {
        let answer = world.find(TENANT, &[Lookup::new(key).rows(64).within(since, until)])?;
        let found: Vec<_> = answer.rows(0).map(|row| row.id().get()).collect();
        world.same(
            &found,
            &expected,
            "a window lets in what lies outside, or leaves out its ends",
        )?;
    }
    // What is carried but not looked up is not found, whatever was filed.
    for kind in IndexKind::ALL.into_iter().filter(|kind| !kind.is_looked_up()) {
        let key = world.key(kind, "carried");
        world.apply([mail(2_000 + u128::from(kind.code()), 1, vec![key])], BLOCKED)?;
        let found = world.mails(TENANT, key)?;
        world.same(
            &found,
            &(vec![], 0),
            "one store correlates by what another does not look up",
        )?;
    }
    Ok(Outcome::HELD)
}

/// C-CND-2.
pub(super) fn counted<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let common = world.key(IndexKind::Address, "common");
    let more = i64::from(COUNT_CAP) + 2;
    for n in 1..=more {
        world.apply([mail(n as u128, n, vec![common])], BLOCKED)?;
        let answer = world.find(TENANT, &[Lookup::new(common)])?;
        let expected = n.min(i64::from(COUNT_CAP)) as u8;
        world.same(&answer.count(0), &expected, "a rare key is taken for a common one, or not")?;
        world.same(&answer.rows(0).count(), &1, "a look-up brings more than it asked for")?;
    }
    for (since, until) in [(1, 3), (5, 5), (7, 6), (3, 40), (-5, 0), (2, 100)] {
        let window = Lookup::new(common).rows(2).within(Some(at(since)), Some(at(until)));
        let answer = world.find(TENANT, &[window])?;
        let there = (since.max(1)..=until.min(more)).count().min(COUNT_CAP.into());
        let suffered = "what lies outside of the window is counted, or what lies inside is not";
        world.same(&usize::from(answer.count(0)), &there, suffered)?;
    }
    world.same(
        &world.mails(TENANT, world.key(IndexKind::Token, "common"))?,
        &(vec![], 0),
        "what nobody carries is found",
    )?;

    // The keys of the kinds asked for: all of them, and no others.
    let mut keys: Vec<IndexKey> = Vec::new();
    for kind in IndexKind::ALL {
        keys.extend(["x", "y"].map(|text| world.key(kind, text)));
    }
    world.apply([mail(500, 1, keys.clone())], BLOCKED)?;
    let mut sets = vec![Kinds::NONE, IndexKind::ALL.into_iter().fold(Kinds::NONE, Kinds::with)];
    sets.extend(IndexKind::ALL.map(|kind| Kinds::NONE.with(kind)));
    sets.push(Kinds::NONE.with(IndexKind::Address).with(IndexKind::Word));
    for carry in sets {
        let answer =
            world.find(TENANT, &[Lookup::new(world.key(IndexKind::Token, "x")).carrying(carry)])?;
        let mut found: Vec<_> = answer.rows(0).flat_map(|row| row.keys()).copied().collect();
        let mut expected: Vec<_> =
            keys.iter().copied().filter(|key| carry.contains(key.kind())).collect();
        found.sort_unstable();
        expected.sort_unstable();
        let suffered = "smart matching compares other keys than those of the mail";
        world.same(&found, &expected, suffered)?;
    }
    Ok(Outcome::HELD)
}

//! Numbers that are handed out once.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use super::case::{Checked, Outcome};
use super::harness::Harness;
use super::race::RACERS;
use super::sample::many;
use super::world::{TENANT, World};
use crate::id::{RecordId, TenantId};
use crate::store::SequenceKey;

const TWICE: &str = "a tracking number is handed out twice: replies go to another's conversation";

const USERS: SequenceKey = SequenceKey::UserNumbers;

const fn counter(user: u128) -> SequenceKey {
    SequenceKey::TokenCounter(RecordId::new(user))
}

/// C-SEQ-1.
pub(super) fn never_twice<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    // Handles stand for processes: each may believe that it is alone.
    let others: Vec<_> = (0..2).map_while(|_| world.another()).collect();
    let handles: Vec<_> = std::iter::once(&world).chain(&others).collect();
    let mut seen = BTreeSet::new();
    let mut note = |numbers: &[u64]| {
        numbers.iter().try_for_each(|n| world.holds(seen.insert(*n), &format!("{TWICE} ({n})")))
    };
    // One after the other, by turns.
    for len in [1, 3, 1, 2] {
        for handle in &handles {
            let block = handle.allocate(TENANT, USERS, many(len))?;
            note(&block.numbers().collect::<Vec<_>>())?;
        }
    }
    let raced = world.races(|round, racer| {
        let Some(handle) = handles.get(racer % handles.len()) else { return Ok(vec![]) };
        let len = many(1 + (round + racer as u32) % 3);
        let mut numbers = Vec::new();
        for _ in 0..3 {
            numbers.extend(handle.allocate(TENANT, USERS, len)?.numbers());
        }
        Ok(numbers)
    })?;
    raced.iter().flatten().try_for_each(|numbers| note(numbers))?;
    Ok(Outcome::HELD)
}

/// C-SEQ-2.
pub(super) fn in_blocks<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let mut last = 0;
    for len in [1, 7, 1, 1_000, 2, 1] {
        let block = world.allocate(TENANT, USERS, many(len))?;
        let suffered = "a block holds fewer or more numbers than were asked for";
        world.same(&block.len(), &many(len), suffered)?;
        world.same(&block.numbers().count(), &(len as usize), suffered)?;
        world.holds(
            block.first() > last,
            &format!(
                "numbers go down, from {last} to {}: newer mail has older tokens",
                block.first()
            ),
        )?;
        last = block.numbers().last().unwrap_or(last);
    }
    // Whatever was returned before a call began lies below what the call returns.
    let returned = AtomicU64::new(last);
    let each = world.rounds();
    world.race(RACERS, |racer| {
        for round in 0..each {
            let before = returned.load(Ordering::SeqCst);
            let block = world.allocate(TENANT, USERS, many(1 + (racer as u32 + round) % 4))?;
            let last = block.numbers().last().unwrap_or(0);
            world.holds(
                block.first() > before,
                &format!("a block begins at {}, after {before} had been returned", block.first()),
            )?;
            returned.fetch_max(last, Ordering::SeqCst);
        }
        Ok(())
    })?;
    Ok(Outcome::HELD)
}

/// C-SEQ-3.
pub(super) fn independent<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let tenants = [1, 2, 0, u128::MAX, 1 << 64].map(TenantId::new);
    let sequences =
        [USERS, counter(0), counter(1), counter(2), counter(1 << 64), counter(u128::MAX)];
    let suffered = "a sequence does not start at 1, or is moved on by another";
    for (n, tenant) in (0..).zip(tenants) {
        for (m, sequence) in (0..).zip(sequences) {
            let len = many(1 + (n + m) % 3);
            let first = world.allocate(tenant, sequence, len)?;
            world.same(&first.first(), &1, suffered)?;
            let second = world.allocate(tenant, sequence, many(1))?;
            world.holds(second.first() > u64::from(len.get()), TWICE)?;
        }
    }
    Ok(Outcome::HELD)
}

/// C-SEQ-4.
pub(super) fn not_after_reopening<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let mut world = world;
    let mut last = [0; 2];
    for len in [1, 5, 1] {
        for (sequence, last) in [USERS, counter(7)].into_iter().zip(&mut last) {
            let block = world.allocate(TENANT, sequence, many(len))?;
            world.holds(block.first() > *last, TWICE)?;
            *last = block.numbers().last().unwrap_or(*last);
        }
        let Some(again) = world.reopen() else {
            return Ok(Outcome::skipped("the store is not durable"));
        };
        world = again;
    }
    for (sequence, last) in [USERS, counter(7)].into_iter().zip(last) {
        world.holds(world.allocate(TENANT, sequence, many(1))?.first() > last, TWICE)?;
    }
    Ok(Outcome::HELD)
}

//! All or nothing, and visible at once.

use super::case::{Checked, Outcome};
use super::harness::Harness;
use super::sample::{
    claim, create, mail, name, open, register, release, send, settle, take_over, update,
};
use super::spread::{Seen, Spread};
use super::world::{TENANT, World};
use crate::claim::Registration;
use crate::index::IndexKind;
use crate::record::{Area, Version};
use crate::store::Change;

const LEFT: &str = "a refused batch left something behind: whoever decides again decides on ruins";

/// C-ATM-1.
pub(super) fn nothing_left<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let version = blockers(&world)?;
    let mut number = 0;
    for poison in poisons(&world, version)? {
        // The change that does not apply comes first, in the middle, last.
        for place in 0..3 {
            number += 1;
            let spread = Spread::prepare(&world, number)?;
            let mut changes = spread.changes(&world)?;
            changes.insert(changes.len() * place / 2, poison.clone());
            let commit = world.try_in(TENANT, changes)?;
            world
                .holds(!commit.is_applied(), "a batch is applied though a change does not apply")?;
            world.same(&spread.seen(&world)?, &Seen::Nothing, LEFT)?;
            // Every other poisoned batch is followed by a stranger, the rest by a second attempt.
            if number % 2 == 0 {
                world.holds(spread.take_and_give_back(&world)?, LEFT)?;
            }
            world.apply(spread.changes(&world)?, LEFT)?;
            let suffered = "a batch was acknowledged and is not there";
            world.same(&spread.seen(&world)?, &Seen::Everything, suffered)?;
        }
    }
    if world.has(Area::Messages) {
        large(&world)?;
    }
    Ok(Outcome::HELD)
}

/// Writes what stands in the way of the poisons.
fn blockers<H: Harness>(world: &World<'_, H>) -> Checked<Version> {
    let version = world.version();
    let mut changes = Vec::new();
    if world.has(Area::Messages) {
        changes.push(mail(1, 1, vec![world.key(IndexKind::MessageId, "there")]));
    }
    if !world.kinds().is_empty() {
        changes.push(create(world.record(1), version, &[world.unique("there")])?);
    }
    if world.has(Area::Ledger) {
        changes.push(claim(&send("there")?, 7));
    }
    world.apply(changes, "a first batch is refused, though nothing is there")?;
    Ok(version)
}

/// Changes that do not apply, one of every sort.
fn poisons<H: Harness>(world: &World<'_, H>, version: Version) -> Checked<Vec<Change>> {
    let mut poisons = Vec::new();
    if world.has(Area::Messages) {
        poisons.push(mail(2, 1, vec![world.key(IndexKind::MessageId, "there")]));
        poisons.push(mail(1, 1, vec![]));
    }
    if !world.kinds().is_empty() {
        let [there, gone] = [1, 2].map(|id| world.record(id));
        let wrong = world.version();
        poisons.push(create(there, world.version(), &[])?);
        poisons.push(update(there, wrong, world.version(), &[])?);
        poisons.push(update(gone, version, world.version(), &[])?);
        poisons.push(create(gone, world.version(), &[world.unique("there")])?);
        poisons.push(Change::Delete { record: there, expect: wrong });
        poisons.push(Change::Delete { record: gone, expect: version });
    }
    if world.has(Area::Ledger) {
        let (there, gone) = (send("there")?, send("gone")?);
        poisons.push(claim(&there, 1));
        poisons.push(settle(&there, 1));
        poisons.push(release(&gone, 1));
        poisons.push(take_over(&there, 1, 2));
    }
    Ok(poisons)
}

/// A batch that a store may be tempted to write in pieces.
fn large<H: Harness>(world: &World<'_, H>) -> Checked {
    let key = world.key(IndexKind::Address, "large");
    let mut changes: Vec<_> = (0..500).map(|n| mail(5_000 + n, 1, vec![key])).collect();
    changes.push(mail(1, 1, vec![]));
    let commit = world.try_in(TENANT, changes)?;
    world.holds(!commit.is_applied(), "a batch is applied though a change does not apply")?;
    world.same(&world.mails(TENANT, key)?, &(vec![], 0), LEFT)
}

/// C-RYW-1.
pub(super) fn read_your_writes<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let suffered =
        "what was just written is not read: a form shows what it was before it was saved";
    let other = world.another();
    let worlds: Vec<_> = std::iter::once(&world).chain(&other).collect();
    for round in 0..world.rounds().min(8) {
        let spread = Spread::prepare(&world, round)?;
        for reader in &worlds {
            world.same(&spread.seen(reader)?, &Seen::Nothing, "what was not written is read")?;
        }
        world.apply(spread.changes(&world)?, "a batch is refused that applies")?;
        for reader in &worlds {
            world.same(&spread.seen(reader)?, &Seen::Everything, suffered)?;
        }
    }
    if world.has(Area::Register) {
        let name = name("read.example")?;
        let read = |reader: &World<'_, H>, expected: Option<Registration>| {
            let found = reader.registrations(std::slice::from_ref(&name))?;
            world.same(&found, &vec![expected], suffered)
        };
        worlds.iter().try_for_each(|reader| read(reader, None))?;
        world.apply([register(&name, None, 1)], "a name that nobody has cannot be registered")?;
        let there = Some(Registration::new(TENANT, None));
        worlds.iter().try_for_each(|reader| read(reader, there))?;
        world.apply([Change::Unregister { name: name.clone() }], "a name cannot be given up")?;
        worlds.iter().try_for_each(|reader| read(reader, None))?;
    }
    if world.has(Area::Ledger) && other.is_some() {
        let id = send("handles")?;
        world.apply([claim(&id, 1)], "a claim is refused though nobody has it")?;
        for reader in &worlds {
            let found = reader.claims(TENANT, &id.scope, std::slice::from_ref(&id.recipient))?;
            world.same(&found, &vec![Some(open(1))], suffered)?;
        }
    }
    Ok(Outcome::HELD)
}

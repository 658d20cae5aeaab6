//! What a store does not support, it refuses.

use super::case::{Checked, Outcome, names};
use super::harness::Harness;
use super::sample::{claim, create, mail, many, name, register, send};
use super::world::{TENANT, World};
use crate::id::RecordId;
use crate::index::IndexKind;
use crate::record::{Area, Areas, RecordKind};
use crate::store::{Change, SequenceKey, Sequences, Store, StoreErrorKind};

/// C-SUP-1.
pub(super) fn refused<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let supported = world.store().areas();
    let missing = Area::ALL.into_iter().filter(|area| !supported.contains(*area));
    let missing = missing.fold(Areas::NONE, Areas::with);
    if missing == Areas::NONE {
        return Ok(Outcome::skipped("the store supports everything"));
    }
    refuses(&world, missing)?;
    Ok(Outcome::HELD)
}

/// Every change of these areas, which the store does not support, is refused with its whole batch.
pub(super) fn refuses<H: Harness>(world: &World<'_, H>, missing: Areas) -> Checked {
    for area in missing.iter() {
        if area == Area::Sequences {
            let numbers = world.store().allocate(TENANT, SequenceKey::UserNumbers, many(1));
            let kind = world.wait(numbers).map_err(|error| error.kind());
            let refused = kind == Err(StoreErrorKind::Unsupported);
            world.holds(refused, "numbers come from a store that keeps none")?;
            continue;
        }
        for change in changes(world, area)? {
            alone_and_among_others(world, area, change)?;
        }
    }
    Ok(())
}

fn changes<H: Harness>(world: &World<'_, H>, area: Area) -> Checked<Vec<Change>> {
    Ok(match area {
        Area::Messages => vec![mail(1, 1, vec![]), super::sample::forget(1)],
        Area::Ledger => vec![claim(&send("unsupported")?, 1)],
        Area::Register => vec![register(&name("unsupported.example")?, None, 1)],
        _ => {
            let mut changes = Vec::new();
            for kind in RecordKind::ALL.iter().filter(|kind| kind.area() == area) {
                changes.push(create(kind.of(RecordId::new(1)), world.version(), &[])?);
            }
            changes
        }
    })
}

fn alone_and_among_others<H: Harness>(world: &World<'_, H>, area: Area, change: Change) -> Checked {
    let suffered = format!(
        "what the store does not support ({}) is lost without a word",
        names(Areas::NONE.with(area))
    );
    let alone = area == Area::Register;
    let mut changes = vec![change];
    let kept = world.key(IndexKind::Token, "kept");
    if !alone && world.has(Area::Messages) {
        changes.insert(0, mail(77, 1, vec![kept]));
    }
    if !alone && !world.kinds().is_empty() {
        changes.insert(0, create(world.record(77), world.version(), &[])?);
    }
    if !alone && world.has(Area::Ledger) {
        changes.insert(0, claim(&send("kept")?, 1));
    }
    let batch = world.batch(TENANT, changes)?;
    let answer = world.wait(world.store().commit(&batch)).map_err(|error| error.kind());
    world.same(
        &answer.map(|commit| commit.is_applied()),
        &Err(StoreErrorKind::Unsupported),
        &suffered,
    )?;

    let left = "a batch that could not be written is half there";
    if world.has(Area::Messages) {
        world.same(&world.mails(TENANT, kept)?, &(vec![], 0), left)?;
    }
    if !world.kinds().is_empty() {
        world.same(&world.load_one(world.record(77))?, &None, left)?;
    }
    if world.has(Area::Ledger) {
        let id = send("kept")?;
        world.same(&world.claims(TENANT, &id.scope, &[id.recipient])?, &vec![None], left)?;
    }
    Ok(())
}

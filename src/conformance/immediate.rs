//! Ready at the first poll, where that is promised.

use super::case::{Checked, Outcome};
use super::harness::Harness;
use super::sample::{create, many, name, recipient, register, scope};
use super::spread::Spread;
use super::world::{TENANT, World};
use crate::index::{IndexKind, Lookup, MessageQuery};
use crate::record::{Area, RecordLookup, RecordPageQuery};
use crate::store::{
    Directory, Immediate, Ledger, MessageIndex, Records, Register, SequenceKey, Sequences, Store,
    StoreError, poll_once,
};

/// C-IMM-1.
pub(super) fn ready<H: Harness<Store: Immediate>>(world: World<'_, H>) -> Checked<Outcome> {
    let store = world.store();
    // Twice: the first call of each may have something to set up, the second nothing.
    for round in 0..2 {
        let spread = Spread::prepare(&world, round)?;
        let batch = world.batch(TENANT, spread.changes(&world)?)?;
        at_once(&world, "commit", store.commit(&batch))?;
        // A refusal, too.
        at_once(&world, "commit", store.commit(&batch))?;
        if world.has(Area::Messages) {
            let mut query = MessageQuery::default();
            let asked = query.push(Lookup::new(world.key(IndexKind::Address, "a")));
            world.holds(asked, "the kit asked too much at once")?;
            at_once(&world, "find", store.find(TENANT, &query))?;
        }
        if !world.kinds().is_empty() {
            let put = create(world.record(u128::from(round)), world.version(), &[])?;
            at_once(&world, "commit", store.commit(&world.batch(TENANT, [put])?))?;
            at_once(&world, "load", store.load(TENANT, &[world.record(0)]))?;
            at_once(&world, "holders", store.holders(TENANT, &[world.unique("a")]))?;
            let query = RecordPageQuery::new(world.kind());
            at_once(&world, "list", store.list(TENANT, &query))?;
        }
        if world.has(Area::Directory) {
            let query = [RecordLookup::new(world.lookup_key("a"))].into_iter().collect();
            at_once(&world, "find_records", store.find_records(TENANT, &query))?;
        }
        if world.has(Area::Ledger) {
            let recipients = [recipient("a")?];
            at_once(&world, "claims", store.claims(TENANT, &scope(1), &recipients))?;
            let query = crate::claim::ClaimPageQuery::new(scope(1));
            at_once(&world, "claim_page", store.claim_page(TENANT, &query))?;
        }
        if world.has(Area::Register) {
            let name = name("a.example")?;
            let batch = world.batch(TENANT, [register(&name, None, 1)])?;
            at_once(&world, "commit", store.commit(&batch))?;
            at_once(&world, "registrations", store.registrations(&[name]))?;
        }
        if world.has(Area::Sequences) {
            let numbers = store.allocate(TENANT, SequenceKey::UserNumbers, many(1));
            at_once(&world, "allocate", numbers)?;
        }
    }
    Ok(Outcome::HELD)
}

fn at_once<H: Harness, T>(
    world: &World<'_, H>,
    what: &str,
    future: impl Future<Output = Result<T, StoreError>>,
) -> Checked {
    match poll_once(future) {
        Some(answer) => world.went(answer).map(drop),
        None => Err(world.fail(format!(
            "a program without a runtime gets an error instead of an answer: `{what}` had to wait"
        ))),
    }
}

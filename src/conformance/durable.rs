//! Closed, and opened again.

use super::case::{Checked, Outcome};
use super::harness::Harness;
use super::sample::{at, create, mail, name, register, update};
use super::spread::{Seen, Spread};
use super::world::{TENANT, World};
use crate::claim::Registration;
use crate::id::RecordId;
use crate::index::IndexKind;
use crate::record::Area;
use crate::store::{Change, Reason, Store};

const LOST: &str = "what was acknowledged is lost when the service restarts";

/// C-DUR-1.
pub(super) fn comes_back<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let mut world = world;
    let stamp = world.store().keyer().stamp();
    let mut spreads = Vec::new();
    let lasting = Registration::new(TENANT, None);
    let passing = Registration::new(TENANT, Some(at(10)));
    for number in 0..4 {
        let spread = Spread::prepare(&world, number)?;
        // One batch in two is the last before closing, and what it changes the last but one.
        if number % 2 == 0 {
            world.apply(spread.changes(&world)?, "a batch is refused that applies")?;
        }
        let names = [name(&format!("a{number}.example"))?, name(&format!("b{number}.example"))?];
        if world.has(Area::Register) {
            let [a, b] = &names;
            world.apply([register(a, None, 1)], "a name cannot be registered")?;
            world.apply([register(b, Some(10), 1)], "a name cannot be registered")?;
        }
        let Some(again) = world.reopen() else {
            return Ok(Outcome::skipped("the store is not durable"));
        };
        world = again;
        let same = world.store().keyer().stamp() == stamp;
        world.holds(same, "after a restart no key fits what was kept: everything is filed anew")?;
        let expected = if number % 2 == 0 { Seen::Everything } else { Seen::Nothing };
        world.same(&spread.seen(&world)?, &expected, LOST)?;
        if number % 2 == 1 {
            world.apply(spread.changes(&world)?, LOST)?;
        }
        if world.has(Area::Register) {
            let found = world.registrations(&names)?;
            world.same(&found, &vec![Some(lasting), Some(passing)], LOST)?;
        }
        spreads.push(spread);
        for spread in &spreads {
            world.same(&spread.seen(&world)?, &Seen::Everything, LOST)?;
        }
    }
    refuses_still(world)
}

/// What was refused before a restart is refused after it.
fn refuses_still<H: Harness>(mut world: World<'_, H>) -> Checked<Outcome> {
    let suffered = "after a restart a race is won that was lost before";
    let version = world.version();
    let id = world.key(IndexKind::MessageId, "kept");
    if world.has(Area::Messages) {
        world.apply([mail(1, 1, vec![id])], "a mail cannot be filed")?;
    }
    if !world.kinds().is_empty() {
        let put = create(world.record(1), version, &[world.unique("kept")])?;
        world.apply([put], "a record cannot be written")?;
        let next = world.version();
        world.apply(
            [update(world.record(1), version, next, &[world.unique("kept")])?],
            "a record cannot be written",
        )?;
    }
    let Some(again) = world.reopen() else {
        return Ok(Outcome::skipped("the store is not durable"));
    };
    world = again;
    if world.has(Area::Messages) {
        let filed = Reason::Filed { holder: RecordId::new(1) };
        world.refuse([mail(2, 1, vec![id])], [(0, filed)], suffered)?;
    }
    if !world.kinds().is_empty() {
        let found = world.load_one(world.record(1))?.map(|found| found.version);
        let delete = Change::Delete { record: world.record(1), expect: version };
        world.refuse([delete], [(0, Reason::Stale { found })], suffered)?;
        let (key, holder) = (world.unique("kept"), world.record(1));
        let put = create(world.record(2), world.version(), &[key])?;
        world.refuse([put], [(0, Reason::Taken { key, holder })], suffered)?;
    }
    Ok(Outcome::HELD)
}

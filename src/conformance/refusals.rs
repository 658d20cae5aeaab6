//! What a refusal says.

use super::case::{Checked, Outcome};
use super::harness::Harness;
use super::sample::{
    at, claim, create, forget, mail, name, open, register, release, send, sent, settle, take_over,
    update,
};
use super::world::{TENANT, World};
use crate::id::{RecordId, TenantId};
use crate::index::IndexKind;
use crate::record::Area;
use crate::store::{Change, Reason};

const UNTOLD: &str = "whoever decides again is not told, or told wrongly, what stood in the way";

/// C-REF-1.
pub(super) fn all_named<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let mut parts: Vec<(Change, Option<Reason>)> = Vec::new();
    if world.has(Area::Messages) {
        mails(&world, &mut parts)?;
    }
    if !world.kinds().is_empty() {
        records(&world, &mut parts)?;
    }
    if world.has(Area::Ledger) {
        claims(&world, &mut parts)?;
    }
    // As they are, reversed, and by turns from both ends, so that no order of its own helps a store.
    let reversed: Vec<_> = parts.iter().rev().cloned().collect();
    let mixed: Vec<_> =
        parts.iter().zip(&reversed).flat_map(|(a, b)| [a, b]).take(parts.len()).cloned().collect();
    for parts in [&parts, &reversed, &mixed] {
        let changes = parts.iter().map(|(change, _)| change.clone());
        let reasons = (0..).zip(parts).filter_map(|(at, (_, reason))| Some((at, reason.clone()?)));
        if parts.iter().any(|(_, reason)| reason.is_some()) {
            world.refuse(changes, reasons, UNTOLD)?;
        }
        // Each alone is refused for the same reason.
        for (change, reason) in parts.iter().filter(|(_, reason)| reason.is_some()) {
            let reason = reason.iter().map(|reason| (0, reason.clone()));
            world.refuse([change.clone()], reason, UNTOLD)?;
        }
    }
    if world.has(Area::Register) {
        let (a, b) = (name("a.example")?, name("b.example")?);
        for (name, until) in [(&a, Some(10)), (&b, None)] {
            let tenant = TenantId::new(2);
            world.apply_in(tenant, [register(name, until, 1)], "a name cannot be registered")?;
            let reason = Reason::Registered { tenant, until: until.map(at) };
            world.refuse([register(name, None, 5)], [(0, reason.clone())], UNTOLD)?;
            let give_up = Change::Unregister { name: name.clone() };
            world.refuse([give_up], [(0, reason)], UNTOLD)?;
        }
    }
    Ok(Outcome::HELD)
}

type Parts = Vec<(Change, Option<Reason>)>;

fn mails<H: Harness>(world: &World<'_, H>, parts: &mut Parts) -> Checked {
    let id = |text: &str| world.key(IndexKind::MessageId, text);
    let there = [mail(1, 1, vec![id("a")]), mail(2, 1, vec![id("b")])];
    world.apply(there, "mails cannot be filed")?;
    let filed = |holder| Some(Reason::Filed { holder: RecordId::new(holder) });
    parts.push((mail(10, 1, vec![id("c")]), None));
    parts.push((mail(11, 1, vec![id("b")]), filed(2)));
    parts.push((mail(12, 1, vec![]), None));
    parts.push((mail(1, 1, vec![id("d")]), filed(1)));
    parts.push((forget(99), None));
    Ok(())
}

fn records<H: Harness>(world: &World<'_, H>, parts: &mut Parts) -> Checked {
    let [a, b, c] = ["a", "b", "c"].map(|text| world.unique(text));
    let [one, two, three] = [1, 2, 3].map(|id| world.record(id));
    let versions = [world.version(), world.version(), world.version()];
    let [first, second, third] = versions;
    let there =
        [create(one, first, &[a])?, create(two, second, &[b])?, create(three, third, &[c])?];
    world.apply(there, "records cannot be written")?;
    let new = |id: u128| world.record(id);
    let stale = |found| Some(Reason::Stale { found });
    parts.push((create(new(10), world.version(), &[])?, None));
    parts.push((create(one, world.version(), &[])?, stale(Some(first))));
    parts.push((update(new(11), first, world.version(), &[])?, stale(None)));
    let taken = Some(Reason::Taken { key: b, holder: two });
    parts.push((create(new(12), world.version(), &[b])?, taken));
    parts.push((Change::Delete { record: new(13), expect: first }, stale(None)));
    // It would give its key up, if it applied; the other is judged as if it did.
    parts.push((update(three, second, world.version(), &[])?, stale(Some(third))));
    parts.push((create(new(14), world.version(), &[c])?, None));
    Ok(())
}

fn claims<H: Harness>(world: &World<'_, H>, parts: &mut Parts) -> Checked {
    let [held, gone, done] = [send("held")?, send("gone")?, send("done")?];
    world.apply([claim(&held, 1), claim(&done, 1)], "a send cannot be claimed")?;
    world.apply([settle(&done, 1)], "a send cannot be settled")?;
    for text in ["taken", "mine"] {
        world.apply([claim(&send(text)?, 1)], "a send cannot be claimed")?;
    }
    parts.push((claim(&held, 2), Some(Reason::Claimed { claim: open(1) })));
    parts.push((claim(&send("new")?, 2), None));
    parts.push((settle(&gone, 2), Some(Reason::Unclaimed { found: None })));
    parts.push((release(&send("taken")?, 2), Some(Reason::Unclaimed { found: Some(open(1)) })));
    parts.push((settle(&send("mine")?, 1), None));
    parts.push((take_over(&done, 1, 2), Some(Reason::Unclaimed { found: Some(sent(1)) })));
    let found = world.claims(TENANT, &held.scope, std::slice::from_ref(&held.recipient))?;
    world.same(&found, &vec![Some(open(1))], UNTOLD)
}

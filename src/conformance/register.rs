//! Names that one tenant of all has.

use super::case::{Checked, Outcome};
use super::harness::Harness;
use super::sample::{at, name, register};
use super::world::World;
use crate::claim::{RegisterName, Registration};
use crate::id::TenantId;
use crate::store::{Change, Commit, Reason, Refusal};

const SHARED: &str = "two tenants have one name: each may send under the domain of the other";
const STUCK: &str = "a name that nobody has cannot be registered";

const ANN: TenantId = TenantId::new(1);
const BOB: TenantId = TenantId::new(2);

fn lost(tenant: TenantId, until: Option<i64>) -> Commit {
    let reason = Reason::Registered { tenant, until: until.map(at) };
    Commit::Refused(vec![Refusal { change: 0, reason }])
}

fn held<H: Harness>(
    world: &World<'_, H>,
    name: &RegisterName,
    expected: Option<Registration>,
    suffered: &str,
) -> Checked {
    world.same(&world.registrations(std::slice::from_ref(name))?, &vec![expected], suffered)
}

/// C-REG-1.
pub(super) fn one_tenant<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let [a, b] = [name("a.example")?, name("b.example")?];
    held(&world, &a, None, "a name has an owner that nobody made")?;
    world.apply_in(ANN, [register(&a, None, 1)], STUCK)?;
    let commit = world.try_in(BOB, [register(&a, None, 1)])?;
    world.same(&commit, &lost(ANN, None), SHARED)?;
    let commit = world.try_in(BOB, [register(&a, Some(9), 1)])?;
    world.same(&commit, &lost(ANN, None), SHARED)?;
    held(&world, &a, Some(Registration::new(ANN, None)), SHARED)?;
    world.apply_in(BOB, [register(&b, Some(9), 1)], STUCK)?;
    let commit = world.try_in(ANN, [register(&b, None, 2)])?;
    world.same(&commit, &lost(BOB, Some(9)), SHARED)?;

    let raced = |round: u32| name(&format!("race-{round}.example"));
    let tenant = |racer: usize| TenantId::new(10 + racer as u128);
    let commits = world.race_commits(|round, racer| {
        world.batch(tenant(racer), [register(&raced(round)?, None, 1)])
    })?;
    for (round, commits) in (0..).zip(&commits) {
        let name = raced(round)?;
        let winner = tenant(world.one_wins(commits, SHARED)?);
        for commit in commits.iter().filter(|commit| !commit.is_applied()) {
            world.same(
                commit,
                &lost(winner, None),
                "a loser is told of a tenant that did not win",
            )?;
        }
        held(&world, &name, Some(Registration::new(winner, None)), SHARED)?;
    }
    Ok(Outcome::HELD)
}

/// C-REG-2.
pub(super) fn expires_or_lasts<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let a = name("a.example")?;
    let unregister = || Change::Unregister { name: a.clone() };
    // It holds to its last moment, inclusive, and can be renewed meanwhile.
    world.apply_in(ANN, [register(&a, Some(10), 1)], STUCK)?;
    for now in [1, 9, 10] {
        let commit = world.try_in(BOB, [register(&a, None, now)])?;
        world.same(&commit, &lost(ANN, Some(10)), "a registration is lost before its end")?;
    }
    world.apply_in(ANN, [register(&a, Some(20), 10)], "a registration cannot be renewed")?;
    let commit = world.try_in(BOB, [register(&a, None, 11)])?;
    world.same(&commit, &lost(ANN, Some(20)), "a registration that was renewed is lost")?;
    // Then it is whoever's comes next, and until then it is seen as expired.
    held(
        &world,
        &a,
        Some(Registration::new(ANN, Some(at(20)))),
        "an expired registration is hidden",
    )?;
    world.apply_in(
        BOB,
        [register(&a, Some(30), 21)],
        "what a crash left behind blocks a name for ever",
    )?;
    held(&world, &a, Some(Registration::new(BOB, Some(at(30)))), STUCK)?;
    // An expired one of its own too.
    world.apply_in(BOB, [register(&a, Some(40), 35)], "a tenant is locked out of its own name")?;
    // Made lasting, it is nobody else's, however late it is.
    world.apply_in(BOB, [register(&a, None, 36)], "a registration cannot be made lasting")?;
    for now in [36, 41, 4_000_000_000] {
        let commit = world.try_in(ANN, [register(&a, None, now)])?;
        world.same(&commit, &lost(BOB, None), "a lasting registration is lost")?;
    }
    let commit = world.try_in(ANN, [unregister()])?;
    world.same(&commit, &lost(BOB, None), "a tenant gives up the name of another")?;
    held(&world, &a, Some(Registration::new(BOB, None)), SHARED)?;
    // Given up, it is free; giving up what nobody has is no mistake.
    world.apply_in(BOB, [unregister()], "a name cannot be given up")?;
    held(&world, &a, None, "a name that was given up is taken still")?;
    world.apply_in(ANN, [unregister()], "giving up what nobody has fails, so no retry ends")?;
    world.apply_in(ANN, [register(&a, None, 50)], "a name that was given up is taken still")?;
    Ok(Outcome::HELD)
}

//! Claims of sends.

use super::case::{Checked, Outcome};
use super::harness::Harness;
use super::sample::{claim, open, release, send, sent, settle, take_over, taken};
use super::world::{TENANT, World};
use crate::claim::{ClaimId, SendClaim};
use crate::store::{Change, Commit, Reason, Refusal};

const TWICE: &str = "two workers send one message: the recipient is written to twice";
const STUCK: &str = "a send that nobody has cannot be claimed: the recipient is never written to";

/// C-CLM-1.
pub(super) fn one_claims<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let [ann, bob] = [send("ann@x.example")?, send("bob@x.example")?];
    // Both have seen that nobody has it; then both claim.
    world.same(&claim_of(&world, &ann)?, &None, "a send has a claim that nobody made")?;
    world.apply([claim(&ann, 1)], STUCK)?;
    let claimed = |by| [(0, Reason::Claimed { claim: by })];
    world.refuse([claim(&ann, 2)], claimed(open(1)), TWICE)?;
    world.refuse([claim(&ann, 1)], claimed(open(1)), "a worker that asks twice sends twice")?;
    world.apply([claim(&bob, 2)], STUCK)?;
    world.apply([settle(&ann, 1)], STUCK)?;
    world.refuse([claim(&ann, 2)], claimed(sent(1)), TWICE)?;
    world.refuse([claim(&ann, 1)], claimed(sent(1)), TWICE)?;
    // Another scope is another send, as is another recipient.
    for scope in
        [super::sample::scope(2), crate::claim::SendScope::new(crate::id::RecordId::new(1))]
    {
        world.apply([claim(&ClaimId { scope, ..ann.clone() }, 3)], STUCK)?;
    }
    world.apply([claim(&send("ann@x.exampl")?, 3)], STUCK)?;

    let raced = world.race_commits(|round, racer| {
        world.batch(TENANT, [claim(&send(&format!("race {round}"))?, racer as u128)])
    })?;
    for (round, commits) in raced.iter().enumerate() {
        let id = send(&format!("race {round}"))?;
        let winner = world.one_wins(commits, TWICE)? as u128;
        let lost = Refusal { change: 0, reason: Reason::Claimed { claim: open(winner) } };
        let lost = Commit::Refused(vec![lost]);
        for commit in commits.iter().filter(|commit| !commit.is_applied()) {
            world.same(commit, &lost, "a loser is told of a claim that is not the one made")?;
        }
        world.same(&claim_of(&world, &id)?, &Some(open(winner)), TWICE)?;
    }
    Ok(Outcome::HELD)
}

fn claim_of<H: Harness>(world: &World<'_, H>, id: &ClaimId) -> Checked<Option<SendClaim>> {
    let found = world.claims(TENANT, &id.scope, std::slice::from_ref(&id.recipient))?;
    Ok(found.into_iter().next().flatten())
}

/// C-CLM-2.
pub(super) fn only_the_claimant<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let suffered = "somebody else than the claimant decides what became of a send";
    let all = |id: &ClaimId, by| [settle(id, by), release(id, by), take_over(id, by, 9)];
    // Nobody has claimed: there is nothing to dispose of.
    let id = send("nobody")?;
    for change in all(&id, 1) {
        refused(&world, change, None, suffered)?;
        world.same(&claim_of(&world, &id)?, &None, suffered)?;
    }
    // One has: nobody else disposes of it.
    let id = send("open")?;
    world.apply([claim(&id, 1)], STUCK)?;
    for change in all(&id, 2) {
        refused(&world, change, Some(open(1)), suffered)?;
        world.same(&claim_of(&world, &id)?, &Some(open(1)), suffered)?;
    }
    // It is settled: nobody does, its claimant neither.
    world.apply([settle(&id, 1)], "a send that went out cannot be noted")?;
    world.same(&claim_of(&world, &id)?, &Some(sent(1)), "a send that went out is not noted")?;
    for by in [1, 2] {
        for change in all(&id, by) {
            let again = "a message that went out may go out again";
            refused(&world, change, Some(sent(1)), again)?;
            world.same(&claim_of(&world, &id)?, &Some(sent(1)), again)?;
        }
    }
    // Given back, it is anybody's.
    let id = send("released")?;
    world.apply([claim(&id, 1)], STUCK)?;
    world.apply([release(&id, 1)], STUCK)?;
    world.same(&claim_of(&world, &id)?, &None, STUCK)?;
    refused(&world, settle(&id, 1), None, suffered)?;
    world.apply([claim(&id, 2)], STUCK)?;
    // Taken over, it is the new claimant's alone.
    world.apply([take_over(&id, 2, 3)], "a send in doubt stays in doubt for ever")?;
    world.same(&claim_of(&world, &id)?, &Some(taken(3)), suffered)?;
    for change in all(&id, 2) {
        refused(&world, change, Some(taken(3)), suffered)?;
    }
    world.apply([settle(&id, 3)], STUCK)?;

    // Of all that take a send over at once one has it.
    for round in 0..world.rounds() {
        world.apply([claim(&send(&format!("race {round}"))?, 100)], STUCK)?;
    }
    let raced = world.race_commits(|round, racer| {
        world.batch(TENANT, [take_over(&send(&format!("race {round}"))?, 100, racer as u128)])
    })?;
    for (round, commits) in raced.iter().enumerate() {
        let id = send(&format!("race {round}"))?;
        let winner = world.one_wins(commits, TWICE)? as u128;
        world.same(&claim_of(&world, &id)?, &Some(taken(winner)), TWICE)?;
    }
    Ok(Outcome::HELD)
}

fn refused<H: Harness>(
    world: &World<'_, H>,
    change: Change,
    found: Option<SendClaim>,
    suffered: &str,
) -> Checked {
    world.refuse([change], [(0, Reason::Unclaimed { found })], suffered)
}

//! Commits that nobody waits for to the end.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use super::case::{Checked, Outcome};
use super::harness::Harness;
use super::sample::{claim, create, mail, send};
use super::spread::{Seen, Spread};
use super::world::{TENANT, World};
use crate::index::IndexKind;
use crate::record::Area;
use crate::store::{Store, StoreError};

const HALF: &str = "a request that was given up left half of its batch behind";
const WEDGED: &str = "after a commit that was given up the store does not work any more";

/// How often a commit is polled at most.
const POLLS: u32 = 40;

/// What stays as it is for so many moments, a fifth of a second, is so for good.
const STEADY: u32 = 200;
const MOMENT: Duration = Duration::from_millis(1);

/// C-CAN-1.
pub(super) fn all_or_nothing<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let other = world.another();
    let mut number = 0;
    // Twice over: what a commit that was dropped leaves behind may trip the next.
    for _ in 0..2 {
        for polls in 0..POLLS {
            number += 1;
            let spread = Spread::prepare(&world, number)?;
            let batch = world.batch(TENANT, spread.changes(&world)?)?;
            let ready = world.wait(poll_at_most(world.store().commit(&batch), polls));
            if let Some(answer) = ready {
                let applied = world.went(answer)?.is_applied();
                world.holds(applied, "a batch is refused that applies")?;
                world.same(&spread.seen(&world)?, &Seen::Everything, HALF)?;
                break;
            }
            still_works(&world, number)?;
            std::iter::once(&world).chain(&other).try_for_each(|world| settled(world, &spread))?;
            if !spread.take_and_give_back(&world)? {
                // Then the batch is there, or about to be; else what it never took is taken.
                there(&world, &spread)?;
            }
            // The same batch again tells, whether it is applied now or had been: it is there then.
            let _ = world.commit(&batch)?;
            world.same(&spread.seen(&world)?, &Seen::Everything, HALF)?;
        }
    }
    Ok(Outcome::HELD)
}

/// The output of a future that is ready within so many polls; else it is dropped.
async fn poll_at_most<T>(
    future: impl Future<Output = Result<T, StoreError>>,
    polls: u32,
) -> Option<Result<T, StoreError>> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(move |context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Sees all or nothing of the batch, once the work that went on without its future has ended. While
/// it goes on, one read may come before it and the next after: what is half for good is a violation.
fn settled<H: Harness>(world: &World<'_, H>, spread: &Spread) -> Checked {
    let mut last = spread.seen(world)?;
    let mut steady = 0;
    while matches!(last, Seen::Half(_)) {
        if steady >= STEADY {
            return world.same(&last, &Seen::Nothing, HALF);
        }
        thread::sleep(MOMENT);
        let seen = spread.seen(world)?;
        steady = if seen == last { steady + 1 } else { 0 };
        last = seen;
    }
    Ok(())
}

fn there<H: Harness>(world: &World<'_, H>, spread: &Spread) -> Checked {
    for _ in 0..STEADY {
        if spread.seen(world)? == Seen::Everything {
            return Ok(());
        }
        thread::sleep(MOMENT);
    }
    world.same(&spread.seen(world)?, &Seen::Everything, HALF)
}

fn still_works<H: Harness>(world: &World<'_, H>, number: u32) -> Checked {
    let id = 100 + u128::from(number);
    let mut changes = Vec::new();
    if world.has(Area::Messages) {
        changes.push(mail(id, 1, vec![world.key(IndexKind::Token, &format!("after {number}"))]));
    }
    if !world.kinds().is_empty() {
        changes.push(create(world.record(id), world.version(), &[])?);
    }
    if world.has(Area::Ledger) {
        changes.push(claim(&send(&format!("after {number}"))?, 1));
    }
    world.apply(changes, WEDGED)
}

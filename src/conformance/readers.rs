//! Readers beside a writer.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use super::case::{Checked, Outcome};
use super::harness::Harness;
use super::sample::{claim, forget, mail, recipient, record, scope, send, take_over};
use super::world::{TENANT, World};
use crate::claim::{ClaimPageQuery, SendClaim};
use crate::index::{IndexKind, Lookup};
use crate::record::{
    Area, RecordLookup, RecordPageQuery, RecordRef, UniqueKey, Version, Versioned,
};
use crate::store::{Change, Expect};

const HALF: &str = "a reader sees half a batch: two defaults or none, a moved mail twice or never";
const BACK: &str = "what was seen is gone again: a page that was loaded anew shows an older state";

/// How many of each sort change together.
const GROUP: u128 = 4;

/// How many read beside the writer.
const READERS: usize = 2;

/// C-ATM-2. In every generation one batch rewrites a group of everything; whoever reads the group
/// must see one generation, and never an older one afterwards.
pub(super) fn one_state<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let mut writer = Writer { world: &world, generation: 0, versions: Vec::new() };
    writer.begin()?;
    let mut last = 0;
    for _ in 0..4 {
        writer.next()?;
        for _ in 0..3 {
            last = sweep(&world, last)?;
        }
        world.same(&last, &writer.generation, "what was just written is not read")?;
    }
    // The writer goes on until all have read often enough, or one has seen something wrong.
    let (reading, stopped) = (AtomicUsize::new(READERS), AtomicBool::new(false));
    let (written, least) = (AtomicU32::new(0), world.rounds().min(20));
    let writer = std::sync::Mutex::new(writer);
    world.race(READERS + 1, |racer| {
        let result = if racer == 0 {
            let mut writer = writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let most = 200 * world.rounds();
            let going = || reading.load(Ordering::SeqCst) > 0 && !stopped.load(Ordering::SeqCst);
            loop {
                if written.fetch_add(1, Ordering::SeqCst) >= most || !going() {
                    break Ok(());
                }
                if let Err(violation) = writer.next() {
                    break Err(violation);
                }
            }
        } else {
            // Whoever reads faster than anybody writes has seen nothing yet.
            let enough = |swept| {
                let beside = written.load(Ordering::SeqCst) >= least;
                stopped.load(Ordering::SeqCst) || (swept >= world.rounds() && beside)
            };
            let (mut last, mut swept) = (last, 0);
            let read = loop {
                if enough(swept) {
                    break Ok(());
                }
                swept += 1;
                match sweep(&world, last) {
                    Ok(seen) => last = seen,
                    Err(violation) => break Err(violation),
                }
            };
            reading.fetch_sub(1, Ordering::SeqCst);
            read
        };
        if result.is_err() {
            stopped.store(true, Ordering::SeqCst);
        }
        result
    })?;
    Ok(Outcome::HELD)
}

struct Writer<'w, 'h, H: Harness> {
    world: &'w World<'h, H>,
    generation: u128,
    /// Of the records, in their order.
    versions: Vec<Version>,
}

/// Twice the group: the unique keys wander between the halves.
fn records<H: Harness>(world: &World<'_, H>) -> Vec<RecordRef> {
    (0..2 * GROUP).map(|n| world.record(1 + n)).collect()
}

fn uniques<H: Harness>(world: &World<'_, H>) -> Vec<UniqueKey> {
    (0..GROUP).map(|n| world.unique(&format!("group {n}"))).collect()
}

impl<H: Harness> Writer<'_, '_, H> {
    fn begin(&mut self) -> Checked {
        let mut changes = Vec::new();
        if self.world.has(Area::Ledger) {
            for n in 0..GROUP {
                changes.push(claim(&send(&format!("group {n}"))?, 0));
            }
        }
        self.write(changes)
    }

    fn next(&mut self) -> Checked {
        self.generation += 1;
        let mut changes = Vec::new();
        if self.world.has(Area::Messages) {
            let before = (self.generation - 1) * GROUP;
            changes.extend((0..GROUP).map(|n| forget(before + n)));
        }
        if self.world.has(Area::Ledger) {
            for n in 0..GROUP {
                let id = send(&format!("group {n}"))?;
                changes.push(take_over(&id, self.generation - 1, self.generation));
            }
        }
        self.write(changes)
    }

    /// Writes mails and records of the generation, and `changes` with them.
    fn write(&mut self, mut changes: Vec<Change>) -> Checked {
        let (world, generation) = (self.world, self.generation);
        if world.has(Area::Messages) {
            for n in 0..GROUP {
                let keys = [format!("member {n}"), "group".to_owned()];
                let keys = keys.map(|key| world.key(IndexKind::Address, &key)).to_vec();
                changes.push(mail(generation * GROUP + n, generation as i64, keys));
            }
        }
        if !world.kinds().is_empty() {
            let uniques = uniques(world);
            let mut versions = Vec::new();
            for (n, reference) in records(world).into_iter().enumerate() {
                let (half, member) = (n / GROUP as usize, n % GROUP as usize);
                let has = half as u128 == generation % 2;
                let unique = uniques.get(member).filter(|_| has).copied();
                let keys = [format!("member {n}"), "group".to_owned()];
                let keys = keys.map(|key| world.lookup_key(&key));
                let body = generation.to_string();
                let record = record(reference, generation as i64, body, unique.as_slice(), &keys)?;
                let expect = self.versions.get(n).map_or(Expect::Absent, |v| Expect::At(*v));
                let version = world.version();
                versions.push(version);
                changes.push(Change::Put { record, version, expect });
            }
            self.versions = versions;
        }
        world.apply(changes, "the only writer loses a race")
    }
}

/// Reads the group in every way; the generation seen, which is not below `last`.
fn sweep<H: Harness>(world: &World<'_, H>, last: u128) -> Checked<u128> {
    let mut last = last;
    let mut see = |generations: Vec<u128>, expected: usize| -> Checked {
        world.same(&generations.len(), &expected, HALF)?;
        let generation = generations.first().copied().unwrap_or(last);
        world.holds(
            generations.iter().all(|g| *g == generation),
            &format!("{HALF}: {generations:?}"),
        )?;
        world.holds(generation >= last, &format!("{BACK}: {generation} after {last}"))?;
        last = generation;
        Ok(())
    };
    let group = GROUP as usize;
    if world.has(Area::Messages) {
        let key = |text: String| Lookup::new(world.key(IndexKind::Address, &text)).rows(64);
        let mut lookups: Vec<_> = (0..GROUP).map(|n| key(format!("member {n}"))).collect();
        lookups.push(key("group".to_owned()));
        let answer = world.find(TENANT, &lookups)?;
        let found = (0..lookups.len()).flat_map(|lookup| answer.rows(lookup));
        see(found.map(|row| row.id().get() / GROUP).collect(), 2 * group)?;
    }
    if !world.kinds().is_empty() {
        let generation = |found: &Versioned| found.record.body().parse().unwrap_or(u128::MAX);
        let found = world.load(TENANT, &records(world))?;
        see(found.iter().flatten().map(generation).collect(), 2 * group)?;
        let page = world.list(TENANT, &RecordPageQuery::new(world.kind()))?;
        see(page.items.iter().map(generation).collect(), 2 * group)?;
        if world.has(Area::Directory) {
            let key = |text: String| RecordLookup::new(world.lookup_key(&text)).rows(64);
            let mut lookups: Vec<_> = (0..2 * GROUP).map(|n| key(format!("member {n}"))).collect();
            lookups.push(key("group".to_owned()));
            let answer = world.find_records(TENANT, &lookups)?;
            let found = (0..lookups.len()).flat_map(|lookup| answer.found(lookup));
            see(found.map(generation).collect(), 4 * group)?;
        }
    }
    if world.has(Area::Ledger) {
        let recipients: Checked<Vec<_>> =
            (0..GROUP).map(|n| recipient(&format!("group {n}"))).collect();
        let found = world.claims(TENANT, &scope(1), &recipients?)?;
        see(found.iter().flatten().map(|claim| claim.by().get()).collect(), group)?;
        let page = world.claim_page(TENANT, &ClaimPageQuery::new(scope(1)))?;
        let by = |(_, claim): &(_, SendClaim)| claim.by().get();
        see(page.items.iter().map(by).collect(), group)?;
    }
    if !world.kinds().is_empty() {
        // Last, as it shows the half and not the generation.
        let half = world.holders(TENANT, &uniques(world))?;
        let half: Vec<_> = half.iter().flatten().map(|r| (r.id().get() - 1) / GROUP).collect();
        let one =
            half.len() == group && half.windows(2).all(|pair| matches!(pair, [a, b] if a == b));
        world.holds(one, &format!("{HALF}: {half:?}"))?;
    }
    Ok(last)
}

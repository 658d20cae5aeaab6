//! Tenants beside each other.

use super::case::{Checked, Outcome};
use super::harness::Harness;
use super::sample::{claim, forget, mail, many, open, recipient, record, release, scope};
use super::world::World;
use crate::claim::{ClaimId, ClaimPageQuery, SendScope};
use crate::id::{RecordId, TenantId};
use crate::index::{IndexKind, Lookup};
use crate::record::{
    Area, LookupKey, LookupKind, RecordLookup, RecordPageQuery, Space, UniqueKey, Version,
};
use crate::store::{Change, Expect, SequenceKey};

const CROSSED: &str = "one tenant sees, blocks or changes what is another's";

/// Tenants and ids whose digits or octets run into each other where a store glues them together.
const TENANTS: [u128; 6] = [1, 0x11, 0, 1 << 64, 1 << 120, u128::MAX];
const IDS: [u128; 5] = [0x11, 1, 0x111, 1 << 64, 0];

/// Texts that a store which builds its own keys, or queries, of text would trip over.
const TEXTS: [&str; 8] =
    ["a", "a/b", "'; drop table records; --", "%", "_", "1:1", "\u{1f}\u{7f}", "\u{e9}\\\""];

/// C-TEN-1. Every tenant writes the same, one after the other; each sees its own alone.
pub(super) fn nothing_crosses<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    let tenants = TENANTS.map(TenantId::new);
    for (done, tenant) in tenants.into_iter().enumerate() {
        // Nothing of those before is seen, and nothing of theirs is in the way.
        for (n, owner) in tenants.into_iter().enumerate() {
            look(&world, owner, if n < done { Some(n) } else { None })?;
        }
        world.apply_in(tenant, everything(&world, done)?, CROSSED)?;
    }
    if world.has(Area::Sequences) {
        for tenant in tenants {
            let block = world.allocate(tenant, SequenceKey::UserNumbers, many(2))?;
            world.same(&block.first(), &1, CROSSED)?;
        }
    }
    // One tenant takes all of its own away; the others keep theirs.
    world.apply_in(TenantId::new(TENANTS[0]), nothing(&world)?, CROSSED)?;
    for (n, tenant) in tenants.into_iter().enumerate() {
        look(&world, tenant, (n > 0).then_some(n))?;
    }
    Ok(Outcome::HELD)
}

/// The version of every record of the tenant at this place.
fn version(owner: usize, id: u128) -> Version {
    Version::new((owner as u128 + 1) << 96 | id & 0xffff | id >> 64 << 16)
}

fn scopes() -> [SendScope; 2] {
    [scope(1), SendScope::new(RecordId::new(0x11))]
}

fn everything<H: Harness>(world: &World<'_, H>, owner: usize) -> Checked<Vec<Change>> {
    let mut changes = Vec::new();
    if world.has(Area::Messages) {
        for (id, text) in IDS.into_iter().zip(TEXTS) {
            let kinds = [IndexKind::MessageId, IndexKind::Token];
            let keys = kinds.map(|kind| world.key(kind, text)).to_vec();
            changes.push(mail(id, owner as i64, keys));
        }
    }
    if !world.kinds().is_empty() {
        for (id, text) in IDS.into_iter().zip(TEXTS) {
            let (unique, key) = keys(world, text);
            let record = record(world.record(id), 1, format!("{owner} {text}"), &[unique], &[key])?;
            let version = version(owner, id);
            changes.push(Change::Put { record, version, expect: Expect::Absent });
        }
    }
    if world.has(Area::Ledger) {
        for scope in scopes() {
            for text in TEXTS {
                let id = ClaimId { scope, recipient: recipient(text)? };
                changes.push(claim(&id, owner as u128));
            }
        }
    }
    Ok(changes)
}

fn keys<H: Harness>(world: &World<'_, H>, text: &str) -> (UniqueKey, LookupKey) {
    let keyer = crate::store::Store::keyer(world.store());
    (
        UniqueKey::new(keyer, Space::Match, text.as_bytes()),
        LookupKey::new(keyer, LookupKind::Match, text.as_bytes()),
    )
}

/// What takes away all that the first tenant wrote.
fn nothing<H: Harness>(world: &World<'_, H>) -> Checked<Vec<Change>> {
    let mut changes = Vec::new();
    if world.has(Area::Messages) {
        changes.extend(IDS.map(forget));
    }
    if !world.kinds().is_empty() {
        let delete = |id| Change::Delete { record: world.record(id), expect: version(0, id) };
        changes.extend(IDS.map(delete));
    }
    if world.has(Area::Ledger) {
        for scope in scopes() {
            for text in TEXTS {
                changes.push(release(&ClaimId { scope, recipient: recipient(text)? }, 0));
            }
        }
    }
    Ok(changes)
}

/// The tenant sees what it wrote, as the one at this place; or nothing where it wrote nothing.
fn look<H: Harness>(world: &World<'_, H>, tenant: TenantId, owner: Option<usize>) -> Checked {
    if world.has(Area::Messages) {
        for (id, text) in IDS.into_iter().zip(TEXTS) {
            for kind in [IndexKind::MessageId, IndexKind::Token] {
                let answer = world.find(tenant, &[Lookup::new(world.key(kind, text)).rows(64)])?;
                let found: Vec<_> =
                    answer.rows(0).map(|row| (row.id().get(), row.created())).collect();
                let own = owner.map(|owner| (id, super::sample::at(owner as i64)));
                world.same(&found, &own.into_iter().collect(), CROSSED)?;
                world.same(&answer.count(0), &u8::from(owner.is_some()), CROSSED)?;
            }
        }
    }
    if !world.kinds().is_empty() {
        records(world, tenant, owner)?;
    }
    if world.has(Area::Ledger) {
        let recipients: Checked<Vec<_>> = TEXTS.into_iter().map(recipient).collect();
        let mut recipients = recipients?;
        recipients.sort();
        let own = owner.map(|owner| open(owner as u128));
        for scope in scopes() {
            let found = world.claims(tenant, &scope, &recipients)?;
            world.same(&found, &vec![own; recipients.len()], CROSSED)?;
            let page = world.claim_page(tenant, &ClaimPageQuery::new(scope))?;
            let own = recipients.iter().filter_map(|key| Some((key.clone(), own?))).collect();
            world.same(&page.items, &own, CROSSED)?;
        }
    }
    Ok(())
}

fn records<H: Harness>(world: &World<'_, H>, tenant: TenantId, owner: Option<usize>) -> Checked {
    let references = IDS.map(|id| world.record(id));
    let found = world.load(tenant, &references)?;
    let found: Vec<_> = found.iter().map(|f| f.as_ref().map(|f| f.version)).collect();
    let own = |id| owner.map(|owner| version(owner, id));
    world.same(&found, &IDS.map(own).to_vec(), CROSSED)?;

    let pairs: Vec<_> = TEXTS.iter().take(IDS.len()).map(|text| keys(world, text)).collect();
    let uniques: Vec<_> = pairs.iter().map(|(unique, _)| *unique).collect();
    let holders = world.holders(tenant, &uniques)?;
    let own_references = references.map(|reference| owner.map(|_| reference)).to_vec();
    world.same(&holders, &own_references, CROSSED)?;

    let page = world.list(tenant, &RecordPageQuery::new(world.kind()))?;
    let mut listed: Vec<_> = IDS.into_iter().filter_map(own).collect();
    let mut found: Vec<_> = page.items.iter().map(|found| found.version).collect();
    listed.sort_by_key(|version| version.get());
    found.sort_by_key(|version| version.get());
    world.same(&found, &listed, CROSSED)?;

    if world.has(Area::Directory) {
        let lookups: Vec<_> =
            pairs.iter().map(|(_, key)| RecordLookup::new(*key).rows(64)).collect();
        let answer = world.find_records(tenant, &lookups)?;
        for (n, id) in IDS.into_iter().enumerate() {
            let found: Vec<_> = answer.found(n).iter().map(|found| found.version).collect();
            world.same(&found, &own(id).into_iter().collect(), CROSSED)?;
            world.same(&answer.count(n), &u8::from(owner.is_some()), CROSSED)?;
        }
    }
    Ok(())
}

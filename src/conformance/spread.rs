//! A batch with a change of every sort, and what tells whether it was applied.

use super::case::Checked;
use super::harness::Harness;
use super::sample::{
    at, claim, create, forget, mail, open, recipient, record, release, sent, settle, take_over,
    taken,
};
use super::world::{TENANT, World};
use crate::claim::{ClaimId, ClaimPageQuery, RecipientKey, SendClaim, SendScope};
use crate::id::RecordId;
use crate::index::{IndexKey, IndexKind};
use crate::record::{
    Area, LookupKey, RecordLookup, RecordPageQuery, RecordRef, UniqueKey, Version,
};
use crate::store::{Change, Expect};

/// How much of a batch can be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Nothing,
    Everything,
    /// What can be seen, and what cannot.
    Half(String),
}

/// The batch with this number: it files a mail and forgets one, creates, updates and deletes
/// records, with their keys, and makes, settles, releases and takes over claims, as far as the store
/// supports it.
pub(super) struct Spread {
    /// Ids from here on are its own.
    base: u128,
    scope: SendScope,
    /// The versions before: of the record to be updated, and of that to be deleted.
    before: [Version; 2],
    /// The versions after: of the record to be created, and of that to be updated.
    after: [Version; 2],
}

impl Spread {
    /// Writes what the batch will change.
    pub(super) fn prepare<H: Harness>(world: &World<'_, H>, number: u32) -> Checked<Self> {
        let version = || world.version();
        let spread = Self {
            base: 1_000_000 + 16 * u128::from(number),
            scope: super::sample::scope(1_000 + u128::from(number)),
            before: [version(), version()],
            after: [version(), version()],
        };
        let mut changes = Vec::new();
        if world.has(Area::Messages) {
            changes.push(mail(spread.base + 2, 5, spread.mail_keys(world, "old")));
        }
        if !world.kinds().is_empty() {
            let [_, updated, deleted] = spread.records(world);
            let [first, second] = spread.before;
            let made = record(
                updated,
                1,
                "before",
                &[spread.unique(world, "kept"), spread.unique(world, "given up")],
                &[spread.look_up(world, "before")],
            )?;
            changes.push(Change::Put { record: made, version: first, expect: Expect::Absent });
            changes.push(create(deleted, second, &[spread.unique(world, "deleted")])?);
        }
        if world.has(Area::Ledger) {
            for text in ["settled", "released", "taken"] {
                changes.push(claim(&spread.send(text)?, 1));
            }
        }
        world.apply(changes, "a first batch is refused, though nothing is there")?;
        Ok(spread)
    }

    /// The batch.
    pub(super) fn changes<H: Harness>(&self, world: &World<'_, H>) -> Checked<Vec<Change>> {
        let mut changes = Vec::new();
        if world.has(Area::Messages) {
            changes.push(mail(self.base + 1, 5, self.mail_keys(world, "new")));
            changes.push(forget(self.base + 2));
        }
        if !world.kinds().is_empty() {
            let [created, updated, deleted] = self.records(world);
            let ([first, second], [made, next]) = (self.before, self.after);
            let new = record(
                created,
                2,
                "created",
                &[self.unique(world, "new"), self.unique(world, "given up")],
                &[self.look_up(world, "after")],
            )?;
            changes.push(Change::Put { record: new, version: made, expect: Expect::Absent });
            let again = record(
                updated,
                3,
                "after",
                &[self.unique(world, "kept")],
                &[self.look_up(world, "after")],
            )?;
            changes.push(Change::Put { record: again, version: next, expect: Expect::At(first) });
            changes.push(Change::Delete { record: deleted, expect: second });
        }
        if world.has(Area::Ledger) {
            changes.push(claim(&self.send("new")?, 1));
            changes.push(settle(&self.send("settled")?, 1));
            changes.push(release(&self.send("released")?, 1));
            changes.push(take_over(&self.send("taken")?, 1, 2));
        }
        Ok(changes)
    }

    /// How much of the batch is there, by every way in which it can be read.
    pub(super) fn seen<H: Harness>(&self, world: &World<'_, H>) -> Checked<Seen> {
        let mut sights = Sights::default();
        if world.has(Area::Messages) {
            self.mails(world, &mut sights)?;
        }
        if !world.kinds().is_empty() {
            self.written(world, &mut sights)?;
        }
        if world.has(Area::Ledger) {
            self.claimed(world, &mut sights)?;
        }
        Ok(sights.seen())
    }

    /// Somebody else takes what the batch would take, and gives it back: nothing of a batch that was
    /// not applied may stand in the way. Says whether nothing did.
    pub(super) fn take_and_give_back<H: Harness>(&self, world: &World<'_, H>) -> Checked<bool> {
        let stranger = self.base + 9;
        let (record, version) = (world.record(stranger), world.version());
        let (mut take, mut give) = (Vec::new(), Vec::new());
        if world.has(Area::Messages) {
            take.push(mail(stranger, 5, self.mail_keys(world, "new")));
            give.push(forget(stranger));
        }
        if !world.kinds().is_empty() {
            take.push(create(record, version, &[self.unique(world, "new")])?);
            give.push(Change::Delete { record, expect: version });
        }
        if world.has(Area::Ledger) {
            take.push(claim(&self.send("new")?, 3));
            give.push(release(&self.send("new")?, 3));
        }
        if !world.try_in(TENANT, take)?.is_applied() {
            return Ok(false);
        }
        world.apply(give, "what was just taken cannot be given back")?;
        Ok(true)
    }

    fn mails<H: Harness>(&self, world: &World<'_, H>, sights: &mut Sights) -> Checked {
        let (filed, forgotten) = (self.base + 1, self.base + 2);
        for key in self.mail_keys(world, "new") {
            let found = world.mails(TENANT, key)?;
            sights.note("a mail that is filed", found, (vec![], 0), (vec![filed], 1));
        }
        for key in self.mail_keys(world, "old") {
            let found = world.mails(TENANT, key)?;
            sights.note("a mail that is forgotten", found, (vec![forgotten], 1), (vec![], 0));
        }
        Ok(())
    }

    fn written<H: Harness>(&self, world: &World<'_, H>, sights: &mut Sights) -> Checked {
        let records = self.records(world);
        let [created, updated, deleted] = records;
        let ([first, second], [made, next]) = (self.before, self.after);
        let loaded = world.load(TENANT, &records)?;
        let state = |found: &crate::record::Versioned| {
            (found.version, found.record.body().to_string(), found.record.modified())
        };
        let mut loaded = loaded.iter().map(|found| found.as_ref().map(state));
        let mut next_loaded = || loaded.next().flatten();
        let text = |version, text: &str, seconds| Some((version, text.to_owned(), at(seconds)));
        let after = text(made, "created", 2);
        sights.note("a record that is created", next_loaded(), None, after);
        let (before, after) = (text(first, "before", 1), text(next, "after", 3));
        sights.note("a record that is updated", next_loaded(), before, after);
        let before = text(second, "created", 1);
        sights.note("a record that is deleted", next_loaded(), before, None);

        let keys = ["new", "kept", "given up", "deleted"].map(|key| self.unique(world, key));
        let holders = world.holders(TENANT, &keys)?;
        let before = vec![None, Some(updated), Some(updated), Some(deleted)];
        let after = vec![Some(created), Some(updated), Some(created), None];
        sights.note("unique keys", holders, before, after);

        let query = RecordPageQuery::new(world.kind()).after(RecordId::new(self.base)).limit(15);
        let page = world.list(TENANT, &query)?.items;
        let own = |id: RecordId| (self.base..self.base + 16).contains(&id.get());
        let listed = page.iter().filter(|found| own(found.record.reference().id()));
        let listed: Vec<_> = listed.map(|f| (f.record.reference(), f.version)).collect();
        let before = vec![(updated, first), (deleted, second)];
        let after = vec![(created, made), (updated, next)];
        sights.note("the list of records", listed, before, after);

        if world.has(Area::Directory) {
            for (text, there_before) in [("before", true), ("after", false)] {
                let lookup = RecordLookup::new(self.look_up(world, text)).rows(64);
                let answer = world.find_records(TENANT, &[lookup])?;
                let found = answer.found(0).iter().map(|found| found.version);
                let found = (found.collect::<Vec<_>>(), answer.count(0));
                let (before, after) = if there_before {
                    ((vec![first], 1), (vec![], 0))
                } else {
                    ((vec![], 0), (vec![next, made], 2))
                };
                sights.note("look-up keys", found, before, after);
            }
        }
        Ok(())
    }

    fn claimed<H: Harness>(&self, world: &World<'_, H>, sights: &mut Sights) -> Checked {
        let texts = ["new", "released", "settled", "taken"];
        let recipients: Checked<Vec<RecipientKey>> = texts.into_iter().map(recipient).collect();
        let recipients = recipients?;
        let before = vec![None, Some(open(1)), Some(open(1)), Some(open(1))];
        let after = vec![Some(open(1)), None, Some(sent(1)), Some(taken(2))];
        let page = world.claim_page(TENANT, &ClaimPageQuery::new(self.scope))?;
        let listed = |claims: &[Option<SendClaim>]| -> Vec<(RecipientKey, SendClaim)> {
            let both = recipients.iter().cloned().zip(claims.iter().copied());
            both.filter_map(|(recipient, claim)| Some((recipient, claim?))).collect()
        };
        sights.note("the list of claims", page.items, listed(&before), listed(&after));
        let found = world.claims(TENANT, &self.scope, &recipients)?;
        sights.note("claims", found, before, after);
        Ok(())
    }

    fn records<H: Harness>(&self, world: &World<'_, H>) -> [RecordRef; 3] {
        [3, 4, 5].map(|n| world.record(self.base + n))
    }

    fn mail_keys<H: Harness>(&self, world: &World<'_, H>, text: &str) -> Vec<IndexKey> {
        let text = format!("{} {text}", self.base);
        let kinds = [IndexKind::MessageId, IndexKind::Address, IndexKind::Token];
        kinds.map(|kind| world.key(kind, &text)).to_vec()
    }

    fn unique<H: Harness>(&self, world: &World<'_, H>, text: &str) -> UniqueKey {
        world.unique(&format!("{} {text}", self.base))
    }

    fn look_up<H: Harness>(&self, world: &World<'_, H>, text: &str) -> LookupKey {
        world.lookup_key(&format!("{} {text}", self.base))
    }

    fn send(&self, to: &str) -> Checked<ClaimId> {
        Ok(ClaimId { scope: self.scope, recipient: recipient(to)? })
    }
}

/// What was read, each as before the batch, as after it, or as neither.
#[derive(Default)]
struct Sights {
    before: Vec<&'static str>,
    after: Vec<&'static str>,
    neither: Vec<String>,
}

impl Sights {
    fn note<T: PartialEq + std::fmt::Debug>(
        &mut self,
        what: &'static str,
        found: T,
        before: T,
        after: T,
    ) {
        if found == before {
            self.before.push(what);
        } else if found == after {
            self.after.push(what);
        } else {
            self.neither.push(format!("{what} ({found:?}, neither {before:?} nor {after:?})"));
        }
    }

    fn seen(self) -> Seen {
        match (self.before.is_empty(), self.after.is_empty(), self.neither.is_empty()) {
            (_, true, true) => Seen::Nothing,
            (true, false, true) => Seen::Everything,
            _ => Seen::Half(format!(
                "as before: {}; as after: {}; as neither: {}",
                self.before.join(", "),
                self.after.join(", "),
                self.neither.join(", "),
            )),
        }
    }
}

//! Directories outside the store.

use super::case::{Checked, Outcome, Violation};
use super::harness::block_on;
use super::race::{RACERS, races};
use crate::id::TenantId;
use crate::index::Keyer;
use crate::party::{Attributes, DeliveryKey, PartyWrite, PartyWritten, Value};
use crate::record::{LookupKey, LookupKind, RecordAnswer, RecordKind, RecordLookup};
use crate::store::{Directory, ForeignDirectory, StoreError};

/// Where the kit gets a [`ForeignDirectory`] from, as it gets a store from a
/// [`Harness`](super::Harness).
pub trait ForeignHarness: Sync {
    /// What is proved.
    type Directory: ForeignDirectory;

    /// A directory with nobody in it, which shares nothing with those that were made before.
    fn fresh(&self) -> Self::Directory;

    /// Waits for a future, as [`Harness::block_on`](super::Harness::block_on) does.
    fn block_on<T: Send>(&self, future: impl Future<Output = T> + Send) -> T {
        block_on(future)
    }

    /// Closes the directory and opens it again, as after a crash; `None` where that cannot be done.
    fn reopen(&self, _directory: Self::Directory) -> Option<Self::Directory> {
        None
    }

    /// How often a race is run.
    fn rounds(&self) -> u32 {
        200
    }
}

/// One case of the kit for foreign directories.
#[derive(Clone, Copy)]
pub struct ForeignCase<H: ForeignHarness> {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) must: &'static str,
    pub(super) run: fn(Parties<'_, H>) -> Checked<Outcome>,
}

impl<H: ForeignHarness> ForeignCase<H> {
    /// The id of the must, as in [`store`](crate::store).
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// The name of the case, which is the name of the test too.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What a directory must do.
    #[must_use]
    pub const fn must(&self) -> &'static str {
        self.must
    }

    /// Runs the case.
    ///
    /// # Errors
    ///
    /// The directory breaks the must.
    pub fn check(&self, harness: &H) -> Result<Outcome, Violation> {
        (self.run)(Parties { harness, directory: harness.fresh(), must: self.id })
    }
}

impl<H: ForeignHarness> std::fmt::Debug for ForeignCase<H> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ForeignCase").field("id", &self.id).field("name", &self.name).finish()
    }
}

const TENANT: TenantId = TenantId::new(1);

const AGAIN: &str = "a submission that is delivered again after a crash is worked off twice";
const TWO: &str = "one person who submits twice becomes two records";

/// A directory under examination.
pub(super) struct Parties<'h, H: ForeignHarness> {
    harness: &'h H,
    directory: H::Directory,
    must: &'static str,
}

impl<H: ForeignHarness> Parties<'_, H> {
    fn fail(&self, suffered: &str, detail: &str) -> Violation {
        Violation::new(self.must, suffered).with_detail(detail)
    }

    fn same<T: PartialEq + std::fmt::Debug>(
        &self,
        found: T,
        expected: T,
        suffered: &str,
    ) -> Checked {
        if found == expected {
            return Ok(());
        }
        Err(self.fail(suffered, &format!("expected {expected:?}\n  found    {found:?}")))
    }

    fn went<T>(&self, answer: Result<T, StoreError>) -> Checked<T> {
        answer.map_err(|error| {
            self.fail("the directory failed where it need not", &error.to_string())
        })
    }

    fn key(text: &str) -> LookupKey {
        LookupKey::new(&Keyer::from_secret([7; 16]), LookupKind::Match, text.as_bytes())
    }

    fn write(
        &self,
        tenant: TenantId,
        delivery: u128,
        text: &str,
        first_name: &str,
    ) -> Checked<PartyWritten> {
        let mut attributes = Attributes::default();
        let set = attributes.set("firstname", Value::Text(first_name.to_owned()));
        set.map_err(|error| self.fail("kit", &error.to_string()))?;
        let write = PartyWrite::new(RecordKind::Contact, Self::key(text), attributes);
        let delivery = DeliveryKey::new(delivery);
        let directory = &self.directory;
        let answer = directory.create_or_update(tenant, delivery, &write);
        self.went(self.harness.block_on(answer))
    }

    fn found(&self, tenant: TenantId, text: &str) -> Checked<RecordAnswer> {
        let query = [RecordLookup::new(Self::key(text)).rows(64)].into_iter().collect();
        self.went(self.harness.block_on(self.directory.find_records(tenant, &query)))
    }

    fn races<T: Send>(
        &self,
        work: impl Fn(u32, usize) -> Checked<T> + Sync,
    ) -> Checked<Vec<Vec<T>>> {
        let done = races(RACERS, self.harness.rounds().max(2), work);
        let done = done.ok_or_else(|| self.fail("the directory panicked in a race", ""))?;
        done.into_iter().map(|round| round.into_iter().collect()).collect()
    }
}

/// C-FOR-1.
pub(super) fn worked_off_once<H: ForeignHarness>(parties: Parties<'_, H>) -> Checked<Outcome> {
    let mut parties = parties;
    let first = parties.write(TENANT, 1, "ann", "Ann")?;
    parties.same(first, PartyWritten::Created(first.id()), "a new person is taken for another")?;
    let before = parties.found(TENANT, "ann")?;
    parties.same(before.found(0).len(), 1, "a person who was written is not found")?;
    let repeated = PartyWritten::Repeated(first.id());
    // Again, as it was; with other words; under another key.
    for (text, name) in [("ann", "Ann"), ("ann", "Anna"), ("bob", "Bob")] {
        parties.same(parties.write(TENANT, 1, text, name)?, repeated, AGAIN)?;
        parties.same(parties.found(TENANT, "ann")?, before.clone(), AGAIN)?;
        parties.same(parties.found(TENANT, "bob")?.count(0), 0, AGAIN)?;
    }
    // Another delivery is another matter, and does not undo that the first was worked off.
    let second = parties.write(TENANT, 2, "ann", "Anna")?;
    parties.same(
        second,
        PartyWritten::Updated(first.id()),
        "a later submission changes nothing",
    )?;
    let after = parties.found(TENANT, "ann")?;
    parties.same(parties.write(TENANT, 1, "ann", "Ann")?, repeated, AGAIN)?;
    parties.same(parties.found(TENANT, "ann")?, after.clone(), AGAIN)?;
    // A delivery of another tenant is not this one.
    let stranger = parties.write(TenantId::new(2), 1, "ann", "Ann")?;
    let created = PartyWritten::Created(stranger.id());
    parties.same(stranger, created, "a submission of another tenant is lost")?;

    let raced = parties.races(|round, _| {
        parties.write(TENANT, 1_000 + u128::from(round), &format!("race {round}"), "Ann")
    })?;
    for (round, written) in raced.iter().enumerate() {
        let text = format!("race {round}");
        let news: Vec<_> =
            written.iter().filter(|w| !matches!(w, PartyWritten::Repeated(_))).collect();
        parties.same(news.len(), 1, AGAIN)?;
        let one = written.windows(2).all(|pair| matches!(pair, [a, b] if a.id() == b.id()));
        parties.same(one, true, "a repeated delivery names another record")?;
        parties.same(parties.found(TENANT, &text)?.count(0), 1, AGAIN)?;
    }
    let Parties { harness, directory, must } = parties;
    if let Some(directory) = harness.reopen(directory) {
        parties = Parties { harness, directory, must };
        parties.same(parties.write(TENANT, 1, "ann", "Ann")?, repeated, AGAIN)?;
        parties.same(parties.found(TENANT, "ann")?, after, AGAIN)?;
    }
    Ok(Outcome::HELD)
}

/// C-FOR-2.
pub(super) fn one_creates<H: ForeignHarness>(parties: Parties<'_, H>) -> Checked<Outcome> {
    // Both have seen nobody; then both write.
    parties.same(
        parties.found(TENANT, "ann")?.count(0),
        0,
        "a person is found whom nobody wrote",
    )?;
    let first = parties.write(TENANT, 1, "ann", "Ann")?;
    parties.same(
        parties.write(TENANT, 2, "ann", "Ann")?,
        PartyWritten::Updated(first.id()),
        TWO,
    )?;
    parties.same(parties.found(TENANT, "ann")?.count(0), 1, TWO)?;
    let other = parties.write(TENANT, 3, "bob", "Bob")?;
    let created = PartyWritten::Created(other.id());
    parties.same(other, created, "two people become one record")?;
    parties.same(first.id() == other.id(), false, "two people become one record")?;

    let raced = parties.races(|round, racer| {
        let delivery = 1_000 + u128::from(round) * RACERS as u128 + racer as u128;
        parties.write(TENANT, delivery, &format!("race {round}"), "Ann")
    })?;
    for (round, written) in raced.iter().enumerate() {
        let text = format!("race {round}");
        let creators: Vec<_> =
            written.iter().filter(|w| matches!(w, PartyWritten::Created(_))).collect();
        parties.same(creators.len(), 1, TWO)?;
        let one = written.windows(2).all(|pair| matches!(pair, [a, b] if a.id() == b.id()));
        parties.same(one, true, TWO)?;
        parties.same(parties.found(TENANT, &text)?.count(0), 1, TWO)?;
    }
    Ok(Outcome::HELD)
}

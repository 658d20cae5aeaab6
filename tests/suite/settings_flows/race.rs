//! Administrators who make different records the default at the same time, one who makes, unmarks,
//! deactivates and deletes records of his own with the mark, and a reader who looks on.

mod meddler;

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use chrono::DateTime;
use correspond::flow::settings::{
    Changed, Editor, NewIds, NewOrganization, Provisioned, create, default_of, get, load,
    make_default, page, provision,
};
use correspond::flow::{FlowError, FlowErrorKind};
use correspond::id::{RecordId, TenantId};
use correspond::index::Keyer;
use correspond::record::{Areas, Page, RecordPageQuery, RecordRef, UniqueKey, Versioned, Versions};
use correspond::settings::{
    Actor, LandingPageConfiguration, Link, Permissions, Profile, SettingsRecord, Stored,
};
use correspond::store::{Batch, Change, Commit, Expect, Records, Store, StoreError, poll_once};

type Set = LandingPageConfiguration;

pub const TENANT: TenantId = TenantId::new(1);

/// The configuration that the organization begins with.
const OWN: RecordId = RecordId::new(1_005);

/// How a record is made the default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By the flow.
    Flow,
    /// Wrong: the former one loses its mark in a batch of its own, before the new one gets it.
    TwoBatches,
    /// Wrong: without the unique key, and the new one gets the mark before the former one loses it.
    Unkeyed,
}

/// A race.
#[derive(Clone, Copy, Debug)]
pub struct Race {
    /// How often each administrator makes his record the default.
    pub times: usize,
    pub administrators: usize,
    pub way: Way,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How often a record was made the default.
    pub made: usize,
    /// How many batches were refused because somebody else was faster.
    pub lost: usize,
    /// How often a flow gave up and was begun again.
    pub given_up: usize,
    /// How many records the third administrator made with the mark, and deleted again.
    pub meddled: usize,
    /// How often he was refused, because his was the only default.
    pub refused: usize,
    /// How often the reader looked, in four ways each time.
    pub looks: usize,
    /// How many of its answers showed no default.
    pub none: usize,
    /// How many showed several.
    pub several: usize,
}

/// Where administrators wait for one another.
struct Line {
    begun: Barrier,
    administrators: usize,
    /// How often somebody had decided what to write, or had nothing to write.
    decided: AtomicUsize,
    /// Nothing more to see: it is over, or the reader saw what must not be.
    over: AtomicBool,
}

/// The store as one administrator has it: nobody writes his first batch of a round before all others
/// have decided on theirs, so that all but one of them are too late.
struct Seat<'a, S> {
    store: &'a S,
    line: &'a Line,
    round: AtomicUsize,
    decided: AtomicBool,
    refused: AtomicUsize,
}

impl<'a, S> Seat<'a, S> {
    const fn new(store: &'a S, line: &'a Line) -> Self {
        Self {
            store,
            line,
            round: AtomicUsize::new(0),
            decided: AtomicBool::new(true),
            refused: AtomicUsize::new(0),
        }
    }

    fn begin(&self, round: usize) {
        self.round.store(round, Ordering::SeqCst);
        self.decided.store(false, Ordering::SeqCst);
        // Who is in trouble arrives all the same.
        self.line.begun.wait();
    }

    /// Is it the first time in this round?
    fn decide(&self) -> bool {
        let first = !self.decided.swap(true, Ordering::SeqCst);
        self.line.decided.fetch_add(usize::from(first), Ordering::SeqCst);
        first
    }
}

impl<S: Store> Store for Seat<'_, S> {
    fn keyer(&self) -> &Keyer {
        self.store.keyer()
    }

    fn areas(&self) -> Areas {
        self.store.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        if self.decide() {
            let all = (self.round.load(Ordering::SeqCst) + 1) * self.line.administrators;
            while self.line.decided.load(Ordering::SeqCst) < all {
                thread::yield_now();
            }
        }
        let commit = self.store.commit(batch).await?;
        self.refused.fetch_add(usize::from(!commit.is_applied()), Ordering::Relaxed);
        Ok(commit)
    }
}

impl<S: Records> Records for Seat<'_, S> {
    async fn load(
        &self,
        tenant: TenantId,
        records: &[RecordRef],
    ) -> Result<Vec<Option<Versioned>>, StoreError> {
        self.store.load(tenant, records).await
    }

    async fn holders(
        &self,
        tenant: TenantId,
        keys: &[UniqueKey],
    ) -> Result<Vec<Option<RecordRef>>, StoreError> {
        self.store.holders(tenant, keys).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        query: &RecordPageQuery,
    ) -> Result<Page<Versioned, RecordId>, StoreError> {
        self.store.list(tenant, query).await
    }
}

struct World<'a, S> {
    store: &'a S,
    versions: Versions,
    way: Way,
    /// Looks begun and ended.
    begun: AtomicUsize,
    ended: AtomicUsize,
    line: Line,
}

impl Race {
    /// Runs it over a store that is ready at once.
    pub fn run<S: Store + Records>(&self, store: &S) -> Result<Seen, String> {
        let world = World {
            store,
            versions: Versions::default(),
            way: self.way,
            begun: AtomicUsize::new(0),
            ended: AtomicUsize::new(0),
            line: Line {
                begun: Barrier::new(self.administrators),
                administrators: self.administrators,
                decided: AtomicUsize::new(0),
                over: AtomicBool::new(false),
            },
        };
        world.prepare(self.administrators)?;
        thread::scope(|scope| {
            let world = &world;
            let reader = scope.spawn(|| world.look_on());
            let meddler = (self.way == Way::Flow).then(|| scope.spawn(|| world.meddle()));
            let administrators: Vec<_> = (0..self.administrators)
                .map(|number| scope.spawn(move || self.administrate(world, number)))
                .collect();
            let mut seen = Seen::default();
            for administrator in administrators {
                let done = administrator.join().map_err(|_| "a thread panicked")??;
                seen.made += done.made;
                seen.lost += done.lost;
                seen.given_up += done.given_up;
            }
            world.line.over.store(true, Ordering::Relaxed);
            let Seen { looks, none, several, .. } =
                reader.join().map_err(|_| "a thread panicked")??;
            if let Some(meddler) = meddler {
                let done = meddler.join().map_err(|_| "a thread panicked")??;
                (seen.meddled, seen.refused) = (done.meddled, done.refused);
            }
            Ok(Seen { looks, none, several, ..seen })
        })
    }

    /// Did they race, and did somebody look?
    pub fn was_one(&self, seen: &Seen) -> Result<(), String> {
        let Self { times, administrators, .. } = *self;
        if seen.made != times * administrators {
            let expected = times * administrators;
            return Err(format!("expected {expected} made the default, found {}", seen.made));
        }
        // In each round all but one are too late.
        let lost = times * administrators.saturating_sub(1);
        if seen.lost < lost {
            return Err(format!("expected {lost} batches lost, found {}", seen.lost));
        }
        if seen.looks == 0 {
            return Err("expected looks, found none".into());
        }
        if seen.meddled == 0 {
            return Err("expected records made and deleted, found none".into());
        }
        Ok(())
    }

    /// One administrator: his two records in turn, so that none of a round is the default before.
    fn administrate<S: Store + Records>(
        &self,
        world: &World<'_, S>,
        number: usize,
    ) -> Result<Seen, String> {
        let seat = Seat::new(world.store, &world.line);
        let mut seen = Seen::default();
        let mut trouble = None;
        for round in 0..self.times {
            seat.begin(round);
            if !world.line.over.load(Ordering::Relaxed) {
                match world.make(&seat, record(number, round)) {
                    Ok(again) => {
                        seen.made += 1;
                        seen.given_up += again;
                    }
                    Err(error) => {
                        world.line.over.store(true, Ordering::Relaxed);
                        trouble.get_or_insert(error);
                    }
                }
            }
            seat.decide();
        }
        seen.lost = seat.refused.into_inner();
        trouble.map_or(Ok(seen), Err)
    }
}

/// Which record an administrator makes the default in a round.
const fn record(administrator: usize, round: usize) -> RecordId {
    RecordId::new(1 + 2 * administrator as u128 + (round % 2) as u128)
}

impl<S: Store + Records> World<'_, S> {
    fn editor(&self) -> Editor<'_> {
        administrator(&self.versions)
    }

    /// A new organization, which has a default record of its own, with two more for each
    /// administrator.
    fn prepare(&self, administrators: usize) -> Result<(), String> {
        let made = provisioned(self.store, &self.versions)?;
        if made != Provisioned::Now {
            return Err(format!("expected an empty store, found {made:?}"));
        }
        let own = now(default_of::<Set, _>(self.store, TENANT))?.ok_or("expected a default")?;
        for id in 1..=2 * administrators as u128 {
            let value = own.value.clone().with_default(false);
            let made = now(create(self.store, &self.editor(), RecordId::new(id), value))?;
            made.done().ok_or("expected a new record")?;
        }
        Ok(())
    }

    /// Makes the record the default; how often that was begun again.
    fn make(&self, seat: &Seat<'_, S>, id: RecordId) -> Result<usize, String> {
        if self.way != Way::Flow {
            return self.make_wrongly(seat, id).map(|()| 0);
        }
        for again in 0..1_000 {
            match poll_once(make_default::<Set, _>(seat, &self.editor(), id)) {
                Some(Ok(Changed::Done(stored))) if stored.is_default() => return Ok(again),
                Some(Err(error)) if error.kind() == FlowErrorKind::Contended => {}
                other => return Err(format!("expected the default, found {other:?}")),
            }
        }
        Err("a thousand flows gave up".into())
    }

    /// A change that is lost to somebody else is not made again: what was done before stays wrong.
    fn make_wrongly(&self, seat: &Seat<'_, S>, id: RecordId) -> Result<(), String> {
        let all = now(page::<Set, _>(self.store, TENANT, None, 100))?.items;
        let own = all.iter().find(|stored| stored.id == id).ok_or("expected the record")?;
        let former = all.iter().find(|stored| stored.is_default() && stored.id != id);
        let Some(former) = former else { return Ok(()) };
        let (first, second) = match self.way {
            Way::Unkeyed => ((own, true), (former, false)),
            _ => ((former, false), (own, true)),
        };
        if self.mark(seat, first)? {
            self.until_looked_at();
            self.mark(seat, second)?;
        }
        Ok(())
    }

    fn mark(
        &self,
        seat: &Seat<'_, S>,
        (stored, default): (&Stored<Set>, bool),
    ) -> Result<bool, String> {
        let value = stored.value.clone().with_default(default);
        let record = Stored { value, ..stored.clone() }.to_record(self.store.keyer());
        let mut record = record.map_err(said)?;
        if self.way == Way::Unkeyed {
            record = record.with_unique([]).map_err(said)?;
        }
        let (version, expect) = (self.versions.next(), Expect::At(stored.version));
        let put = Change::Put { record, version, expect };
        Ok(now_of(seat.commit(&Batch::of(TENANT, put)))?.is_applied())
    }

    /// Waits until the reader has looked once from beginning to end.
    fn until_looked_at(&self) {
        let begun = self.begun.load(Ordering::SeqCst);
        while self.ended.load(Ordering::SeqCst) <= begun && !self.line.over.load(Ordering::Relaxed)
        {
            thread::yield_now();
        }
    }

    fn look_on(&self) -> Result<Seen, String> {
        let looked = self.look_until_over();
        // Nobody waits for a reader that failed.
        self.line.over.store(true, Ordering::Relaxed);
        looked
    }

    fn look_until_over(&self) -> Result<Seen, String> {
        let mut seen = Seen::default();
        while !self.line.over.load(Ordering::Relaxed) && seen.none + seen.several == 0 {
            self.begun.fetch_add(1, Ordering::SeqCst);
            for defaults in self.look()? {
                seen.none += usize::from(defaults == 0);
                seen.several += usize::from(defaults > 1);
            }
            self.ended.fetch_add(1, Ordering::SeqCst);
            seen.looks += 1;
        }
        Ok(seen)
    }

    /// How many defaults there are: in the list, by the flow that reads it, by the unique key, in the
    /// snapshot of all settings.
    fn look(&self) -> Result<Vec<usize>, String> {
        let listed = now(page::<Set, _>(self.store, TENANT, None, 1_000))?.items;
        let mut defaults = vec![listed.iter().filter(|stored| stored.is_default()).count()];
        // Without the key there is nothing else to ask.
        if self.way != Way::Unkeyed {
            match poll_once(default_of::<Set, _>(self.store, TENANT)) {
                Some(Ok(found)) => {
                    defaults.push(usize::from(found.is_some_and(|s| s.is_default())))
                }
                // It looked eight times and saw it move eight times.
                Some(Err(error)) if error.kind() == FlowErrorKind::Contended => {}
                other => return Err(format!("expected a default, found {other:?}")),
            }
            let key = Stored::<Set>::default_key(self.store.keyer());
            let holders = now_of(self.store.holders(TENANT, &[key]))?;
            defaults.push(holders.iter().flatten().count());
            match poll_once(load(self.store, TENANT)) {
                Some(Ok(settings)) => {
                    defaults.push(usize::from(settings.landing_page.is_default()))
                }
                Some(Err(error)) if error.kind() == FlowErrorKind::Contended => {}
                // An organization has one always: without, it cannot be read.
                Some(Err(error)) if error.kind() == FlowErrorKind::NotProvisioned => {
                    defaults.push(0);
                }
                other => return Err(format!("expected settings, found {other:?}")),
            }
        }
        Ok(defaults)
    }
}

pub const fn administrator(versions: &Versions) -> Editor<'_> {
    let actor = Actor::new(RecordId::new(99), Permissions::ALL);
    Editor::new(TENANT, actor, DateTime::UNIX_EPOCH, versions)
}

/// Provisions the organization, and says how that went.
pub fn provisioned<S: Store + Records>(
    store: &S,
    versions: &Versions,
) -> Result<Provisioned, String> {
    let new = NewOrganization::new(
        Profile::Documents,
        &"contoso.crm.dynamics.com".parse().map_err(said)?,
        DateTime::UNIX_EPOCH.date_naive(),
        Link::new(RecordId::new(1_000)),
        NewIds {
            domain: RecordId::new(1_001),
            marketing_defaults: RecordId::new(1_002),
            contact_strategy: RecordId::new(1_003),
            lead_strategy: RecordId::new(1_004),
            landing_page: OWN,
        },
    );
    now(provision(store, &administrator(versions), &new.map_err(said)?))
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn now<T>(flow: impl Future<Output = Result<T, FlowError>>) -> Result<T, String> {
    poll_once(flow).ok_or("not ready at once")?.map_err(said)
}

fn now_of<T>(call: impl Future<Output = Result<T, StoreError>>) -> Result<T, String> {
    poll_once(call).ok_or("not ready at once")?.map_err(said)
}

/// The default record at the end; all others are as they should be.
pub fn left<S: Store + Records>(store: &S) -> Result<RecordId, String> {
    let found = now(default_of::<Set, _>(store, TENANT))?.ok_or("expected a default")?;
    let again = now(get::<Set, _>(store, TENANT, found.id))?;
    let settings = now(load(store, TENANT))?;
    if again.as_ref() == Some(&found) && settings.landing_page == found {
        Ok(found.id)
    } else {
        Err(format!("found {again:?}"))
    }
}

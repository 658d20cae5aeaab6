//! An administrator in each process makes his records the default, while all other tasks look on.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::DateTime;
use correspond::adapter::postgres::PostgresStore;
use correspond::flow::FlowErrorKind;
use correspond::flow::settings::{
    Changed, Editor, NewIds, NewOrganization, Provisioned, create, default_of, get, make_default,
    page, provision,
};
use correspond::id::{RecordId, TenantId};
use correspond::index::Keyer;
use correspond::record::{Areas, Page, RecordPageQuery, RecordRef, UniqueKey, Versioned, Versions};
use correspond::settings::{
    Actor, LandingPageConfiguration, Link, Permissions, Profile, SettingsRecord, Stored,
};
use correspond::store::{Batch, Change, Commit, Expect, Records, Store, StoreError};

use crate::Result;
use crate::arguments::Arguments;
use crate::race::{Place, Race};

type Set = LandingPageConfiguration;

const TENANT: TenantId = TenantId::new(1);

pub struct Defaults {
    times: usize,
    /// Wrong: the former one loses its mark in a batch of its own, before the new one gets it.
    two_batches: bool,
    /// The administrator of this process is done.
    over: AtomicBool,
}

/// The store of an administrator, which counts what was refused.
struct Seat<'a> {
    store: &'a PostgresStore,
    refused: AtomicUsize,
}

impl Store for Seat<'_> {
    fn keyer(&self) -> &Keyer {
        self.store.keyer()
    }

    fn areas(&self) -> Areas {
        self.store.areas()
    }

    async fn commit(&self, batch: &Batch) -> Result<Commit, StoreError> {
        let commit = self.store.commit(batch).await?;
        self.refused.fetch_add(usize::from(!commit.is_applied()), Ordering::Relaxed);
        Ok(commit)
    }
}

impl Records for Seat<'_> {
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

const fn administrator(versions: &Versions) -> Editor<'_> {
    let actor = Actor::new(RecordId::new(99), Permissions::ALL);
    Editor::new(TENANT, actor, DateTime::UNIX_EPOCH, versions)
}

/// A new organization, with two records more for each process; whoever is first makes them.
async fn prepare(store: &PostgresStore, processes: usize) -> Result<()> {
    let new = NewOrganization::new(
        Profile::Documents,
        &"contoso.crm.dynamics.com".parse()?,
        DateTime::UNIX_EPOCH.date_naive(),
        Link::new(RecordId::new(1_000)),
        NewIds {
            domain: RecordId::new(1_001),
            marketing_defaults: RecordId::new(1_002),
            contact_strategy: RecordId::new(1_003),
            lead_strategy: RecordId::new(1_004),
            landing_page: RecordId::new(1_005),
        },
    )?;
    let versions = Versions::default();
    let editor = administrator(&versions);
    let made = provision(store, &editor, &new).await?;
    if !matches!(made, Provisioned::Now | Provisioned::Before) {
        return Err(format!("expected an organization, found {made:?}").into());
    }
    let own = get::<Set, _>(store, TENANT, RecordId::new(1_005)).await?;
    let own = own.ok_or("expected a configuration")?.value.with_default(false);
    for id in 1..=2 * processes as u128 {
        let made = loop {
            match create(store, &editor, RecordId::new(id), own.clone()).await {
                // Everybody refers to the same strategies at the same time.
                Err(error) if error.kind() == FlowErrorKind::Contended => {}
                other => break other?,
            }
        };
        if !matches!(made, Changed::Done(_) | Changed::Stale(_)) {
            return Err(format!("expected a record, found {made:?}").into());
        }
    }
    Ok(())
}

/// Takes the mark from whoever has it, then gives it to this one. A batch that is lost is not made
/// again: what was done before stays wrong.
async fn make_wrongly(seat: &Seat<'_>, versions: &Versions, id: RecordId) -> Result<()> {
    let all = page::<Set, _>(seat, TENANT, None, 1_000).await?.items;
    let own = all.iter().find(|stored| stored.id == id).ok_or("expected the record")?;
    let former = all.iter().find(|stored| stored.is_default() && stored.id != id);
    for (stored, default) in former.map(|former| (former, false)).into_iter().chain([(own, true)]) {
        let value = stored.value.clone().with_default(default);
        let changed = Stored { value, ..stored.clone() };
        let record = changed.to_record(seat.keyer())?;
        let expect = Expect::At(stored.version);
        let put = Change::Put { record, version: versions.next(), expect };
        if !seat.commit(&Batch::of(TENANT, put)).await?.is_applied() {
            break;
        }
    }
    Ok(())
}

impl Defaults {
    /// The two records in turn, so that none is the default already.
    async fn administrate(&self, store: &PostgresStore, place: Place) -> Result<String> {
        let versions = Versions::default();
        let editor = administrator(&versions);
        let seat = Seat { store, refused: AtomicUsize::new(0) };
        let (mut made, mut given_up) = (0, 0);
        while made < self.times {
            let id = RecordId::new(1 + 2 * place.process as u128 + (made % 2) as u128);
            if self.two_batches {
                made += 1;
                make_wrongly(&seat, &versions, id).await?;
                continue;
            }
            match make_default::<Set, _>(&seat, &editor, id).await {
                Ok(Changed::Done(stored)) if stored.is_default() => made += 1,
                Err(error) if error.kind() == FlowErrorKind::Contended => given_up += 1,
                other => return Err(format!("expected the default, found {other:?}").into()),
            }
        }
        Ok(format!("made {made} {} {given_up}", seat.refused.into_inner()))
    }

    async fn look_on(&self, store: &PostgresStore) -> Result<String> {
        let (mut looks, mut none, mut several) = (0, 0, 0);
        while !self.over.load(Ordering::Relaxed) {
            let listed = page::<Set, _>(store, TENANT, None, 1_000).await?.items;
            let mut defaults = vec![listed.iter().filter(|stored| stored.is_default()).count()];
            match default_of::<Set, _>(store, TENANT).await {
                Ok(found) => defaults.push(usize::from(found.is_some_and(|s| s.is_default()))),
                // It looked eight times and saw it move eight times.
                Err(error) if error.kind() == FlowErrorKind::Contended => {}
                Err(error) => return Err(error.into()),
            }
            none += defaults.iter().filter(|defaults| **defaults == 0).count();
            several += defaults.iter().filter(|defaults| **defaults > 1).count();
            looks += 1;
        }
        Ok(format!("looked {looks} {none} {several}"))
    }
}

impl Race for Defaults {
    const NAME: &'static str = "defaults";

    fn read(arguments: &mut Arguments) -> Result<Self> {
        let times = arguments.option("--times").map_err(|error| error.to_string())?;
        let fault: Option<String> =
            arguments.option("--fault").map_err(|error| error.to_string())?;
        let two_batches = match fault.as_deref() {
            None | Some("none") => false,
            Some("two-batches") => true,
            other => return Err(format!("expected a fault, found {other:?}").into()),
        };
        Ok(Self { times: times.unwrap_or(1_000), two_batches, over: AtomicBool::new(false) })
    }

    fn options(&self) -> Vec<String> {
        let fault = if self.two_batches { "two-batches" } else { "none" };
        vec!["--times".into(), self.times.to_string(), "--fault".into(), fault.into()]
    }

    async fn task(&self, store: &PostgresStore, place: Place) -> Result<Vec<String>> {
        prepare(store, place.processes).await?;
        if place.task > 0 {
            return Ok(vec![self.look_on(store).await?]);
        }
        let done = self.administrate(store, place).await;
        // Nobody looks on for ever at one who failed.
        self.over.store(true, Ordering::Relaxed);
        Ok(vec![done?])
    }

    async fn judge(&self, store: &PostgresStore, got: Vec<String>) -> Result<String> {
        let mut sums = [[0; 3]; 2];
        for line in &got {
            let mut words = line.split(' ');
            let row = usize::from(words.next() == Some("looked"));
            for (sum, word) in sums[row].iter_mut().zip(words) {
                *sum += word.parse::<usize>()?;
            }
        }
        let [[made, lost, given_up], [looks, none, several]] = sums;
        let left = default_of::<Set, _>(store, TENANT).await?;
        let said = format!(
            "{made} made the default, {lost} batches lost, {given_up} given up; {looks} looks, \
             {none} saw none, {several} saw several"
        );
        if self.two_batches {
            let noticed = if none + several > 0 { "noticed" } else { "the fault was not noticed" };
            return Err(format!("{noticed}: {said}").into());
        }
        // Who never loses a batch does not race.
        if none + several > 0 || looks == 0 || left.is_none() || made == 0 || lost == 0 {
            return Err(said.into());
        }
        Ok(said)
    }
}

//! Requests as they were found.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::contact::{corrupt, full};
use crate::consent::{Ask, LevelChange, OptInRequest, Standing, Steps, Wanted};
use crate::flow::FlowError;
use crate::id::{RecordId, TenantId};
use crate::index::Keyer;
use crate::record::{Record, RecordRef, UniqueKey, Versioned, Versions};
use crate::store::{Change, Expect, Records, Store};

/// A request as it was found.
pub(super) struct Pending {
    pub(super) request: OptInRequest,
    kept: Versioned,
}

impl Pending {
    pub(super) fn found(kept: Versioned) -> Result<Self, FlowError> {
        let request = OptInRequest::from_record(&kept.record).map_err(corrupt)?;
        Ok(Self { request, kept })
    }

    pub(super) fn id(&self) -> RecordId {
        self.kept.record.reference().id()
    }

    /// The change that writes it as `request`, found by the links that it has.
    pub(super) fn put(
        &self,
        request: &OptInRequest,
        versions: &Versions,
        keyer: &Keyer,
        now: DateTime<Utc>,
    ) -> Result<Change, FlowError> {
        let links = self.kept.record.unique().iter().copied();
        let record = request.to_record(self.id(), links, keyer, now).map_err(full)?;
        Ok(self.change(record, versions))
    }

    /// The change that withdraws it.
    pub(super) fn withdraw(
        &self,
        versions: &Versions,
        keyer: &Keyer,
        now: DateTime<Utc>,
    ) -> Result<Change, FlowError> {
        self.put(&self.request.clone().withdrawn(now), versions, keyer, now)
    }

    /// The change that writes it as `request`, found by one link more.
    pub(super) fn renew(
        &self,
        request: &OptInRequest,
        link: UniqueKey,
        versions: &Versions,
        keyer: &Keyer,
        now: DateTime<Utc>,
    ) -> Result<Change, FlowError> {
        let kept = self.kept.record.unique().iter().filter(|key| key.space() == link.space());
        let mut links: Vec<UniqueKey> = kept.copied().collect();
        if links.len() >= OptInRequest::MAX_LINKS && !links.contains(&link) {
            links.clear();
        }
        links.push(link);
        let record = request.to_record(self.id(), links, keyer, now).map_err(full)?;
        Ok(self.change(record, versions))
    }

    fn change(&self, record: Record, versions: &Versions) -> Change {
        Change::Put { record, version: versions.next(), expect: Expect::At(self.kept.version) }
    }
}

/// The requests of a contact that wait for what may be asked for again, or taken back.
pub(super) struct Waiting(HashMap<Ask, Pending>);

impl Waiting {
    /// Look at these first, and at the contact second: a click that comes between the two has changed
    /// the contact by then, and the request that it spent is found stale at the commit. The other way
    /// round the contact would be as it was before the click, and the request no longer wait.
    pub(super) async fn load<S: Store + Records>(
        store: &S,
        (tenant, contact): (TenantId, RecordId),
        wanted: &Wanted,
        confirming: bool,
    ) -> Result<Self, FlowError> {
        let asks = wanted.meets(confirming);
        if asks.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        let key = |ask: &Ask| OptInRequest::pending_key(store.keyer(), contact, *ask);
        let keys: Vec<UniqueKey> = asks.iter().map(key).collect();
        let holders = store.holders(tenant, &keys).await?;
        let (asks, found): (Vec<Ask>, Vec<RecordRef>) =
            asks.into_iter().zip(holders).filter_map(|(ask, holder)| Some((ask, holder?))).unzip();
        if found.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        let kept = store.load(tenant, &found).await?;
        let pairs = asks.into_iter().zip(kept).filter_map(|(ask, kept)| Some((ask, kept?)));
        pairs
            .map(|(ask, kept)| Ok((ask, Pending::found(kept)?)))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    pub(super) fn get(&self, ask: Ask) -> Option<&Pending> {
        self.0.get(&ask)
    }

    /// Those that wait for the opposite of what is done now, by ascending id.
    pub(super) fn taken_back(
        &self,
        wanted: &Wanted,
        steps: &Steps,
        now: DateTime<Utc>,
    ) -> Vec<&Pending> {
        let lowered = steps.level.filter(|change| !change.is_raise()).map(LevelChange::to);
        let opposite = |ask: &Ask| match ask {
            Ask::Level(level) => lowered.is_some_and(|to| *level > to),
            Ask::List(list) => wanted.leaves(*list),
        };
        let open = |pending: &Pending| pending.request.standing(now) == Standing::Open;
        let taken = self.0.iter().filter(|(ask, pending)| opposite(ask) && open(pending));
        let mut taken: Vec<&Pending> = taken.map(|(_, pending)| pending).collect();
        taken.sort_by_key(|pending| pending.id());
        taken
    }
}

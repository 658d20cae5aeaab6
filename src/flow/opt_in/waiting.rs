//! Requests as they were found.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::contact::{corrupt, full};
use crate::consent::{Ask, Asked, LevelChange, LinkSeed, OptInRequest, Standing, Steps, Wanted};
use crate::flow::FlowError;
use crate::id::{RecordId, TenantId};
use crate::index::Keyer;
use crate::record::{Record, RecordKind, RecordRef, Space, UniqueKey, Versioned, Versions};
use crate::store::{Change, Expect, Records, Store};

/// A request as it was found.
pub(in crate::flow) struct Pending {
    pub(in crate::flow) request: OptInRequest,
    kept: Versioned,
}

impl Pending {
    pub(in crate::flow) fn found(kept: Versioned) -> Result<Self, FlowError> {
        let request = OptInRequest::from_record(&kept.record).map_err(corrupt)?;
        Ok(Self { request, kept })
    }

    pub(in crate::flow) fn id(&self) -> RecordId {
        self.kept.record.reference().id()
    }

    /// Is it the one that waits for what it asks? An expired one that was replaced is not, whatever the
    /// clock of a later delivery says.
    pub(in crate::flow) fn waits(&self, now: DateTime<Utc>) -> bool {
        let mut unique = self.kept.record.unique().iter();
        let placed = unique.any(|key| key.space() == Space::Pending);
        placed && self.request.standing(now) == Standing::Open
    }

    /// Does this link lead to it?
    pub(in crate::flow) fn has(&self, link: UniqueKey) -> bool {
        self.kept.record.unique().contains(&link)
    }

    /// The change that writes it as `request`, found by the links that it has.
    pub(in crate::flow) fn put(
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
    pub(in crate::flow) fn withdraw(
        &self,
        versions: &Versions,
        keyer: &Keyer,
        now: DateTime<Utc>,
    ) -> Result<Change, FlowError> {
        self.put(&self.request.clone().withdrawn(now), versions, keyer, now)
    }

    /// The change that writes it as `request`, found by one link more.
    pub(in crate::flow) fn renew(
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

/// The requests of a contact that wait for what may be asked for again, or taken back; and those
/// that the same submission has made before.
pub(super) struct Waiting {
    requests: HashMap<RecordRef, Pending>,
    waiting: HashMap<Ask, RecordRef>,
    /// Of each seed: who has its link, and who has its id.
    seeds: Vec<[Option<RecordRef>; 2]>,
}

impl Waiting {
    /// Nothing waits, and nothing was made before.
    pub(super) fn none() -> Self {
        Self { requests: HashMap::new(), waiting: HashMap::new(), seeds: Vec::new() }
    }

    /// Look at these first, and at the contact second: a click that comes between the two has changed
    /// the contact by then, and the request that it spent is found stale at the commit. The other way
    /// round the contact would be as it was before the click, and the request no longer wait; whoever
    /// looks that way writes the contact in any case, so that the click refuses the batch.
    pub(super) async fn load<S: Store + Records>(
        store: &S,
        (tenant, contact): (TenantId, RecordId),
        wanted: &Wanted,
        seeds: Option<&[LinkSeed]>,
    ) -> Result<Self, FlowError> {
        let asks = wanted.meets(seeds.is_some());
        let seeds = seeds.unwrap_or_default().iter().take(wanted.max_confirmations());
        let pending = |ask: &Ask| OptInRequest::pending_key(store.keyer(), contact, *ask);
        let links = seeds.clone().map(|seed| seed.token.key(store.keyer()));
        // At most 69 for what waits and 65 of seeds.
        let keys: Vec<UniqueKey> = asks.iter().map(pending).chain(links).collect();
        if keys.is_empty() {
            return Ok(Self::none());
        }
        let mut holders = store.holders(tenant, &keys).await?.into_iter();
        let waiting = asks.into_iter().zip(holders.by_ref());
        let waiting: HashMap<_, _> =
            waiting.filter_map(|(ask, holder)| Some((ask, holder?))).collect();
        let ids = seeds.map(|seed| Some(RecordKind::OptInRequest.of(seed.id)));
        let seeds: Vec<_> = holders.zip(ids).map(|(holder, id)| [holder, id]).collect();
        let found = waiting.values().chain(seeds.iter().flatten().flatten());
        let found: HashSet<RecordRef> = found.copied().collect();
        let found: Vec<RecordRef> = found.into_iter().collect();
        if found.is_empty() {
            return Ok(Self { requests: HashMap::new(), waiting, seeds });
        }
        let kept = store.load(tenant, &found).await?.into_iter().flatten();
        let requests = kept.map(|kept| Ok((kept.record.reference(), Pending::found(kept)?)));
        let requests = requests.collect::<Result<_, FlowError>>()?;
        Ok(Self { requests, waiting, seeds })
    }

    pub(super) fn get(&self, ask: Ask) -> Option<&Pending> {
        self.requests.get(self.waiting.get(&ask)?)
    }

    /// The request for this of this contact that was made or renewed with the seed at `slot`, in
    /// whatever state: the submission was worked off before.
    pub(super) fn delivered(&self, slot: usize, contact: RecordId, ask: Ask) -> Option<&Pending> {
        let found = self.seeds.get(slot)?.iter().flatten();
        let same = Asked::Contact { contact, ask };
        let mut found = found.filter_map(|reference| self.requests.get(reference));
        found.find(|pending| *pending.request.asked() == same)
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
        let asks = self.waiting.keys().filter(|ask| opposite(ask));
        let mut taken: Vec<&Pending> = asks.filter_map(|ask| self.get(*ask)).collect();
        taken.retain(|pending| open(pending));
        taken.sort_by_key(|pending| pending.id());
        taken
    }
}

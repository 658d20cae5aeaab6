//! A foreign directory, right but for its fault.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::DateTime;

use super::meeting::Meeting;
use crate::conformance::{ForeignHarness, Outcome, Violation, foreign_cases};
use crate::id::{RecordId, TenantId};
use crate::party::{DeliveryKey, PartyWrite, PartyWritten};
use crate::record::{LookupKey, Record, RecordAnswer, RecordQuery, Version, Versioned};
use crate::store::{Directory, ForeignDirectory, StoreError, StoreErrorKind};

/// What is wrong with a foreign directory. The description continues "a directory that".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ForeignFault {
    /// works a delivery off as often as it comes
    RepeatsDeliveries,
    /// updates again when a delivery is repeated, though it says that it did not
    UpdatesAgain,
    /// knows deliveries by their match key too
    KnowsDeliveriesByMatch,
    /// names no record of its own for a repeated delivery
    NamesAnother,
    /// knows deliveries of all tenants
    SharesDeliveries,
    /// forgets deliveries when it is opened again
    ForgetsDeliveries,
    /// looks for a delivery first and works it off then
    RacesDeliveries,
    /// creates a party for every submission
    CreatesAlways,
    /// takes everybody for the first
    KnowsOne,
    /// looks for a match key first and creates then
    RacesMatchKeys,
}

impl ForeignFault {
    /// Every fault.
    pub const ALL: [Self; 10] = [
        Self::RepeatsDeliveries,
        Self::UpdatesAgain,
        Self::KnowsDeliveriesByMatch,
        Self::NamesAnother,
        Self::SharesDeliveries,
        Self::ForgetsDeliveries,
        Self::RacesDeliveries,
        Self::CreatesAlways,
        Self::KnowsOne,
        Self::RacesMatchKeys,
    ];

    /// The name of the case that must notice it.
    #[must_use]
    pub const fn case(self) -> &'static str {
        match self {
            Self::CreatesAlways | Self::KnowsOne | Self::RacesMatchKeys => {
                "c_for_2_one_of_many_creates_a_party"
            }
            _ => "c_for_1_a_delivery_is_worked_off_once",
        }
    }
}

/// Runs the case of this fault on a directory that has it; without one, every case.
///
/// # Errors
///
/// The violation that the case found: what is expected where there is a fault.
pub fn check_foreign(fault: Option<ForeignFault>) -> Result<(), Violation> {
    let harness = Toys { fault };
    for case in foreign_cases::<Toys>() {
        if fault.is_none_or(|fault| fault.case() == case.name()) {
            let _: Outcome = case.check(&harness)?;
        }
    }
    Ok(())
}

struct Toys {
    fault: Option<ForeignFault>,
}

impl ForeignHarness for Toys {
    type Directory = Toy;

    fn fresh(&self) -> Toy {
        Toy { fault: self.fault, shared: Arc::default() }
    }

    fn reopen(&self, directory: Toy) -> Option<Toy> {
        if self.fault == Some(ForeignFault::ForgetsDeliveries) {
            directory.lock().deliveries.clear();
        }
        Some(directory)
    }

    fn rounds(&self) -> u32 {
        20
    }
}

#[derive(Default)]
struct Contacts {
    people: BTreeMap<(TenantId, RecordId), Versioned>,
    deliveries: BTreeMap<(TenantId, DeliveryKey, Option<LookupKey>), RecordId>,
    written: u64,
}

struct Toy {
    fault: Option<ForeignFault>,
    shared: Arc<(Mutex<Contacts>, Meeting)>,
}

impl Toy {
    fn lock(&self) -> MutexGuard<'_, Contacts> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is(&self, fault: ForeignFault) -> bool {
        self.fault == Some(fault)
    }
}

impl Contacts {
    fn with_key(&self, tenant: TenantId, key: &LookupKey) -> Vec<Versioned> {
        let own = self.people.iter().filter(|((owner, _), _)| *owner == tenant);
        own.map(|(_, found)| found).filter(|f| f.record.keys().contains(key)).cloned().collect()
    }

    fn put(
        &mut self,
        tenant: TenantId,
        id: RecordId,
        write: &PartyWrite,
    ) -> Result<(), StoreError> {
        self.written += 1;
        let failed = |_| StoreError::new(StoreErrorKind::Other, "writing a party");
        let text = format!("{:?}", write.attributes);
        let at = DateTime::UNIX_EPOCH + chrono::TimeDelta::seconds(self.written as i64);
        let record = Record::new(write.kind.of(id), at, text).map_err(failed)?;
        let record = record.with_keys([write.match_key]).map_err(failed)?;
        let version = Version::new(self.written.into());
        self.people.insert((tenant, id), Versioned { record, version });
        Ok(())
    }
}

impl Directory for Toy {
    async fn find_records(
        &self,
        tenant: TenantId,
        query: &RecordQuery,
    ) -> Result<RecordAnswer, StoreError> {
        let contacts = self.lock();
        let mut answer = RecordAnswer::default();
        for lookup in query.lookups() {
            let mut found = contacts.with_key(tenant, lookup.key());
            let count = found.len();
            found.sort_by_key(|f| {
                std::cmp::Reverse((f.record.modified(), f.record.reference().id()))
            });
            found.into_iter().take(lookup.row_limit().into()).for_each(|f| answer.push(f));
            answer.end_lookup(count);
        }
        Ok(answer)
    }
}

impl ForeignDirectory for Toy {
    async fn create_or_update(
        &self,
        tenant: TenantId,
        delivery: DeliveryKey,
        write: &PartyWrite,
    ) -> Result<PartyWritten, StoreError> {
        let shared = self.is(ForeignFault::SharesDeliveries);
        let by_match = self.is(ForeignFault::KnowsDeliveriesByMatch);
        let key = (
            if shared { TenantId::new(0) } else { tenant },
            delivery,
            by_match.then_some(write.match_key),
        );
        let mut contacts = self.lock();
        let known = contacts.deliveries.get(&key).copied();
        if let Some(id) = known.filter(|_| !self.is(ForeignFault::RepeatsDeliveries)) {
            if self.is(ForeignFault::UpdatesAgain) {
                contacts.put(tenant, id, write)?;
            }
            let other = u128::from(self.is(ForeignFault::NamesAnother));
            return Ok(PartyWritten::Repeated(RecordId::new(id.get() + other)));
        }
        if self.is(ForeignFault::RacesDeliveries) {
            drop(contacts);
            self.shared.1.meet();
            contacts = self.lock();
        }
        let mut there = contacts.with_key(tenant, &write.match_key);
        if self.is(ForeignFault::RacesMatchKeys) {
            drop(contacts);
            self.shared.1.meet();
            contacts = self.lock();
        }
        match self.fault {
            Some(ForeignFault::CreatesAlways) => there.clear(),
            Some(ForeignFault::KnowsOne) => there = contacts.people.values().cloned().collect(),
            _ => {}
        }
        let found = there.first().map(|found| found.record.reference().id());
        let id = found.unwrap_or_else(|| RecordId::new(10 + contacts.people.len() as u128 * 10));
        contacts.put(tenant, id, write)?;
        contacts.deliveries.insert(key, id);
        Ok(if found.is_some() { PartyWritten::Updated(id) } else { PartyWritten::Created(id) })
    }
}

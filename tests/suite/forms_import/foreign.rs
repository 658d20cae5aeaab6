//! Contacts and leads in tables of the host's own.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use super::watched::Watched;
use super::*;
use correspond::adapter::memory::MemoryStore;
use correspond::conformance::ForeignHarness;
use correspond::flow::FlowErrorKind;
use correspond::form::{Failure, FormChoices, Keying, SubmissionState, TargetOutcome};
use correspond::index::Keyer;
use correspond::party::{DeliveryKey, PartyWrite, PartyWritten};
use correspond::record::{LookupKey, RecordAnswer, RecordQuery, RecordRef};
use correspond::settings::BlankValues;
use correspond::store::{ForeignDirectory, StoreError};

/// The host's tables.
#[derive(Default)]
struct Tables(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    rows: BTreeMap<(TenantId, LookupKey), (Versioned, Attributes)>,
    deliveries: BTreeMap<(TenantId, DeliveryKey), RecordId>,
    writes: u64,
}

impl Tables {
    fn people(&self, kind: RecordKind) -> Vec<(RecordRef, Attributes)> {
        let inner = self.0.lock().unwrap();
        let rows = inner.rows.values().map(|(kept, row)| (kept.record.reference(), row.clone()));
        rows.filter(|(reference, _)| reference.kind() == kind).collect()
    }

    fn writes(&self) -> u64 {
        self.0.lock().unwrap().writes
    }
}

impl Directory for Tables {
    async fn find_records(
        &self,
        tenant: TenantId,
        query: &RecordQuery,
    ) -> Result<RecordAnswer, StoreError> {
        let inner = self.0.lock().unwrap();
        let mut answer = RecordAnswer::default();
        for lookup in query.lookups() {
            let found = inner.rows.get(&(tenant, *lookup.key()));
            if let Some((kept, _)) = found {
                answer.push(kept.clone());
            }
            answer.end_lookup(usize::from(found.is_some()));
        }
        Ok(answer)
    }
}

impl ForeignDirectory for Tables {
    async fn create_or_update(
        &self,
        tenant: TenantId,
        delivery: DeliveryKey,
        write: &PartyWrite,
    ) -> Result<PartyWritten, StoreError> {
        let mut inner = self.0.lock().unwrap();
        if let Some(id) = inner.deliveries.get(&(tenant, delivery)) {
            return Ok(PartyWritten::Repeated(*id));
        }
        inner.writes += 1;
        let version = Version::new(inner.writes.into());
        let place = (tenant, write.match_key);
        let before = inner.rows.get(&place).cloned();
        let id = before.as_ref().map_or_else(
            || RecordId::new(1_000 + version.get()),
            |(kept, _)| kept.record.reference().id(),
        );
        let mut attributes = before.as_ref().map(|(_, row)| row.clone()).unwrap_or_default();
        for (name, value) in write.attributes.iter() {
            attributes.set(name, value.clone()).unwrap();
        }
        let record = Party::new(write.kind.of(id), start(), attributes.clone());
        let record = record.to_record([write.match_key], []).unwrap();
        inner.rows.insert(place, (Versioned { record, version }, attributes));
        inner.deliveries.insert((tenant, delivery), id);
        Ok(match before {
            None => PartyWritten::Created(id),
            Some(_) => PartyWritten::Updated(id),
        })
    }
}

struct Harness;

impl ForeignHarness for Harness {
    type Directory = Tables;

    fn fresh(&self) -> Tables {
        Tables::default()
    }

    fn rounds(&self) -> u32 {
        10
    }
}

correspond::foreign_conformance!(the_tables_are_a_foreign_directory, Harness);

struct Host {
    org: Org,
    store: Watched<MemoryStore>,
    tables: Tables,
}

impl Host {
    fn new() -> Self {
        // The same keys in every run.
        let store = Watched::new(MemoryStore::new([7; 16]));
        Self { org: Org::new(), store, tables: Tables::default() }
    }

    async fn submit(
        &self,
        id: u128,
        submission: &Submission,
    ) -> Result<Worked, correspond::flow::FlowError> {
        let delivery = Delivery::new(TENANT, RecordId::new(id), submission, start());
        let setup = self.org.setup();
        self.org.submissions.submit_foreign(&self.store, &self.tables, &setup, &delivery).await
    }

    fn history(&self) -> Vec<LeadHistoryEntry> {
        let entries = now(all(&self.store.inner, RecordKind::LeadHistory));
        entries.iter().map(|kept| LeadHistoryEntry::from_record(&kept.record).unwrap()).collect()
    }
}

fn created(outcome: &TargetOutcome) -> bool {
    matches!(outcome, TargetOutcome::Created { .. })
}

#[test]
fn a_person_is_made_once_and_changed_after_that() {
    let host = Host::new();
    let first = now(host.submit(1, &host.org.person(1, "Ann"))).unwrap();
    assert_eq!((first.state, first.repeated), (SubmissionState::Succeeded, false));
    let outcome = first.outcome.clone().unwrap();
    assert!(created(&outcome.contact) && created(&outcome.lead), "{outcome:?}");
    let second = now(host.submit(2, &host.org.person(1, "Anna"))).unwrap();
    let updated = second.outcome.unwrap();
    assert!(matches!(updated.contact, TargetOutcome::Updated { .. }), "{updated:?}");
    assert_eq!(updated.contact.record(), outcome.contact.record());
    assert_eq!(updated.lead.record(), outcome.lead.record());
    let contacts = host.tables.people(RecordKind::Contact);
    assert_eq!(contacts.len(), 1);
    let (_, ann) = &contacts[0];
    assert_eq!(ann.get("firstname"), Some(&Value::Text("Anna".into())));
    assert_eq!(ann.get("msdyncrm_marketingformid"), Some(&Value::Lookup(FORM)));
    assert_eq!(ann.get(Party::CREATED), Some(&Value::Time(start())));
    let leads = host.tables.people(RecordKind::Lead);
    let contact = outcome.contact.record().unwrap();
    assert_eq!(leads[0].1.get(Party::PARENT_CONTACT), Some(&Value::Lookup(contact)));
    let history: BTreeSet<_> =
        host.history().iter().map(|entry| (entry.submission.get(), entry.created)).collect();
    assert_eq!(history, [(1, true), (2, false)].into());

    // Again: as it was, and nothing is done.
    let writes = host.tables.writes();
    let again = now(host.submit(1, &host.org.person(1, "Ann"))).unwrap();
    assert!(again.repeated);
    assert_eq!(again.outcome, first.outcome);
    assert_eq!((host.tables.writes(), host.history().len()), (writes, 2));
}

/// What is found by keys of the host's own making.
#[test]
fn people_who_were_there_are_found_by_their_key() {
    let host = Host::new();
    let by_address = |target| {
        let name = correspond::settings::AttributeName::new("emailaddress1").unwrap();
        Keying::new(target, [name])
    };
    let address = Value::Text("P1@HOME.example".into());
    let key = |keyer: &Keyer| {
        let value = |name: &str| (name == "emailaddress1").then_some(&address);
        by_address(MatchingTarget::Contact).lookup_key(keyer, value).unwrap()
    };
    let write =
        PartyWrite::new(RecordKind::Contact, key(host.store.keyer()), Attributes::default());
    let there = now(host.tables.create_or_update(TENANT, DeliveryKey::new(1), &write)).unwrap();
    let worked = now(host.submit(1, &host.org.person(1, "Ann"))).unwrap();
    assert_eq!(worked.outcome.unwrap().contact.record(), Some(there.id()));
    let (_, row) = &host.tables.people(RecordKind::Contact)[0];
    assert_eq!(row.get("msdyncrm_marketingformid"), None, "it keeps where it came from");
}

#[test]
fn a_crash_between_the_two_is_healed_by_delivering_again() {
    // A blank address matches nothing, and makes a record all the same: once.
    for (address, number) in [("p1@home.example", 1), (" ", 2)] {
        let host = Host::new();
        let submission = host.org.submission(address, "Smith", "Ann");
        host.store.broken.store(true, Ordering::Relaxed);
        let error = now(host.submit(number, &submission)).unwrap_err();
        assert_eq!(error.kind(), FlowErrorKind::Store);
        assert_eq!(host.tables.people(RecordKind::Contact).len(), 1);
        assert!(host.history().is_empty());

        host.store.broken.store(false, Ordering::Relaxed);
        let worked = now(host.submit(number, &submission)).unwrap();
        let outcome = worked.outcome.unwrap();
        assert!(matches!(outcome.contact, TargetOutcome::Unchanged { .. }), "{outcome:?}");
        for (kind, record) in
            [(RecordKind::Contact, &outcome.contact), (RecordKind::Lead, &outcome.lead)]
        {
            let people = host.tables.people(kind);
            assert_eq!(people.len(), 1, "{kind:?}");
            assert_eq!(Some(people[0].0.id()), record.record());
        }
        assert_eq!((host.tables.writes(), host.history().len()), (2, 1));
        // A second one like it: who has no address is somebody else.
        let _ = now(host.submit(9, &submission)).unwrap();
        let expected = if address == " " { 2 } else { 1 };
        assert_eq!(host.tables.people(RecordKind::Contact).len(), expected);
    }
}

#[test]
fn of_racing_submissions_of_one_person_one_creates() {
    for _ in 0..10 {
        let host = Host::new();
        let worked: Vec<Worked> = std::thread::scope(|scope| {
            let racers: Vec<_> = (1..=4)
                .map(|id| {
                    let host = &host;
                    scope.spawn(move || now(host.submit(id, &host.org.person(1, "Ann"))).unwrap())
                })
                .collect();
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        });
        let outcomes: Vec<_> = worked.into_iter().map(|worked| worked.outcome.unwrap()).collect();
        let creators = outcomes.iter().filter(|outcome| created(&outcome.contact)).count();
        assert_eq!(creators, 1);
        assert_eq!(host.tables.people(RecordKind::Contact).len(), 1);
        assert_eq!(host.tables.people(RecordKind::Lead).len(), 1);
        assert_eq!(host.history().len(), 4);
    }
}

/// Two deliveries of one submission: the one that commits last is answered as the other was.
#[test]
fn of_two_deliveries_at_once_one_is_noted() {
    let host = Arc::new(Host::new());
    let other = host.clone();
    host.store.before_commit(move |_| {
        let first = now(other.submit(1, &other.org.person(1, "Ann"))).unwrap();
        assert!(!first.repeated);
    });
    let second = now(host.submit(1, &host.org.person(1, "Ann"))).unwrap();
    assert_eq!((second.repeated, second.lost_rounds), (true, 1));
    assert_eq!((host.tables.writes(), host.history().len()), (2, 1));
}

#[test]
fn a_strategy_of_several_keys_is_refused_before_anything_is_written() {
    let mut host = Host::new();
    let strategy = MatchingStrategy::out_of_box(MatchingTarget::Lead).name("Leads");
    let strategy = strategy.attributes(["emailaddress1", "lastname"]);
    host.org.strategies[1].value = strategy.blank_values(BlankValues::LeftOut).build().unwrap();
    host.org.plan = MatchPlan::new(&host.org.strategies, &MatchScope::default()).unwrap();
    let worked = now(host.submit(1, &host.org.person(1, "Ann"))).unwrap();
    assert_eq!(worked.state, SubmissionState::Failed);
    let outcome = worked.outcome.unwrap();
    assert_eq!(outcome.failure(), Some(&Failure::NotKeyed(MatchingTarget::Lead)));
    assert_eq!(host.tables.writes(), 0);

    // Once the strategy compares all, it can be tried again.
    let host = Host { org: Org::new(), ..host };
    let submission = host.org.person(1, "Ann");
    let again = now(host.submit(1, &submission)).unwrap();
    assert!(again.repeated && again.state == SubmissionState::Failed);
    let delivery = Delivery::new(TENANT, RecordId::new(1), &submission, start());
    let setup = host.org.setup();
    let worked = host.org.submissions.retry_foreign(&host.store, &host.tables, &setup, &delivery);
    assert_eq!(now(worked).unwrap().state, SubmissionState::Succeeded);
    assert_eq!(host.tables.writes(), 2);
}

#[test]
fn a_form_that_makes_a_lead_each_time_does_so() {
    let mut host = Host::new();
    let config = LandingPageConfiguration::builder()
        .name("Import")
        .contact_matching_strategy(RecordId::new(1))
        .lead_matching_strategy(RecordId::new(2));
    let choices = FormChoices::default().always_generate_leads(true);
    let form = host.org.form.with(&choices, &config.build().unwrap(), &host.org.strategies);
    host.org.form = form.unwrap();
    for id in [1, 2, 2] {
        let worked = now(host.submit(id, &host.org.person(1, "Ann"))).unwrap();
        assert!(created(&worked.outcome.unwrap().lead));
    }
    assert_eq!(host.tables.people(RecordKind::Contact).len(), 1);
    assert_eq!(host.tables.people(RecordKind::Lead).len(), 2);
}

#[test]
fn a_subscription_center_makes_nobody() {
    let mut host = Host::new();
    let config = LandingPageConfiguration::builder()
        .name("Import")
        .contact_matching_strategy(RecordId::new(1))
        .lead_matching_strategy(RecordId::new(2));
    let config = config.build().unwrap();
    let form = MarketingForm::new(FormType::SubscriptionCenter, &config, &host.org.strategies);
    let fields = ["emailaddress1", "lastname", "firstname"];
    let center = form.unwrap().with_fields(fields.map(|name| FormField::new(name).unwrap()));
    let page = std::mem::replace(&mut host.org.form, center.unwrap());
    let refused = Some(&Failure::ForeignCenter);
    let ann = host.org.person(1, "Ann");
    let worked = now(host.submit(1, &ann)).unwrap();
    assert_eq!(worked.state, SubmissionState::Failed);
    assert_eq!(worked.outcome.unwrap().failure(), refused);
    let center = std::mem::replace(&mut host.org.form, page);
    let made = now(host.submit(2, &ann)).unwrap().outcome.unwrap().contact.record().unwrap();
    host.org.form = center;
    let writes = host.tables.writes();
    // By her link she would be changed whatever she enters: the address of somebody else, too.
    let known = host.org.person(1, "Eve").by_link(RecordId::new(77));
    for (id, sent) in [(3, host.org.person(1, "Anna")), (4, ann.by_link(made)), (5, known)] {
        let outcome = now(host.submit(id, &sent)).unwrap().outcome.unwrap();
        assert_eq!(outcome.failure(), refused);
        let reference = RecordKind::Submission.of(RecordId::new(id));
        let kept = now(host.store.inner.load(TENANT, &[reference])).unwrap().remove(0).unwrap();
        let stored = correspond::form::StoredSubmission::from_versioned(&kept).unwrap();
        assert_eq!(stored.submission(), Some(&sent), "what she chose is not lost");
    }
    assert_eq!(host.tables.writes(), writes);
}

/// Two organizations number their submissions alike: neither takes the other's for a repeated one.
#[test]
fn deliveries_of_two_organizations_have_different_keys() {
    let host = Host::new();
    let submission = host.org.person(1, "Ann");
    for tenant in [TENANT, TenantId::new(2)] {
        let delivery = Delivery::new(tenant, RecordId::new(1), &submission, start());
        let setup = host.org.setup();
        let flow = &host.org.submissions;
        let worked = flow.submit_foreign(&host.store, &host.tables, &setup, &delivery);
        assert!(created(&now(worked).unwrap().outcome.unwrap().contact));
    }
    let inner = host.tables.0.lock().unwrap();
    let keys: BTreeSet<_> = inner.deliveries.keys().map(|(_, key)| *key).collect();
    assert_eq!((inner.deliveries.len(), keys.len()), (4, 4));
}

/// What a correction between a crash and the next delivery leaves behind.
#[test]
fn a_correction_after_a_crash_reaches_no_record_that_was_written_before() {
    let host = Host::new();
    host.store.broken.store(true, Ordering::Relaxed);
    assert!(now(host.submit(1, &host.org.person(1, "Ann"))).is_err());
    host.store.broken.store(false, Ordering::Relaxed);
    let worked = now(host.submit(1, &host.org.person(1, "Anna"))).unwrap();
    let outcome = worked.outcome.unwrap();
    assert!(matches!(outcome.contact, TargetOutcome::Unchanged { .. }), "{outcome:?}");
    let people = host.tables.people(RecordKind::Contact);
    assert_eq!(people[0].1.get("firstname"), Some(&Value::Text("Ann".into())));
}

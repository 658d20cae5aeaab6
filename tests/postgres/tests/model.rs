//! Random batches and reads, beside a store over sorted maps that is too simple to be wrong.

use chrono::{DateTime, TimeDelta, Utc};
use correspond::claim::{
    ClaimId, ClaimPageQuery, ClaimState, Claimant, RecipientKey, RegisterName, RegisterSpace,
    SendScope,
};
use correspond::id::{RecordId, TenantId};
use correspond::index::{IndexKey, IndexKind, Keyer, Kinds, Lookup, MessageQuery, MessageRow};
use correspond::record::{
    LookupKey, LookupKind, Record, RecordKind, RecordLookup, RecordPageQuery, RecordQuery,
    RecordRef, Space, UniqueKey, Version,
};
use correspond::store::{
    Batch, Change, Directory, Expect, Ledger, MessageIndex, Records, Register, SequenceKey,
    Sequences, Store,
};
use correspond_postgres_tests::random::Random;
use correspond_postgres_tests::with_store;
use correspond_postgres_tests::your_own_store::MapStore;

const TENANTS: [TenantId; 2] = [TenantId::new(1), TenantId::new(u128::MAX)];
const KINDS: [RecordKind; 3] = [RecordKind::Contact, RecordKind::Lead, RecordKind::LandingPage];
const TEXTS: [&str; 4] = ["", "{\"a\":1}", "x'\"\\;--", "\u{1f600}e\u{301}"];

struct Draw {
    random: Random,
    keyer: Keyer,
    versions: u128,
    /// The last versions given, to be right about one now and then.
    given: Vec<Version>,
}

impl Draw {
    fn id(&mut self) -> RecordId {
        RecordId::new([1, 2, 3, 1 << 127, (1 << 127) + 1][self.random.below(5) as usize])
    }

    fn time(&mut self) -> DateTime<Utc> {
        let micros = [-1, 0, 1, 2, 1_700_000_000_000_000];
        DateTime::UNIX_EPOCH + TimeDelta::microseconds(self.random.of(&micros))
    }

    fn index_key(&mut self) -> IndexKey {
        let kind = self.random.of(&IndexKind::ALL);
        self.keyer.key(kind, &[self.random.below(4) as u8])
    }

    fn unique_key(&mut self) -> UniqueKey {
        UniqueKey::new(&self.keyer, self.random.of(&Space::ALL), &[self.random.below(2) as u8])
    }

    fn lookup_key(&mut self) -> LookupKey {
        LookupKey::new(&self.keyer, self.random.of(&LookupKind::ALL), &[self.random.below(2) as u8])
    }

    fn reference(&mut self) -> RecordRef {
        self.random.of(&KINDS).of(self.id())
    }

    fn recipient(&mut self) -> RecipientKey {
        if self.random.once_in(2) {
            RecipientKey::contact(self.id())
        } else {
            RecipientKey::address(&[0, 255, self.random.below(3) as u8]).unwrap()
        }
    }

    fn claim_id(&mut self) -> ClaimId {
        // Few, so that claims meet.
        let scope = SendScope::new(RecordId::new(u128::from(self.random.below(2))));
        let journey = (RecordId::new(3), RecordId::new(1 << 127));
        let scope =
            if self.random.once_in(4) { scope.in_journey(journey.0, journey.1) } else { scope };
        ClaimId { scope, recipient: self.recipient() }
    }

    fn claimant(&mut self) -> Claimant {
        Claimant::new(u128::from(self.random.below(2)))
    }

    fn name(&mut self) -> RegisterName {
        let name = self.random.of(&["a.example", "B.example", "ä'\"", "z"]);
        RegisterName::new(RegisterSpace::Domain, name).unwrap()
    }

    fn version(&mut self) -> Version {
        self.versions += 1;
        let version = Version::new(self.versions << 64 | self.versions);
        self.given.push(version);
        version
    }

    fn change(&mut self, model: &[(RecordRef, Version)]) -> Change {
        let right = |random: &mut Random| {
            (!model.is_empty()).then(|| random.of(model)).filter(|_| !random.once_in(8))
        };
        match self.random.below(12) {
            0..=2 => {
                let keys = (0..self.random.below(6)).map(|_| self.index_key()).collect();
                Change::File(MessageRow::new(self.id(), self.time(), self.id(), keys))
            }
            3 => Change::Forget(self.id()),
            4..=6 => {
                let (reference, expect) = match right(&mut self.random) {
                    Some((reference, version)) if self.random.once_in(2) => {
                        (reference, Expect::At(version))
                    }
                    _ => (self.reference(), Expect::Absent),
                };
                let record = Record::new(reference, self.time(), self.random.of(&TEXTS)).unwrap();
                let unique: Vec<_> = (0..self.random.below(3)).map(|_| self.unique_key()).collect();
                let keys: Vec<_> = (0..self.random.below(4)).map(|_| self.lookup_key()).collect();
                let record = record.with_unique(unique).unwrap().with_keys(keys).unwrap();
                let record = if self.random.once_in(3) { record.inactive() } else { record };
                Change::Put { record, version: self.version(), expect }
            }
            7 => match right(&mut self.random) {
                Some((record, expect)) => Change::Delete { record, expect },
                None => Change::Delete {
                    record: self.reference(),
                    expect: self.given.last().copied().unwrap_or(Version::new(0)),
                },
            },
            8 => Change::Claim { id: self.claim_id(), by: self.claimant(), at: self.time() },
            9 => Change::Settle { id: self.claim_id(), by: self.claimant(), at: self.time() },
            10 => Change::Release { id: self.claim_id(), by: self.claimant() },
            _ => {
                let (id, from, by) = (self.claim_id(), self.claimant(), self.claimant());
                Change::TakeOver { id, from, by, at: self.time() }
            }
        }
    }

    fn batch(&mut self, tenant: TenantId, model: &[(RecordRef, Version)]) -> Batch {
        if self.random.once_in(6) {
            let name = self.name();
            let change = if self.random.once_in(3) {
                Change::Unregister { name }
            } else {
                let until = (!self.random.once_in(4)).then(|| self.time());
                let nanos = TimeDelta::nanoseconds(self.random.of(&[0, 0, 1, 999]));
                Change::Register { name, until, now: self.time() + nanos }
            };
            return Batch::of(tenant, change);
        }
        let mut batch = Batch::new(tenant);
        for _ in 0..=self.random.below(4) {
            // What contradicts the changes before is not what is tested here.
            let _ = batch.push(self.change(model));
        }
        batch
    }

    fn message_query(&mut self) -> MessageQuery {
        let mut query = MessageQuery::default();
        for _ in 0..self.random.below(5) {
            let mut lookup = Lookup::new(self.index_key()).rows(self.random.below(4) as u8);
            if self.random.once_in(2) {
                let since = self.random.once_in(2).then(|| self.time());
                lookup = lookup.within(since, self.random.once_in(2).then(|| self.time()));
            }
            if self.random.once_in(2) {
                let kinds = Kinds::NONE.with(self.random.of(&IndexKind::ALL));
                lookup = lookup.carrying(kinds.with(self.random.of(&IndexKind::ALL)));
            }
            assert!(query.push(lookup));
        }
        query
    }

    /// Few keys, so that one is asked for twice, for as many rows as it has and for fewer.
    fn record_query(&mut self) -> RecordQuery {
        let lookups = (0..self.random.below(5)).map(|_| {
            let rows = self.random.of(&[1, 1, 2, 3, 64]);
            RecordLookup::new(self.lookup_key()).rows(rows)
        });
        lookups.collect()
    }
}

async fn versions(model: &MapStore, tenant: TenantId) -> Vec<(RecordRef, Version)> {
    let mut found = Vec::new();
    for kind in KINDS {
        let page = model.list(tenant, &RecordPageQuery::new(kind)).await.unwrap();
        found.extend(page.items.iter().map(|found| (found.record.reference(), found.version)));
    }
    found
}

#[test]
fn answers_as_the_model_does() {
    with_store(async |_, store| {
        let keyer = store.keyer().clone();
        let model = MapStore::new(keyer.clone());
        let random = Random::new(4);
        let mut draw = Draw { random, keyer, versions: 0, given: Vec::new() };
        let (mut applied, mut refused, mut several) = (0, 0, 0);
        for round in 0..1_500 {
            let tenant = draw.random.of(&TENANTS);
            let present = versions(&model, tenant).await;
            let batch = draw.batch(tenant, &present);
            let expected = model.commit(&batch).await.unwrap();
            assert_eq!(store.commit(&batch).await.unwrap(), expected, "round {round}: {batch:?}");
            if expected.is_applied() {
                applied += 1
            } else {
                refused += 1
            }

            let tenant = draw.random.of(&TENANTS);
            let query = draw.message_query();
            let expected = model.find(tenant, &query).await.unwrap();
            assert_eq!(store.find(tenant, &query).await.unwrap(), expected, "{round}: {query:?}");

            let query = draw.record_query();
            let expected = model.find_records(tenant, &query).await.unwrap();
            let found = store.find_records(tenant, &query).await.unwrap();
            several += (0..found.lookups()).filter(|at| found.found(*at).len() > 1).count();
            assert_eq!(found, expected, "{round}: {query:?}");

            let records: Vec<_> = (0..draw.random.below(8)).map(|_| draw.reference()).collect();
            let expected = model.load(tenant, &records).await.unwrap();
            assert_eq!(store.load(tenant, &records).await.unwrap(), expected, "{round}");

            let keys: Vec<_> = (0..draw.random.below(8)).map(|_| draw.unique_key()).collect();
            let expected = model.holders(tenant, &keys).await.unwrap();
            assert_eq!(store.holders(tenant, &keys).await.unwrap(), expected, "{round}");

            let mut page =
                RecordPageQuery::new(draw.random.of(&KINDS)).limit(1 + draw.random.below(3) as u16);
            if draw.random.once_in(2) {
                page = page.after(draw.id());
            }
            let expected = model.list(tenant, &page).await.unwrap();
            assert_eq!(store.list(tenant, &page).await.unwrap(), expected, "{round}");

            let id = draw.claim_id();
            let recipients: Vec<_> = (0..draw.random.below(5)).map(|_| draw.recipient()).collect();
            let expected = model.claims(tenant, &id.scope, &recipients).await.unwrap();
            let found = store.claims(tenant, &id.scope, &recipients).await.unwrap();
            assert_eq!(found, expected, "{round}");

            let mut page = ClaimPageQuery::new(id.scope).limit(1 + draw.random.below(4) as u16);
            if draw.random.once_in(2) {
                page = page.in_state(draw.random.of(&[ClaimState::Open, ClaimState::Sent]));
            }
            if draw.random.once_in(2) {
                page = page.after(draw.recipient());
            }
            let expected = model.claim_page(tenant, &page).await.unwrap();
            assert_eq!(store.claim_page(tenant, &page).await.unwrap(), expected, "{round}");

            let names = [draw.name(), draw.name(), draw.name()];
            let expected = model.registrations(&names).await.unwrap();
            assert_eq!(store.registrations(&names).await.unwrap(), expected, "{round}");

            let sequence = if draw.random.once_in(2) {
                SequenceKey::UserNumbers
            } else {
                SequenceKey::TokenCounter(draw.id())
            };
            let len = u32::try_from(1 + draw.random.below(5)).unwrap().try_into().unwrap();
            let expected = model.allocate(tenant, sequence, len).await.unwrap();
            assert_eq!(store.allocate(tenant, sequence, len).await.unwrap(), expected, "{round}");
        }
        assert!(applied > 300 && refused > 300, "{applied} applied, {refused} refused");
        assert!(several > 100, "{several} look-ups found several records");
    });
}

/// More of everything than one statement takes, and every key of it.
#[test]
fn a_batch_may_be_as_large_as_batches_are() {
    with_store(async |_, store| {
        let tenant = TENANTS[0];
        let mut batch = Batch::new(tenant);
        let mut query = MessageQuery::default();
        for number in 0..Batch::MAX_CHANGES as u128 {
            let key = |kind, n: u128| store.keyer().key(kind, &n.to_le_bytes());
            let id = RecordId::new(number);
            let keys = vec![
                key(IndexKind::MessageId, number),
                key(IndexKind::Address, number % 10),
                key(IndexKind::Token, number),
            ];
            batch.push(Change::File(MessageRow::new(id, DateTime::UNIX_EPOCH, id, keys))).unwrap();
            if number % 1_000 == 0 {
                assert!(query.push(Lookup::new(key(IndexKind::Token, number))));
                assert!(query.push(Lookup::new(key(IndexKind::Address, number % 10)).rows(64)));
            }
        }
        assert!(store.commit(&batch).await.unwrap().is_applied());
        let again = store.commit(&batch).await.unwrap();
        assert_eq!(again.refusals().len(), Batch::MAX_CHANGES);
        let answer = store.find(tenant, &query).await.unwrap();
        for lookup in 0..10 {
            assert_eq!(answer.count(2 * lookup), 1);
            assert_eq!(answer.rows(2 * lookup + 1).count(), 64);
        }
        // Bodies of some 20 MB go in pieces, too.
        let mut batch = Batch::new(tenant);
        let body: String = "x".repeat(Record::MAX_BODY);
        for number in 0..20 {
            let record = RecordKind::Contact.of(RecordId::new(number));
            let record = Record::new(record, DateTime::UNIX_EPOCH, body.as_str()).unwrap();
            let version = Version::new(number);
            batch.push(Change::Put { record, version, expect: Expect::Absent }).unwrap();
        }
        assert!(store.commit(&batch).await.unwrap().is_applied());
        let page = store.list(tenant, &RecordPageQuery::new(RecordKind::Contact)).await.unwrap();
        assert_eq!(page.items.len(), 20);
        assert!(page.items.iter().all(|found| *found.record.body() == *body));
    });
}

//! What is written is read again, keys sort as what they stand for, and other octets are an error.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;

fn tenants() -> impl Strategy<Value = TenantId> {
    // Near each other and far apart: what sorts first must not depend on which.
    prop_oneof![0_u128..3, any::<u128>()].prop_map(TenantId::new)
}

fn ids() -> impl Strategy<Value = RecordId> {
    prop_oneof![0_u128..3, any::<u128>()].prop_map(RecordId::new)
}

fn times() -> impl Strategy<Value = DateTime<Utc>> {
    let all =
        DateTime::<Utc>::MIN_UTC.timestamp_micros()..DateTime::<Utc>::MAX_UTC.timestamp_micros();
    prop_oneof![-3_i64..3, all].prop_map(|micros| DateTime::from_timestamp_micros(micros).unwrap())
}

fn index_keys() -> impl Strategy<Value = IndexKey> {
    (prop::sample::select(&IndexKind::ALL[..]), any::<[u8; 16]>())
        .prop_map(|(kind, hash)| IndexKey::from_parts(kind, hash))
}

fn references() -> impl Strategy<Value = RecordRef> {
    (prop::sample::select(RecordKind::ALL), ids()).prop_map(|(kind, id)| kind.of(id))
}

fn unique_keys() -> impl Strategy<Value = UniqueKey> {
    (prop::sample::select(&Space::ALL[..]), any::<[u8; 16]>())
        .prop_map(|(space, hash)| UniqueKey::from_parts(space, hash))
}

fn lookup_keys() -> impl Strategy<Value = LookupKey> {
    (prop::sample::select(&LookupKind::ALL[..]), any::<[u8; 16]>())
        .prop_map(|(kind, hash)| LookupKey::from_parts(kind, hash))
}

fn records() -> impl Strategy<Value = Record> {
    let unique = prop::collection::vec(unique_keys(), 0..4);
    let keys = prop::collection::vec(lookup_keys(), 0..4);
    (references(), times(), "[^\0]{0,20}", unique, keys, any::<bool>()).prop_map(
        |(reference, modified, body, unique, keys, active)| {
            let record = Record::new(reference, modified, body).unwrap();
            let record = record.with_unique(unique).unwrap().with_keys(keys).unwrap();
            if active { record } else { record.inactive() }
        },
    )
}

fn recipients() -> impl Strategy<Value = RecipientKey> {
    prop::collection::vec(any::<u8>(), 1..20)
        .prop_map(|octets| RecipientKey::from_bytes(&octets).unwrap())
}

proptest! {
    #[test]
    fn mails_come_back(
        id in ids(),
        created in times(),
        conversation in ids(),
        keys in prop::collection::vec(index_keys(), 0..30),
        tenant in tenants(),
    ) {
        let row = MessageRow::new(id, created, conversation, keys);
        let mut octets = b"what was there before".to_vec();
        write_mail(&row, &mut octets);
        let read = StoredMail::read(&octets).unwrap();
        let all = IndexKind::ALL.into_iter().fold(Kinds::NONE, Kinds::with);
        prop_assert_eq!((read.created, read.conversation), (row.created(), conversation));
        prop_assert_eq!(read.keys(all).unwrap(), row.keys());
        let words = Kinds::NONE.with(IndexKind::Word);
        let found = StoredMail::read(&octets).unwrap().keys(words).unwrap();
        let wanted = row.keys().iter().filter(|key| key.kind() == IndexKind::Word);
        prop_assert_eq!(found, wanted.copied().collect::<Vec<_>>());
        for key in row.keys() {
            prop_assert_eq!(mail_of_key(&mail_key(tenant, key, time(created), id)), id);
        }
    }

    #[test]
    fn records_come_back(record in records(), version in any::<u128>(), tenant in tenants()) {
        let version = Version::new(version);
        let octets = write_record(&record, version);
        prop_assert_eq!(read_version(&octets).unwrap(), version);
        let reference = record.reference();
        let read = StoredRecord::read(&octets).unwrap().into_versioned(reference).unwrap();
        prop_assert_eq!(record_of_key(&super::record(tenant, reference)).unwrap(), (tenant, reference));
        prop_assert_eq!(read_holder(&holder(reference)).unwrap(), reference);
        for key in record.keys() {
            let row = record_key(tenant, key, time(record.modified()), reference);
            prop_assert_eq!(record_of_lookup(&row).unwrap(), reference);
            prop_assert!(record_key_start(tenant, key) <= row && row <= record_key_end(tenant, key));
        }
        prop_assert_eq!(read, Versioned { record, version });
    }

    #[test]
    fn claims_and_registrations_come_back(
        by in any::<u128>(),
        at in times(),
        recipient in recipients(),
        tenant in tenants(),
        until in prop::option::of(times()),
    ) {
        for state in [ClaimState::Open, ClaimState::Sent] {
            let value = SendClaim::new(Claimant::new(by), at, state);
            prop_assert_eq!(read_claim(state, &claim_value(&value)).unwrap(), value);
            let id = ClaimId { scope: SendScope::new(RecordId::new(by)), recipient: recipient.clone() };
            let key = claim(tenant, &id, state);
            prop_assert_eq!(recipient_of_claim(&key).unwrap(), recipient.clone());
            prop_assert!(key.starts_with(&claims(tenant, &id.scope, state)));
        }
        let value = Registration::new(tenant, until);
        prop_assert_eq!(read_registration(&registration(&value)).unwrap(), value);
    }

    #[test]
    fn keys_sort_as_what_they_stand_for(
        one in (tenants(), index_keys(), times(), ids()),
        other in (tenants(), index_keys(), times(), ids()),
    ) {
        let order = |(tenant, key, at, id): &(TenantId, IndexKey, DateTime<Utc>, RecordId)| {
            (*tenant, *key, *at, *id)
        };
        let octets = |(tenant, key, at, id): &(TenantId, IndexKey, DateTime<Utc>, RecordId)| {
            mail_key(*tenant, key, time(*at), *id)
        };
        prop_assert_eq!(octets(&one).cmp(&octets(&other)), order(&one).cmp(&order(&other)));
        let mails = |(tenant, _, _, id): &(TenantId, IndexKey, DateTime<Utc>, RecordId)| {
            (mail(*tenant, *id), (*tenant, *id))
        };
        prop_assert_eq!(mails(&one).0.cmp(&mails(&other).0), mails(&one).1.cmp(&mails(&other).1));
    }

    #[test]
    fn keys_of_records_sort_by_time_then_id_then_kind(
        key in lookup_keys(),
        one in (times(), references()),
        other in (times(), references()),
    ) {
        let tenant = TenantId::new(1);
        let octets = |(at, reference)| record_key(tenant, &key, time(at), reference);
        let order = |(at, reference): (DateTime<Utc>, RecordRef)| {
            (at, reference.id(), reference.kind())
        };
        prop_assert_eq!(octets(one).cmp(&octets(other)), order(one).cmp(&order(other)));
        let list = |(_, reference): (_, RecordRef)| record(tenant, reference);
        prop_assert_eq!(list(one).cmp(&list(other)), one.1.cmp(&other.1));
    }

    #[test]
    fn claims_of_a_scope_sort_by_recipient(one in recipients(), other in recipients()) {
        let scope = SendScope::new(RecordId::new(7));
        let key = |recipient: &RecipientKey| {
            let id = ClaimId { scope, recipient: recipient.clone() };
            claim(TenantId::new(1), &id, ClaimState::Open)
        };
        prop_assert_eq!(key(&one).cmp(&key(&other)), one.cmp(&other));
    }

    /// Whatever the octets: an answer or an error.
    #[test]
    fn other_octets_are_no_panic(octets in prop::collection::vec(any::<u8>(), 0..120)) {
        let all = IndexKind::ALL.into_iter().fold(Kinds::NONE, Kinds::with);
        let _ = StoredMail::read(&octets).and_then(|mail| mail.keys(all));
        let reference = RecordKind::Lead.of(RecordId::new(1));
        let _ = StoredRecord::read(&octets).and_then(|record| record.into_versioned(reference));
        let _ = read_version(&octets);
        let _ = recipient_of_claim(&octets);
    }

    /// A record that lost its end, or had one octet changed, is another record or an error.
    #[test]
    fn a_damaged_record_is_never_the_record(
        record in records(),
        at in any::<prop::sample::Index>(),
        flip in 1_u8..,
    ) {
        let mut octets = write_record(&record, Version::new(7));
        let read = |octets: &[u8]| {
            StoredRecord::read(octets).and_then(|found| found.into_versioned(record.reference()))
        };
        let whole = read(&octets).unwrap();
        let at = at.index(octets.len());
        prop_assert!(read(&octets[..at]).is_err() || at >= octets.len() - record.body().len());
        octets[at] ^= flip;
        prop_assert!(read(&octets).ok() != Some(whole));
    }
}

#[test]
fn damage_says_what_was_expected() {
    let said = |damage: Result<(), Damage>| damage.unwrap_err().to_string();
    let mail = |octets: &[u8]| {
        StoredMail::read(octets)
            .and_then(|mail| mail.keys(Kinds::NONE.with(IndexKind::Word)).map(drop))
    };
    assert_eq!(said(mail(&[0x80; 20])), "mail: expected 16 octets, found 12");
    let mut octets = [0; 41];
    octets[0] = 0x80;
    octets[24] = 99;
    assert_eq!(said(mail(&octets)), "mail: expected a kind of index key, found code 99");
    octets[0] = 0;
    assert_eq!(said(mail(&octets)), "mail: expected a time, found -9223372036854775808 us");
    let mut record = [0; 27];
    record[16] = 0x80;
    record[24] = 2;
    assert_eq!(
        said(StoredRecord::read(&record).map(drop)),
        "record: expected a yes or no, found code 2"
    );
}

#[test]
fn times_before_1970_sort_first() {
    let at = |micros: i64| time(DateTime::UNIX_EPOCH + TimeDelta::microseconds(micros));
    assert!(at(i64::MIN / 2) < at(-1) && at(-1) < at(0) && at(0) < at(1));
    assert!(EARLIEST <= time(DateTime::<Utc>::MIN_UTC) && time(DateTime::<Utc>::MAX_UTC) <= LATEST);
}

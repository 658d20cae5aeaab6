//! What is written, to the octet and the microsecond.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use super::case::{Checked, Outcome};
use super::harness::Harness;
use super::sample::name;
use super::world::{TENANT, World};
use crate::claim::{
    ClaimId, ClaimPageQuery, ClaimState, Claimant, RecipientKey, RegisterName, Registration,
    SendClaim, SendScope,
};
use crate::id::RecordId;
use crate::index::{IndexKey, IndexKind, Kinds, Lookup, MAX_ROW_KEYS, MessageRow};
use crate::record::{
    Area, LookupKey, LookupKind, Record, RecordLookup, RecordPageQuery, Space, UniqueKey, Version,
    Versioned,
};
use crate::store::{Change, Expect};

const CHANGED: &str = "what is read is not what was written";
const REFUSED: &str = "what the contract allows cannot be written";

/// Times with microseconds: before the epoch, on it, far from it.
fn times() -> [DateTime<Utc>; 7] {
    let day = TimeDelta::days(1);
    let micro = TimeDelta::microseconds(1);
    let epoch = DateTime::UNIX_EPOCH;
    [
        epoch,
        epoch - micro,
        epoch + micro * 999_999,
        epoch + day * 19_000 + micro * 123_457,
        // The first moment of the year 1, and the last of 9999.
        epoch - day * 719_162,
        epoch + day * 2_932_897 - micro,
        epoch - day * 100 - micro * 499_999,
    ]
}

/// Ids whose octets, as signed or as half as many, would come back as others.
const IDS: [u128; 7] = [0, 1, 0x80, u64::MAX as u128, 1 << 64, 1 << 127, u128::MAX];

fn bodies() -> Vec<Arc<str>> {
    let mut bodies: Vec<Arc<str>> = [
        "",
        " ",
        "\u{1F600}\u{10FFFF}\u{10000}",
        "e\u{301}\u{e9}\u{212B}\u{C5}\u{FB01}\u{1E9E}\u{130}i\u{307}",
        "it's \"quoted\" \\ \\\\ \\u0041 \\x41 %s {} $1 ?",
        "\r\n\t\u{1}\u{1b}\u{7f}\u{85}\u{2028}\u{feff}\u{fffd}\u{200b}",
        "  leading and trailing \n",
        "{\"a\": 1, \"a\": 2, \"b\": 1.0}",
        "TRUE true null NULL",
    ]
    .into_iter()
    .map(Arc::from)
    .collect();
    // Four kibibytes and a mebibyte, of characters of four octets and of one.
    bodies.push("\u{1F600}".repeat(1 << 10).into());
    bodies.push("\u{10348}".repeat(Record::MAX_BODY / 4).into());
    bodies.push("x".repeat(Record::MAX_BODY).into());
    bodies
}

/// C-TXT-1.
pub(super) fn comes_back<H: Harness>(world: World<'_, H>) -> Checked<Outcome> {
    if world.has(Area::Messages) {
        mails(&world)?;
    }
    if !world.kinds().is_empty() {
        records(&world)?;
    }
    if world.has(Area::Ledger) {
        claims(&world)?;
    }
    if world.has(Area::Register) {
        names(&world)?;
    }
    Ok(Outcome::HELD)
}

/// 16 octets with this one among them, and with the ends of its range.
fn hash(n: u8) -> [u8; 16] {
    [0, 0xff, n, 0, 0x80, 0x7f, n, 0x27, 0x5c, 0x0a, 0, n, 0xff, 0xfe, n, 0]
}

fn mails<H: Harness>(world: &World<'_, H>) -> Checked {
    let all = IndexKind::ALL.into_iter().fold(Kinds::NONE, Kinds::with);
    for (n, (id, created)) in (0_u8..).zip(IDS.into_iter().zip(times())) {
        let number = if n == 0 { MAX_ROW_KEYS as u8 } else { 9 };
        let mut keys: Vec<IndexKey> = (0..number)
            .filter_map(|k| {
                let kind = IndexKind::from_code(k % IndexKind::ALL.len() as u8)?;
                let mut hash = hash(k);
                if let Some(first) = hash.first_mut() {
                    *first = n;
                }
                Some(IndexKey::from_parts(kind, hash))
            })
            .collect();
        let (id, conversation) = (RecordId::new(id), RecordId::new(!id));
        let row = MessageRow::new(id, created, conversation, keys.clone());
        world.apply([Change::File(row)], REFUSED)?;
        keys.sort_unstable();
        for key in keys.iter().filter(|key| key.kind().is_looked_up()) {
            let answer = world.find(TENANT, &[Lookup::new(*key).rows(64).carrying(all)])?;
            let rows: Vec<_> = answer.rows(0).collect();
            let [row] = rows[..] else {
                return Err(world.fail("a mail is not found under one of its keys, or others are"));
            };
            let mut carried = row.keys().to_vec();
            carried.sort_unstable();
            world.same(&carried, &keys, CHANGED)?;
            let found = (row.id(), row.created(), row.conversation());
            world.same(&found, &(id, created, conversation), CHANGED)?;
        }
    }
    Ok(())
}

fn records<H: Harness>(world: &World<'_, H>) -> Checked {
    let uniques = |n: u8, many: u8| {
        (0..many).filter_map(move |k| {
            let space = Space::from_code(k % Space::ALL.len() as u8 + 1)?;
            let mut hash = hash(k);
            if let Some(first) = hash.first_mut() {
                *first = n;
            }
            Some(UniqueKey::from_parts(space, hash))
        })
    };
    let lookups = |many: u8| {
        (0..many).filter_map(|k| {
            let kind = LookupKind::from_code(k % LookupKind::ALL.len() as u8 + 1)?;
            Some(LookupKey::from_parts(kind, hash(k)))
        })
    };
    let mut written = Vec::new();
    for (n, body) in (0_u8..).zip(bodies()) {
        let reference =
            world.record(IDS.get(usize::from(n)).copied().unwrap_or_else(|| 1_000 + u128::from(n)));
        let modified = times().get(usize::from(n) % times().len()).copied().unwrap_or_default();
        let many = if n == 0 { Record::MAX_KEYS as u8 } else { n % 4 };
        let record = Record::new(reference, modified, &*body)
            .and_then(|record| record.with_unique(uniques(n, many)))
            .and_then(|record| record.with_keys(lookups(many)))
            .map_err(|error| world.fail(error.to_string()))?;
        let record = if n % 2 == 1 { record.inactive() } else { record };
        written.push(Versioned { record, version: Version::new(u128::from(n) << 120 | 1) });
    }
    for kind in world.kinds() {
        let reference = kind.of(RecordId::new(7));
        let record = Record::new(reference, DateTime::UNIX_EPOCH, format!("{kind:?}"));
        let record = record.map_err(|error| world.fail(error.to_string()))?;
        written.push(Versioned { record, version: world.version() });
    }
    for Versioned { record, version } in written.iter().cloned() {
        world.apply([Change::Put { record, version, expect: Expect::Absent }], REFUSED)?;
    }
    for found in &written {
        let reference = found.record.reference();
        same_record(world, world.load_one(reference)?.as_ref(), found)?;
        let holders = world.holders(TENANT, found.record.unique())?;
        world.same(&holders, &vec![Some(reference); found.record.unique().len()], CHANGED)?;
    }
    let mut of_kind: Vec<_> =
        written.iter().filter(|f| f.record.reference().kind() == world.kind()).collect();
    of_kind.sort_by_key(|found| found.record.reference());
    let page = world.list(TENANT, &RecordPageQuery::new(world.kind()))?;
    world.same(&page.items.len(), &of_kind.len(), CHANGED)?;
    for (found, expected) in page.items.iter().zip(of_kind) {
        same_record(world, Some(found), expected)?;
    }
    if world.has(Area::Directory) {
        let with_key = |key: &LookupKey| {
            written
                .iter()
                .find(|found| found.record.keys().contains(key) && found.record.keys().len() > 4)
        };
        for key in lookups(Record::MAX_KEYS as u8) {
            let Some(expected) = with_key(&key) else { continue };
            let answer = world.find_records(TENANT, &[RecordLookup::new(key).rows(64)])?;
            let reference = expected.record.reference();
            let found = answer.found(0).iter().find(|found| found.record.reference() == reference);
            same_record(world, found, expected)?;
        }
    }
    Ok(())
}

fn same_record<H: Harness>(
    world: &World<'_, H>,
    found: Option<&Versioned>,
    expected: &Versioned,
) -> Checked {
    world.same(&found, &Some(expected), CHANGED)
}

fn claims<H: Harness>(world: &World<'_, H>) -> Checked {
    let mut recipients: Vec<Vec<u8>> = vec![
        vec![0],
        vec![0, 0],
        vec![0xff],
        vec![b'a'; RecipientKey::MAX_LEN],
        [vec![b'a'; RecipientKey::MAX_LEN - 1], vec![b'b']].concat(),
        b"a'\"\\%_\n".to_vec(),
        "a\u{e9}\u{1F600}".as_bytes().to_vec(),
        vec![0xc3, 0x28, 0xed, 0xa0, 0x80],
        b"A".to_vec(),
        b"a".to_vec(),
        b"a ".to_vec(),
    ];
    recipients.sort();
    let scope =
        |a, b, c| SendScope::new(RecordId::new(a)).in_journey(RecordId::new(b), RecordId::new(c));
    let scopes = [scope(0, 0, 0), scope(u128::MAX, 1 << 127, 1), scope(1, 0, 1 << 64)];
    for (scope, time) in scopes.into_iter().zip([1, 4, 5]) {
        let mut expected = Vec::new();
        for (n, octets) in (0_u128..).zip(&recipients) {
            let recipient =
                RecipientKey::from_bytes(octets).map_err(|e| world.fail(e.to_string()))?;
            let id = ClaimId { scope, recipient: recipient.clone() };
            let at = times().get((n as usize + time) % times().len()).copied().unwrap_or_default();
            let by = Claimant::new(IDS.get(n as usize % IDS.len()).copied().unwrap_or(n));
            world.apply([Change::Claim { id: id.clone(), by, at }], REFUSED)?;
            let mut state = ClaimState::Open;
            if n % 3 == 0 {
                world.apply([Change::Settle { id, by, at }], REFUSED)?;
                state = ClaimState::Sent;
            }
            expected.push((recipient, SendClaim::new(by, at, state)));
        }
        let page = world.claim_page(TENANT, &ClaimPageQuery::new(scope))?;
        world.same(&page.items, &expected, CHANGED)?;
        let asked: Vec<_> = expected.iter().map(|(recipient, _)| recipient.clone()).collect();
        let found = world.claims(TENANT, &scope, &asked)?;
        world.same(&found, &expected.iter().map(|(_, claim)| Some(*claim)).collect(), CHANGED)?;
    }
    Ok(())
}

fn names<H: Harness>(world: &World<'_, H>) -> Checked {
    let longest = "x".repeat(RegisterName::MAX_LEN);
    let texts = [
        "a.example",
        "A.example",
        "a.example ",
        "xn--bcher-kva.example",
        "b\u{fc}cher.example",
        "bu\u{308}cher.example",
        "'\"\\%_",
        longest.as_str(),
        longest.get(1..).unwrap_or("y"),
    ];
    let mut asked = Vec::new();
    let mut expected = Vec::new();
    for (text, until) in texts.into_iter().zip(times().into_iter().map(Some).chain([None, None])) {
        let name = name(text)?;
        let register = Change::Register { name: name.clone(), until, now: DateTime::UNIX_EPOCH };
        world.apply([register], REFUSED)?;
        asked.push(name);
        expected.push(Some(Registration::new(TENANT, until)));
    }
    world.same(&world.registrations(&asked)?, &expected, CHANGED)
}

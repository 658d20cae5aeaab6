//! Values as columns keep them.

use chrono::{DateTime, Utc};
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;
use uuid::Uuid;

use super::failure::Failure;
use crate::claim::{ClaimState, Claimant, SendClaim};
use crate::id::RecordId;
use crate::index::{IndexKey, IndexKind};
use crate::record::{
    LookupKey, LookupKind, Record, RecordKind, RecordRef, Space, UniqueKey, Version, Versioned,
};

pub(super) const fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(super) const fn hash(hash: &[u8; 16]) -> Uuid {
    Uuid::from_bytes(*hash)
}

/// Numbers of kinds are small; what a later version might write beyond `i16` cannot be made here.
pub(super) fn kind(record: RecordRef) -> i16 {
    i16::try_from(record.kind().code()).unwrap_or(i16::MAX)
}

pub(super) const fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}

/// Reads the column at this place.
pub(super) fn column<'a, T: FromSql<'a>>(row: &'a Row, place: usize) -> Result<T, Failure> {
    row.try_get(place).map_err(Failure::corrupt)
}

pub(super) fn number(row: &Row, place: usize) -> Result<u128, Failure> {
    Ok(column::<Uuid>(row, place)?.as_u128())
}

/// The place of a list of parameters that a row belongs to: `with ordinality` counts from 1.
pub(super) fn place(row: &Row, at: usize) -> Result<usize, Failure> {
    usize::try_from(column::<i64>(row, at)? - 1).map_err(Failure::corrupt)
}

/// How many rows a look-up has, which `count(*)` says.
pub(super) fn found(row: &Row, at: usize) -> Result<usize, Failure> {
    usize::try_from(column::<i64>(row, at)?).map_err(Failure::corrupt)
}

pub(super) fn time(row: &Row, place: usize) -> Result<DateTime<Utc>, Failure> {
    let micros: i64 = column(row, place)?;
    instant(micros)
}

pub(super) fn instant(micros: i64) -> Result<DateTime<Utc>, Failure> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| Failure::corrupt(format!("expected a time, found {micros} microseconds")))
}

pub(super) fn reference(row: &Row, kind: usize, id: usize) -> Result<RecordRef, Failure> {
    let code: i16 = column(row, kind)?;
    let known = u16::try_from(code).ok().and_then(RecordKind::from_code);
    let known = known.ok_or_else(|| unknown("kind of record", code))?;
    Ok(known.of(RecordId::new(number(row, id)?)))
}

pub(super) fn version(row: &Row, place: usize) -> Result<Version, Failure> {
    Ok(Version::new(number(row, place)?))
}

/// A claim from three columns: claimant, time, state.
pub(super) fn claim(row: &Row, first: usize) -> Result<SendClaim, Failure> {
    let code: i16 = column(row, first + 2)?;
    let state = u8::try_from(code).ok().and_then(ClaimState::from_code);
    let state = state.ok_or_else(|| unknown("state of a claim", code))?;
    Ok(SendClaim::new(Claimant::new(number(row, first)?), time(row, first + 1)?, state))
}

/// A record from eight columns: kind, id, version, modified, active, its keys of both sorts, body.
pub(super) fn versioned(row: &Row, first: usize) -> Result<Versioned, Failure> {
    let reference = reference(row, first, first + 1)?;
    let unique = unpack::<UniqueKey>(column(row, first + 5)?)?;
    let keys = unpack::<LookupKey>(column(row, first + 6)?)?;
    let body: &str = column(row, first + 7)?;
    let record = Record::new(reference, time(row, first + 3)?, body)
        .and_then(|record| record.with_unique(unique))
        .and_then(|record| record.with_keys(keys))
        .map_err(Failure::corrupt)?;
    let record = if column(row, first + 4)? { record } else { record.inactive() };
    Ok(Versioned { record, version: version(row, first + 2)? })
}

/// A key of one of three sorts: a number that says of what, and sixteen octets.
pub(super) trait Packed: Copy {
    const WHAT: &'static str;
    fn parts(&self) -> (u8, &[u8; 16]);
    fn from_parts(code: u8, hash: [u8; 16]) -> Option<Self>;
}

impl Packed for IndexKey {
    const WHAT: &'static str = "kind of key of a mail";

    fn parts(&self) -> (u8, &[u8; 16]) {
        (self.kind().code(), self.hash())
    }

    fn from_parts(code: u8, hash: [u8; 16]) -> Option<Self> {
        IndexKind::from_code(code).map(|kind| Self::from_parts(kind, hash))
    }
}

impl Packed for UniqueKey {
    const WHAT: &'static str = "space of a unique key";

    fn parts(&self) -> (u8, &[u8; 16]) {
        (self.space().code(), self.hash())
    }

    fn from_parts(code: u8, hash: [u8; 16]) -> Option<Self> {
        Space::from_code(code).map(|space| Self::from_parts(space, hash))
    }
}

impl Packed for LookupKey {
    const WHAT: &'static str = "kind of look-up key";

    fn parts(&self) -> (u8, &[u8; 16]) {
        (self.kind().code(), self.hash())
    }

    fn from_parts(code: u8, hash: [u8; 16]) -> Option<Self> {
        LookupKind::from_code(code).map(|kind| Self::from_parts(kind, hash))
    }
}

/// The keys, seventeen octets each.
pub(super) fn pack<K: Packed>(keys: &[K]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(17 * keys.len());
    for key in keys {
        let (code, hash) = key.parts();
        packed.push(code);
        packed.extend_from_slice(hash);
    }
    packed
}

/// The keys that were packed, in their order.
pub(super) fn unpack<K: Packed>(packed: &[u8]) -> Result<Vec<K>, Failure> {
    let mut keys = Vec::with_capacity(packed.len() / 17);
    for chunk in packed.chunks(17) {
        let (code, hash) = chunk.split_first().unwrap_or((&0, &[]));
        let hash = <[u8; 16]>::try_from(hash).map_err(Failure::corrupt)?;
        keys.push(K::from_parts(*code, hash).ok_or_else(|| unknown(K::WHAT, i16::from(*code)))?);
    }
    Ok(keys)
}

fn unknown(what: &str, code: i16) -> Failure {
    Failure::corrupt(format!("expected a {what}, found number {code}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::Keyer;
    use crate::store::StoreErrorKind;

    #[test]
    fn keys_come_back_in_their_order() {
        let keyer = Keyer::from_secret([1; 16]);
        let keys = [(IndexKind::Token, 1), (IndexKind::Address, 2), (IndexKind::Token, 1)]
            .map(|(kind, n): (_, u8)| keyer.key(kind, &[n]));
        assert_eq!(unpack::<IndexKey>(&pack(&keys)).unwrap(), keys);
        assert_eq!(unpack::<IndexKey>(&[]).unwrap(), []);
    }

    #[test]
    fn damaged_keys_are_said_to_be() {
        for damaged in [&[0; 16][..], &[8; 17], &[0; 18]] {
            let failure = unpack::<IndexKey>(damaged).unwrap_err().into_store_error("reading");
            assert_eq!(failure.kind(), StoreErrorKind::Corrupt);
        }
        let failure = unpack::<UniqueKey>(&[9; 17]).unwrap_err().into_store_error("reading");
        assert_eq!(
            std::error::Error::source(&failure).unwrap().to_string(),
            "expected a space of a unique key, found number 9"
        );
    }
}

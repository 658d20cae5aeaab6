//! Names that one tenant of all can have.

use chrono::{DateTime, Utc};
use tokio_postgres::Row;

use super::PostgresStore;
use super::failure::Failure;
use super::present::Questions;
use super::session::{Call, Session};
use super::statement::Statements;
use super::value::{column, instant, micros, number, place, uuid};
use crate::claim::{RegisterName, Registration};
use crate::id::TenantId;
use crate::store::{Batch, Change, Commit, Register, StoreError, judge};

/// A registration from two columns: tenant, end.
pub(super) fn registration(row: &Row, first: usize) -> Result<Registration, Failure> {
    let until = column::<Option<i64>>(row, first + 1)?.map(instant).transpose()?;
    Ok(Registration::new(TenantId::new(number(row, first)?), until))
}

/// Who has these names?
pub(super) fn registrations<'a>(sql: &'a Statements, names: &[RegisterName]) -> Call<'a> {
    let spaces: Vec<_> = names.iter().map(|name| i16::from(name.space().code())).collect();
    let names: Vec<_> = names.iter().map(|name| name.as_str().to_owned()).collect();
    Call::asking(&sql.registrations, vec![Box::new(spaces), Box::new(names)])
}

/// Applies a change of the register, which is alone in its batch: one statement judges and writes.
/// `None` where the name was somebody else's and, a moment later, was not.
pub(super) async fn commit(
    session: &Session,
    sql: &Statements,
    batch: &Batch,
    change: &Change,
) -> Result<Option<Commit>, Failure> {
    let tenant = uuid(batch.tenant().get());
    let write = match change {
        Change::Register { name, until, now } => {
            let until = until.map(micros);
            let space = i16::from(name.space().code());
            let (name, now) = (name.as_str().to_owned(), micros_from(*now));
            let params: Vec<super::session::Param> = vec![
                Box::new(space),
                Box::new(name),
                Box::new(tenant),
                Box::new(until),
                Box::new(now),
            ];
            Call::writing(&sql.register, params)
        }
        Change::Unregister { name } => {
            let space = i16::from(name.space().code());
            let name = name.as_str().to_owned();
            Call::writing(&sql.unregister, vec![Box::new(space), Box::new(name), Box::new(tenant)])
        }
        _ => return Err(Failure::corrupt("a change of the register that is none")),
    };
    if session.run(&write).await?.count == 1 {
        return Ok(Some(Commit::Applied));
    }
    let questions = Questions::about(batch, false);
    let outcomes = session.run_all(&questions.calls(sql, batch.tenant())).await?;
    let verdict = judge(batch, &questions.read(&outcomes)?)?;
    // A name that nobody has is given up already.
    let done = matches!(change, Change::Unregister { .. }) || !verdict.is_applied();
    Ok(done.then_some(verdict))
}

/// The first whole microsecond that is not before `now`: an end in whole microseconds lies before
/// `now` just when it lies before that. A leap second lies before the second after it.
fn micros_from(now: DateTime<Utc>) -> i64 {
    let within = now.timestamp_subsec_nanos().div_ceil(1_000).min(1_000_000);
    now.timestamp().saturating_mul(1_000_000).saturating_add(i64::from(within))
}

impl Register for PostgresStore {
    async fn registrations(
        &self,
        names: &[RegisterName],
    ) -> Result<Vec<Option<Registration>>, StoreError> {
        let mut found = vec![None; names.len()];
        if names.is_empty() {
            return Ok(found);
        }
        self.ask("reading the register", &registrations(self.sql(), names), |row| {
            if let Some(found) = found.get_mut(place(row, 0)?) {
                *found = Some(registration(row, 1)?);
            }
            Ok(())
        })
        .await?;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The condition of the statement is the negation of `Registration::holds_at`.
    #[test]
    fn an_end_lies_before_now_as_the_registration_says() {
        for before_epoch in [0, 10_000_000_000_i64] {
            for nanos in [0, 1, 999, 1_000, 1_001, 1_999, 2_000, 2_001] {
                let now = DateTime::from_timestamp_nanos(nanos - before_epoch);
                for until in -1..4 {
                    let until = until - before_epoch / 1_000;
                    let end = DateTime::from_timestamp_micros(until);
                    let registration = Registration::new(TenantId::new(1), end);
                    assert_eq!(until < micros_from(now), !registration.holds_at(now), "{now}");
                }
            }
        }
    }

    #[test]
    fn a_leap_second_lies_before_the_second_after_it() {
        let now: DateTime<Utc> = "2016-12-31T23:59:60.5Z".parse().unwrap();
        for end in ["2016-12-31T23:59:59.999999Z", "2017-01-01T00:00:00Z", "2017-01-01T00:00:00.6Z"]
        {
            let registration = Registration::new(TenantId::new(1), Some(end.parse().unwrap()));
            let until = registration.until().map(micros);
            assert_eq!(until.unwrap() < micros_from(now), !registration.holds_at(now), "{end}");
        }
    }
}

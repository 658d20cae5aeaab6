//! A batch is applied whole or not at all.
//!
//! READ COMMITTED suffices, since nothing that decides is merely read:
//!
//! * What is there and is to be changed or deleted is locked `for update` first, in one order for all
//!   batches (mails, records, claims; each by key). A locked row is the latest committed one, and
//!   stays as it was judged until the end of the transaction. The rows of a record's keys need no
//!   lock of their own: only who has locked the record writes them.
//! * What must not be there is inserted with `on conflict do nothing`: where another transaction is
//!   inserting or deleting the same key, the server waits for its end, then writes the row or does
//!   not, and the number of rows says which. A row too few is a lost race: everything is undone, and
//!   what is there is read in new statements, which see the winner.
//! * What is there and makes a change inapplicable was committed when it was read: the refusal was
//!   true at that moment.
//!
//! Locks are taken first and inserts come after, table by table in the same order, each sorted by
//! key. Two batches can still wait for each other in a circle where one frees a unique key that the
//! other inserts and the other way round; the server then undoes one of them (40P01), which is tried
//! again, as is a conflict under a stricter isolation (40001).

use super::PostgresStore;
use super::failure::{Attempts, Failure};
use super::present::{Questions, Shown};
use super::register;
use super::session::{Call, Outcome, Session};
use super::statement::Statements;
use super::write::{Write, inserts_only, writes};
use crate::store::{Batch, Change, Commit, StoreError, StoreErrorKind, judge};

/// At most this many statements are on their way at once: their parameters are in memory twice.
const WINDOW: usize = 16;

pub(super) async fn commit(store: &PostgresStore, batch: &Batch) -> Result<Commit, StoreError> {
    const ATTEMPT: &str = "committing a batch";
    if batch.changes().is_empty() {
        return Ok(Commit::Applied);
    }
    let mut attempts = Attempts::default();
    loop {
        let undone = match attempt(store, batch).await {
            Ok(Some(commit)) => return Ok(commit),
            Ok(None) => StoreError::new(StoreErrorKind::Unavailable, ATTEMPT)
                .because("somebody was faster each time and gave up again"),
            Err(again @ Failure::Again(_)) => again.into_store_error(ATTEMPT),
            Err(lasting) => return Err(lasting.into_store_error(ATTEMPT)),
        };
        if !attempts.next().await {
            return Err(undone);
        }
    }
}

/// One attempt; `None` where a race was lost to somebody who is gone again.
async fn attempt(store: &PostgresStore, batch: &Batch) -> Result<Option<Commit>, Failure> {
    let mut session = Session::start(store.pool()).await?;
    let sql = store.sql();
    let result = match batch.changes() {
        [change @ (Change::Register { .. } | Change::Unregister { .. })] => {
            register::commit(&session, sql, batch, change).await
        }
        _ if inserts_only(batch) => insert(&mut session, sql, batch).await,
        _ => change(&mut session, sql, batch).await,
    };
    // Where this fails, the connection is closed, which undoes just as well.
    let _ = session.roll_back().await;
    result
}

/// A batch that inserts only: one round trip to write, one to commit.
async fn insert(
    session: &mut Session,
    sql: &Statements,
    batch: &Batch,
) -> Result<Option<Commit>, Failure> {
    let writes = writes(sql, batch, &Shown::default());
    if write(session, writes, true).await? {
        session.commit().await?;
        return Ok(Some(Commit::Applied));
    }
    session.roll_back().await?;
    let questions = Questions::about(batch, false);
    let outcomes = session.run_all(&questions.calls(sql, batch.tenant())).await?;
    let verdict = judge(batch, &questions.read(&outcomes)?)?;
    Ok((!verdict.is_applied()).then_some(verdict))
}

/// A batch that changes what is there: one round trip to lock and look, one to write, one to commit.
async fn change(
    session: &mut Session,
    sql: &Statements,
    batch: &Batch,
) -> Result<Option<Commit>, Failure> {
    let questions = Questions::about(batch, true);
    let outcomes = session.begin(&questions.calls(sql, batch.tenant())).await?;
    let shown = questions.read(&outcomes)?;
    let verdict = judge(batch, &shown)?;
    if !verdict.is_applied() {
        session.roll_back().await?;
        return Ok(Some(verdict));
    }
    if !write(session, writes(sql, batch, &shown), false).await? {
        return Ok(None);
    }
    session.commit().await?;
    Ok(Some(verdict))
}

/// Writes; `false` where somebody was faster.
pub(super) async fn write(
    session: &mut Session,
    writes: Vec<Write<'_>>,
    mut begin: bool,
) -> Result<bool, Failure> {
    let mut wanted = Vec::with_capacity(writes.len());
    let mut calls = Vec::with_capacity(writes.len());
    for write in writes {
        wanted.push((write.expected, write.contested));
        calls.push(write.call);
    }
    for (calls, wanted) in calls.chunks(WINDOW).zip(wanted.chunks(WINDOW)) {
        let begins = std::mem::take(&mut begin);
        let outcomes = send(session, calls, begins).await?;
        let short = |contested| {
            let pairs = outcomes.iter().zip(wanted);
            pairs.filter(move |(done, wanted)| wanted.1 == contested && done.count != wanted.0)
        };
        if short(true).next().is_some() {
            return Ok(false);
        }
        if let Some((done, (expected, _))) = short(false).next() {
            return Err(Failure::corrupt(format!(
                "expected to change {expected} rows that were there, found {}",
                done.count
            )));
        }
    }
    Ok(true)
}

async fn send(
    session: &mut Session,
    calls: &[Call<'_>],
    begin: bool,
) -> Result<Vec<Outcome>, Failure> {
    if begin { session.begin(calls).await } else { session.run_all(calls).await }
}

//! One connection for the length of one call.

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;

use deadpool_postgres::{Object, Pool};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

use super::failure::Failure;

/// A parameter of a statement.
pub(super) type Param = Box<dyn ToSql + Send + Sync>;

/// A statement with its parameters.
pub(super) struct Call<'a> {
    pub(super) sql: &'a str,
    pub(super) params: Vec<Param>,
    writes: bool,
}

impl<'a> Call<'a> {
    /// A statement that brings rows.
    pub(super) const fn asking(sql: &'a str, params: Vec<Param>) -> Self {
        Self { sql, params, writes: false }
    }

    /// A statement that brings none.
    pub(super) const fn writing(sql: &'a str, params: Vec<Param>) -> Self {
        Self { sql, params, writes: true }
    }
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Call").field(&self.sql).finish()
    }
}

/// What came of a call.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) rows: Vec<Row>,
    /// How many rows it wrote or brought.
    pub(super) count: u64,
}

/// A connection from the pool. Dropped in the middle of a transaction, it does not go back there: it
/// is closed, and the server undoes what was not committed.
pub(super) struct Session {
    client: Option<Object>,
    in_transaction: bool,
}

impl Session {
    pub(super) async fn start(pool: &Pool) -> Result<Self, Failure> {
        Ok(Self { client: Some(pool.get().await?), in_transaction: false })
    }

    fn client(&self) -> Result<&Object, Failure> {
        // It is taken by `drop` alone.
        self.client.as_ref().ok_or_else(|| Failure::corrupt("a session without a connection"))
    }

    /// Runs one statement by itself.
    pub(super) async fn run(&self, call: &Call<'_>) -> Result<Outcome, Failure> {
        let client = self.client()?;
        let statement = client.prepare_cached(call.sql).await?;
        Ok(execute(client, &statement, call).await?)
    }

    /// Runs statements side by side: the server has all of them before it has answered the first,
    /// and does them in their order.
    pub(super) async fn run_all(&self, calls: &[Call<'_>]) -> Result<Vec<Outcome>, Failure> {
        self.send(None, calls).await
    }

    /// Begins a transaction and runs statements in it, all in one round trip.
    pub(super) async fn begin(&mut self, calls: &[Call<'_>]) -> Result<Vec<Outcome>, Failure> {
        self.in_transaction = true;
        // Said, since a server may be configured otherwise. READ COMMITTED suffices: see `commit`.
        self.send(Some("begin isolation level read committed"), calls).await
    }

    /// Commits. Where it fails, nobody knows whether the server did.
    pub(super) async fn commit(&mut self) -> Result<(), Failure> {
        self.client()?.batch_execute("commit").await?;
        self.in_transaction = false;
        Ok(())
    }

    /// Undoes the transaction, if there is one.
    pub(super) async fn roll_back(&mut self) -> Result<(), Failure> {
        if self.in_transaction {
            self.client()?.batch_execute("rollback").await?;
            self.in_transaction = false;
        }
        Ok(())
    }

    async fn send(&self, begin: Option<&str>, calls: &[Call<'_>]) -> Result<Vec<Outcome>, Failure> {
        let client = self.client()?;
        // Prepared before anything is sent: a statement that is not known yet takes a round trip,
        // and the others must not overtake it.
        let mut statements = Vec::with_capacity(calls.len());
        for call in calls {
            statements.push(client.prepare_cached(call.sql).await?);
        }
        let mut begin = pin!(async {
            match begin {
                Some(begin) => client.batch_execute(begin).await,
                None => Ok(()),
            }
        });
        let mut begun = false;
        let mut running: Vec<Running<'_>> = calls
            .iter()
            .zip(&statements)
            .map(|(call, statement)| Running::Waiting(Box::pin(execute(client, statement, call))))
            .collect();
        poll_fn(|context| {
            // A first poll sends, so polling in order sends in order; the answers come in that order
            // too, and the first failure is the one that the later ones follow from.
            if !begun && let Poll::Ready(result) = begin.as_mut().poll(context) {
                result?;
                begun = true;
            }
            let mut all = begun;
            for call in &mut running {
                if let Running::Waiting(future) = call {
                    match future.as_mut().poll(context) {
                        Poll::Ready(result) => *call = Running::Done(result?),
                        Poll::Pending => all = false,
                    }
                }
            }
            if all { Poll::Ready(Ok::<_, tokio_postgres::Error>(())) } else { Poll::Pending }
        })
        .await?;
        Ok(running.into_iter().filter_map(Running::into_done).collect())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.in_transaction {
            drop(self.client.take().map(Object::take));
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("in_transaction", &self.in_transaction)
            .finish_non_exhaustive()
    }
}

enum Running<'a> {
    Waiting(Pin<Box<dyn Future<Output = Result<Outcome, tokio_postgres::Error>> + Send + 'a>>),
    Done(Outcome),
}

impl Running<'_> {
    fn into_done(self) -> Option<Outcome> {
        match self {
            Self::Done(outcome) => Some(outcome),
            Self::Waiting(_) => None,
        }
    }
}

async fn execute(
    client: &Object,
    statement: &Statement,
    call: &Call<'_>,
) -> Result<Outcome, tokio_postgres::Error> {
    let params: Vec<&(dyn ToSql + Sync)> =
        call.params.iter().map(|param| &**param as &(dyn ToSql + Sync)).collect();
    if call.writes {
        let count = client.execute(statement, &params).await?;
        return Ok(Outcome { rows: Vec::new(), count });
    }
    let rows = client.query(statement, &params).await?;
    Ok(Outcome { count: rows.len() as u64, rows })
}

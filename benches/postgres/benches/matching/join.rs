//! The peer: the join that one writes by hand, over the same tables.

use correspond::adapter::postgres::{NoTls, SchemaName};
use correspond::record::RecordQuery;
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::{Found, Result, TENANT};

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// Every record of every key, in whichever order they come.
    Plain,
    /// Every record of every key, most recently modified first, as the store answers.
    Ordered,
    /// The most recently modified record of each key, by `distinct on`.
    Newest,
}

impl Join {
    /// The ones that bring what a query for so many rows brings.
    pub fn of(rows: u8) -> &'static [Self] {
        if rows == 1 { &[Self::Newest] } else { &[Self::Plain, Self::Ordered] }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "unnest join",
            Self::Ordered => "unnest join, order by",
            Self::Newest => "unnest join, distinct on",
        }
    }

    fn sql(self, schema: &SchemaName) -> String {
        let (distinct, order) = match self {
            Self::Plain => ("", ""),
            Self::Ordered => ("", "order by l.at, k.modified desc, k.id desc, k.kind desc"),
            Self::Newest => {
                ("distinct on (l.at)", "order by l.at, k.modified desc, k.id desc, k.kind desc")
            }
        };
        format!(
            "select {distinct} l.at, r.kind, r.id, r.version, r.modified, r.active, r.unique_keys, \
                r.lookup_keys, r.body \
            from unnest($2::smallint[], $3::uuid[]) with ordinality as l (sort, hash, at) \
            join {schema}.lookup_key k \
                on k.tenant = $1 and k.sort = l.sort and k.hash = l.hash \
            join {schema}.record r on r.tenant = $1 and r.kind = k.kind and r.id = k.id {order}"
        )
    }
}

/// A record as whoever writes the join keeps it.
#[derive(Debug)]
struct Row {
    kind: i16,
    id: Uuid,
    version: Uuid,
    modified: i64,
    active: bool,
    unique_keys: Vec<u8>,
    lookup_keys: Vec<u8>,
    body: String,
}

/// A connection with the statements prepared.
pub struct Client {
    client: tokio_postgres::Client,
    plain: Statement,
    ordered: Statement,
    newest: Statement,
}

impl Client {
    pub async fn connect(url: &str, schema: &SchemaName) -> Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        Ok(Self {
            plain: client.prepare(&Join::Plain.sql(schema)).await?,
            ordered: client.prepare(&Join::Ordered.sql(schema)).await?,
            newest: client.prepare(&Join::Newest.sql(schema)).await?,
            client,
        })
    }

    pub async fn ask(&self, join: Join, query: &RecordQuery) -> Result<Found> {
        let lookups = query.lookups();
        let tenant = Uuid::from_u128(TENANT.get());
        let sorts: Vec<_> = lookups.iter().map(|l| i16::from(l.key().kind().code())).collect();
        let hashes: Vec<_> = lookups.iter().map(|l| Uuid::from_bytes(*l.key().hash())).collect();
        let params: [&(dyn ToSql + Sync); 3] = [&tenant, &sorts, &hashes];
        let statement = match join {
            Join::Plain => &self.plain,
            Join::Ordered => &self.ordered,
            Join::Newest => &self.newest,
        };
        let mut answer: Vec<Vec<Row>> = Vec::new();
        answer.resize_with(lookups.len(), Vec::new);
        for row in &self.client.query(statement, &params).await? {
            let at = usize::try_from(row.try_get::<_, i64>(0)? - 1)?;
            answer.get_mut(at).ok_or("expected a place of the query")?.push(Row {
                kind: row.try_get(1)?,
                id: row.try_get(2)?,
                version: row.try_get(3)?,
                modified: row.try_get(4)?,
                active: row.try_get(5)?,
                unique_keys: row.try_get(6)?,
                lookup_keys: row.try_get(7)?,
                body: row.try_get(8)?,
            });
        }
        let mut sum = Found::default();
        for found in &answer {
            sum.matched += usize::from(!found.is_empty());
            sum.records += found.len();
            sum.octets += found.iter().map(Row::octets).sum::<usize>();
        }
        Ok(sum)
    }
}

impl Row {
    fn octets(&self) -> usize {
        // Nothing of it may be left unread.
        std::hint::black_box((self.kind, self.id, self.version, self.modified, self.active));
        std::hint::black_box((&self.unique_keys, &self.lookup_keys));
        self.body.len()
    }
}

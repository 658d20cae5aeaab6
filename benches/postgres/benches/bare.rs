//! The peer: the same statements, sent by hand.

use correspond::adapter::postgres::{NoTls, PostgresStore};
use correspond::index::{IndexKey, MessageQuery, MessageRow};
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

use super::{Result, TENANT};

pub struct Bare {
    client: Client,
    insert_mails: Statement,
    insert_mail_keys: Statement,
    find: Statement,
}

fn hash(key: &IndexKey) -> Uuid {
    Uuid::from_bytes(*key.hash())
}

impl Bare {
    pub async fn connect(url: &str, store: &PostgresStore) -> Result<Self> {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        let text = |name| {
            let found = store.statements().find(|(known, _)| *known == name);
            found.map(|(_, sql)| sql).ok_or("expected a statement")
        };
        Ok(Self {
            insert_mails: client.prepare(text("insert_mails")?).await?,
            insert_mail_keys: client.prepare(text("insert_mail_keys")?).await?,
            find: client.prepare(text("find")?).await?,
            client,
        })
    }

    pub async fn file(&self, rows: &[MessageRow]) -> Result<()> {
        let tenant = Uuid::from_u128(TENANT.get());
        let ids: Vec<_> = rows.iter().map(|row| Uuid::from_u128(row.id().get())).collect();
        let created: Vec<_> = rows.iter().map(|row| row.created().timestamp_micros()).collect();
        let conversations: Vec<_> =
            rows.iter().map(|row| Uuid::from_u128(row.conversation().get())).collect();
        let packed: Vec<Vec<u8>> = rows
            .iter()
            .map(|row| {
                let keys = row.keys().iter();
                keys.flat_map(|key| [&[key.kind().code()][..], key.hash()].concat()).collect()
            })
            .collect();
        let keys = || {
            rows.iter().flat_map(|row| {
                let keys = row.keys().iter().filter(|key| key.kind().is_looked_up());
                keys.map(move |key| (row, key))
            })
        };
        let kinds: Vec<_> = keys().map(|(_, key)| i16::from(key.kind().code())).collect();
        let hashes: Vec<_> = keys().map(|(_, key)| hash(key)).collect();
        let times: Vec<_> = keys().map(|(row, _)| row.created().timestamp_micros()).collect();
        let mails: Vec<_> = keys().map(|(row, _)| Uuid::from_u128(row.id().get())).collect();
        let mail = [
            &tenant as &(dyn tokio_postgres::types::ToSql + Sync),
            &ids,
            &created,
            &conversations,
            &packed,
        ];
        let key = [
            &tenant as &(dyn tokio_postgres::types::ToSql + Sync),
            &kinds,
            &hashes,
            &times,
            &mails,
        ];
        // Polled in this order, so sent in it.
        let (_, filed, found) = futures_util::try_join!(
            self.client.batch_execute("begin isolation level read committed"),
            self.client.execute(&self.insert_mails, &mail),
            self.client.execute(&self.insert_mail_keys, &key),
        )?;
        assert_eq!((filed as usize, found as usize), (rows.len(), kinds.len()));
        Ok(self.client.batch_execute("commit").await?)
    }

    /// How many rows were found; each is read to its last column.
    pub async fn find(&self, query: &MessageQuery) -> Result<usize> {
        let lookups = query.lookups();
        let kinds: Vec<_> = lookups.iter().map(|l| i16::from(l.key().kind().code())).collect();
        let hashes: Vec<_> = lookups.iter().map(|lookup| hash(lookup.key())).collect();
        let since = vec![i64::MIN; lookups.len()];
        let until = vec![i64::MAX; lookups.len()];
        let wanted: Vec<_> = lookups.iter().map(|l| i16::from(l.row_limit())).collect();
        let carry: Vec<_> = lookups.iter().map(|l| l.row_limit() > 1).collect();
        let tenant = Uuid::from_u128(TENANT.get());
        let params: [&(dyn tokio_postgres::types::ToSql + Sync); 7] =
            [&tenant, &kinds, &hashes, &since, &until, &wanted, &carry];
        let rows = self.client.query(&self.find, &params).await?;
        let mut octets = 0;
        for row in &rows {
            let (_, _): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            let (_, _): (Uuid, i64) = (row.try_get(2)?, row.try_get(3)?);
            let _: Uuid = row.try_get(4)?;
            octets += row.try_get::<_, Option<&[u8]>>(5)?.map_or(0, <[u8]>::len);
        }
        assert!(octets > 0);
        Ok(rows.len())
    }
}
